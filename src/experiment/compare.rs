//! Read which arms an experiment compares, and tell what so many seeds can show.

use super::Arm;
use super::read::{named_once, required};
use crate::metrics::{self, Choice, DEFAULT, Metric, family, top};
use crate::notation::{Document, Mistake, Node, Options, Result, list};
use crate::stats::{self, SIGNIFICANT, Test};
use crate::tasks::{Kind, Sizes};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The arms of an experiment against one of them, pair by pair of equal seeds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Compare {
    /// The arm that the others are compared with.
    #[schemars(schema_with = "super::fields::slug")]
    pub to: String,
    /// What is compared. `loss` and `accuracy` are of the rule's own prediction where it has one; metrics of layers count over all
    /// of them, those of pairs of rules against `Backprop`.
    #[schemars(schema_with = "super::fields::metrics")]
    pub metrics: Vec<String>,
    /// How pairs are tested.
    #[schemars(default)]
    pub test: Test,
    /// Where losses and accuracies are taken; other metrics have a split of their own.
    #[schemars(default)]
    pub split: Part,
    /// At which moments of a run; where there is no validation part, `[Final]` is the default.
    #[schemars(default = "both")]
    pub at: Vec<Occasion>,
}

fn both() -> Vec<Occasion> {
    vec![Occasion::Final, Occasion::BestValidation]
}

/// A part of the data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Part {
    /// The training part.
    Train,
    /// The validation part.
    Validation,
    /// The test part.
    #[default]
    Test,
}

impl Part {
    /// What tables call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Validation => "validation",
            Self::Test => "test",
        }
    }
}

/// The moment of a run that counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Occasion {
    /// The last measured step.
    Final,
    /// The measured step with the lowest validation loss.
    BestValidation,
}

/// Metrics with one value a run.
///
/// There is `top_accuracy(k)` too, for any `k`. Losses, accuracies and `r2` are of the rule's own prediction for arms that predict in their own way. Metrics of layers count over
/// `all` of them, those of pairs of rules against `Backprop`.
pub const METRICS: [Metric; 13] = [
    metrics::ACCURACY,
    metrics::LOSS,
    metrics::BALANCED_ACCURACY,
    metrics::R2,
    metrics::RUNNING_ACCURACY,
    metrics::RUNNING_LOSS,
    metrics::GRADIENT_ANGLE,
    metrics::GRADIENT_COSINE,
    metrics::GRADIENT_NORM_RATIO,
    metrics::SIGN_AGREEMENT,
    metrics::FEEDBACK_ANGLE,
    metrics::FEEDBACK_NORM_RATIO,
    metrics::FEEDBACK_SIGN_AGREEMENT,
];

const FIELDS: &[&str] = &["to", "metrics", "test", "split", "at"];

impl Compare {
    /// The split that a metric is taken on.
    pub fn split_of(&self, metric: &str) -> &'static str {
        fixed_split(metric).unwrap_or(self.split.name())
    }

    /// How many tests one metric has with so many arms: its family.
    pub fn family(&self, arms: usize) -> usize {
        arms.saturating_sub(1) * self.at.len()
    }

    /// Why so many seeds cannot show any difference, where they cannot.
    pub fn warning(&self, arms: usize, seeds: usize) -> Option<String> {
        let family = self.family(arms) as f64;
        let enough = |seeds: &usize| match self.test {
            Test::PairedT => *seeds > 1,
            Test::Wilcoxon => family * stats::least_wilcoxon_p(*seeds) < SIGNIFICANT,
        };
        let least = (2..).find(enough)?;
        let seeds_are = if seeds == 1 { "seed is" } else { "seeds are" };
        (!enough(&seeds)).then(|| match self.test {
            Test::PairedT => format!("compare: {seeds} {seeds_are} too few for any test; give at least {least}"),
            Test::Wilcoxon => format!(
                "compare: {seeds} {seeds_are} too few for Wilcoxon's test: in a family of {family} tests p_holm cannot fall below \
                 {:.2}; give at least {least} seeds",
                (family * stats::least_wilcoxon_p(seeds)).min(1.0)
            ),
        })
    }

    /// What is compared, and, where the paired t test has seeds enough, which effect it can show.
    pub fn about(&self, arms: usize, seeds: usize) -> String {
        let family = self.family(arms);
        let test = match self.test {
            Test::PairedT => "paired t tests",
            Test::Wilcoxon => "Wilcoxon's signed-rank tests",
        };
        let text = format!(
            "{} with {} by {test}, {family} a metric",
            self.metrics.join(", "),
            self.to
        );
        match (self.test, stats::detectable_dz(seeds, SIGNIFICANT / family as f64)) {
            (Test::PairedT, Some(dz)) => format!("{text}: p_holm < {SIGNIFICANT} needs |cohen_dz| of {dz:.2}"),
            _ => text,
        }
    }
}

fn fixed_split(metric: &str) -> Option<&'static str> {
    Metric::named(metric)?.subject.split()
}

/// What must be known to read a comparison.
pub(super) struct Context<'a> {
    /// Slug and label of each arm.
    pub arms: Vec<(&'a str, &'a str)>,
    /// What each arm writes.
    pub written: Vec<&'a Choice>,
    pub kind: Kind,
    pub sizes: Sizes,
}

impl<'a> Context<'a> {
    /// For these arms, on parts of these sizes.
    pub fn of(arms: &'a [Arm], kind: Kind, sizes: Sizes) -> Self {
        Self {
            arms: arms.iter().map(|arm| (&*arm.slug, &*arm.label)).collect(),
            written: arms.iter().map(|arm| &arm.settings.measure.metrics).collect(),
            kind,
            sizes,
        }
    }
}

/// Reads the field `compare`; `None` if it is not there.
pub(super) fn read(options: &Options<'_>, context: &Context<'_>) -> Result<Option<Compare>> {
    let Some(field) = options.get("compare") else {
        return Ok(None);
    };
    let parts = field.value.fields("Compare", FIELDS)?;
    let to = other(&required(&parts, "to")?, &context.arms)?;
    let metrics = metrics(&required(&parts, "metrics")?, context)?;
    let split: Part = parts.read("split")?.unwrap_or_default();
    let size = match split {
        Part::Train => context.sizes.train,
        Part::Validation => context.sizes.validation,
        Part::Test => context.sizes.test,
    };
    let scores = metrics.iter().any(|metric| fixed_split(metric).is_none());
    if scores && size == 0 {
        let mistake = Mistake::new(format!("there is no {} part to compare on", split.name())).at(parts.place("split"));
        return Err(
            mistake.help("let `split` of the experiment hold one out, or compare on another part: `split: Train`")
        );
    }
    if let Some(field) = parts
        .get("split")
        .filter(|_| !scores && size > 0 && split != Part::Test)
    {
        let mistake = Mistake::new("`split` has no effect").at(field.value.span());
        return Err(mistake
            .label("each of these metrics has one split only")
            .help("leave it out"));
    }
    let compare = Compare {
        to,
        metrics,
        test: parts.read("test")?.unwrap_or_default(),
        split,
        at: occasions(&parts, context.sizes)?,
    };
    Ok(Some(compare))
}

/// Reads what the `experiment.ron` of a result says is compared. Its defaults are written out, so nothing else need be known.
///
/// # Errors
/// What is wrong with the field.
pub fn written(document: &Document, slugs: &[&str]) -> Result<Option<Compare>, crate::notation::Fault> {
    let sizes = Sizes {
        train: 1,
        validation: 1,
        test: 1,
    };
    let context = Context {
        arms: slugs.iter().map(|slug| (*slug, *slug)).collect(),
        written: Vec::new(),
        kind: Kind::Single,
        sizes,
    };
    let options = document.root().options();
    let compare = options.and_then(|options| read(&options, &context));
    compare.map_err(|mistake| document.fault(mistake))
}

/// The slug of the arm that the others are compared with.
fn other(node: &Node<'_>, arms: &[(&str, &str)]) -> Result<String> {
    let to = arm(node, arms)?;
    if arms.len() < 2 {
        let mistake = Mistake::new("there is no other arm to compare it with").at(node.span());
        return Err(mistake.help("add an arm, or leave `compare` out"));
    }
    Ok(to)
}

/// The slug of the arm that is called by it or by its label.
pub(super) fn arm(node: &Node<'_>, arms: &[(&str, &str)]) -> Result<String> {
    let to: String = node.read()?;
    let by_slug = arms.iter().find(|(slug, _)| *slug == to);
    let Some((slug, _)) = by_slug.or_else(|| arms.iter().find(|(_, label)| *label == to)) else {
        return Err(Mistake::new(format!("there is no arm `{to}`"))
            .at(node.span())
            .label(format!("expected {}", list(arms.iter().map(|(slug, _)| *slug))))
            .suggest(&to, arms.iter().flat_map(|(slug, label)| [*slug, *label])));
    };
    Ok((*slug).to_owned())
}

fn metrics(node: &Node<'_>, context: &Context<'_>) -> Result<Vec<String>> {
    let metrics: Vec<String> = node.read()?;
    let items = node.items().unwrap_or_default();
    if metrics.is_empty() {
        let mistake = Mistake::new("a comparison needs at least one metric").at(node.span());
        return Err(mistake.help("such as `[\"accuracy\"]`"));
    }
    for (i, (metric, item)) in metrics.iter().zip(&items).enumerate() {
        let names = || METRICS.iter().map(|metric| metric.name);
        if top(metric).is_none() && !names().any(|name| name == metric) {
            return Err(Mistake::new(format!("unknown metric `{metric}`"))
                .at(item.span())
                .label(format!("expected {}", list(names())))
                .suggest(metric, names()));
        }
        applies(metric, context, item)?;
        named_once("metric", &metrics[..=i], &items)?;
    }
    Ok(metrics)
}

/// Refuses what the task has not, or what an arm does not write.
fn applies(metric: &str, context: &Context<'_>, item: &Node<'_>) -> Result<()> {
    let values = matches!(context.kind, Kind::Values(_));
    let absent = |targets: &str, other: &str| {
        let mistake = Mistake::new(format!("there is no `{metric}` where the targets are {targets}")).at(item.span());
        Err(mistake.help(format!("compare `{other}`")))
    };
    if values && family(metric).ends_with("accuracy") {
        return absent(
            "values",
            if metric.starts_with("running") {
                "running_loss"
            } else {
                "loss"
            },
        );
    }
    if !values && metric == "r2" && !context.written.is_empty() {
        return absent("classes", "accuracy");
    }
    if context.written.iter().all(|written| written.writes(metric)) {
        return Ok(());
    }
    let mistake = Mistake::new(format!("`{metric}` is not written")).at(item.span());
    Err(mistake
        .label("`measure` leaves it out")
        .help(format!("write it: `measure: (metrics: [\"{DEFAULT}\", \"{metric}\"])`")))
}

fn occasions(parts: &Options<'_>, sizes: Sizes) -> Result<Vec<Occasion>> {
    let Some(field) = parts.get("at") else {
        return Ok(if sizes.validation > 0 {
            both()
        } else {
            vec![Occasion::Final]
        });
    };
    let occasions: Vec<Occasion> = field.value.read()?;
    let mistake = |title: &str| Mistake::new(title).at(field.value.span());
    if occasions.is_empty() {
        return Err(mistake("`at` must name a moment").help("such as `[Final]`"));
    }
    if occasions.len() > 1 && occasions[1..].contains(&occasions[0]) {
        return Err(mistake("the same moment is named twice").help("leave one of them out"));
    }
    if occasions.contains(&Occasion::BestValidation) && sizes.validation == 0 {
        return Err(mistake("there is no validation part").help("write `at: [Final]`"));
    }
    Ok(occasions)
}
