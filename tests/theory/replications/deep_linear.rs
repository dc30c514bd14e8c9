//! R06: the learning curves of a deep linear network follow the formula of Saxe, McClelland and Ganguli.

use super::*;
use creditlab::theory::deep_linear::strength;

const EXPERIMENT: &str = "r06_deep_linear";
/// Arm, rate, steps up to `t = 15`, and the largest `|u − theory| / s` of an independent program.
const ARMS: [(&str, f64, u64, f64); 3] = [
    ("eta-1e-2", 1e-2, 1500, 2.236e-2),
    ("eta-1e-3", 1e-3, 15_000, 2.236e-3),
    ("eta-1e-4", 1e-4, 150_000, 2.235e-4),
];
const START: f64 = 1e-3;

/// The steps at which a run has left its weights.
fn steps(lab: &Lab, arm: &str) -> Vec<u64> {
    let folder = lab.path(&format!("results/{EXPERIMENT}/weights/{arm}/0"));
    let files = std::fs::read_dir(folder).unwrap();
    let name = |file: std::fs::DirEntry| file.file_name().into_string().unwrap();
    let step = |name: String| name["step-".len()..name.find('.').unwrap()].parse().unwrap();
    let mut steps: Vec<u64> = files.map(|file| step(name(file.unwrap()))).collect();
    steps.sort_unstable();
    steps
}

/// The slope of the line through three points, by least squares.
fn slope(points: [(f64, f64); 3]) -> f64 {
    let (x, y) = (mean(&points.map(|p| p.0)), mean(&points.map(|p| p.1)));
    let product: f64 = points.iter().map(|p| (p.0 - x) * (p.1 - y)).sum();
    product / points.iter().map(|p| (p.0 - x).powi(2)).sum::<f64>()
}

/// Both layers' weights of a mode stay equal, and each step makes `w + η (s − w²) w` of them: the product `w²` is what the program's
/// weights must show wherever they are saved, and is compared with the formula at every step.
#[test]
fn learning_curves_are_those_of_the_theory() {
    let lab = replicate(EXPERIMENT);
    let start = arrays::load(&folder().join("r06_start.safetensors")).unwrap();
    let (u, v, s) = (
        matrix(&start, "modes.u"),
        matrix(&start, "modes.v"),
        matrix(&start, "modes.s"),
    );
    assert_eq!(s.as_slice(), [3.0, 2.5, 2.0, 1.5, 1.0, 0.5]);
    let mut points = Vec::new();
    for (arm, rate, end, published) in ARMS {
        let saved_at = steps(&lab, arm);
        assert!(saved_at.len() > 25 && saved_at.last() == Some(&end), "{saved_at:?}");
        let mut modes = [START.sqrt(); 6];
        let (mut seen, mut worst, mut worst_saved) = (0, 0.0f64, 0.0f64);
        for step in 0..=end {
            let t = rate * step as f64;
            for (w, s) in modes.iter().zip(s.iter()) {
                worst = worst.max((w * w - strength(*s, START, t)).abs() / s);
            }
            if saved_at.contains(&step) {
                seen += 1;
                let arrays = saved(&lab, EXPERIMENT, arm, 0, step);
                let map = u.transpose() * matrix(&arrays, "layer2.weight") * matrix(&arrays, "layer1.weight") * &v;
                let by_modes = Matrix::from_fn(6, 6, |i, j| if i == j { modes[i] * modes[i] } else { 0.0 });
                assert!((&map - by_modes).amax() < 1e-9, "{arm}, step {step}");
                for (u, s) in map.diagonal().iter().zip(s.iter()) {
                    worst_saved = worst_saved.max((u - strength(*s, START, t)).abs() / s);
                }
            }
            for (w, s) in modes.iter_mut().zip(s.iter()) {
                *w += rate * (s - *w * *w) * *w;
            }
        }
        assert_eq!(seen, saved_at.len());
        println!("R06 {arm}: {worst:e} over all steps, {worst_saved:e} over saved ones");
        assert!(worst_saved <= worst && worst <= 2.5 * rate, "{arm}: {worst:e}");
        assert!((worst / published - 1.0).abs() < 1e-3, "{arm}: {worst:e}");
        // negative control: the bound is not idle
        assert!(worst_saved > 2.0 * rate, "{arm}: {worst_saved:e}");
        points.push((rate.ln(), worst_saved.ln(), worst.ln()));
    }
    let points: [(f64, f64, f64); 3] = points.try_into().unwrap();
    for slope in [slope(points.map(|p| (p.0, p.1))), slope(points.map(|p| (p.0, p.2)))] {
        println!("R06 slope {slope}");
        assert!((slope - 1.0).abs() <= 0.05, "{slope}");
    }
}
