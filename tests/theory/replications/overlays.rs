//! Lay each theory over the experiment that it speaks of: the largest gap is within the bound that the file states, and another theory's
//! is not.

use super::*;
use creditlab::experiment::Arm;
use creditlab::report::{self, Overlay, ReportError};
use creditlab::results::Folder;
use creditlab::theory::Theory;
use creditlab::update::Optimizer;
use std::path::PathBuf;

fn plan(name: &str) -> Plan {
    Plan::read(&folder().join(format!("{name}.ron")), &rules::builtin()).unwrap_or_else(|fault| panic!("{fault}"))
}

/// A result, and the figure beside it, which stays to be looked at.
struct Laid {
    theory: Theory,
    plan: Plan,
    results: Folder,
    _lab: Lab,
}

impl Laid {
    fn over(theory: Theory, name: &str) -> Self {
        let lab = replicate(name);
        let results = Folder::open(&lab.path(&format!("results/{name}"))).unwrap();
        let laid = Self {
            theory,
            plan: plan(name),
            results,
            _lab: lab,
        };
        let written = report::draw_theory(&laid.results, &laid.overlay()).unwrap();
        let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join("overlays");
        std::fs::create_dir_all(&kept).unwrap();
        for path in &written {
            let ending = path.extension().unwrap().to_str().unwrap();
            let kept: PathBuf = kept.join(format!("{name}.{ending}"));
            std::fs::copy(path, kept).unwrap();
        }
        assert_eq!(written.len(), 3, "{written:?}");
        let caption = std::fs::read_to_string(laid.results.path().join("figures/theory.txt")).unwrap();
        let gap = format!("{:.1e}", laid.overlay().gap());
        assert!(
            caption.contains(&gap) && caption.contains(laid.overlay().title),
            "{caption}"
        );
        laid
    }

    fn overlay(&self) -> Overlay {
        report::overlay(self.theory, &self.plan, &self.results).unwrap_or_else(|error| panic!("{error}"))
    }

    /// The gap where the theory is told something else of the arms than what they did.
    fn gap_if(&self, change: impl Fn(&mut Vec<Arm>)) -> f64 {
        let mut plan = self.plan.clone();
        change(&mut plan.arms);
        let overlay = report::overlay(self.theory, &plan, &self.results);
        overlay.unwrap_or_else(|error| panic!("{error}")).gap()
    }
}

fn with_rates(arms: &mut [Arm], factor: f64) {
    for arm in arms {
        let rate = arm.settings.optimizer.optimizer.learning_rate();
        arm.settings.optimizer = Optimizer::sgd(factor * rate).into();
    }
}

fn exchanged(arms: &mut [Arm], a: usize, b: usize) {
    let rule = arms[a].rule.clone();
    arms[a].rule = std::mem::replace(&mut arms[b].rule, rule);
}

#[test]
fn deep_linear() {
    let laid = Laid::over(Theory::DeepLinear, "r06_deep_linear");
    let overlay = laid.overlay();
    let gaps = overlay.gaps();
    assert_eq!(gaps.len(), 3);
    for ((name, gap), rate) in gaps.into_iter().zip([1e-2, 1e-3, 1e-4]) {
        assert!(gap <= 2.5 * rate && gap > 1.5 * rate, "{name}: {gap:e}");
    }
    // negative control: another time constant
    assert!(laid.gap_if(|arms| with_rates(arms, 2.0)) > 0.3);
}

#[test]
fn order_parameters() {
    let laid = Laid::over(Theory::OrderParameters, "r08_direct_feedback_theory");
    let overlay = laid.overlay();
    assert_eq!(overlay.series.len(), 5);
    assert!(overlay.gap() <= 0.10, "{}", overlay.gap());
    let within = overlay.series.iter().filter(|series| series.gap <= 0.05).count();
    assert!(within >= 4, "{within}");
    // negative control: another rate
    assert!(laid.gap_if(|arms| with_rates(arms, 2.0)) > 0.10);
}

#[test]
fn forward_gradient() {
    let laid = Laid::over(Theory::ForwardGradient, "r05_forward_gradient");
    let overlay = laid.overlay();
    assert_eq!(overlay.series.len(), 1);
    let directions: Vec<f64> = overlay.series[0].measured.iter().map(|(k, _)| *k).collect();
    assert_eq!(directions, [1.0, 4.0, 16.0]);
    assert!(overlay.gap() <= 0.02, "{}", overlay.gap());
    // negative control: other numbers of directions
    assert!(laid.gap_if(|arms| exchanged(arms, 1, 2)) > 1.0);
}

#[test]
fn relaxed_energy() {
    let laid = Laid::over(Theory::RelaxedEnergy, "r02_relaxed_energy");
    let gap = laid.overlay().gap();
    assert!(gap <= 1e-8, "{gap:e}");
    // negative control: another rate
    assert!(laid.gap_if(|arms| with_rates(arms, 1.05)) > 1e-4);
}

#[test]
fn relaxed_energy_of_a_chain() {
    let laid = Laid::over(Theory::RelaxedEnergy, "r22_saddle");
    let overlay = laid.overlay();
    assert_eq!(overlay.series.len(), 5);
    assert!(overlay.gap() <= 1e-8, "{:e}", overlay.gap());
    let table = laid._lab.table("results/r22_saddle/metrics.csv");
    for (arm, counts) in laid
        .plan
        .arms
        .chunks(5)
        .zip([[26, 42, 60, 78, 97], [39, 90, 190, 391, 792]])
    {
        for (arm, expected) in arm.iter().zip(counts) {
            let losses = table
                .select(&format!("arm={} metric=loss split=train", arm.slug))
                .numbers("value");
            let count = losses
                .iter()
                .position(|loss| *loss < 0.5 * losses[0])
                .expect("a loss that halves");
            assert!(count.abs_diff(expected) <= 1, "{}: {count}", arm.slug);
        }
    }
}

#[test]
fn end_points_of_a_chain() {
    let laid = Laid::over(Theory::Chain, "chain_end_points");
    let overlay = laid.overlay();
    assert_eq!(overlay.series.len(), 8);
    assert!(overlay.gap() <= 2e-3, "{:e}", overlay.gap());
    // negative control: what the other rule conserves is not conserved
    let other = |arms: &mut Vec<Arm>| arms[1].rule = arms[0].rule.clone();
    assert!(laid.gap_if(other) > 0.05);
}

#[test]
fn kolen_pollack() {
    let laid = Laid::over(Theory::KolenPollack, "r01_kolen_pollack");
    let overlay = laid.overlay();
    assert_eq!(overlay.series.len(), 6);
    assert!(overlay.gap() <= 1e-12, "{:e}", overlay.gap());
    // negative control: a decay that is multiplied by the rate
    let decay = |arms: &mut Vec<Arm>| {
        arms[0].settings.optimizer = Optimizer::Sgd {
            learning_rate: 0.1,
            momentum: 0.0,
            decay: 0.001,
            l2: 0.0,
        }
        .into();
    };
    assert!(laid.gap_if(decay) > 0.1);
}

#[test]
fn a_theory_that_does_not_speak_of_a_result_says_why() {
    let laid = Laid::over(Theory::KolenPollack, "r01_kolen_pollack");
    let reason = |theory| match report::overlay(theory, &laid.plan, &laid.results) {
        Err(ReportError::NoTheory(reason)) => reason,
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("{theory:?} speaks of everything"),
    };
    assert_eq!(reason(Theory::DeepLinear), "no arm is trained by `Backprop`");
    assert_eq!(reason(Theory::OrderParameters), "the task is no `NonlinearTeacher`");
    assert!(reason(Theory::ForwardGradient).starts_with("no arm is trained by `ForwardGradient(space: Weights)`"));
    assert_eq!(reason(Theory::RelaxedEnergy), "no arm is trained by `PredictiveCoding`");
    assert_eq!(
        reason(Theory::Chain),
        "no arm is trained by `Backprop` or `FeedbackAlignment`"
    );
}
