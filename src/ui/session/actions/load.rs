//! Opens files and samples.

use leptos::prelude::*;
use web_sys::File;

use crate::{
    engine::{data::reader::ReadOptions, pipeline::recipe::Recipe},
    protocol::{JobId, Notice, Request, Sample},
    ui::{
        route::Page,
        session::{
            recipes,
            state::{Dataset, Session, Source, ToastKind},
        },
    },
};

/// Reads a file the user handed over.
pub fn load_file(session: Session, file: File) {
    let (name, size) = (file.name(), file.size() as u64);
    let job = begin(session, name.clone(), size, Source::File(file.clone()));
    stream(session, job, file, ReadOptions::default());
}

/// Opens whatever was handed over: a table, or a recipe (`.json`) for the table that is open.
pub fn open_file(session: Session, file: File) {
    if file.name().to_lowercase().ends_with(".json") {
        recipes::load(session, file);
    } else {
        session.route.go(Page::Data);
        load_file(session, file);
    }
}

/// Reads a file and then applies a recipe to it.
pub fn load_file_with_recipe(session: Session, file: File, recipe: Recipe) {
    let options = recipe.read.clone();
    let (name, size) = (file.name(), file.size() as u64);
    let job = begin(session, name, size, Source::File(file.clone()));
    session.next_recipe.set_value(Some(recipe));
    stream(session, job, file, options);
}

/// Opens a built-in sample.
pub fn load_sample(session: Session, sample: Sample) {
    let name = match sample {
        Sample::Ads => "Sample: ads",
        Sample::Customers => "Sample: customers",
    };
    let job = begin(session, name.to_owned(), 0, Source::Sample(sample));
    session.link().send_as(job, Request::LoadSample { sample }, Vec::new());
}

/// Reads the open file again in another way; steps are kept.
pub fn reread(session: Session, options: ReadOptions) {
    let Some(loaded) = session.dataset.with_untracked(|d| d.loaded().cloned()) else { return };
    let Some(source) = session.source.get_value() else { return };
    let job = begin(session, loaded.receipt.file_name.clone(), loaded.receipt.n_bytes, source.clone());
    let mut recipe = session.recipe.get_untracked();
    recipe.read = options.clone();
    session.next_recipe.set_value(Some(recipe));
    match source {
        Source::File(file) => stream(session, job, file, options),
        Source::Sample(_) => session.link().send_as(job, Request::Reread { options }, Vec::new()),
    }
}

/// A new worker holds nothing: reads the open file again, after which the recipe is carried out.
pub fn reload_after_restart(session: Session) {
    let Some(source) = session.source.get_value() else { return };
    let job = session.link().new_job();
    session.replay.set_value(Some(job));
    match source {
        Source::File(file) => {
            let options = session.recipe.with_untracked(|r| r.read.clone());
            stream(session, job, file, options);
        }
        Source::Sample(sample) => session.link().send_as(job, Request::LoadSample { sample }, Vec::new()),
    }
}

fn begin(session: Session, file_name: String, total: u64, source: Source) -> JobId {
    let job = session.link().new_job();
    let (previous, interrupted) = session.dataset.with_untracked(|dataset| {
        let interrupted = match dataset {
            Dataset::Loading { file_name, .. } => Some(file_name.clone()),
            _ => None,
        };
        (dataset.loaded().cloned(), interrupted)
    });
    if let Some(earlier) = interrupted {
        let notice = Notice {
            title: format!("Reading {file_name} instead of {earlier}"),
            detail: format!("{earlier} was not read to its end."),
            remedy: format!("Drop {earlier} again to open it."),
            is_stop: true,
        };
        session.toast(ToastKind::Note, notice, false);
    }
    session.trouble.set(None);
    session.replay.set_value(None);
    session.next_recipe.set_value(None);
    session.next_source.set_value(Some((job, source)));
    session.dataset.set(Dataset::Loading { job, file_name, done: 0, total, head: None, previous });
    job
}

fn stream(session: Session, job: JobId, file: File, options: ReadOptions) {
    let request = Request::LoadBegin { file_name: file.name(), n_bytes: file.size() as u64, options };
    session.link().send_file(job, request, file);
}
