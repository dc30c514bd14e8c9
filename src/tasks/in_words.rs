//! Describe in words, read and write values that experiments write in several forms.

/// Gives a type a schema that says in words what can stand there.
macro_rules! in_words {
    ($name:ident, $words:literal) => {
        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn inline_schema() -> bool {
                true
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "x-form": $words })
            }
        }
    };
}

/// Reads and writes an enum as a plain value or a name without quotes, such as `seed: 0` and `seed: PerRun`. `$words` say in a
/// message what could stand there.
macro_rules! value_or_name {
    ($type:ident, $variant:ident($value:ty) by $visit:ident, $name:ident, $words:literal) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self {
                    Self::$variant(value) => serde::Serialize::serialize(value, serializer),
                    Self::$name => serializer.serialize_unit_variant(stringify!($type), 0, stringify!($name)),
                }
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                #[derive(serde::Deserialize)]
                #[serde(variant_identifier)]
                enum OnlyName {
                    $name,
                }

                struct ValueOrName;
                impl<'de> serde::de::Visitor<'de> for ValueOrName {
                    type Value = $type;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str($words)
                    }

                    fn $visit<E: serde::de::Error>(self, value: $value) -> Result<$type, E> {
                        Ok($type::$variant(value))
                    }

                    fn visit_enum<A: serde::de::EnumAccess<'de>>(self, name: A) -> Result<$type, A::Error> {
                        let (OnlyName::$name, variant) = name.variant()?;
                        serde::de::VariantAccess::unit_variant(variant)?;
                        Ok($type::$name)
                    }
                }
                deserializer.deserialize_any(ValueOrName)
            }
        }
    };
}

pub(crate) use in_words;
pub(super) use value_or_name;
