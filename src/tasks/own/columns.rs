//! Name columns of a table as experiments do: by name, by number, in a list, or all inputs.

use crate::tasks::in_words::in_words;
use serde::de::{self, Deserializer, EnumAccess, SeqAccess, VariantAccess, Visitor};
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Which columns are targets.
#[derive(Clone, Debug, PartialEq)]
pub enum Columns {
    /// All columns are inputs, and each is its own target.
    Input,
    /// One column.
    One(Column),
    /// Several columns of values.
    Several(Vec<Column>),
}

/// A column by its name, or by its number from 1.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Column {
    /// As the first line says.
    Name(String),
    /// From 1.
    Number(usize),
}

impl Serialize for Columns {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Input => serializer.serialize_unit_variant("Columns", 0, "Input"),
            Self::One(column) => column.serialize(serializer),
            Self::Several(columns) => columns.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Columns {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyColumns)
    }
}

impl<'de> Deserialize<'de> for Column {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyColumn)
    }
}

in_words!(Columns, "a name in quotes, a number from 1, a list of them, or `Input`");
in_words!(Column, "a name in quotes, or a number from 1");

/// `"type"` or `8`.
struct AnyColumn;

impl Visitor<'_> for AnyColumn {
    type Value = Column;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a column in quotes, or its number from 1")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<Column, E> {
        Ok(Column::Name(name.to_string()))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Column, E> {
        usize::try_from(number)
            .map(Column::Number)
            .map_err(|_| E::custom("no table has so many columns"))
    }
}

/// `"type"`, `8`, `["a", "b"]` or `Input`.
struct AnyColumns;

impl<'de> Visitor<'de> for AnyColumns {
    type Value = Columns;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a column in quotes, its number from 1, a list of them, or `Input`")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<Columns, E> {
        AnyColumn.visit_str(name).map(Columns::One)
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Columns, E> {
        AnyColumn.visit_u64(number).map(Columns::One)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Columns, A::Error> {
        let mut columns = Vec::new();
        while let Some(column) = list.next_element()? {
            columns.push(column);
        }
        Ok(Columns::Several(columns))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, name: A) -> Result<Columns, A::Error> {
        let (InputOnly::Input, variant) = name.variant()?;
        variant.unit_variant()?;
        Ok(Columns::Input)
    }
}

/// The one name without quotes.
#[derive(Deserialize)]
#[serde(variant_identifier)]
enum InputOnly {
    Input,
}
