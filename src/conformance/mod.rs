//! Hold every learning rule, ours and yours, to the laws that the rest of the crate relies on.
//!
//! ```
//! let report = creditlab::conformance::check(&creditlab::rules::builtin(), "FeedbackAlignment(feedback: (scale: 2.0))");
//! println!("{}", report.expect("an honest rule"));
//! ```
//!
//! Every law is tried in `f32` and in `f64`, on trainings of a few steps of the same kind as an experiment makes. The task has
//! classes that no plane separates, and batches of several sizes, one among them. The laws:
//!
//! - *same seed, same bytes*; *threads change nothing*;
//! - *save, restore, go on*: the network, what the optimizer remembers and the rule's named arrays are all there is to save, after any
//!   step and for a shadow too: it is what checkpoints rely on;
//! - *measuring changes nothing*: probing, predicting and showing feedback weights move no byte;
//! - *shadows change nothing*: neither its shadows move the rule, nor does it, as a shadow, move another;
//! - *scratch carries no meaning*: it can be dropped between any two steps;
//! - *any batch size*: smaller batches and batches of one, after larger ones and from the start;
//! - *a batch is the mean of its samples* and *the order of samples does not matter*, for rules without draws (the first: without
//!   batch statistics);
//! - *zero error, zero update*, for rules that call themselves error-driven;
//! - *draws are declared*, *feedback has its declared shape*, and *predictions are declared and separate*: a rule says if it has its
//!   own, and what it predicts for a sample does not depend on which others are predicted with it;
//! - *trained layers get updates*: what the rule says it trains, it trains;
//! - *needs are what they are declared to be*, as far as an experiment can tell: see [`audit`];
//! - *non-finite numbers are seen* at the exact step, and leave no trace;
//! - *unknown options are refused*, *refusals name the option*, *options survive a round trip*, and
//!   *every option matters* within three steps;
//! - *accepts or refuses* other networks, losses and optimizers with a reason and a remedy, and without a panic.
//!
//! Options are found in the rule's own RON text. Numbers are made larger and smaller, switches are turned, and of a choice every
//! other value that needs no fields of its own is taken. A value with fields is tried by stating it:
//! `check(&registry, "Name(choice: Other(steps: 3))")`. What was not tried stands in the report.

mod audit;
mod case;
mod laws;
mod options;

pub use audit::{NeedFinding, audit, is_confirmed};

use crate::experiment::HiddenEntry;
use crate::loss::Loss;
use crate::network::{Activation, Map};
use crate::rules::{Bind, Refusal, Registry};
use crate::update::Optimizer;
use case::{Case, quietly};
use std::fmt;

/// The network, loss and optimizer on which a rule is tried. Where a rule refuses the default, state another.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Units from the input to the output.
    pub sizes: Vec<usize>,
    /// Where the inputs are an image: its shape, and the hidden layers, in place of those between the first and the last size.
    pub maps: Option<(Map, Vec<HiddenEntry>)>,
    /// Of the hidden layers.
    pub hidden: Activation,
    /// Share of units that the hidden layers drop in training.
    pub dropout: f64,
    /// Of the output layer; the loss must accept it.
    pub output: Activation,
    /// What is minimised.
    pub loss: Loss,
    /// What makes changes of proposals.
    pub optimizer: Optimizer,
    /// Samples in a full batch.
    pub batch: usize,
}

impl Default for Setup {
    /// 12-20-16-3 tanh units, cross-entropy, momentum and decay, batches of 8.
    fn default() -> Self {
        Self {
            sizes: vec![12, 20, 16, 3],
            maps: None,
            hidden: Activation::Tanh,
            dropout: 0.0,
            output: Activation::Identity,
            loss: Loss::CROSS_ENTROPY,
            optimizer: Optimizer::Sgd {
                learning_rate: 0.05,
                momentum: 0.5,
                decay: 1e-3,
                l2: 0.0,
            },
            batch: 8,
        }
    }
}

/// A law that a rule kept, in one precision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptLaw {
    /// Name of the law.
    pub law: &'static str,
    /// `f32` or `f64`.
    pub precision: &'static str,
    /// Why the law does not apply to the rule, or what of it was not tried.
    pub note: Option<String>,
}

/// A rule that kept every law.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// As stated.
    pub rule: String,
    /// Every law, in both precisions.
    pub kept: Vec<KeptLaw>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let noted = self.kept.iter().filter(|kept| kept.note.is_some()).count();
        write!(f, "{}: {} laws kept", self.rule, self.kept.len() - noted)?;
        if noted > 0 {
            write!(f, ", {noted} in part or not applicable")?;
        }
        for KeptLaw { law, precision, note } in &self.kept {
            if let Some(note) = note {
                write!(f, "\n  {law} ({precision}): {note}")?;
            }
        }
        Ok(())
    }
}

/// A law that a rule broke.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// As stated.
    pub rule: String,
    /// Name of the law.
    pub law: &'static str,
    /// `f32` or `f64`.
    pub precision: &'static str,
    /// What differed.
    pub what: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            rule,
            law,
            precision,
            what,
        } = self;
        write!(f, "{rule} breaks `{law}` ({precision}): {what}")
    }
}

/// All the laws that were broken, one a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violations(pub Vec<Violation>);

impl fmt::Display for Violations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<_> = self.0.iter().map(Violation::to_string).collect();
        f.write_str(&lines.join("\n"))
    }
}

impl std::error::Error for Violations {}

/// Tries every law on a rule stated as in an experiment file, `Name` or `Name(option: value)`, in the default [`Setup`], or where the rule
/// refuses that in [another](Setup::or_accepted).
///
/// # Errors
/// Every law that was broken.
pub fn check(registry: &Registry, rule: &str) -> Result<Report, Violations> {
    Setup::default().or_accepted(registry, rule).check(registry, rule)
}

/// Tries every law on every rule of the registry, with its default options.
///
/// # Errors
/// Every law that some rule broke.
pub fn check_all(registry: &Registry) -> Result<Vec<Report>, Violations> {
    let (mut reports, mut violations) = (Vec::new(), Vec::new());
    for entry in registry.entries() {
        match check(registry, entry.name) {
            Ok(report) => reports.push(report),
            Err(Violations(more)) => violations.extend(more),
        }
    }
    if violations.is_empty() {
        Ok(reports)
    } else {
        Err(Violations(violations))
    }
}

impl Setup {
    /// The default with images of 1 x 7 x 7 and these hidden layers, such as a convolution, a pool of it and a local layer.
    pub fn with_maps(hidden: &[HiddenEntry]) -> Self {
        let image = Map::new(1, 7, 7);
        Self {
            sizes: vec![image.units(), 3],
            maps: Some((image, hidden.to_vec())),
            ..Self::default()
        }
    }

    /// This, or where the rule refuses it the first that it accepts of the same with squared errors of logistic outputs, and with logistic
    /// units; this where it refuses all.
    #[must_use]
    pub fn or_accepted(self, registry: &Registry, rule: &str) -> Self {
        let squares = Self {
            output: Activation::Logistic,
            loss: Loss::HALF_SQUARES,
            ..self.clone()
        };
        let never_negative = Self {
            hidden: Activation::Logistic,
            ..self.clone()
        };
        let accepts = |setup: &Self| matches!(setup.refusal(registry, rule), Ok(None));
        let accepted = [&self, &squares, &never_negative]
            .into_iter()
            .find(|setup| accepts(setup));
        accepted.cloned().unwrap_or(self)
    }

    /// Why the rule, stated as in an experiment file, cannot work here; absent where it can.
    ///
    /// # Errors
    /// The rule cannot be read.
    pub fn refusal(&self, registry: &Registry, rule: &str) -> Result<Option<Refusal>, String> {
        Ok(Case::new(registry, rule, self)?.refusal::<f64>())
    }

    /// As the function [`check`], here.
    ///
    /// # Errors
    /// Every law that was broken.
    pub fn check(&self, registry: &Registry, rule: &str) -> Result<Report, Violations> {
        let (mut kept, mut violations) = (Vec::new(), Vec::new());
        self.check_in::<f32>(registry, rule, &mut kept, &mut violations);
        self.check_in::<f64>(registry, rule, &mut kept, &mut violations);
        if violations.is_empty() {
            let rule = rule.to_string();
            Ok(Report { rule, kept })
        } else {
            Err(Violations(violations))
        }
    }

    fn check_in<T: Bind>(
        &self,
        registry: &Registry,
        text: &str,
        kept: &mut Vec<KeptLaw>,
        violations: &mut Vec<Violation>,
    ) {
        let precision = std::any::type_name::<T>();
        let mut judge = |law, verdict| match verdict {
            Ok(note) => {
                kept.push(KeptLaw { law, precision, note });
                true
            }
            Err(what) => {
                let rule = text.to_string();
                violations.push(Violation {
                    rule,
                    law,
                    precision,
                    what,
                });
                false
            }
        };
        let case = match Case::new(registry, text, self) {
            Ok(case) => case,
            Err(error) => {
                judge("stated correctly", Err(error));
                return;
            }
        };
        if judge("works in the trial", quietly(|| laws::works::<T>(&case))) {
            for (name, law) in laws::all::<T>() {
                judge(name, quietly(|| law(&case)));
            }
        }
    }
}
