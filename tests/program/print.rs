//! Draw results for venues: sizes, fonts and text of what is written, what can be chosen, and what TeX makes of it.

use crate::support::{Lab, errors};
use std::process::Command;

const SPEC: &str = "(
    name: \"a\",
    task: Xor(samples: 60, test: 20),
    network: [6, 5],
    batch: 8,
    stop: Epochs(3),
    seeds: 3,
    measure: (against: [Backprop]),
    arms: [
        (label: \"exact & 100 %\", rule: Backprop),
        (label: \"a_b\", rule: FeedbackAlignment),
        (label: \"{third}\", rule: SignSymmetry),
    ],
)";

fn lab() -> Lab {
    let lab = Lab::new(SPEC);
    lab.succeed("run a.ron --quiet --no-figures");
    lab
}

/// Width and height of the page of a PDF, in points.
fn page(pdf: &[u8]) -> (f64, f64) {
    let text = String::from_utf8_lossy(pdf);
    let corners = text.split("/MediaBox").nth(1).expect("a page has a size");
    let numbers = corners.trim_start_matches([' ', '[']).split(']').next().unwrap();
    let numbers: Vec<f64> = numbers
        .split_whitespace()
        .map(|number| number.parse().unwrap())
        .collect();
    (numbers[2] - numbers[0], numbers[3] - numbers[1])
}

/// Widths in millimetres of one column and of the page, as instructions for authors have them.
#[test]
fn figures_have_the_widths_of_their_venue() {
    let lab = lab();
    let inch = 25.4;
    for (venue, column, page_width) in [
        ("nature", 89.0, 183.0),
        ("science", 57.0, 121.0),
        ("neurips", 2.65 * inch, 5.5 * inch),
        ("icml", 3.25 * inch, 6.75 * inch),
        ("plos", 66.8, 190.5),
        ("thesis", 73.0, 150.0),
    ] {
        let width = |arguments: &str, figure: &str| {
            lab.succeed(&format!("report results/a --for {venue} {arguments}"));
            let pdf = std::fs::read(lab.path(&format!("results/a/figures/{venue}/{figure}.pdf"))).unwrap();
            assert!(pdf.starts_with(b"%PDF-"), "{venue}");
            assert!(
                [b"/FontFile2", b"/FontFile3"]
                    .iter()
                    .any(|form| pdf.windows(10).any(|bytes| bytes == *form)),
                "{venue}: its font is embedded"
            );
            page(&pdf).0 * inch / 72.0
        };
        let near =
            |found: f64, expected: f64| assert!((found - expected).abs() < 0.1, "{venue}: {found}, not {expected}");
        near(width("", "alignment"), page_width);
        near(width("--columns 1", "alignment"), column);
        near(width("--columns 2", "work"), page_width);
    }
}

#[test]
fn the_same_order_gives_the_same_bytes() {
    let lab = lab();
    let files = || {
        lab.succeed("report results/a --for icml");
        [
            "convergence.pdf",
            "final.png",
            "final.tex",
            "alignment.svg",
            "summary.tex",
        ]
        .map(|file| std::fs::read(lab.path(&format!("results/a/figures/icml/{file}"))).unwrap())
    };
    assert!(files() == files());
}

#[test]
fn arms_layers_and_labels_can_be_chosen() {
    let lab = lab();
    let table = |arguments: &str| {
        lab.succeed(&format!("report results/a --for nature {arguments}"));
        let text = lab.read("results/a/figures/nature/summary.tex");
        let rows = text.lines().filter(|line| line.contains("$\\pm$"));
        rows.map(|row| row.split(" & ").next().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(table("--arms a_b"), ["a\\_b"]);
    assert_eq!(table("--arms a_b --labels a_b=FA"), ["FA"]);
    assert_eq!(table(""), ["exact \\& 100 \\%", "a\\_b", "\\{third\\}"]);
    let all = lab.read("results/a/figures/nature/alignment.csv");
    lab.succeed("report results/a --for nature --layers hidden --order {third}");
    let hidden = lab.read("results/a/figures/nature/alignment.csv");
    assert!(
        hidden.lines().count() < all.lines().count() * 3
            && hidden.contains("All hidden layers")
            && !hidden.contains("Layer 1")
    );
    let labels: Vec<String> = lab
        .read("results/a/figures/nature/final.tex")
        .lines()
        .map(str::to_owned)
        .collect();
    let ticks = labels.iter().find(|line| line.contains("yticklabels")).unwrap();
    assert!(ticks.find("third") < ticks.find("exact"), "{ticks}");
    for (wrong, message) in [
        ("--arms a_c", "no arm is called `a_c`"),
        ("--layers layer7", "no layer is called `layer7`; did you mean `layer"),
        ("--labels a_b", "write a name, `=` and what is to stand in its place"),
        ("--columns 3", "there are 1 and 2"),
    ] {
        let told = lab.fail(&format!("report results/a --for nature {wrong}"), 2);
        assert!(told.contains(message), "{wrong}: {told}");
    }
    assert!(
        lab.fail("report results/a --for cell", 2)
            .contains("there are `nature`")
    );
    lab.fail("report results/a --arms a_b", 2);
}

/// Figures for a venue go when those of other tables come, as all figures do.
#[test]
fn figures_of_other_tables_are_removed() {
    let lab = lab();
    lab.succeed("report results/a --for plos");
    assert!(lab.path("results/a/figures/plos/final.pdf").exists());
    lab.write("a.ron", &SPEC.replace("Epochs(3)", "Epochs(2)"));
    lab.succeed("run a.ron --quiet --no-figures");
    assert!(!lab.path("results/a/figures/plos").exists());
}

/// Where there is a TeX with pgfplots, it takes every plot and the table, at the width that was asked for.
#[test]
fn tex_takes_what_is_written() {
    let lab = lab();
    lab.succeed("report results/a --for neurips");
    let input = |file: &str| format!("\\noindent\\input{{results/a/figures/neurips/{file}}}\n\n");
    let files = [
        "convergence.tex",
        "alignment.tex",
        "final.tex",
        "work.tex",
        "summary.tex",
    ]
    .map(input)
    .concat();
    let document = format!(
        "\\documentclass{{article}}\n\\usepackage[textwidth=5.5in,textheight=9in]{{geometry}}\n\\usepackage{{booktabs,pgfplots}}\n\
         \\usepgfplotslibrary{{groupplots}}\n\\pgfplotsset{{compat=1.16}}\n\\begin{{document}}\n{files}\\end{{document}}\n"
    );
    lab.write("paper.tex", &document);
    let folder = lab.path("paper.tex").parent().unwrap().to_owned();
    let tex = Command::new("pdflatex")
        .args(["-interaction=nonstopmode", "-halt-on-error", "paper.tex"])
        .current_dir(folder)
        .output();
    let Ok(output) = tex else {
        println!("skipped: there is no pdflatex");
        return;
    };
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    if said.contains("File `pgfplots.sty' not found") || said.contains("File `booktabs.sty' not found") {
        println!("skipped: this TeX has no pgfplots or no booktabs");
        return;
    }
    assert!(output.status.success(), "{said}{}", errors(&output));
    assert!(!said.contains("Overfull"), "{said}");
}

/// Two results side by side, and the mistakes that can be made.
#[test]
fn results_are_drawn_side_by_side() {
    let lab = lab();
    lab.write("b.ron", &SPEC.replace("name: \"a\"", "name: \"b\""));
    lab.succeed("run b.ron --quiet --no-figures --seeds 2");
    let draw = "report results/a results/b --out figures/both --titles b=Second --labels a_b=FA";
    lab.succeed(draw);
    let table = lab.read("figures/both/summary.tex");
    assert!(table.contains("rule & a & Second \\\\"), "{table}");
    assert!(table.contains("\nFA & "), "{table}");
    let forms = ["pdf", "svg", "png", "csv", "tex", "txt"].map(|ending| format!("figures/both/convergence.{ending}"));
    let drawn = || forms.clone().map(|form| std::fs::read(lab.path(&form)).unwrap());
    let first = drawn();
    lab.succeed(draw);
    assert!(drawn() == first, "equal results make equal files");
    let caption = lab.read("figures/both/feedback.txt");
    assert!(
        caption.contains("a: All layers together that have such values. n = 3 seeds"),
        "{caption}"
    );
    let caption = lab.read("figures/both/alignment.txt");
    assert!(
        caption.contains("Second: All hidden layers together. n = 2 seeds"),
        "{caption}"
    );
    lab.succeed("report results/a results/b --out figures/norms --metric update_norm --layers layer1,layer2");
    let numbers = lab.table("figures/norms/update_norm.csv");
    assert_eq!(
        numbers.distinct("plot"),
        ["a, layer1", "a, layer2", "b, layer1", "b, layer2"]
    );

    for (wrong, told) in [
        (
            "results/a results/a --out both",
            "results/a is given twice; name each result once",
        ),
        (
            "results/a results/b --out results/b",
            "--out: results/b is a results folder",
        ),
        (
            "results/a results/b --out both --titles c=C",
            "--titles: no result is called `c`",
        ),
        ("results/a results/b --out both --arms c", "--out: no arm is called `c`"),
        (
            "results/a results/b --out both --titles a=A\u{7}",
            "cannot hold the control character",
        ),
        ("results/a --titles a=A", "--out <DIR>"),
        ("results/a --arms backprop", "--for <VENUE>|--out <DIR>"),
    ] {
        let message = lab.fail(&format!("report {wrong}"), 2);
        assert!(message.contains(told), "{wrong}: {message}");
        assert!(
            !lab.path("both").exists(),
            "{wrong}: what is refused leaves nothing behind"
        );
    }
}
