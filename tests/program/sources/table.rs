//! Hold the table of labels in `experiments/sources/README.md` to what is there: every label once, with a state, and tests that exist.

use std::fs;
use std::path::Path;

fn read(path: &str) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(file).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every statement that the sources' notes number.
fn labels() -> Vec<String> {
    let of = |letter: char, numbers: &[std::ops::RangeInclusive<u32>]| -> Vec<String> {
        let numbers = numbers.iter().cloned().flatten();
        numbers.map(|number| format!("{letter}{number}")).collect()
    };
    [
        of('A', &[1..=11]),
        of('B', &[1..=8]),
        of('C', &[1..=14, 20..=25, 30..=44, 50..=51, 60..=63]),
        of('D', &[1..=6]),
        of('E', &[1..=12]),
        of('F', &[1..=11]),
    ]
    .concat()
}

/// The rows that begin with a label: label, statement, state, place.
fn rows(table: &str) -> Vec<Vec<&str>> {
    let is_label = |cell: &str| {
        let mut letters = cell.chars();
        letters.next().is_some_and(|first| ('A'..='F').contains(&first)) && letters.all(|c| c.is_ascii_digit())
    };
    let cells = |line| {
        str::trim_matches(line, '|')
            .split(" | ")
            .map(str::trim)
            .collect::<Vec<_>>()
    };
    let lines = table.lines().filter(|line| line.starts_with("| "));
    lines.map(cells).filter(|row| is_label(row[0])).collect()
}

/// The tests that a text names, each with its file: `name` in `file`, or several names before one file.
fn tests(text: &str) -> Vec<(&str, &str)> {
    let mut waiting = Vec::new();
    let mut found = Vec::new();
    for quoted in text.split('`').skip(1).step_by(2) {
        if quoted.ends_with(".rs") {
            found.extend(waiting.drain(..).map(|name| (name, quoted)));
        } else if quoted.contains('_')
            && quoted
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        {
            waiting.push(quoted);
        }
    }
    assert!(waiting.is_empty(), "no file has {waiting:?}");
    found
}

#[test]
fn every_label_has_a_state_and_a_place_that_is_there() {
    let table = read("experiments/sources/README.md");
    let rows = rows(&table);
    let found: Vec<&str> = rows.iter().map(|row| row[0]).collect();
    assert_eq!(found, labels());
    let mut named = 0;
    for row in &rows {
        let [label, _, state, place] = row[..] else {
            panic!("four cells: {row:?}");
        };
        let states = ["exact", "shape", "band", "irreproducible", "not shown", "told"];
        assert!(states.iter().any(|known| state.starts_with(known)), "{label}: {state}");
        assert!(!place.is_empty());
        for (name, file) in tests(place) {
            assert!(
                read(file).contains(&format!("fn {name}()")),
                "{label}: no {name} in {file}"
            );
            named += 1;
        }
        // what is held to something names what holds it; `the same` is the row above
        let is_held = ["exact", "shape", "band"].iter().any(|held| state.starts_with(held));
        assert!(
            !is_held || place.contains('`') || place.starts_with("the same"),
            "{label}"
        );
    }
    assert!(named > 60, "{named}");
}
