//! Let hidden layers learn from their inputs alone, and the output layer from the error.

use crate::linalg::{Matrix, Scalar, add_scaled, assign, multiply, plain, reshape, softmax_columns, transposed};
use crate::random::Stream;
use crate::references;
use crate::rules::shared::{has_hidden_layer, output_delta, positive, receives_the_same};
use crate::rules::{LearningRule, Needs, Refusal, Setting, Step};
use crate::update::Proposal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How the units of a layer come to differ. `u = W x` is their drive, without biases, `x` what they receive.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename = "Kind", deny_unknown_fields)]
pub enum HebbianKind {
    /// They do not: each finds the first principal component, `w_j ← w_j + η u_j (x − u_j w_j)` (Oja 1982). In the end
    /// a whole layer of them carries a single number.
    Oja,
    /// Unit j leaves out what the units before it have found, `w_j ← w_j + η u_j (x − Σ_{k≤j} u_k w_k)`: the principal
    /// components in their order (Sanger 1989).
    Sanger,
    /// They compete, `w_j ← w_j + η y_j (x − u_j w_j)` with `y = softmax(u / temperature)` (Moraitis et al. 2022,
    /// SoftHebb).
    SoftCompetition {
        /// Of the softmax, positive; the lower, the fewer units learn from a sample.
        #[serde(default = "one")]
        temperature: f64,
    },
}

fn one() -> f64 {
    1.0
}

/// Hebbian learning (Oja 1982; Sanger 1989; Moraitis, Toichkin, Journé, Chua, Guo 2022): hidden layers learn without
/// targets, the output layer follows its exact gradient. All kinds are one update, here in the sign of a gradient,
///
/// `ΔW_l = gain (M_l W_l − E y xᵀ)`, `M_l` being part of `E y uᵀ`: its diagonal, or for `Sanger` its lower triangle; `y = u`,
/// or for `SoftCompetition` the softmax.
///
/// On a convolution a sample is a patch: means are over samples and positions, and the channels of a position are what competes.
///
/// The input is taken as it comes: principal components are those of the second moments `E x xᵀ`, of the covariance
/// where inputs are centred. The papers' units are linear, or for SoftHebb the softmax itself; here only learning is,
/// and what goes up is `φ(W x + b)`, as in every network. Biases stay as they are.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Hebbian {
    /// How the units of a layer come to differ.
    pub kind: HebbianKind,
    /// Factor on the updates of hidden layers, whose scale is that of the input, not of the loss; positive. Competition
    /// wants less than the default, 0.001, where inputs are all positive.
    pub gain: f64,
}

impl Default for Hebbian {
    fn default() -> Self {
        Self {
            kind: HebbianKind::Sanger,
            gain: 0.01,
        }
    }
}

/// `to := ` the units of each position of each sample as a column, from the units of each sample as a column.
fn by_position<T: Scalar>(units: &Matrix<T>, positions: usize, to: &mut Matrix<T>) {
    if positions == 1 {
        return assign(to, units);
    }
    let channels = units.nrows() / positions;
    let columns = reshape(to, channels, positions * units.ncols()).as_mut_slice();
    for (i, column) in columns.chunks_exact_mut(channels).enumerate() {
        let (sample, position) = (i / positions, i % positions);
        for (channel, to) in column.iter_mut().enumerate() {
            *to = units[(channel * positions + position, sample)];
        }
    }
}

/// The other way round.
fn by_sample<T: Scalar>(units: &Matrix<T>, positions: usize, to: &mut Matrix<T>) {
    if positions == 1 {
        return assign(to, units);
    }
    let channels = units.nrows();
    reshape(to, channels * positions, units.ncols() / positions);
    for (i, column) in units.as_slice().chunks_exact(channels).enumerate() {
        let (sample, position) = (i / positions, i % positions);
        for (channel, unit) in column.iter().enumerate() {
            to[(channel * positions + position, sample)] = *unit;
        }
    }
}

/// Scratch.
#[derive(Clone, Debug, Default)]
pub struct Correlations<T: Scalar> {
    u: Matrix<T>,
    y: Matrix<T>,
    correlation: Matrix<T>,
}

impl Hebbian {
    /// `y` of the drives `u`.
    fn output<T: Scalar>(&self, u: &Matrix<T>, y: &mut Matrix<T>) {
        assign(y, u);
        if let HebbianKind::SoftCompetition { temperature } = self.kind {
            let factor = T::of(1.0 / temperature);
            y.iter_mut().for_each(|y| *y *= factor);
            softmax_columns(y);
        }
    }

    /// `M` of `E y uᵀ`: what unit `j` is told of unit `k`.
    fn mask<T: Scalar>(&self, correlation: &mut Matrix<T>) {
        for k in 0..correlation.ncols() {
            for j in 0..correlation.nrows() {
                if j < k || (j > k && self.kind != HebbianKind::Sanger) {
                    correlation[(j, k)] = T::ZERO;
                }
            }
        }
    }
}

impl LearningRule for Hebbian {
    const NAME: &'static str = "Hebbian";
    const SOURCE: &'static str = "Oja 1982, J. Mathematical Biology 15:267; Sanger 1989, Neural Networks 2:459; \
                                  Moraitis et al. 2022, Neuromorphic Computing and Engineering 2:044017";
    const CITATIONS: &'static [&'static str] =
        &[references::OJA_1982, references::SANGER_1989, references::MORAITIS_2022];
    const EQUATION: &'static str =
        "u_l = gain (M W - E y x'), M the diagonal (Sanger: lower triangle) of E y (W x)'; read-out exact";

    type State<T: Scalar> = ();
    type Work<T: Scalar> = Correlations<T>;

    fn needs(&self) -> Needs {
        // errors and slopes at the output alone
        Needs {
            nonlocal_normalisation: self.kind != HebbianKind::Oja,
            ..Needs::OUTPUT
        }
    }

    fn init<T: Scalar>(&self, setting: &Setting<'_, T>, _: Stream) -> Result<(), Refusal> {
        if let HebbianKind::SoftCompetition { temperature } = self.kind {
            positive("kind.temperature", temperature, one())?;
        }
        positive("gain", self.gain, Self::default().gain)?;
        receives_the_same(&setting.network.layers)?;
        has_hidden_layer(setting.network)
    }

    fn propose<T: Scalar>(&self, _: &(), work: &mut Correlations<T>, step: Step<'_, T>, out: &mut Proposal<T>) {
        let Correlations { u, y, correlation } = work;
        output_delta(&step, out);
        for (l, layer) in step.network.layers[..step.network.top()].iter().enumerate() {
            let (x, update) = (step.trace.below(l), out.dense(l, layer));
            let (positions, channels) = (layer.wiring.positions(), layer.weight.nrows());
            // an array is a mean over the batch: so are both expectations, and over positions
            let (mean, gain) = (T::of(1.0 / (step.batch() * positions) as f64), T::of(self.gain));
            by_position(&step.trace.z[l], positions, u);
            if !layer.bias.is_empty() {
                let columns = u.as_mut_slice().chunks_exact_mut(channels);
                columns.for_each(|u| add_scaled(u, -T::ONE, layer.bias.as_slice()));
            }
            self.output(u, y);
            reshape(correlation, channels, channels);
            multiply(mean, plain(y), transposed(u), T::ZERO, correlation);
            self.mask(correlation);
            let (decay, weight) = (plain(correlation), plain(&layer.weight));
            multiply(T::ONE, decay, weight, T::ZERO, &mut update.weight);
            by_sample(y, positions, u);
            layer.pair(-gain * mean, u, x, gain, &mut update.weight);
            update.bias.fill(T::ZERO);
        }
    }
}
