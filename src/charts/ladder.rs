//! The ladder: the score of one model from the easiest question down to the one of use.

use charming::series::Bar;
use serde_json::Value;

use super::{
    ChartMaker, ChartRequest, ChartSource, Picture, Theme,
    option::{Caption, LINE_HEIGHT, Sheet, category_axis, in_lines, plain, shorten, value_axis},
};
use crate::engine::{
    json::json,
    models::{ladder::Rung, outcome::Score, verdict::in_sentence},
    words::{count, decimals},
};

/// No arguments.
pub struct Ladder;

impl ChartMaker for Ladder {
    fn slug(&self) -> &'static str {
        "ladder"
    }

    fn offers(&self, source: &ChartSource<'_>) -> Vec<ChartRequest> {
        match source.ladder {
            Some(l) if l.scored().next().is_some() => vec![ChartRequest::new(self.slug(), [])],
            _ => Vec::new(),
        }
    }

    fn draw(&self, source: &ChartSource<'_>, _args: &[String], theme: &Theme) -> Option<Picture> {
        let found = source.ladder?;
        let rungs: Vec<(&Rung, f64)> = found.scored().collect();
        let ((_, first), (last_rung, last)) = (*rungs.first()?, *rungs.last()?);
        let measure = found.measure.label();
        // Where bars begin: at what a model that knows nothing gets.
        let chance = found.chance();
        let (axis_name, how) = match found.measure {
            Score::Auc => (
                "AUC on held-out rows",
                "AUC is the mean over the folds of the AUC of the rows each holds out: 1 is perfect, 0.5 is what chance would get.",
            ),
            _ => (
                "R² on held-out rows",
                "R² is that of all held-out rows together, against the mean of the rows the model was fitted on: 1 is perfect, 0 is what that mean would get.",
            ),
        };
        let labels: Vec<String> = rungs.iter().map(|(r, _)| in_lines(&shorten(&r.title, 44), 22)).collect();
        let bars: Vec<Value> = rungs
            .iter()
            .enumerate()
            .map(|(i, (rung, score))| {
                let is_last = i + 1 == rungs.len();
                json!({ "value": score,
                        "itemStyle": { "color": if is_last { theme.accent.as_str() } else { theme.series_colour(0) } },
                        "label": { "formatter": decimals(*score, 2), "position": "right" },
                        "tooltip": { "formatter": format!("{}\n{measure} {}\n{} columns, {}", plain(&rung.title), decimals(*score, 3), count(rung.columns.len() as u64), plain(&rung.validation.words())) } })
            })
            .collect();
        // Room for the figures beside the bars. Of one on the other side of chance it stands where no name is.
        let low = rungs.iter().map(|(_, s)| *s).fold(chance, f64::min);
        let high = rungs.iter().map(|(_, s)| *s).fold(chance, f64::max);
        let room = 0.15 * (high - low).max(0.1);
        let least = if low < chance { tenth_below(low - room) } else { chance };
        let most = tenth_above(high + room);
        let axis = json!({ "min": least, "max": most });
        let line = if chance == 0.0 { json!(0) } else { json!(chance) };
        // No AUC is above 1: what lies beyond is room for a figure.
        let begin = match found.measure {
            Score::Auc => json!({ "startValue": chance, "axisLabel": { "showMaxLabel": most <= 1.0 } }),
            _ => json!({}),
        };
        let sheet = Sheet::new(theme)
            .grid(8)
            .x(value_axis(theme, axis_name))
            .y(category_axis(theme, "", &labels).inverse(true))
            .series(
                Bar::new().name(measure),
                json!({ "data": bars, "barMaxWidth": 22, "label": { "show": true, "color": theme.ink, "fontSize": 12 },
                        "markLine": { "silent": true, "symbol": "none", "animation": false, "label": { "show": false },
                                      "lineStyle": { "color": theme.ink_muted, "type": "solid" }, "data": [{ "xAxis": line }] } }),
            )
            .merge(json!({ "xAxis": [begin] }))
            .merge(json!({ "xAxis": [axis], "yAxis": [{ "axisLabel": { "interval": 0, "lineHeight": LINE_HEIGHT } }] }));
        let rows = rungs
            .iter()
            .map(|(rung, score)| {
                vec![
                    rung.title.clone(),
                    count(rung.columns.len() as u64),
                    rung.validation.words(),
                    count(rung.scores.n),
                    decimals(*score, 3),
                ]
            })
            .collect();
        let name = in_sentence(&found.title);
        let title = if rungs.len() < 2 {
            format!("{measure} of {name} is {}", decimals(first, 2))
        } else {
            format!("From {} to {}: {}", decimals(first, 2), decimals(last, 2), lower_first(&last_rung.title))
        };
        Some(sheet.finish(
            70 + 44 * rungs.len() as u32,
            Caption {
                alt: format!("{measure} of {name} for {} on {} questions, from the easiest to the one of use. {title}.", found.target, rungs.len()),
                title,
                how: format!("One model, fitted anew for every question. {how}"),
                header: ["Question", "Columns", "Tested by", "Held-out rows", measure].map(str::to_owned).to_vec(),
                rows,
            },
        ))
    }
}

fn tenth_below(v: f64) -> f64 {
    (v * 10.0).floor() / 10.0
}

fn tenth_above(v: f64) -> f64 {
    (v * 10.0).ceil() / 10.0
}

fn lower_first(text: &str) -> String {
    crate::engine::words::in_sentence(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{charts::tests::bare, engine::models::ladder::tests::sample_of};

    #[track_caller]
    fn check(measure: Score, best: f64, left: f64, axis: &str, (min, max): (f64, f64), start: Option<f64>) {
        let (table, ladder) = (crate::charts::tests::table(4), sample_of(measure, best, left));
        let picture = Ladder
            .draw(&ChartSource { ladder: Some(&ladder), ..bare(&table) }, &[], &Theme::light())
            .unwrap();
        let option: Value = serde_json::from_str(&picture.option).unwrap();
        let x = &option["xAxis"][0];
        assert_eq!(
            (x["name"].as_str(), x["min"].as_f64(), x["max"].as_f64()),
            (Some(axis), Some(min), Some(max))
        );
        assert_eq!(
            (x.get("startValue").and_then(Value::as_f64), picture.header[4].as_str()),
            (start, measure.label())
        );
        assert_eq!(option["series"][0]["markLine"]["data"][0]["xAxis"].as_f64(), measure.chance());
        let said = format!("{} {} {}", picture.alt, picture.how, option);
        let other = if measure == Score::Auc { "R²" } else { "AUC" };
        assert!(picture.alt.starts_with(measure.label()) && !said.contains(other), "{said}");
    }

    #[test]
    fn bars_begin_at_what_a_model_that_knows_nothing_gets() {
        let (r2, auc) = ("R² on held-out rows", "AUC on held-out rows");
        check(Score::R2, 0.72, -0.11, r2, (-0.3, 0.9), None);
        check(Score::R2, 0.72, 0.11, r2, (0.0, 0.9), None);
        check(Score::Auc, 0.98, 0.86, auc, (0.5, 1.1), Some(0.5));
        check(Score::Auc, 0.98, 0.47, auc, (0.3, 1.1), Some(0.5));
    }
}
