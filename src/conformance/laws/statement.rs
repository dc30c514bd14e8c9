//! State the laws of a rule's options.

use crate::conformance::case::{Case, KEPT, Numbers, Snapshot, Verdict};
use crate::conformance::options::{OptionKind, OptionPlace, RuleOptions, other_numbers};
use crate::notation::Document;
use crate::random::{Purpose, Stream};
use crate::rules::{Bind, Refusal, Rule, Setting};
use std::path::Path;

fn options(case: &Case<'_>) -> RuleOptions {
    RuleOptions::new(case.rule.options())
}

/// A misspelt option is an error, in every struct of the options.
pub fn unknown_options(case: &Case<'_>) -> Verdict {
    match options(case).with_unknown().find(|text| case.stated(text).is_ok()) {
        Some(text) => Err(format!("{text} is accepted; use #[serde(deny_unknown_fields)]")),
        None => KEPT,
    }
}

/// What the rule says of its options states the same rule again.
pub fn round_trip<T: Bind>(case: &Case<'_>) -> Verdict {
    let text = case.rule.options();
    let again = case
        .stated(&text)
        .map_err(|error| format!("{text} does not state the rule: {error}"))?;
    if again.options() != text {
        return Err(format!("{text} becomes {}", again.options()));
    }
    if trail::<T>(case, &again) == trail::<T>(case, &case.rule) {
        KEPT
    } else {
        Err(format!("{text} states a rule that behaves differently"))
    }
}

/// A rule that refuses a number names the option at fault. (What is not a number never gets as far as a rule.)
pub fn refusals<T: Bind>(case: &Case<'_>) -> Verdict {
    let options = options(case);
    for place in options.places.iter().filter(|place| place.kind == OptionKind::Number) {
        for value in ["-1", "0", "-0.5"] {
            let Ok(rule) = case.stated(&options.with(place, value)) else {
                continue;
            };
            let path = &place.path;
            if let Some(refusal) = refusal::<T>(case, &rule)
                && !names(&refusal, path)
            {
                let named = refusal.option;
                return Err(format!("the refusal of `{path}: {value}` names `{named}`"));
            }
        }
    }
    KEPT
}

fn refusal<T: Bind>(case: &Case<'_>, rule: &Rule) -> Option<Refusal> {
    let setting = Setting {
        network: &case.network::<T>(),
        loss: case.setup.loss,
        optimizer: &case.setup.optimizer.into(),
        batch: case.setup.batch,
        folder: Path::new(""),
    };
    T::bind(rule, &setting, Stream::new(1, Purpose::RuleStart, 0, 0)).err()
}

/// The option itself, or the struct it stands in.
fn names(refusal: &Refusal, path: &str) -> bool {
    let named = refusal.option.as_str();
    !named.is_empty() && (path == named || path.starts_with(&format!("{named}.")))
}

/// Each option changes a proposal, a prediction or what is learned within three steps: a number or a switch with some other value,
/// a choice with each.
pub fn options_matter<T: Bind>(case: &Case<'_>) -> Verdict {
    let (options, usual) = (options(case), trail::<T>(case, &case.rule));
    let mut untried = Vec::new();
    for place in &options.places {
        let path = &place.path;
        let (mut tried, mut changed) = (0, 0);
        for value in others(case, &options, place) {
            let rule = case.stated(&options.with(place, &value)).ok();
            match rule.and_then(|rule| trail::<T>(case, &rule)) {
                Some(trail) => {
                    tried += 1;
                    changed += usize::from(Some(&trail) != usual.as_ref());
                    if place.kind == OptionKind::Choice && changed < tried {
                        return Err(format!("`{path}: {value}` changes nothing within three steps"));
                    }
                }
                None if place.kind == OptionKind::Choice => untried.push(format!("`{path}: {value}`")),
                None => {}
            }
        }
        if tried == 0 && place.kind != OptionKind::Choice {
            untried.push(format!("another value of `{path}`"));
        } else if tried > 0 && changed == 0 {
            return Err(format!("`{path}` changes nothing within three steps"));
        }
    }
    if untried.is_empty() {
        KEPT
    } else {
        Ok(Some(format!("not tried: {}", untried.join(", "))))
    }
}

/// Other values for an option; the rule may refuse some.
fn others(case: &Case<'_>, options: &RuleOptions, place: &OptionPlace) -> Vec<String> {
    let value = options.value(place);
    match place.kind {
        OptionKind::Number => other_numbers(value),
        OptionKind::Switch => vec![(value != "true").to_string()],
        OptionKind::Choice => {
            let present = value.split('(').next().unwrap_or(value);
            let names = alternatives(case, &options.with(place, "NoSuchValue"));
            let others = names.iter().filter(|name| **name != present);
            others.map(|name| (*name).to_owned()).collect()
        }
        OptionKind::Other => Vec::new(),
    }
}

/// The names that can stand in the place of one in options that is unknown.
fn alternatives(case: &Case<'_>, options: &str) -> &'static [&'static str] {
    let document = Document::parse("rule", format!("{}{options}", case.rule.name()));
    let refused = document
        .ok()
        .and_then(|document| case.registry.read(&document.root()).err());
    refused.map_or(&[], |mistake| mistake.expected_names())
}

/// The bits of all that three steps do; `None` if the rule refuses the trial.
fn trail<T: Bind>(case: &Case<'_>, rule: &Rule) -> Option<Vec<u64>> {
    let mut training = case.start::<T>(std::slice::from_ref(rule)).ok()?;
    let mut bits = Vec::new();
    for _ in 0..3 {
        let went = case.go(&mut training, 1);
        let numbers = Numbers::of(&training.seats[0].proposal, &training.network, &training.trace);
        bits.extend(numbers.flat().into_iter().map(f64::to_bits));
        bits.extend(Snapshot::of(&mut training).bits());
        if went.is_err() {
            break;
        }
        let trace = case.predict(&mut training, &case.batch(0).input);
        bits.extend(trace.output().a.iter().map(|x| x.to_f64().to_bits()));
    }
    Some(bits)
}
