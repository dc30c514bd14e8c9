//! Hold the BibTeX entries of rules whose layers learn by themselves.

/// The Forward-Forward Algorithm: Some Preliminary Investigations.
pub const HINTON_2022: &str = r"@misc{hinton2022,
  author = {Hinton, Geoffrey},
  title  = {The Forward-Forward Algorithm: Some Preliminary Investigations},
  year   = {2022},
  note   = {arXiv:2212.13345}
}";

/// Deep Supervised Learning Using Local Errors.
pub const MOSTAFA_2018: &str = r"@article{mostafa2018,
  author  = {Mostafa, Hesham and Ramesh, Vishwajith and Cauwenberghs, Gert},
  title   = {Deep Supervised Learning Using Local Errors},
  journal = {Frontiers in Neuroscience},
  volume  = {12},
  pages   = {608},
  year    = {2018},
  doi     = {10.3389/fnins.2018.00608}
}";

/// Training Neural Networks with Local Error Signals.
pub const NOKLAND_2019: &str = r"@inproceedings{nokland2019,
  author    = {N{\o}kland, Arild and Eidnes, Lars Hiller},
  title     = {Training Neural Networks with Local Error Signals},
  booktitle = {Proceedings of the 36th International Conference on Machine Learning},
  year      = {2019},
  note      = {arXiv:1901.06656}
}";

/// Simplified neuron model as a principal component analyzer.
pub const OJA_1982: &str = r"@article{oja1982,
  author  = {Oja, Erkki},
  title   = {Simplified neuron model as a principal component analyzer},
  journal = {Journal of Mathematical Biology},
  volume  = {15},
  number  = {3},
  pages   = {267--273},
  year    = {1982},
  doi     = {10.1007/BF00275687}
}";

/// Optimal unsupervised learning in a single-layer linear feedforward neural network.
pub const SANGER_1989: &str = r"@article{sanger1989,
  author  = {Sanger, Terence D.},
  title   = {Optimal unsupervised learning in a single-layer linear feedforward neural network},
  journal = {Neural Networks},
  volume  = {2},
  number  = {6},
  pages   = {459--473},
  year    = {1989},
  doi     = {10.1016/0893-6080(89)90044-0}
}";

/// SoftHebb: Bayesian inference in unsupervised Hebbian soft winner-take-all networks.
pub const MORAITIS_2022: &str = r"@article{moraitis2022,
  author  = {Moraitis, Timoleon and Toichkin, Dmitry and Journ{\'e}, Adrien and Chua, Yansong and Guo, Qinghai},
  title   = {{SoftHebb}: {B}ayesian inference in unsupervised {H}ebbian soft winner-take-all networks},
  journal = {Neuromorphic Computing and Engineering},
  volume  = {2},
  number  = {4},
  pages   = {044017},
  year    = {2022},
  doi     = {10.1088/2634-4386/aca710}
}";

/// Signal Propagation: The Framework for Learning and Inference in a Forward Pass.
pub const KOHAN_2022: &str = r"@article{kohan2022,
  author  = {Kohan, Adam and Rietman, Edward A. and Siegelmann, Hava T.},
  title   = {Signal Propagation: The Framework for Learning and Inference in a Forward Pass},
  journal = {IEEE Transactions on Neural Networks and Learning Systems},
  year    = {2023},
  doi     = {10.1109/TNNLS.2022.3230914},
  note    = {arXiv:2204.01723}
}";

/// Counter-Current Learning: A Biologically Plausible Dual Network Approach for Deep Learning.
pub const KAO_2024: &str = r"@inproceedings{kao2024,
  author    = {Kao, Chia-Hsiang and Hariharan, Bharath},
  title     = {Counter-Current Learning: A Biologically Plausible Dual Network Approach for Deep Learning},
  booktitle = {Advances in Neural Information Processing Systems},
  volume    = {37},
  year      = {2024},
  note      = {arXiv:2409.19841}
}";
