//! Carry out the README: its commands, its first experiment and its numbers.
//!
//! `UPDATE_PAGES=1 cargo test --release --test program readme` writes its table anew.

use crate::pages::{self, CALL, PageCommand, blocks, root};
use crate::stated::{page, settle, tables_agree};
use creditlab::experiment::Plan;
use creditlab::results::{self, ArmTable, At, SummaryRow};
use creditlab::rules;
use std::fs;
use std::path::Path;

const README: &str = "README.md";

#[test]
fn commands_do_what_the_readme_says() {
    let readme = page(README);
    let folder = tempfile::tempdir().unwrap();
    let at = |path: &str| folder.path().join(path);
    fs::create_dir(at("experiments")).unwrap();
    fs::write(at("experiments/quickstart.ron"), page("experiments/quickstart.ron")).unwrap();
    for block in blocks(&readme, "ron") {
        if let Some(file) = pages::file_name("ron", &block) {
            fs::write(at(file), &block).unwrap();
        }
    }
    let mut ran = 0;
    for PageCommand { line, .. } in pages::commands(&readme) {
        if !line.starts_with(CALL) {
            assert!(pages::is_checked(&line), "`.ci/run` lacks `{line}`");
            continue;
        }
        pages::succeed(&line, folder.path());
        ran += 1;
    }
    assert!(ran > 5);

    for figure in ["convergence", "alignment", "feedback", "final", "work"] {
        for ending in ["svg", "png", "txt"] {
            let path = at("results/quickstart/figures").join(figure).with_extension(ending);
            assert!(path.metadata().unwrap().len() > 0, "{figure}.{ending}");
        }
    }
    let page = at("results/quickstart/report.html").metadata().unwrap().len();
    assert!((1 << 16..2 << 20).contains(&page), "report.html has {page} bytes");
    for file in [
        "summary.csv",
        "metrics.csv",
        "runs.csv",
        "arms.csv",
        "experiment.ron",
        "report.html",
    ] {
        let [one, other] = ["results", "results/again"].map(|out| fs::read(at(out).join("first").join(file)).unwrap());
        assert!(one == other, "{file} depends on the number of threads");
    }
    results_are_as_stated(&at("results/quickstart"));
}

/// The table of the quickstart: made from a run, it may differ in digits that a change of the numerics moves.
fn results_are_as_stated(folder: &Path) {
    let summary = results::read::<SummaryRow>(&folder.join("summary.csv")).unwrap();
    let cell = |arm: &str, metric: &str, split: &str, layer: &str, factor: f64| {
        let row = summary.iter().find(|row| {
            row.arm == arm && row.metric == metric && row.split == split && row.layer == layer && row.at == At::Final
        })?;
        assert_eq!((row.n, row.diverged), (10, 0), "the README speaks of ten seeds");
        let [mean, low, high] = [row.mean, row.ci_low?, row.ci_high?].map(|x| factor * x);
        Some(format!("{mean:.1} [{low:.1}, {high:.1}]"))
    };
    let mut made = String::from("| rule | test accuracy (%) | angle to backpropagation (degrees) |\n|---|---|---|\n");
    for arm in ArmTable::read(&folder.join("arms.csv")).unwrap().rows {
        let own = cell(&arm.arm, "own_accuracy", "test", "none", 100.0).map(|cell| cell + " by its own prediction");
        let accuracy = own
            .or_else(|| cell(&arm.arm, "accuracy", "test", "none", 100.0))
            .unwrap();
        let angle = cell(&arm.arm, "gradient_angle", "probe", "hidden", 1.0);
        let angle = angle.unwrap_or_else(|| "trains no hidden layer".into());
        made += &format!("| `{}` | {accuracy} | {angle} |\n", arm.rule);
    }
    settle(README, "quickstart", &made, tables_agree);
}

#[test]
fn its_experiments_are_read() {
    let plan = |text: &str| Plan::from_text(text, &rules::builtin()).unwrap_or_else(|fault| panic!("{fault}"));
    let files = blocks(&page(README), "ron");
    assert_eq!(files.len(), 1);
    assert!(plan(&files[0]).arms.len() > 2);
    let quickstart = plan(&page("experiments/quickstart.ron"));
    let counts = (quickstart.arms.len(), quickstart.seeds.len());
    assert_eq!(counts, (10, 10), "ten rules with ten seeds");
    let own = page("experiments/your_csv.ron");
    assert!(own.lines().count() <= 15, "short enough to copy");
}

#[test]
fn versions_and_paths_are_true() {
    let readme = page(README);
    assert!(readme.contains(&format!("version = {{{}}}", env!("CARGO_PKG_VERSION"))));
    assert!(readme.contains(&format!("Rust {},", env!("CARGO_PKG_RUST_VERSION"))));
    assert!(page("Cargo.toml").contains("license = \"MIT OR Apache-2.0\""));
    let starts = [
        "src/",
        "tests/",
        "experiments/",
        "docs/",
        "examples/",
        "benches/",
        ".ci/",
        "LICENSE",
        "CONTRIBUTING",
    ];
    for (page, text) in [("README.md", readme), ("CONTRIBUTING.md", page("CONTRIBUTING.md"))] {
        let paths = text
            .split(['`', '(', ')', ' ', '\n'])
            .filter(|word| starts.iter().any(|start| word.starts_with(start)));
        for path in paths.filter(|path| !path.contains(['<', '*'])) {
            assert!(
                root().join(path.trim_end_matches([',', '.', ':', ';'])).exists(),
                "{page} names {path}"
            );
        }
    }
}
