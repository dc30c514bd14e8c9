//! Compare samples by how much each channel of a map varies over its positions.

use super::Similarity;
use crate::linalg::{Matrix, Scalar, reshape};

/// Scratch of the similarity matching loss of a map, which compares `s`, the standard deviations of its channels over positions (Nøkland,
/// Eidnes 2019): `∂C/∂h_p = ∂C/∂s (h_p − mean h) / (P s)`, `P` being the number of positions; 0 where a channel does not vary. Dividing
/// by `P − 1` in place of `P` would make no difference, since similarity does not depend on sizes.
#[derive(Clone, Debug, Default)]
pub struct Deviations<T: Scalar> {
    means: Matrix<T>,
    deviations: Matrix<T>,
    gradient: Matrix<T>,
}

impl<T: Scalar> Deviations<T> {
    /// `gradient := n ∂C/∂h`, as [`Similarity::gradient`] has it, of maps of so many positions.
    pub fn gradient(
        &mut self,
        similarity: &mut Similarity<T>,
        positions: usize,
        h: &Matrix<T>,
        gradient: &mut Matrix<T>,
    ) {
        let (channels, samples) = (h.nrows() / positions, h.ncols());
        let count = T::of(positions as f64);
        let maps = h.as_slice().chunks_exact(positions);
        reshape(&mut self.means, channels, samples);
        reshape(&mut self.deviations, channels, samples);
        let places = self.means.iter_mut().zip(self.deviations.iter_mut());
        for ((mean, deviation), map) in places.zip(maps.clone()) {
            *mean = map.iter().copied().sum::<T>() / count;
            let square = |h: &T| (*h - *mean) * (*h - *mean);
            *deviation = (map.iter().map(square).sum::<T>() / count).sqrt();
        }
        similarity.gradient(&self.deviations, &mut self.gradient);
        reshape(gradient, h.nrows(), samples);
        let channels = self.means.iter().zip(&self.deviations).zip(&self.gradient);
        let targets = gradient.as_mut_slice().chunks_exact_mut(positions);
        for ((((mean, deviation), slope), map), to) in channels.zip(maps).zip(targets) {
            let factor = if *deviation > T::ZERO {
                *slope / (count * *deviation)
            } else {
                T::ZERO
            };
            to.iter_mut().zip(map).for_each(|(to, h)| *to = factor * (*h - *mean));
        }
    }
}
