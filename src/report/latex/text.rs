//! Write text as LaTeX reads it.

/// A text whose characters all mean themselves; what has a command in LaTeX is written by it.
pub fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        if let Some(first) = raised(c) {
            let mut power = String::from(first);
            while let Some(next) = rest.peek().copied().and_then(raised) {
                power.push(next);
                rest.next();
            }
            escaped += &format!("$^{{{power}}}$");
            continue;
        }
        match c {
            '&' | '%' | '$' | '#' | '_' | '{' | '}' => escaped.extend(['\\', c]),
            '\\' => escaped += "\\textbackslash{}",
            '~' => escaped += "\\textasciitilde{}",
            '^' => escaped += "\\textasciicircum{}",
            '<' => escaped += "\\textless{}",
            '>' => escaped += "\\textgreater{}",
            '"' => escaped += "\\textquotedbl{}",
            '−' => escaped += "$-$",
            '×' => escaped += "$\\times$",
            '±' => escaped += "$\\pm$",
            '°' => escaped += "$^\\circ$",
            '–' => escaped += "--",
            '…' => escaped += "\\dots{}",
            // a line that broke here would end a comment
            _ if c.is_control() => escaped.push(' '),
            _ => escaped.push(c),
        }
    }
    escaped
}

/// The digit or sign that a raised one is.
fn raised(c: char) -> Option<char> {
    const RAISED: [char; 11] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹', '⁻'];
    let place = RAISED.iter().position(|raised| *raised == c)?;
    "0123456789-".chars().nth(place)
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn every_character_means_itself() {
        assert_eq!(
            escaped("100 % of a_b & {c} #1 $"),
            "100 \\% of a\\_b \\& \\{c\\} \\#1 \\$"
        );
        assert_eq!(escaped("a\nb"), "a b");
        assert_eq!(escaped("2×10⁻¹²"), "2$\\times$10$^{-12}$");
        assert_eq!(escaped("\\input{x}"), "\\textbackslash{}input\\{x\\}");
        assert_eq!(escaped("−0.5°"), "$-$0.5$^\\circ$");
        assert_eq!(
            escaped("<script> ~^\""),
            "\\textless{}script\\textgreater{} \\textasciitilde{}\\textasciicircum{}\\textquotedbl{}"
        );
    }
}
