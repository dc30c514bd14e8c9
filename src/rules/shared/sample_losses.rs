//! Measure the loss of each sample.

use crate::linalg::{Matrix, Scalar, empty, reshape};
use crate::loss::Loss;
use crate::network::Output;

/// The loss of each sample, computed in double precision from the outputs as they are, since perturbation rules live on
/// small differences of losses.
#[derive(Debug)]
pub struct SampleLosses {
    z: Matrix<f64>,
    a: Matrix<f64>,
    y: Matrix<f64>,
    losses: Vec<f64>,
}

impl Default for SampleLosses {
    fn default() -> Self {
        Self {
            z: empty(),
            a: empty(),
            y: empty(),
            losses: Vec::new(),
        }
    }
}

impl SampleLosses {
    /// The loss of each sample for this output and these targets.
    pub fn measure<T: Scalar>(&mut self, loss: Loss, output: Output<'_, T>, targets: &Matrix<T>) -> &[f64] {
        let Self { z, a, y, losses } = self;
        widen(output.z, z);
        widen(output.a, a);
        widen(targets, y);
        losses.clear();
        losses.extend((0..y.ncols()).map(|i| loss.of_sample(Output { z, a }, y, i)));
        losses
    }

    /// What was measured last.
    pub fn losses(&self) -> &[f64] {
        &self.losses
    }
}

fn widen<T: Scalar>(from: &Matrix<T>, to: &mut Matrix<f64>) {
    let to = reshape(to, from.nrows(), from.ncols());
    for (to, from) in to.iter_mut().zip(from.iter()) {
        *to = from.to_f64();
    }
}
