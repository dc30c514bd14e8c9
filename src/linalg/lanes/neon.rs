//! Give the kernels the 128-bit registers of aarch64 processors.
#![allow(unsafe_code)] // vector instructions, which all of these processors have

use super::{Instructions, Kernel, Lanes};
use std::arch::aarch64::*;

pub struct Neon;
impl Instructions for Neon {
    type F32 = float32x4_t;
    type F64 = float64x2_t;
    #[inline(never)] // a tile of a product that is inlined beside others gets too few registers
    unsafe fn run<K: Kernel>(kernel: K) -> K::Output {
        kernel.run::<Self>()
    }
}

/// The registers of `Lanes`, from functions that take what it takes.
macro_rules! lanes {
    ($t:ident in $register:ident: $count:literal lanes,
     $load_some:ident $store_some:ident $transpose:ident $splat:ident $load:ident $store:ident $multiply:ident $add:ident) => {
        impl Lanes<$t> for $register {
            type Mask = usize;
            const COUNT: usize = $count;
            const ROWS: usize = 3;
            const COLUMNS: usize = 8;
            const BLOCK: (usize, usize) = ($count, $count);
            #[inline(always)]
            unsafe fn mask(count: usize) -> usize {
                count.min($count)
            }
            #[inline(always)]
            unsafe fn splat(x: $t) -> Self {
                // SAFETY: the instructions exist.
                unsafe { $splat(x) }
            }
            #[inline(always)]
            unsafe fn load(from: *const $t) -> Self {
                // SAFETY: the caller's pointer is valid for all lanes.
                unsafe { $load(from) }
            }
            #[inline(always)]
            unsafe fn store(self, to: *mut $t) {
                // SAFETY: the caller's pointer is valid for all lanes.
                unsafe { $store(to, self) }
            }
            #[inline(always)]
            unsafe fn load_some(from: *const $t, count: usize) -> Self {
                // SAFETY: the caller's pointer is valid for these lanes.
                unsafe { $load_some(from, count) }
            }
            #[inline(always)]
            unsafe fn store_some(self, to: *mut $t, count: usize) {
                // SAFETY: the caller's pointer is valid for these lanes.
                unsafe { $store_some(self, to, count) }
            }
            #[inline(always)]
            unsafe fn multiply(self, other: Self) -> Self {
                // SAFETY: the instructions exist.
                unsafe { $multiply(self, other) }
            }
            #[inline(always)]
            unsafe fn multiply_add(self, factor: Self, addend: Self) -> Self {
                // SAFETY: the instructions exist.
                unsafe { $add(addend, self, factor) }
            }
            #[inline(always)]
            unsafe fn transpose(from: *const $t, from_step: usize, to: *mut $t, to_step: usize) {
                // SAFETY: the caller's pointers are valid for the block.
                unsafe { $transpose(from, from_step, to, to_step) }
            }
        }
    };
}
lanes!(f32 in float32x4_t: 4 lanes,
    load_some_f32 store_some_f32 transpose_f32 vdupq_n_f32 vld1q_f32 vst1q_f32 vmulq_f32 vfmaq_f32);
lanes!(f64 in float64x2_t: 2 lanes,
    load_some_f64 store_some_f64 transpose_f64 vdupq_n_f64 vld1q_f64 vst1q_f64 vmulq_f64 vfmaq_f64);

#[inline(always)]
unsafe fn load_some_f32(from: *const f32, count: usize) -> float32x4_t {
    // SAFETY: only the lanes that exist are read.
    unsafe {
        if count == 4 {
            return vld1q_f32(from);
        }
        let none = vdup_n_f32(0.0);
        let has_pair = count & 2 != 0;
        let single = match count & 1 {
            0 => none,
            _ => vld1_lane_f32::<0>(from.add(count & 2), none),
        };
        match has_pair {
            true => vcombine_f32(vld1_f32(from), single),
            false => vcombine_f32(single, none),
        }
    }
}

/// In exact pieces, and with few branches: a tile must be unrolled with all of its stores, or its sums stay in memory.
#[inline(always)]
unsafe fn store_some_f32(lanes: float32x4_t, to: *mut f32, count: usize) {
    // SAFETY: only the lanes that exist are written.
    unsafe {
        if count == 4 {
            return vst1q_f32(to, lanes);
        }
        let mut rest = vget_low_f32(lanes);
        if count & 2 != 0 {
            vst1_f32(to, rest);
            rest = vget_high_f32(lanes);
        }
        if count & 1 != 0 {
            vst1_lane_f32::<0>(to.add(count & 2), rest);
        }
    }
}

#[inline(always)]
unsafe fn load_some_f64(from: *const f64, count: usize) -> float64x2_t {
    // SAFETY: only the lanes that exist are read.
    unsafe {
        match count {
            0 => vdupq_n_f64(0.0),
            1 => vcombine_f64(vld1_f64(from), vdup_n_f64(0.0)),
            _ => vld1q_f64(from),
        }
    }
}

#[inline(always)]
unsafe fn store_some_f64(lanes: float64x2_t, to: *mut f64, count: usize) {
    // SAFETY: only the lanes that exist are written.
    unsafe {
        match count {
            0 => {}
            1 => vst1_f64(to, vget_low_f64(lanes)),
            _ => vst1q_f64(to, lanes),
        }
    }
}

/// Blocks of 4 by 4.
#[inline(always)]
unsafe fn transpose_f32(from: *const f32, from_step: usize, to: *mut f32, to_step: usize) {
    // SAFETY: the caller's pointers are valid for the block.
    unsafe {
        let (a, b) = (vld1q_f32(from), vld1q_f32(from.add(from_step)));
        let (c, d) = (vld1q_f32(from.add(2 * from_step)), vld1q_f32(from.add(3 * from_step)));
        // of neighbouring rows the even columns, and the odd ones
        let pairs = [vtrn1q_f32(a, b), vtrn2q_f32(a, b), vtrn1q_f32(c, d), vtrn2q_f32(c, d)];
        let [even, odd, even_below, odd_below] = [
            vreinterpretq_f64_f32(pairs[0]),
            vreinterpretq_f64_f32(pairs[1]),
            vreinterpretq_f64_f32(pairs[2]),
            vreinterpretq_f64_f32(pairs[3]),
        ];
        vst1q_f32(to, vreinterpretq_f32_f64(vtrn1q_f64(even, even_below)));
        vst1q_f32(to.add(to_step), vreinterpretq_f32_f64(vtrn1q_f64(odd, odd_below)));
        vst1q_f32(to.add(2 * to_step), vreinterpretq_f32_f64(vtrn2q_f64(even, even_below)));
        vst1q_f32(to.add(3 * to_step), vreinterpretq_f32_f64(vtrn2q_f64(odd, odd_below)));
    }
}

/// Blocks of 2 by 2.
#[inline(always)]
unsafe fn transpose_f64(from: *const f64, from_step: usize, to: *mut f64, to_step: usize) {
    // SAFETY: the caller's pointers are valid for the block.
    unsafe {
        let (a, b) = (vld1q_f64(from), vld1q_f64(from.add(from_step)));
        vst1q_f64(to, vtrn1q_f64(a, b));
        vst1q_f64(to.add(to_step), vtrn2q_f64(a, b));
    }
}
