//! Hold layers and run them forward; everything a rule does to a layer goes through *push, pull, pair*.

mod activation;
mod init;
mod layer;
mod map;
mod named;
mod pool;
mod stored;
mod trace;
mod window;
mod wiring;

pub use activation::Activation;
pub use init::{BiasInit, Distribution, Init};
pub use layer::{Affine, Layer};
pub use map::Map;
pub use named::{Shape, bias_name, layer_name, visit_matrix, visit_parameters, visit_weights, weight_name};
pub use pool::{PoolKind, Pooling};
pub use stored::WeightFile;
pub use trace::{Output, Pooled, Trace};
pub use window::Window;
pub use wiring::Wiring;

use crate::linalg::{Scalar, empty, reshape, zip};
use crate::random::{Stream, uniform};

/// Layers from the input to the output. Layer `l` (from 0; `layer{l+1}` in files) maps the activity below it to its own.
#[derive(Clone, Debug)]
pub struct Network<T: Scalar> {
    /// From the input up.
    pub layers: Vec<Layer<T>>,
}

impl<T: Scalar> Network<T> {
    /// Number of weight layers, L.
    pub fn depth(&self) -> usize {
        self.layers.len()
    }

    /// The output layer's index, L − 1.
    pub fn top(&self) -> usize {
        self.layers.len() - 1
    }

    /// Number of input units.
    pub fn inputs(&self) -> usize {
        self.layers[0].inputs()
    }

    /// Number of output units.
    pub fn outputs(&self) -> usize {
        self.layers[self.top()].outputs()
    }

    /// Number of weights and biases.
    pub fn parameters(&self) -> usize {
        self.layers.iter().map(Layer::parameters).sum()
    }

    /// Multiply-adds of a forward pass, for one sample.
    pub fn multiply_adds(&self) -> usize {
        self.layers.iter().map(|layer| layer.wiring.multiply_adds()).sum()
    }

    /// The feed-forward pass on `trace.input`; leaves every pre-activation and activity in `trace`. Where `trace` has masks, they
    /// are used; without them it is the whole net that answers.
    pub fn forward(&self, trace: &mut Trace<T>) {
        trace.fit(self.depth());
        for (l, layer) in self.layers.iter().enumerate() {
            trace.ascend(l, layer);
            if let Some(mask) = trace.mask.get(l).filter(|mask| !mask.is_empty()) {
                zip(&mut trace.a[l], mask, |a, m| a * m);
            }
        }
    }

    /// Whether some layer drops units in training.
    pub fn has_dropout(&self) -> bool {
        self.layers.iter().any(|layer| layer.dropout > 0.0)
    }

    /// Draws the masks of a training step on `trace.input`: dropout (Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov
    /// 2014) in its inverted form. With probability `p`, the layer's `dropout`, a unit is silent for a sample; the survivors make
    /// up for it, so that activities keep their mean and the whole net can be used as it is:
    ///
    /// `a_l = m_l ∘ φ(z_l)`, `m = 0` with probability `p`, else `1 / (1 − p)`.
    ///
    /// `stream(l)` is what the mask of layer `l` is drawn from: units of the first sample, then of the next.
    pub fn drop_units(&self, trace: &mut Trace<T>, stream: impl Fn(usize) -> Stream) {
        if !self.has_dropout() {
            return trace.mask.clear();
        }
        trace.mask.resize_with(self.depth(), empty);
        let samples = trace.batch();
        for (l, (layer, mask)) in self.layers.iter().zip(&mut trace.mask).enumerate() {
            if layer.dropout == 0.0 {
                reshape(mask, 0, 0);
                continue;
            }
            let (share, kept) = (layer.dropout, T::of(1.0 / (1.0 - layer.dropout)));
            let mut generator = stream(l).generator();
            let draw = |m: &mut T| *m = if uniform(&mut generator) < share { T::ZERO } else { kept };
            reshape(mask, layer.outputs(), samples).iter_mut().for_each(draw);
        }
    }
}
