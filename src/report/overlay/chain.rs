//! Lay the paths that conserved quantities give over the weights of a chain.

use super::runs::{SavedRun, saved_runs, training_part, unfit};
use super::{Overlay, OverlayAxis, OverlaySeries};
use crate::experiment::Plan;
use crate::report::ReportError;
use crate::results::Folder;
use crate::theory::chain::{Weights, backprop_path, feedback_alignment_path};

/// Places of a line.
const PLACES: usize = 100;

pub fn overlay(plan: &Plan, folder: &Folder) -> Result<Overlay, ReportError> {
    let mut series = Vec::new();
    for run in saved_runs(plan, folder, &["Backprop", "FeedbackAlignment"])? {
        run.is_linear()?;
        let (x, y) = training_part(plan, run.seed)?;
        let s = x.dot(&y) / x.norm_squared();
        let measured: Vec<Weights> = run
            .steps
            .iter()
            .map(|step| weights(&run, *step))
            .collect::<Result<_, _>>()?;
        let start = measured[0];
        let theory = match run.arm.rule.rule.name() {
            "Backprop" => backprop_path(start, s, PLACES),
            _ => feedback_alignment_path(start, run.arrays(0)?.matrix("layer2.feedback")?[0], s, PLACES),
        };
        let ends = (measured[measured.len() - 1], theory[PLACES - 1]);
        series.push(OverlaySeries {
            name: run.arm.label.clone(),
            gap: length((ends.0.0 - ends.1.0, ends.0.1 - ends.1.1)) / length(ends.1),
            measured,
            theory,
        });
    }
    Ok(Overlay {
        title: "Weights of a chain 1-1-1 beside the paths that conserved quantities give, a hyperbola (backpropagation) and a \
                parabola (feedback alignment)",
        x: OverlayAxis {
            title: "Weight W₁ of the hidden unit",
            logarithmic: false,
        },
        y: OverlayAxis {
            title: "Weight W₂ of the output",
            logarithmic: false,
        },
        series,
        gap_means: "the distance of the last weights from the end of their path, relative to the length of that end",
    })
}

/// Both weights at a step.
fn weights(run: &SavedRun<'_>, step: u64) -> Result<Weights, ReportError> {
    match &run.weights(step)?[..] {
        [w_1, w_2] if w_1.len() == 1 && w_2.len() == 1 => Ok((w_1[0], w_2[0])),
        _ => Err(unfit(format!("the network of `{}` is not 1-1-1", run.arm.label))),
    }
}

fn length((a, b): Weights) -> f64 {
    a.hypot(b)
}
