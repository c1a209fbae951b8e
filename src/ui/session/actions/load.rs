//! Opens files and samples.

use leptos::{prelude::*, task::spawn_local};
use web_sys::File;

use crate::{
    engine::{
        data::{
            combine::{FilePart, JoinPlan, JoinReport, Put},
            reader::ReadOptions,
            workbook,
        },
        pipeline::recipe::Recipe,
        words,
    },
    platform::{blocks, sheets},
    protocol::{FileAsk, JobId, Notice, Reply, Request, Sample},
    ui::{
        route::Page,
        session::{
            history::Turn,
            receive, recipes,
            state::{Dataset, Session, Source, SourceFile, ToastKind},
        },
    },
};

/// Opens whatever was handed over: tables, which become one where they are alike, or a recipe (`.json`) for the table that
/// is open.
pub fn open_files(session: Session, files: Vec<File>) {
    let (recipes, tables): (Vec<File>, Vec<File>) =
        files.into_iter().partition(|f| f.name().to_lowercase().ends_with(".json"));
    if tables.is_empty() {
        if let Some(recipe) = recipes.into_iter().next() {
            recipes::load(session, recipe);
        }
        return;
    }
    session.route.go(Page::Data);
    let files = tables.into_iter().map(SourceFile::new).collect();
    load(session, files, Recipe::default(), Turn::Afresh);
}

/// Adds files to those that are open.
pub fn add_files(session: Session, files: Vec<File>) {
    let mut all = open(session);
    all.extend(session.aside.get_value());
    let what = match files.as_slice() {
        [file] => format!("{} was read", file.name()),
        _ => format!("{} files were read", words::count(files.len() as u64)),
    };
    all.extend(files.into_iter().map(SourceFile::new));
    change(session, all, what);
}

/// Reads files again as a recipe says and then carries it out.
pub fn load_files_with_recipe(session: Session, files: Vec<File>, recipe: Recipe) {
    let mut all: Vec<SourceFile> = files.into_iter().map(SourceFile::new).collect();
    follow(&mut all, &recipe.files);
    if let Some(first) = all.first_mut() {
        first.options = recipe.read.clone();
    }
    load(session, all, recipe, Turn::Afresh);
}

/// Reads files as those of a recipe that are in their places.
pub(in crate::ui::session) fn follow(files: &mut [SourceFile], parts: &[FilePart]) {
    for (i, (file, part)) in files.iter_mut().zip(parts).enumerate() {
        file.options = part.read.clone();
        file.put = if i == 0 { Put::ByShape } else { part.put.clone() };
    }
}

/// What is done with a file that stands aside.
#[derive(Debug, Clone, PartialEq)]
pub enum Aside {
    /// Its columns come beside those of the open table.
    Join(JoinPlan),
    /// Its rows come below, although it is of another shape.
    Append,
    /// It is opened in place of what is open.
    OpenAlone,
    /// It is closed.
    LeaveOut,
}

/// Does something with a file that stands aside, by its place among those.
pub fn put_aside(session: Session, index: usize, what: Aside) {
    let mut aside = session.aside.get_value();
    if index >= aside.len() {
        return;
    }
    let mut file = aside.remove(index);
    let how = match what {
        Aside::Join(plan) => {
            file.put = Put::Join(plan);
            "joined"
        }
        Aside::Append => {
            file.put = Put::Append;
            "appended"
        }
        Aside::OpenAlone => return load(session, vec![file], Recipe::default(), Turn::Afresh),
        Aside::LeaveOut => {
            session.aside.set_value(aside.clone());
            if aside.is_empty() {
                session.link().send(Request::ForgetAside);
            }
            session.dataset.update(|dataset| {
                if let Dataset::Ready(loaded) = dataset {
                    let mut less = loaded.as_ref().clone();
                    less.aside.remove(index);
                    *loaded = less.into();
                }
            });
            return;
        }
    };
    let mut all = open(session);
    let what = format!("{} was {how}", file.file.name());
    all.push(file);
    all.extend(aside);
    change(session, all, what);
}

/// How well a file that stands aside would join the open table.
pub async fn look_at_join(session: Session, place: u32, plan: JoinPlan) -> Result<JoinReport, Notice> {
    match session.ask(Request::LookAtJoin { aside: place, plan }).await? {
        (Reply::JoinLookedAt { report }, _) => Ok(*report),
        _ => Err(crate::platform::link::ended_notice()),
    }
}

/// Takes one of several files out of the table.
pub fn remove_file(session: Session, index: usize) {
    let mut all = open(session);
    if all.len() < 2 || index >= all.len() {
        return;
    }
    let what = format!("{} was taken out", all.remove(index).file.name());
    // Whatever came first now begins the table.
    if let Some(first) = all.first_mut() {
        first.put = Put::ByShape;
    }
    all.extend(session.aside.get_value());
    change(session, all, what);
}

/// Reads another sheet of a workbook that is open.
pub fn reread_sheet(session: Session, index: usize, sheet: String) {
    let mut all = open(session);
    let Some(file) = all.get_mut(index) else { return };
    let what = format!("Sheet of {} is now: {sheet}", file.file.name());
    file.options.sheet = Some(sheet);
    // Another sheet may be of another shape.
    if file.put == Put::Append {
        file.put = Put::ByShape;
    }
    all.extend(session.aside.get_value());
    change(session, all, what);
}

/// The files that are open; none of a sample.
fn open(session: Session) -> Vec<SourceFile> {
    match session.source.get_value() {
        Some(Source::Files(files)) => files,
        _ => Vec::new(),
    }
}

/// Puts other files together, or the same in another way; steps are kept.
fn change(session: Session, files: Vec<SourceFile>, what: impl Into<String>) {
    load(session, files, session.recipe.get_untracked(), Turn::change(session, what));
}

/// Reads files as one table, in place of what is open, and carries out a recipe on it.
pub(in crate::ui::session) fn load(session: Session, files: Vec<SourceFile>, recipe: Recipe, turn: Turn) {
    let Some(first) = files.first() else { return };
    let name = match files.len() {
        1 => first.file.name(),
        n => format!("{} and {} more", first.file.name(), n - 1),
    };
    let size = files.iter().map(|f| f.file.size() as u64).sum();
    let job = begin(session, name, size, Source::Files(files));
    session.next_recipe.set_value(Some(recipe));
    session.next_turn.set_value(turn);
    start(session, job);
}

/// Hands the files of a job to the worker, workbooks as the text of a sheet.
fn start(session: Session, job: JobId) {
    let files = match session.next_source.get_value() {
        Some((j, Source::Files(files))) if j == job => files,
        _ => return,
    };
    if !files.iter().any(wants_sheet) {
        return send(session, job, &files);
    }
    // Something else may be opened meanwhile, or reading be stopped.
    let is_current = move || session.dataset.with_untracked(|d| d.is_read_by(job));
    spawn_local(async move {
        let is_alone = files.len() == 1;
        let total = session.n_read.get_untracked().1;
        let mut n_before = 0;
        let mut readable = Vec::new();
        let mut refused = Vec::new();
        for mut file in files {
            if wants_sheet(&file) && is_workbook(&file.file).await {
                let tell = move |n_taken: u64| {
                    if is_current() {
                        session.n_read.set((n_before + n_taken, total));
                    }
                };
                let sheet = sheets::read(&file.file, file.options.sheet.as_deref(), tell).await;
                if !is_current() {
                    return;
                }
                match sheet {
                    Ok((text, info)) => {
                        file.options.sheet = Some(info.sheet.clone());
                        file.sheet = Some((text, info));
                    }
                    // Alone, or where it must not be missing, nothing is opened.
                    Err(notice) if is_alone || file.put != Put::ByShape => {
                        return receive::failed(session, job, &notice);
                    }
                    Err(notice) => {
                        refused.push((file.file.name(), notice));
                        continue;
                    }
                }
            }
            n_before += file.file.size() as u64;
            readable.push(file);
        }
        if !is_current() {
            return;
        }
        if readable.is_empty()
            && let Some((_, notice)) = refused.first()
        {
            return receive::failed(session, job, notice);
        }
        session.refused.set_value(refused);
        session.next_source.set_value(Some((job, Source::Files(readable.clone()))));
        send(session, job, &readable);
    });
}

fn wants_sheet(file: &SourceFile) -> bool {
    let is_there =
        file.sheet.as_ref().is_some_and(|(_, info)| file.options.sheet.as_ref() == Some(&info.sheet));
    workbook::may_be_workbook(&file.file.name()) && !is_there
}

async fn is_workbook(file: &File) -> bool {
    // What cannot be read is told by whoever reads all of it.
    let first = blocks::fetch(file, 0, workbook::N_LOOKED_AT as u64).await.unwrap_or_default();
    workbook::is_workbook(&file.name(), &first)
}

fn send(session: Session, job: JobId, files: &[SourceFile]) {
    let text = |f: &SourceFile| f.sheet.as_ref().map_or_else(|| f.file.clone(), |(text, _)| text.clone());
    let asked = files
        .iter()
        .map(|f| FileAsk {
            name: f.file.name(),
            n_bytes: text(f).size() as u64,
            options: f.options.clone(),
            put: f.put.clone(),
            workbook: f.sheet.as_ref().map(|(_, info)| info.clone()),
        })
        .collect();
    session.link().send_files(job, Request::LoadBegin { files: asked }, files.iter().map(text).collect());
}

/// Files that could not be used, in one notice.
pub(in crate::ui::session) fn say_refused(session: Session, refused: &[(String, Notice)], n_used: usize) {
    let Some((_, first)) = refused.first() else { return };
    let details: Vec<String> = refused.iter().map(|(name, n)| format!("{name}: {}", n.detail)).collect();
    let n = refused.len() as u64;
    let notice = Notice {
        title: format!(
            "{} of {} could not be used",
            words::count(n),
            words::counted(n + n_used as u64, "file", "files")
        ),
        detail: format!("{}.", details.join(". ")),
        remedy: format!("{}.", first.remedy.trim_end_matches('.')),
        is_stop: false,
    };
    session.toast(ToastKind::Bad, notice, false);
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

/// Which of the open files are read again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// The first and those below it, which are alike.
    Alike,
    /// Those at these places. A sample is at place 0.
    At(Vec<u32>),
}

/// Reads open files again in another way, which is said when it is done: "Line 3 is a row now". Steps are kept.
pub fn reread(session: Session, which: &Which, what: impl Into<String>, edit: impl Fn(&mut ReadOptions)) {
    reread_with(session, which, edit, session.recipe.get_untracked(), Turn::change(session, what));
}

/// The same with the recipe to carry out then.
pub(in crate::ui::session) fn reread_with(
    session: Session,
    which: &Which,
    edit: impl Fn(&mut ReadOptions),
    recipe: Recipe,
    turn: Turn,
) {
    let mut files = open(session);
    if files.is_empty() {
        let mut recipe = recipe;
        edit(&mut recipe.read);
        return reread_sample(session, recipe, turn);
    }
    for (place, file) in (0_u32..).zip(&mut files) {
        let is_meant = match which {
            Which::Alike => !matches!(file.put, Put::Join(_)),
            Which::At(places) => places.contains(&place),
        };
        if !is_meant {
            continue;
        }
        let own = file.options.clone();
        edit(&mut file.options);
        file.options.sheet = own.sheet;
        // Lines are those of a file.
        if place > 0 && *which == Which::Alike {
            (file.options.keep_lines, file.options.keep_reasons) = (own.keep_lines, own.keep_reasons);
        }
    }
    files.extend(session.aside.get_value());
    load(session, files, recipe, turn);
}

/// Reads the open sample as a recipe says.
pub(in crate::ui::session) fn reread_sample(session: Session, recipe: Recipe, turn: Turn) {
    let Some(loaded) = session.dataset.with_untracked(|d| d.loaded().cloned()) else { return };
    let Some(source) = session.source.get_value() else { return };
    let options = recipe.read.clone();
    let job = begin(session, loaded.receipt.file_name.clone(), loaded.receipt.n_bytes, source);
    session.next_recipe.set_value(Some(recipe));
    session.next_turn.set_value(turn);
    session.link().send_as(job, Request::Reread { options }, Vec::new());
}

/// A new worker holds nothing: reads the open files again, after which the recipe is carried out.
pub fn reload_after_restart(session: Session) {
    let Some(source) = session.source.get_value() else { return };
    let job = session.link().new_job();
    session.replay.set_value(Some(job));
    match source {
        Source::Files(mut files) => {
            files.extend(session.aside.get_value());
            send(session, job, &files);
        }
        Source::Sample(sample) => {
            let options = session.recipe.with_untracked(|r| r.read.clone());
            if options == ReadOptions::default() {
                session.link().send_as(job, Request::LoadSample { sample }, Vec::new());
            } else {
                // It was read again as the user wished: the second answer is the one that counts.
                session.link().send(Request::LoadSample { sample });
                session.link().send_as(job, Request::Reread { options }, Vec::new());
            }
        }
    }
}

fn begin(session: Session, file_name: String, total: u64, source: Source) -> JobId {
    sheets::stop();
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
    session.retyped.set_value(None);
    session.next_turn.set_value(Turn::Afresh);
    session.refused.set_value(Vec::new());
    session.next_source.set_value(Some((job, source)));
    session.n_read.set((0, total));
    session.dataset.set(Dataset::Loading { job, file_name, head: None, previous });
    job
}
