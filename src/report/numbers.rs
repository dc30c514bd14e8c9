//! Hold the numbers that a figure shows, as a table that can leave it.

use super::curve::Point;
use super::data::MeanAndInterval;
use super::panel::Panel;
use std::collections::BTreeSet;

/// What a column of one seed's values is called, before the seed.
pub const SEED: &str = "seed_";

/// A table; what does not exist is an empty cell.
pub struct FigureNumbers {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl FigureNumbers {
    /// A table without rows.
    pub fn new(header: &[&str]) -> Self {
        Self {
            header: header.iter().map(|name| (*name).to_owned()).collect(),
            rows: Vec::new(),
        }
    }

    /// Adds a row, which may be shorter than the header.
    pub fn add(&mut self, mut row: Vec<String>) {
        row.resize(self.header.len(), String::new());
        self.rows.push(row);
    }

    /// The numbers of plots: a row for each moment of each curve, with the values of the runs behind it. `slug` names an arm.
    pub fn of_panels<'a>(panels: &[Panel], slug: impl Fn(usize) -> &'a str) -> Self {
        let along = panels.first().map_or("", |panel| &panel.x.title);
        let along = along.to_lowercase().replace([' ', '-'], "_");
        let curves = || panels.iter().flat_map(|panel| &panel.curves);
        let seeds: BTreeSet<u64> = curves().flat_map(|curve| &curve.runs).map(|run| run.seed).collect();
        let mut numbers = Self::new(&["plot", "quantity", "arm", &along, "n", "mean", "ci_low", "ci_high"]);
        numbers.seeds(seeds.iter().copied());
        for panel in panels {
            for curve in &panel.curves {
                let mut runs: Vec<_> = seeds
                    .iter()
                    .map(|seed| {
                        let run = curve.runs.iter().find(|run| run.seed == *seed);
                        run.map_or(&[][..], |run| &run.points[..]).iter().peekable()
                    })
                    .collect();
                for Point { epoch, n, mean, band } in &curve.points {
                    let ends = band.map(|band| (band.low, band.high));
                    let named = [panel.name(), &panel.y.title, slug(curve.arm)].map(str::to_owned);
                    let mut row: Vec<String> = named.into_iter().chain([exact(*epoch), n.to_string()]).collect();
                    row.extend(cells(Some((*mean, ends))));
                    // both are in the order of epochs
                    let value = runs.iter_mut().map(|run| run.next_if(|(when, _)| when == epoch));
                    row.extend(value.map(|point| point.map_or_else(String::new, |(_, value)| exact(*value))));
                    numbers.add(row);
                }
            }
        }
        numbers
    }

    /// Adds columns for the values of single seeds.
    pub fn seeds(&mut self, seeds: impl Iterator<Item = u64>) {
        self.header.extend(seeds.map(|seed| format!("{SEED}{seed}")));
    }

    /// The table as CSV.
    pub fn csv(&self) -> String {
        let mut writer = csv::Writer::from_writer(Vec::new());
        for row in std::iter::once(&self.header).chain(&self.rows) {
            writer.write_record(row).expect("memory takes every row");
        }
        let bytes = writer.into_inner().expect("memory takes every row");
        String::from_utf8(bytes).expect("cells are text")
    }
}

/// A number that reads back to the same bits.
pub fn exact(value: f64) -> String {
    format!("{value:?}")
}

/// The cells of a mean and of the ends of its interval.
pub fn cells(value: Option<MeanAndInterval>) -> [String; 3] {
    let ends = value.and_then(|(_, interval)| interval);
    let numbers = [
        value.map(|(mean, _)| mean),
        ends.map(|ends| ends.0),
        ends.map(|ends| ends.1),
    ];
    numbers.map(|number| number.map_or_else(String::new, exact))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_exact_and_empty_where_there_is_nothing() {
        let mut numbers = FigureNumbers::new(&["arm", "mean", "ci_low", "ci_high"]);
        numbers.seeds([3].into_iter());
        numbers.add([vec!["a, \"b\"".to_owned()], cells(Some((0.1 + 0.2, None))).to_vec()].concat());
        assert_eq!(
            numbers.csv(),
            "arm,mean,ci_low,ci_high,seed_3\n\"a, \"\"b\"\"\",0.30000000000000004,,,\n"
        );
    }
}
