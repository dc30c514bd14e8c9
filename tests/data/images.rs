//! Hold images to their shapes: those of tasks, of files, and those that an experiment gives.

use crate::data_support::{Folder, idx, npy};
use creditlab::network::Map;
use creditlab::tasks::Task;
use std::path::Path;

const ALL: &str = "split: Random(validation: 0, test: 0)";
const TABLE: &str = "a,b,c,d,e,f,kind\n1,2,3,4,5,6,x\n6,5,4,3,2,1,y\n";

#[test]
fn every_task_of_images_knows_their_shape_and_no_other_has_one() {
    for task in Task::named() {
        let shape = match task.name() {
            "Digits" => Some(Map::new(1, 8, 8)),
            "Mnist" | "FashionMnist" => Some(Map::new(1, 28, 28)),
            "Mnist1d" => Some(Map::new(1, 1, 40)),
            _ => None,
        };
        let facts = task.facts(Path::new("")).unwrap();
        assert_eq!(facts.image, shape, "{}", task.name());
        assert!(shape.is_none_or(|shape| shape.units() == facts.inputs));
    }
    let folder = Folder::new();
    for target in ["Given", "Input"] {
        let (_, data) = folder.open(&format!("task: Digits(target: {target})"));
        assert_eq!(
            data.image(),
            Some(Map::new(1, 8, 8)),
            "an autoencoder's images are images too"
        );
    }
}

#[test]
fn files_say_themselves_which_images_they_hold() {
    let folder = || {
        Folder::new()
            .with("y.npy", npy("|u1", false, "(2,)", &[0, 1]))
            .with("labels", idx(&[2], &[0, 1]))
    };
    for (sizes, shape) in [
        (&[2, 12][..], None),
        (&[2, 3, 4], Some(Map::new(1, 3, 4))),
        (&[2, 2, 3, 2], Some(Map::new(2, 3, 2))),
        (&[2, 3, 2, 1, 2], None),
    ] {
        let values: Vec<u8> = (0..24).collect();
        let text = format!("{sizes:?}").replace('[', "(").replace(']', ")");
        let folder = folder()
            .with("x.npy", npy("|u1", false, &text, &values))
            .with("images", idx(sizes, &values));
        for task in [
            "Npy(x: \"x.npy\", y: \"y.npy\"",
            "Idx(images: \"images\", labels: \"labels\"",
        ] {
            let (_, data) = folder.open(&format!("task: {task}), {ALL}"));
            assert_eq!(data.image(), shape, "{task}: {sizes:?}");
            let given = format!("{task}, image: (3, 2, 2))");
            match shape {
                None => {
                    let (plan, data) = folder.open(&format!("task: {given}, {ALL}"));
                    assert_eq!(data.image(), Some(Map::new(3, 2, 2)));
                    assert!(plan.task_text().ends_with("image: (3, 2, 2))"), "{}", plan.task_text());
                    assert_eq!(
                        folder.plan(&format!("task: {}", plan.task_text())).unwrap().task,
                        plan.task
                    );
                }
                Some(Map {
                    channels,
                    rows,
                    columns,
                }) => {
                    let message = folder.refusal(&given);
                    let own = format!("the file says itself that a sample is {channels} x {rows} x {columns}");
                    assert!(message.contains(&own) && message.contains("leave it out"), "{message}");
                }
            }
        }
    }
}

#[test]
fn tasks_without_a_shape_can_be_given_one_and_what_is_left_out_is_not_written() {
    let folder = Folder::new().with("t.csv", TABLE);
    for (task, image) in [
        ("Csv(path: \"t.csv\", target: \"kind\"", "(1, 2, 3)"),
        ("Blobs(inputs: 6", "(2, 3, 1)"),
        ("Parity(bits: 6", "(1, 1, 6)"),
        ("Spirals(classes: 2", "(1, 1, 2)"),
        ("Xor(samples: 4", "(2, 1, 1)"),
        ("LinearTeacher(inputs: 6", "(1, 2, 3)"),
        ("NonlinearTeacher(inputs: 6, stream: true", "(1, 2, 3)"),
        ("Iris(target: Given", "(1, 2, 2)"),
        ("WheatSeeds(target: Input", "(1, 1, 7)"),
    ] {
        let plain = folder.plan(&format!("task: {task})")).unwrap();
        assert!(
            plain.facts.image.is_none() && !plain.task_text().contains("image"),
            "{task}"
        );
        let (plan, data) = folder.open(&format!("task: {task}, image: {image})"));
        let shape = data.image().unwrap();
        assert_eq!(
            format!("({}, {}, {})", shape.channels, shape.rows, shape.columns),
            image
        );
        assert!(
            plan.task_text().ends_with(&format!(", image: {image})")),
            "{}",
            plan.task_text()
        );
        assert_eq!(
            folder.plan(&format!("task: {}", plan.task_text())).unwrap().task,
            plan.task
        );
    }
    let message = folder.refusal("Digits(image: (1, 8, 8))");
    assert!(message.contains("unknown field `image`"), "{message}");
}

#[test]
fn a_shape_of_another_size_is_refused_where_it_stands() {
    let folder = Folder::new().with("t.csv", TABLE);
    for (task, reason, remedy) in [
        (
            "Blobs(inputs: 64, image: (1, 8, 9))",
            "1 x 8 x 9 is 72 values, a sample has 64",
            "`image: (1, 8, 8)`",
        ),
        (
            "Blobs(inputs: 3072, image: (32, 32, 32))",
            "a sample has 3072",
            "`image: (3, 32, 32)`",
        ),
        (
            "Blobs(inputs: 7, image: (1, 0, 8))",
            "1 x 0 x 8 is 0 values, a sample has 7",
            "`image: (1, 1, 7)`",
        ),
        (
            "Csv(path: \"t.csv\", target: \"kind\", image: (4294967296, 4294967296, 1))",
            "is too many values, a sample has 6",
            "`image: (1, 2, 3)`",
        ),
    ] {
        let message = folder.refusal(task);
        for part in [reason, remedy, "`task.image`", "spec.ron:1:"] {
            assert!(message.contains(part), "{message}");
        }
        let column = format!("(task: {task}").find("image: ").unwrap() + "image: ".len() + 1;
        assert!(message.contains(&format!("spec.ron:1:{column}")), "{column}: {message}");
    }
    for (image, part) in [
        ("(8, 8)", "expected 3 values, found 2"),
        ("64", "expected 3 values in brackets"),
    ] {
        let message = folder.refusal(&format!("Blobs(inputs: 64, image: {image})"));
        assert!(message.contains(part), "{message}");
    }
}
