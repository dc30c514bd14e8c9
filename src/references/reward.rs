//! Hold the BibTeX entries of rules that learn from rewards.

/// Attention-Gated Brain Propagation: How the brain can implement reward-based error backpropagation.
pub const POZZI_2020: &str = r"@inproceedings{pozzi2020,
  author    = {Pozzi, Isabella and Boht{\'e}, Sander and Roelfsema, Pieter},
  title     = {Attention-Gated Brain Propagation: How the brain can implement reward-based error backpropagation},
  booktitle = {Advances in Neural Information Processing Systems},
  volume    = {33},
  year      = {2020}
}";
