//! Measure how much a step along a proposal lowers the loss.

use super::metric::metrics;
use super::{Gradients, gradient_norms};
use crate::linalg::{Matrix, Scalar, add_scaled};
use crate::loss::Loss;
use crate::network::{Network, Trace};

metrics! {
    /// decrease of the loss in a step along the update, over that in a step of the same length along the gradient
    DESCENT_EFFICIENCY = "descent_efficiency", Probe, Number, Larger;
}

/// A batch, the loss on it before and after steps, and how much a step along the exact gradient lowers it.
pub struct Descent<'a, T: Scalar> {
    network: &'a Network<T>,
    loss: Loss,
    targets: &'a Matrix<T>,
    before: f64,
    moved: Trace<T>,
    length: f64,
    of_exact: Option<f64>,
}

impl<'a, T: Scalar> Descent<'a, T> {
    /// From the network as it is, and its forward pass on the batch; steps are as long as one with this `rate` along the gradient.
    pub fn new(
        network: &'a Network<T>,
        loss: Loss,
        trace: &Trace<T>,
        targets: &'a Matrix<T>,
        exact: &Gradients<T>,
        rate: f64,
    ) -> Self {
        let mut moved = Trace::default();
        moved.input.clone_from(&trace.input);
        let mut descent = Self {
            network,
            loss,
            targets,
            before: loss.mean(trace.output(), targets),
            moved,
            length: rate * norm(exact),
            of_exact: None,
        };
        descent.of_exact = descent.decrease(exact).filter(|decrease| *decrease > 0.0);
        descent
    }

    /// `descent_efficiency`: with `D(d) = C(θ) − C(θ − rate |g| d / |d|)`, the decrease of the mean loss of the batch in a step of
    /// length `rate |g|` against `d`, this is `D(u) / D(g)` for the proposal `u` and the exact gradient `g`; layers that a rule does
    /// not train stay. 1 is as good as the gradient, and negative a step that climbs; for small rates it is their cosine, for large
    /// ones it may exceed 1, since the gradient is steepest at the start of a step only.
    ///
    /// Absent where a norm is zero, or the step along the gradient does not lower the loss.
    pub fn efficiency(&mut self, update: &Gradients<T>) -> Option<f64> {
        let of_exact = self.of_exact?;
        Some(self.decrease(update)? / of_exact)
    }

    fn decrease(&mut self, direction: &Gradients<T>) -> Option<f64> {
        let norm = norm(direction);
        if norm.is_nan() || norm <= 0.0 {
            return None;
        }
        let step = T::of(-self.length / norm);
        let mut moved = self.network.clone();
        for (l, layer) in moved.layers.iter_mut().enumerate() {
            let [weight, bias] = direction.pieces(l);
            if let (Some(weight), Some(bias)) = (weight, bias) {
                add_scaled(layer.weight.as_mut_slice(), step, weight);
                add_scaled(layer.bias.as_mut_slice(), step, bias);
            }
        }
        moved.forward(&mut self.moved);
        Some(self.before - self.loss.mean(self.moved.output(), self.targets))
    }
}

/// Of a whole update.
fn norm<T: Scalar>(update: &Gradients<T>) -> f64 {
    let norms = gradient_norms(update);
    norms.last().map_or(0.0, |(_, norm_of_all)| *norm_of_all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::{Activation, Layer};
    use crate::update::Proposal;

    /// `C = ½ (w·x − 1)²` at `w = 0`, `x = (1, 2)`: the gradient is `−x`.
    fn efficiency(rate: f64, update: [f64; 2]) -> Option<f64> {
        let network = Network {
            layers: vec![Layer::zeros(1, 2, false, Activation::Identity)],
        };
        let mut trace = Trace {
            input: Matrix::from_column_slice(2, 1, &[1.0, 2.0]),
            ..Trace::default()
        };
        network.forward(&mut trace);
        let written = |values: [f64; 2]| {
            let (mut proposal, mut written) = (Proposal::default(), Gradients::for_network(&network));
            proposal.begin(&network.layers, 1);
            let array = proposal.dense(0, &network.layers[0]);
            array.weight.as_mut_slice().copy_from_slice(&values);
            written.write(&proposal, &trace);
            written
        };
        let targets = Matrix::from_element(1, 1, 1.0);
        let exact = written([-1.0, -2.0]);
        Descent::new(&network, Loss::HALF_SQUARES, &trace, &targets, &exact, rate).efficiency(&written(update))
    }

    #[test]
    fn a_quadratic_loss_by_hand() {
        let decrease = |along: f64| (1.0 - (1.0 - along) * (1.0 - along)) / 2.0;
        let near = |found: Option<f64>, expected: f64| (found.unwrap() - expected).abs() < 1e-12;
        for rate in [1e-3, 0.1, 0.3] {
            assert_eq!(efficiency(rate, [-1.0, -2.0]), Some(1.0));
            // only its direction counts
            assert!(near(efficiency(rate, [-3.0, -6.0]), 1.0));
            let step = rate * f64::sqrt(5.0);
            assert!(near(
                efficiency(rate, [-1.0, 0.0]),
                decrease(step) / decrease(5.0 * rate)
            ));
            assert!(efficiency(rate, [1.0, 2.0]).unwrap() < 0.0);
            assert!(near(efficiency(rate, [2.0, -1.0]), 0.0), "at right angles to the input");
        }
        // a large step along the gradient goes too far: a worse direction may get closer
        assert!(efficiency(0.35, [-1.0, 0.0]).unwrap() > 1.0);
        assert_eq!(efficiency(0.5, [-1.0, 0.0]), None);
        assert_eq!(efficiency(0.1, [0.0, 0.0]), None);
    }
}
