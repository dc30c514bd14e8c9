//! Hold the operations of wirings to the definition that `synapses` is.

use super::*;
use crate::cost::Cost;
use crate::linalg::{Crew, empty, pieces};
use crate::network::{Activation, Layer};
use crate::random::{Purpose, Stream, normal};

/// `(unit, input, parameter)` of every synapse.
type Synapses = Vec<(usize, usize, usize)>;

/// Small ones, whose products are made one way, and large ones, whose products are made another; windows of all kinds.
fn wirings() -> Vec<Wiring> {
    let dense = [(1, 1), (3, 5), (7, 2), (1, 6), (64, 80)];
    let mut all = dense.map(|(outputs, inputs)| Wiring::dense(outputs, inputs)).to_vec();
    let windows = [
        (2, (1, 4, 4), (2, 2), (2, 2), (0, 0)),
        (3, (2, 5, 6), (3, 3), (2, 1), (1, 1)),
        (4, (2, 1, 9), (1, 5), (1, 2), (0, 2)),
        (2, (3, 7, 6), (4, 2), (3, 5), (2, 1)),
        (3, (2, 4, 3), (4, 3), (1, 1), (0, 0)),
        (5, (3, 3, 2), (1, 1), (1, 1), (0, 0)),
        (2, (1, 2, 3), (5, 3), (1, 2), (4, 2)),
        (20, (2, 12, 12), (5, 5), (1, 1), (0, 0)),
    ];
    for (channels, (below, rows, columns), size, stride, padding) in windows {
        let window = Window { size, stride, padding };
        let map = Map::new(below, rows, columns);
        for wiring in [
            Wiring::convolution(channels, map, window),
            Wiring::local(channels, map, window),
        ] {
            let shared = Wiring::convolution(below, map, Window::square(1, 1));
            all.extend([
                wiring,
                wiring.reversed(shared),
                wiring.reversed(Wiring::dense(map.units(), 1)),
            ]);
        }
    }
    all
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
    let (mut weight, bias) = (
        drawn(rows, columns, 0),
        drawn(wiring.biases(), 1, 1).column(0).into_owned(),
    );
    wiring.clear_dead(&mut weight);
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
    for wiring in wirings().into_iter().filter(|wiring| {
        let (rows, columns) = wiring.weight_shape();
        rows.min(columns) > 1
    }) {
        let (rows, columns) = wiring.weight_shape();
        let by_rows = |(unit, input, place)| (unit, input, place % rows * columns + place / rows);
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
            ends.into_iter().max().expect("there are some")
        };
        // on a map padding, edges and strides leave fewer
        let most = [
            most(wiring.outputs(), |synapse| synapse.0),
            most(wiring.inputs(), |synapse| synapse.1),
        ];
        let fans = [wiring.fan_in(), wiring.fan_out()];
        assert!(most[0] <= fans[0] && most[1] <= fans[1], "{wiring:?}: {most:?}");
        assert!(
            most == fans || !matches!(wiring, Wiring::Dense(_)),
            "{wiring:?}: {most:?}"
        );
        assert!(synapses.iter().all(|synapse| synapse.2 < rows * columns));
        let is_bias = |unit| wiring.bias_of(unit) < wiring.biases();
        assert!((0..wiring.outputs()).all(is_bias));
        let lengths = wiring.axes().map(|axes| axes.iter().product::<usize>());
        assert_eq!(lengths, [rows * columns, wiring.biases()]);
        let mut used: Vec<_> = synapses.iter().map(|synapse| synapse.2).collect();
        used.sort_unstable();
        used.dedup();
        if wiring.uses() == 1 && wiring.positions() > 1 {
            // a weight that no synapse has is not counted
            assert_eq!(wiring.parameters(true), used.len() + wiring.biases(), "{wiring:?}");
        }
        let mut weight = Matrix::from_element(rows, columns, 1.0);
        wiring.clear_dead(&mut weight);
        let alive = weight.iter().filter(|weight| **weight == 1.0).count();
        assert_eq!(wiring.parameters(true), alive + wiring.biases(), "{wiring:?}");
        assert!(used.iter().all(|place| weight[*place] == 1.0));
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
        // padding included
        let dense = matches!(wiring, Wiring::Dense(_));
        let made = 3 * synapses(wiring).len() as u64;
        assert!(stated == made || !dense && stated > made, "{wiring:?}");
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

/// Samples, or channels of the map below, go to threads that are free: no bit and no count is another.
#[test]
fn threads_that_help_decide_nothing() {
    const MEMBERS: usize = 3;
    let (map, window) = (Map::new(2, 12, 12), Window::square(5, 1));
    for wiring in [Wiring::convolution(20, map, window), Wiring::local(20, map, window)] {
        let (rows, columns) = wiring.weight_shape();
        let (weight, bias) = (drawn(rows, columns, 0), Vector::from_element(wiring.biases(), 0.1));
        let (a, delta) = (drawn(wiring.inputs(), 33, 2), drawn(wiring.outputs(), 33, 3));
        let operate = || {
            let before = Cost::so_far();
            let (mut z, mut below, mut paired) = (empty(), empty(), weight.clone());
            wiring.push(&weight, &bias, &a, &mut z);
            wiring.pull(&weight, &delta, &mut below);
            wiring.pair(0.7, &delta, &a, -1.3, &mut paired);
            let bits = [z, below, paired].map(|matrix| matrix.map(f64::to_bits));
            (bits, Cost::so_far() - before)
        };
        let alone = operate();
        let crew = Crew::new(MEMBERS, 1);
        let join = || {
            crew.join(|_| {
                while pieces(usize::MAX) < MEMBERS {
                    std::thread::yield_now();
                }
                assert!(operate() == alone, "{wiring:?}");
            });
        };
        std::thread::scope(|scope| {
            (1..MEMBERS).for_each(|_| drop(scope.spawn(join)));
            join();
        });
    }
}
