//! Read the weights of first layers back from the colours of their tiles.

use super::colours::{Bar, colour};
use super::svg::{class, number, points};
use super::*;
use creditlab::arrays::{Array, Shape};
use creditlab::experiment::Precision;
use creditlab::network::{Activation, Map};
use creditlab::results::{Description, Folder, Meaning, Saved};
use made_up::{noise, slug};
use resvg::usvg::roxmltree::{Document, Node};

/// A first layer, made up: of so many filters, with weights of their own at so many rows and columns of places.
#[derive(Clone, Copy)]
struct Made {
    /// The task, as experiment files say it.
    task: &'static str,
    /// The hidden layers, where the first is a map, and its image.
    hidden: Option<(&'static str, Map)>,
    /// The shape of the array in the file: the last three of a map, and the last one of a dense layer, are what a filter sees.
    shape: &'static [usize],
}

const DENSE: Made = Made {
    task: "Digits",
    hidden: None,
    shape: &[5, 64],
};
const CONVOLUTION: Made = Made {
    task: "Digits",
    hidden: Some(("[Conv(channels: 6, kernel: (3, 2))]", Map::new(1, 8, 8))),
    shape: &[6, 1, 3, 2],
};
const LOCAL: Made = Made {
    task: "Digits",
    hidden: Some(("[Local(channels: 2, kernel: 3, padding: 1)]", Map::new(1, 8, 8))),
    shape: &[2, 8, 8, 1, 3, 3],
};
const COLOURED: Made = Made {
    task: "Blobs(inputs: 60, image: (3, 4, 5))",
    hidden: None,
    shape: &[4, 60],
};
const SIGNAL: Made = Made {
    task: "Mnist1d",
    hidden: Some(("[Conv(channels: 3, kernel: (1, 5))]", Map::new(1, 1, 40))),
    shape: &[3, 1, 1, 5],
};
const TABLE: Made = Made {
    task: "Iris",
    hidden: None,
    shape: &[7, 4],
};

impl Made {
    /// In the order of the file, from -0.83 to 0.83; those of `LOCAL` that lead from beyond the edge are 0.
    fn weights(self, kind: u64) -> Vec<f64> {
        let count: usize = self.shape.iter().product();
        let made = (0..count as u64).map(|i| 0.83 * noise(&[kind, i, 5]));
        made.enumerate()
            .map(|(i, weight)| if self.is_beyond(i) { 0.0 } else { weight })
            .collect()
    }

    /// By the definition: the number of the input row is that of the place, less the padding, plus that of the tap.
    fn is_beyond(self, index: usize) -> bool {
        let [_, rows, columns, 1, 3, 3] = *self.shape else {
            return false;
        };
        let (place, tap) = (index / 9, index % 9);
        let row = place / columns % rows + tap / 3;
        let column = place % columns + tap % 3;
        row < 1 || row > rows || column < 1 || column > columns
    }

    /// Writes the file of a run of an arm; above the first layer there is one with a single unit.
    fn write(self, folder: &Path, arm: &str, seed: u64, step: u64, weights: &[f64]) {
        let axes = match self.shape.len() {
            6 => Shape::new(&self.shape[..3], &self.shape[3..]),
            _ => self.shape.into(),
        };
        let units = match *self.shape {
            [channels, _, down, right] => {
                let image = self.hidden.unwrap().1;
                channels * (image.rows - down + 1) * (image.columns - right + 1)
            }
            _ => axes.rows(),
        };
        // column by column in memory
        let memory: Vec<f64> = (0..weights.len())
            .map(|place| weights[place % axes.rows() * axes.columns() + place / axes.rows()])
            .collect();
        let arrays = [
            Array::new("layer1.weight", axes, &memory),
            Array::new("layer2.weight", &[1, units], &vec![0.5; units]),
        ];
        let description = Description {
            creditlab: "0".into(),
            task: self.task.into(),
            rule: "Backprop".into(),
            own_prediction: false,
            seed,
            step,
            precision: Precision::F64,
            activations: vec![Activation::Tanh; 2],
            hidden: self.hidden.map(|(hidden, _)| hidden.into()),
            image: self.hidden.map(|(_, image)| image),
            divisor: None,
            inputs: None,
            scale: None,
            outputs: Meaning::Values(vec!["y".into()]),
        };
        let name = format!("weights/{arm}/{seed}/step-{step}.safetensors");
        Saved::place(&Folder::open(folder).unwrap(), &name, &arrays, &description).unwrap();
    }
}

/// A result with an arm for each of these layers.
fn result(name: &str, layers: &[Made]) -> (PathBuf, Vec<String>) {
    let folder = folder(name);
    let arms: Vec<Course> = (0..layers.len())
        .map(|i| Course {
            label: format!("Arm {i}"),
            ..courses()[i % 6].clone()
        })
        .collect();
    write_result(&folder, &arms, Size { seeds: 2, ..USUAL });
    let slugs: Vec<String> = arms.iter().map(|arm| slug(&arm.label)).collect();
    for (kind, (layer, arm)) in (0..).zip(layers.iter().zip(&slugs)) {
        layer.write(&folder, arm, 0, 900, &layer.weights(kind));
    }
    (folder, slugs)
}

/// A tile: its corners and the colours of its cells, row by row.
struct DrawnTile {
    sides: [f64; 4],
    cells: Vec<[f64; 3]>,
}

/// The bar and the tiles of each arm.
fn read(folder: &Path) -> Vec<(usize, Bar, Vec<DrawnTile>)> {
    let svg = fs::read_to_string(folder.join("figures/weights.svg")).unwrap();
    let document = Document::parse(&svg).unwrap();
    let panels = document.descendants().filter(|node| class(*node) == "filters");
    panels
        .map(|panel| {
            let tiles = panel.children().filter(|child| class(*child) == "tile").map(tile);
            (number(panel, "data-arm") as usize, Bar::read(panel), tiles.collect())
        })
        .collect()
}

fn tile(group: Node) -> DrawnTile {
    let of = |name: &'static str| group.children().filter(move |child| child.has_tag_name(name));
    let corners = points(of("polyline").next().unwrap());
    DrawnTile {
        sides: [corners[0].0, corners[2].0, corners[0].1, corners[2].1],
        cells: of("polygon").map(colour).collect(),
    }
}

/// Whether tiles show the weights, given tile by tile, to a step of the bar; `None` is where there is none.
fn show(tiles: &[DrawnTile], bar: &Bar, expected: &[Vec<Option<f64>>]) -> bool {
    let is_grey = |colour: [f64; 3]| bar.value(colour).is_none();
    let near = |colour: [f64; 3], weight: f64| {
        bar.value(colour)
            .is_some_and(|found| (found - weight).abs() <= bar.step())
    };
    tiles.len() == expected.len()
        && tiles.iter().zip(expected).all(|(tile, weights)| {
            let cells = tile.cells.iter().zip(weights);
            tile.cells.len() == weights.len()
                && cells
                    .into_iter()
                    .all(|(colour, weight)| weight.map_or(is_grey(*colour), |weight| near(*colour, weight)))
        })
}

/// The weights of all filters, channel by channel.
fn whole(weights: &[f64], of_tile: usize) -> Vec<Vec<Option<f64>>> {
    weights
        .chunks(of_tile)
        .map(|tile| tile.iter().copied().map(Some).collect())
        .collect()
}

/// Of a local layer: rows and columns 1, 4 and 8 of its 8 x 8 places.
fn nine_places(made: Made, weights: &[f64]) -> Vec<Vec<Option<f64>>> {
    let mut tiles = Vec::new();
    for filter in 0..made.shape[0] {
        for row in [0, 3, 7] {
            for column in [0, 3, 7] {
                let first = ((filter * 8 + row) * 8 + column) * 9;
                let taps = (first..first + 9).map(|i| (!made.is_beyond(i)).then_some(weights[i]));
                tiles.push(taps.collect());
            }
        }
    }
    tiles
}

/// The truth, read from nothing but colours and the numbers of the bars; each wrong reading is found.
#[test]
fn tiles_have_the_colours_of_their_weights() {
    let layers = [DENSE, CONVOLUTION, LOCAL, COLOURED, SIGNAL];
    let (folder, slugs) = result("tiles", &layers);
    // neither another seed's nor earlier weights are drawn
    for (layer, arm) in layers.iter().zip(&slugs) {
        layer.write(&folder, arm, 1, 900, &layer.weights(50));
        layer.write(&folder, arm, 0, 90, &layer.weights(60));
    }
    report::draw(&folder).unwrap();
    check(&folder, "weights");
    let panels = read(&folder);
    let arms: Vec<usize> = panels.iter().map(|(arm, ..)| *arm).collect();
    assert_eq!(arms, [0, 1, 2, 3, 4], "a panel for each arm");
    let tile_sizes = [64, 6, 9, 20, 5];
    for (kind, (arm, bar, tiles)) in (0..).zip(&panels) {
        let made = layers[*arm];
        let of = |weights: &[f64]| match made.shape.len() {
            6 => nine_places(made, weights),
            _ => whole(weights, tile_sizes[*arm]),
        };
        let weights = made.weights(kind);
        assert!(show(tiles, bar, &of(&weights)), "arm {arm}");
        let largest = weights.iter().copied().map(f64::abs).fold(0.0, f64::max);
        assert!(bar.end() >= largest && bar.end() < 1.1 * largest, "arm {arm}");
        let mut reversed = weights.clone();
        reversed.reverse();
        let negative: Vec<f64> = weights.iter().map(|weight| -weight).collect();
        let mut moved = weights.clone();
        moved.rotate_left(1);
        for (what, wrong) in [
            ("from the last to the first", reversed),
            ("of the other sign", negative),
            ("each one place on", moved),
            ("of another seed", made.weights(50)),
            ("of an earlier step", made.weights(60)),
        ] {
            assert!(!show(tiles, bar, &of(&wrong)), "arm {arm}: weights {what}");
        }
        let mut turned = of(&weights);
        turned.iter_mut().for_each(|tile| tile.rotate_left(1));
        assert!(!show(tiles, bar, &turned), "arm {arm}: weights turned within tiles");
    }
    let caption = caption(&folder, "weights");
    for part in [
        "Arm 0: seed 0, epoch 20 (step 900); all 5 units; 8 x 8 weights each, from all of the image.",
        "Arm 1: seed 0, epoch 20 (step 900); all 6 filters; 3 x 2 weights each, the same at every place of the image.",
        "Arm 2: seed 0, epoch 20 (step 900); all 2 filters; 3 x 3 weights each at every place, drawn for 9 of 64 places (rows 1, 4, 8 and \
         columns 1, 4, 8 of the map of 8 x 8), each where it lies.",
        "Grey is beyond the edge of the image",
        "The channels of the image",
        "Arm 4: seed 0, epoch 20 (step 900); all 3 filters; 1 x 5 weights each",
    ] {
        assert!(caption.contains(part), "{part}: {caption}");
    }
}

#[test]
fn without_weights_of_an_image_there_is_no_figure() {
    let (folder, _) = result("no image", &[TABLE]);
    fs::create_dir_all(folder.join("figures")).unwrap();
    fs::write(folder.join("figures/weights.svg"), "of an older run").unwrap();
    report::draw(&folder).unwrap();
    assert!(!folder.join("figures/weights.svg").exists());
    // one of the arms has an image, the other a table
    let (folder, _) = result("one image", &[TABLE, DENSE]);
    report::draw(&folder).unwrap();
    assert_eq!(read(&folder).len(), 1);
    assert!(caption(&folder, "weights").contains("Not drawn, since they have no such values: Arm 0."));
    let text = caption(&folder, "weights");
    assert!(!text.contains("Grey") && !text.contains("channels"), "{text}");
}

fn overlap(a: [f64; 4], b: [f64; 4]) -> bool {
    a[0] < b[1] && b[0] < a[1] && a[2] < b[3] && b[2] < a[3]
}

/// Where texts stand, in the units of the drawing, 1/25 point; usvg has 96 pixels in an inch.
fn places_of_texts(folder: &Path) -> Vec<[f64; 4]> {
    let svg = fs::read_to_string(folder.join("figures/weights.svg")).unwrap();
    let mut found = Vec::new();
    super::texts(parse(&svg).root(), &mut found);
    let sides = |area: &usvg::Rect| [area.left(), area.right(), area.top(), area.bottom()];
    found
        .iter()
        .map(|(_, area)| sides(area).map(|side| f64::from(side) * 72.0 / 96.0 * 25.0))
        .collect()
}

fn any_overlap(tiles: &[[f64; 4]]) -> bool {
    (0..tiles.len()).any(|i| tiles[..i].iter().any(|other| overlap(tiles[i], *other)))
}

#[test]
fn many_arms_and_large_layers_are_thinned_and_do_not_overlap() {
    const LARGE: Made = Made {
        task: "Mnist",
        hidden: None,
        shape: &[100, 784],
    };
    const PHOTOGRAPHS: Made = Made {
        task: "Cifar10",
        hidden: Some(("[Local(channels: 7, kernel: 3, padding: 1)]", Map::new(3, 8, 8))),
        shape: &[7, 8, 8, 3, 3, 3],
    };
    for arms in [1, 2, 4, 13] {
        for (name, layer) in [("large", LARGE), ("photographs", PHOTOGRAPHS), ("small", CONVOLUTION)] {
            let (folder, _) = result(&format!("{arms} {name}"), &vec![layer; arms]);
            report::draw(&folder).unwrap();
            let texts = check(&folder, "weights");
            let panels = read(&folder);
            assert_eq!(panels.len(), arms.min(12), "{arms} {name}");
            assert_eq!(texts.iter().filter(|text| *text == "Weight").count(), panels.len());
            let caption = caption(&folder, "weights");
            assert_eq!(
                caption.contains("Not drawn, since there is no room: Arm 12."),
                arms == 13
            );
            // as many filters as the caption says
            for (arm, _, tiles) in &panels {
                let (_, said) = caption.split_once(&format!("Arm {arm}: ")).unwrap();
                let said = said.split_once("; ").unwrap().1.trim_start_matches("all ");
                let count: usize = said.split_once(' ').unwrap().0.parse().unwrap();
                let tiles_of_each = if name == "photographs" { 27 } else { 1 };
                assert_eq!(tiles.len(), count * tiles_of_each, "{arms} {name}: {said}");
            }
            let mut sides: Vec<[f64; 4]> = panels
                .iter()
                .flat_map(|(_, _, tiles)| tiles)
                .map(|tile| tile.sides)
                .collect();
            assert!(!any_overlap(&sides), "{arms} {name}");
            let texts = places_of_texts(&folder);
            assert!(texts.len() >= 5 * panels.len());
            let is_covered = |text: &[f64; 4]| sides.iter().any(|tile| overlap(*text, *tile));
            assert!(!texts.iter().any(is_covered), "{arms} {name}");
            let size = fs::metadata(folder.join("figures/weights.svg")).unwrap().len();
            assert!(size < 5_000_000, "{arms} {name}: {size} bytes");
            // what is looked for is there to be found
            let [left, right, top, bottom] = sides[0];
            sides.push([left + 2.0, right + 2.0, top, bottom]);
            assert!(any_overlap(&sides));
            sides.push(texts[0].map(|side| side + 5.0));
            assert!(texts.iter().any(|text| sides.iter().any(|tile| overlap(*text, *tile))));
        }
    }
}

#[test]
fn weights_of_nothing_are_white_and_the_first_finished_run_speaks() {
    let (folder, slugs) = result("zeros", &[DENSE]);
    DENSE.write(&folder, &slugs[0], 0, 900, &[0.0; 320]);
    DENSE.write(&folder, &slugs[0], 1, 0, &DENSE.weights(9));
    report::draw(&folder).unwrap();
    let (_, bar, tiles) = &read(&folder)[0];
    assert_eq!(bar.end(), 1.0);
    assert!(
        tiles
            .iter()
            .flat_map(|tile| &tile.cells)
            .all(|cell| *cell == [255.0; 3])
    );
    let path = folder.join("runs.csv");
    let mut runs: Vec<RunRow> = results::read(&path).unwrap();
    runs[0].status = results::Status::Diverged;
    files::place(&path, &encode(&runs)).unwrap();
    report::draw(&folder).unwrap();
    let (_, bar, tiles) = &read(&folder)[0];
    assert!(show(tiles, bar, &whole(&DENSE.weights(9), 64)));
    assert!(caption(&folder, "weights").contains("Arm 0: seed 1, before training; all 5 units"));
}

#[test]
fn a_damaged_file_of_weights_is_named() {
    let (folder, slugs) = result("damaged weights", &[DENSE]);
    let file = format!("weights/{}/0/step-900.safetensors", slugs[0]);
    let bytes = fs::read(folder.join(&file)).unwrap();
    fs::write(folder.join(&file), &bytes[..100]).unwrap();
    let error = report::draw(&folder).unwrap_err().to_string();
    assert!(error.contains(&file), "{error}");
}
