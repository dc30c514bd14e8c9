//! Define the optimizers: how a direction is made of a proposal, and what a step along it keeps.

use super::schedule::power;
use super::{Epsilon, Group, Recipe, Schedule};
use crate::linalg::{Scalar, zip_slices};
use crate::refusal::Refusal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Declares the optimizers, and what files may say of one: its own options, then those that every optimizer has.
macro_rules! optimizers {
    ($($(#[$about:meta])* $name:ident { $($(#[$what:meta])* $option:ident: $type:ty,)* })*) => {
        /// How a direction is made of a proposal `u`, and a step of the direction, here for weights `W`; `g = u + l2 W`.
        ///
        /// Biases go the same way, but without `decay` and `l2`. A layer that the rule does not train is left alone: it does not
        /// decay, and nothing is remembered. Momentum, mean and mean square start at 0.
        ///
        /// There are three kinds of decay: `decay` is the share of each weight lost per step, not multiplied by the rate, but for
        /// `AdamW`, where it is; `l2` adds to the gradient, and so goes through momentum and scaling.
        #[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub enum Optimizer {
            $($(#[$about])* $name { $($(#[$what])* $option: $type,)* },)*
        }

        /// A [`Recipe`] as files have it.
        #[derive(Serialize, Deserialize, JsonSchema)]
        #[serde(rename = "Optimizer", deny_unknown_fields)]
        pub(super) enum WrittenRecipe {
            $($(#[$about])* $name {
                $($(#[$what])* $option: $type,)*
                /// Parameters of the network with numbers of their own, such as
                /// `[(match: "*.bias", learning_rate: 0.01)]`; of the groups that fit a parameter the first counts.
                #[serde(default, skip_serializing_if = "Vec::is_empty")]
                groups: Vec<Group>,
                /// What multiplies all rates in the course of training, one or a list of them; left out, they stay as they are.
                #[serde(default, skip_serializing_if = "Schedule::is_constant")]
                schedule: Schedule,
                /// The largest norm of an update, positive: `u ← u min(1, clip / |u|)`, `|u|` over the weights and biases of all
                /// trained layers together, before `l2` and momentum. Left out, nothing is clipped.
                #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "super::group::bare")]
                clip: Option<f64>,
            },)*
        }

        impl From<WrittenRecipe> for Recipe {
            fn from(written: WrittenRecipe) -> Self {
                match written {
                    $(WrittenRecipe::$name { $($option,)* groups, schedule, clip } => Self {
                        optimizer: Optimizer::$name { $($option,)* },
                        groups,
                        schedule,
                        clip,
                    },)*
                }
            }
        }

        impl From<Recipe> for WrittenRecipe {
            fn from(recipe: Recipe) -> Self {
                let Recipe { optimizer, groups, schedule, clip } = recipe;
                match optimizer {
                    $(Optimizer::$name { $($option,)* } => Self::$name { $($option,)* groups, schedule, clip },)*
                }
            }
        }
    };
}

optimizers! {
    /// `v ← momentum v + g`, `W ← (1 − decay) W − learning_rate v`: the rate stands outside the velocity.
    Sgd {
        /// Step size: what the direction is multiplied by; positive.
        learning_rate: f64,
        /// Share of the velocity that is kept, in `[0, 1)`.
        #[serde(default)]
        momentum: f64,
        /// Share of each weight lost per step, in `[0, 1)`; not multiplied by the rate.
        #[serde(default)]
        decay: f64,
        /// Adds `l2 W` to the gradient; not negative.
        #[serde(default)]
        l2: f64,
    }
    /// `v ← momentum v + learning_rate g`, `W ← (1 − decay) W − v` (Polyak 1964): the rate stands inside the velocity. It differs from
    /// `Sgd` only where a schedule changes the rate: there the velocity keeps the rate that its parts came in with.
    HeavyBall {
        /// Step size: what the direction is multiplied by; positive.
        learning_rate: f64,
        /// Share of the velocity that is kept, in `(0, 1)`.
        momentum: f64,
        /// Share of each weight lost per step, in `[0, 1)`; not multiplied by the rate.
        #[serde(default)]
        decay: f64,
        /// Adds `l2 W` to the gradient; not negative.
        #[serde(default)]
        l2: f64,
    }
    /// `v ← momentum v + g`, `W ← (1 − decay) W − learning_rate (g + momentum v)`: Nesterov's momentum as Sutskever et al. 2013 give it,
    /// in terms of the parameters that the gradient is taken at, the rate outside the velocity (so PyTorch has it).
    Nesterov {
        /// Step size: what the direction is multiplied by; positive.
        learning_rate: f64,
        /// Share of the velocity that is kept, in `(0, 1)`.
        momentum: f64,
        /// Share of each weight lost per step, in `[0, 1)`; not multiplied by the rate.
        #[serde(default)]
        decay: f64,
        /// Adds `l2 W` to the gradient; not negative.
        #[serde(default)]
        l2: f64,
    }
    /// `s ← smoothing s + (1 − smoothing) g²`, `W ← (1 − decay) W − learning_rate g / (√s + epsilon)` (Tieleman, Hinton 2012), element by
    /// element; `s` starts at 0 and is not corrected for that.
    RmsProp {
        /// Step size: what the direction is multiplied by; positive.
        learning_rate: f64,
        /// Share of the mean square that is kept, in `[0, 1)`.
        #[serde(default = "hundred_steps")]
        smoothing: f64,
        /// Keeps the quotient finite; positive.
        #[serde(default)]
        epsilon: Epsilon,
        /// Share of each weight lost per step, in `[0, 1)`; not multiplied by the rate.
        #[serde(default)]
        decay: f64,
        /// Adds `l2 W` to the gradient; not negative.
        #[serde(default)]
        l2: f64,
    }
    /// `m ← beta1 m + (1 − beta1) g`, `s ← beta2 s + (1 − beta2) g²`, `W ← W − learning_rate m̂ / (√ŝ + epsilon)` (Kingma, Ba 2015), with
    /// the bias corrections `m̂ = m / (1 − beta1^t)`, `ŝ = s / (1 − beta2^t)` at the `t`-th change of the layer, counted from 1.
    Adam {
        /// Step size: what the direction is multiplied by; positive.
        #[serde(default = "thousandth")]
        learning_rate: f64,
        /// Share of the mean that is kept, in `[0, 1)`.
        #[serde(default = "ten_steps")]
        beta1: f64,
        /// Share of the mean square that is kept, in `[0, 1)`.
        #[serde(default = "thousand_steps")]
        beta2: f64,
        /// Keeps the quotient finite; positive.
        #[serde(default)]
        epsilon: Epsilon,
        /// Adds `l2 W` to the gradient; not negative.
        #[serde(default)]
        l2: f64,
    }
    /// `Adam` with `W ← (1 − learning_rate decay) W − learning_rate m̂ / (√ŝ + epsilon)` (Loshchilov, Hutter 2019): the decay does not pass
    /// through the moments; the rate that multiplies it is the scheduled one.
    AdamW {
        /// Step size: what the direction is multiplied by; positive.
        #[serde(default = "thousandth")]
        learning_rate: f64,
        /// Share of the mean that is kept, in `[0, 1)`.
        #[serde(default = "ten_steps")]
        beta1: f64,
        /// Share of the mean square that is kept, in `[0, 1)`.
        #[serde(default = "thousand_steps")]
        beta2: f64,
        /// Keeps the quotient finite; positive.
        #[serde(default)]
        epsilon: Epsilon,
        /// Share of each weight lost per step, once multiplied by the rate; that product is less than 1.
        decay: f64,
    }
}

fn thousandth() -> f64 {
    1e-3
}

fn ten_steps() -> f64 {
    0.9
}

fn hundred_steps() -> f64 {
    0.99
}

fn thousand_steps() -> f64 {
    0.999
}

impl Default for Optimizer {
    fn default() -> Self {
        Self::Sgd {
            learning_rate: 0.1,
            momentum: 0.9,
            decay: 0.0,
            l2: 0.0,
        }
    }
}

/// The refusal of a number.
fn refuse(option: &str, reason: &str) -> Result<(), Refusal> {
    Err(Refusal::new(option, reason, ""))
}

impl Optimizer {
    /// Plain gradient descent.
    pub fn sgd(learning_rate: f64) -> Self {
        Self::Sgd {
            learning_rate,
            momentum: 0.0,
            decay: 0.0,
            l2: 0.0,
        }
    }

    /// The step size.
    pub fn learning_rate(self) -> f64 {
        let (Self::Sgd { learning_rate, .. }
        | Self::HeavyBall { learning_rate, .. }
        | Self::Nesterov { learning_rate, .. }
        | Self::RmsProp { learning_rate, .. }
        | Self::Adam { learning_rate, .. }
        | Self::AdamW { learning_rate, .. }) = self;
        learning_rate
    }

    /// The option `decay`, where there is one.
    pub fn decay(self) -> Option<f64> {
        match self {
            Self::Sgd { decay, .. }
            | Self::HeavyBall { decay, .. }
            | Self::Nesterov { decay, .. }
            | Self::RmsProp { decay, .. }
            | Self::AdamW { decay, .. } => Some(decay),
            Self::Adam { .. } => None,
        }
    }

    /// The option `l2`, where there is one.
    pub fn l2(self) -> Option<f64> {
        match self {
            Self::Sgd { l2, .. }
            | Self::HeavyBall { l2, .. }
            | Self::Nesterov { l2, .. }
            | Self::RmsProp { l2, .. }
            | Self::Adam { l2, .. } => Some(l2),
            Self::AdamW { .. } => None,
        }
    }

    /// The option `momentum`, where there is one.
    pub fn momentum(self) -> Option<f64> {
        match self {
            Self::Sgd { momentum, .. } | Self::HeavyBall { momentum, .. } | Self::Nesterov { momentum, .. } => {
                Some(momentum)
            }
            Self::RmsProp { .. } | Self::Adam { .. } | Self::AdamW { .. } => None,
        }
    }

    /// Refuses impossible numbers; it knows no remedy.
    ///
    /// # Errors
    /// There is one.
    pub fn check(self) -> Result<(), Refusal> {
        let share = |option, value: f64| match (0.0..1.0).contains(&value) {
            true => Ok(()),
            false => refuse(option, "must be at least 0 and less than 1"),
        };
        if !(self.learning_rate() > 0.0 && self.learning_rate().is_finite()) {
            return refuse("learning_rate", "must be positive");
        }
        share("momentum", self.momentum().unwrap_or(0.0))?;
        if matches!(self, Self::HeavyBall { .. } | Self::Nesterov { .. }) && self.momentum() == Some(0.0) {
            return refuse("momentum", "must be positive; without momentum this is `Sgd`");
        }
        match self {
            Self::RmsProp { smoothing, .. } => share("smoothing", smoothing)?,
            Self::Adam { beta1, beta2, .. } | Self::AdamW { beta1, beta2, .. } => {
                share("beta1", beta1)?;
                share("beta2", beta2)?;
            }
            _ => {}
        }
        if let Self::RmsProp { epsilon, .. } | Self::Adam { epsilon, .. } | Self::AdamW { epsilon, .. } = self
            && !(epsilon.value() >= 1e-37 && epsilon.value().is_finite())
        {
            return refuse("epsilon", "must be positive, and at least 1e-37");
        }
        self.check_decay(self.learning_rate(), self.decay().unwrap_or(0.0))?;
        self.check_l2(self.l2().unwrap_or(0.0))
    }

    /// Whether weights can decay so; `rate` is the largest that `AdamW` multiplies it by.
    pub(super) fn check_decay(self, rate: f64, decay: f64) -> Result<(), Refusal> {
        match self {
            Self::AdamW { .. } if !(decay == 0.0 || decay > 0.0 && rate * decay < 1.0) => refuse(
                "decay",
                "must not be negative, and less than 1 when multiplied by the rate",
            ),
            Self::AdamW { .. } => Ok(()),
            _ if (0.0..1.0).contains(&decay) => Ok(()),
            _ => refuse("decay", "must be at least 0 and less than 1"),
        }
    }

    pub(super) fn check_l2(self, l2: f64) -> Result<(), Refusal> {
        match l2 >= 0.0 && l2.is_finite() {
            true => Ok(()),
            false => refuse("l2", "must not be negative"),
        }
    }

    /// Share of the weights that a step keeps.
    pub(super) fn keep(self, rate: f64, decay: f64) -> f64 {
        match self {
            Self::AdamW { .. } => 1.0 - rate * decay,
            _ => 1.0 - decay,
        }
    }

    /// What multiplies the gradient on its way into the direction, and the direction on its way into the weights.
    pub(super) fn rates(self, rate: f64) -> (f64, f64) {
        match self {
            Self::HeavyBall { .. } => (rate, 1.0),
            _ => (1.0, rate),
        }
    }

    /// What files call the mean or sum of past gradients that it remembers.
    pub(super) fn first_moment(self) -> Option<&'static str> {
        match self {
            Self::Sgd { momentum, .. } => (momentum != 0.0).then_some("velocity"),
            Self::HeavyBall { .. } | Self::Nesterov { .. } => Some("velocity"),
            Self::Adam { .. } | Self::AdamW { .. } => Some("mean"),
            Self::RmsProp { .. } => None,
        }
    }

    /// Whether it divides by the root of a mean square.
    pub(super) fn is_adaptive(self) -> bool {
        matches!(self, Self::RmsProp { .. } | Self::Adam { .. } | Self::AdamW { .. })
    }

    /// Whether the number of changes enters.
    pub(super) fn counts(self) -> bool {
        matches!(self, Self::Adam { .. } | Self::AdamW { .. })
    }

    /// Whether the direction is the first moment, or the gradient where there is none.
    pub(super) fn is_heavy(self) -> bool {
        matches!(self, Self::Sgd { .. } | Self::HeavyBall { .. })
    }

    /// What multiplies the mean and the mean square, since they start at 0, at change `t`, counted from 1.
    pub(super) fn corrections(self, t: u64) -> [f64; 2] {
        let correct = |beta: f64| 1.0 / (1.0 - power(beta, t));
        match self {
            Self::Adam { beta1, beta2, .. } | Self::AdamW { beta1, beta2, .. } => [beta1, beta2].map(correct),
            _ => [1.0; 2],
        }
    }

    /// Makes the direction of the gradient `d`; moments are empty where there are none; see [`Optimizer::corrections`].
    pub(super) fn direct<T: Scalar>(self, d: &mut [T], first: &mut [T], square: &mut [T], corrections: [f64; 2]) {
        let [of_mean, of_square] = corrections;
        let mix = |moment: &mut [T], d: &[T], keep: f64, add: f64| {
            let (keep, add) = (T::of(keep), T::of(add));
            zip_slices(moment, d, move |moment, g| keep * moment + add * g);
        };
        let mix_square = |moment: &mut [T], d: &[T], keep: f64| {
            let (keep, add) = (T::of(keep), T::of(1.0 - keep));
            zip_slices(moment, d, move |moment, g| keep * moment + add * (g * g));
        };
        match self {
            Self::Sgd { momentum: 0.0, .. } => {}
            Self::Sgd { momentum, .. } | Self::HeavyBall { momentum, .. } => {
                mix(first, d, momentum, 1.0);
                d.copy_from_slice(first);
            }
            Self::Nesterov { momentum, .. } => {
                mix(first, d, momentum, 1.0);
                let momentum = T::of(momentum);
                zip_slices(d, first, move |g, v| g + momentum * v);
            }
            Self::RmsProp { smoothing, epsilon, .. } => {
                mix_square(square, d, smoothing);
                epsilon.divide(d, square, of_square);
            }
            Self::Adam {
                beta1, beta2, epsilon, ..
            }
            | Self::AdamW {
                beta1, beta2, epsilon, ..
            } => {
                mix(first, d, beta1, 1.0 - beta1);
                mix_square(square, d, beta2);
                zip_slices(d, first, move |_, m| T::of(of_mean) * m);
                epsilon.divide(d, square, of_square);
            }
        }
    }
}
