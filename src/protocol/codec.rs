//! Messages as bytes.

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::JobId;

/// A request or reply with its job and large bytes beside it.
#[derive(Debug, Clone, PartialEq)]
pub struct Message<B> {
    /// The request this belongs to.
    pub job: JobId,
    /// The request or reply.
    pub body: B,
    /// Large bytes, transferred beside the envelope.
    pub attachments: Vec<Vec<u8>>,
}

impl<B> Message<B> {
    /// A message without attachments.
    pub fn new(job: JobId, body: B) -> Self {
        Self { job, body, attachments: Vec::new() }
    }
}

/// Job and body as postcard.
pub fn encode<B: Serialize>(job: JobId, body: &B) -> Vec<u8> {
    crate::engine::task::encode(&(job, body))
}

/// Job and body from postcard; `None` when the bytes are not of this version.
pub fn decode<B: DeserializeOwned>(bytes: &[u8]) -> Option<(JobId, B)> {
    #[derive(Deserialize)]
    struct Both<B>(JobId, B);
    postcard::from_bytes::<Both<B>>(bytes).ok().map(|both| (both.0, both.1))
}
