//! Measure rules that draw random numbers as estimators of the gradient.

use super::metric::metrics;
use super::{Gradients, LayerGroup};
use crate::linalg::Scalar;

metrics! {
    /// of rules that draw random numbers, over the `draws` asked for: distance of the mean from the gradient, relative to it; with
    /// an error `estimator_bias_se`
    ESTIMATOR_BIAS = "estimator_bias", Probe, Number, Smaller;
    /// variance over these draws, summed over parameters; with an error `estimator_variance_se`
    ESTIMATOR_VARIANCE = "estimator_variance", Probe, Number, Smaller;
    /// squared gradient over this variance; with an error `estimator_snr_se`
    ESTIMATOR_SNR = "estimator_snr", Probe, Number, Larger;
    /// how many draws these are
    ESTIMATOR_DRAWS = "estimator_draws", Probe, Number, Neither;
}

/// Parts of the draws whose statistics are compared to tell how far a statistic is from its expectation.
const PARTS: u32 = 32;

/// How a rule estimates the gradient `g`, from `n` independent draws (`estimator_draws`) of its proposal `u` on the same weights and
/// batch. A number with `_se` says how far chance may have moved the one without.
///
/// With `ū` the mean of the draws, and `s²` the sample variance of a parameter (divisor `n − 1`), weights and biases together:
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EstimatorQuality {
    /// `estimator_bias`: `|ū − g| / |g|`. It does not fall below its floor, the next number, if the rule has no bias at all: the
    /// squares of the two differ by an unbiased estimate of the squared true bias.
    pub bias: f64,
    /// `estimator_bias_se`: `√(V / n) / |g|`, the root mean square that the bias of an unbiased rule has in `n` draws.
    pub bias_error: f64,
    /// `estimator_variance`: `V = Σ s²` over the parameters.
    pub variance: f64,
    /// `estimator_variance_se`: by batch means. The draws are cut into up to 32 parts of equal size, in the order they are made;
    /// this is the standard deviation of `V` among the parts over the root of their number. Absent for fewer than four draws.
    pub variance_error: Option<f64>,
    /// `estimator_snr`: `|g|² / V`; absent where nothing varies.
    pub snr: Option<f64>,
    /// `estimator_snr_se`: `|g|² / V²` times the error of `V`, to first order (the delta method).
    pub snr_error: Option<f64>,
}

/// What is left of draws that have been seen; its size does not depend on their number.
pub struct Estimates {
    draws: u32,
    layers: Vec<LayerEstimates>,
}

#[derive(Default)]
struct LayerEstimates {
    trained: bool,
    exact: bool,
    /// `|g|²`.
    gradient: f64,
    /// `|ū − g|²`.
    offset: f64,
    /// `Σ s²`.
    variance: f64,
    /// The same of each part.
    parts: Vec<f64>,
}

impl Estimates {
    /// Sees `draws` proposals, at least two; `draw` makes each, given its number, and tells whether to go on: nothing comes of what
    /// was ended. `exact` is `g`, and `room` is scratch.
    ///
    /// Means and squares are kept in double precision, updated draw by draw (Welford 1962), and joined part by part (Chan, Golub,
    /// LeVeque 1979).
    pub fn see<T: Scalar>(
        exact: &Gradients<T>,
        draws: u32,
        room: &mut Gradients<T>,
        mut draw: impl FnMut(u32, &mut Gradients<T>) -> bool,
    ) -> Option<Self> {
        let depth = exact.depth();
        let mut layers: Vec<_> = (0..depth).map(|_| LayerEstimates::default()).collect();
        let mut all: Vec<_> = (0..depth).map(|_| RunningMoments::default()).collect();
        let mut part: Vec<_> = (0..depth).map(|_| RunningMoments::default()).collect();
        let count = PARTS.min(draws / 2).max(1);
        let bound = |i: u32| (u64::from(i) * u64::from(draws) / u64::from(count)) as u32;
        for i in 0..count {
            for k in bound(i)..bound(i + 1) {
                if !draw(k, room) {
                    return None;
                }
                part.iter_mut().enumerate().for_each(|(l, part)| part.see(room, l));
            }
            for (layer, (all, part)) in layers.iter_mut().zip(all.iter_mut().zip(&mut part)) {
                layer.parts.push(part.variance());
                all.join(part);
                part.clear();
            }
        }
        for (l, (layer, all)) in layers.iter_mut().zip(&all).enumerate() {
            layer.trained = room.trains(l);
            layer.exact = exact.trains(l);
            layer.variance = all.variance();
            for (i, g) in numbers(exact, l).enumerate() {
                layer.gradient += g * g;
                layer.offset += (all.mean.get(i).copied().unwrap_or(0.0) - g).powi(2);
            }
        }
        Some(Self { draws, layers })
    }

    /// The quality in a group of layers. A single layer is judged where the rule trains it; in `hidden` and `all` one that it does
    /// not train counts as zero. Absent where the gradient is zero.
    pub fn of(&self, group: LayerGroup) -> Option<EstimatorQuality> {
        if let LayerGroup::Layer(l) = group
            && !(self.layers[l].trained && self.layers[l].exact)
        {
            return None;
        }
        let layers = &self.layers[group.layers(self.layers.len())];
        let sum = |of: fn(&LayerEstimates) -> f64| layers.iter().map(of).sum::<f64>();
        let (gradient, offset, variance) = (sum(|l| l.gradient), sum(|l| l.offset), sum(|l| l.variance));
        let part = |i| layers.iter().map(|layer| layer.parts[i]).sum::<f64>();
        let parts: Vec<f64> = (0..layers.first()?.parts.len()).map(part).collect();
        let variance_error = standard_error(&parts);
        let snr = (variance > 0.0).then(|| gradient / variance);
        (gradient > 0.0).then(|| EstimatorQuality {
            bias: (offset / gradient).sqrt(),
            bias_error: (variance / f64::from(self.draws) / gradient).sqrt(),
            variance,
            variance_error,
            snr,
            snr_error: snr.zip(variance_error).map(|(snr, error)| snr / variance * error),
        })
    }
}

/// Of the mean of some numbers; absent for a single one.
fn standard_error(values: &[f64]) -> Option<f64> {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (n > 1.0).then(|| (squares / (n - 1.0) / n).sqrt())
}

/// The numbers of a layer's update.
fn numbers<T: Scalar>(update: &Gradients<T>, l: usize) -> impl Iterator<Item = f64> {
    update.pieces(l).into_iter().flatten().flatten().map(|x| x.to_f64())
}

/// Mean and sum of squares about it, of the draws seen.
#[derive(Default)]
struct RunningMoments {
    count: f64,
    mean: Vec<f64>,
    /// Summed over the parameters.
    squares: f64,
}

impl RunningMoments {
    fn see<T: Scalar>(&mut self, update: &Gradients<T>, l: usize) {
        self.count += 1.0;
        if self.mean.is_empty() {
            self.mean.resize(numbers(update, l).count(), 0.0);
        }
        let share = 1.0 / self.count;
        let mut at = 0;
        for piece in update.pieces(l).into_iter().flatten() {
            for (mean, x) in self.mean[at..].iter_mut().zip(piece) {
                let x = x.to_f64();
                let before = x - *mean;
                *mean += share * before;
                self.squares += before * (x - *mean);
            }
            at += piece.len();
        }
    }

    fn join(&mut self, other: &Self) {
        self.mean.resize(other.mean.len(), 0.0);
        let count = self.count + other.count;
        let (share, weight) = (other.count / count, self.count * other.count / count);
        for (mean, other) in self.mean.iter_mut().zip(&other.mean) {
            let apart = other - *mean;
            *mean += share * apart;
            self.squares += weight * apart * apart;
        }
        self.squares += other.squares;
        self.count = count;
    }

    fn clear(&mut self) {
        self.count = 0.0;
        self.squares = 0.0;
        self.mean.fill(0.0);
    }

    fn variance(&self) -> f64 {
        self.squares / (self.count - 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::{Matrix, Vector};
    use crate::network::{Activation, Layer, Network, Trace};
    use crate::random::{Purpose, Stream, normal};
    use crate::update::Proposal;

    /// A layer of two parameters: one weight, one bias.
    fn tiny() -> (Network<f64>, Trace<f64>) {
        let network = Network {
            layers: vec![Layer::zeros(1, 1, true, Activation::Identity)],
        };
        let mut trace = Trace {
            input: Matrix::from_element(1, 1, 1.0),
            ..Trace::default()
        };
        network.forward(&mut trace);
        (network, trace)
    }

    fn write(room: &mut Gradients<f64>, values: [f64; 2]) {
        let (network, trace) = tiny();
        let mut proposal = Proposal::default();
        proposal.begin(&network.layers, 1);
        let update = proposal.dense(0, &network.layers[0]);
        update.weight.fill(values[0]);
        update.bias = Vector::from_element(1, values[1]);
        room.write(&proposal, &trace);
    }

    fn quality(g: [f64; 2], draws: &[[f64; 2]]) -> Option<EstimatorQuality> {
        let (network, _) = tiny();
        let (mut exact, mut room) = (Gradients::for_network(&network), Gradients::for_network(&network));
        write(&mut exact, g);
        let draw = |k: u32, room: &mut _| {
            write(room, draws[k as usize]);
            true
        };
        let seen = Estimates::see(&exact, draws.len() as u32, &mut room, draw)?;
        assert!(
            Estimates::see(&exact, 9, &mut room, |k, _| k < 5).is_none(),
            "it was ended"
        );
        seen.of(LayerGroup::All)
    }

    #[test]
    fn statistics_of_two_numbers_by_hand() {
        // mean (2, 5), sample variances 2 and 8
        let q = quality([2.0, 1.0], &[[1.0, 3.0], [3.0, 7.0]]).unwrap();
        assert_eq!(q.variance, 10.0);
        assert_eq!(q.bias, f64::sqrt(16.0 / 5.0));
        assert_eq!(q.bias_error, f64::sqrt(10.0 / 2.0 / 5.0));
        assert_eq!(q.snr, Some(0.5));
        assert_eq!((q.variance_error, q.snr_error), (None, None));
        assert_eq!(quality([0.0, 0.0], &[[1.0, 3.0], [3.0, 7.0]]), None);
        let still = quality([2.0, 1.0], &[[2.0, 1.0]; 6]).unwrap();
        assert_eq!((still.bias, still.variance, still.snr), (0.0, 0.0, None));
    }

    /// Parts are joined to what all draws at once have, far from zero too.
    #[test]
    fn parts_join_to_the_whole() {
        let mut values = vec![0.0; 2 * 1001];
        normal(&mut values, 1.0, &mut Stream::new(1, Purpose::Task, 0, 0).generator());
        let draws: Vec<_> = values.chunks(2).map(|x| [1e6 + x[0], 2.0 * x[1]]).collect();
        let q = quality([1e6, 0.0], &draws).unwrap();
        let n = draws.len() as f64;
        let mut variance = 0.0;
        let mut offset = 0.0;
        for (k, g) in [1e6, 0.0].into_iter().enumerate() {
            let mean = draws.iter().map(|x| x[k] - g).sum::<f64>() / n;
            variance += draws.iter().map(|x| (x[k] - g - mean).powi(2)).sum::<f64>() / (n - 1.0);
            offset += mean * mean;
        }
        assert!((q.variance / variance - 1.0).abs() < 1e-9);
        assert!((q.bias * 1e6 / offset.sqrt() - 1.0).abs() < 1e-6);
    }

    /// The variance of normal numbers of variances 1 and 4 in n draws has variance `2 (1 + 16) / n`: in 200 repetitions the
    /// stated error must agree, and the true values lie within two of it about 95 times in 100.
    #[test]
    fn standard_errors_say_how_far_off_the_values_are() {
        let n = 640;
        let (mut stated, mut near, mut floor) = (0.0, [0; 2], 0.0);
        for seed in 0..200 {
            let mut values = vec![0.0; 2 * n];
            normal(
                &mut values,
                1.0,
                &mut Stream::new(seed, Purpose::Task, 0, 0).generator(),
            );
            let draws: Vec<_> = values.chunks(2).map(|x| [3.0 + x[0], 4.0 + 2.0 * x[1]]).collect();
            let q = quality([3.0, 4.0], &draws).unwrap();
            stated += q.variance_error.unwrap() / 200.0;
            near[0] += usize::from((q.variance - 5.0).abs() < 2.0 * q.variance_error.unwrap());
            near[1] += usize::from((q.snr.unwrap() - 5.0).abs() < 2.0 * q.snr_error.unwrap());
            floor += (q.bias * q.bias) / (q.bias_error * q.bias_error) / 200.0;
        }
        let expected = f64::sqrt(34.0 / n as f64);
        assert!((stated / expected - 1.0).abs() < 0.05, "{stated} {expected}");
        // binomial, with a standard deviation of 3 in 200
        assert!(near.iter().all(|near| (179..=200).contains(near)), "{near:?}");
        // |ū − g|² over V / n has mean 1, with a standard error of about 0.09
        assert!((floor - 1.0).abs() < 0.3, "{floor}");
    }
}
