//! Take passes apart on the command line.

use crate::support::Lab;

const SPEC: &str = "(
    task: Xor(samples: 40, test: 10), network: [5, 4], loss: HalfSquares, batch: 8, stop: Steps(40), seeds: 1,
    arms: [Backprop, FeedbackAlignment, DirectFeedbackAlignment, EquilibriumPropagation, NodePerturbation],
)";

#[test]
fn every_layer_is_shown_with_its_equations_and_how_the_rule_differs() {
    let lab = Lab::new(SPEC);
    let said = lab.succeed("explain a.ron --step 20 --sample 2");
    for part in [
        "a: Backprop, seed 0, after 20 steps\nsample 2 of the training part, row ",
        "cost    C = ",
        "layer1  2 -> 5, Tanh\n  z = W a + b, with a of the layer below;  a = φ(z)\n  BP2  δ = ∂C/∂z = (W'ᵀ δ') ∘ φ'(z)",
        "layer3  4 -> 2, Identity\n",
        "  BP1  δ = ∂C/∂z = ∇a C ∘ φ'(z)",
        "BP3  ∂C/∂b = δ    BP4  ∂C/∂w = a δ",
        "central difference ",
        "the whole update of Backprop lies 0.00 degrees from the gradient\n",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let said = lab.succeed("explain a.ron --arm FeedbackAlignment --batch");
    assert!(
        said.contains("the batch of the next step, 8 samples; every number is a mean over them"),
        "{said}"
    );
    assert!(
        said.contains("FeedbackAlignment carries errors below by weights of its own, ")
            && said.contains("δ of the rule"),
        "{said}"
    );
    let said = lab.succeed("explain a.ron --arm direct-feedback-alignment");
    assert!(
        said.contains("DirectFeedbackAlignment brings errors from the output directly, by weights "),
        "{said}"
    );
    // a rule of any family
    for arm in ["EquilibriumPropagation", "NodePerturbation"] {
        let said = lab.succeed(&format!("explain a.ron --arm {arm} --step 3"));
        assert!(said.contains(&format!("the whole update of {arm} lies ")), "{said}");
    }
    assert!(!lab.path("results").exists(), "nothing is written");
}

#[test]
fn what_is_not_there_is_said_with_what_is() {
    let lab = Lab::new(SPEC);
    let said = lab.fail("explain a.ron --arm nobody", 2);
    assert!(
        said.contains("error: there is no arm `nobody`; the arms are `Backprop`, `FeedbackAlignment`"),
        "{said}"
    );
    let said = lab.fail("explain a.ron --step 41", 2);
    assert!(
        said.contains("Backprop ends after 40 steps; give a smaller --step"),
        "{said}"
    );
    let said = lab.fail("explain a.ron --sample 99", 2);
    assert!(said.contains("there is no sample 99: the training part has "), "{said}");
}
