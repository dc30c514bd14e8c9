//! Look at a value of the tree: its place, its name, its options.

use super::mistake::{Mistake, Result, Span, within};
use ron2::ast::{Expr, StructBody, StructField, TupleElement};
use serde::Deserialize;

/// A value in a [`super::Document`]; it is a [`serde::Deserializer`].
#[derive(Clone, Debug)]
pub enum Node<'d> {
    /// As it stands in the file.
    Value(&'d Expr<'static>),
    /// Named options, perhaps gathered from several places.
    Options(Options<'d>),
}

/// The options of something that has a name, or the fields of a struct.
#[derive(Clone, Debug)]
pub struct Options<'d> {
    /// The name before the bracket, if there is one.
    pub name: Option<&'d str>,
    /// In the order of the file.
    pub fields: Vec<Field<'d>>,
    /// All of it, name included.
    pub span: Span,
    /// Where something is missing: the closing bracket, or the name if there is no bracket.
    pub end: Span,
}

/// `name: value`.
#[derive(Clone, Debug)]
pub struct Field<'d> {
    /// The name.
    pub name: &'d str,
    /// Where the name stands.
    pub name_span: Span,
    /// The value.
    pub value: Node<'d>,
}

/// What stands in the bracket after a name.
pub(super) enum Body<'d> {
    /// Nothing: `Name`, `Name()`, `()`, or `name: value` pairs.
    Options(Options<'d>),
    /// Values without names; at least one.
    Values {
        name: Option<&'d str>,
        values: &'d [TupleElement<'static>],
        end: Span,
    },
}

impl<'d> Body<'d> {
    /// What one step of a path leads to.
    fn step(self, step: &str) -> Option<Node<'d>> {
        match self {
            Body::Options(options) => options.get(step).map(|field| field.value.clone()),
            Body::Values { values: [value], .. } => Node::Value(&value.expr).locate(step),
            Body::Values { .. } => None,
        }
    }
}

pub(super) fn range(span: &ron2::Span) -> Span {
    span.start_offset..span.end_offset
}

impl<'d> From<&'d StructField<'static>> for Field<'d> {
    fn from(field: &'d StructField<'static>) -> Self {
        Self {
            name: &field.name.name,
            name_span: range(&field.name.span),
            value: Node::Value(&field.value),
        }
    }
}

impl<'d> Options<'d> {
    /// This field alone, for which its value is short.
    pub fn of(name: &'d str, value: &Node<'d>) -> Self {
        let field = Field {
            name,
            name_span: value.span(),
            value: value.clone(),
        };
        Self {
            name: None,
            fields: vec![field],
            span: value.span(),
            end: value.span(),
        }
    }

    /// The field of this name.
    pub fn get(&self, name: &str) -> Option<&Field<'d>> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The value at the end of a path, as [`Node::locate`].
    pub fn locate(&self, path: &str) -> Option<Node<'d>> {
        match path.split_once('.') {
            Some((field, path)) => self.get(field)?.value.locate(path),
            None => self.get(path).map(|field| field.value.clone()),
        }
    }

    /// The value of a field as a `T`, if the field is there.
    ///
    /// # Errors
    /// The value does not describe a `T`.
    pub fn read<T: Deserialize<'d>>(&self, name: &str) -> Result<Option<T>> {
        self.get(name).map(|field| field.value.read()).transpose()
    }

    /// Where a field's value stands, or where the field would be added.
    pub fn place(&self, name: &str) -> Span {
        self.get(name).map_or(self.end.clone(), |field| field.value.span())
    }

    /// As [`Node::blame`]; where there is nothing of the path, where the field would be added.
    pub fn blame(&self, path: &str, mistake: Mistake) -> Mistake {
        match path.split('.').next().and_then(|field| self.get(field)) {
            Some(_) => Node::Options(self.clone()).blame(path, mistake),
            None => mistake.at(self.end.clone()),
        }
    }

    /// Refuses a field that is not one of `names`.
    ///
    /// # Errors
    /// There is one.
    pub fn only(&self, names: &'static [&'static str]) -> Result<()> {
        match self.fields.iter().find(|field| !names.contains(&field.name)) {
            None => Ok(()),
            Some(field) => {
                let mistake = <Mistake as serde::de::Error>::unknown_field(field.name, names);
                Err(within(mistake, self.name).at(field.name_span.clone()))
            }
        }
    }

    /// These fields, each replaced whole by the one of the same name in `over`; fields that only `over` has come last.
    pub fn replaced_by(&self, over: &Options<'d>) -> Self {
        let new = over.fields.iter().filter(|field| self.get(field.name).is_none());
        let kept = self.fields.iter().map(|field| over.get(field.name).unwrap_or(field));
        Self {
            fields: kept.chain(new).cloned().collect(),
            ..self.clone()
        }
    }

    /// Those of these fields that `names` holds.
    pub fn select(mut self, names: &[&str]) -> Self {
        self.fields.retain(|field| names.contains(&field.name));
        self
    }

    /// Refuses a name that occurs twice.
    pub(super) fn check_duplicates(&self) -> Result<()> {
        for (i, field) in self.fields.iter().enumerate() {
            if let Some(first) = self.fields[..i].iter().find(|first| first.name == field.name) {
                return Err(Mistake::new(format!("field `{}` is given twice", field.name))
                    .at(field.name_span.clone())
                    .mark(first.name_span.clone(), "first given here"));
            }
        }
        Ok(())
    }
}

impl<'d> Node<'d> {
    /// Reads it as a `T`; an error without a place of its own is put on this value.
    ///
    /// # Errors
    /// The value does not describe a `T`.
    pub fn read<T: Deserialize<'d>>(&self) -> Result<T> {
        T::deserialize(self.clone()).map_err(|mistake| mistake.at(self.span()))
    }

    /// Where it stands.
    pub fn span(&self) -> Span {
        match self {
            Self::Value(expr) => range(expr.span()),
            Self::Options(options) => options.span.clone(),
        }
    }

    /// The name of `Name`, `Name()`, `Name(..)`, and where it stands.
    pub fn name(&self) -> Option<(&'d str, Span)> {
        match self {
            Self::Value(Expr::Struct(named)) => Some((&named.name.name, range(&named.name.span))),
            _ => None,
        }
    }

    /// The options of `Name(option: value)`, `(field: value)` and what is short for them.
    ///
    /// # Errors
    /// It is something else, or a name occurs twice.
    pub fn options(&self) -> Result<Options<'d>> {
        match self.body() {
            Some(Body::Options(options)) => options.check_duplicates().map(|()| options),
            Some(Body::Values { name, values, .. }) => Err(unnamed(name, &values[0], &[])),
            None => Err(self.wrong_type("`(field: value, ..)`")),
        }
    }

    /// The fields of `(field: value, ..)` or `Name(field: value, ..)`, for a struct of this name that has these fields.
    ///
    /// # Errors
    /// It is something else, or a field is unknown or occurs twice.
    pub fn fields(&self, name: &str, names: &'static [&'static str]) -> Result<Options<'d>> {
        let options = self.named_options(name, names)?;
        options.check_duplicates()?;
        options.only(names).map(|()| options)
    }

    /// The same for a struct that has a short form: the value of its first field alone.
    ///
    /// # Errors
    /// As [`Node::fields`].
    pub fn fields_or_first(&self, name: &str, names: &'static [&'static str]) -> Result<Options<'d>> {
        match self.body() {
            Some(Body::Options(options)) if options.name.is_none_or(|found| found == name) => self.fields(name, names),
            _ => Ok(Options::of(names[0], self)),
        }
    }

    /// The value at the end of a path such as `feedback.scale` or `arms.0.rule`; names of variants are no steps of it.
    pub fn locate(&self, path: &str) -> Option<Node<'d>> {
        path.split('.').try_fold(self.clone(), |node, step| node.step(step))
    }

    fn step(&self, step: &str) -> Option<Node<'d>> {
        match self.body() {
            None => self.items()?.get(step.parse::<usize>().ok()?).cloned(),
            Some(body) => body.step(step),
        }
    }

    /// What there is of a path, and whether that is all of it; where a value stands for a list of one, its place in it is no step.
    pub fn follow(&self, path: &str) -> (Node<'d>, bool) {
        let mut node = self.clone();
        for step in path.split('.') {
            if step.parse::<usize>().is_ok() && node.items().is_none() {
                continue;
            }
            match node.step(step) {
                Some(next) => node = next,
                None => return (node, false),
            }
        }
        (node, true)
    }

    /// Puts a mistake on the value at the end of a path, and says what that is; where the file does not have it, on what there
    /// is of the path.
    pub fn blame(&self, path: &str, mistake: Mistake) -> Mistake {
        match self.follow(path) {
            (value, true) => mistake.about(&value),
            (node, false) => mistake.at(node.span()),
        }
    }

    /// The values of `[a, b]`.
    pub fn items(&self) -> Option<Vec<Node<'d>>> {
        match self {
            Self::Value(Expr::Seq(list)) => Some(list.items.iter().map(|item| Node::Value(&item.expr)).collect()),
            _ => None,
        }
    }

    /// The options of a struct: `(..)`, or `Name(..)` if that is its name; `names` are its fields.
    pub(super) fn named_options(&self, name: &str, names: &[&str]) -> Result<Options<'d>> {
        match self.body() {
            Some(Body::Options(options)) => match (self, options.name) {
                (Node::Value(_), Some(found)) if found != name => Err(self.wrong_type(&if name.is_empty() {
                    "`(..)`".into()
                } else {
                    format!("`(..)` or `{name}(..)`")
                })),
                _ => Ok(options),
            },
            Some(Body::Values { name, values, .. }) => Err(unnamed(name, &values[0], names)),
            None => {
                let first = names.first().copied().unwrap_or("field");
                Err(self.wrong_type(&format!("named options `({first}: ..)`")))
            }
        }
    }

    pub(super) fn body(&self) -> Option<Body<'d>> {
        let expr: &'d Expr<'static> = match self {
            Self::Options(options) => return Some(Body::Options(options.clone())),
            Self::Value(expr) => expr,
        };
        let span = range(expr.span());
        let options = |name, fields: &'d [StructField<'static>], end| {
            let fields = fields.iter().map(Field::from).collect();
            Some(Body::Options(Options {
                name,
                fields,
                span: span.clone(),
                end,
            }))
        };
        match expr {
            Expr::Unit(_) => options(None, &[], span.end.saturating_sub(1)..span.end),
            Expr::AnonStruct(fields) => options(None, &fields.fields, range(&fields.close_paren)),
            Expr::Tuple(tuple) if !tuple.elements.is_empty() => Some(Body::Values {
                name: None,
                values: &tuple.elements,
                end: range(&tuple.close_paren),
            }),
            Expr::Struct(named) => {
                let name = Some(&*named.name.name);
                match &named.body {
                    None => options(name, &[], range(&named.name.span)),
                    Some(StructBody::Fields(body)) => options(name, &body.fields, range(&body.close_brace)),
                    Some(StructBody::Tuple(body)) if body.elements.is_empty() => {
                        options(name, &[], range(&body.close_paren))
                    }
                    Some(StructBody::Tuple(body)) => Some(Body::Values {
                        name,
                        values: &body.elements,
                        end: range(&body.close_paren),
                    }),
                }
            }
            _ => None,
        }
    }

    /// What it is, in the words of a message.
    pub fn describe(&self) -> String {
        let expr = match self {
            Self::Options(options) if options.fields.is_empty() => return "no value".into(),
            Self::Options(_) => return "named options".into(),
            Self::Value(expr) => expr,
        };
        match expr {
            Expr::Unit(_) => "`()`".into(),
            Expr::Bool(value) => format!("`{}`", value.value),
            Expr::Char(_) | Expr::Byte(_) => "a character".into(),
            Expr::Number(number) => format!("`{}`", number.raw),
            Expr::String(_) => "a string".into(),
            Expr::Bytes(_) => "a string of bytes".into(),
            Expr::Option(option) if option.value.is_none() => "`None`".into(),
            Expr::Option(_) => "`Some(..)`".into(),
            Expr::Seq(_) => "a list".into(),
            Expr::Tuple(_) => "values without names".into(),
            Expr::AnonStruct(_) => "named options".into(),
            Expr::Struct(named) => format!("the name `{}`", named.name.name),
            Expr::Map(_) | Expr::Error(_) => "something unreadable".into(),
        }
    }

    /// The mistake of not being a name, where names stand without quotes.
    pub fn wrong_name(&self, expected: &str) -> Mistake {
        let mistake = self.wrong_type(expected);
        match self {
            Self::Value(Expr::String(_)) => mistake.help("names are written without quotes"),
            _ => mistake,
        }
    }

    /// The mistake of being something else than `expected`.
    pub fn wrong_type(&self, expected: &str) -> Mistake {
        Mistake::new(format!("expected {expected}, found {}", self.describe())).at(self.span())
    }
}

/// The mistake of a value without a name where names are needed; `names` are those that can stand there.
pub(super) fn unnamed(name: Option<&str>, value: &TupleElement<'static>, names: &[&str]) -> Mistake {
    let title = match name {
        Some(name) => format!("the options of `{name}` need their names"),
        None => "the values in these brackets need names".to_owned(),
    };
    let mistake = Mistake::new(title)
        .at(range(value.expr.span()))
        .label("this value has no name");
    match names {
        [] => mistake,
        [first, ..] => mistake.help(format!("an option is written `{first}: ..`")),
    }
}
