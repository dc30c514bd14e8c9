//! Measure how fast layers learn, as Nielsen (2015, chapter 5) does.

use super::metric::metrics;
use super::norms::{norms, square_sum};
use super::{Gradients, LayerGroup};
use crate::linalg::Scalar;

metrics! {
    /// length of the mean error, layer by layer, which is the update of the biases
    ERROR_NORM = "error_norm", Probe, Number, Neither;
}

/// `error_norm`: the norm of the rule's proposal for the biases of each group of layers, `|mean of delta|` of a rule that has errors;
/// absent where no layer of the group has biases that are trained.
pub fn error_norms<T: Scalar>(update: &Gradients<T>) -> Vec<(LayerGroup, f64)> {
    let squares = |l| {
        let [_, bias] = update.pieces(l);
        bias.filter(|bias| !bias.is_empty()).map(square_sum)
    };
    norms(&(0..update.depth()).map(squares).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::Matrix;
    use crate::network::{Activation, Layer, Network, Trace};
    use crate::update::Proposal;

    /// Two samples whose errors cancel in one unit and add up in another.
    #[test]
    fn the_speed_of_a_layer_is_the_length_of_its_mean_error() {
        let layers = vec![
            Layer::<f64>::zeros(2, 1, true, Activation::Identity),
            Layer::zeros(1, 2, false, Activation::Identity),
        ];
        let network = Network { layers };
        let mut trace = Trace {
            input: Matrix::from_row_slice(1, 2, &[1.0, 5.0]),
            ..Trace::default()
        };
        network.forward(&mut trace);
        let mut proposal = Proposal::default();
        proposal.begin(&network.layers, 2);
        // columns are samples
        *proposal.local(0) = Matrix::from_column_slice(2, 2, &[3.0, 1.0, -3.0, 7.0]);
        *proposal.local(1) = Matrix::from_column_slice(1, 2, &[1.0, 1.0]);
        let mut update = Gradients::for_network(&network);
        update.write(&proposal, &trace);
        let found = error_norms(&update);
        // means 0 and 4; the layer above has no biases
        assert!(found.contains(&(LayerGroup::Layer(0), 4.0)), "{found:?}");
        assert!(
            !found.iter().any(|(group, _)| *group == LayerGroup::Layer(1)),
            "{found:?}"
        );
    }
}
