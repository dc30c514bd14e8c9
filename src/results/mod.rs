//! Write, read and summarise the files that an experiment leaves.

mod abilities;
mod bounds;
pub mod checkpoints;
mod comparisons;
pub mod difference;
mod error;
mod experiment;
pub mod files;
mod folder;
mod loaded;
#[cfg(test)]
pub(crate) mod made_up;
pub mod manifest;
mod meaning;
mod moments;
pub mod names;
mod new_file;
mod order;
pub mod predictions;
mod question;
mod saved;
mod segments;
mod summary;
mod table;
mod table_file;
mod tables;
mod tuning;

pub use comparisons::{ComparisonRow, PairedValues, compare_seeds, family, rewrite_comparisons};
pub use difference::Difference;
pub use error::ResultsError;
pub(crate) use error::remedy;
pub use experiment::{experiment, experiment_in};
pub use folder::{EntryKind, Folder, Lock};
pub use loaded::Loaded;
pub use meaning::{Cell, Meaning};
pub use moments::{at_moments, moments};
pub use new_file::NewFile;
pub use order::{Series, in_file_order};
pub use predictions::Predicted;
pub use question::{Question, USUAL_REFERENCE, ValuesBySeed};
pub use saved::{Description, Saved, saved_steps};
pub use segments::{SegmentReader, Segments, WINDOW};
pub use summary::{ArmSamples, summary};
pub use table::{Row, encode, read, rows, rows_of_runs};
pub use table_file::{TableFile, WrittenTable};
pub use tables::{
    ArmRow, ArmTable, At, IntervalMethod, MetricRow, Prediction, RunRow, Score, Scores, Status, SummaryRow,
};
pub use tuning::{Edge, TuningRow, edges};
