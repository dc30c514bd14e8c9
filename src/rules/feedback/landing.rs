//! Define what is sent down and where it lands, and refuse ingredients of feedback that a network has no use for.

use super::{Feedback, weights_above};
use crate::linalg::Scalar;
use crate::network::{Layer, Network, Shape};
use crate::rules::shared::require;
use crate::rules::{FeedbackPath, Refusal};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What of the output error enters the feedback. The output layer itself always learns from the whole of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum ErrorSignal {
    /// `δ_L`.
    #[default]
    Full,
    /// `sign(δ_L)`, with `sign(0) = 0`: one of three values for each output (Frenkel, Lefebvre, Bol 2021, "sDFA", with direct
    /// feedback). However small an error is, its sign has full size, so `scale` sets the size of the hidden layers' updates.
    Sign,
}

/// Where direct feedback lands in a layer that pools.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Landing {
    /// On its activity, behind the pool: there it stands for the product of all weights above, and goes through the pool to the units.
    #[default]
    Activity,
    /// On its units, before the pool: `B_l` is units × outputs.
    Units,
}

impl Landing {
    pub(super) fn is_usual(&self) -> bool {
        *self == Self::Activity
    }
}

impl Feedback {
    /// The shape of `B` at this layer.
    pub(super) fn shape<T: Scalar>(&self, path: FeedbackPath, layer: &Layer<T>, outputs: usize) -> Shape {
        match (path, self.lands) {
            (FeedbackPath::Sequential, _) => layer.wiring.axes()[0],
            (FeedbackPath::Direct, Landing::Activity) => Shape::matrix(layer.outputs(), outputs),
            (FeedbackPath::Direct, Landing::Units) => Shape::matrix(layer.units(), outputs),
        }
    }

    /// Refuses ingredients that this network has no use for.
    pub(super) fn check_network<T: Scalar>(&self, path: FeedbackPath, network: &Network<T>) -> Result<(), Refusal> {
        if self.lands == Landing::Units {
            let remedy = "leave it out";
            let reason = "is about direct feedback, and this goes down layer by layer";
            require(path == FeedbackPath::Direct, "feedback.lands", reason, remedy)?;
            let pools = network.layers.iter().any(|layer| layer.pool.is_some());
            require(pools, "feedback.lands", "has no effect: no layer pools", remedy)?;
            let reason = "has no rule for dropped units, which are behind the pools";
            require(!network.has_dropout(), "feedback.lands", reason, remedy)?;
        }
        if self.symmetry > 0.0 && path == FeedbackPath::Direct {
            let product = (0..network.top()).all(|l| weights_above(network, l, self.lands).is_some());
            let reason =
                "blends in the product of the weights above, and below the largest of a pool there is no fixed one";
            let remedy = "leave it out, or use `AveragePool`";
            require(product, "feedback.symmetry", reason, remedy)?;
        }
        if self.rank > 0 && path == FeedbackPath::Sequential {
            let own = |layer: &Layer<T>| layer.wiring.uses() < layer.wiring.positions();
            let reason = "has no meaning for filters that every place has for itself";
            let remedy = "leave it out, or use `Conv`";
            require(!network.layers.iter().skip(1).any(own), "feedback.rank", reason, remedy)?;
        }
        Ok(())
    }
}
