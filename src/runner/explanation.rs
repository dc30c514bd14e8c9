//! Say what a pass is once it is taken apart: every quantity of it, by the names that teaching texts give.

use crate::linalg::Matrix;
use crate::loss::Loss;
use crate::network::Affine;
use crate::rules::FeedbackPath;

/// How far a weight is nudged, as one would by hand.
pub const NUDGE: f64 = 0.01;

/// A pass, taken apart, in double precision.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// Rows of the data set that were looked at.
    pub samples: Vec<u32>,
    /// What the first layer sees, a mean over these samples, as all that follows.
    pub input: Vec<f64>,
    /// What the outputs should be.
    pub target: Vec<f64>,
    /// What the outputs are: shares where the loss makes shares of them.
    pub output: Vec<f64>,
    /// What is minimised.
    pub loss: Loss,
    /// Its value `C`, the mean over the samples.
    pub cost: f64,
    /// Samples of the batch that the next step is taken on: the first few.
    pub examples: Vec<u32>,
    /// How many samples the batch has.
    pub batch: usize,
    /// From the input on.
    pub layers: Vec<LayerExplanation>,
    /// Angle in degrees between the update of the rule and the exact gradient, over all layers.
    pub angle: Option<f64>,
    /// What the rule has learned besides the network: feedback weights, inverses, states, by the names that files of weights give.
    pub owned: Vec<OwnedArray>,
}

/// An array that a rule owns.
#[derive(Clone, Debug)]
pub struct OwnedArray {
    /// What it is called.
    pub name: String,
    /// Lengths of its axes.
    pub shape: Vec<usize>,
    /// Root of the sum of its squares.
    pub norm: f64,
}

/// One layer, taken apart.
#[derive(Clone, Debug)]
pub struct LayerExplanation {
    /// The layer: what it has for an activation, and how many units it sees and has.
    pub activation: String,
    /// Units that it sees, and units that it has.
    pub shape: (usize, usize),
    /// `W` and `b`, in the shape that its wiring says: a row for each unit and a column for each that it sees, where it is dense.
    pub parameters: Affine<f64>,
    /// Whether it is dense.
    pub is_dense: bool,
    /// `∂C/∂W`.
    pub gradient: Option<Matrix<f64>>,
    /// What the rule has in its place, where it trains the layer.
    pub own: Option<Matrix<f64>>,
    /// `z`, unit by unit.
    pub z: Vec<f64>,
    /// `a = φ(z)`.
    pub a: Vec<f64>,
    /// `φ'(z)`.
    pub slope: Vec<f64>,
    /// `δ = ∂C/∂z`.
    pub delta: Vec<f64>,
    /// What the cost wishes of each number that the layer above sees, `−∂C/∂a`: for outputs `y − a`, for all others what the units
    /// above wish, added up.
    pub wishes: Vec<f64>,
    /// What the rule has in the place of `δ`, where it has an error signal a unit.
    pub own_delta: Option<Vec<f64>>,
    /// How the rule's feedback weights lie to what they stand for, in degrees, and whether they lead from the output directly.
    pub feedback: Option<(FeedbackPath, f64)>,
    /// Whether the rule trains the layer.
    pub trained: bool,
    /// Angle in degrees between the rule's update and the exact gradient.
    pub angle: Option<f64>,
    /// Norm of the rule's update over that of the exact gradient.
    pub norm_ratio: Option<f64>,
    /// The weights with the largest derivatives, the largest first; none where all of them are 0.
    pub checks: Vec<WeightCheck>,
}

/// One weight, its derivative, and what moving it does.
#[derive(Clone, Debug, PartialEq)]
pub struct WeightCheck {
    /// The unit that it leads to, and the one that it comes from; of weights that are shared, the row and column of their array.
    pub place: (usize, usize),
    /// `w`.
    pub weight: f64,
    /// `∂C/∂w` as the backward pass has it.
    pub derivative: f64,
    /// `(C(w + h) − C(w − h)) / 2h` with a small `h`.
    pub central: f64,
    /// `(C(w + nudge) − C(w)) / nudge`.
    pub nudged: f64,
    /// What the rule has in the place of the derivative, where it trains the layer.
    pub own: Option<f64>,
    /// Pairs of how far the weight is nudged and `C` then.
    pub curve: Vec<(f64, f64)>,
    /// The derivative of the cost of each example of [`Explanation::examples`] alone.
    pub of_examples: Vec<f64>,
    /// Their mean over the whole batch.
    pub of_batch: f64,
}
