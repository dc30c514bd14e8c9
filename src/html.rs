//! Pages of one file that need nothing else: no network, no framework, no font; text from outside is escaped.

/// What every page looks like: light and dark, narrow and wide, on paper.
const STYLE: &str = include_str!("html/page.css");

/// What a page holds. Style, body and script stand in it as they are; only the title is escaped.
#[derive(Clone, Copy, Debug, Default)]
pub struct Page<'a> {
    /// Plain text.
    pub title: &'a str,
    /// Rules of its own, besides those of every page.
    pub style: &'a str,
    /// HTML.
    pub body: &'a str,
    /// Data for the script, as JSON: an element `<script type="application/json" id="data">`; none where it is empty.
    pub data: &'a str,
    /// JavaScript, after all else; none where it is empty.
    pub script: &'a str,
}

impl Page<'_> {
    /// The file.
    pub fn text(&self) -> String {
        let Self {
            title,
            style,
            body,
            data,
            script,
        } = self;
        let title = escape(title);
        let mut text = format!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>{title}</title>\n<link rel=\"icon\" href=\"data:,\">\n<style>\n{STYLE}{style}</style>\n</head>\n<body>\n{body}"
        );
        if !data.is_empty() {
            let data = in_script(data);
            text += &format!("<script type=\"application/json\" id=\"data\">{data}</script>\n");
        }
        if !script.is_empty() {
            text += &format!("<script>\n{script}</script>\n");
        }
        text + "</body>\n</html>\n"
    }
}

/// A text as it stands between tags and in attributes with double quotes.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '"' => escaped += "&quot;",
            '\'' => escaped += "&#39;",
            c => escaped.push(c),
        }
    }
    escaped
}

/// JSON that cannot end the element it stands in: `<` occurs in its strings alone, where it can be written as its number.
fn in_script(json: &str) -> String {
    json.replace('<', "\\u003c")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ATTACK: &str = "</script><script>alert(1)</script><img src=x onerror='alert(\"2\")'>";

    #[test]
    fn text_from_outside_stays_text() {
        let escaped = escape(ATTACK);
        assert!(!escaped.contains(['<', '>', '"', '\'']), "{escaped}");
        assert!(escaped.starts_with("&lt;/script&gt;"));
    }

    #[test]
    fn data_does_not_end_its_element_and_is_read_back() {
        let data = serde_json::to_string(ATTACK).unwrap();
        let page = Page {
            title: ATTACK,
            data: &data,
            ..Page::default()
        };
        let text = page.text();
        let element = text
            .split("id=\"data\">")
            .nth(1)
            .unwrap()
            .split("</script>")
            .next()
            .unwrap();
        assert_eq!(serde_json::from_str::<String>(element).unwrap(), ATTACK);
        assert_eq!(text.matches("<script").count(), 1, "{text}");
    }
}
