//! Hold the BibTeX entries of rules whose cells have compartments.

/// Credit Assignment in Neural Networks through Deep Feedback Control.
pub const MEULEMANS_2021: &str = r"@inproceedings{meulemans2021,
  author    = {Meulemans, Alexander and Tristany Farinha, Matilde and Garc{\'i}a Ord{\'o}{\~n}ez, Javier and Vilimelis Aceituno, Pau and Sacramento, Jo{\~a}o and Grewe, Benjamin F.},
  title     = {Credit Assignment in Neural Networks through Deep Feedback Control},
  booktitle = {Advances in Neural Information Processing Systems 34},
  year      = {2021},
  note      = {arXiv:2106.07887}
}";
