//! Arrays come in where they lie, if their type and order allow it, and go out as views of a memory or as copies.

#![expect(unsafe_code, reason = "an array that shares the numbers of a memory can be had in no other way")]

use crate::refusal;
use faer::MatRef;
use numpy::ndarray::{ArrayView2, ArrayViewD, ShapeBuilder};
use numpy::{Element, PyArray2, PyArrayDyn, PyArrayMethods, PyReadonlyArrayDyn, PyUntypedArrayMethods};
use protocols::{Mat, Patterns, PatternsError};
use pyo3::intern;
use pyo3::prelude::*;

/// `Signs` is an argument as int8 in C order: the array itself if it is so, and else a copy.
pub(crate) struct Signs<'py>(PyReadonlyArrayDyn<'py, i8>);

impl<'py> Signs<'py> {
    /// Takes an array of whatever type of numbers, or what numpy makes one of. Values are looked at only where they
    /// are converted; 0 passes, for units that a query does not know.
    pub(crate) fn new(value: &Bound<'py, PyAny>, what: &str) -> PyResult<Self> {
        if let Ok(array) = value.cast::<PyArrayDyn<i8>>()
            && array.is_c_contiguous()
        {
            return Ok(Self(array.try_readonly()?));
        }
        let numpy = value.py().import(intern!(value.py(), "numpy"))?;
        // An array of another kind may share its numbers with numpy.
        let array = numpy.call_method1("asarray", (value,))?;
        if array.cast::<PyArrayDyn<i8>>().is_ok() {
            let ordered = numpy.call_method1("asarray", (array, "int8", "C"))?;
            return Ok(Self(ordered.cast_into::<PyArrayDyn<i8>>()?.try_readonly()?));
        }
        let numbers = numpy.call_method1("asarray", (array, "float64", "C"))?;
        let numbers = numbers.cast_into::<PyArrayDyn<f64>>()?.try_readonly()?;
        narrowed(value.py(), &numbers, what).map(Self)
    }

    pub(crate) fn shape(&self) -> &[usize] {
        self.0.shape()
    }

    pub(crate) fn as_slice(&self) -> PyResult<&[i8]> {
        Ok(self.0.as_slice()?)
    }
}

/// Numbers as int8, none of which is changed by that.
fn narrowed<'py>(
    py: Python<'py>,
    numbers: &PyReadonlyArrayDyn<'py, f64>,
    what: &str,
) -> PyResult<PyReadonlyArrayDyn<'py, i8>> {
    let (shape, numbers) = (numbers.shape(), numbers.as_slice()?);
    if let Some(at) = numbers.iter().position(|&x| x.abs() != 1.0 && x != 0.0) {
        let n = *shape.last().unwrap_or(&1);
        let rows = if shape.len() == 3 { shape[1] } else { usize::MAX };
        let error = PatternsError::NotASign { row: at / n % rows, unit: at % n, value: numbers[at] };
        return Err(refusal::patterns(what, (shape.len() == 3).then(|| at / n / rows), &error));
    }
    let signs: Vec<i8> = numbers.iter().map(|&x| x as i8).collect();
    Ok(joined(py, shape, &[&signs])?.try_readonly()?)
}

/// Message sets of an argument, and whether it is a batch of them.
pub(crate) fn message_sets(value: &Bound<'_, PyAny>) -> PyResult<(Vec<Patterns>, bool)> {
    let signs = Signs::new(value, "messages")?;
    let (trials, m, n, is_batch) = match *signs.shape() {
        [m, n] => (1, m, n, false),
        [trials, m, n] if trials > 0 => (trials, m, n, true),
        ref shape => {
            let needed = "one set [M, N] or a batch of sets [T, M, N] is needed";
            return Err(refusal::PatternsError::new_err(format!(
                "messages: their shape is {shape:?}; {needed}"
            )));
        }
    };
    let signs = signs.as_slice()?;
    let set = |trial: usize| {
        let messages = Patterns::new(n, signs[trial * m * n..][..m * n].to_vec());
        messages.map_err(|error| refusal::patterns("messages", is_batch.then_some(trial), &error))
    };
    Ok(((0..trials).map(set).collect::<PyResult<_>>()?, is_batch))
}

/// The matrices [N, N] of an argument, one a trial, and whether it is a batch of them, [T, N, N].
pub(crate) fn matrices(value: &Bound<'_, PyAny>, what: &str) -> PyResult<(Vec<Mat<f32>>, bool)> {
    parts(value, what, "N, N", |part| Mat::from_fn(part.shape()[0], part.shape()[1], |i, j| part[[i, j]]))
}

/// The vectors [N] of an argument, one a trial, and whether it is a batch of them, [T, N].
pub(crate) fn vectors(value: &Bound<'_, PyAny>, what: &str) -> PyResult<(Vec<Vec<f32>>, bool)> {
    parts(value, what, "N", |part| part.iter().copied().collect())
}

/// The parts of an argument of whatever type of numbers, as float32.
fn parts<T>(
    value: &Bound<'_, PyAny>,
    what: &str,
    axes: &str,
    make: impl Fn(ArrayViewD<'_, f32>) -> T,
) -> PyResult<(Vec<T>, bool)> {
    let numpy = value.py().import(intern!(value.py(), "numpy"))?;
    let array = numpy.call_method1("asarray", (value, "float32"))?.cast_into::<PyArrayDyn<f32>>()?;
    let array = array.try_readonly()?;
    let (array, own) = (array.as_array(), axes.split(',').count());
    match array.ndim() {
        given if given == own => Ok((vec![make(array)], false)),
        given if given == own + 1 && array.shape()[0] > 0 => {
            Ok((array.outer_iter().map(make).collect(), true))
        }
        _ => {
            let shape = array.shape();
            let error =
                format!("{what} has the shape {shape:?}; [{axes}] is needed, or [T, {axes}] of a batch");
            Err(refusal::WeightsError::new_err(error))
        }
    }
}

/// Parts that lie one after another, as one array.
pub(crate) fn joined<'py, T: Element + Copy>(
    py: Python<'py>,
    shape: &[usize],
    parts: &[&[T]],
) -> PyResult<Bound<'py, PyArrayDyn<T>>> {
    let array = PyArrayDyn::<T>::zeros(py, shape, false);
    let mut room = array.try_readwrite()?;
    let mut rest = room.as_slice_mut()?;
    for part in parts {
        let (to, after) = rest.split_at_mut(part.len());
        to.copy_from_slice(part);
        rest = after;
    }
    drop(room);
    Ok(array)
}

/// A square matrix that an object owns and never changes, as an array that shares its numbers and keeps the object.
/// The array cannot be written to.
pub(crate) fn view<'py>(matrix: MatRef<'_, f32>, owner: Bound<'py, PyAny>) -> Bound<'py, PyAny> {
    let (n, stride) = (matrix.nrows(), matrix.col_stride().unsigned_abs());
    // SAFETY: the matrix has n columns of n entries each, `stride` apart, as every matrix that owns its entries; these
    // live and stay as they are as long as their owner, whom the array refers to.
    let array = unsafe {
        let entries = ArrayView2::from_shape_ptr((n, n).strides((1, stride)), matrix.as_ptr());
        PyArray2::borrow_from_array(&entries, owner)
    };
    array.readwrite().make_nonwriteable();
    array.into_any()
}
