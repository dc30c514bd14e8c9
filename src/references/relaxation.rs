//! Hold the BibTeX entries of rules whose states settle before they learn.

/// Equivalence of Backpropagation and Contrastive Hebbian Learning in a Layered Network.
pub const XIE_2003: &str = r"@article{xie2003,
  author  = {Xie, Xiaohui and Seung, H. Sebastian},
  title   = {Equivalence of Backpropagation and Contrastive {H}ebbian Learning in a Layered Network},
  journal = {Neural Computation},
  volume  = {15},
  number  = {2},
  pages   = {441--454},
  year    = {2003},
  doi     = {10.1162/089976603762552988}
}";

/// Equilibrium Propagation: Bridging the Gap between Energy-Based Models and Backpropagation.
pub const SCELLIER_2017: &str = r"@article{scellier2017,
  author  = {Scellier, Benjamin and Bengio, Yoshua},
  title   = {Equilibrium Propagation: Bridging the Gap between Energy-Based Models and Backpropagation},
  journal = {Frontiers in Computational Neuroscience},
  volume  = {11},
  pages   = {24},
  year    = {2017},
  doi     = {10.3389/fncom.2017.00024}
}";

/// Scaling Equilibrium Propagation to Deep ConvNets by Drastically Reducing Its Gradient Estimator Bias.
pub const LABORIEUX_2021: &str = r"@article{laborieux2021,
  author  = {Laborieux, Axel and Ernoult, Maxence and Scellier, Benjamin and Bengio, Yoshua and Grollier, Julie and Querlioz, Damien},
  title   = {Scaling Equilibrium Propagation to Deep {ConvNets} by Drastically Reducing Its Gradient Estimator Bias},
  journal = {Frontiers in Neuroscience},
  volume  = {15},
  pages   = {633674},
  year    = {2021},
  doi     = {10.3389/fnins.2021.633674}
}";

/// A Stable, Fast, and Fully Automatic Learning Algorithm for Predictive Coding Networks.
pub const SALVATORI_2024: &str = r"@inproceedings{salvatori2024,
  author    = {Salvatori, Tommaso and Song, Yuhang and Yordanov, Yordan and Millidge, Beren and Sha, Lei and Emde, Cornelius and Xu, Zhenghua and Bogacz, Rafal and Lukasiewicz, Thomas},
  title     = {A Stable, Fast, and Fully Automatic Learning Algorithm for Predictive Coding Networks},
  booktitle = {International Conference on Learning Representations},
  year      = {2024},
  note      = {arXiv:2212.00720}
}";
