//! Hold the BibTeX entries of rules with targets and rules that settle.

/// Difference Target Propagation.
pub const LEE_2015: &str = r"@inproceedings{lee2015,
  author    = {Lee, Dong-Hyun and Zhang, Saizheng and Fischer, Asja and Bengio, Yoshua},
  title     = {Difference Target Propagation},
  booktitle = {Machine Learning and Knowledge Discovery in Databases (ECML PKDD)},
  pages     = {498--515},
  year      = {2015},
  doi       = {10.1007/978-3-319-23528-8_31},
  note      = {arXiv:1412.7525}
}";

/// An Approximation of the Error Backpropagation Algorithm in a Predictive Coding Network with Local Hebbian Synaptic Plasticity.
pub const WHITTINGTON_2017: &str = r"@article{whittington2017,
  author  = {Whittington, James C. R. and Bogacz, Rafal},
  title   = {An Approximation of the Error Backpropagation Algorithm in a Predictive Coding Network with Local {H}ebbian Synaptic Plasticity},
  journal = {Neural Computation},
  volume  = {29},
  number  = {5},
  pages   = {1229--1262},
  year    = {2017},
  doi     = {10.1162/NECO_a_00949}
}";

/// Can the Brain Do Backpropagation? Exact Implementation of Backpropagation in Predictive Coding Networks.
pub const SONG_2020: &str = r"@inproceedings{song2020,
  author    = {Song, Yuhang and Lukasiewicz, Thomas and Xu, Zhenghua and Bogacz, Rafal},
  title     = {Can the Brain Do Backpropagation? {E}xact Implementation of Backpropagation in Predictive Coding Networks},
  booktitle = {Advances in Neural Information Processing Systems 33},
  year      = {2020}
}";

/// Predictive Coding Approximates Backprop along Arbitrary Computation Graphs.
pub const MILLIDGE_2020: &str = r"@misc{millidge2020,
  author = {Millidge, Beren and Tschantz, Alexander and Buckley, Christopher L.},
  title  = {Predictive Coding Approximates Backprop along Arbitrary Computation Graphs},
  year   = {2020},
  note   = {arXiv:2006.04182}
}";

/// How Auto-Encoders Could Provide Credit Assignment in Deep Networks via Target Propagation.
pub const BENGIO_2014: &str = r"@misc{bengio2014,
  author = {Bengio, Yoshua},
  title  = {How Auto-Encoders Could Provide Credit Assignment in Deep Networks via Target Propagation},
  year   = {2014},
  note   = {arXiv:1407.7906}
}";

/// Fixed-Weight Difference Target Propagation.
pub const SHIBUYA_2023: &str = r"@inproceedings{shibuya2023,
  author    = {Shibuya, Tatsukichi and Inoue, Nakamasa and Kawakami, Rei and Sato, Ikuro},
  title     = {Fixed-Weight Difference Target Propagation},
  booktitle = {Proceedings of the 37th AAAI Conference on Artificial Intelligence},
  pages     = {9811--9819},
  year      = {2023},
  doi       = {10.1609/aaai.v37i8.26171},
  note      = {arXiv:2212.10352}
}";

/// GAIT-prop: A biologically plausible learning rule derived from backpropagation of error.
pub const AHMAD_2020: &str = r"@inproceedings{ahmad2020,
  author    = {Ahmad, Nasir and van Gerven, Marcel A. J. and Ambrogioni, Luca},
  title     = {{GAIT}-prop: A biologically plausible learning rule derived from backpropagation of error},
  booktitle = {Advances in Neural Information Processing Systems 33},
  year      = {2020},
  note      = {arXiv:2006.06438}
}";

/// A Theoretical Framework for Target Propagation.
pub const MEULEMANS_2020: &str = r"@inproceedings{meulemans2020,
  author    = {Meulemans, Alexander and Carzaniga, Francesco S. and Suykens, Johan A. K. and Sacramento, Jo{\~a}o and Grewe, Benjamin F.},
  title     = {A Theoretical Framework for Target Propagation},
  booktitle = {Advances in Neural Information Processing Systems 33},
  year      = {2020},
  note      = {arXiv:2006.14331}
}";

/// Towards Scaling Difference Target Propagation by Learning Backprop Targets.
pub const ERNOULT_2022: &str = r"@inproceedings{ernoult2022,
  author    = {Ernoult, Maxence and Normandin, Fabrice and Moudgil, Abhinav and Spinney, Sean and Belilovsky, Eugene and Rish, Irina and Richards, Blake and Bengio, Yoshua},
  title     = {Towards Scaling Difference Target Propagation by Learning Backprop Targets},
  booktitle = {Proceedings of the 39th International Conference on Machine Learning},
  year      = {2022},
  note      = {arXiv:2201.13415}
}";
