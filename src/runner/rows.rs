//! Make the rows of all tables of what runs have left.

use super::{Outcome, pool::Done};
use crate::cost::Cost;
use crate::experiment::{Arm, Plan};
use crate::results::names::{COMPARISONS, EXPERIMENT, TUNING};
use crate::results::{
    ArmRow, ArmTable, ComparisonRow, MetricRow, Prediction, RunRow, Status, SummaryRow, TuningRow, comparisons, encode,
    in_file_order, summary,
};
use crate::tasks::DataSet;

/// What an experiment has come to: the rows of its tables, in the order of the files.
#[derive(Clone)]
pub struct Results {
    /// The experiment, with what tuning has chosen filled in.
    pub plan: Plan,
    /// The rows of `arms.csv`.
    pub arms: ArmTable,
    /// The rows of `runs.csv`.
    pub runs: Vec<RunRow>,
    /// The rows of `metrics.csv`.
    pub metrics: Vec<MetricRow>,
    /// The rows of `summary.csv`.
    pub summary: Vec<SummaryRow>,
    /// The rows of `comparisons.csv`; none unless the experiment asks to `compare`.
    pub comparisons: Vec<ComparisonRow>,
    /// The rows of `tuning.csv`; none where nothing is tuned.
    pub tuning: Vec<TuningRow>,
}

impl Results {
    /// Of runs that are done.
    pub(super) fn new(done: Done, data: &DataSet) -> Self {
        let Done {
            plan,
            choices,
            outcomes,
            ..
        } = done;
        let arms = arms(&plan, data, &outcomes);
        let mut runs: Vec<RunRow> = Vec::with_capacity(outcomes.len());
        let mut metrics: Vec<MetricRow> = Vec::new();
        for outcome in outcomes {
            runs.push(outcome.run);
            metrics.extend(outcome.metrics);
        }
        runs.sort_by(|a, b| (&a.arm, a.seed).cmp(&(&b.arm, b.seed)));
        let metrics = in_file_order(metrics);
        let compare = plan.compare.iter();
        Self {
            summary: summary(&metrics, &runs),
            comparisons: compare
                .flat_map(|compare| comparisons(compare, &arms.rows, &metrics, &runs))
                .collect(),
            plan,
            arms,
            runs,
            metrics,
            tuning: choices.rows,
        }
    }

    /// The bytes of the tables and of `experiment.ron`, by name.
    pub fn files(&self) -> Vec<(&'static str, Vec<u8>)> {
        let mut files = vec![
            (EXPERIMENT, self.plan.text.clone().into_bytes()),
            ("arms.csv", self.arms.encode()),
            ("runs.csv", encode(&self.runs)),
            ("metrics.csv", encode(&self.metrics)),
            ("summary.csv", encode(&self.summary)),
        ];
        if self.plan.compare.is_some() {
            files.push((COMPARISONS, encode(&self.comparisons)));
        }
        if !self.tuning.is_empty() {
            files.push((TUNING, encode(&self.tuning)));
        }
        files
    }

    /// Number of runs that diverged.
    pub fn diverged(&self) -> usize {
        let diverged = self.runs.iter().filter(|run| run.status == Status::Diverged);
        diverged.count()
    }
}

fn arms(plan: &Plan, data: &DataSet, outcomes: &[Outcome]) -> ArmTable {
    let row = |(arm, outcomes): (&Arm, &[Outcome])| {
        let outputs = data.kind().outputs();
        let network = &arm.settings.network;
        let own = arm.rule.rule.predicts();
        let pass = network.multiply_adds(data, outputs);
        let samples: u64 = outcomes.iter().map(|outcome| outcome.samples).sum();
        let mut cost = Cost::default();
        outcomes.iter().for_each(|outcome| cost += outcome.cost);
        let per_sample = |total: u64| (samples > 0).then(|| total as f64 / samples as f64);
        ArmRow {
            arm: arm.slug.clone(),
            label: arm.label.clone(),
            rule: arm.rule.label.clone(),
            prediction: if own { Prediction::Own } else { Prediction::Forward },
            parameters: Some(network.parameters(data, outputs) as u64),
            multiply_adds_per_sample: per_sample(cost.multiply_adds),
            forward_passes_per_sample: per_sample(cost.upward).map(|upward| upward / pass as f64),
            random_numbers_per_sample: per_sample(cost.random_numbers),
            state_per_weight: outcomes.first().map(|outcome| outcome.state_per_weight),
            settings: arm.values.clone(),
        }
    };
    let runs_of_arms = outcomes.chunks(plan.seeds.len());
    ArmTable {
        paths: plan.paths.clone(),
        rows: plan.arms.iter().zip(runs_of_arms).map(row).collect(),
    }
}
