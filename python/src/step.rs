//! Show a rule in Python the step that it proposes for, or learns after.

use crate::lending::{Computed, Lent, Loan, Number, Seen, is_kept, lend, view};
use creditlab::linalg::{Matrix, empty};
use creditlab::network::Layer;
use creditlab::random::{self, Stream};
use creditlab::rules::{After, Step};
use numpy::{AllowTypeChange, PyArray2, PyArrayLike2, PyArrayMethods};
use pyo3::exceptions::{PyIndexError, PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use std::sync::Mutex;

/// One training step as a rule sees it.
///
/// Layers are numbered from 0 and samples are columns. Arrays are read-only views of the program's memory; they can be used inside the call
/// that was given the step, and no longer.
#[pyclass(name = "Step", module = "creditlab", frozen)]
pub struct PyStep {
    loan: Loan,
    /// Views that have been handed out.
    views: Mutex<Vec<Py<PyAny>>>,
    random: Mutex<Option<Py<PyAny>>>,
}

/// Calls something with a step, which it must not keep anything of.
pub fn with_step<T: Number, R>(
    py: Python<'_>,
    lent: &LentStep<'_, T>,
    call: impl FnOnce(&Bound<'_, PyStep>) -> PyResult<R>,
) -> PyResult<R> {
    let make = |loan| {
        let step = PyStep {
            loan,
            views: Mutex::default(),
            random: Mutex::default(),
        };
        Bound::new(py, step)
    };
    let (result, is_kept) = lend(
        lent,
        make,
        |step| &step.get().loan,
        |step| {
            // an error keeps the frames it came through, and their arrays
            let result = call(step).map_err(|error| PyRuntimeError::new_err(text_of(py, &error)));
            let is_kept = step.get().is_kept(py)
                && (py.import("gc").and_then(|gc| gc.call_method0("collect")).is_err() || step.get().is_kept(py));
            (result, is_kept)
        },
    )?;
    match is_kept {
        true => Err(PyRuntimeError::new_err(
            "it keeps an array of a step, whose memory is used again; keep a copy, `numpy.array(..)`",
        )),
        false => result,
    }
}

/// An error with the place that it came from.
pub fn text_of(py: Python<'_>, error: &PyErr) -> String {
    let told = py
        .import("creditlab._bridge")
        .and_then(|bridge| bridge.call_method1("tell", (error.value(py), error.traceback(py))));
    told.and_then(|text| text.extract())
        .unwrap_or_else(|_| error.to_string())
}

#[pymethods]
impl PyStep {
    /// Number of layers.
    #[getter]
    fn depth(&self) -> PyResult<usize> {
        self.loan.with(|lent| Ok(lent.depth()))
    }

    /// Number of samples.
    #[getter]
    fn batch(&self) -> PyResult<usize> {
        self.loan.with(|lent| Ok(lent.batch()))
    }

    /// The rows of the data set that the samples are.
    #[getter]
    fn samples(&self) -> PyResult<Vec<u32>> {
        self.loan.with(|lent| Ok(lent.samples()))
    }

    /// The input, `n_0 x batch`.
    #[getter]
    fn input<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        Self::view(slf, Seen::Input, 0)
    }

    /// What the output should be, `n_out x batch`; one-hot columns for classes.
    #[getter]
    fn targets<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        Self::view(slf, Seen::Targets, 0)
    }

    /// `z_l = W_l a_{l-1} + b_l`, `n_l x batch`.
    fn z<'py>(slf: &Bound<'py, Self>, layer: usize) -> PyResult<Bound<'py, PyAny>> {
        Self::view(slf, Seen::Z, layer)
    }

    /// `a_l = f(z_l)`, `n_l x batch`.
    fn activity<'py>(slf: &Bound<'py, Self>, layer: usize) -> PyResult<Bound<'py, PyAny>> {
        Self::view(slf, Seen::Activity, layer)
    }

    /// The activity that layer `l` receives, `n_{l-1} x batch`.
    fn below<'py>(slf: &Bound<'py, Self>, layer: usize) -> PyResult<Bound<'py, PyAny>> {
        Self::view(slf, Seen::Below, layer)
    }

    /// `W_l`, `n_l x n_{l-1}`.
    fn weight<'py>(slf: &Bound<'py, Self>, layer: usize) -> PyResult<Bound<'py, PyAny>> {
        Self::view(slf, Seen::Weight, layer)
    }

    /// `b_l`, `n_l x 1`; `0 x 1` without biases.
    fn bias<'py>(slf: &Bound<'py, Self>, layer: usize) -> PyResult<Bound<'py, PyAny>> {
        Self::view(slf, Seen::Bias, layer)
    }

    /// The name of the activation of layer `l`.
    fn activation(&self, layer: usize) -> PyResult<String> {
        self.loan.with(|lent| {
            at(lent, layer)?;
            Ok(lent.activation(layer))
        })
    }

    /// `f'(z_l)`, units x batch: what an error of layer `l` is multiplied by.
    fn slope<'py>(slf: &Bound<'py, Self>, layer: usize) -> PyResult<Bound<'py, PyAny>> {
        Self::compute(slf, Computed::Slope, layer, None)
    }

    /// The error of the output layer, `dL/dz`, `n_out x batch`, of the sum over samples: the division by the batch is the program's.
    fn output_delta<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        Self::compute(slf, Computed::OutputDelta, 0, None)
    }

    /// `W_l' delta`: an error of layer `l` through its weights, or what its wiring makes of that.
    fn pull<'py>(slf: &Bound<'py, Self>, layer: usize, delta: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        Self::compute(slf, Computed::Pull, layer, Some(delta))
    }

    /// `W_l a + b_l`: an activity through the weights of layer `l`.
    fn push<'py>(slf: &Bound<'py, Self>, layer: usize, activity: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        Self::compute(slf, Computed::Push, layer, Some(activity))
    }

    /// In `adapt`: the error of layer `l` that the rule proposed with.
    fn proposed<'py>(slf: &Bound<'py, Self>, layer: usize) -> PyResult<Bound<'py, PyAny>> {
        Self::compute(slf, Computed::Proposed, layer, None)
    }

    /// In `adapt`: an array in the shape of `W_l` after the change that `W_l` went through, learning rate, momentum and decay included.
    fn follow<'py>(slf: &Bound<'py, Self>, layer: usize, weight: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        Self::compute(slf, Computed::Follow, layer, Some(weight))
    }

    /// A `numpy.random.Generator` for this call: the same whenever the run is carried out.
    #[getter]
    fn random<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        let (this, py) = (slf.get(), slf.py());
        let mut random = this.random.lock().expect("nothing panics while it is held");
        if let Some(generator) = &*random {
            return Ok(generator.bind(py).clone());
        }
        let generator = this.loan.with(|lent| generator(py, lent.key()))?;
        *random = Some(generator.clone().unbind());
        Ok(generator)
    }
}

/// A generator of NumPy with this key.
pub fn generator(py: Python<'_>, key: [u64; 2]) -> PyResult<Bound<'_, PyAny>> {
    py.import("creditlab._bridge")?
        .call_method1("generator", (key[0], key[1]))
}

/// Two numbers that a stream begins with.
pub fn key_of(stream: Stream) -> [u64; 2] {
    let mut generator = stream.generator();
    [(); 2].map(|()| random::below(u64::MAX, &mut generator))
}

impl PyStep {
    fn view<'py>(slf: &Bound<'py, Self>, what: Seen, l: usize) -> PyResult<Bound<'py, PyAny>> {
        let this = slf.get();
        let array = this.loan.with(|lent| {
            at(lent, l)?;
            lent.view(what, l, slf.as_any())
        })?;
        let mut views = this.views.lock().expect("nothing panics while it is held");
        views.push(array.clone().unbind());
        Ok(array)
    }

    fn compute<'py>(
        slf: &Bound<'py, Self>,
        what: Computed,
        l: usize,
        of: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        slf.get().loan.with(|lent| {
            at(lent, l)?;
            lent.compute(slf.py(), what, l, of)
        })
    }

    /// Whether Python still has one of the views.
    fn is_kept(&self, py: Python<'_>) -> bool {
        let views = self.views.lock().expect("nothing panics while it is held");
        views.iter().any(|view| is_kept(view, py))
    }
}

/// There must be such a layer.
fn at(lent: &dyn Lent, l: usize) -> PyResult<()> {
    match lent.depth() {
        depth if l < depth => Ok(()),
        depth => Err(PyIndexError::new_err(format!(
            "there is no layer {l}: the network has {depth}, numbered from 0"
        ))),
    }
}

/// A step, and in `adapt` what was done in it.
pub struct LentStep<'a, T: Number> {
    pub step: Step<'a, T>,
    pub after: Option<&'a After<'a, T>>,
}

impl<'a, T: Number> LentStep<'a, T> {
    pub fn new(step: Step<'a, T>, after: Option<&'a After<'a, T>>) -> Self {
        Self { step, after }
    }

    fn after(&self) -> PyResult<&'a After<'a, T>> {
        self.after
            .ok_or_else(|| PyRuntimeError::new_err("only `adapt` is told what was proposed and done"))
    }
}

impl<T: Number> Lent for LentStep<'_, T> {
    fn view<'py>(&self, what: Seen, l: usize, owner: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let Step {
            trace,
            network,
            targets,
            ..
        } = self.step;
        let matrix = match what {
            Seen::Input => &trace.input,
            Seen::Targets => targets,
            Seen::Z => &trace.z[l],
            Seen::Activity => &trace.a[l],
            Seen::Below => trace.below(l),
            Seen::Weight => &network.layers[l].weight,
            Seen::Bias => {
                let bias = network.layers[l].bias.as_slice();
                return view((bias.len(), 1), bias, owner);
            }
        };
        view(matrix.shape(), matrix.as_slice(), owner)
    }

    fn compute<'py>(
        &self,
        py: Python<'py>,
        what: Computed,
        l: usize,
        of: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (step, mut result) = (&self.step, empty());
        let layer: &Layer<T> = &step.network.layers[l];
        let given = || matrix::<T>(of.expect("it takes an array"));
        match what {
            Computed::OutputDelta => {
                let output = step.network.layers[step.network.top()].activation;
                step.loss.delta(output, step.trace.output(), step.targets, &mut result);
            }
            Computed::Slope => {
                let (units, batch) = step.trace.z[l].shape();
                result = Matrix::from_element(units, batch, T::ONE);
                step.multiply_unit_slope(l, &mut result);
            }
            Computed::Pull => {
                let delta = sized(given()?, (layer.units(), None))?;
                layer.pull(&layer.weight, &delta, &mut result);
            }
            Computed::Push => {
                let below = sized(given()?, (layer.inputs(), None))?;
                layer.push(&layer.weight, &layer.bias, &below, &mut result);
            }
            Computed::Proposed => {
                let delta = self.after()?.proposal.delta(l);
                result = delta
                    .cloned()
                    .ok_or_else(|| PyValueError::new_err(format!("layer {l} was proposed no error")))?;
            }
            Computed::Follow => {
                let (rows, columns) = layer.weight.shape();
                result = sized(given()?, (rows, Some(columns)))?;
                self.after()?.change.follow(l, &mut result);
            }
        }
        array(py, &result)
    }

    fn depth(&self) -> usize {
        self.step.network.depth()
    }

    fn batch(&self) -> usize {
        self.step.batch()
    }

    fn samples(&self) -> Vec<u32> {
        self.step.samples.to_vec()
    }

    fn key(&self) -> [u64; 2] {
        key_of(self.step.stream)
    }

    fn activation(&self, l: usize) -> String {
        format!("{:?}", self.step.network.layers[l].activation)
    }
}

/// A copy as an array of Python's own, column by column.
pub fn array<'py, T: Number>(py: Python<'py>, matrix: &Matrix<T>) -> PyResult<Bound<'py, PyAny>> {
    let array = PyArray2::<T>::zeros(py, [matrix.nrows(), matrix.ncols()], true);
    array.readwrite().as_slice_mut()?.copy_from_slice(matrix.as_slice());
    Ok(array.into_any())
}

/// An array of Python's as a matrix, in the precision of the run.
pub fn matrix<T: Number>(of: &Bound<'_, PyAny>) -> PyResult<Matrix<T>> {
    let array: PyArrayLike2<'_, T, AllowTypeChange> = of.extract().map_err(|_| {
        let kind = of.get_type();
        PyValueError::new_err(format!("an array with two axes is needed, and this is {kind}"))
    })?;
    let view = array.as_array();
    Ok(Matrix::from_fn(view.nrows(), view.ncols(), |i, j| view[(i, j)]))
}

/// Refuses a matrix of another size.
pub fn sized<T: Number>(matrix: Matrix<T>, (rows, columns): (usize, Option<usize>)) -> PyResult<Matrix<T>> {
    let fits = matrix.nrows() == rows && columns.is_none_or(|columns| matrix.ncols() == columns);
    if fits {
        return Ok(matrix);
    }
    let columns = columns.map_or_else(|| "any number of".to_owned(), |columns| columns.to_string());
    let (found_rows, found_columns) = matrix.shape();
    Err(PyValueError::new_err(format!(
        "an array of {rows} rows and {columns} columns is needed, and this one has {found_rows} and {found_columns}"
    )))
}
