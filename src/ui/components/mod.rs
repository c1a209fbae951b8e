//! The kit the pages are built from: one component a file, one stylesheet of the same name.

mod button;
mod card;
mod chart;
mod claim_card;
mod column_picker;
mod dialog;
mod empty_state;
mod field;
mod icon;
mod knob_form;
mod metric_tile;
mod next_step;
mod notice;
mod page_header;
mod progress;
mod sections;
mod slot_view;
mod table;
mod tabs;
mod term;
mod virtual_table;

pub use button::{Button, ButtonKind};
pub use card::{Card, Panel};
pub use chart::Chart;
pub use claim_card::{ClaimCard, ClaimList, GradeMark};
pub use column_picker::ColumnPicker;
pub use dialog::{Dialog, DialogKind};
pub use empty_state::{EmptyState, NeedsData};
pub use field::{Checkbox, Choice, Field, NumberInput, Select, Switch, TextInput};
pub use icon::{Icon, IconName};
pub use knob_form::KnobForm;
pub use metric_tile::{MetricRow, MetricTile};
pub use next_step::NextStep;
pub use notice::{NoticeBox, NoticeKind, ToastPlace, Toasts, close_toast, focus_main};
pub use page_header::PageHeader;
pub use progress::Progress;
pub use sections::Sections;
pub use slot_view::{Face, FaceStatus, SlotStatus};
pub use table::{Cell, Table};
pub use tabs::{Tab, Tabs};
pub use term::Term;
pub use virtual_table::VirtualTable;

/// An id no other element of the page has.
pub fn unique_id(prefix: &str) -> String {
    use std::cell::Cell;
    thread_local!(static NEXT: Cell<u32> = const { Cell::new(0) });
    let n = NEXT.with(|next| next.replace(next.get() + 1));
    format!("{prefix}-{n}")
}
