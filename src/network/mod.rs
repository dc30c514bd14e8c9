//! Hold layers and run them forward; everything a rule does to a layer goes through *push, pull, pair*.

mod activation;
mod init;
mod layer;

pub use activation::Activation;
pub use init::Init;
pub use layer::{Affine, Layer, pair};

use crate::linalg::{Matrix, Scalar, all_moderate, empty};

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

    /// The feed-forward pass on `trace.input`; leaves every pre-activation and activity in `trace`.
    pub fn forward(&self, trace: &mut Trace<T>) {
        trace.fit(self.depth());
        let Trace { input, z, a } = trace;
        for (l, layer) in self.layers.iter().enumerate() {
            let (below, here) = a.split_at_mut(l);
            layer.forward(below.last().unwrap_or(input), &mut z[l], &mut here[0]);
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
    /// Activities `a_l = φ_l(z_l)`, `n_l × batch`.
    pub a: Vec<Matrix<T>>,
}

impl<T: Scalar> Default for Trace<T> {
    fn default() -> Self {
        Self {
            input: empty(),
            z: Vec::new(),
            a: Vec::new(),
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

    /// Whether the input, every activity and the output's pre-activation are moderate in size, see
    /// [`all_moderate`].
    pub fn is_moderate(&self) -> bool {
        let values = self.a.iter().chain([&self.input, self.output().z]);
        values.into_iter().all(|values| all_moderate(values.as_slice()))
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
