//! Take training steps: forward pass, proposals, change, adaptation. It never asks which rule it runs.

use crate::cost::{self, Cost};
use crate::linalg::{Matrix, Scalar, all_finite, assign, empty, share_each};
use crate::loss::Loss;
use crate::network::{Network, Shape, Trace, layer_name};
use crate::random::{Purpose, Stream};
use crate::rules::{After, Bind, Learner, Refusal, Rule, Setting, Step, visit_layer};
use crate::update::{Change, Proposal, Recipe, Stepper};
use std::path::Path;

/// Samples that a step is taken on; a column is a sample.
#[derive(Clone, Debug)]
pub struct Batch<T: Scalar> {
    /// `n_0 × batch`.
    pub input: Matrix<T>,
    /// `n_out × batch`; one-hot columns for classes.
    pub targets: Matrix<T>,
    /// Rows of the data set that the columns are.
    pub samples: Vec<u32>,
}

impl Batch<f64> {
    /// The mean loss of a network on these samples.
    pub fn cost(&self, network: &Network<f64>, loss: Loss) -> f64 {
        let mut trace = Trace::default();
        trace.input.clone_from(&self.input);
        network.forward(&mut trace);
        loss.mean(trace.output(), &self.targets)
    }
}

impl<T: Scalar> Default for Batch<T> {
    /// Without samples.
    fn default() -> Self {
        let samples = Vec::new();
        Self {
            input: empty(),
            targets: empty(),
            samples,
        }
    }
}

/// Whose array it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// The weights and biases.
    Network,
    /// What the optimizer remembers.
    Optimizer,
    /// What the rule on a seat has learned; the trainer's seat is 0.
    Rule(usize),
}

/// A rule at work, and the proposal it last made.
pub struct Seat<T: Scalar> {
    /// The rule with its state.
    pub learner: Box<dyn Learner<T>>,
    /// What it proposed at the last step.
    pub proposal: Proposal<T>,
    /// 0 trains the network; the others are shadows. Part of the key of its random streams.
    pub index: u64,
    /// Whether the rule predicts in a way of its own.
    pub predicts: bool,
    /// Whether the rule takes part in training steps: proposes and adapts. One that does not is there to be measured.
    pub takes_part: bool,
}

impl<T: Scalar> Seat<T> {
    /// Lets the rule learn what it owns, with random numbers of its seat. What shadows do is not counted.
    fn adapt(&mut self, mut step: Step<'_, T>, change: &Change<'_, T>) {
        if !self.takes_part {
            return;
        }
        step.stream.index = self.index;
        let mut adapt = || {
            self.learner.adapt(After {
                step,
                proposal: &self.proposal,
                change,
            });
        };
        if self.index == 0 {
            adapt()
        } else {
            cost::uncounted(adapt)
        }
    }
}

/// A non-finite number appeared: in the proposal, the loss or the weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Diverged {
    /// Number of changes applied before it was seen.
    pub step: u64,
}

/// A network in training. Seat 0 trains it; the others, shadows, propose on its weights and adapt to its changes.
pub struct Training<T: Scalar> {
    /// Key of every random stream.
    pub seed: u64,
    /// What is trained.
    pub network: Network<T>,
    /// What is minimised.
    pub loss: Loss,
    /// What makes changes of proposals.
    pub stepper: Stepper<T>,
    /// The trainer, then the shadows.
    pub seats: Vec<Seat<T>>,
    /// The last forward pass: after a step the one made before the change.
    pub trace: Trace<T>,
    /// Number of changes applied.
    pub step: u64,
    /// What the trainer's share of all steps has cost: forward passes, its proposals, the changes, its adaptation. What shadows and
    /// measurements do is not in it.
    pub cost: Cost,
    /// Whether the last forward pass had moderate numbers only.
    moderate: bool,
}

impl<T: Bind> Training<T> {
    /// Starts `rules[0]` as the trainer and the others as its shadows. Paths in their options are relative to the folder that
    /// the program runs in. A schedule must be in steps, see [`Recipe::in_steps`].
    ///
    /// # Errors
    /// The refusal of the first rule that cannot work here, with its place in `rules`.
    pub fn new(
        seed: u64,
        network: Network<T>,
        loss: Loss,
        optimizer: impl Into<Recipe>,
        batch: usize,
        rules: &[Rule],
    ) -> Result<Self, (usize, Refusal)> {
        Self::new_in(Path::new(""), seed, network, loss, optimizer, batch, rules)
    }

    /// As [`Training::new`], with paths relative to `folder`.
    ///
    /// # Errors
    /// As [`Training::new`].
    pub fn new_in(
        folder: &Path,
        seed: u64,
        network: Network<T>,
        loss: Loss,
        optimizer: impl Into<Recipe>,
        batch: usize,
        rules: &[Rule],
    ) -> Result<Self, (usize, Refusal)> {
        let optimizer: Recipe = optimizer.into();
        let setting = Setting {
            network: &network,
            loss,
            optimizer: &optimizer,
            batch,
            folder,
        };
        let seat = |(i, rule): (usize, &Rule)| {
            let index = i as u64;
            let learner = T::bind(rule, &setting, Stream::new(seed, Purpose::RuleStart, index, 0));
            Ok(Seat {
                learner: learner.map_err(|refusal| (i, refusal))?,
                proposal: Proposal::default(),
                index,
                predicts: rule.predicts(),
                takes_part: true,
            })
        };
        let seats = rules.iter().enumerate().map(seat).collect::<Result<_, _>>()?;
        let stepper = Stepper::new(optimizer, &network.layers);
        Ok(Self {
            seed,
            network,
            loss,
            stepper,
            seats,
            trace: Trace::default(),
            step: 0,
            cost: Cost::default(),
            moderate: false,
        })
    }
}

impl<T: Scalar> Training<T> {
    /// One step on a batch.
    ///
    /// # Errors
    /// [`Diverged`] once the output, the trainer's proposal or a changed weight is not finite.
    pub fn step(&mut self, batch: &Batch<T>) -> Result<(), Diverged> {
        self.forward(batch)?;
        self.learn(batch)
    }

    /// The first half of a step: the forward pass, shared by the trainer and all shadows.
    ///
    /// # Errors
    /// [`Diverged`] if the input or the network's output is not finite.
    pub fn forward(&mut self, batch: &Batch<T>) -> Result<(), Diverged> {
        self.forward_at(Purpose::Dropout, self.step, batch)
    }

    /// The forward pass of a step, with units dropped where layers have dropout: the masks are equal for all rules and arms.
    fn forward_at(&mut self, purpose: Purpose, step: u64, batch: &Batch<T>) -> Result<(), Diverged> {
        assign(&mut self.trace.input, &batch.input);
        let stream = |l| Stream::new(self.seed, purpose, l as u64, step);
        self.network.drop_units(&mut self.trace, stream);
        let before = Cost::so_far();
        self.network.forward(&mut self.trace);
        self.cost += Cost::so_far() - before;
        self.moderate = self.trace.is_moderate();
        // the output alone would not do: saturating units hide an infinite input, until 0 times infinity is in the weights
        let ends = [&self.trace.input, self.trace.output().z];
        self.finite(self.moderate || all_finite(ends.map(Matrix::as_slice)))
    }

    /// The second half, on the batch that was last passed forward: proposals, change, adaptation.
    ///
    /// # Errors
    /// [`Diverged`] if the trainer's proposal is not finite, and the network is then left as it was, or if a weight is not
    /// finite after the change.
    pub fn learn(&mut self, batch: &Batch<T>) -> Result<(), Diverged> {
        let before = Cost::so_far();
        self.propose(Purpose::Propose, self.step, batch);
        let proposal = &self.seats[0].proposal;
        let moderate = self.moderate && proposal.is_moderate() && self.stepper.is_moderate();
        self.finite(moderate || proposal.is_finite())?;
        let Self {
            network,
            stepper,
            seats,
            trace,
            ..
        } = self;
        let (trainer, shadows) = seats.split_at_mut(1);
        let Seat { learner, proposal, .. } = &mut trainer[0];
        let change = stepper.apply(&mut network.layers, proposal, trace);
        let step = Step {
            network,
            loss: self.loss,
            trace,
            targets: &batch.targets,
            samples: &batch.samples,
            stream: Stream::new(self.seed, Purpose::Adapt, 0, self.step),
        };
        learner.adapt(After {
            step,
            proposal,
            change: &change,
        });
        share_each(
            shadows,
            || trace.multiply_adds(network),
            |_, shadow| shadow.adapt(step, &change),
        );
        self.cost += Cost::so_far() - before;
        self.step += 1;
        // an overflow needs large numbers; saturating units would hide it from the loss
        let layers = self.network.layers.iter();
        let parameters = layers.flat_map(|layer| [layer.weight.as_slice(), layer.bias.as_slice()]);
        self.finite(moderate || all_finite(parameters) && self.stepper.is_finite())
    }

    /// A step in which the network stands still: rules propose and adapt what they own, nothing is changed or counted.
    /// `step` counts such steps, for the random streams.
    ///
    /// # Errors
    /// [`Diverged`] if the network's output or the trainer's proposal is not finite.
    pub fn warm_up(&mut self, step: u64, batch: &Batch<T>) -> Result<(), Diverged> {
        self.forward_at(Purpose::WarmUpDropout, step, batch)?;
        let before = Cost::so_far();
        self.propose(Purpose::WarmUpPropose, step, batch);
        self.finite(self.seats[0].proposal.is_finite())?;
        let Self {
            network,
            stepper,
            seats,
            trace,
            ..
        } = self;
        let mut nothing = Proposal::default();
        nothing.begin(&network.layers, trace.batch());
        let change = stepper.stand_still(&nothing, trace);
        let step = Step {
            network,
            loss: self.loss,
            trace,
            targets: &batch.targets,
            samples: &batch.samples,
            stream: Stream::new(self.seed, Purpose::WarmUpAdapt, 0, step),
        };
        // the trainer is the first: what it does is done, and counted, on this thread
        share_each(
            seats,
            || trace.multiply_adds(network),
            |_, seat| seat.adapt(step, &change),
        );
        self.cost += Cost::so_far() - before;
        Ok(())
    }

    /// Shows every array that the training consists of, under the name that its owner gives it, column-major, always in the same
    /// order. With the number of steps taken, these decide all that it still does.
    pub fn visit(&mut self, mut see: impl FnMut(Owner, &str, Shape, &mut [T])) {
        let mut network = |name: &str, shape: Shape, values: &mut [T]| see(Owner::Network, name, shape, values);
        for (l, layer) in self.network.layers.iter_mut().enumerate() {
            visit_layer(&layer_name(l), layer, &mut network);
        }
        let names = (0..self.network.depth()).map(layer_name);
        let mut optimizer = |name: &str, shape: Shape, values: &mut [T]| see(Owner::Optimizer, name, shape, values);
        self.stepper.visit(names, &mut optimizer);
        for (i, seat) in self.seats.iter_mut().enumerate() {
            let mut rule = |name: &str, shape: Shape, values: &mut [T]| see(Owner::Rule(i), name, shape, values);
            seat.learner.visit(&mut rule);
        }
    }

    /// The seat of a rule that cannot go on, if there is one, and why: what it left since is not its own.
    pub fn failure(&self) -> Option<(usize, &str)> {
        let mut seats = self.seats.iter().enumerate();
        seats.find_map(|(seat, Seat { learner, .. })| Some((seat, learner.failure()?)))
    }

    fn propose(&mut self, purpose: Purpose, step: u64, batch: &Batch<T>) {
        let propose = |_: usize, seat: &mut Seat<T>| {
            if !seat.takes_part {
                return;
            }
            let now = Step {
                network: &self.network,
                loss: self.loss,
                trace: &self.trace,
                targets: &batch.targets,
                samples: &batch.samples,
                stream: Stream::new(self.seed, purpose, seat.index, step),
            };
            let mut propose = || seat.learner.propose(now, &mut seat.proposal);
            if seat.index == 0 {
                propose()
            } else {
                cost::uncounted(propose)
            }
        };
        // the trainer is the first: what it does is done, and counted, on this thread
        share_each(&mut self.seats, || self.trace.multiply_adds(&self.network), propose);
    }

    fn finite(&self, finite: bool) -> Result<(), Diverged> {
        if finite {
            Ok(())
        } else {
            Err(Diverged { step: self.step })
        }
    }
}
