//! Count what a training step allocates once it is warm: nothing.

#[path = "../../examples/my_rule.rs"]
#[allow(dead_code)] // its `main` belongs to the example
mod my_rule;

use crate::counting::allocations;
use creditlab::experiment::{LayerPlan, NetworkInputs, NetworkShape};
use creditlab::linalg::Matrix;
use creditlab::loss::Loss;
use creditlab::network::{Activation, Init, Layer, Map, Network, Trace};
use creditlab::notation::Document;
use creditlab::random::{self, Purpose, Stream};
use creditlab::rules::{self, Bind, Registry, Rule, Step};
use creditlab::runner::{Batch, Training};
use creditlab::update::{Duration, Factor, Group, Optimizer, Proposal, Recipe, Schedule};
/// Products in these layers need no copies, or small ones.
const SMALL: [usize; 4] = [12, 20, 16, 3];
/// Most products in these layers copy both factors.
const LARGE: [usize; 4] = [80, 96, 64, 10];
/// Rules that take a pass, or a row of a matrix, for each parameter, and refuse networks as large as that.
const FOR_SMALL: [&str; 3] = ["FiniteDifference", "ForwardMode", "GaussNewton"];

fn registry() -> Registry {
    rules::builtin().with::<my_rule::DriftingFeedback>()
}

/// Every rule of the registry that is for networks of this size, at work.
fn trainings<T: Bind>(sizes: &[usize], momentum: f64) -> Vec<(&'static str, Rule, Training<T>)> {
    let registry = registry();
    let optimizer = Optimizer::Sgd {
        learning_rate: 0.01,
        momentum,
        decay: 1e-3,
        l2: 0.0,
    };
    let names = registry.entries().map(|entry| entry.name);
    let fit = names.filter(|name| sizes != LARGE || !FOR_SMALL.contains(name));
    fit.map(|name| start(&registry, name, sizes, optimizer.into()))
        .collect()
}

/// Hidden units and a loss that a rule can work with.
fn suitable(name: &str) -> (Activation, Loss) {
    match name {
        "AttentionGated" => (Activation::Tanh, Loss::HALF_SQUARES),
        "Burstprop" => (Activation::Logistic, Loss::CROSS_ENTROPY),
        _ => (Activation::Tanh, Loss::CROSS_ENTROPY),
    }
}

/// A rule at work.
fn start<T: Bind>(
    registry: &Registry,
    name: &'static str,
    sizes: &[usize],
    optimizer: Recipe,
) -> (&'static str, Rule, Training<T>) {
    let (hidden, loss) = suitable(name);
    let layer = |(l, size): (usize, &[usize])| {
        let activation = if l + 2 == sizes.len() {
            Activation::Identity
        } else {
            hidden
        };
        let stream = Stream::new(1, Purpose::Weights, l as u64, 0);
        Init::default().layer(size[1], size[0], true, activation, stream)
    };
    let network = Network {
        layers: sizes.windows(2).enumerate().map(layer).collect(),
    };
    let rule = registry.rule(name).expect("a rule");
    let training = Training::new(1, network, loss, optimizer, 32, std::slice::from_ref(&rule));
    (
        name,
        rule,
        training.unwrap_or_else(|(_, refusal)| panic!("{name}: {refusal}")),
    )
}

/// Three full batches and a smaller last one.
fn batches<T: Bind>(network: &Network<T>) -> Vec<Batch<T>> {
    let batch = |(number, size): (u64, usize)| {
        let mut x = Matrix::from_element(network.inputs(), size, T::ZERO);
        random::normal(
            x.as_mut_slice(),
            1.0,
            &mut Stream::new(1, Purpose::Task, 0, number).generator(),
        );
        let y = Matrix::from_fn(network.outputs(), size, |row, i| {
            if i % network.outputs() == row { T::ONE } else { T::ZERO }
        });
        Batch {
            input: x,
            targets: y,
            samples: (0..size as u32).collect(),
        }
    };
    [(0, 32), (1, 32), (2, 32), (3, 20)].into_iter().map(batch).collect()
}

/// Steps over all batches.
fn epoch<T: Bind>(training: &mut Training<T>, batches: &[Batch<T>]) {
    for batch in batches {
        training.step(batch).expect("finite");
    }
}

/// A probe and a prediction on each batch, in workspaces that are kept.
struct Measurement<T: Bind> {
    trace: Trace<T>,
    proposal: Proposal<T>,
}

impl<T: Bind> Measurement<T> {
    fn take(&mut self, training: &mut Training<T>, batches: &mut [Batch<T>]) {
        for batch in batches {
            std::mem::swap(&mut batch.input, &mut self.trace.input);
            training.network.forward(&mut self.trace);
            let step = Step {
                network: &training.network,
                loss: training.loss,
                trace: &self.trace,
                targets: &batch.targets,
                samples: &batch.samples,
                stream: Stream::new(1, Purpose::Probe, 0, training.step),
            };
            training.seats[0].learner.probe(step, &mut self.proposal);
            training.seats[0].learner.predict(&training.network, &mut self.trace);
            std::mem::swap(&mut batch.input, &mut self.trace.input);
        }
    }
}

/// Allocations of four warm steps, and of four warm measurements.
fn warm<T: Bind>(training: &mut Training<T>) -> (u64, u64) {
    let mut batches = batches(&training.network);
    let mut measurement = Measurement {
        trace: Trace::default(),
        proposal: Proposal::default(),
    };
    for _ in 0..2 {
        epoch(training, &batches);
        measurement.take(training, &mut batches);
    }
    let steps = allocations(|| epoch(training, &batches));
    let measurements = allocations(|| measurement.take(training, &mut batches));
    (steps, measurements)
}

fn small_steps_allocate_nothing<T: Bind>() {
    for momentum in [0.0, 0.9] {
        for (name, _, mut training) in trainings::<T>(&SMALL, momentum) {
            assert_eq!(warm(&mut training), (0, 0), "{name}: steps, measurements");
        }
    }
}

#[test]
fn small_steps_allocate_nothing_in_f32() {
    small_steps_allocate_nothing::<f32>();
}

#[test]
fn small_steps_allocate_nothing_in_f64() {
    small_steps_allocate_nothing::<f64>();
}

#[test]
fn steps_with_dropped_units_allocate_nothing() {
    for (name, rule, training) in trainings::<f32>(&SMALL, 0.0) {
        let mut network = training.network;
        network.layers[0].dropout = 0.2;
        let started = Training::new(1, network, Loss::CROSS_ENTROPY, Optimizer::sgd(0.01), 32, &[rule]);
        if let Ok(mut training) = started {
            assert_eq!(warm(&mut training), (0, 0), "{name}: steps, measurements");
            assert!(!training.trace.mask.is_empty());
        }
    }
}

/// Whatever makes the change, on networks and on layers that a rule owns.
#[test]
fn no_optimizer_allocates() {
    let optimizers = [
        "Sgd(learning_rate: 0.01)",
        "HeavyBall(learning_rate: 0.01, momentum: 0.9)",
        "Nesterov(learning_rate: 0.01, momentum: 0.9)",
        "RmsProp(learning_rate: 0.001)",
        "Adam",
        "AdamW(decay: 0.1)",
    ];
    for text in optimizers {
        for clip in [None, Some(0.1)] {
            for rule in ["Backprop", "LocalLoss", "DirectKolenPollack"] {
                let document = Document::parse("optimizer", text).expect("RON");
                let optimizer: Recipe = document.root().read().expect("an optimizer");
                let recipe = Recipe {
                    groups: vec![Group {
                        pattern: "*.bias".into(),
                        learning_rate: Some(0.001),
                        ..Group::default()
                    }],
                    schedule: Schedule(vec![Factor::WarmUp {
                        over: Duration::Steps(9),
                    }]),
                    clip,
                    ..optimizer
                };
                let (_, _, mut training) = start::<f32>(&registry(), rule, &SMALL, recipe);
                assert_eq!(
                    warm(&mut training),
                    (0, 0),
                    "{text}, clip {clip:?}, {rule}: steps, measurements"
                );
            }
        }
    }
}

/// On convolutions, local layers and pools, as far as rules accept them.
#[test]
fn steps_on_maps_allocate_nothing() {
    let image = Map::new(1, 8, 8);
    let inputs = NetworkInputs {
        count: image.units(),
        image: Some(image),
    };
    let mut accepted = 0;
    for hidden in [
        "[Conv(channels: 3, kernel: 3), MaxPool(2), Local(channels: 2, kernel: 2, padding: 1), AveragePool(size: 2, stride: 1), 8]",
        "[Local(channels: 2, kernel: 3, stride: 2), Conv(channels: 3, kernel: 2, padding: 1), 8]",
        "[Local(channels: 2, kernel: 3, stride: 2), 8]",
        "[Conv(channels: 3, kernel: 3), MaxPool(2), Conv(channels: 2, kernel: 2), 8]",
    ] {
        let layers = NetworkShape::layers_of_text(hidden, inputs, 3).expect("layers that fit");
        let layer = |(l, plan): (usize, LayerPlan)| {
            let mut layer = Layer::<f32>::new(plan.wiring, true, Activation::Tanh);
            Init::default().fill(&mut layer, Stream::new(1, Purpose::Weights, l as u64, 0));
            layer.pool = plan.pool;
            layer
        };
        let mut network = Network {
            layers: layers.into_iter().enumerate().map(layer).collect(),
        };
        network.layers.last_mut().expect("an output layer").activation = Activation::Identity;
        let (registry, depth) = (registry(), network.depth());
        for entry in registry.entries() {
            let rules = [registry.rule(entry.name).expect("a rule")];
            let momentum = Optimizer::Sgd {
                learning_rate: 0.01,
                momentum: 0.9,
                decay: 1e-3,
                l2: 0.0,
            };
            let (activation, loss) = suitable(entry.name);
            let (hidden_layers, _) = network.layers.split_at_mut(depth - 1);
            hidden_layers.iter_mut().for_each(|layer| layer.activation = activation);
            let started = Training::new(1, network.clone(), loss, momentum, 32, &rules);
            if let Ok(mut training) = started {
                assert_eq!(
                    warm(&mut training),
                    (0, 0),
                    "{}, {hidden}: steps, measurements",
                    entry.name
                );
                accepted += 1;
            }
        }
    }
    assert!(accepted > 90, "{accepted}");
}

#[test]
fn large_steps_allocate_nothing() {
    for (name, _, mut training) in trainings::<f32>(&LARGE, 0.9) {
        assert_eq!(warm(&mut training), (0, 0), "{name}: steps, measurements");
    }
}

/// The negative control: the count sees a single box, and the first steps, which make the workspaces.
#[test]
fn the_count_counts() {
    assert_eq!(allocations(|| drop(std::hint::black_box(Box::new(1)))), 1);
    assert_eq!(allocations(|| drop(std::hint::black_box(Vec::<u8>::new()))), 0);
    for (name, _, mut training) in trainings::<f32>(&SMALL, 0.0) {
        let batches = batches(&training.network);
        assert!(allocations(|| epoch(&mut training, &batches)) > 0, "{name}");
    }
}
