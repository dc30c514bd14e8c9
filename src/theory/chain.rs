//! Say where a chain of two weights ends.
//!
//! A linear network 1-1-1, `ŷ = W_2 W_1 x`, under the flow of half squares averaged over samples (rates going to 0), `s = mean xy / mean x²`.
//! Both weights move in proportion to `s − W_2 W_1`, so that a relation between them stays as it began: the path in the plane is
//! known without the time, and it ends where it meets `W_2 W_1 = s`.
//!
//! - Backpropagation, `dW_1 ∝ W_2`, `dW_2 ∝ W_1`: `W_2² − W_1²` is conserved, a hyperbola (Saxe, McClelland, Ganguli 2013, arXiv 1312.6120).
//! - Feedback alignment, `dW_1 ∝ B`, `dW_2 ∝ W_1`: `W_1² − 2 B W_2` is conserved, a parabola (Lillicrap, Cownden, Tweed, Akerman 2016, Nature
//!   Communications 7:13276, whose `W W'` and `B W'` these are for one unit).

/// Both weights: of the hidden unit, and of the output.
pub type Weights = (f64, f64);

/// Where backpropagation ends.
pub fn backprop_end((w_1, w_2): Weights, s: f64) -> Weights {
    let conserved = w_2 * w_2 - w_1 * w_1;
    // p (p + c) = s² for the square p of the smaller one; the larger one cannot pass through 0
    let smaller = (-conserved.abs() + (conserved * conserved + 4.0 * s * s).sqrt()) / 2.0;
    let larger = (smaller + conserved.abs()).sqrt();
    if conserved >= 0.0 {
        let end = larger.copysign(w_2);
        (s / end, end)
    } else {
        let end = larger.copysign(w_1);
        (end, s / end)
    }
}

/// Where feedback alignment with the feedback `B` ends.
pub fn feedback_alignment_end((w_1, w_2): Weights, b: f64, s: f64) -> Weights {
    let conserved = w_1 * w_1 - 2.0 * b * w_2;
    let above = |w: f64| (w * w - conserved) / (2.0 * b);
    // dW_1 ∝ −(W_1³ − c W_1 − 2bs): up to the next root, and no further than the largest
    let downhill = |w: f64| -(w * w * w - conserved * w - 2.0 * b * s);
    let direction = downhill(w_1).signum();
    let bound = 1.0 + conserved.abs() + 2.0 * (b * s).abs();
    let mut roots = turning_points(conserved).to_vec();
    roots.push(direction * bound.max(w_1.abs()));
    let mut ends: Vec<f64> = roots.into_iter().filter(|w| (w - w_1) * direction > 0.0).collect();
    ends.sort_by(|a, b| (direction * a).total_cmp(&(direction * b)));
    // between turning points the cubic changes its sign once at most
    let mut near = w_1;
    for end in ends {
        if downhill(end) * direction <= 0.0 {
            let w = root_between(near, end, &downhill);
            return (w, above(w));
        }
        near = end;
    }
    (w_1, w_2) // at rest
}

/// Where `W_1³ − c W_1` turns round.
fn turning_points(c: f64) -> [f64; 2] {
    let turn = (c.max(0.0) / 3.0).sqrt();
    [-turn, turn]
}

/// The root of a function that has one sign at `a` and another at `b`.
fn root_between(mut a: f64, mut b: f64, f: &impl Fn(f64) -> f64) -> f64 {
    let sign = f(a).signum();
    for _ in 0..200 {
        let middle = f64::midpoint(a, b);
        if f(middle) * sign > 0.0 {
            a = middle;
        } else {
            b = middle;
        }
    }
    f64::midpoint(a, b)
}

/// Places on the way of backpropagation, evenly spaced in the smaller weight, from the start to the end.
pub fn backprop_path(start: Weights, s: f64, places: usize) -> Vec<Weights> {
    let (w_1, w_2) = start;
    let end = backprop_end(start, s);
    let conserved = w_2 * w_2 - w_1 * w_1;
    let larger = |smaller: f64| (smaller * smaller + conserved.abs()).sqrt();
    match conserved >= 0.0 {
        true => between(w_1, end.0, places, |w| (w, larger(w).copysign(w_2))),
        false => between(w_2, end.1, places, |w| (larger(w).copysign(w_1), w)),
    }
}

/// Places on the way of feedback alignment, evenly spaced in `W_1`, from the start to the end.
pub fn feedback_alignment_path(start: Weights, b: f64, s: f64, places: usize) -> Vec<Weights> {
    let (w_1, w_2) = start;
    let end = feedback_alignment_end(start, b, s);
    between(w_1, end.0, places, |w| (w, w_2 + (w * w - w_1 * w_1) / (2.0 * b)))
}

fn between(from: f64, to: f64, places: usize, place: impl Fn(f64) -> Weights) -> Vec<Weights> {
    let share = |i: usize| i as f64 / (places - 1) as f64;
    (0..places).map(|i| place(from + share(i) * (to - from))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, Stream, uniform};

    /// Small steps along a flow, until nothing moves.
    fn flow(mut w: Weights, s: f64, rates: impl Fn(Weights) -> Weights) -> Weights {
        for _ in 0..400_000 {
            let (error, rates) = (s - w.0 * w.1, rates(w));
            w = (w.0 + 1e-3 * rates.0 * error, w.1 + 1e-3 * rates.1 * error);
        }
        w
    }

    fn apart(a: Weights, b: Weights) -> f64 {
        (a.0 - b.0).hypot(a.1 - b.1)
    }

    #[test]
    fn flows_end_where_they_are_said_to() {
        let mut generator = Stream::new(1, Purpose::Task, 0, 0).generator();
        let mut draw = || 3.0 * uniform(&mut generator) - 1.5;
        for _ in 0..20 {
            let (start, b, s) = ((draw(), draw()), draw(), draw());
            let by_backprop = flow(start, s, |w| (w.1, w.0));
            assert!(apart(by_backprop, backprop_end(start, s)) < 0.01, "{start:?} {s}");
            let by_feedback = flow(start, s, |w| (b, w.0));
            let end = feedback_alignment_end(start, b, s);
            assert!(
                apart(by_feedback, end) < 0.01,
                "{start:?} {b} {s}: {by_feedback:?}, not {end:?}"
            );
            // negative control: the other rule ends elsewhere
            assert!(apart(by_feedback, by_backprop) > 0.01, "{start:?} {b} {s}");
            let paths = [backprop_path(start, s, 9), feedback_alignment_path(start, b, s, 9)];
            for (path, end) in paths.iter().zip([backprop_end(start, s), end]) {
                assert!(apart(path[0], start) < 1e-12 && apart(path[8], end) < 1e-9);
            }
        }
    }

    /// From equal weights both keep equal, and each is the root of what they learn.
    #[test]
    fn equal_weights_end_equal() {
        let (w_1, w_2) = backprop_end((0.1, 0.1), 4.0);
        assert!(apart((w_1, w_2), (2.0, 2.0)) < 1e-12);
        // from the origin feedback alignment ends at the cubic root of 2bs
        let (w_1, w_2) = feedback_alignment_end((0.0, 0.0), 1.0, 4.0);
        assert!(apart((w_1, w_2), (2.0, 2.0)) < 1e-12);
    }
}
