//! Change one quantity of a small training and watch the update.

use crate::conformance::case::{Case, Numbers, batch, near, select};
use crate::linalg::Matrix;
use crate::loss::Loss;
use crate::network::{Activation, Network, Trace};
use crate::random::{Purpose, Stream};
use crate::rules::{Needs, Step};
use crate::runner::{Batch, Training};
use crate::update::Proposal;

/// Relative difference above which numbers are taken for others; rounding stays far below it.
const OTHER: f64 = 1e-6;

/// What an experiment found; absent where it can tell nothing.
pub type Found = Option<bool>;

/// A training that has not begun, and a batch.
pub struct Experiment<'a> {
    case: &'a Case<'a>,
    needs: Needs,
    training: Training<f64>,
    batch: Batch<f64>,
    /// The network of the training, and its forward pass.
    network: Network<f64>,
    pass: Trace<f64>,
}

impl<'a> Experiment<'a> {
    pub fn new(case: &'a Case<'a>) -> Result<Self, String> {
        let training = case.alone::<f64>()?;
        let batch = batch(case.setup, case.setup.batch, 1000);
        let network = training.network.clone();
        let pass = forward(&network, &batch.input);
        Ok(Self {
            case,
            needs: case.rule.needs(),
            training,
            batch,
            network,
            pass,
        })
    }

    /// With other weights above it the lowest layer has another update.
    pub fn update_locking(&mut self) -> Found {
        let other = self.turned();
        let pass = forward(&other, &self.batch.input);
        self.lowest_differs(&other, &pass)
    }

    /// So it has with the same forward pass. A rule that makes another one would see it change.
    pub fn weight_transport(&mut self) -> Found {
        let Needs {
            weight_transport,
            update_locking,
            forward_passes,
            ..
        } = self.needs;
        // what a rule transports within a layer is its own, which nothing here changes
        if forward_passes != 1 || (weight_transport && !update_locking) {
            return None;
        }
        let (other, pass) = (self.turned(), self.pass.clone());
        self.lowest_differs(&other, &pass)
    }

    /// With other units and the same forward pass some layer has another update.
    pub fn slope(&mut self) -> Found {
        if self.needs.forward_passes != 1 {
            return None;
        }
        let mut other = self.network.clone();
        for layer in &mut other.layers {
            layer.activation = match layer.activation {
                Activation::Identity => Activation::Tanh,
                _ => Activation::Identity,
            };
        }
        let usual = self.usual();
        let differs = self.update(&other, &self.pass.clone(), &self.batch.targets.clone()) != usual;
        // another activation is another slope, but not only that: a rule that does not declare it may ask for activities
        (self.needs.slope || !differs).then_some(differs)
    }

    /// The proposal of a batch is not the mean of those of its samples.
    pub fn batch_statistics(&mut self) -> Found {
        if !self.needs.batch_statistics {
            return None;
        }
        let (batch, size) = (self.batch.clone(), self.batch.samples.len());
        let whole = self.case.probe(&mut self.training, &batch, 0).flat();
        let mut mean = vec![0.0; whole.len()];
        for i in 0..size {
            let one = self.case.probe(&mut self.training, &select(&batch, &[i]), 0).flat();
            mean.iter_mut().zip(one).for_each(|(mean, x)| *mean += x / size as f64);
        }
        Some(near::<f64>("", &whole, &mean, 1e-9, 1e-9).is_err())
    }

    /// The layers below the output have another update with another label, where neither the error nor the output's activity tells of it.
    ///
    /// Output and target that move together leave squared errors as they are: what stays the same then knows the label by its error alone. What
    /// does not may know the output's activity, which is no label; unless it stays the same where the output moves without the target.
    pub fn label_inside(&mut self) -> Found {
        let usual = self.hidden(&self.network.clone(), &self.batch.targets.clone())?;
        let mut moved = self.network.clone();
        let top = moved.top();
        if moved.layers[top].bias.is_empty() {
            return None;
        }
        let shift = |k: usize| if k.is_multiple_of(2) { 0.75 } else { -0.5 };
        for (k, bias) in moved.layers[top].bias.iter_mut().enumerate() {
            *bias += shift(k);
        }
        let mut targets = self.batch.targets.clone();
        let outputs = targets.nrows();
        let together = if self.has_plain_squares() {
            for mut target in targets.column_iter_mut() {
                target.iter_mut().enumerate().for_each(|(k, y)| *y += shift(k));
            }
            self.hidden(&moved, &targets)?
        } else {
            targets
                .as_mut_slice()
                .chunks_exact_mut(outputs)
                .for_each(|target| target.rotate_left(1));
            self.hidden(&self.network.clone(), &targets)?
        };
        if is_same(&together, &usual) {
            return Some(false);
        }
        let alone = self.hidden(&moved, &self.batch.targets.clone())?;
        (self.needs.label_inside || is_same(&alone, &usual)).then_some(true)
    }

    /// Some layer has another update where half of the errors at the output have the other sign, of all outputs and samples in turn.
    ///
    /// That no layer needs to carry errors, where it is not declared, nothing can tell: `ForwardMode` proposes what `Backprop` does.
    pub fn signed_errors(&mut self) -> Found {
        if !self.needs.signed_errors {
            return None;
        }
        let usual = self.usual().concat();
        let without = self.case.errorless_targets(&mut self.training, &self.batch.input);
        let mut mirrored = self.batch.targets.clone();
        for (i, mut target) in mirrored.column_iter_mut().enumerate() {
            for (k, y) in target.iter_mut().enumerate().skip(i % 2).step_by(2) {
                *y = 2.0 * without[(k, i)] - *y;
            }
        }
        let other = self.update(&self.network.clone(), &self.pass.clone(), &mirrored);
        Some(!is_same(&other.concat(), &usual))
    }

    /// Units act on each other, and each on the other as the other on it: what a bias of one does to the activity of another, the bias of the
    /// other does to it. So it is at rest, and nearly before, where weights are symmetric (as for any response of what minimises an energy).
    ///
    /// Seen in what a rule itself predicts, with outputs that show the units of the layer below them.
    pub fn symmetric_weights(&mut self) -> Found {
        let mut network = self.network.clone();
        let (top, outputs) = (network.top(), network.outputs());
        // with a layer below them to act through
        let shown = network.layers.get(top.checked_sub(1).filter(|l| *l > 0)?)?;
        let (units, biases) = (shown.outputs(), shown.bias.len());
        let shows = shown.pool.is_none() && biases == units && units >= outputs && outputs > 1;
        if !self.case.rule.predicts() || !shows || network.layers[top].activation != Activation::Identity {
            return None;
        }
        // states that act weakly on each other are soon at rest
        for layer in &mut network.layers[1..top] {
            layer.weight *= 0.5;
        }
        network.layers[top].weight.fill(0.0);
        network.layers[top].weight.fill_diagonal(1.0);
        network.layers[top].bias.fill(0.0);
        let mut predict = |network: &Network<f64>| {
            let mut trace = Trace {
                input: self.batch.input.clone(),
                ..Trace::default()
            };
            self.training.seats[0].learner.predict(network, &mut trace);
            trace.output().a.clone()
        };
        let usual = predict(&network);
        let change = 1e-4;
        let responses: Vec<Matrix<f64>> = (0..outputs)
            .map(|unit| {
                let mut other = network.clone();
                other.layers[top - 1].bias[unit] += change;
                predict(&other).zip_map(&usual, |other, usual| (other - usual) / change)
            })
            .collect();
        let (mut there, mut back) = (Vec::new(), Vec::new());
        for one in 0..outputs {
            for other in 0..one {
                there.extend(responses[one].row(other).iter());
                back.extend(responses[other].row(one).iter());
            }
        }
        let acts = there.iter().chain(&back).any(|response: &f64| response.abs() > OTHER);
        Some(acts && near::<f64>("", &there, &back, 0.0, NEARLY_SYMMETRIC).is_ok())
    }

    /// The network with the weights of all layers but the lowest in another order.
    fn turned(&self) -> Network<f64> {
        let mut other = self.network.clone();
        for layer in &mut other.layers[1..] {
            layer.weight.as_mut_slice().reverse();
        }
        other
    }

    fn has_plain_squares(&self) -> bool {
        let squares = matches!(self.training.loss, Loss::HalfSquares { .. } | Loss::Squares { .. });
        squares && self.network.layers[self.network.top()].activation == Activation::Identity
    }

    /// Whether the lowest layer has another update; absent where it is left alone.
    fn lowest_differs(&mut self, network: &Network<f64>, pass: &Trace<f64>) -> Found {
        let usual = self.usual().swap_remove(0);
        let targets = self.batch.targets.clone();
        let other = self.update(network, pass, &targets).swap_remove(0);
        usual.iter().any(|u| *u != 0.0).then(|| other != usual)
    }

    /// What is proposed for the layers below the output with a forward pass of this network; absent where they are left alone.
    fn hidden(&mut self, network: &Network<f64>, targets: &Matrix<f64>) -> Option<Vec<f64>> {
        let pass = forward(network, &self.batch.input);
        let mut update = self.update(network, &pass, targets);
        update.pop();
        let hidden = update.concat();
        hidden.iter().any(|u| *u != 0.0).then_some(hidden)
    }

    /// What is proposed for each layer as things are.
    fn usual(&mut self) -> Vec<Vec<f64>> {
        self.update(&self.network.clone(), &self.pass.clone(), &self.batch.targets.clone())
    }

    /// What is proposed for each layer; nothing where it is left alone.
    fn update(&mut self, network: &Network<f64>, trace: &Trace<f64>, targets: &Matrix<f64>) -> Vec<Vec<f64>> {
        let step = Step {
            network,
            loss: self.training.loss,
            trace,
            targets,
            samples: &self.batch.samples,
            stream: Stream::new(1, Purpose::Probe, 0, 0),
        };
        let mut proposal = Proposal::default();
        self.training.seats[0].learner.probe(step, &mut proposal);
        let layers = Numbers::of(&proposal, network, trace).layers;
        layers.into_iter().map(Option::unwrap_or_default).collect()
    }
}

/// How far the responses of units that have nearly come to rest may be from symmetric ones, relatively.
const NEARLY_SYMMETRIC: f64 = 0.05;

fn is_same(u: &[f64], v: &[f64]) -> bool {
    near::<f64>("", u, v, OTHER, OTHER).is_ok()
}

fn forward(network: &Network<f64>, input: &Matrix<f64>) -> Trace<f64> {
    let mut trace = Trace {
        input: input.clone(),
        ..Trace::default()
    };
    network.forward(&mut trace);
    trace
}
