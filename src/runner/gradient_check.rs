//! Check a rule's update of an arm's network, by default the exact gradient, against finite differences, layer by layer.

use super::{Batch, Training, batches::Batches};
use crate::experiment::Arm;
use crate::linalg::Matrix;
use crate::loss::Loss;
use crate::network::{Affine, Layer, Network, Trace};
use crate::random::{Purpose, Stream, shuffle};
use crate::rules::{Refusal, Rule, Step};
use crate::tasks::{DataSet, Parts};
use crate::update::Proposal;

/// The distances by which parameters are moved.
pub const STEPS: [f64; 5] = [1e-2, 1e-3, 1e-4, 1e-5, 1e-6];

/// The last of them.
const LEAST: f64 = STEPS[STEPS.len() - 1];

/// Slopes before and behind a parameter that differ by more than this share of the layer's steepest one, over a step of 1e-6, meet in
/// a kink: of a smooth loss they differ by the step times its curvature.
const KINK: f64 = 1e-4;

/// A layer agrees if the relative error of central differences is below this for one of [`STEPS`].
pub const BOUND: f64 = 1e-6;

/// At most so many weights of a layer are moved, and a quarter as many biases: the first of a keyed permutation.
pub const MOST: usize = 200;

/// How far finite differences `d` and the update `u` of the checked parameters are apart, `|d − u| / max(|d|, |u|)`; absent
/// where both are zero.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Errors {
    /// `h`, the distance moved.
    pub step: f64,
    /// Of `(C(θ + h) − C(θ)) / h`, whose error is of first order in `h`.
    pub forward: Option<f64>,
    /// Of `(C(θ + h) − C(θ − h)) / 2h`, of second order.
    pub central: Option<f64>,
    /// What the rounding of the losses alone may come to.
    pub rounding: f64,
}

/// One layer, checked.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerCheck {
    /// Weights and biases.
    pub parameters: usize,
    /// How many of them were moved and compared.
    pub checked: usize,
    /// How many were moved but left out, because they stand on a kink of the loss, where there is no derivative: such as a bias of
    /// 0 below a `Relu`, with an input of zeros.
    pub kinks: usize,
    /// The length of the update, over these.
    pub norm: f64,
    /// For each of [`STEPS`].
    pub errors: Vec<Errors>,
}

impl LayerCheck {
    /// The least relative error of central differences; absent where there is no gradient.
    pub fn least(&self) -> Option<f64> {
        self.errors
            .iter()
            .filter_map(|errors| errors.central)
            .min_by(f64::total_cmp)
    }

    /// Whether there was anything to compare: an update or differences that are not all exactly 0.
    pub fn compared(&self) -> bool {
        self.least().is_some()
    }

    /// Whether the update is the gradient, within [`BOUND`].
    pub fn agrees(&self) -> bool {
        self.least().is_none_or(|error| error <= BOUND)
    }

    /// The slope of the logarithm of the forward error over that of the step, where rounding does not matter: 1 in theory.
    pub fn forward_slope(&self) -> Option<f64> {
        self.slope(|errors| errors.forward)
    }

    /// The same of the central error: 2 in theory, if the loss is smooth. The kink of a `Relu` that a step crosses spoils it.
    pub fn central_slope(&self) -> Option<f64> {
        self.slope(|errors| errors.central)
    }

    /// By least squares; absent where fewer than two errors stand out from rounding, as where differences are exact.
    fn slope(&self, error: impl Fn(&Errors) -> Option<f64>) -> Option<f64> {
        let clear = |errors: &Errors| {
            Some((
                errors.step.ln(),
                error(errors).filter(|e| *e > 10.0 * errors.rounding)?.ln(),
            ))
        };
        // once rounding outweighs the error of the scheme, it does so for all smaller steps
        let points: Vec<_> = self.errors.iter().map_while(clear).collect();
        let n = points.len() as f64;
        let (x, y) = points
            .iter()
            .fold((0.0, 0.0), |(x, y), point| (x + point.0 / n, y + point.1 / n));
        let covariance: f64 = points.iter().map(|point| (point.0 - x) * (point.1 - y)).sum();
        let variance: f64 = points.iter().map(|point| (point.0 - x).powi(2)).sum();
        (points.len() > 1).then(|| covariance / variance)
    }
}

/// Checks what `rule` proposes for an arm's network with its initial weights, in double precision, on the first batch of a seed.
/// Decay and penalties belong to the optimizer and are no part of it.
///
/// # Errors
/// The rule cannot work with this network, loss or batch.
pub fn gradient_check(
    arm: &Arm,
    seed: u64,
    data: &DataSet,
    parts: &Parts,
    rule: &Rule,
) -> Result<Vec<LayerCheck>, Refusal> {
    let settings = &arm.settings;
    let mut network = settings.network.build(data, data.kind().outputs(), seed);
    // the whole net is checked: its gradient is the one that measurements know
    network.layers.iter_mut().for_each(|layer| layer.dropout = 0.0);
    let size = settings.batch.samples(parts.train.len());
    let rules = [rule.clone()];
    let started = Training::<f64>::new(seed, network, settings.loss, settings.optimizer.clone(), size, &rules);
    let mut training = started.map_err(|(_, refusal)| refusal)?;
    let mut batch = Batch::default();
    Batches::new(settings.batch, seed, data, parts).fill(Purpose::Order, 0, &mut batch);
    Ok(check(&mut training, &batch))
}

/// Checks what the trainer of a training proposes for a batch.
pub fn check(training: &mut Training<f64>, batch: &Batch<f64>) -> Vec<LayerCheck> {
    let Training {
        seed,
        network,
        loss,
        seats,
        trace,
        ..
    } = training;
    trace.input.clone_from(&batch.input);
    network.forward(trace);
    let step = Step {
        network,
        loss: *loss,
        trace,
        targets: &batch.targets,
        samples: &batch.samples,
        stream: Stream::new(*seed, Purpose::Propose, 0, 0),
    };
    let mut proposal = Proposal::default();
    seats[0].learner.propose(step, &mut proposal);
    let mut losses = Losses {
        network: network.clone(),
        loss: *loss,
        trace: trace.clone(),
        targets: &batch.targets,
    };
    let layers = 0..network.depth();
    layers
        .map(|l| {
            let mut update = Affine::zeros_like(&network.layers[l]);
            proposal.write(l, trace, &mut update);
            losses.check(l, &update, *seed)
        })
        .collect()
}

/// Difference quotients of one parameter.
struct Slopes {
    forward: f64,
    backward: f64,
    central: f64,
}

/// The losses of the batch's samples, as parameters are moved.
struct Losses<'a> {
    network: Network<f64>,
    loss: Loss,
    trace: Trace<f64>,
    targets: &'a Matrix<f64>,
}

impl Losses<'_> {
    fn check(&mut self, l: usize, update: &Affine<f64>, seed: u64) -> LayerCheck {
        let layer = &self.network.layers[l];
        let (parameters, weights) = (layer.parameters(), layer.weight.len());
        let mut chosen = chosen(layer, Stream::new(seed, Purpose::GradientCheck, l as u64, 0));
        let drawn = chosen.len();
        let base = self.above(l);
        self.leave_out_kinks(l, &base, &mut chosen);
        let value = |k: usize| {
            if k < weights {
                update.weight[k]
            } else {
                update.bias[k - weights]
            }
        };
        let expected: Vec<f64> = chosen.iter().map(|k| value(*k)).collect();
        let size = base.iter().map(|loss| loss.abs()).sum::<f64>() / base.len() as f64;
        let mut errors = Vec::new();
        for step in STEPS {
            let slopes: Vec<Slopes> = chosen.iter().map(|&k| self.slopes(l, k, step, &base)).collect();
            let forward: Vec<f64> = slopes.iter().map(|slopes| slopes.forward).collect();
            let central: Vec<f64> = slopes.iter().map(|slopes| slopes.central).collect();
            let length = norm(&expected).max(norm(&central));
            errors.push(Errors {
                step,
                forward: relative(&forward, &expected),
                central: relative(&central, &expected),
                rounding: f64::EPSILON * size / step * (chosen.len() as f64).sqrt() / length,
            });
        }
        // leave the activities of the layer as they were
        self.above(l);
        LayerCheck {
            parameters,
            checked: chosen.len(),
            kinks: drawn - chosen.len(),
            norm: norm(&expected),
            errors,
        }
    }

    /// Leaves out parameters that have no derivative where they are: the slopes on their two sides stay apart however small the step.
    fn leave_out_kinks(&mut self, l: usize, base: &[f64], chosen: &mut Vec<usize>) {
        let slopes: Vec<Slopes> = chosen.iter().map(|&k| self.slopes(l, k, LEAST, base)).collect();
        let steepest = slopes.iter().map(|slopes| slopes.central.abs()).fold(0.0, f64::max);
        let mut slopes = slopes.iter();
        chosen.retain(|_| {
            slopes
                .next()
                .is_none_or(|slopes| (slopes.forward - slopes.backward).abs() <= KINK * steepest)
        });
    }

    /// Difference quotients of the mean loss when parameter `k` of layer `l` is moved by `step`.
    fn slopes(&mut self, l: usize, k: usize, step: f64, base: &[f64]) -> Slopes {
        let present = *parameter(&mut self.network.layers[l], k);
        let (high, low) = (present + step, present - step);
        let plus = self.moved(l, k, high);
        let minus = self.moved(l, k, low);
        *parameter(&mut self.network.layers[l], k) = present;
        // over the distances really moved
        Slopes {
            forward: mean_difference(&plus, base) / (high - present),
            backward: mean_difference(base, &minus) / (present - low),
            central: mean_difference(&plus, &minus) / (high - low),
        }
    }

    /// The losses with parameter `k` of layer `l` at a value.
    fn moved(&mut self, l: usize, k: usize, value: f64) -> Vec<f64> {
        *parameter(&mut self.network.layers[l], k) = value;
        self.above(l)
    }

    /// The forward pass from layer `l` up, and the loss of each sample.
    fn above(&mut self, l: usize) -> Vec<f64> {
        for (l, layer) in self.network.layers.iter().enumerate().skip(l) {
            self.trace.ascend(l, layer);
        }
        let output = self.trace.output();
        let samples = 0..self.targets.ncols();
        samples.map(|i| self.loss.of_sample(output, self.targets, i)).collect()
    }
}

/// Which parameters are moved: weights column by column, then biases, counted through.
fn chosen(layer: &Layer<f64>, stream: Stream) -> Vec<usize> {
    let mut generator = stream.generator();
    let mut draw = |count: usize, most: usize| {
        let mut all: Vec<usize> = (0..count).collect();
        shuffle(&mut all, &mut generator);
        all.truncate(most);
        all.sort_unstable();
        all
    };
    let weights = layer.weight.len();
    let mut chosen = draw(weights, MOST);
    chosen.extend(draw(layer.bias.len(), MOST / 4).into_iter().map(|k| weights + k));
    chosen
}

fn parameter(layer: &mut Layer<f64>, k: usize) -> &mut f64 {
    let weights = layer.weight.len();
    if k < weights {
        &mut layer.weight[k]
    } else {
        &mut layer.bias[k - weights]
    }
}

/// Sample by sample, so that what samples have in common costs no digits.
fn mean_difference(plus: &[f64], minus: &[f64]) -> f64 {
    plus.iter().zip(minus).map(|(plus, minus)| plus - minus).sum::<f64>() / plus.len() as f64
}

fn norm(values: &[f64]) -> f64 {
    values.iter().map(|x| x * x).sum::<f64>().sqrt()
}

fn relative(found: &[f64], expected: &[f64]) -> Option<f64> {
    let difference: Vec<f64> = found.iter().zip(expected).map(|(d, u)| d - u).collect();
    let length = norm(found).max(norm(expected));
    (length > 0.0).then(|| norm(&difference) / length)
}
