//! Hold the weights of a network that stand in a file.

use super::{Activation, Layer, Shape, Wiring, bias_name, weight_name};
use crate::arrays::{self, Array};
use crate::digest::sha256;
use crate::files;
use crate::linalg::{Matrix, Scalar, Vector};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::path::Path;
use std::sync::Arc;

/// A safetensors file with `layer1.weight`, `[n_1, n_0]`, `layer1.bias`, `[n_1]`, and so on; experiment files write its path.
///
/// It is read once, by [`WeightFile::load`], and then shared. Numbers in double precision are kept exactly, and rounded where
/// the network is in single precision.
#[derive(Clone, Debug, JsonSchema)]
#[schemars(with = "String")]
pub struct WeightFile {
    path: String,
    content: Option<Arc<StoredArrays>>,
}

#[derive(Debug)]
struct StoredArrays {
    arrays: Vec<Array>,
    sha256: String,
}

impl WeightFile {
    /// The file at this path, not read yet.
    pub fn new(path: impl Into<String>) -> Self {
        let (path, content) = (path.into(), None);
        Self { path, content }
    }

    /// The path as it was written.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Reads the file; the path is relative to `folder`.
    ///
    /// # Errors
    /// The file cannot be read, or is no safetensors file of numbers in single or double precision.
    pub fn load(&mut self, folder: &Path) -> Result<(), arrays::ArraysError> {
        let bytes = files::read(&folder.join(&self.path), arrays::MOST_BYTES).map_err(arrays::ArraysError::Io)?;
        self.content = Some(Arc::new(StoredArrays {
            arrays: arrays::decode(&bytes)?,
            sha256: sha256(&bytes),
        }));
        Ok(())
    }

    /// The digest of what was read.
    pub fn sha256(&self) -> Option<&str> {
        self.content.as_ref().map(|content| &*content.sha256)
    }

    /// The names of all arrays, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let arrays = self.content.iter().flat_map(|content| &content.arrays);
        arrays.map(|array| &*array.name)
    }

    /// The values, in the order of memory, of the array of this name, which must have this shape; absent where there is none.
    pub fn array<T: Scalar>(&self, name: &str, shape: Shape) -> Option<Result<Vec<T>, String>> {
        let content = self.content.as_ref()?;
        let there = content.arrays.iter().any(|array| array.name == name);
        there.then(|| arrays::find(&content.arrays, name, shape))
    }

    /// Whether the file has the arrays of layer `l` (from 0) in the shapes of this wiring, all numbers finite, and biases exactly where the
    /// layer has them.
    ///
    /// # Errors
    /// What is wrong, as the end of a sentence that begins with the file.
    pub fn check(&self, l: usize, wiring: Wiring, bias: bool) -> Result<(), String> {
        self.fill(l, &mut Layer::<f64>::new(wiring, bias, Activation::Identity))
    }

    /// Gives the layer number `l` (from 0) the file's weights and biases.
    ///
    /// # Errors
    /// As [`WeightFile::check`].
    pub fn fill<T: Scalar>(&self, l: usize, layer: &mut Layer<T>) -> Result<(), String> {
        let content = self.content.as_ref().ok_or("has not been read")?;
        let ((rows, columns), [axes, bias_axes]) = (layer.wiring.weight_shape(), layer.wiring.axes());
        let (weight, bias) = (weight_name(l), bias_name(l));
        let values = arrays::find(&content.arrays, &weight, axes)?;
        layer.weight = Matrix::from_vec(rows, columns, values);
        if !layer.bias.is_empty() {
            layer.bias = Vector::from_vec(arrays::find(&content.arrays, &bias, bias_axes)?);
        } else if content.arrays.iter().any(|array| array.name == bias) {
            return Err(format!("holds `{bias}`, and this layer has no biases"));
        }
        Ok(())
    }
}

/// The same path with the same content.
impl PartialEq for WeightFile {
    fn eq(&self, other: &Self) -> bool {
        self.path == other.path && self.sha256() == other.sha256()
    }
}

impl Serialize for WeightFile {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.path.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for WeightFile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}
