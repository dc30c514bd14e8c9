//! Check how layers with maps are read and written, and what is refused with which words.

use super::{message, plan};
use crate::experiment::{Extent, HiddenEntry, LocalStart};
use insta::assert_snapshot;

/// An experiment on images of 1 x 8 x 8 with these hidden layers.
fn with(hidden: &str) -> String {
    format!("(\n    task: Digits,\n    network: {hidden},\n    arms: [Backprop],\n)")
}

fn entries(hidden: &str) -> Vec<HiddenEntry> {
    plan(&with(hidden)).arms[0].settings.network.hidden.clone()
}

fn written(network: &str) -> String {
    let text = plan(&with(network)).text;
    let line = text.lines().find_map(|line| line.trim().strip_prefix("network: "));
    line.expect("a network").trim_end_matches(',').to_string()
}

#[test]
fn layers_are_read_in_all_their_forms() {
    let conv = |size: usize, stride, padding| HiddenEntry::Conv {
        channels: 4,
        kernel: Extent(size, size),
        stride,
        padding,
    };
    let (one, none) = (Extent(1, 1), Extent(0, 0));
    assert_eq!(
        entries("[Conv(channels: 4, kernel: 3), Dense(7), 5]"),
        [conv(3, one, none), 7.into(), 5.into()]
    );
    let both = "[Conv(channels: 4, kernel: 5, stride: (2, 1), padding: (1, 2))]";
    assert_eq!(entries(both), [conv(5, Extent(2, 1), Extent(1, 2))]);
    let (size, stride) = (Extent(2, 2), Some(Extent(2, 2)));
    let short =
        entries("[Conv(channels: 4, kernel: 3), MaxPool(2), Conv(channels: 4, kernel: 2), AveragePool((2, 2))]");
    assert_eq!(short[1], HiddenEntry::MaxPool { size, stride });
    assert_eq!(short[3], HiddenEntry::AveragePool { size, stride });
    let local = entries("[Local(channels: 1, kernel: (1, 3), start: Shared)]");
    let expected = HiddenEntry::Local {
        channels: 1,
        kernel: Extent(1, 3),
        stride: one,
        padding: none,
        start: LocalStart::Shared,
    };
    assert_eq!(local, [expected]);
}

#[test]
fn layers_are_written_whole_and_read_back() {
    let network = "(hidden: [Conv(channels: 4, kernel: (3, 2)), MaxPool(2), Local(channels: 2, kernel: 2), AveragePool(size: 2, stride: 1), 9], \
                   activation: [Tanh, Relu, Identity])";
    let all = written(network);
    let expected = "(hidden: [Conv(channels: 4, kernel: (3, 2), stride: 1, padding: 0), MaxPool(size: 2, stride: 2), \
                    Local(channels: 2, kernel: 2, stride: 1, padding: 0, start: Own), AveragePool(size: 2, stride: 1), 9], \
                    activation: [Tanh, Relu, Identity], ";
    assert!(all.starts_with(expected), "{all}");
    assert_eq!(written(&all), all);
    // numbers stay numbers
    assert!(written("[Dense(64), 64]").starts_with("(hidden: [64, 64], "));
    // pools have no number, and no place in lists for layers
    let plan = plan(&with(network));
    let network = &plan.arms[0].settings.network;
    assert_eq!((network.hidden_layers(), network.layers(&plan.facts, 10).len()), (3, 4));
}

#[test]
fn no_rows_and_columns() {
    assert_snapshot!(message("(\n    task: LinearTeacher(inputs: 12),\n    network: [Conv(channels: 4, kernel: 3)],\n    arms: [Backprop],\n)"), @r"
    error: `Conv` needs rows and columns, and the inputs are 12 numbers
     --> experiments/x.ron:3:15
      |
    3 |     network: [Conv(channels: 4, kernel: 3)],
      |               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: say `image: (3, 2, 2)` in the task
    ");
}

#[test]
fn kernel_beyond_the_map() {
    assert_snapshot!(message("(\n    task: Mnist1d,\n    network: [Conv(channels: 4, kernel: 5)],\n    arms: [Backprop],\n)"), @r"
    error: a kernel of 5 rows does not fit a map of 1 row
     --> experiments/x.ron:3:41
      |
    3 |     network: [Conv(channels: 4, kernel: 5)],
      |                                         ^
      |
      = help: `kernel: (1, 5)` fits
    ");
}

#[test]
fn pool_beyond_the_map() {
    assert_snapshot!(message(&with("[Conv(channels: 4, kernel: 7), MaxPool(size: (2, 3))]")), @r"
    error: a pool of 3 columns does not fit a map of 2 columns
     --> experiments/x.ron:3:59
      |
    3 |     network: [Conv(channels: 4, kernel: 7), MaxPool(size: (2, 3))],
      |                                                           ^^^^^^
      |
      = help: `size: 2` fits
    ");
}

#[test]
fn convolution_above_a_dense_layer() {
    assert_snapshot!(message(&with("[32, Local(channels: 4, kernel: 3)]")), @r"
    error: `Local` has no map to see: a dense layer has no rows and columns
     --> experiments/x.ron:3:19
      |
    3 |     network: [32, Local(channels: 4, kernel: 3)],
      |                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: put it before the dense layers
    ");
}

#[test]
fn pool_first() {
    assert_snapshot!(message(&with("[MaxPool(2), 32]")), @r"
    error: `MaxPool` pools the map of the layer before it, and there is none
     --> experiments/x.ron:3:15
      |
    3 |     network: [MaxPool(2), 32],
      |               ^^^^^^^^^^
      |
      = help: put it behind `Conv` or `Local`
    ");
}

#[test]
fn pool_above_a_dense_layer() {
    assert_snapshot!(message(&with("[32, AveragePool(2)]")), @r"
    error: `AveragePool` pools the map of the layer before it, and there is none
     --> experiments/x.ron:3:19
      |
    3 |     network: [32, AveragePool(2)],
      |                   ^^^^^^^^^^^^^^
      |
      = help: put it behind `Conv` or `Local`
    ");
}

#[test]
fn two_pools_running() {
    assert_snapshot!(message(&with("[Conv(channels: 4, kernel: 3), MaxPool(2), MaxPool(2)]")), @r"
    error: `MaxPool` pools the map of the layer before it, and there is none
     --> experiments/x.ron:3:57
      |
    3 |     network: [Conv(channels: 4, kernel: 3), MaxPool(2), MaxPool(2)],
      |                                                         ^^^^^^^^^^
      |
      = help: put it behind `Conv` or `Local`
    ");
}

#[test]
fn too_much_padding() {
    assert_snapshot!(message(&with("[Conv(channels: 4, kernel: (3, 2), padding: (1, 2))]")), @r"
    error: `padding` must be less than `kernel`
     --> experiments/x.ron:3:58
      |
    3 |     network: [Conv(channels: 4, kernel: (3, 2), padding: (1, 2))],
      |                                                          ^^^^^^
      |
      = help: a filter would see nothing but zeros; write a smaller `padding`
    ");
}

#[test]
fn stride_of_nothing() {
    assert_snapshot!(message(&with("[Conv(channels: 4, kernel: 3, stride: (1, 0))]")), @r"
    error: `stride` must be at least 1
     --> experiments/x.ron:3:52
      |
    3 |     network: [Conv(channels: 4, kernel: 3, stride: (1, 0))],
      |                                                    ^^^^^^
      |
      = help: write a larger number
    ");
}

#[test]
fn no_channels() {
    assert_snapshot!(message(&with("[Conv(channels: 0, kernel: 3)]")), @r"
    error: `channels` must be at least 1
     --> experiments/x.ron:3:30
      |
    3 |     network: [Conv(channels: 0, kernel: 3)],
      |                              ^
      |
      = help: write a larger number
    ");
}

#[test]
fn pool_without_effect() {
    assert_snapshot!(message(&with("[Conv(channels: 4, kernel: 3), MaxPool(1)]")), @r"
    error: `MaxPool(1)` has no effect
     --> experiments/x.ron:3:45
      |
    3 |     network: [Conv(channels: 4, kernel: 3), MaxPool(1)],
      |                                             ^^^^^^^^^^
      |
      = help: leave it out
    ");
}

#[test]
fn misspelt_layer() {
    assert_snapshot!(message(&with("[Convolution(channels: 4, kernel: 3)]")), @r"
    error: unknown name `Convolution`
     --> experiments/x.ron:3:15
      |
    3 |     network: [Convolution(channels: 4, kernel: 3)],
      |               ^^^^^^^^^^^ expected `Conv`, `Local`, `MaxPool`, `AveragePool` or `Dense`
      |
      = help: did you mean `Conv`?
    ");
}

#[test]
fn options_without_names() {
    assert_snapshot!(message(&with("[Conv(4, 3)]")), @r"
    error: the options of `Conv` need their names
     --> experiments/x.ron:3:20
      |
    3 |     network: [Conv(4, 3)],
      |                    ^ this value has no name
      |
      = help: an option is written `channels: ..`
    ");
}

#[test]
fn three_numbers_for_a_kernel() {
    assert_snapshot!(message(&with("[Conv(channels: 4, kernel: (3, 3, 1))]")), @r"
    error: one value too many
     --> experiments/x.ron:3:48
      |
    3 |     network: [Conv(channels: 4, kernel: (3, 3, 1))],
      |                                                ^
    ");
}

#[test]
fn more_than_memory_can_number() {
    assert_snapshot!(message(&with("[Local(channels: 18446744073709551615, kernel: 3)]")), @r"
    error: this layer is too large: 664082786653543858140 units with 5976745079881894723260 weights
     --> experiments/x.ron:3:31
      |
    3 |     network: [Local(channels: 18446744073709551615, kernel: 3)],
      |                               ^^^^^^^^^^^^^^^^^^^^
      |
      = help: at most 268435456 units and 268435456 weights
    ");
}

#[test]
fn orthogonal_local_weights() {
    assert_snapshot!(message(&with("(hidden: [Local(channels: 4, kernel: 3)], init: Orthogonal)")), @r"
    error: `Orthogonal` has no meaning for filters that every place has for itself
     --> experiments/x.ron:3:62
      |
    3 |     network: (hidden: [Local(channels: 4, kernel: 3)], init: Orthogonal),
      |                                                              ^^^^^^^^^^ layer 1 is `Local`
      |
      = help: give this layer another start, in a list with one for each, or use `Conv`
    ");
}

#[test]
fn direct_feedback_to_units_that_nothing_pools() {
    let text = with("[Conv(channels: 4, kernel: 3)]")
        .replace("[Backprop]", "[DirectFeedbackAlignment(feedback: (lands: Units))]");
    assert_snapshot!(message(&text), @r"
    error: `feedback.lands` has no effect: no layer pools
     --> experiments/x.ron:4:54
      |
    4 |     arms: [DirectFeedbackAlignment(feedback: (lands: Units))],
      |                                                      ^^^^^ is the name `Units`
      |
      = help: leave it out
    ");
}

#[test]
fn symmetric_direct_feedback_below_the_largest_of_a_pool() {
    let text = with("[Conv(channels: 4, kernel: 3), MaxPool(2), Conv(channels: 4, kernel: 2), MaxPool(2)]");
    let text = text.replace("[Backprop]", "[DirectFeedbackAlignment(feedback: (symmetry: 0.5))]");
    assert_snapshot!(message(&text), @r"
    error: `feedback.symmetry` blends in the product of the weights above, and below the largest of a pool there is no fixed one
     --> experiments/x.ron:4:57
      |
    4 |     arms: [DirectFeedbackAlignment(feedback: (symmetry: 0.5))],
      |                                                         ^^^ is 0.5
      |
      = help: leave it out, or use `AveragePool`
    ");
}

#[test]
fn rank_of_filters_that_every_place_has_for_itself() {
    let text = with("[Conv(channels: 4, kernel: 3), Local(channels: 4, kernel: 3)]");
    let text = text.replace("[Backprop]", "[FeedbackAlignment(feedback: (rank: 1))]");
    assert_snapshot!(message(&text), @r"
    error: `feedback.rank` has no meaning for filters that every place has for itself
     --> experiments/x.ron:4:47
      |
    4 |     arms: [FeedbackAlignment(feedback: (rank: 1))],
      |                                               ^ is 1
      |
      = help: leave it out, or use `Conv`
    ");
}
