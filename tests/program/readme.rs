//! Carry out the README: its commands, experiment files and tables, and the rule that it shows how to write.
//!
//! Tables between HTML comments are made from the program. `UPDATE_README=1 cargo test --release --test program readme` writes them anew.

#[path = "../../src/cli/new_rule/no_slope.rs"]
#[allow(dead_code)] // its `main` is the README's
mod own_rule;
mod sharing;

use crate::pages::{self, CALL, PageCommand, blocks};
use creditlab::experiment::Plan;
use creditlab::help::{self, Default as Shown};
use creditlab::metrics::{Metric, own};
use creditlab::notation::Document;
use creditlab::results::{self, ArmTable, At, ComparisonRow, MetricRow, Row, RunRow, SummaryRow, TuningRow};
use creditlab::rules;
use creditlab::tasks::Task;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Mutex;
use std::{env, fs};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Held while the README is read or written.
static README: Mutex<()> = Mutex::new(());

fn text(path: &str) -> String {
    let read = fs::read_to_string(Path::new(ROOT).join(path));
    read.unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn readme() -> String {
    let _guard = README.lock();
    text("README.md")
}

/// What stands between the comments of this name.
fn part<'a>(readme: &'a str, name: &str) -> &'a str {
    let [begin, end] = ["begin", "end"].map(|edge| format!("<!-- {name} {edge} -->"));
    let (_, rest) = readme.split_once(&begin).unwrap_or_else(|| panic!("no {begin}"));
    rest.split_once(&end).unwrap_or_else(|| panic!("no {end}")).0.trim()
}

/// The rows of a table, without its head; a cell is what stands between two bars.
fn rows(table: &str) -> Vec<Vec<&str>> {
    let lines = table.lines().skip(2);
    lines
        .map(|line| line.trim_matches('|').split(" | ").map(str::trim).collect())
        .collect()
}

/// What stands between backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// Holds the README to a table that the program made, or writes it there.
fn settle(name: &str, made: &str, agree: impl Fn(&str, &str) -> bool) {
    if env::var_os("UPDATE_README").is_some() {
        let _guard = README.lock();
        let readme = text("README.md");
        let old = part(&readme, name);
        let marked = |table: &str| format!("<!-- {name} begin -->\n{table}<!-- {name} end -->");
        let before = if old.is_empty() {
            String::new()
        } else {
            format!("{old}\n")
        };
        let new = readme.replace(&marked(&before), &marked(made));
        fs::write(Path::new(ROOT).join("README.md"), new).unwrap();
        return;
    }
    let readme = readme();
    let stated = part(&readme, name);
    assert!(
        agree(stated, made.trim()),
        "the README's table `{name}` should be as follows; `UPDATE_README=1 cargo test --release --test program readme` writes it\n{made}"
    );
}

fn plan(file: &str, text: &str) -> Plan {
    let document = Document::parse(file, text).unwrap_or_else(|fault| panic!("{fault}"));
    Plan::parse(&document, &rules::builtin()).unwrap_or_else(|fault| panic!("{fault}"))
}

/// The names that an unknown field is answered with.
fn fields() -> BTreeSet<String> {
    let document = Document::parse("x.ron", "(x: 1)").unwrap_or_else(|fault| panic!("{fault}"));
    let fault = Plan::parse(&document, &rules::builtin())
        .err()
        .expect("no field `x`")
        .to_string();
    quoted(&fault).map(str::to_owned).filter(|name| name != "x").collect()
}

#[test]
fn commands_do_what_the_readme_says() {
    let readme = readme();
    let folder = tempfile::tempdir().unwrap();
    let at = |path: &str| folder.path().join(path);
    fs::create_dir(at("experiments")).unwrap();
    fs::write(at("experiments/quickstart.ron"), text("experiments/quickstart.ron")).unwrap();
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
    the_tables_hold_what_the_lines_for_pandas_and_r_ask_for(&readme, &at("results/quickstart/metrics.csv"));
    results_are_as_stated(&at("results/quickstart"));
}

fn the_tables_hold_what_the_lines_for_pandas_and_r_ask_for(readme: &str, path: &Path) {
    const WORDS: &[&str] = &[
        "import",
        "pandas",
        "m",
        "print",
        "pivot_table",
        "values",
        "index",
        "columns",
        "read",
        "csv",
        "read_csv",
        "results",
        "quickstart",
        "metrics",
        "xtabs",
        "aggregate",
        "mean",
        "subset",
    ];
    let metrics = results::read::<MetricRow>(path).unwrap();
    let listed: BTreeSet<_> = quoted(part(readme, "metrics")).collect();
    let unlisted: BTreeSet<_> = metrics
        .iter()
        .map(|row| &*row.metric)
        .filter(|metric| !listed.contains(metric))
        .collect();
    assert!(
        unlisted.is_empty(),
        "the README does not tell what these are: {unlisted:?}"
    );
    let lines = [blocks(readme, "python"), blocks(readme, "r")].concat();
    assert_eq!(lines.len(), 2);
    for line in lines {
        assert!(line.contains("gradient_angle") && line.contains("hidden"), "{line}");
        for word in line
            .split(|c: char| !c.is_alphanumeric() && c != '_')
            .filter(|word| !word.is_empty())
        {
            let known = WORDS.contains(&word)
                || MetricRow::HEADER.split(',').any(|column| column == word)
                || metrics.iter().any(|row| row.metric == word || row.layer == word);
            assert!(known, "`{word}` in `{line}`");
        }
    }
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
    settle("quickstart", &made, tables_agree);
}

/// Whether two tables made from runs agree, cell by cell.
fn tables_agree(stated: &str, made: &str) -> bool {
    let (stated, made) = (rows(stated), rows(made));
    let agree = |(stated, made): (&Vec<&str>, &Vec<&str>)| {
        stated.len() == made.len() && stated.iter().zip(made).all(|(s, m)| cells_agree(s, m))
    };
    stated.len() == made.len() && stated.iter().zip(&made).all(agree)
}

/// Whether the mean of `made` lies in the interval of `stated`; cells without an interval must be equal.
fn cells_agree(stated: &str, made: &str) -> bool {
    let numbers = |cell: &str| -> Vec<f64> {
        let words = cell.split(['[', ',', ']', ' ']).filter(|word| !word.is_empty());
        words.map_while(|word| word.parse().ok()).collect()
    };
    match (&*numbers(stated), &*numbers(made)) {
        (&[_, low, high], &[mean, _, _]) => (low - 0.05..=high + 0.05).contains(&mean),
        _ => stated == made,
    }
}

#[test]
fn cells_disagree_where_a_mean_leaves_the_interval() {
    assert!(cells_agree("98.3 [98.0, 98.5]", "98.1 [97.0, 99.0]"));
    assert!(!cells_agree("98.3 [98.0, 98.5]", "97.9 [97.0, 99.0]"));
    assert!(!cells_agree("trains no hidden layer", "98.1 [97.0, 99.0]") && cells_agree("`a`", "`a`"));
}

#[test]
fn the_table_of_rules_is_the_registry() {
    const NO_NEEDS: [&str; 3] = [
        "phases per step",
        "forward passes per step",
        "zero error gives a zero update",
    ];
    let mut made = String::from(
        "| rule | phases a step | forward passes a step | needs, besides | source |\n|---|---|---|---|---|\n",
    );
    for entry in rules::builtin().entries() {
        let rule = entry
            .defaults()
            .unwrap_or_else(|error| panic!("{}: {error}", entry.name));
        let needs = rule.needs();
        let mut words = Vec::new();
        for (what, answer) in needs.table().into_iter().filter(|(what, _)| !NO_NEEDS.contains(what)) {
            match &*answer {
                "no" | "nothing" => {}
                "yes" => words.push(what.to_string()),
                answer => words.push(format!("{answer} {what}")),
            }
        }
        words.extend(rule.predicts().then(|| "a prediction of its own".to_string()));
        let needs = [
            needs.phases.to_string(),
            needs.forward_passes.to_string(),
            words.join(", "),
        ]
        .join(" | ");
        made += &format!("| `{}` | {needs} | {} |\n", entry.name, entry.source);
    }
    settle("rules", &made, |stated, made| stated == made);
}

#[test]
fn experiment_files_are_read() {
    let readme = readme();
    let files = blocks(&readme, "ron");
    assert_eq!(files.len(), 3);
    for file in files {
        // paths in it are relative to where it is shipped
        assert!(plan("experiments/first.ron", &file).arms.len() > 2);
    }
    let own = text("experiments/your_csv.ron");
    assert!(readme.contains(&format!("// experiments/your_csv.ron\n{own}```")));
    assert!(own.lines().count() <= 15, "short enough to copy");
    let quickstart = plan("quickstart.ron", &text("experiments/quickstart.ron"));
    assert_eq!(
        (quickstart.arms.len(), quickstart.seeds.len()),
        (10, 10),
        "ten rules with ten seeds"
    );
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
    settle("fields", &made, |stated, made| stated == made);
    let readme = readme();
    let with = |field: &str| plan("x.ron", &format!("(task: Digits, arms: [Backprop], {field})")).text;
    let mut stated = BTreeSet::from(NO_DEFAULT.map(str::to_owned));
    for row in rows(part(&readme, "fields")) {
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
    settle("tasks", &made, |stated, made| stated == made);
    let readme = readme();
    let with = |task: &str| plan("x.ron", &format!("(task: {task}, arms: [Backprop])")).text;
    let table = rows(part(&readme, "tasks"));
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
    let readme = readme();
    let table = |name: &str| -> String {
        let text = blocks(&readme, "text").concat();
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
fn metrics_are_defined_where_the_readme_says() {
    let mut made = String::from("| metric | is | unit | better | defined in |\n|---|---|---|---|---|\n");
    for metric in Metric::all() {
        let (name, place) = (metric.name, metric.defined_in);
        let defined = text(place).contains(&format!("`{name}`"));
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
    settle("metrics", &made, |stated, made| stated == made);
}

#[test]
fn the_rule_in_the_readme_is_the_one_that_is_tried() {
    assert_eq!(blocks(&readme(), "rust,no_run"), [text("src/cli/new_rule/no_slope.rs")]);
}

#[test]
fn versions_and_paths_are_true() {
    let readme = readme();
    assert!(readme.contains(&format!("version = {{{}}}", env!("CARGO_PKG_VERSION"))));
    assert!(readme.contains(&format!("Rust {},", env!("CARGO_PKG_RUST_VERSION"))));
    assert!(text("Cargo.toml").contains("license = \"MIT OR Apache-2.0\""));
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
    for (page, text) in [("README.md", readme), ("CONTRIBUTING.md", text("CONTRIBUTING.md"))] {
        let paths = text
            .split(['`', '(', ')', ' ', '\n'])
            .filter(|word| starts.iter().any(|start| word.starts_with(start)));
        for path in paths.filter(|path| !path.contains(['<', '*'])) {
            assert!(
                Path::new(ROOT)
                    .join(path.trim_end_matches([',', '.', ':', ';']))
                    .exists(),
                "{page} names {path}"
            );
        }
    }
}
