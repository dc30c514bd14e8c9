//! Start the command line.

fn main() {}
