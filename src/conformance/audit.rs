//! Find out by experiment what a rule needs: change a quantity and watch the update.

use super::Setup;
use super::case::{Case, Numbers, batch, near, select};
use crate::linalg::Scalar;
use crate::network::{Activation, Network, Trace};
use crate::random::{Purpose, Stream};
#[cfg(doc)]
use crate::rules::Needs;
use crate::rules::{Registry, Step};
use crate::runner::{Batch, Training};
use crate::update::Proposal;

/// What an experiment shows about one entry of [`Needs`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NeedFinding {
    /// The entry, as [`Needs::table`] calls it.
    pub need: &'static str,
    /// What the rule declares.
    pub declared: bool,
    /// What was found.
    pub found: bool,
}

/// Those entries of a rule's [`Needs`] that an experiment can tell, on the network of a [`Setup`] that the rule accepts:
///
/// - *update locking*: with other weights above it the lowest layer has another update;
/// - *weight transport*: so it has with the same forward pass;
/// - *slope of the activation*: with other units and the same forward pass some layer has another update, where it is declared; where it is not,
///   none has, or nothing is known;
/// - *batch statistics*, where they are declared: the proposal of a batch is not the mean of those of its samples.
///
/// The middle two need a rule that makes no other forward pass than the one it is given, since such a pass changes too; and weights that a rule
/// transports within a layer are its own, which nothing here changes. A rule that leaves the lowest layer alone tells nothing.
///
/// # Errors
/// The rule cannot be read, or does not work in any setup that is tried.
pub fn audit(registry: &Registry, rule: &str) -> Result<Vec<NeedFinding>, String> {
    let setup = Setup::default().or_accepted(registry, rule);
    findings(&Case::new(registry, rule, &setup)?)
}

/// [`audit`] of a case.
pub(super) fn findings(case: &Case<'_>) -> Result<Vec<NeedFinding>, String> {
    let mut experiment = Experiment {
        training: case.alone()?,
        batch: batch(case.setup, case.setup.batch, 1000),
    };
    let needs = case.rule.needs();
    let network = experiment.training.network.clone();
    let pass = experiment.forward(&network);
    let usual = experiment.lowest(&network, &pass);
    let mut found = Vec::new();
    if usual.iter().any(|u| *u != 0.0) {
        let mut note = |need, declared, other: &[f64]| {
            let found_here = other != usual;
            found.push(NeedFinding {
                need,
                declared,
                found: found_here,
            });
        };
        let mut other = network.clone();
        turn_weights(&mut other, 1);
        let its_pass = experiment.forward(&other);
        note(
            "update locking",
            needs.update_locking,
            &experiment.lowest(&other, &its_pass),
        );
        if needs.forward_passes == 1 && (needs.update_locking || !needs.weight_transport) {
            let mut other = network.clone();
            turn_weights(&mut other, 1);
            note(
                "weight transport",
                needs.weight_transport,
                &experiment.lowest(&other, &pass),
            );
        }
    }
    if needs.forward_passes == 1 {
        let other = with_other_units(&network);
        let differs = experiment.update(&network, &pass) != experiment.update(&other, &pass);
        // another activation is another slope, but not only that: a rule that does not declare it may ask for activities
        if needs.slope || !differs {
            found.push(NeedFinding {
                need: "slope of the activation",
                declared: needs.slope,
                found: differs,
            });
        }
    }
    if needs.batch_statistics {
        found.push(NeedFinding {
            need: "batch statistics",
            declared: true,
            found: !experiment.is_mean_of_samples(case),
        });
    }
    Ok(found)
}

/// Other units everywhere.
fn with_other_units<T: Scalar>(network: &Network<T>) -> Network<T> {
    let mut other = network.clone();
    for layer in &mut other.layers {
        layer.activation = match layer.activation {
            Activation::Identity => Activation::Tanh,
            _ => Activation::Identity,
        };
    }
    other
}

/// Puts the weights of all layers from `lowest` up into another order.
fn turn_weights<T: Scalar>(network: &mut Network<T>, lowest: usize) {
    for layer in &mut network.layers[lowest..] {
        layer.weight.as_mut_slice().reverse();
    }
}

struct Experiment {
    training: Training<f64>,
    batch: Batch<f64>,
}

impl Experiment {
    fn forward(&self, network: &Network<f64>) -> Trace<f64> {
        let mut trace = Trace {
            input: self.batch.input.clone(),
            ..Trace::default()
        };
        network.forward(&mut trace);
        trace
    }

    /// What is proposed for the lowest layer, on a network and a forward pass; nothing where it is left alone.
    fn lowest(&mut self, network: &Network<f64>, trace: &Trace<f64>) -> Vec<f64> {
        let lowest = self.update(network, trace).into_iter().next();
        lowest.flatten().unwrap_or_default()
    }

    /// What is proposed for each layer.
    fn update(&mut self, network: &Network<f64>, trace: &Trace<f64>) -> Vec<Option<Vec<f64>>> {
        let step = Step {
            network,
            loss: self.training.loss,
            trace,
            targets: &self.batch.targets,
            samples: &self.batch.samples,
            stream: Stream::new(1, Purpose::Probe, 0, 0),
        };
        let mut proposal = Proposal::default();
        self.training.seats[0].learner.probe(step, &mut proposal);
        Numbers::of(&proposal, network, trace).layers
    }

    fn is_mean_of_samples(&mut self, case: &Case<'_>) -> bool {
        let (batch, size) = (self.batch.clone(), self.batch.samples.len());
        let whole = case.probe(&mut self.training, &batch, 0).flat();
        let mut mean = vec![0.0; whole.len()];
        for i in 0..size {
            let one = case.probe(&mut self.training, &select(&batch, &[i]), 0).flat();
            mean.iter_mut().zip(one).for_each(|(mean, x)| *mean += x / size as f64);
        }
        near::<f64>("", &whole, &mean, 1e-9, 1e-9).is_ok()
    }
}

/// What is said of an entry that the experiment bears out.
pub fn is_confirmed(findings: &[NeedFinding], need: &str) -> bool {
    findings
        .iter()
        .any(|finding| finding.need == need && finding.declared == finding.found)
}

/// For [`Needs::table`]'s names to be the ones used here.
#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{Needs, builtin};

    #[test]
    fn findings_are_called_as_the_table_calls_them() {
        let names = Needs::SWEEP.table().map(|(name, _)| name);
        let registry = builtin();
        let mut seen = Vec::new();
        for entry in registry.entries() {
            for finding in audit(&registry, entry.name).expect("works in a setup") {
                assert!(names.contains(&finding.need), "{}", finding.need);
                assert_eq!(finding.declared, finding.found, "{}: {}", entry.name, finding.need);
                seen.push((finding.need, finding.found));
            }
        }
        // each is found in some rule, and two found not to be in another
        for need in [
            "update locking",
            "weight transport",
            "slope of the activation",
            "batch statistics",
        ] {
            assert!(seen.contains(&(need, true)), "{need}");
        }
        for need in ["update locking", "weight transport"] {
            assert!(seen.contains(&(need, false)), "{need}");
        }
    }
}
