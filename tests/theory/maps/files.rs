//! Start layers with maps: equally with and without sharing, and from files.

use super::on_images;
use crate::common::*;
use creditlab::arrays::{self, Array};
use creditlab::experiment::{Extent, HiddenEntry, LocalStart, NetworkInputs, NetworkShape, PerLayer};
use creditlab::linalg::Matrix;
use creditlab::loss::Loss;
use creditlab::network::{Activation, BiasInit, Init, Map, Network, Trace, WeightFile};
use creditlab::update::Optimizer;
use std::fs;
use std::path::Path;

fn built(first: HiddenEntry) -> Network<f64> {
    let image = Map::new(2, 5, 6);
    let shape = NetworkShape {
        hidden: vec![first, 4.into()],
        bias_init: PerLayer::Same(BiasInit::Normal(0.3)),
        init: PerLayer::Same(Init::Glorot {
            gain: 1.0,
            distribution: Default::default(),
        }),
        ..NetworkShape::default()
    };
    let inputs = NetworkInputs {
        count: image.units(),
        image: Some(image),
    };
    shape.build(inputs, 3, 7)
}

fn local(start: LocalStart) -> HiddenEntry {
    HiddenEntry::Local {
        channels: 3,
        kernel: Extent(3, 2),
        stride: Extent(1, 2),
        padding: Extent(1, 0),
        start,
    }
}

/// `Local(start: Shared)` and `Conv` of the same seed are the same function, to the last bit; `Own` is another.
#[test]
fn a_shared_start_is_the_convolutions() {
    let conv = HiddenEntry::Conv {
        channels: 3,
        kernel: Extent(3, 2),
        stride: Extent(1, 2),
        padding: Extent(1, 0),
    };
    let pass = |entry: HiddenEntry| {
        let network = built(entry);
        let mut trace = Trace {
            input: inputs(60, 4, 1),
            ..Trace::default()
        };
        network.forward(&mut trace);
        (trace.z, trace.a)
    };
    assert_eq!(pass(local(LocalStart::Shared)), pass(conv));
    assert_ne!(pass(local(LocalStart::Own)), pass(conv));
    // weights that see only padding are 0 from the start
    for start in [LocalStart::Own, LocalStart::Shared] {
        let layer = &built(local(start)).layers[0];
        let zeros = layer.weight.iter().filter(|weight| **weight == 0.0).count();
        assert_eq!(layer.weight.len() - zeros + layer.bias.len(), layer.parameters());
        assert!(zeros > 0);
    }
}

/// All arrays of a training by name, as files hold them.
fn saved(training: &mut OnBatch<f64>) -> Vec<Array> {
    let mut arrays = Vec::new();
    training
        .training
        .visit(|_, name, shape, values| arrays.push(Array::new(name, shape, values)));
    arrays
}

/// Weights, biases and feedback go to a file and come back as they were; the file has the axes of filters and maps.
#[test]
fn files_have_the_axes_of_filters_and_give_back_what_they_got() {
    let hidden = "[Conv(channels: 3, kernel: (3, 2), padding: (1, 0)), MaxPool(2), Local(channels: 2, kernel: 2), 5]";
    let network = on_images(hidden, Map::new(2, 6, 5), 3, Activation::Tanh, 1);
    let (x, y) = (inputs(60, 2, 1), targets(Loss::CROSS_ENTROPY, 3, 2, 1));
    let mut training = training(
        &["KolenPollack"],
        network.clone(),
        Loss::CROSS_ENTROPY,
        Optimizer::sgd(0.1),
        &x,
        &y,
    );
    let arrays = saved(&mut training);
    let shape = |name: &str| {
        arrays
            .iter()
            .find(|array| array.name == name)
            .map(|array| &array.shape[..])
    };
    assert_eq!(shape("layer1.weight"), Some(&[3, 2, 3, 2][..]));
    assert_eq!(shape("layer1.bias"), Some(&[3][..]));
    assert_eq!(shape("layer2.weight"), Some(&[2, 2, 1, 3, 2, 2][..]));
    assert_eq!(shape("layer2.bias"), Some(&[2, 2, 1][..]));
    assert_eq!(shape("layer2.feedback"), shape("layer2.weight"));
    assert_eq!(shape("layer3.weight"), Some(&[5, 4][..]));

    let folder = tempfile::tempdir().expect("a folder");
    fs::write(
        folder.path().join("w.safetensors"),
        arrays::encode(&arrays).expect("arrays"),
    )
    .expect("a file");
    let mut file = WeightFile::new("w.safetensors");
    file.load(Path::new(folder.path())).expect("the file");
    let mut other = on_images(hidden, Map::new(2, 6, 5), 3, Activation::Tanh, 2);
    for (l, layer) in other.layers.iter_mut().enumerate() {
        file.fill(l, layer).expect("the same shapes");
        assert_eq!(
            (&layer.weight, &layer.bias),
            (&network.layers[l].weight, &network.layers[l].bias)
        );
    }
    // another shape of the same number of weights
    let turned = "[Conv(channels: 3, kernel: (2, 3))]";
    let turned = on_images(turned, Map::new(2, 6, 5), 3, Activation::Tanh, 2);
    let problem = file.check(0, turned.layers[0].wiring, true).expect_err("another shape");
    assert!(problem.ends_with("[3, 2, 3, 2], not [3, 2, 2, 3]"), "{problem}");
}

/// Row by row, as NumPy reads the file: the number at `[c, b, i, j]` is the weight of channel `c` for row `i` and column `j` of channel `b`.
#[test]
fn numbers_lie_in_files_as_numpy_reads_them() {
    let network = on_images(
        "[Conv(channels: 3, kernel: (3, 2))]",
        Map::new(2, 6, 5),
        3,
        Activation::Tanh,
        1,
    );
    let layer = &network.layers[0];
    let array = Array::new("layer1.weight", layer.wiring.axes()[0], layer.weight.as_slice());
    let bytes = arrays::encode(&[array]).expect("an array");
    let header = u64::from_le_bytes(bytes[..8].try_into().expect("8 bytes")) as usize;
    let numbers: Vec<f64> = bytes[8 + header..]
        .chunks_exact(8)
        .map(|number| f64::from_le_bytes(number.try_into().expect("8 bytes")))
        .collect();
    let at = |c: usize, b: usize, i: usize, j: usize| numbers[((c * 2 + b) * 3 + i) * 2 + j];
    let expected = Matrix::from_fn(3, 12, |c, tap| at(c, tap / 6, tap / 2 % 3, tap % 2));
    assert_eq!(layer.weight, expected);
}
