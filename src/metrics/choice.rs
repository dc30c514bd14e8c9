//! Choose which metrics are written.

/// Stands for [`USUAL`] in a list of metrics.
pub const DEFAULT: &str = "default";

/// What is written where an experiment does not choose.
pub const USUAL: [&str; 22] = [
    "loss",
    "accuracy",
    "running_loss",
    "running_accuracy",
    "gradient_angle",
    "gradient_cosine",
    "gradient_norm_ratio",
    "sign_agreement",
    "delta_angle",
    "feedback_angle",
    "feedback_norm_ratio",
    "feedback_sign_agreement",
    "residual",
    "estimator_bias",
    "estimator_variance",
    "estimator_snr",
    "estimator_draws",
    "descent_efficiency",
    "weight_norm",
    "update_norm",
    "activity_mean",
    "activity_saturation",
];

/// What is written only where it is named. `top_accuracy` is named with its number: `top_accuracy(5)`.
pub const ASKED_FOR: [&str; 4] = ["balanced_accuracy", "class_accuracy", "top_accuracy", "r2"];

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
    /// These metrics; [`DEFAULT`] stands for all of [`USUAL`].
    pub fn of<N: Into<String>>(names: impl IntoIterator<Item = N>) -> Self {
        Self(names.into_iter().map(Into::into).collect())
    }

    /// As they were named.
    pub fn names(&self) -> &[String] {
        &self.0
    }

    /// Whether rows of this metric are written; `metric` is what tables call it, `own_loss` or `class_accuracy(Iris-setosa)`.
    pub fn writes(&self, metric: &str) -> bool {
        let family = family(metric);
        let named = |name: &String| match &**name {
            DEFAULT => !ASKED_FOR.contains(&family),
            name => self::family(name) == family,
        };
        self.0.iter().any(named)
    }

    /// Whether some metric that `meant` holds for is written.
    pub fn writes_any(&self, meant: impl Fn(&str) -> bool) -> bool {
        USUAL
            .iter()
            .chain(&ASKED_FOR)
            .any(|name| meant(name) && self.writes(name))
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

/// The name that a metric is chosen by: without `own_`, `_se`, and what stands in brackets.
pub fn family(metric: &str) -> &str {
    let metric = metric.strip_prefix("own_").unwrap_or(metric);
    let metric = metric.split('(').next().unwrap_or(metric);
    metric.strip_suffix("_se").unwrap_or(metric)
}

/// Whether there is a metric of this name.
pub fn is_known(metric: &str) -> bool {
    USUAL.iter().chain(&ASKED_FOR).any(|name| *name == family(metric))
}

/// Whether it is measured on predictions over a whole part of the data, so that a rule that predicts in its own way has an `own_` one.
pub fn is_score(metric: &str) -> bool {
    matches!(metric, "loss" | "accuracy") || ASKED_FOR.contains(&family(metric))
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
        assert!(USUAL.iter().all(|name| choice.writes(name)));
        assert!(!ASKED_FOR.iter().any(|name| choice.writes(name)));
        assert!(Choice::of([DEFAULT, "r2"]).writes("own_r2"));
    }
}
