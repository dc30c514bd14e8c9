//! Say all that must be known to use saved weights elsewhere, and make the network of them again.

use super::names::{step_of, weights_folder};
use super::{EntryKind, Folder, Meaning, ResultsError};
use crate::arrays::{self, Array};
use crate::experiment::{Arm, LayerPlan, NetworkInputs, NetworkShape, Plan, Precision};
use crate::linalg::{Matrix, Scalar, Vector};
use crate::network::{Activation, Layer, Map, Network, bias_name, weight_name};
use crate::notation::Document;
use crate::tasks::{Csv, DataSet, Fitted, Task};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// What stands in the metadata of a file of weights, as JSON under `creditlab`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Description {
    /// The program's version.
    pub creditlab: String,
    /// What was learned, as experiment files write it.
    pub task: String,
    /// Which rule trained.
    pub rule: String,
    /// Whether that rule predicts in a way of its own, which is not in the file.
    pub own_prediction: bool,
    /// The run's seed.
    pub seed: u64,
    /// Changes applied.
    pub step: u64,
    /// What the network computes in.
    pub precision: Precision,
    /// Of each layer, from the input up.
    pub activations: Vec<Activation>,
    /// The hidden layers, as experiment files write them, where some are maps; else the arrays say all of them.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub hidden: Option<String>,
    /// Channels, rows and columns of a sample, where some layers are maps.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub image: Option<Map>,
    /// What inputs are divided by before anything else: pixels.
    pub divisor: Option<u8>,
    /// The columns of inputs, where the task is a table.
    pub inputs: Option<Vec<String>>,
    /// How inputs and target values are scaled, as fitted on this run's training part.
    pub scale: Option<Fitted>,
    /// What the outputs stand for.
    pub outputs: Meaning,
}

/// The steps at which a run left weights, in order; none where it left no folder of them.
///
/// # Errors
/// The folder cannot be read.
pub fn saved_steps(results: &Folder, arm: &str, seed: u64) -> Result<Vec<u64>, ResultsError> {
    let files = results.entries(&weights_folder(arm, seed))?;
    let plain = files.iter().filter(|(_, kind)| *kind == EntryKind::File);
    let mut steps: Vec<u64> = plain.filter_map(|(name, _)| step_of(name)).collect();
    steps.sort_unstable();
    Ok(steps)
}

impl Description {
    /// Of a run's network after `step` changes; `data` are the samples as the run saw them.
    pub fn new(plan: &Plan, arm: &Arm, seed: u64, step: u64, data: &DataSet) -> Self {
        let shape = &arm.settings.network;
        Self {
            creditlab: env!("CARGO_PKG_VERSION").into(),
            task: plan.task_text(),
            rule: arm.rule.rule.name().into(),
            own_prediction: arm.rule.rule.predicts(),
            seed,
            step,
            precision: plan.precision,
            activations: (0..=shape.hidden_layers()).map(|l| shape.activation_of(l)).collect(),
            hidden: shape.has_maps().then(|| shape.hidden_text()),
            image: data.image().filter(|_| shape.has_maps()),
            divisor: data.divisor(),
            inputs: Some(data.reading().inputs.clone()).filter(|names| !names.is_empty()),
            scale: data.fitted().cloned(),
            outputs: Meaning::of(data),
        }
    }

    /// The table that was learned from, with how it is cut into cells; absent for other tasks.
    pub fn table(&self) -> Option<Csv> {
        match self.learned() {
            Some(Task::Csv(table)) => Some(table),
            _ => None,
        }
    }

    /// The image that each sample of so many inputs is, as far as it is told here: files of the user's own are not looked into.
    pub fn image_of(&self, inputs: usize) -> Option<Map> {
        self.image.or_else(|| self.learned()?.image_of(inputs))
    }

    fn learned(&self) -> Option<Task> {
        let document = Document::parse("the task of the weights", self.task.as_str()).ok()?;
        document.root().read::<Task>().ok()
    }
}

/// A network from a file, with what must be known to use it.
pub struct Saved {
    /// What must be known.
    pub description: Description,
    /// All arrays of the file.
    arrays: Vec<Array>,
}

impl Saved {
    /// Writes the arrays of a run with their description to a file of a results folder, whole or not at all. Equal runs make equal
    /// bytes.
    ///
    /// # Errors
    /// As [`Folder::place`], or [`ResultsError::Arrays`] if two arrays share a name.
    pub fn place(folder: &Folder, name: &str, arrays: &[Array], description: &Description) -> Result<(), ResultsError> {
        let text = serde_json::to_string(description).expect("finite numbers and text");
        let bytes = arrays::encode_described(arrays, Some(&text));
        folder.place(
            name,
            &bytes.map_err(|error| ResultsError::arrays(&folder.path().join(name), error))?,
        )
    }

    /// Reads a file of weights.
    ///
    /// # Errors
    /// [`ResultsError::Io`], or [`ResultsError::Arrays`] if the file is damaged or does not say what network it holds.
    pub fn load(path: &Path) -> Result<Self, ResultsError> {
        let (arrays, text) = arrays::load_described(path).map_err(|error| ResultsError::arrays(path, error))?;
        let problem = |problem: String| ResultsError::Arrays {
            path: path.to_owned(),
            problem,
        };
        let text = text.ok_or_else(|| {
            problem(
                "does not say what network it holds; let `creditlab run` write it, with `save: (weights: [End])`"
                    .into(),
            )
        })?;
        let description: Description = serde_json::from_str(&text)
            .map_err(|error| problem(format!("describes a network that this version does not know: {error}")))?;
        let saved = Self { description, arrays };
        let network = saved.network::<f64>().map_err(problem)?;
        let Description {
            inputs, scale, outputs, ..
        } = &saved.description;
        let (n, m) = (network.inputs(), network.outputs());
        let fits = inputs.as_ref().is_none_or(|names| names.len() == n)
            && scale.as_ref().is_none_or(|scale| scale.fits(n, m))
            && outputs.outputs() == m;
        match fits {
            true => Ok(saved),
            false => Err(problem("describes other inputs or outputs than its network has".into())),
        }
    }

    /// The network.
    ///
    /// # Errors
    /// An array is missing, or of another shape than the layer below asks for; as the end of a sentence that begins with the file.
    pub fn network<T: Scalar>(&self) -> Result<Network<T>, String> {
        if let Some(hidden) = &self.description.hidden {
            return self.network_with_maps(hidden);
        }
        let mut layers: Vec<Layer<T>> = Vec::new();
        for (l, activation) in self.description.activations.iter().enumerate() {
            let (weight, bias) = (weight_name(l), bias_name(l));
            let shape = |name: &str| {
                self.arrays
                    .iter()
                    .find(|array| array.name == name)
                    .map(|array| &array.shape[..])
            };
            let inputs = layers.last().map(Layer::outputs);
            let (rows, columns) = match shape(&weight) {
                Some(&[rows, columns]) if rows > 0 && columns > 0 && inputs.is_none_or(|inputs| inputs == columns) => {
                    (rows, columns)
                }
                Some(shape) => return Err(format!("holds `{weight}` in the shape {shape:?}, which does not fit")),
                None => return Err(format!("has no array `{weight}`")),
            };
            let mut layer = Layer::zeros(rows, columns, shape(&bias).is_some(), *activation);
            layer.weight = Matrix::from_vec(rows, columns, arrays::find(&self.arrays, &weight, &[rows, columns])?);
            if !layer.bias.is_empty() {
                layer.bias = Vector::from_vec(arrays::find(&self.arrays, &bias, &[rows])?);
            }
            layers.push(layer);
        }
        if layers.is_empty() {
            return Err("describes no layer".into());
        }
        Ok(Network { layers })
    }

    /// The network whose hidden layers are written so.
    fn network_with_maps<T: Scalar>(&self, hidden: &str) -> Result<Network<T>, String> {
        let Description {
            image,
            outputs,
            activations,
            ..
        } = &self.description;
        let unknown = "describes layers that this version does not know";
        let image = image.ok_or(unknown)?;
        let inputs = NetworkInputs {
            count: image.units(),
            image: Some(image),
        };
        let plans = NetworkShape::layers_of_text(hidden, inputs, outputs.outputs()).ok_or(unknown)?;
        if plans.len() != activations.len() {
            return Err("describes another number of layers than it has activations for".into());
        }
        let build = |(l, (plan, activation)): (usize, (&LayerPlan, &Activation))| {
            let has_biases = self.arrays.iter().any(|array| array.name == bias_name(l));
            let mut layer = Layer::new(plan.wiring, has_biases, *activation);
            layer.pool = plan.pool;
            let ((rows, columns), [axes, bias_axes]) = (plan.wiring.weight_shape(), plan.wiring.axes());
            layer.weight = Matrix::from_vec(rows, columns, arrays::find(&self.arrays, &weight_name(l), axes)?);
            if has_biases {
                layer.bias = Vector::from_vec(arrays::find(&self.arrays, &bias_name(l), bias_axes)?);
            }
            Ok(layer)
        };
        let layers = plans.iter().zip(activations).enumerate().map(build);
        Ok(Network {
            layers: layers.collect::<Result<_, String>>()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn description() -> Description {
        Description {
            creditlab: "0".into(),
            task: "Csv(path: \"t.csv\", target: \"y\", delimiter: ';')".into(),
            rule: "Backprop".into(),
            own_prediction: false,
            seed: 3,
            step: 7,
            precision: Precision::F64,
            activations: vec![Activation::LeakyRelu { slope: 0.1 }],
            hidden: None,
            image: None,
            divisor: None,
            inputs: Some(vec!["a".into(), "b".into()]),
            scale: None,
            outputs: Meaning::Values(vec!["y".into()]),
        }
    }

    #[test]
    fn a_network_comes_back_with_its_description() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("w.safetensors");
        let arrays = [Array::new("layer1.weight", &[1, 2], &[0.5, -2.0])];
        let results = Folder::open(folder.path()).unwrap();
        Saved::place(&results, "w.safetensors", &arrays, &description()).unwrap();
        let saved = Saved::load(&path).unwrap();
        assert_eq!(saved.description, description());
        let network = saved.network::<f64>().unwrap();
        assert_eq!(network.layers[0].weight, Matrix::from_row_slice(1, 2, &[0.5, -2.0]));
        assert!(network.layers[0].bias.is_empty());
        assert_eq!(network.layers[0].activation, Activation::LeakyRelu { slope: 0.1 });
        assert_eq!(saved.description.table().map(|table| table.path), Some("t.csv".into()));
    }

    #[test]
    fn an_image_is_known_from_the_file_or_from_the_task() {
        let of = |task: &str, image, inputs| {
            let task = task.to_owned();
            let description = Description {
                task,
                image,
                ..description()
            };
            description.image_of(inputs)
        };
        assert_eq!(of("Digits", None, 64), Some(Map::new(1, 8, 8)));
        assert_eq!(of("Digits", None, 65), None);
        assert_eq!(of("Mnist1d()", None, 40), Some(Map::new(1, 1, 40)));
        assert_eq!(
            of("Blobs(inputs: 6, image: (1, 2, 3))", None, 6),
            Some(Map::new(1, 2, 3))
        );
        assert_eq!(of("Iris", None, 4), None);
        // what files of the user's own are is said by the task, or by the file of weights
        let table = "Csv(path: \"no such table.csv\", target: \"y\")";
        assert_eq!(of(table, None, 4), None);
        assert_eq!(of(table, Some(Map::new(1, 2, 2)), 4), Some(Map::new(1, 2, 2)));
        assert_eq!(of("of a later version", None, 4), None);
    }

    #[test]
    fn what_does_not_fit_the_arrays_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("w.safetensors");
        let results = Folder::open(folder.path()).unwrap();
        let refused = |description: &Description| {
            let arrays = [Array::new("layer1.weight", &[1, 2], &[0.5, -2.0])];
            Saved::place(&results, "w.safetensors", &arrays, description).unwrap();
            Saved::load(&path)
                .err()
                .map(|error| error.to_string())
                .unwrap_or_default()
        };
        assert_eq!(refused(&description()), "");
        let with = |change: &dyn Fn(&mut Description)| {
            let mut description = description();
            change(&mut description);
            refused(&description)
        };
        let other = "describes other inputs or outputs than its network has";
        assert!(with(&|d| d.inputs = Some(vec!["a".into()])).contains(other));
        assert!(with(&|d| d.outputs = Meaning::Classes(vec!["a".into(), "b".into()])).contains(other));
        assert!(with(&|d| d.activations.push(Activation::Tanh)).contains("has no array `layer2.weight`"));
        assert!(with(&|d| d.activations.clear()).contains("describes no layer"));
    }
}
