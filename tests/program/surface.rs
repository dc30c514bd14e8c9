//! Draw slices through the cost on the command line.

use crate::support::Lab;

const SPEC: &str = "(
    task: Xor(samples: 60, test: 10), network: [5], stop: Epochs(12), seeds: 2, save: (weights: [Every(Epochs(1))]),
    arms: [Backprop, (label: \"large batches\", rule: Backprop, batch: 60), (rule: FeedbackAlignment, network: [6])],
)";

#[test]
fn ways_of_arms_with_one_network_are_drawn_on_one_plane() {
    let lab = Lab::new(SPEC);
    lab.succeed("run a.ron --quiet --no-figures");
    let said = lab.succeed("surface results/a");
    assert_eq!(said.lines().count(), 3, "{said}");
    let svg = lab.read("results/a/figures/surface.svg");
    assert_eq!(
        svg.matches("<g class=\"way\"").count(),
        2,
        "the third arm has another network"
    );
    let caption = lab.read("results/a/figures/surface.txt");
    assert!(
        caption.contains("the first 54 samples of the training part, seed 0"),
        "{caption}"
    );
    assert!(
        caption.contains("% of their squared distances from the start lie in it"),
        "{caption}"
    );
    // another seed is another slice; the same one is the same file
    lab.succeed("surface results/a --seed 1");
    assert_ne!(lab.read("results/a/figures/surface.svg"), svg);
    lab.succeed("surface results/a");
    assert_eq!(lab.read("results/a/figures/surface.svg"), svg);
}

#[test]
fn what_cannot_be_drawn_is_said() {
    let lab = Lab::new(SPEC);
    lab.succeed("run a.ron --quiet --no-figures");
    let said = lab.fail("surface results/a --arm large-batches --arm feedback-alignment", 2);
    assert!(
        said.contains("FeedbackAlignment has another network or loss than large batches"),
        "{said}"
    );
    let said = lab.fail("surface results/a --seed 7", 2);
    assert!(said.contains("there is no run with the seed 7"), "{said}");
    let lab = Lab::new(&SPEC.replace("save: (weights: [Every(Epochs(1))]),", ""));
    lab.succeed("run a.ron --quiet --no-figures");
    let said = lab.fail("surface results/a", 2);
    assert!(
        said.contains("a way needs two; write `save: (weights: [Every(Epochs(1))])`"),
        "{said}"
    );
}
