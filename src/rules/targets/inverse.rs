//! Hold learned inverses of layers, `g_l ≈ f_l⁻¹`, and train them to undo noise.

use crate::cost;
use crate::linalg::{Matrix, Scalar, assign, reshape, zip};
use crate::network::{Activation, Layer, Network, Wiring};
use crate::random::{self, Generator, Stream};
use crate::rules::learned::visit_layer;
use crate::rules::shared::has_no_pool;
use crate::rules::{After, FeedbackPath, Learned, Refusal, Shape};
use crate::update::{Optimizer, Proposal, Stepper};
use std::ops::Range;

/// What comes out of an inverse `g_l`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InverseUnits {
    /// Units as those of the layer below: `g_l(h) = φ_{l-1}(V_l h + c_l)`, with biases where layer `l` has them.
    Below,
    /// Sums, `g_l(h) = V_l h`: the same Jacobian for every sample.
    Identity,
}

/// `g_l(h) = φ_{l-1}(V_l h + c_l)`, or `V_l h`, `V_l` being `n_{l-1} × n_l`, for a range of layers above the first, and the optimizer that
/// trains them. Above a map `g_l` is a *pull* through filters of its own, which are in the shape of `W_l`, and has as many biases as the
/// layer below.
#[derive(Clone, Debug)]
pub struct Inverses<T: Scalar> {
    layers: Range<usize>,
    g: Vec<Layer<T>>,
    /// How the layers are wired that they invert.
    turned: Vec<Wiring>,
    stepper: Stepper<T>,
}

/// Scratch of [`Inverses::reconstruct`].
#[derive(Clone, Debug, Default)]
pub struct Reconstruction<T: Scalar> {
    noisy: Matrix<T>,
    z: Matrix<T>,
    back: Matrix<T>,
    proposal: Proposal<T>,
}

impl<T: Scalar> Inverses<T> {
    /// `V_l` normal with standard deviation `1/√n_l`, `n_l` being the units that one below reaches, `c_l = 0`, for `layers` (counted from 0; the first has no inverse).
    /// `option` is what the rule calls the optimizer.
    ///
    /// # Errors
    /// A refusal of the optimizer's numbers, or of pools.
    pub fn new(
        network: &Network<T>,
        layers: Range<usize>,
        units: InverseUnits,
        optimizer: Optimizer,
        option: &str,
        stream: Stream,
    ) -> Result<Self, Refusal> {
        let within = |refusal: Refusal| Refusal {
            remedy: format!("leave `{option}` out for the default"),
            ..refusal.within(option)
        };
        optimizer.check().map_err(within)?;
        let reason = "has no inverse of pooling: which unit won is not in what it passes down";
        has_no_pool(network, reason)?;
        let mut generator = stream.generator();
        let draw = |l: usize| {
            let (f, below) = (&network.layers[l], &network.layers[l - 1]);
            let wiring = f.wiring.reversed(below.wiring);
            let mut g = match units {
                InverseUnits::Below => Layer::new(wiring, !f.bias.is_empty(), below.activation),
                InverseUnits::Identity => Layer::new(wiring, false, Activation::Identity),
            };
            let sd = 1.0 / f.wiring.mean_fan_out().sqrt();
            random::normal(g.weight.as_mut_slice(), sd, &mut generator);
            wiring.clear_dead(&mut g.weight);
            g
        };
        let g: Vec<_> = layers.clone().map(draw).collect();
        let stepper = Stepper::new(optimizer, &g);
        let turned = layers.clone().map(|l| network.layers[l].wiring).collect();
        Ok(Self {
            layers,
            g,
            turned,
            stepper,
        })
    }

    /// `below := g_l(h)`; `z` is scratch for the pre-activation.
    pub fn apply(&self, l: usize, h: &Matrix<T>, z: &mut Matrix<T>, below: &mut Matrix<T>) {
        cost::aside(|| self.g[l - self.layers.start].forward(h, z, below));
    }

    /// One step of every `g_l` down a gradient: `pairs(l, g_l, generator, post, pre)` leaves the columns of which it is made, as in
    /// [`Proposal::pairs`], and draws what it needs.
    pub fn learn(
        &mut self,
        proposal: &mut Proposal<T>,
        after: &After<'_, T>,
        mut pairs: impl FnMut(usize, &Layer<T>, &mut Generator, &mut Matrix<T>, &mut Matrix<T>),
    ) {
        proposal.begin(&self.g, after.step.trace.batch());
        let mut generator = after.step.stream.generator();
        for (i, (l, g)) in self.layers.clone().zip(&self.g).enumerate() {
            let (post, pre) = proposal.pairs(i);
            pairs(l, g, &mut generator, post, pre);
        }
        self.stepper.apply(&mut self.g, proposal, after.step.trace);
    }

    /// One step of every `g_l` down `½ |g_l(f_l(h̃)) − h̃|²`, `h̃ = h_{l-1} + ε`, `ε` normal with standard deviation `noise`.
    /// `h` is of the forward pass, `f_l` the layer as it is after the change.
    pub fn reconstruct(&mut self, noise: f64, work: &mut Reconstruction<T>, after: &After<'_, T>) {
        let Reconstruction {
            noisy,
            z,
            back,
            proposal,
        } = work;
        self.learn(proposal, after, |l, g, generator, post, up| {
            let h = after.step.trace.below(l);
            let values = reshape(noisy, h.nrows(), h.ncols()).as_mut_slice();
            random::normal(values, noise, generator);
            zip(noisy, h, |noise, h| h + noise);
            after.step.network.layers[l].forward(noisy, z, up);
            cost::aside(|| g.forward(up, z, back));
            assign(post, back);
            zip(post, noisy, |back, noisy| back - noisy);
            g.activation.multiply_slope(z, back, post);
        });
    }

    /// Shows `V_lᵀ`, which stands where backpropagation has `W_l`.
    pub fn show(&self, l: usize, out: &mut Matrix<T>) -> Option<FeedbackPath> {
        let place = self.layers.clone().position(|inverted| inverted == l)?;
        self.turned[place].turn_back(&self.g[place].weight, out);
        Some(FeedbackPath::Sequential)
    }
}

impl<T: Scalar> Learned<T> for Inverses<T> {
    fn visit(&mut self, see: &mut dyn FnMut(&str, Shape, &mut [T])) {
        let name = |l: usize| format!("layer{}.inverse", l + 1);
        for (l, g) in self.layers.clone().zip(&mut self.g) {
            visit_layer(&name(l), g, see);
        }
        self.stepper.visit(self.layers.clone().map(name), see);
    }

    fn feedback(&self, l: usize, out: &mut Matrix<T>) -> Option<FeedbackPath> {
        self.show(l, out)
    }
}
