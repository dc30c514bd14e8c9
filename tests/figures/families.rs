//! Check the figure that puts many arms side by side.

use super::*;

/// The order of labels from top to bottom, without the texts that are none.
fn rows(folder: &Path, labels: &[String]) -> Vec<String> {
    let texts = check(folder, "families");
    texts.into_iter().filter(|text| labels.contains(text)).collect()
}

#[test]
fn families_stand_in_the_order_of_their_accuracy() {
    let folder = folder("families");
    // two at chance, and one of which every run diverged
    let mut courses = courses();
    courses[4].accuracy = 0.11;
    courses[8].accuracy = 0.10;
    write_result(&folder, &courses, USUAL);
    let path = folder.join("runs.csv");
    let mut runs: Vec<RunRow> = results::read(&path).unwrap();
    for run in runs.iter_mut().filter(|run| run.arm == "pepita") {
        run.status = results::Status::Diverged;
    }
    let metrics: Vec<MetricRow> = results::read(&folder.join("metrics.csv")).unwrap();
    files::place(&path, &encode(&runs)).unwrap();
    files::place(&folder.join("summary.csv"), &encode(&summary(&metrics, &runs))).unwrap();
    report::draw(&folder).unwrap();
    let course = |slug: &str| {
        courses
            .iter()
            .find(|course| made_up::slug(&course.label) == slug)
            .unwrap()
    };
    let mut finals: Vec<SummaryRow> = results::read(&folder.join("summary.csv")).unwrap();
    finals.retain(|row| row.at == At::Final && row.split == "test" && row.metric.ends_with("accuracy"));
    finals.sort_by(|a, b| b.mean.total_cmp(&a.mean));
    let ordered = finals.iter().map(|row| course(&row.arm).label.clone());
    let expected: Vec<String> = ordered.chain(["Pepita".into()]).collect();
    assert_eq!(expected.len(), 12);
    assert_eq!(rows(&folder, &expected), expected);
    let texts = check(&folder, "families");
    for text in [
        "Accuracy",
        "Alignment, hidden layers",
        "Work",
        "Angle to Backprop (°)",
        "Multiply-adds of training",
        "95",
    ] {
        assert!(texts.iter().any(|drawn| drawn == text), "{text}: {texts:?}");
    }
    let caption = caption(&folder, "families");
    for part in [
        "order of their final test accuracy",
        "logarithm of the error",
        "ForwardForward",
        "have no such values: Pepita",
        "Pepita 10 of 10",
    ] {
        assert!(caption.contains(part), "{part}: {caption}");
    }
    assert!(self::caption(&folder, "final").contains("spaced by the logarithm of the error"));
    check(&folder, "final");
    check(&folder, "work");
}

#[test]
fn few_arms_or_nothing_to_compare_make_no_families() {
    let folder = folder("few");
    write_result(&folder, &courses()[..7], Size { seeds: 2, ..USUAL });
    report::draw(&folder).unwrap();
    assert!(!folder.join("figures/families.svg").exists());
    write_result(&folder, &courses()[..8], Size { seeds: 2, ..USUAL });
    report::draw(&folder).unwrap();
    check(&folder, "families");
    let path = folder.join("runs.csv");
    let mut runs: Vec<RunRow> = results::read(&path).unwrap();
    for run in runs.iter_mut().filter(|run| run.arm != "backprop") {
        run.multiply_adds = None;
    }
    files::place(&path, &encode(&runs)).unwrap();
    report::draw(&folder).unwrap();
    assert!(!folder.join("figures/families.svg").exists());
}

/// Without classes there is a loss, on a logarithmic axis, and the least comes first.
#[test]
fn families_without_classes_are_ordered_by_loss() {
    let folder = folder("families of values");
    let size = Size {
        classes: false,
        seeds: 3,
        ..USUAL
    };
    write_result(&folder, &courses(), size);
    report::draw(&folder).unwrap();
    let labels: Vec<String> = courses().iter().map(|course| course.label.clone()).collect();
    assert_eq!(rows(&folder, &labels)[0], "Backprop");
    assert!(check(&folder, "families").contains(&"Final test loss".to_owned()));
}
