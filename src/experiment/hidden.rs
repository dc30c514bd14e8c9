//! Define and read the entries of `hidden`: layers, and pools of them.

use crate::network::{PoolKind, Window};
use crate::notation::{Node, Result as Read};
use crate::tasks::in_words::in_words;
use schemars::JsonSchema;
use serde::de::value::EnumAccessDeserializer;
use serde::de::{self, Deserializer, EnumAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};
use std::fmt;

/// Rows and columns; one number is both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent(pub usize, pub usize);

in_words!(Extent, "a whole number or `(rows, columns)`");

impl Serialize for Extent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match *self {
            Self(rows, columns) if rows == columns => rows.serialize(serializer),
            Self(rows, columns) => (rows, columns).serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Extent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ExtentVisitor;
        impl<'de> Visitor<'de> for ExtentVisitor {
            type Value = Extent;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number or `(rows, columns)`")
            }

            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Extent, E> {
                let value = usize::try_from(value).map_err(E::custom)?;
                Ok(Extent(value, value))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Extent, A::Error> {
                let mut next = |place: usize| {
                    let value = values.next_element()?;
                    value.ok_or_else(|| de::Error::invalid_length(place, &"`(rows, columns)`"))
                };
                Ok(Extent(next(0)?, next(1)?))
            }
        }
        deserializer.deserialize_any(ExtentVisitor)
    }
}

const fn each() -> Extent {
    Extent(1, 1)
}

const fn none() -> Extent {
    Extent(0, 0)
}

/// How the weights and biases of a layer without sharing start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum LocalStart {
    /// Each place draws its own.
    #[default]
    Own,
    /// All places start with what a `Conv` of the same shape draws: the same seed makes the same function.
    Shared,
}

/// A hidden layer, or a pool of the layer before it, which has no number of its own. A number alone is a dense layer of so many units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename = "Layer", remote = "Self", deny_unknown_fields)]
pub enum HiddenEntry {
    /// Filters that look at every place of the map below with the same weights: a convolution.
    Conv {
        /// Filters, each of which makes a map of its own.
        channels: usize,
        /// Rows and columns that a filter sees; one number is both.
        kernel: Extent,
        /// Rows and columns from one place to the next.
        #[serde(default = "each")]
        stride: Extent,
        /// Rows and columns of zeros on each side of the map, fewer than the kernel has.
        #[serde(default = "none")]
        padding: Extent,
    },
    /// The same without sharing: every place has weights and biases of its own.
    Local {
        /// Filters at each place.
        channels: usize,
        /// Rows and columns that a filter sees; one number is both.
        kernel: Extent,
        /// Rows and columns from one place to the next.
        #[serde(default = "each")]
        stride: Extent,
        /// Rows and columns of zeros on each side of the map, fewer than the kernel has.
        #[serde(default = "none")]
        padding: Extent,
        /// How weights and biases start.
        #[serde(default)]
        start: LocalStart,
    },
    /// The largest activity of each window goes up; `MaxPool(2)` is short for `MaxPool(size: 2)`.
    MaxPool {
        /// Rows and columns of a window; one number is both.
        size: Extent,
        /// From one window to the next; left out, the size.
        #[serde(serialize_with = "bare", default)]
        stride: Option<Extent>,
    },
    /// The mean activity of each window goes up; `AveragePool(2)` is short for `AveragePool(size: 2)`.
    AveragePool {
        /// Rows and columns of a window; one number is both.
        size: Extent,
        /// From one window to the next; left out, the size.
        #[serde(serialize_with = "bare", default)]
        stride: Option<Extent>,
    },
    /// So many units that all inputs reach; a number alone means this.
    Dense(usize),
}

/// Writes `2`, not `Some(2)`.
fn bare<S: Serializer>(extent: &Option<Extent>, serializer: S) -> Result<S::Ok, S::Error> {
    match extent {
        Some(extent) => extent.serialize(serializer),
        None => serializer.serialize_none(),
    }
}

/// Dense layers as numbers.
impl Serialize for HiddenEntry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Dense(units) => units.serialize(serializer),
            _ => Self::serialize(self, serializer),
        }
    }
}

impl<'de> Deserialize<'de> for HiddenEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct EntryVisitor;
        impl<'de> Visitor<'de> for EntryVisitor {
            type Value = HiddenEntry;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number of units or a layer, such as `Conv(channels: 20, kernel: 5)`")
            }

            fn visit_u64<E: de::Error>(self, units: u64) -> Result<HiddenEntry, E> {
                usize::try_from(units).map(HiddenEntry::Dense).map_err(E::custom)
            }

            fn visit_enum<A: EnumAccess<'de>>(self, name: A) -> Result<HiddenEntry, A::Error> {
                HiddenEntry::deserialize(EnumAccessDeserializer::new(name))
            }
        }
        deserializer.deserialize_any(EntryVisitor)
    }
}

impl HiddenEntry {
    /// What files call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Dense(_) => "Dense",
            Self::Conv { .. } => "Conv",
            Self::Local { .. } => "Local",
            Self::MaxPool { .. } => "MaxPool",
            Self::AveragePool { .. } => "AveragePool",
        }
    }

    /// Filters and their window, of an entry that has them.
    pub(super) fn filters(self) -> Option<(usize, Window)> {
        let (Self::Conv {
            channels,
            kernel,
            stride,
            padding,
        }
        | Self::Local {
            channels,
            kernel,
            stride,
            padding,
            ..
        }) = self
        else {
            return None;
        };
        let [size, stride, padding] = [kernel, stride, padding].map(|Extent(rows, columns)| (rows, columns));
        Some((channels, Window { size, stride, padding }))
    }

    /// What is made of the window of an entry that pools.
    pub(super) fn pooling(self) -> Option<(PoolKind, Window)> {
        let (kind, size, stride) = match self {
            Self::MaxPool { size, stride } => (PoolKind::Max, size, stride),
            Self::AveragePool { size, stride } => (PoolKind::Average, size, stride),
            _ => return None,
        };
        let [size, stride] = [size, stride.unwrap_or(size)].map(|Extent(rows, columns)| (rows, columns));
        let padding = (0, 0);
        Some((kind, Window { size, stride, padding }))
    }

    /// The same with what depends on other options in place.
    fn completed(self) -> Self {
        match self {
            Self::MaxPool { size, stride } => Self::MaxPool {
                size,
                stride: stride.or(Some(size)),
            },
            Self::AveragePool { size, stride } => Self::AveragePool {
                size,
                stride: stride.or(Some(size)),
            },
            other => other,
        }
    }

    /// Whether it pools the layer before it.
    pub fn pools(self) -> bool {
        self.pooling().is_some()
    }
}

/// A pool by its size alone.
#[derive(Deserialize)]
enum ShortPool {
    MaxPool(Extent),
    AveragePool(Extent),
}

/// The entries of a list.
pub(super) fn entries(list: &Node<'_>) -> Read<Vec<HiddenEntry>> {
    let items = list.items();
    let items = items.ok_or_else(|| list.wrong_type("a list of layers, such as `[64, 64]`"))?;
    items.iter().map(entry).collect()
}

fn entry(item: &Node<'_>) -> Read<HiddenEntry> {
    let pools = item
        .name()
        .is_some_and(|(name, _)| ["MaxPool", "AveragePool"].contains(&name));
    let entry = match pools && item.options().is_err() {
        true => match item.read::<ShortPool>()? {
            ShortPool::MaxPool(size) => HiddenEntry::MaxPool { size, stride: None },
            ShortPool::AveragePool(size) => HiddenEntry::AveragePool { size, stride: None },
        },
        false => item.read()?,
    };
    Ok(entry.completed())
}

impl From<usize> for HiddenEntry {
    fn from(units: usize) -> Self {
        Self::Dense(units)
    }
}

impl PartialEq<usize> for HiddenEntry {
    fn eq(&self, units: &usize) -> bool {
        *self == Self::Dense(*units)
    }
}
