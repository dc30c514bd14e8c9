//! Provide 1,797 handwritten digits of 8 x 8 pixels, built in.

use super::{DataSet, Facts, Inputs, Kind, Places, Samples, Source, Target, Targets, TaskError};
use crate::network::Map;
use flate2::read::GzDecoder;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::io::Read;
use std::path::Path;

/// A row an image: 64 pixels from 0 to 16, then the digit. Licence and citation stand beside the file.
const FILE: &[u8] = include_bytes!("data/digits.csv.gz");
const IMAGE: Map = Map::new(1, 8, 8);
const PIXELS: usize = IMAGE.units();
const CLASSES: usize = 10;
const SAMPLES: u32 = 1797;

/// The test part of the UCI optical digits (Alpaydin and Kaynak 1998); inputs are pixels / 16, classes are the ten digits.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Digits {
    /// The digit, or the image itself.
    pub target: Target,
}

impl Source for Digits {
    fn about(&self) -> String {
        "handwritten digits, 8 x 8 pixels, 1,797 images, built in (UCI optical digits, Alpaydin and Kaynak 1998)".into()
    }

    fn target(&self) -> Target {
        self.target
    }

    fn facts(&self, _: &Path) -> Result<Facts, TaskError> {
        let bytes = u64::from(SAMPLES) * (PIXELS as u64 + 4);
        Ok(Facts::new(PIXELS, Kind::Classes(CLASSES), Samples::without_test(SAMPLES), bytes).shaped(IMAGE))
    }

    fn load(&self, _: Places<'_>) -> Result<DataSet, TaskError> {
        let (mut pixels, mut labels) = (Vec::new(), Vec::new());
        for row in text().lines() {
            let numbers = row
                .split(',')
                .map(|number| number.parse::<u8>().expect("built-in data are whole numbers"));
            pixels.extend(numbers);
            labels.extend(pixels.pop().map(u32::from));
        }
        let inputs = Inputs::Bytes {
            values: pixels,
            divisor: 16,
        };
        let targets = Targets::numbered(labels, CLASSES);
        Ok(DataSet::new(inputs, PIXELS, targets, Samples::without_test(SAMPLES)).shaped(IMAGE))
    }
}

fn text() -> String {
    let mut text = String::new();
    GzDecoder::new(FILE)
        .read_to_string(&mut text)
        .expect("built-in data are whole");
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::empty;

    #[test]
    fn the_file_has_1797_rows_of_65() {
        let text = text();
        assert_eq!(text.lines().count(), 1797);
        assert!(text.lines().all(|row| row.split(',').count() == 65));
    }

    /// Images of each digit, as the source lists them.
    #[test]
    fn every_digit_has_its_images() {
        let data = Digits::default().load(Places::none()).unwrap();
        let mut counts = [0; CLASSES];
        data.labels()
            .unwrap()
            .iter()
            .for_each(|&label| counts[label as usize] += 1);
        assert_eq!(counts, [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]);
    }

    #[test]
    fn inputs_are_pixels_over_16() {
        let data = Digits::default().load(Places::none()).unwrap();
        let (mut x, mut y) = (empty::<f32>(), empty::<f32>());
        data.gather(&(0..1797).collect::<Vec<_>>(), &mut x, &mut y);
        // The first row of the file starts 0,0,5,13,9,1 and is a zero.
        assert_eq!(&x.as_slice()[..6], [0.0, 0.0, 0.3125, 0.8125, 0.5625, 0.0625]);
        assert_eq!(
            y.column(0).as_slice(),
            [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
        );
        assert!(x.iter().all(|x| (0.0..=1.0).contains(x)) && x.iter().any(|&x| x == 1.0));
    }
}
