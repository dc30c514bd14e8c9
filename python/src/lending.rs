//! Lend numbers of a step to Python for the time of one call, without a copy.
//!
//! The arrays are views of memory that belongs to the program and is used again after the call. So they are read-only, what hands them
//! out answers no more once the call is over, and a rule that has kept one is refused: it would read numbers of a later step. This is the
//! only file with `unsafe`.

use creditlab::linalg::Scalar;
use creditlab::rules::Bind;
use numpy::ndarray::{ArrayView2, ShapeBuilder};
use numpy::{Element, PyArray2, PyArrayMethods};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use std::sync::Mutex;

/// A precision that both sides have.
pub trait Number: Bind + Scalar + Element + for<'a, 'py> FromPyObject<'a, 'py> {}

impl Number for f32 {}
impl Number for f64 {}

/// A matrix of a step, that of a layer where there is one for each.
#[derive(Clone, Copy)]
pub enum Seen {
    Input,
    Targets,
    Z,
    Activity,
    Below,
    Weight,
    Bias,
}

/// What a step computes for a rule.
#[derive(Clone, Copy)]
pub enum Computed {
    OutputDelta,
    Slope,
    Pull,
    Push,
    Proposed,
    Follow,
}

/// Something whose numbers can be lent, its precision and lifetime erased.
pub trait Lent {
    /// A matrix, as a view whose memory `owner` stands for.
    fn view<'py>(&self, what: Seen, l: usize, owner: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>>;
    /// What is computed of the step: a new array.
    fn compute<'py>(
        &self,
        py: Python<'py>,
        what: Computed,
        l: usize,
        of: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>>;
    /// Number of layers.
    fn depth(&self) -> usize;
    /// Number of samples.
    fn batch(&self) -> usize;
    /// Rows of the data set that the columns are.
    fn samples(&self) -> Vec<u32>;
    /// Two numbers from the stream of this call.
    fn key(&self) -> [u64; 2];
    /// The activation of layer `l`.
    fn activation(&self, l: usize) -> String;
}

/// Where what is lent can be reached until the call is over.
pub struct Loan(Mutex<Option<Handle>>);

struct Handle(*const (dyn Lent + 'static));

// SAFETY: what it points to is read only, and only while `lend` is on the stack below; the lock of `Loan` is held for each read.
unsafe impl Send for Handle {}

impl Loan {
    /// Does something with what is lent.
    pub fn with<R>(&self, act: impl FnOnce(&dyn Lent) -> PyResult<R>) -> PyResult<R> {
        let handle = self.0.lock().expect("nothing panics while it is held");
        match &*handle {
            // SAFETY: `lend` takes the handle away, for which it needs this lock, before what it points to ends.
            Some(Handle(lent)) => act(unsafe { &**lent }),
            None => Err(PyRuntimeError::new_err(
                "this step is over: what it shows can be used only inside the call that was given it",
            )),
        }
    }
}

/// Takes the handle back, however the call ends.
struct TakeBack<'a>(&'a Loan);

impl Drop for TakeBack<'_> {
    fn drop(&mut self) {
        *self.0.0.lock().expect("nothing panics while it is held") = None;
    }
}

/// Lends something for one call.
pub fn lend<'a, B, R>(
    lent: &'a (dyn Lent + 'a),
    make: impl FnOnce(Loan) -> PyResult<B>,
    loan: impl for<'b> Fn(&'b B) -> &'b Loan,
    call: impl FnOnce(&B) -> R,
) -> PyResult<R> {
    let pointer: *const (dyn Lent + 'a) = lent;
    // SAFETY: only the lifetime is changed; `TakeBack` removes the pointer before `'a` ends, and nothing copies it out of the loan.
    let pointer = unsafe { std::mem::transmute::<*const (dyn Lent + 'a), *const (dyn Lent + 'static)>(pointer) };
    let borrower = make(Loan(Mutex::new(Some(Handle(pointer)))))?;
    let back = TakeBack(loan(&borrower));
    let result = call(&borrower);
    drop(back);
    Ok(result)
}

/// Rows and columns, column by column in memory, as a read-only array that shares it.
pub fn view<'py, T: Number>(
    (rows, columns): (usize, usize),
    numbers: &[T],
    owner: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    let array =
        ArrayView2::from_shape((rows, columns).f(), numbers).expect("a matrix has its numbers column by column");
    // SAFETY: the memory outlives the call; the step counts the arrays that it has handed out, and refuses a rule that keeps one.
    let array = unsafe { PyArray2::borrow_from_array(&array, owner.clone()) };
    array.readwrite().make_nonwriteable();
    Ok(array.into_any())
}

/// Whether Python has a reference to an array beside this one.
pub fn is_kept(array: &Py<PyAny>, _: Python<'_>) -> bool {
    // SAFETY: the object is alive, and nobody counts while the interpreter's lock is held here.
    unsafe { pyo3::ffi::Py_REFCNT(array.as_ptr()) > 1 }
}
