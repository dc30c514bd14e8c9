//! Take the texts of a target column as the names of classes.

use super::format::Format;

/// The whole numbers below this are told apart by floating-point numbers.
const EXACT: f64 = (1u64 << f64::MANTISSA_DIGITS) as f64;

/// A text as the name of a class: numbers come first, by size, and equal ones are one class, however they are written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ClassName {
    /// The number's bits in an order-preserving form; absent last.
    number: (bool, u64),
    /// A number in its shortest form, or the text as it is.
    pub text: String,
}

impl ClassName {
    pub fn new(text: &str, format: Format) -> Self {
        let number = format.finite(text).filter(|number| number.abs() < EXACT);
        let ordered = |number: f64| {
            let bits = number.to_bits();
            if bits >> 63 == 1 { !bits } else { bits | 1 << 63 }
        };
        // there is one 0
        let number = number.map(|number| number + 0.0);
        Self {
            number: (number.is_none(), number.map_or(0, ordered)),
            text: number.map_or_else(|| text.to_string(), |number| number.to_string()),
        }
    }

    /// Whether it is a number.
    pub fn is_number(&self) -> bool {
        !self.number.0
    }

    /// Whether it is a number with decimals.
    pub fn is_fraction(&self) -> bool {
        self.is_number() && self.text.contains('.')
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tasks::own::Delimiter;

    #[test]
    fn numbers_of_equal_value_are_one_class_and_others_are_not() {
        let name = |text| {
            let format = Format {
                delimiter: Delimiter::default(),
                decimal: '.',
            };
            ClassName::new(text, format)
        };
        for text in ["1.0", "01", "+1", "1e0", "1."] {
            assert_eq!(name(text), name("1"), "{text}");
        }
        assert_eq!(name("-0"), name("0.00"));
        assert!(name("-2") < name("-1") && name("-1") < name("0") && name("9") < name("10") && name("10") < name("a"));
        assert_ne!(name("yes"), name("Yes"));
        // longer than what a floating-point number tells apart: these are texts
        assert_ne!(name("9007199254740993"), name("9007199254740992"));
        assert!(name("0.5").is_fraction() && !name("1e3").is_fraction() && !name("a.b").is_fraction());
    }
}
