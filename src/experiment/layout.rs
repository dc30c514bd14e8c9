//! Lay out the layers of a network: the maps that they see and make, their wirings and pools.

use super::hidden::{Extent, HiddenEntry, LocalStart};
use crate::network::{Map, PoolKind, Pooling, Window, Wiring};
use crate::tasks::{DataSet, Facts, Image};
use std::fmt;

/// More weights than memory holds for a run, its feedback and its momentum.
pub(super) const MOST_PARAMETERS: u128 = 1 << 28;
/// More units than memory holds for a sample.
const MOST_UNITS: u128 = 1 << 28;

/// What a network receives: so many numbers, which may be an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NetworkInputs {
    /// Numbers of a sample.
    pub count: usize,
    /// Their channels, rows and columns.
    pub image: Option<Map>,
}

impl From<usize> for NetworkInputs {
    fn from(count: usize) -> Self {
        Self { count, image: None }
    }
}

impl From<&DataSet> for NetworkInputs {
    fn from(data: &DataSet) -> Self {
        Self {
            count: data.inputs(),
            image: data.image(),
        }
    }
}

impl From<&Facts> for NetworkInputs {
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
    pub pool: Option<Pooling>,
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
    fn seen(&self) -> NetworkInputs {
        let image = self.pool.map(Pooling::map).or(self.wiring.map());
        let count = image.map_or(self.wiring.outputs(), Map::units);
        NetworkInputs { count, image }
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
pub(super) fn layers(inputs: NetworkInputs, hidden: &[HiddenEntry], outputs: usize) -> Result<Vec<LayerPlan>, Flaw> {
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
        if let HiddenEntry::Dense(units) = *entry {
            layers.push(LayerPlan::dense(units, below.count));
        } else if let Some(seen) = entry.filters() {
            layers.push(filters(*entry, seen, below, layers.is_empty()).map_err(flaw)?);
        } else if let Some(seen) = entry.pooling() {
            pool(entry.name(), seen, layers.last_mut()).map_err(flaw)?;
        }
        below = layers.last().map_or(below, LayerPlan::seen);
    }
    layers.push(LayerPlan::dense(outputs, below.count));
    Ok(layers)
}

/// Option, title, help.
type Complaint = (&'static str, String, String);

fn check_numbers(entry: HiddenEntry) -> Result<(), Complaint> {
    let least = |option: &'static str, (rows, columns): (usize, usize)| match rows.min(columns) {
        0 => Err((
            option,
            format!("`{option}` must be at least 1"),
            "write a larger number".to_string(),
        )),
        _ => Ok(()),
    };
    if entry == 0 {
        let title = "a layer needs at least one unit";
        return Err(("", title.into(), "leave this layer out".into()));
    }
    if let Some((channels, Window { size, stride, padding })) = entry.filters() {
        least("channels", (channels, channels))?;
        least("kernel", size)?;
        least("stride", stride)?;
        if padding.0 >= size.0 || padding.1 >= size.1 {
            let help = "a filter would see nothing but zeros; write a smaller `padding`";
            return Err(("padding", "`padding` must be less than `kernel`".into(), help.into()));
        }
    }
    if let Some((_, Window { size, stride, .. })) = entry.pooling() {
        least("size", size)?;
        least("stride", stride)?;
        if (size, stride) == ((1, 1), (1, 1)) {
            let title = format!("`{}(1)` has no effect", entry.name());
            return Err(("", title, "leave it out".into()));
        }
    }
    Ok(())
}

/// A layer of filters on what lies below.
fn filters(
    entry: HiddenEntry,
    (channels, window): (usize, Window),
    below: NetworkInputs,
    lowest: bool,
) -> Result<LayerPlan, Complaint> {
    let Some(map) = below.image else {
        return Err(no_map(entry.name(), below, lowest));
    };
    let (rows, columns) = places(window, map, "kernel")?;
    let own = matches!(entry, HiddenEntry::Local { .. });
    check_size(
        [channels, rows, columns],
        [map.channels, window.size.0, window.size.1],
        own,
    )?;
    let shared = Wiring::convolution(channels, map, window);
    let (wiring, drawn_as) = match entry {
        HiddenEntry::Local { start, .. } => (
            Wiring::local(channels, map, window),
            (start == LocalStart::Shared).then_some(shared),
        ),
        _ => (shared, None),
    };
    Ok(LayerPlan {
        name: entry.name(),
        wiring,
        pool: None,
        drawn_as,
        filters: Some((window, map)),
    })
}

/// Why filters have nothing to look at.
fn no_map(name: &str, below: NetworkInputs, lowest: bool) -> Complaint {
    if !lowest {
        let title = format!("`{name}` has no map to see: a dense layer has no rows and columns");
        return ("", title, "put it before the dense layers".into());
    }
    (
        "",
        format!(
            "`{name}` needs rows and columns, and the inputs are {} numbers",
            below.count
        ),
        format!("say {} in the task", Image::example(below.count)),
    )
}

/// Refuses maps and filters, each given by their sides, that no memory holds, before anything is numbered.
fn check_size(map: [usize; 3], filter: [usize; 3], own: bool) -> Result<(), Complaint> {
    let product = |sides: [usize; 3]| {
        sides
            .iter()
            .fold(1, |product: u128, n| product.saturating_mul(*n as u128))
    };
    let units = product(map);
    let filters = if own { units } else { map[0] as u128 };
    let weights = filters.saturating_mul(product(filter));
    if units <= MOST_UNITS && weights <= MOST_PARAMETERS {
        return Ok(());
    }
    let title = format!("this layer is too large: {units} units with {weights} weights");
    let help = format!("at most {MOST_UNITS} units and {MOST_PARAMETERS} weights");
    Err(("channels", title, help))
}

/// Pools the layer before.
fn pool(name: &str, (kind, window): (PoolKind, Window), layer: Option<&mut LayerPlan>) -> Result<(), Complaint> {
    let unpooled = layer.filter(|layer| layer.pool.is_none());
    let Some((layer, map)) = unpooled.and_then(|layer| layer.wiring.map().map(|map| (layer, map))) else {
        let title = format!("`{name}` pools the map of the layer before it, and there is none");
        return Err(("", title, "put it behind `Conv` or `Local`".into()));
    };
    places(window, map, "size")?;
    layer.pool = Some(Pooling::new(kind, map, window));
    Ok(())
}

/// Rows and columns of places of a window on a map.
fn places(window: Window, map: Map, option: &'static str) -> Result<(usize, usize), Complaint> {
    if let Some(places) = window.places(map) {
        return Ok(places);
    }
    let what = if option == "kernel" { "kernel" } else { "pool" };
    let padded = |length: usize, padding: usize| length.saturating_add(padding.saturating_mul(2));
    let room = (
        padded(map.rows, window.padding.0),
        padded(map.columns, window.padding.1),
    );
    let (size, length, kind) = match window.size.0 > room.0 {
        true => (window.size.0, map.rows, "row"),
        false => (window.size.1, map.columns, "column"),
    };
    let plural = |count: usize| if count == 1 { "" } else { "s" };
    let included = match window.padding {
        (0, 0) => "",
        _ => ", padding included",
    };
    let title = format!(
        "a {what} of {size} {kind}{} does not fit a map of {length} {kind}{}{included}",
        plural(size),
        plural(length)
    );
    let fits = Extent(window.size.0.min(room.0), window.size.1.min(room.1));
    let fits = ron::to_string(&fits).expect("plain data").replace(',', ", ");
    Err((option, title, format!("`{option}: {fits}` fits")))
}
