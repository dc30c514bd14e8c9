//! Give the kernels the 256-bit and 512-bit registers of x86-64 processors.
#![allow(unsafe_code)] // vector instructions; the callers check that they exist

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
    ($t:ident $register:ident $mask:ident $count:literal, $make_mask:expr, $load_some:ident,
     $splat:ident $load:ident $store:ident $add:ident $multiply:ident, $half:ident $lower:ident $upper:expr,
     $tall:literal $transpose:ident) => {
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
                // SAFETY: the caller's promise is what the instructions need.
                unsafe { $splat(x) }
            }
            #[inline(always)]
            unsafe fn load(from: *const $t) -> Self {
                // SAFETY: the caller's promise is what the instructions need.
                unsafe { $load(from) }
            }
            #[inline(always)]
            unsafe fn store(self, to: *mut $t) {
                // SAFETY: the caller's promise is what the instructions need.
                unsafe { $store(to, self) }
            }
            #[inline(always)]
            unsafe fn load_some(from: *const $t, mask: Mask<$mask>) -> Self {
                // SAFETY: the caller's promise is what the instructions need.
                unsafe { $load_some(mask.lanes, from) }
            }
            // In exact pieces: after a masked store, loads near it wait as if all its lanes had been written.
            #[inline(always)]
            unsafe fn store_some(self, to: *mut $t, mask: Mask<$mask>) {
                // SAFETY: the caller's promise is what the instructions need.
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
                // SAFETY: the caller's promise is what the instructions need.
                unsafe { $add(self, other) }
            }
            #[inline(always)]
            unsafe fn multiply(self, other: Self) -> Self {
                // SAFETY: the caller's promise is what the instructions need.
                unsafe { $multiply(self, other) }
            }
            const TALL: usize = $tall;
            #[inline(always)]
            unsafe fn transpose_tall_block(from: *const $t, from_step: usize, to: *mut $t, to_step: usize) {
                // SAFETY: the caller's promise is what the instructions need.
                unsafe { $transpose(from, from_step, to, to_step) }
            }
        }
    };
}
lanes!(f32 __m512 __mmask16 16, |n| ((1u32 << n) - 1) as __mmask16, _mm512_maskz_loadu_ps,
    _mm512_set1_ps _mm512_loadu_ps _mm512_storeu_ps _mm512_add_ps _mm512_mul_ps,
    __m256 _mm512_castps512_ps256 |x| _mm512_extractf32x8_ps::<1>(x), 8 transpose_tall_f32);
lanes!(f64 __m512d __mmask8 8, |n| ((1u32 << n) - 1) as __mmask8, _mm512_maskz_loadu_pd,
    _mm512_set1_pd _mm512_loadu_pd _mm512_storeu_pd _mm512_add_pd _mm512_mul_pd,
    __m256d _mm512_castpd512_pd256 |x| _mm512_extractf64x4_pd::<1>(x), 4 transpose_tall_f64);
lanes!(f32 __m256 __m256i 8, |n| {
        // SAFETY: eight lanes from 8 - n, where n is at most 8, lie inside the 16 of the table.
        unsafe { MASK32.as_ptr().add(8 - n).cast::<__m256i>().read_unaligned() }
    }, load_some_ps,
    _mm256_set1_ps _mm256_loadu_ps _mm256_storeu_ps _mm256_add_ps _mm256_mul_ps,
    __m128 _mm256_castps256_ps128 |x| _mm256_extractf128_ps::<1>(x), 8 transpose_tall_f32);
lanes!(f64 __m256d __m256i 4, |n| {
        // SAFETY: four lanes from 4 - n, where n is at most 4, lie inside the eight of the table.
        unsafe { MASK64.as_ptr().add(4 - n).cast::<__m256i>().read_unaligned() }
    }, load_some_pd,
    _mm256_set1_pd _mm256_loadu_pd _mm256_storeu_pd _mm256_add_pd _mm256_mul_pd,
    __m128d _mm256_castpd256_pd128 |x| _mm256_extractf128_pd::<1>(x), 4 transpose_tall_f64);

/// The mask first, as in the instructions for 512 bits.
#[inline(always)]
unsafe fn load_some_ps(mask: __m256i, from: *const f32) -> __m256 {
    // SAFETY: the caller's pointer is valid for the lanes of the mask.
    unsafe { _mm256_maskload_ps(from, mask) }
}

#[inline(always)]
unsafe fn load_some_pd(mask: __m256i, from: *const f64) -> __m256d {
    // SAFETY: the caller's pointer is valid for the lanes of the mask.
    unsafe { _mm256_maskload_pd(from, mask) }
}

/// Stores the first lanes of a half register: all, or a smaller number.
trait Piece<T> {
    unsafe fn store_piece(self, to: *mut T, count: usize);
}
impl Piece<f32> for __m256 {
    #[inline(always)]
    unsafe fn store_piece(self, to: *mut f32, count: usize) {
        // SAFETY: the caller's pointer is valid for these lanes.
        unsafe { self.store_some(to, Self::mask(count)) }
    }
}
impl Piece<f64> for __m256d {
    #[inline(always)]
    unsafe fn store_piece(self, to: *mut f64, count: usize) {
        // SAFETY: the caller's pointer is valid for these lanes.
        unsafe { self.store_some(to, Self::mask(count)) }
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

/// `to_ij := from_ji` for a block of four rows and four columns.
///
/// # Safety
/// Pointers must be valid for four numbers at each of four steps.
#[inline(always)]
pub unsafe fn transpose_f32(from: *const f32, from_step: usize, to: *mut f32, to_step: usize) {
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
#[inline(always)]
pub unsafe fn transpose_f64(from: *const f64, from_step: usize, to: *mut f64, to_step: usize) {
    // SAFETY: every x86-64 processor has these instructions.
    unsafe {
        for (i, q) in [(0, 0), (0, 2), (2, 0), (2, 2)] {
            let [a, b] = [0, 1].map(|r| _mm_loadu_pd(from.add((i + r) * from_step + q)));
            _mm_storeu_pd(to.add(q * to_step + i), _mm_unpacklo_pd(a, b));
            _mm_storeu_pd(to.add((q + 1) * to_step + i), _mm_unpackhi_pd(a, b));
        }
    }
}

/// Eight rows and four columns: two blocks of four rows side by side in 256 bits.
///
/// # Safety
/// The instructions must exist, and pointers be valid for the block.
#[inline(always)]
unsafe fn transpose_tall_f32(from: *const f32, from_step: usize, to: *mut f32, to_step: usize) {
    // SAFETY: as promised by the caller.
    unsafe {
        let row = |i: usize| _mm_loadu_ps(from.add(i * from_step));
        let [a, b, c, d] = [0, 1, 2, 3].map(|i| _mm256_insertf128_ps::<1>(_mm256_castps128_ps256(row(i)), row(i + 4)));
        let (ab, cd) = (_mm256_unpacklo_ps(a, b), _mm256_unpacklo_ps(c, d));
        _mm256_storeu_ps(to, _mm256_shuffle_ps::<0b01_00_01_00>(ab, cd));
        _mm256_storeu_ps(to.add(to_step), _mm256_shuffle_ps::<0b11_10_11_10>(ab, cd));
        let (ab, cd) = (_mm256_unpackhi_ps(a, b), _mm256_unpackhi_ps(c, d));
        _mm256_storeu_ps(to.add(2 * to_step), _mm256_shuffle_ps::<0b01_00_01_00>(ab, cd));
        _mm256_storeu_ps(to.add(3 * to_step), _mm256_shuffle_ps::<0b11_10_11_10>(ab, cd));
    }
}

/// Four rows and four columns, two of them at a time.
///
/// # Safety
/// The instructions must exist, and pointers be valid for the block.
#[inline(always)]
unsafe fn transpose_tall_f64(from: *const f64, from_step: usize, to: *mut f64, to_step: usize) {
    // SAFETY: as promised by the caller.
    unsafe {
        for q in [0, 2] {
            let row = |i: usize| _mm_loadu_pd(from.add(i * from_step + q));
            let [a, b] = [0, 1].map(|i| _mm256_insertf128_pd::<1>(_mm256_castpd128_pd256(row(i)), row(i + 2)));
            _mm256_storeu_pd(to.add(q * to_step), _mm256_unpacklo_pd(a, b));
            _mm256_storeu_pd(to.add((q + 1) * to_step), _mm256_unpackhi_pd(a, b));
        }
    }
}
