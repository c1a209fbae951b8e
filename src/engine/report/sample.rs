//! A rich and a bare set of findings, made by hand, for the tests of the formats.

use super::build::{Figure, Findings, LedgerEntry};
use crate::engine::{
    data::{
        column::ColumnType,
        issue::{Issue, IssueKind, Severity},
        role::{Role, TableKind},
        summary::{ColumnSummary, Receipt, SkippedLine, TableSummary},
    },
    decisions::decision::{
        BudgetGroup, BudgetMove, BudgetResult, Decision, DecisionPlan, Economics, HoldOutPlan, Retargeting,
        SegmentValue, Verdict as Money,
    },
    knobs::Settings,
    models::{
        coefficients::{Certainty, CoefficientRow, CoefficientTable},
        comparison::{Comparison, FamilyResult, Importance, PairTest, Prediction, Scores, Verdict},
        outcome::Outcome,
        plan::{Candidate, ModelPlan, Standing, Validation},
    },
    pipeline::{
        graph::{Results, Size, graph},
        recipe::{Recipe, RecipeStep},
    },
    segments::segmentation::{
        Projection, SegmentPlan, SegmentProfile, SegmentRate, Segmentation, SweepPoint,
    },
    statistics::{
        claim::{Claim, Grade, Record, TestRecord},
        exploration::{
            ColumnStatistics, Correlation, Exploration, KpiColumn, KpiRow, KpiTable, NumericStatistics,
            RateBySegment, RateLevel,
        },
    },
    step::{CellChange, Effect, StepCall},
};

fn column(name: &str, role: Role) -> ColumnSummary {
    ColumnSummary {
        name: name.into(),
        column_type: ColumnType::Number,
        role,
        n_missing: 24,
        n_unique: 1974,
        examples: vec!["58138".into(), "46344".into()],
        range: Some((1730.0, 666_666.0)),
        is_computed: false,
        personal: None,
    }
}

/// A file that was read and nothing more.
pub fn bare() -> Findings {
    let table = TableSummary {
        kind: TableKind::Customers,
        n_rows: 2240,
        columns: vec![column("ID", Role::Identifier), column("<b>Income</b>", Role::Income)],
        currency: Some("EUR".into()),
    };
    Findings {
        receipt: Receipt {
            file_name: "customers & co.csv".into(),
            n_bytes: 220_188,
            source: None,
            encoding: "UTF-8".into(),
            delimiter: ',',
            header_line: Some(1),
            n_rows: 2240,
            n_columns: 2,
            skipped: vec![SkippedLine {
                line: 2242,
                reason: "total row".into(),
                text: "Total|<script>".into(),
            }],
            n_skipped: 3,
            reasons: Vec::new(),
            missing: Vec::new(),
            issues: vec![Issue {
                kind: IssueKind::Sentinel,
                severity: Severity::Warning,
                line: Some(2234),
                column: Some("<b>Income</b>".into()),
                text: Some("666666".into()),
                count: 1,
                message: "One value looks like a stand-in for “unknown” | see http".into(),
                files: Vec::new(),
            }],
            sentence: "Comma-separated, UTF-8, 2,240 rows and 2 columns; 3 lines were skipped.".into(),
            fingerprint: "00ff00ff00ff00ff".into(),
            files: Vec::new(),
        },
        raw: table.clone(),
        table,
        recipe: Recipe::default(),
        ledger: Vec::new(),
        kept: Vec::new(),
        exploration: None,
        comparison: None,
        explanation: None,
        ladder: None,
        learning_curve: None,
        tuning: None,
        segmentation: None,
        decision: None,
        graph: Vec::new(),
        version: "0.1.0".into(),
        small_groups_masked: false,
        recipe_is_masked: false,
        hidden: Vec::new(),
    }
}

fn claim(topic: &str, grade: Grade) -> Claim {
    Claim {
        id: topic.to_lowercase(),
        topic: topic.into(),
        sentence: format!("{topic} does not explain response: 13 to 16 % in every group"),
        grade,
        record: Record {
            estimand: "response rate by age group".into(),
            estimate: Some(0.149),
            unit: "%".into(),
            interval: Some((0.134, 0.164)),
            level: Some(0.95),
            interval_method: Some("Wilson".into()),
            n: 2240,
            test: Some(test()),
            rows: "all 2,240 rows".into(),
            notes: vec!["Everyone was contacted.".into()],
            table: vec![vec!["Group".into(), "Rate".into()], vec!["30-39 | x".into(), "14.9 %".into()]],
            shared: None,
        },
    }
}

fn test() -> TestRecord {
    TestRecord {
        name: "chi²".into(),
        why: "Each person responds or not.".into(),
        symbol: "chi²".into(),
        statistic: 1.23,
        dof: vec![4.0],
        p: 0.873,
        p_holm: Some(1.0),
        p_bh: Some(0.91),
        n_tests: Some(9),
        dispersion: Some(1.02),
        effect: Some(("Cramér's V".into(), 0.023)),
    }
}

fn exploration() -> Exploration {
    Exploration {
        columns: vec![
            ColumnStatistics {
                name: "<b>Income</b>".into(),
                count: 2216,
                missing: 24,
                unique: 1974,
                numeric: Some(NumericStatistics {
                    mean: 52_247.25,
                    std: Some(25_173.08),
                    min: 1730.0,
                    q1: 35_303.0,
                    median: 51_381.5,
                    q3: 68_522.0,
                    max: 666_666.0,
                    sum: 1.1578e8,
                    skew: Some(6.76),
                    kurtosis: None,
                    zeros: 0,
                    whisker_low: 1730.0,
                    whisker_high: 113_734.0,
                    outliers: 8,
                    outlier_values: vec![666_666.0],
                    histogram_edges: vec![0.0, 1.0],
                    histogram_counts: vec![2216],
                    is_year: false,
                }),
                top: Vec::new(),
            },
            ColumnStatistics {
                name: "Education".into(),
                count: 2240,
                missing: 0,
                unique: 5,
                numeric: None,
                top: vec![("Graduation".into(), 1127)],
            },
        ],
        correlations: vec![Correlation {
            method: "pearson".into(),
            columns: vec!["a".into(), "b".into()],
            values: vec![vec![Some(1.0), Some(-0.42)], vec![Some(-0.42), None]],
        }],
        kpis: vec![KpiTable {
            by: vec!["Education".into()],
            columns: vec![
                KpiColumn {
                    slug: "response_rate".into(),
                    label: "Response rate".into(),
                    formula: "responded / contacted".into(),
                    unit: "%".into(),
                },
                KpiColumn {
                    slug: "cpa".into(),
                    label: "CPA".into(),
                    formula: "spend / purchases".into(),
                    unit: "EUR".into(),
                },
            ],
            rows: vec![
                KpiRow {
                    labels: Vec::new(),
                    n_rows: 2240,
                    values: vec![Some(0.149), Some(30.88)],
                    notes: vec![None, None],
                    too_few: vec![false, false],
                },
                KpiRow {
                    labels: vec!["PhD".into()],
                    n_rows: 486,
                    values: vec![Some(0.208), None],
                    notes: vec![None, Some("> 1.43".into())],
                    too_few: vec![false, true],
                },
            ],
        }],
        rates: vec![RateBySegment {
            segment: "Education".into(),
            outcome: "Response".into(),
            exposure: "people".into(),
            per: 1.0,
            levels: vec![RateLevel {
                label: "PhD".into(),
                n_rows: 486,
                exposure: 486.0,
                outcome: 101.0,
                rate: Some(0.208),
                interval: Some((0.174, 0.246)),
                interval_method: "Wilson".into(),
                too_few: true,
            }],
            unit: "%".into(),
            overall: Some(0.149),
            test: Some(test()),
            grade: Grade::Suggestive,
            caution: None,
            remark: None,
            min_n: 20,
        }],
        claims: vec![
            claim("Age", Grade::CannotTell),
            claim("Education", Grade::Suggestive),
            claim("Marital status", Grade::Supported),
        ],
        ..Exploration::default()
    }
}

fn coefficients() -> CoefficientTable {
    let sure = Certainty { error: 0.002, statistic: 4.1, p: 0.00004, interval: (0.0043, 0.0121) };
    let row = CoefficientRow {
        name: "Spent".into(),
        against: None,
        estimate: Some(0.0082),
        per_deviation: Some(0.71),
        plain: Some(sure),
        robust: Some(sure),
        clustered: None,
        inflation: Some(1.0),
    };
    CoefficientTable { robust: "HC3".into(), rows: vec![row], ..CoefficientTable::default() }
}

fn comparison() -> Comparison {
    let scores = Scores { r2: Some(0.47), mse: 1.6, rmse: 1.265, mae: 0.61, n: 229, yes_no: None };
    let family = |family: &str, title: &str| FamilyResult {
        family: family.into(),
        title: title.into(),
        folds: vec![scores; 5],
        mean: scores,
        sd: Scores { r2: Some(0.05), mse: 0.2, rmse: 0.1, mae: 0.04, n: 0, yes_no: None },
        pooled: scores,
        facts: vec![("rank".into(), "14 of 15".into())],
        coefficients: (family == "linear").then(coefficients),
        error: None,
    };
    let mut failed = family("gradient_boosting", "Gradient boosting");
    failed.error = Some("stopped before it was done".into());
    Comparison {
        plan: ModelPlan {
            target: "Approved_Conversion".into(),
            outcome: Some(Outcome::Amount),
            features: vec!["Spent".into()],
            unblocked: vec!["ROAS".into()],
            validation: Validation::GroupKFold { k: 5, group: "fb_campaign_id".into() },
            families: Vec::new(),
            seed: 42,
            weight: None,
            tuned: Vec::new(),
        },
        candidates: vec![
            Candidate {
                column: "Total_Conversion".into(),
                standing: Standing::Leaks { reason: "It is counted before the purchase".into() },
            },
            Candidate {
                column: "ROAS".into(),
                standing: Standing::Unblocked { reason: "It is made from purchases".into() },
            },
            Candidate { column: "Spent".into(), standing: Standing::Used },
            Candidate {
                column: "ad_id".into(),
                standing: Standing::Unusable { reason: "It names one ad".into() },
            },
        ],
        n_rows: 1143,
        n_left_out: 3,
        n_folds: 5,
        results: vec![family("mean", "Mean"), family("linear", "Linear regression"), failed],
        pairs: vec![PairTest {
            better: "linear".into(),
            worse: "mean".into(),
            difference: 0.42,
            interval: Some((0.1, 0.7)),
            t: Some(3.3),
            p: Some(0.0004),
            p_holm: Some(0.0004),
        }],
        verdict: Verdict {
            winner: "linear".into(),
            tied_with: Vec::new(),
            beats_baseline: true,
            sentence: "Linear regression explains 47 % of the purchases it has not seen.".into(),
        },
        importance: vec![Importance { feature: "Spent".into(), mean: 0.4, sd: 0.03 }],
        yes_no: None,
        predictions: vec![("linear".into(), vec![Prediction { row: 0, actual: 1.0, predicted: 0.8 }])],
        claims: Vec::new(),
        notes: vec!["ROAS was unblocked although it is made from the target.".into()],
    }
}

fn segmentation() -> Segmentation {
    let rate = SegmentRate {
        responses: 212.0,
        n: 372,
        rate: 0.57,
        interval: (0.52, 0.62),
        expected: 0.55,
        expected_interval: (0.5, 0.6),
    };
    let profile = |index: u32, n: u64| SegmentProfile {
        index,
        name: format!("Segment {}: high spend", index + 1),
        n,
        share: n as f64 / 2240.0,
        means: vec![Some(71_000.0), None],
        z: vec![Some(1.1), None],
        response: Some(rate),
        sentence: "They spend 1,200 on average.".into(),
    };
    Segmentation {
        plan: SegmentPlan {
            columns: vec!["Income".into()],
            outcome: Some("Response".into()),
            ..SegmentPlan::default()
        },
        n_rows: 2240,
        n_filled: 24,
        matrix_columns: vec!["Income".into()],
        sweep: vec![SweepPoint {
            k: 2,
            inertia: 35_000.0,
            silhouette: Some(0.21),
            davies_bouldin: Some(1.7),
            calinski_harabasz: None,
            stability: Some(0.98),
            sizes: vec![1200, 1040],
        }],
        recommended_k: 2,
        why_k: "Two segments: every start finds the same two.".into(),
        k: 2,
        profile_columns: vec!["Income".into(), "Kidhome".into()],
        overall_means: vec![Some(52_247.0), Some(0.44)],
        overall_rate: Some(0.149),
        segments: vec![profile(0, 1200), profile(1, 1040)],
        projection: Some(Projection {
            explained: vec![0.4, 0.1],
            points: vec![(0.5, -0.5, 0)],
            loadings: vec![vec![("Income".into(), 0.7)], vec![("Kidhome".into(), -0.6)]],
        }),
        labels: vec![0, 1],
        claims: vec![claim("Segment", Grade::Supported)],
        notes: vec!["24 incomes were filled.".into()],
    }
}

fn decision() -> Decision {
    Decision {
        plan: DecisionPlan::default(),
        contacts: None,
        retargeting: Some(Retargeting {
            economics: Economics { value_per_response: 11.0, cost_per_contact: 3.0 },
            economics_source: "read from Z_Revenue and Z_CostContact".into(),
            break_even: 3.0 / 11.0,
            segments: vec![SegmentValue {
                index: 0,
                name: "Segment 1: high spend".into(),
                n: 372,
                rate: 0.55,
                rate_interval: (0.5, 0.6),
                profit: 1216.0,
                profit_interval: (977.0, 1451.0),
                profit_per_person: 3.27,
                verdict: Money::Contact,
                lift: Some(3.7),
                reason: "Contact: its whole interval lies above break-even".into(),
            }],
            chosen: vec![0],
            people: 372,
            profit: 1216.0,
            profit_interval: (977.0, 1451.0),
            profit_everyone: -3046.0,
            best: vec![0],
            best_profit: 1216.0,
            curve: vec![(372, 1216.0), (2240, -3046.0)],
            sentence: "Contact 372 people for an expected profit of 1,216 EUR [977, 1,451].".into(),
            assumptions: vec!["A response is worth 11 EUR.".into()],
        }),
        hold_out: Some(HoldOutPlan {
            base_rate: 0.12,
            detect_rate: 0.15,
            power: 0.8,
            alpha: 0.05,
            n_per_arm: 2036,
            available: 372,
            sentence: "Keep 2,036 people in each arm to see 15 % against 12 %.".into(),
        }),
        budget: Some(BudgetResult {
            plan: BudgetMove {
                by: "age".into(),
                from: "45-49".into(),
                to: "30-34".into(),
                share: 0.2,
                ..BudgetMove::default()
            },
            groups: vec![BudgetGroup {
                label: "30-34".into(),
                n: 426,
                spend: 15_252.0,
                conversions: 494.0,
                cpa: Some(30.88),
                marginal_cpa: None,
            }],
            outcome: "purchases".into(),
            noun: "purchases".into(),
            elasticity: 0.51,
            elasticity_interval: (0.44, 0.6),
            moved: 6_600.0,
            naive_gain: 93.0,
            gain: 41.0,
            gain_interval: (30.0, 55.0),
            sentence: "Moving a fifth of the 45-49 budget to 30-34 gains about 41 purchases.".into(),
            assumptions: vec!["Spend is observed, not randomised.".into()],
            ..BudgetResult::default()
        }),
        claims: vec![claim("Contact", Grade::Supported)],
        missing: vec!["The cost of an hour of sales time.".into()],
    }
}

/// Everything a report can hold, with names that try to be markup.
pub fn rich() -> Findings {
    let effect = Effect {
        sentence: "Filled 24 missing incomes with the median".into(),
        n_rows: 24,
        n_cells: 24,
        rows_before: 2240,
        rows_after: 2240,
        examples: vec![CellChange {
            row: 11,
            column: "<b>Income</b>".into(),
            before: String::new(),
            after: "51381.5".into(),
        }],
        ..Effect::default()
    };
    let feature = Effect {
        sentence: "Computed age".into(),
        columns_added: vec!["Age".into()],
        notes: vec!["Age is missing in 3 rows.".into()],
        rows_before: 2240,
        rows_after: 2240,
        ..Effect::default()
    };
    let call = |slug: &str| StepCall::new(slug, Settings::new().with("column", "Income"));
    let mut findings = bare();
    findings.recipe.steps = vec![
        RecipeStep::Role { column: "Income".into(), role: Role::Income },
        RecipeStep::Clean(call("fill_missing")),
        RecipeStep::Feature(call("age")),
    ];
    findings.recipe.decision = Some(DecisionPlan::default());
    findings.ledger = vec![
        LedgerEntry {
            title: "Fill <b>Income</b>".into(),
            kind: "clean".into(),
            effect: Some(effect),
            failure: None,
            reason: Some("<i>Income</i> is missing in 24 of 2,240 rows.".into()),
        },
        LedgerEntry {
            title: "Drop columns".into(),
            kind: "clean".into(),
            effect: None,
            failure: Some("there is no column named “x”".into()),
            reason: None,
        },
        LedgerEntry {
            title: "Age".into(),
            kind: "feature".into(),
            effect: Some(feature),
            failure: None,
            reason: None,
        },
    ];
    findings.exploration = Some(exploration());
    findings.comparison = Some(comparison());
    findings.explanation = Some(crate::engine::models::explain::sample());
    findings.segmentation = Some(segmentation());
    findings.decision = Some(decision());
    findings.graph = graph("customers.csv", Size { n_rows: 2240, n_columns: 30 }, &[], Results::default());
    findings
}

/// Pictures as they come, with what must not get into a page.
pub fn figures() -> Vec<Figure> {
    let svg = r##"<svg width="600" height="320" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 320" onload="x()"><script>x()</script><defs><clipPath id="c0"><rect width="1" height="1"/></clipPath></defs><g clip-path="url(#c0)"><text>A &lt; B</text></g></svg>"##;
    ["histogram", "predicted_actual", "k_sweep", "profit_curve"]
        .into_iter()
        .map(|chart| Figure {
            chart: chart.into(),
            args: vec!["Income".into()],
            title: format!("What {chart} shows"),
            alt: "Most incomes lie between 35,000 and 68,000.".into(),
            how: "30 bins of equal width.".into(),
            header: vec!["From".into(), "People".into()],
            rows: vec![vec!["0".into(), "128".into()]; 2],
            svg: (chart != "profit_curve").then(|| svg.to_owned()),
        })
        .collect()
}
