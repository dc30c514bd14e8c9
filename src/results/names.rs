//! Know every name that the program writes in a results folder, so that it removes no other.

use crate::metrics::Metric;

/// The folder, within a results folder, of finished runs.
pub const RUNS: &str = ".runs";
/// A file of finished runs, one after the other.
pub fn segment(number: u64) -> String {
    format!("{RUNS}/{SEGMENT}{number}")
}

/// Which file of finished runs it is that is called so in its folder.
pub fn number_of_segment(file: &str) -> Option<u64> {
    let number = file.strip_prefix(SEGMENT)?;
    is_number(number).then(|| number.parse().ok())?
}

/// How the names of files of finished runs begin.
const SEGMENT: &str = "segment-";
/// The folder of weights of finished runs that the tables do not show.
pub const PUT_ASIDE: &str = ".runs/.weights";
/// The folder of predictions of finished runs, a file each.
pub const KEPT_PREDICTIONS: &str = ".runs/.predictions";
/// The folder of checkpoints of runs under way, two files a run.
pub const CHECKPOINTS: &str = ".runs/.checkpoints";
/// The experiment whose runs are under way.
pub const UNDER_WAY: &str = ".runs/.experiment";
/// The file whose lock the process at work holds.
pub const LOCK: &str = ".lock";
/// How and where the runs were made, and what the tables are; written last.
pub const MANIFEST: &str = "manifest.json";
/// The experiment with every default written out.
pub const EXPERIMENT: &str = "experiment.ron";
/// A row a run.
pub const RUNS_TABLE: &str = "runs.csv";
/// A row a value that was measured.
pub const METRICS_TABLE: &str = "metrics.csv";
/// Paired tests, where something is compared.
pub const COMPARISONS: &str = "comparisons.csv";
/// Every trial of arms that were tuned.
pub const TUNING: &str = "tuning.csv";
/// What is predicted for every sample, where it is asked for.
pub const PREDICTIONS: &str = "predictions.csv";
/// The result on one page.
pub const REPORT: &str = "report.html";
/// Where figures are.
pub const FIGURES_FOLDER: &str = "figures";
/// The table of final scores for a paper.
pub const SUMMARY_IN_LATEX: &str = "summary.tex";
/// Where weights are.
pub const WEIGHTS_FOLDER: &str = "weights";

/// Every table there can be.
pub const TABLES: [&str; 7] = [
    "arms.csv",
    RUNS_TABLE,
    METRICS_TABLE,
    "summary.csv",
    TUNING,
    COMPARISONS,
    PREDICTIONS,
];

/// Every figure there can be.
pub const FIGURES: [&str; 10] = [
    "convergence",
    "alignment",
    "feedback",
    "final",
    "work",
    "similarity",
    "families",
    "weights",
    "theory",
    "surface",
];

/// Folders of figures that are drawn for a venue.
pub const VENUES: [&str; 6] = ["nature", "science", "neurips", "icml", "plos", "thesis"];

/// The forms of a figure that is drawn for a venue.
pub const PRINTED: [&str; 6] = ["pdf", "svg", "png", "csv", "tex", "txt"];

/// Where the weights of a run are.
pub fn weights_folder(arm: &str, seed: u64) -> String {
    format!("{WEIGHTS_FOLDER}/{arm}/{seed}")
}

/// What the file of the weights after so many changes is called.
pub fn weights_file(step: u64) -> String {
    format!("step-{step}.safetensors")
}

/// After how many changes the weights in a file of this name stood.
pub fn step_of(file: &str) -> Option<u64> {
    file.strip_prefix("step-")?.strip_suffix(".safetensors")?.parse().ok()
}

/// Where a checkpoint of a run is; each generation takes the place of the last but one.
pub fn checkpoint(key: &str, generation: u64) -> String {
    format!("{CHECKPOINTS}/{key}-{}", generation % 2)
}

/// The key of the run that a file of this name is a checkpoint of.
pub fn key_of_checkpoint(file: &str) -> Option<&str> {
    let key = file.strip_suffix("-0").or_else(|| file.strip_suffix("-1"))?;
    is_key(key).then_some(key)
}

/// How the names of unfinished files begin. One is left behind only by a process that was killed.
pub const UNFINISHED: &str = ".unfinished-";

/// Whether the program writes a file of this name, with `/` between folders.
pub fn is_written(name: &str) -> bool {
    let steps: Vec<&str> = name.split('/').collect();
    match steps[..] {
        [.., folder, file] if is_written_to(&steps[..steps.len() - 1].join("/")) => {
            is_unfinished(file)
                || match steps[0] {
                    FIGURES_FOLDER if steps.len() > 2 => is_for_print(file),
                    FIGURES_FOLDER => is_figure(file),
                    RUNS if folder == RUNS && number_of_segment(file).is_some() => true,
                    RUNS if name == UNDER_WAY => true,
                    RUNS if [RUNS, ".predictions"].contains(&folder) => is_key(file),
                    RUNS if folder == ".checkpoints" => key_of_checkpoint(file).is_some(),
                    _ => file.strip_suffix(".safetensors").is_some(),
                }
        }
        [file] => is_unfinished(file) || TABLES.contains(&file) || [LOCK, MANIFEST, EXPERIMENT, REPORT].contains(&file),
        _ => false,
    }
}

/// Whether the program writes files into a folder of this name.
fn is_written_to(name: &str) -> bool {
    match name.split('/').collect::<Vec<_>>()[..] {
        [FIGURES_FOLDER, venue] => VENUES.contains(&venue),
        [FIGURES_FOLDER | RUNS] | [RUNS, ".predictions" | ".checkpoints"] => true,
        [WEIGHTS_FOLDER, arm, seed] => is_slug(arm) && is_number(seed),
        [RUNS, ".weights", key] => is_key(key),
        _ => false,
    }
}

/// Whether a folder of this name is one that the program makes.
pub fn is_made(name: &str) -> bool {
    let steps = name.split('/').collect::<Vec<_>>();
    is_written_to(name)
        || match steps[..] {
            [WEIGHTS_FOLDER] | [RUNS, ".weights"] => true,
            [WEIGHTS_FOLDER, arm] => is_slug(arm),
            _ => false,
        }
}

/// Whether a file of this name, in whatever folder, is one that was not finished.
pub fn is_unfinished(file: &str) -> bool {
    file.starts_with(UNFINISHED)
}

/// Whether this is the key of a kept run, which older versions called its file by: a SHA-256 in hexadecimal digits.
pub fn is_key(name: &str) -> bool {
    name.len() == 64 && name.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

fn is_figure(file: &str) -> bool {
    let parts = file.split_once('.');
    let is_one = |name: &str| FIGURES.contains(&name) || Metric::all().any(|metric| metric.name == name);
    parts.is_some_and(|(name, ending)| is_one(name) && ["svg", "png", "txt"].contains(&ending))
}

/// A figure for a venue, or the table of final scores.
fn is_for_print(file: &str) -> bool {
    let ending = file.rsplit('.').next().unwrap_or_default();
    let name = file.strip_suffix(ending).and_then(|name| name.strip_suffix('.'));
    let drawn = name.is_some_and(|name| is_figure(&format!("{name}.svg")));
    file == SUMMARY_IN_LATEX || drawn && PRINTED.contains(&ending)
}

fn is_slug(name: &str) -> bool {
    let plain = |b: u8| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-');
    !name.is_empty() && !name.starts_with('.') && name.bytes().all(plain)
}

fn is_number(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_weights_says_its_step() {
        assert_eq!(step_of(&weights_file(450)), Some(450));
        for other in ["step-.safetensors", "step-4", "steps.txt"] {
            assert_eq!(step_of(other), None, "{other}");
        }
        assert!(is_written(&format!("{}/{}", weights_folder("dfa", 3), weights_file(0))));
    }

    #[test]
    fn nothing_but_what_the_program_writes_is_known() {
        let key = "0123456789abcdef".repeat(4);
        for name in [
            "arms.csv",
            ".lock",
            "manifest.json",
            "report.html",
            ".unfinished-7",
            "figures/final.png",
            "figures/update_norm.svg",
            "figures/nature/final.pdf",
            "figures/icml/summary.tex",
            "figures/.unfinished-7",
            "weights/dfa-rule.feedback.scale-0.5/12/step-0.safetensors",
            &format!(".runs/{key}"),
            &format!(".runs/.weights/{key}/step-3.safetensors"),
            &format!(".runs/.predictions/{key}"),
            &segment(1),
            &segment(20),
            &checkpoint(&key, 7),
            &checkpoint(&key, 8),
            "predictions.csv",
            UNDER_WAY,
        ] {
            assert!(is_written(name), "{name}");
        }
        for name in [
            "",
            "data.csv",
            "spec.ron",
            ".git",
            ".git/arms.csv",
            "letters/.unfinished-novel",
            "figures",
            "figures/mine.png",
            "figures/report.html",
            "figures/final.pdf",
            "figures/final/final.png",
            "weights/notes.txt",
            "weights/backprop/notes.txt",
            "weights/backprop/0/notes.txt",
            "weights/backprop/best/step-0.safetensors",
            "weights/../0/step-0.safetensors",
            ".runs/notes",
            ".runs/segment-",
            ".runs/segment-one",
            ".runs/.predictions/segment-1",
            "segment-1",
            &format!(".runs/{key}/step-3.safetensors"),
            &format!(".runs/.checkpoints/{key}"),
            &format!(".runs/.checkpoints/{key}-2"),
            &format!(".runs/{key}-1"),
            &format!("weights/{key}"),
        ] {
            assert!(!is_written(name), "{name}");
        }
    }
}
