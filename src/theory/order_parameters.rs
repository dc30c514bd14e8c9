//! Follow a student by the equations of motion of its order parameters.
//!
//! Teacher `Σ_m v*_m g(w*_m · x)`, student `Σ_k v_k g(w_k · x)`, `g(z) = erf(z / √2)`, `x ~ N(0, I)` fresh at every step, half squares. In the limit
//! of many inputs `N`, at the time `t = steps / N`, what the student does follows from the covariances of the local fields `w_k · x` and
//! `w*_m · x` alone (Saad, Solla 1995, Physical Review E 52:4225; with output weights that learn and direct feedback: Refinetti, d'Ascoli,
//! Ohana, Goldt 2021, ICML, arXiv 2011.12428). Here `w` is what they call `w / √N`, and the rate `η` is `N` times that of a step.

use crate::linalg::Matrix;
use std::f64::consts::PI;

/// The order parameters of a student and its teacher.
#[derive(Clone, Debug)]
pub struct OrderParameters {
    /// Covariances of the local fields, students first: `Q`, `R` and `T`.
    c: Matrix<f64>,
    /// The students' output weights.
    v: Vec<f64>,
    /// The teachers'.
    v_teacher: Vec<f64>,
}

impl OrderParameters {
    /// Of the student `w`, `K × N`, with the output weights `v`, and the teacher, `M × N`, with its own.
    ///
    /// # Panics
    /// If the shapes do not fit.
    pub fn of(w: &Matrix<f64>, v: &[f64], teacher: &Matrix<f64>, v_teacher: &[f64]) -> Self {
        assert!(w.nrows() == v.len() && teacher.nrows() == v_teacher.len() && w.ncols() == teacher.ncols());
        let students = v.len();
        let row = |i: usize| {
            if i < students {
                w.row(i)
            } else {
                teacher.row(i - students)
            }
        };
        let units = students + v_teacher.len();
        Self {
            c: Matrix::from_fn(units, units, |i, j| row(i).dot(&row(j))),
            v: v.to_vec(),
            v_teacher: v_teacher.to_vec(),
        }
    }

    /// The students' output weights.
    pub fn output_weights(&self) -> &[f64] {
        &self.v
    }

    /// The generalisation error, `<e²> / 2`.
    pub fn error(&self) -> f64 {
        0.5 * self.sum(|i| self.sum(|j| self.i2(i, j)))
    }

    /// One step of Euler's method over the time `dt` under the feedback `f`, a number for each student unit, with the rate `η`.
    pub fn advance(&mut self, f: &[f64], rate: f64, dt: f64) {
        let (students, units) = (self.v.len(), self.c.nrows());
        let mut next = self.clone();
        for k in 0..students {
            next.v[k] += dt * rate * self.sum(|j| self.i2(k, j));
            let drift = |k: usize, b: usize| rate * f[k] * self.sum(|j| self.i3(k, b, j));
            for m in students..units {
                next.c[(k, m)] += dt * drift(k, m);
                next.c[(m, k)] = next.c[(k, m)];
            }
            for l in 0..students {
                let noise = self.sum(|i| self.sum(|j| self.i4(k, l, i, j)));
                next.c[(k, l)] += dt * (drift(k, l) + drift(l, k) + rate * rate * f[k] * f[l] * noise);
            }
        }
        *self = next;
    }

    /// The sum over all units of what each adds to the error, teacher minus student.
    fn sum(&self, term: impl Fn(usize) -> f64) -> f64 {
        let students = self.v.iter().map(|v| -v);
        let weights = students.chain(self.v_teacher.iter().copied());
        weights.enumerate().map(|(j, weight)| weight * term(j)).sum()
    }

    /// `E[g g]`.
    fn i2(&self, a: usize, b: usize) -> f64 {
        let c = &self.c;
        2.0 / PI * (c[(a, b)] / ((1.0 + c[(a, a)]) * (1.0 + c[(b, b)])).sqrt()).asin()
    }

    /// `E[g'(a) b g(c)]`.
    fn i3(&self, a: usize, b: usize, c: usize) -> f64 {
        let of = |i, j| self.c[(i, j)];
        let d = (1.0 + of(a, a)) * (1.0 + of(c, c)) - of(a, c).powi(2);
        2.0 / (PI * d.sqrt()) * (of(b, c) * (1.0 + of(a, a)) - of(a, b) * of(a, c)) / (1.0 + of(a, a))
    }

    /// `E[g'(a) g'(b) g(c) g(d)]`.
    fn i4(&self, a: usize, b: usize, c: usize, d: usize) -> f64 {
        let of = |i, j| self.c[(i, j)];
        let l = (1.0 + of(a, a)) * (1.0 + of(b, b)) - of(a, b).powi(2);
        let l0 = l * of(c, d) - of(b, c) * of(b, d) * (1.0 + of(a, a)) - of(a, c) * of(a, d) * (1.0 + of(b, b))
            + of(a, b) * of(a, c) * of(b, d)
            + of(a, b) * of(a, d) * of(b, c);
        let one = |c| {
            l * (1.0 + of(c, c)) - of(b, c).powi(2) * (1.0 + of(a, a)) - of(a, c).powi(2) * (1.0 + of(b, b))
                + 2.0 * of(a, b) * of(a, c) * of(b, c)
        };
        4.0 / (PI * PI * l.sqrt()) * (l0 / (one(c) * one(d)).sqrt()).asin()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::Scalar;
    use crate::random::{Purpose, Stream, normal};

    /// The integrals against means over many samples, within five standard errors.
    #[test]
    fn integrals_are_the_means_they_stand_for() {
        const SAMPLES: usize = 200_000;
        let mut generator = Stream::new(1, Purpose::Task, 0, 0).generator();
        let mut w = Matrix::zeros(4, 5);
        normal(w.as_mut_slice(), 0.6, &mut generator);
        let order = OrderParameters::of(&w.rows(0, 2).into(), &[0.7, -0.4], &w.rows(2, 2).into(), &[1.0, 0.5]);
        let mut x = Matrix::zeros(5, SAMPLES);
        normal(x.as_mut_slice(), 1.0, &mut generator);
        let fields = &w * x;
        let g = |z: f64| Scalar::erf(z / 2f64.sqrt());
        let slope = |z: f64| (2.0 / PI).sqrt() * Scalar::exp(-z * z / 2.0);
        let check = |what: &str, exact: f64, of: &dyn Fn(&[f64]) -> f64| {
            let values: Vec<f64> = fields.as_slice().chunks_exact(4).map(of).collect();
            let mean = values.iter().sum::<f64>() / SAMPLES as f64;
            let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / SAMPLES as f64;
            let error = (variance / SAMPLES as f64).sqrt();
            assert!((mean - exact).abs() < 5.0 * error, "{what}: {mean}, not {exact}");
            // negative control: a tenth more is seen
            assert!((mean - 1.1 * exact).abs() > 5.0 * error, "{what}");
        };
        check("I2", order.i2(0, 2), &|z| g(z[0]) * g(z[2]));
        check("I3", order.i3(0, 2, 3), &|z| slope(z[0]) * z[2] * g(z[3]));
        check("I4", order.i4(0, 1, 2, 3), &|z| {
            slope(z[0]) * slope(z[1]) * g(z[2]) * g(z[3])
        });
        let error = |z: &[f64]| g(z[2]) + 0.5 * g(z[3]) - 0.7 * g(z[0]) + 0.4 * g(z[1]);
        check("the error", order.error(), &|z| 0.5 * error(z).powi(2));
    }

    #[test]
    fn a_student_that_is_its_teacher_stays() {
        let mut w = Matrix::zeros(2, 9);
        normal(
            w.as_mut_slice(),
            0.4,
            &mut Stream::new(2, Purpose::Task, 0, 0).generator(),
        );
        let mut order = OrderParameters::of(&w, &[1.0, 1.0], &w, &[1.0, 1.0]);
        for _ in 0..100 {
            order.advance(&[0.5, -0.3], 0.1, 0.01);
        }
        assert!(order.error() < 1e-12 && (order.v[0] - 1.0).abs() < 1e-12);
    }
}
