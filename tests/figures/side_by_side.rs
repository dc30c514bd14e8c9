//! Check figures that put several results side by side: one plot a result, an arm the same in all of them, numbers those of the tables.

use super::*;
use creditlab::report::{FigureColumns, PrintChoice, PrintOrder, SideBySide, Venue};
use creditlab::results::Folder;
use std::collections::BTreeSet;

/// Two results that share some arms, and a folder for what is drawn of both.
fn results_and_out(name: &str) -> ([PathBuf; 2], PathBuf) {
    let [one, other, out] = ["one", "other", "both"].map(|part| folder(&format!("{name} {part}")));
    let courses = courses();
    write_result(&one, &courses[..6], USUAL);
    write_result(&other, &courses[3..9], Size { seeds: 4, ..USUAL });
    ([one, other], out)
}

fn order(arms: &[&str]) -> PrintOrder {
    PrintOrder {
        columns: FigureColumns::Needed,
        choice: PrintChoice {
            arms: arms.iter().map(|arm| (*arm).to_owned()).collect(),
            ..PrintChoice::default()
        },
        metric: None,
    }
}

/// Draws into `figures/` of a folder; returns the names of the files.
fn draw(folders: &[PathBuf; 2], out: &Path, venue: Option<Venue>, order: &PrintOrder) -> BTreeSet<String> {
    let path = out.join("figures");
    fs::create_dir_all(&path).unwrap();
    let open = |path: &Path| Folder::open(path).unwrap();
    let results: Vec<(String, Folder)> = ["First task", "Second task"]
        .into_iter()
        .zip(folders)
        .map(|(title, path)| (title.to_owned(), open(path)))
        .collect();
    let figures = SideBySide::read(&results, venue, order).unwrap();
    let printed = figures.print(&open(&path)).unwrap();
    let name = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
    printed.files.iter().map(name).collect()
}

/// The rows of a figure's numbers, without their head.
fn numbers(out: &Path, figure: &str) -> Vec<Vec<String>> {
    let text = fs::read_to_string(out.join(format!("figures/{figure}.csv"))).unwrap();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let rows = reader.records().map(|row| row.unwrap());
    rows.map(|row| row.iter().map(str::to_owned).collect()).collect()
}

#[test]
fn results_stand_side_by_side_with_one_legend() {
    let (folders, out) = results_and_out("side by side");
    let files = draw(&folders, &out, None, &order(&[]));
    for figure in ["convergence", "alignment", "final"] {
        for ending in ["svg", "pdf", "png", "csv", "txt"] {
            assert!(files.contains(&format!("{figure}.{ending}")), "{figure}.{ending}");
        }
        let texts = check(&out, figure);
        let of = |text: &str| texts.iter().filter(|drawn| *drawn == text).count();
        assert_eq!([of("First task"), of("Second task")], [1, 1], "{figure}: {texts:?}");
        // an arm that both results have stands in the legend, or has its row, once
        let shared = &courses()[4].label;
        assert!(of(shared) <= 1, "{figure}: {texts:?}");
        let caption = caption(&out, figure);
        assert!(caption.contains("n = 10 seeds for every arm"), "{figure}: {caption}");
        assert!(caption.contains("n = 4 seeds"), "{figure}: {caption}");
    }
    assert!(!files.contains("final.tex") && files.contains("summary.tex") && files.contains("alignment.tex"));
}

/// Final means and intervals are those of each result's own `summary.csv`, to the digit, and an arm that it lacks has none.
#[test]
fn numbers_are_those_of_the_tables() {
    let (folders, out) = results_and_out("side by side, numbers");
    draw(&folders, &out, None, &order(&[]));
    let rows = numbers(&out, "final");
    assert_eq!(rows.len(), 2 * 9, "nine arms in all, a row each for two results");
    for (title, folder) in ["First task", "Second task"].iter().zip(&folders) {
        let summary: Vec<SummaryRow> = results::read(&folder.join("summary.csv")).unwrap();
        let mut found = 0;
        for row in rows.iter().filter(|row| row[0] == *title) {
            let stated = summary.iter().find(|stated| {
                let is_score = ["accuracy", "own_accuracy"].contains(&&*stated.metric);
                stated.arm == row[2] && is_score && stated.split == "test" && stated.at == At::Final
            });
            let Some(stated) = stated else {
                assert_eq!(row[3..], ["0", "", "", ""], "{title}: {row:?}");
                continue;
            };
            let [mean, low] = [&row[4], &row[5]].map(|cell| cell.parse::<f64>().unwrap());
            assert!(
                (mean, low) == (100.0 * stated.mean, 100.0 * stated.ci_low.unwrap()),
                "{row:?}"
            );
            found += 1;
        }
        assert_eq!(found, 6);
    }
    let curves = numbers(&out, "alignment");
    let plots: BTreeSet<&str> = curves.iter().map(|row| &*row[0]).collect();
    assert_eq!(plots, BTreeSet::from(["First task", "Second task"]));
}

/// What is chosen is chosen in all results, and a page that is too narrow keeps its texts apart.
#[test]
fn arms_are_chosen_in_all_results_and_venues_have_their_width() {
    let (folders, out) = results_and_out("side by side, chosen");
    let courses = courses();
    let slugs = [1, 4].map(|place: usize| made_up::slug(&courses[place].label));
    let slugs = [&*slugs[0], &*slugs[1]];
    draw(&folders, &out, Some(Venue::Icml), &order(&slugs));
    let drawn: BTreeSet<String> = numbers(&out, "final").into_iter().map(|row| row[2].clone()).collect();
    assert_eq!(drawn, slugs.iter().map(|slug| (*slug).to_owned()).collect());
    let svg = fs::read_to_string(out.join("figures/final.svg")).unwrap();
    let tree = parse(&svg);
    let mut found = Vec::new();
    texts(tree.root(), &mut found);
    assert_apart("final", &found);
}

#[test]
fn more_results_than_a_page_has_room_for_are_refused() {
    let folder = folder("side by side, many");
    write_result(&folder, &courses(), Size { seeds: 2, ..USUAL });
    let results: Vec<(String, Folder)> = (0..40)
        .map(|i| (format!("task {i}"), Folder::open(&folder).unwrap()))
        .collect();
    let refused = SideBySide::read(&results, None, &order(&[]));
    let told = refused.err().expect("forty plots").to_string();
    assert!(told.contains("has 40 plots, and a page has room for"), "{told}");
}
