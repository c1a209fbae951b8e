//! The browser's side: workers, files, downloads, theme and what else only a page has. Knows nothing of the page's layout.

pub mod blocks;
pub mod download;
pub mod echarts;
pub mod files;
pub mod link;
pub mod mailbox;
pub mod once;
pub mod paper;
pub mod pool;
pub mod requests;
pub mod sheets;
#[cfg(feature = "page")]
pub mod storage;
pub mod stretch;
pub mod theme;
pub mod time;
pub mod watch;
pub mod worker;

/// Says in the browser's console what a developer should see.
fn complain(words: &str) {
    web_sys::console::error_1(&words.into());
}
