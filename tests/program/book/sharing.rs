//! Hold the table on the sharing of weights to the experiments that it is of.

use crate::pages::root;
use crate::stated::{page, part, quoted, rows, settle, tables_agree};
use creditlab::experiment::Plan;
use creditlab::results::{self, ArmTable, At, SummaryRow};
use creditlab::rules;

const PAGE: &str = "docs/explanation/weight-sharing.md";

/// The experiments on sharing of weights, and how many networks each rule has in them.
const SHARING: [&str; 2] = ["convolution", "convolution_signals"];
const NETWORKS: usize = 3;

/// They take minutes, so the numbers are compared with results where there are any.
#[test]
fn the_table_of_sharing_is_that_of_its_results() {
    match sharing() {
        Some(made) => settle(PAGE, "sharing", &made, tables_agree),
        None => println!("skipped: there are no results of {SHARING:?}"),
    }
    let text = page(PAGE);
    let stated = rows(part(&text, "sharing"));
    for experiment in SHARING {
        let path = format!("experiments/{experiment}.ron");
        let plan = Plan::from_text(&page(&path), &rules::builtin()).unwrap_or_else(|fault| panic!("{path}: {fault}"));
        let rules = plan.arms.chunks(NETWORKS).map(|arms| arms[0].rule.rule.name());
        let in_table = stated.iter().map(|row| quoted(row[0]).next().unwrap());
        assert!(rules.eq(in_table), "there is a row for each rule of {path}");
    }
    // what is said below the table: on signals sharing helps some rules and harms others
    let gain = |rule: &str| {
        let row = stated.iter().find(|row| row[0] == format!("`{rule}`")).unwrap();
        let [shared, own]: [f64; 2] =
            [4, 5].map(|column: usize| row[column].split(' ').next().unwrap().parse().unwrap());
        shared - own
    };
    assert!(
        ["Backprop", "SignSymmetry", "KolenPollack"]
            .iter()
            .all(|rule| gain(rule) >= 6.0)
    );
    assert!(
        ["FeedbackAlignment", "DirectFeedbackAlignment"]
            .iter()
            .all(|rule| gain(rule) <= -6.0)
    );
}

/// The table of their results, if there are any.
fn sharing() -> Option<String> {
    let folders = SHARING.map(|experiment| root().join("results").join(experiment));
    if !folders.iter().all(|folder| folder.join("summary.csv").is_file()) {
        return None;
    }
    let heads =
        ["digits", "signals"].map(|task| ["`Conv`", "`Local`", "dense"].map(|network| format!(" {task}, {network} |")));
    let mut made = format!(
        "| rule |{}\n|{}\n",
        heads.concat().concat(),
        "---|".repeat(1 + SHARING.len() * NETWORKS)
    );
    let tables = folders.map(|folder| {
        let arms = ArmTable::read(&folder.join("arms.csv")).unwrap().rows;
        (arms, results::read::<SummaryRow>(&folder.join("summary.csv")).unwrap())
    });
    for first in (0..tables[0].0.len()).step_by(NETWORKS) {
        made += &format!("| `{}` |", tables[0].0[first].rule);
        for (arms, summary) in &tables {
            for arm in &arms[first..first + NETWORKS] {
                let cell = percent(summary, &arm.arm).unwrap_or_else(|| panic!("no accuracy of {}", arm.arm));
                made += &format!(" {cell} |");
            }
        }
        made += "\n";
    }
    Some(made)
}

/// The test accuracy of an arm at the end, in percent, with its interval.
fn percent(summary: &[SummaryRow], arm: &str) -> Option<String> {
    let row = summary.iter().find(|row| {
        row.arm == arm && row.metric == "accuracy" && row.split == "test" && row.layer == "none" && row.at == At::Final
    })?;
    let [mean, low, high] = [row.mean, row.ci_low?, row.ci_high?].map(|x| 100.0 * x);
    Some(format!("{mean:.1} [{low:.1}, {high:.1}]"))
}
