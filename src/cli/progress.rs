//! Show how far the runs of an experiment are: a bar on a terminal, plain lines elsewhere or where these are asked for.

use super::output::{count, is_plain, say};
use crate::runner::{Observer, Stage};
use indicatif::{HumanDuration, ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Between plain lines.
const PAUSE: Duration = Duration::from_secs(5);

/// Counts steps and shows them, and says what is to be known of the runs.
pub struct Progress<'a> {
    /// Of the experiment.
    name: &'a str,
    quiet: bool,
    bar: ProgressBar,
    /// When the next plain line is due; none on a terminal, or if nothing is to be printed.
    next_line: Option<Mutex<Instant>>,
    interrupted: &'a AtomicBool,
}

impl<'a> Progress<'a> {
    /// Shows nothing before the first stage begins, and nothing at all if `quiet`.
    pub fn new(name: &'a str, quiet: bool, interrupted: &'a AtomicBool) -> Self {
        let target = match quiet || is_plain() {
            true => ProgressDrawTarget::hidden(),
            false => ProgressDrawTarget::stderr_with_hz(10),
        };
        let lines = target.is_hidden() && !quiet;
        let template = "{prefix} {wide_bar} {percent:>3} %  {per_sec}  {eta} left";
        let style = ProgressStyle::with_template(template).expect("a fixed template");
        Self {
            name,
            quiet,
            bar: ProgressBar::with_draw_target(None, target).with_style(style.with_key("per_sec", per_second)),
            next_line: lines.then(|| Mutex::new(Instant::now())),
            interrupted,
        }
    }

    fn line(&self) {
        let (position, length) = (self.bar.position(), self.bar.length().unwrap_or(0));
        let percent = 100 * position / length.max(1);
        let left = HumanDuration(self.bar.eta());
        say(format!(
            "{}: {percent} %, {:.0} steps/s, {left} left",
            self.bar.prefix(),
            self.bar.per_sec()
        ));
    }
}

fn per_second(state: &indicatif::ProgressState, out: &mut dyn std::fmt::Write) {
    // the bar is only text on a terminal: a failure to format it is not worth an error
    let _ = write!(out, "{:.0} steps/s", state.per_sec());
}

impl Observer for Progress<'_> {
    fn begins(&self, stage: &Stage) {
        let Stage {
            runs,
            kept,
            begun,
            steps,
            ..
        } = *stage;
        let name = match stage.tuning {
            true => format!("{} (tuning)", self.name),
            false => self.name.to_owned(),
        };
        if let Some(Ok(mut next)) = self.next_line.as_ref().map(Mutex::lock) {
            *next = Instant::now() + PAUSE;
            let missing = runs - kept;
            let mut line = match (missing, kept) {
                (0, _) => format!("{name}: all {runs} runs are kept from an earlier call"),
                (_, 0) => format!("{name}: {}, {}", count(runs as u64, "run"), count(steps, "step")),
                _ => {
                    format!(
                        "{name}: {missing} runs, {steps} steps; {kept} of {runs} runs are kept from an earlier call"
                    )
                }
            };
            match begun {
                0 => {}
                1 => line += "; one goes on from a checkpoint",
                _ => line += &format!("; {begun} go on from checkpoints"),
            }
            say(line);
        }
        self.bar.set_prefix(name);
        self.bar.set_length(steps);
        self.bar.reset();
    }

    fn advanced(&self, steps: u64) {
        self.bar.inc(steps);
        let Some(next) = &self.next_line else { return };
        // another thread at it prints the line
        let Ok(mut next) = next.try_lock() else { return };
        let now = Instant::now();
        if now >= *next {
            *next = now + PAUSE;
            self.line();
        }
    }

    fn ends(&self) {
        self.bar.finish_and_clear();
    }

    fn warns(&self, warning: &str) {
        if !self.quiet {
            say(format!("warning: {warning}"));
        }
    }

    fn interrupted(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
    }
}
