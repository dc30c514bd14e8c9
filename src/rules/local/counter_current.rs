//! Let a second network run from the label down, and let the two learn from each other, layer by layer.

use super::Auxiliary;
use super::signal_propagation::compares_classes;
use crate::cost;
use crate::linalg::{Matrix, Scalar, assign, empty, multiply, plain, reshape, transposed, zeroed, zip};
use crate::network::{Activation, Layer};
use crate::random::{self, Stream};
use crate::references;
use crate::rules::shared::{has_no_pool, output_delta};
use crate::rules::{After, LearningRule, Needs, Refusal, Setting, Step};
use crate::update::Proposal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Counter-current learning (Kao, Hariharan 2024): a second network runs from each class `c` down, `r_{L,c}` one-hot,
/// `r_{l-1,c} = tanh(V_l r_{l,c})`, and meets the first in every hidden layer. There `W_l` and `V_{l+1}` both descend
///
/// `C_l = ½ Σ_c (h_l · r_{l,c} / n_l − [c = y])²`,
///
/// what each receives being held fixed; the output layer follows the true loss. With the error `E = Rᵀ H / n_l − Y`,
///
/// `δ_l = (R E / n_l) ∘ φ'(z_l)`, and `V_{l+1}` learns from `(H Eᵀ / n_l) ∘ (1 − r²)` with the network's optimizer.
///
/// `V_l`, shown as `layerN.counter`, has no biases and starts normal with standard deviation `1/√n_l`; between maps it is a *pull* through
/// filters of its own. Choices: samples are compared with every class; the authors' program compares with the labels of the batch, and
/// normalises batches.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CounterCurrent {}

/// Scratch: the second network's activities, a layer's comparison with them, and what the second network learns.
#[derive(Clone, Debug, Default)]
pub struct Counter<T: Scalar> {
    z: Vec<Matrix<T>>,
    /// `r_l`, a column for each class.
    r: Vec<Matrix<T>>,
    /// `E`, classes × samples.
    error: Matrix<T>,
    update: Proposal<T>,
}

impl LearningRule for CounterCurrent {
    const NAME: &'static str = "CounterCurrent";
    const SOURCE: &'static str = "Kao, Hariharan 2024, NeurIPS, arXiv 2409.19841";
    const CITATIONS: &'static [&'static str] = &[references::KAO_2024];
    const EQUATION: &'static str = "C_l = sum_c (h_l . r_{l,c} / n_l - [c = y])^2 / 2, r_{l-1,c} = tanh(V_l r_{l,c}); \
                                    W_l and V_{l+1} descend C_l";

    type State<T: Scalar> = Auxiliary<T>;
    type Work<T: Scalar> = Counter<T>;

    fn needs(&self) -> Needs {
        Needs {
            feedback_path: true,
            ..Needs::LABELS
        }
    }

    fn init<T: Scalar>(&self, setting: &Setting<'_, T>, stream: Stream) -> Result<Auxiliary<T>, Refusal> {
        compares_classes(setting)?;
        let layers = &setting.network.layers;
        has_no_pool(
            setting.network,
            "has no way down through pooling: which unit won is not in what comes down",
        )?;
        let mut generator = stream.generator();
        let draw = |l: usize| {
            let wiring = layers[l].wiring.reversed(layers[l - 1].wiring);
            let mut counter = Layer::new(wiring, false, Activation::Tanh);
            let sd = 1.0 / layers[l].wiring.mean_fan_out().sqrt();
            random::normal(counter.weight.as_mut_slice(), sd, &mut generator);
            wiring.clear_dead(&mut counter.weight);
            (format!("layer{}.counter", l + 1), counter)
        };
        Ok(Auxiliary::new((1..layers.len()).map(draw).collect(), setting.optimizer))
    }

    fn propose<T: Scalar>(&self, v: &Auxiliary<T>, work: &mut Counter<T>, step: Step<'_, T>, out: &mut Proposal<T>) {
        let Counter { z, r, error, update } = work;
        let (classes, samples, top) = (step.network.outputs(), step.batch(), step.network.top());
        output_delta(&step, out);
        update.begin(&v.layers, samples);
        z.resize_with(top, empty);
        r.resize_with(top + 1, empty);
        zeroed(&mut r[top], classes, classes).fill_diagonal(T::ONE);
        for l in (0..top).rev() {
            let (here, above) = r.split_at_mut(l + 1);
            cost::aside(|| v.layers[l].forward(&above[0], &mut z[l], &mut here[l]));
        }
        for (l, layer) in step.network.layers[..top].iter().enumerate() {
            let (h, n) = (&step.trace.a[l], layer.outputs());
            let share = T::of(1.0 / n as f64);
            reshape(error, classes, samples);
            multiply(share, transposed(&r[l]), plain(h), T::ZERO, error);
            zip(error, step.targets, |score, y| score - y);
            let delta = reshape(out.local(l), n, samples);
            multiply(share, plain(&r[l]), plain(error), T::ZERO, delta);
            step.multiply_slope(l, delta);
            let (post, pre) = update.pairs(l);
            reshape(post, n, classes);
            multiply(share, plain(h), transposed(error), T::ZERO, post);
            Activation::Tanh.multiply_slope(&z[l], &r[l], post);
            assign(pre, &r[l + 1]);
        }
    }

    fn adapt<T: Scalar>(&self, v: &mut Auxiliary<T>, work: &mut Counter<T>, after: After<'_, T>) {
        v.learn(&work.update, after.step.trace);
    }
}
