//! Provide the data sets and synthetic tasks that networks are trained on, split their samples into parts, and scale them.
//!
//! A new task is one file that implements `Source`, one variant of [`Task`] and one line in its `source`.

mod augment;
mod blobs;
mod built_in;
mod cifar10;
mod data_set;
mod digits;
mod download;
mod encoding;
mod error;
mod facts;
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
mod unpack;
mod xor;

pub use augment::Augment;
pub use blobs::Blobs;
pub use built_in::{Iris, WheatSeeds};
pub use cifar10::Cifar10;
pub use data_set::{DataSet, Inputs, Targets};
pub use digits::Digits;
pub use download::{DownloadError, Downloader};
pub use error::{DataPlace, TaskError};
pub use facts::{Facts, Kind, Samples};
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
pub use unpack::unpack;
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
    /// From a data folder: colour photographs, 32 x 32 pixels, 50,000 + 10,000 images in ten classes.
    Cifar10(Cifar10),
    /// A table of your own, a line for each sample.
    Csv(Csv),
    /// Images of your own in IDX files.
    Idx(Idx),
    /// Arrays of your own in NPY files.
    Npy(Npy),
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
            Task::Cifar10(task) => task,
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
            Task::Cifar10(Cifar10::default()),
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
            Task::Cifar10(_) => "Cifar10",
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
            Task::Cifar10(_) => &[references::KRIZHEVSKY_2009],
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

    /// The image that each sample of so many inputs is, as far as the task says it without files of the user's own.
    pub fn image_of(&self, inputs: usize) -> Option<Map> {
        self.source().check().ok()?;
        let own = match self {
            Task::Csv(_) | Task::Idx(_) | Task::Npy(_) => None,
            _ => self.source().facts(Path::new("")).ok()?.image,
        };
        let image = image::resolve(own, self.source().image(), inputs).ok()?;
        image.filter(|image| image.units() == inputs)
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
