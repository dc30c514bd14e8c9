//! Choose where the ticks of an axis stand, and write their labels.

/// A long tick.
#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    /// Its value.
    pub value: f64,
    /// What is written there.
    pub label: String,
}

/// Most labels on a logarithmic axis.
const MOST_POWERS: usize = 7;
/// Over so many decades a logarithmic axis is labelled at powers of ten.
const MANY_DECADES: f64 = 1.9;
/// Over so many decades of errors only powers of ten are labelled.
const MANY_ERRORS: f64 = 4.0;

/// m · 10^e, for a digit m.
#[derive(Clone, Copy)]
struct Round {
    m: i32,
    e: i32,
}

impl Round {
    /// Rounded once, even where 10^e alone would be no number of double precision.
    fn value(self) -> f64 {
        raised(f64::from(self.m), self.e)
    }

    /// A short decimal, or with a power of ten where that would be long.
    fn label(self) -> String {
        let Self { m, e } = self;
        match m {
            _ if is_short(e) => plain(self.value(), (-e).max(0) as usize),
            1 => power(e),
            _ => format!("{m}×{}", power(e)),
        }
    }

    fn tick(self) -> Tick {
        Tick {
            value: self.value(),
            label: self.label(),
        }
    }
}

/// x · 10^e, rounded once.
fn raised(x: f64, e: i32) -> f64 {
    format!("{x}e{e}").parse().expect("a number in decimal notation")
}

/// Whether numbers of this order of magnitude are written without a power of ten.
fn is_short(exponent: i32) -> bool {
    (-3..4).contains(&exponent)
}

/// The least of 1, 2, 5 times a power of ten that cuts a length into at most `ticks` pieces.
pub fn step(length: f64, ticks: usize) -> f64 {
    let least = length / ticks as f64;
    let e = least.log10().floor() as i32;
    let steps = [1, 2, 5].map(|m| Round { m, e }.value());
    let enough = steps.into_iter().find(|step| *step >= least * (1.0 - 1e-9));
    enough.unwrap_or(Round { m: 1, e: e + 1 }.value())
}

/// The least number of two digits that is not below a positive one, nearly: what a scale from 0 ends at.
pub fn at_least(x: f64) -> Tick {
    let e = x.log10().floor() as i32 - 1;
    let m = (x / raised(1.0, e) * (1.0 - 1e-12)).ceil() as i32;
    Round { m, e }.tick()
}

/// The multiples of a step within a range, with as many digits as the step has.
pub fn linear((low, high): (f64, f64), step: f64) -> Vec<Tick> {
    /// More digits after the point are written with a power of ten.
    const MOST_DECIMALS: i32 = 4;
    let slack = 1e-6 * step;
    let first = ((low - slack) / step).ceil() as i64;
    let last = ((high + slack) / step).floor() as i64;
    let size = |x: f64| x.abs().log10().floor() as i32;
    let (largest, finest) = (size(low.abs().max(high.abs())), size(step * (1.0 + 1e-9)));
    let label = |x: f64| {
        if largest <= MOST_DECIMALS && finest >= -MOST_DECIMALS {
            plain(x, (-finest).max(0) as usize)
        } else if x == 0.0 {
            "0".to_owned()
        } else {
            let mantissa = x / raised(1.0, largest);
            format!(
                "{}×{}",
                plain(mantissa, (largest - finest).max(0) as usize),
                power(largest)
            )
        }
    };
    (first..=last)
        .map(|k| k as f64 * step)
        .map(|value| Tick {
            value,
            label: label(value),
        })
        .collect()
}

/// The long and short ticks between 10^low and 10^high.
pub fn logarithmic(low: f64, high: f64) -> (Vec<Tick>, Vec<f64>) {
    let multiples = |of: &[i32]| -> Vec<Round> {
        let decades = low.floor() as i32..=high.ceil() as i32;
        decades
            .flat_map(|e| of.iter().map(move |&m| Round { m, e }))
            .filter(|round| (low..=high).contains(&round.value().log10()))
            .collect()
    };
    let values = |rounds: &[Round]| rounds.iter().map(|round| round.value()).collect();
    let ticks = |rounds: &[Round]| rounds.iter().map(|round| round.tick()).collect();
    let powers = multiples(&[1]);
    let rounded = multiples(&[1, 2, 5]);
    let every_digit = multiples(&[1, 2, 3, 4, 5, 6, 7, 8, 9]);
    if high - low > MANY_DECADES && powers.len() >= 2 {
        let every = powers.len().div_ceil(MOST_POWERS);
        let as_power = |round: &Round| Tick {
            value: round.value(),
            label: power(round.e),
        };
        let major = powers.iter().step_by(every).map(as_power).collect();
        // Where decades crowd, the ones without a label take the place of the digits.
        (major, values(if every > 1 { &powers } else { &every_digit }))
    } else if rounded.len() >= 2 {
        (ticks(&rounded), values(&every_digit))
    } else if covers(&every_digit, high - low) {
        (ticks(&every_digit), Vec::new())
    } else {
        (evenly(low, high), Vec::new())
    }
}

/// Whether ticks are spread over a good part of a logarithmic axis of this length.
fn covers(ticks: &[Round], length: f64) -> bool {
    match ticks {
        [first, .., last] => (last.value() / first.value()).log10() > 0.3 * length,
        _ => false,
    }
}

/// Even ticks between 10^low and 10^high, which lie close together: two or more.
fn evenly(low: f64, high: f64) -> Vec<Tick> {
    let exponent = high.floor() as i32;
    let e = if is_short(exponent) { 0 } else { exponent };
    let ends = [low, high].map(|x| 10f64.powf(x - f64::from(e)));
    let of_about = |count| linear((ends[0], ends[1]), step(ends[1] - ends[0], count));
    // a step is less than 2.5 times what was asked for: of five there are two at least
    let ticks = Some(of_about(4))
        .filter(|ticks| ticks.len() >= 2)
        .unwrap_or_else(|| of_about(5));
    let scaled = |Tick { value, label }: Tick| match e {
        0 => Tick { value, label },
        _ => Tick {
            value: raised(value, e),
            label: format!("{label}×{}", power(e)),
        },
    };
    ticks.into_iter().map(scaled).collect()
}

/// The percentages whose errors are 1, 2 and 5 times powers of ten between 10^low and 10^high, the least percentage first.
pub fn errors(low: f64, high: f64) -> Vec<Tick> {
    let digits: &[i32] = if high - low > MANY_ERRORS { &[1] } else { &[1, 2, 5] };
    let decades = (low.floor() as i32..=high.ceil() as i32).rev();
    decades
        .flat_map(|e| digits.iter().rev().map(move |&m| Round { m, e }))
        .filter(|error| error.value() <= 100.0 && (low..=high).contains(&error.value().log10()))
        .map(|error| Tick {
            value: 100.0 - error.value(),
            label: plain(100.0 - error.value(), (-error.e).max(0) as usize),
        })
        .collect()
}

/// A number with a true minus sign.
pub fn plain(x: f64, decimals: usize) -> String {
    let text = format!("{:.decimals$}", if x == 0.0 { 0.0 } else { x });
    text.replace('-', "−")
}

/// 10 to an integer power, as in 10⁻².
pub fn power(exponent: i32) -> String {
    let raised = |c| match c {
        '-' => '⁻',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        digit => char::from_u32('⁰' as u32 + (digit as u32 - '0' as u32)).unwrap_or(digit),
    };
    format!("10{}", exponent.to_string().chars().map(raised).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn even(low: f64, high: f64, count: usize) -> Vec<String> {
        let ticks = linear((low, high), step(high - low, count));
        ticks.into_iter().map(|tick| tick.label).collect()
    }

    #[test]
    fn even_labels_have_the_decimals_they_need() {
        assert_eq!(even(0.0, 20.0, 5), ["0", "5", "10", "15", "20"]);
        assert_eq!(even(0.0, 1.0, 5), ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        assert_eq!(even(-2.0, 2.0, 4), ["−2", "−1", "0", "1", "2"]);
        assert_eq!(even(0.0, 2e6, 4), ["0", "0.5×10⁶", "1.0×10⁶", "1.5×10⁶", "2.0×10⁶"]);
        assert_eq!(even(-3e-7, 0.0, 3), ["−3×10⁻⁷", "−2×10⁻⁷", "−1×10⁻⁷", "0"]);
        assert_eq!(even(12_345_678.0, 12_345_679.0, 2).len(), 3);
    }

    #[test]
    fn ends_have_two_digits() {
        let of = |x: f64| {
            let end = at_least(x);
            assert!(
                end.value >= x * (1.0 - 1e-9) && end.value < 1.1 * x + f64::MIN_POSITIVE,
                "{x}: {end:?}"
            );
            end.label
        };
        assert_eq!(
            [0.331, 0.3, 1.0, 9.99, 123.0].map(of),
            ["0.34", "0.30", "1.0", "10.0", "130"]
        );
        assert_eq!([4.44e-6, 2.0e-3, 5e7].map(of), ["45×10⁻⁷", "20×10⁻⁴", "50×10⁶"]);
    }

    #[test]
    fn logarithmic_labels_suit_the_number_of_decades() {
        let of = |low: f64, high: f64| -> Vec<String> {
            // with the room that an axis leaves at both ends
            let margin = (0.03 * (high / low).log10()).max(0.02);
            let ticks = logarithmic(low.log10() - margin, high.log10() + margin).0;
            ticks.into_iter().map(|tick| tick.label).collect()
        };
        assert_eq!(of(0.004, 2.0), ["10⁻²", "10⁻¹", "10⁰"]);
        assert_eq!(of(0.15, 2.4), ["0.2", "0.5", "1", "2"]);
        assert_eq!(of(0.07, 3.3), ["0.1", "0.2", "0.5", "1", "2"]);
        assert_eq!(of(2.1, 4.6), ["3", "4"]);
        assert_eq!(of(2e-5, 6e-5), ["2×10⁻⁵", "5×10⁻⁵"]);
        assert_eq!(of(0.302, 0.338), ["0.30", "0.32", "0.34"]);
        assert_eq!(of(3.4e300, 3.5e300), ["3.4×10³⁰⁰", "3.6×10³⁰⁰"]);
        assert_eq!(of(9.2e5, 1.6e6), ["1.0×10⁶", "1.2×10⁶", "1.4×10⁶", "1.6×10⁶"]);
        assert!(of(1e-30, 1e3).len() <= 7);
        // two decades hold a single power of ten
        assert_eq!(of(1.3, 85.0), ["2", "5", "10", "20", "50"]);
    }
}
