//! The page: what the user sees and does. Formats and arranges; computes nothing about the data.

use leptos::prelude::*;

pub mod app;
pub mod components;
pub mod format;
pub mod hooks;
pub mod pages;
pub mod route;
pub mod session;
pub mod shell;
pub mod widgets;

/// Puts the app into the document.
pub fn mount() {
    mount_to_body(app::App);
}
