//! Write statistics in the few digits that tables for readers have.

use super::Interval;

/// Four significant digits, without an exponent where that is readable.
pub fn number(value: f64) -> String {
    let size = value.abs();
    match size {
        0.0 => "0".into(),
        _ if !(1e-3..1e5).contains(&size) => format!("{value:.3e}"),
        _ => {
            let whole = size.log10().floor() as i32;
            format!("{value:.*}", (3 - whole).max(0) as usize)
        }
    }
}

/// The same where there is a value.
pub fn optional(value: Option<f64>) -> String {
    value.map(number).unwrap_or_default()
}

/// The ends of an interval, where there is one.
pub fn interval(interval: Option<Interval>) -> String {
    interval
        .map(|Interval { low, high }| format!("[{}, {}]", number(low), number(high)))
        .unwrap_or_default()
}

/// A p value to three places, a small one by its power of ten, where there is one.
pub fn probability(p: Option<f64>) -> String {
    p.map(|p| {
        if p < 1e-3 {
            format!("{p:.1e}")
        } else {
            format!("{p:.3}")
        }
    })
    .unwrap_or_default()
}
