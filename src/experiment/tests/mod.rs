//! Check how experiments are read, named and written, and what is refused with which words.

mod choices;
mod compare;
mod estimators;
mod limits;
mod maps;
mod measures;
mod networks;
mod overrides;
mod plans;
mod refused_arms;
mod refused_optimizers;
mod refused_settings;
mod replication;
mod warnings;
mod words;

use super::Plan;
use crate::notation::Document;
use crate::rules::{Backprop, DirectFeedbackAlignment, FeedbackAlignment, KolenPollack, OutputOnly, Registry};

/// A few rules, so that messages do not change whenever a rule is added.
fn rules() -> Registry {
    Registry::default()
        .with::<Backprop>()
        .with::<FeedbackAlignment>()
        .with::<DirectFeedbackAlignment>()
        .with::<KolenPollack>()
        .with::<OutputOnly>()
}

fn parse(text: &str) -> Result<Plan, String> {
    let document = Document::parse("experiments/x.ron", text).map_err(|fault| fault.to_string())?;
    Plan::parse(&document, &rules()).map_err(|fault| fault.to_string())
}

fn plan(text: &str) -> Plan {
    parse(text).unwrap_or_else(|message| panic!("{message}"))
}

fn message(text: &str) -> String {
    parse(text).err().expect("this experiment is wrong")
}
