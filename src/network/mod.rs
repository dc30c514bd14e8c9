//! Hold layers and run them forward; everything a rule does to a layer goes through *push, pull, pair*.

mod activation;
mod init;
mod layer;
mod map;
mod named;
mod stored;
mod wiring;

pub use activation::Activation;
pub use init::{BiasInit, Distribution, Init};
pub use layer::{Affine, Layer};
pub use map::Map;
pub use named::{Shape, bias_name, layer_name, visit_matrix, visit_parameters, weight_name};
pub use stored::WeightFile;
pub use wiring::Wiring;

use crate::linalg::{Matrix, Scalar, all_moderate, empty, reshape, zip};
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

    /// The feed-forward pass on `trace.input`; leaves every pre-activation and activity in `trace`. Where `trace` has masks, they
    /// are used; without them it is the whole net that answers.
    pub fn forward(&self, trace: &mut Trace<T>) {
        trace.fit(self.depth());
        let Trace { input, z, a, mask } = trace;
        for (l, layer) in self.layers.iter().enumerate() {
            let (below, here) = a.split_at_mut(l);
            layer.forward(below.last().unwrap_or(input), &mut z[l], &mut here[0]);
            if let Some(mask) = mask.get(l).filter(|mask| !mask.is_empty()) {
                zip(&mut here[0], mask, |a, m| a * m);
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

/// All quantities of one pass; a column is a sample.
#[derive(Clone, Debug)]
pub struct Trace<T: Scalar> {
    /// What the first layer sees, `n_0 × batch`.
    pub input: Matrix<T>,
    /// Pre-activations `z_l`, `n_l × batch`.
    pub z: Vec<Matrix<T>>,
    /// Activities `a_l = φ_l(z_l)`, `n_l × batch`; with dropout `a_l = m_l ∘ φ_l(z_l)`.
    pub a: Vec<Matrix<T>>,
    /// Masks of dropout `m_l`, `n_l × batch`, empty where nothing is dropped; no entries where no layer has dropout, and in every
    /// pass that is not a training step.
    pub mask: Vec<Matrix<T>>,
}

impl<T: Scalar> Default for Trace<T> {
    fn default() -> Self {
        Self {
            input: empty(),
            z: Vec::new(),
            a: Vec::new(),
            mask: Vec::new(),
        }
    }
}

impl<T: Scalar> Trace<T> {
    /// Makes room for `depth` layers; the matrices get their shapes when they are written.
    pub fn fit(&mut self, depth: usize) {
        self.z.resize_with(depth, empty);
        self.a.resize_with(depth, empty);
    }

    /// Number of samples.
    pub fn batch(&self) -> usize {
        self.input.ncols()
    }

    /// The activity that layer `l` receives.
    pub fn below(&self, l: usize) -> &Matrix<T> {
        if l == 0 { &self.input } else { &self.a[l - 1] }
    }

    /// `delta := delta ∘ ∂a_l/∂z_l` for layer `l` with this activation: its slope, and its mask.
    pub fn multiply_slope(&self, l: usize, activation: Activation, delta: &mut Matrix<T>) {
        let (z, a) = (&self.z[l], &self.a[l]);
        let Some(mask) = self.mask.get(l).filter(|mask| !mask.is_empty()) else {
            return activation.multiply_slope(z, a, delta);
        };
        for (((delta, &m), &z), &a) in delta.iter_mut().zip(mask).zip(z).zip(a) {
            // what φ(z) was before the mask does not matter where the mask is 0
            let value = if m == T::ZERO { T::ZERO } else { a / m };
            *delta *= m * activation.slope(z, value);
        }
    }

    /// Whether the input, every activity and the output's pre-activation are moderate in size, see
    /// [`all_moderate`].
    pub fn is_moderate(&self) -> bool {
        let values = self.a.iter().chain([&self.input, self.output().z]);
        all_moderate(values.map(Matrix::as_slice))
    }

    /// The output layer's pre-activation and activity.
    pub fn output(&self) -> Output<'_, T> {
        let top = self.z.len() - 1;
        Output {
            z: &self.z[top],
            a: &self.a[top],
        }
    }
}

/// What the output layer says, `n_out × batch` each.
#[derive(Clone, Copy, Debug)]
pub struct Output<'a, T: Scalar> {
    /// Pre-activation.
    pub z: &'a Matrix<T>,
    /// Activity: the prediction (logits where the loss is a softmax cross-entropy).
    pub a: &'a Matrix<T>,
}
