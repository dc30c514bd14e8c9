//! Hold the value nodes of predictive coding, and let them descend its energy.

use super::largest;
use crate::linalg::{Matrix, Scalar, add_scaled, assign, empty, join, zip_two};
use crate::network::{Network, Trace};
use crate::rules::Step;
use crate::update::Proposal;

/// The value nodes, their predictions and errors: the scratch of one relaxation, a column for each sample.
#[derive(Clone, Debug, Default)]
pub struct ValueNodes<T: Scalar> {
    /// `v_l` of the hidden layers.
    v: Vec<Matrix<T>>,
    /// `z_l` and `μ_l` of all layers; those of the first layer depend on the input alone and are never computed again.
    predicted: Trace<T>,
    /// `δ_l = ∂F/∂z_l` of all layers; of a hidden first layer only what learns from it asks, and it is not kept.
    delta: Vec<Matrix<T>>,
    /// `∂F/∂v_l` of the hidden layers, or the part of it that comes down from the layer above.
    gradient: Vec<Matrix<T>>,
    /// For each sample the largest `|∂F/∂v|` that counts as rest; none before the first step.
    rest: Vec<f64>,
    /// `δ_l` of one layer.
    lowest: Matrix<T>,
}

impl<T: Scalar> ValueNodes<T> {
    /// Puts the value nodes at their feed-forward values: there the hidden errors are zero.
    pub fn start(&mut self, step: &Step<'_, T>, nudge: f64) {
        let (network, depth) = (step.network, step.network.depth());
        self.v.resize_with(network.top(), empty);
        self.gradient.resize_with(network.top(), empty);
        self.delta.resize_with(depth, empty);
        self.rest.clear();
        self.predicted.fit(depth);
        for l in 0..depth {
            assign(&mut self.predicted.z[l], &step.trace.z[l]);
            assign(&mut self.predicted.a[l], &step.trace.a[l]);
            self.predicted.pooled[l].copy(&step.trace.pooled[l]);
        }
        for (v, a) in self.v.iter_mut().zip(&step.trace.a) {
            assign(v, a);
        }
        self.nudge(step, nudge);
        self.compare(network);
    }

    /// `v_l ← v_l − rate ∂F/∂v_l`, all layers at once: every gradient is made of the errors as they stood.
    pub fn descend(&mut self, network: &Network<T>, rate: f64) {
        self.come_down(network);
        self.move_along(rate);
    }

    /// `v_l ← v_l − rate ∂F/∂v_l`, once what comes down is there.
    fn move_along(&mut self, rate: f64) {
        let factor = T::of(-rate);
        for ((v, from_above), mu) in self.v.iter_mut().zip(&self.gradient).zip(&self.predicted.a) {
            zip_two(v, from_above, mu, move |v, sum, mu| v + factor * ((sum + v) - mu));
        }
    }

    /// As [`ValueNodes::descend`] for the samples that are not at rest yet, as `tolerance` defines it; a sample that once was stays
    /// where it is. Returns whether any has moved; without a tolerance all do.
    pub fn descend_until(&mut self, network: &Network<T>, rate: f64, tolerance: f64) -> bool {
        if tolerance == 0.0 {
            self.descend(network, rate);
            return true;
        }
        self.differentiate(network);
        let samples = self.delta.last().map_or(0, Matrix::ncols);
        let first = self.rest.is_empty();
        self.rest.resize(samples, 0.0);
        let mut moved = false;
        for (i, rest) in self.rest.iter_mut().enumerate() {
            let column = |matrix: &Matrix<T>| i * matrix.nrows()..(i + 1) * matrix.nrows();
            let columns = self
                .gradient
                .iter()
                .map(|gradient| &gradient.as_slice()[column(gradient)]);
            let speed = largest(columns.flatten());
            if first {
                *rest = (tolerance * speed).max(4.0 * T::EPSILON);
            }
            if speed <= *rest {
                *rest = f64::INFINITY;
                continue;
            }
            // so does NaN: it is no rest
            moved = true;
            for (v, gradient) in self.v.iter_mut().zip(&self.gradient) {
                let column = column(v);
                let v = &mut v.as_mut_slice()[column.clone()];
                add_scaled(v, T::of(-rate), &gradient.as_slice()[column]);
            }
        }
        moved
    }

    /// `μ_l = φ(W_l v_{l-1} + b_l)` from the second layer up, and all errors.
    pub fn predict(&mut self, step: &Step<'_, T>, nudge: f64) {
        self.predict_from(1, step, nudge);
    }

    /// The same from layer `lowest` up.
    pub fn predict_from(&mut self, lowest: usize, step: &Step<'_, T>, nudge: f64) {
        let predicted = &mut self.predicted;
        for (l, layer) in step.network.layers.iter().enumerate().skip(lowest) {
            let below = if l == 0 { &step.trace.input } else { &self.v[l - 1] };
            layer.push(&layer.weight, &layer.bias, below, &mut predicted.z[l]);
            predicted.activate(l, layer);
        }
        self.nudge(step, nudge);
        self.compare(step.network);
    }

    /// `δ_L = β ∂C/∂z_L`.
    fn nudge(&mut self, step: &Step<'_, T>, nudge: f64) {
        let top = step.network.top();
        let (activation, delta) = (step.network.layers[top].activation, &mut self.delta[top]);
        step.loss
            .delta(activation, self.predicted.output(), step.targets, delta);
        scale(delta, nudge);
    }

    /// The errors of the hidden layers but the first, whose error goes to no layer below.
    pub fn compare(&mut self, network: &Network<T>) {
        let mut delta = std::mem::take(&mut self.delta);
        for (l, delta) in delta.iter_mut().enumerate().take(self.v.len()).skip(1) {
            self.write_error(l, network, delta);
        }
        self.delta = delta;
    }

    /// `δ_l = (μ_l − v_l) ∘ φ'(z_l)` of a hidden layer; `δ_L` is there.
    pub fn write_error(&self, l: usize, network: &Network<T>, delta: &mut Matrix<T>) {
        let Some(v) = self.v.get(l) else {
            return assign(delta, &self.delta[l]);
        };
        join(delta, &self.predicted.a[l], v, |mu, v| mu - v);
        self.predicted.multiply_slope(l, &network.layers[l], delta);
    }

    /// `W_{l+1}ᵀ δ_{l+1}`, what comes down to each hidden layer.
    fn come_down(&mut self, network: &Network<T>) {
        for (l, gradient) in self.gradient.iter_mut().enumerate() {
            let above = &network.layers[l + 1];
            above.pull(&above.weight, &self.delta[l + 1], gradient);
        }
    }

    /// `∂F/∂v_l = W_{l+1}ᵀ δ_{l+1} + v_l − μ_l`.
    fn differentiate(&mut self, network: &Network<T>) {
        self.come_down(network);
        for ((gradient, v), mu) in self.gradient.iter_mut().zip(&self.v).zip(&self.predicted.a) {
            zip_two(gradient, v, mu, |sum, v, mu| (sum + v) - mu);
        }
    }

    /// Layer `l` learns: `∂F/∂W_l / β = δ_l v_{l-1}ᵀ / β`.
    pub fn pair(&self, l: usize, network: &Network<T>, nudge: f64, out: &mut Proposal<T>) {
        let post = if l == 0 {
            out.local(l)
        } else {
            let (post, pre) = out.pairs(l);
            assign(pre, &self.v[l - 1]);
            post
        };
        self.write_error(l, network, post);
        scale(post, 1.0 / nudge);
    }

    /// The largest `|∂F/∂v|` over all value nodes and samples: 0 at rest.
    pub fn residual(&mut self, network: &Network<T>) -> f64 {
        self.differentiate(network);
        largest(self.gradient.iter().flat_map(|gradient| gradient.iter()))
    }

    /// `W_l ← W_l − rate ∂F/∂W_l`, and biases likewise, of another network with as many layers; `v_l ← v_l − value_rate ∂F/∂v_l`: both from
    /// the same state.
    pub fn descend_with_weights(&mut self, network: &mut Network<T>, step: &Step<'_, T>, value_rate: f64, rate: f64) {
        self.come_down(network);
        let mut delta = std::mem::replace(&mut self.lowest, empty());
        for l in 0..network.depth() {
            self.write_error(l, network, &mut delta);
            let below = if l == 0 { &step.trace.input } else { &self.v[l - 1] };
            let factor = T::of(-rate / step.batch() as f64);
            let layer = &mut network.layers[l];
            layer.wiring.pair(factor, &delta, below, T::ONE, &mut layer.weight);
            if !layer.bias.is_empty() {
                layer.wiring.pair_bias(factor, &delta, &mut layer.bias);
            }
        }
        self.lowest = delta;
        self.move_along(value_rate);
    }

    /// `F`, the mean over the samples.
    pub fn energy(&self, step: &Step<'_, T>, nudge: f64) -> f64 {
        let hidden = self.v.iter().zip(&self.predicted.a);
        let squares = hidden.flat_map(|(v, mu)| v.iter().zip(mu.iter()).map(|(&v, &mu)| (v - mu).to_f64().powi(2)));
        let loss = step.loss.mean(self.predicted.output(), step.targets);
        0.5 * squares.sum::<f64>() / step.batch() as f64 + nudge * loss
    }
}

fn scale<T: Scalar>(matrix: &mut Matrix<T>, factor: f64) {
    if factor == 1.0 {
        return;
    }
    let factor = T::of(factor);
    matrix.as_mut_slice().iter_mut().for_each(|x| *x *= factor);
}
