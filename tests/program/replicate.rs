//! Run replications and judge them: the verdicts equal what the test itself computes from the tables, and the record keeps them.

use crate::support::{Lab, errors};

/// Three seeds; a claim that is met, one that is not, one of a quotient, and one that nothing is held to.
const SPEC: &str = "(
    task: Digits, network: [10], stop: Epochs(1), seeds: 3, optimizer: Sgd(learning_rate: 0.1),
    measure: (against: [], metrics: [\"accuracy\", \"loss\"]),
    replication: (
        source: \"A, B 2020\",
        minutes: 0.5,
        claims: [
            (of: \"Backprop\", published: 8, at_least: 0, at_most: 90),
            (of: \"MajorityClass\", minus: \"Backprop\", at_most: -1),
            (of: \"MajorityClass\", over: \"Backprop\", metric: \"loss\", at_least: 1),
            (of: \"MajorityClass\", split: Validation, published: 90),
        ],
    ),
    arms: [Backprop, MajorityClass],
)";

fn lab() -> Lab {
    let lab = Lab::new("(task: Xor, arms: [Backprop])");
    std::fs::create_dir(lab.path("files")).unwrap();
    std::fs::write(lab.path("files/r98_example.ron"), SPEC).unwrap();
    let slow = SPEC.replace("minutes: 0.5", "minutes: 90");
    std::fs::write(lab.path("files/r99_slow.ron"), slow).unwrap();
    std::fs::copy(lab.path("a.ron"), lab.path("files/without_claims.ron")).unwrap();
    lab
}

const QUICK: &str = "replicate --quick --from files --quiet --no-figures";

#[test]
fn verdicts_equal_an_independent_computation_and_a_missed_criterion_is_status_1() {
    let lab = lab();
    let output = lab.command(QUICK).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", errors(&output));
    assert!(
        errors(&output).contains("1 of 3 criteria is not met"),
        "{}",
        errors(&output)
    );
    let printed = String::from_utf8(output.stdout).unwrap();
    assert_eq!(
        (printed.matches("  pass  ").count(), printed.matches("  FAIL  ").count()),
        (2, 1),
        "{printed}"
    );

    let runs = lab.table("results/r98_example/runs.csv");
    let column = |arm: &str, column: &str| runs.select(&format!("arm={arm}")).numbers(column);
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let error = |arm: &str| {
        column(arm, "final_test_accuracy")
            .iter()
            .map(|share| 100.0 * (1.0 - share))
            .collect::<Vec<_>>()
    };
    let zip = |a: Vec<f64>, b: Vec<f64>, f: fn(f64, f64) -> f64| {
        a.into_iter().zip(b).map(|(a, b)| f(a, b)).collect::<Vec<_>>()
    };
    let losses = |arm: &str| column(arm, "final_test_loss");
    let validation = column("majority-class", "final_validation_accuracy")
        .iter()
        .map(|share| 100.0 * (1.0 - share))
        .collect();
    let expected = [
        error("backprop"),
        zip(error("majority-class"), error("backprop"), |a, b| a - b),
        zip(losses("majority-class"), losses("backprop"), |a, b| a / b),
        validation,
    ];
    let record = lab.table("results/replications.csv");
    assert_eq!(record.texts("judgement"), ["pass", "fail", "pass", "reported"]);
    assert_eq!(
        record.texts("experiment"),
        ["r98_example"; 4],
        "the slow one is left out"
    );
    for (found, sample) in record.numbers("mean").into_iter().zip(expected) {
        assert!((found - mean(&sample)).abs() < 1e-9, "{found} {sample:?}");
    }
    let table = std::fs::read_to_string(lab.path("results/replications.md")).unwrap();
    for line in [
        "| R98 | MajorityClass - Backprop: test error |  | at most -1 | ",
        "| | **2 of 3 criteria met**: A, B 2020; `r98_example.ron` | | | ",
    ] {
        assert!(table.contains(line), "{line}\n{table}");
    }
}

#[test]
fn judged_again_it_takes_the_place_of_what_was_said_before_and_others_stay() {
    let lab = lab();
    let run = |arguments: &str| {
        lab.command(&format!("replicate {arguments} --from files --quiet --no-figures"))
            .output()
            .unwrap()
    };
    run("R98 --seeds 1");
    run("r99 --set stop=Steps(1)");
    let record = || lab.table("results/replications.csv");
    assert_eq!(record().texts("n"), ["1", "1", "1", "1", "3", "3", "3", "3"]);
    assert_eq!(record().texts("changes")[0], "--seeds 1");
    assert_eq!(record().texts("changes")[4], "--set stop=Steps(1)");
    run("R98");
    assert_eq!(record().texts("n"), ["3"; 8]);
    let text = lab.succeed("replicate --from files");
    assert!(
        text.contains("r98_example") && text.contains("2 of 3 criteria met") && !text.contains("without_claims"),
        "{text}"
    );
}

/// With a run that diverged no criterion of its arm is met, whatever the others say.
#[test]
fn what_diverged_meets_no_criterion() {
    let lab = lab();
    lab.command("replicate r98 --from files --quiet --no-figures --set optimizer=Sgd(learning_rate:1.0,l2:1e30)")
        .output()
        .unwrap();
    let record = lab.table("results/replications.csv");
    assert_eq!(record.texts("judgement")[..3], ["fail", "fail", "fail"]);
    assert_eq!(record.texts("diverged")[0], "3");
}

#[test]
fn what_is_not_there_is_said() {
    let lab = lab();
    for (arguments, said) in [
        (
            "replicate R1 --from files",
            "there is no replication `R1`; `creditlab replicate` lists them",
        ),
        (
            "replicate --all --from nowhere",
            "`--from` names the folder of their files",
        ),
        ("replicate R98 --all --from files", "cannot be used with"),
    ] {
        let output = lab.command(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert!(errors(&output).contains(said), "{}", errors(&output));
    }
}

/// Where a chain of two weights ends is known in closed form: the gap is judged, and the figure drawn beside the others.
#[test]
fn a_theory_is_laid_over_and_judged_by_its_largest_gap() {
    let lab = lab();
    let files = concat!(env!("CARGO_MANIFEST_DIR"), "/experiments/replications");
    lab.succeed(&format!(
        "replicate chain_end_points --from {files} --quiet --no-figures"
    ));
    let record = lab.table("results/replications.csv");
    assert_eq!(record.texts("judgement"), ["pass"]);
    assert!(record.texts("what")[0].starts_with("largest gap to Chain: "));
    let table = std::fs::read_to_string(lab.path("results/replications.md")).unwrap();
    let cells = |line: &str| line.replace("\\|", "").matches('|').count();
    let rows: Vec<&str> = table.lines().filter(|line| line.starts_with('|')).collect();
    assert!(rows.iter().all(|row| cells(row) == 7), "{table}");
    let gap = record.number("mean");
    assert!(gap > 0.0 && gap <= 2e-3, "{gap}");
    let caption = std::fs::read_to_string(lab.path("results/chain_end_points/figures/theory.txt")).unwrap();
    assert!(caption.contains(&format!("Largest gap: {gap:.1e}")), "{caption}");
    // at ten times the rate the end is further away than the criterion allows
    let output = lab
        .command(&format!(
            "replicate chain_end_points --from {files} --quiet --no-figures --set optimizer=Sgd(learning_rate:0.05)"
        ))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", errors(&output));
}
