//! Describe in words, for the help, values that experiments write in several forms.

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

pub(crate) use in_words;
