//! Check that the figure of alignment stays readable where networks are deep and arms many.

use super::svg::{Plot, plots};
use super::*;

/// Left, right, top and bottom of the frame of a plot, in the drawing's units.
type Sides = [f64; 4];

fn sides(plot: &Plot) -> Sides {
    let (x, y) = (plot.level.as_ref().unwrap(), plot.upright.as_ref().unwrap());
    [x.ends.0, x.ends.1, y.ends.1, y.ends.0]
}

fn apart(a: Sides, b: Sides) -> bool {
    a[1] < b[0] || b[1] < a[0] || a[3] < b[2] || b[3] < a[2]
}

fn all_apart(frames: &[Sides]) -> bool {
    (0..frames.len()).all(|i| frames[..i].iter().all(|other| apart(frames[i], *other)))
}

/// So many frames stand beside each other in the first row.
fn columns(frames: &[Sides]) -> usize {
    frames.iter().filter(|frame| frame[2] == frames[0][2]).count()
}

fn frames(svg: &str) -> Vec<Sides> {
    plots(svg).iter().map(sides).collect()
}

fn alignment(name: &str, courses: &[Course], layers: u64) -> (PathBuf, String) {
    let folder = folder(name);
    let size = Size {
        seeds: 2,
        layers,
        ..USUAL
    };
    write_result(&folder, courses, size);
    report::draw(&folder).unwrap();
    let svg = fs::read_to_string(folder.join("figures/alignment.svg")).unwrap();
    (folder, svg)
}

#[test]
fn layers_stand_in_a_grid_that_can_be_read() {
    let many: Vec<Course> = (0..40)
        .map(|i| Course {
            label: format!(
                "arm {i} with a label that is so long that no other fits beside it, in none of the figures at all"
            ),
            ..courses()[i % 7].clone()
        })
        .collect();
    for layers in [2, 4, 8, 12] {
        for (arms, drawn) in [(&courses()[..1], 1), (&courses()[..], 10), (&many[..], 40)] {
            let (folder, svg) = alignment(&format!("{layers} layers, {} arms", arms.len()), arms, layers);
            let texts = check(&folder, "alignment");
            let frames = frames(&svg);
            assert!(all_apart(&frames), "{layers} layers");
            let expected = layers as usize + usize::from(layers > 2);
            let named = |what: &str| texts.iter().filter(|text| text.starts_with(what)).count();
            let titles = named("Layer ") + named("All hidden layers");
            assert_eq!(titles, frames.len(), "{layers} layers");
            let legend = arms.iter().filter(|arm| texts.contains(&arm.label)).count();
            if arms.len() < 40 {
                assert_eq!((frames.len(), legend), (expected, drawn));
                assert!(columns(&frames) <= 4, "{layers} layers: {}", columns(&frames));
            } else {
                let left_out = expected - frames.len();
                let said = format!("{left_out} layers between those shown are left out.");
                assert_eq!(caption(&folder, "alignment").contains(&said), left_out > 0);
            }
            // at least 16 by 16 millimetres, in units of a 25th of a point
            for [left, right, top, bottom] in frames {
                let least = 15.9 * 25.0 * 72.0 / 25.4;
                assert!(right - left > least && bottom - top > least, "{layers} layers");
            }
        }
    }
}

/// What the tests above look for is there to be found.
#[test]
fn plots_that_lie_on_one_another_are_found() {
    let (_, svg) = alignment("on one another", &courses()[..2], 8);
    let mut frames = frames(&svg);
    assert!(all_apart(&frames) && columns(&frames) < 5);
    let first = frames[0];
    frames.push([first[0] + 1.0, first[1] + 1.0, first[2], first[3]]);
    assert!(!all_apart(&frames));
    frames.extend([first, first]);
    assert!(columns(&frames) > 4);
}
