//! Measure the loss of each sample.

use crate::linalg::{Matrix, Scalar, reshape};
use crate::loss::Loss;
use crate::network::Output;

/// The loss of each sample, computed in double precision from the outputs as they are, since perturbation rules live on
/// small differences of losses.
#[derive(Debug, Default)]
pub struct SampleLosses {
    z: Matrix<f64>,
    a: Matrix<f64>,
    y: Matrix<f64>,
    losses: Vec<f64>,
}

impl SampleLosses {
    /// The loss of each sample for this output and these targets.
    pub fn measure<T: Scalar>(&mut self, loss: Loss, output: Output<'_, T>, targets: &Matrix<T>) -> &[f64] {
        let Self { z, a, y, losses } = self;
        widen(output.z, z);
        widen(output.a, a);
        widen(targets, y);
        losses.clear();
        losses.extend(loss.of_samples(Output { z, a }, y));
        losses
    }

    /// What was measured last.
    pub fn losses(&self) -> &[f64] {
        &self.losses
    }
}

fn widen<T: Scalar>(from: &Matrix<T>, to: &mut Matrix<f64>) {
    let to = reshape(to, from.nrows(), from.ncols());
    for (to, from) in to.as_mut_slice().iter_mut().zip(from.as_slice()) {
        *to = from.to_f64();
    }
}
