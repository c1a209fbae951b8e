//! A worker: connects the mailbox to the host.

#[cfg(target_arch = "wasm32")]
fn main() {
    use std::{cell::RefCell, rc::Rc};

    use assay::{
        host::Host,
        platform::mailbox,
        protocol::{JobId, Reply, Request, codec::Message},
    };
    use wasm_bindgen::{JsCast, closure::Closure};
    use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

    console_error_panic_hook::set_once();
    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    let post = {
        let scope = scope.clone();
        move |reply: Message<Reply>| {
            let attachments: Vec<&[u8]> = reply.attachments.iter().map(Vec::as_slice).collect();
            let (message, transfer) = mailbox::pack(reply.job, &reply.body, &attachments);
            let _ = scope.post_message_with_transfer(&message, &transfer);
        }
    };
    let host = Rc::new(RefCell::new(Host::new()));
    let on_message = {
        let post = post.clone();
        Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            if let Some(request) = mailbox::unpack::<Request>(&event.data()) {
                host.borrow_mut().receive(request, &mut |reply| post(reply));
            }
        })
    };
    scope.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    on_message.forget();
    post(Message::new(JobId(0), Reply::Ready { version: env!("CARGO_PKG_VERSION").to_owned() }));
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    eprintln!("This is the browser's worker; `assay` is the command-line tool, `make run` opens the page.");
}
