//! Compare arms end to end: `comparisons.csv` equals what the test itself computes from `metrics.csv` and `runs.csv`.

use crate::support::{Lab, Table, difference, errors};
use std::collections::BTreeMap;

/// With four seeds there are three degrees of freedom; one arm diverges, one predicts in its own way.
const SPEC: &str = "(task: Digits, network: [12], stop: Epochs(4), seeds: [3, 5, 8, 9], COMPARE
     arms: [Backprop, (label: \"FA, slow\", rule: FeedbackAlignment, optimizer: Sgd(learning_rate: 0.05)),
     (rule: OutputOnly, optimizer: Sgd(learning_rate: 1.0, l2: 1e30)), ForwardForward])";

fn spec(compare: &str) -> String {
    SPEC.replace("COMPARE", compare)
}

/// The values of an arm by seed, read from the tables.
fn values(metrics: &Table, runs: &Table, arm: &str, metric: &str, split: &str, at: &str) -> BTreeMap<String, f64> {
    let column = if at == "final" { "steps" } else { "best_step" };
    let runs = runs.select(&format!("arm={arm} status=finished"));
    let steps = runs.texts("seed").into_iter().zip(runs.texts(column));
    steps
        .map(|(seed, step)| {
            let place = format!("arm={arm} seed={seed} step={step} metric={metric} split={split}");
            (seed.to_owned(), metrics.select(&place).number("value"))
        })
        .collect()
}

fn paired(a: &BTreeMap<String, f64>, b: &BTreeMap<String, f64>) -> Vec<f64> {
    a.iter().filter_map(|(seed, a)| Some(a - b.get(seed)?)).collect()
}

fn mean_and_deviation(sample: &[f64]) -> (f64, f64) {
    let n = sample.len() as f64;
    let mean = sample.iter().sum::<f64>() / n;
    let squares: f64 = sample.iter().map(|x| (x - mean).powi(2)).sum();
    (mean, (squares / (n - 1.0)).sqrt())
}

/// Student's distribution with three degrees of freedom in elementary functions, on both sides.
fn p_of_three_degrees(t: f64) -> f64 {
    let x = t.abs() / 3.0f64.sqrt();
    1.0 - std::f64::consts::FRAC_2_PI * (x / (1.0 + x * x) + x.atan())
}

/// The step-down procedure, from the smallest p: `(m − k) p`, never less than before, never above 1.
fn corrected(p: f64, all: &[f64]) -> f64 {
    let mut all = all.to_vec();
    all.sort_by(f64::total_cmp);
    let m = all.len() as f64;
    let below = all.iter().enumerate().filter(|(_, other)| **other <= p);
    below
        .map(|(k, other)| (m - k as f64) * other)
        .fold(0.0, f64::max)
        .min(1.0)
}

fn close(a: f64, b: f64) {
    assert!((a - b).abs() <= 1e-9 * b.abs().max(1e-3), "{a} is not {b}");
}

#[test]
fn the_table_equals_an_independent_computation() {
    let lab = Lab::new(&spec("compare: (to: \"Backprop\", metrics: [\"accuracy\", \"loss\"]),"));
    lab.succeed("run a.ron --quiet --no-figures");
    let table = lab.table("results/a/comparisons.csv");
    assert_eq!(
        table.header.join(","),
        "arm,to,metric,split,at,n,mean_difference,ci_low,ci_high,test,p,p_holm,family_size,cohen_dz"
    );
    let (metrics, runs) = (lab.table("results/a/metrics.csv"), lab.table("results/a/runs.csv"));
    assert_eq!(table.distinct("to"), ["backprop"]);
    assert_eq!(table.distinct("arm"), ["fa-slow", "forward-forward", "output-only"]);
    assert_eq!(table.rows.len(), 3 * 2 * 2);
    for metric in ["accuracy", "loss"] {
        let family = table.select(&format!("metric={metric}"));
        let tested: Vec<f64> = family.texts("p").iter().filter_map(|p| p.parse().ok()).collect();
        assert_eq!(tested.len(), 4, "two arms at two moments");
        for at in ["final", "best_validation"] {
            let base = values(&metrics, &runs, "backprop", metric, "test", at);
            for (arm, prefix) in [("fa-slow", ""), ("forward-forward", "own_")] {
                let row = family.select(&format!("arm={arm} at={at}"));
                let own = values(&metrics, &runs, arm, &format!("{prefix}{metric}"), "test", at);
                let differences = paired(&own, &base);
                let (mean, deviation) = mean_and_deviation(&differences);
                let error = deviation / 2.0;
                assert_eq!((row.number("n"), row.number("family_size")), (4.0, 4.0));
                assert_eq!(
                    (row.texts("test"), row.texts("split")),
                    (vec!["paired_t"], vec!["test"])
                );
                close(row.number("mean_difference"), mean);
                // R: qt(0.975, 3)
                close(row.number("ci_low"), mean - 3.182_446_305_283_707_8 * error);
                close(row.number("ci_high"), mean + 3.182_446_305_283_707_8 * error);
                close(row.number("p"), p_of_three_degrees(mean / error));
                close(row.number("p_holm"), corrected(row.number("p"), &tested));
                close(row.number("cohen_dz"), mean / deviation);
            }
            let row = family.select(&format!("arm=output-only at={at}"));
            assert_eq!(row.number("n"), 0.0, "all of its runs diverged");
            for column in [
                "mean_difference",
                "ci_low",
                "ci_high",
                "test",
                "p",
                "p_holm",
                "cohen_dz",
            ] {
                assert_eq!(row.texts(column), [""], "{column}");
            }
        }
    }
    // the forward pass of forward-forward is not what counts
    let row = table.select("arm=forward-forward metric=accuracy at=final");
    let base = values(&metrics, &runs, "backprop", "accuracy", "test", "final");
    let forward = values(&metrics, &runs, "forward-forward", "accuracy", "test", "final");
    assert_ne!(
        row.number("mean_difference"),
        mean_and_deviation(&paired(&forward, &base)).0
    );
}

/// All assignments of signs, the ranks being those of distinct sizes.
fn signed_rank_p(differences: &[f64]) -> f64 {
    let mut sorted = differences.to_vec();
    sorted.sort_by(|a, b| a.abs().total_cmp(&b.abs()));
    let n = sorted.len();
    let middle = (n * (n + 1)) as f64 / 4.0;
    let sum = |positive: &dyn Fn(usize) -> bool| (0..n).filter(|i| positive(*i)).map(|i| i as f64 + 1.0).sum::<f64>();
    let found = (sum(&|i| sorted[i] > 0.0) - middle).abs();
    let far = (0..1 << n).filter(|signs| (sum(&|i| signs >> i & 1 == 1) - middle).abs() >= found);
    far.count() as f64 / f64::from(1 << n)
}

#[test]
fn wilcoxon_goes_through_all_signs_and_options_are_followed() {
    let compare =
        "compare: (to: \"fa-slow\", metrics: [\"loss\"], test: Wilcoxon, split: Validation, at: [BestValidation]),";
    let lab = Lab::new(&spec(compare).replace("[3, 5, 8, 9]", "7"));
    lab.succeed("run a.ron --quiet --no-figures");
    let table = lab.table("results/a/comparisons.csv");
    let (metrics, runs) = (lab.table("results/a/metrics.csv"), lab.table("results/a/runs.csv"));
    assert_eq!(table.distinct("at"), ["best_validation"]);
    let [base, backprop] =
        ["fa-slow", "backprop"].map(|arm| values(&metrics, &runs, arm, "loss", "validation", "best_validation"));
    let differences = paired(&backprop, &base);
    let row = table.select("arm=backprop");
    assert_eq!(
        (row.texts("test"), row.texts("split")),
        (vec!["wilcoxon_exact"], vec!["validation"])
    );
    close(row.number("p"), signed_rank_p(&differences));
    // the bootstrap never leaves the sample
    let (low, high) = (row.number("ci_low"), row.number("ci_high"));
    let least = differences.iter().copied().fold(f64::INFINITY, f64::min);
    let most = differences.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    assert!(
        least <= low && low < row.number("mean_difference") && row.number("mean_difference") < high && high <= most
    );
}

#[test]
fn the_file_is_there_only_where_something_is_compared_and_report_makes_it_again() {
    let compare = spec("compare: (to: \"fa-slow\", metrics: [\"accuracy\"]),");
    let lab = Lab::new(&compare);
    lab.succeed("run a.ron --quiet --no-figures");
    let before = lab.tree("results/a");
    std::fs::remove_file(lab.path("results/a/comparisons.csv")).unwrap();
    assert!(lab.succeed("report results/a").contains("results/a/comparisons.csv"));
    std::fs::remove_dir_all(lab.path("results/a/figures")).unwrap();
    std::fs::remove_file(lab.path("results/a/report.html")).unwrap();
    assert_eq!(difference(&before, &lab.tree("results/a")), None);
    // what is written out reads back as it is, and the runs are the same runs
    std::fs::copy(lab.path("results/a/experiment.ron"), lab.path("b.ron")).unwrap();
    let again = lab.run("run b.ron --no-figures --threads 1");
    assert!(errors(&again).contains("all 16 runs are kept"), "{}", errors(&again));
    assert_eq!(difference(&before, &lab.tree("results/a")), None);
    lab.write("a.ron", &spec(""));
    lab.succeed("run a.ron --quiet --no-figures");
    assert!(!lab.path("results/a/comparisons.csv").exists());
    let named = lab.succeed("report results/a");
    assert!(!named.contains("comparisons.csv"), "{named}");
    // without its checksum, an experiment that was changed is read
    std::fs::remove_file(lab.path("results/a/manifest.json")).unwrap();
    lab.write(
        "results/a/experiment.ron",
        "(compare: (to: \"nobody\", metrics: [\"accuracy\"]))",
    );
    let message = lab.fail("report results/a", 1);
    assert!(
        message.contains("experiment.ron:1") && message.contains("no arm `nobody`"),
        "{message}"
    );
}

#[test]
fn too_few_seeds_are_warned_of_and_the_detectable_effect_is_told() {
    let wilcoxon = "compare: (to: \"backprop\", metrics: [\"accuracy\"], test: Wilcoxon, at: [Final]),";
    let lab = Lab::new(&spec(wilcoxon));
    // three tests: 3 · 2^(1 − n) is below 0.05 from 7 seeds on
    let warning = "warning: compare: 4 seeds are too few for Wilcoxon's test: in a family of 3 tests p_holm cannot fall below \
                   0.38; give at least 7 seeds";
    assert!(
        lab.succeed("check a.ron").contains(warning),
        "{}",
        lab.succeed("check a.ron")
    );
    assert!(errors(&lab.run("run a.ron --no-figures --seeds 2")).contains("2 seeds are too few"));
    assert!(lab.succeed("check a.ron --seeds 6").contains("give at least 7 seeds"));
    assert!(!lab.succeed("check a.ron --seeds 7").contains("too few"));
    lab.write("a.ron", &spec(&wilcoxon.replace(", test: Wilcoxon", "")));
    // R: qt(1 - 0.05 / 6, 3) / 2
    let told = lab.succeed("check a.ron");
    assert!(
        told.contains(
            "compare    accuracy with backprop by paired t tests, 3 a metric: p_holm < 0.05 needs |cohen_dz| of 2.43"
        ),
        "{told}"
    );
    assert!(!told.contains("too few"));
    assert!(
        lab.succeed("check a.ron --seeds 1")
            .contains("1 seed is too few for any test; give at least 2")
    );
    lab.write("a.ron", &spec(""));
    assert!(!lab.succeed("check a.ron --seeds 1").contains("compare"));
}
