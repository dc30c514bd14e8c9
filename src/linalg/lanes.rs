//! Run one generic kernel with the widest vector instructions that may be used.
//!
//! A kernel says in which order numbers are added, and where a multiplication and an addition are fused; the instructions only say
//! how many elements are worked on at once. Every set of them has a fused multiply-add, or calls one in software: all give the
//! same bits.
//!
//! A closure, and so `array::map` or `array::from_fn`, is compiled without the chosen instructions wherever it is not inlined: the
//! same bits, many times slower. Code that uses [`Lanes`] has loops instead, and `.ci/run` looks for what was not inlined.
#![allow(unsafe_code)] // vector instructions, and a check at run time that they exist

use super::Scalar;
use super::level::{Level, widest};

#[cfg(target_arch = "aarch64")]
mod neon;
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
    /// Registers of rows in the largest tile of a product, and its columns: their sums, a register for each row and one for a
    /// column must fit the register file, with one to spare where there are 16, or the compiler keeps a sum in memory.
    const ROWS: usize;
    const COLUMNS: usize;
    /// Rows and columns of the block that [`Lanes::transpose`] takes.
    const BLOCK: (usize, usize);
    /// The first `count` lanes, at most all of them.
    unsafe fn mask(count: usize) -> Self::Mask;
    unsafe fn splat(x: T) -> Self;
    unsafe fn load(from: *const T) -> Self;
    unsafe fn store(self, to: *mut T);
    /// Zero in the lanes that do not exist.
    unsafe fn load_some(from: *const T, mask: Self::Mask) -> Self;
    unsafe fn store_some(self, to: *mut T, mask: Self::Mask);
    unsafe fn multiply(self, other: Self) -> Self;
    /// `self · factor + addend`, rounded once.
    unsafe fn multiply_add(self, factor: Self, addend: Self) -> Self;
    /// `to_ij := from_ji` for a block; neighbours in a row of `from` lie together, and neighbours in a column of `to`.
    unsafe fn transpose(from: *const T, from_step: usize, to: *mut T, to_step: usize);
}

/// A set of instructions with its registers.
pub trait Instructions {
    /// Registers of `f32`.
    type F32: Lanes<f32>;
    /// Registers of `f64`.
    type F64: Lanes<f64>;
    /// Runs a kernel as a function of its own, compiled for these instructions.
    ///
    /// # Safety
    /// The instructions must exist.
    unsafe fn run<K: Kernel>(kernel: K) -> K::Output;
}

/// The registers that hold a number type.
pub trait InLanes: Sized {
    /// Registers of this type.
    type Lanes<I: Instructions>: Lanes<Self>;
}
impl InLanes for f32 {
    type Lanes<I: Instructions> = I::F32;
}
impl InLanes for f64 {
    type Lanes<I: Instructions> = I::F64;
}

/// The registers of a set of instructions that hold a number type.
pub type Register<T, I> = <T as InLanes>::Lanes<I>;

/// A computation to be compiled once for every set of instructions; `run` must be `#[inline(always)]`.
pub trait Kernel {
    /// What it returns.
    type Output;
    /// Computes, with instructions that exist.
    fn run<I: Instructions>(self) -> Self::Output;
}

/// Runs a kernel with the widest instructions that may be used.
#[inline(always)]
pub fn dispatch<K: Kernel>(kernel: K) -> K::Output {
    // SAFETY: the instructions exist.
    unsafe {
        match widest() {
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => x86::Avx512::run(kernel),
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => x86::Avx2::run(kernel),
            #[cfg(target_arch = "aarch64")]
            Level::Neon => neon::Neon::run(kernel),
            _ => Portable::run(kernel),
        }
    }
}

/// What the compiler makes for any processor.
pub struct Portable;
impl Instructions for Portable {
    type F32 = [f32; 4];
    type F64 = [f64; 2];
    #[inline(never)] // keeps its stack out of the callers, and its registers to itself
    unsafe fn run<K: Kernel>(kernel: K) -> K::Output {
        kernel.run::<Self>()
    }
}

impl<T: Scalar, const N: usize> Lanes<T> for [T; N] {
    type Mask = usize;
    const COUNT: usize = N;
    const ROWS: usize = 3;
    // where a multiply-add is a call, sums are in memory anyway
    const COLUMNS: usize = 2;
    const BLOCK: (usize, usize) = (4, 4);
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
        let mut lanes = [T::ZERO; N];
        for (i, lane) in lanes.iter_mut().enumerate() {
            if i < count {
                // SAFETY: only lanes below `count` are read.
                *lane = unsafe { *from.add(i) };
            }
        }
        lanes
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
    unsafe fn multiply(mut self, other: Self) -> Self {
        for (x, y) in self.iter_mut().zip(other) {
            *x *= y;
        }
        self
    }
    #[inline(always)]
    unsafe fn multiply_add(self, factor: Self, mut addend: Self) -> Self {
        for ((sum, x), y) in addend.iter_mut().zip(self).zip(factor) {
            *sum = x.mul_add(y, *sum);
        }
        addend
    }
    #[inline(always)]
    unsafe fn transpose(from: *const T, from_step: usize, to: *mut T, to_step: usize) {
        for q in 0..4 {
            for i in 0..4 {
                // SAFETY: the caller's pointers are valid for the block.
                unsafe { *to.add(i + q * to_step) = *from.add(q + i * from_step) }
            }
        }
    }
}
