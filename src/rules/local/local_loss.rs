//! Give every hidden layer a loss of its own, read through a head of its own.

use super::{Auxiliary, Deviations, Similarity};
use crate::cost;
use crate::linalg::{Matrix, Scalar, add_scaled, assign, zeroed};
use crate::network::{Activation, Layer, Map, Output, PoolKind, Pooled, Pooling, Trace, Window, Wiring};
use crate::random::{self, Stream};
use crate::references;
use crate::rules::shared::{at_least_one, output_delta, require};
use crate::rules::{After, Broadcast, LearningRule, Needs, Refusal, Setting, Step};
use crate::update::{Optimizer, Proposal};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a hidden layer is to be good for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename = "Kind", deny_unknown_fields)]
pub enum LocalLossKind {
    /// Predicting the targets: the loss of the network, for the prediction that the head makes of the layer's activity.
    #[default]
    Prediction,
    /// Making samples as alike as their targets are: the similarity matching loss of what the head makes of the
    /// activity.
    Similarity,
    /// `(1 − similarity)` times the first plus `similarity` times the second, each with a head.
    Both {
        /// Share of the similarity matching loss, in `(0, 1)`.
        #[serde(default = "mostly")]
        similarity: f64,
    },
}

fn mostly() -> f64 {
    0.99
}

impl LocalLossKind {
    /// Of the similarity matching loss.
    fn share(self) -> f64 {
        match self {
            Self::Prediction => 0.0,
            Self::Similarity => 1.0,
            Self::Both { similarity } => similarity,
        }
    }
}

/// What becomes of the heads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Head {
    /// They stay as they were drawn (Mostafa, Ramesh, Cauwenberghs 2018).
    Fixed,
    /// They follow the gradient of the same loss, with the network's optimizer (Nøkland, Eidnes 2019).
    #[default]
    Learned,
}

/// Local losses (Mostafa, Ramesh, Cauwenberghs 2018; Nøkland, Eidnes 2019): every hidden layer follows the exact
/// gradient of a loss `C_l` of its own activity, with its input held fixed, and the output layer that of the true loss,
///
/// `δ_l = (V_lᵀ e_l) ∘ φ'(z_l)`, `e_l` being the gradient of `C_l` at the head's output, with the head `V_l` as it
/// stands.
///
/// Nothing flows between layers. For `Prediction` the head is a copy of the output layer, `layerN.head`:
/// `φ_L(V_l h_l + c_l)`, n_out × n_l, with biases, and `C_l` is the network's loss. For `Similarity` it is linear,
/// square and without biases, `layerN.similarity`, and `C_l` is `Σ_ij (S(V_l h)_ij − S(y)_ij)² / n²` over the n samples
/// of the batch, `S` being the cosine similarity of two samples, each with its mean over units taken off.
///
/// With dropout a layer receives the dropped activity below, and its head reads the whole of its own, `h_l = φ(z_l)` without the
/// mask, as in the program of Nøkland and Eidnes: what is dropped is dropped for the layer above alone.
///
/// Heads are drawn normal with standard deviation `1/√n_l`. Nøkland and Eidnes start the learned ones at zero, which
/// would leave the layers without an error at the first step.
///
/// A head that predicts reads a map as the averages of squares, the smallest that leave at most `inputs` numbers; one that compares samples is a
/// convolution from channels to as many channels, 3 by 3 with padding 1, and `S` compares the standard deviations of its channels
/// over positions.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LocalLoss {
    /// What a layer is to be good for.
    pub kind: LocalLossKind,
    /// What becomes of the heads.
    pub head: Head,
    /// The most numbers that a head reads of a map to predict, at least 1; it reads at least one for each channel. (Nøkland and Eidnes double
    /// the squares until they leave so many.)
    #[serde(skip_serializing_if = "is_usual")]
    pub inputs: usize,
}

fn is_usual(inputs: &usize) -> bool {
    *inputs == LocalLoss::default().inputs
}

impl Default for LocalLoss {
    fn default() -> Self {
        Self {
            kind: LocalLossKind::default(),
            head: Head::default(),
            inputs: 2048,
        }
    }
}

/// Scratch: what the heads make of the activity, and their own updates.
#[derive(Clone, Debug, Default)]
pub struct HeadErrors<T: Scalar> {
    /// Activity of a layer that drops units, before they are dropped.
    whole: Matrix<T>,
    unmasked: Pooled<T>,
    deviations: Deviations<T>,
    z: Matrix<T>,
    a: Matrix<T>,
    below: Matrix<T>,
    similarity: Similarity<T>,
    heads: Proposal<T>,
}

impl LocalLoss {
    /// The heads of a hidden layer, in the order of their use.
    fn heads<T: Scalar>(&self, l: usize, layer: &Layer<T>, output: &Layer<T>) -> Vec<(String, Layer<T>)> {
        let (n, share) = (layer.outputs(), self.kind.share());
        let mut heads = Vec::new();
        if share < 1.0 {
            let read = self.squares(layer).map_or(n, |squares| squares.map().units());
            let head = Layer::zeros(output.outputs(), read, true, output.activation);
            heads.push((format!("layer{}.head", l + 1), head));
        }
        if share > 0.0 {
            let wiring = match seen_map(layer) {
                Some(map) => Wiring::convolution(
                    map.channels,
                    map,
                    Window {
                        padding: (1, 1),
                        ..Window::square(3, 1)
                    },
                ),
                None => Wiring::dense(n, n),
            };
            let head = Layer::new(wiring, false, Activation::Identity);
            heads.push((format!("layer{}.similarity", l + 1), head));
        }
        heads
    }

    /// The averages that a head reads to predict, where it does not read all.
    fn squares<T: Scalar>(&self, layer: &Layer<T>) -> Option<Pooling> {
        let map = seen_map(layer)?;
        let mut squares = (1..=map.rows.max(map.columns)).map(|side| {
            let size = (side.min(map.rows), side.min(map.columns));
            let (stride, padding) = (size, (0, 0));
            Pooling::new(PoolKind::Average, map, Window { size, stride, padding })
        });
        let smallest = squares.clone().find(|squares| squares.map().units() <= self.inputs);
        smallest
            .or_else(|| squares.next_back())
            .filter(|squares| squares.map() != map)
    }
}

/// The map that the layer above sees, if it has more than one position.
fn seen_map<T: Scalar>(layer: &Layer<T>) -> Option<Map> {
    let map = layer.pool.map(Pooling::map).or(layer.wiring.map())?;
    (map.positions() > 1).then_some(map)
}

/// The activity of layer `l` as its heads read it, without dropout: the trace's, or `whole` where a mask is in that.
fn without_mask<'a, T: Scalar>(
    trace: &'a Trace<T>,
    l: usize,
    layer: &Layer<T>,
    whole: &'a mut Matrix<T>,
    pooled: &mut Pooled<T>,
) -> &'a Matrix<T> {
    if trace.mask.get(l).is_none_or(|mask| mask.is_empty()) {
        return &trace.a[l];
    }
    layer.activate(&trace.z[l], whole, pooled);
    whole
}

impl LearningRule for LocalLoss {
    const NAME: &'static str = "LocalLoss";
    const SOURCE: &'static str = "Mostafa, Ramesh, Cauwenberghs 2018, Frontiers in Neuroscience 12:608; \
                                  Nøkland, Eidnes 2019, ICML, arXiv 1901.06656";
    const CITATIONS: &'static [&'static str] = &[references::MOSTAFA_2018, references::NOKLAND_2019];
    const EQUATION: &'static str = "delta_l = (V_l' e_l) o f'(z_l), e_l the error of the layer's own head V_l";

    type State<T: Scalar> = Auxiliary<T>;
    type Work<T: Scalar> = HeadErrors<T>;

    fn needs(&self) -> Needs {
        Needs {
            weight_transport: true, // of the heads alone, within a layer
            broadcast: Broadcast::Vector,
            batch_statistics: self.kind != LocalLossKind::Prediction,
            ..Needs::LABELS
        }
    }

    fn init<T: Scalar>(&self, setting: &Setting<'_, T>, stream: Stream) -> Result<Auxiliary<T>, Refusal> {
        let network = setting.network;
        if let LocalLossKind::Both { similarity } = self.kind {
            let (fits, reason) = (
                similarity > 0.0 && similarity < 1.0,
                "must be more than 0 and less than 1",
            );
            let remedy = "use `Prediction` or `Similarity` for one loss alone";
            require(fits, "kind.similarity", reason, remedy)?;
        }
        if self.kind != LocalLossKind::Prediction {
            let reason = "compares directions of targets, and a single number has none";
            let remedy = "use `Prediction`, or a task with at least 2 outputs";
            require(network.outputs() > 1, "kind", reason, remedy)?;
            let (reason, remedy) = ("compares the samples of a batch", "use `Prediction`, or larger batches");
            require(setting.batch > 1, "kind", reason, remedy)?;
        }
        at_least_one("inputs", self.inputs, Self::default().inputs)?;
        let (output, hidden) = (&network.layers[network.top()], &network.layers[..network.top()]);
        let heads = hidden
            .iter()
            .enumerate()
            .flat_map(|(l, layer)| self.heads(l, layer, output));
        let mut generator = stream.generator();
        let draw = |(name, mut head): (String, Layer<T>)| {
            let sd = 1.0 / (head.fan_in() as f64).sqrt();
            random::normal(head.weight.as_mut_slice(), sd, &mut generator);
            (name, head)
        };
        let heads = heads.map(draw).collect();
        Ok(match self.head {
            Head::Learned => Auxiliary::new(heads, setting.optimizer),
            Head::Fixed => Auxiliary::new(heads, &Optimizer::sgd(1.0).into()), // never used, and so without memory
        })
    }

    fn dropout(&self) -> bool {
        true
    }

    // longer than 60 lines: one walk over layers and their heads, with the scratch of both
    fn propose<T: Scalar>(
        &self,
        own: &Auxiliary<T>,
        work: &mut HeadErrors<T>,
        step: Step<'_, T>,
        out: &mut Proposal<T>,
    ) {
        let HeadErrors {
            whole,
            unmasked,
            deviations,
            z,
            a,
            below,
            similarity,
            heads,
        } = work;
        let share = self.kind.share();
        output_delta(&step, out);
        heads.begin(&own.layers, step.batch());
        if share > 0.0 {
            similarity.want(step.targets);
        }
        let mut k = 0;
        for l in 0..step.network.top() {
            let (layer, trace) = (&step.network.layers[l], step.trace);
            let h = without_mask(trace, l, layer, whole, unmasked);
            let delta = out.local(l);
            zeroed(delta, h.nrows(), h.ncols());
            for (weight, predicts) in [(1.0 - share, true), (share, false)] {
                if weight == 0.0 {
                    continue;
                }
                let (head, (post, pre)) = (&own.layers[k], heads.pairs(k));
                let squares = self.squares(layer).filter(|_| predicts);
                match squares {
                    Some(squares) => squares.up(h, pre, &mut Vec::new()),
                    None => assign(pre, h),
                }
                cost::aside(|| head.forward(pre, z, a));
                if predicts {
                    step.loss.delta(head.activation, Output { z, a }, step.targets, post);
                } else if head.wiring.positions() > 1 {
                    deviations.gradient(similarity, head.wiring.positions(), z, post);
                } else {
                    similarity.gradient(z, post);
                }
                let weight = T::of(weight);
                post.iter_mut().for_each(|error| *error *= weight);
                head.pull(&head.weight, post, below);
                if let Some(squares) = squares {
                    squares.down(&[], below);
                }
                add_scaled(delta.as_mut_slice(), T::ONE, below.as_slice());
                k += 1;
            }
            trace.multiply_whole_slope(l, layer, h, delta);
        }
    }

    fn adapt<T: Scalar>(&self, own: &mut Auxiliary<T>, work: &mut HeadErrors<T>, after: After<'_, T>) {
        if self.head == Head::Learned {
            own.learn(&work.heads, after.step.trace);
        }
    }
}
