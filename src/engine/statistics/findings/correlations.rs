//! Pairs of columns that say nearly the same, or else the strongest relation there is.

use crate::engine::{
    data::{column::Values, table::Table},
    order::InOrder,
    words::{self, count, decimals},
};

use super::{Found, slug};
use crate::engine::statistics::{
    claim::{Claim, Grade, Record, TestRecord},
    correlation::{correlation_test, is_derived},
    exploration::Correlation,
};

/// From this r on, two columns say nearly the same.
const NEARLY_THE_SAME: f64 = 0.9;
/// A relation weaker than this is not worth a sentence.
const LEAST: f64 = 0.1;
const MOST_CLAIMS: usize = 3;

/// A pair of columns by their places, and its r.
type Pair = (usize, usize, f64);

/// So close to 1 is rounding.
const EXACT: f64 = 1e-12;

/// Claims of the strongest pairs, none of which is computed from the other.
pub(super) fn claims(found: &Found) -> Vec<Claim> {
    let Some(pearson) = found.correlations.first() else { return Vec::new() };
    let (pairs, derived) = pairs(found.table, pearson);
    let strongest = |least: f64| -> Vec<Pair> {
        pairs.iter().copied().filter(|p| p.2.abs() >= least).take(MOST_CLAIMS).collect()
    };
    let same = strongest(NEARLY_THE_SAME);
    let chosen = if same.is_empty() { strongest(LEAST) } else { same };
    let mut notes = vec![format!(
        "Among the strongest of {} pairs; p is multiplied by that many (Bonferroni; Holm’s is never larger).",
        pairs.len()
    )];
    if !derived.is_empty() {
        notes.push(format!("Left out, one being computed from the other: {}.", words::list_some(&derived)));
    }
    chosen.into_iter().filter_map(|pair| claim(found, pair, pairs.len() as u64, &notes)).collect()
}

/// Pairs by strength, and the names of the strong ones that are so by making.
fn pairs(table: &Table, pearson: &Correlation) -> (Vec<Pair>, Vec<String>) {
    let mut pairs: Vec<Pair> = Vec::new();
    let mut derived: Vec<Pair> = Vec::new();
    for (i, row) in pearson.values.iter().enumerate() {
        for (j, value) in row.iter().enumerate().take(i) {
            let Some(r) = *value else { continue };
            if is_derived(table, &pearson.columns[j], &pearson.columns[i], r) {
                derived.push((j, i, r));
            } else {
                pairs.push((j, i, r));
            }
        }
    }
    let by_strength = |a: &Pair, b: &Pair| b.2.abs().total_cmp(&a.2.abs()).then((a.0, a.1).cmp(&(b.0, b.1)));
    pairs.order_by(by_strength);
    derived.order_by(by_strength);
    let name = |&(j, i, _): &Pair| format!("{} with {}", pearson.columns[i], pearson.columns[j]);
    let derived = derived.iter().filter(|p| p.2.abs() >= 0.5).map(name).collect();
    (pairs, derived)
}

fn claim(found: &Found, (i, j, r): Pair, n_pairs: u64, notes: &[String]) -> Option<Claim> {
    let [pearson, rest @ ..] = found.correlations else { return None };
    let (a, b) = (&pearson.columns[i], &pearson.columns[j]);
    let n = both(found.table, a, b);
    let (t, p, interval) = correlation_test(r, n)?;
    // Where one is told exactly by the other there is nothing to test.
    let is_exact = 1.0 - r.abs() < EXACT;
    let mut notes = notes.to_vec();
    if let Some(first) = notes.first_mut().filter(|_| is_exact) {
        "One is told exactly by the other: nothing is left to test.".clone_into(first);
    }
    let rank = rest.first().and_then(|s| s.values[i][j]);
    // Bonferroni's: Holm's, for which every pair would have to be tested, is never larger.
    let p_holm = (p * n_pairs as f64).min(1.0);
    let header = ["Columns", "Pearson r", "Spearman r", "n"].map(str::to_owned).to_vec();
    Some(Claim {
        id: format!("correlation.{}.{}", slug(a), slug(b)),
        topic: format!("{a} and {b}"),
        sentence: sentence(a, b, r, n),
        grade: if p_holm < 0.05 {
            Grade::Supported
        } else if p < 0.05 {
            Grade::Suggestive
        } else {
            Grade::CannotTell
        },
        record: Record {
            estimand: format!("Pearson correlation of {a} and {b}"),
            estimate: Some(r),
            interval: (!is_exact).then_some(interval),
            level: (!is_exact).then_some(0.95),
            interval_method: (!is_exact).then(|| "Fisher's z".to_owned()),
            n,
            test: (!is_exact).then(|| TestRecord {
                name: "t of a correlation".to_owned(),
                why: "Two quantities measured on the same rows".to_owned(),
                symbol: "t".to_owned(),
                statistic: t,
                dof: vec![n as f64 - 2.0],
                p,
                p_holm: Some(p_holm),
                p_bh: None,
                n_tests: Some(n_pairs),
                dispersion: None,
                effect: Some(("r".to_owned(), r)),
            }),
            rows: format!("{} rows with both values", count(n)),
            notes,
            table: vec![
                header,
                vec![
                    format!("{a}, {b}"),
                    decimals(r, 3),
                    rank.map_or(String::new(), |v| decimals(v, 3)),
                    count(n),
                ],
            ],
            ..Record::default()
        },
    })
}

fn sentence(a: &str, b: &str, r: f64, n: u64) -> String {
    if r.abs() >= NEARLY_THE_SAME {
        return format!(
            "{} and {b} say nearly the same (r = {}): use one of them, or expect their effects to be inseparable.",
            words::opening(a),
            decimals(r, 3)
        );
    }
    let (how, tail) = if r > 0.0 { ("rises with", "") } else { ("falls as", " rises") };
    format!(
        "{} {how} {a}{tail} (r = {}, n = {}): among the strongest linear relations in the file.",
        words::opening(b),
        decimals(r, 2),
        count(n)
    )
}

fn both(table: &Table, a: &str, b: &str) -> u64 {
    match (table.column(a), table.column(b)) {
        (Ok(a), Ok(b)) => match (&a.values, &b.values) {
            (Values::Number(x), Values::Number(y)) => {
                x.iter().zip(y).filter(|(x, y)| !x.is_nan() && !y.is_nan()).count() as u64
            }
            _ => 0,
        },
        _ => 0,
    }
}
