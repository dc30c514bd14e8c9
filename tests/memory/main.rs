//! Bound the memory and the allocations of readers and of training steps, under an allocator that counts.

mod allocations;
mod checkpoints;
#[path = "../counting/mod.rs"]
mod counting;
mod data_hostile;
#[path = "../data_support/mod.rs"]
mod data_support;
mod hostile;
mod task_memory;
