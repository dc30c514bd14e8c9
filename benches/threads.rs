//! Time training steps of large networks on one thread and on two that work inside them.
//!
//! `cargo bench --bench threads`, and behind `--` other numbers of threads to compare with one. By a clock on the wall, the fastest of
//! many short blocks, in rounds in which the numbers of threads take turns: other programs take nothing from the fastest.

use creditlab::linalg::{Crew, Matrix};
use creditlab::loss::Loss;
use creditlab::network::{Activation, Init, Network};
use creditlab::random::{self, Purpose, Stream};
use creditlab::rules;
use creditlab::runner::{Batch, Training};
use creditlab::update::Optimizer;
use std::sync::Mutex;
use std::time::Instant;

const ROUNDS: usize = 20;
const BLOCKS: usize = 10;
const STEPS: usize = 4;

/// Layers from the input to the output, and the batch.
const NETS: [(&[usize], usize); 3] = [
    (&[784, 1000, 10], 64),
    (&[784, 512, 512, 10], 64),
    (&[784, 1024, 1024, 1024, 10], 128),
];

fn training(sizes: &[usize], batch: usize) -> Training<f32> {
    let layer = |(l, size): (usize, &[usize])| {
        let activation = match l + 2 == sizes.len() {
            true => Activation::Identity,
            false => Activation::Relu,
        };
        let stream = Stream::new(1, Purpose::Weights, l as u64, 0);
        Init::default().layer(size[1], size[0], true, activation, stream)
    };
    let layers = sizes.windows(2).enumerate().map(layer).collect();
    let rule = rules::builtin().rule("Backprop").expect("a built-in rule");
    let started = Training::new(
        1,
        Network { layers },
        Loss::CROSS_ENTROPY,
        Optimizer::sgd(0.01),
        batch,
        &[rule],
    );
    started.unwrap_or_else(|(_, refusal)| panic!("{refusal}"))
}

/// Random inputs with classes in turn.
fn batch(sizes: &[usize], samples: usize) -> Batch<f32> {
    let outputs = sizes[sizes.len() - 1];
    let mut input = Matrix::zeros(sizes[0], samples);
    let mut generator = Stream::new(1, Purpose::Task, 0, 0).generator();
    random::normal(input.as_mut_slice(), 1.0, &mut generator);
    Batch {
        input,
        targets: Matrix::from_fn(outputs, samples, |i, j| f32::from(u8::from(j % outputs == i))),
        samples: (0..samples as u32).collect(),
    }
}

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
    let others = if numbers.is_empty() { vec![2] } else { numbers };
    for (sizes, samples) in NETS {
        let (mut training, batch) = (training(sizes, samples), batch(sizes, samples));
        let mut times = vec![f64::INFINITY; 1 + others.len()];
        for _ in 0..ROUNDS {
            for (threads, time) in std::iter::once(&1).chain(&others).zip(&mut times) {
                *time = time.min(fastest(*threads, &mut training, &batch));
            }
        }
        let layers = sizes.iter().map(usize::to_string).collect::<Vec<_>>().join("-");
        println!("{layers}, batch {samples}: {:.0} us on one thread", 1e6 * times[0]);
        for (threads, time) in others.iter().zip(&times[1..]) {
            println!(
                "  {:.0} us on {threads}: {:.2} times as fast",
                1e6 * time,
                times[0] / time
            );
        }
    }
}
