//! Say what commands say in JSON, for programs: the documents, and the schemas that they keep to.

use super::Failure;
use super::output::print_file;
use crate::help::{self, Default, Topic, Value};
use crate::notation::neat;
use crate::rules::{Entry, Needs};
use schemars::JsonSchema;
use serde::Serialize;

/// Prints a document.
pub fn print(document: &impl Serialize) -> Result<(), Failure> {
    let mut bytes = serde_json::to_vec_pretty(document).map_err(Failure::execution)?;
    bytes.push(b'\n');
    print_file(&bytes)
}

/// What `creditlab rules --json` prints: all rules, or the one that is named.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct RulesDocument {
    /// The rules, in the order of the listing.
    rules: Vec<RuleDescription>,
}

/// A learning rule.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct RuleDescription {
    /// What experiment files call it.
    name: String,
    /// The papers that it is from, or what it controls for.
    source: String,
    /// The update in one line.
    equation: String,
    /// What it is.
    meaning: String,
    /// Its options, with their defaults.
    options: Vec<OptionDescription>,
    /// The rule with all options at their defaults, as experiment files write it; absent if some have none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    default: Option<String>,
    /// Whether it predicts in a way of its own, with default options; absent if some have none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "bool")]
    own_prediction: Option<bool>,
    /// What it needs, with default options; absent if some have none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Needs")]
    needs: Option<Needs>,
}

/// What `creditlab tasks --json` prints: all tasks, or the one that is named.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct TasksDocument {
    /// The tasks, in the order of the listing.
    tasks: Vec<OptionDescription>,
}

/// What `creditlab options --json` prints: the fields of an experiment file, or what is at a path.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct OptionsDocument {
    /// The fields, in the order of the listing.
    options: Vec<OptionDescription>,
}

/// A field, an option, or one of several names that can stand in an experiment file.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct OptionDescription {
    /// What files call it; empty for a value without a name, such as an item of a list.
    name: String,
    /// What it means: paragraphs divided by empty lines.
    meaning: String,
    /// What its type means, where that is another text.
    #[serde(skip_serializing_if = "String::is_empty")]
    about: String,
    /// Whether it must be given.
    required: bool,
    /// What it is where it is left out, as files write it; absent for nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    default: Option<String>,
    /// What kind of value stands there.
    kind: TopicKind,
    /// The value in words, such as `number`, or an example of it with defaults.
    form: String,
    /// What is one level below: fields, alternatives or items, as `kind` says.
    parts: Vec<OptionDescription>,
}

/// What can stand somewhere in an experiment file.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum TopicKind {
    /// The name alone.
    Name,
    /// A plain value: a number, a text, true or false.
    Value,
    /// Fields in round brackets, which are the parts.
    Fields,
    /// One of several names, which are the parts.
    OneOf,
    /// One of several forms without names, which are the parts.
    Forms,
    /// Values in order in round brackets, which are the parts.
    Several,
    /// A list of what is the only part.
    List,
}

impl RulesDocument {
    /// Of these rules.
    pub fn of<'a>(entries: impl Iterator<Item = &'a Entry>) -> Self {
        Self {
            rules: entries.map(RuleDescription::of).collect(),
        }
    }
}

impl RuleDescription {
    fn of(entry: &Entry) -> Self {
        let topic = help::rule(entry);
        let rule = entry.defaults().ok();
        let rule = rule.as_ref();
        Self {
            name: entry.name.into(),
            source: entry.source.into(),
            equation: entry.equation.into(),
            options: topic.parts().into_iter().map(OptionDescription::of).collect(),
            meaning: topic.meaning,
            default: rule.map(|rule| neat(&format!("{}{}", entry.name, rule.options()))),
            own_prediction: rule.map(|rule| rule.predicts()),
            needs: rule.map(|rule| rule.needs()),
        }
    }
}

impl TasksDocument {
    /// Of these tasks.
    pub fn of<'a>(tasks: impl IntoIterator<Item = &'a Topic>) -> Self {
        Self {
            tasks: tasks.into_iter().map(OptionDescription::of).collect(),
        }
    }
}

impl OptionsDocument {
    /// Of these fields.
    pub fn of<'a>(options: impl IntoIterator<Item = &'a Topic>) -> Self {
        Self {
            options: options.into_iter().map(OptionDescription::of).collect(),
        }
    }
}

impl OptionDescription {
    fn of(topic: &Topic) -> Self {
        let (kind, parts): (_, &[Topic]) = match &topic.value {
            Value::Nothing => (TopicKind::Name, &[]),
            Value::Words(_) => (TopicKind::Value, &[]),
            Value::Fields(parts) => (TopicKind::Fields, parts),
            Value::OneOf(parts) => (TopicKind::OneOf, parts),
            Value::Forms(parts) => (TopicKind::Forms, parts),
            Value::Several(parts) => (TopicKind::Several, parts),
            Value::List(item) => (TopicKind::List, std::slice::from_ref(item)),
        };
        Self {
            name: topic.name.clone(),
            meaning: topic.meaning.clone(),
            about: topic.about.clone(),
            required: topic.default == Default::Needed,
            default: match &topic.default {
                Default::Value(default) => Some(default.clone()),
                Default::Needed | Default::None => None,
            },
            kind,
            form: topic.value.form(),
            parts: parts.iter().map(Self::of).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::check::CheckDocument;
    use schemars::Schema;
    use schemars::generate::SchemaSettings;
    use std::path::Path;
    use std::{env, fs};

    /// The schema of a document as it is written.
    fn schema_of<D: JsonSchema>() -> Schema {
        let generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
        generator.into_root_schema_for::<D>()
    }

    /// `UPDATE_SCHEMAS=1 cargo test --release --lib schemas` writes them anew.
    #[test]
    fn the_schemas_are_those_of_the_documents() {
        let schemas: [(&str, Schema); 4] = [
            ("check", schema_of::<CheckDocument>()),
            ("rules", schema_of::<RulesDocument>()),
            ("tasks", schema_of::<TasksDocument>()),
            ("options", schema_of::<OptionsDocument>()),
        ];
        for (name, schema) in schemas {
            let made = serde_json::to_string_pretty(&schema).unwrap() + "\n";
            assert!(!made.contains("\"null\""), "{name}: what there is not is absent");
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("docs/schemas/{name}.json"));
            if env::var_os("UPDATE_SCHEMAS").is_some() {
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(&path, &made).unwrap();
            }
            assert!(
                fs::read_to_string(&path).is_ok_and(|stored| stored == made),
                "docs/schemas/{name}.json is out of date; `UPDATE_SCHEMAS=1 cargo test --release --lib schemas` writes it"
            );
        }
    }
}
