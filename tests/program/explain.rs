//! Take passes apart on the command line.

use crate::support::Lab;

const SPEC: &str = "(
    task: Xor(samples: 40, test: 10), network: [5, 4], loss: HalfSquares, batch: 8, stop: Steps(40), seeds: 1,
    arms: [Backprop, FeedbackAlignment, DirectFeedbackAlignment, EquilibriumPropagation, NodePerturbation],
)";

#[test]
fn every_layer_is_shown_with_its_equations_and_how_the_rule_differs() {
    let lab = Lab::new(SPEC);
    lab.write(
        "b.ron",
        &SPEC.replace("[Backprop,", "[DifferenceTargetPropagation, Backprop,"),
    );
    let said = lab.succeed("explain a.ron --step 20 --sample 2");
    for part in [
        "a, seed 0, after 20 steps\nBackprop: sample 2 of the training part, row ",
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
    // what a rule owns, and what it needs
    let said = lab.succeed("explain b.ron --step 2");
    for part in [
        "DifferenceTargetPropagation: ",
        "Its properties: ",
        "noise injection",
        "It has learned, besides the network: layer",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(
        !lab.succeed("explain a.ron").contains("It has learned"),
        "Backprop owns nothing"
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
        said.contains("error: there is no arm `nobody`; there are `Backprop`, `FeedbackAlignment`"),
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

#[test]
fn a_page_shows_arms_side_by_side_and_needs_nothing_else() {
    let lab = Lab::new(&SPEC.replace(
        "Backprop, F",
        "(label: \"<script>alert(1)</script>\", rule: Backprop), F",
    ));
    let said = lab.succeed("explain a.ron --html page.html --step 5");
    assert_eq!(said, "page.html\n");
    let page = lab.read("page.html");
    // four of five arms, each with its drawing; two scripts, one of them data
    assert_eq!(page.matches("<section class=\"arm\"").count(), 4);
    assert_eq!(page.matches("<svg class=\"network\"").count(), 4);
    assert_eq!(page.matches("<script").count(), 2, "labels are text");
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    for part in ["src=", "@import", "url(", " onclick", " onload"] {
        assert!(!page.contains(part), "{part}");
    }
    let data = page
        .split("id=\"data\">")
        .nth(1)
        .unwrap()
        .split("</script>")
        .next()
        .unwrap();
    let arms: serde_json::Value = serde_json::from_str(data).unwrap();
    let first = &arms[0][0];
    assert!(first["name"].as_str().unwrap().contains(" w["));
    let cost = |place: usize| first["curve"][place][1].as_f64().unwrap();
    // of second order, for nudges of 0.1
    let slope = (cost(11) - cost(9)) / 0.2;
    assert!((slope - first["derivative"].as_f64().unwrap()).abs() < 0.02, "{slope}");
    // one arm, and a batch
    lab.succeed("explain a.ron --html page.html --batch --arm NodePerturbation");
    assert_eq!(lab.read("page.html").matches("<section class=\"arm\"").count(), 1);
}

/// Four messages for each weight, two for each bias, three for each output: 4 * (10 + 20 + 8) + 2 * 11 + 3 * 2.
#[test]
fn messages_of_suns_and_planets_are_those_that_the_rule_counts() {
    let lab = Lab::new(SPEC);
    let said = lab.succeed("explain a.ron --messages");
    for part in [
        "The scheduler starts the forward pass, row by row.",
        "Row 2, forward\n  activity from the row below: 10 messages\n    sun 0 of row 1 to planet 0 of sun 0: a = ",
        "The teacher, who alone knows the target\n  outputs and errors: 6 messages",
        "Row 4, backward\n  errors to planets: 10 messages",
        "180 messages in all",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let said = lab.fail("explain a.ron --messages --batch", 2);
    assert!(said.contains("--messages"), "{said}");
}
