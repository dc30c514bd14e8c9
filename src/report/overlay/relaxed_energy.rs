//! Lay descent on the energy at rest, in closed form, over what predictive coding does in a linear network.

use super::runs::{saved_runs, training_part, unfit};
use super::{Overlay, OverlayAxis, OverlaySeries};
use crate::experiment::{BatchSize, Plan};
use crate::linalg::Matrix;
use crate::report::ReportError;
use crate::results::Folder;
use crate::theory::relaxed_energy::{energy, gradient};

/// About as many places has a line.
const PLACES: u64 = 400;

pub fn overlay(plan: &Plan, folder: &Folder) -> Result<Overlay, ReportError> {
    let mut series = Vec::new();
    for run in saved_runs(plan, folder, &["PredictiveCoding"])? {
        run.is_linear()?;
        if run.arm.settings.batch.size != BatchSize::Full {
            return Err(unfit(format!("`{}` does not learn from full batches", run.arm.label)));
        }
        let (rate, (x, y)) = (run.rate()?, training_part(plan, run.seed)?);
        let mut weights = run.weights(0)?;
        let (mut theory, mut measured, mut gap) = (Vec::new(), Vec::new(), 0.0f64);
        let last = run.steps.last().copied().unwrap_or(0);
        for step in 0..=last {
            if step.is_multiple_of(last.div_ceil(PLACES)) {
                theory.push((step as f64, energy(&weights, &x, &y)));
            }
            if run.steps.contains(&step) {
                let found = run.weights(step)?;
                gap = gap.max(apart(&found, &weights));
                measured.push((step as f64, energy(&found, &x, &y)));
            }
            let slopes = gradient(&weights, &x, &y);
            weights.iter_mut().zip(slopes).for_each(|(w, slope)| *w -= rate * slope);
        }
        series.push(OverlaySeries {
            name: run.name(plan),
            measured,
            theory,
            gap,
        });
    }
    Ok(Overlay {
        title: "Energy of predictive coding at rest beside gradient descent on its closed form (Innocenti and others 2024)",
        x: OverlayAxis {
            title: "Steps",
            logarithmic: false,
        },
        y: OverlayAxis {
            title: "Energy at rest F*",
            logarithmic: true,
        },
        series,
        gap_means: "the distance of the weights from those of the theory, relative to their length, at a step at which they were saved",
    })
}

/// `|a − b| / |b|` over all layers.
fn apart(a: &[Matrix<f64>], b: &[Matrix<f64>]) -> f64 {
    let difference: f64 = a.iter().zip(b).map(|(a, b)| (a - b).norm_squared()).sum();
    let length: f64 = b.iter().map(Matrix::norm_squared).sum();
    (difference / length).sqrt()
}
