//! Walk through the values in a value.

use super::mistake::Span;
use super::neat::write;
use super::node::{Body, Node};
use super::number::Number;
use ron2::ast::Expr;
use std::borrow::Cow;

/// The path of what `step` leads to from `path`; what stands in the bracket after a name, or in `Some(..)`, takes no step.
pub fn join(path: &str, step: Option<&str>) -> String {
    match step {
        None => path.to_owned(),
        Some(step) if path.is_empty() => step.to_owned(),
        Some(step) => format!("{path}.{step}"),
    }
}

impl<'d> Node<'d> {
    /// The values that this one is made of, in the order of the text, each with the step of a path that leads there.
    pub fn children(&self) -> Vec<(Option<Cow<'d, str>>, Self)> {
        let numbered = |(i, item): (usize, Self)| (Some(i.to_string().into()), item);
        match (self.body(), self) {
            (Some(Body::Options(options)), _) => {
                let fields = options.fields.into_iter();
                fields.map(|field| (Some(field.name.into()), field.value)).collect()
            }
            (Some(Body::Values { values, .. }), _) => {
                let value = |value: &'d ron2::ast::TupleElement<'static>| (None, Node::Value(&value.expr));
                values.iter().map(value).collect()
            }
            (None, Node::Value(Expr::Option(option))) => {
                let value = option.value.as_ref();
                value
                    .map(|value| (None, Node::Value(&value.expr)))
                    .into_iter()
                    .collect()
            }
            (None, _) => self.items().into_iter().flatten().enumerate().map(numbered).collect(),
        }
    }

    /// What `wanted` makes of the first value, this one or one in it, of which it makes something. It is told the path too, which is
    /// `path` for this one.
    pub fn find<T>(&self, path: &str, wanted: &mut dyn FnMut(&str, &Self) -> Option<T>) -> Option<T> {
        wanted(path, self).or_else(|| {
            let mut children = self.children().into_iter();
            children.find_map(|(step, child)| child.find(&join(path, step.as_deref()), wanted))
        })
    }

    /// Where the first `choice([..])` in this value stands.
    pub fn find_choice(&self, choice: &str) -> Option<Span> {
        self.find("", &mut |_, node| {
            let (name, _) = node.name()?;
            (name == choice).then(|| node.span())
        })
    }

    /// Where the first string in this value stands that is one of those wanted.
    pub fn find_string(&self, wanted: &dyn Fn(&str) -> bool) -> Option<Span> {
        self.find("", &mut |_, node| match node {
            Node::Value(Expr::String(found)) if wanted(&found.value) => Some(node.span()),
            _ => None,
        })
    }

    /// Where the first number in this value stands that is as `wanted`, and the number.
    pub fn find_number(&self, wanted: &dyn Fn(f64) -> bool) -> Option<(Span, f64)> {
        self.find("", &mut |_, node| {
            let Node::Value(Expr::Number(number)) = node else {
                return None;
            };
            let value = Number::read(&number.raw)?.real();
            wanted(value).then(|| (node.span(), value))
        })
    }

    /// What stands for itself in this value, as text in one line, with its path, which begins with `path`: names, numbers, texts and
    /// lists. Names are no steps of a path; a name is the value of the path that leads to it.
    pub fn leaves(&self, path: &str) -> Vec<(String, String)> {
        let Some(Body::Options(options)) = self.body() else {
            return match self {
                Node::Value(expr) => vec![(path.to_owned(), write(expr))],
                Node::Options(_) => Vec::new(),
            };
        };
        let name = options.name.map(|name| (path.to_owned(), name.to_owned()));
        let fields = options.fields.iter();
        let of_fields = fields.flat_map(|field| field.value.leaves(&join(path, Some(field.name))));
        name.into_iter().chain(of_fields).collect()
    }
}
