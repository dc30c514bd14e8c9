//! Read the marks of a page's plots back, on every axis, and hold them to the numbers beside them.

use super::folder;
use super::made_up::{USUAL, courses, write_result};
use super::svg::{HALF_A_PIXEL, Plot, Spacing, plots};
use creditlab::results::{ArmTable, Folder};
use creditlab::{report, rules};
use std::collections::BTreeMap;
use std::fs;

type NumbersRow = BTreeMap<String, String>;

/// The text between two others, and the rest.
fn between<'a>(text: &'a str, from: &str, to: &str) -> (&'a str, &'a str) {
    text.split_once(from).unwrap().1.split_once(to).unwrap()
}

/// The axis and the plot of each view of a figure, below the name of the plot.
fn views(page: &str, figure: &str) -> Vec<(String, String, Plot)> {
    let (article, _) = between(page, &format!("data-figure=\"{figure}\""), "</article>");
    let mut found = Vec::new();
    for panel in article.split("<figure class=\"panel\" data-plot=\"").skip(1) {
        let name = panel.split('"').next().unwrap();
        for view in panel.split("<div class=\"view\" data-axis=\"").skip(1) {
            let axis = view.split('"').next().unwrap();
            let (svg, _) = between(view, "<svg", "</svg>");
            let plot = plots(&format!("<svg{svg}</svg>")).remove(0);
            found.push((name.to_owned(), axis.to_owned(), plot));
        }
    }
    found
}

/// Whether each mark stands where a row of its arm says, whose means are multiplied by a factor.
fn is_held(plot: &Plot, rows: &[&NumbersRow], slugs: &[String], factor: f64) -> bool {
    let (level, upright) = (plot.level.as_ref().unwrap(), plot.upright.as_ref().unwrap());
    let near = |place: Option<f64>, found: f64| place.is_some_and(|place| (place - found).abs() <= HALF_A_PIXEL + 0.5);
    let stands = |arm: usize, (x, y): (f64, f64)| {
        let own = rows.iter().filter(|row| row["arm"] == slugs[arm]);
        let number = |row: &NumbersRow, column: &str| row[column].parse::<f64>().unwrap();
        own.into_iter().any(|row| {
            near(level.place(number(row, "epoch")), x) && near(upright.place(factor * number(row, "mean")), y)
        })
    };
    let mut marks = plot
        .means
        .iter()
        .flat_map(|(arm, places)| places.iter().map(|place| (*arm, *place)));
    marks.all(|(arm, place)| stands(arm, place))
}

#[test]
fn marks_stand_where_the_numbers_say_on_every_axis() {
    let place = folder("page");
    write_result(&place, &courses(), USUAL);
    let opened = Folder::open(&place).unwrap();
    let written = report::write_in(&opened, &rules::builtin(), &|| false).unwrap();
    assert!(written.last().unwrap().ends_with("report.html"));
    let page = fs::read_to_string(place.join("report.html")).unwrap();
    let arms = ArmTable::read(&place.join("arms.csv")).unwrap().rows;
    let slugs: Vec<String> = arms.into_iter().map(|arm| arm.arm).collect();
    let (data, _) = between(&page, "id=\"data\">", "</script>");
    let data: serde_json::Value = serde_json::from_str(data).unwrap();
    let mut axes = Vec::new();
    for figure in ["convergence", "alignment", "feedback"] {
        let csv = data["numbers"][figure].as_str().unwrap();
        let rows: Vec<NumbersRow> = csv::Reader::from_reader(csv.as_bytes())
            .deserialize()
            .collect::<Result<_, _>>()
            .unwrap();
        for (name, axis, plot) in views(&page, figure) {
            let own: Vec<&NumbersRow> = rows.iter().filter(|row| row["plot"] == name).collect();
            assert!(plot.means.len() > 1 && !own.is_empty(), "{figure}: {name}");
            assert!(
                is_held(&plot, &own, &slugs, 1.0),
                "{figure}: {name} on an axis that is {axis}"
            );
            assert!(!is_held(&plot, &own, &slugs, 1.1), "{figure}: {name}: other numbers");
            let spacing = plot.upright.unwrap().spacing;
            assert_eq!(format!("{spacing:?}").to_lowercase(), axis);
            axes.push(spacing);
        }
    }
    for spacing in [Spacing::Linear, Spacing::Log, Spacing::Error] {
        assert!(axes.contains(&spacing), "{spacing:?}");
    }
    // an old page is replaced, and equal files make equal pages
    fs::write(place.join("report.html"), "old").unwrap();
    report::write_in(&opened, &rules::builtin(), &|| false).unwrap();
    assert!(page == fs::read_to_string(place.join("report.html")).unwrap());
}
