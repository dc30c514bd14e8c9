//! Let the states of all layers relax together: what equilibrium propagation and contrastive Hebbian learning share.

use super::largest;
use crate::linalg::{Matrix, Scalar, assign, empty, join, reshape, softmax_columns, zip};
use crate::loss::Loss;
use crate::network::{Network, Pooled, Trace};
use crate::rules::{Learned, Shape, Step};
use crate::update::Proposal;

/// What states relax in.
#[derive(Clone, Copy, Debug)]
pub struct Around<'a, T: Scalar> {
    /// With its present weights.
    pub network: &'a Network<T>,
    /// What is minimised.
    pub loss: Loss,
    /// `W_1 x + b_1`.
    pub first: &'a Matrix<T>,
}

impl<'a, T: Scalar> Around<'a, T> {
    /// What a proposal is made in.
    pub fn step(step: &Step<'a, T>) -> Self {
        Self {
            network: step.network,
            loss: step.loss,
            first: &step.trace.z[0],
        }
    }
}

/// The loss that a rule was started for: a prediction is not told.
#[derive(Clone, Copy, Debug)]
pub struct TrainedFor(pub Loss);

impl<T: Scalar> Learned<T> for TrainedFor {
    fn visit(&mut self, _: &mut dyn FnMut(&str, Shape, &mut [T])) {}
}

/// States `s_l`, `n_l × batch`, of the layers from the first up. All move at once, each towards what it receives,
///
/// `s_l ← s_l + rate (f_l(W_l s_{l-1} + b_l + gain W_{l+1}ᵀ s_{l+1} − force_l) − s_l)`.
///
/// An output that is a state under the softmax cross-entropy answers with the softmax. Where a layer pools, `W_l s_{l-1} + b_l` is pooled first,
/// and what comes down goes to the units that won in this very step, as in an energy with `s_l · pool(W_l s_{l-1})`.
#[derive(Clone, Debug, Default)]
pub struct States<T: Scalar> {
    /// `s_l`.
    pub s: Vec<Matrix<T>>,
    /// `W_l s_{l-1} + b_l` of the units.
    drive: Vec<Matrix<T>>,
    /// What each layer receives, pooled, and which units won.
    received: Vec<Matrix<T>>,
    pooled: Vec<Pooled<T>>,
    /// Where each state is drawn to.
    aim: Vec<Matrix<T>>,
    /// Force on the last of the states; empty for none.
    pub force: Matrix<T>,
    /// States of a layer at its units, and how far those below it have moved.
    spread: Matrix<T>,
    moved: Matrix<T>,
}

impl<T: Scalar> States<T> {
    /// So many layers have states; they stand where the feed-forward pass left them.
    pub fn start(&mut self, count: usize, network: &Network<T>, loss: Loss, trace: &Trace<T>) {
        for matrices in [&mut self.s, &mut self.drive, &mut self.received, &mut self.aim] {
            matrices.resize_with(count, empty);
        }
        self.pooled.resize_with(count, Pooled::default);
        reshape(&mut self.force, 0, 0);
        for (s, a) in self.s.iter_mut().zip(&trace.a) {
            assign(s, a);
        }
        if count == network.depth() && matches!(loss, Loss::CrossEntropy { .. }) {
            softmax_columns(&mut self.s[count - 1]);
        }
    }

    /// The states become those of another relaxation.
    pub fn copy(&mut self, other: &Self) {
        self.s.resize_with(other.s.len(), empty);
        self.s.iter_mut().zip(&other.s).for_each(|(s, other)| assign(s, other));
    }

    /// `W_l s_{l-1} + b_l` of all states, pooled where layers pool; that of the first layer does not change.
    fn receive(&mut self, around: &Around<'_, T>) {
        for (l, layer) in around.network.layers[..self.s.len()].iter().enumerate() {
            if l == 0 {
                assign(&mut self.drive[0], around.first);
            } else {
                layer.push(&layer.weight, &layer.bias, &self.s[l - 1], &mut self.drive[l]);
            }
            match layer.pool {
                None => assign(&mut self.received[l], &self.drive[l]),
                Some(pool) => pool.up(&self.drive[l], &mut self.received[l], &mut self.pooled[l].winners),
            }
        }
    }

    /// Brings up to date which units win, where layers pool: before states that have moved are compared.
    pub fn look(&mut self, around: &Around<'_, T>) {
        if around.network.layers.iter().any(|layer| layer.pool.is_some()) {
            self.receive(around);
        }
    }

    /// `s_l` at the units: where layer `l` pools, at those that won.
    fn at_units(&self, network: &Network<T>, l: usize, to: &mut Matrix<T>) {
        assign(to, &self.s[l]);
        if let Some(pool) = network.layers[l].pool {
            pool.down(&self.pooled[l].winners, to);
        }
    }

    /// What each state is drawn to, of all states as they stand; without clamped ones, the last.
    fn take_aim(&mut self, around: &Around<'_, T>, gain: T, clamped: bool) {
        self.receive(around);
        let count = self.s.len();
        let free = count - usize::from(clamped);
        for l in 0..free {
            let mut aim = std::mem::replace(&mut self.aim[l], empty());
            if l + 1 < count {
                let above = &around.network.layers[l + 1];
                let mut spread = std::mem::replace(&mut self.spread, empty());
                self.at_units(around.network, l + 1, &mut spread);
                above.pull(&above.weight, &spread, &mut aim);
                self.spread = spread;
                zip(&mut aim, &self.received[l], move |down, up| up + gain * down);
            } else {
                assign(&mut aim, &self.received[l]);
                if !self.force.is_empty() {
                    zip(&mut aim, &self.force, |up, force| up - force);
                }
            }
            let softmax = l == around.network.top() && matches!(around.loss, Loss::CrossEntropy { .. });
            if softmax {
                softmax_columns(&mut aim);
            } else {
                assign(&mut self.spread, &aim);
                around.network.layers[l].activation.apply(&self.spread, &mut aim);
            }
            self.aim[l] = aim;
        }
    }

    /// One step of all states; those that are clamped, the last, stay.
    pub fn relax(&mut self, around: &Around<'_, T>, gain: f64, rate: f64, clamped: bool) {
        self.take_aim(around, T::of(gain), clamped);
        let (free, rate) = (self.s.len() - usize::from(clamped), T::of(rate));
        for (s, aim) in self.s[..free].iter_mut().zip(&self.aim) {
            zip(s, aim, move |s, aim| s + rate * (aim - s));
        }
    }

    /// The largest distance of a state from where it is drawn to: 0 at rest.
    pub fn speed(&mut self, around: &Around<'_, T>, gain: f64, clamped: bool) -> f64 {
        self.take_aim(around, T::of(gain), clamped);
        let free = self.s.len() - usize::from(clamped);
        let mut fastest: f64 = 0.0;
        for (s, aim) in self.s[..free].iter().zip(&mut self.aim) {
            zip(aim, s, |aim, s| aim - s);
            let speed = largest(aim.iter());
            fastest = if speed > fastest || speed.is_nan() {
                speed
            } else {
                fastest
            };
        }
        fastest
    }

    /// What the output layer answers to the states below it: `z_L` and `φ(z_L)`, to `trace`.
    pub fn answer(&self, network: &Network<T>, trace: &mut Trace<T>) {
        let (top, layer) = (network.top(), &network.layers[network.top()]);
        if top > 0 {
            layer.push(&layer.weight, &layer.bias, &self.s[top - 1], &mut trace.z[top]);
            layer.activation.apply(&trace.z[top], &mut trace.a[top]);
        }
    }
}

/// Layer `l` learns from the difference of two sets of states, `k (b_l b_{l-1}ᵀ − a_l a_{l-1}ᵀ)`, a mean over the samples. Where it pools, the states
/// go to the units that won.
///
/// The two are nearly the same, and `k` is large where a difference is small. So differences are taken first, and it is
/// `k (b_l − a_l) b_{l-1}ᵀ + k a_l (b_{l-1} − a_{l-1})ᵀ` that is summed: no digits are lost to the order of samples.
pub fn contrast<T: Scalar>(step: &Step<'_, T>, l: usize, k: f64, [a, b]: [&mut States<T>; 2], out: &mut Proposal<T>) {
    let (layer, share) = (&step.network.layers[l], T::of(k / step.batch() as f64));
    for states in [&mut *a, &mut *b] {
        let mut spread = std::mem::replace(&mut states.spread, empty());
        states.at_units(step.network, l, &mut spread);
        states.spread = spread;
    }
    let update = out.dense(l, layer);
    zip(&mut b.spread, &a.spread, |b, a| b - a);
    let below = if l == 0 { &step.trace.input } else { &b.s[l - 1] };
    layer.pair(share, &b.spread, below, T::ZERO, &mut update.weight);
    update.bias.as_mut_slice().fill(T::ZERO);
    if !update.bias.is_empty() {
        layer.wiring.pair_bias(share, &b.spread, &mut update.bias);
    }
    if l > 0 {
        join(&mut b.moved, &b.s[l - 1], &a.s[l - 1], |b, a| b - a);
        layer.pair(share, &a.spread, &b.moved, T::ONE, &mut update.weight);
    }
}
