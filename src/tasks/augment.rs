//! Shift and mirror the images of training batches at random, anew in each epoch.

use super::{Facts, Image};
use crate::network::Map;
use crate::random::{Purpose, Stream, below};
use crate::refusal::Refusal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How images of training batches are changed, anew in each epoch. What is measured sees them as they are: the validation part, the
/// test part, the training part too, and the probe batch. An autoencoder is to give back what it is given, the changed image.
///
/// What an image gets is a function of the run's seed, the sample and the epoch, so that neither batches nor arms change it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Augment {
    /// Most pixels by which an image moves up or down, and left or right, each number as likely; a single row, as that of a signal,
    /// moves left or right alone. The pixels that move in are 0 before scaling, as the background of digits is, and are then
    /// scaled as any other: what comes out is an image as the data set could have it.
    pub shift: usize,
    /// Whether columns stand in the opposite order, with probability 1/2.
    pub mirror: bool,
}

impl Augment {
    /// Whether images stay as they are.
    pub fn is_none(self) -> bool {
        self == Self::default()
    }

    /// Refuses what does not fit the task.
    ///
    /// # Errors
    /// If there are no images, they can be moved out of sight, cannot be changed at all, or are fresh for ever.
    pub fn check(self, facts: &Facts) -> Result<(), Refusal> {
        if self.is_none() {
            return Ok(());
        }
        let fault = |field: &str, reason: String, remedy: &str| Err(Refusal::new(field, reason, remedy));
        let Some(image) = facts.image else {
            return fault(
                "augment",
                format!(
                    "an image can be shifted or mirrored, and the inputs are {} numbers",
                    facts.inputs
                ),
                &format!(
                    "leave it out, or say in the task which image they are, such as {}",
                    Image::example(facts.inputs)
                ),
            );
        };
        if facts.streams {
            let reason = "the samples of a stream are fresh for ever, and each is seen once";
            return fault("augment", reason.into(), "leave it out, or use `stream: false`");
        }
        if self.mirror && image.columns == 1 {
            let reason = "has no effect: an image of one column is its own mirror image";
            return fault("augment.mirror", reason.into(), "leave it out");
        }
        if self.shift > 0 && image.positions() == 1 {
            let reason = "has no effect: an image of one pixel has nowhere to go";
            return fault("augment.shift", reason.into(), "leave it out");
        }
        for (size, what) in [(image.rows, "rows"), (image.columns, "columns")] {
            if size > 1 && self.shift >= size {
                let reason = format!("{} pixels move all {size} {what} out of the image", self.shift);
                return fault("augment.shift", reason, &format!("use at most {}", size - 1));
            }
        }
        Ok(())
    }
}

/// The changes of all images of a run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Augmentation {
    pub augment: Augment,
    pub image: Map,
    /// The run's.
    pub seed: u64,
}

/// The changes of the images of an epoch.
#[derive(Clone, Copy)]
pub(super) struct EpochChanges {
    of: Augmentation,
    warm_up: bool,
    epoch: u64,
}

/// The change of one image: mirrored, then moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct ImageChange {
    mirrored: bool,
    /// Rows down, columns to the right.
    by: [isize; 2],
}

impl Augmentation {
    /// Those in an epoch of training, or of the warm-up.
    pub fn in_epoch(self, purpose: Purpose, epoch: u64) -> EpochChanges {
        EpochChanges {
            of: self,
            warm_up: purpose == Purpose::WarmUpOrder,
            epoch,
        }
    }
}

impl EpochChanges {
    /// What becomes of a sample. All three numbers are drawn whatever is asked for, so that none moves another.
    fn of(&self, sample: u32) -> ImageChange {
        let Augmentation { augment, image, seed } = self.of;
        let index = u64::from(sample) | u64::from(self.warm_up) << 32;
        let generator = &mut Stream::new(seed, Purpose::Augment, index, self.epoch).generator();
        let mut by = |size| {
            let most = if size > 1 { augment.shift } else { 0 };
            below(2 * most as u64 + 1, generator) as isize - most as isize
        };
        let by = [by(image.rows), by(image.columns)];
        ImageChange {
            mirrored: below(2, generator) == 1 && augment.mirror,
            by,
        }
    }

    /// Fills `to` with the image `from` of a sample, changed; what moves in is 0.
    pub fn write<S: Copy + Default>(&self, sample: u32, from: &[S], to: &mut [S]) {
        let ImageChange { mirrored, by } = self.of(sample);
        let Map { rows, columns, .. } = self.of.image;
        let [down, right] = by;
        to.fill(S::default());
        // rows and columns of `to` that have some of the image, and where they were
        let kept = |size: usize, by: isize| by.max(0) as usize..size - (-by).max(0) as usize;
        let channels = from
            .chunks_exact(rows * columns)
            .zip(to.chunks_exact_mut(rows * columns));
        for (from, to) in channels {
            for row in kept(rows, down) {
                let from = &from[row.wrapping_add_signed(-down) * columns..][..columns];
                let to = &mut to[row * columns..][..columns];
                for column in kept(columns, right) {
                    let was = column.wrapping_add_signed(-right);
                    to[column] = from[if mirrored { columns - 1 - was } else { was }];
                }
            }
        }
    }
}
