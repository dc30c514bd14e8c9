//! `creditlab run`: carry out experiments and leave their results.

use super::inputs::{CheckedExperiment, InputArguments};
use super::output::{count, print, say};
use super::{Failure, interruption, progress::Progress};
use crate::experiment::{Arm, Plan};
use crate::results::Status;
use crate::rules::Registry;
use crate::runner::{self, Call, Runs, Session};
use crate::{report, results};
use clap::Args;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::{Instant, SystemTime};

#[derive(Args)]
pub struct Arguments {
    #[command(flatten)]
    inputs: InputArguments,
    /// Where results folders are made
    #[arg(long, value_name = "DIR", default_value = "results")]
    out: PathBuf,
    /// Throw away what the results folder holds
    #[arg(long)]
    fresh: bool,
    /// Print nothing but errors
    #[arg(long)]
    quiet: bool,
    /// Leave out the figures
    #[arg(long)]
    no_figures: bool,
}

pub fn main(arguments: &Arguments, registry: &Registry) -> Result<(), Failure> {
    let experiments = arguments.inputs.experiments(registry)?;
    let interrupted = interruption::watch().map_err(Failure::execution)?;
    let threads = arguments.inputs.threads();
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .map_err(Failure::execution)?;
    for one in &experiments {
        experiment(one, arguments, &pool, &interrupted)?;
    }
    Ok(())
}

fn experiment(
    experiment: &CheckedExperiment,
    arguments: &Arguments,
    pool: &rayon::ThreadPool,
    interrupted: &AtomicBool,
) -> Result<(), Failure> {
    let (started, clock) = (SystemTime::now(), Instant::now());
    let (plan, data) = (&experiment.plan, arguments.inputs.data(experiment)?);
    let folder = arguments.out.join(&plan.name);
    let session = Session::open(plan, &data, &folder, arguments.fresh)?;
    if !arguments.quiet {
        session.notices().iter().for_each(say);
        session.replaced()?.iter().for_each(say);
        let summary = plan.summary(&data);
        let summary = summary.map_err(|error| arguments.inputs.wrong(plan.fault(error)))?;
        let warnings = plan.warnings().chain(summary.warnings);
        warnings.for_each(|warning| say(format!("warning: {warning}")));
    }
    let carry_out = |name: &str, runs: &mut Runs| -> Result<usize, Failure> {
        let (kept, total) = runs.progress();
        let steps = session.missing_steps(runs);
        let progress = Progress::new(name, kept, total, steps, arguments.quiet, interrupted);
        let ran = pool.install(|| session.run(runs, &progress));
        progress.end();
        ran?;
        Ok(total - kept)
    };
    let mut trials = session.trials()?;
    let mut carried_out = 0;
    if plan.tuning.is_some() {
        carried_out += carry_out(&format!("{} (tuning)", plan.name), &mut trials)?;
    }
    let choices = runner::choose(plan, &trials.outcomes());
    if !arguments.quiet {
        choices
            .warnings
            .iter()
            .for_each(|warning| say(format!("warning: {warning}")));
    }
    let tuned_paths = plan.tuned_paths();
    let plan = &plan.settled(&choices.chosen);
    let mut runs = session.runs(&plan.arms)?;
    let (_, total) = runs.progress();
    carried_out += carry_out(&plan.name, &mut runs)?;
    let outcomes = runs.outcomes();
    if !arguments.quiet {
        let unsettled = runner::unsettled(plan, &outcomes);
        unsettled.iter().for_each(|warning| say(format!("warning: {warning}")));
    }
    let diverged = outcomes
        .iter()
        .filter(|outcome| outcome.run.status == Status::Diverged)
        .count();
    let call = Call {
        started,
        elapsed: clock.elapsed(),
        threads: pool.current_num_threads(),
        carried_out,
    };
    runner::write(plan, &data, &choices, outcomes, &call, &session)?;
    let figures = if arguments.no_figures {
        Vec::new()
    } else {
        report::draw_in(session.folder()).map_err(Failure::execution)?
    };
    if arguments.quiet {
        return Ok(());
    }
    let seconds = clock.elapsed().as_secs_f64();
    let mut lines = vec![format!(
        "{}: {} in {seconds:.1} s",
        plan.name,
        count(total as u64, "run")
    )];
    if diverged > 0 {
        let runs = folder.join("runs.csv");
        lines.push(format!(
            "{diverged} of {total} runs diverged; see `status` in {}",
            runs.display()
        ));
    }
    lines.extend(table(plan, &tuned_paths, &folder)?);
    let images = figures
        .iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "png"));
    lines.extend(images.map(|path| path.display().to_string()));
    lines.push(format!("tables in {}", folder.display()));
    if diverged == total {
        lines.push(format!(
            "no result: {}; lower the learning rate, or bound the updates with `clip`",
            if total == 1 {
                "the run diverged".into()
            } else {
                format!("all {total} runs diverged")
            }
        ));
    }
    print(&lines)
}

/// What was chosen for an arm: `path=value`.
fn chosen(plan: &Plan, arm: &Arm, tuned_paths: &[String]) -> String {
    let values = plan.paths.iter().zip(&arm.values);
    let tuned = values.filter(|(path, _)| tuned_paths.contains(path));
    let said = tuned.filter_map(|(path, value)| Some(format!("{path}={}", value.as_ref()?)));
    said.collect::<Vec<_>>().join(" ")
}

/// Each arm's final score, on the test part or else in training, a line each: mean, interval, seeds, and how many runs do not count.
fn table(plan: &Plan, tuned_paths: &[String], folder: &Path) -> Result<Vec<String>, Failure> {
    let rows = results::read::<results::SummaryRow>(&folder.join("summary.csv")).map_err(Failure::execution)?;
    let arms = results::ArmTable::read(&folder.join("arms.csv")).map_err(Failure::execution)?;
    let (split, named) = match plan.sizes.test {
        0 => ("train", "training"),
        _ => ("test", "test"),
    };
    let score = |slug: &str, metric: &str| {
        let arm = arms.rows.iter().find(|arm| arm.arm == slug)?;
        let question = results::Question::new(metric, split, results::At::Final);
        question.statistics(arm, &rows).cloned()
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
            Some(_) => format!(", tuned: {}", chosen(plan, arm, tuned_paths)),
        };
        format!(
            "  {label:width$}  {}{interval}{unit}{named} {metric}, n = {}{diverged}{tuned}",
            number(row.mean),
            row.n
        )
    };
    Ok(plan.arms.iter().map(line).collect())
}
