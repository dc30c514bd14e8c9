//! Say what a rule needs that a brain may not have: its row of the plausibility table, as data.

use schemars::JsonSchema;
use serde::Serialize;

/// What every synapse must be told, besides what is local.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Broadcast {
    /// Nothing.
    #[default]
    None,
    /// One number, such as a reward.
    Scalar,
    /// A vector, such as the output error.
    Vector,
}

/// A rule's row of the plausibility table, given its options.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Needs {
    /// Errors travel through the transposed forward weights.
    pub weight_transport: bool,
    /// A separate path with weights of its own carries errors or targets.
    pub feedback_path: bool,
    /// A layer must wait for a pass through the whole network before it may learn.
    pub update_locking: bool,
    /// Phases per step, such as forward, backward, relaxation.
    pub phases: u32,
    /// Passes through the forward weights per step; relaxation steps count.
    pub forward_passes: u32,
    /// Errors with a sign are carried apart from activity.
    pub signed_errors: bool,
    /// The activation's slope must be known.
    pub slope: bool,
    /// The label enters the network itself: it reaches layers below the output otherwise than by the error that it makes there.
    pub label_inside: bool,
    /// A quantity is normalised over units that are not neighbours.
    pub nonlocal_normalisation: bool,
    /// What is told to everyone.
    pub broadcast: Broadcast,
    /// Noise is injected.
    pub noise: bool,
    /// Weights between units that act on each other must be symmetric.
    pub symmetric_weights: bool,
    /// Statistics over a batch are needed.
    pub batch_statistics: bool,
    /// A zero output error gives a zero update.
    pub error_driven: bool,
    /// Proposals depend on random draws.
    pub draws: bool,
}

impl Needs {
    /// Of a rule that computes nothing.
    const NONE: Self = Self {
        weight_transport: false,
        feedback_path: false,
        update_locking: false,
        phases: 0,
        forward_passes: 0,
        signed_errors: false,
        slope: false,
        label_inside: false,
        nonlocal_normalisation: false,
        broadcast: Broadcast::None,
        noise: false,
        symmetric_weights: false,
        batch_statistics: false,
        error_driven: false,
        draws: false,
    };

    /// The forward pass and the error at the output, which is all that a layer needs to learn by itself.
    pub const OUTPUT: Self = Self {
        phases: 1,
        forward_passes: 1,
        signed_errors: true,
        slope: true,
        ..Self::NONE
    };

    /// The same where the label comes to the layers below the output, too.
    pub const LABELS: Self = Self {
        label_inside: true,
        ..Self::OUTPUT
    };

    /// Backpropagation: errors go down layer by layer through the forward weights.
    pub const SWEEP: Self = Self {
        weight_transport: true,
        update_locking: true,
        phases: 2,
        error_driven: true,
        ..Self::OUTPUT
    };

    /// Feedback alignment: errors go down layer by layer through weights of their own.
    pub const FEEDBACK: Self = Self {
        weight_transport: false,
        feedback_path: true,
        ..Self::SWEEP
    };

    /// Direct feedback alignment: the output error goes straight to every layer, through weights of its own.
    pub const BROADCAST: Self = Self {
        broadcast: Broadcast::Vector,
        ..Self::FEEDBACK
    };

    /// Equilibrium propagation: states that act on each other through symmetric weights come to rest twice, and their difference is learned from.
    pub const STATES: Self = Self {
        signed_errors: false,
        slope: false,
        symmetric_weights: true,
        // as long as states have not quite come to rest
        error_driven: false,
        ..Self::SWEEP
    };

    /// A second pass with something drawn in it, and one number for all of what came of it.
    pub const SECOND_PASS: Self = Self {
        phases: 2,
        forward_passes: 2,
        broadcast: Broadcast::Scalar,
        draws: true,
        ..Self::NONE
    };

    /// Node perturbation: what is drawn is noise, and learning waits for the loss.
    pub const PERTURBATION: Self = Self {
        update_locking: true,
        noise: true,
        ..Self::SECOND_PASS
    };

    /// The same with other numbers of phases and of forward passes.
    pub const fn takes(self, phases: u32, forward_passes: u32) -> Self {
        Self {
            phases,
            forward_passes,
            ..self
        }
    }

    /// The same with statistics over a batch.
    pub const fn of_a_batch(self) -> Self {
        Self {
            batch_statistics: true,
            ..self
        }
    }

    /// The table's columns, in words, with this rule's entries.
    pub fn table(&self) -> [(&'static str, String); 15] {
        let yes = |b: bool| (if b { "yes" } else { "no" }).to_string();
        let broadcast = match self.broadcast {
            Broadcast::None => "nothing",
            Broadcast::Scalar => "a scalar",
            Broadcast::Vector => "a vector",
        };
        [
            ("weight transport", yes(self.weight_transport)),
            ("separate feedback path", yes(self.feedback_path)),
            ("update locking", yes(self.update_locking)),
            ("phases per step", self.phases.to_string()),
            ("forward passes per step", self.forward_passes.to_string()),
            ("signed errors apart from activity", yes(self.signed_errors)),
            ("slope of the activation", yes(self.slope)),
            ("label inside the network", yes(self.label_inside)),
            ("non-local normalisation", yes(self.nonlocal_normalisation)),
            ("broadcast to every synapse", broadcast.to_string()),
            ("noise injection", yes(self.noise)),
            ("symmetric weights", yes(self.symmetric_weights)),
            ("batch statistics", yes(self.batch_statistics)),
            ("zero error gives a zero update", yes(self.error_driven)),
            ("random draws", yes(self.draws)),
        ]
    }
}
