//! Compare two vectors that are given in pieces: angle, cosine, ratio of norms, agreement of signs.

use crate::linalg::{Scalar, sum_of_pairs};

/// How a vector `u` lies to a vector `v`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VectorComparison {
    /// In degrees, 0 to 180.
    pub angle: f64,
    /// `u·v / (|u| |v|)`.
    pub cosine: f64,
    /// `|u| / |v|`.
    pub norm_ratio: f64,
    /// Share of the entries with equal sign; two zeros agree, a zero and another number do not.
    pub sign_agreement: f64,
}

/// Pieces of `u` and of `v` that belong together; a missing piece is all zeros on that side.
pub type Pieces<'a, T> = [(Option<&'a [T]>, Option<&'a [T]>)];

impl VectorComparison {
    /// Compares the vectors, or says nothing if one of them has norm 0.
    pub fn of<T: Scalar>(pieces: &Pieces<'_, T>) -> Option<Self> {
        let pieces: Vec<_> = pieces.iter().map(|(u, v)| PieceComparison::of(*u, *v)).collect();
        Self::joining(&pieces)
    }

    /// Compares the vectors that pieces make, or says nothing if one of them has norm 0.
    ///
    /// With unit vectors `û`, `v̂` the angle is `2 asin(|û − v̂| / 2)` (obtuse: `π − 2 asin(|û + v̂| / 2)`), since the arc
    /// cosine shows 0.03 degrees for parallel vectors in single precision; the cosine is `1 − |û − v̂|² / 2` accordingly. With
    /// `c = |u| / |v|`, and `g_p` what `|û − v̂|²` is of a piece,
    ///
    /// `|û − v̂|² |u|² = |u − c v|² = Σ_p (|u_p| − c |v_p|)² + c |u_p| |v_p| g_p`,
    ///
    /// in which nothing cancels.
    pub fn joining<'a>(pieces: impl IntoIterator<Item = &'a PieceComparison> + Copy) -> Option<Self> {
        let [mut uu, mut vv, mut uv, mut agree, mut count] = [0.0; 5];
        for piece in pieces {
            uu += piece.uu;
            vv += piece.vv;
            uv += piece.uv;
            agree += piece.agree;
            count += piece.count;
        }
        if !(uu > 0.0 && vv > 0.0) {
            return None;
        }
        let (norm_ratio, obtuse) = (f64::sqrt(uu) / f64::sqrt(vv), uv < 0.0);
        let mut gap = 0.0;
        for piece in pieces {
            let (u, v) = (piece.uu.sqrt(), norm_ratio * piece.vv.sqrt());
            gap += (u - v) * (u - v) + u * v * piece.gap(obtuse);
        }
        let gap = gap / uu;
        // not the platform's, which has other last digits on other processors
        let acute = 2.0 * libm::asin((f64::sqrt(gap) / 2.0).min(1.0)).to_degrees();
        let cosine = 1.0 - gap / 2.0;
        Some(Self {
            angle: if obtuse { 180.0 - acute } else { acute },
            cosine: if obtuse { -cosine } else { cosine },
            norm_ratio,
            sign_agreement: agree / count,
        })
    }
}

/// How a piece of a vector `u` lies to the piece of `v` that belongs to it: what comparisons of all vectors that it is a piece of
/// are made of.
#[derive(Clone, Copy, Debug, Default)]
pub struct PieceComparison {
    uu: f64,
    vv: f64,
    uv: f64,
    /// `|û − v̂|²`, where `u·v < 0` rather `|û + v̂|²`.
    gap: f64,
    /// Entries of equal sign.
    agree: f64,
    /// Entries.
    count: f64,
}

impl PieceComparison {
    /// Compares two pieces; a missing one is all zeros. Sums are those of [`sum_of_pairs`].
    pub fn of<T: Scalar>(u: Option<&[T]>, v: Option<&[T]>) -> Self {
        match (u, v) {
            (Some(u), Some(v)) => Self::of_two(u, v),
            (Some(u), None) => Self::alone(u),
            (None, Some(v)) => {
                let alone = Self::alone(v);
                Self {
                    uu: 0.0,
                    vv: alone.uu,
                    ..alone
                }
            }
            (None, None) => Self::default(),
        }
    }

    /// A piece `u` and zeros.
    fn alone<T: Scalar>(u: &[T]) -> Self {
        Self {
            uu: sum_of_pairs(u, u, |u, _| u.to_f64() * u.to_f64()),
            agree: sum_of_pairs(u, u, |u, _| f64::from(u8::from(u == T::ZERO))),
            count: u.len() as f64,
            ..Self::default()
        }
    }

    fn of_two<T: Scalar>(u: &[T], v: &[T]) -> Self {
        let square = |x: T| x.to_f64() * x.to_f64();
        let same = |u: T, v: T| (u > T::ZERO) == (v > T::ZERO) && (u < T::ZERO) == (v < T::ZERO);
        let (uu, vv) = (
            sum_of_pairs(u, u, |u, _| square(u)),
            sum_of_pairs(v, v, |v, _| square(v)),
        );
        let uv = sum_of_pairs(u, v, |u, v| u.to_f64() * v.to_f64());
        let mut gap = 0.0;
        if uu > 0.0 && vv > 0.0 {
            let ratio = f64::sqrt(uu) / f64::sqrt(vv);
            let factor = if uv < 0.0 { -ratio } else { ratio };
            gap = sum_of_pairs(u, v, |u, v| {
                let apart = u.to_f64() - factor * v.to_f64();
                apart * apart
            }) / uu;
        }
        Self {
            uu,
            vv,
            uv,
            gap,
            agree: sum_of_pairs(u, v, |u, v| f64::from(u8::from(same(u, v)))),
            count: u.len() as f64,
        }
    }

    /// `|û − v̂|²`, or `|û + v̂|²` if `obtuse`: the two add up to 4, and the smaller is known.
    fn gap(&self, obtuse: bool) -> f64 {
        if obtuse == (self.uv < 0.0) {
            self.gap
        } else {
            4.0 - self.gap
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, Stream, uniform};

    fn of(u: &[f64], v: &[f64]) -> Option<VectorComparison> {
        VectorComparison::of(&[(Some(u), Some(v))])
    }

    #[test]
    fn known_angles() {
        for degrees in [0.0f64, 1e-7, 1.0, 45.0, 89.9, 90.0, 135.0, 179.0, 180.0 - 1e-7, 180.0] {
            let (sin, cos) = degrees.to_radians().sin_cos();
            let comparison = of(&[3.0, 0.0], &[2.0 * cos, 2.0 * sin]).unwrap();
            assert!((comparison.angle - degrees).abs() < 1e-9, "{degrees}: {comparison:?}");
            assert!((comparison.cosine - cos).abs() < 1e-15);
            assert!((comparison.norm_ratio - 1.5).abs() < 1e-15);
        }
    }

    #[test]
    fn a_vector_lies_at_exactly_zero_degrees_to_itself() {
        let u: Vec<f32> = (0..1000).map(|i| (i as f32 * 0.37).fract() - 0.4).collect();
        let comparison = VectorComparison::of(&[(Some(&u[..]), Some(&u[..]))]).unwrap();
        assert_eq!(
            (comparison.angle, comparison.cosine, comparison.sign_agreement),
            (0.0, 1.0, 1.0)
        );
    }

    /// Pieces that lie at all angles to each other, one of them zero, one missing, make what the whole vectors make.
    #[test]
    fn pieces_are_joined_to_what_the_whole_is() {
        let mut generator = Stream::new(1, Purpose::Task, 0, 0).generator();
        for case in 0..200 {
            let mut vector = || (0..40).map(|_| uniform(&mut generator) - 0.5).collect::<Vec<f64>>();
            let (u, mut v) = (vector(), vector());
            for (i, v) in v.iter_mut().enumerate() {
                // nearly parallel, nearly opposite, at any angle, zero, missing
                *v = match i / 8 {
                    0 => 2.0 * u[i] + 1e-6 * *v,
                    1 => -3.0 * u[i] + 1e-3 * *v,
                    2 => *v,
                    _ => 0.0,
                };
            }
            let turn = |v: &mut f64| *v = -*v;
            v.iter_mut().filter(|_| case % 2 == 1).for_each(turn);
            let pieces: Vec<_> = (0..5)
                .map(|p| (Some(&u[8 * p..8 * p + 8]), (p < 4).then_some(&v[8 * p..8 * p + 8])))
                .collect();
            let (whole, joined) = (of(&u, &v).unwrap(), VectorComparison::of(&pieces).unwrap());
            assert!((whole.angle - joined.angle).abs() < 1e-12, "{whole:?} {joined:?}");
            assert!((whole.cosine - joined.cosine).abs() < 1e-14);
            assert!((whole.norm_ratio / joined.norm_ratio - 1.0).abs() < 1e-14);
            assert_eq!(whole.sign_agreement, joined.sign_agreement);
            // another piece shows
            let other = VectorComparison::of(&pieces[..4]).unwrap();
            assert!((whole.norm_ratio / other.norm_ratio - 1.0).abs() > 1e-3);
        }
    }

    #[test]
    fn zero_norm_is_absent_and_a_missing_piece_is_zero() {
        assert_eq!(of(&[0.0, 0.0], &[1.0, 0.0]), None);
        let (one, other) = ([1.0], [1.0]);
        let comparison = VectorComparison::of(&[(Some(&one[..]), Some(&other[..])), (None, Some(&one[..]))]).unwrap();
        assert!((comparison.angle - 45.0).abs() < 1e-12);
        assert_eq!(comparison.sign_agreement, 0.5);
    }
}
