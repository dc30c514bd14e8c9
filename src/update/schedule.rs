//! Let the learning rate change in the course of training.

use super::Duration;
use crate::refusal::Refusal;
use schemars::JsonSchema;
use serde::de::value::{EnumAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserializer, EnumAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};
use std::fmt;

/// What multiplies the learning rate at the change after `t` others; the first change has `t = 0`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub enum Factor {
    /// Stairs, such as `Piecewise([(Epochs(60), 0.1), (Epochs(120), 0.01)])`: the factor of the last of these moments that has
    /// come, `t ≥ moment`, and 1 before the first. Moments ascend; factors are positive, and are not multiplied with one another.
    Piecewise(Vec<(Duration, f64)>),
    /// `factor^⌊t / every⌋`: a staircase, which with `every: Steps(1)` has the finest steps there are.
    Exponential {
        /// Length of a stair, at least one step of training.
        every: Duration,
        /// What each stair multiplies the rate by, positive.
        factor: f64,
    },
    /// `to + (1 − to) (1 + cos(π t / over)) / 2` for `t < over`, then `to` (Loshchilov, Hutter 2017, without restarts).
    Cosine {
        /// When the end is reached, counted from the beginning of training.
        over: Duration,
        /// The factor at the end, not negative.
        #[serde(default)]
        to: f64,
    },
    /// `(t + 1) / over` for `t < over`, then 1: the first change has `1 / over` of the rate, and the last of the warm-up all of it.
    WarmUp {
        /// Length of the warm-up, at least two steps.
        over: Duration,
    },
}

impl Factor {
    /// With every span in steps.
    fn in_steps(&self, steps_per_epoch: u64) -> Self {
        let steps = |span: &Duration| Duration::Steps(span.steps(steps_per_epoch));
        match self {
            Self::Piecewise(pieces) => Self::Piecewise(pieces.iter().map(|(at, x)| (steps(at), *x)).collect()),
            Self::Exponential { every, factor } => Self::Exponential {
                every: steps(every),
                factor: *factor,
            },
            Self::Cosine { over, to } => Self::Cosine {
                over: steps(over),
                to: *to,
            },
            Self::WarmUp { over } => Self::WarmUp { over: steps(over) },
        }
    }

    fn at(&self, t: u64) -> f64 {
        match self {
            Self::Piecewise(pieces) => {
                let come = pieces.iter().rev().find(|(at, _)| at.steps(1) <= t);
                come.map_or(1.0, |(_, factor)| *factor)
            }
            Self::Exponential { every, factor } => power(*factor, t / every.steps(1).max(1)),
            Self::Cosine { over, to } => match over.steps(1) {
                over if t < over => {
                    let half = cosine(std::f64::consts::FRAC_PI_2 * (t as f64 / over as f64));
                    to + (1.0 - to) * (half * half)
                }
                _ => *to,
            },
            Self::WarmUp { over } => match over.steps(1) {
                over if t < over => (t + 1) as f64 / over as f64,
                _ => 1.0,
            },
        }
    }

    /// No factor is larger.
    fn most(&self) -> f64 {
        match self {
            Self::Piecewise(pieces) => pieces.iter().fold(1.0, |most, (_, factor)| most.max(*factor)),
            Self::Exponential { factor, .. } if *factor > 1.0 => f64::INFINITY,
            Self::Cosine { to, .. } => to.max(1.0),
            Self::Exponential { .. } | Self::WarmUp { .. } => 1.0,
        }
    }

    fn check(&self, steps_per_epoch: u64, end: u64) -> Result<(), Refusal> {
        let late = |option, reason| Err(Refusal::new(option, reason, format!("training ends at step {end}")));
        let positive = |x: f64| x > 0.0 && x.is_finite();
        let refuse = |option, reason| Err(Refusal::new(option, reason, ""));
        let steps = |span: &Duration| span.steps(steps_per_epoch);
        match self {
            Self::Piecewise(pieces) if pieces.is_empty() => refuse("", "`Piecewise` needs at least one moment"),
            Self::Piecewise(pieces) if !pieces.iter().all(|(_, factor)| positive(*factor)) => {
                refuse("", "the factors of `Piecewise` must be positive")
            }
            Self::Piecewise(pieces) if !pieces.is_sorted_by(|(a, _), (b, _)| steps(a) < steps(b)) => {
                refuse("", "the moments of `Piecewise` must ascend")
            }
            Self::Piecewise(pieces) if pieces.iter().any(|(at, _)| steps(at) >= end.max(1)) => {
                late("", "`Piecewise` has a moment after the last change")
            }
            Self::Exponential { every, .. } if steps(every) >= end.max(1) => {
                late("every", "`every` is too long to have an effect")
            }
            Self::Exponential { every, .. } if steps(every) == 0 => {
                refuse("every", "`every` must be at least one step")
            }
            Self::Exponential { factor, .. } if !positive(*factor) => refuse("factor", "`factor` must be positive"),
            Self::Exponential { factor, .. } if *factor == 1.0 => refuse("factor", "a `factor` of 1 has no effect"),
            Self::Cosine { over, .. } if steps(over) == 0 => refuse("over", "`over` must be at least one step"),
            Self::Cosine { to, .. } if !(*to >= 0.0 && to.is_finite()) => refuse("to", "`to` must not be negative"),
            Self::Cosine { to, .. } if *to == 1.0 => refuse("to", "a cosine from 1 to 1 has no effect"),
            Self::WarmUp { over } if steps(over) < 2 => {
                refuse("over", "a warm-up of less than two steps has no effect")
            }
            _ => Ok(()),
        }
    }
}

/// The product of some factors, which multiplies every learning rate; 1 if there are none. Written as one factor, or as a list.
#[derive(Clone, Debug, Default, PartialEq, JsonSchema)]
#[schemars(with = "OneOrMore")]
pub struct Schedule(pub Vec<Factor>);

impl Schedule {
    /// With every span in steps. Until then an epoch counts as one step.
    pub fn in_steps(&self, steps_per_epoch: u64) -> Self {
        Self(self.0.iter().map(|factor| factor.in_steps(steps_per_epoch)).collect())
    }

    /// At the change after `t` others.
    pub fn factor(&self, t: u64) -> f64 {
        self.0.iter().map(|factor| factor.at(t)).product()
    }

    /// Whether the rate stays as it is.
    pub fn is_constant(&self) -> bool {
        self.0.is_empty()
    }

    /// No factor is larger.
    pub(super) fn most(&self) -> f64 {
        self.0.iter().map(Factor::most).product()
    }

    /// Refuses what is impossible or has no effect, under the path `schedule.0.factor`.
    pub(super) fn check(&self, steps_per_epoch: u64, end: u64) -> Result<(), Refusal> {
        for (i, factor) in self.0.iter().enumerate() {
            let within = |refusal: Refusal| refusal.within(&format!("schedule.{i}"));
            factor.check(steps_per_epoch, end).map_err(within)?;
        }
        Ok(())
    }
}

/// A [`Schedule`] as files have it.
#[derive(JsonSchema)]
#[schemars(untagged)]
#[allow(dead_code)] // it only describes
enum OneOrMore {
    One(Factor),
    More(Vec<Factor>),
}

impl Serialize for Schedule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0[..] {
            [factor] => factor.serialize(serializer),
            factors => factors.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Schedule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ScheduleVisitor;
        impl<'de> Visitor<'de> for ScheduleVisitor {
            type Value = Schedule;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a schedule such as `Cosine(over: Epochs(100))`, or a list of them")
            }

            fn visit_enum<A: EnumAccess<'de>>(self, name: A) -> Result<Schedule, A::Error> {
                Factor::deserialize(EnumAccessDeserializer::new(name)).map(|factor| Schedule(vec![factor]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Schedule, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(list)).map(Schedule)
            }
        }
        deserializer.deserialize_any(ScheduleVisitor)
    }
}

/// `cos y` for `y` in `[0, π/2]`, by its series: the same bits everywhere, within 1e-16.
fn cosine(y: f64) -> f64 {
    let square = y * y;
    let term = |sum: f64, k: u32| 1.0 - square / f64::from((2 * k - 1) * (2 * k)) * sum;
    (1..=12).rev().fold(1.0, term)
}

/// `base^exponent` by squaring: the same bits everywhere.
pub(super) fn power(base: f64, mut exponent: u64) -> f64 {
    let (mut square, mut product) = (base, 1.0);
    while exponent > 0 {
        if exponent % 2 == 1 {
            product *= square;
        }
        square *= square;
        exponent /= 2;
    }
    product
}
