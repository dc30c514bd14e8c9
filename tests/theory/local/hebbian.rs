//! Prove that Hebbian layers make their stated updates and find the principal components.

use crate::common;
use crate::common::*;
use crate::estimates::*;
use creditlab::conformance::check;
use creditlab::linalg::{Matrix, Vector};
use creditlab::loss::Loss;
use creditlab::network::Activation;
use creditlab::random::{self, Purpose, Stream};
use creditlab::rules::local::hebbian::{Correlations, Hebbian, HebbianKind};
use creditlab::rules::{self, LearningRule, Setting};
use creditlab::update::{Optimizer, Stepper};

const KINDS: [HebbianKind; 3] = [
    HebbianKind::Oja,
    HebbianKind::Sanger,
    HebbianKind::SoftCompetition { temperature: 0.7 },
];

fn update(kind: HebbianKind, gain: f64, case: &Case) -> Vec<f64> {
    let rule = Hebbian { kind, gain };
    let hidden = case.network.top();
    flat(&case.estimate(|step, out| rule.propose(&(), &mut Correlations::default(), *step, out))[..hidden])
}

/// The papers' increase of the weights, sample by sample and unit by unit, as a proposal: negative, biases left alone.
fn stated(kind: HebbianKind, gain: f64, case: &Case) -> Vec<f64> {
    let mut numbers = Vec::new();
    for (l, layer) in case.network.layers[..case.network.top()].iter().enumerate() {
        let (w, batch) = (&layer.weight, case.trace.batch());
        let mut increase = Matrix::zeros(w.nrows(), w.ncols());
        for x in case.trace.below(l).column_iter() {
            let u: Vec<f64> = w.row_iter().map(|w| w.transpose().dot(&x)).collect();
            let row = |k: usize| w.row(k).transpose();
            for j in 0..u.len() {
                let change: Vector<f64> = match kind {
                    HebbianKind::Oja => u[j] * (x - u[j] * row(j)),
                    HebbianKind::Sanger => {
                        let found: Vector<f64> = (0..=j).map(|k| u[k] * row(k)).sum();
                        u[j] * (x - found)
                    }
                    HebbianKind::SoftCompetition { temperature } => {
                        let power = |u: f64| (u / temperature).exp();
                        let y = power(u[j]) / u.iter().map(|u| power(*u)).sum::<f64>();
                        y * (x - u[j] * row(j))
                    }
                };
                let mut sum = increase.row_mut(j);
                sum += change.transpose() / batch as f64;
            }
        }
        numbers.extend(increase.iter().map(|x: &f64| -gain * x));
        numbers.extend(layer.bias.iter().map(|_| 0.0));
    }
    numbers
}

#[test]
fn every_kind_makes_its_stated_update() {
    for hidden in Activation::ALL {
        for (loss, seed) in Loss::ALL.into_iter().zip(1..) {
            let case = Case::random(&[4, 6, 5, 3], hidden, loss, 7, seed);
            for kind in KINDS {
                let u = update(kind, 0.3, &case);
                let error = relative(&u, &stated(kind, 0.3, &case));
                assert!(error < 1e-12, "{hidden:?} {kind:?}: {error:e}");
                // negative controls: the other kinds
                for other in KINDS.into_iter().filter(|other| *other != kind) {
                    assert!(relative(&u, &stated(other, 0.3, &case)) > 1e-2, "{kind:?} is {other:?}");
                }
            }
        }
    }
}

#[test]
fn the_read_out_follows_its_gradient() {
    let case = Case::random(&[4, 6, 5, 3], Activation::Tanh, Loss::CROSS_ENTROPY, 7, 1);
    for kind in KINDS {
        let rule = Hebbian { kind, gain: 0.1 };
        let u = case.estimate(|step, out| rule.propose(&(), &mut Correlations::default(), *step, out));
        let errors = relative_by_layer(&u, &case.gradient());
        assert!(errors[2] < 1e-12 && errors[0] > 0.1 && errors[1] > 0.1, "{errors:?}");
    }
}

/// Centred samples whose second moments have the eigenvalues of `spread`, squared, up to sampling, in rotated axes.
fn samples(spread: &[f64], count: usize, seed: u64) -> Matrix<f64> {
    let n = spread.len();
    let mut turn = Matrix::<f64>::zeros(n, n);
    random::normal(
        turn.as_mut_slice(),
        1.0,
        &mut Stream::new(seed, Purpose::Task, 7, 0).generator(),
    );
    let mut x: Matrix<f64> =
        turn.qr().q() * Matrix::from_diagonal(&Vector::from_column_slice(spread)) * inputs::<f64>(n, count, seed);
    let mean = x.column_mean();
    x.column_iter_mut().for_each(|mut column| column -= &mean);
    x
}

/// Eigenvectors of the second moments, the largest eigenvalue first.
fn principal_components(x: &Matrix<f64>) -> Vec<Vector<f64>> {
    let eigen = (x * x.transpose() / x.ncols() as f64).symmetric_eigen();
    let mut order: Vec<_> = (0..x.nrows()).collect();
    order.sort_by(|i, j| eigen.eigenvalues[*j].total_cmp(&eigen.eigenvalues[*i]));
    order
        .iter()
        .map(|i| eigen.eigenvectors.column(*i).into_owned())
        .collect()
}

/// The angle of two lines, in degrees.
fn angle(a: &Vector<f64>, b: &Vector<f64>) -> f64 {
    (a.dot(b).abs() / (a.norm() * b.norm())).min(1.0).acos().to_degrees()
}

/// Weight vectors of three linear units after training on shuffled batches with a rate that falls as 1/t.
fn trained(kind: &str, x: &Matrix<f64>, seed: u64) -> Vec<Vector<f64>> {
    let (batch, steps) = (20, 10_000);
    let y = targets(Loss::HALF_SQUARES, 2, batch, seed);
    let start = network(&[x.nrows(), 3, 2], Activation::Identity, Activation::Identity, seed);
    let text = format!("Hebbian(kind: {kind}, gain: 1.0)");
    let (rate, first) = (|t: u64| 2.0 / (t as f64 + 100.0), x.columns(0, batch).into_owned());
    let mut training = training(&[&text], start, Loss::HALF_SQUARES, Optimizer::sgd(rate(0)), &first, &y);
    let mut generator = Stream::new(seed, Purpose::Order, 0, 0).generator();
    for t in 0..steps {
        let chosen: Vec<_> = (0..batch)
            .map(|_| random::below(x.ncols() as u64, &mut generator) as usize)
            .collect();
        fill(&mut training, &x.select_columns(&chosen), &y);
        training.stepper = Stepper::new(Optimizer::sgd(rate(t)), &training.network.layers);
        training.step().expect("finite");
    }
    let w = &training.network.layers[0].weight;
    w.row_iter().map(|w| w.transpose()).collect()
}

#[test]
fn oja_finds_the_first_principal_component_and_sanger_the_first_ones_in_order() {
    for seed in 1..4 {
        let x = samples(&[3.0, 2.0, 1.2, 0.6, 0.3], 400, seed);
        let components = principal_components(&x);
        let (oja, sanger) = (trained("Oja", &x, seed), trained("Sanger", &x, seed));
        for (j, component) in components.iter().enumerate().take(3) {
            let (first, own) = (angle(&oja[j], &components[0]), angle(&sanger[j], component));
            println!("seed {seed}, unit {j}: Oja {first:.2}, Sanger {own:.2} degrees");
            assert!(first < 1.0, "seed {seed}, unit {j} of Oja: {first} degrees");
            assert!(own < 1.0, "seed {seed}, unit {j} of Sanger: {own} degrees");
            // at rest weight vectors have length 1
            assert!((oja[j].norm() - 1.0).abs() < 0.02 && (sanger[j].norm() - 1.0).abs() < 0.02);
        }
        // negative controls: Oja's other units find no other components, and no component is that of other data
        assert!(angle(&oja[1], &components[1]) > 80.0);
        let other = principal_components(&samples(&[3.0, 2.0, 1.2, 0.6, 0.3], 400, seed + 10));
        assert!(angle(&sanger[0], &other[0]) > 5.0);
    }
}

/// As the temperature falls only the most driven unit learns from a sample.
#[test]
fn cold_competition_leaves_one_winner() {
    let case = Case::random(&[4, 6, 3], Activation::Tanh, Loss::CROSS_ENTROPY, 1, 5);
    let learning = |temperature: f64| {
        let kind = HebbianKind::SoftCompetition { temperature };
        let u = Matrix::from_column_slice(6, 5, &update(kind, 1.0, &case))
            .columns(0, 4)
            .into_owned();
        let shares: Vec<_> = u.row_iter().map(|row| row.norm()).collect();
        (shares.iter().cloned().fold(0.0, f64::max), shares.iter().sum::<f64>())
    };
    let (most, all) = learning(1e-3);
    assert!(most > 0.999 * all);
    let (most, all) = learning(10.0);
    assert!(most < 0.5 * all);
}

#[test]
fn it_refuses_what_it_cannot_do_and_keeps_the_laws_with_other_options() {
    let refusal = |text: &str, sizes: &[usize]| {
        let network = network::<f64>(sizes, Activation::Tanh, Activation::Identity, 1);
        let setting = Setting {
            network: &network,
            loss: Loss::HALF_SQUARES,
            optimizer: &Optimizer::default().into(),
            batch: 4,
            folder: std::path::Path::new(""),
        };
        let bound = common::rule(text).bind_f64(&setting, Stream::new(1, Purpose::RuleStart, 0, 0));
        bound.err().map(|refusal| refusal.option)
    };
    assert_eq!(refusal("Hebbian(gain: 0.0)", &[2, 3, 2]).as_deref(), Some("gain"));
    let cold = "Hebbian(kind: SoftCompetition(temperature: 0.0))";
    assert_eq!(refusal(cold, &[2, 3, 2]).as_deref(), Some("kind.temperature"));
    assert_eq!(refusal("Hebbian", &[2, 2]).as_deref(), Some(""));
    assert_eq!(refusal("Hebbian", &[2, 3, 2]), None);
    for rule in ["Hebbian(kind: Oja)", "Hebbian(kind: SoftCompetition(temperature: 0.5))"] {
        check(&rules::builtin(), rule).unwrap_or_else(|violations| panic!("{violations}"));
    }
}
