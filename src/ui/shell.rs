//! The frame around the pages: rail, top bar, foot bar of a phone, keys, dropping files anywhere.

use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast;

use super::{
    components::{
        Button, ButtonKind, Dialog, DialogKind, Icon, IconName, NoticeBox, NoticeKind, Progress, ToastPlace,
        Toasts, close_toast, focus_main,
    },
    route::{Page, Route},
    session::{Dataset, Session, actions, queries::StepState},
};
use crate::engine::words;
use crate::platform::{files, theme::ThemeChoice};

/// The frame.
#[component]
pub fn Shell(children: ChildrenFn) -> impl IntoView {
    let session = Session::expect();
    let route = Route::expect();
    let is_poster = Memo::new(move |_| !session.has_data() && route.page() == Page::Data);
    let is_help_open = RwSignal::new(false);
    let is_path_open = RwSignal::new(false);
    let is_over = drop_anywhere(session);
    keys(session, route, is_help_open);
    keep_scroll(route);
    // What is open on a page that is shown has been seen.
    Effect::new(move |_| {
        let page = route.page();
        if session.result_state(page) == StepState::Done {
            session.see(page);
        }
    });

    view! {
        <a class="shell__skip" href="#main" on:click=move |event| {
            event.prevent_default();
            focus_main();
        }>"Skip to the page"</a>
        <div class="shell" data-empty=move || is_poster.get().then_some("")>
            <Rail />
            <div class="shell__column">
                <TopBar is_poster on_help=move |()| is_help_open.set(true) />
                <WayBar />
                <LoadingBar />
                <Toasts place=ToastPlace::Page />
                <main class="shell__main" id="main" tabindex="-1" data-page=move || route.page().slug()>
                    {children()}
                </main>
            </div>
            <FootBar on_open=move |()| is_path_open.set(true) />
        </div>
        <Show when=move || is_over.get()>
            <div class="drop-veil" aria-hidden="true">"Drop to open"</div>
        </Show>
        <Dialog
            title="Steps" kind=DialogKind::Sheet
            is_open=is_path_open on_close=move |()| is_path_open.set(false)
        >
            <nav class="path path--sheet" aria-label="Steps" on:click=move |_| is_path_open.set(false)>
                <PathLinks />
            </nav>
        </Dialog>
        <KeyHelp is_open=is_help_open />
    }
}

#[component]
fn Mark() -> impl IntoView {
    view! {
        <svg viewBox="0 0 16 16" width="18" height="18" fill="none" aria-hidden="true">
            <path
                d="M2.5 14 8 2l5.5 12M4.7 9.5h6.6" stroke="currentColor" stroke-width="2"
                stroke-linecap="round" stroke-linejoin="round"
            ></path>
        </svg>
    }
}

#[component]
fn Rail() -> impl IntoView {
    view! {
        <aside class="rail">
            <a class="rail__home" href=Page::Data.href()><Mark />"Assay"</a>
            <nav class="path" aria-label="Steps"><PathLinks /></nav>
            <div class="rail__foot">
                <p><Icon name=IconName::Lock />"Your data stays on this device."</p>
                <p>"Press " <kbd>"?"</kbd> " for keys"</p>
            </div>
        </aside>
    }
}

#[component]
fn PathLinks() -> impl IntoView {
    Page::ALL.iter().map(|&page| view! { <PathLink page /> }).collect_view()
}

#[component]
fn PathLink(page: Page) -> impl IntoView {
    let session = Session::expect();
    let route = Route::expect();
    let state = Memo::new(move |_| session.step_state(page));
    let word = move || match state.get() {
        StepState::Stale => "out of date",
        StepState::Failed => "failed",
        _ => "",
    };
    let share = move || match state.get() {
        StepState::Running(Some(thousandths)) => Some(f64::from(thousandths) / 1000.0),
        _ => None,
    };
    let has_line = Memo::new(move |_| share().is_some());
    view! {
        <a
            class="path__link"
            href=page.href()
            data-state=move || state.get().slug()
            aria-current=move || (route.page() == page).then_some("page")
        >
            <span class="path__mark" aria-hidden="true"></span>
            {page.title()}
            <span class="visually-hidden">{move || format!(", {}", state.get().label())}</span>
            <span class="path__word" aria-hidden="true">{word}</span>
            <Show when=move || has_line.get()>
                <span class="path__line" aria-hidden="true">
                    <span style:transform=move || share().map(|s| format!("scaleX({s:.3})"))></span>
                </span>
            </Show>
        </a>
    }
}

#[component]
fn TopBar(#[prop(into)] is_poster: Signal<bool>, #[prop(into)] on_help: Callback<()>) -> impl IntoView {
    let session = Session::expect();
    let route = Route::expect();
    let has_data = Memo::new(move |_| session.has_data());
    view! {
        <header class="topbar">
            <Show
                when=move || has_data.get()
                fallback=move || is_poster.get().then(|| view! {
                    <a class="topbar__home" href=Page::Data.href()><Mark />"Assay"</a>
                })
            >
                <FileChip />
                <UndoRedo />
            </Show>
            <Toasts place=ToastPlace::Bar />
            <Requests />
            <ThemeSwitch />
            <Button kind=ButtonKind::Quiet icon=IconName::Info label="Keys and help" on_press=on_help />
            <Show when=move || has_data.get() && route.page() != Page::Report>
                <span class="topbar__report">
                    <Button kind=ButtonKind::Primary on_press=move |()| route.go(Page::Report)>"Report"</Button>
                </span>
            </Show>
        </header>
    }
}

#[component]
fn FileChip() -> impl IntoView {
    let session = Session::expect();
    let route = Route::expect();
    let name = move || session.loaded().map(|l| l.receipt.file_name.clone()).unwrap_or_default();
    let size =
        move || session.table().map(|t| words::size(t.n_rows, t.columns.len() as u64)).unwrap_or_default();
    view! {
        <button
            type="button" class="file-chip" on:click=move |_| route.go(Page::Data)
            title="Show the table and its receipt"
        >
            <Icon name=IconName::File />
            <span class="file-chip__name">{name}</span>
            <span class="file-chip__size" data-role="table-size">{size}</span>
        </button>
    }
}

#[component]
fn UndoRedo() -> impl IntoView {
    let session = Session::expect();
    view! {
        <Button
            kind=ButtonKind::Quiet icon=IconName::Undo label="Undo the last step (Ctrl+Z)"
            disabled=Signal::derive(move || !session.can_undo())
            on_press=move |()| actions::undo(session)
        />
        <Button
            kind=ButtonKind::Quiet icon=IconName::Redo label="Redo (Ctrl+Shift+Z)"
            disabled=Signal::derive(move || !session.can_redo())
            on_press=move |()| actions::redo(session)
        />
    }
}

#[component]
fn Requests() -> impl IntoView {
    let session = Session::expect();
    let words = move || {
        format!("{} since load", words::counted(u64::from(session.n_requests.get()), "request", "requests"))
    };
    view! {
        <span
            class="requests"
            data-none=move || (session.n_requests.get() == 0).then_some("")
            data-requests=move || session.n_requests.get().to_string()
            title="What this page has asked of the network since it was ready. Your data is never part of it."
        >
            <Icon name=IconName::Lock />
            {words}
        </span>
    }
}

#[component]
fn ThemeSwitch() -> impl IntoView {
    let session = Session::expect();
    let choice = session.theme_choice;
    move || {
        let now = choice.get();
        let icon = match now {
            ThemeChoice::Auto => IconName::Screen,
            ThemeChoice::Light => IconName::Sun,
            ThemeChoice::Dark => IconName::Moon,
        };
        let label =
            format!("Theme: {}. Switch to {}", now.label().to_lowercase(), now.next().label().to_lowercase());
        view! {
            <Button kind=ButtonKind::Quiet icon label on_press=move |()| choice.set(now.next()) />
        }
    }
}

#[component]
fn LoadingBar() -> impl IntoView {
    let session = Session::expect();
    let loading = Memo::new(move |_| {
        session.dataset.with(|d| match d {
            Dataset::Loading { job, file_name, .. } => Some((*job, file_name.clone())),
            _ => None,
        })
    });
    let is_loading = Memo::new(move |_| loading.with(Option::is_some));
    let label = Signal::derive(move || {
        loading.with(|l| l.as_ref().map(|l| format!("Reading {}", l.1))).unwrap_or_default()
    });
    let stop = move |()| {
        if let Some((job, _)) = loading.get_untracked() {
            actions::stop(session, job);
        }
    };
    view! {
        <Show when=move || is_loading.get()>
            <div class="loading-bar">
                <Progress
                    done=Signal::derive(move || session.n_read.get().0)
                    total=Signal::derive(move || session.n_read.get().1)
                    label on_stop=Callback::new(stop)
                />
            </div>
        </Show>
        {move || session.trouble.get().map(|notice| view! {
            <div class="loading-bar">
                <NoticeBox notice kind=NoticeKind::Bad>
                    <Button small=true on_press=move |()| session.trouble.set(None)>"Close this notice"</Button>
                </NoticeBox>
            </div>
        })}
    }
}

#[component]
fn WayBar() -> impl IntoView {
    let session = Session::expect();
    let way = Memo::new(move |_| session.way.get().map(|w| w.stage));
    let detail = move || {
        let comparison = session.comparison.with(|s| s.running().map(|r| (r.label.clone(), r.done, r.total)));
        let segments = session.segmentation.with(|s| s.running().map(|r| (r.label.clone(), r.done, r.total)));
        let explained = session.explanation.with(|s| s.running().map(|r| (r.label.clone(), r.done, r.total)));
        comparison
            .or(explained)
            .or(segments)
            .filter(|(_, _, total)| *total > 0)
            .map(|(label, done, total)| format!(": {label} ({done} of {total})"))
            .unwrap_or_default()
    };
    view! {
        {move || way.get().map(|stage| view! {
            <div class="way-bar" role="status">
                <span class="way-bar__words">{stage.label()}{detail}</span>
                <Button small=true icon=IconName::Stop on_press=move |()| actions::stop_way(session)>"Stop"</Button>
            </div>
        })}
    }
}

#[component]
fn FootBar(#[prop(into)] on_open: Callback<()>) -> impl IntoView {
    let route = Route::expect();
    let title = move || route.page().title();
    let next = move || {
        let page = route.page();
        Page::ALL.iter().copied().skip_while(|p| *p != page).nth(1)
    };
    view! {
        <nav class="footbar" aria-label="This step and the next">
            <button type="button" class="footbar__step" on:click=move |_| on_open.run(())>
                <Icon name=IconName::Menu />
                <span><span class="visually-hidden">"All steps, now at "</span>{title}</span>
            </button>
            {move || next().map(|page| view! {
                <a class="footbar__next" href=page.href() aria-label=format!("Next: {}", page.title())>
                    <Icon name=IconName::ArrowRight />
                </a>
            })}
        </nav>
    }
}

#[component]
fn KeyHelp(is_open: RwSignal<bool>) -> impl IntoView {
    let keys = [
        ("1 to 9", "Go to a step of the path"),
        ("Ctrl+Z", "Undo the last step"),
        ("Ctrl+Shift+Z", "Redo"),
        ("Ctrl+O", "Open a file"),
        ("Arrow keys", "Move between tabs, scroll tables"),
        ("Escape", "Close what is on top"),
        ("?", "Show these keys"),
    ];
    view! {
        <Dialog title="Keys" is_open on_close=move |()| is_open.set(false)>
            <dl class="keys">
                {keys.map(|(key, does)| view! { <dt><kbd>{key}</kbd></dt> <dd>{does}</dd> }).collect_view()}
            </dl>
            <p class="quiet">
                "On a Mac, Ctrl is Command. Assay works out everything on this device: it has no server to send your data to."
            </p>
        </Dialog>
    }
}

/// Whether a file is held over the window; drops open it.
fn drop_anywhere(session: Session) -> RwSignal<bool> {
    let is_over = RwSignal::new(false);
    let has_files = |event: &web_sys::DragEvent| {
        event.data_transfer().is_some_and(|t| t.types().includes(&"Files".into(), 0))
    };
    let _ = window_event_listener(ev::dragover, move |event| {
        if has_files(&event) {
            event.prevent_default();
            is_over.set(true);
        }
    });
    let _ = window_event_listener(ev::dragleave, move |event| {
        if event.related_target().is_none() {
            is_over.set(false);
        }
    });
    let _ = window_event_listener(ev::drop, move |event| {
        is_over.set(false);
        if has_files(&event) {
            event.prevent_default();
            actions::open_files(session, files::dropped(event.data_transfer()));
        }
    });
    is_over
}

fn keys(session: Session, route: Route, is_help_open: RwSignal<bool>) {
    let _ = window_event_listener(ev::keydown, move |event| {
        let target = event.target().and_then(|t| t.dyn_into::<web_sys::Element>().ok());
        let is_typing = target.as_ref().is_some_and(|t| {
            let tag = t.tag_name();
            tag == "TEXTAREA"
                || tag == "SELECT"
                || (tag == "INPUT"
                    && !matches!(t.get_attribute("type").as_deref(), Some("checkbox" | "radio")))
        });
        let has_dialog = document().query_selector("dialog[open]").ok().flatten().is_some();
        let key = event.key();
        if key == "Escape" && !has_dialog {
            close_toast(session);
        }
        if is_typing || event.alt_key() {
            return;
        }
        if event.ctrl_key() || event.meta_key() {
            match key.to_lowercase().as_str() {
                "z" if has_dialog => {}
                "z" if event.shift_key() => {
                    event.prevent_default();
                    actions::redo(session);
                }
                "z" => {
                    event.prevent_default();
                    actions::undo(session);
                }
                "y" => {
                    event.prevent_default();
                    actions::redo(session);
                }
                "o" => {
                    event.prevent_default();
                    files::pick_several(files::TABLES, move |files| actions::open_files(session, files));
                }
                _ => {}
            }
            return;
        }
        if has_dialog {
            return;
        }
        if key == "?" {
            event.prevent_default();
            is_help_open.set(true);
        } else if let Some(page) =
            key.parse::<usize>().ok().filter(|n| *n >= 1).and_then(|n| Page::ALL.get(n - 1)).copied()
        {
            route.go(page);
        }
    });
}

/// Each page remembers how far it was scrolled, also over a reload.
fn keep_scroll(route: Route) {
    let storage = || window().session_storage().ok().flatten();
    let key = |page: Page| format!("assay.scroll.{}", page.slug());
    let page = Memo::new(move |_| route.page());
    let _ = window_event_listener(ev::scroll, move |_| {
        if let (Some(storage), Ok(y)) = (storage(), window().scroll_y()) {
            let _ = storage.set_item(&key(page.get_untracked()), &y.to_string());
        }
    });
    Effect::new(move |before: Option<Page>| {
        let now = page.get();
        let y = storage()
            .and_then(|s| s.get_item(&key(now)).ok().flatten())
            .and_then(|y| y.parse::<f64>().ok())
            .unwrap_or(0.0);
        request_animation_frame(move || window().scroll_to_with_x_and_y(0.0, y));
        if before.is_some_and(|before| before != now) {
            // Whoever uses a keyboard or a screen reader goes on at the top of the new page.
            let focus_is_lost = document().active_element().is_none_or(|e| e.tag_name() == "BODY");
            if focus_is_lost {
                focus_main();
            }
        }
        now
    });
}
