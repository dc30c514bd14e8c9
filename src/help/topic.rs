//! Define what is known of a thing that can be written in a file.

use crate::notation::nearest;

/// A field, an option, or one of several names: what it means, and what can stand there.
#[derive(Clone, Debug, PartialEq)]
pub struct Topic {
    /// What files call it; empty for a value without a name, such as an item of a list.
    pub name: String,
    /// What its own documentation says, paragraphs divided by empty lines.
    pub meaning: String,
    /// What the documentation of its type says, where that is another text.
    pub about: String,
    /// The name of its type, where that is explained once for several.
    pub kind: Option<String>,
    /// What it is where it is left out.
    pub default: Default,
    /// What can stand there.
    pub value: Value,
}

/// What an option is where it is left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Default {
    /// It cannot be left out.
    Needed,
    /// Nothing of its kind.
    None,
    /// This, as files write it.
    Value(String),
}

/// What can stand somewhere.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// The name says all.
    Nothing,
    /// Described in words: `number`.
    Words(String),
    /// Options in brackets.
    Fields(Vec<Topic>),
    /// One of several names.
    OneOf(Vec<Topic>),
    /// One of several forms.
    Forms(Vec<Topic>),
    /// Values in order, between round brackets.
    Several(Vec<Topic>),
    /// A list.
    List(Box<Topic>),
}

impl Topic {
    /// The topics one level below, forms and lists seen through.
    pub fn parts(&self) -> Vec<&Topic> {
        match &self.value {
            Value::Nothing | Value::Words(_) => Vec::new(),
            Value::Fields(topics) | Value::OneOf(topics) => topics.iter().collect(),
            Value::Forms(topics) | Value::Several(topics) => topics.iter().flat_map(Topic::parts).collect(),
            Value::List(item) => item.parts(),
        }
    }

    /// The topic at a path of names such as `optimizer.Adam.beta1`. The name of an alternative may be left out: `optimizer.beta1`.
    ///
    /// # Errors
    /// There is nothing of this name; with the nearest, and with those that there are.
    pub fn find(&self, path: &str) -> Result<&Topic, String> {
        path.split('.')
            .filter(|step| !step.is_empty())
            .try_fold(self, Topic::step)
    }

    fn step(&self, step: &str) -> Result<&Topic, String> {
        let below = self.parts();
        let within = below
            .iter()
            .filter(|topic| topic.name.starts_with(char::is_uppercase))
            .flat_map(|topic| topic.parts());
        let reach: Vec<&Topic> = below.iter().copied().chain(within).collect();
        if let Some(found) = reach.iter().find(|topic| topic.name == step) {
            return Ok(found);
        }
        let names = || reach.iter().map(|topic| &*topic.name);
        Err(match (nearest(step, names()), reach.is_empty()) {
            (_, true) => format!("`{}` has nothing below it called `{step}`", self.name),
            (Some(near), _) => format!("`{}` has no `{step}`; did you mean `{near}`?", self.name),
            (None, _) => {
                let names: Vec<_> = below.iter().map(|topic| format!("`{}`", topic.name)).collect();
                format!("`{}` has no `{step}`; there are {}", self.name, names.join(", "))
            }
        })
    }

    /// The paths below this topic that end in a name.
    pub fn paths_to(&self, name: &str) -> Vec<String> {
        let mut paths = Vec::new();
        for part in self.parts() {
            if part.name == name {
                paths.push(name.to_owned());
            }
            let below = part.paths_to(name).into_iter();
            paths.extend(below.map(|path| format!("{}.{path}", part.name)));
        }
        paths
    }

    /// How the topic is written with its defaults: `Name`, `Name(option: default, ..)`.
    pub fn written(&self) -> String {
        match (&self.value, &self.default) {
            (_, Default::Value(default)) if !self.name.is_empty() && !self.is_alternative() => {
                format!("{}: {default}", self.name)
            }
            (Value::Nothing, _) => self.name.clone(),
            (Value::Fields(fields), _) if fields.is_empty() => self.name.clone(),
            (value, _) => match value.form() {
                form if form.starts_with('(') => format!("{}{form}", self.name),
                form => format!("{}({form})", self.name),
            },
        }
    }

    /// Whether it is one of several names, which begin with capitals, as fields do not.
    pub fn is_alternative(&self) -> bool {
        self.name.starts_with(char::is_uppercase)
    }

    /// The paths of all topics below whose meaning nobody has written down.
    pub fn undocumented(&self) -> Vec<String> {
        let mut paths = Vec::new();
        for part in self.parts() {
            if part.meaning.trim().is_empty() {
                paths.push(format!("{}.{}", self.name, part.name));
            }
            let below = part.undocumented().into_iter();
            paths.extend(below.map(|path| format!("{}.{path}", self.name)));
        }
        paths
    }
}

impl Value {
    /// In a few words, or as an example with defaults.
    pub fn form(&self) -> String {
        let join = |topics: &[Topic]| {
            topics
                .iter()
                .map(|topic| topic.value.form())
                .collect::<Vec<_>>()
                .join(", ")
        };
        match self {
            Self::Nothing => String::new(),
            Self::Words(words) => words.clone(),
            Self::Fields(fields) => {
                let field = |field: &Topic| match &field.default {
                    Default::Value(default) => Some(format!("{}: {default}", field.name)),
                    Default::Needed => Some(format!("{}: ..", field.name)),
                    Default::None => None,
                };
                format!("({})", fields.iter().filter_map(field).collect::<Vec<_>>().join(", "))
            }
            Self::OneOf(topics) => topics.first().map(Topic::written).unwrap_or_default(),
            Self::Forms(topics) => topics.first().map(|topic| topic.value.form()).unwrap_or_default(),
            Self::Several(topics) => format!("({})", join(topics)),
            Self::List(item) => format!("[{}, ..]", item.value.form()),
        }
    }
}
