//! Choose the vector instructions: the widest of this processor, or those that an environment variable names.

use crate::refusal::Refusal;
use std::sync::atomic::{AtomicU8, Ordering};

/// The environment variable that names a [path](simd) to be used in place of the widest: to verify that all give the same bits.
pub const SIMD: &str = "CREDITLAB_SIMD";

/// Sets of vector instructions, from narrow to wide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Level {
    /// What the compiler makes for any processor. On x86-64 a fused multiply-add is a call into the mathematical library, see [`is_slow`].
    Portable,
    /// 128 bits, and fused multiply-adds: what every aarch64 processor has.
    Neon,
    /// 256 bits, and fused multiply-adds.
    Avx2,
    /// 512 bits.
    Avx512,
}

impl Level {
    const ALL: [Self; 4] = [Self::Portable, Self::Neon, Self::Avx2, Self::Avx512];

    fn name(self) -> &'static str {
        match self {
            Self::Portable => "portable",
            Self::Neon => "neon",
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
                Self::Neon => false,
                Self::Avx2 => narrow(),
                Self::Avx512 => narrow() && wide(),
            }
        }
        #[cfg(not(target_arch = "x86_64"))]
        match self {
            Self::Portable => true,
            Self::Neon => cfg!(target_arch = "aarch64"),
            Self::Avx2 | Self::Avx512 => false,
        }
    }

    /// Those that this processor has.
    fn existing() -> impl Iterator<Item = Self> + Clone {
        Self::ALL.into_iter().filter(|level| level.exists())
    }

    /// The widest that exists, or the one that the environment names.
    fn chosen() -> Result<Self, Refusal> {
        let existing = Self::existing();
        let Some(name) = std::env::var_os(SIMD) else {
            return Ok(existing.last().expect("one is portable"));
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
        3 => Level::Avx512,
        2 => Level::Avx2,
        1 => Level::Neon,
        _ => Level::Portable,
    }
}

#[cold]
fn look_up() -> u8 {
    let level = Level::chosen().unwrap_or_else(|refusal| panic!("{refusal}")) as u8;
    CHOSEN.store(level, Ordering::Relaxed);
    level
}

/// The path that all computations take through this processor: `avx512`, `avx2` (with FMA), `neon`, or `portable`. Results are the
/// same. The widest that there is, unless the environment variable [`SIMD`] names another; `portable` is for verification, and for
/// processors without vectors of fused multiply-adds.
///
/// # Errors
/// If the variable names a path that is unknown, or that this processor does not have. Products panic with the same words.
pub fn simd() -> Result<&'static str, Refusal> {
    // what was once looked up is what computations take, whatever the environment says later
    let known = Level::ALL.get(usize::from(CHOSEN.load(Ordering::Relaxed)));
    known.map_or_else(Level::chosen, |level| Ok(*level)).map(Level::name)
}

/// The paths that this processor has, from narrow to wide: what [`SIMD`] may be.
pub fn paths() -> impl Iterator<Item = &'static str> {
    Level::existing().map(Level::name)
}

/// Whether the path that computations take makes fused multiply-adds in software, many times slower: `portable` on x86-64, unless
/// all of the program is compiled for processors that have them.
pub fn is_slow() -> bool {
    let in_software = cfg!(any(target_arch = "x86", target_arch = "x86_64")) && !cfg!(target_feature = "fma");
    in_software && simd() == Ok(Level::Portable.name())
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
