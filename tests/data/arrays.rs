//! Read one's own arrays and images of every type, and show in `check` what any data hold.

use crate::data_support::{Folder, all, idx, npy, published};
use crate::support::{Lab, errors};
use creditlab::tasks::{DataFolders, Kind};
use std::fs;

const ALL: &str = "split: Random(validation: 0, test: 0)";

#[test]
fn the_number_of_classes_can_be_given() {
    let folder = Folder::new()
        .with("x.npy", npy("|u1", false, "(3,)", &[0, 1, 2]))
        .with("y.npy", npy("|u1", false, "(3,)", &[4, 0, 4]))
        .with("ty.npy", npy("|u1", false, "(3,)", &[9, 0, 4]));
    let (plan, data) = folder.open(&format!("task: Npy(x: \"x.npy\", y: \"y.npy\", classes: 10), {ALL}"));
    assert_eq!(
        (data.kind(), data.labels().unwrap()),
        (Kind::Classes(10), &[4, 0, 4][..])
    );
    assert_eq!(
        folder.plan(&format!("task: {}", plan.task_text())).unwrap().task,
        plan.task
    );
    let test = "test_x: \"x.npy\", test_y: \"ty.npy\"";
    folder.open(&format!("task: Npy(x: \"x.npy\", y: \"y.npy\", classes: 10, {test})"));
    let message = folder.refusal(&format!("Npy(x: \"x.npy\", y: \"y.npy\", {test})"));
    assert!(
        message.contains("target 0 is 9, a class that no training sample has") && message.contains("`classes: 10`"),
        "{message}"
    );
    let message = folder.refusal("Npy(x: \"x.npy\", y: \"y.npy\", classes: 4)");
    assert!(
        message.contains("target 0 is 4, none of the 4 classes from 0 to 3"),
        "{message}"
    );
    for (options, part) in [
        ("classes: 1", "1 class"),
        ("classes: 70000", "more than 65536"),
        ("classes: 3, kind: Values", "no effect"),
    ] {
        let message = folder.refusal(&format!("Npy(x: \"x.npy\", y: \"y.npy\", {options})"));
        assert!(message.contains(part), "{options}: {message}");
    }
}

/// Row 0 is class 2, row 1 class 0, row 2 class 2, in both orders of values.
#[test]
fn one_hot_targets_are_classes() {
    let rows = [0u8, 0, 1, 1, 0, 0, 0, 0, 1];
    let columns = [0u8, 1, 0, 0, 0, 0, 1, 0, 1];
    let x = || Folder::new().with("x.npy", npy("|u1", false, "(3,)", &[0, 1, 2]));
    let task = "Npy(x: \"x.npy\", y: \"y.npy\", targets: OneHot)";
    for (fortran, values) in [(false, rows), (true, columns)] {
        let folder = x().with("y.npy", npy("|u1", fortran, "(3, 3)", &values));
        let (plan, data) = folder.open(&format!("task: {task}, {ALL}"));
        assert_eq!(
            (data.kind(), data.labels().unwrap()),
            (Kind::Classes(3), &[2, 0, 2][..])
        );
        assert_eq!(
            folder.plan(&format!("task: {}", plan.task_text())).unwrap().task,
            plan.task
        );
    }
    for (values, part) in [
        ([0u8, 0, 1, 1, 0, 0, 0, 0, 0], "sample 2 has no 1"),
        (
            [0, 0, 1, 1, 0, 1, 0, 0, 1],
            "value [1, 2] (row, column, from 0) is the second 1 of sample 1",
        ),
        ([0, 0, 1, 1, 0, 7, 0, 0, 1], "value [1, 2] (row, column, from 0) is 7"),
    ] {
        let message = x().with("y.npy", npy("|u1", false, "(3, 3)", &values)).refusal(task);
        assert!(message.contains(part) && message.contains("y.npy"), "{message}");
    }
    let folder = x().with("y.npy", npy("|u1", false, "(3, 3)", &rows));
    let message = folder.refusal("Npy(x: \"x.npy\", y: \"y.npy\")");
    assert!(message.contains("say `targets: OneHot`"), "{message}");
    let message = folder.refusal("Npy(x: \"x.npy\", y: \"y.npy\", targets: OneHot, kind: Values)");
    assert!(
        message.contains("`task.targets`") && message.contains("no effect"),
        "{message}"
    );
    let message = x().with("y.npy", npy("|u1", false, "(3,)", &[0, 1, 0])).refusal(task);
    assert!(message.contains("no one-hot code"), "{message}");
}

#[test]
fn types_that_are_not_read_have_a_remedy_each() {
    for (bytes, parts) in [
        (npy("<f2", false, "(2,)", &[0; 4]), ["type `<f2`", "x.astype('f4')"]),
        (npy("|b1", false, "(2,)", &[0; 2]), ["type `|b1`", "x.astype('u1')"]),
        (npy("<c16", false, "(2,)", &[0; 32]), ["type `<c16`", "x.real"]),
        (npy("<U3", false, "(2,)", &[0; 24]), ["type `<U3`", "numpy.unique"]),
        (b"PK\x03\x04and so on".to_vec(), ["NPZ archive", "numpy.load"]),
        (b"\x1f\x8band so on".to_vec(), ["is compressed", "gunzip"]),
    ] {
        let folder = Folder::new()
            .with("x.npy", bytes)
            .with("y.npy", npy("|u1", false, "(2,)", &[0, 1]));
        let message = folder.refusal("Npy(x: \"x.npy\", y: \"y.npy\")");
        assert!(
            parts.iter().all(|part| message.contains(part)) && message.contains("help:"),
            "{message}"
        );
    }
}

#[test]
fn a_number_that_is_none_is_found_in_check() {
    let values: Vec<u8> = [1.0, 2.0, 3.0, f64::NAN, 5.0, 6.0]
        .iter()
        .flat_map(|x: &f64| x.to_le_bytes())
        .collect();
    let lab = Lab::new("(task: Npy(x: \"x.npy\", y: \"y.npy\"), arms: [Backprop])");
    fs::write(lab.path("x.npy"), npy("<f8", false, "(2, 3)", &values)).unwrap();
    fs::write(lab.path("y.npy"), npy("|u1", false, "(2,)", &[0, 1])).unwrap();
    let message = lab.fail("check a.ron", 2);
    assert!(
        message.contains("x.npy: value [1, 0] (row, column, from 0) is NaN"),
        "{message}"
    );
    assert_eq!(message, lab.fail("run a.ron", 2));
}

/// An IDX file with values of another type.
fn typed(code: u8, dims: &[u32], values: &[u8]) -> Vec<u8> {
    let mut bytes = idx(dims, values);
    bytes[2] = code;
    bytes
}

#[test]
fn images_of_every_type_are_read_as_they_are() {
    let values = [-2i32, 0, 3, 100];
    for (code, bytes) in [
        (
            0x09,
            values
                .iter()
                .flat_map(|&x| (x as i8).to_be_bytes())
                .collect::<Vec<u8>>(),
        ),
        (0x0b, values.iter().flat_map(|&x| (x as i16).to_be_bytes()).collect()),
        (0x0c, values.iter().flat_map(|&x| x.to_be_bytes()).collect()),
        (0x0d, values.iter().flat_map(|&x| (x as f32).to_be_bytes()).collect()),
        (0x0e, values.iter().flat_map(|&x| f64::from(x).to_be_bytes()).collect()),
    ] {
        let labels: Vec<u8> = [70_000i32, -1].iter().flat_map(|x| x.to_be_bytes()).collect();
        let folder = Folder::new()
            .with("i", typed(code, &[2, 1, 2], &bytes))
            .with("l", typed(0x0c, &[2], &labels));
        let (_, data) = folder.open(&format!("task: Idx(images: \"i\", labels: \"l\"), {ALL}"));
        assert_eq!(all(&data).0.as_slice(), [-2.0, 0.0, 3.0, 100.0], "{code:#04x}");
        assert_eq!(
            (data.class_names().unwrap(), data.labels().unwrap()),
            (&["-1".to_string(), "70000".into()][..], &[1, 0][..])
        );
    }
}

#[test]
fn images_of_one_s_own_are_converted_not_replaced() {
    let task = "Idx(images: \"i\", labels: \"l\")";
    let refused = |images: Vec<u8>, labels: Vec<u8>| {
        let message = Folder::new().with("i", images).with("l", labels).refusal(task);
        assert!(!message.contains("published") && message.contains("help:"), "{message}");
        message
    };
    let good = || idx(&[2, 1, 1], &[0, 1]);
    let message = refused(b"\x89PNG\r\n\x1a\n".to_vec(), idx(&[2], &[0, 1]));
    assert!(
        message.contains("is no IDX file") && message.contains("convert it again"),
        "{message}"
    );
    assert!(refused(typed(0x0a, &[2, 1, 1], &[0, 1]), idx(&[2], &[0, 1])).contains("type 0x0a"));
    assert!(refused(good(), idx(&[3], &[0, 1, 0])).contains("with a label for each image"));
    assert!(refused(good(), idx(&[2], &[7, 7])).contains("two or more classes"));
    let halves: Vec<u8> = [0.5f32, 1.0].iter().flat_map(|x| x.to_be_bytes()).collect();
    assert!(refused(good(), typed(0x0d, &[2], &halves)).contains("label 0 is 0.5, which is no class"));
    let nan: Vec<u8> = [0.5f32, f32::NAN].iter().flat_map(|x| x.to_be_bytes()).collect();
    let folder = Folder::new()
        .with("i", typed(0x0d, &[2, 1, 1], &nan))
        .with("l", idx(&[2], &[0, 1]));
    let plan = folder.plan(&format!("task: {task}, {ALL}")).unwrap();
    let message = plan.load(&DataFolders::none()).unwrap_err().to_string();
    assert!(
        message.contains("value 0 of sample 1, counted from 0, is NaN"),
        "{message}"
    );
}

/// `check` shows what was read; the table has an ignored column, words as classes, and a rare class.
#[test]
fn check_shows_what_was_read() {
    let rows: String = (0..20)
        .map(|i| format!("0.{i:02},note,{},{i}\n", ["red", "blue"][i % 2]))
        .collect();
    let lab = Lab::new(
        "(task: Csv(path: \"t.csv\", target: \"kind\", ignore: [\"note\"]), split: Random(validation: 0.1, test: 0.2), arms: [Backprop])",
    );
    lab.write("t.csv", &format!("width,note,kind,size\n{rows}0.5,note,rare,250.5\n"));
    let said = lab.succeed("check a.ron --seeds 2 --threads 1");
    let data = said
        .split_once("of kept runs\n")
        .expect("what the program does comes first")
        .1;
    insta::assert_snapshot!(data, @r"
    inputs     width, size
    target     kind
    ignored    note
    range      from 0 to 250.5, mean 10.55, sd 37.97, before scaling
    classes    samples in training, validation and test with seed 0
      blue        8       0       2
      rare        1       0       0
      red         6       2       2
    warning: input 2 (`size`) runs from 0 to 250.5, and inputs are used as they are: networks learn badly from numbers far from 1; say `scale: (inputs: Standard)` or `scale: (inputs: MinMax)`
    warning: class `blue` has no sample in the validation part; `stratified: true` in the split gives each part its share
    warning: class `rare` has no sample in the validation part; `stratified: true` in the split gives each part its share
    warning: class `rare` has no sample in the test part; `stratified: true` in the split gives each part its share
    ");
    lab.succeed("run a.ron --seeds 2 --no-figures --set stop=Steps(1)");
    let manifest = fs::read_to_string(lab.path("results/a/manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    assert_eq!(manifest["classes"], serde_json::json!(["blue", "rare", "red"]));
    // values have no classes
    lab.write("a.ron", "(task: Csv(path: \"t.csv\", target: \"size\", ignore: [\"note\", \"kind\"], kind: Values), stop: Steps(1), arms: [Backprop])");
    let said = lab.succeed("check a.ron --seeds 1");
    assert!(
        said.contains("values     from 0 to 250.5") && !said.contains("classes  "),
        "{said}"
    );
    lab.succeed("run a.ron --seeds 1 --no-figures --fresh");
    let manifest = fs::read_to_string(lab.path("results/a/manifest.json")).unwrap();
    assert!(!manifest.contains("\"classes\""), "{manifest}");
}

/// Raw pixels of an array: warned of where they are used as they are.
#[test]
fn inputs_far_from_unit_scale_are_warned_of() {
    let told = |descr: &str, bytes: Vec<u8>, scale: &str| {
        let fields = format!("{scale}stop: Steps(1), seeds: 1, measure: (against: [])");
        let lab = Lab::new(&format!(
            "(task: Npy(x: \"x.npy\", y: \"y.npy\"), {fields}, arms: [Backprop])"
        ));
        fs::write(lab.path("x.npy"), npy(descr, false, "(20, 2)", &bytes)).unwrap();
        let labels: Vec<u8> = (0..20).map(|i| i / 2 % 2).collect();
        fs::write(lab.path("y.npy"), npy("|u1", false, "(20,)", &labels)).unwrap();
        let said = lab.succeed("check a.ron");
        let output = lab.run("run a.ron --no-figures");
        let warning = "warning: input 2 runs from 0 to 247";
        assert_eq!(said.contains(warning), errors(&output).contains(warning), "{said}");
        said
    };
    let pixels: Vec<u8> = (0..40).map(|i| if i % 2 == 0 { 1 } else { 13 * (i / 2) }).collect();
    let said = told("|u1", pixels.clone(), "");
    assert!(
        said.contains("warning: input 2 runs from 0 to 247, and inputs are used as they are")
            && said.contains("`scale: (inputs: Standard)`"),
        "{said}"
    );
    for scale in ["scale: (inputs: Standard), ", "scale: (inputs: MinMax), "] {
        assert!(
            !told("|u1", pixels.clone(), scale).contains("used as they are"),
            "{scale}"
        );
    }
    let tiny: Vec<u8> = (0..40).flat_map(|i| (f64::from(i) * 1e-6).to_le_bytes()).collect();
    assert!(
        told("<f8", tiny, "").contains("no input is larger than input 2"),
        "too small is far too"
    );
    let unit: Vec<u8> = (0..40)
        .flat_map(|i| (f64::from(i) / 20.0 - 1.0).to_le_bytes())
        .collect();
    assert!(!told("<f8", unit, "").contains("used as they are"));
}

/// The layouts in which other programs leave MNIST: `MNIST/raw/`, and files with a point before `idx`.
#[test]
fn mnist_is_found_as_others_leave_it() {
    let data = |set: &str, names: [&str; 4]| {
        let lab = Lab::new("(task: Mnist, arms: [Backprop])");
        fs::create_dir_all(lab.path(&format!("data/{set}"))).unwrap();
        for name in names {
            fs::write(lab.path(&format!("data/{set}/{name}")), idx(&[1], &[0])).unwrap();
        }
        lab.fail("check a.ron", 2)
    };
    let hyphens = [
        "train-images-idx3-ubyte",
        "train-labels-idx1-ubyte.gz",
        "t10k-images-idx3-ubyte",
        "t10k-labels-idx1-ubyte",
    ];
    let points = [
        "train-images.idx3-ubyte",
        "train-labels.idx1-ubyte",
        "t10k-images.idx3-ubyte",
        "t10k-labels.idx1-ubyte.gz",
    ];
    for set in ["mnist", "mnist/raw", "MNIST", "MNIST/raw"] {
        for names in [hyphens, points] {
            let message = data(set, names);
            // found, and found wanting
            assert!(
                message.contains(&format!("data/{set}/{}", names[0])) && message.contains("the published file has"),
                "{message}"
            );
        }
    }
    let message = data("MNIST/raw", [hyphens[0]; 4]);
    assert!(
        message.contains("MNIST/raw") && message.contains("lacks train-labels-idx1-ubyte"),
        "{message}"
    );
    assert!(message.contains("`creditlab data fetch mnist`"), "{message}");
}

/// Real files, where they are on this machine.
#[test]
fn real_files_are_read_or_asked_about() {
    if let Some(folder) = published("iris") {
        let at = folder.join("iris.csv").display().to_string();
        let message = Folder::new().refusal(&format!("Csv(path: \"{at}\", target: 5)"));
        assert!(message.contains("line 1 could be a sample"), "{message}");
        let body = fs::read_to_string(&at).unwrap().split_once('\n').unwrap().1.to_string();
        let folder = Folder::new().with("t.csv", body);
        let (_, data) = folder.open("task: Csv(path: \"t.csv\", target: 5, header: false)");
        assert_eq!((data.samples().training, data.class_names().unwrap().len()), (150, 3));
    }
    if let Some(folder) = published("wheat-seeds") {
        let at = folder.join("wheat-seeds.csv").display().to_string();
        assert!(
            Folder::new()
                .refusal(&format!("Csv(path: \"{at}\", target: 8)"))
                .contains("`header: false`")
        );
        let (_, data) = Folder::new().open(&format!("task: Csv(path: \"{at}\", target: 8, header: false)"));
        assert_eq!(data.samples().training, 210);
        assert_eq!(data.reading().warnings, [""; 0]);
    }
    if let Some(folder) = published("digits") {
        let at = folder.join("digits.csv.gz").display().to_string();
        assert!(
            Folder::new()
                .refusal(&format!("Csv(path: \"{at}\", target: 65)"))
                .contains("is compressed")
        );
        let mut text = String::new();
        let file = fs::File::open(&at).unwrap();
        std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(file), &mut text).unwrap();
        let folder = Folder::new().with("t.csv", text);
        let (_, data) = folder.open("task: Csv(path: \"t.csv\", target: 65, header: false)");
        assert_eq!((data.samples().training, data.class_names().unwrap().len()), (1797, 10));
    }
    if let Some(folder) = published("mnist1d") {
        let file = |name: &str| folder.join(name).display().to_string();
        let [x, y, test_x, test_y] = ["train-x.npy", "train-y.npy", "test-x.npy", "test-y.npy"].map(file);
        let task =
            format!("task: Npy(x: \"{x}\", y: \"{y}\", test_x: \"{test_x}\", test_y: \"{test_y}\", classes: 10)");
        let (_, data) = Folder::new().open(&task);
        assert_eq!(
            (data.samples().training, data.samples().test, data.inputs()),
            (4000, 1000, 40)
        );
    }
    if let Some(folder) = published("mnist") {
        let file = |name: &str| folder.join(name).display().to_string();
        let (images, labels) = (file("t10k-images-idx3-ubyte.gz"), file("t10k-labels-idx1-ubyte.gz"));
        let (_, data) = Folder::new().open(&format!("task: Idx(images: \"{images}\", labels: \"{labels}\")"));
        assert_eq!((data.samples().training, data.inputs()), (10_000, 784));
    }
}
