//! Provide the data sets and synthetic tasks that networks are trained on, and split their samples into parts.
//!
//! A new task is one file that implements `Source`, one variant of [`Task`] and one line in its `source`.

mod data_set;
mod digits;
mod error;
mod folders;
mod idx;
mod linear_teacher;
mod mnist;
mod split;
mod synthetic;
mod xor;

pub use data_set::{DataSet, Inputs, Targets};
pub use digits::Digits;
pub use error::{Place, TaskError};
pub use folders::{DataFolders, Folder};
pub use linear_teacher::{LinearTeacher, TeacherWeights};
pub use mnist::Mnist;
pub use split::{FixedSplit, Parts, RandomSplit, Sizes, Split};
pub use xor::{TwoClasses, Xor};

use serde::{Deserialize, Serialize};

/// What a network is to learn, as written in an experiment: `Digits`, `Xor(samples: 4)`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Task {
    /// Handwritten digits of 8 x 8 pixels, built in.
    Digits(Digits),
    /// Exclusive or of two bits.
    Xor(Xor),
    /// A random linear map.
    LinearTeacher(LinearTeacher),
    /// Handwritten digits of 28 x 28 pixels, from the data folder.
    Mnist(Mnist),
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

/// How many samples a source has. Samples are numbered from 0, those for training first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Samples {
    /// For training and validation, and for test where the source has no test set.
    pub training: u32,
    /// In the source's own test set; 0 where it has none.
    pub test: u32,
}

impl Samples {
    /// Samples of a source that has no test set of its own.
    pub const fn without_test(training: u32) -> Self {
        Self { training, test: 0 }
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
    /// What the network answers.
    pub kind: Kind,
    /// How many samples there are; a [`Split`] says how many of them an epoch has ([`Split::sizes`]).
    pub samples: Samples,
    /// Memory that the loaded samples take, nearly. All runs share it, whatever their precision.
    pub bytes: u64,
}

/// What every task can say and do.
trait Source {
    /// One line for a listing.
    fn about(&self) -> String;
    /// Refuses options that no data fit.
    fn check(&self) -> Result<(), TaskError>;
    /// What is known before loading; the options have been checked.
    fn facts(&self) -> Facts;
    /// The samples; the options have been checked.
    fn load(&self, folders: &DataFolders) -> Result<DataSet, TaskError>;
}

impl Task {
    fn source(&self) -> &dyn Source {
        match self {
            Task::Digits(task) => task,
            Task::Xor(task) => task,
            Task::LinearTeacher(task) => task,
            Task::Mnist(task) => task,
        }
    }

    /// One line for a listing.
    pub fn about(&self) -> String {
        self.source().about()
    }

    /// What is known before loading.
    ///
    /// # Errors
    /// If an option has an impossible value.
    pub fn facts(&self) -> Result<Facts, TaskError> {
        self.source().check()?;
        Ok(self.source().facts())
    }

    /// What the network answers, and with how many units.
    pub fn kind(&self) -> Kind {
        self.source().facts().kind
    }

    /// Whether the source has a test set of its own, so that [`Split::Fixed`] applies.
    pub fn has_fixed_test(&self) -> bool {
        self.source().facts().samples.test > 0
    }

    /// How samples are split where the experiment does not say: by the source's own test set if it has one, else at random.
    pub fn default_split(&self) -> Split {
        if self.has_fixed_test() {
            Split::Fixed(FixedSplit::default())
        } else {
            Split::Random(RandomSplit::default())
        }
    }

    /// The samples: from the program, from a data folder, or drawn from streams keyed by the task's own `seed`, so that all
    /// runs of an experiment have the same.
    ///
    /// # Errors
    /// If an option has an impossible value, or a file is missing or damaged.
    pub fn load(&self, folders: &DataFolders) -> Result<DataSet, TaskError> {
        self.source().check()?;
        self.source().load(folders)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ron::extensions::Extensions;

    fn read(text: &str) -> Result<Task, ron::error::SpannedError> {
        ron::Options::default()
            .with_default_extension(Extensions::UNWRAP_VARIANT_NEWTYPES)
            .from_str(text)
    }

    fn write(task: &Task) -> String {
        ron::Options::default()
            .with_default_extension(Extensions::UNWRAP_VARIANT_NEWTYPES)
            .to_string(task)
            .expect("plain data")
    }

    #[test]
    fn tasks_are_read_with_defaults_and_written_in_full() {
        for (short, full) in [
            ("Digits()", "Digits()"),
            ("Mnist()", "Mnist()"),
            (
                "Xor(samples: 4)",
                "Xor(samples:4,test:1000,targets:Classes,noise:0.0,seed:0)",
            ),
            (
                "Xor(targets: Single)",
                "Xor(samples:1000,test:1000,targets:Single,noise:0.0,seed:0)",
            ),
            (
                "LinearTeacher()",
                "LinearTeacher(inputs:30,outputs:10,weights:Uniform(1.0),samples:1000,test:1000,seed:0)",
            ),
        ] {
            let task = read(short).unwrap();
            assert_eq!(write(&task), full);
            assert_eq!(read(full).unwrap(), task);
        }
    }

    #[test]
    fn unknown_names_are_refused() {
        for text in [
            "Digit()",
            "Digits(sample: 3)",
            "Xor(smples: 3)",
            "LinearTeacher(weights: Unif(1.0))",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn facts_agree_with_the_data_and_name_the_default_split() {
        for (text, inputs, kind, samples, fixed) in [
            (
                "Digits()",
                64,
                Kind::Classes(10),
                Samples {
                    training: 1797,
                    test: 0,
                },
                false,
            ),
            (
                "Xor()",
                2,
                Kind::Classes(2),
                Samples {
                    training: 1000,
                    test: 1000,
                },
                true,
            ),
            (
                "Xor(targets: Single, test: 0)",
                2,
                Kind::Single,
                Samples {
                    training: 1000,
                    test: 0,
                },
                false,
            ),
            (
                "LinearTeacher(outputs: 3)",
                30,
                Kind::Values(3),
                Samples {
                    training: 1000,
                    test: 1000,
                },
                true,
            ),
        ] {
            let task = read(text).unwrap();
            let (facts, data) = (task.facts().unwrap(), task.load(&DataFolders::none()).unwrap());
            assert_eq!(
                (facts.inputs, facts.kind, facts.samples),
                (inputs, kind, samples),
                "{text}"
            );
            assert_eq!(
                (data.inputs(), data.kind(), data.samples()),
                (inputs, kind, samples),
                "{text}"
            );
            assert_eq!(task.has_fixed_test(), fixed, "{text}");
            assert_eq!(matches!(task.default_split(), Split::Fixed(_)), fixed, "{text}");
            assert!(!task.about().contains('\n') && !task.about().is_empty());
        }
    }
}
