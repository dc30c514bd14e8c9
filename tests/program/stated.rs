//! Hold tables that stand on pages between HTML comments to what the program says, or write them there.
//!
//! `UPDATE_PAGES=1 cargo test --release --test program reference` writes those of the reference anew; `sharing` and `readme` in place of
//! `reference` write tables of results.

use crate::pages::{read, root};
use std::sync::Mutex;
use std::{env, fs};

/// Held while a page is read or written.
static PAGES: Mutex<()> = Mutex::new(());

/// Whether pages are to be written, not compared.
pub fn are_written() -> bool {
    env::var_os("UPDATE_PAGES").is_some()
}

/// A page, by its path in the crate.
pub fn page(path: &str) -> String {
    let _guard = PAGES.lock();
    read(&root().join(path))
}

/// What stands between the comments of this name.
pub fn part<'a>(page: &'a str, name: &str) -> &'a str {
    let [begin, end] = ["begin", "end"].map(|edge| format!("<!-- {name} {edge} -->"));
    let (_, rest) = page.split_once(&begin).unwrap_or_else(|| panic!("no {begin}"));
    rest.split_once(&end).unwrap_or_else(|| panic!("no {end}")).0.trim()
}

/// The rows of a table, without its head; a cell is what stands between two bars.
pub fn rows(table: &str) -> Vec<Vec<&str>> {
    let lines = table.lines().skip(2);
    lines
        .map(|line| line.trim_matches('|').split(" | ").map(str::trim).collect())
        .collect()
}

/// What stands between backticks.
pub fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// Holds a page to a table that the program made, or writes it there.
pub fn settle(path: &str, name: &str, made: &str, agree: impl Fn(&str, &str) -> bool) {
    if are_written() {
        let _guard = PAGES.lock();
        let text = read(&root().join(path));
        let old = part(&text, name);
        let marked = |table: &str| format!("<!-- {name} begin -->\n{table}<!-- {name} end -->");
        let before = if old.is_empty() {
            String::new()
        } else {
            format!("{old}\n")
        };
        let new = text.replace(&marked(&before), &marked(made));
        fs::write(root().join(path), new).unwrap();
        return;
    }
    let text = page(path);
    let stated = part(&text, name);
    assert!(
        agree(stated, made.trim()),
        "the table `{name}` of {path} should be as follows; UPDATE_PAGES=1 in the environment of this test writes it\n{made}"
    );
}

/// Whether two tables made from runs agree, cell by cell.
pub fn tables_agree(stated: &str, made: &str) -> bool {
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
