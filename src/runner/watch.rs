//! Look on while runs are carried out, in this process or another: nothing is written, and no lock is taken.

use super::checkpoint::RunUnderWay;
use super::kept::Kept;
use crate::experiment::{FIRST_SEED, Plan};
use crate::metrics::{ACCURACY, LOSS};
use crate::results::manifest::Manifest;
use crate::results::{Folder, MetricRow, ResultsError, SegmentReader, Status, checkpoints};
use std::collections::BTreeSet;

/// Somebody who looks at an experiment in one folder or, where it is carried out in parts, in several.
pub struct Watch<'a> {
    plan: &'a Plan,
    folders: Vec<(Folder, SegmentReader)>,
    /// The keys of all records that were read.
    seen: BTreeSet<String>,
    /// In the order of the plan.
    pub arms: Vec<WatchedArm>,
    /// As the last checkpoints say.
    pub under_way: Vec<RunUnderWay>,
    /// Whether the tables of a folder are written.
    pub has_tables: bool,
}

/// What is known of an arm.
#[derive(Clone, Debug, Default)]
pub struct WatchedArm {
    /// Runs that have ended, and how many there will be.
    pub runs: (usize, usize),
    /// The same of trials.
    pub trials: (usize, usize),
    /// Runs that diverged.
    pub diverged: usize,
    /// What `curve` is of, such as `test accuracy`.
    pub quantity: String,
    /// What was measured in the run that ended last.
    pub curve: Vec<f64>,
    /// Sum over the runs that finished of the last value, and their number.
    last: (f64, usize),
}

impl WatchedArm {
    /// The mean over finished runs of the last value of the quantity.
    pub fn mean(&self) -> Option<f64> {
        let (sum, count) = self.last;
        (count > 0).then(|| sum / count as f64)
    }
}

impl<'a> Watch<'a> {
    /// Nothing has been looked at yet.
    pub fn new(plan: &'a Plan, folders: Vec<Folder>) -> Self {
        let seeds = plan.tuning.map_or(0, |tuning| tuning.seeds as usize);
        let arm = |trials: usize| WatchedArm {
            runs: (0, plan.seeds.len()),
            trials: (0, trials * seeds),
            ..WatchedArm::default()
        };
        Self {
            arms: plan.arms.iter().map(|one| arm(one.trials.len())).collect(),
            plan,
            folders: folders
                .into_iter()
                .map(|folder| (folder, SegmentReader::default()))
                .collect(),
            seen: BTreeSet::new(),
            under_way: Vec::new(),
            has_tables: false,
        }
    }

    /// Runs and trials that have ended, and all there will be.
    pub fn ended(&self) -> (usize, usize) {
        let counts = self.arms.iter().flat_map(|arm| [arm.runs, arm.trials]);
        counts.fold((0, 0), |sum, (ended, all)| (sum.0 + ended.min(all), sum.1 + all))
    }

    /// Looks at what has come since the last time.
    ///
    /// # Errors
    /// The file system refuses.
    pub fn look(&mut self) -> Result<(), ResultsError> {
        let (mut found, mut begun) = (Vec::new(), Vec::new());
        self.has_tables = false;
        for (folder, reader) in &mut self.folders {
            reader.read_on(folder, |key, body| found.push((key.to_owned(), body.to_vec())))?;
            for key in checkpoints::keys(folder)? {
                let latest = checkpoints::latest_body(folder, &key)?;
                begun.push((key, latest.and_then(RunUnderWay::read)));
            }
            // one that is being replaced tells nothing
            let manifest = Manifest::read(folder).ok().flatten();
            self.has_tables |= manifest.is_some_and(|manifest| manifest.is_finished());
        }
        for (key, body) in found {
            if self.seen.insert(key)
                && let Some(kept) = Kept::decode(&body)
            {
                self.add(kept);
            }
        }
        begun.retain(|(key, _)| !self.seen.contains(key));
        self.under_way = begun.into_iter().filter_map(|(_, run)| run).collect();
        Ok(())
    }

    /// Counts a run of this experiment; others are of earlier settings.
    fn add(&mut self, kept: Kept) {
        let Some(outcome) = kept.outcome() else { return };
        let run = &outcome.run;
        let Some(place) = self.plan.arms.iter().position(|arm| arm.slug == run.arm) else {
            return;
        };
        let arm = &mut self.arms[place];
        if arm.trials.1 > 0 && run.seed >= FIRST_SEED {
            arm.trials.0 += 1;
            return;
        }
        if !self.plan.seeds.contains(&run.seed) {
            return;
        }
        arm.runs.0 += 1;
        if run.status == Status::Diverged {
            arm.diverged += 1;
            return;
        }
        let Some((quantity, curve)) = curve(&outcome.metrics) else {
            return;
        };
        let last = curve.last().copied().unwrap_or_default();
        arm.last = (arm.last.0 + last, arm.last.1 + 1);
        (arm.quantity, arm.curve) = (quantity, curve);
    }
}

/// The first of these that was measured: accuracy, then loss, on the test, the validation, the training part.
fn curve(rows: &[MetricRow]) -> Option<(String, Vec<f64>)> {
    let quantities = [ACCURACY, LOSS].into_iter();
    let mut quantities =
        quantities.flat_map(|metric| ["test", "validation", "train"].map(|split| (metric.name, split)));
    quantities.find_map(|(metric, split)| {
        let of_quantity = rows.iter().filter(|row| (&*row.metric, &*row.split) == (metric, split));
        let mut steps: Vec<_> = of_quantity.map(|row| (row.step, row.value)).collect();
        steps.sort_by_key(|(step, _)| *step);
        let values: Vec<f64> = steps.into_iter().map(|(_, value)| value).collect();
        (!values.is_empty()).then(|| (format!("{split} {metric}"), values))
    })
}
