//! Let filters look at every place of a map with the same weights.

use super::patches::Patches;
use crate::linalg::{
    Matrix, Scalar, Vector, multiply_plus_row, multiply_slice, reshape, scratch, share_columns, sum, view, zip_slices,
};
use crate::network::Shape;
use std::ops::Range;

/// Filters that every place of a map shares: `W` is channels × taps, a filter in each row.
///
/// Samples one after the other: the patches of one are copied to a block, places × taps, that stays in a fast memory, and go through
/// a product. The order of sums is fixed. *Push*: an element is the chain of its taps. *Pull*: of a place's taps the chain over
/// channels, and these are added up tap by tap. *Pair*: of a sample the chain over places, and these are added up sample by sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Convolution {
    pub(super) patches: Patches,
    pub(super) channels: usize,
}

impl Convolution {
    pub(super) fn inputs(self) -> usize {
        self.patches.below.units()
    }

    pub(super) fn outputs(self) -> usize {
        self.channels * self.patches.positions()
    }

    pub(super) fn weight_shape(self) -> (usize, usize) {
        (self.channels, self.patches.taps())
    }

    pub(super) fn biases(self) -> usize {
        self.channels
    }

    pub(super) fn weights(self) -> usize {
        self.channels * self.patches.taps()
    }

    pub(super) fn axes(self) -> [Shape; 2] {
        let (rows, columns) = self.patches.window.size;
        let taps = [self.patches.below.channels, rows, columns];
        [Shape::new(&[self.channels], &taps), Shape::list(self.channels)]
    }

    pub(super) fn fan_in(self) -> usize {
        self.patches.taps()
    }

    pub(super) fn fan_out(self) -> usize {
        self.channels * self.patches.window.size.0 * self.patches.window.size.1
    }

    pub(super) fn multiply_adds(self) -> usize {
        self.outputs() * self.patches.taps()
    }

    pub(super) fn synapses(self, mut see: impl FnMut(usize, usize, usize)) {
        for channel in 0..self.channels {
            self.patches.each(|position, tap, input| {
                let unit = channel * self.patches.positions() + position;
                see(unit, input, tap * self.channels + channel);
            });
        }
    }

    pub(super) fn bias_of(self, unit: usize) -> usize {
        unit / self.patches.positions()
    }

    pub(super) fn push<T: Scalar>(self, weight: &Matrix<T>, bias: &Vector<T>, below: &Matrix<T>, z: &mut Matrix<T>) {
        let Self { patches, channels } = self;
        let (positions, taps, cost) = (
            patches.positions(),
            patches.taps(),
            self.multiply_adds() * below.ncols(),
        );
        reshape(z, self.outputs(), below.ncols());
        let filters = view(weight.as_slice(), channels, taps).transpose();
        share_columns(z.as_mut_slice(), self.outputs(), cost, |samples, z| {
            scratch(positions * taps, |block| {
                let maps = columns(below, samples).chunks_exact(self.inputs());
                for (map, z) in maps.zip(z.chunks_exact_mut(self.outputs())) {
                    patches.gather(map, block);
                    let block = view(block, positions, taps);
                    if bias.is_empty() {
                        multiply_slice(T::ONE, block, filters, T::ZERO, z);
                    } else {
                        multiply_plus_row(block, filters, bias.as_slice(), z);
                    }
                }
            });
        });
    }

    pub(super) fn pull<T: Scalar>(self, weight: &Matrix<T>, delta: &Matrix<T>, below: &mut Matrix<T>) {
        let Self { patches, channels } = self;
        let (positions, taps, cost) = (
            patches.positions(),
            patches.taps(),
            self.multiply_adds() * delta.ncols(),
        );
        reshape(below, self.inputs(), delta.ncols());
        let filters = view(weight.as_slice(), channels, taps);
        share_columns(below.as_mut_slice(), self.inputs(), cost, |samples, maps| {
            scratch(positions * taps, |block| {
                let deltas = columns(delta, samples).chunks_exact(self.outputs());
                for (delta, map) in deltas.zip(maps.chunks_exact_mut(self.inputs())) {
                    multiply_slice(T::ONE, view(delta, positions, channels), filters, T::ZERO, block);
                    patches.scatter(block, map);
                }
            });
        });
    }

    pub(super) fn pair<T: Scalar>(self, alpha: T, post: &Matrix<T>, pre: &Matrix<T>, beta: T, weight: &mut Matrix<T>) {
        let Self { patches, channels } = self;
        let (positions, taps, cost) = (patches.positions(), patches.taps(), self.multiply_adds() * pre.ncols());
        // of each channel of the map below
        let (area, cells) = (patches.below.positions(), taps / patches.below.channels);
        scratch(channels * taps, |sums| {
            sums.fill(T::ZERO);
            share_columns(sums, channels * cells, cost, |maps, sums| {
                scratch(positions * cells * maps.len(), |block| {
                    let posts = post.as_slice().chunks_exact(self.outputs());
                    for (post, below) in posts.zip(pre.as_slice().chunks_exact(self.inputs())) {
                        patches.gather(&below[maps.start * area..maps.end * area], block);
                        let post = view(post, positions, channels).transpose();
                        let block = view(block, positions, cells * maps.len());
                        multiply_slice(T::ONE, post, block, T::ONE, sums);
                    }
                });
            });
            add_scaled_sums(alpha, sums, beta, weight.as_mut_slice());
        });
    }

    pub(super) fn pair_bias<T: Scalar>(self, alpha: T, post: &Matrix<T>, bias: &mut Vector<T>) {
        let positions = self.patches.positions();
        scratch(self.channels, |sums| {
            sums.fill(T::ZERO);
            for sample in post.as_slice().chunks_exact(positions * self.channels) {
                for (total, places) in sums.iter_mut().zip(sample.chunks_exact(positions)) {
                    *total += sum(places);
                }
            }
            add_scaled_sums(alpha, sums, T::ONE, bias.as_mut_slice());
        });
    }
}

/// The numbers of some columns.
pub(super) fn columns<T: Scalar>(matrix: &Matrix<T>, columns: Range<usize>) -> &[T] {
    &matrix.as_slice()[columns.start * matrix.nrows()..columns.end * matrix.nrows()]
}

/// `to := alpha sums + beta to`, fused as in a product; where `beta` is 0, `to` is not read.
pub(super) fn add_scaled_sums<T: Scalar>(alpha: T, sums: &[T], beta: T, to: &mut [T]) {
    if beta == T::ZERO {
        zip_slices(to, sums, move |_, sum| alpha * sum);
    } else {
        zip_slices(to, sums, move |to, sum| alpha.mul_add(sum, beta * to));
    }
}
