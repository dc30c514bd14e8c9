//! Show a rule in Python what it is to begin with.

use crate::lending::Number;
use crate::step::{array, generator, key_of};
use creditlab::random::Stream;
use creditlab::rules::feedback::Feedback;
use creditlab::rules::{FeedbackPath, Setting};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// What a rule is asked to work on: copies, which it may keep.
#[pyclass(name = "Setting", module = "creditlab", frozen)]
pub struct PySetting {
    /// Units of the input and of each layer.
    #[pyo3(get)]
    sizes: Vec<usize>,
    /// The precision: `float32` or `float64`.
    #[pyo3(get)]
    dtype: &'static str,
    /// The initial weights of each layer.
    #[pyo3(get)]
    weights: Vec<Py<PyAny>>,
    /// What is minimised.
    #[pyo3(get)]
    loss: String,
    /// Samples of a step.
    #[pyo3(get)]
    batch: usize,
    /// The activation of each layer.
    #[pyo3(get)]
    activations: Vec<String>,
    /// A `numpy.random.Generator` for what the rule draws at the start.
    #[pyo3(get)]
    random: Py<PyAny>,
    /// Drawn as those of `FeedbackAlignment`, by layer; none to the input.
    sequential: Vec<Option<Py<PyAny>>>,
    /// Drawn as those of `DirectFeedbackAlignment`.
    direct: Vec<Option<Py<PyAny>>>,
}

impl PySetting {
    pub fn new<T: Number>(py: Python<'_>, setting: &Setting<'_, T>, stream: Stream) -> PyResult<Self> {
        let layers = &setting.network.layers;
        let inputs = layers.first().map(|layer| layer.inputs());
        let drawn = |path| -> PyResult<Vec<Option<Py<PyAny>>>> {
            // a network without a hidden layer has none
            let Ok(feedback) = Feedback::default().learned(path, setting, stream) else {
                return Ok(Vec::new());
            };
            let weights = feedback.weights.iter();
            let to_array = |b| Ok(Some(array(py, b)?.unbind()));
            weights
                .map(|b| if b.is_empty() { Ok(None) } else { to_array(b) })
                .collect()
        };
        let weights = layers.iter().map(|layer| Ok(array(py, &layer.weight)?.unbind()));
        Ok(Self {
            sizes: inputs
                .into_iter()
                .chain(layers.iter().map(|layer| layer.outputs()))
                .collect(),
            dtype: if size_of::<T>() == 4 { "float32" } else { "float64" },
            weights: weights.collect::<PyResult<_>>()?,
            loss: format!("{:?}", setting.loss),
            batch: setting.batch,
            activations: layers.iter().map(|layer| format!("{:?}", layer.activation)).collect(),
            random: generator(py, key_of(stream))?.unbind(),
            sequential: drawn(FeedbackPath::Sequential)?,
            direct: drawn(FeedbackPath::Direct)?,
        })
    }
}

#[pymethods]
impl PySetting {
    /// Number of layers.
    #[getter]
    fn depth(&self) -> usize {
        self.weights.len()
    }

    /// Random feedback weights, as the built-in rules draw them with their default options: `"sequential"`, an array in the shape of `W_l`
    /// for each layer but the first, or `"direct"`, `n_l x n_out` for each hidden layer; a dictionary by layer.
    #[pyo3(signature = (path = "sequential"))]
    fn feedback<'py>(&self, py: Python<'py>, path: &str) -> PyResult<Bound<'py, PyDict>> {
        let weights = match path {
            "sequential" => &self.sequential,
            "direct" => &self.direct,
            _ => {
                return Err(PyValueError::new_err(format!(
                    "feedback is \"sequential\" or \"direct\", not {path:?}"
                )));
            }
        };
        let by_layer = PyDict::new(py);
        for (l, b) in weights.iter().enumerate() {
            if let Some(b) = b {
                by_layer.set_item(l, b)?;
            }
        }
        Ok(by_layer)
    }
}
