//! Refuse arms that tables could not tell apart, and rules that cannot work where an arm puts them.

use super::read::Reader;
use super::{Arm, NamedRule, NetworkShape, Precision, slug};
use crate::network::Network;
use crate::notation::{Mistake, Node, Result, Span};
use crate::random::{Purpose, Stream};
use crate::rules::{self, Refusal, Setting};
use std::collections::{HashMap, HashSet};

/// An arm with the places that messages about it need.
pub(super) struct Draft<'d> {
    pub arm: Arm,
    pub label: Option<String>,
    /// Where the arm is told from others: its label, else its rule.
    pub place: Span,
    pub rule: Node<'d>,
    pub shadows: Vec<Node<'d>>,
    /// As many as the file names.
    pub against: Vec<Node<'d>>,
    /// Where the file says how many proposals are drawn to judge estimators.
    pub draws: Option<Span>,
    /// Where a rule stands that the file does not name.
    pub end: Span,
    /// Where the file says how weights start, or something of the network.
    pub init: Span,
    /// The arrays of the network's file that rules start from.
    pub own: Vec<String>,
}

/// Refuses two different rules of one name in an arm: tables could not tell them apart.
pub(super) fn names(draft: &Draft<'_>) -> Result<()> {
    let Draft { arm, .. } = draft;
    let options = |rule: &NamedRule| (rule.rule.name(), rule.rule.options());
    let own = std::iter::once((&arm.rule, &draft.rule));
    let others: Vec<_> = own.chain(arm.shadows.iter().zip(&draft.shadows)).collect();
    let twice = |name: &str, at: &Node<'_>, first: &Node<'_>| {
        Err(Mistake::new(format!("two rules of this arm are called `{name}`"))
            .at(at.span())
            .mark(first.span(), "the first")
            .help("give one of them a name: `(label: \"..\", rule: ..)`"))
    };
    for (shadow, node) in &others[1..] {
        if shadow.label == arm.rule.label {
            return twice(&shadow.label, node, &draft.rule);
        }
    }
    for (reference, node) in arm.settings.measure.against.iter().zip(&draft.against) {
        let same = others.iter().find(|(rule, _)| rule.label == reference.label);
        if let Some((rule, first)) = same.filter(|(rule, _)| options(rule) != options(reference)) {
            return twice(&rule.label, node, first);
        }
    }
    Ok(())
}

/// Refuses arms that files could not tell apart.
pub(super) fn slugs(arms: &[Arm], places: &[Span]) -> Result<()> {
    let mut earlier: HashMap<&str, usize> = HashMap::new();
    for (i, arm) in arms.iter().enumerate() {
        if arm.slug.is_empty() {
            let mistake = Mistake::new("a label needs a letter from a to z or a digit").at(places[i].clone());
            return Err(mistake.help("files are named after it"));
        }
        if let Some(reason) = slug::not_a_folder(&arm.slug) {
            let shown: String = arm.slug.chars().take(60).collect();
            let mistake = Mistake::new(format!("`{shown}` cannot be the name of a folder")).at(places[i].clone());
            return Err(mistake.label(reason).help("give this arm another `label`"));
        }
        if let Some(first) = earlier.insert(&arm.slug, i) {
            if places[first] == places[i] {
                let mistake = Mistake::new("a list of values makes two equal arms").at(places[i].clone());
                return Err(mistake.help("leave out a value of its `Each([..])` that is there twice"));
            }
            return Err(Mistake::new(format!("two arms are called `{}`", arm.slug))
                .at(places[i].clone())
                .mark(places[first].clone(), "the first")
                .help("give one of them another `label`"));
        }
        // what a value adds to a label may be long where its slug is short
        slug::check_made(&arm.label).map_err(|mistake| mistake.at(places[i].clone()))?;
    }
    Ok(())
}

/// Refuses to judge estimators where no rule draws.
pub(super) fn estimators(drafts: &[Draft<'_>]) -> Result<()> {
    let judged = |draft: &&Draft<'_>| {
        let mut rules = std::iter::once(&draft.arm.rule).chain(&draft.arm.shadows);
        rules.any(|named| named.rule.needs().draws)
    };
    // arms may share what the experiment says
    let start = |draft: &Draft<'_>| draft.draws.as_ref().map(|span| span.start);
    let judging: HashSet<_> = drafts.iter().filter(judged).map(start).collect();
    for draft in drafts.iter().filter(|draft| draft.arm.settings.measure.draws > 0) {
        if let Some(place) = draft.draws.clone().filter(|_| !judging.contains(&start(draft))) {
            return Err(Mistake::new("`draws` has no effect")
                .at(place)
                .label("no rule draws random numbers here")
                .help("leave it out, or train or shadow with a rule that does, such as `NodePerturbation`"));
        }
    }
    Ok(())
}

/// Asks every rule of every arm whether it can work there.
pub(super) fn rules(drafts: &mut [Draft<'_>], reader: &Reader<'_>, precision: Precision, seed: u64) -> Result<()> {
    match precision {
        Precision::F32 => rules_in::<f32>(drafts, reader, seed),
        Precision::F64 => rules_in::<f64>(drafts, reader, seed),
    }
}

fn rules_in<T: rules::Bind>(drafts: &mut [Draft<'_>], reader: &Reader<'_>, seed: u64) -> Result<()> {
    // Arms mostly share their network: the last one is kept.
    let mut built: Option<(NetworkShape, Network<T>)> = None;
    for draft in drafts {
        let settings = &draft.arm.settings;
        let outputs = reader.kind.outputs();
        let (_, network) = match built.take() {
            Some(built) if built.0 == settings.network => built,
            _ => (
                settings.network.clone(),
                settings.network.stand_in(reader.inputs, outputs, seed),
            ),
        };
        let batch = settings.batch.samples(reader.training);
        let setting = Setting {
            network: &network,
            loss: settings.loss,
            optimizer: &settings.optimizer,
            batch,
            folder: reader.folder,
        };
        let own = std::iter::once((&draft.arm.rule, Some(&draft.rule)));
        let shadows = draft.arm.shadows.iter().zip(draft.shadows.iter().map(Some));
        let nodes = draft.against.iter().map(Some).chain(std::iter::repeat(None));
        let all = own.chain(shadows).chain(settings.measure.against.iter().zip(nodes));
        let mut taken = Vec::new();
        for (seat, (rule, node)) in all.enumerate() {
            let stream = Stream::new(seed, Purpose::RuleStart, 0, 0);
            let bound = T::bind(&rule.rule, &setting, stream);
            let mut learner = bound.map_err(|refusal| refused(rule, node, &draft.end, refusal))?;
            if let Some(file) = settings.network.file().filter(|_| rule.rule.files().is_empty()) {
                let filled = rules::fill(&mut *learner, file, &rules::prefix(seat, &rule.label));
                taken.extend(filled.map_err(|problem| {
                    let title = format!("`{}` {problem}", file.path());
                    let mistake = Mistake::new(title).at(draft.init.clone());
                    mistake.help(format!(
                        "it is an array of `{}`; save it from a run of the same network",
                        rule.label
                    ))
                })?);
            }
        }
        draft.own = taken;
        built = Some((settings.network.clone(), network));
    }
    Ok(())
}

/// A rule's refusal, at the option that it is about.
fn refused(rule: &NamedRule, node: Option<&Node<'_>>, end: &Span, refusal: Refusal) -> Mistake {
    let title = match &*refusal.option {
        "" => format!("`{}` {}", rule.rule.name(), refusal.reason),
        _ => refusal.sentence(),
    };
    let mistake = Mistake::new(title).help(refusal.remedy);
    match node {
        None => mistake.at(end.clone()),
        Some(node) if node.locate(&refusal.option).is_some() => node.blame(&refusal.option, mistake),
        Some(node) => mistake.at(node.name().map_or(node.span(), |(_, span)| span)),
    }
}
