//! Gather what the tables say of runs, one run after the other, so that none has to stay in memory.

use super::settling::Residuals;
use super::{Choices, Outcome};
use crate::cost::Cost;
use crate::experiment::{Arm, Plan};
use crate::results::names::{COMPARISONS, EXPERIMENT, METRICS_TABLE, RUNS_TABLE, TUNING};
use crate::results::{
    ArmRow, ArmSamples, ArmTable, ComparisonRow, MetricRow, PairedValues, Prediction, RunRow, Status, SummaryRow,
    TuningRow, encode,
};
use crate::tasks::DataSet;

/// What an experiment has come to.
pub struct Overview {
    /// The experiment, with what tuning has chosen filled in.
    pub plan: Plan,
    /// The rows of `arms.csv`.
    pub arms: ArmTable,
    /// The rows of `summary.csv`.
    pub summary: Vec<SummaryRow>,
    /// The rows of `comparisons.csv`; none unless the experiment asks to `compare`.
    pub comparisons: Vec<ComparisonRow>,
    /// The rows of `tuning.csv`; none where nothing is tuned.
    pub tuning: Vec<TuningRow>,
    /// Number of runs, without trials.
    pub total: usize,
    /// How many of them diverged.
    pub diverged: usize,
}

/// What an experiment has come to, and every value that was measured.
pub struct Results {
    /// What it has come to.
    pub overview: Overview,
    /// The rows of `runs.csv`.
    pub runs: Vec<RunRow>,
    /// The rows of `metrics.csv`.
    pub metrics: Vec<MetricRow>,
}

/// What is gathered of runs, which come in the order of [`runs_in_file_order`].
pub struct Gathering<'a> {
    plan: &'a Plan,
    arms: Vec<ArmRow>,
    spent: Vec<Spent>,
    /// The arm whose runs come now, and what they measured.
    present: Option<(usize, ArmSamples)>,
    summary: Vec<SummaryRow>,
    compared: Option<PairedValues<'a>>,
    residuals: Residuals,
    total: usize,
    diverged: usize,
}

/// What the runs of an arm have spent.
#[derive(Clone, Default)]
struct Spent {
    cost: Cost,
    samples: u64,
    state_per_weight: Option<f64>,
}

/// All runs in the order of the tables, each by the places of its arm and its seed in the plan.
pub fn runs_in_file_order(plan: &Plan) -> impl Iterator<Item = (usize, usize)> + use<> {
    let mut arms: Vec<usize> = (0..plan.arms.len()).collect();
    arms.sort_by_key(|arm| &plan.arms[*arm].slug);
    let mut seeds: Vec<usize> = (0..plan.seeds.len()).collect();
    seeds.sort_by_key(|seed| plan.seeds[*seed]);
    let of_arm = move |arm| seeds.clone().into_iter().map(move |seed| (arm, seed));
    arms.into_iter().flat_map(of_arm)
}

impl<'a> Gathering<'a> {
    /// Before the first run of a plan in which nothing is left to tune.
    pub fn new(plan: &'a Plan, data: &DataSet) -> Self {
        Self {
            plan,
            arms: plan.arms.iter().map(|arm| arm_row(arm, data)).collect(),
            spent: vec![Spent::default(); plan.arms.len()],
            present: None,
            summary: Vec::new(),
            compared: plan.compare.as_ref().map(PairedValues::new),
            residuals: Residuals::default(),
            total: 0,
            diverged: 0,
        }
    }

    /// Adds a run, whose rows are in file order, of the arm that has this place in the plan.
    pub fn add(&mut self, arm: usize, outcome: &Outcome) {
        let Outcome { run, metrics, .. } = outcome;
        if self.present.as_ref().is_none_or(|(present, _)| *present != arm) {
            self.end_arm();
        }
        let (_, samples) = self.present.get_or_insert_with(|| (arm, ArmSamples::default()));
        samples.add(run, metrics);
        if let Some(compared) = &mut self.compared {
            compared.add(&self.arms[arm], run, metrics);
        }
        self.residuals.add(outcome);
        self.total += 1;
        self.diverged += usize::from(run.status == Status::Diverged);
        let spent = &mut self.spent[arm];
        spent.cost += outcome.cost;
        spent.samples += outcome.samples;
        spent.state_per_weight.get_or_insert(outcome.state_per_weight);
    }

    fn end_arm(&mut self) {
        if let Some((arm, samples)) = self.present.take() {
            self.summary.extend(samples.rows(&self.arms[arm].arm));
        }
    }

    /// All runs are there. With warnings of what a reader of the results should know.
    pub fn end(mut self, choices: Choices, data: &DataSet) -> (Overview, Vec<String>) {
        self.end_arm();
        let outputs = data.kind().outputs();
        for ((row, spent), arm) in self.arms.iter_mut().zip(&self.spent).zip(&self.plan.arms) {
            let pass = arm.settings.network.multiply_adds(data, outputs);
            spent.fill(row, pass);
        }
        let overview = Overview {
            plan: self.plan.clone(),
            comparisons: self
                .compared
                .map_or_else(Vec::new, |compared| compared.rows(&self.arms)),
            arms: ArmTable {
                paths: self.plan.paths.clone(),
                rows: self.arms,
            },
            summary: self.summary,
            tuning: choices.rows,
            total: self.total,
            diverged: self.diverged,
        };
        (overview, self.residuals.warnings(self.plan))
    }
}

impl Overview {
    /// The bytes of `experiment.ron` and of the tables that are not written run by run, by name.
    pub fn files(&self) -> Vec<(&'static str, Vec<u8>)> {
        let mut files = vec![
            (EXPERIMENT, self.plan.text.clone().into_bytes()),
            ("arms.csv", self.arms.encode()),
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
}

impl Results {
    /// The bytes of `experiment.ron` and of all tables, by name.
    pub fn files(&self) -> Vec<(&'static str, Vec<u8>)> {
        let mut files = self.overview.files();
        files.push((RUNS_TABLE, encode(&self.runs)));
        files.push((METRICS_TABLE, encode(&self.metrics)));
        files
    }
}

impl Spent {
    /// Says it in a row; `pass` are the multiply-adds of one forward pass.
    fn fill(&self, row: &mut ArmRow, pass: usize) {
        let per_sample = |total: u64| (self.samples > 0).then(|| total as f64 / self.samples as f64);
        row.multiply_adds_per_sample = per_sample(self.cost.multiply_adds);
        row.forward_passes_per_sample = per_sample(self.cost.upward).map(|upward| upward / pass as f64);
        row.random_numbers_per_sample = per_sample(self.cost.random_numbers);
        row.state_per_weight = self.state_per_weight;
    }
}

/// What is known of an arm before it has run.
fn arm_row(arm: &Arm, data: &DataSet) -> ArmRow {
    let own = arm.rule.rule.predicts();
    ArmRow {
        arm: arm.slug.clone(),
        label: arm.label.clone(),
        rule: arm.rule.label.clone(),
        prediction: if own { Prediction::Own } else { Prediction::Forward },
        parameters: Some(arm.settings.network.parameters(data, data.kind().outputs()) as u64),
        multiply_adds_per_sample: None,
        forward_passes_per_sample: None,
        random_numbers_per_sample: None,
        state_per_weight: None,
        settings: arm.values.clone(),
    }
}
