//! Prove what each ingredient of feedback weights does, and that all rules with such weights have them or refuse them.

use crate::common::*;
use creditlab::arrays::{self, Array};
use creditlab::conformance::check;
use creditlab::linalg::Matrix;
use creditlab::loss::Loss;
use creditlab::network::{Activation, Affine, Network};
use creditlab::random::{self, Purpose, Stream};
use creditlab::rules::{self, Refusal};
use creditlab::runner::Training;
use creditlab::update::Optimizer;
use std::path::Path;

/// Rules whose feedback weights stay as they start: layer by layer, and direct.
const FIXED: [&str; 3] = ["FeedbackAlignment", "DirectFeedbackAlignment", "RandomTargetProjection"];
const SIZES: [usize; 4] = [6, 10, 8, 4];

fn stated(rule: &str, ingredients: &str) -> String {
    format!("{rule}(feedback: ({ingredients}))")
}

fn begin(text: &str, optimizer: Optimizer) -> Result<OnBatch<f64>, Refusal> {
    let network = network(&SIZES, Activation::Tanh, Activation::Identity, 1);
    let started = Training::new(3, network, Loss::HALF_SQUARES, optimizer, 5, &[rule(text)]);
    let training = started.map_err(|(_, refusal)| refusal)?;
    let (x, y) = (inputs(6, 5, 1), targets(Loss::HALF_SQUARES, 4, 5, 1));
    Ok(OnBatch::new(training, &x, &y))
}

fn start(text: &str) -> OnBatch<f64> {
    begin(text, Optimizer::sgd(0.1)).unwrap_or_else(|refusal| panic!("{text}: {refusal}"))
}

/// All feedback weights of a rule as it starts.
fn weights_of(text: &str) -> Vec<Matrix<f64>> {
    let direct = !text.starts_with("FeedbackAlignment");
    let training = start(text);
    (0..2)
        .map(|l| feedback(&training, 0, l + usize::from(!direct)))
        .collect()
}

/// Three updates in a row.
fn updates(text: &str) -> Vec<Vec<Affine<f64>>> {
    let mut training = start(text);
    (0..3).map(|_| step(&mut training).remove(0)).collect()
}

#[test]
fn weights_without_ingredients_are_the_first_normal_numbers_of_their_stream() {
    let generator = &mut Stream::new(3, Purpose::RuleStart, 0, 0).generator();
    for b in weights_of("FeedbackAlignment") {
        let mut expected = b.clone();
        random::normal(expected.as_mut_slice(), 1.0 / (b.ncols() as f64).sqrt(), generator);
        assert_eq!(b, expected);
    }
    for rule in &FIXED[1..] {
        let generator = &mut Stream::new(3, Purpose::RuleStart, 0, 0).generator();
        for b in weights_of(rule) {
            let mut expected = b.clone();
            random::normal(expected.as_mut_slice(), 0.5, generator);
            assert_eq!(b, expected, "{rule}");
        }
    }
}

#[test]
fn every_ingredient_changes_the_hidden_updates_and_none_of_the_output_layer_s_first() {
    let ingredients = [
        "distribution: Uniform",
        "scale: 2",
        "symmetry: 0.5",
        "rank: 2",
        "sparsity: 0.5",
        "sign: Dale",
        "levels: 3",
        "noise: 0.1",
        "delay: 1",
    ];
    for rule in FIXED {
        let plain = updates(&stated(rule, ""));
        assert_eq!(flat(&plain[0]), flat(&updates(rule)[0]));
        for ingredient in ingredients {
            let changed = updates(&stated(rule, ingredient));
            for l in 0..2 {
                assert_ne!(
                    changed[0][l].weight, plain[0][l].weight,
                    "{rule}, {ingredient}, layer {l}"
                );
            }
            assert_eq!(changed[0][2].weight, plain[0][2].weight, "{rule}, {ingredient}");
        }
    }
}

#[test]
fn sparse_weights_have_the_stated_share_of_zeros_and_keep_the_others() {
    for rule in FIXED {
        let plain = weights_of(rule);
        for share in [0.1, 0.5, 0.75] {
            let text = stated(rule, &format!("sparsity: {share}"));
            let sparse = weights_of(&text);
            for b in &sparse {
                let zeros = b.iter().filter(|b| **b == 0.0).count();
                assert_eq!(zeros, (share * b.len() as f64).round() as usize, "{text}");
            }
            // the first matrix is drawn before any place is
            assert!(
                sparse[0]
                    .iter()
                    .zip(&plain[0])
                    .all(|(sparse, b)| *sparse == 0.0 || sparse == b)
            );
            let mut training = start(&text);
            training.step().expect("finite");
            let l = usize::from(rule == "FeedbackAlignment");
            assert_eq!(feedback(&training, 0, l), sparse[0], "the places are fixed");
        }
    }
}

#[test]
fn low_rank_weights_have_their_rank_and_the_standard_deviation_of_full_ones() {
    for (rank, scale) in [(1, 1.0), (2, 0.5), (3, 2.0)] {
        for distribution in ["Normal", "Uniform"] {
            let text = stated(
                "FeedbackAlignment",
                &format!("rank: {rank}, scale: {scale}, distribution: {distribution}"),
            );
            let variance = |seed| {
                let network = network::<f64>(&[4, 30, 40], Activation::Tanh, Activation::Identity, seed);
                let started = Training::new(
                    seed,
                    network,
                    Loss::HALF_SQUARES,
                    Optimizer::sgd(0.1),
                    1,
                    &[rule(&text)],
                );
                let training = started.unwrap_or_else(|(_, refusal)| panic!("{refusal}"));
                let b = feedback(&training, 0, 1);
                if seed < 5 {
                    assert_eq!(b.rank(1e-9), rank, "{text}");
                }
                b.norm_squared() / b.len() as f64
            };
            let (variance, expected) = (mean((0..600).map(variance)), scale * scale / 30.0);
            assert!(
                (variance / expected - 1.0).abs() < 0.06,
                "{text}: {variance}, not {expected}"
            );
        }
    }
    // 4 is the full rank of the upper matrix, 8 of both
    let ranks = |text: &str| weights_of(text).iter().map(|b| b.rank(1e-9)).collect::<Vec<_>>();
    assert_eq!(ranks(&stated("FeedbackAlignment", "rank: 5")), [5, 4]);
    assert_eq!(ranks("FeedbackAlignment"), [8, 4]);
}

/// A unit that sends is a row of `B_l` between layers, a column of direct feedback.
#[test]
fn with_dale_s_principle_a_unit_sends_one_sign() {
    let uniform = |line: &[f64]| line.iter().all(|b| *b >= 0.0) || line.iter().all(|b| *b <= 0.0);
    for rule in FIXED {
        let senders = |b: &Matrix<f64>| -> Vec<Vec<f64>> {
            let b = if rule == "FeedbackAlignment" {
                b.transpose()
            } else {
                b.clone()
            };
            b.column_iter().map(|column| column.iter().copied().collect()).collect()
        };
        let (plain, dale) = (weights_of(rule), weights_of(&stated(rule, "sign: Dale")));
        for (plain, dale) in plain.iter().zip(&dale) {
            assert_eq!(plain.abs(), dale.abs());
            for (plain, dale) in senders(plain).iter().zip(senders(dale)) {
                assert!(uniform(&dale));
                assert_eq!(dale.iter().sum::<f64>() > 0.0, plain.iter().sum::<f64>() > 0.0);
            }
        }
        // negative control
        assert!(plain.iter().any(|b| !senders(b).iter().all(|sender| uniform(sender))));
    }
}

#[test]
fn rounded_weights_have_few_values_near_the_drawn_ones() {
    for rule in FIXED {
        let plain = weights_of(rule);
        for levels in [2, 3, 8] {
            let rounded = weights_of(&stated(rule, &format!("levels: {levels}")));
            for (plain, rounded) in plain.iter().zip(&rounded) {
                let (most, gap) = (plain.amax(), 2.0 * plain.amax() / f64::from(levels - 1));
                assert!((plain - rounded).amax() <= gap / 2.0 + 1e-15);
                let steps = rounded.map(|b| (b + most) / gap);
                assert!(steps.iter().all(|step| (step - step.round()).abs() < 1e-12));
                let mut values: Vec<_> = steps.iter().map(|step| step.round() as u32).collect();
                values.sort_unstable();
                values.dedup();
                assert!(values.len() <= levels as usize && values.len() > 1);
            }
        }
        // what is absent stays absent, though 0 is none of two levels
        let zeros = weights_of(&stated(rule, "sparsity: 0.5, levels: 2"))[0]
            .iter()
            .filter(|b| **b == 0.0)
            .count();
        assert_eq!(zeros * 2, plain[0].len());
    }
}

/// With one sample and direct feedback, `δ_j = φ'_j Σ_k B_jk (1 + ξ_jk) e_k` has the mean without noise, and the variance
/// `noise² φ'_j² Σ_k B_jk² e_k²`.
#[test]
fn noise_is_unbiased_and_in_proportion_to_each_weight() {
    let (noise, draws) = (0.3, 4000);
    let still = Optimizer::sgd(f64::MIN_POSITIVE);
    let text = stated("DirectFeedbackAlignment", &format!("noise: {noise}"));
    let mut training = begin(&text, still).expect("accepted");
    fill(&mut training, &inputs(6, 1, 1), &targets(Loss::HALF_SQUARES, 4, 1, 1));
    let (mut sum, mut squares) = (Matrix::from_element(10, 1, 0.0), Matrix::from_element(10, 1, 0.0));
    for _ in 0..draws {
        training.step().expect("finite");
        let delta = training.seats[0].proposal.delta(0).expect("an error signal");
        sum += delta;
        squares += delta.component_mul(delta);
    }
    let (b, e) = (
        feedback(&training, 0, 0),
        training.trace.output().a - &training.batch.targets,
    );
    let slope = training.trace.a[0].map(|a| 1.0 - a * a);
    let clean = (&b * &e).component_mul(&slope);
    let variance =
        (b.component_mul(&b) * e.component_mul(&e)).component_mul(&slope.component_mul(&slope)) * noise * noise;
    let n = f64::from(draws);
    for j in 0..10 {
        let (mean, found) = (sum[j] / n, squares[j] / n - (sum[j] / n).powi(2));
        assert!(
            (mean - clean[j]).abs() < 4.0 * (variance[j] / n).sqrt(),
            "unit {j}: {mean}, not {}",
            clean[j]
        );
        // the variance of n normal numbers is known to a share of sqrt(2 / n)
        assert!(
            (found / variance[j] - 1.0).abs() < 5.0 * (2.0 / n).sqrt(),
            "unit {j}: {found}, not {}",
            variance[j]
        );
    }
}

/// The network stands still, so that what is late is what was there `delay` batches ago; batches have other sizes now and then.
#[test]
fn late_errors_are_those_of_an_earlier_batch_with_its_own_activities() {
    let sizes = [5, 5, 2, 5, 1, 5, 3];
    let still = Optimizer::sgd(f64::MIN_POSITIVE);
    let run = |text: &str| -> Vec<Vec<Affine<f64>>> {
        let mut training = begin(text, still).expect("accepted");
        let batch = |(number, size): (usize, &usize)| {
            let seed = number as u64;
            fill(
                &mut training,
                &inputs(6, *size, seed),
                &targets(Loss::HALF_SQUARES, 4, *size, seed),
            );
            step(&mut training).remove(0)
        };
        sizes.iter().enumerate().map(batch).collect()
    };
    for rule in [&FIXED[..], &["SignSymmetry", "DirectKolenPollack", "ProductFeedback"]].concat() {
        let now = run(rule);
        for delay in [1, 3] {
            let late = run(&stated(rule, &format!("delay: {delay}")));
            for t in 0..sizes.len() {
                for l in 0..2 {
                    let Some(then) = t.checked_sub(delay) else {
                        assert_eq!(late[t][l].weight.norm(), 0.0, "{rule}: nothing was on its way");
                        continue;
                    };
                    assert_eq!(late[t][l].weight, now[then][l].weight, "{rule}, step {t}, layer {l}");
                    assert_eq!(late[t][l].bias, now[then][l].bias);
                    // negative control
                    assert_ne!(late[t][l].weight, now[t][l].weight);
                }
                // the output layer has its error at once
                assert_eq!(late[t][2].weight, now[t][2].weight, "{rule}, step {t}");
            }
        }
    }
}

#[test]
fn symmetric_weights_start_as_the_forward_weights_and_do_not_follow_them() {
    let network = network::<f64>(&SIZES, Activation::Tanh, Activation::Identity, 1);
    let product = &network.layers[2].weight * &network.layers[1].weight;
    let forward = [
        [network.layers[1].weight.clone(), network.layers[2].weight.clone()],
        [product.transpose(), network.layers[2].weight.transpose()],
    ];
    for rule in FIXED {
        let direct = usize::from(rule != "FeedbackAlignment");
        let drawn = weights_of(rule);
        for a in [0.25, 1.0] {
            let text = stated(rule, &format!("symmetry: {a}"));
            for ((b, drawn), w) in weights_of(&text).iter().zip(&drawn).zip(&forward[direct]) {
                let expected = a * w + (1.0 - a) * drawn;
                assert!((b - &expected).norm() <= 1e-14 * expected.norm(), "{text}");
            }
            let mut training = start(&text);
            let before = feedback(&training, 0, 1);
            training.step().expect("finite");
            assert_eq!(feedback(&training, 0, 1), before);
        }
    }
    // feedback alignment with full symmetry begins as backpropagation, and leaves it
    let symmetric = updates(&stated("FeedbackAlignment", "symmetry: 1"));
    let exact = updates("Backprop");
    assert!(relative(&flat(&symmetric[0]), &flat(&exact[0])) <= 1e-14);
    assert!(relative(&flat(&symmetric[2]), &flat(&exact[2])) > 1e-4);
}

/// Saves `arrays` and gives the ingredient that reads them.
fn saved(folder: &Path, arrays: &[Array]) -> String {
    let path = folder.join("feedback.safetensors");
    std::fs::write(&path, arrays::encode(arrays).expect("names differ")).expect("saved");
    format!("file: {:?}", path.to_str().expect("a path"))
}

#[test]
fn weights_come_from_a_file_under_their_names() {
    let folder = tempfile::tempdir().expect("a folder");
    let names = |rule: &str| match rule {
        "FeedbackAlignment" => ["layer2.feedback", "layer3.feedback"],
        _ => ["layer1.direct_feedback", "layer2.direct_feedback"],
    };
    for rule in FIXED {
        let given: Vec<_> = weights_of(rule).iter().map(|b| b.map(|b| 2.0 * b + 1.0)).collect();
        let array = |(name, b): (&str, &Matrix<f64>)| Array::new(name, &[b.nrows(), b.ncols()], b.as_slice());
        let arrays: Vec<_> = names(rule).into_iter().zip(&given).map(array).collect();
        let file = saved(folder.path(), &arrays);
        assert_eq!(weights_of(&stated(rule, &file)), given);
        assert_ne!(weights_of(rule), given);

        let refusal = |file: &str| {
            begin(&stated(rule, file), Optimizer::sgd(0.1))
                .err()
                .expect("a refusal")
        };
        let told = |file: &str, words: &str| {
            let refusal = refusal(file);
            assert_eq!(refusal.option, "feedback.file");
            assert!(refusal.to_string().contains(words), "{refusal}");
        };
        told("file: \"no/such.safetensors\"", "no/such.safetensors");
        told(&saved(folder.path(), &arrays[..1]), names(rule)[1]);
        let turned = given[0].transpose();
        told(
            &saved(folder.path(), &[array((names(rule)[0], &turned)), arrays[1].clone()]),
            names(rule)[0],
        );
        let infinite = given[1].map(|_| f64::INFINITY);
        told(
            &saved(folder.path(), &[arrays[0].clone(), array((names(rule)[1], &infinite))]),
            "not finite",
        );
        std::fs::write(folder.path().join("feedback.safetensors"), "no arrays").expect("written");
        told(&file, "cannot be read");
    }
}

#[test]
fn what_makes_no_sense_is_refused_where_it_stands() {
    let refused = |text: &str, option: &str| {
        let refusal = begin(text, Optimizer::sgd(0.1))
            .err()
            .unwrap_or_else(|| panic!("{text} is accepted"));
        assert_eq!(refusal.option, format!("feedback.{option}"), "{text}: {refusal}");
        assert!(!refusal.reason.is_empty() && !refusal.remedy.is_empty());
    };
    for rule in FIXED {
        for (ingredients, option) in [
            ("scale: 0", "scale"),
            ("symmetry: 1.1", "symmetry"),
            ("sparsity: 1", "sparsity"),
            ("levels: 1", "levels"),
            ("noise: -0.1", "noise"),
            ("rank: 8", "rank"),
            ("file: \"x\", scale: 2", "scale"),
            ("file: \"x\", symmetry: 0.5", "symmetry"),
            ("file: \"x\", distribution: Uniform", "distribution"),
            ("file: \"x\", rank: 1", "rank"),
            ("rank: 1, sparsity: 0.5", "sparsity"),
            ("rank: 1, sign: Dale", "sign"),
            ("rank: 1, levels: 2", "levels"),
            ("rank: 1, symmetry: 0.5", "symmetry"),
        ] {
            refused(&stated(rule, ingredients), option);
        }
    }
    let structure = [
        ("rank: 1", "rank"),
        ("sparsity: 0.5", "sparsity"),
        ("sign: Dale", "sign"),
        ("levels: 3", "levels"),
    ];
    for rule in [
        "KolenPollack",
        "WeightMirror",
        "PhaselessAlignment",
        "DirectKolenPollack",
        "ProductFeedback",
        "SignSymmetry",
    ] {
        for (ingredient, option) in structure {
            refused(&stated(rule, ingredient), option);
        }
        for ingredient in ["noise: 0.1", "delay: 2", "error: Sign"] {
            assert!(
                begin(&stated(rule, ingredient), Optimizer::sgd(0.1)).is_ok(),
                "{rule}, {ingredient}"
            );
        }
    }
    for (ingredient, option) in [
        ("scale: 2", "scale"),
        ("distribution: Uniform", "distribution"),
        ("symmetry: 1", "symmetry"),
    ] {
        refused(&stated("SignSymmetry", ingredient), option);
    }
    refused(&stated("ProductFeedback", "symmetry: 1"), "symmetry");
    refused(&stated("ProductFeedback", "file: \"x\""), "file");
}

/// Feedback that starts as the forward weights and gets their changes stays them: Kolen-Pollack learning is backpropagation.
#[test]
fn learned_feedback_can_start_symmetric() {
    let run = |text: &str| -> Network<f64> {
        let mut training = start(text);
        (0..5).for_each(|_| training.step().expect("finite"));
        training.training.network
    };
    let distance = |a: &Network<f64>, b: &Network<f64>| (&a.layers[0].weight - &b.layers[0].weight).norm();
    let exact = run("Backprop");
    assert!(distance(&run(&stated("KolenPollack", "symmetry: 1")), &exact) < 1e-13);
    // negative control
    assert!(distance(&run("KolenPollack"), &exact) > 1e-3);
}

#[test]
fn the_laws_hold_with_ingredients_too() {
    for text in [
        "FeedbackAlignment(feedback: (sparsity: 0.5, sign: Dale, levels: 4, noise: 0.1, delay: 2))",
        "DirectFeedbackAlignment(feedback: (rank: 2, distribution: Uniform, delay: 1))",
        "RandomTargetProjection(feedback: (symmetry: 0.5, noise: 0.2, delay: 1))",
        "SignSymmetry(magnitude: BatchRandom, feedback: (noise: 0.2, delay: 2))",
        "SignSymmetry(magnitude: FixedRandom, feedback: (delay: 1))",
        "KolenPollack(feedback: (symmetry: 0.5, noise: 0.2, delay: 2))",
        "WeightMirror(feedback: (noise: 0.2, delay: 1), leak: 0.1)",
        "PhaselessAlignment(feedback: (scale: 0.5, noise: 0.2, delay: 1))",
        "DirectKolenPollack(feedback: (symmetry: 0.5, noise: 0.2, delay: 2))",
        "ProductFeedback(expansion: 2, feedback: (noise: 0.2, delay: 2))",
        "LastLayers(count: 3)",
        "FeedbackAlignment(feedback: (error: Sign))",
        "DirectKolenPollack(feedback: (error: Sign, delay: 1))",
    ] {
        check(&rules::builtin(), text).unwrap_or_else(|violations| panic!("{violations}"));
    }
}
