//! `creditlab watch`: show how far experiments are that other processes carry out, and change nothing.

use super::output::{count, is_plain, print, width};
use super::{Failure, folders};
use crate::experiment::Plan;
use crate::results::Folder;
use crate::results::manifest::Manifest;
use crate::rules::Registry;
use crate::runner::Watch;
use clap::Args;
use console::{Key, Term};
use indicatif::HumanDuration;
use std::path::PathBuf;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// Between two looks on a terminal, and between two lines elsewhere.
const PAUSES: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));

#[derive(Args)]
pub struct Arguments {
    /// Results folders, those of parts among them
    #[arg(required = true, value_name = "DIR")]
    folders: Vec<PathBuf>,
}

/// An experiment that is watched.
struct Watched<'a> {
    plan: &'a Plan,
    watch: Watch<'a>,
    /// When it was first looked at, and how much had ended then.
    begun: (Instant, usize),
}

pub fn main(arguments: &Arguments, registry: &Registry) -> Result<(), Failure> {
    let mut experiments: Vec<(Plan, Vec<Folder>)> = Vec::new();
    for path in &arguments.folders {
        let folder = Folder::open(path).map_err(|error| Failure::Input(error.to_string()))?;
        let manifest = Manifest::read(&folder).map_err(Failure::execution)?;
        let plan = folders::plan_under_way(&folder, manifest.as_ref(), registry)?;
        match experiments.iter_mut().find(|(other, _)| other.text == plan.text) {
            Some((_, folders)) => folders.push(folder),
            None => experiments.push((plan, vec![folder])),
        }
    }
    let mut watched = Vec::new();
    for (plan, folders) in &mut experiments {
        let mut watch = Watch::new(plan, std::mem::take(folders));
        watch.look().map_err(Failure::execution)?;
        let begun = (Instant::now(), watch.ended().0);
        watched.push(Watched { plan, watch, begun });
    }
    match is_plain() || !Term::stdout().is_term() {
        true => lines(&mut watched),
        false => screen(&mut watched),
    }
}

/// A line a minute.
fn lines(watched: &mut [Watched<'_>]) -> Result<(), Failure> {
    loop {
        print(&watched.iter().map(Watched::line).collect::<Vec<_>>())?;
        if watched.iter().all(Watched::is_over) {
            return Ok(());
        }
        std::thread::sleep(PAUSES.1);
        look(watched)?;
    }
}

/// All of it, again and again, until `q` is pressed.
fn screen(watched: &mut [Watched<'_>]) -> Result<(), Failure> {
    let (sender, keys) = channel();
    std::thread::spawn(move || {
        let term = Term::stdout();
        while let Ok(key) = term.read_key() {
            if sender.send(key).is_err() {
                break;
            }
        }
    });
    let term = Term::stdout();
    term.clear_screen().map_err(Failure::execution)?;
    loop {
        let mut text: Vec<String> = watched.iter().flat_map(Watched::page).collect();
        text.push("q ends watching; the runs go on".into());
        term.move_cursor_to(0, 0).map_err(Failure::execution)?;
        for line in text {
            term.clear_line().map_err(Failure::execution)?;
            print(&[line])?;
        }
        term.clear_to_end_of_screen().map_err(Failure::execution)?;
        match keys.recv_timeout(PAUSES.0) {
            Ok(Key::Char('q') | Key::Escape | Key::CtrlC) => return Ok(()),
            Ok(_) => {}
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => std::thread::sleep(PAUSES.0),
        }
        look(watched)?;
    }
}

fn look(watched: &mut [Watched<'_>]) -> Result<(), Failure> {
    let looks = watched.iter_mut().map(|one| one.watch.look());
    looks.collect::<Result<(), _>>().map_err(Failure::execution)
}

impl Watched<'_> {
    fn is_over(&self) -> bool {
        let (ended, all) = self.watch.ended();
        ended == all
    }

    /// How far it is, in one line.
    fn line(&self) -> String {
        let (ended, all) = self.watch.ended();
        let diverged: usize = self.watch.arms.iter().map(|arm| arm.diverged).sum();
        let mut line = format!(
            "{}: {ended} of {all} runs have ended, {diverged} diverged",
            self.plan.name
        );
        let under_way = self.watch.under_way.len();
        if under_way > 0 {
            line += &format!(", {under_way} under way");
        }
        let (since, before) = (self.begun.0.elapsed(), self.begun.1);
        if ended > before && ended < all {
            let rate = (ended - before) as f64 / since.as_secs_f64();
            let left = Duration::from_secs_f64((all - ended) as f64 / rate);
            line += &format!(", {:.1} a minute, {} left", 60.0 * rate, HumanDuration(left));
        }
        if self.is_over() {
            line += if self.watch.has_tables {
                "; its tables are written"
            } else {
                "; its tables are not written"
            };
        }
        line
    }

    /// How far each of its arms is, and what it has come to.
    fn page(&self) -> Vec<String> {
        let arms = || self.plan.arms.iter().zip(&self.watch.arms);
        let label = arms().map(|(arm, _)| arm.label.chars().count()).max().unwrap_or(0);
        let label = label.min(width() / 3);
        let mut lines = vec![self.line(), String::new()];
        for (arm, watched) in arms() {
            let name: String = arm.label.chars().take(label).collect();
            let trials = match watched.trials {
                (_, 0) => String::new(),
                (ended, all) => format!("  {ended} of {}", count(all as u64, "trial run")),
            };
            let mean = watched
                .mean()
                .map(|mean| format!("  {}  {mean:.4} {}", spark(&watched.curve), watched.quantity));
            let diverged = match watched.diverged {
                0 => String::new(),
                diverged => format!("  {diverged} diverged"),
            };
            lines.push(format!(
                "  {name:label$}  {} of {}{trials}{diverged}{}",
                watched.runs.0,
                count(watched.runs.1 as u64, "run"),
                mean.unwrap_or_default()
            ));
        }
        for run in &self.watch.under_way {
            let arm = self.plan.arms.iter().find(|arm| arm.slug == run.arm);
            let name = arm.map_or(&*run.arm, |arm| &*arm.label);
            lines.push(format!(
                "  under way: {name}, seed {}, step {} of {} at its last checkpoint",
                run.seed, run.step, run.of
            ));
        }
        lines.push(String::new());
        lines
    }
}

/// Values as a row of bars between the least and the greatest, of many every few.
fn spark(values: &[f64]) -> String {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    const MOST: usize = 20;
    let shown = values.len().min(MOST);
    let place = |i: usize| match shown {
        1 => 0,
        _ => i * (values.len() - 1) / (shown - 1),
    };
    let (low, high) = values
        .iter()
        .fold((f64::MAX, f64::MIN), |(low, high), x| (low.min(*x), high.max(*x)));
    let bar = |x: f64| match high > low {
        true => BARS[((x - low) / (high - low) * 7.0).round() as usize],
        false => BARS[0],
    };
    (0..shown).map(|i| bar(values[place(i)])).collect()
}

#[cfg(test)]
mod tests {
    use super::spark;

    #[test]
    fn a_curve_is_a_row_of_bars() {
        assert_eq!(spark(&[0.0, 1.0, 7.0, 3.0]), "▁▂█▄");
        assert_eq!(spark(&[2.0]), "▁");
        assert_eq!(spark(&[2.0, 2.0]), "▁▁");
        assert_eq!(spark(&[]), "");
        let many = spark(&(0..1000).map(f64::from).collect::<Vec<_>>());
        assert_eq!(
            (many.chars().count(), many.chars().next(), many.chars().last()),
            (20, Some('▁'), Some('█'))
        );
    }
}
