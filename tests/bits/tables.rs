//! Take the digests of the tables of experiments.

use crate::known::Digests;
use creditlab::digest::sha256;
use creditlab::experiment::{Plan, set};
use creditlab::notation::Document;
use creditlab::rules;
use std::path::Path;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/experiments/quickstart.ron");

/// What names of digests of the quickstart's tables begin with.
pub const QUICKSTART: &str = "quickstart, ";

/// What the quickstart is cut down to where multiply-adds are made in software, a hundred times slower.
const SHORT: [(&str, &str); 4] = [
    ("stop", "Steps(10)"),
    ("measure.probe", "64"),
    ("split", "Random(validation: 0.02, test: 0.02)"),
    ("seeds", "2"),
];

/// A single run, of a network whose products are large enough to be shared among threads.
const WIDE: &str = "(
    task: Digits,
    split: Random(validation: 0.02, test: 0.1),
    network: [200, 150],
    optimizer: Sgd(learning_rate: 0.05, momentum: 0.9),
    batch: 100,
    stop: Steps(5),
    measure: (probe: 100),
    seeds: 1,
    arms: [(rule: KolenPollack, shadows: [NodePerturbation])],
)";

/// The digests of `experiment.ron` and all tables.
fn tables(name: &str, plan: &Plan) -> Digests {
    let results = creditlab::run(plan, &()).unwrap();
    let files = results.files().into_iter();
    files
        .map(|(file, bytes)| (format!("{name}{file}"), sha256(&bytes)))
        .collect()
}

/// Those of the quickstart.
pub fn quickstart() -> Digests {
    let plan = Plan::read(Path::new(FILE), &rules::builtin());
    tables(QUICKSTART, &plan.unwrap_or_else(|fault| panic!("{fault}")))
}

/// Those of small experiments.
pub fn made() -> Digests {
    let rules = rules::builtin();
    let whole = Document::read(Path::new(FILE)).unwrap();
    let changed = SHORT
        .iter()
        .try_fold(whole, |file, (path, value)| set(&file, path, value, &rules));
    let short = changed.and_then(|file| Plan::parse(&file, &rules));
    let wide = Plan::from_text(WIDE, &rules);
    let [short, wide] = [short, wide].map(|plan| plan.unwrap_or_else(|fault| panic!("{fault}")));
    [tables("short quickstart, ", &short), tables("wide network, ", &wide)].concat()
}

#[test]
fn no_number_of_threads_is_in_the_tables() {
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        crate::known::check(&pool.install(made));
    };
    [1, 2, 3, 7].into_iter().for_each(on);
}
