//! Let filters look at every place of a map, each place with weights of its own.

use super::convolution::{add_scaled_sums, columns};
use super::patches::Patches;
use crate::linalg::{
    Matrix, PlaceSteps, Scalar, Vector, add_products, add_scaled_columns, reshape, scratch, share_columns,
    sum_products, zeroed,
};
use crate::network::{Map, Shape};

/// Samples whose patches are held at once, so that the weights are read once for all of them.
const SAMPLES: usize = 16;

/// A convolution without sharing: `W` is units × taps, a filter in each row. Weights of taps beyond the map are 0.
///
/// The order of sums is fixed. *Push*: an element is the chain of its taps, to which its bias is added. *Pull*: of a place's taps the
/// chain over channels, and these are added up tap by tap. *Pair*: the chain over samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Local {
    pub(super) patches: Patches,
    pub(super) channels: usize,
}

impl Local {
    pub(super) fn inputs(self) -> usize {
        self.patches.below.units()
    }

    pub(super) fn outputs(self) -> usize {
        self.channels * self.patches.positions()
    }

    pub(super) fn map(self) -> Map {
        let (rows, columns) = self.patches.places;
        Map::new(self.channels, rows, columns)
    }

    pub(super) fn weight_shape(self) -> (usize, usize) {
        (self.outputs(), self.patches.taps())
    }

    pub(super) fn biases(self) -> usize {
        self.outputs()
    }

    /// Those of taps that are on the map.
    pub(super) fn weights(self) -> usize {
        let alive = self.patches.each_tap().map(|tap| tap.rows.len() * tap.columns.len());
        self.channels * alive.sum::<usize>()
    }

    pub(super) fn axes(self) -> [Shape; 2] {
        let (map, (rows, columns)) = (self.map(), self.patches.window.size);
        let units = [map.channels, map.rows, map.columns];
        let taps = [self.patches.below.channels, rows, columns];
        [Shape::new(&units, &taps), Shape::new(&units, &[])]
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
                see(unit, input, tap * self.outputs() + unit);
            });
        }
    }

    pub(super) fn bias_of(self, unit: usize) -> usize {
        unit
    }

    /// Sets the weights of taps beyond the map to 0.
    pub(super) fn clear_dead<T: Scalar>(self, weight: &mut Matrix<T>) {
        let (positions, width) = (self.patches.positions(), self.patches.places.1);
        let columns = weight.as_mut_slice().chunks_exact_mut(self.outputs());
        for (tap, column) in self.patches.each_tap().zip(columns) {
            for (unit, weight) in column.iter_mut().enumerate() {
                let position = unit % positions;
                if !(tap.rows.contains(&(position / width)) && tap.columns.contains(&(position % width))) {
                    *weight = T::ZERO;
                }
            }
        }
    }

    pub(super) fn push<T: Scalar>(self, weight: &Matrix<T>, bias: &Vector<T>, below: &Matrix<T>, z: &mut Matrix<T>) {
        let (units, size, positions) = (self.outputs(), self.block(), self.patches.positions());
        let cost = self.multiply_adds() * below.ncols();
        let z = zeroed(z, units, below.ncols());
        share_columns(z.as_mut_slice(), units, cost, |samples, z| {
            scratch(SAMPLES * size, |blocks| {
                let groups = columns(below, samples).chunks(SAMPLES * self.inputs());
                for (maps, z) in groups.zip(z.chunks_mut(SAMPLES * units)) {
                    self.gather(maps, blocks);
                    let steps = PlaceSteps {
                        of_row: size,
                        of_turn: positions,
                    };
                    add_products(z, weight.as_slice(), blocks, (units, positions), steps);
                }
            });
        });
        if !bias.is_empty() {
            for z in z.as_mut_slice().chunks_exact_mut(units) {
                z.iter_mut().zip(bias.iter()).for_each(|(z, b)| *z += *b);
            }
        }
    }

    pub(super) fn pull<T: Scalar>(self, weight: &Matrix<T>, delta: &Matrix<T>, below: &mut Matrix<T>) {
        let (units, size, positions) = (self.outputs(), self.block(), self.patches.positions());
        let cost = self.multiply_adds() * delta.ncols();
        reshape(below, self.inputs(), delta.ncols());
        share_columns(below.as_mut_slice(), self.inputs(), cost, |samples, maps| {
            scratch(SAMPLES * size, |blocks| {
                let groups = columns(delta, samples).chunks(SAMPLES * units);
                for (deltas, maps) in groups.zip(maps.chunks_mut(SAMPLES * self.inputs())) {
                    sum_products(blocks, weight.as_slice(), deltas, (units, positions), size);
                    for (map, block) in maps.chunks_exact_mut(self.inputs()).zip(blocks.chunks_exact(size)) {
                        self.patches.scatter(block, map);
                    }
                }
            });
        });
    }

    pub(super) fn pair<T: Scalar>(self, alpha: T, post: &Matrix<T>, pre: &Matrix<T>, beta: T, weight: &mut Matrix<T>) {
        let Self { patches, .. } = self;
        let (units, size, positions) = (self.outputs(), self.block(), patches.positions());
        let cost = self.multiply_adds() * pre.ncols();
        // of each channel of the map below
        let (area, cells) = (patches.below.positions(), patches.taps() / patches.below.channels);
        scratch(weight.len(), |sums| {
            sums.fill(T::ZERO);
            share_columns(sums, units * cells, cost, |maps, sums| {
                scratch(SAMPLES * size, |blocks| {
                    let groups = post.as_slice().chunks(SAMPLES * units);
                    for (posts, below) in groups.zip(pre.as_slice().chunks(SAMPLES * self.inputs())) {
                        for (below, block) in below.chunks_exact(self.inputs()).zip(blocks.chunks_exact_mut(size)) {
                            patches.gather(&below[maps.start * area..maps.end * area], block);
                        }
                        let steps = PlaceSteps {
                            of_row: positions,
                            of_turn: size,
                        };
                        add_products(sums, posts, blocks, (units, positions), steps);
                    }
                });
            });
            add_scaled_sums(alpha, sums, beta, weight.as_mut_slice());
        });
    }

    pub(super) fn pair_bias<T: Scalar>(self, alpha: T, post: &Matrix<T>, bias: &mut Vector<T>) {
        add_scaled_columns(bias.as_mut_slice(), alpha, post);
    }

    /// Numbers of the patches of one sample.
    fn block(self) -> usize {
        self.patches.positions() * self.patches.taps()
    }

    fn gather<T: Scalar>(self, maps: &[T], blocks: &mut [T]) {
        let blocks = blocks.chunks_exact_mut(self.block());
        for (map, block) in maps.chunks_exact(self.inputs()).zip(blocks) {
            self.patches.gather(map, block);
        }
    }
}
