//! Read topics from the JSON schema that is derived from types: their documentation, their forms, their defaults.

use super::default::written;
use super::definitions::{Alternative, Definitions, alternatives, forms, text};
use super::{Default, Topic, Value};
use schemars::Schema;
use serde_json::Value as Json;

/// The topic that a schema describes.
pub fn topic(name: &str, schema: &Schema) -> Topic {
    let root = schema.as_value();
    let definitions = root.get("$defs").and_then(Json::as_object).cloned().unwrap_or_default();
    Definitions(definitions).topic(name, root, Default::None)
}

impl Definitions {
    fn topic(&self, name: &str, schema: &Json, default: Default) -> Topic {
        let (kind, target) = self.resolve(schema);
        let [meaning, about] = [schema, target].map(|schema| clean(text(schema, "description")));
        let (meaning, about) = match meaning.is_empty() {
            true => (about, String::new()),
            false if meaning.contains(about.trim_end_matches('.')) => (meaning, String::new()),
            false => (meaning, about),
        };
        Topic {
            name: name.to_owned(),
            meaning,
            about,
            kind,
            default,
            value: self.value(target),
        }
    }

    fn value(&self, schema: &Json) -> Value {
        if let Some(words) = schema.get("x-form").and_then(Json::as_str) {
            return Value::Words(words.to_owned());
        }
        if let Some(alternatives) = alternatives(schema) {
            return Value::OneOf(alternatives.iter().map(|named| self.alternative(named)).collect());
        }
        if let Some(forms) = forms(schema) {
            let form = |form: &&Json| self.topic("", form, Default::None);
            return Value::Forms(forms.iter().map(form).collect());
        }
        let kind = match schema.get("type") {
            Some(Json::Array(kinds)) => kinds.iter().filter_map(Json::as_str).find(|kind| *kind != "null"),
            kind => kind.and_then(Json::as_str),
        };
        match kind {
            Some("object") => Value::Fields(self.fields(schema)),
            Some("array") => match (schema.get("items"), schema.get("prefixItems").and_then(Json::as_array)) {
                (_, Some(items)) => {
                    Value::Several(items.iter().map(|item| self.topic("", item, Default::None)).collect())
                }
                (Some(items), _) => Value::List(Box::new(self.topic("", items, Default::None))),
                _ => Value::Words("list".into()),
            },
            Some("boolean") => Value::Words("true or false".into()),
            Some("integer") => Value::Words("whole number".into()),
            Some("number") => Value::Words("number".into()),
            Some("string") if schema.get("maxLength") == Some(&Json::from(1)) => Value::Words("character".into()),
            Some("string") => Value::Words("text".into()),
            _ => Value::Nothing,
        }
    }

    fn alternative(&self, named: &Alternative<'_>) -> Topic {
        let meaning = match named.described.get("enum") {
            // names that share a schema have no documentation of their own
            Some(_) => String::new(),
            None => clean(text(named.described, "description")),
        };
        let Some(inner) = named.inner else {
            return Topic {
                name: named.name.clone(),
                meaning,
                about: String::new(),
                kind: None,
                default: Default::None,
                value: Value::Nothing,
            };
        };
        let inner = self.topic(&named.name, inner, Default::None);
        let about = [inner.meaning, inner.about]
            .into_iter()
            .find(|about| !about.is_empty() && *about != meaning);
        Topic {
            meaning,
            about: about.unwrap_or_default(),
            ..inner
        }
    }

    fn fields(&self, schema: &Json) -> Vec<Topic> {
        let required = |name: &str| {
            let names = schema.get("required").and_then(Json::as_array);
            names.is_some_and(|names| names.iter().any(|required| required == name))
        };
        let properties = schema.get("properties").and_then(Json::as_object);
        let field = |(name, schema): (&String, &Json)| {
            let default = match schema.get("default") {
                Some(Json::Null) | None if required(name) => Default::Needed,
                Some(Json::Null) | None => Default::None,
                Some(default) => Default::Value(written(self, default, schema)),
            };
            self.topic(name, schema, default)
        };
        properties.into_iter().flatten().map(field).collect()
    }
}

/// Documentation as plain text: links become the names they show, and the lines of a paragraph one.
fn clean(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, link)) = rest.split_once("[`") {
        let Some((shown, after)) = link.split_once("`]") else {
            break;
        };
        let name = shown.rsplit("::").next().unwrap_or(shown);
        plain += &format!("{before}`{name}`");
        rest = match after.strip_prefix('(').and_then(|address| address.split_once(')')) {
            Some((_, after)) => after,
            None => after,
        };
    }
    plain += rest;
    let mut joined = String::new();
    for line in plain.lines().map(str::trim) {
        match (
            line.is_empty() || line.starts_with("- "),
            joined.is_empty() || joined.ends_with('\n'),
        ) {
            (true, _) => joined += &format!("\n{}{line}", if line.is_empty() { "\n" } else { "" }),
            (false, true) => joined += line,
            (false, false) => joined += &format!(" {line}"),
        }
    }
    joined.trim().to_owned()
}
