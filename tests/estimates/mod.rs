//! Take expectations of rules that draw: a case to draw on, quadrature over normal noise, and standard errors.
#![allow(dead_code)] // each test binary uses its own part

use crate::common::*;
use creditlab::linalg::Matrix;
use creditlab::loss::Loss;
use creditlab::network::{Activation, Affine, Network, Trace};
use creditlab::random::{self, Purpose, Stream};
use creditlab::rules::Step;
use creditlab::update::Proposal;

/// A network with a batch and the clean pass on it.
pub struct Case {
    pub network: Network<f64>,
    pub loss: Loss,
    pub targets: Matrix<f64>,
    pub trace: Trace<f64>,
}

impl Case {
    pub fn new(network: Network<f64>, loss: Loss, x: Matrix<f64>, y: Matrix<f64>) -> Self {
        let mut trace = Trace {
            input: x,
            ..Trace::default()
        };
        network.forward(&mut trace);
        Self {
            network,
            loss,
            targets: y,
            trace,
        }
    }

    /// Networks of one to four layers with every activation and loss.
    pub fn of_every_kind() -> impl Iterator<Item = Self> {
        let sizes: [&[usize]; 4] = [&[4, 3], &[4, 6, 3], &[4, 6, 5, 3], &[4, 5, 6, 5, 3]];
        let kinds = Activation::ALL
            .into_iter()
            .flat_map(|hidden| Loss::ALL.map(|loss| (hidden, loss)));
        let all = kinds.flat_map(move |kind| sizes.map(|sizes| (kind, sizes)));
        all.zip(1..)
            .map(|(((hidden, loss), sizes), seed)| Self::random(sizes, hidden, loss, 5, seed))
    }

    pub fn random(sizes: &[usize], hidden: Activation, loss: Loss, batch: usize, seed: u64) -> Self {
        let network = network(sizes, hidden, loss.default_output(), seed);
        let (x, y) = (
            inputs(sizes[0], batch, seed),
            targets(loss, network.outputs(), batch, seed),
        );
        Self::new(network, loss, x, y)
    }

    pub fn step(&self, k: u64) -> Step<'_, f64> {
        Step {
            network: &self.network,
            loss: self.loss,
            trace: &self.trace,
            targets: &self.targets,
            samples: &[],
            stream: Stream::new(5, Purpose::Propose, 0, k),
        }
    }

    pub fn gradient(&self) -> Vec<Affine<f64>> {
        proposal("Backprop", &self.network, self.loss, &self.trace.input, &self.targets)
    }

    /// The estimate that `fill` makes with the rule, as arrays.
    pub fn estimate(&self, fill: impl FnOnce(&Step<'_, f64>, &mut Proposal<f64>)) -> Vec<Affine<f64>> {
        let mut out = Proposal::default();
        out.begin(&self.network.layers, self.trace.batch());
        fill(&self.step(0), &mut out);
        arrays(&out, &self.network, &self.trace)
    }

    /// The mean over `count` draws along some directions: how many standard errors each is from the gradient's; the
    /// first direction is the gradient itself, the others are drawn.
    pub fn errors_along(&self, count: u64, draw: impl Fn(u64) -> Vec<f64>) -> Vec<f64> {
        let g = flat(&self.gradient());
        let draws: Vec<_> = (0..count).map(draw).collect();
        let off = |direction: &Vec<f64>| {
            let along: Vec<_> = draws.iter().map(|u| dot(u, direction)).collect();
            errors_from(&along, dot(&g, direction))
        };
        directions(&g).iter().map(off).collect()
    }
}

/// `g` and four drawn directions.
pub fn directions(g: &[f64]) -> Vec<Vec<f64>> {
    let drawn = (0..4).map(|k| {
        let mut d = vec![0.0; g.len()];
        random::normal(&mut d, 1.0, &mut Stream::new(9, Purpose::Task, k, 0).generator());
        d
    });
    std::iter::once(g.to_vec()).chain(drawn).collect()
}

/// Shows every node of a tensor quadrature over `count` normal numbers, with its weight.
pub fn quadrature(order: usize, count: usize, mut see: impl FnMut(&[f64], f64)) {
    let (nodes, weights) = gauss_hermite(order);
    for index in 0..order.pow(count as u32) {
        let digits: Vec<_> = (0..count).map(|u| index / order.pow(u as u32) % order).collect();
        let xi: Vec<_> = digits.iter().map(|&d| nodes[d]).collect();
        see(&xi, digits.iter().map(|&d| weights[d]).product());
    }
}

/// Noise of every unit from one row of numbers; samples share it.
pub fn unit_noise(trace: &Trace<f64>, numbers: &[f64]) -> Vec<Matrix<f64>> {
    let mut values = numbers.iter();
    let layer = |z: &Matrix<f64>| {
        let column: Vec<_> = values.by_ref().take(z.nrows()).collect();
        Matrix::from_fn(z.nrows(), z.ncols(), |i, _| *column[i])
    };
    trace.z.iter().map(layer).collect()
}

/// Number of units above the input.
pub fn units(trace: &Trace<f64>) -> usize {
    trace.z.iter().map(Matrix::nrows).sum()
}

/// Nodes and weights of the quadrature of this order for the standard normal density (Golub, Welsch 1969).
pub fn gauss_hermite(order: usize) -> (Vec<f64>, Vec<f64>) {
    let jacobi = Matrix::from_fn(order, order, |i, j| {
        if i.abs_diff(j) == 1 {
            (i.max(j) as f64).sqrt()
        } else {
            0.0
        }
    });
    let eigen = jacobi.symmetric_eigen();
    let weights = eigen.eigenvectors.row(0).iter().map(|v| v * v).collect();
    (eigen.eigenvalues.iter().copied().collect(), weights)
}

/// Mean and standard error.
pub fn mean_and_error(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0);
    (mean, (variance / n).sqrt())
}

/// How many standard errors the mean of `values` is from `expected`.
pub fn errors_from(values: &[f64], expected: f64) -> f64 {
    let (mean, error) = mean_and_error(values);
    (mean - expected).abs() / error
}

pub fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
