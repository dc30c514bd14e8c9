//! Bind a rule to its state and erase its type: what the runner holds.

use super::{After, FeedbackPath, GuestOrigin, Learned, LearningRule, Needs, Refusal, Setting, Shape, Step};
use crate::linalg::{Matrix, Scalar};
use crate::network::{Network, Trace};
use crate::random::Stream;
use crate::update::{Proposal, Recipe};
use std::path::PathBuf;
use std::sync::Arc;

/// A rule with its state, in one precision.
pub trait Learner<T: Scalar>: Send {
    /// The proposal that the run may apply.
    fn propose(&mut self, step: Step<'_, T>, out: &mut Proposal<T>);
    /// The same computation in scratch of its own: for measurements, at any time.
    fn probe(&mut self, step: Step<'_, T>, out: &mut Proposal<T>);
    /// See [`LearningRule::residual`]; of the proposal that was last made by `probe`, for the same step.
    fn residual(&mut self, step: Step<'_, T>) -> Option<f64>;
    /// See [`LearningRule::adapt`].
    fn adapt(&mut self, after: After<'_, T>);
    /// See [`LearningRule::predict`]; uses the measurement's scratch.
    fn predict(&mut self, network: &Network<T>, trace: &mut Trace<T>);
    /// See [`LearningRule::feedback`].
    fn feedback(&self, network: &Network<T>, l: usize, out: &mut Matrix<T>) -> Option<FeedbackPath>;
    /// Walks over what the rule has learned.
    fn visit(&mut self, see: &mut dyn FnMut(&str, Shape, &mut [T]));
    /// Drops all scratch. Between steps this changes no byte; the conformance suite holds rules to it.
    fn forget(&mut self);
    /// Why the rule cannot go on, where one of the calls above could not be carried out: only guests have such reasons.
    fn failure(&self) -> Option<&str> {
        None
    }
}

/// A rule as an experiment file states it, its type erased.
pub trait AnyRule: Send + Sync {
    /// See [`LearningRule::NAME`].
    fn name(&self) -> &'static str;
    /// See [`LearningRule::needs`].
    fn needs(&self) -> Needs;
    /// See [`LearningRule::predicts`].
    fn predicts(&self) -> bool;
    /// See [`LearningRule::warning`].
    fn warning(&self, optimizer: &Recipe) -> Option<String>;
    /// See [`LearningRule::settles`].
    fn settles(&self) -> Option<&'static str>;
    /// See [`LearningRule::files`].
    fn files(&self) -> Vec<PathBuf>;
    /// What the numbers of a guest come from; absent for rules of this program.
    fn origin(&self) -> Option<GuestOrigin> {
        None
    }
    /// The options as RON, defaults filled in: `(..)`, or `()` where there are none.
    fn options(&self) -> String;
    /// Starts the rule in single precision.
    fn bind_f32(self: Arc<Self>, setting: &Setting<'_, f32>, stream: Stream) -> Result<Box<dyn Learner<f32>>, Refusal>;
    /// Starts the rule in double precision.
    fn bind_f64(self: Arc<Self>, setting: &Setting<'_, f64>, stream: Stream) -> Result<Box<dyn Learner<f64>>, Refusal>;
}

/// A rule that several runs share.
pub type Rule = Arc<dyn AnyRule>;

/// A scalar that runs can be made in.
pub trait Bind: Scalar {
    /// Starts `rule` in this precision.
    fn bind(rule: &Rule, setting: &Setting<'_, Self>, stream: Stream) -> Result<Box<dyn Learner<Self>>, Refusal>;
}

impl Bind for f32 {
    fn bind(rule: &Rule, setting: &Setting<'_, f32>, stream: Stream) -> Result<Box<dyn Learner<f32>>, Refusal> {
        Arc::clone(rule).bind_f32(setting, stream)
    }
}

impl Bind for f64 {
    fn bind(rule: &Rule, setting: &Setting<'_, f64>, stream: Stream) -> Result<Box<dyn Learner<f64>>, Refusal> {
        Arc::clone(rule).bind_f64(setting, stream)
    }
}

impl<R: LearningRule> AnyRule for R {
    fn name(&self) -> &'static str {
        R::NAME
    }

    fn needs(&self) -> Needs {
        LearningRule::needs(self)
    }

    fn predicts(&self) -> bool {
        LearningRule::predicts(self)
    }

    fn warning(&self, optimizer: &Recipe) -> Option<String> {
        LearningRule::warning(self, optimizer)
    }

    fn settles(&self) -> Option<&'static str> {
        LearningRule::settles(self)
    }

    fn files(&self) -> Vec<PathBuf> {
        LearningRule::files(self)
    }

    fn options(&self) -> String {
        ron::to_string(self).expect("a rule is plain data")
    }

    fn bind_f32(self: Arc<Self>, setting: &Setting<'_, f32>, stream: Stream) -> Result<Box<dyn Learner<f32>>, Refusal> {
        Ok(Box::new(Bound::new(self, setting, stream)?))
    }

    fn bind_f64(self: Arc<Self>, setting: &Setting<'_, f64>, stream: Stream) -> Result<Box<dyn Learner<f64>>, Refusal> {
        Ok(Box::new(Bound::new(self, setting, stream)?))
    }
}

struct Bound<R: LearningRule, T: Scalar> {
    rule: Arc<R>,
    state: R::State<T>,
    work: R::Work<T>,
    probe: R::Work<T>,
}

impl<R: LearningRule, T: Scalar> Bound<R, T> {
    fn new(rule: Arc<R>, setting: &Setting<'_, T>, stream: Stream) -> Result<Self, Refusal> {
        if setting.network.has_dropout() && !rule.dropout() {
            let reason = "has no rule for dropped units";
            return Err(Refusal::new(
                "",
                reason,
                "leave the network's `dropout` out, or train with another rule",
            ));
        }
        let state = rule.init(setting, stream)?;
        Ok(Self {
            rule,
            state,
            work: Default::default(),
            probe: Default::default(),
        })
    }
}

impl<R: LearningRule, T: Scalar> Learner<T> for Bound<R, T> {
    fn propose(&mut self, step: Step<'_, T>, out: &mut Proposal<T>) {
        out.begin(&step.network.layers, step.batch());
        self.rule.propose(&self.state, &mut self.work, step, out);
    }

    fn probe(&mut self, step: Step<'_, T>, out: &mut Proposal<T>) {
        out.begin(&step.network.layers, step.batch());
        self.rule.propose(&self.state, &mut self.probe, step, out);
    }

    fn residual(&mut self, step: Step<'_, T>) -> Option<f64> {
        self.rule.residual(&self.state, &mut self.probe, step)
    }

    fn adapt(&mut self, after: After<'_, T>) {
        self.rule.adapt(&mut self.state, &mut self.work, after);
    }

    fn predict(&mut self, network: &Network<T>, trace: &mut Trace<T>) {
        self.rule.predict(&self.state, &mut self.probe, network, trace);
    }

    fn feedback(&self, network: &Network<T>, l: usize, out: &mut Matrix<T>) -> Option<FeedbackPath> {
        self.rule.feedback(&self.state, network, l, out)
    }

    fn visit(&mut self, see: &mut dyn FnMut(&str, Shape, &mut [T])) {
        self.state.visit(see);
    }

    fn forget(&mut self) {
        self.work = Default::default();
        self.probe = Default::default();
    }
}
