//! Lead an option that stands outside its block to the block that has it.

use super::mistake::{Mistake, Result, nearest};
use super::{Document, Node};
use serde::de::DeserializeOwned;

/// Stands in every block in turn, to be told which names the block has.
const PROBE: &str = "no_such_option";

/// Reads a `T`. An unknown option of it that one of its blocks has, or nearly has, is led there: ``write `feedback: (scale: ..)` ``.
///
/// # Errors
/// As [`Node::read`].
pub fn read_or_lead<T: DeserializeOwned>(node: &Node<'_>) -> Result<T> {
    node.read::<T>().map_err(|mistake| match remedy::<T>(&mistake, node) {
        Some(remedy) => mistake.help(remedy),
        None => mistake,
    })
}

fn remedy<T: DeserializeOwned>(mistake: &Mistake, node: &Node<'_>) -> Option<String> {
    let unknown = mistake.unknown.as_ref()?;
    let found = &*unknown.found;
    let blocks: Vec<_> = unknown
        .names
        .iter()
        .map(|name| (*name, names::<T>(node, name)))
        .collect();
    let exact = blocks.iter().find(|(_, names)| names.contains(&found));
    let near = || {
        let mut near = blocks
            .iter()
            .filter_map(|(block, names)| Some((*block, nearest(found, names.iter().copied())?)));
        near.next().filter(|_| mistake.help.is_none())
    };
    let (block, option) = exact.map(|(block, _)| (*block, found)).or_else(near)?;
    Some(format!("write `{block}: ({option}: ..)`"))
}

/// The options in the block `name` of a `T`; none where it is no block.
fn names<T: DeserializeOwned>(node: &Node<'_>, name: &str) -> &'static [&'static str] {
    let outer = node.name().map_or("", |(name, _)| name);
    let asked = Document::parse("", format!("{outer}({name}: ({PROBE}: 0))"));
    let refused = asked.ok().and_then(|document| document.root().read::<T>().err());
    match refused.and_then(|mistake| mistake.unknown) {
        Some(unknown) if unknown.found == PROBE => unknown.names,
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Default, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    #[allow(dead_code)] // only read
    struct Outer {
        gain: f64,
        feedback: Inner,
        kind: Kind,
    }

    #[derive(Debug, Default, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    #[allow(dead_code)] // only read
    struct Inner {
        scale: f64,
        decay: f64,
    }

    #[derive(Debug, Default, Deserialize)]
    enum Kind {
        #[default]
        Fixed,
    }

    fn help(text: &str) -> Option<String> {
        let document = Document::parse("x", text).unwrap();
        let mistake = read_or_lead::<Outer>(&document.root()).unwrap_err();
        mistake.help
    }

    #[test]
    fn an_option_is_led_to_the_block_that_has_it() {
        assert_eq!(help("(scale: 0.5)").unwrap(), "write `feedback: (scale: ..)`");
        assert_eq!(help("(scal: 0.5)").unwrap(), "write `feedback: (scale: ..)`");
        assert_eq!(help("(gian: 0.5)").unwrap(), "did you mean `gain`?");
        assert_eq!(help("(colour: 0.5)"), None);
        // inside the block the nearest name is enough
        assert_eq!(help("(feedback: (scal: 0.5))").unwrap(), "did you mean `scale`?");
    }
}
