//! Write plots for `pgfplots`, which draws them with the fonts of the paper.
//!
//! Values stand where they stand in the figure: places along an axis are shares of its length, so that every spacing there is can be
//! written; the ticks have their values as labels. The numbers themselves are in the CSV file beside it.

use super::super::axis::{Axis, Outside};
use super::super::curve::{Curve, Point};
use super::super::curves::Figure;
use super::super::data::Data;
use super::super::panel::Panel;
use super::super::rows::ScoreRow;
use super::super::sketch::{RowSketch, Sketch};
use super::super::style::{MM, MarkerShape, Paper, Style, TEXT, band};
use super::text::escaped;
use std::collections::BTreeSet;
use std::fmt::Write;

const HEAD: &str = "% \\input this file; the preamble needs\n\
    % \\usepackage{pgfplots} \\usepgfplotslibrary{groupplots} \\pgfplotsset{compat=1.16}\n";

/// Least width of a plot with its labels, in points of the drawing.
const NARROWEST: f64 = 42.0 * MM;
/// Room for the labels left of the first plot, and right of the last one; between plots; below them: in points on paper.
const LEFT: f64 = 34.0;
const RIGHT: f64 = 8.0;
const BETWEEN: f64 = 40.0;
const BELOW: f64 = 46.0;
/// A plot is at most so high, and an entry of the legend about so wide, in points on paper.
const TALLEST: f64 = 130.0;
const LEGEND_ENTRY: f64 = 150.0;
const LEGEND_ROW: f64 = 10.0;

/// Most points of a curve: of more TeX would run out of memory.
const FINEST: usize = 200;

/// A figure as a `tikzpicture`; absent where it is no plot of curves or rows.
pub fn plots(sketch: &Sketch, data: &Data) -> Result<Option<String>, Outside> {
    match sketch {
        Sketch::Plots(figure, _) | Sketch::Captioned(figure, _) => curves(figure, data).map(Some),
        Sketch::Rows(rows) => self::rows(rows, data).map(Some),
        Sketch::Sheet(..) => Ok(None),
    }
}

fn begin(paper: &Paper) -> String {
    let size = paper.scale * TEXT;
    let mut text = HEAD.to_owned();
    let _ = writeln!(
        text,
        "\\begin{{tikzpicture}}[font=\\fontsize{{{size}}}{{{}}}\\selectfont]",
        1.2 * size
    );
    text
}

/// The colours of arms, each by its place.
fn colours(arms: &BTreeSet<usize>) -> String {
    let colour = |arm: &usize| {
        let colour = Style::of(*arm).colour;
        format!(
            "\\definecolor{{arm{arm}}}{{RGB}}{{{},{},{}}}\n",
            colour.0, colour.1, colour.2
        )
    };
    arms.iter().map(colour).collect()
}

/// Line and mark of an arm.
fn style(arm: usize) -> String {
    let Style { dash, marker, .. } = Style::of(arm);
    let dashes: Vec<String> = dash
        .iter()
        .zip(["on", "off"].iter().cycle())
        .map(|(length, what)| format!("{what} {length}pt"))
        .collect();
    let pattern = if dashes.is_empty() {
        String::new()
    } else {
        format!(", dash pattern={}", dashes.join(" "))
    };
    let (shape, turn) = match marker.shape {
        MarkerShape::Circle => ("*", 0),
        MarkerShape::Square => ("square*", 0),
        MarkerShape::TriangleUp => ("triangle*", 0),
        MarkerShape::TriangleDown => ("triangle*", 180),
        MarkerShape::Diamond => ("diamond*", 0),
        MarkerShape::Plus => ("+", 0),
        MarkerShape::Cross => ("x", 0),
    };
    let inside = if marker.filled {
        format!("arm{arm}")
    } else {
        "white".to_owned()
    };
    format!("arm{arm}{pattern}, mark={shape}, mark size=1.4pt, mark options={{solid, rotate={turn}, fill={inside}}}")
}

/// The ticks of an axis, `x` or `y`, where they stand along it.
fn ticks(name: &str, axis: &Axis) -> Result<String, Outside> {
    let places = axis
        .major
        .iter()
        .map(|tick| axis.position(tick.value).map(|place| format!("{place:.5}")));
    let places: Vec<String> = places.collect::<Result<_, _>>()?;
    let labels: Vec<String> = axis
        .major
        .iter()
        .map(|tick| format!("{{{}}}", escaped(&tick.label)))
        .collect();
    Ok(format!(
        "{name}tick={{{}}}, {name}ticklabels={{{}}}, {name}label={{{}}}",
        places.join(","),
        labels.join(","),
        escaped(&axis.title)
    ))
}

fn curves(figure: &Figure, data: &Data) -> Result<String, Outside> {
    let paper = &data.paper;
    let arms = figure.arms();
    let count = figure.panels.len();
    let side_by_side = count.min(((paper.page / NARROWEST) as usize).max(1));
    let page = paper.scale * if count == 1 { paper.column } else { paper.page };
    let width = (page - LEFT - RIGHT - BETWEEN * (side_by_side - 1) as f64) / side_by_side as f64;
    let mut text = begin(paper);
    text += &colours(&arms);
    let _ = writeln!(
        text,
        "\\begin{{groupplot}}[group style={{group size={side_by_side} by {}, horizontal sep={BETWEEN}bp, vertical sep={BELOW}bp}},\n  \
         scale only axis, width={width:.1}bp, height={:.1}bp, xmin=0, xmax=1, ymin=0, ymax=1, axis lines=left,\n  axis line \
         style={{-}}, label style={{inner sep=1pt}}]",
        count.div_ceil(side_by_side),
        (0.75 * width).min(TALLEST),
    );
    for panel in &figure.panels {
        panel_of(&mut text, panel)?;
    }
    let rows = count.div_ceil(side_by_side);
    let _ = writeln!(
        text,
        "\\end{{groupplot}}\n\\begin{{scope}}[shift={{(group c1r{rows}.south west)}}, xshift=-{LEFT}bp, yshift=-{BELOW}bp]"
    );
    let columns = ((page / LEGEND_ENTRY) as usize).max(1);
    for (place, arm) in arms.iter().enumerate() {
        let (column, row) = (place % columns, place / columns);
        legend_entry(
            &mut text,
            *arm,
            (LEGEND_ENTRY * column as f64, -LEGEND_ROW * row as f64),
            &data.arms[*arm].row.label,
        );
    }
    text += "\\end{scope}\n\\end{tikzpicture}\n";
    Ok(text)
}

/// A piece of curve with its mark, and the label of its arm, at a place in points on paper.
fn legend_entry(text: &mut String, arm: usize, (x, y): (f64, f64), label: &str) {
    let style = style(arm);
    let line = style.split(", mark=").next().unwrap_or_default();
    let (middle, end) = (x + 9.0, x + 18.0);
    let _ = writeln!(
        text,
        "\\draw[{line}] ({x}bp,{y}bp) -- ({end}bp,{y}bp);\n\\draw[{style}] plot coordinates {{({middle}bp,{y}bp)}};\n\\node[anchor=west] at \
         ({end}bp,{y}bp) {{{}}};",
        escaped(label)
    );
}

/// A plot with its axes.
fn panel_of(text: &mut String, panel: &Panel) -> Result<(), Outside> {
    let _ = writeln!(
        text,
        "\\nextgroupplot[title={{{}}}, {},\n  {}]",
        escaped(&panel.title),
        ticks("x", &panel.x)?,
        ticks("y", &panel.y)?
    );
    for curve in &panel.curves {
        shade(text, panel, curve, panel.curves.len())?;
    }
    if let Some(value) = panel.mark_at {
        let y = panel.y.position(value)?;
        let _ = writeln!(
            text,
            "\\addplot[gray, dashed, forget plot] coordinates {{(0,{y:.5}) (1,{y:.5})}};"
        );
    }
    for curve in &panel.curves {
        let points: Vec<&Point> = thinned(&curve.points).collect();
        let marks = points.len().div_ceil(6).max(1);
        let _ = write!(
            text,
            "\\addplot[{}, mark repeat={marks}] coordinates {{",
            style(curve.arm)
        );
        for point in points {
            let _ = write!(
                text,
                "({:.5},{:.5})",
                panel.x.position(point.epoch)?,
                panel.y.position(point.mean)?
            );
        }
        *text += "};\n";
    }
    Ok(())
}

fn thinned(points: &[Point]) -> impl Iterator<Item = &Point> {
    super::super::spread::evenly(points.len(), FINEST).map(|place| &points[place])
}

/// The band of an interval: there along its upper end, and back along its lower one.
fn shade(text: &mut String, panel: &Panel, curve: &Curve, means: usize) -> Result<(), Outside> {
    let with_band: Vec<_> = thinned(&curve.points)
        .filter_map(|point| Some((point.epoch, point.band?)))
        .collect();
    if with_band.len() < 2 {
        return Ok(());
    }
    let _ = write!(
        text,
        "\\addplot[draw=none, fill=arm{}, fill opacity={:.3}, forget plot] coordinates {{",
        curve.arm,
        band(means)
    );
    let there = with_band.iter().map(|(epoch, band)| (*epoch, band.high));
    let back = with_band.iter().rev().map(|(epoch, band)| (*epoch, band.low));
    for (epoch, end) in there.chain(back) {
        let _ = write!(text, "({:.5},{:.5})", panel.x.position(epoch)?, panel.y.end(end));
    }
    *text += "} -- cycle;\n";
    Ok(())
}

/// A row an arm, the first on top.
fn rows(sketch: &RowSketch, data: &Data) -> Result<String, Outside> {
    let (paper, axis) = (&data.paper, &sketch.axis);
    let arms = sketch.rows.iter().map(|row| row.arm).collect();
    let middle = |place: usize| sketch.rows.len() as f64 - place as f64 - 0.5;
    let places: Vec<String> = (0..sketch.rows.len()).map(|place| middle(place).to_string()).collect();
    let labels: Vec<String> = sketch
        .rows
        .iter()
        .map(|row| format!("{{{}}}", escaped(&row.label)))
        .collect();
    let mut text = begin(paper) + &colours(&arms);
    let _ = writeln!(
        text,
        "\\begin{{axis}}[scale only axis, width={:.1}pt, height={:.1}pt, xmin=0, xmax=1, ymin=0, ymax={}, axis lines=left, axis line \
         style={{-}},\n  {},\n  ytick={{{}}}, yticklabels={{{}}}, ytick style={{draw=none}}, clip=false]",
        paper.scale * 0.45 * paper.column,
        paper.scale * 12.0 * sketch.rows.len() as f64,
        sketch.rows.len(),
        ticks("x", axis)?,
        places.join(","),
        labels.join(",")
    );
    for (place, row) in sketch.rows.iter().enumerate() {
        row_of(&mut text, axis, row, middle(place))?;
    }
    text += "\\end{axis}\n\\end{tikzpicture}\n";
    Ok(text)
}

fn row_of(text: &mut String, axis: &Axis, row: &ScoreRow, y: f64) -> Result<(), Outside> {
    let arm = row.arm;
    let _ = write!(
        text,
        "\\addplot[only marks, mark=*, mark size=0.6pt, arm{arm}, opacity=0.4] coordinates {{"
    );
    for seed in &row.seeds {
        let _ = write!(text, "({:.5},{:.3})", axis.position(*seed)?, y - 0.22);
    }
    *text += "};\n";
    let Some((mean, interval)) = row.value else {
        return Ok(());
    };
    let mark = axis.position(mean)?;
    if let Some((low, high)) = interval {
        let (low, high) = (axis.end(low), axis.end(high));
        let _ = writeln!(
            text,
            "\\addplot[arm{arm}, mark=none] coordinates {{({low:.5},{y}) ({high:.5},{y})}};"
        );
    }
    let _ = writeln!(
        text,
        "\\addplot[only marks, {}] coordinates {{({mark:.5},{y})}};",
        style(arm)
    );
    let _ = writeln!(
        text,
        "\\node[anchor=west] at (axis cs:1.03,{y}) {{{}}};",
        escaped(&row.numbers)
    );
    Ok(())
}
