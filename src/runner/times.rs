//! Tell in the manifest how long each run took.

use super::store::Store;
use crate::experiment::Plan;
use crate::results::ResultsError;
use crate::results::manifest::{Manifest, TimeOfRun};
use serde::ser::{Error, SerializeSeq};
use serde::{Serialize, Serializer};
use serde_json::value::{RawValue, to_raw_value};
use std::collections::BTreeMap;

/// The times of all runs that are known, in the order of the plan.
pub struct TimesOfRuns<'a> {
    plan: &'a Plan,
    store: &'a Store<'a>,
    /// Arm by arm, seed by seed.
    seconds: Vec<Option<f64>>,
}

impl<'a> TimesOfRuns<'a> {
    /// None is known.
    pub fn new(plan: &'a Plan, store: &'a Store<'a>) -> Self {
        Self {
            plan,
            store,
            seconds: vec![None; plan.arms.len() * plan.seeds.len()],
        }
    }

    /// The run of the arm and the seed with these places in the plan took so long, where that is known.
    pub fn set(&mut self, arm: usize, seed: usize, seconds: Option<f64>) {
        self.seconds[arm * self.plan.seeds.len() + seed] = seconds;
    }

    /// Takes what is not known yet from the manifest that is there: earlier versions told it nowhere else.
    ///
    /// # Errors
    /// The file system refuses.
    pub fn fill(&mut self) -> Result<(), ResultsError> {
        if self.seconds.iter().all(Option::is_some) {
            return Ok(());
        }
        let before = match Manifest::read(self.store.folder()) {
            Ok(before) => before.map(|before| before.times_of_runs()).unwrap_or_default(),
            // a damaged manifest tells nothing
            Err(ResultsError::Unfit { .. }) => return Ok(()),
            Err(error) => return Err(error),
        };
        let known: BTreeMap<String, f64> = before.into_iter().map(|time| (time.key, time.seconds)).collect();
        for i in (0..self.seconds.len()).filter(|_| !known.is_empty()) {
            if self.seconds[i].is_none() {
                self.seconds[i] = known.get(&self.key(i)).copied();
            }
        }
        Ok(())
    }

    fn key(&self, i: usize) -> String {
        let (arm, seed) = (i / self.plan.seeds.len(), i % self.plan.seeds.len());
        self.store.key(&self.plan.arms[arm], self.plan.seeds[seed])
    }

    /// Of one run, on one line.
    fn told(&self, i: usize, seconds: f64) -> serde_json::Result<Box<RawValue>> {
        let seeds = self.plan.seeds.len();
        to_raw_value(&TimeOfRun {
            arm: self.plan.arms[i / seeds].slug.clone(),
            seed: self.plan.seeds[i % seeds],
            key: self.key(i),
            seconds,
        })
    }
}

impl Serialize for TimesOfRuns<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        for (i, seconds) in self.seconds.iter().enumerate() {
            if let Some(seconds) = *seconds {
                list.serialize_element(&self.told(i, seconds).map_err(S::Error::custom)?)?;
            }
        }
        list.end()
    }
}
