//! Lend room for numbers that are needed for a moment, so that nothing is allocated once a thread has lent as much.

use super::Scalar;
use std::cell::RefCell;
use std::thread::LocalKey;

/// What a thread can lend.
pub type Free<T> = LocalKey<RefCell<Vec<Vec<T>>>>;

/// Runs `act` with so many numbers, which hold anything. It may lend again.
pub fn scratch<T: Scalar, R>(count: usize, act: impl FnOnce(&mut [T]) -> R) -> R {
    let mut room = T::rooms().with_borrow_mut(Vec::pop).unwrap_or_default();
    if room.len() < count {
        room.resize(count, T::ZERO);
    }
    let result = act(&mut room[..count]);
    T::rooms().with_borrow_mut(|free| free.push(room));
    result
}
