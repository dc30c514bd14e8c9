//! Hold what determines the runs of an arm.

use std::fmt;

/// A field and its value, as RON in one line.
pub(super) type FieldText = (&'static str, String);

/// Everything that determines the runs of an arm but seed, task, split, precision and data: equal fingerprints, equal runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fingerprint {
    /// `rule`, `shadows`, then the settings, in the same order for every arm; every default is written out.
    pub(super) fields: Vec<FieldText>,
    /// Of the files that rules and network start from: a checksum of the content of each, and what is taken of it.
    pub(super) files: Vec<String>,
}

/// As keys of runs have it.
impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&in_brackets(&self.fields))?;
        self.files.iter().try_for_each(|line| write!(f, "\n{line}"))
    }
}

/// Fields between brackets, in one line.
pub(super) fn in_brackets<N: fmt::Display, V: fmt::Display>(fields: &[(N, V)]) -> String {
    let fields: Vec<_> = fields.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    format!("({})", fields.join(", "))
}
