//! Prove that `SignSymmetry` sends errors down the signs of the forward weights, with the magnitudes that it declares.

use crate::common::*;
use creditlab::linalg::{Matrix, empty};
use creditlab::loss::Loss;
use creditlab::network::{Activation, Network};
use creditlab::random::{self, Purpose, Stream};
use creditlab::rules::{self, Rule};
use creditlab::runner::Training;
use creditlab::update::Optimizer;
use statrs::function::erf::erf;

const KINDS: [&str; 3] = ["Uniform", "FixedRandom", "BatchRandom"];

/// A training by sign symmetry, with `Backprop` as its shadow.
fn sign_symmetry(options: &str, network: Network<f64>, loss: Loss, batch: usize) -> OnBatch<f64> {
    let (x, y) = (
        inputs(network.inputs(), batch, 0),
        targets(loss, network.outputs(), batch, 0),
    );
    let rules = [&format!("SignSymmetry({options})")[..], "Backprop"];
    training(&rules, network, loss, Optimizer::sgd(0.1), &x, &y)
}

/// The feedback weights shown for layer `l`.
fn feedback(training: &Training<f64>, l: usize) -> Matrix<f64> {
    let mut b = empty();
    let path = training.seats[0].learner.feedback(&training.network, l, &mut b);
    path.expect("feedback weights");
    b
}

/// Gives every layer but the first the magnitudes `m(l)`; their names, in order.
fn set_magnitudes(training: &mut Training<f64>, m: impl Fn(usize) -> Matrix<f64>) -> Vec<String> {
    let mut names = Vec::new();
    training.seats[0].learner.visit(&mut |name, shape, values| {
        names.push(name.to_string());
        let m = m(names.len());
        assert_eq!(shape, [m.nrows(), m.ncols()]);
        values.copy_from_slice(m.as_slice());
    });
    names
}

#[test]
fn feedback_has_the_sign_of_the_weights_after_every_step() {
    for kind in KINDS {
        for loss in Loss::ALL {
            let mut network = network(&[4, 6, 5, 3], Activation::Tanh, loss.default_output(), 1);
            network.layers[2].weight[(1, 2)] = 0.0;
            let start = network.clone();
            let mut training = sign_symmetry(&format!("magnitude: {kind}"), network, loss, 6);
            assert_eq!(feedback(&training, 2)[(1, 2)], 0.0);
            for _ in 0..100 {
                training.step().expect("finite");
                for l in 1..3 {
                    let w = &training.network.layers[l].weight;
                    assert!(
                        feedback(&training, l).iter().zip(w.iter()).all(|(b, w)| b * w > 0.0),
                        "{kind}"
                    );
                }
            }
            // negative control: some weights have changed their sign, so that the signs of the start would not do
            let layers = training.network.layers.iter().zip(&start.layers);
            let crossed = layers.flat_map(|(now, then)| now.weight.iter().zip(then.weight.iter()));
            assert!(crossed.skip(24).any(|(now, then)| now * then < 0.0), "{kind} {loss:?}");
        }
    }
}

/// The weights that carry errors at the next step, from the error signals: one linear hidden layer of `n` units and one output.
/// Feedback and forward weight side by side.
fn weights_in_use(training: &mut OnBatch<f64>) -> Vec<(f64, f64)> {
    let forward = training.network.layers[1].weight.clone();
    training.step().expect("finite");
    let proposal = &training.seats[0].proposal;
    let (hidden, output) = (proposal.delta(0).expect("factors"), proposal.delta(1).expect("factors"));
    let used = hidden.iter().map(|delta| delta / output[0]);
    used.zip(forward.iter().copied()).collect()
}

/// The largest distance between the distribution of `values` and that of `|n|`, n normal with deviation `sd`, times `√count`
/// (Kolmogorov, Smirnov): above 1.95 for one sample in a thousand.
fn distance_to_half_normal(mut values: Vec<f64>, sd: f64) -> f64 {
    let n = values.len() as f64;
    values.sort_by(f64::total_cmp);
    let one = |(i, x): (usize, &f64)| {
        let cdf = erf(x / (sd * 2f64.sqrt()));
        (cdf - i as f64 / n).abs().max((cdf - (i + 1) as f64 / n).abs())
    };
    values.iter().enumerate().map(one).fold(0.0, f64::max) * n.sqrt()
}

#[test]
fn magnitudes_are_as_declared() {
    for scale in [1.0, 0.3] {
        // √(2 / (n_in + n_out)) with 3999 inputs and one output
        let sd = scale * (2.0 / 4000.0f64).sqrt();
        let start = |kind: &str| {
            let network = network(&[2, 3999, 1], Activation::Identity, Activation::Identity, 0);
            sign_symmetry(
                &format!("magnitude: {kind}, scale: {scale}"),
                network,
                Loss::HALF_SQUARES,
                1,
            )
        };
        let sizes = |used: &[(f64, f64)]| used.iter().map(|(b, _)| b.abs()).collect::<Vec<_>>();
        for kind in KINDS {
            let mut training = start(kind);
            let shown = feedback(&training, 1);
            let first = weights_in_use(&mut training);
            let second = weights_in_use(&mut training);
            assert!(first.iter().all(|(b, w)| b * w > 0.0), "{kind}");
            let (first, second) = (sizes(&first), sizes(&second));
            let shown_error = relative(&first, shown.abs().as_slice());
            match kind {
                "Uniform" => assert!(first.iter().all(|b| (b / sd - 1.0).abs() < 1e-12)),
                _ => {
                    let distance = distance_to_half_normal(first.clone(), sd);
                    assert!(distance < 1.95, "{kind}: {distance}");
                    // negative control: a scale wrong by a tenth
                    assert!(distance_to_half_normal(first.clone(), 1.1 * sd) > 1.95, "{kind}");
                }
            }
            if kind == "BatchRandom" {
                // redrawn, and the mean of |n| is shown
                assert!(distance_to_half_normal(second.clone(), sd) < 1.95);
                assert!(relative(&second, &first) > 0.5);
                let mean = sd * (2.0 / std::f64::consts::PI).sqrt();
                assert!(shown.iter().all(|b| (b.abs() / mean - 1.0).abs() < 1e-12));
            } else {
                // kept, and shown as used
                assert!(relative(&second, &first) < 1e-12, "{kind}");
                assert!(shown_error < 1e-12, "{kind}: {shown_error:e}");
            }
        }
    }
}

#[test]
fn the_weights_own_magnitudes_give_the_gradient() {
    for hidden in Activation::ALL {
        for (seed, loss) in (0..).zip(Loss::ALL) {
            let network = network(&[5, 7, 6, 3], hidden, loss.default_output(), seed);
            let mut training = sign_symmetry("magnitude: FixedRandom", network.clone(), loss, 6);
            let mut hidden_error = |factor: f64| {
                training.network = network.clone();
                let names = set_magnitudes(&mut training, |l| factor * network.layers[l].weight.abs());
                assert_eq!(names, ["layer2.magnitude", "layer3.magnitude"]);
                training.step().expect("finite");
                let update = |seat: usize| arrays(&training.seats[seat].proposal, &network, &training.trace);
                relative(&flat(&update(0)[..2]), &flat(&update(1)[..2]))
            };
            assert!(hidden_error(1.0) <= 1e-13, "{hidden:?} {loss:?}");
            // negative control: a tenth more
            assert!(hidden_error(1.1) > 1e-2, "{hidden:?} {loss:?}");
        }
    }
}

/// The angle between weights and feedback with the same signs is `acos E|w||m| / √(E w² E m²)`: with equal magnitudes
/// `acos √(2/π)` for normal and `acos √(3/4)` for uniform weights, with independent magnitudes of the weights' own kind
/// `acos 2/π` and `acos 3/4`.
#[test]
fn feedback_lies_at_the_angle_of_its_geometry() {
    let generator = &mut Stream::new(0, Purpose::Task, 0, 0).generator();
    let mut uniform = || Matrix::from_fn(500, 500, |_, _| 2.0 * random::uniform(generator) - 1.0);
    let normal = network(&[1, 500, 500], Activation::Tanh, Activation::Identity, 0);
    let mut flat = normal.clone();
    flat.layers[1].weight = uniform();
    let magnitudes = uniform().abs();
    let angle = |kind: &str, network: &Network<f64>, magnitudes: Option<&Matrix<f64>>| {
        let mut training = sign_symmetry(&format!("magnitude: {kind}"), network.clone(), Loss::HALF_SQUARES, 1);
        if let Some(magnitudes) = magnitudes {
            set_magnitudes(&mut training, |_| magnitudes.clone());
        }
        let (b, w) = (feedback(&training, 1), &network.layers[1].weight);
        (b.dot(w) / (b.norm() * w.norm())).acos().to_degrees()
    };
    let near = |angle: f64, cosine: f64| (angle - cosine.acos().to_degrees()).abs() < 0.3;
    let pi = std::f64::consts::PI;
    let angles = [
        (angle("Uniform", &normal, None), (2.0 / pi).sqrt()),
        (angle("FixedRandom", &normal, None), 2.0 / pi),
        (angle("Uniform", &flat, None), 0.75f64.sqrt()),
        (angle("FixedRandom", &flat, Some(&magnitudes)), 0.75),
    ];
    for (angle, cosine) in angles {
        assert!(near(angle, cosine), "{angle} for {}", cosine.acos().to_degrees());
    }
    // negative control: the four angles are told apart
    assert!(!near(angles[0].0, angles[1].1) && !near(angles[2].0, angles[3].1) && !near(angles[0].0, angles[2].1));
}

#[test]
fn a_scale_that_is_not_positive_is_refused() {
    for scale in ["0.0", "-1.0"] {
        let rule: Rule = rules::builtin()
            .rule(&format!("SignSymmetry(scale: {scale})"))
            .expect("a number");
        let network = network::<f64>(&[3, 4, 2], Activation::Tanh, Activation::Identity, 0);
        let refused = Training::new(0, network, Loss::HALF_SQUARES, Optimizer::sgd(0.1), 4, &[rule]);
        assert_eq!(refused.err().expect("a refusal").1.option, "scale");
    }
}
