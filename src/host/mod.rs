//! The host: a worker without its mailbox. Takes messages, holds tables and results, gives messages back.

pub mod notice;
