//! Say the capabilities one by one, each beside the same experiment without it.

/// Fields of an experiment that differ from [`BASE`].
pub type Fields = &'static [(&'static str, &'static str)];

/// A small experiment.
pub const BASE: Fields = &[
    ("task", "Xor(samples: 24, test: 6, noise: 0.1)"),
    ("network", "(hidden: [4])"),
    ("optimizer", "Sgd(learning_rate: 0.1)"),
    ("batch", "4"),
    ("stop", "Steps(6)"),
    ("precision", "F64"),
    ("seeds", "1"),
    ("measure", "(every: Steps(2), probe: 8)"),
    ("save", "(weights: [Steps(0), End])"),
    ("arms", "[(label: \"a\", rule: Backprop)]"),
];

/// One thing that can be said.
pub struct Capability {
    /// In the list.
    pub number: u32,
    /// An experiment that says it.
    pub with: Fields,
    /// The same without it.
    pub without: Fields,
}

const fn capability(number: u32, with: Fields, without: Fields) -> Capability {
    Capability { number, with, without }
}

const FEEDBACK: &str = "[(label: \"a\", rule: FeedbackAlignment)]";
const KOLEN_POLLACK: &str = "[(label: \"a\", rule: KolenPollack)]";
const STREAM: &str = "LinearTeacher(inputs: 5, outputs: 2, samples: 12, test: 6, stream: true)";
const TEACHER: &str = "NonlinearTeacher(inputs: 5, hidden: 3, outputs: 2, samples: 24, test: 6)";
const SCHEDULED: &str = "Sgd(learning_rate: 0.1, momentum: 0.9, schedule: Piecewise([(Steps(3), 0.1)]))";
const RELAXED: &str =
    "[(label: \"a\", rule: PredictiveCoding(schedule: Equilibrium(steps: 20, rate: 0.1, nudge: 1.0)))]";
const FROZEN: (&str, &str) = ("stop", "Steps(0)");

/// Every capability but 21, some in several experiments.
pub const CAPABILITIES: &[Capability] = &[
    // 1: initial weights, biases and feedback from a file, also per layer
    capability(1, &[("network", "(hidden: [4], init: File(\"w.safetensors\"))")], &[]),
    capability(
        1,
        &[("network", "(hidden: [4], init: [File(\"w.safetensors\"), Normal(0.5)])")],
        &[],
    ),
    capability(
        1,
        &[(
            "arms",
            "[(label: \"a\", rule: FeedbackAlignment(feedback: (file: \"b.safetensors\")))]",
        )],
        &[("arms", FEEDBACK)],
    ),
    // 2: named initialisations with a scale for each group: layers, biases, feedback
    capability(
        2,
        &[("network", "(hidden: [4], init: [Uniform(0.01), Normal(0.5)])")],
        &[],
    ),
    capability(
        2,
        &[(
            "network",
            "(hidden: [4], init: Glorot(gain: 0.5, distribution: Uniform))",
        )],
        &[],
    ),
    capability(
        2,
        &[(
            "network",
            "(hidden: [4], bias_init: LeCun(distribution: Uniform, gain: 0.5))",
        )],
        &[],
    ),
    capability(
        2,
        &[(
            "arms",
            "[(label: \"a\", rule: FeedbackAlignment(feedback: (distribution: Uniform, scale: 2.0)))]",
        )],
        &[("arms", FEEDBACK)],
    ),
    // 3: zero initial weights for one arm and random ones for another
    capability(
        3,
        &[(
            "arms",
            "[(label: \"a\", rule: Backprop, network: (hidden: [4], init: Zeros)), (label: \"b\", rule: Backprop)]",
        )],
        &[(
            "arms",
            "[(label: \"a\", rule: Backprop), (label: \"b\", rule: Backprop, loss: Squares)]",
        )],
    ),
    // 4: a fixed order; the last incomplete batch dropped or kept (22 training samples)
    capability(4, &[("batch", "(size: 4, order: AsGiven)")], &[]),
    capability(
        4,
        &[("batch", "(size: 4, last: Drop)")],
        &[("batch", "(size: 4, last: Keep)")],
    ),
    // 5: the full batch
    capability(5, &[("batch", "Full")], &[]),
    // 6: steps as the unit of training, measuring and schedules; a list of steps, or logarithmic distances
    capability(6, &[("stop", "Steps(7)")], &[]),
    capability(6, &[("measure", "(at: [Steps(1), Steps(5)], probe: 8)")], &[]),
    capability(6, &[("measure", "(at: LogSpaced(per_decade: 2), probe: 8)")], &[]),
    capability(
        6,
        &[(
            "optimizer",
            "Sgd(learning_rate: 0.1, schedule: Exponential(every: Steps(2), factor: 0.5))",
        )],
        &[],
    ),
    // 7: a stream of fresh samples, the test set drawn once
    capability(
        7,
        &[("task", STREAM), ("batch", "1"), ("stop", "Steps(30)")],
        &[
            ("task", "LinearTeacher(inputs: 5, outputs: 2, samples: 12, test: 6)"),
            ("batch", "1"),
            ("stop", "Steps(30)"),
        ],
    ),
    // 8: teachers of given activation, width, weights, output weights and input scale
    capability(
        8,
        &[(
            "task",
            "NonlinearTeacher(inputs: 5, hidden: 3, outputs: 2, samples: 24, test: 6, activation: Erf)",
        )],
        &[("task", TEACHER)],
    ),
    capability(
        8,
        &[(
            "task",
            "NonlinearTeacher(inputs: 5, hidden: 4, outputs: 2, samples: 24, test: 6)",
        )],
        &[("task", TEACHER)],
    ),
    capability(
        8,
        &[(
            "task",
            "NonlinearTeacher(inputs: 5, hidden: 3, outputs: 2, samples: 24, test: 6, weights: Uniform(2.0))",
        )],
        &[("task", TEACHER)],
    ),
    capability(
        8,
        &[(
            "task",
            "NonlinearTeacher(inputs: 5, hidden: 3, outputs: 2, samples: 24, test: 6, output_weights: Constant(1.0))",
        )],
        &[("task", TEACHER)],
    ),
    capability(
        8,
        &[(
            "task",
            "NonlinearTeacher(inputs: 5, hidden: 3, outputs: 2, samples: 24, test: 6, input_scale: Unit)",
        )],
        &[("task", TEACHER)],
    ),
    // 9: data with an exact second moment, from npy
    capability(
        9,
        &[
            ("task", "Npy(x: \"r06_x.npy\", y: \"r06_y.npy\", kind: Values)"),
            ("split", "Random(validation: 0, test: 0)"),
        ],
        &[
            ("task", "LinearTeacher(inputs: 6, outputs: 6, samples: 6, test: 0)"),
            ("split", "Random(validation: 0, test: 0)"),
        ],
    ),
    // 10: rate and decay for each group: layer, weights or biases, feedback (as its layer), inverse model
    capability(
        10,
        &[(
            "optimizer",
            "Sgd(learning_rate: 0.1, groups: [(match: \"*.bias\", learning_rate: 0.0), (match: \"layer1.*\", decay: 0.1)])",
        )],
        &[],
    ),
    capability(
        10,
        &[
            ("arms", KOLEN_POLLACK),
            (
                "optimizer",
                "Sgd(learning_rate: 0.1, groups: [(match: \"layer2.weight\", decay: 0.1)])",
            ),
        ],
        &[("arms", KOLEN_POLLACK), ("optimizer", "Sgd(learning_rate: 0.1)")],
    ),
    capability(
        10,
        &[
            (
                "arms",
                "[(label: \"a\", rule: DifferenceTargetPropagation(inverses: Sgd(learning_rate: 0.01)))]",
            ),
            ("network", "[4, 3]"),
        ],
        &[
            (
                "arms",
                "[(label: \"a\", rule: DifferenceTargetPropagation(inverses: Sgd(learning_rate: 0.02)))]",
            ),
            ("network", "[4, 3]"),
        ],
    ),
    // 11: decay as a factor, in the gradient, and times the rate
    capability(
        11,
        &[("optimizer", "Sgd(learning_rate: 0.1, momentum: 0.5, decay: 0.1)")],
        &[("optimizer", "Sgd(learning_rate: 0.1, momentum: 0.5, l2: 1.0)")],
    ),
    capability(
        11,
        &[("optimizer", "AdamW(decay: 0.1)")],
        &[("optimizer", "Adam(l2: 0.1)")],
    ),
    capability(
        11,
        &[("optimizer", "RmsProp(learning_rate: 0.01, decay: 0.1)")],
        &[("optimizer", "RmsProp(learning_rate: 0.01, l2: 0.1)")],
    ),
    // 12: a piecewise schedule by epoch
    capability(
        12,
        &[
            (
                "optimizer",
                "Sgd(learning_rate: 0.1, schedule: Piecewise([(Epochs(1), 0.1)]))",
            ),
            ("stop", "Epochs(2)"),
        ],
        &[("stop", "Epochs(2)")],
    ),
    // 13: the rate inside or outside the velocity, epsilon inside or outside the root, bias correction
    capability(
        13,
        &[("optimizer", SCHEDULED)],
        &[(
            "optimizer",
            "HeavyBall(learning_rate: 0.1, momentum: 0.9, schedule: Piecewise([(Steps(3), 0.1)]))",
        )],
    ),
    capability(
        13,
        &[("optimizer", "RmsProp(learning_rate: 0.01, epsilon: Inside(1e-3))")],
        &[("optimizer", "RmsProp(learning_rate: 0.01, epsilon: Outside(1e-3))")],
    ),
    capability(
        13,
        &[("optimizer", "Adam(learning_rate: 0.01, beta1: 0, beta2: 0.99)")],
        &[("optimizer", "RmsProp(learning_rate: 0.01, smoothing: 0.99)")],
    ),
    // 14: sum or mean over the outputs, with or without 1/2
    capability(14, &[("loss", "HalfSquares(over: Mean)")], &[("loss", "HalfSquares")]),
    capability(14, &[("loss", "HalfSquares")], &[("loss", "Squares")]),
    // 16: an output nonlinearity with its own loss
    capability(
        16,
        &[
            ("loss", "LogisticCrossEntropy"),
            ("network", "(hidden: [4], output: Logistic)"),
        ],
        &[("loss", "CrossEntropy"), ("network", "(hidden: [4], output: Identity)")],
    ),
    capability(
        16,
        &[("loss", "HalfSquares"), ("network", "(hidden: [4], output: Tanh)")],
        &[("loss", "HalfSquares")],
    ),
    // 17: scaled inputs, and targets at other levels: 0.1 and 0.9, the range of tanh, the inverse logistic of 0.1 and 0.9
    capability(
        17,
        &[
            ("loss", "HalfSquares"),
            ("scale", "(targets: Levels(low: 0.1, high: 0.9))"),
        ],
        &[("loss", "HalfSquares")],
    ),
    capability(
        17,
        &[
            ("loss", "HalfSquares"),
            ("scale", "(targets: Levels(low: -1, high: 1))"),
        ],
        &[("loss", "HalfSquares")],
    ),
    capability(
        17,
        &[
            ("loss", "HalfSquares"),
            (
                "scale",
                "(targets: Levels(low: -2.1972245773362196, high: 2.1972245773362196))",
            ),
        ],
        &[("loss", "HalfSquares")],
    ),
    capability(
        17,
        &[("scale", "(inputs: MinMax(low: -1, high: 1))")],
        &[("scale", "(inputs: MinMax)")],
    ),
    capability(17, &[("scale", "(inputs: Standard)")], &[]),
    // 18: the label in the input, several candidates at prediction: what this rule is
    capability(
        18,
        &[("arms", "[(label: \"a\", rule: ForwardForward(threshold: 2.0))]")],
        &[("arms", "[(label: \"a\", rule: ForwardForward)]")],
    ),
    // 19: dropout with one mask for both passes, no biases
    capability(
        19,
        &[
            ("network", "(hidden: [4], activation: Relu, bias: false, dropout: 0.5)"),
            ("arms", "[(label: \"a\", rule: Pepita)]"),
        ],
        &[
            ("network", "(hidden: [4], activation: Relu, bias: false)"),
            ("arms", "[(label: \"a\", rule: Pepita)]"),
        ],
    ),
    capability(
        19,
        &[
            ("network", "(hidden: [4], bias: false)"),
            ("optimizer", "Sgd(learning_rate: 1.0)"),
        ],
        &[("optimizer", "Sgd(learning_rate: 1.0)")],
    ),
    // 20: many proposals on a frozen network, and a mirror that learns while it stands still
    capability(
        20,
        &[
            FROZEN,
            ("measure", "(probe: 8, draws: 50)"),
            ("arms", "[(label: \"a\", rule: NodePerturbation)]"),
        ],
        &[
            FROZEN,
            ("measure", "(probe: 8)"),
            ("arms", "[(label: \"a\", rule: NodePerturbation)]"),
        ],
    ),
    capability(
        20,
        &[
            FROZEN,
            ("warm_up", "Steps(5)"),
            ("arms", "[(label: \"a\", rule: WeightMirror)]"),
        ],
        &[FROZEN, ("arms", "[(label: \"a\", rule: WeightMirror)]")],
    ),
    // 22: how a relaxation goes: steps, rate, nudge, the order of updates
    capability(
        22,
        &[(
            "arms",
            "[(label: \"a\", rule: PredictiveCoding(schedule: Equilibrium(steps: 3, rate: 0.1, nudge: 1.0)))]",
        )],
        &[("arms", RELAXED)],
    ),
    capability(
        22,
        &[(
            "arms",
            "[(label: \"a\", rule: PredictiveCoding(schedule: Equilibrium(steps: 20, rate: 0.2, nudge: 1.0)))]",
        )],
        &[("arms", RELAXED)],
    ),
    capability(
        22,
        &[(
            "arms",
            "[(label: \"a\", rule: PredictiveCoding(schedule: Equilibrium(steps: 20, rate: 0.1, nudge: 0.1)))]",
        )],
        &[("arms", RELAXED)],
    ),
    capability(
        22,
        &[(
            "arms",
            "[(label: \"a\", rule: PredictiveCoding(schedule: ZeroDivergence))]",
        )],
        &[("arms", RELAXED)],
    ),
    capability(
        22,
        &[(
            "arms",
            "[(label: \"a\", rule: PredictiveCoding(schedule: FixedPrediction(steps: 1, rate: 1.0)))]",
        )],
        &[("arms", RELAXED)],
    ),
    // 23: the target is the input
    capability(
        23,
        &[
            ("task", "Npy(x: \"r06_x.npy\", target: Input)"),
            ("split", "Random(validation: 0, test: 0)"),
        ],
        &[
            ("task", "Npy(x: \"r06_x.npy\", y: \"r06_y.npy\", kind: Values)"),
            ("split", "Random(validation: 0, test: 0)"),
        ],
    ),
    // 24: validation samples taken from the training part
    capability(
        24,
        &[("split", "Fixed(validation: 0.25)"), ("seeds", "[7]")],
        &[("split", "Fixed(validation: 0.0)"), ("seeds", "[7]")],
    ),
    // 25: weights written at chosen steps, before the first update included
    capability(25, &[("save", "(weights: [Steps(0), Steps(1), Steps(4)])")], &[]),
    // 26: a metric of error signals
    capability(
        26,
        &[
            ("arms", FEEDBACK),
            (
                "measure",
                "(every: Steps(2), probe: 8, against: [Backprop, PseudoInverse])",
            ),
        ],
        &[("arms", FEEDBACK), ("measure", "(every: Steps(2), probe: 8)")],
    ),
];
