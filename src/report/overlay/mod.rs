//! Lay what is known in closed form over what a result measured.

mod chain;
mod deep_linear;
mod forward_gradient;
mod kolen_pollack;
mod order_parameters;
mod relaxed_energy;
mod runs;

use super::ReportError;
use crate::experiment::Plan;
use crate::results::Folder;
use crate::theory::Theory;

/// A measured quantity beside its theory.
#[derive(Clone, Debug, PartialEq)]
pub struct Overlay {
    /// What is compared, and with whom.
    pub title: &'static str,
    /// What is varied, or when.
    pub x: OverlayAxis,
    /// What is measured.
    pub y: OverlayAxis,
    /// In the experiment's order.
    pub series: Vec<OverlaySeries>,
    /// What a gap is.
    pub gap_means: &'static str,
}

/// An axis of an overlay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OverlayAxis {
    /// The quantity, with its unit.
    pub title: &'static str,
    /// Whether values are spaced by their logarithm.
    pub logarithmic: bool,
}

/// Some points, and the line that they should lie on.
#[derive(Clone, Debug, PartialEq)]
pub struct OverlaySeries {
    /// Several may share one, such as the modes of an arm.
    pub name: String,
    /// What the simulation did.
    pub measured: Vec<(f64, f64)>,
    /// Points of a smooth line.
    pub theory: Vec<(f64, f64)>,
    /// The largest gap of its points.
    pub gap: f64,
}

impl Overlay {
    /// The largest gap of all.
    pub fn gap(&self) -> f64 {
        self.series.iter().map(|series| series.gap).fold(0.0, f64::max)
    }

    /// The largest gap of each name, in the order of the series.
    pub fn gaps(&self) -> Vec<(&str, f64)> {
        let mut gaps: Vec<(&str, f64)> = Vec::new();
        for series in &self.series {
            match gaps.iter_mut().find(|(name, _)| *name == series.name) {
                Some((_, gap)) => *gap = gap.max(series.gap),
                None => gaps.push((&series.name, series.gap)),
            }
        }
        gaps
    }
}

/// Lays a theory over the result that a plan has left in a folder.
///
/// # Errors
/// [`ReportError::NoTheory`] where the plan is not of the kind that the theory speaks of, or the result lacks what must be compared; else a
/// file of the result is missing or damaged.
pub fn overlay(theory: Theory, plan: &Plan, folder: &Folder) -> Result<Overlay, ReportError> {
    match theory {
        Theory::DeepLinear => deep_linear::overlay(plan, folder),
        Theory::OrderParameters => order_parameters::overlay(plan, folder),
        Theory::ForwardGradient => forward_gradient::overlay(plan, folder),
        Theory::RelaxedEnergy => relaxed_energy::overlay(plan, folder),
        Theory::Chain => chain::overlay(plan, folder),
        Theory::KolenPollack => kolen_pollack::overlay(plan, folder),
    }
}
