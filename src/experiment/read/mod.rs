//! Read the fields that experiments and arms share, fill in their defaults, and refuse impossible values where they stand.

mod layers;
mod metrics;
mod network;
mod optimizer;
mod save;

use super::layout::NetworkInputs;
use super::slug;
use super::{BatchSize, Batching, Duration, Measure, NamedRule, Settings, Stop, When};
use crate::network::WeightFile;
use crate::notation::{Field, Mistake, Node, Options, Result};
use crate::rules::{Backprop, Registry};
use crate::tasks::Kind;
use crate::update::parameter_names;
use std::cell::RefCell;
use std::path::Path;
use std::sync::Arc;

/// More steps than any run ends with; keeps products of steps within 64 bits.
const MOST_STEPS: u64 = 1 << 50;

/// What must be known to read settings.
pub(super) struct Reader<'r> {
    pub rules: &'r Registry,
    /// What the task asks for.
    pub kind: Kind,
    pub inputs: NetworkInputs,
    /// Samples in the training part.
    pub training: usize,
    /// Whether there is a validation part.
    pub validation: bool,
    /// What paths in the file are relative to.
    pub folder: &'r Path,
    /// Weights that have been read from files.
    pub files: RefCell<Vec<WeightFile>>,
}

impl Reader<'_> {
    /// All settings of an arm; `options` are the experiment's fields as the arm replaces them.
    pub fn settings(&self, options: &Options<'_>) -> Result<Settings> {
        let loss = self.loss(options)?;
        let network = self.network(options, loss)?;
        let batch = batch(options)?;
        let epoch = batch.steps_per_epoch(self.training);
        let stop = self.stop(options, epoch)?;
        let end = stop.at_most().steps(epoch);
        let biases = |l| network.bias.get(l).copied().unwrap_or(true);
        let names = parameter_names(network.hidden_layers() + 1, biases);
        let optimizer = optimizer::read(options, epoch, end, &names)?;
        let warm_up = duration(options, "warm_up", epoch)?.unwrap_or(Duration::Epochs(0));
        let measure = self.measure(options, epoch, end)?;
        let save = save::read(options, epoch, end, self.validation)?;
        Ok(Settings {
            network,
            loss,
            optimizer,
            batch,
            stop,
            warm_up,
            measure,
            save,
        })
    }

    fn stop(&self, options: &Options<'_>, epoch: u64) -> Result<Stop> {
        let stop: Stop = options.read("stop")?.unwrap_or_default();
        let place = || options.place("stop");
        match stop {
            Stop::Early { .. } if !self.validation => {
                let mistake = Mistake::new("`Early` needs a validation part").at(place());
                Err(mistake.help("give the split one, such as `validation: 0.1`"))
            }
            Stop::Early { patience: 0, .. } => {
                let mistake = Mistake::new("`patience` must be at least one measurement");
                Err(options.blame("stop.patience", mistake))
            }
            stop => check_length("stop", stop.at_most(), epoch, options).map(|()| stop),
        }
    }

    fn measure(&self, options: &Options<'_>, epoch: u64, end: u64) -> Result<Measure> {
        const NAMES: &[&str] = &["every", "at", "against", "probe", "draws", "metrics"];
        let parts = part(options, "measure", |node| node.fields("Measure", NAMES))?;
        let when = when(&parts, epoch, end)?;
        let probe = parts.read("probe")?.unwrap_or(256);
        if probe == 0 {
            let mistake = Mistake::new("`probe` must hold at least one sample").at(parts.place("probe"));
            return Err(mistake.help("leave it out for the default 256"));
        }
        let against = match parts.get("against") {
            Some(field) => self.named_rules(&field.value)?,
            None => vec![NamedRule::of(Arc::new(Backprop {}))],
        };
        let draws = parts.read("draws")?.unwrap_or(0);
        if draws == 1 {
            let mistake = Mistake::new("a variance needs at least two `draws`").at(parts.place("draws"));
            return Err(mistake.help("leave it out, or write 0, for no statistics of estimators"));
        }
        Ok(Measure {
            when,
            against,
            probe,
            draws,
            metrics: metrics::read(&parts, self.kind, draws)?,
        })
    }

    /// A list of rules, each `Rule` or `(label: "..", rule: ..)`.
    pub fn named_rules(&self, list: &Node<'_>) -> Result<Vec<NamedRule>> {
        let items = list.items().ok_or_else(|| list.wrong_type("a list of rules `[..]`"))?;
        let rules = items
            .iter()
            .map(|item| self.named_rule(item))
            .collect::<Result<Vec<_>>>()?;
        for (i, rule) in rules.iter().enumerate() {
            if let Some(first) = rules[..i].iter().position(|first| first.label == rule.label) {
                return Err(
                    Mistake::new(format!("two rules in this list are called `{}`", rule.label))
                        .at(items[i].span())
                        .mark(items[first].span(), "the first")
                        .help("give one of them a name: `(label: \"..\", rule: ..)`"),
                );
            }
        }
        Ok(rules)
    }

    fn named_rule(&self, item: &Node<'_>) -> Result<NamedRule> {
        if item.name().is_some() {
            return self.rules.read(item).map(NamedRule::of);
        }
        let parts = item.fields("", &["label", "rule"])?;
        let rule = self.rules.read(&required(&parts, "rule")?)?;
        let label = parts.read::<String>("label")?.unwrap_or_else(|| rule.name().into());
        if label.is_empty() || label == "none" {
            let mistake = Mistake::new(format!("a rule cannot be called `{label}`")).at(parts.place("label"));
            return Err(mistake.help("in tables `none` stands for the network itself"));
        }
        slug::check_label(&label).map_err(|mistake| mistake.at(parts.place("label")))?;
        Ok(NamedRule { label, rule })
    }
}

/// The rule in an item of a list of rules, without its label.
pub(super) fn rule_of<'d>(item: &Node<'d>) -> Node<'d> {
    item.locate("rule")
        .filter(|_| item.name().is_none())
        .unwrap_or_else(|| item.clone())
}

/// The value of a field that must be there.
pub(super) fn required<'d>(options: &Options<'d>, name: &'static str) -> Result<Node<'d>> {
    let missing = || <Mistake as serde::de::Error>::missing_field(name).at(options.end.clone());
    options.get(name).map(|field| field.value.clone()).ok_or_else(missing)
}

/// The parts of a field's value; none if the field is not there.
fn part<'d>(
    options: &Options<'d>,
    name: &str,
    open: impl FnOnce(&Node<'d>) -> Result<Options<'d>>,
) -> Result<Options<'d>> {
    match options.get(name) {
        Some(field) => open(&field.value),
        None => Ok(options.clone().select(&[])),
    }
}

fn batch(options: &Options<'_>) -> Result<Batching> {
    let parts = part(options, "batch", |node| {
        node.fields_or_first("Batch", &["size", "order", "last"])
    })?;
    let size = match parts.get("size") {
        None => BatchSize::Samples(32),
        Some(field) => match field.value.name() {
            Some(("Full", _)) if field.value.fields("Full", &[]).is_ok() => BatchSize::Full,
            Some(_) => return Err(field.value.wrong_type("a whole number or `Full`")),
            None => BatchSize::Samples(field.value.read()?),
        },
    };
    let batch = Batching {
        size,
        order: parts.read("order")?.unwrap_or_default(),
        last: parts.read("last")?.unwrap_or_default(),
    };
    match batch.size {
        BatchSize::Samples(0) => {
            let mistake = Mistake::new("a batch needs at least one sample").at(parts.place("size"));
            Err(mistake.help("`Full` is the whole training part"))
        }
        BatchSize::Full if batch.last == super::LastBatch::Drop => {
            let mistake = Mistake::new("`last` has no effect").at(parts.place("last"));
            Err(mistake.label("a `Full` batch is always full").help("leave it out"))
        }
        _ => Ok(batch),
    }
}

fn duration(options: &Options<'_>, name: &str, epoch: u64) -> Result<Option<Duration>> {
    let duration = options.read::<Duration>(name)?;
    duration.map_or(Ok(()), |duration| check_length(name, duration, epoch, options))?;
    Ok(duration)
}

fn check_length(name: &str, duration: Duration, epoch: u64, options: &Options<'_>) -> Result<()> {
    let steps = match duration {
        Duration::Epochs(epochs) => epochs.saturating_mul(epoch),
        Duration::Steps(steps) => steps,
    };
    if steps <= MOST_STEPS {
        return Ok(());
    }
    let mistake = Mistake::new(format!("`{name}` is too long")).at(options.place(name));
    Err(mistake.label(format!("at most {MOST_STEPS} steps")))
}

/// When to measure: `every` or `at`.
fn when(parts: &Options<'_>, epoch: u64, end: u64) -> Result<When> {
    let every = duration(parts, "every", epoch)?;
    if every.is_some_and(|every| every.steps(epoch) == 0) {
        let mistake = Mistake::new("`every` must be at least one step").at(parts.place("every"));
        return Err(mistake.help("the beginning and the end are always measured"));
    }
    let Some(Field { name_span, value, .. }) = parts.get("at") else {
        return Ok(When::Every(every.unwrap_or(Duration::Epochs(1))));
    };
    if let Some(every) = parts.get("every") {
        let mistake = Mistake::new("`every` has no effect").at(every.name_span.clone());
        return Err(mistake
            .mark(name_span.clone(), "this says when to measure")
            .help("leave one of them out"));
    }
    let Some(items) = value.items() else {
        let parts = value
            .fields("LogSpaced", &["per_decade"])
            .map_err(|_| value.wrong_type("a list of moments or `LogSpaced(per_decade: ..)`"))?;
        let per_decade: u32 = parts.read("per_decade")?.unwrap_or(3);
        if !(1..=1000).contains(&per_decade) {
            let mistake = Mistake::new("`per_decade` must be from 1 to 1000").at(parts.place("per_decade"));
            return Err(mistake.help("leave it out for 3"));
        }
        return Ok(When::LogSpaced(per_decade));
    };
    let moments: Vec<Duration> = value.read()?;
    let within = |moment: &Duration| match moment {
        Duration::Epochs(epochs) => epochs.saturating_mul(epoch) <= end,
        Duration::Steps(steps) => *steps <= end,
    };
    for (i, (moment, item)) in moments.iter().zip(&items).enumerate() {
        if !within(moment) {
            let mistake = Mistake::new("training ends before this moment").at(item.span());
            return Err(mistake.label(format!("the last step is {end}")));
        }
        named_once("moment", &moments[..=i], &items)?;
    }
    Ok(When::At(moments))
}

/// Refuses what was named before in a list: `values` stand at `items`, and it is the last of them; `what` says what they are.
pub(super) fn named_once<M: PartialEq>(what: &str, values: &[M], items: &[Node<'_>]) -> Result<()> {
    let Some((last, earlier)) = values.split_last() else {
        return Ok(());
    };
    match earlier.iter().position(|first| first == last) {
        None => Ok(()),
        Some(first) => Err(Mistake::new(format!("the same {what} is named twice"))
            .at(items[earlier.len()].span())
            .mark(items[first].span(), "first named here")
            .help("leave one of them out")),
    }
}
