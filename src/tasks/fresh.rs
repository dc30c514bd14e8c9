//! Draw the samples of a stream one by one, each from a random stream of its own.

use crate::random::{Generator, Purpose, Stream};
use rand::Rng;
use std::fmt;
use std::sync::{Arc, Mutex};

/// What a stream of a synthetic task draws. The discriminant is part of the key: never reorder, only append.
#[derive(Clone, Copy)]
#[repr(u64)]
pub(super) enum TaskStream {
    /// The weights of a teacher.
    Teacher = 0,
    /// Samples for training.
    Training = 1,
    /// Samples for test.
    Test = 2,
    /// The key of a stream of fresh samples.
    Stream = 3,
}

/// A source of samples without end.
pub(super) trait Sampler: fmt::Debug + Send + Sync {
    /// Fills in sample `number`: its inputs, its targets where they are values, and its class, else 0.
    fn draw(&self, number: u64, generator: &mut Generator, x: &mut [f64], y: &mut [f64]) -> u32;
}

/// The samples of one run's stream. Sample `number` of training is a function of the task's seed, the run's seed and the
/// number: arms with equal seeds see the same samples in the same order, other seeds see others, and nothing is stored.
pub(super) struct Fresh {
    sampler: Arc<dyn Sampler>,
    task_seed: u64,
    /// Of the random streams: made of both seeds.
    key: u64,
    /// Room for one sample: inputs, then values. The lock is taken once a sample, by one thread.
    room: Mutex<Vec<f64>>,
    inputs: usize,
}

impl fmt::Debug for Fresh {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fresh({:?}, {})", self.sampler, self.key)
    }
}

impl Fresh {
    /// The stream of a task with `task_seed` in runs with seed `run`.
    pub fn new(sampler: Arc<dyn Sampler>, task_seed: u64, run: u64, inputs: usize, outputs: usize) -> Self {
        let key = Stream::new(task_seed, Purpose::Task, TaskStream::Stream as u64, run)
            .generator()
            .next_u64();
        Self {
            sampler,
            task_seed,
            key,
            room: Mutex::new(vec![0.0; inputs + outputs]),
            inputs,
        }
    }

    /// The same task's stream in other runs.
    pub fn for_run(&self, run: u64) -> Self {
        let room = self.room.lock().map_or(0, |room| room.len());
        Self::new(
            self.sampler.clone(),
            self.task_seed,
            run,
            self.inputs,
            room - self.inputs,
        )
    }

    /// Hands sample `number` to `take`: inputs, values, class. Training and warm-up have samples of their own.
    pub fn draw(&self, purpose: Purpose, number: u64, take: impl FnOnce(&[f64], &[f64], u32)) {
        let mut room = self.room.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let (x, y) = room.split_at_mut(self.inputs);
        // the purpose tells training from warm-up; both stand above every part of a task
        let stream = Stream::new(self.key, Purpose::Task, 16 + purpose as u64, number);
        let class = self.sampler.draw(number, &mut stream.generator(), x, y);
        take(x, y, class);
    }
}
