//! R08: online learning by direct feedback alignment follows the equations of motion of its order parameters.

use super::*;
use creditlab::tasks::Task;
use std::f64::consts::PI;

const EXPERIMENT: &str = "r08_direct_feedback_theory";
const RATE: f64 = 0.1;
const INPUTS: u64 = 500;
const TIMES: [u64; 7] = [1, 2, 5, 10, 20, 50, 100];
const STUDENTS: usize = 2;
const TEACHERS: usize = 2;

/// The order parameters: covariances of the local fields, students first, and the students' output weights.
#[derive(Clone)]
struct Order {
    c: Matrix<f64>,
    v: [f64; STUDENTS],
}

impl Order {
    /// Of the student `w`, `K × N`, with the output weights `v`, and the teacher `t`, `M × N`; a field is `w · x`, `x ~ N(0, I)`.
    fn of(w: &Matrix<f64>, v: &Matrix<f64>, t: &Matrix<f64>) -> Self {
        let row = |i: usize| if i < STUDENTS { w.row(i) } else { t.row(i - STUDENTS) };
        let units = STUDENTS + TEACHERS;
        Self {
            c: Matrix::from_fn(units, units, |i, j| row(i).dot(&row(j))),
            v: [v[0], v[1]],
        }
    }

    /// What each unit adds to the error, teacher minus student.
    fn signs(&self) -> [f64; STUDENTS + TEACHERS] {
        [-self.v[0], -self.v[1], 1.0, 1.0]
    }

    fn sum(&self, term: impl Fn(usize) -> f64) -> f64 {
        self.signs().iter().enumerate().map(|(j, s)| s * term(j)).sum()
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

    /// The generalisation error, `<e²> / 2`.
    fn error(&self) -> f64 {
        0.5 * self.sum(|i| self.sum(|j| self.i2(i, j)))
    }

    /// One step of Euler's method along the equations of motion under the feedback `f`.
    fn advance(&mut self, f: &[f64], dt: f64) {
        let mut next = self.clone();
        for k in 0..STUDENTS {
            next.v[k] += dt * RATE * self.sum(|j| self.i2(k, j));
            let drift = |k: usize, b: usize| RATE * f[k] * self.sum(|j| self.i3(k, b, j));
            for m in STUDENTS..STUDENTS + TEACHERS {
                next.c[(k, m)] += dt * drift(k, m);
                next.c[(m, k)] = next.c[(k, m)];
            }
            for l in 0..STUDENTS {
                let noise = self.sum(|i| self.sum(|j| self.i4(k, l, i, j)));
                next.c[(k, l)] += dt * (drift(k, l) + drift(l, k) + RATE * RATE * f[k] * f[l] * noise);
            }
        }
        *self = next;
    }

    /// The order parameters at the [`TIMES`].
    fn motion(mut self, f: &[f64]) -> [Self; TIMES.len()] {
        let mut hundredths = 0;
        TIMES.map(|time| {
            while hundredths < 100 * time {
                self.advance(f, 0.01);
                hundredths += 1;
            }
            self.clone()
        })
    }
}

/// The teacher that the experiment's task draws.
fn teacher() -> Matrix<f64> {
    let plan = Plan::read(&folder().join(format!("{EXPERIMENT}.ron")), &rules::builtin())
        .unwrap_or_else(|fault| panic!("{fault}"));
    let Task::NonlinearTeacher(task) = plan.task else {
        panic!("another task")
    };
    let (w, v) = task.matrices();
    assert_eq!(v.as_slice(), [1.0, 1.0]);
    w
}

#[test]
fn order_parameters_follow_their_equations_of_motion() {
    let lab = replicate(EXPERIMENT);
    let table = lab.table(&format!("results/{EXPERIMENT}/metrics.csv"));
    let teacher = teacher();
    let arm = "direct-feedback-alignment";
    let order = |seed, step| {
        let arrays = saved(&lab, EXPERIMENT, arm, seed, step);
        Order::of(
            &matrix(&arrays, "layer1.weight"),
            &matrix(&arrays, "layer2.weight"),
            &teacher,
        )
    };
    let mut within = 0;
    for seed in 0..5 {
        let f = matrix(&saved(&lab, EXPERIMENT, arm, seed, 0), "layer1.direct_feedback");
        let predicted = order(seed, 0).motion(f.as_slice());
        let simulated = TIMES.map(|time| order(seed, INPUTS * time));
        let ratios: Vec<f64> = (simulated.iter().zip(&predicted))
            .map(|(s, p)| s.error() / p.error())
            .collect();
        println!("R08 seed {seed}: simulated over predicted {ratios:.4?}");
        assert!(
            ratios.iter().all(|ratio| (ratio - 1.0).abs() <= 0.10),
            "seed {seed}: {ratios:?}"
        );
        within += usize::from(ratios.iter().all(|ratio| (ratio - 1.0).abs() <= 0.05));
        let last = TIMES.len() - 1;
        for k in 0..STUDENTS {
            if predicted[last].v[k] * f[k] > 0.0 {
                assert!(simulated[last].v[k] * f[k] > 0.0, "seed {seed}, unit {k}");
            }
            let apart = (simulated[last].v[k] - predicted[last].v[k]).abs();
            println!(
                "R08 seed {seed}: v {:.3}, predicted {:.3}, F {:.3}, apart {apart:.3}",
                simulated[last].v[k], predicted[last].v[k], f[k]
            );
        }
        // what the test set says is the same, within five standard errors of its 10,000 samples were errors normal
        for (time, order) in TIMES.iter().zip(&simulated) {
            let rows = format!("arm={arm} seed={seed} metric=loss split=test step={}", INPUTS * time);
            let loss = table.select(&rows).number("value");
            assert!(
                (loss / order.error() - 1.0).abs() < 5.0 * (2.0f64 / 1e4).sqrt(),
                "{rows}: {loss}"
            );
        }
        // negative control: feedback of half the size
        let halved: Vec<_> = f.iter().map(|f| 0.5 * f).collect();
        let other = order(seed, 0).motion(&halved);
        let mut ratios = simulated.iter().zip(&other).map(|(s, p)| s.error() / p.error());
        assert!(ratios.any(|ratio| (ratio - 1.0).abs() > 0.10), "seed {seed}");
    }
    println!("R08: {within} of 5 seeds within 5 %");
    assert!(within >= 4, "{within}");
}
