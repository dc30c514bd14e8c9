//! Hold feedback weights, and the `feedback: (...)` options that every rule with feedback weights shares.

use crate::linalg::{Matrix, Scalar, assign, empty};
use crate::network::Network;
use crate::random::{self, Stream};
use crate::rules::{FeedbackPath, Learned, Refusal, Shape};
use serde::{Deserialize, Serialize};

/// What feedback weights are drawn from; both with mean 0 and the same standard deviation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Distribution {
    /// Normal.
    #[default]
    Normal,
    /// Uniform, from `−√3` to `√3` standard deviations.
    Uniform,
}

/// How feedback weights start. At `scale` 1 their standard deviation is `1/√n_in` of the layer they stand for, and for direct
/// feedback `1/√n_out` of the network.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Feedback {
    /// Shape of the distribution.
    pub distribution: Distribution,
    /// Factor on the standard deviation.
    pub scale: f64,
}

impl Default for Feedback {
    fn default() -> Self {
        Self {
            distribution: Distribution::Normal,
            scale: 1.0,
        }
    }
}

impl Feedback {
    fn check(&self) -> Result<(), Refusal> {
        if self.scale > 0.0 && self.scale.is_finite() {
            return Ok(());
        }
        Err(Refusal::new(
            "feedback.scale",
            "must be positive",
            "leave it out for the default 1.0",
        ))
    }

    fn draw<T: Scalar>(&self, rows: usize, columns: usize, sd: f64, generator: &mut random::Generator) -> Matrix<T> {
        let mut matrix = Matrix::from_element(rows, columns, T::ZERO);
        match self.distribution {
            Distribution::Normal => random::normal(matrix.as_mut_slice(), self.scale * sd, generator),
            Distribution::Uniform => {
                let bound = self.scale * sd * 3f64.sqrt();
                let draw = |x: &mut T| *x = T::of(bound * (2.0 * random::uniform(generator) - 1.0));
                matrix.as_mut_slice().iter_mut().for_each(draw);
            }
        }
        matrix
    }

    /// `B_l` in the shape of `W_l` for every layer but the first.
    pub fn weights<T: Scalar>(&self, network: &Network<T>, stream: Stream) -> Result<FeedbackWeights<T>, Refusal> {
        self.check()?;
        let mut generator = stream.generator();
        let above = network.layers.iter().skip(1).map(|layer| {
            let (rows, columns) = layer.weight.shape();
            self.draw(rows, columns, 1.0 / (columns as f64).sqrt(), &mut generator)
        });
        Ok(FeedbackWeights(std::iter::once(empty()).chain(above).collect()))
    }

    /// `B_l`, `n_l × n_out`, for every hidden layer.
    pub fn direct<T: Scalar>(&self, network: &Network<T>, stream: Stream) -> Result<DirectFeedback<T>, Refusal> {
        self.check()?;
        let (mut generator, outputs) = (stream.generator(), network.outputs());
        let hidden = network.layers[..network.top()].iter();
        let draw =
            hidden.map(|layer| self.draw(layer.outputs(), outputs, 1.0 / (outputs as f64).sqrt(), &mut generator));
        Ok(DirectFeedback(draw.collect()))
    }
}

impl Feedback {
    /// `F`, `n_0 × n_out`, from the output to the input; `sd` is its standard deviation at `scale` 1.
    pub fn input<T: Scalar>(&self, network: &Network<T>, sd: f64, stream: Stream) -> Result<Matrix<T>, Refusal> {
        self.check()?;
        Ok(self.draw(network.inputs(), network.outputs(), sd, &mut stream.generator()))
    }
}

/// Feedback weights in the shape of the forward weights; entry 0 is empty, since nothing is sent to the input.
#[derive(Clone, Debug)]
pub struct FeedbackWeights<T: Scalar>(pub Vec<Matrix<T>>);

impl<T: Scalar> FeedbackWeights<T> {
    /// Shows `B_l` as [`LearningRule::feedback`](crate::rules::LearningRule::feedback) does.
    pub fn show(&self, l: usize, out: &mut Matrix<T>) -> Option<FeedbackPath> {
        (l > 0).then(|| assign(out, &self.0[l]))?;
        Some(FeedbackPath::Sequential)
    }
}

impl<T: Scalar> Learned<T> for FeedbackWeights<T> {
    fn visit(&mut self, see: &mut dyn FnMut(&str, Shape, &mut [T])) {
        for (l, b) in self.0.iter_mut().enumerate().skip(1) {
            see(&format!("layer{}.feedback", l + 1), b.shape(), b.as_mut_slice());
        }
    }
}

/// Feedback weights from the output to each hidden layer, `n_l × n_out`.
#[derive(Clone, Debug)]
pub struct DirectFeedback<T: Scalar>(pub Vec<Matrix<T>>);

impl<T: Scalar> DirectFeedback<T> {
    /// Shows `B_l` as [`LearningRule::feedback`](crate::rules::LearningRule::feedback) does.
    pub fn show(&self, l: usize, out: &mut Matrix<T>) -> Option<FeedbackPath> {
        assign(out, self.0.get(l)?);
        Some(FeedbackPath::Direct)
    }
}

impl<T: Scalar> Learned<T> for DirectFeedback<T> {
    fn visit(&mut self, see: &mut dyn FnMut(&str, Shape, &mut [T])) {
        for (l, b) in self.0.iter_mut().enumerate() {
            see(&format!("layer{}.direct_feedback", l + 1), b.shape(), b.as_mut_slice());
        }
    }
}
