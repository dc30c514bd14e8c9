//! Check each mistake's whole message, what is accepted, and that no text makes the reader panic.

mod accepted;
mod fields;
mod syntax;
mod values;

use super::{Document, Fault, Mistake};
use serde::Deserialize;
use serde::de::DeserializeOwned;

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Whole {
    rate: f64,
    small: f32,
    size: u8,
    seed: u64,
    shift: i32,
    name: String,
    label: Option<String>,
    bias: bool,
    layers: Vec<usize>,
    pair: [f64; 2],
    init: Init,
    stop: Stop,
    optimizer: Optimizer,
    inner: Inner,
    even: Even,
}

#[derive(Debug, Default, PartialEq, Deserialize)]
enum Init {
    #[default]
    Zero,
    LeCun {
        #[serde(default)]
        gain: f64,
    },
    Uniform(f64, f64),
}

#[derive(Debug, PartialEq, Deserialize)]
enum Stop {
    Epochs(u32),
    Steps(u64),
}

impl Default for Stop {
    fn default() -> Self {
        Self::Epochs(20)
    }
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
enum Optimizer {
    Sgd(Sgd),
    Adam { learning_rate: f64 },
}

impl Default for Optimizer {
    fn default() -> Self {
        Self::Sgd(Sgd {
            learning_rate: 0.1,
            momentum: 0.0,
        })
    }
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sgd {
    learning_rate: f64,
    #[serde(default)]
    momentum: f64,
}

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Inner {
    depth: u32,
}

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(try_from = "u32")]
struct Even(u32);

impl TryFrom<u32> for Even {
    type Error = String;

    fn try_from(value: u32) -> Result<Self, String> {
        if value.is_multiple_of(2) {
            Ok(Self(value))
        } else {
            Err("`even` must be even".into())
        }
    }
}

fn read<T: DeserializeOwned>(text: impl Into<Vec<u8>>) -> Result<T, String> {
    let document = Document::parse("experiments/x.ron", text).map_err(|fault| fault.to_string())?;
    document.deserialize().map_err(|fault| fault.to_string())
}

/// What is said about a text that is wrong.
fn message(text: impl Into<Vec<u8>>) -> String {
    read::<Whole>(text).expect_err("this text is wrong")
}

#[test]
fn the_place_of_a_fault_is_the_one_that_its_message_has() {
    for text in ["(a: 1,\n b: ])", "(a: \"éè\", ])", "]", "(\n\n\t\"ß\" ]"] {
        let fault = Document::parse("x.ron", text).expect_err("a bracket too many");
        let (line, column) = fault.place().expect("it is about a bracket");
        let message = fault.to_string();
        assert!(
            message.contains(&format!("x.ron:{line}:{column}\n")),
            "{text}: {line}:{column}: {message}"
        );
    }
    let fault = Fault {
        file: "x.ron".to_owned(),
        text: String::new(),
        mistake: Box::new(Mistake::new("it could not be read")),
    };
    assert_eq!(fault.place(), None);
}
