//! Read which published values an experiment is held to, and within which bounds.

use super::compare::arm;
use super::{Arm, Part};
use crate::metrics::{self, Metric, MetricUnit, family};
use crate::notation::{Mistake, Node, Options, Result};
use crate::tasks::Sizes;
use crate::theory::Theory;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Published values that an experiment is held to. They change no run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Replication {
    /// Who published them, and where.
    pub source: String,
    /// Minutes of one core that all runs take, about.
    pub minutes: f64,
    /// What is known in closed form of all that is measured; left out where nothing is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub theory: Option<ClosedForm>,
    /// What is expected, as fixed before anything ran.
    #[serde(default)]
    pub claims: Vec<Claim>,
}

/// A theory that the runs are laid over.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClosedForm {
    /// Which one.
    pub form: Theory,
    /// How far the runs may be from it where they are furthest; the theory says what a gap is.
    pub largest_gap: f64,
}

/// One published value: the mean over seeds of what an arm reaches, or of how it differs from another arm seed by seed. Errors and
/// accuracies are in percent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// The arm that it is of: its name in files, or its label.
    pub of: String,
    /// The arm whose value is taken away from it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minus: Option<String>,
    /// The arm by whose value it is divided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub over: Option<String>,
    /// What is measured: any metric, `"error"` for what `"accuracy"` leaves of 100 %, or `"running_error"`.
    #[serde(default = "error")]
    pub metric: String,
    /// Where scores are taken; other metrics have a split of their own.
    #[serde(default)]
    pub split: Part,
    /// Of which layer, where the metric has layers.
    #[serde(default = "all", skip_serializing_if = "is_all")]
    pub layer: String,
    /// Against which rule, where the metric has a reference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub against: Option<String>,
    /// When.
    #[serde(default)]
    pub at: ClaimedAt,
    /// The published value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published: Option<f64>,
    /// The smallest mean that meets the criterion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<f64>,
    /// The largest mean that meets it. Without bounds the value is reported, and nothing is held to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<f64>,
}

/// The moment of a run that a published value is of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum ClaimedAt {
    /// The last measured step.
    #[default]
    Final,
    /// The measured step with the lowest validation loss.
    BestValidation,
    /// After so many changes of the weights; it must be measured there.
    Step(u64),
}

fn error() -> String {
    "error".into()
}

fn all() -> String {
    "all".into()
}

fn is_all(layer: &String) -> bool {
    layer == "all"
}

/// The names of errors, and the accuracies that they are made of.
const ERRORS: [(&str, Metric); 2] = [
    ("error", metrics::ACCURACY),
    ("running_error", metrics::RUNNING_ACCURACY),
];

impl Claim {
    /// What tables call what it is made of.
    pub fn measured(&self) -> &str {
        let error = ERRORS.iter().find(|(error, _)| *error == self.metric);
        error.map_or(&self.metric, |(_, accuracy)| accuracy.name)
    }

    /// What tables call the split that it is taken on.
    pub fn split(&self) -> &'static str {
        let split = Metric::named(self.measured()).and_then(|metric| metric.subject.split());
        split.unwrap_or(self.split.name())
    }

    /// A value of a table as it is published: shares in percent, errors in place of accuracies.
    pub fn published_form(&self, value: f64) -> f64 {
        let is_error = ERRORS.iter().any(|(error, _)| *error == self.metric);
        let is_share = Metric::named(self.measured()).is_some_and(|metric| metric.unit == MetricUnit::Share);
        match (is_error, is_share) {
            (true, _) => 100.0 * (1.0 - value),
            (false, true) => 100.0 * value,
            (false, false) => value,
        }
    }

    /// Whether something is held to it.
    pub fn is_criterion(&self) -> bool {
        self.at_least.is_some() || self.at_most.is_some()
    }

    /// Whether a mean lies within the bounds.
    pub fn is_met(&self, mean: f64) -> bool {
        self.at_least.is_none_or(|least| mean >= least) && self.at_most.is_none_or(|most| mean <= most)
    }
}

/// Reads the field `replication`; `None` if it is not there.
pub(super) fn read(options: &Options<'_>, arms: &[Arm], sizes: Sizes) -> Result<Option<Replication>> {
    let Some(field) = options.get("replication") else {
        return Ok(None);
    };
    let mut replication: Replication = field.value.read()?;
    if !(replication.minutes > 0.0 && replication.minutes.is_finite()) {
        let mistake = Mistake::new("`minutes` must be above 0");
        let mistake = mistake.help("what all runs take on one core, about");
        return Err(field.value.blame("minutes", mistake));
    }
    let claims = field.value.locate("claims");
    let items = claims.and_then(|claims| claims.items()).unwrap_or_default();
    if items.is_empty() && replication.theory.is_none() {
        let mistake = Mistake::new("a replication needs a claim, or a theory").at(field.value.span());
        return Err(mistake.help("such as `claims: [(of: \"backprop\", at_most: 2)]`"));
    }
    for (claim, item) in replication.claims.iter_mut().zip(&items) {
        check(claim, item, arms, sizes)?;
    }
    Ok(Some(replication))
}

/// Refuses what cannot be looked up, and calls arms as files do.
fn check(claim: &mut Claim, item: &Node<'_>, arms: &[Arm], sizes: Sizes) -> Result<()> {
    let names: Vec<(&str, &str)> = arms.iter().map(|arm| (&*arm.slug, &*arm.label)).collect();
    let place = |field: &str| item.locate(field).unwrap_or_else(|| item.clone());
    claim.of = arm(&place("of"), &names)?;
    for (field, other) in [("minus", &mut claim.minus), ("over", &mut claim.over)] {
        if other.is_some() {
            *other = Some(arm(&place(field), &names)?);
        }
    }
    if claim.minus.is_some() && claim.over.is_some() {
        let mistake = Mistake::new("`over` has no effect").at(place("over").span());
        return Err(mistake.help("leave `minus` or `over` out"));
    }
    metric(claim, &place("metric"), arms)?;
    if claim.split() == claim.split.name() && size(sizes, claim.split) == 0 {
        let mistake = Mistake::new(format!("there is no {} part", claim.split.name())).at(place("split").span());
        return Err(mistake.help("take another `split`, or let that of the experiment hold one out"));
    }
    if claim.at == ClaimedAt::BestValidation && sizes.validation == 0 {
        return Err(Mistake::new("there is no validation part").at(place("at").span()));
    }
    match (claim.at_least, claim.at_most) {
        (Some(least), Some(most)) if least > most => {
            Err(Mistake::new("no value is within these bounds").at(place("at_most").span()))
        }
        (None, None) if claim.published.is_none() => {
            let mistake = Mistake::new("this claim says nothing").at(item.span());
            Err(mistake.help("give it a `published` value, or bounds: `at_least`, `at_most`"))
        }
        _ => Ok(()),
    }
}

fn size(sizes: Sizes, part: Part) -> u32 {
    match part {
        Part::Train => sizes.train,
        Part::Validation => sizes.validation,
        Part::Test => sizes.test,
    }
}

/// Refuses a metric that is none, or that an arm of the claim does not write.
fn metric(claim: &Claim, place: &Node<'_>, arms: &[Arm]) -> Result<()> {
    let measured = claim.measured();
    let names = || {
        let errors = ERRORS.iter().map(|(error, _)| *error);
        errors.chain(Metric::all().map(|metric| metric.name))
    };
    if Metric::named(measured).is_none() {
        let mistake = Mistake::new(format!("unknown metric `{}`", claim.metric)).at(place.span());
        return Err(mistake.suggest(family(&claim.metric), names()));
    }
    let named = [Some(&claim.of), claim.minus.as_ref(), claim.over.as_ref()];
    let mut asked = arms.iter().filter(|arm| named.contains(&Some(&arm.slug)));
    match asked.find(|arm| !arm.settings.measure.metrics.writes(measured)) {
        None => Ok(()),
        Some(arm) => {
            let mistake = Mistake::new(format!("`{measured}` is not written")).at(place.span());
            Err(mistake
                .label(format!("`measure` of `{}` leaves it out", arm.label))
                .help(format!("write it: `measure: (metrics: [\"{measured}\"])`")))
        }
    }
}
