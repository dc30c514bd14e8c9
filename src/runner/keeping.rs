//! Write a run down while it is under way, and let it go on where an earlier call was ended.

use super::run::Pause;
use super::{Observer, Outcome, Run, RunError};
use crate::results::checkpoints::{self, Checkpoint};
use crate::results::{Folder, ResultsError};
use crate::rules::Bind;
use std::time::{Duration, Instant};

/// The checkpoints of one run.
pub struct Keeper<'a> {
    folder: &'a Folder,
    key: String,
    /// How the run is called in messages.
    title: String,
    /// Between two of them; without, none are written.
    every: Option<Duration>,
    /// Whether there are any.
    has_any: bool,
    /// Of the next one.
    generation: u64,
    /// What the run has taken in earlier calls.
    seconds: f64,
    clock: Instant,
}

impl<'a> Keeper<'a> {
    /// Of the run with this key.
    pub fn new(folder: &'a Folder, key: String, title: String, every: Option<Duration>, has_any: bool) -> Self {
        Self {
            folder,
            key,
            title,
            every,
            has_any,
            generation: 0,
            seconds: 0.0,
            clock: Instant::now(),
        }
    }

    /// Carries out the run that `start` begins, from its last checkpoint where there is one. Nothing if the observer interrupts it.
    ///
    /// # Errors
    /// Those of `start`, or the file system refuses.
    pub fn carry_out<'r, T: Bind>(
        &mut self,
        start: impl Fn() -> Result<Run<'r, T>, RunError>,
        observer: &dyn Observer,
    ) -> Result<Option<Outcome>, RunError> {
        let mut run = match self.has_any {
            true => self.found(start, observer)?,
            false => start()?,
        };
        let mut written = run.position();
        loop {
            let due = self.every.and_then(|every| Instant::now().checked_add(every));
            let pause = run.go_on(observer, due);
            if let Pause::Over = pause {
                let mut outcome = run.into_outcome();
                outcome.seconds = Some(self.seconds());
                return Ok(Some(outcome));
            }
            // what it holds by now is not to be gone on from
            if let Some(failure) = run.failure() {
                return Err(RunError::Rule(failure));
            }
            if self.every.is_some() && run.position() != written {
                self.write(&mut run)?;
                written = run.position();
            }
            if let Pause::Interrupted = pause {
                return Ok(None);
            }
        }
    }

    /// Whether there are any.
    pub fn has_any(&self) -> bool {
        self.has_any
    }

    /// Removes them: the run is kept.
    ///
    /// # Errors
    /// The file system refuses.
    pub fn remove(&self) -> Result<(), ResultsError> {
        checkpoints::remove(self.folder, &self.key)
    }

    fn seconds(&self) -> f64 {
        self.seconds + self.clock.elapsed().as_secs_f64()
    }

    fn write<T: Bind>(&mut self, run: &mut Run<'_, T>) -> Result<(), RunError> {
        let checkpoint = Checkpoint {
            generation: self.generation,
            seconds: self.seconds(),
            body: run.checkpoint(),
        };
        self.has_any = true;
        checkpoints::place(self.folder, &self.key, &checkpoint)?;
        self.generation += 1;
        Ok(())
    }

    /// The run as its last checkpoint has it that is whole, or from the start; says what is damaged.
    fn found<'r, T: Bind>(
        &mut self,
        start: impl Fn() -> Result<Run<'r, T>, RunError>,
        observer: &dyn Observer,
    ) -> Result<Run<'r, T>, RunError> {
        let (mut lost, mut restored) = (Vec::new(), None);
        for file in checkpoints::files(self.folder, &self.key)? {
            let found = match checkpoints::read(self.folder, &file, &self.key)? {
                // it is read to be told of damage
                Ok(_) if restored.is_some() => continue,
                Ok(Checkpoint {
                    generation,
                    seconds,
                    body,
                }) => start()?.restored(&body).map(|run| (generation, seconds, run)),
                Err(problem) => Err(problem.into()),
            };
            match found {
                Ok((generation, seconds, run)) => {
                    (self.generation, self.seconds) = (generation + 1, seconds);
                    restored = Some(run);
                }
                Err(problem) => lost.push(format!("{file} {problem}")),
            }
        }
        let goes_on = match &restored {
            Some(run) => format!("goes on from its other checkpoint, at step {}", run.position().1),
            None => "begins again".into(),
        };
        if !lost.is_empty() {
            let folder = self.folder.path().display();
            observer.warns(&format!("{folder}/{}; {} {goes_on}", lost.join(", and "), self.title));
        }
        let run = restored.map_or_else(start, Ok)?;
        observer.advanced(run.position().1);
        Ok(run)
    }
}
