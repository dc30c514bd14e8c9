//! Prove that perturbation rules estimate the gradient of the smoothed loss, with the variance that theory says.

use crate::common;
use crate::common::*;
use crate::estimates::*;
use creditlab::linalg::Matrix;
use creditlab::loss::Loss;
use creditlab::network::{Activation, Affine, Network, Trace};
use creditlab::random::{Purpose, Stream};
use creditlab::rules::LearningRule;
use creditlab::rules::perturbation::node_perturbation::{NodeDraw, NodePerturbation};
use creditlab::rules::perturbation::{NoiseComparison, begin_columns, draw_noise, noisy_forward};
use creditlab::rules::shared::SampleLosses;
use creditlab::update::Proposal;

const VARIANTS: [NoiseComparison; 2] = [NoiseComparison::OneSided, NoiseComparison::Antithetic];

/// The rule's draws, and its expectation by quadrature.
trait Perturb {
    fn draw(&self, rule: NodePerturbation, k: u64) -> Vec<Affine<f64>>;
    fn expectation(&self, rule: NodePerturbation, order: usize) -> Vec<Affine<f64>>;
    fn smoothed_loss(&self, network: &Network<f64>, sigma: f64, order: usize) -> f64;
}

impl Perturb for Case {
    /// What the rule proposes with its `k`-th draws.
    fn draw(&self, rule: NodePerturbation, k: u64) -> Vec<Affine<f64>> {
        self.estimate(|_, out| rule.propose(&(), &mut NodeDraw::default(), self.step(k), out))
    }

    /// The expectation of the rule's update, exact up to the quadrature.
    fn expectation(&self, rule: NodePerturbation, order: usize) -> Vec<Affine<f64>> {
        self.estimate(|step, out| {
            let mut draw = NodeDraw::default();
            begin_columns(step, out);
            quadrature(order, units(&self.trace), |xi, weight| {
                draw.xi = unit_noise(&self.trace, xi);
                rule.add_estimate(step, weight, &mut draw, out);
            });
        })
    }

    /// `C_σ`, the mean over samples and noise of the loss of the noisy pass, for any parameters.
    fn smoothed_loss(&self, network: &Network<f64>, sigma: f64, order: usize) -> f64 {
        let (mut noisy, mut losses, mut sum) = (Trace::default(), SampleLosses::default(), 0.0);
        quadrature(order, units(&self.trace), |xi, weight| {
            let xi = unit_noise(&self.trace, xi);
            noisy_forward(network, &self.trace.input, sigma, &xi, &mut noisy);
            sum += weight
                * losses
                    .measure(self.loss, noisy.output(), &self.targets)
                    .iter()
                    .sum::<f64>();
        });
        sum / self.trace.batch() as f64
    }
}

fn rule(sigma: f64, variant: NoiseComparison) -> NodePerturbation {
    NodePerturbation {
        sigma,
        variant,
        draws: 1,
    }
}

#[test]
fn quadrature_has_the_moments_of_the_normal_distribution() {
    let (nodes, weights) = gauss_hermite(8);
    for (power, moment) in [(0, 1.0), (1, 0.0), (2, 1.0), (3, 0.0), (4, 3.0), (6, 15.0), (8, 105.0)] {
        let sum: f64 = nodes.iter().zip(&weights).map(|(x, w)| w * x.powi(power)).sum();
        assert!((sum - moment).abs() < 1e-11, "{power}: {sum}");
    }
}

/// `E Δb_l = ∂C_σ/∂b_l` and, where the activity below is free of noise, `E ΔW_1 = ∂C_σ/∂W_1`, at noise that is not small.
#[test]
fn node_perturbation_expects_the_gradient_of_the_smoothed_loss() {
    let (sigma, order) = (0.5, 24);
    for (sizes, loss) in [(&[2, 1, 1][..], Loss::HALF_SQUARES), (&[2, 1, 2], Loss::CROSS_ENTROPY)] {
        let case = Case::random(sizes, Activation::Tanh, loss, 1, 1);
        let smoothed = central_differences(&case.network, 1e-4, |n| case.smoothed_loss(n, sigma, order));
        let (first_layer, output_biases) = (sizes[1] * (sizes[0] + 1), sizes[2]);
        let exact = [0..first_layer, smoothed.len() - output_biases..smoothed.len()];
        let pick = |all: &[f64]| {
            exact
                .iter()
                .flat_map(|range| all[range.clone()].to_vec())
                .collect::<Vec<_>>()
        };
        for variant in VARIANTS {
            let expected = case.expectation(rule(sigma, variant), order);
            let error = relative(&pick(&flat(&expected)), &pick(&smoothed));
            assert!(error < 1e-6, "{loss:?} {variant:?}: {error:e}");
            // with the clean activity below, the outer product is exact: E ΔW_2 = (∂C_σ/∂b_2) a_1ᵀ
            let pairs = &expected[1].bias * case.trace.a[0].transpose();
            assert!((&pairs - &expected[1].weight).norm() < 1e-12 * pairs.norm());
            // negative controls: at this noise neither the gradient of C nor the noise to a higher power will do
            assert!(relative(&pick(&flat(&case.gradient())), &pick(&smoothed)) > 1e-2);
            let squared: Vec<_> = pick(&flat(&expected)).iter().map(|u| u / sigma).collect();
            assert!(relative(&squared, &pick(&smoothed)) > 0.5);
        }
        let [one_sided, antithetic] = VARIANTS.map(|variant| flat(&case.expectation(rule(sigma, variant), order)));
        assert!(relative(&one_sided, &antithetic) < 1e-11);
    }
}

#[test]
fn node_perturbation_has_a_bias_of_second_order() {
    for (sizes, loss) in [(&[1, 1, 1][..], Loss::HALF_SQUARES), (&[2, 1, 2], Loss::CROSS_ENTROPY)] {
        let case = Case::random(sizes, Activation::Tanh, loss, 3, 2);
        let g = flat(&case.gradient());
        for variant in VARIANTS {
            let bias = |sigma: f64| relative(&flat(&case.expectation(rule(sigma, variant), 12)), &g);
            for sigma in [0.08, 0.04, 0.02] {
                let slope = (bias(sigma) / bias(sigma / 2.0)).log2();
                assert!((slope - 2.0).abs() < 0.05, "{loss:?} {variant:?} {sigma}: {slope}");
            }
            // negative control: a rule that divides by σ² instead has no such slope
            let squared = |sigma: f64| {
                let u: Vec<_> = flat(&case.expectation(rule(sigma, variant), 12))
                    .iter()
                    .map(|u| u / sigma)
                    .collect();
                relative(&u, &g)
            };
            assert!((squared(0.04) / squared(0.02)).log2() < 0.0);
        }
    }
}

#[test]
fn node_perturbation_is_unbiased_along_fixed_directions() {
    let case = Case::random(&[4, 5, 3], Activation::Tanh, Loss::CROSS_ENTROPY, 4, 3);
    for variant in VARIANTS {
        let draw = |k| flat(&case.draw(rule(1e-3, variant), k));
        for off in case.errors_along(6000, draw) {
            assert!(off < 3.5, "{variant:?}: {off} standard errors");
        }
        // negative control: 10 % more is seen
        let more = |k| draw(k).iter().map(|u| 1.1 * u).collect();
        assert!(case.errors_along(6000, more)[0] > 3.5);
    }
}

/// One linear layer of M outputs and N inputs, one sample, no bias: `E |u − g|² = (M + 1) |g|²` as `σ → 0`, whatever N is.
#[test]
fn node_perturbation_has_the_variance_of_its_output_directions() {
    let (m, n) = (5, 4);
    let mut network = network(&[n, m], Activation::Identity, Activation::Identity, 4);
    network.layers[0].bias = creditlab::linalg::Vector::from_vec(Vec::new());
    let case = Case::new(
        network,
        Loss::HALF_SQUARES,
        inputs(n, 1, 4),
        targets(Loss::HALF_SQUARES, m, 1, 4),
    );
    let g = flat(&case.gradient());
    let size = dot(&g, &g);
    for variant in VARIANTS {
        let squares = |draws: u32, count: u64| -> Vec<f64> {
            let rule = NodePerturbation {
                draws,
                ..rule(1e-5, variant)
            };
            let square = |k| {
                flat(&case.draw(rule, k))
                    .iter()
                    .zip(&g)
                    .map(|(u, g)| (u - g).powi(2))
                    .sum()
            };
            (0..count).map(square).collect()
        };
        let one = squares(1, 20_000);
        let off = errors_from(&one, (m + 1) as f64 * size);
        assert!(off < 4.0, "{variant:?}: {off} standard errors");
        // the mean of several draws varies less in proportion
        let off = errors_from(&squares(4, 5_000), (m + 1) as f64 * size / 4.0);
        assert!(off < 4.0, "{variant:?}, 4 draws: {off} standard errors");
        // negative controls: the neighbouring laws, and the one of weight perturbation
        for wrong in [m, m + 2, m * n + 1] {
            assert!(errors_from(&one, wrong as f64 * size) > 4.0);
        }
    }
}

/// Two samples that are equal in everything must not get equal noise: `E δ_1 · δ_2 = |δ|²` on a linear layer as `σ → 0`, where
/// shared noise would give `(M + 2) |δ|²`.
#[test]
fn node_perturbation_draws_noise_for_each_sample() {
    let m = 3;
    let network = network(&[2, m], Activation::Identity, Activation::Identity, 6);
    let twice = |column: Matrix<f64>| Matrix::from_fn(column.nrows(), 2, |i, _| column[(i, 0)]);
    let (x, y) = (twice(inputs(2, 1, 6)), twice(targets(Loss::HALF_SQUARES, m, 1, 6)));
    let case = Case::new(network, Loss::HALF_SQUARES, x, y);
    let exact = case.trace.output().a.column(0) - case.targets.column(0);
    let size = exact.norm_squared();
    let products = |shared: bool| -> Vec<f64> {
        let one = |k| {
            let (step, mut draw, mut out) = (case.step(k), NodeDraw::default(), Proposal::default());
            out.begin(&case.network.layers, 2);
            let rule = rule(1e-5, NoiseComparison::Antithetic);
            begin_columns(&step, &mut out);
            draw_noise(&case.trace.z, &mut step.stream.generator(), &mut draw.xi);
            if shared {
                let first = draw.xi[0].column(0).into_owned();
                draw.xi[0].set_column(1, &first);
            }
            rule.add_estimate(&step, 1.0, &mut draw, &mut out);
            let delta = out.delta(0).expect("a local layer");
            delta.column(0).dot(&delta.column(1))
        };
        (0..10_000).map(one).collect()
    };
    let own = products(false);
    assert!(errors_from(&own, size) < 4.0);
    assert!(errors_from(&own, (m + 2) as f64 * size) > 4.0);
    // negative control: noise that samples share gives the other law, and not this one
    let shared = products(true);
    assert!(errors_from(&shared, (m + 2) as f64 * size) < 4.0);
    assert!(errors_from(&shared, size) > 4.0);
}

/// Where the loss is an even function of the noise, opposite noise gives opposite zeros; one noisy pass does not.
#[test]
fn antithetic_noise_gives_no_update_at_a_symmetric_point() {
    let mut network = network(&[3, 4, 2], Activation::Tanh, Activation::Identity, 7);
    network.layers.iter_mut().for_each(|layer| layer.bias.fill(0.0));
    let case = Case::new(network, Loss::HALF_SQUARES, Matrix::zeros(3, 5), Matrix::zeros(2, 5));
    let update = |variant| flat(&case.draw(rule(0.1, variant), 0));
    assert!(update(NoiseComparison::Antithetic).iter().all(|u| *u == 0.0));
    assert!(update(NoiseComparison::OneSided).iter().any(|u| *u != 0.0));
}

/// In single precision the default noise leaves rounding far below the spread of a draw: the same noise gives nearly the same
/// proposal in both precisions. A thousand times smaller noise does not.
#[test]
fn the_default_noise_suits_single_precision() {
    let error = |sigma: f64| {
        let text = format!("NodePerturbation(sigma: {sigma})");
        let wide = network::<f64>(&[8, 10, 4], Activation::Tanh, Activation::Identity, 8);
        let narrow = network::<f32>(&[8, 10, 4], Activation::Tanh, Activation::Identity, 8);
        let loss = Loss::CROSS_ENTROPY;
        let u = flat(&proposal(
            &text,
            &wide,
            loss,
            &inputs(8, 16, 8),
            &targets(loss, 4, 16, 8),
        ));
        let optimizer = creditlab::update::Optimizer::sgd(0.1);
        let (x, y) = (inputs::<f32>(8, 16, 8), targets::<f32>(loss, 4, 16, 8));
        let mut training = training(&[&text], narrow.clone(), loss, optimizer, &x, &y);
        training.step().expect("finite");
        let v = arrays(&training.seats[0].proposal, &narrow, &training.trace);
        let values = |u: &Affine<f32>| {
            u.weight
                .iter()
                .chain(u.bias.iter())
                .map(|v| f64::from(*v))
                .collect::<Vec<_>>()
        };
        relative(&v.iter().flat_map(values).collect::<Vec<_>>(), &u)
    };
    assert!(error(NodePerturbation::default().sigma) < 1e-3);
    assert!(error(1e-5) > 1e-3);
}

#[test]
fn node_perturbation_refuses_what_it_cannot_do_and_counts_its_passes() {
    let refusal = |text: &str| {
        let network = network::<f64>(&[2, 2], Activation::Tanh, Activation::Identity, 1);
        let setting = creditlab::rules::Setting {
            network: &network,
            loss: Loss::HALF_SQUARES,
            optimizer: &creditlab::update::Optimizer::default().into(),
            batch: 1,
            folder: std::path::Path::new(""),
        };
        let rule = common::rule(text);
        rule.bind_f64(&setting, Stream::new(1, Purpose::RuleStart, 0, 0))
            .err()
            .map(|refusal| refusal.option)
    };
    assert_eq!(refusal("NodePerturbation(sigma: 0.0)").as_deref(), Some("sigma"));
    assert_eq!(refusal("NodePerturbation(sigma: -1.0)").as_deref(), Some("sigma"));
    assert_eq!(refusal("NodePerturbation(draws: 0)").as_deref(), Some("draws"));
    assert_eq!(refusal("NodePerturbation(variant: Antithetic, draws: 3)"), None);
    let passes = |text: &str| common::rule(text).needs().forward_passes;
    assert_eq!(passes("NodePerturbation"), 2);
    assert_eq!(passes("NodePerturbation(variant: Antithetic, draws: 3)"), 7);
}
