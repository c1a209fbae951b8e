//! Coefficients of models that are weighted sums: what each column adds, how sure that is, and the same as text.

use serde::{Deserialize, Serialize};

use super::family::FittedRows;
use crate::engine::{
    numeric::{
        distributions::{normal_quantile, normal_two_sided, t_quantile, t_two_sided},
        glm::Glm,
        linear::{
            LeastSquares,
            influence::{Influence, influence},
            weighted_least_squares,
        },
        math,
        matrix::Matrix,
        penalised::mean_and_unit,
    },
    words,
};

/// What a column of the matrix is called.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ColumnName {
    /// "Spent", "age: 35-39"
    pub name: String,
    /// The level it is compared with, for levels of a category.
    pub against: Option<String>,
}

/// How sure an estimate is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Certainty {
    /// Standard error.
    pub error: f64,
    /// Estimate over error: t, or z for models of counts.
    pub statistic: f64,
    /// Two-sided.
    pub p: f64,
    /// 95 % interval.
    pub interval: (f64, f64),
}

/// One column of the matrix, or the intercept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CoefficientRow {
    /// "Intercept", or the column.
    pub name: String,
    /// The level it is compared with.
    pub against: Option<String>,
    /// Change of the prediction (of its logarithm, for counts) with one unit of the column; `None` for a column left out
    /// because others determine it.
    pub estimate: Option<f64>,
    /// The same for one standard deviation of the column.
    pub per_deviation: Option<f64>,
    /// If the model's assumptions hold; `None` for penalised models, which have no such errors.
    pub plain: Option<Certainty>,
    /// If the spread may differ from row to row (HC3), or from that of counts (Pearson's dispersion).
    pub robust: Option<Certainty>,
    /// If rows of a group may also vary together.
    pub clustered: Option<Certainty>,
    /// Variance inflation: how much others of the columns enlarge the squared error.
    pub inflation: Option<f64>,
}

/// The coefficients of a model fitted on all rows.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct CoefficientTable {
    /// Whether estimates are of the logarithm of the expected outcome, or (with `is_odds`) of the odds of yes.
    pub is_log: bool,
    /// Whether it is the odds of yes.
    #[serde(default)]
    pub is_odds: bool,
    /// What the robust errors are: "HC3", "quasi-Poisson"; empty without.
    pub robust: String,
    /// The column of the clustered errors; empty without.
    pub grouped_by: String,
    /// The intercept, then the columns of the matrix.
    pub rows: Vec<CoefficientRow>,
    /// Measures of the whole fit: ("adjusted R²", 0.56).
    pub measures: Vec<(String, f64)>,
    /// The same columns under other penalties, for models with one.
    #[serde(default)]
    pub path: Option<PenaltyPath>,
}

/// How the effects of columns grow while the penalty falls.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct PenaltyPath {
    /// The penalty of the model.
    pub penalty: f64,
    /// From the largest penalty to the smallest.
    pub points: Vec<PathPoint>,
}

/// One penalty.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PathPoint {
    /// Its size.
    pub penalty: f64,
    /// Its mean squared error over the inner folds; `None` where no penalty was chosen by them.
    pub error: Option<f64>,
    /// The effect of one standard deviation of each column of the matrix.
    pub weights: Vec<f64>,
}

/// Cells of the matrix up to which robust and clustered errors and variance inflation are computed: they take as much
/// memory again as the matrix, three times.
const MAX_CELLS: usize = 5_000_000;

fn certainty(estimate: f64, error: f64, dof: Option<f64>) -> Option<Certainty> {
    let statistic = estimate / error;
    let (p, quantile) = match dof {
        Some(dof) => (t_two_sided(statistic, dof), t_quantile(0.975, dof)),
        None => (normal_two_sided(statistic), normal_quantile(0.975)),
    };
    let reach = quantile * error;
    (error.is_finite() && error > 0.0 && p.is_finite() && reach.is_finite()).then_some(Certainty {
        error,
        statistic,
        p,
        interval: (estimate - reach, estimate + reach),
    })
}

fn row(name: &ColumnName, estimate: f64, column: &[f64]) -> CoefficientRow {
    CoefficientRow {
        name: name.name.clone(),
        against: name.against.clone(),
        estimate: Some(estimate),
        per_deviation: Some(estimate * mean_and_unit(column).1),
        plain: None,
        robust: None,
        clustered: None,
        inflation: None,
    }
}

fn intercept(estimate: f64) -> CoefficientRow {
    let name = ColumnName { name: "Intercept".to_owned(), against: None };
    CoefficientRow { per_deviation: None, ..row(&name, estimate, &[]) }
}

/// Number of groups, and the clustered certainty of an estimate by t with one less than that.
fn clustered(
    found: &Influence,
    of: &[f64],
    residuals: &[f64],
    estimate: f64,
    groups: &[u32],
) -> Option<Certainty> {
    let error = found.clustered(of, residuals, groups)?;
    certainty(estimate, error, Some(n_groups(groups) - 1.0))
}

fn n_groups(groups: &[u32]) -> f64 {
    let mut seen = vec![false; groups.iter().max().map_or(0, |&g| g as usize + 1)];
    groups.iter().for_each(|&g| seen[g as usize] = true);
    seen.iter().filter(|s| **s).count() as f64
}

/// Of least squares: t with the residual degrees of freedom, HC3, clustered errors, variance inflation.
pub fn of_least_squares(rows: &FittedRows<'_>) -> CoefficientTable {
    let FittedRows { x, y, columns, groups, beyond, .. } = *rows;
    let weights = beyond.weighed();
    let fit: LeastSquares = weighted_least_squares(x, y, weights);
    let residuals: Vec<f64> = y.iter().zip(fit.predict(x)).map(|(y, p)| y - p).collect();
    let found = (x.n_rows() * x.n_cols() <= MAX_CELLS).then(|| influence(x, y.len(), weights));
    let dof = fit.residual_dof as f64;
    let fill = |row: &mut CoefficientRow, column: Option<usize>, estimate: f64, error: f64| {
        row.plain = certainty(estimate, error, Some(dof));
        if let Some((found, of)) = found.as_ref().and_then(|f| Some((f, f.of(column)?)))
            && dof > 0.0
        {
            row.robust = found.hc3(of, &residuals).and_then(|e| certainty(estimate, e, Some(dof)));
            row.clustered = clustered(found, of, &residuals, estimate, groups);
            row.inflation = column.and_then(|j| found.inflation_of(j));
        }
    };
    let mut all = vec![intercept(fit.intercept)];
    fill(&mut all[0], None, fit.intercept, fit.intercept_error);
    for (j, name) in columns.iter().enumerate() {
        let estimate = fit.coefficients[j];
        let mut row = row(name, estimate, x.column(j));
        if fit.dependent.contains(&j) {
            (row.estimate, row.per_deviation) = (None, None);
        } else {
            fill(&mut row, Some(j), estimate, fit.errors[j]);
        }
        all.push(row);
    }
    let n = y.len() as f64;
    let k = fit.rank as f64 + 1.0;
    let mut measures = Vec::new();
    if let Some(r2) = fit.r2() {
        measures.push(("R² on the rows it was fitted on".to_owned(), r2));
        if dof > 0.0 {
            measures.push(("adjusted R²".to_owned(), 1.0 - (1.0 - r2) * (n - 1.0) / dof));
        }
    }
    // What likelihood rows of unequal weight have is a matter of what the weights mean.
    if fit.residual_sum > 0.0 && weights.is_none() {
        // The variance is estimated, but not counted among the parameters, as statsmodels does.
        let deviance = n * (math::ln(2.0 * std::f64::consts::PI * fit.residual_sum / n) + 1.0);
        measures.push(("AIC".to_owned(), deviance + 2.0 * k));
        measures.push(("BIC".to_owned(), deviance + math::ln(n) * k));
    }
    finish(all, measures, false, "HC3", rows)
}

/// Of a model of counts: z, errors enlarged by Pearson's dispersion, clustered errors.
pub fn of_counts(fit: &Glm, offset: &[f64], extra: usize, rows: &FittedRows<'_>) -> CoefficientTable {
    let FittedRows { x, y, columns, groups, beyond, .. } = *rows;
    let is_weighed = beyond.weighed().is_some();
    let eta = fit.linear_predictor(x, offset);
    let (weights, residuals): (Vec<f64>, Vec<f64>) = eta
        .iter()
        .zip(y)
        .enumerate()
        .map(|(i, (&e, &v))| {
            let (weight, slope) = fit.family.working(e);
            (weight * beyond.weights.get(i).copied().unwrap_or(1.0), (v - fit.family.mean(e)) / slope)
        })
        .unzip();
    let found = (x.n_rows() * x.n_cols() <= MAX_CELLS).then(|| influence(x, y.len(), Some(&weights)));
    let spread = fit.dispersion.map_or(f64::NAN, f64::sqrt);
    let fill = |row: &mut CoefficientRow, column: Option<usize>, estimate: f64, error: f64| {
        // Weights are no counts of rows: errors that took them for such would grow with their unit.
        if !is_weighed {
            row.plain = certainty(estimate, error, None);
            row.robust = certainty(estimate, error * spread, Some(fit.residual_dof as f64));
        }
        if let Some((found, of)) = found.as_ref().and_then(|f| Some((f, f.of(column)?))) {
            if is_weighed {
                row.robust = found.hc3(of, &residuals).and_then(|e| certainty(estimate, e, None));
            }
            row.clustered = clustered(found, of, &residuals, estimate, groups);
            row.inflation = column.and_then(|j| found.inflation_of(j));
        }
    };
    let mut all = vec![intercept(fit.intercept)];
    fill(&mut all[0], None, fit.intercept, fit.intercept_error);
    for (j, name) in columns.iter().enumerate() {
        let estimate = fit.coefficients[j];
        let mut row = row(name, estimate, x.column(j));
        if fit.dependent.contains(&j) {
            (row.estimate, row.per_deviation) = (None, None);
        } else {
            fill(&mut row, Some(j), estimate, fit.errors[j]);
        }
        all.push(row);
    }
    let ln_likelihood =
        math::sum(eta.iter().zip(y).map(|(&e, &v)| fit.family.ln_likelihood(v, fit.family.mean(e))));
    let k = (fit.rank + 1 + extra) as f64;
    let mut measures = vec![
        ("deviance".to_owned(), fit.deviance),
        ("deviance without columns".to_owned(), fit.null_deviance),
    ];
    measures.extend(fit.dispersion.map(|d| ("Pearson dispersion".to_owned(), d)));
    if !is_weighed {
        measures.push(("AIC".to_owned(), 2.0 * k - 2.0 * ln_likelihood));
        measures.push(("BIC".to_owned(), math::ln(y.len() as f64) * k - 2.0 * ln_likelihood));
    }
    finish(all, measures, true, if is_weighed { "HC3" } else { "by dispersion" }, rows)
}

/// Of a logistic regression: z, odds ratios, clustered errors where there is no penalty.
pub fn of_logistic(fit: &Glm, offset: &[f64], penalty: f64, rows: &FittedRows<'_>) -> CoefficientTable {
    // What a penalty holds back no longer moves with the rows as the clustered errors assume.
    let groups = if penalty > 0.0 { &[] } else { rows.groups };
    let mut table = of_counts(fit, offset, 0, &FittedRows { groups, ..*rows });
    table.is_odds = true;
    if rows.beyond.weighed().is_none() {
        table.robust = String::new();
        table.rows.iter_mut().for_each(|row| row.robust = None);
    }
    table.measures.retain(|(name, _)| penalty == 0.0 || !matches!(name.as_str(), "AIC" | "BIC"));
    if fit.null_deviance > 0.0 {
        table.measures.insert(0, ("McFadden R²".to_owned(), 1.0 - fit.deviance / fit.null_deviance));
    }
    if rows.beyond.weighed().is_none() {
        table.measures.insert(0, ("log-likelihood".to_owned(), -fit.deviance / 2.0));
    }
    table
}

/// Of a penalised model: weights without errors.
pub fn of_weights((at_zero, weights): (f64, &[f64]), x: &Matrix, columns: &[ColumnName]) -> CoefficientTable {
    let mut rows = vec![intercept(at_zero)];
    rows.extend(columns.iter().zip(weights).enumerate().map(|(j, (name, &w))| row(name, w, x.column(j))));
    CoefficientTable { rows, ..CoefficientTable::default() }
}

fn finish(
    rows: Vec<CoefficientRow>,
    mut measures: Vec<(String, f64)>,
    is_log: bool,
    robust: &str,
    of: &FittedRows<'_>,
) -> CoefficientTable {
    measures.retain(|(_, v)| v.is_finite());
    let is_clustered = rows.iter().any(|r| r.clustered.is_some());
    if is_clustered {
        measures.push((format!("groups of {}", of.grouped_by), n_groups(of.groups)));
    }
    CoefficientTable {
        is_log,
        is_odds: false,
        robust: if rows.iter().any(|r| r.robust.is_some()) { robust.to_owned() } else { String::new() },
        grouped_by: if is_clustered { of.grouped_by.to_owned() } else { String::new() },
        rows,
        measures,
        path: None,
    }
}

/// A table as text: heads with what they mean, and the cells.
#[derive(Debug, Clone, PartialEq)]
pub struct CoefficientText {
    /// Head of each column, and its meaning in a sentence.
    pub heads: Vec<(String, String)>,
    /// One a row.
    pub rows: Vec<Vec<String>>,
}

/// One of the ways the certainty of a coefficient is told.
type CertaintyOf = fn(&CoefficientRow) -> Option<Certainty>;

impl CoefficientTable {
    /// The measures as facts.
    pub fn facts(&self) -> Vec<(String, String)> {
        self.measures.iter().map(|(name, value)| (name.clone(), words::number(*value))).collect()
    }

    /// As text, without columns in which nothing stands.
    pub fn text(&self) -> CoefficientText {
        let mut out = CoefficientText {
            heads: vec![("Column".into(), "A column of the table, or one level of a category.".into())],
            rows: self.rows.iter().map(|r| vec![Self::name(r)]).collect(),
        };
        let what = match (self.is_log, self.is_odds) {
            (_, true) => "the log odds of yes",
            (true, false) => "the logarithm of the expected count",
            (false, false) => "the prediction",
        };
        let mut put = |head: &str, means: String, cells: Vec<String>| {
            if cells.iter().any(|c| c != words::NOTHING) {
                out.heads.push((head.to_owned(), means));
                out.rows.iter_mut().zip(cells).for_each(|(row, cell)| row.push(cell));
            }
        };
        let each = |of: &dyn Fn(&CoefficientRow) -> Option<String>| -> Vec<String> {
            self.rows.iter().map(|r| of(r).unwrap_or_else(|| words::NOTHING.to_owned())).collect()
        };
        let number = |of: &dyn Fn(&CoefficientRow) -> Option<f64>| each(&|r| of(r).map(words::number));
        let held = "with the other columns held";
        put(
            "Effect of one unit",
            format!("Change of {what} with one unit of the column, {held}."),
            number(&|r| r.estimate),
        );
        if self.is_log {
            let factor = |r: &CoefficientRow| r.estimate.map(math::exp).filter(|f| f.is_finite());
            let (head, what) = if self.is_odds {
                ("Odds ratio", "the odds of yes")
            } else {
                ("Factor", "the expected count")
            };
            let means = format!("What one unit of the column multiplies {what} by, {held}: 1 is no effect.");
            put(head, means, number(&factor));
            if self.is_odds {
                let ends = |r: &CoefficientRow| {
                    let (low, high) = r.plain?.interval;
                    let ends = (math::exp(low), math::exp(high));
                    ends.1.is_finite().then(|| words::interval_of(ends, words::number))
                };
                let means =
                    "Odds ratios the data allow, with 95 % confidence; one that holds 1 may be no effect.";
                put("95 % interval of the odds ratio", means.to_owned(), each(&ends));
            }
        }
        let means = format!(
            "Change of {what} with one standard deviation of the column: comparable between columns."
        );
        put("Effect of one deviation", means, number(&|r| r.per_deviation));
        let kinds: [(String, &str, CertaintyOf); 3] = [
            (String::new(), "if rows are independent and the model's spread is right", |r| r.plain),
            (format!(", {}", self.robust), "if the spread of rows may be other than the model says", |r| {
                r.robust
            }),
            (format!(", by {}", self.grouped_by), "if rows of one group may vary together", |r| r.clustered),
        ];
        for (kind, when, of) in kinds {
            let means = format!("Standard error of the effect of one unit, {when}.");
            put(&format!("Error{kind}"), means, number(&|r| of(r).map(|c| c.error)));
            if kind.is_empty() {
                let (head, dof) = if self.is_log { ("z", "") } else { ("t", " of Student's t") };
                let means = format!("Effect over its error; beyond about ±2 is more than chance{dof}.");
                put(head, means, each(&|r| of(r).map(|c| words::statistic(c.statistic))));
            }
            let means = format!("How often chance alone would give at least this effect, {when}.");
            put(&format!("p{kind}"), means, each(&|r| of(r).map(|c| words::p_cell(c.p))));
            let means = format!("Effects the data allow, with 95 % confidence, {when}.");
            let interval = |r: &CoefficientRow| of(r).map(|c| words::interval_of(c.interval, words::number));
            put(&format!("95 % interval{kind}"), means, each(&interval));
        }
        let means = "Variance inflation: 1 for a column unlike all others, above 10 hard to tell from them.";
        put("VIF", means.to_owned(), each(&|r| r.inflation.map(words::rough)));
        out
    }

    fn name(row: &CoefficientRow) -> String {
        match &row.against {
            Some(level) => format!("{} (against {level})", row.name),
            None if row.estimate.is_none() => format!("{} (follows from others)", row.name),
            None => row.name.clone(),
        }
    }
}
