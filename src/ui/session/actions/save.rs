//! Saving the prepared table, or the people of some segments, as a CSV.

use leptos::task::spawn_local;

use crate::{
    platform::download,
    protocol::{Reply, Request},
    ui::session::state::{Session, ToastKind},
};

/// Saves the prepared table; with segments, their people alone, each with the name of theirs.
pub fn save_table(session: Session, segments: Option<Vec<u32>>) {
    save(session, Request::ExportTable { segments });
}

/// Saves the people the decision contacts one by one, each with the response expected.
pub fn save_contacts(session: Session) {
    save(session, Request::ExportContacts);
}

fn save(session: Session, request: Request) {
    spawn_local(async move {
        match session.ask(request).await {
            Ok((Reply::Exported { file_name, mime }, attachments)) => {
                let bytes = attachments.into_iter().next().unwrap_or_default();
                download::save(&file_name, &mime, &bytes);
                session.say(ToastKind::Good, format!("Saved {file_name}"));
            }
            Ok(_) => {}
            Err(notice) => session.toast(ToastKind::Bad, notice, false),
        }
    });
}
