//! Differentiate expressions from the command line: the source's example, its page, and what is said of mistakes.

use crate::support::Lab;

fn lab() -> Lab {
    Lab::new("(task: Xor, arms: [Backprop])")
}

fn graph(lab: &Lab, arguments: &[&str]) -> (i32, String) {
    let output = lab.command("graph").args(arguments).output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(text).unwrap())
}

/// Olah's example: its values, forward from b, in reverse from e, and the sum over both paths.
#[test]
fn the_example_of_the_source() {
    let lab = lab();
    let (status, text) = graph(&lab, &["e = (a + b) * (b + 1)", "a=2", "b=1", "--html", "graph.html"]);
    assert_eq!(status, 0, "{text}");
    let cells: Vec<Vec<&str>> = text
        .lines()
        .take(6)
        .map(|line| line.split_whitespace().collect())
        .collect();
    assert_eq!(cells[0], ["node", "is", "value", "d/db", "de/d"]);
    assert_eq!(cells[1], ["a", "input", "2", "0", "2"]);
    assert_eq!(cells[2], ["b", "input", "1", "1", "5"]);
    assert_eq!(cells[5], ["e", "c", "*", "d", "6", "5", "1"]);
    for line in [
        "  d -> e  3",
        "2 paths from b to e",
        "  b -> c -> e  1 * 2 = 2",
        "  b -> d -> e  1 * 3 = 3",
        "their sum is de/db = 5",
        "Each pass visits each of 5 edges once. Forward mode takes 2 passes",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    let page = std::fs::read_to_string(lab.path("graph.html")).unwrap();
    assert!(page.contains("e = c * d = 6") && page.contains("de/db = 5"));
    assert!(!page.contains("http"), "it needs nothing else");
    let (_, text) = graph(&lab, &["e = (a + b) * (b + 1)", "a=2", "b=1", "--from", "a"]);
    assert!(text.contains("d/da"), "{text}");
}

#[test]
fn operators_bind_as_everywhere() {
    let lab = lab();
    for (text, value) in [
        ("x - 1 - 1", 0.0),
        ("x ^ 3 ^ 0", 2.0),
        ("-x ^ 2", -4.0),
        ("2 * x ^ 2 / 4", 2.0),
        ("x * -1", -2.0),
        ("(x + 1) * 2 - x / 2", 5.0),
        ("ln(exp(x))", 2.0),
    ] {
        let (status, said) = graph(&lab, &[&format!("y = {text}"), "x=2"]);
        assert_eq!(status, 0, "{said}");
        let line = said.lines().find(|line| line.starts_with("y ")).unwrap();
        let found = line.split_whitespace().rev().nth(2).unwrap();
        assert_eq!(found, value.to_string(), "{text}: {line}");
    }
}

/// Every mistake points at its column.
#[test]
fn mistakes_are_shown_at_their_column() {
    let lab = lab();
    for (text, values, title, column) in [
        ("(a + ) * b", vec!["a=1", "b=1"], "an operand is missing", 6),
        ("a + b", vec!["a=1"], "`b` has no value", 5),
        ("sin(a)", vec!["a=1"], "unknown function `sin`", 1),
        ("(a + b", vec!["a=1", "b=1"], "a bracket is not closed", 7),
        ("a $ b", vec!["a=1", "b=1"], "`$` means nothing here", 3),
        ("a b", vec!["a=1", "b=1"], "the expression ends before this", 3),
        ("1 + 1", vec![], "this is a number", 1),
        ("a = a + 1", vec!["a=1"], "`a` already stands for something", 1),
        ("1.2.3 * a", vec!["a=1"], "`1.2.3` is no number", 1),
    ] {
        let mut arguments = vec![text];
        arguments.extend(values);
        let (status, said) = graph(&lab, &arguments);
        assert_eq!(status, 2, "{said}");
        assert!(
            said.contains(title) && said.contains(&format!("expression:1:{column}")),
            "{text}\n{said}"
        );
    }
    let (status, said) = graph(&lab, &["a + 1", "a=1", "b=2"]);
    assert!(status == 2 && said.contains("`b` is given a value"), "{said}");
    let (status, said) = graph(&lab, &["a + 1", "a=inf"]);
    assert!(status == 2 && said.contains("a finite number"), "{said}");
    let (status, said) = graph(&lab, &[&"(".repeat(5000), "a=1"]);
    assert!(status == 2 && said.contains("too many brackets"), "{said}");
}
