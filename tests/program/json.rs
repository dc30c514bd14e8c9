//! Hold what commands say in JSON to the schemas in `docs/schemas/`.

use crate::support::Lab;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

/// What of a value is against a schema: the place and what is wrong there. Knows the words that our schemas use, and no other.
fn violations(value: &Value, schema: &Value, root: &Value, place: &str, found: &mut Vec<String>) {
    let object = schema.as_object().expect("a schema");
    for (word, said) in object {
        let holds = match &**word {
            "$schema" | "title" | "description" | "format" | "default" | "$defs" => true,
            "$ref" => {
                let name = said.as_str().unwrap().strip_prefix("#/$defs/").unwrap();
                violations(value, &root["$defs"][name], root, place, found);
                true
            }
            "type" => match said {
                Value::Array(kinds) => kinds.iter().any(|kind| is_of(value, kind.as_str().unwrap())),
                kind => is_of(value, kind.as_str().unwrap()),
            },
            "const" => value == said,
            "enum" => said.as_array().unwrap().contains(value),
            "minimum" => value.as_f64().is_some_and(|number| number >= said.as_f64().unwrap()),
            "maximum" => value.as_f64().is_some_and(|number| number <= said.as_f64().unwrap()),
            "oneOf" | "anyOf" => said.as_array().unwrap().iter().any(|one| {
                let mut inner = Vec::new();
                violations(value, one, root, place, &mut inner);
                inner.is_empty()
            }),
            "required" => said
                .as_array()
                .unwrap()
                .iter()
                .all(|name| value.get(name.as_str().unwrap()).is_some()),
            "properties" => {
                for (name, inner) in said.as_object().unwrap() {
                    if let Some(value) = value.get(name) {
                        violations(value, inner, root, &format!("{place}.{name}"), found);
                    }
                }
                true
            }
            "additionalProperties" => {
                let none = json!({});
                let known = object.get("properties").unwrap_or(&none);
                let mut others = value
                    .as_object()
                    .into_iter()
                    .flatten()
                    .filter(|(name, _)| known.get(name).is_none());
                match said {
                    Value::Bool(allowed) => *allowed || others.next().is_none(),
                    inner => {
                        others.for_each(|(name, value)| {
                            violations(value, inner, root, &format!("{place}.{name}"), found);
                        });
                        true
                    }
                }
            }
            "items" => {
                for (i, value) in value.as_array().into_iter().flatten().enumerate() {
                    violations(value, said, root, &format!("{place}[{i}]"), found);
                }
                true
            }
            word => panic!("the test does not know `{word}`"),
        };
        if !holds {
            found.push(format!("{place}: {word} {said}, and it is {value}"));
        }
    }
}

fn is_of(value: &Value, kind: &str) -> bool {
    match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_u64() || value.is_i64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        kind => panic!("{kind}"),
    }
}

fn schema(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("docs/schemas/{name}.json"));
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// What a command prints, after a check that it keeps to the schema of this name.
fn said(lab: &Lab, arguments: &str, name: &str) -> Value {
    let value: Value = serde_json::from_str(&lab.succeed(arguments)).unwrap();
    let (schema, mut found) = (schema(name), Vec::new());
    violations(&value, &schema, &schema, "", &mut found);
    assert!(found.is_empty(), "{arguments}: {found:#?}");
    value
}

const SPEC: &str = "(task: Xor(samples: 40, test: 20), network: [4], stop: Epochs(2), seeds: [3, 8], \
     arms: [Backprop, (label: \"tuned \\u{202e}\", rule: FeedbackAlignment(feedback: (scale: Tune([0.5, 2]))), \
     optimizer: Sgd(learning_rate: Tune([0.01, 0.1]))), KolenPollack])";

#[test]
fn check_tells_the_plan() {
    let lab = Lab::new(SPEC);
    lab.write(
        "b.ron",
        "(task: Iris, arms: [Backprop], seeds: 1, stop: Early(patience: 2, at_most: Epochs(7)))",
    );
    let document = said(&lab, "check a.ron b.ron --json --threads 3", "check");
    let [a, b] = [0, 1].map(|i| &document["experiments"][i]);
    assert_eq!(a["name"], "a");
    assert_eq!(a["samples"], json!({"train": 36, "validation": 4, "test": 20}));
    assert_eq!(
        (&a["seeds"], &a["runs"], &a["threads"]),
        (&json!([3, 8]), &json!(6), &json!(3))
    );
    // four trials with three seeds each
    assert_eq!(a["tuning_runs"], 12);
    let arms = a["arms"].as_array().unwrap();
    let names: Vec<&str> = arms.iter().map(|arm| arm["rule"].as_str().unwrap()).collect();
    assert_eq!(names, ["Backprop", "FeedbackAlignment", "KolenPollack"]);
    assert_eq!(arms[1]["label"], "tuned \u{202e}");
    // 2 x 4 + 4 and 4 x 2 + 2; 36 samples in batches of 32
    assert_eq!(
        (&arms[0]["parameters"], &arms[0]["steps"], &arms[0]["batch"]),
        (&json!(22), &json!(4), &json!(32))
    );
    let tuned = json!({"optimizer.learning_rate": ["0.01", "0.1"], "rule.feedback.scale": ["0.5", "2"]});
    assert_eq!(arms[1]["tuned"], tuned);
    assert!(
        arms[0]["settings"]["optimizer.learning_rate"].is_string(),
        "{}",
        arms[0]
    );
    let warnings = a["warnings"].as_array().unwrap();
    assert!(
        warnings
            .iter()
            .any(|text| text.as_str().unwrap().contains("KolenPollack")),
        "{warnings:?}"
    );
    assert_eq!(b["data"]["classes"].as_array().unwrap().len(), 3);
    assert!(a["data"].get("image").is_none(), "what there is not is absent");
    assert!(!lab.path("results").exists());
}

#[test]
fn rules_tasks_and_options_tell_all_that_can_stand_in_a_file() {
    let lab = Lab::new(SPEC);
    let rules = said(&lab, "rules --json", "rules");
    let listed = lab.succeed("rules");
    let listed = listed.lines().take_while(|line| !line.is_empty());
    let names = rules["rules"]
        .as_array()
        .unwrap()
        .iter()
        .map(|rule| rule["name"].as_str().unwrap());
    assert!(names.eq(listed.map(|line| line.split(' ').next().unwrap())));
    let one = said(&lab, "rules KolenPollack --json", "rules");
    assert_eq!(one["rules"].as_array().unwrap().len(), 1);
    let rule = &one["rules"][0];
    assert_eq!(rule["needs"]["weight_transport"], false);
    assert_eq!(rule["needs"]["broadcast"], "none");
    assert!(rule["default"].as_str().unwrap().starts_with("KolenPollack("), "{rule}");
    assert_eq!(rule["options"][0]["name"], "feedback");
    assert!(
        rules["rules"].as_array().unwrap().contains(rule),
        "alone and in the list it is the same"
    );

    let tasks = said(&lab, "tasks --json", "tasks");
    assert!(tasks["tasks"].as_array().unwrap().len() > 10);
    let csv = said(&lab, "tasks Csv --json", "tasks");
    let path = &csv["tasks"][0]["parts"][0];
    assert_eq!(
        (&path["name"], &path["required"], path.get("default")),
        (&json!("path"), &json!(true), None)
    );

    let options = said(&lab, "options --json", "options");
    let stop = options["options"]
        .as_array()
        .unwrap()
        .iter()
        .find(|field| field["name"] == "stop")
        .unwrap();
    assert_eq!(
        (&stop["default"], &stop["required"]),
        (&json!("Epochs(20)"), &json!(false))
    );
    let adam = said(&lab, "options optimizer.Adam --json", "options");
    assert_eq!(
        (&adam["options"][0]["name"], &adam["options"][0]["kind"]),
        (&json!("Adam"), &json!("fields"))
    );
}

#[test]
fn what_is_wrong_is_said_as_without_it() {
    let lab = Lab::new(SPEC);
    lab.write("wrong.ron", "(task: Xor, arms: [Backprop], netwerk: [4])");
    for command in [
        "check wrong.ron",
        "check nothere.ron",
        "rules Nothing",
        "tasks Digit",
        "options learning_rate",
    ] {
        let output = lab.run(&format!("{command} --json"));
        assert!(output.stdout.is_empty(), "{command}");
        assert_eq!(lab.fail(&format!("{command} --json"), 2), lab.fail(command, 2));
    }
}

#[test]
fn a_document_against_its_schema_is_seen() {
    let schema = schema("rules");
    let good: Value = serde_json::from_str(&Lab::new(SPEC).succeed("rules Backprop --json")).unwrap();
    let wrong = |change: &dyn Fn(&mut Value)| {
        let (mut value, mut found) = (good.clone(), Vec::new());
        change(&mut value);
        violations(&value, &schema, &schema, "", &mut found);
        found
    };
    assert_eq!(wrong(&|_| {}), [""; 0]);
    for change in [
        &(|value: &mut Value| value["rules"][0]["name"] = json!(1)) as &dyn Fn(&mut Value),
        &|value| value["rules"][0]["more"] = json!("x"),
        &|value| value["rules"][0]["needs"]["broadcast"] = json!("loud"),
        &|value| drop(value["rules"][0].as_object_mut().unwrap().remove("source")),
        &|value| value["rules"] = json!({}),
    ] {
        assert!(!wrong(change).is_empty());
    }
}
