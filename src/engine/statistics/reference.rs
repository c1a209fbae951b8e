//! The two real files as tables, and the checks of every figure against reference values computed with SciPy,
//! statsmodels and pandas.

use serde_json::Value;

use super::{
    claim::{Claim, Grade},
    comparison,
    exploration::{ColumnStatistics, Exploration, ExplorePlan},
    explore::explore,
    intervals,
};
use crate::engine::{
    context::Ctx,
    data::{
        column::{Column, MILLIS_A_DAY, Values},
        role::{Role, TableKind},
        table::Table,
    },
    numeric::{
        glm::{GlmFamily, fit_glm},
        linear::least_squares,
        math,
        matrix::Matrix,
    },
    testing::{close, reference, shared},
};

/// Numbers where everything parses, dates where asked, else categories; roles by name.
fn load(path: &str, kind: TableKind, role: &dyn Fn(&str) -> (Role, bool)) -> Option<Table> {
    let mut reader = csv::Reader::from_path(shared(path)?).unwrap();
    let names: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let columns = names
        .iter()
        .enumerate()
        .map(|(j, name)| {
            let cells: Vec<&str> = rows.iter().map(|r| &r[j]).collect();
            let (role, is_category) = role(name);
            let name = if name.is_empty() { "row".to_owned() } else { name.clone() };
            let numbers: Option<Vec<f64>> =
                cells.iter().map(|c| if c.is_empty() { Some(f64::NAN) } else { c.parse().ok() }).collect();
            if role == Role::JoinDate {
                let days = cells.iter().map(|c| {
                    let part = |r: std::ops::Range<usize>| c[r].parse::<i32>().unwrap();
                    let date = jiff::civil::date(part(6..10) as i16, part(3..5) as i8, part(0..2) as i8);
                    f64::from(date.since(jiff::civil::date(1970, 1, 1)).unwrap().get_days()) * MILLIS_A_DAY
                });
                return Column::new(name, role, Values::Date(days.collect()));
            }
            match numbers {
                Some(numbers) if !is_category => Column::number(name, role, numbers),
                _ => {
                    let texts: Vec<Option<&str>> =
                        cells.iter().map(|c| (!c.is_empty()).then_some(*c)).collect();
                    Column::category(name, role, &texts)
                }
            }
        })
        .collect();
    Some(Table::new(kind, columns).unwrap())
}

fn ads() -> Option<Table> {
    load("data/KAG_conversion_data.csv", TableKind::Ads, &|name| match name {
        "ad_id" => (Role::Identifier, false),
        "xyz_campaign_id" => (Role::Campaign, true),
        "fb_campaign_id" => (Role::AdGroup, true),
        "age" | "gender" | "interest" => (Role::Category, true),
        "Impressions" => (Role::Impressions, false),
        "Clicks" => (Role::Clicks, false),
        "Spent" => (Role::Spend, false),
        "Total_Conversion" => (Role::Enquiries, false),
        "Approved_Conversion" => (Role::Purchases, false),
        other => panic!("{other}"),
    })
}

fn customers() -> Option<Table> {
    load("data/marketing_campaign_data.csv", TableKind::Customers, &|name| match name {
        "" | "ID" => (Role::Identifier, false),
        "Year_Birth" => (Role::BirthYear, false),
        "Education" => (Role::Category, true),
        "Marital_Status" => (Role::MaritalStatus, true),
        "Income" => (Role::Income, false),
        "Kidhome" => (Role::Kids, false),
        "Teenhome" => (Role::Teens, false),
        "Dt_Customer" => (Role::JoinDate, false),
        "Recency" => (Role::Recency, false),
        "NumDealsPurchases" => (Role::DealPurchases, false),
        "NumWebPurchases" => (Role::WebPurchases, false),
        "NumCatalogPurchases" => (Role::CatalogPurchases, false),
        "NumStorePurchases" => (Role::StorePurchases, false),
        "NumWebVisitsMonth" => (Role::WebVisits, false),
        "Complain" => (Role::Complaint, false),
        "Z_CostContact" => (Role::Cost, false),
        "Z_Revenue" => (Role::ValuePerResponse, false),
        "Response" => (Role::Response, false),
        n if n.starts_with("Mnt") => (Role::ProductSpend, false),
        n if n.starts_with("AcceptedCmp") => (Role::EarlierResponse, false),
        other => panic!("{other}"),
    })
}

fn numbers(table: &Table, name: &str) -> Vec<f64> {
    table.column(name).unwrap().as_numbers().unwrap().into_owned()
}

fn run(table: &Table, plan: &ExplorePlan) -> Exploration {
    explore(table, plan, None, &Ctx::quiet(1)).unwrap()
}

fn claim<'a>(exploration: &'a Exploration, id: &str) -> &'a Claim {
    exploration.claims.iter().find(|c| c.id == id).unwrap_or_else(|| {
        panic!("no claim {id} among {:?}", exploration.claims.iter().map(|c| &c.id).collect::<Vec<_>>())
    })
}

fn f(value: &Value, key: &str) -> f64 {
    value[key].as_f64().unwrap_or_else(|| panic!("no {key} in {value}"))
}

#[track_caller]
fn check_description(summary: &ColumnStatistics, expected: &Value) {
    assert_eq!(summary.count, expected["count"].as_u64().unwrap(), "{}", summary.name);
    assert_eq!(summary.missing, expected["missing"].as_u64().unwrap(), "{}", summary.name);
    assert_eq!(summary.unique, expected["unique"].as_u64().unwrap(), "{}", summary.name);
    if let Some(top) = expected.get("top") {
        for (label, n) in &summary.top {
            assert_eq!(top[label].as_u64(), Some(*n), "{}", summary.name);
        }
    }
    let Some(n) = &summary.numeric else { return };
    let given = [
        ("mean", Some(n.mean)),
        ("std", n.std),
        ("min", Some(n.min)),
        ("q1", Some(n.q1)),
        ("median", Some(n.median)),
        ("q3", Some(n.q3)),
        ("max", Some(n.max)),
        ("skew", n.skew),
        ("kurtosis", n.kurtosis),
        ("zeros", Some(n.zeros as f64)),
        ("whisker_low", Some(n.whisker_low)),
        ("whisker_high", Some(n.whisker_high)),
        ("outliers", Some(n.outliers as f64)),
    ];
    for (key, value) in given {
        if let Some(wanted) = expected[key].as_f64() {
            close(value.unwrap(), wanted, 1e-9);
        }
    }
    assert_eq!(n.histogram_edges.len(), n.histogram_counts.len() + 1);
    assert_eq!(n.histogram_counts.iter().sum::<u64>(), summary.count, "{}", summary.name);
    assert!(n.histogram_counts.len() <= 40);
    assert!(n.histogram_edges[0] <= n.min && *n.histogram_edges.last().unwrap() >= n.max, "{}", summary.name);
}

#[test]
fn every_column_is_described_as_pandas_does() {
    for (table, file) in [(ads(), "ads.json"), (customers(), "customers.json")] {
        let (Some(table), Some(expected)) = (table, reference(file)) else { return };
        let exploration = run(&table, &ExplorePlan::default());
        let mut checked = 0;
        for summary in &exploration.columns {
            if let Some(expected) = expected["describe"].get(&summary.name)
                && expected.get("mean").is_some() == summary.numeric.is_some()
            {
                check_description(summary, expected);
                checked += 1;
            }
        }
        assert!(checked > 7, "{checked}");
    }
}

#[test]
fn correlations_are_those_of_pandas() {
    let (Some(table), Some(expected)) = (ads(), reference("ads.json")) else { return };
    let exploration = run(&table, &ExplorePlan::default());
    let names = expected["correlation"]["columns"].as_array().unwrap();
    for found in &exploration.correlations {
        for (i, a) in found.columns.iter().enumerate() {
            for (j, b) in found.columns.iter().enumerate() {
                let at = |name: &str| names.iter().position(|n| n == name).unwrap();
                let wanted = expected["correlation"][&found.method][at(a)][at(b)].as_f64().unwrap();
                close(found.values[i][j].unwrap(), wanted, 1e-9);
            }
        }
        assert_eq!(found.columns.len(), 5);
    }
}

#[test]
fn key_figures_are_ratios_of_sums() {
    let (Some(table), Some(expected)) = (ads(), reference("ads.json")) else { return };
    for (by, key) in [
        (vec!["xyz_campaign_id"], "campaign"),
        (vec!["age"], "age"),
        (vec!["gender"], "gender"),
        (vec!["age", "gender"], "age_gender"),
    ] {
        let by = by.into_iter().map(str::to_owned).collect();
        let exploration = run(&table, &ExplorePlan { kpi_by: by, ..ExplorePlan::default() });
        let kpis = &exploration.kpis[0];
        for row in &kpis.rows {
            let wanted = if row.labels.is_empty() {
                &expected["kpis"]["all"]
            } else {
                &expected["kpis"][key][row.labels.join("|")]
            };
            assert_eq!(Some(row.n_rows), wanted["rows"].as_u64());
            for (slug, name) in [
                ("impressions", "impressions"),
                ("clicks", "clicks"),
                ("spend", "spent"),
                ("ctr", "ctr"),
                ("cpc", "cpc"),
                ("cpm", "cpm"),
                ("cvr", "cvr_approved_per_click"),
                ("enquiry_rate", "cvr_total_per_click"),
                ("close_rate", "close_rate"),
                ("cpl", "cpa_total"),
                ("cpa", "cpa_approved"),
            ] {
                let at = kpis.columns.iter().position(|c| c.slug == slug).unwrap();
                close(row.values[at].unwrap(), f(wanted, name), 1e-9);
            }
        }
        assert_eq!(kpis.rows.len(), 1 + expected["kpis"][key].as_object().unwrap().len());
    }
}

#[test]
fn costs_without_conversions_say_more_than() {
    let number = |name: &str, role, v: &[f64]| Column::number(name, role, v.to_vec());
    let table = Table::new(
        TableKind::Ads,
        vec![
            Column::category("age", Role::Category, &[Some("18-24"), Some("25-34"), Some("25-34")]),
            number("Clicks", Role::Clicks, &[1.0, 5.0, 0.0]),
            number("Spent", Role::Spend, &[1.43, 7.0, 0.0]),
            number("Sales", Role::Purchases, &[0.0, 2.0, 1.0]),
        ],
    )
    .unwrap();
    let kpis = &run(&table, &ExplorePlan::default()).kpis[0];
    let cpa = kpis.columns.iter().position(|c| c.slug == "cpa").unwrap();
    assert_eq!((kpis.rows[1].values[cpa], kpis.rows[1].notes[cpa].as_deref()), (None, Some("> 1.43")));
    assert_eq!(kpis.rows[2].values[cpa], Some(7.0 / 3.0));
    assert!(kpis.columns.iter().all(|c| c.slug != "roas" && c.slug != "ctr"));
}

#[test]
fn tests_of_groups_are_those_of_scipy() {
    let (Some(table), Some(expected)) = (ads(), reference("ads.json")) else { return };
    let tests = &expected["tests"];
    for name in
        ["approved_per_click_by_age", "approved_per_click_by_gender", "approved_per_click_by_campaign"]
    {
        let counts: Vec<Vec<f64>> = serde_json::from_value(tests[name]["table"].clone()).unwrap();
        let found = comparison::chi2_independence(&counts).unwrap();
        close(found.statistic, f(&tests[name], "chi2"), 1e-9);
        close(found.p, f(&tests[name], "p"), 1e-9);
        close(found.effect.unwrap().1, f(&tests[name], "cramers_v"), 1e-9);
    }
    let approved = numbers(&table, "Approved_Conversion");
    let split = |name: &str| -> Vec<Vec<f64>> {
        let Values::Category(d) = &table.column(name).unwrap().values else { panic!() };
        (0..d.levels.len() as u32)
            .map(|l| approved.iter().zip(&d.codes).filter(|(_, c)| **c == l).map(|(v, _)| *v).collect())
            .collect()
    };
    let by_age = split("age");
    let groups: Vec<&[f64]> = by_age.iter().map(Vec::as_slice).collect();
    let found = comparison::anova(&groups).unwrap();
    close(found.statistic, f(&tests["approved_by_age_anova"], "f"), 1e-9);
    close(found.p, f(&tests["approved_by_age_anova"], "p"), 1e-9);
    let found = comparison::kruskal(&groups).unwrap();
    close(found.statistic, f(&tests["approved_by_age_kruskal"], "h"), 1e-9);
    close(found.p, f(&tests["approved_by_age_kruskal"], "p"), 1e-9);
    let by_gender = split("gender");
    let [women, men] = by_gender.as_slice() else { panic!() };
    let found = comparison::welch(men, women).unwrap();
    close(found.statistic, f(&tests["approved_by_gender_welch"], "t"), 1e-9);
    close(found.dof[0], f(&tests["approved_by_gender_welch"], "dof"), 1e-9);
    close(found.p, f(&tests["approved_by_gender_welch"], "p"), 1e-9);
    let found = comparison::mann_whitney(men, women).unwrap();
    close(found.statistic, f(&tests["approved_by_gender_mann_whitney"], "u"), 1e-12);
    close(found.p, f(&tests["approved_by_gender_mann_whitney"], "p"), 1e-9);
}

#[test]
fn quasi_poisson_is_that_of_statsmodels() {
    let (Some(table), Some(expected)) = (ads(), reference("ads.json")) else { return };
    let (y, e) = (numbers(&table, "Approved_Conversion"), numbers(&table, "Clicks"));
    for name in ["age", "gender", "xyz_campaign_id", "interest"] {
        let wanted = &expected["quasi_poisson_approved_per_click"][name];
        let Values::Category(d) = &table.column(name).unwrap().values else { panic!() };
        let found = comparison::quasi_poisson(&y, &e, &d.codes, d.levels.len()).unwrap();
        assert_eq!(found.n_rows, 936);
        close(found.deviance_difference, f(wanted, "deviance_difference"), 1e-9);
        close(found.dispersion, f(wanted, "dispersion"), 1e-9);
        close(found.tested.statistic, f(wanted, "f"), 1e-9);
        close(found.tested.dof[1], f(wanted, "df_resid"), 1e-12);
        close(found.tested.p, f(wanted, "p"), 1e-9);
    }
}

#[test]
fn response_by_group_and_its_adjusted_tests() {
    let (Some(table), Some(expected)) = (customers(), reference("customers.json")) else { return };
    let plan = ExplorePlan { reference_year: Some(2025), ..ExplorePlan::default() };
    let exploration = run(&table, &plan);
    for (segment, key) in
        [("Age group", "Age_Group"), ("Education", "Education"), ("Marital_Status", "Marital_Status")]
    {
        let rate = exploration.rates.iter().find(|r| r.segment == segment).unwrap();
        let wanted = expected["response_by"][key].as_object().unwrap();
        assert_eq!(rate.levels.len(), wanted.len());
        for level in &rate.levels {
            let wanted = &wanted[&level.label];
            assert_eq!(level.n_rows, wanted["n"].as_u64().unwrap());
            close(level.rate.unwrap(), f(wanted, "response_rate"), 1e-12);
            close(level.interval.unwrap().0, wanted["wilson95"][0].as_f64().unwrap(), 1e-9);
            close(level.interval.unwrap().1, wanted["wilson95"][1].as_f64().unwrap(), 1e-9);
        }
        let test = rate.test.as_ref().unwrap();
        close(test.statistic, f(&expected["tests"][key], "chi2"), 1e-9);
        close(test.p, f(&expected["tests"][key], "p"), 1e-9);
        close(test.effect.as_ref().unwrap().1, f(&expected["tests"][key], "cramers_v"), 1e-9);
    }
    // The seven tests of the reference, adjusted for each other.
    let seven = [
        "Age_Group",
        "Recency_Segment",
        "Preferred_Channel",
        "Loyalty_Score",
        "Family_Size",
        "Education",
        "Marital_Status",
    ];
    let p: Vec<f64> = seven.iter().map(|k| f(&expected["tests"][k], "p")).collect();
    let (holm, bh) = (intervals::holm(&p), intervals::benjamini_hochberg(&p));
    for (i, key) in seven.iter().enumerate() {
        let table: Vec<Vec<f64>> = serde_json::from_value(expected["tests"][key]["table"].clone()).unwrap();
        close(comparison::chi2_independence(&table).unwrap().p, p[i], 1e-9);
        close(holm[i], f(&expected["tests"][key], "p_holm"), 1e-12);
        close(bh[i], f(&expected["tests"][key], "p_bh"), 1e-12);
    }
}

#[test]
fn age_does_not_explain_response() {
    let (Some(table), Some(expected)) = (customers(), reference("customers.json")) else { return };
    let exploration = run(&table, &ExplorePlan::default());
    assert_eq!(exploration.plan.reference_year, Some(2014));
    assert_eq!(exploration.plan.outcome.as_deref(), Some("Response"));
    let found = claim(&exploration, "rate.response.age_group");
    assert_eq!(found.grade, Grade::CannotTell);
    let test = found.record.test.as_ref().unwrap();
    close(test.statistic, f(&expected["tests"]["Age_Group_at_2014"], "chi2"), 1e-9);
    close(test.p, f(&expected["tests"]["Age_Group_at_2014"], "p"), 1e-9);
    assert!(found.sentence.contains("no significant relation"));
    assert!(found.sentence.contains("chi² = 1.23, 4 df, p = 0.87"), "{}", found.sentence);

    let later = run(&table, &ExplorePlan { reference_year: Some(2025), ..ExplorePlan::default() });
    let found = claim(&later, "rate.response.age_group");
    assert_eq!(found.grade, Grade::CannotTell);
    assert!(found.sentence.contains("chi² = 3.34, 4 df, p = 0.50"), "{}", found.sentence);
    assert!(
        found.sentence.contains("The group <30 has 2 people, too few for any claim."),
        "{}",
        found.sentence
    );
    assert!(claim(&exploration, "concentration.spending").sentence.contains("52 %"));
    // The plan that comes back gives the same again.
    assert_eq!(run(&table, &exploration.plan), exploration);
}

#[test]
fn cost_rises_with_age_and_interest_shows_nothing() {
    let Some(table) = ads() else { return };
    let exploration = run(&table, &ExplorePlan::default());
    let age = claim(&exploration, "cost.approved_conversion.age");
    assert_eq!(age.grade, Grade::Supported);
    for part in ["30.88 (30-34)", "99.76 (45-49)", "rises with age", "F(3, 932) = 18.1", "dispersion 4.08"] {
        assert!(age.sentence.contains(part), "{part}: {}", age.sentence);
    }
    let interest = exploration.claims.iter().find(|c| c.id.ends_with(".interest")).unwrap();
    assert_eq!(interest.grade, Grade::CannotTell);
    for part in ["no supported difference", "F(39, 896) = 0.66, p = 0.95"] {
        assert!(interest.sentence.contains(part), "{part}: {}", interest.sentence);
    }
    let campaigns = claim(&exploration, "simpson.approved_conversion.xyz_campaign_id");
    assert!(campaigns.sentence.contains("15.81 in 936 and 63.83 in 1178"), "{}", campaigns.sentence);
    let same = claim(&exploration, "correlation.clicks.spent");
    assert!(same.sentence.contains("r = 0.993"), "{}", same.sentence);
    assert_eq!(run(&table, &exploration.plan).rates, exploration.rates);
    for c in &exploration.claims {
        assert!(!c.record.table.is_empty() && !c.record.rows.is_empty() && c.record.n > 0, "{}", c.id);
        assert!(c.record.table.iter().all(|r| r.len() == c.record.table[0].len()), "{}", c.id);
    }
}

/// What is graded, printed and tested of one comparison comes from one rule.
#[test]
fn grade_and_table_agree() {
    for table in [ads(), customers()].into_iter().flatten() {
        for outcome in run(&table, &ExplorePlan::default()).outcomes {
            let exploration =
                run(&table, &ExplorePlan { outcome: Some(outcome.column), ..ExplorePlan::default() });
            for rate in &exploration.rates {
                let topic = format!("{} by {}", rate.outcome, rate.segment);
                let claim = exploration.claims.iter().find(|c| c.topic == topic).unwrap();
                assert_eq!(claim.grade, rate.grade, "{topic}");
                let holm = rate.test.as_ref().and_then(|t| t.p_holm);
                if rate.caution.is_none() {
                    assert_eq!(rate.grade == Grade::Supported, holm.unwrap() < 0.05, "{topic}");
                    assert!(
                        rate.grade != Grade::CannotTell || rate.test.as_ref().unwrap().p >= 0.05,
                        "{topic}"
                    );
                } else {
                    assert!(rate.grade != Grade::Supported, "{topic}");
                }
                let n_large = rate.levels.iter().filter(|l| !l.too_few).count();
                assert!(n_large > 1 || rate.test.is_none(), "{topic}");
            }
            let ranks: Vec<u8> = exploration.claims.iter().map(|c| c.grade.rank()).collect();
            assert!(ranks.is_sorted(), "{ranks:?}");
        }
    }
}

#[test]
fn few_expected_cases_are_counted_exactly_and_few_people_not_tested() {
    let Some(table) = customers() else { return };
    let exploration = run(&table, &ExplorePlan::default());
    let rate = |name: &str| exploration.rates.iter().find(|r| r.segment == name).unwrap();
    // 30 people accepted the second campaign, of whom 4.5 are expected to respond: too few for a chi², not for Fisher.
    let second = rate("AcceptedCmp2");
    assert_eq!(second.test.as_ref().unwrap().name, "Fisher's exact test");
    assert_eq!(second.grade, Grade::Supported);
    assert!(second.levels.iter().all(|l| !l.too_few));
    // 21 people complained.
    let complained = rate("Complain");
    assert!(complained.test.is_none() && complained.caution.as_ref().unwrap().starts_with("Not tested"));
    assert!(claim(&exploration, "rate.response.complain").sentence.contains("too small to compare"));
    // Of what is not supported, the surest comes first and what was not tested last.
    let open: Vec<&Claim> = exploration.claims.iter().filter(|c| c.grade == Grade::CannotTell).collect();
    let place = |id: &str| open.iter().position(|c| c.id == id).unwrap();
    assert!(place("rate.response.age_group") < 3, "{:?}", open.iter().map(|c| &c.id).collect::<Vec<_>>());
    assert!(place("rate.response.age_group") < place("rate.response.complain"));
}

#[test]
fn groups_of_a_person_are_no_key_figures() {
    let Some(table) = customers() else { return };
    let by = ["Education", "Marital_Status"].map(str::to_owned).to_vec();
    let exploration = run(&table, &ExplorePlan { kpi_by: by, ..ExplorePlan::default() });
    let kpis = &exploration.kpis[0];
    let at = |slug: &str| kpis.columns.iter().position(|c| c.slug == slug).unwrap();
    let mut n_small = 0;
    for row in &kpis.rows[1..] {
        for slug in ["response_rate", "mean_spending", "mean_income", "responses"] {
            assert!(row.n_rows >= 30 || row.is_too_few(at(slug)), "{slug} of {:?}", row.labels);
        }
        n_small += u64::from(row.n_rows < 30);
    }
    assert!(n_small > 5 && kpis.n_too_few(at("mean_spending")) == n_small);
    assert!(!kpis.rows[0].too_few.contains(&true), "everything is never too few");

    let Some(table) = ads() else { return };
    let by = ["age", "interest"].map(str::to_owned).to_vec();
    let exploration = run(&table, &ExplorePlan { kpi_by: by, ..ExplorePlan::default() });
    let kpis = &exploration.kpis[0];
    let at = |slug: &str| kpis.columns.iter().position(|c| c.slug == slug).unwrap();
    for row in &kpis.rows[1..] {
        let few = row.values[at("clicks")].unwrap() < 30.0;
        assert!(!few || row.is_too_few(at("cvr")), "{:?}", row.labels);
        assert!(!row.is_too_few(at("spend")));
    }
    assert!(kpis.n_too_few(at("cpa")) > 50);
    let by_age = exploration.kpis.iter().find(|k| k.by == ["age"]).unwrap();
    assert_eq!(by_age.n_too_few(at("cpa")), 0);
}

#[test]
fn ratios_of_sums_have_intervals_as_wide_as_their_dispersion() {
    let Some(table) = ads() else { return };
    let plan = ExplorePlan {
        outcome: Some("Clicks".into()),
        exposure: Some("Impressions".into()),
        ..ExplorePlan::default()
    };
    let exploration = run(&table, &plan);
    let age = exploration.rates.iter().find(|r| r.segment == "age").unwrap();
    let dispersion = age.test.as_ref().unwrap().dispersion.unwrap();
    assert!(dispersion > 1.0, "{dispersion}");
    for level in &age.levels {
        assert!(level.interval_method.starts_with("Poisson, widened by the dispersion"), "{level:?}");
        let (low, high) = level.interval.unwrap();
        let factor = math::exp(1.959_963_984_540_054 * (dispersion / level.outcome).sqrt());
        close(low, level.rate.unwrap() / factor, 1e-9);
        close(high, level.rate.unwrap() * factor, 1e-9);
    }
    let found = claim(&exploration, "rate.clicks.age");
    assert!(found.record.notes.iter().any(|n| n.contains("widened")), "{:?}", found.record.notes);
}

#[test]
fn groups_that_lie_apart_are_not_skewed_for_that() {
    let noise = |i: usize| ((i * 37) % 101) as f64 / 10.0;
    let n = 300;
    let group: Vec<Option<&str>> = (0..n).map(|i| Some(if i % 10 == 0 { "b" } else { "a" })).collect();
    let values: Vec<f64> = (0..n).map(|i| noise(i) + if i % 10 == 0 { 80.0 } else { 0.0 }).collect();
    let skewed: Vec<f64> = (0..n).map(|i| math::exp(noise(i))).collect();
    let table = Table::new(
        TableKind::Other,
        vec![
            Column::category("g", Role::Category, &group),
            Column::number("x", Role::Number, values),
            Column::number("y", Role::Number, skewed),
        ],
    )
    .unwrap();
    let rate =
        |outcome: &str| run(&table, &ExplorePlan { outcome: Some(outcome.into()), ..ExplorePlan::default() });
    assert_eq!(rate("x").rates[0].test.as_ref().unwrap().name, "Welch t");
    let ranked = rate("y");
    assert_eq!(ranked.rates[0].test.as_ref().unwrap().name, "Mann-Whitney U");
    let notes = &claim(&ranked, "rate.y.g").record.notes;
    assert!(notes.iter().any(|n| n.contains("compares ranks")), "{notes:?}");
}

#[test]
fn a_rate_without_exposure_is_undefined() {
    let table = Table::new(
        TableKind::Ads,
        vec![
            Column::category("g", Role::Category, &[Some("a"), Some("b"), Some("b")]),
            Column::number("Clicks", Role::Clicks, vec![0.0; 3]),
            Column::number("Sales", Role::Purchases, vec![0.0, 1.0, 0.0]),
        ],
    )
    .unwrap();
    let exploration = run(&table, &ExplorePlan::default());
    assert_eq!(exploration.rates[0].overall, None);
    assert!(exploration.rates[0].caution.is_some());
}

#[test]
fn what_is_drawn_first_tells_most() {
    let Some(table) = customers() else { return };
    let quantities = run(&table, &ExplorePlan::default()).quantities;
    for name in ["ID", "row", "Z_CostContact", "Z_Revenue", "Dt_Customer"] {
        assert!(!quantities.iter().any(|q| q == name), "{name} in {quantities:?}");
    }
    assert!(quantities[0].starts_with("Mnt"), "{quantities:?}");
    assert!(quantities.iter().any(|q| q == "Response"));
    let Some(table) = ads() else { return };
    let quantities = run(&table, &ExplorePlan::default()).quantities;
    assert_eq!(quantities[0], "Spent");
    assert!(quantities.iter().all(|q| q != "ad_id" && q != "xyz_campaign_id"));
}

#[test]
fn years_are_known_and_written_without_separators() {
    let Some(table) = customers() else { return };
    let exploration = run(&table, &ExplorePlan::default());
    let numeric =
        |name: &str| exploration.columns.iter().find(|c| c.name == name).unwrap().numeric.clone().unwrap();
    let (birth, income) = (numeric("Year_Birth"), numeric("Income"));
    assert!(birth.is_year && !income.is_year);
    assert_eq!((birth.show(1970.0), income.show(1970.0)), ("1970".into(), "1,970".into()));
    let kids = numeric("Kidhome");
    let of = |n: &super::exploration::NumericStatistics, place: usize| n.in_words()[place].clone();
    assert_eq!([of(&kids, 0), of(&kids, 4), of(&kids, 6)], ["0.444", "0", "2"]);
    assert_eq!([of(&income, 0), of(&income, 4)], ["52,247,251", "51,381,500"]);
    assert_eq!(of(&birth, 4), "1970");
}

#[test]
fn sentences_begin_with_a_capital_and_keep_the_names() {
    let Some(table) = ads() else { return };
    for claim in run(&table, &ExplorePlan::default()).claims {
        let first = claim.sentence.chars().next().unwrap();
        assert!(!first.is_lowercase(), "{}", claim.sentence);
    }
}

#[test]
fn what_is_computed_from_another_is_no_finding() {
    let x: Vec<f64> = (0..60).map(|i| f64::from((i * 37) % 61)).collect();
    let y: Vec<f64> = (0..60).map(|i| f64::from((i * 17) % 53) - x[i as usize] / 3.0).collect();
    let scaled: Vec<f64> = x.iter().map(|v| v / 7.0).collect();
    let income = Column::number("Income", Role::Income, x);
    let made = Column::number("Score", Role::Number, scaled.clone()).from_columns(&[&income]);
    let copy = Column::number("income_usd", Role::Number, scaled);
    let table =
        Table::new(TableKind::Customers, vec![income, made, copy, Column::number("Age", Role::Age, y)])
            .unwrap();
    let exploration = run(&table, &ExplorePlan::default());
    let topics: Vec<&str> =
        exploration.claims.iter().filter(|c| c.id.starts_with("corr")).map(|c| c.topic.as_str()).collect();
    assert!(topics.iter().all(|t| !(t.contains("Score") && t.contains("Income"))), "{topics:?}");
    assert!(topics.iter().all(|t| *t != "income_usd and Income"), "{topics:?}");
    let notes: Vec<&String> = exploration
        .claims
        .iter()
        .filter(|c| c.id.starts_with("corr"))
        .flat_map(|c| &c.record.notes)
        .filter(|n| n.starts_with("Left out"))
        .collect();
    assert!(!notes.is_empty());
}

#[test]
fn logit_is_that_of_statsmodels() {
    let (Some(table), Some(expected)) = (customers(), reference("customers.json")) else { return };
    let sum = |prefix: &[&str], start: f64| -> Vec<f64> {
        let mut out = vec![start; table.n_rows()];
        for column in table.columns().iter().filter(|c| prefix.iter().any(|p| c.name.starts_with(p))) {
            out.iter_mut().zip(column.as_numbers().unwrap().iter()).for_each(|(s, v)| *s += v);
        }
        out
    };
    let age = numbers(&table, "Year_Birth").iter().map(|b| 2025.0 - b).collect();
    let columns =
        [age, numbers(&table, "Recency"), sum(&["AcceptedCmp"], 0.0), sum(&["Kidhome", "Teenhome"], 1.0)];
    let fit =
        fit_glm(GlmFamily::Logistic, &Matrix::from_columns(&columns), &numbers(&table, "Response"), &[]);
    let wanted = &expected["logit_response"];
    close(fit.intercept, f(&wanted["params"], "const"), 1e-6);
    close(fit.intercept_error, f(&wanted["std_errors"], "const"), 1e-6);
    close(-0.5 * fit.deviance, f(wanted, "log_likelihood"), 1e-9);
    for (j, name) in ["Age", "Recency", "Loyalty_Score", "Family_Size"].into_iter().enumerate() {
        close(fit.coefficients[j], f(&wanted["params"], name), 1e-6);
        close(fit.errors[j], f(&wanted["std_errors"], name), 1e-6);
        close(fit.p_value(j), f(&wanted["p_values"], name), 1e-4);
    }
}

#[test]
fn poisson_and_least_squares_are_those_of_statsmodels() {
    let (Some(table), Some(expected)) = (ads(), reference("ads.json")) else { return };
    let column = |name: &str| numbers(&table, name);
    let texts = |name: &str| -> Vec<String> {
        let c = table.column(name).unwrap();
        (0..c.len()).map(|r| c.cell_text(r)).collect()
    };
    let (impressions, clicks, spent) = (column("Impressions"), column("Clicks"), column("Spent"));
    let total: f64 = impressions.iter().sum();
    let dummy =
        |name: &str, level: &str| texts(name).iter().map(|t| f64::from(u8::from(t == level))).collect();
    let each = |g: &dyn Fn(usize) -> f64| (0..table.n_rows()).map(g).collect::<Vec<f64>>();
    let ages = texts("age");
    let made: Vec<(&str, Vec<f64>)> = vec![
        ("interest", texts("interest").iter().map(|t| t.parse().unwrap()).collect()),
        ("Impressions", impressions.clone()),
        ("Clicks", clicks.clone()),
        ("Spent", spent.clone()),
        ("campaign_936", dummy("xyz_campaign_id", "936")),
        ("campaign_1178", dummy("xyz_campaign_id", "1178")),
        (
            "Age_Group",
            each(&|i| {
                ["30-34", "35-39", "40-44", "45-49"].iter().position(|a| *a == ages[i]).unwrap() as f64
            }),
        ),
        ("Gender_Code", dummy("gender", "M")),
        ("Interaction_Imp_Clicks", each(&|i| impressions[i] * clicks[i])),
        ("Spent_per_Click", each(&|i| if clicks[i] > 0.0 { spent[i] / clicks[i] } else { 0.0 })),
        ("Budget_Allocation_Imp", each(&|i| spent[i] / impressions[i])),
        ("CTR", each(&|i| clicks[i] / impressions[i])),
    ];
    let _ = total;
    let standardised: Vec<Vec<f64>> = made
        .iter()
        .map(|(_, v)| {
            let n = v.len() as f64;
            let mean = math::sum(v.iter().copied()) / n;
            let sd = (math::sum(v.iter().map(|x| (x - mean) * (x - mean))) / n).sqrt();
            v.iter().map(|x| (x - mean) / sd).collect()
        })
        .collect();
    let x = Matrix::from_columns(&standardised);
    let y = column("Approved_Conversion");
    let fit = least_squares(&x, &y);
    let wanted = &expected["ols_honest_standardised_all_rows"];
    close(fit.intercept, f(&wanted["params"], "const"), 1e-9);
    for (j, (name, _)) in made.iter().enumerate() {
        close(fit.coefficients[j], f(&wanted["params"], name), 1e-6);
        close(fit.errors[j], f(&wanted["std_errors"], name), 1e-6);
    }
    close(fit.r2().unwrap(), f(wanted, "r2"), 1e-9);
    let fit = fit_glm(GlmFamily::Poisson, &x, &y, &[]);
    let wanted = &expected["poisson_honest_standardised_all_rows"];
    close(fit.intercept, f(&wanted["params"], "const"), 1e-6);
    close(fit.deviance, f(wanted, "deviance"), 1e-9);
    for (j, (name, _)) in made.iter().enumerate() {
        close(fit.coefficients[j], f(&wanted["params"], name), 1e-4);
        close(fit.errors[j], f(&wanted["std_errors"], name), 1e-4);
    }
}

/// Time of one exploration and of one of a million rows; run by hand with `--ignored --nocapture`.
#[test]
#[ignore = "a measurement"]
#[allow(clippy::disallowed_methods, clippy::print_stdout)]
fn how_long_it_takes() {
    for table in [ads(), customers()].into_iter().flatten() {
        let start = std::time::Instant::now();
        for _ in 0..10 {
            run(&table, &ExplorePlan::default());
        }
        println!("{} rows: {:?}", table.n_rows(), start.elapsed() / 10);
        let n = table.n_rows() as u32;
        let many = table.take_rows(&(0..1_000_000).map(|i| i % n).collect::<Vec<_>>());
        let start = std::time::Instant::now();
        run(&many, &ExplorePlan::default());
        println!("1,000,000 rows: {:?}", start.elapsed());
    }
}

#[test]
fn odd_tables_are_explored_without_trouble() {
    let number = |name: &str, role, v: &[f64]| Column::number(name, role, v.to_vec());
    let nan = f64::NAN;
    let kinds = [TableKind::Ads, TableKind::Customers, TableKind::Other];
    let tables: Vec<Vec<Column>> = vec![
        vec![],
        vec![number("a", Role::Number, &[])],
        vec![number("Response", Role::Response, &[nan, nan, nan])],
        vec![
            number("Response", Role::Response, &[1.0, 0.0, nan, 1.0]),
            number("Year", Role::BirthYear, &[1893.0, nan, 1990.0, 3000.0]),
            number("Kids", Role::Kids, &[0.0, 1.0, nan, 1.0]),
            number("Cost", Role::Cost, &[nan, 3.0, 3.0, 3.0]),
            number("Worth", Role::ValuePerResponse, &[11.0, 11.0, nan, 11.0]),
        ],
        vec![
            Column::category("g", Role::Category, &[Some("a"), None, Some("b"), Some("b")]),
            Column::category("c", Role::Campaign, &[Some("x"), Some("y"), Some("x"), None]),
            number("Clicks", Role::Clicks, &[0.0, 0.0, nan, 0.0]),
            number("Spent", Role::Spend, &[0.0, 1.0, nan, 2.0]),
            number("Sales", Role::Purchases, &[0.0, 3.0, nan, 0.0]),
            number("Shown", Role::Impressions, &[0.0, 0.0, 0.0, 0.0]),
        ],
        vec![
            Column::category("g", Role::Category, &[Some("a"), Some("a"), Some("b"), Some("b")]),
            number("x", Role::Number, &[1.0, 2.0, 1e300, -1e300]),
            number("y", Role::Number, &[7.0, 7.0, 7.0, 7.0]),
        ],
    ];
    for columns in tables {
        for kind in kinds {
            let table = Table::new(kind, columns.clone()).unwrap();
            let exploration =
                run(&table, &ExplorePlan { reference_year: Some(2020), ..ExplorePlan::default() });
            for outcome in &exploration.outcomes {
                for exposure in &outcome.exposures {
                    let plan = ExplorePlan {
                        outcome: Some(outcome.column.clone()),
                        exposure: Some(exposure.clone()),
                        ..ExplorePlan::default()
                    };
                    for c in run(&table, &plan).claims {
                        assert!(!c.sentence.contains("NaN") && !c.sentence.contains("inf"), "{}", c.sentence);
                    }
                }
            }
        }
    }
    // Names that are not there are passed over.
    let table = Table::new(TableKind::Ads, vec![number("a", Role::Number, &[1.0, 2.0])]).unwrap();
    let absent = Some("nothing".to_owned());
    let plan = ExplorePlan { outcome: absent.clone(), exposure: absent, ..ExplorePlan::default() };
    assert_eq!(run(&table, &plan).plan.outcome.as_deref(), Some("a"));
}

#[test]
fn every_outcome_of_the_real_files_gives_readable_claims() {
    for table in [ads(), customers()].into_iter().flatten() {
        let exploration = run(&table, &ExplorePlan::default());
        for outcome in &exploration.outcomes {
            for exposure in &outcome.exposures {
                let plan = ExplorePlan {
                    outcome: Some(outcome.column.clone()),
                    exposure: Some(exposure.clone()),
                    ..ExplorePlan::default()
                };
                let found = run(&table, &plan);
                for c in found.claims.iter().filter(|c| !c.id.starts_with("corr")) {
                    assert!(!c.sentence.contains("NaN") && !c.sentence.contains("inf"), "{}", c.sentence);
                }
                for level in found.rates.iter().flat_map(|r| &r.levels) {
                    if let (Some(rate), Some((low, high))) = (level.rate, level.interval) {
                        assert!(low <= rate && rate <= high, "{level:?}");
                    }
                }
            }
        }
    }
}

#[test]
fn work_can_be_stopped() {
    let Some(table) = ads() else { return };
    let ticker = |done: u64, _: u64| done < 3;
    assert!(explore(&table, &ExplorePlan::default(), None, &Ctx::new(1, &ticker)).is_err());
}

#[test]
fn an_age_group_made_before_is_used_as_it_is() {
    let Some(table) = customers() else { return };
    let ages: Vec<String> = numbers(&table, "Year_Birth")
        .iter()
        .map(|b| if 2014.0 - b < 40.0 { "young".into() } else { "old".into() })
        .collect();
    let texts: Vec<Option<&str>> = ages.iter().map(|a| Some(a.as_str())).collect();
    let made = Column::category("My ages", Role::Category, &texts)
        .from_columns(&[table.column("Year_Birth").unwrap()]);
    let mut with = table.clone();
    with.push(made).unwrap();
    let exploration = run(&with, &ExplorePlan::default());
    let rate = exploration.rates.iter().find(|r| r.segment == "My ages").unwrap();
    assert_eq!(rate.levels.iter().map(|l| l.label.as_str()).collect::<Vec<_>>(), ["old", "young"]);
    assert!(exploration.segments.iter().all(|s| s != "Age group"));
}
