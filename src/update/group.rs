//! Give some of the network's parameters their own learning rate and decay.

use crate::network::{bias_name, weight_name};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer};

/// Parameters with numbers of their own; what is left out is the optimizer's.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// Which of `layer1.weight`, `layer1.bias`, `layer2.weight` and so on; `*` stands for any text, none included.
    #[serde(rename = "match")]
    pub pattern: String,
    /// Step size in place of the optimizer's; the schedule multiplies it. With 0 the parameters stay as they are, decay aside.
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "bare")]
    pub learning_rate: Option<f64>,
    /// Decay in place of the optimizer's, and with its meaning, but for biases too.
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "bare")]
    pub decay: Option<f64>,
    /// `l2` in place of the optimizer's, but for biases too.
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "bare")]
    pub l2: Option<f64>,
}

impl Group {
    /// Whether the pattern fits a name.
    pub fn matches(&self, name: &str) -> bool {
        let Some((head, rest)) = self.pattern.split_once('*') else {
            return self.pattern == name;
        };
        let (middle, tail) = rest.rsplit_once('*').unwrap_or(("", rest));
        let Some(mut rest) = name.strip_prefix(head).and_then(|rest| rest.strip_suffix(tail)) else {
            return false;
        };
        for part in middle.split('*') {
            let Some(at) = rest.find(part) else { return false };
            rest = &rest[at + part.len()..];
        }
        true
    }
}

/// What files call the parameters of a network, the input's layer first; `bias(l)` tells whether layer `l` has biases.
pub fn parameter_names(depth: usize, bias: impl Fn(usize) -> bool) -> Vec<String> {
    let names = |l: usize| {
        let weight = std::iter::once(weight_name(l));
        weight.chain(bias(l).then(|| bias_name(l)))
    };
    (0..depth).flat_map(names).collect()
}

/// Writes `0.1`, not `Some(0.1)`.
pub(super) fn bare<S: Serializer>(value: &Option<f64>, serializer: S) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => serializer.serialize_f64(*value),
        None => serializer.serialize_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::Group;

    #[test]
    fn stars_stand_for_any_text() {
        let fits = |pattern: &str, name: &str| {
            let group = Group {
                pattern: pattern.into(),
                ..Group::default()
            };
            group.matches(name)
        };
        for pattern in [
            "layer1.bias",
            "*",
            "*.bias",
            "layer1.*",
            "layer*bias",
            "*1*",
            "l*r*b*s",
            "layer1.bias*",
            "**",
        ] {
            assert!(fits(pattern, "layer1.bias"), "{pattern}");
        }
        for pattern in [
            "",
            "layer1",
            "bias",
            "*.weight",
            "layer1.bias.*",
            "*2*",
            "b*a*y",
            "layer1.b*bias",
            "layer11.*",
        ] {
            assert!(!fits(pattern, "layer1.bias"), "{pattern}");
        }
        assert!(!fits("layer1.*", "layer10.bias"));
        let stars = "*a".repeat(1000);
        assert!(!fits(&stars, "layer1.bias"));
    }
}
