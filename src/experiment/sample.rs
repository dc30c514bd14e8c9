//! Draw single runs of a plan.

use super::{Arm, Plan, write};
use crate::digest::sha256;

impl Plan {
    /// So many of its runs, a plan for each, in the order of a digest of what they are: the same ones each time. Nothing is tuned or
    /// compared in them; tuned arms must have been [`settled`](Plan::settled).
    pub fn sample(&self, runs: usize) -> Vec<Self> {
        let of_arm = |arm| self.seeds.iter().map(move |seed| (arm, *seed));
        let mut all: Vec<(&Arm, u64)> = self.arms.iter().flat_map(of_arm).collect();
        all.sort_by_cached_key(|(arm, seed)| sha256(format!("{seed} {}", arm.fingerprint).as_bytes()));
        let one = |(arm, seed): (&Arm, u64)| {
            let mut plan = Self {
                arms: vec![arm.clone()],
                seeds: vec![seed],
                tuning: None,
                compare: None,
                replication: None,
                ..self.clone()
            };
            plan.text = write::experiment(&plan);
            plan
        };
        all.into_iter().take(runs).map(one).collect()
    }
}
