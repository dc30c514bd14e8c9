//! Lay the equations of motion of Saad, Solla and of Refinetti and others over a student that learns by direct feedback.

use super::runs::{SavedRun, saved_runs, unfit};
use super::{Overlay, OverlayAxis, OverlaySeries};
use crate::experiment::Plan;
use crate::network::Activation;
use crate::report::ReportError;
use crate::results::Folder;
use crate::tasks::{InputScale, NonlinearTeacher, Task};
use crate::theory::OrderParameters;

/// The step of Euler's method.
const DT: f64 = 0.01;

pub fn overlay(plan: &Plan, folder: &Folder) -> Result<Overlay, ReportError> {
    let Task::NonlinearTeacher(task) = &plan.task else {
        return Err(unfit("the task is no `NonlinearTeacher`"));
    };
    if task.activation != Activation::Erf || task.outputs != 1 || task.input_scale != InputScale::Unit {
        return Err(unfit(
            "the teacher is not one of `Erf` units, one output and `input_scale: Unit`",
        ));
    }
    let mut series = Vec::new();
    for run in saved_runs(plan, folder, &["DirectFeedbackAlignment"])? {
        series.push(follow(&run, task, run.name(plan))?);
    }
    Ok(Overlay {
        title: "Generalisation error of a student beside the equations of motion of its order parameters (Saad, Solla 1995; \
                Refinetti, d'Ascoli, Ohana, Goldt 2021)",
        x: OverlayAxis {
            title: "Time t (steps / inputs)",
            logarithmic: true,
        },
        y: OverlayAxis {
            title: "Generalisation error ⟨e²⟩ / 2",
            logarithmic: true,
        },
        series,
        gap_means: "|error / theory − 1| at a moment at which weights were saved",
    })
}

/// A run beside the motion of its order parameters from the same start.
fn follow(run: &SavedRun<'_>, task: &NonlinearTeacher, name: String) -> Result<OverlaySeries, ReportError> {
    let ((teacher, v_teacher), inputs) = (task.matrices(), task.inputs as f64);
    let rate = inputs * run.rate()?;
    let order = |step: u64| -> Result<OrderParameters, ReportError> {
        match &run.weights(step)?[..] {
            [w, v] if w.ncols() == task.inputs && v.nrows() == 1 => {
                Ok(OrderParameters::of(w, v.as_slice(), &teacher, v_teacher.as_slice()))
            }
            _ => Err(unfit(format!(
                "the network of `{}` has not one hidden layer",
                run.arm.label
            ))),
        }
    };
    let feedback = run.arrays(0)?.matrix("layer1.direct_feedback")?;
    let mut motion = order(0)?;
    let (mut steps, mut theory) = (0u64, Vec::<(f64, f64)>::new());
    let (mut measured, mut gap) = (Vec::new(), 0.0f64);
    for step in &run.steps[1..] {
        let time = *step as f64 / inputs;
        while (steps as f64 + 0.5) * DT < time {
            motion.advance(feedback.as_slice(), rate, DT);
            steps += 1;
            let now = steps as f64 * DT;
            // as dense as a logarithmic axis shows
            if theory.last().is_none_or(|(before, _)| now > 1.02 * before) {
                theory.push((now, motion.error()));
            }
        }
        let error = order(*step)?.error();
        gap = gap.max((error / motion.error() - 1.0).abs());
        measured.push((time, error));
    }
    let first = measured.first().map_or(0.0, |(time, _)| *time);
    theory.retain(|(time, _)| *time >= 0.9 * first);
    Ok(OverlaySeries {
        name,
        measured,
        theory,
        gap,
    })
}
