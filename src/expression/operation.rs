//! Compute each operation of an expression, and its derivatives by its operands.

use crate::linalg::Scalar;

/// What a node makes of its operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// `x + y`
    Add,
    /// `x - y`
    Subtract,
    /// `x * y`
    Multiply,
    /// `x / y`
    Divide,
    /// `x ^ y`
    Power,
    /// `-x`
    Negate,
    /// `exp(x)`
    Exp,
    /// `ln(x)`
    Ln,
    /// `tanh(x)`
    Tanh,
    /// `logistic(x) = 1 / (1 + exp(-x))`
    Logistic,
}

/// What an operation works on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum NodeOperand {
    /// The value of a node, by its place in the graph: an edge.
    Node(usize),
    /// A number that is written in the expression; it has no edge.
    Number(f64),
}

impl Operation {
    /// The functions, as they are written.
    pub const FUNCTIONS: [(&'static str, Self); 4] = [
        ("exp", Self::Exp),
        ("ln", Self::Ln),
        ("tanh", Self::Tanh),
        ("logistic", Self::Logistic),
    ];

    /// What stands between two operands, and how strongly it binds; nothing for what has one operand.
    pub fn sign(self) -> Option<(char, u8)> {
        match self {
            Self::Add => Some(('+', 1)),
            Self::Subtract => Some(('-', 1)),
            Self::Multiply => Some(('*', 2)),
            Self::Divide => Some(('/', 2)),
            Self::Power => Some(('^', 4)),
            Self::Negate | Self::Exp | Self::Ln | Self::Tanh | Self::Logistic => None,
        }
    }

    /// The value for `[x, y]`; an operation of one operand does not look at `y`.
    pub fn value(self, [x, y]: [f64; 2]) -> f64 {
        match self {
            Self::Add => x + y,
            Self::Subtract => x - y,
            Self::Multiply => x * y,
            Self::Divide => x / y,
            Self::Power => power(x, y),
            Self::Negate => -x,
            Self::Exp => Scalar::exp(x),
            Self::Ln => Scalar::ln(x),
            Self::Tanh => Scalar::tanh(x),
            Self::Logistic => 1.0 / (1.0 + Scalar::exp(-x)),
        }
    }

    /// The derivatives by `x` and by `y`, at `[x, y]`.
    pub fn slopes(self, [x, y]: [f64; 2]) -> [f64; 2] {
        match self {
            Self::Add => [1.0, 1.0],
            Self::Subtract => [1.0, -1.0],
            Self::Multiply => [y, x],
            Self::Divide => [1.0 / y, -x / (y * y)],
            Self::Power => [y * power(x, y - 1.0), power(x, y) * Scalar::ln(x)],
            Self::Negate => [-1.0, 0.0],
            Self::Exp => [Scalar::exp(x), 0.0],
            Self::Ln => [1.0 / x, 0.0],
            Self::Tanh => [1.0 - Scalar::tanh(x) * Scalar::tanh(x), 0.0],
            Self::Logistic => {
                let s = self.value([x, y]);
                [s * (1.0 - s), 0.0]
            }
        }
    }
}

/// `x^y`; exact products where `y` is a small whole number.
fn power(x: f64, y: f64) -> f64 {
    match y as i32 {
        whole if f64::from(whole) == y && whole.unsigned_abs() <= 64 => {
            let product = (0..whole.unsigned_abs()).fold(1.0, |product, _| product * x);
            if whole < 0 { 1.0 / product } else { product }
        }
        _ => Scalar::exp(y * Scalar::ln(x)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slopes_are_central_differences() {
        let all = [
            Operation::Add,
            Operation::Subtract,
            Operation::Multiply,
            Operation::Divide,
            Operation::Power,
            Operation::Negate,
            Operation::Exp,
            Operation::Ln,
            Operation::Tanh,
            Operation::Logistic,
        ];
        for operation in all {
            for (x, y) in [(0.7, 1.3), (2.0, 3.0), (1.5, -2.0)] {
                let h = 1e-5;
                let by_x = (operation.value([x + h, y]) - operation.value([x - h, y])) / (2.0 * h);
                let by_y = (operation.value([x, y + h]) - operation.value([x, y - h])) / (2.0 * h);
                for (slope, difference) in operation.slopes([x, y]).into_iter().zip([by_x, by_y]) {
                    let close = (slope - difference).abs() <= 1e-7 * (1.0 + difference.abs());
                    assert!(close, "{operation:?} at {x}, {y}: {slope}, not {difference}");
                }
            }
        }
    }

    #[test]
    fn whole_powers_are_products() {
        assert_eq!(Operation::Power.value([-3.0, 2.0]), 9.0);
        assert_eq!(Operation::Power.value([2.0, -2.0]), 0.25);
        assert_eq!(Operation::Power.value([7.0, 0.0]), 1.0);
    }
}
