//! Prove what nudges to both sides gain, and what weights that step with the values propose.

use super::*;
use creditlab::rules::relaxation::MovedWeights;

#[test]
fn centred_nudges_err_by_their_square() {
    for problem in Problem::all().filter(|problem| problem.network.layers[0].activation == Activation::Tanh) {
        for (phase, ratio) in [("OneSided", 2.0), ("Centred", 4.0)] {
            let error = |nudge: f64| {
                let schedule = format!("Equilibrium(steps: 3000, rate: 0.1, nudge: {nudge:?}, phase: {phase})");
                problem.errors(&schedule).into_iter().fold(0.0, f64::max)
            };
            let found = error(0.02) / error(0.01);
            assert!((found / ratio - 1.0).abs() < 0.1, "{phase}: {found}");
        }
    }
}

fn incremental(steps: u32, weight_rate: f64) -> String {
    format!("Incremental(steps: {steps}, rate: 0.2, weight_rate: {weight_rate:?}, nudge: 0.7)")
}

/// Weights that hardly move: the sum of what the plain dynamics propose at each of its states, divided by the nudge as these are.
#[test]
fn weights_that_hardly_move_sum_the_updates_along_the_path() {
    const STEPS: u32 = 5;
    for problem in Problem::all() {
        let update = |rule: &str| flat(&proposal(rule, &problem.network, problem.loss, &problem.x, &problem.y));
        let mut sum = update("OutputOnly");
        for steps in 1..STEPS {
            let schedule = format!("Equilibrium(steps: {steps}, rate: 0.2, nudge: 0.7)");
            let more = flat(&problem.update(&schedule));
            sum.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
        }
        let error = |weight_rate: f64| relative(&flat(&problem.update(&incremental(STEPS, weight_rate))), &sum);
        assert!(error(1e-6) < 1e-4, "{}", error(1e-6));
        let ratio = error(2e-4) / error(1e-4);
        assert!((ratio - 2.0).abs() < 0.1, "{ratio}");
    }
}

#[test]
fn after_one_step_the_output_follows_its_gradient_and_hidden_layers_stand() {
    for problem in Problem::all() {
        let (found, gradient) = (problem.update(&incremental(1, 0.02)), problem.gradient());
        let top = gradient.len() - 1;
        assert!(relative_by_layer(&found, &gradient)[top] < 1e-12);
        assert!(flat(&found[..top]).iter().all(|u| *u == 0.0));
        let more = problem.update(&incremental(top as u32 + 1, 0.02));
        assert!(more.iter().all(|layer| layer.weight.iter().any(|u| *u != 0.0)));
    }
}

#[test]
fn the_energy_falls_at_every_step_if_they_are_small() {
    let falls = |problem: &Problem, rate: f64, weight_rate: f64| {
        let (step, mut nodes, mut moved) = (problem.step(), ValueNodes::default(), MovedWeights::default());
        nodes.start(&step, 1.0);
        moved.start(step.network);
        let mut energies = vec![nodes.energy(&step, 1.0)];
        for _ in 0..12 {
            moved.descend(&mut nodes, &step, (rate, weight_rate, 1.0));
            energies.push(nodes.energy(&step, 1.0));
        }
        energies.windows(2).all(|pair| pair[1] < pair[0])
    };
    assert!(Problem::all().all(|problem| falls(&problem, 0.05, 0.005)));
    assert!(!Problem::all().any(|problem| falls(&problem, 0.9, 1.5)));
}
