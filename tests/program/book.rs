//! Carry out the book in `docs/`: the commands and files of its pages, the paths that they name, and its table of contents.

#[path = "../../examples/my_rule.rs"]
#[allow(dead_code)] // its `main` belongs to the example
mod my_rule;
#[path = "../../src/cli/new_rule/no_slope.rs"]
#[allow(dead_code)] // its `main` is that of a package made by `creditlab new-rule`
mod no_slope;
mod sharing;

use crate::pages::{self, files, read, root};
use creditlab::experiment::Plan;
use creditlab::results::{MetricRow, Row, SummaryRow};
use creditlab::rules;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Carries out a page in a folder with all experiments of the crate; what the page speaks of must be there in the end.
fn carry_out(page: &Path) {
    let text = read(page);
    let name = page.display();
    let folder = tempfile::tempdir().unwrap();
    pages::copy(&pages::all_files("experiments"), folder.path());
    assert!(pages::carry_out(&text, folder.path()) > 0, "{name} has no commands");

    let registry = rules::builtin().with::<my_rule::DriftingFeedback>();
    for block in pages::blocks(&text, "ron") {
        let file = folder.path().join("block-of-the-page.ron");
        fs::write(&file, &block).unwrap();
        Plan::read(&file, &registry).unwrap_or_else(|fault| panic!("{name}: {fault}"));
    }
    pages::assert_names_what_is_there(page);
    for word in pages::words(&text) {
        let made = word.starts_with("results/") && !word.contains(['<', '*', '$']);
        // every results folder has an `experiment.ron`
        let experiment = word.ends_with(".ron") && !word.contains('/') && ![".ron", "experiment.ron"].contains(&word);
        if made || experiment {
            let there = folder.path().join(word).exists() || root().join(word).exists();
            assert!(there, "{name} names {word}, which its commands do not leave");
        }
    }
}

fn carry_out_all(folder: &str) {
    let pages = files(folder);
    assert!(pages.len() > 1, "pages in {folder}");
    pages.iter().for_each(|page| carry_out(page));
}

#[test]
fn the_tutorial_does_what_it_says() {
    carry_out(&root().join("docs/tutorial.md"));
}

#[test]
fn how_to_pages_do_what_they_say() {
    carry_out_all("docs/how-to");
}

/// Pages of the reference that are written by hand; the others are what the program prints.
#[test]
fn the_reference_does_what_it_says() {
    for page in ["experiment-files", "results", "metrics"] {
        carry_out(&root().join(format!("docs/reference/{page}.md")));
    }
}

#[test]
fn explanations_do_what_they_say() {
    carry_out_all("docs/explanation");
}

/// What a page shows in Rust stands in a file that is compiled, and what it reads in Python is a column of a table.
#[test]
fn code_on_pages_is_what_is_compiled_and_asks_for_columns_that_there_are() {
    let compiled = [
        "examples/my_rule.rs",
        "tests/theory/example_rule.rs",
        "src/cli/new_rule/no_slope.rs",
    ];
    let compiled = compiled.map(|path| read(&root().join(path)));
    let columns: Vec<&str> = [MetricRow::HEADER, SummaryRow::HEADER]
        .iter()
        .flat_map(|header| header.split(','))
        .collect();
    let (mut rust, mut asked) = (0, 0);
    for page in pages::all_files("docs") {
        let (text, name) = (read(&page), page.display());
        let (shown, whole) = (pages::blocks(&text, "rust,ignore"), pages::blocks(&text, "rust,no_run"));
        for block in [shown, whole].concat() {
            let there = compiled.iter().any(|source| source.contains(block.trim()));
            assert!(there, "{name} shows Rust that is compiled nowhere:\n{block}");
            rust += 1;
        }
        for block in pages::blocks(&text, "python") {
            for column in block.split("row[\"").skip(1) {
                let column = column.split('"').next().unwrap();
                assert!(columns.contains(&column), "{name} reads the column {column}");
                asked += 1;
            }
        }
    }
    assert!(rust > 0 && asked > 0, "nothing was compared");
}

/// The pages that a table of contents links to, relative to `docs/`, and how often.
fn linked(contents: &str) -> BTreeMap<&str, usize> {
    let mut linked = BTreeMap::new();
    for link in contents.split("](").skip(1) {
        *linked.entry(link.split(')').next().unwrap()).or_default() += 1;
    }
    linked
}

/// A clean clone has what its pages and experiments speak of.
#[test]
fn pages_and_experiments_name_what_is_there() {
    let folders = ["docs", "experiments"].map(pages::all_files).into_iter();
    let beside = ["", "results", "python"].map(files).into_iter();
    for file in folders.chain(beside).flatten() {
        if file
            .extension()
            .is_some_and(|extension| extension == "md" || extension == "ron")
        {
            pages::assert_names_what_is_there(&file);
        }
    }
}

#[test]
#[should_panic(expected = "README.md names results/no-such-table.md")]
fn a_table_that_is_not_there_is_found_out() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("README.md");
    fs::write(
        &page,
        "A run leaves `results/first/runs.csv`; see `results/no-such-table.md`.",
    )
    .unwrap();
    pages::assert_names_what_is_there(&page);
}

/// A link that leaves `docs/` is dead in the book.
#[test]
fn links_stay_in_the_book() {
    let docs = root().join("docs").canonicalize().unwrap();
    for page in pages::all_files("docs") {
        if page.extension().is_none_or(|extension| extension != "md") {
            continue;
        }
        for link in pages::links(&read(&page)) {
            let target = page.parent().unwrap().join(link).canonicalize();
            let target = target.unwrap_or_else(|error| panic!("{} links to {link}: {error}", page.display()));
            assert!(
                target.starts_with(&docs),
                "{} links to {link}, which is not in the book",
                page.display()
            );
        }
    }
}

#[test]
fn the_contents_list_every_page_once() {
    let contents = read(&root().join("docs/SUMMARY.md"));
    let docs = root().join("docs");
    let paths = pages::all_files("docs").into_iter().map(|path| {
        let path = path.strip_prefix(&docs).unwrap();
        path.to_str().unwrap().to_owned()
    });
    let pages: Vec<String> = paths
        .filter(|path| path.ends_with(".md") && path != "SUMMARY.md")
        .collect();
    let listed: BTreeMap<&str, usize> = pages.iter().map(|page| (&**page, 1)).collect();
    assert_eq!(linked(&contents), listed);
    // a page that is listed twice, or not there, is found out
    assert_ne!(linked(&format!("{contents}- [again](tutorial.md)\n")), listed);
    assert_ne!(linked(&format!("{contents}- [gone](no-such-page.md)\n")), listed);
}
