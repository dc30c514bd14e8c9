//! State the laws of a single proposal or prediction.

use crate::conformance::audit::findings;
use crate::conformance::case::{Case, KEPT, Verdict, batch, near, select};
use crate::linalg::Matrix;
use crate::rules::{Bind, FeedbackPath};
use crate::runner::{Batch, Training};

/// Steps after which a proposal is looked at: the rule's state has moved.
const WARM: u64 = 6;

fn warm<T: Bind>(case: &Case<'_>) -> Result<(Training<T>, Batch<T>), String> {
    Ok((case.after(WARM)?, batch(case.setup, case.setup.batch, 1000)))
}

fn note(text: &str) -> Verdict {
    Ok(Some(text.to_string()))
}

/// The proposal of a batch is the mean of what its samples alone would give: 1/batch stands in exactly one place.
pub fn mean_of_samples<T: Bind>(case: &Case<'_>) -> Verdict {
    let needs = case.rule.needs();
    if needs.draws || needs.batch_statistics {
        return note("does not apply: the rule draws, or needs statistics of the batch");
    }
    let (mut training, batch) = warm::<T>(case)?;
    let whole = case.probe(&mut training, &batch, 0).flat();
    let size = batch.samples.len();
    let mut mean = vec![0.0; whole.len()];
    for i in 0..size {
        let one = case.probe(&mut training, &select(&batch, &[i]), 0).flat();
        if one.len() != mean.len() {
            return Err(format!("sample {i} alone trains other layers than the batch"));
        }
        mean.iter_mut().zip(one).for_each(|(mean, x)| *mean += x / size as f64);
    }
    near::<T>("the batch against the mean of its samples", &whole, &mean, 1e-5, 1e-12)?;
    KEPT
}

/// The samples of a batch can come in any order.
pub fn order_of_samples<T: Bind>(case: &Case<'_>) -> Verdict {
    if case.rule.needs().draws {
        return note("does not apply: each sample has its own draws");
    }
    let (mut training, batch) = warm::<T>(case)?;
    let backwards: Vec<_> = (0..batch.samples.len()).rev().collect();
    let one = case.probe(&mut training, &batch, 0).flat();
    let other = case.probe(&mut training, &select(&batch, &backwards), 0).flat();
    near::<T>("the batch against itself backwards", &other, &one, 1e-5, 1e-12)?;
    KEPT
}

/// Where the rule's own prediction is the target (for the cross-entropy its softmax), nothing is left to learn.
pub fn zero_error<T: Bind>(case: &Case<'_>) -> Verdict {
    if !case.rule.needs().error_driven {
        return note("does not apply: the rule is not driven by the error");
    }
    let (mut training, batch) = warm::<T>(case)?;
    let usual = case.probe(&mut training, &batch, 0).norm();
    let targets = case.errorless_targets(&mut training, &batch.input);
    let update = case.probe(&mut training, &Batch { targets, ..batch }, 0).norm();
    let tolerance = if size_of::<T>() == 4 { 1e-4 } else { 1e-10 };
    if update <= tolerance * usual {
        KEPT
    } else {
        Err(format!(
            "without an error the update's length is {update:.1e}, usually {usual:.1e}"
        ))
    }
}

/// A proposal depends on its random stream exactly where `needs().draws` says so.
pub fn draws<T: Bind>(case: &Case<'_>) -> Verdict {
    let (mut training, batch) = warm::<T>(case)?;
    let draws = case.rule.needs().draws;
    let one = case.probe(&mut training, &batch, 0).flat();
    // what is drawn may seldom matter
    let most = if draws { 64 } else { 1 };
    let depends = (1..=most).any(|stream| case.probe(&mut training, &batch, stream).flat() != one);
    match (draws, depends) {
        (false, true) => Err("the proposal depends on its stream, which needs().draws denies".to_string()),
        (true, false) => Err("the proposal does not depend on its stream, though needs().draws says so".to_string()),
        _ => KEPT,
    }
}

/// What an experiment can tell of the rule's needs is what it declares.
pub fn needs(case: &Case<'_>) -> Verdict {
    let findings = findings(case)?;
    match findings.iter().find(|finding| finding.declared != finding.found) {
        Some(wrong) if wrong.declared => Err(format!("`{}` is declared, and nothing depends on it", wrong.need)),
        Some(wrong) => Err(format!(
            "`{}` is not declared, and the update depends on it",
            wrong.need
        )),
        None if findings.is_empty() => note("not tried: the rule leaves the hidden layers alone"),
        None => KEPT,
    }
}

/// A prediction is finite, has a number for each output, and does not depend on which samples are predicted together; unless
/// `predicts()`, it is the forward pass.
pub fn predictions<T: Bind>(case: &Case<'_>) -> Verdict {
    let (mut training, batch) = warm::<T>(case)?;
    let trace = case.predict(&mut training, &batch.input);
    let prediction = trace.output().a;
    let shape = (training.network.outputs(), batch.input.ncols());
    if prediction.shape() != shape {
        return Err(format!("a prediction of shape {:?}, not {shape:?}", prediction.shape()));
    }
    if prediction.iter().any(|x| !x.is_finite()) {
        return Err("a prediction that is not finite".to_string());
    }
    if !case.rule.needs().batch_statistics {
        for (i, together) in prediction.column_iter().enumerate() {
            let alone = case.predict(&mut training, &select(&batch, &[i]).input);
            let numbers = |x: &T| x.to_f64();
            let together: Vec<_> = together.iter().map(numbers).collect();
            let alone: Vec<_> = alone.output().a.iter().map(numbers).collect();
            near::<T>("a prediction alone and beside others", &together, &alone, 1e-5, 1e-12)?;
        }
    }
    if case.rule.predicts() {
        return KEPT;
    }
    let mut forward = trace.clone();
    training.network.forward(&mut forward);
    if forward.output().a == prediction {
        KEPT
    } else {
        Err("the prediction is not the forward pass, yet predicts() is false".to_string())
    }
}

/// Feedback weights that are shown have the shape that their path declares.
pub fn feedback<T: Bind>(case: &Case<'_>) -> Verdict {
    let training = case.after::<T>(WARM)?;
    let network = &training.network;
    let mut shown = Matrix::from_element(1, 1, T::ZERO);
    for (l, layer) in network.layers.iter().enumerate() {
        let shape = match training.seats[0].learner.feedback(network, l, &mut shown) {
            None => continue,
            Some(FeedbackPath::Sequential) => layer.wiring.weight_shape(),
            Some(FeedbackPath::Direct) if shown.nrows() == layer.units() => (layer.units(), network.outputs()),
            Some(FeedbackPath::Direct) => (layer.outputs(), network.outputs()),
        };
        if shown.shape() != shape {
            let found = shown.shape();
            return Err(format!("layer {l} shows feedback of shape {found:?}, not {shape:?}"));
        }
    }
    KEPT
}

/// On a task that is not linearly separable, every layer that the rule says it trains gets an update that is not zero.
pub fn trained_layers<T: Bind>(case: &Case<'_>) -> Verdict {
    let mut training = case.alone::<T>()?;
    let mut moved = vec![false; training.network.depth()];
    let mut claimed = moved.clone();
    for _ in 0..10 {
        let step = training.step;
        let update = case.probe(&mut training, &case.batch(step), step);
        for (l, layer) in update.layers.iter().enumerate() {
            claimed[l] |= layer.is_some();
            moved[l] |= layer.iter().flatten().any(|x| *x != 0.0);
        }
        case.go(&mut training, 1)?;
    }
    match (0..moved.len()).find(|&l| claimed[l] && !moved[l]) {
        Some(l) => Err(format!(
            "layer {l} is said to be trained, but its update is always zero"
        )),
        None => KEPT,
    }
}
