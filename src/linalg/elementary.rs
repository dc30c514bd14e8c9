//! Compute elementary functions the same way everywhere, in steps that compilers turn into vector instructions.
//!
//! Only `+ - * /`, comparisons and bit operations are used; nothing is fused, and no function of the platform is called. Error
//! against correctly rounded values, in units in the last place, over random numbers of all sizes, in both precisions:
//!
//! | | `exp` | `ln` | `tanh` | `logistic` | `softplus` |
//! | --- | --- | --- | --- | --- | --- |
//! | bound tested | 1.5 | 1.5 | 3 | 2.5 | 3 |
//!
//! `exp` and `ln` reduce their argument as fdlibm does (Sun Microsystems, 1993, `e_exp.c` and `e_log.c`), from which the
//! coefficients of `ln` come. Those of `exp` are Chebyshev approximations of `(e^r - 1 - r) / r²` for `|r| <= 0.347`. NaN gives NaN.

macro_rules! elementary {
    (
        $module:ident: $t:ident $bits:ident, $digits:literal digits, cutoffs $exp_min:literal $exp_max:literal $tanh:literal,
        ln2 $ln2_high:literal + $ln2_low:literal, sqrt_half $sqrt_half:literal,
        exp $exp:expr, ln $ln:expr
    ) => {
        /// The functions in one precision.
        pub mod $module {
            /// Stored digits of the significand.
            const DIGITS: $bits = $digits;
            const BIAS: $bits = ($t::MAX_EXP - 1) as $bits;
            /// A number whose last digit is worth one: to add it rounds to an integer, which then stands in the last bits.
            const INTEGERS: $t = 1.5 * ((1 as $bits) << DIGITS) as $t;
            const SIGN: $bits = 1 << ($bits::BITS - 1);
            const LOG2_E: $t = std::$t::consts::LOG2_E;
            /// `ln 2` in two parts; the product of the first with an exponent is exact.
            const LN_2: ($t, $t) = ($ln2_high, $ln2_low);

            #[inline(always)]
            fn polynomial<const N: usize>(x: $t, coefficients: [$t; N]) -> $t {
                let mut value = coefficients[N - 1];
                for i in (0..N - 1).rev() {
                    value = value * x + coefficients[i];
                }
                value
            }

            /// `n`, as the bits of a signed integer, and `e^r - 1`, where `x = n ln 2 + r` and `r` is smallest.
            #[inline(always)]
            fn reduced_exp(x: $t) -> ($bits, $t) {
                let shifted = x * LOG2_E + INTEGERS;
                let n = shifted - INTEGERS;
                let r = (x - n * LN_2.0) - n * LN_2.1;
                (
                    shifted.to_bits().wrapping_sub(INTEGERS.to_bits()),
                    r + r * r * polynomial(r, $exp),
                )
            }

            /// `y 2^n` for `n` from twice the least to twice the greatest exponent, rounded once.
            #[inline(always)]
            fn scaled(y: $t, n: $bits) -> $t {
                let twice_biased = n.wrapping_add(2 * BIAS);
                let first = twice_biased >> 1;
                let second = twice_biased.wrapping_sub(first);
                y * $t::from_bits(first << DIGITS) * $t::from_bits(second << DIGITS)
            }

            /// `e^x`: 0 and infinity where it is too small or too large to be represented.
            #[inline(always)]
            pub fn exp(x: $t) -> $t {
                let x = if x < $exp_min { $exp_min } else { x };
                let x = if x > $exp_max { $exp_max } else { x };
                let (n, y) = reduced_exp(x);
                scaled(1.0 + y, n)
            }

            /// `k ln 2 + ln(1 + f)` for `f` between `sqrt(1/2) - 1` and `sqrt(2) - 1`.
            #[inline(always)]
            fn ln_sum(k: $t, f: $t) -> $t {
                let s = f / (2.0 + f);
                let z = s * s;
                let half_square = 0.5 * f * f;
                k * LN_2.0 - ((half_square - (s * (half_square + z * polynomial(z, $ln)) + k * LN_2.1)) - f)
            }

            /// Natural logarithm: `-inf` at 0, NaN below.
            #[inline(always)]
            pub fn ln(x: $t) -> $t {
                const SQRT_HALF: $bits = $sqrt_half;
                const RAISED: $t = ((1 as $bits) << (DIGITS + 1)) as $t;
                let subnormal = x < $t::MIN_POSITIVE;
                let normal = if subnormal { x * RAISED } else { x };
                let shifted = normal.to_bits().wrapping_add((1.0 as $t).to_bits() - SQRT_HALF);
                let exponent = $t::from_bits(INTEGERS.to_bits().wrapping_add(shifted >> DIGITS)) - INTEGERS;
                let k = exponent
                    - if subnormal {
                        (BIAS + DIGITS + 1) as $t
                    } else {
                        BIAS as $t
                    };
                let significand = $t::from_bits((shifted & ((1 << DIGITS) - 1)) + SQRT_HALF);
                let value = ln_sum(k, significand - 1.0);
                let special = if x == 0.0 { -$t::INFINITY } else { $t::NAN };
                let special = if x > 0.0 { x } else { special };
                if x > 0.0 && x < $t::INFINITY {
                    value
                } else {
                    special
                }
            }

            /// Hyperbolic tangent, odd; `x` for tiny `x`.
            #[inline(always)]
            pub fn tanh(x: $t) -> $t {
                let sign = x.to_bits() & SIGN;
                let y = -2.0 * $t::from_bits(x.to_bits() & !SIGN);
                let y = if y < $tanh { $tanh } else { y };
                let (n, e) = reduced_exp(y);
                let power = $t::from_bits(n.wrapping_add(BIAS) << DIGITS);
                let t = power * e + (power - 1.0); // e^y - 1
                let size = t / (2.0 + t);
                $t::from_bits((size.to_bits() & !SIGN) | sign)
            }

            /// `1 / (1 + e^-x)`, with all digits in the left tail.
            #[inline(always)]
            pub fn logistic(x: $t) -> $t {
                let z = exp(-$t::from_bits(x.to_bits() & !SIGN));
                (if x < 0.0 { z } else { 1.0 }) / (1.0 + z)
            }

            /// `ln(1 + e^x)`, with all digits in both tails.
            #[inline(always)]
            pub fn softplus(x: $t) -> $t {
                let z = exp(-$t::from_bits(x.to_bits() & !SIGN));
                let large = z > std::$t::consts::SQRT_2 - 1.0;
                let f = if large { 0.5 * (z - 1.0) } else { z };
                let k = if large { 1.0 } else { 0.0 };
                (if x > 0.0 { x } else { 0.0 }) + ln_sum(k, f)
            }
        }
    };
}

elementary!(
    single: f32 u32, 23 digits, cutoffs -104.0 89.0 -25.0,
    ln2 0.693_145_75 + 1.428_606_8e-6, sqrt_half 0x3f35_04f3,
    exp [0.5, 0.166_666_67, 0.041_666_463, 0.008_333_311, 0.001_393_373_1, 0.000_198_910_8],
    ln [0.666_666_6, 0.400_009_72, 0.284_987_87, 0.242_790_79]
);
elementary!(
    double: f64 u64, 52 digits, cutoffs -746.0 710.0 -45.0,
    ln2 6.931_471_803_691_238e-1 + 1.908_214_929_270_587_7e-10, sqrt_half 0x3fe6_a09e_0000_0000,
    exp [
        0.5,
        0.166_666_666_666_666_7,
        0.041_666_666_666_666_67,
        0.008_333_333_333_326_084,
        0.001_388_888_888_888_371_1,
        0.000_198_412_698_750_022_8,
        2.480_158_732_567_746e-5,
        2.755_725_517_000_089e-6,
        2.755_727_347_871_858e-7,
        2.510_531_272_962_210_3e-8,
        2.091_475_532_589_32e-9,
    ],
    ln [
        6.666_666_666_666_735e-1,
        3.999_999_999_940_942e-1,
        2.857_142_874_366_239e-1,
        2.222_219_843_214_978_4e-1,
        1.818_357_216_161_805e-1,
        1.531_383_769_920_937_3e-1,
        1.479_819_860_511_658_6e-1,
    ]
);
