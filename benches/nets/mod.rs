//! Make nets that other systems are timed on, with random samples in memory, and tell CPU time.

#![allow(dead_code)] // each benchmark uses its own part

use creditlab::linalg::{Matrix, Scalar, multiply, plain};
use creditlab::loss::Loss;
use creditlab::network::{Activation, Init, Layer, Network};
use creditlab::random::{self, Generator, Purpose, Stream};
use creditlab::rules;
use creditlab::runner::{Batch, Training};
use creditlab::update::Optimizer;
use std::time::Instant;

/// A net of dense layers and how it is trained.
pub struct Net {
    pub name: &'static str,
    pub sizes: &'static [usize],
    pub batch: usize,
    pub hidden: Activation,
    pub loss: Loss,
    pub bias: bool,
    /// Batches of an epoch.
    pub batches: usize,
}

/// Larger than tiny, and in the first cache.
pub const MIDDLE: Net = Net {
    name: "64-64-64-10 tanh, batch 32",
    sizes: &[64, 64, 64, 10],
    batch: 32,
    hidden: Activation::Tanh,
    loss: Loss::CROSS_ENTROPY,
    bias: true,
    batches: 200,
};

/// Three of the size of MNIST, two tiny ones, and one between.
pub const NETS: [Net; 6] = [
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
    MIDDLE,
];

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
    pub fn batches(&self) -> Vec<Batch<f32>> {
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

    pub fn training(&self, rule: &str, optimizer: Optimizer) -> Training<f32> {
        let rule = rules::builtin().rule(rule).expect("a built-in rule");
        Training::new(1, self.network(), self.loss, optimizer, self.batch, &[rule]).expect("a fitting rule")
    }
}

/// A step on each of the batches.
pub fn epoch(training: &mut Training<f32>, batches: &[Batch<f32>]) {
    for batch in batches {
        training.step(batch).expect("finite numbers");
    }
}

/// The seconds of CPU time that this thread has taken, or where the system does not tell it, what a clock on the wall shows.
pub fn seconds(start: Instant) -> f64 {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat");
    let nanoseconds = told.ok().and_then(|text| text.split(' ').next()?.parse::<f64>().ok());
    nanoseconds.map_or_else(|| start.elapsed().as_secs_f64(), |count| 1e-9 * count)
}

/// The middle one of an odd number of values.
pub fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
