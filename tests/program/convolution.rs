//! Hold `experiments/convolution.ron` and `convolution_signals.ron` to what they promise: each rule on three networks with the same units in
//! every layer, and with the same number of trials.

use creditlab::experiment::Plan;
use creditlab::rules;
use std::path::Path;

const NETWORKS: [&str; 3] = ["Conv", "Local", "dense"];

#[test]
fn every_rule_has_three_networks_with_equal_units_and_equal_trials() {
    for name in ["convolution", "convolution_signals"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("experiments/{name}.ron"));
        let plan = Plan::read(&path, &rules::builtin()).unwrap_or_else(|fault| panic!("{fault}"));
        assert_eq!((plan.arms.len(), plan.seeds.len()), (8 * NETWORKS.len(), 5));
        let units = |arm: usize| -> Vec<usize> {
            let network = &plan.arms[arm].settings.network;
            let layers = network.layers(&plan.facts, plan.facts.kind.outputs());
            layers.iter().map(|layer| layer.wiring.outputs()).collect()
        };
        let mut networks = Vec::new();
        for (i, arm) in plan.arms.iter().enumerate() {
            assert_eq!(
                arm.label,
                format!("{}, {}", arm.rule.rule.name(), NETWORKS[i % NETWORKS.len()])
            );
            assert_eq!((arm.trials.len(), units(i)), (5, units(0)), "{}", arm.label);
            networks.push(&arm.settings.network);
        }
        // the three differ, and are the same for all rules
        assert!(networks[0] != networks[1] && networks[1] != networks[2] && networks[0] != networks[2]);
        assert!(
            networks
                .iter()
                .enumerate()
                .all(|(i, network)| *network == networks[i % NETWORKS.len()])
        );
    }
}
