//! Read the arms of an experiment: expand values that stand for several, name the arms, and ask every rule whether it can
//! work there.

use super::check::{self, Draft};
use super::label::{self, Origin};
use super::names::{ARM, EACH, FIELDS, SETTINGS, TUNABLE, TUNE};
use super::read::{Reader, required, rule_of};
use super::slug;
use super::{Arm, Fingerprint, NamedRule, Precision, Trial, files, write};
use crate::notation::{Field, Mistake, Node, Options, Result, Span, Variant};

/// More arms, or trials of an arm, than anybody has asked for.
pub(super) const MOST_ARMS: usize = 10_000;

/// The arms as the file has them.
pub(super) struct Arms<'d> {
    items: Vec<Node<'d>>,
    /// Of each item: its own fields, then those of the experiment that it does not replace.
    fields: Vec<Options<'d>>,
}

/// Options that make one arm, and how they can be completed where something is tuned.
struct Expanded<'d> {
    item: usize,
    arm: Variant<'d>,
    trials: Vec<Variant<'d>>,
}

impl<'d> Arms<'d> {
    /// The list of arms in the fields of an experiment.
    pub fn read(options: &Options<'d>) -> Result<Self> {
        let list = required(options, "arms")?;
        let items = list
            .items()
            .ok_or_else(|| list.wrong_type("a list of arms `[..]`").help("such as `[Backprop]`"))?;
        if items.is_empty() {
            return Err(Mistake::new("an experiment needs at least one arm")
                .at(list.span())
                .help("such as `[Backprop]`"));
        }
        let own = items.iter().map(arm_options).collect::<Result<Vec<_>>>()?;
        check_used(options, &own)?;
        let shared = options.clone().select(SETTINGS);
        let fields = own.iter().map(|own| own.replaced_by(&shared.replaced_by(own)));
        Ok(Self {
            fields: fields.collect(),
            items,
        })
    }

    /// The arms, checked and named.
    pub fn arms(&self, reader: &Reader<'_>, precision: Precision, seed: u64) -> Result<Vec<Arm>> {
        let expanded = self.expand()?;
        check_trials(&expanded)?;
        let mut drafts = Vec::new();
        for Expanded { item, trials, .. } in &expanded {
            for trial in trials {
                drafts.push(draft(&self.items[*item], &trial.options(), reader)?);
            }
        }
        check::estimators(&drafts)?;
        check::rules(&mut drafts, reader, precision, seed)?;
        files::refuse_unused(&drafts)?;
        drafts.iter_mut().try_for_each(files::digest)?;

        let (mut arms, mut places, mut origins) = (Vec::new(), Vec::new(), Vec::new());
        let mut drafts = drafts.into_iter();
        for Expanded { item, arm, trials } in &expanded {
            let drafts: Vec<_> = drafts.by_ref().take(trials.len()).collect();
            places.push(drafts[0].place.clone());
            origins.push(Origin {
                label: drafts[0].label.clone(),
                item: *item,
            });
            arms.push(join(arm, trials, drafts)?);
        }
        label::name(&mut arms, &origins);
        check::slugs(&arms, &places)?;
        Ok(arms)
    }

    /// One set of options per value of each `Each`, and one completion of it per value of each `Tune`.
    fn expand(&self) -> Result<Vec<Expanded<'d>>> {
        let mut expanded = Vec::new();
        let mut all_trials = 0;
        for (item, fields) in self.fields.iter().enumerate() {
            for arm in Variant::of(fields).expand(EACH, MOST_ARMS)? {
                refuse_idle_tuning(&arm)?;
                let trials = arm.untaken().expand(TUNE, MOST_ARMS)?;
                all_trials += trials.len();
                expanded.push(Expanded { item, arm, trials });
                if all_trials > MOST_ARMS {
                    let title =
                        format!("these are more than {MOST_ARMS} arms and trials, which is the most that is possible");
                    let mistake = Mistake::new(title).at(self.items[item].span());
                    return Err(mistake.help("make several experiments of it"));
                }
            }
        }
        Ok(expanded)
    }
}

/// Refuses `Tune` where validation has nothing to choose.
fn refuse_idle_tuning(arm: &Variant<'_>) -> Result<()> {
    let options = arm.options();
    for Field { name, value, .. } in options.fields.iter().filter(|field| !TUNABLE.contains(&field.name)) {
        if let Some(span) = value.find_choice(TUNE) {
            let mistake = Mistake::new(format!("`{TUNE}` cannot stand in `{name}`")).at(span);
            return Err(mistake
                .label("it does not change what is learned")
                .help(format!("`{EACH}([..])` makes one arm per value")));
        }
    }
    Ok(())
}

/// Refuses unequal numbers of trials: the comparison would favour an arm that has more.
fn check_trials(expanded: &[Expanded<'_>]) -> Result<()> {
    let mut tuned = expanded.iter().filter(|arm| !arm.trials[0].taken.is_empty());
    let place = |arm: &Expanded<'_>| -> Span {
        let options = arm.arm.options();
        let choice = options.fields.iter().find_map(|field| field.value.find_choice(TUNE));
        choice.unwrap_or(options.span)
    };
    let Some(first) = tuned.next() else { return Ok(()) };
    match tuned.find(|arm| arm.trials.len() != first.trials.len()) {
        None => Ok(()),
        Some(other) => {
            let (trials, expected) = (other.trials.len(), first.trials.len());
            let title = format!("this arm has {trials} trials, another one {expected}");
            Err(Mistake::new(title)
                .at(place(other))
                .mark(place(first), format!("{expected} trials"))
                .help("give every tuned arm the same number of values, or the comparison is not fair"))
        }
    }
}

/// One arm of the drafts of its trials.
fn join(arm: &Variant<'_>, trials: &[Variant<'_>], mut drafts: Vec<Draft<'_>>) -> Result<Arm> {
    let tuned = !trials[0].taken.is_empty();
    let of_rule = |draft: &&Draft<'_>| draft.arm.rule.rule.name() != drafts[0].arm.rule.rule.name();
    if let Some(other) = drafts.iter().find(of_rule) {
        let mistake = Mistake::new(format!("`{TUNE}` cannot choose between rules")).at(other.rule.span());
        return Err(mistake.help(format!("`{EACH}([..])` makes one arm per rule")));
    }
    let trial = |(trial, draft): (&Variant<'_>, &Draft<'_>)| Trial {
        taken: trial.taken.clone(),
        rule: draft.arm.rule.clone(),
        settings: draft.arm.settings.clone(),
        fingerprint: draft.arm.fingerprint.clone(),
    };
    let all = trials.iter().zip(&drafts).filter(|_| tuned).map(trial).collect();
    let fields = arm.fields_with(TUNE);
    Ok(Arm {
        trials: all,
        tuned_fields: fields.into_iter().map(|(name, text)| (name.to_owned(), text)).collect(),
        ..drafts.swap_remove(0).arm
    })
}

/// The fields of an arm; a bare rule is short for `(rule: ..)`.
fn arm_options<'d>(item: &Node<'d>) -> Result<Options<'d>> {
    if let Some((_, end)) = item.name() {
        let rule = Options::of("rule", item);
        return Ok(Options { end, ..rule });
    }
    let options = item
        .options()
        .map_err(|_| item.wrong_type("a rule or `(rule: .., ..)`"))?;
    if let Some(field) = options
        .fields
        .iter()
        .find(|field| FIELDS.contains(&field.name) && !ARM.contains(&field.name))
    {
        return Err(Mistake::new(format!("an arm cannot have its own `{}`", field.name))
            .at(field.name_span.clone())
            .help("all arms share it: say it once, beside `arms`"));
    }
    item.fields("", ARM)
}

/// Refuses a field of the experiment that every arm replaces.
fn check_used(options: &Options<'_>, arms: &[Options<'_>]) -> Result<()> {
    let replaced = |name: &str| SETTINGS.contains(&name) && arms.iter().all(|arm| arm.get(name).is_some());
    match options.fields.iter().find(|field| replaced(field.name)) {
        None => Ok(()),
        Some(field) => Err(Mistake::new(format!("`{}` has no effect", field.name))
            .at(field.name_span.clone())
            .label("every arm replaces it")
            .help("leave it out")),
    }
}

/// An arm as its options describe it, before it has a name.
fn draft<'v>(item: &Node<'_>, options: &Options<'v>, reader: &Reader<'_>) -> Result<Draft<'v>> {
    let rule = required(options, "rule")?;
    let shadows = options.locate("shadows");
    let arm = Arm {
        slug: String::new(),
        label: String::new(),
        rule: NamedRule::of(reader.rules.read(&rule)?),
        settings: reader.settings(options)?,
        shadows: shadows
            .as_ref()
            .map_or(Ok(Vec::new()), |list| reader.named_rules(list))?,
        folder: reader.folder.to_owned(),
        values: Vec::new(),
        fingerprint: Fingerprint::default(),
        trials: Vec::new(),
        tuned_fields: Vec::new(),
    };
    let label = options.read::<String>("label")?;
    if let Some(label) = &label {
        slug::check_label(label).map_err(|mistake| mistake.at(options.place("label")))?;
    }
    let rules_of = |list: Option<Node<'v>>| -> Vec<Node<'v>> {
        let items = list.and_then(|list| list.items()).unwrap_or_default();
        items.iter().map(rule_of).collect()
    };
    let span_of = |path| options.locate(path).map(|value| value.span());
    let mut draft = Draft {
        place: span_of("label")
            .or_else(|| rule.name().map(|(_, span)| span))
            .unwrap_or_else(|| item.span()),
        label,
        rule,
        shadows: rules_of(shadows),
        against: rules_of(options.locate("measure.against")),
        draws: span_of("measure.draws"),
        end: options.place("measure"),
        init: span_of("network.init").unwrap_or_else(|| options.place("network")),
        own: Vec::new(),
        arm,
    };
    check::names(&draft)?;
    draft.arm.fingerprint.fields = write::arm(&draft.arm);
    Ok(draft)
}
