//! Prove that weight perturbation estimates the gradient of the smoothed loss, with the variance that theory says.

use crate::common;
use crate::common::*;
use crate::estimates::*;
use creditlab::conformance::check;
use creditlab::loss::Loss;
use creditlab::network::{Activation, Affine, Network};
use creditlab::random::{Purpose, Stream};
use creditlab::rules::perturbation::weight_perturbation::{Sharing, WeightDraw, WeightPerturbation};
use creditlab::rules::perturbation::{NoiseComparison, begin_arrays};
use creditlab::rules::shared::displace;
use creditlab::rules::{self, LearningRule, Setting};
use creditlab::update::Optimizer;

const VARIANTS: [NoiseComparison; 2] = [NoiseComparison::OneSided, NoiseComparison::Antithetic];

fn rule(sigma: f64, variant: NoiseComparison, noise: Sharing) -> WeightPerturbation {
    let draws = 1;
    WeightPerturbation {
        sigma,
        variant,
        noise,
        draws,
    }
}

/// What the rule proposes with its `k`-th draws.
fn draw(case: &Case, rule: WeightPerturbation, k: u64) -> Vec<f64> {
    flat(&case.estimate(|_, out| rule.propose(&(), &mut Default::default(), case.step(k), out)))
}

/// Noise on all parameters from one row of numbers, laid out as [`flat`].
fn noise(network: &Network<f64>, numbers: &[f64]) -> Vec<Affine<f64>> {
    let mut numbers = numbers.iter();
    let layer = |layer| {
        let mut xi = Affine::zeros_like(layer);
        let all = xi.weight.iter_mut().chain(xi.bias.iter_mut());
        all.zip(numbers.by_ref()).for_each(|(xi, number)| *xi = *number);
        xi
    };
    network.layers.iter().map(layer).collect()
}

/// The expectation of the rule's update, exact up to the quadrature. Where samples have noise of their own, each is a
/// term of its own.
fn expectation(case: &Case, rule: WeightPerturbation, order: usize) -> Vec<f64> {
    let clean: Vec<_> = (0..case.trace.batch())
        .map(|i| case.loss.of_sample(case.trace.output(), &case.targets, i))
        .collect();
    flat(&case.estimate(|step, out| {
        let mut draw = WeightDraw::default();
        begin_arrays(&case.network, out);
        quadrature(order, case.network.parameters(), |xi, weight| {
            draw.xi = noise(&case.network, xi);
            rule.add_estimate(step, 0..clean.len(), &clean, weight, &mut draw, out);
        });
    }))
}

/// `C_σ`, the mean loss under noise on all parameters.
fn smoothed_loss(case: &Case, network: &Network<f64>, sigma: f64, order: usize) -> f64 {
    let (mut moved, mut there, mut sum) = (Vec::new(), network.clone(), 0.0);
    quadrature(order, network.parameters(), |xi, weight| {
        displace(network, sigma, &noise(network, xi), &mut moved);
        for (layer, moved) in there.layers.iter_mut().zip(&moved) {
            layer.weight.copy_from(&moved.weight);
            layer.bias.copy_from(&moved.bias);
        }
        sum += weight * mean_loss(&there, case.loss, &case.trace.input, &case.targets);
    });
    sum
}

/// Two networks of four parameters.
fn small_cases() -> [Case; 2] {
    [
        Case::random(&[1, 1, 1], Activation::Tanh, Loss::HALF_SQUARES, 2, 1),
        Case::random(&[1, 2], Activation::Tanh, Loss::CROSS_ENTROPY, 2, 2),
    ]
}

/// `E Δθ = ∂C_σ/∂θ` in all parameters, at noise that is not small.
#[test]
fn it_expects_the_gradient_of_the_smoothed_loss() {
    let (sigma, order) = (0.4, 14);
    for case in small_cases() {
        let smoothed = central_differences(&case.network, 1e-4, |n| smoothed_loss(&case, n, sigma, order));
        for variant in VARIANTS {
            let expected = expectation(&case, rule(sigma, variant, Sharing::Batch), order);
            let error = relative(&expected, &smoothed);
            assert!(error < 1e-6, "{variant:?}: {error:e}");
            // negative controls: neither the gradient of the loss without noise nor another power of σ will do
            assert!(relative(&flat(&case.gradient()), &smoothed) > 1e-2);
            let other: Vec<_> = expected.iter().map(|u| u / sigma).collect();
            assert!(relative(&other, &smoothed) > 0.5);
        }
    }
}

#[test]
fn its_bias_is_of_second_order() {
    for case in small_cases() {
        let g = flat(&case.gradient());
        for variant in VARIANTS {
            let bias = |sigma: f64| relative(&expectation(&case, rule(sigma, variant, Sharing::Batch), 10), &g);
            for sigma in [0.08, 0.04] {
                let slope = (bias(sigma) / bias(sigma / 2.0)).log2();
                assert!((slope - 2.0).abs() < 0.05, "{variant:?} {sigma}: {slope}");
            }
            // negative control: an update that is divided by σ² has no such slope
            let wrong = |sigma: f64| {
                let u = expectation(&case, rule(sigma, variant, Sharing::Batch), 10);
                relative(&u.iter().map(|u| u / sigma).collect::<Vec<_>>(), &g)
            };
            assert!((wrong(0.04) / wrong(0.02)).log2() < 0.0);
        }
    }
}

#[test]
fn it_is_unbiased_along_fixed_directions() {
    let case = Case::random(&[4, 5, 3], Activation::Tanh, Loss::CROSS_ENTROPY, 4, 3);
    for variant in VARIANTS {
        for noise in [Sharing::Batch, Sharing::Sample] {
            let draw = |k| draw(&case, rule(1e-3, variant, noise), k);
            for off in case.errors_along(6000, draw) {
                assert!(off < 3.5, "{variant:?} {noise:?}: {off} standard errors");
            }
            // negative control: a wrong scale is seen
            let more = |k| draw(k).iter().map(|u| 1.2 * u).collect();
            assert!(case.errors_along(6000, more)[0] > 3.5);
        }
    }
}

/// A linear layer of M outputs and N inputs without bias: `E |u − g|² = (M N + 1) |g|²` as `σ → 0` for noise that the
/// batch shares, and for noise of its own for each of n samples `(M N + 1) Σ |g_i|² / n²`, which for equal samples is
/// an n-th part.
#[test]
fn its_variance_is_that_of_a_direction_of_all_parameters() {
    let (m, n, batch) = (3, 4, 5);
    let mut network = network(&[n, m], Activation::Identity, Activation::Identity, 4);
    network.layers[0].bias = creditlab::linalg::Vector::from_vec(Vec::new());
    let loss = Loss::HALF_SQUARES;
    let (x, y) = (inputs(n, 1, 4), targets(loss, m, 1, 4));
    let equal = |column: &creditlab::linalg::Matrix<f64>| column.select_columns(&vec![0; batch]);
    let case = Case::new(network, loss, equal(&x), equal(&y));
    let g = flat(&case.gradient());
    let size = dot(&g, &g);
    let squares = |rule: WeightPerturbation, count: u64| -> Vec<f64> {
        let square = |k| draw(&case, rule, k).iter().zip(&g).map(|(u, g)| (u - g).powi(2)).sum();
        (0..count).map(square).collect()
    };
    let law = (m * n + 1) as f64 * size;
    for variant in VARIANTS {
        let shared = squares(rule(1e-5, variant, Sharing::Batch), 20_000);
        let own = squares(rule(1e-5, variant, Sharing::Sample), 8_000);
        let averaged = squares(
            WeightPerturbation {
                draws: 4,
                ..rule(1e-5, variant, Sharing::Batch)
            },
            8_000,
        );
        for (what, values, law) in [
            ("shared noise", &shared, law),
            ("own noise", &own, law / batch as f64),
            ("4 draws", &averaged, law / 4.0),
        ] {
            let off = errors_from(values, law);
            assert!(off < 4.0, "{variant:?}, {what}: {off} standard errors");
        }
        // negative controls: the neighbouring laws, that of node perturbation, and the laws of one another
        for wrong in [m * n, m * n + 2, m + 1] {
            assert!(errors_from(&shared, wrong as f64 * size) > 4.0, "{wrong}");
        }
        assert!(errors_from(&own, law) > 4.0);
    }
}

/// Two samples with noise of their own have nothing in common; with shared noise they have everything.
#[test]
fn noise_is_shared_as_stated() {
    let case = Case::random(&[3, 4, 2], Activation::Tanh, Loss::HALF_SQUARES, 1, 5);
    let twice = Case::new(
        case.network.clone(),
        case.loss,
        case.trace.input.select_columns(&[0, 0]),
        case.targets.select_columns(&[0, 0]),
    );
    let one = draw(&case, rule(1e-3, NoiseComparison::OneSided, Sharing::Batch), 7);
    let shared = draw(&twice, rule(1e-3, NoiseComparison::OneSided, Sharing::Batch), 7);
    let own = draw(&twice, rule(1e-3, NoiseComparison::OneSided, Sharing::Sample), 7);
    assert!(relative(&shared, &one) < 1e-12);
    assert!(relative(&own, &one) > 0.1);
}

#[test]
fn it_refuses_what_it_cannot_do_and_counts_its_passes() {
    let refusal = |text: &str| {
        let network = network::<f64>(&[2, 2], Activation::Tanh, Activation::Identity, 1);
        let setting = Setting {
            network: &network,
            loss: Loss::HALF_SQUARES,
            optimizer: &Optimizer::default().into(),
            batch: 1,
            folder: std::path::Path::new(""),
        };
        let bound = common::rule(text).bind_f64(&setting, Stream::new(1, Purpose::RuleStart, 0, 0));
        bound.err().map(|refusal| refusal.option)
    };
    assert_eq!(refusal("WeightPerturbation(sigma: 0.0)").as_deref(), Some("sigma"));
    assert_eq!(refusal("WeightPerturbation(draws: 0)").as_deref(), Some("draws"));
    assert_eq!(refusal("WeightPerturbation(noise: Sample, draws: 3)"), None);
    let passes = |text: &str| common::rule(text).needs().forward_passes;
    assert_eq!(passes("WeightPerturbation"), 2);
    assert_eq!(passes("WeightPerturbation(variant: Antithetic, draws: 3)"), 7);
}

#[test]
fn it_keeps_the_laws_with_other_options() {
    let rule = "WeightPerturbation(noise: Sample, variant: Antithetic, draws: 2)";
    check(&rules::builtin(), rule).unwrap_or_else(|violations| panic!("{violations}"));
}
