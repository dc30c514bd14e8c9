//! Take the damped Gauss-Newton step of the batch's mean loss.

use super::parameter;
use crate::linalg::{Matrix, Scalar, multiply, plain, reshape, solve_positive_definite, transposed};
use crate::loss::Loss;
use crate::random::Stream;
use crate::references;
use crate::rules::shared::{carry_down_to, has_full_weights, positive, require, sweep};
use crate::rules::{LearningRule, Needs, Refusal, Setting, Step};
use crate::update::Proposal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Weights and biases of the largest network whose curvature is written out.
pub const MOST_PARAMETERS: usize = 1000;

/// The damped Gauss-Newton step (Schraudolph 2002; Martens 2010, 2020), a reference for small networks: with `J_i` the Jacobian of
/// the output's pre-activation `z_L` of sample i in all weights and biases, `H_i` the curvature of its loss in `z_L`, and `g` the
/// exact gradient of the mean loss,
///
/// `u = (1/B Σ_i J_iᵀ H_i J_i + damping I)⁻¹ g`.
///
/// `H_i = ∂²C_i/∂z_L²` for losses that match their output (half squares of identity units, the cross-entropies of logits and of
/// logistic units), where it is positive semi-definite; for others the slope of the output units is taken as constant,
/// `H_i = φ' (∂²C_i/∂a_L²) φ'`. The matrix is the second derivative of the mean loss but for the curvature of the network itself, and
/// equal to it where `z_L` is linear in the parameters: one step with rate 1 then goes to the minimum of half squares. As `damping`
/// grows, `damping u` goes to `g`.
///
/// The whole matrix is written out and decomposed in double precision at every step, so it takes few parameters.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct GaussNewton {
    /// Added to the diagonal of the curvature, positive: the smaller, the longer are steps where the loss is flat.
    pub damping: f64,
}

impl Default for GaussNewton {
    fn default() -> Self {
        Self { damping: 0.1 }
    }
}

/// Scratch.
#[derive(Debug, Default)]
pub struct LinearSystem<T: Scalar> {
    swept: Proposal<T>,
    /// Parameters × samples: what each sample says of each parameter.
    columns: Matrix<f64>,
    curvature: Matrix<f64>,
    solution: Vec<f64>,
}

impl LearningRule for GaussNewton {
    const NAME: &'static str = "GaussNewton";
    const SOURCE: &'static str = "Schraudolph 2002, Neural Computation 14:1723; Martens 2010, ICML; \
                                  Martens 2020, Journal of Machine Learning Research 21:146";
    const CITATIONS: &'static [&'static str] = &[
        references::SCHRAUDOLPH_2002,
        references::MARTENS_2010,
        references::MARTENS_2020,
    ];
    const EQUATION: &'static str = "u = (mean J' H J + damping I)^-1 g, J = dz_L/dw, H the loss's curvature in z_L";

    type State<T: Scalar> = ();
    type Work<T: Scalar> = LinearSystem<T>;

    fn needs(&self) -> Needs {
        Needs {
            nonlocal_normalisation: true,
            batch_statistics: true,
            ..Needs::SWEEP
        }
    }

    fn init<T: Scalar>(&self, setting: &Setting<'_, T>, _: Stream) -> Result<(), Refusal> {
        positive("damping", self.damping, Self::default().damping)?;
        has_full_weights(setting.network)?;
        let parameters = setting.network.parameters();
        let reason = format!(
            "decomposes a matrix of all parameters squared at every step, and does so for at most {MOST_PARAMETERS}, not {parameters}"
        );
        let remedy = "use a smaller network, or `Backprop`";
        require(parameters <= MOST_PARAMETERS, "", reason, remedy)
    }

    fn propose<T: Scalar>(&self, _: &(), work: &mut LinearSystem<T>, step: Step<'_, T>, out: &mut Proposal<T>) {
        let LinearSystem {
            swept,
            columns,
            curvature,
            solution,
        } = work;
        let (network, samples) = (step.network, step.batch() as f64);
        let (top, parameters) = (network.top(), network.parameters());
        let weights = |l: usize| &network.layers[l].weight;
        swept.begin(&network.layers, step.batch());
        sweep(&step, swept, weights);
        write_columns(&step, swept, columns);
        solution.clear();
        solution.resize(parameters, 0.0);
        for column in columns.as_slice().chunks_exact(parameters) {
            // the mean: an array is one, as the loss is
            solution.iter_mut().zip(column).for_each(|(sum, x)| *sum += x / samples);
        }
        reshape(curvature, parameters, parameters).fill(0.0);
        for k in 0..network.outputs() {
            write_root(&step, k, swept.local(top));
            carry_down_to(0, &step, swept, weights);
            write_columns(&step, swept, columns);
            multiply(1.0 / samples, plain(columns), transposed(columns), 1.0, curvature);
        }
        (0..parameters).for_each(|p| curvature[(p, p)] += self.damping);
        solve_positive_definite(curvature, solution);
        let mut solved = solution.iter();
        for (l, layer) in network.layers.iter().enumerate() {
            let update = out.dense(l, layer);
            for (k, value) in (0..layer.parameters()).zip(&mut solved) {
                *parameter(update, k) = T::of(*value);
            }
        }
    }
}

/// Writes, sample by sample, the derivatives that the swept errors stand for: `δ_l a_{l-1}ᵀ` and `δ_l` of every layer.
fn write_columns<T: Scalar>(step: &Step<'_, T>, swept: &Proposal<T>, columns: &mut Matrix<f64>) {
    let parameters = step.network.parameters();
    reshape(columns, parameters, step.batch());
    for (i, column) in columns.as_mut_slice().chunks_exact_mut(parameters).enumerate() {
        column.fill(0.0);
        let mut rest = column;
        for (l, layer) in step.network.layers.iter().enumerate() {
            let (own, others) = rest.split_at_mut(layer.parameters());
            let (weights, biases) = own.split_at_mut(layer.weight.len());
            let (delta, below) = (
                swept.delta(l).expect("the sweep reaches it").column(i),
                step.trace.below(l),
            );
            layer.wiring.synapses(|unit, input, parameter| {
                weights[parameter] += delta[unit].to_f64() * below[(input, i)].to_f64();
            });
            if !biases.is_empty() {
                let units = delta.iter().enumerate();
                units.for_each(|(unit, delta)| biases[layer.wiring.bias_of(unit)] += delta.to_f64());
            }
            rest = others;
        }
    }
}

/// `root := R_i e_k` for each sample, where `R_i R_iᵀ = H_i`.
///
/// For the cross-entropy of `p = softmax(a)`, `R = diag(√p) − p √pᵀ`, since `diag(p) − p pᵀ` is its square.
fn write_root<T: Scalar>(step: &Step<'_, T>, k: usize, root: &mut Matrix<T>) {
    let (output, activation) = (step.trace.output(), step.network.layers[step.network.top()].activation);
    let n = output.a.nrows();
    reshape(root, n, output.a.ncols());
    match step.loss {
        Loss::HalfSquares { .. } | Loss::Squares { .. } => {
            root.fill(T::ZERO);
            root.row_mut(k).fill(T::ONE);
        }
        Loss::CrossEntropy { .. } => {
            root.copy_from(output.a);
            crate::linalg::softmax_columns(root);
            for p in root.as_mut_slice().chunks_exact_mut(n) {
                let own = p[k].sqrt();
                p.iter_mut().for_each(|p| *p = -*p * own);
                p[k] += own;
            }
        }
        Loss::LogisticCrossEntropy { .. } => {
            root.fill(T::ZERO);
            for (i, a) in output.a.row(k).iter().enumerate() {
                root[(k, i)] = (*a * (T::ONE - *a)).sqrt();
            }
        }
    }
    // as in the gradient: the logistic cross-entropy is taken in `z` at once
    if !matches!(step.loss, Loss::LogisticCrossEntropy { .. }) {
        activation.multiply_slope(output.z, output.a, root);
    }
    let factor = step.loss.factor(n);
    if factor != 1.0 {
        let factor = T::of(factor.sqrt());
        root.as_mut_slice().iter_mut().for_each(|root| *root *= factor);
    }
}
