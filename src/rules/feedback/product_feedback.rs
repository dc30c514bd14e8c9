//! Send errors down a product of two paths, which aligns with the forward weights though neither path looks like them.

use super::{Carried, Delayed, Feedback, constant_gap, refuse_l2};
use crate::linalg::{Matrix, Scalar, empty, multiply, plain, transposed, zeroed};
use crate::network::Network;
use crate::random::Stream;
use crate::references;
use crate::rules::learned::visit_matrix;
use crate::rules::shared::{at_least_one, project, receives_the_same};
use crate::rules::{After, FeedbackPath, Learned, LearningRule, Needs, Refusal, Setting, Shape, Step};
use crate::update::{Proposal, Recipe};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Product feedback alignment (Li Ji-An, Benna 2024): the error reaches a layer through a population of `m = expansion · n_l` units of its
/// own, by a fixed `P_l`, `n_l × m`, and a learned `R_l`, `m × n_{l-1}`. No pair of units is joined in both directions.
///
/// `δ_{l-1} = (R_lᵀ P_lᵀ δ_l) ∘ φ'(z_{l-1})`: `P_l R_l` stands where backpropagation has `W_l`. `R_l` learns from what reaches the
/// population and the activity below, with the layer's rate, momentum and decay: if `W_l ← (1 − decay) W_l + ΔW_l`, then
/// `R_l ← (1 − decay) R_l + P_lᵀ ΔW_l`. Hence `R_l − P_lᵀ W_l` shrinks by `1 − decay` at every step, whatever the data, and without
/// decay it is conserved.
///
/// With the gap closed, `P_l R_l = P_l P_lᵀ W_l`. The entries of `P_l` are normal with variance `1/m`, so that `E P_l P_lᵀ = I`, and
/// the angle between the product and `W_l` is about `atan √((n_l + 1) / m)`: it falls with the expansion.
///
/// On a convolution both paths are in the place of its filters, one population for all positions: `P_l` is channels × m, and `R_l` m × taps.
///
/// Choices: the authors' orthogonal and identity `P_l` are left out; `R_l` follows the change that was really applied, so that a
/// shadow follows its trainer. `P_l R_l` starts with entries of the standard deviation that feedback weights have.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ProductFeedback {
    /// Units of the population between, for each unit of the layer; 1 or more.
    pub expansion: usize,
    /// How `R` starts (distribution, scale), and noise on `R` and delay; the other ingredients are refused.
    pub feedback: Feedback,
}

impl Default for ProductFeedback {
    fn default() -> Self {
        Self {
            expansion: 10,
            feedback: Feedback::default(),
        }
    }
}

/// Both paths for every layer but the first; entry 0 is empty.
#[derive(Clone, Debug)]
pub struct Paths<T: Scalar> {
    /// `P_l`, `n_l × m`.
    fixed: Vec<Matrix<T>>,
    /// `R_l`, `m × n_{l-1}`.
    learned: Vec<Matrix<T>>,
    delayed: Delayed<T>,
}

impl<T: Scalar> Learned<T> for Paths<T> {
    fn visit(&mut self, see: &mut dyn FnMut(&str, Shape, &mut [T])) {
        for (l, (fixed, learned)) in self.fixed.iter_mut().zip(&mut self.learned).enumerate().skip(1) {
            visit_matrix(&format!("layer{}.feedback.fixed", l + 1), fixed, see);
            visit_matrix(&format!("layer{}.feedback.learned", l + 1), learned, see);
        }
        self.delayed.visit(see);
    }
}

/// Scratch.
#[derive(Debug, Default)]
pub struct Products<T: Scalar> {
    products: Vec<Matrix<T>>,
    change: Matrix<T>,
    carried: Carried<T>,
}

impl LearningRule for ProductFeedback {
    const NAME: &'static str = "ProductFeedback";
    const SOURCE: &'static str = "Li Ji-An, Benna 2024, Deep learning without weight symmetry, arXiv 2405.20594";
    const CITATIONS: &'static [&'static str] = &[references::JI_AN_2024];
    const EQUATION: &'static str = "delta_l = (R_{l+1}' P_{l+1}' delta_{l+1}) o f'(z_l), P fixed; R_l gets P_l' times the change of W_l, and its decay";

    type State<T: Scalar> = Paths<T>;
    type Work<T: Scalar> = Products<T>;

    fn needs(&self) -> Needs {
        self.feedback.needs(Needs::FEEDBACK)
    }

    fn init<T: Scalar>(&self, setting: &Setting<'_, T>, stream: Stream) -> Result<Paths<T>, Refusal> {
        at_least_one("expansion", self.expansion, Self::default().expansion)?;
        refuse_l2(setting.optimizer)?;
        receives_the_same(&setting.network.layers)?;
        let accepted = ["distribution", "scale", "noise", "error", "delay"];
        self.feedback
            .check(&accepted, "has no meaning for a product of two paths")?;
        let mut generator = stream.generator();
        let (mut fixed, mut learned) = (vec![empty()], vec![empty()]);
        for layer in setting.network.layers.iter().skip(1) {
            let ((rows, columns), fan_in) = (layer.weight.shape(), layer.fan_in());
            let population = self.expansion * rows;
            let (spread, sd) = (1.0 / (population as f64).sqrt(), 1.0 / (fan_in as f64).sqrt());
            fixed.push(Feedback::default().draw(rows, population, spread, &mut generator));
            learned.push(self.feedback.draw(population, columns, sd, &mut generator));
        }
        let delayed = Delayed::new(self.feedback.delay, setting.network);
        Ok(Paths {
            fixed,
            learned,
            delayed,
        })
    }

    fn warning(&self, optimizer: &Recipe) -> Option<String> {
        constant_gap(optimizer)
    }

    fn dropout(&self) -> bool {
        true
    }

    fn propose<T: Scalar>(&self, paths: &Paths<T>, work: &mut Products<T>, step: Step<'_, T>, out: &mut Proposal<T>) {
        let Products { products, carried, .. } = work;
        let generator = step.stream.when_drawn_from();
        let learned = self.feedback.used(&paths.learned, &mut carried.noisy, generator);
        products.resize_with(step.network.depth(), empty);
        for ((product, fixed), learned) in products.iter_mut().zip(&paths.fixed).zip(learned).skip(1) {
            project(T::ONE, fixed, learned, product);
        }
        self.feedback
            .send_error(FeedbackPath::Sequential, &step, out, |l| &products[l]);
        paths.delayed.exchange(&step, &mut carried.present, out);
    }

    fn adapt<T: Scalar>(&self, paths: &mut Paths<T>, work: &mut Products<T>, after: After<'_, T>) {
        let Products { change, carried, .. } = work;
        for (l, (fixed, learned)) in paths.fixed.iter().zip(&mut paths.learned).enumerate().skip(1) {
            let (rows, columns) = after.step.network.layers[l].weight.shape();
            // what was added to W, without the decay
            zeroed(change, rows, columns);
            after.change.follow(l, change);
            multiply(T::ONE, transposed(fixed), plain(change), after.change.keep(l), learned);
        }
        paths.delayed.send(&mut carried.present);
    }

    /// The product of the paths.
    fn feedback<T: Scalar>(
        &self,
        paths: &Paths<T>,
        _: &Network<T>,
        l: usize,
        out: &mut Matrix<T>,
    ) -> Option<FeedbackPath> {
        (l > 0).then(|| project(T::ONE, &paths.fixed[l], &paths.learned[l], out))?;
        Some(FeedbackPath::Sequential)
    }
}
