//! Write final scores as a table for `booktabs`.

use super::super::data::Data;
use super::super::finals::{self, FinalScore};
use super::super::layers;
use super::super::titled::Titled;
use super::text::escaped;
use crate::results::IntervalMethod;
use std::fmt::Write;

const HEAD: &str = "% \\input this file; the preamble needs \\usepackage{booktabs}\n";

/// A row an arm: mean of the final score and half its interval, and where there are angles to a reference, the one at the end.
pub fn scores(data: &Data) -> String {
    let Some(score) = FinalScore::shown(data) else {
        return "% no run has a score\n".to_owned();
    };
    let reference = layers::reference(data);
    let angles = reference
        .as_deref()
        .map(|reference| data.final_angles("hidden", reference))
        .unwrap_or_default();
    let method = score.interval_method(data).unwrap_or(IntervalMethod::T95);
    let mut text = format!(
        "{HEAD}% {}, mean over seeds, with {} of the mean\n",
        score.named(),
        super::super::caption::interval(method)
    );
    let columns = if angles.is_empty() { "lrrr" } else { "lrrrr" };
    let _ = writeln!(text, "\\begin{{tabular}}{{{columns}}}\n\\toprule");
    let mut heads = vec![
        "rule".to_owned(),
        escaped(&score.title()),
        "runs".to_owned(),
        "diverged".to_owned(),
    ];
    if let Some(reference) = reference.as_deref().filter(|_| !angles.is_empty()) {
        heads.push(format!("angle to {} (${{}}^\\circ$)", escaped(reference)));
    }
    let _ = writeln!(text, "{} \\\\\n\\midrule", heads.join(" & "));
    for arm in data.drawable() {
        let row = finals::row(data, arm, &score);
        let counted = &data.arms[arm];
        let mut cells = vec![
            escaped(&row.label),
            escaped(&row.numbers),
            counted.finished.len().to_string(),
            counted.diverged.to_string(),
        ];
        if !angles.is_empty() {
            let angle = angles.get(&arm).map(|(mean, interval)| match interval {
                Some((low, high)) => format!("{mean:.1} $\\pm$ {:.1}", (high - low) / 2.0),
                None => format!("{mean:.1}"),
            });
            cells.push(angle.unwrap_or_else(|| "--".to_owned()));
        }
        let _ = writeln!(text, "{} \\\\", cells.join(" & "));
    }
    text + "\\bottomrule\n\\end{tabular}\n"
}

/// A row an arm, and of each result the mean of the final score and half its interval.
pub fn side_by_side(results: &[Titled]) -> String {
    let scored = results
        .iter()
        .filter_map(|result| Some((result, FinalScore::shown(&result.data)?)));
    let scored: Vec<(&Titled, FinalScore)> = scored.collect();
    let Some((first, _)) = scored.first() else {
        return "% no run has a score\n".to_owned();
    };
    let mut text = HEAD.to_owned();
    for (Titled { title, data }, score) in &scored {
        let method = score.interval_method(data).unwrap_or(IntervalMethod::T95);
        let interval = super::super::caption::interval(method);
        let _ = writeln!(
            text,
            "% {}: {}, mean over seeds, with {interval} of the mean",
            escaped(title),
            score.title()
        );
    }
    let _ = writeln!(text, "\\begin{{tabular}}{{l{}}}\n\\toprule", "r".repeat(scored.len()));
    let heads = scored.iter().map(|(result, _)| escaped(&result.title));
    let _ = writeln!(text, "rule & {} \\\\\n\\midrule", heads.collect::<Vec<_>>().join(" & "));
    for arm in first.data.drawable() {
        let cells = scored.iter().map(|(result, score)| {
            let row = finals::row(&result.data, arm, score);
            row.value.map_or_else(|| "--".to_owned(), |_| escaped(&row.numbers))
        });
        let label = escaped(&first.data.arms[arm].row.label);
        let _ = writeln!(text, "{label} & {} \\\\", cells.collect::<Vec<_>>().join(" & "));
    }
    text + "\\bottomrule\n\\end{tabular}\n"
}
