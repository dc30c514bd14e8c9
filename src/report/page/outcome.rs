//! Say what an experiment asked, and what came out.

use super::super::data::{ArmRuns, Data, MeanAndInterval};
use super::super::finals::FinalScore;
use super::super::{legend, quantities};
use super::markup::{Heading, code, counted, fields, figures, row, said, table, words};
use super::settings::StoredExperiment;
use crate::html::escape;
use crate::results::{At, ComparisonRow};
use crate::stats::Interval;
use crate::stats::written::{interval, number, optional, probability};

/// The fields that say most of an experiment.
const FIRST: [&str; 6] = ["task", "network", "optimizer", "stop", "seeds", "compare"];

/// The fields that all arms share, and how many runs there are.
pub fn asked(data: &Data, experiment: Option<&StoredExperiment<'_>>) -> String {
    let runs: usize = data.arms.iter().map(ArmRuns::runs).sum();
    let diverged: usize = data.arms.iter().map(|arm| arm.diverged).sum();
    let diverged = match diverged {
        0 => String::new(),
        _ => format!(", of which {diverged} diverged"),
    };
    let mut text = format!("<p>{} arms, {runs} runs{diverged}.</p>\n", data.arms.len());
    let Some(experiment) = experiment else {
        return text;
    };
    let (first, others): (Vec<_>, Vec<_>) = experiment.shared().partition(|(name, _)| FIRST.contains(name));
    text += &fields(&first);
    text += &format!(
        "<details class=\"open-on-paper\"><summary>Other settings that all arms share</summary>\n{}</details>\n",
        fields(&others)
    );
    text
}

/// A row an arm: its final score, how many of its runs count, how it compares with the reference, and in what it differs.
pub fn came_out(data: &Data, paths: &[String], comparisons: &[ComparisonRow]) -> String {
    let score = FinalScore::shown(data);
    let of_score = |row: &&ComparisonRow| {
        let score = score.as_ref();
        row.at == At::Final && score.is_some_and(|score| row.metric == score.metric.name && row.split == score.split)
    };
    let shown = Shown {
        is_tuned: data.arms.iter().any(|arm| arm.tuned.is_some()),
        has_names: data.arms.iter().any(|arm| arm.row.rule != arm.row.label),
        compared: comparisons.iter().filter(of_score).collect(),
        score,
    };
    let rows = data.arms.iter().enumerate();
    let rows: String = rows
        .map(|(place, arm)| row(Some(place), &shown.cells(data, place, arm)))
        .collect();
    let mut text = table(&shown.headings(data, paths), &rows);
    if !shown.is_tuned {
        text += "<p>Nothing was tuned: every arm ran with the settings that it was given.</p>\n";
    }
    if let Some(first) = shown.compared.first() {
        text += &format!(
            "<p>p: paired tests of the arms against {} over equal seeds, corrected by Holm's method for {} tests.</p>\n",
            escape(label_of(data, &first.to)),
            first.family_size
        );
    }
    text
}

/// Which columns there are.
struct Shown<'a> {
    score: Option<FinalScore>,
    /// Whether some arms were tuned.
    is_tuned: bool,
    /// Comparisons of the final score.
    compared: Vec<&'a ComparisonRow>,
    /// Whether some arms are called otherwise than their rules.
    has_names: bool,
}

impl Shown<'_> {
    fn headings(&self, data: &Data, paths: &[String]) -> Vec<Heading> {
        let mut headings: Vec<Heading> = words(["Arm"]).into();
        if let Some(score) = &self.score {
            headings.push(Heading::Figures(score.title()));
            headings.extend(figures(["95 % interval", "n"]));
        }
        headings.extend(figures(["diverged"]));
        if self.is_tuned {
            headings.extend(words(["tuned"]));
        }
        if let Some(first) = self.compared.first() {
            let to = format!("difference to {}", label_of(data, &first.to));
            headings.extend([to, "p (Holm)".to_owned()].map(Heading::Figures));
        }
        if self.has_names {
            headings.extend(words(["rule"]));
        }
        headings.extend(paths.iter().cloned().map(Heading::Words));
        headings
    }

    fn cells(&self, data: &Data, place: usize, arm: &ArmRuns) -> Vec<String> {
        let mut cells = vec![name(place, arm)];
        if let Some(score) = &self.score {
            cells.extend(final_cells(data, place, score));
        }
        cells.push(counted(&arm.diverged.to_string()));
        if self.is_tuned {
            cells.push(said(if arm.tuned == Some(true) { "tuned" } else { "untuned" }));
        }
        if !self.compared.is_empty() {
            let found = self.compared.iter().find(|row| row.arm == arm.row.arm);
            let factor = self
                .score
                .as_ref()
                .map_or(1.0, |score| quantities::factor(&score.metric));
            let difference = found.and_then(|row| row.mean_difference);
            cells.push(counted(&optional(difference.map(|difference| factor * difference))));
            cells.push(counted(&probability(found.and_then(|row| row.p_holm))));
        }
        if self.has_names {
            cells.push(code(&arm.row.rule));
        }
        let settings = arm.row.settings.iter();
        cells.extend(settings.map(|setting| code(setting.as_deref().unwrap_or_default())));
        cells
    }
}

/// The heading of an arm's row: what lights it up, with a piece of its curve.
fn name(place: usize, arm: &ArmRuns) -> String {
    let (sample, label) = (legend::sample(place), escape(&arm.row.label));
    format!(
        "<th scope=\"row\"><button type=\"button\" class=\"arm\" data-arm=\"{place}\" aria-pressed=\"false\">{sample}{label}</button></th>"
    )
}

/// Final mean, its interval, and how many runs it is of; what there is not is empty.
fn final_cells(data: &Data, place: usize, score: &FinalScore) -> [String; 3] {
    let found: Option<MeanAndInterval> = data.final_score(place, &score.metric, score.split);
    let ends = found.and_then(|(_, ends)| ends);
    let n = data.final_statistics(place, &score.metric, score.split);
    [
        found.map_or_else(String::new, |(mean, _)| number(mean)),
        interval(ends.map(|(low, high)| Interval { low, high })),
        n.map_or_else(String::new, |row| row.n.to_string()),
    ]
    .map(|text| counted(&text))
}

/// Every comparison that the experiment asked for.
pub fn compared(data: &Data, comparisons: &[ComparisonRow]) -> String {
    if comparisons.is_empty() {
        return String::new();
    }
    let mut headings: Vec<Heading> = words(["Arm", "against", "metric", "on", "at"]).into();
    headings.extend(figures([
        "pairs",
        "mean difference",
        "95 % interval",
        "p",
        "p (Holm)",
        "d_z",
    ]));
    let of_row = |compared: &ComparisonRow| {
        let at = match compared.at {
            At::Final => "the end",
            At::BestValidation => "the lowest validation loss",
        };
        let ends = compared.ci_low.zip(compared.ci_high);
        let numbers = [
            compared.n.to_string(),
            optional(compared.mean_difference),
            interval(ends.map(|(low, high)| Interval { low, high })),
            probability(compared.p),
            probability(compared.p_holm),
            optional(compared.cohen_dz),
        ];
        let (arm, to) = (label_of(data, &compared.arm), label_of(data, &compared.to));
        let mut cells = [arm, to, &compared.metric, &compared.split, at].map(said).to_vec();
        cells.extend(numbers.map(|text| counted(&text)));
        row(data.arms.iter().position(|arm| arm.row.arm == compared.arm), &cells)
    };
    let rows: String = comparisons.iter().map(of_row).collect();
    table(&headings, &rows)
}

/// The label of the arm with this slug.
fn label_of<'a>(data: &'a Data, slug: &'a str) -> &'a str {
    let arm = data.arms.iter().find(|arm| arm.row.arm == slug);
    arm.map_or(slug, |arm| &arm.row.label)
}
