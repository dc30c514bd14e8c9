//! Let a caller watch runs and end them.

/// What is watched while runs go on, by several threads; `()` watches nothing.
pub trait Observer: Sync {
    /// Runs are about to be carried out.
    fn begins(&self, _stage: &Stage) {}

    /// So many more steps have been taken, or were found in the checkpoint that a run goes on from.
    fn advanced(&self, _steps: u64) {}

    /// The runs of the stage are over, or were ended.
    fn ends(&self) {}

    /// Something that whoever asked for the runs should know of what they have come to, as a sentence.
    fn warns(&self, _warning: &str) {}

    /// Whether to end as soon as possible.
    fn interrupted(&self) -> bool {
        false
    }
}

impl Observer for () {}

/// Runs that are carried out together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stage {
    /// Whether they are trials, of which tuning chooses.
    pub tuning: bool,
    /// How many there are.
    pub runs: usize,
    /// How many of them were kept by an earlier call.
    pub kept: usize,
    /// How many of the others were begun by an earlier call, and go on from a checkpoint.
    pub begun: usize,
    /// Steps that the others take at most.
    pub steps: u64,
}
