//! Compare arms with one of them, pair by pair of equal seeds: the rows of `comparisons.csv`.

use super::names::COMPARISONS;
use super::question::{Question, ValuesBySeed};
use super::{ArmRow, ArmTable, At, Folder, MetricRow, ResultsError, Row, RunRow, experiment, manifest, moments, table};
use crate::experiment::{Compare, Occasion, written_compare};
use crate::stats::{Comparison, Method, Test, holm};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;

/// One arm compared with another: a row of `comparisons.csv`. What the pairs cannot tell is an empty cell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ComparisonRow {
    /// The arm's slug.
    pub arm: String,
    /// The slug of the arm that it is compared with.
    pub to: String,
    /// What is compared: `accuracy` and `loss` are of the rule's own prediction where an arm predicts in its own way.
    pub metric: String,
    /// On which part of the data.
    pub split: String,
    /// When.
    pub at: At,
    /// Seeds with which both arms finished and have the value.
    pub n: u64,
    /// Mean over these seeds of the arm's value minus the other's.
    pub mean_difference: Option<f64>,
    /// Lower end of the 95 % interval of the mean difference: Student's t with the paired t test, the BCa bootstrap with Wilcoxon's.
    pub ci_low: Option<f64>,
    /// Its upper end.
    pub ci_high: Option<f64>,
    /// The test, if there is a p value.
    pub test: Option<Method>,
    /// The test's p value, on both sides.
    pub p: Option<f64>,
    /// The p value corrected by Holm's method for its family: all p values of the metric in this file.
    pub p_holm: Option<f64>,
    /// How many p values the family has; they may be fewer than rows.
    pub family_size: u64,
    /// Mean difference over the standard deviation of the differences.
    pub cohen_dz: Option<f64>,
}

impl Row for ComparisonRow {
    const HEADER: &'static str =
        "arm,to,metric,split,at,n,mean_difference,ci_low,ci_high,test,p,p_holm,family_size,cohen_dz";
}

impl From<Occasion> for At {
    fn from(occasion: Occasion) -> Self {
        match occasion {
            Occasion::Final => Self::Final,
            Occasion::BestValidation => Self::BestValidation,
        }
    }
}

/// Compares values that two arms have with the same seeds.
pub fn compare_seeds(arm: &ValuesBySeed, to: &ValuesBySeed, test: Test) -> Comparison {
    let pairs: Vec<_> = arm
        .iter()
        .filter_map(|(seed, value)| Some((*value, *to.get(seed)?)))
        .collect();
    Comparison::of(&pairs, test)
}

/// The p values that there are, corrected by Holm's method, in their places; and how many they are.
pub fn family(comparisons: &[Comparison]) -> (Vec<Option<f64>>, usize) {
    let found: Vec<f64> = comparisons.iter().filter_map(|c| Some(c.finding?.p)).collect();
    let mut corrected = holm(&found).into_iter();
    let in_place = comparisons.iter().map(|c| c.finding.and_then(|_| corrected.next()));
    (in_place.collect(), found.len())
}

/// The values that comparisons are made of, gathered run by run.
pub struct PairedValues<'a> {
    compare: &'a Compare,
    /// A metric and a moment each.
    questions: Vec<Question<'a>>,
    /// By question and arm.
    answers: BTreeMap<(usize, String), ValuesBySeed>,
}

impl<'a> PairedValues<'a> {
    /// Before any run.
    pub fn new(compare: &'a Compare) -> Self {
        let moments = || compare.at.iter().map(|occasion| At::from(*occasion));
        let of_metric =
            |metric: &'a String| moments().map(move |at| Question::new(metric, compare.split_of(metric), at));
        Self {
            compare,
            questions: compare.metrics.iter().flat_map(of_metric).collect(),
            answers: BTreeMap::new(),
        }
    }

    /// Adds a run of an arm with its rows of `metrics.csv`.
    pub fn add(&mut self, arm: &ArmRow, run: &RunRow, rows: &[MetricRow]) {
        let moments: Vec<_> = moments(run, rows).collect();
        for (place, question) in self.questions.iter().enumerate() {
            for (seed, value) in question.values(arm, &moments) {
                let of_arm = self.answers.entry((place, arm.arm.clone())).or_default();
                of_arm.insert(seed, value);
            }
        }
    }

    /// Every arm but the one compared with, for each metric and moment; sorted by arm, metric and moment.
    pub fn rows(mut self, arms: &[ArmRow]) -> Vec<ComparisonRow> {
        let to = &self.compare.to;
        if arms.iter().all(|arm| arm.arm != *to) {
            return Vec::new();
        }
        let mut rows = Vec::new();
        for (metric, places) in self.families() {
            let mut asked: Vec<(&ArmRow, Question<'_>)> = Vec::new();
            let mut answers: Vec<Comparison> = Vec::new();
            for place in places {
                let base = self.take(place, to);
                for arm in arms.iter().filter(|arm| arm.arm != *to) {
                    asked.push((arm, self.questions[place]));
                    answers.push(compare_seeds(&self.take(place, &arm.arm), &base, self.compare.test));
                }
            }
            let (corrected, size) = family(&answers);
            for (((arm, question), answer), p_holm) in asked.into_iter().zip(answers).zip(corrected) {
                rows.push(ComparisonRow {
                    arm: arm.arm.clone(),
                    to: to.clone(),
                    metric: metric.to_owned(),
                    split: question.split.to_owned(),
                    at: question.at,
                    n: answer.n as u64,
                    mean_difference: answer.mean_difference,
                    ci_low: answer.interval.map(|interval| interval.low),
                    ci_high: answer.interval.map(|interval| interval.high),
                    test: answer.finding.map(|finding| finding.method),
                    p: answer.finding.map(|finding| finding.p),
                    p_holm,
                    family_size: size as u64,
                    cohen_dz: answer.cohen_dz,
                });
            }
        }
        rows.sort_by(|a, b| (&a.arm, &a.metric, a.at).cmp(&(&b.arm, &b.metric, b.at)));
        rows
    }

    /// The metrics, each with the places of its questions: their p values are corrected together.
    fn families(&self) -> Vec<(&'a str, Range<usize>)> {
        let moments = self.compare.at.len();
        let of_metric = |(i, metric): (usize, &'a String)| (&**metric, i * moments..(i + 1) * moments);
        self.compare.metrics.iter().enumerate().map(of_metric).collect()
    }

    fn take(&mut self, question: usize, arm: &str) -> ValuesBySeed {
        self.answers.remove(&(question, arm.to_owned())).unwrap_or_default()
    }
}

/// Writes `comparisons.csv` again from the other files of a result, if its `experiment.ron` says what is compared; gives its path.
///
/// # Errors
/// A file that is damaged, or, but for `experiment.ron`, missing.
pub fn rewrite_comparisons(folder: &Folder) -> Result<Option<PathBuf>, ResultsError> {
    let path = |name: &str| folder.path().join(name);
    let Some(document) = experiment(folder)? else {
        return Ok(None);
    };
    let arms = ArmTable::read(&path("arms.csv"))?.rows;
    let slugs: Vec<&str> = arms.iter().map(|arm| &*arm.arm).collect();
    let Some(compare) = written_compare(&document, &slugs).map_err(ResultsError::Experiment)? else {
        return Ok(None);
    };
    let mut compared = PairedValues::new(&compare);
    let arm_of: BTreeMap<&str, &ArmRow> = arms.iter().map(|arm| (&*arm.arm, arm)).collect();
    let runs: Vec<RunRow> = table::read(&path("runs.csv"))?;
    let run_of: BTreeMap<(&str, u64), &RunRow> = runs.iter().map(|run| (run.key(), run)).collect();
    for rows in table::rows_of_runs(&path("metrics.csv"))? {
        let rows = rows?;
        let run = rows[0].run();
        if let (Some(arm), Some(run)) = (arm_of.get(run.0), run_of.get(&run)) {
            compared.add(arm, run, &rows);
        }
    }
    let rows = compared.rows(&arms);
    manifest::replace(folder, COMPARISONS, &table::encode(&rows))?;
    Ok(Some(path(COMPARISONS)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::Part;
    use crate::results::made_up::{arm, run, value};
    use crate::results::{Prediction, Status, encode, read};
    use std::fs;

    fn comparisons(compare: &Compare, arms: &[ArmRow], metrics: &[MetricRow], runs: &[RunRow]) -> Vec<ComparisonRow> {
        let mut compared = PairedValues::new(compare);
        for run in runs {
            let arm = arms.iter().find(|arm| arm.arm == run.arm).unwrap();
            let rows = metrics
                .iter()
                .filter(|row| (&row.arm, row.seed) == (&run.arm, run.seed));
            compared.add(arm, run, &rows.cloned().collect::<Vec<_>>());
        }
        compared.rows(arms)
    }

    fn compare(metrics: &[&str]) -> Compare {
        Compare {
            to: "base".into(),
            metrics: metrics.iter().map(|metric| (*metric).to_owned()).collect(),
            test: Test::PairedT,
            split: Part::Test,
            at: vec![Occasion::Final, Occasion::BestValidation],
        }
    }

    /// Differences 1, 2, 3 at the end: mean 2, sd 1, so t = 2 √3 and d_z = 2. Seed 3 diverged in one arm, seed 4 is in one only.
    #[test]
    fn pairs_are_finished_runs_of_equal_seeds() {
        let arms = [arm("base", Prediction::Forward), arm("other", Prediction::Own)];
        let mut metrics = Vec::new();
        let mut runs = Vec::new();
        for seed in 0..4 {
            let difference = seed as f64 + 1.0;
            metrics.push(value("base", seed, 5, "loss", 7.0));
            metrics.push(value("base", seed, 10, "loss", 10.0));
            metrics.push(value("other", seed, 10, "loss", 99.0));
            metrics.push(value("other", seed, 10, "own_loss", 10.0 + difference));
            runs.push(run("base", seed, Status::Finished, Some(5), 10));
            let status = if seed == 3 { Status::Diverged } else { Status::Finished };
            runs.push(run("other", seed, status, Some(10), 10));
        }
        metrics.push(value("base", 4, 10, "loss", 0.0));
        runs.push(run("base", 4, Status::Finished, None, 10));
        let rows = comparisons(&compare(&["loss"]), &arms, &metrics, &runs);
        assert_eq!(
            rows.iter().map(|row| row.at).collect::<Vec<_>>(),
            [At::Final, At::BestValidation]
        );
        let last = &rows[0];
        assert_eq!((last.n, last.mean_difference, last.cohen_dz), (3, Some(2.0), Some(2.0)));
        assert_eq!((last.test, last.family_size), (Some(Method::PairedT), 2));
        // two degrees of freedom: p = 1 − t / √(2 + t²); the best steps are 5 ± 1 apart, and their smaller p is the one that doubles
        let p = |t_squared: f64| 1.0 - (t_squared / (2.0 + t_squared)).sqrt();
        let close = |a: Option<f64>, b: f64| assert!((a.unwrap() - b).abs() < 1e-12, "{a:?} {b}");
        close(last.p, p(12.0));
        close(last.p_holm, p(12.0));
        close(rows[1].p_holm, 2.0 * p(75.0));
        assert_eq!(rows[1].mean_difference, Some(5.0), "each run at its own best step");
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), encode(&rows)).unwrap();
        assert_eq!(read::<ComparisonRow>(file.path()).unwrap(), rows);
    }

    #[test]
    fn what_pairs_cannot_tell_is_an_empty_cell_and_no_member_of_the_family() {
        let arms = [
            arm("base", Prediction::Forward),
            arm("equal", Prediction::Forward),
            arm("gone", Prediction::Forward),
        ];
        let arms_of = ["base", "equal"];
        let metrics: Vec<_> = arms_of
            .iter()
            .flat_map(|arm| (0..3).map(|seed| value(arm, seed, 10, "loss", seed as f64)))
            .collect();
        let mut runs: Vec<_> = arms_of
            .iter()
            .flat_map(|arm| (0..3).map(|seed| run(arm, seed, Status::Finished, None, 10)))
            .collect();
        runs.extend((0..3).map(|seed| run("gone", seed, Status::Diverged, None, 10)));
        let rows = comparisons(&compare(&["loss"]), &arms, &metrics, &runs);
        let text = String::from_utf8(encode(&rows)).unwrap();
        assert!(text.contains("\nequal,base,loss,test,final,3,0.0,,,,,,0,\n"), "{text}");
        assert!(text.contains("\ngone,base,loss,test,final,0,,,,,,,0,\n"), "{text}");
        assert!(
            text.contains("\nequal,base,loss,test,best_validation,0,,,,,,,0,\n"),
            "{text}"
        );
    }
}
