//! Makes a drawn chart safe to stand inside a page: only shapes and text stay.
//!
//! The pictures come from our own chart library, but they contain labels from the file, and several of them share one
//! page. So nothing is taken on trust: elements and attributes not named here are dropped, and ids are made unique.

use std::collections::BTreeMap;

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
    let mut shapes: BTreeMap<String, Shape> = BTreeMap::new();
    // Depth inside an element that is dropped.
    let mut dropped = 0usize;
    // Where the last opening tag ended: a closing one at the same place means that nothing stood inside.
    let mut opened_at = usize::MAX;
    while let Some(at) = rest.find('<') {
        let (text, tag) = rest.split_at(at);
        let is_label = matches!(open.last(), Some(&"text" | &"tspan" | &"title" | &"desc"));
        if dropped == 0 && is_label {
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
                    if out.len() == opened_at {
                        out.pop();
                        out.push_str("/>");
                    } else {
                        out.push_str(&format!("</{name}>"));
                    }
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
            let kept: Vec<(&str, String)> = attributes(inside.get(name.len()..).unwrap_or_default())
                .into_iter()
                .filter_map(|(key, value)| Some((key, attribute(key, value, prefix)?)))
                .collect();
            let is_empty = closes_itself || next.trim_start().starts_with("</path>");
            let is_point = name == "path" && is_empty && push_point(&mut out, &kept, &mut shapes, prefix);
            if !is_point {
                push_tag(&mut out, name, &kept);
            }
            if closes_itself {
                if !is_point {
                    out.push_str("/>");
                }
                if open.is_empty() {
                    return Some(out);
                }
            } else if is_point {
                rest = after(next, "</path>");
            } else {
                out.push('>');
                open.push(name);
                opened_at = out.len();
            }
        }
    }
    None
}

fn push_tag(out: &mut String, name: &str, attributes: &[(&str, String)]) {
    out.push('<');
    out.push_str(name);
    for (key, value) in attributes {
        out.push_str(&format!(" {key}=\"{value}\""));
    }
}

/// The first of several points that differ only in their place.
struct Shape {
    id: usize,
    x: f64,
    y: f64,
}

/// Writes a point of a cloud as a reference to the first of its kind, a fifth of its size: a report must stay small.
/// `false` when the path is none, or the first: it is then written as it is (the first with an id).
fn push_point(
    out: &mut String,
    attributes: &[(&str, String)],
    shapes: &mut BTreeMap<String, Shape>,
    prefix: &str,
) -> bool {
    let Some((_, transform)) = attributes.iter().find(|(key, _)| *key == "transform") else { return false };
    let Some((scale, x, y)) = placed(transform) else { return false };
    if attributes.iter().any(|(key, _)| *key == "id") {
        return false;
    }
    let mut kind = scale;
    for (key, value) in attributes.iter().filter(|(key, _)| *key != "transform") {
        kind.push_str(&format!(" {key}={value}"));
    }
    let next = shapes.len();
    if let Some(first) = shapes.get(&kind) {
        let (dx, dy) = (tenths(x - first.x), tenths(y - first.y));
        out.push_str(&format!("<use href=\"#{prefix}s{}\" x=\"{dx}\" y=\"{dy}\"/>", first.id));
        return true;
    }
    shapes.insert(kind, Shape { id: next, x, y });
    push_tag(out, "path", attributes);
    out.push_str(&format!(" id=\"{prefix}s{next}\"/>"));
    true
}

/// Scale and place of `translate(x y)` or `matrix(a,0,0,d,x,y)`.
fn placed(transform: &str) -> Option<(String, f64, f64)> {
    let numbers = |text: &str| -> Option<Vec<f64>> {
        text.strip_suffix(')')?
            .split([',', ' '])
            .filter(|part| !part.is_empty())
            .map(|part| part.parse().ok())
            .collect()
    };
    if let Some(rest) = transform.strip_prefix("translate(") {
        let [x, y] = numbers(rest)?[..] else { return None };
        return Some(("1,1".to_owned(), x, y));
    }
    let [a, b, c, d, x, y] = numbers(transform.strip_prefix("matrix(")?)?[..] else { return None };
    (b == 0.0 && c == 0.0).then(|| (format!("{a},{d}"), x, y))
}

/// To a tenth of a pixel, without a needless ".0" or "-0".
fn tenths(value: f64) -> String {
    let text = format!("{value:.1}");
    let text = text.strip_suffix(".0").unwrap_or(&text);
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
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
    if !has_only_plain_entities(value) {
        return None;
    }
    let value = value.replace('"', "&quot;").replace('<', "&lt;");
    match lower.as_str() {
        "id" => Some(format!("{prefix}{value}")),
        "href" | "xlink:href" => value.strip_prefix('#').map(|id| format!("#{prefix}{id}")),
        "class" | "version" | "baseprofile" | "pointer-events" | "xml:space" => None,
        key if key.starts_with("ecmeta") => None,
        _ => {
            let compact: String =
                value.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_lowercase();
            let foreign =
                ["javascript:", "expression(", "@import", "//", "\\"].iter().any(|w| compact.contains(w));
            let outside =
                compact.split("url(").skip(1).any(|u| !u.trim_start_matches(['\'', '"']).starts_with('#'));
            if foreign || outside {
                return None;
            }
            // The page's own font: naming it at every label would double the file.
            let value: Vec<&str> =
                value.split(';').filter(|part| !part.trim().starts_with("font-family:")).collect();
            Some(
                value
                    .join(";")
                    .replace("url(#", &format!("url(#{prefix}"))
                    .replace("url('#", &format!("url('#{prefix}")),
            )
        }
    }
}

/// Whether every `&` begins one of the four entities a value may need: any other could spell what is refused below.
fn has_only_plain_entities(value: &str) -> bool {
    value.split('&').skip(1).all(|rest| ["amp;", "lt;", "gt;", "quot;"].iter().any(|e| rest.starts_with(e)))
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
        check("<svg><script>alert(1)</script><g></g></svg>", "<svg><g/></svg>");
        check("<svg><foreignObject><p><b>x</b></p></foreignObject></svg>", "<svg/>");
        check("<svg><style><![CDATA[a{b:url(http://x)}]]></style></svg>", "<svg/>");
        check(r#"<svg onload="alert(1)" ONCLICK='x'><g onmouseover="y"/></svg>"#, "<svg><g/></svg>");
        check(
            r#"<svg><image href="https://example.org/a.png"/><a href="javascript:x"><g/></a></svg>"#,
            "<svg/>",
        );
        check(r##"<svg><use href="https://example.org/a.svg#x"/></svg>"##, "<svg><use/></svg>");
        check(
            r#"<svg><g fill="url(https://example.org)" style="background:url( 'x' )"/></svg>"#,
            "<svg><g/></svg>",
        );
        check("<svg><SCRIPT>alert(1)</SCRIPT></svg>", "<svg/>");
    }

    #[test]
    fn values_that_are_spelt_another_way_go() {
        for value in [
            "&#106;avascript:x",
            "&#x6a;avascript:x",
            "&#106avascript:x",
            "javascript&colon;x",
            "&NewLine;",
            "&amp",
            "a & b",
            "url&lpar;http:x)",
            "&apos;",
        ] {
            check(
                &format!(r#"<svg><g fill="{value}" stroke="red"/></svg>"#),
                r#"<svg><g stroke="red"/></svg>"#,
            );
            check(
                &format!(r##"<svg><use href="#{value}"/><g id="{value}"/></svg>"##),
                "<svg><use/><g/></svg>",
            );
        }
        check(
            r#"<svg><g name="a &amp; b &lt;c&gt; &quot;d&quot;"/></svg>"#,
            r#"<svg><g name="a &amp; b &lt;c&gt; &quot;d&quot;"/></svg>"#,
        );
    }

    #[test]
    fn ids_are_made_unique() {
        check(
            r##"<svg><defs><clipPath id="c0"><rect/></clipPath></defs><g clip-path="url(#c0)"/><use href="#c0"/></svg>"##,
            r##"<svg><defs><clipPath id="f1-c0"><rect/></clipPath></defs><g clip-path="url(#f1-c0)"/><use href="#f1-c0"/></svg>"##,
        );
    }

    #[test]
    fn points_that_differ_in_place_alone_are_written_once() {
        check(
            r##"<svg><path d="M1 0" transform="matrix(2,0,0,2,10,20)" fill="#d55e00"></path>
<path d="M1 0" transform="matrix(2,0,0,2,12.25,20)" fill="#d55e00"></path><path d="M1 0" transform="matrix(3,0,0,3,12,20)" fill="#d55e00"></path><path d="M1 0" transform="matrix(2,0,0,2,10.04,19)" fill="#d55e00"/></svg>"##,
            r##"<svg><path d="M1 0" transform="matrix(2,0,0,2,10,20)" fill="#d55e00" id="f1-s0"/><use href="#f1-s0" x="2.2" y="0"/><path d="M1 0" transform="matrix(3,0,0,3,12,20)" fill="#d55e00" id="f1-s1"/><use href="#f1-s0" x="0" y="-1"/></svg>"##,
        );
        check(
            r#"<svg><path d="M1 0" transform="rotate(45)"></path><path d="M1 0" transform="rotate(45)"></path></svg>"#,
            r#"<svg><path d="M1 0" transform="rotate(45)"/><path d="M1 0" transform="rotate(45)"/></svg>"#,
        );
    }

    #[test]
    fn what_the_page_says_already_is_not_repeated() {
        check(
            r#"<svg><text style="font-size:12px;font-family:system-ui, 'Segoe UI';" xml:space="preserve" ecmeta_data_index="3">a b</text></svg>"#,
            r#"<svg><text style="font-size:12px;">a b</text></svg>"#,
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
