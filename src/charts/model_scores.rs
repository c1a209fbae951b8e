//! The compared models: mean score and its spread over the folds, one line a family.

use charming::series::Scatter;
use serde_json::Value;

use super::{
    ChartMaker, ChartRequest, ChartSource, Picture, Theme,
    option::{Caption, Sheet, category_axis, plain, shorten, value_axis, whiskers},
};
use crate::engine::{
    json::json,
    models::{
        comparison::{FamilyResult, Scores},
        outcome::Score,
    },
    words::{decimals, number},
};

/// Argument: the slug of a score ("r2", "rmse", "auc", "log_loss"); none for the one a model is known by.
pub struct ModelScores;

impl ChartMaker for ModelScores {
    fn slug(&self) -> &'static str {
        "model_scores"
    }

    fn offers(&self, source: &ChartSource<'_>) -> Vec<ChartRequest> {
        match source.comparison {
            Some(c) if c.results.iter().any(|r| r.error.is_none() && !r.folds.is_empty()) => {
                c.outcome().drawn().map(|s| ChartRequest::new(self.slug(), [s.slug().to_owned()])).to_vec()
            }
            _ => Vec::new(),
        }
    }

    fn draw(&self, source: &ChartSource<'_>, args: &[String], theme: &Theme) -> Option<Picture> {
        let found = source.comparison?;
        let outcome = found.outcome();
        let drawn = args.first().and_then(|slug| Score::from_slug(slug)).unwrap_or(outcome.headline());
        let score = |s: &Scores| drawn.of(s);
        let results: Vec<(&FamilyResult, f64)> = found
            .results
            .iter()
            .filter(|r| r.error.is_none())
            .filter_map(|r| Some((r, score(&r.mean)?)))
            .filter(|(_, mean)| mean.is_finite())
            .collect();
        if results.is_empty() {
            return None;
        }
        let text = |v: f64| drawn.digits().map_or_else(|| number(v), |digits| decimals(v, digits));
        let labels: Vec<String> = results.iter().map(|(r, _)| shorten(&r.title, 22)).collect();
        let lines: Vec<Option<(f64, f64, f64)>> = results
            .iter()
            .map(|(r, mean)| {
                let sd = score(&r.sd).filter(|s| s.is_finite() && r.folds.len() > 1)?;
                Some((mean - sd, *mean, mean + sd))
            })
            .collect();
        let means: Vec<Value> = results
            .iter()
            .enumerate()
            .map(|(i, (r, mean))| {
                let sd = score(&r.sd).filter(|s| s.is_finite() && r.folds.len() > 1).map_or(String::new(), |s| format!(" ± {}", text(s)));
                let is_winner = r.family == found.verdict.winner;
                json!({ "value": [mean, i], "itemStyle": { "color": if is_winner { theme.accent.as_str() } else { theme.series_colour(0) } },
                        "symbolSize": if is_winner { 13 } else { 10 },
                        "label": { "formatter": text(*mean) },
                        "tooltip": { "formatter": format!("{}\n{}{sd}\n{}", plain(&r.title), text(*mean), over(found.n_folds)) } })
            })
            .collect();
        let folds: Vec<Value> = results
            .iter()
            .enumerate()
            .flat_map(|(i, (r, _))| {
                r.folds.iter().filter_map(score).filter(|v| v.is_finite()).map(move |v| json!([v, i]))
            })
            .collect();
        let is_single = found.n_folds < 2;
        let unit = unit(drawn, &found.plan.target);
        let (line_series, line_patch) = whiskers(theme, &lines);
        // Where a model that knows nothing stands.
        let zero = match drawn {
            Score::R2 => json!([{ "xAxis": 0 }]),
            Score::Auc => json!([{ "xAxis": 0.5 }]),
            _ => json!([]),
        };
        let sheet = Sheet::new(theme)
            .grid(16)
            .x(value_axis(theme, &unit).scale(true))
            .y(category_axis(theme, "", &labels).inverse(true))
            .series(line_series, line_patch)
            .series(
                Scatter::new().name("One fold"),
                json!({ "data": folds, "symbolSize": 5, "silent": true, "itemStyle": { "color": theme.ink_muted, "opacity": 0.5 },
                        "markLine": { "silent": true, "symbol": "none", "animation": false, "label": { "show": false },
                                      "lineStyle": { "color": theme.ink_muted, "type": "dotted" }, "data": zero } }),
            )
            .series(
                Scatter::new().name(if is_single { "On the held-out rows" } else { "Mean over the folds" }),
                json!({ "data": means, "z": 8, "label": { "show": true, "position": "top", "color": theme.ink, "fontSize": 12 } }),
            )
            .merge(json!({ "yAxis": [{ "axisLabel": { "interval": 0 } }] }));
        let rows = results
            .iter()
            .map(|(r, mean)| {
                let sd = score(&r.sd)
                    .filter(|s| s.is_finite() && r.folds.len() > 1)
                    .map_or_else(|| "–".into(), text);
                let folds = r
                    .folds
                    .iter()
                    .map(|f| score(f).map_or_else(|| "–".into(), text))
                    .collect::<Vec<_>>()
                    .join(", ");
                let mut row = vec![r.title.clone(), text(*mean), sd, folds];
                row.truncate(if is_single { 2 } else { 4 });
                row
            })
            .collect();
        let winner = results.iter().find(|(r, _)| r.family == found.verdict.winner);
        let name = drawn.label();
        let title = match winner {
            Some((r, mean)) if found.verdict.tied_with.is_empty() => {
                format!("{} leads: {name} {}", r.title, text(*mean))
            }
            Some((r, mean)) => format!(
                "{} ({name} {}) ties with {} other{}",
                r.title,
                text(*mean),
                found.verdict.tied_with.len(),
                if found.verdict.tied_with.len() == 1 { "" } else { "s" }
            ),
            None => format!("{name} of {} models", results.len()),
        };
        Some(sheet.finish(
            90 + 52 * results.len() as u32,
            Caption {
                alt: format!("{name} of {} models {}. {title}.", results.len(), over(found.n_folds)),
                title,
                how: if is_single {
                    "Each dot is the score on the held-out rows of one split; how much it depends on which rows those are, only folds \
                     show."
                } else {
                    "Large dots are means over the folds, small dots single folds, whiskers one standard deviation of the folds. Each model \
                     predicts rows it was not fitted on."
                }
                .into(),
                header: if is_single {
                    vec!["Model".into(), name.into()]
                } else {
                    vec!["Model".into(), format!("{name}, mean"), "Standard deviation".into(), "Folds".into()]
                },
                rows,
            },
        ))
    }
}

/// What the axis says.
fn unit(drawn: Score, target: &str) -> String {
    match drawn {
        Score::R2 => "R² on held-out rows (1: perfect, 0: the mean)".to_owned(),
        Score::Auc => "AUC on held-out rows (1: perfect, 0.5: chance)".to_owned(),
        Score::Rmse | Score::Mae => {
            format!("{} in units of {} (lower is better)", drawn.label(), plain(target))
        }
        _ if drawn.is_better_larger() => {
            format!("{} on held-out rows (1: perfect)", drawn.label())
        }
        _ => format!("{} on held-out rows (lower is better)", drawn.label()),
    }
}

fn over(n_folds: u32) -> String {
    if n_folds < 2 { "on the held-out rows of one split".to_owned() } else { format!("over {n_folds} folds") }
}
