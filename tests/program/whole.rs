//! Take rows, tables and records away or put others in their place: no reader takes the rest for the whole.

use crate::support::{Lab, difference, errors};
use insta::assert_snapshot;
use std::collections::BTreeMap;
use std::fs;

const SHORT: &str = "(task: Xor(samples: 40, test: 20), network: [4], stop: Epochs(2), seeds: 3, \
     compare: (to: \"backprop\", metrics: [\"accuracy\"]), arms: [Backprop, OutputOnly])";

const READERS: [&str; 2] = ["compare results/a --metric accuracy", "report results/a"];

/// The tables in the order in which they are written.
const TABLES: [&str; 6] = [
    "experiment.ron",
    "arms.csv",
    "runs.csv",
    "metrics.csv",
    "summary.csv",
    "comparisons.csv",
];

fn lab() -> Lab {
    let lab = Lab::new(SHORT);
    lab.succeed("run a.ron --quiet --no-figures");
    lab
}

/// A table cut at the end of a line, with so many rows left.
fn cut(lab: &Lab, table: &str, rows: usize) -> usize {
    let path = lab.path("results/a").join(table);
    let text = fs::read_to_string(&path).unwrap();
    let kept: String = text.split_inclusive('\n').take(rows + 1).collect();
    assert!(kept.len() < text.len());
    fs::write(path, &kept).unwrap();
    text.lines().count() - 1
}

#[test]
fn a_table_cut_at_the_end_of_a_line_is_refused_by_every_reader_and_run_mends_it() {
    let lab = lab();
    let whole = lab.tree("results/a");
    for (table, rows) in [
        ("metrics.csv", 100),
        ("runs.csv", 5),
        ("arms.csv", 1),
        ("summary.csv", 3),
        ("metrics.csv", 0),
    ] {
        let before = cut(&lab, table, rows);
        for reader in READERS {
            let message = lab.fail(reader, 1);
            let expected = format!(
                "error: results/a: {table} holds {rows} in place of the {before} rows that manifest.json tells of: it was cut or changed, or a run \
                 was stopped while it wrote its tables; run the experiment again, which takes its finished runs from this folder\n"
            );
            assert_eq!(message, expected);
        }
        let said = errors(&lab.run("run a.ron --no-figures"));
        assert!(said.contains("all 6 runs are kept"), "{said}");
        assert_eq!(difference(&whole, &lab.tree("results/a")), None);
        READERS.iter().for_each(|reader| _ = lab.succeed(reader));
        fs::remove_dir_all(lab.path("results/a/figures")).unwrap();
        fs::remove_file(lab.path("results/a/report.html")).unwrap();
    }
}

#[test]
fn a_changed_number_a_missing_table_and_one_too_many_are_refused() {
    let lab = lab();
    let path = lab.path("results/a/metrics.csv");
    let text = fs::read_to_string(&path).unwrap();
    let end = text.trim_end().rfind(',').unwrap();
    fs::write(&path, format!("{},0.5\n", &text[..end])).unwrap();
    assert_snapshot!(lab.fail(READERS[0], 1), @"error: results/a: metrics.csv is not the file that manifest.json tells of: it was changed, or a run was stopped while it wrote its tables; run the experiment again, which takes its finished runs from this folder");
    fs::remove_file(&path).unwrap();
    assert_snapshot!(lab.fail(READERS[1], 1), @"error: results/a: metrics.csv is missing; run the experiment again, which takes its finished runs from this folder");
    fs::write(&path, text).unwrap();
    lab.write(
        "results/a/tuning.csv",
        "arm,trial,path,setting,seed,metric,split,value,chosen\n",
    );
    assert_snapshot!(lab.fail(READERS[0], 1), @"error: results/a: manifest.json does not tell of tuning.csv, so it belongs to another run; run the experiment again, which takes its finished runs from this folder");
    lab.succeed("run a.ron --quiet --no-figures");
    READERS.iter().for_each(|reader| _ = lab.succeed(reader));
}

/// Every moment at which a second run of other settings can be killed while it writes its tables.
#[test]
fn new_settings_beside_old_numbers_are_never_read() {
    let lab = lab();
    let files = || -> BTreeMap<&str, Vec<u8>> {
        let read = |name| fs::read(lab.path("results/a").join(name)).unwrap();
        TABLES.into_iter().map(|name| (name, read(name))).collect()
    };
    let (old, manifest) = (files(), fs::read(lab.path("results/a/manifest.json")).unwrap());
    let slower = "run a.ron --no-figures --set optimizer.learning_rate=0.01";
    assert!(lab.run(slower).status.success());
    let new = files();
    for placed in 0..=TABLES.len() {
        for (place, name) in TABLES.into_iter().enumerate() {
            let bytes = if place < placed { &new[name] } else { &old[name] };
            fs::write(lab.path("results/a").join(name), bytes).unwrap();
        }
        fs::write(lab.path("results/a/manifest.json"), &manifest).unwrap();
        for reader in READERS {
            match placed {
                0 => _ = lab.succeed(reader),
                _ => {
                    let message = lab.fail(reader, 1);
                    assert!(
                        message.contains("a run was stopped while it wrote its tables"),
                        "{placed}: {message}"
                    );
                    assert!(message.contains("run the experiment again"), "{message}");
                }
            }
        }
        let said = errors(&lab.run(slower));
        assert!(said.contains("all 6 runs are kept"), "{said}");
        assert_eq!(files(), new);
        READERS.iter().for_each(|reader| _ = lab.succeed(reader));
    }
}

#[test]
fn a_result_that_is_not_finished_has_nothing_to_read() {
    let lab = Lab::new(SHORT);
    fs::create_dir_all(lab.path("results/a")).unwrap();
    lab.write(
        "results/a/manifest.json",
        "{\"creditlab\": \"0.1.0\", \"state\": \"unfinished\"}",
    );
    assert_snapshot!(lab.fail(READERS[0], 1), @"error: results/a: its runs have not all finished, so it has no tables yet; run the experiment again, which takes its finished runs from this folder");
    lab.write("results/a/manifest.json", "{\"creditlab\": ");
    assert_snapshot!(lab.fail(READERS[1], 1), @"error: results/a: manifest.json is damaged; run the experiment again, which takes its finished runs from this folder");
}

/// Folders of older versions, and tables made by hand, have no checksums: they are set against each other.
#[test]
fn tables_without_checksums_are_read_with_a_warning_if_they_fit_each_other() {
    let lab = lab();
    let tables: BTreeMap<_, _> = TABLES
        .iter()
        .map(|name| (*name, fs::read(lab.path("results/a").join(name)).unwrap()))
        .collect();
    for manifest in [None, Some("{\"creditlab\": \"0.1.0\", \"data_sha256\": \"0\"}")] {
        match manifest {
            None => fs::remove_file(lab.path("results/a/manifest.json")).unwrap(),
            Some(text) => lab.write("results/a/manifest.json", text),
        }
        let output = lab.run(READERS[0]);
        assert!(output.status.success());
        assert_eq!(
            errors(&output),
            "warning: results/a: no manifest.json tells what its tables were when they were written, so some of their rows may be \
             missing; run the experiment again to know\n"
        );
    }
    for (table, rows, expected) in [
        ("metrics.csv", 100, "metrics.csv has no value of arm `backprop`, seed "),
        (
            "runs.csv",
            5,
            "metrics.csv has values of arm `output-only`, seed 2, and runs.csv has no such run",
        ),
        (
            "runs.csv",
            3,
            "arms.csv has an arm `output-only`, and runs.csv has no run of it",
        ),
        (
            "arms.csv",
            1,
            "runs.csv has runs of an arm `output-only`, and arms.csv has none",
        ),
    ] {
        cut(&lab, table, rows);
        for reader in READERS {
            let message = lab.fail(reader, 1);
            assert!(
                message.starts_with(&format!("error: results/a: {expected}")),
                "{message}"
            );
            assert!(message.contains("; run the experiment again"), "{message}");
        }
        tables
            .iter()
            .for_each(|(name, bytes)| fs::write(lab.path("results/a").join(name), bytes).unwrap());
    }
    // the kept runs tell that it is a result
    fs::remove_file(lab.path("results/a/manifest.json")).unwrap();
    let said = errors(&lab.run("run a.ron --no-figures"));
    assert!(said.contains("all 6 runs are kept"), "{said}");
    assert_eq!(errors(&lab.run(READERS[0])), "");
}

/// A table that `report` makes anew is told of in the manifest, too.
#[test]
fn a_comparison_made_again_is_one_that_the_manifest_tells_of() {
    let lab = lab();
    let manifest = fs::read(lab.path("results/a/manifest.json")).unwrap();
    READERS.iter().for_each(|reader| _ = lab.succeed(reader));
    assert_eq!(
        fs::read(lab.path("results/a/manifest.json")).unwrap(),
        manifest,
        "nothing has changed"
    );
    let written: serde_json::Value = serde_json::from_slice(&manifest).unwrap();
    for table in TABLES {
        let bytes = fs::read(lab.path("results/a").join(table)).unwrap();
        let content = &written["contents"][table];
        assert_eq!(content["sha256"], creditlab::digest::sha256(&bytes), "{table}");
        if table.ends_with(".csv") {
            let rows = lab.table(&format!("results/a/{table}")).rows.len();
            assert_eq!(content["rows"], rows, "{table}");
        }
    }
}

/// One record under the keys of all seeds would be one run counted three times, with a standard deviation of 0.
#[test]
fn a_record_under_the_key_of_another_run_is_not_taken() {
    let lab = Lab::new(SHORT);
    lab.succeed("run a.ron --quiet --no-figures");
    let whole = lab.tree("results/a");
    let records = lab.records("results/a");
    // under the keys of the others, the key being where it is and the rest another's; and as it is, again and again
    let under = |key: &Vec<u8>| [&records[0][..12], &key[12..76], &records[0][76..]].concat();
    let all: Vec<u8> = records[1..]
        .iter()
        .flat_map(under)
        .chain(records[0].repeat(6))
        .collect();
    fs::write(lab.segments("results/a").pop().unwrap(), all).unwrap();
    let said = errors(&lab.run("run a.ron --no-figures"));
    assert!(said.contains("1 of 6 runs are kept"), "{said}");
    assert_eq!(difference(&whole, &lab.tree("results/a")), None);
}
