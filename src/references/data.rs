//! Hold the BibTeX entries of data sets.

/// Optical Recognition of Handwritten Digits.
pub const ALPAYDIN_1998: &str = r"@misc{alpaydin1998,
  author = {Alpaydin, Ethem and Kaynak, Cenk},
  title  = {Optical Recognition of Handwritten Digits},
  year   = {1998},
  doi    = {10.24432/C50P49},
  note   = {UCI Machine Learning Repository}
}";

/// The use of multiple measurements in taxonomic problems.
pub const FISHER_1936: &str = r"@article{fisher1936,
  author  = {Fisher, Ronald A.},
  title   = {The use of multiple measurements in taxonomic problems},
  journal = {Annals of Eugenics},
  volume  = {7},
  number  = {2},
  pages   = {179--188},
  year    = {1936},
  doi     = {10.1111/j.1469-1809.1936.tb02137.x}
}";

/// Seeds.
pub const CHARYTANOWICZ_2010: &str = r"@misc{charytanowicz2010,
  author = {Charytanowicz, Ma{\l}gorzata and Niewczas, Jerzy and Kulczycki, Piotr and Kowalski, Piotr A. and {\L}ukasik, Szymon},
  title  = {Seeds},
  year   = {2010},
  doi    = {10.24432/C5H30K},
  note   = {UCI Machine Learning Repository}
}";

/// Gradient-based learning applied to document recognition.
pub const LECUN_1998: &str = r"@article{lecun1998,
  author  = {LeCun, Yann and Bottou, L{\'e}on and Bengio, Yoshua and Haffner, Patrick},
  title   = {Gradient-based learning applied to document recognition},
  journal = {Proceedings of the IEEE},
  volume  = {86},
  number  = {11},
  pages   = {2278--2324},
  year    = {1998},
  doi     = {10.1109/5.726791}
}";

/// Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine Learning Algorithms.
pub const XIAO_2017: &str = r"@misc{xiao2017,
  author = {Xiao, Han and Rasul, Kashif and Vollgraf, Roland},
  title  = {{Fashion-MNIST}: a Novel Image Dataset for Benchmarking Machine Learning Algorithms},
  year   = {2017},
  note   = {arXiv:1708.07747}
}";

/// Scaling down Deep Learning.
pub const GREYDANUS_2020: &str = r"@misc{greydanus2020,
  author = {Greydanus, Sam},
  title  = {Scaling down Deep Learning},
  year   = {2020},
  note   = {arXiv:2011.14439}
}";

/// Learning Multiple Layers of Features from Tiny Images.
pub const KRIZHEVSKY_2009: &str = r"@techreport{krizhevsky2009,
  author      = {Krizhevsky, Alex},
  title       = {Learning Multiple Layers of Features from Tiny Images},
  institution = {University of Toronto},
  year        = {2009}
}";
