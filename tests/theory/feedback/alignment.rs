//! Prove what fixed and learned feedback do: `FeedbackAlignment`, `DirectFeedbackAlignment` and `KolenPollack`.

use crate::common::*;
use creditlab::linalg::Matrix;
use creditlab::loss::Loss;
use creditlab::network::{Activation, Affine, Layer, Network};
use creditlab::random::{self, Purpose, Stream};
use creditlab::runner::Training;
use creditlab::update::Optimizer;

/// All hidden layers' updates of `u` against those of `g`.
fn hidden_error(u: &[Affine<f64>], g: &[Affine<f64>]) -> f64 {
    relative(&flat(&u[..u.len() - 1]), &flat(&g[..g.len() - 1]))
}

/// A training of `rules` on one batch, for several seeds, losses, hidden activations and depths.
fn for_networks(
    rules: &[&str],
    hiddens: &[Activation],
    shapes: &[&[usize]],
    check: impl Fn(OnBatch<f64>, Activation, Loss),
) {
    for (seed, sizes) in (0..).zip(shapes.iter().cycle().take(3 * shapes.len())) {
        for &hidden in hiddens {
            for loss in Loss::ALL {
                let network = network(sizes, hidden, loss.default_output(), seed);
                let (x, y) = (
                    inputs(sizes[0], 6, seed),
                    targets(loss, sizes[sizes.len() - 1], 6, seed),
                );
                check(
                    training(rules, network, loss, Optimizer::sgd(0.1), &x, &y),
                    hidden,
                    loss,
                );
            }
        }
    }
}

#[test]
fn feedback_alignment_with_the_forward_weights_is_backprop_and_its_output_layer_always_is() {
    let shapes: [&[usize]; 3] = [&[5, 7, 3], &[5, 7, 6, 3], &[4, 6, 5, 4, 3]];
    for_networks(
        &["FeedbackAlignment", "Backprop"],
        &Activation::ALL,
        &shapes,
        |mut training, hidden, loss| {
            let network = training.network.clone();
            // as drawn: the output layer is exact, and nothing else
            let updates = step(&mut training);
            let errors = relative_by_layer(&updates[0], &updates[1]);
            let (output, below) = errors.split_last().expect("layers");
            assert!(*output <= 1e-13, "{hidden:?} {loss:?}: {output:e}");
            assert!(
                below.iter().all(|error| *error > 1e-2),
                "{hidden:?} {loss:?}: {below:?}"
            );

            training.network = network.clone();
            set_feedback(&mut training, 0, |l| network.layers[l].weight.clone());
            let updates = step(&mut training);
            let error = hidden_error(&updates[0], &updates[1]);
            assert!(error <= 1e-13, "{hidden:?} {loss:?}: {error:e}");

            // negative control: a tenth more feedback
            training.network = network.clone();
            set_feedback(&mut training, 0, |l| 1.1 * &network.layers[l].weight);
            let updates = step(&mut training);
            assert!(hidden_error(&updates[0], &updates[1]) > 1e-2, "{hidden:?} {loss:?}");
        },
    );
}

#[test]
fn direct_feedback_to_one_hidden_layer_is_feedback_alignment() {
    let rules = ["DirectFeedbackAlignment", "FeedbackAlignment"];
    for_networks(
        &rules,
        &Activation::ALL,
        &[&[5, 7, 3], &[4, 6, 2]],
        |mut training, hidden, loss| {
            let network = training.network.clone();
            // negative control: each with a draw of its own
            let updates = step(&mut training);
            assert!(hidden_error(&updates[0], &updates[1]) > 1e-2, "{hidden:?} {loss:?}");

            training.network = network;
            let b = feedback(&training, 1, 1).transpose();
            set_feedback(&mut training, 0, |_| b.clone());
            let updates = step(&mut training);
            let error = relative(&flat(&updates[0]), &flat(&updates[1]));
            assert!(error <= 1e-13, "{hidden:?} {loss:?}: {error:e}");
        },
    );
}

/// In a linear net `δ_l = W_{l+1}ᵀ ... W_Lᵀ δ_L`, so that direct feedback can be exact; a slope in between spoils it.
#[test]
fn direct_feedback_through_the_product_of_the_weights_is_backprop_in_a_linear_net() {
    let rules = ["DirectFeedbackAlignment", "Backprop"];
    let shapes: [&[usize]; 3] = [&[5, 7, 3], &[5, 7, 6, 3], &[4, 6, 5, 4, 3]];
    let hiddens = [Activation::Identity, Activation::Tanh];
    for_networks(&rules, &hiddens, &shapes, |mut training, hidden, loss| {
        let network = training.network.clone();
        set_feedback(&mut training, 0, |l| {
            let above = network.layers[l + 1..].iter();
            let product = above.fold(
                Matrix::identity(network.layers[l].outputs(), network.layers[l].outputs()),
                |p, layer| &layer.weight * p,
            );
            product.transpose()
        });
        let updates = step(&mut training);
        let errors = relative_by_layer(&updates[0], &updates[1]);
        // the last hidden layer is exact for any activation: only one slope is involved, its own
        let exact = if hidden == Activation::Identity {
            0
        } else {
            network.top() - 1
        };
        assert!(
            errors[exact..].iter().all(|error| *error <= 1e-12),
            "{loss:?}: {errors:?}"
        );
        // negative control
        assert!(
            errors[..exact].iter().all(|error| *error > 1e-2),
            "{loss:?}: {errors:?}"
        );
    });
}

/// Numbers uniform in `±bound`.
fn uniform(rows: usize, columns: usize, bound: f64, generator: &mut random::Generator) -> Matrix<f64> {
    Matrix::from_fn(rows, columns, |_, _| bound * (2.0 * random::uniform(generator) - 1.0))
}

/// Lillicrap et al. 2016, task 1: a linear teacher 30-20-10, online, from small weights; `trainer` trains.
/// The mean angle between the hidden deltas `Wᵀ e` and `B e` over the first 10 steps and over the last 100 of 1000.
fn lillicrap_angles(trainer: &str, seed: u64) -> (f64, f64) {
    let generator = &mut Stream::new(seed, Purpose::Task, 0, 0).generator();
    let teacher = uniform(10, 30, 1.0, generator);
    let layer = |outputs, inputs, generator: &mut _| Layer {
        weight: uniform(outputs, inputs, 0.01, generator),
        ..Layer::zeros(outputs, inputs, false, Activation::Identity)
    };
    let layers = vec![layer(20, 30, generator), layer(10, 20, generator)];
    let (x, y) = (inputs(30, 1, 0), targets(Loss::HALF_SQUARES, 10, 1, 0));
    let rules = [trainer, "FeedbackAlignment", "Backprop"];
    let mut training = training(
        &rules,
        Network { layers },
        Loss::HALF_SQUARES,
        Optimizer::sgd(1e-3),
        &x,
        &y,
    );
    let b = uniform(10, 20, 0.5, generator);
    for seat in 0..2 {
        set_feedback(&mut training, seat, |_| b.clone());
    }
    let mut angles = Vec::new();
    for _ in 0..1000 {
        let mut x = x.clone();
        random::normal(x.as_mut_slice(), 1.0, generator);
        fill(&mut training, &x, &(&teacher * &x));
        training.step().expect("finite");
        let delta = |seat: usize| training.seats[seat].proposal.delta(0).expect("a hidden error signal");
        angles.push(degrees(delta(1), delta(2)));
    }
    let mean = |angles: &[f64]| angles.iter().sum::<f64>() / angles.len() as f64;
    (mean(&angles[..10]), mean(&angles[900..]))
}

#[test]
fn feedback_alignment_aligns_on_the_linear_teacher() {
    let angles: Vec<_> = (0..20)
        .map(|seed| lillicrap_angles("FeedbackAlignment", seed))
        .collect();
    let first = angles.iter().map(|(first, _)| first).sum::<f64>() / 20.0;
    assert!(first > 75.0, "{first}");
    assert!(angles.iter().all(|(_, last)| *last < 45.0), "{angles:?}");
    // negative control: where the hidden layer does not learn through B, W learns nothing of B
    let (_, last) = lillicrap_angles("OutputOnly", 0);
    assert!(last > 60.0, "{last}");
}

/// `(W_1 W_1ᵀ + b_1 b_1ᵀ − Bᵀ W_2 − W_2ᵀ B, W_1 W_1ᵀ + b_1 b_1ᵀ − W_2ᵀ W_2)` of a net with one hidden layer.
fn invariants(network: &Network<f64>, b: &Matrix<f64>) -> [Matrix<f64>; 2] {
    let [first, second] = &network.layers[..] else {
        panic!("two layers")
    };
    let gram = &first.weight * first.weight.transpose() + &first.bias * first.bias.transpose();
    let w = &second.weight;
    let (bw, wb) = (b.transpose() * w, w.transpose() * b);
    [&gram - bw - wb, gram - w.transpose() * w]
}

/// Linear net with one hidden layer, `H = W_1 X + b_1 1ᵀ`, error `E`, half squares, batch of m. Feedback alignment's flow is
///
/// `Ẇ_1 = −Bᵀ E Xᵀ / m`, `ḃ_1 = −Bᵀ E 1 / m`, `Ẇ_2 = −E Hᵀ / m`, so that
/// `Bᵀ Ẇ_2 = −Bᵀ E (W_1 X + b_1 1ᵀ)ᵀ / m = Ẇ_1 W_1ᵀ + ḃ_1 b_1ᵀ`. Adding the transpose,
///
/// `d/dt (W_1 W_1ᵀ + b_1 b_1ᵀ) = d/dt (Bᵀ W_2 + W_2ᵀ B)`: the difference is conserved, whatever the data.
///
/// Of a step of size η the products keep their second-order terms: the difference drifts by exactly `Σ ΔW_1 ΔW_1ᵀ + Δb_1 Δb_1ᵀ`,
/// which at a given time `η · steps` is first order in η. Backpropagation conserves `W_1 W_1ᵀ + b_1 b_1ᵀ − W_2ᵀ W_2` instead.
#[test]
fn the_flow_of_feedback_alignment_conserves_a_matrix() {
    for seed in 0..5 {
        // drift of both matrices at time 2
        let drift = |steps: usize| {
            let network = network(&[6, 5, 4], Activation::Identity, Activation::Identity, seed);
            let (x, y) = (inputs(6, 20, seed), targets(Loss::HALF_SQUARES, 4, 20, seed));
            let optimizer = Optimizer::sgd(2.0 / steps as f64);
            let mut training = training(&["FeedbackAlignment"], network, Loss::HALF_SQUARES, optimizer, &x, &y);
            let b = feedback(&training, 0, 1);
            let start = invariants(&training.network, &b);
            let mut predicted = Matrix::from_element(5, 5, 0.0);
            for _ in 0..steps {
                let before = training.network.layers[0].clone();
                training.step().expect("finite");
                let after = &training.network.layers[0];
                let (weight, bias) = (&after.weight - before.weight, &after.bias - before.bias);
                predicted += &weight * weight.transpose() + &bias * bias.transpose();
            }
            let end = invariants(&training.network, &b);
            let drift = [&end[0] - &start[0], &end[1] - &start[1]];
            assert!(
                (&drift[0] - &predicted).norm() <= 1e-10 * predicted.norm(),
                "seed {seed}"
            );
            drift.map(|drift| drift.norm())
        };
        let (coarse, fine) = (drift(500), drift(1000));
        let ratio = |of: usize| coarse[of] / fine[of];
        assert!((ratio(0) - 2.0).abs() <= 0.2, "seed {seed}: {}", ratio(0));
        // negative control: what backpropagation conserves is not conserved here
        assert!(
            (ratio(1) - 1.0).abs() <= 0.1 && fine[1] > 0.1,
            "seed {seed}: {} {}",
            ratio(1),
            fine[1]
        );
    }
}

/// The largest relative error, over 500 steps, of `W_l − B_l = (1 − decay)^t (W_l − B_l)_0` in any layer.
/// Setting: 10-8-6-4, tanh, softmax cross-entropy, 20 examples, batches of 5.
fn contraction_error(rule: &str, optimizer: Optimizer, factor: f64, seed: u64) -> f64 {
    let network = network(&[10, 8, 6, 4], Activation::Tanh, Activation::Identity, seed);
    let (x, y) = (inputs(10, 20, seed), targets(Loss::CROSS_ENTROPY, 4, 20, seed));
    let batch = |i: usize| (x.columns(5 * i, 5).into_owned(), y.columns(5 * i, 5).into_owned());
    let (x, y) = batch(0);
    let mut training = training(&[rule], network, Loss::CROSS_ENTROPY, optimizer, &x, &y);
    let gap = |training: &Training<f64>, l: usize| &training.network.layers[l].weight - feedback(training, 0, l);
    let mut expected: Vec<_> = (1..3).map(|l| gap(&training, l)).collect();
    let mut worst: f64 = 0.0;
    for t in 0..500 {
        let (x, y) = batch(t % 4);
        fill(&mut training, &x, &y);
        training.step().expect("finite");
        for (l, expected) in (1..3).zip(&mut expected) {
            *expected *= factor;
            worst = worst.max((gap(&training, l) - &*expected).norm() / expected.norm());
        }
    }
    worst
}

#[test]
fn kolen_pollack_closes_the_gap_by_the_decay_whatever_the_data() {
    for seed in 0..3 {
        for (learning_rate, momentum) in [(0.1, 0.0), (0.02, 0.9)] {
            for decay in [0.01, 0.0] {
                let optimizer = Optimizer::Sgd {
                    learning_rate,
                    momentum,
                    decay,
                    l2: 0.0,
                };
                let error = contraction_error("KolenPollack", optimizer, 1.0 - decay, seed);
                assert!(error <= 1e-12, "momentum {momentum} decay {decay}: {error:e}");
                // negative controls: another decay, and feedback that does not follow
                assert!(contraction_error("KolenPollack", optimizer, 0.999 - decay, seed) > 0.1);
                assert!(contraction_error("FeedbackAlignment", optimizer, 1.0 - decay, seed) > 0.1);
            }
        }
    }
}

#[test]
fn kolen_pollack_refuses_l2_and_warns_without_decay() {
    let optimizer = |decay, l2| Optimizer::Sgd {
        learning_rate: 0.1,
        momentum: 0.0,
        decay,
        l2,
    };
    let start = |optimizer| {
        let network = network::<f64>(&[3, 4, 2], Activation::Tanh, Activation::Identity, 0);
        Training::new(
            0,
            network,
            Loss::HALF_SQUARES,
            optimizer,
            4,
            &[rule("Backprop"), rule("KolenPollack")],
        )
    };
    let (place, refusal) = start(optimizer(0.01, 0.1)).err().expect("a refusal");
    assert_eq!(place, 1);
    assert!(
        refusal.reason.contains("l2") && refusal.remedy.contains("decay"),
        "{refusal}"
    );
    assert!(start(optimizer(0.01, 0.0)).is_ok());

    let warning = |decay| rule("KolenPollack").warning(&optimizer(decay, 0.0).into());
    assert!(warning(0.0).expect("a warning").contains("decay"));
    assert_eq!(warning(0.01), None);
    assert_eq!(rule("FeedbackAlignment").warning(&optimizer(0.0, 0.0).into()), None);
}

/// A 784-800-10 net of zeros with logistic outputs, on three images with pixels in `[0, 1)`.
fn training_from_zero(rules: &[&str], hidden: Activation) -> OnBatch<f64> {
    let layers = vec![
        Layer::zeros(800, 784, true, hidden),
        Layer::zeros(10, 800, true, Activation::Logistic),
    ];
    let x = inputs(784, 3, 0).map(|x: f64| x.abs().fract());
    let y = targets(Loss::CROSS_ENTROPY, 10, 3, 0);
    training(
        rules,
        Network { layers },
        Loss::LOGISTIC_CROSS_ENTROPY,
        Optimizer::sgd(0.1),
        &x,
        &y,
    )
}

fn is_zero<'a>(values: impl IntoIterator<Item = &'a f64>) -> bool {
    values.into_iter().all(|value| *value == 0.0)
}

/// Nøkland 2016: from zero weights backpropagation moves nothing but the output bias; direct feedback moves the hidden weights.
#[test]
fn from_zero_weights_backprop_is_stuck_and_direct_feedback_is_not() {
    let mut training = training_from_zero(&["DirectFeedbackAlignment", "Backprop"], Activation::Tanh);
    let (b, x, y) = (
        feedback(&training, 0, 0),
        training.batch.input.clone(),
        training.batch.targets.clone(),
    );
    let updates = step(&mut training);
    let (direct, exact) = (&updates[0], &updates[1]);
    assert!(is_zero(&exact[0].weight) && is_zero(&exact[0].bias) && is_zero(&exact[1].weight));
    assert!(!is_zero(&exact[1].bias));
    assert!(is_zero(&direct[1].weight));

    // tanh has slope 1 at 0, and a logistic output starts at 1/2
    let expected = |output: f64| &b * y.map(|y| output - y) * x.transpose() / 3.0;
    let error = |output| relative(direct[0].weight.as_slice(), expected(output).as_slice());
    assert!(error(0.5) <= 1e-14, "{:e}", error(0.5));
    // negative control: another error
    assert!(error(0.4) > 1e-2);

    // the second step sees an active hidden layer
    assert!(!is_zero(&step(&mut training)[0][1].weight));
    // negative control: logistic hidden units are active at 0, so backpropagation moves the output weights
    let updates = step(&mut training_from_zero(&["Backprop"], Activation::Logistic));
    assert!(!is_zero(&updates[0][1].weight) && is_zero(&updates[0][0].weight));
}
