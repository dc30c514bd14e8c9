//! Show a figure plot by plot, with what can be chosen of it, its caption and its numbers.

use super::super::axis::Outside;
use super::super::caption::capital;
use super::super::data::Data;
use super::super::numbers::{SEED, exact};
use super::super::sketch::{CursorPlaces, Sketch, View};
use crate::html::escape;

/// A figure on the page.
pub struct Exhibit {
    /// What its files are called.
    pub name: &'static str,
    /// Its numbers as CSV.
    pub numbers: String,
    caption: String,
    views: Vec<View>,
    /// Whether it shows single seeds on paper too.
    shows_seeds: bool,
}

impl Exhibit {
    /// A figure under a caption; nothing where there is no figure.
    pub fn of(name: &'static str, caption: &str, sketch: Option<Sketch>, data: &Data) -> Result<Option<Self>, Outside> {
        let shown = |sketch: Sketch| {
            Ok(Self {
                name,
                numbers: sketch.numbers(data),
                caption: caption.to_owned(),
                views: sketch.views(data)?,
                shows_seeds: matches!(sketch, Sketch::Rows(_)),
            })
        };
        sketch.map(shown).transpose()
    }

    /// The figure as HTML.
    pub fn html(&self) -> String {
        let name = self.name;
        let plots: Vec<&[View]> = self.views.chunk_by(|a, b| a.plot == b.plot).collect();
        let shown: String = plots.iter().map(|views| plot(views)).collect();
        let caption: String = self
            .caption
            .lines()
            .map(|line| format!("<p>{}</p>\n", escape(line)))
            .collect();
        let class = if self.shows_seeds {
            "exhibit with-seeds"
        } else {
            "exhibit"
        };
        format!(
            "<article class=\"{class}\" id=\"{name}\" data-figure=\"{name}\">\n<h3>{}</h3>\n{}<div class=\"panels\">\n{shown}</div>\n\
             <div class=\"caption\">\n{caption}</div>\n\
             <details class=\"numbers screen\" hidden><summary>Numbers as a table</summary><div class=\"wide\"></div></details>\n</article>\n",
            capital(name),
            self.controls(&plots)
        )
    }

    /// What a reader can choose; a choice of one is none.
    fn controls(&self, plots: &[&[View]]) -> String {
        let mut text = "<div class=\"controls screen\" hidden>\n".to_owned();
        let axes = |axis: &str| self.views.iter().any(|view| view.axis == axis);
        if plots.iter().any(|views| views.len() > 1) {
            let options = ["linear", "log", "error"].into_iter().filter(|axis| axes(axis));
            let options = options.map(|axis| (axis, axis)).collect::<Vec<_>>();
            text += &select("axis", "Axis", ("", "as printed"), &options);
        }
        if plots.len() > 1 {
            let options: Vec<_> = plots.iter().map(|views| (&*views[0].plot, &*views[0].plot)).collect();
            text += &select("plot", "Plot", ("", "all"), &options);
        }
        let header = self.numbers.lines().next().unwrap_or_default();
        if header.contains(SEED) {
            let checked = if self.shows_seeds { " checked" } else { "" };
            text += &format!("<label><input type=\"checkbox\" name=\"seeds\"{checked}> single seeds</label>\n");
        }
        text + "<button type=\"button\" class=\"save-csv\">Numbers as CSV</button>\n</div>\n"
    }
}

/// A choice among values with their texts; the first is that of the beginning.
fn select(name: &str, label: &str, first: (&str, &str), options: &[(&str, &str)]) -> String {
    let option =
        |(value, text): &(&str, &str)| format!("<option value=\"{}\">{}</option>", escape(value), escape(text));
    let options: String = std::iter::once(&first).chain(options).map(option).collect();
    format!("<label>{label} <select name=\"{name}\">{options}</select></label>\n")
}

/// One plot with its axes, of which the first is shown.
fn plot(views: &[View]) -> String {
    let name = escape(&views[0].plot);
    let shown: String = views
        .iter()
        .enumerate()
        .map(|(place, one)| view(one, place > 0))
        .collect();
    format!(
        "<figure class=\"panel\" data-plot=\"{name}\">\n{shown}<button type=\"button\" class=\"save-svg screen\" hidden>SVG</button>\n</figure>\n"
    )
}

/// A plot on one axis, with the places where a cursor can stand in it.
fn view(view: &View, is_hidden: bool) -> String {
    let hidden = if is_hidden { " hidden" } else { "" };
    let cursor = view.cursor.as_ref().map_or_else(String::new, |cursor| {
        let CursorPlaces { upright: (top, bottom), moments } = cursor;
        let join = |texts: Vec<String>| texts.join(" ");
        format!(
            " tabindex=\"0\" role=\"group\" aria-label=\"{}: arrow keys read its values\" data-top=\"{top}\" data-bottom=\"{bottom}\" \
             data-moments=\"{}\" data-places=\"{}\"",
            escape(&view.plot),
            join(moments.iter().map(|(moment, _)| exact(*moment)).collect()),
            join(moments.iter().map(|(_, place)| place.to_string()).collect()),
        )
    });
    let axis = view.axis;
    format!(
        "<div class=\"view\" data-axis=\"{axis}\"{cursor}{hidden}>\n{}</div>\n",
        view.svg
    )
}
