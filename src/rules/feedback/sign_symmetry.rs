//! Send errors down weights that share the sign of the forward weights and have magnitudes of their own.

use super::ingredients::sign;
use super::{Carried, Delayed, Feedback};
use crate::linalg::{Matrix, Scalar, assign, empty, reshape, zip};
use crate::network::{Distribution, Init, Layer, Network, Wiring};
use crate::random::{self, Generator, Stream};
use crate::references;
use crate::rules::learned::visit_weights;
use crate::rules::shared::positive;
use crate::rules::{After, FeedbackPath, Learned, LearningRule, Needs, Refusal, Setting, Shape, Step};
use crate::update::Proposal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where the magnitudes `|B|` come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Magnitude {
    /// All equal to the scale.
    #[default]
    Uniform,
    /// `|n|`, `n` normal with the scale as its standard deviation, drawn once.
    FixedRandom,
    /// The same, drawn anew for each batch.
    BatchRandom,
}

/// Sign-concordant feedback (Liao, Leibo, Poggio 2016; Xiao et al. 2019): `B_l = sign(W_l) ∘ M_l` in place of `W_l`,
///
/// `δ_l = (B_{l+1}ᵀ δ_{l+1}) ∘ φ'(z_l)`. The sign of 0 is 0. The output layer's update is exact.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SignSymmetry {
    /// Where the magnitudes come from.
    pub magnitude: Magnitude,
    /// Factor on the magnitudes, positive; at 1 their scale is `√(2 / (n_in + n_out))` of the layer.
    pub scale: f64,
    /// Noise and delay of the feedback; the other ingredients are refused, since signs come from `W` and magnitudes from the options
    /// above.
    pub feedback: Feedback,
}

impl Default for SignSymmetry {
    fn default() -> Self {
        Self {
            magnitude: Magnitude::Uniform,
            scale: 1.0,
            feedback: Feedback::default(),
        }
    }
}

impl SignSymmetry {
    fn scale_of<T: Scalar>(&self, layer: &Layer<T>) -> f64 {
        let (gain, distribution) = (self.scale, Distribution::Normal);
        Init::Glorot { gain, distribution }.standard_deviation(layer.wiring)
    }

    /// `b := sign(W_l) ∘ M_l`; `redraw` gives the magnitudes that are not kept.
    fn weights<T: Scalar>(
        &self,
        fixed: &Magnitudes<T>,
        l: usize,
        layer: &Layer<T>,
        redraw: impl FnOnce(&mut [T]),
        b: &mut Matrix<T>,
    ) {
        reshape(b, layer.weight.nrows(), layer.weight.ncols());
        match self.magnitude {
            Magnitude::Uniform => b.as_mut_slice().fill(T::of(self.scale_of(layer))),
            Magnitude::FixedRandom => assign(b, &fixed.fixed[l]),
            Magnitude::BatchRandom => redraw(b.as_mut_slice()),
        }
        zip(b, &layer.weight, |magnitude, w| magnitude * sign(w));
    }
}

impl LearningRule for SignSymmetry {
    const NAME: &'static str = "SignSymmetry";
    const SOURCE: &'static str =
        "Liao, Leibo, Poggio 2016, AAAI, arXiv 1510.05067; Xiao et al. 2019, ICLR, arXiv 1811.03567";
    const CITATIONS: &'static [&'static str] = &[references::LIAO_2016, references::XIAO_2019];
    const EQUATION: &'static str = "delta_l = (B_{l+1}' delta_{l+1}) o f'(z_l), B_l = sign(W_l) o M_l";

    type State<T: Scalar> = Magnitudes<T>;
    type Work<T: Scalar> = (Vec<Matrix<T>>, Carried<T>);

    /// The signs of the forward weights are transported, their sizes are not: half of weight transport is still weight transport.
    fn needs(&self) -> Needs {
        self.feedback.needs(Needs {
            weight_transport: true,
            noise: self.magnitude == Magnitude::BatchRandom,
            draws: self.magnitude == Magnitude::BatchRandom,
            ..Needs::FEEDBACK
        })
    }

    fn init<T: Scalar>(&self, setting: &Setting<'_, T>, stream: Stream) -> Result<Magnitudes<T>, Refusal> {
        positive("scale", self.scale, Self::default().scale)?;
        self.feedback.check(
            &["noise", "error", "delay"],
            "has no effect on signs from W and magnitudes of the rule's own",
        )?;
        let delayed = Delayed::new(self.feedback.delay, setting.network);
        if self.magnitude != Magnitude::FixedRandom {
            return Ok(Magnitudes {
                fixed: Vec::new(),
                wirings: Vec::new(),
                delayed,
            });
        }
        let mut generator = stream.generator();
        let above = setting.network.layers.iter().skip(1).map(|layer| {
            let mut magnitude = layer.weight.clone();
            half_normal(magnitude.as_mut_slice(), self.scale_of(layer), &mut generator);
            layer.wiring.clear_dead(&mut magnitude);
            magnitude
        });
        let fixed = std::iter::once(empty()).chain(above).collect();
        let wirings = setting.network.layers.iter().map(|layer| layer.wiring).collect();
        Ok(Magnitudes {
            fixed,
            wirings,
            delayed,
        })
    }

    fn dropout(&self) -> bool {
        true
    }

    fn propose<T: Scalar>(
        &self,
        magnitudes: &Magnitudes<T>,
        (b, work): &mut (Vec<Matrix<T>>, Carried<T>),
        step: Step<'_, T>,
        out: &mut Proposal<T>,
    ) {
        b.resize_with(step.network.depth(), empty);
        let mut generator = step.stream.when_drawn_from();
        for (l, layer) in step.network.layers.iter().enumerate().skip(1) {
            let redraw = |b: &mut [T]| half_normal(b, self.scale_of(layer), &mut generator);
            self.weights(magnitudes, l, layer, redraw, &mut b[l]);
        }
        let used = self.feedback.used(b, &mut work.noisy, generator);
        self.feedback
            .send_error(FeedbackPath::Sequential, &step, out, |l| &used[l]);
        magnitudes.delayed.exchange(&step, &mut work.present, out);
    }

    fn adapt<T: Scalar>(
        &self,
        magnitudes: &mut Magnitudes<T>,
        (_, work): &mut (Vec<Matrix<T>>, Carried<T>),
        _: After<'_, T>,
    ) {
        magnitudes.delayed.send(&mut work.present);
    }

    /// The feedback in use; where it is redrawn for each batch, its mean over the draws, `sign(W) √(2/π)` times the scale.
    fn feedback<T: Scalar>(
        &self,
        magnitudes: &Magnitudes<T>,
        network: &Network<T>,
        l: usize,
        out: &mut Matrix<T>,
    ) -> Option<FeedbackPath> {
        let layer = (l > 0).then(|| &network.layers[l])?;
        let mean = T::of(self.scale_of(layer) * std::f64::consts::FRAC_2_PI.sqrt());
        self.weights(magnitudes, l, layer, |b| b.fill(mean), out);
        Some(FeedbackPath::Sequential)
    }
}

/// What the rule keeps: magnitudes that are drawn once, and late updates.
#[derive(Clone, Debug)]
pub struct Magnitudes<T: Scalar> {
    /// In the shape of the forward weights; entry 0 is empty, and there are none for the other kinds.
    fixed: Vec<Matrix<T>>,
    wirings: Vec<Wiring>,
    delayed: Delayed<T>,
}

impl<T: Scalar> Learned<T> for Magnitudes<T> {
    fn visit(&mut self, see: &mut dyn FnMut(&str, Shape, &mut [T])) {
        for (l, (magnitude, wiring)) in self.fixed.iter_mut().zip(&self.wirings).enumerate().skip(1) {
            visit_weights(&format!("layer{}.magnitude", l + 1), *wiring, magnitude, see);
        }
        self.delayed.visit(see);
    }
}

fn half_normal<T: Scalar>(values: &mut [T], sd: f64, generator: &mut Generator) {
    random::normal(values, sd, generator);
    values.iter_mut().for_each(|value| *value = value.abs());
}
