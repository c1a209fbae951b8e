//! The host: a worker without its mailbox. Takes messages, holds tables and results, gives messages back.

pub mod notice;

use crate::protocol::{Reply, Request, codec::Message};

/// Everything one worker holds.
#[derive(Default)]
pub struct Host {}

impl Host {
    /// A host that holds nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a request and hands every reply to `send`.
    pub fn receive(&mut self, _message: Message<Request>, _send: &mut dyn FnMut(Message<Reply>)) {}
}
