//! Hold the tree to its map: every room is named, imports point one way, a type name means one thing, files and functions stay
//! short, and facts that stand in two places agree.

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

/// The files of `src` that are more than tests: where in `src`, and what they say outside their own module of tests.
fn outside_tests() -> Vec<(PathBuf, String)> {
    let inside = |path: PathBuf| path.strip_prefix(root().join("src")).unwrap().to_owned();
    let files = sources(&root().join("src")).into_iter().map(inside);
    let is_test = |path: &PathBuf| {
        // two files are compiled for tests alone, as `linalg/mod.rs` says
        let alone = ["linalg/accuracy.rs", "linalg/portability.rs"];
        let named = path.iter().any(|part| part == "tests" || part == "tests.rs");
        named || alone.iter().any(|file| path == Path::new(file))
    };
    let read = |path: PathBuf| {
        let text = fs::read_to_string(root().join("src").join(&path)).unwrap();
        (path, without_tests(&text).to_owned())
    };
    files.filter(|path| !is_test(path)).map(read).collect()
}

/// What stands before the tests of a file.
fn without_tests(source: &str) -> &str {
    source.split("#[cfg(test)]\nmod tests {").next().expect("a first part")
}

/// What a file does outside its tests and comments.
fn code(source: &str) -> String {
    let lines = without_tests(source).lines();
    let lines = lines.map(|line| line.split("//").next().expect("a first part"));
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
    for (path, source) in outside_tests() {
        let first = path.iter().next().unwrap().to_string_lossy();
        let room = first.trim_end_matches(".rs");
        if room == "lib" || room == "main" {
            continue;
        }
        for used in down(&order, room, &code(&source)) {
            wrong.push(format!("{} uses {used}, which stands below {room}", path.display()));
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
const LEFT: [&str; 3] = [
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

/// What a line declares, behind its visibility.
fn item(line: &str) -> &str {
    let line = line.trim_start();
    match line.strip_prefix("pub(") {
        Some(rest) => rest.split_once(") ").map_or("", |(_, item)| item),
        None => line.strip_prefix("pub ").unwrap_or(line),
    }
}

/// The types and traits that a file defines, and its names for others; associated types, which are indented, do not count.
fn types(code: &str) -> Vec<String> {
    let name = |line: &str| {
        let item = item(line);
        let (kind, rest) = item.strip_prefix("unsafe ").unwrap_or(item).split_once(' ')?;
        let defines = matches!(kind, "struct" | "enum" | "trait" | "union");
        let is_part = |c: &char| c.is_alphanumeric() || *c == '_';
        let name: String = rest.chars().take_while(is_part).collect();
        (!name.is_empty() && (defines || kind == "type" && !line.starts_with(' '))).then_some(name)
    };
    code.lines().filter_map(name).collect()
}

/// Names that several places define, with these places.
fn twins<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<String> {
    let mut places: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (path, source) in files {
        for name in types(&code(source)) {
            places.entry(name).or_default().push(path);
        }
    }
    let allowed = |name: &str, paths: &[&str]| match name {
        // each is the arguments of the command whose file it stands in
        "Arguments" => paths.iter().all(|path| path.starts_with("cli/")),
        // a file may leave out what all its failures are: `type Result<T> = std::result::Result<T, Mistake>`
        "Result" => true,
        _ => paths.len() == 1,
    };
    places.retain(|name, paths| !allowed(name, paths));
    let line = |(name, paths): (String, Vec<&str>)| format!("{name}: {}", paths.join(", "));
    places.into_iter().map(line).collect()
}

/// Lines of code that a function may have without a reason.
const LONG: usize = 60;
/// Before the reason why a function is longer: above it, or in its first line.
const REASON: &str = "// longer than 60 lines: ";

/// The functions with more lines of code than `most` and no reason for it. Blank lines, comments and attributes are no code.
fn long_functions(source: &str, most: usize) -> Vec<String> {
    let lines: Vec<&str> = source.lines().collect();
    let aside = |line: &str| line.trim_start().starts_with("//") || line.trim_start().starts_with("#[");
    let gives_reason = |line: &&str| {
        let reason = line.trim_start().strip_prefix(REASON);
        reason.is_some_and(|reason| !reason.trim().is_empty())
    };
    let mut long = Vec::new();
    for (i, line) in lines.iter().enumerate() {
        let mut words = item(line)
            .split(' ')
            .skip_while(|word| matches!(*word, "const" | "async" | "unsafe"));
        let (Some("fn"), Some(name)) = (words.next(), words.next()) else {
            continue;
        };
        let indent = &line[..line.len() - line.trim_start().len()];
        let ends = |line: &&str| {
            let line = line.strip_prefix(indent).unwrap_or_default();
            line == "}" || line.starts_with(')') && line.ends_with(';')
        };
        let whole = match line.ends_with([';', '}']) {
            true => &lines[i..=i],
            false => &lines[i..=i + lines[i..].iter().position(ends).unwrap_or(0)],
        };
        let code = whole
            .iter()
            .filter(|line| !line.trim().is_empty() && !aside(line))
            .count();
        let above = lines[..i].iter().rev().take_while(|line| aside(line));
        let first = whole.iter().skip_while(|line| !line.ends_with('{')).skip(1).take(1);
        if code > most && !above.chain(first).any(gives_reason) {
            let name: String = name.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            long.push(format!("{name}, {code} lines"));
        }
    }
    long
}

#[test]
fn a_type_name_means_one_thing() {
    let files: Vec<_> = outside_tests()
        .into_iter()
        .map(|(path, source)| (path.display().to_string(), source))
        .collect();
    let twins = twins(files.iter().map(|(path, source)| (&**path, &**source)));
    assert!(twins.is_empty(), "{}", twins.join("\n"));
}

#[test]
fn files_have_at_most_400_lines() {
    let length = |path: &Path| {
        fs::read_to_string(root().join("src").join(path))
            .unwrap()
            .lines()
            .count()
    };
    let files = outside_tests().into_iter().map(|(path, _)| (length(&path), path));
    let long: Vec<_> = files.filter(|(length, _)| *length > 400).collect();
    assert!(long.is_empty(), "{long:#?}");
}

#[test]
fn functions_have_at_most_60_lines_or_a_reason() {
    let long = outside_tests().into_iter().flat_map(|(path, source)| {
        let named = move |function: String| format!("{}: {function}", path.display());
        long_functions(&source, LONG).into_iter().map(named)
    });
    let long: Vec<_> = long.collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn twins_and_long_functions_are_seen() {
    let one = "pub(in crate::a) struct One<T>(T);\n    type Output = T;\n    $vis enum $name {}\n    enum Inner {}";
    let other = "pub trait One {}\npub struct Arguments;\n    type Output = u8;\n// struct Inner;\nlet inner = 1;";
    let files = [("one.rs", one), ("cli/a.rs", other), ("cli/b.rs", "struct Arguments;")];
    assert_eq!(twins(files), ["One: one.rs, cli/a.rs"]);
    assert_eq!(
        twins([files[1], ("b.rs", "enum Arguments {}")]),
        ["Arguments: cli/a.rs, b.rs"]
    );
    assert_eq!(
        twins([
            ("a.rs", "type A = u8;"),
            ("b.rs", "#[cfg(test)]\nmod tests {\ntype A = u8;")
        ]),
        [""; 0]
    );
    assert_eq!(
        twins([("a.rs", "type A = u8;"), ("b.rs", "pub type A = u16;")]),
        ["A: a.rs, b.rs"]
    );

    let function = |above: &str, first: &str| {
        format!(
            "    fn short(&self);\n{above}    pub const fn long<T>(\n        t: T,\n    ) {{\n{first}        a();\n\n        b();\n    }}\n}}\n"
        )
    };
    let why = format!("{REASON}it is a table\n");
    assert_eq!(long_functions(&function("", ""), 5), ["long, 6 lines"]);
    assert_eq!(
        long_functions(&function("", "        // no reason\n"), 5),
        ["long, 6 lines"]
    );
    assert_eq!(
        long_functions(&function("", &format!("        {REASON}\n")), 5),
        ["long, 6 lines"]
    );
    assert!(long_functions(&function("", ""), 6).is_empty());
    assert!(long_functions(&function(&format!("    {why}    #[inline]\n"), ""), 5).is_empty());
    assert!(long_functions(&function("", &format!("        {why}")), 5).is_empty());
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
