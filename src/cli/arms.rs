//! Find the arms that users name, by their labels or by their names in tables.

use super::Failure;
use crate::experiment::Plan;
use crate::notation::remedy;

/// The places of the named arms in the plan.
pub fn named(plan: &Plan, names: &[String]) -> Result<Vec<usize>, Failure> {
    let find = |name: &String| {
        let found = plan.arms.iter().position(|arm| arm.label == *name || arm.slug == *name);
        found.ok_or_else(|| {
            let labels = plan.arms.iter().map(|arm| &*arm.label);
            Failure::Input(format!("there is no arm `{name}`; {}", remedy(name, labels)))
        })
    };
    names.iter().map(find).collect()
}
