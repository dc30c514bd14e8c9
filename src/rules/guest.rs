//! Take in rules that are known only when the program runs, such as those written in another language.

use super::{AnyRule, Learner, Needs, Refusal, Rule, Setting};
use crate::notation::{Mistake, Node};
use crate::random::Stream;
use crate::update::Recipe;
use schemars::{Schema, json_schema};
use serde::Serialize;
use serde_json::{Map, json};
use std::path::PathBuf;
use std::sync::Arc;

/// A rule from outside, with all that a [`LearningRule`](super::LearningRule) says of itself in its type. Where it cannot go on it says
/// so by [`Learner::failure`].
pub trait Guest: Send + Sync + 'static {
    /// What experiment files call it.
    fn name(&self) -> &'static str;
    /// Its update, in words and symbols.
    fn equation(&self) -> &'static str;
    /// The paper.
    fn source(&self) -> &'static str;
    /// What files can say of it, in the order of the listing.
    fn options(&self) -> Vec<GuestOption>;
    /// What it is made of: part of what determines a run.
    fn origin(&self) -> GuestOrigin;
    /// Its row of the plausibility table.
    fn needs(&self, options: &[GuestValue]) -> Needs;
    /// See [`LearningRule::predicts`](super::LearningRule::predicts).
    fn predicts(&self) -> bool;
    /// Starts it in single precision; values are in the order of its options.
    ///
    /// # Errors
    /// What it cannot do.
    fn start_f32(
        &self,
        options: &[GuestValue],
        setting: &Setting<'_, f32>,
        stream: Stream,
    ) -> Result<Box<dyn Learner<f32>>, Refusal>;
    /// Starts it in double precision.
    ///
    /// # Errors
    /// What it cannot do.
    fn start_f64(
        &self,
        options: &[GuestValue],
        setting: &Setting<'_, f64>,
        stream: Stream,
    ) -> Result<Box<dyn Learner<f64>>, Refusal>;
}

/// What the numbers of a guest come from, besides the experiment and this program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GuestOrigin {
    /// A digest of its code.
    pub code: String,
    /// What its bits depend on, such as a library with its version.
    pub depends_on: String,
}

/// An option of a guest. Each has a default, which says what kind of value it takes.
#[derive(Clone, Debug, PartialEq)]
pub struct GuestOption {
    /// What files call it.
    pub name: &'static str,
    /// What it is.
    pub meaning: String,
    /// Where it is left out.
    pub default: GuestValue,
}

/// The value of an option of a guest.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum GuestValue {
    /// `true` or `false`.
    Flag(bool),
    /// A whole number.
    Whole(i64),
    /// Any number.
    Number(f64),
    /// A text.
    Text(String),
    /// A list of numbers.
    Numbers(Vec<f64>),
}

impl GuestValue {
    /// The value of this kind that a file has.
    fn read(&self, node: &Node<'_>) -> Result<Self, Mistake> {
        match self {
            Self::Flag(_) => node.read().map(Self::Flag),
            Self::Whole(_) => node.read().map(Self::Whole),
            Self::Number(_) => node.read().map(Self::Number),
            Self::Text(_) => node.read().map(Self::Text),
            Self::Numbers(_) => node.read().map(Self::Numbers),
        }
    }

    /// As a schema says it.
    fn kind(&self) -> Schema {
        match self {
            Self::Flag(_) => json_schema!({"type": "boolean"}),
            Self::Whole(_) => json_schema!({"type": "integer"}),
            Self::Number(_) => json_schema!({"type": "number"}),
            Self::Text(_) => json_schema!({"type": "string"}),
            Self::Numbers(_) => json_schema!({"type": "array", "items": {"type": "number"}}),
        }
    }
}

/// What the options of a guest are, as [`JsonSchema`](schemars::JsonSchema) tells it of a rule of ours.
pub(super) fn schema(guest: &dyn Guest) -> Schema {
    let property = |option: &GuestOption| {
        let mut schema = option.default.kind();
        schema.insert("description".into(), json!(option.meaning));
        schema.insert("default".into(), json!(option.default));
        (option.name.to_owned(), schema.to_value())
    };
    let properties: Map<_, _> = guest.options().iter().map(property).collect();
    json_schema!({"type": "object", "properties": properties})
}

/// The guest that a value of an experiment file states.
pub(super) fn read(guest: &Arc<dyn Guest>, node: &Node<'_>) -> Result<Rule, Mistake> {
    let (declared, given) = (guest.options(), node.options()?);
    if let Some(field) = given
        .fields
        .iter()
        .find(|field| declared.iter().all(|option| option.name != field.name))
    {
        let names = || declared.iter().map(|option| option.name);
        let mistake = Mistake::new(format!("`{}` has no option `{}`", guest.name(), field.name));
        return Err(mistake.at(field.name_span.clone()).suggest(field.name, names()));
    }
    let value = |option: &GuestOption| match given.get(option.name) {
        Some(field) => option.default.read(&field.value),
        None => Ok(option.default.clone()),
    };
    Ok(Arc::new(GuestRule {
        guest: guest.clone(),
        options: declared.iter().map(value).collect::<Result<_, _>>()?,
    }))
}

/// A guest with its options.
struct GuestRule {
    guest: Arc<dyn Guest>,
    options: Vec<GuestValue>,
}

impl AnyRule for GuestRule {
    fn name(&self) -> &'static str {
        self.guest.name()
    }

    fn needs(&self) -> Needs {
        self.guest.needs(&self.options)
    }

    fn predicts(&self) -> bool {
        self.guest.predicts()
    }

    fn warning(&self, _: &Recipe) -> Option<String> {
        None
    }

    fn settles(&self) -> Option<&'static str> {
        None
    }

    fn files(&self) -> Vec<PathBuf> {
        Vec::new()
    }

    fn origin(&self) -> Option<GuestOrigin> {
        Some(self.guest.origin())
    }

    fn options(&self) -> String {
        let declared = self.guest.options();
        let field = |(option, value): (&GuestOption, &GuestValue)| {
            let value = ron::to_string(value).expect("it is plain data");
            format!("{}:{value}", option.name)
        };
        let fields: Vec<String> = declared.iter().zip(&self.options).map(field).collect();
        format!("({})", fields.join(","))
    }

    fn bind_f32(self: Arc<Self>, setting: &Setting<'_, f32>, stream: Stream) -> Result<Box<dyn Learner<f32>>, Refusal> {
        self.guest.start_f32(&self.options, setting, stream)
    }

    fn bind_f64(self: Arc<Self>, setting: &Setting<'_, f64>, stream: Stream) -> Result<Box<dyn Learner<f64>>, Refusal> {
        self.guest.start_f64(&self.options, setting, stream)
    }
}
