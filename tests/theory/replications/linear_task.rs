//! R07: feedback alignment on a linear map, task 1 of Lillicrap et al.

use super::*;
use crate::support;

/// The mean over seeds.
fn over_seeds(table: &support::Table, conditions: &str) -> f64 {
    let values = table.select(conditions).numbers("value");
    assert_eq!(values.len(), 20, "{conditions}");
    mean(&values)
}

#[test]
fn feedback_alignment_aligns_and_learns_faster_than_backprop_from_small_weights() {
    let lab = replicate("r07_linear_task");
    let table = lab.table("results/r07_linear_task/metrics.csv");
    let angle = |step: u64| {
        let rows = "arm=feedback-alignment metric=delta_angle layer=layer1 reference=Backprop";
        over_seeds(&table, &format!("{rows} step={step}"))
    };
    let first = mean(&(0..10).map(angle).collect::<Vec<_>>());
    println!(
        "R07 angle: first steps {first}, step 100 {}, 300 {}",
        angle(100),
        angle(300)
    );
    assert!(first > 75.0, "{first}");
    assert!((25.0..=33.0).contains(&angle(300)), "{}", angle(300));

    let zero_map = over_seeds(&table, "arm=zero-map metric=loss split=test");
    for step in [500, 1000, 2000] {
        let error = |arm: &str| over_seeds(&table, &format!("arm={arm} metric=loss split=test step={step}")) / zero_map;
        let (alignment, backprop) = (error("feedback-alignment"), error("backprop"));
        println!("R07 normalised error at {step}: {alignment} by feedback alignment, {backprop} by backprop");
        assert!(alignment < backprop, "step {step}: {alignment}, {backprop}");
        // both are errors of learners of this task: less than the zero map's
        assert!(backprop < 1.0);
    }
}

#[test]
fn angles_grow_with_the_initial_weights_and_the_pseudo_inverse_is_nearer() {
    let lab = replicate("r07_initial_scale");
    let table = lab.table("results/r07_initial_scale/metrics.csv");
    let scales = ["0.0001", "0.05", "0.1", "0.15", "0.25"];
    assert_eq!(table.distinct("arm").len(), scales.len());
    let angles = scales.map(|scale| {
        let rows =
            format!("arm=feedback-alignment-network.init-uniform-{scale} metric=delta_angle layer=layer1 step=2000");
        let angle = |reference| over_seeds(&table, &format!("{rows} reference={reference}"));
        (angle("Backprop"), angle("PseudoInverse"))
    });
    println!("R07 angles to backprop and pseudo-inverse: {angles:.1?}");
    for pair in angles.windows(2) {
        assert!(pair[0].0 < pair[1].0 && pair[0].1 < pair[1].1, "{angles:?}");
    }
    assert!(
        angles.iter().all(|(gradient, inverse)| inverse < gradient),
        "{angles:?}"
    );
}
