//! Carry out the calls of a training by a rule in Python.

use crate::lending::Number;
use crate::step::{LentStep, matrix, sized, text_of, with_step};
use creditlab::arrays::Shape;
use creditlab::linalg::Matrix;
use creditlab::network::{Layer, Network, Trace};
use creditlab::rules::{After, FeedbackPath, Learner, Step};
use creditlab::update::Proposal;
use numpy::{PyArrayDyn, PyArrayMethods, PyUntypedArrayMethods};
use pyo3::exceptions::{PyRuntimeError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyTuple};
use std::marker::PhantomData;

/// An instance of a rule's class with its state: arrays by name.
pub struct PythonLearner<T: Number> {
    rule: Py<PyAny>,
    state: Py<PyDict>,
    adapts: bool,
    predicts: bool,
    /// Where its feedback weights lead, if it shows any.
    path: Option<FeedbackPath>,
    /// What ended it.
    failure: Option<String>,
    precision: PhantomData<T>,
}

impl<T: Number> PythonLearner<T> {
    /// Of what the bridge has begun.
    pub fn new(begun: &Bound<'_, PyAny>) -> PyResult<Self> {
        let path: Option<String> = begun.getattr("path")?.extract()?;
        let path = match path.as_deref() {
            None => None,
            Some("sequential") => Some(FeedbackPath::Sequential),
            Some("direct") => Some(FeedbackPath::Direct),
            Some(other) => {
                let reason = format!("`path` is \"sequential\" or \"direct\", not {other:?}");
                return Err(PyValueError::new_err(reason));
            }
        };
        let state = begun.getattr("state")?.cast_into::<PyDict>()?;
        for (name, array) in state.iter() {
            state_array::<T>(&name, &array)?;
        }
        Ok(Self {
            rule: begun.getattr("rule")?.unbind(),
            state: state.unbind(),
            adapts: begun.getattr("adapts")?.extract()?,
            predicts: begun.getattr("predicts")?.extract()?,
            path,
            failure: None,
            precision: PhantomData,
        })
    }

    /// Does something in Python, unless the rule has failed; keeps what it raises.
    fn carry_out(&mut self, what: &str, act: impl FnOnce(Python<'_>, &Self) -> PyResult<()>) {
        if self.failure.is_some() {
            return;
        }
        let done = Python::attach(|py| act(py, self).map_err(|error| text_of(py, &error)));
        self.failure = done.err().map(|reason| format!("in `{what}`, {reason}"));
    }

    fn ask(&mut self, step: Step<'_, T>, out: &mut Proposal<T>) {
        out.begin(&step.network.layers, step.batch());
        self.carry_out("propose", |py, this| {
            let given = with_step(py, &LentStep::new(step, None), |view| {
                let given = this
                    .rule
                    .bind(py)
                    .call_method1("propose", (this.state.bind(py), view))?;
                given.cast_into::<PyList>().map(Bound::unbind).map_err(|error| {
                    let reason = format!("a list with an entry for each layer is needed: {error}");
                    PyTypeError::new_err(reason)
                })
            })?;
            take(given.bind(py), &step.network.layers, step.batch(), out)
        });
    }
}

/// Fills a proposal with what a rule has given for each layer.
fn take<T: Number>(
    given: &Bound<'_, PyList>,
    layers: &[Layer<T>],
    batch: usize,
    out: &mut Proposal<T>,
) -> PyResult<()> {
    if given.len() != layers.len() {
        let (found, depth) = (given.len(), layers.len());
        return Err(PyValueError::new_err(format!(
            "there are {depth} layers, and this is a list of {found}"
        )));
    }
    for (l, (entry, layer)) in given.iter().zip(layers).enumerate() {
        let taken = take_layer(&entry, layer, batch, l, out);
        taken.map_err(|error| PyValueError::new_err(format!("layer {l}: {}", error.value(given.py()))))?;
    }
    Ok(())
}

/// Nothing, an error, a pair of `post` and `pre`, or arrays in the shape of the layer's weights and biases.
fn take_layer<T: Number>(
    entry: &Bound<'_, PyAny>,
    layer: &Layer<T>,
    batch: usize,
    l: usize,
    out: &mut Proposal<T>,
) -> PyResult<()> {
    if entry.is_none() {
        return Ok(());
    }
    if let Ok(pair) = entry.cast::<PyTuple>() {
        let (post, pre): (Bound<'_, PyAny>, Bound<'_, PyAny>) = pair.extract()?;
        let post = sized(matrix::<T>(&post)?, (layer.units(), None))?;
        let pre = sized(matrix::<T>(&pre)?, (layer.inputs(), Some(post.ncols())))?;
        (*out.pairs(l).0, *out.pairs(l).1) = (post, pre);
        return Ok(());
    }
    if let Ok(weight) = entry.getattr("weight") {
        let (rows, columns) = layer.weight.shape();
        let update = out.dense(l, layer);
        update.weight = sized(matrix::<T>(&weight)?, (rows, Some(columns)))?;
        let bias = entry.getattr("bias")?;
        if bias.is_none() {
            update.bias.fill(T::ZERO);
        } else {
            let bias = sized(matrix::<T>(&bias)?, (layer.bias.len(), Some(1)))?;
            update.bias.copy_from_slice(bias.as_slice());
        }
        return Ok(());
    }
    *out.local(l) = sized(matrix::<T>(entry)?, (layer.units(), Some(batch)))?;
    Ok(())
}

/// An array of the state, which must be one that can be saved: of the run's precision, column by column in memory.
fn state_array<'py, T: Number>(
    name: &Bound<'py, PyAny>,
    array: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyArrayDyn<T>>> {
    let wrong = || {
        PyTypeError::new_err(format!(
            "the state `{name}` must stay an array of the run's precision, column by column in memory: change it in place, `state[..][:] = ..`"
        ))
    };
    let array = array.cast::<PyArrayDyn<T>>().map_err(|_| wrong())?;
    if array.is_fortran_contiguous() && array.ndim() <= 2 {
        Ok(array.clone())
    } else {
        Err(wrong())
    }
}

impl<T: Number> Learner<T> for PythonLearner<T> {
    fn propose(&mut self, step: Step<'_, T>, out: &mut Proposal<T>) {
        self.ask(step, out);
    }

    fn probe(&mut self, step: Step<'_, T>, out: &mut Proposal<T>) {
        self.ask(step, out);
    }

    fn residual(&mut self, _: Step<'_, T>) -> Option<f64> {
        None
    }

    fn adapt(&mut self, after: After<'_, T>) {
        if !self.adapts {
            return;
        }
        self.carry_out("adapt", |py, this| {
            let state = this.state.bind(py);
            with_step(py, &LentStep::new(after.step, Some(&after)), |view| {
                this.rule.bind(py).call_method1("adapt", (state, view)).map(drop)
            })?;
            state
                .iter()
                .try_for_each(|(name, array)| state_array::<T>(&name, &array).map(drop))
        });
    }

    fn predict(&mut self, network: &Network<T>, trace: &mut Trace<T>) {
        network.forward(trace);
        if !self.predicts {
            return;
        }
        let mut predicted = None;
        self.carry_out("predict", |py, this| {
            predicted = this.predicted(py, network, trace)?;
            Ok(())
        });
        if let (Some(output), Some(top)) = (predicted, network.depth().checked_sub(1)) {
            trace.z[top] = output;
            trace.activate(top, &network.layers[top]);
        }
    }

    fn feedback(&self, _: &Network<T>, l: usize, out: &mut Matrix<T>) -> Option<FeedbackPath> {
        let path = self.path.filter(|_| self.failure.is_none())?;
        let shown = Python::attach(|py| -> PyResult<Option<Matrix<T>>> {
            let shown = self.rule.bind(py).call_method1("feedback", (self.state.bind(py), l))?;
            if shown.is_none() {
                Ok(None)
            } else {
                matrix(&shown).map(Some)
            }
        });
        // the conformance suite tells of one that cannot be shown, or has another shape
        *out = shown.ok().flatten()?;
        Some(path)
    }

    fn visit(&mut self, see: &mut dyn FnMut(&str, Shape, &mut [T])) {
        self.carry_out("state", |py, this| {
            for (name, array) in this.state.bind(py).iter() {
                let array = state_array::<T>(&name, &array)?;
                let shape = match *array.shape() {
                    [rows, columns] => Shape::matrix(rows, columns),
                    [length] => Shape::list(length),
                    _ => Shape::list(1),
                };
                let mut array = array
                    .try_readwrite()
                    .map_err(|error| PyRuntimeError::new_err(error.to_string()))?;
                see(&name.extract::<String>()?, shape, array.as_slice_mut()?);
            }
            Ok(())
        });
    }

    fn forget(&mut self) {}

    fn failure(&self) -> Option<&str> {
        self.failure.as_deref()
    }
}

impl<T: Number> PythonLearner<T> {
    /// What the rule itself predicts for the samples of a trace, whose forward pass has been made.
    fn predicted(&self, py: Python<'_>, network: &Network<T>, trace: &Trace<T>) -> PyResult<Option<Matrix<T>>> {
        let Some(top) = network.depth().checked_sub(1) else {
            return Ok(None);
        };
        let shape = (network.layers[top].outputs(), Some(trace.batch()));
        let targets = Matrix::from_element(shape.0, trace.batch(), T::ZERO);
        let step = Step {
            network,
            loss: creditlab::loss::Loss::HALF_SQUARES,
            trace,
            targets: &targets,
            samples: &[],
            stream: creditlab::random::Stream::new(0, creditlab::random::Purpose::Propose, 0, 0),
        };
        let given = with_step(py, &LentStep::new(step, None), |view| {
            self.rule
                .bind(py)
                .call_method1("predict", (self.state.bind(py), view))
                .map(Bound::unbind)
        })?;
        sized(matrix(given.bind(py))?, shape).map(Some)
    }
}
