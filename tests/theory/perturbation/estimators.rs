//! Hold the statistics of estimators to the moments of the forward gradient, through an ordinary experiment on a frozen network.

use crate::common;
use crate::estimates::*;
use crate::support::{Lab, Table};
use creditlab::loss::Loss;
use creditlab::network::Activation;
use creditlab::rules::LearningRule;
use creditlab::rules::perturbation::forward_gradient::ForwardGradient;
use creditlab::theory::forward_gradient::mean_square;
use creditlab::update::Proposal;
use statrs::function::gamma::ln_gamma;

/// Parameters of each layer of 2-10-6-2.
const PARAMETERS: [f64; 3] = [30.0, 66.0, 14.0];
const D: f64 = 110.0;

fn frozen(draws: u32, arms: &str) -> Lab {
    let lab = Lab::new(&format!(
        "(task: Xor(samples: 40, test: 20, noise: 0.1), network: [10, 6], precision: F64, seeds: [4], stop: Steps(0), \
         measure: (probe: 12, draws: {draws}), arms: [{arms}])"
    ));
    lab.succeed("run a.ron --quiet --no-figures");
    lab
}

/// The value of a metric of an arm's trainer, or of the rule called so.
fn value(table: &Table, arm: &str, rule: &str, metric: &str, layer: &str) -> f64 {
    let rows = table.select(&format!(
        "arm={arm} rule={rule} metric={metric} layer={layer} split=probe"
    ));
    let [value] = rows.texts("value")[..] else {
        panic!("{arm} {rule} {metric} {layer}: {} values", rows.rows.len())
    };
    value.parse().unwrap()
}

/// R05: `V = (d + 1) |g|²`, of a layer `d_l |g|² + |g_l|²`, `|g|² / V = 1 / (d + 1)`; k directions divide the variance by k.
#[test]
fn the_forward_gradient_has_its_moments() {
    let arm = |k: u32| format!("(label: \"k{k}\", rule: ForwardGradient(draws: {k}), shadows: [Backprop])");
    let lab = frozen(100_000, &arm(1));
    lab.write(
        "b.ron",
        &std::fs::read_to_string(lab.path("a.ron"))
            .unwrap()
            .replace("100000", "30000")
            .replace(&arm(1), &[arm(4), arm(16)].join(", ")),
    );
    lab.succeed("run b.ron --quiet --no-figures");
    let (one, more) = (lab.table("results/a/metrics.csv"), lab.table("results/b/metrics.csv"));
    let of = |metric: &str, layer: &str| value(&one, "k1", "ForwardGradient", metric, layer);
    let square = |layer: &str| value(&one, "k1", "Backprop", "update_norm", layer).powi(2);
    let near = |measured: f64, predicted: f64| (0.98..1.02).contains(&(measured / predicted));
    let variance = of("estimator_variance", "all");
    assert!(near(variance, (D + 1.0) * square("all")), "{variance}");
    // negative control: a few dimensions more or less are told apart
    assert!(!near(variance, (D + 4.0) * square("all")) && !near(variance, (D - 2.0) * square("all")));
    assert!(near(of("estimator_snr", "all"), 1.0 / (D + 1.0)));
    let mut sum = 0.0;
    for (l, d) in PARAMETERS.into_iter().enumerate() {
        let layer = format!("layer{}", l + 1);
        let variance = of("estimator_variance", &layer);
        assert!(
            near(variance, d * square("all") + square(&layer)),
            "{layer}: {variance}"
        );
        assert!(near(of("estimator_snr", &layer), square(&layer) / variance));
        sum += variance;
    }
    assert!((sum / variance - 1.0).abs() < 1e-12);
    let hidden = (PARAMETERS[0] + PARAMETERS[1]) * square("all") + square("hidden");
    assert!(near(of("estimator_variance", "hidden"), hidden));
    // the error is stated as it is: the fourth moment gives V a relative variance of about (2 + 20 / d) / n
    let error = of("estimator_variance_se", "all") / variance;
    assert!((0.6..1.6).contains(&(error / f64::sqrt(2.2 / 1e5))), "{error}");
    assert!((of("estimator_snr_se", "all") / of("estimator_snr", "all") / error - 1.0).abs() < 1e-9);
    assert_eq!(of("estimator_draws", "all"), 1e5);
    // unbiased: the squared bias over its floor has mean 1 and a relative variance of about 2 / d
    let over = of("estimator_bias", "all") / of("estimator_bias_se", "all");
    assert!((0.75..1.25).contains(&over), "{over}");
    for k in [4, 16] {
        let other = value(&more, &format!("k{k}"), "ForwardGradient", "estimator_variance", "all");
        assert!((variance / other / f64::from(k) - 1.0).abs() < 0.03, "{k}: {other}");
        // negative control: the number of directions matters
        assert!((variance / other / f64::from(k + 1) - 1.0).abs() > 0.03);
    }
}

/// The trap of R05: a direction for each example is another estimator; and a bias shows.
#[test]
fn other_estimators_are_told_apart() {
    let rules = "ForwardGradient(space: Activity), NodePerturbation(sigma: 0.001), (label: \"coarse\", rule: \
                 NodePerturbation(sigma: 1)), SignSymmetry(magnitude: BatchRandom)";
    let lab = frozen(
        20_000,
        &rules.replace(
            "NodePerturbation(sigma: 0.001)",
            "(label: \"fine\", rule: NodePerturbation(sigma: 0.001), shadows: [Backprop])",
        ),
    );
    let table = lab.table("results/a/metrics.csv");
    let of = |arm: &str, rule: &str, metric: &str| value(&table, arm, rule, metric, "all");
    let square = of("fine", "Backprop", "update_norm").powi(2);
    let variance = of("forward-gradient", "ForwardGradient", "estimator_variance");
    assert!(!(0.98..1.02).contains(&(variance / square / (D + 1.0))), "{variance}");
    let over = |arm: &str, rule: &str| of(arm, rule, "estimator_bias") / of(arm, rule, "estimator_bias_se");
    assert!(over("forward-gradient", "ForwardGradient") < 1.5);
    assert!(over("fine", "NodePerturbation") < 1.5);
    assert!(over("coarse", "NodePerturbation") > 2.0);
    assert!(over("sign-symmetry", "SignSymmetry") > 10.0);
    // node perturbation without noise is the forward gradient in the space of the activities
    let fine = of("fine", "NodePerturbation", "estimator_variance");
    assert!((fine / variance - 1.0).abs() < 0.1, "{fine} {variance}");
    // the output layer of sign symmetry is exact: no bias and no variance, so no ratio
    let output = |metric| {
        table
            .select(&format!(
                "arm=sign-symmetry rule=SignSymmetry metric={metric} layer=layer3"
            ))
            .texts("value")
            .join(" ")
    };
    assert_eq!(
        (
            output("estimator_bias"),
            output("estimator_variance"),
            output("estimator_snr")
        ),
        ("0.0".into(), "0.0".into(), String::new())
    );
}

/// Rules that do not draw have no such rows, nor has anyone where they are not asked for; draws move nothing else.
#[test]
fn only_rules_that_draw_are_judged_and_nothing_else_moves() {
    let arms = "(rule: Backprop, shadows: [NodePerturbation]), FeedbackAlignment";
    let spec = |draws: &str| {
        format!(
            "(task: Xor(samples: 40, test: 20), network: [5], seeds: 2, stop: Epochs(2), measure: (probe: 8{draws}), arms: [{arms}])"
        )
    };
    let lab = Lab::new(&spec(""));
    lab.write("b.ron", &spec(", draws: 9"));
    lab.succeed("run a.ron b.ron --quiet --no-figures");
    let (a, b) = (lab.table("results/a/metrics.csv"), lab.table("results/b/metrics.csv"));
    let judged = |table: &Table| {
        let metric = table.header.iter().position(|column| column == "metric").unwrap();
        let (judged, others): (Vec<_>, Vec<_>) = table
            .rows
            .clone()
            .into_iter()
            .partition(|row| row[metric].starts_with("estimator_"));
        (judged, others)
    };
    assert_eq!(judged(&a).1, judged(&b).1);
    assert!(judged(&a).0.is_empty());
    // at three moments of two seeds: seven numbers for each of two layers, `hidden` and `all`
    assert_eq!(judged(&b).0.len(), 3 * 2 * 7 * 4);
    assert_eq!(
        b.select("arm=backprop metric=estimator_bias").distinct("rule"),
        ["NodePerturbation"]
    );
    assert_eq!(lab.table("results/a/runs.csv"), lab.table("results/b/runs.csv"));
}

/// `E |u|² = (d + 2) |g|²`; `E |cos(u, g)| = Γ(d/2) / (√π Γ((d+1)/2))`; unbiased along five fixed directions.
#[test]
fn single_proposals_have_the_moments_of_a_normal_direction() {
    let case = Case::random(&[5, 8, 6, 3], Activation::Tanh, Loss::CROSS_ENTROPY, 6, 2);
    let g = common::flat(&case.gradient());
    let (d, size) = (g.len() as f64, dot(&g, &g));
    assert!((50.0..200.0).contains(&d));
    let draws = 100_000;
    let (mut out, mut work) = (Proposal::default(), Default::default());
    let directions = directions(&g);
    let (mut square, mut cosine) = (0.0, 0.0);
    let mut along = vec![Vec::new(); directions.len()];
    for k in 0..draws {
        out.begin(&case.network.layers, case.trace.batch());
        ForwardGradient::default().propose(&(), &mut work, case.step(k), &mut out);
        let u = common::flat(&common::arrays(&out, &case.network, &case.trace));
        let uu = dot(&u, &u);
        square += uu / draws as f64;
        cosine += (dot(&u, &g) / (uu * size).sqrt()).abs() / draws as f64;
        for (along, direction) in along.iter_mut().zip(&directions) {
            along.push(dot(&u, direction));
        }
    }
    let near = |ratio: f64| (0.98..1.02).contains(&ratio);
    assert!(near(square / mean_square(d, 1.0) / size));
    let expected = (ln_gamma(d / 2.0) - ln_gamma((d + 1.0) / 2.0)).exp() / std::f64::consts::PI.sqrt();
    assert!(near(cosine / expected), "{cosine} {expected}");
    assert!(!near(cosine * std::f64::consts::FRAC_PI_2.sqrt() / expected));
    for (along, direction) in along.iter().zip(&directions) {
        let off = errors_from(along, dot(&g, direction));
        assert!(off < 3.5, "{off}");
    }
    // negative control: a scale error of a twentieth is seen along the gradient
    assert!(errors_from(&along[0], 1.05 * size) > 3.5);
}

/// For a small rate the decrease along a proposal, over the one along the gradient, is the cosine between the two.
#[test]
fn the_efficiency_of_small_steps_is_the_cosine() {
    let table = |rate: &str| {
        let lab = Lab::new(&format!(
            "(task: Xor(samples: 40, test: 20, noise: 0.1), network: [10, 6], precision: F64, seeds: [4], stop: Steps(0), \
             optimizer: Sgd(learning_rate: {rate}), measure: (probe: 12), arms: [(rule: FeedbackAlignment, \
             shadows: [Backprop, OutputOnly, RandomDirection])])"
        ));
        lab.succeed("run a.ron --quiet --no-figures");
        lab.table("results/a/metrics.csv")
    };
    let (small, large) = (table("1e-6"), table("10"));
    let of = |table: &Table, rule: &str, metric: &str| value(table, "feedback-alignment", rule, metric, "all");
    assert_eq!(of(&small, "Backprop", "descent_efficiency"), 1.0);
    for rule in ["FeedbackAlignment", "OutputOnly", "RandomDirection"] {
        let rows = format!("rule={rule} metric=gradient_cosine layer=all reference=Backprop");
        let cosine = small.select(&rows).number("value");
        let efficiency = of(&small, rule, "descent_efficiency");
        assert!((efficiency - cosine).abs() < 1e-4, "{rule}: {efficiency} {cosine}");
        // negative control: the rate matters
        let rows = large.select(&format!("rule={rule} metric=descent_efficiency"));
        assert!(rows.rows.is_empty() || (rows.number("value") - cosine).abs() > 1e-3);
    }
}
