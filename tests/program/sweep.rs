//! Check a sweep of two hundred runs: it shows how far it is, survives being killed, and ends in the same bytes.

use crate::support::{Lab, difference, errors};
use std::time::{Duration, Instant};

/// 20 arms with 10 seeds each, and 2 trials of 3 seeds for each arm before them.
const SWEEP: &str = "(
    task: Digits,
    network: (hidden: [Each([8, 12])], init: LeCun(gain: Each([0.5, 1]))),
    optimizer: Sgd(learning_rate: Tune([0.1, 0.05])),
    stop: Epochs(2),
    measure: (probe: 32),
    arms: [Backprop, FeedbackAlignment, DirectFeedbackAlignment, SignSymmetry, OutputOnly],
)";

#[test]
fn two_hundred_runs_are_killed_and_continued_to_the_same_bytes() {
    let lab = Lab::new(SWEEP);
    let clock = Instant::now();
    lab.succeed("run a.ron --quiet --no-figures --out whole");
    let (whole, length) = (lab.tree("whole/a"), clock.elapsed());
    assert_eq!(lab.table("whole/a/runs.csv").rows.len(), 200);
    assert_eq!(lab.table("whole/a/tuning.csv").rows.len(), 20 * 2 * 3);

    // the second of these falls into the tuning, the others wherever the machine is by then
    for share in [0.2, 0.05, 0.3, 0.25] {
        let mut child = lab.start("run a.ron --quiet --no-figures --out broken --threads 3");
        std::thread::sleep(length.mul_f64(share));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let said = errors(&lab.run("run a.ron --no-figures --out broken"));
    assert!(said.contains("runs are kept from an earlier call"), "{said}");
    assert_eq!(difference(&whole, &lab.tree("broken/a")), None);
}

/// Where there is no terminal, a line every five seconds says how far the sweep is.
#[test]
fn a_sweep_says_how_far_it_is() {
    let lab = Lab::new(&SWEEP.replace("Epochs(2)", "Epochs(2000)"));
    let mut child = lab.start("run a.ron --no-figures --threads 1");
    std::thread::sleep(Duration::from_secs(12));
    child.kill().unwrap();
    let said = errors(&child.wait_with_output().unwrap());
    assert!(said.starts_with("a (tuning): 120 runs, "), "{said}");
    let lines: Vec<_> = said.lines().filter(|line| line.contains(" %, ")).collect();
    assert!(lines.len() >= 2, "{said}");
    assert!(lines.iter().all(|line| line.contains(" steps/s, ")), "{said}");
}
