//! Define the one trait: everything that learns is a `LearningRule`.

use super::{Learned, Needs};
use crate::linalg::{Matrix, Scalar};
use crate::loss::Loss;
use crate::network::{Network, Trace};
use crate::random::Stream;
use crate::update::{Change, Proposal, Recipe};
use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};
use std::fmt;
use std::path::{Path, PathBuf};

/// What a rule is asked to work on. It may refuse.
#[derive(Clone, Copy, Debug)]
pub struct Setting<'a, T: Scalar> {
    /// With its initial weights.
    pub network: &'a Network<T>,
    /// What is minimised.
    pub loss: Loss,
    /// What makes changes of proposals.
    pub optimizer: &'a Recipe,
    /// Samples per step.
    pub batch: usize,
    /// What paths in the rule's options are relative to: the folder of the experiment file.
    pub folder: &'a Path,
}

/// Why a rule cannot work in a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The option at fault, as a path such as `feedback.scale`; empty where it is the setting.
    pub option: String,
    /// What is wrong.
    pub reason: String,
    /// What to do about it.
    pub remedy: String,
}

impl Refusal {
    /// A refusal because of an option, or, with an empty `option`, of the setting.
    pub fn new(option: impl Into<String>, reason: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            option: option.into(),
            reason: reason.into(),
            remedy: remedy.into(),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { option, reason, remedy } = self;
        if !option.is_empty() {
            write!(f, "`{option}` ")?;
        }
        write!(f, "{reason}; {remedy}")
    }
}

impl std::error::Error for Refusal {}

/// What a rule sees when it proposes. Everything is read-only.
#[derive(Clone, Copy, Debug)]
pub struct Step<'a, T: Scalar> {
    /// With its present weights.
    pub network: &'a Network<T>,
    /// What is minimised.
    pub loss: Loss,
    /// The feed-forward pass on this batch, already made.
    pub trace: &'a Trace<T>,
    /// Targets, `n_out × batch`; one-hot columns for classes.
    pub targets: &'a Matrix<T>,
    /// Which rows of the data set the columns are, for rules that remember something of each sample.
    pub samples: &'a [u32],
    /// The random numbers of this proposal.
    pub stream: Stream,
}

impl<T: Scalar> Step<'_, T> {
    /// Number of samples.
    pub fn batch(&self) -> usize {
        self.trace.batch()
    }

    /// `delta := delta ∘ ∂a_l/∂z_l`: the slope of layer `l`, and its mask where it has one.
    pub fn multiply_slope(&self, l: usize, delta: &mut Matrix<T>) {
        self.trace.multiply_slope(l, self.network.layers[l].activation, delta);
    }
}

/// What a rule sees once a change has been applied to the network; where the rule is a shadow, another rule's change.
#[derive(Clone, Copy, Debug)]
pub struct After<'a, T: Scalar> {
    /// The step with the changed weights, and with random numbers for this adaptation; the feed-forward pass is the one made before
    /// the change.
    pub step: Step<'a, T>,
    /// The rule's own proposal of this step.
    pub proposal: &'a Proposal<T>,
    /// What was really done to the network.
    pub change: &'a Change<'a, T>,
}

/// Where the weights that a rule shows as feedback carry errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeedbackPath {
    /// From layer `l` to the layer below; in the shape of `W_l`, for which they stand (used transposed).
    Sequential,
    /// From the output straight to layer `l`: `n_l × n_out`, standing for `(W_L ... W_{l+1})ᵀ`.
    Direct,
}

/// A learning rule. `self` is its immutable description, exactly what the experiment file says.
///
/// What it has learned is its `State`. `Work` is scratch: it may carry results from `propose` to the `adapt` of the same
/// step, and dropping it between steps changes no byte.
///
/// A rule reads the forward pass it is given, fills a [`Proposal`] and never touches the network. It does not multiply
/// matrices itself: [`Layer::push`](crate::network::Layer::push), [`Layer::pull`](crate::network::Layer::pull) and the
/// proposal's pairs do. `examples/my_rule.rs` is a complete rule.
///
/// [`JsonSchema`], which is derived, tells the options' documentation, types and defaults to `creditlab rules`.
pub trait LearningRule: Serialize + DeserializeOwned + JsonSchema + Send + Sync + 'static {
    /// What experiment files call it.
    const NAME: &'static str;
    /// The paper.
    const SOURCE: &'static str;
    /// BibTeX entries of the papers to cite with it; none for controls.
    const CITATIONS: &'static [&'static str] = &[];
    /// Its update, in words and symbols.
    const EQUATION: &'static str;

    /// What the rule owns and learns: `()`, or arrays with names.
    type State<T: Scalar>: Learned<T>;
    /// Scratch; `()` for most.
    type Work<T: Scalar>: Default + Send;

    /// Its row of the plausibility table, given the options.
    fn needs(&self) -> Needs;

    /// Builds the state, or refuses what the rule cannot do. The only call that can fail.
    fn init<T: Scalar>(&self, setting: &Setting<'_, T>, stream: Stream) -> Result<Self::State<T>, Refusal>;

    /// What a user should know before running the rule with this optimizer, if anything.
    fn warning(&self, _optimizer: &Recipe) -> Option<String> {
        None
    }

    /// Whether the rule knows what to do in a network that drops units in training, whose masks are in the trace. What it
    /// carries down must go through [`Trace::multiply_slope`], and further passes on the same samples must use the same masks.
    fn dropout(&self) -> bool {
        false
    }

    /// The files that [`LearningRule::init`] reads, relative to [`Setting::folder`]: their content is part of what determines
    /// a run.
    fn files(&self) -> Vec<PathBuf> {
        Vec::new()
    }

    /// Fills `out`, which begins with every layer untrained. Depends on nothing but `self`, `state` and `step`, so that
    /// measuring cannot make a rule learn.
    fn propose<T: Scalar>(
        &self,
        state: &Self::State<T>,
        work: &mut Self::Work<T>,
        step: Step<'_, T>,
        out: &mut Proposal<T>,
    );

    /// Where something settles while the rule proposes, what to change if it ends far from rest: said after a run in which
    /// [`LearningRule::residual`] ends above 1 %.
    fn settles(&self) -> Option<&'static str> {
        None
    }

    /// The metric `residual` ([`relaxation::residual`](super::relaxation::residual())) of the proposal that has just been made for `step`, in `work`;
    /// absent where nothing settles.
    fn residual<T: Scalar>(
        &self,
        _state: &Self::State<T>,
        _work: &mut Self::Work<T>,
        _step: Step<'_, T>,
    ) -> Option<f64> {
        None
    }

    /// Learns what the rule owns, after the network has changed.
    fn adapt<T: Scalar>(&self, _state: &mut Self::State<T>, _work: &mut Self::Work<T>, _after: After<'_, T>) {}

    /// Whether [`LearningRule::predict`] is the rule's own, not the network's forward pass.
    fn predicts(&self) -> bool {
        false
    }

    /// Leaves the prediction for `trace.input` in `trace.output()`.
    fn predict<T: Scalar>(
        &self,
        _state: &Self::State<T>,
        _work: &mut Self::Work<T>,
        network: &Network<T>,
        trace: &mut Trace<T>,
    ) {
        network.forward(trace);
    }

    /// Writes the feedback weights of layer `l` to `out`, where the rule has any, and says where they lead.
    fn feedback<T: Scalar>(
        &self,
        _state: &Self::State<T>,
        _network: &Network<T>,
        _l: usize,
        _out: &mut Matrix<T>,
    ) -> Option<FeedbackPath> {
        None
    }
}
