//! Draw a made-up but realistic result and check what a reader of the figures relies on.

mod colours;
mod deep;
mod families;
mod made;
#[path = "../made_up/mod.rs"]
mod made_up;
mod page;
mod side_by_side;
mod similarity;
mod svg;
mod tables;
mod theory;
mod truth;
mod weights;

use creditlab::report;
use creditlab::results::{self, At, MetricRow, RunRow, SummaryRow, encode, files, in_file_order, summary};
use made_up::{Course, Size, USUAL, courses, write_result};
use resvg::usvg;
use std::fs;
use std::path::{Path, PathBuf};

/// A folder for the figures of a test, which stays to be looked at.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("figures").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn parse(svg: &str) -> usvg::Tree {
    let mut options = usvg::Options::default();
    options.fontdb_mut().load_font_data(dejavu::sans::regular().to_vec());
    options.fontdb_mut().set_sans_serif_family("DejaVu Sans");
    usvg::Tree::from_str(svg, &options).unwrap()
}

fn texts(group: &usvg::Group, found: &mut Vec<(String, usvg::Rect)>) {
    for node in group.children() {
        match node {
            usvg::Node::Group(group) => texts(group, found),
            usvg::Node::Text(text) => {
                let content = text.chunks().iter().map(|chunk| chunk.text().trim()).collect();
                found.push((content, text.abs_bounding_box()));
            }
            _ => {}
        }
    }
}

/// Millimetres of an attribute of the SVG's first line.
fn millimetres(svg: &str, attribute: &str) -> f64 {
    let (_, rest) = svg.split_once(&format!(" {attribute}=\"")).unwrap();
    rest.split_once("mm\"").unwrap().0.parse().unwrap()
}

/// No text of a figure lies on another.
fn assert_apart(name: &str, texts: &[(String, usvg::Rect)]) {
    for (i, (text, area)) in texts.iter().enumerate() {
        for (other, taken) in &texts[..i] {
            let apart = area.left() >= taken.right()
                || taken.left() >= area.right()
                || area.top() >= taken.bottom()
                || taken.top() >= area.bottom();
            assert!(apart, "{name}: `{text}` lies on `{other}`");
        }
    }
}

/// What every figure must be: a size for print, text that is text and inside, and does not cover other text, no number
/// that is none.
fn check(folder: &Path, name: &str) -> Vec<String> {
    let svg = fs::read_to_string(folder.join(format!("figures/{name}.svg"))).unwrap();
    let (width, height) = (millimetres(&svg, "width"), millimetres(&svg, "height"));
    assert!(
        [89.0, 183.0].contains(&width) && height > 15.0 && height <= 170.0,
        "{name}: {width} x {height} mm"
    );
    assert!(!svg.contains("NaN") && !svg.contains("inf"), "{name}");
    assert!(svg.contains("font-family=\"DejaVu Sans, Arial, Helvetica, sans-serif\""));

    let tree = parse(&svg);
    let mut found = Vec::new();
    texts(tree.root(), &mut found);
    let size = tree.size();
    for (text, area) in &found {
        let inside =
            area.left() >= 0.0 && area.top() >= 0.0 && area.right() <= size.width() && area.bottom() <= size.height();
        assert!(inside, "{name}: `{text}` reaches out of the sheet");
    }
    assert_apart(name, &found);

    let png = fs::read(folder.join(format!("figures/{name}.png"))).unwrap();
    let number = |at: usize| f64::from(u32::from_be_bytes(png[at..at + 4].try_into().unwrap()));
    assert!((number(16) - width / 25.4 * 300.0).abs() < 1.0 && (number(20) - height / 25.4 * 300.0).abs() < 1.0);
    assert_eq!(&png[37..41], b"pHYs");
    assert!(resvg::tiny_skia::Pixmap::decode_png(&png).is_ok());
    found.into_iter().map(|(text, _)| text).collect()
}

fn caption(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(format!("figures/{name}.txt"))).unwrap()
}

#[test]
fn a_full_experiment_makes_six_figures_for_print() {
    let folder = folder("classification");
    write_result(&folder, &courses(), USUAL);
    let written = report::draw(&folder).unwrap();
    assert_eq!(written.len(), 18, "nobody has shadows");
    let drawn_in = |name: &str| {
        let texts = check(&folder, name);
        courses()
            .into_iter()
            .filter(|course| texts.contains(&course.label))
            .count()
    };
    assert_eq!(drawn_in("convergence"), 12);
    assert_eq!(drawn_in("alignment"), 10, "all but the two that train no hidden layer");
    assert_eq!(drawn_in("feedback"), 6);
    assert_eq!(drawn_in("final"), 12);
    assert_eq!(drawn_in("work"), 12);
    assert_eq!(drawn_in("families"), 12);
    assert!(check(&folder, "final").contains(&"1 of 10".to_owned()));
    assert!(check(&folder, "alignment").contains(&"All hidden layers".to_owned()));
    let caption = caption(&folder, "convergence");
    for part in [
        "n = 10 seeds, but n = 9 for NodePerturbation",
        "95 % Student t",
        "test accuracy",
        "ForwardForward",
        "1 of 10",
    ] {
        assert!(caption.contains(part), "{part}: {caption}");
    }
}

#[test]
fn values_without_classes_have_a_loss_and_nothing_empty_is_drawn() {
    let folder = folder("regression");
    write_result(
        &folder,
        &[courses().remove(0), courses().remove(11)],
        Size {
            seeds: 5,
            layers: 2,
            classes: false,
        },
    );
    fs::create_dir_all(folder.join("figures")).unwrap();
    fs::write(folder.join("figures/feedback.svg"), "of an older run").unwrap();
    report::draw(&folder).unwrap();
    for name in ["convergence", "alignment", "final", "work"] {
        check(&folder, name);
    }
    assert!(check(&folder, "final").contains(&"Final test loss".to_owned()));
    assert!(check(&folder, "work").contains(&"Final test loss".to_owned()));
    assert!(!folder.join("figures/feedback.svg").exists());
}

#[test]
fn a_single_seed_has_no_interval() {
    let folder = folder("single");
    write_result(&folder, &courses()[..3], Size { seeds: 1, ..USUAL });
    report::draw(&folder).unwrap();
    let svg = fs::read_to_string(folder.join("figures/convergence.svg")).unwrap();
    let bands = |svg: &str| {
        svg.lines()
            .filter(|line| line.starts_with("<polygon") && line.contains("0.15"))
            .count()
    };
    assert_eq!(bands(&svg), 0);
    check(&folder, "final");
    assert!(caption(&folder, "convergence").contains("n = 1 seed for every arm"));
    write_result(&folder, &courses()[..3], Size { seeds: 2, ..USUAL });
    report::draw(&folder).unwrap();
    let svg = fs::read_to_string(folder.join("figures/convergence.svg")).unwrap();
    assert_eq!(bands(&svg), 6, "three arms in two plots");
}

#[test]
fn many_arms_long_labels_and_deep_networks_stay_on_the_sheet() {
    let folder = folder("large");
    let label =
        |i: usize| format!("SignSymmetry <{i}> & \"βeta\" rule.feedback.scale=0.{i} optimizer.learning_rate=1e-{i}");
    let many: Vec<Course> = (0..45)
        .map(|i| Course {
            label: label(i),
            ..courses()[i % 12].clone()
        })
        .collect();
    write_result(
        &folder,
        &many,
        Size {
            seeds: 2,
            layers: 3,
            ..USUAL
        },
    );
    report::draw(&folder).unwrap();
    for name in ["convergence", "alignment", "feedback", "final", "work", "families"] {
        check(&folder, name);
    }
    assert!(caption(&folder, "final").contains("Of 45 arms, the first 40 are drawn."));

    let folder = crate::folder("deep");
    write_result(
        &folder,
        &courses(),
        Size {
            seeds: 2,
            layers: 60,
            ..USUAL
        },
    );
    report::draw(&folder).unwrap();
    let texts = check(&folder, "alignment");
    for title in ["Layer 1", "Layer 60", "All hidden layers"] {
        assert!(texts.iter().any(|text| text == title), "{title}");
    }
    assert!(caption(&folder, "alignment").contains("37 layers between those shown are left out."));
}

#[test]
fn work_is_drawn_for_two_arms_that_were_counted() {
    let folder = folder("work");
    write_result(&folder, &courses()[..3], Size { seeds: 3, ..USUAL });
    report::draw(&folder).unwrap();
    assert!(caption(&folder, "work").contains("n = 3 seeds for every arm"));
    let path = folder.join("runs.csv");
    let mut runs: Vec<RunRow> = results::read(&path).unwrap();
    for run in runs.iter_mut().filter(|run| run.arm == "feedbackalignment") {
        run.multiply_adds = None;
    }
    files::place(&path, &encode(&runs)).unwrap();
    report::draw(&folder).unwrap();
    assert!(caption(&folder, "work").contains("Not drawn, since they have no such values: FeedbackAlignment."));
    for run in runs.iter_mut().filter(|run| run.arm == "backprop") {
        run.multiply_adds = Some(0);
    }
    files::place(&path, &encode(&runs)).unwrap();
    report::draw(&folder).unwrap();
    assert!(!folder.join("figures/work.svg").exists());
}

#[test]
fn equal_tables_make_equal_figures() {
    let folders = [folder("once"), folder("again")];
    for folder in &folders {
        write_result(folder, &courses(), Size { seeds: 3, ..USUAL });
        report::draw(folder).unwrap();
    }
    for file in fs::read_dir(folders[0].join("figures")).unwrap() {
        let file = file.unwrap().file_name();
        let bytes = folders
            .each_ref()
            .map(|folder| fs::read(folder.join("figures").join(&file)).unwrap());
        assert!(bytes[0] == bytes[1], "{file:?}");
    }
}

/// Draws a result after each value of `metrics.csv` was replaced, or removed.
fn redraw(folder: &Path, change: impl Fn(&MetricRow) -> Option<f64>) {
    write_result(folder, &courses()[..3], Size { seeds: 3, ..USUAL });
    let path = folder.join("metrics.csv");
    let rows: Vec<MetricRow> = results::read(&path).unwrap();
    let changed = rows
        .into_iter()
        .filter_map(|row| {
            Some(MetricRow {
                value: change(&row)?,
                ..row
            })
        })
        .collect();
    files::place(&path, &encode(&in_file_order(changed))).unwrap();
    report::draw(folder).unwrap();
}

#[test]
fn extreme_values_are_drawn_or_left_out_but_never_break_a_figure() {
    let folder = folder("extreme");
    let replaced = |metric: &'static str, value: f64| {
        move |row: &MetricRow| Some(if row.metric == metric { value } else { row.value })
    };
    redraw(&folder, replaced("loss", 0.0));
    assert!(caption(&folder, "convergence").contains("none is positive"));
    check(&folder, "convergence");
    for loss in [1e-300, 1e300, 1.0] {
        redraw(&folder, replaced("loss", loss));
        check(&folder, "convergence");
    }
    redraw(&folder, |row| {
        Some(if row.metric == "loss" && row.arm == "backprop" {
            1e250 * row.value
        } else {
            row.value
        })
    });
    check(&folder, "convergence");
    for accuracy in [0.0, 1.0] {
        redraw(&folder, replaced("accuracy", accuracy));
        check(&folder, "convergence");
    }
    redraw(&folder, replaced("gradient_angle", 180.0));
    check(&folder, "alignment");
    redraw(&folder, |row| (row.step == 0).then_some(row.value));
    for name in ["convergence", "alignment", "feedback"] {
        check(&folder, name);
    }
}

#[test]
fn untuned_arms_are_named_where_others_were_tuned() {
    let folder = folder("tuned");
    write_result(&folder, &courses()[..3], Size { seeds: 2, ..USUAL });
    report::draw(&folder).unwrap();
    assert!(!caption(&folder, "final").contains("Untuned"));
    fs::write(
        folder.join("tuning.csv"),
        "arm,trial,path,setting,seed,metric,split,value,chosen\n\
         backprop,1,rate,0.1,1000000,accuracy,validation,0.5,false\n\
         backprop,2,rate,0.3,1000000,accuracy,validation,0.7,true\n\
         backprop,3,rate,1,1000000,accuracy,validation,,false\n\
         feedbackalignment,1,rate,0.1,1000000,accuracy,validation,0.5,true\n\
         feedbackalignment,2,rate,0.3,1000000,accuracy,validation,0.4,false\n",
    )
    .unwrap();
    report::draw(&folder).unwrap();
    assert!(
        caption(&folder, "final")
            .contains("while others were tuned on the validation part: DirectFeedbackAlignment (untuned).")
    );
    assert!(caption(&folder, "final").contains(
        "Tuned to an end of what was tried, so that a better value may lie beyond: FeedbackAlignment, rate = 0.1 is the smallest of its list."
    ));
}

#[test]
fn a_damaged_table_is_named_with_its_line() {
    let folder = folder("damaged");
    write_result(&folder, &courses()[..2], Size { seeds: 2, ..USUAL });
    let path = folder.join("runs.csv");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replacen("\nfeedbackalignment", "\nstranger", 1)).unwrap();
    let error = report::draw(&folder).unwrap_err().to_string();
    assert!(
        error.contains("runs.csv:4: column `arm`: `stranger` is not an arm of arms.csv"),
        "{error}"
    );
    fs::remove_file(&path).unwrap();
    let error = report::draw(&folder).unwrap_err().to_string();
    assert!(error.contains("cannot read") && error.contains("runs.csv"), "{error}");
}
