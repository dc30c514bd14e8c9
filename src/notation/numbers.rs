//! Look for a number in a value.

use super::mistake::Span;
use super::node::{Node, range};
use super::number::Number;
use super::variant::children;
use ron2::ast::Expr;

impl Node<'_> {
    /// Where the first number stands that is as `wanted`, and the number.
    pub fn find_number(&self, wanted: &dyn Fn(f64) -> bool) -> Option<(Span, f64)> {
        match self {
            Node::Value(expr) => find(expr, wanted),
            Node::Options(options) => options.fields.iter().find_map(|field| field.value.find_number(wanted)),
        }
    }
}

fn find(expr: &Expr<'static>, wanted: &dyn Fn(f64) -> bool) -> Option<(Span, f64)> {
    if let Expr::Number(number) = expr {
        let value = Number::read(&number.raw)?.real();
        return wanted(value).then(|| (range(&number.span), value));
    }
    children(expr).into_iter().find_map(|(_, child)| find(child, wanted))
}
