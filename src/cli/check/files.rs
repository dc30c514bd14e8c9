//! Say how large the tables and the kept runs of an experiment become.

use super::trial_runs;
use crate::experiment::{Arm, Plan};
use crate::metrics::{Metric, Subject};

/// Bytes of a row of `metrics.csv` beside the arm's name, as its columns usually are.
const ROW: u64 = 70;
/// Bytes of a kept run beside its rows, and of one of these, as they usually are.
const KEPT: (u64, u64) = (700, 9);

/// What stays on the disk.
pub struct FileSizes {
    /// Rows of `metrics.csv`, where every run takes all its steps and every metric has a value.
    pub rows: u64,
    /// Bytes of all tables.
    pub tables: u64,
    /// Bytes of kept runs.
    pub kept: u64,
}

/// A line of `check`.
pub fn describe(plan: &Plan) -> String {
    let FileSizes { rows, tables, kept } = sizes(plan);
    format!(
        "files      at most about {} of tables, with {} measured values, and {} of kept runs",
        megabytes(tables),
        thousands(rows),
        megabytes(kept)
    )
}

/// The sizes of an experiment's files.
pub fn sizes(plan: &Plan) -> FileSizes {
    let mut sizes = FileSizes {
        rows: 0,
        tables: 0,
        kept: 0,
    };
    for arm in &plan.arms {
        let batch = arm.settings.batch;
        let epoch = batch.steps_per_epoch(plan.sizes.train as usize);
        let end = arm.settings.stop.at_most().steps(epoch);
        let moments = arm.settings.measure.when.due(epoch, end).count();
        let rows = moments * rows_of_a_moment(plan, arm);
        let (runs, trials) = (plan.seeds.len() as u64, trial_runs(plan, arm) as u64);
        sizes.rows += runs * rows;
        sizes.tables += runs * rows * (ROW + arm.slug.len() as u64);
        sizes.kept += (runs + trials) * (KEPT.0 + rows * KEPT.1);
    }
    sizes
}

/// Rows that one measurement adds, where every metric that is written has a value.
fn rows_of_a_moment(plan: &Plan, arm: &Arm) -> u64 {
    let settings = &arm.settings;
    let layers = settings.network.layers(&plan.facts, plan.facts.kind.outputs()).len();
    let groups = if layers > 1 { layers + 2 } else { layers + 1 };
    let (proposers, references) = (1 + arm.shadows.len(), settings.measure.against.len().max(1));
    let own = usize::from(arm.rule.rule.predicts());
    let sizes = plan.sizes;
    let splits = [sizes.train, sizes.validation, sizes.test];
    let splits = splits.iter().filter(|samples| **samples > 0).count();
    let of = |metric: &Metric| match metric.subject {
        Subject::Predictions => splits * (1 + own),
        Subject::Training => 1,
        Subject::Weights if metric.name.starts_with("feedback") => proposers * groups,
        Subject::Weights => groups,
        Subject::Probe if metric.name.starts_with("activity") => layers,
        Subject::Probe if metric.name.starts_with("estimator") => match settings.measure.draws {
            0 => 0,
            _ => 2 * proposers * groups,
        },
        Subject::Probe if metric.name.contains("update") => proposers * groups,
        Subject::Probe => proposers * references * groups,
    };
    let written = Metric::all().filter(|metric| settings.measure.metrics.writes(metric.name));
    written.map(|metric| of(metric) as u64).sum()
}

fn megabytes(bytes: u64) -> String {
    match bytes {
        ..1_000_000 => format!("{} kB", bytes.div_ceil(1000)),
        1_000_000..10_000_000_000 => format!("{} MB", bytes.div_ceil(1_000_000)),
        _ => format!("{} GB", bytes.div_ceil(1_000_000_000)),
    }
}

/// With blanks between groups of three digits.
fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let groups = digits.as_bytes().rchunks(3).rev();
    let groups: Vec<_> = groups
        .map(|group| String::from_utf8_lossy(group).into_owned())
        .collect();
    groups.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::builtin;

    /// Of runs that were carried out: never less, and not much more.
    #[test]
    fn no_result_is_larger_than_it_says() {
        for text in [
            "(task: Xor(samples: 64, test: 64), network: [4], stop: Epochs(2), batch: 8, seeds: 2, arms: [Backprop])",
            "(task: Xor, network: [6, 5], stop: Steps(20), measure: (every: Steps(3)), arms: [(rule: FeedbackAlignment, shadows: [Backprop, WeightMirror])])",
            "(task: Xor, network: [6], stop: Steps(20), arms: [PredictiveCoding, ForwardForward, (rule: NodePerturbation, measure: (draws: 10))])",
        ] {
            let plan = Plan::from_text(text, &builtin()).unwrap_or_else(|fault| panic!("{fault}"));
            let results = crate::run(&plan, &()).unwrap_or_else(|error| panic!("{error}"));
            let said = sizes(&plan);
            let rows = results.metrics.len() as u64;
            assert!(
                (rows..3 * rows).contains(&said.rows),
                "{} for {rows} of {text}",
                said.rows
            );
            let bytes: u64 = results.files().iter().map(|(_, bytes)| bytes.len() as u64).sum();
            assert!(
                (bytes / 2..4 * bytes).contains(&said.tables),
                "{} for {bytes} of {text}",
                said.tables
            );
        }
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!([7, 1000, 1_234_567].map(thousands), ["7", "1 000", "1 234 567"]);
    }
}
