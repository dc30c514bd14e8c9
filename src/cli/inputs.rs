//! Read what commands are given: experiment files, data folders, seeds.

use super::Failure;
use crate::experiment::{self, MOST_SEEDS, Plan};
use crate::notation::{Document, Fault};
use crate::rules::Registry;
use crate::tasks::{DataFolders, DataSet};
use clap::Args;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// What all commands share that are given experiment files.
#[derive(Args)]
pub struct InputArguments {
    /// Seeds in place of the file's: a number, 10 for 0 to 9, or a list, 3,5,8
    #[arg(long, value_name = "SEEDS", value_parser = seeds)]
    seeds: Option<Seeds>,
    /// Replace a value of the file: optimizer.learning_rate=0.05; may be repeated
    #[arg(long, value_name = "PATH=VALUE", value_parser = assignment)]
    set: Vec<(String, String)>,
    #[command(flatten)]
    machine: MachineArguments,
}

/// What of a machine runs are given.
#[derive(Args)]
pub struct MachineArguments {
    /// Where data sets are looked for first; then $CREDITLAB_DATA, ./data, the user's data folder
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Threads in all, for runs and inside them [default: one per core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
}

impl MachineArguments {
    /// Where data sets are looked for.
    pub fn folders(&self) -> DataFolders {
        DataFolders::standard(self.data.as_deref())
    }

    /// The data of an experiment that a results folder tells of.
    pub fn load(&self, plan: &Plan) -> Result<DataSet, Failure> {
        let data = plan.load(&self.folders());
        data.map_err(|fault| Failure::Input(fault.to_string()))
    }

    /// Number of threads, of which those that find no run help inside the others'.
    pub fn threads(&self) -> usize {
        let cores = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        self.threads.map_or_else(cores, usize::from)
    }

    /// These threads.
    pub fn pool(&self) -> Result<rayon::ThreadPool, Failure> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(self.threads());
        pool.build().map_err(Failure::execution)
    }
}

/// Which experiments.
#[derive(Args)]
pub struct SpecArguments {
    /// Experiment files (RON)
    #[arg(required = true, value_name = "SPEC")]
    pub specs: Vec<PathBuf>,
}

/// An experiment that can be carried out: whatever could be wrong with it and its data has been looked at.
pub struct CheckedExperiment {
    /// What it does.
    pub plan: Plan,
    /// Kept from the check where it is the only experiment; several could be more than memory holds.
    data: Option<DataSet>,
}

impl InputArguments {
    /// The experiments of these files, in order, their data read as a run reads them: every command that is given experiment files
    /// takes this way, and says the same of them, before it does anything.
    pub fn experiments(&self, specs: &[PathBuf], registry: &Registry) -> Result<Vec<CheckedExperiment>, Failure> {
        let plans = self.plans(specs, registry)?;
        let alone = plans.len() == 1;
        let checked = |plan: Plan| {
            if let Some(reason) = plan.lacks_memory(self.threads()) {
                return Err(Failure::Input(format!("{}: {reason}", plan.name)));
            }
            let data = Some(self.load(&plan)?).filter(|_| alone);
            Ok(CheckedExperiment { plan, data })
        };
        plans.into_iter().map(checked).collect()
    }

    /// The data of an experiment.
    pub fn data(&self, experiment: &CheckedExperiment) -> Result<DataSet, Failure> {
        match &experiment.data {
            Some(data) => Ok(data.clone()),
            None => self.load(&experiment.plan),
        }
    }

    fn load(&self, plan: &Plan) -> Result<DataSet, Failure> {
        plan.load(&self.machine.folders()).map_err(|fault| self.wrong(fault))
    }

    /// The plans of all experiment files, in order. No two share a name.
    fn plans(&self, specs: &[PathBuf], registry: &Registry) -> Result<Vec<Plan>, Failure> {
        let plans: Vec<Plan> = specs
            .iter()
            .map(|spec| self.reseeded(self.plan(spec, registry)?))
            .collect::<Result<_, _>>()?;
        for (i, plan) in plans.iter().enumerate() {
            if let Some(first) = plans[..i].iter().position(|first| first.name == plan.name) {
                let (first, second) = (specs[first].display(), specs[i].display());
                let text = format!(
                    "{first} and {second} are both called `{}` and would share a results folder; give one of them another `name`",
                    plan.name
                );
                return Err(Failure::Input(text));
            }
        }
        Ok(plans)
    }

    /// The plan of a file, with what `--set` changes of it.
    pub fn plan(&self, spec: &Path, registry: &Registry) -> Result<Plan, Failure> {
        let problem = if !spec.exists() {
            "there is no such file; name an experiment file, such as experiments/quickstart.ron"
        } else if spec.is_dir() {
            "this is a folder; name an experiment file in it, such as experiments/quickstart.ron"
        } else {
            let file = Document::read(spec).map_err(|fault| Failure::Input(fault.to_string()))?;
            let changed = self.set.iter().try_fold(file, |file, (path, value)| {
                experiment::set(&file, path, value, registry).map_err(|fault| Failure::Input(fault.to_string()))
            })?;
            return Plan::parse(&changed, registry).map_err(|fault| self.wrong(fault));
        };
        Err(Failure::Input(format!("{}: {problem}", spec.display())))
    }

    fn reseeded(&self, plan: Plan) -> Result<Plan, Failure> {
        Ok(match &self.seeds {
            Some(Seeds(seeds)) => plan
                .with_seeds(seeds.clone())
                .map_err(|error| Failure::Input(format!("--seeds: {error}")))?,
            None => plan,
        })
    }

    /// What of these arguments changes experiments, as it was given; empty for nothing.
    pub fn changes(&self) -> String {
        self.changing().join(" ")
    }

    /// The arguments that change experiments, one by one.
    fn changing(&self) -> Vec<String> {
        let list = |seeds: &[u64]| seeds.iter().map(u64::to_string).collect::<Vec<_>>().join(",");
        let seeds = self.seeds.iter().flat_map(|Seeds(seeds)| {
            let is_count = seeds.iter().copied().eq(0..seeds.len() as u64);
            let text = if is_count {
                seeds.len().to_string()
            } else {
                list(seeds) + ","
            };
            ["--seeds".to_owned(), text]
        });
        let set = self.set.iter();
        let set = set.flat_map(|(path, value)| ["--set".to_owned(), format!("{path}={value}")]);
        seeds.chain(set).collect()
    }

    /// The arguments that another call for the same runs is given, but for the number of threads.
    pub fn again(&self) -> Vec<String> {
        self.changing().into_iter().chain(self.data_folder()).collect()
    }

    /// The arguments that say where data sets are.
    pub fn data_folder(&self) -> Vec<String> {
        let data = self.machine.data.iter();
        data.flat_map(|data| ["--data".to_owned(), data.display().to_string()])
            .collect()
    }

    /// What is wrong with an experiment whose file has been read, and perhaps changed.
    pub fn wrong(&self, mut fault: Fault) -> Failure {
        if !self.set.is_empty() {
            fault.file += " (as changed by --set)";
        }
        Failure::Input(fault.to_string())
    }

    /// Number of threads in all.
    pub fn threads(&self) -> usize {
        self.machine.threads()
    }

    /// The threads that carry runs out.
    pub fn pool(&self) -> Result<rayon::ThreadPool, Failure> {
        self.machine.pool()
    }
}

/// Seeds given on the command line.
#[derive(Clone)]
struct Seeds(Vec<u64>);

/// Reads `10` as 0 to 9, and `3,5,8` (or `7,` for one) as a list.
fn seeds(text: &str) -> Result<Seeds, String> {
    let number = |text: &str| {
        text.trim()
            .parse::<u64>()
            .map_err(|_| format!("`{text}` is not a seed"))
    };
    let seeds: Vec<u64> = match text.strip_suffix(',').unwrap_or(text).split(',').collect::<Vec<_>>()[..] {
        [count] if !text.ends_with(',') => match number(count)? {
            count if count > MOST_SEEDS as u64 => {
                return Err(format!(
                    "at most {MOST_SEEDS} seeds are possible, and these are {count}"
                ));
            }
            count => (0..count).collect(),
        },
        ref list => list.iter().map(|seed| number(seed)).collect::<Result<_, _>>()?,
    };
    if seeds.is_empty() {
        return Err("at least one seed is needed".into());
    }
    let mut seen = HashSet::new();
    match seeds.iter().find(|seed| !seen.insert(**seed)) {
        Some(seed) => Err(format!("seed {seed} is given twice; equal seeds are equal runs")),
        None => Ok(Seeds(seeds)),
    }
}

/// Reads `path=value`.
fn assignment(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((path, value)) if !path.trim().is_empty() && !value.trim().is_empty() => {
            Ok((path.trim().to_owned(), value.trim().to_owned()))
        }
        _ => Err("write a path, `=` and a value, such as optimizer.learning_rate=0.05".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::seeds;

    #[test]
    fn seeds_are_a_number_or_a_list() {
        let read = |text| seeds(text).map(|seeds| seeds.0);
        assert_eq!(read("3"), Ok(vec![0, 1, 2]));
        assert_eq!(read("3,5,8"), Ok(vec![3, 5, 8]));
        assert_eq!(read("7,"), Ok(vec![7]));
        assert_eq!(read("20000").unwrap().len(), 20_000, "limits refuse, they never cut");
        assert_eq!(read("1000000").unwrap().len(), 1_000_000);
        for count in ["1000001", "18446744073709551615"] {
            let expected = format!("at most 1000000 seeds are possible, and these are {count}");
            assert_eq!(read(count), Err(expected));
        }
        for wrong in ["", "0", "a", "1,1", "-1", "1.5", "1,,2"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
