//! Carry out runs.

mod batches;
mod changes;
mod checkpoint;
mod error;
mod explain;
mod explanation;
mod gradient_check;
mod keeping;
mod kept;
mod measuring;
mod observer;
mod opening;
mod parts;
mod pass;
mod pool;
mod predict;
mod record;
mod rows;
mod run;
mod saving;
mod seating;
mod session;
mod settling;
mod shard;
mod store;
mod surface;
mod tables;
mod times;
mod training;
mod tuning;
mod watch;

pub use checkpoint::RunUnderWay;
pub use error::{RuleFailure, RunError};
pub use explain::{Looked, Unexplained, explain};
pub use explanation::{Explanation, LayerExplanation, NUDGE, OwnedArray, WeightCheck};
pub use gradient_check::{BOUND, Errors, LayerCheck, MOST, STEPS, check, gradient_check};
pub use observer::{Observer, Stage};
pub use parts::{PartDone, StageStanding, forecast};
pub use pool::run;
pub use predict::predict;
pub use record::Outcome;
pub use rows::{Overview, Results};
pub use run::Run;
pub use session::Session;
pub use shard::Shard;
pub use surface::{Ground, Surface, WayPoint};
pub use training::{Batch, Diverged, Owner, Seat, Training};

pub use watch::{Watch, WatchedArm};

use seating::Seating;
use tuning::{Choices, Tried, choose};
