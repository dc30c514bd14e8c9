//! Tell how large an experiment is, and refuse more than the program or the machine can hold.

use super::{Arm, Plan, Precision, Tuning};
use crate::memory;

/// More runs, those of trials included, than anybody has asked for.
const MOST_RUNS: u64 = 10_000_000;

/// Why so many runs are refused; nothing where they are not.
pub(super) fn too_many_runs(arms: &[Arm], seeds: usize, tuning: Option<Tuning>) -> Option<String> {
    let trials: usize = arms.iter().map(|arm| arm.trials.len()).sum();
    let seeds_of_trials = tuning.map_or(0, |tuning| tuning.seeds);
    let runs = (arms.len() as u64).saturating_mul(seeds as u64);
    let runs = runs.saturating_add((trials as u64).saturating_mul(seeds_of_trials));
    (runs > MOST_RUNS).then(|| format!("these are {runs} runs; at most {MOST_RUNS} are possible"))
}

impl Plan {
    /// Why there is too little memory to run this with so many threads, and what helps; nothing where it may do. What is counted is
    /// what is needed in any case: the samples, and for each run its weights, a proposal and what the optimizer remembers.
    pub fn lacks_memory(&self, threads: usize) -> Option<String> {
        let number = match self.precision {
            Precision::F32 => 4,
            Precision::F64 => 8,
        };
        let outputs = self.facts.kind.outputs();
        let bytes = |arm: &Arm| {
            let parameters = arm.settings.network.parameters(&self.facts, outputs);
            (parameters * (2 + arm.settings.optimizer.arrays())) as u64 * number
        };
        let largest = self.arms.iter().map(bytes).max().unwrap_or(0);
        let together = threads.min(self.arms.len() * self.seeds.len()) as u64;
        let reason = memory::lacking(largest.saturating_mul(together).saturating_add(self.facts.bytes))?;
        Some(format!(
            "{reason}; use fewer threads (--threads 1), a smaller network or fewer samples"
        ))
    }
}
