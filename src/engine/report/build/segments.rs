//! The section on the segments.

use super::blocks::{details, notes, paragraph, section, table};
use crate::engine::{
    report::document::{Block, Section},
    segments::segmentation::Segmentation,
    words::{MASKED, NOTHING, alike, count, counted, decimals, interval_of, number, percent, rows_of},
};

pub(super) fn segments(segmentation: &Segmentation) -> Section {
    let mut blocks = vec![paragraph(segmentation.why_k.clone()), paragraph(how_made(segmentation))];
    blocks.extend(segmentation.claims.iter().cloned().map(|c| Block::Claim(Box::new(c))));
    blocks.push(sweep(segmentation));
    blocks.push(Block::Heading("Who is in each segment".to_owned()));
    blocks.push(Block::List(
        segmentation.segments.iter().map(|s| format!("{}. {}", s.name, s.sentence)).collect(),
    ));
    blocks.push(profile(segmentation));
    blocks.extend(rates(segmentation));
    blocks.extend(axes(segmentation));
    notes(&mut blocks, "What to know about these segments", &segmentation.notes);
    section("segments", "Segments", blocks)
}

fn how_made(segmentation: &Segmentation) -> String {
    let plan = &segmentation.plan;
    let filled = match segmentation.n_filled {
        0 => String::new(),
        n => format!(
            " {} filled with the column's median.",
            counted(n, "row with missing values was", "rows with missing values were")
        ),
    };
    format!(
        "k-means of {} on {}, {} starts for every k from {} to {}, seed {}. Scaling: {}.{filled}",
        rows_of(segmentation.n_rows),
        counted(plan.columns.len() as u64, "column", "columns"),
        plan.starts,
        plan.k_min,
        plan.k_max,
        plan.seed,
        plan.scaling.label()
    )
}

/// One row a k.
fn sweep(segmentation: &Segmentation) -> Block {
    let points = &segmentation.sweep;
    let columns = [
        alike(&points.iter().map(|p| Some(p.inertia)).collect::<Vec<_>>()),
        alike(&points.iter().map(|p| p.silhouette).collect::<Vec<_>>()),
        alike(&points.iter().map(|p| p.davies_bouldin).collect::<Vec<_>>()),
        alike(&points.iter().map(|p| p.calinski_harabasz).collect::<Vec<_>>()),
        alike(&points.iter().map(|p| p.stability).collect::<Vec<_>>()),
    ];
    let rows = points.iter().enumerate().map(|(i, p)| {
        let mut k = p.k.to_string();
        if p.k == segmentation.k {
            k += " (chosen)";
        }
        if p.k == segmentation.recommended_k {
            k += " (recommended)";
        }
        let mut cells = vec![k];
        cells.extend(columns.iter().filter_map(|c| c.get(i).cloned()));
        cells.push(match p.sizes.as_slice() {
            [] => MASKED.to_owned(),
            sizes => sizes.iter().map(|n| count(*n)).collect::<Vec<_>>().join(", "),
        });
        cells
    });
    table(
        "How many segments: silhouette and stability are better when higher, Davies-Bouldin when lower",
        &["k", "Inertia", "Silhouette", "Davies-Bouldin", "Calinski-Harabasz", "Stability", "Sizes"],
        rows.collect(),
    )
}

/// One row a column, one column a segment.
fn profile(segmentation: &Segmentation) -> Block {
    let mut header = vec!["Column".to_owned(), "All".to_owned()];
    header.extend(segmentation.segments.iter().map(|s| format!("Segment {}", s.index + 1)));
    let mut sizes = vec!["Rows".to_owned(), count(segmentation.n_rows)];
    sizes.extend(segmentation.segments.iter().map(|s| format!("{} ({})", count(s.n), percent(s.share))));
    let mut rows = vec![sizes];
    for (i, column) in segmentation.profile_columns.iter().enumerate() {
        let mut means = vec![segmentation.overall_means.get(i).copied().flatten()];
        means.extend(segmentation.segments.iter().map(|s| s.means.get(i).copied().flatten()));
        let mut cells = vec![column.clone()];
        cells.extend(alike(&means));
        rows.push(cells);
    }
    Block::Table { caption: "Means in original units".to_owned(), header, rows }
}

/// How often each segment responds, where there is an outcome.
fn rates(segmentation: &Segmentation) -> Option<Block> {
    let rows: Vec<Vec<String>> = segmentation
        .segments
        .iter()
        .filter_map(|s| {
            let r = s.response?;
            Some(vec![
                s.name.clone(),
                count(r.n),
                number(r.responses),
                percent(r.rate),
                interval_of(r.interval, percent),
                percent(r.expected),
                interval_of(r.expected_interval, percent),
            ])
        })
        .collect();
    if rows.is_empty() {
        return None;
    }
    let outcome = segmentation.plan.outcome.as_deref().unwrap_or("outcome");
    let overall = segmentation.overall_rate.map_or_else(String::new, |r| format!(", overall {}", percent(r)));
    Some(table(
        &format!(
            "Rate of {outcome} by segment{overall}; expected on re-test: drawn towards the overall rate, because the best of several segments is overestimated"
        ),
        &["Segment", "People", "Responses", "Rate", "95 % interval", "Expected on re-test", "95 % interval"],
        rows,
    ))
}

/// What the axes of the two-dimensional view mean.
fn axes(segmentation: &Segmentation) -> Option<Block> {
    let projection = segmentation.projection.as_ref()?;
    let rows = projection.loadings.iter().enumerate().map(|(axis, loadings)| {
        let weights: Vec<String> =
            loadings.iter().take(6).map(|(c, w)| format!("{c} {}", decimals(*w, 2))).collect();
        vec![
            format!("Axis {}", axis + 1),
            projection.explained.get(axis).map_or_else(|| NOTHING.to_owned(), |e| percent(*e)),
            weights.join(", "),
        ]
    });
    let header = ["Axis", "Variance", "What weighs most"];
    Some(details("The two-dimensional view", vec![table("Principal components", &header, rows.collect())]))
}
