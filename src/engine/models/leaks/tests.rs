//! Each kind of sign on a case where it must speak and one where it must not; what fires on real files and samples.

use super::*;
use crate::engine::{
    context::Ctx,
    data::{
        column::Values,
        reader::{ReadOptions, Reader},
        role::{Role, TableKind},
        sample,
    },
    models::{choices, plan::Standing},
    testing::shared,
};

const N: usize = 400;

fn number(name: &str, values: Vec<f64>) -> Column {
    Column::number(name, Role::Number, values)
}

/// Independent draws, uniform between two numbers.
fn draws(stream: u64, low: f64, high: f64) -> Vec<f64> {
    let mut rng = Ctx::quiet(3).rng(stream);
    (0..N).map(|_| low + (high - low) * rng.unit()).collect()
}

fn whole(values: Vec<f64>) -> Vec<f64> {
    values.into_iter().map(f64::round).collect()
}

fn cents(values: Vec<f64>) -> Vec<f64> {
    values.into_iter().map(|v| (v * 100.0).round() / 100.0).collect()
}

fn zip(a: &[f64], b: &[f64], f: impl Fn(f64, f64) -> f64) -> Vec<f64> {
    a.iter().zip(b).map(|(&a, &b)| f(a, b)).collect()
}

fn table(columns: Vec<Column>) -> Table {
    Table::new(TableKind::Other, columns).unwrap()
}

/// The first column is the target; what is blocked, what is warned of.
fn found(columns: Vec<Column>) -> Vec<Sign> {
    let target = columns[0].name.clone();
    signs(&table(columns), &target, &[], |c| c.role != Role::Identifier).unwrap()
}

#[track_caller]
fn check(columns: Vec<Column>, expected: &[(&str, Weight, &str)]) {
    let found = found(columns);
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for ((column, weight, words), sign) in expected.iter().zip(&found) {
        assert_eq!((*column, *weight), (sign.column.as_str(), sign.weight), "{found:#?}");
        assert!(sign.reason.contains(words), "{} does not say {words}", sign.reason);
    }
}

#[test]
fn a_ratio_of_two_columns_is_found_in_its_rounded_values() {
    let clicks = whole(draws(0, 0.0, 300.0));
    let spent = cents(zip(&clicks, &draws(1, 0.8, 1.9), |c, p| c * p));
    let cpc = cents(zip(&spent, &clicks, |s, c| if c == 0.0 { f64::NAN } else { s / c }));
    let ctr =
        |scale: f64| cents(zip(&clicks, &spent, |c, s| if s == 0.0 { f64::NAN } else { scale * c / s }));
    let n = cpc.iter().filter(|v| !v.is_nan()).count();
    let evidence = format!("Spent / Clicks equals CPC in {n} of {n} rows");
    let three =
        || (number("CPC", cpc.clone()), number("Clicks", clicks.clone()), number("Spent", spent.clone()));
    let (a, b, c) = three();
    check(
        vec![a, b, c],
        &[("Clicks", Weight::Blocks, &evidence), ("Spent", Weight::Blocks, "with Clicks it gives CPC away")],
    );
    // The target went into the ratio: the ratio goes, what it was divided by stays.
    let (a, b, c) = three();
    check(vec![c, b, a], &[("CPC", Weight::Blocks, "it holds Spent")]);
    // In percent.
    let per_cent = number("Rate", ctr(100.0));
    let (_, b, c) = three();
    let found = found(vec![per_cent, b, c]);
    assert!(found[0].reason.contains("100 × Clicks / Spent equals Rate"), "{found:#?}");
}

#[test]
fn products_sums_and_differences_are_found_and_likenesses_are_not() {
    let (a, b) = (cents(draws(0, 1.0, 50.0)), whole(draws(1, 2.0, 30.0)));
    let check_of = |y: Vec<f64>, words: &str| {
        check(
            vec![number("y", y), number("a", a.clone()), number("b", b.clone())],
            &[("a", Weight::Blocks, words), ("b", Weight::Blocks, words)],
        );
    };
    check_of(zip(&a, &b, |a, b| a * b), "a × b equals y in 400 of 400 rows");
    check_of(zip(&a, &b, |a, b| a + b), "a + b equals y");
    // y is what is left of a: a holds it.
    let left = zip(&a, &b, |a, b| a - b);
    check(
        vec![number("y", left), number("a", a.clone()), number("b", b.clone())],
        &[("a", Weight::Blocks, "y + b equals a")],
    );
    let noisy = zip(&zip(&a, &b, |a, b| a * b), &draws(2, 0.8, 1.2), |p, e| p * e);
    let noisy = found(vec![number("y", noisy), number("a", a.clone()), number("b", b.clone())]);
    assert!(noisy.iter().all(|s| s.weight == Weight::Warns), "{noisy:#?}");
    // Yes and no satisfy products by themselves.
    let flag = |stream| draws(stream, 0.0, 1.0).into_iter().map(|v| f64::from(v > 0.8)).collect::<Vec<f64>>();
    let both = zip(&flag(4), &flag(5), |a, b| a * b);
    check(vec![number("y", flag(4)), number("a", flag(5)), number("both", both)], &[]);
}

#[test]
fn totals_and_their_parts_are_found() {
    let parts: Vec<Vec<f64>> = (0..4).map(|s| whole(draws(s, 0.0, 90.0))).collect();
    let sum: Vec<f64> = (0..N).map(|i| parts.iter().map(|p| p[i]).sum()).collect();
    let names = ["wine", "fish", "meat", "gold"];
    let part = |i: usize| number(names[i], parts[i].clone());
    let all = vec![number("total", sum.clone()), part(0), part(1), part(2), part(3)];
    let evidence = "wine + fish + meat + gold equals total in 400 of 400 rows";
    check(all, &names.map(|n| (n, Weight::Blocks, evidence)));
    // A part is given away by the total alone.
    let of_part = vec![part(0), part(1), part(2), part(3), number("total", sum)];
    check(of_part, &[("total", Weight::Blocks, "total − fish − meat − gold equals wine")]);
}

#[test]
fn a_bound_that_holds_is_told_only_where_it_could_have_been_broken() {
    let enquiries = whole(draws(0, 0.0, 12.0));
    let purchases = whole(zip(&enquiries, &draws(1, 0.0, 1.0), |e, s| e * s));
    let large = whole(draws(2, 1000.0, 9000.0));
    let two = vec![
        number("purchases", purchases.clone()),
        number("enquiries", enquiries.clone()),
        number("large", large),
    ];
    check(two, &[("enquiries", Weight::Warns, "purchases is never above enquiries, in 400 of 400 rows")]);
    check(
        vec![number("enquiries", enquiries.clone()), number("purchases", purchases.clone())],
        &[("purchases", Weight::Warns, "purchases is never above enquiries")],
    );
    // Clicks never exceed impressions, and are to be predicted from them.
    let funnel = vec![
        Column::number("clicks", Role::Clicks, purchases),
        Column::number("impressions", Role::Impressions, enquiries),
    ];
    check(funnel, &[]);
}

#[test]
fn one_column_that_tells_nearly_all_is_warned_of() {
    let x = draws(0, -3.0, 3.0);
    let curved = zip(&x, &draws(1, -0.1, 0.1), |x, e| x * x + e);
    check(
        vec![number("y", curved), number("x", x.clone())],
        &[("x", Weight::Warns, "of the spread of y in rows held out")],
    );
    let weak = zip(&x, &draws(1, -2.0, 2.0), |x, e| x + e);
    check(vec![number("y", weak), number("x", x)], &[]);
    let levels: Vec<&str> = (0..N).map(|i| ["a", "b", "c"][i * 7 % 3]).collect();
    let level =
        Column::category("level", Role::Category, &levels.iter().map(|l| Some(*l)).collect::<Vec<_>>());
    let by_level =
        levels.iter().zip(draws(2, 0.0, 0.3)).map(|(l, e)| f64::from(l.as_bytes()[0]) + e).collect();
    check(vec![number("y", by_level), level], &[("level", Weight::Warns, "Alone it explains 98")]);
}

#[test]
fn counters_act_as_identifiers_and_quantities_do_not() {
    let y = draws(0, 0.0, 1.0);
    let counter: Vec<f64> = (0..N).map(|i| 1000.0 + 3.0 * i as f64).collect();
    let mut shuffled: Vec<f64> = (0..N).map(|i| i as f64).collect();
    Ctx::quiet(1).rng(8).shuffle(&mut shuffled);
    let scattered = whole(draws(2, 1e6, 9e8));
    check(
        vec![
            number("y", y),
            number("row", counter),
            number("mixed", shuffled),
            number("customer_id", scattered.clone()),
            number("amount", scattered),
        ],
        &[
            ("row", Weight::Blocks, "they follow the order of the rows"),
            (
                "mixed",
                Weight::Blocks,
                "400 different whole numbers in 400 rows, and they count without large gaps",
            ),
            ("customer_id", Weight::Blocks, "its name says"),
        ],
    );
}

/// The mean of the target by group: plain, smoothed, own row left out.
#[test]
fn encodings_by_the_target_are_found() {
    let y: Vec<f64> = draws(0, 0.0, 1.0).into_iter().map(|v| f64::from(v > 0.7)).collect();
    let group: Vec<usize> = draws(1, 0.0, 11.99).into_iter().map(|v| v as usize).collect();
    let (mut n, mut sum) = ([0.0; 12], [0.0; 12]);
    group.iter().zip(&y).for_each(|(&g, y)| {
        n[g] += 1.0;
        sum[g] += y;
    });
    let overall = sum.iter().sum::<f64>() / N as f64;
    let plain: Vec<f64> = group.iter().map(|&g| sum[g] / n[g]).collect();
    let smooth: Vec<f64> = group.iter().map(|&g| (sum[g] + 10.0 * overall) / (n[g] + 10.0)).collect();
    let left: Vec<f64> = group.iter().zip(&y).map(|(&g, y)| (sum[g] - y) / (n[g] - 1.0)).collect();
    let names: Vec<String> = group.iter().map(|g| format!("city {g}")).collect();
    let city = || {
        let rows: Vec<Option<&str>> = names.iter().map(|n| Some(n.as_str())).collect();
        Column::category("city", Role::Category, &rows)
    };
    let target = || number("y", y.clone());
    let says = |words: &'static str| [("x", Weight::Blocks, words)];
    check(
        vec![target(), city(), number("x", plain.clone())],
        &says("the mean of y by city in 400 of 400 rows"),
    );
    check(
        vec![target(), city(), number("x", smooth)],
        &says("by city, drawn towards the overall mean, in 400"),
    );
    check(vec![target(), city(), number("x", left)], &says("by city, its own row left out, in 400"));
    // Without the category it was made from.
    check(vec![target(), number("x", plain)], &says("exactly that y on average"));
    // The mean of something else, or from other rows, is none.
    let other: Vec<f64> = group.iter().map(|&g| 0.2 + 0.02 * g as f64).collect();
    check(vec![target(), city(), number("x", other)], &[]);
}

#[test]
fn missing_cells_and_few_rows_raise_no_alarm() {
    let holes = |stream| {
        let mut v = draws(stream, 0.0, 9.0);
        v.iter_mut().step_by(3).for_each(|v| *v = f64::NAN);
        v
    };
    check(vec![number("y", holes(0)), number("a", holes(1)), number("b", holes(2))], &[]);
    let few = |stream: u64| draws(stream, 0.0, 9.0)[..4].to_vec();
    check(vec![number("y", few(0)), number("a", few(1)), number("b", few(2)), number("c", few(3))], &[]);
    let gone = Column { values: Values::Number(vec![f64::NAN; N]), ..number("gone", Vec::new()) };
    check(vec![number("y", draws(0, 0.0, 1.0)), gone], &[]);
}

#[test]
fn a_large_table_is_looked_at_by_sample_and_confirmed_whole() {
    let n = 30_000_u32;
    let mut rng = Ctx::quiet(5).rng(0);
    let a: Vec<f64> = (0..n).map(|_| f64::from(rng.below(1000)) + 2.0).collect();
    let b: Vec<f64> = (0..n).map(|_| f64::from(rng.below(1000)) + 2.0).collect();
    let product = zip(&a, &b, |a, b| a * b);
    let of = |y: Vec<f64>| {
        let columns = vec![number("y", y), number("a", a.clone()), number("b", b.clone())];
        signs(&table(columns), "y", &[], |_| true).unwrap()
    };
    assert!(of(product.clone())[0].reason.contains("a × b equals y in 30,000 of 30,000 rows"));
    // Right in the sampled rows alone.
    let known: Vec<u32> = (0..n).collect();
    let mut wrong = product.clone();
    wrong.iter_mut().for_each(|v| *v += 7.5);
    for row in strips(&known) {
        wrong[row as usize] = product[row as usize];
    }
    assert!(of(wrong).iter().all(|s| s.weight == Weight::Warns));
}

fn read(bytes: &[u8]) -> Table {
    let mut reader = Reader::new("table.csv", ReadOptions::default());
    reader.push(bytes).unwrap();
    reader.finish().unwrap().table
}

/// What is said of a file for a target: column, standing and reason of all but plain and unusable ones.
fn said(table: &Table, target: &str) -> Vec<(String, &'static str, String)> {
    let candidates = choices::candidates(table, target, &[], &[]).unwrap();
    candidates
        .into_iter()
        .filter(|c| {
            !matches!(c.standing, Standing::Used | Standing::Unusable { .. } | Standing::Aside { .. })
        })
        .map(|c| (c.column.clone(), c.standing.slug(), c.standing.reason().unwrap_or_default().to_owned()))
        .collect()
}

#[test]
#[ignore = "prints what fires on real files and samples, to be judged by a person"]
fn survey() {
    let mut tables = vec![
        ("sample ads", read(sample::ads(42, 1000).as_bytes())),
        ("sample customers", read(sample::customers(42, 2000).as_bytes())),
    ];
    for name in ["KAG_conversion_data.csv", "marketing_campaign_data.csv"] {
        let Some(path) = shared(&format!("data/{name}")) else { continue };
        tables.push((name, read(&std::fs::read(path).unwrap())));
    }
    for (name, table) in &tables {
        let targets = choices::choices(table, None, &[], &[], 1).unwrap().targets;
        for target in targets {
            for (column, standing, reason) in said(table, &target) {
                println!("{name} | {target} | {column} | {standing} | {reason}");
            }
        }
    }
}
