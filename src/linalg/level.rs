//! Choose the vector instructions: the widest of this processor, or those that an environment variable names.

use crate::refusal::Refusal;
use std::sync::atomic::{AtomicU8, Ordering};

/// The environment variable that names a [path](simd) to be used in place of the widest: to verify that all give the same bits.
pub const SIMD: &str = "CREDITLAB_SIMD";

/// Sets of vector instructions, from narrow to wide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Level {
    /// What every processor of the target has. On x86-64 its fused multiply-add is a call into the mathematical library.
    Portable,
    /// 256 bits, and fused multiply-adds.
    Avx2,
    /// 512 bits.
    Avx512,
}

impl Level {
    const ALL: [Self; 3] = [Self::Portable, Self::Avx2, Self::Avx512];

    fn name(self) -> &'static str {
        match self {
            Self::Portable => "portable",
            Self::Avx2 => "avx2",
            Self::Avx512 => "avx512",
        }
    }

    /// Whether this processor has all instructions for which the kernels are compiled.
    fn exists(self) -> bool {
        #[cfg(target_arch = "x86_64")]
        {
            let narrow = || is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
            let wide = || {
                is_x86_feature_detected!("avx512f")
                    && is_x86_feature_detected!("avx512dq")
                    && is_x86_feature_detected!("avx512vl")
                    && is_x86_feature_detected!("avx512bw")
            };
            match self {
                Self::Portable => true,
                Self::Avx2 => narrow(),
                Self::Avx512 => narrow() && wide(),
            }
        }
        #[cfg(not(target_arch = "x86_64"))]
        (self == Self::Portable)
    }

    /// The widest that exists, or the one that the environment names.
    fn chosen() -> Result<Self, Refusal> {
        let mut existing = Self::ALL.into_iter().filter(|level| level.exists());
        let Some(name) = std::env::var_os(SIMD) else {
            return Ok(existing.next_back().expect("one is portable"));
        };
        let wanted = existing.clone().find(|level| name == level.name());
        wanted.ok_or_else(|| {
            let names: Vec<_> = existing.map(Self::name).collect();
            Refusal::new(
                SIMD,
                format!("is `{}`, which this processor does not have", name.display()),
                format!("unset it, or set it to one of {}", names.join(", ")),
            )
        })
    }
}

/// Not looked up yet.
const UNKNOWN: u8 = u8::MAX;
static CHOSEN: AtomicU8 = AtomicU8::new(UNKNOWN);

/// The widest instructions that may be used; looked up once.
///
/// # Panics
/// If the environment names others than there are, which [`simd`] refuses.
#[inline(always)]
pub fn widest() -> Level {
    let mut level = CHOSEN.load(Ordering::Relaxed);
    if level == UNKNOWN {
        level = look_up();
    }
    #[cfg(test)]
    let level = level.min(LIMIT.get());
    match level {
        2 => Level::Avx512,
        1 => Level::Avx2,
        _ => Level::Portable,
    }
}

#[cold]
fn look_up() -> u8 {
    let level = Level::chosen().unwrap_or_else(|refusal| panic!("{refusal}")) as u8;
    CHOSEN.store(level, Ordering::Relaxed);
    level
}

/// The path that all computations take through this processor: `avx512`, `avx2` (with FMA), or `portable`. Results are the same.
/// The widest that there is, unless the environment variable [`SIMD`] names another; `portable` is for verification, and for
/// processors without fused multiply-adds, where it takes many times longer.
///
/// # Errors
/// If the variable names a path that is unknown, or that this processor does not have. Products panic with the same words.
pub fn simd() -> Result<&'static str, Refusal> {
    // what was once looked up is what computations take, whatever the environment says later
    let known = Level::ALL.get(usize::from(CHOSEN.load(Ordering::Relaxed)));
    known.map_or_else(Level::chosen, |level| Ok(*level)).map(Level::name)
}

/// What is computed with every set of instructions that may be used, to compare them.
#[cfg(test)]
pub fn at_every_level<O>(compute: impl Fn() -> O) -> Vec<O> {
    let outputs = Level::ALL.map(|level| {
        LIMIT.set(level as u8);
        compute()
    });
    outputs.into()
}

#[cfg(test)]
thread_local! {
    /// The widest level that this thread may use.
    static LIMIT: std::cell::Cell<u8> = const { std::cell::Cell::new(Level::Avx512 as u8) };
}
