//! Tell the program which compiler and which commit it was built from, for the manifest of its results.

use std::process::Command;

fn main() {
    let compiler = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = output(Command::new(compiler).arg("--version")).unwrap_or_else(|| "unknown".into());
    println!("cargo::rustc-env=CREDITLAB_COMPILER={version}");
    // outside a repository, or without git, there is no commit to speak of
    if std::path::Path::new(".git").exists()
        && let Some(commit) = output(Command::new("git").args(["describe", "--always", "--dirty", "--abbrev=40"]))
    {
        println!("cargo::rustc-env=CREDITLAB_COMMIT={commit}");
    }
    // the log of commits, not the index, which any look at the tree touches; what makes the tree dirty is compiled anew in any case
    let log = output(Command::new("git").args(["rev-parse", "--git-path", "logs/HEAD"]));
    // a file that is not there would count as changed at every build
    if let Some(log) = log.filter(|log| std::path::Path::new(log).exists()) {
        println!("cargo::rerun-if-changed={log}");
    }
    println!("cargo::rerun-if-changed=src");
    println!("cargo::rerun-if-changed=Cargo.lock");
    println!("cargo::rerun-if-changed=build.rs");
}

fn output(command: &mut Command) -> Option<String> {
    let output = command.output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8(output.stdout).ok()?.trim().to_string())
}
