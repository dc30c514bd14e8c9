//! Check the heat map of cosines: its numbers, its colours, and what has no colour.

use super::colours::{Bar, colour, distance};
use super::svg::{class, number, text};
use super::*;
use resvg::usvg::roxmltree::{Document, Node};
use std::collections::BTreeMap;

/// Gives the first arm shadows: for every two of its rules a cosine in each group of layers and seed.
fn add_shadows(folder: &Path, shadows: &[String]) {
    let metrics = folder.join("metrics.csv");
    let mut rows: Vec<MetricRow> = results::read(&metrics).unwrap();
    let last = rows.iter().map(|row| row.step).max().unwrap();
    let is_pattern = |row: &&MetricRow| row.arm == "backprop" && row.metric == "gradient_cosine" && row.step == last;
    let patterns: Vec<MetricRow> = rows.iter().filter(is_pattern).cloned().collect();
    let names: Vec<&String> = shadows.iter().collect();
    for pattern in &patterns {
        for (i, rule) in names.iter().enumerate() {
            let others = std::iter::once("Backprop").chain(names[..i].iter().map(|name| name.as_str()));
            for (j, reference) in others.enumerate() {
                rows.push(MetricRow {
                    rule: (*rule).clone(),
                    reference: reference.to_owned(),
                    value: 0.95 * f64::cos(0.35 * (i + 1 - j) as f64) - 0.01 * pattern.seed as f64,
                    ..pattern.clone()
                });
            }
        }
    }
    let rows = in_file_order(rows);
    let runs: Vec<RunRow> = results::read(&folder.join("runs.csv")).unwrap();
    files::place(&metrics, &encode(&rows)).unwrap();
    files::place(&folder.join("summary.csv"), &encode(&summary(&rows, &runs))).unwrap();
}

#[test]
fn rules_that_propose_together_make_a_heat_map() {
    for (name, count) in [("pairs", 2), ("map", 7), ("crowd", 30)] {
        let folder = folder(name);
        write_result(&folder, &courses()[..2], Size { seeds: 3, ..USUAL });
        let shadow = |i: usize| format!("a shadow that has quite a long name and the number {i}");
        add_shadows(&folder, &(0..count).map(shadow).collect::<Vec<_>>());
        report::draw(&folder).unwrap();
        let texts = check(&folder, "similarity");
        for text in [
            "Backprop trains",
            "All layers",
            "All hidden layers",
            "Cosine",
            "Rule",
            "−1",
        ] {
            assert!(texts.iter().any(|drawn| drawn == text), "{name}: {text}");
        }
        let caption = caption(&folder, "similarity");
        assert!(
            caption.contains("n = 3 seeds")
                && caption.contains("last measured step")
                && caption.contains("Numbers are means over seeds; "),
            "{caption}"
        );
        assert_eq!(caption.contains("20 more rules are left out"), count == 30);
    }
    // a single shadow has one number: no map
    let folder = folder("pair");
    write_result(&folder, &courses()[..2], Size { seeds: 3, ..USUAL });
    add_shadows(&folder, &["one".to_owned()]);
    report::draw(&folder).unwrap();
    assert!(!folder.join("figures/similarity.svg").exists());
}

#[test]
fn cells_have_the_numbers_and_colours_of_their_cosines() {
    let folder = folder("cells");
    write_result(&folder, &courses()[..2], Size { seeds: 3, ..USUAL });
    add_shadows(&folder, &["B".to_owned(), "C".to_owned(), "D".to_owned()]);
    let path = folder.join("metrics.csv");
    let mut rows: Vec<MetricRow> = results::read(&path).unwrap();
    // from one end to the other
    for (i, row) in rows
        .iter_mut()
        .filter(|row| row.metric == "gradient_cosine")
        .enumerate()
    {
        row.value = f64::cos(0.9 * i as f64);
    }
    let runs: Vec<RunRow> = results::read(&folder.join("runs.csv")).unwrap();
    let summary = summary(&rows, &runs);
    files::place(&folder.join("summary.csv"), &encode(&summary)).unwrap();
    report::draw(&folder).unwrap();

    let mut cosines: BTreeMap<(&str, &str, &str), f64> = BTreeMap::new();
    for row in summary
        .iter()
        .filter(|row| row.metric == "gradient_cosine" && row.at == At::Final)
    {
        if row.arm == "backprop" {
            cosines.insert((&row.layer, &row.rule, &row.reference), row.mean);
            cosines.insert((&row.layer, &row.reference, &row.rule), row.mean);
        }
    }
    let svg = fs::read_to_string(folder.join("figures/similarity.svg")).unwrap();
    let document = Document::parse(&svg).unwrap();
    let bar = Bar::read(document.root());
    let map = document.descendants().find(|node| class(*node) == "map").unwrap();
    assert_eq!(number(map, "data-arm"), 0.0);
    let texts: Vec<String> = map
        .children()
        .filter(|child| child.has_tag_name("text"))
        .map(text)
        .collect();
    let end = texts.iter().position(|text| text == "All layers").unwrap();
    let rules: Vec<&String> = texts[1..end].iter().step_by(2).collect();
    assert_eq!(rules, ["Backprop", "B", "C", "D"]);
    let cells: Vec<Node> = map.children().filter(|child| class(*child) == "cell").collect();
    assert_eq!(cells.len(), 2 * 16, "all layers, and hidden ones");
    for (place, cell) in cells.into_iter().enumerate() {
        let layer = ["all", "hidden"][place / 16];
        let (a, b) = (rules[place % 16 / 4], rules[place % 4]);
        let cosine = if a == b { 1.0 } else { cosines[&(layer, &**a, &**b)] };
        let mut parts = cell.children().filter(Node::is_element);
        let drawn = colour(parts.next().unwrap());
        let written: f64 = text(parts.next().unwrap()).replace('−', "-").parse().unwrap();
        assert!(
            (written - cosine).abs() <= 0.005 + 1e-9,
            "{layer}, {a}, {b}: {written} for {cosine}"
        );
        // a step of the bar is a fortieth
        let off = distance(drawn, bar.of(cosine));
        assert!(
            off <= 2.0 * 255.0 / 40.0 / 2.0 + 1.0,
            "{layer}, {a}, {b}: {drawn:?} for {cosine}"
        );
    }
}

#[test]
fn a_cosine_beyond_one_is_refused_with_its_figure_and_axis() {
    let folder = folder("no cosine");
    write_result(&folder, &courses()[..2], Size { seeds: 3, ..USUAL });
    add_shadows(&folder, &["one".to_owned(), "two".to_owned()]);
    let path = folder.join("summary.csv");
    let mut rows: Vec<SummaryRow> = results::read(&path).unwrap();
    let is_shown = |row: &&mut SummaryRow| {
        row.metric == "gradient_cosine" && row.rule == "two" && row.layer == "all" && row.at == At::Final
    };
    rows.iter_mut().find(is_shown).unwrap().mean = 1.5;
    files::place(&path, &encode(&rows)).unwrap();
    let error = report::draw(&folder).unwrap_err();
    insta::assert_snapshot!(error, @r"
    cannot draw the figure `similarity`: 1.5 lies outside its axis `Cosine`
    help: look for it in the tables of the result; if it is right, this is a mistake of the figure
    ");
}
