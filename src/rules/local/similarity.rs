//! Compare samples with each other: the similarity matching loss and its gradient.

use crate::linalg::{Matrix, Scalar, add_scaled, assign, dot, empty, multiply, plain, reshape, transposed, zip};

/// Scratch of the similarity matching loss (Nøkland, Eidnes 2019) of a batch of n columns `h_i` and targets `y_i`,
///
/// `C = Σ_ij (S(h)_ij − S(y)_ij)² / n²`, `S(h)_ij` being the cosine of the angle between `h_i` and `h_j`, each with its
/// mean over units taken off.
///
/// A column without contrast, of a length below 1e-6 once its mean is taken off, has no angle: its similarities are 0
/// and so is its gradient.
#[derive(Clone, Debug)]
pub struct Similarity<T: Scalar> {
    directions: Matrix<T>,
    lengths: Vec<T>,
    own: Matrix<T>,
    wanted: Matrix<T>,
}

impl<T: Scalar> Default for Similarity<T> {
    fn default() -> Self {
        let [directions, own, wanted] = [(); 3].map(|()| empty());
        Self {
            directions,
            lengths: Vec::new(),
            own,
            wanted,
        }
    }
}

impl<T: Scalar> Similarity<T> {
    /// Prepares `S(y)`.
    pub fn want(&mut self, y: &Matrix<T>) {
        self.directions_of(y);
        cosines(&self.directions, &mut self.wanted);
    }

    /// `gradient := n ∂C/∂h`, column by column: the mean over columns is what a proposal takes.
    pub fn gradient(&mut self, h: &Matrix<T>, gradient: &mut Matrix<T>) {
        self.directions_of(h);
        let Self {
            directions,
            lengths,
            own,
            wanted,
        } = self;
        cosines(directions, own);
        zip(own, wanted, |own, wanted| own - wanted);
        reshape(gradient, h.nrows(), h.ncols());
        // each sample is compared with n samples, itself among them: this is their mean, not the batch's
        let factor = T::of(4.0 / h.ncols() as f64);
        multiply(factor, plain(directions), plain(own), T::ZERO, gradient);
        let n = h.nrows();
        let columns = gradient
            .as_mut_slice()
            .chunks_exact_mut(n)
            .zip(directions.as_slice().chunks_exact(n));
        for ((gradient, direction), &length) in columns.zip(&*lengths) {
            if length == T::ZERO {
                gradient.fill(T::ZERO);
                continue;
            }
            let along = dot(gradient, direction);
            add_scaled(gradient, -along, direction);
            gradient.iter_mut().for_each(|g| *g /= length);
            centre(gradient);
        }
    }

    fn directions_of(&mut self, h: &Matrix<T>) {
        let Self {
            directions, lengths, ..
        } = self;
        assign(directions, h);
        lengths.clear();
        for column in directions.as_mut_slice().chunks_exact_mut(h.nrows()) {
            centre(column);
            let length = dot(column, column).sqrt();
            if length < T::of(1e-6) {
                column.fill(T::ZERO);
                lengths.push(T::ZERO);
            } else {
                column.iter_mut().for_each(|x| *x /= length);
                lengths.push(length);
            }
        }
    }
}

/// `to := uᵀ u`.
fn cosines<T: Scalar>(u: &Matrix<T>, to: &mut Matrix<T>) {
    reshape(to, u.ncols(), u.ncols());
    multiply(T::ONE, transposed(u), plain(u), T::ZERO, to);
}

/// Takes the mean off.
fn centre<T: Scalar>(column: &mut [T]) {
    let mean = column.iter().copied().sum::<T>() / T::of(column.len() as f64);
    column.iter_mut().for_each(|x| *x -= mean);
}
