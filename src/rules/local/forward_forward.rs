//! Let every layer learn alone to be active for true labels and quiet for false ones.

use super::Auxiliary;
use crate::cost;
use crate::linalg::{
    Matrix, Scalar, add_scaled, add_to_columns, assign, reshape, scale_columns, square_columns, zeroed,
};
use crate::loss::Loss;
use crate::network::{Activation, Layer, Network, Trace};
use crate::random::{self, Generator, Stream};
use crate::references;
use crate::rules::shared::{has_hidden_layer, positive, require};
use crate::rules::{After, LearningRule, Needs, Refusal, Setting, Step};
use crate::update::Proposal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The forward-forward algorithm (Hinton 2022): no backward pass, but a second forward pass on negative data. Each hidden layer
/// has a loss of its own,
///
/// `C_l = softplus(θ − g_l⁺) + softplus(g_l⁻ − θ)`, with the goodness `g_l = mean_j a_{l,j}²` of its units,
///
/// and follows its gradient with its input held fixed, `δ_l = ∂C_l/∂z_l = ∓ σ(±(θ − g_l)) (2 / n_l) a_l ∘ φ'(z_l)`. Positive data
/// are the samples with their labels, negative data the same samples with a wrong label, drawn anew at each step, uniformly from
/// the other classes.
///
/// Labels reach the first layer through synapses `V` that the rule owns, so that the network keeps its input:
/// `z_1 = W_1 x + b_1 + V y`. A layer above sees only the direction of the activity below, `a / (rms(a) + ε)`, so that it cannot
/// read the goodness that the layer below has already achieved; no gradient goes through this normalisation.
///
/// The output layer is not used and stays as it was drawn. The prediction tries each class as the label; its logit is the goodness
/// summed over the hidden layers. Since each layer takes `σ(g_l − θ)` for the probability that a label is true, `g_l − θ` is its
/// log odds, which add where witnesses are independent. The paper leaves out the first layer where there are several; here
/// the labels enter at the first layer, which is the best witness, so it counts too.
///
/// Where a layer pools, `a` is what comes of it: goodness and normalisation are over all of that, and labels reach the units.
///
/// Bounded units have goodness of at most 1, so their logits lie close together: classes are told apart, but the cross-entropy of
/// the scores stays near that of chance. Gradients are small, by the factor `2 / n_l`: rates of 0.1 to 1 suit.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ForwardForward {
    /// `θ`, what separates the goodness of true labels from that of false ones; at 1 it is the mean square of what a layer above
    /// the first receives.
    pub threshold: f64,
}

impl Default for ForwardForward {
    fn default() -> Self {
        Self { threshold: 1.0 }
    }
}

/// A pass through the hidden layers with labels, one layer at a time.
#[derive(Debug, Default)]
pub struct LabelledPass<T: Scalar> {
    /// One label for each column of the pass; in a proposal `[y, wrong y]`.
    pub labels: Matrix<T>,
    /// The pass through one layer.
    here: Trace<T>,
    /// `g_l` of each column.
    goodness: Vec<T>,
    /// What brings each column to the length that the layer above sees.
    factors: Vec<T>,
}

impl<T: Scalar> LabelledPass<T> {
    /// Enters the first layer with the labels: `clean` is `W_1 x + b_1`, whose columns the phases of the labels share.
    fn enter(&mut self, layer: &Layer<T>, v: &Layer<T>, clean: &Matrix<T>) {
        let Self { labels, here, .. } = self;
        here.fit(1);
        let z = &mut here.z[0];
        cost::aside(|| v.push(&v.weight, &v.bias, labels, z));
        for phase in z.as_mut_slice().chunks_exact_mut(clean.len()) {
            add_scaled(phase, T::ONE, clean.as_slice());
        }
        self.activate(layer);
    }

    /// Enters the first layer with one label for all columns, which `drive` is `V y` of.
    fn enter_alike(&mut self, layer: &Layer<T>, drive: &[T], clean: &Matrix<T>) {
        self.here.fit(1);
        add_to_columns(drive, clean, &mut self.here.z[0]);
        self.activate(layer);
    }

    /// Goes up to a layer from the one below; `input` is what it sees, `a / (rms(a) + ε)`, column by column; silence stays silence.
    fn ascend(&mut self, layer: &Layer<T>, input: &mut Matrix<T>) {
        let factor = |goodness: &T| T::ONE / (goodness.sqrt() + T::of(1e-4));
        self.factors.clear();
        self.factors.extend(self.goodness.iter().map(factor));
        scale_columns(&self.here.a[0], &self.factors, input);
        layer.push(&layer.weight, &layer.bias, input, &mut self.here.z[0]);
        self.activate(layer);
    }

    /// The activity `a_l`, and the goodness `mean_j a_j²` of each column.
    fn activate(&mut self, layer: &Layer<T>) {
        self.here.activate(0, layer);
        let a = &self.here.a[0];
        square_columns(a, &mut self.goodness);
        let units = T::of(a.nrows() as f64);
        self.goodness.iter_mut().for_each(|goodness| *goodness /= units);
    }
}

/// Scratch.
#[derive(Debug, Default)]
pub struct LabelledWork<T: Scalar> {
    /// The pass with labels.
    pub pass: LabelledPass<T>,
    input: Matrix<T>,
    /// `V`, a column for each class.
    drives: Matrix<T>,
    label_update: Proposal<T>,
}

impl LearningRule for ForwardForward {
    const NAME: &'static str = "ForwardForward";
    const SOURCE: &'static str = "Hinton 2022, arXiv 2212.13345";
    const CITATIONS: &'static [&'static str] = &[references::HINTON_2022];
    const EQUATION: &'static str =
        "C_l = softplus(theta - g+) + softplus(g- - theta), g = mean of a_l^2; delta_l = dC_l/dz_l, nothing from above";

    type State<T: Scalar> = Auxiliary<T>;
    type Work<T: Scalar> = LabelledWork<T>;

    fn needs(&self) -> Needs {
        Needs {
            slope: true,
            label_inside: true,
            nonlocal_normalisation: true,
            ..Needs::SECOND_PASS
        }
    }

    fn init<T: Scalar>(&self, setting: &Setting<'_, T>, stream: Stream) -> Result<Auxiliary<T>, Refusal> {
        let network = setting.network;
        let classes = matches!(setting.loss, Loss::CrossEntropy { .. }) && network.outputs() > 1;
        let remedy =
            "use a task with classes (of `targets: Single` or `Classes` the latter) and the loss `CrossEntropy`";
        require(classes, "", "learns classes only, told by an output unit each", remedy)?;
        has_hidden_layer(network)?;
        positive("threshold", self.threshold, Self::default().threshold)?;
        // one label unit is active at a time, so that standard normal weights give the drive variance 1, as LeCun's rule would
        let (units, classes) = (network.layers[0].units(), network.outputs());
        let mut labels = Layer::zeros(units, classes, false, Activation::Identity);
        random::normal(labels.weight.as_mut_slice(), 1.0, &mut stream.generator());
        Ok(Auxiliary::new(
            vec![("layer1.label".to_string(), labels)],
            setting.optimizer,
        ))
    }

    fn propose<T: Scalar>(
        &self,
        own: &Auxiliary<T>,
        work: &mut LabelledWork<T>,
        step: Step<'_, T>,
        out: &mut Proposal<T>,
    ) {
        let (network, clean, pass) = (step.network, &step.trace.z[0], &mut work.pass);
        positive_and_negative(step.targets, &mut step.stream.generator(), &mut pass.labels);
        for (l, layer) in network.layers[..network.top()].iter().enumerate() {
            let (post, pre) = out.pairs(l);
            if l == 0 {
                pass.enter(layer, &own.layers[0], clean);
                repeat(&step.trace.input, 2, pre);
            } else {
                pass.ascend(layer, pre);
            }
            self.goodness_delta(layer, pass, step.batch(), post);
        }
    }

    fn adapt<T: Scalar>(&self, own: &mut Auxiliary<T>, work: &mut LabelledWork<T>, after: After<'_, T>) {
        let update = &mut work.label_update;
        update.begin(&own.layers, after.step.trace.batch());
        let (post, pre) = update.pairs(0);
        assign(post, after.proposal.post(0).expect("the first layer learns from pairs"));
        assign(pre, &work.pass.labels);
        own.learn(update, after.step.trace);
    }

    fn predicts(&self) -> bool {
        true
    }

    fn predict<T: Scalar>(
        &self,
        own: &Auxiliary<T>,
        work: &mut LabelledWork<T>,
        network: &Network<T>,
        trace: &mut Trace<T>,
    ) {
        let LabelledWork {
            pass, input, drives, ..
        } = work;
        let (v, classes, top) = (&own.layers[0], network.outputs(), network.top());
        trace.fit(network.depth());
        let Trace { input: x, z, a, .. } = trace;
        let (first, above) = network.layers[..top].split_first().expect("there is a hidden layer");
        first.push(&first.weight, &first.bias, x, &mut z[0]);
        zeroed(&mut pass.labels, classes, classes);
        pass.labels.fill_diagonal(T::ONE);
        cost::aside(|| v.push(&v.weight, &v.bias, &pass.labels, drives));
        let (clean, scores) = z.split_at_mut(top);
        let scores = zeroed(&mut scores[0], classes, x.ncols());
        for k in 0..classes {
            let mut logits = scores.row_mut(k);
            let mut add = |goodness: &[T]| logits.iter_mut().zip(goodness).for_each(|(logit, &g)| *logit += g);
            pass.enter_alike(first, drives.column(k).as_slice(), &clean[0]);
            add(&pass.goodness);
            for layer in above {
                pass.ascend(layer, input);
                add(&pass.goodness);
            }
        }
        assign(&mut a[top], scores);
    }
}

impl ForwardForward {
    /// `post := ∂C_l/∂z_l`, the first `batch` columns of the pass being positive, the others negative.
    fn goodness_delta<T: Scalar>(
        &self,
        layer: &Layer<T>,
        pass: &mut LabelledPass<T>,
        batch: usize,
        post: &mut Matrix<T>,
    ) {
        let LabelledPass {
            here,
            goodness,
            factors,
            ..
        } = pass;
        let a = &here.a[0];
        factors.clear();
        factors.extend(goodness.iter().enumerate().map(|(i, goodness)| {
            let excess = *goodness - T::of(self.threshold);
            // d softplus(θ − g)/dg and d softplus(g − θ)/dg
            let slope = if i < batch {
                -(-excess).logistic()
            } else {
                excess.logistic()
            };
            slope * T::of(2.0 / a.nrows() as f64)
        }));
        scale_columns(a, factors, post);
        here.multiply_slope(0, layer, post);
    }
}

/// `to := [x x ...]`.
fn repeat<T: Scalar>(x: &Matrix<T>, times: usize, to: &mut Matrix<T>) {
    reshape(to, x.nrows(), times * x.ncols());
    for phase in to.as_mut_slice().chunks_exact_mut(x.len()) {
        phase.copy_from_slice(x.as_slice());
    }
}

/// `labels := [y, wrong y]`: a one-hot column moved down by a uniform number of places is each other class equally often.
fn positive_and_negative<T: Scalar>(y: &Matrix<T>, generator: &mut Generator, labels: &mut Matrix<T>) {
    repeat(y, 2, labels);
    let classes = y.nrows();
    for column in labels.as_mut_slice()[y.len()..].chunks_exact_mut(classes) {
        column.rotate_right(1 + random::below(classes as u64 - 1, generator) as usize);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::empty;
    use crate::network::Init;
    use crate::random::Purpose;

    /// A label that all columns have, as in a prediction, enters with the bits of a label for each column, as in a proposal.
    #[test]
    fn a_label_for_all_enters_as_a_label_for_each() {
        let stream = |l| Stream::new(1, Purpose::Weights, l, 0);
        let (units, classes, samples) = (37, 10, 21);
        let layer = Init::default().layer::<f32>(units, 19, true, Activation::Tanh, stream(0));
        let v = Init::default().layer::<f32>(units, classes, false, Activation::Identity, stream(1));
        let mut x = Matrix::from_element(19, samples, 0.0);
        random::normal(x.as_mut_slice(), 1.0, &mut stream(2).generator());
        let (mut clean, mut one_hot, mut drives) = (empty(), Matrix::from_element(classes, classes, 0.0), empty());
        layer.push(&layer.weight, &layer.bias, &x, &mut clean);
        one_hot.fill_diagonal(1.0);
        v.push(&v.weight, &v.bias, &one_hot, &mut drives);
        for k in 0..classes {
            let (mut alike, mut each) = (LabelledPass::default(), LabelledPass::default());
            alike.enter_alike(&layer, drives.column(k).as_slice(), &clean);
            each.labels = Matrix::from_fn(classes, samples, |i, _| if i == k { 1.0 } else { 0.0 });
            each.enter(&layer, &v, &clean);
            assert_eq!(
                (&alike.here.z, &alike.here.a, &alike.goodness),
                (&each.here.z, &each.here.a, &each.goodness)
            );
            alike.enter_alike(&layer, drives.column((k + 1) % classes).as_slice(), &clean);
            assert_ne!(alike.here.z, each.here.z);
        }
    }
}
