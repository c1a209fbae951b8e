//! A worker: connects the mailbox to the host, reads files for it and helps other hosts to read theirs.

#[cfg(target_arch = "wasm32")]
fn main() {
    wasm::main();
}

#[cfg(target_arch = "wasm32")]
mod wasm {
    use std::{cell::RefCell, collections::VecDeque, rc::Rc};

    use assay::{
        engine::{data::reader::block, error::EngineError, words},
        host::{Host, notice},
        platform::{
            blocks::{self, Crew},
            mailbox,
            stretch::Stretches,
            time::now_ms,
        },
        protocol::{JobId, Notice, Reply, Request, TableRow, codec::Message},
    };
    use wasm_bindgen::{JsCast, closure::Closure};
    use wasm_bindgen_futures::spawn_local;
    use web_sys::{DedicatedWorkerGlobalScope, File, MessageEvent, MessagePort};

    /// Rows shown while the others are being read.
    const N_FIRST_ROWS: usize = 20;

    /// Milliseconds between two words of how far reading is.
    const PROGRESS_EVERY: f64 = 150.0;

    /// Blocks that may wait for one that a helper has.
    const MOST_WAITING: usize = 16;

    /// How long a helper may keep the last blocks before the host reads them itself, in milliseconds.
    const PATIENCE: i32 = 250;

    type SharedHost = Rc<RefCell<Host>>;

    pub fn main() {
        console_error_panic_hook::set_once();
        let host = SharedHost::default();
        let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            let data = event.data();
            if blocks::is_block(&data) {
                return blocks::arrive(&data);
            }
            match mailbox::unpack::<Request>(&data) {
                Some(request) => match mailbox::beside::<File>(&data) {
                    files if files.is_empty() => host.borrow_mut().receive(request, &mut post),
                    files => begin(&host, request, files, mailbox::beside(&data)),
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

    /// Starts reading files with helpers behind these ports.
    fn begin(host: &SharedHost, request: Message<Request>, files: Vec<File>, ports: Vec<MessagePort>) {
        let job = request.job;
        let Request::LoadBegin { files: asked } = request.body else { return };
        host.borrow_mut().begin_files(job, asked);
        let host = Rc::clone(host);
        spawn_local(async move {
            if let Err(notice) = read_all(&host, job, &files, ports).await {
                host.borrow_mut().give_up(job, notice, &mut post);
            }
        });
    }

    /// Reads files one after the other, or until others are read instead.
    async fn read_all(
        host: &SharedHost,
        job: JobId,
        files: &[File],
        ports: Vec<MessagePort>,
    ) -> Result<(), Notice> {
        let Some(first) = files.first() else { return Ok(()) };
        let crew = Crew::new(first, ports);
        for (i, file) in files.iter().enumerate() {
            crew.turn_to(file);
            let failure = read(host, job, file, &crew, i == 0).await.err();
            host.borrow_mut().next_file(job, failure)?;
        }
        // Every column has its type; what is left is to put the files together and to look at them.
        say_progress(host, job);
        host.borrow_mut().receive(Message::new(job, Request::LoadEnd), &mut post);
        Ok(())
    }

    fn say_progress(host: &SharedHost, job: JobId) {
        if let Some((done, total, n_rows)) = host.borrow().progress(job) {
            post(Message::new(job, Reply::Progress { done, total, label: words::rows_of(n_rows) }));
        }
    }

    /// Reads a file to its end, or until another is read instead.
    async fn read(
        host: &SharedHost,
        job: JobId,
        file: &File,
        crew: &Crew,
        is_first: bool,
    ) -> Result<(), Notice> {
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
        // Of a file that is read at once the table is there as soon as its first rows would be.
        if is_first && file.size() as u64 > block::BLOCK {
            reading!(host, reading);
            let (columns, rows, total) = reading.first_rows(N_FIRST_ROWS);
            let rows = rows.into_iter().zip(1..).map(|(cells, number)| TableRow { number, cells }).collect();
            post(Message::new(job, Reply::Rows { start: 0, total, columns, rows }));
        }
        // Blocks that this worker reads itself.
        let mut own: VecDeque<block::BlockTask> = VecDeque::new();
        let mut stretches = Stretches::new(file);
        let mut told = now_ms();
        loop {
            // Seldom enough that drawing it takes no time from reading.
            if now_ms() >= told + PROGRESS_EVERY {
                told = now_ms();
                say_progress(host, job);
            }
            let task = {
                reading!(host, reading);
                while let Some(block) = crew.arrived(reading.expected()) {
                    reading.take(block).map_err(wrong)?;
                }
                while let Some(block) = reading.read_at_hand() {
                    reading.take(block).map_err(wrong)?;
                }
                if reading.is_done() {
                    break;
                }
                let round = reading.round();
                own.retain(|task| task.round == round);
                // The next run begins to come while the last block of this one is read.
                let is_at_end = reading.n_left() < 2 * blocks::FEWEST * crew.n_readers();
                if own.is_empty() || own.len() == 1 && !is_at_end {
                    let n = blocks::run_length(reading.n_left(), crew.n_readers());
                    own.extend(std::iter::from_fn(|| reading.next_task()).take(n));
                }
                if let Some(plan) = reading.plan() {
                    let n = blocks::run_length(reading.n_left(), crew.n_readers());
                    crew.give(round, &plan, n, || reading.next_task());
                }
                // A helper that does not answer must not hold up what others have read.
                let is_overdue = reading.n_waiting() + crew.n_arrived() > MOST_WAITING;
                let overdue = is_overdue.then(|| crew.take_back_block(reading.expected())).flatten();
                overdue.or_else(|| own.pop_front()).or_else(|| crew.take_back(false))
            };
            let task = match task {
                Some(task) => task,
                None => {
                    if crew.wait(PATIENCE).await {
                        continue;
                    }
                    let Some(task) = crew.take_back(true) else { continue };
                    task
                }
            };
            let plan = {
                reading!(host, reading);
                reading.plan()
            };
            let Some(plan) = plan else { return Ok(()) };
            let block =
                blocks::read_block(&mut stretches, &plan, &task, own.iter()).await.map_err(unreadable)?;
            reading!(host, reading);
            // Of another round it is dropped.
            if block.task.round == reading.round() && block.task.index > reading.expected() {
                crew.keep(block);
            } else {
                reading.take(block).map_err(wrong)?;
            }
        }
        Ok(())
    }
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    eprintln!("This is the browser's worker; `assay` is the command-line tool, `make run` opens the page.");
}
