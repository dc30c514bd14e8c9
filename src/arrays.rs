//! Encode named arrays as safetensors and read them: column-major in memory, row-major on disk, the same bytes every time.

use crate::files;
use crate::linalg::Scalar;
use safetensors::tensor::{Dtype, SafeTensorError, SafeTensors, TensorView, serialize};
use std::collections::HashMap;
use std::fmt;
use std::io;
use std::ops::Deref;
use std::path::Path;
use thiserror::Error;

/// A larger file of arrays is not read.
pub(crate) const MOST_BYTES: u64 = 1 << 33;

/// Most axes of an array.
const MOST_AXES: usize = 6;

/// Lengths of the axes of an array, and how it lies in memory: as a column-major matrix whose rows run through the first axes and
/// whose columns run through the others, the last of each fastest. In files the array is row-major over all axes, which is the matrix
/// row by row.
///
/// It reads as the lengths of the axes: `shape[0]`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    lengths: [usize; MOST_AXES],
    /// How many axes there are, and how many of them the rows run through.
    axes: usize,
    row_axes: usize,
}

impl Shape {
    /// Rows that run through some axes, and columns that run through others.
    ///
    /// # Panics
    /// If there are more than six axes.
    pub fn new(rows: &[usize], columns: &[usize]) -> Self {
        let mut lengths = [1; MOST_AXES];
        let all = rows.iter().chain(columns);
        let axes = rows.len() + columns.len();
        assert!(axes <= MOST_AXES, "an array has at most {MOST_AXES} axes");
        lengths.iter_mut().zip(all).for_each(|(length, given)| *length = *given);
        Self {
            lengths,
            axes,
            row_axes: rows.len(),
        }
    }

    /// A matrix.
    pub fn matrix(rows: usize, columns: usize) -> Self {
        Self::new(&[rows], &[columns])
    }

    /// A list of numbers.
    pub fn list(length: usize) -> Self {
        Self::new(&[length], &[])
    }

    /// Rows of the matrix in memory.
    pub fn rows(&self) -> usize {
        self[..self.row_axes].iter().product()
    }

    /// Its columns.
    pub fn columns(&self) -> usize {
        self[self.row_axes..].iter().product()
    }

    /// For each element in row-major order, as in files, its place in memory.
    fn places(self) -> impl Iterator<Item = usize> {
        let (rows, columns) = (self.rows(), self.columns());
        (0..rows).flat_map(move |row| (0..columns).map(move |column| column * rows + row))
    }
}

impl Deref for Shape {
    type Target = [usize];

    fn deref(&self) -> &[usize] {
        &self.lengths[..self.axes]
    }
}

/// The lengths of the axes, as of a list.
impl fmt::Debug for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

/// The first axis is the rows', the others are the columns'.
impl From<&[usize]> for Shape {
    fn from(lengths: &[usize]) -> Self {
        let (rows, columns) = lengths.split_at(lengths.len().min(1));
        Self::new(rows, columns)
    }
}

impl<const N: usize> From<&[usize; N]> for Shape {
    fn from(lengths: &[usize; N]) -> Self {
        Self::from(&lengths[..])
    }
}

impl<const N: usize> PartialEq<[usize; N]> for Shape {
    fn eq(&self, lengths: &[usize; N]) -> bool {
        **self == lengths[..]
    }
}

/// A named array in single or double precision, of any number of axes.
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    /// Such as `layer1.weight`.
    pub name: String,
    /// Lengths of the axes: `[out, in]` of a weight matrix.
    pub shape: Vec<usize>,
    precision: Dtype,
    /// As on disk: row-major, little-endian.
    bytes: Vec<u8>,
}

impl Array {
    /// An array from its values in the order of memory.
    ///
    /// # Panics
    /// If the shape asks for more or fewer values.
    pub fn new<T: Scalar>(name: impl Into<String>, shape: impl Into<Shape>, values: &[T]) -> Self {
        let shape = shape.into();
        assert_eq!(
            shape.iter().product::<usize>(),
            values.len(),
            "as many values as the shape asks for"
        );
        let ordered = shape.places().map(|index| values[index].to_f64());
        let precision = precision::<T>();
        let mut bytes = Vec::with_capacity(size_of_val(values));
        match precision {
            Dtype::F32 => ordered.for_each(|x| bytes.extend((x as f32).to_le_bytes())),
            _ => ordered.for_each(|x| bytes.extend(x.to_le_bytes())),
        }
        Self {
            name: name.into(),
            shape: shape.to_vec(),
            precision,
            bytes,
        }
    }

    /// The values, column-major with the first axis for rows; from double to single precision they are rounded.
    pub fn values<T: Scalar>(&self) -> Vec<T> {
        self.values_in(self.shape[..].into())
    }

    /// Puts the values, bit for bit, where an array of this shape is in memory, and says whether it could: shape and precision must be
    /// those of the array.
    #[must_use]
    pub fn restore<T: Scalar>(&self, shape: Shape, values: &mut [T]) -> bool {
        let same = self.shape == *shape && self.precision == precision::<T>();
        if same {
            values.copy_from_slice(&self.values_in(shape));
        }
        same
    }

    /// The values in the order of memory, of an array of this shape.
    fn values_in<T: Scalar>(&self, shape: Shape) -> Vec<T> {
        let stored: Vec<f64> = match self.precision {
            Dtype::F32 => self
                .bytes
                .as_chunks()
                .0
                .iter()
                .map(|&b| f64::from(f32::from_le_bytes(b)))
                .collect(),
            _ => self
                .bytes
                .as_chunks()
                .0
                .iter()
                .map(|&b| f64::from_le_bytes(b))
                .collect(),
        };
        let mut values = vec![T::ZERO; stored.len()];
        for (index, x) in shape.places().zip(stored) {
            values[index] = T::of(x);
        }
        values
    }
}

/// What files call the numbers of a type.
fn precision<T: Scalar>() -> Dtype {
    match size_of::<T>() {
        4 => Dtype::F32,
        _ => Dtype::F64,
    }
}

/// Why arrays could not be read or stored.
#[derive(Debug, Error)]
pub enum ArraysError {
    /// The file system refused to read.
    #[error("{0}")]
    Io(io::Error),
    /// The file is damaged, or holds what arrays cannot be.
    #[error("{0}")]
    Damaged(String),
}

/// The bytes of a safetensors file that holds these arrays. Equal arrays make equal bytes.
///
/// # Errors
/// [`ArraysError::Damaged`] if two arrays share a name.
pub fn encode(arrays: &[Array]) -> Result<Vec<u8>, ArraysError> {
    encode_described(arrays, None)
}

/// What the description of the arrays is called in the file's metadata.
const DESCRIPTION: &str = "creditlab";

/// As [`encode`], with a text about the arrays in the file's metadata.
///
/// # Errors
/// As [`encode`].
pub fn encode_described(arrays: &[Array], description: Option<&str>) -> Result<Vec<u8>, ArraysError> {
    let mut names: Vec<&str> = arrays.iter().map(|array| &*array.name).collect();
    names.sort_unstable();
    if let Some(twice) = names.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(ArraysError::Damaged(format!("two arrays are called `{}`", twice[0])));
    }
    let mut views = Vec::new();
    for array in arrays {
        let view = TensorView::new(array.precision, array.shape.clone(), &array.bytes).map_err(damaged)?;
        views.push((&*array.name, view));
    }
    // No more than one entry: the format keeps metadata in a hash map, whose order differs from write to write.
    let metadata = description.map(|text| HashMap::from([(DESCRIPTION.to_owned(), text.to_owned())]));
    serialize(views, metadata).map_err(damaged)
}

/// Reads all arrays of a file, in the order of their names.
///
/// # Errors
/// [`ArraysError::Io`], or [`ArraysError::Damaged`] if the file is damaged or holds anything but single and double precision.
pub fn load(path: &Path) -> Result<Vec<Array>, ArraysError> {
    decode(&files::read(path, MOST_BYTES).map_err(ArraysError::Io)?)
}

/// As [`load`], with the text about the arrays, if there is one.
///
/// # Errors
/// As [`load`].
pub fn load_described(path: &Path) -> Result<(Vec<Array>, Option<String>), ArraysError> {
    let bytes = files::read(path, MOST_BYTES).map_err(ArraysError::Io)?;
    let arrays = decode(&bytes)?;
    let (_, header) = SafeTensors::read_metadata(&bytes).map_err(damaged)?;
    let metadata = header.metadata().as_ref();
    Ok((arrays, metadata.and_then(|metadata| metadata.get(DESCRIPTION).cloned())))
}

/// All arrays of a file with this content, in the order of their names.
///
/// # Errors
/// [`ArraysError::Damaged`], as [`load`].
pub fn decode(bytes: &[u8]) -> Result<Vec<Array>, ArraysError> {
    let stored = SafeTensors::deserialize(bytes).map_err(damaged)?;
    let mut arrays = stored
        .tensors()
        .into_iter()
        .map(|(name, view)| match view.dtype() {
            precision @ (Dtype::F32 | Dtype::F64) => Ok(Array {
                name,
                shape: view.shape().to_vec(),
                precision,
                bytes: view.data().to_vec(),
            }),
            other => Err(ArraysError::Damaged(format!(
                "`{name}` holds {other:?}; only F32 and F64 can be read"
            ))),
        })
        .collect::<Result<Vec<_>, _>>()?;
    arrays.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(arrays)
}

/// The values, in the order of memory, of the array of this name and shape.
///
/// # Errors
/// There is none, or some number in it is not finite; as the end of a sentence that begins with the file.
pub fn find<T: Scalar>(arrays: &[Array], name: &str, shape: impl Into<Shape>) -> Result<Vec<T>, String> {
    let shape = shape.into();
    let Some(array) = arrays.iter().find(|array| array.name == name) else {
        let lengths: Vec<_> = shape.iter().map(usize::to_string).collect();
        return Err(format!("has no array `{name}`, {}", lengths.join(" x ")));
    };
    if array.shape != *shape {
        return Err(format!(
            "holds `{name}` in the shape {:?}, not {:?}",
            array.shape, &*shape
        ));
    }
    let values = array.values_in::<T>(shape);
    if values.iter().all(|value| value.is_finite()) {
        Ok(values)
    } else {
        Err(format!("holds numbers in `{name}` that are not finite"))
    }
}

fn damaged(error: SafeTensorError) -> ArraysError {
    ArraysError::Damaged(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::Matrix;
    use std::fs;

    fn arrays() -> Vec<Array> {
        let weight = Matrix::from_row_slice(2, 3, &[1.0f32, 2.0, 3.0, 4.0, 5.0, 6.0]);
        vec![
            Array::new("layer1.weight", &[2, 3], weight.as_slice()),
            Array::new("layer1.bias", &[2], &[0.1f64, -0.0]),
            Array::new("cube", &[2, 2, 2], &[0.0f32, 4.0, 1.0, 5.0, 2.0, 6.0, 3.0, 7.0]),
            Array::new(
                "map",
                Shape::new(&[1, 2, 2], &[2]),
                &[0.0f32, 2.0, 4.0, 6.0, 1.0, 3.0, 5.0, 7.0],
            ),
        ]
    }

    /// Reads the file with nothing but the format's definition: a length, a JSON header, the numbers.
    #[test]
    fn numbers_are_row_major_on_disk() {
        let bytes = encode(&arrays()).unwrap();
        let (length, rest) = bytes.split_first_chunk().unwrap();
        let (header, data) = rest.split_at(u64::from_le_bytes(*length) as usize);
        let header: serde_json::Value = serde_json::from_slice(header).unwrap();
        let floats = |name: &str| {
            let range = &header[name]["data_offsets"];
            let bytes = &data[range[0].as_u64().unwrap() as usize..range[1].as_u64().unwrap() as usize];
            bytes
                .as_chunks()
                .0
                .iter()
                .map(|&b| f32::from_le_bytes(b))
                .collect::<Vec<_>>()
        };
        assert_eq!(header["layer1.weight"]["shape"], serde_json::json!([2, 3]));
        assert_eq!(header["layer1.bias"]["dtype"], "F64");
        assert_eq!(floats("layer1.weight"), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        assert_eq!(floats("cube"), [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]);
        assert_eq!(floats("map"), [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]);
        assert_eq!(header["map"]["shape"], serde_json::json!([1, 2, 2, 2]));
    }

    #[test]
    fn arrays_come_back_and_bytes_repeat() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("w.safetensors");
        let bytes = encode(&arrays()).unwrap();
        fs::write(&path, &bytes).unwrap();
        let mut loaded = load(&path).unwrap();
        assert_eq!(
            loaded.iter().map(|a| &*a.name).collect::<Vec<_>>(),
            ["cube", "layer1.bias", "layer1.weight", "map"]
        );
        let map = Shape::new(&[1, 2, 2], &[2]);
        let values = find::<f32>(&loaded, "map", map).unwrap();
        assert_eq!(values, [0.0, 2.0, 4.0, 6.0, 1.0, 3.0, 5.0, 7.0]);
        assert!(
            find::<f32>(&loaded, "map", &[4, 2])
                .unwrap_err()
                .ends_with("[1, 2, 2, 2], not [4, 2]")
        );
        assert_eq!(loaded[2].values::<f32>(), [1.0, 4.0, 2.0, 5.0, 3.0, 6.0]);
        assert_eq!(loaded[1].values::<f64>()[1].to_bits(), (-0.0f64).to_bits());
        loaded.reverse();
        assert_eq!(encode(&loaded).unwrap(), bytes);
    }

    #[test]
    fn damage_and_equal_names_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("w.safetensors");
        let twice = [arrays().remove(0), arrays().remove(0)];
        assert!(encode(&twice).unwrap_err().to_string().contains("layer1.weight"));
        let bytes = encode(&arrays()).unwrap();
        for length in [0, 4, 20, bytes.len() - 1] {
            fs::write(&path, &bytes[..length]).unwrap();
            assert!(load(&path).is_err(), "{length} bytes");
        }
    }
}
