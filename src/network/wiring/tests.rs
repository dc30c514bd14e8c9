//! Hold the operations of wirings to the definition that `synapses` is.

use super::*;
use crate::cost::Cost;
use crate::linalg::empty;
use crate::network::{Activation, Layer};
use crate::random::{Purpose, Stream, normal};

/// `(unit, input, parameter)` of every synapse.
type Synapses = Vec<(usize, usize, usize)>;

/// Small ones, whose products are made one way, and large ones, whose products are made another.
fn wirings() -> Vec<Wiring> {
    let dense = [(1, 1), (3, 5), (7, 2), (1, 6), (64, 80)];
    dense.map(|(outputs, inputs)| Wiring::dense(outputs, inputs)).to_vec()
}

fn synapses(wiring: Wiring) -> Synapses {
    let mut all = Vec::new();
    wiring.synapses(|unit, input, parameter| all.push((unit, input, parameter)));
    all
}

fn drawn(rows: usize, columns: usize, index: u64) -> Matrix<f64> {
    let mut matrix = Matrix::zeros(rows, columns);
    let mut generator = Stream::new(5, Purpose::Task, index, 0).generator();
    normal(matrix.as_mut_slice(), 1.0, &mut generator);
    matrix
}

/// How far *push*, *pull* and *pair* are from what the synapses say, relative to its size.
fn distances(wiring: Wiring, synapses: &Synapses) -> [f64; 4] {
    const BATCH: usize = 4;
    let (rows, columns) = wiring.weight_shape();
    let (alpha, beta) = (0.7, -1.3);
    let (weight, bias) = (
        drawn(rows, columns, 0),
        drawn(wiring.biases(), 1, 1).column(0).into_owned(),
    );
    let (a, delta) = (drawn(wiring.inputs(), BATCH, 2), drawn(wiring.outputs(), BATCH, 3));

    let mut pushed = Matrix::from_fn(wiring.outputs(), BATCH, |unit, _| bias[wiring.bias_of(unit)]);
    let mut pulled = Matrix::zeros(wiring.inputs(), BATCH);
    let mut paired = &weight * beta;
    let mut biases = bias.clone();
    for i in 0..BATCH {
        for &(unit, input, parameter) in synapses {
            pushed[(unit, i)] += weight[parameter] * a[(input, i)];
            pulled[(input, i)] += weight[parameter] * delta[(unit, i)];
            paired[parameter] += alpha * delta[(unit, i)] * a[(input, i)];
        }
        for unit in 0..wiring.outputs() {
            biases[wiring.bias_of(unit)] += alpha * delta[(unit, i)];
        }
    }

    let (mut z, mut below, mut pair, mut sums) = (empty(), empty(), weight.clone(), bias.clone());
    wiring.push(&weight, &bias, &a, &mut z);
    wiring.pull(&weight, &delta, &mut below);
    wiring.pair(alpha, &delta, &a, beta, &mut pair);
    wiring.pair_bias(alpha, &delta, &mut sums);
    [
        (z - &pushed).norm() / pushed.norm(),
        (below - &pulled).norm() / pulled.norm(),
        (pair - &paired).norm() / paired.norm(),
        (sums - &biases).norm() / biases.norm(),
    ]
}

#[test]
fn the_operations_are_sums_over_the_synapses() {
    for wiring in wirings() {
        let distances = distances(wiring, &synapses(wiring));
        assert!(distances.iter().all(|far| *far < 1e-13), "{wiring:?}: {distances:?}");
    }
}

/// The same weights in another order of places, row by row, are another layer.
#[test]
fn another_order_of_the_weights_is_not_the_same() {
    for wiring in wirings()
        .into_iter()
        .filter(|wiring| wiring.inputs().min(wiring.outputs()) > 1)
    {
        let by_rows = |(unit, input, _)| (unit, input, unit * wiring.inputs() + input);
        let synapses = synapses(wiring).into_iter().map(by_rows).collect();
        let [push, pull, pair, bias] = distances(wiring, &synapses);
        assert!(
            push > 0.1 && pull > 0.1 && pair > 0.1,
            "{wiring:?}: {push} {pull} {pair}"
        );
        assert!(bias < 1e-13);
    }
}

#[test]
fn numbers_are_those_of_the_synapses() {
    for wiring in wirings() {
        let synapses = synapses(wiring);
        let (rows, columns) = wiring.weight_shape();
        let most = |count: usize, of: fn(&(usize, usize, usize)) -> usize| {
            let mut ends = vec![0; count];
            synapses.iter().for_each(|synapse| ends[of(synapse)] += 1);
            ends.into_iter().max()
        };
        assert_eq!(most(wiring.outputs(), |synapse| synapse.0), Some(wiring.fan_in()));
        assert_eq!(most(wiring.inputs(), |synapse| synapse.1), Some(wiring.fan_out()));
        assert!(synapses.iter().all(|synapse| synapse.2 < rows * columns));
        let is_bias = |unit| wiring.bias_of(unit) < wiring.biases();
        assert!((0..wiring.outputs()).all(is_bias));
        let lengths = wiring.axes().map(|axes| axes.iter().product::<usize>());
        assert_eq!(lengths, [rows * columns, wiring.biases()]);
        assert_eq!(wiring.parameters(true), rows * columns + wiring.biases());
        let mut by_unit = synapses.clone();
        by_unit.sort_by_key(|synapse| synapse.0); // stable
        assert!(
            by_unit.is_sorted(),
            "the synapses of a unit are in the order of its inputs"
        );
    }
}

/// What each operation says it takes is what is counted where it is made, and what there are synapses for.
#[test]
fn operations_cost_what_they_say() {
    for wiring in wirings() {
        let layer = Layer::<f64>::new(wiring, true, Activation::Tanh);
        let (a, delta) = (drawn(wiring.inputs(), 3, 2), drawn(wiring.outputs(), 3, 3));
        let (mut z, mut below, mut weight) = (empty(), empty(), layer.weight.clone());
        let stated = 3 * wiring.multiply_adds() as u64;
        assert_eq!(stated, 3 * synapses(wiring).len() as u64);
        let cost = |act: &mut dyn FnMut()| {
            let before = Cost::so_far();
            act();
            let Cost {
                multiply_adds, upward, ..
            } = Cost::so_far() - before;
            (multiply_adds, upward)
        };
        let push = cost(&mut || layer.push(&layer.weight, &layer.bias, &a, &mut z));
        let pull = cost(&mut || layer.pull(&layer.weight, &delta, &mut below));
        let pair = cost(&mut || layer.pair(1.0, &delta, &a, 0.0, &mut weight));
        assert_eq!([push, pull, pair], [(stated, stated), (stated, 0), (stated, 0)]);
    }
}
