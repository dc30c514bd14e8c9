//! Say below a figure what it shows: runs, intervals, and what a reader has to know of the arms.

use super::curve::Curve;
use super::data::{ArmRuns, Data};
use super::panel::FINEST;
use crate::results::IntervalMethod;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// What the bands of curves are.
pub fn bands() -> String {
    format!(
        "Lines are means over seeds; bands are {} of the mean (no band for a single run).",
        interval(IntervalMethod::T95)
    )
}

/// Intervals in words.
pub fn interval(method: IntervalMethod) -> &'static str {
    match method {
        IntervalMethod::T95 => "95 % Student t intervals",
        IntervalMethod::Bca95 => "95 % bootstrap intervals (bias-corrected and accelerated)",
    }
}

/// What bars are, and the numbers beside them; there are none without an interval.
pub fn bars(method: Option<IntervalMethod>) -> String {
    match method {
        Some(method) => format!("Bars and numbers after ± are {} of the mean.", interval(method)),
        None => "A single run has no interval.".to_owned(),
    }
}

/// That intervals are cut, where some are.
pub fn cut_intervals(some: bool) -> Option<String> {
    some.then(|| "Intervals that reach beyond an axis, or beyond what is possible, are cut there.".to_owned())
}

/// How many runs stand behind the curves.
pub fn runs(data: &Data, curves: &[&Curve]) -> String {
    let mut most: BTreeMap<usize, u64> = BTreeMap::new();
    let mut changes = false;
    for curve in curves {
        let count = |n: fn(u64, u64) -> u64| {
            curve
                .points
                .iter()
                .map(|point| point.n as u64)
                .reduce(n)
                .unwrap_or_default()
        };
        let n = most.entry(curve.arm).or_default();
        *n = count(u64::max).max(*n);
        changes |= count(u64::min) != count(u64::max);
    }
    let mut sentence = sample_sizes(data, &most);
    if changes {
        sentence.push_str(" There are fewer where runs had stopped, or were not measured.");
    }
    if curves.iter().any(|curve| curve.points.len() > FINEST) {
        let _ = write!(sentence, " Of the moments measured, {FINEST} evenly spread are drawn.");
    }
    sentence
}

/// n of each arm, said once where it is the same.
pub fn sample_sizes(data: &Data, sizes: &BTreeMap<usize, u64>) -> String {
    let mut arms_of: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
    for (&arm, &n) in sizes {
        arms_of.entry(n).or_default().push(arm);
    }
    let Some((&usual, _)) = arms_of.iter().max_by_key(|(_, arms)| arms.len()) else {
        return String::new();
    };
    let plural = if usual == 1 { "seed" } else { "seeds" };
    let others = arms_of.iter().filter(|(n, _)| **n != usual);
    let others: Vec<String> = others
        .map(|(n, arms)| format!("n = {n} for {}", labels(data, arms)))
        .collect();
    match others.is_empty() {
        true => format!("n = {usual} {plural} for every arm."),
        false => format!("n = {usual} {plural}, but {}.", others.join("; ")),
    }
}

/// What has to be known of arms: those drawn, and those that are not.
pub fn about_arms(data: &Data, drawn: &BTreeSet<usize>) -> Vec<String> {
    let of_drawn = |holds: fn(&ArmRuns) -> bool| -> Vec<usize> {
        let arms = drawn.iter().copied();
        arms.filter(|&arm| holds(&data.arms[arm])).collect()
    };
    let own = of_drawn(ArmRuns::predicts_itself);
    let untuned = of_drawn(|arm| arm.tuned == Some(false));
    let absent: Vec<usize> = data.drawable().filter(|arm| !drawn.contains(arm)).collect();
    let label = |arm: &ArmRuns| arm.row.label.clone();
    let edges = drawn.iter().map(|&arm| &data.arms[arm]);
    let edges = edges.flat_map(|arm| arm.edges.iter().map(move |edge| format!("{}, {edge}", label(arm))));
    let diverged = data.arms.iter().filter(|arm| arm.diverged > 0);
    let diverged = diverged.map(|arm| format!("{} {} of {}", label(arm), arm.diverged, arm.runs()));
    let named = [
        (
            "Predict in their own way, not by the forward pass: ",
            labels(data, &own),
        ),
        (
            "Run with the settings they were given, while others were tuned on the validation part: ",
            labels(data, &untuned),
        ),
        ("Not drawn, since they have no such values: ", labels(data, &absent)),
        (
            "Tuned to an end of what was tried, so that a better value may lie beyond: ",
            edges.collect::<Vec<_>>().join("; "),
        ),
        (
            "Diverged runs are counted and left out: ",
            diverged.collect::<Vec<_>>().join("; "),
        ),
    ];
    let named = named.into_iter().filter(|(_, arms)| !arms.is_empty());
    let mut sentences: Vec<String> = named.map(|(what, arms)| format!("{what}{arms}.")).collect();
    let (all, drawable) = (data.arms.len(), data.drawable().len());
    if drawable < all {
        sentences.push(format!("Of {all} arms, the first {drawable} are drawn."));
    }
    sentences
}

/// With a capital at the beginning.
pub fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().collect::<String>() + letters.as_str()
    })
}

fn labels(data: &Data, arms: &[usize]) -> String {
    let labels: Vec<&str> = arms.iter().map(|&arm| &*data.arms[arm].row.label).collect();
    labels.join("; ")
}
