//! Keeps a random sample of the rows: a number of them or a share. Which rows depends on the seed and on the numbers of
//! the rows in the file alone, so that a row that was kept stays kept whatever else the recipe does.

use crate::engine::{
    context::Ctx,
    data::table::Table,
    knobs::{Knob, KnobKind, Settings},
    order::InOrder,
    step::{Effect, LearnFrom, Outcome, Step, StepError, Suggestion},
    step_kit::choice_knob,
    words::{count, rows_of},
};

/// Random sample of rows. Never suggested: there is nothing to gain but speed.
pub struct SampleRows;

impl Step for SampleRows {
    fn slug(&self) -> &'static str {
        "sample_rows"
    }

    fn title(&self) -> &'static str {
        "Sample rows"
    }

    fn help(&self) -> &'static str {
        "Keeps a random part of the rows, the same one each time."
    }

    fn knobs(&self) -> Vec<Knob> {
        vec![
            choice_knob(
                "by",
                "Keep",
                "How much is kept",
                &[("share", "A share of the rows"), ("rows", "A number of rows")],
                "share",
            ),
            Knob::new("share", "Share", "Part of the rows", KnobKind::Real { min: 0.0001, max: 1.0 }, 0.1)
                .only_with("by", &["share"]),
            Knob::new(
                "rows",
                "Rows",
                "Number of rows",
                KnobKind::Integer { min: 1, max: 100_000_000 },
                10_000_i64,
            )
            .only_with("by", &["rows"]),
            Knob::new(
                "seed",
                "Seed",
                "Another number draws another sample",
                KnobKind::Integer { min: 0, max: 4_294_967_295 },
                42_i64,
            ),
        ]
    }

    fn suggest(&self, _: &Table) -> Vec<Suggestion> {
        Vec::new()
    }

    fn apply(
        &self,
        table: &Table,
        settings: &Settings,
        _: LearnFrom<'_>,
        ctx: &Ctx<'_>,
    ) -> Result<Outcome, StepError> {
        ctx.tick(0, 1)?;
        let n_rows = table.n_rows();
        let n = wanted(n_rows, settings);
        if n == 0 {
            return Err(StepError::NothingLeft { what: "rows" });
        }
        let seed = settings.integer("seed", 42) as u64;
        let mut order: Vec<(u64, u32)> =
            table.row_ids().iter().zip(0..n_rows as u32).map(|(id, row)| (draw(seed, *id), row)).collect();
        order.order_by(|a, b| a.cmp(b));
        order.truncate(n);
        let mut kept: Vec<u32> = order.into_iter().map(|(_, row)| row).collect();
        kept.sort_unstable();
        let n_dropped = (n_rows - kept.len()) as u64;
        let effect = Effect {
            sentence: format!("Kept a random {} of {}", count(kept.len() as u64), rows_of(n_rows as u64)),
            n_rows: n_dropped,
            n_cells: n_dropped * table.n_columns() as u64,
            ..Effect::default()
        };
        Ok(Outcome { table: table.take_rows(&kept), effect })
    }

    fn python(&self, table: &Table, settings: &Settings) -> String {
        format!(
            "with np.errstate(over=\"ignore\"):  # the same rows: numbers mixed as in SplitMix64\n    \
                 z = (df.index.to_numpy().astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15) \
                 + np.uint64({})\n    \
                 z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)\n    \
                 z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)\n    \
                 z = z ^ (z >> np.uint64(31))\n\
             df = df.iloc[np.sort(np.argsort(z, kind=\"stable\")[:{}])]",
            mixed(settings.integer("seed", 42) as u64),
            wanted(table.n_rows(), settings)
        )
    }
}

fn wanted(n_rows: usize, settings: &Settings) -> usize {
    let n = match settings.text("by", "share") {
        "rows" => settings.integer("rows", 10_000).max(0) as usize,
        _ => (settings.real("share", 0.1) * n_rows as f64).round().max(1.0) as usize,
    };
    n.min(n_rows)
}

/// The place of a row in the queue.
pub(super) fn draw(seed: u64, id: u32) -> u64 {
    mixed((u64::from(id) + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(mixed(seed)))
}

/// The last steps of SplitMix64.
fn mixed(z: u64) -> u64 {
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::data::{
        column::Column,
        role::{Role, TableKind},
    };

    fn sampled(table: &Table, settings: &Settings) -> Vec<u32> {
        let out = SampleRows.apply(table, settings, LearnFrom::All, &Ctx::quiet(7)).unwrap();
        out.table.row_ids().to_vec()
    }

    #[test]
    fn a_sample_has_its_size_and_is_spread_and_repeatable() {
        let column = Column::number("x", Role::Number, (0..1000).map(f64::from).collect());
        let table = Table::new(TableKind::Other, vec![column]).unwrap();
        let tenth = Settings::new();
        let first = sampled(&table, &tenth);
        assert_eq!(first.len(), 100);
        assert_eq!(first, sampled(&table, &tenth));
        assert_ne!(first, sampled(&table, &Settings::new().with("seed", 43_i64)));
        let in_first_half = first.iter().filter(|id| **id < 500).count();
        assert!((35..=65).contains(&in_first_half), "{in_first_half}");
        let few = sampled(&table, &Settings::new().with("by", "rows").with("rows", 7_i64));
        // A smaller sample is part of a larger one.
        assert!(few.len() == 7 && few.iter().all(|id| first.contains(id)));
    }

    #[test]
    fn a_row_stays_chosen_when_others_are_gone() {
        let column = Column::number("x", Role::Number, (0..1000).map(f64::from).collect());
        let table = Table::new(TableKind::Other, vec![column]).unwrap();
        let half = Settings::new().with("share", 0.5);
        let all = sampled(&table, &half);
        let odd: Vec<u32> = (0..1000).filter(|r| r % 2 == 1).collect();
        let some = sampled(&table.take_rows(&odd), &half);
        let n_shared = some.iter().filter(|id| all.contains(id)).count();
        assert!(n_shared > 230 && some.len() == 250, "{n_shared}");
    }
}
