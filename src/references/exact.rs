//! Hold the BibTeX entries of exact and second-order rules.

/// Learning representations by back-propagating errors.
pub const RUMELHART_1986: &str = r"@article{rumelhart1986,
  author  = {Rumelhart, David E. and Hinton, Geoffrey E. and Williams, Ronald J.},
  title   = {Learning representations by back-propagating errors},
  journal = {Nature},
  volume  = {323},
  pages   = {533--536},
  year    = {1986},
  doi     = {10.1038/323533a0}
}";

/// Theory of the Backpropagation Neural Network.
pub const HECHT_NIELSEN_1989: &str = r"@inproceedings{hechtnielsen1989,
  author    = {Hecht-Nielsen, Robert},
  title     = {Theory of the Backpropagation Neural Network},
  booktitle = {Proceedings of the International Joint Conference on Neural Networks},
  volume    = {1},
  pages     = {593--605},
  year      = {1989}
}";

/// Neural Networks and Deep Learning.
pub const NIELSEN_2015: &str = r"@book{nielsen2015,
  author    = {Nielsen, Michael A.},
  title     = {Neural Networks and Deep Learning},
  publisher = {Determination Press},
  year      = {2015}
}";

/// A simple automatic derivative evaluation program.
pub const WENGERT_1964: &str = r"@article{wengert1964,
  author  = {Wengert, Robert Edwin},
  title   = {A simple automatic derivative evaluation program},
  journal = {Communications of the ACM},
  volume  = {7},
  number  = {8},
  pages   = {463--464},
  year    = {1964},
  doi     = {10.1145/355586.364791}
}";

/// Calculus on Computational Graphs: Backpropagation.
pub const OLAH_2015: &str = r"@misc{olah2015,
  author = {Olah, Christopher},
  title  = {Calculus on Computational Graphs: Backpropagation},
  year   = {2015},
  note   = {colah's blog}
}";

/// Fast Curvature Matrix-Vector Products for Second-Order Gradient Descent.
pub const SCHRAUDOLPH_2002: &str = r"@article{schraudolph2002,
  author  = {Schraudolph, Nicol N.},
  title   = {Fast Curvature Matrix-Vector Products for Second-Order Gradient Descent},
  journal = {Neural Computation},
  volume  = {14},
  number  = {7},
  pages   = {1723--1738},
  year    = {2002},
  doi     = {10.1162/08997660260028683}
}";

/// Deep learning via Hessian-free optimization.
pub const MARTENS_2010: &str = r"@inproceedings{martens2010,
  author    = {Martens, James},
  title     = {Deep learning via {H}essian-free optimization},
  booktitle = {Proceedings of the 27th International Conference on Machine Learning},
  pages     = {735--742},
  year      = {2010}
}";

/// New Insights and Perspectives on the Natural Gradient Method.
pub const MARTENS_2020: &str = r"@article{martens2020,
  author  = {Martens, James},
  title   = {New Insights and Perspectives on the Natural Gradient Method},
  journal = {Journal of Machine Learning Research},
  volume  = {21},
  number  = {146},
  pages   = {1--76},
  year    = {2020}
}";

/// A generalized inverse for matrices.
pub const PENROSE_1955: &str = r"@article{penrose1955,
  author  = {Penrose, Roger},
  title   = {A generalized inverse for matrices},
  journal = {Mathematical Proceedings of the Cambridge Philosophical Society},
  volume  = {51},
  number  = {3},
  pages   = {406--413},
  year    = {1955},
  doi     = {10.1017/S0305004100030401}
}";
