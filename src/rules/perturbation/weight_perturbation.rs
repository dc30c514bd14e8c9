//! Put noise on every weight and bias and credit it with the change of the loss.

use super::{Variant, begin_arrays, credit_parameters, draw_parameter_noise};
use crate::linalg::{Matrix, Scalar, assign, empty, reshape};
use crate::network::{Affine, Trace};
use crate::random::Stream;
use crate::references;
use crate::rules::shared::{SampleLosses, displace, forward_with};
use crate::rules::{Broadcast, LearningRule, Needs, Refusal, Setting, Step};
use crate::update::Proposal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Which samples see the same noise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Sharing {
    /// All samples of a batch: one noisy pass over the batch, credited with the change of the mean loss.
    #[default]
    Batch,
    /// None: each sample has noise of its own, credited with the change of its own loss. With d parameters the variance
    /// is `(d + 1) Σ |g_i|² / n²` in place of `(d + 1) |g|²`: smaller where the gradients `g_i` of the n samples agree,
    /// not where they contradict each other. Drawing costs n times as much.
    Sample,
}

/// Weight perturbation (Jabri, Flower 1992; Cauwenberghs 1993): all parameters `θ` of the network get noise at once,
/// and each is credited with what the noise did to the loss,
///
/// `Δθ = (C(θ + σξ) − C(θ)) ξ / σ`, averaged over `draws`.
///
/// Jabri and Flower perturb one weight at a time; this is Cauwenberghs' parallel form, with normal noise in place of
/// his random signs. By Stein's identity `E Δθ` is exactly the gradient of the Gaussian-smoothed loss
/// `C_σ(θ) = E C(θ + σξ)`, for both variants, and so that of `C` up to an error of order `σ²`. Its variance is that of
/// a random direction in the space of all parameters: on a linear layer with M outputs and N inputs and without biases,
/// one draw has variance `(M N + 1) |g|²` for `σ → 0`, where node perturbation has `(M + 1) |g|²` for one sample.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct WeightPerturbation {
    /// `σ`, the standard deviation of the noise on each parameter; positive. In single precision rounding makes a relative error of about
    /// `1e-7 / σ`.
    pub sigma: f64,
    /// Which losses are compared.
    pub variant: Variant,
    /// Which samples see the same noise.
    pub noise: Sharing,
    /// Number of noise draws per step that the update is averaged over, 1 or more; the variance falls as `1 / draws`.
    pub draws: u32,
}

impl Default for WeightPerturbation {
    fn default() -> Self {
        Self {
            sigma: 1e-2,
            variant: Variant::OneSided,
            noise: Sharing::Batch,
            draws: 1,
        }
    }
}

/// Scratch: one draw of the noise, and the passes it makes.
#[derive(Debug)]
pub struct Draw<T: Scalar> {
    /// `ξ`, in the shapes of the parameters.
    pub xi: Vec<Affine<T>>,
    moved: Vec<Affine<T>>,
    noisy: Trace<T>,
    targets: Matrix<T>,
    losses: SampleLosses,
}

impl<T: Scalar> Default for Draw<T> {
    fn default() -> Self {
        Self {
            xi: Vec::new(),
            moved: Vec::new(),
            noisy: Trace::default(),
            targets: empty(),
            losses: SampleLosses::default(),
        }
    }
}

impl<T: Scalar> Draw<T> {
    /// The summed loss of `columns` at `θ + σ ξ`.
    fn loss(&mut self, step: &Step<'_, T>, columns: &Range<usize>, sigma: f64) -> f64 {
        let Self {
            xi,
            moved,
            noisy,
            targets,
            losses,
        } = self;
        displace(step.network, T::of(sigma), xi, moved);
        pick(&step.trace.input, columns, &mut noisy.input);
        pick(step.targets, columns, targets);
        forward_with(step.network, moved, noisy);
        losses.measure(step.loss, noisy.output(), targets).iter().sum()
    }
}

impl WeightPerturbation {
    /// Adds `weight` times the estimate from these columns of the batch, for the noise in `draw.xi`; `clean` is the
    /// loss of each sample without noise. The rule is the mean of this over normal noise.
    pub fn add_estimate<T: Scalar>(
        &self,
        step: &Step<'_, T>,
        columns: Range<usize>,
        clean: &[f64],
        weight: f64,
        draw: &mut Draw<T>,
        out: &mut Proposal<T>,
    ) {
        let plus = draw.loss(step, &columns, self.sigma);
        let (base, distance) = match self.variant {
            Variant::OneSided => (clean[columns.clone()].iter().sum(), self.sigma),
            Variant::Antithetic => (draw.loss(step, &columns, -self.sigma), 2.0 * self.sigma),
        };
        // an array is a mean over the batch, so that the sum over these columns is divided by its size here
        let credit = T::of(weight * (plus - base) / (distance * step.batch() as f64));
        credit_parameters(step.network, &draw.xi, credit, out);
    }
}

impl LearningRule for WeightPerturbation {
    const NAME: &'static str = "WeightPerturbation";
    const SOURCE: &'static str =
        "Jabri, Flower 1992, IEEE Transactions on Neural Networks 3:154; Cauwenberghs 1993, NIPS 5:244";
    const CITATIONS: &'static [&'static str] = &[references::JABRI_1992, references::CAUWENBERGHS_1993];
    const EQUATION: &'static str = "u = (C(w + sigma xi) - C(w)) xi / sigma, xi normal, one for each weight and bias";

    type State<T: Scalar> = ();
    type Work<T: Scalar> = (Draw<T>, SampleLosses);

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

    fn propose<T: Scalar>(
        &self,
        _: &(),
        (draw, clean): &mut (Draw<T>, SampleLosses),
        step: Step<'_, T>,
        out: &mut Proposal<T>,
    ) {
        let mut generator = step.stream.generator();
        let clean = clean.measure(step.loss, step.trace.output(), step.targets);
        let (batch, weight) = (step.batch(), 1.0 / f64::from(self.draws));
        let (groups, size) = match self.noise {
            Sharing::Batch => (1, batch),
            Sharing::Sample => (batch, 1),
        };
        begin_arrays(step.network, out);
        for _ in 0..self.draws {
            for group in 0..groups {
                draw_parameter_noise(step.network, &mut generator, &mut draw.xi);
                let columns = group * size..(group + 1) * size;
                self.add_estimate(&step, columns, clean, weight, draw, out);
            }
        }
    }
}

/// `to := ` these columns of `from`.
fn pick<T: Scalar>(from: &Matrix<T>, columns: &Range<usize>, to: &mut Matrix<T>) {
    if columns.len() == from.ncols() {
        return assign(to, from);
    }
    let n = from.nrows();
    let numbers = &from.as_slice()[columns.start * n..columns.end * n];
    reshape(to, n, columns.len()).as_mut_slice().copy_from_slice(numbers);
}
