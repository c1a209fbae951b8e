//! Carries out the table-changing steps of a recipe.

use std::sync::Arc;

use super::{
    few,
    recipe::{Recipe, RecipeStep},
};
use crate::engine::{
    cleaning,
    context::Ctx,
    data::{
        column::{Column, Values},
        private::Personal,
        role::Role,
        table::Table,
    },
    features,
    knobs::Settings,
    order::InOrder,
    step::{CellChange, Effect, Informed, LearnFrom, Outcome, Step, StepCall, StepError},
    step_kit::MAX_EXAMPLES,
    words::{Shared, spell_out},
};

/// Most cells that are shown of a step that shows none of its own.
const N_EXAMPLES: usize = 10;

/// A table with every step of the recipe applied, and what each step did.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// As it is after the last step.
    pub table: Table,
    /// One for each step of the recipe. A step that failed changed nothing.
    pub results: Vec<Result<Effect, StepError>>,
    /// Columns that were filled with the help of others.
    pub informed: Vec<Informed>,
}

impl Prepared {
    /// Title and reason of every step that failed.
    pub fn failures(&self, recipe: &Recipe) -> Vec<(String, String)> {
        let failed = self.results.iter().zip(&recipe.steps).filter_map(|(r, s)| Some((r.as_ref().err()?, s)));
        failed.map(|(error, step)| (title_of(step), error.to_string())).collect()
    }
}

/// What a step is called where it stands alone: "Fill missing values".
pub fn title_of(step: &RecipeStep) -> String {
    match step {
        RecipeStep::Kind { .. } => "Set the kind of table".to_owned(),
        RecipeStep::Role { column, .. } => format!("Set the role of {column}"),
        RecipeStep::Type { column, .. } => format!("Set the type of {column}"),
        RecipeStep::Personal { column, .. } => format!("Say whether {column} is personal"),
        RecipeStep::Clean(call) | RecipeStep::Feature(call) => {
            let title = find_step(&call.slug).map(|s| s.title_for(&call.settings).to_owned());
            title.unwrap_or_else(|| spell_out(&call.slug))
        }
    }
}

/// The table with the target as the file has it, or missing: cleaning that fills, clips or drops must not change what a
/// model is scored against. A computed target is computed from such columns.
pub fn as_read(raw: &Table, recipe: &Recipe, target: &str, ctx: &Ctx<'_>) -> Table {
    let is_computed = raw.column(target).is_err();
    let mut recipe = recipe.clone();
    recipe.steps.retain(|step| match step {
        RecipeStep::Clean(call) => find_step(&call.slug).is_some_and(|s| s.only_blanks()),
        RecipeStep::Feature(_) => is_computed,
        _ => true,
    });
    prepare(raw, &recipe, LearnFrom::All, ctx).table
}

/// The step of a slug, cleaning or feature.
pub fn find_step(slug: &str) -> Option<&'static dyn Step> {
    cleaning::STEPS.iter().chain(features::MAKERS).copied().find(|s| s.slug() == slug)
}

/// Whether some step must be learnt anew in every fold.
pub fn learns(recipe: &Recipe) -> bool {
    recipe.steps.iter().any(|step| match step {
        RecipeStep::Clean(call) | RecipeStep::Feature(call) => {
            find_step(&call.slug).is_some_and(|s| s.learns(&call.settings))
        }
        _ => false,
    })
}

/// Applies every step in order. A step that fails is skipped and its reason kept, so that one bad step of a recipe for
/// other columns does not lose the rest.
pub fn prepare(raw: &Table, recipe: &Recipe, learn: LearnFrom<'_>, ctx: &Ctx<'_>) -> Prepared {
    let mut table = raw.clone();
    let mut results = Vec::with_capacity(recipe.steps.len());
    let mut informed = Vec::new();
    let total = recipe.steps.len() as u64;
    for (i, step) in recipe.steps.iter().enumerate() {
        let outcome = match ctx.tick(i as u64, total) {
            Ok(()) => apply(&table, step, learn, ctx),
            Err(stopped) => Err(stopped.into()),
        };
        results.push(outcome.map(|done| {
            informed.extend(newly_informed(&table, &done.table, step));
            table = done.table;
            done.effect
        }));
    }
    Prepared { table, results, informed }
}

/// The columns that a step has filled by what others hold.
fn newly_informed(before: &Table, after: &Table, step: &RecipeStep) -> Vec<Informed> {
    let RecipeStep::Clean(call) = step else { return Vec::new() };
    let mut by = find_step(&call.slug).map_or_else(Vec::new, |s| s.informants(&call.settings));
    for name in by.clone() {
        by.extend(
            before.column(&name).iter().flat_map(|c| c.made_from.iter().map(|(source, _)| source.clone())),
        );
    }
    if by.is_empty() {
        return Vec::new();
    }
    let is_filled = |c: &&std::sync::Arc<Column>| {
        before.column(&c.name).is_ok_and(|earlier| earlier.n_missing() > c.n_missing())
    };
    let filled = after.columns().iter().filter(is_filled);
    filled.map(|c| Informed { column: c.name.clone(), by: by.clone() }).collect()
}

/// Applies one step of a recipe: settings checked before, the counts every effect has filled in after.
pub fn apply(
    table: &Table,
    step: &RecipeStep,
    learn: LearnFrom<'_>,
    ctx: &Ctx<'_>,
) -> Result<Outcome, StepError> {
    let mut outcome = match step {
        RecipeStep::Kind { kind } => {
            let mut out = table.clone();
            out.kind = *kind;
            let sentence = format!("Set the kind of table to {}", kind.label().to_lowercase());
            Outcome { table: out, effect: Effect { sentence, ..Effect::default() } }
        }
        RecipeStep::Role { column, role } => {
            let mut out = table.clone();
            let mut changed = table.column(column)?.as_ref().clone();
            changed.role = *role;
            out.put(changed)?;
            let sentence = format!("Set the role of {column} to {}", role.label().to_lowercase());
            Outcome { table: out, effect: Effect { sentence, ..Effect::default() } }
        }
        RecipeStep::Type { column, column_type } => cleaning::change_type(table, column, *column_type)?,
        RecipeStep::Personal { column, is_personal } => {
            let mut out = table.clone();
            let known = table.personal(&table.column(column)?.name);
            out.set_personal(column, is_personal.then(|| known.unwrap_or(Personal::Said)));
            let sentence = if *is_personal {
                format!("Left {column} out of the analysis and masked it in reports, as personal")
            } else {
                format!("Let {column} be analysed and shown, as not personal")
            };
            Outcome { table: out, effect: Effect { sentence, ..Effect::default() } }
        }
        RecipeStep::Clean(call) | RecipeStep::Feature(call) => apply_call(table, call, learn, ctx)?,
    };
    let had = |name: &str, table: &Table| table.columns().iter().any(|c| c.name == name);
    let without = |these: &Table, those: &Table| {
        let names = these.columns().iter().map(|c| &c.name);
        names.filter(|n| !had(n, those)).cloned().collect::<Vec<_>>()
    };
    // What was there before is shared; the rest is new or changed.
    let is_shared = |c: &Arc<Column>| table.columns().iter().any(|b| Arc::ptr_eq(b, c));
    let changed: Vec<&Arc<Column>> = outcome.table.columns().iter().filter(|c| !is_shared(c)).collect();
    let effect = &mut outcome.effect;
    for column in &changed {
        let Ok(before) = table.column(&column.name) else { continue };
        let has_any = |c: &Column| (0..c.len()).any(|r| !c.is_missing(r));
        if !column.is_empty() && has_any(before) && !has_any(column) {
            effect.notes.push(format!("This empties {}: no value is left in it", column.name));
        }
    }
    effect.columns_used = changed.iter().flat_map(|c| &c.made_from).map(|(name, _)| name.clone()).collect();
    let through = changed.iter().flat_map(|c| &c.made_through).filter(|name| table.personal(name).is_some());
    effect.columns_used.extend(through.cloned());
    effect.columns_used.order_by(|a, b| a.cmp(b));
    effect.columns_used.dedup();
    effect.is_idle = table.kind == outcome.table.kind
        && table.n_columns() == outcome.table.n_columns()
        && table.row_ids() == outcome.table.row_ids()
        && !matches!(step, RecipeStep::Personal { .. })
        && changed.iter().all(|c| table.column(&c.name).is_ok_and(|before| is_same(before, c)));
    // Only what people look at is written as code, not the many preparations of folds.
    if let (LearnFrom::All, RecipeStep::Clean(call) | RecipeStep::Feature(call)) = (learn, step) {
        if effect.examples.is_empty() {
            effect.examples = examples(table, &outcome.table);
        }
        if let Some(step) = find_step(&call.slug) {
            effect.python = step.python(table, &call.settings);
            effect.named_in = few::named_in(table, call, &step.knobs());
        }
        if effect.shared.is_none() && (!effect.named_in.is_empty() || few::is_in_code(table, &effect.python))
        {
            let (sentence, notes) = (effect.sentence.clone(), effect.notes.clone());
            effect.shared = Some(Shared { sentence, notes });
        }
    }
    effect.rows_before = table.n_rows() as u64;
    effect.rows_after = outcome.table.n_rows() as u64;
    effect.columns_added = without(&outcome.table, table);
    effect.columns_removed = without(table, &outcome.table);
    effect.examples.truncate(MAX_EXAMPLES);
    Ok(outcome)
}

/// The first cells that differ, for a step that shows none of its own: rows and columns that are gone, new columns with
/// what they were computed from. Of a row that is gone, a cell that does not tell whose it was.
fn examples(before: &Table, after: &Table) -> Vec<CellChange> {
    let mut found = Vec::new();
    let mut add = |row: usize, column: &str, before_text: String, after_text: String| {
        let id = before.row_ids().get(row).copied().unwrap_or_default();
        let column = column.to_owned();
        found.push(CellChange { row: u64::from(id) + 1, column, before: before_text, after: after_text });
    };
    if after.n_rows() < before.n_rows() {
        let mut kept = after.row_ids().to_vec();
        kept.sort_unstable();
        let is_gone =
            |row: &usize| before.row_ids().get(*row).is_some_and(|id| kept.binary_search(id).is_err());
        let is_shown = |c: &&Arc<Column>| c.role != Role::Identifier && before.personal(&c.name).is_none();
        let shown = before.columns().iter().find(is_shown);
        for row in (0..before.n_rows()).filter(is_gone).take(N_EXAMPLES) {
            let number = || before.row_ids().get(row).map(|id| (u64::from(*id) + 1).to_string());
            let (name, text) = shown.map_or_else(
                || ("Row", number().unwrap_or_default()),
                |c| (c.name.as_str(), c.cell_text(row)),
            );
            add(row, name, text, "row dropped".to_owned());
        }
        return found;
    }
    let gone: Vec<_> = before.columns().iter().filter(|c| after.column(&c.name).is_err()).collect();
    let made: Vec<_> = after.columns().iter().filter(|c| is_made(before, c)).collect();
    let each = (N_EXAMPLES / (made.len() + gone.len()).max(1)).max(1);
    for column in made.iter().take(N_EXAMPLES) {
        let sources: Vec<_> =
            column.made_from.iter().filter_map(|(name, _)| before.column(name).ok()).take(3).collect();
        for row in telling_rows(column, each) {
            let text = match (before.column(&column.name), sources.as_slice()) {
                (Ok(earlier), _) => earlier.cell_text(row),
                (_, [source]) => source.cell_text(row),
                (_, sources) => {
                    let cell = |c: &&Arc<Column>| format!("{}: {}", c.name, c.cell_text(row));
                    sources.iter().map(cell).collect::<Vec<_>>().join(", ")
                }
            };
            add(row, &column.name, text, column.cell_text(row));
        }
    }
    for column in gone.iter().take(N_EXAMPLES) {
        for row in telling_rows(column, each) {
            add(row, &column.name, column.cell_text(row), "dropped".to_owned());
        }
    }
    found.truncate(N_EXAMPLES);
    found
}

/// Whether a column is new, or computed anew with other values.
fn is_made(before: &Table, column: &Arc<Column>) -> bool {
    before
        .column(&column.name)
        .map_or(true, |earlier| !Arc::ptr_eq(earlier, column) && !is_same(earlier, column))
}

/// The first rows in which a column holds something; of yes/no, one that says yes is among them.
fn telling_rows(column: &Column, n: usize) -> Vec<usize> {
    let yes = match &column.values {
        Values::Boolean(v) => v.iter().position(|b| *b == Some(true)),
        _ => None,
    };
    let known = (0..column.len()).filter(|&r| !column.is_missing(r) && Some(r) != yes);
    let mut rows: Vec<usize> = yes.into_iter().chain(known).take(n).collect();
    if rows.is_empty() {
        rows.extend((0..column.len()).take(n));
    }
    rows.sort_unstable();
    rows
}

/// Whether two columns hold the same, missing being the same as missing.
fn is_same(a: &Column, b: &Column) -> bool {
    let numbers = |a: &[f64], b: &[f64]| a.iter().zip(b).all(|(x, y)| x == y || (x.is_nan() && y.is_nan()));
    let values = match (&a.values, &b.values) {
        (Values::Number(x), Values::Number(y)) | (Values::Date(x), Values::Date(y)) => numbers(x, y),
        (x, y) => x == y,
    };
    values && a.role == b.role && a.len() == b.len()
}

fn apply_call(
    table: &Table,
    call: &StepCall,
    learn: LearnFrom<'_>,
    ctx: &Ctx<'_>,
) -> Result<Outcome, StepError> {
    let unknown = || StepError::Unknown { slug: call.slug.clone() };
    let step = find_step(&call.slug).ok_or_else(unknown)?;
    let settings: &Settings = &call.settings;
    settings.check(&step.knobs())?;
    step.apply(table, settings, learn, ctx)
}
