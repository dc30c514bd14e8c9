//! Take the exact derivative along a random direction, times the direction.

use super::{begin_arrays, begin_columns, credit, credit_parameters, draw_noise, draw_parameter_noise};
use crate::linalg::{Matrix, Scalar, add_scaled};
use crate::network::Affine;
use crate::random::Stream;
use crate::references;
use crate::rules::shared::Tangent;
use crate::rules::{Broadcast, LearningRule, Needs, Refusal, Setting, Step};
use crate::update::Proposal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where the direction lies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Space {
    /// In the space of all weights and biases, one direction for the whole batch (Baydin et al. 2022).
    #[default]
    Weights,
    /// In the space of all pre-activations, a direction for each sample (Ren et al. 2023).
    Activity,
}

/// The forward gradient (Baydin, Pearlmutter, Syme, Wood, Torr 2022; Ren, Kornblith, Liao, Hinton 2023): a pass of dual
/// numbers runs up beside the forward pass and gives the exact derivative of the loss along a standard normal
/// direction; the update is this number times the direction,
///
/// `Δθ = (g · v) v` for a direction `v` of the parameters, `δ_l = (Σ_k δ*_k · ξ_k) ξ_l`, `ΔW_l = δ_l a_{l-1}ᵀ` for a
/// direction `ξ` of the pre-activations, `δ*` being the exact `∂C/∂z`; averaged over `draws`.
///
/// Both are unbiased, since `E v vᵀ = I`: they are weight and node perturbation in the limit of no noise, without its
/// rounding. In d dimensions `E |u|² = (d + 2) |g|²`, so that the variance is `(d + 1) |g|²`: in the space of the weights
/// for the whole update, d being all parameters, in that of the activity for the `δ` of each sample, d being all units
/// above the input. Ren et al. also give each layer a loss of its own; here the loss is that of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ForwardGradient {
    /// Where the direction lies.
    pub space: Space,
    /// Number of directions per step that the update is averaged over, 1 or more; the variance falls as `1 / draws`.
    pub draws: u32,
}

impl Default for ForwardGradient {
    fn default() -> Self {
        Self {
            space: Space::Weights,
            draws: 1,
        }
    }
}

/// Scratch: the pass and the last direction.
#[derive(Debug)]
pub struct Work<T: Scalar> {
    tangent: Tangent<T>,
    /// `v`, where the space is that of the weights.
    pub v: Vec<Affine<T>>,
    /// `ξ_l`, `n_l × batch`, where it is that of the activity.
    pub xi: Vec<Matrix<T>>,
}

impl<T: Scalar> Default for Work<T> {
    fn default() -> Self {
        Self {
            tangent: Tangent::default(),
            v: Vec::new(),
            xi: Vec::new(),
        }
    }
}

impl LearningRule for ForwardGradient {
    const NAME: &'static str = "ForwardGradient";
    const SOURCE: &'static str = "Baydin, Pearlmutter, Syme, Wood, Torr 2022, arXiv 2202.08587; \
                                  Ren, Kornblith, Liao, Hinton 2023, ICLR, arXiv 2210.03310";
    const CITATIONS: &'static [&'static str] = &[references::BAYDIN_2022, references::REN_2023];
    const EQUATION: &'static str = "u = (g . v) v, v normal, g . v from a forward pass of dual numbers";

    type State<T: Scalar> = ();
    type Work<T: Scalar> = Work<T>;

    fn needs(&self) -> Needs {
        Needs {
            update_locking: true,
            phases: 1,
            forward_passes: self.draws.saturating_add(1),
            slope: true,
            broadcast: Broadcast::Scalar,
            noise: true,
            error_driven: true,
            draws: true,
            ..Needs::default()
        }
    }

    fn init<T: Scalar>(&self, _: &Setting<'_, T>, _: Stream) -> Result<(), Refusal> {
        if self.draws == 0 {
            return Err(Refusal::new(
                "draws",
                "must be at least 1",
                "leave it out for the default 1",
            ));
        }
        Ok(())
    }

    fn propose<T: Scalar>(&self, _: &(), work: &mut Work<T>, step: Step<'_, T>, out: &mut Proposal<T>) {
        let Work { tangent, v, xi } = work;
        let (mut generator, share) = (step.stream.generator(), 1.0 / f64::from(self.draws));
        tangent.begin(&step);
        match self.space {
            Space::Weights => begin_arrays(step.network, out),
            Space::Activity => begin_columns(&step, out),
        }
        for _ in 0..self.draws {
            match self.space {
                Space::Weights => {
                    draw_parameter_noise(step.network, &mut generator, v);
                    // an array is a mean over the batch, as the loss is whose derivative this is
                    let sum: T = tangent.along(&step, v).iter().copied().sum();
                    credit_parameters(step.network, v, T::of(share / step.batch() as f64) * sum, out);
                }
                Space::Activity => {
                    draw_noise(&step.trace.z, &mut generator, xi);
                    let along = tangent.pass(&step, 0, |l, z| add_scaled(z.as_mut_slice(), T::ONE, xi[l].as_slice()));
                    credit(xi, |i| share * along[i].to_f64(), out);
                }
            }
        }
    }
}
