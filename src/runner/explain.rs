//! Take one pass apart: every quantity of the forward and the backward pass, the update of a rule beside the exact gradient, and finite
//! differences beside that.

use super::{Batch, Diverged, Run};
use crate::experiment::Arm;
use crate::linalg::{Matrix, empty};
use crate::loss::Loss;
use crate::metrics::{self, Gradients, LayerGroup};
use crate::network::{Layer, Network, Trace};
use crate::random::{Purpose, Stream};
use crate::rules::{Backprop, FeedbackPath, Refusal, Step};
use crate::tasks::{DataSet, Parts};
use crate::update::Proposal;

/// How far a weight is moved to both sides for the central difference.
const STEP: f64 = 1e-5;
/// How far a weight is nudged, as one would by hand.
pub const NUDGE: f64 = 0.01;
/// Weights of a layer that are moved.
const CHECKED: usize = 3;

/// Which samples are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Looked {
    /// One sample of the training part, by its place there.
    Sample(usize),
    /// The batch that the next step is taken on; quantities are means over it.
    Batch,
}

/// Why a pass could not be taken apart.
#[derive(Debug)]
pub enum Unexplained {
    /// The rule cannot work here.
    Refused(Refusal),
    /// The run diverged after so many steps.
    Diverged(u64),
    /// It ends after so many steps.
    Ended(u64),
    /// The training part has so many samples only.
    NoSample(usize),
}

/// A pass, taken apart, in double precision.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// Rows of the data set that were looked at.
    pub samples: Vec<u32>,
    /// What the first layer sees, a mean over these samples, as all that follows.
    pub input: Vec<f64>,
    /// What the outputs should be.
    pub target: Vec<f64>,
    /// What the outputs are: shares where the loss makes shares of them.
    pub output: Vec<f64>,
    /// What is minimised.
    pub loss: Loss,
    /// Its value `C`, the mean over the samples.
    pub cost: f64,
    /// From the input on.
    pub layers: Vec<LayerExplanation>,
    /// Angle in degrees between the update of the rule and the exact gradient, over all layers.
    pub angle: Option<f64>,
}

/// One layer, taken apart.
#[derive(Clone, Debug)]
pub struct LayerExplanation {
    /// The layer: what it has for an activation, and how many units it sees and has.
    pub activation: String,
    /// Units that it sees, and units that it has.
    pub shape: (usize, usize),
    /// `z`, unit by unit.
    pub z: Vec<f64>,
    /// `a = φ(z)`.
    pub a: Vec<f64>,
    /// `φ'(z)`.
    pub slope: Vec<f64>,
    /// `δ = ∂C/∂z`.
    pub delta: Vec<f64>,
    /// What the rule has in its place, where it has an error signal a unit.
    pub own_delta: Option<Vec<f64>>,
    /// How the rule's feedback weights lie to what they stand for, in degrees, and whether they lead from the output directly.
    pub feedback: Option<(FeedbackPath, f64)>,
    /// Whether the rule trains the layer.
    pub trained: bool,
    /// Angle in degrees between the rule's update and the exact gradient.
    pub angle: Option<f64>,
    /// Norm of the rule's update over that of the exact gradient.
    pub norm_ratio: Option<f64>,
    /// The weights with the largest derivatives; none where all of them are 0.
    pub checks: Vec<WeightCheck>,
}

/// One weight, its derivative, and what moving it does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WeightCheck {
    /// The unit that it leads to, and the one that it comes from; of weights that are shared, the row and column of their array.
    pub place: (usize, usize),
    /// `w`.
    pub weight: f64,
    /// `∂C/∂w` as the backward pass has it.
    pub derivative: f64,
    /// `(C(w + h) − C(w − h)) / 2h` with a small `h`.
    pub central: f64,
    /// `(C(w + nudge) − C(w)) / nudge`.
    pub nudged: f64,
    /// What the rule has in the place of the derivative, where it trains the layer.
    pub own: Option<f64>,
}

/// Takes a run of so many steps, in double precision, and takes its next pass apart.
///
/// # Errors
/// See [`Unexplained`].
pub fn explain(
    arm: &Arm,
    seed: u64,
    data: &DataSet,
    parts: &Parts,
    step: u64,
    looked: Looked,
) -> Result<Explanation, Unexplained> {
    let mut run = Run::<f64>::new(arm, seed, data, parts).map_err(Unexplained::Refused)?;
    run.go_to(step)
        .map_err(|Diverged { step }| Unexplained::Diverged(step))?;
    if run.training.step < step {
        return Err(Unexplained::Ended(run.training.step));
    }
    let samples = match looked {
        Looked::Batch => run.next_batch().samples.clone(),
        Looked::Sample(place) => match parts.train.get(place) {
            Some(sample) => vec![*sample],
            None => return Err(Unexplained::NoSample(parts.train.len())),
        },
    };
    let mut batch = Batch::default();
    data.gather(&samples, &mut batch.input, &mut batch.targets);
    batch.samples = samples;
    Ok(Pass::new(&mut run, batch).explanation())
}

/// A forward pass with two proposals for it.
struct Pass<'r, 'a> {
    run: &'r Run<'a, f64>,
    batch: Batch<f64>,
    trace: Trace<f64>,
    exact: Proposal<f64>,
    own: Proposal<f64>,
    gradient: Gradients<f64>,
    update: Gradients<f64>,
}

impl<'r, 'a> Pass<'r, 'a> {
    fn new(run: &'r mut Run<'a, f64>, batch: Batch<f64>) -> Self {
        let training = &mut run.training;
        let mut trace = Trace::default();
        trace.input.clone_from(&batch.input);
        training.network.forward(&mut trace);
        let (mut exact, mut own) = (Proposal::default(), Proposal::default());
        let step = Step {
            network: &training.network,
            loss: training.loss,
            trace: &trace,
            targets: &batch.targets,
            samples: &batch.samples,
            stream: Stream::new(training.seed, Purpose::Probe, 0, training.step),
        };
        Backprop::gradient(step, &mut exact);
        training.seats[0].learner.probe(step, &mut own);
        let mut gradient = Gradients::for_network(&training.network);
        let mut update = gradient.clone();
        gradient.write(&exact, &trace);
        update.write(&own, &trace);
        Self {
            run,
            batch,
            trace,
            exact,
            own,
            gradient,
            update,
        }
    }

    fn explanation(&self) -> Explanation {
        let network = &self.run.training.network;
        let compared = metrics::gradient(&self.update, &self.gradient);
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
                ..self.layer(l, layer)
            }
        });
        Explanation {
            samples: self.batch.samples.clone(),
            input: mean(&self.batch.input),
            target: mean(&self.batch.targets),
            output: mean(self.trace.output().a),
            loss: self.run.training.loss,
            cost: self.cost(network),
            layers: layers.collect(),
            angle: of_group(LayerGroup::All).map(|found| found.angle),
        }
    }

    fn layer(&self, l: usize, layer: &Layer<f64>) -> LayerExplanation {
        let training = &self.run.training;
        let (z, a) = (&self.trace.z[l], self.trace.units(l));
        let slope = z.zip_map(a, |z, a| layer.activation.slope(z, a));
        let feedback = metrics::feedback(training.seats[0].learner.as_ref(), &training.network);
        let angle = feedback.iter().find(|(group, _)| *group == LayerGroup::Layer(l));
        let path = training.seats[0].learner.feedback(&training.network, l, &mut empty());
        LayerExplanation {
            activation: format!("{:?}", layer.activation),
            shape: (self.trace.below(l).nrows(), z.nrows()),
            z: mean(z),
            a: mean(a),
            slope: mean(&slope),
            delta: self.exact.delta(l).map(mean).unwrap_or_default(),
            own_delta: self.own.delta(l).map(mean),
            feedback: path.zip(angle.map(|(_, found)| found.angle)),
            trained: self.update.trains(l),
            angle: None,
            norm_ratio: None,
            checks: self.checks(l),
        }
    }

    /// The weights of a layer whose derivatives are the largest, each moved.
    fn checks(&self, l: usize) -> Vec<WeightCheck> {
        let [Some(derivatives), _] = self.gradient.pieces(l) else {
            return Vec::new();
        };
        let mut order: Vec<usize> = (0..derivatives.len()).filter(|i| derivatives[*i] != 0.0).collect();
        order.sort_by(|i, j| derivatives[*j].abs().total_cmp(&derivatives[*i].abs()));
        let mut network = self.run.training.network.clone();
        let cost = self.cost(&network);
        let own = self.update.pieces(l)[0];
        let check = |i: &usize| {
            let rows = network.layers[l].weight.nrows();
            let mut moved = |by: f64| {
                let before = network.layers[l].weight.as_slice()[*i];
                network.layers[l].weight.as_mut_slice()[*i] = before + by;
                let cost = self.cost(&network);
                network.layers[l].weight.as_mut_slice()[*i] = before;
                cost
            };
            let central = (moved(STEP) - moved(-STEP)) / (2.0 * STEP);
            let nudged = (moved(NUDGE) - cost) / NUDGE;
            WeightCheck {
                place: (i % rows, i / rows),
                weight: self.run.training.network.layers[l].weight.as_slice()[*i],
                derivative: derivatives[*i],
                central,
                nudged,
                own: own.map(|own| own[*i]),
            }
        };
        order.iter().take(CHECKED).map(check).collect()
    }

    /// `C` of a network on the samples.
    fn cost(&self, network: &Network<f64>) -> f64 {
        let mut trace = Trace::default();
        trace.input.clone_from(&self.batch.input);
        network.forward(&mut trace);
        self.run.training.loss.mean(trace.output(), &self.batch.targets)
    }
}

/// The mean over samples, which are columns.
fn mean(columns: &Matrix<f64>) -> Vec<f64> {
    columns.column_mean().iter().copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::Plan;
    use crate::rules::builtin;
    use crate::tasks::DataFolders;

    fn explained(arms: &str, step: u64, looked: Looked) -> Result<Explanation, Unexplained> {
        let text = format!(
            "(task: Xor(samples: 40, test: 10), network: (hidden: [5, 4], activation: Tanh), batch: 8, stop: Steps(12), seeds: 1, \
             loss: HalfSquares, arms: [{arms}])"
        );
        let plan = Plan::from_text(&text, &builtin()).unwrap_or_else(|fault| panic!("{fault}"));
        let data = plan
            .load(&DataFolders::none())
            .unwrap_or_else(|fault| panic!("{fault}"));
        let (parts, data) = plan.of_run(&data, 0).unwrap();
        explain(&plan.arms[0], 0, &data, &parts, step, looked)
    }

    /// Nielsen's BP1 to BP4 on one sample, by hand from what is shown.
    #[test]
    fn what_is_shown_of_a_sample_obeys_the_four_equations() {
        let shown = explained("Backprop", 7, Looked::Sample(3)).unwrap();
        let close = |a: f64, b: f64| assert!((a - b).abs() <= 1e-12 * (1.0 + a.abs()), "{a} {b}");
        let top = shown.layers.last().unwrap();
        for j in 0..top.z.len() {
            close(top.delta[j], (top.a[j] - shown.target[j]) * top.slope[j]);
        }
        let mut below = &shown.input;
        for layer in &shown.layers {
            for check in &layer.checks {
                let (j, k) = check.place;
                close(check.derivative, layer.delta[j] * below[k]);
                // a difference of second order with a step of 1e-5, and rounding of C over twice the step
                assert!(
                    (check.central - check.derivative).abs() < 1e-8 * (1.0 + check.derivative.abs()),
                    "{check:?}"
                );
                assert_eq!(check.own, Some(check.derivative));
                // of first order
                assert!((check.nudged - check.derivative).abs() < 10.0 * NUDGE, "{check:?}");
            }
            for (a, (z, slope)) in layer.a.iter().zip(layer.z.iter().zip(&layer.slope)) {
                if layer.activation == "Tanh" {
                    close(*a, z.tanh());
                    close(*slope, 1.0 - a * a);
                }
            }
            assert_eq!((layer.angle.map(f64::round), layer.feedback), (Some(0.0), None));
            below = &layer.a;
        }
    }

    #[test]
    fn a_rule_that_is_not_exact_is_shown_beside_what_is() {
        let shown = explained("FeedbackAlignment", 3, Looked::Batch).unwrap();
        assert_eq!(shown.samples.len(), 8);
        let [first, second, top] = &shown.layers[..] else {
            panic!("three layers")
        };
        assert!(first.angle.unwrap() > 1.0 && top.angle.unwrap() < 1e-4);
        assert_eq!(top.own_delta.as_ref(), Some(&top.delta));
        assert_ne!(first.own_delta.as_ref(), Some(&first.delta));
        assert!(first.feedback.is_none(), "nothing is carried below the first layer");
        let (path, angle) = second.feedback.unwrap();
        assert!(path == FeedbackPath::Sequential && angle > 1.0);
    }

    #[test]
    fn what_cannot_be_shown_is_said() {
        assert!(matches!(
            explained("Backprop", 13, Looked::Batch),
            Err(Unexplained::Ended(12))
        ));
        let beyond = explained("Backprop", 0, Looked::Sample(1000));
        assert!(
            matches!(beyond, Err(Unexplained::NoSample(32..=40))),
            "{:?}",
            beyond.err()
        );
        let wild = "(rule: Backprop, optimizer: Sgd(learning_rate: 1e30))";
        assert!(matches!(
            explained(wild, 12, Looked::Batch),
            Err(Unexplained::Diverged(_))
        ));
    }
}
