//! Hold what a rule proposes, factored: the columns whose outer products are the update.

use crate::linalg::{Matrix, Scalar, Vector, add_scaled, all_finite, all_moderate, empty};
use crate::network::{Affine, Layer, Trace, Wiring};

/// How a layer's update is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// The rule does not touch the layer.
    Untrained,
    /// `post · belowᵀ`, the activity below taken from the forward pass.
    Local,
    /// `post · preᵀ`, both given by the rule.
    Pairs,
    /// An array.
    Dense,
}

#[derive(Clone, Debug)]
struct LayerProposal<T: Scalar> {
    wiring: Wiring,
    form: Form,
    post: Matrix<T>,
    pre: Matrix<T>,
    dense: Affine<T>,
}

impl<T: Scalar> LayerProposal<T> {
    fn untrained(wiring: Wiring) -> Self {
        Self {
            wiring,
            form: Form::Untrained,
            post: empty(),
            pre: empty(),
            dense: Affine::default(),
        }
    }
}

/// One update per layer, in the sign of a gradient and scaled as the gradient of the *mean* loss.
///
/// For layer `l` it is `Σ_i post_i pre_iᵀ / batch` for the weights and `Σ_i post_i / batch` for the biases; this division is
/// the only 1/batch there is. A few rules that are no sum of pairs give an array instead. The runner owns the memory.
#[derive(Clone, Debug, Default)]
pub struct Proposal<T: Scalar> {
    batch: usize,
    layers: Vec<LayerProposal<T>>,
}

impl<T: Scalar> Proposal<T> {
    /// Starts a proposal for these layers: every one untrained.
    pub fn begin(&mut self, layers: &[Layer<T>], batch: usize) {
        self.layers.truncate(layers.len());
        for (own, layer) in self.layers.iter_mut().zip(layers) {
            (own.wiring, own.form) = (layer.wiring, Form::Untrained);
        }
        let missing = layers[self.layers.len()..].iter();
        self.layers
            .extend(missing.map(|layer| LayerProposal::untrained(layer.wiring)));
        self.batch = batch;
    }

    /// Layer `l` learns from pairs of `post` (returned, to be filled: `n_l × batch`) and the activity below it in the forward pass.
    pub fn local(&mut self, l: usize) -> &mut Matrix<T> {
        let layer = &mut self.layers[l];
        layer.form = Form::Local;
        &mut layer.post
    }

    /// As [`Proposal::local`], beside the `post` that a `higher` layer has already got.
    pub fn local_from(&mut self, l: usize, higher: usize) -> (&mut Matrix<T>, &Matrix<T>) {
        let (low, high) = self.layers.split_at_mut(l + 1);
        low[l].form = Form::Local;
        (&mut low[l].post, &high[higher - l - 1].post)
    }

    /// Layer `l` learns from pairs of `post` and `pre` (both returned, to be filled: `n_l × columns`, `n_{l-1} × columns`); any
    /// number of columns, so that two phases can lie side by side.
    pub fn pairs(&mut self, l: usize) -> (&mut Matrix<T>, &mut Matrix<T>) {
        let layer = &mut self.layers[l];
        layer.form = Form::Pairs;
        (&mut layer.post, &mut layer.pre)
    }

    /// Layer `l` learns from arrays in the shape of `like`'s parameters, already a mean over the batch; contents are unspecified.
    pub fn dense(&mut self, l: usize, like: &Layer<T>) -> &mut Affine<T> {
        let layer = &mut self.layers[l];
        layer.form = Form::Dense;
        layer.dense.fit(like);
        &mut layer.dense
    }

    /// Number of layers.
    pub fn depth(&self) -> usize {
        self.layers.len()
    }

    /// Whether the rule trains layer `l`.
    pub fn trains(&self, l: usize) -> bool {
        self.layers[l].form != Form::Untrained
    }

    /// The columns `post` of layer `l`, where it has any.
    pub fn post(&self, l: usize) -> Option<&Matrix<T>> {
        matches!(self.layers[l].form, Form::Local | Form::Pairs).then_some(&self.layers[l].post)
    }

    /// The layer's error signal `delta_l`, one column per sample (`∂loss/∂z_l` for `Backprop`), where the rule has one.
    pub fn delta(&self, l: usize) -> Option<&Matrix<T>> {
        self.post(l)
            .filter(|post| self.layers[l].form == Form::Local && post.ncols() == self.batch)
    }

    fn pre<'a>(&'a self, l: usize, trace: &'a Trace<T>) -> &'a Matrix<T> {
        match self.layers[l].form {
            Form::Pairs => &self.layers[l].pre,
            _ => trace.below(l),
        }
    }

    fn per_sample(&self, alpha: T) -> T {
        alpha / T::of(self.batch as f64)
    }

    /// `weight := alpha update_l + beta weight`, in one product; an untrained layer's update is zero.
    /// `trace` is the forward pass the proposal was made on.
    pub fn add_weight(&self, l: usize, trace: &Trace<T>, alpha: T, beta: T, weight: &mut Matrix<T>) {
        let layer = &self.layers[l];
        match layer.form {
            Form::Untrained => scale(weight.as_mut_slice(), beta),
            Form::Local | Form::Pairs => {
                let (alpha, pre) = (self.per_sample(alpha), self.pre(l, trace));
                layer.wiring.pair(alpha, &layer.post, pre, beta, weight);
            }
            Form::Dense => {
                scale(weight.as_mut_slice(), beta);
                add_scaled(weight.as_mut_slice(), alpha, layer.dense.weight.as_slice());
            }
        }
    }

    /// `bias := alpha update_l + beta bias`; a layer without biases is left alone.
    pub fn add_bias(&self, l: usize, alpha: T, beta: T, bias: &mut Vector<T>) {
        if bias.is_empty() {
            return;
        }
        let layer = &self.layers[l];
        scale(bias.as_mut_slice(), beta);
        match layer.form {
            Form::Untrained => {}
            Form::Local | Form::Pairs => layer.wiring.pair_bias(self.per_sample(alpha), &layer.post, bias),
            Form::Dense => add_scaled(bias.as_mut_slice(), alpha, layer.dense.bias.as_slice()),
        }
    }

    /// Writes layer `l`'s update as arrays.
    pub fn write(&self, l: usize, trace: &Trace<T>, update: &mut Affine<T>) {
        self.add_weight(l, trace, T::ONE, T::ZERO, &mut update.weight);
        self.add_bias(l, T::ONE, T::ZERO, &mut update.bias);
    }

    /// Whether every number of the factors is finite. Activities of the forward pass are not looked at: one that is not finite
    /// shows in the loss.
    pub fn is_finite(&self) -> bool {
        all_finite(self.factors())
    }

    /// Whether every number of the factors is so moderate that no change made of them, on a forward pass that is moderate too,
    /// can overflow a weight.
    pub fn is_moderate(&self) -> bool {
        all_moderate(self.factors())
    }

    /// The numbers that rules have given.
    fn factors(&self) -> impl Iterator<Item = &[T]> {
        self.layers.iter().flat_map(|layer| match layer.form {
            Form::Untrained => [&[][..], &[]],
            Form::Local => [layer.post.as_slice(), &[]],
            Form::Pairs => [layer.post.as_slice(), layer.pre.as_slice()],
            Form::Dense => [layer.dense.weight.as_slice(), layer.dense.bias.as_slice()],
        })
    }
}

fn scale<T: Scalar>(values: &mut [T], beta: T) {
    if beta == T::ZERO {
        values.fill(T::ZERO);
    } else if beta != T::ONE {
        values.iter_mut().for_each(|value| *value *= beta);
    }
}
