//! Keep room for copies from product to product, so that a product allocates nothing once the thread has made one of its size.

use super::tile::LINE;
use std::cell::RefCell;

/// Room that grows and never shrinks; what it holds is unspecified.
#[derive(Default)]
pub struct Room(Vec<[u64; LINE / 8]>);

impl Room {
    /// Room for `count` numbers of a type without padding, aligned to cache lines. Valid until more is asked for.
    #[inline(always)]
    pub fn of<T>(&mut self, count: usize) -> *mut T {
        let lines = (count * size_of::<T>()).div_ceil(LINE) + 1;
        if self.0.len() < lines {
            self.grow(lines);
        }
        let start = self.0.as_mut_ptr().cast::<u8>();
        // there is one line more than needed
        start.wrapping_add(start.align_offset(LINE)).cast()
    }

    #[cold]
    fn grow(&mut self, lines: usize) {
        self.0 = vec![[0; LINE / 8]; lines];
    }
}

/// Room for the left factor, for the right one, and for unfinished sums.
#[derive(Default)]
pub struct Rooms {
    pub left: Room,
    pub right: Room,
    pub sums: Room,
}

thread_local! {
    /// The rooms of this thread. A product borrows them while it is made, and calls nothing that makes another.
    pub static ROOMS: RefCell<Rooms> = RefCell::default();
}
