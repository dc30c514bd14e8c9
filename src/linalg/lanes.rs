//! Run one generic kernel with the widest vector instructions the processor has.
//!
//! A kernel says in which order numbers are added; the instructions only say how many rows are worked on at once. Multiplications
//! and additions are never fused, so that every instruction set gives the same bits.
#![allow(unsafe_code)] // vector instructions, and a check at run time that they exist

use super::Scalar;

#[cfg(target_arch = "x86_64")]
mod x86;

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
    /// Rows that [`Lanes::transpose_tall_block`] takes.
    const TALL: usize;
    /// Like [`InLanes::transpose_block`], for [`Lanes::TALL`] rows and four columns.
    unsafe fn transpose_tall_block(from: *const T, from_step: usize, to: *mut T, to_step: usize);
}

/// Register `r` of the `R` that stand one behind the other from `from` on, of which the last has the lanes of `last` alone.
///
/// # Safety
/// As of [`Lanes`].
#[inline(always)]
pub unsafe fn load_part<T: Scalar, L: Lanes<T>, const R: usize>(from: *const T, r: usize, last: L::Mask) -> L {
    // SAFETY: the caller's pointer is valid for these lanes.
    unsafe {
        let from = from.add(r * L::COUNT);
        if r + 1 == R {
            L::load_some(from, last)
        } else {
            L::load(from)
        }
    }
}

/// `c := value + beta c` for the register of `c` that [`load_part`] takes. Where `beta` is 0, `c` is not read.
///
/// # Safety
/// As of [`Lanes`].
#[inline(always)]
pub unsafe fn put_part<T: Scalar, L: Lanes<T>, const R: usize>(
    mut value: L,
    beta: T,
    c: *mut T,
    r: usize,
    last: L::Mask,
) {
    // SAFETY: the caller's pointer is valid for these lanes.
    unsafe {
        if beta != T::ZERO {
            let old = load_part::<T, L, R>(c, r, last);
            value = L::splat(beta).multiply(old).add(value);
        }
        let to = c.add(r * L::COUNT);
        if r + 1 == R {
            value.store_some(to, last)
        } else {
            value.store(to)
        }
    }
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
                    x86::$transpose(from, from_step, to, to_step)
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
    #[cfg(test)]
    let level = level.min(LIMIT.get());
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
    kernel.run::<BaselineInstructions>()
}

/// What is computed with every set of instructions this processor has, to compare them.
#[cfg(test)]
pub fn at_every_level<O>(compute: impl Fn() -> O) -> Vec<O> {
    let outputs = (0..=2).map(|level| {
        LIMIT.set(level);
        compute()
    });
    outputs.collect()
}

#[cfg(test)]
thread_local! {
    /// The widest level that this thread may use.
    static LIMIT: std::cell::Cell<u8> = const { std::cell::Cell::new(2) };
}

/// What every processor of the target has; the compiler finds the vectors.
pub struct BaselineInstructions;
impl Instructions for BaselineInstructions {
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
        let lane = |i| unsafe { *from.add(i) };
        std::array::from_fn(|i| if i < count { lane(i) } else { T::ZERO })
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
    const TALL: usize = 4;
    #[inline(always)]
    unsafe fn transpose_tall_block(from: *const T, from_step: usize, to: *mut T, to_step: usize) {
        // SAFETY: the caller's pointers are valid for the block.
        unsafe { T::transpose_block(from, from_step, to, to_step) }
    }
}
