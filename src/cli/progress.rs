//! Show how far a session is: a bar on a terminal, plain lines elsewhere.

use super::output::{count, say};
use crate::runner::Observer;
use indicatif::{HumanDuration, ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Between plain lines.
const PAUSE: Duration = Duration::from_secs(5);

/// Counts steps and shows them.
pub struct Progress<'a> {
    bar: ProgressBar,
    /// When the next plain line is due; none on a terminal, or if nothing is to be printed.
    next_line: Option<Mutex<Instant>>,
    interrupted: &'a AtomicBool,
}

impl<'a> Progress<'a> {
    /// Starts to show `steps` steps of the runs that `kept` of `total` leave.
    pub fn new(name: &str, kept: usize, total: usize, steps: u64, quiet: bool, interrupted: &'a AtomicBool) -> Self {
        let bar = ProgressBar::with_draw_target(Some(steps), ProgressDrawTarget::stderr_with_hz(10));
        let template = "{prefix} {wide_bar} {percent:>3} %  {per_sec}  {eta} left";
        let style = ProgressStyle::with_template(template).expect("a fixed template");
        bar.set_style(style.with_key("per_sec", per_second));
        bar.set_prefix(name.to_string());
        let plain = bar.is_hidden() && !quiet;
        if quiet {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        if plain {
            let missing = total - kept;
            say(match (missing, kept) {
                (0, _) => format!("{name}: all {total} runs are kept from an earlier call"),
                (_, 0) => format!("{name}: {}, {}", count(total as u64, "run"), count(steps, "step")),
                _ => format!(
                    "{name}: {missing} runs, {steps} steps; {kept} of {total} runs are kept from an earlier call"
                ),
            });
        }
        Self {
            bar,
            next_line: plain.then(|| Mutex::new(Instant::now() + PAUSE)),
            interrupted,
        }
    }

    /// Takes the bar away.
    pub fn end(&self) {
        self.bar.finish_and_clear();
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

    fn interrupted(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
    }
}
