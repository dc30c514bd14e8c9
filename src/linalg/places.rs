//! Add up products of rows place by place, in a fixed order: what filters with weights of their own at every place do.
#![allow(unsafe_code)] // registers are filled from slices, whose lengths are checked before

use super::Scalar;
use super::lanes::{Instructions, Kernel, Lanes, Register, dispatch};
use crate::cost;

/// Rows of `y` whose sums are in registers at once.
const ROWS: usize = 4;
/// Rows of `a` that are added before the sums go back to memory.
const TURNS: usize = 8;

/// Where rows of `b` begin: `b_jk` at `j of_row + k of_turn`.
#[derive(Clone, Copy)]
pub struct PlaceSteps {
    /// From a row of `y` to the next.
    pub of_row: usize,
    /// From a row of `a` to the next.
    pub of_turn: usize,
}

/// `y_j := y_j + Σ_k a_k ∘ b_jk`: rows of `y` and `a` are `length` numbers, one row after the other; those of `b` are `places`
/// numbers, repeated until they are as long. Each element is a chain of fused multiply-adds in the order of `k`.
///
/// # Panics
/// If `y` or `a` are no whole rows, `length` is no multiple of `places`, or `b` is too short.
pub fn add_products<T: Scalar>(y: &mut [T], a: &[T], b: &[T], (length, places): (usize, usize), steps: PlaceSteps) {
    if y.is_empty() || a.is_empty() {
        return;
    }
    let [rows, turns] = whole_rows([y, a], length, places);
    let last = (rows - 1) * steps.of_row + (turns - 1) * steps.of_turn;
    assert!(last + places <= b.len(), "not all rows are there");
    cost::multiply_adds(rows * turns * length);
    for turn in (0..turns).step_by(TURNS) {
        let a = &a[turn * length..(turn + TURNS).min(turns) * length];
        for (j, y) in y.chunks_mut(ROWS * length).enumerate() {
            let b = &b[j * ROWS * steps.of_row + turn * steps.of_turn..];
            let (rows, turns) = (y.len() / length, a.len() / length);
            let (y, a, b) = (y.as_mut_ptr(), a.as_ptr(), b.as_ptr());
            let order = AddOrder {
                y,
                a,
                b,
                turns,
                length,
                places,
                steps,
            };
            match rows {
                1 => dispatch(AddProducts::<T, 1>(order)),
                2 => dispatch(AddProducts::<T, 2>(order)),
                3 => dispatch(AddProducts::<T, 3>(order)),
                _ => dispatch(AddProducts::<T, ROWS>(order)),
            }
        }
    }
}

#[derive(Clone, Copy)]
struct AddOrder<T> {
    y: *mut T,
    a: *const T,
    b: *const T,
    /// Rows of `a`.
    turns: usize,
    length: usize,
    places: usize,
    steps: PlaceSteps,
}

/// For so many rows of `y`.
struct AddProducts<T, const R: usize>(AddOrder<T>);

impl<T: Scalar, const R: usize> Kernel for AddProducts<T, R> {
    type Output = ();
    #[inline(always)]
    fn run<I: Instructions>(self) {
        let order = self.0;
        let count = Register::<T, I>::COUNT;
        for first in (0..order.length).step_by(order.places) {
            let whole = order.places / count * count;
            for place in (0..whole).step_by(count) {
                // SAFETY: the rows are `length` numbers, and so many from this place on are there.
                unsafe { add_in_registers::<T, Register<T, I>, R, true>(order, first, place) }
            }
            if whole < order.places {
                // SAFETY: the same, for those that are left.
                unsafe { add_in_registers::<T, Register<T, I>, R, false>(order, first, whole) }
            }
        }
    }
}

/// # Safety
/// The rows of the order are there, and from `place` on as many places as fill a register if it is `WHOLE`.
#[inline(always)]
unsafe fn add_in_registers<T: Scalar, L: Lanes<T>, const R: usize, const WHOLE: bool>(
    order: AddOrder<T>,
    first: usize,
    place: usize,
) {
    let AddOrder {
        y,
        a,
        b,
        turns,
        length,
        places,
        steps,
    } = order;
    // SAFETY: the caller's promise.
    unsafe {
        let mask = L::mask(places - place);
        let mut sums = [L::splat(T::ZERO); R];
        for (j, sum) in sums.iter_mut().enumerate() {
            *sum = load::<T, L, WHOLE>(y.add(j * length + first + place), mask);
        }
        for k in 0..turns {
            let factor = load::<T, L, WHOLE>(a.add(k * length + first + place), mask);
            for (j, sum) in sums.iter_mut().enumerate() {
                let seen = load::<T, L, WHOLE>(b.add(j * steps.of_row + k * steps.of_turn + place), mask);
                *sum = factor.multiply_add(seen, *sum);
            }
        }
        for (j, sum) in sums.iter().enumerate() {
            store::<T, L, WHOLE>(*sum, y.add(j * length + first + place), mask);
        }
    }
}

/// Rows of `a` that [`sum_products`] works on at once.
const PAIR: usize = 2;

/// `y_jk := Σ_c a_kc ∘ d_jc`: rows of `a` and `d` are `length` numbers, those `places` long parts `c` one after the other, and `y_jk`, of
/// `places` numbers, begins at `j step + k places`. Each element is a chain of fused multiply-adds over `c`, from 0 on.
///
/// # Panics
/// If `a` or `d` are no whole rows, `length` is no multiple of `places`, or `y` is too short.
pub fn sum_products<T: Scalar>(y: &mut [T], a: &[T], d: &[T], (length, places): (usize, usize), step: usize) {
    if a.is_empty() || d.is_empty() {
        return;
    }
    let [rows, taps] = whole_rows([d, a], length, places);
    assert!(
        (rows - 1) * step + taps * places <= y.len() && (rows == 1 || taps * places <= step),
        "no room for all sums"
    );
    cost::multiply_adds(rows * taps * length);
    for (k, a) in a.chunks(PAIR * length).enumerate() {
        for (j, d) in d.chunks(ROWS * length).enumerate() {
            let y = &mut y[j * ROWS * step + k * PAIR * places..];
            let (rows, taps) = (d.len() / length, a.len() / length);
            let (y, a, d) = (y.as_mut_ptr(), a.as_ptr(), d.as_ptr());
            let order = SumOrder {
                y,
                a,
                d,
                length,
                places,
                step,
            };
            match (rows, taps) {
                (1, 1) => dispatch(SumProducts::<T, 1, 1>(order)),
                (2, 1) => dispatch(SumProducts::<T, 2, 1>(order)),
                (3, 1) => dispatch(SumProducts::<T, 3, 1>(order)),
                (_, 1) => dispatch(SumProducts::<T, ROWS, 1>(order)),
                (1, _) => dispatch(SumProducts::<T, 1, PAIR>(order)),
                (2, _) => dispatch(SumProducts::<T, 2, PAIR>(order)),
                (3, _) => dispatch(SumProducts::<T, 3, PAIR>(order)),
                _ => dispatch(SumProducts::<T, ROWS, PAIR>(order)),
            }
        }
    }
}

#[derive(Clone, Copy)]
struct SumOrder<T> {
    y: *mut T,
    a: *const T,
    d: *const T,
    length: usize,
    places: usize,
    step: usize,
}

/// For so many rows of `d` and of `a`.
struct SumProducts<T, const R: usize, const K: usize>(SumOrder<T>);

impl<T: Scalar, const R: usize, const K: usize> Kernel for SumProducts<T, R, K> {
    type Output = ();
    #[inline(always)]
    fn run<I: Instructions>(self) {
        let order = self.0;
        let count = Register::<T, I>::COUNT;
        let whole = order.places / count * count;
        for place in (0..whole).step_by(count) {
            // SAFETY: the rows are `length` numbers, and so many from this place on are there.
            unsafe { sum_in_registers::<T, Register<T, I>, R, K, true>(order, place) }
        }
        if whole < order.places {
            // SAFETY: the same, for those that are left.
            unsafe { sum_in_registers::<T, Register<T, I>, R, K, false>(order, whole) }
        }
    }
}

/// # Safety
/// The rows of the order are there, and from `place` on as many places as fill a register if it is `WHOLE`.
#[inline(always)]
unsafe fn sum_in_registers<T: Scalar, L: Lanes<T>, const R: usize, const K: usize, const WHOLE: bool>(
    order: SumOrder<T>,
    place: usize,
) {
    let SumOrder {
        y,
        a,
        d,
        length,
        places,
        step,
    } = order;
    // SAFETY: the caller's promise.
    unsafe {
        let mask = L::mask(places - place);
        let mut sums = [[L::splat(T::ZERO); R]; K];
        for at in (place..length).step_by(places) {
            let mut pulled = [L::splat(T::ZERO); R];
            for (j, pulled) in pulled.iter_mut().enumerate() {
                *pulled = load::<T, L, WHOLE>(d.add(j * length + at), mask);
            }
            for (k, sums) in sums.iter_mut().enumerate() {
                let factor = load::<T, L, WHOLE>(a.add(k * length + at), mask);
                for (j, sum) in sums.iter_mut().enumerate() {
                    *sum = factor.multiply_add(pulled[j], *sum);
                }
            }
        }
        for (k, sums) in sums.iter().enumerate() {
            for (j, sum) in sums.iter().enumerate() {
                store::<T, L, WHOLE>(*sum, y.add(j * step + k * places + place), mask);
            }
        }
    }
}

/// How many rows of `length` numbers these are.
fn whole_rows<T>(slices: [&[T]; 2], length: usize, places: usize) -> [usize; 2] {
    let are_whole = slices.iter().all(|slice| slice.len().is_multiple_of(length));
    assert!(are_whole && length.is_multiple_of(places), "no whole rows");
    slices.map(|slice| slice.len() / length)
}

/// # Safety
/// The lanes are there: all if it is `WHOLE`, or those of the mask.
#[inline(always)]
unsafe fn load<T: Scalar, L: Lanes<T>, const WHOLE: bool>(from: *const T, mask: L::Mask) -> L {
    // SAFETY: the caller's promise.
    unsafe { if WHOLE { L::load(from) } else { L::load_some(from, mask) } }
}

/// # Safety
/// As [`load`].
#[inline(always)]
unsafe fn store<T: Scalar, L: Lanes<T>, const WHOLE: bool>(lanes: L, to: *mut T, mask: L::Mask) {
    // SAFETY: the caller's promise.
    unsafe {
        if WHOLE {
            lanes.store(to)
        } else {
            lanes.store_some(to, mask)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{PlaceSteps, add_products, sum_products};
    use crate::linalg::Scalar;
    use crate::linalg::level::at_every_level;
    use crate::random::{Generator, Purpose, Stream, uniform};

    fn random<T: Scalar>(count: usize, generator: &mut Generator) -> Vec<T> {
        (0..count).map(|_| T::of(2.0 * uniform(generator) - 1.0)).collect()
    }

    /// Each element by itself, as the documentation has it; of rows `b_jk` and sums `y_jk` with numbers between them.
    fn are_chains<T: Scalar>() {
        let mut generator = Stream::new(3, Purpose::Task, 0, 0).generator();
        for places in [1, 3, 16, 17, 49] {
            for (parts, rows, turns) in [(1, 1, 1), (2, 3, 2), (3, 4, 8), (2, 5, 9), (1, 6, 17), (4, 7, 3)] {
                let length = parts * places;
                let a: Vec<T> = random(turns * length, &mut generator);
                let y: Vec<T> = random(rows * length, &mut generator);
                let steps = PlaceSteps {
                    of_row: turns * places + 2,
                    of_turn: places,
                };
                let b: Vec<T> = random(rows * steps.of_row, &mut generator);
                let chain = |(at, &y): (usize, &T)| {
                    let (j, i) = (at / length, at % length);
                    let seen = |k: usize| b[j * steps.of_row + k * steps.of_turn + i % places];
                    (0..turns).fold(y, |y, k| a[k * length + i].mul_add(seen(k), y))
                };
                let chains: Vec<T> = y.iter().enumerate().map(chain).collect();
                for added in at_every_level(|| {
                    let mut y = y.clone();
                    add_products(&mut y, &a, &b, (length, places), steps);
                    y
                }) {
                    assert!(
                        added == chains,
                        "{places} places, {parts} parts, {rows} rows, {turns} turns"
                    );
                }

                let d: Vec<T> = random(rows * length, &mut generator);
                let mut sums = vec![T::ONE; rows * steps.of_row];
                for (at, sum) in sums.iter_mut().enumerate() {
                    let (j, k, place) = (
                        at / steps.of_row,
                        at % steps.of_row / places,
                        at % steps.of_row % places,
                    );
                    if k < turns {
                        let product = |sum: T, c: usize| {
                            a[k * length + c * places + place].mul_add(d[j * length + c * places + place], sum)
                        };
                        *sum = (0..parts).fold(T::ZERO, product);
                    }
                }
                for summed in at_every_level(|| {
                    let mut y = vec![T::ONE; sums.len()];
                    sum_products(&mut y, &a, &d, (length, places), steps.of_row);
                    y
                }) {
                    assert!(
                        summed == sums,
                        "{places} places, {parts} parts, {rows} rows, {turns} taps"
                    );
                }
            }
        }
    }

    #[test]
    fn sums_are_the_chains_of_the_definition() {
        are_chains::<f32>();
        are_chains::<f64>();
    }

    #[test]
    #[should_panic(expected = "not all rows are there")]
    fn rows_that_are_not_there_are_not_read() {
        let steps = PlaceSteps { of_row: 4, of_turn: 2 };
        add_products(&mut [0.0; 8], &[0.0; 8], &[0.0; 7], (4, 2), steps);
    }

    #[test]
    #[should_panic(expected = "no room for all sums")]
    fn sums_without_room_are_not_written() {
        sum_products(&mut [0.0; 7], &[0.0; 8], &[0.0; 8], (4, 2), 4);
    }
}
