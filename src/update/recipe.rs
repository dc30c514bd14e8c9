//! Put round an optimizer what changes its rates in space and time, and what bounds its steps.

use super::optimizer::WrittenRecipe;
use super::{Group, Optimizer, Schedule};
use crate::network::{bias_name, weight_name};
use crate::refusal::Refusal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How the proposals of a run become changes: an optimizer, with groups, a schedule and clipping.
///
/// Files have it in one piece, `Sgd(learning_rate: 0.1, schedule: Cosine(over: Epochs(100)), clip: 1.0)`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(from = "WrittenRecipe", into = "WrittenRecipe")]
pub struct Recipe {
    /// How a direction is made of a proposal.
    pub optimizer: Optimizer,
    /// Parameters of the network with numbers of their own; of the groups that fit a parameter the first counts.
    pub groups: Vec<Group>,
    /// Multiplies all rates; its clock is the number of changes made.
    pub schedule: Schedule,
    /// The largest norm: `u ← u min(1, clip / |u|)`, `|u|` over the weights and biases of all layers that the rule trains together,
    /// before `l2`, momentum and everything else.
    pub clip: Option<f64>,
}

impl From<Optimizer> for Recipe {
    fn from(optimizer: Optimizer) -> Self {
        Self {
            optimizer,
            ..Self::default()
        }
    }
}

/// The numbers of one parameter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Rates {
    pub learning_rate: f64,
    pub decay: f64,
    pub l2: f64,
}

impl Recipe {
    /// With every span in steps. Until then an epoch counts as one step.
    #[must_use]
    pub fn in_steps(&self, steps_per_epoch: u64) -> Self {
        Self {
            schedule: self.schedule.in_steps(steps_per_epoch),
            ..self.clone()
        }
    }

    /// The same without groups: for layers that a rule owns, which are not parameters of the network. `clip` then bounds the norm
    /// over those layers.
    #[must_use]
    pub fn ungrouped(&self) -> Self {
        Self {
            groups: Vec::new(),
            ..self.clone()
        }
    }

    /// What the weights of the network's layer `l` get, without clipping: for weights of a rule that go through the same.
    #[must_use]
    pub fn of_weight(&self, l: usize) -> Self {
        let numbers = self.groups.iter().find(|group| group.matches(&weight_name(l)));
        Self {
            groups: numbers.map_or(Vec::new(), |group| {
                vec![Group {
                    pattern: "*".into(),
                    ..group.clone()
                }]
            }),
            clip: None,
            ..self.clone()
        }
    }

    /// Whether weights decay by a factor that what follows them shares, somewhere in the network.
    pub fn decays(&self) -> bool {
        self.some(self.optimizer.decay(), |group| group.decay)
    }

    /// Whether `l2` pulls at parameters, somewhere in the network.
    pub fn has_l2(&self) -> bool {
        self.some(self.optimizer.l2(), |group| group.l2)
    }

    fn some(&self, option: Option<f64>, of: impl Fn(&Group) -> Option<f64>) -> bool {
        let mut values = self.groups.iter().filter_map(of).chain(option);
        values.any(|value| value != 0.0)
    }

    /// Arrays in the shape of the parameters that a stepper holds.
    pub fn arrays(&self) -> usize {
        let moments = usize::from(self.optimizer.first_moment().is_some()) + usize::from(self.optimizer.is_adaptive());
        moments + usize::from(self.writes_directions())
    }

    /// Whether directions must be written down, since neither the proposal nor the velocity is one.
    pub(super) fn writes_directions(&self) -> bool {
        self.clip.is_some() || !self.optimizer.is_heavy()
    }

    /// The numbers of the weights and of the biases of the network's layer `l`.
    pub(super) fn rates(&self, l: usize) -> [Rates; 2] {
        [(weight_name(l), 1.0), (bias_name(l), 0.0)].map(|(name, own)| {
            let group = self.groups.iter().find(|group| group.matches(&name));
            let number = |of: fn(&Group) -> Option<f64>| group.and_then(of);
            Rates {
                learning_rate: number(|group| group.learning_rate).unwrap_or(self.optimizer.learning_rate()),
                decay: number(|group| group.decay).unwrap_or(own * self.optimizer.decay().unwrap_or(0.0)),
                l2: number(|group| group.l2).unwrap_or(own * self.optimizer.l2().unwrap_or(0.0)),
            }
        })
    }

    fn largest(&self, own: f64, of: impl Fn(&Group) -> Option<f64>) -> f64 {
        self.groups.iter().filter_map(of).fold(own, f64::max)
    }

    /// No rate is larger.
    fn largest_rate(&self) -> f64 {
        self.schedule.most() * self.largest(self.optimizer.learning_rate(), |group| group.learning_rate)
    }

    /// Whether steps along moderate proposals (see [`Proposal::is_moderate`](super::Proposal::is_moderate)) cannot overflow a weight:
    /// the rate leaves room for their products, gathered by momentum, and `l2` shrinks weights rather than blowing them up. Never
    /// said of an optimizer that squares proposals.
    pub fn is_moderate(&self) -> bool {
        let (rate, l2) = (
            self.largest_rate(),
            self.largest(self.optimizer.l2().unwrap_or(0.0), |group| group.l2),
        );
        let room = 1.0 - self.optimizer.momentum().unwrap_or(0.0);
        !self.optimizer.is_adaptive() && rate <= 1e6 * room && rate * l2 <= 1.0
    }

    /// Refuses what is impossible or has no effect in training to step `end`; `names` are the network's parameters.
    ///
    /// # Errors
    /// The first refusal. Its option is a path such as `groups.0.decay`, places in lists counted from 0, its reason a sentence of its
    /// own, and its remedy may be empty.
    pub fn check(&self, steps_per_epoch: u64, end: u64, names: &[String]) -> Result<(), Refusal> {
        self.optimizer.check().map_err(told)?;
        self.schedule.check(steps_per_epoch, end)?;
        let most = self.schedule.most() * self.optimizer.learning_rate();
        let decay = self.optimizer.check_decay(most, self.optimizer.decay().unwrap_or(0.0));
        decay.map_err(told)?;
        if self.clip.is_some_and(|clip| !(clip > 0.0 && clip.is_finite())) {
            let remedy = "leave it out for no clipping";
            return Err(Refusal::new("clip", "`clip` must be positive", remedy));
        }
        for (i, group) in self.groups.iter().enumerate() {
            let within = |refusal: Refusal| refusal.within(&format!("groups.{i}"));
            self.check_group(i, group, names).map_err(within)?;
        }
        Ok(())
    }

    fn check_group(&self, i: usize, group: &Group, names: &[String]) -> Result<(), Refusal> {
        let Group {
            pattern,
            learning_rate,
            decay,
            l2,
        } = group;
        let refuse = |option: &str, reason: &str, remedy: &str| Err(Refusal::new(option, reason, remedy));
        if (learning_rate, decay, l2) == (&None, &None, &None) {
            let remedy = "give it a `learning_rate`, a `decay` or an `l2`";
            return refuse("", "this group changes nothing", remedy);
        }
        if learning_rate.is_some_and(|rate| !(rate >= 0.0 && rate.is_finite())) {
            return refuse("learning_rate", "`learning_rate` must not be negative", "");
        }
        if decay.is_some() && self.optimizer.decay().is_none() {
            let remedy = "`AdamW` has one, and `l2` adds to the gradient";
            return refuse("decay", "`Adam` has no `decay`", remedy);
        }
        if l2.is_some() && self.optimizer.l2().is_none() {
            return refuse("l2", "`AdamW` has no `l2`", "`Adam` has one; here there is `decay`");
        }
        let most = self.schedule.most() * learning_rate.unwrap_or(self.optimizer.learning_rate());
        let decay = decay.or(self.optimizer.decay()).unwrap_or(0.0);
        self.optimizer.check_decay(most, decay).map_err(told)?;
        self.optimizer.check_l2(l2.unwrap_or(0.0)).map_err(told)?;
        if !names.iter().any(|name| group.matches(name)) {
            let known: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
            let reason = format!("`{pattern}` fits no parameter of the network");
            return refuse("match", &reason, &format!("there are {}", known.join(", ")));
        }
        let earlier = |name: &String| self.groups[..i].iter().any(|group| group.matches(name));
        if names.iter().filter(|name| group.matches(name)).all(earlier) {
            let reason = format!("`{pattern}` has no effect: earlier groups take all that it fits");
            let remedy = "of the groups that fit a parameter the first counts";
            return refuse("match", &reason, remedy);
        }
        Ok(())
    }
}

/// The refusal of a number, in a sentence of its own.
fn told(refusal: Refusal) -> Refusal {
    Refusal {
        reason: refusal.sentence(),
        ..refusal
    }
}
