//! Recipes from elsewhere: read from a file or taken from a run, and carried out on the open table.

use leptos::{prelude::*, task::spawn_local};
use web_sys::File;

use super::{
    actions::{self, Which},
    history::Turn,
    state::{Session, Slot, Source, ToastKind},
};
use crate::{
    engine::{data::combine::FilePart, pipeline::recipe::Recipe, words},
    platform::{files, time},
    protocol::Notice,
};

/// Reads a recipe from a file and carries it out. What is wrong with it is said; nothing that is open changes then.
pub fn load(session: Session, file: File) {
    spawn_local(async move {
        let name = file.name();
        let text = match files::text(&file).await {
            Ok(text) => text,
            Err(words) => {
                let notice = Notice {
                    title: format!("{name} could not be read"),
                    detail: format!("The browser said: {words}."),
                    remedy: "Pick the file again.".into(),
                    is_stop: false,
                };
                return session.toast(ToastKind::Bad, notice, false);
            }
        };
        match Recipe::from_json(&text) {
            Ok(recipe) => carry_out(session, recipe).await,
            Err(error) => {
                let mut notice = Notice::from(&error);
                notice.detail = format!("{name}: {}", notice.detail);
                session.toast(ToastKind::Bad, notice, false);
            }
        }
    });
}

/// Carries out a recipe on the open table.
pub fn apply(session: Session, recipe: Recipe) {
    spawn_local(carry_out(session, recipe));
}

/// Carries out the recipe that waited for a table, if there is one.
pub(super) fn apply_waiting(session: Session) {
    if let Some(recipe) = session.waiting_recipe.try_update_value(Option::take).flatten() {
        spawn_local(async move {
            until(move || session.preparing.get_untracked().is_none()).await;
            carry_out(session, recipe).await;
        });
    }
}

/// Steps first, then every result the recipe has a plan for. Taken back by undo.
async fn carry_out(session: Session, recipe: Recipe) {
    if !session.dataset.with_untracked(|d| d.loaded().is_some()) {
        let made_with: Vec<String> = recipe.files.iter().map(|f| f.name.clone()).collect();
        session.waiting_recipe.set_value(Some(recipe));
        let notice = Notice {
            title: "The recipe waits for its file".into(),
            detail: if made_with.is_empty() {
                String::new()
            } else {
                format!("It was made with {}.", words::list_some(&made_with))
            },
            remedy: "Open the file on the Data page: the recipe is then carried out on it.".into(),
            is_stop: false,
        };
        return session.toast(ToastKind::Note, notice, false);
    }
    session.way.set(None);
    let mut recipe = recipe;
    let made_with = std::mem::take(&mut recipe.files);
    let own = session.recipe.get_untracked();
    // Which sheet is read belongs to the workbook that is open.
    recipe.read.sheet.clone_from(&own.read.sheet);
    recipe.files.clone_from(&own.files);
    let is_read_alike = own.read == recipe.read && are_put_alike(&own.files, &made_with);
    let (model, segment, decision) = (recipe.model.clone(), recipe.segment.clone(), recipe.decision.clone());
    let (options, steps) = (recipe.read.clone(), recipe.steps.clone());
    if is_read_alike {
        actions::apply_recipe(session, recipe);
    } else {
        // The files are read in another way first; the recipe follows it.
        let turn = Turn::change(session, "");
        match session.source.get_value() {
            Some(Source::Files(mut files)) if files.len() > 1 && is_of_these(&own.files, &made_with) => {
                actions::follow(&mut files, &made_with);
                if let Some(first) = files.first_mut() {
                    first.options = options;
                }
                files.extend(session.aside.get_value());
                actions::load(session, files, recipe, turn);
            }
            _ => actions::reread_with(session, &Which::Alike, |o| *o = options.clone(), recipe, turn),
        }
        until(move || !session.is_loading()).await;
    }
    // Reading failed or was stopped: the plans are not for the table that is open then.
    if session.recipe.with_untracked(|r| r.steps != steps) {
        return;
    }
    until(move || session.preparing.get_untracked().is_none()).await;
    say_what_failed(session);

    if let Some(plan) = model {
        actions::compare(session, plan);
    }
    if let Some(plan) = segment {
        actions::segment(session, plan);
    }
    if let Some(plan) = decision {
        until(move || settled(session.segmentation) && settled(session.exploration)).await;
        actions::decide(session, plan);
    }
}

/// Whether a recipe was made with files of these names, in this order.
fn is_of_these(own: &[FilePart], made_with: &[FilePart]) -> bool {
    own.len() == made_with.len() && own.iter().zip(made_with).all(|(a, b)| a.name == b.name)
}

/// Whether a recipe puts the files together as they are. What it says of other files does not count.
fn are_put_alike(own: &[FilePart], made_with: &[FilePart]) -> bool {
    let is_alike = |(a, b): (&FilePart, &FilePart)| a.put == b.put && a.read == b.read;
    !is_of_these(own, made_with) || own.iter().zip(made_with).skip(1).all(is_alike)
}

fn settled<T: Send + Sync + 'static>(slot: RwSignal<Slot<T>>) -> bool {
    slot.with_untracked(|s| s.running().is_none())
}

/// Waits, looking again every few frames.
async fn until(is_so: impl Fn() -> bool) {
    time::sleep(0).await;
    while !is_so() {
        time::sleep(40).await;
    }
}

/// A recipe made for other columns: which of its steps could not be carried out here.
fn say_what_failed(session: Session) {
    let failures: Vec<String> = session.prepared.with_untracked(|p| {
        let ledger = p.as_ref().map_or(&[][..], |p| &p.ledger);
        ledger.iter().filter_map(|e| Some(format!("{}: {}", e.title, e.failure.as_ref()?))).collect()
    });
    let notice = match failures.first() {
        None => Notice {
            title: "The recipe is in use".into(),
            detail: String::new(),
            remedy: String::new(),
            is_stop: false,
        },
        Some(first) => Notice {
            title: format!(
                "The recipe is in use, but {} not be carried out",
                words::counted(failures.len() as u64, "step could", "steps could")
            ),
            detail: format!("{first}."),
            remedy:
                "It was made for other columns. Change or remove these steps on the Clean and Features pages."
                    .into(),
            is_stop: false,
        },
    };
    let kind = if failures.is_empty() { ToastKind::Good } else { ToastKind::Bad };
    session.toast(kind, notice, true);
}
