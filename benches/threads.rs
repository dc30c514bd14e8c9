//! Time training steps of large networks on one thread and on two that work inside them.
//!
//! `cargo bench --bench threads`, and behind `--` other numbers of threads to compare with one. By a clock on the wall, the fastest of
//! many short blocks, in rounds in which the numbers of threads take turns: other programs take nothing from the fastest.

mod nets;

use creditlab::linalg::Crew;
use creditlab::runner::{Batch, Training};
use creditlab::update::Optimizer;
use nets::{CONVOLUTIONS, NETS};
use std::sync::Mutex;
use std::time::Instant;

const ROUNDS: usize = 20;
const BLOCKS: usize = 10;
const STEPS: usize = 4;

/// Seconds of a step in the fastest block, where one thread of so many takes the steps and the others help.
fn fastest(threads: usize, training: &mut Training<f32>, batch: &Batch<f32>) -> f64 {
    let crew = Crew::new(threads, 1);
    let (training, best) = (Mutex::new(training), Mutex::new(f64::INFINITY));
    let member = || {
        crew.join(|_| {
            let mut training = training.lock().expect("there is one job");
            for _ in 0..BLOCKS {
                let clock = Instant::now();
                for _ in 0..STEPS {
                    training.step(batch).expect("finite numbers");
                }
                let mut best = best.lock().expect("there is one job");
                *best = best.min(clock.elapsed().as_secs_f64() / STEPS as f64);
            }
        });
    };
    std::thread::scope(|scope| {
        (1..threads).for_each(|_| drop(scope.spawn(member)));
        member();
    });
    best.into_inner().expect("there was one job")
}

fn main() {
    let numbers: Vec<usize> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    // `cargo test --benches` asks for no measurement
    if std::env::args().all(|argument| argument != "--bench") {
        return;
    }
    let others = if numbers.is_empty() { vec![2] } else { numbers };
    let large = NETS.iter().filter(|net| net.sizes[0] == 784);
    for net in large.chain(&CONVOLUTIONS) {
        let (mut training, batches) = (net.training("Backprop", Optimizer::sgd(0.01)), net.batches());
        let mut times = vec![f64::INFINITY; 1 + others.len()];
        for _ in 0..ROUNDS {
            for (threads, time) in std::iter::once(&1).chain(&others).zip(&mut times) {
                *time = time.min(fastest(*threads, &mut training, &batches[0]));
            }
        }
        println!("{}: {:.0} us on one thread", net.name, 1e6 * times[0]);
        for (threads, time) in others.iter().zip(&times[1..]) {
            println!(
                "  {:.0} us on {threads}: {:.2} times as fast",
                1e6 * time,
                times[0] / time
            );
        }
    }
}
