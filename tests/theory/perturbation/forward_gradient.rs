//! Prove that the forward gradient is the exact derivative along its direction, and has the moments of the normal
//! distribution.

use crate::common;
use crate::common::*;
use crate::estimates::*;
use creditlab::conformance::check;
use creditlab::linalg::Matrix;
use creditlab::loss::Loss;
use creditlab::network::{Activation, Affine};
use creditlab::rules::perturbation::forward_gradient::{DirectionalPass, ForwardGradient, Space};
use creditlab::rules::shared::Tangent;
use creditlab::rules::{self, LearningRule};
use creditlab::theory::forward_gradient::mean_square;
use creditlab::update::Proposal;

const SPACES: [Space; 2] = [Space::Weights, Space::Activity];

fn rule(space: Space) -> ForwardGradient {
    ForwardGradient { space, draws: 1 }
}

/// What the rule proposes with its `k`-th draws, and the direction it took.
fn draw(case: &Case, rule: ForwardGradient, k: u64) -> (Proposal<f64>, DirectionalPass<f64>) {
    let (mut out, mut work) = (Proposal::default(), DirectionalPass::default());
    out.begin(&case.network.layers, case.trace.batch());
    rule.propose(&(), &mut work, case.step(k), &mut out);
    (out, work)
}

fn update(case: &Case, rule: ForwardGradient, k: u64) -> Vec<f64> {
    flat(&arrays(&draw(case, rule, k).0, &case.network, &case.trace))
}

/// `u = (g · v) v`, and `δ_l = (Σ_k δ*_k · ξ_k) ξ_l` for each sample, `g` and `δ*` being backpropagation's.
#[test]
fn it_is_the_exact_derivative_along_its_direction_times_the_direction() {
    for case in Case::of_every_kind() {
        let (out, work) = draw(&case, rule(Space::Weights), 1);
        let (g, v) = (flat(&case.gradient()), flat(&work.v));
        let along = dot(&g, &v);
        let u = flat(&arrays(&out, &case.network, &case.trace));
        let expected: Vec<_> = v.iter().map(|v| along * v).collect();
        assert!(relative(&u, &expected) < 1e-12, "{:?}", case.loss);
        // negative control: another direction, or one layer of this one, gives another number
        let part = dot(&g[..g.len() / 2], &v[..g.len() / 2]);
        assert!((part - along).abs() > 1e-6 * along.abs());

        let (out, work) = draw(&case, rule(Space::Activity), 1);
        let exact = deltas(&case);
        for i in 0..case.trace.batch() {
            let along: f64 = exact
                .iter()
                .zip(&work.xi)
                .map(|(delta, xi)| delta.column(i).dot(&xi.column(i)))
                .sum();
            for (l, xi) in work.xi.iter().enumerate() {
                let delta = out.delta(l).expect("a local layer").column(i);
                let error = (delta - along * xi.column(i)).norm();
                assert!(error < 1e-12 * along.abs() * xi.column(i).norm(), "{error:e}");
            }
        }
    }
}

/// `∂C/∂z_l` of every layer and sample.
fn deltas(case: &Case) -> Vec<Matrix<f64>> {
    let optimizer = creditlab::update::Optimizer::sgd(0.1);
    let (x, y) = (&case.trace.input, &case.targets);
    let mut training = training(&["Backprop"], case.network.clone(), case.loss, optimizer, x, y);
    training.step().expect("finite");
    let proposal = &training.seats[0].proposal;
    (0..case.network.depth())
        .map(|l| proposal.delta(l).expect("local").clone())
        .collect()
}

/// The derivative is that of the loss itself: `(C(θ + εv) − C(θ − εv)) / 2ε` with an error of second order.
#[test]
fn the_pass_of_dual_numbers_is_the_limit_of_differences() {
    let smooth = |case: &Case| {
        matches!(
            case.network.layers[0].activation,
            Activation::Identity | Activation::Logistic | Activation::Tanh | Activation::Softplus | Activation::Erf
        )
    };
    for case in Case::of_every_kind().filter(smooth) {
        let v = draw(&case, rule(Space::Weights), 1).1.v;
        let mut tangent = Tangent::default();
        tangent.begin(&case.step(0));
        let exact = tangent.along(&case.step(0), &v).iter().sum::<f64>() / case.trace.batch() as f64;
        let error = |step: f64| {
            let at = |step: f64| {
                let mut network = case.network.clone();
                for (layer, Affine { weight, bias }) in network.layers.iter_mut().zip(&v) {
                    layer.weight += step * weight;
                    layer.bias += step * bias;
                }
                mean_loss(&network, case.loss, &case.trace.input, &case.targets)
            };
            ((at(step) - at(-step)) / (2.0 * step) - exact).abs()
        };
        let slope = (error(2e-3) / error(1e-3)).log2();
        // a quadratic loss of one linear layer has no error of second order
        if error(1e-3) > 1e-9 * exact.abs() {
            assert!((slope - 2.0).abs() < 0.1, "{slope}");
        }
    }
}

#[test]
fn it_is_unbiased_along_fixed_directions() {
    let case = Case::random(&[4, 5, 3], Activation::Tanh, Loss::CROSS_ENTROPY, 4, 3);
    for space in SPACES {
        let draw = |k| update(&case, rule(space), k);
        for off in case.errors_along(20_000, draw) {
            assert!(off < 3.5, "{space:?}: {off} standard errors");
        }
        // negative control: 5 % more is seen
        let more = |k| draw(k).iter().map(|u| 1.05 * u).collect();
        assert!(case.errors_along(20_000, more)[0] > 3.5);
    }
}

/// `E |u|² = (d + 2) |g|²` in d dimensions. In the space of the activity it holds for the `δ` of a sample in all layers
/// together.
#[test]
fn its_mean_square_is_that_of_a_random_direction() {
    let case = Case::random(&[5, 4, 3], Activation::Tanh, Loss::CROSS_ENTROPY, 6, 6);
    let g = flat(&case.gradient());
    let (d, size) = (case.network.parameters() as f64, dot(&g, &g));
    let square = |k| update(&case, rule(Space::Weights), k).iter().map(|u| u * u).sum();
    check_moments("weights", &(0..40_000).map(square).collect::<Vec<f64>>(), d, size);
    let several = ForwardGradient {
        draws: 4,
        ..rule(Space::Weights)
    };
    let square = |k| update(&case, several, k).iter().map(|u| u * u).sum();
    let off = errors_from(
        &(0..10_000).map(square).collect::<Vec<f64>>(),
        mean_square(d, 4.0) * size,
    );
    assert!(off < 4.0, "4 draws: {off} standard errors");

    let exact = deltas(&case);
    let size = exact.iter().map(|delta| delta.column(2).norm_squared()).sum();
    let square = |k| {
        let (out, _) = draw(&case, rule(Space::Activity), k);
        let delta = |l| out.delta(l).expect("local").column(2).norm_squared();
        (0..case.network.depth()).map(delta).sum()
    };
    let squares: Vec<f64> = (0..40_000).map(square).collect();
    check_moments("activity", &squares, units(&case.trace) as f64, size);
}

/// The mean of `squares` is `(d + 2) size`, and none of the neighbouring laws.
fn check_moments(what: &str, squares: &[f64], d: f64, size: f64) {
    let off = errors_from(squares, mean_square(d, 1.0) * size);
    assert!(off < 4.0, "{what}: {off} standard errors");
    for wrong in [0.9 * d, 1.2 * d + 2.0, 1.0] {
        assert!(errors_from(squares, wrong * size) > 4.0, "{what}: {wrong}");
    }
}

#[test]
fn directions_are_shared_as_stated() {
    let case = Case::random(&[3, 4, 2], Activation::Tanh, Loss::HALF_SQUARES, 1, 5);
    let twice = Case::new(
        case.network.clone(),
        case.loss,
        case.trace.input.select_columns(&[0, 0]),
        case.targets.select_columns(&[0, 0]),
    );
    // a batch of equal samples is one sample to a direction that they share
    assert!(
        relative(
            &update(&twice, rule(Space::Weights), 7),
            &update(&case, rule(Space::Weights), 7)
        ) < 1e-12
    );
    let (_, work) = draw(&twice, rule(Space::Activity), 7);
    assert!(work.xi.iter().all(|xi| xi.column(0) != xi.column(1)));
}

#[test]
fn passes_are_counted_and_other_options_keep_the_laws() {
    let passes = |text: &str| common::rule(text).needs().forward_passes;
    assert_eq!(passes("ForwardGradient"), 2);
    assert_eq!(passes("ForwardGradient(space: Activity, draws: 3)"), 4);
    let rule = "ForwardGradient(space: Activity, draws: 2)";
    check(&rules::builtin(), rule).unwrap_or_else(|violations| panic!("{violations}"));
}
