//! Expand options in which a value stands for several, such as `Each([..])`: one copy of the options for each of them.

use super::mistake::{Mistake, Result, Span};
use super::neat::write;
use super::node::{Field, Node, Options, range};
use super::number::Number;
use ron2::ast::{Expr, StructBody, StructExpr};
use std::collections::HashMap;
use std::rc::Rc;

/// Options with choices taken. They own their values, which keep their places in the file.
#[derive(Clone, Debug)]
pub struct Variant<'d> {
    options: Options<'d>,
    /// In the order of the options' fields.
    values: Vec<Rc<Expr<'static>>>,
    /// What was taken, in the order of the text: the path of the place, and the value as text in one line.
    pub taken: Vec<(String, String)>,
}

impl<'d> Variant<'d> {
    /// The options as they stand. Options gathered from several places have to be gathered again.
    pub fn of(options: &Options<'d>) -> Self {
        let value = |field: &Field<'d>| match &field.value {
            Node::Value(expr) => Some((field.clone(), Rc::new((*expr).clone()))),
            Node::Options(_) => None,
        };
        let (fields, values) = options.fields.iter().filter_map(value).unzip();
        let options = Options {
            fields,
            ..options.clone()
        };
        Self {
            options,
            values,
            taken: Vec::new(),
        }
    }

    /// The same values, as if they had stood in the file.
    pub fn untaken(&self) -> Self {
        Self {
            taken: Vec::new(),
            ..self.clone()
        }
    }

    /// One variant for each value of each `choice([..])`; the last choice in the text changes fastest. Without such a choice
    /// it is the only one.
    ///
    /// # Errors
    /// A choice is no list or has no values, or there would be more than `most` variants.
    pub fn expand(self, choice: &str, most: usize) -> Result<Vec<Self>> {
        let mut expanded = Vec::new();
        self.expand_into(choice, most, &mut expanded)?;
        Ok(expanded)
    }

    fn expand_into(self, choice: &str, most: usize, expanded: &mut Vec<Self>) -> Result<()> {
        let Some((field, found)) = self.first(choice) else {
            expanded.push(self);
            return Ok(());
        };
        let FoundChoice { path, span, items } = found?;
        // the list is taken out before the rest is copied for each of its values
        let (mut rest, mut place) = (self, span.clone());
        for item in items {
            if expanded.len() == most {
                let mistake = Mistake::new(format!("more than {most} combinations of values")).at(span);
                return Err(mistake.help("several such lists multiply: shorten them"));
            }
            put(Rc::make_mut(&mut rest.values[field]), &place, &item);
            place = range(item.span());
            let mut variant = rest.clone();
            variant.taken.push((path.clone(), write(&item)));
            variant.expand_into(choice, most, expanded)?;
        }
        Ok(())
    }

    /// The first choice, and the field that it is in.
    fn first(&self, choice: &str) -> Option<(usize, Result<FoundChoice>)> {
        let mut found = |path: &str, node: &Node<'_>| match node {
            Node::Value(Expr::Struct(named)) if named.name.name == choice => {
                Some(items(named).map(|items| FoundChoice {
                    path: path.to_owned(),
                    span: range(&named.span),
                    items,
                }))
            }
            _ => None,
        };
        let mut fields = self.options.fields.iter().zip(&self.values).enumerate();
        fields.find_map(|(i, (field, value))| Some((i, Node::Value(value).find(field.name, &mut found)?)))
    }

    /// The options with these values.
    pub fn options(&self) -> Options<'_> {
        let mut options: Options<'_> = self.options.clone();
        for (field, value) in options.fields.iter_mut().zip(&self.values) {
            field.value = Node::Value(value);
        }
        options
    }

    /// The fields that hold such a choice, with their values as text in one line.
    pub fn fields_with(&self, choice: &str) -> Vec<(&'d str, String)> {
        let fields = self.options.fields.iter().zip(&self.values);
        fields
            .filter(|(_, value)| Node::Value(value).find_choice(choice).is_some())
            .map(|(field, value)| (field.name, write(value)))
            .collect()
    }
}

/// A choice in a value.
struct FoundChoice {
    path: String,
    span: Span,
    items: Vec<Expr<'static>>,
}

/// The values of `Each([a, b])`.
fn items(named: &StructExpr<'static>) -> Result<Vec<Expr<'static>>> {
    let name = &named.name.name;
    let mistake = |title: String| Err(Mistake::new(title).at(range(&named.span)));
    if let Some(StructBody::Tuple(body)) = &named.body
        && let [element] = &body.elements[..]
        && let Expr::Seq(list) = &element.expr
    {
        if list.items.is_empty() {
            return mistake(format!("`{name}` needs at least one value"));
        }
        let items: Vec<_> = list.items.iter().map(|item| item.expr.clone()).collect();
        return refuse_equal(&items).map(|()| items);
    }
    mistake(format!("`{name}` needs a list of values: `{name}([.., ..])`"))
}

/// Refuses a value that is in a list twice, however it is written.
fn refuse_equal(items: &[Expr<'static>]) -> Result<()> {
    let mut earlier = HashMap::new();
    for item in items {
        let text = write(item);
        let value = match Number::read(&text) {
            // whole numbers beyond those that a double can tell apart
            Some(Number::Whole { magnitude, .. }) if magnitude >= 1 << f64::MANTISSA_DIGITS => text.clone(),
            Some(number) => (number.real() + 0.0).to_string(),
            None => text.clone(),
        };
        if let Some(first) = earlier.insert(value, item) {
            let shown: String = text.chars().take(60).collect();
            let mistake = Mistake::new(format!("`{shown}` is in this list twice")).at(range(item.span()));
            return Err(mistake
                .mark(range(first.span()), "the first")
                .help("leave one of them out"));
        }
    }
    Ok(())
}

/// Puts `item` in the place of the value that stands at `span`.
fn put(expr: &mut Expr<'static>, span: &Span, item: &Expr<'static>) {
    if range(expr.span()) == *span {
        *expr = item.clone();
        return;
    }
    let inside = |expr: &mut Expr<'static>| put(expr, span, item);
    match expr {
        Expr::AnonStruct(body) => body.fields.iter_mut().map(|field| &mut field.value).for_each(inside),
        Expr::Seq(list) => list.items.iter_mut().map(|item| &mut item.expr).for_each(inside),
        Expr::Tuple(tuple) => tuple
            .elements
            .iter_mut()
            .map(|element| &mut element.expr)
            .for_each(inside),
        Expr::Option(option) => option.value.iter_mut().map(|value| &mut value.expr).for_each(inside),
        Expr::Struct(named) => match &mut named.body {
            None => {}
            Some(StructBody::Fields(body)) => body.fields.iter_mut().map(|field| &mut field.value).for_each(inside),
            Some(StructBody::Tuple(body)) => body
                .elements
                .iter_mut()
                .map(|element| &mut element.expr)
                .for_each(inside),
        },
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Document, Node};
    use super::Variant;

    fn expand(text: &str) -> Result<Vec<String>, String> {
        let document = Document::parse("x", text).map_err(|fault| fault.to_string())?;
        let options = document.root().options().unwrap();
        let variants = Variant::of(&options)
            .expand("Each", 7)
            .map_err(|mistake| mistake.to_string())?;
        let line = |variant: &Variant<'_>| {
            let taken: Vec<_> = variant
                .taken
                .iter()
                .map(|(path, text)| format!("{path}={text}"))
                .collect();
            let fields = variant.options();
            let values = fields.fields.iter().map(|field| match &field.value {
                Node::Value(expr) => super::write(expr),
                Node::Options(_) => unreachable!("a document holds values"),
            });
            format!("{} | {}", values.collect::<Vec<_>>().join(" "), taken.join(" "))
        };
        Ok(variants.iter().map(line).collect())
    }

    #[test]
    fn choices_multiply_wherever_they_stand() {
        assert_eq!(expand("(a: 1)").unwrap(), ["1 | "]);
        assert_eq!(
            expand("(a: Each([1, 2]), b: X(c: (d: Each([\"u\", V(1)]))))").unwrap(),
            [
                "1 X(c: (d: \"u\")) | a=1 b.c.d=\"u\"",
                "1 X(c: (d: V(1))) | a=1 b.c.d=V(1)",
                "2 X(c: (d: \"u\")) | a=2 b.c.d=\"u\"",
                "2 X(c: (d: V(1))) | a=2 b.c.d=V(1)",
            ]
        );
        assert_eq!(
            expand("(a: [8, Each([1, 2])])").unwrap(),
            ["[8, 1] | a.1=1", "[8, 2] | a.1=2"]
        );
        // a choice within a choice
        assert_eq!(
            expand("(a: Each([S(r: Each([1, 2])), T]))").unwrap(),
            [
                "S(r: 1) | a=S(r: Each([1, 2])) a.r=1",
                "S(r: 2) | a=S(r: Each([1, 2])) a.r=2",
                "T | a=T",
            ]
        );
    }

    #[test]
    fn choices_without_values_and_too_many_are_refused() {
        assert_eq!(
            expand("(a: Each(1))").unwrap_err(),
            "`Each` needs a list of values: `Each([.., ..])`"
        );
        assert_eq!(
            expand("(a: Each)").unwrap_err(),
            "`Each` needs a list of values: `Each([.., ..])`"
        );
        assert_eq!(expand("(a: Each([]))").unwrap_err(), "`Each` needs at least one value");
        assert_eq!(
            expand("(a: Each([1, 2, 3]), b: Each([1, 2, 3]))").unwrap_err(),
            "more than 7 combinations of values"
        );
    }
}
