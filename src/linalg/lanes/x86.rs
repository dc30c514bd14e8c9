//! Give the kernels the 256-bit and 512-bit registers of x86-64 processors.
#![allow(unsafe_code)] // vector instructions; the callers check that they exist

use super::{Instructions, Kernel, Lanes};
use std::arch::x86_64::*;

pub struct Avx2;
impl Instructions for Avx2 {
    type F32 = __m256;
    type F64 = __m256d;
    #[target_feature(enable = "avx2,fma")]
    #[inline(never)] // a tile of a product that is inlined beside others gets too few registers
    unsafe fn run<K: Kernel>(kernel: K) -> K::Output {
        kernel.run::<Self>()
    }
}

pub struct Avx512;
impl Instructions for Avx512 {
    type F32 = __m512;
    type F64 = __m512d;
    #[target_feature(enable = "avx2,fma,avx512f,avx512dq,avx512vl,avx512bw")]
    #[inline(never)] // the same
    unsafe fn run<K: Kernel>(kernel: K) -> K::Output {
        kernel.run::<Self>()
    }
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

/// The registers of `Lanes`, from functions that take what it takes. The file's functions stand for closures, see there.
macro_rules! lanes {
    ($t:ident in $register:ident: $count:literal lanes, tiles of $rows:literal by $columns:literal, blocks of $high:literal by $wide:literal,
     $mask:ident $make_mask:ident $load_some:ident $store_some:ident $transpose:ident,
     $splat:ident $load:ident $store:ident $multiply:ident $multiply_add:ident) => {
        impl Lanes<$t> for $register {
            type Mask = Mask<$mask>;
            const COUNT: usize = $count;
            const ROWS: usize = $rows;
            const COLUMNS: usize = $columns;
            const BLOCK: (usize, usize) = ($high, $wide);
            #[inline(always)]
            unsafe fn mask(count: usize) -> Mask<$mask> {
                let count = count.min($count);
                // SAFETY: the caller's promise is what the instructions need; there are so many lanes.
                let lanes = unsafe { $make_mask(count) };
                Mask { lanes, count }
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
            #[inline(always)]
            unsafe fn store_some(self, to: *mut $t, mask: Mask<$mask>) {
                // SAFETY: the caller's promise is what the instructions need.
                unsafe {
                    if mask.count == $count {
                        self.store(to)
                    } else {
                        $store_some(self, to, mask.count)
                    }
                }
            }
            #[inline(always)]
            unsafe fn multiply(self, other: Self) -> Self {
                // SAFETY: the caller's promise is what the instructions need.
                unsafe { $multiply(self, other) }
            }
            #[inline(always)]
            unsafe fn multiply_add(self, factor: Self, addend: Self) -> Self {
                // SAFETY: the caller's promise is what the instructions need.
                unsafe { $multiply_add(self, factor, addend) }
            }
            #[inline(always)]
            unsafe fn transpose(from: *const $t, from_step: usize, to: *mut $t, to_step: usize) {
                // SAFETY: the caller's promise is what the instructions need.
                unsafe { $transpose(from, from_step, to, to_step) }
            }
        }
    };
}
lanes!(f32 in __m512: 16 lanes, tiles of 3 by 8, blocks of 8 by 4,
    __mmask16 mask_16 _mm512_maskz_loadu_ps store_16_ps transpose_ps,
    _mm512_set1_ps _mm512_loadu_ps _mm512_storeu_ps _mm512_mul_ps _mm512_fmadd_ps);
lanes!(f64 in __m512d: 8 lanes, tiles of 3 by 8, blocks of 4 by 2,
    __mmask8 mask_8 _mm512_maskz_loadu_pd store_8_pd transpose_pd,
    _mm512_set1_pd _mm512_loadu_pd _mm512_storeu_pd _mm512_mul_pd _mm512_fmadd_pd);
lanes!(f32 in __m256: 8 lanes, tiles of 2 by 6, blocks of 8 by 4,
    __m256i mask_32 load_some_ps store_8_ps transpose_ps,
    _mm256_set1_ps _mm256_loadu_ps _mm256_storeu_ps _mm256_mul_ps _mm256_fmadd_ps);
lanes!(f64 in __m256d: 4 lanes, tiles of 2 by 6, blocks of 4 by 2,
    __m256i mask_64 load_some_pd store_4_pd transpose_pd,
    _mm256_set1_pd _mm256_loadu_pd _mm256_storeu_pd _mm256_mul_pd _mm256_fmadd_pd);

#[inline(always)]
unsafe fn mask_16(count: usize) -> __mmask16 {
    ((1u32 << count) - 1) as __mmask16
}

#[inline(always)]
unsafe fn mask_8(count: usize) -> __mmask8 {
    ((1u32 << count) - 1) as __mmask8
}

#[inline(always)]
unsafe fn mask_32(count: usize) -> __m256i {
    // SAFETY: eight lanes from `8 - count`, where `count` is at most 8, lie inside the 16 of the table.
    unsafe { MASK32.as_ptr().add(8 - count).cast::<__m256i>().read_unaligned() }
}

#[inline(always)]
unsafe fn mask_64(count: usize) -> __m256i {
    // SAFETY: four lanes from `4 - count`, where `count` is at most 4, lie inside the eight of the table.
    unsafe { MASK64.as_ptr().add(4 - count).cast::<__m256i>().read_unaligned() }
}

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

// The first lanes of a register, fewer than all, in exact pieces: after a masked store, loads near it wait as if all its lanes had
// been written.

#[inline(always)]
unsafe fn store_16_ps(x: __m512, to: *mut f32, count: usize) {
    // SAFETY: the instructions exist, and the caller's pointer is valid for `count` numbers.
    unsafe {
        if count & 8 == 0 {
            return store_8_ps(_mm512_castps512_ps256(x), to, count);
        }
        _mm256_storeu_ps(to, _mm512_castps512_ps256(x));
        store_8_ps(_mm512_extractf32x8_ps::<1>(x), to.add(8), count - 8);
    }
}

#[inline(always)]
unsafe fn store_8_ps(x: __m256, to: *mut f32, count: usize) {
    // SAFETY: the instructions exist, and the caller's pointer is valid for `count` numbers.
    unsafe {
        let (mut part, mut to) = (_mm256_castps256_ps128(x), to);
        if count & 4 != 0 {
            _mm_storeu_ps(to, part);
            (part, to) = (_mm256_extractf128_ps::<1>(x), to.add(4));
        }
        if count & 2 != 0 {
            _mm_storel_pd(to.cast(), _mm_castps_pd(part));
            (part, to) = (_mm_movehl_ps(part, part), to.add(2));
        }
        if count & 1 != 0 {
            _mm_store_ss(to, part);
        }
    }
}

#[inline(always)]
unsafe fn store_8_pd(x: __m512d, to: *mut f64, count: usize) {
    // SAFETY: the instructions exist, and the caller's pointer is valid for `count` numbers.
    unsafe {
        if count & 4 == 0 {
            return store_4_pd(_mm512_castpd512_pd256(x), to, count);
        }
        _mm256_storeu_pd(to, _mm512_castpd512_pd256(x));
        store_4_pd(_mm512_extractf64x4_pd::<1>(x), to.add(4), count - 4);
    }
}

#[inline(always)]
unsafe fn store_4_pd(x: __m256d, to: *mut f64, count: usize) {
    // SAFETY: the instructions exist, and the caller's pointer is valid for `count` numbers.
    unsafe {
        let (mut part, mut to) = (_mm256_castpd256_pd128(x), to);
        if count & 2 != 0 {
            _mm_storeu_pd(to, part);
            (part, to) = (_mm256_extractf128_pd::<1>(x), to.add(2));
        }
        if count & 1 != 0 {
            _mm_store_sd(to, part);
        }
    }
}

/// Four numbers of row `i`, and of row `i + 4`, side by side.
#[inline(always)]
unsafe fn rows_ps(from: *const f32, step: usize, i: usize) -> __m256 {
    // SAFETY: the instructions exist, and the caller's pointer is valid for four numbers at each of the two rows.
    unsafe {
        let low = _mm256_castps128_ps256(_mm_loadu_ps(from.add(i * step)));
        _mm256_insertf128_ps::<1>(low, _mm_loadu_ps(from.add((i + 4) * step)))
    }
}

/// Two numbers of row `i`, and of row `i + 2`, side by side.
#[inline(always)]
unsafe fn rows_pd(from: *const f64, step: usize, i: usize) -> __m256d {
    // SAFETY: the instructions exist, and the caller's pointer is valid for two numbers at each of the two rows.
    unsafe {
        let low = _mm256_castpd128_pd256(_mm_loadu_pd(from.add(i * step)));
        _mm256_insertf128_pd::<1>(low, _mm_loadu_pd(from.add((i + 2) * step)))
    }
}

/// Eight rows and four columns: two blocks side by side, so that only shuffles within halves are left.
#[inline(always)]
unsafe fn transpose_ps(from: *const f32, from_step: usize, to: *mut f32, to_step: usize) {
    // SAFETY: the instructions exist, and the caller's pointers are valid for the block.
    unsafe {
        let (a, b) = (rows_ps(from, from_step, 0), rows_ps(from, from_step, 1));
        let (c, d) = (rows_ps(from, from_step, 2), rows_ps(from, from_step, 3));
        let (ab, cd) = (_mm256_unpacklo_ps(a, b), _mm256_unpacklo_ps(c, d));
        _mm256_storeu_ps(to, _mm256_shuffle_ps::<0b01_00_01_00>(ab, cd));
        _mm256_storeu_ps(to.add(to_step), _mm256_shuffle_ps::<0b11_10_11_10>(ab, cd));
        let (ab, cd) = (_mm256_unpackhi_ps(a, b), _mm256_unpackhi_ps(c, d));
        _mm256_storeu_ps(to.add(2 * to_step), _mm256_shuffle_ps::<0b01_00_01_00>(ab, cd));
        _mm256_storeu_ps(to.add(3 * to_step), _mm256_shuffle_ps::<0b11_10_11_10>(ab, cd));
    }
}

/// Four rows and two columns, in the same way.
#[inline(always)]
unsafe fn transpose_pd(from: *const f64, from_step: usize, to: *mut f64, to_step: usize) {
    // SAFETY: the instructions exist, and the caller's pointers are valid for the block.
    unsafe {
        let (a, b) = (rows_pd(from, from_step, 0), rows_pd(from, from_step, 1));
        _mm256_storeu_pd(to, _mm256_unpacklo_pd(a, b));
        _mm256_storeu_pd(to.add(to_step), _mm256_unpackhi_pd(a, b));
    }
}
