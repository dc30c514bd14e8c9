//! Time whole training steps: propose, apply, adapt on batches in memory, through the code that a run uses.
//!
//! `cargo bench --bench training` times every rule on every net below. The nets are those commonly used to time multi-layer
//! perceptrons in other systems: three of the size of MNIST, two tiny ones.

use creditlab::linalg::{Matrix, Scalar, multiply, plain};
use creditlab::loss::Loss;
use creditlab::network::{Activation, Init, Layer, Network};
use creditlab::random::{self, Generator, Purpose, Stream};
use creditlab::rules;
use creditlab::runner::{Batch, Training};
use creditlab::update::Optimizer;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

struct Net {
    name: &'static str,
    sizes: &'static [usize],
    batch: usize,
    hidden: Activation,
    loss: Loss,
    bias: bool,
    batches: usize,
}

const NETS: [Net; 5] = [
    Net {
        name: "784-1000-10 relu, batch 64",
        sizes: &[784, 1000, 10],
        batch: 64,
        hidden: Activation::Relu,
        loss: Loss::CROSS_ENTROPY,
        bias: true,
        batches: 50,
    },
    Net {
        name: "784-512-512-10 relu, batch 64",
        sizes: &[784, 512, 512, 10],
        batch: 64,
        hidden: Activation::Relu,
        loss: Loss::CROSS_ENTROPY,
        bias: true,
        batches: 50,
    },
    Net {
        name: "784-1024-1024-1024-10 relu, batch 128",
        sizes: &[784, 1024, 1024, 1024, 10],
        batch: 128,
        hidden: Activation::Relu,
        loss: Loss::CROSS_ENTROPY,
        bias: true,
        batches: 20,
    },
    Net {
        name: "30-20-10 linear, batch 1",
        sizes: &[30, 20, 10],
        batch: 1,
        hidden: Activation::Identity,
        loss: Loss::HALF_SQUARES,
        bias: false,
        batches: 2000,
    },
    Net {
        name: "2-16-16-1 tanh, batch 32",
        sizes: &[2, 16, 16, 1],
        batch: 32,
        hidden: Activation::Tanh,
        loss: Loss::HALF_SQUARES,
        bias: true,
        batches: 1000,
    },
];

const RULES: [&str; 3] = ["Backprop", "FeedbackAlignment", "DirectFeedbackAlignment"];

fn generator(index: u64) -> Generator {
    Stream::new(1, Purpose::Task, index, 0).generator()
}

fn uniform<T: Scalar>(values: &mut [T], bound: f64, generator: &mut Generator) {
    values
        .iter_mut()
        .for_each(|x| *x = T::of(bound * (2.0 * random::uniform(generator) - 1.0)));
}

impl Net {
    fn network(&self) -> Network<f32> {
        let top = self.sizes.len() - 2;
        let layer = |(l, size): (usize, &[usize])| -> Layer<f32> {
            let activation = if l == top { Activation::Identity } else { self.hidden };
            let stream = Stream::new(1, Purpose::Weights, l as u64, 0);
            Init::default().layer(size[1], size[0], self.bias, activation, stream)
        };
        Network {
            layers: self.sizes.windows(2).enumerate().map(layer).collect(),
        }
    }

    /// Batches of random inputs with random classes, or with values that a linear teacher gives.
    fn batches(&self) -> Vec<Batch<f32>> {
        let outputs = self.sizes[self.sizes.len() - 1];
        let mut generator = generator(0);
        let mut teacher = Matrix::zeros(outputs, self.sizes[0]);
        random::normal(
            teacher.as_mut_slice(),
            1.0 / (self.sizes[0] as f64).sqrt(),
            &mut generator,
        );
        let mut batch = || {
            let mut x = Matrix::zeros(self.sizes[0], self.batch);
            let mut y = Matrix::zeros(outputs, self.batch);
            uniform(x.as_mut_slice(), 1.0, &mut generator);
            match self.loss {
                Loss::CROSS_ENTROPY => y
                    .column_iter_mut()
                    .for_each(|mut column| column[random::below(outputs as u64, &mut generator) as usize] = 1.0),
                _ => multiply(1.0, plain(&teacher), plain(&x), 0.0, &mut y),
            }
            Batch {
                input: x,
                targets: y,
                samples: (0..self.batch as u32).collect(),
            }
        };
        (0..self.batches).map(|_| batch()).collect()
    }

    fn training(&self, rule: &str) -> Training<f32> {
        let rule = rules::builtin().rule(rule).expect("a built-in rule");
        Training::new(1, self.network(), self.loss, Optimizer::sgd(0.01), self.batch, &[rule]).expect("a fitting rule")
    }
}

/// An epoch.
fn epoch(training: &mut Training<f32>, batches: &[Batch<f32>]) {
    for batch in batches {
        training.step(batch).expect("finite numbers");
    }
}

fn training(criterion: &mut Criterion) {
    for net in &NETS {
        let mut group = criterion.benchmark_group(net.name);
        group
            .throughput(Throughput::Elements((net.batch * net.batches) as u64))
            .sample_size(10);
        let batches = net.batches();
        for rule in RULES {
            let mut training = net.training(rule);
            group.bench_function(rule, |bencher| bencher.iter(|| epoch(&mut training, &batches)));
        }
        group.finish();
    }
}

criterion_group!(benches, training);
criterion_main!(benches);
