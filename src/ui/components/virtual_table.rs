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
    let first = RwSignal::new(0_u64);
    let blocks = RwSignal::new(HashMap::<u64, Vec<TableRow>>::new());
    let asked = StoredValue::new(Vec::<u64>::new());
    let columns = Memo::new(move |_| {
        session
            .table()
            .map(|t| {
                t.columns.into_iter().map(|c| (c.name, c.column_type, c.is_computed)).collect::<Vec<_>>()
            })
            .unwrap_or_default()
    });
    let n_rows = Memo::new(move |_| session.table().map_or(0, |t| t.n_rows));
    let in_sight = u64::from(height) / ROW as u64 + 2;

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
        if session.prepared.with(Option::is_none) || n_rows.get() == 0 {
            return;
        }
        blocks.track();
        let start = first.get() / BLOCK;
        let end = (first.get() + in_sight).min(n_rows.get().saturating_sub(1)) / BLOCK;
        for block in start..=end {
            fetch(block);
        }
    });

    let total_height = move || (n_rows.get() as f64 * ROW).min(MAX_HEIGHT);
    let scroll = move |_| {
        if let Some(frame) = frame_ref.get() {
            let range = (total_height() - f64::from(frame.client_height())).max(1.0);
            let share = (f64::from(frame.scroll_top()) / range).clamp(0.0, 1.0);
            let n = n_rows.get_untracked();
            let exact = n as f64 * ROW <= MAX_HEIGHT;
            let row = if exact {
                f64::from(frame.scroll_top()) / ROW
            } else {
                share * n.saturating_sub(in_sight) as f64
            };
            first.set(row.max(0.0) as u64);
        }
    };
    let top = move || {
        let n = n_rows.get() as f64;
        if n * ROW <= MAX_HEIGHT {
            first.get() as f64 * ROW
        } else {
            first.get() as f64 / n.max(1.0) * MAX_HEIGHT
        }
    };
    let rest = move || (total_height() - top() - in_sight as f64 * ROW).max(0.0);

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
        let n = n_rows.get();
        let last = (first.get() + in_sight).min(n);
        (first.get()..last)
            .map(|index| {
                let row = blocks.with(|all| {
                    all.get(&(index / BLOCK)).and_then(|rows| rows.get((index % BLOCK) as usize)).cloned()
                });
                let number = row.as_ref().map_or(index + 1, |r| r.number);
                let cells = columns
                    .iter()
                    .enumerate()
                    .map(|(i, (_, kind, _))| {
                        let is_number = (*kind == ColumnType::Number).then_some("");
                        match row.as_ref().map(|r| r.cells.get(i).cloned().flatten()) {
                            None => view! { <td class="virtual-table__wait"></td> }.into_any(),
                            Some(None) => {
                                view! { <td class="virtual-table__missing" data-number=is_number>"missing"</td> }.into_any()
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
            <table aria-rowcount=move || (n_rows.get() + 1).to_string()>
                <thead>
                    <tr aria-rowindex="1">
                        <th scope="col" class="virtual-table__number">"Row"</th>
                        {head}
                    </tr>
                </thead>
                <tbody>
                    <tr class="virtual-table__space" aria-hidden="true" style:height=move || format!("{}px", top())></tr>
                    {rows}
                    <tr class="virtual-table__space" aria-hidden="true" style:height=move || format!("{}px", rest())></tr>
                </tbody>
            </table>
        </div>
    }
}
