//! Say what is tuned and how: trials of an arm, of which the validation part chooses one.

use super::{Arm, Measure, NamedRule, Plan, Save, Settings, Stop, When, label, write};
use crate::metrics::Choice;
use std::fmt;
use std::ops::Range;

/// Seeds of trials begin here, so that choosing sees no run that is reported.
pub const FIRST_SEED: u64 = 1_000_000;

/// What trials are judged by: the validation part at the end of training, of the rule's own prediction where it has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Criterion {
    /// The higher the better.
    Accuracy,
    /// The lower the better.
    Loss,
}

/// As files have it.
impl fmt::Display for Criterion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Accuracy => "accuracy",
            Self::Loss => "loss",
        })
    }
}

/// How to choose among trials: by the mean over seeds of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tuning {
    /// What is compared.
    pub by: Criterion,
    /// Runs of each trial, with the seeds 1,000,000, 1,000,001, ...
    pub seeds: u64,
}

impl Tuning {
    /// The seeds of every trial.
    pub fn seeds(&self) -> Range<u64> {
        FIRST_SEED..FIRST_SEED + self.seeds
    }
}

/// One way of filling in what an arm leaves to tuning.
#[derive(Clone)]
pub struct Trial {
    /// Paths and what stands there in this trial.
    pub taken: Vec<(String, String)>,
    /// The rule.
    pub rule: NamedRule,
    /// What it is run with.
    pub settings: Settings,
    /// As [`Arm::fingerprint`].
    pub fingerprint: String,
}

impl Arm {
    /// Whether something of it is, or was, tuned.
    pub fn is_tuned(&self) -> bool {
        !self.tuned_fields.is_empty()
    }

    /// The arm with a trial's settings filled in, and nothing left to tune.
    pub fn settled(&self, trial: &Trial) -> Self {
        Self {
            rule: trial.rule.clone(),
            settings: trial.settings.clone(),
            fingerprint: trial.fingerprint.clone(),
            trials: Vec::new(),
            ..self.clone()
        }
    }

    /// The arm as a trial is run: it trains as it would, but without shadows and references, and it is measured no more often
    /// than needed.
    pub fn on_trial(&self, trial: &Trial) -> Self {
        let mut arm = self.settled(trial);
        let settings = &mut arm.settings;
        let when = match settings.stop {
            Stop::Early { .. } => settings.measure.when.clone(),
            Stop::Epochs(_) | Stop::Steps(_) => When::At(Vec::new()),
        };
        settings.measure = Measure {
            when,
            against: Vec::new(),
            probe: 1,
            draws: 0,
            // what a trial is judged by is known without a row
            metrics: Choice::of(["loss"]),
        };
        settings.save = Save::default();
        arm.shadows = Vec::new();
        let checksums = arm.fingerprint.find('\n').map_or("", |line| &arm.fingerprint[line..]);
        arm.fingerprint = write::fields(&write::arm(&arm)) + checksums;
        arm
    }
}

impl Plan {
    /// The plan with one trial chosen for each tuned arm: `choices` names them in the order of the tuned arms.
    pub fn settled(&self, choices: &[usize]) -> Self {
        let mut plan = self.clone();
        let tuned = plan.arms.iter_mut().filter(|arm| !arm.trials.is_empty());
        for (arm, choice) in tuned.zip(choices) {
            *arm = arm.settled(&arm.trials[*choice]);
        }
        plan.paths = label::fill_in_values(&mut plan.arms, &self.tuned_paths());
        plan
    }

    /// The paths that are tuned in some arm, in the order of the file.
    pub fn tuned_paths(&self) -> Vec<String> {
        let mut paths = Vec::new();
        let taken = self
            .arms
            .iter()
            .flat_map(|arm| &arm.trials)
            .flat_map(|trial| &trial.taken);
        for (path, _) in taken {
            if !paths.contains(path) {
                paths.push(path.clone());
            }
        }
        paths
    }
}
