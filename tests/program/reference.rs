//! Hold the reference in `docs/reference/` to the program: a page for each rule, one for the tasks, one for the fields of files.
//!
//! `UPDATE_PAGES=1 cargo test --release --test program reference` writes it anew.

mod tables;

use crate::pages::{self, root};
use crate::stated;
use creditlab::conformance::{audit, is_confirmed};
use creditlab::experiment::Plan;
use creditlab::help;
use creditlab::notation::neat;
use creditlab::results::ArmRow;
use creditlab::rules::{Entry, Registry, Rule, builtin};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;

/// Characters of a line in a block.
const WIDTH: usize = 100;
/// Settings of which a rule's cost is counted in the first that it accepts: its name stands in place of `RULE`.
const SETTINGS: [&str; 4] = [
    "(task: Digits, network: [30], stop: Steps(1), seeds: 1, measure: (against: []), arms: [Backprop, RULE])",
    "(task: Digits, network: (hidden: [30], activation: Logistic), stop: Steps(1), seeds: 1, measure: (against: []), arms: [Backprop, RULE])",
    "(task: Digits, network: [30], loss: HalfSquares, stop: Steps(1), seeds: 1, measure: (against: []), arms: [Backprop, RULE])",
    "(task: Iris, network: [8], stop: Steps(1), seeds: 1, measure: (against: []), arms: [Backprop, RULE])",
];

/// All pages by their path below `docs/reference/`.
fn reference() -> BTreeMap<String, String> {
    let (registry, proofs) = (builtin(), theory_tests());
    let mut pages = BTreeMap::new();
    for entry in registry.entries() {
        pages.insert(format!("rules/{}.md", entry.name), rule(&registry, entry, &proofs));
    }
    pages.insert("rules.md".to_owned(), list(&registry));
    pages.insert("tasks.md".to_owned(), tasks());
    pages.insert("fields.md".to_owned(), fields());
    pages
}

fn block(lines: &[String]) -> String {
    format!("```text\n{}\n```\n", lines.join("\n"))
}

/// Documentation as Markdown, in lines that are not too long.
fn prose(text: &str) -> String {
    help::paragraphs(text, 0, WIDTH).join("\n") + "\n"
}

fn list(registry: &Registry) -> String {
    let mut page = "# Rules\n\nOne page a rule; `creditlab rules NAME` prints the same. What a rule needs is what a brain may not have: with *weight \
                    transport*, for instance,\nerrors travel through the transposed forward weights; with *update locking* a layer waits for a \
                    pass through the whole network before it may\nlearn. Each entry is for the rule's default options, on a small network, and is \
                    defined in `src/rules/plausibility.rs`.\n\n| rule | phases a step | forward passes a step | needs, besides | source |\n\
                    |---|---|---|---|---|\n"
        .to_owned();
    for entry in registry.entries() {
        let (name, source) = (entry.name, entry.source);
        let rule = entry.defaults().expect("every option of a built-in rule has a default");
        let needs = needs(&rule);
        let _ = writeln!(page, "| [{name}](rules/{name}.md) | {needs} | {source} |");
    }
    page
}

/// The cells of phases, forward passes, and all else that a rule needs.
fn needs(rule: &Rule) -> String {
    const APART: [&str; 3] = [
        "phases per step",
        "forward passes per step",
        "zero error gives a zero update",
    ];
    let needs = rule.needs();
    let mut words = Vec::new();
    for (what, answer) in needs.table().into_iter().filter(|(what, _)| !APART.contains(what)) {
        match &*answer {
            "no" | "nothing" => {}
            "yes" => words.push(what.to_string()),
            answer => words.push(format!("{answer} {what}")),
        }
    }
    words.extend(rule.predicts().then(|| "a prediction of its own".to_owned()));
    format!("{} | {} | {}", needs.phases, needs.forward_passes, words.join(", "))
}

fn rule(registry: &Registry, entry: &Entry, proofs: &[TheoryTest]) -> String {
    let topic = help::rule(entry);
    let rule = entry.defaults().expect("every option of a built-in rule has a default");
    let mut page = format!(
        "# {}\n\n`{}`\n\n{}\n",
        entry.name,
        entry.equation,
        prose(&topic.meaning)
    );
    let _ = write!(page, "Source: {}.\n\n## Options\n\n", entry.source);
    match topic.options(WIDTH) {
        lines if lines.is_empty() => page += "None.\n",
        lines => {
            let stated = neat(&format!("{}{}", entry.name, rule.options()));
            let _ = write!(page, "```ron\n{stated}\n```\n\n{}", block(&lines));
        }
    }
    page += "\n## Plausibility\n\nWith the default options. What an experiment can tell, by perturbing the quantity and watching the update, is \
             confirmed by one.\n\n| needs | | |\n|---|---|---|\n";
    let findings = audit(registry, entry.name).unwrap_or_default();
    for (what, answer) in rule.needs().table() {
        let confirmed = if is_confirmed(&findings, what) { "confirmed" } else { "" };
        let _ = writeln!(page, "| {what} | {answer} | {confirmed} |");
    }
    page += &cost(registry, entry.name);
    page + &proof(entry.name, proofs)
}

/// What a step costs beside one of `Backprop`, counted.
fn cost(registry: &Registry, name: &str) -> String {
    let plans = SETTINGS.iter().map(|setting| setting.replace("RULE", name));
    let mut plans = plans.map(|text| text.replace("[Backprop, Backprop]", "[Backprop]"));
    let found = plans.find_map(|text| {
        let results = creditlab::run(&Plan::from_text(&text, registry).ok()?, &()).ok()?;
        Some((text, results.overview.arms.rows))
    });
    let (text, rows) = found.unwrap_or_else(|| panic!("{name} accepts none of the settings"));
    let row = |row: &ArmRow| {
        let numbers = [
            row.multiply_adds_per_sample,
            row.forward_passes_per_sample,
            row.random_numbers_per_sample,
        ];
        let numbers =
            numbers.map(|number| number.map_or_else(|| "not counted".to_owned(), |number| format!("{number}")));
        format!("| `{}` | {} |\n", row.rule, numbers.join(" | "))
    };
    let rows: String = rows.iter().map(row).collect();
    let setting = text.trim_start_matches('(').split(", stop").next().unwrap_or_default();
    format!(
        "\n## Cost\n\nOf a training step, for each sample, counted with `{setting}`:\n\n| rule | multiply-adds | forward passes | random numbers \
         |\n|---|---|---|---|\n{rows}"
    )
}

/// A test in `tests/theory/`, with its text.
struct TheoryTest {
    file: String,
    name: String,
    text: String,
}

fn theory_tests() -> Vec<TheoryTest> {
    let mut tests = Vec::new();
    let mut files = pages::all_files("tests/theory");
    files.retain(|path| path.extension().is_some_and(|extension| extension == "rs"));
    files.sort();
    for file in files {
        let text = pages::read(&file);
        let shown = file.strip_prefix(root()).unwrap().display().to_string();
        for part in text.split("#[test]\n").skip(1) {
            let Some(name) = part.split_once("fn ").and_then(|(_, rest)| rest.split('(').next()) else {
                continue;
            };
            let body = part.split("\n}\n").next().unwrap_or_default();
            tests.push(TheoryTest {
                file: shown.clone(),
                name: name.to_owned(),
                text: body.to_owned(),
            });
        }
    }
    tests
}

/// Whether a text names a rule, and not one whose name only begins or ends like it.
fn names(text: &str, rule: &str) -> bool {
    text.match_indices(rule).any(|(at, _)| {
        let beside = [text[..at].chars().next_back(), text[at + rule.len()..].chars().next()];
        beside.iter().flatten().all(|c| !c.is_alphanumeric() && *c != '_')
    })
}

fn proof(name: &str, tests: &[TheoryTest]) -> String {
    let naming: Vec<&TheoryTest> = tests.iter().filter(|test| names(&test.text, name)).collect();
    let mut page =
        "\n## Proof\n\nThe conformance suite holds it to the laws of all rules (`tests/conformance`). ".to_owned();
    if naming.is_empty() {
        return page + "No test of theory names it.\n";
    }
    page += "Tests of theory that name it:\n\n";
    for test in naming {
        let _ = writeln!(page, "- `{}` in `{}`", test.name, test.file);
    }
    page
}

fn tasks() -> String {
    let mut page = "# Tasks\n\nWhat can stand in `task`. `creditlab tasks NAME` prints the same.\n".to_owned();
    for task in help::tasks() {
        let _ = write!(page, "\n## {}\n\n{}", task.name, block(&task.page(WIDTH)));
    }
    page
}

fn fields() -> String {
    let lines = help::experiment().options(WIDTH);
    format!(
        "# Fields of experiment files\n\n`creditlab options FIELD` prints the same.\n\n{}",
        block(&lines)
    )
}

/// The part of the book's contents that lists the rules.
fn contents(registry: &Registry) -> String {
    let line = |entry: &Entry| format!("  - [{0}](reference/rules/{0}.md)\n", entry.name);
    let rules: String = registry.entries().map(line).collect();
    format!("- [Rules](reference/rules.md)\n{rules}")
}

#[test]
fn the_contents_of_the_book_list_the_rules() {
    let (path, made) = (root().join("docs/SUMMARY.md"), contents(&builtin()));
    let text = fs::read_to_string(&path).unwrap();
    let (before, rest) = text
        .split_once("- [Rules](reference/rules.md)\n")
        .expect("there is a list of rules");
    let after = rest.split_once("\n\n").expect("another part follows").1;
    let whole = format!("{before}{made}\n{after}");
    if stated::are_written() {
        fs::write(&path, &whole).unwrap();
    }
    assert!(
        fs::read_to_string(&path).unwrap() == whole,
        "docs/SUMMARY.md lists other rules; `UPDATE_PAGES=1 cargo test --release --test program reference` writes it"
    );
}

#[test]
fn the_reference_is_what_the_program_says() {
    let folder = root().join("docs/reference");
    let pages = reference();
    if stated::are_written() {
        for (path, text) in &pages {
            fs::create_dir_all(folder.join(path).parent().unwrap()).unwrap();
            fs::write(folder.join(path), text).unwrap();
        }
    }
    let differs = |(path, text): &(&String, &String)| fs::read_to_string(folder.join(path)).ok().as_ref() != Some(text);
    let other: Vec<&String> = pages.iter().filter(differs).map(|(path, _)| path).collect();
    assert!(
        other.is_empty(),
        "docs/reference/ should be otherwise: {other:?}; `UPDATE_PAGES=1 cargo test --release --test program reference` writes it"
    );
    let rules = fs::read_dir(folder.join("rules")).unwrap().count();
    assert_eq!(
        rules,
        builtin().entries().count(),
        "a page is of a rule that there is not"
    );
}

#[test]
fn a_name_within_a_name_is_another() {
    assert!(names("(\"FeedbackAlignment(..)\")", "FeedbackAlignment"));
    assert!(!names("\"DirectFeedbackAlignment\"", "FeedbackAlignment"));
    assert!(!names("FeedbackAlignments", "FeedbackAlignment"));
}
