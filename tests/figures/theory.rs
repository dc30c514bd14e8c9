//! Draw made-up measurements beside made-up theories, and read every place back.

use crate::svg::{HALF_A_PIXEL, Place, Ruler, plots};
use crate::{check, folder};
use creditlab::report::{Overlay, OverlayAxis, OverlaySeries, draw_theory};
use creditlab::results::Folder;
use std::fs;
use std::path::Path;

fn axis(title: &'static str, logarithmic: bool) -> OverlayAxis {
    OverlayAxis { title, logarithmic }
}

/// Curves of so many names, each on a line of its own or all on one.
fn overlay(names: usize, shared: bool, logarithmic: bool) -> Overlay {
    let curve = |name: usize| {
        let height = if shared { 1.0 } else { 1.0 + name as f64 };
        let at = |t: f64| (t, height * (-t / 20.0).exp());
        OverlaySeries {
            name: format!("an arm with a rather long label, number {name}"),
            measured: (0..24).map(|t| at(f64::from(t))).map(|(t, y)| (t, 1.01 * y)).collect(),
            theory: (0..=230).map(|t| at(0.1 * f64::from(t))).collect(),
            gap: 0.01 + 0.001 * name as f64,
        }
    };
    Overlay {
        title: "Something beside its theory",
        x: axis("Time t (steps)", false),
        y: axis("Something (units)", logarithmic),
        series: (0..names).map(curve).collect(),
        gap_means: "|something / theory − 1|",
    }
}

/// Draws an overlay; returns the drawing.
fn drawn(folder: &Path, overlay: &Overlay) -> String {
    let written = draw_theory(&Folder::open(folder).unwrap(), overlay).unwrap();
    assert_eq!(written.len(), 3);
    let texts = check(folder, "theory");
    for text in ["theory", overlay.x.title, overlay.y.title] {
        assert!(texts.iter().any(|found| found == text), "{text}: {texts:?}");
    }
    fs::read_to_string(folder.join("figures/theory.svg")).unwrap()
}

fn stands(place: Place, (x, y): (f64, f64), (level, upright): (&Ruler, &Ruler)) -> bool {
    let near = |a: f64, b: f64| (a - b).abs() <= 2.0 * HALF_A_PIXEL;
    near(place.0, level.place(x).unwrap()) && near(place.1, upright.place(y).unwrap())
}

#[test]
fn marks_and_lines_stand_where_their_values_are() {
    for logarithmic in [false, true] {
        let folder = folder(&format!("theory-{logarithmic}"));
        let overlay = overlay(3, false, logarithmic);
        let plot = plots(&drawn(&folder, &overlay)).remove(0);
        let axes = (plot.level.as_ref().unwrap(), plot.upright.as_ref().unwrap());
        assert_eq!((plot.lines.len(), plot.means.len()), (3, 3));
        for (series, ((_, lines), (_, marks))) in overlay.series.iter().zip(plot.lines.iter().zip(&plot.means)) {
            assert_eq!((lines[0].len(), marks.len()), (231, 24));
            assert!(
                lines[0]
                    .iter()
                    .zip(&series.theory)
                    .all(|(place, point)| stands(*place, *point, axes))
            );
            assert!(
                marks
                    .iter()
                    .zip(&series.measured)
                    .all(|(place, point)| stands(*place, *point, axes))
            );
            // negative control: the gap of one percent is seen
            assert!(
                !marks
                    .iter()
                    .zip(&series.measured)
                    .all(|(place, (x, y))| stands(*place, (*x, 0.95 * y), axes))
            );
        }
    }
}

#[test]
fn names_that_share_a_line_take_turns() {
    let folder = folder("theory-shared");
    let plot = plots(&drawn(&folder, &overlay(4, true, true))).remove(0);
    assert!(plot.means.iter().all(|(_, marks)| marks.len() == 6));
    let mut places: Vec<u64> = plot
        .means
        .iter()
        .flat_map(|(_, marks)| marks.iter().map(|place| place.0.to_bits()))
        .collect();
    places.sort_unstable();
    places.dedup();
    assert_eq!(places.len(), 24, "no mark lies on another");
}

#[test]
fn the_caption_tells_the_largest_gap_and_whose_it_is() {
    let folder = folder("theory-caption");
    drawn(&folder, &overlay(2, false, true));
    let caption = crate::caption(&folder, "theory");
    assert!(
        caption.contains("Largest gap: 1.1e-2, |something / theory − 1|."),
        "{caption}"
    );
    assert!(
        caption.contains("number 0: 1.0e-2;") && caption.contains("number 1: 1.1e-2."),
        "{caption}"
    );
}
