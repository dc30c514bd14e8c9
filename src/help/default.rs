//! Write a default, which schemas hold as JSON, as files have it.

use super::definitions::{Alternative, Definitions, alternatives, forms};
use serde_json::Value as Json;

/// The value of a schema as RON.
pub fn written(definitions: &Definitions, value: &Json, schema: &Json) -> String {
    let (_, schema) = definitions.resolve(schema);
    if let Some(alternatives) = alternatives(schema) {
        return alternative(definitions, value, &alternatives);
    }
    if let Some(forms) = forms(schema) {
        let form = forms.into_iter().find(|form| fits(definitions, value, form));
        return form.map_or_else(|| plain(value), |form| written(definitions, value, form));
    }
    let join = |parts: Vec<String>| parts.join(", ");
    match value {
        Json::Object(fields) => {
            let inner = |name: &str| schema.get("properties").and_then(|properties| properties.get(name));
            let field = |(name, value): (&String, &Json)| {
                format!(
                    "{name}: {}",
                    written(definitions, value, inner(name).unwrap_or(&Json::Null))
                )
            };
            format!("({})", join(fields.iter().map(field).collect()))
        }
        Json::Array(items) => match schema.get("prefixItems").and_then(Json::as_array) {
            Some(schemas) => {
                let item = |(value, schema): (&Json, &Json)| written(definitions, value, schema);
                format!("({})", join(items.iter().zip(schemas).map(item).collect()))
            }
            None => {
                let inner = schema.get("items").unwrap_or(&Json::Null);
                let item = |value: &Json| written(definitions, value, inner);
                format!("[{}]", join(items.iter().map(item).collect()))
            }
        },
        Json::String(text) if schema.get("x-form").is_some() => text.clone(),
        Json::String(text) if schema.get("maxLength") == Some(&Json::from(1)) => format!("'{text}'"),
        value => plain(value),
    }
}

/// One of several names.
fn alternative(definitions: &Definitions, value: &Json, alternatives: &[Alternative<'_>]) -> String {
    let (name, inner) = match value {
        Json::String(name) => return name.clone(),
        Json::Object(fields) => match fields.iter().next() {
            Some(named) => named,
            None => return plain(value),
        },
        value => return plain(value),
    };
    let schema = alternatives.iter().find(|known| known.name == *name);
    let schema = schema.and_then(|known| known.inner);
    match written(definitions, inner, schema.unwrap_or(&Json::Null)) {
        text if text.starts_with('(') => format!("{name}{text}"),
        text => format!("{name}({text})"),
    }
}

/// Whether a value has the form of a schema.
fn fits(definitions: &Definitions, value: &Json, schema: &Json) -> bool {
    let (_, schema) = definitions.resolve(schema);
    if let Some(alternatives) = alternatives(schema) {
        let name = match value {
            Json::Object(fields) => fields.keys().next(),
            _ => None,
        };
        let name = name.map(String::as_str).or(value.as_str());
        return alternatives.iter().any(|known| Some(&*known.name) == name);
    }
    match schema.get("type").and_then(Json::as_str) {
        Some("array") => value.is_array(),
        Some("object") => value.is_object(),
        Some("string") => value.is_string(),
        Some("boolean") => value.is_boolean(),
        Some("number" | "integer") => value.is_number(),
        _ => schema.get("x-form").is_some(),
    }
}

/// As RON writes it: a number with a fraction keeps its point.
fn plain(value: &Json) -> String {
    match value.as_f64() {
        Some(number) if value.is_f64() => format!("{number:?}"),
        _ => value.to_string(),
    }
}
