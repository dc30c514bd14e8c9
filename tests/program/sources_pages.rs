//! Carry out the pages of `docs/sources`: their commands, and the paths and links that they name.

use crate::pages::{self, files, read, root};

/// Carries out a page in a folder with the experiments that pages speak of; returns how many commands there were.
fn carry_out(page: &str) -> usize {
    let folder = tempfile::tempdir().unwrap();
    pages::copy(&files("experiments/sources"), folder.path());
    pages::carry_out(&read(&root().join("docs/sources").join(page)), folder.path())
}

#[test]
fn the_page_on_intuition_does_what_it_says() {
    assert!(carry_out("3blue1brown-what-is-backpropagation.md") >= 5);
}

#[test]
fn the_page_on_calculus_does_what_it_says() {
    assert!(carry_out("3blue1brown-calculus.md") >= 5);
}

#[test]
fn the_page_on_nielsen_does_what_it_says() {
    assert!(carry_out("nielsen.md") >= 10);
}

#[test]
fn the_page_on_olah_does_what_it_says() {
    assert!(carry_out("olah.md") >= 5);
}

#[test]
fn the_page_on_brownlee_does_what_it_says() {
    assert!(carry_out("brownlee.md") >= 5);
}

#[test]
fn the_page_on_hecht_nielsen_does_what_it_says() {
    assert!(carry_out("hecht-nielsen.md") >= 5);
}

/// Links lead somewhere, and what looks like a file of ours is there; every page is linked from the first.
#[test]
fn pages_name_what_is_there() {
    let pages = files("docs/sources");
    assert_eq!(pages.len(), 7, "six sources and the list of them");
    let list = read(&root().join("docs/sources/README.md"));
    let others = ["experiments/sources/README.md", "experiments/README.md"].map(|path| root().join(path));
    for page in pages.iter().chain(&others) {
        let text = read(page);
        let name = page.file_name().unwrap().to_str().unwrap();
        assert!(
            name == "README.md" || list.contains(&format!("]({name})")),
            "{name} is not in the list"
        );
        pages::assert_names_what_is_there(page);
        for word in pages::words(&text) {
            if word.ends_with(".ron") && !word.contains('/') {
                let file = root().join("experiments/sources").join(word);
                let beside = root().join("experiments").join(word);
                assert!(file.exists() || beside.exists(), "{} names {word}", page.display());
            }
        }
    }
}
