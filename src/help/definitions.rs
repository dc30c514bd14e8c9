//! Take JSON schemas apart: what they refer to, the forms they have, the names that can stand there.

use serde_json::{Map, Value as Json};

/// The definitions that schemas refer to.
pub(super) struct Definitions(pub Map<String, Json>);

impl Definitions {
    /// A schema, or what it refers to, with the name of that. An absent value is no form of its own.
    pub(super) fn resolve<'s>(&'s self, schema: &'s Json) -> (Option<String>, &'s Json) {
        if let Some(name) = schema.get("$ref").and_then(Json::as_str) {
            let name = name.rsplit('/').next().unwrap_or_default();
            return (Some(name.to_owned()), self.0.get(name).unwrap_or(schema));
        }
        if let Some([form]) = forms(schema).as_deref() {
            return self.resolve(form);
        }
        (None, schema)
    }
}

/// The forms of a schema that has several, or one that may be absent.
pub(super) fn forms(schema: &Json) -> Option<Vec<&Json>> {
    let forms = schema.get("anyOf")?.as_array()?.iter();
    Some(forms.filter(|form| text(form, "type") != "null").collect())
}

/// One of the names of an enum.
pub(super) struct Alternative<'s> {
    pub name: String,
    /// What follows the name in brackets.
    pub inner: Option<&'s Json>,
    /// What has its documentation.
    pub described: &'s Json,
}

/// The names of an enum, or the one name of a variant; `None` where a schema is neither.
pub(super) fn alternatives(schema: &Json) -> Option<Vec<Alternative<'_>>> {
    let named = |name: &str, inner| Alternative {
        name: name.to_owned(),
        inner,
        described: schema,
    };
    if let Some(names) = schema.get("enum").and_then(Json::as_array) {
        return names.iter().map(|name| Some(named(name.as_str()?, None))).collect();
    }
    if let Some(name) = schema.get("const").and_then(Json::as_str) {
        return Some(vec![named(name, None)]);
    }
    if let Some(properties) = schema.get("properties").and_then(Json::as_object) {
        // such a name begins with a capital, as that of a field does not
        let mut capitals = properties
            .iter()
            .filter(|(name, _)| name.starts_with(char::is_uppercase));
        return capitals.next().map(|(name, inner)| vec![named(name, Some(inner))]);
    }
    let variants = schema.get("oneOf")?.as_array()?;
    let all: Option<Vec<_>> = variants.iter().map(alternatives).collect();
    Some(all?.into_iter().flatten().collect())
}

/// A text in a schema; empty where there is none.
pub(super) fn text<'s>(schema: &'s Json, key: &str) -> &'s str {
    schema.get(key).and_then(Json::as_str).unwrap_or_default()
}
