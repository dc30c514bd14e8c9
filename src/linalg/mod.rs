//! Compute on numbers, slices and matrices: the only place with matrix products, elementwise functions and `unsafe`.

mod elementwise;
mod matrix;
mod product;
mod scalar;

pub use elementwise::{exp, ln, log_sum_exp, logistic, softmax, softplus, tanh};
pub use matrix::{Matrix, Vector, all_finite, assign, empty, reshape, zip};
pub use product::{Operand, add_scaled, dot, multiply, plain, transposed};
pub use scalar::Scalar;
