//! Makes a drawn chart safe to stand inside a page: only shapes and text stay.
//!
//! The pictures come from our own chart library, but they contain labels from the file, and several of them share one
//! page. So nothing is taken on trust: elements and attributes not named here are dropped, and ids are made unique.

/// Elements that stay. What is not here goes with everything inside it.
const ELEMENTS: &[&str] = &[
    "svg",
    "g",
    "path",
    "rect",
    "circle",
    "ellipse",
    "line",
    "polyline",
    "polygon",
    "text",
    "tspan",
    "defs",
    "clipPath",
    "linearGradient",
    "radialGradient",
    "stop",
    "pattern",
    "mask",
    "use",
    "title",
    "desc",
];

/// The picture with ids that begin with `prefix`; `None` when it is no SVG.
///
/// `xmlns` goes too: inside HTML it means nothing, and so the file names no address at all.
pub fn sanitise(svg: &str, prefix: &str) -> Option<String> {
    let start = svg.find("<svg")?;
    let mut rest = svg.get(start..)?;
    let mut out = String::with_capacity(rest.len());
    let mut open: Vec<&str> = Vec::new();
    // Depth inside an element that is dropped.
    let mut dropped = 0usize;
    while let Some(at) = rest.find('<') {
        let (text, tag) = rest.split_at(at);
        if dropped == 0 && !open.is_empty() {
            push_text(&mut out, text);
        }
        if tag.starts_with("<!--") {
            rest = after(tag, "-->");
        } else if tag.starts_with("<![CDATA[") {
            rest = after(tag, "]]>");
        } else if tag.starts_with("<!") || tag.starts_with("<?") {
            rest = after(tag, ">");
        } else {
            let (inside, next) = split_tag(tag)?;
            rest = next;
            if let Some(name) = inside.strip_prefix('/') {
                let name = name.trim();
                if dropped > 0 {
                    dropped -= 1;
                } else if open.last() == Some(&name) {
                    open.pop();
                    out.push_str(&format!("</{name}>"));
                    if open.is_empty() {
                        return Some(out);
                    }
                } else {
                    return None;
                }
                continue;
            }
            let closes_itself = inside.ends_with('/');
            let inside = inside.trim_end_matches('/');
            let name = inside.split(|c: char| c.is_whitespace()).next().unwrap_or_default();
            if dropped > 0 || !ELEMENTS.contains(&name) {
                dropped += usize::from(!closes_itself);
                continue;
            }
            out.push('<');
            out.push_str(name);
            for (key, value) in attributes(inside.get(name.len()..).unwrap_or_default()) {
                if let Some(value) = attribute(key, value, prefix) {
                    out.push_str(&format!(" {key}=\"{value}\""));
                }
            }
            if closes_itself {
                out.push_str("/>");
                if open.is_empty() {
                    return Some(out);
                }
            } else {
                out.push('>');
                open.push(name);
            }
        }
    }
    None
}

fn after<'a>(text: &'a str, end: &str) -> &'a str {
    text.find(end).and_then(|at| text.get(at + end.len()..)).unwrap_or_default()
}

/// A tag without its brackets, and what follows; quotes may hold a `>`.
fn split_tag(tag: &str) -> Option<(&str, &str)> {
    let mut quote = None;
    for (at, c) in tag.char_indices().skip(1) {
        match (quote, c) {
            (None, '"' | '\'') => quote = Some(c),
            (Some(q), c) if q == c => quote = None,
            (None, '>') => return Some((tag.get(1..at)?, tag.get(at + 1..)?)),
            _ => {}
        }
    }
    None
}

/// (name, raw value) pairs; what is not `name="value"` is left out.
fn attributes(mut text: &str) -> Vec<(&str, &str)> {
    let mut pairs = Vec::new();
    while let Some((key, rest)) = text.split_once('=') {
        let rest = rest.trim_start();
        let Some(quote) = rest.chars().next().filter(|c| matches!(c, '"' | '\'')) else { break };
        let Some((value, next)) = rest.get(1..).and_then(|r| r.split_once(quote)) else { break };
        let key = key.split_whitespace().next_back().unwrap_or_default();
        pairs.push((key, value));
        text = next;
    }
    pairs
}

/// The value to keep, or `None` to drop the attribute.
fn attribute(key: &str, value: &str, prefix: &str) -> Option<String> {
    let lower = key.to_ascii_lowercase();
    let plain = key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | ':' | '_'));
    if !plain || key.is_empty() || lower.starts_with("on") || lower.starts_with("xmlns") {
        return None;
    }
    let value = value.replace('"', "&quot;").replace('<', "&lt;");
    match lower.as_str() {
        "id" => Some(format!("{prefix}{value}")),
        "href" | "xlink:href" => value.strip_prefix('#').map(|id| format!("#{prefix}{id}")),
        "class" | "version" | "baseprofile" | "ecmeta_ssr_type" => None,
        _ => {
            let compact: String =
                value.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_lowercase();
            let foreign = ["javascript:", "expression(", "@import", "//", "&#", "\\"]
                .iter()
                .any(|w| compact.contains(w));
            let outside =
                compact.split("url(").skip(1).any(|u| !u.trim_start_matches(['\'', '"']).starts_with('#'));
            if foreign || outside {
                return None;
            }
            Some(
                value
                    .replace("url(#", &format!("url(#{prefix}"))
                    .replace("url('#", &format!("url('#{prefix}")),
            )
        }
    }
}

/// Text between tags; entities that are there stay, a stray `&` is spelled out.
fn push_text(out: &mut String, text: &str) {
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        let (before, tail) = rest.split_at(at);
        out.push_str(&before.replace('>', "&gt;"));
        let is_entity = tail.find(';').and_then(|end| tail.get(1..end)).is_some_and(|name| {
            !name.is_empty() && name.len() <= 8 && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '#')
        });
        out.push_str(if is_entity { "&" } else { "&amp;" });
        rest = tail.get(1..).unwrap_or_default();
    }
    out.push_str(&rest.replace('>', "&gt;"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(svg: &str, expected: &str) {
        assert_eq!(sanitise(svg, "f1-").as_deref(), Some(expected));
    }

    #[test]
    fn shapes_and_text_stay() {
        check(
            r##"<?xml version="1.0"?><svg width="600" height="320" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 320"><path d="M0 0L1 1" fill="none" stroke="#123456"/><text x="1">A &amp; B</text></svg>"##,
            r##"<svg width="600" height="320" viewBox="0 0 600 320"><path d="M0 0L1 1" fill="none" stroke="#123456"/><text x="1">A &amp; B</text></svg>"##,
        );
    }

    #[test]
    fn scripts_handlers_and_foreign_elements_go() {
        check("<svg><script>alert(1)</script><g></g></svg>", "<svg><g></g></svg>");
        check("<svg><foreignObject><p><b>x</b></p></foreignObject></svg>", "<svg></svg>");
        check("<svg><style><![CDATA[a{b:url(http://x)}]]></style></svg>", "<svg></svg>");
        check(r#"<svg onload="alert(1)" ONCLICK='x'><g onmouseover="y"/></svg>"#, "<svg><g/></svg>");
        check(
            r#"<svg><image href="https://example.org/a.png"/><a href="javascript:x"><g/></a></svg>"#,
            "<svg></svg>",
        );
        check(r##"<svg><use href="https://example.org/a.svg#x"/></svg>"##, "<svg><use/></svg>");
        check(
            r#"<svg><g fill="url(https://example.org)" style="background:url( 'x' )"/></svg>"#,
            "<svg><g/></svg>",
        );
        check("<svg><SCRIPT>alert(1)</SCRIPT></svg>", "<svg></svg>");
    }

    #[test]
    fn ids_are_made_unique() {
        check(
            r##"<svg><defs><clipPath id="c0"><rect/></clipPath></defs><g clip-path="url(#c0)"/><use href="#c0"/></svg>"##,
            r##"<svg><defs><clipPath id="f1-c0"><rect/></clipPath></defs><g clip-path="url(#f1-c0)"/><use href="#f1-c0"/></svg>"##,
        );
    }

    #[test]
    fn text_of_the_file_means_itself() {
        check(
            "<svg><text>a & b > c &lt;i&gt;</text></svg>",
            "<svg><text>a &amp; b &gt; c &lt;i&gt;</text></svg>",
        );
    }

    #[test]
    fn what_is_no_picture_is_left_out() {
        for text in ["", "<p>", "<svg", "<svg><g>", "<svg><g></svg>", "<svg a=\"", "<svg><!-- "] {
            assert_eq!(sanitise(text, "f1-"), None, "{text}");
        }
    }
}
