//! Hold the rule of the example to what the example promises: the public laws, its equation, and fewer than 50 lines.

#[path = "../../examples/my_rule.rs"]
#[allow(dead_code)] // its `main` belongs to the example
mod my_rule;

use crate::common::OnBatch;
use creditlab::conformance::check;
use creditlab::experiment::Plan;
use creditlab::linalg::Matrix;
use creditlab::loss::Loss;
use creditlab::network::{Activation, Init, Network};
use creditlab::notation::Document;
use creditlab::random::{Purpose, Stream};
use creditlab::rules::{self, FeedbackPath, Registry};
use creditlab::runner::Training;
use creditlab::update::Optimizer;
use my_rule::DriftingFeedback;

fn registry() -> Registry {
    rules::builtin().with::<DriftingFeedback>()
}

#[test]
fn the_rule_keeps_every_law_beside_the_built_in_ones() {
    for rule in ["DriftingFeedback", "DriftingFeedback(drift: 0.5)"] {
        check(&registry(), rule).unwrap_or_else(|violations| panic!("{violations}"));
    }
}

#[test]
fn an_experiment_file_can_name_the_rule() {
    let text = "(task: Digits, arms: [Backprop, DriftingFeedback(drift: 0.05)])";
    let plan = Plan::parse(&Document::parse("mine.ron", text).unwrap(), &registry()).unwrap();
    assert_eq!(plan.arms[1].slug, "drifting-feedback");
    // negative control: without the rule the same file is refused at its place
    let fault = Plan::parse(&Document::parse("mine.ron", text).unwrap(), &rules::builtin())
        .err()
        .unwrap();
    assert!(fault.to_string().contains("mine.ron:1:33"), "{fault}");
}

#[test]
fn the_rule_has_fewer_than_50_lines() {
    let lines = include_str!("../../examples/my_rule.rs").lines();
    let rule = lines.skip_while(|line| *line != "// The rule begins.").skip(1);
    let count = rule.take_while(|line| *line != "// The rule ends.").count();
    assert!((10..50).contains(&count), "{count} lines");
}

/// A training on a batch of one, whose forward weights do not move.
fn still(drift: f64) -> OnBatch<f64> {
    let layer = |(l, (inputs, outputs)): (usize, (usize, usize))| {
        let stream = Stream::new(1, Purpose::Weights, l as u64, 0);
        Init::default().layer(outputs, inputs, true, Activation::Tanh, stream)
    };
    let network = Network {
        layers: [(4, 5), (5, 3)].into_iter().enumerate().map(layer).collect(),
    };
    let rule = registry()
        .rule(&format!("DriftingFeedback(drift: {drift:?})"))
        .expect("a rule");
    let optimizer = Optimizer::sgd(f64::MIN_POSITIVE);
    let started = Training::new(1, network, Loss::HALF_SQUARES, optimizer, 1, &[rule]);
    let training = started.unwrap_or_else(|(_, refusal)| panic!("{refusal}"));
    OnBatch::new(
        training,
        &Matrix::from_element(4, 1, 0.5),
        &Matrix::from_element(3, 1, 0.5),
    )
}

fn feedback(training: &Training<f64>) -> Matrix<f64> {
    let mut b = Matrix::from_element(1, 1, 0.0);
    let path = training.seats[0].learner.feedback(&training.network, 1, &mut b);
    assert_eq!(path, Some(FeedbackPath::Sequential));
    b
}

/// `B_t = (1 − drift)^t B_0 + (1 − (1 − drift)^t) sign(W) / √n_in` while `W` stands still.
#[test]
fn feedback_goes_to_the_signs_geometrically() {
    for (drift, steps) in [(0.0, 10), (0.1, 30), (1.0, 1)] {
        let mut training = still(drift);
        let start = feedback(&training);
        for _ in 0..steps {
            training.step().expect("finite");
        }
        let left = (1.0f64 - drift).powi(steps);
        let signs = training.network.layers[1].weight.map(|w| w.signum() / 5f64.sqrt());
        let expected = &start * left + signs * (1.0 - left);
        let error = (feedback(&training) - &expected).norm() / expected.norm();
        assert!(error < 1e-13, "drift {drift}: {error:e}");
        // negative control: one step more is another matrix
        training.step().expect("finite");
        let error = (feedback(&training) - &expected).norm() / expected.norm();
        assert_eq!(error > 1e-3, drift > 0.0 && drift < 1.0, "drift {drift}: {error:e}");
    }
}
