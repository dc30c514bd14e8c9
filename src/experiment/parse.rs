//! Turn an experiment file into a plan: read every field, expand the arms, name them, and ask every rule whether it can work there.

use super::check::{self, Draft};
use super::read::{Reader, required, rule_of};
use super::{Arm, NamedRule, Plan, compare, label, write};
use crate::notation::{Document, Fault, Mistake, Node, Options};
use crate::rules::Registry;
use crate::tasks::{Place, Split, Task, TaskError};
use std::path::Path;

const FIELDS: &[&str] = &[
    "name",
    "task",
    "split",
    "network",
    "loss",
    "optimizer",
    "batch",
    "stop",
    "warm_up",
    "precision",
    "seeds",
    "measure",
    "save",
    "compare",
    "arms",
];

/// The fields that an arm may repeat; its value replaces the experiment's whole.
const SETTINGS: &[&str] = &[
    "network",
    "loss",
    "optimizer",
    "batch",
    "stop",
    "warm_up",
    "measure",
    "save",
];

const ARM: &[&str] = &[
    "label",
    "rule",
    "shadows",
    "network",
    "loss",
    "optimizer",
    "batch",
    "stop",
    "warm_up",
    "measure",
    "save",
];

/// More runs of one arm than anybody has asked for.
const MOST_SEEDS: usize = 1_000_000;

type Result<T> = std::result::Result<T, Mistake>;

impl Plan {
    /// Reads an experiment file.
    ///
    /// # Errors
    /// Whatever is wrong with the file, at its place.
    pub fn read(path: &Path, rules: &Registry) -> std::result::Result<Self, Fault> {
        Self::parse(&Document::read(path)?, rules)
    }

    /// Makes a plan of an experiment file; the document's file name gives the default name and the folder.
    ///
    /// # Errors
    /// Whatever is wrong with the text, at its place.
    pub fn parse(document: &Document, rules: &Registry) -> std::result::Result<Self, Fault> {
        plan(document, rules).map_err(|mistake| document.fault(mistake))
    }

    /// The same plan for other seeds.
    pub fn with_seeds(mut self, seeds: Vec<u64>) -> Self {
        self.seeds = seeds;
        self.text = write::experiment(&self);
        self
    }
}

fn plan(document: &Document, rules: &Registry) -> Result<Plan> {
    let options = document.root().fields("Experiment", FIELDS)?;
    let file = Path::new(document.file());
    let name = name(&options, file)?;
    let task: Task = required(&options, "task")?.read()?;
    let in_file = |error: TaskError| task_mistake(error, &options);
    let facts = task.facts().map_err(in_file)?;
    let split: Split = options.read("split")?.unwrap_or_else(|| task.default_split());
    let training = split.sizes(facts.samples).map_err(in_file)?.train as usize;
    let precision = options.read("precision")?.unwrap_or_default();
    let seeds = seeds(&options)?;

    let reader = Reader {
        rules,
        kind: facts.kind,
        inputs: facts.inputs,
        training,
    };
    let list = required(&options, "arms")?;
    let items = list
        .items()
        .ok_or_else(|| list.wrong_type("a list of arms `[..]`").help("such as `[Backprop]`"))?;
    if items.is_empty() {
        return Err(Mistake::new("an experiment needs at least one arm")
            .at(list.span())
            .help("such as `[Backprop]`"));
    }
    let overrides = items.iter().map(arm_options).collect::<Result<Vec<_>>>()?;
    check_used(&options, &overrides)?;
    let mut drafts = Vec::new();
    for (item, own) in items.iter().zip(&overrides) {
        drafts.push(draft(item, own, &options, &reader)?);
    }
    check::rules(&drafts, &reader, precision, seeds[0])?;

    let given: Vec<_> = drafts.iter().map(|draft| draft.label.clone()).collect();
    let places: Vec<_> = drafts.iter().map(|draft| draft.place.clone()).collect();
    let mut arms: Vec<_> = drafts.into_iter().map(|draft| draft.arm).collect();
    let values: Vec<_> = arms.iter().map(|arm| label::values(&arm.fingerprint)).collect();
    let paths = label::name(&mut arms, &given, &values);
    check::slugs(&arms, &places)?;
    let context = compare::Context {
        arms: arms.iter().map(|arm| (&*arm.slug, &*arm.label)).collect(),
        kind: facts.kind,
        sizes: split.sizes(facts.samples).map_err(in_file)?,
    };
    let compare = compare::read(&options, &context)?;
    let folder = file.parent().unwrap_or(Path::new("")).to_owned();
    let mut plan = Plan {
        name,
        folder,
        task,
        split,
        arms,
        paths,
        seeds,
        precision,
        compare,
        text: String::new(),
    };
    plan.text = write::experiment(&plan);
    Ok(plan)
}

/// The experiment's name: the results folder.
fn name(options: &Options<'_>, file: &Path) -> Result<String> {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let name = options.read("name")?.unwrap_or(stem);
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | ' ');
    if name.chars().all(plain) && !name.starts_with(['.', ' ']) && !name.ends_with(['.', ' ']) && !name.is_empty() {
        return Ok(name);
    }
    let mistake = Mistake::new("this name cannot be the name of a folder").at(options.place("name"));
    Err(mistake
        .label(format!("is `{name}`"))
        .help("use letters, digits, `.`, `_`, `-` and blanks inside"))
}

/// A task's complaint, at the field that it is about.
fn task_mistake(error: TaskError, options: &Options<'_>) -> Mistake {
    let TaskError { place, reason, remedy } = error;
    let (title, path) = match place {
        Place::Field(path) => (format!("`{path}`: {reason}"), path),
        other => (format!("{other}: {reason}"), "task"),
    };
    options.blame(path, Mistake::new(title).help(remedy))
}

/// `10` for 0 to 9, or a list.
fn seeds(options: &Options<'_>) -> Result<Vec<u64>> {
    let Some(node) = options.get("seeds").map(|field| &field.value) else {
        return Ok((0..10).collect());
    };
    let seeds: Vec<u64> = match node.items() {
        Some(_) => node.read()?,
        None => {
            let count: u64 = node.read().map_err(|mistake| match node.name() {
                None => mistake,
                Some(_) => node.wrong_type("a number of seeds or a list of seeds"),
            })?;
            (0..count.min(MOST_SEEDS as u64 + 1)).collect()
        }
    };
    if seeds.is_empty() {
        let mistake = Mistake::new("an experiment needs at least one seed").at(node.span());
        return Err(mistake.help("leave `seeds` out for the default 10"));
    }
    if seeds.len() > MOST_SEEDS {
        return Err(Mistake::new(format!("at most {MOST_SEEDS} seeds are possible")).at(node.span()));
    }
    let items = node.items().unwrap_or_default();
    let mut order: Vec<usize> = (0..items.len()).collect();
    order.sort_by_key(|&i| (seeds[i], i));
    if let Some(pair) = order.windows(2).find(|pair| seeds[pair[0]] == seeds[pair[1]]) {
        let mistake = Mistake::new(format!("seed {} is given twice", seeds[pair[1]])).at(items[pair[1]].span());
        return Err(mistake
            .mark(items[pair[0]].span(), "first given here")
            .help("equal seeds are equal runs"));
    }
    Ok(seeds)
}

/// The fields of an arm; none for a bare rule.
fn arm_options<'d>(item: &Node<'d>) -> Result<Options<'d>> {
    if let Some((_, end)) = item.name() {
        return Ok(Options {
            name: None,
            fields: Vec::new(),
            span: item.span(),
            end,
        });
    }
    let options = item
        .options()
        .map_err(|_| item.wrong_type("a rule or `(rule: .., ..)`"))?;
    if let Some(field) = options
        .fields
        .iter()
        .find(|field| FIELDS.contains(&field.name) && !ARM.contains(&field.name))
    {
        return Err(Mistake::new(format!("an arm cannot have its own `{}`", field.name))
            .at(field.name_span.clone())
            .help("all arms share it: say it once, beside `arms`"));
    }
    item.fields("", ARM)
}

/// Refuses a field of the experiment that every arm replaces.
fn check_used(options: &Options<'_>, arms: &[Options<'_>]) -> Result<()> {
    let replaced = |name: &str| SETTINGS.contains(&name) && arms.iter().all(|arm| arm.get(name).is_some());
    match options.fields.iter().find(|field| replaced(field.name)) {
        None => Ok(()),
        Some(field) => Err(Mistake::new(format!("`{}` has no effect", field.name))
            .at(field.name_span.clone())
            .label("every arm replaces it")
            .help("leave it out")),
    }
}

fn draft<'d>(item: &Node<'d>, own: &Options<'d>, options: &Options<'d>, reader: &Reader<'_>) -> Result<Draft<'d>> {
    let rule_node = if item.name().is_some() {
        item.clone()
    } else {
        required(own, "rule")?
    };
    let rule = reader.rules.read(&rule_node)?;
    let effective = options
        .clone()
        .select(SETTINGS)
        .replaced_by(&own.clone().select(SETTINGS));
    let settings = reader.settings(&effective)?;
    let shadow_items = own.get("shadows").map(|field| field.value.clone());
    let shadows = shadow_items
        .as_ref()
        .map_or(Ok(Vec::new()), |list| reader.named_rules(list))?;
    let rules_of = |list: Option<Node<'d>>| -> Vec<Node<'d>> {
        list.and_then(|list| list.items())
            .unwrap_or_default()
            .iter()
            .map(rule_of)
            .collect()
    };
    let against = effective.get("measure").and_then(|field| field.value.locate("against"));
    let label = own.read::<String>("label")?;
    let place = own.get("label").map(|field| field.value.span());
    let rule = NamedRule {
        label: rule.name().into(),
        rule,
    };
    let mut draft = Draft {
        place: place
            .or_else(|| rule_node.name().map(|(_, span)| span))
            .unwrap_or_else(|| item.span()),
        label,
        rule: rule_node,
        shadows: rules_of(shadow_items),
        against: rules_of(against),
        end: effective.place("measure"),
        arm: Arm {
            slug: String::new(),
            label: String::new(),
            rule,
            shadows,
            settings,
            values: Vec::new(),
            fingerprint: String::new(),
        },
    };
    check::names(&draft)?;
    draft.arm.fingerprint = write::fields(&write::arm(&draft.arm));
    Ok(draft)
}
