//! Charts: a summary in, a picture (ECharts option, sentence, table) out. One file a chart.
//!
//! A new chart is a new file here, its `mod` line and its entry in [`CHARTS`].

use crate::engine::{
    data::{column::ColumnType, role::Role, table::Table},
    decisions::decision::Decision,
    models::{comparison::Comparison, explain::Explanation, ladder as climbed, learning_curve as curve},
    segments::segmentation::Segmentation,
    statistics::exploration::Exploration,
};
use serde::{Deserialize, Serialize};

pub mod option;
pub mod penalty_path;
pub mod points;
pub mod theme;

pub mod box_plot;
pub mod budget_groups;
pub mod calibration;
pub mod correlation;
pub mod dependence;
pub mod gains;
pub mod histogram;
pub mod importance;
pub mod k_sweep;
pub mod kpi_bars;
pub mod ladder;
pub mod learning_curve;
pub mod lift;
pub mod model_scores;
pub mod pair_plot;
pub mod precision_recall;
pub mod predicted_actual;
pub mod profit_curve;
pub mod rate_by_segment;
pub mod residuals;
pub mod roc;
pub mod segment_map;
pub mod segment_profile;
pub mod segment_value;
pub mod shap_summary;
pub mod threshold_profit;
pub mod waterfall;

/// Pixels that a chart is wide in a report.
pub const REPORT_WIDTH: u32 = 720;

/// Which chart, of what: `{ chart: "histogram", args: ["Income"] }`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ChartRequest {
    /// Slug of the chart maker: "histogram".
    pub chart: String,
    /// Column names or other keys the maker reads; empty where the chart needs none.
    pub args: Vec<String>,
}

impl ChartRequest {
    /// A request in one expression.
    pub fn new(chart: &str, args: impl IntoIterator<Item = String>) -> Self {
        Self { chart: chart.to_owned(), args: args.into_iter().collect() }
    }
}

/// Colours of a theme, read from the page's design tokens (CSS colours); [`Theme::light`] is used where there is no page.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Theme {
    /// Text.
    pub ink: String,
    /// Axis labels, and series beyond the sixth.
    pub ink_muted: String,
    /// Axis and grid lines.
    pub line: String,
    /// Background.
    pub surface: String,
    /// What the eye should go to first.
    pub accent: String,
    /// At most six, Okabe-Ito adapted to the theme.
    pub series: Vec<String>,
    /// Low, high of one hue.
    pub sequential: (String, String),
    /// Low, middle, high, centred on zero.
    pub diverging: (String, String, String),
}

/// A drawn chart and what stands beside it for those who cannot see it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Picture {
    /// The finding when there is one, else the question.
    pub title: String,
    /// One sentence that says what the chart shows.
    pub alt: String,
    /// The ECharts option as JSON (no functions).
    pub option: String,
    /// Pixels.
    pub height: u32,
    /// The figures: header, then rows, as shown.
    pub header: Vec<String>,
    /// The figures as texts, one list a row, as wide as the header.
    pub rows: Vec<Vec<String>>,
    /// How this was computed: one or two sentences.
    pub how: String,
}

/// What charts are drawn from.
#[derive(Clone, Copy)]
pub struct ChartSource<'a> {
    /// The prepared table.
    pub table: &'a Table,
    /// `None` until the table was explored.
    pub exploration: Option<&'a Exploration>,
    /// `None` until models were compared.
    pub comparison: Option<&'a Comparison>,
    /// `None` until a model was explained.
    pub explanation: Option<&'a Explanation>,
    /// `None` until it was climbed.
    pub ladder: Option<&'a climbed::Ladder>,
    /// `None` until it was drawn.
    pub curve: Option<&'a curve::LearningCurve>,
    /// `None` until segments were made.
    pub segmentation: Option<&'a Segmentation>,
    /// `None` until there is a decision.
    pub decision: Option<&'a Decision>,
    /// Sign or code of the file's amounts; `None` when the file names none.
    pub currency: Option<&'a str>,
}

/// One kind of chart.
pub trait ChartMaker: Sync {
    /// "histogram"
    fn slug(&self) -> &'static str;
    /// The requests that make sense for what is there: what the report draws, and what the loop test exercises.
    fn offers(&self, source: &ChartSource<'_>) -> Vec<ChartRequest>;
    /// `None` when what it needs is not there.
    fn draw(&self, source: &ChartSource<'_>, args: &[String], theme: &Theme) -> Option<Picture>;
}

/// Every chart, in the order of the analysis.
pub const CHARTS: &[&dyn ChartMaker] = &[
    &rate_by_segment::RateChart,
    &kpi_bars::KpiBars,
    &box_plot::BoxPlot,
    &histogram::Histogram,
    &pair_plot::PairPlot,
    &correlation::CorrelationHeatmap,
    &model_scores::ModelScores,
    &ladder::Ladder,
    &learning_curve::LearningCurve,
    &penalty_path::PenaltyPathChart,
    &predicted_actual::PredictedActual,
    &residuals::Residuals,
    &calibration::CalibrationCurve,
    &roc::RocCurve,
    &precision_recall::PrecisionRecall,
    &gains::Gains,
    &lift::Lift,
    &threshold_profit::ThresholdProfit,
    &importance::ImportanceBars,
    &shap_summary::ShapChart,
    &dependence::DependenceChart,
    &waterfall::Waterfall,
    &k_sweep::KSweep,
    &segment_map::SegmentMap,
    &segment_profile::SegmentProfileHeatmap,
    &segment_value::SegmentValueBars,
    &profit_curve::ProfitCurve,
    &budget_groups::BudgetGroups,
];

/// Everything that can be drawn of what is there, in the order of the analysis.
pub fn offers(source: &ChartSource<'_>) -> Vec<ChartRequest> {
    CHARTS.iter().flat_map(|c| c.offers(source)).collect()
}

/// Columns of measured numbers that were summarised, in the order of the table: no identifiers, no yes/no, no dates.
pub fn numeric_columns(source: &ChartSource<'_>) -> Vec<String> {
    let summarised = |name: &str| {
        source.exploration.is_some_and(|e| {
            e.columns
                .iter()
                .any(|c| c.name == name && c.numeric.as_ref().is_some_and(|n| n.max > n.min) && c.unique > 2)
        })
    };
    source
        .table
        .columns()
        .iter()
        .filter(|c| c.column_type() == ColumnType::Number && c.role != Role::Identifier)
        .filter(|c| summarised(&c.name))
        .map(|c| c.name.clone())
        .collect()
}

/// Draws any chart.
pub fn draw(request: &ChartRequest, source: &ChartSource<'_>, theme: &Theme) -> Option<Picture> {
    CHARTS.iter().find(|c| c.slug() == request.chart)?.draw(source, &request.args, theme)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{
        data::{column::Column, role::TableKind},
        decisions::decision::{
            BudgetGroup, BudgetMove, BudgetResult, DecisionPlan, Economics, Retargeting, SegmentValue,
            Verdict as Contact,
        },
        models::{
            coefficients::{CoefficientRow, CoefficientTable, PathPoint, PenaltyPath},
            comparison::{FamilyResult, Importance, Prediction, Scores, Verdict},
            outcome::Outcome,
            plan::{ModelPlan, Validation},
            yes_no::{Probabilities, YesNoFindings, YesNoScores},
        },
        segments::segmentation::{Projection, SegmentPlan, SegmentProfile, SweepPoint},
        statistics::{
            claim::{Grade, TestRecord},
            exploration::{
                ColumnStatistics, Correlation, ExplorePlan, KpiColumn, KpiRow, KpiTable, NumericStatistics,
                RateBySegment, RateLevel,
            },
        },
    };

    /// A table of which nothing is known yet.
    pub(super) fn bare(table: &Table) -> ChartSource<'_> {
        ChartSource {
            table,
            exploration: None,
            comparison: None,
            explanation: None,
            ladder: None,
            curve: None,
            segmentation: None,
            decision: None,
            currency: None,
        }
    }

    pub(super) fn table(n_rows: usize) -> Table {
        let wave =
            |k: usize| (0..n_rows).map(|i| ((i * k) % 97) as f64 + i as f64 / 50.0).collect::<Vec<_>>();
        let mut gaps = wave(31);
        gaps[3] = f64::NAN;
        Table::new(
            TableKind::Ads,
            vec![
                Column::number("Clicks", Role::Clicks, wave(7)),
                Column::number("Spent", Role::Spend, wave(13)),
                Column::number("Gaps {a|b}", Role::Number, gaps),
                Column::number("Constant", Role::Number, vec![3.0; n_rows]),
                Column::number("ad_id", Role::Identifier, wave(1)),
            ],
        )
        .unwrap()
    }

    fn numeric(min: f64, max: f64) -> NumericStatistics {
        let at = |share: f64| min + share * (max - min);
        NumericStatistics {
            mean: at(0.4),
            std: Some(1.0),
            min,
            q1: at(0.25),
            median: at(0.4),
            q3: at(0.6),
            max,
            sum: 10.0,
            skew: None,
            kurtosis: None,
            zeros: 0,
            whisker_low: min,
            whisker_high: at(0.9),
            outliers: 2,
            outlier_values: vec![at(0.95), max],
            histogram_edges: vec![min, at(0.5), max],
            histogram_counts: vec![40, 60],
            is_year: false,
        }
    }

    fn level(label: &str, outcome: f64, exposure: f64, too_few: bool) -> RateLevel {
        RateLevel {
            label: label.into(),
            n_rows: exposure as u64,
            exposure,
            outcome,
            rate: (exposure > 0.0).then(|| outcome / exposure),
            interval: (exposure > 0.0).then_some((0.01, 0.3)),
            interval_method: "Wilson".into(),
            too_few,
        }
    }

    fn exploration() -> Exploration {
        let column = |name: &str, min, max| ColumnStatistics {
            name: name.into(),
            count: 100,
            missing: 1,
            unique: 90,
            numeric: Some(numeric(min, max)),
            top: Vec::new(),
        };
        let kpi = |labels: &[&str], value| KpiRow {
            labels: labels.iter().map(|&l| l.into()).collect(),
            n_rows: 10,
            values: vec![value],
            notes: vec![value.is_none().then(|| "> 1.43".to_owned())],
            too_few: vec![value == Some(250.0)],
        };
        Exploration {
            plan: ExplorePlan::default(),
            columns: vec![
                column("Clicks", 0.0, 421.0),
                column("Spent", 0.0, 639.9),
                column("Gaps {a|b}", -5.0, 120.0),
                column("Constant", 3.0, 3.0),
            ],
            correlations: ["pearson", "spearman"]
                .map(|method| Correlation {
                    method: method.into(),
                    columns: vec!["Clicks".into(), "Spent".into(), "Constant".into()],
                    values: vec![
                        vec![Some(1.0), Some(0.993), None],
                        vec![Some(0.993), Some(1.0), None],
                        vec![None, None, None],
                    ],
                })
                .to_vec(),
            kpis: vec![KpiTable {
                by: vec!["age".into()],
                columns: vec![KpiColumn {
                    slug: "cpa".into(),
                    label: "CPA".into(),
                    formula: "spend / purchases".into(),
                    unit: String::new(),
                }],
                rows: vec![
                    kpi(&[""], Some(54.4)),
                    kpi(&["30-34"], Some(30.88)),
                    kpi(&["35-39"], Some(53.9)),
                    kpi(&["45-49"], Some(99.76)),
                    kpi(&["50-54"], None),
                    kpi(&["60+"], Some(250.0)),
                ],
            }],
            rates: vec![
                RateBySegment {
                    segment: "age_group".into(),
                    outcome: "Response".into(),
                    exposure: "people".into(),
                    per: 1.0,
                    levels: vec![
                        level("<30", 0.0, 2.0, true),
                        level("30-39", 45.0, 300.0, false),
                        level("40-49", 90.0, 700.0, false),
                        level("empty", 0.0, 0.0, true),
                    ],
                    unit: "%".into(),
                    overall: Some(0.149),
                    grade: Grade::CannotTell,
                    caution: None,
                    remark: None,
                    test: Some(TestRecord {
                        name: "chi²".into(),
                        why: "A yes/no outcome over groups.".into(),
                        symbol: "chi²".into(),
                        statistic: 3.34,
                        dof: vec![4.0],
                        p: 0.503,
                        p_holm: Some(1.0),
                        p_bh: Some(0.6),
                        n_tests: Some(5),
                        dispersion: None,
                        effect: Some(("Cramér's V".into(), 0.04)),
                    }),
                    min_n: 30,
                },
                RateBySegment {
                    segment: "age".into(),
                    outcome: "Purchases".into(),
                    exposure: "impressions".into(),
                    per: 1000.0,
                    levels: vec![
                        level("30-34", 494.0, 67_993_019.0, false),
                        level("35-39", 207.0, 42_104_644.0, false),
                    ],
                    unit: String::new(),
                    overall: None,
                    test: None,
                    grade: Grade::CannotTell,
                    caution: Some("Not tested.".into()),
                    remark: None,
                    min_n: 30,
                },
            ],
            ..Exploration::default()
        }
    }

    pub(super) fn comparison(n_rows: u32) -> Comparison {
        let scores = |r2: f64| Scores { r2: Some(r2), mse: 2.0, rmse: 1.41, mae: 0.8, n: 100, yes_no: None };
        let result = |family: &str, r2: f64| FamilyResult {
            family: family.into(),
            title: family.into(),
            folds: vec![scores(r2 - 0.1), scores(r2 + 0.1)],
            mean: scores(r2),
            sd: scores(0.14),
            pooled: scores(r2),
            facts: Vec::new(),
            coefficients: None,
            error: None,
        };
        let mut linear = result("linear", 0.47);
        let row = |name: &str| CoefficientRow {
            name: name.into(),
            against: None,
            estimate: Some(0.5),
            per_deviation: Some(0.5),
            plain: None,
            robust: None,
            clustered: None,
            inflation: None,
        };
        let point = |penalty: f64, error: f64, weights: [f64; 2]| PathPoint {
            penalty,
            error: Some(error),
            weights: weights.to_vec(),
        };
        linear.coefficients = Some(CoefficientTable {
            rows: vec![row("Intercept"), row("Spent"), row("Clicks")],
            path: Some(PenaltyPath {
                penalty: 0.1,
                points: vec![
                    point(1.0, 4.0, [0.0, 0.0]),
                    point(0.1, 1.44, [0.5, 0.0]),
                    point(0.01, 1.69, [0.7, -0.2]),
                ],
            }),
            ..CoefficientTable::default()
        });
        let mut failed = result("failed", f64::NAN);
        failed.error = Some("singular".into());
        Comparison {
            plan: ModelPlan {
                target: "Approved_Conversion".into(),
                outcome: None,
                features: Vec::new(),
                unblocked: Vec::new(),
                validation: Validation::KFold { k: 2 },
                families: Vec::new(),
                seed: 1,
                weight: None,
                tuned: Vec::new(),
            },
            candidates: Vec::new(),
            n_rows: u64::from(n_rows),
            n_left_out: 0,
            n_folds: 2,
            results: vec![result("baseline", -0.01), linear, failed],
            pairs: Vec::new(),
            verdict: Verdict {
                winner: "linear".into(),
                tied_with: vec!["forest".into()],
                beats_baseline: true,
                sentence: String::new(),
            },
            importance: vec![Importance { feature: "Spent".into(), mean: 0.3, sd: 0.05 }],
            yes_no: None,
            predictions: vec![(
                "linear".into(),
                (0..n_rows)
                    .map(|row| Prediction {
                        row,
                        actual: f64::from(row % 5),
                        predicted: f64::from(row % 7) * 0.6,
                    })
                    .collect(),
            )],
            claims: Vec::new(),
            notes: Vec::new(),
        }
    }

    fn segmentation() -> Segmentation {
        Segmentation {
            plan: SegmentPlan::default(),
            n_rows: 100,
            n_filled: 0,
            matrix_columns: vec!["Spent".into(), "Clicks".into()],
            sweep: (2..6)
                .map(|k| SweepPoint {
                    k,
                    inertia: 1000.0 / f64::from(k),
                    silhouette: (k != 5).then_some(0.3),
                    davies_bouldin: Some(1.1),
                    calinski_harabasz: None,
                    stability: Some(0.98),
                    sizes: vec![60, 40],
                })
                .collect(),
            recommended_k: 2,
            why_k: "Two segments are found again by every start.".into(),
            k: 2,
            profile_columns: vec!["Spent".into(), "Clicks".into()],
            overall_means: vec![Some(51.3), None],
            overall_rate: Some(0.149),
            segments: (0..8)
                .map(|index| SegmentProfile {
                    index,
                    name: format!("Segment {}", index + 1),
                    n: 50,
                    share: 0.5,
                    means: vec![Some(60.0), None],
                    z: vec![Some(1.8 - f64::from(index)), None],
                    response: None,
                    sentence: "Spends more.".into(),
                })
                .collect(),
            projection: Some(Projection {
                explained: vec![0.4, 0.2],
                points: (0..100).map(|i| (i as f32 / 10.0, (i % 7) as f32, i % 8)).collect(),
                loadings: vec![vec![("Spent".into(), 0.7)], vec![("Clicks".into(), -0.6)]],
            }),
            labels: Vec::new(),
            claims: Vec::new(),
            notes: Vec::new(),
        }
    }

    fn decision() -> Decision {
        let segment = |index: u32, profit: f64, verdict| SegmentValue {
            index,
            name: format!("Segment {}", index + 1),
            n: 402,
            rate: 0.3,
            rate_interval: (0.25, 0.35),
            profit,
            profit_interval: (profit - 100.0, profit + 100.0),
            profit_per_person: profit / 402.0,
            verdict,
            lift: Some(2.0),
            reason: "Contact: its whole interval lies above break-even".into(),
        };
        let group = |label: &str, cpa: Option<f64>| BudgetGroup {
            label: label.into(),
            n: 426,
            spend: 15_252.4,
            conversions: 494.0,
            cpa,
            marginal_cpa: cpa.map(|c| c / 0.51),
        };
        Decision {
            plan: DecisionPlan::default(),
            retargeting: Some(Retargeting {
                economics: Economics { value_per_response: 11.0, cost_per_contact: 3.0 },
                economics_source: "read from Z_Revenue and Z_CostContact".into(),
                break_even: 3.0 / 11.0,
                segments: vec![segment(1, 200.0, Contact::Contact), segment(0, -300.0, Contact::Leave)],
                chosen: vec![1],
                people: 402,
                profit: 200.0,
                profit_interval: (100.0, 300.0),
                profit_everyone: -3046.0,
                best: vec![1],
                best_profit: 200.0,
                curve: vec![(402, 200.0), (2240, -3046.0)],
                sentence: String::new(),
                assumptions: Vec::new(),
            }),
            contacts: None,
            hold_out: None,
            budget: Some(BudgetResult {
                plan: BudgetMove {
                    by: "age".into(),
                    from: "45-49".into(),
                    to: "30-34".into(),
                    share: 0.2,
                    ..BudgetMove::default()
                },
                groups: vec![group("30-34", Some(30.88)), group("45-49", Some(99.76)), group("50+", None)],
                outcome: "Approved_Conversion".into(),
                elasticity: 0.51,
                elasticity_interval: (0.44, 0.60),
                moved: 4654.0,
                naive_gain: 93.0,
                gain: 41.0,
                gain_interval: (30.0, 52.0),
                sentence: String::new(),
                assumptions: Vec::new(),
                ..BudgetResult::default()
            }),
            claims: Vec::new(),
            missing: Vec::new(),
        }
    }

    /// A comparison of a yes/no target.
    fn yes_no(n_rows: u32) -> Comparison {
        let mut found = comparison(n_rows);
        found.plan.outcome = Some(Outcome::YesNo);
        for (_, rows) in &mut found.predictions {
            for p in rows {
                p.predicted = (p.predicted / 6.0).clamp(0.02, 0.9);
                p.actual = f64::from(u8::from(p.row % 7 > 4 || p.row % 5 == 0));
            }
        }
        let scores =
            YesNoScores { auc: Some(0.9), average_precision: Some(0.64), log_loss: 0.25, brier: 0.08 };
        for result in &mut found.results {
            for scored in result.folds.iter_mut().chain([&mut result.mean, &mut result.pooled]) {
                scored.yes_no = Some(scores);
            }
            result.sd.yes_no = Some(YesNoScores { log_loss: 0.01, ..YesNoScores::default() });
        }
        let families =
            found.predictions.iter().map(|(family, rows)| Probabilities::of(family, rows)).collect();
        let n_yes = found.predictions[0].1.iter().filter(|p| p.actual == 1.0).count() as u64;
        let n = u64::from(n_rows);
        found.yes_no = Some(YesNoFindings { yes: "1".into(), no: "0".into(), n, n_yes, families });
        found
    }

    /// Every text of an option, for a look at what ECharts would read.
    fn texts<'v>(value: &'v serde_json::Value, out: &mut Vec<&'v str>) {
        match value {
            serde_json::Value::String(text) => out.push(text),
            serde_json::Value::Array(items) => items.iter().for_each(|v| texts(v, out)),
            serde_json::Value::Object(fields) => fields.values().for_each(|v| texts(v, out)),
            _ => {}
        }
    }

    #[track_caller]
    fn check_all(n_rows: usize, theme: &Theme) {
        let (table, exploration, comparison) = (table(n_rows), exploration(), comparison(n_rows as u32));
        let (segmentation, decision) = (segmentation(), decision());
        let explanation = crate::engine::models::explain::sample();
        let (ladder, curve) = (climbed::tests::sample(), curve::tests::sample());
        let source = ChartSource {
            table: &table,
            exploration: Some(&exploration),
            comparison: Some(&comparison),
            explanation: Some(&explanation),
            ladder: Some(&ladder),
            curve: Some(&curve),
            segmentation: Some(&segmentation),
            decision: Some(&decision),
            currency: Some("EUR"),
        };
        let likely = yes_no(n_rows as u32);
        let money = |name: &str, role, v| Column::number(name, role, vec![v; n_rows]);
        let mut priced = table.clone();
        priced.push(money("Z_CostContact", Role::Cost, 3.0)).unwrap();
        priced.push(money("Z_Revenue", Role::ValuePerResponse, 11.0)).unwrap();
        let of_yes_no = ChartSource { table: &priced, comparison: Some(&likely), decision: None, ..source };
        let both = [source, of_yes_no];
        for (chart, source) in CHARTS.iter().flat_map(|c| both.map(|source| (c, source))) {
            let is_any = both.iter().any(|s| !chart.offers(s).is_empty());
            assert!(is_any, "{} offers nothing", chart.slug());
            let offers = chart.offers(&source);
            for request in offers {
                assert_eq!(request.chart, chart.slug());
                let picture =
                    draw(&request, &source, theme).unwrap_or_else(|| panic!("{request:?} draws nothing"));
                let option: serde_json::Value = serde_json::from_str(&picture.option).unwrap();
                assert!(!option["series"].as_array().unwrap().is_empty(), "{request:?} has no series");
                let mut found = Vec::new();
                texts(&option, &mut found);
                for text in found {
                    assert!(!text.contains("function") && !text.contains("=>"), "{request:?}: {text}");
                    assert!(!text.contains("NaN") && !text.contains("inf"), "{request:?}: {text}");
                }
                let words = format!("{} {} {:?}", picture.title, picture.alt, picture.rows);
                assert!(!words.contains("NaN") && !words.contains("inf "), "{request:?}: {words}");
                assert!(!picture.title.is_empty() && picture.alt.ends_with('.') && picture.how.contains('.'));
                assert!(!picture.rows.is_empty(), "{request:?} has no table");
                for row in &picture.rows {
                    assert_eq!(row.len(), picture.header.len(), "{request:?}: {row:?}");
                }
                assert!(picture.height >= 100);
                if let Ok(folder) = std::env::var("ASSAY_CHARTS_OUT") {
                    let name = format!(
                        "{}-{}-{}",
                        request.chart,
                        request.args.join("-").replace(['{', '|', '}', ' ', '<'], "_"),
                        n_rows
                    );
                    std::fs::write(format!("{folder}/{name}.json"), serde_json::to_string(&picture).unwrap())
                        .unwrap();
                }
            }
        }
    }

    #[test]
    fn every_chart_draws_what_it_offers() {
        check_all(400, &Theme::light());
    }

    #[test]
    fn many_rows_are_drawn_as_density() {
        check_all(20_000, &Theme::dark());
        let comparison = comparison(20_000);
        let table = table(10);
        let source = ChartSource { comparison: Some(&comparison), ..bare(&table) };
        let picture = draw(&ChartRequest::new("predicted_actual", []), &source, &Theme::light()).unwrap();
        assert!(picture.option.len() < 50_000, "{} bytes", picture.option.len());
    }

    #[test]
    fn nothing_is_drawn_of_nothing() {
        let table = Table::default();
        let source = bare(&table);
        assert!(offers(&source).is_empty());
        for chart in CHARTS {
            assert_eq!(chart.draw(&source, &[], &Theme::light()), None, "{}", chart.slug());
        }
    }

    #[test]
    fn the_panels_over_k_begin_at_one_edge() {
        let (table, mut segmentation) = (table(10), segmentation());
        segmentation.sweep[0].inertia = 2.5e8;
        let source = ChartSource { segmentation: Some(&segmentation), ..bare(&table) };
        let picture = draw(&ChartRequest::new("k_sweep", []), &source, &Theme::light()).unwrap();
        let option: serde_json::Value = serde_json::from_str(&picture.option).unwrap();
        let grids = option["grid"].as_array().unwrap();
        assert_eq!(grids.len(), 3);
        for grid in grids {
            assert_eq!((&grid["left"], &grid["right"]), (&grids[0]["left"], &grids[0]["right"]));
            assert!(grid["containLabel"] == false && grid["outerBoundsMode"] == "none", "{grid}");
        }
        // Labels of large sums fit into that edge.
        assert!(option["series"][0]["data"][0]["value"].as_f64().unwrap() < 1e6);
        assert!(option["series"][0]["name"].as_str().unwrap().contains("in millions"));
    }

    #[test]
    fn the_profit_curve_marks_what_is_decided() {
        let (table, mut decision) = (table(10), decision());
        let title = |decision: &Decision| {
            let source = ChartSource {
                table: &table,
                exploration: None,
                comparison: None,
                explanation: None,
                ladder: None,
                curve: None,
                segmentation: None,
                decision: Some(decision),
                currency: None,
            };
            draw(&ChartRequest::new("profit_curve", []), &source, &Theme::light()).unwrap().title
        };
        assert_eq!(title(&decision), "Profit is highest at 402 people: 200 against −3,046 for everyone");
        decision.retargeting.as_mut().unwrap().best.clear();
        assert!(title(&decision).contains("nobody"), "{}", title(&decision));
    }

    #[test]
    fn titles_say_the_finding() {
        let exploration = exploration();
        let table = table(10);
        let source = ChartSource { exploration: Some(&exploration), ..bare(&table) };
        let title = |chart: &str, args: &[&str]| {
            let request = ChartRequest::new(chart, args.iter().map(|&a| a.to_owned()));
            draw(&request, &source, &Theme::light()).unwrap().title
        };
        assert_eq!(
            title("kpi_bars", &["cpa", "age"]),
            "CPA rises with age, from 30.88 (30-34) to 99.76 (45-49)"
        );
        assert_eq!(
            title("rate_by_segment", &["age_group"]),
            "No supported difference in Response by age_group: 12.9 to 15.0 % (adjusted p = 1.00)"
        );
    }

    #[test]
    fn titles_say_the_direction_and_pass_over_what_is_so_by_making() {
        let up: Vec<f64> = (0..40).map(|i| f64::from((i * 7) % 41)).collect();
        let down: Vec<f64> = up.iter().enumerate().map(|(i, v)| (i % 5) as f64 * 3.0 - v).collect();
        let income = Column::number("Income", Role::Income, up.clone());
        let scaled = Column::number("Scaled", Role::Number, up).from_columns(&[&income]);
        let columns = vec![income, scaled, Column::number("Visits", Role::WebVisits, down)];
        let table = Table::new(TableKind::Customers, columns).unwrap();
        let names = ["Income", "Scaled", "Visits"].map(str::to_owned);
        let values = vec![
            vec![Some(1.0), Some(1.0), Some(-0.8)],
            vec![Some(1.0), Some(1.0), Some(-0.8)],
            vec![Some(-0.8), Some(-0.8), Some(1.0)],
        ];
        let mut exploration = exploration();
        exploration.correlations =
            vec![Correlation { method: "spearman".into(), columns: names.to_vec(), values }];
        let source = ChartSource {
            table: &table,
            exploration: Some(&exploration),
            comparison: None,
            explanation: None,
            ladder: None,
            curve: None,
            segmentation: None,
            decision: None,
            currency: None,
        };
        let drawn = |chart: &str, args: &[String]| {
            draw(&ChartRequest::new(chart, args.iter().cloned()), &source, &Theme::light()).unwrap()
        };
        let pairs = drawn("pair_plot", &names).title;
        assert!(pairs.contains("opposite directions") && pairs.contains("Visits"), "{pairs}");
        let heat = drawn("correlation", &["spearman".to_owned()]);
        assert_eq!(heat.title, "Strongest link: Income and Visits (rho = −0.80)");
        assert!(heat.how.contains("Income and Scaled"), "{}", heat.how);
    }
}
