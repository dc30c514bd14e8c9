//! Give what is measured a name of one word, as columns and tags of other programs need it.

use crate::results::{MetricRow, Series};
use std::fmt;

/// A name such as `test/accuracy` or `gradient_angle/layer1/Backprop`.
///
/// Its parts stand between `/`: the part of the data (`train`, `validation`, `test`), left out for what is measured on the probe batch or
/// on weights, as the metric tells; the metric; the layer; the reference. A layer or reference `none` is left out, but for a layer
/// before a reference. Values of a shadow have `shadow.LABEL` before all else; the arm's own rule is not named. `%` and `/` within
/// a part are `%25` and `%2F`. So no two series of a run have one name, and the series can be read from it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SeriesName {
    /// Names of shadows stand behind those of the arm's own rule, layers in the order of the network.
    order: (Option<String>, Series),
    text: String,
}

impl SeriesName {
    /// That of a row of an arm that is trained by `rule`.
    pub fn of(row: &MetricRow, rule: &str) -> Self {
        let shadow = Some(&row.rule).filter(|of| *of != "none" && *of != rule);
        let shadow = shadow.cloned();
        // the arm's own rule is another one in each arm, and one column for all
        let series = Series {
            rule: "none".into(),
            ..Series::of(row)
        };
        Self {
            text: text(shadow.as_deref(), &series),
            order: (shadow, series),
        }
    }
}

impl fmt::Display for SeriesName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn text(shadow: Option<&str>, series: &Series) -> String {
    let Series {
        split,
        metric,
        layer,
        reference,
        ..
    } = series;
    let mut parts = Vec::new();
    parts.extend(shadow.map(|label| format!("shadow.{}", part(label))));
    if !["probe", "none"].contains(&&**split) {
        parts.push(part(split));
    }
    parts.push(part(metric));
    if layer != "none" || reference != "none" {
        parts.push(part(layer));
    }
    if reference != "none" {
        parts.push(part(reference));
    }
    parts.join("/")
}

/// A text in which no `/` ends a part.
fn part(text: &str) -> String {
    text.replace('%', "%25").replace('/', "%2F")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::made_up::value;
    use std::collections::HashSet;

    fn row([split, metric, rule, layer, reference]: [&str; 5]) -> MetricRow {
        MetricRow {
            split: split.into(),
            rule: rule.into(),
            layer: layer.into(),
            reference: reference.into(),
            ..value("a", 0, 0, metric, 1.0)
        }
    }

    fn name(columns: [&str; 5]) -> String {
        SeriesName::of(&row(columns), "Rule").to_string()
    }

    #[test]
    fn parts_that_say_nothing_are_left_out() {
        for (columns, expected) in [
            (["test", "accuracy", "none", "none", "none"], "test/accuracy"),
            (["test", "own_accuracy", "Rule", "none", "none"], "test/own_accuracy"),
            (["none", "weight_norm", "none", "layer1", "none"], "weight_norm/layer1"),
            (
                ["probe", "gradient_angle", "Rule", "layer1", "Backprop"],
                "gradient_angle/layer1/Backprop",
            ),
            (
                ["probe", "gradient_angle", "a/b%", "all", "x/y"],
                "shadow.a%2Fb%25/gradient_angle/all/x%2Fy",
            ),
        ] {
            assert_eq!(name(columns), expected);
        }
    }

    /// Labels that look like other parts of a name, in every place where labels can stand.
    #[test]
    fn no_two_series_have_one_name() {
        let labels = [
            "none",
            "all",
            "layer1",
            "layer1/all",
            "layer1%2Fall",
            "test",
            "shadow.test",
            "test/loss",
            "Rule",
        ];
        let mut names = HashSet::new();
        let mut count = 0;
        for rule in labels.into_iter().filter(|rule| *rule != "none") {
            for layer in ["none", "layer1", "all"] {
                for reference in labels {
                    for split in ["train", "test", "probe"] {
                        let metric = if split == "probe" {
                            "gradient_angle"
                        } else {
                            "class_accuracy(a/b)"
                        };
                        names.insert(name([split, metric, rule, layer, reference]));
                        count += 1;
                    }
                }
            }
        }
        assert_eq!(names.len(), count);
    }
}
