//! Let serde read a node, and put a place on every error.

use super::access::{Elements, Fields, NamedContent};
use super::mistake::{Mistake, Place, Result, Span, within};
use super::node::{Body, Node, Options, range};
use super::number::Number;
use ron2::ast::{Expr, TupleElement};
use serde::de::{Deserializer, Error as _, Visitor};

impl<'d> Node<'d> {
    /// Puts an error without a place on this value, or on its end where something is missing.
    fn place<T>(&self, result: Result<T>) -> Result<T> {
        result.map_err(|mistake| match (mistake.place, self.body(), self) {
            (Place::End, Some(Body::Options(options)), _) => {
                let name = options.name.filter(|_| mistake.span.is_none());
                within(mistake, name).at(options.end)
            }
            (Place::End, _, Node::Value(Expr::Seq(list))) => mistake.at(range(&list.close_bracket)),
            _ => mistake.at(self.span()),
        })
    }

    /// The number here and its text.
    fn number(&self, expected: &str) -> Result<(Number, &'d str)> {
        let Node::Value(Expr::Number(number)) = self else {
            return Err(self.wrong_type(expected));
        };
        match Number::read(&number.raw) {
            Some(value) => Ok((value, &number.raw)),
            None => Err(self.wrong_type(expected).help("a number is written without a type")),
        }
    }

    fn real(&self) -> Result<f64> {
        let (number, text) = self.number("a number")?;
        let value = number.real();
        if value.is_finite() {
            return Ok(value);
        }
        Err(Mistake::new("a number must be finite")
            .at(self.span())
            .label(format!("is {text}")))
    }

    /// A whole number between two bounds.
    fn whole(&self, lowest: i128, highest: u128) -> Result<(bool, u128)> {
        let (number, text) = self.number("a whole number")?;
        let Number::Whole { negative, magnitude } = number else {
            let mistake = Mistake::new(format!("expected a whole number, found `{text}`")).at(self.span());
            let value = number.real();
            let same = value.fract() == 0.0 && value.abs() < (1u64 << f64::MANTISSA_DIGITS) as f64;
            return Err(if same {
                mistake.help(format!("write `{value:.0}`"))
            } else {
                mistake
            });
        };
        let fits = if negative {
            magnitude <= lowest.unsigned_abs()
        } else {
            magnitude <= highest
        };
        if fits {
            return Ok((negative, magnitude));
        }
        let bounds = format!("expected a whole number from {lowest} to {highest}");
        Err(Mistake::new(bounds).at(self.span()).label(format!("is {text}")))
    }

    fn visit_whole<V: Visitor<'d>>(&self, lowest: i128, highest: u128, visitor: V) -> Result<V::Value> {
        let (negative, magnitude) = self.whole(lowest, highest)?;
        let signed = if negative {
            0i128.wrapping_sub_unsigned(magnitude)
        } else {
            0
        };
        self.place(match (negative, u64::try_from(magnitude), i64::try_from(signed)) {
            (false, Ok(value), _) => visitor.visit_u64(value),
            (false, Err(_), _) => visitor.visit_u128(magnitude),
            (true, _, Ok(value)) => visitor.visit_i64(value),
            (true, _, Err(_)) => visitor.visit_i128(signed),
        })
    }

    pub(super) fn visit_options<V: Visitor<'d>>(&self, options: Options<'d>, visitor: V) -> Result<V::Value> {
        options.check_duplicates()?;
        self.place(visitor.visit_map(Fields {
            name: options.name,
            fields: options.fields.into_iter(),
            value: None,
        }))
    }

    /// Exactly `length` values without names, in `(..)` or `[..]`.
    pub(super) fn visit_exactly<V: Visitor<'d>>(&self, length: usize, name: &str, visitor: V) -> Result<V::Value> {
        let (values, end) = match (self.body(), self.items(), self) {
            (
                Some(Body::Values {
                    name: found,
                    values,
                    end,
                }),
                ..,
            ) if found.is_none_or(|found| found == name) => (nodes(values), end),
            (_, Some(items), Node::Value(Expr::Seq(list))) => (items, range(&list.close_bracket)),
            _ => return Err(self.wrong_type(&format!("{length} values in brackets"))),
        };
        match values.get(length) {
            Some(extra) => {
                Err(Mistake::new(format!("expected {length} values, found {}", values.len())).at(extra.span()))
            }
            None if values.len() < length => {
                Err(Mistake::new(format!("expected {length} values, found {}", values.len())).at(end))
            }
            None => self.visit_values(values, end, visitor),
        }
    }

    fn visit_values<V: Visitor<'d>>(&self, values: Vec<Node<'d>>, end: Span, visitor: V) -> Result<V::Value> {
        let mut values = values.into_iter();
        let result = visitor.visit_seq(Elements(&mut values));
        let read = result.map_err(|mistake| match mistake.place {
            Place::End => mistake.at(end),
            Place::Whole => mistake.at(self.span()),
        })?;
        match values.next() {
            None => Ok(read),
            Some(extra) => Err(Mistake::new("one value too many").at(extra.span())),
        }
    }
}

fn nodes<'d>(values: &'d [TupleElement<'static>]) -> Vec<Node<'d>> {
    values.iter().map(|value| Node::Value(&value.expr)).collect()
}

macro_rules! whole_numbers {
    ($($method:ident $kind:ident)*) => {$(
        fn $method<V: Visitor<'d>>(self, visitor: V) -> Result<V::Value> {
            self.visit_whole($kind::MIN as i128, $kind::MAX as u128, visitor)
        }
    )*};
}

impl<'d> Deserializer<'d> for Node<'d> {
    type Error = Mistake;

    /// What the text itself says; a name is offered as a variant.
    fn deserialize_any<V: Visitor<'d>>(self, visitor: V) -> Result<V::Value> {
        let expr = match &self {
            Node::Options(options) => return self.visit_options(options.clone(), visitor),
            Node::Value(expr) => *expr,
        };
        match expr {
            Expr::Bool(value) => self.place(visitor.visit_bool(value.value)),
            Expr::Char(value) => self.place(visitor.visit_char(value.value)),
            Expr::Byte(value) => self.place(visitor.visit_u8(value.value)),
            Expr::String(value) => self.place(visitor.visit_borrowed_str(&value.value)),
            Expr::Bytes(value) => self.place(visitor.visit_borrowed_bytes(&value.value)),
            Expr::Number(_) => match self.number("a number")? {
                (
                    Number::Whole {
                        negative: false,
                        magnitude,
                    },
                    _,
                ) if magnitude <= u64::MAX.into() => self.visit_whole(0, u64::MAX.into(), visitor),
                (
                    Number::Whole {
                        negative: true,
                        magnitude,
                    },
                    _,
                ) if magnitude <= i64::MIN.unsigned_abs().into() => self.visit_whole(i64::MIN.into(), 0, visitor),
                _ => self.deserialize_f64(visitor),
            },
            Expr::Option(_) => self.deserialize_option(visitor),
            Expr::Seq(_) => self.deserialize_seq(visitor),
            Expr::Unit(_) | Expr::AnonStruct(_) => self.deserialize_struct("", &[], visitor),
            Expr::Tuple(tuple) => self.visit_values(nodes(&tuple.elements), range(&tuple.close_paren), visitor),
            Expr::Struct(_) => self.place(visitor.visit_enum(NamedContent {
                node: &self,
                kind: "name",
                names: &[],
            })),
            // The brackets of maps are refused, and a tree with errors is none.
            Expr::Map(_) | Expr::Error(_) => Err(self.wrong_type("a value")),
        }
    }

    fn deserialize_bool<V: Visitor<'d>>(self, visitor: V) -> Result<V::Value> {
        match self {
            Node::Value(Expr::Bool(value)) => self.place(visitor.visit_bool(value.value)),
            _ => {
                let mistake = self.wrong_type("`true` or `false`");
                Err(match self.name().map(|(name, _)| name.to_lowercase()) {
                    Some(name) if ["true", "false"].contains(&&*name) => mistake.help(format!("write `{name}`")),
                    _ => mistake,
                })
            }
        }
    }

    whole_numbers! {
        deserialize_i8 i8 deserialize_i16 i16 deserialize_i32 i32 deserialize_i64 i64 deserialize_i128 i128
        deserialize_u8 u8 deserialize_u16 u16 deserialize_u32 u32 deserialize_u64 u64 deserialize_u128 u128
    }

    fn deserialize_f32<V: Visitor<'d>>(self, visitor: V) -> Result<V::Value> {
        let value = self.real()?;
        if !(value as f32).is_finite() {
            let mistake = Mistake::new("this number is too large for single precision").at(self.span());
            return Err(mistake);
        }
        self.place(visitor.visit_f64(value))
    }

    fn deserialize_f64<V: Visitor<'d>>(self, visitor: V) -> Result<V::Value> {
        let value = self.real()?;
        self.place(visitor.visit_f64(value))
    }

    fn deserialize_char<V: Visitor<'d>>(self, visitor: V) -> Result<V::Value> {
        match self {
            Node::Value(Expr::Char(value)) => self.place(visitor.visit_char(value.value)),
            _ => Err(self.wrong_type("a character")),
        }
    }

    fn deserialize_str<V: Visitor<'d>>(self, visitor: V) -> Result<V::Value> {
        match self {
            Node::Value(Expr::String(value)) => self.place(visitor.visit_borrowed_str(&value.value)),
            Node::Value(Expr::Struct(named)) if named.body.is_none() => Err(self
                .wrong_type("a string")
                .help(format!("write it in quotes: `\"{}\"`", named.name.name))),
            _ => Err(self.wrong_type("a string")),
        }
    }

    fn deserialize_string<V: Visitor<'d>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_str(visitor)
    }

    fn deserialize_bytes<V: Visitor<'d>>(self, visitor: V) -> Result<V::Value> {
        match self {
            Node::Value(Expr::Bytes(value)) => self.place(visitor.visit_borrowed_bytes(&value.value)),
            _ => self.deserialize_seq(visitor),
        }
    }

    fn deserialize_byte_buf<V: Visitor<'d>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_bytes(visitor)
    }

    fn deserialize_option<V: Visitor<'d>>(self, visitor: V) -> Result<V::Value> {
        match &self {
            Node::Value(Expr::Option(option)) => match &option.value {
                None => self.place(visitor.visit_none()),
                Some(inner) => self.place(visitor.visit_some(Node::Value(&inner.expr))),
            },
            _ => self.place(visitor.visit_some(self.clone())),
        }
    }

    fn deserialize_unit<V: Visitor<'d>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_unit_struct("", visitor)
    }

    fn deserialize_unit_struct<V: Visitor<'d>>(self, name: &'static str, visitor: V) -> Result<V::Value> {
        let options = self.named_options(name, &[])?;
        match options.fields.first() {
            None => self.place(visitor.visit_unit()),
            Some(field) => {
                Err(within(Mistake::unknown_field(field.name, &[]), options.name).at(field.name_span.clone()))
            }
        }
    }

    /// `Name(value)`, `(value)` or just the value.
    fn deserialize_newtype_struct<V: Visitor<'d>>(self, name: &'static str, visitor: V) -> Result<V::Value> {
        let inner = match self.body() {
            Some(Body::Values {
                name: found,
                values: [value],
                ..
            }) if found.is_none_or(|found| found == name) => Node::Value(&value.expr),
            _ => self.clone(),
        };
        self.place(visitor.visit_newtype_struct(inner))
    }

    fn deserialize_seq<V: Visitor<'d>>(self, visitor: V) -> Result<V::Value> {
        match &self {
            Node::Value(Expr::Seq(list)) => {
                let values = list.items.iter().map(|item| Node::Value(&item.expr)).collect();
                self.visit_values(values, range(&list.close_bracket), visitor)
            }
            _ => Err(self.wrong_type("a list `[..]`")),
        }
    }

    fn deserialize_tuple<V: Visitor<'d>>(self, length: usize, visitor: V) -> Result<V::Value> {
        self.visit_exactly(length, "", visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'d>>(
        self,
        name: &'static str,
        length: usize,
        visitor: V,
    ) -> Result<V::Value> {
        self.visit_exactly(length, name, visitor)
    }

    fn deserialize_map<V: Visitor<'d>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_struct("", &[], visitor)
    }

    fn deserialize_struct<V: Visitor<'d>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        let options = self.named_options(name, fields)?;
        self.visit_options(options, visitor)
    }

    fn deserialize_enum<V: Visitor<'d>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        self.place(visitor.visit_enum(NamedContent {
            node: &self,
            kind: name,
            names: variants,
        }))
    }

    fn deserialize_identifier<V: Visitor<'d>>(self, visitor: V) -> Result<V::Value> {
        match self.name() {
            Some((name, _)) => self.place(visitor.visit_borrowed_str(name)),
            None => self.deserialize_str(visitor),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'d>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_unit()
    }
}
