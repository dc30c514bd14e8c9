//! Try tables, arrays and images as people have them: what could be misread is refused or warned of, at its place, with what helps.

use crate::data_support::{Folder, all, npy};
use crate::support::{Lab, errors};
use creditlab::tasks::Kind;

const REST: &str = "network: [4], stop: Steps(2), seeds: 2, measure: (against: []), arms: [Backprop]";

/// A lab with a table `t.csv` and an experiment on it.
fn lab(table: impl AsRef<[u8]>, options: &str) -> Lab {
    let lab = Lab::new(&format!("(task: Csv(path: \"t.csv\", {options}), {REST})"));
    std::fs::write(lab.path("t.csv"), table).unwrap();
    lab
}

/// What `check` says of a wrong table; `run` says the same.
#[track_caller]
fn refused(table: impl AsRef<[u8]>, options: &str) -> String {
    let lab = lab(table, options);
    let said = lab.fail("check a.ron", 2);
    assert_eq!(
        said,
        lab.fail("run a.ron --no-figures", 2),
        "`run` refuses what `check` refuses"
    );
    said
}

/// What is wrong, where, and what helps, without the line of the experiment.
fn gist(message: &str) -> String {
    let told = |line: &&str| {
        ["error:", " --> ", "  = help:"]
            .iter()
            .any(|start| line.starts_with(start))
    };
    message.lines().filter(told).collect::<Vec<_>>().join("\n")
}

/// The warnings of `check` for a table that can be read, and those of `run`.
#[track_caller]
fn warnings(table: impl AsRef<[u8]>, options: &str) -> Vec<String> {
    let lab = lab(table, options);
    let of = |text: &str| -> Vec<String> {
        text.lines()
            .filter_map(|line| line.strip_prefix("warning: "))
            .map(str::to_string)
            .collect()
    };
    let checked = of(&lab.succeed("check a.ron"));
    let output = lab.run("run a.ron --no-figures");
    assert!(output.status.success(), "{}", errors(&output));
    assert_eq!(checked, of(&errors(&output)), "`check` and `run` warn alike");
    checked
}

/// `x,y` rows with numbers of unit scale and two classes.
fn rows(n: usize) -> String {
    (0..n)
        .map(|i| format!("{},{}\n", (i * 7 % 5) as f64 / 5.0, ["a", "b"][i % 2]))
        .collect()
}

#[test]
fn a_first_line_that_could_be_a_sample_is_asked_about() {
    let flowers =
        "5.1,3.5,1.4,0.2,setosa\n4.9,3.0,1.4,0.2,setosa\n7.0,3.2,4.7,1.4,versicolor\n6.4,3.2,4.5,1.5,versicolor\n";
    insta::assert_snapshot!(gist(&refused(flowers, "target: 5")), @r#"
    error: t.csv: line 1 could be a sample as well as names: `5.1`, `3.5`, `1.4` and `0.2` stand above numbers
     --> a.ron:1:18
      = help: say `header: false` if it is a sample, and name columns by their numbers, from 1; `header: true` if it holds names
    "#);
    // each answer is obeyed
    for (header, samples) in [("false", 4), ("true", 3)] {
        let folder = Folder::new().with("t.csv", flowers);
        let task =
            format!("task: Csv(path: \"t.csv\", target: 5, header: {header}), split: Random(validation: 0, test: 0)");
        let (plan, data) = folder.open(&task);
        assert_eq!(data.samples().training, samples, "header: {header}");
        let again = folder.plan(&format!("task: {}", plan.task_text())).unwrap();
        assert_eq!(again.task, plan.task, "what is written reads back");
    }
    for (table, target) in [
        ("1,2,0\n3,4,1\n", "3"),                                 // numbers only
        ("?,3.5,a\n4.9,3.0,b\n", "3"),                           // a missing value is no name
        ("150,4,setosa,x\n5.1,3.5,1.4,0\n4.9,3.0,1.4,1\n", "4"), // counts and names together, as one archive has them
        ("id,2019,2020,y\n1,2,3,a\n2,3,4,b\n", "4"),             // years as names
    ] {
        assert!(
            refused(table, &format!("target: {target}")).contains("`header: true`"),
            "{table}"
        );
    }
    // no question: words above numbers; or the experiment calls a column by a word in the line
    for (table, target) in [("x,y\n1,a\n2,b\n", "2"), ("label,0,1\nb,2,3\na,4,5\n", "\"label\"")] {
        let folder = Folder::new().with("t.csv", table);
        let (_, data) = folder.open(&format!(
            "task: Csv(path: \"t.csv\", target: {target}), split: Random(validation: 0, test: 0)"
        ));
        assert_eq!(data.class_names().unwrap(), ["a", "b"], "{table}");
        assert_eq!(data.samples().training, 2);
    }
}

#[test]
fn missing_is_missing_in_targets_too() {
    insta::assert_snapshot!(gist(&refused("x,y\n1,a\n2,NaN\n3,b\n", "target: \"y\"")), @r#"
    error: t.csv: line 3, column 2 (`y`): `NaN` stands for a missing value
     --> a.ron:1:18
      = help: put a value in its place, or leave the row out
    "#);
    for missing in ["", "?", "NA", "N/A", "nan", "null", "NULL", "None", "\"\"", "\"NA\""] {
        for (table, column) in [
            (format!("x,y\n1,a\n2,{missing}\n3,b\n"), 2),
            (format!("x,y\n1,a\n{missing},a\n3,b\n"), 1),
        ] {
            let message = refused(&table, "target: \"y\"");
            assert!(
                message.contains(&format!("line 3, column {column} (")),
                "{missing}: {message}"
            );
            assert!(message.contains("leave the row out"), "{missing}: {message}");
        }
        let values = refused(format!("x,y\n1,1\n2,{missing}\n3,2\n"), "target: \"y\", kind: Values");
        assert!(values.contains("line 3, column 2 (`y`)"), "{missing}: {values}");
    }
}

#[test]
fn numbers_of_equal_value_are_one_class_and_spellings_are_warned_of() {
    let folder = Folder::new().with("t.csv", "x,y\n1,1\n2,1.0\n3,01\n4,0\n5,-0.0\n6,0e3\n");
    let (_, data) = folder.open("task: Csv(path: \"t.csv\", target: \"y\"), split: Random(validation: 0, test: 0)");
    assert_eq!(data.class_names().unwrap(), ["0", "1"]);
    assert_eq!(data.labels().unwrap(), [1, 1, 1, 0, 0, 0]);
    let mut table = rows(18).replace('a', "yes").replace('b', "no");
    table += "0.5,Yes\n0.4,YES\n";
    let said = warnings(format!("x,y\n{table}"), "target: \"y\"");
    insta::assert_snapshot!(said[0], @r#"t.csv: column 2 (`y`): the classes `YES` (line 21), `Yes` (line 20) and `yes` (line 2) differ in small and large letters only; write them alike if they are one"#);
    assert!(
        warnings(format!("x,y\n{}", rows(40)), "target: \"y\"").is_empty(),
        "the control"
    );
}

#[test]
fn a_name_that_occurs_twice_names_no_column() {
    let table: String = (0..40).map(|i| format!("{i},0.{},{i}\n", i % 7)).collect();
    let table = format!("y,x,y\n{}", table.replace("0,0.0,0\n", "1,0.0,1\n"));
    insta::assert_snapshot!(gist(&refused(&table, "target: \"y\", kind: Values")), @r#"
    error: `task.target`: columns 1 and 3 of the file are both called "y"
     --> a.ron:1:35
      = help: name the one that is meant by its number, 1 or 3, and ignore a copy of the target
    "#);
    assert!(refused(&table, "target: 2, ignore: [\"y\"], kind: Values").contains("`task.ignore`"));
    // by its number it is read, and the copy among the inputs is warned of
    let said = warnings(&table, "target: 1, kind: Values");
    insta::assert_snapshot!(said[0], @r#"t.csv: line 1, column 3 is called `y`, as the target (column 1) is: among inputs a copy of the target gives the answer away; to leave out what is no input, say `ignore: [3]`"#);
    let twice = warnings(
        format!("x,x,y\n{}", rows(40).replace("0.", "0.1,0.").replace("0,", "0,0.0,")),
        "target: \"y\"",
    );
    assert!(
        twice[0].contains("column 1 and column 2 have the same name, `x`") && twice[0].contains("`ignore: [1, 2]`"),
        "{twice:?}"
    );
}

#[test]
fn a_column_that_counts_the_rows_or_has_no_name_is_warned_of() {
    let numbered = |first: usize, n: usize| -> String {
        rows(n)
            .lines()
            .enumerate()
            .map(|(i, row)| format!("{},{row}\n", i + first))
            .collect()
    };
    let unnamed = warnings(format!(",x,y\n{}", numbered(0, 12)), "target: \"y\"");
    insta::assert_snapshot!(unnamed[0], @r#"t.csv: line 1, column 1 has no name and is an input; to leave out what is no input, say `ignore: [1]`"#);
    let counting = warnings(format!("id,x,y\n{}", numbered(1, 12)), "target: \"y\"");
    insta::assert_snapshot!(counting[0], @r#"t.csv: column 1 (`id`) counts the rows and is an input; to leave out what is no input, say `ignore: ["id"]`"#);
    let headless = warnings(numbered(0, 12), "target: 3, header: false");
    assert!(
        headless[0].contains("t.csv: column 1 counts the rows") && headless[0].contains("`ignore: [1]`"),
        "{headless:?}"
    );
    let ignored = warnings(format!("id,x,y\n{}", numbered(1, 12)), "target: \"y\", ignore: [1]");
    assert!(ignored.iter().all(|warning| !warning.contains("column")), "{ignored:?}");
    // two in one line are told together, those that are left out already too
    let both = warnings(
        format!(",x,y,\n{}", numbered(5, 12).replace('\n', ",3\n")),
        "target: \"y\"",
    );
    assert!(both[0].contains("column 1 and column 4 have no names"), "{both:?}");
}

#[test]
fn prices_are_no_classes() {
    let prices: String = (0..200)
        .map(|i| format!("0.{i:03},{}\n", 1000 + i * 37 % 1999))
        .collect();
    insta::assert_snapshot!(gist(&refused(format!("x,price\n{prices}"), "target: \"price\"")), @r#"
    error: t.csv: column 2 (`price`), the target, has 200 different values in 200 rows, nearly every row its own
     --> a.ron:1:18
      = help: numbers to be predicted are `kind: Values`
    "#);
    // a few of each: a warning
    let rounded: String = (0..200).map(|i| format!("0.{i:03},{}\n", i % 50 * 10)).collect();
    let said = warnings(format!("x,price\n{rounded}"), "target: \"price\"");
    assert!(
        said[0].contains("the numbers make 50 classes of 200 rows") && said[0].contains("`kind: Values`"),
        "{said:?}"
    );
    // the control: fifty classes of twenty rows each
    let many: String = (0..1000).map(|i| format!("0.{i:03},{}\n", i % 50)).collect();
    let folder = Folder::new().with("t.csv", format!("x,y\n{many}"));
    let (_, data) = folder.open("task: Csv(path: \"t.csv\", target: \"y\")");
    assert_eq!((data.kind(), data.reading().warnings.len()), (Kind::Classes(50), 0));
    let names: String = (0..60).map(|i| format!("0.{i},w{i}\n")).collect();
    assert!(refused(format!("x,name\n{names}"), "target: \"name\"").contains("name the column that holds the class"));
    let y: Vec<u8> = (0..200u16).flat_map(|i| (i * 3).to_le_bytes()).collect();
    let folder = Folder::new()
        .with("x.npy", npy("|u1", false, "(200,)", &[1; 200]))
        .with("y.npy", npy("<u2", false, "(200,)", &y));
    let message = folder.refusal("Npy(x: \"x.npy\", y: \"y.npy\")");
    assert!(
        message.contains("200 different values in 200 samples") && message.contains("`kind: Values`"),
        "{message}"
    );
}

/// As the README says: several targets make a regression.
#[test]
fn several_targets_are_values() {
    let folder = Folder::new().with("t.csv", "a,b,x\n1,2,3\n4,5,6\n");
    for target in ["[\"a\", \"b\"]", "[1, 2]", "[\"a\", 2], kind: Values"] {
        let (plan, data) = folder.open(&format!(
            "task: Csv(path: \"t.csv\", target: {target}), split: Random(validation: 0, test: 0)"
        ));
        assert_eq!(
            (data.kind(), all(&data).1.as_slice()),
            (Kind::Values(2), &[1.0, 2.0, 4.0, 5.0][..])
        );
        assert!(plan.task_text().contains("kind: Values"), "{}", plan.task_text());
    }
    let message = folder.refusal("Csv(path: \"t.csv\", target: [\"a\", \"b\"], kind: Classes)");
    assert!(message.contains("several columns cannot name one class"), "{message}");
    let words = Folder::new()
        .with("t.csv", "a,b,x\nu,2,3\nv,5,6\n")
        .refusal("Csv(path: \"t.csv\", target: [\"a\", \"b\"])");
    assert!(
        words.contains("`u` is not a number") && words.contains("words are classes"),
        "{words}"
    );
}

#[test]
fn cells_may_stand_apart_by_blanks() {
    let table = "x  z\ty\n 15.26\t14.84   a  \n\n14.88 \t 14.57 \"b c\"\n";
    let folder = Folder::new().with("t.csv", table);
    let (plan, data) = folder
        .open("task: Csv(path: \"t.csv\", target: \"y\", delimiter: Blanks), split: Random(validation: 0, test: 0)");
    assert_eq!(all(&data).0.as_slice(), [15.26, 14.84, 14.88, 14.57]);
    assert_eq!(data.class_names().unwrap(), ["a", "b c"]);
    assert!(plan.task_text().contains("delimiter: Blanks"));
    assert_eq!(
        folder.plan(&format!("task: {}", plan.task_text())).unwrap().task,
        plan.task
    );
    insta::assert_snapshot!(gist(&refused("x y\n1 a\n2 b\n", "target: \"y\"")), @r#"
    error: t.csv: has one column by the delimiter ','
     --> a.ron:1:18
      = help: say `delimiter: Blanks`
    "#);
    let doubled = refused("x y\n1  a\n2 b\n", "target: 2, header: true, delimiter: ' '");
    assert!(doubled.contains("line 2 has more cells"), "{doubled}");
    let tabs = refused("x\ty\n1\ta\n2\tb\n", "target: \"y\"");
    assert!(tabs.contains("`delimiter: '\\t'`"), "{tabs}");
    let semicolons = refused("1,5;2,5\n2,5;1,5\n", "target: 3, header: false");
    assert!(semicolons.contains("`delimiter: ';'`"), "{semicolons}");
}

#[test]
fn decimals_may_stand_behind_a_comma() {
    let folder = Folder::new().with("t.csv", "x;y\n1,5;0,25\n-2e1;3\n");
    let task = "Csv(path: \"t.csv\", target: \"y\", kind: Values, delimiter: ';', decimal: ',')";
    let (plan, data) = folder.open(&format!("task: {task}, split: Random(validation: 0, test: 0)"));
    let (x, y) = all(&data);
    assert_eq!((x.as_slice(), y.as_slice()), (&[1.5, -20.0][..], &[0.25, 3.0][..]));
    assert_eq!(
        folder.plan(&format!("task: {}", plan.task_text())).unwrap().task,
        plan.task
    );
    insta::assert_snapshot!(gist(&refused("x;y\n1,5;a\n2;b\n", "target: \"y\", header: true, delimiter: ';'")), @r#"
    error: t.csv: line 2, column 1 (`x`): `1,5` has a decimal comma
     --> a.ron:1:18
      = help: say `decimal: ','`
    "#);
    let groups = refused("x;y\n1;a\n1,234.5;b\n", "target: \"y\", delimiter: ';'");
    assert!(
        groups.contains("line 3, column 1 (`x`): `1,234.5` has digit groups") && groups.contains("`1234.5`"),
        "{groups}"
    );
    let other = refused("x;y\n1;a\n1,234.5;b\n", "target: \"y\", delimiter: ';', decimal: ';'");
    assert!(other.contains("`task.decimal`"), "{other}");
}

#[test]
fn what_ends_a_line_is_said_by_name() {
    insta::assert_snapshot!(gist(&refused("x,y,\n1,a,\n2,b,\n", "target: \"y\"")), @r#"
    error: t.csv: column 3 (no name) is empty in all rows, as a delimiter at the end of each line makes it
     --> a.ron:1:18
      = help: leave it out: `ignore: [3]`
    "#);
    let rows_only = refused("x,y\n1,a,\n2,b,\n", "target: \"y\"");
    assert!(
        rows_only.contains("line 2 has more cells") && rows_only.contains("leave out the ',' at the end of lines"),
        "{rows_only}"
    );
    insta::assert_snapshot!(gist(&refused("x,y\r1,a\r2,b\r", "target: \"y\"")), @r#"
    error: t.csv: line 1 has a lone carriage return (`\r`), which ends no line
     --> a.ron:1:18
      = help: save the file with the line ends `\n` or `\r\n`
    "#);
    assert!(
        refused("x,y\n1,a\n2,b\nx,y\n3,a\n", "target: \"y\"").contains("line 4 holds the names of the columns again")
    );
    // as today
    let folder = Folder::new().with("t.csv", "x,y\r\n1,a\r\n2,b\r\n");
    folder.open("task: Csv(path: \"t.csv\", target: \"y\")");
    assert!(refused(b"x,y\n1,caf\xe9\n2,b\n", "target: \"y\"").contains("line 2 is no UTF-8 text"));
    assert!(refused(b"\xff\xfex\0,\0y\0\n\0", "target: \"y\"").contains("line 1 is no UTF-8 text"));
}

/// Escape sequences of a table do not reach the terminal.
#[test]
fn what_stands_in_a_table_is_shown_without_control_characters() {
    for table in [
        "x,\u{1b}[2Jy\n1,a\n2,b\n",
        "x,y\n1,a\n\u{1b}[31m,b\n",
        "x,y\n1,a\n2,\u{7}\n",
    ] {
        let output = lab(table, "target: 2").run("check a.ron");
        let said = [output.stdout, output.stderr].concat();
        assert!(
            said.iter().all(|&byte| byte == b'\n' || byte >= 0x20),
            "{}",
            String::from_utf8_lossy(&said)
        );
    }
}
