//! Cut a plane through the cost as a function of all weights, as near as a plane can be to the ways that runs took.

use super::Batch;
use crate::linalg::Matrix;
use crate::loss::Loss;
use crate::network::Network;
use nalgebra::SymmetricEigen;
use rayon::prelude::*;

/// Points along a side of the plane.
const SIDE: usize = 61;
/// What is left around the ways, as a share of their extent.
const AROUND: f64 = 0.3;
/// On a plateau the slope is less than this share of the steepest on the plane.
const FLAT: f64 = 0.01;
/// and the cost lies higher than this share of its range.
const HIGH: f64 = 0.1;
/// In a trough the cost curves this many times as much across as along.
const NARROW: f64 = 10.0;

/// What the ground is like at a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ground {
    /// Neither of the others.
    Slope,
    /// Nearly level, but not low.
    Plateau,
    /// The floor of a narrow valley.
    Trough,
}

/// The cost on a plane of weights.
#[derive(Clone, Debug)]
pub struct Surface {
    /// Where its columns and rows lie: distances between weights, from the first point of the first way.
    pub sides: [Vec<f64>; 2],
    /// The cost, row by row.
    pub costs: Vec<f64>,
    /// What the ground is like, in the same order.
    pub ground: Vec<Ground>,
    /// The ways, as their shadows on the plane.
    pub ways: Vec<Vec<WayPoint>>,
    /// Of the squared distances of all points from the start, the share that lies in the plane.
    pub share: f64,
}

/// A point of a way.
#[derive(Clone, Copy, Debug)]
pub struct WayPoint {
    /// Where its shadow lies on the plane.
    pub place: [f64; 2],
    /// The cost at the point itself, which may lie off the plane.
    pub cost: f64,
}

impl Surface {
    /// The plane through the start of the first way along the two directions in which the ways extend most: principal components
    /// of all displacements from the start. Costs are means over the samples. Absent where the ways have no extent in two
    /// directions.
    ///
    /// # Panics
    /// If the networks have different shapes, or a way has no point.
    pub fn new(ways: &[Vec<Network<f64>>], loss: Loss, batch: &Batch<f64>) -> Option<Self> {
        let first = &ways[0][0];
        let start = flat(first);
        let away: Vec<Vec<f64>> = ways
            .iter()
            .flatten()
            .map(|network| minus(&flat(network), &start))
            .collect();
        let (directions, share) = directions(&away)?;
        let mut places = away
            .iter()
            .map(|away| directions.each_ref().map(|along| dot(away, along)));
        let cost = |network: &Network<f64>| batch.cost(network, loss);
        let way = |way: &Vec<Network<f64>>| -> Vec<WayPoint> {
            let points = way.iter().zip(&mut places);
            points
                .map(|(network, place)| WayPoint {
                    place,
                    cost: cost(network),
                })
                .collect()
        };
        let ways: Vec<Vec<WayPoint>> = ways.iter().map(way).collect();
        let sides = [0, 1].map(|axis| side(ways.iter().flatten().map(|point| point.place[axis])));
        let at = |i: usize| [sides[0][i % SIDE], sides[1][i / SIDE]];
        let on_plane = |network: &mut Network<f64>, i| {
            move_to(network, &start, &directions, at(i));
            cost(network)
        };
        let points = (0..SIDE * SIDE).into_par_iter();
        let costs: Vec<f64> = points.map_init(|| first.clone(), on_plane).collect();
        let ground = ground(&sides, &costs);
        Some(Self {
            sides,
            costs,
            ground,
            ways,
            share,
        })
    }
}

/// All weights and biases of a network, one after the other.
fn flat(network: &Network<f64>) -> Vec<f64> {
    let layers = network.layers.iter();
    layers
        .flat_map(|layer| layer.weight.iter().chain(layer.bias.iter()).copied())
        .collect()
}

/// Gives a network the weights `start + x along[0] + y along[1]`.
fn move_to(network: &mut Network<f64>, start: &[f64], along: &[Vec<f64>; 2], [x, y]: [f64; 2]) {
    let weights = network.layers.iter_mut();
    let weights = weights.flat_map(|layer| layer.weight.iter_mut().chain(layer.bias.iter_mut()));
    for (i, weight) in weights.enumerate() {
        *weight = start[i] + x * along[0][i] + y * along[1][i];
    }
}

fn minus(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a - b).collect()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// The two directions, of length 1, that hold most of the squared lengths of these vectors, and their share of them. The last vector
/// lies on the positive side of both.
fn directions(vectors: &[Vec<f64>]) -> Option<([Vec<f64>; 2], f64)> {
    let n = vectors.len();
    let products = Matrix::from_fn(n, n, |i, j| dot(&vectors[i], &vectors[j]));
    let SymmetricEigen {
        eigenvectors,
        eigenvalues,
    } = SymmetricEigen::new(products);
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|i, j| eigenvalues[*j].total_cmp(&eigenvalues[*i]));
    let total: f64 = eigenvalues.sum();
    let [first, second] = [*order.first()?, *order.get(1)?];
    if eigenvalues[second] <= 1e-12 * total || total <= 0.0 {
        return None;
    }
    let direction = |which: usize| {
        let length = eigenvalues[which].sqrt() * if eigenvectors[(n - 1, which)] < 0.0 { -1.0 } else { 1.0 };
        let mut direction = vec![0.0; vectors[0].len()];
        for (i, vector) in vectors.iter().enumerate() {
            let share = eigenvectors[(i, which)] / length;
            for (sum, x) in direction.iter_mut().zip(vector) {
                *sum += share * x;
            }
        }
        direction
    };
    let share = (eigenvalues[first] + eigenvalues[second]) / total;
    Some(([direction(first), direction(second)], share))
}

/// The least and the greatest.
fn ends(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.fold((f64::MAX, f64::MIN), |(low, high), x| (low.min(x), high.max(x)))
}

/// Evenly spaced coordinates around these.
fn side(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let (low, high) = ends(values);
    let (low, length) = (low - AROUND * (high - low), (1.0 + 2.0 * AROUND) * (high - low));
    (0..SIDE).map(|i| low + length * i as f64 / (SIDE - 1) as f64).collect()
}

/// What the ground is like at each point, by central differences in the plane; at its edge it is only slope.
fn ground(sides: &[Vec<f64>; 2], costs: &[f64]) -> Vec<Ground> {
    let steps = sides.each_ref().map(|side| side[1] - side[0]);
    let shapes: Vec<Option<LocalShape>> = (0..costs.len()).map(|i| LocalShape::at(costs, i, steps)).collect();
    let steepest = shapes.iter().flatten().map(|shape| shape.slope()).fold(0.0, f64::max);
    let finite = costs.iter().copied().filter(|cost| cost.is_finite());
    let (low, high) = ends(finite);
    let kind = |(shape, cost): (&Option<LocalShape>, &f64)| {
        let Some(shape) = shape else { return Ground::Slope };
        let is_flat = shape.slope() < FLAT * steepest && shape.bend() * steps[0].max(steps[1]) < FLAT * steepest;
        if is_flat && *cost > low + HIGH * (high - low) {
            Ground::Plateau
        } else if shape.is_floor(steps) {
            Ground::Trough
        } else {
            Ground::Slope
        }
    };
    shapes.iter().zip(costs).map(kind).collect()
}

/// First and second derivatives at a point of the plane.
#[derive(Clone, Copy, Debug)]
struct LocalShape {
    gradient: [f64; 2],
    /// By both along the first axis, by one along each, by both along the second.
    second: [f64; 3],
}

impl LocalShape {
    fn at(costs: &[f64], i: usize, [h, k]: [f64; 2]) -> Option<Self> {
        let (row, column) = (i / SIDE, i % SIDE);
        let is_inside = (1..SIDE - 1).contains(&row) && (1..SIDE - 1).contains(&column);
        let around = [0, 1, 2].map(|up| [0, 1, 2].map(|across| (up, across)));
        if !is_inside {
            return None;
        }
        let c = around.map(|line| line.map(|(up, across)| costs[(row + up - 1) * SIDE + column + across - 1]));
        let shape = Self {
            gradient: [(c[1][2] - c[1][0]) / (2.0 * h), (c[2][1] - c[0][1]) / (2.0 * k)],
            second: [
                (c[1][2] - 2.0 * c[1][1] + c[1][0]) / (h * h),
                (c[2][2] - c[2][0] - c[0][2] + c[0][0]) / (4.0 * h * k),
                (c[2][1] - 2.0 * c[1][1] + c[0][1]) / (k * k),
            ],
        };
        shape.slope().is_finite().then_some(shape)
    }

    fn slope(&self) -> f64 {
        self.gradient[0].hypot(self.gradient[1])
    }

    /// The larger curvature, then the smaller, and the direction of the larger.
    fn curvatures(&self) -> (f64, f64, [f64; 2]) {
        let [a, b, c] = self.second;
        let (middle, apart) = ((a + c) / 2.0, ((a - c) / 2.0).hypot(b));
        let turn = 0.5 * (2.0 * b).atan2(a - c);
        (middle + apart, middle - apart, [turn.cos(), turn.sin()])
    }

    fn bend(&self) -> f64 {
        let (most, least, _) = self.curvatures();
        most.abs().max(least.abs())
    }

    /// Whether this is the floor of a narrow valley: curved upwards across it, far less along it, and lowest across within half a step.
    fn is_floor(&self, [h, k]: [f64; 2]) -> bool {
        let (across, along, [x, y]) = self.curvatures();
        let rise = self.gradient[0] * x + self.gradient[1] * y;
        let step = (h * x).hypot(k * y);
        across > 0.0 && across > NARROW * along.abs() && rise.abs() <= 0.5 * step * across
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::{Activation, Layer};

    /// A linear unit of two inputs without a bias: the cost is `½ Σ (w - w*)² s²`, by hand.
    fn unit(weights: [f64; 2]) -> Network<f64> {
        let mut layer = Layer::zeros(1, 2, false, Activation::Identity);
        layer.weight.copy_from_slice(&weights);
        Network { layers: vec![layer] }
    }

    fn batch(input: Matrix<f64>, targets: Matrix<f64>) -> Batch<f64> {
        let samples = (0..input.ncols() as u32).collect();
        Batch {
            input,
            targets,
            samples,
        }
    }

    /// Samples `s e_1` and `t e_2` with targets 0: `C = (s² w_1² + t² w_2²) / 4`.
    fn surface(s: f64, t: f64) -> Surface {
        let input = Matrix::from_row_slice(2, 2, &[s, 0.0, 0.0, t]);
        let targets = Matrix::from_row_slice(1, 2, &[0.0, 0.0]);
        let ways = [
            vec![unit([3.0, 1.0]), unit([1.0, 1.0]), unit([0.0, 0.5])],
            vec![unit([3.0, 1.0]), unit([3.0, -1.0])],
        ];
        Surface::new(&ways, Loss::HALF_SQUARES, &batch(input, targets)).unwrap()
    }

    /// With two weights the plane is all of their space.
    #[test]
    fn costs_on_the_plane_are_those_of_its_weights() {
        let found = surface(1.0, 2.0);
        assert!((found.share - 1.0).abs() < 1e-12);
        let end = found.ways[0][2];
        assert!((end.cost - (0.0 + 4.0 * 0.25) / 4.0).abs() < 1e-12);
        // the distance between two points of a way is kept: (3, 1) and (3, -1)
        let [from, to] = [found.ways[1][0], found.ways[1][1]].map(|point| point.place);
        assert!(((from[0] - to[0]).hypot(from[1] - to[1]) - 2.0).abs() < 1e-12);
        // a quadratic cost has its minimum, 0, at a distance of √10 from (3, 1), and central differences are exact
        let least = found.costs.iter().copied().fold(f64::MAX, f64::min);
        assert!((0.0..0.02).contains(&least), "{least}");
    }

    #[test]
    fn a_narrow_valley_has_a_floor_and_a_round_one_has_none() {
        let floors = |found: &Surface| found.ground.iter().filter(|ground| **ground == Ground::Trough).count();
        // curvatures s² / 2 and t² / 2, 25 times apart: a line of points from edge to edge
        let narrow = surface(0.2, 1.0);
        assert!((SIDE / 2..4 * SIDE).contains(&floors(&narrow)), "{}", floors(&narrow));
        assert_eq!(floors(&surface(1.0, 1.0)), 0);
        assert!(
            !narrow.ground.contains(&Ground::Plateau),
            "a parabola is nowhere level but at its bottom"
        );
    }

    /// A unit that saturates: level, and high, where its input is large.
    #[test]
    fn a_saturated_unit_stands_on_a_plateau() {
        let unit = |weights: [f64; 2]| {
            let mut network = unit(weights);
            network.layers[0].activation = Activation::Logistic;
            network
        };
        let input = Matrix::from_row_slice(2, 1, &[5.0, 1.0]);
        let targets = Matrix::from_row_slice(1, 1, &[0.0]);
        let ways = [vec![unit([3.0, 1.0]), unit([-3.0, 2.0]), unit([-3.0, -1.0])]];
        let found = Surface::new(&ways, Loss::HALF_SQUARES, &batch(input, targets)).unwrap();
        let level: Vec<f64> = found
            .ground
            .iter()
            .zip(&found.costs)
            .filter(|(ground, _)| **ground == Ground::Plateau)
            .map(|(_, cost)| *cost)
            .collect();
        assert!(
            level.len() > SIDE && level.iter().all(|cost| *cost > 0.4),
            "{}",
            level.len()
        );
    }

    #[test]
    fn ways_on_a_line_have_no_plane() {
        let ways = [vec![unit([0.0, 0.0]), unit([1.0, 1.0]), unit([2.0, 2.0])]];
        let (input, targets) = (Matrix::from_element(2, 1, 1.0), Matrix::from_element(1, 1, 0.0));
        assert!(Surface::new(&ways, Loss::HALF_SQUARES, &batch(input, targets)).is_none());
    }
}
