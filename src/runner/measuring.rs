//! Measure a training at one moment. Measuring has its own scratch and streams: it never changes the run.

mod predictions;

use super::{Seating, Training};
use crate::experiment::Settings;
use crate::linalg::{Matrix, Scalar, empty, share_each};
use crate::metrics::{
    self, Choice, Descent, Estimates, EstimatorQuality, Evaluation, Evaluator, Gradients, LayerGroup, Metric, Subject,
    VectorComparison,
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
    /// Whether predictions are scored by more than loss and accuracy.
    tallies: bool,
    /// Whether something is written of proposals.
    proposes: bool,
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
    proposals: Vec<Proposal<T>>,
    gradients: Vec<Gradients<T>>,
    /// How far from rest the proposals of rules that settle ended.
    residuals: Vec<Option<f64>>,
    /// The exact gradient, whoever is a reference.
    exact: Gradients<T>,
    evaluator: Evaluator<T>,
}

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
        Self {
            arm,
            data,
            parts,
            tallies: choice.writes_any(|metric| !metric.is_usual()),
            proposes: choice.writes_any(|metric| metric.subject == Subject::Probe),
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
            proposals: vec![Proposal::default(); seats],
            gradients: vec![Gradients::for_network(&training.network); seats],
            residuals: vec![None; seats],
            exact: Gradients::for_network(&training.network),
            evaluator: Evaluator::default(),
        }
    }

    /// Measures everything at the present step; returns what the tables of runs need.
    pub fn measure(
        &mut self,
        training: &mut Training<T>,
        steps_per_epoch: u64,
        running: Option<Evaluation>,
        rows: &mut Vec<MetricRow>,
    ) -> Scores {
        let choice = self.choice.clone();
        let mut sheet = Sheet {
            choice: &choice,
            arm: self.arm,
            seed: training.seed,
            step: training.step,
            epoch: training.step as f64 / steps_per_epoch as f64,
            rows,
        };
        let scores = self.predictions(training, running, &mut sheet);
        self.weights(training, &mut sheet);
        if self.proposes {
            self.probe(training);
            self.proposals(training, &mut sheet);
            self.estimators(training, &mut sheet);
        }
        scores
    }

    /// What depends on weights alone.
    fn weights(&self, training: &Training<T>, sheet: &mut Sheet<'_>) {
        let network = &training.network;
        for group in LayerGroup::of_depth(network.depth()) {
            let norm = metrics::weight_norm(network, group);
            sheet.write(metrics::WEIGHT_NORM, "none", group, "none", norm);
        }
        for (label, seat) in self.labels.iter().zip(&training.seats).take(self.proposers) {
            for (group, comparison) in metrics::feedback(seat.learner.as_ref(), network) {
                let VectorComparison {
                    angle,
                    norm_ratio,
                    sign_agreement,
                    ..
                } = comparison;
                sheet.write(metrics::FEEDBACK_ANGLE, label, group, "none", angle);
                sheet.write(metrics::FEEDBACK_NORM_RATIO, label, group, "none", norm_ratio);
                sheet.write(metrics::FEEDBACK_SIGN_AGREEMENT, label, group, "none", sign_agreement);
            }
        }
    }

    /// One proposal of every rule on the probe batch.
    fn probe(&mut self, training: &mut Training<T>) {
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
        let effort = network.multiply_adds() * self.trace.batch();
        let places = self
            .proposals
            .iter_mut()
            .zip(&mut self.residuals)
            .zip(&mut self.gradients);
        let mut places: Vec<_> = seats.iter_mut().zip(places).collect();
        share_each(
            &mut places,
            || effort,
            |_, (seat, ((proposal, residual), gradient))| {
                let now = Step {
                    network,
                    loss: *loss,
                    trace: &self.trace,
                    targets: &self.targets,
                    samples: &self.probe,
                    stream: Stream::new(*seed, Purpose::Probe, seat.index, *step),
                };
                seat.learner.probe(now, proposal);
                **residual = seat.learner.residual(now);
                gradient.write(proposal, &self.trace);
            },
        );
        let now = Step {
            network,
            loss: *loss,
            trace: &self.trace,
            targets: &self.targets,
            samples: &self.probe,
            stream: Stream::new(*seed, Purpose::Probe, 0, *step),
        };
        let mut proposal = Proposal::default();
        proposal.begin(&network.layers, now.batch());
        LearningRule::propose(&Backprop {}, &(), &mut (), now, &mut proposal);
        self.exact.write(&proposal, &self.trace);
    }

    /// Rules that draw, as estimators of the exact gradient: many proposals on the probe batch, each with a stream of its own.
    fn estimators(&mut self, training: &mut Training<T>, sheet: &mut Sheet<'_>) {
        if self.draws == 0 {
            return;
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
            };
            let estimates = Estimates::see(&self.exact, self.draws, &mut room, draw);
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
    }

    /// Comparisons of the proposals with those of the references, and sizes.
    fn proposals(&self, training: &Training<T>, sheet: &mut Sheet<'_>) {
        let (network, depth) = (&training.network, training.network.depth());
        for (l, (layer, a)) in network.layers.iter().zip(&self.trace.a).enumerate() {
            let (group, z) = (LayerGroup::Layer(l), &self.trace.z[l]);
            let mean = metrics::activity_mean(a);
            sheet.write(metrics::ACTIVITY_MEAN, "none", group, "none", mean);
            if let Some(share) = metrics::activity_saturation(layer.activation, z, self.trace.units(l)) {
                sheet.write(metrics::ACTIVITY_SATURATION, "none", group, "none", share);
            }
        }
        let mut descent = Descent::new(network, training.loss, &self.trace, &self.targets);
        for (i, label) in self.labels.iter().enumerate().take(self.proposers) {
            if let Some(residual) = self.residuals[i] {
                sheet.write(metrics::RESIDUAL, label, LayerGroup::All, "none", residual);
            }
            if let Some(efficiency) = descent.efficiency(self.rate, &self.gradients[i], &self.exact) {
                sheet.write(metrics::DESCENT_EFFICIENCY, label, LayerGroup::All, "none", efficiency);
            }
            for group in LayerGroup::of_depth(depth) {
                if let Some(norm) = metrics::gradient_norms(&self.gradients[i], depth, group) {
                    sheet.write(metrics::UPDATE_NORM, label, group, "none", norm);
                }
            }
            for &j in &self.references {
                let reference = self.labels[j];
                for group in LayerGroup::of_depth(depth) {
                    if let Some(c) = metrics::gradient(&self.gradients[i], &self.gradients[j], group) {
                        sheet.write(metrics::GRADIENT_ANGLE, label, group, reference, c.angle);
                        sheet.write(metrics::GRADIENT_COSINE, label, group, reference, c.cosine);
                        sheet.write(metrics::GRADIENT_NORM_RATIO, label, group, reference, c.norm_ratio);
                        sheet.write(metrics::SIGN_AGREEMENT, label, group, reference, c.sign_agreement);
                    }
                    if let Some(angle) = metrics::delta_angles(&self.proposals[i], &self.proposals[j], group) {
                        sheet.write(metrics::DELTA_ANGLE, label, group, reference, angle);
                    }
                }
            }
            // The other pairs of trainer and shadows, each once: in the rows of the later, so that shadows add no row to the trainer's.
            let is_reference = |j: &usize| self.references.contains(j);
            for j in (0..i).filter(|j| !is_reference(j) && !is_reference(&i)) {
                let other = self.labels[j];
                for group in LayerGroup::of_depth(depth) {
                    if let Some(c) = metrics::gradient(&self.gradients[i], &self.gradients[j], group) {
                        sheet.write(metrics::GRADIENT_ANGLE, label, group, other, c.angle);
                        sheet.write(metrics::GRADIENT_COSINE, label, group, other, c.cosine);
                    }
                }
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
    /// A value of a metric that is always measured on the same split.
    fn write(&mut self, metric: Metric, rule: &str, layer: LayerGroup, reference: &str, value: f64) {
        self.write_as(metric.name, metric.split(), rule, layer, reference, value);
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
