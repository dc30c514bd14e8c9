//! Judge the claims of a replication by the tables of its results.

use super::Judgement;
use crate::experiment::{Arm, Claim, ClaimedAt, ClosedForm, Replication};
use crate::report::Overlay;
use crate::results::{At, Folder, Loaded, Question, ResultsError, USUAL_REFERENCE, ValuesBySeed};
use crate::stats::{Interval, LEVEL, mean, t_interval};
use std::collections::BTreeMap;

/// What became of one claim.
#[derive(Clone, Debug, PartialEq)]
pub struct ClaimVerdict {
    /// What it is of: labels of arms, and what is measured.
    pub what: String,
    /// The published value.
    pub published: Option<f64>,
    /// The bounds of the mean.
    pub at_least: Option<f64>,
    /// See [`ClaimVerdict::at_least`].
    pub at_most: Option<f64>,
    /// Seeds whose value counts.
    pub n: u64,
    /// Runs of its arms that diverged; with one of them no criterion is met.
    pub diverged: u64,
    /// Mean over seeds; absent where there is no value.
    pub mean: Option<f64>,
    /// Student's t interval of the mean, 95 %; absent below two seeds.
    pub interval: Option<Interval>,
    /// Whether the mean lies within the bounds.
    pub judgement: Judgement,
}

/// Judges every claim, in the order of the file. Differences and quotients are taken seed by seed. A criterion is met where the mean lies
/// within its bounds and no run of its arms diverged.
///
/// # Errors
/// A table of the result is missing or damaged.
pub fn judge(replication: &Replication, arms: &[Arm], folder: &Folder) -> Result<Vec<ClaimVerdict>, ResultsError> {
    let mut loaded: BTreeMap<&str, Loaded> = BTreeMap::new();
    for claim in &replication.claims {
        if !loaded.contains_key(claim.measured()) {
            loaded.insert(claim.measured(), Loaded::read(folder, claim.measured())?);
        }
    }
    let verdict = |claim: &Claim| verdict(claim, arms, &loaded[claim.measured()]);
    Ok(replication.claims.iter().map(verdict).collect())
}

/// Judges how far runs are from what is known of them in closed form: by the largest gap of all.
pub fn judge_theory(theory: &ClosedForm, overlay: &Overlay) -> ClaimVerdict {
    let gap = overlay.gap();
    ClaimVerdict {
        what: format!("largest gap to {:?}: {}", theory.form, overlay.gap_means),
        published: None,
        at_least: None,
        at_most: Some(theory.largest_gap),
        n: overlay.series.len() as u64,
        diverged: 0,
        mean: Some(gap),
        interval: None,
        judgement: match gap <= theory.largest_gap {
            true => Judgement::Pass,
            false => Judgement::Fail,
        },
    }
}

fn verdict(claim: &Claim, arms: &[Arm], result: &Loaded) -> ClaimVerdict {
    let of = |slug: &str| values(claim, slug, result);
    let own = of(&claim.of);
    let sample: Vec<f64> = match (&claim.minus, &claim.over) {
        (None, None) => own.into_values().collect(),
        (Some(other), _) => pairs(&own, &of(other)).map(|(a, b)| a - b).collect(),
        (None, Some(other)) => pairs(&own, &of(other)).map(|(a, b)| a / b).collect(),
    };
    let named = [Some(&claim.of), claim.minus.as_ref(), claim.over.as_ref()];
    let diverged = named.into_iter().flatten().filter_map(|slug| result.diverged.get(slug));
    let diverged = diverged.sum();
    let mean = mean(&sample).filter(|mean| mean.is_finite());
    let judgement = match mean {
        _ if !claim.is_criterion() => Judgement::Reported,
        Some(mean) if diverged == 0 && claim.is_met(mean) => Judgement::Pass,
        _ => Judgement::Fail,
    };
    ClaimVerdict {
        what: what(claim, arms),
        published: claim.published,
        at_least: claim.at_least,
        at_most: claim.at_most,
        n: sample.len() as u64,
        diverged,
        mean,
        interval: t_interval(&sample, LEVEL),
        judgement,
    }
}

/// The published form of the values of an arm, by seed.
fn values(claim: &Claim, slug: &str, result: &Loaded) -> ValuesBySeed {
    let question = Question {
        metric: claim.measured(),
        split: claim.split(),
        layer: &claim.layer,
        reference: claim.against.as_deref().unwrap_or(USUAL_REFERENCE),
        at: match claim.at {
            ClaimedAt::BestValidation => At::BestValidation,
            ClaimedAt::Final | ClaimedAt::Step(_) => At::Final,
        },
    };
    let values = match claim.at {
        ClaimedAt::Step(step) => result.values_at_step(&question, step),
        ClaimedAt::Final | ClaimedAt::BestValidation => result.values(&question),
    };
    let arms = result.arms.iter().zip(values);
    let values = arms.filter(|(arm, _)| arm.arm == slug).flat_map(|(_, values)| values);
    values
        .map(|(seed, value)| (seed, claim.published_form(value)))
        .collect()
}

fn pairs(a: &ValuesBySeed, b: &ValuesBySeed) -> impl Iterator<Item = (f64, f64)> {
    a.iter().filter_map(|(seed, a)| Some((*a, *b.get(seed)?)))
}

/// `FeedbackAlignment - Backprop: test error, %`.
fn what(claim: &Claim, arms: &[Arm]) -> String {
    let label = |slug: &str| {
        let arm = arms.iter().find(|arm| arm.slug == slug);
        arm.map_or(slug, |arm| &*arm.label).to_owned()
    };
    let mut text = label(&claim.of);
    if let Some(other) = &claim.minus {
        text += &format!(" - {}", label(other));
    }
    if let Some(other) = &claim.over {
        text += &format!(" / {}", label(other));
    }
    text += &match claim.split() {
        "none" | "probe" => format!(": {}", claim.metric),
        split => format!(": {split} {}", claim.metric),
    };
    if claim.layer != "all" {
        text += &format!(" of {}", claim.layer);
    }
    if let Some(reference) = &claim.against {
        text += &format!(" to {reference}");
    }
    match claim.at {
        ClaimedAt::Final => text,
        ClaimedAt::BestValidation => text + ", best epoch by validation",
        ClaimedAt::Step(step) => text + &format!(", step {step}"),
    }
}
