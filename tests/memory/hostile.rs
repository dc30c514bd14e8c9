//! Check that hostile experiment files get a clear answer, quickly and in little memory.

use crate::counting::peak;
use creditlab::experiment::Plan;
use creditlab::notation::Document;
use creditlab::rules;

/// What the program says of a file; `None` if it accepts it.
fn answer(bytes: Vec<u8>) -> Option<String> {
    let read = Document::parse("x.ron", bytes).and_then(|document| Plan::parse(&document, &rules::builtin()));
    read.err().map(|fault| fault.to_string())
}

fn arms(arms: &str) -> Vec<u8> {
    format!("(task: Xor, arms: [{arms}])").into_bytes()
}

fn fields(fields: &str) -> Vec<u8> {
    format!("(task: Xor, {fields}, arms: [Backprop])").into_bytes()
}

/// A hostile file and a part of the answer.
fn cases() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let deep = |open: &str, close: &str| (open.repeat(1_000_000) + &close.repeat(1_000_000)).into_bytes();
    vec![
        ("empty", vec![], "this file is empty"),
        ("blank", b" \n\t ".to_vec(), "this file is empty"),
        ("a comment alone", b"// nothing".to_vec(), "this file is empty"),
        ("a million brackets", deep("(", ")"), "too large"),
        ("half a million lists", deep("[", "]"), "too large"),
        (
            "deep brackets",
            ("(a:".repeat(9_000) + "1" + &")".repeat(9_000)).into_bytes(),
            "deep",
        ),
        (
            "deep lists",
            ("[".repeat(100_000) + &"]".repeat(100_000)).into_bytes(),
            "deep",
        ),
        (
            "deep names",
            ("A(".repeat(50_000) + &")".repeat(50_000)).into_bytes(),
            "deep",
        ),
        ("open brackets", "(".repeat(1000).into_bytes(), "deep"),
        (
            "a string of two megabytes",
            fields(&format!("name: \"{}\"", "x".repeat(2 << 20))),
            "too large",
        ),
        (
            "a long name",
            fields(&format!("name: \"{}\"", "x".repeat(200_000))),
            "cannot be the name of a folder",
        ),
        ("a string without end", b"(task: \"Xor".to_vec(), "does not end"),
        ("zero bytes", vec![0; 1000], "unexpected"),
        (
            "not UTF-8",
            b"(task: Xor, name: \"\xff\xfe\", arms: [Backprop])".to_vec(),
            "UTF-8",
        ),
        (
            "UTF-16",
            "(task: Xor)".encode_utf16().flat_map(u16::to_le_bytes).collect(),
            "unexpected",
        ),
        ("a field twice", fields("batch: 8, batch: 8"), "is given twice"),
        (
            "an option twice",
            fields("optimizer: Sgd(learning_rate: 1, learning_rate: 1)"),
            "twice",
        ),
        ("an unknown field", fields("batchsize: 8"), "unknown field"),
        ("NaN", fields("optimizer: Sgd(learning_rate: NaN)"), "must be finite"),
        (
            "infinity",
            fields("optimizer: Sgd(learning_rate: inf)"),
            "must be finite",
        ),
        (
            "minus infinity",
            fields("optimizer: Sgd(learning_rate: -inf)"),
            "must be finite",
        ),
        (
            "1e400",
            fields("optimizer: Sgd(learning_rate: 1e400)"),
            "must be finite",
        ),
        (
            "minus zero",
            fields("optimizer: Sgd(learning_rate: -0.0)"),
            "must be positive",
        ),
        (
            "a tiny number",
            fields("optimizer: Sgd(learning_rate: 1e-400)"),
            "must be positive",
        ),
        (
            "more layers than numbers",
            fields("network: [18446744073709551616]"),
            "expected a number of units",
        ),
        (
            "a layer of 2^64 - 1 units",
            fields("network: [18446744073709551615]"),
            "too large",
        ),
        (
            "a layer of a billion units",
            fields("network: [1000000000]"),
            "too large",
        ),
        (
            "layers that multiply",
            fields("network: [1000000, 1000000]"),
            "too large",
        ),
        (
            "fifty thousand layers",
            fields(&format!("network: [{}]", "9999,".repeat(50_000))),
            "too large",
        ),
        ("a layer of width 0", fields("network: [0]"), "at least one unit"),
        ("a negative width", fields("network: [-1]"), "expected"),
        ("half a unit", fields("network: [1.5]"), "expected"),
        (
            "more seeds than memory",
            fields("seeds: 18446744073709551615"),
            "at most",
        ),
        ("no seed", fields("seeds: 0"), "at least one seed"),
        (
            "more steps than time",
            fields("stop: Steps(18446744073709551615)"),
            "too long",
        ),
        (
            "epochs that overflow",
            fields("stop: Epochs(18446744073709551615)"),
            "too long",
        ),
        (
            "a batch of 2^64",
            fields("batch: 18446744073709551616"),
            "expected a whole number",
        ),
        ("no batch", fields("batch: 0"), "at least one sample"),
        (
            "samples that overflow",
            b"(task: Xor(samples: 4294967295), arms: [Backprop])".to_vec(),
            "samples",
        ),
        (
            "a teacher that overflows",
            b"(task: LinearTeacher(inputs: 4294967295, outputs: 4294967295), arms: [Backprop])".to_vec(),
            "inputs",
        ),
        (
            "arms that multiply",
            arms(&format!(
                "(rule: Backprop, batch: {0}, stop: Steps({0}), warm_up: Steps({0}))",
                EACH
            )),
            "combinations",
        ),
        (
            "a path as a name",
            fields("name: \"../../etc/passwd\""),
            "cannot be the name of a folder",
        ),
        ("a device as a name", fields("name: \"NUL\""), "device"),
        (
            "a name with a zero byte",
            fields("name: \"a\\u{0}b\""),
            "cannot be the name of a folder",
        ),
        (
            "a label like a path",
            arms("(label: \"..\", rule: Backprop)"),
            "needs a letter",
        ),
        ("no arms", arms(""), "at least one arm"),
        ("a map", b"{\"task\": \"Xor\"}".to_vec(), "curly brackets"),
        (
            "attributes",
            b"#![enable(implicit_some)] (task: Xor, arms: [Backprop])".to_vec(),
            "attributes",
        ),
        (
            "two values",
            b"(task: Xor, arms: [Backprop]) (task: Xor)".to_vec(),
            "after the end",
        ),
    ]
}

const EACH: &str = "Each([1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25])";

#[test]
fn every_hostile_file_is_refused_with_a_reason_in_little_memory() {
    assert!(cases().len() >= 40);
    let mut surprises = Vec::new();
    for (name, bytes, expected) in cases() {
        let size = bytes.len();
        let (answer, peak) = peak(|| answer(bytes));
        let first = answer
            .as_deref()
            .map(|answer| answer.chars().take(300).collect::<String>());
        if !first.as_deref().is_some_and(|first| first.contains(expected)) {
            surprises.push(format!("{name}: expected `{expected}`, got {first:?}"));
        }
        if peak > 192 << 20 {
            surprises.push(format!("{name}: {peak} bytes for a file of {size}"));
        }
    }
    assert!(surprises.is_empty(), "{}", surprises.join("\n"));
}

#[test]
fn odd_files_that_are_right_are_accepted() {
    for text in [
        "\u{feff}(task: Xor, arms: [Backprop])",
        "(task: Xor,\r\n arms: [Backprop],\r\n)\r\n",
        "/* a */ Experiment(task: Xor(), arms: [Backprop()],) // z",
        "(task: Xor, name: \"\u{e9}t\u{e9} 2\", arms: [Backprop])",
    ] {
        assert_eq!(answer(text.as_bytes().to_vec()), None, "{text:?}");
    }
}
