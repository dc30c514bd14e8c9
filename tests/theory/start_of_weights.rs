//! Check what weights and biases are drawn from: shapes, sizes, streams, and files.

use creditlab::arrays::{self, Array};
use creditlab::experiment::{NetworkShape, PerLayer};
use creditlab::linalg::{Matrix, Scalar};
use creditlab::network::{Activation, BiasInit, Distribution, Init, Layer, Network, WeightFile, Wiring};
use creditlab::random::{self, Purpose, Stream};
use std::path::Path;

fn layer<T: Scalar>(init: &Init, outputs: usize, inputs: usize) -> Layer<T> {
    init.layer(
        outputs,
        inputs,
        true,
        Activation::Tanh,
        Stream::new(1, Purpose::Weights, 0, 0),
    )
}

/// Mean and standard deviation.
fn moments(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    (
        mean,
        (values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n).sqrt(),
    )
}

/// The default draws what it always drew: normal numbers from the layer's own stream.
#[test]
fn the_default_is_plain_normal_numbers() {
    let mut expected = Matrix::from_element(30, 40, 0.0);
    let mut generator = Stream::new(1, Purpose::Weights, 0, 0).generator();
    random::normal(expected.as_mut_slice(), 1.0 / 40f64.sqrt(), &mut generator);
    assert_eq!(layer::<f64>(&Init::default(), 30, 40).weight, expected);
}

#[test]
fn standard_deviations_are_as_stated() {
    let (outputs, inputs) = (200, 300);
    let both = [Distribution::Normal, Distribution::Uniform];
    let inits = both.into_iter().flat_map(|distribution| {
        let gain = 0.7;
        [
            (Init::LeCun { gain, distribution }, 0.7 / 300f64.sqrt()),
            (Init::Glorot { gain, distribution }, 0.7 * (2.0 / 500f64).sqrt()),
            (Init::He { gain, distribution }, 0.7 * (2.0 / 300f64).sqrt()),
        ]
    });
    let others = [
        (Init::Normal(2.0), 2.0),
        (Init::Uniform(1.5), 1.5 / 3f64.sqrt()),
        (Init::Orthogonal { gain: 3.0 }, 3.0 / 300f64.sqrt()),
    ];
    for (init, sd) in inits.chain(others) {
        let weights = layer::<f64>(&init, outputs, inputs).weight;
        let (mean, deviation) = moments(weights.as_slice());
        let n = weights.len() as f64;
        // the fourth moment of a normal number bounds the error of the standard deviation
        assert!(mean.abs() < 4.0 * sd / n.sqrt(), "{init:?}: mean {mean}");
        assert!(
            (deviation / sd - 1.0).abs() < 4.0 / (2.0 * n).sqrt(),
            "{init:?}: {deviation}, not {sd}"
        );
        assert!(
            (init.standard_deviation(Wiring::dense(outputs, inputs)) / sd - 1.0).abs() < 1e-15,
            "{init:?}"
        );
    }
}

#[test]
fn equal_numbers_are_equal() {
    let layer = layer::<f64>(&Init::Constant(0.6), 3, 2);
    assert_eq!(layer.weight, Matrix::from_element(3, 2, 0.6));
    let mut layer = layer;
    BiasInit::Constant(-2.0).fill(&mut layer, Stream::new(1, Purpose::Biases, 0, 0));
    assert_eq!(layer.bias.as_slice(), [-2.0; 3]);
}

#[test]
fn uniform_numbers_fill_their_range_and_no_more() {
    let range = |init: &Init| {
        let weights = layer::<f64>(init, 100, 100).weight;
        (weights.min(), weights.max())
    };
    // the least of 10,000 numbers is within 2/1000 of the end, but for a chance of e^-20
    let fills = |(least, most): (f64, f64), low: f64, high: f64| {
        let margin = 0.002 * (high - low);
        low <= least && least < low + margin && high - margin < most && most <= high
    };
    assert!(fills(range(&Init::Uniform(0.3)), -0.3, 0.3));
    assert!(fills(range(&Init::Between(0.0, 1.0)), 0.0, 1.0));
    let lecun = Init::LeCun {
        gain: 1.0 / 3f64.sqrt(),
        distribution: Distribution::Uniform,
    };
    assert!(fills(range(&lecun), -0.1, 0.1));
    assert!(!fills(range(&Init::Normal(0.3)), -0.3, 0.3));
}

#[test]
fn orthogonal_weights_have_orthonormal_columns_or_rows() {
    for (outputs, inputs) in [(30, 30), (40, 25), (25, 40), (1, 6), (1, 1)] {
        let w = layer::<f64>(&Init::Orthogonal { gain: 2.0 }, outputs, inputs).weight;
        let product = if outputs >= inputs {
            w.transpose() * &w
        } else {
            &w * w.transpose()
        };
        let identity = Matrix::<f64>::identity(product.nrows(), product.ncols()) * 4.0;
        assert!((product - identity).amax() < 1e-14, "{outputs}x{inputs}");
        let single = layer::<f32>(&Init::Orthogonal { gain: 2.0 }, outputs, inputs).weight;
        assert_eq!(single, w.map(|x| x as f32));
    }
}

/// Of a uniform orthogonal matrix no sign is preferred: every entry has mean 0 and variance 1/n. Without the correction of signs
/// the diagonal is negative more often than not.
#[test]
fn orthogonal_weights_prefer_no_direction() {
    let n = 3;
    let draws = 4000;
    let diagonal: Vec<f64> = (0..draws)
        .flat_map(|seed| {
            let stream = Stream::new(seed, Purpose::Weights, 0, 0);
            let layer = Init::Orthogonal { gain: 1.0 }.layer::<f64>(n, n, false, Activation::Tanh, stream);
            layer.weight.diagonal().as_slice().to_vec()
        })
        .collect();
    let (mean, deviation) = moments(&diagonal);
    let sd = 1.0 / (n as f64).sqrt();
    assert!(mean.abs() < 4.0 * sd / (draws as f64).sqrt(), "{mean}");
    assert!((deviation / sd - 1.0).abs() < 0.05, "{deviation}");
}

fn shape(init: PerLayer<Init>, bias: PerLayer<bool>, bias_init: PerLayer<BiasInit>) -> NetworkShape {
    NetworkShape {
        hidden: vec![40.into(), 30.into()],
        activation: PerLayer::Each(vec![Activation::Tanh, Activation::Relu]),
        output: Activation::Identity,
        init,
        bias,
        bias_init,
        dropout: PerLayer::Each(vec![0.0, 0.25]),
    }
}

#[test]
fn biases_are_drawn_from_a_stream_of_their_own() {
    let build = |bias_init| {
        let shape = shape(
            PerLayer::Same(Init::default()),
            PerLayer::Same(true),
            PerLayer::Same(bias_init),
        );
        shape.build::<f64>(20, 10, 3)
    };
    let (zero, normal, uniform) = (
        build(BiasInit::Zeros),
        build(BiasInit::Normal(1.0)),
        build(BiasInit::Uniform(0.5)),
    );
    for ((zero, normal), uniform) in zero.layers.iter().zip(&normal.layers).zip(&uniform.layers) {
        assert!(zero.weight == normal.weight && zero.weight == uniform.weight);
        assert!(zero.bias.iter().all(|b| *b == 0.0));
        assert!(uniform.bias.amax() <= 0.5 && uniform.bias.amax() > 0.3);
        assert!(normal.bias.amax() > 0.5);
        assert_ne!(normal.bias.as_slice(), &normal.weight.as_slice()[..normal.bias.len()]);
    }
    let lecun = BiasInit::LeCun {
        gain: 1.0 / 3f64.sqrt(),
        distribution: Distribution::Uniform,
    };
    assert!(build(lecun).layers[1].bias.amax() <= 1.0 / 40f64.sqrt());
}

#[test]
fn layers_have_values_of_their_own() {
    let init = PerLayer::Each(vec![Init::default(), Init::Zeros, Init::Between(0.0, 1.0)]);
    let bias = PerLayer::Each(vec![true, false, true]);
    let starts = PerLayer::Each(vec![BiasInit::Zeros, BiasInit::Zeros, BiasInit::Between(0.0, 1.0)]);
    let network: Network<f64> = shape(init, bias, starts).build(20, 10, 3);
    let [first, second, third] = &network.layers[..] else {
        panic!("three layers")
    };
    assert_eq!(
        [first, second, third].map(|layer| layer.activation),
        [Activation::Tanh, Activation::Relu, Activation::Identity]
    );
    assert_eq!([first, second, third].map(|layer| layer.dropout), [0.0, 0.25, 0.0]);
    assert!(second.weight.amax() == 0.0 && second.bias.is_empty());
    assert!(first.weight.min() < 0.0 && first.bias.amax() == 0.0);
    assert!(third.weight.min() >= 0.0 && third.bias.min() >= 0.0 && third.bias.max() > 0.5);
}

/// Numbers in double precision come out as they went in; arrays are row-major on disk.
#[test]
fn a_file_gives_back_every_bit() {
    let folder = tempfile::tempdir().expect("a folder");
    let weight = Matrix::from_fn(2, 3, |i, j| 0.1 * (1 + i) as f64 + (j as f64).sin());
    let bias = [1.0 / 3.0, -2.0 / 7.0];
    let stored = [
        Array::new("layer2.weight", &[2, 3], weight.as_slice()),
        Array::new("layer2.bias", &[2], &bias),
        Array::new("layer1.weight", &[1, 1], &[1.0f32]),
    ];
    std::fs::write(folder.path().join("w.safetensors"), arrays::encode(&stored).unwrap()).unwrap();
    let mut file = WeightFile::new("w.safetensors");
    assert!(file.check(1, Wiring::dense(2, 3), true).is_err(), "not read yet");
    file.load(folder.path()).expect("a file");
    assert!(WeightFile::new("v.safetensors").load(folder.path()).is_err());
    let mut second = Layer::<f64>::zeros(2, 3, true, Activation::Tanh);
    file.fill(1, &mut second).expect("the second layer");
    assert_eq!((&second.weight, second.bias.as_slice()), (&weight, &bias[..]));
    let mut single = Layer::<f32>::zeros(2, 3, true, Activation::Tanh);
    file.fill(1, &mut single).expect("the second layer");
    assert_eq!(single.weight, weight.map(|x| x as f32));
    for (l, shape, bias, word) in [
        (1, (3, 2), true, "in the shape [2, 3], not [3, 2]"),
        (2, (2, 2), true, "no array `layer3.weight`, 2 x 2"),
        (0, (1, 1), true, "no array `layer1.bias`, 1"),
        (1, (2, 3), false, "`layer2.bias`, and this layer has no biases"),
    ] {
        let problem = file.check(l, Wiring::dense(shape.0, shape.1), bias).unwrap_err();
        assert!(problem.contains(word), "{problem}");
    }
    assert!(file.check(0, Wiring::dense(1, 1), false).is_ok());
    assert!(file.check(1, Wiring::dense(2, 3), true).is_ok());
    assert_eq!(Path::new(file.path()), Path::new("w.safetensors"));
}
