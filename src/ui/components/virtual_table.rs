//! The rows of the prepared table, of which only those in sight exist. Rows are asked of the worker in blocks.

use std::collections::HashMap;

use leptos::{html::Div, prelude::*, task::spawn_local};

use crate::{
    engine::{data::column::ColumnType, words},
    protocol::{Reply, Request, TableRow},
    ui::session::Session,
};

/// Pixels; the stylesheet says the same.
const ROW: f64 = 28.0;
/// Rows asked at once.
const BLOCK: u64 = 100;
/// Browsers limit how tall an element can be; beyond this many rows the scroll bar is coarser than a row.
const MAX_HEIGHT: f64 = 8_000_000.0;

/// The table of the session, scrolling in its own frame.
#[component]
pub fn VirtualTable(
    /// Pixels of the frame.
    #[prop(default = 420)]
    height: u32,
) -> impl IntoView {
    let session = Session::expect();
    let frame_ref = NodeRef::<Div>::new();
    let columns = Memo::new(move |_| {
        session
            .table()
            .map(|t| {
                t.columns.into_iter().map(|c| (c.name, c.column_type, c.is_computed)).collect::<Vec<_>>()
            })
            .unwrap_or_default()
    });
    let sight = Sight {
        first: RwSignal::new(0),
        n_rows: Memo::new(move |_| session.table().map_or(0, |t| t.n_rows)),
        in_sight: u64::from(height) / ROW as u64 + 2,
    };
    let blocks = fetched(session, sight);
    let scroll = move |_| {
        if let Some(frame) = frame_ref.get() {
            sight.scrolled(f64::from(frame.scroll_top()), f64::from(frame.client_height()));
        }
    };

    let head = move || {
        columns
            .get()
            .into_iter()
            .map(|(name, kind, is_computed)| {
                let number = (kind == ColumnType::Number).then_some("");
                view! {
                    <th scope="col" data-number=number data-computed=is_computed.then_some("")>{name}</th>
                }
            })
            .collect_view()
    };
    let rows = move || {
        let columns = columns.get();
        sight
            .rows()
            .map(|index| {
                let row = blocks.with(|all| {
                    all.get(&(index / BLOCK)).and_then(|rows| rows.get((index % BLOCK) as usize)).cloned()
                });
                row_view(index, row, columns.iter().map(|(_, kind, _)| *kind))
            })
            .collect_view()
    };

    view! {
        <div
            class="virtual-table"
            style:max-height=format!("{height}px")
            node_ref=frame_ref
            tabindex="0"
            role="region"
            aria-label="The table"
            on:scroll=scroll
        >
            <table aria-rowcount=move || (sight.n_rows.get() + 1).to_string()>
                <thead>
                    <tr aria-rowindex="1">
                        <th scope="col" class="virtual-table__number">"Row"</th>
                        {head}
                    </tr>
                </thead>
                <tbody>
                    <tr class="virtual-table__space" aria-hidden="true" style:height=move || format!("{}px", sight.top())></tr>
                    {rows}
                    <tr class="virtual-table__space" aria-hidden="true" style:height=move || format!("{}px", sight.rest())></tr>
                </tbody>
            </table>
        </div>
    }
}

/// Which rows are in sight, and how much room those above and below take.
#[derive(Clone, Copy)]
struct Sight {
    /// The first row in sight.
    first: RwSignal<u64>,
    n_rows: Memo<u64>,
    in_sight: u64,
}

impl Sight {
    fn rows(self) -> std::ops::Range<u64> {
        let first = self.first.get();
        first..(first + self.in_sight).min(self.n_rows.get())
    }

    /// Of all rows, in pixels.
    fn total_height(self) -> f64 {
        (self.n_rows.get() as f64 * ROW).min(MAX_HEIGHT)
    }

    fn top(self) -> f64 {
        let n = self.n_rows.get() as f64;
        if n * ROW <= MAX_HEIGHT {
            self.first.get() as f64 * ROW
        } else {
            self.first.get() as f64 / n.max(1.0) * MAX_HEIGHT
        }
    }

    fn rest(self) -> f64 {
        (self.total_height() - self.top() - self.in_sight as f64 * ROW).max(0.0)
    }

    /// The frame of this height now begins `top` pixels down.
    fn scrolled(self, top: f64, frame_height: f64) {
        let n = self.n_rows.get_untracked();
        let row = if n as f64 * ROW <= MAX_HEIGHT {
            top / ROW
        } else {
            let share = (top / (MAX_HEIGHT - frame_height).max(1.0)).clamp(0.0, 1.0);
            share * n.saturating_sub(self.in_sight) as f64
        };
        self.first.set(row.max(0.0) as u64);
    }
}

/// The blocks of rows that have come, by number; those in sight are asked for.
fn fetched(session: Session, sight: Sight) -> RwSignal<HashMap<u64, Vec<TableRow>>> {
    let blocks = RwSignal::new(HashMap::<u64, Vec<TableRow>>::new());
    let asked = StoredValue::new(Vec::<u64>::new());
    // Rows belong to one prepared table: another one starts anew.
    let version = StoredValue::new(0_u32);
    Effect::new(move |_| {
        session.prepared.track();
        version.update_value(|v| *v += 1);
        asked.set_value(Vec::new());
        blocks.set(HashMap::new());
    });

    let fetch = move |block: u64| {
        if asked.with_value(|a| a.contains(&block)) {
            return;
        }
        asked.update_value(|a| a.push(block));
        let mine = version.get_value();
        spawn_local(async move {
            let reply = session.ask(Request::Rows { start: block * BLOCK, len: BLOCK as u32 }).await;
            let is_current = version.try_get_value() == Some(mine);
            if let (true, Ok((Reply::Rows { rows, .. }, _))) = (is_current, reply) {
                blocks.try_update(|all| all.insert(block, rows));
            }
        });
    };
    Effect::new(move |_| {
        if session.prepared.with(Option::is_none) || sight.n_rows.get() == 0 {
            return;
        }
        blocks.track();
        let start = sight.first.get() / BLOCK;
        let end = (sight.first.get() + sight.in_sight).min(sight.n_rows.get().saturating_sub(1)) / BLOCK;
        for block in start..=end {
            fetch(block);
        }
    });
    blocks
}

/// A row, or its place while it is being fetched.
fn row_view(index: u64, row: Option<TableRow>, kinds: impl Iterator<Item = ColumnType>) -> AnyView {
    let number = row.as_ref().map_or(index + 1, |r| r.number);
    let mut cells = row.map(|r| r.cells.into_iter());
    let cells = kinds
        .map(|kind| {
            let is_number = (kind == ColumnType::Number).then_some("");
            match cells.as_mut().map(|cells| cells.next().flatten()) {
                None => view! { <td class="virtual-table__wait"></td> }.into_any(),
                Some(None) => {
                    view! { <td class="virtual-table__missing" data-number=is_number>"missing"</td> }
                        .into_any()
                }
                Some(Some(text)) => view! { <td data-number=is_number>{text}</td> }.into_any(),
            }
        })
        .collect_view();
    view! {
        <tr aria-rowindex=(index + 2).to_string()>
            <th scope="row" class="virtual-table__number">{words::count(number)}</th>
            {cells}
        </tr>
    }
    .into_any()
}
