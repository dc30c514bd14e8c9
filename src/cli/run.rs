//! `creditlab run`: carry out experiments and leave their results.

use super::inputs::{CheckedExperiment, InputArguments, SpecArguments};
use super::output::{count, print, say};
use super::{Failure, interruption, progress::Progress};
use crate::experiment::{Arm, Plan};
use crate::linalg;
use crate::report;
use crate::results::{At, Question};
use crate::rules::Registry;
use crate::runner::{Observer, Overview, Session, Shard};
use crate::tasks::DataSet;
use clap::Args;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

#[derive(Args)]
pub struct Arguments {
    #[command(flatten)]
    specs: SpecArguments,
    #[command(flatten)]
    inputs: InputArguments,
    #[command(flatten)]
    results: ResultArguments,
    /// Only this part of the runs that are missing, such as 2/7, into a folder of its own; `creditlab merge` joins the parts
    #[arg(long, value_name = "I/N")]
    shard: Option<Shard>,
}

/// What becomes of results.
#[derive(Args)]
pub struct ResultArguments {
    /// Where results folders are made
    #[arg(long, value_name = "DIR", default_value = "results")]
    pub out: PathBuf,
    /// Throw away what the results folder holds
    #[arg(long)]
    fresh: bool,
    /// How often the state of a run under way is written down, such as 90s, 5m or 1h; 0: never
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = checkpoint_every)]
    checkpoint: CheckpointEvery,
    /// Print nothing but errors
    #[arg(long)]
    quiet: bool,
    /// Leave out the figures and the page that shows them
    #[arg(long)]
    no_figures: bool,
}

/// How often checkpoints are written; never, without.
#[derive(Clone, Copy)]
struct CheckpointEvery(Option<Duration>);

/// A time, such as `90s`; `0` for never.
fn checkpoint_every(text: &str) -> Result<CheckpointEvery, humantime::DurationError> {
    let every = match text {
        "0" => Duration::ZERO,
        _ => humantime::parse_duration(text)?,
    };
    Ok(CheckpointEvery(Some(every).filter(|every| !every.is_zero())))
}

pub fn main(arguments: &Arguments, registry: &Registry) -> Result<(), Failure> {
    let experiments = arguments.inputs.experiments(&arguments.specs.specs, registry)?;
    match arguments.shard {
        Some(shard) => carry_out_by(&arguments.inputs, &arguments.results, &experiments, |call| {
            call.part(shard)
        }),
        None => carry_out(
            &experiments,
            registry,
            &arguments.inputs,
            &arguments.results,
            |_| Ok(()),
        ),
    }
}

/// Carries experiments out, one after the other; `then` is called after each.
pub fn carry_out(
    experiments: &[CheckedExperiment],
    registry: &Registry,
    inputs: &InputArguments,
    results: &ResultArguments,
    mut then: impl FnMut(&CheckedExperiment) -> Result<(), Failure>,
) -> Result<(), Failure> {
    carry_out_by(inputs, results, experiments, |call| {
        call.whole(registry)?;
        then(call.experiment)
    })
}

/// An experiment that is to be carried out, and with what.
struct Call<'a> {
    experiment: &'a CheckedExperiment,
    inputs: &'a InputArguments,
    arguments: &'a ResultArguments,
    pool: &'a rayon::ThreadPool,
    interrupted: &'a AtomicBool,
}

fn carry_out_by(
    inputs: &InputArguments,
    results: &ResultArguments,
    experiments: &[CheckedExperiment],
    mut carry_out: impl FnMut(Call<'_>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let interrupted = interruption::watch().map_err(Failure::execution)?;
    let pool = inputs.pool()?;
    if linalg::is_slow() && !results.quiet {
        say(
            "note: without vector instructions that fuse multiply-adds they are made in software: the same results, many times slower",
        );
    }
    for one in experiments {
        carry_out(Call {
            experiment: one,
            inputs,
            arguments: results,
            pool: &pool,
            interrupted: &interrupted,
        })?;
    }
    Ok(())
}

impl Call<'_> {
    /// Carries it out.
    fn whole(&self, registry: &Registry) -> Result<(), Failure> {
        let (clock, arguments) = (Instant::now(), self.arguments);
        let (plan, data) = (&self.experiment.plan, self.inputs.data(self.experiment)?);
        let (session, progress) = self.open(&data, &plan.name)?;
        let overview = self.pool.install(|| session.run(&progress))?;
        let how = (arguments.no_figures, arguments.quiet);
        finish(&session, overview, registry, clock, self.interrupted, how)
    }

    /// Carries out one of its parts.
    fn part(&self, shard: Shard) -> Result<(), Failure> {
        let (plan, data) = (&self.experiment.plan, self.inputs.data(self.experiment)?);
        let (session, progress) = self.open(&data, &shard.folder(&plan.name))?;
        let whole = self.arguments.out.join(&plan.name);
        let done = self.pool.install(|| session.run_shard(shard, &whole, &progress))?;
        if self.arguments.quiet {
            return Ok(());
        }
        let what = if done.tuning { "trial run" } else { "run" };
        print(&[format!(
            "{}: part {shard}, {} of the {} that were missing, kept in {}; when all parts have ended: creditlab merge",
            plan.name,
            count(done.runs as u64, what),
            done.of,
            session.folder().path().display()
        )])
    }

    /// Opens the results folder of this name, and says what is to be known before anything runs.
    fn open<'s>(&'s self, data: &'s DataSet, name: &str) -> Result<(Session<'s>, Progress<'s>), Failure> {
        let (plan, arguments) = (&self.experiment.plan, self.arguments);
        let mut session = Session::open(plan, data, &arguments.out.join(name), arguments.fresh)?;
        session.checkpoint_every(arguments.checkpoint.0);
        let progress = Progress::new(&plan.name, arguments.quiet, self.interrupted);
        if !arguments.quiet {
            session.notices().iter().for_each(say);
            session.replaced()?.iter().for_each(say);
            let summary = plan.summary(data);
            let summary = summary.map_err(|error| self.inputs.wrong(plan.fault(error)))?;
            let warnings = plan.warnings().chain(summary.warnings);
            warnings.for_each(|warning| progress.warns(&warning));
        }
        Ok((session, progress))
    }
}

/// Draws the figures of runs that are over, puts them on their page, and says what they have come to.
pub fn finish(
    session: &Session<'_>,
    overview: Overview,
    registry: &Registry,
    clock: Instant,
    interrupted: &AtomicBool,
    (no_figures, quiet): (bool, bool),
) -> Result<(), Failure> {
    let (name, folder) = (overview.plan.name.clone(), session.folder().path());
    let (total, diverged) = (overview.total, overview.diverged);
    let table = table(&overview);
    // figures read the tables from the files
    drop(overview);
    let figures = match no_figures {
        true => Vec::new(),
        false => report::write_in(session.folder(), registry, &|| interrupted.load(Ordering::Relaxed))?,
    };
    if quiet {
        return Ok(());
    }
    let seconds = clock.elapsed().as_secs_f64();
    let runs = count(total as u64, "run");
    let mut lines = vec![format!("{name}: {runs} in {seconds:.1} s")];
    if diverged > 0 {
        let runs = folder.join("runs.csv");
        lines.push(format!(
            "{diverged} of {total} runs diverged; see `status` in {}",
            runs.display()
        ));
    }
    lines.extend(table);
    let is_seen = |path: &&PathBuf| {
        path.extension()
            .is_some_and(|extension| extension == "png" || extension == "html")
    };
    let seen = figures.iter().filter(is_seen);
    lines.extend(seen.map(|path| path.display().to_string()));
    lines.push(format!("tables in {}", folder.display()));
    if diverged == total {
        let what = match total {
            1 => "the run diverged".into(),
            _ => format!("all {total} runs diverged"),
        };
        lines.push(format!(
            "no result: {what}; lower the learning rate, or bound the updates with `clip`"
        ));
    }
    print(&lines)
}

/// What was chosen for an arm: `path=value`.
fn chosen(plan: &Plan, arm: &Arm, tuned_paths: &BTreeSet<&str>) -> String {
    let values = plan.paths.iter().zip(&arm.values);
    let tuned = values.filter(|(path, _)| tuned_paths.contains(&***path));
    let said = tuned.filter_map(|(path, value)| Some(format!("{path}={}", value.as_ref()?)));
    said.collect::<Vec<_>>().join(" ")
}

/// Each arm's final score, on the test part or else in training, a line each: mean, interval, seeds, and how many runs do not count.
fn table(results: &Overview) -> Vec<String> {
    let (plan, tuned_paths) = (&results.plan, results.tuning.iter().map(|row| &*row.path).collect());
    let (split, named) = match plan.sizes.test {
        0 => ("train", "training"),
        _ => ("test", "test"),
    };
    let score = |slug: &str, metric: &str| {
        let arm = results.arms.rows.iter().find(|arm| arm.arm == slug)?;
        let question = Question::new(metric, split, At::Final);
        question.statistics(arm, &results.summary).cloned()
    };
    let width = plan.arms.iter().map(|arm| arm.label.chars().count()).max().unwrap_or(0);
    let line = |arm: &Arm| {
        let label = &arm.label;
        // accuracies are shares; losses have any size
        let percent: fn(f64) -> String = |share| format!("{:.2}", 100.0 * share);
        let digits: fn(f64) -> String = |loss| format!("{loss:.2e}");
        let accuracy = score(&arm.slug, "accuracy").map(|row| (row, percent, " % ", "accuracy"));
        let found = accuracy.or_else(|| score(&arm.slug, "loss").map(|row| (row, digits, " ", "loss")));
        let Some((row, number, unit, metric)) = found else {
            let metrics = &arm.settings.measure.metrics;
            if !metrics.writes("loss") && !metrics.writes("accuracy") {
                return format!("  {label:width$}  scores are in runs.csv alone, as `measure` says");
            }
            return format!("  {label:width$}  no finished run with a {named} score");
        };
        let interval = match (row.ci_low, row.ci_high) {
            (Some(low), Some(high)) => format!(" [{}, {}]", number(low), number(high)),
            _ => String::new(),
        };
        let diverged = match row.diverged {
            0 => String::new(),
            diverged => format!(", {diverged} diverged"),
        };
        let tuned = match &plan.tuning {
            None => String::new(),
            Some(_) if !arm.is_tuned() => ", untuned".into(),
            Some(_) => format!(", tuned: {}", chosen(plan, arm, &tuned_paths)),
        };
        format!(
            "  {label:width$}  {}{interval}{unit}{named} {metric}, n = {}{diverged}{tuned}",
            number(row.mean),
            row.n
        )
    };
    plan.arms.iter().map(line).collect()
}
