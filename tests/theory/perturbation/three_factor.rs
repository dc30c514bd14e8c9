//! Prove that the three-factor rule expects what node perturbation does, whatever its baseline does not know of the
//! noise.

use crate::common;
use crate::common::*;
use crate::estimates::*;
use creditlab::conformance::check;
use creditlab::linalg::Matrix;
use creditlab::loss::Loss;
use creditlab::network::{Activation, Trace};
use creditlab::random::{Purpose, Stream};
use creditlab::rules::perturbation::node_perturbation::{NodeDraw, NodePerturbation};
use creditlab::rules::perturbation::three_factor::{Baseline, RewardedNoise, ThreeFactor};
use creditlab::rules::perturbation::{NoiseComparison, begin_columns, draw_noise, noisy_forward};
use creditlab::rules::shared::SampleLosses;
use creditlab::rules::{self, LearningRule, Setting};
use creditlab::runner::Training;
use creditlab::update::Optimizer;

const SIGMA: f64 = 0.5;
const RUNNING: Baseline = Baseline::Running { rate: 0.1 };

fn rule(baseline: Baseline) -> ThreeFactor {
    ThreeFactor { sigma: SIGMA, baseline }
}

fn cases() -> [Case; 2] {
    [
        Case::random(&[2, 1, 1], Activation::Tanh, Loss::HALF_SQUARES, 2, 1),
        Case::random(&[1, 2], Activation::Tanh, Loss::CROSS_ENTROPY, 2, 2),
    ]
}

/// Shows noise of its own for every unit and every sample, by quadrature.
fn noise(case: &Case, order: usize, mut see: impl FnMut(Vec<Matrix<f64>>, f64)) {
    let batch = case.trace.batch();
    quadrature(order, units(&case.trace) * batch, |numbers, weight| {
        let mut numbers = numbers.iter();
        let fill = |z: &Matrix<f64>| Matrix::from_fn(z.nrows(), batch, |_, _| *numbers.next().expect("enough"));
        see(case.trace.z.iter().map(fill).collect(), weight);
    });
}

/// The expectation of the rule's update with a baseline that has settled at `mean`, or is new.
fn expectation(case: &Case, rule: ThreeFactor, mean: Option<f64>, order: usize) -> Vec<f64> {
    let mut expected = initial(case, rule);
    expected.mean = mean.map_or([0.0; 2], |mean| [mean, 1.0]);
    let mut work = RewardedNoise::default();
    flat(&case.estimate(|step, out| {
        begin_columns(step, out);
        noise(case, order, |xi, weight| {
            work.xi = xi;
            rule.add_estimate(&expected, step, weight, &mut work, out);
        });
    }))
}

fn initial(case: &Case, rule: ThreeFactor) -> creditlab::rules::perturbation::three_factor::Expectation<f64> {
    let setting = Setting {
        network: &case.network,
        loss: case.loss,
        optimizer: &Optimizer::sgd(0.1).into(),
        batch: case.trace.batch(),
        folder: std::path::Path::new(""),
    };
    rule.init(&setting, Stream::new(1, Purpose::RuleStart, 0, 0))
        .expect("fits")
}

fn node_perturbation_expects(case: &Case, order: usize) -> Vec<f64> {
    let rule = NodePerturbation {
        sigma: SIGMA,
        variant: NoiseComparison::OneSided,
        draws: 1,
    };
    let mut draw = NodeDraw::default();
    flat(&case.estimate(|step, out| {
        begin_columns(step, out);
        noise(case, order, |xi, weight| {
            draw.xi = xi;
            rule.add_estimate(step, weight, &mut draw, out);
        });
    }))
}

/// Whether the baseline is new, right or far off: the expectation is that of node perturbation under the same noise.
#[test]
fn it_expects_the_update_of_node_perturbation() {
    let order = 8;
    for case in cases() {
        let node = node_perturbation_expects(&case, order);
        for mean in [None, Some(0.7), Some(-30.0)] {
            let error = relative(&expectation(&case, rule(RUNNING), mean, order), &node);
            assert!(error < 1e-9, "{mean:?}: {error:e}");
        }
        // negative control: neither the gradient without noise nor other noise gives this expectation
        assert!(relative(&flat(&case.gradient()), &node) > 1e-3);
        let other = ThreeFactor {
            sigma: 0.9 * SIGMA,
            ..rule(RUNNING)
        };
        assert!(relative(&expectation(&case, other, None, order), &node) > 1e-3);
    }
}

/// The mean over a batch of n includes the sample itself, `E (C_i − mean C) ξ_i = (1 − 1/n) E C_i ξ_i`.
#[test]
fn the_mean_of_the_batch_as_baseline_shrinks_the_expected_update() {
    for batch in [2, 3] {
        let case = Case::random(&[2, 1, 1], Activation::Tanh, Loss::HALF_SQUARES, batch, 4);
        let order = if batch == 2 { 8 } else { 5 };
        let node = node_perturbation_expects(&case, order);
        let mean = expectation(&case, rule(Baseline::Batch), None, order);
        let shrunk = |n: f64| node.iter().map(|u| (1.0 - 1.0 / n) * u).collect::<Vec<_>>();
        let error = relative(&mean, &shrunk(batch as f64));
        assert!(error < 1e-9, "{batch}: {error:e}");
        // negative controls: not at all, and as another batch would
        assert!(relative(&mean, &node) > 0.2);
        assert!(relative(&mean, &shrunk(batch as f64 + 1.0)) > 0.1);
    }
}

/// As a run makes them, the two rules' draws differ by a number that is zero in the mean.
#[test]
fn its_draws_agree_with_node_perturbation_in_the_mean() {
    let case = Case::random(&[4, 5, 3], Activation::Tanh, Loss::CROSS_ENTROPY, 4, 3);
    let expected = initial(&case, rule(RUNNING));
    let node = NodePerturbation {
        sigma: SIGMA,
        ..NodePerturbation::default()
    };
    let mut scratch = (RewardedNoise::default(), NodeDraw::default());
    let mut both = |k| {
        let (work, draw) = &mut scratch;
        let three = flat(&case.estimate(|_, out| rule(RUNNING).propose(&expected, work, case.step(k), out)));
        let node = flat(&case.estimate(|_, out| node.propose(&(), draw, case.step(k), out)));
        (three, node)
    };
    let draws: Vec<_> = (0..10_000).map(&mut both).collect();
    for direction in directions(&flat(&case.gradient())) {
        let along = |factor: f64| -> Vec<f64> {
            let one = |(three, node): &(Vec<f64>, Vec<f64>)| dot(three, &direction) - factor * dot(node, &direction);
            draws.iter().map(one).collect()
        };
        let off = errors_from(&along(1.0), 0.0);
        assert!(off < 3.5, "{off} standard errors");
    }
    // negative control: half the update is seen
    let g = flat(&case.gradient());
    let half: Vec<_> = draws
        .iter()
        .map(|(three, node)| dot(three, &g) - 0.5 * dot(node, &g))
        .collect();
    assert!(errors_from(&half, 0.0) > 3.5);
}

/// The baseline after t steps is `Σ_k (1 − r)^(t−k) C_k / Σ_k (1 − r)^(t−k)`, `C_k` being the mean loss under the noise
/// of step k.
#[test]
fn the_baseline_is_the_running_mean_of_the_loss_under_noise() {
    let rate = 0.25;
    let (x, y) = (inputs::<f64>(4, 6, 1), targets(Loss::CROSS_ENTROPY, 3, 6, 1));
    let start = network(&[4, 5, 3], Activation::Tanh, Activation::Identity, 1);
    let text = format!("ThreeFactor(sigma: {SIGMA}, baseline: Running(rate: {rate}))");
    let mut training = training(&[&text], start, Loss::CROSS_ENTROPY, Optimizer::sgd(0.1), &x, &y);
    let mut seen = Vec::new();
    for step in 0..6u64 {
        let mut clean = Trace {
            input: x.clone(),
            ..Trace::default()
        };
        training.network.forward(&mut clean);
        let (mut xi, mut noisy) = (Vec::new(), Trace::default());
        draw_noise(
            &clean.z,
            &mut Stream::new(training.seed, Purpose::Propose, 0, step).generator(),
            &mut xi,
        );
        noisy_forward(&training.network, &x, SIGMA, &xi, &mut noisy);
        let mut losses = SampleLosses::default();
        seen.push(
            losses
                .measure(Loss::CROSS_ENTROPY, noisy.output(), &y)
                .iter()
                .sum::<f64>()
                / 6.0,
        );
        training.step().expect("finite");
        let weight = |k: usize| (1.0f64 - rate).powi((seen.len() - 1 - k) as i32);
        let total: f64 = (0..seen.len()).map(weight).sum();
        let mean = (0..seen.len()).map(|k| weight(k) * seen[k]).sum::<f64>() / total;
        let kept = baseline(&mut training);
        assert!((kept[0] - mean).abs() < 1e-12, "{kept:?} {mean}");
        assert!((kept[1] - rate * total).abs() < 1e-12);
    }
}

fn baseline(training: &mut Training<f64>) -> Vec<f64> {
    let mut kept = Vec::new();
    training.seats[0].learner.visit(&mut |name, shape, values| {
        assert_eq!((name, &*shape), ("loss.baseline", &[2, 1][..]));
        kept = values.to_vec();
    });
    kept
}

#[test]
fn it_refuses_what_it_cannot_do_and_keeps_the_laws_with_other_options() {
    let refusal = |text: &str, batch| {
        let network = network::<f64>(&[2, 2], Activation::Tanh, Activation::Identity, 1);
        let setting = Setting {
            network: &network,
            loss: Loss::HALF_SQUARES,
            optimizer: &Optimizer::default().into(),
            batch,
            folder: std::path::Path::new(""),
        };
        let bound = common::rule(text).bind_f64(&setting, Stream::new(1, Purpose::RuleStart, 0, 0));
        bound.err().map(|refusal| refusal.option)
    };
    assert_eq!(refusal("ThreeFactor(sigma: 0.0)", 4).as_deref(), Some("sigma"));
    assert_eq!(
        refusal("ThreeFactor(baseline: Running(rate: 0.0))", 4).as_deref(),
        Some("baseline.rate")
    );
    assert_eq!(
        refusal("ThreeFactor(baseline: Running(rate: 1.5))", 4).as_deref(),
        Some("baseline.rate")
    );
    assert_eq!(refusal("ThreeFactor(baseline: Batch)", 1).as_deref(), Some("baseline"));
    assert_eq!(refusal("ThreeFactor(baseline: Batch)", 2), None);
    check(&rules::builtin(), "ThreeFactor(baseline: Batch)").unwrap_or_else(|violations| panic!("{violations}"));
}
