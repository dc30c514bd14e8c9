//! Put noise on every pre-activation and credit it with the change of the loss.

use super::{Variant, begin_columns, credit, draw_noise, noisy_forward};
use crate::linalg::{Matrix, Scalar};
use crate::network::Trace;
use crate::random::Stream;
use crate::references;
use crate::rules::shared::SampleLosses;
use crate::rules::{Broadcast, LearningRule, Needs, Refusal, Setting, Step};
use crate::update::Proposal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Node perturbation (Williams 1992; Werfel, Xie, Seung 2005): every unit of every layer, the output included, gets noise of its
/// own for each sample, and is credited with what the noise did to the sample's loss,
///
/// `δ_l = (C(z + σξ) − C(z)) ξ_l / σ`, `ΔW_l = δ_l a_{l-1}ᵀ`, `Δb_l = δ_l`, averaged over `draws`.
///
/// `C(z + σξ)` is the loss of the pass with noise in all layers at once, while `a_{l-1}` is the activity of the *clean* pass. By
/// Stein's identity `E δ_l` is the gradient, in the bias of the layer for this sample, of the Gaussian-smoothed loss
/// `C_σ = E C(z + σξ)`, for both variants. Since `δ_l` alone is random, `E ΔW_l = E δ_l a_{l-1}ᵀ`: the noise that the layer
/// below adds to its activity is correlated with the loss, but only to order `σ²`, as is the difference of `C_σ` and `C`. So
/// the update is the gradient with a bias of order `σ²`. Its variance is that of a random direction: on a linear layer
/// with M outputs and without biases, one draw for one sample has variance `(M + 1) |g|²`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct NodePerturbation {
    /// `σ`, the standard deviation of the noise on each pre-activation; positive. Rounding in single precision makes a relative error of about `1e-7 / σ` and the
    /// bias is of order `σ²`; they balance near `5e-3`, and at the default 0.01 both are far below the variance.
    pub sigma: f64,
    /// Which losses are compared.
    pub variant: Variant,
    /// Number of noise draws per step that the update is averaged over, 1 or more; the variance falls as `1 / draws`.
    pub draws: u32,
}

impl Default for NodePerturbation {
    fn default() -> Self {
        Self {
            sigma: 1e-2,
            variant: Variant::OneSided,
            draws: 1,
        }
    }
}

/// Scratch: one draw of the noise, the pass it makes, and the two losses of each sample that are compared.
#[derive(Debug)]
pub struct Draw<T: Scalar> {
    /// `ξ_l`, `n_l × batch`.
    pub xi: Vec<Matrix<T>>,
    noisy: Trace<T>,
    plus: SampleLosses,
    base: SampleLosses,
}

impl<T: Scalar> Default for Draw<T> {
    fn default() -> Self {
        Self {
            xi: Vec::new(),
            noisy: Trace::default(),
            plus: SampleLosses::default(),
            base: SampleLosses::default(),
        }
    }
}

impl NodePerturbation {
    /// Adds `weight δ_l`, for the noise in `draw.xi`, to the columns that `out` holds for each layer. The rule is the mean of
    /// this over normal noise; a quadrature over the noise is its expectation.
    pub fn add_estimate<T: Scalar>(&self, step: &Step<'_, T>, weight: f64, draw: &mut Draw<T>, out: &mut Proposal<T>) {
        let Draw { xi, noisy, plus, base } = draw;
        let Step {
            network,
            loss,
            trace,
            targets,
            ..
        } = *step;
        let sigma = T::of(self.sigma);
        noisy_forward(network, &trace.input, sigma, xi, noisy);
        let plus = plus.measure(loss, noisy.output(), targets);
        let (base, distance) = match self.variant {
            Variant::OneSided => (base.measure(loss, trace.output(), targets), self.sigma),
            Variant::Antithetic => {
                noisy_forward(network, &trace.input, -sigma, xi, noisy);
                (base.measure(loss, noisy.output(), targets), 2.0 * self.sigma)
            }
        };
        credit(xi, |i| weight * (plus[i] - base[i]) / distance, out);
    }
}

impl LearningRule for NodePerturbation {
    const NAME: &'static str = "NodePerturbation";
    const SOURCE: &'static str =
        "Williams 1992, Machine Learning 8:229; Werfel, Xie, Seung 2005, Neural Computation 17:2699";
    const CITATIONS: &'static [&'static str] = &[references::WILLIAMS_1992, references::WERFEL_2005];
    const EQUATION: &'static str =
        "delta_l = (C(z + sigma xi) - C(z)) xi_l / sigma, xi normal, one for each unit and sample";

    type State<T: Scalar> = ();
    type Work<T: Scalar> = Draw<T>;

    fn needs(&self) -> Needs {
        Needs {
            update_locking: true,
            phases: 2,
            forward_passes: self.draws.saturating_mul(self.variant.passes()).saturating_add(1),
            broadcast: Broadcast::Scalar,
            noise: true,
            draws: true,
            ..Needs::default()
        }
    }

    fn init<T: Scalar>(&self, _: &Setting<'_, T>, _: Stream) -> Result<(), Refusal> {
        if !(self.sigma > 0.0 && self.sigma.is_finite()) {
            return Err(Refusal::new(
                "sigma",
                "must be positive",
                "leave it out for the default 0.01",
            ));
        }
        if self.draws == 0 {
            return Err(Refusal::new(
                "draws",
                "must be at least 1",
                "leave it out for the default 1",
            ));
        }
        Ok(())
    }

    fn propose<T: Scalar>(&self, _: &(), draw: &mut Draw<T>, step: Step<'_, T>, out: &mut Proposal<T>) {
        let mut generator = step.stream.generator();
        begin_columns(&step, out);
        for _ in 0..self.draws {
            draw_noise(&step.trace.z, &mut generator, &mut draw.xi);
            self.add_estimate(&step, 1.0 / f64::from(self.draws), draw, out);
        }
    }
}
