//! Give Python the command line, runs from Python, and rules written in Python.

mod guest;
mod learner;
mod lending;
mod run;
mod setting;
mod step;

use creditlab::rules::{Registry, builtin};
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use std::ffi::OsString;

pyo3::create_exception!(
    creditlab,
    SpecError,
    PyValueError,
    "An experiment is not as it must be; the message has file, line, column and remedy. `line` and `column` count from 1, or are None."
);
pyo3::create_exception!(
    creditlab,
    RunError,
    PyRuntimeError,
    "An experiment could not be carried out."
);
pyo3::create_exception!(
    creditlab,
    RuleError,
    RunError,
    "A rule written in Python could not go on; the message names rule, arm, seed and step."
);

/// The built-in rules and those of some bridges, see `creditlab/_bridge.py`.
fn registry(bridges: &[Bound<'_, PyAny>]) -> PyResult<Registry> {
    bridges.iter().try_fold(builtin(), |registry, bridge| {
        let guest = guest::PythonRule::new(bridge)?;
        registry.with_guest(guest).map_err(PyValueError::new_err)
    })
}

/// Runs the command that these arguments state, the first being the program's name; returns the exit status.
#[pyfunction]
fn cli(py: Python<'_>, arguments: Vec<OsString>, bridges: Vec<Bound<'_, PyAny>>) -> PyResult<u8> {
    let registry = registry(&bridges)?;
    Ok(py.detach(|| creditlab::cli::call(arguments, &registry)))
}

/// Holds a rule of these bridges, stated as in experiment files, to the laws of all rules; returns the report, and what was violated.
#[pyfunction]
fn check_rule(py: Python<'_>, rule: &str, bridges: Vec<Bound<'_, PyAny>>) -> PyResult<(String, Vec<String>)> {
    let registry = registry(&bridges)?;
    registry.rule(rule).map_err(SpecError::new_err)?;
    let checked = py.detach(|| creditlab::conformance::check(&registry, rule));
    Ok(match checked {
        Ok(report) => (report.to_string(), Vec::new()),
        Err(violations) => (String::new(), violations.0.iter().map(ToString::to_string).collect()),
    })
}

#[pymodule]
fn _native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    let spec_error = module.py().get_type::<SpecError>();
    // of those that are about no place in the experiment
    for place in ["line", "column"] {
        spec_error.setattr(place, module.py().None())?;
    }
    module.add("SpecError", spec_error)?;
    module.add("RunError", module.py().get_type::<RunError>())?;
    module.add("RuleError", module.py().get_type::<RuleError>())?;
    module.add_class::<step::PyStep>()?;
    module.add_class::<setting::PySetting>()?;
    module.add_function(wrap_pyfunction!(cli, module)?)?;
    module.add_function(wrap_pyfunction!(check_rule, module)?)?;
    module.add_function(wrap_pyfunction!(run::run, module)?)?;
    Ok(())
}
