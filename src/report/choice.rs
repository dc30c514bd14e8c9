//! Choose what of a result is drawn: which arms, in which order, under which labels, and which layers.

use super::data::Data;
use crate::notation::remedy;
use std::collections::BTreeSet;

/// What is drawn; what is left open stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PrintChoice {
    /// Arms by slug or label, in the order in which they are drawn; empty: all.
    pub arms: Vec<String>,
    /// Arms by slug or label that come first, in this order.
    pub first: Vec<String>,
    /// Arms by slug or label, with other labels.
    pub labels: Vec<(String, String)>,
    /// Layers, such as `layer1` or `hidden`; empty: all.
    pub layers: Vec<String>,
}

impl Data {
    /// Leaves out what is not chosen, and puts the rest in order; there are these layers.
    ///
    /// # Errors
    /// An arm or a layer that there is not, with the nearest.
    pub(super) fn choose(&mut self, choice: &PrintChoice, layers: &BTreeSet<String>) -> Result<(), String> {
        let mut order: Vec<usize> = match choice.arms.is_empty() {
            true => (0..self.arms.len()).collect(),
            false => self.places(&choice.arms)?,
        };
        let first = self.places(&choice.first)?;
        order.sort_by_key(|place| first.iter().position(|other| other == place).unwrap_or(first.len()));
        let mut labels = Vec::new();
        for (arm, label) in &choice.labels {
            labels.push((self.place(arm)?, label.clone()));
        }
        for (place, label) in labels {
            self.arms[place].row.label = label;
        }
        for layer in &choice.layers {
            if !layers.contains(layer) {
                let names = || layers.iter().map(|name| &**name);
                return Err(unknown("layer", layer, names().collect()));
            }
        }
        if !choice.layers.is_empty() {
            self.keep_layers(|layer| choice.layers.iter().any(|chosen| chosen == layer));
        }
        self.rearrange(&order);
        Ok(())
    }

    fn places(&self, arms: &[String]) -> Result<Vec<usize>, String> {
        let mut places = Vec::new();
        for arm in arms {
            let place = self.place(arm)?;
            if !places.contains(&place) {
                places.push(place);
            }
        }
        Ok(places)
    }

    /// Of the arm with this slug or label.
    fn place(&self, arm: &str) -> Result<usize, String> {
        let rows = || self.arms.iter().map(|arm| &arm.row);
        let found = rows().position(|row| row.arm == arm || row.label == arm);
        found.ok_or_else(|| unknown("arm", arm, rows().map(|row| &*row.arm).collect()))
    }
}

fn unknown(what: &str, name: &str, names: Vec<&str>) -> String {
    format!("no {what} is called `{name}`; {}", remedy(name, names))
}
