//! Read the optimizer and refuse impossible numbers where they stand.

use super::Result;
use crate::notation::{Mistake, Options};
use crate::update::Optimizer;

pub(super) fn read(options: &Options<'_>) -> Result<Optimizer> {
    let optimizer: Optimizer = options.read("optimizer")?.unwrap_or_default();
    optimizer.check().map(|()| optimizer).map_err(|(option, reason)| {
        options.blame(
            &format!("optimizer.{option}"),
            Mistake::new(format!("`{option}` {reason}")),
        )
    })
}
