//! Check when runs end and when they are measured.

use crate::support::Lab;

/// Few samples, a large rate and many units: the validation loss rises after a while.
const OVERFITTING: &str = "(task: Xor(samples: 30, test: 20, noise: 0.8), split: Fixed(validation: 0.4), network: [40], batch: 4,
    optimizer: Sgd(learning_rate: 0.3), seeds: 4, stop: STOP, save: (weights: [End]), arms: [Backprop, FeedbackAlignment])";

/// From the table of all epochs of a longer run, read when patience ends.
#[test]
fn early_stopping_ends_after_its_patience_and_reports_the_best_moment() {
    let lab = Lab::new(&OVERFITTING.replace("STOP", "Early(patience: 3, at_most: Epochs(40))"));
    lab.write("whole.ron", &OVERFITTING.replace("STOP", "Epochs(40)"));
    lab.succeed("run a.ron whole.ron --quiet --no-figures");
    let (runs, metrics) = (lab.table("results/a/runs.csv"), lab.table("results/whole/metrics.csv"));
    let mut early = 0;
    for arm in ["backprop", "feedback-alignment"] {
        for seed in 0..4 {
            let run = format!("arm={arm} seed={seed}");
            let losses = metrics.select(&format!("{run} split=validation metric=loss"));
            let (steps, values) = (losses.numbers("step"), losses.numbers("value"));
            let (mut best, mut since, mut end) = (0, 0, 0);
            for (i, value) in values.iter().enumerate() {
                since += 1;
                if i == 0 || *value < values[best] {
                    (best, since) = (i, 0);
                }
                end = i;
                if since == 3 {
                    break;
                }
            }
            let row = runs.select(&run);
            assert_eq!(
                (row.number("steps"), row.number("best_step")),
                (steps[end], steps[best])
            );
            assert_eq!(row.number("final_validation_loss"), values[end]);
            assert_eq!(row.number("best_validation_loss"), values[best]);
            let file = format!("results/a/weights/{arm}/{seed}/step-{}.safetensors", steps[end]);
            assert!(lab.path(&file).exists(), "the last weights are saved: {file}");
            early += usize::from(end < 40);
        }
    }
    assert!(early >= 4, "{early} runs of 8 end early; the test needs some");
}

#[test]
fn measurements_at_listed_and_log_spaced_steps() {
    let spec = |when: &str| {
        format!("(task: Xor(samples: 40), batch: 8, stop: Steps(50), seeds: 1, measure: ({when}), arms: [Backprop])")
    };
    let lab = Lab::new(&spec("at: [Steps(3), Epochs(2), Steps(1)]"));
    lab.write("log.ron", &spec("at: LogSpaced(per_decade: 1)"));
    lab.write("every.ron", &spec("every: Steps(20)"));
    lab.succeed("run a.ron log.ron every.ron --quiet --no-figures");
    for (name, steps) in [
        ("a", vec!["0", "1", "3", "10", "50"]), // two epochs of 36 samples in batches of 8
        ("log", vec!["0", "1", "10", "50"]),
        ("every", vec!["0", "20", "40", "50"]),
    ] {
        let metrics = lab.table(&format!("results/{name}/metrics.csv"));
        assert_eq!(metrics.select("split=test metric=loss").texts("step"), steps, "{name}");
    }
}

#[test]
fn nothing_is_trained_in_zero_steps_and_all_is_measured_once() {
    let lab = Lab::new("(task: Xor(samples: 40), stop: Steps(0), seeds: 2, arms: [Backprop, FeedbackAlignment])");
    lab.succeed("run a.ron --quiet --no-figures");
    let metrics = lab.table("results/a/metrics.csv");
    assert_eq!(metrics.distinct("step"), ["0"]);
    let angles = metrics.select("arm=feedback-alignment metric=gradient_angle layer=layer1");
    assert_eq!(angles.rows.len(), 2);
}
