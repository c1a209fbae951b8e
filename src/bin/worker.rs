//! A worker: connects the mailbox to the host, reads files for it and helps other hosts to read theirs.

#[cfg(target_arch = "wasm32")]
fn main() {
    wasm::main();
}

#[cfg(target_arch = "wasm32")]
mod wasm {
    use std::{cell::RefCell, rc::Rc};

    use assay::{
        engine::{data::reader::block, error::EngineError, words},
        host::{Host, notice},
        platform::{
            blocks::{self, Crew},
            mailbox,
        },
        protocol::{JobId, Notice, Reply, Request, TableRow, codec::Message},
    };
    use wasm_bindgen::{JsCast, closure::Closure};
    use wasm_bindgen_futures::spawn_local;
    use web_sys::{DedicatedWorkerGlobalScope, File, MessageEvent, MessagePort};

    /// Rows shown while the others are being read.
    const N_FIRST_ROWS: usize = 20;

    /// How long a helper may keep the last blocks before the host reads them itself, in milliseconds.
    const PATIENCE: i32 = 250;

    type SharedHost = Rc<RefCell<Host>>;

    pub fn main() {
        console_error_panic_hook::set_once();
        let host = SharedHost::default();
        let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            let data = event.data();
            match mailbox::unpack::<Request>(&data) {
                Some(request) => match mailbox::beside::<File>(&data).pop() {
                    Some(file) => begin(&host, request, file, mailbox::beside(&data)),
                    None => host.borrow_mut().receive(request, &mut post),
                },
                // Another worker's host wants help.
                None => mailbox::beside(&data).iter().for_each(blocks::serve),
            }
        });
        scope.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        on_message.forget();
        post(Message::new(JobId(0), Reply::Ready { version: env!("CARGO_PKG_VERSION").to_owned() }));
    }

    fn post(reply: Message<Reply>) {
        let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
        let attachments: Vec<&[u8]> = reply.attachments.iter().map(Vec::as_slice).collect();
        let (message, transfer) = mailbox::pack(reply.job, &reply.body, &attachments);
        let _ = scope.post_message_with_transfer(&message, &transfer);
    }

    /// Starts reading a file with helpers behind these ports.
    fn begin(host: &SharedHost, request: Message<Request>, file: File, ports: Vec<MessagePort>) {
        let job = request.job;
        let Request::LoadBegin { file_name, n_bytes, options } = request.body else { return };
        host.borrow_mut().begin_blocks(job, &file_name, n_bytes, options);
        let host = Rc::clone(host);
        spawn_local(async move {
            if let Err(notice) = read(&host, job, &file, ports).await {
                host.borrow_mut().give_up(job, notice, &mut post);
            }
        });
    }

    /// Reads a file to its end, or until another is read instead.
    async fn read(host: &SharedHost, job: JobId, file: &File, ports: Vec<MessagePort>) -> Result<(), Notice> {
        let unreadable = |words: String| notice::unreadable(&words);
        let wrong = |error| notice::notice(&EngineError::Read(error));
        // Borrowed anew after every wait: the host answers others meanwhile, and may be told of another file.
        macro_rules! reading {
            ($host:ident, $reading:ident) => {
                let mut $host = host.borrow_mut();
                let Some($reading) = $host.reading(job) else { return Ok(()) };
            };
        }
        loop {
            let n = {
                reading!(host, reading);
                match reading.wants_head() {
                    Some(n) => n,
                    None => break,
                }
            };
            let head = blocks::fetch(file, 0, n).await.map_err(unreadable)?;
            reading!(host, reading);
            reading.begin(head).map_err(wrong)?;
        }
        {
            reading!(host, reading);
            let (columns, rows, total) = reading.first_rows(N_FIRST_ROWS);
            let rows = rows.into_iter().zip(1..).map(|(cells, number)| TableRow { number, cells }).collect();
            post(Message::new(job, Reply::Rows { start: 0, total, columns, rows }));
        }
        let crew = Crew::new(file, ports);
        let mut fetched = None;
        let mut told = 0;
        loop {
            let task = {
                reading!(host, reading);
                while let Some(block) = crew.arrived() {
                    reading.take(block).map_err(wrong)?;
                }
                if reading.is_done() {
                    break;
                }
                let (done, total) = reading.progress();
                // Fifty steps are enough for the eye.
                if done >= told + total / 50 {
                    told = done;
                    let label = words::rows_of(reading.n_rows());
                    post(Message::new(job, Reply::Progress { done, total, label }));
                }
                let round = reading.round();
                fetched = fetched.filter(|(task, _): &(block::BlockTask, _)| task.round == round);
                if fetched.is_none() {
                    fetched = reading.next_task().map(|t| (t, blocks::fetch(file, t.from, t.to)));
                }
                if let Some(plan) = reading.plan() {
                    crew.give(round, &plan, || reading.next_task());
                }
                let with_bytes = |task: block::BlockTask| {
                    let bytes = blocks::fetch(file, task.from, task.to);
                    (task, bytes)
                };
                fetched.take().or_else(|| crew.take_back(false).map(with_bytes))
            };
            let Some((task, bytes)) = task else {
                crew.wait(PATIENCE).await;
                if let Some(block) = crew.arrived() {
                    reading!(host, reading);
                    reading.take(block).map_err(wrong)?;
                } else {
                    fetched = crew.take_back(true).map(|t| {
                        let bytes = blocks::fetch(file, t.from, t.to);
                        (t, bytes)
                    });
                }
                continue;
            };
            let bytes = bytes.await.map_err(unreadable)?;
            reading!(host, reading);
            if task.round == reading.round()
                && let Some(plan) = reading.plan()
            {
                // The next block comes while this one is read.
                fetched = reading.next_task().map(|t| (t, blocks::fetch(file, t.from, t.to)));
                reading.take(block::read(&plan, &task, &bytes)).map_err(wrong)?;
            }
        }
        // Every column has its type; what is left is to look at them.
        {
            reading!(host, reading);
            let (_, total) = reading.progress();
            let label = words::rows_of(reading.n_rows());
            post(Message::new(job, Reply::Progress { done: total, total, label }));
        }
        host.borrow_mut().receive(Message::new(job, Request::LoadEnd), &mut post);
        Ok(())
    }
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    eprintln!("This is the browser's worker; `assay` is the command-line tool, `make run` opens the page.");
}
