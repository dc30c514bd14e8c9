//! Find the arms that users name, by their labels or by their names in tables.

use super::Failure;
use crate::experiment::Plan;

/// The places of the named arms in the plan.
pub fn named(plan: &Plan, names: &[String]) -> Result<Vec<usize>, Failure> {
    let find = |name: &String| {
        let found = plan.arms.iter().position(|arm| arm.label == *name || arm.slug == *name);
        found.ok_or_else(|| {
            let labels: Vec<_> = plan.arms.iter().map(|arm| format!("`{}`", arm.label)).collect();
            Failure::Input(format!("there is no arm `{name}`; the arms are {}", labels.join(", ")))
        })
    };
    names.iter().map(find).collect()
}
