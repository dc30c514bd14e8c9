//! Define the entries of `hidden`, and lay out the layers that they make: maps, wirings, pools.

use crate::network::{Map, Pool, PoolKind, Window, Wiring};
use crate::tasks::in_words::in_words;
use crate::tasks::{DataSet, Facts, Image};
use schemars::JsonSchema;
use serde::de::value::EnumAccessDeserializer;
use serde::de::{self, Deserializer, EnumAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};
use std::fmt;

/// More weights than memory holds for a run, its feedback and its momentum.
pub(super) const MOST_PARAMETERS: u128 = 1 << 28;
/// More units than memory holds for a sample.
const MOST_UNITS: u128 = 1 << 28;

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

    /// The same with what depends on other options in place.
    pub(super) fn completed(self) -> Self {
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
        matches!(self, Self::MaxPool { .. } | Self::AveragePool { .. })
    }
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

/// What a network receives: so many numbers, which may be an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inputs {
    /// Numbers of a sample.
    pub count: usize,
    /// Their channels, rows and columns.
    pub image: Option<Map>,
}

impl From<usize> for Inputs {
    fn from(count: usize) -> Self {
        Self { count, image: None }
    }
}

impl From<&DataSet> for Inputs {
    fn from(data: &DataSet) -> Self {
        Self {
            count: data.inputs(),
            image: data.image(),
        }
    }
}

impl From<&Facts> for Inputs {
    fn from(facts: &Facts) -> Self {
        Self {
            count: facts.inputs,
            image: facts.image,
        }
    }
}

/// A layer with weights as it will be built.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LayerPlan {
    /// What files call a layer of this kind.
    pub name: &'static str,
    /// Which inputs reach which units.
    pub wiring: Wiring,
    /// What is made of the units.
    pub pool: Option<Pool>,
    /// What its weights and biases are drawn as, where that is another wiring.
    pub drawn_as: Option<Wiring>,
    /// The window of its filters, and the map that they see.
    pub filters: Option<(Window, Map)>,
}

impl LayerPlan {
    fn dense(outputs: usize, inputs: usize) -> Self {
        Self {
            name: "Dense",
            wiring: Wiring::dense(outputs, inputs),
            pool: None,
            drawn_as: None,
            filters: None,
        }
    }

    /// Whether its filters are each place's own.
    pub fn has_own_filters(&self) -> bool {
        self.wiring.uses() < self.wiring.positions()
    }

    /// What the layer above sees.
    fn seen(&self) -> Inputs {
        let image = self.pool.map(Pool::map).or(self.wiring.map());
        let count = image.map_or(self.wiring.outputs(), Map::units);
        Inputs { count, image }
    }
}

/// `Conv 20 x 24 x 24, pooled 20 x 12 x 12`, with what of the maps is not seen.
impl fmt::Display for LayerPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |map: Map| format!("{} x {} x {}", map.channels, map.rows, map.columns);
        let units = self.wiring.map().map_or(self.wiring.outputs().to_string(), text);
        write!(f, "{} {units}", self.name)?;
        let left_over = |f: &mut fmt::Formatter<'_>, (window, map): (Window, Map)| {
            let (rows, columns) = window.left_over(map);
            for (count, what) in [(rows, "row"), (columns, "column")] {
                match count {
                    0 => {}
                    1 => write!(f, " (1 {what} left over)")?,
                    _ => write!(f, " ({count} {what}s left over)")?,
                }
            }
            Ok(())
        };
        self.filters.map_or(Ok(()), |filters| left_over(f, filters))?;
        let Some(pool) = self.pool else { return Ok(()) };
        write!(f, ", pooled {}", text(pool.map()))?;
        left_over(f, (pool.window, pool.below))
    }
}

/// Why an entry cannot be where it is.
pub(super) struct Flaw {
    /// Its place in `hidden`.
    pub entry: usize,
    /// The option at fault; empty where it is the entry.
    pub option: &'static str,
    pub title: String,
    pub help: String,
}

/// The layers from the input up, the output layer last.
pub(super) fn layers(inputs: Inputs, hidden: &[HiddenEntry], outputs: usize) -> Result<Vec<LayerPlan>, Flaw> {
    let mut layers: Vec<LayerPlan> = Vec::new();
    let mut below = inputs;
    for (i, entry) in hidden.iter().enumerate() {
        let flaw = |(option, title, help): Complaint| Flaw {
            entry: i,
            option,
            title,
            help,
        };
        check_numbers(*entry).map_err(flaw)?;
        match *entry {
            HiddenEntry::Dense(units) => layers.push(LayerPlan::dense(units, below.count)),
            HiddenEntry::Conv { .. } | HiddenEntry::Local { .. } => {
                layers.push(filters(*entry, below, layers.is_empty()).map_err(flaw)?)
            }
            HiddenEntry::MaxPool { size, stride } => {
                pool(PoolKind::Max, size, stride.unwrap_or(size), layers.last_mut()).map_err(flaw)?
            }
            HiddenEntry::AveragePool { size, stride } => {
                pool(PoolKind::Average, size, stride.unwrap_or(size), layers.last_mut()).map_err(flaw)?
            }
        }
        below = layers.last().map_or(below, LayerPlan::seen);
    }
    layers.push(LayerPlan::dense(outputs, below.count));
    Ok(layers)
}

/// Option, title, help.
type Complaint = (&'static str, String, String);

fn check_numbers(entry: HiddenEntry) -> Result<(), Complaint> {
    let least = |option: &'static str, what: &str, Extent(rows, columns)| match rows.min(columns) {
        0 => Err((
            option,
            format!("{what} must be at least 1"),
            "write a larger number".to_string(),
        )),
        _ => Ok(()),
    };
    match entry {
        HiddenEntry::Dense(0) => Err((
            "",
            "a layer needs at least one unit".into(),
            "leave this layer out".into(),
        )),
        HiddenEntry::Dense(_) => Ok(()),
        HiddenEntry::Conv {
            channels,
            kernel,
            stride,
            padding,
        }
        | HiddenEntry::Local {
            channels,
            kernel,
            stride,
            padding,
            ..
        } => {
            least("channels", "`channels`", Extent(channels, channels))?;
            least("kernel", "`kernel`", kernel)?;
            least("stride", "`stride`", stride)?;
            let within = padding.0 < kernel.0 && padding.1 < kernel.1;
            let help = "a filter would see nothing but zeros; write a smaller `padding`";
            match within {
                true => Ok(()),
                false => Err(("padding", "`padding` must be less than `kernel`".into(), help.into())),
            }
        }
        HiddenEntry::MaxPool { size, stride } | HiddenEntry::AveragePool { size, stride } => {
            least("size", "`size`", size)?;
            least("stride", "`stride`", stride.unwrap_or(size))?;
            let idle = size == each() && stride.unwrap_or(size) == each();
            let title = format!("`{}(1)` has no effect", entry.name());
            match idle {
                true => Err(("", title, "leave it out".into())),
                false => Ok(()),
            }
        }
    }
}

/// A layer of filters on what lies below.
fn filters(entry: HiddenEntry, below: Inputs, lowest: bool) -> Result<LayerPlan, Complaint> {
    let (HiddenEntry::Conv {
        channels,
        kernel,
        stride,
        padding,
    }
    | HiddenEntry::Local {
        channels,
        kernel,
        stride,
        padding,
        ..
    }) = entry
    else {
        unreachable!("only these have filters");
    };
    let name = entry.name();
    let Some(map) = below.image else {
        let Image(channels, rows, columns) = Image::likely(below.count);
        let (why, help) = match lowest {
            true => (
                format!("the inputs are {} numbers", below.count),
                format!("say `image: ({channels}, {rows}, {columns})` in the task"),
            ),
            false => (
                "a dense layer has no rows and columns".into(),
                format!("put `{name}` before it"),
            ),
        };
        return Err(("", format!("`{name}` needs rows and columns, and {why}"), help));
    };
    let window = Window {
        size: (kernel.0, kernel.1),
        stride: (stride.0, stride.1),
        padding: (padding.0, padding.1),
    };
    let (rows, columns) = places(window, map, "kernel")?;
    let taps = [map.channels, kernel.0, kernel.1]
        .map(|n| n as u128)
        .iter()
        .product::<u128>();
    let units = [channels, rows, columns]
        .map(|n| n as u128)
        .iter()
        .fold(1, |units: u128, n| units.saturating_mul(*n));
    let own = matches!(entry, HiddenEntry::Local { .. });
    let weights = if own { units } else { channels as u128 }.saturating_mul(taps);
    if units > MOST_UNITS || weights > MOST_PARAMETERS {
        let title = format!("this layer is too large: {units} units with {weights} weights");
        let help = format!("at most {MOST_UNITS} units and {MOST_PARAMETERS} weights");
        return Err(("channels", title, help));
    }
    let shared = Wiring::convolution(channels, map, window);
    let (wiring, drawn_as) = match entry {
        HiddenEntry::Local { start, .. } => (
            Wiring::local(channels, map, window),
            (start == LocalStart::Shared).then_some(shared),
        ),
        _ => (shared, None),
    };
    Ok(LayerPlan {
        name,
        wiring,
        pool: None,
        drawn_as,
        filters: Some((window, map)),
    })
}

/// Pools the layer before.
fn pool(kind: PoolKind, size: Extent, stride: Extent, layer: Option<&mut LayerPlan>) -> Result<(), Complaint> {
    let unpooled = layer.filter(|layer| layer.pool.is_none());
    let Some((layer, map)) = unpooled.and_then(|layer| layer.wiring.map().map(|map| (layer, map))) else {
        let title = "pools the map of the layer before it, and there is none";
        let name = match kind {
            PoolKind::Max => "MaxPool",
            PoolKind::Average => "AveragePool",
        };
        return Err((
            "",
            format!("`{name}` {title}"),
            "put it behind `Conv` or `Local`".into(),
        ));
    };
    let window = Window {
        size: (size.0, size.1),
        stride: (stride.0, stride.1),
        padding: (0, 0),
    };
    places(window, map, "size")?;
    layer.pool = Some(Pool::new(kind, map, window));
    Ok(())
}

/// Rows and columns of places of a window on a map.
fn places(window: Window, map: Map, option: &'static str) -> Result<(usize, usize), Complaint> {
    if let Some(places) = window.places(map) {
        return Ok(places);
    }
    let what = if option == "kernel" { "kernel" } else { "pool" };
    let room = (map.rows + 2 * window.padding.0, map.columns + 2 * window.padding.1);
    let (size, length, kind) = match window.size.0 > room.0 {
        true => (window.size.0, map.rows, "row"),
        false => (window.size.1, map.columns, "column"),
    };
    let plural = |count: usize| if count == 1 { "" } else { "s" };
    let padded = match window.padding {
        (0, 0) => "",
        _ => ", padding included",
    };
    let title = format!(
        "a {what} of {size} {kind}{} does not fit a map of {length} {kind}{}{padded}",
        plural(size),
        plural(length)
    );
    let fits = Extent(window.size.0.min(room.0), window.size.1.min(room.1));
    let fits = ron::to_string(&fits).expect("plain data").replace(',', ", ");
    Err((option, title, format!("`{option}: {fits}` fits")))
}
