//! The fields of the session.

use std::{rc::Rc, sync::Arc};

use leptos::prelude::*;

use super::{
    history::{Moment, Turn},
    way::Way,
};
use crate::{
    charts::{ChartRequest, Picture},
    engine::{
        data::{
            combine::{Put, WorkbookInfo},
            reader::ReadOptions,
        },
        decisions::decision::Decision,
        models::{
            comparison::Comparison, explain::Explanation, ladder::Ladder, learning_curve::LearningCurve,
            plan::ModelChoices, tune::Tuning,
        },
        pipeline::recipe::Recipe,
        segments::segmentation::{SegmentChoices, Segmentation},
        statistics::exploration::{Exploration, ExplorePlan},
    },
    platform::{
        link::{Answer, Link},
        theme::{self, ThemeChoice},
    },
    protocol::{FamilyInfo, JobId, Loaded, Notice, PreparedTable, Reply, Request, Sample, TableRow},
    ui::route::Route,
};

/// Names of columns and rows of cells.
pub type FirstRows = Arc<(Vec<String>, Vec<TableRow>)>;

/// The open file.
#[derive(Debug, Clone, Default)]
pub enum Dataset {
    /// Nothing yet.
    #[default]
    Empty,
    /// Being read. What was open before stays usable until it is done.
    Loading {
        /// The job that reads it.
        job: JobId,
        /// As the user knows it.
        file_name: String,
        /// Names of the columns and the first rows, as soon as they are there.
        head: Option<FirstRows>,
        /// What was open before.
        previous: Option<Arc<Loaded>>,
    },
    /// Read.
    Ready(Arc<Loaded>),
}

impl Dataset {
    /// Whether a job is the one that reads the file.
    pub fn is_read_by(&self, job: JobId) -> bool {
        matches!(self, Self::Loading { job: current, .. } if *current == job)
    }

    /// The table that can be worked with, also while another is being read.
    pub fn loaded(&self) -> Option<&Arc<Loaded>> {
        match self {
            Self::Ready(loaded) | Self::Loading { previous: Some(loaded), .. } => Some(loaded),
            _ => None,
        }
    }
}

/// Work that goes on.
#[derive(Debug, Clone, PartialEq)]
pub struct Running {
    /// Names it to the worker.
    pub job: JobId,
    /// Units done.
    pub done: u64,
    /// 0 until known.
    pub total: u64,
    /// "Random forest, fold 3 of 5"
    pub label: String,
    /// Milliseconds on the page's clock.
    pub started_ms: f64,
    /// `Recipe::preparation` of the table it works on.
    pub preparation: u64,
    /// The recipe as it was asked, for the record of the run.
    pub recipe: Arc<Recipe>,
}

/// A result that stands in one place and can be asked for anew.
#[derive(Debug, Clone)]
pub enum Slot<T> {
    /// Never asked for.
    Empty,
    /// On its way.
    Running {
        /// The work.
        running: Running,
        /// What stands here meanwhile.
        previous: Option<Arc<T>>,
    },
    /// There.
    Ready {
        /// The result.
        value: Arc<T>,
        /// `Recipe::preparation` of the table it was found in.
        preparation: u64,
        /// From asking to having.
        duration_ms: f64,
        /// The recipe as it was asked.
        recipe: Arc<Recipe>,
    },
    /// Could not be had, or was stopped.
    Failed {
        /// Why.
        notice: Notice,
        /// The result before.
        previous: Option<Arc<T>>,
    },
}

impl<T> Slot<T> {
    /// The latest result, even while another is on its way.
    pub fn value(&self) -> Option<Arc<T>> {
        match self {
            Self::Ready { value, .. } => Some(value.clone()),
            Self::Running { previous, .. } | Self::Failed { previous, .. } => previous.clone(),
            Self::Empty => None,
        }
    }

    /// The result, unless another was asked for or could not be had.
    pub fn current(&self) -> Option<Arc<T>> {
        if self.is_ready() { self.value() } else { None }
    }

    /// The work that goes on.
    pub fn running(&self) -> Option<&Running> {
        match self {
            Self::Running { running, .. } => Some(running),
            _ => None,
        }
    }

    /// Whether there is a result of the present question.
    pub fn is_ready(&self) -> bool {
        matches!(self, Self::Ready { .. })
    }

    /// Why there is none.
    pub fn failure(&self) -> Option<&Notice> {
        match self {
            Self::Failed { notice, .. } => Some(notice),
            _ => None,
        }
    }

    /// Whether the result belongs to another state of the table.
    pub fn is_stale(&self, preparation: u64) -> bool {
        matches!(self, Self::Ready { preparation: own, .. } if *own != preparation)
    }
}

/// Where the bytes of the open table come from, to read them again when a worker ends.
#[derive(Clone)]
pub enum Source {
    /// Chosen or dropped, in the order in which they are put together.
    Files(Vec<SourceFile>),
    /// Built in.
    Sample(Sample),
}

/// A file the user handed over.
#[derive(Clone)]
pub struct SourceFile {
    /// As it was handed over.
    pub file: web_sys::File,
    /// Of a workbook: the text of a sheet, and which.
    pub sheet: Option<(web_sys::File, WorkbookInfo)>,
    /// How it is read.
    pub options: ReadOptions,
    /// How it is put to those before it.
    pub put: Put,
}

impl SourceFile {
    /// A file of which nothing is decided.
    pub fn new(file: web_sys::File) -> Self {
        Self { file, sheet: None, options: ReadOptions::default(), put: Put::ByShape }
    }

    /// Whether it is the same file, read and put to the others in the same way.
    pub fn is_same(&self, other: &Self) -> bool {
        self.file == other.file && self.options == other.options && self.put == other.put
    }
}

/// A message that is shown for a while.
#[derive(Debug, Clone, PartialEq)]
pub struct Toast {
    /// Unique.
    pub id: u32,
    /// Its words.
    pub notice: Notice,
    /// How it is meant.
    pub kind: ToastKind,
    /// Offers to take the last step back.
    pub can_undo: bool,
}

/// What a toast says about itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ToastKind {
    /// Done as wished.
    Good,
    /// Worth knowing.
    Note,
    /// Did not work; stays until closed.
    Bad,
}

/// Everything that spans pages. Cheap to copy; read with `.get()`/`.with()` inside views.
#[derive(Clone, Copy)]
pub struct Session {
    /// The open file.
    pub dataset: RwSignal<Dataset>,
    /// Bytes read of a file that is being read, and bytes there are (0 until known): apart, so that nothing else is drawn anew.
    pub n_read: RwSignal<(u64, u64)>,
    /// The table with the recipe applied; the older one while a new one is made.
    pub prepared: RwSignal<Option<Arc<PreparedTable>>>,
    /// The job that prepares the table, if one is on its way.
    pub preparing: RwSignal<Option<JobId>>,
    /// What the user decided.
    pub recipe: RwSignal<Recipe>,
    /// What one can go back to, latest last.
    pub past: RwSignal<Vec<Moment>, LocalStorage>,
    /// What was taken back, latest last.
    pub future: RwSignal<Vec<Moment>, LocalStorage>,
    /// Summaries, tests, findings.
    pub exploration: RwSignal<Slot<Exploration>>,
    /// What can be predicted, from what.
    pub model_choices: RwSignal<Slot<ModelChoices>>,
    /// The models compared.
    pub comparison: RwSignal<Slot<Comparison>>,
    /// Why one of them predicts what it predicts.
    pub explanation: RwSignal<Slot<Explanation>>,
    /// What the score of those models is worth.
    pub ladder: RwSignal<Slot<Ladder>>,
    /// How it grows with the rows.
    pub curve: RwSignal<Slot<LearningCurve>>,
    /// What can be clustered on.
    pub segment_choices: RwSignal<Slot<SegmentChoices>>,
    /// A search for better settings of a model.
    pub tuning: RwSignal<Slot<Tuning>>,
    /// Where that search stands, while it goes on.
    pub tuning_so_far: RwSignal<Option<Arc<Tuning>>>,
    /// The segments found.
    pub segmentation: RwSignal<Slot<Segmentation>>,
    /// The decision in money.
    pub decision: RwSignal<Slot<Decision>>,
    /// Every model family, known once model choices were asked for.
    pub families: RwSignal<Vec<FamilyInfo>>,
    /// Pages whose results the user has seen or made, a bit each: [`Session::has_seen`].
    pub seen: RwSignal<u32>,
    /// What the explorations the user has looked at were made from: one that comes back is not new.
    pub(super) explored: StoredValue<Vec<(u64, ExplorePlan)>>,
    /// Messages. The last one is shown; an error waits below until it is closed.
    pub toasts: RwSignal<Vec<Toast>>,
    /// Id of the next of them.
    pub next_toast: StoredValue<u32>,
    /// What stands in the way of everything: a file that cannot be read, a worker that does not start.
    pub trouble: RwSignal<Option<Notice>>,
    /// Where the suggested way stands, while it is walked.
    pub way: RwSignal<Option<Way>>,
    /// Requests to the network since the page was loaded.
    pub n_requests: RwSignal<u32>,
    /// Light, dark, or as the system says.
    pub theme_choice: RwSignal<ThemeChoice>,
    /// Raised whenever colours change: charts read it and draw again.
    pub theme_version: RwSignal<u32>,
    /// Whether the worker can be spoken to.
    pub is_connected: RwSignal<bool>,
    /// Where the user is.
    pub route: Route,
    pub(super) source: StoredValue<Option<Source>, LocalStorage>,
    /// Where the file being read comes from: becomes `source` when it is read.
    pub(super) next_source: StoredValue<Option<(JobId, Source)>, LocalStorage>,
    /// A recipe that was given before there was a table.
    pub(super) waiting_recipe: StoredValue<Option<Recipe>>,
    /// Files that were read with those of `source` and are of another shape, as `Loaded::aside` lists them.
    pub(super) aside: StoredValue<Vec<SourceFile>, LocalStorage>,
    /// Files that could not be used before the worker saw them, and why.
    pub(super) refused: StoredValue<Vec<(String, Notice)>>,
    /// A recipe to apply to the file being read, instead of an empty one.
    pub(super) next_recipe: StoredValue<Option<Recipe>>,
    /// The column for whose type it is read again, if it is.
    pub(super) retyped: StoredValue<Option<String>>,
    /// What becomes of the history when that file is there.
    pub(super) next_turn: StoredValue<Turn, LocalStorage>,
    /// The job that reads the same file again after a worker ended, whose results stay valid.
    pub(super) replay: StoredValue<Option<JobId>>,
    /// Whether results must be worked out again once the table is prepared in a new worker.
    pub(super) must_rerun: StoredValue<bool>,
    link: StoredValue<Rc<Link>, LocalStorage>,
}

impl Session {
    /// Makes the session, connects the worker and provides it to the app.
    pub fn provide(route: Route) -> Self {
        let slot: StoredValue<Option<Session>> = StoredValue::new(None);
        let link = Link::new(move |event| {
            if let Some(session) = slot.get_value() {
                super::receive::receive(session, event);
            }
        });
        let session = Self {
            dataset: RwSignal::default(),
            n_read: RwSignal::default(),
            prepared: RwSignal::default(),
            preparing: RwSignal::default(),
            recipe: RwSignal::default(),
            past: RwSignal::new_local(Vec::new()),
            future: RwSignal::new_local(Vec::new()),
            exploration: RwSignal::new(Slot::Empty),
            model_choices: RwSignal::new(Slot::Empty),
            comparison: RwSignal::new(Slot::Empty),
            explanation: RwSignal::new(Slot::Empty),
            ladder: RwSignal::new(Slot::Empty),
            curve: RwSignal::new(Slot::Empty),
            segment_choices: RwSignal::new(Slot::Empty),
            segmentation: RwSignal::new(Slot::Empty),
            tuning: RwSignal::new(Slot::Empty),
            tuning_so_far: RwSignal::new(None),
            decision: RwSignal::new(Slot::Empty),
            families: RwSignal::default(),
            seen: RwSignal::new(0),
            explored: StoredValue::default(),
            toasts: RwSignal::default(),
            next_toast: StoredValue::new(0),
            trouble: RwSignal::default(),
            way: RwSignal::default(),
            n_requests: RwSignal::new(0),
            theme_choice: RwSignal::new(theme::stored()),
            theme_version: RwSignal::new(0),
            is_connected: RwSignal::new(false),
            route,
            source: StoredValue::new_local(None),
            next_source: StoredValue::new_local(None),
            waiting_recipe: StoredValue::new(None),
            aside: StoredValue::new_local(Vec::new()),
            refused: StoredValue::new(Vec::new()),
            next_recipe: StoredValue::new(None),
            retyped: StoredValue::new(None),
            next_turn: StoredValue::new_local(Turn::Afresh),
            replay: StoredValue::new(None),
            must_rerun: StoredValue::new(false),
            link: StoredValue::new_local(link.clone()),
        };
        slot.set_value(Some(session));
        provide_context(session);
        leptos::task::spawn_local(async move {
            if let Err(words) = link.connect().await {
                session.trouble.set(Some(Notice {
                    title: "The worker could not start".into(),
                    detail: format!("This browser answered: {words}"),
                    remedy: "Reload the page; if that does not help, use a current Firefox, Chrome, Edge or Safari."
                        .into(),
                    is_stop: false,
                }));
            }
        });
        session
    }

    /// The one of the app.
    pub fn expect() -> Self {
        expect_context()
    }

    /// The line to the worker.
    pub fn link(self) -> Rc<Link> {
        self.link.get_value()
    }

    /// Asks the worker something that no slot holds (rows, a preview, an export) and waits.
    pub async fn ask(self, request: Request) -> Answer {
        let link = self.link();
        link.ask(request).await
    }

    /// Has a chart drawn in the theme in force. `Ok(None)` when there is nothing to draw.
    pub async fn draw(self, chart: ChartRequest) -> Result<Option<Picture>, Notice> {
        match self.ask(Request::Draw { chart, theme: theme::read() }).await? {
            (Reply::Drawn { picture }, _) => Ok(picture.map(|p| *p)),
            _ => Ok(None),
        }
    }

    /// Shows a message for a while, in place of the one before; an error stays until it is closed, whatever is said meanwhile.
    pub fn toast(self, kind: ToastKind, notice: Notice, can_undo: bool) {
        // Whoever waited for a worker that died hears so after the error that says why.
        let is_known = kind == ToastKind::Bad
            && notice.is_stop
            && self.toasts.with_untracked(|all| all.iter().any(|t| t.kind == ToastKind::Bad));
        if is_known {
            return;
        }
        let id = self.next_toast.get_value();
        self.next_toast.set_value(id + 1);
        self.toasts.update(|toasts| {
            toasts.retain(|t| t.kind == ToastKind::Bad && kind != ToastKind::Bad);
            toasts.push(Toast { id, notice, kind, can_undo });
        });
        if kind != ToastKind::Bad {
            crate::platform::time::after(7_000, move || {
                // Nobody who is about to press its button loses it.
                let in_use = document().query_selector(".toast:is(:hover, :focus-within)");
                if !matches!(in_use, Ok(Some(_))) {
                    self.toasts.update(|toasts| toasts.retain(|t| t.id != id));
                }
            });
        }
    }

    /// Says something short: "Steps applied".
    pub fn say(self, kind: ToastKind, title: impl Into<String>) {
        self.toast(kind, Notice { title: title.into(), ..Notice::default() }, false);
    }
}
