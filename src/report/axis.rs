//! Choose the range of an axis, its ticks and their labels.

/// How values are spaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scale {
    Linear,
    Log,
    /// Percentages by the logarithm of what they lack of 100.
    Error,
}

/// An axis: a range of values, and where its ticks stand.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    scale: Scale,
    low: f64,
    high: f64,
    /// What it measures, with its unit.
    pub title: String,
    /// Values with long ticks, and what is written there.
    pub major: Vec<(f64, String)>,
    /// Values with short ticks.
    pub minor: Vec<f64>,
}

/// The room left at both ends of an axis, so that marks do not lie on the other axis.
const MARGIN: f64 = 0.03;
/// Most labels on a logarithmic axis.
const MOST_POWERS: usize = 7;

impl Axis {
    /// A linear axis over a range, with about `ticks` ticks inside it.
    pub fn over(title: impl Into<String>, (low, high): (f64, f64), ticks: usize) -> Self {
        let (low, high) = if low < high {
            (low, high)
        } else {
            (low - 0.5, high + 0.5)
        };
        let step = step(high - low, ticks);
        Self::linear(title.into(), low, high, step)
    }

    /// A linear axis that begins and ends with a tick, within limits.
    pub fn between_ticks(title: impl Into<String>, (low, high): (f64, f64), limits: (f64, f64), ticks: usize) -> Self {
        let step = step((high - low).max(1e-9 * high.abs()).max(1e-12), ticks);
        let low = ((low / step).floor() * step).max(limits.0);
        let high = ((high / step).ceil() * step).min(limits.1);
        let (low, high) = if low < high {
            (low, high)
        } else {
            (low - step, high + step)
        };
        Self::linear(title.into(), low, high, step)
    }

    /// Angles from 0, in degrees, with ticks at thirds of a right angle.
    pub fn degrees(title: impl Into<String>, highest: f64) -> Self {
        Self::linear(title.into(), 0.0, highest.clamp(100.0, 180.0), 30.0)
    }

    fn linear(title: String, low: f64, high: f64, step: f64) -> Self {
        let decimals = (-step.log10().floor()).max(0.0) as usize;
        let slack = 1e-6 * step;
        let first = ((low - slack) / step).ceil() as i64;
        let last = ((high + slack) / step).floor() as i64;
        let major = (first..=last)
            .map(|k| k as f64 * step)
            .map(|x| (x, plain(x, decimals)))
            .collect();
        let margin = MARGIN * (high - low);
        Self {
            scale: Scale::Linear,
            low: low - margin,
            high: high + margin,
            title,
            major,
            minor: Vec::new(),
        }
    }

    /// A logarithmic axis over a range of positive values.
    pub fn log(title: impl Into<String>, (low, high): (f64, f64)) -> Self {
        let (low, high) = (low.log10(), high.log10());
        let margin = (MARGIN * (high - low)).max(0.02);
        let (low, high) = (low - margin, high + margin);
        let inside = |x: &f64| (low..=high).contains(&x.log10());
        let decades = low.floor() as i32..=high.ceil() as i32;
        let multiples = |of: &[i32]| -> Vec<f64> {
            decades
                .clone()
                .flat_map(|e| of.iter().map(move |&m| times_power(m, e)))
                .filter(inside)
                .collect()
        };
        let powers = multiples(&[1]);
        let rounded = multiples(&[1, 2, 5]);
        let every_digit = multiples(&[1, 2, 3, 4, 5, 6, 7, 8, 9]);
        let numbered = |values: Vec<f64>| values.into_iter().map(|x| (x, number(x))).collect();
        let (major, minor) = if high - low > 1.9 {
            let every = powers.len().div_ceil(MOST_POWERS);
            let labelled = powers
                .iter()
                .step_by(every)
                .map(|&x| (x, power(x.log10().round() as i32)))
                .collect();
            // Where decades crowd, the ones without a label take the place of the digits.
            (labelled, if every > 1 { powers } else { every_digit })
        } else if rounded.len() >= 2 {
            (numbered(rounded), every_digit)
        } else if covers(&every_digit, high - low) {
            (numbered(every_digit), Vec::new())
        } else {
            (evenly(low, high), Vec::new())
        };
        Self {
            scale: Scale::Log,
            low,
            high,
            title: title.into(),
            major,
            minor,
        }
    }

    /// An axis of percentages that spaces them by the logarithm of what they lack of 100, so that 90, 99 and 99.9 are equally far
    /// apart; 100 itself stands at the end. Where that has too few numbers, it is linear.
    pub fn by_error(title: impl Into<String>, values: impl Iterator<Item = f64>) -> Self {
        const FEWEST: usize = 3;
        let ends = |(low, high): (f64, f64), x: f64| (low.min(x), high.max(x));
        let (low, high) = values.filter(|x| *x < 100.0).fold((100.0, 0.0), ends);
        if low > high {
            return Self::between_ticks(title, (99.0, 100.0), (0.0, 100.0), 5);
        }
        let log = Self::log("", (100.0 - high, 100.0 - low));
        let decades = log.low.floor() as i32..=log.high.ceil() as i32;
        let errors = decades.flat_map(|e| [1, 2, 5].map(|m| (times_power(m, e), (-e).max(0) as usize)));
        let inside = errors.filter(|(error, _)| *error <= 100.0 && (log.low..=log.high).contains(&error.log10()));
        let mut major: Vec<(f64, String)> = inside
            .map(|(error, decimals)| (100.0 - error, plain(100.0 - error, decimals)))
            .collect();
        if major.len() < FEWEST {
            return Self::between_ticks(title, (low, high), (0.0, 100.0), 5);
        }
        major.reverse();
        Self {
            scale: Scale::Error,
            low: -log.high,
            high: -log.low,
            title: title.into(),
            major,
            minor: Vec::new(),
        }
    }

    /// Whether values are spaced by what they lack of 100.
    pub fn is_by_error(&self) -> bool {
        self.scale == Scale::Error
    }

    /// Where a value stands: 0 at the low end, 1 at the high end, never outside.
    pub fn position(&self, value: f64) -> f64 {
        let value = match self.scale {
            Scale::Linear => value,
            Scale::Log if value > 0.0 => value.log10(),
            Scale::Log => self.low,
            Scale::Error if value < 100.0 => -(100.0 - value).log10(),
            Scale::Error => self.high,
        };
        ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0)
    }
}

/// Whether ticks are spread over a good part of a logarithmic axis of this length.
fn covers(ticks: &[f64], length: f64) -> bool {
    match ticks {
        [first, .., last] => (last / first).log10() > 0.3 * length,
        _ => false,
    }
}

/// Even ticks between 10^low and 10^high, which lie close together.
fn evenly(low: f64, high: f64) -> Vec<(f64, String)> {
    let exponent = high.floor() as i32;
    let raised = if is_short(exponent) { 0 } else { exponent };
    let below_ten = |x: f64| 10f64.powf(x - f64::from(raised));
    let ticks = Axis::over("", (below_ten(low), below_ten(high)), 4).major;
    let scaled = |(x, label): (f64, String)| match raised {
        0 => (x, label),
        _ => (x * 10f64.powi(raised), format!("{label}×{}", power(raised))),
    };
    ticks.into_iter().map(scaled).collect()
}

/// Whether numbers of this order of magnitude are written without a power of ten.
fn is_short(exponent: i32) -> bool {
    (-3..4).contains(&exponent)
}

/// The least of 1, 2, 5 times a power of ten that cuts a length into at most `ticks` pieces.
fn step(length: f64, ticks: usize) -> f64 {
    let least = length / ticks as f64;
    let exponent = least.log10().floor() as i32;
    [1, 2, 5, 10]
        .into_iter()
        .map(|m| times_power(m, exponent))
        .find(|step| *step >= least * (1.0 - 1e-9))
        .unwrap_or(times_power(10, exponent))
}

/// m · 10^e, rounded once.
fn times_power(m: i32, e: i32) -> f64 {
    if e < 0 {
        f64::from(m) / 10f64.powi(-e)
    } else {
        f64::from(m) * 10f64.powi(e)
    }
}

/// A number with a true minus sign.
fn plain(x: f64, decimals: usize) -> String {
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

/// A short decimal, or a power of ten where that would be long.
fn number(x: f64) -> String {
    let exponent = (x * (1.0 + 1e-9)).log10().floor() as i32;
    if is_short(exponent) {
        return plain(x, (-exponent).max(0) as usize);
    }
    let mantissa = (x / 10f64.powi(exponent)).round();
    if mantissa == 1.0 {
        power(exponent)
    } else {
        format!("{mantissa}×{}", power(exponent))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(axis: &Axis) -> Vec<&str> {
        axis.major.iter().map(|(_, label)| &**label).collect()
    }

    #[test]
    fn linear_labels_have_the_decimals_they_need() {
        assert_eq!(labels(&Axis::over("", (0.0, 20.0), 5)), ["0", "5", "10", "15", "20"]);
        assert_eq!(
            labels(&Axis::over("", (0.0, 1.0), 5)),
            ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]
        );
        assert_eq!(labels(&Axis::over("", (-2.0, 2.0), 4)), ["−2", "−1", "0", "1", "2"]);
        assert_eq!(
            labels(&Axis::between_ticks("", (9.4, 97.3), (0.0, 100.0), 5)),
            ["0", "20", "40", "60", "80", "100"]
        );
        assert_eq!(
            labels(&Axis::between_ticks("", (93.1, 97.2), (0.0, 100.0), 5)),
            ["93", "94", "95", "96", "97", "98"]
        );
        assert_eq!(labels(&Axis::degrees("", 93.0)), ["0", "30", "60", "90"]);
        assert_eq!(labels(&Axis::degrees("", 131.0)), ["0", "30", "60", "90", "120"]);
    }

    #[test]
    fn log_labels_suit_the_number_of_decades() {
        assert_eq!(labels(&Axis::log("", (0.004, 2.0))), ["10⁻²", "10⁻¹", "10⁰"]);
        assert_eq!(labels(&Axis::log("", (0.15, 2.4))), ["0.2", "0.5", "1", "2"]);
        assert_eq!(labels(&Axis::log("", (0.07, 3.3))), ["0.1", "0.2", "0.5", "1", "2"]);
        assert_eq!(labels(&Axis::log("", (2.1, 4.6))), ["3", "4"]);
        assert_eq!(labels(&Axis::log("", (2e-5, 6e-5))), ["2×10⁻⁵", "5×10⁻⁵"]);
        assert_eq!(labels(&Axis::log("", (0.302, 0.338))), ["0.30", "0.32", "0.34"]);
        assert_eq!(labels(&Axis::log("", (3.4e300, 3.5e300))), ["3.4×10³⁰⁰", "3.6×10³⁰⁰"]);
        assert_eq!(
            labels(&Axis::log("", (9.2e5, 1.6e6))),
            ["1.0×10⁶", "1.2×10⁶", "1.4×10⁶", "1.6×10⁶"]
        );
        assert!(labels(&Axis::log("", (1e-30, 1e3))).len() <= 7);
    }

    #[test]
    fn percentages_by_error_have_numbers_at_1_2_and_5_of_each_decade() {
        let of = |values: [f64; 2]| Axis::by_error("", values.into_iter());
        let axis = of([8.5, 98.9]);
        // errors from 91.5 to 1.1, and the margins: just as far as 0 and 99
        assert_eq!(labels(&axis), ["0", "50", "80", "90", "95", "98", "99"]);
        let between = |a, b| axis.position(b) - axis.position(a);
        assert!((between(50.0, 90.0) - between(90.0, 98.0)).abs() < 1e-12);
        assert_eq!(axis.position(100.0), 1.0);
        assert!(axis.position(8.5) > 0.0 && axis.position(98.9) < 1.0);
        assert_eq!(labels(&of([98.7, 99.95]))[..2], ["99", "99.5"]);
        // one power of the error is no axis
        assert_eq!(labels(&of([40.0, 60.0])), ["40", "45", "50", "55", "60"]);
        assert_eq!(labels(&of([100.0, 100.0])).last(), Some(&"100.0"));
    }

    #[test]
    fn a_single_value_has_an_axis() {
        for axis in [
            Axis::over("", (0.0, 0.0), 5),
            Axis::between_ticks("", (100.0, 100.0), (0.0, 100.0), 5),
            Axis::between_ticks("", (0.0, 0.0), (0.0, 100.0), 5),
            Axis::log("", (0.7, 0.7)),
        ] {
            assert!(
                axis.low < axis.high && !axis.major.is_empty() && axis.major.len() < 9,
                "{axis:?}"
            );
        }
    }

    #[test]
    fn positions_are_linear_in_the_value_or_in_its_logarithm() {
        let linear = Axis::over("", (0.0, 10.0), 5);
        assert!((linear.position(5.0) - 0.5).abs() < 1e-12);
        let log = Axis::log("", (0.01, 100.0));
        assert!((log.position(1.0) - 0.5).abs() < 1e-12);
        assert_eq!(
            (log.position(0.0), log.position(-1.0), log.position(1e9)),
            (0.0, 0.0, 1.0)
        );
    }
}
