//! Read the entries of `hidden`, and say where one of them cannot be.

use super::super::hidden::{self, HiddenEntry};
use super::super::layout::{self, LayerPlan, NetworkInputs};
use super::Result;
use crate::notation::{Mistake, Options};

/// The entries, if there are any.
pub(super) fn read(parts: &Options<'_>) -> Result<Option<Vec<HiddenEntry>>> {
    let field = parts.get("hidden");
    field.map(|field| hidden::entries(&field.value)).transpose()
}

/// The layers that the entries make.
pub(super) fn lay_out(
    parts: &Options<'_>,
    inputs: NetworkInputs,
    entries: &[HiddenEntry],
    outputs: usize,
) -> Result<Vec<LayerPlan>> {
    layout::layers(inputs, entries, outputs).map_err(|flaw| {
        let mistake = Mistake::new(flaw.title).help(flaw.help);
        let items = parts.get("hidden").and_then(|field| field.value.items());
        match items.and_then(|items| items.get(flaw.entry).cloned()) {
            Some(item) if flaw.option.is_empty() => mistake.at(item.span()),
            Some(item) => match item.locate(flaw.option) {
                Some(value) => mistake.at(value.span()),
                None => mistake.at(item.span()),
            },
            None => mistake.at(parts.place("hidden")),
        }
    })
}
