//! What a user can do: each action sends a request and marks where its answer will appear.

mod analyse;
mod load;
mod save;
mod steps;

pub use crate::ui::session::history::{redo, undo};
pub use analyse::{
    after_comparison, climb, compare, decide, decide_after_models, decide_after_segments, draw_curve,
    ensure_decision, ensure_exploration, ensure_model_choices, ensure_segment_choices, erase, explain,
    explain_family, explore, model_choices, refresh_choices, refresh_exploration, rerun, segment, stop,
    stop_way, tune,
};
pub use load::{
    Aside, Which, add_files, load_files_with_recipe, load_sample, look_at_join, open_files, put_aside,
    reload_after_restart, remove_file, reread, reread_sheet,
};
pub(super) use load::{follow, load, reread_sample, reread_with, say_refused};
pub use save::{save_contacts, save_table};
pub use steps::{
    apply_recipe, apply_steps, edit_step, is_reading, loss, move_step, place_of, prepare, read_as_rest,
    remove_step, set_kind, set_personal, set_role, set_steps, set_type,
};
