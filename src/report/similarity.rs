//! Draw which rules propose alike: for every pair the cosine between their updates, as a heat map.

use super::axis::Outside;
use super::canvas::{Anchor, Canvas, fitted, sheet, text_width};
use super::colours::{BAR, ColourScale};
use super::data::{ArmRuns, Data};
use super::drawing::Drawing;
use super::numbers::{FigureNumbers, exact};
use super::sketch::Sketch;
use super::style::{GREY, INK, MM, PAPER, SMALL, TEXT};
use super::ticks::Tick;
use crate::results::SummaryRow;
use std::collections::{BTreeMap, BTreeSet};

/// An arm is drawn if so many of its rules propose: a trainer and two shadows.
const LEAST_RULES: usize = 3;
/// Rows and columns of a map whose numbers can be read.
const MOST_RULES: usize = 11;
/// White at the edges of the sheet, in points.
const EDGE: f64 = 4.0;
/// Between labels, maps and the colour bar, in points.
const BESIDE: f64 = 9.0;
/// Greatest side of a cell, in points.
const WIDEST_CELL: f64 = 30.0;
/// Narrower cells have room for one digit after the point, in points.
const TWO_DIGITS: f64 = 20.0;
/// A label is cut beyond this width, in points.
const WIDEST_LABEL: f64 = 36.0 * MM;
/// Room for the numbers of the colour bar, in points.
const BAR_NUMBERS: f64 = 18.0;
/// Room above a map for its title, and below it for the numbers of columns and their title, in points.
const ABOVE: f64 = TEXT + 6.0;
const BELOW: f64 = 2.0 * TEXT + 8.0;

/// Groups of layers, with the titles of their maps.
const GROUPS: [(&str, &str); 2] = [("all", "All layers"), ("hidden", "All hidden layers")];

/// The rules of an arm and the mean cosine of each pair.
struct HeatMap<'a> {
    /// The place of the arm in `arms.csv`.
    arm: usize,
    label: &'a str,
    /// The trainer, then the others by name.
    rules: Vec<&'a str>,
    left_out: usize,
    /// By group, then by two places in `rules`.
    cosines: BTreeMap<(usize, usize, usize), f64>,
    n: (u64, u64),
}

/// The figure, if an arm has at least two shadows.
pub fn sketch(data: &Data) -> Result<Option<Sketch>, Outside> {
    let arms = data.arms.iter().enumerate();
    let maps: Vec<HeatMap> = arms.filter_map(|(place, arm)| HeatMap::new(place, arm, data)).collect();
    let Some(most) = maps.iter().map(|map| map.rules.len()).max() else {
        return Ok(None);
    };
    let layout = MapLayout::of(data.paper.page, &maps, most);
    let heights: Vec<f64> = maps.iter().map(|map| layout.height(map)).collect();
    let mut height = 2.0 * EDGE;
    let fitting = heights.iter().take_while(|&&own| {
        height += own;
        height <= data.paper.highest
    });
    let shown = fitting.count().max(1);
    let height = 2.0 * EDGE + heights[..shown].iter().sum::<f64>();
    let svg = sheet(
        &data.paper,
        (data.paper.page, height),
        "Similarity of rules",
        |canvas| {
            let mut top = EDGE;
            for (map, own) in maps.iter().zip(&heights).take(shown) {
                canvas.group("map", Some(map.arm), |canvas| map.draw(canvas, &layout, (EDGE, top)))?;
                top += own;
            }
            let side = layout.cell * maps[0].rules.len() as f64;
            let maps_room = layout.groups.len() as f64 * (layout.cell * most as f64 + BESIDE);
            let left = EDGE + layout.labels + maps_room + BESIDE;
            scale().bar(canvas, (left, EDGE + TEXT + ABOVE), side)
        },
    )?;
    let mut numbers = FigureNumbers::new(&["arm", "layer", "rule", "reference", "cosine"]);
    maps[..shown].iter().for_each(|map| map.tell(data, &mut numbers));
    let caption = caption(&maps, shown);
    Ok(Some(Sketch::Sheet(Drawing { svg, caption }, numbers)))
}

/// What all maps of a figure share.
struct MapLayout {
    /// Places in [`GROUPS`] of those that some map has.
    groups: Vec<usize>,
    /// Room for labels, in points.
    labels: f64,
    /// Side of a cell, in points.
    cell: f64,
}

impl MapLayout {
    /// For maps of at most `most` rules.
    fn of(page: f64, maps: &[HeatMap<'_>], most: usize) -> Self {
        let labels = maps.iter().flat_map(|map| &map.rules);
        let widest = labels.map(|label| text_width(label, TEXT)).fold(0.0, f64::max);
        let labels = widest.min(WIDEST_LABEL) + number_room();
        let is_shown = |group: &usize| maps.iter().any(|map| map.has(*group));
        let groups: Vec<usize> = (0..GROUPS.len()).filter(is_shown).collect();
        let beside = 2.0 * EDGE + labels + BESIDE + BAR + BAR_NUMBERS;
        let room = page - beside - groups.len() as f64 * BESIDE;
        Self {
            cell: (room / (groups.len() * most) as f64).min(WIDEST_CELL),
            groups,
            labels,
        }
    }

    /// The height that a map takes, in points.
    fn height(&self, map: &HeatMap<'_>) -> f64 {
        ABOVE + BELOW + TEXT + self.cell * map.rules.len() as f64
    }
}

fn caption(maps: &[HeatMap<'_>], shown: usize) -> String {
    let mut text = vec![
        "Similarity of rules: the cosine between the updates that two rules propose on the same weights (those of the rule that \
         trains, row 1) and the same probe batch, weights and biases of the layers together, at the last measured step of each run."
            .to_owned(),
        "Numbers are means over seeds; columns have the numbers of the rows. 1: same direction, 0: at right angles, −1: opposite. A \
         layer that only one of the two trains counts as zero for the other; a dash stands where one trains none of the layers, or \
         the pair was not compared."
            .to_owned(),
    ];
    for map in &maps[..shown] {
        let (least, most) = map.n;
        let plural = if most == 1 { "seed" } else { "seeds" };
        let n = if least == most {
            most.to_string()
        } else {
            format!("{least} to {most}")
        };
        let cut = match map.left_out {
            0 => String::new(),
            count => format!("; {count} more rules are left out"),
        };
        text.push(format!("{} trains: n = {n} {plural}{cut}.", map.label));
    }
    if shown < maps.len() {
        let others: Vec<&str> = maps[shown..].iter().map(|map| map.label).collect();
        text.push(format!("Not drawn, for want of room: {}.", others.join("; ")));
    }
    text.join("\n") + "\n"
}

/// What the colours stand for.
fn scale() -> ColourScale {
    ColourScale {
        title: "Cosine",
        end: Tick {
            value: 1.0,
            label: "1".to_owned(),
        },
    }
}

fn number_room() -> f64 {
    text_width("00", TEXT) + 2.0 * TEXT
}

impl<'a> HeatMap<'a> {
    fn new(place: usize, arm: &'a ArmRuns, data: &'a Data) -> Option<Self> {
        let rows: Vec<&SummaryRow> = data.final_cosines(&arm.row.arm).collect();
        let proposing: BTreeSet<&str> = rows.iter().map(|row| &*row.rule).collect();
        if proposing.len() < LEAST_RULES {
            return None;
        }
        let named = rows.iter().flat_map(|row| [&*row.rule, &*row.reference]);
        let others: BTreeSet<&str> = named.filter(|rule| *rule != arm.row.rule).collect();
        let mut rules: Vec<&str> = std::iter::once(&*arm.row.rule).chain(others).collect();
        let left_out = rules.len().saturating_sub(MOST_RULES);
        rules.truncate(MOST_RULES);
        let number = |rule: &str| rules.iter().position(|named| *named == rule);
        let mut cosines = BTreeMap::new();
        let mut n = (u64::MAX, 0);
        for row in rows {
            let group = GROUPS.iter().position(|(layer, _)| *layer == row.layer);
            if let (Some(group), Some(a), Some(b)) = (group, number(&row.rule), number(&row.reference)) {
                cosines.insert((group, a, b), row.mean);
                cosines.insert((group, b, a), row.mean);
                n = (n.0.min(row.n), n.1.max(row.n));
            }
        }
        // a rule is as far from itself as anything is, where it has an update at all
        for group in 0..GROUPS.len() {
            for a in 0..rules.len() {
                if (0..rules.len()).any(|b| cosines.contains_key(&(group, a, b))) {
                    cosines.insert((group, a, a), 1.0);
                }
            }
        }
        Some(Self {
            arm: place,
            label: &arm.row.label,
            rules,
            left_out,
            cosines,
            n,
        })
    }

    /// Adds a row for each cell.
    fn tell(&self, data: &Data, numbers: &mut FigureNumbers) {
        for (&(group, a, b), cosine) in &self.cosines {
            let named = [
                &*data.arms[self.arm].row.arm,
                GROUPS[group].0,
                self.rules[a],
                self.rules[b],
            ];
            let named = named.into_iter().map(str::to_owned);
            numbers.add(named.chain([exact(*cosine)]).collect());
        }
    }

    fn has(&self, group: usize) -> bool {
        self.cosines.keys().any(|key| key.0 == group)
    }

    fn draw(&self, canvas: &mut Canvas<'_>, layout: &MapLayout, (left, top): (f64, f64)) -> Result<(), Outside> {
        let &MapLayout { labels, cell, .. } = layout;
        let side = cell * self.rules.len() as f64;
        let heading = fitted(&format!("{} trains", self.label), TEXT, labels + side);
        canvas.text(&heading, (left, top + TEXT), Anchor::Left, TEXT, INK);
        let top = top + TEXT + ABOVE;
        let label_end = left + labels - number_room();
        for (row, rule) in self.rules.iter().enumerate() {
            let baseline = top + (row as f64 + 0.5) * cell + 0.36 * TEXT;
            let label = fitted(rule, TEXT, labels - number_room());
            canvas.text(&label, (label_end, baseline), Anchor::Right, TEXT, INK);
            let number_end = left + labels - 0.5 * TEXT;
            canvas.text(&(row + 1).to_string(), (number_end, baseline), Anchor::Right, TEXT, INK);
        }
        for (order, &group) in layout.groups.iter().enumerate() {
            let left = left + labels + order as f64 * (side + BESIDE);
            self.cells(canvas, group, (left, top), cell)?;
        }
        Ok(())
    }

    /// The map of one group, with its title and the numbers of its columns.
    fn cells(&self, canvas: &mut Canvas<'_>, group: usize, (left, top): (f64, f64), cell: f64) -> Result<(), Outside> {
        let count = self.rules.len();
        let side = cell * count as f64;
        let (centre, bottom) = (left + side / 2.0, top + side);
        canvas.text(GROUPS[group].1, (centre, top - 4.0), Anchor::Center, TEXT, INK);
        for row in 0..count {
            for column in 0..count {
                let at = (left + column as f64 * cell, top + row as f64 * cell);
                let cosine = self.cosines.get(&(group, row, column)).copied();
                canvas.group("cell", None, |canvas| draw_cell(canvas, at, cell, cosine))?;
            }
        }
        canvas.outline((left, top), (left + side, bottom));
        for column in 0..count {
            let place = (left + (column as f64 + 0.5) * cell, bottom + TEXT + 1.5);
            canvas.text(&(column + 1).to_string(), place, Anchor::Center, TEXT, INK);
        }
        canvas.text("Rule", (centre, bottom + 2.0 * TEXT + 4.0), Anchor::Center, TEXT, INK);
        Ok(())
    }
}

fn draw_cell(canvas: &mut Canvas<'_>, (left, top): (f64, f64), side: f64, cosine: Option<f64>) -> Result<(), Outside> {
    let place = (left + side / 2.0, top + side / 2.0 + 0.36 * SMALL);
    let Some(cosine) = cosine else {
        canvas.text("–", place, Anchor::Center, SMALL, GREY);
        return Ok(());
    };
    canvas.rectangle((left, top), (left + side, top + side), scale().colour(cosine)?, 1.0);
    // on the darkest blue ink cannot be read
    let ink = if cosine < -0.6 { PAPER } else { INK };
    let decimals = if side < TWO_DIGITS { 1 } else { 2 };
    canvas.text(&number(cosine, decimals), place, Anchor::Center, SMALL, ink);
    Ok(())
}

/// With a minus that is one; nothing is rounded to a minus zero.
fn number(cosine: f64, decimals: usize) -> String {
    let size = format!("{:.decimals$}", cosine.abs());
    let is_zero = size.bytes().all(|digit| matches!(digit, b'0' | b'.'));
    if cosine < 0.0 && !is_zero {
        format!("−{size}")
    } else {
        size
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_signed() {
        let two = |cosine| number(cosine, 2);
        assert_eq!([0.999, -0.001, -0.25, 0.0].map(two), ["1.00", "0.00", "−0.25", "0.00"]);
        assert_eq!([number(-0.04, 1), number(-0.06, 1)], ["0.0", "−0.1"]);
    }
}
