//! Write settings, arms and whole experiments as RON with every default in place, so that they read back as they are.

use super::fingerprint::{FieldText, in_brackets};
use super::names::SETTINGS;
use super::tuning::Tuning;
use super::{Arm, BatchSize, NamedRule, Plan, Settings, When};
use crate::notation::neat;
use crate::rules::Rule;
use ron::extensions::Extensions;
use serde::Serialize;

/// A value as RON in one line.
pub(super) fn value(value: &impl Serialize) -> String {
    let options =
        ron::Options::default().with_default_extension(Extensions::UNWRAP_VARIANT_NEWTYPES | Extensions::IMPLICIT_SOME);
    neat(&options.to_string(value).expect("plain data"))
}

fn rule(rule: &Rule) -> String {
    neat(&format!("{}{}", rule.name(), rule.options()))
}

fn named_rules(rules: &[NamedRule]) -> String {
    let named = |named: &NamedRule| match rule(&named.rule) {
        text if named.label == named.rule.name() => text,
        text => format!("(label: {}, rule: {text})", value(&named.label)),
    };
    format!("[{}]", rules.iter().map(named).collect::<Vec<_>>().join(", "))
}

/// The fields that an arm may replace.
pub(super) fn settings(settings: &Settings) -> Vec<FieldText> {
    let Settings {
        network,
        loss,
        optimizer,
        batch,
        stop,
        warm_up,
        measure,
        save,
    } = settings;
    let size = match batch.size {
        BatchSize::Samples(samples) => samples.to_string(),
        BatchSize::Full => "Full".into(),
    };
    let batch = format!(
        "(size: {size}, order: {}, last: {})",
        value(&batch.order),
        value(&batch.last)
    );
    let when = match &measure.when {
        When::Every(every) => format!("every: {}", value(every)),
        When::At(moments) => format!("at: {}", value(moments)),
        When::LogSpaced(per_decade) => format!("at: LogSpaced(per_decade: {per_decade})"),
    };
    let against = named_rules(&measure.against);
    let (probe, draws) = (measure.probe, measure.draws);
    let metrics = value(&measure.metrics.names());
    let measure = format!("({when}, against: {against}, probe: {probe}, draws: {draws}, metrics: {metrics})");
    vec![
        ("network", value(network)),
        ("loss", value(loss)),
        ("optimizer", value(optimizer)),
        ("batch", batch),
        ("stop", value(stop)),
        ("warm_up", value(warm_up)),
        ("measure", measure),
        ("save", value(save)),
    ]
}

/// All that makes an arm what it is, but for its label.
pub(super) fn arm(arm: &Arm) -> Vec<FieldText> {
    let own = [("rule", rule(&arm.rule.rule)), ("shadows", named_rules(&arm.shadows))];
    own.into_iter().chain(settings(&arm.settings)).collect()
}

/// The fields of an arm as they stand in a file: those that are tuned hold their lists.
fn in_file(arm: &Arm) -> Vec<(&str, &str)> {
    let tuned = |name: &str| arm.tuned_fields.iter().find(|(tuned, _)| tuned == name);
    let fields = arm.fingerprint.fields.iter();
    fields
        .map(|(name, value)| (*name, &**tuned(name).map_or(value, |(_, tuned)| tuned)))
        .collect()
}

/// The whole experiment: settings that all arms share stand once, the others in each arm.
pub(super) fn experiment(plan: &Plan) -> String {
    let arms: Vec<_> = plan.arms.iter().map(in_file).collect();
    let common = |i: usize| SETTINGS.contains(&arms[0][i].0) && arms.iter().all(|arm| arm[i] == arms[0][i]);
    let (shared, own): (Vec<_>, Vec<_>) = (0..arms[0].len()).partition(|i| common(*i));
    let mut text = String::from("(\n");
    let mut line = |name: &str, value: &str| text += &format!("    {name}: {value},\n");
    line("name", &value(&plan.name));
    line("task", &value(&plan.task));
    line("split", &value(&plan.split));
    line("scale", &value(&plan.scale));
    line("label_noise", &value(&plan.label_noise));
    if !plan.augment.is_none() {
        line("augment", &value(&plan.augment));
    }
    line("precision", &value(&plan.precision));
    let first = plan.seeds.iter().copied().eq(0..plan.seeds.len() as u64);
    let seeds = match first {
        true => plan.seeds.len().to_string(),
        false => value(&plan.seeds),
    };
    line("seeds", &seeds);
    if let Some(Tuning { by, seeds }) = &plan.tuning {
        line("tune", &format!("(by: \"{by}\", seeds: {seeds})"));
    }
    if let Some(compare) = &plan.compare {
        line("compare", &value(compare));
    }
    if let Some(replication) = &plan.replication {
        line("replication", &value(replication));
    }
    for i in shared {
        line(arms[0][i].0, arms[0][i].1);
    }
    text += "    arms: [\n";
    for (arm, fields) in plan.arms.iter().zip(&arms) {
        let label = value(&arm.label);
        let fields = own.iter().map(|i| fields[*i]);
        let all: Vec<_> = std::iter::once(("label", &*label)).chain(fields).collect();
        text += &format!("        {},\n", in_brackets(&all));
    }
    text + "    ],\n)\n"
}
