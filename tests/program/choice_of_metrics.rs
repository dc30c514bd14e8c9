//! Check that experiments choose which metrics are written, what new ones say, and that choosing changes nothing else.

use crate::support::{Lab, Table};

const NEW: &str = "\"default\", \"balanced_accuracy\", \"class_accuracy\", \"top_accuracy(2)\"";

fn lab(measure: &str, fields: &str, arms: &str) -> Lab {
    lab_with(0.2, measure, fields, arms)
}

/// With this share of the samples for validation.
fn lab_with(validation: f64, measure: &str, fields: &str, arms: &str) -> Lab {
    Lab::new(&format!(
        "(task: Blobs(classes: 4, noise: 3, samples: 200, test: 80), network: [6], seeds: 2, batch: 20, \
         split: Fixed(validation: {validation:?}), {fields} measure: ({measure}), arms: [{arms}])"
    ))
}

fn is_new(row: &[String]) -> bool {
    let metric = row[5].strip_prefix("own_").unwrap_or(&row[5]);
    ["balanced_accuracy", "class_accuracy(", "top_accuracy("]
        .iter()
        .any(|name| metric.starts_with(name))
}

#[test]
fn new_metrics_add_rows_and_change_none() {
    let arms = "Backprop, NodePerturbation, ForwardForward, (rule: FeedbackAlignment, shadows: [ForwardForward])";
    let stop = "stop: Epochs(3),";
    let (usual, more) = (
        lab("draws: 4", stop, arms),
        lab(&format!("draws: 4, metrics: [{NEW}]"), stop, arms),
    );
    for lab in [&usual, &more] {
        lab.succeed("run a.ron --quiet --no-figures");
    }
    let (before, after) = (
        usual.table("results/a/metrics.csv"),
        more.table("results/a/metrics.csv"),
    );
    let (new, old): (Vec<_>, Vec<_>) = after.rows.iter().cloned().partition(|row| is_new(row));
    assert_eq!(old, before.rows);
    assert_eq!(more.table("results/a/runs.csv"), usual.table("results/a/runs.csv"));
    let new = Table {
        header: after.header.clone(),
        rows: new,
    };
    let classes = ["0", "1", "2", "3"].map(|class| format!("class_accuracy({class})"));
    let own = classes.clone().map(|name| format!("own_{name}"));
    let mut expected = [classes.to_vec(), own.to_vec()].concat();
    for name in ["balanced_accuracy", "top_accuracy(2)"] {
        expected.extend([name.to_owned(), format!("own_{name}")]);
    }
    expected.sort();
    assert_eq!(new.distinct("metric"), expected);
    assert_eq!(
        new.select("rule=ForwardForward").distinct("arm"),
        ["feedback-alignment", "forward-forward"]
    );

    // on each part: the mean recall; and one of the two best guesses is right at least as often as the best
    for arm in ["backprop", "forward-forward"] {
        let prefix = if arm == "forward-forward" { "own_" } else { "" };
        for split in ["train", "validation", "test"] {
            let value = |metric: &str| {
                let rows = after.select(&format!("arm={arm} seed=1 split={split} metric={prefix}{metric}"));
                *rows.numbers("value").last().unwrap()
            };
            let recalls = classes.each_ref().map(|name| value(name));
            let mean = recalls.iter().sum::<f64>() / 4.0;
            assert!((value("balanced_accuracy") - mean).abs() < 1e-12);
            let (least, most) = (
                recalls.iter().copied().fold(1.0, f64::min),
                recalls.iter().copied().fold(0.0, f64::max),
            );
            assert!(
                (least..=most).contains(&value("accuracy")),
                "a mean of recalls with weights"
            );
            assert!((value("accuracy")..=1.0).contains(&value("top_accuracy(2)")));
        }
    }
    // they are summarised and compared as others are
    let summary = more.table("results/a/summary.csv");
    let row = summary.select("arm=forward-forward metric=own_balanced_accuracy split=test at=final");
    assert_eq!(row.number("n"), 2.0);
    let printed = more.succeed("compare results/a --metric balanced_accuracy");
    let line = printed
        .lines()
        .find(|line| line.starts_with("forward-forward"))
        .unwrap();
    let mean: f64 = line.split_whitespace().nth(3).unwrap().parse().unwrap();
    assert!(
        (mean - row.number("mean")).abs() < 1e-4,
        "of its own prediction: {printed}"
    );
}

#[test]
fn what_is_not_chosen_is_not_written_and_the_run_is_the_same() {
    let arms = "(rule: Backprop, optimizer: Sgd(learning_rate: Tune([0.3, 0.01]))), NodePerturbation, ForwardForward";
    let stop = "stop: Early(patience: 2, at_most: Epochs(20)), compare: (to: \"backprop\", metrics: [\"accuracy\"]),";
    let (all, few) = (lab("", stop, arms), lab("metrics: [\"accuracy\"]", stop, arms));
    for lab in [&all, &few] {
        lab.succeed("run a.ron --quiet");
    }
    let (whole, chosen) = (all.table("results/a/metrics.csv"), few.table("results/a/metrics.csv"));
    let accuracies = whole
        .rows
        .iter()
        .filter(|row| ["accuracy", "own_accuracy"].contains(&&*row[5]));
    assert!(accuracies.eq(&chosen.rows));
    // what training ends by, what is tuned by and what is best is known all the same
    for table in ["runs.csv", "tuning.csv", "comparisons.csv"] {
        let path = format!("results/a/{table}");
        assert_eq!(few.table(&path), all.table(&path), "{table}");
    }
    assert!(
        few.table("results/a/runs.csv")
            .texts("final_test_loss")
            .iter()
            .all(|cell| !cell.is_empty())
    );
    few.succeed("report results/a");
}

#[test]
fn where_no_score_is_written_the_last_lines_say_where_it_is() {
    // no epoch has begun at step 0, so that there is no running loss, and the run ends there
    let lab = lab("metrics: [\"running_loss\"]", "stop: Steps(0),", "Backprop");
    let printed = lab.succeed("run a.ron --no-figures");
    assert!(lab.table("results/a/metrics.csv").rows.is_empty());
    assert!(lab.table("results/a/summary.csv").rows.is_empty());
    assert!(printed.contains("scores are in runs.csv alone"), "{printed}");
}

#[test]
fn the_time_of_each_run_stands_in_the_manifest_and_outlasts_calls() {
    let lab = lab("against: []", "stop: Epochs(1),", "Backprop, OutputOnly");
    let times = || -> Vec<(String, u64, f64)> {
        let manifest = std::fs::read(lab.path("results/a/manifest.json")).unwrap();
        let manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap();
        let times = manifest["times_of_runs"].as_array().unwrap().iter();
        times
            .map(|time| {
                let arm = time["arm"].as_str().unwrap().to_owned();
                (arm, time["seed"].as_u64().unwrap(), time["seconds"].as_f64().unwrap())
            })
            .collect()
    };
    lab.succeed("run a.ron --quiet --no-figures");
    let first = times();
    let runs: Vec<_> = first.iter().map(|(arm, seed, _)| (&**arm, *seed)).collect();
    assert_eq!(
        runs,
        [("backprop", 0), ("backprop", 1), ("output-only", 0), ("output-only", 1)]
    );
    assert!(first.iter().all(|(_, _, seconds)| *seconds > 0.0));
    // runs that are kept keep their time, and one more has its own
    lab.succeed("run a.ron --quiet --no-figures --seeds 3");
    let later = times();
    assert_eq!(later.len(), 6);
    assert!(first.iter().all(|time| later.contains(time)));
    // a run of the same name with other settings is another run
    lab.succeed("run a.ron --quiet --no-figures --seeds 3 --set batch=10");
    assert!(times().iter().all(|time| !later.contains(time)));
}

/// What is not written is not computed; that changes nothing else, with a best moment and without.
#[test]
fn a_metric_alone_says_what_it_says_among_all() {
    let arms = "Backprop, NodePerturbation, PredictiveCoding, ForwardForward, \
                (rule: FeedbackAlignment, shadows: [KolenPollack, Backprop])";
    let families = [
        "loss",
        "running_loss",
        "gradient_norm_ratio",
        "delta_angle",
        "feedback_angle",
        "residual",
        "estimator_bias",
        "descent_efficiency",
        "weight_norm",
        "update_norm",
        "activity_saturation",
    ];
    for validation in [0.2, 0.0] {
        let run = |choice: &str| {
            let measure = format!("every: Steps(3), {choice}");
            let lab = lab_with(validation, &measure, "stop: Steps(12),", arms);
            lab.succeed("run a.ron --quiet --no-figures");
            (lab.table("results/a/metrics.csv"), lab.table("results/a/runs.csv"))
        };
        let (all, runs) = run("draws: 4");
        for family in families {
            let draws = if family == "estimator_bias" { "draws: 4, " } else { "" };
            let (alone, runs_alone) = run(&format!("{draws}metrics: [\"{family}\"]"));
            let of_family = |row: &&Vec<String>| {
                let metric = row[5].strip_prefix("own_").unwrap_or(&row[5]);
                metric.strip_suffix("_se").unwrap_or(metric) == family
            };
            let expected: Vec<_> = all.rows.iter().filter(of_family).cloned().collect();
            assert!(!expected.is_empty(), "{family}");
            assert_eq!(alone.rows, expected, "{family}");
            assert_eq!(runs_alone, runs, "{family}");
        }
    }
}

/// A shadow that owns nothing need not take part in steps, one that learns does: neither notices the other.
#[test]
fn shadows_do_not_notice_each_other() {
    let rows = |shadows: &str| {
        let arms = format!("(rule: FeedbackAlignment, shadows: [{shadows}])");
        let lab = lab("every: Steps(3)", "stop: Steps(12),", &arms);
        lab.succeed("run a.ron --quiet --no-figures");
        let mut rows = lab.table("results/a/metrics.csv").rows;
        // neither its own rows nor those in which others are compared with it
        rows.retain(|row| !row.iter().any(|cell| cell == "SignSymmetry"));
        rows
    };
    let (alone, beside) = (rows("KolenPollack"), rows("KolenPollack, SignSymmetry"));
    assert_eq!(alone, beside);
    // its feedback weights do learn
    let angles: std::collections::BTreeSet<_> = alone
        .iter()
        .filter(|row| row[5] == "feedback_angle" && row.iter().any(|cell| cell == "KolenPollack"))
        .map(|row| row.last().expect("a value").clone())
        .collect();
    assert!(angles.len() > 4, "{angles:?}");
}
