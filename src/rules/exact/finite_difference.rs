//! Measure the gradient by moving one parameter at a time.

use super::{MOST_PARAMETERS, check_size, parameter};
use crate::linalg::{Scalar, assign};
use crate::network::{Affine, Trace};
use crate::random::Stream;
use crate::references;
use crate::rules::shared::{SampleLosses, copy_parameters, forward_with, positive};
use crate::rules::{LearningRule, Needs, Refusal, Setting, Step};
use crate::update::Proposal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which losses are compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Scheme {
    /// `(C(θ + ε) − C(θ)) / ε`: one pass per parameter, error of first order in `ε`.
    Forward,
    /// `(C(θ + ε) − C(θ − ε)) / 2ε`: two passes per parameter, error of second order.
    #[default]
    Central,
}

impl Scheme {
    fn passes(self) -> u32 {
        match self {
            Self::Forward => 1,
            Self::Central => 2,
        }
    }
}

/// Finite differences (Nielsen 2015, chapter 2): each parameter in turn is moved by `ε`, and the change of the loss,
/// divided by the distance really moved, stands for the derivative. For small networks, since it takes a pass or two
/// for each parameter.
///
/// The smaller `ε`, the smaller is the error of the scheme, until the rounding of the loss, about its precision divided
/// by `ε`, outweighs it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct FiniteDifference {
    /// Which losses are compared.
    pub scheme: Scheme,
    /// `ε`, how far a parameter is moved; positive. The default suits single precision; in double precision 1e-5 is best for central differences,
    /// 1e-8 for forward ones.
    pub step: f64,
}

impl Default for FiniteDifference {
    fn default() -> Self {
        Self {
            scheme: Scheme::Central,
            step: 1e-3,
        }
    }
}

/// Scratch, and a count.
#[derive(Debug, Default)]
pub struct MovedNetwork<T: Scalar> {
    moved: Vec<Affine<T>>,
    trace: Trace<T>,
    plus: SampleLosses,
    base: SampleLosses,
    /// Passes made since the scratch was new, each for a whole batch.
    pub passes: u64,
}

impl LearningRule for FiniteDifference {
    const NAME: &'static str = "FiniteDifference";
    const SOURCE: &'static str = "Nielsen 2015, Neural Networks and Deep Learning, chapter 2";
    const CITATIONS: &'static [&'static str] = &[references::NIELSEN_2015];
    const EQUATION: &'static str = "u_k = (C(w_k + step) - C(w_k - step)) / (2 step), one parameter at a time";

    type State<T: Scalar> = ();
    type Work<T: Scalar> = MovedNetwork<T>;

    /// It is not called error-driven: at a minimum of the loss forward differences are not zero.
    fn needs(&self) -> Needs {
        // for each parameter: this is for the largest network
        Needs {
            noise: false,
            draws: false,
            ..Needs::PERTURBATION.takes(2, self.scheme.passes() * MOST_PARAMETERS as u32 + 1)
        }
    }

    fn init<T: Scalar>(&self, setting: &Setting<'_, T>, _: Stream) -> Result<(), Refusal> {
        positive("step", self.step, Self::default().step)?;
        check_size(setting.network)
    }

    fn propose<T: Scalar>(&self, _: &(), work: &mut MovedNetwork<T>, step: Step<'_, T>, out: &mut Proposal<T>) {
        let MovedNetwork {
            moved,
            trace,
            plus,
            base,
            passes,
        } = work;
        let Step {
            network, loss, targets, ..
        } = step;
        copy_parameters(network, moved);
        assign(&mut trace.input, &step.trace.input);
        if self.scheme == Scheme::Forward {
            base.measure(loss, step.trace.output(), targets);
        }
        for (l, layer) in network.layers.iter().enumerate() {
            let update = out.dense(l, layer);
            for k in 0..layer.weight.len() + layer.bias.len() {
                let present = *parameter(&mut moved[l], k);
                let mut at = |value: T, losses: &mut SampleLosses| {
                    *parameter(&mut moved[l], k) = value;
                    forward_with(network, moved, trace);
                    losses.measure(loss, trace.output(), targets);
                    *passes += 1;
                };
                let (high, mut low) = (present + T::of(self.step), present);
                at(high, plus);
                if self.scheme == Scheme::Central {
                    low = present - T::of(self.step);
                    at(low, base);
                }
                *parameter(&mut moved[l], k) = present;
                let differences = plus.losses().iter().zip(base.losses()).map(|(plus, base)| plus - base);
                // an array is a mean over the batch, as the loss is
                let distance = (high.to_f64() - low.to_f64()) * step.batch() as f64;
                *parameter(update, k) = T::of(differences.sum::<f64>() / distance);
            }
        }
    }
}
