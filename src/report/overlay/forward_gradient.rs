//! Lay the variance that algebra gives over that of forward gradients.

use super::runs::unfit;
use super::{Overlay, OverlayAxis, OverlaySeries};
use crate::experiment::{Arm, Plan};
use crate::metrics::{ESTIMATOR_VARIANCE, UPDATE_NORM};
use crate::report::ReportError;
use crate::results::{self, ArmRow, ArmTable, Folder, MetricRow};
use crate::rules::ForwardGradient;
use crate::rules::perturbation::forward_gradient::Space;
use crate::theory::forward_gradient::variance;

/// Places of the line.
const PLACES: usize = 100;

pub fn overlay(plan: &Plan, folder: &Folder) -> Result<Overlay, ReportError> {
    let tables = Tables::read(folder)?;
    let (mut measured, mut parameters) = (Vec::new(), None);
    for arm in plan.arms.iter().filter(|arm| arm.rule.rule.name() == "ForwardGradient") {
        let rule: ForwardGradient = ron::from_str(&arm.rule.rule.options())
            .map_err(|error| unfit(format!("the options of `{}` are not readable: {error}", arm.label)))?;
        if rule.space != Space::Weights {
            continue; // another estimator
        }
        let d = tables.parameters(arm)?;
        if parameters.is_some_and(|known| known != d) {
            return Err(unfit("the arms have different numbers of parameters"));
        }
        parameters = Some(d);
        for seed in &plan.seeds {
            let square = tables.value(arm, *seed, UPDATE_NORM.name, Some("Backprop"))?.powi(2);
            let found = tables.value(arm, *seed, ESTIMATOR_VARIANCE.name, None)?;
            measured.push((f64::from(rule.draws), found / square));
        }
    }
    let Some(d) = parameters else {
        return Err(unfit("no arm is trained by `ForwardGradient(space: Weights)`"));
    };
    let theory = |k: f64| variance(d as f64, k);
    let gap = measured.iter().map(|(k, found)| (found / theory(*k) - 1.0).abs());
    let last = measured.iter().map(|(k, _)| *k).fold(1.0, f64::max);
    let line = super::runs::evenly(0.0, last.ln(), PLACES).map(f64::exp);
    Ok(Overlay {
        title: "Variance of the forward gradient beside what algebra gives, (d + 1) / k (Baydin and others 2022)",
        x: OverlayAxis {
            title: "Directions k in a proposal",
            logarithmic: true,
        },
        y: OverlayAxis {
            title: "Variance / |g|²",
            logarithmic: true,
        },
        series: vec![OverlaySeries {
            name: format!("ForwardGradient, d = {d}"),
            gap: gap.fold(0.0, f64::max),
            theory: line.map(|k| (k, theory(k))).collect(),
            measured,
        }],
        gap_means: "|variance / theory − 1|",
    })
}

/// What the result says of its arms.
struct Tables {
    arms: Vec<ArmRow>,
    rows: Vec<MetricRow>,
}

impl Tables {
    fn read(folder: &Folder) -> Result<Self, ReportError> {
        Ok(Self {
            arms: ArmTable::read(&folder.path().join("arms.csv"))?.rows,
            rows: results::read(&folder.path().join("metrics.csv"))?,
        })
    }

    fn parameters(&self, arm: &Arm) -> Result<u64, ReportError> {
        let row = self.arms.iter().find(|row| row.arm == arm.slug);
        let missing = || {
            unfit(format!(
                "`arms.csv` does not say how many parameters `{}` has",
                arm.label
            ))
        };
        row.and_then(|row| row.parameters).ok_or_else(missing)
    }

    /// A metric of all layers before training, of a rule or of whichever it is of.
    fn value(&self, arm: &Arm, seed: u64, metric: &str, rule: Option<&str>) -> Result<f64, ReportError> {
        let fits = |row: &&MetricRow| {
            let of_run = row.arm == arm.slug && row.seed == seed && row.step == 0;
            of_run && row.metric == metric && row.layer == "all" && rule.is_none_or(|rule| row.rule == rule)
        };
        let missing = || {
            unfit(format!(
                "`metrics.csv` has no `{metric}` of `{}`, seed {seed}: use `measure: (draws: ..)` and `shadows: [Backprop]`",
                arm.label
            ))
        };
        self.rows.iter().find(fits).map(|row| row.value).ok_or_else(missing)
    }
}
