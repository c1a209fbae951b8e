//! Messages as JavaScript sees them: an array of the envelope and the attachments, all transferred.

use js_sys::{Array, Uint8Array};
use serde::{Serialize, de::DeserializeOwned};
use wasm_bindgen::{JsCast, JsValue};

use crate::protocol::{
    JobId,
    codec::{self, Message},
};

/// The message and the list of buffers to transfer.
pub fn pack<B: Serialize>(job: JobId, body: &B, attachments: &[&[u8]]) -> (JsValue, JsValue) {
    let message = Array::new();
    let transfer = Array::new();
    let envelope = codec::encode(job, body);
    for bytes in std::iter::once(envelope.as_slice()).chain(attachments.iter().copied()) {
        let array = Uint8Array::from(bytes);
        transfer.push(&array.buffer());
        message.push(&array);
    }
    (message.into(), transfer.into())
}

/// What came beside a message and is no bytes: a file, ports.
pub fn beside<T: JsCast>(data: &JsValue) -> Vec<T> {
    let Some(parts) = data.dyn_ref::<Array>() else { return Vec::new() };
    parts.iter().filter_map(|part| part.dyn_into::<T>().ok()).collect()
}

/// The message of a `MessageEvent`'s data; `None` when it is not one of ours.
pub fn unpack<B: DeserializeOwned>(data: &JsValue) -> Option<Message<B>> {
    let parts: &Array = data.dyn_ref()?;
    let mut bytes = parts.iter().filter_map(|part| part.dyn_into::<Uint8Array>().ok()).map(|a| a.to_vec());
    let (job, body) = codec::decode(&bytes.next()?)?;
    Some(Message { job, body, attachments: bytes.collect() })
}
