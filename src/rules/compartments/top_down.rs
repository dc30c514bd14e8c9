//! Hold the weights through which activity of the layer above reaches the apical compartments of a layer.

use crate::linalg::{Matrix, Scalar};
use crate::network::Network;
use crate::random::Stream;
use crate::rules::feedback::{Feedback, FeedbackWeights};
use crate::rules::{FeedbackPath, Learned, Needs, Refusal, Setting, Shape};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What activity comes down through.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename = "TopDown")]
pub enum TopDown {
    /// The forward weights, transposed.
    #[default]
    Transposed,
    /// Weights of its own, which stay as they start.
    Fixed(Feedback),
}

/// The weights where they are a rule's own; none where they are the network's.
#[derive(Clone, Debug)]
pub struct TopDownWeights<T: Scalar>(Option<FeedbackWeights<T>>);

impl TopDown {
    /// The weights as they start.
    ///
    /// # Errors
    /// A refusal of an ingredient of `Fixed`.
    pub fn start<T: Scalar>(&self, setting: &Setting<'_, T>, stream: Stream) -> Result<TopDownWeights<T>, Refusal> {
        const OF_USE: [&str; 8] = [
            "distribution",
            "scale",
            "file",
            "symmetry",
            "rank",
            "sparsity",
            "sign",
            "levels",
        ];
        let Self::Fixed(feedback) = self else {
            return Ok(TopDownWeights(None));
        };
        feedback.check(&OF_USE, "is not made for feedback that carries activity")?;
        Ok(TopDownWeights(Some(feedback.fixed(
            FeedbackPath::Sequential,
            setting,
            stream,
        )?)))
    }

    /// `needs` of a rule that has this feedback, but for its path.
    pub fn needs(&self, needs: Needs) -> Needs {
        Needs {
            weight_transport: *self == Self::Transposed,
            feedback_path: *self != Self::Transposed,
            ..needs
        }
    }
}

impl<T: Scalar> TopDownWeights<T> {
    /// `B_l`, in the shape of `W_l`, for `l ≥ 1`.
    pub fn of<'a>(&'a self, network: &'a Network<T>, l: usize) -> &'a Matrix<T> {
        match &self.0 {
            None => &network.layers[l].weight,
            Some(feedback) => &feedback.weights[l],
        }
    }

    /// Shows `B_l` where it is the rule's own.
    pub fn show(&self, l: usize, out: &mut Matrix<T>) -> Option<FeedbackPath> {
        self.0.as_ref()?.show(l, out)
    }
}

impl<T: Scalar> Learned<T> for TopDownWeights<T> {
    fn visit(&mut self, see: &mut dyn FnMut(&str, Shape, &mut [T])) {
        if let Some(feedback) = &mut self.0 {
            feedback.visit(see);
        }
    }

    fn feedback(&self, l: usize, out: &mut Matrix<T>) -> Option<FeedbackPath> {
        self.show(l, out)
    }
}
