//! Carries out the table-changing steps of a recipe.

use super::recipe::{Recipe, RecipeStep};
use crate::engine::{
    cleaning,
    context::Ctx,
    data::{column::ColumnType, convert::convert, table::Table},
    features,
    knobs::Settings,
    step::{Effect, LearnFrom, Outcome, Step, StepCall, StepError},
    step_kit::{MAX_EXAMPLES, changed_cells},
    words::{count, counted},
};

/// A table with every step of the recipe applied, and what each step did.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// As it is after the last step.
    pub table: Table,
    /// One for each step of the recipe. A step that failed changed nothing.
    pub results: Vec<Result<Effect, StepError>>,
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
    let total = recipe.steps.len() as u64;
    for (i, step) in recipe.steps.iter().enumerate() {
        let outcome = match ctx.tick(i as u64, total) {
            Ok(()) => apply(&table, step, learn, ctx),
            Err(stopped) => Err(stopped.into()),
        };
        results.push(outcome.map(|done| {
            table = done.table;
            done.effect
        }));
    }
    Prepared { table, results }
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
        RecipeStep::Type { column, column_type } => change_type(table, column, *column_type)?,
        RecipeStep::Clean(call) | RecipeStep::Feature(call) => apply_call(table, call, learn, ctx)?,
    };
    let had = |name: &str, table: &Table| table.columns().iter().any(|c| c.name == name);
    let without = |these: &Table, those: &Table| {
        let names = these.columns().iter().map(|c| &c.name);
        names.filter(|n| !had(n, those)).cloned().collect::<Vec<_>>()
    };
    let effect = &mut outcome.effect;
    effect.rows_before = table.n_rows() as u64;
    effect.rows_after = outcome.table.n_rows() as u64;
    effect.columns_added = without(&outcome.table, table);
    effect.columns_removed = without(table, &outcome.table);
    effect.examples.truncate(MAX_EXAMPLES);
    Ok(outcome)
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

/// Reads a column as another type. Cells that cannot be read so become missing, and are counted.
fn change_type(table: &Table, name: &str, column_type: ColumnType) -> Result<Outcome, StepError> {
    let before = table.column(name)?;
    let (after, n_lost) = convert(before, column_type);
    let mut effect = Effect::default();
    let label = column_type.label().to_lowercase();
    if before.column_type() != column_type {
        // A number read as a category looks the same: only cells whose text changed are examples.
        let rows = changed_cells(table, before, &after, &mut effect);
        effect.n_rows = rows.len() as u64;
    }
    effect.sentence = format!("Read {name} as {label}");
    if n_lost > 0 {
        let n_held = before.len() as u64 - before.n_missing() as u64;
        effect.notes.push(format!(
            "{} of {} of {name} cannot be read as {label} and {} missing",
            count(n_lost),
            counted(n_held, "value", "values"),
            if n_lost == 1 { "becomes" } else { "become" }
        ));
    }
    let mut out = table.clone();
    out.put(after)?;
    Ok(Outcome { table: out, effect })
}
