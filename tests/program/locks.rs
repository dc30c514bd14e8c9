//! Let several processes work on one results folder: one runs, the others say who does.
#![cfg(unix)]

use crate::support::{Lab, errors, wait};
use std::time::{Duration, Instant};

/// One run that is over at once, and one that is not over today.
const ENDLESS: &str = "(task: Xor(samples: 40, test: 20), network: [4], seeds: 1, \
     arms: [(rule: Backprop, stop: Epochs(1)), (rule: OutputOnly, stop: Steps(1000000000))])";

#[test]
fn two_processes_never_share_a_folder_and_no_lock_outlives_its_process() {
    let lab = Lab::new(ENDLESS);
    let mut child = lab.start("run a.ron");
    assert!(wait(Duration::from_secs(30), || lab.records("results/a").len() == 1));
    for arguments in ["run a.ron", "run a.ron --fresh", "run a.ron --threads 1"] {
        let clock = Instant::now();
        let message = lab.fail(arguments, 1);
        assert!(clock.elapsed() < Duration::from_secs(1), "{:?}", clock.elapsed());
        assert!(
            message.contains("results/a") && message.contains("another process"),
            "{message}"
        );
        assert_eq!(message.lines().count(), 1, "{message}");
    }
    assert_eq!(lab.records("results/a").len(), 1, "--fresh has touched nothing");
    lab.succeed("check a.ron");
    child.kill().unwrap();
    child.wait().unwrap();
    lab.write("a.ron", &ENDLESS.replace("1000000000", "10"));
    let output = lab.run("run a.ron --no-figures");
    assert!(output.status.success());
    assert!(errors(&output).contains("1 of 2 runs are kept"), "{}", errors(&output));
}

/// Figures of one result in the middle of another's tables would be of neither.
#[test]
fn figures_are_not_drawn_while_runs_are_carried_out() {
    let lab = Lab::new(ENDLESS);
    lab.write("a.ron", &ENDLESS.replace("1000000000", "10"));
    lab.succeed("run a.ron --quiet");
    lab.write("a.ron", ENDLESS);
    let mut child = lab.start("run a.ron");
    assert!(wait(Duration::from_secs(30), || lab
        .path("results/a/.runs/.experiment")
        .exists()));
    let message = lab.fail("report results/a", 1);
    assert!(message.contains("another process"), "{message}");
    #[cfg(target_os = "linux")]
    assert!(
        message.contains(&format!("({}) is at work in results/a", child.id())),
        "{message}"
    );
    child.kill().unwrap();
    child.wait().unwrap();
    lab.succeed("report results/a");
}

#[test]
fn of_many_starters_one_runs() {
    let lab = Lab::new(ENDLESS);
    let mut starters: Vec<_> = (0..8).map(|_| lab.start("run a.ron --threads 1")).collect();
    let ended = |starters: &mut Vec<std::process::Child>| -> usize {
        starters
            .iter_mut()
            .filter_map(|child| child.try_wait().unwrap())
            .count()
    };
    assert!(wait(Duration::from_secs(30), || ended(&mut starters) == 7));
    std::thread::sleep(Duration::from_millis(100));
    assert_eq!(ended(&mut starters), 7);
    for mut child in starters {
        let status = child.try_wait().unwrap().map(|status| status.code());
        assert!(matches!(status, None | Some(Some(1))), "{status:?}");
        child.kill().unwrap();
        child.wait().unwrap();
    }
}
