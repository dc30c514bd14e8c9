//! Keep a quotient by a root finite, and say where the number that does so stands.

use crate::linalg::{Scalar, zip_slices};
use schemars::JsonSchema;
use serde::de::value::EnumAccessDeserializer;
use serde::de::{Deserializer, EnumAccess, Error, Visitor};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What keeps the quotient by a root finite; a plain number is `Outside`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
pub enum Epsilon {
    /// `√s + ε`, `s` being the mean square; a plain number means this.
    Outside(f64),
    /// `√(s + ε)`: of the size of a square.
    Inside(f64),
}

impl Default for Epsilon {
    fn default() -> Self {
        Self::Outside(1e-8)
    }
}

impl Epsilon {
    pub(super) fn value(self) -> f64 {
        let (Self::Outside(value) | Self::Inside(value)) = self;
        value
    }

    /// `d := d / √(share s)`, with ε in its place.
    pub(super) fn divide<T: Scalar>(self, d: &mut [T], s: &[T], share: f64) {
        let (share, epsilon) = (T::of(share), T::of(self.value()));
        match self {
            Self::Outside(_) => zip_slices(d, s, move |d, s| d / ((share * s).sqrt() + epsilon)),
            Self::Inside(_) => zip_slices(d, s, move |d, s| d / (share * s + epsilon).sqrt()),
        }
    }
}

impl<'de> Deserialize<'de> for Epsilon {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        enum NamedEpsilon {
            Outside(f64),
            Inside(f64),
        }
        struct EpsilonVisitor;
        impl<'de> Visitor<'de> for EpsilonVisitor {
            type Value = Epsilon;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number, `Outside(..)` or `Inside(..)`")
            }

            fn visit_f64<E: Error>(self, value: f64) -> Result<Epsilon, E> {
                Ok(Epsilon::Outside(value))
            }

            fn visit_u64<E: Error>(self, value: u64) -> Result<Epsilon, E> {
                self.visit_f64(value as f64)
            }

            fn visit_i64<E: Error>(self, value: i64) -> Result<Epsilon, E> {
                self.visit_f64(value as f64)
            }

            fn visit_enum<A: EnumAccess<'de>>(self, name: A) -> Result<Epsilon, A::Error> {
                Ok(match NamedEpsilon::deserialize(EnumAccessDeserializer::new(name))? {
                    NamedEpsilon::Outside(value) => Epsilon::Outside(value),
                    NamedEpsilon::Inside(value) => Epsilon::Inside(value),
                })
            }
        }
        deserializer.deserialize_any(EpsilonVisitor)
    }
}
