//! Run one generic kernel with the widest vector instructions the processor has.
//!
//! A kernel says in which order numbers are added; the instructions only say how many rows are worked on at once. Multiplications
//! and additions are never fused, so that every instruction set gives the same bits.
#![allow(unsafe_code)] // vector instructions, and a check at run time that they exist

use super::Scalar;

/// Several neighbouring numbers in one register.
///
/// # Safety of its functions
/// The instructions must exist on this processor ([`dispatch`] takes care of that), and pointers must be valid for the lanes
/// that are read or written: all, or those of the mask.
pub trait Lanes<T>: Copy {
    /// Which lanes exist in a register that is not full.
    type Mask: Copy;
    /// Numbers in a register.
    const COUNT: usize;
    /// The first `count` lanes, at most all of them.
    unsafe fn mask(count: usize) -> Self::Mask;
    unsafe fn splat(x: T) -> Self;
    unsafe fn load(from: *const T) -> Self;
    unsafe fn store(self, to: *mut T);
    unsafe fn load_some(from: *const T, mask: Self::Mask) -> Self;
    unsafe fn store_some(self, to: *mut T, mask: Self::Mask);
    unsafe fn add(self, other: Self) -> Self;
    unsafe fn multiply(self, other: Self) -> Self;
}

/// A set of instructions with its registers.
pub trait Instructions {
    /// Registers of `f32`.
    type F32: Lanes<f32>;
    /// Registers of `f64`.
    type F64: Lanes<f64>;
}

/// The registers that hold a number type.
pub trait InLanes: Sized {
    /// Registers of this type.
    type Lanes<I: Instructions>: Lanes<Self>;
    /// `to_ij := from_ji` for a block of four rows and four columns; neighbours in a row of `from` lie together, and neighbours
    /// in a column of `to`.
    ///
    /// # Safety
    /// Pointers must be valid for four numbers at each of four steps.
    unsafe fn transpose_block(from: *const Self, from_step: usize, to: *mut Self, to_step: usize);
}

macro_rules! in_lanes {
    ($t:ident $lanes:ident $transpose:ident) => {
        impl InLanes for $t {
            type Lanes<I: Instructions> = I::$lanes;
            #[inline(always)]
            unsafe fn transpose_block(from: *const $t, from_step: usize, to: *mut $t, to_step: usize) {
                // SAFETY: the caller's pointers are valid for the block.
                #[cfg(target_arch = "x86_64")]
                unsafe {
                    $transpose(from, from_step, to, to_step)
                }
                #[cfg(not(target_arch = "x86_64"))]
                for (i, q) in (0..16).map(|x| (x % 4, x / 4)) {
                    // SAFETY: the same.
                    unsafe { *to.add(i + q * to_step) = *from.add(q + i * from_step) }
                }
            }
        }
    };
}
in_lanes!(f32 F32 transpose_f32);
in_lanes!(f64 F64 transpose_f64);

/// A computation to be compiled once for every set of instructions; `run` must be `#[inline(always)]`.
pub trait Kernel {
    /// What it returns.
    type Output;
    /// Computes, with instructions that exist.
    fn run<I: Instructions>(self) -> Self::Output;
}

/// The sets of instructions a kernel is compiled for.
#[cfg(target_arch = "x86_64")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Level {
    /// What every processor of the target has.
    Baseline,
    /// 256 bits.
    Avx2,
    /// 512 bits.
    Avx512,
}

/// The widest instructions this processor has; looked up once.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn widest() -> Level {
    use std::sync::atomic::{AtomicU8, Ordering};
    static WIDEST: AtomicU8 = AtomicU8::new(u8::MAX);
    #[cold]
    fn look_up() -> u8 {
        let avx512 = is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512vl")
            && is_x86_feature_detected!("avx512bw");
        let avx2 = is_x86_feature_detected!("avx2");
        let level = if avx512 && avx2 { 2 } else { u8::from(avx2) };
        WIDEST.store(level, Ordering::Relaxed);
        level
    }
    let mut level = WIDEST.load(Ordering::Relaxed);
    if level == u8::MAX {
        level = look_up();
    }
    match level {
        2 => Level::Avx512,
        1 => Level::Avx2,
        _ => Level::Baseline,
    }
}

/// Runs a kernel with the widest instructions this processor has.
#[inline(always)]
pub fn dispatch<K: Kernel>(kernel: K) -> K::Output {
    #[cfg(target_arch = "x86_64")]
    match widest() {
        // SAFETY: the instructions exist.
        Level::Avx512 => unsafe { x86::avx512(kernel) },
        // SAFETY: the instructions exist.
        Level::Avx2 => unsafe { x86::avx2(kernel) },
        Level::Baseline => baseline(kernel),
    }
    #[cfg(not(target_arch = "x86_64"))]
    baseline(kernel)
}

#[inline(never)] // keeps its stack out of the callers
fn baseline<K: Kernel>(kernel: K) -> K::Output {
    kernel.run::<Baseline>()
}

/// Runs a kernel at every level this processor has, baseline first, to compare them.
#[cfg(test)]
pub fn at_every_level<K: Kernel>(kernel: impl Fn() -> K) -> Vec<K::Output> {
    #[allow(unused_mut)] // where there is only one level
    let mut outputs = vec![baseline(kernel())];
    #[cfg(target_arch = "x86_64")]
    {
        if widest() != Level::Baseline {
            // SAFETY: the instructions exist.
            outputs.push(unsafe { x86::avx2(kernel()) });
        }
        if widest() == Level::Avx512 {
            // SAFETY: the instructions exist.
            outputs.push(unsafe { x86::avx512(kernel()) });
        }
    }
    outputs
}

/// What every processor of the target has; the compiler finds the vectors.
pub struct Baseline;
impl Instructions for Baseline {
    type F32 = [f32; 4];
    type F64 = [f64; 2];
}

impl<T: Scalar, const N: usize> Lanes<T> for [T; N] {
    type Mask = usize;
    const COUNT: usize = N;
    #[inline(always)]
    unsafe fn mask(count: usize) -> usize {
        count.min(N)
    }
    #[inline(always)]
    unsafe fn splat(x: T) -> Self {
        [x; N]
    }
    #[inline(always)]
    unsafe fn load(from: *const T) -> Self {
        // SAFETY: the caller's pointer is valid for all lanes.
        unsafe { from.cast::<Self>().read_unaligned() }
    }
    #[inline(always)]
    unsafe fn store(self, to: *mut T) {
        // SAFETY: the caller's pointer is valid for all lanes.
        unsafe { to.cast::<Self>().write_unaligned(self) }
    }
    #[inline(always)]
    unsafe fn load_some(from: *const T, count: usize) -> Self {
        // SAFETY: only lanes below `count` are read.
        std::array::from_fn(|i| if i < count { unsafe { *from.add(i) } } else { T::ZERO })
    }
    #[inline(always)]
    unsafe fn store_some(self, to: *mut T, count: usize) {
        for (i, x) in self.into_iter().enumerate() {
            if i < count {
                // SAFETY: only lanes below `count` are written.
                unsafe { *to.add(i) = x }
            }
        }
    }
    #[inline(always)]
    unsafe fn add(self, other: Self) -> Self {
        std::array::from_fn(|i| self[i] + other[i])
    }
    #[inline(always)]
    unsafe fn multiply(self, other: Self) -> Self {
        std::array::from_fn(|i| self[i] * other[i])
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::{Instructions, Kernel, Lanes};
    use std::arch::x86_64::*;

    #[target_feature(enable = "avx2")]
    pub fn avx2<K: Kernel>(kernel: K) -> K::Output {
        kernel.run::<Avx2>()
    }

    #[target_feature(enable = "avx2,avx512f,avx512dq,avx512vl,avx512bw")]
    pub fn avx512<K: Kernel>(kernel: K) -> K::Output {
        kernel.run::<Avx512>()
    }

    pub struct Avx2;
    impl Instructions for Avx2 {
        type F32 = __m256;
        type F64 = __m256d;
    }

    pub struct Avx512;
    impl Instructions for Avx512 {
        type F32 = __m512;
        type F64 = __m512d;
    }

    /// Ones, then zeros: a mask of `count` lanes starts `count` before the middle.
    static MASK32: [i32; 16] = [-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0];
    static MASK64: [i64; 8] = [-1, -1, -1, -1, 0, 0, 0, 0];

    /// The lanes that exist, as the instructions want them, and their number.
    #[derive(Clone, Copy)]
    pub struct Mask<M> {
        lanes: M,
        count: usize,
    }

    macro_rules! lanes {
        ($t:ident $register:ident $mask:ident $count:literal, $make_mask:expr, $load_some:expr,
         $splat:ident $load:ident $store:ident $add:ident $multiply:ident, $half:ident $lower:ident $upper:expr) => {
            // SAFETY (of every block): the trait's conditions are the instructions' conditions.
            impl Lanes<$t> for $register {
                type Mask = Mask<$mask>;
                const COUNT: usize = $count;
                #[inline(always)]
                unsafe fn mask(count: usize) -> Mask<$mask> {
                    let count = count.min($count);
                    let lanes: fn(usize) -> $mask = $make_mask;
                    Mask {
                        lanes: lanes(count),
                        count,
                    }
                }
                #[inline(always)]
                unsafe fn splat(x: $t) -> Self {
                    unsafe { $splat(x) }
                }
                #[inline(always)]
                unsafe fn load(from: *const $t) -> Self {
                    unsafe { $load(from) }
                }
                #[inline(always)]
                unsafe fn store(self, to: *mut $t) {
                    unsafe { $store(to, self) }
                }
                #[inline(always)]
                unsafe fn load_some(from: *const $t, mask: Mask<$mask>) -> Self {
                    let load: unsafe fn($mask, *const $t) -> $register = $load_some;
                    unsafe { load(mask.lanes, from) }
                }
                // In exact pieces: after a masked store, loads near it wait as if all its lanes had been written.
                #[inline(always)]
                unsafe fn store_some(self, to: *mut $t, mask: Mask<$mask>) {
                    unsafe {
                        if mask.count == $count {
                            self.store(to);
                        } else {
                            let upper: unsafe fn($register) -> $half = $upper;
                            let (mut part, mut to) = ($lower(self), to);
                            if mask.count & ($count / 2) != 0 {
                                part.store_piece(to, $count / 2);
                                (part, to) = (upper(self), to.add($count / 2));
                            }
                            part.store_piece(to, mask.count % ($count / 2));
                        }
                    }
                }
                #[inline(always)]
                unsafe fn add(self, other: Self) -> Self {
                    unsafe { $add(self, other) }
                }
                #[inline(always)]
                unsafe fn multiply(self, other: Self) -> Self {
                    unsafe { $multiply(self, other) }
                }
            }
        };
    }
    lanes!(f32 __m512 __mmask16 16, |n| ((1u32 << n) - 1) as __mmask16, |mask, from| unsafe { _mm512_maskz_loadu_ps(mask, from) },
        _mm512_set1_ps _mm512_loadu_ps _mm512_storeu_ps _mm512_add_ps _mm512_mul_ps,
        __m256 _mm512_castps512_ps256 |x| _mm512_extractf32x8_ps::<1>(x));
    lanes!(f64 __m512d __mmask8 8, |n| ((1u32 << n) - 1) as __mmask8, |mask, from| unsafe { _mm512_maskz_loadu_pd(mask, from) },
        _mm512_set1_pd _mm512_loadu_pd _mm512_storeu_pd _mm512_add_pd _mm512_mul_pd,
        __m256d _mm512_castpd512_pd256 |x| _mm512_extractf64x4_pd::<1>(x));
    lanes!(f32 __m256 __m256i 8, |n| {
            // SAFETY: eight lanes from 8 - n, where n is at most 8, lie inside the 16 of the table.
            unsafe { MASK32.as_ptr().add(8 - n).cast::<__m256i>().read_unaligned() }
        }, |mask, from| unsafe { _mm256_maskload_ps(from, mask) },
        _mm256_set1_ps _mm256_loadu_ps _mm256_storeu_ps _mm256_add_ps _mm256_mul_ps,
        __m128 _mm256_castps256_ps128 |x| _mm256_extractf128_ps::<1>(x));
    lanes!(f64 __m256d __m256i 4, |n| {
            // SAFETY: four lanes from 4 - n, where n is at most 4, lie inside the eight of the table.
            unsafe { MASK64.as_ptr().add(4 - n).cast::<__m256i>().read_unaligned() }
        }, |mask, from| unsafe { _mm256_maskload_pd(from, mask) },
        _mm256_set1_pd _mm256_loadu_pd _mm256_storeu_pd _mm256_add_pd _mm256_mul_pd,
        __m128d _mm256_castpd256_pd128 |x| _mm256_extractf128_pd::<1>(x));

    /// Stores the first lanes of a half register: all, or a smaller number.
    trait Piece<T> {
        unsafe fn store_piece(self, to: *mut T, count: usize);
    }
    impl Piece<f32> for __m256 {
        #[inline(always)]
        unsafe fn store_piece(self, to: *mut f32, count: usize) {
            // SAFETY: the caller's pointer is valid for these lanes.
            unsafe {
                self.store_some(
                    to,
                    Mask {
                        lanes: std::mem::zeroed(),
                        count,
                    },
                )
            }
        }
    }
    impl Piece<f64> for __m256d {
        #[inline(always)]
        unsafe fn store_piece(self, to: *mut f64, count: usize) {
            // SAFETY: the caller's pointer is valid for these lanes.
            unsafe {
                self.store_some(
                    to,
                    Mask {
                        lanes: std::mem::zeroed(),
                        count,
                    },
                )
            }
        }
    }
    impl Piece<f32> for __m128 {
        #[inline(always)]
        unsafe fn store_piece(self, to: *mut f32, count: usize) {
            // SAFETY: the caller's pointer is valid for these lanes.
            unsafe {
                if count == 4 {
                    return _mm_storeu_ps(to, self);
                }
                let (mut part, mut to) = (self, to);
                if count & 2 != 0 {
                    _mm_storel_pd(to.cast(), _mm_castps_pd(part));
                    (part, to) = (_mm_movehl_ps(part, part), to.add(2));
                }
                if count & 1 != 0 {
                    _mm_store_ss(to, part);
                }
            }
        }
    }
    impl Piece<f64> for __m128d {
        #[inline(always)]
        unsafe fn store_piece(self, to: *mut f64, count: usize) {
            // SAFETY: the caller's pointer is valid for these lanes.
            unsafe {
                if count == 2 {
                    _mm_storeu_pd(to, self);
                } else if count == 1 {
                    _mm_store_sd(to, self);
                }
            }
        }
    }
}

/// `to_ij := from_ji` for a block of four rows and four columns.
///
/// # Safety
/// Pointers must be valid for four numbers at each of four steps.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
unsafe fn transpose_f32(from: *const f32, from_step: usize, to: *mut f32, to_step: usize) {
    use std::arch::x86_64::{_MM_TRANSPOSE4_PS, _mm_loadu_ps, _mm_storeu_ps};
    // SAFETY: every x86-64 processor has these instructions.
    unsafe {
        let [mut a, mut b, mut c, mut d] = std::array::from_fn(|i| _mm_loadu_ps(from.add(i * from_step)));
        _MM_TRANSPOSE4_PS(&mut a, &mut b, &mut c, &mut d);
        for (i, row) in [a, b, c, d].into_iter().enumerate() {
            _mm_storeu_ps(to.add(i * to_step), row);
        }
    }
}

/// The same for `f64`.
///
/// # Safety
/// Pointers must be valid for four numbers at each of four steps.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
unsafe fn transpose_f64(from: *const f64, from_step: usize, to: *mut f64, to_step: usize) {
    use std::arch::x86_64::{_mm_loadu_pd, _mm_storeu_pd, _mm_unpackhi_pd, _mm_unpacklo_pd};
    // SAFETY: every x86-64 processor has these instructions.
    unsafe {
        for (i, q) in [(0, 0), (0, 2), (2, 0), (2, 2)] {
            let [a, b] = [0, 1].map(|r| _mm_loadu_pd(from.add((i + r) * from_step + q)));
            _mm_storeu_pd(to.add(q * to_step + i), _mm_unpacklo_pd(a, b));
            _mm_storeu_pd(to.add((q + 1) * to_step + i), _mm_unpackhi_pd(a, b));
        }
    }
}
