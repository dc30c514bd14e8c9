//! Make nets that other systems are timed on, with random samples in memory, and tell CPU time.

#![allow(dead_code)] // each benchmark uses its own part

use creditlab::linalg::{Matrix, Scalar, multiply, plain};
use creditlab::loss::Loss;
use creditlab::network::{Activation, Init, Layer, Map, Network, PoolKind, Pooling, Window, Wiring};
use creditlab::random::{self, Generator, Purpose, Stream};
use creditlab::rules;
use creditlab::runner::{Batch, Training};
use creditlab::update::Optimizer;
use std::time::Instant;

/// Filters that all places of a map share, as wide as they are high.
pub struct Filters {
    pub channels: usize,
    pub kernel: usize,
    pub stride: usize,
    pub padding: usize,
    /// Side of the windows whose largest activity counts; 1 where nothing is pooled.
    pub pool: usize,
}

/// A net and how it is trained.
pub struct Net {
    pub name: &'static str,
    /// What the first filters see; absent in a net of dense layers alone.
    pub image: Option<Map>,
    pub filters: &'static [Filters],
    /// Sizes of what the dense layers see and say; the first is that of the filters' last map, where there are any.
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
    image: None,
    filters: &[],
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
        image: None,
        filters: &[],
        sizes: &[784, 1000, 10],
        batch: 64,
        hidden: Activation::Relu,
        loss: Loss::CROSS_ENTROPY,
        bias: true,
        batches: 50,
    },
    Net {
        name: "784-512-512-10 relu, batch 64",
        image: None,
        filters: &[],
        sizes: &[784, 512, 512, 10],
        batch: 64,
        hidden: Activation::Relu,
        loss: Loss::CROSS_ENTROPY,
        bias: true,
        batches: 50,
    },
    Net {
        name: "784-1024-1024-1024-10 relu, batch 128",
        image: None,
        filters: &[],
        sizes: &[784, 1024, 1024, 1024, 10],
        batch: 128,
        hidden: Activation::Relu,
        loss: Loss::CROSS_ENTROPY,
        bias: true,
        batches: 20,
    },
    Net {
        name: "30-20-10 linear, batch 1",
        image: None,
        filters: &[],
        sizes: &[30, 20, 10],
        batch: 1,
        hidden: Activation::Identity,
        loss: Loss::HALF_SQUARES,
        bias: false,
        batches: 2000,
    },
    Net {
        name: "2-16-16-1 tanh, batch 32",
        image: None,
        filters: &[],
        sizes: &[2, 16, 16, 1],
        batch: 32,
        hidden: Activation::Tanh,
        loss: Loss::HALF_SQUARES,
        bias: true,
        batches: 1000,
    },
    MIDDLE,
];

/// A small net of the kind that LeCun, Bottou, Bengio and Haffner (1998) read digits with, and one for small colour images.
pub const CONVOLUTIONS: [Net; 2] = [
    Net {
        name: "1x28x28, 20 5x5, pool 2, 50 5x5, pool 2, 500-10 relu, batch 64",
        image: Some(Map::new(1, 28, 28)),
        filters: &[
            Filters {
                channels: 20,
                kernel: 5,
                stride: 1,
                padding: 0,
                pool: 2,
            },
            Filters {
                channels: 50,
                kernel: 5,
                stride: 1,
                padding: 0,
                pool: 2,
            },
        ],
        sizes: &[800, 500, 10],
        batch: 64,
        hidden: Activation::Relu,
        loss: Loss::CROSS_ENTROPY,
        bias: true,
        batches: 4,
    },
    Net {
        name: "3x32x32, 32 64 128 3x3, stride 1 2 2, 10 relu, batch 64",
        image: Some(Map::new(3, 32, 32)),
        filters: &[
            Filters {
                channels: 32,
                kernel: 3,
                stride: 1,
                padding: 1,
                pool: 1,
            },
            Filters {
                channels: 64,
                kernel: 3,
                stride: 2,
                padding: 1,
                pool: 1,
            },
            Filters {
                channels: 128,
                kernel: 3,
                stride: 2,
                padding: 1,
                pool: 1,
            },
        ],
        sizes: &[8192, 10],
        batch: 64,
        hidden: Activation::Relu,
        loss: Loss::CROSS_ENTROPY,
        bias: true,
        batches: 2,
    },
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
    /// Numbers of a sample.
    fn inputs(&self) -> usize {
        self.image.map_or(self.sizes[0], Map::units)
    }

    fn outputs(&self) -> usize {
        self.sizes[self.sizes.len() - 1]
    }

    fn network(&self) -> Network<f32> {
        let mut layers = Vec::new();
        let mut map = self.image;
        for filters in self.filters {
            let window = Window {
                padding: (filters.padding, filters.padding),
                ..Window::square(filters.kernel, filters.stride)
            };
            let below = map.expect("filters see an image");
            let wiring = Wiring::convolution(filters.channels, below, window);
            let mut layer = Layer::new(wiring, self.bias, self.hidden);
            let units = wiring.map().expect("filters make a map");
            let pooled = Pooling::new(PoolKind::Max, units, Window::square(filters.pool, filters.pool));
            layer.pool = Some(pooled).filter(|_| filters.pool > 1);
            map = Some(layer.pool.map_or(units, Pooling::map));
            layers.push(layer);
        }
        for size in self.sizes.windows(2) {
            layers.push(Layer::zeros(size[1], size[0], self.bias, self.hidden));
        }
        layers.last_mut().expect("a net has layers").activation = Activation::Identity;
        for (layer, l) in layers.iter_mut().zip(0..) {
            Init::default().fill(layer, Stream::new(1, Purpose::Weights, l, 0));
        }
        Network { layers }
    }

    /// Batches of random inputs with random classes, or with values that a linear teacher gives.
    pub fn batches(&self) -> Vec<Batch<f32>> {
        let (inputs, outputs) = (self.inputs(), self.outputs());
        let mut generator = generator(0);
        let mut teacher = Matrix::zeros(outputs, inputs);
        random::normal(teacher.as_mut_slice(), 1.0 / (inputs as f64).sqrt(), &mut generator);
        let mut batch = || {
            let mut x = Matrix::zeros(inputs, self.batch);
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

/// Seconds of a step of each training, the median of some rounds in which they take turns of so many seconds at least: systems tell CPU
/// time in milliseconds.
pub fn step_times(trainings: &mut [(Training<f32>, Batch<f32>)], rounds: usize, turn: f64) -> Vec<f64> {
    let clock = Instant::now();
    let mut times = vec![Vec::new(); trainings.len()];
    for round in 0..=rounds {
        for ((training, batch), times) in trainings.iter_mut().zip(&mut times) {
            let (before, mut steps, mut taken) = (seconds(clock), 0, 0.0);
            while taken < turn {
                // as many again: the clock is read seldom
                for _ in 0..steps.max(1) {
                    training.step(batch).expect("finite numbers");
                    steps += 1;
                }
                taken = seconds(clock) - before;
            }
            // the first round warms up
            if round > 0 {
                times.push(taken / f64::from(steps));
            }
        }
    }
    times.iter_mut().map(|times| median(times)).collect()
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
