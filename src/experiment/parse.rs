//! Turn an experiment file into a plan: read what all arms share, then the arms.

use super::arms::Arms;
use super::names::{EACH, FIELDS, SETTINGS, TUNE};
use super::read::{Reader, required};
use super::tuning::{Criterion, Tuning};
use super::{Plan, Precision, compare, label, replication, size, slug, write};
use crate::notation::{Document, Fault, Field, Mistake, Node, Options, Result};
use crate::refusal::Refusal;
use crate::rules::Registry;
use crate::tasks::{Augment, DataPlace, Facts, Kind, LabelNoise, Scale, Sizes, Split, Task, TaskError};
use std::cell::RefCell;
use std::path::Path;

/// More runs of one arm than anybody has asked for.
pub const MOST_SEEDS: usize = 1_000_000;

impl Plan {
    /// Reads an experiment file.
    ///
    /// # Errors
    /// Whatever is wrong with the file, at its place.
    pub fn read(path: &Path, rules: &Registry) -> Result<Self, Fault> {
        Self::parse(&Document::read(path)?, rules)
    }

    /// Makes a plan of the text of an experiment file. It is called `experiment` unless it has a `name`; paths in it are relative to
    /// the folder that the program runs in.
    ///
    /// # Errors
    /// Whatever is wrong with the text, at its place.
    pub fn from_text(text: &str, rules: &Registry) -> std::result::Result<Self, Fault> {
        Self::parse(&Document::parse("experiment.ron", text)?, rules)
    }

    /// Makes a plan of an experiment file; the document's file name gives the default name.
    ///
    /// # Errors
    /// Whatever is wrong with the text, at its place.
    pub fn parse(document: &Document, rules: &Registry) -> Result<Self, Fault> {
        plan(document, rules).map_err(|mistake| document.fault(mistake))
    }

    /// The same plan for other seeds.
    ///
    /// # Errors
    /// One of them is a seed of tuning, or they are too many.
    pub fn with_seeds(mut self, seeds: Vec<u64>) -> Result<Self, String> {
        if let Some(reason) = self.tuning.and_then(|tuning| seen_by(tuning, &seeds)) {
            return Err(format!("{reason}; {CHOOSE_LOWER}"));
        }
        if let Some(reason) = size::too_many_runs(&self.arms, seeds.len(), self.tuning) {
            return Err(reason);
        }
        self.seeds = seeds;
        self.text = write::experiment(&self);
        Ok(self)
    }
}

const CHOOSE_LOWER: &str = "choose seeds below 1,000,000";

/// Why there is a seed that tuning has seen, so that its run would be no test of what was chosen; nothing where there is none.
fn seen_by(tuning: Tuning, seeds: &[u64]) -> Option<String> {
    let seed = seeds.iter().find(|seed| tuning.seeds().contains(seed))?;
    Some(format!("seed {seed} is one that tuning uses"))
}

/// The data that every arm shares, and what is needed to read one.
pub(super) struct Shared<'r> {
    pub task: Task,
    pub facts: Facts,
    pub split: Split,
    pub sizes: Sizes,
    pub reader: Reader<'r>,
}

/// Reads task and split from the fields of an experiment.
pub(super) fn shared<'r>(options: &Options<'_>, folder: &'r Path, rules: &'r Registry) -> Result<Shared<'r>> {
    let task: Task = required(options, "task")?.read()?;
    let in_file = |error| task_mistake(error, options, folder);
    let facts = task.facts(folder).map_err(in_file)?;
    let split: Split = options.read("split")?.unwrap_or_else(|| facts.default_split());
    let sizes = split.sizes(&facts, folder).map_err(in_file)?;
    let reader = Reader {
        rules,
        kind: facts.kind,
        inputs: (&facts).into(),
        training: sizes.train as usize,
        validation: sizes.validation > 0,
        folder,
        files: RefCell::default(),
    };
    Ok(Shared {
        task,
        facts,
        split,
        sizes,
        reader,
    })
}

fn plan(document: &Document, rules: &Registry) -> Result<Plan> {
    let options = document.root().fields("Experiment", FIELDS)?;
    refuse_choices(&options)?;
    let folder = document.folder();
    let name = name(&options, Path::new(document.file()))?;
    let Shared {
        task,
        facts,
        split,
        sizes,
        reader,
    } = shared(&options, folder, rules)?;
    let in_file = |refusal: Refusal| task_mistake(refusal.into(), &options, folder);
    let scale: Scale = options.read("scale")?.unwrap_or_default();
    scale.check(&facts).map_err(in_file)?;
    let label_noise: LabelNoise = options.read("label_noise")?.unwrap_or_default();
    label_noise.check(&facts).map_err(in_file)?;
    let augment: Augment = options.read("augment")?.unwrap_or_default();
    augment.check(&facts).map_err(in_file)?;
    let precision = options.read("precision")?.unwrap_or_default();
    if precision == Precision::F32 {
        refuse_rounded(document)?;
    }
    let seeds = seeds(&options, &split, folder)?;
    let tuning = tuning(&options, &reader, &seeds)?;
    let arms = Arms::read(&options)?.arms(&reader, precision, seeds[0])?;
    for arm in &arms {
        scale.check_loss(&facts, arm.settings.loss).map_err(in_file)?;
    }
    if let Some(reason) = size::too_many_runs(&arms, seeds.len(), tuning) {
        let mistake = Mistake::new(reason).at(options.place("seeds"));
        return Err(mistake.help("use fewer seeds, or make several experiments of the arms"));
    }
    let compare = compare::read(&options, &compare::Context::of(&arms, facts.kind, sizes))?;
    let mut plan = Plan {
        name,
        folder: folder.to_owned(),
        task,
        facts,
        split,
        sizes,
        scale,
        label_noise,
        augment,
        replication: replication::read(&options, &arms, sizes)?,
        arms,
        paths: Vec::new(),
        seeds,
        precision,
        tuning,
        compare,
        text: String::new(),
        document: document.clone(),
    };
    let tuned = plan.tuned_paths();
    plan.paths = label::fill_in_values(&mut plan.arms, &tuned);
    plan.text = write::experiment(&plan);
    Ok(plan)
}

/// Refuses a number that single precision does not have: it would be 0, or infinite.
fn refuse_rounded(document: &Document) -> Result<()> {
    // what is no finite number at all is told where it is read
    let rounds = |x: f64| x.is_finite() && x != 0.0 && (x as f32 == 0.0 || !(x as f32).is_finite());
    let Some((span, number)) = document.root().find_number(&rounds) else {
        return Ok(());
    };
    let becomes = if number.abs() < 1.0 { "0" } else { "infinite" };
    let mistake = Mistake::new(format!("this number is {becomes} in single precision")).at(span);
    Err(mistake.help("give another number, or run in double precision: `precision: F64`"))
}

/// The experiment's name: the results folder.
fn name(options: &Options<'_>, file: &Path) -> Result<String> {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let name = options.read("name")?.unwrap_or(stem);
    match slug::not_a_folder(&name) {
        None => Ok(name),
        Some(reason) => {
            let mistake = Mistake::new("this name cannot be the name of a folder").at(options.place("name"));
            let shown: String = name.chars().take(60).collect();
            Err(mistake.label(format!("is `{}`", shown.escape_debug())).help(reason))
        }
    }
}

/// Refuses several values where an experiment can have only one.
fn refuse_choices(options: &Options<'_>) -> Result<()> {
    let single = options
        .fields
        .iter()
        .filter(|field| field.name != "arms" && !SETTINGS.contains(&field.name));
    for Field { name, value, .. } in single {
        for choice in [EACH, TUNE] {
            if let Some(span) = value.find_choice(choice) {
                let mistake = Mistake::new(format!("`{choice}` cannot stand in `{name}`")).at(span);
                return Err(mistake.help("all arms share it: make an experiment file for each value"));
            }
        }
    }
    Ok(())
}

/// How trials are judged; `None` where nothing is tuned.
fn tuning(options: &Options<'_>, reader: &Reader<'_>, seeds: &[u64]) -> Result<Option<Tuning>> {
    let Some(place) = options.fields.iter().find_map(|field| field.value.find_choice(TUNE)) else {
        return match options.get("tune") {
            None => Ok(None),
            Some(field) => Err(Mistake::new("`tune` has no effect")
                .at(field.name_span.clone())
                .label("no arm has a value to tune")
                .help("write `Tune([..])` in place of a value, such as `learning_rate: Tune([0.3, 0.1])`")),
        };
    };
    if !reader.validation {
        let mistake = Mistake::new("`Tune` needs a validation part").at(place);
        return Err(mistake.help("give the split one, such as `validation: 0.1`"));
    }
    let values = matches!(reader.kind, Kind::Values(_));
    let mut tuning = Tuning {
        by: if values { Criterion::Loss } else { Criterion::Accuracy },
        seeds: 3,
    };
    if let Some(field) = options.get("tune") {
        let parts = field.value.fields("Tune", &["by", "seeds"])?;
        tuning.by = match parts.read::<String>("by")?.as_deref() {
            None => tuning.by,
            Some("loss") => Criterion::Loss,
            Some("accuracy") if !values => Criterion::Accuracy,
            Some("accuracy") => {
                let mistake = Mistake::new("values have no accuracy").at(parts.place("by"));
                return Err(mistake.help("leave `by` out for \"loss\""));
            }
            Some(other) => {
                let mistake = Mistake::new(format!("trials cannot be judged by `{other}`")).at(parts.place("by"));
                return Err(mistake.label("expected \"accuracy\" or \"loss\""));
            }
        };
        tuning.seeds = parts.read("seeds")?.unwrap_or(tuning.seeds);
        if !(1..=MOST_SEEDS as u64).contains(&tuning.seeds) {
            let mistake = Mistake::new("`seeds` must be at least 1").at(parts.place("seeds"));
            return Err(mistake
                .label("a number of seeds, not a list")
                .help("leave it out for the default 3"));
        }
    }
    match seen_by(tuning, seeds) {
        None => Ok(Some(tuning)),
        Some(reason) => Err(Mistake::new(reason).at(options.place("seeds")).help(CHOOSE_LOWER)),
    }
}

/// A task's complaint, at the field that it is about: for a file where its name stands.
pub(super) fn task_mistake(error: TaskError, options: &Options<'_>, folder: &Path) -> Mistake {
    match error {
        TaskError::Refused(Refusal { option, reason, remedy }) => {
            let mistake = Mistake::new(format!("`{option}`: {reason}")).help(remedy);
            // the one of these fields that arms may have for themselves
            let arms = options
                .get("arms")
                .filter(|_| option == "loss" && options.get(&option).is_none());
            let arms = arms.and_then(|field| field.value.items()).unwrap_or_default();
            match arms.iter().find_map(|arm| arm.locate(&option)) {
                Some(value) => mistake.about(&value),
                None => options.blame(&option, mistake),
            }
        }
        TaskError::Data { place, reason, remedy } => {
            let mistake = Mistake::new(format!("{place}: {reason}")).help(remedy);
            let names = |text: &str| matches!(&place, DataPlace::File(path) if folder.join(text) == *path);
            match Node::Options(options.clone()).find_string(&names) {
                Some(span) => mistake.at(span),
                None => options.blame("task", mistake),
            }
        }
    }
}

/// `10` for 0 to 9, or a list; left out, what the split says.
fn seeds(options: &Options<'_>, split: &Split, folder: &Path) -> Result<Vec<u64>> {
    let Some(node) = options.get("seeds").map(|field| &field.value) else {
        let seeds = split.default_seeds(folder);
        return Ok((0..seeds.map_err(|error| task_mistake(error, options, folder))?).collect());
    };
    let seeds: Vec<u64> = match node.items() {
        Some(_) => node.read()?,
        None => {
            let count: u64 = node.read().map_err(|mistake| match node.name() {
                None => mistake,
                Some(_) => node.wrong_type("a number of seeds or a list of seeds"),
            })?;
            (0..count.min(MOST_SEEDS as u64 + 1)).collect()
        }
    };
    if seeds.is_empty() {
        let mistake = Mistake::new("an experiment needs at least one seed").at(node.span());
        return Err(mistake.help("leave `seeds` out for the default 10"));
    }
    if seeds.len() > MOST_SEEDS {
        return Err(Mistake::new(format!("at most {MOST_SEEDS} seeds are possible")).at(node.span()));
    }
    let items = node.items().unwrap_or_default();
    let mut order: Vec<usize> = (0..items.len()).collect();
    order.sort_by_key(|&i| (seeds[i], i));
    if let Some(pair) = order.windows(2).find(|pair| seeds[pair[0]] == seeds[pair[1]]) {
        let mistake = Mistake::new(format!("seed {} is given twice", seeds[pair[1]])).at(items[pair[1]].span());
        return Err(mistake
            .mark(items[pair[0]].span(), "first given here")
            .help("equal seeds are equal runs"));
    }
    Ok(seeds)
}
