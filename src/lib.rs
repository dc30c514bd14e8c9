//! A laboratory for the credit-assignment problem: exact backpropagation beside biologically motivated learning rules.
//!
//! The `README.md` tells how to run experiments and read their results; this is a tour of the library behind them. An experiment
//! is text, in the notation of experiment files, and its results are rows, as in the tables that the command line writes:
//!
//! ```
//! use creditlab::experiment::Plan;
//!
//! let text = "(
//!     task: Xor,
//!     network: [8],
//!     optimizer: Sgd(learning_rate: 0.1, momentum: 0.9),
//!     batch: 10,
//!     stop: Epochs(10),
//!     seeds: 2,
//!     arms: [Backprop, FeedbackAlignment],
//! )";
//! let plan = Plan::from_text(text, &creditlab::rules::builtin())?;
//! let results = creditlab::run(&plan, &())?;
//! assert_eq!(results.runs.len(), 4);
//! for run in &results.runs {
//!     let accuracy = run.last.test.accuracy.expect("classes can be told right");
//!     assert!(accuracy > 0.95, "{}, seed {}: {accuracy}", run.arm, run.seed);
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! In place of `()`, an [`Observer`](runner::Observer) watches the runs and can end them. To keep runs in a folder and continue
//! later, open a [`Session`](runner::Session). To take the steps of one run yourself, make a [`Run`](runner::Run).
//!
//! # What is inside
//!
//! A [`Network`](network::Network) has [layers](network::Layer). Everything that learns is a
//! [`LearningRule`](rules::LearningRule): it sees the forward pass of a batch and fills a [`Proposal`](update::Proposal), one
//! update per layer in the sign and scale of a gradient. An [`Optimizer`](update::Optimizer) makes of it the change really
//! applied, and the rule may then adapt what it owns, such as feedback weights. A [`Training`](runner::Training) holds all of
//! these and takes steps; it never asks which rule it runs. Further rules, *shadows*, may sit in it, propose on the same weights
//! and learn what they own, without changing the network.
//!
//! By hand, with feedback alignment on exclusive or, and backpropagation as a shadow to compare with:
//!
//! ```
//! use creditlab::linalg::Matrix;
//! use creditlab::loss::Loss;
//! use creditlab::metrics::{Gradients, LayerGroup, gradient};
//! use creditlab::network::{Activation, Init, Network};
//! use creditlab::random::{Purpose, Stream};
//! use creditlab::runner::{Batch, Training};
//! use creditlab::update::Optimizer;
//!
//! // two inputs, eight hidden units, one output; weights are drawn from streams with names, not from a shared generator
//! let seed = 0;
//! let layer = |l, outputs, inputs, activation| {
//!     let stream = Stream::new(seed, Purpose::Weights, l, 0);
//!     Init::default().layer(outputs, inputs, true, activation, stream)
//! };
//! let network = Network::<f64> {
//!     layers: vec![layer(0, 8, 2, Activation::Tanh), layer(1, 1, 8, Activation::Logistic)],
//! };
//!
//! // rules are stated as in experiment files; the first one trains
//! let registry = creditlab::rules::builtin();
//! let rules = [registry.rule("FeedbackAlignment(feedback: (scale: 2.0))")?, registry.rule("Backprop")?];
//! let optimizer = Optimizer::sgd(1.0);
//! let mut training = Training::new(seed, network, Loss::LOGISTIC_CROSS_ENTROPY, optimizer, 4, &rules)
//!     .map_err(|(_, refusal)| refusal)?;
//!
//! // samples are columns
//! let batch = Batch {
//!     input: Matrix::from_column_slice(2, 4, &[0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0]),
//!     targets: Matrix::from_column_slice(1, 4, &[0.0, 1.0, 1.0, 0.0]),
//!     samples: vec![0, 1, 2, 3],
//! };
//! for _ in 0..1000 {
//!     training.step(&batch).expect("finite numbers");
//! }
//! let loss = training.loss.mean(training.trace.output(), &batch.targets);
//! assert!(loss < 0.02, "{loss}");
//!
//! // how far are the two rules apart, in the hidden layer, on the last batch?
//! let mut updates = [0, 1].map(|_| Gradients::for_network(&training.network));
//! for (update, seat) in updates.iter_mut().zip(&training.seats) {
//!     update.write(&seat.proposal, &training.trace);
//! }
//! let (group, comparison) = gradient(&updates[0], &updates[1])[0];
//! assert!(group == LayerGroup::Layer(0) && comparison.angle < 90.0, "{comparison:?}");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! To have the command line with rules of your own, see [`cli::main`]; to hold a rule to the laws that the crate relies on, see
//! [`conformance`].
//!
//! # The house
//!
//! Imports point upwards in this list, tests aside: what stands below may use what stands above.
//!
//! | module | holds |
//! |---|---|
//! | [`cost`] | counting multiply-adds, forward passes and random numbers |
//! | [`files`], [`memory`] | reading plain files up to a limit, and how much memory there is |
//! | [`refusal`] | why something cannot be had: option, reason, remedy |
//! | [`linalg`] | scalars, matrix products, elementwise functions, threads that help; the only place with `unsafe` |
//! | [`random`] | random streams with names |
//! | [`arrays`], [`digest`] | named arrays in files, checksums |
//! | [`html`] | pages of one file that need nothing else |
//! | [`references`] | BibTeX entries of the papers behind rules and data |
//! | [`notation`] | RON with positions, and messages that show them |
//! | [`network`] | layers, activations, initial weights, the forward pass and its trace |
//! | [`loss`] | what is minimised |
//! | [`update`] | proposals, the optimizer, changes |
//! | [`rules`] | the trait, the registry, one file per rule, and what families of rules share |
//! | [`theory`] | what simulations must show, in closed form |
//! | [`tasks`] | data sets, synthetic tasks, splits |
//! | [`metrics`] | one file per family of metrics |
//! | [`stats`] | statistics of samples, and tests of pairs of them |
//! | [`experiment`] | experiment files: reading, defaults, refusals, expansion to arms and seeds |
//! | [`results`] | the files of a result: writing, reading, summarising |
//! | [`export`] | results in the formats of other programs |
//! | [`runner`] | one step, one run, a whole experiment |
//! | [`walkthrough`] | one pass of a network as a page |
//! | [`conformance`] | the laws of learning rules |
//! | [`report`] | figures, and the page of a result |
//! | [`replication`] | published values that results are held to |
//! | [`expression`] | derivatives of expressions over the graph of their operations |
//! | [`help`] | what can stand in experiment files, explained from the documentation of what reads them |
//! | [`cli`] | the commands; the only place that prints |
//!
//! # Conventions
//!
//! Samples are columns. Matrices are column-major; `W_l` is `n_out × n_in`. Layers are numbered from 0 in code and from 1 in
//! files. Updates have the sign and scale of the gradient of the mean loss; the division by the batch size stands in
//! [`Proposal`](update::Proposal) and nowhere else. Randomness is an argument. A run whose numbers are no longer finite has
//! diverged, which is an outcome, not an error. What cannot be measured is absent, never 0.

pub mod arrays;
pub mod cli;
pub mod conformance;
pub mod cost;
pub mod digest;
pub mod experiment;
pub mod export;
pub mod expression;
pub mod files;
pub mod help;
pub mod html;
pub mod linalg;
pub mod loss;
pub mod memory;
pub mod metrics;
pub mod network;
pub mod notation;
pub mod random;
pub mod references;
pub mod refusal;
pub mod replication;
pub mod report;
pub mod results;
pub mod rules;
pub mod runner;
pub mod stats;
pub mod tasks;
pub mod theory;
pub mod update;
pub mod walkthrough;

pub use runner::run;
/// What tells `creditlab rules` of a rule's options; rules of your own derive it: `use creditlab::schemars::{self, JsonSchema}`.
pub use schemars;

/// The rule that the book shows whole, compiled with the documentation tests.
#[cfg(doctest)]
#[doc = include_str!("../docs/how-to/own-rule-in-rust.md")]
struct OwnRule;
