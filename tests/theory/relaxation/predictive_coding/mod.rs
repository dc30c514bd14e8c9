//! Prove when predictive coding is backpropagation, how far from it the rest state is, and what its energy is.

mod phases;
mod settling;

use crate::common::*;
use creditlab::linalg::Matrix;
use creditlab::loss::Loss;
use creditlab::network::{Activation, Affine, Network, Trace};
use creditlab::random::{Purpose, Stream};
use creditlab::rules::relaxation::ValueNodes;
use creditlab::rules::{Bind, Refusal, Setting, Step};
use creditlab::update::{Optimizer, Proposal};

/// Depths, activations and losses: sizes, hidden and output activation, loss, batch.
const CASES: [(&[usize], Activation, Activation, Loss, usize); 7] = [
    (
        &[5, 7, 6, 4, 3],
        Activation::Tanh,
        Activation::Identity,
        Loss::HALF_SQUARES,
        1,
    ),
    (
        &[5, 7, 6, 4, 3],
        Activation::Tanh,
        Activation::Identity,
        Loss::HALF_SQUARES,
        6,
    ),
    (
        &[5, 7, 6, 4, 3],
        Activation::Tanh,
        Activation::Identity,
        Loss::CROSS_ENTROPY,
        6,
    ),
    (
        &[6, 9, 8, 7, 4],
        Activation::Relu,
        Activation::Identity,
        Loss::CROSS_ENTROPY,
        6,
    ),
    (
        &[5, 8, 7, 3],
        Activation::Tanh,
        Activation::Logistic,
        Loss::LOGISTIC_CROSS_ENTROPY,
        5,
    ),
    (
        &[5, 8, 7, 3],
        Activation::Logistic,
        Activation::Tanh,
        Loss::HALF_SQUARES,
        5,
    ),
    (
        &[4, 6, 5, 6, 5, 3],
        Activation::Tanh,
        Activation::Identity,
        Loss::HALF_SQUARES,
        4,
    ),
];

/// One network of a case with a batch.
struct Problem {
    network: Network<f64>,
    loss: Loss,
    x: Matrix<f64>,
    y: Matrix<f64>,
    trace: Trace<f64>,
}

impl Problem {
    fn new(network: Network<f64>, loss: Loss, batch: usize, seed: u64) -> Self {
        let x = inputs(network.inputs(), batch, seed);
        let y = targets(loss, network.outputs(), batch, seed);
        let input = x.clone();
        let mut trace = Trace {
            input,
            ..Trace::default()
        };
        network.forward(&mut trace);
        Self {
            network,
            loss,
            x,
            y,
            trace,
        }
    }

    fn all() -> impl Iterator<Item = Self> {
        let seeds = CASES.iter().flat_map(|case| (0..3).map(move |seed| (case, seed)));
        seeds.map(|(&(sizes, hidden, output, loss, batch), seed)| {
            Self::new(network(sizes, hidden, output, seed), loss, batch, seed)
        })
    }

    /// What `PredictiveCoding(schedule: ...)` proposes.
    fn update(&self, schedule: &str) -> Vec<Affine<f64>> {
        let text = format!("PredictiveCoding(schedule: {schedule})");
        proposal(&text, &self.network, self.loss, &self.x, &self.y)
    }

    /// The exact gradient.
    fn gradient(&self) -> Vec<Affine<f64>> {
        proposal("Backprop", &self.network, self.loss, &self.x, &self.y)
    }

    /// `|u − g| / |g|` of each layer.
    fn errors(&self, schedule: &str) -> Vec<f64> {
        relative_by_layer(&self.update(schedule), &self.gradient())
    }

    fn step(&self) -> Step<'_, f64> {
        Step {
            network: &self.network,
            loss: self.loss,
            trace: &self.trace,
            targets: &self.y,
            samples: &[],
            stream: Stream::new(0, Purpose::Propose, 0, 0),
        }
    }

    /// Sample `i` without the others.
    fn alone(&self, i: usize) -> Self {
        let column = |matrix: &Matrix<f64>| matrix.columns(i, 1).into_owned();
        let mut trace = Trace {
            input: column(&self.x),
            ..Trace::default()
        };
        self.network.forward(&mut trace);
        Self {
            network: self.network.clone(),
            loss: self.loss,
            x: column(&self.x),
            y: column(&self.y),
            trace,
        }
    }

    /// The metric `residual` of `PredictiveCoding(schedule: ...)`.
    fn residual(&self, schedule: &str) -> Option<f64> {
        let setting = Setting {
            network: &self.network,
            loss: self.loss,
            optimizer: &Optimizer::default().into(),
            batch: self.x.ncols(),
            folder: std::path::Path::new(""),
        };
        let rule = rule(&format!("PredictiveCoding(schedule: {schedule})"));
        let stream = Stream::new(0, Purpose::RuleStart, 0, 0);
        let mut learner = f64::bind(&rule, &setting, stream).expect("fits");
        learner.probe(self.step(), &mut Proposal::default());
        learner.residual(self.step())
    }

    /// The dynamics of `ZeroDivergence` at another rate than 1.
    fn zero_divergence_at(&self, rate: f64) -> Vec<Affine<f64>> {
        let (mut nodes, mut out) = (ValueNodes::default(), Proposal::default());
        out.begin(&self.network.layers, self.x.ncols());
        nodes.start(&self.step(), 1.0);
        for l in (0..self.network.depth()).rev() {
            nodes.pair(l, &self.network, 1.0, &mut out);
            nodes.descend(&self.network, rate);
            nodes.predict(&self.step(), 1.0);
        }
        arrays(&out, &self.network, &self.trace)
    }
}

fn largest(errors: &[f64]) -> f64 {
    errors.iter().copied().fold(0.0, f64::max)
}

#[test]
fn zero_divergence_is_the_gradient_at_rate_1_only() {
    for problem in Problem::all() {
        let errors = problem.errors("ZeroDivergence");
        assert!(largest(&errors) <= 1e-13, "{errors:?}");
        // negative control: the same dynamics at rate 0.9
        let gradient = problem.gradient();
        let at = |rate| relative_by_layer(&problem.zero_divergence_at(rate), &gradient);
        assert!(largest(&at(1.0)) <= 1e-13);
        assert!(at(0.9)[0] > 0.01, "{:?}", at(0.9));
    }
}

#[test]
fn fixed_prediction_is_the_gradient_at_convergence_and_after_just_enough_steps_at_rate_1() {
    for problem in Problem::all() {
        let errors = problem.errors("FixedPrediction(steps: 2000, rate: 0.05)");
        assert!(largest(&errors) <= 1e-12, "{errors:?}");
        let enough = problem.network.depth() - 1;
        let after = |steps| problem.errors(&format!("FixedPrediction(steps: {steps}, rate: 1.0)"));
        assert!(largest(&after(enough)) <= 1e-13, "{:?}", after(enough));
        assert!(largest(&after(enough + 3)) <= 1e-13);
        // negative control: the error has not yet reached the first layer
        assert!(after(enough - 1)[0] > 0.01);
    }
}

/// `P(X ≥ k)` for `X` binomial.
fn binomial_tail(trials: u32, probability: f64, k: usize) -> f64 {
    // row[j] = P(X = j), built one trial at a time
    let mut row = vec![0.0; trials as usize + 1];
    row[0] = 1.0;
    for _ in 0..trials {
        for j in (0..row.len()).rev() {
            let below = if j > 0 { row[j - 1] } else { 0.0 };
            row[j] = (1.0 - probability) * row[j] + probability * below;
        }
    }
    row[k.min(row.len())..].iter().sum()
}

#[test]
fn fixed_prediction_scales_the_gradient_of_each_layer_by_a_binomial_tail() {
    for problem in Problem::all() {
        for (steps, rate) in [(20, 0.5), (7, 0.3), (20, 0.1)] {
            let mut expected = problem.gradient();
            let top = expected.len() - 1;
            for (l, g) in expected.iter_mut().enumerate() {
                let tail = binomial_tail(steps, rate, top - l);
                g.weight *= tail;
                g.bias *= tail;
            }
            let update = problem.update(&format!("FixedPrediction(steps: {steps}, rate: {rate})"));
            let errors = relative_by_layer(&update, &expected);
            assert!(largest(&errors) <= 1e-12, "{steps} {rate}: {errors:?}");
        }
        // negative control: one step fewer is another tail
        assert!(problem.errors("FixedPrediction(steps: 7, rate: 0.3)")[0] > 0.01);
    }
}

#[test]
fn at_rest_the_distance_to_the_gradient_is_of_first_order_in_the_nudge() {
    // no ReLU: its kinks have no order
    for problem in Problem::all().filter(|p| p.network.layers[0].activation != Activation::Relu) {
        let error = |nudge: f64| {
            let update = problem.update(&format!("Equilibrium(steps: 1000, rate: 0.2, nudge: {nudge})"));
            relative(&flat(&update), &flat(&problem.gradient()))
        };
        let errors = [0.1, 0.01, 0.001].map(error);
        let slope = |i: usize, j: usize| (errors[i] / errors[j]).log10() / (j - i) as f64;
        assert!((slope(1, 2) - 1.0).abs() <= 0.05, "{errors:?}: slope {}", slope(1, 2));
        assert!((slope(1, 2) - 1.0).abs() < (slope(0, 1) - 1.0).abs());
        // with half squares the output error is not bounded and a nudge of 0.1 not yet small: the distance is up to 0.6
        if problem.loss != Loss::HALF_SQUARES {
            assert!((slope(0, 2) - 1.0).abs() <= 0.05, "{errors:?}: slope {}", slope(0, 2));
        }
        // negative control: far from rest the nudge does not help
        let update = problem.update("Equilibrium(steps: 5, rate: 0.1, nudge: 0.001)");
        assert!(relative(&flat(&update), &flat(&problem.gradient())) > 0.1);
    }
}

/// A linear 8-7-6-5-4 network without biases, 16 examples, half squares.
fn linear(seed: u64) -> Problem {
    let mut network = network(&[8, 7, 6, 5, 4], Activation::Identity, Activation::Identity, seed);
    for layer in &mut network.layers {
        layer.bias = creditlab::linalg::Vector::from_vec(Vec::new());
    }
    Problem::new(network, Loss::HALF_SQUARES, 16, seed)
}

/// `½ mean rᵀ S⁻¹ r`, `r = t − W_L ... W_1 x`, `S = I + Σ_{l=lowest..L} W_{L:l} W_{L:l}ᵀ`; Innocenti et al. 2024 with `lowest` 2.
fn energy_at_rest(problem: &Problem, lowest: usize) -> f64 {
    let layers = &problem.network.layers;
    let mut product = Matrix::identity(4, 4);
    let mut s = Matrix::identity(4, 4);
    for l in (1..=layers.len()).rev() {
        product *= &layers[l - 1].weight;
        if l >= lowest {
            s += &product * product.transpose();
        }
    }
    let r = &problem.y - &product * &problem.x;
    let solved = s.try_inverse().expect("positive definite") * &r;
    0.5 * r.component_mul(&solved).sum() / problem.x.ncols() as f64
}

#[test]
fn the_energy_of_a_linear_network_at_rest_is_the_closed_form() {
    for seed in 0..5 {
        let (problem, mut nodes) = (linear(seed), ValueNodes::default());
        let step = problem.step();
        nodes.start(&step, 1.0);
        let start = nodes.energy(&step, 1.0);
        let mut steps = 0;
        while nodes.residual(&problem.network) >= 1e-14 {
            nodes.descend(&problem.network, 0.1);
            nodes.predict(&step, 1.0);
            steps += 1;
            assert!(
                steps < 20_000,
                "does not come to rest: {:e}",
                nodes.residual(&problem.network)
            );
        }
        let (energy, expected) = (nodes.energy(&step, 1.0), energy_at_rest(&problem, 2));
        assert!((energy / expected - 1.0).abs() <= 1e-12, "{energy} {expected}");
        // at the start only the loss is there
        let loss = mean_loss(&problem.network, problem.loss, &problem.x, &problem.y);
        assert!((start / loss - 1.0).abs() <= 1e-14);
        // negative control: the first layer is not in S, since its prediction cannot move
        assert!((energy / energy_at_rest(&problem, 1) - 1.0).abs() > 0.01);
    }
}

/// `F` at rest, for given weights.
fn relaxed_energy(network: &Network<f64>, problem: &Problem, nudge: f64) -> f64 {
    let moved = Problem::new(network.clone(), problem.loss, problem.x.ncols(), 1);
    let (step, mut nodes) = (moved.step(), ValueNodes::default());
    nodes.start(&step, nudge);
    for _ in 0..500 {
        nodes.descend(network, 0.3);
        nodes.predict(&step, nudge);
    }
    assert!(nodes.residual(network) <= 1e-12, "{:e}", nodes.residual(network));
    nodes.energy(&step, nudge)
}

#[test]
fn at_rest_the_proposal_is_the_gradient_of_the_relaxed_energy_for_any_nudge() {
    // where ∂F/∂v = 0, the derivative of F at rest in a weight is ∂F/∂W
    let network = network(&[4, 5, 4, 3], Activation::Tanh, Activation::Identity, 1);
    let problem = Problem::new(network, Loss::CROSS_ENTROPY, 3, 1);
    for nudge in [0.3, 1.0] {
        let update = problem.update(&format!("Equilibrium(steps: 500, rate: 0.3, nudge: {nudge})"));
        let energy = |network: &Network<f64>| relaxed_energy(network, &problem, nudge) / nudge;
        let differences = central_differences(&problem.network, 1e-5, energy);
        let error = relative(&flat(&update), &differences);
        assert!(error <= 1e-7, "{error:e}");
        // negative control: the gradient of the loss is another
        assert!(relative(&flat(&problem.gradient()), &differences) > 0.01);
    }
}

#[test]
fn the_residual_is_the_largest_derivative_of_the_energy() {
    let problem = Problem::new(
        network(&[3, 4, 2], Activation::Tanh, Activation::Identity, 1),
        Loss::HALF_SQUARES,
        1,
        1,
    );
    // one step of size r lowers F by r |dF/dv|² to first order; with one hidden layer, at the start, dF/dv = W_2' (a − t)
    let step = problem.step();
    let mut nodes = ValueNodes::default();
    nodes.start(&step, 1.0);
    let gradient = problem.network.layers[1].weight.transpose() * (problem.trace.output().a - &problem.y);
    assert!((nodes.residual(&problem.network) / gradient.amax() - 1.0).abs() <= 1e-14);
    let (before, rate) = (nodes.energy(&step, 1.0), 1e-6);
    nodes.descend(&problem.network, rate);
    nodes.predict(&step, 1.0);
    let fall = (before - nodes.energy(&step, 1.0)) / (rate * gradient.norm_squared());
    assert!((fall - 1.0).abs() <= 1e-5, "{fall}");
}

#[test]
fn a_network_without_hidden_layers_follows_the_gradient() {
    let problem = Problem::new(
        network(&[5, 3], Activation::Tanh, Activation::Identity, 1),
        Loss::CROSS_ENTROPY,
        4,
        1,
    );
    for schedule in ["Equilibrium(nudge: 0.3)", "ZeroDivergence", "FixedPrediction()"] {
        assert!(largest(&problem.errors(schedule)) <= 1e-15, "{schedule}");
    }
}

#[test]
fn numbers_that_cannot_work_are_refused_by_name() {
    let problem = linear(0);
    let setting = Setting {
        network: &problem.network,
        loss: problem.loss,
        optimizer: &Optimizer::default().into(),
        batch: 16,
        folder: std::path::Path::new(""),
    };
    let bind = |schedule: &str| -> Result<(), Refusal> {
        let rule = rule(&format!("PredictiveCoding(schedule: {schedule})"));
        f64::bind(&rule, &setting, Stream::new(0, Purpose::RuleStart, 0, 0)).map(|_| ())
    };
    for (schedule, option) in [
        ("Equilibrium(nudge: 0.0)", "schedule.nudge"),
        ("Equilibrium(nudge: -1.0)", "schedule.nudge"),
        ("Equilibrium(steps: 0)", "schedule.steps"),
        ("FixedPrediction(steps: 0)", "schedule.steps"),
        ("Equilibrium(rate: 0.0)", "schedule.rate"),
        ("FixedPrediction(rate: -0.1)", "schedule.rate"),
        ("Equilibrium(tolerance: -1e-6)", "schedule.tolerance"),
        ("Equilibrium(tolerance: 1.0)", "schedule.tolerance"),
        ("Equilibrium(tolerance: 1e-6, at_most: 0)", "schedule.steps"),
    ] {
        let refusal = bind(schedule).expect_err(schedule);
        assert_eq!(refusal.option, option, "{schedule}");
        assert!(!refusal.reason.is_empty() && !refusal.remedy.is_empty());
    }
    for schedule in [
        "Equilibrium()",
        "Equilibrium(tolerance: 1e-6, at_most: 500)",
        "ZeroDivergence",
        "FixedPrediction(steps: 1, rate: 1.0)",
    ] {
        assert!(bind(schedule).is_ok(), "{schedule}");
    }
    for text in [
        "Equilibrium(step: 3)",
        "ZeroDivergence(rate: 1.0)",
        "FixedPrediction(nudge: 1.0)",
    ] {
        let text = format!("PredictiveCoding(schedule: {text})");
        assert!(creditlab::rules::builtin().rule(&text).is_err(), "{text}");
    }
    let default = rule("PredictiveCoding").options();
    assert_eq!(
        default,
        "(schedule:Equilibrium(steps:20,rate:0.1,nudge:1.0,tolerance:0.0))"
    );
}
