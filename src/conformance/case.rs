//! Make the trainings on which laws are tried, and compare them byte by byte.

use super::Setup;
use crate::experiment::{HiddenEntry, LayerPlan, NetworkInputs, NetworkShape};
use crate::linalg::{Matrix, Scalar, softmax};
use crate::loss::Loss;
use crate::network::{Activation, Affine, Init, Layer, Network, Trace};
use crate::random::{self, Purpose, Stream};
use crate::rules::{Bind, Refusal, Registry, Rule, Step};
use crate::runner::{Batch, Owner, Training};
use crate::update::Proposal;
use std::f64::consts::TAU;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Whether a law was kept, with a note of what does not apply; or what was wrong.
pub type Verdict = Result<Option<String>, String>;

/// The law was kept.
pub const KEPT: Verdict = Ok(None);

const SEED: u64 = 3;

/// A panic breaks the law that it happens in.
pub fn quietly(law: impl FnOnce() -> Verdict) -> Verdict {
    catch_unwind(AssertUnwindSafe(law)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
        Err(format!("panicked: {}", text.unwrap_or("no message")))
    })
}

/// A batch of the task. Class `k` has two clusters, on opposite sides of a circle in the first two inputs; the other inputs are
/// noise. All classes have their mean in the centre, and two classes are the exclusive or.
pub fn batch<T: Scalar>(setup: &Setup, size: usize, number: u64) -> Batch<T> {
    let (inputs, outputs) = (setup.sizes[0], setup.sizes[setup.sizes.len() - 1]);
    let classes = outputs.max(2);
    let mut generator = Stream::new(SEED, Purpose::Task, 0, number).generator();
    let mut input = Matrix::from_element(inputs, size, T::ZERO);
    let mut targets = Matrix::from_element(outputs, size, T::ZERO);
    random::normal(input.as_mut_slice(), 0.5, &mut generator);
    for i in 0..size {
        let cluster = random::below(2 * classes as u64, &mut generator) as usize;
        let (sin, cos) = (TAU * cluster as f64 / (2 * classes) as f64).sin_cos();
        for (row, centre) in [cos, sin].into_iter().enumerate().take(inputs) {
            input[(row, i)] += T::of(1.5 * centre);
        }
        if let Some(target) = targets.column_mut(i).get_mut(cluster % classes) {
            *target = T::ONE;
        }
    }
    Batch {
        input,
        targets,
        samples: (0..size as u32).map(|i| 100 * number as u32 + i).collect(),
    }
}

/// The samples of a batch at these places.
pub fn select<T: Scalar>(batch: &Batch<T>, places: &[usize]) -> Batch<T> {
    Batch {
        input: batch.input.select_columns(places),
        targets: batch.targets.select_columns(places),
        samples: places.iter().map(|&i| batch.samples[i]).collect(),
    }
}

/// A proposal as numbers.
pub struct Numbers {
    /// Weights, then biases, of each layer; `None` where the layer is untrained.
    pub layers: Vec<Option<Vec<f64>>>,
}

impl Numbers {
    pub fn of<T: Scalar>(proposal: &Proposal<T>, network: &Network<T>, trace: &Trace<T>) -> Self {
        let write = |(l, layer)| {
            let mut update = Affine::zeros_like(layer);
            proposal.write(l, trace, &mut update);
            let numbers = update.weight.iter().chain(update.bias.iter());
            proposal.trains(l).then(|| numbers.map(|x| x.to_f64()).collect())
        };
        let layers = network.layers.iter().enumerate().map(write).collect();
        Self { layers }
    }

    /// All of them in one row.
    pub fn flat(&self) -> Vec<f64> {
        self.layers.iter().flatten().flatten().copied().collect()
    }

    /// Length of the update.
    pub fn norm(&self) -> f64 {
        norm(self.flat().into_iter())
    }
}

fn norm(numbers: impl Iterator<Item = f64>) -> f64 {
    numbers.map(|x| x * x).sum::<f64>().sqrt()
}

/// An error if `|u − v| > tolerance |v|`, written so that NaN is an error too.
pub fn near<T: Scalar>(what: &str, u: &[f64], v: &[f64], single: f64, double: f64) -> Result<(), String> {
    let tolerance = if size_of::<T>() == 4 { single } else { double };
    if u.len() != v.len() {
        return Err(format!("{what}: other layers are trained"));
    }
    let (difference, size) = (norm(u.iter().zip(v).map(|(u, v)| u - v)), norm(v.iter().copied()));
    if difference <= tolerance * size {
        Ok(())
    } else {
        let relative = difference / size;
        Err(format!(
            "{what}: relative difference {relative:.1e}, more than {tolerance:.0e}"
        ))
    }
}

/// A rule under trial.
pub struct Case<'a> {
    pub registry: &'a Registry,
    pub rule: Rule,
    pub setup: &'a Setup,
}

impl<'a> Case<'a> {
    pub fn new(registry: &'a Registry, text: &str, setup: &'a Setup) -> Result<Self, String> {
        let rule = registry.rule(text)?;
        Ok(Self { registry, rule, setup })
    }

    /// The rule with its options written as RON.
    pub fn stated(&self, options: &str) -> Result<Rule, String> {
        self.registry.rule(&format!("{}{options}", self.rule.name()))
    }

    /// LeCun weights and small random biases.
    pub fn network<T: Scalar>(&self) -> Network<T> {
        let Setup {
            sizes,
            maps,
            hidden,
            output,
            ..
        } = self.setup;
        let mut network = match maps {
            None => network(sizes, *hidden, *output),
            Some((image, entries)) => {
                let shape = NetworkShape {
                    hidden: entries.clone(),
                    ..NetworkShape::default()
                };
                let inputs = NetworkInputs {
                    count: image.units(),
                    image: Some(*image),
                };
                drawn(&shape.layers(inputs, sizes[sizes.len() - 1]), *hidden, *output)
            }
        };
        let hidden = network.top();
        for layer in &mut network.layers[..hidden] {
            layer.dropout = self.setup.dropout;
        }
        network
    }

    /// The first rule trains; the others are shadows.
    pub fn start<T: Bind>(&self, rules: &[Rule]) -> Result<Training<T>, String> {
        let Setup {
            loss, optimizer, batch, ..
        } = *self.setup;
        Training::new(SEED, self.network(), loss, optimizer, batch, rules)
            .map_err(|(i, refusal)| format!("{} refuses the trial: {refusal}", rules[i].name()))
    }

    /// Why the rule cannot work in the trial.
    pub fn refusal<T: Bind>(&self) -> Option<Refusal> {
        let Setup {
            loss, optimizer, batch, ..
        } = *self.setup;
        let rules = std::slice::from_ref(&self.rule);
        let training = Training::<T>::new(SEED, self.network(), loss, optimizer, batch, rules);
        training.err().map(|(_, refusal)| refusal)
    }

    /// The rule without shadows.
    pub fn alone<T: Bind>(&self) -> Result<Training<T>, String> {
        self.start(std::slice::from_ref(&self.rule))
    }

    /// The batch of a step: mostly full, now and then smaller, or of one sample.
    pub fn batch<T: Scalar>(&self, step: u64) -> Batch<T> {
        let size = match step % 5 {
            3 => 1 + self.setup.batch / 3,
            4 => 1,
            _ => self.setup.batch,
        };
        batch(self.setup, size, step)
    }

    /// Goes on for some steps, each on its own batch.
    pub fn go<T: Bind>(&self, training: &mut Training<T>, steps: u64) -> Result<(), String> {
        for _ in 0..steps {
            let went = training.step(&self.batch(training.step));
            if let Some((_, reason)) = training.failure() {
                return Err(reason.to_owned());
            }
            went.map_err(|diverged| format!("not finite at step {}", diverged.step))?;
        }
        Ok(())
    }

    /// The rule alone, after some steps.
    pub fn after<T: Bind>(&self, steps: u64) -> Result<Training<T>, String> {
        let mut training = self.alone()?;
        self.go(&mut training, steps)?;
        Ok(training)
    }

    /// What the trainer would propose on a batch; measured, so that nothing changes.
    pub fn probe<T: Bind>(&self, training: &mut Training<T>, batch: &Batch<T>, draw: u64) -> Numbers {
        let mut trace = Trace {
            input: batch.input.clone(),
            ..Trace::default()
        };
        training.network.forward(&mut trace);
        let mut proposal = Proposal::default();
        let step = Step {
            network: &training.network,
            loss: training.loss,
            trace: &trace,
            targets: &batch.targets,
            samples: &batch.samples,
            stream: Stream::new(SEED, Purpose::Probe, 0, draw),
        };
        training.seats[0].learner.probe(step, &mut proposal);
        training.seats[0].learner.residual(step);
        Numbers::of(&proposal, &training.network, &trace)
    }

    /// The trainer's prediction for an input.
    pub fn predict<T: Bind>(&self, training: &mut Training<T>, input: &Matrix<T>) -> Trace<T> {
        let mut trace = Trace {
            input: input.clone(),
            ..Trace::default()
        };
        training.seats[0].learner.predict(&training.network, &mut trace);
        trace
    }

    /// The targets that leave no error: the trainer's own prediction, for the cross-entropy its softmax.
    pub fn errorless_targets<T: Bind>(&self, training: &mut Training<T>, input: &Matrix<T>) -> Matrix<T> {
        let mut targets = self.predict(training, input).output().a.clone();
        if training.loss == Loss::CROSS_ENTROPY {
            let outputs = targets.nrows();
            targets.as_mut_slice().chunks_exact_mut(outputs).for_each(softmax);
        }
        targets
    }
}

/// LeCun weights and small random biases.
pub fn network<T: Scalar>(sizes: &[usize], hidden: Activation, output: Activation) -> Network<T> {
    let entries = sizes[1..sizes.len() - 1].iter().map(|units| HiddenEntry::Dense(*units));
    let shape = NetworkShape {
        hidden: entries.collect(),
        ..NetworkShape::default()
    };
    drawn(&shape.layers(sizes[0], sizes[sizes.len() - 1]), hidden, output)
}

fn drawn<T: Scalar>(plans: &[LayerPlan], hidden: Activation, output: Activation) -> Network<T> {
    let layer = |(l, plan): (usize, &LayerPlan)| {
        let activation = if l + 1 == plans.len() { output } else { hidden };
        let stream = |part| Stream::new(SEED, Purpose::Weights, l as u64, part);
        let mut layer = Layer::new(plan.wiring, true, activation);
        Init::default().fill(&mut layer, stream(0));
        random::normal(layer.bias.as_mut_slice(), 0.1, &mut stream(1).generator());
        layer.pool = plan.pool;
        layer
    };
    Network {
        layers: plans.iter().enumerate().map(layer).collect(),
    }
}

/// Everything a run saves: the network, what the optimizer remembers, what the trainer has learned.
#[derive(Clone, PartialEq)]
pub struct Snapshot<T: Scalar>(Vec<(String, Vec<T>)>);

fn walk<T: Scalar>(training: &mut Training<T>, see: &mut dyn FnMut(&str, &mut [T])) {
    training.visit(|owner, name, _, values| match owner {
        Owner::Network | Owner::Optimizer => see(name, values),
        Owner::Rule(0) => see(&format!("the rule's {name}"), values),
        Owner::Rule(_) => {}
    });
}

impl<T: Scalar> Snapshot<T> {
    pub fn of(training: &mut Training<T>) -> Self {
        let mut arrays = Vec::new();
        walk(training, &mut |name, values| {
            arrays.push((name.to_string(), values.to_vec()))
        });
        Self(arrays)
    }

    /// An error that names the first difference.
    pub fn equals(&self, other: &Self, when: &str) -> Result<(), String> {
        for ((name, here), (other_name, there)) in self.0.iter().zip(&other.0) {
            if name != other_name || here.len() != there.len() {
                return Err(format!("{when}: {name} became {other_name}, or another shape"));
            }
            let bits = |values: &[T], i: usize| values[i].to_f64().to_bits();
            if let Some(i) = (0..here.len()).find(|&i| bits(here, i) != bits(there, i)) {
                return Err(format!("{when}: {name}[{i}] is {:?}, not {:?}", there[i], here[i]));
            }
        }
        if self.0.len() == other.0.len() {
            Ok(())
        } else {
            Err(format!("{when}: another number of arrays"))
        }
    }

    /// The bits of all numbers.
    pub fn bits(&self) -> impl Iterator<Item = u64> {
        self.0
            .iter()
            .flat_map(|(_, values)| values.iter().map(|x| x.to_f64().to_bits()))
    }
}
