//! Lay the contraction of Kolen and Pollack over the distance of weights and feedback.

use super::runs::{evenly, saved_runs, unfit};
use super::{Overlay, OverlayAxis, OverlaySeries};
use crate::experiment::Plan;
use crate::linalg::Matrix;
use crate::network::weight_name;
use crate::report::ReportError;
use crate::results::Folder;
use crate::theory::kolen_pollack::share_left;
use crate::update::Optimizer;

pub fn overlay(plan: &Plan, folder: &Folder) -> Result<Overlay, ReportError> {
    let mut series = Vec::new();
    for run in saved_runs(plan, folder, &["KolenPollack"])? {
        let recipe = &run.arm.settings.optimizer;
        let (Optimizer::Sgd { decay, l2: 0.0, .. }, true) = (recipe.optimizer, recipe.groups.is_empty()) else {
            return Err(unfit(format!(
                "`{}` has another optimizer than `Sgd(decay: ..)` with one decay",
                run.arm.label
            )));
        };
        for l in 1..=run.arm.settings.network.hidden_layers() {
            let gap_at = |step: u64| -> Result<Matrix<f64>, ReportError> {
                let arrays = run.arrays(step)?;
                let feedback = arrays.matrix(&format!("layer{}.feedback", l + 1))?;
                Ok(arrays.matrix(&weight_name(l))? - feedback)
            };
            let start = gap_at(0)?;
            let (mut measured, mut gap) = (Vec::new(), 0.0f64);
            for step in &run.steps {
                let (found, expected) = (gap_at(*step)?, share_left(decay, *step) * &start);
                gap = gap.max((&found - &expected).norm() / expected.norm());
                measured.push((*step as f64, found.norm() / start.norm()));
            }
            let last = measured.last().map_or(0.0, |(step, _)| *step);
            let line = evenly(0.0, last, 100).map(|step| (step, share_left(decay, 1).powf(step)));
            series.push(OverlaySeries {
                // all seeds follow one line
                name: format!("{}, layer {}", run.arm.label, l + 1),
                measured,
                theory: line.collect(),
                gap,
            });
        }
    }
    Ok(Overlay {
        title: "Distance of feedback from the weights that it follows beside (1 − decay)^t (Kolen, Pollack 1994; Akrout and others \
                2019)",
        x: OverlayAxis {
            title: "Steps t",
            logarithmic: false,
        },
        y: OverlayAxis {
            title: "|W − B| / |W − B| at the start",
            logarithmic: true,
        },
        series,
        gap_means: "the distance of W − B from the theory, relative to it, at a step at which weights were saved",
    })
}
