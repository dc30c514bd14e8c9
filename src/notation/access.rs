//! Hand serde the parts of a node one by one: fields, entries, values, the content of a variant.

use super::mistake::{Mistake, Result, Span, list, within};
use super::node::{Body, Field, Node, range, unnamed};
use ron2::ast::Expr;
use serde::de::value::StrDeserializer;
use serde::de::{DeserializeSeed, EnumAccess, IntoDeserializer, MapAccess, SeqAccess, VariantAccess, Visitor};

/// Fields, one after the other.
pub(super) struct Fields<'d> {
    pub(super) name: Option<&'d str>,
    pub(super) fields: std::vec::IntoIter<Field<'d>>,
    pub(super) value: Option<Node<'d>>,
}

impl<'d> MapAccess<'d> for Fields<'d> {
    type Error = Mistake;

    fn next_key_seed<K: DeserializeSeed<'d>>(&mut self, seed: K) -> Result<Option<K::Value>> {
        let Some(field) = self.fields.next() else {
            return Ok(None);
        };
        self.value = Some(field.value.clone());
        let key: StrDeserializer<'d, Mistake> = field.name.into_deserializer();
        let name = self.name;
        seed.deserialize(key)
            .map(Some)
            .map_err(|mistake| within(mistake, name).at(field.name_span.clone()))
    }

    fn next_value_seed<S: DeserializeSeed<'d>>(&mut self, seed: S) -> Result<S::Value> {
        let value = self
            .value
            .take()
            .ok_or_else(|| Mistake::new("a value was read before its name"))?;
        let span = value.span();
        seed.deserialize(value).map_err(|mistake| mistake.at(span))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.fields.len())
    }
}

/// Elements without names, one after the other.
pub(super) struct Elements<'a, 'd>(pub(super) &'a mut std::vec::IntoIter<Node<'d>>);

impl<'d> SeqAccess<'d> for Elements<'_, 'd> {
    type Error = Mistake;

    fn next_element_seed<S: DeserializeSeed<'d>>(&mut self, seed: S) -> Result<Option<S::Value>> {
        let Some(value) = self.0.next() else {
            return Ok(None);
        };
        let span = value.span();
        seed.deserialize(value).map(Some).map_err(|mistake| mistake.at(span))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.0.len())
    }
}

/// A name, and what stands in the bracket after it; `kind` is the name of the enum, `names` its variants.
pub(super) struct NamedContent<'a, 'd> {
    pub(super) node: &'a Node<'d>,
    pub(super) kind: &'static str,
    pub(super) names: &'static [&'static str],
}

impl<'d> EnumAccess<'d> for NamedContent<'_, 'd> {
    type Error = Mistake;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'d>>(self, seed: S) -> Result<(S::Value, Self)> {
        let (name, span): (&'d str, Span) = match (self.node.name(), self.node) {
            (Some(named), _) => named,
            // `None` and `Some` have a meaning of their own in RON, but an enum may have variants of these names.
            (None, Node::Value(Expr::Option(option))) => {
                (if option.value.is_some() { "Some" } else { "None" }, self.node.span())
            }
            (None, node) => return Err(node.wrong_name(&format!("one of {}", list(self.names.iter().copied())))),
        };
        let key: StrDeserializer<'d, Mistake> = name.into_deserializer();
        match seed.deserialize(key) {
            Ok(variant) => Ok((variant, self)),
            Err(mut mistake) => {
                mistake.title = mistake
                    .title
                    .replacen("unknown name", &format!("unknown {}", words(self.kind)), 1);
                Err(mistake.at(span))
            }
        }
    }
}

/// `WeightDistribution` as `weight distribution`.
fn words(name: &str) -> String {
    let mut words = String::new();
    for (i, c) in name.char_indices() {
        if c.is_uppercase() && i > 0 {
            words.push(' ');
        }
        words.extend(c.to_lowercase());
    }
    words
}

impl<'d> VariantAccess<'d> for NamedContent<'_, 'd> {
    type Error = Mistake;

    fn unit_variant(self) -> Result<()> {
        let name = self.node.name().map(|(name, _)| name);
        let extra = match self.node.body() {
            Some(Body::Options(options)) => options.fields.first().map(|field| field.name_span.clone()),
            Some(Body::Values { values, .. }) => Some(range(values[0].expr.span())),
            None => None,
        };
        match extra {
            None => Ok(()),
            Some(span) => Err(Mistake::new(format!("`{}` has no options", name.unwrap_or("it"))).at(span)),
        }
    }

    /// One value without a name, or, where that value is a struct, its fields.
    fn newtype_variant_seed<S: DeserializeSeed<'d>>(self, seed: S) -> Result<S::Value> {
        let inner = match self.node.body() {
            Some(Body::Values { values: [value], .. }) => Node::Value(&value.expr),
            Some(Body::Values { values, .. }) => {
                return Err(Mistake::new("one value too many").at(range(values[1].expr.span())));
            }
            Some(Body::Options(options)) => Node::Options(options),
            None => match self.node {
                Node::Value(Expr::Option(option)) => match &option.value {
                    Some(inner) => Node::Value(&inner.expr),
                    None => self.node.clone(),
                },
                other => other.clone(),
            },
        };
        let bare = self
            .node
            .name()
            .filter(|_| matches!(&inner, Node::Options(options) if options.fields.is_empty()));
        let span = inner.span();
        seed.deserialize(inner).map_err(|mistake| match bare {
            Some((name, _)) if mistake.span.as_ref() == Some(&span) => mistake.help(format!("write `{name}(..)`")),
            _ => mistake.at(span),
        })
    }

    fn tuple_variant<V: Visitor<'d>>(self, length: usize, visitor: V) -> Result<V::Value> {
        self.node
            .visit_exactly(length, self.node.name().map_or("", |(name, _)| name), visitor)
    }

    fn struct_variant<V: Visitor<'d>>(self, names: &'static [&'static str], visitor: V) -> Result<V::Value> {
        match self.node.body() {
            Some(Body::Options(options)) => self.node.visit_options(options, visitor),
            Some(Body::Values { name, values, .. }) => Err(unnamed(name, &values[0], names)),
            None => Err(self.node.wrong_type("named options")),
        }
    }
}
