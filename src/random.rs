//! Name independent streams of random numbers, so that nothing drawn for one purpose moves another.
//!
//! Streams are *keyed, not consumed*: `(seed, purpose, index, step)` names a stream wherever it is needed, so no generator
//! has to be saved, measuring cannot disturb a run, and neither threads nor shards matter.

use crate::cost;
use crate::linalg::{PAIRS, Scalar, box_muller};
use rand::{Rng, SeedableRng};
use std::cell::LazyCell;
use std::ops::DerefMut;

/// Counter-based and portable.
pub type Generator = rand_chacha::ChaCha8Rng;

/// What a stream is for. The discriminant is part of the key: never reorder, only append.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub enum Purpose {
    /// Initial forward weights.
    Weights = 0,
    /// Which samples are held out, and the validation part.
    Split = 1,
    /// The order of samples in an epoch (step = epoch).
    Order = 2,
    /// What a rule owns, at its start.
    RuleStart = 3,
    /// A rule's draws when it proposes at a step.
    Propose = 4,
    /// A rule's draws when it adapts after a step.
    Adapt = 5,
    /// A rule's draws when it is measured at a step.
    Probe = 6,
    /// Which samples the probe batch holds.
    ProbeBatch = 7,
    /// The samples of a synthetic task.
    Task = 8,
    /// As [`Purpose::Order`], while the network still stands still.
    WarmUpOrder = 9,
    /// As [`Purpose::Propose`], while the network still stands still.
    WarmUpPropose = 10,
    /// As [`Purpose::Adapt`], while the network still stands still.
    WarmUpAdapt = 11,
    /// Initial biases.
    Biases = 12,
    /// Which units of a layer are dropped at a step.
    Dropout = 13,
    /// As [`Purpose::Dropout`], while the network still stands still.
    WarmUpDropout = 14,
    /// Which training samples get the label of another class, and of which.
    LabelNoise = 15,
    /// A rule's draws when its estimates are measured at a step; the index is the rule's plus 2³² times the draw.
    EstimatorDraw = 20,
    /// How the image of a sample in a training batch is shifted and mirrored; the index is the sample, plus 2³² while the network
    /// still stands still, the step is the epoch.
    Augment = 21,
    /// Which values of a sample a bootstrap draws: statistics, numbered apart from what runs draw.
    Resample = 1000,
    /// Which parameters a gradient check moves.
    GradientCheck = 1001,
}

/// The name of a stream. Nothing is computed until numbers are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stream {
    /// The run's seed.
    pub seed: u64,
    /// What the numbers are for.
    pub purpose: Purpose,
    /// Which rule, layer or part.
    pub index: u64,
    /// When.
    pub step: u64,
}

impl Stream {
    /// The stream with this name.
    #[inline(always)]
    pub fn new(seed: u64, purpose: Purpose, index: u64, step: u64) -> Self {
        Self {
            seed,
            purpose,
            index,
            step,
        }
    }

    /// Its numbers, from the first; a generator is made once some are drawn.
    pub fn when_drawn_from(self) -> impl DerefMut<Target = Generator> {
        LazyCell::new(move || self.generator())
    }

    /// Its numbers, from the first.
    pub fn generator(self) -> Generator {
        let mut key = [0; 32];
        for (bytes, word) in key
            .chunks_exact_mut(8)
            .zip([self.seed, self.purpose as u64, self.index, 0])
        {
            bytes.copy_from_slice(&word.to_le_bytes());
        }
        let mut generator = Generator::from_seed(key);
        generator.set_stream(self.step);
        generator
    }
}

/// Uniform in `[0, 1)`, 53 bits.
pub fn uniform(generator: &mut Generator) -> f64 {
    cost::random_numbers(1);
    (generator.next_u64() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
}

/// Uniform in `0..n`, without bias.
pub fn below(n: u64, generator: &mut Generator) -> u64 {
    assert!(n > 0);
    cost::random_numbers(1);
    let zone = u64::MAX - u64::MAX % n;
    loop {
        let word = generator.next_u64();
        if word < zone {
            return word % n;
        }
    }
}

/// Shuffles in place (Fisher and Yates, from the last element down).
pub fn shuffle<X>(items: &mut [X], generator: &mut Generator) {
    for i in (1..items.len()).rev() {
        items.swap(i, below(i as u64 + 1, generator) as usize);
    }
}

/// Fills `values` with normal numbers of mean 0 and standard deviation `sd`, drawn in double precision and rounded, so that
/// runs in `f32` and `f64` see the same numbers.
///
/// Every two numbers take two words of the generator, a last single one too. So fewer numbers are the first of more numbers, and
/// an even number of them can be drawn in parts, each of an even number.
pub fn normal<T: Scalar>(values: &mut [T], sd: f64, generator: &mut Generator) {
    cost::random_numbers(values.len());
    for block in values.chunks_mut(2 * PAIRS) {
        let mut words = [[0; 2]; PAIRS];
        for word in words[..block.len().div_ceil(2)].as_flattened_mut() {
            *word = generator.next_u64();
        }
        for (value, z) in block.iter_mut().zip(box_muller(&words).as_flattened()) {
            *value = T::of(sd * z);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::Rng;
    use statrs::distribution::{ContinuousCDF, Normal};

    const PURPOSES: [Purpose; 9] = [
        Purpose::Weights,
        Purpose::Split,
        Purpose::Order,
        Purpose::RuleStart,
        Purpose::Propose,
        Purpose::Adapt,
        Purpose::Probe,
        Purpose::ProbeBatch,
        Purpose::Task,
    ];

    fn normals(count: usize, generator: &mut Generator) -> Vec<f64> {
        let mut values = vec![0.0; count];
        normal(&mut values, 1.0, generator);
        values
    }

    /// What a sample says about its distribution, each divided by its standard error under normality.
    fn deviations(values: &[f64]) -> [f64; 4] {
        let n = values.len() as f64;
        let moment = |power| values.iter().map(|x| x.powi(power)).sum::<f64>() / n;
        [
            moment(1) * n.sqrt(),
            (moment(2) - 1.0) * (n / 2.0).sqrt(),
            moment(3) * (n / 15.0).sqrt(),
            (moment(4) - 3.0) * (n / 96.0).sqrt(),
        ]
    }

    /// The variance of `x^p` for a standard normal `x` is `m(2p) - m(p)²`: 1, 2, 15 and 96 for `p` from 1 to 4.
    #[test]
    fn normal_numbers_have_normal_moments() {
        let values = normals(1_000_000, &mut Stream::new(1, Purpose::Task, 0, 0).generator());
        assert!(
            deviations(&values).iter().all(|d| d.abs() < 4.0),
            "{:?}",
            deviations(&values)
        );
        // The sum of twelve uniform numbers is close, with a fourth moment of 2.9, and is found out.
        let mut generator = Stream::new(2, Purpose::Task, 0, 0).generator();
        let sums: Vec<f64> = (0..1_000_000)
            .map(|_| (0..12).map(|_| uniform(&mut generator)).sum::<f64>() - 6.0)
            .collect();
        assert!(deviations(&sums)[3] < -4.0);
        // The two of a pair, and neighbouring pairs, are uncorrelated: a product of two has variance 1.
        for lag in 1..=2 {
            let sum: f64 = values.iter().zip(&values[lag..]).map(|(x, y)| x * y).sum();
            assert!(sum.abs() < 4.0 * (values.len() as f64).sqrt());
        }
    }

    /// Kolmogorov and Smirnov: `D sqrt(n)` is above 1.95 with probability 0.001.
    #[test]
    fn normal_numbers_are_distributed_normally() {
        let distance = |mut values: Vec<f64>| {
            values.sort_by(f64::total_cmp);
            let (n, exact) = (values.len() as f64, Normal::standard());
            let parts = values.iter().enumerate().map(|(i, &x)| {
                let p = exact.cdf(x);
                (p - i as f64 / n).max((i + 1) as f64 / n - p)
            });
            parts.fold(0.0, f64::max) * n.sqrt()
        };
        let values = normals(200_000, &mut Stream::new(3, Purpose::Task, 0, 0).generator());
        assert!(distance(values.clone()) < 1.95);
        assert!(distance(values.iter().map(|x| 1.02 * x).collect()) > 1.95);
    }

    #[test]
    fn normal_numbers_do_not_depend_on_how_many_are_drawn() {
        let stream = Stream::new(4, Purpose::Weights, 2, 0);
        let all = normals(200, &mut stream.generator());
        for count in 0..200 {
            let mut generator = stream.generator();
            assert_eq!(normals(count, &mut generator), all[..count]);
            if count % 2 == 0 {
                assert_eq!(normals(200 - count, &mut generator), all[count..]);
            }
        }
    }

    #[test]
    fn single_precision_is_double_precision_rounded() {
        let stream = Stream::new(5, Purpose::Weights, 0, 0);
        let (mut single, mut double) = ([0f32; 999], [0f64; 999]);
        normal(&mut single, 0.3, &mut stream.generator());
        normal(&mut double, 0.3, &mut stream.generator());
        assert_eq!(single.to_vec(), double.map(|x| x as f32));
    }

    /// Every residue as often as any other: chi-square with 6 degrees of freedom is above 22.46 with probability 0.001.
    #[test]
    fn bounded_numbers_are_uniform() {
        let mut generator = Stream::new(6, Purpose::Task, 0, 0).generator();
        let mut counts = [0u32; 7];
        (0..70_000).for_each(|_| counts[below(7, &mut generator) as usize] += 1);
        let chi_square: f64 = counts.iter().map(|&count| (f64::from(count) - 1e4).powi(2) / 1e4).sum();
        assert!(chi_square < 22.46, "{counts:?}");
        // Above half of the range, a remainder alone would give the lower third twice as often.
        let n = u64::MAX / 3 * 2;
        let low = (0..30_000).filter(|_| below(n, &mut generator) < n / 2).count() as f64;
        assert!((low - 15_000.0).abs() < 4.0 * 7500f64.sqrt(), "{low}");
        assert!((0..1000).all(|_| below(1, &mut generator) == 0));
    }

    #[test]
    fn shuffling_permutes_every_position() {
        let mut generator = Stream::new(7, Purpose::Order, 0, 0).generator();
        let mut counts = [[0u32; 5]; 5];
        for _ in 0..20_000 {
            let mut items = [0, 1, 2, 3, 4];
            shuffle(&mut items, &mut generator);
            items
                .iter()
                .zip(&mut counts)
                .for_each(|(&item, counts)| counts[item] += 1);
        }
        // 4000 each, with a standard deviation of 57.
        assert!(
            counts.as_flattened().iter().all(|count| count.abs_diff(4000) < 5 * 57),
            "{counts:?}"
        );
    }

    /// A word, the bits of a uniform number after it, the bits of normal numbers, bounded numbers, a shuffled order.
    type FirstNumbers = (u64, u64, [u64; 3], [u64; 3], [u8; 8]);

    fn first_numbers(purpose: Purpose) -> FirstNumbers {
        let stream = Stream::new(42, purpose, 1, 7);
        let mut generator = stream.generator();
        let word = generator.next_u64();
        let unit = uniform(&mut generator).to_bits();
        let normals = normals(3, &mut stream.generator())
            .iter()
            .map(|x| x.to_bits())
            .collect::<Vec<_>>()
            .try_into();
        let mut generator = stream.generator();
        let bounded = [6, 1000, 1 << 40].map(|n| below(n, &mut generator));
        let mut order = [0, 1, 2, 3, 4, 5, 6, 7];
        shuffle(&mut order, &mut stream.generator());
        (word, unit, normals.unwrap(), bounded, order)
    }

    /// The numbers are part of the format: old seeds must keep their meaning. These were
    /// written down when it was fixed, and agree with a second implementation of the generator and of the steps after it.
    #[test]
    fn streams_begin_as_they_always_did() {
        for (purpose, expected) in PURPOSES.into_iter().zip(FIRST_NUMBERS) {
            assert_eq!(first_numbers(purpose), expected, "{purpose:?}");
        }
    }

    const FIRST_NUMBERS: [FirstNumbers; 9] = [
        (
            0x2f02_d7ba_b2fa_ee21,
            0x3fe8_c343_259a_dc3c,
            [0x3fb8_54f6_0d05_1fea, 0xbfe4_280a_c64e_5977, 0xbfe6_3bb3_55c8_0424],
            [3, 512, 753_255_886_657],
            [3, 5, 6, 2, 0, 7, 4, 1],
        ),
        (
            0xbf7c_2e19_9a0d_2a08,
            0x3fe5_6543_da50_8ae5,
            [0xbfea_001c_4ba4_961f, 0xbff7_2a8e_0bf9_1b07, 0x3fec_cf9a_8f95_bda8],
            [0, 619, 350_392_546_054],
            [5, 1, 7, 6, 4, 2, 3, 0],
        ),
        (
            0xd82b_d4b6_0ece_8aa2,
            0x3fea_13f1_7f52_af88,
            [0x3fe8_7e05_2858_8eff, 0xbffc_54c5_122b_e312, 0x3fd0_f1bb_789c_4038],
            [0, 491, 939_516_987_331],
            [7, 1, 4, 6, 0, 5, 3, 2],
        ),
        (
            0xc3d2_9939_e93c_3c7f,
            0x3fee_c213_24f8_6c34,
            [0x3ffa_6bf0_73f9_feea, 0xbfda_4b60_51ca_859f, 0x3fe0_dc04_c73b_369e],
            [3, 542, 13_981_891_722],
            [5, 4, 6, 0, 1, 2, 3, 7],
        ),
        (
            0x0c71_a38f_9dc2_3b02,
            0x3fef_6a79_774d_1971,
            [0x3fd4_124a_7c5e_b221, 0xbfa2_7f0a_bc76_f767, 0xbffd_ddbb_5567_d7c3],
            [0, 23, 488_803_006_614],
            [1, 5, 6, 0, 3, 4, 7, 2],
        ),
        (
            0x047a_d98d_e5a0_4379,
            0x3fc3_9ebc_edfc_e2c0,
            [0x3fbb_776a_0d18_1a83, 0x3fc3_bef2_3d77_7a7d, 0x3ff1_949d_ae40_98a0],
            [5, 530, 995_439_573_364],
            [7, 0, 6, 4, 5, 2, 3, 1],
        ),
        (
            0xcc91_a8b7_078a_2bb5,
            0x3fe8_aaa0_bdf1_d303,
            [0x3fcd_ed23_a4e2_5643, 0xbffc_6bb0_2007_e3fb, 0xbff2_924e_7191_d301],
            [1, 531, 950_613_922_058],
            [2, 6, 1, 4, 3, 0, 7, 5],
        ),
        (
            0x5589_bb98_29e1_39c9,
            0x3fe2_99d7_967c_37c9,
            [0xbfe9_2d47_4f04_aa00, 0xbfdc_3634_3b1c_9949, 0x3ff2_803a_4aae_f8d1],
            [5, 357, 799_674_454_976],
            [2, 3, 7, 5, 4, 6, 0, 1],
        ),
        (
            0x880e_5bef_7639_56df,
            0x3fa9_51e1_773b_3fc0,
            [0x3ff2_c238_5ea5_86d6, 0x3fd8_1869_a822_9e50, 0xbfe3_3b69_2a48_7ae0],
            [1, 478, 435_616_776_846],
            [5, 1, 3, 4, 2, 6, 0, 7],
        ),
    ];
}
