//! Define the one trait: everything that learns is a `LearningRule`.

use super::{Learned, Needs};
use crate::linalg::{Matrix, Scalar};
use crate::loss::Loss;
use crate::network::{Network, Trace};
use crate::random::Stream;
use crate::refusal::Refusal;
use crate::update::{Change, Proposal, Recipe};
use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};
use std::path::{Path, PathBuf};

/// A learning rule. `self` is its immutable description, exactly what the experiment file says; what it has learned is its `State`.
///
/// A whole rule, which [`Registry::with`](super::Registry::with) adds to the built-in ones:
///
/// ```
/// use creditlab::linalg::Scalar;
/// use creditlab::random::Stream;
/// use creditlab::rules::shared::{output_delta, positive};
/// use creditlab::rules::{LearningRule, Needs, Refusal, Setting, Step};
/// use creditlab::schemars::{self, JsonSchema};
/// use creditlab::update::Proposal;
/// use serde::{Deserialize, Serialize};
///
/// /// Backpropagation whose errors grow or shrink by a factor with each layer that they go down.
/// #[derive(Serialize, Deserialize, JsonSchema)]
/// #[serde(default, deny_unknown_fields)]
/// pub struct Fading {
///     /// What errors are multiplied by; positive.
///     factor: f64,
/// }
///
/// impl Default for Fading {
///     fn default() -> Self {
///         Self { factor: 0.5 }
///     }
/// }
///
/// impl LearningRule for Fading {
///     const NAME: &'static str = "Fading";
///     const EQUATION: &'static str = "delta_l = factor (W_{l+1}' delta_{l+1}) o f'(z_l)";
///     type State<T: Scalar> = ();
///     type Work<T: Scalar> = ();
///
///     fn needs(&self) -> Needs {
///         Needs::SWEEP
///     }
///     fn init<T: Scalar>(&self, _: &Setting<'_, T>, _: Stream) -> Result<(), Refusal> {
///         positive("factor", self.factor, Self::default().factor)
///     }
///     fn propose<T: Scalar>(&self, _: &(), _: &mut (), step: Step<'_, T>, out: &mut Proposal<T>) {
///         output_delta(&step, out);
///         for l in (0..step.network.top()).rev() {
///             let above = &step.network.layers[l + 1];
///             let (delta, error) = out.local_from(l, l + 1);
///             above.pull(&above.weight, error, delta);
///             step.multiply_slope(l, delta);
///             delta.iter_mut().for_each(|delta| *delta *= T::of(self.factor));
///         }
///     }
/// }
///
/// let registry = creditlab::rules::builtin().with::<Fading>();
/// creditlab::conformance::check(&registry, "Fading(factor: 2.0)").unwrap_or_else(|violations| panic!("{violations}"));
/// ```
///
/// Required are two names, two types and three functions, the first below; all else has a default. A rule that sends errors through
/// weights of its own has less to say as a [`FeedbackRule`](super::feedback::FeedbackRule): `examples/my_rule.rs` is one.
///
/// A rule reads the forward pass it is given, fills a [`Proposal`] and never touches the network. What goes through a layer's weights
/// goes through [`Layer::push`](crate::network::Layer::push), [`Layer::pull`](crate::network::Layer::pull) and the proposal's pairs; a
/// rule multiplies matrices itself only where they are no layer's. [`JsonSchema`], which is derived, tells the options' documentation,
/// types and defaults to `creditlab rules`.
pub trait LearningRule: Serialize + DeserializeOwned + JsonSchema + Send + Sync + 'static {
    /// What experiment files call it.
    const NAME: &'static str;
    /// Its update, in words and symbols.
    const EQUATION: &'static str;

    /// What the rule owns and learns: `()`, or arrays with names.
    type State<T: Scalar>: Learned<T>;
    /// Scratch; `()` for most. It may carry results from `propose` to the `adapt` of the same step, and dropping it between steps
    /// changes no byte.
    type Work<T: Scalar>: Default + Send;

    /// Its row of the plausibility table, given the options.
    fn needs(&self) -> Needs;

    /// Builds the state, or refuses what the rule cannot do. The only call that can fail.
    fn init<T: Scalar>(&self, setting: &Setting<'_, T>, stream: Stream) -> Result<Self::State<T>, Refusal>;

    /// Fills `out`, which begins with every layer untrained. Depends on nothing but `self`, `state` and `step`, so that
    /// measuring cannot make a rule learn.
    fn propose<T: Scalar>(
        &self,
        state: &Self::State<T>,
        work: &mut Self::Work<T>,
        step: Step<'_, T>,
        out: &mut Proposal<T>,
    );

    /// The paper.
    const SOURCE: &'static str = "unpublished";
    /// BibTeX entries of the papers to cite with it; none for controls.
    const CITATIONS: &'static [&'static str] = &[];

    /// Learns what the rule owns, after the network has changed.
    fn adapt<T: Scalar>(&self, _state: &mut Self::State<T>, _work: &mut Self::Work<T>, _after: After<'_, T>) {}

    /// Writes the feedback weights of layer `l` to `out`, where the rule has any, and says where they lead. Those that it has learned are
    /// [`Learned::feedback`].
    fn feedback<T: Scalar>(
        &self,
        state: &Self::State<T>,
        _network: &Network<T>,
        l: usize,
        out: &mut Matrix<T>,
    ) -> Option<FeedbackPath> {
        state.feedback(l, out)
    }

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

    /// Where something settles while the rule proposes, what to change if it ends far from rest: said after a run in which
    /// [`LearningRule::residual`] ends above 1 %.
    fn settles(&self) -> Option<&'static str> {
        None
    }

    /// The metric `residual` ([`relaxation::residual`](super::relaxation::residual())) of the proposal that has just been made for
    /// `step`, in `work`; absent where nothing settles.
    fn residual<T: Scalar>(
        &self,
        _state: &Self::State<T>,
        _work: &mut Self::Work<T>,
        _step: Step<'_, T>,
    ) -> Option<f64> {
        None
    }

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
}

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

    /// `delta := (∂a_l/∂z_l)ᵀ delta`: through the mask and the pool of layer `l`, where it has them, and its slope. `n_l × batch` becomes
    /// units × batch.
    pub fn multiply_slope(&self, l: usize, delta: &mut Matrix<T>) {
        self.trace.multiply_slope(l, &self.network.layers[l], delta);
    }

    /// The same of an error that comes to the units themselves, past the pool of layer `l`, if it has one.
    pub fn multiply_unit_slope(&self, l: usize, delta: &mut Matrix<T>) {
        let layer = &self.network.layers[l];
        match layer.pool {
            Some(_) => self.trace.multiply_unit_slope(l, layer, delta),
            None => self.trace.multiply_slope(l, layer, delta),
        }
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
    /// From the output straight to layer `l`: `n_l × n_out`, standing for `(W_L ... W_{l+1})ᵀ`; or to the units of a layer that pools,
    /// units × `n_out`.
    Direct,
}
