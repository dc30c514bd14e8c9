//! Hold feedback weights, and the `feedback: (...)` options that every rule with feedback weights shares.

use super::delay::Delayed;
use super::feedback_weights::{Carried, FeedbackWeights, array_name, weights_above};
use super::ingredients::{self, Sign};
use super::landing::{ErrorSignal, Landing};
use crate::arrays::{self, Array};
use crate::linalg::{Matrix, Scalar, empty, multiply, plain, reshape, transposed, zip};
use crate::network::{Distribution, Network, Shape};
use crate::random::{self, Generator, Stream};
use crate::rules::shared::{broadcast_error, carry_down_to, is_positive, output_delta, require, require_or_default};
use crate::rules::{FeedbackPath, Needs, Refusal, Setting, Step};
use crate::update::Proposal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::ops::DerefMut;
use std::path::{Path, PathBuf};

/// How feedback weights start, and how they are used. Every ingredient but `scale` is off at 0.
///
/// Weights start in this order: values (drawn, of low rank, or from a file), symmetry, sparsity, sign, levels. Noise and delay are
/// at work in every step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Feedback {
    /// Shape of the distribution that weights are drawn from.
    pub distribution: Distribution,
    /// Factor on the standard deviation, positive. At 1 it is `1/√n_in` of the layer that the weights stand for, and for direct feedback
    /// `1/√n_out` of the network.
    pub scale: f64,
    /// Safetensors file with all feedback weights under their names, such as `layer2.feedback`; empty: weights are drawn. The path
    /// is relative to the folder of the experiment file.
    pub file: String,
    /// `a` in `B = a W + (1 − a) noise`, from 0 to 1: weights start as a blend of the forward weights at the start (for direct
    /// feedback, of their product) and the drawn ones. They do not follow the forward weights afterwards.
    pub symmetry: f64,
    /// Rank of the drawn weights, `B = U Vᵀ` with the same standard deviation of an entry; 0: full. A matrix that has no higher
    /// rank anyway is drawn as always.
    pub rank: usize,
    /// Share of entries that are 0, from 0 to below 1, exact up to rounding, at places drawn once. The others keep their size.
    pub sparsity: f64,
    /// What signs the weights may have.
    pub sign: Sign,
    /// Number of values that weights are rounded to, evenly spaced from the largest magnitude of the matrix to its negative, at
    /// least 2; 0: no rounding. Entries that are 0 stay 0.
    pub levels: u32,
    /// Standard deviation, not negative, of `ξ` in `B ∘ (1 + ξ)`, normal and drawn anew for each entry and each batch: synapses are unreliable in
    /// proportion to their strength.
    pub noise: f64,
    /// What of the output error enters the feedback.
    pub error: ErrorSignal,
    /// Where direct feedback lands in a layer that pools.
    #[serde(skip_serializing_if = "Landing::is_usual")]
    pub lands: Landing,
    /// Batches by which the error is late at the hidden layers: these take the update of the batch so many steps ago, its own
    /// activities included (as in delayed-gradient training, Huo et al. 2018), and no step before there is one.
    pub delay: usize,
}

impl Default for Feedback {
    fn default() -> Self {
        Self {
            distribution: Distribution::Normal,
            scale: 1.0,
            file: String::new(),
            symmetry: 0.0,
            rank: 0,
            sparsity: 0.0,
            sign: Sign::Free,
            levels: 0,
            noise: 0.0,
            error: ErrorSignal::Full,
            lands: Landing::Activity,
            delay: 0,
        }
    }
}

impl Feedback {
    /// Every ingredient, and whether it differs from its default.
    fn stated(&self) -> [(&'static str, bool); 12] {
        [
            ("distribution", self.distribution != Distribution::Normal),
            ("scale", self.scale != 1.0),
            ("file", !self.file.is_empty()),
            ("symmetry", self.symmetry != 0.0),
            ("rank", self.rank != 0),
            ("sparsity", self.sparsity != 0.0),
            ("sign", self.sign != Sign::Free),
            ("levels", self.levels != 0),
            ("noise", self.noise != 0.0),
            ("error", self.error != ErrorSignal::Full),
            ("lands", self.lands != Landing::Activity),
            ("delay", self.delay != 0),
        ]
    }

    fn refuse(&self, options: &[&str], reason: &str, remedy: &str) -> Result<(), Refusal> {
        let wrong = self
            .stated()
            .into_iter()
            .find(|(name, stated)| *stated && options.contains(name));
        wrong.map_or(Ok(()), |(name, _)| {
            Err(Refusal::new(format!("feedback.{name}"), reason, remedy))
        })
    }

    /// Refuses impossible values, and every ingredient that is stated but not among `accepted`: the rule has no use for it, for
    /// this `reason`.
    ///
    /// # Errors
    /// The refusal, at its option.
    pub fn check(&self, accepted: &[&str], reason: &str) -> Result<(), Refusal> {
        let numbers = [
            ("scale", is_positive(self.scale), "must be positive", 1.0),
            (
                "symmetry",
                (0.0..=1.0).contains(&self.symmetry),
                "must be from 0 to 1",
                0.0,
            ),
            (
                "sparsity",
                (0.0..1.0).contains(&self.sparsity),
                "must be at least 0 and less than 1",
                0.0,
            ),
        ];
        for (name, fits, must, default) in numbers {
            require_or_default(fits, &format!("feedback.{name}"), must, default)?;
        }
        let must = "must be at least 2, or 0 for no rounding";
        require_or_default(self.levels != 1, "feedback.levels", must, 0)?;
        let fits = self.noise >= 0.0 && self.noise.is_finite();
        require_or_default(fits, "feedback.noise", "must not be negative", 0.0)?;
        let refused = self
            .stated()
            .map(|(name, _)| name)
            .into_iter()
            .filter(|name| !accepted.contains(name));
        self.refuse(&refused.collect::<Vec<_>>(), reason, "leave it out")?;
        if !self.file.is_empty() {
            let reason = "has no effect on values from a file";
            self.refuse(
                &["distribution", "scale", "symmetry", "rank"],
                reason,
                "leave it or `feedback.file` out",
            )?;
        }
        if self.rank != 0 {
            let reason = "would not keep `feedback.rank`";
            self.refuse(
                &["symmetry", "sparsity", "sign", "levels"],
                reason,
                "leave one of them out",
            )?;
        }
        Ok(())
    }

    /// `needs` of a rule whose feedback weights have these ingredients.
    pub fn needs(&self, needs: Needs) -> Needs {
        let noise = self.noise > 0.0;
        Needs {
            noise: needs.noise || noise,
            // what is late comes whatever the present draws and the present error are
            draws: (needs.draws || noise) && self.delay == 0,
            // and the sign of a tiny error is no tiny error
            error_driven: needs.error_driven && self.delay == 0 && self.error == ErrorSignal::Full,
            ..needs
        }
    }

    /// Feedback weights that stay as they start: all ingredients are of use.
    ///
    /// # Errors
    /// A refusal of an ingredient.
    pub fn fixed<T: Scalar>(
        &self,
        path: FeedbackPath,
        setting: &Setting<'_, T>,
        stream: Stream,
    ) -> Result<FeedbackWeights<T>, Refusal> {
        self.check(&self.stated().map(|(name, _)| name), "")?;
        self.start(path, setting, stream)
    }

    /// Feedback weights that the rule is going to change: the ingredients that would not outlast that are refused.
    ///
    /// # Errors
    /// A refusal of an ingredient.
    pub fn learned<T: Scalar>(
        &self,
        path: FeedbackPath,
        setting: &Setting<'_, T>,
        stream: Stream,
    ) -> Result<FeedbackWeights<T>, Refusal> {
        const BRIEF: [&str; 4] = ["rank", "sparsity", "sign", "levels"];
        let names = self.stated().into_iter().map(|(name, _)| name);
        let lasting: Vec<_> = names.filter(|name| !BRIEF.contains(name)).collect();
        self.check(&lasting, "would not outlast the first change of B")?;
        self.start(path, setting, stream)
    }

    /// Feedback weights as they start, once the ingredients have been checked: `B_l` in the shape of `W_l` for every layer but the
    /// first, or `n_l × n_out` for every hidden layer.
    fn start<T: Scalar>(
        &self,
        path: FeedbackPath,
        setting: &Setting<'_, T>,
        stream: Stream,
    ) -> Result<FeedbackWeights<T>, Refusal> {
        let network = setting.network;
        self.check_network(path, network)?;
        let (mut generator, outputs) = (stream.generator(), network.outputs());
        let stored = self.stored(setting.folder)?;
        let first = usize::from(path == FeedbackPath::Sequential);
        let shape = |l: usize| self.shape(path, &network.layers[l], outputs);
        let fan_in = |l: usize| match path {
            FeedbackPath::Sequential => network.layers[l].fan_in(),
            FeedbackPath::Direct => outputs,
        };
        let layers = first..network.top() + first;
        let full = layers
            .clone()
            .map(|l| shape(l).rows().min(shape(l).columns()))
            .max()
            .unwrap_or(0);
        let reason = format!("has no effect: no feedback weights of this network have a rank above {full}");
        let fits = self.rank == 0 || self.rank < full;
        require(fits, "feedback.rank", reason, "leave it out for full rank")?;
        let (mut weights, mut shapes) = (vec![empty(); first], vec![Shape::matrix(0, 0); first]);
        for l in layers {
            let shape = shape(l);
            let (rows, columns, sd) = (shape.rows(), shape.columns(), 1.0 / (fan_in(l) as f64).sqrt());
            let mut b = match &stored {
                Some(arrays) => self.read(arrays, &array_name(path, l), shape)?,
                None => self.draw(rows, columns, sd, &mut generator),
            };
            if self.symmetry > 0.0 {
                let forward = match path {
                    FeedbackPath::Sequential => network.layers[l].weight.clone(),
                    FeedbackPath::Direct => weights_above(network, l, self.lands).expect("checked"),
                };
                let (own, other) = (T::of(1.0 - self.symmetry), T::of(self.symmetry));
                zip(&mut b, &forward, move |b, w| other * w + own * b);
            }
            ingredients::make_sparse(&mut b, self.sparsity, &mut generator);
            // a unit that sends is a row of weights that go down layer by layer, and a column of direct ones
            self.sign.impose(&mut b, path == FeedbackPath::Direct);
            ingredients::round(&mut b, self.levels);
            if path == FeedbackPath::Sequential {
                network.layers[l].wiring.clear_dead(&mut b);
            }
            weights.push(b);
            shapes.push(shape);
        }
        let delayed = Delayed::new(self.delay, network);
        Ok(FeedbackWeights {
            path,
            weights,
            shapes,
            delayed,
        })
    }

    /// `F`, `n_0 × n_out`, from the output to the input; `sd` is its standard deviation at `scale` 1.
    ///
    /// # Errors
    /// A refusal of an ingredient.
    pub fn input<T: Scalar>(&self, network: &Network<T>, sd: f64, stream: Stream) -> Result<Matrix<T>, Refusal> {
        self.check(
            &["distribution", "scale", "rank"],
            "is not made for feedback to the input",
        )?;
        Ok(self.draw(network.inputs(), network.outputs(), sd, &mut stream.generator()))
    }

    /// Numbers of mean 0 and `scale` times the standard deviation `sd`, of the stated distribution and rank.
    pub fn draw<T: Scalar>(&self, rows: usize, columns: usize, sd: f64, generator: &mut Generator) -> Matrix<T> {
        let mut draw = |rows, columns, sd: f64| {
            let mut matrix = Matrix::from_element(rows, columns, T::ZERO);
            self.distribution.fill(matrix.as_mut_slice(), sd, generator);
            matrix
        };
        let sd = self.scale * sd;
        if self.rank == 0 || self.rank >= rows.min(columns) {
            return draw(rows, columns, sd);
        }
        // an entry is a sum of `rank` products
        let factor = (sd / (self.rank as f64).sqrt()).sqrt();
        let (u, v) = (draw(rows, self.rank, factor), draw(columns, self.rank, factor));
        let mut product = Matrix::from_element(rows, columns, T::ZERO);
        multiply(T::ONE, plain(&u), transposed(&v), T::ZERO, &mut product);
        product
    }

    fn stored(&self, folder: &Path) -> Result<Option<Vec<Array>>, Refusal> {
        if self.file.is_empty() {
            return Ok(None);
        }
        let refuse = |error| self.file_refusal(format!("cannot be read: {error}"));
        arrays::load(&folder.join(&self.file)).map(Some).map_err(refuse)
    }

    fn read<T: Scalar>(&self, arrays: &[Array], name: &str, shape: Shape) -> Result<Matrix<T>, Refusal> {
        let values = arrays::find(arrays, name, shape).map_err(|problem| self.file_refusal(problem))?;
        Ok(Matrix::from_vec(shape.rows(), shape.columns(), values))
    }

    /// The files that the weights start from, as [`LearningRule::files`](crate::rules::LearningRule::files) says.
    pub fn files(&self) -> Vec<PathBuf> {
        let file = (!self.file.is_empty()).then(|| PathBuf::from(&self.file));
        file.into_iter().collect()
    }

    fn file_refusal(&self, reason: String) -> Refusal {
        let remedy = format!(
            "give a safetensors file with the weights of this network in place of {}",
            self.file
        );
        Refusal::new("feedback.file", reason, remedy)
    }

    /// The weights as they are used on one batch: `b` itself, or with noise, in `scratch`.
    pub fn used<'a, T: Scalar>(
        &self,
        b: &'a [Matrix<T>],
        scratch: &'a mut Vec<Matrix<T>>,
        mut generator: impl DerefMut<Target = Generator>,
    ) -> &'a [Matrix<T>] {
        if self.noise == 0.0 {
            return b;
        }
        scratch.resize_with(b.len(), empty);
        for (noisy, b) in scratch.iter_mut().zip(b) {
            let noise = reshape(noisy, b.nrows(), b.ncols());
            random::normal(noise.as_mut_slice(), self.noise, &mut generator);
            zip(noise, b, |xi, b| b + b * xi);
        }
        scratch
    }

    /// Carries the output error to the hidden layers through `b`, layer by layer or directly, with noise and delay.
    pub fn carry<T: Scalar>(
        &self,
        b: &FeedbackWeights<T>,
        work: &mut Carried<T>,
        step: &Step<'_, T>,
        out: &mut Proposal<T>,
    ) {
        let used = self.used(&b.weights, &mut work.noisy, step.stream.when_drawn_from());
        self.send_error(b.path, step, out, |l| &used[l]);
        b.delay(step, work, out);
    }

    /// Takes the slope of layer `l` where direct feedback lands on it.
    pub fn land<T: Scalar>(&self, step: &Step<'_, T>, l: usize, delta: &mut Matrix<T>) {
        match self.lands {
            Landing::Activity => step.multiply_slope(l, delta),
            Landing::Units => step.multiply_unit_slope(l, delta),
        }
    }

    /// Carries the output error, or its sign, to the hidden layers through the weights `b(l)`.
    pub fn send_error<'a, T: Scalar>(
        &self,
        path: FeedbackPath,
        step: &Step<'_, T>,
        out: &mut Proposal<T>,
        b: impl Fn(usize) -> &'a Matrix<T>,
    ) {
        output_delta(step, out);
        self.send(path, step, out, b);
        if self.error == ErrorSignal::Sign {
            output_delta(step, out);
        }
    }

    /// The same with what `out` holds for the output layer, which its sign takes the place of where that is sent.
    pub fn send<'a, T: Scalar>(
        &self,
        path: FeedbackPath,
        step: &Step<'_, T>,
        out: &mut Proposal<T>,
        b: impl Fn(usize) -> &'a Matrix<T>,
    ) {
        if self.error == ErrorSignal::Sign {
            let error = out.local(step.network.top());
            error.iter_mut().for_each(|x| *x = ingredients::sign(*x));
        }
        match path {
            FeedbackPath::Sequential => carry_down_to(0, step, out, b),
            FeedbackPath::Direct => broadcast_error(step, out, b, |l, delta| self.land(step, l, delta)),
        }
    }
}
