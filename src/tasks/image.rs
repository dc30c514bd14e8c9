//! Say that the inputs of a sample are an image: channels of rows of columns.

use super::in_words::in_words;
use crate::network::Map;
use crate::refusal::Refusal;
use serde::{Deserialize, Serialize, Serializer};

/// The shape that an experiment gives the inputs of a task that has none of its own: channels, rows, columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image(pub usize, pub usize, pub usize);

in_words!(Image, "`(channels, rows, columns)`, such as `(1, 8, 8)`");

impl Image {
    /// How an experiment says the shape that so many inputs are likely to have, for messages: three square channels where one is not
    /// square, else one that is as near to it as can be.
    pub(crate) fn example(inputs: usize) -> String {
        let square = |area: usize| area.isqrt() * area.isqrt() == area;
        let (channels, area) = match inputs.is_multiple_of(3) && square(inputs / 3) && !square(inputs) {
            true => (3, inputs / 3),
            false => (1, inputs),
        };
        let mut rows = (1..=area.isqrt()).rev();
        let rows = rows.find(|rows| area.is_multiple_of(*rows)).unwrap_or(1);
        format!("`image: ({channels}, {rows}, {})`", area / rows)
    }

    /// The map of so many inputs.
    fn of(self, inputs: usize) -> Result<Map, Refusal> {
        let Self(channels, rows, columns) = self;
        let values = [channels, rows, columns].into_iter().try_fold(1, usize::checked_mul);
        if values == Some(inputs) {
            return Ok(Map::new(channels, rows, columns));
        }
        let many = values.map_or("too many".into(), |values| values.to_string());
        Err(Refusal::new(
            "task.image",
            format!("{channels} x {rows} x {columns} is {many} values, a sample has {inputs}"),
            format!(
                "give channels, rows and columns that make {inputs}, such as {}",
                Self::example(inputs)
            ),
        ))
    }
}

/// What a sample of so many inputs is: what its source says, `own`, or what the experiment says, but not both.
pub(super) fn resolve(own: Option<Map>, given: Option<Image>, inputs: usize) -> Result<Option<Map>, Refusal> {
    match (own, given) {
        (
            Some(Map {
                channels,
                rows,
                columns,
            }),
            Some(_),
        ) => Err(Refusal::new(
            "task.image",
            format!("the file says itself that a sample is {channels} x {rows} x {columns}"),
            "leave it out",
        )),
        (None, Some(given)) => given.of(inputs).map(Some),
        (own, None) => Ok(own),
    }
}

/// The image that a file's sizes tell, samples first: `[n, rows, columns]`, or `[n, channels, rows, columns]`.
pub(super) fn of_sizes(sizes: &[u64]) -> Option<Map> {
    let size = |size: u64| usize::try_from(size).ok();
    match *sizes {
        [_, rows, columns] => Some(Map::new(1, size(rows)?, size(columns)?)),
        [_, channels, rows, columns] => Some(Map::new(size(channels)?, size(rows)?, size(columns)?)),
        _ => None,
    }
}

/// Writes `(1, 8, 8)`, not `Some((1, 8, 8))`.
pub(super) fn bare<S: Serializer>(image: &Option<Image>, serializer: S) -> Result<S::Ok, S::Error> {
    match image {
        Some(image) => image.serialize(serializer),
        None => serializer.serialize_none(),
    }
}
