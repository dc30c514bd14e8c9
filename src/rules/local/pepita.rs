//! Send the input up again with the error mixed in, and let each layer learn from the difference of the two passes.

use crate::linalg::{Matrix, Scalar, add_scaled, assign, empty, zip};
use crate::network::Trace;
use crate::random::Stream;
use crate::references;
use crate::rules::feedback::Feedback;
use crate::rules::learned::visit_matrix;
use crate::rules::shared::{output_error, project};
use crate::rules::{Learned, LearningRule, Needs, Refusal, Setting, Shape, Step};
use crate::update::Proposal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// PEPITA, present the error to perturb the input to modulate activity (Dellaferrera, Kreiman 2022): a first pass gives
/// the activities `h_l` and the error `e`, a second pass on the input `x' = x + F e` gives `h'_l`, and
///
/// `ΔW_l = (h_l − h'_l) h'_{l-1}ᵀ` for hidden layers, with `h'_0 = x'`, and `ΔW_L = e h'_{L-1}ᵀ` for the output layer.
///
/// The error is `∂C/∂h_L`, prediction minus target for half squares and twice that for squares, or `softmax(h_L) − y` for the
/// cross-entropy, or `h_L − y` for the logistic one; a mean over outputs divides it. It is always that of the
/// *first* pass, as in the paper; the authors' own program gives the output layer the error of the second. The
/// projected error is *added* to the input, as there; later papers subtract it. No slope enters anywhere, at the output
/// neither. The paper has no biases; here they learn as weights of an input that is 1 in both passes: by `h_l − h'_l`,
/// and by `e`.
///
/// With dropout both passes use the same masks. Where a layer pools, `h_l` of its own update are its units, before they are pooled.
///
/// `F`, `n_0 × n_out`, is fixed. At `feedback.scale` 1 its standard deviation is `0.05 √(2 / n_0)`, the paper's: larger
/// errors at the input drive the two passes too far apart.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Pepita {
    /// How `F` is drawn.
    pub feedback: Feedback,
}

/// `F`, shown as `input.feedback`.
#[derive(Clone, Debug)]
pub struct Projection<T: Scalar>(pub Matrix<T>);

impl<T: Scalar> Learned<T> for Projection<T> {
    fn visit(&mut self, see: &mut dyn FnMut(&str, Shape, &mut [T])) {
        visit_matrix("input.feedback", &mut self.0, see);
    }
}

/// Scratch: the error and the second pass.
#[derive(Debug, Default)]
pub struct SecondPass<T: Scalar> {
    error: Matrix<T>,
    second: Trace<T>,
}

impl LearningRule for Pepita {
    const NAME: &'static str = "Pepita";
    const SOURCE: &'static str = "Dellaferrera, Kreiman 2022, ICML, arXiv 2201.11665";
    const CITATIONS: &'static [&'static str] = &[references::DELLAFERRERA_2022];
    const EQUATION: &'static str = "x' = x + F e; u_l = (h_l - h'_l) h'_{l-1}', u_L = e h'_{L-1}'";

    type State<T: Scalar> = Projection<T>;
    type Work<T: Scalar> = SecondPass<T>;

    fn needs(&self) -> Needs {
        Needs {
            slope: false,
            ..Needs::FEEDBACK.takes(2, 2)
        }
    }

    fn init<T: Scalar>(&self, setting: &Setting<'_, T>, stream: Stream) -> Result<Projection<T>, Refusal> {
        let sd = 0.05 * (2.0 / setting.network.inputs() as f64).sqrt();
        Ok(Projection(self.feedback.input(setting.network, sd, stream)?))
    }

    fn dropout(&self) -> bool {
        true
    }

    fn propose<T: Scalar>(
        &self,
        f: &Projection<T>,
        work: &mut SecondPass<T>,
        step: Step<'_, T>,
        out: &mut Proposal<T>,
    ) {
        let SecondPass { error, second } = work;
        let (network, first) = (step.network, step.trace);
        output_error(&step, error);
        project(T::ONE, &f.0, error, &mut second.input);
        add_scaled(second.input.as_mut_slice(), T::ONE, first.input.as_slice());
        second.mask.resize_with(first.mask.len(), empty);
        for (second, first) in second.mask.iter_mut().zip(&first.mask) {
            assign(second, first);
        }
        network.forward(second);
        for l in 0..network.depth() {
            let (post, pre) = out.pairs(l);
            assign(pre, second.below(l));
            if l == network.top() {
                assign(post, error);
            } else {
                assign(post, first.units(l));
                zip(post, second.units(l), |first, second| first - second);
            }
        }
    }
}
