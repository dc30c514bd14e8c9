//! Use the program as its users do: commands, messages, experiment files, results that are interrupted, damaged and continued.

mod begin;
mod book;
mod capabilities;
mod check;
mod checkpoints;
mod choice_of_metrics;
mod cite;
mod cli;
mod clusters;
#[path = "../common/mod.rs"]
mod common;
mod compare;
mod comparisons;
mod convolution;
mod damage;
#[path = "../data_support/mod.rs"]
mod data_support;
mod explain;
mod export;
mod families;
mod faults;
mod file_systems;
mod folders;
mod from_code;
mod gradcheck;
mod graph;
mod guests;
mod json;
mod limits;
mod locks;
#[path = "../made_up/mod.rs"]
mod made_up;
mod page;
mod pages;
mod paths;
mod predictions;
mod print;
mod readme;
mod reference;
mod reference_experiments;
mod replicate;
mod resume;
mod rows;
mod running;
mod saved_weights;
mod shards;
mod sources;
mod sources_pages;
mod stated;
mod stopping;
#[path = "../support/mod.rs"]
mod support;
mod surface;
mod sweep;
mod tuning;
mod under_way;
mod verify;
mod whole;
