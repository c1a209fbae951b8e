//! What must hold for every cleaning step and feature maker, and the reference values of the two real files.

use std::{collections::BTreeSet, sync::Arc};

use super::{
    cleaning,
    context::Ctx,
    data::{
        column::{Column, ColumnType, Dictionary, Values},
        private::Personal,
        reader::{ReadOptions, Reader},
        role::{Role, TableKind},
        table::Table,
    },
    features,
    knobs::{KnobKind, Setting, Settings},
    pipeline::{
        execute::{Prepared, apply, find_step, learns, prepare},
        recipe::{Recipe, RecipeStep},
    },
    step::{CellChange, Effect, LearnFrom, Step, StepCall, StepError, Suggestion},
    step_kit::numbers,
    task,
    testing::{close, reference, shared},
};

// ------------------------------------------------------------------------------------------------- test tables

fn role_of(name: &str) -> Role {
    match name {
        "ad_id" | "ID" | "row" => Role::Identifier,
        "xyz_campaign_id" => Role::Campaign,
        "fb_campaign_id" => Role::AdGroup,
        "age" | "gender" | "interest" | "Education" => Role::Category,
        "Impressions" => Role::Impressions,
        "Clicks" => Role::Clicks,
        "Spent" => Role::Spend,
        "Total_Conversion" => Role::Enquiries,
        "Approved_Conversion" => Role::Purchases,
        "Year_Birth" => Role::BirthYear,
        "Marital_Status" => Role::MaritalStatus,
        "Income" => Role::Income,
        "Kidhome" => Role::Kids,
        "Teenhome" => Role::Teens,
        "Dt_Customer" => Role::JoinDate,
        "Recency" => Role::Recency,
        "NumDealsPurchases" => Role::DealPurchases,
        "NumWebPurchases" => Role::WebPurchases,
        "NumCatalogPurchases" => Role::CatalogPurchases,
        "NumStorePurchases" => Role::StorePurchases,
        "NumWebVisitsMonth" => Role::WebVisits,
        "Complain" => Role::Complaint,
        "Z_CostContact" => Role::Cost,
        "Z_Revenue" => Role::ValuePerResponse,
        "Response" => Role::Response,
        n if n.starts_with("Mnt") => Role::ProductSpend,
        n if n.starts_with("AcceptedCmp") => Role::EarlierResponse,
        _ => Role::Number,
    }
}

/// A table of a CSV text; roles by name, types by what the cells hold (dd-mm-yyyy dates, yes/no, numbers, categories).
fn table(kind: TableKind, text: &str) -> Table {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let names: Vec<String> = reader
        .headers()
        .unwrap()
        .iter()
        .map(|n| if n.is_empty() { "row".to_owned() } else { n.to_owned() })
        .collect();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let columns = names.iter().enumerate().map(|(j, name)| {
        let cells: Vec<&str> = rows.iter().map(|r| &r[j]).collect();
        let role = role_of(name);
        let known = || cells.iter().filter(|c| !c.is_empty());
        let is_category = matches!(role, Role::Category | Role::Campaign | Role::AdGroup);
        let values = if role == Role::JoinDate {
            Values::Date(cells.iter().map(|c| day_month_year(c)).collect())
        } else if role == Role::Response || known().all(|c| matches!(*c, "yes" | "no")) && known().count() > 0
        {
            let parse = |c: &&str| match *c {
                "1" | "yes" => Some(true),
                "0" | "no" => Some(false),
                _ => None,
            };
            Values::Boolean(cells.iter().map(parse).collect())
        } else if !is_category && known().all(|c| c.parse::<f64>().is_ok()) {
            Values::Number(cells.iter().map(|c| c.parse().unwrap_or(f64::NAN)).collect())
        } else {
            let rows: Vec<Option<&str>> = cells.iter().map(|c| (!c.is_empty()).then_some(*c)).collect();
            Column::category("", role, &rows).values
        };
        Column::new(name, role, values)
    });
    Table::new(kind, columns.collect()).unwrap()
}

fn day_month_year(cell: &str) -> f64 {
    let parts: Vec<&str> = cell.split('-').collect();
    match parts.as_slice() {
        [d, m, y] => super::step_kit::millis_of(&format!("{y}-{m}-{d}")).unwrap_or(f64::NAN),
        _ => f64::NAN,
    }
}

/// A real file as people get it.
fn read(path: &str) -> Option<Table> {
    let bytes = std::fs::read(shared(path)?).ok()?;
    let mut reader = Reader::new(path, ReadOptions::default());
    reader.push(&bytes).unwrap();
    Some(reader.finish().unwrap().table)
}

fn ads() -> Option<Table> {
    read("data/KAG_conversion_data.csv")
}

fn customers() -> Option<Table> {
    read("data/marketing_campaign_data.csv")
}

/// A small table of customers with everything wrong, so that the loops below run where the real files are not.
fn small() -> Table {
    let mut text = String::from(
        "row,ID,Year_Birth,Education,Marital_Status,Income,Kidhome,Teenhome,Dt_Customer,Recency,MntA,MntB,\
         NumDealsPurchases,NumWebPurchases,NumCatalogPurchases,NumStorePurchases,NumWebVisitsMonth,AcceptedCmp1,\
         AcceptedCmp2,Z_CostContact,Z_Revenue,Response,Clicks,Impressions,Spent,gender,Empty,Same,Mostly\n",
    );
    for i in 0..60_i32 {
        let income = match i {
            7 | 21 => String::new(),
            13 => "666666".to_owned(),
            _ => (1000 + 137 * (i % 17) + 900 * (i % 3)).to_string(),
        };
        let born = if i == 5 { 1893 } else { 1950 + (i * 7) % 45 };
        let clicks = if i % 9 == 0 { 0 } else { i % 7 };
        text.push_str(&format!(
            "{i},{},{born},{},{},{income},{},{},{:02}-0{}-2013,{},{},{},1,{},{},{},{},{},{},3,11,{},{clicks},{},{},{},,x,{}\n",
            9000 - i * 3,
            ["S1", "S2", "S3"][i as usize % 3],
            ["Menikah", "Lajang", "Cerai"][i as usize % 3],
            i % 2,
            i % 3 / 2,
            1 + i % 28,
            1 + i % 9,
            (i * 13) % 100,
            (i * 31) % 400,
            (i * 17) % 50 + if i == 40 { 5000 } else { 0 },
            i % 5,
            i % 4,
            i % 6,
            i % 8,
            i % 2,
            i % 4 / 3,
            i32::from(i % 6 == 0),
            clicks * 1000 + 10,
            f64::from(clicks) * 1.37,
            ["F", "M"][i as usize % 2],
            if i < 10 { "a" } else { "" },
        ));
    }
    table(TableKind::Customers, &text)
}

fn tables() -> Vec<Table> {
    let mut all = vec![small()];
    all.extend(ads());
    all.extend(customers());
    all
}

fn all_steps() -> impl Iterator<Item = &'static dyn Step> {
    cleaning::STEPS.iter().chain(features::MAKERS).copied()
}

/// Calls that exercise what suggestions do not.
fn more_calls(table: &Table) -> Vec<StepCall> {
    let call = |slug: &str, settings: Settings| StepCall::new(slug, settings);
    let columns = |names: &[&str]| {
        Settings::new().with("columns", names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>())
    };
    let column = |name: &str| Settings::new().with("column", name);
    let formula = |text: &str| Settings::new().with("formula", text);
    let (amount, group) =
        if table.kind == TableKind::Ads { ("Spent", "gender") } else { ("Income", "Education") };
    vec![
        call("sentinels_to_missing", Settings::new()),
        call("impossible_to_missing", Settings::new()),
        call("fill_missing", columns(&[amount]).with("method", "mean")),
        call("fill_missing", columns(&[amount]).with("method", "mode")),
        call("fill_missing", columns(&[amount]).with("method", "median")),
        call("fill_missing", columns(&[amount]).with("method", "constant").with("constant", "5")),
        call("fill_missing", columns(&[amount]).with("method", "group_median").with("group", group)),
        call("fill_missing", columns(&[amount]).with("method", "group_mean").with("group", group)),
        call("fill_missing", columns(&[amount, group]).with("method", "group_mode").with("group", group)),
        call(
            "fill_from_neighbours",
            columns(&[amount]).with("by", vec!["Recency".to_owned(), "MntA".to_owned()]),
        ),
        call(
            "fill_from_neighbours",
            columns(&[amount]).with("by", vec!["Clicks".to_owned()]).with("k", 2_i64),
        ),
        call("sentinels_to_missing", Settings::new().with("indicator", true)),
        call("trim_and_case", Settings::new().with("case", "upper")),
        call("merge_spellings", column(group)),
        call("merge_spellings", column(group).with("method", "ngram")),
        call("merge_spellings", column(group).with("method", "edit")),
        call("rare_levels", columns(&[group]).with("share", 0.34)),
        call("split_column", column(group).with("separator", "3")),
        call("date_parts", column("Dt_Customer").with("days_since", true).with("hour", true)),
        call("missing_indicator", Settings::new()),
        call("filter_rows", column(amount).with("operator", "above").with("value", "10")),
        call("sample_rows", Settings::new().with("by", "rows").with("rows", 9_i64)),
        call("outliers", columns(&[amount])),
        call("outliers", columns(&[amount]).with("action", "winsorise").with("factor", 0.5)),
        call("bins", column(amount)),
        call("bins", column(amount).with("method", "edges").with("edges", vec![1.0, 100.0])),
        call("one_hot", column(group)),
        call("one_hot", column(group).with("drop_first", true)),
        call("ordinal", column(group)),
        call("ordinal", column(group).with("order", "S2;S3;S1;F;M")),
        call("change_type", column(group).with("type", "number")),
        call("change_type", column(amount).with("type", "category")),
        call("change_type", column(amount).with("type", "text")),
        call("frequency_encoding", column(group)),
        call("scale", columns(&[amount])),
        call("scale", columns(&[amount]).with("method", "min_max")),
        call("scale", columns(&[amount]).with("method", "robust")),
        call("log1p", columns(&[amount])),
        call("age", Settings::new()),
        call("age_group", Settings::new()),
        call("tenure", Settings::new()),
        call("rfm", Settings::new()),
        call("formula", formula(&format!("{amount} / 7 + 1"))),
        call("formula", formula(&format!("mean({amount} by {group})"))),
        call("formula", formula(&format!("quantile_bin({amount}, 3)"))),
        call("formula", formula(&format!("rank({amount}) / count()")).with("name", "place")),
        call("formula", formula(&format!("if(is_missing({amount}), \"none\", upper({group}))"))),
    ]
}

fn suggestions(table: &Table) -> Vec<Suggestion> {
    let mut all = cleaning::suggest(table);
    all.extend(features::suggest(table));
    all
}

fn recipe_step(call: StepCall) -> RecipeStep {
    if cleaning::STEPS.iter().any(|s| s.slug() == call.slug) {
        RecipeStep::Clean(call)
    } else {
        RecipeStep::Feature(call)
    }
}

fn prepared(table: &Table, steps: Vec<RecipeStep>) -> Prepared {
    prepare(table, &Recipe { steps, ..Recipe::default() }, LearnFrom::All, &Ctx::quiet(1))
}

fn suggested_way(table: &Table) -> Prepared {
    let mut steps: Vec<RecipeStep> = cleaning::recommended(table).into_iter().map(recipe_step).collect();
    let clean = prepared(table, steps.clone());
    steps.extend(features::recommended(&clean.table).into_iter().map(recipe_step));
    prepared(table, steps)
}

// --------------------------------------------------------------------------------------------- every step at once

#[test]
fn every_step_declares_itself_well() {
    let mut slugs = BTreeSet::new();
    for step in all_steps() {
        let slug = step.slug();
        assert!(slugs.insert(slug), "{slug} twice");
        let snake = |s: &str| s.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        assert!(snake(slug) && !slug.is_empty(), "{slug}");
        assert!(find_step(slug).is_some());
        assert!(!step.title().is_empty() && step.help().ends_with('.'), "{slug}");

        let knobs = step.knobs();
        let mut names = BTreeSet::new();
        let mut defaults = Settings::new();
        for knob in &knobs {
            assert!(names.insert(knob.slug.clone()) && snake(&knob.slug), "{slug}: {}", knob.slug);
            assert!(!knob.label.is_empty() && !knob.help.is_empty() && !knob.help.ends_with('.'), "{slug}");
            let optional = matches!(knob.kind, KnobKind::Column { optional: true, .. });
            assert!(knob.default != Setting::None || optional, "{slug}: {}", knob.slug);
            defaults = defaults.with(&knob.slug, knob.default.clone());
        }
        assert_eq!(defaults.check(&knobs), Ok(()), "{slug}");
    }
}

#[test]
fn every_suggestion_does_what_it_announces() {
    for table in tables() {
        let found = suggestions(&table);
        assert!(!found.is_empty());
        for s in found {
            let step = find_step(&s.call.slug).unwrap();
            assert_eq!(s.call.settings.check(&step.knobs()), Ok(()), "{}", s.title);
            assert!(
                !s.title.is_empty() && s.reason.ends_with('.') && !s.reason.contains("NaN"),
                "{}",
                s.reason
            );
            assert!(!s.reason.contains("..") && !s.reason.contains("  "), "{}", s.reason);
            let text = serde_json::to_string(&s.call).unwrap();
            assert_eq!(serde_json::from_str::<StepCall>(&text).unwrap(), s.call);

            let out = apply(&table, &recipe_step(s.call), LearnFrom::All, &Ctx::quiet(9)).unwrap();
            let effect = out.effect;
            assert_eq!((effect.n_rows, effect.n_cells), (s.n_rows, s.n_cells), "{}", s.title);
            assert!(!effect.sentence.is_empty() && !effect.sentence.ends_with('.'));
            assert!(!effect.is_idle && !effect.python.is_empty(), "{}", s.title);
            assert_eq!(
                effect.rows_before - effect.rows_after,
                table.n_rows() as u64 - out.table.n_rows() as u64
            );
            let changed = effect.rows_after != effect.rows_before
                || !effect.columns_added.is_empty()
                || !effect.columns_removed.is_empty()
                || !effect.examples.is_empty();
            assert!(changed, "{} changes nothing", s.title);
            assert!(!effect.examples.is_empty(), "{} shows nothing", s.title);
            for name in &effect.columns_added {
                let column = out.table.column(name).unwrap();
                assert!(!column.made_from.is_empty(), "{name} does not say what it was made from");
                if let Values::Number(v) = &column.values {
                    assert!(v.iter().all(|v| !v.is_infinite()), "{name} has an infinity");
                }
            }
        }
    }
}

#[test]
fn every_step_that_changes_something_shows_cells_before_and_after() {
    for table in tables() {
        for call in more_calls(&table) {
            let step = recipe_step(call.clone());
            let Ok(out) = apply(&table, &step, LearnFrom::All, &Ctx::quiet(9)) else { continue };
            let effect = out.effect;
            let is_changed = effect.rows_after != effect.rows_before
                || effect.columns_added.len() + effect.columns_removed.len() > 0
                || effect.n_cells > 0 && !effect.is_idle;
            assert!(!is_changed || !effect.examples.is_empty(), "{call:?} shows nothing");
        }
    }
    let shown = |slug: &str, settings: Settings, csv: &str| {
        let step = recipe_step(StepCall::new(slug, settings));
        let out = apply(&table(TableKind::Other, csv), &step, LearnFrom::All, &Ctx::quiet(1)).unwrap();
        let line = |c: &CellChange| format!("{} {}: {} > {}", c.row, c.column, c.before, c.after);
        out.effect.examples.iter().map(line).collect::<Vec<_>>()
    };
    assert_eq!(
        shown("drop_columns", of(&["y"]), "x,y\n1,7\n2,8\n"),
        ["1 y: 7 > dropped", "2 y: 8 > dropped"]
    );
    let flagged = shown("outliers", of(&["x"]), "x\n1\n2\n3\n4\n2\n3\n2\n3\n2\n3\n2\n3\n100\n");
    assert_eq!(flagged, ["13 x outlier: 100 > yes"]);
    let sum = Settings::new().with("formula", "x + y").with("name", "z");
    assert_eq!(shown("log1p", of(&["x"]), "x,y\n0,7\n"), ["1 x (log): 0 > 0"]);
    assert!(!shown("formula", sum, "x,y\n1,7\n").is_empty());
    let split = Settings::new().with("column", "x").with("separator", "-");
    let drop = |csv: &str| {
        let mut table = table(TableKind::Other, csv);
        table.set_personal("name", Some(Personal::Name));
        let mut first = table.column("x").unwrap().as_ref().clone();
        first.role = Role::Identifier;
        table.put(first).unwrap();
        let call = StepCall::new("sample_rows", Settings::new());
        let mut out = apply(&table, &recipe_step(call), LearnFrom::All, &Ctx::quiet(1)).unwrap();
        let dropped = out.effect.examples.remove(0);
        format!("{} {}: {} > {}", dropped.row, dropped.column, dropped.before, dropped.after)
    };
    assert!(drop("x,name,y\n7,Bo,3\n7,Bo,3\n8,Bo,3\n").ends_with(" y: 3 > row dropped"));
    let dropped = drop("x,name\n7,Bo\n7,Bo\n8,Bo\n");
    assert!(["1 Row: 1 > row dropped", "2 Row: 2 > row dropped"].contains(&dropped.as_str()), "{dropped}");
    assert_eq!(shown("split_column", split, "x,y\na-b,1\nc-d,2\n")[0], "1 x 1: a-b > a");
}

#[test]
fn no_step_panics_on_odd_tables() {
    let empty = Table::new(TableKind::Customers, vec![]).unwrap();
    let none = small().take_rows(&[]);
    let one = small().take_rows(&[7]);
    let gaps = table(TableKind::Other, "Income,Education,Recency,Dt_Customer,Year_Birth\n,,,,\n,,,,\n");
    for table in [empty, none, one, gaps] {
        for s in suggestions(&table) {
            apply(&table, &recipe_step(s.call), LearnFrom::All, &Ctx::quiet(9)).unwrap();
        }
        let mut calls = more_calls(&table);
        calls.extend(all_steps().map(|s| StepCall::new(s.slug(), Settings::new())));
        for call in calls {
            for learn in [LearnFrom::All, LearnFrom::Training(&[])] {
                if let Ok(out) = apply(&table, &recipe_step(call.clone()), learn, &Ctx::quiet(9)) {
                    assert!(!out.effect.sentence.contains("NaN"), "{}", out.effect.sentence);
                }
            }
        }
        cleaning::notes(&table);
    }
}

/// Changes every cell of a row to something else, some of it never seen before.
fn disturbed(table: &Table, rows: &[usize]) -> Table {
    let columns = table.columns().iter().map(|c| {
        let mut column = c.as_ref().clone();
        for &row in rows {
            match &mut column.values {
                Values::Number(v) => v[row] = if v[row].is_nan() { 3.0 } else { v[row] * 50.0 + 99_999.0 },
                Values::Date(v) => v[row] += 4e11,
                Values::Boolean(v) => v[row] = v[row].map(|b| !b),
                Values::Category(d) | Values::Text(d) => {
                    if !d.levels.iter().any(|l| l == "zzz") {
                        d.levels.push("zzz".into());
                    }
                    let n = d.levels.len() as u32;
                    d.codes[row] = if d.codes[row] == Dictionary::MISSING { 0 } else { n - 1 };
                }
            }
        }
        column
    });
    let mut out = Table::new(table.kind, columns.collect()).unwrap();
    out.kind = table.kind;
    out
}

#[test]
fn rows_outside_training_change_nothing_that_is_learnt() {
    for table in tables() {
        let training: Vec<bool> = (0..table.n_rows()).map(|r| r % 5 != 0).collect();
        let odd: Vec<usize> = (0..table.n_rows()).filter(|r| r % 10 == 0).collect();
        let other = disturbed(&table, &odd);
        let mut calls: Vec<StepCall> = suggestions(&table).into_iter().map(|s| s.call).collect();
        calls.extend(more_calls(&table));
        // Duplicates are compared row with row; nothing is learnt there.
        for call in calls.into_iter().filter(|c| c.slug != "drop_duplicates") {
            let step = recipe_step(call.clone());
            let learn = LearnFrom::Training(&training);
            let (a, b) =
                (apply(&table, &step, learn, &Ctx::quiet(1)), apply(&other, &step, learn, &Ctx::quiet(1)));
            let (Ok(a), Ok(b)) = (a, b) else { continue };
            let names = |t: &Table| t.columns().iter().map(|c| c.name.clone()).collect::<Vec<_>>();
            assert_eq!(names(&a.table), names(&b.table), "{call:?}");
            let kept = |t: &Table| {
                (0..t.n_rows()).filter(|r| !t.row_ids()[*r].is_multiple_of(10)).collect::<Vec<_>>()
            };
            let (rows_a, rows_b) = (kept(&a.table), kept(&b.table));
            assert_eq!(rows_a.len(), rows_b.len(), "{call:?}");
            for (x, y) in a.table.columns().iter().zip(b.table.columns()) {
                for (&i, &j) in rows_a.iter().zip(&rows_b) {
                    assert_eq!(x.cell_text(i), y.cell_text(j), "{call:?}: {} row {i}", x.name);
                }
            }
        }
    }
}

#[test]
fn a_step_that_does_not_learn_gives_each_row_the_same_whatever_it_learns_from() {
    for table in tables() {
        let training: Vec<bool> = (0..table.n_rows()).map(|r| r % 3 == 0).collect();
        let mut calls: Vec<StepCall> = suggestions(&table).into_iter().map(|s| s.call).collect();
        calls.extend(more_calls(&table));
        for call in calls {
            if find_step(&call.slug).unwrap().learns(&call.settings) {
                continue;
            }
            let step = recipe_step(call.clone());
            // Code, examples and what is shared are for people only, and so not there in folds.
            let bare = |learn| {
                apply(&table, &step, learn, &Ctx::quiet(1)).map(|o| Effect {
                    python: String::new(),
                    examples: Vec::new(),
                    shared: None,
                    named_in: Vec::new(),
                    ..o.effect
                })
            };
            let (all, some) = (bare(LearnFrom::All), bare(LearnFrom::Training(&training)));
            assert_eq!(all, some, "{call:?}");
        }
    }
}

// ----------------------------------------------------------------------------------------------- the real files

#[test]
fn the_suggested_way_cleans_customers_and_keeps_their_economics() {
    let Some(raw) = customers() else { return };
    let found = cleaning::suggest(&raw);
    let of = |title: &str| found.iter().find(|s| s.title == title).unwrap_or_else(|| panic!("no {title}"));
    let counts = |title: &str| (of(title).n_rows, of(title).n_cells, of(title).recommended);
    assert_eq!(counts("Drop column_1"), (2240, 2240, true));
    assert_eq!(counts("Set Income 666,666,000 to missing"), (1, 1, true));
    assert_eq!(counts("Set impossible Year_Birth to missing"), (3, 3, false));
    assert_eq!(counts("Fill Income by Education"), (24, 24, true));
    assert_eq!(counts("Drop rows without Income"), (24, 24 * 30, false));
    assert_eq!(counts("Drop rows alike but for ID"), (183, 183 * 30, false));
    assert!(
        of("Fill Income by Education").reason.starts_with("Income is missing in 24 of 2,240 rows (1.1 %)")
    );
    assert!(of("Drop rows alike but for ID").reason.contains("may be different people"));
    assert!(of("Set impossible Year_Birth to missing").reason.contains("1893, 1899 and 1900"));
    for s in &found {
        println!(
            "{} {} [{} rows, {} cells]: {}",
            if s.recommended { "*" } else { " " },
            s.title,
            s.n_rows,
            s.n_cells,
            s.reason
        );
    }
    assert!(!found.iter().any(|s| s.title.contains("Z_") || s.recommended && s.title == "Drop ID"));
    assert!(!found.iter().any(|s| s.title == "Drop repeated rows"));
    let flags = found.iter().filter(|s| s.title.starts_with("Flag outliers"));
    assert!(flags.clone().count() > 0);
    assert!(flags.clone().all(|s| !s.recommended && s.reason.contains("far from most")));
    // The reason counts the cell that the step before has emptied.
    let reasons: Vec<String> = cleaning::recommended(&raw).into_iter().filter_map(|c| c.reason).collect();
    assert!(reasons.iter().any(|r| r.starts_with("Income is missing in 25 of 2,240 rows")), "{reasons:?}");
    let done = suggested_way(&raw);
    assert!(done.results.iter().all(Result::is_ok), "{:?}", done.results);
    assert_eq!(done.table.n_rows(), 2240);
    for r in &done.results {
        let e = r.as_ref().unwrap();
        println!("- {} ({} rows, {} cells) {:?}", e.sentence, e.n_rows, e.n_cells, e.notes);
    }
    assert_eq!(done.table.column("Income").unwrap().n_missing(), 0);
    // Impossible birth years are offered, never settled: their people count in the oldest age group.
    assert_eq!(done.table.column("Year_Birth").unwrap().n_missing(), 0);
    // What was done is not suggested again.
    let again: Vec<String> =
        suggestions(&done.table).into_iter().filter(|s| s.recommended).map(|s| s.title).collect();
    assert!(again.is_empty(), "{again:?}");
    assert!(done.table.column("column_1").is_err());
    assert!(done.table.column("Z_Revenue").is_ok() && done.table.column("ID").is_ok());
    let notes = cleaning::notes(&raw);
    assert!(notes.iter().any(|n| n.starts_with("Z_Revenue is 11 in every row and is kept")), "{notes:?}");
}

#[test]
fn nothing_is_deleted_from_the_ads() {
    let Some(raw) = ads() else { return };
    let found = cleaning::suggest(&raw);
    for s in &found {
        println!(
            "{} {} [{} rows, {} cells]: {}",
            if s.recommended { "*" } else { " " },
            s.title,
            s.n_rows,
            s.n_cells,
            s.reason
        );
    }
    assert!(!found.iter().any(|s| s.recommended));
    assert!(!found.iter().any(|s| s.call.slug.starts_with("drop_") && s.call.slug != "drop_columns"));
    let notes = cleaning::notes(&raw);
    assert!(
        notes[0].starts_with("207 rows without clicks and spend are kept: 204 of them have Total_Conversion"),
        "{notes:?}"
    );
    assert!(notes[0].contains("71 of them have Approved_Conversion"));
    let done = suggested_way(&raw);
    assert_eq!(done.table.n_rows(), 1143);
    // Undefined ratios are no reason to drop or fill.
    let again = cleaning::suggest(&done.table);
    assert!(!again.iter().any(|s| s.call.slug == "drop_missing_rows" || s.call.slug == "fill_missing"));
    for s in features::suggest(&raw) {
        println!(
            "{} {} [{} rows, {} cells]: {}",
            if s.recommended { "*" } else { " " },
            s.title,
            s.n_rows,
            s.n_cells,
            s.reason
        );
    }
}

#[test]
fn customer_features_agree_with_the_reference() {
    let (Some(raw), Some(reference)) = (customers(), reference("customers.json")) else { return };
    let feature = |slug: &str, settings: Settings| RecipeStep::Feature(StepCall::new(slug, settings));
    let at = || Settings::new().with("reference_year", 2025_i64);
    let mut steps = vec![feature("age", at()), feature("age_group", at())];
    for slug in [
        "family_size",
        "income_per_capita",
        "tenure",
        "recency_segment",
        "total_interaction",
        "channel_preference",
        "total_spending",
        "spending_per_purchase",
        "loyalty",
        "conversion_rate",
        "rfm",
    ] {
        steps.push(feature(slug, Settings::new()));
    }
    let done = prepared(&raw, steps);
    assert!(done.results.iter().all(Result::is_ok), "{:?}", done.results);
    let engineered = &reference["engineered"];
    for (ours, theirs) in [
        ("Total interaction", "Total_Interactions"),
        ("Conversion rate", "Conversion_Rate"),
        ("Total spending", "Total_Spending"),
        ("Family size", "Family_Size"),
        ("Income per capita", "Income_per_Capita"),
        ("Loyalty indicator", "Loyalty_Score"),
        ("Tenure (months)", "Customer_Tenure_Months"),
        ("Age", "Age"),
    ] {
        let column = done.table.column(ours).unwrap();
        let values = numbers(column).unwrap();
        let sum = super::numeric::math::sum(values.iter().copied().filter(|v| !v.is_nan()));
        close(sum, engineered["sum"][theirs].as_f64().unwrap(), 1e-9);
        close(values[0], engineered["row_0"][theirs].as_f64().unwrap(), 1e-9);
    }
    for (ours, theirs) in [
        ("Recency segment", "Recency_Segment"),
        ("Channel preference", "Preferred_Channel"),
        ("Age group", "Age_Group"),
        ("Loyalty indicator", "Loyalty_Score"),
        ("Family size", "Family_Size"),
    ] {
        let column = done.table.column(ours).unwrap();
        for (level, n) in engineered["counts"][theirs].as_object().unwrap() {
            let ours = (0..column.len()).filter(|&r| column.cell_text(r) == *level).count() as u64;
            assert_eq!(ours, n.as_u64().unwrap(), "{theirs} {level}");
        }
        if let Some(first) = engineered["row_0"][theirs].as_str() {
            assert_eq!(column.cell_text(0), first);
        }
    }
    // Median income of each age group, as filling by group learns it.
    let fill = Settings::new()
        .with("columns", vec!["Income".to_owned()])
        .with("method", "group_median")
        .with("group", "Age group");
    let filled = prepared(&done.table, vec![recipe_step(StepCall::new("fill_missing", fill))]);
    let effect = filled.results[0].as_ref().unwrap();
    assert_eq!(effect.n_cells, 24);
    let groups = done.table.column("Age group").unwrap();
    for change in &effect.examples {
        let group = groups.cell_text(change.row as usize - 1);
        let expected = reference["income_median_by_age_group"][&group].as_f64().unwrap();
        close(change.after.parse().unwrap(), expected, 1e-9);
    }
    // What leaks says so.
    let made_from = |name: &str| done.table.column(name).unwrap().made_from.clone();
    assert!(made_from("Conversion rate").contains(&("Response".into(), Role::Response)));
    assert!(!made_from("Income per capita").iter().any(|(_, r)| *r == Role::Response));
}

#[test]
fn ad_features_agree_with_the_reference() {
    let (Some(raw), Some(reference)) = (ads(), reference("ads.json")) else { return };
    let seed = &reference["seed_features"];
    let calls: Vec<RecipeStep> =
        features::suggest(&raw).into_iter().map(|s| RecipeStep::Feature(s.call)).collect();
    let done = prepared(&raw, calls);
    assert!(done.results.iter().all(Result::is_ok), "{:?}", done.results);
    let enquiries = numbers(raw.column("Total_Conversion").unwrap()).unwrap().into_owned();
    let clicks = numbers(raw.column("Clicks").unwrap()).unwrap().into_owned();
    for (ours, theirs, factor) in [
        ("CTR", "CTR", 1.0),
        ("CPC", "Spent_per_Click", 1.0),
        ("CPM", "Budget_Allocation_Imp", 1000.0),
        ("Budget per impression", "Budget_Allocation_Imp", 1.0),
        ("Impressions × clicks", "Interaction_Imp_Clicks", 1.0),
        ("Click conversion rate", "Total_Conversion_Rate", 1.0),
        ("Conversions per mille", "Conversion_per_Impression", 1000.0),
        ("Age code", "Age_Group", 1.0),
        ("Gender code", "Gender_Code", 1.0),
    ] {
        let values = numbers(done.table.column(ours).unwrap()).unwrap().into_owned();
        let mut sum = super::numeric::math::sum(values.iter().copied().filter(|v| !v.is_nan()));
        if theirs == "Total_Conversion_Rate" {
            // The reference puts the mean of the others where enquiries came without clicks, and 0 where there were none.
            let filled = (0..values.len()).filter(|&r| clicks[r] == 0.0 && enquiries[r] > 0.0).count() as f64;
            assert_eq!(values.iter().filter(|v| v.is_nan()).count(), 207);
            let others = values.len() as f64 - filled;
            sum += filled * sum / others;
        }
        close(sum, factor * seed["sum"][theirs].as_f64().unwrap(), 1e-9);
        close(values[0], factor * seed["row_0"][theirs].as_f64().unwrap(), 1e-9);
        close(values[1142], factor * seed["row_1142"][theirs].as_f64().unwrap(), 1e-9);
    }
    let from = |name: &str| done.table.column(name).unwrap().made_from.clone();
    assert!(from("Click conversion rate").contains(&("Total_Conversion".into(), Role::Enquiries)));
    assert!(from("CTR").iter().all(|(_, r)| matches!(r, Role::Clicks | Role::Impressions)));
    assert!(done.table.column("ROAS").is_err());
    let cpc = features::suggest(&raw).into_iter().find(|s| s.call.slug == "cpc").unwrap();
    assert!(cpc.reason.ends_with("CPC is missing in 207 rows without clicks."), "{}", cpc.reason);
    assert_eq!(cpc.n_rows, 1143 - 207);
}

#[test]
fn people_do_not_become_names_of_columns_until_the_user_lets_them() {
    let text = "Who,Visits\nAnna Li,3\nBo Ek,4\nAnna Li,5\n";
    let mut raw = table(TableKind::Customers, text);
    raw.set_personal("Who", Some(Personal::Name));
    let of = |slug: &str| StepCall::new(slug, Settings::new().with("column", "Who"));
    let frequency = recipe_step(of("frequency_encoding"));
    let formula = Settings::new().with("formula", "Who = \"Anna Li\"").with("name", "Is Anna");
    let steps = vec![
        recipe_step(of("one_hot")),
        frequency,
        RecipeStep::Feature(StepCall::new("formula", formula)),
        recipe_step(StepCall::new(
            "split_column",
            Settings::new().with("column", "Who").with("separator", " "),
        )),
    ];
    let done = prepared(&raw, steps.clone());
    let error = done.results[0].as_ref().unwrap_err().to_string();
    assert!(error.contains("Who") && error.contains("Data page") && !error.contains("Anna"), "{error}");
    assert!(done.results[1..].iter().all(Result::is_ok), "{:?}", done.results);
    assert_eq!(done.table.without_personal().columns().len(), 1, "only the visits are analysed");
    let mut let_go = vec![RecipeStep::Personal { column: "Who".into(), is_personal: false }];
    let_go.extend(steps);
    let done = prepared(&raw, let_go);
    assert!(done.results.iter().all(Result::is_ok), "{:?}", done.results);
    assert!(done.table.column("Who: Anna Li").is_ok());
    assert_eq!(done.table.without_personal().n_columns(), done.table.n_columns());
}

#[test]
fn one_hot_of_the_campaign_agrees_with_the_reference() {
    let (Some(raw), Some(reference)) = (ads(), reference("ads.json")) else { return };
    let settings = Settings::new().with("column", "xyz_campaign_id").with("drop_first", true);
    let done = prepared(&raw, vec![recipe_step(StepCall::new("one_hot", settings))]);
    for (ours, theirs) in
        [("xyz_campaign_id: 936", "campaign_936"), ("xyz_campaign_id: 1178", "campaign_1178")]
    {
        let values = numbers(done.table.column(ours).unwrap()).unwrap().into_owned();
        assert_eq!(values.iter().sum::<f64>(), reference["seed_features"]["sum"][theirs].as_f64().unwrap());
    }
    assert!(done.table.column("xyz_campaign_id: 916").is_err());
}

// --------------------------------------------------------------------------------------------------- tiny cases

/// Applies one step to a small CSV and compares one column of the result, cell by cell.
#[track_caller]
fn check(slug: &str, settings: Settings, csv: &str, column: &str, expected: &[&str]) {
    let table = table(TableKind::Other, csv);
    let step = recipe_step(StepCall::new(slug, settings));
    let out = apply(&table, &step, LearnFrom::All, &Ctx::quiet(0)).unwrap();
    let found = out.table.column(column).unwrap();
    let cells: Vec<String> = (0..found.len()).map(|r| found.cell_text(r)).collect();
    assert_eq!(cells, expected);
}

/// Applies one step and expects a refusal that says a word.
#[track_caller]
fn refused(slug: &str, settings: Settings, csv: &str, word: &str) {
    let table = table(TableKind::Other, csv);
    let step = recipe_step(StepCall::new(slug, settings));
    let error = apply(&table, &step, LearnFrom::All, &Ctx::quiet(0)).unwrap_err().to_string();
    assert!(error.contains(word), "{error}");
}

fn of(names: &[&str]) -> Settings {
    Settings::new().with("columns", names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>())
}

#[test]
fn missing_values_are_filled() {
    let csv = "x,g\n1,a\n,a\n3,b\n9,b\n,b\n";
    check("fill_missing", of(&["x"]), csv, "x", &["1", "3", "3", "9", "3"]);
    check("fill_missing", of(&["x"]).with("method", "mean"), "x,y\n1,\n,\n2,\n", "x", &["1", "1.5", "2"]);
    check(
        "fill_missing",
        of(&["x"]).with("method", "mode"),
        "x,y\n2,\n2,\n,\n5,\n",
        "x",
        &["2", "2", "2", "5"],
    );
    check(
        "fill_missing",
        of(&["g"]).with("method", "mode"),
        "g,x\na,\nb,\n,\nb,\n",
        "g",
        &["a", "b", "b", "b"],
    );
    let group = of(&["x"]).with("method", "group_median").with("group", "g");
    check("fill_missing", group.clone(), csv, "x", &["1", "1", "3", "9", "6"]);
    // A group nobody knows anything of takes the overall median.
    check("fill_missing", group, "x,g\n1,a\n3,a\n,c\n", "x", &["1", "3", "2"]);
    let constant = |c: &str| of(&["x"]).with("method", "constant").with("constant", c);
    check("fill_missing", constant("7"), "x,y\n1,\n,\n", "x", &["1", "7"]);
    check(
        "fill_missing",
        of(&["g"]).with("method", "constant").with("constant", "unknown"),
        "g,x\nz,\n,\n",
        "g",
        &["z", "unknown"],
    );
    refused("fill_missing", constant("many"), "x,y\n1,\n,\n", "not a number");
    refused("fill_missing", constant(""), "x,y\n1,\n,\n", "constant");
    let leak = of(&["x"]).with("method", "group_median").with("group", "Response");
    refused("fill_missing", leak, "x,Response\n1,0\n,1\n", "leak");
}

#[test]
fn rows_are_dropped_only_for_the_reason_given() {
    check("drop_missing_rows", of(&["x"]), "x,y\n1,\n,2\n3,4\n", "x", &["1", "3"]);
    check("drop_missing_rows", Settings::new(), "x,y\n1,\n,2\n3,4\n", "x", &["3"]);
    refused("drop_missing_rows", Settings::new(), "x,y\n1,\n,2\n", "no rows would be left");
    check("drop_duplicates", Settings::new(), "ID,x\n1,5\n2,5\n1,5\n", "ID", &["1", "2"]);
    let without = Settings::new().with("ignore_identifiers", true);
    check("drop_duplicates", without, "ID,x\n1,5\n2,5\n3,6\n", "ID", &["1", "3"]);
    check("drop_duplicates", of(&["x"]), "ID,x\n1,\n2,\n3,6\n", "ID", &["1", "3"]);
}

#[test]
fn blank_results_are_none_where_an_export_writes_no_zero() {
    let ads =
        |rows: &str| table(TableKind::Ads, &format!("Impressions,Clicks,Spent,Approved_Conversion\n{rows}"));
    let wanted = |table: &Table| -> Vec<String> {
        let all = suggestions(table).into_iter().filter(|s| s.recommended);
        all.map(|s| s.title).filter(|t| t.contains("Approved_Conversion")).collect()
    };
    let blank = ads("100,5,1.5,1\n200,6,2,\n300,8,3,2\n150,3,1,\n120,4,2,3\n");
    assert_eq!(wanted(&blank), ["Fill Approved_Conversion with 0"]);
    let filled = suggested_way(&blank).table;
    assert_eq!((filled.n_rows(), filled.column("Approved_Conversion").unwrap().n_missing()), (5, 0));
    // Where some are 0, or the ad has not run, a blank is not known.
    let with_zero = ads("100,5,1.5,1\n200,6,2,\n300,8,3,0\n150,3,1,1\n120,4,2,3\n");
    assert_eq!(wanted(&with_zero), ["Drop rows without Approved_Conversion"]);
    let not_run = ads("100,5,1.5,1\n,,,\n300,8,3,2\n150,3,1,1\n120,4,2,3\n");
    assert_eq!(wanted(&not_run), ["Drop rows without Approved_Conversion"]);
}

#[test]
fn texts_and_levels_are_mended() {
    let column = |name: &str| Settings::new().with("column", name);
    check("trim_and_case", Settings::new(), "g,x\n a  b ,1\na b,2\n", "g", &["a b", "a b"]);
    check("trim_and_case", Settings::new().with("case", "title"), "g,x\nNEW york,1\n", "g", &["New York"]);
    check(
        "merge_spellings",
        column("g"),
        "g,x\nPhD,1\nphd,1\nPhD,1\nBa,1\n",
        "g",
        &["PhD", "PhD", "PhD", "Ba"],
    );
    let chosen = column("g").with("spellings", "a; b").with("into", "c");
    check("merge_spellings", chosen, "g,x\na,1\nb,1\nd,1\n", "g", &["c", "c", "d"]);
    check("rare_levels", of(&["g"]).with("share", 0.5), "g,x\na,1\na,1\nb,1\n", "g", &["a", "a", "Other"]);
    let parts = || column("g").with("separator", "_");
    check("split_column", parts(), "g,x\nDE_a_b,1\nFR,1\n", "g 1", &["DE", "FR"]);
    check("split_column", parts(), "g,x\nDE_a_b,1\nFR,1\n", "g 2", &["a_b", ""]);
    let dates = "Dt_Customer,x\n03-02-2014,1\n31-01-2014,1\n";
    check("date_parts", column("Dt_Customer"), dates, "Dt_Customer weekday", &["Mon", "Fri"]);
    let days = column("Dt_Customer").with("days_since", true);
    check("date_parts", days, dates, "Dt_Customer days since", &["0", "3"]);
    refused("date_parts", column("x"), dates, "dates");
    refused("rare_levels", of(&["x"]), dates, "categories");
}

#[test]
fn gaps_are_marked_and_filled_by_group_and_by_neighbours() {
    let csv = "g,Income,h\na,1,p\na,3,p\na,,\nb,9,q\n,,q\n";
    check("missing_indicator", of(&["Income"]), csv, "Income missing", &["no", "no", "yes", "no", "yes"]);
    let csv = csv.replace("g,", "gender,");
    let by = |method: &str, names: &[&str]| of(names).with("method", method).with("group", "gender");
    check(
        "fill_missing",
        by("group_mean", &["Income"]),
        &csv,
        "Income",
        &["1", "3", "2", "9", "4.333333333333333"],
    );
    check("fill_missing", by("group_mode", &["h"]), &csv, "h", &["p", "p", "p", "q", "q"]);
    let near = of(&["Income"]).with("by", vec!["Recency".to_owned()]).with("k", 1_i64);
    check("fill_from_neighbours", near, "Income,Recency\n5,1\n7,9\n,2\n", "Income", &["5", "7", "5"]);
    let leak = of(&["Income"]).with("by", vec!["Clicks".to_owned(), "Approved_Conversion".to_owned()]);
    refused("fill_from_neighbours", leak, "Income,Clicks,Approved_Conversion\n1,1,1\n,2,0\n", "outcome");
}

#[test]
fn columns_are_dropped() {
    check("drop_columns", of(&["y"]), "x,y\n1,2\n", "x", &["1"]);
    refused("drop_columns", of(&["x", "y"]), "x,y\n1,2\n", "no columns would be left");
    refused("drop_columns", of(&["z"]), "x,y\n1,2\n", "no column named “z”");
    refused("drop_columns", Settings::new(), "x,y\n1,2\n", "choose");
}

#[test]
fn outliers_are_flagged_or_pulled_back() {
    let csv = "x\n1\n2\n3\n4\n100\n";
    // Quartiles 2 and 4: fences −1 and 7.
    check("outliers", of(&["x"]), csv, "x outlier", &["no", "no", "no", "no", "yes"]);
    check("outliers", of(&["x"]).with("action", "winsorise"), csv, "x", &["1", "2", "3", "4", "7"]);
    refused("outliers", of(&["x"]).with("factor", 0.1), csv, "between 0.5 and 10");
}

#[test]
fn types_are_changed_with_what_it_costs_said_before() {
    let to = |name: &str| Settings::new().with("column", "x").with("type", name);
    let csv = "x\n1\ntwo\n\"\"\n3\n";
    check("change_type", to("number"), csv, "x", &["1", "", "", "3"]);
    check("change_type", to("text"), "x\n1\n2\n", "x", &["1", "2"]);
    check("change_type", to("boolean"), "x\n1\n0\n", "x", &["yes", "no"]);
    refused("change_type", Settings::new(), csv, "choose a column");
    let effect = |settings: Settings, csv: &str| {
        let step = recipe_step(StepCall::new("change_type", settings));
        apply(&table(TableKind::Other, csv), &step, LearnFrom::All, &Ctx::quiet(0)).unwrap().effect
    };
    let lost = effect(to("number"), csv);
    assert_eq!(lost.notes, ["1 value of x is not a number and becomes missing, such as “two”"]);
    assert_eq!((lost.n_rows, lost.n_cells, lost.is_idle), (1, 1, false));
    // A change of type alone is a change; none at all is not.
    assert!(!effect(to("category"), "x\n1\n2\n").is_idle);
    assert!(effect(to("number"), "x\n1\n2\n").is_idle);
    let emptied = effect(to("date"), "x\nred\nblue\n");
    assert_eq!(emptied.notes[0], "2 values of x are not dates and become missing, such as “red” and “blue”");
    assert_eq!(emptied.notes[1], "This empties x: no value is left in it");
}

#[test]
fn a_table_says_which_features_it_can_have_and_of_what() {
    let csv = "Clicks,Impressions\n1,10\n0,0\n";
    let found = features::standings(&table(TableKind::Ads, csv));
    let of = |slug: &str| found.iter().find(|s| s.slug == slug).unwrap();
    assert_eq!((of("ctr").takes.join(" "), &of("ctr").missing), ("Clicks Impressions".to_owned(), &None));
    assert_eq!(of("cpc").missing.as_deref(), Some("Cost per click (CPC) needs a column with the role Spend"));
    assert_eq!((of("bins").takes.len(), &of("bins").missing), (0, &None));
    let ordinal = StepCall::new("ordinal", Settings::new().with("column", "Education"));
    let people = table(TableKind::Other, "Education\nPhD\nBasic\n");
    assert_eq!(features::levels_to_order(&people, &ordinal), ["Basic", "PhD"]);
}

#[test]
fn a_step_that_would_do_nothing_says_so() {
    let idle = |slug: &str, settings: Settings, csv: &str| {
        let step = recipe_step(StepCall::new(slug, settings));
        apply(&table(TableKind::Other, csv), &step, LearnFrom::All, &Ctx::quiet(0)).unwrap().effect.is_idle
    };
    assert!(idle("fill_missing", Settings::new(), "x\n1\n2\n"));
    assert!(!idle("fill_missing", Settings::new(), "x,y\n1,2\n,2\n"));
    assert!(idle("drop_duplicates", Settings::new(), "x\n1\n2\n"));
    assert!(idle("sentinels_to_missing", Settings::new(), "x\n1\n2\n"));
    assert!(idle("outliers", of(&["x"]).with("action", "winsorise"), "x\n1\n2\n"));
    assert!(!idle("outliers", of(&["x"]), "x\n1\n2\n"));
}

#[test]
fn impossible_values_become_missing() {
    let range = of(&["x"]).with("range", vec![0.0, 10.0]);
    check("impossible_to_missing", range, "x\n-1\n5\n11\n", "x", &["", "5", ""]);
    check("impossible_to_missing", Settings::new(), "Recency,x\n-5,1\n7,1\n", "Recency", &["", "7"]);
    check(
        "impossible_to_missing",
        Settings::new(),
        "Year_Birth,x\n1899,1\n1950,1\n",
        "Year_Birth",
        &["", "1950"],
    );
    refused("impossible_to_missing", of(&["x"]).with("range", vec![3.0]), "x\n1\n", "two numbers");
}

#[test]
fn ratios_are_missing_where_undefined() {
    let csv = "Clicks,Impressions,Spent\n1,10,2\n0,0,0\n0,5,0\n";
    check("ctr", Settings::new(), csv, "CTR", &["0.1", "", "0"]);
    check("cpc", Settings::new(), csv, "CPC", &["2", "", ""]);
    let bought = "Clicks,Approved_Conversion\n4,1\n";
    check("click_conversion_rate", Settings::new(), bought, "Click conversion rate", &["0.25"]);
    refused("cost_per_purchase", Settings::new(), csv, "needs a column with the role Purchases");
    refused("ctr", Settings::new(), "Clicks,Impressions,CTR\n1,2,3\n", "already has a column named “CTR”");
}

#[test]
fn people_get_their_features() {
    let csv = "Kidhome,Teenhome,Marital_Status\n1,0,Menikah\n0,2,Lajang\n";
    check("family_size", Settings::new(), csv, "Family size", &["2", "3"]);
    check("family_size", Settings::new().with("adults", "marital_status"), csv, "Family size", &["3", "3"]);
    check(
        "recency_segment",
        Settings::new(),
        "Recency\n30\n31\n90\n91\n\"\"\n",
        "Recency segment",
        &["Recent", "Medium", "Medium", "Old", ""],
    );
    let csv = "NumWebPurchases,NumCatalogPurchases,NumStorePurchases\n1,1,0\n0,2,2\n0,0,0\n0,1,3\n";
    check(
        "channel_preference",
        Settings::new(),
        csv,
        "Channel preference",
        &["Web", "Catalog", "Web", "Store"],
    );
    let born = "Year_Birth,x\n1984,1\n1985,1\n1954,1\n,1\n2020,1\n";
    let at = Settings::new().with("reference_year", 2014_i64);
    check("age", at.clone(), born, "Age", &["30", "29", "60", "", ""]);
    check("age_group", at, born, "Age group", &["30-39", "<30", "60+", "", ""]);
    refused("age", Settings::new(), born, "give the reference year");
    let joined = "Dt_Customer\n01-01-2014\n02-12-2013\n01-12-2013\n";
    check("tenure", Settings::new(), joined, "Tenure (months)", &["0", "1", "1"]);
    let to = Settings::new().with("reference_date", "2014-01-31");
    check("tenure", to, joined, "Tenure (months)", &["1", "2", "2"]);
    refused("tenure", Settings::new().with("reference_date", "soon"), joined, "“soon” is not a date");
    check(
        "conversion_rate",
        Settings::new(),
        "Response,NumWebVisitsMonth,NumWebPurchases\n1,0,0\n1,3,1\n0,2,2\n",
        "Conversion rate",
        &["1", "0.25", "0"],
    );
    let csv = "Recency,NumWebPurchases,NumStorePurchases,MntA,MntB\n10,1,2,5,5\n40,0,0,1,1\n";
    check("rfm", Settings::new(), csv, "RFM recency", &["30", "0"]);
    check("rfm", Settings::new(), csv, "RFM frequency", &["3", "0"]);
    check(
        "spending_per_purchase",
        Settings::new(),
        &csv.replace("5,5", "6,6"),
        "Spending per purchase",
        &["4", ""],
    );
}

#[test]
fn numbers_and_categories_are_encoded() {
    let column = |name: &str| Settings::new().with("column", name);
    check(
        "bins",
        column("x").with("method", "edges").with("edges", vec![2.0, 4.0]),
        "x\n1\n2\n3.5\n4\n",
        "x group",
        &["under 2", "2 to under 4", "2 to under 4", "4 and over"],
    );
    check(
        "bins",
        column("x").with("count", 2_i64),
        "x\n1\n2\n3\n4\n",
        "x group",
        &["under 2.5", "under 2.5", "2.5 and over", "2.5 and over"],
    );
    check("one_hot", column("g"), "g,x\nb,1\na,1\n,1\n", "g: b", &["yes", "no", ""]);
    check("ordinal", column("g").with("order", "low;high"), "g\nhigh\nlow\nodd\n", "g code", &["1", "0", ""]);
    check("ordinal", column("g"), "g\n30-34\n100-110\n4-29\n", "g code", &["1", "2", "0"]);
    check("ordinal", column("g"), "g\n>65\n<18\n18-65\n", "g code", &["2", "0", "1"]);
    check("ordinal", column("g"), "g\nMedium\nhigh\nlow\n", "g code", &["1", "2", "0"]);
    check(
        "ordinal",
        column("g"),
        "g\nsmall\nX-large\nlarge\nmedium\n".replace("X-", "extra-").as_str(),
        "g code",
        &["0", "3", "2", "1"],
    );
    // The alphabet is no order, so it is asked for.
    refused("ordinal", column("g"), "g\nBasic\nMaster\nPhD\n2n Cycle\nGraduation\n", "put them in order");
    refused("ordinal", column("g"), "g\nF\nM\n", "put them in order");
    refused("ordinal", column("g"), "g\nlow\nlowest\nred\n", "put them in order");
    check(
        "frequency_encoding",
        column("g"),
        "g\na\na\nb\na\n",
        "g frequency",
        &["0.75", "0.75", "0.25", "0.75"],
    );
    check("scale", of(&["x"]).with("method", "min_max"), "x\n1\n3\n5\n", "x (min-max)", &["0", "0.5", "1"]);
    check(
        "scale",
        of(&["x"]).with("method", "robust"),
        "x\n1\n2\n3\n4\n5\n",
        "x (robust)",
        &["-1", "-0.5", "0", "0.5", "1"],
    );
    check("scale", of(&["x"]), "x\n1\n3\n", "x (standardised)", &["-1", "1"]);
    refused("scale", of(&["x"]), "x\n1\n1\n", "do not vary");
    check("log1p", of(&["x"]), "x\n0\n-1\n", "x (log)", &["0", ""]);
    check("gender_code", Settings::new(), "gender\nF\nM\nmale\n?\n", "Gender code", &["0", "1", "1", ""]);
}

// ------------------------------------------------------------------------------------------------------- recipes

#[test]
fn a_failed_step_loses_nothing_else() {
    let table = table(TableKind::Other, "x,y\n1,a\n,b\n");
    let call = |slug: &str, settings| RecipeStep::Clean(StepCall::new(slug, settings));
    let done = prepared(
        &table,
        vec![
            call("no_such_step", Settings::new()),
            call("drop_columns", of(&["gone"])),
            call("drop_columns", Settings::new().with("colums", vec!["x".to_owned()])),
            RecipeStep::Role { column: "gone".into(), role: Role::Income },
            call("fill_missing", of(&["x"])),
        ],
    );
    assert!(matches!(done.results[0], Err(StepError::Unknown { .. })));
    assert!(matches!(done.results[1], Err(StepError::Table(_))));
    assert!(matches!(done.results[2], Err(StepError::Knob(_))));
    assert!(matches!(done.results[3], Err(StepError::Table(_))));
    assert_eq!(done.results[4].as_ref().unwrap().n_cells, 1);
    assert_eq!(done.table.column("x").unwrap().cell_text(1), "1");
}

#[test]
fn kind_role_and_type_can_be_corrected() {
    let table = table(TableKind::Other, "x,y\n1,7\n2,b\n");
    let done = prepared(
        &table,
        vec![
            RecipeStep::Kind { kind: TableKind::Ads },
            RecipeStep::Role { column: "x".into(), role: Role::Clicks },
            RecipeStep::Type { column: "y".into(), column_type: ColumnType::Number },
            RecipeStep::Type { column: "x".into(), column_type: ColumnType::Category },
        ],
    );
    assert!(done.results.iter().all(Result::is_ok), "{:?}", done.results);
    assert_eq!(done.table.kind, TableKind::Ads);
    assert_eq!(done.table.column("x").unwrap().role, Role::Clicks);
    assert_eq!(done.table.column("x").unwrap().column_type(), ColumnType::Category);
    assert_eq!(done.table.column("y").unwrap().n_missing(), 1);
    let effect = done.results[2].as_ref().unwrap();
    assert_eq!((effect.n_rows, effect.n_cells), (1, 1));
    assert_eq!(effect.notes, ["1 value of y is not a number and becomes missing, such as “b”"]);
}

#[test]
fn columns_that_a_recipe_leaves_alone_are_shared_and_not_copied() {
    for table in tables() {
        let shared = |after: &Table| {
            let is_same = |c: &&Arc<Column>| {
                table.column(&c.name).is_ok_and(|before| Arc::ptr_eq(before, c) || before.role != c.role)
            };
            let left: Vec<_> = after.columns().iter().filter(|c| c.made_from.is_empty()).collect();
            left.iter().filter(|c| !is_same(c)).map(|c| c.name.clone()).collect::<Vec<_>>()
        };
        // Nothing is filled, nothing dropped: nothing may be copied.
        for call in ["sentinels_to_missing", "impossible_to_missing", "fill_missing", "drop_duplicates"] {
            let settings = match call {
                "sentinels_to_missing" => Settings::new().with("values", vec![-123_456.5]),
                _ => Settings::new(),
            };
            let step = recipe_step(StepCall::new(call, settings));
            let Ok(out) = apply(&table, &step, LearnFrom::All, &Ctx::quiet(1)) else { continue };
            if out.effect.n_cells == 0 {
                assert_eq!(shared(&out.table), Vec::<String>::new(), "{call}");
            }
        }
        // A step changes the columns it says and no others.
        let done = prepared(&table, features::recommended(&table).into_iter().map(recipe_step).collect());
        assert_eq!(shared(&done.table), Vec::<String>::new());
    }
}

#[test]
fn effects_tell_what_was_added_and_removed() {
    let table = table(TableKind::Other, "x,y\n1,7\n1,7\n2,8\n");
    let call = |slug: &str, settings| recipe_step(StepCall::new(slug, settings));
    let done = prepared(
        &table,
        vec![
            call("drop_duplicates", Settings::new()),
            call("log1p", of(&["x"])),
            call("drop_columns", of(&["y"])),
            call("log1p", of(&["x"])),
        ],
    );
    let effects: Vec<_> = done.results.iter().map(|r| r.as_ref().unwrap()).collect();
    assert_eq!((effects[0].rows_before, effects[0].rows_after), (3, 2));
    assert_eq!(effects[1].columns_added, ["x (log)"]);
    assert_eq!(effects[2].columns_removed, ["y"]);
    // The same feature again takes the place of its earlier self.
    assert!(effects[3].columns_added.is_empty());
    assert_eq!(done.table.n_columns(), 2);
    assert_eq!(done.table.row_ids(), [0, 2]);
}

#[test]
fn a_recipe_knows_whether_it_learns() {
    let with = |slug: &str, settings: Settings| {
        learns(&Recipe { steps: vec![recipe_step(StepCall::new(slug, settings))], ..Recipe::default() })
    };
    assert!(with("fill_missing", Settings::new()));
    assert!(!with("fill_missing", Settings::new().with("method", "constant").with("constant", "1")));
    assert!(with("sentinels_to_missing", Settings::new()));
    assert!(!with("sentinels_to_missing", Settings::new().with("values", vec![9999.0])));
    assert!(with("scale", Settings::new()));
    assert!(!with("ctr", Settings::new()));
    assert!(!learns(&Recipe::default()));
}

#[test]
fn a_reason_travels_with_its_step_and_changes_nothing_else() {
    let plain = StepCall::new("fill_missing", of(&["x"]));
    let told = StepCall { reason: Some("x is missing in 1 of 3 rows.".into()), ..plain.clone() };
    let recipe = |call: &StepCall| Recipe { steps: vec![recipe_step(call.clone())], ..Recipe::default() };
    assert_eq!(plain, told);
    assert_eq!(recipe(&plain).preparation(), recipe(&told).preparation());
    assert!(!recipe(&plain).to_json().contains("\"reason\""));
    for call in [plain, told] {
        let sent: StepCall = task::decode(&task::encode(&call)).unwrap();
        assert_eq!(sent.reason, call.reason);
        let stored = Recipe::from_json(&recipe(&call).to_json()).unwrap();
        let RecipeStep::Clean(stored) = &stored.steps[0] else { panic!("another step") };
        assert_eq!(stored.reason, call.reason);
    }
    for table in tables() {
        let way = cleaning::recommended(&table).into_iter().chain(features::recommended(&table));
        assert!(way.into_iter().all(|call| call.reason.is_some_and(|r| r.ends_with('.'))));
    }
}

#[test]
fn stopping_stops() {
    let stop = |_, _| false;
    let ctx = Ctx::new(1, &stop);
    let recipe = Recipe { steps: vec![RecipeStep::Kind { kind: TableKind::Ads }], ..Recipe::default() };
    let done = prepare(&small(), &recipe, LearnFrom::All, &ctx);
    assert_eq!(done.results[0], Err(StepError::Stopped));
}
