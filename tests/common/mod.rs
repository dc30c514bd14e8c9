//! Make random networks and batches, and compare proposals with theory.
#![allow(dead_code)] // each test binary uses its own part

use creditlab::linalg::{Matrix, Scalar, empty};
use creditlab::loss::Loss;
use creditlab::network::{Activation, Affine, Init, Network, Trace};
use creditlab::random::{self, Purpose, Stream};
use creditlab::rules::{self, Bind, Refusal, Rule, Setting};
use creditlab::runner::{Batch, Diverged, Seat, Training};
use creditlab::update::{Optimizer, Proposal};
use std::ops::{Deref, DerefMut};
use std::path::Path;

/// A network with LeCun weights and small random biases.
pub fn network<T: Scalar>(sizes: &[usize], hidden: Activation, output: Activation, seed: u64) -> Network<T> {
    let layer = |(l, size): (usize, &[usize])| {
        let activation = if l + 2 == sizes.len() { output } else { hidden };
        let stream = Stream::new(seed, Purpose::Weights, l as u64, 0);
        let mut layer = Init::default().layer(size[1], size[0], true, activation, stream);
        let mut generator = Stream::new(seed, Purpose::Weights, l as u64, 1).generator();
        random::normal(layer.bias.as_mut_slice(), 0.1, &mut generator);
        layer
    };
    Network {
        layers: sizes.windows(2).enumerate().map(layer).collect(),
    }
}

/// Normal inputs, `inputs × batch`.
pub fn inputs<T: Scalar>(inputs: usize, batch: usize, seed: u64) -> Matrix<T> {
    let mut x = Matrix::from_element(inputs, batch, T::ZERO);
    random::normal(
        x.as_mut_slice(),
        1.0,
        &mut Stream::new(seed, Purpose::Task, 0, 0).generator(),
    );
    x
}

/// Targets that the loss can have: one-hot for the cross-entropy, in `(0, 1)` for the logistic one, else normal.
pub fn targets<T: Scalar>(loss: Loss, outputs: usize, batch: usize, seed: u64) -> Matrix<T> {
    let mut generator = Stream::new(seed, Purpose::Task, 1, 0).generator();
    let mut y = Matrix::from_element(outputs, batch, T::ZERO);
    match loss {
        Loss::CrossEntropy { .. } => {
            for mut column in y.column_iter_mut() {
                column[random::below(outputs as u64, &mut generator) as usize] = T::ONE;
            }
        }
        Loss::LogisticCrossEntropy { .. } => y.iter_mut().for_each(|y| *y = T::of(random::uniform(&mut generator))),
        Loss::HalfSquares { .. } | Loss::Squares { .. } => random::normal(y.as_mut_slice(), 1.0, &mut generator),
    }
    y
}

/// A rule of the built-in registry, as experiment files write it.
pub fn rule(text: &str) -> Rule {
    rules::builtin()
        .rule(text)
        .unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// A training that takes its steps on one batch.
pub struct OnBatch<T: Scalar> {
    pub training: Training<T>,
    pub batch: Batch<T>,
}

impl<T: Scalar> OnBatch<T> {
    pub fn new(training: Training<T>, x: &Matrix<T>, y: &Matrix<T>) -> Self {
        let batch = batch(x, y);
        Self { training, batch }
    }

    pub fn step(&mut self) -> Result<(), Diverged> {
        self.training.step(&self.batch)
    }

    pub fn forward(&mut self) -> Result<(), Diverged> {
        self.training.forward(&self.batch)
    }

    pub fn learn(&mut self) -> Result<(), Diverged> {
        self.training.learn(&self.batch)
    }

    pub fn warm_up(&mut self, step: u64) -> Result<(), Diverged> {
        self.training.warm_up(step, &self.batch)
    }
}

impl<T: Scalar> Deref for OnBatch<T> {
    type Target = Training<T>;

    fn deref(&self) -> &Training<T> {
        &self.training
    }
}

impl<T: Scalar> DerefMut for OnBatch<T> {
    fn deref_mut(&mut self) -> &mut Training<T> {
        &mut self.training
    }
}

/// Columns as a batch, numbered from 0.
pub fn batch<T: Scalar>(x: &Matrix<T>, y: &Matrix<T>) -> Batch<T> {
    Batch {
        input: x.clone(),
        targets: y.clone(),
        samples: (0..x.ncols() as u32).collect(),
    }
}

/// A training on a batch; `texts[0]` trains, the others are shadows.
pub fn training<T: Bind>(
    texts: &[&str],
    network: Network<T>,
    loss: Loss,
    optimizer: Optimizer,
    x: &Matrix<T>,
    y: &Matrix<T>,
) -> OnBatch<T> {
    let rules: Vec<_> = texts.iter().map(|text| rule(text)).collect();
    let training = Training::new(3, network, loss, optimizer, x.ncols(), &rules);
    let training = training.unwrap_or_else(|(i, refusal)| panic!("{}: {refusal}", texts[i]));
    OnBatch::new(training, x, y)
}

/// Gives the training another batch.
pub fn fill<T: Scalar>(training: &mut OnBatch<T>, x: &Matrix<T>, y: &Matrix<T>) {
    training.batch = batch(x, y);
}

/// The updates of all layers as arrays.
pub fn arrays<T: Scalar>(proposal: &Proposal<T>, network: &Network<T>, trace: &Trace<T>) -> Vec<Affine<T>> {
    let write = |(l, layer)| {
        let mut update = Affine::zeros_like(layer);
        proposal.write(l, trace, &mut update);
        update
    };
    network.layers.iter().enumerate().map(write).collect()
}

/// What `text` proposes on a batch, at its start (seed 3, step 0), as arrays.
pub fn proposal(text: &str, network: &Network<f64>, loss: Loss, x: &Matrix<f64>, y: &Matrix<f64>) -> Vec<Affine<f64>> {
    let mut training = training(&[text], network.clone(), loss, Optimizer::sgd(0.1), x, y);
    training.step().expect("finite");
    arrays(&training.seats[0].proposal, network, &training.trace)
}

/// All numbers of the updates in one row: for each layer weights, then biases.
pub fn flat(updates: &[Affine<f64>]) -> Vec<f64> {
    updates
        .iter()
        .flat_map(|u| u.weight.iter().chain(u.bias.iter()).copied())
        .collect()
}

/// `|u − g| / |g|`.
pub fn relative(u: &[f64], g: &[f64]) -> f64 {
    assert_eq!(u.len(), g.len());
    let difference: f64 = u.iter().zip(g).map(|(u, g)| (u - g).powi(2)).sum();
    (difference / g.iter().map(|g| g * g).sum::<f64>()).sqrt()
}

/// `|u − g| / |g|` of each layer.
pub fn relative_by_layer(u: &[Affine<f64>], g: &[Affine<f64>]) -> Vec<f64> {
    let one =
        |(u, g): (&Affine<f64>, &Affine<f64>)| relative(&flat(std::slice::from_ref(u)), &flat(std::slice::from_ref(g)));
    u.iter().zip(g).map(one).collect()
}

/// What the network answers.
pub fn outputs(network: &Network<f64>, x: &Matrix<f64>) -> Matrix<f64> {
    let mut trace = Trace {
        input: x.clone(),
        ..Trace::default()
    };
    network.forward(&mut trace);
    trace.output().a.clone()
}

/// Why a rule cannot start on a network, if so.
pub fn refusal(text: &str, network: &Network<f64>, loss: Loss) -> Option<Refusal> {
    let setting = Setting {
        network,
        loss,
        optimizer: &Optimizer::sgd(0.1).into(),
        batch: 6,
        folder: Path::new(""),
    };
    f64::bind(&rule(text), &setting, Stream::new(0, Purpose::RuleStart, 0, 0)).err()
}

/// Each of `(network, options, option)` is refused at the option, with a reason and a remedy.
pub fn refused_by_name(name: &str, loss: Loss, cases: &[(&Network<f64>, &str, &str)]) {
    for (network, options, option) in cases {
        let refusal = refusal(&format!("{name}({options})"), network, loss).expect(options);
        assert_eq!(refusal.option, *option, "{options}");
        assert!(!refusal.reason.is_empty() && !refusal.remedy.is_empty());
    }
}

/// The mean loss of the network's forward pass.
pub fn mean_loss(network: &Network<f64>, loss: Loss, x: &Matrix<f64>, y: &Matrix<f64>) -> f64 {
    let mut trace = Trace {
        input: x.clone(),
        ..Trace::default()
    };
    network.forward(&mut trace);
    loss.mean(trace.output(), y)
}

/// Central differences of `value` in every parameter of the network, laid out as [`flat`].
pub fn central_differences(network: &Network<f64>, step: f64, value: impl Fn(&Network<f64>) -> f64) -> Vec<f64> {
    let mut network = network.clone();
    let mut gradient = Vec::new();
    for l in 0..network.depth() {
        let (weights, biases) = (network.layers[l].weight.len(), network.layers[l].bias.len());
        for i in 0..weights + biases {
            let mut at = |delta: f64| {
                let layer = &mut network.layers[l];
                let parameter = if i < weights {
                    &mut layer.weight[i]
                } else {
                    &mut layer.bias[i - weights]
                };
                let before = *parameter;
                *parameter += delta;
                let value = value(&network);
                let layer = &mut network.layers[l];
                *if i < weights {
                    &mut layer.weight[i]
                } else {
                    &mut layer.bias[i - weights]
                } = before;
                value
            };
            gradient.push((at(step) - at(-step)) / (2.0 * step));
        }
    }
    gradient
}

/// Gives seat `seat` the feedback weights `b(l)`, where it has any.
pub fn set_feedback(training: &mut Training<f64>, seat: usize, b: impl Fn(usize) -> Matrix<f64>) {
    training.seats[seat].learner.visit(&mut |name, shape, values| {
        let Some(layer) = name.strip_suffix(".feedback").or(name.strip_suffix(".direct_feedback")) else {
            return;
        };
        let layer: usize = layer["layer".len()..].parse().expect("a number");
        let b = b(layer - 1);
        assert_eq!((shape.rows(), shape.columns()), b.shape(), "{name}");
        values.copy_from_slice(b.as_slice());
    });
}

/// The feedback weights that seat `seat` shows for layer `l`.
pub fn feedback(training: &Training<f64>, seat: usize, l: usize) -> Matrix<f64> {
    let mut b = empty();
    let path = training.seats[seat].learner.feedback(&training.network, l, &mut b);
    path.expect("feedback weights");
    b
}

/// What seat 0 has learned under `name`.
pub fn learned(training: &mut Training<f64>, name: &str) -> Matrix<f64> {
    let mut found = None;
    training.seats[0].learner.visit(&mut |seen, shape, values| {
        if seen == name {
            found = Some(Matrix::from_column_slice(shape.rows(), shape.columns(), values));
        }
    });
    found.unwrap_or_else(|| panic!("no array is called {name}"))
}

/// Takes one step; the updates of every seat.
pub fn step(training: &mut OnBatch<f64>) -> Vec<Vec<Affine<f64>>> {
    let before = training.network.clone();
    training.step().expect("finite");
    let update = |seat: &Seat<f64>| arrays(&seat.proposal, &before, &training.trace);
    training.seats.iter().map(update).collect()
}

/// The angle between two matrices, in degrees.
pub fn degrees(a: &Matrix<f64>, b: &Matrix<f64>) -> f64 {
    (a.dot(b) / (a.norm() * b.norm())).clamp(-1.0, 1.0).acos().to_degrees()
}

/// The mean of some numbers.
pub fn mean(numbers: impl IntoIterator<Item = f64>) -> f64 {
    let numbers: Vec<f64> = numbers.into_iter().collect();
    numbers.iter().sum::<f64>() / numbers.len() as f64
}
