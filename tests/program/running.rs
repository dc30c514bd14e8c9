//! Check that nothing but the experiment decides what a run leaves.

use crate::support::{Lab, Table, difference};
use creditlab::arrays;
use std::collections::BTreeMap;

/// Every rule on a task that all of them accept.
pub const RULES: &str = "Backprop, FeedbackAlignment, DirectFeedbackAlignment, KolenPollack, OutputOnly, NodePerturbation, \
     PredictiveCoding, DifferenceTargetPropagation, SunsAndPlanets, SignSymmetry, RandomDirection, ForwardForward";

/// 36 training samples, five steps an epoch.
pub fn spec(fields: &str, arms: &str) -> String {
    format!(
        "(task: Xor(samples: 40, test: 20, noise: 0.1), network: [6, 5], batch: 8, stop: Epochs(3), \
         optimizer: Sgd(learning_rate: 0.05, momentum: 0.5), {fields} arms: [{arms}])"
    )
}

pub const SEEDS: &str = "seeds: 3, measure: (every: Steps(4), probe: 16), save: (weights: [Steps(0), End]),";

/// Where threads are more than runs they work inside them: on products, elementwise passes, chunks of evaluations, and seats. The
/// network is large enough for that, as the time shows; every rule that works with it trains, and all are shadows once.
#[test]
fn threads_inside_runs_decide_nothing() {
    // refuse a network of this size, or take a pass for each of its parameters
    const NOT: [&str; 4] = ["FiniteDifference", "ForwardMode", "GaussNewton", "PseudoInverse"];
    // the same with another loss, or other units
    const APART: [(&str, &str, &str); 2] = [
        ("AttentionGated", "batch: 100", "batch: 100, loss: HalfSquares"),
        ("Burstprop", "activation: Tanh", "activation: Logistic"),
    ];
    let registry = creditlab::rules::builtin();
    let rules: Vec<_> = registry
        .entries()
        .map(|entry| entry.name)
        .filter(|name| !NOT.contains(name) && APART.iter().all(|(apart, ..)| apart != name))
        .collect();
    assert!(rules.len() >= 25, "{rules:?}");
    let spec = |arms: &str| {
        format!(
            "(task: Digits, network: (hidden: [260, 131], activation: Tanh), batch: 100, stop: Steps(3), seeds: 1, \
             optimizer: Sgd(learning_rate: 0.01, momentum: 0.5, decay: 1e-3), \
             measure: (every: Steps(2), probe: 200), save: (weights: [End], predictions: [End]), arms: [{arms}])"
        )
    };
    let others: Vec<_> = rules.iter().copied().filter(|name| *name != "Backprop").collect();
    let all = format!("(label: \"all\", rule: Backprop, shadows: [{}])", others.join(", "));
    let mut specs: Vec<_> = rules.chunks(4).map(|rules| spec(&rules.join(", "))).collect();
    specs.push(spec(&all));
    specs.extend(APART.map(|(rule, usual, other)| spec(rule).replace(usual, other)));
    for (i, text) in specs.iter().enumerate() {
        let lab = Lab::new(text);
        lab.succeed("run a.ron --quiet --no-figures --threads 1 --out one");
        let one = lab.tree("one/a");
        // the three come in turn
        for threads in [[2, 7], [3, 7]][i % 2] {
            lab.succeed(&format!(
                "run a.ron --quiet --no-figures --threads {threads} --out {threads}"
            ));
            let other = lab.tree(&format!("{threads}/a"));
            assert_eq!(difference(&one, &other), None, "{threads} threads: {text}");
        }
    }
}

#[test]
fn the_number_of_threads_decides_nothing() {
    let lab = Lab::new(&spec(SEEDS, RULES));
    lab.succeed("run a.ron --quiet --threads 1 --out one");
    let one = lab.tree("one/a");
    assert_eq!(
        one.keys().filter(|name| name.starts_with("weights/")).count(),
        12 * 3 * 2
    );
    for threads in [2, 7] {
        lab.succeed(&format!("run a.ron --quiet --threads {threads} --out {threads}"));
        assert_eq!(
            difference(&one, &lab.tree(&format!("{threads}/a"))),
            None,
            "{threads} threads"
        );
    }
    // the comparison sees a difference where there is one
    lab.write("a.ron", &spec(&SEEDS.replace("probe: 16", "probe: 17"), RULES));
    lab.succeed("run a.ron --quiet --out other");
    assert_ne!(difference(&one, &lab.tree("other/a")), None);
}

#[test]
fn a_run_is_the_same_alone_in_another_order_and_among_more_seeds() {
    let lab = Lab::new(&spec(SEEDS, RULES));
    lab.succeed("run a.ron --quiet --no-figures");
    let reversed: Vec<_> = RULES.split(", ").collect::<Vec<_>>().into_iter().rev().collect();
    lab.write("reversed.ron", &spec(SEEDS, &reversed.join(", ")));
    let more = SEEDS.replace("seeds: 3", "seeds: [4, 2, 9, 0, 1]");
    lab.write(
        "more.ron",
        &spec(&more, "KolenPollack, NodePerturbation, ForwardForward"),
    );
    lab.write("alone.ron", &spec(SEEDS, "NodePerturbation"));
    lab.succeed("run reversed.ron more.ron alone.ron --quiet --no-figures");
    for table in ["metrics.csv", "runs.csv", "summary.csv"] {
        let all = lab.table(&format!("results/a/{table}"));
        assert_eq!(all, lab.table(&format!("results/reversed/{table}")));
        let alone = lab.table(&format!("results/alone/{table}"));
        assert_eq!(all.select("arm=node-perturbation").rows, alone.rows);
    }
    for table in ["metrics.csv", "runs.csv"] {
        let (all, more) = (
            lab.table(&format!("results/a/{table}")),
            lab.table(&format!("results/more/{table}")),
        );
        for arm in ["kolen-pollack", "node-perturbation", "forward-forward"] {
            for seed in 0..3 {
                let run = format!("arm={arm} seed={seed}");
                assert_eq!(all.select(&run).rows, more.select(&run).rows);
                assert!(!all.select(&run).rows.is_empty());
            }
        }
    }
}

/// The network's own arrays and those of the rule that trains it, in every file of saved weights.
fn trained(lab: &Lab, results: &str) -> BTreeMap<String, Vec<arrays::Array>> {
    let tree = lab.tree(results);
    let files = tree.keys().filter(|name| name.starts_with("weights/"));
    let load = |name: &String| {
        let mut arrays = arrays::load(&lab.path(results).join(name)).unwrap();
        arrays.retain(|array| !array.name.starts_with("shadow."));
        (name.clone(), arrays)
    };
    files.map(load).collect()
}

#[test]
fn measuring_changes_nothing_of_a_run() {
    let save = "seeds: 2, save: (weights: [Steps(0), Steps(7), End]),";
    let rare = format!("{save} measure: (every: Epochs(1000), against: []),");
    let lab = Lab::new(&spec(&rare, RULES));
    lab.succeed("run a.ron --quiet --no-figures");
    let (rare, runs) = (trained(&lab, "results/a"), lab.table("results/a/runs.csv"));
    assert_eq!(rare.len(), 12 * 2 * 3);
    let measures = [
        "(every: Steps(1), against: [])",
        "(every: Steps(1), probe: 3)",
        "(every: Steps(2), against: [Backprop, NodePerturbation, (label: \"x\", rule: DifferenceTargetPropagation(step: 0.2))])",
    ];
    let last = |runs: &Table| -> Vec<String> {
        let columns = [
            "arm",
            "seed",
            "status",
            "steps",
            "final_train_loss",
            "final_test_accuracy",
        ];
        columns
            .iter()
            .flat_map(|column| runs.texts(column))
            .map(str::to_owned)
            .collect()
    };
    for (i, measure) in measures.iter().enumerate() {
        lab.write("b.ron", &spec(&format!("{save} measure: {measure},"), RULES));
        lab.succeed(&format!("run b.ron --quiet --no-figures --out {i}"));
        assert!(trained(&lab, &format!("{i}/b")) == rare, "{measure}");
        assert_eq!(last(&lab.table(&format!("{i}/b/runs.csv"))), last(&runs), "{measure}");
    }
}

#[test]
fn shadows_have_rows_and_change_nothing_of_the_run() {
    let arm = |shadows: &str| format!("(rule: FeedbackAlignment{shadows}), ForwardForward");
    let lab = Lab::new(&spec(SEEDS, &arm("")));
    let shadows = ", shadows: [KolenPollack, ForwardForward, (label: \"far\", rule: NodePerturbation(sigma: 0.5))]";
    lab.write("b.ron", &spec(SEEDS, &arm(shadows)));
    lab.succeed("run a.ron b.ron --quiet --no-figures");
    assert!(trained(&lab, "results/a") == trained(&lab, "results/b"));
    assert_eq!(lab.table("results/a/runs.csv"), lab.table("results/b/runs.csv"));
    let (a, b) = (lab.table("results/a/metrics.csv"), lab.table("results/b/metrics.csv"));
    let rows = b.select("arm=feedback-alignment");
    assert_eq!(
        rows.distinct("rule"),
        ["FeedbackAlignment", "ForwardForward", "KolenPollack", "far", "none"]
    );
    for rule in ["none", "FeedbackAlignment"] {
        let condition = format!("arm=feedback-alignment rule={rule}");
        assert_eq!(a.select(&condition), b.select(&condition));
    }
    let metrics = |rule: &str| rows.select(&format!("rule={rule}")).distinct("metric").join(" ");
    assert!(
        metrics("KolenPollack").contains("feedback_angle"),
        "{}",
        metrics("KolenPollack")
    );
    assert!(
        metrics("ForwardForward").contains("own_loss"),
        "{}",
        metrics("ForwardForward")
    );
    assert!(metrics("far").contains("gradient_angle") && !metrics("far").contains("feedback_angle"));
    // a shadow that learns is not what it was at the start: it adapts to the changes of the other rule
    let angles = rows
        .select("seed=0 rule=KolenPollack metric=feedback_angle layer=all")
        .numbers("value");
    assert!(angles.windows(2).any(|pair| pair[0] != pair[1]), "{angles:?}");
}

#[test]
fn warm_up_moves_no_weight_of_the_network_and_is_not_counted() {
    let rules = "DifferenceTargetPropagation, Backprop";
    let lab = Lab::new(&spec(SEEDS, rules));
    lab.write("b.ron", &spec(&format!("{SEEDS} warm_up: Epochs(2),"), rules));
    lab.succeed("run a.ron b.ron --quiet --no-figures");
    let (cold, warm) = (lab.table("results/a/runs.csv"), lab.table("results/b/runs.csv"));
    assert_eq!(cold.texts("steps"), warm.texts("steps"));
    let start = |results: &str, arm: &str| {
        let path = lab.path(&format!("results/{results}/weights/{arm}/0/step-0.safetensors"));
        arrays::load(&path).unwrap()
    };
    let network = |arrays: &[arrays::Array]| -> Vec<arrays::Array> {
        let mine = |array: &&arrays::Array| !array.name.contains("inverse");
        arrays.iter().filter(mine).cloned().collect()
    };
    let arm = "difference-target-propagation";
    let (before, after) = (start("a", arm), start("b", arm));
    assert!(network(&before) == network(&after));
    assert!(before != after, "the inverses have learned");
    // a rule that owns nothing has nothing to warm up, but its forward passes are work
    let but_work = |runs: &Table| {
        let mut runs = runs.select("arm=backprop");
        let work = runs.header.iter().position(|column| column == "multiply_adds").unwrap();
        runs.rows.iter_mut().for_each(|row| _ = row.remove(work));
        runs
    };
    assert_eq!(but_work(&cold), but_work(&warm));
    assert_ne!(cold.select("arm=backprop"), warm.select("arm=backprop"));
}

/// Trainer and shadows are compared in pairs, each once, beside the comparisons with the references.
#[test]
fn every_pair_of_a_trainer_and_its_shadows_is_compared_once() {
    let arm = "(rule: FeedbackAlignment, shadows: [KolenPollack, Backprop, (label: \"far\", rule: NodePerturbation)])";
    let lab = Lab::new(&spec("seeds: 1, measure: (every: Steps(5), probe: 16),", arm));
    let other = "seeds: 1, measure: (every: Steps(5), probe: 16, against: [FeedbackAlignment, KolenPollack]),";
    lab.write("b.ron", &spec(other, arm));
    lab.succeed("run a.ron b.ron --quiet --no-figures");
    let rows = |results: &str, metric: &str| {
        let table = lab.table(&format!("results/{results}/metrics.csv"));
        table.select(&format!("metric={metric} layer=hidden step=10"))
    };
    for metric in ["gradient_cosine", "gradient_angle"] {
        let (a, b) = (rows("a", metric), rows("b", metric));
        let pairs: Vec<_> = a.texts("rule").into_iter().zip(a.texts("reference")).collect();
        let expected = [
            ("Backprop", "Backprop"),
            ("FeedbackAlignment", "Backprop"),
            ("KolenPollack", "Backprop"),
            ("KolenPollack", "FeedbackAlignment"),
            ("far", "Backprop"),
            ("far", "FeedbackAlignment"),
            ("far", "KolenPollack"),
        ];
        assert_eq!(pairs, expected);
        // the value is that of the same two where one of them is a reference
        for (rule, reference) in [
            ("KolenPollack", "FeedbackAlignment"),
            ("far", "FeedbackAlignment"),
            ("far", "KolenPollack"),
        ] {
            let of = |table: &Table| {
                table
                    .select(&format!("rule={rule} reference={reference}"))
                    .number("value")
            };
            assert_eq!(of(&a), of(&b));
        }
    }
}
