//! Know what venues ask of figures: how wide and high they are, and their text.

use super::style::{MM, Paper, TEXT};

/// What figures are made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Venue {
    /// Nature and its sister journals.
    Nature,
    /// Science.
    Science,
    /// Neural Information Processing Systems.
    Neurips,
    /// International Conference on Machine Learning.
    Icml,
    /// The journals of the Public Library of Science.
    Plos,
    /// A thesis, or a report, on A4.
    Thesis,
}

/// How many columns of the venue every figure is wide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FigureColumns {
    /// Each figure has the width it needs.
    Needed,
    /// One; where the text has one column, half of it.
    One,
    /// Two; where the text has one column, all of it.
    Two,
}

/// What a venue asks, from its instructions for authors or from the style file of its papers: millimetres, and points of text.
struct Demands {
    column: f64,
    page: f64,
    highest: f64,
    text: f64,
    fonts: &'static str,
}

const SANS: &str = "Arial, Helvetica, Liberation Sans, Nimbus Sans, DejaVu Sans, sans-serif";
const SERIF: &str = "Times New Roman, Times, Liberation Serif, Nimbus Roman, TeX Gyre Termes, DejaVu Sans, serif";
const INCH: f64 = 25.4;

impl Venue {
    /// Every one.
    pub const ALL: [Self; 6] = [
        Self::Nature,
        Self::Science,
        Self::Neurips,
        Self::Icml,
        Self::Plos,
        Self::Thesis,
    ];

    /// As the command line and folders call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Nature => "nature",
            Self::Science => "science",
            Self::Neurips => "neurips",
            Self::Icml => "icml",
            Self::Plos => "plos",
            Self::Thesis => "thesis",
        }
    }

    fn demands(self) -> Demands {
        let demands = |column, page, highest, text, fonts| Demands {
            column,
            page,
            highest,
            text,
            fonts,
        };
        match self {
            // text of 5 to 7 points
            Self::Nature => demands(89.0, 183.0, 170.0, 7.0, SANS),
            Self::Science => demands(57.0, 121.0, 200.0, 7.0, SANS),
            // one column of 5.5 inches, text of 10 points
            Self::Neurips => demands(2.65 * INCH, 5.5 * INCH, 8.0 * INCH, 8.0, SERIF),
            Self::Icml => demands(3.25 * INCH, 6.75 * INCH, 8.0 * INCH, 8.0, SERIF),
            // 66.8 to 190.5 mm wide, text of 8 to 12 points
            Self::Plos => demands(66.8, 7.5 * INCH, 8.75 * INCH, 8.0, SANS),
            Self::Thesis => demands(73.0, 150.0, 210.0, 9.0, SERIF),
        }
    }

    /// The paper that figures are laid out on.
    pub fn paper(self, columns: FigureColumns) -> Paper {
        let Demands {
            column,
            page,
            highest,
            text,
            fonts,
        } = self.demands();
        let scale = text / TEXT;
        let points = |millimetres: f64| millimetres * MM / scale;
        let (column, page) = match columns {
            FigureColumns::Needed => (column, page),
            FigureColumns::One => (column, column),
            FigureColumns::Two => (page, page),
        };
        Paper {
            column: points(column),
            page: points(page),
            highest: points(highest),
            scale,
            fonts,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is printed has the venue's width and size of text, however large text is in the drawing.
    #[test]
    fn sizes_on_paper_are_those_of_the_venue() {
        for venue in Venue::ALL {
            let Demands { column, page, text, .. } = venue.demands();
            let paper = venue.paper(FigureColumns::Needed);
            let printed = |points: f64| points * paper.scale / MM;
            assert!((printed(paper.column) - column).abs() < 1e-9 && (printed(paper.page) - page).abs() < 1e-9);
            assert!((paper.scale * TEXT - text).abs() < 1e-12 && column < page);
            assert_eq!(venue.paper(FigureColumns::One).page, paper.column);
            assert_eq!(venue.paper(FigureColumns::Two).column, paper.page);
        }
        assert_eq!(Venue::Nature.paper(FigureColumns::Needed).column, Paper::JOURNAL.column);
    }
}
