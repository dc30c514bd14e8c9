//! Draw what a first layer has learned to see: the weights from the image to each filter, in colours on both sides of 0.

use super::axis::Outside;
use super::canvas::{Anchor, Canvas, fitted, sheet};
use super::caption;
use super::colours::{BAR, ColourScale};
use super::data::Data;
use super::drawing::Drawing;
use super::first_layer::{FilterKind, FirstLayer};
use super::numbers::{FigureNumbers, exact};
use super::sketch::Sketch;
use super::spread::evenly;
use super::style::{GREY, INK, NOTHING, SMALL, SOLID, TEXT};
use super::ticks::{self, Tick};
use super::tiles::{FilterShape, TileLayout};

/// White at the edges of the sheet, in points.
const EDGE: f64 = 4.0;
/// Between panels, in points.
const BETWEEN: f64 = 12.0;
/// Between filters and the colour bar, in points.
const BESIDE: f64 = 14.0;
/// Room above the filters for the label of the arm, in points.
const ABOVE: f64 = TEXT + 5.0;
/// Room above the colour bar for its title, in points.
const ABOVE_BAR: f64 = TEXT + 1.0;
/// Least and greatest height of the colour bar, in points.
const BAR_HEIGHTS: (f64, f64) = (36.0, 90.0);
/// The filters are at most so many times as high as wide.
const TALLEST: f64 = 0.9;
/// Width of the line around a tile, in points.
const LINE: f64 = 0.4;
/// Most panels side by side, and most of all.
const PANELS: (usize, usize) = (3, 12);
/// Most filters of a panel.
const MOST_FILTERS: usize = 36;
/// Most rows and most columns of places of a filter that has other weights at each.
const MOST_PLACES: usize = 3;
/// Most weights of a figure, which others still can open.
const MOST_CELLS: usize = 30_000;

/// The figure, if runs left weights of a layer that sees an image.
pub fn sketch(data: &Data) -> Result<Option<Sketch>, Outside> {
    let layers = data.first_layers.iter();
    let (fitting, too_large): (Vec<_>, Vec<_>) = layers.partition(|(_, layer)| shape(layer).cells() <= MOST_CELLS);
    if fitting.is_empty() {
        return Ok(None);
    }
    let (shown, crowded) = fitting.split_at(fitting.len().min(PANELS.1));
    let columns = columns(shown.len());
    let width = data.paper.width(columns);
    let rows = shown.len().div_ceil(columns);
    let across = |room: f64, panels: usize| (room - 2.0 * EDGE - BETWEEN * (panels - 1) as f64) / panels as f64;
    let room = (across(width, columns), across(data.paper.highest, rows));
    let panels: Vec<ArmFilters> = shown
        .iter()
        .map(|&(&arm, layer)| ArmFilters::new(arm, &data.arms[arm].row.label, layer, shown.len(), room))
        .collect();
    let heights: Vec<f64> = panels
        .chunks(columns)
        .map(|row| row.iter().map(ArmFilters::height).fold(0.0, f64::max))
        .collect();
    let height = 2.0 * EDGE + heights.iter().sum::<f64>() + BETWEEN * (rows - 1) as f64;
    let svg = sheet(&data.paper, (width, height), "Weights of first layers", |canvas| {
        let mut top = EDGE;
        for (row, own) in panels.chunks(columns).zip(&heights) {
            for (column, panel) in row.iter().enumerate() {
                let left = EDGE + column as f64 * (room.0 + BETWEEN);
                canvas.group("filters", Some(panel.arm), |canvas| {
                    panel.draw(canvas, (left, top), room.0)
                })?;
            }
            top += own + BETWEEN;
        }
        Ok(())
    })?;
    let others = [
        ("a filter of theirs has too many weights", &too_large[..]),
        ("there is no room", crowded),
    ];
    let others = others.map(|(reason, layers)| {
        let labels = layers.iter().map(|(arm, _)| &*data.arms[**arm].row.label);
        (reason, labels.collect::<Vec<_>>().join("; "))
    });
    let arms = data.first_layers.keys().copied().collect();
    let caption = say(&panels, &others, caption::about_arms(data, &arms));
    let mut numbers = FigureNumbers::new(&[
        "arm",
        "filter",
        "place_row",
        "place_column",
        "channel",
        "row",
        "column",
        "weight",
    ]);
    panels.iter().for_each(|panel| panel.tell(data, &mut numbers));
    Ok(Some(Sketch::Sheet(Drawing { svg, caption }, numbers)))
}

/// How many panels stand side by side: rows as equal as can be.
fn columns(panels: usize) -> usize {
    panels.div_ceil(panels.div_ceil(PANELS.0))
}

/// What is drawn of each filter: a tile for each channel, and for each of some places where it has weights of its own.
fn shape(layer: &FirstLayer) -> FilterShape {
    let (rows, columns) = (
        layer.filters.rows.min(MOST_PLACES),
        layer.filters.columns.min(MOST_PLACES),
    );
    FilterShape {
        places: (rows, columns),
        channels: layer.sees.channels,
        weights: (layer.sees.rows, layer.sees.columns),
    }
}

/// The filters of an arm, with their colours.
struct ArmFilters<'a> {
    /// The place of the arm in `arms.csv`.
    arm: usize,
    label: &'a str,
    layer: &'a FirstLayer,
    layout: TileLayout,
    scale: ColourScale,
}

impl<'a> ArmFilters<'a> {
    /// One of so many, in a width and height in points.
    fn new(arm: usize, label: &'a str, layer: &'a FirstLayer, panels: usize, (width, height): (f64, f64)) -> Self {
        let end = match layer.largest() {
            0.0 => Tick {
                value: 1.0,
                label: "1".to_owned(),
            },
            largest => ticks::at_least(largest),
        };
        let scale = ColourScale { title: "Weight", end };
        let width = width - BESIDE - BAR - scale.room_right();
        let height = (height - ABOVE - SMALL / 2.0).min(TALLEST * width);
        let filter = shape(layer);
        let most = (MOST_CELLS / panels / filter.cells()).clamp(1, MOST_FILTERS);
        Self {
            arm,
            label,
            layer,
            layout: TileLayout::new(filter, most.min(layer.filters.channels), (width, height)),
            scale,
        }
    }

    fn bar_height(&self) -> f64 {
        (self.layout.size().1 - ABOVE_BAR).clamp(BAR_HEIGHTS.0, BAR_HEIGHTS.1)
    }

    /// In points, with the half of the lowest number of the bar.
    fn height(&self) -> f64 {
        ABOVE + self.layout.size().1.max(ABOVE_BAR + self.bar_height()) + SMALL / 2.0
    }

    /// Rows and columns of the places that are drawn.
    fn places(&self) -> [Vec<usize>; 2] {
        let map = self.layer.filters;
        [map.rows, map.columns].map(|count| evenly(count, MOST_PLACES).collect())
    }

    fn draw(&self, canvas: &mut Canvas<'_>, (left, top): (f64, f64), width: f64) -> Result<(), Outside> {
        let label = fitted(self.label, TEXT, width);
        canvas.text(&label, (left, top + TEXT), Anchor::Left, TEXT, INK);
        let top = top + ABOVE;
        let [rows, columns] = self.places();
        let filters = evenly(self.layer.filters.channels, self.layout.count);
        for (number, filter) in filters.enumerate() {
            for (down, row) in rows.iter().enumerate() {
                for (right, column) in columns.iter().enumerate() {
                    for channel in 0..self.layer.sees.channels {
                        let (x, y) = self.layout.corner(number, (down, right), channel);
                        let weight =
                            |(i, j): (usize, usize)| self.layer.weight(filter, (*row, *column), (channel, i, j));
                        self.tile(canvas, (left + x, top + y), weight)?;
                    }
                }
            }
        }
        let bar = (left + self.layout.size().0 + BESIDE, top + ABOVE_BAR);
        self.scale.bar(canvas, bar, self.bar_height())
    }

    /// Adds a row for each weight that is drawn, everything counted from 1.
    fn tell(&self, data: &Data, numbers: &mut FigureNumbers) {
        let ([rows, columns], sees) = (self.places(), self.layer.sees);
        for filter in evenly(self.layer.filters.channels, self.layout.count) {
            let places = rows
                .iter()
                .flat_map(|row| columns.iter().map(move |column| (*row, *column)));
            for (place, tap) in places.flat_map(|place| (0..sees.units()).map(move |tap| (place, tap))) {
                let (channel, position) = (tap / sees.positions(), tap % sees.positions());
                let (row, column) = (position / sees.columns, position % sees.columns);
                let weight = self.layer.weight(filter, place, (channel, row, column));
                let counted = [filter, place.0, place.1, channel, row, column].map(|count| (count + 1).to_string());
                let mut cells = vec![data.arms[self.arm].row.arm.clone()];
                cells.extend(counted);
                cells.extend(weight.map(exact));
                numbers.add(cells);
            }
        }
    }

    /// What one filter sees in one channel at one place.
    fn tile(
        &self,
        canvas: &mut Canvas<'_>,
        (left, top): (f64, f64),
        weight: impl Fn((usize, usize)) -> Option<f64>,
    ) -> Result<(), Outside> {
        let ((width, height), cell) = (self.layout.tile(), self.layout.cell);
        let (right, bottom) = (left + width, top + height);
        canvas.group("tile", None, |canvas| {
            for row in 0..self.layer.sees.rows {
                for column in 0..self.layer.sees.columns {
                    let colour = weight((row, column)).map_or(Ok(NOTHING), |weight| self.scale.colour(weight))?;
                    let (x, y) = (left + column as f64 * cell.0, top + row as f64 * cell.1);
                    // each reaches below the next ones, so that no seam shows between two
                    let end = ((x + 2.0 * cell.0).min(right), (y + 2.0 * cell.1).min(bottom));
                    canvas.rectangle((x, y), end, colour, 1.0);
                }
            }
            let corners = [
                (left, top),
                (right, top),
                (right, bottom),
                (left, bottom),
                (left, top),
                (right, top),
            ];
            canvas.path(corners, GREY, LINE, SOLID);
            Ok(())
        })
    }

    /// Which filters of which run are drawn.
    fn say(&self) -> String {
        let FirstLayer {
            seed,
            step,
            epoch,
            kind,
            filters,
            sees,
            ..
        } = self.layer;
        let moment = match *epoch {
            Some(epoch) if *step > 0 => format!("epoch {} (step {step})", (epoch * 100.0).round() / 100.0),
            _ => "before training".to_owned(),
        };
        let (shown, all) = (self.layout.count, filters.channels);
        let size = format!("{} x {} weights", sees.rows, sees.columns);
        let what = match kind {
            FilterKind::Dense => "units",
            FilterKind::Shared | FilterKind::Own => "filters",
        };
        let count = match shown == all {
            true => format!("all {all} {what}"),
            false => format!("{shown} of {all} {what}, evenly spread"),
        };
        let list = |places: &[usize]| {
            let numbers: Vec<String> = places.iter().map(|place| (place + 1).to_string()).collect();
            numbers.join(", ")
        };
        let wired = match kind {
            FilterKind::Dense => format!("{size} each, from all of the image"),
            FilterKind::Shared => format!("{size} each, the same at every place of the image"),
            FilterKind::Own => {
                let [rows, columns] = self.places();
                let (drawn, places) = (rows.len() * columns.len(), filters.positions());
                format!(
                    "{size} each at every place, drawn for {drawn} of {places} places (rows {} and columns {} of the map of {} x {}), \
                     each where it lies",
                    list(&rows),
                    list(&columns),
                    filters.rows,
                    filters.columns
                )
            }
        };
        format!("{}: seed {seed}, {moment}; {count}; {wired}.", self.label)
    }

    /// Whether some weight that is drawn would lead from beyond the edge of the image.
    fn has_nothing(&self) -> bool {
        let [rows, columns] = self.places();
        let sees = self.layer.sees;
        let at_place = |place| {
            let taps = (0..sees.units()).map(|tap| {
                let (channel, position) = (tap / sees.positions(), tap % sees.positions());
                (channel, position / sees.columns, position % sees.columns)
            });
            taps.into_iter().any(|tap| self.layer.weight(0, place, tap).is_none())
        };
        rows.iter()
            .any(|row| columns.iter().any(|column| at_place((*row, *column))))
    }
}

/// The caption, with what is said of arms, and of those that are not drawn.
fn say(panels: &[ArmFilters<'_>], others: &[(&str, String)], about_arms: Vec<String>) -> String {
    let mut text = vec![
        "First layers: the weights that lead from the image to the filters of layer 1, in one run of each arm, the first that finished, \
         as last saved. A tile is what one filter, or one unit of a dense layer, looks for in the image, pixel by pixel."
            .to_owned(),
        "Blue is below 0, white is 0, orange is above; each arm has a scale of its own, to the size of its largest weight, which its \
         bar shows. Weights have no unit: they multiply the inputs as they are scaled for the network."
            .to_owned(),
    ];
    if panels.iter().any(|panel| panel.layer.sees.channels > 1) {
        text.push(
            "The channels of the image, red, green and blue in a photograph, have tiles side by side, in their order: a colour has no \
             place for weights below 0."
                .to_owned(),
        );
    }
    if panels.iter().any(ArmFilters::has_nothing) {
        text.push("Grey is beyond the edge of the image, from where no weight leads.".to_owned());
    }
    text.extend(panels.iter().map(ArmFilters::say));
    let others = others.iter().filter(|(_, labels)| !labels.is_empty());
    text.extend(others.map(|(reason, labels)| format!("Not drawn, since {reason}: {labels}.")));
    text.extend(about_arms);
    text.join("\n") + "\n"
}
