//! Set results side by side with `creditlab compare`: made-up results, numbers of the test's own, and every refusal.

use crate::made_up::{Course, Size, USUAL, courses, write_result};
use crate::support::{Lab, Table, errors};

fn lab() -> Lab {
    Lab::new("()")
}

fn some(labels: &[&str]) -> Vec<Course> {
    courses()
        .into_iter()
        .filter(|course| labels.contains(&&*course.label))
        .collect()
}

/// The cells of an arm's line, the interval being one.
fn line(text: &str, arm: &str) -> Vec<String> {
    let found = text.lines().find(|line| line.split("  ").next() == Some(arm));
    let found = found.unwrap_or_else(|| panic!("no line of {arm} in\n{text}"));
    found
        .split("  ")
        .map(str::trim)
        .filter(|cell| !cell.is_empty())
        .map(str::to_owned)
        .collect()
}

fn finals(table: &Table, arm: &str, metric: &str) -> Vec<f64> {
    table
        .select(&format!("arm={arm} metric={metric} split=test step=900"))
        .numbers("value")
}

#[test]
fn arms_of_a_result_stand_side_by_side() {
    let lab = lab();
    write_result(
        &lab.path("one"),
        &some(&["OutputOnly", "Backprop", "NodePerturbation", "ForwardForward"]),
        USUAL,
    );
    let text = lab.succeed("compare one --metric accuracy");
    assert!(
        text.starts_with("accuracy on test at the last measurement, against backprop\n"),
        "{text}"
    );
    let head = text.lines().nth(2).unwrap().split_whitespace().collect::<Vec<_>>();
    assert_eq!(head[..3], ["arm", "n", "diverged"]);
    assert_eq!(line(&text, "backprop").len(), 5, "{text}");
    // one of its runs diverged: its nine seeds are paired with the same nine
    assert_eq!(line(&text, "nodeperturbation")[1..3], ["9", "1"], "{text}");
    assert_eq!(line(&text, "nodeperturbation")[5], "9");
    let metrics = lab.table("one/metrics.csv");
    for (arm, metric) in [("outputonly", "accuracy"), ("forwardforward", "own_accuracy")] {
        let (own, base) = (finals(&metrics, arm, metric), finals(&metrics, "backprop", "accuracy"));
        let difference = own.iter().zip(&base).map(|(a, b)| a - b).sum::<f64>() / 10.0;
        let mean = own.iter().sum::<f64>() / 10.0;
        let cells = line(&text, arm);
        assert_eq!(cells[3], format!("{mean:.4}"), "{text}");
        assert_eq!(cells[6], format!("{difference:.5}"), "{text}");
    }
    assert!(text.contains("Holm's correction for 3 tests"), "{text}");
    let other = lab.succeed("compare one --metric loss --to OutputOnly --split validation --test Wilcoxon");
    assert!(
        other.starts_with("loss on validation at the last measurement, against outputonly\n"),
        "{other}"
    );
    // ten differences of one sign: p = 2 / 2^10, times three tests
    assert_eq!(line(&other, "backprop")[8..10], ["0.002", "0.006"], "{other}");
    assert!(other.contains("Wilcoxon's signed-rank test, BCa bootstrap"));
    assert!(
        lab.succeed("compare one --metric gradient_angle")
            .starts_with("gradient_angle on probe")
    );
}

#[test]
fn arms_of_several_results_carry_their_folders_name() {
    let lab = lab();
    write_result(&lab.path("here/one"), &some(&["Backprop"]), USUAL);
    write_result(&lab.path("two"), &some(&["KolenPollack"]), Size { seeds: 4, ..USUAL });
    let output = lab.run("compare here/one two --metric accuracy");
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    assert_eq!(line(&text, "one/backprop")[1], "10");
    let cells = line(&text, "two/kolenpollack");
    assert_eq!((&*cells[1], &*cells[5]), ("4", "4"), "{text}");
    assert!(errors(&output).contains("warning: one or two has no experiment.ron"));
    // folders of one name are told by their paths
    write_result(&lab.path("there/one"), &some(&["KolenPollack"]), USUAL);
    let text = lab.succeed("compare here/one there/one --metric accuracy --to there/one/kolenpollack");
    assert!(
        text.contains("against there/one/kolenpollack") && text.contains("here/one/backprop"),
        "{text}"
    );
    let message = lab.fail("compare here/one there/one --metric accuracy --to nobody", 2);
    assert!(
        message.contains("no arm `nobody`; there are `here/one/backprop` and"),
        "{message}"
    );
}

#[test]
fn results_of_different_tasks_are_refused_and_different_splits_warned_of() {
    let lab = lab();
    let arms = some(&["Backprop", "KolenPollack"]);
    for (name, task, split) in [
        ("a", "Digits", "Random(test: 0.2)"),
        ("b", "Iris", "Random(test: 0.2)"),
        ("c", "Digits", "Random(test: 0.3)"),
    ] {
        write_result(&lab.path(name), &arms, USUAL);
        lab.write(
            &format!("{name}/experiment.ron"),
            &format!("(task: {task}, split: {split})"),
        );
    }
    let message = lab.fail("compare a b --metric accuracy", 2);
    assert!(message.contains("a is of the task Digits, b of Iris"), "{message}");
    let output = lab.run("compare a c --metric accuracy");
    assert!(output.status.success());
    assert!(errors(&output).contains("warning: a is split by Random(test: 0.2), c by Random(test: 0.3)"));
    lab.write("c/experiment.ron", "(task: Digits, split: Random(test: 0.2))");
    assert!(!errors(&lab.run("compare a c --metric accuracy")).contains("split"));
    lab.write("a/manifest.json", "{\"data_sha256\": \"1\"}");
    lab.write("c/manifest.json", "{\"data_sha256\": \"2\"}");
    let message = lab.fail("compare a c --metric accuracy", 2);
    assert!(message.contains("made from different data"), "{message}");
}

#[test]
fn what_cannot_be_compared_is_refused_with_the_remedy() {
    let lab = lab();
    write_result(&lab.path("one"), &some(&["Backprop", "KolenPollack"]), USUAL);
    write_result(
        &lab.path("values"),
        &some(&["Backprop"]),
        Size {
            classes: false,
            ..USUAL
        },
    );
    std::fs::create_dir(lab.path("empty")).unwrap();
    for (arguments, parts) in [
        (
            "nowhere --metric loss",
            ["nowhere: there is no such folder", "results/quickstart"],
        ),
        ("empty --metric loss", ["empty: it holds no results", "`creditlab run`"]),
        ("one one --metric loss", ["one: it is named twice", ""]),
        (
            "one --metric acuracy",
            ["unknown metric `acuracy`", "did you mean `accuracy`?"],
        ),
        ("values --metric accuracy", ["unknown metric `accuracy`", ""]),
        ("one --metric xyz", ["unknown metric `xyz`", "`accuracy`, "]),
        (
            "one --metric loss --split probe",
            ["not measured on `probe`", "`test`, `train` and `validation`"],
        ),
        (
            "one --metric loss --at best_validation",
            ["no run has a best validation step", "leave `--at` out"],
        ),
        (
            "one --metric loss --to kolenpolack",
            ["no arm `kolenpolack`", "did you mean `kolenpollack`?"],
        ),
        (
            "one --metric loss --test anova",
            ["anova", "expected PairedT or Wilcoxon"],
        ),
        (
            "one --metric loss --at now",
            ["now", "expected final or best_validation"],
        ),
        ("one", ["--metric", "Usage"]),
    ] {
        let message = lab.fail(&format!("compare {arguments}"), 2);
        assert!(
            parts.iter().all(|part| message.contains(part)),
            "{arguments}: {message}"
        );
        // made-up tables have no manifest, of which a warning tells
        let mut lines = message.lines().filter(|line| !line.starts_with("warning"));
        assert!(lines.next().is_some_and(|line| line.starts_with("error")), "{message}");
    }
    lab.write("one/runs.csv", "arm,seed\n");
    assert!(lab.fail("compare one --metric loss", 1).contains("runs.csv:1"));
}

/// Seeds 0 to 3 in one result, 4 to 9 in the other.
#[test]
fn without_common_seeds_there_are_no_pairs() {
    let lab = lab();
    let keep = |path: &str, seeds: &[&str]| {
        let table = lab.table(path);
        let rows = table
            .rows
            .iter()
            .filter(|row| seeds.contains(&&*row[1]))
            .map(|row| row.join(",") + "\n");
        lab.write(path, &(table.header.join(",") + "\n" + &rows.collect::<String>()));
    };
    for (name, label, seeds) in [
        ("a", "Backprop", &["0", "1", "2", "3"][..]),
        ("b", "KolenPollack", &["4", "5", "6", "7", "8", "9"]),
    ] {
        write_result(&lab.path(name), &some(&[label]), USUAL);
        ["metrics.csv", "runs.csv"]
            .iter()
            .for_each(|file| keep(&format!("{name}/{file}"), seeds));
    }
    let message = lab.fail("compare a b --metric accuracy", 2);
    assert!(
        message.contains("no arm has a finished run with a seed of `a/backprop`"),
        "{message}"
    );
    // beside one that has, it is told in the table
    write_result(&lab.path("c"), &some(&["OutputOnly"]), USUAL);
    let text = lab.succeed("compare a b c --metric accuracy");
    assert!(
        line(&text, "b/kolenpollack").contains(&"no common seeds".to_owned()),
        "{text}"
    );
    assert_eq!(line(&text, "c/outputonly")[5], "4");
}
