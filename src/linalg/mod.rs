//! Compute on numbers, slices and matrices: the only place with matrix products, elementwise functions and `unsafe`.

#[cfg(test)]
mod accuracy;
mod cholesky;
mod elementary;
mod elementwise;
mod finite;
mod gaussian;
mod lanes;
mod level;
mod matrix;
mod operand;
#[cfg(test)]
mod portability;
mod product;
mod pseudo_inverse;
mod scalar;
mod sums;

pub use cholesky::solve_positive_definite;
pub use elementwise::{erf, exp, ln, log_sum_exp, logistic, map, softmax, softmax_columns, softplus, tanh};
pub use finite::{MODERATE, all_finite, all_moderate};
pub(crate) use gaussian::{PAIRS, box_muller, sin_cos_of_turns};
pub use level::{SIMD, simd};
pub use matrix::{Matrix, Vector, assign, empty, reshape, zip, zip_slices};
pub use operand::{Operand, plain, transposed};
pub use product::{multiply, multiply_plus};
pub use pseudo_inverse::PseudoInverter;
pub use scalar::Scalar;
pub use sums::{add_scaled, add_scaled_columns, dot};

/// Stands in every manifest and in the key of every kept run: raised with any change that changes the bits of a result.
pub const NUMERICS_VERSION: u32 = 2;
