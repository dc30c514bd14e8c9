//! Prove where relaxations stop, sample by sample, what that costs, and how far from rest they say they are.

use super::*;
use creditlab::cost::Cost;
use creditlab::network::Output;

/// Each step of a linear network's nodes is linear in the error, so the energy is above its minimum by the square of the distance to
/// rest: a hundredth of the tolerance gives at most a ten-thousandth of the excess.
#[test]
fn with_a_small_tolerance_the_energy_is_the_closed_form() {
    for seed in 0..5 {
        let problem = linear(seed);
        let step = problem.step();
        let expected = energy_at_rest(&problem, 2);
        let excess = [1e-1, 1e-3, 1e-5, 1e-7].map(|tolerance| {
            let mut nodes = ValueNodes::default();
            nodes.start(&step, 1.0);
            while nodes.descend_until(&problem.network, 0.1, tolerance) {
                nodes.predict(&step, 1.0);
            }
            nodes.energy(&step, 1.0) / expected - 1.0
        });
        assert!(excess[0] > 1e-6, "negative control: {excess:?}");
        for pair in excess.windows(2).take(2) {
            assert!(pair[1] > 0.0 && pair[1] < 1e-3 * pair[0], "{excess:?}");
        }
        assert!(excess[3].abs() < 1e-12, "{excess:?}");
    }
}

/// `Equilibrium` with a tolerance is `Equilibrium` with as many steps as that takes, for every sample by itself.
#[test]
fn each_sample_stops_by_itself_when_it_has_come_to_rest() {
    const TOLERANCE: f64 = 1e-3;
    for problem in Problem::all().filter(|p| p.network.layers[0].activation != Activation::Relu) {
        let batch = problem.x.ncols();
        let mut steps = Vec::new();
        let mut mean: Vec<f64> = Vec::new();
        for one in (0..batch).map(|i| problem.alone(i)) {
            // the first step at which the largest derivative is small enough, from the definition
            let (step, mut nodes) = (one.step(), ValueNodes::default());
            nodes.start(&step, 0.1);
            let start = nodes.residual(&one.network);
            let mut taken = 0;
            while nodes.residual(&one.network) > TOLERANCE * start {
                nodes.descend(&one.network, 0.2);
                nodes.predict(&step, 0.1);
                taken += 1;
                assert!(taken < 1000, "does not come to rest");
            }
            let update = flat(&one.update(&format!("Equilibrium(steps: {taken}, rate: 0.2, nudge: 0.1)")));
            mean.resize(update.len(), 0.0);
            mean.iter_mut()
                .zip(&update)
                .for_each(|(mean, u)| *mean += u / batch as f64);
            steps.push(taken);
        }
        let until = |most: usize| {
            let schedule = format!("Equilibrium(tolerance: {TOLERANCE}, at_most: {most}, rate: 0.2, nudge: 0.1)");
            flat(&problem.update(&schedule))
        };
        let longest = steps.iter().max().copied().expect("samples");
        let update = until(1000);
        assert!(relative(&update, &mean) < 1e-12, "{steps:?}");
        assert_eq!(update, until(longest));
        // negative controls: one step fewer, and all samples for as long as the last one needs
        assert_ne!(update, until(longest - 1));
        if steps.iter().any(|taken| *taken != longest) {
            let together = problem.update(&format!("Equilibrium(steps: {longest}, rate: 0.2, nudge: 0.1)"));
            assert!(relative(&flat(&together), &mean) > 1e-9, "{steps:?}");
        }
    }
}

/// What is counted is what was done: a forward pass for each step until the last sample has stopped.
#[test]
fn the_cost_counts_the_steps_really_taken() {
    let problem = Problem::new(
        network(&[5, 7, 6, 3], Activation::Tanh, Activation::Identity, 1),
        Loss::CROSS_ENTROPY,
        1,
        1,
    );
    let cost = |schedule: &str| {
        let before = Cost::so_far();
        problem.update(schedule);
        (Cost::so_far() - before).multiply_adds
    };
    let steps = |n: u64| cost(&format!("Equilibrium(steps: {n})"));
    let per_step = steps(3) - steps(2);
    let until = cost("Equilibrium(tolerance: 1e-2, at_most: 500)");
    assert_eq!(cost("Equilibrium(tolerance: 1e-2, at_most: 5)"), steps(5));
    // to see that it has come to rest it looks once more, without a new prediction
    let taken = (until - steps(1)) / per_step + 1;
    assert!(taken > 10 && taken < 200, "{taken}");
    assert!(until - steps(taken) < per_step && until > steps(taken));
}

/// The relative residual of a linear network with one hidden layer and one value node: `(1 − rate (1 + w²))` to the power of the steps.
#[test]
fn the_reported_residual_is_the_share_of_the_speed_that_is_left() {
    let mut net = network::<f64>(&[2, 1, 1], Activation::Identity, Activation::Identity, 1);
    net.layers[1].weight[(0, 0)] = 0.7;
    let problem = Problem::new(net, Loss::HALF_SQUARES, 1, 1);
    let residual = |schedule: &str| problem.residual(schedule);
    for (steps, rate, nudge) in [(1, 0.1, 1.0), (20, 0.1, 1.0), (7, 0.3, 0.5)] {
        let left = residual(&format!("Equilibrium(steps: {steps}, rate: {rate}, nudge: {nudge})")).expect("it settles");
        let expected = (1.0 - rate * (1.0 + nudge * 0.49_f64)).powi(steps);
        assert!((left / expected - 1.0).abs() < 1e-12, "{left} {expected}");
        // with fixed predictions the error from above stays as it is
        let left = residual(&format!("FixedPrediction(steps: {steps}, rate: {rate})")).expect("it settles");
        assert!((left / (1.0 - rate).powi(steps) - 1.0).abs() < 1e-12, "{left}");
    }
    assert_eq!(residual("ZeroDivergence"), None);
    let rest = residual("Equilibrium(tolerance: 1e-6, at_most: 500)").expect("it settles");
    assert!(rest <= 1e-6 && rest > 1e-7, "{rest:e}");
}

/// The default stops far from rest; a tolerance brings the proposal to where many more steps do.
#[test]
fn the_default_schedule_ends_far_from_rest() {
    for problem in Problem::all() {
        let rest = flat(&problem.update("Equilibrium(steps: 2000, rate: 0.2, nudge: 0.1)"));
        let until = flat(&problem.update("Equilibrium(tolerance: 1e-6, at_most: 2000, rate: 0.2, nudge: 0.1)"));
        assert!(relative(&until, &rest) < 1e-5, "{:e}", relative(&until, &rest));
        let default = flat(&problem.update("Equilibrium(nudge: 0.1)"));
        assert!(relative(&default, &rest) > 0.01, "{:e}", relative(&default, &rest));
        let residual = problem.residual("Equilibrium(nudge: 0.1)").expect("it settles");
        assert!(residual > 0.01, "{residual}");
    }
}

#[test]
fn the_laws_hold_with_a_tolerance() {
    // at most so few steps that every option is of effect
    let rule = "PredictiveCoding(schedule: Equilibrium(tolerance: 0.1, at_most: 15))";
    creditlab::conformance::check(&creditlab::rules::builtin(), rule)
        .unwrap_or_else(|violations| panic!("{violations}"));
}

/// The equations of the rule, written out with whole matrices and nothing kept from one step to the next.
fn written_out(problem: &Problem, steps: u32, rate: f64, nudge: f64) -> Vec<Affine<f64>> {
    let Problem {
        network,
        loss,
        x,
        y,
        trace,
    } = problem;
    let (top, layers) = (network.top(), &network.layers);
    let mut v: Vec<Matrix<f64>> = trace.a[..top].to_vec();
    let mut update = Vec::new();
    for step in 0..=steps {
        let below = |l: usize| if l == 0 { x } else { &v[l - 1] };
        let predict = |l: usize| {
            let mut z = &layers[l].weight * below(l);
            z.column_iter_mut().for_each(|mut z| z += &layers[l].bias);
            let mu = z.map(|z| layers[l].activation.value(z));
            (z, mu)
        };
        let predicted: Vec<_> = (0..=top).map(predict).collect();
        let delta = |l: usize| {
            let (z, mu) = &predicted[l];
            let (activation, mut delta) = (layers[l].activation, Matrix::zeros(0, 0));
            if l == top {
                loss.delta(activation, Output { z, a: mu }, y, &mut delta);
                return delta * nudge;
            }
            (mu - &v[l]).zip_zip_map(z, mu, |error, z, mu| error * activation.slope(z, mu))
        };
        let delta: Vec<_> = (0..=top).map(delta).collect();
        if step == steps {
            let scale = 1.0 / nudge / x.ncols() as f64;
            update = (0..=top)
                .map(|l| Affine {
                    weight: &delta[l] * below(l).transpose() * scale,
                    bias: delta[l].column_sum() * scale,
                })
                .collect();
            break;
        }
        v = (0..top)
            .map(|l| &v[l] - rate * (&v[l] - &predicted[l].1 + layers[l + 1].weight.transpose() * &delta[l + 1]))
            .collect();
    }
    update
}

#[test]
fn a_few_steps_are_those_of_the_equations() {
    for problem in Problem::all() {
        for (steps, rate, nudge) in [(1, 0.1, 1.0), (2, 0.3, 0.5), (7, 0.2, 2.0)] {
            let update = problem.update(&format!(
                "Equilibrium(steps: {steps}, rate: {rate:?}, nudge: {nudge:?})"
            ));
            let update = flat(&update);
            // of all layers together: errors have not come down to the lowest yet, where rounding is all that there is
            let error = |steps| relative(&update, &flat(&written_out(&problem, steps, rate, nudge)));
            assert!(error(steps) <= 1e-12, "{:e}", error(steps));
            // negative control: a step more
            assert!(error(steps + 1) > 1e-4, "{:e}", error(steps + 1));
        }
    }
}
