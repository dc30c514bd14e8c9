//! Prove when bursts carry the gradient, and of what order the error is where they do not.

use super::*;

fn rule(nudge: f64, options: &str) -> String {
    format!("Burstprop(nudge: {nudge:?}, {options})")
}

#[test]
fn linear_bursting_is_the_gradient_whatever_the_nudge() {
    for hidden in [
        Activation::Logistic,
        Activation::Relu,
        Activation::Softplus,
        Activation::HardLogistic,
    ] {
        for problem in Problem::all(hidden)
            .into_iter()
            .filter(|problem| problem.loss != Loss::HALF_SQUARES)
        {
            for (nudge, options) in [
                (0.01, "bursting: Linear"),
                (0.1, "bursting: Linear, slope: 2.0"),
                (5.0, "bursting: Linear, baseline: 0.7"),
            ] {
                let error = problem.error(&rule(nudge, options), "Backprop");
                assert!(error < 1e-11, "{hidden:?} {nudge}: {error}");
            }
            assert!(problem.error(&rule(0.1, "bursting: Sigmoid"), "Backprop") > 1e-4);
        }
    }
}

#[test]
fn a_sigmoid_errs_by_the_nudge_or_its_square_at_one_half() {
    for problem in Problem::all(Activation::Logistic)
        .into_iter()
        .filter(|problem| problem.loss != Loss::HALF_SQUARES)
    {
        let ratios = problem.ratios(0.1, |nudge| rule(nudge, "baseline: 0.2"), "Backprop");
        assert!(all_near(&ratios, 2.0), "{ratios:?}");
        let ratios = problem.ratios(0.4, |nudge| rule(nudge, "baseline: 0.5"), "Backprop");
        assert!(all_near(&ratios, 4.0), "{ratios:?}");
    }
}

/// Without inhibition bursts that come anyway move the probabilities away from the baseline: hidden layers err at every nudge.
#[test]
fn inhibition_has_to_be_there() {
    for problem in Problem::all(Activation::Logistic)
        .into_iter()
        .filter(|problem| problem.loss != Loss::HALF_SQUARES)
    {
        let errors = |options: &str| problem.errors(&rule(1e-4, options), "Backprop");
        assert!(errors("inhibition: Perfect").iter().all(|error| *error < 1e-3));
        let without = errors("inhibition: Off");
        assert!(without[0] > 5e-3 && without[2] < 1e-9, "{without:?}");
    }
}

#[test]
fn with_weights_of_its_own_it_is_feedback_alignment() {
    for problem in Problem::all(Activation::Logistic)
        .into_iter()
        .filter(|problem| problem.loss != Loss::HALF_SQUARES)
    {
        let own = rule(0.1, "bursting: Linear, feedback: Fixed((scale: 1.5))");
        let error = problem.error(&own, "FeedbackAlignment(feedback: (scale: 1.5))");
        assert!(error < 1e-11, "{error}");
        assert!(problem.error(&own, "Backprop") > 0.1);
    }
}

#[test]
fn units_that_can_be_negative_send_no_events() {
    let said = |hidden, loss: Loss| {
        let network = network(&[4, 5, 3], hidden, loss.default_output(), 1);
        refusal("Burstprop", &network, loss).map(|refusal| refusal.to_string())
    };
    assert_eq!(said(Activation::Logistic, Loss::CROSS_ENTROPY), None);
    assert_eq!(
        said(Activation::Tanh, Loss::CROSS_ENTROPY).unwrap(),
        "sends events, which cannot be negative, and hidden units here can be; use Logistic, HardLogistic, Relu or Softplus"
    );
    assert!(
        said(Activation::Logistic, Loss::HALF_SQUARES)
            .unwrap()
            .starts_with("sends events, which cannot be negative, and output units here can be")
    );
}
