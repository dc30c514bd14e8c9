//! Find out by experiment what a rule needs.

mod experiment;

use super::Setup;
use super::case::Case;
use crate::loss::Loss;
use crate::network::Activation;
#[cfg(doc)]
use crate::rules::Needs;
use crate::rules::Registry;
use experiment::{Experiment, Found};

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

/// Those entries of a rule's [`Needs`] that an experiment can tell, on the network of a [`Setup`] that the rule accepts, and on the same with
/// squared errors of linear outputs where it accepts that:
///
/// - *update locking*: with other weights above it the lowest layer has another update;
/// - *weight transport*: so it has with the same forward pass;
/// - *slope of the activation*: with other units and the same forward pass some layer has another update, where it is declared; where it is not,
///   none has, or nothing is known;
/// - *batch statistics*, where they are declared: the proposal of a batch is not the mean of those of its samples;
/// - *label inside the network*: where output and target move together, so that the error stays the same, some layer below the output has another
///   update; where it is not declared, it must keep that update where the output moves alone, or nothing is known, since the output's
///   activity may go down;
/// - *signed errors*, where they are declared: some layer has another update where half of the errors at the output have the other sign;
/// - *symmetric weights*: in what a rule predicts by itself, a unit's bias does to another unit what the other's does to it, and not nothing.
///
/// The second and the third need a rule that makes no other forward pass than the one it is given, since such a pass changes too; and weights
/// that a rule transports within a layer are its own, which nothing here changes. A rule that leaves the lowest layer alone tells nothing of
/// the first two, one that leaves all hidden layers alone nothing of the label, and one without a prediction of its own nothing of
/// symmetry. A need may show with one loss alone: the sign of the error of a softmax is known before the output is.
///
/// # Errors
/// The rule cannot be read, or does not work in any setup that is tried.
pub fn audit(registry: &Registry, rule: &str) -> Result<Vec<NeedFinding>, String> {
    let setup = Setup::default().or_accepted(registry, rule);
    findings(&Case::new(registry, rule, &setup)?)
}

/// [`audit`] of a case.
pub(super) fn findings(case: &Case<'_>) -> Result<Vec<NeedFinding>, String> {
    let plain = Setup {
        output: Activation::Identity,
        loss: Loss::HALF_SQUARES,
        ..case.setup.clone()
    };
    let plain = Case {
        registry: case.registry,
        rule: case.rule.clone(),
        setup: &plain,
    };
    let mut usual = Experiment::new(case)?;
    let mut plain = match plain.refusal::<f64>() {
        None => Some(Experiment::new(&plain)?),
        Some(_) => None,
    };
    let needs = case.rule.needs();
    let mut findings = Vec::new();
    let mut note = |need, declared, found: Found| {
        findings.extend(found.map(|found| NeedFinding { need, declared, found }));
    };
    let mut either = |experiment: fn(&mut Experiment<'_>) -> Found| match experiment(&mut usual) {
        Some(true) => Some(true),
        here => plain.as_mut().and_then(experiment).or(here),
    };
    note(
        "weight transport",
        needs.weight_transport,
        either(|trial| trial.weight_transport()),
    );
    note(
        "update locking",
        needs.update_locking,
        either(|trial| trial.update_locking()),
    );
    note(
        "signed errors apart from activity",
        needs.signed_errors,
        either(|trial| trial.signed_errors()),
    );
    note("slope of the activation", needs.slope, either(|trial| trial.slope()));
    note(
        "symmetric weights",
        needs.symmetric_weights,
        either(|trial| trial.symmetric_weights()),
    );
    note(
        "batch statistics",
        needs.batch_statistics,
        either(|trial| trial.batch_statistics()),
    );
    // the one in which an error can stay the same
    let errors = plain.as_mut().unwrap_or(&mut usual);
    note("label inside the network", needs.label_inside, errors.label_inside());
    Ok(findings)
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
        // each is found in some rule, and these are found not to be in another
        for need in [
            "weight transport",
            "update locking",
            "signed errors apart from activity",
            "slope of the activation",
            "label inside the network",
            "symmetric weights",
            "batch statistics",
        ] {
            assert!(seen.contains(&(need, true)), "{need}");
        }
        for need in [
            "weight transport",
            "update locking",
            "label inside the network",
            "symmetric weights",
        ] {
            assert!(seen.contains(&(need, false)), "{need}");
        }
    }

    #[test]
    fn other_options_need_what_they_declare() {
        let registry = builtin();
        for rule in [
            "FeedbackAlignment(feedback: (error: Sign))",
            "KolenPollack(feedback: (delay: 2))",
            "SignSymmetry(magnitude: BatchRandom)",
            "DifferenceTargetPropagation(fixed: true)",
            "TargetPropagation(start: Penultimate)",
            "PredictiveCoding(schedule: Equilibrium(phase: Centred))",
            "PredictiveCoding(schedule: Incremental())",
            "PredictiveCoding(schedule: ZeroDivergence)",
            "PredictiveCoding(schedule: FixedPrediction())",
            "EquilibriumPropagation(phase: RandomSign)",
            "DeepFeedbackControl(settle: Simulate())",
            "DendriticMicrocircuit(feedback: Fixed())",
            "Burstprop(feedback: Fixed())",
            "LocalLoss(kind: Similarity)",
            "LocalLoss(kind: Both())",
            "Hebbian(kind: SoftCompetition())",
            "Hebbian(kind: Oja)",
            "LastLayers(count: 1)",
            "ForwardGradient(space: Activity)",
        ] {
            for finding in audit(&registry, rule).unwrap_or_else(|error| panic!("{rule}: {error}")) {
                assert_eq!(finding.declared, finding.found, "{rule}: {}", finding.need);
            }
        }
    }

    /// The sign of the error of a softmax is that of `1 - 2 y`, whatever the output: what hears it alone waits for the output with squares only.
    #[test]
    fn a_need_may_show_with_another_loss() {
        let registry = builtin();
        let rule = "DirectFeedbackAlignment(feedback: (error: Sign))";
        let setup = Setup::default();
        let case = Case::new(&registry, rule, &setup).expect("a rule");
        let here = Experiment::new(&case).expect("accepted").update_locking();
        assert_eq!(here, Some(false));
        let findings = audit(&registry, rule).expect("accepted");
        assert!(is_confirmed(&findings, "update locking"));
        assert!(is_confirmed(&findings, "label inside the network"));
    }
}
