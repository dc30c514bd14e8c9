//! Check what `creditlab cite` prints: an entry for every paper once, for rules by name and for results.

use assert_cmd::Command;
use std::collections::BTreeSet;

fn cite(subjects: &[&str]) -> Result<String, String> {
    let output = Command::cargo_bin("creditlab")
        .unwrap()
        .arg("cite")
        .args(subjects)
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    match output.status.success() {
        true => Ok(text(&output.stdout)),
        false => Err(text(&output.stderr)),
    }
}

/// The keys of the entries of a text, checking that each is one well-formed entry.
fn keys(text: &str) -> Vec<String> {
    let entries = text
        .split("\n@")
        .map(|entry| format!("@{}", entry.trim_start_matches('@')));
    let key = |entry: String| {
        let (open, close) = (entry.matches('{').count(), entry.matches('}').count());
        assert_eq!(open, close, "brackets of\n{entry}");
        assert!(
            entry.contains("author") && entry.contains("title") && entry.contains("year"),
            "{entry}"
        );
        entry.split(['{', ',']).nth(1).unwrap().to_owned()
    };
    entries.map(key).collect()
}

#[test]
fn the_program_alone_and_with_rules() {
    assert_eq!(keys(&cite(&[]).unwrap()), ["creditlab"]);
    assert_eq!(
        keys(&cite(&["KolenPollack"]).unwrap()),
        ["creditlab", "kolen1994", "akrout2019"]
    );
    // what two rules share stands there once
    assert_eq!(
        keys(&cite(&["KolenPollack", "WeightMirror"]).unwrap()),
        ["creditlab", "kolen1994", "akrout2019"]
    );
    let error = cite(&["KolenPolack"]).unwrap_err();
    assert!(error.contains("did you mean `KolenPollack`?"), "{error}");
}

#[test]
fn every_rule_but_controls_has_papers_that_its_source_names() {
    let registry = creditlab::rules::builtin();
    let mut years = 0;
    for entry in registry.entries() {
        assert_eq!(
            entry.citations.is_empty(),
            entry.source.starts_with("control:"),
            "{}",
            entry.name
        );
        for citation in entry.citations {
            let surname = citation
                .split("author")
                .nth(1)
                .unwrap()
                .split(['{', ','])
                .nth(1)
                .unwrap();
            let plain = surname.replace(['{', '}', '\\', '\''], "");
            let last = plain.split_whitespace().last().unwrap();
            let start: String = last.chars().take(2).collect();
            assert!(
                entry.source.contains(&start),
                "{}: `{surname}` is not in {}",
                entry.name,
                entry.source
            );
            let year = citation.split("year").nth(1).unwrap().split(['{', '}']).nth(1).unwrap();
            years += usize::from(entry.source.contains(year));
        }
    }
    assert!(years > 25, "{years} entries have the year of their rule's source");
}

#[test]
fn a_result_cites_its_data_its_rules_its_shadows_and_its_references() {
    let folder = tempfile::tempdir().unwrap();
    let spec = folder.path().join("x.ron");
    let text = "(task: Iris, network: [4], stop: Steps(1), seeds: 1, measure: (against: [SignSymmetry]), \
                arms: [(rule: FeedbackAlignment, shadows: [Pepita]), OutputOnly])";
    std::fs::write(&spec, text).unwrap();
    let out = folder.path().join("results");
    let ran = Command::cargo_bin("creditlab")
        .unwrap()
        .args(["run", "--quiet", "--no-figures", "--out"])
        .args([&out, &spec])
        .output()
        .unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let cited: BTreeSet<String> = keys(&cite(&[out.join("x").to_str().unwrap()]).unwrap())
        .into_iter()
        .collect();
    let expected = [
        "creditlab",
        "fisher1936",
        "lillicrap2016",
        "dellaferrera2022",
        "liao2016",
        "xiao2019",
    ];
    assert_eq!(cited, expected.map(str::to_owned).into());
    let error = cite(&[folder.path().to_str().unwrap()]).unwrap_err();
    assert!(error.contains("holds no results"), "{error}");
}
