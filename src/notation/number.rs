//! Read the text of a number.

/// A number as written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// Without point or exponent.
    Whole {
        /// Written with a minus sign.
        negative: bool,
        /// Its size.
        magnitude: u128,
    },
    /// With point or exponent, or beyond 128 bits; perhaps not finite.
    Real(f64),
}

impl Number {
    /// Reads `-1_000`, `0xff`, `0b101`, `0o17`, `2.5e-3`, `inf`; `None` for anything else, such as a type suffix.
    pub fn read(text: &str) -> Option<Self> {
        let text = text.replace('_', "");
        let (negative, digits) = match text.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, text.strip_prefix('+').unwrap_or(&text)),
        };
        let radix = match digits.get(..2).map(str::to_ascii_lowercase).as_deref() {
            Some("0x") => 16,
            Some("0o") => 8,
            Some("0b") => 2,
            _ => 10,
        };
        let whole = if radix == 10 { digits } else { &digits[2..] };
        match u128::from_str_radix(whole, radix) {
            Ok(magnitude) => Some(Self::Whole { negative, magnitude }),
            Err(_) if radix != 10 => None,
            Err(_) => text.parse().ok().map(Self::Real),
        }
    }

    /// The nearest double; infinite where there is none.
    pub fn real(self) -> f64 {
        match self {
            Self::Whole {
                negative: true,
                magnitude,
            } => -(magnitude as f64),
            Self::Whole {
                negative: false,
                magnitude,
            } => magnitude as f64,
            Self::Real(value) => value,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(negative: bool, magnitude: u128) -> Option<Number> {
        Some(Number::Whole { negative, magnitude })
    }

    #[test]
    fn the_forms_of_ron() {
        assert_eq!(Number::read("18446744073709551615"), whole(false, u64::MAX.into()));
        assert_eq!(Number::read("-1_000"), whole(true, 1000));
        assert_eq!(Number::read("+0xFf"), whole(false, 255));
        assert_eq!(Number::read("0b101"), whole(false, 5));
        assert_eq!(Number::read("-0o17"), whole(true, 15));
        assert_eq!(Number::read("2.5e-3"), Some(Number::Real(2.5e-3)));
        assert_eq!(Number::read("1e400"), Some(Number::Real(f64::INFINITY)));
        assert_eq!(Number::read("-inf"), Some(Number::Real(f64::NEG_INFINITY)));
        assert!(matches!(Number::read("NaN"), Some(Number::Real(x)) if x.is_nan()));
    }

    #[test]
    fn what_is_no_number() {
        for text in ["1u8", "2.0f32", "0x", "0xg", "1e", "-", ""] {
            assert_eq!(Number::read(text), None, "{text}");
        }
    }
}
