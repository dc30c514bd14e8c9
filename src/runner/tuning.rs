//! Choose among the trials of arms that are tuned.

use super::Outcome;
use crate::experiment::{Arm, Criterion, Plan, Trial};
use crate::metrics;
use crate::results::{Status, TuningRow, edges};
use crate::stats::mean;

/// What tuning has found.
pub struct Choices {
    /// The best trial of each tuned arm, in the order of the plan.
    pub chosen: Vec<usize>,
    /// Every trial: the rows of `tuning.csv`.
    pub rows: Vec<TuningRow>,
    /// What a reader of the results should know.
    pub warnings: Vec<String>,
}

/// What became of a run on trial.
#[derive(Clone, Copy)]
pub struct Tried {
    seed: u64,
    /// What it is judged by, if it finished.
    value: Option<f64>,
}

impl Tried {
    /// Of a run.
    pub fn of(outcome: &Outcome, by: Criterion) -> Self {
        let score = outcome.run.last.validation;
        let value = match by {
            Criterion::Accuracy => score.accuracy,
            Criterion::Loss => score.loss,
        };
        Self {
            seed: outcome.run.seed,
            value: value.filter(|_| outcome.run.status == Status::Finished),
        }
    }
}

/// Chooses the trial with the best mean over the tuning seeds; of equal ones the first. A trial of which a run diverged is
/// worse than any other.
///
/// `tried` are the runs of all trials, arm by arm, trial by trial, seed by seed.
pub fn choose(plan: &Plan, tried: &[Tried]) -> Choices {
    let mut choices = Choices {
        chosen: Vec::new(),
        rows: Vec::new(),
        warnings: Vec::new(),
    };
    let Some(tuning) = plan.tuning else { return choices };
    let mut trials = tried.chunks(tuning.seeds as usize);
    for arm in plan.arms.iter().filter(|arm| !arm.trials.is_empty()) {
        let tried: Vec<_> = trials.by_ref().take(arm.trials.len()).collect();
        let scores: Vec<_> = tried.iter().map(|tried| score(tried)).collect();
        let best = best(&scores, tuning.by);
        let chosen = best.unwrap_or(0);
        choices.chosen.push(chosen);
        if best.is_none() {
            choices.warnings.push(format!(
                "{}: in every trial a run diverged; the first trial's values are used",
                arm.label
            ));
        }
        let mut rows = Vec::new();
        for (i, (trial, tried)) in arm.trials.iter().zip(tried).enumerate() {
            rows.extend(of_trial(arm, i, trial, tried, tuning.by, i == chosen));
        }
        let beyond = |edge| format!("{}: the chosen {edge}; a better one may lie beyond", arm.label);
        choices.warnings.extend(edges(&rows).into_iter().map(beyond));
        choices.rows.extend(rows);
    }
    choices.rows.sort_by(|a, b| a.arm.cmp(&b.arm));
    choices
}

/// Nothing if any of its runs diverged.
fn score(tried: &[Tried]) -> Option<f64> {
    let values: Option<Vec<_>> = tried.iter().map(|tried| tried.value).collect();
    mean(&values?)
}

fn best(scores: &[Option<f64>], by: Criterion) -> Option<usize> {
    let better = |a: f64, b: f64| match by {
        Criterion::Accuracy => a > b,
        Criterion::Loss => a < b,
    };
    let mut best: Option<(usize, f64)> = None;
    for (i, score) in scores.iter().enumerate() {
        let Some(score) = *score else { continue };
        if best.is_none_or(|(_, best)| better(score, best)) {
            best = Some((i, score));
        }
    }
    best.map(|(i, _)| i)
}

/// A row for each path and seed of a trial.
fn of_trial(arm: &Arm, index: usize, trial: &Trial, tried: &[Tried], by: Criterion, chosen: bool) -> Vec<TuningRow> {
    let metric = match by {
        Criterion::Accuracy => metrics::ACCURACY,
        Criterion::Loss => metrics::LOSS,
    };
    let metric = match trial.rule.rule.predicts() {
        true => metrics::own(metric.name),
        false => metric.name.to_owned(),
    };
    let row = |(path, setting): &(String, String), tried: &Tried| TuningRow {
        arm: arm.slug.clone(),
        trial: index as u64 + 1,
        path: path.clone(),
        setting: setting.clone(),
        seed: tried.seed,
        metric: metric.clone(),
        split: "validation".to_owned(),
        value: tried.value,
        chosen,
    };
    let of_path = |taken| tried.iter().map(move |tried| row(taken, tried));
    trial.taken.iter().flat_map(of_path).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_the_best_trials_wins_and_a_diverged_one_never() {
        assert_eq!(
            best(&[None, Some(0.5), Some(0.7), Some(0.7)], Criterion::Accuracy),
            Some(2)
        );
        assert_eq!(best(&[Some(0.5), None, Some(0.2)], Criterion::Loss), Some(2));
        assert_eq!(best(&[None, None], Criterion::Loss), None);
    }
}
