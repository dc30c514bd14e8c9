//! Turn uniform numbers into normal ones, the same way everywhere and several at once (Box and Muller, *Ann. Math. Stat.* 29, 1958).

use super::elementary::double::ln;
use super::lanes::{Instructions, Kernel, dispatch};
use std::f64::consts::TAU;

/// Pairs of normal numbers that are made together.
pub const PAIRS: usize = 32;

/// Makes pairs of independent normal numbers of mean 0 and variance 1; each pair needs two random words.
///
/// The upper 53 bits of the first word give `u` in `(0, 1]`, those of the second `v` in `[0, 1)`; the pair is
/// `sqrt(-2 ln u)` times the cosine and the sine of `2π v`.
pub fn box_muller(words: &[[u64; 2]; PAIRS]) -> [[f64; 2]; PAIRS] {
    dispatch(BoxMuller(words))
}

struct BoxMuller<'a>(&'a [[u64; 2]; PAIRS]);

impl Kernel for BoxMuller<'_> {
    type Output = [[f64; 2]; PAIRS];
    #[inline(always)]
    fn run<I: Instructions>(self) -> [[f64; 2]; PAIRS] {
        let (mut radius, mut cosine, mut sine) = ([0.0; PAIRS], [0.0; PAIRS], [0.0; PAIRS]);
        for (i, &[first, second]) in self.0.iter().enumerate() {
            radius[i] = 1.0 - unit_interval(first);
            cosine[i] = unit_interval(second);
        }
        for radius in &mut radius {
            *radius = (-2.0 * ln(*radius)).sqrt();
        }
        for (cosine, sine) in cosine.iter_mut().zip(&mut sine) {
            (*sine, *cosine) = sin_cos_of_turns(*cosine);
        }
        std::array::from_fn(|i| [radius[i] * cosine[i], radius[i] * sine[i]])
    }
}

#[inline(always)]
fn unit_interval(word: u64) -> f64 {
    (word >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
}

/// Sine and cosine of `2π v` for `v` in `[0, 1]`: the nearest quarter of a turn, and the polynomials of fdlibm's `k_sin.c` and
/// `k_cos.c` for the rest of at most an eighth.
#[inline(always)]
pub fn sin_cos_of_turns(v: f64) -> (f64, f64) {
    const INTEGERS: f64 = 1.5 * (1u64 << 52) as f64;
    let shifted = 4.0 * v + INTEGERS;
    let quarter = shifted.to_bits();
    let x = TAU * (v - 0.25 * (shifted - INTEGERS));
    let z = x * x;
    let s = -1.984_126_982_985_795e-4
        + z * (2.755_731_370_707_007e-6 + z * (-2.505_076_025_340_686_4e-8 + z * 1.589_690_995_211_55e-10));
    let sine = x + x * z * (-1.666_666_666_666_663_2e-1 + z * (8.333_333_333_322_49e-3 + z * s));
    let c = 2.480_158_728_947_673e-5
        + z * (-2.755_731_435_139_066e-7 + z * (2.087_572_321_298_175e-9 + z * -1.135_964_755_778_819_5e-11));
    let c = z * (4.166_666_666_666_66e-2 + z * (-1.388_888_888_887_411e-3 + z * c));
    let half = 0.5 * z;
    let w = 1.0 - half;
    let cosine = w + (((1.0 - w) - half) + z * c);
    let odd = quarter & 1 == 1;
    let (sine, cosine) = (if odd { cosine } else { sine }, if odd { sine } else { cosine });
    let with_sign = |x: f64, turned: u64| f64::from_bits(x.to_bits() ^ ((turned & 2) << 62));
    (with_sign(sine, quarter), with_sign(cosine, quarter.wrapping_add(1)))
}

#[cfg(test)]
mod tests {
    use super::super::level::at_every_level;
    use super::{PAIRS, box_muller, sin_cos_of_turns};
    use crate::random::{Purpose, Stream, uniform};
    use rand::Rng;

    #[test]
    fn sine_and_cosine_are_accurate_on_the_whole_turn() {
        let mut generator = Stream::new(1, Purpose::Task, 0, 0).generator();
        let edges = (0..=16).map(|i| f64::from(i) / 16.0);
        let random: Vec<f64> = (0..100_000).map(|_| uniform(&mut generator)).collect();
        for v in edges.chain(random) {
            let (sine, cosine) = sin_cos_of_turns(v);
            let exact = (pxfm::f_sinpi(2.0 * v), pxfm::f_cospi(2.0 * v));
            assert!(
                (sine - exact.0).abs() <= 3e-16 && (cosine - exact.1).abs() <= 3e-16,
                "{v}: {sine} {cosine} {exact:?}"
            );
        }
    }

    #[test]
    fn every_set_of_instructions_gives_the_same_bits() {
        let mut generator = Stream::new(2, Purpose::Task, 0, 0).generator();
        for _ in 0..1000 {
            let words = std::array::from_fn::<_, PAIRS, _>(|_| [generator.next_u64(), generator.next_u64()]);
            let outputs = at_every_level(|| box_muller(&words));
            let bits = |output: &[[f64; 2]; PAIRS]| output.map(|pair| pair.map(f64::to_bits));
            assert!(outputs.iter().all(|output| bits(output) == bits(&outputs[0])));
        }
    }
}
