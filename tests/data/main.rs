//! Read, fetch, draw, split and scale data.

mod arrays;
#[path = "../data_support/mod.rs"]
mod data_support;
mod fetch;
mod files;
mod images;
mod noise;
mod own_data;
mod parts;
mod slips;
#[path = "../support/mod.rs"]
mod support;
mod synthetic;
