//! Prove of what order the error of dual propagation is, and where there is none.

use super::*;

fn rule(alpha: f64, beta: f64, passes: usize) -> String {
    format!("DualPropagation(alpha: {alpha:?}, beta: {beta:?}, passes: {passes})")
}

#[test]
fn errors_of_the_two_states_cancel_at_one_half() {
    for problem in Problem::all(Activation::Tanh) {
        let symmetric = problem.ratios(0.25, |beta| rule(0.5, beta, 1), "Backprop");
        assert!(all_near(&symmetric, 4.0), "{symmetric:?}");
        // and nowhere else
        for alpha in [0.0, 0.3, 1.0] {
            let ratios = problem.ratios(0.01, |beta| rule(alpha, beta, 1), "Backprop");
            assert!(all_near(&ratios, 2.0), "{alpha}: {ratios:?}");
        }
    }
}

#[test]
fn a_linear_network_follows_its_gradient() {
    for problem in Problem::all(Activation::Identity) {
        for alpha in [0.0, 0.3, 0.5, 1.0] {
            for passes in [1, 3] {
                let error = problem.error(&rule(alpha, 0.7, passes), "Backprop");
                assert!(error < 1e-12, "{alpha} {passes}: {error}");
            }
        }
    }
}

/// What the rule proposes for the weights, from its equations, if `share` of the mean is `h⁺`.
fn by_definition(problem: &Problem, alpha: f64, beta: f64, share: f64) -> Vec<Matrix<f64>> {
    let layers = &problem.network.layers;
    let affine = |l: usize, below: &Matrix<f64>| {
        let mut z = &layers[l].weight * below;
        z.column_iter_mut().for_each(|mut z| z += &layers[l].bias);
        z
    };
    let mut a = vec![affine(0, &problem.x)];
    for l in 1..layers.len() {
        a.push(affine(l, &a[l - 1].map(f64::tanh)));
    }
    let d = a.last().unwrap() - &problem.y;
    let mut apart = -beta * &d;
    let (mut posts, mut means) = (vec![d], Vec::new());
    for l in (0..layers.len() - 1).rev() {
        let q = layers[l + 1].weight.transpose() * apart;
        let plus = (&a[l] + (1.0 - alpha) * &q).map(f64::tanh);
        let minus = (&a[l] - alpha * &q).map(f64::tanh);
        means.insert(0, share * &plus + (1.0 - share) * &minus);
        apart = plus - minus;
        posts.insert(0, &apart / -beta);
    }
    means.insert(0, problem.x.clone());
    let batch = problem.x.ncols() as f64;
    posts
        .iter()
        .zip(&means)
        .map(|(post, pre)| post * pre.transpose() / batch)
        .collect()
}

#[test]
fn proposals_are_those_of_the_definition() {
    let problem = Problem::new(&[5, 7, 6, 3], Activation::Tanh, Loss::HALF_SQUARES, 1);
    let found = problem.update(&rule(0.3, 0.5, 1));
    let far = |share: f64| {
        let expected = by_definition(&problem, 0.3, 0.5, share);
        let pairs = found.iter().zip(&expected);
        let relative = pairs.map(|(found, expected)| (&found.weight - expected).norm() / expected.norm());
        relative.fold(0.0, f64::max)
    };
    assert!(far(0.3) < 1e-12, "{}", far(0.3));
    // the shares exchanged
    assert!(far(0.7) > 1e-3, "{}", far(0.7));
}

#[test]
fn rectified_units_err_only_once_one_crosses_its_kink() {
    let problem = Problem::new(&[5, 7, 6, 3], Activation::Relu, Loss::HALF_SQUARES, 1);
    assert!(problem.error(&rule(0.5, 1e-5, 1), "Backprop") < 1e-9);
    assert!(problem.error(&rule(0.5, 3.0, 1), "Backprop") > 1e-2);
}
