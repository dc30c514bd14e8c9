//! Say which samples of a synthetic task runs have.

use super::in_words::in_words;
use serde::de::{self, Deserializer, EnumAccess, VariantAccess, Visitor};
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What the samples of a task are drawn from: `seed: 0`, or `seed: PerRun`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seed {
    /// All runs of an experiment have the same samples.
    Fixed(u64),
    /// A run with seed s has the samples that `seed: s` stands for: each seed its own, the same for all arms, made when the run
    /// begins.
    PerRun,
}

impl Default for Seed {
    fn default() -> Self {
        Self::Fixed(0)
    }
}

impl Seed {
    /// The number behind the samples; where each run has its own, that of the run with seed 0.
    pub(super) fn number(self) -> u64 {
        match self {
            Self::Fixed(seed) => seed,
            Self::PerRun => 0,
        }
    }
}

impl Serialize for Seed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Fixed(seed) => seed.serialize(serializer),
            Self::PerRun => serializer.serialize_unit_variant("Seed", 0, "PerRun"),
        }
    }
}

impl<'de> Deserialize<'de> for Seed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnySeed)
    }
}

in_words!(Seed, "a whole number, or `PerRun`");

/// `0` or `PerRun`.
struct AnySeed;

impl<'de> Visitor<'de> for AnySeed {
    type Value = Seed;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number or `PerRun`")
    }

    fn visit_u64<E: de::Error>(self, seed: u64) -> Result<Seed, E> {
        Ok(Seed::Fixed(seed))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, name: A) -> Result<Seed, A::Error> {
        let (Name::PerRun, variant) = name.variant()?;
        variant.unit_variant()?;
        Ok(Seed::PerRun)
    }
}

/// The one name.
#[derive(Deserialize)]
#[serde(variant_identifier)]
enum Name {
    PerRun,
}
