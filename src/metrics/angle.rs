//! Compare two vectors that are given in pieces: angle, cosine, ratio of norms, agreement of signs.

use crate::linalg::Scalar;

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
    ///
    /// With unit vectors `û`, `v̂` the angle is `2 asin(|û − v̂| / 2)` (obtuse: `π − 2 asin(|û + v̂| / 2)`), since the arc
    /// cosine shows 0.03 degrees for parallel vectors in single precision; the cosine is `1 − |û − v̂|² / 2` accordingly.
    pub fn of<T: Scalar>(pieces: &Pieces<'_, T>) -> Option<Self> {
        let (mut uu, mut vv, mut uv) = (0.0, 0.0, 0.0);
        let (mut agree, mut count) = (0usize, 0usize);
        for_each_pair(pieces, |u, v| {
            uu += u * u;
            vv += v * v;
            uv += u * v;
            agree += usize::from(sign(u) == sign(v));
            count += 1;
        });
        let (u_norm, v_norm) = (f64::sqrt(uu), f64::sqrt(vv));
        if !(u_norm > 0.0 && v_norm > 0.0) {
            return None;
        }
        let flip = if uv < 0.0 { -1.0 } else { 1.0 };
        let mut gap = 0.0;
        for_each_pair(pieces, |u, v| gap += (u / u_norm - flip * v / v_norm).powi(2));
        // not the platform's, which has other last digits on other processors
        let acute = 2.0 * libm::asin((f64::sqrt(gap) / 2.0).min(1.0)).to_degrees();
        Some(Self {
            angle: if uv < 0.0 { 180.0 - acute } else { acute },
            cosine: flip * (1.0 - gap / 2.0),
            norm_ratio: u_norm / v_norm,
            sign_agreement: agree as f64 / count as f64,
        })
    }
}

fn sign(x: f64) -> i8 {
    i8::from(x > 0.0) - i8::from(x < 0.0)
}

fn for_each_pair<T: Scalar>(pieces: &Pieces<'_, T>, mut see: impl FnMut(f64, f64)) {
    for (u, v) in pieces {
        match (u, v) {
            (Some(u), Some(v)) => u.iter().zip(*v).for_each(|(u, v)| see(u.to_f64(), v.to_f64())),
            (Some(u), None) => u.iter().for_each(|u| see(u.to_f64(), 0.0)),
            (None, Some(v)) => v.iter().for_each(|v| see(0.0, v.to_f64())),
            (None, None) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn zero_norm_is_absent_and_a_missing_piece_is_zero() {
        assert_eq!(of(&[0.0, 0.0], &[1.0, 0.0]), None);
        let (one, other) = ([1.0], [1.0]);
        let comparison = VectorComparison::of(&[(Some(&one[..]), Some(&other[..])), (None, Some(&one[..]))]).unwrap();
        assert!((comparison.angle - 45.0).abs() < 1e-12);
        assert_eq!(comparison.sign_agreement, 0.5);
    }
}
