//! Prove the references `GaussNewton` and `PseudoInverse`.

use crate::common;
use crate::common::*;
use creditlab::linalg::{Matrix, Vector};
use creditlab::loss::{Loss, Over};
use creditlab::network::{Activation, Affine, Network};
use creditlab::runner::Training;
use creditlab::update::Optimizer;

const TINY: &str = "GaussNewton(damping: 1e-10)";

/// The update of a reference as one column.
fn column(update: &[Affine<f64>]) -> Vector<f64> {
    Vector::from_vec(flat(update))
}

/// Without hidden layers half squares are a quadratic function: a step with rate 1 and hardly any damping is at its minimum, the
/// solution of the normal equations.
#[test]
fn a_linear_layer_is_solved_in_one_step() {
    let network = network(&[4, 3], Activation::Tanh, Activation::Identity, 2);
    let (x, y) = (inputs(4, 12, 2), targets(Loss::HALF_SQUARES, 3, 12, 2));
    let mut with_bias = x.clone().insert_row(4, 1.0);
    let solution = &y * with_bias.transpose() * (&with_bias * with_bias.transpose()).try_inverse().expect("12 samples");
    let mut training = training(
        &[TINY],
        network.clone(),
        Loss::HALF_SQUARES,
        Optimizer::sgd(1.0),
        &x,
        &y,
    );
    training.step().expect("finite");
    let layer = &training.network.layers[0];
    let found = layer.weight.clone().insert_column(4, 0.0) + {
        let mut bias = Matrix::zeros(3, 5);
        bias.set_column(4, &layer.bias);
        bias
    };
    assert!((&found - &solution).norm() < 1e-8 * solution.norm());
    // a second step has nothing to do; a negative control has: one gradient step is not there
    fill(&mut training, &x, &y);
    training.step().expect("finite");
    assert!((training.network.layers[0].weight.clone() - found.columns(0, 4)).norm() < 1e-8);
    with_bias = found;
    let mut gradient = common::training(&["Backprop"], network, Loss::HALF_SQUARES, Optimizer::sgd(1.0), &x, &y);
    gradient.step().expect("finite");
    assert!((gradient.network.layers[0].weight.clone() - with_bias.columns(0, 4)).norm() > 0.01);
}

/// The second derivatives of the mean loss by central differences of the exact gradient.
fn hessian(network: &Network<f64>, loss: Loss, x: &Matrix<f64>, y: &Matrix<f64>) -> Matrix<f64> {
    let gradient = |network: &Network<f64>| column(&proposal("Backprop", network, loss, x, y));
    let step = 1e-5;
    let mut columns = Vec::new();
    let mut moved = network.clone();
    for l in 0..network.depth() {
        let weights = network.layers[l].weight.len();
        for k in 0..network.layers[l].parameters() {
            let mut at = |by: f64| {
                let layer = &mut moved.layers[l];
                let place = if k < weights {
                    &mut layer.weight[k]
                } else {
                    &mut layer.bias[k - weights]
                };
                let before = std::mem::replace(place, 0.0);
                *place = before + by;
                let g = gradient(&moved);
                let layer = &mut moved.layers[l];
                let place = if k < weights {
                    &mut layer.weight[k]
                } else {
                    &mut layer.bias[k - weights]
                };
                *place = before;
                g
            };
            columns.push((at(step) - at(-step)) / (2.0 * step));
        }
    }
    Matrix::from_columns(&columns)
}

/// Where `z_L` is linear in the parameters the Gauss-Newton matrix is the Hessian, for every matching loss: `(H + damping I) u = g`.
#[test]
fn a_model_linear_in_its_parameters_has_its_hessian() {
    let damping = 0.05;
    for loss in Loss::ALL {
        let network = network(&[4, 3], Activation::Tanh, loss.default_output(), 3);
        let (x, y) = (inputs(4, 5, 3), targets(loss, 3, 5, 3));
        let u = column(&proposal(
            &format!("GaussNewton(damping: {damping})"),
            &network,
            loss,
            &x,
            &y,
        ));
        let g = column(&proposal("Backprop", &network, loss, &x, &y));
        let h = hessian(&network, loss, &x, &y);
        let error = |damping: f64| (&h * &u + damping * &u - &g).norm() / g.norm();
        assert!(error(damping) < 1e-8, "{loss:?}: {:e}", error(damping));
        // negative control: another damping, or a matrix twice as large
        assert!(error(2.0 * damping) > 1e-3);
        assert!((2.0 * &h * &u + damping * &u - &g).norm() > 1e-3 * g.norm());
    }
}

/// With hidden units: the matrix is made of the Jacobian of the outputs, by central differences of the forward pass.
#[test]
fn a_deep_network_has_the_curvature_of_its_outputs() {
    let damping = 0.05;
    for (loss, hidden) in [
        (Loss::HALF_SQUARES, Activation::Tanh),
        (Loss::CROSS_ENTROPY, Activation::Logistic),
        (Loss::LOGISTIC_CROSS_ENTROPY, Activation::Tanh),
        (Loss::SQUARES, Activation::Softplus),
        (Loss::CrossEntropy { over: Over::Mean }, Activation::Tanh),
    ] {
        let network = network(&[3, 4, 3, 2], hidden, loss.default_output(), 4);
        let (x, y) = (inputs(3, 5, 4), targets(loss, 2, 5, 4));
        let d = network.parameters();
        let mut matrix = Matrix::zeros(d, d);
        for i in 0..5 {
            let one = x.columns(i, 1).into_owned();
            let output = |network: &Network<f64>, k: usize| {
                let mut trace = creditlab::network::Trace {
                    input: one.clone(),
                    ..Default::default()
                };
                network.forward(&mut trace);
                trace.output().z[k]
            };
            let rows: Vec<_> = (0..2)
                .map(|k| Vector::from_vec(central_differences(&network, 1e-5, |n| output(n, k))))
                .collect();
            let z = Vector::from_fn(2, |k, _| output(&network, k));
            let curvature: Matrix<f64> = match loss {
                Loss::HalfSquares { .. } => Matrix::identity(2, 2),
                Loss::Squares { .. } => Matrix::identity(2, 2) * 2.0,
                Loss::CrossEntropy { .. } => {
                    let p = z.map(f64::exp) / z.map(f64::exp).sum();
                    Matrix::from_diagonal(&p) - &p * p.transpose()
                }
                Loss::LogisticCrossEntropy { .. } => {
                    Matrix::from_diagonal(&z.map(|z| 1.0 / (2.0 + z.exp() + (-z).exp())))
                }
            };
            let outputs = match loss.over() {
                Over::Sum => 1.0,
                Over::Mean => 2.0,
            };
            for (k, row) in rows.iter().enumerate() {
                for (m, other) in rows.iter().enumerate() {
                    matrix += curvature[(k, m)] / (5.0 * outputs) * row * other.transpose();
                }
            }
        }
        let u = column(&proposal(
            &format!("GaussNewton(damping: {damping})"),
            &network,
            loss,
            &x,
            &y,
        ));
        let g = column(&proposal("Backprop", &network, loss, &x, &y));
        let left = (&matrix * &u + damping * &u - &g).norm() / g.norm();
        assert!(left < 1e-7, "{loss:?}: {left:e}");
        // negative control: the Hessian itself is another matrix here
        let h = hessian(&network, loss, &x, &y);
        assert!((h * &u + damping * &u - &g).norm() > 1e-2 * g.norm());
    }
}

/// A cross-entropy on bounded outputs is no matching loss: the slope of the outputs enters on both sides.
#[test]
fn bounded_outputs_are_taken_with_their_slope() {
    let network = network(&[3, 2], Activation::Tanh, Activation::Tanh, 5);
    let (x, y) = (inputs(3, 1, 5), targets(Loss::CROSS_ENTROPY, 2, 1, 5));
    let u = column(&proposal(
        "GaussNewton(damping: 0.1)",
        &network,
        Loss::CROSS_ENTROPY,
        &x,
        &y,
    ));
    let g = column(&proposal("Backprop", &network, Loss::CROSS_ENTROPY, &x, &y));
    let z = &network.layers[0].weight * &x + &network.layers[0].bias;
    let a = Vector::from_fn(2, |k, _| z[k].tanh());
    let p = a.map(f64::exp) / a.map(f64::exp).sum();
    let slope = Matrix::from_diagonal(&a.map(|a| 1.0 - a * a));
    let h = &slope * (Matrix::from_diagonal(&p) - &p * p.transpose()) * &slope;
    let with_one = x.column(0).insert_row(3, 1.0);
    let whole = (&with_one * with_one.transpose()).kronecker(&h);
    assert!((whole * &u + 0.1 * &u - &g).norm() < 1e-12 * g.norm());
}

/// As damping grows, `damping u → g`, with an error that halves when it doubles.
#[test]
fn much_damping_leaves_the_gradient() {
    let network = network(&[3, 5, 2], Activation::Tanh, Activation::Identity, 6);
    let (x, y) = (inputs(3, 6, 6), targets(Loss::CROSS_ENTROPY, 2, 6, 6));
    let g = flat(&proposal("Backprop", &network, Loss::CROSS_ENTROPY, &x, &y));
    let error = |damping: f64| {
        let u = flat(&proposal(
            &format!("GaussNewton(damping: {damping})"),
            &network,
            Loss::CROSS_ENTROPY,
            &x,
            &y,
        ));
        relative(&u.iter().map(|u| damping * u).collect::<Vec<_>>(), &g)
    };
    assert!(error(1e6) < 1e-5);
    let ratio = error(1e4) / error(2e4);
    assert!((ratio - 2.0).abs() < 1e-2, "{ratio}");
    assert!(error(0.1) > 0.3);
}

/// The hidden error of `PseudoInverse` is the least change of the activity that the weights above turn into their error; with
/// orthogonal weights it is backpropagation's, and with a scaled orthogonal matrix `c Q` it is that over `c²`.
#[test]
fn the_pseudo_inverse_undoes_the_error() {
    let (x, y) = (inputs(4, 5, 7), targets(Loss::HALF_SQUARES, 3, 5, 7));
    let mut network = network(&[4, 6, 3], Activation::Identity, Activation::Identity, 7);
    let deltas = |rule: &str, network: &Network<f64>| {
        let mut training = training(
            &[rule],
            network.clone(),
            Loss::HALF_SQUARES,
            Optimizer::sgd(0.1),
            &x,
            &y,
        );
        training.step().expect("finite");
        [0, 1].map(|l| training.seats[0].proposal.delta(l).expect("a local layer").clone())
    };
    let [hidden, output] = deltas("PseudoInverse", &network);
    let w = network.layers[1].weight.clone();
    assert!((&w * &hidden - &output).norm() < 1e-12 * output.norm());
    // the least one lies in the row space: nothing of it is lost by the projection Wᵀ (W Wᵀ)⁻¹ W
    let onto = w.transpose() * (&w * w.transpose()).try_inverse().unwrap() * &w;
    assert!((onto * &hidden - &hidden).norm() < 1e-12 * hidden.norm());
    // negative control: backpropagation's error does not undo it
    let [steepest, _] = deltas("Backprop", &network);
    assert!((&w * steepest - &output).norm() > 0.1 * output.norm());

    for scale in [1.0, 3.0] {
        // the rows of a reflection are orthonormal
        let v = Vector::from_fn(6, |i, _| 1.0 + i as f64);
        let q = Matrix::identity(6, 6) - 2.0 / v.norm_squared() * &v * v.transpose();
        network.layers[1].weight = scale * q.rows(0, 3);
        for activation in [Activation::Identity, Activation::Tanh] {
            network.layers[0].activation = activation;
            let [hidden, _] = deltas("PseudoInverse", &network);
            let [exact, _] = deltas("Backprop", &network);
            assert!((scale * scale * hidden - &exact).norm() < 1e-12 * exact.norm());
        }
    }
}

/// Below a wide layer there is no undoing: the hidden error is the one of least squares.
#[test]
fn a_layer_that_widens_gets_the_error_of_least_squares() {
    let network = network(&[4, 2, 5], Activation::Identity, Activation::Identity, 8);
    let (x, y) = (inputs(4, 3, 8), targets(Loss::HALF_SQUARES, 5, 3, 8));
    let mut training = training(
        &["PseudoInverse", "Backprop"],
        network.clone(),
        Loss::HALF_SQUARES,
        Optimizer::sgd(0.1),
        &x,
        &y,
    );
    training.step().expect("finite");
    let delta = |seat: usize, l| training.seats[seat].proposal.delta(l).unwrap();
    let w = &network.layers[1].weight;
    let left: Matrix<f64> = w.transpose() * (w * delta(0, 0) - delta(0, 1));
    assert!(left.norm() < 1e-12);
    assert_eq!(delta(0, 1), delta(1, 1));
    let shown = feedback(&training, 0, 1);
    let changed = &training.network.layers[1].weight;
    assert!((shown.transpose() * changed - Matrix::identity(2, 2)).norm() < 1e-12);
}

#[test]
fn large_networks_are_refused_with_a_remedy() {
    for (rule, sizes, remedy) in [
        ("GaussNewton", &[30, 30, 10][..], "use a smaller network, or `Backprop`"),
        (
            "PseudoInverse",
            &[3, 129, 130, 2],
            "use smaller layers, or `FeedbackAlignment`",
        ),
    ] {
        let start = |sizes: &[usize]| {
            let network = network::<f64>(sizes, Activation::Tanh, Activation::Identity, 0);
            Training::new(
                0,
                network,
                Loss::HALF_SQUARES,
                Optimizer::sgd(0.1),
                4,
                &[common::rule(rule)],
            )
        };
        let (_, refusal) = start(sizes).err().expect("a refusal");
        assert_eq!(refusal.remedy, remedy);
        assert!(start(&[200, 4, 3]).is_ok());
    }
    for damping in ["0", "-1", "-0.0"] {
        let rule = common::rule(&format!("GaussNewton(damping: {damping})"));
        let network = network::<f64>(&[2, 2], Activation::Tanh, Activation::Identity, 0);
        let refused = Training::new(0, network, Loss::HALF_SQUARES, Optimizer::sgd(0.1), 4, &[rule]).err();
        assert_eq!(refused.expect("a refusal").1.option, "damping");
    }
}
