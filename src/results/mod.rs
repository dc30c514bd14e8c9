//! Write, read and summarise the files that an experiment leaves.

mod error;
pub mod files;
mod order;
mod summary;
mod table;
mod tables;
pub mod weights;

pub use error::Error;
pub use order::in_file_order;
pub use summary::summary;
pub use table::{Row, column, encode, read, rows};
pub use tables::{
    ArmRow, ArmTable, At, Interval, MetricRow, Prediction, RunRow, Score, Scores, Status, SummaryRow, TuningRow,
};
