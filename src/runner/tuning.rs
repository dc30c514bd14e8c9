//! Choose among the trials of arms that are tuned.

use super::Outcome;
use crate::experiment::{Arm, Criterion, Plan, Trial, Tuning};
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

/// Chooses the trial with the best mean over the tuning seeds; of equal ones the first. A trial of which a run diverged is
/// worse than any other.
///
/// `outcomes` are those of all trials, arm by arm, trial by trial, seed by seed.
pub fn choose(plan: &Plan, outcomes: &[Outcome]) -> Choices {
    let mut choices = Choices {
        chosen: Vec::new(),
        rows: Vec::new(),
        warnings: Vec::new(),
    };
    let Some(tuning) = plan.tuning else { return choices };
    let mut trials = outcomes.chunks(tuning.seeds as usize);
    for arm in plan.arms.iter().filter(|arm| !arm.trials.is_empty()) {
        let outcomes: Vec<_> = trials.by_ref().take(arm.trials.len()).collect();
        let scores: Vec<_> = outcomes.iter().map(|outcomes| score(outcomes, &tuning)).collect();
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
        for (i, (trial, outcomes)) in arm.trials.iter().zip(outcomes).enumerate() {
            rows.extend(of_trial(arm, i, trial, outcomes, &tuning, i == chosen));
        }
        let beyond = |edge| format!("{}: the chosen {edge}; a better one may lie beyond", arm.label);
        choices.warnings.extend(edges(&rows).into_iter().map(beyond));
        choices.rows.extend(rows);
    }
    choices.rows.sort_by(|a, b| a.arm.cmp(&b.arm));
    choices
}

/// What a run is judged by, at its end.
fn value(outcome: &Outcome, by: Criterion) -> Option<f64> {
    let score = outcome.run.last.validation;
    let value = match by {
        Criterion::Accuracy => score.accuracy,
        Criterion::Loss => score.loss,
    };
    value.filter(|_| outcome.run.status == Status::Finished)
}

fn score(outcomes: &[Outcome], tuning: &Tuning) -> Option<f64> {
    let values: Option<Vec<_>> = outcomes.iter().map(|outcome| value(outcome, tuning.by)).collect();
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
fn of_trial(
    arm: &Arm,
    index: usize,
    trial: &Trial,
    outcomes: &[Outcome],
    tuning: &Tuning,
    chosen: bool,
) -> Vec<TuningRow> {
    let metric = match tuning.by {
        Criterion::Accuracy => metrics::ACCURACY,
        Criterion::Loss => metrics::LOSS,
    };
    let metric = match trial.rule.rule.predicts() {
        true => metrics::own(metric.name),
        false => metric.name.to_owned(),
    };
    let row = |(path, setting): &(String, String), outcome: &Outcome| TuningRow {
        arm: arm.slug.clone(),
        trial: index as u64 + 1,
        path: path.clone(),
        setting: setting.clone(),
        seed: outcome.run.seed,
        metric: metric.clone(),
        split: "validation".to_owned(),
        value: value(outcome, tuning.by),
        chosen,
    };
    let of_path = |taken| outcomes.iter().map(move |outcome| row(taken, outcome));
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
