//! Check what is accepted: the three ways to write a name, numbers, merged fields; and that no text makes the reader panic.

use super::{Document, Even, Init, Inner, Optimizer, Sgd, Stop, Whole, read};
use proptest::prelude::*;

fn accepted(text: &str) -> Whole {
    read(text).unwrap_or_else(|message| panic!("{message}"))
}

#[test]
fn three_ways_to_write_a_name() {
    let init = |text: &str| accepted(&format!("(init: {text})")).init;
    assert_eq!(init("Zero"), Init::Zero);
    assert_eq!(init("Zero()"), Init::Zero);
    for text in ["LeCun", "LeCun()", "LeCun(gain: 0)", "LeCun ( gain : 0.0 , )"] {
        assert_eq!(init(text), Init::LeCun { gain: 0.0 }, "{text}");
    }
    assert_eq!(init("LeCun(gain: 2)"), Init::LeCun { gain: 2.0 });
    assert_eq!(init("Uniform(-1, 1)"), Init::Uniform(-1.0, 1.0));
}

#[test]
fn ways_to_write_a_struct() {
    assert_eq!(accepted("()"), Whole::default());
    assert_eq!(accepted("Whole"), Whole::default());
    assert_eq!(accepted("Whole(size: 3)"), accepted("(size: 3)"));
    for text in ["(depth: 2)", "Inner(depth: 2)"] {
        assert_eq!(accepted(&format!("(inner: {text})")).inner, Inner { depth: 2 });
    }
    assert_eq!(accepted("(inner: Inner)").inner, Inner::default());
    let sgd = Optimizer::Sgd(Sgd {
        learning_rate: 0.5,
        momentum: 0.0,
    });
    for text in [
        "Sgd(learning_rate: 0.5)",
        "Sgd((learning_rate: 0.5))",
        "Sgd(Sgd(learning_rate: 0.5))",
    ] {
        assert_eq!(accepted(&format!("(optimizer: {text})")).optimizer, sgd, "{text}");
    }
}

#[test]
fn structs_without_fields() {
    #[derive(Debug, PartialEq, serde::Deserialize)]
    struct Bare;
    for text in ["Bare", "Bare()", "()"] {
        assert_eq!(read(text), Ok(Bare), "{text}");
    }
    assert!(
        read::<Bare>("Bare(x: 1)")
            .unwrap_err()
            .starts_with("error: unknown field `x` of `Bare`\n")
    );
}

#[test]
fn newtype_structs() {
    #[derive(Debug, PartialEq, serde::Deserialize)]
    struct Rate(f64);
    for text in ["Rate(2)", "(2)", "2"] {
        assert_eq!(read(text), Ok(Rate(2.0)), "{text}");
    }
}

#[test]
fn values_without_names() {
    assert_eq!(accepted("(stop: Steps(5000))").stop, Stop::Steps(5000));
    assert_eq!(accepted("(pair: (1, 2))"), accepted("(pair: [1, 2,])"));
    assert_eq!(accepted("(even: 4)").even, Even(4));
}

#[test]
fn numbers() {
    assert_eq!(accepted("(seed: 18446744073709551615)").seed, u64::MAX);
    assert_eq!(accepted("(seed: 0xFFFF_FFFF_FFFF_FFFF)").seed, u64::MAX);
    assert_eq!(accepted("(shift: -2_147_483_648)").shift, i32::MIN);
    assert_eq!(accepted("(rate: 1)").rate, 1.0);
    assert_eq!(accepted("(rate: -1e-4)").rate, -1e-4);
    assert_eq!(accepted("(small: 0.1)").small, 0.1);
}

#[test]
fn options_of_rust() {
    for text in ["\"a\\\"b\\u{e9}\"", "Some(\"a\\\"b\u{e9}\")", "r#\"a\"b\u{e9}\"#"] {
        assert_eq!(
            accepted(&format!("(label: {text})")).label.as_deref(),
            Some("a\"b\u{e9}")
        );
    }
    assert_eq!(accepted("(label: None)").label, None);
}

#[test]
fn comments_and_line_ends() {
    let text = "\u{feff}// first ( [\r\n(\r\n  rate: 0.5, /* a /* nested */ one ) */\r\n)\r\n// last";
    assert_eq!(accepted(text).rate, 0.5);
}

#[test]
fn fields_of_two_places_are_one_struct() {
    let document = Document::parse("x.ron", "(base: (rate: 1, size: 3), over: (size: 4, bias: 7))").unwrap();
    let parts = document.root().options().unwrap();
    let part = |name| parts.get(name).unwrap().value.options().unwrap();
    let merged = part("base").replaced_by(&part("over"));
    let names: Vec<_> = merged.fields.iter().map(|field| field.name).collect();
    assert_eq!(names, ["rate", "size", "bias"]);

    let mistake = crate::notation::Node::Options(merged.clone())
        .read::<Whole>()
        .unwrap_err();
    assert_eq!(
        &document.text()[mistake.span.unwrap()],
        "7",
        "the place is the arm's own field"
    );
    let whole: Whole = crate::notation::Node::Options(merged.select(&["rate", "size"]))
        .read()
        .unwrap();
    assert_eq!((whole.rate, whole.size), (1.0, 4));
}

/// A text with everything in it, to be spoilt.
const VALID: &str = "(
    // a comment
    rate: -1.5e-3, size: 0x1f, name: \"x \u{b5}\", layers: [64, 64], pair: (1, 2), init: LeCun(gain: 2.0),
    stop: Epochs(3), optimizer: Sgd(learning_rate: 0.1), inner: Inner(depth: 2), label: r#\"a\"#, even: 2,
)";

#[test]
fn the_text_to_be_spoilt_is_valid() {
    accepted(VALID);
}

/// Reads a text and shows the message, if there is one.
fn survive(text: &[u8]) {
    if let Err(message) = read::<Whole>(text) {
        assert!(message.starts_with("error: "), "{message}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    #[test]
    fn any_text(text in "\\PC*") {
        survive(text.as_bytes());
    }

    #[test]
    fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        survive(&bytes);
    }

    #[test]
    fn any_tokens(tokens in proptest::collection::vec("[(){}\\[\\],:'\"/*#!=.\\\\rb_ \n0-9eEx+-]|Sgd|rate|Some|None|inf|r#\"|//|/\\*", 0..40)) {
        survive(tokens.concat().as_bytes());
    }

    #[test]
    fn a_valid_text_spoilt(start in 0..VALID.len(), length in 0..12usize, middle in "[(){}\\[\\],:'\"/*#=.\\\\a-z0-9-]{0,3}") {
        let end = (start + length).min(VALID.len());
        survive(&[&VALID.as_bytes()[..start], middle.as_bytes(), &VALID.as_bytes()[end..]].concat());
    }
}
