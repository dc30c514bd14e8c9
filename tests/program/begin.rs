//! Begin with the program: a first experiment, a package for a rule of one's own, completions, manual pages.

use crate::support::{Lab, errors};
use std::fs;
use std::path::Path;

const SMALL: &str = "(task: Xor(samples: 40, test: 20), network: [4], stop: Epochs(2), seeds: 1, arms: [Backprop])";

#[test]
fn a_first_experiment_is_written_once_and_can_be_run() {
    let lab = Lab::new(SMALL);
    let said = lab.succeed("init");
    for line in [
        "first.ron is a first experiment; next:",
        "creditlab check first.ron ",
        "creditlab run first.ron ",
    ] {
        assert!(said.lines().any(|known| known.starts_with(line)), "{said}");
    }
    assert!(lab.succeed("check first.ron").contains("runs       20 in F32"));
    assert!(
        lab.read("first.ron")
            .lines()
            .filter(|line| line.contains("// "))
            .count()
            > 8,
        "it is commented"
    );
    lab.write("first.ron", SMALL);
    let message = lab.fail("init", 2);
    assert!(
        message.contains("first.ron is there already and stays as it is; name another folder"),
        "{message}"
    );
    assert_eq!(lab.read("first.ron"), SMALL);
    assert!(lab.succeed("init new/er").contains("creditlab run new/er/first.ron"));
    lab.succeed("run new/er/first.ron --quiet --no-figures --seeds 1 --set stop=Steps(2)");
    let message = lab.fail("init a.ron", 1);
    assert!(message.contains("cannot make the folder a.ron: "), "{message}");
}

#[test]
fn the_first_experiment_is_that_of_the_readme() {
    let lab = Lab::new(SMALL);
    lab.succeed("init");
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    assert!(readme.contains(&format!("```ron\n{}```", lab.read("first.ron"))));
}

/// That it compiles and keeps the laws is tried by `tests/new-rule.sh`.
#[test]
fn a_package_for_a_rule_is_written_where_nothing_is() {
    let lab = Lab::new(SMALL);
    let said = lab.succeed("new-rule SlowFeedback");
    for part in [
        "slow-feedback-rule is a package with the rule `SlowFeedback`",
        "cargo test ",
    ] {
        assert!(said.contains(part), "{said}");
    }
    let manifest = lab.read("slow-feedback-rule/Cargo.toml");
    assert!(
        manifest.contains(&format!("creditlab = \"{}\"\n", env!("CARGO_PKG_VERSION"))),
        "{manifest}"
    );
    for file in ["Cargo.toml", "src/main.rs", "experiments/compare.ron", "README.md"] {
        let text = lab.read(&format!("slow-feedback-rule/{file}"));
        let left = ["NoSlope", "no-slope", "__creditlab__"].map(|word| text.contains(word));
        assert_eq!(left, [false; 3], "{file}: {text}");
    }
    let message = lab.fail("new-rule SlowFeedback", 2);
    assert!(
        message.contains("slow-feedback-rule is not empty; name another folder"),
        "{message}"
    );

    let root = env!("CARGO_MANIFEST_DIR");
    lab.succeed(&format!("new-rule SlowFeedback by/path --path {root}"));
    let manifest = lab.read("by/path/Cargo.toml");
    assert!(
        manifest.contains(&format!("creditlab = {{ path = \"{root}\" }}")),
        "{manifest}"
    );
    lab.succeed("new-rule SlowFeedback by/git --git https://example.org/creditlab");
    let manifest = lab.read("by/git/Cargo.toml");
    assert!(
        manifest.contains("creditlab = { git = \"https://example.org/creditlab\" }"),
        "{manifest}"
    );
}

#[test]
fn a_package_that_could_not_be_built_is_refused() {
    let lab = Lab::new(SMALL);
    for (arguments, parts) in [
        (
            "new-rule slow-feedback",
            ["`slow-feedback` does not begin with a capital", "such as SlowFeedback"],
        ),
        ("new-rule Slow_Feedback", ["letters and digits", "such as SlowFeedback"]),
        ("new-rule Backprop", ["`Backprop` is a rule that there is", "choose"]),
        ("new-rule Scalar", ["is taken by what the package uses", "choose"]),
        (
            "new-rule SlowFeedback --path results",
            ["--path: results holds no Cargo.toml", "source of creditlab"],
        ),
        (
            "new-rule SlowFeedback --path . --git x",
            ["--path <DIR>", "cannot be used with"],
        ),
        ("new-rule", ["<NAME>", "Usage"]),
    ] {
        let message = lab.fail(arguments, 2);
        assert!(
            parts.iter().all(|part| message.contains(part)),
            "{arguments}: {message}"
        );
    }
    assert!(!lab.path("slow-feedback-rule").exists(), "nothing was begun");
}

#[test]
fn completions_and_manual_pages_are_written() {
    let lab = Lab::new(SMALL);
    for (shell, part) in [
        ("bash", "complete -F"),
        ("zsh", "#compdef creditlab"),
        ("fish", "complete -c creditlab"),
    ] {
        let script = lab.succeed(&format!("completions {shell}"));
        assert!(script.contains(part), "{shell}: {script}");
    }
    let message = lab.fail("completions tcsh", 2);
    assert!(message.contains("[possible values: bash, zsh, fish]"), "{message}");
    let said = lab.succeed("man pages/man1");
    assert!(said.ends_with(" pages in pages/man1\n"), "{said}");
    let page = lab.read("pages/man1/creditlab-run.1");
    assert!(
        page.contains(".TH creditlab-run 1") && page.contains("\\-\\-seeds"),
        "{page}"
    );
    assert!(lab.path("pages/man1/creditlab.1").exists() && !lab.path("pages/man1/creditlab-help.1").exists());
    let message = lab.fail("man a.ron", 1);
    assert!(message.contains("cannot write manual pages in a.ron: "), "{message}");
}

/// What a command writes to a terminal, with its status; nothing where no terminal can be made.
#[cfg(target_os = "linux")]
fn on_a_terminal(lab: &Lab, arguments: &str, no_color: bool) -> Option<String> {
    use std::process::{Command, Stdio};
    let line = format!("{} {arguments}", env!("CARGO_BIN_EXE_creditlab"));
    let mut command = Command::new("script");
    command
        .args(["--quiet", "--return", "--command", &line, "/dev/null"])
        .current_dir(lab.path(""));
    command
        .env("TERM", "xterm-256color")
        .env_remove("NO_COLOR")
        .stdin(Stdio::null());
    if no_color {
        command.env("NO_COLOR", "1");
    }
    let output = command.output().ok()?;
    assert!(output.status.success(), "{line}: {}", errors(&output));
    Some(String::from_utf8(output.stdout).unwrap())
}

#[test]
#[cfg(target_os = "linux")]
fn a_plain_terminal_gets_no_colours_no_bars_and_no_drawn_characters() {
    let lab = Lab::new(SMALL);
    let (escape, bar) = ("\u{1b}", ['\u{2588}', '\u{2591}']);
    let Some(coloured) = on_a_terminal(&lab, "run --help", false) else {
        return eprintln!("skipped: there is no `script` to make a terminal with");
    };
    assert!(coloured.contains(escape), "headings stand out: {coloured:?}");
    for (arguments, no_color) in [
        ("run --help", true),
        ("run --help --plain", false),
        ("--plain run --help", false),
    ] {
        let said = on_a_terminal(&lab, arguments, no_color).unwrap();
        assert!(
            said.contains("--seeds") && !said.contains(escape),
            "{arguments}: {said:?}"
        );
    }
    let run = "run a.ron --fresh --no-figures";
    let drawn = on_a_terminal(&lab, run, false).unwrap();
    assert!(drawn.contains(bar) && drawn.contains(escape), "{drawn:?}");
    let plain = on_a_terminal(&lab, &format!("{run} --plain"), false).unwrap();
    assert!(!plain.contains(bar) && !plain.contains(escape), "{plain:?}");
    assert!(plain.contains("a: 1 run, 4 steps"), "{plain:?}");
    let watched = on_a_terminal(&lab, "--plain watch results/a", false).unwrap();
    assert!(
        watched.contains("a: 1 of 1 runs have ended") && watched.is_ascii() && !watched.contains(escape),
        "{watched:?}"
    );
}

#[test]
fn plain_is_an_option_of_every_command() {
    let lab = Lab::new(SMALL);
    let check = lab.succeed("check a.ron");
    assert_eq!(lab.succeed("check a.ron --plain"), check);
    assert_eq!(lab.succeed("--plain check a.ron"), check);
    assert_eq!(lab.succeed("--plain rules Backprop"), lab.succeed("rules Backprop"));
}
