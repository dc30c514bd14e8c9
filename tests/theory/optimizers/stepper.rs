//! Check what an optimizer at work remembers, shows and leaves alone.

use super::*;

/// One number, one layer: what a stepper does can be followed by hand.
fn scalar_layer(weight: f64) -> Vec<Layer<f64>> {
    let mut layer = Layer::zeros(1, 1, false, Activation::Identity);
    layer.weight.fill(weight);
    vec![layer]
}

fn propose(layers: &[Layer<f64>], u: Option<f64>) -> Proposal<f64> {
    let mut proposal = Proposal::default();
    proposal.begin(layers, 1);
    if let Some(u) = u {
        proposal.dense(0, &layers[0]).weight.fill(u);
    }
    proposal
}

#[test]
fn a_layer_that_is_not_trained_keeps_its_weights_its_memory_and_its_count() {
    for text in [
        "Sgd(learning_rate: 0.1, decay: 0.5)",
        "Sgd(learning_rate: 0.1, momentum: 0.5, l2: 0.5)",
        "HeavyBall(learning_rate: 0.1, momentum: 0.5)",
        "Nesterov(learning_rate: 0.1, momentum: 0.5, decay: 0.5)",
        "RmsProp(learning_rate: 0.1, clip: 1.0)",
        "Adam",
        "AdamW(decay: 0.5)",
    ] {
        let (mut steady, mut paused) = (scalar_layer(2.0), scalar_layer(2.0));
        let [mut one, mut other] = [(); 2].map(|()| Stepper::new(recipe(text), &steady));
        let trace = creditlab::network::Trace::default();
        for u in [1.0, -2.0, 0.5] {
            let proposal = propose(&steady, Some(u));
            one.apply(&mut steady, &proposal, &trace);
            let before = paused[0].weight[0];
            let nothing = propose(&paused, None);
            let change: Change<'_, f64> = other.apply(&mut paused, &nothing, &trace);
            assert_eq!((change.trains(0), change.keep(0)), (false, 1.0));
            assert_eq!(paused[0].weight[0], before, "{text}");
            other.apply(&mut paused, &proposal, &trace);
        }
        assert_eq!(steady[0].weight, paused[0].weight, "{text}");
        assert_ne!(steady[0].weight[0], 2.0);
    }
}

#[test]
fn the_clock_of_a_schedule_stands_while_the_network_does() {
    let text = "Sgd(learning_rate: 0.1, schedule: Exponential(every: Steps(1), factor: 0.5))";
    let [mut plain, mut warmed] = [(); 2].map(|()| start::<f64>("Backprop", &recipe(text)));
    for t in 0..7 {
        give(&mut warmed, t);
        warmed.warm_up(t).expect("finite");
    }
    go(&mut plain, 5);
    go(&mut warmed, 5);
    assert_eq!(numbers(&plain.network), numbers(&warmed.network));
}

/// Saved and restored in the middle, moments and clock included, training goes on as if nothing had happened.
#[test]
fn all_that_a_stepper_remembers_is_shown() {
    for (text, _) in reference() {
        let mut training = start::<f64>("Backprop", &recipe(text));
        go(&mut training, 9);
        let mut saved = Vec::new();
        let names = || ["layer1", "layer2"].map(String::from).into_iter();
        training.stepper.visit(names(), &mut |name, _, values| {
            saved.push((name.to_string(), values.to_vec()))
        });
        let mut restored = start::<f64>("Backprop", &recipe(text));
        restored.network = training.network.clone();
        let mut arrays = saved.iter();
        restored.stepper.visit(names(), &mut |name, _, values| {
            let (saved_name, saved) = arrays.next().expect("as many");
            assert_eq!(name, saved_name);
            values.copy_from_slice(saved);
        });
        go(&mut training, 9);
        go(&mut restored, 9);
        assert_eq!(numbers(&training.network), numbers(&restored.network), "{text}");
    }
    let mut training = start::<f64>("Backprop", &recipe("Adam"));
    let mut names = Vec::new();
    let first = std::iter::once("layer1".to_string());
    training
        .stepper
        .visit(first, &mut |name, _, _| names.push(name.to_string()));
    let expected = [
        "mean.weight",
        "mean.bias",
        "mean_square.weight",
        "mean_square.bias",
        "clock",
    ];
    assert_eq!(names, expected.map(|name| format!("layer1.{name}")));
}

/// The overflow of a mean square would stop a weight for ever, unseen.
#[test]
fn a_memory_that_overflows_is_seen() {
    for text in ["Adam", "RmsProp(learning_rate: 0.01)"] {
        let mut training = start::<f32>("Backprop", &recipe(text));
        give(&mut training, 0);
        training.batch.targets *= 1e25;
        assert!(training.step().is_err(), "{text}");
    }
}

#[test]
fn optimizers_that_could_overflow_are_not_moderate() {
    for (text, moderate) in [
        ("Sgd(learning_rate: 0.1, momentum: 0.9)", true),
        ("Sgd(learning_rate: 1e7)", false),
        ("Sgd(learning_rate: 1e5, momentum: 0.99)", false),
        ("Sgd(learning_rate: 0.1, l2: 100)", false),
        ("Sgd(learning_rate: 1, schedule: Piecewise([(Steps(5), 1e8)]))", false),
        (
            "Sgd(learning_rate: 1, schedule: Exponential(every: Steps(5), factor: 1.01))",
            false,
        ),
        (
            "Sgd(learning_rate: 1, schedule: Exponential(every: Steps(5), factor: 0.99))",
            true,
        ),
        (
            "Sgd(learning_rate: 1, groups: [(match: \"*\", learning_rate: 1e8)])",
            false,
        ),
        ("Sgd(learning_rate: 1, groups: [(match: \"*\", l2: 3)])", false),
        ("Adam", false),
    ] {
        assert_eq!(recipe(text).is_moderate(), moderate, "{text}");
    }
}
