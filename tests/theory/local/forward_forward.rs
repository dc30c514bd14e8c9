//! Prove that every layer of `ForwardForward` follows the exact gradient of its own goodness loss, and nothing else.

use crate::common::*;
use creditlab::linalg::{Matrix, Scalar};
use creditlab::loss::Loss;
use creditlab::network::{Activation, Affine, Network, Trace};
use creditlab::random::{self, Purpose, Stream};
use creditlab::rules::local::Auxiliary;
use creditlab::rules::local::forward_forward::{ForwardForward, LabelledWork};
use creditlab::rules::{After, LearningRule, Setting, Step};
use creditlab::runner::Training;
use creditlab::update::{Optimizer, Proposal, Recipe, Stepper};
use std::sync::LazyLock;

const STEP: f64 = 1e-5;
const THRESHOLD: f64 = 0.7;
const RATE: f64 = 0.3;
const RULE: ForwardForward = ForwardForward { threshold: THRESHOLD };

static OPTIMIZER: LazyLock<Recipe> = LazyLock::new(|| Optimizer::sgd(RATE).into());

fn setting(network: &Network<f64>) -> Setting<'_, f64> {
    Setting {
        network,
        loss: Loss::CROSS_ENTROPY,
        optimizer: &OPTIMIZER,
        batch: 5,
        folder: std::path::Path::new(""),
    }
}

/// A network with a batch and the clean pass on it, and what the rule owns.
struct Case {
    network: Network<f64>,
    targets: Matrix<f64>,
    trace: Trace<f64>,
    own: Auxiliary<f64>,
}

impl Case {
    fn new(network: Network<f64>, seed: u64) -> Self {
        let own = RULE
            .init(&setting(&network), Stream::new(seed, Purpose::RuleStart, 0, 0))
            .expect("a fit setting");
        let (x, y) = (
            inputs(network.inputs(), 5, seed),
            targets(Loss::CROSS_ENTROPY, network.outputs(), 5, seed),
        );
        let mut trace = Trace {
            input: x,
            ..Trace::default()
        };
        network.forward(&mut trace);
        Self {
            network,
            targets: y,
            trace,
            own,
        }
    }

    fn step(&self, k: u64) -> Step<'_, f64> {
        let stream = Stream::new(5, Purpose::Propose, 0, k);
        let Self {
            network,
            targets,
            trace,
            ..
        } = self;
        Step {
            network,
            loss: Loss::CROSS_ENTROPY,
            trace,
            targets,
            samples: &[],
            stream,
        }
    }

    /// The rule's `k`-th proposal, and the labels of both phases that it was made with.
    fn propose(&self, k: u64) -> (Proposal<f64>, LabelledWork<f64>) {
        let (mut out, mut work) = (Proposal::default(), LabelledWork::default());
        out.begin(&self.network.layers, self.trace.batch());
        RULE.propose(&self.own, &mut work, self.step(k), &mut out);
        (out, work)
    }

    fn updates(&self, k: u64) -> Vec<Affine<f64>> {
        arrays(&self.propose(k).0, &self.network, &self.trace)
    }

    /// The activity of every hidden layer of column `i` of the labels, each computed from what its layer sees; `seen` gives
    /// the input of a layer above the first from the activity below.
    fn activities(
        &self,
        network: &Network<f64>,
        v: &Matrix<f64>,
        labels: &Matrix<f64>,
        i: usize,
        seen: impl Fn(usize, &[f64]) -> Vec<f64>,
    ) -> Vec<Vec<f64>> {
        let mut all: Vec<Vec<f64>> = Vec::new();
        for (l, layer) in network.layers[..network.top()].iter().enumerate() {
            let input: Vec<f64> = match all.last() {
                None => self
                    .trace
                    .input
                    .column(i % self.trace.batch())
                    .iter()
                    .copied()
                    .collect(),
                Some(below) => seen(l, below),
            };
            let unit = |j: usize| {
                let label: f64 = (0..labels.nrows()).map(|k| v[(j, k)] * labels[(k, i)]).sum();
                let z: f64 = (0..input.len()).map(|k| layer.weight[(j, k)] * input[k]).sum::<f64>() + layer.bias[j];
                layer.activation.value(if l == 0 { z + label } else { z })
            };
            all.push((0..layer.outputs()).map(unit).collect());
        }
        all
    }

    /// What every layer sees at the present weights, for each column of the labels.
    fn inputs(&self, labels: &Matrix<f64>) -> Vec<Vec<Vec<f64>>> {
        let column = |i| {
            let all = self.activities(&self.network, self.v(), labels, i, |_, below| normalised(below));
            std::iter::once(Vec::new())
                .chain(all.iter().map(|a| normalised(a)))
                .collect()
        };
        (0..labels.ncols()).map(column).collect()
    }

    fn v(&self) -> &Matrix<f64> {
        &self.own.layers[0].weight
    }

    /// The mean over samples of `Σ_l softplus(θ − g_l⁺) + softplus(g_l⁻ − θ)`.
    fn goodness_loss(
        &self,
        network: &Network<f64>,
        v: &Matrix<f64>,
        labels: &Matrix<f64>,
        seen: impl Fn(usize, usize, &[f64]) -> Vec<f64>,
    ) -> f64 {
        let batch = self.trace.batch();
        let column = |i: usize| -> f64 {
            let sign = if i < batch { 1.0 } else { -1.0 };
            let all = self.activities(network, v, labels, i, |l, below| seen(i, l, below));
            all.iter()
                .map(|a| Scalar::softplus(sign * (THRESHOLD - goodness(a))))
                .sum()
        };
        (0..2 * batch).map(column).sum::<f64>() / batch as f64
    }
}

fn goodness(a: &[f64]) -> f64 {
    a.iter().map(|a| a * a).sum::<f64>() / a.len() as f64
}

fn normalised(a: &[f64]) -> Vec<f64> {
    let size = goodness(a).sqrt() + 1e-4;
    a.iter().map(|a| a / size).collect()
}

/// Cases whose pre-activations are far from the kink of ReLU, for the labels of the first draw.
fn cases(sizes: &[usize], hidden: Activation) -> impl Iterator<Item = Case> {
    let all = (0..40).map(move |seed| Case::new(network(sizes, hidden, Activation::Identity, seed), seed));
    let smooth = move |case: &Case| {
        let labels = case.propose(0).1.pass.labels;
        let mut network = case.network.clone();
        network
            .layers
            .iter_mut()
            .for_each(|layer| layer.activation = Activation::Identity);
        let inputs = case.inputs(&labels);
        let z = |i: usize| case.activities(&network, case.v(), &labels, i, |l, _| inputs[i][l].clone());
        hidden != Activation::Relu || (0..labels.ncols()).all(|i| z(i).iter().flatten().all(|z| z.abs() > 100.0 * STEP))
    };
    all.filter(smooth).take(3)
}

#[test]
fn each_layer_follows_the_gradient_of_its_own_goodness_loss() {
    for hidden in Activation::ALL {
        for sizes in [&[4, 6, 3][..], &[4, 6, 5, 3], &[4, 5, 4, 3, 2]] {
            let mut count = 0;
            for case in cases(sizes, hidden) {
                let (proposal, LabelledWork { pass, .. }) = case.propose(0);
                let inputs = case.inputs(&pass.labels);
                let held =
                    |n: &Network<f64>| case.goodness_loss(n, case.v(), &pass.labels, |i, l, _| inputs[i][l].clone());
                let differences = central_differences(&case.network, STEP, held);
                let update = flat(&arrays(&proposal, &case.network, &case.trace));
                let error = relative(&update, &differences);
                assert!(error <= 1e-7, "{hidden:?} {sizes:?}: {error:e}");
                assert!(!proposal.trains(case.network.top()));
                // negative controls: a wrong factor, and, with more than one hidden layer, what would flow between layers
                let wrong: Vec<_> = update.iter().map(|u| 2.0 * u).collect();
                assert!(relative(&wrong, &differences) > 0.5);
                if sizes.len() > 3 {
                    let flowing =
                        |n: &Network<f64>| case.goodness_loss(n, case.v(), &pass.labels, |_, _, a| normalised(a));
                    assert!(relative(&update, &central_differences(&case.network, STEP, flowing)) > 1e-3);
                }
                count += 1;
            }
            assert_eq!(count, 3, "{hidden:?} {sizes:?}");
        }
    }
}

#[test]
fn label_synapses_follow_the_gradient_of_the_first_layer() {
    for hidden in Activation::ALL {
        for mut case in cases(&[4, 6, 5, 3], hidden) {
            let (proposal, mut work) = case.propose(0);
            let (labels, before) = (work.pass.labels.clone(), case.v().clone());
            let inputs = case.inputs(&labels);
            let held = |v: &Matrix<f64>| case.goodness_loss(&case.network, v, &labels, |i, l, _| inputs[i][l].clone());
            let difference = |i: usize| {
                let at = |step: f64| {
                    let mut v = before.clone();
                    v[i] += step;
                    held(&v)
                };
                (at(STEP) - at(-STEP)) / (2.0 * STEP)
            };
            let differences: Vec<_> = (0..before.len()).map(difference).collect();
            let mut network = case.network.clone();
            let mut stepper = Stepper::new(Optimizer::sgd(RATE), &network.layers);
            let change = &stepper.apply(&mut network.layers, &proposal, &case.trace);
            let after = After {
                step: Step {
                    network: &network,
                    loss: Loss::CROSS_ENTROPY,
                    trace: &case.trace,
                    targets: &case.targets,
                    samples: &[],
                    stream: Stream::new(5, Purpose::Adapt, 0, 0),
                },
                proposal: &proposal,
                change,
            };
            RULE.adapt(&mut case.own, &mut work, after);
            let learned: Vec<_> = before
                .iter()
                .zip(case.v())
                .map(|(before, after)| (before - after) / RATE)
                .collect();
            let error = relative(&learned, &differences);
            assert!(error <= 1e-7, "{hidden:?}: {error:e}");
            // negative control: the positive phase alone is another gradient
            let batch = case.trace.batch();
            let positive = proposal.post(0).expect("pairs").columns(0, batch) * labels.columns(0, batch).transpose();
            let positive: Vec<_> = positive.iter().map(|u| u / batch as f64).collect();
            assert!(relative(&positive, &differences) > 1e-2);
        }
    }
}

/// The bytes of one layer's update.
fn bytes(update: &Affine<f64>) -> Vec<u64> {
    flat(std::slice::from_ref(update)).iter().map(|u| u.to_bits()).collect()
}

#[test]
fn a_layer_sees_nothing_of_the_layers_above() {
    for hidden in Activation::ALL {
        let case = Case::new(network(&[4, 6, 5, 4, 3], hidden, Activation::Identity, 1), 1);
        let before = case.updates(0);
        for changed in 1..case.network.depth() {
            let mut network = case.network.clone();
            network.layers[changed].weight *= 1.5;
            network.layers[changed].bias.add_scalar_mut(0.1);
            let after = Case::new(network, 1).updates(0);
            for l in 0..case.network.top() {
                let same = bytes(&before[l]) == bytes(&after[l]);
                // negative control: the changed layer itself, and those above it, do see the change
                assert_eq!(
                    same,
                    l < changed,
                    "{hidden:?}: layer {l} after a change of layer {changed}"
                );
            }
        }
    }
}

/// Wrong labels are one-hot, never the true one, and each other class equally often.
#[test]
fn negative_labels_are_uniform_over_the_other_classes() {
    let case = Case::new(network(&[3, 4, 5], Activation::Tanh, Activation::Identity, 2), 2);
    let draws = 2000_u32;
    let mut counts = Matrix::zeros(5, 5);
    for k in 0..draws {
        let labels = case.propose(k.into()).1.pass.labels;
        assert_eq!(labels.columns(0, 5), case.targets.columns(0, 5));
        let wrong = labels.columns(5, 5);
        assert!(
            wrong
                .column_iter()
                .all(|label| label.sum() == 1.0 && label.amax() == 1.0)
        );
        counts += wrong;
    }
    let p = 0.25;
    let (mean, sd) = (f64::from(draws) * p, (f64::from(draws) * p * (1.0 - p)).sqrt());
    for (count, truth) in counts.iter().zip(case.targets.iter()) {
        let fits = if *truth == 1.0 {
            *count == 0.0
        } else {
            (count - mean).abs() < 4.0 * sd
        };
        assert!(fits, "{count} of {draws}");
    }
}

#[test]
fn proposals_depend_on_the_stream_alone() {
    let case = Case::new(network(&[4, 6, 3], Activation::Relu, Activation::Identity, 3), 3);
    let [first, again, other] = [0, 0, 1].map(|k| bytes(&case.updates(k)[0]));
    assert_eq!(first, again);
    assert_ne!(first, other);
}

/// The score of a class is the goodness of all hidden layers with this class as the label.
#[test]
fn the_prediction_is_the_goodness_of_each_class() {
    let case = Case::new(network(&[4, 6, 5, 3], Activation::Relu, Activation::Identity, 4), 4);
    let mut trace = case.trace.clone();
    RULE.predict(&case.own, &mut LabelledWork::default(), &case.network, &mut trace);
    for class in 0..3 {
        let labels = Matrix::from_fn(3, 5, |k, _| if k == class { 1.0 } else { 0.0 });
        for i in 0..5 {
            let all = case.activities(&case.network, case.v(), &labels, i, |_, below| normalised(below));
            let score: f64 = all.iter().map(|a| goodness(a)).sum();
            assert!((trace.output().a[(class, i)] - score).abs() < 1e-12);
            assert_eq!(trace.output().a[(class, i)], trace.output().z[(class, i)]);
            // negative control: one layer alone is not the score
            assert!((goodness(&all[0]) - score).abs() > 1e-3);
        }
    }
}

/// Inputs are uniform signs and the class is the parity of the first two, so that no linear read-out of the input can tell it.
fn parity(batch: usize, step: u64) -> (Matrix<f64>, Matrix<f64>) {
    let mut generator = Stream::new(1, Purpose::Task, 0, step).generator();
    let x = Matrix::from_fn(4, batch, |_, _| {
        if random::below(2, &mut generator) == 0 {
            -1.0
        } else {
            1.0
        }
    });
    let y = Matrix::from_fn(2, batch, |k, i| {
        if (x[(0, i)] * x[(1, i)] > 0.0) == (k == 1) {
            1.0
        } else {
            0.0
        }
    });
    (x, y)
}

fn parity_training(optimizer: Optimizer) -> OnBatch<f64> {
    let network = network(&[4, 24, 24, 2], Activation::Relu, Activation::Identity, 6);
    let (x, y) = parity(16, 0);
    training(&["ForwardForward"], network, Loss::CROSS_ENTROPY, optimizer, &x, &y)
}

#[test]
fn it_learns_what_is_not_linearly_separable() {
    let accuracy = |training: &mut Training<f64>| {
        let (x, y) = parity(400, 1 << 20);
        let mut trace = Trace {
            input: x,
            ..Trace::default()
        };
        training.seats[0].learner.predict(&training.network, &mut trace);
        let output = trace.output().a;
        (0..400)
            .filter(|&i| output.column(i).imax() == y.column(i).imax())
            .count() as f64
            / 400.0
    };
    let mut training = parity_training(Optimizer::default());
    assert!(accuracy(&mut training) < 0.75);
    for step in 0..600 {
        let (x, y) = parity(16, step);
        fill(&mut training, &x, &y);
        training.step().expect("finite");
    }
    assert!(accuracy(&mut training) > 0.95);
}

#[test]
fn what_it_owns_has_names() {
    let names = |optimizer: Optimizer| {
        let mut names = Vec::new();
        let mut training = parity_training(optimizer);
        training.seats[0]
            .learner
            .visit(&mut |name, shape, _| names.push((name.to_string(), shape.to_vec())));
        names
    };
    let expected = ["layer1.label.weight", "layer1.label.velocity.weight"].map(|name| (name.to_string(), vec![24, 2]));
    assert_eq!(names(Optimizer::default()), expected);
    assert_eq!(names(Optimizer::sgd(0.1)), expected[..1]);
}

#[test]
fn it_refuses_what_it_cannot_do() {
    let refusal = |text: &str, sizes: &[usize], loss: Loss| {
        let network = network::<f64>(sizes, Activation::Relu, loss.default_output(), 1);
        let setting = Setting {
            loss,
            ..setting(&network)
        };
        let learner = rule(text).bind_f64(&setting, Stream::new(1, Purpose::RuleStart, 0, 0));
        learner.err().map(|refusal| refusal.to_string())
    };
    let says =
        |text, sizes, loss, word| assert!(refusal(text, sizes, loss).is_some_and(|message| message.contains(word)));
    says("ForwardForward", &[4, 5, 3], Loss::HALF_SQUARES, "CrossEntropy");
    says(
        "ForwardForward",
        &[4, 5, 3],
        Loss::LOGISTIC_CROSS_ENTROPY,
        "CrossEntropy",
    );
    says("ForwardForward", &[4, 3], Loss::CROSS_ENTROPY, "hidden layer");
    says("ForwardForward", &[4, 5, 1], Loss::CROSS_ENTROPY, "an output unit each");
    says(
        "ForwardForward(threshold: 0.0)",
        &[4, 5, 3],
        Loss::CROSS_ENTROPY,
        "threshold",
    );
    assert_eq!(
        refusal("ForwardForward(threshold: 2.0)", &[4, 5, 2], Loss::CROSS_ENTROPY),
        None
    );
}
