//! Compute on numbers, slices and matrices: the only place with matrix products, elementwise functions and `unsafe`.

#[cfg(test)]
mod accuracy;
mod cholesky;
mod columns;
mod crew;
mod elementary;
mod elementwise;
mod elimination;
mod finite;
mod gaussian;
mod lanes;
mod largest;
mod level;
mod matrix;
mod operand;
mod places;
#[cfg(test)]
mod portability;
mod product;
mod pseudo_inverse;
mod scalar;
mod scratch;
mod sharing;
mod softmax;
mod sums;

pub use cholesky::solve_positive_definite;
pub use columns::{add_to_columns, beside, scale_columns, square_columns};
pub use crew::{Crew, pieces};
pub use elementwise::{erf, exp, ln, logistic, map, softplus, tanh};
pub use elimination::{solve, solve_each};
pub use finite::{MODERATE, all_finite, all_moderate};
pub(crate) use gaussian::{PAIRS, box_muller, sin_cos_of_turns};
pub use largest::keep_larger;
pub use level::{SIMD, is_slow, paths, simd};
pub use matrix::{ByValue, Matrix, Vector, assign, empty, join, reshape, zeroed, zip, zip_slices, zip_two};
pub use operand::{Operand, plain, transposed, view};
pub use places::{PlaceSteps, add_products, sum_products};
pub use product::{multiply, multiply_plus, multiply_plus_row, multiply_slice};
pub use pseudo_inverse::PseudoInverter;
pub use scalar::Scalar;
pub use scratch::scratch;
pub use sharing::{share_blocks, share_columns, share_each};
pub use softmax::{log_sum_exp, log_sum_exp_columns, softmax, softmax_columns};
pub use sums::{add_scaled, add_scaled_columns, dot, sum, sum_of_pairs};

/// Stands in every manifest and in the key of every kept run: raised with any change that changes the bits of a result.
pub const NUMERICS_VERSION: u32 = 2;
