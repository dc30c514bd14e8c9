//! Put numbers into the equations of a unit.

use crate::network::layer_name;
use crate::runner::{Explanation, LayerExplanation};

/// Terms of a sum that are written out.
const TERMS: usize = 6;

/// A number as it stands in drawings and formulas.
pub fn number(value: f64) -> String {
    written(value, 3)
}

/// A number in tables, where numbers are compared.
pub fn precise(value: f64) -> String {
    written(value, 5)
}

/// So many digits behind the point, or an exponent with one fewer.
fn written(value: f64, digits: usize) -> String {
    let size = value.abs();
    if size != 0.0 && !(1e-3..1e4).contains(&size) {
        return format!("{value:.*e}", digits - 1);
    }
    format!("{value:.digits$}")
}

/// A sum of products, the largest first.
fn sum(products: impl Iterator<Item = (f64, f64)>) -> String {
    let mut products: Vec<_> = products.collect();
    products.sort_by(|(a, b), (c, d)| (c * d).abs().total_cmp(&(a * b).abs()));
    let term = |(x, y): &(f64, f64)| format!("{}·{}", bracketed(*x), bracketed(*y));
    let mut text = products.iter().take(TERMS).map(term).collect::<Vec<_>>().join(" + ");
    if products.len() > TERMS {
        let rest: f64 = products[TERMS..].iter().map(|(x, y)| x * y).sum();
        text += &format!(" + {} more terms, {}", products.len() - TERMS, number(rest));
    }
    text
}

fn bracketed(value: f64) -> String {
    match value < 0.0 {
        true => format!("({})", number(value)),
        false => number(value),
    }
}

/// All that is computed for unit `j` of layer `l`, a line for each quantity. Products of means over a batch are not the means of
/// products, so that only sums are put in numbers there.
pub fn unit(explained: &Explanation, l: usize, j: usize) -> Vec<String> {
    let layer = &explained.layers[l];
    let name = layer_name(l);
    let mut lines = vec![format!("{name}, unit {j}")];
    let value = |values: &[f64]| values.get(j).map(|x| number(*x));
    let is_single = explained.samples.len() == 1;
    if layer.is_dense {
        let below = match l {
            0 => &explained.input,
            _ => &explained.layers[l - 1].a,
        };
        let row = layer.parameters.weight.row(j);
        if row.len() == below.len() {
            let bias = layer.parameters.bias.get(j).map(|b| format!(" + {}", bracketed(*b)));
            let terms = sum(row.iter().copied().zip(below.iter().copied()));
            lines.push(format!(
                "z = Σ w·a + b = {terms}{} = {}",
                bias.unwrap_or_default(),
                number(layer.z[j])
            ));
        }
    } else {
        lines.push(format!(
            "z = {}, from the units that its filter sees",
            number(layer.z[j])
        ));
    }
    lines.push(format!("a = φ(z) = {}, φ = {}", number(layer.a[j]), layer.activation));
    lines.extend(error(explained, l, j, is_single));
    if let Some(own) = layer.own_delta.as_deref().and_then(value) {
        lines.push(format!("the rule has in the place of δ: {own}"));
    }
    lines
}

/// The error of a unit, and what is wished of it.
fn error(explained: &Explanation, l: usize, j: usize, is_single: bool) -> Vec<String> {
    let layer = &explained.layers[l];
    let Some(delta) = layer.delta.get(j) else {
        return Vec::new();
    };
    let mut lines = Vec::new();
    let is_top = l + 1 == explained.layers.len();
    let wish = layer.wishes.get(j).filter(|_| layer.wishes.len() == layer.z.len());
    let Some(wish) = wish else {
        return vec![format!("δ = ∂C/∂z = {}", number(*delta))];
    };
    match explained.layers.get(l + 1).filter(|above| above.is_dense) {
        _ if is_top => lines.push(format!(
            "wish: y − a = {} − {} = {}",
            bracketed(explained.target[j]),
            bracketed(explained.output[j]),
            number(*wish)
        )),
        Some(above) => lines.push(format!(
            "wish: −∂C/∂a = Σ w'·(−δ') = {} = {}",
            wishes(above, j),
            number(*wish)
        )),
        None => lines.push(format!("wish: −∂C/∂a = {}", number(*wish))),
    }
    lines.push(match is_single && !is_top {
        true => format!(
            "δ = ∂C/∂a·φ'(z) = {}·{} = {}",
            bracketed(-wish),
            bracketed(layer.slope[j]),
            number(*delta)
        ),
        false => format!("δ = ∂C/∂z = {}", number(*delta)),
    });
    lines
}

/// What each unit above asks of unit `k`.
fn wishes(above: &LayerExplanation, k: usize) -> String {
    let column = above.parameters.weight.column(k);
    sum(column.iter().copied().zip(above.delta.iter().map(|delta| -delta)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_begin_with_what_is_largest_and_keep_the_rest() {
        let products = [(1.0, 0.5), (-2.0, 3.0)];
        assert_eq!(sum(products.into_iter()), "(-2.000)·3.000 + 1.000·0.500");
        let many = (0..9).map(|i| (1.0, f64::from(i)));
        assert!(sum(many).ends_with(" + 3 more terms, 3.000"), "0 + 1 + 2 are left");
    }

    #[test]
    fn numbers_are_short() {
        assert_eq!(
            [0.0, -0.25, 1e-5, 12345.0].map(number),
            ["0.000", "-0.250", "1.00e-5", "1.23e4"]
        );
    }
}
