//! Hold the page of a result to its tables, and to being the same wherever it is written.

use crate::support::Lab;
use std::collections::BTreeMap;
use std::fs;

const LABELS: [&str; 2] = ["</script><script>alert(1)</script>", "a \\\" b='c' & d"];

/// Labels that are markup, an arm that diverges, a comparison, shadows.
fn lab() -> Lab {
    let [first, second] = LABELS;
    Lab::new(&format!(
        "(
            task: Xor(samples: 60, test: 20), network: [6], batch: 8, stop: Steps(20), seeds: 3,
            measure: (every: Steps(5), against: [Backprop]),
            compare: (to: \"exact\", metrics: [\"accuracy\"]),
            arms: [
                (label: \"exact\", rule: Backprop),
                (label: \"{first}\", rule: FeedbackAlignment),
                (label: \"{second}\", rule: OutputOnly),
                (label: \"wild\", rule: Backprop, network: (hidden: [6], activation: Identity), optimizer: Sgd(learning_rate: 1e30)),
            ],
        )"
    ))
}

fn page(lab: &Lab, results: &str) -> String {
    fs::read_to_string(lab.path(results).join("report.html")).unwrap()
}

/// The rows of a table, each by column.
fn rows(csv: &str) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    reader.deserialize().collect::<Result<_, _>>().unwrap()
}

/// The numbers of a figure, as the page holds them.
fn numbers(page: &str, figure: &str) -> Vec<BTreeMap<String, String>> {
    let data = page.split("id=\"data\">").nth(1).unwrap();
    let data: serde_json::Value = serde_json::from_str(data.split("</script>").next().unwrap()).unwrap();
    rows(data["numbers"][figure].as_str().unwrap())
}

#[test]
fn the_numbers_on_the_page_are_those_of_the_tables() {
    let lab = lab();
    lab.succeed("run a.ron --quiet");
    let page = page(&lab, "results/a");
    let table = |name: &str| rows(&fs::read_to_string(lab.path("results/a").join(name)).unwrap());
    let metrics = table("metrics.csv");
    let value = |row: &BTreeMap<String, String>, seed: &str| -> Option<f64> {
        let (metric, split, factor) = match &*row["plot"] {
            "Test accuracy (%)" => ("accuracy", "test", 100.0),
            "Test loss" => ("loss", "test", 1.0),
            plot => panic!("{plot}"),
        };
        let epoch: f64 = row["epoch"].parse().unwrap();
        let is_it = |of: &&BTreeMap<String, String>| {
            (&*of["arm"], &*of["seed"], &*of["metric"], &*of["split"]) == (&*row["arm"], seed, metric, split)
                && of["epoch"].parse::<f64>().unwrap() == epoch
        };
        Some(factor * metrics.iter().find(is_it)?["value"].parse::<f64>().unwrap())
    };
    let shown = numbers(&page, "convergence");
    // three arms that finished, two plots, five moments
    assert_eq!(shown.len(), 3 * 2 * 5);
    for row in &shown {
        for seed in ["0", "1", "2"] {
            assert_eq!(row[&format!("seed_{seed}")].parse().ok(), value(row, seed), "{row:?}");
        }
    }
    let summary = table("summary.csv");
    for row in numbers(&page, "final").iter().filter(|row| row["arm"] != "wild") {
        let is_it = |of: &&BTreeMap<String, String>| {
            (&*of["arm"], &*of["metric"], &*of["split"], &*of["at"]) == (&*row["arm"], "accuracy", "test", "final")
        };
        let of = summary.iter().find(is_it).unwrap();
        for column in ["mean", "ci_low", "ci_high"] {
            assert_eq!(
                row[column].parse::<f64>().unwrap(),
                100.0 * of[column].parse::<f64>().unwrap(),
                "{column} of {row:?}"
            );
        }
    }
    // what there is not is empty, never 0
    let wild = numbers(&page, "final")
        .into_iter()
        .find(|row| row["arm"] == "wild")
        .unwrap();
    assert_eq!((&*wild["n"], &*wild["mean"], &*wild["seed_0"]), ("0", "", ""));
}

#[test]
fn labels_are_text() {
    let lab = lab();
    lab.succeed("run a.ron --quiet");
    let page = page(&lab, "results/a");
    // the data and the script of the page itself
    assert_eq!(page.matches("<script").count(), 2, "{page}");
    assert!(page.contains("&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;") && !page.contains("<script>alert"));
    assert!(page.contains("a &quot; b=&#39;c&#39; &amp; d"));
    let handlers = [
        "onclick=",
        "onload=",
        "onmouseover=",
        "javascript:",
        "http://",
        "https://",
        " src=",
    ];
    for outside in handlers.into_iter().filter(|text| page.contains(text)) {
        let places: Vec<_> = page
            .match_indices(outside)
            .map(|(place, _)| &page[place..place + 40])
            .collect();
        let names = |text: &&&str| text.contains("www.w3.org/2000/svg");
        assert_eq!(
            places.iter().filter(names).count(),
            places.len(),
            "{outside}: {places:?}"
        );
    }
}

#[test]
fn the_page_knows_no_machine_and_says_how_to_make_the_result_again() {
    let (one, other) = (lab(), lab());
    one.succeed("run a.ron --quiet --threads 1");
    other.succeed("run a.ron --quiet --threads 4 --out elsewhere");
    let page = page(&one, "results/a");
    assert!(page == self::page(&other, "elsewhere/a"));
    assert!(!page.contains(&one.path("").display().to_string()));
    for part in [
        "creditlab verify .",
        "Backprop",
        "zero error gives a zero update",
        "data_sha256",
        "metrics.csv",
        "compare",
        "FeedbackAlignment(",
    ] {
        assert!(page.contains(part), "{part}");
    }
    // the folder can be reached by another name
    other.succeed("report elsewhere/a");
    assert!(page == self::page(&other, "elsewhere/a"));
}

/// A page tells of the experiment too, which figures do not.
#[test]
fn a_page_of_another_comparison_is_removed() {
    let lab = lab();
    lab.succeed("run a.ron --quiet");
    lab.succeed("run a.ron --quiet --no-figures --set compare.metrics=[\"loss\"]");
    assert!(lab.path("results/a/figures/final.svg").exists());
    assert!(!lab.path("results/a/report.html").exists());
}

/// Any metric is a figure on demand: a plot for each layer, on an axis for its unit.
#[test]
fn a_metric_is_drawn_layer_by_layer_on_demand() {
    let lab = Lab::new(
        "(task: Xor(samples: 60, test: 10), network: [5, 4], stop: Epochs(6), seeds: 2, arms: [Backprop, FeedbackAlignment])",
    );
    lab.succeed("run a.ron --quiet --no-figures");
    let said = lab.succeed("report results/a --metric update_norm");
    assert_eq!(said.lines().count(), 3, "{said}");
    let svg = lab.read("results/a/figures/update_norm.svg");
    for layer in ["Layer 1", "Layer 2", "Layer 3", "All hidden layers"] {
        assert!(svg.contains(layer), "{layer}");
    }
    assert!(svg.contains("upright axis log"), "norms are spaced by their logarithms");
    let caption = lab.read("results/a/figures/update_norm.txt");
    assert!(
        caption.starts_with("Update norm over training: size of the update, layer by layer.\n"),
        "{caption}"
    );
    lab.succeed("report results/a --metric accuracy");
    let said = lab.fail("report results/a --metric residual", 2);
    assert!(said.contains("residual was not measured"), "{said}");
    let said = lab.fail("report results/a --metric update_nrm", 2);
    assert!(said.contains("did you mean `update_norm`?"), "{said}");
}
