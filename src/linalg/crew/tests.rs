//! Check that every job and every piece is done once, by whom it may be done, and that failures are told.

use super::super::sharing::{BLOCK, share_blocks, share_each};
use super::{Crew, WORTH, hands, pieces, share};
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Barrier, Mutex};
use std::thread::{self, ThreadId};

/// Carries out jobs with a crew of threads.
fn with_crew(members: usize, jobs: usize, carry_out: impl Fn(usize) + Sync) {
    let crew = Crew::new(members, jobs);
    let join = || crew.join(&carry_out);
    thread::scope(|scope| {
        (1..members).for_each(|_| drop(scope.spawn(join)));
        join();
    });
}

/// How often each was done.
fn counts(number: usize) -> Vec<AtomicUsize> {
    (0..number).map(|_| AtomicUsize::new(0)).collect()
}

fn are_all(counts: &[AtomicUsize], times: usize) -> bool {
    counts.iter().all(|count| count.load(SeqCst) == times)
}

/// Waits until somebody is free to help.
fn wait_for_help() {
    while hands() < 2 {
        thread::yield_now();
    }
}

#[test]
fn every_job_and_every_piece_is_done_once() {
    for (members, jobs) in [(1, 5), (2, 1), (3, 2), (7, 3), (3, 20), (2, 0)] {
        let (begun, done) = (counts(jobs), counts(jobs * 100 * 9));
        with_crew(members, jobs, |job| {
            begun[job].fetch_add(1, SeqCst);
            for round in 0..100 {
                share(9, |piece| {
                    done[(job * 100 + round) * 9 + piece].fetch_add(1, SeqCst);
                });
                // what a piece wrote can be read once they have come back
                assert!(are_all(&done[(job * 100 + round) * 9..][..9], 1));
            }
        });
        assert!(are_all(&begun, 1) && are_all(&done, 1), "{members} for {jobs}");
    }
}

#[test]
fn without_a_crew_pieces_are_done_here_in_order() {
    let done = Mutex::new(Vec::new());
    share(4, |piece| done.lock().unwrap().push((piece, thread::current().id())));
    let here = thread::current().id();
    assert_eq!(done.into_inner().unwrap(), [0, 1, 2, 3].map(|piece| (piece, here)));
    assert_eq!(pieces(100 * WORTH), 1);
}

/// Both pieces must be under way at the same time.
#[test]
fn free_members_take_pieces_even_after_they_slept() {
    with_crew(2, 1, |_| {
        for pause in [0, 1, 20] {
            thread::sleep(std::time::Duration::from_millis(pause));
            let (here, both) = (thread::current().id(), Barrier::new(2));
            let who = Mutex::new([here; 2]);
            share(2, |piece| {
                both.wait();
                who.lock().unwrap()[piece] = thread::current().id();
            });
            let [first, second] = who.into_inner().unwrap();
            assert!(first == here && second != here);
        }
    });
}

#[test]
fn pieces_are_as_many_as_are_free_and_as_are_worth_it() {
    with_crew(3, 1, |_| {
        while hands() < 3 {
            thread::yield_now();
        }
        assert_eq!(pieces(100 * WORTH), 3);
        assert_eq!(pieces(2 * WORTH), 2);
        assert_eq!(pieces(2 * WORTH - 1), 1);
        // who is at a piece is not free
        let both = Barrier::new(2);
        let left = AtomicUsize::new(0);
        share(2, |piece| {
            both.wait();
            if piece == 0 {
                left.store(hands(), SeqCst);
            }
            both.wait();
        });
        assert_eq!(left.into_inner(), 2);
    });
}

#[test]
fn items_are_lent_once_each_and_the_first_stays_here() {
    with_crew(3, 1, |_| {
        wait_for_help();
        let here = thread::current().id();
        for work in [0, WORTH] {
            let mut items: Vec<(usize, Option<ThreadId>)> = (0..50).map(|i| (i, None)).collect();
            share_each(
                &mut items,
                || work,
                |i, item| *item = (item.0 + i, Some(thread::current().id())),
            );
            assert!(items.iter().enumerate().all(|(i, item)| item.0 == 2 * i));
            assert_eq!(items[0].1, Some(here));
            // what is not worth it goes nowhere
            assert!(work > 0 || items.iter().all(|item| item.1 == Some(here)));
        }
    });
}

#[test]
fn pieces_have_pieces() {
    let done = counts(2 * 6 * 5);
    with_crew(4, 2, |job| {
        for _ in 0..200 {
            share(6, |piece| {
                share(5, |inner| {
                    done[(job * 6 + piece) * 5 + inner].fetch_add(1, SeqCst);
                });
            });
        }
    });
    assert!(are_all(&done, 200));
}

thread_local! {
    /// Whether this thread is at a job.
    static AT_JOB: Cell<bool> = const { Cell::new(false) };
}

/// Jobs that are begun while others have pieces under way are begun by threads that do nothing else.
#[test]
fn a_thread_has_one_job_at_a_time() {
    let ended = AtomicUsize::new(0);
    with_crew(4, 60, |job| {
        assert!(!AT_JOB.replace(true), "a job inside a job");
        for _ in 0..20 {
            share(1 + job % 7, |_| {
                (0..1000).fold(job, |x, y| std::hint::black_box(x ^ y));
            });
        }
        AT_JOB.set(false);
        ended.fetch_add(1, SeqCst);
    });
    assert_eq!(ended.into_inner(), 60);
}

/// As where a thread of rayon waits inside a job, and finds that it could join the crew.
#[test]
fn to_join_again_inside_a_job_is_to_do_nothing() {
    let crew = Crew::new(2, 3);
    let done = counts(3);
    crew.join(|job| {
        crew.join(|_| panic!("a job inside a job"));
        done[job].fetch_add(1, SeqCst);
    });
    assert!(are_all(&done, 1));
}

/// Another crew's jobs are carried out, and the crew from before is there again.
#[test]
fn crews_can_be_inside_jobs() {
    let inner = counts(4);
    with_crew(2, 1, |_| {
        wait_for_help();
        with_crew(2, 4, |job| assert!(inner[job].fetch_add(1, SeqCst) == 0));
        wait_for_help();
    });
    assert!(are_all(&inner, 1));
}

fn text(panic: &(dyn std::any::Any + Send)) -> &str {
    panic.downcast_ref::<&str>().copied().unwrap_or_default()
}

#[test]
fn a_panic_in_a_piece_is_that_of_who_offered_it() {
    for failing in [0, 1] {
        let done = counts(2);
        with_crew(2, 1, |_| {
            let both = Barrier::new(2);
            let failed = catch_unwind(AssertUnwindSafe(|| {
                share(2, |piece| {
                    both.wait();
                    assert!(piece != failing, "no number");
                    done[piece].fetch_add(1, SeqCst);
                });
            }));
            assert_eq!(text(&*failed.unwrap_err()), "no number");
            // the other piece has come to its end, and the crew goes on
            assert_eq!(done[1 - failing].load(SeqCst), 1);
            share(2, |piece| {
                both.wait();
                done[piece].fetch_add(1, SeqCst);
            });
        });
        assert_eq!(done[failing].load(SeqCst), 1);
    }
}

#[test]
fn after_a_panic_in_a_job_no_other_is_begun_and_nobody_waits() {
    let (crew, begun) = (Crew::new(3, 1000), AtomicUsize::new(0));
    let both = Barrier::new(2);
    let join = || {
        crew.join(|job| {
            begun.fetch_add(1, SeqCst);
            if job < 2 {
                both.wait();
            }
            assert!(job != 0, "no number");
            // until the other job has failed
            while crew.at_work.load(SeqCst) > 1 {
                thread::yield_now();
            }
        });
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..2).map(|_| scope.spawn(join)).collect();
        let ended: Vec<_> = threads.into_iter().map(|thread| thread.join()).collect();
        let failures: Vec<_> = ended.iter().filter_map(|end| end.as_ref().err()).collect();
        assert!(failures.len() == 1 && text(&**failures[0]) == "no number");
    });
    assert_eq!(begun.into_inner(), 2);
}

#[test]
fn blocks_of_slices_are_the_same_places_of_each_and_all_of_them() {
    with_crew(3, 1, |_| {
        wait_for_help();
        for count in [0, 1, BLOCK, BLOCK + 1, 100 * BLOCK - 1] {
            let mut a: Vec<f32> = (0..count).map(|i| i as f32).collect();
            let (mut b, mut none) = (vec![0.0_f32; count], []);
            share_blocks([&mut a, &mut none, &mut b], |[a, none, b]| {
                assert!(a.len() == b.len() && a.len() <= BLOCK && none.is_empty());
                b.iter_mut().zip(a).for_each(|(b, a)| *b += *a + 1.0);
            });
            assert!(b.iter().enumerate().all(|(i, b)| *b == i as f32 + 1.0), "{count}");
        }
    });
}

#[test]
#[should_panic(expected = "slices differ in length")]
fn slices_of_two_lengths_have_no_blocks() {
    share_blocks([&mut [0.0; 3][..], &mut [0.0; 4]], |_| {});
}
