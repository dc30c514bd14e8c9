//! Hold the bits of products, functions, random numbers, trained weights and tables to digests that are the same on every processor.
//!
//! The table, `digests.txt`, was recorded: it says nothing about accuracy, which is tested elsewhere, only that two processors, two paths
//! through one, or two numbers of threads agree. It changes with `NUMERICS_VERSION` alone, `UPDATE_DIGESTS=1 cargo test --release --test
//! bits` writes it, and `tests/processors.sh` prints it side by side for processors that it emulates.

#[path = "../common/mod.rs"]
mod common;
#[path = "../factors/mod.rs"]
mod factors;
mod known;
mod linear_algebra;
mod tables;
mod weights;

use creditlab::linalg::{SIMD, paths, simd};
use known::{Digests, UPDATE, check};
use std::process::{Command, Output};

/// Digests that take seconds, also where multiply-adds are made in software.
fn small() -> Digests {
    [linear_algebra::made(), weights::made(), tables::made()].concat()
}

/// All digests, in the order of the table.
fn all() -> Digests {
    [small(), tables::quickstart()].concat()
}

#[test]
fn digests_are_those_of_the_table() {
    println!("path: {}", simd().unwrap_or_else(|refusal| panic!("{refusal}")));
    let made = small();
    check(&made);
    let known = known::table()
        .keys()
        .filter(|name| !name.starts_with(tables::QUICKSTART));
    assert_eq!(made.len(), known.count(), "the table has others besides");
}

#[test]
fn the_quickstart_is_that_of_the_table() {
    check(&tables::quickstart());
}

/// The first test again, in a process that takes another path.
fn on(path: &str) -> Output {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "digests_are_those_of_the_table", "--nocapture"]);
    command.env(SIMD, path).env_remove(UPDATE).output().unwrap()
}

#[test]
fn every_path_has_the_digests_of_the_table() {
    known::table(); // is written before other processes read it
    for path in paths() {
        let output = on(path);
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(
            output.status.success() && text.contains(&format!("path: {path}\n")),
            "{path}: {text}{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

/// What they are is printed for `tests/processors.sh`.
#[test]
fn paths_differ() {
    let paths: Vec<_> = paths().collect();
    println!("paths: {}", paths.join(" "));
    let different: std::collections::BTreeSet<_> = paths.iter().collect();
    assert!(
        different.len() == paths.len() && paths.contains(&"portable"),
        "{paths:?}"
    );
}

#[test]
fn a_path_that_is_unknown_is_refused() {
    let output = on("avx3");
    assert!(!output.status.success());
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text);
    assert!(text.contains("`CREDITLAB_SIMD` is `avx3`"), "{text}");
}
