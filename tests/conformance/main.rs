//! Hold the built-in rules to the public laws, and show that whoever breaks a law is caught.

#[macro_use]
mod spoil;
mod broken;

use creditlab::conformance::{Setup, check};
use creditlab::experiment::{Extent, HiddenEntry, LocalStart};
use creditlab::loss::Loss;
use creditlab::network::Activation;
use creditlab::rules::{self, LearningRule, Registry};
use creditlab::update::Optimizer;

/// A test for each rule, and their names.
macro_rules! tests {
    ($($(#[$about:meta])* $family:ident { $($file:ident::$rule:ident),* $(,)? })*) => {
        $($(
            #[test]
            fn $file() {
                keeps_every_law(rules::$rule::NAME);
            }
        )*)*

        /// On networks with convolutions, local layers and pools.
        mod maps {
            use super::*;
            $($(
                #[test]
                fn $file() {
                    keeps_every_law_on_maps(rules::$rule::NAME);
                }
            )*)*
        }

        const TESTED: &[&str] = &[$($(rules::$rule::NAME),*),*];
    };
}

creditlab::for_every_rule!(tests);

fn keeps_every_law(rule: &str) {
    let report = check(&rules::builtin(), rule).unwrap_or_else(|violations| panic!("{violations}"));
    println!("{report}");
    // the laws without a condition are kept in full by every rule
    let full = report.kept.iter().filter(|kept| kept.note.is_none()).count();
    assert!(full >= 2 * 15, "{report}");
}

fn conv(channels: usize, kernel: usize, stride: usize) -> HiddenEntry {
    HiddenEntry::Conv {
        channels,
        kernel: Extent(kernel, kernel),
        stride: Extent(stride, stride),
        padding: Extent(0, 0),
    }
}

/// With taps beyond the map.
fn local(channels: usize) -> HiddenEntry {
    HiddenEntry::Local {
        channels,
        kernel: Extent(2, 2),
        stride: Extent(1, 1),
        padding: Extent(1, 1),
        start: LocalStart::Own,
    }
}

fn max_pool() -> HiddenEntry {
    let (size, stride) = (Extent(2, 2), None);
    HiddenEntry::MaxPool { size, stride }
}

/// Windows that overlap.
fn average_pool() -> HiddenEntry {
    let (size, stride) = (Extent(2, 2), Some(Extent(1, 1)));
    HiddenEntry::AveragePool { size, stride }
}

/// The rule keeps the laws on each network, or refuses it in the words of the contract.
fn keeps_every_law_on_maps(rule: &str) {
    let full = "treats weights as a matrix of units, which a convolution's filters are not";
    let pools = [conv(3, 3, 1), max_pool(), local(2), average_pool(), 8.into()];
    let strides = [conv(3, 3, 2), local(2), 8.into()];
    let shared = [conv(3, 3, 1), max_pool(), conv(2, 2, 1), 8.into()];
    let far_apart = HiddenEntry::Local {
        channels: 2,
        kernel: Extent(3, 3),
        stride: Extent(2, 2),
        padding: Extent(0, 0),
        start: LocalStart::Own,
    };
    let own = [far_apart, local(2), 8.into()];
    let trials = [
        ("pools", &pools[..]),
        ("strides", &strides),
        ("shared", &shared),
        ("own", &own),
    ];
    let refusals = |network: &str| match (rule, network) {
        ("GaussNewton" | "PseudoInverse", _) => Some(full),
        ("SunsAndPlanets", "pools" | "shared") => Some("has no messages for pooling"),
        ("SunsAndPlanets", "strides") => {
            Some("keeps every weight in a planet of its own, and layer1 shares its weights among 9 positions")
        }
        (
            "TargetPropagation" | "DifferenceTargetPropagation" | "GaitPropagation" | "LocalDifferenceReconstruction",
            "pools" | "shared",
        ) => Some("has no inverse of pooling: which unit won is not in what it passes down"),
        ("CounterCurrent", "pools" | "shared") => {
            Some("has no way down through pooling: which unit won is not in what comes down")
        }
        ("Hebbian" | "ProductFeedback", "pools" | "strides") => {
            Some("lets the units of a layer share what they learn from, and the units of layer2 see different places")
        }
        ("Hebbian" | "ProductFeedback", "own") => {
            Some("lets the units of a layer share what they learn from, and the units of layer1 see different places")
        }
        _ => None,
    };
    for (name, hidden) in trials {
        let registry = rules::builtin();
        let trial = Setup::with_maps(hidden).or_accepted(&registry, rule);
        let refusal = trial.refusal(&registry, rule).expect("a rule");
        assert_eq!(
            refusal.as_ref().map(|refusal| &*refusal.reason),
            refusals(name),
            "{rule}, {name}"
        );
        match refusal {
            Some(refusal) => println!("{rule} refuses {name}: {refusal}"),
            None => {
                let report = trial
                    .check(&registry, rule)
                    .unwrap_or_else(|violations| panic!("{name}: {violations}"));
                println!("{name}: {report}");
            }
        }
    }
}

#[test]
fn every_builtin_rule_has_a_test() {
    let registry = rules::builtin();
    let mut tested = TESTED.to_vec();
    tested.sort_unstable();
    assert_eq!(registry.entries().map(|entry| entry.name).collect::<Vec<_>>(), tested);
}

#[test]
fn options_other_than_the_defaults_keep_the_laws_too() {
    for rule in [
        "FeedbackAlignment(feedback: (distribution: Uniform, scale: 0.5))",
        "DirectFeedbackAlignment(feedback: (distribution: Uniform, scale: 2.0))",
        "KolenPollack(feedback: (distribution: Uniform, scale: 3.0))",
        "DifferenceTargetPropagation(fixed: true)",
        "DeepFeedbackControl(settle: Simulate(), plasticity: Rate)",
    ] {
        check(&rules::builtin(), rule).unwrap_or_else(|violations| panic!("{violations}"));
    }
}

/// Each of the rules keeps the laws in this trial.
fn all_keep_the_laws(trial: &Setup, rules: &[&str]) {
    for rule in rules {
        trial
            .check(&rules::builtin(), rule)
            .unwrap_or_else(|violations| panic!("{violations}"));
    }
}

#[test]
fn options_of_maps_keep_the_laws_too() {
    let trial = Setup::with_maps(&[conv(3, 3, 1), max_pool(), 8.into()]);
    let rules = [
        "DirectFeedbackAlignment(feedback: (lands: Units))",
        "RandomTargetProjection(feedback: (lands: Units))",
        "DirectKolenPollack(feedback: (lands: Units))",
        "LocalLoss(kind: Both, inputs: 9)",
    ];
    all_keep_the_laws(&trial, &rules);
}

#[test]
fn the_laws_hold_in_another_trial() {
    let trial = Setup {
        sizes: vec![5, 7, 2],
        hidden: Activation::Relu,
        output: Activation::Logistic,
        loss: Loss::HALF_SQUARES,
        optimizer: Optimizer::sgd(0.1),
        batch: 6,
        ..Setup::default()
    };
    let rules = [
        "Backprop",
        "FeedbackAlignment",
        "DirectFeedbackAlignment",
        "KolenPollack",
        "OutputOnly",
    ];
    all_keep_the_laws(&trial, &rules);
}

/// The laws that a rule breaks in a precision.
fn laws_broken_by<R: LearningRule>(registry: Registry, stated: &str, precision: &str) -> Vec<&'static str> {
    let violations = check(&registry.with::<R>(), stated).expect_err(R::NAME).0;
    for violation in &violations {
        println!("{violation}");
        assert!(violation.rule == stated && !violation.what.is_empty());
    }
    let here = violations.iter().filter(|violation| violation.precision == precision);
    here.map(|violation| violation.law).collect()
}

/// One test per broken rule: exactly these laws are broken.
macro_rules! caught {
    ($($test:ident: $rule:ident as $stated:literal breaks [$($law:literal),* $(,)?];)*) => {$(
        #[test]
        fn $test() {
            for precision in ["f32", "f64"] {
                let laws = laws_broken_by::<broken::$rule>(Registry::default(), $stated, precision);
                assert_eq!(laws, [$($law),*]);
            }
        }
    )*};
}

caught! {
    a_sticky_rule: Sticky as "Sticky" breaks [
        "save, restore, go on",
        "scratch carries no meaning",
        "non-finite numbers are seen",
        "a batch is the mean of its samples",
    ];
    a_rule_that_knows_its_thread: Threaded as "Threaded" breaks ["threads change nothing"];
    a_rule_with_a_secret: Secretive as "Secretive" breaks ["save, restore, go on"];
    a_rule_that_learns_when_it_is_looked_at: Observed as "Observed" breaks [
        "measuring changes nothing",
        "non-finite numbers are seen",
    ];
    a_rule_that_believes_in_its_batch: Cramped as "Cramped" breaks ["measuring changes nothing", "any batch size"];
    a_rule_that_hides_nan: Hiding as "Hiding" breaks ["non-finite numbers are seen"];
    a_rule_that_keeps_nan: Tainted as "Tainted" breaks ["non-finite numbers are seen"];
    a_rule_that_panics: Presumptuous as "Presumptuous" breaks ["accepts or refuses"];
    a_rule_that_refuses_without_a_remedy: Curt as "Curt" breaks ["accepts or refuses"];
    a_rule_that_divides_by_a_weight: Reckless as "Reckless" breaks ["accepts or refuses"];
    a_rule_divided_twice: DividedTwice as "DividedTwice" breaks ["a batch is the mean of its samples"];
    a_rule_with_favourites: Partial as "Partial" breaks [
        "a batch is the mean of its samples",
        "the order of samples does not matter",
    ];
    a_rule_that_is_never_content: Restless as "Restless" breaks ["zero error, zero update"];
    a_rule_that_draws_in_secret: Gambling as "Gambling" breaks ["draws are declared"];
    a_rule_that_only_says_it_draws: Pretending as "Pretending" breaks ["draws are declared"];
    a_rule_with_a_prediction_of_its_own: Opinionated as "Opinionated" breaks ["predictions are declared and separate"];
    a_rule_that_looks_at_its_neighbours: Gregarious as "Gregarious" breaks ["predictions are declared and separate"];
    a_rule_that_shows_another_shape: Crooked as "Crooked" breaks ["feedback has its declared shape"];
    a_rule_that_trains_in_name_only: Idle as "Idle" breaks ["trained layers get updates"];
    a_rule_that_denies_what_it_needs: Denying as "Denying" breaks ["needs are what they are declared to be"];
    a_rule_that_complains: Complaining as "Complaining" breaks ["needs are what they are declared to be"];
    a_rule_without_the_signs_it_needs: Unsigned as "Unsigned" breaks ["needs are what they are declared to be"];
    a_rule_that_only_says_it_knows_the_label: Credulous as "Credulous" breaks ["needs are what they are declared to be"];
    a_rule_that_tells_the_label: Whispering as "Whispering" breaks ["needs are what they are declared to be"];
    a_rule_without_the_symmetry_it_needs: Lopsided as "Lopsided" breaks ["needs are what they are declared to be"];
    a_rule_with_a_symmetry_that_it_denies: Mutual as "Mutual" breaks ["needs are what they are declared to be"];
    a_rule_that_takes_any_option: Lenient as "Lenient" breaks ["unknown options are refused"];
    a_rule_that_blames_another_option: Blaming as "Blaming" breaks ["refusals name the option"];
    a_rule_that_forgets_its_options: Forgetful as "Forgetful(told: (scale: 2.0))" breaks ["options survive a round trip"];
    a_rule_with_a_dead_option: Deaf as "Deaf" breaks ["every option matters"];
    a_rule_with_a_dead_choice: Undecided as "Undecided" breaks ["every option matters"];
    a_rule_whose_arrays_share_a_name: Ambiguous as "Ambiguous" breaks ["works in the trial"];
    a_rule_that_refuses_the_trial: Refusing as "Refusing" breaks ["works in the trial"];
    a_rule_that_nobody_knows: Sticky as "Stiky" breaks ["stated correctly"];
}

#[test]
fn rules_that_are_no_function_of_their_seed() {
    let same = "same seed, same bytes";
    assert!(laws_broken_by::<broken::Worldly>(Registry::default(), "Worldly", "f64").contains(&same));
    assert!(laws_broken_by::<broken::Clocked>(Registry::default(), "Clocked", "f64").contains(&same));
}

#[test]
fn a_shadow_that_moves_its_trainer_and_a_trainer_that_is_moved() {
    let registry = Registry::default().with::<broken::Neighbour>();
    let laws = laws_broken_by::<broken::Jealous>(registry, "Jealous", "f64");
    assert_eq!(laws, ["shadows change nothing"]);

    let registry = Registry::default().with::<broken::Jealous>();
    let laws = laws_broken_by::<broken::Neighbour>(registry, "Neighbour", "f64");
    assert_eq!(laws, ["shadows change nothing"]);
}
