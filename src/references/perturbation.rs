//! Hold the BibTeX entries of rules that try changes and broadcast what came of them.

/// Simple statistical gradient-following algorithms for connectionist reinforcement learning.
pub const WILLIAMS_1992: &str = r"@article{williams1992,
  author  = {Williams, Ronald J.},
  title   = {Simple statistical gradient-following algorithms for connectionist reinforcement learning},
  journal = {Machine Learning},
  volume  = {8},
  pages   = {229--256},
  year    = {1992},
  doi     = {10.1007/BF00992696}
}";

/// Learning Curves for Stochastic Gradient Descent in Linear Feedforward Networks.
pub const WERFEL_2005: &str = r"@article{werfel2005,
  author  = {Werfel, Justin and Xie, Xiaohui and Seung, H. Sebastian},
  title   = {Learning Curves for Stochastic Gradient Descent in Linear Feedforward Networks},
  journal = {Neural Computation},
  volume  = {17},
  number  = {12},
  pages   = {2699--2718},
  year    = {2005},
  doi     = {10.1162/089976605774320539}
}";

/// Weight perturbation: an optimal architecture and learning technique for analog VLSI feedforward and recurrent multilayer networks.
pub const JABRI_1992: &str = r"@article{jabri1992,
  author  = {Jabri, Marwan and Flower, Barry},
  title   = {Weight perturbation: an optimal architecture and learning technique for analog {VLSI} feedforward and recurrent multilayer networks},
  journal = {IEEE Transactions on Neural Networks},
  volume  = {3},
  number  = {1},
  pages   = {154--157},
  year    = {1992},
  doi     = {10.1109/72.105429}
}";

/// A fast stochastic error-descent algorithm for supervised learning and optimization.
pub const CAUWENBERGHS_1993: &str = r"@inproceedings{cauwenberghs1993,
  author    = {Cauwenberghs, Gert},
  title     = {A fast stochastic error-descent algorithm for supervised learning and optimization},
  booktitle = {Advances in Neural Information Processing Systems 5},
  pages     = {244--251},
  year      = {1993}
}";

/// Gradients without Backpropagation.
pub const BAYDIN_2022: &str = r#"@misc{baydin2022,
  author = {Baydin, At{\i}l{\i}m G{\"u}ne{\c{s}} and Pearlmutter, Barak A. and Syme, Don and Wood, Frank and Torr, Philip},
  title  = {Gradients without Backpropagation},
  year   = {2022},
  note   = {arXiv:2202.08587}
}"#;

/// Scaling Forward Gradient With Local Losses.
pub const REN_2023: &str = r"@inproceedings{ren2023,
  author    = {Ren, Mengye and Kornblith, Simon and Liao, Renjie and Hinton, Geoffrey},
  title     = {Scaling Forward Gradient With Local Losses},
  booktitle = {International Conference on Learning Representations},
  year      = {2023},
  note      = {arXiv:2210.03310}
}";

/// Neuromodulated Spike-Timing-Dependent Plasticity, and Theory of Three-Factor Learning Rules.
pub const FREMAUX_2016: &str = r"@article{fremaux2016,
  author  = {Fr{\'e}maux, Nicolas and Gerstner, Wulfram},
  title   = {Neuromodulated Spike-Timing-Dependent Plasticity, and Theory of Three-Factor Learning Rules},
  journal = {Frontiers in Neural Circuits},
  volume  = {9},
  pages   = {85},
  year    = {2016},
  doi     = {10.3389/fncir.2015.00085}
}";
