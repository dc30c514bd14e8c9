//! Read what is trained and what is minimised: the network's shape and the loss.

use super::super::NetworkShape;
use super::{Reader, Result, part};
use crate::loss::Loss;
use crate::network::{Activation, Init};
use crate::notation::{Mistake, Node, Options};
use crate::tasks::Kind;

/// More weights than memory holds for a run, its feedback and its momentum.
const MOST_PARAMETERS: u128 = 1 << 28;

impl Reader<'_> {
    pub(super) fn loss(&self, options: &Options<'_>) -> Result<Loss> {
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
        let mistake = Mistake::new(format!("`{loss:?}` does not fit the task")).at(options.place("loss"));
        Err(mistake
            .label(format!("the task {task}"))
            .help(format!("leave it out for `{default:?}`")))
    }

    pub(super) fn network(&self, options: &Options<'_>, loss: Loss) -> Result<NetworkShape> {
        const NAMES: &[&str] = &["hidden", "activation", "output", "init", "bias"];
        let parts = part(options, "network", |node| node.fields_or_first("Network", NAMES))?;
        let shape = NetworkShape {
            hidden: parts.read("hidden")?.unwrap_or_else(|| vec![64, 64]),
            activation: parts.read("activation")?.unwrap_or(Activation::Tanh),
            output: parts.read("output")?.unwrap_or(loss.default_output()),
            init: parts.read("init")?.unwrap_or_default(),
            bias: parts.read("bias")?.unwrap_or(true),
        };
        self.check_sizes(&shape.hidden, &parts)?;
        if shape.hidden.is_empty() && shape.activation != Activation::Tanh {
            let mistake = Mistake::new("`activation` has no effect").at(parts.place("activation"));
            return Err(mistake
                .label("the network has no hidden layer")
                .help("`output` is the output layer's"));
        }
        if !loss.accepts(shape.output) {
            let needed = loss.default_output();
            return Err(
                Mistake::new(format!("`{loss:?}` needs the output activation `{needed:?}`"))
                    .at(parts.place("output"))
                    .label(format!("is `{:?}`", shape.output))
                    .help("leave `output` out"),
            );
        }
        match shape.init {
            Init::LeCun { gain } | Init::Glorot { gain } | Init::He { gain } if gain <= 0.0 => {
                let mistake = Mistake::new("`gain` must be positive").help("`Zeros` starts all weights at 0");
                Err(parts.blame("init.gain", mistake))
            }
            _ => Ok(shape),
        }
    }

    fn check_sizes(&self, hidden: &[usize], parts: &Options<'_>) -> Result<()> {
        if let Some(i) = hidden.iter().position(|&width| width == 0) {
            let layers = parts
                .get("hidden")
                .and_then(|field| field.value.items())
                .unwrap_or_default();
            let place = layers.get(i).map_or(parts.place("hidden"), Node::span);
            return Err(Mistake::new("a layer needs at least one unit")
                .at(place)
                .help("leave this layer out"));
        }
        let sizes = [&[self.inputs], hidden, &[self.kind.outputs()]].concat();
        let product = |pair: &[usize]| (pair[0] as u128 + 1) * pair[1] as u128;
        let parameters: u128 = sizes.windows(2).map(product).sum();
        if parameters > MOST_PARAMETERS {
            let title = format!("this network is too large: {parameters} weights and biases");
            return Err(Mistake::new(title)
                .at(parts.place("hidden"))
                .label(format!("at most {MOST_PARAMETERS}")));
        }
        Ok(())
    }
}
