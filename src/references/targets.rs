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
