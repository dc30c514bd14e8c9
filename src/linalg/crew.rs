//! Let threads with nothing left to begin help those that are still at work.
//!
//! A [`Crew`] carries out jobs, each on one thread from beginning to end. A member that finds no job left to begin waits for pieces of
//! those under way, which their threads offer by [`share`]. Who offers a piece does what nobody takes, and waits for nothing but
//! pieces that are being done; a member that does a piece begins no job. So no piece ever waits for a job.
//!
//! Where pieces are cut must not be in their results: then nothing of threads is.
#![allow(unsafe_code)] // pieces of work borrow from the thread that offers them, which waits until they are done

#[cfg(test)]
mod tests;

use std::any::Any;
use std::cell::{RefCell, UnsafeCell};
use std::hint::spin_loop;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// Multiply-adds of a piece that is worth another thread: some microseconds, many times what it takes to hand it over.
pub(super) const WORTH: usize = 1 << 17;

/// How long a member looks out for pieces before it sleeps: longer than what a large step does between its products, since to be
/// woken takes as long as a product.
const PATIENCE: Duration = Duration::from_micros(200);

/// Threads that carry out jobs together.
pub struct Crew {
    jobs: usize,
    /// Jobs that were begun; more than there are, once members look for others.
    begun: AtomicUsize,
    /// Members that carry out jobs, or look for one.
    at_work: AtomicUsize,
    /// Members that wait for pieces, and how many of them sleep.
    free: AtomicUsize,
    asleep: AtomicUsize,
    /// Goes up with every offer, and when a member has no job any more: what those who wait look out for.
    news: AtomicUsize,
    bed: Mutex<()>,
    bell: Condvar,
    offers: Box<[OpenWork]>,
}

thread_local! {
    /// The crew that this thread is a member of.
    static CREW: RefCell<Option<Arc<Crew>>> = const { RefCell::new(None) };
}

impl Crew {
    /// A crew of about `members` threads, which are to [`join`](Crew::join) it, for so many jobs.
    pub fn new(members: usize, jobs: usize) -> Arc<Self> {
        Arc::new(Self {
            jobs,
            begun: AtomicUsize::new(0),
            at_work: AtomicUsize::new(0),
            free: AtomicUsize::new(0),
            asleep: AtomicUsize::new(0),
            news: AtomicUsize::new(0),
            bed: Mutex::new(()),
            bell: Condvar::new(),
            offers: (0..members).map(|_| OpenWork::default()).collect(),
        })
    }

    /// Makes this thread a member until all jobs that were begun have ended: it takes one job after the other, by its number, and
    /// helps with the others' once none is left. A member that joins again, inside a job, has nothing to do; a member of another
    /// crew does not stay to help, since jobs of its own may be waiting for it. After a panic in a job, no other is begun.
    pub fn join(self: &Arc<Self>, mut carry_out: impl FnMut(usize)) {
        let Some(member) = Member::of(self) else { return };
        let at_work = AtWork::of(self);
        loop {
            let job = self.begun.fetch_add(1, SeqCst);
            if job >= self.jobs {
                break;
            }
            carry_out(job);
        }
        drop(at_work);
        if member.before.is_none() {
            self.help();
        }
    }

    /// Works on pieces, until all jobs have ended.
    fn help(&self) {
        self.free.fetch_add(1, SeqCst);
        loop {
            let seen = self.news.load(SeqCst);
            if self.at_work.load(SeqCst) == 0 {
                break;
            }
            let pieces: usize = self.offers.iter().map(|offer| offer.take_part(&self.free)).sum();
            if pieces == 0 {
                self.wait(seen);
            }
        }
        self.free.fetch_sub(1, SeqCst);
    }

    /// Returns when there is other news than what was seen.
    fn wait(&self, seen: usize) {
        let begin = Instant::now();
        while begin.elapsed() < PATIENCE {
            for _ in 0..32 {
                if self.news.load(SeqCst) != seen {
                    return;
                }
                spin_loop();
            }
        }
        let mut bed = self.bed.lock().unwrap_or_else(PoisonError::into_inner);
        self.asleep.fetch_add(1, SeqCst);
        while self.news.load(SeqCst) == seen {
            bed = self.bell.wait(bed).unwrap_or_else(PoisonError::into_inner);
        }
        self.asleep.fetch_sub(1, SeqCst);
    }

    /// Tells of news to `wanted` members: first to those who are awake.
    fn tell(&self, wanted: usize) {
        self.news.fetch_add(1, SeqCst);
        let asleep = self.asleep.load(SeqCst);
        let awake = self.free.load(SeqCst).saturating_sub(asleep);
        let woken = asleep.min(wanted.saturating_sub(awake));
        if woken > 0 {
            // who has counted itself as asleep is so once this lock can be had
            drop(self.bed.lock());
            (0..woken).for_each(|_| self.bell.notify_one());
        }
    }
}

/// This thread is a member while this lives.
struct Member {
    /// The crew that it was a member of before.
    before: Option<Arc<Crew>>,
}

impl Member {
    fn of(crew: &Arc<Crew>) -> Option<Self> {
        let is_one = |member: &Arc<Crew>| Arc::ptr_eq(member, crew);
        if CREW.with_borrow(|member| member.as_ref().is_some_and(is_one)) {
            return None;
        }
        let before = CREW.replace(Some(Arc::clone(crew)));
        Some(Self { before })
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        CREW.set(self.before.take());
    }
}

/// A member may begin or carry out a job while this lives.
struct AtWork<'a>(&'a Crew);

impl<'a> AtWork<'a> {
    fn of(crew: &'a Crew) -> Self {
        crew.at_work.fetch_add(1, SeqCst);
        Self(crew)
    }
}

impl Drop for AtWork<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.begun.fetch_max(self.0.jobs, SeqCst);
        }
        self.0.at_work.fetch_sub(1, SeqCst);
        self.0.tell(usize::MAX);
    }
}

/// What one thread has to share out. It stays where it is when it is over, for the next one.
#[derive(Default)]
#[repr(align(128))] // offers of different threads share no cache line
struct OpenWork {
    /// Whether it belongs to a thread.
    taken: AtomicBool,
    /// Pieces that nobody has begun: those numbered from 1 to this.
    left: AtomicUsize,
    /// Members that may be at one of its pieces.
    inside: AtomicUsize,
    /// What does a piece. It is read only by who took a piece, and changed only when all pieces are done.
    work: UnsafeCell<Option<Piece>>,
    /// How a piece failed that a member did.
    panic: Mutex<Option<Box<dyn Any + Send>>>,
}

/// Does the piece of this number.
type Piece = &'static (dyn Fn(usize) + Sync);

// SAFETY: see `work`; all else is made to be shared.
unsafe impl Sync for OpenWork {}

impl OpenWork {
    /// Takes a piece, which nobody else gets.
    fn piece(&self) -> Option<usize> {
        self.left.try_update(SeqCst, SeqCst, |left| left.checked_sub(1)).ok()
    }

    /// Does pieces as long as there are any; returns how many. While it does, it is not among the `free`.
    fn take_part(&self, free: &AtomicUsize) -> usize {
        if self.left.load(SeqCst) == 0 {
            return 0;
        }
        let mut done = 0;
        // before a piece is taken: whoever finds no piece left and nobody inside may know that all are done
        self.inside.fetch_add(1, SeqCst);
        while let Some(piece) = self.piece() {
            if done == 0 {
                free.fetch_sub(1, SeqCst);
            }
            // SAFETY: it was written before this piece was offered, and stays while there is somebody inside.
            let work = unsafe { *self.work.get() }.expect("there are pieces");
            if let Err(panic) = catch_unwind(AssertUnwindSafe(|| work(piece))) {
                self.panic
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .get_or_insert(panic);
            }
            done += 1;
        }
        if done > 0 {
            free.fetch_add(1, SeqCst);
        }
        self.inside.fetch_sub(1, SeqCst);
        done
    }

    /// Offers all pieces but the first, does that one and those that nobody takes, and waits for the others.
    fn share(&self, crew: &Crew, pieces: usize, work: &(dyn Fn(usize) + Sync)) {
        // SAFETY: only the lifetime is another. Nobody reads it after this function, which returns, or unwinds, only once no piece is
        // left and nobody at one; and nobody reads it yet, since so the offer before was left.
        unsafe {
            let work: Piece = std::mem::transmute::<&(dyn Fn(usize) + Sync), Piece>(work);
            *self.work.get() = Some(work);
        }
        self.left.store(pieces - 1, SeqCst);
        crew.tell(pieces - 1);
        let own = catch_unwind(AssertUnwindSafe(|| {
            work(0);
            while let Some(piece) = self.piece() {
                work(piece);
            }
        }));
        self.left.store(0, SeqCst);
        let mut turns = 0;
        while self.inside.load(SeqCst) > 0 {
            turns += 1;
            // who does the last piece may be waiting for this very core
            if turns > 1000 { thread::yield_now() } else { spin_loop() }
        }
        let theirs = self.panic.lock().unwrap_or_else(PoisonError::into_inner).take();
        self.taken.store(false, SeqCst);
        if let Some(panic) = own.err().or(theirs) {
            resume_unwind(panic);
        }
    }
}

/// Into how many pieces work of so many multiply-adds should be cut: as many as there are threads free for it now, this one
/// included, but none that is not worth it.
#[inline]
pub fn pieces(multiply_adds: usize) -> usize {
    match multiply_adds < 2 * WORTH {
        true => 1,
        false => hands().min(multiply_adds / WORTH),
    }
}

/// This thread, and those that are free to help it.
#[cold]
pub(super) fn hands() -> usize {
    1 + CREW.with_borrow(|crew| crew.as_ref().map_or(0, |crew| crew.free.load(SeqCst)))
}

/// Calls `work` with every number below `pieces`, each once, in any order; with those above 0 on threads that are free, with 0 on
/// this one. Returns when all is done.
///
/// # Panics
/// If a call does; the others are made, or not, and none is under way any more.
pub fn share(pieces: usize, work: impl Fn(usize) + Sync) {
    let crew = CREW.with_borrow(Option::clone).filter(|_| pieces > 1);
    let free = |offer: &&OpenWork| !offer.taken.swap(true, SeqCst);
    match crew
        .as_ref()
        .and_then(|crew| Some((crew, crew.offers.iter().find(free)?)))
    {
        Some((crew, offer)) => offer.share(crew, pieces, &work),
        None => (0..pieces).for_each(work),
    }
}
