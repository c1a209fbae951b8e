//! The course of a reading: decides by the first bytes, hands out blocks, puts together what was found in them, corrects
//! what later rows contradict, and writes the receipt. It reads nothing itself, so that anything can read for it.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use super::{
    MOST_COLUMNS, ReadError, ReadOptions, ReadTable,
    block::{
        self, BLOCK, Before, Begin, Block, BlockTask, MOST_LISTED, MOST_SKIPPED, MOST_UNLABELLED, Plan,
        Ragged, TAIL,
    },
    dialect::Dialect,
    encoding::{Coding, Damage},
    held::{self, Form, Held},
    layout::Layout,
    magic, recognise,
    tokens::Tokens,
    totals,
    types::{self, Decimal, Hints, Missing},
};
use crate::engine::{
    data::{
        column::{ColumnType, Dictionary},
        issue::{Issue, IssueKind, Severity},
        role::Role,
        summary::{Receipt, SkippedCount, SkippedGroup, SkippedLine},
        table::{Table, Writing},
    },
    order::InOrder,
    words::{self, counted, list, quoted},
};

/// The first bytes, by which everything is decided provisionally; more are asked for when they hold too few rows.
const HEAD: u64 = 256 << 10;

/// No more than this is asked for.
const MOST_HEAD: u64 = 16 << 20;

/// Rows by whose cells decimal signs are decided for the whole file.
const N_DECIDING: usize = 1_000;

/// Sizes of the parts in which a file is read. Only tests choose others: the table does not depend on them.
#[derive(Debug, Clone, Copy)]
pub struct Sizes {
    /// The first bytes.
    pub head: u64,
    /// A block.
    pub block: u64,
    /// What is read behind a block.
    pub tail: u64,
}

impl Default for Sizes {
    fn default() -> Self {
        Self { head: HEAD, block: BLOCK, tail: TAIL }
    }
}

/// What the first bytes said.
struct Start {
    plan: Arc<Plan>,
    layout: Layout,
    /// Where the rows begin in the file.
    rows_at: u64,
    /// The line of the first row, from 0.
    line: u64,
    /// Quotes that never close above the rows: how many, and the line of the first, from 0.
    unclosed: (u64, u64),
    damage: Damage,
    /// What one column makes certain about decimals helps where another says nothing.
    comma_decimal: Option<bool>,
    /// The tool the file came from.
    source: Option<recognise::Source>,
    /// Columns that begin with a date.
    begins_with_date: Vec<bool>,
    /// The cells of the first rows.
    head: Vec<Held>,
    n_head_rows: usize,
    bytes_a_row: f64,
}

/// Everything found so far, in the order of the file.
#[derive(Default)]
struct Found {
    columns: Vec<Held>,
    n_rows: u64,
    n_lines: u64,
    /// Rows whose line is not the one behind that of the row before.
    jumps: Vec<(u64, u64)>,
    skipped: Vec<SkippedGroup>,
    ragged: BTreeMap<usize, Ragged>,
    n_absent: u64,
    most_cells: usize,
    is_last_filled: bool,
    unclosed: (u64, u64),
    /// Rows without one of their labels: where they start in the file, and which rows they are.
    unlabelled: Vec<(u64, u64)>,
    damage: Damage,
}

/// What the first rows make certain about the whole file.
struct Evidence {
    comma_decimal: Option<bool>,
    begins_with_date: Vec<bool>,
    day_first: Option<bool>,
}

impl Evidence {
    fn of(columns: &[Held], hints: &[Hints<'_>]) -> Self {
        let (mut n_comma, mut n_point) = (0, 0);
        let mut begins_with_date = Vec::new();
        let mut orders = Vec::new();
        for (held, hints) in columns.iter().zip(hints) {
            let first = held.first_rows(N_DECIDING);
            let (mut comma, mut point) = (false, false);
            for cell in &first {
                match types::decimal_evidence(cell) {
                    Some(Decimal::Comma) => comma = true,
                    Some(Decimal::Point) => point = true,
                    None => {}
                }
            }
            n_comma += usize::from(comma && !point);
            n_point += usize::from(point && !comma);
            let is_date = first
                .iter()
                .find(|c| !hints.missing.has(c))
                .is_some_and(|c| types::date(c, hints.is_date).is_some());
            begins_with_date.push(is_date);
            if is_date {
                orders.extend(order(held, hints.is_date));
            }
        }
        let comma_decimal = match (n_comma, n_point) {
            (0, 0) => None,
            (c, p) => Some(c > 0 && p == 0),
        };
        Self { comma_decimal, begins_with_date, day_first: agreed(&orders) }
    }
}

/// What an earlier reading of the same file showed.
#[derive(Debug, Clone, Default)]
struct Known {
    coding: Option<Coding>,
    never_trails: bool,
    is_total_settled: bool,
    totals_at: Vec<(u64, bool)>,
    subtotals: Vec<String>,
    is_kept_settled: bool,
    kept_lines: Vec<u64>,
    /// Lines before the first record of each block.
    lines_before: BTreeMap<u32, u64>,
}

/// A reading under way.
pub struct Reading {
    file_name: String,
    options: ReadOptions,
    n_bytes: u64,
    most_held: u64,
    sizes: Sizes,
    head: Vec<u8>,
    n_head: u64,
    known: Known,
    start: Option<Start>,
    round: u32,
    /// The next block to hand out.
    next_index: u32,
    /// Blocks to be read (again) before others.
    again: VecDeque<BlockTask>,
    /// The next block to be put together.
    expected: u32,
    waiting: BTreeMap<u32, Block>,
    /// Where its first record starts, and what comes before.
    frontier: (u64, Before),
    found: Found,
    /// What columns of dates agree on, once they are read.
    day_first: Option<Option<bool>>,
    /// The column that told first.
    order_settled_by: String,
    /// Columns that are finished.
    typed: Vec<Option<types::Typed>>,
    fingerprints: BTreeMap<u32, u64>,
    n_done: u64,
    is_settled: bool,
}

impl Reading {
    /// A reading of a file of that name and size that holds at most so many bytes.
    pub fn new(file_name: &str, n_bytes: u64, options: ReadOptions, most_held: u64) -> Self {
        Self::with_sizes(file_name, n_bytes, options, most_held, Sizes::default())
    }

    /// The same in other parts.
    pub fn with_sizes(
        file_name: &str,
        n_bytes: u64,
        options: ReadOptions,
        most_held: u64,
        sizes: Sizes,
    ) -> Self {
        let mut options = options;
        if options.sheet.is_some() {
            // Its text was written here (see `workbook`).
            options.delimiter = Some(',');
            options.encoding = Some("utf-8".to_owned());
        }
        Self {
            file_name: file_name.to_owned(),
            options,
            n_bytes,
            most_held,
            sizes,
            head: Vec::new(),
            n_head: sizes.head.min(n_bytes),
            known: Known::default(),
            start: None,
            round: 0,
            next_index: 0,
            again: VecDeque::new(),
            expected: 0,
            waiting: BTreeMap::new(),
            frontier: (0, Before { has_rows: false, is_second_table: false, is_blank: false }),
            found: Found::default(),
            day_first: None,
            order_settled_by: String::new(),
            typed: Vec::new(),
            fingerprints: BTreeMap::new(),
            n_done: 0,
            is_settled: false,
        }
    }

    /// The same with rounds counted on from another reading, so that blocks of the two are told apart.
    #[must_use]
    pub fn after_round(mut self, round: u32) -> Self {
        self.round = round;
        self
    }

    /// How many of the first bytes [`Reading::begin`] wants; `None` once it has enough.
    pub fn wants_head(&self) -> Option<u64> {
        self.start.is_none().then_some(self.n_head)
    }

    /// Takes the first bytes, as many as wanted. With too few rows in them it wants more.
    pub fn begin(&mut self, head: Vec<u8>) -> Result<(), ReadError> {
        self.head = head;
        if let Some(kind) = magic::looks_like(&self.head) {
            return Err(ReadError::NotATable { looks_like: kind.to_owned() });
        }
        match self.analyse()? {
            Some(start) => {
                self.check_size(&start)?;
                self.restart(start);
            }
            None => self.n_head = (4 * self.n_head).min(self.n_bytes),
        }
        Ok(())
    }

    /// What was decided, for whoever reads blocks. It changes with [`Reading::round`].
    pub fn plan(&self) -> Option<Arc<Plan>> {
        self.start.as_ref().map(|s| Arc::clone(&s.plan))
    }

    /// How often reading began anew.
    pub fn round(&self) -> u32 {
        self.round
    }

    /// Bytes read and in all.
    pub fn progress(&self) -> (u64, u64) {
        (self.n_done.min(self.n_bytes), self.n_bytes)
    }

    /// Rows found so far.
    pub fn n_rows(&self) -> u64 {
        self.found.n_rows
    }

    /// Whether every block was taken and nothing is left to correct.
    pub fn is_done(&self) -> bool {
        self.is_settled
    }

    /// Names of the columns and the first rows as they stand in the file, for the eye; rows in all are estimated.
    pub fn first_rows(&self, n: usize) -> (Vec<String>, Vec<Vec<Option<String>>>, u64) {
        let Some(start) = &self.start else { return Default::default() };
        let (names, _) = names(&start.layout.headers, None, &mut Vec::new());
        let missing = self.missing();
        let cell = |column: &Held, row: usize| match column {
            Held::Texts(t) => {
                t.codes.get(row).map(|&c| t.texts.get(c)).filter(|c| !missing.has(c)).map(str::to_owned)
            }
            _ => None,
        };
        let rows =
            (0..n.min(start.n_head_rows)).map(|r| start.head.iter().map(|c| cell(c, r)).collect()).collect();
        (names, rows, (self.n_bytes as f64 / start.bytes_a_row) as u64)
    }

    fn missing(&self) -> Missing<'_> {
        Missing(self.options.missing.as_deref())
    }

    fn analyse(&self) -> Result<Option<Start>, ReadError> {
        let is_whole = self.head.len() as u64 >= self.n_bytes;
        let is_last_try = is_whole || self.head.len() as u64 >= MOST_HEAD;
        let wanted = self.options.encoding.as_deref();
        let coding = self.known.coding.clone().unwrap_or_else(|| Coding::of(&self.head, wanted));
        let mark = coding.n_mark as usize;
        let bytes = self.head.get(mark..).unwrap_or_default();
        let clean = coding.clean(bytes, is_whole);
        let text = clean.text.as_ref();
        if text.trim().is_empty() {
            return if is_last_try { Err(ReadError::Empty) } else { Ok(None) };
        }
        let announced = announced(text);
        let chosen =
            self.options.delimiter.and_then(|d| u8::try_from(d).ok()).filter(|d| d.is_ascii() && *d != b'"');
        let dialect = Dialect::of(text, chosen.or(announced), self.options.quote);
        let delimiter = dialect.delimiter;
        let n_looked_at = N_DECIDING + 200;
        let tokens = Tokens::split(text, dialect, n_looked_at);
        let layout = Layout::of(
            &tokens,
            delimiter as char,
            announced.is_some(),
            &self.options,
            !self.known.never_trails,
        );
        // The last record may be cut.
        let n_records = tokens.n_records() - usize::from(!is_whole && tokens.n_records() < n_looked_at);
        if n_records < layout.start + N_DECIDING && !is_last_try {
            return Ok(None);
        }
        if layout.headers.len() > MOST_COLUMNS {
            return Err(ReadError::TooManyColumns { found: layout.headers.len(), limit: MOST_COLUMNS });
        }
        let first = layout.start.min(tokens.n_records());
        let (rows_at, rows_end) =
            (clean.raw(tokens.start(first)), clean.raw(tokens.start(n_records.max(first))));
        let place = |&record: &usize| (mark + clean.raw(tokens.start(record))) as u64;
        let mut plan = Plan {
            dialect,
            width: layout.width,
            header: layout.header.clone(),
            forms: vec![Form::Texts; layout.headers.len()],
            has_quoted_newlines: tokens.has_quoted_newlines(),
            totals_at: self.known.totals_at.clone(),
            subtotals: self.known.subtotals.clone(),
            labels: Vec::new(),
            kept_at: layout.kept.iter().map(place).collect(),
            kept_lines: self.known.kept_lines.clone(),
            kept_reasons: self.options.keep_reasons.clone(),
            missing: self.options.missing.clone(),
            passed_at: layout.passed.iter().map(place).collect(),
            has_numbers: layout.has_numbers,
            n_bytes: self.n_bytes,
            coding,
        };
        let (rows_at, rows_end) = ((mark + rows_at) as u64, (mark + rows_end) as u64);
        let line = if first < tokens.n_records() {
            tokens.line(first) - 1
        } else {
            tokens.n_records().checked_sub(1).map_or(0, |last| tokens.line(last))
        };
        let task = BlockTask {
            round: 0,
            index: 0,
            start: rows_at,
            end: rows_end,
            begin: Begin::At(rows_at),
            before: Before { has_rows: false, is_second_table: false, is_blank: false },
            line: Some(line),
            from: rows_at,
            to: self.head.len() as u64,
        };
        let head = block::read(&plan, &task, self.head.get(rows_at as usize..).unwrap_or_default());
        let names: Vec<String> = names(&layout.headers, None, &mut Vec::new()).0;
        let source = recognise::source(&names, &layout.above);
        let missing = self.missing();
        let hints = |name: &String| Hints { missing, ..recognise::hints(name, source) };
        let hints: Vec<Hints<'_>> = names.iter().map(hints).collect();
        let Evidence { comma_decimal, begins_with_date, day_first } = Evidence::of(&head.columns, &hints);
        // Where no number tells, whoever separates cells by semicolons or writes such names has decimal commas.
        let is_likely = || delimiter == b';' || names.iter().any(|n| recognise::has_comma_decimals(n));
        let comma_decimal = comma_decimal.or_else(|| is_likely().then_some(true));
        plan.labels = labels(&names, &head, &begins_with_date, missing);
        for ((form, held), (hints, name)) in
            plan.forms.iter_mut().zip(&head.columns).zip(hints.iter().zip(&names))
        {
            let hints = Hints { day_first, comma_decimal, is_semicolon: delimiter == b';', ..*hints };
            *form = types::form(name, held, hints.chosen(name, &self.options));
        }
        let above: Vec<u64> = tokens.unclosed.iter().copied().filter(|&l| l <= line).collect();
        Ok(Some(Start {
            damage: clean.damage(bytes, tokens.start(first), &plan.coding, is_whole),
            rows_at,
            line,
            unclosed: (above.len() as u64, above.first().map_or(0, |l| l - 1)),
            comma_decimal,
            source,
            begins_with_date,
            n_head_rows: head.n_rows as usize,
            bytes_a_row: (rows_end.saturating_sub(rows_at) as f64 / head.n_rows.max(1) as f64).max(1.0),
            head: head.columns,
            layout,
            plan: Arc::new(plan),
        }))
    }

    /// Refuses what would not fit, by the rows the first ones let expect.
    fn check_size(&self, start: &Start) -> Result<(), ReadError> {
        let n_rows = self.n_bytes as f64 / start.bytes_a_row;
        let n_head = start.n_head_rows.max(1) as f64;
        let column_bytes = |(form, held): (&Form, &Held)| match form {
            Form::Skip => 0.0,
            Form::Numbers(_) => 8.0,
            Form::Texts => {
                let distinct = held.distinct();
                let share = distinct.len() as f64 / n_head;
                let length = distinct.iter().map(|d| d.text.len()).sum::<usize>() as f64
                    / distinct.len().max(1) as f64;
                // Names that hardly repeat are held with their text, their place and their look-up.
                8.0 + if share > 0.5 { share * (length + 60.0) } else { 0.0 }
            }
        };
        let a_row: f64 = 4.0 + start.plan.forms.iter().zip(&start.head).map(column_bytes).sum::<f64>();
        let fits = (self.most_held as f64 / a_row).min(f64::from(u32::MAX - 1));
        if n_rows <= fits || self.n_bytes < MOST_HEAD {
            return Ok(());
        }
        Err(ReadError::TooLarge {
            n_bytes: self.n_bytes,
            n_rows: n_rows as u64,
            fits_rows: fits as u64,
            fits_bytes: (fits * start.bytes_a_row) as u64,
        })
    }

    fn restart(&mut self, start: Start) {
        let first = (start.rows_at / self.sizes.block) as u32;
        self.round += 1;
        self.next_index = first;
        self.expected = first;
        self.again.clear();
        self.waiting.clear();
        self.frontier = (start.rows_at, Before { has_rows: false, is_second_table: false, is_blank: false });
        self.found =
            Found { n_lines: start.line, unclosed: start.unclosed, damage: start.damage, ..Found::default() };
        for line in &start.layout.skipped {
            count(&mut self.found.skipped, &line.reason, 1);
            list_line(&mut self.found.skipped, line.clone());
        }
        // Rows in all, so that columns need not grow: what a column left behind in growing is never given back.
        let n_rows = (1.05 * self.n_bytes as f64 / start.bytes_a_row) as usize + 16;
        // Whole rows have a byte a cell at least.
        let n_rows = n_rows.min(self.n_bytes as usize / start.plan.forms.len().max(1) + 16);
        self.found.columns = start.plan.forms.iter().map(|&form| Held::new(form, n_rows)).collect();
        for index in 0..first {
            let from = (u64::from(index) * self.sizes.block) as usize;
            let to = (from + self.sizes.block as usize).min(self.head.len());
            let hash = block::fingerprint(self.head.get(from..to).unwrap_or_default());
            self.fingerprints.insert(index, hash);
        }
        self.typed.resize_with(start.plan.forms.len(), || None);
        self.n_done = start.rows_at;
        self.start = Some(start);
        if u64::from(first) * self.sizes.block >= self.n_bytes {
            // Nothing stands behind the header.
            self.is_settled = true;
        }
    }

    /// The block whose turn it is.
    pub fn expected(&self) -> u32 {
        self.expected
    }

    /// How many blocks were taken and wait for it.
    pub fn n_waiting(&self) -> usize {
        self.waiting.len()
    }

    /// About how many blocks are still to be handed out.
    pub fn n_left(&self) -> usize {
        let from = u64::from(self.next_index) * self.sizes.block;
        self.again.len() + self.n_bytes.saturating_sub(from).div_ceil(self.sizes.block) as usize
    }

    /// The next block to be read; `None` while others must be taken first, and at the end.
    pub fn next_task(&mut self) -> Option<BlockTask> {
        if let Some(task) = self.again.pop_front() {
            return Some(task);
        }
        let start = self.start.as_ref()?;
        let from = u64::from(self.next_index) * self.sizes.block;
        if from >= self.n_bytes || self.is_settled {
            return None;
        }
        let end = (from + self.sizes.block).min(self.n_bytes);
        let is_first = from <= start.rows_at;
        let task = BlockTask {
            round: self.round,
            index: self.next_index,
            start: from,
            end,
            begin: if is_first { Begin::At(start.rows_at) } else { Begin::Guess },
            before: Before { has_rows: !is_first, is_second_table: false, is_blank: false },
            line: if is_first {
                Some(start.line)
            } else {
                self.known.lines_before.get(&self.next_index).copied()
            },
            from: from.saturating_sub(2),
            to: (end + self.sizes.tail).min(self.n_bytes),
        };
        self.next_index += 1;
        Some(task)
    }

    /// Reads the next block if its bytes are here: those of a small file are, since the first bytes were asked for.
    pub fn read_at_hand(&mut self) -> Option<Block> {
        if (self.head.len() as u64) < self.n_bytes {
            return None;
        }
        let task = self.next_task()?;
        let plan = self.plan()?;
        let bytes = self.head.get(task.from as usize..task.to as usize)?;
        Some(block::read(&plan, &task, bytes))
    }

    /// Takes what was found in a block. Blocks may come in any order; those of an earlier round are dropped.
    pub fn take(&mut self, block: Block) -> Result<(), ReadError> {
        let is_known = block.task.index < self.expected || self.waiting.contains_key(&block.task.index);
        if block.task.round != self.round || is_known || self.is_settled {
            return Ok(());
        }
        self.n_done += block.task.end - block.task.start;
        self.fingerprints.insert(block.task.index, block.fingerprint);
        self.waiting.insert(block.task.index, block);
        while let Some(block) = self.waiting.remove(&self.expected) {
            let (at, before) = self.frontier;
            let task = block.task;
            // What was assumed of the bytes before must have been true, where it matters.
            let assumed = task.before;
            let is_right = block.is_whole
                && block.first == at
                && assumed.is_second_table == before.is_second_table
                && assumed.has_rows == before.has_rows
                && (assumed.is_blank == before.is_blank
                    || !block.may_begin_second_table && block.has_counted);
            // What was read just so is not read so again: better a doubtful line than a reading without end.
            let is_repeated =
                block.is_whole && task.begin == Begin::At(at) && task.from <= at && assumed == before;
            if is_right || is_repeated {
                self.put(block);
                if self.found.n_absent > block::most_absent(self.n_bytes) {
                    let n_columns = self.start.as_ref().map_or(0, |s| s.plan.forms.len());
                    return Err(ReadError::TooRagged { n_columns });
                }
            } else if at >= task.end {
                // A record of an earlier block reaches over this one.
                self.expected += 1;
            } else {
                let more = if block.is_whole { self.sizes.tail } else { 4 * (task.to - task.end).max(1) };
                self.n_done -= task.end - task.start;
                if self.again.iter().any(|other| other.index == task.index) {
                    // A late copy of a block that is to be read again already.
                    return Ok(());
                }
                self.again.push_back(BlockTask {
                    begin: Begin::At(at),
                    // Its first line may begin before it: with NULs, of which the cut went through the middle.
                    from: task.from.min(at),
                    before,
                    to: (task.end + more).min(self.n_bytes),
                    ..task
                });
                return Ok(());
            }
        }
        if u64::from(self.expected) * self.sizes.block >= self.n_bytes {
            self.settle()?;
        }
        Ok(())
    }

    fn put(&mut self, block: Block) {
        self.expected += 1;
        self.frontier = (block.next, block.after);
        let found = &mut self.found;
        let (rows, lines) = (found.n_rows, found.n_lines);
        self.known.lines_before.insert(block.task.index, lines);
        if block.n_rows > 0 && block.jumps.first().is_none_or(|&(row, _)| row > 0) {
            found.jumps.push((rows, lines));
        }
        found.jumps.extend(block.jumps.iter().map(|&(r, l)| (rows + u64::from(r), lines + u64::from(l))));
        for (reason, n) in &block.reasons {
            count(&mut found.skipped, reason, *n);
        }
        for line in block.skipped {
            list_line(&mut found.skipped, SkippedLine { line: line.line + lines + 1, ..line });
        }
        for (n_cells, ragged) in block.ragged {
            let entry = found.ragged.entry(n_cells).or_insert_with(|| Ragged {
                count: 0,
                row: ragged.row + rows,
                line: ragged.line + lines,
                text: ragged.text,
            });
            entry.count += ragged.count;
        }
        found.n_absent += block.n_absent;
        found.most_cells = found.most_cells.max(block.most_cells);
        found.is_last_filled |= block.is_last_filled;
        if found.unclosed.0 == 0 {
            found.unclosed.1 = block.unclosed.1 + lines;
        }
        found.unclosed.0 += block.unclosed.0;
        let more = block.unlabelled.iter().map(|u| (u.at, rows + u64::from(u.row)));
        found.unlabelled.extend(more.take((MOST_UNLABELLED + 1).saturating_sub(found.unlabelled.len())));
        found.damage.add(&block.damage, lines);
        found.n_rows += block.n_rows;
        found.n_lines += block.n_lines;
        let mut packed = block.packed.as_slice();
        for (all, more) in found.columns.iter_mut().zip(block.columns) {
            all.append(more, &mut packed);
        }
    }

    /// Every block is there: looks whether what was decided by the first bytes holds, and reads again what does not.
    fn settle(&mut self) -> Result<(), ReadError> {
        let Some(start) = &self.start else { return Ok(()) };
        let coding = &start.plan.coding;
        if coding.is_guessed && self.known.coding.is_none() {
            let (n_good, n_bad) = self.found.damage.utf8;
            let better = Coding::guessed(n_good, n_bad);
            if better != *coding {
                self.known.coding = Some(better);
                return self.again();
            }
        }
        if start.layout.is_trailing && self.found.is_last_filled {
            self.known.never_trails = true;
            return self.again();
        }
        if !self.known.is_total_settled {
            self.known.is_total_settled = true;
            (self.known.totals_at, self.known.subtotals) = self.unnamed_totals();
            if !self.known.totals_at.is_empty() || !self.known.subtotals.is_empty() {
                return self.again();
            }
        }
        if !self.known.is_kept_settled {
            self.known.is_kept_settled = true;
            // A line that no list holds may still be one of those that are only counted.
            let is_in = |group: &SkippedGroup, line: u64| {
                group.of.count > group.lines.len() as u64
                    || group.lines.binary_search_by_key(&line, |(line, _)| *line).is_ok()
            };
            let is_skipped = |line: &u64| self.found.skipped.iter().any(|group| is_in(group, *line));
            let mut kept: Vec<u64> = self.options.keep_lines.iter().copied().filter(is_skipped).collect();
            if !kept.is_empty() {
                kept.sort_unstable();
                self.known.kept_lines = kept;
                return self.again();
            }
        }
        if self.found.n_rows > u64::from(u32::MAX - 1) {
            return Err(ReadError::TooLarge {
                n_bytes: self.n_bytes,
                n_rows: self.found.n_rows,
                fits_rows: u64::from(u32::MAX - 1),
                fits_bytes: self.n_bytes / self.found.n_rows * u64::from(u32::MAX - 1),
            });
        }
        match (self.read_types(), self.start.take()) {
            (Some(forms), Some(start)) => {
                let plan = Arc::new(Plan { forms, ..Plan::clone(&start.plan) });
                self.restart(Start { plan, ..start });
            }
            (_, start) => {
                self.start = start;
                self.is_settled = true;
            }
        }
        Ok(())
    }

    fn again(&mut self) -> Result<(), ReadError> {
        match self.analyse()? {
            Some(start) => self.restart(start),
            None => self.is_settled = true,
        }
        Ok(())
    }

    /// Rows of sums that do not say so, and the labels of those that say so behind a name.
    fn unnamed_totals(&self) -> (Vec<(u64, bool)>, Vec<String>) {
        let (found, Some(start)) = (&self.found, &self.start) else { return Default::default() };
        let comma_decimal = self.options.decimal.map(|d| d == Decimal::Comma).or(start.comma_decimal);
        let missing = self.missing();
        let totals = totals::find(
            &found.columns,
            found.n_rows,
            &found.unlabelled,
            &start.begins_with_date,
            comma_decimal,
            missing,
        );
        (totals, totals::labels(&found.columns, comma_decimal, missing))
    }

    /// Gives the columns their types; where some must be read again as texts, how to hold each then.
    fn read_types(&mut self) -> Option<Vec<Form>> {
        let start = self.start.as_mut()?;
        let names = names(&start.layout.headers, None, &mut Vec::new()).0;
        let source = start.source;
        let found = &mut self.found;
        // A delimiter at the end of every row makes no column.
        let n = start.layout.headers.len();
        let is_unfilled = |held: Option<&Held>| held.is_some_and(Held::is_unfilled);
        if n > 1
            && start.layout.header_line.is_some()
            && start.layout.header.len() < n
            && start.layout.headers.last().is_some_and(String::is_empty)
            && found.most_cells <= n
            && is_unfilled(found.columns.last())
        {
            start.layout.headers.pop();
            found.columns.pop();
            self.typed.pop();
        }
        let columns = &found.columns;
        if self.day_first.is_none() {
            let dates =
                columns.iter().zip(&names).zip(&start.begins_with_date).filter(|(_, is_date)| **is_date);
            let orders = dates.filter_map(|((held, name), _)| {
                Some((order(held, recognise::hints(name, source).is_date)?, name))
            });
            let (orders, by): (Vec<bool>, Vec<&String>) = orders.unzip();
            self.day_first = Some(agreed(&orders));
            self.order_settled_by = by.first().map_or_else(String::new, |name| (*name).clone());
        }
        let day_first = self.day_first.flatten();
        let line = |row: usize| {
            let at = found.jumps.partition_point(|&(r, _)| r <= row as u64);
            let jump = at.checked_sub(1).and_then(|i| found.jumps.get(i));
            jump.map_or(0, |&(r, l)| l + row as u64 - r) + 1
        };
        let mut again = vec![Form::Skip; start.plan.forms.len()];
        let mut is_again = false;
        for (i, (held, name)) in found.columns.iter_mut().zip(&names).enumerate() {
            let hints = Hints {
                day_first,
                comma_decimal: start.comma_decimal,
                day_first_by: &self.order_settled_by,
                is_semicolon: start.plan.dialect.delimiter == b';',
                ..recognise::hints(name, source)
            };
            let hints = hints.chosen(name, &self.options);
            if matches!(held, Held::Skip) {
                continue;
            }
            match types::infer(name, held, hints, &line) {
                Ok(typed) => {
                    if let Some(place) = self.typed.get_mut(i) {
                        *place = Some(typed);
                    }
                }
                Err(types::TextsNeeded) => {
                    is_again = true;
                    if let Some(form) = again.get_mut(i) {
                        *form = Form::Texts;
                    }
                }
            }
        }
        is_again.then_some(again)
    }

    /// The table and its receipt.
    pub fn finish(mut self) -> Result<ReadTable, ReadError> {
        let Some(start) = self.start.take() else { return Err(ReadError::Empty) };
        let found = std::mem::take(&mut self.found);
        let layout = start.layout;
        if found.n_rows == 0 {
            // Delimiters and quotes are no names.
            let has_names = layout.headers.iter().any(|h| h.contains(char::is_alphanumeric));
            let n_columns = if has_names { layout.headers.len() } else { 0 };
            return Err(ReadError::HeaderOnly { n_columns });
        }
        let encoding = start.plan.coding.label();
        let mut issues = found.damage.issues(&encoding);
        let (count, first) = (found.unclosed.0, found.unclosed.1 + 1);
        if count > 0 {
            issues.push(Issue {
                kind: IssueKind::UnclosedQuote,
                severity: Severity::Warning,
                line: Some(first),
                column: None,
                text: None,
                count,
                message: format!(
                    "A quote opens on line {} and never closes; it was read as an ordinary character, so no row was lost.",
                    words::count(first)
                ),
                files: Vec::new(),
            });
        }
        let (names, is_nameless) = names(&layout.headers, layout.header_line, &mut issues);
        if layout.header_line.is_none() {
            issues.push(no_header(&names));
        }
        ragged(&found.ragged, &layout, &mut issues);
        let mut in_cells = Vec::new();
        // In how many columns, and in how many cells.
        let mut missing_words: BTreeMap<String, (u64, u64)> = BTreeMap::new();
        let mut columns = Vec::with_capacity(names.len());
        for (name, typed) in names.iter().zip(std::mem::take(&mut self.typed)) {
            let typed = typed.unwrap_or_default();
            issues.extend(typed.issues);
            in_cells.extend(typed.currencies.into_iter().map(|(currency, n)| (currency, n, name)));
            for (word, n) in typed.missing_words {
                let of_word = missing_words.entry(word).or_default();
                *of_word = (of_word.0 + 1, of_word.1 + n);
            }
            columns.push(types::column(name.clone(), types::plain_role(ColumnType::Text), typed.values));
        }
        recognise::assign_roles(&mut columns, &is_nameless, start.source);
        issues.extend(recognise::mixed_results(&mut columns));
        issues.extend(recognise::notes(&columns, start.source));
        let mut currencies = recognise::Currencies::of(&columns);
        in_cells.iter().for_each(|(currency, n, name)| currencies.add_cells(currency, *n, name));
        let currency = currencies.only(&mut issues);
        let kind = recognise::kind(&columns, start.source);
        // Names were made unique and every column has one value a row, so the table stands.
        let day_first = self.day_first.flatten();
        let writing = Writing {
            comma_decimal: self.options.decimal.map(|d| d == Decimal::Comma).or(start.comma_decimal),
            day_first: self.options.day_first.or(day_first).or(self.options.doubtful_day_first),
        };
        let mut table = Table::new(kind, columns).unwrap_or_default();
        table.writing = writing;
        let mut receipt = Receipt {
            file_name: self.file_name,
            n_bytes: self.n_bytes,
            source: start.source.map(|s| s.label().to_owned()),
            encoding,
            delimiter: start.plan.dialect.delimiter as char,
            header_line: layout.header_line,
            n_rows: table.n_rows() as u64,
            n_columns: table.n_columns() as u64,
            n_skipped: found.skipped.iter().map(|group| group.of.count).sum(),
            skipped: first_skipped(&found.skipped),
            reasons: found.skipped.iter().map(|group| group.of.clone()).collect(),
            missing: missing_words.iter().map(|(word, (_, n))| (word.clone(), *n)).collect(),
            issues,
            sentence: String::new(),
            fingerprint: fingerprint(self.n_bytes, &self.head, &self.fingerprints),
            files: Vec::new(),
        };
        receipt.sentence = sentence(&receipt, self.options.sheet.as_deref(), &missing_words);
        Ok(ReadTable { table, receipt, skipped: found.skipped, currency, day_first })
    }
}

/// A file of at most 256 KiB has the FNV-1a 64 of its bytes; a larger one that of the fingerprints of its blocks.
fn fingerprint(n_bytes: u64, head: &[u8], blocks: &BTreeMap<u32, u64>) -> String {
    let hash = if n_bytes <= HEAD && head.len() as u64 >= n_bytes {
        block::fnv(block::FNV_START, head)
    } else {
        blocks.values().fold(block::FNV_START, |hash, of_block| block::fnv(hash, &of_block.to_le_bytes()))
    };
    format!("{hash:016x}")
}

fn count(groups: &mut Vec<SkippedGroup>, reason: &str, n: u64) {
    match groups.iter_mut().find(|g| g.of.reason == reason) {
        Some(group) => group.of.count += n,
        None => {
            let of = SkippedCount { file: 0, reason: reason.to_owned(), count: n };
            groups.push(SkippedGroup { of, lines: Vec::new() });
        }
    }
}

/// Puts a line on the list of its reason, which counts it already, unless that is full.
fn list_line(groups: &mut [SkippedGroup], line: SkippedLine) {
    if let Some(group) = groups.iter_mut().find(|g| g.of.reason == line.reason)
        && (group.lines.len() as u64) < MOST_LISTED
    {
        // Of the many nobody scrolls to, the beginnings.
        let is_whole = group.lines.len() < MOST_SKIPPED;
        group.lines.push((line.line, if is_whole { line.text } else { quoted(&line.text) }));
    }
}

/// The first skipped lines of all reasons, in the order of the file.
fn first_skipped(groups: &[SkippedGroup]) -> Vec<SkippedLine> {
    let mut all: Vec<SkippedLine> = Vec::new();
    for group in groups {
        let first = group.lines.iter().take(MOST_SKIPPED);
        all.extend(first.map(|(line, text)| SkippedLine {
            line: *line,
            reason: group.of.reason.clone(),
            text: quoted(text),
        }));
    }
    all.order_by_key(|line| line.line);
    all.truncate(MOST_SKIPPED);
    all
}

/// Whether the day comes first in a column of dates, as far as they tell.
fn order(held: &Held, is_date: bool) -> Option<bool> {
    types::day_first(held.distinct().iter().map(|d| (types::date(d.text, is_date), d.count)))
}

/// Columns that have a cell in most rows, so that a row without one may be a row of sums: the first, days, campaigns and
/// ads.
fn labels(names: &[String], head: &Block, is_date: &[bool], missing: Missing<'_>) -> Vec<u32> {
    let is_label = |i: usize, name: &str| {
        i == 0
            || is_date.get(i).copied().unwrap_or(false)
            || matches!(recognise::role_of(name), Some(Role::Campaign | Role::AdGroup | Role::Ad))
    };
    let is_filled = |i: usize| {
        let n_missing: u64 = match head.columns.get(i) {
            Some(Held::Texts(t)) => {
                let n_empty = t.codes.iter().filter(|&&c| c == Dictionary::MISSING).count() as u64;
                let is_missing = |d: &&held::Distinct<'_>| missing.has(d.text);
                n_empty
                    + head.columns.get(i).map_or(0, |held| {
                        held.distinct().iter().filter(is_missing).map(|d| d.count).sum::<u64>()
                    })
            }
            _ => 0,
        };
        3 * n_missing < 2 * head.n_rows
    };
    let all = names.iter().enumerate().filter(|(i, name)| is_label(*i, name) && is_filled(*i));
    all.map(|(i, _)| i as u32).take(4).collect()
}

/// What all columns of dates agree on.
fn agreed(orders: &[bool]) -> Option<bool> {
    orders.first().copied().filter(|first| orders.iter().all(|o| o == first))
}

fn no_header(names: &[String]) -> Issue {
    Issue {
        kind: IssueKind::NoHeader,
        severity: Severity::Warning,
        line: Some(1),
        column: None,
        text: None,
        count: 1,
        message: format!(
            "The first line looks like data, not like names; the columns were named {}.",
            if names.len() == 1 {
                "“column_1”".to_owned()
            } else {
                format!("“column_1” to “column_{}”", names.len())
            }
        ),
        files: Vec::new(),
    }
}

/// Reports rows that are too long or too short; both are kept.
fn ragged(ragged: &BTreeMap<usize, Ragged>, layout: &Layout, issues: &mut Vec<Issue>) {
    let expected = layout.headers.len();
    let against = if layout.header_line.is_some() { "the header has" } else { "most rows have" };
    let mut report = |is_short: bool, done: &str| {
        let cases = ragged.iter().filter(|(n, _)| if is_short { **n < expected } else { **n > expected });
        let Some((n_cells, first)) = cases.clone().min_by_key(|(_, r)| r.row) else { return };
        let count: u64 = cases.map(|(_, r)| r.count).sum();
        let more = if count > 1 {
            format!(", and {} like it", counted(count - 1, "other row is", "other rows are"))
        } else {
            String::new()
        };
        issues.push(Issue {
            kind: IssueKind::RaggedRow,
            severity: if is_short { Severity::Note } else { Severity::Warning },
            line: Some(first.line + 1),
            column: None,
            text: Some(first.text.clone()),
            count,
            message: format!(
                "Row {} has {}, {against} {expected}{more}; {done}.",
                words::count(first.row + 1),
                counted(*n_cells as u64, "cell", "cells")
            ),
            files: Vec::new(),
        });
    };
    report(true, "the missing cells were left empty");
    report(false, "the row was kept and the extra cells were left out");
}

/// Names of the columns, made complete and unique, and which had none.
fn names(headers: &[String], header_line: Option<u64>, issues: &mut Vec<Issue>) -> (Vec<String>, Vec<bool>) {
    let mut is_nameless = Vec::with_capacity(headers.len());
    let mut names: Vec<String> = Vec::with_capacity(headers.len());
    let mut seen: std::collections::HashMap<String, u32> = headers.iter().map(|h| (h.clone(), 0)).collect();
    for (i, header) in headers.iter().enumerate() {
        is_nameless.push(header.is_empty());
        let wanted = if header.is_empty() { format!("column_{}", i + 1) } else { header.clone() };
        let count = seen.entry(wanted.clone()).or_insert(0);
        *count += 1;
        let mut name = wanted.clone();
        let mut n = *count;
        while n > 1 && seen.contains_key(&name) {
            name = format!("{wanted} ({n})");
            n += 1;
        }
        if name != wanted {
            seen.insert(name.clone(), 1);
        }
        if header_line.is_some() {
            let (kind, message) = if header.is_empty() {
                (
                    IssueKind::EmptyHeader,
                    format!("Column {} has no name in the header; it was named “{name}”.", i + 1),
                )
            } else if name != wanted {
                (
                    IssueKind::DuplicateHeader,
                    format!(
                        "The name “{wanted}” occurs more than once; column {} was named “{name}”.",
                        i + 1
                    ),
                )
            } else {
                names.push(name);
                continue;
            };
            issues.push(Issue {
                kind,
                severity: Severity::Note,
                line: header_line,
                column: Some(name.clone()),
                text: None,
                count: 1,
                message,
                files: Vec::new(),
            });
        }
        names.push(name);
    }
    (names, is_nameless)
}

/// The sentence a person reads first.
fn sentence(receipt: &Receipt, sheet: Option<&str>, missing_words: &BTreeMap<String, (u64, u64)>) -> String {
    let separated = match receipt.delimiter {
        ',' => "comma-separated".to_owned(),
        ';' => "semicolon-separated".to_owned(),
        '\t' => "tab-separated".to_owned(),
        '|' => "separated by vertical bars".to_owned(),
        ' ' => "separated by spaces".to_owned(),
        other => format!("separated by “{other}”"),
    };
    // A single column is separated by nothing.
    let separated = (receipt.n_columns > 1).then_some(separated);
    let form = match sheet {
        Some(sheet) => [Some(format!("sheet “{sheet}” of an Excel workbook")), None],
        None => [separated, Some(receipt.encoding.clone())],
    };
    let start: Vec<String> = [receipt.source.clone()].into_iter().chain(form).flatten().collect();
    let start = start.join(", ");
    let mut start = start.chars();
    let start: String = start.next().map_or_else(String::new, |c| c.to_uppercase().chain(start).collect());
    let mut clauses = Vec::new();
    let skipped: Vec<String> = receipt
        .reasons
        .iter()
        .map(|SkippedCount { reason, count: n, .. }| match reason.as_str() {
            "total row" => counted(*n, "total row", "total rows"),
            "subtotal row" => counted(*n, "subtotal row", "subtotal rows"),
            "repeated header" => counted(*n, "repeated header", "repeated headers"),
            "second table" => format!("a second table of {}", counted(*n, "line", "lines")),
            "preamble" => counted(*n, "line above the table", "lines above the table"),
            other => format!("{} {other} {}", words::count(*n), if *n == 1 { "line" } else { "lines" }),
        })
        .collect();
    let is_one =
        matches!(receipt.reasons.as_slice(), [one] if one.count == 1 || one.reason == "second table");
    clauses.push(if skipped.is_empty() {
        "nothing was left out".to_owned()
    } else {
        format!("{} {} left out", list(&skipped), if is_one { "was" } else { "were" })
    });
    let words: Vec<String> = missing_words
        .iter()
        .take(3)
        .map(|(word, (n, _))| {
            format!("“{}” read as missing in {}", words::quoted(word), counted(*n, "column", "columns"))
        })
        .collect();
    if !words.is_empty() {
        clauses.push(list(&words));
    }
    format!(
        "{start}, {} and {}; {}.",
        counted(receipt.n_rows, "row", "rows"),
        counted(receipt.n_columns, "column", "columns"),
        clauses.join("; ")
    )
}

/// The delimiter that a spreadsheet announces in a line of its own: "sep=;".
fn announced(text: &str) -> Option<u8> {
    let rest = text.strip_prefix("sep=")?;
    let mark = rest.bytes().next().filter(|b| b.is_ascii() && !b.is_ascii_alphanumeric() && *b != b'"')?;
    matches!(rest.as_bytes().get(1), Some(b'\n' | b'\r')).then_some(mark)
}
