//! Carries out the table-changing steps of a recipe.

use std::sync::Arc;

use super::recipe::{Recipe, RecipeStep};
use crate::engine::{
    cleaning,
    context::Ctx,
    data::{
        column::{Column, Values},
        private::Personal,
        table::Table,
    },
    features,
    knobs::Settings,
    order::InOrder,
    step::{Effect, Informed, LearnFrom, Outcome, Step, StepCall, StepError},
    step_kit::MAX_EXAMPLES,
    words::spell_out,
};

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
fn title_of(step: &RecipeStep) -> String {
    match step {
        RecipeStep::Kind { .. } => "Set the kind of table".to_owned(),
        RecipeStep::Role { column, .. } => format!("Set the role of {column}"),
        RecipeStep::Type { column, .. } => format!("Set the type of {column}"),
        RecipeStep::Personal { column, .. } => format!("Say whether {column} is personal"),
        RecipeStep::Clean(call) | RecipeStep::Feature(call) => {
            find_step(&call.slug).map_or_else(|| spell_out(&call.slug), |s| s.title().to_owned())
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
    effect.columns_used.order_by(|a, b| a.cmp(b));
    effect.columns_used.dedup();
    effect.is_idle = table.kind == outcome.table.kind
        && table.n_columns() == outcome.table.n_columns()
        && table.row_ids() == outcome.table.row_ids()
        && !matches!(step, RecipeStep::Personal { .. })
        && changed.iter().all(|c| table.column(&c.name).is_ok_and(|before| is_same(before, c)));
    // Only what people look at is written as code, not the many preparations of folds.
    if let (LearnFrom::All, RecipeStep::Clean(call) | RecipeStep::Feature(call)) = (learn, step) {
        effect.python = find_step(&call.slug).map(|s| s.python(table, &call.settings)).unwrap_or_default();
    }
    effect.rows_before = table.n_rows() as u64;
    effect.rows_after = outcome.table.n_rows() as u64;
    effect.columns_added = without(&outcome.table, table);
    effect.columns_removed = without(table, &outcome.table);
    effect.examples.truncate(MAX_EXAMPLES);
    Ok(outcome)
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
