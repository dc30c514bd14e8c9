//! Read the table of digests, and write it anew where that is asked for.

use creditlab::linalg::NUMERICS_VERSION;
use std::collections::BTreeMap;
use std::fs;
use std::sync::OnceLock;

/// The environment variable with which the table is written anew.
pub const UPDATE: &str = "UPDATE_DIGESTS";

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/bits/digests.txt");
const VERSION: &str = "numerics version ";

/// Names of what was computed, and the SHA-256 of each.
pub type Digests = Vec<(String, String)>;

/// The numerics version of the table, and its digests by name.
fn read() -> (u32, BTreeMap<String, String>) {
    let text = fs::read_to_string(PATH).unwrap_or_else(|error| panic!("{PATH}: {error}; {}", remedy()));
    let mut lines = text.lines();
    let version = lines.next().and_then(|line| line.strip_prefix(VERSION)?.parse().ok());
    let line = |line: &str| {
        let (digest, name) = line.split_once("  ").unwrap_or_else(|| panic!("{PATH}: `{line}`"));
        (name.to_owned(), digest.to_owned())
    };
    let version = version.unwrap_or_else(|| panic!("{PATH}: the first line is `{VERSION}<number>`"));
    (version, lines.map(line).collect())
}

fn remedy() -> String {
    format!("`{UPDATE}=1 cargo test --release --test bits` writes it anew")
}

/// The table. Where [`UPDATE`] is set it is first written anew, once for all tests.
pub fn table() -> &'static BTreeMap<String, String> {
    static TABLE: OnceLock<BTreeMap<String, String>> = OnceLock::new();
    TABLE.get_or_init(|| {
        if std::env::var_os(UPDATE).is_some() {
            write(&crate::all());
        }
        let (version, table) = read();
        assert_eq!(version, NUMERICS_VERSION, "{PATH} is of another version; {}", remedy());
        table
    })
}

/// Writes what was computed. What has changed must be of a new numerics version: the bits of a version are never others.
fn write(made: &Digests) {
    if fs::exists(PATH).unwrap() {
        let (version, old) = read();
        let has_changed = |(name, digest): &&(String, String)| old.get(name).is_some_and(|old| old != digest);
        let changed: Vec<_> = made.iter().filter(has_changed).map(|(name, _)| name).collect();
        assert!(
            version != NUMERICS_VERSION || changed.is_empty(),
            "the bits of {changed:?} have changed, but `NUMERICS_VERSION` is still {version}: raise it, or, if nobody has had this \
             version yet, delete these lines of {PATH}"
        );
    }
    let lines = made.iter().map(|(name, digest)| format!("{digest}  {name}\n"));
    fs::write(
        PATH,
        format!("{VERSION}{NUMERICS_VERSION}\n{}", lines.collect::<String>()),
    )
    .unwrap();
}

/// Holds digests to the table; prints all of them, for `tests/processors.sh`.
pub fn check(made: &Digests) {
    println!(); // the name of the test may stand on this line
    for (name, digest) in made {
        println!("{digest}  {name}");
    }
    let differs = |(name, digest): &&(String, String)| table().get(name) != Some(digest);
    let different: Vec<_> = made.iter().filter(differs).map(|(name, _)| name).collect();
    assert!(
        different.is_empty(),
        "not as in {PATH}: {different:?}; if a change of the bits is meant, {}",
        remedy()
    );
}
