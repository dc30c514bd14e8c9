//! Find the signal of a controller that drives the output to a target, and the activities under its control.

use crate::linalg::{Matrix, Scalar, add_scaled, assign, empty, reshape, solve_each, zeroed, zip, zip_two};
use crate::network::Trace;
use crate::rules::Step;
use crate::rules::relaxation::{largest, residual};
use crate::rules::shared::{Tangent, output_error, project};

/// A network whose cells get feedback `Q_l u` beside what comes from below, `v_l = W_l φ(v_{l-1}) + b_l + Q_l u`, with `Q_L = I`; and the
/// signal `u`, `n_out × batch`, with which `r* − h_L(u) = α u`, `r*` being the target.
#[derive(Debug, Default)]
pub struct Controller<T: Scalar> {
    /// `u`.
    signal: Matrix<T>,
    /// `r* − h_L(0)`.
    distance: Matrix<T>,
    /// `r* − h_L(u) − α u`, where it is simulated.
    missing: Matrix<T>,
    /// `Q_l u`.
    pub feedback: Vec<Matrix<T>>,
    /// The pass with `u`.
    pub controlled: Trace<T>,
    tangent: Tangent<T>,
    /// `J Q + α I` of each sample, side by side.
    systems: Matrix<T>,
}

impl<T: Scalar> Controller<T> {
    /// Sets the target `r* = h_L − η e`.
    pub fn aim(&mut self, step: &Step<'_, T>, eta: f64) {
        let eta = T::of(eta);
        output_error(step, &mut self.distance);
        self.distance.iter_mut().for_each(|error| *error = -eta * *error);
    }

    /// `u := (J Q + α I)⁻¹ (r* − h_L)` for each sample, `J = ∂h_L/∂v` of the forward pass over all layers, and a pass with it. A column of
    /// `J Q` is how the output moves along a column of `Q`: a pass up for each output.
    pub fn solve(&mut self, step: &Step<'_, T>, q: &[Matrix<T>], alpha: f64) {
        let (n, alpha) = (step.network.outputs(), T::of(alpha));
        reshape(&mut self.systems, n, n * step.batch());
        for k in 0..n {
            let change = self.tangent.lift(step, 0, |l, z| {
                for mut z in z.column_iter_mut() {
                    match q.get(l) {
                        Some(q) => z += q.column(k),
                        None => z[k] += T::ONE,
                    }
                }
            });
            step.multiply_slope(step.network.top(), change);
            for (i, change) in change.column_iter().enumerate() {
                self.systems.set_column(i * n + k, &change);
                self.systems[(k, i * n + k)] += alpha;
            }
        }
        assign(&mut self.signal, &self.distance);
        solve_each(&mut self.systems, &mut self.signal);
        self.pass(step, q);
    }

    /// From 0, `u ← u + rate (r* − h_L(u) − α u)`, so many steps of one pass each, which the network follows at once.
    pub fn simulate(&mut self, step: &Step<'_, T>, q: &[Matrix<T>], alpha: f64, (steps, rate): (u32, f64)) {
        zeroed(&mut self.signal, step.network.outputs(), step.batch());
        assign(&mut self.missing, &self.distance);
        let (rate, alpha) = (T::of(rate), T::of(alpha));
        for _ in 0..steps {
            add_scaled(self.signal.as_mut_slice(), rate, self.missing.as_slice());
            self.pass(step, q);
            let (still, moved) = (step.trace.output().a, self.controlled.output().a);
            assign(&mut self.missing, &self.distance);
            zip(&mut self.missing, &self.signal, move |distance, u| distance - alpha * u);
            zip_two(&mut self.missing, still, moved, |missing, still, moved| {
                missing + (still - moved)
            });
        }
    }

    /// How far from rest the simulation has ended.
    pub fn residual(&self) -> Option<f64> {
        residual(largest(&self.missing), largest(&self.distance))
    }

    fn pass(&mut self, step: &Step<'_, T>, q: &[Matrix<T>]) {
        let (signal, trace) = (&self.signal, &mut self.controlled);
        trace.fit(step.network.depth());
        self.feedback.resize_with(step.network.depth(), empty);
        for (l, (layer, feedback)) in step.network.layers.iter().zip(&mut self.feedback).enumerate() {
            match q.get(l) {
                Some(q) => project(T::ONE, q, signal, feedback),
                None => assign(feedback, signal),
            }
            if l == 0 {
                assign(&mut trace.z[0], &step.trace.z[0]); // feedback changes nothing that the first layer gets from below
            } else {
                layer.push(&layer.weight, &layer.bias, &trace.a[l - 1], &mut trace.z[l]);
            }
            add_scaled(trace.z[l].as_mut_slice(), T::ONE, feedback.as_slice());
            trace.activate(l, layer);
        }
    }
}
