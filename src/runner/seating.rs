//! Seat the rules of an arm: who trains, who is a shadow, who is only compared with.

use crate::experiment::NamedRule;

/// Who sits where in a training: the trainer, its shadows, then references that are none of these.
pub struct Seating<'a> {
    /// In the order of [`Training::seats`](super::Training::seats).
    pub rules: Vec<&'a NamedRule>,
    /// Number of seats that propose for themselves.
    pub proposers: usize,
    /// Seats of the references.
    pub references: Vec<usize>,
}

impl<'a> Seating<'a> {
    /// Seats the rules. A reference that is the trainer or one of the shadows, options included, takes no seat of its own.
    pub fn new(trainer: &'a NamedRule, shadows: &'a [NamedRule], against: &'a [NamedRule]) -> Self {
        let mut rules: Vec<_> = std::iter::once(trainer).chain(shadows).collect();
        let proposers = rules.len();
        let same =
            |a: &NamedRule, b: &NamedRule| a.rule.name() == b.rule.name() && a.rule.options() == b.rule.options();
        let mut seat = |reference: &'a NamedRule| {
            rules.iter().position(|rule| same(rule, reference)).unwrap_or_else(|| {
                rules.push(reference);
                rules.len() - 1
            })
        };
        let references = against.iter().map(&mut seat).collect();
        Self {
            rules,
            proposers,
            references,
        }
    }
}
