//! Check how tasks are read and written, and that what is known before loading is what is loaded.

use super::*;
use ron::extensions::Extensions;

fn read(text: &str) -> Result<Task, ron::error::SpannedError> {
    ron::Options::default()
        .with_default_extension(Extensions::UNWRAP_VARIANT_NEWTYPES)
        .from_str(text)
}

fn write(task: &Task) -> String {
    ron::Options::default()
        .with_default_extension(Extensions::UNWRAP_VARIANT_NEWTYPES)
        .to_string(task)
        .expect("plain data")
}

#[test]
fn tasks_are_read_with_defaults_and_written_in_full() {
    for (short, full) in [
        ("Digits()", "Digits(target:Given)"),
        ("Mnist()", "Mnist(target:Given)"),
        (
            "Xor(samples: 4)",
            "Xor(samples:4,test:1000,targets:Classes,noise:0.0,stream:false,seed:0)",
        ),
        (
            "Xor(targets: Single)",
            "Xor(samples:1000,test:1000,targets:Single,noise:0.0,stream:false,seed:0)",
        ),
        (
            "LinearTeacher()",
            "LinearTeacher(inputs:30,outputs:10,weights:Uniform(1.0),samples:1000,test:1000,stream:false,seed:0)",
        ),
    ] {
        let task = read(short).unwrap();
        assert_eq!(write(&task), full);
        assert_eq!(read(full).unwrap(), task);
    }
}

#[test]
fn unknown_names_are_refused() {
    for text in [
        "Digit()",
        "Digits(sample: 3)",
        "Xor(smples: 3)",
        "LinearTeacher(weights: Unif(1.0))",
    ] {
        assert!(read(text).is_err(), "{text}");
    }
}

#[test]
fn facts_agree_with_the_data_and_name_the_default_split() {
    for (text, inputs, kind, samples, fixed) in [
        ("Digits()", 64, Kind::Classes(10), Samples::new(1797, 0), false),
        ("Xor()", 2, Kind::Classes(2), Samples::new(1000, 1000), true),
        (
            "Xor(targets: Single, test: 0)",
            2,
            Kind::Single,
            Samples::new(1000, 0),
            false,
        ),
        (
            "LinearTeacher(outputs: 3)",
            30,
            Kind::Values(3),
            Samples::new(1000, 1000),
            true,
        ),
    ] {
        let task = read(text).unwrap();
        let (facts, data) = (task.facts(Path::new("")).unwrap(), task.load(Places::none()).unwrap());
        assert_eq!(
            (facts.inputs, facts.kind, facts.samples),
            (inputs, kind, samples),
            "{text}"
        );
        assert_eq!(
            (data.inputs(), data.kind(), data.samples()),
            (inputs, kind, samples),
            "{text}"
        );
        assert_eq!(matches!(facts.default_split(), Split::Fixed(_)), fixed, "{text}");
        assert!(!task.about().contains('\n') && !task.about().is_empty());
    }
}
