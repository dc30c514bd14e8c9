//! Say how each arm was set, and what is known of its rule.

use super::super::data::{ArmRuns, Data};
use super::markup::{Heading, code, row, said, table, words};
use crate::experiment::SETTINGS;
use crate::html::escape;
use crate::notation::{Document, Node, neat};
use crate::rules::{Needs, Registry};

/// Fields with their values, as they stand in a file.
type NamedTexts<'d> = Vec<(&'d str, &'d str)>;

/// The experiment as it was run, with every default written out.
pub struct StoredExperiment<'d> {
    /// What the experiment is called.
    pub name: Option<String>,
    fields: NamedTexts<'d>,
    /// In the order of `arms.csv`.
    arms: Vec<NamedTexts<'d>>,
}

impl<'d> StoredExperiment<'d> {
    /// What stands in `experiment.ron`.
    pub fn of(document: &'d Document) -> Self {
        let fields = |node: &Node<'d>| -> NamedTexts<'d> {
            let options = node.options().ok().into_iter();
            let fields = options.flat_map(|options| options.fields);
            fields
                .map(|field| (field.name, &document.text()[field.value.span()]))
                .collect()
        };
        let root = document.root();
        let arms = root.locate("arms").and_then(|arms| arms.items()).unwrap_or_default();
        Self {
            name: root.locate("name").and_then(|name| name.read().ok()),
            fields: fields(&root),
            arms: arms.iter().map(fields).collect(),
        }
    }

    /// What holds for all arms, but for the name.
    pub fn shared(&self) -> impl Iterator<Item = (&'d str, &'d str)> {
        let fields = self.fields.iter().copied();
        fields.filter(|(name, _)| !["name", "arms"].contains(name))
    }

    /// An arm with every setting, as it can stand in the list of arms of a file.
    fn arm(&self, place: usize) -> Option<String> {
        let own = self.arms.get(place)?;
        let is_own = |name: &str| own.iter().any(|(field, _)| *field == name);
        let shared = self
            .shared()
            .filter(|(name, _)| SETTINGS.contains(name) && !is_own(name));
        let lines = own.iter().copied().chain(shared);
        let lines: String = lines.map(|(name, value)| format!("    {name}: {value},\n")).collect();
        Some(format!("(\n{lines})"))
    }

    /// The rule of an arm with its options.
    fn rule(&self, place: usize) -> Option<&'d str> {
        let fields = self.arms.get(place)?.iter();
        fields
            .copied()
            .find_map(|(name, value)| (name == "rule").then_some(value))
    }
}

/// The settings of each arm, to be copied.
pub fn arms(data: &Data, experiment: Option<&StoredExperiment<'_>>) -> String {
    let of_arm = |(place, arm): (usize, &ArmRuns)| {
        let text = experiment?.arm(place)?;
        Some(format!(
            "<details class=\"open-on-paper\"><summary data-arm=\"{place}\">{}</summary>\n\
             <button type=\"button\" class=\"copy\">Copy</button>\n<pre>{}</pre></details>\n",
            escape(&arm.row.label),
            escape(&text)
        ))
    };
    let arms: String = data.arms.iter().enumerate().filter_map(of_arm).collect();
    match arms.is_empty() {
        true => arms,
        false => format!(
            "<p>Each can stand in the list <code>arms</code> of an experiment file; a field that is tuned holds the values that were \
             tried.</p>\n{arms}"
        ),
    }
}

/// Equation, source and plausibility of each rule, as far as the program knows it.
pub fn rules(data: &Data, experiment: Option<&StoredExperiment<'_>>, registry: &Registry) -> String {
    let mut known: Vec<(&str, Needs)> = Vec::new();
    let (mut told, mut rows) = (String::new(), String::new());
    for (place, arm) in data.arms.iter().enumerate() {
        let Ok(entry) = registry.entry(&arm.row.rule) else {
            continue;
        };
        if known.iter().all(|(name, _)| *name != entry.name) {
            told += &format!(
                "<dt>{}</dt><dd><code>{}</code><br>{}</dd>\n",
                entry.name,
                escape(entry.equation),
                escape(entry.source)
            );
        }
        // options that are tuned hold lists, which no rule reads
        let set = experiment.and_then(|experiment| registry.rule(experiment.rule(place)?).ok());
        let Some(rule) = set.or_else(|| entry.defaults().ok()) else {
            continue;
        };
        let needs = rule.needs();
        if known.contains(&(entry.name, needs)) {
            continue;
        }
        let again = known.iter().any(|(name, _)| *name == entry.name);
        let named = match again {
            true => neat(&format!("{}{}", entry.name, rule.options())),
            false => entry.name.to_owned(),
        };
        known.push((entry.name, needs));
        let answers = needs.table().map(|(_, answer)| said(&answer));
        rows += &row(Some(place), &[vec![code(&named)], answers.to_vec()].concat());
    }
    if told.is_empty() {
        return told;
    }
    let mut headings: Vec<Heading> = words(["Rule"]).into();
    headings.extend(
        Needs::default()
            .table()
            .map(|(what, _)| Heading::Words(what.to_owned())),
    );
    format!(
        "<dl class=\"rules\">\n{told}</dl>\n<h3>Plausibility: what each rule needs</h3>\n<div class=\"needs\">{}</div>\n",
        table(&headings, &rows)
    )
}
