//! Read the entries of `hidden`, and say where one of them cannot be.

use super::super::hidden::{self, Extent, HiddenEntry, Inputs, LayerPlan};
use super::Result;
use crate::notation::{Mistake, Node, Options};
use serde::Deserialize;

/// A pool by its size alone.
#[derive(Deserialize)]
enum ShortPool {
    MaxPool(Extent),
    AveragePool(Extent),
}

/// The entries, if there are any.
pub(super) fn read(parts: &Options<'_>) -> Result<Option<Vec<HiddenEntry>>> {
    let Some(field) = parts.get("hidden") else {
        return Ok(None);
    };
    let items = field.value.items();
    let items = items.ok_or_else(|| field.value.wrong_type("a list of layers, such as `[64, 64]`"))?;
    items.iter().map(entry).collect::<Result<_>>().map(Some)
}

fn entry(item: &Node<'_>) -> Result<HiddenEntry> {
    let pools = item
        .name()
        .is_some_and(|(name, _)| ["MaxPool", "AveragePool"].contains(&name));
    let entry = match pools && item.options().is_err() {
        true => match item.read::<ShortPool>()? {
            ShortPool::MaxPool(size) => HiddenEntry::MaxPool { size, stride: None },
            ShortPool::AveragePool(size) => HiddenEntry::AveragePool { size, stride: None },
        },
        false => item.read()?,
    };
    Ok(entry.completed())
}

/// The layers that the entries make.
pub(super) fn lay_out(
    parts: &Options<'_>,
    inputs: Inputs,
    entries: &[HiddenEntry],
    outputs: usize,
) -> Result<Vec<LayerPlan>> {
    hidden::layers(inputs, entries, outputs).map_err(|flaw| {
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
