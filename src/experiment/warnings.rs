//! Warn of settings that have no effect, or that are common slips.

use super::settings::BatchSize;
use super::{Arm, Plan};
use crate::loss::{Loss, Over};
use crate::network::Activation;
use crate::tasks::{Kind, Scale, Split, TargetScaling};
use crate::update::{Duration, Factor, Schedule};

/// So many arms are named where they share a warning.
const MOST_NAMED: usize = 3;

impl Plan {
    /// What a user should know before running: `label: warning` for arms, then what is about the experiment as a whole. What several
    /// arms share is said once.
    pub fn warnings(&self) -> impl Iterator<Item = String> {
        let mut shared: Vec<(String, Vec<&str>)> = Vec::new();
        for arm in &self.arms {
            for warning in self.of_arm(arm) {
                match shared.iter_mut().find(|(text, _)| *text == warning) {
                    Some((_, labels)) => labels.push(&arm.label),
                    None => shared.push((warning, vec![&arm.label])),
                }
            }
        }
        let said = |(text, labels): &(String, Vec<&str>)| format!("{}: {text}", named(labels, self.arms.len()));
        let of_arms: Vec<_> = shared.iter().map(said).collect();
        of_arms
            .into_iter()
            .chain(self.idle_augmentation())
            .chain(self.uneven_folds())
            .chain(self.too_few_seeds())
    }

    /// The warning about the number of seeds, if they are too few for the comparison asked for.
    fn too_few_seeds(&self) -> Option<String> {
        self.compare.as_ref()?.warning(self.arms.len(), self.seeds.len())
    }

    /// The warning about `augment` where it changes nothing.
    fn idle_augmentation(&self) -> Option<String> {
        let said = self
            .document
            .root()
            .locate("augment")
            .filter(|_| self.augment.is_none());
        said.map(|_| "augment: without `shift` and without `mirror` images stay as they are; leave it out".into())
    }

    /// The warning that some folds are tested on more often than others.
    fn uneven_folds(&self) -> Option<String> {
        let Split::Folds(_) = self.split else { return None };
        let folds = self.split.default_seeds(&self.folder).ok().filter(|folds| *folds > 0)?;
        let mut tested = vec![0; folds as usize];
        self.seeds.iter().for_each(|seed| tested[(seed % folds) as usize] += 1);
        let (least, most) = (tested.iter().min()?, tested.iter().max()?);
        (least < most).then(|| {
            format!(
                "seeds: seed s tests on fold s mod {folds}, so that some folds are tested on {most} times and others {least} \
                 times; give as many seeds in a row as there are folds, or a multiple: `seeds: {folds}`"
            )
        })
    }

    /// The warnings about an arm, each once, whichever of its trials they are about.
    fn of_arm(&self, arm: &Arm) -> Vec<String> {
        let own = std::iter::once((&arm.rule, &arm.settings));
        let trials = arm.trials.iter().map(|trial| (&trial.rule, &trial.settings));
        let mut warnings = Vec::new();
        for (rule, settings) in own.chain(trials) {
            let found = [
                rule.rule.warning(&settings.optimizer),
                repeated_factor(&settings.optimizer.schedule),
                bounded_logits(settings.loss, settings.network.output, self.facts.kind, &self.scale),
                self.large_batch(settings.batch.size),
            ];
            for warning in found.into_iter().flatten() {
                if !warnings.contains(&warning) {
                    warnings.push(warning);
                }
            }
        }
        warnings
    }

    /// The warning about a batch that there are too few samples for; of the default nobody asked for more.
    fn large_batch(&self, size: BatchSize) -> Option<String> {
        let BatchSize::Samples(size) = size else { return None };
        let train = self.sizes.train as usize;
        if size <= train || !self.states_batch() {
            return None;
        }
        let whole = if self.facts.streams {
            "an epoch of the stream"
        } else {
            "the training part"
        };
        Some(format!(
            "a batch of {size} is more than {whole} has: each step takes its {train} samples; `size: Full` says so"
        ))
    }

    /// Whether the file says something of batches.
    fn states_batch(&self) -> bool {
        let root = self.document.root();
        let arms = root.locate("arms").and_then(|arms| arms.items()).unwrap_or_default();
        root.locate("batch").is_some() || arms.iter().any(|arm| arm.locate("batch").is_some())
    }
}

/// The arms that a warning is about, in words.
fn named(labels: &[&str], arms: usize) -> String {
    match labels.len() {
        all if all == arms && arms > 1 => "all arms".into(),
        few if few <= MOST_NAMED => labels.join(", "),
        many => format!(
            "{} and {} other arms",
            labels[..MOST_NAMED - 1].join(", "),
            many - (MOST_NAMED - 1)
        ),
    }
}

/// The warning about a factor that changes nothing, since it is the one before: a habit from schedulers that multiply again.
fn repeated_factor(schedule: &Schedule) -> Option<String> {
    let repeated = |factor: &Factor| -> Option<(f64, Duration)> {
        let Factor::Piecewise(pieces) = factor else { return None };
        let before = std::iter::once(1.0).chain(pieces.iter().map(|(_, factor)| *factor));
        let mut pairs = before.zip(pieces);
        pairs
            .find(|(before, (_, factor))| before == factor)
            .map(|(before, (at, _))| (before, *at))
    };
    let (factor, at) = schedule.0.iter().find_map(repeated)?;
    Some(format!(
        "`Piecewise` has the factor {factor:?} from {at:?} on as before, which changes nothing: factors multiply the stated rate, not \
         the last one; write their products"
    ))
}

/// The warning about an output activation whose range keeps the cross-entropy of logits from 0.
///
/// Logits in an interval of length `r` give the own class at most `e^r` times the share of another one, so the loss of an example
/// is at least `ln(1 + (C − 1) e^-r)` for `C` classes.
fn bounded_logits(loss: Loss, output: Activation, kind: Kind, scale: &Scale) -> Option<String> {
    let Kind::Classes(classes) = kind else { return None };
    // softened targets ask for a finite distance of the logits, and have an entropy of their own
    if !matches!(loss, Loss::CrossEntropy { .. }) || matches!(scale.targets, TargetScaling::Levels { .. }) {
        return None;
    }
    let (low, high) = output.range()?;
    let of_sum = (1.0 + (classes as f64 - 1.0) * (low - high).exp()).ln();
    let floor = match loss.over() {
        Over::Sum => of_sum,
        Over::Mean => of_sum / classes as f64,
    };
    Some(format!(
        "`{loss}` takes the outputs for logits, which `output: {output:?}` keeps between {low} and {high}: the loss of an example \
         cannot fall below {floor:.2}; leave `output` out"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_floor_of_bounded_logits_is_that_of_their_extremes() {
        let floor = |loss: Loss, output| bounded_logits(loss, output, Kind::Classes(10), &Scale::default());
        let warning = floor(Loss::CROSS_ENTROPY, Activation::Logistic).unwrap();
        // −ln(e / (e + 9)) = 1.4612
        assert!(warning.contains("cannot fall below 1.46;"), "{warning}");
        // −ln(e / (e + 9 / e)) = 0.7966
        let warning = floor(Loss::CROSS_ENTROPY, Activation::Tanh).unwrap();
        assert!(warning.contains("cannot fall below 0.80;"), "{warning}");
        let warning = floor(Loss::CrossEntropy { over: Over::Mean }, Activation::Logistic).unwrap();
        assert!(warning.contains("cannot fall below 0.15;"), "{warning}");
        for (loss, output) in [
            (Loss::CROSS_ENTROPY, Activation::Identity),
            (Loss::CROSS_ENTROPY, Activation::Relu),
            (Loss::LOGISTIC_CROSS_ENTROPY, Activation::Logistic),
            (Loss::HALF_SQUARES, Activation::Logistic),
        ] {
            assert_eq!(floor(loss, output), None, "{loss} {output:?}");
        }
    }
}
