//! Coefficients as the penalty falls: which columns a penalised model lets in, and when.

use charming::series::Line;
use serde_json::Value;

use super::{
    ChartMaker, ChartRequest, ChartSource, Picture, Theme,
    option::{Caption, Sheet, category_axis, value_axis},
};
use crate::engine::{
    json::json,
    models::{
        coefficients::{CoefficientTable, PathPoint, PenaltyPath},
        comparison::{Comparison, FamilyResult},
        verdict::in_sentence,
    },
    order::InOrder,
    words::{NOTHING, count, number},
};

/// Columns drawn: those whose weight grows largest.
const MOST_COLUMNS: usize = 6;

/// Arguments: the family.
pub struct PenaltyPathChart;

fn path(result: &FamilyResult) -> Option<(&CoefficientTable, &PenaltyPath)> {
    let table = result.coefficients.as_ref()?;
    let path = table.path.as_ref()?;
    (path.points.len() > 1 && table.rows.len() > 1).then_some((table, path))
}

/// Whether there is something to draw of a family.
pub fn is_there(comparison: &Comparison, family: &str) -> bool {
    comparison.results.iter().any(|r| r.family == family && path(r).is_some())
}

impl ChartMaker for PenaltyPathChart {
    fn slug(&self) -> &'static str {
        "penalty_path"
    }

    fn offers(&self, source: &ChartSource<'_>) -> Vec<ChartRequest> {
        let results = source.comparison.map_or(&[][..], |c| &c.results);
        let drawn = results.iter().filter(|r| path(r).is_some());
        drawn.map(|r| ChartRequest::new(self.slug(), [r.family.clone()])).collect()
    }

    fn draw(&self, source: &ChartSource<'_>, args: &[String], theme: &Theme) -> Option<Picture> {
        let comparison = source.comparison?;
        let result = comparison.results.iter().find(|r| Some(&r.family) == args.first())?;
        let (table, path) = path(result)?;
        let points = &path.points;
        let (first, last) = (points.first()?, points.last()?);
        let weight = |p: &PathPoint, j: usize| p.weights.get(j).copied().unwrap_or(0.0);
        let reach = |j: usize| points.iter().map(|p| weight(p, j).abs()).fold(0.0, f64::max);
        let mut columns: Vec<(f64, usize)> = (0..table.rows.len() - 1).map(|j| (-reach(j), j)).collect();
        columns.order_by(|a, b| a.0.total_cmp(&b.0));
        columns.truncate(MOST_COLUMNS);
        let name = |j: usize| table.rows[j + 1].name.clone();
        let labels: Vec<String> = points.iter().map(|p| number(p.penalty)).collect();
        let used = |p: &PathPoint| p.weights.iter().filter(|w| **w != 0.0).count() as u64;
        let at = points.iter().position(|p| p.penalty == path.penalty);
        let mut sheet = Sheet::new(theme)
            .grid(34)
            .legend()
            .x(category_axis(theme, "Penalty, falling", &labels))
            .y(value_axis(theme, "Effect of one deviation"));
        for (place, &(_, j)) in columns.iter().enumerate() {
            let data: Vec<Value> = points
                .iter()
                .zip(&labels)
                .map(|(p, label)| {
                    let said = format!("Penalty {label}\n{}: {}", name(j), number(weight(p, j)));
                    json!({ "value": weight(p, j), "tooltip": { "formatter": said } })
                })
                .collect();
            let marks: Vec<Value> =
                at.filter(|_| place == 0).map(|at| json!({ "xAxis": at })).into_iter().collect();
            let colour = theme.series_colour(place);
            sheet = sheet.series(
                Line::new().name(name(j)),
                json!({ "data": data, "symbol": "circle", "symbolSize": 4, "itemStyle": { "color": colour },
                        "lineStyle": { "color": colour, "width": 1.5 },
                        "markLine": { "silent": true, "symbol": "none", "animation": false,
                                      "label": { "formatter": "chosen", "color": theme.ink_muted },
                                      "lineStyle": { "color": theme.ink_muted, "type": "dashed" }, "data": marks } }),
            );
        }
        let names: Vec<String> = columns.iter().map(|&(_, j)| name(j)).collect();
        let sheet = sheet.merge(json!({ "legend": { "data": names } }));
        let rows = points
            .iter()
            .zip(&labels)
            .map(|(p, label)| {
                let error = p.error.filter(|e| e.is_finite());
                let error = error.map_or_else(|| NOTHING.to_owned(), |e| number(e.sqrt()));
                let mut row = vec![label.clone(), error, count(used(p))];
                row.extend(columns.iter().map(|&(_, j)| number(weight(p, j))));
                row
            })
            .collect();
        let title = format!(
            "Coefficients other than 0 as the penalty falls: {} at the largest, {} at the smallest",
            count(used(first)),
            count(used(last))
        );
        let shown = if columns.len() < table.rows.len() - 1 {
            format!(" Drawn are the {} whose effects grow largest.", count(columns.len() as u64))
        } else {
            String::new()
        };
        let marked = if at.is_some() { " The dashed line is the penalty of the model." } else { "" };
        let mut header =
            vec!["Penalty".into(), "RMSE over inner folds".into(), "Coefficients other than 0".into()];
        header.extend(names);
        Some(sheet.finish(
            340,
            Caption {
                alt: format!(
                    "{}, {} penalties. {title}.",
                    in_sentence(&result.title),
                    points.len()
                ),
                title,
                how: format!(
                    "The model is fitted on all rows anew for each penalty; effects are those of one standard deviation of a column, so that \
                     they compare. A category has one for each level but the first.{marked}{shown}"
                ),
                header,
                rows,
            },
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::charts::tests::{bare, comparison, table};

    #[test]
    fn columns_come_in_as_the_penalty_falls() {
        let (table, compared) = (table(4), comparison(4));
        let source = ChartSource { comparison: Some(&compared), ..bare(&table) };
        assert!(is_there(&compared, "linear") && !is_there(&compared, "baseline"));
        let offers = PenaltyPathChart.offers(&source);
        assert_eq!(offers, [ChartRequest::new("penalty_path", ["linear".to_owned()])]);
        let picture = PenaltyPathChart.draw(&source, &offers[0].args, &Theme::light()).unwrap();
        assert_eq!(
            picture.title,
            "Coefficients other than 0 as the penalty falls: 0 at the largest, 2 at the smallest"
        );
        assert_eq!(picture.header[3..], ["Spent", "Clicks"]);
        assert_eq!(picture.rows[1], ["0.100", "1.20", "1", "0.500", "0"]);
        let option: Value = serde_json::from_str(&picture.option).unwrap();
        assert_eq!(option["series"][0]["markLine"]["data"][0]["xAxis"], 1);
    }
}
