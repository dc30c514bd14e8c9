//! Lead the field's own words to the names that files use.

/// Words that mean the same, where they are led to, and what is said.
struct Word {
    /// Lower case, without `_` and `-`; a blank between two.
    said: &'static str,
    /// One of the names that can stand in the place: it tells which place this entry is for.
    among: &'static str,
    /// What to do; empty: write the name `among` in place of the word.
    remedy: &'static str,
}

const fn same(said: &'static str, among: &'static str) -> Word {
    Word {
        said,
        among,
        remedy: "",
    }
}

const fn instead(said: &'static str, among: &'static str, remedy: &'static str) -> Word {
    Word { said, among, remedy }
}

/// The table. Of several entries that fit, the first counts.
const WORDS: &[Word] = &[
    // rules
    same("bp backpropagation gradient exactgradient", "Backprop"),
    same("fa rfa randomfeedback vanillafa", "FeedbackAlignment"),
    same("dfa directfeedback", "DirectFeedbackAlignment"),
    same("kp kollenpollack kpfa", "KolenPollack"),
    same("dkp", "DirectKolenPollack"),
    same("wm", "WeightMirror"),
    same("ss usf brsf frsf signconcordant", "SignSymmetry"),
    same("pc pcn pcnet", "PredictiveCoding"),
    instead(
        "prospectiveconfiguration pco",
        "PredictiveCoding",
        "write `PredictiveCoding(schedule: Equilibrium(nudge: 1.0))`, with `loss: HalfSquares`",
    ),
    instead(
        "ipc incrementalpredictivecoding",
        "PredictiveCoding",
        "write `PredictiveCoding(schedule: Incremental())`",
    ),
    same("ep eqprop", "EquilibriumPropagation"),
    same("chl contrastivehebbianlearning", "ContrastiveHebbian"),
    same("dp dptranspose", "DualPropagation"),
    same("burst burstccn burstdependent", "Burstprop"),
    same("microcircuit dendriticmicrocircuits dmc", "DendriticMicrocircuit"),
    same("brainprop agrel attentiongating", "AttentionGated"),
    same("sigprop sp", "SignalPropagation"),
    same("ccl countercurrentlearning", "CounterCurrent"),
    instead(
        "monoforward",
        "LocalLoss",
        "write `LocalLoss(kind: Prediction, head: Learned)`",
    ),
    same("ff ffa", "ForwardForward"),
    same("fg forwardgradients", "ForwardGradient"),
    same("np", "NodePerturbation"),
    same("wp es spsa", "WeightPerturbation"),
    same("fd numericalgradient", "FiniteDifference"),
    same("tp targetprop", "TargetPropagation"),
    same("dtp differencetargetprop", "DifferenceTargetPropagation"),
    instead(
        "fwdtp fixedweightdtp",
        "DifferenceTargetPropagation",
        "write `DifferenceTargetPropagation(fixed: true)`",
    ),
    same("gait gaitprop gp", "GaitPropagation"),
    same("ddtp ddtplinear drl", "DirectDifferenceTargetPropagation"),
    same("ldrl", "LocalDifferenceReconstruction"),
    same("dfc dfcssa", "DeepFeedbackControl"),
    same("rtp drtp directrandomtargetprojection", "RandomTargetProjection"),
    same("gn gaussnewtonoptimization", "GaussNewton"),
    same("ll locallearning greedy layerwise", "LocalLoss"),
    same("threefactorrule reinforce rewardmodulated 3factor", "ThreeFactor"),
    instead("oja", "Hebbian", "write `Hebbian(kind: Oja)`"),
    instead("sanger gha", "Hebbian", "write `Hebbian(kind: Sanger)`"),
    instead("softhebb wta", "Hebbian", "write `Hebbian(kind: SoftCompetition)`"),
    same("hebb hebbianlearning", "Hebbian"),
    // activations
    same("sigmoid sigm expit logsig", "Logistic"),
    same("hardsigmoid", "HardLogistic"),
    same("rectifier rectifiedlinear rectlin", "Relu"),
    same("lrelu", "LeakyRelu"),
    same("linear none nolinearity", "Identity"),
    instead(
        "softmax logsoftmax",
        "Softplus",
        "leave `output` out: the loss `CrossEntropy` takes logits and applies the softmax itself",
    ),
    // starts of weights
    instead(
        "xavieruniform glorotuniform",
        "Glorot",
        "write `Glorot(distribution: Uniform)`",
    ),
    same("xavier xaviernormal glorotnormal", "Glorot"),
    instead("kaiminguniform heuniform", "He", "write `He(distribution: Uniform)`"),
    same("kaiming kaimingnormal henormal msra", "He"),
    instead("lecununiform", "LeCun", "write `LeCun(distribution: Uniform)`"),
    same("orthonormal saxe", "Orthogonal"),
    instead("gaussian randn randomnormal", "Normal", "write `Normal(sd)`"),
    instead("ones one", "Constant", "write `Constant(1)`"),
    // losses
    instead(
        "mse meansquarederror meansquares l2loss squarederror quadratic",
        "HalfSquares",
        "write `HalfSquares`, half the sum of squares over outputs, `Squares`, the sum, or `Squares(over: Mean)`, the mean",
    ),
    same("sse sumofsquares", "Squares"),
    instead(
        "bce bceloss bcewithlogits bcewithlogitsloss binarycrossentropy",
        "LogisticCrossEntropy",
        "write `LogisticCrossEntropy`, summed over outputs, or `LogisticCrossEntropy(over: Mean)`",
    ),
    same(
        "ce xent crossentropyloss nll nllloss softmaxcrossentropy categoricalcrossentropy",
        "CrossEntropy",
    ),
    // optimizers and schedules
    same("gd gradientdescent stochasticgradientdescent", "Sgd"),
    instead("momentum", "Sgd", "write `Sgd(learning_rate: .., momentum: 0.9)`"),
    same("polyak", "HeavyBall"),
    same("nag", "Nesterov"),
    same("steplr multisteplr multistep step", "Piecewise"),
    same("exponentiallr exponentialdecay", "Exponential"),
    same("cosineannealing cosineannealinglr cosinedecay", "Cosine"),
    same("linearlr linearwarmup", "WarmUp"),
    same("gamma", "factor"),
    same("tmax", "over"),
    // options of optimizers
    same("rho alpha", "smoothing"),
    same("lr eta alpha rate stepsize", "learning_rate"),
    same("mu", "momentum"),
    instead(
        "weightdecay lambda regularization wd",
        "l2",
        "write `l2`, which adds to the gradient; `decay` is the share of each weight lost per step",
    ),
    same("weightdecay lambda wd", "decay"),
    same("eps", "epsilon"),
    instead("betas", "beta1", "write `beta1: 0.9, beta2: 0.999`"),
    same("scheduler lrscheduler lrschedule", "schedule"),
    same("gradclip clipnorm gradientclipping maxnorm maxgradnorm", "clip"),
    // fields of an experiment or an arm that stand in a block
    instead(
        "lr eta rate stepsize learningrate",
        "optimizer",
        "write `optimizer: Sgd(learning_rate: ..)`",
    ),
    instead(
        "momentum",
        "optimizer",
        "write `optimizer: Sgd(learning_rate: .., momentum: ..)`",
    ),
    instead(
        "weightdecay l2 decay wd",
        "optimizer",
        "write `optimizer: Sgd(learning_rate: .., l2: ..)`",
    ),
    instead(
        "schedule scheduler lrschedule lrscheduler",
        "optimizer",
        "write `optimizer: Sgd(learning_rate: .., schedule: ..)`",
    ),
    instead(
        "clip gradclip clipnorm",
        "optimizer",
        "write `optimizer: Sgd(learning_rate: .., clip: ..)`",
    ),
    same("opt optim", "optimizer"),
    instead(
        "epochs epoch nepochs numepochs maxepochs",
        "stop",
        "write `stop: Epochs(20)`",
    ),
    instead(
        "steps nsteps numsteps maxsteps iterations iters maxiter",
        "stop",
        "write `stop: Steps(1000)`",
    ),
    instead(
        "patience earlystopping early",
        "stop",
        "write `stop: Early(patience: 5)`",
    ),
    instead(
        "hidden hiddens hiddenlayers hiddensizes hiddensize layers layersizes sizes units architecture model mlp net",
        "network",
        "write `network: [64, 64]`, the units of the hidden layers",
    ),
    instead(
        "activation nonlinearity activations",
        "network",
        "write `network: (hidden: [64, 64], activation: ..)`",
    ),
    instead("output", "network", "write `network: (hidden: [64, 64], output: ..)`"),
    instead(
        "init initialization weightinit initializer",
        "network",
        "write `network: (hidden: [64, 64], init: ..)`",
    ),
    instead(
        "bias biases",
        "network",
        "write `network: (hidden: [64, 64], bias: ..)`",
    ),
    instead("dropout", "network", "write `network: (hidden: [64, 64], dropout: ..)`"),
    same("batchsize minibatch minibatchsize bs", "batch"),
    instead(
        "shuffle",
        "batch",
        "write `batch: (size: 32, order: AsGiven)` for no shuffling",
    ),
    same("dataset data", "task"),
    same("rules algorithms algorithm methods method learners", "arms"),
    same("algorithm method learner", "rule"),
    same("seed randomseed nseeds runs nruns repeats repetitions", "seeds"),
    same("dtype float", "precision"),
    same("objective criterion cost lossfunction", "loss"),
    instead(
        "validation test validationsplit valsplit testsplit testsize",
        "split",
        "write `split: Random(validation: 0.1, test: 0.2)`",
    ),
    instead("folds kfold crossvalidation cv", "split", "write `split: Folds(5)`"),
    instead(
        "normalize normalise normalization standardize standardise standardization",
        "scale",
        "write `scale: (inputs: Standard)`",
    ),
    instead(
        "every at against probe draws metrics",
        "measure",
        "write `measure: (every: Epochs(1), against: [Backprop])`",
    ),
    instead(
        "checkpoint checkpoints weights",
        "save",
        "write `save: (weights: [End])`",
    ),
    // fields of those blocks
    same("layers sizes units hiddenlayers hiddensizes layersizes", "hidden"),
    same("nonlinearity act activations", "activation"),
    same("outputactivation outputnonlinearity", "output"),
    same("initialization initializer weightinit", "init"),
    same("usebias biases", "bias"),
    same("biasinitialization biasinitializer", "bias_init"),
    same("dropoutrate pdrop", "dropout"),
    same("batchsize minibatchsize", "size"),
    instead("shuffle", "order", "write `order: Shuffled` or `order: AsGiven`"),
    instead("droplast", "last", "write `last: Drop`"),
    // other names
    same("float32 single fp32 float", "F32"),
    same("float64 double fp64", "F64"),
    same("zscore standardscaler standardize normalize normalise", "Standard"),
    same("minmaxscaler unit zeroone", "MinMax"),
    same("iterations iters updates", "Steps"),
    same("earlystopping patience", "Early"),
    same("kfold crossvalidation cv", "Folds"),
    same("holdout traintest shuffled", "Random"),
    same("file filename", "path"),
    same("table tsv dataframe", "Csv"),
    same("numpy npz array", "Npy"),
    same("clusters gaussians", "Blobs"),
    same("teacherstudent studentteacher", "NonlinearTeacher"),
    same("fmnist fashion", "FashionMnist"),
    same("cifar", "Cifar10"),
    same("augmentation dataaugmentation augmentations randomcrop flip", "augment"),
];

/// The remedy for `found`, if it is a word of the field for one of `names`, or for what belongs into one of them.
pub(super) fn remedy(found: &str, names: &[&str]) -> Option<String> {
    let plain: String = found.chars().filter(|c| !matches!(c, '_' | '-')).collect();
    let plain = plain.to_lowercase();
    let mut fitting = WORDS
        .iter()
        .filter(|word| names.contains(&word.among) && word.said.split(' ').any(|said| said == plain));
    fitting.next().map(|word| match word.remedy {
        "" => format!("did you mean `{}`?", word.among),
        remedy => remedy.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::{WORDS, remedy};

    #[test]
    fn a_word_means_what_the_place_allows() {
        assert_eq!(
            remedy("Sigmoid", &["Tanh", "Logistic"]).unwrap(),
            "did you mean `Logistic`?"
        );
        assert_eq!(remedy("Sigmoid", &["Tanh"]), None);
        assert_eq!(
            remedy("lr", &["learning_rate"]).unwrap(),
            "did you mean `learning_rate`?"
        );
        assert_eq!(
            remedy("learning_rate", &["optimizer"]).unwrap(),
            "write `optimizer: Sgd(learning_rate: ..)`"
        );
        assert_eq!(remedy("weight-decay", &["decay"]).unwrap(), "did you mean `decay`?");
        assert!(
            remedy("weight_decay", &["decay", "l2"])
                .unwrap()
                .contains("`l2`, which adds")
        );
        assert!(
            remedy("MSE", &["Squares", "HalfSquares"])
                .unwrap()
                .contains("half the sum")
        );
    }

    #[test]
    fn every_word_can_be_reached() {
        for word in WORDS {
            for said in word.said.split(' ') {
                assert!(remedy(said, &[word.among]).is_some(), "{said}");
                assert!(
                    said.chars().all(|c| c.is_lowercase() || c.is_ascii_digit()),
                    "{said} is compared in lower case, without `_`"
                );
            }
        }
    }
}
