//! Prove that `Backprop` is the gradient of the mean loss, that `SunsAndPlanets` is the same by messages, and that
//! `RandomDirection` has nothing of it but the length.

use crate::common::*;
use creditlab::linalg::{Matrix, Scalar};
use creditlab::loss::Loss;
use creditlab::network::{Activation, Affine, Network, Trace};
use creditlab::random::{Purpose, Stream};
use creditlab::rules::{LearningRule, Step, SunsAndPlanets};
use creditlab::update::{Optimizer, Proposal};

const STEP: f64 = 1e-5;

/// The forward pass on `x`.
fn trace<T: Scalar>(network: &Network<T>, x: &Matrix<T>) -> Trace<T> {
    let mut trace = Trace {
        input: x.clone(),
        ..Trace::default()
    };
    network.forward(&mut trace);
    trace
}

/// Whether some pre-activation is so near a kink, of whatever activation, that a difference could step over it.
fn near_a_kink(network: &Network<f64>, x: &Matrix<f64>) -> bool {
    let trace = trace(network, x);
    let near = |z: &f64| [0.0, 1.0, 2.0].iter().any(|kink| (z.abs() - kink).abs() < 10.0 * STEP);
    trace.z.iter().flat_map(|z| z.iter()).any(near)
}

/// Every loss with every output activation that it accepts.
fn losses() -> impl Iterator<Item = (Loss, Activation)> {
    let outputs = |loss: Loss| Activation::ALL.into_iter().filter(move |output| loss.accepts(*output));
    Loss::ALL
        .into_iter()
        .flat_map(move |loss| outputs(loss).map(move |output| (loss, output)))
}

#[test]
fn backprop_equals_central_differences_for_every_activation_loss_and_depth() {
    for hidden in Activation::ALL {
        for (loss, output) in losses() {
            for depth in 1..=4 {
                let sizes = &[5, 7, 6, 4, 3][4 - depth..];
                let seeds = (0..20)
                    .filter(|seed| !near_a_kink(&network(sizes, hidden, output, *seed), &inputs(sizes[0], 6, *seed)));
                for seed in seeds.take(3) {
                    let network = network(sizes, hidden, output, seed);
                    let (x, y) = (inputs(sizes[0], 6, seed), targets(loss, 3, 6, seed));
                    let gradient = flat(&proposal("Backprop", &network, loss, &x, &y));
                    let differences = central_differences(&network, STEP, |n| mean_loss(n, loss, &x, &y));
                    if differences.iter().all(|d| *d == 0.0) {
                        // every ReLU output is silent: the gradient must be exactly zero too
                        assert!(gradient.iter().all(|g| *g == 0.0));
                        continue;
                    }
                    let error = relative(&gradient, &differences);
                    assert!(error <= 1e-7, "{hidden:?} {loss:?} {output:?} depth {depth}: {error:e}");
                    // negative control: a scale error must fail
                    let doubled: Vec<_> = gradient.iter().map(|g| 2.0 * g).collect();
                    assert!(relative(&doubled, &differences) > 0.5);
                }
            }
        }
    }
}

/// The error of a central difference is `h²` times a constant, until `ε / h` of rounding takes over.
#[test]
fn the_error_of_central_differences_falls_as_the_square_of_the_step() {
    for loss in Loss::ALL {
        for seed in 0..3 {
            let network = network(&[5, 6, 4, 3], Activation::Tanh, loss.default_output(), seed);
            let (x, y) = (inputs(5, 6, seed), targets(loss, 3, 6, seed));
            let gradient = flat(&proposal("Backprop", &network, loss, &x, &y));
            let error = |gradient: &[f64], step| {
                let differences = central_differences(&network, step, |n| mean_loss(n, loss, &x, &y));
                relative(gradient, &differences)
            };
            let slope = |gradient: &[f64]| (error(gradient, 1e-2) / error(gradient, 1e-3)).log10();
            assert!((slope(&gradient) - 2.0).abs() < 0.02, "{loss:?}: {}", slope(&gradient));
            assert!(error(&gradient, 1e-11) > 100.0 * error(&gradient, 1e-5), "{loss:?}");
            // negative control: differences do not approach a gradient that is wrong by a thousandth
            let wrong: Vec<_> = gradient.iter().map(|g| 1.001 * g).collect();
            assert!(slope(&wrong) < 1.0, "{loss:?}: {}", slope(&wrong));
        }
    }
}

/// A mean over the outputs is the sum divided by their number: the loss, and its gradient.
#[test]
fn a_mean_over_outputs_divides_the_sum() {
    for (loss, output) in losses() {
        let network = network(&[5, 7, 4, 3], Activation::Tanh, output, 1);
        let (x, y) = (inputs(5, 6, 1), targets(loss, 3, 6, 1));
        let mean: Loss = ron::from_str(&format!("{loss}(over: Mean)")).expect("as files have it");
        let ratio = mean_loss(&network, mean, &x, &y) / mean_loss(&network, loss, &x, &y);
        assert!((ratio * 3.0 - 1.0).abs() < 1e-14, "{loss}: {ratio}");
        let gradient = flat(&proposal("Backprop", &network, mean, &x, &y));
        let third: Vec<_> = flat(&proposal("Backprop", &network, loss, &x, &y))
            .iter()
            .map(|g| g / 3.0)
            .collect();
        assert!(relative(&gradient, &third) < 1e-14, "{loss}");
    }
}

#[test]
fn the_gradient_of_a_batch_is_the_mean_over_its_examples() {
    for hidden in Activation::ALL {
        for (loss, output) in losses() {
            let network = network(&[5, 7, 4, 3], hidden, output, 1);
            let (x, y) = (inputs(5, 6, 1), targets(loss, 3, 6, 1));
            let gradient = flat(&proposal("Backprop", &network, loss, &x, &y));
            let mean = |examples: std::ops::Range<usize>| {
                let mut mean = vec![0.0; gradient.len()];
                for i in examples.clone() {
                    let (x, y) = (x.columns(i, 1).into_owned(), y.columns(i, 1).into_owned());
                    for (mean, g) in mean.iter_mut().zip(flat(&proposal("Backprop", &network, loss, &x, &y))) {
                        *mean += g / examples.len() as f64;
                    }
                }
                mean
            };
            let error = relative(&mean(0..6), &gradient);
            assert!(error <= 1e-12, "{hidden:?} {loss:?} {output:?}: {error:e}");
            // negative control: one example less
            assert!(
                relative(&mean(0..5), &gradient) > 1e-3,
                "{hidden:?} {loss:?} {output:?}"
            );
        }
    }
}

/// `∇_a C` of one example, from the definition of the loss; `y` sums to 1 where the loss is a cross-entropy.
fn output_gradient(loss: Loss, a: &[f64], y: &[f64]) -> Vec<f64> {
    let sum: f64 = a.iter().map(|a| a.exp()).sum();
    let one = |(a, y): (&f64, &f64)| match loss {
        Loss::HalfSquares { .. } => a - y,
        Loss::Squares { .. } => 2.0 * (a - y),
        Loss::CrossEntropy { .. } => a.exp() / sum - y,
        Loss::LogisticCrossEntropy { .. } => (a - y) / (a * (1.0 - a)),
    };
    a.iter().zip(y).map(one).collect()
}

/// `φ'(z)` from the definition of `φ`.
fn slope(activation: Activation, z: f64) -> f64 {
    match activation {
        Activation::Identity => 1.0,
        Activation::Logistic => 1.0 / (2.0 + z.exp() + (-z).exp()),
        Activation::Tanh => 1.0 / z.cosh().powi(2),
        Activation::Relu => f64::from(z > 0.0),
        Activation::LeakyRelu { slope } => {
            if z > 0.0 {
                1.0
            } else {
                slope
            }
        }
        Activation::Softplus => z.exp() / (1.0 + z.exp()),
        Activation::HardTanh => f64::from(z.abs() < 1.0),
        Activation::HardLogistic => 0.25 * f64::from(z.abs() < 2.0),
        Activation::Erf => (2.0 / std::f64::consts::PI).sqrt() * (-0.5 * z * z).exp(),
    }
}

/// The mean gradient, laid out as [`flat`], from a formula for `∂C/∂z_l(i)` of one example, given its forward pass and `∇_a C`.
fn gradient_by(
    network: &Network<f64>,
    loss: Loss,
    x: &Matrix<f64>,
    y: &Matrix<f64>,
    delta: impl Fn(&Trace<f64>, &[f64], usize) -> Vec<f64>,
) -> Vec<f64> {
    let mut gradient: Vec<_> = network.layers.iter().map(Affine::zeros_like).collect();
    for example in 0..x.ncols() {
        let trace = trace(network, &x.columns(example, 1).into_owned());
        let output = output_gradient(loss, trace.output().a.as_slice(), y.column(example).as_slice());
        for (l, g) in gradient.iter_mut().enumerate() {
            for (i, delta) in delta(&trace, &output, l).into_iter().enumerate() {
                g.bias[i] += delta / x.ncols() as f64;
                for (j, a) in trace.below(l).iter().enumerate() {
                    g.weight[(i, j)] += delta * a / x.ncols() as f64;
                }
            }
        }
    }
    flat(&gradient)
}

/// Small nets with every hidden activation that has a slope, and every loss: `check(network, loss, x, y, gradient)`.
fn for_small_nets(check: impl Fn(&Network<f64>, Loss, &Matrix<f64>, &Matrix<f64>, &[f64])) {
    for hidden in Activation::ALL.into_iter().skip(1) {
        for (loss, output) in losses() {
            for seed in 0..3 {
                let network = network(&[4, 5, 4, 3, 3], hidden, output, seed);
                let (x, y) = (inputs(4, 5, seed), targets(loss, 3, 5, seed));
                let gradient = flat(&proposal("Backprop", &network, loss, &x, &y));
                if gradient.iter().any(|g| *g != 0.0) {
                    check(&network, loss, &x, &y, &gradient);
                }
            }
        }
    }
}

/// Nielsen, chapter 2: `δ^l = Σ'(z^l) (w^{l+1})ᵀ ... Σ'(z^{L-1}) (w^L)ᵀ Σ'(z^L) ∇_a C` with explicit diagonal matrices `Σ'`.
#[test]
fn backprop_equals_the_product_of_diagonal_matrices() {
    for_small_nets(|network, loss, x, y, gradient| {
        let diagonal = |trace: &Trace<f64>, l: usize| {
            let activation = network.layers[l].activation;
            Matrix::from_diagonal(&trace.z[l].column(0).map(|z| slope(activation, z)))
        };
        let product = |trace: &Trace<f64>, output: &[f64], l: usize| {
            let mut product = diagonal(trace, l);
            for above in l + 1..network.depth() {
                product = product * network.layers[above].weight.transpose() * diagonal(trace, above);
            }
            (product * Matrix::from_column_slice(output.len(), 1, output))
                .as_slice()
                .to_vec()
        };
        let error = relative(&gradient_by(network, loss, x, y, product), gradient);
        assert!(error <= 1e-12, "{loss:?}: {error:e}");
        // negative control: the first hidden layer without its Σ'
        let spoilt = |trace: &Trace<f64>, output: &[f64], l: usize| match l {
            0 => {
                let above = Matrix::from_column_slice(4, 1, &product(trace, output, 1));
                (network.layers[1].weight.transpose() * above).as_slice().to_vec()
            }
            _ => product(trace, output, l),
        };
        assert!(
            relative(&gradient_by(network, loss, x, y, spoilt), gradient) > 1e-3,
            "{loss:?}"
        );
    });
}

/// The contribution of every path from unit `i` of layer `l` to an output: the product of all weights, slopes and `∂C/∂a` on it.
fn paths(network: &Network<f64>, trace: &Trace<f64>, output: &[f64], l: usize, i: usize) -> Vec<f64> {
    let here = slope(network.layers[l].activation, trace.z[l][i]);
    if l == network.top() {
        return vec![here * output[i]];
    }
    let above = &network.layers[l + 1].weight;
    let through = |k| {
        let rest = paths(network, trace, output, l + 1, k);
        rest.into_iter().map(move |rest| here * above[(k, i)] * rest)
    };
    (0..above.nrows()).flat_map(through).collect()
}

#[test]
fn backprop_equals_the_sum_over_all_paths() {
    for_small_nets(|network, loss, x, y, gradient| {
        let unit_paths = |trace: &Trace<f64>, output: &[f64], l: usize, i| paths(network, trace, output, l, i);
        let sum = |trace: &Trace<f64>, output: &[f64], l: usize| {
            let sum = |i| unit_paths(trace, output, l, i).iter().sum();
            (0..network.layers[l].outputs()).map(sum).collect()
        };
        assert_eq!(paths(network, &trace(network, x), &[0.0; 3], 0, 0).len(), 4 * 3 * 3);
        let error = relative(&gradient_by(network, loss, x, y, sum), gradient);
        assert!(error <= 1e-12, "{loss:?}: {error:e}");
        // negative control: the largest path of each unit left out
        let spoilt = |trace: &Trace<f64>, output: &[f64], l: usize| {
            let largest = |paths: &[f64]| {
                paths
                    .iter()
                    .copied()
                    .fold(0.0, |m: f64, p| if p.abs() > m.abs() { p } else { m })
            };
            let sum = |i| {
                let paths = unit_paths(trace, output, l, i);
                paths.iter().sum::<f64>() - largest(&paths)
            };
            (0..network.layers[l].outputs()).map(sum).collect()
        };
        assert!(
            relative(&gradient_by(network, loss, x, y, spoilt), gradient) > 1e-3,
            "{loss:?}"
        );
    });
}

#[test]
fn suns_and_planets_propose_what_backprop_proposes_at_every_step_of_a_run() {
    // twice the loss, half the rate
    let momentum = |loss| Optimizer::Sgd {
        learning_rate: if loss == Loss::SQUARES { 0.01 } else { 0.02 },
        momentum: 0.9,
        decay: 1e-3,
        l2: 0.0,
    };
    let shapes: [&[usize]; 4] = [&[5, 3], &[5, 7, 3], &[5, 7, 6, 3], &[5, 1, 6, 4, 3]];
    let rules = ["Backprop", "SunsAndPlanets", "FeedbackAlignment"];
    for (seed, sizes) in (0..).zip(shapes) {
        for hidden in Activation::ALL {
            for (loss, output) in losses() {
                let network = network(sizes, hidden, output, seed);
                let mut training = training(
                    &rules,
                    network,
                    loss,
                    momentum(loss),
                    &inputs(5, 1, 0),
                    &targets(loss, 3, 1, 0),
                );
                let mut apart: f64 = 0.0;
                for step in 0..60 {
                    // fresh samples, in batches of changing size
                    let batch = 1 + step % 4;
                    let key = 100 * seed + step as u64;
                    fill(&mut training, &inputs(5, batch, key), &targets(loss, 3, batch, key));
                    let before = training.network.clone();
                    training.step().expect("finite");
                    let update = |seat: usize| flat(&arrays(&training.seats[seat].proposal, &before, &training.trace));
                    let (exact, messages, control) = (update(0), update(1), update(2));
                    if exact.iter().all(|g| *g == 0.0) {
                        assert!(messages.iter().all(|g| *g == 0.0));
                        continue;
                    }
                    let error = relative(&messages, &exact);
                    assert!(
                        error <= 1e-13,
                        "{sizes:?} {hidden:?} {loss:?} {output:?} step {step}: {error:e}"
                    );
                    apart = apart.max(relative(&control, &exact));
                }
                // negative control: another rule is told apart wherever there is a hidden layer
                assert!(
                    sizes.len() == 2 || apart > 0.1,
                    "{sizes:?} {hidden:?} {loss:?} {output:?}: {apart:e}"
                );
            }
        }
    }
}

#[test]
fn suns_and_planets_deliver_the_messages_that_the_shape_asks_for() {
    for (sizes, batch) in [(&[5, 3][..], 1), (&[5, 7, 3], 4), (&[2, 3, 1, 4], 3)] {
        for bias in [true, false] {
            let mut network: Network<f64> = network(sizes, Activation::Tanh, Activation::Identity, 0);
            if !bias {
                for layer in &mut network.layers {
                    layer.bias = creditlab::linalg::Vector::from_vec(Vec::new());
                }
            }
            let (x, y) = (
                inputs(sizes[0], batch, 0),
                targets(Loss::HALF_SQUARES, *sizes.last().unwrap(), batch, 0),
            );
            let mut work = Default::default();
            let mut out = Proposal::default();
            for _ in 0..2 {
                out.begin(&network.layers, batch);
                let step = Step {
                    network: &network,
                    loss: Loss::HALF_SQUARES,
                    trace: &trace(&network, &x),
                    targets: &y,
                    samples: &[],
                    stream: Stream::new(0, Purpose::Propose, 0, 0),
                };
                SunsAndPlanets {}.propose(&(), &mut work, step, &mut out);
                assert_eq!(work.delivered(), SunsAndPlanets::messages(&network, batch));
            }
        }
    }
    // by hand: 2 inputs, 1 output with a bias: 2 planets of 4 messages, 1 of 2, and 3 with the teacher
    let unit = network::<f64>(&[2, 1], Activation::Tanh, Activation::Identity, 0);
    assert_eq!(SunsAndPlanets::messages(&unit, 10), 10 * (2 * 4 + 2 + 3));
}

/// `(u_l, g_l)` of every layer: a draw of `RandomDirection` at step `step`, and the exact gradient.
fn random_direction(step: u64, seed: u64) -> Vec<(Vec<f64>, Vec<f64>)> {
    let network = network(&[3, 4, 2], Activation::Tanh, Activation::Identity, seed);
    let (x, y) = (inputs(3, 5, seed), targets(Loss::HALF_SQUARES, 2, 5, seed));
    let rules = ["RandomDirection", "Backprop"];
    let mut training = training(&rules, network.clone(), Loss::HALF_SQUARES, Optimizer::sgd(0.1), &x, &y);
    training.step = step;
    training.step().expect("finite");
    let update = |seat: usize| arrays(&training.seats[seat].proposal, &network, &training.trace);
    let layers = update(0).into_iter().zip(update(1));
    layers.map(|(u, g)| (flat(&[u]), flat(&[g]))).collect()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// How many standard errors the mean of `values` lies from `expected`.
fn deviation(values: &[f64], expected: f64) -> f64 {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0);
    (mean - expected).abs() / (variance / n).sqrt()
}

/// On the sphere of radius `|g|` in `d` dimensions the mean is 0, and the mean square along any direction `|g|² / d`.
#[test]
fn random_directions_are_uniform_on_the_sphere_of_the_gradient() {
    let draws: Vec<_> = (0..4000).map(|step| random_direction(step, 0)).collect();
    for l in 0..2 {
        let (first, g) = &draws[0][l];
        let (radius, d) = (dot(g, g).sqrt(), g.len());
        for draw in &draws {
            assert!((dot(&draw[l].0, &draw[l].0).sqrt() / radius - 1.0).abs() <= 1e-12);
        }
        assert!(draws[1..].iter().all(|draw| draw[l].0 != *first));
        // along the gradient, the first weight and the last bias
        let axis = |i| (0..d).map(|j| f64::from(i == j)).collect::<Vec<f64>>();
        for direction in [g.iter().map(|g| g / radius).collect(), axis(0), axis(d - 1)] {
            let along: Vec<_> = draws.iter().map(|draw| dot(&draw[l].0, &direction)).collect();
            let squares: Vec<_> = along.iter().map(|u| u * u).collect();
            assert!(deviation(&along, 0.0) < 3.5, "{}", deviation(&along, 0.0));
            let expected = radius * radius / d as f64;
            assert!(deviation(&squares, expected) < 3.5, "{}", deviation(&squares, expected));
            // negative controls: one side of the sphere, and a radius too large by a tenth
            let half: Vec<_> = along.iter().map(|u| u.abs()).collect();
            assert!(deviation(&half, 0.0) > 3.5);
            assert!(deviation(&squares, 1.21 * expected) > 3.5);
        }
    }
    // any network
    for seed in 1..20 {
        for (u, g) in random_direction(0, seed) {
            assert!(((dot(&u, &u) / dot(&g, &g)).sqrt() - 1.0).abs() <= 1e-12);
        }
    }
}
