//! Say what the outputs of a network, and the targets of its task, stand for.

use crate::metrics::chosen;
use crate::tasks::{DataSet, Fitted, Kind};
use serde::{Deserialize, Serialize};

/// A cell of a row.
#[derive(Serialize)]
#[serde(untagged)]
pub enum Cell<'a> {
    /// Text.
    Text(&'a str),
    /// A whole number.
    Whole(u64),
    /// A number; absent if it is not finite.
    Number(Option<f64>),
}

impl Cell<'_> {
    /// A number, absent if it is not finite.
    pub fn number(x: f64) -> Self {
        Self::Number(x.is_finite().then_some(x))
    }
}

/// What the outputs of a network stand for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Meaning {
    /// One of these classes, an output each.
    Classes(Vec<String>),
    /// One of two classes, told by one output and the threshold 0.5.
    Single([String; 2]),
    /// Numbers, by these names.
    Values(Vec<String>),
    /// The inputs themselves, by these names.
    Inputs(Vec<String>),
}

impl Meaning {
    /// What the targets of these samples are.
    pub fn of(data: &DataSet) -> Self {
        let names = data.class_names().unwrap_or_default().to_vec();
        let numbers = |n: usize| (1..=n).map(|number| number.to_string()).collect();
        let reading = data.reading();
        let named = |names: &Vec<String>, n| match names.len() {
            0 => numbers(n),
            _ => names.clone(),
        };
        match data.kind() {
            Kind::Classes(_) => Self::Classes(names),
            Kind::Single => {
                Self::Single(<[String; 2]>::try_from(names).unwrap_or_else(|_| ["0", "1"].map(str::to_owned)))
            }
            Kind::Values(n) if data.reconstructs() => Self::Inputs(named(&reading.inputs, n)),
            Kind::Values(n) => Self::Values(named(&reading.targets, n)),
        }
    }

    pub(super) fn outputs(&self) -> usize {
        match self {
            Self::Classes(names) | Self::Values(names) | Self::Inputs(names) => names.len(),
            Self::Single(_) => 1,
        }
    }

    /// The columns of what is meant, such as `predicted`: one for a class or a single value, else `predicted(name)` for each.
    pub fn meant_columns(&self, what: &str) -> Vec<String> {
        match self {
            Self::Values(names) | Self::Inputs(names) if names.len() > 1 => of_each(what, names),
            _ => vec![what.to_owned()],
        }
    }

    /// The columns of outputs: `output` where there is one, else `output(name)` for each class or value.
    pub fn output_columns(&self) -> Vec<String> {
        match self {
            Self::Classes(names) | Self::Values(names) | Self::Inputs(names) if names.len() > 1 => {
                of_each("output", names)
            }
            _ => vec!["output".to_owned()],
        }
    }

    /// What outputs, or targets, mean: the name of a class, or values, in the units of the data where `fitted` scaled them.
    pub fn meant(&self, outputs: &[f64], fitted: Option<&Fitted>) -> Vec<Cell<'_>> {
        match self {
            Self::Classes(names) => vec![Cell::Text(&names[chosen(outputs)])],
            Self::Single(names) => vec![Cell::Text(&names[chosen(outputs)])],
            Self::Values(_) | Self::Inputs(_) => {
                let mut values = outputs.to_vec();
                if let Some(fitted) = fitted {
                    fitted.restore(&mut values, matches!(self, Self::Inputs(_)));
                }
                values.into_iter().map(Cell::number).collect()
            }
        }
    }
}

fn of_each(what: &str, names: &[String]) -> Vec<String> {
    names.iter().map(|name| format!("{what}({name})")).collect()
}
