//! Stop and kill the program in the middle of runs: they go on from their checkpoints, and come to the same bytes.
#![cfg(unix)]

use crate::support::{Lab, difference, errors, kill, signal, wait};
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

/// Two runs of a second or more each, on any machine, and nothing that ends earlier.
const LONG: &str = "(task: Xor(samples: 100, test: 40), network: [8], batch: 10, stop: Epochs(60000), warm_up: Steps(20), seeds: 2, \
     measure: (every: Epochs(6000), probe: 32), save: (weights: [Every(Epochs(20000)), Best, End], predictions: [Best]), \
     arms: [(rule: KolenPollack, shadows: [NodePerturbation], optimizer: Adam(learning_rate: 0.001))])";

/// The files of checkpoints that are there.
fn checkpoints(lab: &Lab, results: &str) -> Vec<PathBuf> {
    let files = fs::read_dir(lab.path(results).join(".runs/.checkpoints"));
    let files = files.map_or(Vec::new(), |files| files.flatten().map(|file| file.path()).collect());
    files
        .into_iter()
        .filter(|path| !path.to_string_lossy().contains("unfinished"))
        .collect()
}

#[test]
fn a_signal_leaves_a_checkpoint_that_the_next_call_goes_on_from() {
    let lab = Lab::new(LONG);
    lab.succeed("run a.ron --quiet --no-figures --out whole");
    let whole = lab.tree("whole/a");
    for name in ["TERM", "INT"] {
        let out = format!("--out {name}");
        let child = lab.start(&format!("run a.ron --no-figures --threads 1 {out}"));
        assert!(lab.wait_for(&format!("{name}/a/.lock")));
        std::thread::sleep(Duration::from_millis(100));
        assert!(
            checkpoints(&lab, &format!("{name}/a")).is_empty(),
            "a minute has not gone by"
        );
        signal(&child, name);
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(130), "{}", errors(&output));
        assert_eq!(checkpoints(&lab, &format!("{name}/a")).len(), 1);
        let output = lab.run(&format!("run a.ron --no-figures {out}"));
        assert!(output.status.success(), "{}", errors(&output));
        assert!(
            errors(&output).contains("\na: 2 runs, 1080000 steps; one goes on from a checkpoint\n"),
            "{}",
            errors(&output)
        );
        assert_eq!(difference(&whole, &lab.tree(&format!("{name}/a"))), None);
    }
}

#[test]
fn a_damaged_checkpoint_is_said_and_the_other_or_the_start_taken() {
    let lab = Lab::new(&LONG.replace("seeds: 2", "seeds: 1"));
    lab.succeed("run a.ron --quiet --no-figures --out whole");
    let whole = lab.tree("whole/a");
    let stopped = || {
        let mut child = lab.start("run a.ron --no-figures --threads 1 --checkpoint 20ms");
        assert!(wait(Duration::from_secs(30), || checkpoints(&lab, "results/a").len() == 2));
        child.kill().unwrap();
        child.wait().unwrap();
        let mut files = checkpoints(&lab, "results/a");
        files.sort_by_key(|path| fs::metadata(path).unwrap().modified().unwrap());
        files
    };
    let damage = |path: &PathBuf| {
        let mut bytes = fs::read(path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 4;
        fs::write(path, bytes).unwrap();
    };
    let goes_on = |expected: &str, times: usize| {
        let output = lab.run("run a.ron --no-figures");
        let said = errors(&output);
        assert!(output.status.success(), "{said}");
        assert_eq!(said.matches(" is damaged").count(), times, "{said}");
        assert!(said.contains(expected), "{said}");
        assert_eq!(difference(&whole, &lab.tree("results/a")), None);
        fs::remove_dir_all(lab.path("results")).unwrap();
    };
    let other = "KolenPollack, seed 0, goes on from its other checkpoint, at step ";
    let files = stopped();
    damage(&files[1]);
    goes_on(other, 1);
    let files = stopped();
    damage(&files[0]);
    goes_on(other, 1);
    let files = stopped();
    files.iter().for_each(damage);
    goes_on("KolenPollack, seed 0, begins again", 2);
}

#[test]
fn a_run_that_is_killed_again_and_again_comes_to_the_same_bytes() {
    let lab = Lab::new(LONG);
    lab.succeed("run a.ron --quiet --out whole");
    let whole = lab.tree("whole/a");
    let mut state = 1_u64;
    let (mut kills, mut rounds) = (0, 0);
    while kills < 25 {
        rounds += 1;
        assert!(rounds < 20, "the program ends before it can be killed");
        let out = format!("round{rounds}");
        loop {
            let child = lab.start(&format!(
                "run a.ron --quiet --out {out} --threads {} --checkpoint 20ms",
                1 + rounds % 2
            ));
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            std::thread::sleep(Duration::from_millis(20 + (state >> 33) % 300));
            if !kill(child, kills == 25) {
                break;
            }
            kills += 1;
        }
        let tree = lab.tree(&format!("{out}/a"));
        assert_eq!(difference(&whole, &tree), None);
        let stray = tree
            .keys()
            .find(|name| name.contains("unfinished") || name.contains("checkpoints"));
        assert_eq!(stray, None);
    }
}

#[test]
fn how_often_is_a_time_with_a_unit_or_never() {
    let lab = Lab::new("(task: Xor(samples: 40, test: 20), network: [4], stop: Epochs(2), seeds: 1, arms: [Backprop])");
    for wrong in ["60", "fast", "-1s", "1e99h", "nans"] {
        let message = lab.fail(&format!("run a.ron --checkpoint={wrong}"), 2);
        assert!(message.contains("--checkpoint"), "{message}");
    }
    for right in ["0", "0s", "20ms", "1h30m", "5m"] {
        lab.succeed(&format!("run a.ron --quiet --no-figures --checkpoint {right}"));
    }
}
