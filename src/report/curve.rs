//! Hold what is drawn along training: means over seeds, a curve an arm.

use super::axis::Drawn;
use crate::stats::Interval;

/// The mean over seeds at one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// When.
    pub epoch: f64,
    /// How many runs have a value.
    pub n: usize,
    /// Their mean.
    pub mean: f64,
    /// The interval of the mean; `None` for one run.
    pub band: Option<Interval>,
}

/// One quantity of one arm along training; shares are in percent.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// The arm's place in `arms.csv`.
    pub arm: usize,
    /// By epoch; never empty.
    pub points: Vec<Point>,
    /// The runs that are drawn behind their mean; none on paper.
    pub runs: Vec<RunCurve>,
}

/// One quantity of one run along training.
#[derive(Clone, Debug, PartialEq)]
pub struct RunCurve {
    /// The run's seed.
    pub seed: u64,
    /// Epochs and values.
    pub points: Vec<(f64, f64)>,
}

/// All points of some curves.
pub fn points<'a>(curves: impl IntoIterator<Item = &'a Curve>) -> impl Iterator<Item = &'a Point> {
    curves.into_iter().flat_map(|curve| &curve.points)
}

/// When they are.
pub fn epochs<'a>(curves: impl IntoIterator<Item = &'a Curve>) -> impl Iterator<Item = f64> {
    points(curves).map(|point| point.epoch)
}

/// Their means and intervals, and the values of runs behind them.
pub fn drawn<'a>(curves: impl IntoIterator<Item = &'a Curve>) -> Drawn {
    let mut drawn = Drawn::default();
    for curve in curves {
        for point in &curve.points {
            drawn.marks.push(point.mean);
            drawn.intervals.extend(point.band.map(|band| (band.low, band.high)));
        }
        let of_runs = curve.runs.iter().flat_map(|run| &run.points);
        drawn.marks.extend(of_runs.map(|(_, value)| value));
    }
    drawn
}
