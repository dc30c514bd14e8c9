//! Store named arrays as safetensors: column-major in memory, row-major on disk, the same bytes every time.

use super::{Error, files};
use crate::linalg::Scalar;
use safetensors::tensor::{Dtype, SafeTensors, TensorView, serialize};
use std::fs;
use std::path::Path;

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
    /// An array from its values in column-major order, which is how matrices are held in memory.
    ///
    /// # Panics
    /// If the shape asks for more or fewer values.
    pub fn new<T: Scalar>(name: impl Into<String>, shape: &[usize], values: &[T]) -> Self {
        assert_eq!(
            shape.iter().product::<usize>(),
            values.len(),
            "as many values as the shape asks for"
        );
        let ordered = columns_to_rows(shape).map(|index| values[index].to_f64());
        let (precision, bytes) = match size_of::<T>() {
            4 => (Dtype::F32, ordered.flat_map(|x| (x as f32).to_le_bytes()).collect()),
            _ => (Dtype::F64, ordered.flat_map(f64::to_le_bytes).collect()),
        };
        Self {
            name: name.into(),
            shape: shape.to_vec(),
            precision,
            bytes,
        }
    }

    /// The values in column-major order; from double to single precision they are rounded.
    pub fn values<T: Scalar>(&self) -> Vec<T> {
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
        for (index, x) in columns_to_rows(&self.shape).zip(stored) {
            values[index] = T::of(x);
        }
        values
    }
}

/// For each element in row-major order (last axis fastest), its place in column-major order (first axis fastest).
fn columns_to_rows(shape: &[usize]) -> impl Iterator<Item = usize> + '_ {
    (0..shape.iter().product()).map(move |mut rest| {
        let mut stride: usize = shape.iter().product();
        let mut place = 0;
        for &length in shape.iter().rev() {
            stride /= length;
            place += rest % length * stride;
            rest /= length;
        }
        place
    })
}

/// Writes arrays to one file, whole or not at all. Equal arrays make equal bytes.
///
/// # Errors
/// [`Error::Io`], or [`Error::Arrays`] if two arrays share a name.
pub fn save(path: &Path, arrays: &[Array]) -> Result<(), Error> {
    let damaged = |problem| Error::Arrays {
        path: path.to_owned(),
        problem,
    };
    let mut names: Vec<&str> = arrays.iter().map(|array| &*array.name).collect();
    names.sort_unstable();
    if let Some(twice) = names.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(damaged(format!("two arrays are called `{}`", twice[0])));
    }
    let views = arrays
        .iter()
        .map(|array| {
            Ok((
                &*array.name,
                TensorView::new(array.precision, array.shape.clone(), &array.bytes)?,
            ))
        })
        .collect::<Result<Vec<_>, _>>()
        .map_err(|e: safetensors::SafeTensorError| damaged(e.to_string()))?;
    // No metadata: the format keeps it in a hash map, whose order differs from write to write.
    let bytes = serialize(views, None).map_err(|e| damaged(e.to_string()))?;
    files::place(path, &bytes)
}

/// Reads all arrays of a file, in the order of their names.
///
/// # Errors
/// [`Error::Io`], or [`Error::Arrays`] if the file is damaged or holds anything but single and double precision.
pub fn load(path: &Path) -> Result<Vec<Array>, Error> {
    let damaged = |problem| Error::Arrays {
        path: path.to_owned(),
        problem,
    };
    let bytes = fs::read(path).map_err(Error::io("read", path))?;
    let stored = SafeTensors::deserialize(&bytes).map_err(|e| damaged(e.to_string()))?;
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
            other => Err(damaged(format!(
                "`{name}` holds {other:?}; only F32 and F64 can be read"
            ))),
        })
        .collect::<Result<Vec<_>, _>>()?;
    arrays.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(arrays)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::Matrix;

    fn arrays() -> Vec<Array> {
        let weight = Matrix::from_row_slice(2, 3, &[1.0f32, 2.0, 3.0, 4.0, 5.0, 6.0]);
        vec![
            Array::new("layer1.weight", &[2, 3], weight.as_slice()),
            Array::new("layer1.bias", &[2], &[0.1f64, -0.0]),
            Array::new("cube", &[2, 2, 2], &[0.0f32, 4.0, 2.0, 6.0, 1.0, 5.0, 3.0, 7.0]),
        ]
    }

    /// Reads the file with nothing but the format's definition: a length, a JSON header, the numbers.
    #[test]
    fn numbers_are_row_major_on_disk() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("w.safetensors");
        save(&path, &arrays()).unwrap();
        let bytes = fs::read(path).unwrap();
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
    }

    #[test]
    fn arrays_come_back_and_bytes_repeat() {
        let folder = tempfile::tempdir().unwrap();
        let (one, two) = (folder.path().join("1"), folder.path().join("2"));
        save(&one, &arrays()).unwrap();
        let mut loaded = load(&one).unwrap();
        assert_eq!(
            loaded.iter().map(|a| &*a.name).collect::<Vec<_>>(),
            ["cube", "layer1.bias", "layer1.weight"]
        );
        assert_eq!(loaded[2].values::<f32>(), [1.0, 4.0, 2.0, 5.0, 3.0, 6.0]);
        assert_eq!(loaded[1].values::<f64>()[1].to_bits(), (-0.0f64).to_bits());
        loaded.reverse();
        save(&two, &loaded).unwrap();
        assert_eq!(fs::read(one).unwrap(), fs::read(two).unwrap());
    }

    #[test]
    fn damage_and_equal_names_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("w.safetensors");
        let twice = [arrays().remove(0), arrays().remove(0)];
        assert!(save(&path, &twice).unwrap_err().to_string().contains("layer1.weight"));
        save(&path, &arrays()).unwrap();
        let bytes = fs::read(&path).unwrap();
        for length in [0, 4, 20, bytes.len() - 1] {
            fs::write(&path, &bytes[..length]).unwrap();
            assert!(load(&path).unwrap_err().to_string().contains("w.safetensors"));
        }
    }
}
