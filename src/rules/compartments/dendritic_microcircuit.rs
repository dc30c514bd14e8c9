//! Let apical dendrites hold what interneurons cannot explain, and weights learn from what that does to the soma.

use super::{TopDown, TopDownWeights};
use crate::linalg::{Matrix, Scalar, assign, empty, join, zeroed, zip};
use crate::network::{Output, Trace};
use crate::random::Stream;
use crate::references;
use crate::rules::relaxation::{largest, residual};
use crate::rules::shared::{is_positive, pull_to_units, require, require_or_default};
use crate::rules::{LearningRule, Needs, Refusal, Setting, Step};
use crate::update::Proposal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Dendritic microcircuits (Sacramento, Costa, Bengio, Senn 2018), at rest: pyramidal cells with a basal compartment, a soma `u_l` and an
/// apical compartment `v_l`, and interneurons that take off what the layer above does anyway. With `r_l = φ(u_l)`, `r_L = u_L`,
///
/// `basal_l = W_l r_{l-1} + b_l`, `u_l = basal_l + apical v_l`, `v_l = B_{l+1}ᵀ (r_{l+1} − r^I_l)`,
///
/// `u^I_l = (1 − interneuron) basal_{l+1} + interneuron u_{l+1}`, `u_L = basal_L − nudge ∂C/∂z_L` at `basal_L`.
///
/// Then `ΔW_l = −(r_l − φ(basal_l)) r_{l-1}ᵀ / (nudge k^{L-l})`, `k = apical (1 − interneuron)` being what each layer multiplies a small
/// difference by. With `B = W` it is the gradient up to an error of order `nudge`; with fixed `B` so is feedback alignment. Without
/// teaching every `v_l` is 0.
///
/// Choices: lateral weights are held where interneurons predict perfectly, the paper's self-predicting state, and do not learn. `W` has
/// the attenuation of the paper's conductances in it: `apical = g_A / (g_lk + g_B + g_A)`, `interneuron = g_som / (g_lk + g_D + g_som)`,
/// `nudge = g_som / (g_lk + g_B + g_som)`. A step is one pass up, then all `v_l` at once. Where a layer pools, `v_l` is that of the units
/// that won in the feed-forward pass.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DendriticMicrocircuit {
    /// How far teaching pulls the output's somata down the loss; positive.
    pub nudge: f64,
    /// Weight of the apical compartment in the soma; positive.
    pub apical: f64,
    /// Weight in an interneuron of the soma that it follows, at least 0 and less than 1.
    pub interneuron: f64,
    /// Steps of the compartments, at least 1: teaching needs one for each layer to reach the first.
    pub steps: u32,
    /// What activity comes down to the apical compartments through; the paper has fixed weights.
    pub feedback: TopDown,
}

impl Default for DendriticMicrocircuit {
    fn default() -> Self {
        Self {
            nudge: 0.1,
            apical: 0.42,
            interneuron: 0.42,
            steps: 10,
            feedback: TopDown::Transposed,
        }
    }
}

/// Scratch: all compartments, a column for each sample.
#[derive(Clone, Debug, Default)]
pub struct Compartments<T: Scalar> {
    basal: Vec<Matrix<T>>,
    /// `v_l` of the hidden layers' units.
    apical: Vec<Matrix<T>>,
    /// `u_l` and `r_l`.
    soma: Trace<T>,
    /// `∂C/∂z_L` at the output's basal compartments.
    teaching: Matrix<T>,
    /// Of one layer: `u^I`, and `r^I`.
    interneurons: [Matrix<T>; 2],
}

impl DendriticMicrocircuit {
    fn k(&self) -> f64 {
        self.apical * (1.0 - self.interneuron)
    }

    /// Every compartment at what the feed-forward pass says, and the output taught.
    fn start<T: Scalar>(&self, work: &mut Compartments<T>, step: &Step<'_, T>) {
        let (depth, top) = (step.network.depth(), step.network.top());
        work.basal.resize_with(depth, empty);
        work.apical.resize_with(top, empty);
        work.soma.fit(depth);
        for l in 0..depth {
            assign(&mut work.basal[l], &step.trace.z[l]);
            assign(&mut work.soma.z[l], &step.trace.z[l]);
            assign(&mut work.soma.a[l], &step.trace.a[l]);
            work.soma.pooled[l].copy(&step.trace.pooled[l]);
        }
        for (v, z) in work.apical.iter_mut().zip(&step.trace.z) {
            zeroed(v, z.nrows(), z.ncols());
        }
        self.teach(work, step);
    }

    /// `u_L = basal_L − nudge ∂C/∂z_L`.
    fn teach<T: Scalar>(&self, work: &mut Compartments<T>, step: &Step<'_, T>) {
        let (top, nudge) = (step.network.top(), T::of(self.nudge));
        let activation = step.network.layers[top].activation;
        let z = &work.basal[top];
        activation.apply(z, &mut work.soma.a[top]);
        let output = Output {
            z,
            a: &work.soma.a[top],
        };
        step.loss.delta(activation, output, step.targets, &mut work.teaching);
        join(&mut work.soma.z[top], z, &work.teaching, move |basal, d| {
            basal - nudge * d
        });
    }

    /// One pass up with the apical compartments as they are.
    fn ascend<T: Scalar>(&self, work: &mut Compartments<T>, step: &Step<'_, T>) {
        let apical = T::of(self.apical);
        for (l, layer) in step.network.layers.iter().enumerate() {
            if l > 0 {
                let below = &work.soma.a[l - 1];
                layer.push(&layer.weight, &layer.bias, below, &mut work.basal[l]);
            }
            if l < step.network.top() {
                let (basal, v) = (&work.basal[l], &work.apical[l]);
                join(&mut work.soma.z[l], basal, v, move |basal, v| basal + apical * v);
                work.soma.activate(l, layer);
            }
        }
        self.teach(work, step);
    }

    /// `v_l = B_{l+1}ᵀ (r_{l+1} − r^I_l)` of one layer, to `out`.
    fn explain<T: Scalar>(
        &self,
        b: &TopDownWeights<T>,
        work: &mut Compartments<T>,
        step: &Step<'_, T>,
        l: usize,
        out: &mut Matrix<T>,
    ) {
        let (above, layer) = (l + 1, &step.network.layers[l + 1]);
        let (follows, [u, r]) = (T::of(self.interneuron), &mut work.interneurons);
        join(u, &work.basal[above], &work.soma.z[above], move |basal, u| {
            basal + follows * (u - basal)
        });
        if above == step.network.top() {
            join(r, &work.soma.z[above], u, |pyramidal, interneuron| {
                pyramidal - interneuron
            });
        } else {
            layer.activation.apply(u, r);
            zip(r, work.soma.units(above), |interneuron, pyramidal| {
                pyramidal - interneuron
            });
        }
        pull_to_units(step, l, b.of(step.network, above), r, out);
    }

    /// `−(r_l − φ(basal_l)) / (nudge k^{L-l})` beside `r_{l-1}`.
    fn learn<T: Scalar>(&self, work: &mut Compartments<T>, step: &Step<'_, T>, l: usize, out: &mut Proposal<T>) {
        let post = if l == 0 {
            out.local(l)
        } else {
            let (post, pre) = out.pairs(l);
            assign(pre, &work.soma.a[l - 1]);
            post
        };
        let above = step.network.top() - l;
        if above == 0 {
            return assign(post, &work.teaching);
        }
        let activation = step.network.layers[l].activation;
        let factor = T::of(1.0 / (self.nudge * self.k().powi(above as i32)));
        activation.apply(&work.basal[l], post);
        zip(post, work.soma.units(l), move |predicted, r| factor * (predicted - r));
    }

    /// How fast the apical compartments still move: the largest change that another step would make.
    fn speed<T: Scalar>(&self, b: &TopDownWeights<T>, work: &mut Compartments<T>, step: &Step<'_, T>) -> f64 {
        let mut next = empty();
        let mut fastest: f64 = 0.0;
        for l in 0..step.network.top() {
            self.explain(b, work, step, l, &mut next);
            zip(&mut next, &work.apical[l], |next, v| next - v);
            fastest = fastest.max(largest(next.iter()));
        }
        fastest
    }
}

impl LearningRule for DendriticMicrocircuit {
    const NAME: &'static str = "DendriticMicrocircuit";
    const SOURCE: &'static str = "Sacramento, Costa, Bengio, Senn 2018, NeurIPS, arXiv 1810.11393";
    const CITATIONS: &'static [&'static str] = &[references::SACRAMENTO_2018];
    const EQUATION: &'static str = "u_l = W_l r_{l-1} + b_l + apical v_l, v_l = B_{l+1}' (r_{l+1} - r^I_l); \
                                    dW_l = -(r_l - f(W_l r_{l-1} + b_l)) r_{l-1}' / (nudge k^{L-l})";

    type State<T: Scalar> = TopDownWeights<T>;
    type Work<T: Scalar> = Compartments<T>;

    fn needs(&self) -> Needs {
        self.feedback.needs(Needs {
            slope: false,
            signed_errors: false,
            ..Needs::SWEEP.takes(1, self.steps)
        })
    }

    fn init<T: Scalar>(&self, setting: &Setting<'_, T>, stream: Stream) -> Result<TopDownWeights<T>, Refusal> {
        let usual = Self::default();
        for (option, value, default) in [
            ("nudge", self.nudge, usual.nudge),
            ("apical", self.apical, usual.apical),
        ] {
            let reason = "must be positive: differences are divided by it";
            require_or_default(is_positive(value), option, reason, default)?;
        }
        let fits = (0.0..1.0).contains(&self.interneuron);
        let reason = "must be at least 0 and less than 1, where nothing is left to learn from";
        require_or_default(fits, "interneuron", reason, usual.interneuron)?;
        let reason = "must be at least 1: before the first step nothing is taught";
        require(self.steps > 0, "steps", reason, "leave it out for the default 10")?;
        self.feedback.start(setting, stream)
    }

    fn settles(&self) -> Option<&'static str> {
        Some("use more `steps`: one for each layer is enough")
    }

    fn residual<T: Scalar>(&self, b: &TopDownWeights<T>, work: &mut Compartments<T>, step: Step<'_, T>) -> Option<f64> {
        let end = self.speed(b, work, &step);
        self.start(work, &step);
        residual(end, self.speed(b, work, &step))
    }

    fn propose<T: Scalar>(
        &self,
        b: &TopDownWeights<T>,
        work: &mut Compartments<T>,
        step: Step<'_, T>,
        out: &mut Proposal<T>,
    ) {
        self.start(work, &step);
        for _ in 1..self.steps {
            for l in 0..step.network.top() {
                let mut v = std::mem::replace(&mut work.apical[l], empty());
                self.explain(b, work, &step, l, &mut v);
                work.apical[l] = v;
            }
            self.ascend(work, &step);
        }
        for l in 0..step.network.depth() {
            self.learn(work, &step, l, out);
        }
    }
}
