//! Let bursts carry what is taught beside the events that carry activity.

use super::{TopDown, TopDownWeights};
use crate::linalg::{ByValue, Matrix, Scalar, assign, empty, join, softmax_columns, zip};
use crate::loss::Loss;
use crate::network::Activation;
use crate::random::Stream;
use crate::references;
use crate::rules::shared::{is_positive, output_delta, pull_to_units, require, require_or_default};
use crate::rules::{LearningRule, Needs, Refusal, Setting, Step};
use crate::update::Proposal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How the apical potential `u` sets the probability of a burst; both have the slope `κ = slope baseline (1 − baseline)` at 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Bursting {
    /// `p = 1 / (1 + e^{-(slope u + logit baseline)})`.
    #[default]
    Sigmoid,
    /// `p = baseline + κ u`, which may leave 0 to 1.
    Linear,
}

/// What dendritic inhibition takes off the apical potential.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Inhibition {
    /// What arrives without teaching: the aligned state of BurstCCN (Greedy, Zhu, Pemberton, Mellor, Ponte Costa 2022).
    #[default]
    Perfect,
    /// Nothing: bursts that arrive anyway are apical potential too.
    Off,
}

/// Burst-dependent plasticity (Payeur, Guerguiev, Zenke, Richards, Naud 2021): a cell sends events `e_l = h_l` up (`softmax(h_L)` of the
/// output for the cross-entropy), and bursts, with probability `p_l` at an event, down,
///
/// `b_l = p_l ∘ e_l`, `u_l = (φ'(z_l) / h_l) ∘ (B_{l+1}ᵀ b_{l+1} − c_l)`, `p_l` as `bursting` says.
///
/// Teaching changes the bursts of the output, `b_L = baseline e_L` to `b*_L = baseline (e_L − nudge ∂C/∂z_L)`, and through them those
/// below. Then `ΔW_l = (b_l − b*_l) h_{l-1}ᵀ / (baseline nudge κ^{L-l})`, `κ` being what each layer multiplies a small difference by, beside
/// its slope. With `B = W` it is the gradient, for any `nudge` where `bursting` is `Linear`, and up to an error of order `nudge` where it is
/// not. Burst probabilities differ from the baseline up or down: no signed error is sent.
///
/// `φ'/h` is taken as 0 where `φ'` is. Choices: lateral weights are held in the aligned state and do not learn; the authors' program has
/// `slope` 1 and no logit. Where a layer pools, what comes down goes to the units that won.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Burstprop {
    /// Probability of a burst at an event where the apical potential is 0; more than 0 and less than 1.
    pub baseline: f64,
    /// How far teaching moves the output's bursts down the loss; positive.
    pub nudge: f64,
    /// How the apical potential sets the probability of a burst.
    pub bursting: Bursting,
    /// `slope` of the burst probability, positive; left out, `κ` is 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slope: Option<f64>,
    /// What dendritic inhibition takes off the apical potential.
    pub inhibition: Inhibition,
    /// What bursts come down through.
    pub feedback: TopDown,
}

impl Default for Burstprop {
    fn default() -> Self {
        Self {
            baseline: 0.2,
            nudge: 0.1,
            bursting: Bursting::Sigmoid,
            slope: None,
            inhibition: Inhibition::Perfect,
            feedback: TopDown::Transposed,
        }
    }
}

/// Scratch: bursts of all layers, a column for each sample.
#[derive(Clone, Debug, Default)]
pub struct Bursts<T: Scalar> {
    /// `b_l` without teaching, and `b*_l`.
    untaught: Vec<Matrix<T>>,
    taught: Vec<Matrix<T>>,
    /// `φ'(z_l) / h_l`.
    ratio: Matrix<T>,
    /// `c_l`, and what arrives.
    inhibition: Matrix<T>,
    arrives: Matrix<T>,
}

impl Burstprop {
    fn kappa(&self) -> f64 {
        self.steepness() * self.baseline * (1.0 - self.baseline)
    }

    fn steepness(&self) -> f64 {
        self.slope.unwrap_or(1.0 / (self.baseline * (1.0 - self.baseline)))
    }

    /// `p`, the probability of a burst.
    fn probability<T: Scalar>(&self) -> impl Fn(T) -> T + ByValue + use<T> {
        let [baseline, kappa, steepness] = [self.baseline, self.kappa(), self.steepness()].map(T::of);
        let logit = T::of((self.baseline / (1.0 - self.baseline)).ln());
        let bursting = self.bursting;
        move |u| match bursting {
            Bursting::Sigmoid => (steepness * u + logit).logistic(),
            Bursting::Linear => baseline + kappa * u,
        }
    }

    /// The bursts of layer `l`, `p_l ∘ e_l`, of those above, which come down through `b`.
    fn burst<T: Scalar>(&self, b: &Matrix<T>, work: &mut Bursts<T>, step: &Step<'_, T>, l: usize) {
        let Bursts {
            untaught,
            taught,
            ratio,
            inhibition,
            arrives,
        } = work;
        let (events, probability) = (step.trace.units(l), self.probability());
        assign(ratio, events);
        ratio.as_mut_slice().fill(T::ONE);
        step.multiply_unit_slope(l, ratio);
        zip(
            ratio,
            events,
            |slope, h| if slope == T::ZERO { slope } else { slope / h },
        );
        pull_to_units(step, l, b, &untaught[l + 1], inhibition);
        for (bursts, with_teaching) in [(&mut *untaught, false), (taught, true)] {
            if with_teaching {
                pull_to_units(step, l, b, &bursts[l + 1], arrives);
            } else {
                assign(arrives, inhibition);
            }
            if self.inhibition == Inhibition::Perfect {
                zip(arrives, inhibition, |input, c| input - c);
            }
            join(&mut bursts[l], arrives, ratio, move |input, ratio| {
                probability(ratio * input)
            });
            zip(&mut bursts[l], events, |p, e| p * e);
        }
    }
}

/// Whether units are never negative, as events are not.
fn sends_events(activation: Activation) -> bool {
    matches!(
        activation,
        Activation::Logistic | Activation::HardLogistic | Activation::Relu | Activation::Softplus
    )
}

impl LearningRule for Burstprop {
    const NAME: &'static str = "Burstprop";
    const SOURCE: &'static str = "Payeur, Guerguiev, Zenke, Richards, Naud 2021, Nature Neuroscience 24:1010; \
                                  Greedy, Zhu, Pemberton, Mellor, Ponte Costa 2022, NeurIPS";
    const CITATIONS: &'static [&'static str] = &[references::PAYEUR_2021, references::GREEDY_2022];
    const EQUATION: &'static str = "b_l = p(u_l) o h_l, u_l = (f'(z_l) / h_l) o (B_{l+1}' b_{l+1} - c_l); \
                                    dW_l = (b_l - b*_l) h_{l-1}' / (baseline nudge kappa^{L-l}), b* with teaching";

    type State<T: Scalar> = TopDownWeights<T>;
    type Work<T: Scalar> = Bursts<T>;

    fn needs(&self) -> Needs {
        self.feedback.needs(Needs {
            signed_errors: false,
            ..Needs::SWEEP
        })
    }

    fn init<T: Scalar>(&self, setting: &Setting<'_, T>, stream: Stream) -> Result<TopDownWeights<T>, Refusal> {
        let usual = Self::default();
        let fits = self.baseline > 0.0 && self.baseline < 1.0;
        require_or_default(fits, "baseline", "must be more than 0 and less than 1", usual.baseline)?;
        let reason = "must be positive: differences are divided by it";
        require_or_default(is_positive(self.nudge), "nudge", reason, usual.nudge)?;
        let remedy = "leave it out, and differences pass a layer as they are";
        require(self.slope.is_none_or(is_positive), "slope", "must be positive", remedy)?;
        let (hidden, output) = setting.network.layers.split_at(setting.network.top());
        let reason = "sends events, which cannot be negative, and hidden units here can be";
        let remedy = "use Logistic, HardLogistic, Relu or Softplus";
        require(
            hidden.iter().all(|layer| sends_events(layer.activation)),
            "",
            reason,
            remedy,
        )?;
        let squares = matches!(setting.loss, Loss::Squares { .. } | Loss::HalfSquares { .. });
        let reason = "sends events, which cannot be negative, and output units here can be";
        let remedy = "use CrossEntropy, or Logistic, HardLogistic, Relu or Softplus at the output";
        require(!squares || sends_events(output[0].activation), "", reason, remedy)?;
        self.feedback.start(setting, stream)
    }

    fn propose<T: Scalar>(
        &self,
        b: &TopDownWeights<T>,
        work: &mut Bursts<T>,
        step: Step<'_, T>,
        out: &mut Proposal<T>,
    ) {
        let (top, baseline) = (step.network.top(), T::of(self.baseline));
        work.untaught.resize_with(top + 1, empty);
        work.taught.resize_with(top + 1, empty);
        output_delta(&step, out);
        let events = &mut work.untaught[top];
        assign(events, &step.trace.a[top]);
        if matches!(step.loss, Loss::CrossEntropy { .. }) {
            softmax_columns(events);
        }
        let nudge = T::of(self.nudge);
        join(&mut work.taught[top], events, out.local(top), move |e, d| {
            baseline * (e - nudge * d)
        });
        events.iter_mut().for_each(|e| *e *= baseline);
        for l in (0..top).rev() {
            self.burst(b.of(step.network, l + 1), work, &step, l);
            let factor = self.baseline * self.nudge * self.kappa().powi((top - l) as i32);
            let (post, factor) = (out.local(l), T::of(1.0 / factor));
            join(post, &work.untaught[l], &work.taught[l], move |b, taught| {
                factor * (b - taught)
            });
        }
    }
}
