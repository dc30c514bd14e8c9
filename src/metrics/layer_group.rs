//! Name the groups of layers that measurements speak of.

/// Which layers a measurement speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LayerGroup {
    /// It belongs to no layer.
    None,
    /// Layer `l`, counted from 0; written `layer{l+1}`.
    Layer(usize),
    /// All layers but the output layer.
    Hidden,
    /// All layers.
    All,
}

impl LayerGroup {
    /// Every layer by itself, then `hidden` (where there is a hidden layer), then `all`.
    pub fn of_depth(depth: usize) -> impl Iterator<Item = Self> {
        let hidden = (depth > 1).then_some(Self::Hidden);
        (0..depth).map(Self::Layer).chain(hidden).chain([Self::All])
    }

    /// The layers meant, in a network of `depth` layers.
    pub fn layers(self, depth: usize) -> std::ops::Range<usize> {
        match self {
            Self::None => 0..0,
            Self::Layer(l) => l..l + 1,
            Self::Hidden => 0..depth - 1,
            Self::All => 0..depth,
        }
    }
}

impl std::fmt::Display for LayerGroup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::None => f.write_str("none"),
            Self::Layer(l) => write!(f, "layer{}", l + 1),
            Self::Hidden => f.write_str("hidden"),
            Self::All => f.write_str("all"),
        }
    }
}
