//! Write settings, arms and whole experiments as RON with every default in place, so that they read back as they are.

use super::tuning::Tuning;
use super::{Arm, BatchSize, NamedRule, Plan, Settings, When};
use crate::notation::neat;
use crate::rules::Rule;
use ron::extensions::Extensions;
use serde::Serialize;

/// A field and its value.
pub(super) type Written = (&'static str, String);

/// A value as RON in one line.
pub(super) fn value(value: &impl Serialize) -> String {
    let options = ron::Options::default().with_default_extension(Extensions::UNWRAP_VARIANT_NEWTYPES);
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
pub(super) fn settings(settings: &Settings) -> Vec<Written> {
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
pub(super) fn arm(arm: &Arm) -> Vec<Written> {
    let own = [("rule", rule(&arm.rule.rule)), ("shadows", named_rules(&arm.shadows))];
    own.into_iter().chain(settings(&arm.settings)).collect()
}

/// Fields between brackets, in one line.
pub(super) fn fields(fields: &[Written]) -> String {
    let fields: Vec<_> = fields.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    format!("({})", fields.join(", "))
}

/// The fields of an arm as they stand in a file: those that are tuned hold their lists.
fn in_file(arm: &Arm, mut fields: Vec<Written>) -> Vec<Written> {
    for (name, value) in &mut fields {
        if let Some((_, tuned)) = arm.tuned_fields.iter().find(|(tuned, _)| tuned == name) {
            value.clone_from(tuned);
        }
    }
    fields
}

/// The whole experiment: settings that all arms share stand once, the others in each arm.
pub(super) fn experiment(plan: &Plan) -> String {
    let arms: Vec<_> = plan
        .arms
        .iter()
        .map(|arm| in_file(arm, settings(&arm.settings)))
        .collect();
    let shared: Vec<&Written> = arms[0]
        .iter()
        .filter(|field| arms.iter().all(|arm| arm.contains(field)))
        .collect();
    let mut text = String::from("(\n");
    let mut line = |name: &str, value: &str| text += &format!("    {name}: {value},\n");
    line("name", &value(&plan.name));
    line("task", &value(&plan.task));
    line("split", &value(&plan.split));
    line("scale", &value(&plan.scale));
    line("label_noise", &value(&plan.label_noise));
    line("precision", &value(&plan.precision));
    let first = plan.seeds.iter().copied().eq(0..plan.seeds.len() as u64);
    line(
        "seeds",
        &if first {
            plan.seeds.len().to_string()
        } else {
            value(&plan.seeds)
        },
    );
    if let Some(Tuning { by, seeds }) = &plan.tuning {
        line("tune", &format!("(by: \"{by}\", seeds: {seeds})"));
    }
    if let Some(compare) = &plan.compare {
        line("compare", &value(compare));
    }
    for (name, value) in &shared {
        line(name, value);
    }
    text += "    arms: [\n";
    for (arm, settings) in plan.arms.iter().zip(&arms) {
        let label = ("label", value(&arm.label));
        let own = vec![
            label,
            ("rule", rule(&arm.rule.rule)),
            ("shadows", named_rules(&arm.shadows)),
        ];
        let all: Vec<_> = in_file(arm, own)
            .into_iter()
            .chain(settings.iter().filter(|field| !shared.contains(field)).cloned())
            .collect();
        text += &format!("        {},\n", fields(&all));
    }
    text + "    ],\n)\n"
}
