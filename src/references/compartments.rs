//! Hold the BibTeX entries of rules that keep what comes from above in compartments of its own.

/// Dendritic cortical microcircuits approximate the backpropagation algorithm.
pub const SACRAMENTO_2018: &str = r"@inproceedings{sacramento2018,
  author    = {Sacramento, Jo{\~a}o and Costa, Rui Ponte and Bengio, Yoshua and Senn, Walter},
  title     = {Dendritic cortical microcircuits approximate the backpropagation algorithm},
  booktitle = {Advances in Neural Information Processing Systems},
  volume    = {31},
  year      = {2018},
  note      = {arXiv:1810.11393}
}";

/// Burst-dependent synaptic plasticity can coordinate learning in hierarchical circuits.
pub const PAYEUR_2021: &str = r"@article{payeur2021,
  author  = {Payeur, Alexandre and Guerguiev, Jordan and Zenke, Friedemann and Richards, Blake A. and Naud, Richard},
  title   = {Burst-dependent synaptic plasticity can coordinate learning in hierarchical circuits},
  journal = {Nature Neuroscience},
  volume  = {24},
  pages   = {1010--1019},
  year    = {2021},
  doi     = {10.1038/s41593-021-00857-x}
}";

/// Single-phase deep learning in cortico-cortical networks.
pub const GREEDY_2022: &str = r"@inproceedings{greedy2022,
  author    = {Greedy, Will and Zhu, Heng Wei and Pemberton, Joseph and Mellor, Jack and Costa, Rui Ponte},
  title     = {Single-phase deep learning in cortico-cortical networks},
  booktitle = {Advances in Neural Information Processing Systems},
  volume    = {35},
  year      = {2022},
  note      = {arXiv:2206.11769}
}";

/// Dual Propagation: Accelerating Contrastive Hebbian Learning with Dyadic Neurons.
pub const HOIER_2023: &str = r"@inproceedings{hoier2023,
  author    = {H{\o}ier, Rasmus and Staudt, D. and Zach, Christopher},
  title     = {Dual Propagation: Accelerating Contrastive {H}ebbian Learning with Dyadic Neurons},
  booktitle = {Proceedings of the 40th International Conference on Machine Learning},
  year      = {2023},
  note      = {arXiv:2302.01228}
}";

/// Two Tales of Single-Phase Contrastive Hebbian Learning.
pub const HOIER_2024: &str = r"@inproceedings{hoier2024,
  author    = {H{\o}ier, Rasmus and Zach, Christopher},
  title     = {Two Tales of Single-Phase Contrastive {H}ebbian Learning},
  booktitle = {Proceedings of the 41st International Conference on Machine Learning},
  year      = {2024},
  note      = {arXiv:2402.08573}
}";

/// Credit Assignment in Neural Networks through Deep Feedback Control.
pub const MEULEMANS_2021: &str = r"@inproceedings{meulemans2021,
  author    = {Meulemans, Alexander and Tristany Farinha, Matilde and Garc{\'i}a Ord{\'o}{\~n}ez, Javier and Vilimelis Aceituno, Pau and Sacramento, Jo{\~a}o and Grewe, Benjamin F.},
  title     = {Credit Assignment in Neural Networks through Deep Feedback Control},
  booktitle = {Advances in Neural Information Processing Systems 34},
  year      = {2021},
  note      = {arXiv:2106.07887}
}";
