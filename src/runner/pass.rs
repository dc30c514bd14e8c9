//! Take one forward pass with its backward pass apart, and move its weights one by one.

use super::explanation::{Explanation, LayerExplanation, NUDGE, OwnedArray, WeightCheck};
use super::{Batch, Run, Training};
use crate::linalg::{Matrix, empty};
use crate::loss::Loss;
use crate::metrics::{self, Gradients, LayerGroup};
use crate::network::{Affine, Layer, Network, Trace};
use crate::random::{Purpose, Stream};
use crate::rules::{Backprop, Step};
use crate::tasks::DataSet;
use crate::update::Proposal;

/// How far a weight is moved to both sides for the central difference.
const STEP: f64 = 1e-5;
/// Nudges of a weight to either side, and the largest.
const NUDGES: (i32, f64) = (10, 1.0);
/// Examples of a batch whose derivatives are told one by one.
const EXAMPLES: usize = 6;

/// A forward pass with the exact proposal for it.
struct Exact {
    batch: Batch<f64>,
    trace: Trace<f64>,
    proposal: Proposal<f64>,
    gradient: Gradients<f64>,
}

impl Exact {
    fn new(training: &Training<f64>, batch: Batch<f64>) -> Self {
        let network = &training.network;
        let mut trace = Trace::default();
        trace.input.clone_from(&batch.input);
        network.forward(&mut trace);
        let mut proposal = Proposal::default();
        let step = step(network, training.loss, stream(training), &batch, &trace);
        Backprop::gradient(step, &mut proposal);
        let mut gradient = Gradients::for_network(network);
        gradient.write(&proposal, &trace);
        Self {
            batch,
            trace,
            proposal,
            gradient,
        }
    }
}

fn stream(training: &Training<f64>) -> Stream {
    Stream::new(training.seed, Purpose::Probe, 0, training.step)
}

fn step<'s>(
    network: &'s Network<f64>,
    loss: Loss,
    stream: Stream,
    batch: &'s Batch<f64>,
    trace: &'s Trace<f64>,
) -> Step<'s, f64> {
    Step {
        network,
        loss,
        trace,
        targets: &batch.targets,
        samples: &batch.samples,
        stream,
    }
}

/// What is looked at, with the exact gradient and what the rule of the run has in its place.
pub struct Pass<'r, 'a> {
    run: &'r Run<'a, f64>,
    looked: Exact,
    own: Proposal<f64>,
    owned: Vec<OwnedArray>,
    update: Gradients<f64>,
    /// The batch that the next step is taken on, and its first few samples one by one.
    next: Exact,
    examples: Vec<Exact>,
}

impl<'r, 'a> Pass<'r, 'a> {
    /// Goes up and down on samples of `data`, with the exact gradient and with the rule of the run; without any, on the batch of the
    /// next step.
    pub fn new(run: &'r mut Run<'a, f64>, data: &DataSet, samples: Option<&[u32]>) -> Self {
        let batch = |samples: &[u32]| {
            let mut batch = Batch::default();
            data.gather(samples, &mut batch.input, &mut batch.targets);
            batch.samples = samples.to_vec();
            batch
        };
        let next = run.next_batch().samples.clone();
        let training = &mut run.training;
        let looked = Exact::new(training, batch(samples.unwrap_or(&next)));
        let examples = next.iter().take(EXAMPLES);
        let examples = examples.map(|sample| Exact::new(training, batch(&[*sample]))).collect();
        let next = Exact::new(training, batch(&next));
        let stream = stream(training);
        let step = step(&training.network, training.loss, stream, &looked.batch, &looked.trace);
        let mut own = Proposal::default();
        training.seats[0].learner.probe(step, &mut own);
        let mut owned = Vec::new();
        training.seats[0].learner.visit(&mut |name, shape, values| {
            owned.push(OwnedArray {
                name: name.to_owned(),
                shape: shape.to_vec(),
                norm: values.iter().map(|x| x * x).sum::<f64>().sqrt(),
            });
        });
        let mut update = Gradients::for_network(&training.network);
        update.write(&own, &looked.trace);
        Self {
            run,
            looked,
            own,
            owned,
            update,
            next,
            examples,
        }
    }

    /// All that there is to see, with so many weights of each layer moved.
    pub fn explanation(&self, moved_weights: usize) -> Explanation {
        let network = &self.run.training.network;
        let compared = metrics::gradient(&self.update, &self.looked.gradient);
        let of_group = |group| {
            compared
                .iter()
                .find(|(found, _)| *found == group)
                .map(|(_, found)| *found)
        };
        let layers = network.layers.iter().enumerate().map(|(l, layer)| {
            let found = of_group(LayerGroup::Layer(l));
            LayerExplanation {
                angle: found.map(|found| found.angle),
                norm_ratio: found.map(|found| found.norm_ratio),
                ..self.layer(l, layer, moved_weights)
            }
        });
        Explanation {
            samples: self.looked.batch.samples.clone(),
            input: mean(&self.looked.batch.input),
            target: mean(&self.looked.batch.targets),
            output: mean(self.looked.trace.output().a),
            loss: self.run.training.loss,
            cost: self.looked.batch.cost(network, self.run.training.loss),
            examples: self.examples.iter().map(|example| example.batch.samples[0]).collect(),
            batch: self.next.batch.samples.len(),
            layers: layers.collect(),
            angle: of_group(LayerGroup::All).map(|found| found.angle),
            owned: self.owned.clone(),
        }
    }

    fn layer(&self, l: usize, layer: &Layer<f64>, moved_weights: usize) -> LayerExplanation {
        let training = &self.run.training;
        let (z, a) = (&self.looked.trace.z[l], self.looked.trace.units(l));
        let slope = z.zip_map(a, |z, a| layer.activation.slope(z, a));
        let feedback = metrics::feedback(training.seats[0].learner.as_ref(), &training.network);
        let angle = feedback.iter().find(|(group, _)| *group == LayerGroup::Layer(l));
        let path = training.seats[0].learner.feedback(&training.network, l, &mut empty());
        LayerExplanation {
            activation: format!("{:?}", layer.activation),
            shape: (self.looked.trace.below(l).nrows(), z.nrows()),
            z: mean(z),
            a: mean(a),
            slope: mean(&slope),
            parameters: Affine {
                weight: layer.weight.clone(),
                bias: layer.bias.clone(),
            },
            is_dense: layer.wiring.map().is_none(),
            gradient: self.looked.gradient.weight(l).cloned(),
            own: self.update.weight(l).cloned(),
            wishes: self.wishes(l),
            delta: self.looked.proposal.delta(l).map(mean).unwrap_or_default(),
            own_delta: self.own.delta(l).map(mean),
            feedback: path.zip(angle.map(|(_, found)| found.angle)),
            trained: self.update.trains(l),
            angle: None,
            norm_ratio: None,
            checks: self.checks(l, moved_weights),
        }
    }

    /// What the cost wishes of what layer `l` hands up.
    fn wishes(&self, l: usize) -> Vec<f64> {
        let network = &self.run.training.network;
        if l == network.top() {
            let (wanted, answered) = (mean(&self.looked.batch.targets), mean(self.looked.trace.output().a));
            return wanted.iter().zip(&answered).map(|(y, a)| y - a).collect();
        }
        let Some(delta) = self.looked.proposal.delta(l + 1) else {
            return Vec::new();
        };
        let above = &network.layers[l + 1];
        let mut below = empty();
        above.pull(&above.weight, delta, &mut below);
        mean(&below).iter().map(|slope| -slope).collect()
    }

    /// So many weights of a layer, those whose derivatives are the largest, each moved.
    fn checks(&self, l: usize, moved_weights: usize) -> Vec<WeightCheck> {
        let [Some(derivatives), _] = self.looked.gradient.pieces(l) else {
            return Vec::new();
        };
        let mut order: Vec<usize> = (0..derivatives.len()).filter(|i| derivatives[*i] != 0.0).collect();
        order.sort_by(|i, j| derivatives[*j].abs().total_cmp(&derivatives[*i].abs()));
        let mut network = self.run.training.network.clone();
        let loss = self.run.training.loss;
        let cost = self.looked.batch.cost(&network, loss);
        let own = self.update.pieces(l)[0];
        let of = |exact: &Exact, i: usize| exact.gradient.pieces(l)[0].map_or(0.0, |pieces| pieces[i]);
        let check = |i: usize| {
            let rows = network.layers[l].weight.nrows();
            let weight = network.layers[l].weight.as_slice()[i];
            let mut moved = |by: f64| {
                network.layers[l].weight.as_mut_slice()[i] = weight + by;
                let cost = self.looked.batch.cost(&network, loss);
                network.layers[l].weight.as_mut_slice()[i] = weight;
                cost
            };
            let (each_side, largest) = NUDGES;
            let nudge = |i: i32| largest * f64::from(i) / f64::from(each_side);
            WeightCheck {
                place: (i % rows, i / rows),
                weight,
                derivative: derivatives[i],
                central: (moved(STEP) - moved(-STEP)) / (2.0 * STEP),
                nudged: (moved(NUDGE) - cost) / NUDGE,
                own: own.map(|own| own[i]),
                curve: (-each_side..=each_side).map(|i| (nudge(i), moved(nudge(i)))).collect(),
                of_examples: self.examples.iter().map(|example| of(example, i)).collect(),
                of_batch: of(&self.next, i),
            }
        };
        order.into_iter().take(moved_weights).map(check).collect()
    }
}

/// The mean over samples, which are columns.
fn mean(columns: &Matrix<f64>) -> Vec<f64> {
    columns.column_mean().iter().copied().collect()
}
