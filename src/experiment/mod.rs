//! Read an experiment from a RON file, refuse what is wrong with it at the exact place, and expand it to runs.

pub mod ron;
