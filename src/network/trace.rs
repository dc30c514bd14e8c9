//! Keep all quantities of one pass, and carry errors down through it.

use super::{Layer, Network};
use crate::linalg::{Matrix, Scalar, all_moderate, assign, empty, zip};

/// All quantities of one pass; a column is a sample.
#[derive(Clone, Debug)]
pub struct Trace<T: Scalar> {
    /// What the first layer sees, `n_0 × batch`.
    pub input: Matrix<T>,
    /// Pre-activations `z_l`, units × batch.
    pub z: Vec<Matrix<T>>,
    /// Activities `a_l = φ_l(z_l)`, `n_l × batch`; `a_l = pool(φ_l(z_l))` where layers pool; with dropout `m_l` times that.
    pub a: Vec<Matrix<T>>,
    /// What layers that pool have pooled; empty for the others.
    pub pooled: Vec<Pooled<T>>,
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
            pooled: Vec::new(),
            mask: Vec::new(),
        }
    }
}

impl<T: Scalar> Trace<T> {
    /// Makes room for `depth` layers; the matrices get their shapes when they are written.
    pub fn fit(&mut self, depth: usize) {
        self.z.resize_with(depth, empty);
        self.a.resize_with(depth, empty);
        self.pooled.resize_with(depth, Pooled::default);
    }

    /// The pass through layer `l`: `z_l` and `a_l` of what lies below.
    pub fn ascend(&mut self, l: usize, layer: &Layer<T>) {
        let below = if l == 0 { &self.input } else { &self.a[l - 1] };
        layer.push(&layer.weight, &layer.bias, below, &mut self.z[l]);
        self.activate(l, layer);
    }

    /// `a_l := pool(φ(z_l))` of the `z_l` that there is.
    pub fn activate(&mut self, l: usize, layer: &Layer<T>) {
        layer.activate(&self.z[l], &mut self.a[l], &mut self.pooled[l]);
    }

    /// What the units of layer `l` answer, `φ(z_l)`, before anything is pooled; without dropout, whose mask is in `a_l`.
    pub fn units(&self, l: usize) -> &Matrix<T> {
        let pooled = &self.pooled[l].units;
        if pooled.is_empty() { &self.a[l] } else { pooled }
    }

    /// Number of samples.
    pub fn batch(&self) -> usize {
        self.input.ncols()
    }

    /// Multiply-adds of such a pass: about as many as it takes to propose something for its batch.
    pub fn multiply_adds(&self, network: &Network<T>) -> usize {
        network.multiply_adds() * self.batch()
    }

    /// The activity that layer `l` receives.
    pub fn below(&self, l: usize) -> &Matrix<T> {
        if l == 0 { &self.input } else { &self.a[l - 1] }
    }

    /// `delta := (∂a_l/∂z_l)ᵀ delta` for layer `l`: through its mask, to the units that it pooled, and through their slope. `n_l × batch`
    /// becomes units × batch.
    pub fn multiply_slope(&self, l: usize, layer: &Layer<T>, delta: &mut Matrix<T>) {
        let mask = self.mask.get(l).filter(|mask| !mask.is_empty());
        let Some(mask) = mask else {
            return self.multiply_whole_slope(l, layer, &self.a[l], delta);
        };
        if layer.pool.is_some() {
            zip(delta, mask, |delta, m| delta * m);
            return self.multiply_whole_slope(l, layer, &self.a[l], delta);
        }
        for (((delta, &m), &z), &a) in delta.iter_mut().zip(mask).zip(&self.z[l]).zip(&self.a[l]) {
            // what φ(z) was before the mask does not matter where the mask is 0
            let value = if m == T::ZERO { T::ZERO } else { a / m };
            *delta *= m * layer.activation.slope(z, value);
        }
    }

    /// `above := ∂a_l/∂z_l change` for layer `l`: what a small change of its `z`, units × batch, does to its activity, `n_l × batch`.
    /// `change` becomes that of `φ(z)` where the layer pools.
    pub fn lift(&self, l: usize, layer: &Layer<T>, change: &mut Matrix<T>, above: &mut Matrix<T>) {
        let Some(pool) = layer.pool else {
            assign(above, change);
            return self.multiply_slope(l, layer, above);
        };
        self.multiply_unit_slope(l, layer, change);
        pool.lift(change, &self.pooled[l].winners, above);
        if let Some(mask) = self.mask.get(l).filter(|mask| !mask.is_empty()) {
            zip(above, mask, |a, m| a * m);
        }
    }

    /// The same without the mask; `whole` is the activity of layer `l` without it.
    pub fn multiply_whole_slope(&self, l: usize, layer: &Layer<T>, whole: &Matrix<T>, delta: &mut Matrix<T>) {
        let Some(pool) = layer.pool else {
            return layer.activation.multiply_slope(&self.z[l], whole, delta);
        };
        pool.down(&self.pooled[l].winners, delta);
        self.multiply_unit_slope(l, layer, delta);
    }

    /// `delta := delta ∘ φ'(z_l)`, of a layer that pools: an error that is already the units'.
    pub fn multiply_unit_slope(&self, l: usize, layer: &Layer<T>, delta: &mut Matrix<T>) {
        layer.activation.multiply_slope(&self.z[l], self.units(l), delta);
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

/// What a layer that pools has pooled in one pass.
#[derive(Clone, Debug)]
pub struct Pooled<T: Scalar> {
    /// `φ(z)`, units × batch.
    pub units: Matrix<T>,
    /// The unit that each number of `a` is the activity of, where one wins.
    pub winners: Vec<u32>,
}

impl<T: Scalar> Default for Pooled<T> {
    fn default() -> Self {
        let winners = Vec::new();
        Self {
            units: empty(),
            winners,
        }
    }
}

impl<T: Scalar> Pooled<T> {
    /// Becomes what `other` is, in its own memory.
    pub fn copy(&mut self, other: &Self) {
        assign(&mut self.units, &other.units);
        self.winners.clone_from(&other.winners);
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
