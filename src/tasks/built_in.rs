//! Provide small tables of measurements, built in: iris flowers and wheat seeds.

use super::{DataSet, Facts, Image, Inputs, Kind, Places, Samples, Source, Target, Targets, TaskError, image};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// A line `150,4,names`, then rows: measurements and species. Licence and citation stand beside the files.
const IRIS: &str = include_str!("data/iris.csv");
/// Rows: measurements and variety, from 1.
const WHEAT_SEEDS: &str = include_str!("data/wheat-seeds.csv");

/// Fisher's iris flowers (1936): length and width of sepals and petals in centimetres, three species of 50 plants each.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Iris {
    /// The species, or the measurements themselves.
    pub target: Target,
    /// Channels, rows and columns of the inputs where they are an image, such as `(1, 8, 8)`, for convolutions; left out, they are
    /// a plain row of numbers.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "image::bare")]
    pub image: Option<Image>,
}

/// Wheat kernels (Charytanowicz et al. 2010): seven measurements of 210 kernels, three varieties of 70 kernels each.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct WheatSeeds {
    /// The variety, or the measurements themselves.
    pub target: Target,
    /// Channels, rows and columns of the inputs where they are an image, such as `(1, 8, 8)`, for convolutions; left out, they are
    /// a plain row of numbers.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "image::bare")]
    pub image: Option<Image>,
}

/// What is known of a built-in table: measurements, rows, what the classes are called.
struct BuiltInTable {
    inputs: usize,
    rows: u32,
    names: [&'static str; 3],
}

const IRIS_TABLE: BuiltInTable = BuiltInTable {
    inputs: 4,
    rows: 150,
    names: ["setosa", "versicolor", "virginica"],
};

const WHEAT_SEEDS_TABLE: BuiltInTable = BuiltInTable {
    inputs: 7,
    rows: 210,
    names: ["Kama", "Rosa", "Canadian"],
};

impl BuiltInTable {
    fn facts(&self) -> Facts {
        let bytes = u64::from(self.rows) * (8 * self.inputs as u64 + 4);
        Facts::new(self.inputs, Kind::Classes(3), Samples::without_test(self.rows), bytes)
    }

    /// The rows of `text`, whose classes are counted from `first`.
    fn read(&self, text: &str, first: u32) -> DataSet {
        let (mut inputs, mut labels) = (Vec::new(), Vec::new());
        for row in text.lines() {
            let (measured, class) = row.rsplit_once(',').expect("built-in rows have several cells");
            let numbers = measured.split(',').map(|number| number.parse::<f64>());
            inputs.extend(numbers.map(|number| number.expect("built-in data are numbers")));
            labels.push(class.parse::<u32>().expect("built-in classes are whole numbers") - first);
        }
        let names = self.names.map(str::to_string).into();
        DataSet::new(
            Inputs::Numbers(inputs),
            self.inputs,
            Targets::Classes { labels, names },
            Samples::without_test(self.rows),
        )
    }
}

impl Source for Iris {
    fn about(&self) -> String {
        "iris flowers, 4 measurements, 150 plants of 3 species, built in (Fisher 1936)".into()
    }

    fn target(&self) -> Target {
        self.target
    }

    fn image(&self) -> Option<Image> {
        self.image
    }

    fn facts(&self, _: &Path) -> Result<Facts, TaskError> {
        Ok(IRIS_TABLE.facts())
    }

    fn load(&self, _: Places<'_>) -> Result<DataSet, TaskError> {
        let (_, rows) = IRIS.split_once('\n').expect("the file has a first line");
        Ok(IRIS_TABLE.read(rows, 0))
    }
}

impl Source for WheatSeeds {
    fn about(&self) -> String {
        "wheat kernels, 7 measurements, 210 kernels of 3 varieties, built in (Charytanowicz et al. 2010)".into()
    }

    fn target(&self) -> Target {
        self.target
    }

    fn image(&self) -> Option<Image> {
        self.image
    }

    fn facts(&self, _: &Path) -> Result<Facts, TaskError> {
        Ok(WHEAT_SEEDS_TABLE.facts())
    }

    fn load(&self, _: Places<'_>) -> Result<DataSet, TaskError> {
        Ok(WHEAT_SEEDS_TABLE.read(WHEAT_SEEDS, 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::empty;

    /// Means of the measurements, over all samples.
    fn means(data: &DataSet) -> Vec<f64> {
        let (mut x, mut y) = (empty::<f64>(), empty::<f64>());
        data.gather(&(0..data.samples().total()).collect::<Vec<_>>(), &mut x, &mut y);
        (0..x.nrows()).map(|row| x.row(row).mean()).collect()
    }

    /// Fisher's table 1 and its usual summary: means 5.843, 3.057, 3.758, 1.199.
    #[test]
    fn iris_is_fisher_s() {
        let data = Iris::default().load(Places::none()).unwrap();
        for (mean, expected) in means(&data).iter().zip([5.843, 3.057, 3.758, 1.199]) {
            assert!((mean - expected).abs() < 5e-4, "{mean} is not {expected}");
        }
        let labels = data.labels().unwrap();
        assert!((0..3).all(|class| labels.iter().filter(|&&label| label == class).count() == 50));
        assert!(IRIS.starts_with("150,4,setosa,versicolor,virginica\n"));
    }

    #[test]
    fn wheat_seeds_are_as_published() {
        let sum = |text: &str| crate::digest::sha256(text.as_bytes());
        let licences = include_str!("data/LICENCES.md");
        assert!(licences.contains(&sum(WHEAT_SEEDS)) && licences.contains(&sum(IRIS)));
        let data = WheatSeeds::default().load(Places::none()).unwrap();
        let labels = data.labels().unwrap();
        assert!((0..3).all(|class| labels.iter().filter(|&&label| label == class).count() == 70));
        let (mut x, mut y) = (empty::<f64>(), empty::<f64>());
        data.gather(&[0], &mut x, &mut y);
        // The first line of the file.
        assert_eq!(x.as_slice(), [15.26, 14.84, 0.871, 5.763, 3.312, 2.221, 5.22]);
        assert_eq!(y.as_slice(), [1.0, 0.0, 0.0]);
    }
}
