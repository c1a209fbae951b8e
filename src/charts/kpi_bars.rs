//! One KPI by one or two categories, as bars beside the value of everything together.

use charming::series::Bar;
use serde_json::Value;

use super::{
    ChartMaker, ChartRequest, ChartSource, Picture, Theme,
    option::{Caption, Sheet, category_axis, is_range, plain, shorten, value_axis},
    rate_by_segment::nice_above,
};
use crate::engine::{
    data::role::Role,
    json::json,
    order::InOrder,
    statistics::{
        claim::Grade,
        exploration::{KpiColumn, KpiRow, KpiTable, RateBySegment},
    },
    words::{self, count},
};

/// Arguments: the metric's slug, then the category or categories.
pub struct KpiBars;

const MOST_BARS: usize = 24;
/// Tables drawn in a report.
const MOST_OFFERED: usize = 6;
/// What the report draws of each table.
const TELLING: &[&str] = &["cpa", "cpl", "cvr", "ctr", "response_rate"];

impl ChartMaker for KpiBars {
    fn slug(&self) -> &'static str {
        "kpi_bars"
    }

    fn offers(&self, source: &ChartSource<'_>) -> Vec<ChartRequest> {
        let tables = source.exploration.map(|e| e.kpis.as_slice()).unwrap_or_default();
        tables
            .iter()
            .filter_map(|t| {
                let slug = TELLING
                    .iter()
                    .find(|s| has_values(t, s))
                    .copied()
                    .map(str::to_owned)
                    .or_else(|| t.columns.iter().map(|c| c.slug.clone()).find(|s| has_values(t, s)))?;
                // The rate with its interval says the same and more.
                let is_told = slug == "response_rate"
                    && source
                        .exploration
                        .is_some_and(|e| e.rates.iter().any(|r| t.by == [r.segment.clone()]));
                if is_told {
                    return None;
                }
                Some(ChartRequest::new(self.slug(), std::iter::once(slug).chain(t.by.iter().cloned())))
            })
            .take(MOST_OFFERED)
            .collect()
    }

    fn draw(&self, source: &ChartSource<'_>, args: &[String], theme: &Theme) -> Option<Picture> {
        let slug = args.first()?;
        let by = args.get(1..).unwrap_or_default();
        let table = source.exploration?.kpis.iter().find(|t| by.is_empty() || t.by == by)?;
        let place = table.columns.iter().position(|c| &c.slug == slug)?;
        let groups = Groups::of(source, table, place)?;
        let drawn: Vec<&KpiRow> =
            groups.rows.iter().copied().filter(|r| groups.value(r).is_some()).take(MOST_BARS).collect();
        let caption = groups.caption(groups.rows.len() - drawn.len());
        Some(groups.sheet(&drawn, theme).finish(80 + 32 * drawn.len() as u32, caption))
    }
}

/// One figure of every group, in the order drawn.
struct Groups<'a> {
    table: &'a KpiTable,
    place: usize,
    column: &'a KpiColumn,
    /// Ordered categories in their order, others by value; groups that are too small for a headline come last.
    rows: Vec<&'a KpiRow>,
    is_ordered: bool,
    /// How far the test of the same rate, if it was made, carries a difference.
    grade: Option<Grade>,
}

impl<'a> Groups<'a> {
    fn of(source: &ChartSource<'a>, table: &'a KpiTable, place: usize) -> Option<Self> {
        let column = table.columns.get(place)?;
        let mut rows: Vec<&KpiRow> =
            table.rows.iter().filter(|r| r.labels.iter().any(|l| !l.is_empty())).collect();
        if rows.is_empty() {
            return None;
        }
        let is_ordered = table.by.len() == 1
            && super::rate_by_segment::is_ordered(
                source,
                &table.by[0],
                rows.iter().filter_map(|r| r.labels.first()).map(String::as_str),
            )
            || table.by.len() > 1 && rows.iter().flat_map(|r| &r.labels).any(|l| is_range(l));
        let value = |row: &KpiRow| row.values.get(place).copied().flatten().unwrap_or(f64::NEG_INFINITY);
        if !is_ordered {
            rows.order_by(|a, b| value(b).total_cmp(&value(a)));
        }
        if !is_ordered || rows.len() > MOST_BARS {
            rows.order_by_key(|r| r.is_too_few(place));
        }
        let response = source.table.with_role(Role::Response).filter(|_| column.slug == "response_rate");
        let is_same = |r: &&RateBySegment| {
            table.by == [r.segment.clone()] && response.is_some_and(|c| c.name == r.outcome)
        };
        let rate = source.exploration.and_then(|e| e.rates.iter().find(is_same));
        let grade = rate.map(|r| r.grade);
        Some(Self { table, place, column, rows, is_ordered, grade })
    }

    fn value(&self, row: &KpiRow) -> Option<f64> {
        row.values.get(self.place).copied().flatten()
    }

    /// The value of everything together.
    fn total(&self) -> Option<f64> {
        let first = self.table.rows.first().filter(|r| r.labels.iter().all(String::is_empty))?;
        self.value(first)
    }

    fn by(&self) -> String {
        self.table.by.join(" and ")
    }

    fn sheet<'t>(&self, drawn: &[&KpiRow], theme: &'t Theme) -> Sheet<'t> {
        let Self { column, place, .. } = *self;
        let show = self.table.show(place, true);
        let factor = if column.unit == "%" { 100.0 } else { 1.0 };
        let labels: Vec<String> = drawn.iter().map(|r| shorten(&label(r), 26)).collect();
        let bars: Vec<Value> = drawn
            .iter()
            .map(|r| {
                let v = self.value(r).unwrap_or(0.0);
                let (few, colour) = if r.is_too_few(place) {
                    ("\ntoo few to compare", theme.line.as_str())
                } else {
                    ("", theme.series_colour(0))
                };
                let text = format!("{}\n{} {}\n{} rows{few}", plain(&label(r)), plain(&column.label), show(v), count(r.n_rows));
                json!({ "value": v * factor, "itemStyle": { "color": colour }, "label": { "formatter": show(v) }, "tooltip": { "formatter": text } })
            })
            .collect();
        let mut patch = json!({ "data": bars, "barMaxWidth": 22,
            "label": { "show": true, "position": "right", "color": theme.ink, "fontSize": 12 } });
        if let Some(total) = self.total() {
            super::option::merge(
                &mut patch,
                json!({ "markLine": { "silent": true, "symbol": "none", "animation": false,
                "lineStyle": { "color": theme.ink_muted, "type": "dotted", "width": 1.5 },
                "label": { "formatter": format!("all {}", show(total)), "color": theme.ink_muted, "fontSize": 12, "position": "start" },
                "data": [{ "xAxis": total * factor }] } }),
            );
        }
        let unit = if column.unit.is_empty() { String::new() } else { format!(", {}", column.unit) };
        let mut axis = value_axis(theme, &format!("{}{unit}", plain(&column.label)));
        // A group of one must not squash the others: the axis follows those that count.
        let furthest = |few: bool| {
            let values = drawn.iter().filter(|r| r.is_too_few(place) == few).filter_map(|r| self.value(r));
            values.fold(0.0_f64, f64::max) * factor
        };
        let (large, small) = (furthest(false), furthest(true));
        if large > 0.0 && small > 1.5 * large {
            axis = axis.max(nice_above(large * 1.15));
        }
        Sheet::new(theme)
            .grid(24)
            .x(axis)
            .y(category_axis(theme, "", &labels).inverse(true))
            .series(Bar::new().name(column.label.as_str()), patch)
            .merge(json!({ "grid": [{ "right": 64 }], "yAxis": [{ "axisLabel": { "interval": 0 } }] }))
    }

    fn caption(&self, n_left_out: usize) -> Caption {
        let Self { column, place, .. } = *self;
        let (by, title) = (self.by(), self.title());
        let show = self.table.show(place, true);
        let rows = self.table.rows.iter().map(|r| {
            let name = if r.labels.iter().all(String::is_empty) { "Everything".to_owned() } else { label(r) };
            let note = r.notes.get(place).cloned().flatten();
            let few = if r.is_too_few(place) { "too few to compare" } else { "" };
            let shown = self.value(r).map_or_else(|| note.unwrap_or_else(|| words::NOTHING.into()), &show);
            vec![name, count(r.n_rows), shown, few.to_owned()]
        });
        let mut how = format!(
            "{} = {}, from the sums of each group, never the mean of row ratios. The dotted line is everything together.",
            column.label, column.formula
        );
        match self.table.n_too_few(place) {
            0 => {}
            n => {
                how += &format!(
                    " {} too small to be compared (too few rows, or fewer than 5 results to expect at the average rate): drawn pale, and left out of the title.",
                    words::counted(n, "group is", "groups are")
                );
            }
        }
        if n_left_out > 0 {
            how += &format!(
                " {n_left_out} groups without a value, or beyond {MOST_BARS}, are in the table only."
            );
        }
        if self.grade.is_some() {
            how += " Whether the groups differ by more than chance is tested under Rates by segment.";
        }
        Caption {
            alt: format!("Bars of {} by {by}. {title}.", column.label),
            title,
            how,
            header: vec![by, "Rows".into(), column.label.clone(), "Note".into()],
            rows: rows.collect(),
        }
    }

    /// What the groups that are large enough say.
    fn title(&self) -> String {
        let by = self.by();
        let name = &self.column.label;
        let show = self.table.show(self.place, true);
        let counted: Vec<(String, f64)> = self
            .rows
            .iter()
            .filter(|r| !r.is_too_few(self.place))
            .filter_map(|r| Some((label(r), self.value(r)?)))
            .collect();
        let (Some(first), Some(last), true) = (counted.first(), counted.last(), counted.len() > 1) else {
            let has_values = self.rows.iter().any(|r| self.value(r).is_some());
            let why = if has_values {
                "too few groups are large enough to compare"
            } else {
                "no group has a value"
            };
            return format!("{name} by {by}: {why}");
        };
        let values: Vec<f64> = counted.iter().map(|c| c.1).collect();
        let is_trend = self.is_ordered && self.table.by.len() == 1 && counted.len() > 2;
        let verb = if is_trend && values.windows(2).all(|w| w[0] < w[1]) {
            Some("rises")
        } else if is_trend && values.windows(2).all(|w| w[0] > w[1]) {
            Some("falls")
        } else {
            None
        };
        let untold = if self.grade == Some(Grade::CannotTell) { "; no supported difference" } else { "" };
        if let Some(verb) = verb {
            return format!(
                "{name} {verb} with {by}, from {} ({}) to {} ({}){untold}",
                show(first.1),
                first.0,
                show(last.1),
                last.0
            );
        }
        let low = counted.iter().min_by(|a, b| a.1.total_cmp(&b.1)).unwrap_or(first);
        let high = counted.iter().max_by(|a, b| a.1.total_cmp(&b.1)).unwrap_or(last);
        format!(
            "{name} by {by}: lowest {} ({}), highest {} ({}){untold}",
            show(low.1),
            low.0,
            show(high.1),
            high.0
        )
    }
}

fn label(row: &KpiRow) -> String {
    row.labels.join(", ")
}

fn has_values(table: &KpiTable, slug: &str) -> bool {
    table.columns.iter().position(|c| c.slug == slug).is_some_and(|i| {
        table.rows.iter().filter(|r| r.values.get(i).copied().flatten().is_some()).count() > 1
    })
}
