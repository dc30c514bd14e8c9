//! Prove what targets compute: gradients one layer down, Gauss-Newton targets with exact inverses, and that inverses are learned.

use super::nets::*;
use crate::common::*;
use creditlab::linalg::{Matrix, empty};
use creditlab::loss::Loss;
use creditlab::network::{Activation, Layer, Network};
use creditlab::random::{self, Purpose, Stream};
use creditlab::rules::targets::{Inverses, Start};
use creditlab::rules::{Bind, DifferenceTargetPropagation, FeedbackPath, Learned, Learner, LearningRule, Refusal};
use creditlab::update::Optimizer;

/// The learned inverses as `rule` starts them.
fn inverses(rule: &DifferenceTargetPropagation, network: &Network<f64>) -> Inverses<f64> {
    let stream = Stream::new(1, Purpose::RuleStart, 0, 0);
    rule.init(&setting(network, Loss::HALF_SQUARES), stream)
        .expect("not refused")
}

#[test]
fn with_one_hidden_layer_a_target_at_the_penultimate_layer_is_the_gradient_for_any_step() {
    a_first_target_is_the_gradient("DifferenceTargetPropagation", &[0.01, 0.1, 1.0, 30.0]);
}

#[test]
fn with_exact_inverses_the_difference_correction_vanishes() {
    let network = linear(1);
    let trace = forward(&network, &inputs(5, 6, 1));
    let rule = DifferenceTargetPropagation {
        start: Start::Output,
        ..DifferenceTargetPropagation::default()
    };
    let mut g = inverses(&rule, &network);
    let (mut z, mut back) = (empty(), empty());
    let mut largest_correction = |spoil| {
        g.visit(&mut invert(&network, spoil));
        let correction = |l: usize| {
            g.apply(l, &trace.a[l], &mut z, &mut back);
            (&trace.a[l - 1] - &back).amax()
        };
        (1..network.depth()).map(correction).fold(0.0, f64::max)
    };
    assert!(largest_correction(1.0) <= 1e-13);
    // negative control: inverses 10 % too large
    assert!(largest_correction(1.1) > 0.1);
}

/// `(h_l − ĥ_l) / η` of the hidden layers of a linear network, with inverses `spoil` times the exact ones.
fn target_errors(text: &str, network: &Network<f64>, x: &Matrix<f64>, y: &Matrix<f64>, spoil: f64) -> Vec<Matrix<f64>> {
    let mut training = training(&[text], network.clone(), Loss::HALF_SQUARES, Optimizer::sgd(0.1), x, y);
    training.seats[0].learner.visit(&mut invert(network, spoil));
    training.step().expect("finite");
    let delta = |l| training.seats[0].proposal.delta(l).expect("local").clone();
    (0..network.top()).map(delta).collect()
}

#[test]
fn with_exact_inverses_of_a_linear_network_targets_from_the_output_are_gauss_newton() {
    for seed in 0..5 {
        let network = linear(seed);
        let (x, y) = (inputs(5, 1, seed), targets(Loss::HALF_SQUARES, 5, 1, seed));
        let e = forward(&network, &x).output().a - &y;
        // |(h_l − ĥ_l) / η − J⁺ e| / |J⁺ e|, J = ∂h_L/∂h_l = W_L ... W_{l+1}; inverses c times too large carry c^(L−l) J⁺ e, their
        // errors at h_l itself being corrected
        let errors = |start: &str, spoil: f64, scale: f64| -> Vec<f64> {
            let text = format!("DifferenceTargetPropagation(start: {start}, step: 0.1)");
            let targets = target_errors(&text, &network, &x, &y, spoil);
            let error = |(l, target): (usize, &Matrix<f64>)| {
                let above = network.layers[l + 1..].iter();
                let j = above.fold(Matrix::identity(5, 5), |j, layer| &layer.weight * j);
                let expected = inverse(&j) * &e * scale.powi((network.top() - l) as i32);
                (target - &expected).norm() / expected.norm()
            };
            targets.iter().enumerate().map(error).collect()
        };
        let exact = errors("Output", 1.0, 1.0);
        assert!(exact.iter().all(|e| *e <= 1e-12), "{exact:?}");
        let spoilt = errors("Output", 1.1, 1.1);
        assert!(spoilt.iter().all(|e| *e <= 1e-12), "{spoilt:?}");
        // negative controls: from W_L' e in the penultimate layer they are not, nor with spoilt inverses
        assert!(errors("Penultimate", 1.0, 1.0).iter().all(|e| *e > 0.1));
        assert!(errors("Output", 1.1, 1.0).iter().all(|e| *e > 0.09));
    }
}

/// Mean of `½ |g_l(f_l(h_{l-1})) − h_{l-1}|²` over the layers that have an inverse, on samples that were not trained on.
fn reconstruction_error(g: &mut dyn Learner<f64>, network: &Network<f64>, x: &Matrix<f64>) -> f64 {
    let trace = forward(network, x);
    let mut models = vec![None; network.depth()];
    g.visit(&mut |name, shape, values| {
        let l = layer_of(name);
        if name.ends_with("inverse.weight") {
            let mut layer = Layer::zeros(shape[0], shape[1], true, network.layers[l - 1].activation);
            layer.weight.copy_from_slice(values);
            models[l] = Some(layer);
        } else if name.ends_with("inverse.bias") {
            models[l]
                .as_mut()
                .expect("weights come first")
                .bias
                .copy_from_slice(values);
        }
    });
    let error = |(l, model): (usize, &Option<Layer<f64>>)| {
        let (mut z, mut back) = (empty(), empty());
        model.as_ref()?.forward(&trace.a[l], &mut z, &mut back);
        Some(0.5 * (back - &trace.a[l - 1]).norm_squared() / x.ncols() as f64)
    };
    models.iter().enumerate().filter_map(error).sum()
}

#[test]
fn inverses_learn_to_reconstruct_the_layer_below_while_the_network_learns() {
    for inverses in ["Sgd(learning_rate: 0.1)", "Sgd(learning_rate: 0.02, momentum: 0.9)"] {
        let network = network(&[6, 8, 8, 8, 3], Activation::Tanh, Activation::Identity, 2);
        let text = format!("DifferenceTargetPropagation(start: Output, inverses: {inverses})");
        let (x, y) = (inputs(6, 20, 2), targets(Loss::CROSS_ENTROPY, 3, 20, 2));
        let mut training = training(&[&text], network, Loss::CROSS_ENTROPY, Optimizer::sgd(0.05), &x, &y);
        let fresh = inputs(6, 200, 9);
        let network = training.network.clone();
        let before = reconstruction_error(&mut *training.seats[0].learner, &network, &fresh);
        for step in 0..300 {
            fill(&mut training, &inputs(6, 20, 100 + step), &y);
            training.step().expect("finite");
        }
        let network = training.network.clone();
        let after = reconstruction_error(&mut *training.seats[0].learner, &network, &fresh);
        assert!(after < 0.5 * before, "{before} {after}");
    }
}

/// The arrays of the one inverse there is in a network of three layers: weights, then biases.
fn numbers(learner: &mut dyn Learner<f64>) -> Vec<f64> {
    let mut all = Vec::new();
    learner.visit(&mut |name, _, values| {
        assert!(name.starts_with("layer2.inverse."));
        all.extend_from_slice(values);
    });
    all
}

#[test]
fn an_inverse_steps_down_the_reconstruction_error_of_noisy_activities_through_the_changed_layer() {
    let (network, rate) = (network(&[4, 5, 6, 3], Activation::Tanh, Activation::Identity, 2), 0.3);
    let (x, y) = (inputs(4, 7, 2), targets(Loss::CROSS_ENTROPY, 3, 7, 2));
    let text = format!("DifferenceTargetPropagation(noise: 0.2, inverses: Sgd(learning_rate: {rate}))");
    let mut training = training(&[&text], network, Loss::CROSS_ENTROPY, Optimizer::sgd(0.5), &x, &y);
    let before = numbers(&mut *training.seats[0].learner);
    training.step().expect("finite");
    let after = numbers(&mut *training.seats[0].learner);
    // the noise that was drawn, from the stream of this adaptation
    let h = &training.trace.a[0];
    let noise = |sd| {
        let mut noise = h.clone();
        let mut generator = Stream::new(3, Purpose::Adapt, 0, 0).generator();
        random::normal(noise.as_mut_slice(), sd, &mut generator);
        noise
    };
    let noisy = h + noise(0.2);
    let gradient = |noisy: &Matrix<f64>, up: &Matrix<f64>| {
        let mut g = Layer::zeros(5, 6, true, Activation::Tanh);
        g.weight.copy_from_slice(&before[..30]);
        g.bias.copy_from_slice(&before[30..]);
        central_differences(&Network { layers: vec![g] }, 1e-5, |g| {
            mean_loss(g, Loss::HALF_SQUARES, up, noisy)
        })
    };
    let step: Vec<f64> = before
        .iter()
        .zip(&after)
        .map(|(before, after)| (before - after) / rate)
        .collect();
    let (mut z, mut up) = (empty(), empty());
    training.network.layers[1].forward(&noisy, &mut z, &mut up);
    let error = relative(&step, &gradient(&noisy, &up));
    assert!(error <= 1e-7, "{error:e}");
    // negative controls: the activities above without noise and as they were before the change, and other noise
    assert!(relative(&step, &gradient(&noisy, &training.trace.a[1])) > 0.01);
    let other = h + noise(0.1);
    training.network.layers[1].forward(&other, &mut z, &mut up);
    assert!(relative(&step, &gradient(&other, &up)) > 0.01);
}

#[test]
fn arrays_are_named_after_the_layer_they_invert() {
    let network = network(&[6, 7, 5, 4, 3], Activation::Tanh, Activation::Identity, 2);
    let names = |text: &str| -> Vec<(String, Vec<usize>)> {
        let stream = Stream::new(1, Purpose::RuleStart, 0, 0);
        let learner = f64::bind(&rule(text), &setting(&network, Loss::CROSS_ENTROPY), stream);
        let mut names = Vec::new();
        let mut learner = learner.unwrap_or_else(|refusal| panic!("{refusal}"));
        learner.visit(&mut |name, shape, _| names.push((name.to_string(), shape.to_vec())));
        names
    };
    let named = |(name, shape): (&str, &[usize])| (name.to_string(), shape.to_vec());
    let hidden: [(&str, &[usize]); 4] = [
        ("layer2.inverse.weight", &[7, 5]),
        ("layer2.inverse.bias", &[7]),
        ("layer3.inverse.weight", &[5, 4]),
        ("layer3.inverse.bias", &[5]),
    ];
    let mut expected: Vec<_> = hidden.map(named).to_vec();
    assert_eq!(names("DifferenceTargetPropagation"), expected);
    let output: [(&str, &[usize]); 2] = [("layer4.inverse.weight", &[4, 3]), ("layer4.inverse.bias", &[4])];
    expected.extend(output.map(named));
    assert_eq!(names("DifferenceTargetPropagation(start: Output)"), expected);
    let moving = names("DifferenceTargetPropagation(inverses: Sgd(learning_rate: 0.1, momentum: 0.5))");
    assert_eq!(moving.len(), 8);
    assert_eq!(moving[4], ("layer2.inverse.velocity.weight".to_string(), vec![7, 5]));
    assert_eq!(moving[7], ("layer3.inverse.velocity.bias".to_string(), vec![5]));
}

#[test]
fn the_inverse_is_shown_transposed_where_there_is_one() {
    let network = network(&[6, 7, 5, 4, 3], Activation::Tanh, Activation::Identity, 2);
    let rule = DifferenceTargetPropagation::default();
    let mut g = inverses(&rule, &network);
    let mut out = empty();
    let shown: Vec<_> = (0..4).map(|l| rule.feedback(&g, &network, l, &mut out)).collect();
    let path = Some(FeedbackPath::Sequential);
    assert_eq!(shown, [None, path, path, None]);
    rule.feedback(&g, &network, 1, &mut out);
    assert_eq!(out.shape(), network.layers[1].weight.shape());
    g.visit(&mut |name, shape, values| {
        if name == "layer2.inverse.weight" {
            assert_eq!(out[(2, 3)], values[2 * shape[0] + 3]);
        }
    });
}

#[test]
fn without_hidden_layers_only_the_exact_gradient_is_left() {
    let network = network(&[5, 3], Activation::Tanh, Activation::Identity, 1);
    let (x, y) = (inputs(5, 6, 1), targets(Loss::CROSS_ENTROPY, 3, 6, 1));
    for start in ["Penultimate", "Output"] {
        let text = format!("DifferenceTargetPropagation(start: {start})");
        let update = proposal(&text, &network, Loss::CROSS_ENTROPY, &x, &y);
        let gradient = proposal("Backprop", &network, Loss::CROSS_ENTROPY, &x, &y);
        assert_eq!(flat(&update), flat(&gradient));
    }
}

/// Shibuya et al. 2023: what stays as it is drawn carries differences as feedback weights would, `g_l(ĥ) − g_l(h) = V_l (ĥ − h)`.
#[test]
fn fixed_inverses_of_identity_units_are_feedback_alignment() {
    let (network, loss) = (linear(1), Loss::HALF_SQUARES);
    let (x, y) = (inputs(5, 6, 1), targets(loss, 5, 6, 1));
    for start in ["Output", "Penultimate"] {
        for step in [0.1, 1.0, 30.0] {
            let text = format!("DifferenceTargetPropagation(fixed: true, start: {start}, step: {step})");
            let mut training = training(
                &[&text, "FeedbackAlignment"],
                network.clone(),
                loss,
                Optimizer::sgd(0.1),
                &x,
                &y,
            );
            // negative control: feedback weights of its own
            let updates = step_on(&mut training, &network);
            let errors = relative_by_layer(&updates[0], &updates[1]);
            assert!(errors[..3].iter().all(|e| *e > 0.1) && errors[3] <= 1e-15, "{errors:?}");
            let v: Vec<_> = (0..4)
                .map(|l| match l {
                    3 if start == "Penultimate" => network.layers[3].weight.clone(),
                    0 => empty(),
                    _ => feedback(&training, 0, l),
                })
                .collect();
            set_feedback(&mut training, 1, |l| v[l].clone());
            let updates = step_on(&mut training, &network);
            let errors = relative_by_layer(&updates[0], &updates[1]);
            assert!(errors.iter().all(|e| *e <= 1e-12), "{start} {step}: {errors:?}");
        }
    }
}

#[test]
fn fixed_inverses_stay_and_others_do_not() {
    let (network, loss) = (
        network(&[6, 7, 5, 3], Activation::Tanh, Activation::Identity, 2),
        Loss::CROSS_ENTROPY,
    );
    let (x, y) = (inputs(6, 8, 2), targets(loss, 3, 8, 2));
    for fixed in [true, false] {
        let text = format!("DifferenceTargetPropagation(fixed: {fixed})");
        let mut training = training(&[&text], network.clone(), loss, Optimizer::sgd(0.1), &x, &y);
        let before = learned(&mut training, "layer2.inverse.weight");
        training.step().expect("finite");
        assert_eq!(learned(&mut training, "layer2.inverse.weight") == before, fixed);
    }
}

#[test]
fn numbers_that_cannot_work_are_refused_by_name() {
    let network = linear(0);
    let bind = |options: &str| -> Result<(), Refusal> {
        let rule = rule(&format!("DifferenceTargetPropagation({options})"));
        let stream = Stream::new(0, Purpose::RuleStart, 0, 0);
        f64::bind(&rule, &setting(&network, Loss::HALF_SQUARES), stream).map(|_| ())
    };
    for (options, option) in [
        ("step: 0.0", "step"),
        ("step: -0.1", "step"),
        ("noise: -0.1", "noise"),
        ("inverses: Sgd(learning_rate: 0.0)", "inverses.learning_rate"),
        ("inverses: Sgd(learning_rate: 0.1, momentum: 1.0)", "inverses.momentum"),
        ("fixed: true, noise: 0.2", "noise"),
        ("fixed: true, inverses: Sgd(learning_rate: 0.2)", "inverses"),
    ] {
        let refusal = bind(options).expect_err(options);
        assert_eq!(refusal.option, option, "{options}");
        assert!(!refusal.reason.is_empty() && !refusal.remedy.is_empty());
    }
    assert!(bind("noise: 0.0, start: Output").is_ok());
    assert!(
        creditlab::rules::builtin()
            .rule("DifferenceTargetPropagation(eta: 0.1)")
            .is_err()
    );
}
