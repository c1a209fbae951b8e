//! Bins: a number in groups, at given edges or at quantiles of the rows to learn from.

use crate::engine::{
    context::Ctx,
    data::{column::Dictionary, distinct, table::Table},
    knobs::{Knob, KnobKind, Settings},
    numeric::describe::quantile,
    step::{LearnFrom, Outcome, Step, StepError, Suggestion},
    step_kit::{
        choice_knob, chosen, column_knob, learnt_values, made, numbers, ordered_category, py, py_list,
        py_numbers, py_series,
    },
    words::{brief, counted, decimals, rows_of},
};

/// Bins.
pub struct Bins;

impl Step for Bins {
    fn slug(&self) -> &'static str {
        "bins"
    }

    fn title(&self) -> &'static str {
        "Bins"
    }

    fn help(&self) -> &'static str {
        "Puts a number into groups, at edges you give or into groups of equal size."
    }

    fn knobs(&self) -> Vec<Knob> {
        vec![
            column_knob(true),
            choice_knob(
                "method",
                "Edges",
                "Groups of equal size are learnt from the data",
                &[("quantiles", "Groups of equal size"), ("edges", "Edges I give")],
                "quantiles",
            ),
            Knob::new(
                "count",
                "Groups",
                "How many groups of equal size",
                KnobKind::Integer { min: 2, max: 50 },
                4,
            )
            .only_with("method", &["quantiles"]),
            Knob::new(
                "edges",
                "My edges",
                "Where each group but the first starts",
                KnobKind::Numbers,
                Vec::<f64>::new(),
            )
            .only_with("method", &["edges"]),
            Knob::new("name", "Name", "Name of the new column; empty makes one", KnobKind::Text, ""),
        ]
    }

    fn learns(&self, settings: &Settings) -> bool {
        settings.text("method", "quantiles") == "quantiles"
    }

    fn suggest(&self, _: &Table) -> Vec<Suggestion> {
        Vec::new()
    }

    fn apply(
        &self,
        table: &Table,
        settings: &Settings,
        learn: LearnFrom<'_>,
        _: &Ctx<'_>,
    ) -> Result<Outcome, StepError> {
        let column = chosen(table, settings)?;
        let values = numbers(column)?;
        let edges = edges(settings, &values, &learn.rows(table));
        if edges.is_empty() {
            let reason = format!("there are no edges to bin “{}” at", column.name);
            return Err(StepError::Refused { reason });
        }
        let labels = labels(&edges);
        let code =
            |v: &f64| if v.is_nan() { Dictionary::MISSING } else { edges.partition_point(|e| e <= v) as u32 };
        let codes: Vec<u32> = values.iter().map(code).collect();
        let n_groups = labels.len() as u64;
        let name = name(settings, &column.name);
        let mut notes = Vec::new();
        if column.n_missing() > 0 {
            let rows = rows_of(column.n_missing() as u64);
            notes.push(format!("{name} is missing in {rows} without {}", column.name));
        }
        let sentence = format!("Added {name}: {} of {}", counted(n_groups, "group", "groups"), column.name);
        let made_column = ordered_category(&name, labels, codes).from_columns(&[column]);
        made(table, vec![made_column], sentence, notes)
    }

    fn python(&self, table: &Table, settings: &Settings) -> String {
        let source = settings.text("column", "column");
        let values = table.column(source).ok().and_then(|c| numbers(c).ok()).unwrap_or_default();
        let edges = edges(settings, &values, &LearnFrom::All.rows(table));
        format!(
            "df[{}] = pd.cut({}, [-np.inf, *{}, np.inf], right=False, labels={})",
            py(&name(settings, source)),
            py_series(source),
            py_numbers(&edges),
            py_list(&labels(&edges))
        )
    }
}

/// Where each group but the first starts: as given, or quantiles of the rows to learn from.
fn edges(settings: &Settings, values: &[f64], rows: &[u32]) -> Vec<f64> {
    let mut edges: Vec<f64> = if settings.text("method", "quantiles") == "edges" {
        settings.numbers("edges").to_vec()
    } else {
        let sorted = learnt_values(values, rows);
        let n = settings.integer("count", 4).max(2);
        (1..n).filter_map(|i| quantile(&sorted, i as f64 / n as f64)).collect()
    };
    edges.retain(|e| e.is_finite());
    distinct::sort(&mut edges);
    edges.dedup();
    edges
}

/// "under 2", "2 to under 4", "4 and over": every edge with the same number of decimals.
pub(super) fn labels(edges: &[f64]) -> Vec<String> {
    let Some((first, last)) = edges.first().zip(edges.last()) else { return vec!["all".into()] };
    let places = |v: &f64| brief(*v).split_once('.').map_or(0, |(_, rest)| rest.len());
    let n = edges.iter().map(places).max().unwrap_or(0);
    let word = |v: f64| if edges.iter().any(|e| brief(*e).contains('e')) { brief(v) } else { decimals(v, n) };
    let mut labels = vec![format!("under {}", word(*first))];
    labels.extend(edges.windows(2).map(|w| format!("{} to under {}", word(w[0]), word(w[1]))));
    labels.push(format!("{} and over", word(*last)));
    labels
}

fn name(settings: &Settings, source: &str) -> String {
    match settings.text("name", "").trim() {
        "" => format!("{source} group"),
        given => given.to_owned(),
    }
}
