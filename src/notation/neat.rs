//! Write RON in one line, the way people write it.

use super::Document;
use ron2::ast::{Expr, StructBody, StructField, TupleElement};
use std::cell::RefCell;
use std::collections::HashMap;

/// The same value with one blank after each comma and colon, `Name` for `Name()`, `Name(..)` for `Name((..))`, and without
/// comments. A text that is not RON comes back as it is.
pub fn neat(text: &str) -> String {
    let known = |known: &RefCell<HashMap<String, String>>| known.borrow().get(text).cloned();
    if let Some(known) = KNOWN.with(known) {
        return known;
    }
    let neat = match Document::parse("", text) {
        Ok(document) => write(document.expr()),
        Err(_) => text.to_owned(),
    };
    KNOWN.with_borrow_mut(|known| {
        if known.len() == MOST_KNOWN {
            known.clear();
        }
        known.insert(text.to_owned(), neat.clone());
    });
    neat
}

/// More texts than this are not remembered at once.
const MOST_KNOWN: usize = 1000;

thread_local! {
    /// Texts that were written before: the arms of a large experiment have most of their settings in common.
    static KNOWN: RefCell<HashMap<String, String>> = RefCell::default();
}

pub(super) fn write(expr: &Expr<'static>) -> String {
    match expr {
        Expr::Unit(_) => "()".into(),
        Expr::Bool(value) => value.value.to_string(),
        Expr::Char(value) => value.raw.to_string(),
        Expr::Byte(value) => value.raw.to_string(),
        Expr::Number(value) => value.raw.to_string(),
        Expr::String(value) => value.raw.to_string(),
        Expr::Bytes(value) => value.raw.to_string(),
        Expr::Option(option) => match &option.value {
            None => "None".into(),
            Some(inner) => format!("Some({})", write(&inner.expr)),
        },
        Expr::Seq(list) => format!("[{}]", join(list.items.iter().map(|item| write(&item.expr)))),
        Expr::Tuple(tuple) => values(&tuple.elements),
        Expr::AnonStruct(inner) => fields(&inner.fields),
        Expr::Struct(named) => {
            let name = &named.name.name;
            match &named.body {
                None => name.to_string(),
                Some(StructBody::Fields(body)) => format!("{name}{}", fields(&body.fields)),
                Some(StructBody::Tuple(body)) => match &body.elements[..] {
                    [] => name.to_string(),
                    [
                        TupleElement {
                            expr: Expr::Unit(_), ..
                        },
                    ] => name.to_string(),
                    [
                        TupleElement {
                            expr: Expr::AnonStruct(inner),
                            ..
                        },
                    ] => format!("{name}{}", fields(&inner.fields)),
                    elements => format!("{name}{}", values(elements)),
                },
            }
        }
        // No document holds these.
        Expr::Map(_) | Expr::Error(_) => String::new(),
    }
}

fn join(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(", ")
}

fn fields(fields: &[StructField<'static>]) -> String {
    format!(
        "({})",
        join(
            fields
                .iter()
                .map(|field| format!("{}: {}", field.name.name, write(&field.value)))
        )
    )
}

fn values(elements: &[TupleElement<'static>]) -> String {
    format!("({})", join(elements.iter().map(|element| write(&element.expr))))
}

#[cfg(test)]
mod tests {
    use super::neat;

    #[test]
    fn one_line() {
        let text = "A((x:1,y:[1,2,],z:B(()), /* c */ w:C(2.50,\"a\\n\"),\n v:Some(None),u:D(),t:(),s:'c'))";
        let expected = "A(x: 1, y: [1, 2], z: B, w: C(2.50, \"a\\n\"), v: Some(None), u: D, t: (), s: 'c')";
        assert_eq!(neat(text), expected);
        assert_eq!(neat(expected), expected);
        assert_eq!(neat("no RON ("), "no RON (");
    }
}
