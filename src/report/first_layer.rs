//! Read the weights between the image and the first layer of a run, and find each by unit, place, channel, row and column.

use crate::linalg::Matrix;
use crate::network::{Layer, Map};
use crate::results::names::{weights_file, weights_folder};
use crate::results::{Folder, ResultsError, RunRow, Saved, saved_steps};

/// The weights of a first layer that sees an image.
pub struct FirstLayer {
    /// Whose run it is.
    pub seed: u64,
    /// How many changes had been applied.
    pub step: u64,
    /// How many times all samples had been seen by then; unknown for a run that took no step.
    pub epoch: Option<f64>,
    /// How the layer is wired.
    pub kind: FilterKind,
    /// Filters, or the units of a dense layer, and the rows and columns of places that each has weights of its own at.
    pub filters: Map,
    /// Channels, rows and columns of what a filter sees: of the whole image in a dense layer.
    pub sees: Map,
    /// A row for each filter and place, a column for each number of what it sees.
    weight: Matrix<f64>,
    /// Which of them lead from the image, not from beyond its edge; as they lie in memory.
    alive: Vec<bool>,
}

/// What looks at an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FilterKind {
    /// Units that see all of it.
    Dense,
    /// Filters with the same weights everywhere.
    Shared,
    /// Filters with other weights at each place.
    Own,
}

impl FirstLayer {
    /// After the last change that a run left weights of; nothing where there are none, or no image is known to be the input.
    pub fn of(results: &Folder, run: &RunRow) -> Result<Option<Self>, ResultsError> {
        let folder = weights_folder(&run.arm, run.seed);
        let Some(step) = saved_steps(results, &run.arm, run.seed)?.pop() else {
            return Ok(None);
        };
        let path = results.path().join(folder).join(weights_file(step));
        let saved = Saved::load(&path)?;
        let network = saved
            .network()
            .map_err(|problem| ResultsError::Arrays { path, problem })?;
        let Some(layer) = network.layers.into_iter().next() else {
            return Ok(None);
        };
        let image = saved.description.image_of(layer.inputs());
        let epoch = (run.steps > 0).then(|| run.epochs * step as f64 / run.steps as f64);
        Ok(image.and_then(|image| Self::new(layer, image, (run.seed, step, epoch))))
    }

    fn new(layer: Layer<f64>, image: Map, (seed, step, epoch): (u64, u64, Option<f64>)) -> Option<Self> {
        let [axes, _] = layer.wiring.axes();
        let (kind, filters, sees) = match axes[..] {
            [units, _] => (FilterKind::Dense, Map::new(units, 1, 1), image),
            [filters, channels, rows, columns] => {
                let sees = Map::new(channels, rows, columns);
                (FilterKind::Shared, Map::new(filters, 1, 1), sees)
            }
            [filters, down, right, channels, rows, columns] => {
                let sees = Map::new(channels, rows, columns);
                (FilterKind::Own, Map::new(filters, down, right), sees)
            }
            _ => return None,
        };
        let mut alive = vec![false; layer.weight.len()];
        layer.wiring.synapses(|_, _, place| alive[place] = true);
        Some(Self {
            seed,
            step,
            epoch,
            kind,
            filters,
            sees,
            weight: layer.weight,
            alive,
        })
    }

    /// The size of the largest weight.
    pub fn largest(&self) -> f64 {
        self.weight.iter().map(|weight| weight.abs()).fold(0.0, f64::max)
    }

    /// A weight of a filter at a place, given by row and column, to a channel, row and column of what it sees; absent beyond the edge
    /// of the image.
    pub fn weight(
        &self,
        filter: usize,
        place: (usize, usize),
        (channel, row, column): (usize, usize, usize),
    ) -> Option<f64> {
        let at = |map: Map, channel, (row, column)| (channel * map.rows + row) * map.columns + column;
        let unit = at(self.filters, filter, place);
        let tap = at(self.sees, channel, (row, column));
        let is_alive = self.alive[tap * self.weight.nrows() + unit];
        is_alive.then(|| self.weight[(unit, tap)])
    }
}
