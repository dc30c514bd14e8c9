//! Hold `experiments/families.ron`, and its counterpart on maps, to what they promise: every rule, equal trials, and an update in every
//! layer that a rule trains.

use crate::support::Lab;
use creditlab::experiment::Plan;
use creditlab::rules::{self, Registry};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The rules that need a small network; they are in `references.ron`.
const REFERENCES: [&str; 4] = ["FiniteDifference", "ForwardMode", "GaussNewton", "PseudoInverse"];

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("experiments").join(name)
}

fn plan(name: &str, rules: &Registry) -> Plan {
    Plan::read(&file(name), rules).unwrap_or_else(|fault| panic!("{fault}"))
}

fn names(plan: &Plan) -> BTreeSet<&str> {
    plan.arms.iter().map(|arm| arm.rule.rule.name()).collect()
}

#[test]
fn every_rule_has_an_arm_in_one_of_the_two_files() {
    let rules = rules::builtin();
    let (families, references) = (plan("families.ron", &rules), plan("references.ron", &rules));
    let apart = BTreeSet::from(REFERENCES);
    let all: BTreeSet<&str> = rules.entries().map(|entry| entry.name).collect();
    assert_eq!(names(&families), all.difference(&apart).copied().collect());
    assert!(names(&references).is_superset(&apart));
}

#[test]
fn on_maps_there_is_every_rule_but_the_one_that_refuses_shared_weights() {
    let rules = rules::builtin();
    let (dense, maps) = (plan("families.ron", &rules), plan("families_convolution.ron", &rules));
    let refusing = BTreeSet::from(["SunsAndPlanets"]);
    assert_eq!(names(&maps), names(&dense).difference(&refusing).copied().collect());

    let text = std::fs::read_to_string(file("families_convolution.ron")).unwrap();
    let lab = Lab::new(&text.replace("rule: Backprop,", "rule: SunsAndPlanets,"));
    let refusal = lab.fail("check a.ron", 2);
    let [reason, remedy] = ["layer1 shares its weights among 16 positions", "use `Local`"];
    assert!(refusal.contains(reason) && refusal.contains(remedy), "{refusal}");
    let stated = text.split("//").map(str::trim).collect::<Vec<_>>().join(" ");
    assert!(
        stated.contains(reason) && stated.contains(remedy),
        "the file tells the refusal"
    );
}

#[test]
fn every_arm_has_the_same_number_of_trials_and_the_same_training() {
    for file in ["families.ron", "families_convolution.ron", "families_settings.ron"] {
        every_arm_is_trained_alike(file);
    }
}

fn every_arm_is_trained_alike(file: &str) {
    let rules = rules::builtin();
    let plan = plan(file, &rules);
    assert!(plan.tuning.is_some() && plan.seeds.len() == 5);
    let first = &plan.arms[0];
    for arm in &plan.arms {
        let trials = arm.trials.len();
        let learns_weights = arm.rule.rule.name() != "MajorityClass";
        assert_eq!(
            trials,
            if learns_weights { first.trials.len() } else { 0 },
            "{}",
            arm.slug
        );
        // rates differ, what they are spent on does not
        let training = |settings: &creditlab::experiment::Settings| {
            format!("{:?} {:?} {:?}", settings.network, settings.stop, settings.batch)
        };
        let units = match arm.rule.rule.name() {
            // events of bursts cannot be negative
            "Burstprop" => "Logistic",
            // at the settings of its paper
            "ForwardForward" => "Relu",
            _ => "Tanh",
        };
        let text = training(&arm.settings).replace(units, "Tanh");
        assert_eq!(text, training(&first.settings), "{}", arm.slug);
        for trial in &arm.trials {
            let paths: Vec<&str> = trial.taken.iter().map(|(path, _)| path.as_str()).collect();
            assert_eq!(paths, ["optimizer.learning_rate"], "{}", arm.slug);
        }
    }
}

/// The layers that a rule claims to train, of three.
fn trained(rule: &str) -> &'static [&'static str] {
    match rule {
        "OutputOnly" => &["layer3"],
        "LastLayers" => &["layer2", "layer3"],
        // labels go in below, and the prediction compares the activity of hidden layers
        "ForwardForward" => &["layer1", "layer2"],
        "MajorityClass" => &[],
        _ => &["layer1", "layer2", "layer3"],
    }
}

#[test]
fn every_layer_that_a_rule_trains_gets_an_update() {
    for name in ["families.ron", "families_convolution.ron"] {
        every_trained_layer_gets_an_update(name);
    }
}

fn every_trained_layer_gets_an_update(name: &str) {
    let lab = Lab::new(&std::fs::read_to_string(file(name)).unwrap());
    lab.succeed(
        "run a.ron --quiet --no-figures --seeds 0,1 --set stop=Steps(6) --set tune.seeds=1 --set measure.every=Steps(3)",
    );
    let (arms, metrics) = (lab.table("results/a/arms.csv"), lab.table("results/a/metrics.csv"));
    let norms = metrics.select("metric=update_norm");
    let layers = ["layer1", "layer2", "layer3"];
    for (arm, rule) in arms.texts("arm").into_iter().zip(arms.texts("rule")) {
        let of_arm = norms.select(&format!("arm={arm} rule={rule}"));
        let measured: Vec<&str> = layers
            .into_iter()
            .filter(|layer| !of_arm.select(&format!("layer={layer}")).rows.is_empty())
            .collect();
        assert_eq!(measured, trained(rule), "{arm}");
        for layer in measured {
            let values = of_arm.select(&format!("layer={layer}")).numbers("value");
            assert_eq!(values.len(), 2 * 3, "{arm}: two seeds, steps 0, 3 and 6");
            assert!(values.iter().all(|norm| *norm > 0.0), "{arm} {layer}: {values:?}");
        }
    }
}
