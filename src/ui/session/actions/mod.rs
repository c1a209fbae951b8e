//! What a user can do: each action sends a request and marks where its answer will appear.

mod analyse;
mod load;
mod save;
mod steps;

pub use analyse::{
    compare, decide, decide_after_segments, ensure_decision, ensure_exploration, ensure_model_choices,
    ensure_segment_choices, erase, explore, model_choices, refresh_choices, refresh_exploration, rerun,
    segment, stop, stop_way,
};
pub use load::{load_file, load_file_with_recipe, load_sample, open_file, reload_after_restart, reread};
pub use save::save_table;
pub use steps::{
    apply_recipe, apply_steps, edit_step, loss, move_step, place_of, prepare, redo, remove_step, set_kind,
    set_personal, set_role, set_steps, set_type, undo,
};
