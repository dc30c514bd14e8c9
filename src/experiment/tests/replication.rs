//! Check how `replication` is read and written, and what is said of each mistake in it.

use super::{message, plan};
use crate::experiment::{Claim, ClaimedAt, Part, Replication};

fn with(claim: &str) -> String {
    format!(
        "(\n    task: Digits,\n    measure: (metrics: [\"accuracy\", \"delta_angle\"]),\n    replication: (source: \"A 2020\", minutes: 1, \
         claims: [({claim})]),\n    arms: [Backprop, (label: \"DFA, slow\", rule: OutputOnly)],\n)"
    )
}

fn claim(text: &str) -> Claim {
    let replication = plan(&with(text)).replication.expect("it is there");
    replication.claims.into_iter().next().expect("there is one")
}

#[test]
fn labels_become_names_and_what_is_left_out_is_the_test_error_at_the_end() {
    let expected = Claim {
        of: "dfa-slow".into(),
        minus: Some("backprop".into()),
        over: None,
        metric: "error".into(),
        split: Part::Test,
        layer: "all".into(),
        against: None,
        at: ClaimedAt::Final,
        published: Some(0.5),
        at_least: None,
        at_most: Some(1.0),
    };
    assert_eq!(
        claim("of: \"DFA, slow\", minus: \"Backprop\", published: 0.5, at_most: 1"),
        expected
    );
}

#[test]
fn shares_are_in_percent_and_errors_are_what_accuracies_leave() {
    let form = |metric: &str, value| {
        let claim = claim(&format!("of: \"backprop\", metric: \"{metric}\", at_most: 1"));
        claim.published_form(value)
    };
    assert_eq!(form("error", 0.75), 25.0);
    assert_eq!(form("accuracy", 0.75), 75.0);
    assert_eq!(form("delta_angle", 0.75), 0.75);
}

#[test]
fn bounds_belong_to_the_criterion() {
    let bounded = claim("of: \"backprop\", at_least: 1, at_most: 2");
    assert_eq!(
        [0.999, 1.0, 2.0, 2.001].map(|mean| bounded.is_met(mean)),
        [false, true, true, false]
    );
    assert!(!bounded.is_met(f64::NAN));
    assert!(!claim("of: \"backprop\", published: 1").is_criterion());
}

#[test]
fn what_is_written_out_reads_back_and_changes_no_run() {
    let text = with(
        "of: \"DFA, slow\", over: \"backprop\", metric: \"delta_angle\", layer: \"layer1\", at: Step(0), at_least: 2",
    );
    let first = plan(&text);
    let second = plan(&first.text);
    assert_eq!((&second.replication, &second.text), (&first.replication, &first.text));
    let (start, end) = (text.find("    replication").unwrap(), text.find("    arms").unwrap());
    let without = plan(&(text[..start].to_owned() + &text[end..]));
    assert_eq!(without.replication, None::<Replication>);
    assert_eq!(first.arms[1].fingerprint, without.arms[1].fingerprint);
}

#[test]
fn a_theory_needs_no_claim_and_without_either_nothing_is_replicated() {
    let with = |parts: &str| {
        format!(
            "(\n    task: Xor,\n    replication: (source: \"A 2020\", minutes: 1{parts}),\n    arms: [Backprop],\n)"
        )
    };
    let read = plan(&with(", theory: (form: Chain, largest_gap: 1e-3)")).replication;
    assert_eq!(
        read.and_then(|read| read.theory).map(|theory| theory.largest_gap),
        Some(1e-3)
    );
    let message = message(&with(""));
    assert!(
        message.contains("a replication needs a claim, or a theory"),
        "{message}"
    );
    let message =
        self::message(&with(", claims: [(of: \"backprop\", at_most: 1)]").replace("minutes: 1", "minutes: 0"));
    assert!(message.contains("`minutes` must be above 0"), "{message}");
}

#[test]
fn each_mistake_is_told_at_its_place_with_a_remedy() {
    for (text, title, at) in [
        (
            "of: \"DFA, slo\", at_most: 1",
            "there is no arm `DFA, slo`",
            "\"DFA, slo\"",
        ),
        (
            "of: \"backprop\", metric: \"eror\", at_most: 1",
            "unknown metric `eror`",
            "did you mean `error`",
        ),
        (
            "of: \"backprop\", metric: \"loss\", at_most: 1",
            "`loss` is not written",
            "metrics: [\"loss\"]",
        ),
        (
            "of: \"backprop\", minus: \"dfa-slow\", over: \"dfa-slow\", at_most: 1",
            "`over` has no effect",
            "leave `minus` or `over` out",
        ),
        ("of: \"backprop\"", "this claim says nothing", "`at_least`, `at_most`"),
        (
            "of: \"backprop\", at_least: 2, at_most: 1",
            "no value is within these bounds",
            "^",
        ),
        ("at_most: 1", "missing field `of`", "^"),
        ("of: \"backprop\", at_mots: 1", "unknown field `at_mots`", "at_most"),
    ] {
        let message = message(&with(text));
        assert!(message.contains(title) && message.contains(at), "{text}\n{message}");
    }
}
