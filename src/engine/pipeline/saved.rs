//! The versioned storage form of runs: it outlives the build that wrote it.

/// Version of the storage form.
pub const SAVED_VERSION: u32 = 1;
