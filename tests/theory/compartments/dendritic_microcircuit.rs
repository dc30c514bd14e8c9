//! Prove what dendritic microcircuits compute at rest, and that the paper's conductances bring them there.

use super::*;
use creditlab::network::Trace;

fn rule(nudge: f64, steps: u32, feedback: &str) -> String {
    format!("DendriticMicrocircuit(nudge: {nudge:?}, steps: {steps}, feedback: {feedback})")
}

#[test]
fn without_teaching_every_apical_potential_is_exactly_zero() {
    let mut problem = Problem::new(&[5, 7, 6, 3], Activation::Tanh, Loss::HALF_SQUARES, 1);
    let update = |problem: &Problem| flat(&problem.update(&rule(0.1, 10, "Transposed")));
    assert!(update(&problem).iter().any(|u| *u != 0.0));
    let mut trace = Trace {
        input: problem.x.clone(),
        ..Trace::default()
    };
    problem.network.forward(&mut trace);
    problem.y = trace.output().a.clone();
    assert!(update(&problem).iter().all(|u| *u == 0.0));
}

#[test]
fn with_the_forward_weights_it_tends_to_the_gradient() {
    for problem in Problem::all(Activation::Tanh) {
        let ratios = problem.ratios(0.02, |nudge| rule(nudge, 10, "Transposed"), "Backprop");
        assert!(all_near(&ratios, 2.0), "{ratios:?}");
        assert!(problem.error(&rule(1e-4, 10, "Transposed"), "Backprop") < 1e-3);
    }
}

#[test]
fn with_weights_of_its_own_it_tends_to_feedback_alignment() {
    for problem in Problem::all(Activation::Tanh) {
        let own = rule(1e-5, 10, "Fixed((scale: 1.5))");
        let error = problem.error(&own, "FeedbackAlignment(feedback: (scale: 1.5))");
        assert!(error < 1e-3, "{error}");
        assert!(problem.error(&own, "Backprop") > 0.1);
    }
}

#[test]
fn teaching_needs_a_step_for_each_layer() {
    for problem in Problem::all(Activation::Tanh) {
        let depth = problem.network.depth() as u32;
        let settled = rule(0.1, 50, "Transposed");
        let first = |steps| problem.errors(&rule(0.1, steps, "Transposed"), &settled)[0];
        assert!(first(2 * depth) < 0.05, "{}", first(2 * depth));
        assert!((first(depth - 1) - 1.0).abs() < 1e-12);
        assert!(first(depth) < 1.0);
    }
}

/// Conductances of the paper, and the currents that they drive.
const LEAK: f64 = 0.1;
const BASAL: f64 = 1.0;
const APICAL: f64 = 0.8;
const SOMATIC: f64 = 0.5;

/// What the cells of the paper propose for the weights, hidden layers tanh and the output linear, once all potentials have come to rest;
/// the weights from interneurons are `gain` times those from the layer above.
fn from_conductances(problem: &Problem, gain: f64) -> Vec<Matrix<f64>> {
    let layers = &problem.network.layers;
    let depth = layers.len();
    let sum = LEAK + BASAL + APICAL;
    let basal_of = |l: usize, below: &Matrix<f64>| {
        let mut z = &layers[l].weight * below;
        z.column_iter_mut().for_each(|mut z| z += &layers[l].bias);
        z
    };
    let rate = |l: usize, u: &Matrix<f64>| if l + 1 == depth { u.clone() } else { u.map(f64::tanh) };
    let mut u: Vec<Matrix<f64>> = layers
        .iter()
        .map(|layer| Matrix::zeros(layer.units(), problem.x.ncols()))
        .collect();
    // interneurons of layer l are as many as units of the layer above
    let mut inter: Vec<Matrix<f64>> = u[1..].to_vec();
    for _ in 0..4000 {
        let r: Vec<_> = (0..depth).map(|l| rate(l, &u[l])).collect();
        let below = |l: usize| if l == 0 { &problem.x } else { &r[l - 1] };
        let mut du = Vec::new();
        for l in 0..depth {
            // W holds the attenuation of the basal compartment: its potential is basal / attenuation
            let drive = basal_of(l, below(l));
            if l + 1 == depth {
                let sum = LEAK + BASAL + SOMATIC;
                let current = (LEAK + BASAL) * drive + SOMATIC * &problem.y;
                du.push(current - sum * &u[l]);
            } else {
                let lateral = rate(l + 1, &inter[l]);
                let apical = layers[l + 1].weight.transpose() * (&r[l + 1] - gain * lateral);
                du.push(sum * drive + APICAL * apical - sum * &u[l]);
            }
        }
        for l in 0..depth - 1 {
            let dendrite = basal_of(l + 1, &r[l]);
            let current = (LEAK + BASAL) * dendrite + SOMATIC * &u[l + 1];
            let change = current - (LEAK + BASAL + SOMATIC) * &inter[l];
            inter[l] += 0.1 * change;
        }
        u.iter_mut().zip(du).for_each(|(u, du)| *u += 0.1 * du);
    }
    let (apical, interneuron) = (APICAL / sum, SOMATIC / (LEAK + BASAL + SOMATIC));
    let (nudge, k) = (SOMATIC / (LEAK + BASAL + SOMATIC), apical * (1.0 - interneuron));
    let update = |l: usize| {
        let below = if l == 0 {
            problem.x.clone()
        } else {
            rate(l - 1, &u[l - 1])
        };
        let surprise = rate(l, &u[l]) - rate(l, &basal_of(l, &below));
        let scale = -1.0 / (nudge * k.powi((depth - 1 - l) as i32) * problem.x.ncols() as f64);
        scale * surprise * below.transpose()
    };
    (0..depth).map(update).collect()
}

#[test]
fn the_conductances_of_the_paper_settle_to_these_states() {
    let problem = Problem::new(&[5, 7, 6, 3], Activation::Tanh, Loss::HALF_SQUARES, 1);
    let (apical, other) = (APICAL / (LEAK + BASAL + APICAL), SOMATIC / (LEAK + BASAL + SOMATIC));
    let found = problem.update(&format!(
        "DendriticMicrocircuit(nudge: {other:?}, apical: {apical:?}, interneuron: {other:?}, steps: 400)"
    ));
    let far = |gain: f64| {
        let expected = from_conductances(&problem, gain);
        let pairs = found.iter().zip(&expected);
        let relative = pairs.map(|(found, expected)| (&found.weight - expected).norm() / expected.norm());
        relative.fold(0.0, f64::max)
    };
    assert!(far(1.0) < 1e-10, "{}", far(1.0));
    // interneurons that are too strong
    assert!(far(1.1) > 0.05, "{}", far(1.1));
}
