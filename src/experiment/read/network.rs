//! Read what is trained and what is minimised: the network's shape and the loss.

use super::super::layout::{LayerPlan, MOST_PARAMETERS};
use super::super::{NetworkShape, PerLayer};
use super::{Reader, Result, layers, part};
use crate::loss::Loss;
use crate::memory;
use crate::network::{Activation, BiasInit, Init, WeightFile, Wiring};
use crate::notation::{Mistake, Node, Options};
use crate::refusal::Refusal;
use crate::tasks::Kind;
use serde::Deserialize;

/// Every machine has this much memory.
const SMALL: u64 = 1 << 26;

const NAMES: &[&str] = &["hidden", "activation", "output", "init", "bias", "bias_init", "dropout"];

impl Reader<'_> {
    pub(super) fn loss(&self, options: &Options<'_>) -> Result<Loss> {
        let (task, default) = match self.kind {
            Kind::Classes(_) => ("has classes", Loss::CROSS_ENTROPY),
            // With one unit the cross-entropy of logits is 0 whatever the weights.
            Kind::Single => ("has a single output", Loss::LOGISTIC_CROSS_ENTROPY),
            Kind::Values(_) => ("has values, not classes", Loss::HALF_SQUARES),
        };
        let loss = options.read("loss")?.unwrap_or(default);
        let fits = match (self.kind, loss) {
            (Kind::Classes(_), _) | (_, Loss::HalfSquares { .. } | Loss::Squares { .. }) => true,
            // values from 0 to 1, which the data are asked for when they are loaded
            (Kind::Single | Kind::Values(_), loss) => matches!(loss, Loss::LogisticCrossEntropy { .. }),
        };
        if fits {
            return Ok(loss);
        }
        let mistake = Mistake::new(format!("`{loss}` does not fit the task")).at(options.place("loss"));
        Err(mistake
            .label(format!("the task {task}"))
            .help(format!("leave it out for `{default}`")))
    }

    pub(super) fn network(&self, options: &Options<'_>, loss: Loss) -> Result<NetworkShape> {
        let parts = part(options, "network", |node| node.fields_or_first("Network", NAMES))?;
        let hidden = layers::read(&parts)?.unwrap_or_else(|| NetworkShape::default().hidden);
        let plans = layers::lay_out(&parts, self.inputs, &hidden, self.kind.outputs())?;
        check_sizes(&plans, &parts)?;
        let count = plans.len();
        let (hidden_layers, layers) = (ListedLayers::Hidden(count - 1), ListedLayers::All(count));
        let activation = per_layer(&parts, "activation", hidden_layers, Activation::Tanh)?;
        let output = parts.read("output")?.unwrap_or(loss.default_output());
        for (activation, node) in stated(&parts, "activation", &activation)
            .chain(parts.get("output").map(|field| (&output, field.value.clone())))
        {
            activation.check().map_err(|refusal| refused(&node, refusal))?;
        }
        if !loss.accepts(output) {
            let needed = loss.default_output();
            return Err(
                Mistake::new(format!("`{loss}` needs the output activation `{needed:?}`"))
                    .at(parts.place("output"))
                    .label(format!("is `{output:?}`"))
                    .help("leave `output` out"),
            );
        }
        let bias = per_layer(&parts, "bias", layers, true)?;
        let init = self.init(&parts, &plans, &bias)?;
        let bias_init = bias_init(&parts, layers, &init, &bias)?;
        let dropout = dropout(&parts, hidden_layers)?;
        if count == 1 {
            let same = (
                activation == PerLayer::Same(Activation::Tanh),
                dropout == PerLayer::Same(0.0),
            );
            unused(&parts, "activation", same.0, "`output` is the output layer's")?;
            unused(&parts, "dropout", same.1, "leave it out")?;
        }
        Ok(NetworkShape {
            hidden,
            activation,
            output,
            init,
            bias,
            bias_init,
            dropout,
        })
    }

    /// How weights start, files read.
    fn init(&self, parts: &Options<'_>, layers: &[LayerPlan], bias: &PerLayer<bool>) -> Result<PerLayer<Init>> {
        let mut init = per_layer(parts, "init", ListedLayers::All(layers.len()), Init::default())?;
        let nodes = nodes(parts, "init");
        for (init, node) in init.values_mut().iter_mut().zip(&nodes) {
            init.check().map_err(|refusal| refused(node, refusal))?;
            if let Init::File(file) = init {
                self.read_file(file)
                    .map_err(|problem| wrong_file(node, file, &problem))?;
            }
        }
        for (l, layer) in layers.iter().enumerate() {
            let Some(node) = nodes.get(l).or(nodes.first()) else {
                continue;
            };
            match init.get(l) {
                Some(Init::File(file)) => {
                    let bias = bias.get(l).copied().unwrap_or(true);
                    file.check(l, layer.wiring, bias)
                        .map_err(|problem| wrong_file(node, file, &problem))?;
                }
                Some(Init::Orthogonal { .. }) if layer.has_own_filters() => {
                    let title = "`Orthogonal` has no meaning for filters that every place has for itself";
                    let mistake = Mistake::new(title).at(node.span());
                    return Err(mistake
                        .label(format!("layer {} is `Local`", l + 1))
                        .help("give this layer another start, in a list with one for each, or use `Conv`"));
                }
                _ => {}
            }
        }
        Ok(init)
    }

    /// Reads a file, or finds it among those that have been read.
    fn read_file(&self, file: &mut WeightFile) -> std::result::Result<(), String> {
        let mut files = self.files.borrow_mut();
        if let Some(read) = files.iter().find(|read| read.path() == file.path()) {
            *file = read.clone();
            return Ok(());
        }
        file.load(self.folder)
            .map_err(|error| format!("cannot be read: {error}"))?;
        files.push(file.clone());
        Ok(())
    }
}

fn check_sizes(layers: &[LayerPlan], parts: &Options<'_>) -> Result<()> {
    // more than memory can number, perhaps
    let large = |wiring: Wiring| {
        let (rows, columns) = wiring.weight_shape();
        rows as u128 * columns as u128 + wiring.biases() as u128
    };
    let parameters: u128 = layers.iter().map(|layer| large(layer.wiring)).sum();
    if parameters > MOST_PARAMETERS {
        let title = format!("this network is too large: {parameters} weights and biases");
        return Err(Mistake::new(title)
            .at(parts.place("hidden"))
            .label(format!("at most {MOST_PARAMETERS}")));
    }
    // the weights, a rule's own and a proposal; asking the system for every small network would take long
    let bytes = 3 * 4 * parameters as u64;
    if bytes > SMALL
        && let Some(reason) = memory::lacking(bytes)
    {
        let title = format!("this network is too large: it has {parameters} weights and biases");
        return Err(Mistake::new(title).at(parts.place("hidden")).label(reason));
    }
    Ok(())
}

/// Which share of hidden units is dropped in training.
fn dropout(parts: &Options<'_>, layers: ListedLayers) -> Result<PerLayer<f64>> {
    let dropout = per_layer(parts, "dropout", layers, 0.0)?;
    for (share, node) in stated(parts, "dropout", &dropout) {
        if !(0.0..1.0).contains(share) {
            let mistake = Mistake::new("`dropout` must be at least 0 and less than 1").about(&node);
            return Err(mistake.help("it is the share of units that are silent in a step of training"));
        }
    }
    Ok(dropout)
}

/// Refuses a field of hidden layers, unless it has its default, where there are none.
fn unused(parts: &Options<'_>, name: &str, is_default: bool, help: &str) -> Result<()> {
    if is_default {
        return Ok(());
    }
    let mistake = Mistake::new(format!("`{name}` has no effect")).at(parts.place(name));
    Err(mistake.label("the network has no hidden layer").help(help))
}

/// How biases start; none where no layer has biases but from a file.
fn bias_init(
    parts: &Options<'_>,
    layers: ListedLayers,
    init: &PerLayer<Init>,
    bias: &PerLayer<bool>,
) -> Result<PerLayer<BiasInit>> {
    let has_biases = |l: usize| bias.get(l) == Some(&true);
    let drawn = |l: usize| has_biases(l) && !matches!(init.get(l), Some(Init::File(_)));
    let all = 0..layers.number();
    let any = all.clone().any(drawn);
    if !any && let Some(field) = parts.get("bias_init") {
        let label = match all.clone().any(has_biases) {
            true => "all biases are in a file",
            false => "no layer has biases",
        };
        let mistake = Mistake::new("`bias_init` has no effect")
            .at(field.value.span())
            .label(label);
        return Err(mistake.help("leave it out"));
    }
    if !any {
        return Ok(PerLayer::none());
    }
    let starts = per_layer(parts, "bias_init", layers, BiasInit::Zeros)?;
    for (start, node) in stated(parts, "bias_init", &starts) {
        start.check().map_err(|refusal| refused(&node, refusal))?;
    }
    if let PerLayer::Each(list) = &starts {
        let idle = all
            .zip(list)
            .find(|(l, start)| !drawn(*l) && **start != BiasInit::Zeros);
        if let Some((l, _)) = idle {
            let mistake = Mistake::new("this start of biases has no effect").at(nodes(parts, "bias_init")[l].span());
            let why = match has_biases(l) {
                true => "starts from a file, biases included",
                false => "has no biases",
            };
            let mistake = mistake.label(format!("layer {} {why}", l + 1));
            return Err(mistake.help("write `Zeros` here"));
        }
    }
    Ok(starts)
}

/// Which layers a list has values for.
#[derive(Clone, Copy)]
enum ListedLayers {
    Hidden(usize),
    All(usize),
}

impl ListedLayers {
    fn number(self) -> usize {
        let (Self::Hidden(number) | Self::All(number)) = self;
        number
    }
}

/// A field with one value for these layers or a list of one for each.
fn per_layer<'d, X: Deserialize<'d>>(
    parts: &Options<'d>,
    name: &str,
    layers: ListedLayers,
    default: X,
) -> Result<PerLayer<X>> {
    let Some(field) = parts.get(name) else {
        return Ok(PerLayer::Same(default));
    };
    let Some(items) = field.value.items() else {
        return field.value.read().map(PerLayer::Same);
    };
    let kind = match layers {
        ListedLayers::Hidden(_) => "hidden layers",
        ListedLayers::All(_) => "layers, the output layer included",
    };
    if items.len() != layers.number() {
        let title = format!(
            "expected {} values in the list `{name}`, found {}",
            layers.number(),
            items.len()
        );
        let mistake = Mistake::new(title).at(field.value.span());
        let mistake = mistake.label(format!("the network has {} {kind}", layers.number()));
        return Err(mistake.help("give one value for each, or a single value for all without brackets"));
    }
    items.iter().map(Node::read).collect::<Result<_>>().map(PerLayer::Each)
}

/// Where the values of a field stand: one, or one for each layer; none if the field is not there.
fn nodes<'d>(parts: &Options<'d>, name: &str) -> Vec<Node<'d>> {
    let node = |field: &crate::notation::Field<'d>| field.value.items().unwrap_or_else(|| vec![field.value.clone()]);
    parts.get(name).map(node).unwrap_or_default()
}

/// The values that a field states, with their places.
fn stated<'a, 'd: 'a, X>(
    parts: &Options<'d>,
    name: &str,
    values: &'a PerLayer<X>,
) -> impl Iterator<Item = (&'a X, Node<'d>)> + use<'a, 'd, X> {
    values.values().iter().zip(nodes(parts, name))
}

/// A number that cannot be, at the option that has it, or on the whole value where it has no name.
fn refused(node: &Node<'_>, refusal: Refusal) -> Mistake {
    let mistake = Mistake::new(refusal.sentence()).help(refusal.remedy);
    node.blame(&refusal.option, mistake)
}

fn wrong_file(node: &Node<'_>, file: &WeightFile, problem: &str) -> Mistake {
    let mistake = Mistake::new(format!("`{}` {problem}", file.path())).at(node.span());
    mistake.help(
        "give a safetensors file with `layer1.weight`, outputs x inputs, `layer1.bias` and so on, \
         relative to the folder of the experiment file",
    )
}
