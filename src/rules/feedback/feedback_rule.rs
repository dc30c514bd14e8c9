//! Define rules whose errors come down through feedback weights: each says where these lead and how they learn, and no more.

use super::{Carried, Feedback, FeedbackWeights};
use crate::linalg::{Matrix, Scalar};
use crate::random::Stream;
use crate::rules::{After, FeedbackPath, LearningRule, Needs, Refusal, Setting, Step};
use crate::update::{Proposal, Recipe};
use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};
use std::path::PathBuf;

/// A [`LearningRule`] whose errors come down through weights `B` that it owns, with all that the option `feedback: (...)` can say.
///
/// Required are what it is called, where its weights lead and the option itself: then it is feedback alignment, layer by layer or direct.
/// A rule whose weights learn has [`FeedbackRule::learn`] besides, and starts them with [`Feedback::learned`].
pub trait FeedbackRule: Serialize + DeserializeOwned + JsonSchema + Send + Sync + 'static {
    /// See [`LearningRule::NAME`].
    const NAME: &'static str;
    /// See [`LearningRule::EQUATION`].
    const EQUATION: &'static str;
    /// Where the weights lead.
    const PATH: FeedbackPath;

    /// Scratch of [`FeedbackRule::learn`]; `()` where it needs none.
    type Scratch<T: Scalar>: Default + Send;

    /// The option that says how the weights start and are used.
    fn feedback(&self) -> &Feedback;

    /// See [`LearningRule::SOURCE`].
    const SOURCE: &'static str = "unpublished";
    /// See [`LearningRule::CITATIONS`].
    const CITATIONS: &'static [&'static str] = &[];

    /// See [`LearningRule::needs`]; what the ingredients of `feedback` need comes on top.
    fn needs(&self) -> Needs {
        match Self::PATH {
            FeedbackPath::Sequential => Needs::FEEDBACK,
            FeedbackPath::Direct => Needs::BROADCAST,
        }
    }

    /// The weights as they start, or what the rule refuses.
    ///
    /// # Errors
    /// A refusal of an option, or of the setting.
    fn start<T: Scalar>(&self, setting: &Setting<'_, T>, stream: Stream) -> Result<FeedbackWeights<T>, Refusal> {
        self.feedback().fixed(Self::PATH, setting, stream)
    }

    /// See [`LearningRule::warning`].
    fn warning(&self, _optimizer: &Recipe) -> Option<String> {
        None
    }

    /// Fills `out` with the errors that `b` carries down.
    fn carry<T: Scalar>(
        &self,
        b: &FeedbackWeights<T>,
        work: &mut Carried<T>,
        step: &Step<'_, T>,
        out: &mut Proposal<T>,
    ) {
        self.feedback().carry(b, work, step, out);
    }

    /// Changes the weights after the network has changed: `b[l]` is [`FeedbackWeights::weights`] of layer `l`.
    fn learn<T: Scalar>(&self, _b: &mut [Matrix<T>], _scratch: &mut Self::Scratch<T>, _after: &After<'_, T>) {}
}

impl<R: FeedbackRule> LearningRule for R {
    const NAME: &'static str = <R as FeedbackRule>::NAME;
    const SOURCE: &'static str = <R as FeedbackRule>::SOURCE;
    const CITATIONS: &'static [&'static str] = <R as FeedbackRule>::CITATIONS;
    const EQUATION: &'static str = <R as FeedbackRule>::EQUATION;

    type State<T: Scalar> = FeedbackWeights<T>;
    type Work<T: Scalar> = (Carried<T>, R::Scratch<T>);

    fn needs(&self) -> Needs {
        FeedbackRule::feedback(self).needs(FeedbackRule::needs(self))
    }

    fn init<T: Scalar>(&self, setting: &Setting<'_, T>, stream: Stream) -> Result<FeedbackWeights<T>, Refusal> {
        self.start(setting, stream)
    }

    fn warning(&self, optimizer: &Recipe) -> Option<String> {
        FeedbackRule::warning(self, optimizer)
    }

    fn dropout(&self) -> bool {
        true
    }

    fn files(&self) -> Vec<PathBuf> {
        FeedbackRule::feedback(self).files()
    }

    fn propose<T: Scalar>(
        &self,
        b: &FeedbackWeights<T>,
        (work, _): &mut Self::Work<T>,
        step: Step<'_, T>,
        out: &mut Proposal<T>,
    ) {
        self.carry(b, work, &step, out);
    }

    fn adapt<T: Scalar>(&self, b: &mut FeedbackWeights<T>, (work, scratch): &mut Self::Work<T>, after: After<'_, T>) {
        self.learn(&mut b.weights, scratch, &after);
        b.send(work);
    }
}
