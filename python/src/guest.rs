//! Take in a rule that is a class of Python.

use crate::learner::PythonLearner;
use crate::lending::Number;
use crate::setting::PySetting;
use crate::step::text_of;
use creditlab::random::Stream;
use creditlab::rules::{Broadcast, Guest, GuestOption, GuestOrigin, GuestValue, Learner, Needs, Refusal, Setting};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyFloat, PyInt, PyList};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// A class with all that was found out about it when it was handed over.
pub struct PythonRule {
    name: &'static str,
    equation: &'static str,
    source: &'static str,
    options: Vec<GuestOption>,
    needs: Needs,
    origin: GuestOrigin,
    predicts: bool,
    bridge: Py<PyAny>,
}

/// Names last as long as the program: equal texts are kept once.
fn lasting(text: String) -> &'static str {
    static TEXTS: Mutex<BTreeMap<String, &'static str>> = Mutex::new(BTreeMap::new());
    let mut texts = TEXTS.lock().expect("nothing panics while it is held");
    texts
        .entry(text)
        .or_insert_with_key(|text| Box::leak(text.clone().into_boxed_str()))
}

impl PythonRule {
    /// Of a bridge, see `creditlab/_bridge.py`.
    pub fn new(bridge: &Bound<'_, PyAny>) -> PyResult<Arc<Self>> {
        let text = |name: &str| -> PyResult<String> { bridge.getattr(name)?.extract() };
        let options: Vec<(String, String, Bound<'_, PyAny>)> = bridge.getattr("options")?.extract()?;
        let option = |(name, meaning, default): (String, String, Bound<'_, PyAny>)| {
            Ok(GuestOption {
                name: lasting(name),
                meaning,
                default: value(&default)?,
            })
        };
        let needs: BTreeMap<String, Bound<'_, PyAny>> = bridge.getattr("needs")?.extract()?;
        Ok(Arc::new(Self {
            name: lasting(text("name")?),
            equation: lasting(text("equation")?),
            source: lasting(text("source")?),
            options: options.into_iter().map(option).collect::<PyResult<_>>()?,
            needs: self::needs(needs)?,
            origin: GuestOrigin {
                code: text("code")?,
                depends_on: text("depends_on")?,
            },
            predicts: bridge.getattr("predicts")?.extract()?,
            bridge: bridge.clone().unbind(),
        }))
    }

    fn start<T: Number>(
        &self,
        options: &[GuestValue],
        setting: &Setting<'_, T>,
        stream: Stream,
    ) -> Result<Box<dyn Learner<T>>, Refusal> {
        Python::attach(|py| {
            let started = || -> PyResult<PythonLearner<T>> {
                let values = options
                    .iter()
                    .map(|value| to_python(py, value))
                    .collect::<PyResult<Vec<_>>>()?;
                let setting = Bound::new(py, PySetting::new(py, setting, stream)?)?;
                let begun = self
                    .bridge
                    .bind(py)
                    .call_method1("start", (PyList::new(py, values)?, setting))?;
                PythonLearner::new(&begun)
            };
            match started() {
                Ok(learner) => Ok(Box::new(learner) as Box<dyn Learner<T>>),
                Err(error) => Err(refusal(py, &error)),
            }
        })
    }
}

/// What a rule raised in `init`: a `Refused` with its parts, or anything else with its place.
fn refusal(py: Python<'_>, error: &PyErr) -> Refusal {
    let part = |name: &str| {
        error
            .value(py)
            .getattr(name)
            .and_then(|part| part.extract::<String>())
            .ok()
    };
    match (part("option"), part("reason"), part("remedy")) {
        (Some(option), Some(reason), Some(remedy)) => Refusal::new(option, reason, remedy),
        _ => Refusal::new("", text_of(py, error), "correct the rule's `init`"),
    }
}

impl Guest for PythonRule {
    fn name(&self) -> &'static str {
        self.name
    }

    fn equation(&self) -> &'static str {
        self.equation
    }

    fn source(&self) -> &'static str {
        self.source
    }

    fn options(&self) -> Vec<GuestOption> {
        self.options.clone()
    }

    fn origin(&self) -> GuestOrigin {
        self.origin.clone()
    }

    fn needs(&self, _: &[GuestValue]) -> Needs {
        self.needs
    }

    fn predicts(&self) -> bool {
        self.predicts
    }

    fn start_f32(
        &self,
        options: &[GuestValue],
        setting: &Setting<'_, f32>,
        stream: Stream,
    ) -> Result<Box<dyn Learner<f32>>, Refusal> {
        self.start(options, setting, stream)
    }

    fn start_f64(
        &self,
        options: &[GuestValue],
        setting: &Setting<'_, f64>,
        stream: Stream,
    ) -> Result<Box<dyn Learner<f64>>, Refusal> {
        self.start(options, setting, stream)
    }
}

/// The default of an option; a truth value is a whole number to Python, and so is asked for first.
fn value(of: &Bound<'_, PyAny>) -> PyResult<GuestValue> {
    if let Ok(flag) = of.cast::<PyBool>() {
        return Ok(GuestValue::Flag(flag.is_true()));
    }
    if let Ok(whole) = of.cast::<PyInt>() {
        return Ok(GuestValue::Whole(whole.extract()?));
    }
    if let Ok(number) = of.cast::<PyFloat>() {
        return Ok(GuestValue::Number(number.extract()?));
    }
    if let Ok(text) = of.extract::<String>() {
        return Ok(GuestValue::Text(text));
    }
    of.extract().map(GuestValue::Numbers).map_err(|_| {
        PyValueError::new_err(
            "an option is a truth value, a number, a text or a list of numbers, and so is its default",
        )
    })
}

fn to_python<'py>(py: Python<'py>, value: &GuestValue) -> PyResult<Bound<'py, PyAny>> {
    Ok(match value {
        GuestValue::Flag(flag) => flag.into_pyobject(py)?.to_owned().into_any(),
        GuestValue::Whole(whole) => whole.into_pyobject(py)?.into_any(),
        GuestValue::Number(number) => number.into_pyobject(py)?.into_any(),
        GuestValue::Text(text) => text.into_pyobject(py)?.into_any(),
        GuestValue::Numbers(numbers) => numbers.into_pyobject(py)?.into_any(),
    })
}

/// The row of the plausibility table: one that is known, `like`, and what differs.
fn needs(of: BTreeMap<String, Bound<'_, PyAny>>) -> PyResult<Needs> {
    let mut needs = Needs::OUTPUT;
    if let Some(like) = of.get("like") {
        let like: String = like.extract()?;
        needs = match &*like {
            "output" => Needs::OUTPUT,
            "labels" => Needs::LABELS,
            "sweep" => Needs::SWEEP,
            "feedback" => Needs::FEEDBACK,
            "broadcast" => Needs::BROADCAST,
            "states" => Needs::STATES,
            "second_pass" => Needs::SECOND_PASS,
            "perturbation" => Needs::PERTURBATION,
            _ => {
                return Err(PyValueError::new_err(format!(
                    "`needs` cannot be like {like:?}; it can be like output, labels, sweep, feedback, broadcast, states, second_pass or \
                     perturbation"
                )));
            }
        };
    }
    for (name, value) in &of {
        let flag = || value.extract::<bool>();
        match &**name {
            "like" => {}
            "weight_transport" => needs.weight_transport = flag()?,
            "feedback_path" => needs.feedback_path = flag()?,
            "update_locking" => needs.update_locking = flag()?,
            "phases" => needs.phases = value.extract()?,
            "forward_passes" => needs.forward_passes = value.extract()?,
            "signed_errors" => needs.signed_errors = flag()?,
            "slope" => needs.slope = flag()?,
            "label_inside" => needs.label_inside = flag()?,
            "nonlocal_normalisation" => needs.nonlocal_normalisation = flag()?,
            "broadcast" => needs.broadcast = broadcast(&value.extract::<String>()?)?,
            "noise" => needs.noise = flag()?,
            "symmetric_weights" => needs.symmetric_weights = flag()?,
            "batch_statistics" => needs.batch_statistics = flag()?,
            "error_driven" => needs.error_driven = flag()?,
            "draws" => needs.draws = flag()?,
            _ => return Err(PyValueError::new_err(format!("`needs` has no entry {name:?}"))),
        }
    }
    Ok(needs)
}

fn broadcast(what: &str) -> PyResult<Broadcast> {
    match what {
        "nothing" => Ok(Broadcast::None),
        "scalar" => Ok(Broadcast::Scalar),
        "vector" => Ok(Broadcast::Vector),
        _ => Err(PyValueError::new_err(format!(
            "what is broadcast is nothing, scalar or vector, not {what:?}"
        ))),
    }
}
