//! Sum up what a data set holds, part by part, and warn of what a network would learn badly from.

use super::reading::{few, shown};
use super::scale::fold;
use super::{DataSet, Parts, Scale, Scaling, Split, TaskError};

/// Labels that are looked through, over all seeds, for classes that a part has not.
const MOST_LABELS: usize = 1 << 25;
/// Root mean squares of inputs further from 1 than this are far from unit scale.
const LARGE: f64 = 20.0;
const SMALL: f64 = 0.02;
/// More warnings of one kind say no more.
const MOST_WARNINGS: usize = 5;

/// What a data set holds. Of a stream, whose samples are drawn as they are needed, the test set that is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// Each class with its samples in the parts of the first seed; empty where targets are values or samples are drawn.
    pub classes: Vec<ClassCount>,
    /// All inputs, before they are scaled; absent where nothing is stored.
    pub inputs: Option<Spread>,
    /// Targets that are values, before they are scaled.
    pub values: Option<Spread>,
    /// A line each.
    pub warnings: Vec<String>,
}

/// A class and how many samples of it each part has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassCount {
    /// What it is called.
    pub name: String,
    /// In the training part.
    pub train: usize,
    /// In the validation part.
    pub validation: usize,
    /// In the test part.
    pub test: usize,
}

/// How numbers are spread.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// The smallest.
    pub low: f64,
    /// The largest.
    pub high: f64,
    /// Their mean.
    pub mean: f64,
    /// Their standard deviation, divided by their number.
    pub sd: f64,
}

impl Summary {
    /// Sums up the samples as runs with these seeds see them.
    ///
    /// # Errors
    /// If they cannot be split.
    pub fn new(data: &DataSet, split: &Split, seeds: &[u64], scale: &Scale) -> Result<Self, TaskError> {
        let samples = data.samples();
        // a stream keeps its test set alone
        let stored: Vec<u32> = match data.is_stream() {
            true => (samples.training..samples.total()).collect(),
            false => (0..samples.total()).collect(),
        };
        let inputs = columns(data, &stored, false);
        let mut warnings = data.reading().warnings.clone();
        warnings.extend(far_from_unit_scale(data, &inputs, scale));
        let mut classes = Vec::new();
        if let (Some(labels), Some(names), false) = (data.labels(), data.class_names(), data.is_stream()) {
            let most = (MOST_LABELS / labels.len().max(1)).max(1);
            let mut missing = Missing::new(names);
            for (i, &seed) in seeds.iter().take(most).enumerate() {
                let parts = split.parts(data, seed)?;
                let counts = count(labels, names, &parts);
                missing.see(seed, &parts, &counts);
                if i == 0 {
                    classes = counts;
                }
            }
            warnings.extend(missing.warnings(seeds.len()));
        }
        let values = data.labels().is_none() && !data.reconstructs();
        Ok(Self {
            classes,
            inputs: spread(&inputs),
            values: values.then(|| spread(&columns(data, &stored, true))).flatten(),
            warnings,
        })
    }
}

/// Sums over one input or target.
#[derive(Clone, Copy)]
struct Sums {
    n: f64,
    low: f64,
    high: f64,
    sum: f64,
    squares: f64,
}

fn columns(data: &DataSet, samples: &[u32], targets: bool) -> Vec<Sums> {
    let start = Sums {
        n: 0.0,
        low: f64::INFINITY,
        high: f64::NEG_INFINITY,
        sum: 0.0,
        squares: 0.0,
    };
    fold(&data.unscaled(), samples, targets, start, |_, sums, x| Sums {
        n: sums.n + 1.0,
        low: sums.low.min(x),
        high: sums.high.max(x),
        sum: sums.sum + x,
        squares: sums.squares + x * x,
    })
}

/// All columns together.
fn spread(columns: &[Sums]) -> Option<Spread> {
    let n: f64 = columns.iter().map(|sums| sums.n).sum();
    let mean = columns.iter().map(|sums| sums.sum).sum::<f64>() / n;
    let squares = columns.iter().map(|sums| sums.squares).sum::<f64>() / n;
    (n > 0.0).then(|| Spread {
        low: columns.iter().map(|sums| sums.low).fold(f64::INFINITY, f64::min),
        high: columns.iter().map(|sums| sums.high).fold(f64::NEG_INFINITY, f64::max),
        mean,
        sd: (squares - mean * mean).max(0.0).sqrt(),
    })
}

/// Warns of inputs that are far from unit scale and stay so.
fn far_from_unit_scale(data: &DataSet, columns: &[Sums], scale: &Scale) -> Option<String> {
    if scale.inputs != Scaling::AsIs {
        return None;
    }
    let size = |sums: &Sums| (sums.squares / sums.n).sqrt();
    let (largest, sums) = columns
        .iter()
        .enumerate()
        .filter(|(_, sums)| sums.n > 0.0)
        .max_by(|(_, a), (_, b)| size(a).total_cmp(&size(b)))?;
    let size = size(sums);
    if size == 0.0 || (SMALL..=LARGE).contains(&size) {
        return None;
    }
    let input = match data.reading().inputs.get(largest) {
        Some(name) => format!("input {} (`{}`)", largest + 1, shown(name)),
        None => format!("input {}", largest + 1),
    };
    let is = match size > LARGE {
        true => format!("{input} runs from {} to {}", sums.low, sums.high),
        false => format!(
            "no input is larger than {input}, which runs from {} to {}",
            sums.low, sums.high
        ),
    };
    Some(format!(
        "{is}, and inputs are used as they are: networks learn badly from numbers far from 1; say `scale: (inputs: Standard)` or `scale: (inputs: MinMax)`"
    ))
}

fn count(labels: &[u32], names: &[String], parts: &Parts) -> Vec<ClassCount> {
    let of = |part: &[u32]| {
        let mut counts = vec![0; names.len()];
        part.iter()
            .for_each(|&sample| counts[labels[sample as usize] as usize] += 1);
        counts
    };
    let (train, validation, test) = (of(&parts.train), of(&parts.validation), of(&parts.test));
    let class = |(i, name): (usize, &String)| ClassCount {
        name: name.clone(),
        train: train[i],
        validation: validation[i],
        test: test[i],
    };
    names.iter().enumerate().map(class).collect()
}

/// With which seeds a part has no sample of a class.
struct Missing<'d> {
    names: &'d [String],
    /// For each class, the seeds of the training, the validation and the test part that lack it.
    seeds: Vec<[Vec<u64>; 3]>,
    /// Whether there are samples of the class at all.
    present: Vec<bool>,
}

impl<'d> Missing<'d> {
    fn new(names: &'d [String]) -> Self {
        Self {
            names,
            seeds: vec![Default::default(); names.len()],
            present: vec![false; names.len()],
        }
    }

    fn see(&mut self, seed: u64, parts: &Parts, counts: &[ClassCount]) {
        for ((class, seeds), present) in counts.iter().zip(&mut self.seeds).zip(&mut self.present) {
            let counts = [class.train, class.validation, class.test];
            *present = counts.iter().any(|&count| count > 0);
            let sizes = [parts.train.len(), parts.validation.len(), parts.test.len()];
            for ((count, size), seeds) in counts.into_iter().zip(sizes).zip(seeds) {
                if count == 0 && size > 0 {
                    seeds.push(seed);
                }
            }
        }
    }

    fn warnings(&self, all: usize) -> Vec<String> {
        let absent: Vec<_> = self
            .names
            .iter()
            .zip(&self.present)
            .filter(|(_, present)| !**present)
            .collect();
        let mut warnings = Vec::new();
        if !absent.is_empty() {
            let names = few(absent.iter().map(|(name, _)| format!("`{}`", shown(name))));
            warnings.push(format!("no sample is of class {names}"));
        }
        for (at, part) in ["training", "validation", "test"].into_iter().enumerate() {
            let classes = self.names.iter().zip(&self.seeds).zip(&self.present);
            for ((name, seeds), _) in classes.filter(|((_, seeds), present)| **present && !seeds[at].is_empty()) {
                let seeds = &seeds[at];
                let with = match seeds.len() {
                    n if n == all => String::new(),
                    1 => format!(" with seed {}", seeds[0]),
                    _ => format!(" with seeds {}", few(seeds.iter().map(u64::to_string))),
                };
                warnings.push(format!(
                    "class `{}` has no sample in the {part} part{with}; `stratified: true` in the split gives each part its share",
                    shown(name)
                ));
            }
        }
        let more = warnings.len().saturating_sub(MOST_WARNINGS);
        warnings.truncate(MOST_WARNINGS);
        if more > 0 {
            warnings.push(format!("{more} more of such warnings about classes"));
        }
        warnings
    }
}
