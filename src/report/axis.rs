//! Map values to places along an axis: the only function that does.

use super::ticks::{self, Tick};
use std::fmt;

/// How values are spaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spacing {
    /// Evenly.
    Linear,
    /// By their logarithm.
    Log,
    /// Percentages by the logarithm of what they lack of 100, so that 90, 99 and 99.9 are equally far apart.
    Error,
}

impl Spacing {
    /// In a word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Linear => "linear",
            Self::Log => "log",
            Self::Error => "error",
        }
    }
}

/// An axis: a range of values, and where its ticks stand.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    spacing: Spacing,
    /// The ends, as coordinates: numbers that are spaced evenly.
    low: f64,
    high: f64,
    /// The values there can be: an interval that reaches further is cut here.
    bounds: (f64, f64),
    /// Whether the value that has no logarithm (0, or 100 % by its error) stands apart at its end of the axis.
    apart: bool,
    /// Whether curves may come from below: what lies there is cut at the frame.
    open_below: bool,
    /// What it measures, with its unit.
    pub title: String,
    /// Long ticks.
    pub major: Vec<Tick>,
    /// Values with short ticks.
    pub minor: Vec<f64>,
}

/// A value that has no place on its axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Outside {
    /// The title of the axis.
    pub axis: String,
    /// The value.
    pub value: f64,
}

impl fmt::Display for Outside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the value {} lies outside its axis `{}`", self.value, self.axis)
    }
}

/// What is to be drawn along an axis.
#[derive(Clone, Debug, Default)]
pub struct Drawn {
    /// Values of marks and lines. All of them lie on the axis.
    pub marks: Vec<f64>,
    /// Intervals, which may be cut.
    pub intervals: Vec<(f64, f64)>,
}

/// The room left at both ends of an axis, so that marks do not lie on the other axis.
const MARGIN: f64 = 0.03;
/// The least room left at an end of a logarithmic axis, in decades.
const LOG_MARGIN: f64 = 0.02;
/// The share of an axis that is left to a value that stands apart, and the place of that value in it.
const APART: (f64, f64) = (0.1, MARGIN);
/// Where the axis is broken.
const BREAK: f64 = 0.075;
/// No interval makes a logarithmic axis reach further towards the value without a logarithm than this share of the interval's
/// other end: its end is cut instead.
const LOWEST_SHARE: f64 = 0.17;
/// So many ticks are needed for values to be spaced by their errors.
const FEWEST_BY_ERROR: usize = 3;

/// How a linear axis is laid out.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    /// The values there can be. The axis reaches beyond them only where a mark does.
    pub bounds: (f64, f64),
    /// It is at least so long.
    pub shortest: f64,
    /// Where ticks stand.
    pub ticks: Ticks,
    /// Whether it begins and ends with a tick.
    pub whole_steps: bool,
}

/// Which multiples have a tick.
#[derive(Clone, Copy, Debug)]
pub enum Ticks {
    /// Those of a round number, so that there are about so many.
    About(usize),
    /// Those of this.
    Every(f64),
}

impl Drawn {
    /// Marks without intervals.
    pub fn of_marks(marks: impl Iterator<Item = f64>) -> Self {
        let (marks, intervals) = (marks.collect(), Vec::new());
        Self { marks, intervals }
    }

    /// From the least to the greatest mark; `None` without any.
    pub fn marked(&self) -> Option<(f64, f64)> {
        extent(self.marks.iter().copied())
    }

    /// Whether all marks lie within bounds.
    pub fn within(&self, (low, high): (f64, f64)) -> bool {
        self.marks.iter().all(|x| (low..=high).contains(x))
    }

    /// From the least to the greatest of the marks and of the intervals, as far as these lie within bounds.
    fn reach(&self, (low, high): (f64, f64)) -> Option<(f64, f64)> {
        let ends = self.intervals.iter().flat_map(|(bottom, top)| [*bottom, *top]);
        let possible = ends.map(|x| x.max(low).min(high));
        extent(self.marks.iter().copied().chain(possible))
    }
}

/// From the least to the greatest, if there are any.
pub fn extent(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    values.fold(None, |range, x| {
        let (low, high) = range.unwrap_or((x, x));
        Some((low.min(x), high.max(x)))
    })
}

impl Axis {
    /// An evenly spaced axis; `None` without values.
    pub fn linear(title: impl Into<String>, drawn: &Drawn, layout: Layout) -> Option<Self> {
        let everywhere = (f64::NEG_INFINITY, f64::INFINITY);
        let bounds = if drawn.within(layout.bounds) {
            layout.bounds
        } else {
            everywhere
        };
        let (low, high) = drawn.reach(bounds)?;
        // more digits than these nobody reads
        let shortest = layout.shortest.max(1e-6 * low.abs().max(high.abs()));
        let (low, high) = lengthened((low, high), shortest, bounds);
        let step = match layout.ticks {
            Ticks::About(count) => ticks::step(high - low, count),
            Ticks::Every(step) => step,
        };
        let (low, high) = if layout.whole_steps {
            let low = ((low / step + 1e-9).floor() * step).max(bounds.0);
            let high = ((high / step - 1e-9).ceil() * step).min(bounds.1);
            (low, high)
        } else {
            (low, high)
        };
        let margin = MARGIN * (high - low);
        Some(Self {
            major: ticks::linear((low, high), step),
            ..Self::spaced(Spacing::Linear, (low - margin, high + margin), bounds, title.into())
        })
    }

    /// An evenly spaced axis that begins at a value; curves that come from below are cut there.
    pub fn from(low: f64, title: impl Into<String>, drawn: &Drawn, layout: Layout) -> Option<Self> {
        let above = |x: &f64| *x >= low;
        let drawn = Drawn {
            marks: drawn.marks.iter().copied().filter(above).chain([low]).collect(),
            intervals: drawn.intervals.iter().copied().filter(|(_, top)| above(top)).collect(),
        };
        let bounds = (low, layout.bounds.1);
        let axis = Self::linear(title, &drawn, Layout { bounds, ..layout })?;
        Some(Self {
            low,
            bounds: (f64::NEG_INFINITY, bounds.1),
            open_below: true,
            ..axis
        })
    }

    /// A logarithmic axis of values that are not negative; `None` if none of them is positive, or one is negative.
    pub fn log(title: impl Into<String>, drawn: &Drawn) -> Option<Self> {
        let (low, high, apart) = logarithms(drawn)?;
        let (major, minor) = ticks::logarithmic(low, high);
        let axis = Self {
            apart,
            major,
            minor,
            ..Self::spaced(Spacing::Log, (low, high), (0.0, f64::INFINITY), title.into())
        };
        Some(axis.with_apart(0.0))
    }

    /// An axis of percentages that spaces them by their errors. `None` where that has too few numbers, or one is no percentage.
    pub fn by_error(title: impl Into<String>, drawn: &Drawn) -> Option<Self> {
        let bounds = (0.0, 100.0);
        if !drawn.within(bounds) {
            return None;
        }
        let error = |x: f64| 100.0 - x.clamp(0.0, 100.0);
        let errors = Drawn {
            marks: drawn.marks.iter().map(|x| error(*x)).collect(),
            intervals: drawn.intervals.iter().map(|(a, b)| (error(*b), error(*a))).collect(),
        };
        let (low, high, apart) = logarithms(&errors)?;
        let major = ticks::errors(low, high);
        let is_enough = major.len() >= FEWEST_BY_ERROR;
        let axis = Self {
            apart,
            major,
            ..Self::spaced(Spacing::Error, (-high, -low), bounds, title.into())
        };
        is_enough.then(|| axis.with_apart(100.0))
    }

    /// Without ticks.
    fn spaced(spacing: Spacing, (low, high): (f64, f64), bounds: (f64, f64), title: String) -> Self {
        Self {
            spacing,
            low,
            high,
            bounds,
            apart: false,
            open_below: false,
            title,
            major: Vec::new(),
            minor: Vec::new(),
        }
    }

    /// Adds the tick of the value that stands apart; it comes first, since its label matters most.
    fn with_apart(mut self, value: f64) -> Self {
        if self.apart {
            let label = ticks::plain(value, 0);
            self.major.insert(0, Tick { value, label });
        }
        self
    }

    /// How values are spaced.
    pub fn spacing(&self) -> Spacing {
        self.spacing
    }

    /// The value that stands apart, and where the axis is broken before it.
    pub fn apart(&self) -> Option<(f64, f64)> {
        match self.spacing {
            _ if !self.apart => None,
            Spacing::Error => Some((100.0, 1.0 - BREAK)),
            _ => Some((0.0, BREAK)),
        }
    }

    /// Where a value stands: 0 at the low end, 1 at the high end. Below 0 only where curves come from below.
    ///
    /// # Errors
    /// A value outside the axis has no place on it.
    pub fn position(&self, value: f64) -> Result<f64, Outside> {
        /// Of a sum's rounding.
        const SLACK: f64 = 1e-9;
        let (low, high) = self.edges();
        let position = self.of(value).filter(|position| {
            let inside = (low - SLACK..=high + SLACK).contains(position) || self.is_apart(value);
            inside || (self.open_below && *position < 0.0 && position.is_finite())
        });
        position.ok_or_else(|| Outside {
            axis: self.title.clone(),
            value,
        })
    }

    /// Where an end of an interval stands: cut at what is possible and, where logarithms end, at the edge. Below 0 only where
    /// curves come from below.
    pub fn end(&self, value: f64) -> f64 {
        let possible = value.max(self.bounds.0).min(self.bounds.1);
        let (low, high) = self.edges();
        match (self.of(possible), self.spacing) {
            (Some(position), Spacing::Linear) => position,
            (Some(position), _) if self.is_apart(possible) => position,
            (Some(position), _) => position.clamp(low, high),
            (None, Spacing::Error) => high,
            (None, _) => low,
        }
    }

    /// Whether an end of an interval is cut.
    pub fn cuts(&self, value: f64) -> bool {
        self.of(value).is_none_or(|position| {
            (position - self.end(value)).abs() > 1e-9 || !(-1e-9..=1.0 + 1e-9).contains(&position)
        })
    }

    /// Where a value stands or would stand; `None` if it has no coordinate.
    fn of(&self, value: f64) -> Option<f64> {
        if self.is_apart(value) {
            return Some(match self.spacing {
                Spacing::Error => 1.0 - APART.1,
                _ => APART.1,
            });
        }
        let coordinate = match self.spacing {
            Spacing::Linear => value,
            Spacing::Log if value > 0.0 => value.log10(),
            Spacing::Error if value < 100.0 => -(100.0 - value).log10(),
            _ => return None,
        };
        let (low, high) = self.edges();
        let share = (coordinate - self.low) / (self.high - self.low);
        Some(low + share * (high - low))
    }

    fn is_apart(&self, value: f64) -> bool {
        self.apart().is_some_and(|(apart, _)| apart == value)
    }

    /// Where the evenly spaced part begins and ends.
    fn edges(&self) -> (f64, f64) {
        match self.spacing {
            _ if !self.apart => (0.0, 1.0),
            Spacing::Error => (0.0, 1.0 - APART.0),
            _ => (APART.0, 1.0),
        }
    }
}

/// At least so long, within bounds, with the same middle where they allow it.
fn lengthened((low, high): (f64, f64), shortest: f64, bounds: (f64, f64)) -> (f64, f64) {
    let missing = (shortest - (high - low)).max(0.0);
    let below = (missing / 2.0).min(low - bounds.0);
    let above = (missing - below).min(bounds.1 - high);
    let below = (missing - above).min(low - bounds.0);
    (low - below, high + above)
}

/// The range of the logarithms of positive values with room at both ends, and whether there are zeros, which stand apart.
fn logarithms(drawn: &Drawn) -> Option<(f64, f64, bool)> {
    if !drawn.within((0.0, f64::INFINITY)) {
        return None;
    }
    let ends = drawn
        .intervals
        .iter()
        .flat_map(|(low, high)| [low.max(LOWEST_SHARE * high), *high]);
    let positive = drawn.marks.iter().copied().chain(ends).filter(|x| *x > 0.0);
    let (low, high) = extent(positive)?;
    let (low, high) = (low.log10(), high.log10());
    let margin = (MARGIN * (high - low)).max(LOG_MARGIN);
    Some((low - margin, high + margin, drawn.marks.contains(&0.0)))
}

#[cfg(test)]
mod tests;
