//! Take one pass of an arm apart: every quantity of the forward and the backward pass, the update of a rule beside the exact gradient,
//! and finite differences beside that.

use super::explanation::Explanation;
use super::pass::Pass;
use super::{Diverged, Run};
use crate::experiment::Arm;
use crate::rules::Refusal;
use crate::tasks::{DataSet, Parts};

/// Which samples are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Looked {
    /// One sample of the training part, by its place there.
    Sample(usize),
    /// The batch that the next step is taken on; quantities are means over it.
    Batch,
}

/// Why a pass could not be taken apart.
#[derive(Debug)]
pub enum Unexplained {
    /// The rule cannot work here.
    Refused(Refusal),
    /// The run diverged after so many steps.
    Diverged(u64),
    /// It ends after so many steps.
    Ended(u64),
    /// The training part has so many samples only.
    NoSample(usize),
}

/// Takes a run of so many steps, in double precision, and takes its next pass apart; so many weights of each layer are moved, each of
/// which takes some twenty passes.
///
/// # Errors
/// See [`Unexplained`].
pub fn explain(
    arm: &Arm,
    seed: u64,
    data: &DataSet,
    parts: &Parts,
    step: u64,
    looked: Looked,
    moved_weights: usize,
) -> Result<Explanation, Unexplained> {
    let mut run = Run::<f64>::new(arm, seed, data, parts).map_err(Unexplained::Refused)?;
    run.go_to(step)
        .map_err(|Diverged { step }| Unexplained::Diverged(step))?;
    if run.training.step < step {
        return Err(Unexplained::Ended(run.training.step));
    }
    let samples = match looked {
        Looked::Batch => None,
        Looked::Sample(place) => match parts.train.get(place) {
            Some(sample) => Some([*sample]),
            None => return Err(Unexplained::NoSample(parts.train.len())),
        },
    };
    let samples = samples.as_ref().map(|samples| &samples[..]);
    Ok(Pass::new(&mut run, data, samples).explanation(moved_weights))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::Plan;
    use crate::rules::{FeedbackPath, builtin};
    use crate::runner::{NUDGE, WeightCheck};
    use crate::tasks::DataFolders;

    fn explained(arms: &str, step: u64, looked: Looked) -> Result<Explanation, Unexplained> {
        explained_of(arms, step, looked, 8)
    }

    fn explained_of(arms: &str, step: u64, looked: Looked, batch: usize) -> Result<Explanation, Unexplained> {
        let text = format!(
            "(task: Xor(samples: 40, test: 10), network: (hidden: [5, 4], activation: Tanh), batch: {batch}, stop: Steps(12), seeds: 1, \
             loss: HalfSquares, arms: [{arms}])"
        );
        let plan = Plan::from_text(&text, &builtin()).unwrap_or_else(|fault| panic!("{fault}"));
        let data = plan
            .load(&DataFolders::none())
            .unwrap_or_else(|fault| panic!("{fault}"));
        let (parts, data) = plan.of_run(&data, 0).unwrap();
        explain(&plan.arms[0], 0, &data, &parts, step, looked, 64)
    }

    /// Nielsen's BP1 to BP4 on one sample, by hand from what is shown.
    #[test]
    fn what_is_shown_of_a_sample_obeys_the_four_equations() {
        let shown = explained("Backprop", 7, Looked::Sample(3)).unwrap();
        let close = |a: f64, b: f64| assert!((a - b).abs() <= 1e-12 * (1.0 + a.abs()), "{a} {b}");
        let top = shown.layers.last().unwrap();
        for j in 0..top.z.len() {
            close(top.delta[j], (top.a[j] - shown.target[j]) * top.slope[j]);
        }
        let mut below = &shown.input;
        for layer in &shown.layers {
            for check in &layer.checks {
                let (j, k) = check.place;
                close(check.derivative, layer.delta[j] * below[k]);
                // a difference of second order with a step of 1e-5, and rounding of C over twice the step
                assert!(
                    (check.central - check.derivative).abs() < 1e-8 * (1.0 + check.derivative.abs()),
                    "{check:?}"
                );
                assert_eq!(check.own, Some(check.derivative));
                assert!(check.curve.contains(&(0.0, shown.cost)));
                // of first order
                assert!((check.nudged - check.derivative).abs() < 10.0 * NUDGE, "{check:?}");
            }
            if !std::ptr::eq(layer, top) {
                for j in 0..layer.z.len() {
                    close(layer.delta[j], -layer.wishes[j] * layer.slope[j]);
                }
            }
            for (a, (z, slope)) in layer.a.iter().zip(layer.z.iter().zip(&layer.slope)) {
                if layer.activation == "Tanh" {
                    close(*a, z.tanh());
                    close(*slope, 1.0 - a * a);
                }
            }
            assert_eq!((layer.angle.map(f64::round), layer.feedback), (Some(0.0), None));
            below = &layer.a;
        }
    }

    #[test]
    fn a_rule_that_is_not_exact_is_shown_beside_what_is() {
        let shown = explained("FeedbackAlignment", 3, Looked::Batch).unwrap();
        assert_eq!(shown.samples.len(), 8);
        let [first, second, top] = &shown.layers[..] else {
            panic!("three layers")
        };
        assert!(first.angle.unwrap() > 1.0 && top.angle.unwrap() < 1e-4);
        assert_eq!(top.own_delta.as_ref(), Some(&top.delta));
        assert_ne!(first.own_delta.as_ref(), Some(&first.delta));
        assert!(first.feedback.is_none(), "nothing is carried below the first layer");
        let (path, angle) = second.feedback.unwrap();
        assert!(path == FeedbackPath::Sequential && angle > 1.0);
    }

    /// One example alone would make the network say its own answer; the gradient is the mean of what all ask for.
    #[test]
    fn nudges_of_examples_have_the_gradient_as_their_mean() {
        let shown = explained("Backprop", 1, Looked::Batch).unwrap();
        assert_eq!((shown.examples.len(), shown.batch), (6, 8));
        let whole = Looked::Sample(0);
        let of_all: Vec<WeightCheck> = shown.layers.iter().flat_map(|layer| layer.checks.clone()).collect();
        assert!(
            of_all.iter().all(|check| check.of_batch == check.derivative),
            "the batch is what is looked at"
        );
        let apart = |check: &&WeightCheck| {
            check
                .of_examples
                .iter()
                .any(|of| of.signum() != check.of_batch.signum())
        };
        assert!(of_all.iter().any(|check| apart(&check)), "examples disagree");
        let shown = explained_of("Backprop", 4, whole, 5).unwrap();
        for check in shown.layers.iter().flat_map(|layer| &layer.checks) {
            let mean = check.of_examples.iter().sum::<f64>() / 5.0;
            assert!((mean - check.of_batch).abs() <= 1e-12 * (1.0 + mean.abs()), "{check:?}");
        }
    }

    #[test]
    fn what_cannot_be_shown_is_said() {
        assert!(matches!(
            explained("Backprop", 13, Looked::Batch),
            Err(Unexplained::Ended(12))
        ));
        let beyond = explained("Backprop", 0, Looked::Sample(1000));
        assert!(
            matches!(beyond, Err(Unexplained::NoSample(32..=40))),
            "{:?}",
            beyond.err()
        );
        let wild = "(rule: Backprop, optimizer: Sgd(learning_rate: 1e30))";
        assert!(matches!(
            explained(wild, 12, Looked::Batch),
            Err(Unexplained::Diverged(_))
        ));
    }
}
