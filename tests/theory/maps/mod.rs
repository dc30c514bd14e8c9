//! Hold convolutions, local layers and pools to theory, and rules on them.

mod by_hand;
mod feedback;
mod files;
mod local;
mod operations;
mod oracle;
mod updates;

use crate::common::*;
use creditlab::experiment::{NetworkInputs, NetworkShape};
use creditlab::linalg::Matrix;
use creditlab::network::{Activation, Init, Layer, Map, Network, Window, Wiring};
use creditlab::random::{self, Purpose, Stream};

/// A network on images with LeCun weights and small random biases; `hidden` as experiment files write it.
pub fn on_images(hidden: &str, image: Map, outputs: usize, activation: Activation, seed: u64) -> Network<f64> {
    let inputs = NetworkInputs {
        count: image.units(),
        image: Some(image),
    };
    let plans = NetworkShape::layers_of_text(hidden, inputs, outputs).expect("layers that fit");
    let top = plans.len() - 1;
    let layer = |(l, plan): (usize, creditlab::experiment::LayerPlan)| {
        let activation = if l == top { Activation::Identity } else { activation };
        let mut layer = Layer::new(plan.wiring, true, activation);
        Init::default().fill(&mut layer, Stream::new(seed, Purpose::Weights, l as u64, 0));
        let mut generator = Stream::new(seed, Purpose::Weights, l as u64, 1).generator();
        random::normal(layer.bias.as_mut_slice(), 0.1, &mut generator);
        layer.pool = plan.pool;
        layer
    };
    Network {
        layers: plans.into_iter().enumerate().map(layer).collect(),
    }
}

/// Filters on a map, and how a place of theirs is found; the definition by plain loops.
#[derive(Clone, Copy)]
pub struct Filters {
    pub channels: usize,
    pub below: Map,
    pub window: Window,
    pub own: bool,
}

/// What is right, and what programs get wrong.
#[derive(Clone, Copy, PartialEq)]
pub enum Order {
    Right,
    /// The kernel turned by half a circle, as mathematicians have it.
    Flipped,
    /// Columns before rows within a filter.
    Transposed,
    /// Channels last in the map below.
    ChannelsLast,
}

impl Filters {
    pub fn wiring(self) -> Wiring {
        match self.own {
            true => Wiring::local(self.channels, self.below, self.window),
            false => Wiring::convolution(self.channels, self.below, self.window),
        }
    }

    /// Shows `(unit, input, row of the weights, column of the weights)` of every synapse.
    pub fn each(self, order: Order, mut see: impl FnMut(usize, usize, usize, usize)) {
        let Window { size, stride, padding } = self.window;
        let Map {
            channels: below,
            rows,
            columns,
        } = self.below;
        let places = (
            (rows + 2 * padding.0 - size.0) / stride.0 + 1,
            (columns + 2 * padding.1 - size.1) / stride.1 + 1,
        );
        for c in 0..self.channels {
            for (y, x) in pairs(places) {
                let unit = (c * places.0 + y) * places.1 + x;
                for ci in 0..below {
                    for (i, j) in pairs(size) {
                        let (r, q) = (
                            (y * stride.0 + i).checked_sub(padding.0),
                            (x * stride.1 + j).checked_sub(padding.1),
                        );
                        let (Some(r), Some(q)) = (r.filter(|r| *r < rows), q.filter(|q| *q < columns)) else {
                            continue;
                        };
                        let input = match order {
                            Order::ChannelsLast => (r * columns + q) * below + ci,
                            _ => (ci * rows + r) * columns + q,
                        };
                        let tap = match order {
                            Order::Flipped => (ci * size.0 + size.0 - 1 - i) * size.1 + size.1 - 1 - j,
                            Order::Transposed => (ci * size.1 + j) * size.0 + i,
                            _ => (ci * size.0 + i) * size.1 + j,
                        };
                        see(unit, input, if self.own { unit } else { c }, tap);
                    }
                }
            }
        }
    }

    /// The dense weights that do the same.
    pub fn toeplitz(self, weight: &Matrix<f64>, order: Order) -> Matrix<f64> {
        let mut dense = Matrix::zeros(self.wiring().outputs(), self.wiring().inputs());
        self.each(order, |unit, input, row, tap| {
            dense[(unit, input)] += weight[(row, tap)]
        });
        dense
    }

    /// What each weight gets of a dense update: the sum over the places that use it.
    pub fn tie(self, dense: &Matrix<f64>) -> Matrix<f64> {
        let (rows, columns) = self.wiring().weight_shape();
        let mut tied = Matrix::zeros(rows, columns);
        self.each(Order::Right, |unit, input, row, tap| {
            tied[(row, tap)] += dense[(unit, input)]
        });
        tied
    }
}

fn pairs((rows, columns): (usize, usize)) -> impl Iterator<Item = (usize, usize)> {
    (0..rows).flat_map(move |row| (0..columns).map(move |column| (row, column)))
}

/// Normal numbers.
pub fn normal(rows: usize, columns: usize, seed: u64) -> Matrix<f64> {
    inputs(rows, columns, seed)
}

/// Filters of all kinds: strides, paddings, kernels that are no squares, with and without sharing.
pub fn all_filters() -> Vec<Filters> {
    let shapes = [
        (3, (2, 5, 6), (3, 2), (1, 2), (1, 0)),
        (2, (1, 6, 6), (3, 3), (2, 2), (1, 1)),
        (4, (3, 4, 5), (2, 2), (1, 1), (0, 0)),
        (3, (2, 1, 12), (1, 3), (1, 2), (0, 1)),
        (2, (2, 7, 4), (4, 3), (3, 1), (2, 2)),
    ];
    let filters = |(channels, (below, rows, columns), size, stride, padding)| {
        [false, true].map(|own| Filters {
            channels,
            below: Map::new(below, rows, columns),
            window: Window { size, stride, padding },
            own,
        })
    };
    shapes.into_iter().flat_map(filters).collect()
}
