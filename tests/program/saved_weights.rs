//! Hold the reference's table of arrays in files of weights to what every rule shows.

use crate::stated::{page, part, quoted};
use creditlab::loss::Loss;
use creditlab::network::{Activation, Init, Network};
use creditlab::random::{Purpose, Stream};
use creditlab::rules::{self, Bind, Setting};
use creditlab::update::{Optimizer, Recipe};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Units of the input, of each hidden layer, and of the output.
const SIZES: [usize; 4] = [3, 5, 4, 2];

fn network(hidden: Activation) -> Network<f64> {
    let layer = |l: usize| {
        let activation = if l == 2 { Activation::Identity } else { hidden };
        let stream = Stream::new(0, Purpose::Weights, l as u64, 0);
        Init::default().layer(SIZES[l + 1], SIZES[l], true, activation, stream)
    };
    Network {
        layers: (0..3).map(layer).collect(),
    }
}

/// Names of the table, `N` and `K` standing for numbers, with their shapes.
fn stated() -> BTreeMap<String, String> {
    let page = page("docs/reference/results.md");
    let mut stated = BTreeMap::new();
    for row in part(&page, "arrays").lines().skip(2) {
        let cells: Vec<_> = row.trim_matches('|').split(" | ").collect();
        let [names, shapes] = [cells[0], cells[1]].map(|cell| quoted(cell).collect::<Vec<_>>());
        for (i, name) in names.iter().enumerate() {
            stated.insert((*name).to_owned(), (*shapes.get(i).unwrap_or(&shapes[0])).to_owned());
        }
    }
    stated
}

/// The shape of an array of layer `l`, counted from 1.
fn evaluate(shape: &str, l: usize, expansion: usize) -> Vec<usize> {
    let size = |symbol: &str| match symbol {
        "n" => SIZES[l],
        "m" => SIZES[l - 1],
        "e" => expansion * SIZES[l],
        "i" => SIZES[0],
        "o" => SIZES[3],
        number => number.parse().unwrap_or_else(|_| panic!("`{number}` in {shape}")),
    };
    shape.trim_matches(['[', ']']).split(", ").map(size).collect()
}

/// The name with letters for its numbers, and the number of its layer, 1 where there is none.
fn pattern(name: &str) -> (String, usize) {
    let mut layer = 1;
    let part = |part: &str| match part.strip_prefix("layer") {
        Some(number) if part != "layer1" || !name.starts_with("layer1.label") => {
            layer = number.parse().unwrap();
            "layerN".to_owned()
        }
        _ if part.parse::<u32>().is_ok() => "K".to_owned(),
        _ => part.to_owned(),
    };
    let parts: Vec<_> = name.split('.').map(part).collect();
    (parts.join("."), layer)
}

#[test]
fn every_array_is_in_the_reference() {
    let registry = rules::builtin();
    let plain = registry.entries().map(|entry| entry.name.to_owned());
    let further = [
        "SignSymmetry(magnitude: FixedRandom)",
        "LocalLoss(kind: Similarity)",
        "FeedbackAlignment(feedback: (delay: 2))",
    ];
    let stated = stated();
    let recipes: [Recipe; 2] = [Optimizer::sgd(0.1).into(), Recipe::default()];
    let mut seen = BTreeSet::from(["layerN.weight".to_owned(), "layerN.bias".to_owned()]);
    for text in plain.chain(further.map(str::to_owned)) {
        let rule = registry.rule(&text).unwrap();
        // what a rule accepts
        let (hidden, loss) = match &*text {
            "AttentionGated" => (Activation::Tanh, Loss::HALF_SQUARES),
            "Burstprop" => (Activation::Logistic, Loss::CROSS_ENTROPY),
            _ => (Activation::Tanh, Loss::CROSS_ENTROPY),
        };
        let network = network(hidden);
        for optimizer in &recipes {
            let setting = Setting {
                network: &network,
                loss,
                optimizer,
                batch: 4,
                folder: Path::new(""),
            };
            let stream = Stream::new(0, Purpose::RuleStart, 0, 0);
            let mut learner = f64::bind(&rule, &setting, stream).unwrap_or_else(|refusal| panic!("{text}: {refusal}"));
            learner.visit(&mut |name, found, _| {
                // an optimizer's memory is in the shape of what it trains, which may have no parts of its own
                let without = name
                    .replace(".direct_feedback.velocity.weight", ".direct_feedback")
                    .replace(".velocity", "");
                let (pattern, layer) = pattern(&without);
                let shape = stated
                    .get(&pattern)
                    .unwrap_or_else(|| panic!("{text}: the page lacks `{name}`"));
                assert_eq!(
                    *found,
                    evaluate(shape, layer, 10),
                    "{text}: `{name}` is {shape} on the page"
                );
                seen.insert(pattern);
            });
        }
    }
    let listed: BTreeSet<_> = stated.into_keys().collect();
    assert_eq!(seen, listed, "the page lists arrays that no rule has");
}
