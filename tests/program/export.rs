//! Write results for other programs: nothing is lost, nothing is added, the same result gives the same bytes.

use crate::support::{Lab, Table};
use std::collections::{BTreeMap, BTreeSet};

/// Shadows and references with names that could be taken for other parts of a name.
const SPEC: &str = "(task: Xor(samples: 40, test: 20), network: [4], stop: Epochs(2), seeds: 2, \
     measure: (against: [Backprop, (label: \"layer1/x\", rule: SignSymmetry)]), \
     arms: [Backprop, (rule: FeedbackAlignment, shadows: [(label: \"50 %\", rule: Pepita)]), ForwardForward])";

fn lab() -> Lab {
    let lab = Lab::new(SPEC);
    lab.succeed("run a.ron --quiet --no-figures");
    lab
}

/// Columns that say where and when a value was measured.
const PLACE: [&str; 4] = ["arm", "seed", "step", "epoch"];

#[test]
fn a_wide_table_holds_every_value_of_the_long_one_as_it_is_written_there() {
    let lab = lab();
    let said = lab.succeed("export results/a --to wide-csv");
    assert_eq!(
        said, "18 rows in exports/a/metrics-wide.csv\n",
        "three runs of two seeds, three moments each"
    );
    let (long, wide) = (
        lab.table("results/a/metrics.csv"),
        lab.table("exports/a/metrics-wide.csv"),
    );
    assert_eq!(wide.header[..4], PLACE);
    for name in [
        "test/accuracy",
        "test/own_accuracy",
        "weight_norm/layer1",
        "gradient_angle/layer1/Backprop",
        "gradient_angle/hidden/layer1%2Fx",
        "shadow.50 %25/gradient_angle/all/Backprop",
    ] {
        assert!(wide.header.contains(&name.to_owned()), "{name} in {:?}", wide.header);
    }
    // text by text: numbers are the same to the bit
    let values = |table: &Table, columns: &[usize]| -> BTreeMap<Vec<String>, Vec<String>> {
        let mut values: BTreeMap<_, Vec<String>> = BTreeMap::new();
        for row in &table.rows {
            let cells = columns.iter().map(|column| row[*column].clone());
            values
                .entry(row[..4].to_vec())
                .or_default()
                .extend(cells.filter(|cell| !cell.is_empty()));
        }
        values.values_mut().for_each(|values| values.sort());
        values
    };
    let all: Vec<usize> = (4..wide.header.len()).collect();
    assert_eq!(values(&long, &[9]), values(&wide, &all));
    let names: BTreeSet<&String> = wide.header.iter().collect();
    assert_eq!(names.len(), wide.header.len(), "no two columns have one name");
    let own = ["Backprop", "FeedbackAlignment", "ForwardForward", "none"];
    let series = long.rows.iter().map(|row| {
        let shadow = Some(&row[6]).filter(|rule| !own.contains(&&***rule));
        (shadow, &row[4], &row[5], &row[7], &row[8])
    });
    assert_eq!(
        series.collect::<BTreeSet<_>>().len(),
        all.len(),
        "a column for each series"
    );

    let before = lab.read("exports/a/metrics-wide.csv");
    lab.succeed("export results/a --to wide-csv");
    assert_eq!(lab.read("exports/a/metrics-wide.csv"), before);
}

#[test]
fn each_run_has_a_file_of_events_with_the_same_bytes_each_time() {
    let lab = lab();
    let files = |out: &str| -> Vec<Vec<u8>> {
        let said = lab.succeed(&format!("export results/a --to tensorboard --out {out}"));
        let expected = format!("6 runs in {out}/a; to look at them: tensorboard --logdir {out}/a\n");
        assert_eq!(said, expected);
        let runs = ["backprop", "feedback-alignment", "forward-forward"];
        let runs = runs.iter().flat_map(|arm| [0, 1].map(|seed| format!("{arm}/{seed}")));
        let path = |run: String| lab.path(&format!("{out}/a/{run}/events.out.tfevents.0.creditlab"));
        runs.map(|run| std::fs::read(path(run)).unwrap()).collect()
    };
    let (first, second) = (files("one"), files("two"));
    assert!(first == second && first.iter().all(|file| file.len() > 100));
    // again in the same place
    assert!(files("one") == first);
}

#[test]
fn what_cannot_be_exported_is_refused_with_a_remedy() {
    let lab = lab();
    for (arguments, status, parts) in [
        ("export results/a", 2, ["--to <FORMAT>", "Usage"]),
        ("export results/a --to xlsx", 2, ["tensorboard", "wide-csv"]),
        (
            "export nothere --to wide-csv",
            2,
            ["nothere: there is no such folder", "results/quickstart"],
        ),
        (
            "export results --to wide-csv",
            2,
            ["results: it holds no results", "creditlab run"],
        ),
        (
            "export results/a --to tensorboard --out results",
            2,
            ["results/a is a results folder", "such as exports"],
        ),
    ] {
        let message = lab.fail(arguments, status);
        assert!(
            parts.iter().all(|part| message.contains(part)),
            "{arguments}: {message}"
        );
    }
    assert!(!lab.path("exports").exists(), "nothing was begun");
    let text = lab.read("results/a/metrics.csv");
    lab.write("results/a/metrics.csv", &text[..text.len() / 2]);
    let message = lab.fail("export results/a --to wide-csv", 1);
    assert!(message.contains("metrics.csv holds"), "{message}");
    // a row that is there twice, where no manifest tells of the rows
    std::fs::remove_file(lab.path("results/a/manifest.json")).unwrap();
    let last = text.lines().last().unwrap();
    lab.write("results/a/metrics.csv", &format!("{text}{last}\n"));
    let message = lab.fail("export results/a --to wide-csv", 1);
    assert!(
        message.contains("two values of `test/own_loss`") || message.contains("two values of `validation/"),
        "{message}"
    );
    assert!(!lab.path("exports/a/metrics-wide.csv").exists(), "half a table is none");
}
