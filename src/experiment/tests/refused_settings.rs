//! Check the whole message of each mistake that people make with settings.

use super::message;
use insta::assert_snapshot;

#[test]
fn unknown_field() {
    assert_snapshot!(message("(\n    task: Digits,\n    optimiser: Sgd(learning_rate: 0.1),\n    arms: [Backprop],\n)"), @r"
    error: unknown field `optimiser`
     --> experiments/x.ron:3:5
      |
    3 |     optimiser: Sgd(learning_rate: 0.1),
      |     ^^^^^^^^^ expected `name`, `task`, `split`, `scale`, `label_noise`, `augment`, `network`, `loss`, `optimizer`, `batch`, `stop`, `warm_up`, `precision`, `seeds`, `measure`, `save`, `tune`, `compare`, `replication` or `arms`
      |
      = help: did you mean `optimizer`?
    ");
}

#[test]
fn unknown_field_of_later_versions() {
    assert_snapshot!(message("(\n    task: Digits,\n    tune: (by: \"accuracy\"),\n    arms: [Backprop],\n)"), @r#"
    error: `tune` has no effect
     --> experiments/x.ron:3:5
      |
    3 |     tune: (by: "accuracy"),
      |     ^^^^ no arm has a value to tune
      |
      = help: write `Tune([..])` in place of a value, such as `learning_rate: Tune([0.3, 0.1])`
    "#);
}

#[test]
fn zero_batch() {
    assert_snapshot!(message("(\n    task: Digits,\n    batch: 0,\n    arms: [Backprop],\n)"), @r"
    error: a batch needs at least one sample
     --> experiments/x.ron:3:12
      |
    3 |     batch: 0,
      |            ^
      |
      = help: `Full` is the whole training part
    ");
}

#[test]
fn batch_as_a_word() {
    assert_snapshot!(message("(\n    task: Digits,\n    batch: (size: All),\n    arms: [Backprop],\n)"), @r"
    error: expected a whole number or `Full`, found the name `All`
     --> experiments/x.ron:3:19
      |
    3 |     batch: (size: All),
      |                   ^^^
    ");
}

#[test]
fn last_of_a_full_batch() {
    assert_snapshot!(message("(\n    task: Digits,\n    batch: (size: Full, last: Drop),\n    arms: [Backprop],\n)"), @r"
    error: `last` has no effect
     --> experiments/x.ron:3:31
      |
    3 |     batch: (size: Full, last: Drop),
      |                               ^^^^ a `Full` batch is always full
      |
      = help: leave it out
    ");
}

#[test]
fn empty_layer() {
    assert_snapshot!(message("(\n    task: Digits,\n    network: [64, 0],\n    arms: [Backprop],\n)"), @r"
    error: a layer needs at least one unit
     --> experiments/x.ron:3:19
      |
    3 |     network: [64, 0],
      |                   ^
      |
      = help: leave this layer out
    ");
}

#[test]
fn too_large_a_network() {
    assert_snapshot!(message("(\n    task: Digits,\n    network: [64, 100_000, 100_000],\n    arms: [Backprop],\n)"), @r"
    error: this network is too large: 10007604170 weights and biases
     --> experiments/x.ron:3:14
      |
    3 |     network: [64, 100_000, 100_000],
      |              ^^^^^^^^^^^^^^^^^^^^^^ at most 268435456
    ");
}

#[test]
fn activation_without_hidden_layers() {
    assert_snapshot!(message("(\n    task: Digits,\n    network: (hidden: [], activation: Relu),\n    arms: [Backprop],\n)"), @r"
    error: `activation` has no effect
     --> experiments/x.ron:3:39
      |
    3 |     network: (hidden: [], activation: Relu),
      |                                       ^^^^ the network has no hidden layer
      |
      = help: `output` is the output layer's
    ");
}

#[test]
fn activation_misspelt() {
    assert_snapshot!(message("(\n    task: Digits,\n    network: (activation: Tahn),\n    arms: [Backprop],\n)"), @r"
    error: unknown activation `Tahn`
     --> experiments/x.ron:3:27
      |
    3 |     network: (activation: Tahn),
      |                           ^^^^ expected `Identity`, `Logistic`, `Tanh`, `Relu`, `LeakyRelu`, `Softplus`, `HardTanh`, `HardLogistic` or `Erf`
      |
      = help: did you mean `Tanh`?
    ");
}

#[test]
fn gain_of_zero() {
    assert_snapshot!(message("(\n    task: Digits,\n    network: (init: LeCun(gain: 0)),\n    arms: [Backprop],\n)"), @r"
    error: `gain` must be positive
     --> experiments/x.ron:3:33
      |
    3 |     network: (init: LeCun(gain: 0)),
      |                                 ^ is 0
      |
      = help: `Zeros` starts all weights at 0
    ");
}

#[test]
fn loss_that_does_not_fit() {
    assert_snapshot!(message("(task: LinearTeacher, loss: CrossEntropy, arms: [Backprop])"), @r"
    error: `CrossEntropy` does not fit the task
     --> experiments/x.ron:1:29
      |
    1 | (task: LinearTeacher, loss: CrossEntropy, arms: [Backprop])
      |                             ^^^^^^^^^^^^ the task has values, not classes
      |
      = help: leave it out for `HalfSquares`
    ");
}

#[test]
fn loss_of_a_single_output() {
    assert_snapshot!(message("(task: Xor(targets: Single), loss: CrossEntropy, arms: [Backprop])"), @r"
    error: `CrossEntropy` does not fit the task
     --> experiments/x.ron:1:36
      |
    1 | (task: Xor(targets: Single), loss: CrossEntropy, arms: [Backprop])
      |                                    ^^^^^^^^^^^^ the task has a single output
      |
      = help: leave it out for `LogisticCrossEntropy`
    ");
}

#[test]
fn loss_without_its_output() {
    assert_snapshot!(message("(\n    task: Digits,\n    network: (output: Identity), loss: LogisticCrossEntropy,\n    arms: [Backprop],\n)"), @r"
    error: `LogisticCrossEntropy` needs the output activation `Logistic`
     --> experiments/x.ron:3:23
      |
    3 |     network: (output: Identity), loss: LogisticCrossEntropy,
      |                       ^^^^^^^^ is `Identity`
      |
      = help: leave `output` out
    ");
}

#[test]
fn learning_rate_of_zero() {
    assert_snapshot!(message("(\n    task: Digits,\n    optimizer: Sgd(learning_rate: 0.0),\n    arms: [Backprop],\n)"), @r"
    error: `learning_rate` must be positive
     --> experiments/x.ron:3:35
      |
    3 |     optimizer: Sgd(learning_rate: 0.0),
      |                                   ^^^ is 0.0
    ");
}

#[test]
fn learning_rate_missing() {
    assert_snapshot!(message("(\n    task: Digits,\n    optimizer: Sgd(momentum: 0.9),\n    arms: [Backprop],\n)"), @r"
    error: missing field `learning_rate` of `Sgd`
     --> experiments/x.ron:3:33
      |
    3 |     optimizer: Sgd(momentum: 0.9),
      |                                 ^ expected `learning_rate: ..`
    ");
}

#[test]
fn learning_rate_infinite() {
    assert_snapshot!(message("(\n    task: Digits,\n    optimizer: Sgd(learning_rate: 1e999),\n    arms: [Backprop],\n)"), @r"
    error: a number must be finite
     --> experiments/x.ron:3:35
      |
    3 |     optimizer: Sgd(learning_rate: 1e999),
      |                                   ^^^^^ is 1e999
    ");
}

#[test]
fn momentum_of_one() {
    assert_snapshot!(message("(\n    task: Digits,\n    optimizer: Sgd(learning_rate: 0.1, momentum: 1),\n    arms: [Backprop],\n)"), @r"
    error: `momentum` must be at least 0 and less than 1
     --> experiments/x.ron:3:50
      |
    3 |     optimizer: Sgd(learning_rate: 0.1, momentum: 1),
      |                                                  ^ is 1
    ");
}

#[test]
fn no_seeds() {
    assert_snapshot!(message("(\n    task: Digits,\n    seeds: [],\n    arms: [Backprop],\n)"), @r"
    error: an experiment needs at least one seed
     --> experiments/x.ron:3:12
      |
    3 |     seeds: [],
      |            ^^
      |
      = help: leave `seeds` out for the default 10
    ");
}

#[test]
fn zero_seeds() {
    assert_snapshot!(message("(\n    task: Digits,\n    seeds: 0,\n    arms: [Backprop],\n)"), @r"
    error: an experiment needs at least one seed
     --> experiments/x.ron:3:12
      |
    3 |     seeds: 0,
      |            ^
      |
      = help: leave `seeds` out for the default 10
    ");
}

#[test]
fn same_seed_twice() {
    assert_snapshot!(message("(\n    task: Digits,\n    seeds: [3, 5, 3],\n    arms: [Backprop],\n)"), @r"
    error: seed 3 is given twice
     --> experiments/x.ron:3:19
      |
    3 |     seeds: [3, 5, 3],
      |             -     ^
      |             |
      |             first given here
      |
      = help: equal seeds are equal runs
    ");
}

#[test]
fn seeds_as_a_word() {
    assert_snapshot!(message("(\n    task: Digits,\n    seeds: Ten,\n    arms: [Backprop],\n)"), @r"
    error: expected a number of seeds or a list of seeds, found the name `Ten`
     --> experiments/x.ron:3:12
      |
    3 |     seeds: Ten,
      |            ^^^
    ");
}

#[test]
fn empty_probe() {
    assert_snapshot!(message("(\n    task: Digits,\n    measure: (probe: 0),\n    arms: [Backprop],\n)"), @r"
    error: `probe` must hold at least one sample
     --> experiments/x.ron:3:22
      |
    3 |     measure: (probe: 0),
      |                      ^
      |
      = help: leave it out for the default 256
    ");
}

#[test]
fn measure_never() {
    assert_snapshot!(message("(\n    task: Digits,\n    measure: (every: Steps(0)),\n    arms: [Backprop],\n)"), @r"
    error: `every` must be at least one step
     --> experiments/x.ron:3:22
      |
    3 |     measure: (every: Steps(0)),
      |                      ^^^^^^^^
      |
      = help: the beginning and the end are always measured
    ");
}

#[test]
fn save_after_the_end() {
    assert_snapshot!(message("(\n    task: Digits,\n    stop: Steps(100), save: (weights: [Steps(200)]),\n    arms: [Backprop],\n)"), @r"
    error: training ends before step 200
     --> experiments/x.ron:3:40
      |
    3 |     stop: Steps(100), save: (weights: [Steps(200)]),
      |                                        ^^^^^^^^^^ the last step is 100
      |
      = help: `End` is after the last step
    ");
}

#[test]
fn save_twice() {
    assert_snapshot!(message("(\n    task: Digits,\n    stop: Steps(100), save: (weights: [Steps(0), Steps(0)]),\n    arms: [Backprop],\n)"), @r"
    error: the same moment is named twice
     --> experiments/x.ron:3:50
      |
    3 |     stop: Steps(100), save: (weights: [Steps(0), Steps(0)]),
      |                                        --------  ^^^^^^^^
      |                                        |
      |                                        first named here
      |
      = help: leave one of them out
    ");
}

#[test]
fn endless() {
    assert_snapshot!(message("(\n    task: Digits,\n    stop: Epochs(18446744073709551615),\n    arms: [Backprop],\n)"), @r"
    error: `stop` is too long
     --> experiments/x.ron:3:11
      |
    3 |     stop: Epochs(18446744073709551615),
      |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^ at most 1125899906842624 steps
    ");
}

#[test]
fn fractional_epochs() {
    assert_snapshot!(message("(\n    task: Digits,\n    stop: Epochs(2.5),\n    arms: [Backprop],\n)"), @r"
    error: expected a whole number, found `2.5`
     --> experiments/x.ron:3:18
      |
    3 |     stop: Epochs(2.5),
      |                  ^^^
    ");
}

#[test]
fn split_without_test_set() {
    assert_snapshot!(message("(\n    task: Digits,\n    split: Fixed,\n    arms: [Backprop],\n)"), @r"
    error: `split`: the task has no test set of its own
     --> experiments/x.ron:3:12
      |
    3 |     split: Fixed,
      |            ^^^^^ is the name `Fixed`
      |
      = help: use `Random(test: 0.2)`
    ");
}

#[test]
fn split_that_leaves_nothing() {
    assert_snapshot!(message("(\n    task: Digits,\n    split: Random(validation: 0.5, test: 0.5),\n    arms: [Backprop],\n)"), @r"
    error: `split`: of 1797 samples, 899 for validation and 899 for test leave none to train on
     --> experiments/x.ron:3:12
      |
    3 |     split: Random(validation: 0.5, test: 0.5),
      |            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ is the name `Random`
      |
      = help: use smaller shares
    ");
}

#[test]
fn task_option() {
    assert_snapshot!(message("(task: Xor(noise: -1), arms: [Backprop])"), @r"
    error: `task.noise`: -1 is no standard deviation
     --> experiments/x.ron:1:19
      |
    1 | (task: Xor(noise: -1), arms: [Backprop])
      |                   ^^ is -1
      |
      = help: use 0 or a positive number
    ");
}

#[test]
fn name_that_is_no_folder() {
    assert_snapshot!(message("(\n    task: Digits,\n    name: \"../etc\",\n    arms: [Backprop],\n)"), @r#"
    error: this name cannot be the name of a folder
     --> experiments/x.ron:3:11
      |
    3 |     name: "../etc",
      |           ^^^^^^^^ is `../etc`
      |
      = help: use letters, digits, `.`, `_`, `-` and blanks inside
    "#);
}
