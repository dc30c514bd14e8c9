//! Read the fields that experiments and arms share, fill in their defaults, and refuse impossible values where they stand.

use super::{Batch, BatchSize, Duration, Measure, Moment, NamedRule, NetworkShape, Save, Settings};
use crate::loss::Loss;
use crate::network::{Activation, Init};
use crate::notation::{Mistake, Node, Options};
use crate::rules::{Backprop, Registry, Rule};
use crate::tasks::Kind;
use crate::update::Optimizer;
use std::sync::Arc;

/// The fields that an arm may repeat; its value replaces the experiment's whole.
pub(super) const SETTINGS: [&str; 8] =
    ["network", "loss", "optimizer", "batch", "stop", "warm_up", "measure", "save"];

/// More weights than any run of this program would finish with; keeps a slip of the pen from asking for all memory.
const MOST_PARAMETERS: u128 = 1 << 28;

/// More steps than fit a run; keeps products of steps within 64 bits.
const MOST_STEPS: u64 = 1 << 50;

type Result<T> = std::result::Result<T, Mistake>;

/// What must be known to read settings.
pub(super) struct Reader<'r> {
    pub rules: &'r Registry,
    pub kind: Kind,
    pub inputs: usize,
    /// Samples in the training part.
    pub training: u32,
}

impl Reader<'_> {
    /// All settings of an arm; `options` are the experiment's fields as the arm replaces them.
    pub fn settings(&self, options: &Options<'_>) -> Result<Settings> {
        let loss = self.loss(options)?;
        let batch = self.batch(options)?;
        let stop = self.duration(options, "stop", &batch)?.unwrap_or(Duration::Epochs(20));
        Ok(Settings {
            network: self.network(options, loss)?,
            loss,
            optimizer: optimizer(options)?,
            batch,
            stop,
            warm_up: self.duration(options, "warm_up", &batch)?.unwrap_or(Duration::Epochs(0)),
            measure: self.measure(options, &batch)?,
            save: self.save(options, stop, &batch)?,
        })
    }

    fn loss(&self, options: &Options<'_>) -> Result<Loss> {
        let (task, default) = match self.kind {
            Kind::Classes(_) => ("has classes", Loss::CrossEntropy),
            // With one unit the cross-entropy of logits is 0 whatever the weights.
            Kind::Single => ("has a single output", Loss::LogisticCrossEntropy),
            Kind::Values(_) => ("has values, not classes", Loss::HalfSquares),
        };
        let loss = options.read("loss")?.unwrap_or(default);
        let fits = match (self.kind, loss) {
            (Kind::Classes(_), _) | (_, Loss::HalfSquares) => true,
            (Kind::Single, loss) => loss == Loss::LogisticCrossEntropy,
            (Kind::Values(_), _) => false,
        };
        if fits {
            return Ok(loss);
        }
        Err(Mistake::new(format!("`{loss:?}` does not fit the task"))
            .at(options.place("loss"))
            .label(format!("the task {task}"))
            .help(format!("leave it out for `{default:?}`")))
    }

    fn network(&self, options: &Options<'_>, loss: Loss) -> Result<NetworkShape> {
        let written = options.get("network").map(|field| field.value());
        let parts = match &written {
            Some(node) if node.items().is_none() => {
                Some(node.fields("Network", &["hidden", "activation", "output", "init", "bias"])?)
            }
            _ => None,
        };
        let hidden_node = match &parts {
            Some(parts) => parts.get("hidden").map(|field| field.value()),
            None => written,
        };
        let hidden: Vec<usize> = match &hidden_node {
            Some(node) => node.read()?,
            None => vec![64, 64],
        };
        let empty = hidden.iter().position(|&width| width == 0);
        if let (Some(i), Some(items)) = (empty, hidden_node.as_ref().and_then(Node::items)) {
            return Err(Mistake::new("a layer needs at least 1 unit").at(items[i].span()).help("leave the layer out"));
        }
        let sizes = [&[self.inputs], &hidden[..], &[self.kind.outputs()]].concat();
        let parameters: u128 = sizes.windows(2).map(|size| (size[0] as u128 + 1) * size[1] as u128).sum();
        if parameters > MOST_PARAMETERS {
            let place = hidden_node.map_or(options.place("network"), |node| node.span());
            let title = format!("this network has {parameters} weights and biases; at most {MOST_PARAMETERS} are possible");
            return Err(Mistake::new(title).at(place));
        }
        let parts = parts.unwrap_or_else(|| options.clone().select(&[]));
        let shape = NetworkShape {
            hidden,
            activation: parts.read("activation")?.unwrap_or(Activation::Tanh),
            output: parts.read("output")?.unwrap_or(loss.default_output()),
            init: parts.read("init")?.unwrap_or_default(),
            bias: parts.read("bias")?.unwrap_or(true),
        };
        if shape.hidden.is_empty() && shape.activation != Activation::Tanh {
            let mistake = Mistake::new("`activation` has no effect").at(parts.place("activation"));
            return Err(mistake.label("the network has no hidden layer").help("say `output` for the output layer"));
        }
        if !loss.accepts(shape.output) {
            return Err(Mistake::new(format!("`{loss:?}` needs the output activation `{:?}`", loss.default_output()))
                .at(parts.place("output"))
                .label(format!("is `{:?}`", shape.output))
                .help("leave `output` out"));
        }
        match shape.init {
            Init::LeCun { gain } | Init::Glorot { gain } | Init::He { gain } if gain <= 0.0 => {
                let gain_node = parts.get("init").and_then(|field| field.value().locate("gain"));
                let place = gain_node.map_or(parts.place("init"), |node| node.span());
                Err(must_be("gain", "positive", gain).at(place).help("`Zeros` starts all weights at 0"))
            }
            _ => Ok(shape),
        }
    }

    fn batch(&self, options: &Options<'_>) -> Result<Batch> {
        let Some(node) = options.get("batch").map(|field| field.value()) else {
            return Ok(Batch { size: BatchSize::Samples(32), order: Default::default(), last: Default::default() });
        };
        let named = matches!(node.body_is_options(), true);
        let (size_node, order, last) = if named {
            let parts = node.fields("Batch", &["size", "order", "last"])?;
            let (order, last) = (parts.read("order")?, parts.read("last")?);
            (parts.get("size").map(|field| field.value()), order, last)
        } else {
            (Some(node), None, None)
        };
        todo!()
    }
}
