//! Write the sections and tables of a page.

use crate::html::escape;

/// What stands above a column, and so how its cells stand.
pub enum Heading {
    /// Above words.
    Words(String),
    /// Above numbers.
    Figures(String),
}

/// Headings of columns of words.
pub fn words<const N: usize>(headings: [&str; N]) -> [Heading; N] {
    headings.map(|heading| Heading::Words(heading.to_owned()))
}

/// Headings of columns of numbers.
pub fn figures<const N: usize>(headings: [&str; N]) -> [Heading; N] {
    headings.map(|heading| Heading::Figures(heading.to_owned()))
}

/// A section with a heading; nothing where it has no content.
pub fn section(id: &str, heading: &str, content: &str) -> String {
    match content {
        "" => String::new(),
        _ => format!("<section id=\"{id}\">\n<h2>{heading}</h2>\n{content}</section>\n"),
    }
}

/// Names with what stands there in files.
pub fn fields<T: AsRef<str>>(fields: &[(&str, T)]) -> String {
    let field = |(name, value): &(&str, T)| {
        let value = value.as_ref();
        format!("<dt>{}</dt><dd><code>{}</code></dd>\n", escape(name), escape(value))
    };
    let fields: String = fields.iter().map(field).collect();
    format!("<dl class=\"fields\">\n{fields}</dl>\n")
}

/// A table of rows that are HTML.
pub fn table(headings: &[Heading], rows: &str) -> String {
    let heading = |heading: &Heading| match heading {
        Heading::Words(text) => format!("<th scope=\"col\" class=\"text\">{}</th>", escape(text)),
        Heading::Figures(text) => format!("<th scope=\"col\">{}</th>", escape(text)),
    };
    let headings: String = headings.iter().map(heading).collect();
    format!("<div class=\"wide\"><table>\n<thead><tr>{headings}</tr></thead>\n<tbody>\n{rows}</tbody></table></div>\n")
}

/// A cell of words.
pub fn said(text: &str) -> String {
    format!("<td class=\"text\">{}</td>", escape(text))
}

/// A cell of what stands in files.
pub fn code(text: &str) -> String {
    format!("<td class=\"text\"><code>{}</code></td>", escape(text))
}

/// A cell of a number.
pub fn counted(text: &str) -> String {
    format!("<td>{}</td>", escape(text))
}

/// A row of cells; `arm` is the place of the arm that it speaks of.
pub fn row(arm: Option<usize>, cells: &[String]) -> String {
    let arm = arm.map_or_else(String::new, |arm| format!(" data-arm=\"{arm}\""));
    format!("<tr{arm}>{}</tr>\n", cells.concat())
}
