//! Hold the tables of the reference's pages to the program: fields, tasks, columns of tables, metrics.

use crate::pages::blocks;
use crate::stated::{page, part, quoted, rows, settle};
use creditlab::experiment::Plan;
use creditlab::help::{self, Default as Shown};
use creditlab::metrics::{Metric, own};
use creditlab::results::{ArmTable, ComparisonRow, MetricRow, Row, RunRow, SummaryRow, TuningRow};
use creditlab::rules;
use creditlab::tasks::Task;
use std::collections::BTreeSet;

const RESULTS: &str = "docs/reference/results.md";
const METRICS: &str = "docs/reference/metrics.md";
const FILES: &str = "docs/reference/experiment-files.md";

fn plan(text: &str) -> Plan {
    Plan::from_text(text, &rules::builtin()).unwrap_or_else(|fault| panic!("{fault}"))
}

/// The names that an unknown field is answered with.
fn fields() -> BTreeSet<String> {
    let fault = Plan::from_text("(x: 1)", &rules::builtin());
    let fault = fault.err().expect("no field `x`").to_string();
    quoted(&fault).map(str::to_owned).filter(|name| name != "x").collect()
}

#[test]
fn the_defaults_of_fields_are_as_stated() {
    const NO_DEFAULT: [&str; 6] = ["name", "task", "tune", "compare", "replication", "arms"];
    let experiment = help::experiment();
    let mut made = String::from("| field with its default | what it says |\n|---|---|\n");
    for field in experiment.parts() {
        if let Shown::Value(_) = field.default {
            made += &format!("| `{}` | {} |\n", field.written(), field.meaning);
        }
    }
    settle(FILES, "fields", &made, |stated, made| stated == made);
    let page = page(FILES);
    let with = |field: &str| plan(&format!("(task: Digits, arms: [Backprop], {field})")).text;
    let mut stated = BTreeSet::from(NO_DEFAULT.map(str::to_owned));
    for row in rows(part(&page, "fields")) {
        let field = quoted(row[0]).next().unwrap();
        assert_eq!(with(field), with(""), "{field} is no default");
        stated.insert(field.split(':').next().unwrap().to_owned());
    }
    assert_eq!(stated, fields());
    assert_ne!(with("seeds: 9"), with(""));
}

#[test]
fn tasks_have_the_stated_options() {
    let mut made = String::from("| task | is |\n|---|---|\n");
    let named: Vec<_> = Task::named().iter().map(Task::name).collect();
    for task in help::tasks().iter().filter(|task| named.contains(&&*task.name)) {
        made += &format!("| `{}` | {} |\n", task.written(), task.meaning);
    }
    settle(FILES, "tasks", &made, |stated, made| stated == made);
    let page = page(FILES);
    let with = |task: &str| plan(&format!("(task: {task}, arms: [Backprop])")).text;
    let table = rows(part(&page, "tasks"));
    assert!(table.len() >= 4);
    for row in table {
        let task = quoted(row[0]).next().unwrap();
        let name = task.split('(').next().unwrap();
        assert_eq!(with(task), with(name));
        // whatever a task can say is said
        assert!(
            with(name).contains(&format!("task: {task},\n")),
            "{task}: {}",
            with(name)
        );
    }
}

#[test]
fn the_columns_of_tables_are_as_stated() {
    let page = page(RESULTS);
    let table = |name: &str| -> String {
        let text = blocks(&page, "text").concat();
        let line = text
            .lines()
            .find(|line| line.starts_with(name))
            .unwrap_or_else(|| panic!("no columns of {name}"));
        let scores = ["final", "best"].iter().flat_map(|at| {
            let parts = ["train", "validation", "test"].iter();
            parts.flat_map(move |part| ["loss", "accuracy"].map(|score| format!("{at}_{part}_{score}")))
        });
        let scores = scores.collect::<Vec<_>>().join(",");
        let line = line.replace("{final,best}_{train,validation,test}_{loss,accuracy}", &scores);
        line[name.len()..].trim().to_owned()
    };
    assert_eq!(table("summary.csv"), SummaryRow::HEADER);
    assert_eq!(table("metrics.csv"), MetricRow::HEADER);
    assert_eq!(table("runs.csv"), RunRow::HEADER);
    assert_eq!(table("arms.csv"), ArmTable::HEADER);
    assert_eq!(table("tuning.csv"), TuningRow::HEADER);
    assert_eq!(table("comparisons.csv"), ComparisonRow::HEADER);
}

#[test]
fn metrics_are_defined_where_the_page_says() {
    let mut made = String::from("| metric | is | unit | better | defined in |\n|---|---|---|---|---|\n");
    for metric in Metric::all() {
        let (name, place) = (metric.name, metric.defined_in);
        let defined = page(place).contains(&format!("`{name}`"));
        assert!(defined, "{place} does not define {name}");
        let own = if metric.is_score() {
            format!(", `{}`", own(name))
        } else {
            String::new()
        };
        let asked = if metric.is_usual() {
            ""
        } else {
            "where it is asked for: "
        };
        let [unit, better] = [format!("{:?}", metric.unit), format!("{:?}", metric.better)].map(|it| it.to_lowercase());
        made += &format!(
            "| `{name}`{own} | {asked}{} | {unit} | {better} | `{place}` |\n",
            metric.about.trim()
        );
    }
    settle(METRICS, "metrics", &made, |stated, made| stated == made);
}

/// What is written is told, errors of estimates and scores of a class included.
#[test]
fn every_metric_of_a_result_is_in_the_table() {
    let text = "(task: WheatSeeds, network: [4], stop: Epochs(1), seeds: 1, measure: (draws: 3, metrics: [\"default\", \"class_accuracy\"]),
        arms: [NodePerturbation, ForwardForward, PredictiveCoding, FeedbackAlignment])";
    let results = creditlab::run(&plan(text), &()).unwrap();
    let page = page(METRICS);
    let listed: BTreeSet<_> = quoted(part(&page, "metrics")).collect();
    let names = results.metrics.iter().map(|row| row.metric.split('(').next().unwrap());
    let unlisted: BTreeSet<_> = names.filter(|metric| !listed.contains(metric)).collect();
    assert!(
        unlisted.is_empty(),
        "{METRICS} does not tell what these are: {unlisted:?}"
    );
}

/// The lines for pandas and R name columns and values that there are.
#[test]
fn lines_for_other_languages_ask_for_what_there_is() {
    const WORDS: &str = "import pandas m print pivot_table values index columns read csv read_csv results first metrics xtabs aggregate \
                         mean subset";
    let text = "(task: Xor, network: [4, 4], stop: Epochs(1), seeds: 1, arms: [FeedbackAlignment])";
    let metrics = creditlab::run(&plan(text), &()).unwrap().metrics;
    let page = page(RESULTS);
    let lines = [blocks(&page, "python"), blocks(&page, "r")].concat();
    assert_eq!(lines.len(), 2);
    let known = |word: &str| {
        let mut names = WORDS.split_whitespace().chain(MetricRow::HEADER.split(','));
        names.any(|name| name == word) || metrics.iter().any(|row| row.metric == word || row.layer == word)
    };
    for line in lines {
        assert!(line.contains("gradient_angle") && line.contains("hidden"), "{line}");
        let words = line.split(|c: char| !c.is_alphanumeric() && c != '_');
        for word in words.filter(|word| !word.is_empty()) {
            assert!(known(word), "`{word}` in `{line}`");
        }
    }
}
