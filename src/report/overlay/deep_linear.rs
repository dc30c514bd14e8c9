//! Lay the curves of Saxe, McClelland and Ganguli over the modes of a deep linear network.

use super::runs::{evenly, saved_runs, training_part, unfit};
use super::{Overlay, OverlayAxis, OverlaySeries};
use crate::experiment::Plan;
use crate::linalg::Matrix;
use crate::report::ReportError;
use crate::results::Folder;
use crate::theory::deep_linear::strength;

/// Places of a line.
const PLACES: usize = 200;

pub fn overlay(plan: &Plan, folder: &Folder) -> Result<Overlay, ReportError> {
    let mut series = Vec::new();
    for run in saved_runs(plan, folder, &["Backprop"])? {
        run.is_linear()?;
        let (rate, modes) = (run.rate()?, Modes::of(&training_part(plan, run.seed)?)?);
        let mut measured = Vec::new();
        for step in &run.steps {
            let weights = run.weights(*step)?;
            let [w_1, w_2] = &weights[..] else {
                return Err(unfit(format!("the network of `{}` has not two layers", run.arm.label)));
            };
            measured.push((rate * *step as f64, modes.strengths(&(w_2 * w_1))));
        }
        let end = measured.last().map_or(0.0, |(t, _)| *t);
        for (mode, s) in modes.s.iter().copied().enumerate() {
            let u = |(t, strengths): &(f64, Vec<f64>)| (*t, strengths[mode]);
            let points: Vec<(f64, f64)> = measured.iter().map(u).collect();
            let theory = |t| strength(s, points[0].1, t);
            let gaps = points.iter().map(|(t, u)| (u - theory(*t)).abs() / s);
            series.push(OverlaySeries {
                name: run.name(plan),
                gap: gaps.fold(0.0, f64::max),
                theory: evenly(0.0, end, PLACES).map(|t| (t, theory(t))).collect(),
                measured: points,
            });
        }
    }
    Ok(Overlay {
        title: "Modes of a deep linear network beside the theory of Saxe, McClelland and Ganguli (2013)",
        x: OverlayAxis {
            title: "Time t (steps × learning rate)",
            logarithmic: false,
        },
        y: OverlayAxis {
            title: "Strength u of a mode",
            logarithmic: false,
        },
        series,
        gap_means: "|u − theory| / s, s being the singular value of the mode, at a moment at which weights were saved",
    })
}

/// The singular vectors and values of the correlation of targets and inputs, `U diag(s) Vᵀ = mean y xᵀ`.
struct Modes {
    u_transposed: Matrix<f64>,
    v: Matrix<f64>,
    s: Vec<f64>,
}

impl Modes {
    fn of((x, y): &(Matrix<f64>, Matrix<f64>)) -> Result<Self, ReportError> {
        /// Of the inputs' second moment from 1.
        const WHITE: f64 = 1e-9;
        let samples = x.ncols() as f64;
        let moment = x * x.transpose() / samples;
        if (moment - Matrix::identity(x.nrows(), x.nrows())).amax() > WHITE {
            return Err(unfit("the second moment of the inputs is not 1"));
        }
        let parts = (y * x.transpose() / samples).svd(true, true);
        let (Some(u), Some(v_transposed)) = (parts.u, parts.v_t) else {
            return Err(unfit("the correlation of targets and inputs has no singular vectors"));
        };
        Ok(Self {
            u_transposed: u.transpose(),
            v: v_transposed.transpose(),
            s: parts.singular_values.iter().copied().collect(),
        })
    }

    /// How strong each is in a map.
    fn strengths(&self, map: &Matrix<f64>) -> Vec<f64> {
        (&self.u_transposed * map * &self.v)
            .diagonal()
            .iter()
            .copied()
            .collect()
    }
}
