//! Hold the program to its limits: what it reads, how much it takes, what it says on a terminal.

use crate::support;
use crate::support::{Lab, errors};
use std::fs;
use std::process::{Output, Stdio};

const SMALL: &str =
    "(task: Xor(samples: 40, test: 20), network: [4], stop: Epochs(1), seeds: 2, arms: [Backprop, OutputOnly])";

/// All that the program said.
fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &errors(output)
}

/// Nothing in it makes a terminal do anything but show it.
#[track_caller]
fn steers_nothing(text: &str) {
    let steers = text.chars().find(|c| c.is_control() && !matches!(c, '\n' | '\t'));
    assert_eq!(steers, None, "{}", text.escape_debug());
}

/// Every file that an experiment names is asked to be a plain one; a pipe that nobody writes to would be waited for, for ever.
#[cfg(unix)]
#[test]
fn what_is_no_plain_file_is_refused_wherever_a_file_is_read() {
    let experiments = [
        (
            "weights",
            "task: Xor, network: (hidden: [4], init: File(\"FILE\")), arms: [Backprop]",
        ),
        (
            "feedback",
            "task: Xor, network: [4], arms: [FeedbackAlignment(feedback: (file: \"FILE\"))]",
        ),
        ("folds", "task: Iris, split: Folds(file: \"FILE\"), arms: [Backprop]"),
        ("Csv", "task: Csv(path: \"FILE\", target: \"y\"), arms: [Backprop]"),
        ("Npy", "task: Npy(x: \"FILE\", y: \"FILE\"), arms: [Backprop]"),
        ("Idx", "task: Idx(images: \"FILE\", labels: \"FILE\"), arms: [Backprop]"),
    ];
    let lab = Lab::new(SMALL);
    pipe(&lab, "pipe");
    for (what, experiment) in experiments {
        for (file, kind) in [("pipe", "a pipe"), ("/dev/zero", "a device")] {
            lab.write("b.ron", &format!("({})", experiment.replace("FILE", file)));
            let message = lab.fail("check b.ron", 2);
            assert!(
                message.contains(&format!("it is {kind}, no plain file")),
                "{what}: {message}"
            );
            assert!(!message.contains("Backprop`"), "{what}: {message}");
        }
    }
    let message = lab.fail("check pipe", 2);
    assert_eq!(
        message,
        "error: pipe: cannot read this file: it is a pipe, no plain file\n"
    );
    let message = lab.fail("check /dev/zero", 2);
    assert_eq!(
        message,
        "error: /dev/zero: cannot read this file: it is a device, no plain file\n"
    );
}

#[cfg(unix)]
fn pipe(lab: &Lab, name: &str) {
    let made = std::process::Command::new("mkfifo")
        .arg(lab.path(name))
        .status()
        .unwrap();
    assert!(made.success());
}

/// The files of a result likewise; nothing is carried out beside links and pipes.
#[cfg(unix)]
#[test]
fn what_is_no_plain_file_is_refused_in_a_result() {
    let lab = Lab::new(SMALL);
    lab.succeed("run a.ron --no-figures");
    let records = lab.segments("results/a");
    assert_eq!((records.len(), lab.records("results/a").len()), (1, 4));
    for zero in [true, false] {
        let before = fs::read(&records[0]).unwrap();
        fs::remove_file(&records[0]).unwrap();
        match zero {
            true => std::os::unix::fs::symlink("/dev/zero", &records[0]).unwrap(),
            false => pipe(&lab, records[0].to_str().unwrap()),
        }
        let message = lab.fail("run a.ron --no-figures", 1);
        let kind = if zero { "is a symbolic link" } else { "no plain file" };
        assert!(message.contains(kind), "{message}");
        fs::remove_file(&records[0]).unwrap();
        fs::write(&records[0], before).unwrap();
    }
    for table in ["runs.csv", "metrics.csv", "arms.csv", "summary.csv"] {
        let path = format!("results/a/{table}");
        let before = fs::read(lab.path(&path)).unwrap();
        for (file, kind) in [("/dev/zero", "a device"), ("pipe", "a pipe")] {
            fs::remove_file(lab.path(&path)).unwrap();
            match file {
                "pipe" => pipe(&lab, &path),
                zero => std::os::unix::fs::symlink(zero, lab.path(&path)).unwrap(),
            }
            let output = lab.run("report results/a");
            let message = errors(&output);
            let refused = [kind, "no plain file", "is a symbolic link", "holds no results"];
            let refused = refused.iter().any(|words| message.contains(words));
            assert!(refused && !output.status.success(), "{table}: {message}");
        }
        fs::remove_file(lab.path(&path)).unwrap();
        fs::write(lab.path(&path), before).unwrap();
    }
    lab.succeed("report results/a");
}

#[test]
fn an_accuracy_that_none_can_be_is_refused_at_its_place() {
    let lab = Lab::new(SMALL);
    lab.succeed("run a.ron --no-figures");
    let path = lab.path("results/a/summary.csv");
    let text = fs::read_to_string(&path).unwrap();
    let line = text
        .lines()
        .position(|line| line.starts_with("backprop,accuracy,test,"))
        .unwrap();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let mut cells: Vec<&str> = lines[line].split(',').collect();
    cells[9] = "-1e308";
    lines[line] = cells.join(",");
    fs::write(&path, lines.join("\n") + "\n").unwrap();
    // as of a version that wrote no checksums
    fs::remove_file(lab.path("results/a/manifest.json")).unwrap();
    let message = lab.fail("report results/a", 1);
    let expected = format!(
        "results/a/summary.csv:{}: column `mean`: `-1e308` is no share from 0 to 1",
        line + 1
    );
    assert!(message.contains(&expected), "{message}");
}

/// Control characters of labels are refused; those of arguments, files and tables of others are shown, never sent.
#[test]
fn nothing_that_others_wrote_steers_a_terminal() {
    let lab = Lab::new(SMALL);
    let steer = "\u{1b}[2J\u{1b}]0;title\u{7}\u{9b}1m";
    lab.write(
        "b.ron",
        &SMALL.replace("OutputOnly", &format!("(label: \"x{steer}\", rule: OutputOnly)")),
    );
    lab.write("c.ron", &SMALL.replace("Backprop", &format!("Backprop{steer}")));
    for arguments in [
        &["check", "b.ron"][..],
        &["check", "c.ron"],
        &["check", &format!("none{steer}.ron")],
        &["check", "a.ron", &format!("--seeds={steer}")],
        &["check", "a.ron", &format!("--{steer}")],
        &["check", "a.ron", "--set", &format!("optimizer.{steer}=1")],
        &["rules", steer],
        &["data", "fetch", steer],
        &["compare", steer, "--metric", "accuracy"],
        &[steer],
    ] {
        let output = lab.command("").args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let said = said(&output);
        steers_nothing(&said);
        // the reader of arguments leaves sequences out of what it repeats
        let shown = ["\\u{1b}", "\u{241b}", "\\u{9b}"]
            .iter()
            .any(|steer| said.contains(steer));
        assert!(shown, "{arguments:?} shows what it is: {said}");
    }
    // a table of somebody else
    lab.succeed("run a.ron --no-figures");
    for table in ["arms.csv", "runs.csv", "metrics.csv", "summary.csv"] {
        let path = lab.path("results/a").join(table);
        let text = fs::read_to_string(&path).unwrap();
        let steered = text.replace("output-only", &format!("\"output{steer}\n{}\"", "x".repeat(70_000)));
        fs::write(&path, steered).unwrap();
    }
    let output = lab.run("compare results/a --metric accuracy");
    steers_nothing(&said(&output));
    if output.status.success() {
        let widest = said(&output).lines().map(|line| line.chars().count()).max().unwrap();
        assert!(widest < 300, "{widest} characters");
        assert!(said(&output).contains("output\\u{1b}[2J"));
    }
}

/// Help and version are the program's own words, and go to standard output.
#[test]
fn help_is_no_error() {
    let lab = Lab::new(SMALL);
    for arguments in ["--help", "run --help", "--version"] {
        let output = lab.run(arguments);
        assert!(output.status.success() && output.stderr.is_empty());
        assert!(String::from_utf8(output.stdout).unwrap().contains("creditlab"));
    }
    let message = lab.fail("check a.ron --thread 3", 2);
    assert!(
        message.starts_with("error: unexpected argument '--thread' found"),
        "{message}"
    );
}

/// `nohup` ignores the signal of a terminal that goes away; so does the program that it starts.
#[cfg(target_os = "linux")]
#[test]
fn an_ignored_hang_up_stays_ignored() {
    use support::{signal, wait};
    let long = "(task: Digits, network: [64], stop: Epochs(2), seeds: 20, arms: [Backprop])";
    let lab = Lab::new(long);
    let script = format!(
        "trap '' HUP; exec {} run a.ron --threads 1 --no-figures",
        env!("CARGO_BIN_EXE_creditlab")
    );
    let mut command = std::process::Command::new("sh");
    command
        .args(["-c", &script])
        .current_dir(lab.path(""))
        .stdin(Stdio::null());
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let kept = || lab.records("results/a").len();
    assert!(wait(std::time::Duration::from_secs(60), || kept() >= 1));
    signal(&child, "HUP");
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", errors(&output));
    assert_eq!(kept(), 20);
}

/// What cannot fit is said before it is asked for.
#[cfg(target_os = "linux")]
#[test]
fn more_than_the_memory_is_refused_in_a_sentence() {
    let limited = |lab: &Lab, arguments: &str| {
        let script = format!(
            "ulimit -v 2000000; exec {} {arguments}",
            env!("CARGO_BIN_EXE_creditlab")
        );
        let mut command = std::process::Command::new("sh");
        command
            .args(["-c", &script])
            .current_dir(lab.path(""))
            .output()
            .unwrap()
    };
    let lab = Lab::new(
        "(task: Blobs(samples: 60000000, inputs: 5), network: [4], stop: Steps(1), seeds: 1, arms: [Backprop])",
    );
    let output = limited(&lab, "run a.ron --threads 1");
    let message = errors(&output);
    assert_eq!(output.status.code(), Some(2), "{message}");
    assert!(
        message.contains(" GB of memory are needed, and ") && message.contains("fewer samples"),
        "{message}"
    );
    assert!(!lab.path("results").exists());
    let output = limited(&lab, "gradcheck a.ron");
    assert_eq!(output.status.code(), Some(2), "{}", errors(&output));
    assert!(
        errors(&output).contains(" GB of memory are needed, and "),
        "{}",
        errors(&output)
    );

    lab.write(
        "b.ron",
        "(task: Xor, network: [15000, 15000], stop: Steps(1), seeds: 1, arms: [Backprop])",
    );
    let output = limited(&lab, "check b.ron");
    let message = errors(&output);
    assert_eq!(output.status.code(), Some(2), "{message}");
    assert!(
        message.contains("b.ron:1:22") && message.contains("about 2.7 GB of memory are needed, and "),
        "{message}"
    );
    // several threads hold a network each
    lab.write(
        "c.ron",
        "(task: Xor, network: [7000, 7000], stop: Steps(1), seeds: 20, arms: [Backprop])",
    );
    let output = limited(&lab, "run c.ron --threads 16");
    assert_eq!(output.status.code(), Some(2), "{}", errors(&output));
    assert!(errors(&output).contains("--threads 1"), "{}", errors(&output));
    // what does fit is run
    lab.write("d.ron", SMALL);
    assert!(limited(&lab, "run d.ron --threads 1").status.success());
}

#[test]
fn limits_refuse_and_never_cut() {
    let lab = Lab::new(SMALL);
    assert!(
        lab.succeed("check a.ron --seeds 20000")
            .contains("runs       40000 in F32")
    );
    let message = lab.fail("check a.ron --seeds 1000001", 2);
    assert!(
        message.contains("at most 1000000 seeds are possible, and these are 1000001"),
        "{message}"
    );
    let arms = ["(label: \"N\", rule: Backprop)"; 11];
    let arms: Vec<String> = arms
        .iter()
        .enumerate()
        .map(|(i, arm)| arm.replace('N', &i.to_string()))
        .collect();
    lab.write(
        "b.ron",
        &format!("(task: Xor, seeds: 1000000, arms: [{}])", arms.join(", ")),
    );
    let message = lab.fail("check b.ron", 2);
    assert!(
        message.contains("these are 11000000 runs; at most 10000000 are possible"),
        "{message}"
    );
}
