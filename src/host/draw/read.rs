//! Reading an ECharts option: fields by path, lengths in pixels or percent, lines, data.

use serde_json::Value;

use super::paper::{Dash, Stroke};

/// A number at a path ("/itemStyle/opacity").
pub(super) fn number(value: &Value, path: &str) -> Option<f64> {
    value.pointer(path)?.as_f64().filter(|n| n.is_finite())
}

/// A text at a path.
pub(super) fn text<'v>(value: &'v Value, path: &str) -> Option<&'v str> {
    value.pointer(path)?.as_str()
}

/// A yes or no at a path; what it is when nothing is said.
pub(super) fn flag(value: &Value, path: &str, otherwise: bool) -> bool {
    value.pointer(path).and_then(Value::as_bool).unwrap_or(otherwise)
}

/// The parts of a kind: a list, or one alone.
pub(super) fn parts<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    match value.get(key) {
        None | Some(Value::Null) => &[],
        Some(Value::Array(parts)) => parts,
        Some(one) => std::slice::from_ref(one),
    }
}

/// A length in pixels, or in percent of the whole.
pub(super) fn length(value: &Value, key: &str, whole: f64) -> Option<f64> {
    match value.get(key)? {
        Value::String(text) => match text.strip_suffix('%') {
            Some(share) => share.trim().parse::<f64>().ok().map(|s| s / 100.0 * whole),
            None => text.parse().ok(),
        },
        other => other.as_f64(),
    }
}

/// A line's style at a path, over what it is when nothing is said.
pub(super) fn stroke<'v>(value: &'v Value, path: &str, otherwise: Stroke<'v>) -> Stroke<'v> {
    let Some(style) = value.pointer(path) else { return otherwise };
    Stroke {
        colour: text(style, "/color").unwrap_or(otherwise.colour),
        width: number(style, "/width").unwrap_or(otherwise.width),
        dash: match text(style, "/type") {
            Some("solid") => Dash::Solid,
            Some("dashed") => Dash::Dashed,
            Some("dotted") => Dash::Dotted,
            _ => otherwise.dash,
        },
        opacity: number(style, "/opacity").unwrap_or(otherwise.opacity),
    }
}

/// One datum of a series: its numbers, and what is said of it alone.
#[derive(Debug, Clone)]
pub(super) struct Item<'v> {
    /// `Null` where nothing is.
    pub own: &'v Value,
    /// What is no number is NaN.
    pub values: Vec<f64>,
}

impl<'v> Item<'v> {
    /// `3`, `[1, 2]`, `null`, `"-"`, or an object with one of them as its value.
    pub fn of(datum: &'v Value) -> Self {
        let (own, value) = match datum {
            Value::Object(fields) => (datum, fields.get("value").unwrap_or(&Value::Null)),
            other => (&Value::Null, other),
        };
        let number = |v: &Value| v.as_f64().unwrap_or(f64::NAN);
        let values = match value {
            Value::Array(values) => values.iter().map(number).collect(),
            other => vec![number(other)],
        };
        Self { own, values }
    }

    /// A text said of it, else of its series.
    pub fn text(&self, series: &'v Value, path: &str) -> Option<&'v str> {
        text(self.own, path).or_else(|| text(series, path))
    }

    /// A number said of it, else of its series.
    pub fn number(&self, series: &Value, path: &str) -> Option<f64> {
        number(self.own, path).or_else(|| number(series, path))
    }

    /// The same for a yes or no.
    pub fn flag(&self, series: &Value, path: &str, otherwise: bool) -> bool {
        flag(self.own, path, flag(series, path, otherwise))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::json::json;

    #[test]
    fn data_are_read_in_every_form() {
        #[track_caller]
        fn check(datum: Value, expected: &[f64]) {
            let item = Item::of(&datum);
            let same = item.values.iter().zip(expected).all(|(a, b)| a == b || a.is_nan() && b.is_nan());
            assert!(same && item.values.len() == expected.len(), "{datum}: {:?}", item.values);
        }
        check(json!(3), &[3.0]);
        check(json!([1, 2.5]), &[1.0, 2.5]);
        check(json!({ "value": [1, null] }), &[1.0, f64::NAN]);
        check(json!("-"), &[f64::NAN]);
        check(json!({ "value": null, "label": {} }), &[f64::NAN]);
    }

    #[test]
    fn lengths_are_pixels_or_percent() {
        let value = json!({ "a": 8, "b": "25.00%", "c": "12", "d": "middle" });
        let read = |key| length(&value, key, 400.0);
        assert_eq!((read("a"), read("b"), read("c"), read("d")), (Some(8.0), Some(100.0), Some(12.0), None));
    }
}
