//! R01, R10, R11 (a): what learned and direct feedback do exactly, or to a known error.

use super::*;
use creditlab::random::{self, Purpose, Stream};
use creditlab::theory::kolen_pollack::share_left;
use std::f64::consts::PI;

/// R01 (a): `W_t − B_t = (1 − decay)^t (W_0 − B_0)`, layer by layer.
#[test]
fn kolen_pollack_closes_the_gap_by_the_decay() {
    let name = "r01_kolen_pollack";
    let lab = replicate(name);
    let mut worst: f64 = 0.0;
    for seed in 0..3 {
        for layer in ["layer2", "layer3"] {
            let at = |step| {
                let arrays = saved(&lab, name, "kolen-pollack", seed, step);
                let of = |what| matrix(&arrays, &format!("{layer}.{what}"));
                (of("weight"), of("feedback"))
            };
            let (w, b) = at(0);
            let start = &w - &b;
            for step in [1, 2, 10, 50, 100, 200, 300, 400, 500] {
                let (now, feedback) = at(step);
                let off = |decay: f64| {
                    let expected = share_left(decay, step) * &start;
                    (&now - &feedback - &expected).norm() / expected.norm()
                };
                worst = worst.max(off(0.01));
                assert!(off(0.01) <= 1e-12, "seed {seed} {layer} step {step}: {:e}", off(0.01));
                // negative control: a decay that is multiplied by the rate
                assert!(off(0.001) > 5e-3, "seed {seed} {layer} step {step}");
            }
            // the network has learned meanwhile
            assert!((at(500).0 - 0.99f64.powi(500) * w).norm() > 0.1);
        }
    }
    println!("R01 (a): worst relative error {worst:e}");
}

/// R01 (b): after `n` samples the angle is `atan √((n_in + 1) / n)`.
#[test]
fn a_mirror_finds_a_linear_layer_as_fast_as_noise_allows() {
    let name = "r01_weight_mirror";
    let table = replicate(name).table(&format!("results/{name}/metrics.csv"));
    let formula = |n: f64| (41.0 / n).sqrt().atan().to_degrees();
    for n in [400, 4000, 40_000] {
        let rows = format!("arm=weight-mirror-warm_up-steps-{n} metric=feedback_angle layer=layer2");
        let angles = table.select(&rows).numbers("value");
        assert_eq!(angles.len(), 8);
        let (angle, predicted) = (mean(&angles), formula(f64::from(n)));
        println!("R01 (b), {n} samples: {angle}, predicted {predicted}");
        assert!((angle / predicted - 1.0).abs() <= 0.05, "{n}: {angle}, not {predicted}");
        // negative control: another number of samples
        assert!((angle / formula(1.2 * f64::from(n)) - 1.0).abs() > 0.05);
    }
}

/// R11 (a): `acos E|w| E|m| / √(E w² E m²)` at the start; signs agree at every step.
#[test]
fn feedback_of_equal_signs_lies_at_the_angle_of_its_geometry() {
    let name = "r11_sign_symmetry";
    let table = replicate(name).table(&format!("results/{name}/metrics.csv"));
    let angles = [
        ("normal-equal", (2.0 / PI).sqrt()),
        ("normal-normal", 2.0 / PI),
        ("uniform-equal", 0.75f64.sqrt()),
        ("uniform-normal", (1.5 / PI).sqrt()),
    ];
    for (arm, cosine) in angles {
        let angle = table
            .select(&format!("arm={arm} metric=feedback_angle layer=layer2 step=0"))
            .number("value");
        println!("R11 (a) {arm}: {angle}, predicted {}", cosine.acos().to_degrees());
        assert!((angle - cosine.acos().to_degrees()).abs() < 0.3, "{arm}: {angle}");
        let agreement = table.select(&format!("arm={arm} metric=feedback_sign_agreement layer=layer2"));
        assert_eq!(agreement.numbers("value"), [1.0; 11]);
    }
}

/// Ten images of 784 pixels in `[0, 1)`, one of each class, as text without a header.
fn images() -> (Matrix<f64>, String) {
    let mut generator = Stream::new(10, Purpose::Task, 0, 0).generator();
    let pixels = Matrix::from_fn(784, 10, |_, _| random::uniform(&mut generator));
    let line = |(class, image): (usize, &[f64])| {
        let cells: String = image.iter().map(|pixel| format!("{pixel:?},")).collect();
        format!("{cells}{class}\n")
    };
    let text = pixels.as_slice().chunks_exact(784).enumerate().map(line).collect();
    (pixels, text)
}

/// R10, exact part: from zero weights backpropagation moves nothing but the output bias, and direct feedback the hidden weights by
/// `(B e) xᵀ`, `e = 1/2 − y`; the output weights follow a step later.
#[test]
fn from_zero_weights_direct_feedback_moves_and_backprop_does_not() {
    let (pixels, text) = images();
    let lab = Lab::new(
        "(
            task: Csv(path: \"images.csv\", header: false, target: 785),
            split: Random(validation: 0, test: 0),
            network: (hidden: [800], activation: Tanh, output: Logistic, init: Zeros),
            loss: LogisticCrossEntropy,
            optimizer: Sgd(learning_rate: 0.1),
            batch: (size: 4, order: AsGiven),
            stop: Steps(2),
            precision: F64,
            seeds: 1,
            save: (weights: [Steps(0), Steps(1), Steps(2)]),
            arms: [
                (label: \"tanh\", rule: Backprop),
                DirectFeedbackAlignment(feedback: (distribution: Uniform, scale: 0.5773502691896258)),
                (
                    label: \"logistic\",
                    rule: Backprop,
                    network: (hidden: [800], activation: Logistic, output: Logistic, init: Zeros),
                ),
            ],
        )",
    );
    lab.write("images.csv", &text);
    lab.succeed("run a.ron --quiet --no-figures");
    let at = |arm, step, name| matrix(&saved(&lab, "a", arm, 0, step), name);
    let is_zero = |arm, step, name| at(arm, step, name).iter().all(|value| *value == 0.0);
    for name in ["layer1.weight", "layer1.bias", "layer2.weight"] {
        assert!(is_zero("tanh", 1, name), "{name}");
    }
    assert!(!is_zero("tanh", 1, "layer2.bias"));

    let direct = "direct-feedback-alignment";
    let b = at(direct, 0, "layer1.direct_feedback");
    assert!(b.amax() <= 1.0 / 10f64.sqrt() && b.amax() > 0.99 / 10f64.sqrt());
    let change = at(direct, 1, "layer1.weight");
    let off = |output: f64| {
        let error = Matrix::from_fn(10, 4, |class, sample| output - f64::from(u8::from(class == sample)));
        let expected = -0.1 / 4.0 * (&b * error * pixels.columns(0, 4).transpose());
        (&change - &expected).norm() / expected.norm()
    };
    println!("R10: relative error of the hidden update {:e}", off(0.5));
    assert!(off(0.5) <= 1e-14, "{:e}", off(0.5));
    assert!(off(0.4) > 1e-2, "negative control: another error");
    assert!(is_zero(direct, 1, "layer2.weight") && !is_zero(direct, 2, "layer2.weight"));
    // negative control: logistic hidden units are active at 0
    assert!(!is_zero("logistic", 1, "layer2.weight") && is_zero("logistic", 1, "layer1.weight"));
}
