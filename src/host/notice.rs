//! Turns an engine error into words: what happened, where, what to try.
