//! Choose which metrics are written.

use super::metric::{Metric, family};

/// Stands in a list of metrics for all that are written where an experiment does not choose.
pub const DEFAULT: &str = "default";

/// The metrics that a run writes, each with what belongs to it: `own_accuracy` with `accuracy`, `estimator_bias_se` with
/// `estimator_bias`, a row for each class with `class_accuracy`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice(Vec<String>);

impl Default for Choice {
    fn default() -> Self {
        Self::of([DEFAULT])
    }
}

impl Choice {
    /// These metrics; [`DEFAULT`] stands for all usual ones.
    pub fn of<N: Into<String>>(names: impl IntoIterator<Item = N>) -> Self {
        Self(names.into_iter().map(Into::into).collect())
    }

    /// As they were named.
    pub fn names(&self) -> &[String] {
        &self.0
    }

    /// Whether rows of this metric are written; `name` is what tables call it, `own_loss` or `class_accuracy(Iris-setosa)`.
    pub fn writes(&self, name: &str) -> bool {
        let named = |chosen: &String| match &**chosen {
            DEFAULT => Metric::named(name).is_none_or(Metric::is_usual),
            chosen => family(chosen) == family(name),
        };
        self.0.iter().any(named)
    }

    /// Whether some metric that `meant` holds for is written.
    pub fn writes_any(&self, meant: impl Fn(&Metric) -> bool) -> bool {
        Metric::all().any(|metric| meant(metric) && self.writes(metric.name))
    }

    /// The numbers `k` of every `top_accuracy(k)`.
    pub fn tops(&self) -> impl Iterator<Item = usize> {
        self.0.iter().filter_map(|name| top(name))
    }
}

/// The number in `top_accuracy(5)`.
pub fn top(name: &str) -> Option<usize> {
    let number = name.strip_prefix("top_accuracy(")?.strip_suffix(')')?;
    number.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_belongs_to_a_metric_is_written_with_it() {
        let choice = Choice::of(["accuracy", "estimator_bias", "class_accuracy", "top_accuracy(3)"]);
        for metric in [
            "accuracy",
            "own_accuracy",
            "estimator_bias",
            "estimator_bias_se",
            "class_accuracy(a (b))",
            "own_class_accuracy(x)",
            "top_accuracy(3)",
        ] {
            assert!(choice.writes(metric), "{metric}");
        }
        for metric in [
            "loss",
            "own_loss",
            "estimator_snr_se",
            "balanced_accuracy",
            "running_accuracy",
        ] {
            assert!(!choice.writes(metric), "{metric}");
        }
        assert!(choice.tops().eq([3]));
    }

    #[test]
    fn by_default_everything_is_written_but_what_must_be_asked_for() {
        let choice = Choice::default();
        assert!(Metric::all().all(|metric| choice.writes(metric.name) == metric.is_usual()));
        assert!(Choice::of([DEFAULT, "r2"]).writes("own_r2"));
    }
}
