//! Check gradients against finite differences with `creditlab gradcheck`, and that a wrong gradient is found out.

use crate::common::{inputs, network, targets, training};
use crate::support::Lab;
use creditlab::loss::Loss;
use creditlab::network::Activation::{Identity, Logistic, Relu, Tanh};
use creditlab::runner::{LayerCheck, MOST, check};
use creditlab::update::Optimizer;

fn checked(rule: &str, sizes: &[usize], hidden: creditlab::network::Activation, loss: Loss) -> Vec<LayerCheck> {
    let network = network::<f64>(sizes, hidden, loss.default_output(), 5);
    let (x, y) = (inputs(sizes[0], 7, 5), targets(loss, sizes[sizes.len() - 1], 7, 5));
    let mut on = training(&[rule], network, loss, Optimizer::sgd(0.1), &x, &y);
    check(&mut on.training, &on.batch)
}

/// Taylor: the error of forward differences is `h C''/2`, that of central ones `h² C'''/6`.
#[test]
fn the_exact_gradient_agrees_and_errors_have_their_orders() {
    for loss in Loss::ALL {
        for hidden in [Tanh, Logistic] {
            let layers = checked("Backprop", &[5, 8, 6, 3], hidden, loss);
            assert_eq!(layers.len(), 3);
            for (l, layer) in layers.iter().enumerate() {
                assert!(
                    layer.agrees() && layer.least().unwrap() < 1e-8,
                    "{loss:?} {hidden:?} {l}: {layer:?}"
                );
                let slope = layer.forward_slope().unwrap();
                assert!((slope - 1.0).abs() < 0.05, "{loss:?} {hidden:?} {l}: {slope}");
                // squares are quadratic in the weights of the output layer: central differences are exact
                match layer.central_slope() {
                    Some(slope) => assert!((slope - 2.0).abs() < 0.1, "{loss:?} {hidden:?} {l}: {slope}"),
                    None => assert!(
                        [Loss::HALF_SQUARES, Loss::SQUARES].contains(&loss) && l == 2,
                        "{loss:?} {hidden:?} {l}: {layer:?}"
                    ),
                }
            }
        }
    }
}

#[test]
fn a_wrong_gradient_is_found_out_in_its_layer() {
    let layers = checked("FeedbackAlignment", &[5, 8, 6, 3], Tanh, Loss::CROSS_ENTROPY);
    assert_eq!(
        layers.iter().map(LayerCheck::agrees).collect::<Vec<_>>(),
        [false, false, true]
    );
    assert!(layers[0].least().unwrap() > 0.1);
    let layers = checked("OutputOnly", &[5, 8, 3], Tanh, Loss::CROSS_ENTROPY);
    assert_eq!(layers[0].least(), Some(1.0), "no update where there is a gradient");
    // an error of a hundred-thousandth of the update is seen: forward differences with a step of 1e-5 make about that
    let layers = checked(
        "FiniteDifference(scheme: Forward, step: 1e-4)",
        &[5, 8, 3],
        Tanh,
        Loss::CROSS_ENTROPY,
    );
    assert!(
        layers
            .iter()
            .all(|layer| !layer.agrees() && layer.least().unwrap() < 1e-2),
        "{layers:?}"
    );
}

/// A step that crosses no kink sees a smooth loss.
#[test]
fn kinks_spoil_large_steps_only() {
    for layer in checked("Backprop", &[5, 40, 20, 3], Relu, Loss::CROSS_ENTROPY) {
        assert!(layer.agrees(), "{layer:?}");
    }
}

/// Without biases and with an input of zeros every hidden unit of that sample stands on its kink, where the slopes of the loss in the
/// biases differ from side to side; weights of that input do not matter there.
#[test]
fn parameters_on_a_kink_are_left_out_and_counted() {
    let mut network = network::<f64>(&[2, 6, 2], Relu, Identity, 1);
    network.layers[0].bias.fill(0.0);
    let (mut x, y) = (inputs(2, 3, 1), targets(Loss::CROSS_ENTROPY, 2, 3, 1));
    x.column_mut(1).fill(0.0);
    let mut on = training(&["Backprop"], network, Loss::CROSS_ENTROPY, Optimizer::sgd(0.1), &x, &y);
    let layers = check(&mut on.training, &on.batch);
    assert_eq!((layers[0].checked, layers[0].kinks), (12, 6));
    assert_eq!((layers[1].checked, layers[1].kinks), (14, 0));
    assert!(layers.iter().all(LayerCheck::agrees));
    // a wrong gradient is no kink
    let wrong = checked("FeedbackAlignment", &[5, 8, 6, 3], Relu, Loss::CROSS_ENTROPY);
    assert!(wrong[0].kinks == 0 && !wrong[0].agrees());
}

/// A linear network with half squares: everything that is moved enters squared at most.
#[test]
fn of_a_quadratic_loss_central_differences_are_exact() {
    for layer in checked("Backprop", &[4, 3, 2], Identity, Loss::HALF_SQUARES) {
        assert!(
            layer.errors[0].central.unwrap() < 1e-12 && layer.central_slope().is_none(),
            "{layer:?}"
        );
        assert!((layer.forward_slope().unwrap() - 1.0).abs() < 0.01);
    }
}

#[test]
fn of_wide_layers_a_subset_is_checked_the_same_each_time() {
    let layers = checked("Backprop", &[30, 80, 3], Tanh, Loss::CROSS_ENTROPY);
    let counts: Vec<_> = layers.iter().map(|layer| (layer.parameters, layer.checked)).collect();
    assert_eq!(counts, [(30 * 80 + 80, MOST + MOST / 4), (80 * 3 + 3, MOST + 3)]);
    assert!(layers.iter().all(LayerCheck::agrees));
    assert_eq!(layers, checked("Backprop", &[30, 80, 3], Tanh, Loss::CROSS_ENTROPY));
}

const SPEC: &str = "(task: Digits, network: [20, 10], seeds: [4], precision: F32, \
     arms: [Backprop, FeedbackAlignment, (label: \"wide\", rule: Backprop, network: [30])])";

#[test]
fn the_command_tells_each_network_once_and_ends_with_1_where_layers_disagree() {
    let lab = Lab::new(SPEC);
    let text = lab.succeed("gradcheck a.ron");
    for part in [
        "a: Backprop network.hidden=[20, 10], FeedbackAlignment\ninitial weights of seed 4 in F64, the first batch, 32 samples",
        "a: wide\n",
        "layer3  110 of 110 parameters",
        "layer1  220 of 1300 parameters",
        "slope",
        "agrees: at the best step, central differences are within ",
    ] {
        assert!(text.contains(part), "{part}:\n{text}");
    }
    assert_eq!(text.matches("agrees: ").count(), 2, "{text}");
    assert_eq!(text, lab.succeed("gradcheck a.ron --threads 1"));
    let message = lab.fail("gradcheck a.ron --rule FeedbackAlignment", 1);
    assert!(
        message.starts_with("error: FeedbackAlignment is not the gradient"),
        "{message}"
    );
    assert!(
        message.contains("layer1 of ") && message.contains("layer2 of ") && !message.contains("layer3"),
        "{message}"
    );
    let message = lab.fail("gradcheck a.ron --rule Bakprop", 2);
    assert!(message.contains("did you mean `Backprop`"), "{message}");
    assert!(!lab.path("results").exists());
}

/// Below weights of 0 no error arrives: the gradient of the first layer is 0 whatever its weights, that of the output's biases is not.
#[test]
fn a_layer_without_gradient_is_no_agreement() {
    let lab = Lab::new("(task: Digits, network: (hidden: [5], init: Zeros), seeds: 1, arms: [Backprop])");
    let text = lab.succeed("gradcheck a.ron");
    assert!(
        text.contains("nothing was compared: the update and all differences are exactly 0"),
        "{text}"
    );
    let verdict = text.lines().last().unwrap();
    assert!(
        verdict.starts_with("agrees: ") && verdict.ends_with(" in layer2 (bound 1e-6); nothing was compared in layer1"),
        "{verdict}"
    );
    assert!(!text.contains("every layer"), "{text}");
    // weights alone: there is nothing to compare at all
    lab.write(
        "a.ron",
        "(task: Digits, network: (hidden: [5], init: Zeros, bias: false), seeds: 1, arms: [Backprop])",
    );
    let text = lab.succeed("gradcheck a.ron");
    assert_eq!(
        text.lines().last().unwrap(),
        "no verdict: nothing was compared in layer1, layer2"
    );
}
