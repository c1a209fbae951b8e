//! Tiny options, and the shapes that must come of them.

use super::svg;
use crate::engine::{json::json, report::export::svg::sanitise};
use serde_json::Value;

/// A chart of one series on an axis of categories and one of numbers.
fn option(series: Value, is_lying: bool) -> Value {
    let words = json!({ "type": "category", "data": ["a", "b", "c"], "inverse": is_lying, "axisTick": { "show": false } });
    let numbers = json!({ "type": "value", "name": "Rows" });
    let (x, y) = if is_lying { (numbers, words) } else { (words, numbers) };
    json!({ "color": ["#0072b2"], "grid": [{ "left": 8, "right": 20, "top": 24, "bottom": 8 }], "xAxis": [x], "yAxis": [y], "series": [series] })
}

fn drawn(option: &Value) -> String {
    svg(option, 400.0, 200.0).unwrap()
}

/// The values of an attribute, of all elements that have both it and `mark` in their tag.
fn numbers(svg: &str, mark: &str, attribute: &str) -> Vec<f64> {
    let key = format!(" {attribute}=\"");
    let tags = svg.split('<').filter(|tag| tag.contains(mark));
    tags.filter_map(|tag| tag.split(&key).nth(1)?.split('"').next()?.parse().ok()).collect()
}

#[track_caller]
fn check(series: Value, is_lying: bool, expected: &[(&str, usize)]) {
    let svg = drawn(&option(series, is_lying));
    for (shape, n) in expected {
        assert_eq!(svg.matches(shape).count(), *n, "{shape} in {svg}");
    }
    assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
    let kept = sanitise(&svg, "f1-").unwrap();
    for (shape, n) in expected {
        // Dots that are alike are written once.
        let again = if shape.starts_with("<path") { kept.matches("<use").count() } else { 0 };
        assert_eq!(kept.matches(shape).count() + again, *n, "{shape} in what the exporter keeps: {kept}");
    }
}

#[test]
fn each_kind_of_series_has_its_shapes() {
    let label = json!({ "show": true, "formatter": "figure", "position": "right" });
    check(
        json!({ "type": "bar", "data": [1, 2, null], "label": label }),
        true,
        &[("<rect", 2), (">figure</text>", 2)],
    );
    check(json!({ "type": "bar", "data": [1, -2, 3] }), false, &[("<rect", 3)]);
    check(json!({ "type": "line", "data": [1, 2, 3] }), false, &[("<polyline", 1), ("<path", 3)]);
    check(
        json!({ "type": "line", "data": [1, 2, 3], "showSymbol": false }),
        false,
        &[("<polyline", 1), ("<path", 0)],
    );
    check(json!({ "type": "scatter", "data": [[1, 0], { "value": [2, 1] }, [3, 2]] }), true, &[("<path", 3)]);
    let boxes = json!([[1, 2, 3, 4, 5], "-", [2, 2, 2, 2, 2]]);
    // Frame and median, whiskers and their ends; what has no height is one line. Then the axis and the grid.
    check(
        json!({ "type": "boxplot", "data": boxes }),
        false,
        &[("fill=\"#0072b2\"", 1), ("stroke=\"#0072b2\"", 7)],
    );
    check(json!({ "type": "heatmap", "data": [[0, 0, 1]] }), false, &[("<rect", 1)]);
}

#[test]
fn a_missing_value_breaks_a_line() {
    let series = json!({ "type": "line", "data": [1, 2, null, 3, 4], "symbol": "none" });
    let mut option = option(series, false);
    option["xAxis"][0]["data"] = json!(["a", "b", "c", "d", "e"]);
    assert_eq!(drawn(&option).matches("<polyline").count(), 2);
}

#[test]
fn bars_begin_at_zero_and_keep_their_order() {
    let svg = drawn(&option(json!({ "type": "bar", "data": [1, 2, 4] }), true));
    let (x, width, y) =
        (numbers(&svg, "rect ", "x"), numbers(&svg, "rect ", "width"), numbers(&svg, "rect ", "y"));
    assert!(x.iter().all(|v| *v == x[0]), "{svg}");
    assert!((width[1] - 2.0 * width[0]).abs() < 0.3 && (width[2] - 4.0 * width[0]).abs() < 0.5, "{svg}");
    // Turned over, the first category is at the top.
    assert!(y[0] < y[1] && y[1] < y[2], "{svg}");
}

#[test]
fn a_figure_with_no_room_beside_its_bar_stands_in_it() {
    let at = |low: f64| {
        let label = json!({ "show": true, "position": "left", "formatter": "−2,207.58" });
        let mut option = option(json!({ "type": "bar", "data": [-2207.58], "label": label }), true);
        option["xAxis"][0]["min"] = json!(low);
        let svg = drawn(&option);
        let label = svg.split("<text").find(|text| text.contains("−2,207.58")).unwrap();
        label.contains("text-anchor=\"end\"")
    };
    assert_eq!((at(-5000.0), at(-2210.0)), (true, false));
}

#[test]
fn what_lies_beyond_the_axis_is_cut_off() {
    let mut option = option(json!({ "type": "bar", "data": [1, 20] }), true);
    option["xAxis"][0]["max"] = json!(10);
    let svg = drawn(&option);
    let ends: Vec<f64> =
        numbers(&svg, "rect ", "x").iter().zip(numbers(&svg, "rect ", "width")).map(|(x, w)| x + w).collect();
    assert!(ends[1] <= 380.0, "{svg}");
}

#[test]
fn a_value_is_marked_where_it_stands() {
    let mark = |value: f64| {
        let series = json!({ "type": "bar", "data": [1, 2, 4],
            "markLine": { "data": [{ "xAxis": value }], "label": { "formatter": "all", "position": "start" }, "lineStyle": { "color": "#ff0000", "type": "dotted" } } });
        drawn(&option(series, true))
    };
    let svg = mark(2.0);
    let bars = numbers(&svg, "rect ", "x");
    let end = bars[1] + numbers(&svg, "rect ", "width")[1];
    assert!((numbers(&svg, "#ff0000", "x1")[0] - end).abs() <= 1.0, "{svg}");
    assert!(svg.contains(">all</text>") && numbers(&svg, "text ", "y").iter().any(|y| *y < 24.0), "{svg}");
    assert!(!mark(40.0).contains("#ff0000"));
}

#[test]
fn colours_follow_the_scale() {
    let mut option =
        option(json!({ "type": "heatmap", "data": [[0, 0, -1], [1, 1, 0], [2, 2, 1], [0, 1, 9]] }), false);
    option["yAxis"][0] = json!({ "type": "category", "data": ["a", "b", "c"] });
    option["visualMap"] = json!([{ "min": -1, "max": 1, "text": ["1", "−1"], "inRange": { "color": ["#000000", "#808080", "#ffffff"] } }]);
    let svg = drawn(&option);
    for (colour, n) in
        [("fill=\"#000000\"", 1), ("fill=\"#808080\"", 1), ("fill=\"#ffffff\"", 2), ("<stop", 3)]
    {
        assert_eq!(svg.matches(colour).count(), n, "{colour} in {svg}");
    }
}

#[test]
fn a_legend_that_needs_lines_moves_the_plot_down() {
    let with = |n: usize| {
        let series: Vec<Value> =
            (0..n).map(|i| json!({ "type": "line", "name": format!("a long name of column {i}"), "data": [1, 2, 3] })).collect();
        let mut option = option(Value::Null, false);
        option["series"] = json!(series);
        option["legend"] = json!({ "top": 0, "left": 0, "itemWidth": 14, "itemHeight": 8 });
        drawn(&option)
    };
    let top = |svg: &str| numbers(svg, "polyline ", "points").len() + svg.matches("rx=\"2\"").count();
    assert_eq!((top(&with(2)), top(&with(6))), (2, 6));
    // Lowest letters of the legend, highest line of the plot.
    let svg = with(6);
    let legend = numbers(&svg, "rx=\"2\"", "y").into_iter().fold(0.0, f64::max);
    let plot = numbers(&svg, "line x1", "y1").into_iter().fold(f64::INFINITY, f64::min);
    assert!(legend + 8.0 < plot, "{legend} {plot} {svg}");
}

#[test]
fn labels_that_would_touch_are_thinned_out() {
    let mut option = option(json!({ "type": "scatter", "data": [[0, 0], [150_000_000.0, 1]] }), true);
    option["xAxis"][0]["splitNumber"] = json!(20);
    let svg = drawn(&option);
    assert!(svg.contains(">100,000,000</text>") && !svg.contains(">10,000,000</text>"), "{svg}");
}

#[test]
fn what_is_unknown_is_not_drawn() {
    for series in [json!({ "type": "pie", "data": [1] }), json!({ "type": "custom" }), json!({})] {
        assert_eq!(svg(&option(series, false), 400.0, 200.0), None);
    }
    let mut logarithmic = option(json!({ "type": "bar", "data": [1] }), false);
    logarithmic["yAxis"][0]["type"] = json!("log");
    assert_eq!(svg(&logarithmic, 400.0, 200.0), None);
    let mut elsewhere = option(json!({ "type": "bar", "data": [1], "xAxisIndex": 3 }), false);
    assert_eq!(svg(&elsewhere, 400.0, 200.0), None);
    elsewhere["series"] = json!([]);
    assert_eq!(svg(&elsewhere, 400.0, 200.0), None);
    // No room for a plot beside its labels.
    assert_eq!(svg(&option(json!({ "type": "bar", "data": [1] }), false), 40.0, 20.0), None);
    assert_eq!(svg(&Value::Null, 400.0, 200.0), None);
}

#[test]
fn labels_of_the_file_are_text() {
    let mut option = option(json!({ "type": "bar", "data": [1] }), true);
    option["yAxis"][0]["data"] = json!(["<script>alert(1)</script> & \"x\"", "b", "c"]);
    let svg = drawn(&option);
    assert!(svg.contains("&lt;script&gt;") && !svg.contains("<script"), "{svg}");
    assert_eq!(svg, drawn(&option));
}
