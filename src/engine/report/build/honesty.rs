//! What a score is worth and whether more rows would help: the tables of the ladder and of the learning curve.

use super::blocks::{details, table};
use crate::engine::{
    models::{
        ladder::{Ladder, Rung},
        learning_curve::{CurvePoint, LearningCurve},
        metrics::headline,
        verdict::in_sentence,
    },
    report::document::Block,
    words::{NOTHING, count, decimals},
};

fn score(value: Option<f64>) -> String {
    value.map_or_else(|| NOTHING.to_owned(), |v| decimals(v, 3))
}

pub(super) fn ladder(ladder: &Ladder) -> Block {
    let row = |rung: &Rung| {
        vec![
            rung.title.clone(),
            rung.missing.clone().unwrap_or_else(|| rung.question.clone()),
            count(rung.columns.len() as u64),
            rung.validation.words(),
            count(rung.scores.n),
            score(rung.score),
        ]
    };
    let caption = format!(
        "What the score is worth: R² of {} against the mean of the training rows, all held-out rows together",
        in_sentence(&ladder.title)
    );
    let header = ["Step", "Question", "Columns", "Tested by", "Held-out rows", "R²"];
    table(&caption, &header, ladder.rungs.iter().map(row).collect())
}

pub(super) fn learning_curve(curve: &LearningCurve) -> Option<Block> {
    let row = |point: &CurvePoint| {
        vec![
            count(point.n_train.round() as u64),
            score(headline(&point.mean)),
            score(headline(&point.sd)),
            score(headline(&point.fitted)),
        ]
    };
    let rows: Vec<Vec<String>> = curve.points.iter().map(row).collect();
    let header = ["Rows fitted", "R², held-out rows", "Standard deviation over the folds", "R², rows fitted"];
    (!rows.is_empty()).then(|| {
        let caption = format!("{} by the number of rows it is fitted on", curve.title);
        details("Learning curve", vec![table(&caption, &header, rows)])
    })
}
