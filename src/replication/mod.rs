//! Hold results to what was published, and keep the outcome as a table.

mod judge;
mod record;
mod table;

pub use judge::{ClaimVerdict, judge, judge_theory};
pub use record::{Judged, Judgement, ReplicationRecord, VerdictRow};
pub use table::{lines, markdown, met};
