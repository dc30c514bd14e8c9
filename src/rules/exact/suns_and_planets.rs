//! Compute the exact gradient in a network of local processors that pass messages.

use self::processors::{OutputTeacher, Planet, Post, Sun};
use crate::cost;
use crate::linalg::Scalar;
use crate::network::{Activation, Network};
use crate::random::Stream;
use crate::references;
use crate::rules::shared::{has_no_pool, shares_no_weights};
use crate::rules::{LearningRule, Needs, Refusal, Setting, Step};
use crate::update::Proposal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Backpropagation as a neural network in its own right (Hecht-Nielsen 1989): every unit is a *sun* with one *planet* per input
/// and one for the bias, and nothing is computed but from messages and a processor's own memory.
///
/// Forward, row by row: each planet hears the activity of one sun below and tells its own sun `w a`; the sun sums what it is told
/// and becomes active. The *teacher*, who alone knows the target, hears the output suns and answers each with `δ = ∂loss/∂z`.
/// Backward, row by row: a sun tells its planets its `δ`; a planet adds `δ a` to the change it remembers and tells the sun below
/// `w δ`; that sun sums, and multiplies by its own slope. The teacher is our addition: it lets every loss in.
///
/// A planet's memory *is* a weight of the network: planets are given the weights when a step begins and see the samples one after
/// the other; the changes they then remember are the proposal. The forward pass that the runner has made is not used.
///
/// Processing is local, but weight transport stays: a planet sends errors back through the very weight it uses forward.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SunsAndPlanets {}

impl SunsAndPlanets {
    /// Messages in one step, for each sample: four per weight (activity, product, error, product), two per bias, whose planet
    /// hears no sun below, and three per output (pre-activation and activity to the teacher, the error back).
    pub fn messages<T: Scalar>(network: &Network<T>, batch: usize) -> u64 {
        let mut messages = 3 * network.outputs();
        for layer in &network.layers {
            layer.wiring.synapses(|_, _, _| messages += 4);
            messages += 2 * layer.bias.len();
        }
        (batch * messages) as u64
    }
}

impl LearningRule for SunsAndPlanets {
    const NAME: &'static str = "SunsAndPlanets";
    const SOURCE: &'static str = "Hecht-Nielsen 1989, IJCNN I:593";
    const CITATIONS: &'static [&'static str] = &[references::HECHT_NIELSEN_1989];
    const EQUATION: &'static str = "sun: a = f(sum w a), delta = f' sum w delta; planet: dw = delta a";

    type State<T: Scalar> = ();
    type Work<T: Scalar> = UnitRows<T>;

    fn needs(&self) -> Needs {
        Needs::SWEEP
    }

    fn init<T: Scalar>(&self, setting: &Setting<'_, T>, _: Stream) -> Result<(), Refusal> {
        has_no_pool(setting.network, "has no messages for pooling")?;
        shares_no_weights(setting.network, "keeps every weight in a planet of its own")
    }

    fn propose<T: Scalar>(&self, _: &(), rows: &mut UnitRows<T>, step: Step<'_, T>, out: &mut Proposal<T>) {
        rows.load(step.network);
        for sample in 0..step.batch() {
            rows.forward(step.trace.input.column(sample).as_slice());
            rows.teach(&step, sample);
            rows.backward();
        }
        rows.write(&step, out);
    }
}

/// A sun and its planets, one for each synapse, then one for the bias.
struct Unit<T: Scalar> {
    sun: Sun<T>,
    planets: Vec<Planet<T>>,
    /// Which unit of the row below each planet but the last hears, and which weight it holds.
    synapses: Vec<(usize, usize)>,
}

impl<T: Scalar> Unit<T> {
    fn new(activation: Activation) -> Self {
        Self {
            sun: Sun::new(activation),
            planets: Vec::new(),
            synapses: Vec::new(),
        }
    }
}

/// The rows of units, the first without planets: it hands the input on. Says who hears whom and in which order, and no more.
#[derive(Default)]
pub struct UnitRows<T: Scalar> {
    rows: Vec<Vec<Unit<T>>>,
    teacher: OutputTeacher<T>,
    post: Post,
}

impl<T: Scalar> UnitRows<T> {
    /// Messages delivered in the last step.
    pub fn delivered(&self) -> u64 {
        self.post.delivered()
    }

    fn load(&mut self, network: &Network<T>) {
        self.post = Post::default();
        self.rows.resize_with(network.depth() + 1, Vec::new);
        self.rows[0].resize_with(network.inputs(), || Unit::new(Activation::Identity));
        for (row, layer) in self.rows[1..].iter_mut().zip(&network.layers) {
            row.resize_with(layer.units(), || Unit::new(layer.activation));
            for Unit { sun, planets, synapses } in &mut *row {
                *sun = Sun::new(layer.activation);
                planets.clear();
                synapses.clear();
            }
            layer.wiring.synapses(|unit, input, parameter| {
                row[unit].planets.push(Planet::new(layer.weight[parameter]));
                row[unit].synapses.push((input, parameter));
            });
            for (i, Unit { planets, .. }) in row.iter_mut().enumerate() {
                let bias = layer.bias.get(layer.wiring.bias_of(i));
                planets.extend(bias.copied().map(Planet::new));
            }
        }
    }

    fn forward(&mut self, input: &[T]) {
        let Self { rows, post, .. } = self;
        for (Unit { sun, .. }, &x) in rows[0].iter_mut().zip(input) {
            sun.sense(x);
        }
        for above in 1..rows.len() {
            let (below, row) = neighbours(rows, above);
            for Unit { sun, planets, synapses } in row {
                // a bias, whose input is 1, is no product here as it is none in a layer
                cost::multiply_adds(synapses.len());
                cost::upward(synapses.len());
                for (planet, (input, _)) in planets.iter_mut().zip(&*synapses) {
                    planet.hear(post.deliver(below[*input].sun.activity()));
                }
                for planet in planets {
                    sun.hear(post.deliver(planet.product()));
                }
                sun.activate();
            }
        }
    }

    fn teach(&mut self, step: &Step<'_, T>, sample: usize) {
        let Self { rows, teacher, post } = self;
        let (top, target) = (step.network.top(), step.targets.column(sample));
        teacher.begin(target.as_slice());
        for (k, Unit { sun, .. }) in rows[top + 1].iter().enumerate() {
            teacher.hear(k, post.deliver(sun.potential()), post.deliver(sun.activity()));
        }
        teacher.judge(step.loss, step.network.layers[top].activation);
        for (k, Unit { sun, .. }) in rows[top + 1].iter_mut().enumerate() {
            sun.correct(post.deliver(teacher.error(k)));
        }
    }

    fn backward(&mut self) {
        let Self { rows, post, .. } = self;
        for above in (1..rows.len()).rev() {
            let (below, row) = neighbours(rows, above);
            for Unit { sun, planets, synapses } in row {
                cost::multiply_adds(2 * synapses.len());
                for (j, planet) in planets.iter_mut().enumerate() {
                    let product = planet.learn(post.deliver(sun.error()));
                    if let Some((input, _)) = synapses.get(j) {
                        below[*input].sun.hear(post.deliver(product));
                    }
                }
            }
            below.iter_mut().for_each(|Unit { sun, .. }| sun.blame());
        }
    }

    fn write(&self, step: &Step<'_, T>, out: &mut Proposal<T>) {
        let samples = T::of(step.batch() as f64);
        for (l, layer) in step.network.layers.iter().enumerate() {
            let update = out.dense(l, layer);
            update.weight.fill(T::ZERO);
            for (i, Unit { planets, synapses, .. }) in self.rows[l + 1].iter().enumerate() {
                for (planet, (_, parameter)) in planets.iter().zip(synapses) {
                    update.weight[*parameter] = planet.change() / samples;
                }
                if let Some(planet) = planets.get(synapses.len()) {
                    update.bias[layer.wiring.bias_of(i)] = planet.change() / samples;
                }
            }
        }
    }
}

/// Row `above - 1` and row `above`.
fn neighbours<X>(rows: &mut [Vec<X>], above: usize) -> (&mut Vec<X>, &mut Vec<X>) {
    let (below, row) = rows.split_at_mut(above);
    (&mut below[above - 1], &mut row[0])
}

/// The processors. Locality is a matter of types: a processor's functions see its own memory (`self`, private to this module) and
/// the messages it is handed. What one processor sends no other can read until the post has delivered, and counted, it.
mod processors {
    use crate::linalg::{Matrix, Scalar, reshape};
    use crate::loss::Loss;
    use crate::network::{Activation, Output};

    /// A message on its way.
    #[derive(Clone, Copy)]
    pub struct Sent<T>(T);

    /// A message in a mailbox.
    pub struct Received<T>(T);

    /// Delivers messages, and counts them.
    #[derive(Default)]
    pub struct Post {
        delivered: u64,
    }

    impl Post {
        pub fn deliver<T>(&mut self, Sent(message): Sent<T>) -> Received<T> {
            self.delivered += 1;
            Received(message)
        }

        pub fn delivered(&self) -> u64 {
            self.delivered
        }
    }

    /// Holds one weight.
    pub struct Planet<T> {
        weight: T,
        input: T,
        change: T,
    }

    impl<T: Scalar> Planet<T> {
        /// A planet that never hears an input has the constant input 1: a bias.
        pub fn new(weight: T) -> Self {
            Self {
                weight,
                input: T::ONE,
                change: T::ZERO,
            }
        }

        /// From the sun below: its activity.
        pub fn hear(&mut self, Received(activity): Received<T>) {
            self.input = activity;
        }

        /// To its own sun: `w a`.
        pub fn product(&self) -> Sent<T> {
            Sent(self.weight * self.input)
        }

        /// From its own sun: `δ`. Answers the sun below: `w δ`.
        pub fn learn(&mut self, Received(error): Received<T>) -> Sent<T> {
            self.change += error * self.input;
            Sent(self.weight * error)
        }

        /// `Σ δ a` over the samples seen.
        pub fn change(&self) -> T {
            self.change
        }
    }

    /// The body of a unit.
    pub struct Sun<T> {
        activation: Activation,
        heard: T,
        potential: T,
        activity: T,
        error: T,
    }

    impl<T: Scalar> Sun<T> {
        pub fn new(activation: Activation) -> Self {
            Self {
                activation,
                heard: T::ZERO,
                potential: T::ZERO,
                activity: T::ZERO,
                error: T::ZERO,
            }
        }

        /// From the world: what a sun of the first row shows.
        pub fn sense(&mut self, input: T) {
            self.activity = input;
        }

        /// From a planet, its own on the way up, one of the row above on the way down: a product, to be summed.
        pub fn hear(&mut self, Received(product): Received<T>) {
            self.heard += product;
        }

        /// `z`, all that was heard, and `a = φ(z)`.
        pub fn activate(&mut self) {
            self.potential = std::mem::take(&mut self.heard);
            self.activity = self.activation.value(self.potential);
        }

        /// To the teacher: `z`.
        pub fn potential(&self) -> Sent<T> {
            Sent(self.potential)
        }

        /// To the planets of the row above, or the teacher: `a`.
        pub fn activity(&self) -> Sent<T> {
            Sent(self.activity)
        }

        /// `δ`: all that was heard, times the slope.
        pub fn blame(&mut self) {
            self.error = std::mem::take(&mut self.heard) * self.activation.slope(self.potential, self.activity);
        }

        /// From the teacher: `δ`, slope included.
        pub fn correct(&mut self, Received(error): Received<T>) {
            self.error = error;
        }

        /// To its planets: `δ`.
        pub fn error(&self) -> Sent<T> {
            Sent(self.error)
        }
    }

    /// Knows the target and the loss; stands outside the network, as the world does.
    #[derive(Default)]
    pub struct OutputTeacher<T: Scalar> {
        potential: Matrix<T>,
        activity: Matrix<T>,
        target: Matrix<T>,
        error: Matrix<T>,
    }

    impl<T: Scalar> OutputTeacher<T> {
        /// From the world: the target of the next sample.
        pub fn begin(&mut self, target: &[T]) {
            reshape(&mut self.potential, target.len(), 1);
            reshape(&mut self.activity, target.len(), 1);
            reshape(&mut self.target, target.len(), 1)
                .as_mut_slice()
                .copy_from_slice(target);
        }

        /// From output sun `k`: `z` and `a`.
        pub fn hear(&mut self, k: usize, Received(potential): Received<T>, Received(activity): Received<T>) {
            self.potential[k] = potential;
            self.activity[k] = activity;
        }

        /// `∂loss/∂z` of every output.
        pub fn judge(&mut self, loss: Loss, activation: Activation) {
            let output = Output {
                z: &self.potential,
                a: &self.activity,
            };
            loss.delta(activation, output, &self.target, &mut self.error);
        }

        /// To output sun `k`: its `δ`.
        pub fn error(&self, k: usize) -> Sent<T> {
            Sent(self.error[k])
        }
    }
}
