//! Shows a finished report inside the page, apart from the page's own styles.

use js_sys::{Array, Function, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use web_sys::Element;

#[wasm_bindgen]
extern "C" {
    /// A stylesheet made in memory: it needs no `<style>` element, which the page's policy refuses.
    #[wasm_bindgen(js_name = CSSStyleSheet)]
    type StyleSheet;

    #[wasm_bindgen(constructor, js_class = "CSSStyleSheet", catch)]
    fn new() -> Result<StyleSheet, JsValue>;

    #[wasm_bindgen(method, js_name = replaceSync, catch)]
    fn replace_sync(this: &StyleSheet, text: &str) -> Result<(), JsValue>;
}

/// Shows the content of a report's `<main>` in a shadow of the element, with the report's own styles in their light
/// form: paper is white in any theme. What was shown there before goes.
pub fn show(host: &Element, report: &str) -> Result<(), JsValue> {
    let root = match Reflect::get(host, &"shadowRoot".into())? {
        root if root.is_object() => root,
        _ => {
            let mode = Object::new();
            Reflect::set(&mode, &"mode".into(), &"open".into())?;
            let attach: Function = Reflect::get(host, &"attachShadow".into())?.unchecked_into();
            attach.call1(host, &mode)?
        }
    };
    let sheet = StyleSheet::new()?;
    sheet.replace_sync(&for_shadow(between(report, "<style>", "</style>")))?;
    Reflect::set(&root, &"adoptedStyleSheets".into(), &Array::of1(&sheet))?;
    Reflect::set(
        &root,
        &"innerHTML".into(),
        &format!("<div class=\"paper\">{}</div>", between(report, "<main>", "</main>")).into(),
    )?;
    Ok(())
}

/// What stands between two tags. Of the body only `<main>` is shown: the links of the contents list would lead the
/// page astray.
fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    text.split_once(start).and_then(|(_, rest)| rest.split_once(end)).map_or("", |(inside, _)| inside)
}

/// The report's styles with the shadow's host in place of the document, and without the dark colours.
fn for_shadow(styles: &str) -> String {
    let light: String = styles
        .lines()
        .filter(|line| !line.starts_with("@media (prefers-color-scheme:dark)") && !line.starts_with("@media print"))
        .map(|line| match line.strip_prefix("body{") {
            Some(_) => ".paper{padding:24px;background:var(--surface);color:var(--ink);font:15px/1.55 system-ui,-apple-system,\"Segoe UI\",Roboto,sans-serif}".to_owned(),
            None => line.replace(":root{color-scheme:light dark;", ":host{color-scheme:light;"),
        })
        .collect::<Vec<_>>()
        .join("\n");
    light.replace(":root", ":host") + "figure{content-visibility:auto;contain-intrinsic-size:auto 420px}"
}
