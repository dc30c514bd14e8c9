//! Compute on numbers, slices and matrices: the only place with matrix products, elementwise functions and `unsafe`.

#[cfg(test)]
mod accuracy;
mod cholesky;
mod elementary;
mod elementwise;
mod gaussian;
mod lanes;
mod large;
mod matrix;
mod operand;
mod outer;
#[cfg(test)]
mod portability;
mod product;
mod pseudo_inverse;
mod scalar;
mod small;

pub use cholesky::solve_positive_definite;
pub use elementwise::{erf, exp, ln, log_sum_exp, logistic, map, softmax, softmax_columns, softplus, tanh};
pub(crate) use gaussian::{PAIRS, box_muller, sin_cos_of_turns};
pub use matrix::{MODERATE, Matrix, Vector, all_finite, all_moderate, assign, empty, reshape, zip, zip_slices};
pub use operand::{Operand, plain, transposed};
pub use product::{add_scaled, add_scaled_columns, dot, multiply};
pub use pseudo_inverse::PseudoInverter;
pub use scalar::Scalar;

/// Stands in every manifest and in the key of every kept run: raised with any change that changes the bits of a result.
pub const NUMERICS_VERSION: u32 = 1;

/// The features of this processor that the bits of large products may depend on.
pub fn processor_features() -> Vec<&'static str> {
    #[cfg(target_arch = "x86_64")]
    {
        let known = [
            ("avx", std::is_x86_feature_detected!("avx")),
            ("avx2", std::is_x86_feature_detected!("avx2")),
            ("fma", std::is_x86_feature_detected!("fma")),
            ("avx512f", std::is_x86_feature_detected!("avx512f")),
        ];
        known
            .into_iter()
            .filter_map(|(name, present)| present.then_some(name))
            .collect()
    }
    #[cfg(not(target_arch = "x86_64"))]
    Vec::new()
}
