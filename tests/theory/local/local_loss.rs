//! Prove that every layer of `LocalLoss` follows the exact gradient of its own loss, and that nothing flows between
//! layers.

use crate::common;
use crate::common::*;
use crate::estimates::*;
use creditlab::conformance::{Setup, check};
use creditlab::linalg::{Matrix, Vector};
use creditlab::loss::Loss;
use creditlab::network::{Activation, Affine, Layer, Network, Output};
use creditlab::random::{Purpose, Stream};
use creditlab::rules::local::Auxiliary;
use creditlab::rules::local::local_loss::{Head, HeadErrors, LocalLoss, LocalLossKind};
use creditlab::rules::{self, LearningRule, Setting};
use creditlab::update::Optimizer;

const KINDS: [LocalLossKind; 3] = [
    LocalLossKind::Prediction,
    LocalLossKind::Similarity,
    LocalLossKind::Both { similarity: 0.6 },
];
const STEP: f64 = 1e-5;
const RATE: f64 = 0.3;

fn start(rule: LocalLoss, case: &Case) -> Auxiliary<f64> {
    let setting = Setting {
        network: &case.network,
        loss: case.loss,
        optimizer: &Optimizer::sgd(RATE).into(),
        batch: case.trace.batch(),
        folder: std::path::Path::new(""),
    };
    rule.init(&setting, Stream::new(3, Purpose::RuleStart, 0, 0))
        .expect("fits")
}

fn updates(rule: LocalLoss, own: &Auxiliary<f64>, case: &Case) -> Vec<Affine<f64>> {
    case.estimate(|step, out| rule.propose(own, &mut HeadErrors::default(), *step, out))
}

/// What a layer does with an input, from the definition.
fn apply(layer: &Layer<f64>, x: &Matrix<f64>) -> (Matrix<f64>, Matrix<f64>) {
    let bias = if layer.bias.is_empty() {
        Vector::zeros(layer.outputs())
    } else {
        layer.bias.clone()
    };
    let mut z = &layer.weight * x;
    z.column_iter_mut().for_each(|mut column| column += &bias);
    let a = z.map(|z| layer.activation.value(z));
    (z, a)
}

/// `Σ_ij (S(h)_ij − S(y)_ij)² / n²`, from the definition.
fn similarity_loss(h: &Matrix<f64>, y: &Matrix<f64>) -> f64 {
    let cosine = |m: &Matrix<f64>, i: usize, j: usize| {
        let centred = |i: usize| m.column(i).add_scalar(-m.column(i).mean());
        let (a, b) = (centred(i), centred(j));
        a.dot(&b) / (a.norm() * b.norm())
    };
    let n = h.ncols();
    let pairs = (0..n).flat_map(|i| (0..n).map(move |j| (i, j)));
    pairs
        .map(|(i, j)| (cosine(h, i, j) - cosine(y, i, j)).powi(2))
        .sum::<f64>()
        / (n * n) as f64
}

/// The losses of all hidden layers, and the true loss, summed; `below(l)` is what a layer receives where that is held
/// fixed.
fn losses(case: &Case, kind: LocalLossKind, network: &Network<f64>, heads: &[Layer<f64>], frozen: bool) -> f64 {
    let (mut sum, mut heads) = (0.0, heads.iter());
    let mut x = case.trace.input.clone();
    for (l, layer) in network.layers.iter().enumerate() {
        if frozen {
            x = case.trace.below(l).clone();
        }
        let (z, h) = apply(layer, &x);
        if l == network.top() {
            sum += case.loss.mean(Output { z: &z, a: &h }, &case.targets);
            break;
        }
        let (prediction, similarity) = match kind {
            LocalLossKind::Prediction => (1.0, 0.0),
            LocalLossKind::Similarity => (0.0, 1.0),
            LocalLossKind::Both { similarity } => (1.0 - similarity, similarity),
        };
        if prediction > 0.0 {
            let (z, a) = apply(heads.next().expect("a head"), &h);
            sum += prediction * case.loss.mean(Output { z: &z, a: &a }, &case.targets);
        }
        if similarity > 0.0 {
            let (z, _) = apply(heads.next().expect("a head"), &h);
            sum += similarity * similarity_loss(&z, &case.targets);
        }
        x = h;
    }
    sum
}

/// Cases away from the kinks of ReLU.
fn cases(hidden: Activation, loss: Loss, sizes: &'static [usize]) -> impl Iterator<Item = Case> {
    let all = (0..60).map(move |seed| Case::random(sizes, hidden, loss, 5, seed));
    let smooth = |case: &Case| {
        let hidden = &case.trace.z[..case.network.top()];
        // a sample without active units has no direction
        let active = case.trace.a[..case.network.top()]
            .iter()
            .all(|a| a.column_iter().all(|a| a.norm() > 1e-2));
        active && hidden.iter().flat_map(Matrix::iter).all(|z| z.abs() > 100.0 * STEP)
    };
    all.filter(smooth).take(2)
}

#[test]
fn each_layer_follows_the_gradient_of_its_own_loss_with_the_head_as_it_stands() {
    for hidden in Activation::ALL {
        for loss in Loss::ALL {
            for sizes in [&[4, 6, 3][..], &[4, 6, 5, 3]] {
                let mut count = 0;
                for case in cases(hidden, loss, sizes) {
                    for (kind, head) in KINDS
                        .into_iter()
                        .flat_map(|kind| [(kind, Head::Fixed), (kind, Head::Learned)])
                    {
                        let rule = LocalLoss {
                            kind,
                            head,
                            ..LocalLoss::default()
                        };
                        let own = start(rule, &case);
                        let u = flat(&updates(rule, &own, &case));
                        let value = |frozen| {
                            central_differences(&case.network, STEP, |n| losses(&case, kind, n, &own.layers, frozen))
                        };
                        let error = relative(&u, &value(true));
                        assert!(error < 1e-7, "{hidden:?} {loss:?} {sizes:?} {rule:?}: {error:e}");
                        // negative controls: a wrong factor, and what would flow between the layers
                        let wrong: Vec<_> = u.iter().map(|u| 1.1 * u).collect();
                        assert!(relative(&wrong, &value(true)) > 0.05);
                        assert!(relative(&u, &value(false)) > 1e-3);
                    }
                    count += 1;
                }
                assert!(count > 0, "{hidden:?} {sizes:?}");
            }
        }
    }
}

#[test]
fn the_output_layer_learns_from_the_true_loss() {
    let case = Case::random(&[4, 6, 5, 3], Activation::Tanh, Loss::CROSS_ENTROPY, 5, 1);
    let g = case.gradient();
    for kind in KINDS {
        let rule = LocalLoss {
            kind,
            head: Head::Learned,
            ..LocalLoss::default()
        };
        let u = updates(rule, &start(rule, &case), &case);
        let errors = relative_by_layer(&u, &g);
        assert!(errors[2] < 1e-12);
        assert!(errors[0] > 0.1 && errors[1] > 0.1); // the hidden layers do not
    }
}

/// Other weights and heads above, or other targets of the output's loss alone, leave a layer's update as it was, bit by
/// bit.
#[test]
fn nothing_flows_down() {
    let case = Case::random(&[4, 6, 5, 3], Activation::Tanh, Loss::CROSS_ENTROPY, 5, 2);
    for kind in KINDS {
        let rule = LocalLoss {
            kind,
            head: Head::Learned,
            ..LocalLoss::default()
        };
        let own = start(rule, &case);
        let before = updates(rule, &own, &case);
        let mut network = case.network.clone();
        network.layers[1].weight *= 1.5;
        network.layers[2].weight *= -2.0;
        let above = Case::new(network, case.loss, case.trace.input.clone(), case.targets.clone());
        let mut heads = own.clone();
        let later = heads.layers.len() / 2;
        heads.layers[later..].iter_mut().for_each(|head| head.weight *= -1.5);
        let after = updates(rule, &heads, &above);
        assert_eq!(after[0].weight, before[0].weight);
        assert_eq!(after[0].bias, before[0].bias);
        // negative control: they are not without effect
        assert_ne!(after[1].weight, before[1].weight);
    }
}

/// A learned head takes a step along the gradient of the same loss, made with the activity before the change; a fixed
/// one stays.
#[test]
fn heads_are_learned_or_stay() {
    for kind in KINDS {
        for head in [Head::Learned, Head::Fixed] {
            let case = Case::random(&[4, 6, 5, 3], Activation::Tanh, Loss::CROSS_ENTROPY, 5, 3);
            let own = start(
                LocalLoss {
                    kind,
                    head,
                    ..LocalLoss::default()
                },
                &case,
            );
            let heads = Network {
                layers: own.layers.clone(),
            };
            let gradient = central_differences(&heads, STEP, |heads| {
                losses(&case, kind, &case.network, &heads.layers, true)
            });
            let stated = match kind {
                LocalLossKind::Prediction => "Prediction".to_string(),
                LocalLossKind::Similarity => "Similarity".to_string(),
                LocalLossKind::Both { similarity } => format!("Both(similarity: {similarity})"),
            };
            let text = format!("LocalLoss(kind: {stated}, head: {head:?})");
            let (x, y) = (&case.trace.input, &case.targets);
            let mut training = training(&[&text], case.network.clone(), case.loss, Optimizer::sgd(RATE), x, y);
            let mut arrays = || {
                let mut all = Vec::new();
                training.seats[0].learner.visit(&mut |name, _, values| {
                    assert!(name.starts_with("layer1.") || name.starts_with("layer2."), "{name}");
                    all.extend_from_slice(values);
                });
                training.step().expect("finite");
                all
            };
            let (before, after) = (arrays(), arrays());
            let step: Vec<_> = before
                .iter()
                .zip(&after)
                .map(|(before, after)| (before - after) / RATE)
                .collect();
            match head {
                Head::Learned => assert!(
                    relative(&step, &gradient) < 1e-7,
                    "{text}: {:e}",
                    relative(&step, &gradient)
                ),
                Head::Fixed => assert!(step.iter().all(|step| *step == 0.0) && !step.is_empty()),
            }
        }
    }
}

/// A layer receives what is left of the activity below, and its head reads the whole of its own.
#[test]
fn dropped_units_are_silent_above_and_still_read_by_the_head() {
    for (kind, loss) in KINDS
        .into_iter()
        .zip([Loss::CROSS_ENTROPY, Loss::HALF_SQUARES, Loss::CROSS_ENTROPY])
    {
        for seed in 0..3 {
            let mut case = Case::random(&[4, 8, 7, 3], Activation::Tanh, loss, 5, seed);
            case.network.layers[0].dropout = 0.3;
            case.network.layers[1].dropout = 0.5;
            case.network
                .drop_units(&mut case.trace, |l| Stream::new(seed, Purpose::Dropout, l as u64, 0));
            case.network.forward(&mut case.trace);
            let rule = LocalLoss {
                kind,
                head: Head::Learned,
                ..LocalLoss::default()
            };
            let own = start(rule, &case);
            let u = flat(&updates(rule, &own, &case));
            let value =
                |case: &Case| central_differences(&case.network, STEP, |n| losses(case, kind, n, &own.layers, true));
            let error = relative(&u, &value(&case));
            assert!(error < 1e-7, "{rule:?}: {error:e}");
            // negative controls: nothing dropped below, and a slope that is 0 where a unit is dropped
            let mut whole = case.network.clone();
            whole.layers.iter_mut().for_each(|layer| layer.dropout = 0.0);
            let whole = Case::new(whole, loss, case.trace.input.clone(), case.targets.clone());
            assert!(relative(&u, &value(&whole)) > 0.05);
            let first = &updates(rule, &own, &case)[0];
            let silent = case.trace.mask[0]
                .row_iter()
                .position(|row| row.iter().any(|m| *m == 0.0));
            assert!(first.weight.row(silent.expect("some unit")).norm() > 0.0);
        }
    }
}

#[test]
fn it_keeps_the_laws_with_dropout() {
    let trial = Setup {
        dropout: 0.4,
        ..Setup::default()
    };
    for rule in ["LocalLoss", "LocalLoss(kind: Both(similarity: 0.5))"] {
        trial
            .check(&rules::builtin(), rule)
            .unwrap_or_else(|violations| panic!("{violations}"));
    }
}

#[test]
fn heads_have_names_and_shapes() {
    let names = |text: &str| {
        let (x, y) = (inputs::<f64>(4, 5, 1), targets(Loss::CROSS_ENTROPY, 3, 5, 1));
        let network = network(&[4, 6, 5, 3], Activation::Tanh, Activation::Identity, 1);
        let mut training = training(&[text], network, Loss::CROSS_ENTROPY, Optimizer::sgd(0.1), &x, &y);
        let mut names = Vec::new();
        training.seats[0]
            .learner
            .visit(&mut |name, shape, _| names.push(format!("{name} {shape:?}")));
        names
    };
    let prediction = [
        "layer1.head.weight [3, 6]",
        "layer1.head.bias [3]",
        "layer2.head.weight [3, 5]",
        "layer2.head.bias [3]",
    ];
    assert_eq!(names("LocalLoss"), prediction);
    assert_eq!(names("LocalLoss(head: Fixed)"), prediction);
    let similarity = ["layer1.similarity.weight [6, 6]", "layer2.similarity.weight [5, 5]"];
    assert_eq!(names("LocalLoss(kind: Similarity)"), similarity);
    assert_eq!(names("LocalLoss(kind: Both())").len(), 6);
}

#[test]
fn it_refuses_what_it_cannot_do() {
    let refusal = |text: &str, outputs, batch| {
        let network = network::<f64>(&[2, 3, outputs], Activation::Tanh, Activation::Identity, 1);
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
    for share in [0.0, 1.0, 1.5] {
        let text = format!("LocalLoss(kind: Both(similarity: {share:?}))");
        assert_eq!(refusal(&text, 2, 4).as_deref(), Some("kind.similarity"));
    }
    assert_eq!(refusal("LocalLoss(kind: Similarity)", 1, 4).as_deref(), Some("kind"));
    assert_eq!(refusal("LocalLoss(kind: Similarity)", 2, 1).as_deref(), Some("kind"));
    assert_eq!(refusal("LocalLoss", 1, 1), None);
}

#[test]
fn it_keeps_the_laws_with_other_options() {
    for rule in [
        "LocalLoss(kind: Similarity, head: Fixed)",
        "LocalLoss(kind: Both(similarity: 0.5))",
    ] {
        check(&rules::builtin(), rule).unwrap_or_else(|violations| panic!("{violations}"));
    }
}
