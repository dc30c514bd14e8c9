//! Hold the tree to its map: every room is named, imports point one way, and facts that stand in two places agree.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The rooms of `src` in the order of the map in CONTRIBUTING.md; `lib` and `main` are no rooms.
fn map() -> Vec<String> {
    let contributing = text("CONTRIBUTING.md");
    let rooms = contributing.lines().filter_map(|line| line.strip_prefix("src/"));
    let name = |line: &str| {
        let path = line.split_whitespace().next().expect("a path begins the line");
        path.trim_end_matches('/').trim_end_matches(".rs").to_owned()
    };
    rooms.map(name).filter(|name| name != "lib" && name != "main").collect()
}

/// Every source file below a folder.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// What a file does outside its tests and comments.
fn code(source: &str) -> String {
    let body = source.split("#[cfg(test)]\nmod tests {").next().expect("a first part");
    let lines = body.lines().map(|line| line.split("//").next().expect("a first part"));
    lines.collect::<Vec<_>>().join("\n")
}

/// The rooms that `crate::room` and `crate::{room, ..}` name, or, for another prefix, what stands there.
fn imports(code: &str, prefix: &str) -> BTreeSet<String> {
    let ident = |text: &str| -> String {
        text.chars()
            .take_while(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || *c == '_')
            .collect()
    };
    let mut rooms = BTreeSet::new();
    for rest in code.split(prefix).skip(1) {
        let Some(list) = rest.strip_prefix('{') else {
            rooms.insert(ident(rest));
            continue;
        };
        let mut depth = 0;
        let mut first = true;
        for (i, c) in list.char_indices() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => first = true,
                c if c.is_whitespace() => {}
                _ => {
                    if first && depth == 0 {
                        rooms.insert(ident(&list[i..]));
                    }
                    first = false;
                }
            }
        }
    }
    rooms.remove("");
    rooms
}

/// Where a room uses one that stands below it.
fn down(order: &[String], room: &str, code: &str) -> Vec<String> {
    let place = |room: &str| order.iter().position(|known| known == room);
    let here = place(room);
    let below = |used: &String| place(used) > here && here.is_some();
    imports(code, "crate::").into_iter().filter(below).collect()
}

#[test]
fn the_map_names_every_room_and_nothing_else() {
    let rooms = fs::read_dir(root().join("src")).unwrap().map(|entry| {
        let path = entry.unwrap().path();
        path.file_stem().unwrap().to_string_lossy().into_owned()
    });
    let rooms: BTreeSet<String> = rooms.filter(|name| name != "lib" && name != "main").collect();
    let map = map();
    assert_eq!(map.iter().cloned().collect::<BTreeSet<_>>(), rooms);
    assert_eq!(map.len(), rooms.len(), "a room is named twice");
}

#[test]
fn the_tour_in_the_documentation_has_the_order_of_the_map() {
    let lib = text("src/lib.rs");
    let rows = lib.lines().filter(|line| line.starts_with("//! | [`"));
    let rooms = rows.flat_map(|line| {
        let cell = line.split('|').nth(1).expect("a first cell");
        let names = cell.split('`').skip(1).step_by(2).map(str::to_owned);
        names.collect::<Vec<_>>()
    });
    assert_eq!(rooms.collect::<Vec<_>>(), map());
}

#[test]
fn imports_point_up_the_map() {
    let order = map();
    let mut wrong = Vec::new();
    for path in sources(&root().join("src")) {
        let inside = path.strip_prefix(root().join("src")).unwrap().to_owned();
        let first = inside
            .components()
            .next()
            .unwrap()
            .as_os_str()
            .to_string_lossy()
            .into_owned();
        let room = first.trim_end_matches(".rs");
        let is_test = inside.components().any(|part| {
            let name = part.as_os_str().to_string_lossy();
            name == "tests" || name == "tests.rs"
        });
        if is_test || room == "lib" || room == "main" {
            continue;
        }
        let source = fs::read_to_string(&path).unwrap();
        // files that are compiled for tests alone say so where they are declared
        if inside == Path::new("linalg/accuracy.rs") || inside == Path::new("linalg/portability.rs") {
            continue;
        }
        for used in down(&order, room, &code(&source)) {
            wrong.push(format!("{} uses {used}, which stands below {room}", inside.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn an_import_that_points_down_is_seen() {
    let order = ["linalg", "network", "rules"].map(str::to_owned);
    assert_eq!(down(&order, "network", "use crate::rules::Rule;"), ["rules"]);
    assert_eq!(
        down(
            &order,
            "linalg",
            "use crate::{\n    linalg::{Matrix, rules},\n    network::Layer, rules,\n};"
        ),
        ["network", "rules"]
    );
    assert!(
        down(
            &order,
            "rules",
            "use crate::{linalg, network::Layer}; crate::rules::x()"
        )
        .is_empty()
    );
    assert!(
        down(
            &order,
            "linalg",
            &code("// crate::rules\n#[cfg(test)]\nmod tests { use crate::rules; }")
        )
        .is_empty()
    );
}

/// Pairs of files of a folder, given with their code, that use each other; `path` is that of their module.
fn circles(path: &str, files: &BTreeMap<String, String>) -> Vec<(String, String)> {
    let uses = |from: &str, to: &str| {
        let prefixes = ["super::".to_owned(), format!("crate::{path}::")];
        let code = files[from].replace("super::super::", "");
        prefixes.iter().any(|prefix| imports(&code, prefix).contains(to))
    };
    let pairs = files.keys().flat_map(|a| files.keys().map(move |b| (a, b)));
    let both = pairs.filter(|(a, b)| a < b && uses(a, b) && uses(b, a));
    both.map(|(a, b)| (a.clone(), b.clone())).collect()
}

/// What is one reader, or one sampler, in two files.
const LEFT: [&str; 4] = [
    "tasks: fresh and synthetic",
    "tasks::own: csv and scan",
    "tasks::own: row and table",
    "tasks::own: scan and slips",
];

#[test]
fn no_two_files_of_a_folder_use_each_other() {
    let mut folders: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for path in sources(&root().join("src")) {
        let inside = path.strip_prefix(root().join("src")).unwrap().with_extension("");
        let steps: Vec<_> = inside.iter().map(|step| step.to_string_lossy().into_owned()).collect();
        let Some((file, folder)) = steps.split_last().filter(|(_, folder)| !folder.is_empty()) else {
            continue; // the map holds these
        };
        if file != "mod" && !steps.contains(&"tests".to_owned()) {
            let files = folders.entry(folder.join("::")).or_default();
            files.insert(file.clone(), code(&fs::read_to_string(&path).unwrap()));
        }
    }
    let circles = folders.iter().flat_map(|(path, files)| {
        let told = move |(a, b)| format!("{path}: {a} and {b}");
        circles(path, files).into_iter().map(told)
    });
    let circles: Vec<_> = circles.collect();
    assert_eq!(circles, LEFT, "what both need belongs into a file below them");
}

#[test]
fn a_circle_is_seen() {
    let files = |a: &str, b: &str| BTreeMap::from([("a".to_owned(), a.to_owned()), ("b".to_owned(), b.to_owned())]);
    let circle = [("a".to_owned(), "b".to_owned())];
    assert_eq!(circles("x", &files("use super::b::B;", "use super::{C, a};")), circle);
    assert_eq!(circles("x::y", &files("crate::x::y::b::f()", "super::a::f()")), circle);
    assert!(circles("x", &files("use super::b;", "use super::c::a;")).is_empty());
}

#[test]
fn the_citation_file_agrees_with_the_package() {
    let citation = text("CITATION.cff");
    let field = |name: &str| {
        let line = citation
            .lines()
            .find_map(|line| line.strip_prefix(&format!("{name}: ")));
        line.unwrap_or_else(|| panic!("CITATION.cff has no `{name}`"))
            .trim_matches('"')
            .to_owned()
    };
    assert_eq!(field("version"), env!("CARGO_PKG_VERSION"));
    assert_eq!(field("abstract"), env!("CARGO_PKG_DESCRIPTION"));
    let list = |name: &str| -> Vec<String> {
        let after = citation.lines().skip_while(|line| *line != format!("{name}:")).skip(1);
        let items = after.map_while(|line| line.strip_prefix("  - "));
        items.map(str::to_owned).collect()
    };
    assert_eq!(list("license").join(" OR "), env!("CARGO_PKG_LICENSE"));
    let cargo = text("Cargo.toml");
    let keywords = cargo
        .lines()
        .find_map(|line| line.strip_prefix("keywords = "))
        .expect("keywords");
    let expected: Vec<_> = keywords.split('"').skip(1).step_by(2).map(str::to_owned).collect();
    assert_eq!(list("keywords"), expected);
    let readme = text("README.md");
    assert!(
        readme.contains(&format!("title   = {{{}}}", field("title"))),
        "the README's entry has another title"
    );
    assert!(readme.contains(&format!("version = {{{}}}", field("version"))));
}

/// Lines that are neither blank nor a comment.
fn code_lines(source: &str) -> usize {
    let lines = source.lines().map(str::trim);
    lines.filter(|line| !line.is_empty() && !line.starts_with("//")).count()
}

/// Lines of code in the body of `fn needs(&self)`, where a source has one.
fn lines_of_needs(source: &str) -> Option<usize> {
    let (_, rest) = source.split_once("\n    fn needs(&self) -> Needs {\n")?;
    let (body, _) = rest.split_once("\n    }\n")?;
    Some(code_lines(body))
}

#[test]
fn rules_say_only_what_differs() {
    for (rule, most) in [
        ("feedback_alignment", 45),
        ("direct_feedback_alignment", 45),
        ("kolen_pollack", 70),
        ("weight_mirror", 70),
    ] {
        let lines = code_lines(&text(&format!("src/rules/feedback/{rule}.rs")));
        assert!(lines <= most, "{rule} has {lines} lines of code, more than {most}");
    }
    let files = sources(&root().join("src/rules"));
    let needs = files.iter().filter_map(|path| {
        let lines = lines_of_needs(&fs::read_to_string(path).unwrap())?;
        Some((path, lines))
    });
    let needs: Vec<_> = needs.collect();
    assert!(needs.len() > 20, "only {} rules say what they need", needs.len());
    for (path, lines) in needs {
        assert!(lines <= 6, "{}: `needs` has {lines} lines of code", path.display());
    }
}

#[test]
fn lines_of_code_are_counted() {
    let rule = "//! A rule.\n\nimpl Rule {\n    fn needs(&self) -> Needs {\n        // all\n        Needs {\n            a: 1,\n        }\n    }\n}\n";
    assert_eq!((code_lines(rule), lines_of_needs(rule)), (7, Some(3)));
    assert_eq!(lines_of_needs("fn needs() {}"), None);
}
