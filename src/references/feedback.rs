//! Hold the BibTeX entries of rules with a feedback path of their own.

/// Random synaptic feedback weights support error backpropagation for deep learning.
pub const LILLICRAP_2016: &str = r"@article{lillicrap2016,
  author  = {Lillicrap, Timothy P. and Cownden, Daniel and Tweed, Douglas B. and Akerman, Colin J.},
  title   = {Random synaptic feedback weights support error backpropagation for deep learning},
  journal = {Nature Communications},
  volume  = {7},
  pages   = {13276},
  year    = {2016},
  doi     = {10.1038/ncomms13276}
}";

/// Direct Feedback Alignment Provides Learning in Deep Neural Networks.
pub const NOKLAND_2016: &str = r"@inproceedings{nokland2016,
  author    = {N{\o}kland, Arild},
  title     = {Direct Feedback Alignment Provides Learning in Deep Neural Networks},
  booktitle = {Advances in Neural Information Processing Systems 29},
  year      = {2016},
  note      = {arXiv:1609.01596}
}";

/// Backpropagation without weight transport.
pub const KOLEN_1994: &str = r"@inproceedings{kolen1994,
  author    = {Kolen, John F. and Pollack, Jordan B.},
  title     = {Backpropagation without weight transport},
  booktitle = {Proceedings of the IEEE International Conference on Neural Networks},
  pages     = {1375--1380},
  year      = {1994},
  doi       = {10.1109/ICNN.1994.374486}
}";

/// Deep Learning without Weight Transport.
pub const AKROUT_2019: &str = r"@inproceedings{akrout2019,
  author    = {Akrout, Mohamed and Wilson, Collin and Humphreys, Peter C. and Lillicrap, Timothy and Tweed, Douglas B.},
  title     = {Deep Learning without Weight Transport},
  booktitle = {Advances in Neural Information Processing Systems 32},
  year      = {2019},
  note      = {arXiv:1904.05391}
}";

/// Learning the Connections in Direct Feedback Alignment.
pub const WEBSTER_2021: &str = r"@misc{webster2021,
  author = {Webster, Matthew Bailey and Choi, Jonghyun and Ahn, Changwook},
  title  = {Learning the Connections in Direct Feedback Alignment},
  year   = {2021},
  note   = {OpenReview}
}";

/// How Important Is Weight Symmetry in Backpropagation?.
pub const LIAO_2016: &str = r"@inproceedings{liao2016,
  author    = {Liao, Qianli and Leibo, Joel Z. and Poggio, Tomaso},
  title     = {How Important Is Weight Symmetry in Backpropagation?},
  booktitle = {Proceedings of the 30th AAAI Conference on Artificial Intelligence},
  pages     = {1837--1844},
  year      = {2016},
  note      = {arXiv:1510.05067}
}";

/// Biologically-Plausible Learning Algorithms Can Scale to Large Datasets.
pub const XIAO_2019: &str = r"@inproceedings{xiao2019,
  author    = {Xiao, Will and Chen, Honglin and Liao, Qianli and Poggio, Tomaso},
  title     = {Biologically-Plausible Learning Algorithms Can Scale to Large Datasets},
  booktitle = {International Conference on Learning Representations},
  year      = {2019},
  note      = {arXiv:1811.03567}
}";

/// Learning Without Feedback: Fixed Random Learning Signals Allow for Feedforward Training of Deep Neural Networks.
pub const FRENKEL_2021: &str = r"@article{frenkel2021,
  author  = {Frenkel, Charlotte and Lefebvre, Martin and Bol, David},
  title   = {Learning Without Feedback: Fixed Random Learning Signals Allow for Feedforward Training of Deep Neural Networks},
  journal = {Frontiers in Neuroscience},
  volume  = {15},
  pages   = {629892},
  year    = {2021},
  doi     = {10.3389/fnins.2021.629892}
}";

/// Learning efficient backprojections across cortical hierarchies in real time.
pub const MAX_2024: &str = r"@article{max2024,
  author  = {Max, Kevin and Kriener, Laura and Pineda Garc{\'i}a, Garibaldi and Nowotny, Thomas and Jaras, Ismael and Senn, Walter and Petrovici, Mihai A.},
  title   = {Learning efficient backprojections across cortical hierarchies in real time},
  journal = {Nature Machine Intelligence},
  volume  = {6},
  pages   = {619--630},
  year    = {2024},
  doi     = {10.1038/s42256-024-00845-3},
  note    = {arXiv:2212.10249}
}";

/// Deep Learning without Weight Symmetry.
pub const JI_AN_2024: &str = r"@misc{jian2024,
  author = {Ji-An, Li and Benna, Marcus K.},
  title  = {Deep Learning without Weight Symmetry},
  year   = {2024},
  note   = {arXiv:2405.20594}
}";

/// Error-driven Input Modulation: Solving the Credit Assignment Problem without a Backward Pass.
pub const DELLAFERRERA_2022: &str = r"@inproceedings{dellaferrera2022,
  author    = {Dellaferrera, Giorgia and Kreiman, Gabriel},
  title     = {Error-driven Input Modulation: Solving the Credit Assignment Problem without a Backward Pass},
  booktitle = {Proceedings of the 39th International Conference on Machine Learning},
  year      = {2022},
  note      = {arXiv:2201.11665}
}";
