//! Take the digests of weights that rules have learned.

use crate::common::{OnBatch, fill, inputs, network, targets, training};
use crate::known::Digests;
use crate::linear_algebra::digest;
use creditlab::linalg::Scalar;
use creditlab::loss::Loss;
use creditlab::network::{Activation, Network};
use creditlab::rules::Bind;
use creditlab::update::{Epsilon, Optimizer};

/// Of five families: a sweep, learned feedback, inverses, a relaxation (short, since it is by far the dearest), random numbers.
const RULES: [&str; 5] = [
    "Backprop",
    "KolenPollack",
    "DifferenceTargetPropagation",
    "PredictiveCoding(schedule: Equilibrium(steps: 3))",
    "NodePerturbation",
];

const STEPS: usize = 100;

struct Net {
    name: &'static str,
    sizes: &'static [usize],
    batch: usize,
    hidden: Activation,
    loss: Loss,
    optimizer: Optimizer,
}

/// A tiny one; a medium one, whose products are made where factors lie; and one whose products are copied and made in blocks, in
/// several parts of a sum.
const NETS: [Net; 3] = [
    Net {
        name: "2-16-16-1",
        sizes: &[2, 16, 16, 1],
        batch: 32,
        hidden: Activation::Tanh,
        loss: Loss::HALF_SQUARES,
        optimizer: Optimizer::Adam {
            learning_rate: 0.01,
            beta1: 0.9,
            beta2: 0.999,
            epsilon: Epsilon::Outside(1e-8),
            l2: 0.0,
        },
    },
    Net {
        name: "64-64-64-10",
        sizes: &[64, 64, 64, 10],
        batch: 32,
        hidden: Activation::Tanh,
        loss: Loss::CROSS_ENTROPY,
        optimizer: Optimizer::Sgd {
            learning_rate: 0.05,
            momentum: 0.9,
            decay: 1e-3,
            l2: 0.0,
        },
    },
    Net {
        name: "1100-66-10",
        sizes: &[1100, 66, 10],
        batch: 12,
        hidden: Activation::Relu,
        loss: Loss::CROSS_ENTROPY,
        optimizer: Optimizer::Sgd {
            learning_rate: 0.003,
            momentum: 0.0,
            decay: 0.0,
            l2: 0.0,
        },
    },
];

/// All weights and biases after training on other numbers in every step.
fn trained<T: Bind>(net: &Net, rule: &str, start: Network<T>) -> String {
    let outputs = net.sizes[net.sizes.len() - 1];
    let batch = |seed: u64| {
        let x = inputs::<T>(net.sizes[0], net.batch, seed);
        let y = targets::<T>(net.loss, outputs, net.batch, seed);
        (x, y)
    };
    let (x, y) = batch(0);
    let mut training: OnBatch<T> = training(&[rule], start, net.loss, net.optimizer, &x, &y);
    for step in 1..=STEPS {
        training.step().expect("finite");
        let (x, y) = batch(step as u64 % 7);
        fill(&mut training, &x, &y);
    }
    let layers = &training.network.layers;
    digest(
        layers
            .iter()
            .flat_map(|layer| layer.weight.iter().chain(layer.bias.iter()).copied()),
    )
}

fn start<T: Scalar>(net: &Net) -> Network<T> {
    network(net.sizes, net.hidden, Activation::Identity, 5)
}

fn of<T: Bind>(precision: &str) -> Digests {
    let each = NETS.iter().flat_map(|net| RULES.map(|rule| (net, rule)));
    let name = |net: &Net, rule: &str| {
        format!(
            "{precision} weights of {} by {}",
            net.name,
            rule.split('(').next().unwrap()
        )
    };
    each.map(|(net, rule)| (name(net, rule), trained::<T>(net, rule, start(net))))
        .collect()
}

/// All digests of this file.
pub fn made() -> Digests {
    [of::<f32>("f32"), of::<f64>("f64")].concat()
}

/// The negative control: the last bit of one weight is in the digest of all that is learned from it.
#[test]
fn the_last_bit_of_a_weight_is_in_the_digest() {
    for net in &NETS[..2] {
        let mut other = start::<f64>(net);
        let weight = &mut other.layers[0].weight[0];
        *weight = weight.next_up();
        let of = |start: Network<f64>| trained(net, RULES[0], start);
        assert_ne!(of(start(net)), of(other), "{}", net.name);
    }
}
