//! Check how experiments are read, named and written, and what is refused with which words.

mod plans;
mod refused_arms;
mod refused_settings;

use super::Plan;
use crate::notation::Document;
use crate::rules::builtin;

fn parse(text: &str) -> Result<Plan, String> {
    let document = Document::parse("experiments/x.ron", text).map_err(|fault| fault.to_string())?;
    Plan::parse(&document, &builtin()).map_err(|fault| fault.to_string())
}

fn plan(text: &str) -> Plan {
    parse(text).unwrap_or_else(|message| panic!("{message}"))
}

fn message(text: &str) -> String {
    parse(text).err().expect("this experiment is wrong")
}
