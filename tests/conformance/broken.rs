//! Break the laws, one rule each: backpropagation with one thing spoilt.

use crate::spoil::{backprop, needs, scaled, spoilt};
use creditlab::linalg::{Matrix, Scalar};
use creditlab::network::{Network, Trace};
use creditlab::random::{Stream, uniform};
use creditlab::rules::shared::{carry_down_to, output_delta};
use creditlab::rules::{After, FeedbackPath, Learned, LearningRule, Needs, Refusal, Setting, Shape, Step};
use creditlab::schemars::{self, JsonSchema};
use creditlab::update::Proposal;
use serde::{Deserialize, Serialize};
use std::cell::Cell;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

rule! {
    /// Turns round after five steps, by a count in its scratch.
    #[serde(deny_unknown_fields)]
    Sticky {}
    propose!(u32, needs(), |_rule, count, step, out| {
        *count += 1;
        scaled(step, out, if *count > 5 { -1.0 } else { 1.0 });
    });
}

rule! {
    /// Says that it does without weight transport.
    #[serde(deny_unknown_fields)]
    Denying {}
    propose!((), Needs { weight_transport: false, ..needs() }, |_rule, _work, step, out| backprop(step, out));
}

rule! {
    /// Says that it needs the statistics of a batch.
    #[serde(deny_unknown_fields)]
    Complaining {}
    propose!((), Needs { batch_statistics: true, ..needs() }, |_rule, _work, step, out| backprop(step, out));
}

rule! {
    /// Says that errors have signs, and hears how large they are.
    #[serde(deny_unknown_fields)]
    Unsigned {}
    propose!((), needs(), |_rule, _work, step, out| {
        output_delta(&step, out);
        out.local(step.network.top()).iter_mut().for_each(|delta| *delta = delta.abs());
        carry_down_to(0, &step, out, |l| &step.network.layers[l].weight);
    });
}

rule! {
    /// Says that the label enters the network.
    #[serde(deny_unknown_fields)]
    Credulous {}
    propose!((), Needs { label_inside: true, ..needs() }, |_rule, _work, step, out| backprop(step, out));
}

rule! {
    /// Tells hidden units the label, and nobody that it does.
    #[serde(deny_unknown_fields)]
    Whispering {}
    propose!((), Needs::OUTPUT, |_rule, _work, step, out| {
        spoilt(step, out, |l, i, delta| if l < step.network.top() { step.targets[(0, i)] + T::ONE } else { delta });
    });
}

/// Adds to each output what the others are to it: `of_others(its activity, all activities, its number)`.
fn predict_together<T: Scalar>(network: &Network<T>, trace: &mut Trace<T>, of_others: impl Fn(T, &[T], usize) -> T) {
    network.forward(trace);
    for mut prediction in trace.a[network.top()].column_iter_mut() {
        let usual: Vec<T> = prediction.iter().copied().collect();
        for (unit, activity) in prediction.iter_mut().enumerate() {
            *activity += of_others(usual[unit], &usual, unit);
        }
    }
}

/// As [`needs`] of a rule with a prediction of its own.
fn needs_of_states(symmetric_weights: bool) -> Needs {
    Needs {
        symmetric_weights,
        error_driven: false,
        ..needs()
    }
}

rule! {
    /// Says that its weights must be symmetric, and lets each output listen to the next one alone.
    #[serde(deny_unknown_fields)]
    Lopsided {}
    propose!((), needs_of_states(true), |_rule, _work, step, out| backprop(step, out));
    fn predicts(&self) -> bool {
        true
    }
    fn predict<T: Scalar>(&self, _: &(), _: &mut (), network: &Network<T>, trace: &mut Trace<T>) {
        predict_together(network, trace, |_, all, unit| {
            all.get(unit + 1).map_or(T::ZERO, |next| T::of(0.1) * *next)
        });
    }
}

rule! {
    /// Lets the outputs listen to each other, and does not say that each must hear the other as the other hears it.
    #[serde(deny_unknown_fields)]
    Mutual {}
    propose!((), needs_of_states(false), |_rule, _work, step, out| backprop(step, out));
    fn predicts(&self) -> bool {
        true
    }
    fn predict<T: Scalar>(&self, _: &(), _: &mut (), network: &Network<T>, trace: &mut Trace<T>) {
        // the slope of tanh units that the outputs show
        predict_together(network, trace, |own, all, _| {
            T::of(0.1) * (T::ONE - own * own) * all.iter().copied().sum::<T>()
        });
    }
}

static PROPOSALS: AtomicU64 = AtomicU64::new(0);

rule! {
    /// Counts every proposal in the world.
    #[serde(deny_unknown_fields)]
    Worldly {}
    propose!((), needs(), |_rule, _work, step, out| {
        scaled(step, out, 1.0 + 0.1 * (PROPOSALS.fetch_add(1, Ordering::Relaxed) % 7) as f64);
    });
}

rule! {
    /// Learns faster late in each microsecond.
    #[serde(deny_unknown_fields)]
    Clocked {}
    propose!((), needs(), |_rule, _work, step, out| {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
        scaled(step, out, f64::from(now.subsec_nanos() % 1000) / 1000.0);
    });
}

rule! {
    /// Has a character on each thread.
    #[serde(deny_unknown_fields)]
    Threaded {}
    propose!((), needs(), |_rule, _work, step, out| {
        let mut hasher = DefaultHasher::new();
        std::thread::current().id().hash(&mut hasher);
        scaled(step, out, 1.0 + (hasher.finish() % 97) as f64 / 97.0);
    });
}

/// What a rule has learned and does not show.
pub struct Secret(u32);

impl<T: Scalar> Learned<T> for Secret {
    fn visit(&mut self, _: &mut dyn FnMut(&str, Shape, &mut [T])) {}
}

rule! {
    /// Slows down, by a count that nobody can save.
    #[serde(deny_unknown_fields)]
    Secretive {}
    type State<T: Scalar> = Secret;
    fn init<T: Scalar>(&self, _: &Setting<'_, T>, _: Stream) -> Result<Secret, Refusal> {
        Ok(Secret(0))
    }
    propose!(owning Secret, (), needs(), |_rule, secret, _work, step, out| {
        scaled(step, out, 1.0 / f64::from(1 + secret.0));
    });
    fn adapt<T: Scalar>(&self, secret: &mut Secret, _: &mut (), _: After<'_, T>) {
        secret.0 += 1;
    }
}

/// How often a rule was asked for a proposal.
pub struct Looks<T>(Cell<T>);

impl<T: Scalar> Learned<T> for Looks<T> {
    fn visit(&mut self, see: &mut dyn FnMut(&str, Shape, &mut [T])) {
        see("looks", Shape::matrix(1, 1), std::slice::from_mut(self.0.get_mut()));
    }
}

rule! {
    /// Learns how often it is looked at.
    #[serde(deny_unknown_fields)]
    Observed {}
    type State<T: Scalar> = Looks<T>;
    fn init<T: Scalar>(&self, _: &Setting<'_, T>, _: Stream) -> Result<Looks<T>, Refusal> {
        Ok(Looks(Cell::new(T::ZERO)))
    }
    propose!(owning Looks<T>, (), needs(), |_rule, looks, _work, step, out| {
        looks.0.set(looks.0.get() + T::ONE);
        backprop(step, out);
    });
}

rule! {
    /// Has room for a full batch, and no more.
    #[serde(deny_unknown_fields)]
    Cramped {}
    type State<T: Scalar> = Secret;
    fn init<T: Scalar>(&self, setting: &Setting<'_, T>, _: Stream) -> Result<Secret, Refusal> {
        Ok(Secret(setting.batch as u32))
    }
    propose!(owning Secret, (), needs(), |_rule, room, _work, step, out| {
        assert!(step.batch() <= room.0 as usize, "no room");
        backprop(step, out);
    });
}

rule! {
    /// Clips errors in a way that makes a number of NaN.
    #[serde(deny_unknown_fields)]
    Hiding {}
    propose!((), needs(), |_rule, _work, step, out| {
        let clip = |delta: T| if delta > -T::ONE { delta } else { -T::ONE };
        spoilt(step, out, |_, _, delta| if clip(delta) < T::ONE { clip(delta) } else { T::ONE });
    });
}

rule! {
    /// Multiplies what it remembers by zero, which does not remove a NaN.
    #[serde(deny_unknown_fields)]
    Tainted {}
    propose!(f64, needs(), |_rule, memory, step, out| {
        let old = *memory;
        spoilt(step, out, |_, _, delta| delta + T::of(0.0 * old));
        *memory = out.local(0).iter().map(|delta| delta.to_f64().abs()).sum();
    });
}

rule! {
    /// Takes a second layer for granted.
    #[serde(deny_unknown_fields)]
    Presumptuous {}
    propose!((), needs(), |_rule, _work, step, out| {
        assert!(step.network.layers[1].outputs() > 0);
        backprop(step, out);
    });
}

rule! {
    /// Refuses without saying what to do.
    #[serde(deny_unknown_fields)]
    Curt {}
    type State<T: Scalar> = ();
    fn init<T: Scalar>(&self, setting: &Setting<'_, T>, _: Stream) -> Result<(), Refusal> {
        let refusal = || Refusal::new("", "needs a hidden layer", "");
        (setting.network.depth() > 1).then_some(()).ok_or_else(refusal)
    }
    propose!(owning (), (), needs(), |_rule, _state, _work, step, out| backprop(step, out));
}

rule! {
    /// Divides by a weight.
    #[serde(deny_unknown_fields)]
    Reckless {}
    propose!((), needs(), |_rule, _work, step, out| {
        let weight = step.network.layers[0].weight[0].to_f64();
        scaled(step, out, 0.1 / weight);
    });
}

rule! {
    /// Takes the mean over the batch a second time.
    #[serde(deny_unknown_fields)]
    DividedTwice {}
    propose!((), needs(), |_rule, _work, step, out| scaled(step, out, 1.0 / step.batch() as f64));
}

rule! {
    /// Prefers the last samples of a batch.
    #[serde(deny_unknown_fields)]
    Partial {}
    propose!((), needs(), |_rule, _work, step, out| {
        spoilt(step, out, |_, i, delta| T::of(1.0 + i as f64) * delta);
    });
}

rule! {
    /// Changes biases even where there is no error.
    #[serde(deny_unknown_fields)]
    Restless {}
    propose!((), needs(), |_rule, _work, step, out| spoilt(step, out, |_, _, delta| delta + T::of(0.1)));
}

rule! {
    /// Draws its rate, and does not say so.
    #[serde(deny_unknown_fields)]
    Gambling {}
    propose!((), needs(), |_rule, _work, step, out| {
        scaled(step, out, 0.5 + uniform(&mut step.stream.generator()));
    });
}

rule! {
    /// Says that it draws, and does not.
    #[serde(deny_unknown_fields)]
    Pretending {}
    propose!((), Needs { draws: true, ..needs() }, |_rule, _work, step, out| backprop(step, out));
}

rule! {
    /// Predicts otherwise than the forward pass, and does not say so.
    #[serde(deny_unknown_fields)]
    Opinionated {}
    propose!((), Needs { error_driven: false, ..needs() }, |_rule, _work, step, out| backprop(step, out));
    fn predict<T: Scalar>(&self, _: &(), _: &mut (), network: &Network<T>, trace: &mut Trace<T>) {
        network.forward(trace);
        trace.a[network.top()] *= T::of(2.0);
    }
}

rule! {
    /// Predicts what the first output of its neighbours leaves over.
    #[serde(deny_unknown_fields)]
    Gregarious {}
    propose!((), needs(), |_rule, _work, step, out| backprop(step, out));
    fn predicts(&self) -> bool {
        true
    }
    fn predict<T: Scalar>(&self, _: &(), _: &mut (), network: &Network<T>, trace: &mut Trace<T>) {
        network.forward(trace);
        let prediction = &mut trace.a[network.top()];
        let mean = prediction.row(0).iter().copied().sum::<T>() / T::of(prediction.ncols() as f64);
        prediction.iter_mut().for_each(|x| *x -= mean);
    }
}

rule! {
    /// Shows something that cannot stand for a layer's weights.
    #[serde(deny_unknown_fields)]
    Crooked {}
    propose!((), needs(), |_rule, _work, step, out| backprop(step, out));
    fn feedback<T: Scalar>(&self, _: &(), _: &Network<T>, _: usize, out: &mut Matrix<T>) -> Option<FeedbackPath> {
        *out = Matrix::from_element(2, 1, T::ONE);
        Some(FeedbackPath::Direct)
    }
}

rule! {
    /// Trains its first layer in name only.
    #[serde(deny_unknown_fields)]
    Idle {}
    propose!((), needs(), |_rule, _work, step, out| {
        spoilt(step, out, |l, _, delta| if l == 0 { T::ZERO } else { delta });
    });
}

rule! {
    /// Accepts misspelt options.
    Lenient {}
    propose!((), needs(), |_rule, _work, step, out| backprop(step, out));
}

fn refuse(option: &str, value: f64) -> Result<(), Refusal> {
    let refusal = || Refusal::new(option, "must be positive", "leave it out");
    (value > 0.0 && value.is_finite()).then_some(()).ok_or_else(refusal)
}

rule! {
    /// Names another option than the one at fault.
    #[serde(deny_unknown_fields)]
    Blaming { scale: f64 = 1.0 }
    type State<T: Scalar> = ();
    fn init<T: Scalar>(&self, _: &Setting<'_, T>, _: Stream) -> Result<(), Refusal> {
        refuse("rate", self.scale)
    }
    propose!(owning (), (), needs(), |rule, _state, _work, step, out| scaled(step, out, rule.scale));
}

rule! {
    /// Has an option that does nothing.
    #[serde(deny_unknown_fields)]
    Deaf { scale: f64 = 1.0 }
    type State<T: Scalar> = ();
    fn init<T: Scalar>(&self, _: &Setting<'_, T>, _: Stream) -> Result<(), Refusal> {
        refuse("scale", self.scale)
    }
    propose!(owning (), (), needs(), |_rule, _state, _work, step, out| backprop(step, out));
}

/// Two names for one thing, and another thing.
#[derive(Clone, Copy, Serialize, Deserialize, JsonSchema)]
pub enum Direction {
    Down,
    Downwards,
    Slowly,
}

rule! {
    /// Has a choice of which two values do the same.
    #[serde(deny_unknown_fields)]
    Undecided { direction: Direction = Direction::Down }
    propose!((), needs(), |rule, _work, step, out| match rule.direction {
        Direction::Down | Direction::Downwards => backprop(step, out),
        Direction::Slowly => scaled(step, out, 0.5),
    });
}

/// An option that is read but not written.
#[derive(Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Unwritten {
    #[serde(skip_serializing)]
    scale: f64,
}

impl Default for Unwritten {
    fn default() -> Self {
        Self { scale: 1.0 }
    }
}

rule! {
    /// Cannot say what it was told.
    #[serde(deny_unknown_fields)]
    Forgetful { told: Unwritten = Unwritten::default() }
    propose!((), needs(), |rule, _work, step, out| scaled(step, out, rule.told.scale));
}

/// Two arrays of one name.
pub struct Twins<T>([T; 2]);

impl<T: Scalar> Learned<T> for Twins<T> {
    fn visit(&mut self, see: &mut dyn FnMut(&str, Shape, &mut [T])) {
        for twin in &mut self.0 {
            see("twin", Shape::matrix(1, 1), std::slice::from_mut(twin));
        }
    }
}

rule! {
    /// Owns two arrays of one name.
    #[serde(deny_unknown_fields)]
    Ambiguous {}
    type State<T: Scalar> = Twins<T>;
    fn init<T: Scalar>(&self, _: &Setting<'_, T>, _: Stream) -> Result<Twins<T>, Refusal> {
        Ok(Twins([T::ZERO; 2]))
    }
    propose!(owning Twins<T>, (), needs(), |_rule, _twins, _work, step, out| backprop(step, out));
}

rule! {
    /// Works nowhere.
    #[serde(deny_unknown_fields)]
    Refusing {}
    type State<T: Scalar> = ();
    fn init<T: Scalar>(&self, _: &Setting<'_, T>, _: Stream) -> Result<(), Refusal> {
        Err(Refusal::new("", "cannot work", "use another rule"))
    }
    propose!(owning (), (), needs(), |_rule, _state, _work, step, out| backprop(step, out));
}

thread_local! {
    static NEIGHBOURS: Cell<u32> = const { Cell::new(0) };
}

/// Counts itself while it lives.
pub struct Presence;

impl<T: Scalar> Learned<T> for Presence {
    fn visit(&mut self, _: &mut dyn FnMut(&str, Shape, &mut [T])) {}
}

impl Drop for Presence {
    fn drop(&mut self) {
        NEIGHBOURS.set(NEIGHBOURS.get() - 1);
    }
}

rule! {
    /// Honest, but felt by others.
    #[serde(deny_unknown_fields)]
    Neighbour {}
    type State<T: Scalar> = Presence;
    fn init<T: Scalar>(&self, _: &Setting<'_, T>, _: Stream) -> Result<Presence, Refusal> {
        NEIGHBOURS.set(NEIGHBOURS.get() + 1);
        Ok(Presence)
    }
    propose!(owning Presence, (), needs(), |_rule, _state, _work, step, out| backprop(step, out));
}

rule! {
    /// Learns faster beside a neighbour.
    #[serde(deny_unknown_fields)]
    Jealous {}
    propose!((), needs(), |_rule, _work, step, out| scaled(step, out, f64::from(1 + NEIGHBOURS.get())));
}
