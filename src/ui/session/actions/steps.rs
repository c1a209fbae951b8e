//! Changes the recipe's steps. Each change can be undone; the worker then carries out the recipe anew.

use leptos::prelude::*;

use super::load::{self, Which};

use crate::{
    engine::{
        data::{
            column::ColumnType,
            combine::Put,
            reader::{How, ReadOptions},
            role::{Role, TableKind},
            summary::TableSummary,
        },
        pipeline::recipe::{Recipe, RecipeStep},
        words,
    },
    protocol::{Loaded, Notice, Reply, Request},
    ui::session::{
        history::{Moment, Turn},
        state::{Session, ToastKind},
    },
};

/// Has the worker carry out the recipe as it is.
pub fn prepare(session: Session) {
    let recipe = session.recipe.get_untracked();
    let job = session.link().send(Request::Prepare { recipe });
    session.preparing.set(Some(job));
}

fn change(session: Session, what: &str, edit: impl FnOnce(&mut Recipe)) {
    change_by(session, Turn::change(session, what), edit);
}

fn change_by(session: Session, turn: Turn, edit: impl FnOnce(&mut Recipe)) {
    let mut after = session.recipe.get_untracked();
    edit(&mut after);
    if session.recipe.with_untracked(|before| after.steps == before.steps) || is_reading(session) {
        return;
    }
    turn.note(session);
    session.recipe.set(after);
    prepare(session);
}

/// Replaces all steps as one change; `false` when that changes nothing.
pub fn set_steps(session: Session, steps: Vec<RecipeStep>) -> bool {
    let is_new = session.recipe.with_untracked(|r| r.steps != steps);
    change(session, "", |recipe| recipe.steps = steps);
    is_new
}

/// Where a new step goes: cleaning before the features, which are then made from the cleaned table; all else at the
/// end, also the dropping of columns, which features may need.
pub fn place_of(steps: &[RecipeStep], step: &RecipeStep) -> usize {
    let is_before = matches!(step, RecipeStep::Clean(call) if call.slug != "drop_columns");
    let first = steps.iter().position(|s| is_before && matches!(s, RecipeStep::Feature(_)));
    first.unwrap_or(steps.len())
}

/// Adds steps as one change, each at its place or all at a given one.
pub fn apply_steps(session: Session, steps: Vec<RecipeStep>, place: Option<usize>, what: &str) {
    change(session, what, |recipe| {
        for step in steps {
            let place = place.unwrap_or_else(|| place_of(&recipe.steps, &step));
            recipe.steps.insert(place.min(recipe.steps.len()), step);
        }
    });
}

/// Replaces the step at a place.
pub fn edit_step(session: Session, index: usize, step: RecipeStep) {
    change(session, "Step changed", |recipe| {
        if let Some(place) = recipe.steps.get_mut(index) {
            *place = step;
        }
    });
}

/// Takes a step out.
pub fn remove_step(session: Session, index: usize) {
    change(session, "Step removed", |recipe| {
        if index < recipe.steps.len() {
            recipe.steps.remove(index);
        }
    });
}

/// Moves a step one place up (-1) or down (1).
pub fn move_step(session: Session, index: usize, by: i32) {
    change(session, "Step moved", |recipe| {
        let to = index.saturating_add_signed(by as isize);
        if index < recipe.steps.len() && to < recipe.steps.len() {
            recipe.steps.swap(index, to);
        }
    });
}

/// Corrects the kind of table.
pub fn set_kind(session: Session, kind: TableKind) {
    change(session, &format!("One row is now: {}", words::in_sentence(kind.row())), |recipe| {
        recipe.steps.retain(|s| !matches!(s, RecipeStep::Kind { .. }));
        if as_read(session, |table| table.kind != kind) {
            recipe.steps.insert(0, RecipeStep::Kind { kind });
        }
    });
}

/// Corrects what a column means. Of a column that a step makes it is said after all steps, when the column is there.
pub fn set_role(session: Session, column: &str, role: Role) {
    let is_made = is_made(session, column);
    let was_personal = is_made && is_personal(session, column);
    change(session, &format!("{column} is now: {}", role.label()), |recipe| {
        // What was let go before stays so whatever else it is said to mean.
        let let_go = is_made
            && recipe
                .steps
                .iter()
                .any(|s| matches!(s, RecipeStep::Personal { column: c, is_personal: false } if c == column));
        recipe.steps.retain(|s| {
            !matches!(s, RecipeStep::Role { column: c, .. } | RecipeStep::Personal { column: c, .. } if c == column)
        });
        if as_read(session, |table| table.columns.iter().any(|c| c.name == column && c.personal.is_some())) {
            recipe.steps.insert(0, RecipeStep::Personal { column: column.to_owned(), is_personal: false });
        } else if was_personal || let_go {
            recipe.steps.push(RecipeStep::Personal { column: column.to_owned(), is_personal: false });
        }
        if !as_read(session, |table| table.columns.iter().all(|c| c.name != column || c.role != role)) {
            return;
        }
        let at = schema_end(recipe, is_made);
        recipe.steps.insert(at, RecipeStep::Role { column: column.to_owned(), role });
    });
}

/// Says that a column is personal: left out of the analysis and masked in what is shared.
pub fn set_personal(session: Session, column: &str) {
    let is_made = is_made(session, column);
    change(session, &format!("{column} is now: personal"), |recipe| {
        let n_steps = recipe.steps.len();
        recipe.steps.retain(|s| !matches!(s, RecipeStep::Personal { column: c, .. } if c == column));
        // A made column that was let go is personal again by what it was made of.
        let is_again = is_made && recipe.steps.len() < n_steps;
        if !is_again
            && as_read(session, |table| {
                table.columns.iter().all(|c| c.name != column || c.personal.is_none())
            })
        {
            let at = schema_end(recipe, is_made);
            recipe.steps.insert(at, RecipeStep::Personal { column: column.to_owned(), is_personal: true });
        }
    });
}

/// Corrects how a column is read, which may lose something, in words. Words are taken from the file: of 1.20 a number
/// keeps 1.2.
pub fn set_type(session: Session, column: &str, column_type: ColumnType, loss: &str) {
    let said = Notice {
        title: format!("{column} is now: {}", column_type.label()),
        detail: loss.to_owned(),
        ..Notice::default()
    };
    let before = Moment::now(session);
    let is_kept = session.recipe.with_untracked(|r| r.read.how(column) == Some(How::Text));
    let wants_words = is_words(column_type);
    let is_joined = |l: &Loaded| l.receipt.files.iter().any(|f| matches!(f.put, Put::Join(_)));
    let is_read_anew = session.dataset.with_untracked(|d| {
        d.loaded().filter(|l| !is_joined(l)).is_some_and(|l| {
            let held = l.table.columns.iter().find(|c| c.name == column);
            is_kept != wants_words && held.is_some_and(|c| is_kept || !is_words(c.column_type))
        })
    });
    if is_read_anew && !is_reading(session) {
        let mut recipe = before.recipe.clone();
        put_type(&mut recipe, column, column_type, false);
        let how = wants_words.then_some(How::Text);
        let edit = |options: &mut ReadOptions| options.set_how(column, how);
        load::reread_with(session, &Which::Alike, edit, recipe, Turn::Change(before, said));
        return session.retyped.set_value(Some(column.to_owned()));
    }
    let is_made = is_made(session, column);
    change_by(session, Turn::Change(before, said), |recipe| {
        put_type(recipe, column, column_type, is_made);
        session.dataset.with_untracked(|d| {
            if let Some(loaded) = d.loaded() {
                recipe.drop_idle_type(column, &loaded.table);
            }
        });
    });
}

/// Reads a column as the rest of its file again. The step that made words of it, for which it was read otherwise, goes too.
pub fn read_as_rest(session: Session, which: &Which, column: &str) {
    let turn = Turn::change(session, format!("{column} is read as the rest of the file"));
    let mut recipe = session.recipe.get_untracked();
    if recipe.read.how(column) == Some(How::Text) {
        recipe.steps.retain(|step| match step {
            RecipeStep::Type { column: c, column_type } => c != column || !is_words(*column_type),
            _ => true,
        });
    }
    load::reread_with(session, which, |o| o.set_how(column, None), recipe, turn);
}

fn is_words(column_type: ColumnType) -> bool {
    matches!(column_type, ColumnType::Category | ColumnType::Text)
}

/// Sets the type of a column in a recipe, behind what else is said of columns.
fn put_type(recipe: &mut Recipe, column: &str, column_type: ColumnType, is_made: bool) {
    recipe.steps.retain(|s| !matches!(s, RecipeStep::Type { column: c, .. } if c == column));
    let at = schema_end(recipe, is_made);
    recipe.steps.insert(at, RecipeStep::Type { column: column.to_owned(), column_type });
}

/// Whether a column is none of the file's: a step makes it.
fn is_made(session: Session, column: &str) -> bool {
    as_read(session, |table| table.columns.iter().all(|c| c.name != column))
}

/// Whether a column of the prepared table is personal.
fn is_personal(session: Session, column: &str) -> bool {
    untrack(|| session.table())
        .is_some_and(|table| table.columns.iter().any(|c| c.name == column && c.personal.is_some()))
}

/// Where the next correction goes: after those of the file, or of a column that is made after everything.
fn schema_end(recipe: &Recipe, is_made: bool) -> usize {
    if is_made { recipe.steps.len() } else { recipe.steps.iter().take_while(|s| is_schema(s)).count() }
}

/// Whether something is so of the table as read. What the user sets back to how it was read is no step: the recipe is
/// then the one before, and so are the results that were made with it.
fn as_read(session: Session, is_so: impl FnOnce(&TableSummary) -> bool) -> bool {
    session.dataset.with_untracked(|d| d.loaded().is_none_or(|l| is_so(&l.table)))
}

/// What reading a column as another type would lose, in words; `None` when nothing is lost.
pub async fn loss(session: Session, column: &str, column_type: ColumnType) -> Option<String> {
    let mut recipe = session.recipe.get_untracked();
    recipe.steps.retain(is_schema);
    recipe.steps.push(RecipeStep::Type { column: column.to_owned(), column_type });
    match session.ask(Request::Preview { recipe }).await {
        Ok((Reply::Previewed { entry, .. }, _)) => entry.effect?.notes.into_iter().next(),
        _ => None,
    }
}

fn is_schema(step: &RecipeStep) -> bool {
    !matches!(step, RecipeStep::Clean(_) | RecipeStep::Feature(_))
}

/// Whether a file is being read, which is said: what is decided meanwhile would be lost when it is there.
pub fn is_reading(session: Session) -> bool {
    let is_reading = session.is_loading();
    if is_reading {
        session.say(ToastKind::Note, "Not changed: wait until the file is read, or stop reading it");
    }
    is_reading
}

/// Replaces all steps and plans by those of a recipe.
pub fn apply_recipe(session: Session, recipe: Recipe) {
    if is_reading(session) {
        return;
    }
    Turn::change(session, "").note(session);
    session.recipe.set(recipe);
    prepare(session);
}
