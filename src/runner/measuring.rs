//! Measure a training at one moment. Measuring has its own scratch and streams: it never changes the run.

mod predictions;

use super::{Observer, Seating, Training};
use crate::experiment::{NamedRule, Settings};
use crate::linalg::{Matrix, Scalar, empty, share_each};
use crate::metrics::{
    self, Choice, Descent, Estimates, EstimatorQuality, Evaluation, Evaluator, Gradients, LayerGroup, Metric, Subject,
};
use crate::network::Trace;
use crate::random::{Purpose, Stream};
use crate::results::{MetricRow, Scores};
use crate::rules::{Backprop, LearningRule, Step};
use crate::tasks::{DataSet, Parts};
use crate::update::Proposal;

/// What does not change between the measurements of a run.
pub struct Measuring<'a, T: Scalar> {
    /// The arm's slug.
    arm: &'a str,
    data: &'a DataSet,
    parts: &'a Parts,
    /// What is written.
    choice: Choice,
    /// Whether something is written of predictions.
    scores: bool,
    /// Whether predictions are scored by more than loss and accuracy.
    tallies: bool,
    /// Whether something is written of the probe batch.
    probes: bool,
    /// Whether proposals are written out as arrays.
    arrays: bool,
    /// Whether something is compared with the exact gradient, whoever is a reference.
    judges: bool,
    /// Whether accuracy means anything.
    classes: bool,
    /// What the seats are called.
    labels: Vec<&'a str>,
    /// Which seats propose for themselves: the trainer and its shadows; the rest are references only.
    proposers: usize,
    /// The optimizer's, for the steps that a proposal is judged by.
    rate: f64,
    /// Proposals drawn to judge a rule as an estimator; 0: rules are not judged.
    draws: u32,
    /// Which of the proposers draw random numbers.
    drawing: Vec<bool>,
    /// Which seats the others are compared with.
    references: Vec<usize>,
    probe: Vec<u32>,
    trace: Trace<T>,
    targets: Matrix<T>,
    /// What the seats propose, and last the exact gradient, if no seat is backpropagation's.
    proposals: Vec<Proposal<T>>,
    /// The same as arrays.
    gradients: Vec<Gradients<T>>,
    /// Where the exact gradient stands.
    exact: usize,
    /// How far from rest the proposals of rules that settle ended.
    residuals: Vec<Option<f64>>,
    evaluator: Evaluator<T>,
}

/// What is found by comparing feedback weights with what they stand for.
const OF_FEEDBACK: [Metric; 3] = [
    metrics::FEEDBACK_ANGLE,
    metrics::FEEDBACK_NORM_RATIO,
    metrics::FEEDBACK_SIGN_AGREEMENT,
];
/// What is found in one update.
const OF_UPDATES: [Metric; 2] = [metrics::UPDATE_NORM, metrics::ERROR_NORM];
/// What is found by comparing two updates.
const OF_COMPARISONS: [Metric; 4] = [
    metrics::GRADIENT_ANGLE,
    metrics::GRADIENT_COSINE,
    metrics::GRADIENT_NORM_RATIO,
    metrics::SIGN_AGREEMENT,
];

impl<'a, T: Scalar> Measuring<'a, T> {
    /// Prepares the measurements of one run; the probe batch is the first `settings.measure.probe` samples of a permutation of the training part.
    pub fn new(
        arm: &'a str,
        data: &'a DataSet,
        parts: &'a Parts,
        seating: &Seating<'a>,
        settings: &Settings,
        training: &Training<T>,
    ) -> Self {
        let mut order = parts.train.clone();
        let stream = Stream::new(training.seed, Purpose::ProbeBatch, 0, 0);
        crate::random::shuffle(&mut order, &mut stream.generator());
        order.truncate(settings.measure.probe);
        let seats = training.seats.len();
        let choice = &settings.measure.metrics;
        let writes = |metric: &Metric| choice.writes(metric.name);
        let judges = settings.measure.draws > 0 || writes(&metrics::DESCENT_EFFICIENCY);
        let backprop = |rule: &&NamedRule| rule.rule.name() == Backprop::NAME;
        Self {
            arm,
            data,
            parts,
            scores: choice.writes_any(Metric::is_score),
            tallies: choice.writes_any(Metric::is_tallied),
            probes: choice.writes_any(|metric| metric.subject == Subject::Probe),
            arrays: judges || OF_UPDATES.iter().any(writes) || OF_COMPARISONS.iter().any(writes),
            judges,
            choice: choice.clone(),
            classes: data.labels().is_some(),
            labels: seating.rules.iter().map(|rule| rule.label.as_str()).collect(),
            proposers: seating.proposers,
            rate: settings.optimizer.optimizer.learning_rate(),
            draws: settings.measure.draws,
            drawing: seating.rules.iter().map(|rule| rule.rule.needs().draws).collect(),
            references: seating.references.clone(),
            probe: order,
            trace: Trace::default(),
            targets: empty(),
            proposals: vec![Proposal::default(); seats + 1],
            gradients: vec![Gradients::for_network(&training.network); seats + 1],
            exact: seating.rules.iter().position(backprop).unwrap_or(seats),
            residuals: vec![None; seats],
            evaluator: Evaluator::default(),
        }
    }

    /// Measures everything at the present step, which may be the `last`; returns what the tables of runs need, or nothing if the
    /// observer interrupts it.
    pub fn measure(
        &mut self,
        training: &mut Training<T>,
        (steps_per_epoch, last): (u64, bool),
        running: Option<Evaluation>,
        rows: &mut Vec<MetricRow>,
        observer: &dyn Observer,
    ) -> Option<Scores> {
        let choice = self.choice.clone();
        let mut sheet = Sheet {
            choice: &choice,
            arm: self.arm,
            seed: training.seed,
            step: training.step,
            epoch: training.step as f64 / steps_per_epoch as f64,
            rows,
        };
        let scores = self.predictions(training, running, last, &mut sheet);
        self.weights(training, &mut sheet);
        if self.probes {
            self.probe(training, &sheet);
            self.activities(training, &mut sheet);
            self.proposals(training, &mut sheet);
            self.estimators(training, &mut sheet, observer)?;
        }
        Some(scores)
    }

    /// What depends on weights alone.
    fn weights(&self, training: &Training<T>, sheet: &mut Sheet<'_>) {
        let network = &training.network;
        sheet.norms(metrics::WEIGHT_NORM, "none", || metrics::weight_norms(network));
        if !sheet.asks(&OF_FEEDBACK) {
            return;
        }
        for (label, seat) in self.labels.iter().zip(&training.seats).take(self.proposers) {
            for (group, found) in metrics::feedback(seat.learner.as_ref(), network) {
                let values = [found.angle, found.norm_ratio, found.sign_agreement];
                for (metric, value) in OF_FEEDBACK.into_iter().zip(values) {
                    sheet.write(metric, label, group, "none", value);
                }
            }
        }
    }

    /// One proposal of every rule on the probe batch, all on one forward pass.
    fn probe(&mut self, training: &mut Training<T>, sheet: &Sheet<'_>) {
        self.data.gather(&self.probe, &mut self.trace.input, &mut self.targets);
        let Training {
            seed,
            network,
            loss,
            seats,
            step,
            ..
        } = training;
        network.forward(&mut self.trace);
        let now = |index| Step {
            network,
            loss: *loss,
            trace: &self.trace,
            targets: &self.targets,
            samples: &self.probe,
            stream: Stream::new(*seed, Purpose::Probe, index, *step),
        };
        let (arrays, settles) = (self.arrays, sheet.asks(&[metrics::RESIDUAL]));
        let places = self.proposals.iter_mut().zip(&mut self.residuals);
        let places = places.zip(&mut self.gradients);
        let mut places: Vec<_> = seats.iter_mut().zip(places).collect();
        share_each(
            &mut places,
            || self.trace.multiply_adds(network),
            |_, (seat, ((proposal, residual), gradient))| {
                seat.learner.probe(now(seat.index), proposal);
                **residual = settles.then(|| seat.learner.residual(now(seat.index))).flatten();
                if arrays {
                    gradient.write(proposal, &self.trace);
                }
            },
        );
        if self.judges && self.exact == seats.len() {
            let (proposal, gradient) = (&mut self.proposals[self.exact], &mut self.gradients[self.exact]);
            Backprop::gradient(now(0), proposal);
            gradient.write(proposal, &self.trace);
        }
    }

    /// Rules that draw, as estimators of the exact gradient: many proposals on the probe batch, each with a stream of its own.
    /// Nothing if the observer interrupts them.
    fn estimators(&mut self, training: &mut Training<T>, sheet: &mut Sheet<'_>, observer: &dyn Observer) -> Option<()> {
        if self.draws == 0 {
            return Some(());
        }
        let Training {
            seed,
            network,
            loss,
            seats,
            step,
            ..
        } = training;
        let mut now = Step {
            network,
            loss: *loss,
            trace: &self.trace,
            targets: &self.targets,
            samples: &self.probe,
            stream: Stream::new(*seed, Purpose::EstimatorDraw, 0, *step),
        };
        let depth = network.depth();
        let mut room = Gradients::for_network(network);
        let mut proposal = Proposal::default();
        let proposers = seats.iter_mut().enumerate().take(self.proposers);
        for (i, seat) in proposers.filter(|(i, _)| self.drawing[*i]) {
            let draw = |k: u32, room: &mut Gradients<T>| {
                now.stream.index = seat.index | u64::from(k) << 32;
                seat.learner.probe(now, &mut proposal);
                room.write(&proposal, now.trace);
                !observer.interrupted()
            };
            let estimates = Estimates::see(&self.gradients[self.exact], self.draws, &mut room, draw)?;
            for group in LayerGroup::of_depth(depth) {
                let Some(quality) = estimates.of(group) else { continue };
                let EstimatorQuality {
                    bias,
                    bias_error,
                    variance,
                    variance_error,
                    snr,
                    snr_error,
                } = quality;
                let values = [
                    (metrics::ESTIMATOR_BIAS, Some(bias), Some(bias_error)),
                    (metrics::ESTIMATOR_VARIANCE, Some(variance), variance_error),
                    (metrics::ESTIMATOR_SNR, snr, snr_error),
                    (metrics::ESTIMATOR_DRAWS, Some(f64::from(self.draws)), None),
                ];
                for (metric, value, error) in values {
                    for (name, value) in [(metric.name, value), (&metric.error(), error)] {
                        if let Some(value) = value {
                            sheet.write_as(name, "probe", self.labels[i], group, "none", value);
                        }
                    }
                }
            }
        }
        Some(())
    }

    /// The activities on the probe batch.
    fn activities(&self, training: &Training<T>, sheet: &mut Sheet<'_>) {
        for (l, (layer, a)) in training.network.layers.iter().zip(&self.trace.a).enumerate() {
            let (group, z) = (LayerGroup::Layer(l), &self.trace.z[l]);
            if sheet.asks(&[metrics::ACTIVITY_MEAN]) {
                sheet.write(metrics::ACTIVITY_MEAN, "none", group, "none", metrics::activity_mean(a));
            }
            if sheet.asks(&[metrics::ACTIVITY_SATURATION])
                && let Some(share) = metrics::activity_saturation(layer.activation, z, self.trace.units(l))
            {
                sheet.write(metrics::ACTIVITY_SATURATION, "none", group, "none", share);
            }
        }
    }

    /// Comparisons of the proposals with those of the references, and sizes.
    fn proposals(&self, training: &Training<T>, sheet: &mut Sheet<'_>) {
        let descent = || {
            let (exact, rate) = (&self.gradients[self.exact], self.rate);
            Descent::new(
                &training.network,
                training.loss,
                &self.trace,
                &self.targets,
                exact,
                rate,
            )
        };
        let mut descent = sheet.asks(&[metrics::DESCENT_EFFICIENCY]).then(descent);
        for (i, label) in self.labels.iter().enumerate().take(self.proposers) {
            if let Some(residual) = self.residuals[i] {
                sheet.write(metrics::RESIDUAL, label, LayerGroup::All, "none", residual);
            }
            let update = &self.gradients[i];
            if let Some(efficiency) = descent.as_mut().and_then(|descent| descent.efficiency(update)) {
                sheet.write(metrics::DESCENT_EFFICIENCY, label, LayerGroup::All, "none", efficiency);
            }
            sheet.norms(metrics::UPDATE_NORM, label, || metrics::gradient_norms(update));
            sheet.norms(metrics::ERROR_NORM, label, || metrics::error_norms(update));
            for &j in &self.references {
                self.comparisons(i, j, &OF_COMPARISONS, sheet);
                if sheet.asks(&[metrics::DELTA_ANGLE]) {
                    for (group, angle) in metrics::delta_angles(&self.proposals[i], &self.proposals[j]) {
                        sheet.write(metrics::DELTA_ANGLE, label, group, self.labels[j], angle);
                    }
                }
            }
            // The other pairs of trainer and shadows, each once: in the rows of the later, so that shadows add no row to the trainer's.
            let is_reference = |j: &usize| self.references.contains(j);
            for j in (0..i).filter(|j| !is_reference(j) && !is_reference(&i)) {
                self.comparisons(i, j, &OF_COMPARISONS[..2], sheet);
            }
        }
    }

    /// How the update of one seat lies to that of another; of what is found, these metrics.
    fn comparisons(&self, i: usize, j: usize, shown: &[Metric], sheet: &mut Sheet<'_>) {
        if !sheet.asks(shown) {
            return;
        }
        for (group, found) in metrics::gradient(&self.gradients[i], &self.gradients[j]) {
            let values = [found.angle, found.cosine, found.norm_ratio, found.sign_agreement];
            for (metric, value) in shown.iter().zip(values) {
                sheet.write(*metric, self.labels[i], group, self.labels[j], value);
            }
        }
    }
}

/// Where the rows of one measurement go. A value that is not finite, or of a metric that is not chosen, has no row.
struct Sheet<'a> {
    choice: &'a Choice,
    arm: &'a str,
    seed: u64,
    step: u64,
    epoch: f64,
    rows: &'a mut Vec<MetricRow>,
}

impl Sheet<'_> {
    /// Whether one of these metrics is written: what is not need not be computed.
    fn asks(&self, metrics: &[Metric]) -> bool {
        metrics.iter().any(|metric| self.choice.writes(metric.name))
    }

    /// A value of a metric that is always measured on the same split.
    fn write(&mut self, metric: Metric, rule: &str, layer: LayerGroup, reference: &str, value: f64) {
        self.write_as(metric.name, metric.split(), rule, layer, reference, value);
    }

    /// A norm of each group of layers, where it is written.
    fn norms(&mut self, metric: Metric, rule: &str, of: impl FnOnce() -> Vec<(LayerGroup, f64)>) {
        if self.asks(&[metric]) {
            for (group, norm) in of() {
                self.write(metric, rule, group, "none", norm);
            }
        }
    }

    /// As [`Sheet::write`], under a name that says more than the metric's own.
    fn write_as(&mut self, metric: &str, split: &str, rule: &str, layer: LayerGroup, reference: &str, value: f64) {
        if !value.is_finite() || !self.choice.writes(metric) {
            return;
        }
        self.rows.push(MetricRow {
            arm: self.arm.to_string(),
            seed: self.seed,
            step: self.step,
            epoch: self.epoch,
            split: split.to_string(),
            metric: metric.to_string(),
            rule: rule.to_string(),
            layer: layer.to_string(),
            reference: reference.to_string(),
            value,
        });
    }
}
