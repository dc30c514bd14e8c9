//! Count what rules cost, and hold the counts to closed forms.

use crate::common::*;
use crate::support::Lab;
use creditlab::cost::Cost;
use creditlab::loss::Loss;
use creditlab::network::{Activation, Network};
use creditlab::update::Optimizer;

const SIZES: [usize; 4] = [7, 5, 4, 3];
const BATCH: usize = 6;
/// Two steps with shadows that must not count.
const STEPS: u64 = 2;

/// Multiply-adds per sample of a forward pass.
fn forward() -> usize {
    SIZES.windows(2).map(|size| size[0] * size[1]).sum()
}

/// Those of the layers above the first: what a backward sweep pulls errors through.
fn above() -> usize {
    forward() - SIZES[0] * SIZES[1]
}

fn parameters() -> usize {
    forward() + units()
}

fn units() -> usize {
    SIZES[1..].iter().sum()
}

fn trained(rule: &str, optimizer: Optimizer, shadows: &[&str]) -> OnBatch<f64> {
    let network: Network<f64> = network(&SIZES, Activation::Tanh, Activation::Identity, 1);
    let (x, y) = (
        inputs(SIZES[0], BATCH, 1),
        targets(Loss::CROSS_ENTROPY, SIZES[3], BATCH, 1),
    );
    let rules: Vec<_> = [rule].into_iter().chain(shadows.iter().copied()).collect();
    let mut training = training(&rules, network, Loss::CROSS_ENTROPY, optimizer, &x, &y);
    for _ in 0..STEPS {
        training.step().expect("finite");
    }
    training
}

/// Multiply-adds, those that go up, random numbers: per sample, which must come out even.
fn per_sample(
    Cost {
        multiply_adds,
        upward,
        random_numbers,
    }: Cost,
) -> [usize; 3] {
    [multiply_adds, upward, random_numbers].map(|total| {
        assert_eq!(total % (STEPS * BATCH as u64), 0);
        (total / (STEPS * BATCH as u64)) as usize
    })
}

#[test]
fn costs_have_their_closed_forms() {
    let (f, above, d) = (forward(), above(), parameters());
    // `post preᵀ` of every layer
    let pairs = f;
    let output = SIZES[2] * SIZES[3];
    let hidden = SIZES[1] + SIZES[2];
    let noisy = |draws: usize, passes: usize| [f + draws * passes * f + pairs, f + draws * passes * f, draws * units()];
    for (rule, expected) in [
        ("Backprop", [f + above + pairs, f, 0]),
        ("FeedbackAlignment", [f + above + pairs, f, 0]),
        ("SignSymmetry", [f + above + pairs, f, 0]),
        ("OutputOnly", [f + output, f, 0]),
        (
            "LastLayers(count: 2)",
            [f + output + output + SIZES[1] * SIZES[2], f, 0],
        ),
        ("DirectFeedbackAlignment", [f + hidden * SIZES[3] + pairs, f, 0]),
        // its own pass, and two products for each weight and sample on the way down, the lowest included
        ("SunsAndPlanets", [f + f + 2 * f, 2 * f, 0]),
        ("NodePerturbation", noisy(1, 1)),
        ("NodePerturbation(draws: 3, variant: Antithetic)", noisy(3, 2)),
        // a direction of pre-activations starts in the first layer and goes through those above
        (
            "ForwardGradient(space: Activity, draws: 2)",
            [f + 2 * above + pairs, f + 2 * above, 2 * units()],
        ),
        ("FiniteDifference(scheme: Forward)", [f + d * f, f + d * f, 0]),
        ("FiniteDifference", [f + 2 * d * f, f + 2 * d * f, 0]),
    ] {
        for shadows in [&[][..], &["Backprop", "NodePerturbation(draws: 5)"]] {
            let training = trained(rule, Optimizer::sgd(0.01), shadows);
            assert_eq!(per_sample(training.cost), expected, "{rule}");
        }
    }
}

/// One direction for the whole batch: `V a` of every layer and `W ȧ` of those above the first, for each sample.
#[test]
fn a_shared_direction_is_drawn_once() {
    let draws = 3;
    let cost = trained(&format!("ForwardGradient(draws: {draws})"), Optimizer::sgd(0.01), &[]).cost;
    let upward = (forward() + draws * (forward() + above())) as u64;
    assert_eq!(cost.multiply_adds, upward * STEPS * BATCH as u64);
    assert_eq!(cost.upward, cost.multiply_adds);
    assert_eq!(cost.random_numbers, (draws * parameters()) as u64 * STEPS);
}

/// Every inverse is asked at the target, and for the difference at the activity too; learning takes its layer, the inverse and a pair.
#[test]
fn targets_cost_what_their_inverses_do() {
    let (f, above, pairs) = (forward(), above(), forward());
    let (output, inverted) = (SIZES[2] * SIZES[3], SIZES[1] * SIZES[2]);
    let below_output = SIZES[1] + SIZES[2];
    for (rule, expected) in [
        // from the penultimate layer the output's weights carry the gradient, and only the layer between has an inverse
        (
            "TargetPropagation",
            [f + output + inverted + pairs + 3 * inverted, f + inverted, SIZES[1]],
        ),
        (
            "DifferenceTargetPropagation",
            [f + output + 2 * inverted + pairs + 3 * inverted, f + inverted, SIZES[1]],
        ),
        (
            "DifferenceTargetPropagation(fixed: true)",
            [f + output + 2 * inverted + pairs, f, 0],
        ),
        (
            "GaitPropagation",
            [f + 2 * above + pairs + 3 * above, f + above, below_output],
        ),
        // the layer with noise and without, the inverse of noise, and two pairs side by side
        (
            "LocalDifferenceReconstruction",
            [
                f + 2 * above + pairs + 2 * above + above + 2 * above,
                f + 2 * above,
                below_output + SIZES[2] + SIZES[3],
            ],
        ),
    ] {
        let training = trained(rule, Optimizer::sgd(0.01), &[]);
        assert_eq!(per_sample(training.cost), expected, "{rule}");
    }
}

/// A pass without noise, one with noise from each hidden layer up, and three products for each direct path: down, back and their pair.
#[test]
fn direct_feedback_is_taught_by_passes_from_its_layer_up() {
    let (f, above) = (forward(), above());
    let hidden = SIZES[1] + SIZES[2];
    let (direct, noisy) = (hidden * SIZES[3], above + SIZES[2] * SIZES[3]);
    let training = trained("DirectDifferenceTargetPropagation", Optimizer::sgd(0.01), &[]);
    let expected = [f + direct + f + f + noisy + 2 * direct, f + f + noisy, hidden];
    assert_eq!(per_sample(training.cost), expected);
}

/// The controller's passes leave the first layer's sums as they are. `Linear` takes one for each output, and solves a system.
#[test]
fn control_costs_a_pass_for_each_output_or_each_step() {
    let (f, above) = (forward(), above());
    let hidden = SIZES[1] + SIZES[2];
    let (outputs, direct) = (SIZES[3], hidden * SIZES[3]);
    let system = outputs.pow(3) / 3 + outputs.pow(2);
    let (learning, learning_up) = (f + above + direct, f + above);
    for (rule, control, up) in [
        (
            "DeepFeedbackControl",
            outputs * above + system + direct + above,
            outputs * above + above,
        ),
        (
            "DeepFeedbackControl(settle: Simulate(steps: 7))",
            7 * (direct + above),
            7 * above,
        ),
    ] {
        let training = trained(rule, Optimizer::sgd(0.01), &[]);
        let expected = [f + control + f + learning, f + up + learning_up, hidden];
        assert_eq!(per_sample(training.cost), expected, "{rule}");
    }
}

/// Elementwise work is not counted: momentum costs nothing, and without it a rule that follows the change makes the product again.
#[test]
fn following_a_change_is_a_product_only_without_momentum() {
    let momentum = Optimizer::Sgd {
        learning_rate: 0.01,
        momentum: 0.5,
        decay: 0.0,
        l2: 0.0,
    };
    let (plain, moving) = (Optimizer::sgd(0.01), momentum);
    let backprop = per_sample(trained("Backprop", plain, &[]).cost);
    assert_eq!(per_sample(trained("Backprop", moving, &[]).cost), backprop);
    assert_eq!(per_sample(trained("KolenPollack", moving, &[]).cost), backprop);
    let [multiply_adds, ..] = per_sample(trained("KolenPollack", plain, &[]).cost);
    assert_eq!(multiply_adds, backprop[0] + above());
}

/// Layers that a rule owns beside the network's are work, but no forward passes.
#[test]
fn a_rules_own_layers_are_no_forward_passes() {
    let [work, upward, _] = per_sample(trained("LocalLoss(kind: Prediction)", Optimizer::sgd(0.01), &[]).cost);
    assert_eq!(upward, forward());
    assert!(work > upward + forward());
}

/// `E y uᵀ`, its part times the weights, and `E y xᵀ` are the update of a hidden layer.
#[test]
fn decorrelation_is_no_forward_pass() {
    let cost = trained("Hebbian", Optimizer::sgd(0.01), &[]).cost;
    assert_eq!(cost.upward, (forward() * BATCH) as u64 * STEPS);
    let hidden = |n: usize, m: usize| n * n * BATCH + n * n * m + n * m * BATCH;
    let update = hidden(SIZES[1], SIZES[0]) + hidden(SIZES[2], SIZES[1]) + SIZES[2] * SIZES[3] * BATCH;
    assert_eq!(cost.multiply_adds - cost.upward, update as u64 * STEPS);
}

#[test]
fn tables_hold_what_was_counted() {
    let arms = "(label: \"slow start\", rule: Backprop, warm_up: Steps(2)), (label: \"plain\", rule: Backprop), (label: \"noisy\", rule: NodePerturbation(draws: 2), \
                shadows: [Backprop])";
    let lab = Lab::new(&format!(
        "(task: Xor(samples: 40, test: 20), network: [6, 5], batch: 8, stop: Epochs(2), seeds: 2, arms: [{arms}])"
    ));
    lab.succeed("run a.ron --quiet --no-figures");
    let (table, runs) = (lab.table("results/a/arms.csv"), lab.table("results/a/runs.csv"));
    // 2-6-5-2
    let (f, above) = (12 + 30 + 10, 30 + 10);
    let backprop = f + above + f;
    let noisy = 3 * f + f;
    let numbers = |column: &str| {
        table
            .texts(column)
            .into_iter()
            .map(|text| text.parse::<f64>().unwrap())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        numbers("multiply_adds_per_sample"),
        [backprop, backprop, noisy].map(f64::from)
    );
    assert_eq!(numbers("forward_passes_per_sample"), [1.0, 1.0, 3.0]);
    assert_eq!(numbers("random_numbers_per_sample"), [0.0, 0.0, 2.0 * 13.0]);
    // 36 training samples for two epochs; the warm-up is two batches without a change
    let run = |arm: &str| runs.select(&format!("arm={arm}")).texts("multiply_adds").join(" ");
    let total = 72 * backprop;
    assert_eq!(run("plain"), format!("{total} {total}"));
    let total = total + 16 * (f + above);
    assert_eq!(run("slow-start"), format!("{total} {total}"));
    let total = 72 * noisy;
    assert_eq!(run("noisy"), format!("{total} {total}"));
}
