//! The section on the exploration: findings, key figures, rates, columns, correlations.

use super::{
    Findings,
    blocks::{details, paragraph, section, several, table},
};
use crate::engine::{
    order::InOrder,
    report::{
        document::{Block, Section},
        record,
    },
    statistics::{
        claim::Grade,
        exploration::{
            ColumnStatistics, Correlation, Exploration, KpiRow, KpiTable, NumericStatistics, RateBySegment,
        },
    },
    words::{NOTHING, count, decimals, interval_of, number, p_cell, spell_out},
};

/// Findings that stand open; the others are folded away.
const CLAIMS: usize = 12;

pub(super) fn explore(exploration: &Exploration, findings: &Findings) -> Section {
    let of = |grade: Grade| exploration.claims.iter().filter(|c| c.grade == grade).count();
    let mut blocks = Vec::new();
    if exploration.claims.is_empty() {
        blocks.push(paragraph("There was nothing to compare in this table."));
    } else {
        blocks.push(paragraph(format!(
            "{}: {} supported, {} suggestive, {} where the data cannot tell. Each opens to the record it was made from; p is adjusted for the number of comparisons.",
            several(exploration.claims.len() as u64, "finding", "findings"),
            of(Grade::Supported),
            of(Grade::Suggestive),
            of(Grade::CannotTell)
        )));
    }
    let mut claims: Vec<Block> =
        exploration.claims.iter().cloned().map(|c| Block::Claim(Box::new(c))).collect();
    let more = claims.split_off(claims.len().min(CLAIMS));
    blocks.extend(claims);
    if !more.is_empty() {
        blocks.push(details(several(more.len() as u64, "more finding", "more findings"), more));
    }
    let currency = findings.table.currency.as_deref();
    if !exploration.kpis.is_empty() {
        blocks.push(Block::Heading("Key figures".to_owned()));
        blocks.extend(exploration.kpis.iter().map(|k| kpi_table(k, currency)));
    }
    if !exploration.rates.is_empty() {
        blocks.push(Block::Heading("Rates by group".to_owned()));
        for rate in &exploration.rates {
            rate_blocks(&mut blocks, rate);
        }
    }
    if !exploration.columns.is_empty() {
        blocks.push(Block::Heading("Columns".to_owned()));
        summaries(&mut blocks, &exploration.columns);
    }
    let correlations =
        exploration.correlations.iter().filter(|c| c.columns.len() > 1).map(|c| {
            details(format!("Correlations ({})", spell_out(&c.method)), vec![strongest(c), matrix(c)])
        });
    blocks.extend(correlations);
    section("explore", "Exploration", blocks)
}

fn kpi_table(kpi: &KpiTable, currency: Option<&str>) -> Block {
    let mut header = kpi.by.clone();
    header.push("Rows".to_owned());
    header.extend(kpi.columns.iter().map(|c| match c.unit.as_str() {
        "" | "%" => c.label.clone(),
        unit => format!("{} ({unit})", c.label),
    }));
    let columns: Vec<Vec<String>> = (0..kpi.columns.len()).map(|i| kpi_column(kpi, i)).collect();
    let rows = kpi.rows.iter().enumerate().map(|(r, row)| {
        let mut cells = row.labels.clone();
        if cells.is_empty() {
            cells.resize(kpi.by.len(), String::new());
            if let Some(first) = cells.first_mut() {
                "All".clone_into(first);
            }
        }
        cells.push(count(row.n_rows));
        cells.extend(columns.iter().filter_map(|c| c.get(r).cloned()));
        cells
    });
    let formulas = kpi.columns.iter().filter(|c| c.formula.contains('/'));
    let formulas: Vec<String> = formulas.map(|c| format!("{} = {}", c.label, c.formula)).collect();
    let in_currency = currency.map_or_else(String::new, |c| format!(" Money in {c}."));
    let has_few = kpi.rows.iter().any(|r| r.too_few.contains(&true));
    let few = if has_few { " In brackets: too little is behind the value to compare it." } else { "" };
    Block::Table {
        caption: {
            let by = if kpi.by.is_empty() {
                "All rows".to_owned()
            } else {
                format!("By {}", kpi.by.join(" and "))
            };
            let ratios = if formulas.is_empty() {
                String::new()
            } else {
                format!(" Ratios of sums, not means of row ratios: {}.", formulas.join("; "))
            };
            format!("{by}.{ratios}{in_currency}{few}")
        },
        header,
        rows: rows.collect(),
    }
}

/// The cells of one key figure, with equal decimals; what rests on too little stands in brackets, what is undefined says why.
fn kpi_column(kpi: &KpiTable, index: usize) -> Vec<String> {
    let show = kpi.show(index, false);
    let cell = |row: &KpiRow| match row.values.get(index).copied().flatten() {
        Some(v) if row.is_too_few(index) => format!("({})", show(v)),
        Some(v) => show(v),
        None => row.notes.get(index).cloned().flatten().unwrap_or_else(|| NOTHING.to_owned()),
    };
    kpi.rows.iter().map(cell).collect()
}

fn rate_blocks(blocks: &mut Vec<Block>, rate: &RateBySegment) {
    let show = |v: f64| rate.show(v);
    let per = match (rate.per, rate.exposure.as_str()) {
        (1.0, exposure) => format!("{} / {exposure}", rate.outcome),
        (per, exposure) => format!("{} per {} {exposure}", rate.outcome, number(per)),
    };
    let rows = rate.levels.iter().map(|level| {
        vec![
            level.label.clone(),
            count(level.n_rows),
            number(level.exposure),
            number(level.outcome),
            level.rate.map_or_else(|| NOTHING.to_owned(), show),
            level.interval.map_or_else(|| NOTHING.to_owned(), |i| interval_of(i, show)),
            if level.too_few { "too few for a claim".to_owned() } else { String::new() },
        ]
    });
    let exposure = spell_out(&rate.exposure);
    blocks.push(table(
        &format!(
            "{per}, by {}; overall {}",
            rate.segment,
            rate.overall.map_or_else(|| NOTHING.to_owned(), show)
        ),
        &[&rate.segment, "Rows", &exposure, &rate.outcome, "Rate", "95 % interval", "Note"],
        rows.collect(),
    ));
    match (&rate.caution, &rate.test) {
        (Some(caution), _) => blocks.push(paragraph(caution.clone())),
        (None, Some(t)) => {
            let mut text = record::named_test(t);
            if let Some(p) = t.p_holm {
                text += &format!("; Holm p {}", p_cell(p));
            }
            if let Some(p) = t.p_bh {
                text += &format!("; Benjamini-Hochberg p {}", p_cell(p));
            }
            if let Some(d) = t.dispersion {
                text += &format!("; dispersion {}", number(d));
            }
            if let Some((name, value)) = &t.effect {
                text += &format!("; {name} {}", number(*value));
            }
            let remark = rate.remark.as_ref().map_or_else(String::new, |r| format!(" {r}"));
            blocks.push(paragraph(format!("{text}. {}.{remark}", t.why.trim_end_matches('.'))));
        }
        (None, None) => blocks.push(paragraph("No test could be made.")),
    }
}

fn summaries(blocks: &mut Vec<Block>, columns: &[ColumnStatistics]) {
    let numeric: Vec<_> = columns.iter().filter_map(|c| Some((c, c.numeric.as_ref()?))).collect();
    let row = |(c, n): &(&ColumnStatistics, &NumericStatistics)| {
        let counts = [c.name.clone(), count(c.count), count(c.missing)];
        counts.into_iter().chain(n.in_words()).chain([count(n.outliers)]).collect()
    };
    let numbers: Vec<Vec<String>> = numeric.iter().map(row).collect();
    if !numbers.is_empty() {
        let header = [
            "Column",
            "n",
            "Missing",
            "Mean",
            "SD",
            "Min",
            "Q1",
            "Median",
            "Q3",
            "Max",
            "Skew",
            "Outside fences",
        ];
        blocks.push(details(
            several(numbers.len() as u64, "numeric column", "numeric columns"),
            vec![table(
                "Numeric columns; outside fences: beyond 1.5 quartile ranges of the quartiles",
                &header,
                numbers,
            )],
        ));
    }
    let others: Vec<Vec<String>> = columns.iter().filter(|c| c.numeric.is_none()).map(other_row).collect();
    if !others.is_empty() {
        let header = ["Column", "n", "Missing", "Distinct", "Most frequent"];
        blocks.push(details(
            several(others.len() as u64, "other column", "other columns"),
            vec![table("Categories, dates, yes/no and text", &header, others)],
        ));
    }
}

fn other_row(c: &ColumnStatistics) -> Vec<String> {
    let top: Vec<String> = c.top.iter().take(5).map(|(v, n)| format!("{v} ({})", count(*n))).collect();
    vec![c.name.clone(), count(c.count), count(c.missing), count(c.unique), top.join(", ")]
}

/// The ten strongest pairs.
fn strongest(correlation: &Correlation) -> Block {
    let mut pairs: Vec<(&str, &str, f64)> = Vec::new();
    for (i, row) in correlation.values.iter().enumerate() {
        for (j, value) in row.iter().enumerate().skip(i + 1) {
            if let (Some(v), Some(a), Some(b)) =
                (value, correlation.columns.get(i), correlation.columns.get(j))
            {
                pairs.push((a, b, *v));
            }
        }
    }
    // A stable sort: equal pairs stay in the order of the columns.
    pairs.order_by(|a, b| b.2.abs().total_cmp(&a.2.abs()));
    let rows = pairs.iter().take(10).map(|(a, b, v)| vec![(*a).to_owned(), (*b).to_owned(), decimals(*v, 3)]);
    table("The ten strongest pairs", &["Column", "Column", "Correlation"], rows.collect())
}

fn matrix(correlation: &Correlation) -> Block {
    let mut header = vec![String::new()];
    header.extend(correlation.columns.iter().cloned());
    let rows = correlation.columns.iter().zip(&correlation.values).map(|(name, values)| {
        let mut cells = vec![name.clone()];
        cells.extend(values.iter().map(|v| v.map_or_else(|| NOTHING.to_owned(), |v| decimals(v, 2))));
        cells
    });
    Block::Table { caption: "All pairs".to_owned(), header, rows: rows.collect() }
}
