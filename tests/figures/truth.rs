//! Hold every mark of every figure to the tables: nothing is drawn where it is not.

use super::svg::{self, HALF_A_PIXEL, Place, Plot, Ruler};
use super::tables::{Tables, Value};
use super::{caption, check};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Compares each figure that there is with the tables; returns which there are.
pub fn hold_to_tables(folder: &Path) -> Vec<&'static str> {
    let tables = Tables::read(folder);
    let figures: [(&str, Comparison); 6] = [
        ("convergence", convergence),
        ("alignment", |figure, tables| layers(figure, tables, "gradient_angle")),
        ("feedback", |figure, tables| layers(figure, tables, "feedback_angle")),
        ("final", finals),
        ("work", work),
        ("families", families),
    ];
    let mut found = Vec::new();
    for (name, compare) in figures {
        let path = folder.join(format!("figures/{name}.svg"));
        if let Ok(text) = fs::read_to_string(&path) {
            check(folder, name);
            let figure = Figure {
                name: path.display().to_string(),
                plots: svg::plots(&text),
                caption: caption(folder, name),
            };
            compare(&figure, &tables);
            found.push(name);
        }
    }
    found
}

/// Holds one figure to the tables.
type Comparison = fn(&Figure, &Tables);

struct Figure {
    name: String,
    plots: Vec<Plot>,
    caption: String,
}

type Curves = BTreeMap<usize, Vec<(f64, Value)>>;

fn convergence(figure: &Figure, tables: &Tables) {
    for plot in &figure.plots {
        let title = &plot.upright.as_ref().unwrap().title;
        match title.as_str() {
            "Test accuracy (%)" => curves(figure, plot, &tables.scores("accuracy"), (0.0, 100.0)),
            "Test loss" => curves(figure, plot, &tables.scores("loss"), (0.0, f64::INFINITY)),
            _ => panic!("{title}"),
        }
    }
}

fn layers(figure: &Figure, tables: &Tables, metric: &str) {
    for plot in &figure.plots {
        let layer = match plot.title.strip_prefix("Layer ") {
            Some(number) => format!("layer{number}"),
            None => "hidden".to_owned(),
        };
        curves(figure, plot, &tables.layer(metric, &layer), (0.0, 180.0));
    }
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= HALF_A_PIXEL
}

fn meet(a: Place, b: Place) -> bool {
    near(a.0, b.0) && near(a.1, b.1)
}

/// Curves with bands, cut at the lower edge where the caption says so.
fn curves(figure: &Figure, plot: &Plot, expected: &Curves, bounds: (f64, f64)) {
    let name = &figure.name;
    let (x, y) = (plot.level.as_ref().unwrap(), plot.upright.as_ref().unwrap());
    let is_cut = figure.caption.contains("Curves come from below the axis");
    let arms: Vec<usize> = expected.keys().copied().collect();
    assert_eq!(
        plot.lines.iter().map(|(arm, _)| *arm).collect::<Vec<_>>(),
        arms,
        "{name}"
    );
    let values = || expected.values().flatten().map(|(_, value)| *value);
    let limits = Limits::new(y, values(), bounds);
    for (arm, points) in expected {
        let places: Vec<Place> = points
            .iter()
            .map(|(epoch, (mean, _))| (x.place(*epoch).unwrap(), y.place(*mean).expect("a place for a mean")))
            .collect();
        let (inside, below): (Vec<Place>, Vec<Place>) = places.iter().partition(|place| y.holds(place.1));
        assert!(below.is_empty() || is_cut, "{name}: {arm} leaves the plot: {below:?}");
        assert!(inside.iter().all(|place| x.holds(place.0)), "{name}");
        let vertices: Vec<Place> = of(&plot.lines, *arm).iter().flatten().copied().collect();
        for vertex in &vertices {
            let crosses = is_cut && y.is_end(vertex.1) && places.windows(2).any(|ends| lies_between(*vertex, ends));
            let stands = crosses || places.iter().any(|place| meet(*place, *vertex));
            assert!(stands, "{name}: {arm} goes through {vertex:?}: {places:?}");
        }
        for place in &inside {
            assert!(
                vertices.iter().any(|vertex| meet(*place, *vertex)),
                "{name}: {arm} misses {place:?}"
            );
        }
        let marks = of(&plot.means, *arm);
        assert_eq!(marks.is_empty(), inside.is_empty(), "{name}: {arm}");
        for mark in marks {
            assert!(
                inside.iter().any(|place| meet(*place, *mark)),
                "{name}: {arm} is marked at {mark:?}"
            );
        }
        let corners: Vec<Place> = of(&plot.intervals, *arm).iter().flatten().copied().collect();
        let lone = points.len() == 1;
        for (i, (epoch, (mean, interval))) in points.iter().enumerate() {
            // a moment with an interval between two without has neither band nor bar
            let next = |j: Option<usize>| {
                j.and_then(|j| points.get(j))
                    .is_some_and(|(_, (_, other))| other.is_some())
            };
            let (Some((low, high)), true) = (interval, lone || next(i.checked_sub(1)) || next(Some(i + 1))) else {
                continue;
            };
            let column: Vec<f64> = corners
                .iter()
                .filter(|corner| near(corner.0, x.place(*epoch).unwrap()))
                .map(|corner| corner.1)
                .collect();
            for end in [*low, *high] {
                let out_of_sight = y.place(end).is_some_and(|place| is_cut && place > y.ends.0);
                let shown = column.iter().any(|place| limits.ends_at(figure, *mean, end, *place));
                assert!(
                    shown || out_of_sight,
                    "{name}: {arm} at {epoch}: {end} is not among {column:?}, {y:?}"
                );
            }
        }
        for corner in &corners {
            let stands = (is_cut && y.is_end(corner.1))
                || points.iter().any(|(epoch, (mean, interval))| {
                    let ends = interval.map_or([f64::NAN; 2], |(low, high)| [low, high]);
                    let here = near(corner.0, x.place(*epoch).unwrap());
                    here && ends.iter().any(|end| limits.ends_at(figure, *mean, *end, corner.1))
                });
            assert!(stands, "{name}: the band of {arm} has a corner at {corner:?}");
        }
    }
}

/// Whether a place lies on the straight line between two.
fn lies_between(place: Place, ends: &[Place]) -> bool {
    let [from, to] = [ends[0], ends[1]];
    let share = (place.1 - from.1) / (to.1 - from.1);
    // the edge of the plot is known to half the width of the axis
    let slack = HALF_A_PIXEL + 7.5 * ((to.0 - from.0) / (to.1 - from.1)).abs();
    (-0.1..=1.1).contains(&share) && (place.0 - (from.0 + share * (to.0 - from.0))).abs() <= slack
}

fn of<T>(groups: &[(usize, Vec<T>)], arm: usize) -> &[T] {
    groups.iter().find(|(of, _)| *of == arm).map_or(&[], |(_, parts)| parts)
}

/// Where the ends of intervals may be cut.
struct Limits<'a> {
    ruler: &'a Ruler,
    bounds: (f64, f64),
    /// Places of all means on the axis.
    means: Vec<f64>,
}

impl<'a> Limits<'a> {
    fn new(ruler: &'a Ruler, values: impl Iterator<Item = Value> + Clone, bounds: (f64, f64)) -> Self {
        let possible = values.clone().all(|(mean, _)| (bounds.0..=bounds.1).contains(&mean));
        let everywhere = (f64::NEG_INFINITY, f64::INFINITY);
        Self {
            ruler,
            bounds: if possible { bounds } else { everywhere },
            means: values.filter_map(|(mean, _)| ruler.place(mean)).collect(),
        }
    }

    /// Whether the interval of a mean that ends at a value may be drawn to end at a place: the value's own, or, as the caption
    /// says, cut. It is cut at what is possible, or at the end of the axis or of its logarithms, beyond all means.
    fn ends_at(&self, figure: &Figure, mean: f64, end: f64, place: f64) -> bool {
        if end.is_nan() {
            return false;
        }
        let ruler = self.ruler;
        // where it is it may always stand, as it does where a seed's value is beyond what is possible
        if ruler.place(end).is_some_and(|own| near(own, place)) {
            return true;
        }
        let possible = end.clamp(self.bounds.0, self.bounds.1);
        let own = ruler.place(possible);
        if own.is_some_and(|own| near(own, place)) {
            return figure.caption.contains("are cut there");
        }
        let (Some(mean), true) = (ruler.place(mean), figure.caption.contains("are cut there")) else {
            return false;
        };
        let up = (ruler.ends.1 - ruler.ends.0).signum();
        // further out along the axis, in the direction of this end
        let out = |from: f64, to: f64| {
            if end_is_high(ruler, self.bounds, end) {
                (to - from) * up
            } else {
                (from - to) * up
            }
        };
        let beyond_means = self
            .means
            .iter()
            .all(|mean| out(*mean, place) >= -HALF_A_PIXEL || ruler.has_apart());
        let own_lies_further = own.is_none_or(|own| out(place, own) >= -HALF_A_PIXEL);
        let at_edge = ruler.is_end(place) || ruler.has_apart();
        out(mean, place) >= -HALF_A_PIXEL && beyond_means && own_lies_further && at_edge
    }
}

/// Whether an interval is cut at the high end of an axis, not at the low one.
fn end_is_high(ruler: &Ruler, bounds: (f64, f64), end: f64) -> bool {
    match ruler.spacing {
        svg::Spacing::Error => true,
        svg::Spacing::Log => false,
        svg::Spacing::Linear => end >= bounds.1,
    }
}

/// Values of arms along an axis.
fn along(
    figure: &Figure,
    ruler: &Ruler,
    groups: (&Groups<Place>, &Groups<Vec<Place>>),
    of: fn(Place) -> f64,
    expected: &BTreeMap<usize, Value>,
    bounds: (f64, f64),
) {
    let name = &figure.name;
    let (means, intervals) = groups;
    let limits = Limits::new(ruler, expected.values().copied(), bounds);
    let mut drawn: Vec<usize> = means.iter().map(|(arm, _)| *arm).collect();
    drawn.sort_unstable();
    assert_eq!(drawn, expected.keys().copied().collect::<Vec<_>>(), "{name}");
    for (arm, (mean, interval)) in expected {
        let mark = self::of(means, *arm);
        let place = ruler.place(*mean).unwrap();
        assert!(
            mark.len() == 1 && near(of(mark[0]), place),
            "{name}: {arm}, {mean} at {place}: {mark:?}, {ruler:?}"
        );
        assert!(ruler.holds(place), "{name}: {arm}, {mean}");
        let bars = self::of(intervals, *arm);
        assert_eq!(bars.len(), usize::from(interval.is_some()), "{name}: {arm}");
        if let Some((low, high)) = interval {
            let meets = |end: &f64, corner: &Place| limits.ends_at(figure, *mean, *end, of(*corner));
            let [a, b] = &bars[0][..] else {
                panic!("{name}: {arm}: {bars:?}");
            };
            let stands = (meets(low, a) && meets(high, b)) || (meets(low, b) && meets(high, a));
            assert!(stands, "{name}: {arm}: {low} to {high} at {bars:?}: {ruler:?}");
        }
    }
}

type Groups<T> = Vec<(usize, Vec<T>)>;

fn bounds_of(score: &str) -> (f64, f64) {
    if score == "accuracy" {
        (0.0, 100.0)
    } else {
        (0.0, f64::INFINITY)
    }
}

/// The score that a title names.
fn score_of(title: &str) -> &'static str {
    if title.contains("accuracy") { "accuracy" } else { "loss" }
}

fn finals(figure: &Figure, tables: &Tables) {
    let plot = &figure.plots[0];
    let x = plot.level.as_ref().unwrap();
    let score = score_of(&x.title);
    let marks = (&plot.means, &plot.intervals);
    along(
        figure,
        x,
        marks,
        |place| place.0,
        &tables.finals(score),
        bounds_of(score),
    );
    for (arm, seeds) in tables.seeds(score) {
        let discs = of(&plot.seeds, arm);
        assert_eq!(discs.len(), seeds.len(), "{}: {arm}", figure.name);
        for (seed, disc) in seeds.iter().zip(discs) {
            assert!(
                near(disc.0, x.place(*seed).unwrap()) && x.holds(disc.0),
                "{}: {arm}, {seed}",
                figure.name
            );
        }
    }
}

fn work(figure: &Figure, tables: &Tables) {
    let plot = &figure.plots[0];
    let (x, y) = (plot.level.as_ref().unwrap(), plot.upright.as_ref().unwrap());
    let score = score_of(&y.title);
    let (finals, mut work) = (tables.finals(score), tables.work());
    work.retain(|arm, _| finals.contains_key(arm));
    along(
        figure,
        x,
        (&plot.means, &Vec::new()),
        |place| place.0,
        &work,
        bounds_of(score),
    );
    // a bar of one point is drawn where there is an interval, else there is an empty group
    let bars: Groups<Vec<Place>> = plot
        .intervals
        .iter()
        .filter(|(_, bars)| !bars.is_empty())
        .cloned()
        .collect();
    along(
        figure,
        y,
        (&plot.means, &bars),
        |place| place.1,
        &finals,
        bounds_of(score),
    );
}

fn families(figure: &Figure, tables: &Tables) {
    let [scores, angles, works] = &figure.plots[..] else {
        panic!("{}", figure.name);
    };
    let score = score_of(&scores.level.as_ref().unwrap().title);
    let parts = [
        (scores, tables.finals(score), bounds_of(score)),
        (angles, tables.final_angles(), (0.0, 180.0)),
        (works, tables.work(), bounds_of("loss")),
    ];
    for (plot, expected, bounds) in &parts {
        let x = plot.level.as_ref().unwrap();
        along(
            figure,
            x,
            (&plot.means, &plot.intervals),
            |place| place.0,
            expected,
            *bounds,
        );
    }
    // an arm has the same row in all three
    for (arm, mark) in angles.means.iter().chain(&works.means) {
        let row = of(&scores.means, *arm);
        assert!(row.is_empty() || near(row[0].1, mark[0].1), "{}: {arm}", figure.name);
    }
}
