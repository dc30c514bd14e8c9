//! Check what stands in the tables that a run leaves: order, absences, and that they agree with each other.

use crate::running::{RULES, SEEDS, spec};
use crate::support::{Lab, Table};
use std::cmp::Ordering;
use std::collections::BTreeMap;

fn layer_order(layer: &str) -> (u8, u64) {
    match layer {
        "none" => (0, 0),
        "hidden" => (2, 0),
        "all" => (3, 0),
        layer => (1, layer.strip_prefix("layer").unwrap().parse().unwrap()),
    }
}

fn file_order(a: &[String], b: &[String]) -> Ordering {
    let number = |text: &String| text.parse::<u64>().unwrap();
    (a[0].cmp(&b[0]))
        .then(number(&a[1]).cmp(&number(&b[1])))
        .then(number(&a[2]).cmp(&number(&b[2])))
        .then_with(|| a[4..7].cmp(&b[4..7]))
        .then(layer_order(&a[7]).cmp(&layer_order(&b[7])))
        .then(a[8].cmp(&b[8]))
}

#[test]
fn metrics_stand_in_order_under_their_names() {
    let seeds = SEEDS.replace("seeds: 3", "seeds: [10, 9, 0]");
    let lab = Lab::new(&spec(&seeds, RULES));
    lab.succeed("run a.ron --quiet --no-figures");
    let table = lab.table("results/a/metrics.csv");
    assert_eq!(
        table.header.join(","),
        "arm,seed,step,epoch,split,metric,rule,layer,reference,value"
    );
    for pair in table.rows.windows(2) {
        assert_eq!(file_order(&pair[0], &pair[1]), Ordering::Less, "{pair:?}");
    }
    assert_eq!(
        table.distinct("layer"),
        ["all", "hidden", "layer1", "layer2", "layer3", "none"]
    );
    assert_eq!(table.distinct("reference"), ["Backprop", "none"]);
    assert_eq!(
        table.distinct("split"),
        ["none", "probe", "test", "train", "validation"]
    );
    assert_eq!(
        table.select("split=none").distinct("metric"),
        [
            "feedback_angle",
            "feedback_norm_ratio",
            "feedback_sign_agreement",
            "weight_norm"
        ]
    );
    // 36 training samples in batches of 8 are 5 steps an epoch; every fourth of 15 steps is due, and the last
    let one = table.select("arm=backprop seed=9 split=test metric=loss");
    assert_eq!(one.numbers("step"), [0.0, 4.0, 8.0, 12.0, 15.0]);
    assert_eq!(one.numbers("epoch"), [0.0, 0.8, 1.6, 2.4, 3.0]);
    for row in &table.rows {
        let value: f64 = row[9].parse().unwrap();
        assert!(value.is_finite());
        assert_eq!(format!("{value:?}").parse::<f64>().unwrap().to_bits(), value.to_bits());
        assert!(
            row[9].len() <= format!("{value:?}").len().max(value.to_string().len()),
            "{row:?} is not the shortest"
        );
    }
}

#[test]
fn every_rule_has_the_rows_that_it_can_have_and_no_zeros_instead() {
    let lab = Lab::new(&spec(SEEDS, RULES));
    lab.succeed("run a.ron --quiet --no-figures");
    let table = lab.table("results/a/metrics.csv");
    let layers = |arm: &str, metric: &str| {
        table
            .select(&format!("arm={arm} metric={metric}"))
            .distinct("layer")
            .join(" ")
    };
    // exact against itself, the norm of no update is 0 in the first steps
    for (metric, value) in [
        ("gradient_angle", 0.0),
        ("gradient_cosine", 1.0),
        ("gradient_norm_ratio", 1.0),
        ("sign_agreement", 1.0),
        ("delta_angle", 0.0),
    ] {
        let values = table
            .select(&format!("arm=backprop metric={metric} reference=Backprop"))
            .numbers("value");
        assert!(
            !values.is_empty() && values.iter().all(|x| *x == value),
            "{metric}: {values:?}"
        );
    }
    assert_eq!(layers("backprop", "gradient_angle"), "all hidden layer1 layer2 layer3");
    assert_eq!(layers("backprop", "delta_angle"), "hidden layer1 layer2");
    assert_eq!(layers("backprop", "feedback_angle"), "");
    // an untrained layer has no angle of its own and counts as zero in `all`; untrained hidden layers have no norm
    for metric in [
        "gradient_angle",
        "gradient_cosine",
        "gradient_norm_ratio",
        "sign_agreement",
        "update_norm",
    ] {
        assert_eq!(layers("output-only", metric), "all layer3", "{metric}");
    }
    let angle = table
        .select("arm=output-only metric=gradient_angle layer=layer3")
        .numbers("value");
    assert!(
        angle.iter().all(|angle| *angle == 0.0),
        "the output layer follows the gradient: {angle:?}"
    );
    assert!(
        table
            .select("arm=output-only metric=gradient_angle layer=all")
            .numbers("value")
            .iter()
            .all(|x| *x > 0.0)
    );
    let metrics = ["feedback_angle", "feedback_norm_ratio", "feedback_sign_agreement"];
    for metric in metrics {
        assert_eq!(layers("feedback-alignment", metric), "all layer2 layer3", "{metric}");
        assert_eq!(layers("kolen-pollack", metric), "all layer2 layer3", "{metric}");
        assert_eq!(
            layers("direct-feedback-alignment", metric),
            "all layer1 layer2",
            "{metric}"
        );
        assert_eq!(layers("node-perturbation", metric), "", "{metric}");
    }
    assert_eq!(table.select("metric=own_loss").distinct("arm"), ["forward-forward"]);
    let own = table.select("metric=own_accuracy seed=1 step=15");
    assert_eq!(own.texts("split"), ["test", "train", "validation"]);
    assert_eq!(own.distinct("rule"), ["ForwardForward"]);
    // means over the epoch so far, so none before the first step
    let running = table.select("arm=backprop seed=2 metric=running_loss");
    assert_eq!(running.numbers("step"), [4.0, 8.0, 12.0, 15.0]);
    assert_eq!(
        (running.distinct("split"), running.distinct("rule")),
        (vec!["train"], vec!["none"])
    );
    assert!(
        table
            .select("metric=running_accuracy")
            .numbers("value")
            .iter()
            .all(|x| (0.0..=1.0).contains(x))
    );
    assert_eq!(layers("backprop", "weight_norm"), "all hidden layer1 layer2 layer3");
    assert_eq!(layers("backprop", "activity_mean"), "layer1 layer2 layer3");
}

/// The step of the lowest validation loss of a run, the first of equal ones; of the rule's own prediction where it has one.
fn best_step(metrics: &Table, run: &str) -> (String, f64) {
    let losses = |metric: &str| metrics.select(&format!("{run} split=validation metric={metric}"));
    let own = losses("own_loss");
    let losses = if own.rows.is_empty() { losses("loss") } else { own };
    let pairs = losses.texts("step").into_iter().zip(losses.numbers("value"));
    let least = pairs.min_by(|a, b| a.1.total_cmp(&b.1)).unwrap();
    (least.0.to_owned(), least.1)
}

#[test]
fn runs_and_summary_agree_with_the_metrics() {
    let fields = format!("{SEEDS} split: Random(validation: 0.3, test: 0.2),");
    let lab = Lab::new(&spec(&fields, RULES));
    lab.succeed("run a.ron --quiet --no-figures");
    let (metrics, runs) = (lab.table("results/a/metrics.csv"), lab.table("results/a/runs.csv"));
    let mut best = BTreeMap::new();
    for row in &runs.rows {
        let run = format!("arm={} seed={}", row[0], row[1]);
        let (step, loss) = best_step(&metrics, &run);
        let one = runs.select(&run);
        assert_eq!(one.texts("best_step"), [&step], "{run}");
        assert_eq!(one.number("best_validation_loss"), loss, "{run}");
        // 30 of 60 samples train, in batches of 8
        assert_eq!((one.number("steps"), one.number("epochs")), (12.0, 3.0));
        let prefix = if row[0] == "forward-forward" { "own_" } else { "" };
        for (at, step) in [("final", one.texts("steps")[0]), ("best", &step)] {
            for split in ["train", "validation", "test"] {
                for metric in ["loss", "accuracy"] {
                    let value = metrics.select(&format!("{run} step={step} split={split} metric={prefix}{metric}"));
                    assert_eq!(
                        one.number(&format!("{at}_{split}_{metric}")),
                        value.number("value"),
                        "{run} {at}"
                    );
                }
            }
        }
        best.insert((row[0].clone(), row[1].clone()), step);
    }
    let summary = lab.table("results/a/summary.csv");
    let last = runs.texts("steps")[0].to_owned();
    let mut samples: BTreeMap<Vec<String>, Vec<f64>> = BTreeMap::new();
    for row in &metrics.rows {
        for (at, step) in [
            ("final", &last),
            ("best_validation", &best[&(row[0].clone(), row[1].clone())]),
        ] {
            if row[2] == *step {
                let key = [0, 5, 4, 6, 7, 8].map(|column| row[column].clone());
                let key = key.into_iter().chain([at.to_owned()]).collect();
                samples.entry(key).or_default().push(row[9].parse().unwrap());
            }
        }
    }
    assert_eq!(summary.rows.len(), samples.len());
    let close = |a: f64, b: f64, scale: f64| (a - b).abs() <= 1e-12 * scale.max(f64::MIN_POSITIVE);
    for row in &summary.rows {
        let mut sample = samples[&row[..7]].clone();
        sample.sort_by(f64::total_cmp);
        let n = sample.len() as f64;
        let number = |column: usize| row[column].parse::<f64>().unwrap();
        let mean = sample.iter().sum::<f64>() / n;
        let size = sample.iter().fold(0.0, |most: f64, x| most.max(x.abs()));
        assert_eq!((number(7), number(8)), (n, 0.0));
        assert!(close(number(9), mean, size), "{row:?}");
        assert_eq!((number(15), number(16)), (sample[0], sample[sample.len() - 1]));
        if sample.len() < 3 {
            continue; // a probe batch in which some seed's update is zero
        }
        let sd = (sample.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
        // Student's t with two degrees of freedom at p: (2p - 1) / sqrt(2 p (1 - p))
        let t = 0.95 / (2.0 * 0.975 * 0.025_f64).sqrt();
        let half = t * sd / n.sqrt();
        assert!((number(10) - sd).abs() <= 1e-9 * size, "{row:?}: {sd}");
        assert!(
            (number(11) - (mean - half)).abs() <= 1e-8 * size,
            "{row:?}: {}",
            mean - half
        );
        assert!(
            (number(12) - (mean + half)).abs() <= 1e-8 * size,
            "{row:?}: {}",
            mean + half
        );
        assert_eq!((&*row[13], number(14)), ("t95", sample[1]));
    }
}
