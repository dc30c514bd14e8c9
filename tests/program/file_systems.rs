//! Run on file systems that cannot do all that disks can: what is not promised there is said, and the results are the same.
#![cfg(target_os = "linux")]

use crate::support::{Lab, difference, errors};
use insta::assert_snapshot;
use std::path::PathBuf;
use std::process::{Command, Output};

const SHORT: &str = "(task: Xor(samples: 100, test: 20), network: [4], stop: Epochs(2), seeds: 2, \
     save: (weights: [End]), arms: [Backprop, OutputOnly])";

/// Answers calls of the C library as a file system would that lacks what `FAIL` names.
const SHIM: &str = r#"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int fails(const char *what, int error) {
    const char *list = getenv("FAIL");
    if (list == NULL || strstr(list, what) == NULL) return 0;
    errno = error;
    return 1;
}

/* Whether this is the operation on a plain file that is to fail, by its number. */
static int is_due(int fd) {
    static int count = 0;
    struct stat data;
    const char *at = getenv("FAIL_AT");
    return at && fstat(fd, &data) == 0 && S_ISREG(data.st_mode) && ++count == atoi(at);
}

static int error(void) {
    const char *what = getenv("FAIL_WITH");
    if (strcmp(what, "ENOSPC") == 0) return ENOSPC;
    if (strcmp(what, "EACCES") == 0) return EACCES;
    return strcmp(what, "EIO") == 0 ? EIO : EINTR;
}

int fsync(int fd) {
    struct stat data;
    int is_folder = fstat(fd, &data) == 0 && S_ISDIR(data.st_mode);
    if (is_folder && fails("sync", EINVAL)) return -1;
    if (fails("disk", EIO)) return -1;
    if (!is_folder && is_due(fd) && strcmp(getenv("FAIL_WITH"), "short") != 0) {
        errno = error();
        return -1;
    }
    return syscall(SYS_fsync, fd);
}

ssize_t write(int fd, const void *bytes, size_t length) {
    if (is_due(fd)) {
        if (strcmp(getenv("FAIL_WITH"), "short") == 0) return syscall(SYS_write, fd, bytes, (length + 1) / 2);
        /* half of it is there, as on a disk that becomes full */
        if (error() == ENOSPC) syscall(SYS_write, fd, bytes, length / 2);
        errno = error();
        return -1;
    }
    return syscall(SYS_write, fd, bytes, length);
}

int fdatasync(int fd) {
    if (is_due(fd) && strcmp(getenv("FAIL_WITH"), "short") != 0) {
        errno = error();
        return -1;
    }
    return syscall(SYS_fdatasync, fd);
}

int fchmod(int fd, mode_t mode) {
    if (fails("mode", EPERM)) return -1;
    return syscall(SYS_fchmod, fd, mode);
}

int flock(int fd, int operation) {
    if (fails("nolocks", ENOLCK) || fails("unknown", ENOSYS) || fails("broken", EIO)) return -1;
    return syscall(SYS_flock, fd, operation);
}

int closedir(void *folder) {
    /* the folder stays open: only the answer counts here */
    (void) folder;
    return fails("close", EIO) ? -1 : 0;
}
"#;

/// The compiled shim; nothing where there is no C compiler, which is said.
fn shim(lab: &Lab) -> Option<PathBuf> {
    lab.write("shim.c", SHIM);
    let library = lab.path("shim.so");
    let mut compiler = Command::new("cc");
    compiler
        .args(["-shared", "-fPIC", "-w", "-o"])
        .arg(&library)
        .arg(lab.path("shim.c"));
    match compiler.status() {
        Ok(status) => {
            assert!(status.success());
            Some(library)
        }
        Err(error) => {
            eprintln!("skipped: there is no C compiler ({error})");
            None
        }
    }
}

fn failing(lab: &Lab, shim: &PathBuf, what: &str, arguments: &str) -> Output {
    lab.command(arguments)
        .env("LD_PRELOAD", shim)
        .env("FAIL", what)
        .output()
        .unwrap()
}

#[test]
fn what_a_file_system_cannot_do_is_said_once_and_runs_go_on() {
    let lab = Lab::new(SHORT);
    let Some(shim) = shim(&lab) else { return };
    lab.succeed("run a.ron --quiet --no-figures --out whole");
    let whole = lab.tree("whole/a");
    let warnings = |what: &str| {
        let output = failing(&lab, &shim, what, &format!("run a.ron --no-figures --out {what}"));
        assert!(output.status.success(), "{what}: {}", errors(&output));
        assert_eq!(difference(&whole, &lab.tree(&format!("{what}/a"))), None, "{what}");
        let said = errors(&output);
        said.lines()
            .filter(|line| line.starts_with("warning"))
            .map(|line| format!("{line}\n"))
            .collect::<String>()
    };
    assert_snapshot!(warnings("sync"), @"warning: the file system of sync/a cannot bring folders to the disk on demand; after a loss of power the last finished runs may be missing, and are then carried out again");
    assert_snapshot!(warnings("nolocks"), @"warning: the file system of nolocks/a has no locks, so nothing keeps two processes out of one results folder; start one at a time");
    assert_eq!(warnings("unknown").replace("unknown", "nolocks"), warnings("nolocks"));
    // no file's mode is changed, and a folder that cannot be closed has been read
    assert_eq!(warnings("mode"), "");
    assert_eq!(warnings("close"), "");
    assert_eq!(warnings("sync,nolocks,mode,close").lines().count(), 2);
}

#[test]
fn a_failing_disk_is_no_missing_ability() {
    let lab = Lab::new(SHORT);
    let Some(shim) = shim(&lab) else { return };
    for (what, expected) in [
        ("broken", "error: cannot lock broken/a/.lock: Input/output error"),
        ("disk", "error: cannot sync disk/a: Input/output error"),
    ] {
        let output = failing(&lab, &shim, what, &format!("run a.ron --quiet --out {what}"));
        assert_eq!(output.status.code(), Some(1));
        let message = errors(&output);
        assert!(
            message.starts_with(expected) && message.lines().count() == 1,
            "{message}"
        );
    }
}

/// The end of reading a folder failed: a run that was finished, its figures and its comparison are the same.
#[test]
fn a_folder_that_cannot_be_closed_is_no_end_of_the_program() {
    let lab = Lab::new(SHORT);
    let Some(shim) = shim(&lab) else { return };
    std::fs::create_dir_all(lab.path("data/mnist")).unwrap();
    for (images, labels) in [
        ("train-images-idx3", "train-labels-idx1"),
        ("t10k-images-idx3", "t10k-labels-idx1"),
    ] {
        lab.write(&format!("data/mnist/{images}-ubyte"), "none");
        lab.write(&format!("data/mnist/{labels}-ubyte"), "none");
    }
    assert!(lab.succeed("data list").contains("in data/mnist, 0.0 MB"));
    for arguments in [
        "data list",
        "run a.ron --quiet",
        "run a.ron --fresh --quiet",
        "report results/a",
        "compare results/a --metric loss",
    ] {
        let output = failing(&lab, &shim, "close", arguments);
        assert!(output.status.success(), "{arguments}: {}", errors(&output));
        assert_eq!(errors(&output), "", "{arguments}");
    }
}

/// The first, second, third.. operation on a file fails: a full disk, a broken one. Each time there is one sentence, and the next call
/// continues to the same bytes. What is only interrupted, or written in part, is tried again.
#[test]
fn whichever_file_operation_fails_is_said_and_the_next_call_continues() {
    let lab = Lab::new(
        "(task: Xor(samples: 100, test: 20), network: [4], stop: Epochs(4), seeds: 2, save: (weights: [End], predictions: [End]), \
         arms: [Backprop])",
    );
    let Some(shim) = shim(&lab) else { return };
    lab.succeed("run a.ron --quiet --no-figures --out whole");
    let whole = lab.tree("whole/a");
    for error in ["ENOSPC", "EIO", "EACCES", "EINTR", "short"] {
        let mut failures = 0;
        for at in 1.. {
            assert!(at < 1000, "{error}: it never succeeds");
            let out = format!("{error}-{at}");
            // checkpoints are written all the time
            let mut command = lab.command(&format!(
                "run a.ron --quiet --no-figures --threads 1 --checkpoint 1ms --out {out}"
            ));
            command
                .env("LD_PRELOAD", &shim)
                .env("FAIL_AT", at.to_string())
                .env("FAIL_WITH", error);
            let output = command.output().unwrap();
            let said = errors(&output);
            assert!(!said.contains("panicked"), "{said}");
            if output.status.success() {
                assert_eq!(
                    difference(&whole, &lab.tree(&format!("{out}/a"))),
                    None,
                    "{error} at {at}"
                );
                match error {
                    "ENOSPC" | "EIO" => break,
                    // a file system may forbid to bring files to the disk, which is no failure
                    "EACCES" if at < 90 => continue,
                    _ if at < 40 => continue,
                    _ => break,
                }
            }
            assert_eq!(output.status.code(), Some(1), "{error} at {at}: {said}");
            assert!(
                said.starts_with("error: cannot ") && said.lines().count() == 1,
                "{error} at {at}: {said}"
            );
            let remedy = match error {
                "ENOSPC" => "; make room, and start the same command again: what is finished is kept\n",
                "EACCES" => "; give a folder that can be written to with --out\n",
                _ => "\n",
            };
            assert!(said.ends_with(remedy), "{said}");
            failures += 1;
            lab.succeed(&format!("run a.ron --quiet --no-figures --out {out}"));
            assert_eq!(
                difference(&whole, &lab.tree(&format!("{out}/a"))),
                None,
                "{error} at {at}"
            );
            std::fs::remove_dir_all(lab.path(&out)).unwrap();
        }
        println!("{error}: {failures} operations failed");
        let fatal = ["ENOSPC", "EIO", "EACCES"].contains(&error);
        // seven files at least are written and brought to the disk, however many checkpoints there is time for
        assert_eq!(failures > 10, fatal, "{error}: {failures} failures");
        assert!(fatal || failures == 0, "{error}: {failures} failures");
    }
}
