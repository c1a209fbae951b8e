//! What ridge, lasso and elastic net share: the penalty by inner folds of the training rows, and the fitted line.

use serde::{Deserialize, Serialize};

use super::{
    coefficients::{self, CoefficientTable, PathPoint, PenaltyPath},
    family::{Anatomy, Beyond, Fitted, FittedRows, Link, ModelError, Trainer},
};
use crate::engine::{
    context::Ctx,
    knobs::{Knob, KnobKind},
    numeric::{
        cuts::Blocks,
        matrix::Matrix,
        penalised::{Chosen, Moments, Penalty, choose, standardise_weighed},
    },
    words,
};

/// Inner folds that choose the penalty.
const FOLDS: usize = 5;

/// Penalties kept of a path, at most; fewer where columns are many.
const POINTS: usize = 60;
const MOST_WEIGHTS: usize = 12_000;

/// The penalty, or 0 to have it chosen.
pub fn alpha() -> Knob {
    Knob::new(
        "alpha",
        "Penalty",
        "Larger makes the weights smaller. 0: chosen by 5 folds within the training rows, of groups or stretches of time where the comparison has such.",
        KnobKind::Real { min: 0.0, max: 1e6 },
        0.0,
    )
}

/// Checked settings.
pub struct PenalisedTrainer {
    /// What is made small.
    pub penalty: Penalty,
    /// 0: chosen.
    pub alpha: f64,
}

impl Trainer for PenalisedTrainer {
    fn fit_with(
        &self,
        x: &Matrix,
        y: &[f64],
        beyond: Beyond<'_>,
        ctx: &Ctx<'_>,
    ) -> Result<Box<dyn Fitted>, ModelError> {
        if y.is_empty() {
            return Err(ModelError::TooFewRows { needed: 1, got: 0 });
        }
        ctx.tick(0, FOLDS as u64 + 1)?;
        let z = standardise_weighed(x, beyond.weights);
        let rows: Vec<u32> = (0..y.len() as u32).collect();
        let moments = |rows: &[u32]| Moments::weighed(&z.columns, y, beyond.weights, rows);
        let whole = moments(&rows).problem();
        let alone = Blocks::default();
        let blocks = beyond.blocks.unwrap_or(&alone);
        let mut parts = String::new();
        let chosen = if self.alpha > 0.0 {
            None
        } else if y.len() < 2 {
            return Err(ModelError::TooFewRows { needed: 2, got: y.len() });
        } else {
            let cut = blocks.parts(&rows, FOLDS.min(y.len()), &mut ctx.rng(0));
            parts = words::counted(cut.len() as u64, "fold", "folds");
            parts.push_str(match (blocks.binds(&rows), blocks.is_in_time) {
                (false, _) => "",
                (true, false) => " of whole groups",
                (true, true) => " of stretches of time",
            });
            let folds: Vec<Moments> = cut.iter().map(|part| moments(part)).collect();
            Some(choose(self.penalty, &whole, &folds, |f| ctx.tick(f as u64 + 1, FOLDS as u64 + 1))?)
        };
        let alpha = chosen.as_ref().map_or(self.alpha, |c| c.alpha);
        let weights =
            whole.solve(self.penalty, alpha, &vec![0.0; x.n_cols()], true).ok_or(ModelError::Singular)?;
        let weights: Vec<f64> = weights.iter().zip(&z.units).map(|(w, unit)| w / unit).collect();
        let shift: f64 = weights.iter().zip(&z.means).map(|(w, mean)| w * mean).sum();
        Ok(Box::new(Penalised {
            intercept: whole.y_mean - shift,
            weights,
            alpha,
            error: chosen.as_ref().map(|c| c.error),
            parts,
            is_at_the_edge: chosen.as_ref().is_some_and(is_at_the_edge),
            tried: chosen.map(|c| c.path).unwrap_or_default(),
        }))
    }

    fn coefficients(&self, fitted: &dyn Fitted, rows: &FittedRows<'_>) -> Option<CoefficientTable> {
        let table = coefficients::of_weights(fitted.weights()?, rows.x, rows.columns);
        let (penalty, tried) = fitted.penalties()?;
        Some(CoefficientTable { path: Some(self.path(rows, penalty, tried)), ..table })
    }
}

impl PenalisedTrainer {
    /// The weights of standardised columns from the largest penalty to the smallest, each starting from those before it.
    fn path(&self, of: &FittedRows<'_>, penalty: f64, tried: &[(f64, f64)]) -> PenaltyPath {
        let (x, weights) = (of.x, of.beyond.weights);
        let rows: Vec<u32> = (0..of.y.len() as u32).collect();
        let whole =
            Moments::weighed(&standardise_weighed(x, weights).columns, of.y, weights, &rows).problem();
        let all: Vec<(f64, Option<f64>)> = match tried {
            [] => whole.penalties(self.penalty).into_iter().map(|alpha| (alpha, None)).collect(),
            tried => tried.iter().map(|&(alpha, error)| (alpha, Some(error))).collect(),
        };
        let mut weights = vec![0.0; x.n_cols()];
        let mut points = Vec::new();
        for at in places(all.len(), POINTS.min((MOST_WEIGHTS / x.n_cols().max(1)).max(10)), |at| {
            all[at].0 == penalty
        }) {
            let (alpha, error) = all[at];
            let Some(next) = whole.solve(self.penalty, alpha, &weights, false) else { break };
            weights = next;
            points.push(PathPoint { penalty: alpha, error, weights: weights.clone() });
        }
        PenaltyPath { penalty, points }
    }
}

/// At most `most` of `n` places, evenly, the ends among them; one that is `wanted` takes the place of its nearest.
fn places(n: usize, most: usize, wanted: impl Fn(usize) -> bool) -> Vec<usize> {
    if n <= most {
        return (0..n).collect();
    }
    let mut out: Vec<usize> = (0..most).map(|i| i * (n - 1) / (most - 1)).collect();
    if let Some(wanted) = (0..n).find(|&at| wanted(at))
        && let Some(nearest) = (1..most - 1).min_by_key(|&i| out[i].abs_diff(wanted))
        && !out.contains(&wanted)
    {
        out[nearest] = wanted;
    }
    out
}

/// Whether the smallest penalty of all was chosen: nothing is gained by one.
fn is_at_the_edge(chosen: &Chosen) -> bool {
    chosen.path.len() > 1 && chosen.path.last().is_some_and(|(alpha, _)| *alpha == chosen.alpha)
}

/// A fitted line.
#[derive(Serialize, Deserialize)]
pub struct Penalised {
    intercept: f64,
    weights: Vec<f64>,
    alpha: f64,
    error: Option<f64>,
    /// What that is over: "5 folds".
    parts: String,
    is_at_the_edge: bool,
    /// Every penalty tried with its error, largest first.
    tried: Vec<(f64, f64)>,
}

impl Penalised {
    /// Reads it back.
    pub fn load(bytes: &[u8]) -> Result<Box<dyn Fitted>, ModelError> {
        let line: Self = postcard::from_bytes(bytes).map_err(|_| ModelError::Unreadable)?;
        Ok(Box::new(line))
    }
}

impl Fitted for Penalised {
    fn predict(&self, x: &Matrix) -> Vec<f64> {
        let mut out = vec![self.intercept; x.n_rows()];
        for (j, &weight) in self.weights.iter().enumerate().take(x.n_cols()).filter(|(_, w)| **w != 0.0) {
            out.iter_mut().zip(x.column(j)).for_each(|(slot, v)| *slot += weight * v);
        }
        out
    }

    fn anatomy(&self) -> Anatomy<'_> {
        Anatomy::Sum {
            intercept: self.intercept,
            weights: &self.weights,
            link: Link::Identity,
            usual_exposure: None,
        }
    }

    fn save(&self) -> Vec<u8> {
        crate::engine::task::encode(self)
    }

    fn facts(&self) -> Vec<(String, String)> {
        let used = self.weights.iter().filter(|w| **w != 0.0).count();
        let mut facts = vec![
            ("columns with a weight".into(), format!("{used} of {}", self.weights.len())),
            ("penalty".into(), words::number(self.alpha)),
        ];
        if let Some(error) = self.error {
            let edge = if self.is_at_the_edge { ", the smallest tried: a penalty gains nothing" } else { "" };
            facts
                .push(("penalty chosen by".into(), format!("{} within the training rows{edge}", self.parts)));
            facts.push(("RMSE over those folds".into(), words::number(error.sqrt())));
        }
        facts
    }

    fn weights(&self) -> Option<(f64, &[f64])> {
        Some((self.intercept, &self.weights))
    }

    fn penalties(&self) -> Option<(f64, &[(f64, f64)])> {
        Some((self.alpha, &self.tried))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{models::coefficients::ColumnName, numeric::penalised::standardise};

    fn data() -> (Matrix, Vec<f64>) {
        let mut rng = Ctx::quiet(8).rng(0);
        let columns: Vec<Vec<f64>> =
            (0..5).map(|j| (0..80).map(|_| f64::from(j + 1) * rng.normal()).collect()).collect();
        let y = (0..80).map(|i| 3.0 * columns[0][i] - columns[1][i] + rng.normal()).collect();
        (Matrix::from_columns(&columns), y)
    }

    #[track_caller]
    fn check(penalty: Penalty, alpha: f64, n_points: usize) {
        let (x, y) = data();
        let trainer = PenalisedTrainer { penalty, alpha };
        let fitted = trainer.fit(&x, &y, &Ctx::quiet(0)).unwrap();
        let columns: Vec<ColumnName> =
            (0..5).map(|j| ColumnName { name: format!("x{j}"), against: None }).collect();
        let rows = FittedRows {
            x: &x,
            y: &y,
            beyond: Default::default(),
            columns: &columns,
            groups: &[],
            grouped_by: "",
        };
        let path = trainer.coefficients(fitted.as_ref(), &rows).unwrap().path.unwrap();
        assert_eq!(path.points.len(), n_points);
        assert!(path.points.windows(2).all(|pair| pair[0].penalty > pair[1].penalty));
        assert!(path.points.iter().all(|p| p.error.is_some() == (alpha == 0.0)));
        let first = &path.points[0].weights;
        match penalty {
            Penalty::ElasticNet { .. } => assert!(first.iter().all(|w| w.abs() < 1e-9), "{first:?}"),
            Penalty::Ridge => assert!(first.iter().all(|w| w.abs() < 0.01), "{first:?}"),
        }
        let z = standardise(&x);
        let all: Vec<u32> = (0..80).collect();
        let whole = Moments::of(&z.columns, &y, &all).problem();
        let same = |point: &PathPoint| {
            let direct = whole.solve(penalty, point.penalty, &[0.0; 5], true).unwrap();
            for (a, b) in point.weights.iter().zip(&direct) {
                assert!((a - b).abs() < 1e-5, "{:?} is not {direct:?}", point.weights);
            }
        };
        same(&path.points[n_points - 1]);
        if alpha == 0.0 {
            // The penalty that was chosen is one of those kept, with the weights of the model.
            let at = path.points.iter().find(|p| p.penalty == path.penalty).unwrap();
            let (_, weights) = fitted.weights().unwrap();
            for ((w, own), unit) in at.weights.iter().zip(weights).zip(&z.units) {
                assert!((w - own * unit).abs() < 1e-5);
            }
        }
    }

    #[test]
    fn the_path_begins_with_no_column_and_ends_where_a_direct_solve_does() {
        check(Penalty::ElasticNet { share: 1.0 }, 0.0, 60);
        check(Penalty::ElasticNet { share: 0.5 }, 0.0, 60);
        check(Penalty::ElasticNet { share: 1.0 }, 0.3, 60);
        check(Penalty::Ridge, 0.0, 41);
    }

    #[test]
    fn places_are_even_and_hold_the_wanted_one() {
        assert_eq!(places(3, 5, |_| false), [0, 1, 2]);
        assert_eq!(places(10, 4, |_| false), [0, 3, 6, 9]);
        assert_eq!(places(10, 4, |at| at == 7), [0, 3, 7, 9]);
        assert_eq!(places(10, 4, |at| at == 8), [0, 3, 8, 9]);
    }
}
