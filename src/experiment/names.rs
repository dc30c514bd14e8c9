//! Name the fields of experiment files, and what makes several values of one.

/// Makes one arm per value.
pub(super) const EACH: &str = "Each";
/// Lets the validation part choose a value.
pub(super) const TUNE: &str = "Tune";

/// The fields of an experiment.
pub(super) const FIELDS: &[&str] = &[
    "name",
    "task",
    "split",
    "scale",
    "label_noise",
    "augment",
    "network",
    "loss",
    "optimizer",
    "batch",
    "stop",
    "warm_up",
    "precision",
    "seeds",
    "measure",
    "save",
    "tune",
    "compare",
    "replication",
    "arms",
];

/// Names, and behind them the settings, which stand here alone.
macro_rules! and_settings {
    ($($name:literal),*) => {
        &[$($name,)* "network", "loss", "optimizer", "batch", "stop", "warm_up", "measure", "save"]
    };
}

/// The fields that an arm may repeat; its value replaces the experiment's whole.
pub const SETTINGS: &[&str] = and_settings!();

/// The fields of an arm.
pub(super) const ARM: &[&str] = and_settings!("label", "rule", "shadows");

/// What validation can choose: what a run is trained with.
pub(super) const TUNABLE: &[&str] = &["rule", "network", "loss", "optimizer", "batch", "stop", "warm_up"];
