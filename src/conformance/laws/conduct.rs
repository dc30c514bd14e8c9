//! State the laws of a run: what may and what may not change its bytes.

use crate::arrays;
use crate::conformance::Setup;
use crate::conformance::case::{Case, KEPT, Snapshot, Verdict, batch, network};
use crate::linalg::{Matrix, Scalar, Vector};
use crate::loss::Loss;
use crate::network::{Activation, Network};
use crate::rules::{Bind, Refusal, Rule};
use crate::runner::{Batch, Diverged, Training};
use crate::update::Optimizer;

/// Length of a run; batches of every size occur twice.
const STEPS: u64 = 10;

fn plain<T: Bind>(case: &Case<'_>) -> Result<Snapshot<T>, String> {
    Ok(Snapshot::of(&mut case.after(STEPS)?))
}

/// The rule accepts the trial, its numbers stay finite, and each of its arrays has a name of its own and the length of its shape.
pub fn works<T: Bind>(case: &Case<'_>) -> Verdict {
    let mut training = case.after::<T>(STEPS)?;
    let mut names: Vec<String> = Vec::new();
    let mut wrong = None;
    training.seats[0].learner.visit(&mut |name, shape, values| {
        if values.len() != shape.iter().product::<usize>() {
            let shape = shape.iter().map(usize::to_string).collect::<Vec<_>>().join("x");
            wrong = Some(format!(
                "`{name}` is said to be {shape}, but has {} numbers",
                values.len()
            ));
        }
        if names.iter().any(|known| known == name) {
            wrong = Some(format!("two arrays are called `{name}`"));
        }
        names.push(name.to_string());
    });
    wrong.map_or(KEPT, Err)
}

/// A run is a function of its seed.
pub fn same_seed<T: Bind>(case: &Case<'_>) -> Verdict {
    plain::<T>(case)?.equals(&plain(case)?, "second run")?;
    KEPT
}

/// Runs at the same time do not see each other.
pub fn threads<T: Bind>(case: &Case<'_>) -> Verdict {
    let alone = plain::<T>(case)?;
    let together: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| plain::<T>(case))).collect();
        threads.into_iter().map(|thread| thread.join()).collect()
    });
    for run in together {
        let run = run.map_err(|_| "a thread panicked".to_string())??;
        alone.equals(&run, "beside other threads")?;
    }
    KEPT
}

/// The saved arrays are the whole of a run: one that starts from them, after any step, goes on as if it had never stopped, and so does
/// a shadow.
pub fn save_and_restore<T: Bind>(case: &Case<'_>) -> Verdict {
    let mut training = case.alone::<T>()?;
    let mut shadowed = case.start::<T>(&[case.rule.clone(), case.rule.clone()])?;
    for _ in 0..STEPS {
        case.go(&mut training, 1)?;
        case.go(&mut shadowed, 1)?;
        training = from_its_arrays(&mut training, case.alone()?)?;
        shadowed = from_its_arrays(&mut shadowed, case.start(&[case.rule.clone(), case.rule.clone()])?)?;
    }
    let mut whole = case.start::<T>(&[case.rule.clone(), case.rule.clone()])?;
    case.go(&mut whole, STEPS)?;
    plain::<T>(case)?.equals(&Snapshot::of(&mut training), "after saving and restoring")?;
    match whole.arrays() == shadowed.arrays() {
        true => KEPT,
        false => Err("a shadow is another after saving and restoring".into()),
    }
}

/// A training that has just been started, at the place of another.
fn from_its_arrays<T: Bind>(saved: &mut Training<T>, mut restored: Training<T>) -> Result<Training<T>, String> {
    let bytes = arrays::encode(&saved.arrays()).map_err(|error| error.to_string())?;
    let read = arrays::decode(&bytes).map_err(|error| error.to_string())?;
    restored
        .restore(read)
        .map_err(|problem| format!("what was saved {problem}"))?;
    restored.step = saved.step;
    Ok(restored)
}

/// Probing, predicting and showing feedback weights is looking, at any step and on any batch.
pub fn measuring<T: Bind>(case: &Case<'_>) -> Verdict {
    let mut training = case.alone::<T>()?;
    let other = batch(case.setup, 2 * case.setup.batch + 1, 2000);
    for _ in 0..STEPS {
        let before = Snapshot::of(&mut training);
        measure(case, &mut training, &other);
        before.equals(&Snapshot::of(&mut training), "right after a measurement")?;
        case.go(&mut training, 1)?;
    }
    plain::<T>(case)?.equals(&Snapshot::of(&mut training), "with measurements")?;
    KEPT
}

fn measure<T: Bind>(case: &Case<'_>, training: &mut Training<T>, batch: &Batch<T>) {
    let step = training.step;
    case.probe(training, batch, step);
    case.predict(training, &batch.input);
    let mut shown = Matrix::from_element(1, 1, T::ZERO);
    for l in 0..training.network.depth() {
        training.seats[0].learner.feedback(&training.network, l, &mut shown);
    }
}

/// All other rules of the registry as shadows do not move the rule; nor does the rule, as a shadow, move another.
pub fn shadows<T: Bind>(case: &Case<'_>) -> Verdict {
    let accepts = |rule: &Rule| case.start::<T>(std::slice::from_ref(rule)).is_ok();
    let stated = case
        .registry
        .entries()
        .filter_map(|entry| case.registry.rule(entry.name).ok());
    let others: Vec<Rule> = stated.filter(accepts).collect();
    // each run alone comes before the other begins: a rule may feel that others merely exist
    let alone = plain::<T>(case)?;
    let mut accompanied = vec![case.rule.clone()];
    accompanied.extend(others.iter().cloned());
    let mut training = case.start::<T>(&accompanied)?;
    case.go(&mut training, STEPS)?;
    alone.equals(&Snapshot::of(&mut training), "with shadows")?;
    drop(training);
    for other in others {
        let mut alone = case.start::<T>(std::slice::from_ref(&other))?;
        // another rule may diverge; then it must do so with this shadow too
        let one = case.go(&mut alone, STEPS);
        let mut shadowed = case.start::<T>(&[other.clone(), case.rule.clone()])?;
        let two = case.go(&mut shadowed, STEPS);
        let when = format!("{} with this rule as its shadow", other.name());
        if one != two {
            return Err(format!("{when} goes as far as {}, alone {}", shadowed.step, alone.step));
        }
        Snapshot::of(&mut alone).equals(&Snapshot::of(&mut shadowed), &when)?;
        if one.is_ok() && !shadowed.seats[1].proposal.is_finite() {
            return Err(format!(
                "as a shadow of {} it proposes numbers that are not finite",
                other.name()
            ));
        }
    }
    KEPT
}

/// Scratch can be dropped between any two steps.
pub fn scratch<T: Bind>(case: &Case<'_>) -> Verdict {
    let mut training = case.alone::<T>()?;
    for _ in 0..STEPS {
        training.seats[0].learner.forget();
        case.go(&mut training, 1)?;
    }
    plain::<T>(case)?.equals(&Snapshot::of(&mut training), "with scratch dropped")?;
    KEPT
}

/// A run can begin with any batch, and its setting can say that batches have one sample.
pub fn batch_sizes<T: Bind>(case: &Case<'_>) -> Verdict {
    let full = case.setup.batch;
    for sizes in [[full, 3, 1, full], [1, full, 1, 3], [2 * full, 1, 1, full]] {
        let mut training = case.alone::<T>()?;
        run_sizes(case, &mut training, &sizes)?;
    }
    let single = Offer {
        what: "batches of one",
        network: case.network::<T>(),
        loss: case.setup.loss,
        optimizer: case.setup.optimizer,
        batch: 1,
    };
    let Ok(mut training) = single.start(case) else {
        return Ok(Some(
            "does not apply to batches of one: the rule refuses them".to_string(),
        ));
    };
    run_sizes(case, &mut training, &[1, 1, 1])?;
    KEPT
}

fn run_sizes<T: Bind>(case: &Case<'_>, training: &mut Training<T>, sizes: &[usize]) -> Result<(), String> {
    for &size in sizes {
        let went = training.step(&batch(case.setup, size, training.step));
        went.map_err(|_| format!("not finite on a batch of {size}, of sizes {sizes:?}"))?;
    }
    Ok(())
}

/// A NaN or an infinity in an input, or where the rule is driven by the error in a target, ends the run at that very step, with
/// everything as it was; on a sound batch the run goes on as if nothing had happened.
pub fn non_finite<T: Bind>(case: &Case<'_>) -> Verdict {
    let plain = plain::<T>(case)?;
    for poison in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        for at in [0, 2, 4] {
            let mut batch = case.batch(at);
            *batch.input.iter_mut().last().expect("an input") = T::of(poison);
            poisoned(case, &plain, batch, at, &format!("an input of {poison}"))?;
            if case.rule.needs().error_driven {
                let mut batch = case.batch(at);
                *batch.targets.iter_mut().last().expect("a target") = T::of(poison);
                poisoned(case, &plain, batch, at, &format!("a target of {poison}"))?;
            }
        }
    }
    KEPT
}

fn poisoned<T: Bind>(
    case: &Case<'_>,
    plain: &Snapshot<T>,
    batch: Batch<T>,
    at: u64,
    poison: &str,
) -> Result<(), String> {
    let mut training = case.after::<T>(at)?;
    let before = Snapshot::of(&mut training);
    if training.step(&batch) != Err(Diverged { step: at }) {
        return Err(format!("{poison} at step {at} is not seen"));
    }
    let when = format!("after {poison} at step {at}");
    before.equals(&Snapshot::of(&mut training), &when)?;
    case.go(&mut training, STEPS - at)
        .map_err(|error| format!("{when}: {error}"))?;
    plain.equals(&Snapshot::of(&mut training), &when)
}

/// Other networks, losses, optimizers and batches are accepted and then work, or are refused with a reason and a remedy.
pub fn settings<T: Bind>(case: &Case<'_>) -> Verdict {
    offers::<T>(case).iter().try_for_each(|offer| offer.is_met(case))?;
    KEPT
}

/// What a rule may accept or refuse.
struct Offer<T: Scalar> {
    what: &'static str,
    network: Network<T>,
    loss: Loss,
    optimizer: Optimizer,
    batch: usize,
}

fn offers<T: Bind>(case: &Case<'_>) -> Vec<Offer<T>> {
    let heavy = Optimizer::Sgd {
        learning_rate: 0.01,
        momentum: 0.9,
        decay: 0.0,
        l2: 1e-4,
    };
    let as_usual = |what, change: &dyn Fn(&mut Network<T>)| {
        let mut network = case.network();
        change(&mut network);
        let (loss, optimizer, batch) = (case.setup.loss, heavy, 4);
        Offer {
            what,
            network,
            loss,
            optimizer,
            batch,
        }
    };
    let mut offers = vec![Offer {
        optimizer: Optimizer::sgd(0.01),
        batch: 1,
        ..as_usual("batches of one", &|_| {})
    }];
    for sizes in [&[4, 3][..], &[4, 5, 3], &[4, 6, 5, 4, 3], &[3, 4, 1], &[1, 2, 2]] {
        for hidden in Activation::ALL {
            for loss in Loss::ALL {
                for output in Activation::ALL.into_iter().filter(|output| loss.accepts(*output)) {
                    offers.push(Offer {
                        what: "another network",
                        network: network(sizes, hidden, output),
                        loss,
                        optimizer: Optimizer::sgd(0.01),
                        batch: 4,
                    });
                }
            }
        }
    }
    offers.push(as_usual("no biases", &|network| {
        let layers = network.layers.iter_mut();
        layers.for_each(|layer| layer.bias = Vector::from_vec(Vec::new()));
    }));
    offers.push(as_usual("zero weights", &|network| {
        network.layers.iter_mut().for_each(|layer| layer.weight.fill(T::ZERO));
    }));
    offers.push(as_usual("dropped units", &|network| {
        let top = network.top();
        network.layers[..top].iter_mut().for_each(|layer| layer.dropout = 0.3);
    }));
    offers
}

impl<T: Bind> Offer<T> {
    fn start(&self, case: &Case<'_>) -> Result<Training<T>, Refusal> {
        let rules = std::slice::from_ref(&case.rule);
        let training = Training::new(3, self.network.clone(), self.loss, self.optimizer, self.batch, rules);
        training.map_err(|(_, refusal)| refusal)
    }

    /// The rule refuses it well, or accepts it and works.
    fn is_met(&self, case: &Case<'_>) -> Result<(), String> {
        let Self {
            what, network, loss, ..
        } = self;
        let here = || format!("{what}, {}, {loss}", described(network));
        let mut training = match self.start(case) {
            Err(refusal) if refusal.reason.is_empty() || refusal.remedy.is_empty() => {
                return Err(format!("a refusal without a reason or a remedy: {}", here()));
            }
            Err(_) => return Ok(()),
            Ok(training) => training,
        };
        let setup = Setup {
            sizes: sizes(network),
            maps: None,
            loss: *loss,
            ..case.setup.clone()
        };
        for number in 0..3 {
            match training.step(&batch(&setup, self.batch, number)) {
                Ok(()) => {}
                Err(_) if number > 0 => break, // a run may diverge
                Err(_) => {
                    let here = here();
                    return Err(format!("accepts, but begins with numbers that are not finite: {here}"));
                }
            }
        }
        Ok(())
    }
}

fn sizes<T: Scalar>(network: &Network<T>) -> Vec<usize> {
    let outputs = network.layers.iter().map(|layer| layer.outputs());
    std::iter::once(network.inputs()).chain(outputs).collect()
}

fn described<T: Scalar>(network: &Network<T>) -> String {
    let activations: Vec<_> = network.layers.iter().map(|layer| layer.activation).collect();
    format!("{:?} with {activations:?}", sizes(network))
}
