//! Cut a product into tiles, and copy factors where tiles would not find their numbers in order.

use super::pack::{finish_across, put_side_by_side, transpose};
use super::rooms::{ROOMS, Rooms};
use super::tile::{COPIED, Ending, LeftRows, MASKED, TileOrder, Unfinished, WHOLE, compute_tile, next_width};
use super::{Product, Strided};
use crate::linalg::Scalar;
use crate::linalg::lanes::{Instructions, Kernel, Lanes, Register};
use std::ptr::null_mut;

/// Products that are added in one go, so that what they are made of stays near; longer sums are put aside and continued.
const DEPTH: usize = 1024;
/// The same where a left factor that lies across is read once: it is transposed piece by piece.
const SHALLOW: usize = 64;
/// Bytes of a left factor that stays in a second-level cache.
const NEAR: usize = 1 << 19;
/// Bytes of a left factor that stays in a first-level cache, wherever its columns lie.
const HERE: usize = 1 << 14;
/// Registers of rows of a tile where there is one column: it is bound by memory, where long runs are best.
const LONG: usize = 8;

/// Computes a product.
///
/// # Safety
/// The instructions must exist.
#[inline(always)]
pub unsafe fn multiply<T: Scalar, I: Instructions>(product: &Product<T>) {
    let is_here = product.rows * product.depth * size_of::<T>() <= HERE;
    // SAFETY: the caller's promise.
    unsafe {
        if is_here && !product.left_lies_across() && !product.result_lies_across() {
            product.directly::<I>();
        } else {
            // what stands in this closure alone would not be compiled for the instructions
            ROOMS.with_borrow_mut(|rooms| I::run(WithRooms(product, rooms)));
        }
    }
}

/// A product, and room for copies.
struct WithRooms<'a, T>(&'a Product<T>, &'a mut Rooms);

impl<T: Scalar> Kernel for WithRooms<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<I: Instructions>(self) {
        let Self(product, rooms) = self;
        // SAFETY: who makes this promises that the instructions exist.
        unsafe {
            if product.left_lies_across() && product.columns <= Register::<T, I>::COLUMNS {
                product.piecewise::<I>(rooms);
            } else {
                product.in_blocks::<I>(rooms);
            }
        }
    }
}

/// Rows and columns of a result that are computed together.
#[derive(Clone, Copy)]
struct Region {
    row: usize,
    rows: usize,
    column: usize,
    columns: usize,
}

impl<T: Scalar> Product<T> {
    /// Rows of the next tile, from `row` on.
    #[inline(always)]
    fn next_height<L: Lanes<T>>(&self, row: usize) -> usize {
        let left = self.rows - row;
        let registers = left.div_ceil(L::COUNT);
        let most = match (self.columns, registers) {
            (1, LONG..) => LONG,
            (1, 4..) => 4,
            // two of two do better than one of three and one
            (_, 4) => 2,
            _ => L::ROWS,
        };
        left.min(most * L::COUNT)
    }

    /// The left factor as it lies, from this row on.
    #[inline(always)]
    fn rows_in_place(&self, row: usize, rows: usize) -> LeftRows<T> {
        LeftRows {
            at: self.left.from(row, 0).at,
            step: self.left.column_step,
            rows,
            copy: null_mut(),
        }
    }

    /// What becomes of sums that belong to this row and column, and to those behind them.
    #[inline(always)]
    fn ending(&self, row: usize, column: usize) -> Ending<T> {
        Ending {
            alpha: self.alpha,
            beta: self.beta,
            added: self.added.from(row, column).at,
            added_step: self.added.column_step,
            result: self.result.at.wrapping_add(self.result.place(row, column)),
            result_step: self.result.column_step,
        }
    }

    /// Computes one tile, or a part of its sums.
    #[inline(always)]
    unsafe fn tile<I: Instructions>(
        &self,
        Region {
            row,
            rows,
            column,
            columns,
        }: Region,
        (depth, left, right): (usize, LeftRows<T>, Strided<*const T>),
        sums: Unfinished<T>,
        read: u8,
    ) {
        let across = self.result_lies_across();
        let order = TileOrder {
            depth,
            left,
            right,
            sums: Unfinished {
                put_aside: sums.put_aside || across,
                ..sums
            },
            ending: self.ending(row, column),
        };
        // SAFETY: the instructions exist, and the region is inside the shapes.
        unsafe {
            compute_tile::<T, I>(&order, columns, read);
            if across && !sums.put_aside {
                let result = Strided {
                    at: order.ending.result,
                    ..self.result
                };
                let part = Product {
                    added: self.added.from(row, column),
                    result,
                    ..*self
                };
                finish_across::<T, Register<T, I>>(&part, sums.at, sums.step, [rows, columns]);
            }
        }
    }

    /// A product so small that nothing is copied.
    #[inline(always)]
    unsafe fn directly<I: Instructions>(&self) {
        let mut row = 0;
        while row < self.rows {
            let rows = self.next_height::<Register<T, I>>(row);
            let read = match rows % Register::<T, I>::COUNT {
                0 => WHOLE,
                _ => MASKED,
            };
            let mut order = TileOrder {
                depth: self.depth,
                left: self.rows_in_place(row, rows),
                right: self.right,
                sums: Unfinished {
                    at: null_mut(),
                    step: 0,
                    continued: false,
                    put_aside: false,
                },
                ending: self.ending(row, 0),
            };
            let mut column = 0;
            while column < self.columns {
                let columns = next_width::<T, Register<T, I>>(self.columns - column);
                // SAFETY: the instructions exist, and rows and columns are inside the shapes.
                unsafe { compute_tile::<T, I>(&order, columns, read) }
                column += columns;
                order.right = self.right.from(0, column);
                order.ending = self.ending(row, column);
            }
            row += rows;
        }
    }

    /// A product of so few columns that a left factor, which lies across, is read once.
    #[inline(always)]
    unsafe fn piecewise<I: Instructions>(&self, rooms: &mut Rooms) {
        let tall = Register::<T, I>::ROWS * Register::<T, I>::COUNT;
        let copy = rooms.left.of::<T>(tall * SHALLOW);
        let sums = rooms.sums.of::<T>(tall * Register::<T, I>::COLUMNS);
        for row in (0..self.rows).step_by(tall) {
            let rows = tall.min(self.rows - row);
            let step = rows.next_multiple_of(Register::<T, I>::COUNT);
            let left = LeftRows {
                at: copy.cast_const(),
                step,
                rows,
                copy: null_mut(),
            };
            let mut q = 0;
            // at least once: also a sum of nothing goes into the result
            loop {
                let depth = SHALLOW.min(self.depth - q);
                let (from, from_step) = (self.left.from(row, q).at, self.left.row_step);
                // SAFETY: the instructions exist, rows and products are inside the shapes, and their copy inside the room.
                unsafe { transpose::<T, Register<T, I>>(from, from_step, rows, depth, copy, step) }
                let mut column = 0;
                while column < self.columns {
                    let columns = next_width::<T, Register<T, I>>(self.columns - column);
                    let unfinished = Unfinished {
                        at: sums.wrapping_add(column * tall),
                        step: tall,
                        continued: q > 0,
                        put_aside: q + depth < self.depth,
                    };
                    let region = Region {
                        row,
                        rows,
                        column,
                        columns,
                    };
                    let factors = (depth, left, self.right.from(q, column));
                    // SAFETY: the instructions exist, the region is inside the shapes, and its sums inside the room.
                    unsafe { self.tile::<I>(region, factors, unfinished, WHOLE) }
                    column += columns;
                }
                q += depth;
                if q >= self.depth {
                    break;
                }
            }
        }
    }

    /// Any product: blocks of products, in them panels of rows, in them tiles.
    #[inline(always)]
    unsafe fn in_blocks<I: Instructions>(&self, rooms: &mut Rooms) {
        let copies = Copies::new::<Register<T, I>>(self, rooms);
        let mut q = 0;
        // at least once: also a sum of nothing goes into the result
        loop {
            let block = Block {
                q,
                depth: copies.depth.min(self.depth - q),
            };
            // SAFETY: the instructions exist, and the block is inside the shapes.
            unsafe { self.block::<I>(&copies, block) }
            q += block.depth;
            if q >= self.depth {
                break;
            }
        }
    }

    /// One block of products for the whole result.
    #[inline(always)]
    unsafe fn block<I: Instructions>(&self, copies: &Copies<T>, block: Block) {
        if let Some(copy) = copies.right {
            let mut column = 0;
            while column < self.columns {
                let width = next_width::<T, Register<T, I>>(self.columns - column);
                let to = copy.wrapping_add(column * block.depth);
                // SAFETY: products and columns are inside the shapes, and their copy inside the room.
                unsafe { put_side_by_side(self.right.from(block.q, column), block.depth, width, to) }
                column += width;
            }
        }
        let mut first = 0;
        while first < self.rows {
            // panels that stay near are used for the same columns one after the other
            let end = match copies.is_near {
                true => self.rows,
                false => first + self.next_height::<Register<T, I>>(first),
            };
            let mut column = 0;
            while column < self.columns {
                let columns = next_width::<T, Register<T, I>>(self.columns - column);
                let mut row = first;
                while row < end {
                    let rows = self.next_height::<Register<T, I>>(row);
                    let region = Region {
                        row,
                        rows,
                        column,
                        columns,
                    };
                    // SAFETY: the instructions exist, and the region is inside the shapes.
                    unsafe { self.tile_of_block::<I>(copies, block, region) }
                    row += rows;
                }
                column += columns;
            }
            first = end;
        }
    }

    /// One tile of a block; with the first columns of a panel its rows are copied, for the other columns.
    #[inline(always)]
    unsafe fn tile_of_block<I: Instructions>(&self, copies: &Copies<T>, block: Block, region: Region) {
        let Region { row, rows, column, .. } = region;
        let Block { q, depth } = block;
        let step = rows.next_multiple_of(Register::<T, I>::COUNT);
        let (across, is_first, is_full) = (self.left_lies_across(), column == 0, rows == step);
        let copy = copies.left.wrapping_add(if copies.is_near { row * depth } else { 0 });
        let mut left = LeftRows {
            at: self.left.from(row, q).at,
            copy,
            ..self.rows_in_place(row, rows)
        };
        if across && is_first {
            // SAFETY: the instructions exist, rows and products are inside the shapes, and their copy inside the room.
            unsafe { transpose::<T, Register<T, I>>(left.at, self.left.row_step, rows, depth, copy, step) }
        }
        let is_used_again = self.columns > Register::<T, I>::COLUMNS;
        let is_copied = across || is_used_again && (copies.copies_full || !is_full);
        if is_copied && (across || !is_first) {
            (left.at, left.step) = (copy, step);
        }
        let read = match is_copied {
            true if is_first && !across => COPIED,
            false if !is_full => MASKED,
            _ => WHOLE,
        };
        let right = match copies.right {
            Some(copy) => Strided {
                at: copy.wrapping_add(column * depth).cast_const(),
                row_step: region.columns,
                column_step: 1,
            },
            None => self.right.from(q, column),
        };
        let is_whole = depth == self.depth;
        let sums = Unfinished {
            at: copies
                .sums
                .wrapping_add(if is_whole { 0 } else { row + column * copies.sums_step }),
            step: copies.sums_step,
            continued: q > 0,
            put_aside: q + depth < self.depth,
        };
        // SAFETY: the instructions exist, the region is inside the shapes, and its sums inside the room.
        unsafe { self.tile::<I>(region, (depth, left, right), sums, read) }
    }
}

/// Products that are added in one go: from `q` on.
#[derive(Clone, Copy)]
struct Block {
    q: usize,
    depth: usize,
}

/// What is copied for a block, and where to.
struct Copies<T> {
    /// Products of a block; the last one may have fewer.
    depth: usize,
    /// Whether all panels of rows are copied before they are used again, or one after the other.
    is_near: bool,
    /// Whether panels of full registers are copied, not only the last one that may not be full.
    copies_full: bool,
    left: *mut T,
    /// The right factor, if its rows lie together: column by column of tiles.
    right: Option<*mut T>,
    /// Unfinished sums: of the whole result if there are several blocks, of one tile if it lies across.
    sums: *mut T,
    sums_step: usize,
}

impl<T: Scalar> Copies<T> {
    #[inline(always)]
    fn new<L: Lanes<T>>(product: &Product<T>, rooms: &mut Rooms) -> Self {
        let Product { rows, columns, .. } = *product;
        let padded = rows.next_multiple_of(L::COUNT);
        let tallest = product.next_height::<L>(0).next_multiple_of(L::COUNT);
        let blocks = product.depth.div_ceil(DEPTH).max(1);
        let depth = product.depth.div_ceil(blocks);
        let is_near = padded * depth * size_of::<T>() <= NEAR;
        let is_here = rows * product.depth * size_of::<T>() <= HERE;
        let copies_right = product.right.column_step == 1 && rows > tallest && !is_here;
        let (sums_step, sums) = match (blocks > 1, product.result_lies_across()) {
            (true, _) => (padded, padded * columns),
            (false, true) => (tallest, tallest * L::COLUMNS),
            (false, false) => (0, 0),
        };
        Self {
            depth,
            is_near,
            copies_full: !is_here,
            left: rooms.left.of(if is_near { padded } else { tallest } * depth),
            right: copies_right.then(|| rooms.right.of(depth * columns)),
            sums: rooms.sums.of(sums),
            sums_step,
        }
    }
}
