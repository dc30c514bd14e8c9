//! Compute elementary functions the same way everywhere, in steps that compilers turn into vector instructions.
//!
//! Only `+ - * /`, comparisons and bit operations are used; nothing is fused, and no function of the platform is called. Error
//! against correctly rounded values, in units in the last place, over random numbers of all sizes, in both precisions:
//!
//! | | `exp` | `ln` | `tanh` | `logistic` | `softplus` | `erf` |
//! | --- | --- | --- | --- | --- | --- | --- |
//! | bound tested | 1.5 | 1.5 | 3 | 2.5 | 3 | 1.5 |
//!
//! `exp` and `ln` reduce their argument as fdlibm does (Sun Microsystems, 1993, `e_exp.c` and `e_log.c`), from which the
//! coefficients of `ln` come. Those of `exp` are Chebyshev approximations of `(e^r - 1 - r) / r²` for `|r| <= 0.347`. Those of `erf`
//! are Chebyshev approximations too, computed with 70 digits: of `erf(x) / x - 1` in `x²` for `|x| <= 1`, and of `e^(x²) erfc(x)` in
//! `2.6 - 14.4 / (x + 3)` for `1 <= x <= 6`. NaN gives NaN.

macro_rules! elementary {
    (
        $module:ident: $t:ident $bits:ident, $digits:literal digits, cutoffs $exp_min:literal $exp_max:literal $tanh:literal,
        ln2 $ln2_high:literal + $ln2_low:literal, sqrt_half $sqrt_half:literal,
        exp $exp:expr, ln $ln:expr, erf $erf_near:expr, $erf_far:expr
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

            /// `2/√π ∫_0^x e^(-t²) dt`, odd.
            #[inline(always)]
            pub fn erf(x: $t) -> $t {
                let sign = x.to_bits() & SIGN;
                let size = $t::from_bits(x.to_bits() & !SIGN);
                // beyond 6 the result is 1 in either precision
                let size = if size > 6.0 { 6.0 } else { size };
                let square = size * size;
                let near = size + size * polynomial(square, $erf_near);
                let far = 1.0 - exp(-square) * polynomial(2.6 - 14.4 / (size + 3.0), $erf_far);
                let value = if size < 1.0 { near } else { far };
                $t::from_bits((value.to_bits() & !SIGN) | sign)
            }
        }
    };
}

elementary!(
    single: f32 u32, 23 digits, cutoffs -104.0 89.0 -25.0,
    ln2 0.693_145_75 + 1.428_606_8e-6, sqrt_half 0x3f35_04f3,
    exp [0.5, 0.166_666_67, 0.041_666_463, 0.008_333_311, 0.001_393_373_1, 0.000_198_910_8],
    ln [0.666_666_6, 0.400_009_72, 0.284_987_87, 0.242_790_79],
    erf [0.128_379_17, -0.376_126_26, 0.112_835_97, -2.685_432_9e-2, 5.189_312e-3, -8.018_855e-4, 7.882_497_4e-5],
    [
        0.207_983_3,
        -0.154_361_17,
        4.969_831e-2,
        -1.271_315e-2,
        2.479_981_6e-3,
        -3.315_944_3e-4,
        1.848_636e-5,
        2.414_492_7e-6,
    ]
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
    ],
    erf [
        0.128_379_167_095_512_6,
        -0.376_126_389_031_837_5,
        0.112_837_916_709_548_82,
        -2.686_617_064_507_733_4e-2,
        5.223_977_624_823_223e-3,
        -8.548_326_981_129_666e-4,
        1.205_533_112_229_926_6e-4,
        -1.492_559_551_950_604_3e-5,
        1.646_100_448_096_203_4e-6,
        -1.635_035_446_195_965_5e-7,
        1.466_005_199_839_484_8e-8,
        -1.137_390_229_643_091_1e-9,
        5.958_930_743_134_941e-11,
    ],
    [
        0.207_983_291_333_428_85,
        -0.154_361_174_294_369_19,
        4.969_844_540_339_414e-2,
        -1.271_314_769_569_214_7e-2,
        2.479_314_697_086_200_4e-3,
        -3.316_029_605_768_048_4e-4,
        1.956_358_319_809_952_6e-5,
        2.425_557_473_247_005_7e-6,
        -5.541_273_107_090_44e-7,
        -4.526_702_996_597_009e-9,
        1.133_933_706_128_055_7e-8,
        -2.638_133_067_637_362e-10,
        -2.570_050_424_648_292_3e-10,
        6.046_858_018_203_033e-12,
        6.044_068_318_449_643e-12,
    ]
);
