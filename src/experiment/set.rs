//! Replace values of an experiment file from outside: `--set optimizer.learning_rate=0.05`.

use super::arms::MOST_ARMS;
use super::names::{EACH, FIELDS, SETTINGS, TUNE};
use super::{parse, write};
use crate::notation::{Document, Fault, Mistake, Node, Options, Result, Span, Variant, neat, suggestion};
use crate::rules::Registry;

/// A range of the file's text and what is to stand there.
type Edit = (Span, String);

/// What is to be set, where, and what is needed to complete the file.
struct Setter<'a> {
    document: &'a Document,
    rules: &'a Registry,
    path: &'a str,
    value: &'a str,
}

/// The experiment file with the value at `path` replaced, or added where the file leaves it to its default.
///
/// A path is what `arms.csv` calls it (`optimizer.learning_rate`, `rule.feedback.scale`) or a field of the experiment
/// (`seeds`, `task.samples`). What arms may say for themselves is set for all of them: in the experiment, in every arm that has
/// the field, and, for options of rules, in every arm whose rule has the option. `arms.0.` before a path means the first arm
/// alone.
///
/// # Errors
/// The value is not RON, there is nothing of that path, or the file itself is wrong.
pub fn set(document: &Document, path: &str, value: &str, rules: &Registry) -> Result<Document, Fault> {
    Document::parse(&format!("--set {path}"), value)?;
    let setter = Setter {
        document,
        rules,
        path,
        value,
    };
    let edits = setter.edits().map_err(|mistake| match mistake.span {
        Some(_) => document.fault(mistake),
        // it is about the path, not about the file
        None => Fault {
            file: "--set".into(),
            text: format!("{path}={value}"),
            mistake: Box::new(mistake.at(0..path.len())),
        },
    })?;
    document.edited(edits)
}

impl Setter<'_> {
    fn edits(&self) -> Result<Vec<Edit>> {
        let root = self.document.root().fields("Experiment", FIELDS)?;
        let arms = root
            .get("arms")
            .and_then(|field| field.value.items())
            .unwrap_or_default();
        let (field, rest) = split(self.path);
        match field {
            "arms" => {
                if rest.is_empty() {
                    return Err(Mistake::new("the arms themselves are not replaced")
                        .help("name a setting of all arms, `rule.feedback.scale=2`, or of one, `arms.0.rule=Backprop`; arms are counted from 0"));
                }
                let (index, rest) = split(rest);
                let Some(arm) = index.parse().ok().and_then(|i: usize| arms.get(i)) else {
                    return Err(Mistake::new(format!("there is no arm `{index}`"))
                        .help(format!("arms are counted from 0; there are {}", arms.len())));
                };
                let (field, below) = split(rest);
                Ok(vec![match field {
                    "rule" => self.in_rule(arm, below)?.ok_or_else(|| self.nothing([]))?,
                    _ => self.in_options(&arm_options(arm)?, field, below, &root)?,
                }])
            }
            "rule" => {
                let edits = arms.iter().map(|arm| self.in_rule(arm, rest));
                let edits: Vec<_> = edits.collect::<Result<Vec<_>>>()?.into_iter().flatten().collect();
                if edits.is_empty() {
                    return Err(Mistake::new(format!("no arm's rule has the option `{rest}`")));
                }
                Ok(edits)
            }
            _ if FIELDS.contains(&field) => {
                let own: Vec<_> = arms
                    .iter()
                    .filter_map(|arm| arm_options(arm).ok())
                    .filter(|arm| SETTINGS.contains(&field) && arm.get(field).is_some())
                    .collect();
                let mut edits = Vec::new();
                if own.is_empty() || own.len() < arms.len() {
                    edits.push(self.in_options(&root, field, rest, &root)?);
                }
                for arm in &own {
                    edits.push(self.in_options(arm, field, rest, &root)?);
                }
                Ok(edits)
            }
            _ => Err(self.nothing(FIELDS.iter().copied())),
        }
    }

    /// The mistake of a path that leads nowhere; `names` are what its first step could be.
    fn nothing<'n>(&self, names: impl IntoIterator<Item = &'n str>) -> Mistake {
        let mistake = Mistake::new(format!("there is nothing called `{}`", self.path));
        match suggestion(split(self.path).0, names) {
            Some(remedy) => mistake.help(remedy),
            None => mistake
                .help("`creditlab check` writes the paths in which arms differ; experiment.ron holds all of them"),
        }
    }

    /// Sets a field, or what is below it, of an experiment or an arm.
    fn in_options(&self, options: &Options<'_>, field: &str, below: &str, root: &Options<'_>) -> Result<Edit> {
        let present = options.get(field).map(|field| &field.value);
        let complete = || -> Result<String> {
            match below {
                "" => Ok(self.value.to_owned()),
                _ => match self.complete(field, options, root)? {
                    Some(text) => self.within(&text, below),
                    None => Ok(format!("({below}: {})", self.value)),
                },
            }
        };
        match present {
            None => Ok(self.inserted(options, field, &complete()?)),
            Some(value) => match self.in_value(value, below) {
                Some(edit) => Ok(edit),
                None => Ok((value.span(), complete()?)),
            },
        }
    }

    /// Sets an option of an arm's rule; `None` if the rule has no such option.
    fn in_rule(&self, arm: &Node<'_>, below: &str) -> Result<Option<Edit>> {
        let rule = match arm.name() {
            Some(_) => arm.clone(),
            None => match arm_options(arm)?.get("rule") {
                Some(field) => field.value.clone(),
                None => return Ok(None),
            },
        };
        if below.is_empty() {
            return Ok(Some((rule.span(), self.value.to_owned())));
        }
        if rule.locate(below).is_some() {
            return Ok(self.in_value(&rule, below));
        }
        let read = self.rules.read(&rule)?;
        let text = neat(&format!("{}{}", read.name(), read.options()));
        Ok(self.within(&text, below).ok().map(|text| (rule.span(), text)))
    }

    /// Sets what is below a value that the file has, if its text has a place for it.
    fn in_value(&self, value: &Node<'_>, below: &str) -> Option<Edit> {
        if below.is_empty() {
            return Some((value.span(), self.value.to_owned()));
        }
        if let Some(found) = value.locate(below) {
            return Some((found.span(), self.value.to_owned()));
        }
        let (parent, name) = match below.rsplit_once('.') {
            Some((parent, name)) => (value.locate(parent)?, name),
            None => (value.clone(), below),
        };
        let options = parent.options().ok()?;
        Some(self.inserted(&options, name, self.value))
    }

    /// Adds a field to what stands in brackets, or after a name without brackets.
    fn inserted(&self, options: &Options<'_>, name: &str, value: &str) -> Edit {
        let text = &self.document.text()[options.span.clone()];
        match text.find('(') {
            Some(bracket) => {
                let at = options.span.start + bracket + 1;
                let comma = if options.fields.is_empty() { "" } else { ", " };
                (at..at, format!("{name}: {value}{comma}"))
            }
            None => (options.span.clone(), format!("{text}({name}: {value})")),
        }
    }

    /// A text that holds all defaults, with the value at a path in it replaced.
    fn within(&self, text: &str, path: &str) -> Result<String> {
        let document = Document::parse("", text).map_err(|fault| *fault.mistake)?;
        let Some(found) = document.root().locate(path) else {
            return Err(self.nothing([]));
        };
        let mut text = text.to_owned();
        text.replace_range(found.span(), self.value);
        Ok(text)
    }

    /// A field of the experiment or of an arm with its defaults written out; `None` for one that has no such form.
    fn complete(&self, field: &str, own: &Options<'_>, root: &Options<'_>) -> Result<Option<String>> {
        let shared = parse::shared(root, self.document.folder(), self.rules)?;
        match field {
            "task" => Ok(Some(write::value(&shared.task))),
            "split" => Ok(Some(write::value(&shared.split))),
            _ if SETTINGS.contains(&field) => {
                let options = own.replaced_by(&root.clone().select(SETTINGS).replaced_by(own));
                // any of several values will do: the field itself has none, or they would have been found
                let one = Variant::of(&options).expand(EACH, MOST_ARMS)?.swap_remove(0);
                let one = one.expand(TUNE, MOST_ARMS)?.swap_remove(0);
                let written = write::settings(&shared.reader.settings(&one.options())?);
                Ok(written
                    .into_iter()
                    .find(|(name, _)| *name == field)
                    .map(|(_, text)| text))
            }
            _ => Ok(None),
        }
    }
}

/// The first step of a path and the rest.
fn split(path: &str) -> (&str, &str) {
    path.split_once('.').unwrap_or((path, ""))
}

/// The fields of an arm that is more than a bare rule.
fn arm_options<'d>(arm: &Node<'d>) -> Result<Options<'d>> {
    match arm.name() {
        Some(_) => Err(Mistake::new("this arm is a rule without settings of its own")
            .at(arm.span())
            .help("write it `(rule: .., ..)`")),
        None => arm.options(),
    }
}
