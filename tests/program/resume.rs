//! Kill, interrupt, damage and share results folders: what is finished is kept, and the end is always the same bytes.
#![cfg(unix)]

use crate::support::{Lab, difference, errors, kill, signal, wait};
use std::fs;
use std::time::{Duration, Instant};

/// Some twenty runs of about a tenth of a second each, with figures and weights.
const LONG: &str = "(task: Digits, network: [32, 16], stop: Epochs(8), seeds: 5, measure: (every: Epochs(1), probe: 64), \
     save: (weights: [Steps(0), End]), arms: [Backprop, KolenPollack, NodePerturbation, ForwardForward])";

const SHORT: &str = "(task: Xor(samples: 40, test: 20), network: [4], stop: Epochs(2), seeds: 2, \
     save: (weights: [Steps(0), End]), arms: [Backprop, OutputOnly])";

/// Numbers in 0..1 that look random (a linear congruential generator).
fn fractions() -> impl Iterator<Item = f64> {
    let mut state = 1_u64;
    std::iter::from_fn(move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        Some((state >> 11) as f64 / (1_u64 << 53) as f64)
    })
}

/// Finished runs in a results folder.
fn kept(lab: &Lab, results: &str) -> usize {
    lab.records(results).len()
}

fn no_stray_files(lab: &Lab, results: &str) {
    let tree = lab.tree(results);
    assert!(
        tree.keys().all(|name| !name.contains("unfinished")),
        "{:?}",
        tree.keys()
    );
}

#[test]
fn a_killed_run_continues_to_the_same_bytes() {
    let lab = Lab::new(LONG);
    let clock = Instant::now();
    lab.succeed("run a.ron --quiet --out whole");
    let (whole, length) = (lab.tree("whole/a"), clock.elapsed());
    let (mut kills, mut rounds) = (0, 0);
    let mut moments = fractions();
    while kills < 5 {
        rounds += 1;
        assert!(rounds < 20, "the program ends before it can be killed");
        let out = format!("round{rounds}");
        let threads = [1, 2, 7][rounds % 3];
        loop {
            let child = lab.start(&format!("run a.ron --quiet --out {out} --threads {threads}"));
            std::thread::sleep(length.mul_f64(0.5 * moments.next().unwrap()));
            if !kill(child, kills == 5) {
                break;
            }
            kills += 1;
        }
        assert_eq!(difference(&whole, &lab.tree(&format!("{out}/a"))), None);
        no_stray_files(&lab, &format!("{out}/a"));
    }
}

#[test]
fn a_signal_ends_with_130_keeps_what_is_finished_and_the_next_call_continues() {
    // where this is started by `nohup`, so is the program, and goes on
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let hang_up = ignored.is_some_and(|mask| u64::from_str_radix(mask.trim(), 16).is_ok_and(|mask| mask & 1 == 0));
    for name in ["INT", "TERM", "HUP"]
        .into_iter()
        .filter(|name| *name != "HUP" || hang_up)
    {
        let lab = Lab::new(LONG);
        let child = lab.start("run a.ron --threads 1 --no-figures");
        assert!(wait(Duration::from_secs(30), || kept(&lab, "results/a") >= 2));
        let clock = Instant::now();
        signal(&child, name);
        let output = child.wait_with_output().unwrap();
        let message = errors(&output);
        assert_eq!(output.status.code(), Some(130), "{name}: {message}");
        assert!(clock.elapsed() < Duration::from_secs(2), "{:?}", clock.elapsed());
        let finished = kept(&lab, "results/a");
        assert!((2..20).contains(&finished));
        let expected =
            format!("interrupted; {finished} of 20 runs are kept, and the same command continues with the rest\n");
        assert!(message.ends_with(&expected), "{message}");
        assert!(!lab.path("results/a/metrics.csv").exists());
        let output = lab.run("run a.ron --no-figures");
        assert!(output.status.success());
        let left = format!("a: {} runs, ", 20 - finished);
        assert!(
            errors(&output).lines().any(|line| line.starts_with(&left)),
            "{}",
            errors(&output)
        );
        if name == "INT" {
            lab.succeed("run a.ron --quiet --out whole --no-figures");
            assert_eq!(difference(&lab.tree("whole/a"), &lab.tree("results/a")), None);
        }
    }
}

#[test]
fn warm_up_can_be_interrupted() {
    let lab = Lab::new(&SHORT.replace("seeds: 2", "seeds: 1, warm_up: Steps(1000000000)"));
    let child = lab.start("run a.ron");
    assert!(lab.wait_for("results/a/.lock"));
    std::thread::sleep(Duration::from_millis(200));
    let clock = Instant::now();
    signal(&child, "INT");
    let mut child = child;
    let ended = wait(Duration::from_secs(5), || child.try_wait().unwrap().is_some());
    if !ended {
        child.kill().unwrap();
    }
    assert!(ended, "still warming up after {:?}", clock.elapsed());
    assert_eq!(child.wait().unwrap().code(), Some(130));
}

#[test]
fn a_second_signal_ends_at_once() {
    // measuring this network takes seconds, and the first signal waits for it
    let slow = "(task: Digits, network: [1500, 1500], precision: F64, seeds: 1, stop: Epochs(1), arms: [Backprop])";
    let lab = Lab::new(slow);
    let child = lab.start("run a.ron --threads 1");
    assert!(lab.wait_for("results/a/.lock"));
    std::thread::sleep(Duration::from_millis(200));
    signal(&child, "INT");
    std::thread::sleep(Duration::from_millis(50));
    let clock = Instant::now();
    signal(&child, "INT");
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    assert!(clock.elapsed() < Duration::from_secs(1), "{:?}", clock.elapsed());
}

#[test]
fn tables_are_old_or_new_but_never_in_between() {
    let lab = Lab::new(&LONG.replace("seeds: 5", "seeds: 2"));
    lab.succeed("run a.ron --quiet");
    let names = ["arms.csv", "runs.csv", "metrics.csv", "summary.csv", "experiment.ron"];
    let old = lab.tree("results/a");
    lab.write("a.ron", LONG);
    let mut child = lab.start("run a.ron --quiet --threads 1");
    let mut seen = Vec::new();
    while child.try_wait().unwrap().is_none() {
        for name in names {
            seen.push((name, fs::read(lab.path("results/a").join(name)).unwrap()));
        }
        seen.dedup();
        std::thread::sleep(Duration::from_millis(1));
    }
    assert!(child.wait().unwrap().success());
    let new = lab.tree("results/a");
    assert!(seen.len() >= names.len());
    for (name, bytes) in seen {
        assert!(bytes == old[name] || bytes == new[name], "{name}");
    }
    assert_ne!(old["metrics.csv"], new["metrics.csv"]);
}

#[test]
fn equal_runs_are_kept_when_the_experiment_changes() {
    let lab = Lab::new(SHORT);
    lab.succeed("run a.ron --quiet --no-figures");
    lab.write(
        "a.ron",
        &SHORT
            .replace("seeds: 2", "seeds: 3")
            .replace("[Backprop, OutputOnly]", "[OutputOnly]"),
    );
    let output = lab.run("run a.ron --no-figures");
    assert!(
        errors(&output).contains("a: 1 runs, 4 steps; 2 of 3 runs are kept"),
        "{}",
        errors(&output)
    );
    assert_eq!(lab.table("results/a/runs.csv").texts("arm"), ["output-only"; 3]);
    lab.write("a.ron", SHORT);
    assert!(errors(&lab.run("run a.ron --no-figures")).contains("all 4 runs are kept"));
}

#[test]
fn another_experiment_is_replaced_only_on_demand() {
    let lab = Lab::new(SHORT);
    lab.succeed("run a.ron --quiet");
    let before = lab.tree("results/a");
    lab.write(
        "a.ron",
        "(task: LinearTeacher(samples: 40, test: 20), stop: Epochs(1), seeds: 1, arms: [Backprop])",
    );
    let message = lab.fail("run a.ron", 2);
    assert!(
        message.contains("results/a holds the results of another experiment"),
        "{message}"
    );
    assert!(message.contains("`name`") && message.contains("--fresh"), "{message}");
    assert_eq!(difference(&before, &lab.tree("results/a")), None);
    lab.succeed("run a.ron --fresh --quiet");
    lab.succeed("run a.ron --out whole --quiet");
    assert_eq!(difference(&lab.tree("whole/a"), &lab.tree("results/a")), None);
}

#[test]
fn a_folder_of_something_else_is_never_touched() {
    let lab = Lab::new(SHORT);
    fs::create_dir_all(lab.path("results/a/letters")).unwrap();
    lab.write("results/a/letters/.unfinished-novel", "Once upon a time");
    lab.write("results/a/thesis.tex", "all of it");
    for arguments in ["run a.ron", "run a.ron --fresh"] {
        let message = lab.fail(arguments, 2);
        assert!(
            message.contains("results/a holds files that are no results"),
            "{message}"
        );
        assert!(message.contains("`name`") && message.contains("--out"), "{message}");
        assert_eq!(fs::read_dir(lab.path("results/a")).unwrap().count(), 2);
        assert!(lab.path("results/a/letters/.unfinished-novel").exists());
    }
    // an empty folder is nobody's
    fs::create_dir_all(lab.path("empty/a")).unwrap();
    lab.succeed("run a.ron --quiet --out empty");
}

#[test]
fn what_lies_behind_a_link_is_not_cleared() {
    let lab = Lab::new(SHORT);
    lab.succeed("run a.ron --quiet --no-figures");
    fs::create_dir(lab.path("outside")).unwrap();
    lab.write("outside/.unfinished-novel", "Once upon a time");
    lab.write("results/a/.unfinished-metrics", "arm,se");
    std::os::unix::fs::symlink(lab.path("outside"), lab.path("results/a/link")).unwrap();
    lab.succeed("run a.ron --quiet --no-figures");
    assert!(lab.path("outside/.unfinished-novel").exists());
    assert!(!lab.path("results/a/.unfinished-metrics").exists());
    lab.succeed("run a.ron --quiet --no-figures --fresh");
    assert!(lab.path("outside/.unfinished-novel").exists());
}

#[test]
fn a_damaged_record_is_found_and_run_again() {
    let lab = Lab::new(SHORT);
    lab.succeed("run a.ron --quiet --no-figures");
    let (whole, records) = (lab.tree("results/a"), lab.records("results/a"));
    let segment = lab.segments("results/a").pop().unwrap();
    // one in the middle
    let bytes = &records[1];
    let last = bytes.len() - 1;
    let mut damaged: Vec<Vec<u8>> = [0, 1, 8, bytes.len() / 2, last - 64, last]
        .map(|length| bytes[..length].to_vec())
        .to_vec();
    for place in [
        0,
        7,
        8,
        9,
        20,
        bytes.len() / 3,
        bytes.len() / 2,
        last - 64,
        last - 63,
        last,
    ] {
        for bit in [0, 3, 7] {
            let mut bytes = bytes.clone();
            bytes[place] ^= 1 << bit;
            damaged.push(bytes);
        }
    }
    damaged.push(vec![0; bytes.len()]);
    for (i, damage) in damaged.iter().enumerate() {
        fs::write(
            &segment,
            [&records[0], damage, &records[2], &records[3]]
                .map(|record| &record[..])
                .concat(),
        )
        .unwrap();
        let output = lab.run("run a.ron --no-figures");
        assert!(output.status.success(), "{}", errors(&output));
        assert!(
            errors(&output).contains("3 of 4 runs are kept"),
            "damage {i}: {}",
            errors(&output)
        );
        assert_eq!(difference(&whole, &lab.tree("results/a")), None);
    }
    // what stands between two records is passed over
    fs::write(
        &segment,
        [
            &records[..2].concat(),
            &b"\nrecord: of nothing"[..],
            &records[2..].concat(),
        ]
        .concat(),
    )
    .unwrap();
    let output = lab.run("run a.ron --no-figures");
    assert!(errors(&output).contains("all 4 runs are kept"), "{}", errors(&output));
}

/// The last record is torn wherever a kill or a full disk may tear it: it goes, and the others stay.
#[test]
fn a_torn_record_is_dropped() {
    let lab = Lab::new(SHORT);
    lab.succeed("run a.ron --quiet --no-figures");
    let (whole, records) = (lab.tree("results/a"), lab.records("results/a"));
    let segment = lab.segments("results/a").pop().unwrap();
    for length in [1, 7, 8, 11, 12, 60, 200, records[3].len() - 1] {
        fs::write(&segment, [&records[..3].concat(), &records[3][..length]].concat()).unwrap();
        let output = lab.run("run a.ron --no-figures");
        assert!(
            errors(&output).contains("3 of 4 runs are kept"),
            "{length}: {}",
            errors(&output)
        );
        assert_eq!(difference(&whole, &lab.tree("results/a")), None);
        assert_eq!(
            lab.records("results/a").len(),
            4,
            "the torn one is gone, the new one in its place"
        );
    }
}

/// Version 0.1.0 kept each run in a file of its own: JSON, a line end, and the SHA-256 of the JSON.
#[test]
fn runs_that_an_earlier_version_kept_are_taken() {
    let lab = Lab::new(SHORT);
    lab.succeed("run a.ron --quiet --no-figures");
    let whole = lab.tree("results/a");
    for record in lab.records("results/a") {
        let (key, body) = (&record[12..76], &record[76..record.len() - 64]);
        let mut text = Vec::new();
        std::io::Read::read_to_end(&mut flate2::read::DeflateDecoder::new(body), &mut text).unwrap();
        let mut kept: serde_json::Value = serde_json::from_slice(&text).unwrap();
        let measured = kept["measured"].take();
        let mut rows = Vec::new();
        for moment in measured["steps"].as_array().unwrap() {
            for (series, value) in moment["series"]
                .as_array()
                .unwrap()
                .iter()
                .zip(moment["values"].as_array().unwrap())
            {
                let names = &measured["series"][series.as_u64().unwrap() as usize];
                rows.push(serde_json::json!({
                    "arm": kept["run"]["arm"], "seed": kept["run"]["seed"], "step": moment["step"], "epoch": moment["epoch"],
                    "split": names[0], "metric": names[1], "rule": names[2], "layer": names[3], "reference": names[4],
                    "value": value,
                }));
            }
        }
        kept.as_object_mut().unwrap().remove("measured");
        kept["metrics"] = rows.into();
        let text = serde_json::to_string(&kept).unwrap();
        let file = format!("results/a/.runs/{}", std::str::from_utf8(key).unwrap());
        lab.write(
            &file,
            &format!("{text}\n{}", creditlab::digest::sha256(text.as_bytes())),
        );
    }
    fs::remove_file(lab.segments("results/a").pop().unwrap()).unwrap();
    let output = lab.run("run a.ron --no-figures");
    assert!(errors(&output).contains("all 4 runs are kept"), "{}", errors(&output));
    let mut now = lab.tree("results/a");
    now.retain(|name, _| !name.starts_with(".runs/"));
    assert_eq!(difference(&whole, &now), None);
    // a damaged one is run again, and kept anew
    let file = fs::read_dir(lab.path("results/a/.runs"))
        .unwrap()
        .flatten()
        .next()
        .unwrap()
        .path();
    fs::write(file, "{}").unwrap();
    assert!(errors(&lab.run("run a.ron --no-figures")).contains("3 of 4 runs are kept"));
    assert_eq!(lab.records("results/a").len(), 1);
    assert!(errors(&lab.run("run a.ron --no-figures")).contains("all 4 runs are kept"));
}

/// A record takes at most half of what its rows take in `metrics.csv`.
#[test]
fn records_are_compact() {
    for spec in [
        SHORT.replace("[Steps(0), End]", "[]"),
        "(task: Xor(samples: 64, test: 64), network: [4], stop: Epochs(2), batch: 8, arms: [Backprop])".into(),
        "(task: Iris, network: [8], stop: Epochs(50), seeds: 2, arms: [KolenPollack])".into(),
        "(task: Digits, network: [16, 8], stop: Epochs(1), seeds: 2, precision: F64, arms: [NodePerturbation])".into(),
    ] {
        let lab = Lab::new(&spec);
        lab.succeed("run a.ron --quiet --no-figures");
        let kept: usize = lab.records("results/a").iter().map(Vec::len).sum();
        let rows = fs::metadata(lab.path("results/a/metrics.csv")).unwrap().len() as usize;
        println!("{kept} bytes kept of {rows}: {:.2}", kept as f64 / rows as f64);
        assert!(2 * kept <= rows, "{kept} bytes kept of {rows}: {spec}");
    }
}

#[test]
fn weights_belong_to_the_run_they_stand_under() {
    let two = |first: &str, second: &str| {
        SHORT.replace(
            "[Backprop, OutputOnly]",
            &format!("[(label: \"{first}\", rule: Backprop), (label: \"{second}\", rule: OutputOnly)]"),
        )
    };
    let lab = Lab::new(&two("one", "two"));
    lab.succeed("run a.ron --quiet --no-figures");
    let before = lab.tree("results/a");
    // labels change places
    lab.write("a.ron", &two("two", "one"));
    lab.succeed("run a.ron --quiet --no-figures");
    lab.succeed("run a.ron --quiet --no-figures --out whole");
    assert_eq!(difference(&lab.tree("whole/a"), &lab.tree("results/a")), None);
    let file = |tree: &std::collections::BTreeMap<String, Vec<u8>>, arm: &str| {
        tree[&format!("weights/{arm}/0/step-4.safetensors")].clone()
    };
    assert!(file(&before, "one") != file(&before, "two"));
    assert!(file(&before, "one") == file(&lab.tree("results/a"), "two"));
    // a file is lost, another is damaged
    fs::remove_file(lab.path("results/a/weights/one/0/step-4.safetensors")).unwrap();
    fs::write(lab.path("results/a/weights/one/1/step-0.safetensors"), "damaged").unwrap();
    let output = lab.run("run a.ron --no-figures");
    assert!(errors(&output).contains("2 of 4 runs are kept"), "{}", errors(&output));
    assert_eq!(difference(&lab.tree("whole/a"), &lab.tree("results/a")), None);
    // a shorter run leaves nothing of the longer one
    lab.write("a.ron", &two("two", "one").replace("Epochs(2)", "Steps(3)"));
    lab.succeed("run a.ron --quiet --no-figures");
    lab.succeed("run a.ron --quiet --no-figures --fresh --out whole");
    let weights = |results: &str| -> Vec<String> {
        lab.tree(results)
            .into_keys()
            .filter(|name| name.starts_with("weights/"))
            .collect()
    };
    assert_eq!(weights("results/a"), weights("whole/a"));
}
