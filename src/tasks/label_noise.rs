//! Give a share of the training part the label of another class.

use super::{Facts, Kind};
use crate::random::{Purpose, Stream, below, shuffle};
use crate::refusal::Refusal;
use serde::{Deserialize, Serialize};

/// The share of the training part whose label is replaced by another class, each other one as likely; 0: none.
///
/// Which samples, and by which class, is drawn from the run's seed, so that all arms see the same; a larger share replaces the labels
/// of a smaller one in the same way, and more. Validation and test part keep theirs. What is measured on the training part, the probe
/// batch included, is measured with the labels that the network is trained with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LabelNoise(pub f64);

impl LabelNoise {
    /// Refuses what is no share, and labels that have no other.
    ///
    /// # Errors
    /// If the share is not from 0 to 1, targets are values, there is one class alone, or samples are drawn as they are needed.
    pub fn check(self, facts: &Facts) -> Result<(), Refusal> {
        let fault = |reason: &str, remedy: &str| Err(Refusal::new("label_noise", reason, remedy));
        match facts.kind {
            _ if !(0.0..=1.0).contains(&self.0) => fault(
                "is a share of the training samples",
                "use a number from 0 to 1, such as 0.1",
            ),
            _ if self.0 == 0.0 => Ok(()),
            Kind::Values(_) => fault(
                "the targets of this task are values, and noise here gives labels of other classes",
                "leave it out, or use a task with classes",
            ),
            Kind::Classes(0 | 1) => fault("there is one class alone", "leave it out"),
            _ if facts.streams => fault(
                "the samples of a stream are fresh for ever, so that none keeps a label",
                "leave it out, or use `stream: false`",
            ),
            Kind::Classes(_) | Kind::Single => Ok(()),
        }
    }

    /// The labels of a run with this seed, of which those of the samples `train` may change.
    pub(super) fn apply(self, labels: &[u32], kind: Kind, train: &[u32], seed: u64) -> Vec<u32> {
        let others = match kind {
            Kind::Classes(classes) => classes as u64 - 1,
            Kind::Single | Kind::Values(_) => 1,
        };
        let mut generator = Stream::new(seed, Purpose::LabelNoise, 0, 0).generator();
        let (mut order, mut labels) = (train.to_vec(), labels.to_vec());
        shuffle(&mut order, &mut generator);
        order.truncate((self.0 * train.len() as f64).round() as usize);
        for sample in order {
            let label = &mut labels[sample as usize];
            let other = below(others, &mut generator) as u32;
            *label = other + u32::from(other >= *label);
        }
        labels
    }
}
