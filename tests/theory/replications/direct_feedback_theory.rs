//! R08: online learning by direct feedback alignment follows the equations of motion of its order parameters.

use super::*;
use creditlab::tasks::Task;
use creditlab::theory::OrderParameters;

const EXPERIMENT: &str = "r08_direct_feedback_theory";
const RATE: f64 = 0.1;
const INPUTS: u64 = 500;
const TIMES: [u64; 7] = [1, 2, 5, 10, 20, 50, 100];
const STUDENTS: usize = 2;

/// The order parameters at the [`TIMES`], by Euler's method.
fn motion(mut order: OrderParameters, f: &[f64]) -> [OrderParameters; TIMES.len()] {
    let mut hundredths = 0;
    TIMES.map(|time| {
        while hundredths < 100 * time {
            order.advance(f, RATE, 0.01);
            hundredths += 1;
        }
        order.clone()
    })
}

/// The teacher that the experiment's task draws.
fn teacher() -> Matrix<f64> {
    let plan = Plan::read(&folder().join(format!("{EXPERIMENT}.ron")), &rules::builtin())
        .unwrap_or_else(|fault| panic!("{fault}"));
    let Task::NonlinearTeacher(task) = plan.task else {
        panic!("another task")
    };
    let (w, v) = task.matrices();
    assert_eq!(v.as_slice(), [1.0, 1.0]);
    w
}

#[test]
fn order_parameters_follow_their_equations_of_motion() {
    let lab = replicate(EXPERIMENT);
    let table = lab.table(&format!("results/{EXPERIMENT}/metrics.csv"));
    let teacher = teacher();
    let arm = "direct-feedback-alignment";
    let order = |seed, step| {
        let arrays = saved(&lab, EXPERIMENT, arm, seed, step);
        OrderParameters::of(
            &matrix(&arrays, "layer1.weight"),
            matrix(&arrays, "layer2.weight").as_slice(),
            &teacher,
            &[1.0, 1.0],
        )
    };
    let mut within = 0;
    for seed in 0..5 {
        let f = matrix(&saved(&lab, EXPERIMENT, arm, seed, 0), "layer1.direct_feedback");
        let predicted = motion(order(seed, 0), f.as_slice());
        let simulated = TIMES.map(|time| order(seed, INPUTS * time));
        let ratios: Vec<f64> = (simulated.iter().zip(&predicted))
            .map(|(s, p)| s.error() / p.error())
            .collect();
        println!("R08 seed {seed}: simulated over predicted {ratios:.4?}");
        assert!(
            ratios.iter().all(|ratio| (ratio - 1.0).abs() <= 0.10),
            "seed {seed}: {ratios:?}"
        );
        within += usize::from(ratios.iter().all(|ratio| (ratio - 1.0).abs() <= 0.05));
        let last = TIMES.len() - 1;
        for k in 0..STUDENTS {
            if predicted[last].output_weights()[k] * f[k] > 0.0 {
                assert!(
                    simulated[last].output_weights()[k] * f[k] > 0.0,
                    "seed {seed}, unit {k}"
                );
            }
            let apart = (simulated[last].output_weights()[k] - predicted[last].output_weights()[k]).abs();
            println!(
                "R08 seed {seed}: v {:.3}, predicted {:.3}, F {:.3}, apart {apart:.3}",
                simulated[last].output_weights()[k],
                predicted[last].output_weights()[k],
                f[k]
            );
        }
        // what the test set says is the same, within five standard errors of its 10,000 samples were errors normal
        for (time, order) in TIMES.iter().zip(&simulated) {
            let rows = format!("arm={arm} seed={seed} metric=loss split=test step={}", INPUTS * time);
            let loss = table.select(&rows).number("value");
            assert!(
                (loss / order.error() - 1.0).abs() < 5.0 * (2.0f64 / 1e4).sqrt(),
                "{rows}: {loss}"
            );
        }
        // negative control: feedback of half the size
        let halved: Vec<_> = f.iter().map(|f| 0.5 * f).collect();
        let other = motion(order(seed, 0), &halved);
        let mut ratios = simulated.iter().zip(&other).map(|(s, p)| s.error() / p.error());
        assert!(ratios.any(|ratio| (ratio - 1.0).abs() > 0.10), "seed {seed}");
    }
    println!("R08: {within} of 5 seeds within 5 %");
    assert!(within >= 4, "{within}");
}
