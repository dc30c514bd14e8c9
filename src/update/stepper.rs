//! Step along proposals, on any list of layers.

use super::recipe::Rates;
use super::{Change, Optimizer, Proposal, Recipe, Schedule};
use crate::linalg::{Scalar, add_scaled, all_finite, share_blocks, zip_slices};
use crate::network::{Affine, Layer, Shape, Trace, Wiring, visit_parameters};

/// What was done to the weights of a layer: `W ← keep W + rate d`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Taken<T> {
    pub keep: T,
    pub rate: T,
}

/// What is done to one parameter at one change.
#[derive(Clone, Copy, Debug)]
struct Pace {
    /// Share that is kept.
    keep: f64,
    /// Multiplies the gradient.
    inside: f64,
    /// Multiplies the direction.
    outside: f64,
    l2: f64,
}

/// An optimizer at work on one list of layers: the network's, or a rule's own.
#[derive(Clone, Debug)]
pub struct Stepper<T: Scalar> {
    optimizer: Optimizer,
    schedule: Schedule,
    clip: Option<f64>,
    moderate: bool,
    /// Of the weights and the biases of each layer.
    rates: Vec<[Rates; 2]>,
    wirings: Vec<Wiring>,
    /// Number of changes made.
    clock: u64,
    /// How many of them each layer took part in.
    turns: Vec<u64>,
    /// Momentum or mean of each layer; empty without.
    first: Vec<Affine<T>>,
    /// Mean square of each layer; empty without.
    square: Vec<Affine<T>>,
    /// Scratch: what each layer last went along; empty where that is the proposal or the velocity.
    direction: Vec<Affine<T>>,
    taken: Vec<Taken<T>>,
}

impl<T: Scalar> Stepper<T> {
    /// At rest. Groups take `layers` for the network's.
    pub fn new(recipe: impl Into<Recipe>, layers: &[Layer<T>]) -> Self {
        let recipe: Recipe = recipe.into();
        let optimizer = recipe.optimizer;
        let arrays = |needed: bool| -> Vec<Affine<T>> {
            let layers = if needed { layers } else { &[] };
            layers.iter().map(Affine::zeros_like).collect()
        };
        let (keep, rate) = (T::ONE, T::ZERO);
        Self {
            optimizer,
            moderate: recipe.is_moderate(),
            rates: (0..layers.len()).map(|l| recipe.rates(l)).collect(),
            wirings: layers.iter().map(|layer| layer.wiring).collect(),
            clock: 0,
            turns: vec![0; layers.len()],
            first: arrays(optimizer.first_moment().is_some()),
            square: arrays(optimizer.is_adaptive()),
            direction: arrays(recipe.writes_directions()),
            taken: vec![Taken { keep, rate }; layers.len()],
            schedule: recipe.schedule,
            clip: recipe.clip,
        }
    }

    /// See [`Recipe::is_moderate`].
    pub fn is_moderate(&self) -> bool {
        self.moderate
    }

    /// Whether everything remembered is finite.
    pub fn is_finite(&self) -> bool {
        let memory = self.first.iter().chain(&self.square);
        all_finite(memory.flat_map(|array| [array.weight.as_slice(), array.bias.as_slice()]))
    }

    /// Applies `proposal`, made on the forward pass `trace`, and tells what was done. `Sgd` without momentum and clipping takes one
    /// product per layer.
    pub fn apply<'a>(
        &'a mut self,
        layers: &mut [Layer<T>],
        proposal: &'a Proposal<T>,
        trace: &'a Trace<T>,
    ) -> Change<'a, T> {
        self.apply_scaled(layers, proposal, trace, 1.0)
    }

    /// The same with `scale` times the proposal.
    pub fn apply_scaled<'a>(
        &'a mut self,
        layers: &mut [Layer<T>],
        proposal: &'a Proposal<T>,
        trace: &'a Trace<T>,
        scale: f64,
    ) -> Change<'a, T> {
        for (l, direction) in self.direction.iter_mut().enumerate() {
            proposal.write(l, trace, direction);
        }
        let scale = scale * self.clipping(proposal);
        let factor = self.schedule.factor(self.clock);
        self.clock += 1;
        for l in (0..layers.len()).filter(|l| proposal.trains(*l)) {
            self.turns[l] += 1;
            let paces = self.rates[l].map(|rates| self.pace(rates, factor));
            if !self.direction.is_empty() {
                self.step_written(l, &mut layers[l], paces, scale);
            } else if !self.first.is_empty() {
                self.step_heavy(l, &mut layers[l], paces, proposal, trace, scale);
            } else {
                self.step_plain(l, &mut layers[l], paces, proposal, trace, scale);
            }
        }
        self.change(proposal, trace, scale)
    }

    /// No change: `nothing` must train no layer. It is not counted.
    pub fn stand_still<'a>(&'a self, nothing: &'a Proposal<T>, trace: &'a Trace<T>) -> Change<'a, T> {
        self.change(nothing, trace, 1.0)
    }

    fn change<'a>(&'a self, proposal: &'a Proposal<T>, trace: &'a Trace<T>, scale: f64) -> Change<'a, T> {
        let written = if self.direction.is_empty() {
            &self.first
        } else {
            &self.direction
        };
        Change {
            proposal,
            trace,
            scale,
            taken: &self.taken,
            direction: written,
        }
    }

    /// What brings the proposal, which stands in `direction`, down to the largest norm.
    fn clipping(&self, proposal: &Proposal<T>) -> f64 {
        let Some(clip) = self.clip else { return 1.0 };
        let trained = self.direction.iter().enumerate().filter(|(l, _)| proposal.trains(*l));
        let squares = |(_, u): (usize, &Affine<T>)| square_sum(u.weight.as_slice()) + square_sum(u.bias.as_slice());
        let norm = trained.map(squares).sum::<f64>().sqrt();
        if norm > clip { clip / norm } else { 1.0 }
    }

    #[inline]
    fn pace(&self, rates: Rates, factor: f64) -> Pace {
        let rate = rates.learning_rate * factor;
        let (inside, outside) = self.optimizer.rates(rate);
        Pace {
            keep: self.optimizer.keep(rate, rates.decay),
            inside,
            outside,
            l2: rates.l2,
        }
    }

    /// `W ← keep W − rate (u + l2 W)`.
    fn step_plain(
        &mut self,
        l: usize,
        layer: &mut Layer<T>,
        [weight, bias]: [Pace; 2],
        proposal: &Proposal<T>,
        trace: &Trace<T>,
        scale: f64,
    ) {
        let keep = |pace: Pace| T::of(pace.keep - pace.outside * pace.l2);
        let rate = |pace: Pace| T::of(-pace.outside * scale);
        proposal.add_weight(l, trace, rate(weight), keep(weight), &mut layer.weight);
        proposal.add_bias(l, rate(bias), keep(bias), &mut layer.bias);
        self.taken[l] = Taken {
            keep: keep(weight),
            rate: rate(weight),
        };
    }

    /// `v ← momentum v + inside (u + l2 W)`, `W ← keep W − outside v`: the proposal goes into the velocity in one product.
    fn step_heavy(
        &mut self,
        l: usize,
        layer: &mut Layer<T>,
        [weight, bias]: [Pace; 2],
        proposal: &Proposal<T>,
        trace: &Trace<T>,
        scale: f64,
    ) {
        let momentum = T::of(self.optimizer.momentum().unwrap_or(0.0));
        let v = &mut self.first[l];
        proposal.add_weight(l, trace, T::of(weight.inside * scale), momentum, &mut v.weight);
        proposal.add_bias(l, T::of(bias.inside * scale), momentum, &mut v.bias);
        let parts = [
            (weight, layer.weight.as_mut_slice(), v.weight.as_mut_slice()),
            (bias, layer.bias.as_mut_slice(), v.bias.as_mut_slice()),
        ];
        for (pace, w, v) in parts {
            if pace.l2 != 0.0 {
                add_scaled(v, T::of(pace.inside * pace.l2), w);
            }
            let (keep, rate) = (T::of(pace.keep), T::of(-pace.outside));
            zip_slices(w, v, move |w, v| keep * w + rate * v);
        }
        self.taken[l] = Taken {
            keep: T::of(weight.keep),
            rate: T::of(-weight.outside),
        };
    }

    /// The general case: the proposal stands in `direction`.
    fn step_written(&mut self, l: usize, layer: &mut Layer<T>, [weight, bias]: [Pace; 2], scale: f64) {
        let w = [layer.weight.as_mut_slice(), layer.bias.as_mut_slice()];
        let d = slices(&mut self.direction, l);
        let moments = slices(&mut self.first, l).into_iter().zip(slices(&mut self.square, l));
        for (((pace, w), d), (first, square)) in [weight, bias].into_iter().zip(w).zip(d).zip(moments) {
            let (scale, l2) = (T::of(pace.inside * scale), T::of(pace.inside * pace.l2));
            let (keep, rate) = (T::of(pace.keep), T::of(-pace.outside));
            let (optimizer, corrections) = (self.optimizer, self.optimizer.corrections(self.turns[l]));
            share_blocks([w, d, first, square], |[w, d, first, square]| {
                if scale != T::ONE || l2 != T::ZERO {
                    zip_slices(d, w, move |u, w| scale * u + l2 * w);
                }
                optimizer.direct(d, first, square, corrections);
                zip_slices(w, d, move |w, d| keep * w + rate * d);
            });
        }
        self.taken[l] = Taken {
            keep: T::of(weight.keep),
            rate: T::of(-weight.outside),
        };
    }

    /// Shows what is remembered of each layer, under one name for each: `name.velocity.weight` and `name.velocity.bias`, or for `Adam`
    /// `name.mean..`; `name.mean_square..`; and where a number of changes enters, `name.clock`: those that the layer took part
    /// in, and all. What is too much for the precision is in `name.clock_rest`.
    pub fn visit(&mut self, names: impl Iterator<Item = String>, see: &mut dyn FnMut(&str, Shape, &mut [T])) {
        let first = self.optimizer.first_moment().unwrap_or_default();
        let clock = self.optimizer.counts() || !self.schedule.is_constant();
        for (l, name) in names.enumerate().take(self.turns.len()) {
            for (moment, arrays) in [(first, &mut self.first), ("mean_square", &mut self.square)] {
                if let Some(array) = arrays.get_mut(l) {
                    visit_parameters(&format!("{name}.{moment}"), self.wirings[l], array, see);
                }
            }
            if clock {
                let counts = [self.turns[l], self.clock];
                [self.turns[l], self.clock] = visit_counts(&format!("{name}.clock"), counts, see);
            }
        }
    }
}

/// Shows two counts, and returns them as they were or as others were put in their place. Counts so large that the precision rounds
/// them leave a rest, which is shown after them as `name_rest`.
fn visit_counts<T: Scalar>(name: &str, counts: [u64; 2], see: &mut dyn FnMut(&str, Shape, &mut [T])) -> [u64; 2] {
    let shape = Shape::matrix(2, 1);
    let shown = counts.map(|count| T::of(count as f64));
    let mut seen = shown;
    see(name, shape, &mut seen);
    let whole = seen.map(|count| count.to_f64() as u64);
    let mut rests = [0; 2];
    if seen == shown {
        rests = [0, 1].map(|i| counts[i] as i64 - whole[i] as i64);
    }
    if whole.iter().any(|count| *count as f64 >= 2.0 / T::EPSILON) {
        let mut seen = rests.map(|rest| T::of(rest as f64));
        see(&format!("{name}_rest"), shape, &mut seen);
        rests = seen.map(|rest| rest.to_f64() as i64);
    }
    [0, 1].map(|i| whole[i].saturating_add_signed(rests[i]))
}

/// The weights and the biases of an array; nothing where there is none.
fn slices<T: Scalar>(arrays: &mut [Affine<T>], l: usize) -> [&mut [T]; 2] {
    match arrays.get_mut(l) {
        Some(Affine { weight, bias }) => [weight.as_mut_slice(), bias.as_mut_slice()],
        None => [&mut [], &mut []],
    }
}

/// The sum of squares in double precision: eight interleaved sums, then their sum.
fn square_sum<T: Scalar>(values: &[T]) -> f64 {
    let square = |value: T| value.to_f64() * value.to_f64();
    let (chunks, rest) = values.as_chunks::<8>();
    let mut sums = [0.0; 8];
    for chunk in chunks {
        for (sum, &value) in sums.iter_mut().zip(chunk) {
            *sum += square(value);
        }
    }
    sums.iter().sum::<f64>() + rest.iter().map(|&value| square(value)).sum::<f64>()
}
