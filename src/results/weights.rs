//! Store the arrays of a run in a file of its result.

use super::{ResultsError, files};
use crate::arrays;
use std::path::Path;

pub use crate::arrays::Array;

/// Writes arrays to one file, whole or not at all. Equal arrays make equal bytes.
///
/// # Errors
/// [`ResultsError::Io`], or [`ResultsError::Arrays`] if two arrays share a name.
pub fn save(path: &Path, arrays: &[Array]) -> Result<(), ResultsError> {
    let bytes = arrays::encode(arrays).map_err(|error| ResultsError::arrays(path, error))?;
    files::place(path, &bytes)
}

/// Reads all arrays of a file, in the order of their names.
///
/// # Errors
/// [`ResultsError::Io`], or [`ResultsError::Arrays`] if the file is damaged or holds anything but single and double precision.
pub fn load(path: &Path) -> Result<Vec<Array>, ResultsError> {
    arrays::load(path).map_err(|error| ResultsError::arrays(path, error))
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
