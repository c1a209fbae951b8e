//! The Python a step writes of itself does what the step does: both are carried out on one small table and compared.
//!
//! Needs `python3` with pandas (or the interpreter named by `ASSAY_PYTHON`); skipped with a note where there is none.

#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::{io::Write, process::Command};

use assay::engine::{
    cleaning,
    context::Ctx,
    data::{
        column::{Column, Values},
        reader::{ReadOptions, Reader},
        table::Table,
    },
    features,
    knobs::Settings,
    pipeline::{execute::apply, recipe::RecipeStep},
    step::{LearnFrom, StepCall},
};

/// Reads the CSV, runs the code of each step on a fresh frame, and prints every column as text, missing as nothing.
const HARNESS: &str = r#"
import json, sys
import numpy as np, pandas as pd
steps = json.load(open(sys.argv[1]))
out = []
for step in steps:
    df = pd.read_csv(step["csv"])
    for c in step["dates"]:
        df[c] = pd.to_datetime(df[c])
    names = {"df": df, "np": np, "pd": pd}
    try:
        exec(step["code"], names)
    except Exception as e:
        out.append({"error": f"{type(e).__name__}: {e}"})
        continue
    df = names["df"]
    def text(v):
        if pd.isna(v): return ""
        if isinstance(v, (bool, np.bool_)): return str(float(v))
        if isinstance(v, (int, float, np.integer, np.floating)): return repr(float(v))
        if isinstance(v, pd.Timestamp): return repr(float((v - pd.Timestamp("1970-01-01")) / pd.Timedelta(days=1)))
        return str(v)
    out.append({"columns": {str(c): [text(v) for v in df[c]] for c in df.columns}})
json.dump(out, sys.stdout)
"#;

const CUSTOMERS: &str = "ID,Year_Birth,Education,Marital_Status,Income,Kidhome,Teenhome,Dt_Customer,Recency,MntWines,\
    MntFruits,NumDealsPurchases,NumWebPurchases,NumCatalogPurchases,NumStorePurchases,NumWebVisitsMonth,AcceptedCmp1,\
    AcceptedCmp2,Z_CostContact,Z_Revenue,Response,Size,Score,Gender";
const ADS: &str =
    "ad_id,xyz_campaign_id,age,gender,interest,Impressions,Clicks,Spent,Total_Conversion,Approved_Conversion";

const CUSTOMER_FORMULAS: &[&str] = &[
    "coalesce(Income, 0) / (Kidhome + 1)",
    "if(Income > 30000, \"high\", Income > 20000, \"middle\", \"low\")",
    "is_missing(Income) or Recency < 50 and not Response",
    "year(Dt_Customer) * 100 + month(Dt_Customer) + day(Dt_Customer) / 100 + weekday(Dt_Customer) + hour(Dt_Customer)",
    "days_between(Dt_Customer, colmax(Dt_Customer))",
    "Dt_Customer - date(\"2013-01-01\")",
    "concat(Education, \"/\", Kidhome, \"/\", Dt_Customer)",
    "replace(upper(trim(Education)), \"M\", \"mm\")",
    "length(lower(Education)) + contains(Education, \"as\") + starts_with(Education, \"Ph\")",
    "mean(Income by Education, Kidhome)",
    "Income - median(Income by Education)",
    "sum(Income) + count() + count(Income) + count(Income by Education) + mean(Response)",
    "rank(Income by Education) / rank(Recency)",
    "quantile_bin(Income, 4)",
    "Dt_Customer + Recency - 3 - date(\"2013-01-01\") + 1 - Kidhome",
    "Response or Income > 30000 or is_missing(Income) or Recency < 10",
    "not Response and Income > 21000 and Recency >= 10 and Recency < 90",
];

const AD_FORMULAS: &[&str] = &[
    "Spent / Clicks",
    "round(Spent / 7, 2) + floor(Spent / 3) + ceil(Spent / 3) + abs(Spent - 5)",
    "log(Clicks) + log1p(Clicks) + sqrt(Clicks) + exp(Clicks / 10)",
    "min(Clicks, Spent, 3) + max(Clicks, Spent) + clip(Impressions, 2000, 5000)",
    "-Clicks ^ 2 + Impressions % 7 + Impressions % -7",
    "bin(Clicks, 1, 5)",
    "colmin(Spent by age) + colmax(Spent by gender)",
    "Spent / Clicks * Impressions / 7 % 5 * Clicks",
    "Impressions - Clicks + Spent - (Clicks - Spent) - 2 ^ 3 ^ 2",
    "1 / (Spent / Clicks / Clicks) - Clicks / 0 * 0 + 1",
    "if(xyz_campaign_id = 916 and gender != \"M\", Clicks, missing)",
];

fn customers() -> String {
    let mut text = format!("{CUSTOMERS}\n");
    for i in 0..80_i32 {
        let income = match i {
            7 | 21 | 50 => String::new(),
            13 => "666666000".to_owned(),
            _ => (20_000 + 1370 * (i % 17) + 900 * (i % 3)).to_string(),
        };
        let born = if i == 5 { 1893 } else { 1945 + (i * 7) % 50 };
        let education = if i % 20 == 3 { "" } else { ["Basic", "Master", "PhD"][i as usize % 3] };
        let idle = if i == 30 { 0 } else { 1 };
        text.push_str(&format!(
            "{},{born},{education},{},{income},{},{},{}-0{}-{:02},{},{},{},{},{},{},{},{},{},{},3,11,{},{},{},{}\n",
            5000 - i,
            ["Married", "Single", "Together"][i as usize % 3],
            i % 2,
            i % 3 / 2,
            2012 + i % 3,
            1 + i % 9,
            1 + i % 28,
            (i * 13) % 100,
            (i * 31) % 400,
            (i * 17) % 50 + if i == 40 { 5000 } else { 0 },
            idle * (i % 5),
            idle * (i % 4),
            idle * (i % 6),
            idle * (i % 8),
            idle * (i % 9),
            i % 2,
            i % 4 / 3,
            i32::from(i % 6 == 0),
            ["small", "large", "medium"][i as usize % 3],
            if i % 11 == 0 { "n/k".to_owned() } else { (i % 10).to_string() },
            ["Female", "male"][i as usize % 2],
        ));
    }
    // A repeated row and one person of another name who is otherwise the same.
    let last = text.lines().last().unwrap_or_default().to_owned();
    text.push_str(&format!("{last}\n{}\n", last.replacen("4921", "4000", 1)));
    text
}

fn ads() -> String {
    let mut text = format!("{ADS}\n");
    for i in 0..60_i32 {
        let clicks = if i % 7 == 0 { 0 } else { i % 9 };
        text.push_str(&format!(
            "{},{},{},{},{},{},{clicks},{},{},{}\n",
            700_000 + i * 3,
            [916, 936, 1178][i as usize % 3],
            ["30-34", "35-39", "40-44", "45-49"][i as usize % 4],
            ["M", "F"][i as usize % 2],
            10 + i % 6,
            if i == 9 { 0 } else { 1000 + i * 137 },
            f64::from(clicks * 137) / 100.0,
            i % 4,
            i % 5 / 4,
        ));
    }
    text
}

fn read(text: &str) -> Table {
    let mut reader = Reader::new("table.csv", ReadOptions::default());
    reader.push(text.as_bytes()).expect("the text is taken");
    reader.finish().expect("the table is read").table
}

/// Every suggestion, every step with its defaults, and settings that neither has.
fn calls(table: &Table) -> Vec<StepCall> {
    let call = |slug: &str, settings: Settings| StepCall::new(slug, settings);
    let mut all: Vec<StepCall> =
        cleaning::suggest(table).into_iter().chain(features::suggest(table)).map(|s| s.call).collect();
    let steps = cleaning::STEPS.iter().chain(features::MAKERS);
    all.extend(steps.map(|s| call(s.slug(), Settings::new())));
    let is_customers = table.column("Income").is_ok();
    let (amount, group) = if is_customers { ("Income", "Education") } else { ("Spent", "age") };
    let of = |name: &str| Settings::new().with("columns", vec![name.to_owned()]);
    let column = |name: &str| Settings::new().with("column", name);
    for method in ["mean", "mode", "median"] {
        all.push(call("fill_missing", of(amount).with("method", method)));
    }
    all.push(call("fill_missing", of(amount).with("method", "constant").with("constant", "5")));
    all.push(call("fill_missing", of(group).with("method", "constant").with("constant", "Unknown")));
    all.push(call("fill_missing", of(amount).with("method", "group_median").with("group", group)));
    all.push(call("outliers", of(amount).with("action", "winsorise").with("factor", 0.5)));
    all.push(call("impossible_to_missing", of(amount).with("range", vec![0.0, 30_000.0])));
    all.push(call("drop_columns", of(amount)));
    all.push(call("drop_missing_rows", of(amount)));
    all.push(call("drop_duplicates", of(group)));
    all.push(call("drop_duplicates", Settings::new().with("ignore_identifiers", true)));
    all.push(call("bins", column(amount)));
    all.push(call("bins", column(amount).with("method", "edges").with("edges", vec![2.5, 30_000.0])));
    all.push(call("ordinal", column(group).with("order", "Basic;Master;PhD;30-34;35-39")));
    for method in ["standardise", "min_max", "robust"] {
        all.push(call("scale", of(amount).with("method", method)));
    }
    for name in [group, "interest", "Kidhome", "xyz_campaign_id", "Response", "gender"] {
        if table.column(name).is_ok() {
            all.push(call("one_hot", column(name)));
            all.push(call("one_hot", column(name).with("drop_first", true)));
            all.push(call("frequency_encoding", column(name)));
        }
    }
    if is_customers {
        all.push(call("ordinal", column("Size")));
        all.push(call("ordinal", column("Kidhome")));
        all.push(call("change_type", column("Score").with("type", "number")));
        all.push(call("change_type", column("Kidhome").with("type", "boolean")));
        all.push(call("change_type", column("Dt_Customer").with("type", "number")));
        all.push(call("family_size", Settings::new().with("adults", "marital_status")));
        all.push(call("tenure", Settings::new().with("reference_date", "2013-06-29")));
        all.push(call("age", Settings::new().with("reference_year", 1980_i64)));
    } else {
        all.push(call("ordinal", column("age")));
    }
    all.push(call("log1p", of(amount)));
    let named = |text: &str| call("formula", Settings::new().with("formula", text).with("name", "new"));
    let formulas: &[&str] = if is_customers { CUSTOMER_FORMULAS } else { AD_FORMULAS };
    all.extend(formulas.iter().map(|text| named(text)));
    // Python gives up where hundreds of brackets are open.
    all.extend([" + ", " - ", " * "].map(|sign| named(&vec![amount; 900].join(sign))));
    for (operator, value) in [
        ("above", "20000"),
        ("is_missing", ""),
        ("is_known", ""),
        ("is_not", "20000"),
        ("one_of", "20000; 1"),
    ] {
        let one = column(amount).with("operator", operator).with("value", value);
        all.push(call("filter_rows", one.clone().with("action", "drop")));
        let two = one.with("column_2", group).with("operator_2", "contains").with("value_2", "a");
        all.push(call("filter_rows", two.with("join", "any")));
    }
    all.push(call("sample_rows", Settings::new().with("share", 0.3).with("seed", 7_i64)));
    all.push(call("trim_and_case", Settings::new().with("case", "upper")));
    all.push(call("rare_levels", of(group).with("share", 0.3)));
    all.push(call("split_column", column(group).with("separator", "3").with("parts", 3_i64)));
    all.push(call("missing_indicator", of(amount)));
    for method in ["fingerprint", "ngram", "edit"] {
        all.push(call("merge_spellings", column(group).with("method", method)));
    }
    for method in ["group_mean", "group_mode"] {
        all.push(call("fill_missing", of(amount).with("method", method).with("group", group)));
    }
    if is_customers {
        all.push(call(
            "merge_spellings",
            column(group).with("spellings", "PhD; Master").with("into", "Higher"),
        ));
        all.push(call("date_parts", column("Dt_Customer").with("hour", true).with("days_since", true)));
        all.push(call("sentinels_to_missing", of(amount).with("indicator", true)));
        all.push(call("sentinels_to_missing", of("Dt_Customer").with("dates", "2012-01-01; 2013-02-02")));
        let by = vec!["MntWines".to_owned(), "MntFruits".to_owned()];
        all.push(call("fill_from_neighbours", of(amount).with("by", by)));
    }
    all
}

/// Cells as the harness prints them.
fn cells(column: &Column) -> Vec<String> {
    let is_number = |l: &String| l.parse::<f64>().is_ok();
    let as_number = |v: f64| if v.is_nan() { String::new() } else { format!("{v:?}") };
    match &column.values {
        // What is a category of numbers here is a number there.
        Values::Category(d) | Values::Text(d) if d.levels.iter().all(is_number) => (0..column.len())
            .map(|r| d.get(r).and_then(|l| l.parse().ok()).map_or(String::new(), as_number))
            .collect(),
        Values::Category(_) | Values::Text(_) => (0..column.len()).map(|r| column.cell_text(r)).collect(),
        _ => column.as_numbers().unwrap_or_default().iter().map(|v| as_number(*v)).collect(),
    }
}

fn is_close(a: &str, b: &str) -> bool {
    match (a.parse::<f64>(), b.parse::<f64>()) {
        (Ok(x), Ok(y)) => (x - y).abs() <= 1e-9 * x.abs().max(y.abs()).max(1.0),
        _ => a == b,
    }
}

#[test]
fn each_step_does_what_its_python_does() {
    let python = std::env::var("ASSAY_PYTHON").unwrap_or_else(|_| "python3".into());
    let has_pandas =
        Command::new(&python).args(["-c", "import pandas"]).output().is_ok_and(|o| o.status.success());
    if !has_pandas {
        eprintln!("skipped: {python} has no pandas");
        return;
    }
    let folder = std::env::temp_dir().join(format!("assay-python-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder for the tables");
    let (mut jobs, mut expected) = (Vec::new(), Vec::new());
    for (name, text) in [("customers", customers()), ("ads", ads())] {
        let csv = folder.join(format!("{name}.csv"));
        std::fs::File::create(&csv)
            .and_then(|mut f| f.write_all(text.as_bytes()))
            .expect("the table is written");
        let table = read(&text);
        let dates: Vec<&String> =
            table.columns().iter().filter(|c| matches!(c.values, Values::Date(_))).map(|c| &c.name).collect();
        for call in calls(&table) {
            let is_cleaning = cleaning::STEPS.iter().any(|s| s.slug() == call.slug);
            let label = format!("{name}: {call:?}");
            let step = if is_cleaning { RecipeStep::Clean(call) } else { RecipeStep::Feature(call) };
            // What is refused here (no column chosen, no such role) has nothing to compare.
            let Ok(done) = apply(&table, &step, LearnFrom::All, &Ctx::quiet(1)) else { continue };
            jobs.push(serde_json::json!({ "csv": csv, "dates": dates, "code": done.effect.python }));
            expected.push((label, done));
        }
    }
    let (script, list) = (folder.join("harness.py"), folder.join("steps.json"));
    std::fs::write(&script, HARNESS).expect("the harness is written");
    std::fs::write(&list, serde_json::to_vec(&jobs).expect("the steps are written"))
        .expect("the steps are written");
    let output = Command::new(&python).arg(&script).arg(&list).output().expect("Python runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let found: Vec<serde_json::Value> =
        serde_json::from_slice(&output.stdout).expect("Python answers in JSON");
    let mut wrong = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    for ((label, ours), theirs) in expected.iter().zip(&found) {
        let code = &ours.effect.python;
        if let Some(error) = theirs["error"].as_str() {
            if error.contains("No module named 'sklearn'") {
                eprintln!("not compared, {python} has no scikit-learn: {label}");
                seen.insert(label.split('"').nth(1).unwrap_or_default().to_owned());
            } else {
                wrong.push(format!("{label}\n{code}\n{error}"));
            }
            continue;
        }
        let columns = theirs["columns"].as_object().expect("columns by name");
        let names: Vec<&String> = ours.table.columns().iter().map(|c| &c.name).collect();
        if names.len() != columns.len() {
            wrong.push(format!("{label}\n{code}\ncolumns {names:?} against {:?}", columns.keys()));
        }
        for column in ours.table.columns() {
            let theirs: Vec<&str> = columns
                .get(&column.name)
                .and_then(|c| c.as_array())
                .map_or_else(Vec::new, |c| c.iter().filter_map(|v| v.as_str()).collect());
            let ours = cells(column);
            let differs = ours.iter().zip(&theirs).position(|(a, b)| !is_close(a, b));
            if let (Some(row), _) | (None, Some(row)) = (differs, (ours.len() != theirs.len()).then_some(0)) {
                let (a, b) = (ours.get(row), theirs.get(row));
                wrong.push(format!("{label}\n{code}\n{} in row {row}: {a:?} against {b:?}", column.name));
                break;
            }
        }
        seen.insert(label.split('"').nth(1).unwrap_or_default().to_owned());
    }
    std::fs::remove_dir_all(&folder).ok();
    assert!(wrong.is_empty(), "{} of {} differ:\n\n{}", wrong.len(), found.len(), wrong.join("\n\n"));
    let all = cleaning::STEPS.iter().chain(features::MAKERS).map(|s| s.slug());
    let untried: Vec<&str> = all.filter(|s| !seen.contains(*s) && *s != "roas").collect();
    assert!(untried.is_empty(), "not compared: {untried:?}");
}
