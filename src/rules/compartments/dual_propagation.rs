//! Give each unit two states that the loss draws apart, and let weights learn from how far they are.

use crate::linalg::{Matrix, Scalar, assign, empty, join};
use crate::network::{Layer, Trace};
use crate::random::Stream;
use crate::references;
use crate::rules::shared::{is_positive, pull_to_units, require, require_or_default};
use crate::rules::{LearningRule, Needs, Refusal, Setting, Step};
use crate::update::Proposal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Dual propagation (Høier, Staudt, Zach 2023; Høier, Zach 2024, whose "DP-transpose" this is): each unit is a pair of states, `h⁺` and
/// `h⁻`, whose mean the layer above sees,
///
/// `m_l = α h⁺_l + (1 − α) h⁻_l`, `a_l = W_l m_{l-1} + b_l`.
///
/// The loss draws those of the output apart, and differences come down through the forward weights,
///
/// `h⁺_L = a_L − (1 − α) β d`, `h⁻_L = a_L + α β d`, `d = ∂C/∂z_L` at `a_L`,
///
/// `h⁺_l = φ(a_l + (1 − α) q_l)`, `h⁻_l = φ(a_l − α q_l)`, `q_l = W_{l+1}ᵀ (h⁺_{l+1} − h⁻_{l+1})`.
///
/// Then `ΔW_l = ((h⁻_l − h⁺_l) / β) m_{l-1}ᵀ`: the gradient up to an error of order `β²` at `α = 1/2`, of order `β` else, and exactly in a
/// linear network. No slope enters.
///
/// Choices: pairs start at the feed-forward pass; where there are further passes, states follow `a_l` on the way up, with the `q_l` that
/// there is. Where a layer pools, `m_l` is the mean of the pooled states, and `q_l` goes to the units that won in the feed-forward pass.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DualPropagation {
    /// Share of `h⁺` in the mean, from 0 to 1; at 0.5 the two states err alike, and errors cancel.
    pub alpha: f64,
    /// `β`, how far the loss draws the states of the output apart; positive.
    pub beta: f64,
    /// Passes down, with one up between each two; at least 1.
    pub passes: usize,
}

impl Default for DualPropagation {
    fn default() -> Self {
        Self {
            alpha: 0.5,
            beta: 0.1,
            passes: 1,
        }
    }
}

/// Scratch: the pairs of all layers, a column for each sample.
#[derive(Clone, Debug, Default)]
pub struct Pairs<T: Scalar> {
    /// `a_l`.
    a: Vec<Matrix<T>>,
    /// `q_l`.
    q: Vec<Matrix<T>>,
    plus: Trace<T>,
    minus: Trace<T>,
    /// `m_l`.
    mean: Vec<Matrix<T>>,
    /// `h⁺_l − h⁻_l` of the units.
    apart: Matrix<T>,
}

impl<T: Scalar> Pairs<T> {
    fn start(&mut self, step: &Step<'_, T>) {
        let depth = step.network.depth();
        for matrices in [&mut self.a, &mut self.q, &mut self.mean] {
            matrices.resize_with(depth, empty);
        }
        self.plus.fit(depth);
        self.minus.fit(depth);
        for (a, z) in self.a.iter_mut().zip(&step.trace.z) {
            assign(a, z);
        }
    }

    /// The pairs of a hidden layer, drawn apart by its `q_l`.
    fn draw_apart(&mut self, l: usize, layer: &Layer<T>, alpha: T) {
        let (a, q) = (&self.a[l], &self.q[l]);
        join(&mut self.plus.z[l], a, q, move |a, q| a + (T::ONE - alpha) * q);
        join(&mut self.minus.z[l], a, q, move |a, q| a - alpha * q);
        self.plus.activate(l, layer);
        self.minus.activate(l, layer);
        join(
            &mut self.mean[l],
            &self.plus.a[l],
            &self.minus.a[l],
            move |plus, minus| alpha * plus + (T::ONE - alpha) * minus,
        );
    }

    /// `a_l = W_l m_{l-1} + b_l` from below, and the pairs of hidden layers after it.
    fn ascend(&mut self, step: &Step<'_, T>, alpha: T) {
        for (l, layer) in step.network.layers.iter().enumerate() {
            if l > 0 {
                layer.push(&layer.weight, &layer.bias, &self.mean[l - 1], &mut self.a[l]);
            }
            if l < step.network.top() {
                self.draw_apart(l, layer, alpha);
            }
        }
    }
}

impl LearningRule for DualPropagation {
    const NAME: &'static str = "DualPropagation";
    const SOURCE: &'static str = "Høier, Staudt, Zach 2023, ICML, arXiv 2302.01228; Høier, Zach 2024, arXiv 2402.08573";
    const CITATIONS: &'static [&'static str] = &[references::HOIER_2023, references::HOIER_2024];
    const EQUATION: &'static str = "h+_l, h-_l = f(a_l + (1 - alpha) q_l), f(a_l - alpha q_l), q_l = W_{l+1}' (h+ - h-)_{l+1}, \
                                    a_l = W_l m_{l-1}, m = alpha h+ + (1 - alpha) h-; dW_l = (h- - h+)_l m_{l-1}' / beta";

    type State<T: Scalar> = ();
    type Work<T: Scalar> = Pairs<T>;

    fn needs(&self) -> Needs {
        Needs {
            slope: false,
            signed_errors: false,
            ..Needs::SWEEP.takes(2, self.passes.try_into().unwrap_or(u32::MAX))
        }
    }

    fn init<T: Scalar>(&self, _: &Setting<'_, T>, _: Stream) -> Result<(), Refusal> {
        let usual = Self::default();
        let fits = (0.0..=1.0).contains(&self.alpha);
        require_or_default(fits, "alpha", "must be from 0 to 1", usual.alpha)?;
        let reason = "must be positive: differences are divided by it";
        require_or_default(is_positive(self.beta), "beta", reason, usual.beta)?;
        let remedy = "leave it out for the default 1";
        require(self.passes > 0, "passes", "must be at least 1", remedy)
    }

    fn propose<T: Scalar>(&self, _: &(), pairs: &mut Pairs<T>, step: Step<'_, T>, out: &mut Proposal<T>) {
        let (alpha, beta, top) = (T::of(self.alpha), T::of(self.beta), step.network.top());
        let layers = &step.network.layers;
        pairs.start(&step);
        for pass in 0..self.passes {
            if pass > 0 {
                pairs.ascend(&step, alpha);
            }
            let (delta, _) = out.pairs(top);
            assign(&mut pairs.plus.z[top], &pairs.a[top]);
            pairs.plus.activate(top, &layers[top]);
            step.loss
                .delta(layers[top].activation, pairs.plus.output(), step.targets, delta);
            assign(&mut pairs.apart, delta);
            pairs.apart.as_mut_slice().iter_mut().for_each(|d| *d *= -beta);
            for l in (0..top).rev() {
                pull_to_units(&step, l, &layers[l + 1].weight, &pairs.apart, &mut pairs.q[l]);
                pairs.draw_apart(l, &layers[l], alpha);
                join(
                    &mut pairs.apart,
                    pairs.plus.units(l),
                    pairs.minus.units(l),
                    |plus, minus| plus - minus,
                );
                let (post, _) = out.pairs(l);
                assign(post, &pairs.apart);
                post.as_mut_slice().iter_mut().for_each(|apart| *apart /= -beta);
            }
        }
        for l in 0..=top {
            let (_, pre) = out.pairs(l);
            assign(pre, if l == 0 { &step.trace.input } else { &pairs.mean[l - 1] });
        }
    }
}
