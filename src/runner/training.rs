//! Take training steps: forward pass, proposals, change, adaptation. It never asks which rule it runs.

use crate::linalg::{Matrix, Scalar, all_finite, empty};
use crate::loss::Loss;
use crate::network::{Network, Trace};
use crate::random::{Purpose, Stream};
use crate::rules::{After, Learner, Precision, Refusal, Rule, Setting, Step};
use crate::update::{Optimizer, Proposal, Stepper};

/// A rule at work, and the proposal it last made.
pub struct Seat<T: Scalar> {
    /// The rule with its state.
    pub learner: Box<dyn Learner<T>>,
    /// What it proposed at the last step.
    pub proposal: Proposal<T>,
    /// 0 trains the network; the others are shadows. Part of the key of its random streams.
    pub index: u64,
}

/// A non-finite number appeared: in the proposal, the loss or the weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Diverged {
    /// Number of changes applied before it was seen.
    pub step: u64,
}

/// A network in training. Seat 0 trains it; the others, shadows, propose on its weights and adapt to its changes.
///
/// Fill `trace.input`, `targets` and `samples` with a batch, then call [`Training::step`].
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
    /// The batch's input and, after a step, the forward pass made before the change.
    pub trace: Trace<T>,
    /// The batch's targets, `n_out × batch`.
    pub targets: Matrix<T>,
    /// Rows of the data set that the batch's columns are.
    pub samples: Vec<u32>,
    /// Number of changes applied.
    pub step: u64,
}

impl<T: Precision> Training<T> {
    /// Starts `rules[0]` as the trainer and the others as its shadows.
    ///
    /// # Errors
    /// The refusal of the first rule that cannot work here, with its place in `rules`.
    pub fn new(
        seed: u64,
        network: Network<T>,
        loss: Loss,
        optimizer: Optimizer,
        batch: usize,
        rules: &[Rule],
    ) -> Result<Self, (usize, Refusal)> {
        let setting = Setting {
            network: &network,
            loss,
            optimizer,
            batch,
        };
        let seat = |(i, rule): (usize, &Rule)| {
            let index = i as u64;
            let learner = T::bind(rule, &setting, Stream::new(seed, Purpose::RuleStart, index, 0));
            Ok(Seat {
                learner: learner.map_err(|refusal| (i, refusal))?,
                proposal: Proposal::default(),
                index,
            })
        };
        let seats = rules.iter().enumerate().map(seat).collect::<Result<_, _>>()?;
        let stepper = Stepper::new(optimizer, &network.layers);
        let (trace, targets, samples) = (Trace::default(), empty(), Vec::new());
        Ok(Self {
            seed,
            network,
            loss,
            stepper,
            seats,
            trace,
            targets,
            samples,
            step: 0,
        })
    }
}

impl<T: Scalar> Training<T> {
    /// One step on the batch that was filled in.
    ///
    /// # Errors
    /// [`Diverged`] once the loss or the trainer's proposal is not finite; the network is then left as it was.
    pub fn step(&mut self) -> Result<(), Diverged> {
        self.forward()?;
        self.learn()
    }

    /// The first half of a step: the forward pass, shared by the trainer and all shadows.
    ///
    /// # Errors
    /// [`Diverged`] if the input or the network's output is not finite.
    pub fn forward(&mut self) -> Result<(), Diverged> {
        self.network.forward(&mut self.trace);
        // the output alone would not do: saturating units hide an infinite input, until 0 times infinity is in the weights
        let Trace { input, .. } = &self.trace;
        self.finite(all_finite(input.as_slice()) && all_finite(self.trace.output().z.as_slice()))
    }

    /// The second half: proposals, change, adaptation.
    ///
    /// # Errors
    /// [`Diverged`] if the trainer's proposal is not finite.
    pub fn learn(&mut self) -> Result<(), Diverged> {
        let Self {
            seed,
            network,
            loss,
            trace,
            targets,
            samples,
            step,
            ..
        } = self;
        for seat in &mut self.seats {
            let stream = Stream::new(*seed, Purpose::Propose, seat.index, *step);
            let now = Step {
                network,
                loss: *loss,
                trace,
                targets,
                samples,
                stream,
            };
            seat.learner.propose(now, &mut seat.proposal);
        }
        self.finite(self.seats[0].proposal.is_finite())?;
        let Self {
            seed,
            network,
            loss,
            stepper,
            seats,
            trace,
            targets,
            samples,
            step,
        } = self;
        let (trainer, shadows) = seats.split_at_mut(1);
        let Seat {
            learner,
            proposal,
            index,
        } = &mut trainer[0];
        let change = &stepper.apply(&mut network.layers, proposal, trace);
        let stream = |index| Stream::new(*seed, Purpose::Adapt, index, *step);
        let after = |proposal, index| After {
            network,
            loss: *loss,
            trace,
            targets,
            samples,
            proposal,
            change,
            stream: stream(index),
        };
        learner.adapt(after(proposal, *index));
        for Seat {
            learner,
            proposal,
            index,
        } in shadows
        {
            learner.adapt(after(proposal, *index));
        }
        *step += 1;
        Ok(())
    }

    fn finite(&self, finite: bool) -> Result<(), Diverged> {
        if finite {
            Ok(())
        } else {
            Err(Diverged { step: self.step })
        }
    }
}
