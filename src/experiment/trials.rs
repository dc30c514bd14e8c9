//! Make arms of the trials of arms that are tuned, and plans of what was chosen.

use super::{Arm, Measure, Plan, Save, Stop, Trial, When, label, write};
use crate::metrics::Choice;

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
        arm.fingerprint.fields = write::arm(&arm);
        arm
    }
}

impl Plan {
    /// The arms of all trials, arm by arm, trial by trial, as they are run.
    pub fn arms_on_trial(&self) -> Vec<Arm> {
        let of_arm = |arm: &Arm| -> Vec<Arm> { arm.trials.iter().map(|trial| arm.on_trial(trial)).collect() };
        self.arms.iter().flat_map(of_arm).collect()
    }

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
        let trials = self.arms.iter().flat_map(|arm| &arm.trials);
        let mut paths: Vec<String> = Vec::new();
        for (path, _) in trials.flat_map(|trial| &trial.taken) {
            if !paths.contains(path) {
                paths.push(path.clone());
            }
        }
        paths
    }
}
