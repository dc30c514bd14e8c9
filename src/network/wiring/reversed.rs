//! Turn a convolution or a local wiring upside down, for layers that lead from its units back to its inputs.

use super::{Convolution, Local};
use crate::linalg::{Matrix, Scalar, Vector, add_scaled_columns, sum};
use crate::network::{Map, Shape};

/// What is turned upside down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Filters {
    Shared(Convolution),
    Own(Local),
}

/// *Push* is the filters' *pull*, with biases of its own, *pull* their *push*; weights are in the filters' shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reversed {
    pub(super) filters: Filters,
    /// Whether each unit has a bias of its own, or all of a channel have one.
    pub(super) own_biases: bool,
}

/// Asks the filters that there are.
macro_rules! ask {
    ($filters:expr, $question:ident($($argument:expr),*)) => {
        match $filters {
            Filters::Shared(filters) => filters.$question($($argument),*),
            Filters::Own(filters) => filters.$question($($argument),*),
        }
    };
}

impl Reversed {
    fn map(self) -> Map {
        match self.filters {
            Filters::Shared(filters) => filters.patches.below,
            Filters::Own(filters) => filters.patches.below,
        }
    }

    pub(super) fn inputs(self) -> usize {
        ask!(self.filters, outputs())
    }

    pub(super) fn outputs(self) -> usize {
        ask!(self.filters, inputs())
    }

    pub(super) fn weight_shape(self) -> (usize, usize) {
        ask!(self.filters, weight_shape())
    }

    pub(super) fn biases(self) -> usize {
        match self.own_biases {
            true => self.outputs(),
            false => self.map().channels,
        }
    }

    pub(super) fn weights(self) -> usize {
        ask!(self.filters, weights())
    }

    pub(super) fn axes(self) -> [Shape; 2] {
        let Map {
            channels,
            rows,
            columns,
        } = self.map();
        let biases = match self.own_biases {
            true => Shape::new(&[channels, rows, columns], &[]),
            false => Shape::list(channels),
        };
        [ask!(self.filters, axes())[0], biases]
    }

    pub(super) fn fan_in(self) -> usize {
        ask!(self.filters, fan_out())
    }

    pub(super) fn fan_out(self) -> usize {
        ask!(self.filters, fan_in())
    }

    pub(super) fn multiply_adds(self) -> usize {
        ask!(self.filters, multiply_adds())
    }

    pub(super) fn synapses(self, mut see: impl FnMut(usize, usize, usize)) {
        let mut all = Vec::new();
        ask!(
            self.filters,
            synapses(|unit, input, parameter| all.push((input, unit, parameter)))
        );
        all.sort_unstable();
        all.into_iter()
            .for_each(|(unit, input, parameter)| see(unit, input, parameter));
    }

    pub(super) fn bias_of(self, unit: usize) -> usize {
        match self.own_biases {
            true => unit,
            false => unit / self.map().positions(),
        }
    }

    pub(super) fn clear_dead<T: Scalar>(self, weight: &mut Matrix<T>) {
        if let Filters::Own(filters) = self.filters {
            filters.clear_dead(weight);
        }
    }

    pub(super) fn push<T: Scalar>(self, weight: &Matrix<T>, bias: &Vector<T>, below: &Matrix<T>, z: &mut Matrix<T>) {
        ask!(self.filters, pull(weight, below, z));
        if !bias.is_empty() {
            for mut z in z.column_iter_mut() {
                z.iter_mut()
                    .enumerate()
                    .for_each(|(unit, z)| *z += bias[self.bias_of(unit)]);
            }
        }
    }

    pub(super) fn pull<T: Scalar>(self, weight: &Matrix<T>, delta: &Matrix<T>, below: &mut Matrix<T>) {
        ask!(self.filters, push(weight, &Vector::from_vec(Vec::new()), delta, below));
    }

    pub(super) fn pair<T: Scalar>(self, alpha: T, post: &Matrix<T>, pre: &Matrix<T>, beta: T, weight: &mut Matrix<T>) {
        ask!(self.filters, pair(alpha, pre, post, beta, weight));
    }

    pub(super) fn pair_bias<T: Scalar>(self, alpha: T, post: &Matrix<T>, bias: &mut Vector<T>) {
        if self.own_biases {
            return add_scaled_columns(bias.as_mut_slice(), alpha, post);
        }
        let positions = self.map().positions();
        for (bias, channel) in bias.iter_mut().zip(0..) {
            let places = |sample: &[T]| sum(&sample[channel * positions..][..positions]);
            let samples = post.as_slice().chunks_exact(self.outputs());
            *bias += alpha * samples.map(places).sum::<T>();
        }
    }
}
