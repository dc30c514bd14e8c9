//! Provide the data sets and synthetic tasks that networks are trained on, split their samples into parts, and scale them.
//!
//! A new task is one file that implements `Source`, one variant of [`Task`] and one line in its `source`.

mod blobs;
mod built_in;
mod data_set;
mod digits;
mod download;
mod encoding;
mod error;
mod folders;
mod fresh;
mod idx;
mod image;
pub(crate) mod in_words;
mod label_noise;
mod linear_teacher;
mod mnist;
mod mnist1d;
mod nonlinear_teacher;
mod npy;
mod own;
mod parity;
mod published;
mod reading;
mod scale;
mod seed;
mod spirals;
mod split;
mod summary;
mod synthetic;
#[cfg(test)]
mod tests;
mod xor;

pub use blobs::Blobs;
pub use built_in::{Iris, WheatSeeds};
pub use data_set::{DataSet, Inputs, Targets};
pub use digits::Digits;
pub use download::{DownloadError, Downloader};
pub use error::{DataPlace, TaskError};
pub use folders::{DataFolder, DataFolders};
pub use image::Image;
pub use label_noise::LabelNoise;
pub use linear_teacher::{LinearTeacher, TeacherWeights};
pub use mnist::{FashionMnist, Mnist};
pub use mnist1d::Mnist1d;
pub use nonlinear_teacher::{InputScale, NonlinearTeacher, OutputWeights};
pub use own::{Column, Columns, Csv, Delimiter, Header, Idx, Npy, Told, Wanted, new_rows};
pub use parity::Parity;
pub use published::{PUBLISHED, Published, PublishedFile};
pub use reading::Reading;
pub use scale::{Fitted, FittedOn, Scale, Scaling, TargetScaling};
pub use seed::Seed;
pub use spirals::Spirals;
pub use split::{FixedSplit, FoldsSplit, HeldOut, Parts, RandomSplit, Sizes, Split};
pub use summary::{ClassCount, Spread, Summary};
pub use xor::{TwoClasses, Xor};

use crate::network::Map;
use crate::references;
use crate::refusal::Refusal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// What a network is to learn, as written in an experiment: `Digits`, `Xor(samples: 4)`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub enum Task {
    /// Built in: 1,797 images of handwritten digits, 8 x 8 pixels, in ten classes.
    Digits(Digits),
    /// Built in: 150 iris flowers, 4 measurements, 3 species.
    Iris(Iris),
    /// Built in: 210 wheat kernels, 7 measurements, 3 varieties.
    WheatSeeds(WheatSeeds),
    /// Generated: exclusive or of two bits; two output units, or one with `targets: Single`.
    Xor(Xor),
    /// Generated: whether the number of ones among several bits is odd.
    Parity(Parity),
    /// Generated: points on spirals in the plane, one a class.
    Spirals(Spirals),
    /// Generated: clouds of points about centres, one a class.
    Blobs(Blobs),
    /// Generated: signals of 40 points in ten classes, MNIST-1D.
    Mnist1d(Mnist1d),
    /// Generated: `y = T x` with a random matrix `T`.
    LinearTeacher(LinearTeacher),
    /// Generated: what a random network with one hidden layer answers.
    NonlinearTeacher(NonlinearTeacher),
    /// From a data folder: handwritten digits, 28 x 28 pixels, 60,000 + 10,000 images in ten classes.
    Mnist(Mnist),
    /// From a data folder: pieces of clothing, 28 x 28 pixels, 60,000 + 10,000 images in ten classes.
    FashionMnist(FashionMnist),
    /// A table of your own, a line for each sample.
    Csv(Csv),
    /// Images of your own in IDX files.
    Idx(Idx),
    /// Arrays of your own in NPY files.
    Npy(Npy),
}

/// What the network answers, and with how many units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One of so many classes, a unit each.
    Classes(usize),
    /// One of two classes, told by one unit and the threshold 0.5.
    Single,
    /// So many numbers.
    Values(usize),
}

impl Kind {
    /// Output units.
    pub fn outputs(self) -> usize {
        match self {
            Kind::Classes(n) | Kind::Values(n) => n,
            Kind::Single => 1,
        }
    }
}

/// What the network is to answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Target {
    /// What the source says: the class, or the values.
    #[default]
    Given,
    /// The input itself: the network becomes an autoencoder.
    Input,
}

/// How many samples a source has. Samples are numbered from 0, those for training first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Samples {
    /// For training and validation, and for test where the source has no test set.
    pub training: u32,
    /// In the source's own test set; 0 where it has none.
    pub test: u32,
}

impl Samples {
    /// So many for training and for test.
    pub const fn new(training: u32, test: u32) -> Self {
        Self { training, test }
    }

    /// Samples of a source that has no test set of its own.
    pub const fn without_test(training: u32) -> Self {
        Self::new(training, 0)
    }

    /// Samples of a part for training and, where there is one, of another for test.
    fn of_parts(mut counts: impl Iterator<Item = u32>) -> Self {
        let mut next = || counts.next().unwrap_or(0);
        Self::new(next(), next())
    }

    /// All samples.
    pub const fn total(self) -> u32 {
        self.training + self.test
    }
}

/// What is known of a task before its data are loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Inputs a sample.
    pub inputs: usize,
    /// Their channels, rows and columns; absent where they are a plain row of numbers.
    pub image: Option<Map>,
    /// What the network answers.
    pub kind: Kind,
    /// How many samples there are; a [`Split`] says how many of them an epoch has ([`Split::sizes`]).
    pub samples: Samples,
    /// Memory that the loaded samples take, nearly. All runs share it, whatever their precision.
    pub bytes: u64,
    /// Whether targets are the inputs themselves.
    pub reconstructs: bool,
    /// Whether training samples are fresh in every epoch.
    pub streams: bool,
}

impl Facts {
    /// Facts of stored samples with targets of their own.
    const fn new(inputs: usize, kind: Kind, samples: Samples, bytes: u64) -> Self {
        Self {
            inputs,
            image: None,
            kind,
            samples,
            bytes,
            reconstructs: false,
            streams: false,
        }
    }

    /// The same of samples that are images.
    fn shaped(self, image: impl Into<Option<Map>>) -> Self {
        let image = image.into();
        Self { image, ..self }
    }

    /// How samples are split where the experiment does not say: by the source's own test set if it has one, else at random.
    /// A stream needs no validation part to be kept from training, and has one only where it is asked for.
    pub fn default_split(&self) -> Split {
        match (self.samples.test > 0, self.streams) {
            (_, true) => Split::Fixed(FixedSplit {
                validation: 0.0,
                ..FixedSplit::default()
            }),
            (true, _) => Split::Fixed(FixedSplit::default()),
            _ => Split::Random(RandomSplit::default()),
        }
    }
}

/// Where files are looked for.
#[derive(Clone, Copy, Debug)]
pub struct Places<'a> {
    /// What paths in the experiment are relative to: the folder of its file.
    pub folder: &'a Path,
    /// Where named data sets are.
    pub data: &'a DataFolders,
}

/// What every task can say and do.
trait Source {
    /// One line for a listing.
    fn about(&self) -> String;
    /// Refuses options that no data fit.
    fn check(&self) -> Result<(), Refusal> {
        Ok(())
    }
    /// What the network is to answer.
    fn target(&self) -> Target {
        Target::Given
    }
    /// The shape that the experiment gives the inputs, of a source that has none of its own.
    fn image(&self) -> Option<Image> {
        None
    }
    /// What is known before loading, with the targets that the source has; the options have been checked. Files that paths
    /// in `folder` lead to are looked through.
    fn facts(&self, folder: &Path) -> Result<Facts, TaskError>;
    /// The samples, with the targets that the source has; the options have been checked.
    fn load(&self, places: Places<'_>) -> Result<DataSet, TaskError>;
}

impl Task {
    fn source(&self) -> &dyn Source {
        match self {
            Task::Digits(task) => task,
            Task::Iris(task) => task,
            Task::WheatSeeds(task) => task,
            Task::Xor(task) => task,
            Task::Parity(task) => task,
            Task::Spirals(task) => task,
            Task::Blobs(task) => task,
            Task::Mnist1d(task) => task,
            Task::LinearTeacher(task) => task,
            Task::NonlinearTeacher(task) => task,
            Task::Mnist(task) => task,
            Task::FashionMnist(task) => task,
            Task::Csv(task) => task,
            Task::Idx(task) => task,
            Task::Npy(task) => task,
        }
    }

    /// Every task that needs no files of the user's own, with its defaults.
    pub fn named() -> Vec<Self> {
        vec![
            Task::Digits(Digits::default()),
            Task::Iris(Iris::default()),
            Task::WheatSeeds(WheatSeeds::default()),
            Task::Xor(Xor::default()),
            Task::Parity(Parity::default()),
            Task::Spirals(Spirals::default()),
            Task::Blobs(Blobs::default()),
            Task::Mnist1d(Mnist1d::default()),
            Task::LinearTeacher(LinearTeacher::default()),
            Task::NonlinearTeacher(NonlinearTeacher::default()),
            Task::Mnist(Mnist::default()),
            Task::FashionMnist(FashionMnist::default()),
        ]
    }

    /// What an experiment calls it.
    pub fn name(&self) -> &'static str {
        match self {
            Task::Digits(_) => "Digits",
            Task::Iris(_) => "Iris",
            Task::WheatSeeds(_) => "WheatSeeds",
            Task::Xor(_) => "Xor",
            Task::Parity(_) => "Parity",
            Task::Spirals(_) => "Spirals",
            Task::Blobs(_) => "Blobs",
            Task::Mnist1d(_) => "Mnist1d",
            Task::LinearTeacher(_) => "LinearTeacher",
            Task::NonlinearTeacher(_) => "NonlinearTeacher",
            Task::Mnist(_) => "Mnist",
            Task::FashionMnist(_) => "FashionMnist",
            Task::Csv(_) => "Csv",
            Task::Idx(_) => "Idx",
            Task::Npy(_) => "Npy",
        }
    }

    /// BibTeX entries to cite with its data; none for what is generated or the user's own.
    pub fn citations(&self) -> &'static [&'static str] {
        match self {
            Task::Digits(_) => &[references::ALPAYDIN_1998],
            Task::Iris(_) => &[references::FISHER_1936],
            Task::WheatSeeds(_) => &[references::CHARYTANOWICZ_2010],
            Task::Mnist1d(_) => &[references::GREYDANUS_2020],
            Task::Mnist(_) => &[references::LECUN_1998],
            Task::FashionMnist(_) => &[references::XIAO_2017],
            _ => &[],
        }
    }

    /// One line for a listing.
    pub fn about(&self) -> String {
        let about = self.source().about();
        match self.source().target() {
            Target::Given => about,
            Target::Input => format!("{about}; targets are the inputs"),
        }
    }

    /// What is known before loading. The user's own files, whose paths are relative to `folder`, are looked through, a piece at
    /// a time; named data sets are known without their files.
    ///
    /// # Errors
    /// If an option has an impossible value, or a file of the user's own is missing or damaged.
    pub fn facts(&self, folder: &Path) -> Result<Facts, TaskError> {
        self.source().check()?;
        let facts = self.source().facts(folder)?;
        let image = image::resolve(facts.image, self.source().image(), facts.inputs)?;
        let facts = facts.shaped(image);
        Ok(match self.source().target() {
            Target::Given => facts,
            Target::Input => Facts {
                kind: Kind::Values(facts.inputs),
                reconstructs: true,
                ..facts
            },
        })
    }

    /// The same task with the samples of the run with this seed, where it says `seed: PerRun`; absent where all runs have the same
    /// samples. Such a task is drawn, and reads no file.
    pub fn for_run(&self, run: u64) -> Option<Self> {
        let mut task = self.clone();
        let seed = match &mut task {
            Task::Xor(task) => &mut task.seed,
            Task::Parity(task) => &mut task.seed,
            Task::Spirals(task) => &mut task.seed,
            Task::Blobs(task) => &mut task.seed,
            Task::Mnist1d(task) => &mut task.seed,
            Task::LinearTeacher(task) => &mut task.seed,
            Task::NonlinearTeacher(task) => &mut task.seed,
            _ => return None,
        };
        let own = *seed == Seed::PerRun;
        *seed = Seed::Fixed(run);
        own.then_some(task)
    }

    /// The samples: from the program, from files, or drawn from streams keyed by the task's own `seed`, so that all runs of an
    /// experiment have the same; where each run has its own, those of the run with seed 0.
    ///
    /// # Errors
    /// If an option has an impossible value, or a file is missing or damaged.
    pub fn load(&self, places: Places<'_>) -> Result<DataSet, TaskError> {
        self.source().check()?;
        let data = self.source().load(places)?;
        let image = image::resolve(data.image(), self.source().image(), data.inputs())?;
        let data = data.shaped(image);
        Ok(match self.source().target() {
            Target::Given => data,
            Target::Input => data.reconstructing(),
        })
    }
}

#[cfg(test)]
impl Places<'_> {
    /// No place: enough for what is built in or drawn.
    fn none() -> Self {
        static NONE: std::sync::LazyLock<DataFolders> = std::sync::LazyLock::new(DataFolders::none);
        Places {
            folder: Path::new(""),
            data: &NONE,
        }
    }
}
