//! Carry out an experiment for Python: without its lock, and watched from the thread that called.

use crate::{RuleError, RunError, SpecError, registry};
use creditlab::experiment::{self, Plan};
use creditlab::notation::{Document, Fault};
use creditlab::report;
use creditlab::rules::Registry;
use creditlab::runner::{self, Observer, Session, Stage};
use creditlab::tasks::DataFolders;
use pyo3::prelude::*;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

/// Between two looks at signals and progress.
const LOOK: Duration = Duration::from_millis(100);

/// An experiment: a text in the place of a file of this name, and what is changed of it.
#[derive(FromPyObject)]
pub struct Spec {
    file: String,
    text: String,
    set: Vec<(String, String)>,
    seeds: Option<Vec<u64>>,
}

/// Where results go and what carries runs out.
#[derive(FromPyObject)]
pub struct Means {
    out: PathBuf,
    data: Option<PathBuf>,
    threads: Option<usize>,
    fresh: bool,
    figures: bool,
}

/// Carries out an experiment; returns its results folder. `watch` is called now and then with what there is to say: `begins`, `steps`, `warns`,
/// `ends`.
#[pyfunction]
pub fn run(
    py: Python<'_>,
    spec: Spec,
    means: Means,
    bridges: Vec<Bound<'_, PyAny>>,
    watch: &Bound<'_, PyAny>,
) -> PyResult<PathBuf> {
    let registry = registry(&bridges)?;
    let plan = py.detach(|| plan(spec, &registry)).map_err(Failure::raise)?;
    let folder = means.out.join(&plan.name);
    let (watching, news) = Watching::new();
    let ended = std::thread::scope(|scope| {
        let (watching, registry, plan, folder) = (&watching, &registry, &plan, &folder);
        let means = &means;
        let work = scope.spawn(move || {
            let ended = carry_out(plan, registry, means, folder, watching);
            watching.tell(News::Over);
            ended
        });
        let watched = watch_over(py, watching, &news, watch);
        let ended = py.detach(|| work.join().expect("failures are values"));
        // an interruption is what the caller is told of, and what it kept
        watched.map(|()| ended)
    })?;
    ended.map(|()| folder).map_err(|failure| failure.raise())
}

/// Why nothing came of it.
enum Failure {
    /// With line and column, where it is about a place in the experiment.
    Spec(String, Option<(usize, usize)>),
    Rule(String),
    Run(String),
}

impl Failure {
    fn raise(self) -> PyErr {
        match self {
            Self::Spec(text, place) => spec_error(text, place),
            Self::Rule(text) => RuleError::new_err(text),
            Self::Run(text) => RunError::new_err(text),
        }
    }
}

impl From<runner::RunError> for Failure {
    fn from(error: runner::RunError) -> Self {
        use runner::RunError as E;
        let text = error.to_string();
        match error {
            E::Rule(_) | E::Rules { .. } => Self::Rule(text),
            E::Data(_) | E::Task(_) | E::Refused(_) | E::Memory(_) => Self::Spec(text, None),
            _ => Self::Run(text),
        }
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::Spec(fault.to_string(), fault.place())
    }
}

/// The error with its place, which is `None` where there is none.
fn spec_error(text: String, place: Option<(usize, usize)>) -> PyErr {
    let error = SpecError::new_err(text);
    let (line, column) = place.unzip();
    let placed = Python::attach(|py| {
        let value = error.value(py);
        value.setattr("line", line)?;
        value.setattr("column", column)
    });
    placed.err().unwrap_or(error)
}

fn plan(spec: Spec, registry: &Registry) -> Result<Plan, Failure> {
    let document = Document::parse(&spec.file, spec.text)?;
    let document = spec.set.iter().try_fold(document, |document, (path, value)| {
        experiment::set(&document, path, value, registry)
    })?;
    let plan = Plan::parse(&document, registry)?;
    match spec.seeds {
        Some(seeds) => plan
            .with_seeds(seeds)
            .map_err(|reason| Failure::Spec(format!("seeds: {reason}"), None)),
        None => Ok(plan),
    }
}

fn carry_out(
    plan: &Plan,
    registry: &Registry,
    means: &Means,
    folder: &Path,
    watching: &Watching,
) -> Result<(), Failure> {
    let cores = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let threads = means.threads.unwrap_or_else(cores);
    if let Some(reason) = plan.lacks_memory(threads) {
        return Err(Failure::Spec(reason, None));
    }
    let data = plan.load(&DataFolders::standard(means.data.as_deref()))?;
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    let pool = pool.map_err(|error| Failure::Run(error.to_string()))?;
    let session = Session::open(plan, &data, folder, means.fresh)?;
    session.notices().iter().for_each(|notice| watching.warns(notice));
    let replaced = session.replaced()?;
    replaced.iter().for_each(|sentence| watching.warns(sentence));
    plan.warnings().for_each(|warning| watching.warns(&warning));
    pool.install(|| session.run(watching))?;
    if means.figures {
        let drawn = report::write_in(session.folder(), registry, &|| watching.interrupted());
        drawn.map_err(|error| Failure::Run(error.to_string()))?;
    }
    Ok(())
}

/// What is said of runs while they go on.
enum News {
    Begins(Stage),
    Warns(String),
    Ends,
    Over,
}

/// Gathers what there is to say for the thread that may talk to Python.
struct Watching {
    news: Mutex<Sender<News>>,
    steps: AtomicU64,
    interrupted: AtomicBool,
}

impl Watching {
    fn new() -> (Self, Mutex<Receiver<News>>) {
        let (sender, receiver) = channel();
        let watching = Self {
            news: Mutex::new(sender),
            steps: AtomicU64::new(0),
            interrupted: AtomicBool::new(false),
        };
        (watching, Mutex::new(receiver))
    }

    fn sender(&self) -> MutexGuard<'_, Sender<News>> {
        self.news.lock().expect("nothing panics while it is held")
    }

    fn tell(&self, news: News) {
        // who asked may have gone on already
        let _ = self.sender().send(news);
    }
}

impl Observer for Watching {
    fn begins(&self, stage: &Stage) {
        self.steps.store(0, Relaxed);
        self.tell(News::Begins(*stage));
    }

    fn advanced(&self, steps: u64) {
        self.steps.fetch_add(steps, Relaxed);
    }

    fn ends(&self) {
        self.tell(News::Ends);
    }

    fn warns(&self, warning: &str) {
        self.tell(News::Warns(warning.to_owned()));
    }

    fn interrupted(&self) -> bool {
        self.interrupted.load(Relaxed)
    }
}

/// Tells Python what there is to say until all is over, or Python interrupts it: then all runs are ended as soon as they can be.
fn watch_over(
    py: Python<'_>,
    watching: &Watching,
    news: &Mutex<Receiver<News>>,
    watch: &Bound<'_, PyAny>,
) -> PyResult<()> {
    let mut interruption = None;
    loop {
        let heard = py.detach(|| news.lock().expect("one thread listens").recv_timeout(LOOK));
        let told = match &heard {
            Ok(News::Over) | Err(RecvTimeoutError::Disconnected) => break,
            Ok(News::Begins(stage)) => {
                watch.call_method1("begins", (stage.tuning, stage.runs, stage.kept, stage.steps))
            }
            Ok(News::Warns(text)) => watch.call_method1("warns", (text,)),
            Ok(News::Ends) => watch.call_method0("ends"),
            Err(RecvTimeoutError::Timeout) => watch.call_method1("steps", (watching.steps.load(Relaxed),)),
        };
        if let Err(error) = py.check_signals().and(told.map(drop)) {
            watching.interrupted.store(true, Relaxed);
            interruption.get_or_insert(error);
        }
    }
    interruption.map_or(Ok(()), Err)
}
