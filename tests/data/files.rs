//! Read the user's own tables, arrays and images through experiment files, and refuse what is wrong with words that help.

use crate::data_support::{Folder, all, idx, npy, of_run};
use creditlab::tasks::{DataFolders, Kind};

const FLOWERS: &str = "length,width,kind\n1.5,2,red\n-3e1, 4 ,\"blue\"\n5,6.25,red\n7,8,blue\n9,1,red\n";

fn flowers() -> Folder {
    Folder::new().with("flowers.csv", FLOWERS)
}

#[test]
fn a_table_has_inputs_and_classes() {
    let folder = flowers();
    let (plan, data) = folder.open("task: Csv(path: \"flowers.csv\", target: \"kind\")");
    let (x, y) = all(&data);
    assert_eq!(data.class_names().unwrap(), ["blue", "red"], "in the order of letters");
    assert_eq!(x.as_slice(), [1.5, 2.0, -30.0, 4.0, 5.0, 6.25, 7.0, 8.0, 9.0, 1.0]);
    assert_eq!(y.as_slice(), [0.0, 1.0, 1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 1.0]);
    assert_eq!(
        plan.task_text(),
        "Csv(path: \"flowers.csv\", target: \"kind\", header: Detect, kind: Classes, ignore: [], test: \"\", delimiter: ',', decimal: '.')"
    );
    let again = folder.plan(&format!("task: {}", plan.task_text())).unwrap();
    assert_eq!(again.task, plan.task, "what is written reads back");
}

#[test]
fn the_order_of_rows_does_not_change_a_class_and_numbers_are_ordered_as_numbers() {
    let rows = ["1,10", "2,9", "3,-1", "4,b", "5,a"];
    for shift in 0..rows.len() {
        let mut rows = rows;
        rows.rotate_left(shift);
        let folder = Folder::new().with("t.csv", format!("x,y\n{}", rows.join("\n")));
        let (_, data) = folder.open("task: Csv(path: \"t.csv\", target: 2)");
        assert_eq!(data.class_names().unwrap(), ["-1", "9", "10", "a", "b"]);
    }
}

#[test]
fn targets_can_be_values_several_columns_or_the_input() {
    let folder = Folder::new().with("t.csv", "a;b;c;note\r\n1;2;3;x\r\n4;5;6;y\r\n\r\n");
    let open = |target: &str| {
        let (plan, data) = folder.open(&format!(
            "task: Csv(path: \"t.csv\", delimiter: ';', ignore: [\"note\"], {target}), split: Random(validation: 0, test: 0)"
        ));
        let again = folder.plan(&format!("task: {}, split: Random(test: 0.5)", plan.task_text()));
        assert_eq!(again.unwrap().task, plan.task);
        (data.kind(), all(&data))
    };
    let (kind, (x, y)) = open("target: \"b\", kind: Values");
    assert_eq!(
        (kind, x.as_slice(), y.as_slice()),
        (Kind::Values(1), &[1.0, 3.0, 4.0, 6.0][..], &[2.0, 5.0][..])
    );
    let (kind, (x, y)) = open("target: [\"c\", 1], kind: Values");
    assert_eq!(
        (kind, x.as_slice(), y.as_slice()),
        (Kind::Values(2), &[2.0, 5.0][..], &[3.0, 1.0, 6.0, 4.0][..])
    );
    let (kind, (x, y)) = open("target: Input");
    assert_eq!(
        (kind, x.as_slice()),
        (Kind::Values(3), &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0][..])
    );
    assert_eq!(y, x);
}

#[test]
fn a_table_without_header_and_a_table_for_test() {
    let folder = Folder::new()
        .with("a.csv", "\u{feff}1,2,7\n3,4,8\n")
        .with("b.csv", "5,6,8\n");
    let (plan, data) = folder
        .open("task: Csv(path: \"a.csv\", test: \"b.csv\", target: 3, header: false), split: Fixed(validation: 0)");
    assert_eq!((plan.sizes.train, plan.sizes.test), (2, 1));
    assert_eq!(data.labels().unwrap(), [0, 1, 1]);
    let (parts, _) = of_run(&plan, &data, 0);
    assert_eq!(parts.test, [2]);
}

/// Messages name file, line, column and remedy.
#[test]
fn what_is_wrong_with_a_table_is_said_where_it_is() {
    let csv = |text: &str, options: &str| {
        let message = Folder::new()
            .with("t.csv", text)
            .refusal(&format!("Csv(path: \"t.csv\", {options})"));
        assert!(
            message.starts_with("error: ") && message.contains("spec.ron:1:"),
            "{message}"
        );
        message
    };
    let refused = |text: &str, options: &str, parts: &[&str]| {
        let message = csv(text, options);
        for part in parts {
            assert!(message.contains(part), "{part:?} is not in {message}");
        }
    };
    let y = "target: \"y\"";
    refused(
        "x,y\n1,a\nblue,b\n",
        y,
        &[
            "t.csv: line 3, column 1 (`x`): `blue` is not a number",
            "ignore: [\"x\"]",
            "one column of 0 and 1",
        ],
    );
    refused("x,y\n1,a\n,b\n", y, &["line 3, column 1 (`x`): the cell is empty"]);
    refused("x,y\n1,a\n2,\"\"\n", y, &["line 3, column 2 (`y`): the cell is empty"]);
    refused(
        "x,y\n1,a\nNaN,b\n",
        y,
        &["line 3, column 1 (`x`): `NaN` stands for a missing value"],
    );
    refused("x,y\n1,a\n1e400,b\n", y, &["`1e400` is not finite"]);
    refused(
        "x,y\n1,a\n\"1,5\",b\n",
        y,
        &["`1,5` has a decimal comma", "`decimal: ','`"],
    );
    refused("x,y\n1,a\n2\n", y, &["line 3 has 1 cells where the first line has 2"]);
    refused("x,y\n1,a\n2,b,c\n", y, &["line 3 has more cells"]);
    refused(
        "x,y\n1,a\n2,\"b\n3,c\n",
        y,
        &["line 3, column 2: a quote is not closed"],
    );
    refused(
        "x,y\n1,a\n2,\"b\"c\n",
        y,
        &["line 3, column 2: something follows a quoted cell"],
    );
    refused(
        "1,2\n1,a\n",
        "target: 2",
        &["line 1 could be a sample", "header: false"],
    );
    refused(
        "x,y\n1,a\n",
        "target: 2, header: false",
        &["line 1, column 1: `x` is not a number", "header: true"],
    );
    refused("x;y\n1;a\n", y, &["one column by the delimiter ','", "delimiter: ';'"]);
    refused("", y, &["is empty"]);
    refused("x,y\n", y, &["no rows of data"]);
    refused("x,y\n1,a\n2,a\n", y, &["has 1 class"]);
    refused("y\na\nb\n", y, &["no column of inputs"]);
    refused(
        "x,y\n1,a\n2,b\n",
        "target: \"z\"",
        &["the file has no column \"z\"", "`x`, `y`"],
    );
    refused("x,y\n1,a\n2,b\n", "target: 3", &["the file has no column 3"]);
    refused("x,y\n1,a\n2,b\n", "target: 0", &["the file has no column 0"]);
    refused(
        "x,y\n1,a\n2,b\n",
        "target: [\"y\"]",
        &["`a` is not a number", "words are classes"],
    );
    refused(
        "x,y\n1,a\n2,b\n",
        "target: [\"y\", 2], kind: Values",
        &["column 2 is named twice"],
    );
    refused("x,y\n1,a\n2,b\n", "target: \"y\", ignore: [2]", &["ignores the target"]);
    refused("x,y\n1,a\n2,b\n", "target: y", &["`y`"]);
    refused(
        "x,y\n1,a\n2,b\n",
        "target: \"y\", delimiter: 'x'",
        &["'x' cannot stand between cells"],
    );
    let fractions: String = (0..30).map(|i| format!("{i},0.{i:02}\n")).collect();
    refused(
        &format!("x,y\n{fractions}"),
        y,
        &["29 different values in 30 rows", "kind: Values"]
            .map(|part| part.replace("29", "30"))
            .each_ref()
            .map(String::as_str),
    );
    let missing = Folder::new().refusal("Csv(path: \"none.csv\", target: 1)");
    assert!(
        missing.contains("none.csv: cannot be read") && missing.contains("relative to the experiment file"),
        "{missing}"
    );
    let latin = Folder::new()
        .with("t.csv", b"x,y\n1,caf\xe9\n")
        .refusal("Csv(path: \"t.csv\", target: 2)");
    assert!(latin.contains("line 2 is no UTF-8 text, from its byte 6 on"), "{latin}");
    let unknown = Folder::new()
        .with("a.csv", "x,y\n1,a\n2,b\n")
        .with("b.csv", "x,y\n1,c\n")
        .refusal("Csv(path: \"a.csv\", test: \"b.csv\", target: 2)");
    assert!(
        unknown.contains("b.csv: line 2, column 2 (`y`): `c` is a class that no training row has"),
        "{unknown}"
    );
}

/// `[[1, 2, 3], [4, 5, 6]]` in every type, order of bytes and order of values.
#[test]
fn every_type_of_array_holds_the_same_numbers() {
    let rows = [1, 2, 3, 4, 5, 6];
    let columns = [1, 4, 2, 5, 3, 6];
    let mut tried = 0;
    for (fortran, values) in [(false, rows), (true, columns)] {
        for kind in ["f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"] {
            let width: usize = kind[1..].parse().unwrap();
            let little = |value: i64| match kind {
                "f4" => (value as f32).to_le_bytes().to_vec(),
                "f8" => (value as f64).to_le_bytes().to_vec(),
                _ => value.to_le_bytes()[..width].to_vec(),
            };
            let orders: &[&str] = if width == 1 { &["|", "<", ">"] } else { &["<", ">"] };
            for order in orders {
                let bytes = |value: i64| {
                    let mut bytes = little(value);
                    if *order == ">" {
                        bytes.reverse();
                    }
                    bytes
                };
                let x: Vec<u8> = values.into_iter().flat_map(bytes).collect();
                let y: Vec<u8> = [7, 3].into_iter().flat_map(bytes).collect();
                let descr = format!("{order}{kind}");
                let folder = Folder::new()
                    .with("x.npy", npy(&descr, fortran, "(2, 3)", &x))
                    .with("y.npy", npy(&descr, false, "(2,)", &y));
                let split = "split: Random(validation: 0, test: 0)";
                let (_, data) = folder.open(&format!("task: Npy(x: \"x.npy\", y: \"y.npy\"), {split}"));
                assert_eq!(
                    all(&data).0.as_slice(),
                    [1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
                    "{descr} {fortran}"
                );
                assert_eq!(
                    (data.labels().unwrap(), data.class_names().unwrap()),
                    (&[1, 0][..], &["3".to_string(), "7".into()][..])
                );
                let (_, data) = folder.open(&format!("task: Npy(x: \"x.npy\", y: \"y.npy\", kind: Values), {split}"));
                assert_eq!(all(&data).1.as_slice(), [7.0, 3.0]);
                tried += 1;
            }
        }
    }
    assert_eq!(tried, 44);
}

/// Row-major flattening of `a[sample, i, j] = 100 sample + 10 i + j`, from both orders; negative numbers keep their sign.
#[test]
fn more_dimensions_are_flattened_as_numpy_does() {
    let value = |sample: usize, i: usize, j: usize| -((100 * sample + 10 * i + j) as i16);
    let mut c = Vec::new();
    for sample in 0..2 {
        for i in 0..3 {
            (0..4).for_each(|j| c.push(value(sample, i, j)));
        }
    }
    let mut f = Vec::new();
    for j in 0..4 {
        for i in 0..3 {
            (0..2).for_each(|sample| f.push(value(sample, i, j)));
        }
    }
    let bytes = |values: &[i16]| values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<_>>();
    let expected: Vec<f64> = c.iter().map(|&value| value.into()).collect();
    for (fortran, values) in [(false, bytes(&c)), (true, bytes(&f))] {
        let folder = Folder::new().with("x.npy", npy("<i2", fortran, "(2, 3, 4)", &values));
        let (_, data) = folder.open("task: Npy(x: \"x.npy\", target: Input), split: Random(test: 0.5, validation: 0)");
        let (x, y) = all(&data);
        assert_eq!(x.as_slice(), expected);
        assert_eq!(y, x);
    }
}

/// R06: inputs whose second moment over the samples is exactly the identity, to the last bit that the root of 6 allows.
#[test]
fn inputs_with_an_exact_second_moment_can_be_given() {
    let root = 6f64.sqrt();
    let cell = |i: usize, j: usize| if i == j { root } else { 0.0 };
    let values: Vec<u8> = (0..36).flat_map(|k| cell(k / 6, k % 6).to_le_bytes()).collect();
    let folder = Folder::new()
        .with("x.npy", npy("<f8", false, "(6, 6)", &values))
        .with("y.npy", npy("<f8", false, "(6, 6)", &values));
    let fields = "task: Npy(x: \"x.npy\", y: \"y.npy\", kind: Values), split: Random(validation: 0, test: 0), batch: Full, precision: F64";
    let (plan, data) = folder.open(fields);
    assert_eq!(plan.sizes.train, 6);
    let x = all(&data).0;
    let moment = &x * x.transpose() / 6.0;
    assert!((0..6).all(|i| (0..6).all(|j| (moment[(i, j)] - f64::from(i == j)).abs() < 3e-16)));
}

#[test]
fn what_is_wrong_with_an_array_is_said() {
    let ok = npy("<f8", false, "(2,)", &[0; 16]);
    let refused = |bytes: &[u8], part: &str| {
        let folder = Folder::new()
            .with("x.npy", bytes)
            .with("y.npy", npy("|u1", false, "(2,)", &[0, 1]));
        let message = folder.refusal("Npy(x: \"x.npy\", y: \"y.npy\")");
        assert!(
            message.contains("x.npy") && message.contains(part),
            "{part:?} is not in {message}"
        );
    };
    refused(b"", "ends too early");
    refused(b"\x93NUMPZ\x01\x00\x00\x00", "is no NPY file");
    refused(b"\x93NUMPY\x09\x00\x00\x00", "version 9");
    refused(
        b"\x93NUMPY\x02\x00\xff\xff\xff\xff",
        "claims a header of 4294967295 bytes",
    );
    refused(&npy("<f2", false, "(2,)", &[0; 4]), "type `<f2`");
    refused(&npy("<c16", false, "(2,)", &[0; 32]), "type `<c16`");
    refused(&npy("|O", false, "(2,)", &[0; 32]), "type `|O`");
    refused(&npy("<f8", false, "()", &[0; 8]), "no dimensions");
    refused(&npy("<f8", false, "(2, 0)", &[]), "size of 0");
    refused(&npy("<f8", false, "(3,)", &[0; 16]), "claims [3] = 3 values of 8 bytes");
    refused(&[&ok[..], &[0]].concat(), "bytes in all, and has");
    refused(
        &npy("<f8", false, "(4294967295, 4294967295, 4294967295)", &[0; 16]),
        "more than the",
    );
    refused(
        &npy("<f8", false, "(18446744073709551616,)", &[0; 16]),
        "header that cannot be read",
    );
    refused(&npy("<f8", false, "(-1,)", &[0; 16]), "header that cannot be read");
    refused(&npy("<f8", false, "(2,", &[0; 16]), "header that cannot be read");
    refused(&npy("<f8", false, "(3, 1)", &[0; 24]), "");
    let nan = [1.0f64.to_le_bytes(), f64::NAN.to_le_bytes()].concat();
    let folder = Folder::new()
        .with("x.npy", npy("<f8", false, "(2,)", &nan))
        .with("y.npy", npy("|u1", false, "(2,)", &[0, 1]));
    let plan = folder.plan("task: Npy(x: \"x.npy\", y: \"y.npy\")").unwrap();
    let message = plan.load(&DataFolders::none()).unwrap_err().to_string();
    assert!(message.contains("value [1] (row, from 0) is NaN"), "{message}");

    let with_y = |y: Vec<u8>, options: &str, part: &str| {
        let folder = Folder::new()
            .with("x.npy", npy("<f8", false, "(2,)", &[0; 16]))
            .with("y.npy", y);
        let message = folder.refusal(&format!("Npy(x: \"x.npy\", {options})"));
        assert!(message.contains(part), "{part:?} is not in {message}");
    };
    with_y(
        npy("|u1", false, "(3,)", &[0, 1, 2]),
        "y: \"y.npy\"",
        "has 3 targets for 2 samples",
    );
    with_y(npy("|u1", false, "(2,)", &[1, 1]), "y: \"y.npy\"", "has 1 class");
    with_y(
        npy("|u1", false, "(2, 2)", &[1, 0, 0, 1]),
        "y: \"y.npy\"",
        "2 numbers a sample where a class is one",
    );
    with_y(
        npy(
            "<f8",
            false,
            "(2,)",
            &[0.5f64.to_le_bytes(), 1f64.to_le_bytes()].concat(),
        ),
        "y: \"y.npy\"",
        "target 0 is 0.5, which is no class",
    );
    with_y(Vec::new(), "target: Given", "names no file");
    with_y(Vec::new(), "y: \"y.npy\", target: Input", "no effect");
    with_y(Vec::new(), "y: \"y.npy\", test_x: \"x.npy\"", "both test files");
}

#[test]
fn images_have_classes_that_occur_and_are_divided_by_255() {
    let folder = Folder::new()
        .with("i", idx(&[3, 1, 2], &[0, 51, 102, 153, 204, 255]))
        .with("l", idx(&[3], &[9, 4, 9]))
        .with("ti", idx(&[1, 1, 2], &[255, 0]))
        .with("tl", idx(&[1], &[4]));
    let task = "Idx(images: \"i\", labels: \"l\", test_images: \"ti\", test_labels: \"tl\")";
    let (plan, data) = folder.open(&format!("task: {task}, split: Fixed(validation: 0)"));
    assert_eq!(
        (data.class_names().unwrap(), data.labels().unwrap()),
        (&["4".to_string(), "9".into()][..], &[1, 0, 1, 0][..])
    );
    assert_eq!(all(&data).0.as_slice(), [0.0, 0.2, 0.4, 0.6, 0.8, 1.0, 1.0, 0.0]);
    assert_eq!(
        folder.plan(&format!("task: {}", plan.task_text())).unwrap().task,
        plan.task
    );
    let (_, data) = folder.open("task: Idx(images: \"i\", target: Input), split: Random(test: 0.4, validation: 0)");
    let (x, y) = all(&data);
    assert_eq!((data.kind(), &y), (Kind::Values(2), &x));

    let refused = |task: &str, part: &str| {
        let message = folder.refusal(task);
        assert!(message.contains(part), "{part:?} is not in {message}");
    };
    refused("Idx(images: \"i\", labels: \"tl\")", "holds 1 labels for 3 images");
    refused("Idx(images: \"i\", labels: \"i\")", "labels have one dimension");
    refused("Idx(images: \"i\")", "names no file");
    refused(
        "Idx(images: \"i\", labels: \"l\", test_images: \"l\", test_labels: \"l\")",
        "images of 1 numbers",
    );
    refused("Idx(images: \"ti\", labels: \"tl\")", "has 1 class");
    refused("Idx(images: \"none\", labels: \"l\")", "none: cannot be read");
}

#[test]
fn every_named_set_can_be_its_own_target() {
    for name in ["Digits", "Iris", "WheatSeeds", "Mnist1d"] {
        let (plan, data) = Folder::new().open(&format!("task: {name}(target: Input)"));
        let (x, y) = all(&data);
        assert_eq!(data.kind(), Kind::Values(data.inputs()));
        assert!(y == x && plan.facts.reconstructs);
        let (given, _) = Folder::new().open(&format!("task: {name}"));
        assert!(matches!(given.facts.kind, Kind::Classes(_)));
    }
}
