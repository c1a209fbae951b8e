//! The learning curve: the score on held-out rows and on the rows fitted, over the number of rows fitted.

use charming::series::Line;
use serde_json::Value;

use super::{
    ChartMaker, ChartRequest, ChartSource, Picture, Theme,
    option::{Caption, Sheet, category_axis, value_axis, whiskers},
};
use crate::engine::{
    json::json,
    models::{comparison::Scores, learning_curve::CurvePoint, outcome::Score, verdict::in_sentence},
    words::{count, decimals},
};

/// No arguments.
pub struct LearningCurve;

impl ChartMaker for LearningCurve {
    fn slug(&self) -> &'static str {
        "learning_curve"
    }

    fn offers(&self, source: &ChartSource<'_>) -> Vec<ChartRequest> {
        match source.curve {
            Some(c) if c.points.len() > 1 => vec![ChartRequest::new(self.slug(), [])],
            _ => Vec::new(),
        }
    }

    fn draw(&self, source: &ChartSource<'_>, _args: &[String], theme: &Theme) -> Option<Picture> {
        let found = source.curve?;
        let points = &found.points;
        let (first, last) = (points.first()?, points.last()?);
        let measure = found.measure.label();
        let axis_name =
            if found.measure == Score::Auc { "AUC (1 is perfect, 0.5 is chance)" } else { measure };
        let labels: Vec<String> = points.iter().map(|p| count(p.n_train.round() as u64)).collect();
        let spread = |p: &CurvePoint| found.score(&p.sd).filter(|sd| sd.is_finite());
        let text = |v: Option<f64>| v.map_or_else(|| "–".to_owned(), |v| decimals(v, 3));
        let line = |of: fn(&CurvePoint) -> &Scores, name: &str, with_spread: bool| -> Vec<Value> {
            let point = |p: &CurvePoint| {
                let score = found.score(of(p));
                let sd = spread(p)
                    .filter(|_| with_spread)
                    .map_or_else(String::new, |sd| format!(" ± {}", decimals(sd, 3)));
                json!({ "value": score, "tooltip": { "formatter": format!("{} rows\n{name}: {}{sd}", count(p.n_train.round() as u64), text(score)) } })
            };
            points.iter().map(point).collect()
        };
        let held_out = line(|p| &p.mean, &format!("{measure}, held-out rows"), true);
        let fitted = line(|p| &p.fitted, &format!("{measure}, rows fitted"), false);
        let lines: Vec<Option<(f64, f64, f64)>> = points
            .iter()
            .map(|p| {
                let (mean, sd) = (found.score(&p.mean)?, spread(p)?);
                Some((mean - sd, mean, mean + sd))
            })
            .collect();
        let (line_series, line_patch) = whiskers(theme, &lines);
        let sheet = Sheet::new(theme)
            .grid(34)
            .legend()
            .x(category_axis(theme, "Rows fitted", &labels))
            .y(value_axis(theme, axis_name).scale(true))
            .series(line_series, line_patch)
            .series(
                Line::new().name("On held-out rows"),
                json!({ "data": held_out, "symbol": "circle", "symbolSize": 8, "z": 6, "itemStyle": { "color": theme.accent },
                        "lineStyle": { "color": theme.accent, "width": 2 } }),
            )
            .series(
                Line::new().name("On the rows fitted"),
                json!({ "data": fitted, "symbol": "emptyCircle", "symbolSize": 6, "itemStyle": { "color": theme.series_colour(1) },
                        "lineStyle": { "color": theme.series_colour(1), "width": 1.5, "type": "dashed" } }),
            )
            .merge(json!({ "legend": { "data": ["On held-out rows", "On the rows fitted"] } }));
        let rows = points
            .iter()
            .map(|p| {
                vec![
                    count(p.n_train.round() as u64),
                    text(found.score(&p.mean)),
                    text(spread(p)),
                    text(found.score(&p.fitted)),
                ]
            })
            .collect();
        let (low, high) = (found.score(&first.mean)?, found.score(&last.mean)?);
        let name = in_sentence(&found.title);
        let title = format!(
            "{measure} goes from {} with {} rows to {} with {}",
            decimals(low, 2),
            count(first.n_train.round() as u64),
            decimals(high, 2),
            count(last.n_train.round() as u64)
        );
        Some(sheet.finish(
            340,
            Caption {
                alt: format!("{measure} of {name} for {} over {} sizes of the training rows. {title}.", found.target, points.len()),
                title,
                how: format!(
                    "{}: on each fold the model is fitted on a part of the training rows, each part holding the smaller ones, and scored on the \
                     same held-out rows. Points are means over the folds, whiskers one standard deviation of the folds.",
                    found.validation
                ),
                header: vec![
                    "Rows fitted".into(),
                    format!("{measure}, held-out"),
                    "Standard deviation".into(),
                    format!("{measure}, rows fitted"),
                ],
                rows,
            },
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        charts::tests::bare,
        engine::models::learning_curve::{LearningCurve as Curve, tests as curves},
    };

    #[track_caller]
    fn check(curve: &Curve, axis: &str, title: &str, first: &[&str]) {
        let table = crate::charts::tests::table(4);
        let source = ChartSource { curve: Some(curve), ..bare(&table) };
        let picture = LearningCurve.draw(&source, &[], &Theme::light()).unwrap();
        let option: Value = serde_json::from_str(&picture.option).unwrap();
        assert_eq!(option["yAxis"][0]["name"], axis);
        assert_eq!(
            (picture.title.as_str(), &picture.rows[0][..]),
            (title, &first.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>()[..])
        );
        assert!(
            picture.header[1].starts_with(curve.measure.label())
                && picture.header[3].starts_with(curve.measure.label())
        );
        assert!(picture.alt.starts_with(curve.measure.label()), "{}", picture.alt);
    }

    #[test]
    fn the_curve_is_of_the_measure() {
        check(
            &curves::sample(),
            "R²",
            "R² goes from 0.20 with 100 rows to 0.47 with 400",
            &["100", "0.200", "0.140", "0.900"],
        );
        check(
            &curves::sample_of_yes_no(),
            "AUC (1 is perfect, 0.5 is chance)",
            "AUC goes from 0.60 with 100 rows to 0.73 with 400",
            &["100", "0.600", "0.070", "0.950"],
        );
    }
}
