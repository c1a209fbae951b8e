//! What a score is worth and whether more rows would help: the tables of the ladder and of the learning curve.

use super::blocks::{details, table};
use crate::engine::{
    models::{
        ladder::{Ladder, Rung},
        learning_curve::{CurvePoint, LearningCurve},
        outcome::Score,
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
    let measure = ladder.measure.label();
    let how = match ladder.measure {
        Score::Auc => ", mean over the folds, each of its own held-out rows (1 is perfect, 0.5 is chance)",
        _ => " against the mean of the training rows, all held-out rows together",
    };
    let name = in_sentence(&ladder.title);
    let caption = format!("What the score is worth: {measure} of {name}{how}");
    let header = ["Step", "Question", "Columns", "Tested by", "Held-out rows", measure];
    table(&caption, &header, ladder.rungs.iter().map(row).collect())
}

pub(super) fn learning_curve(curve: &LearningCurve) -> Option<Block> {
    let row = |point: &CurvePoint| {
        vec![
            count(point.n_train.round() as u64),
            score(curve.score(&point.mean)),
            score(curve.score(&point.sd)),
            score(curve.score(&point.fitted)),
        ]
    };
    let rows: Vec<Vec<String>> = curve.points.iter().map(row).collect();
    let measure = curve.measure.label();
    let (held_out, fitted) = (format!("{measure}, held-out rows"), format!("{measure}, rows fitted"));
    let header = ["Rows fitted", &held_out, "Standard deviation over the folds", &fitted];
    (!rows.is_empty()).then(|| {
        let caption = format!("{} by the number of rows it is fitted on", curve.title);
        details("Learning curve", vec![table(&caption, &header, rows)])
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::models::{ladder::tests::sample_of, learning_curve::tests as curves};

    #[track_caller]
    fn check(block: &Block, has: &str, has_not: &str) {
        let text = format!("{block:?}");
        assert!(text.contains(has) && !text.contains(has_not), "{text}");
    }

    #[test]
    fn tables_name_the_measure() {
        check(&ladder(&sample_of(Score::R2, 0.7, 0.1)), "R² of linear regression against the mean", "AUC");
        check(
            &ladder(&sample_of(Score::Auc, 0.9, 0.7)),
            "AUC of linear regression, mean over the folds",
            "R²",
        );
        check(&learning_curve(&curves::sample()).unwrap(), "R², held-out rows", "AUC");
        check(&learning_curve(&curves::sample_of_yes_no()).unwrap(), "AUC, held-out rows", "R²");
    }
}
