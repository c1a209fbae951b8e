//! Rows of several files one below the other: columns are matched by name, types decided over all of them.

use std::{collections::HashMap, sync::Arc};

use super::{CombineError, Part, SOURCE_FILE, add_missing, groups_of, skipped_of, told_of};
use crate::engine::{
    data::{
        column::{Column, ColumnType, Dictionary, MILLIS_A_DAY, Values},
        convert,
        issue::{Issue, IssueKind, Severity},
        reader::{ReadTable, recognise, types},
        role::Role,
        summary::FileReceipt,
        table::{Table, Writing},
    },
    words::{self, counted, list, list_some, quoted, rows_of},
};

/// The share of the columns of both tables that must be common for them to be of one shape.
const SHARE_ALIKE: f64 = 0.7;

/// The share of cells that must read as a number or date for a column to be one although a file holds other things in it.
const SHARE_NEEDED: f64 = 0.95;

/// Cells beyond which rows that occur in two files are not looked for.
const MOST_COMPARED: usize = 60_000_000;

/// Names are the same without regard to case, spaces and underscores.
fn key(name: &str) -> String {
    name.split(|c: char| c.is_whitespace() || c == '_')
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
        .to_lowercase()
}

/// For each column of `table` the column of the whole it belongs to. An equal name goes before one that differs in case.
fn places(whole: &[String], table: &Table) -> Vec<Option<usize>> {
    let mut taken = vec![false; whole.len()];
    let mut places = vec![None; table.n_columns()];
    let keys: Vec<String> = whole.iter().map(|n| key(n)).collect();
    for is_exact in [true, false] {
        for (place, column) in places.iter_mut().zip(table.columns()) {
            if place.is_some() {
                continue;
            }
            let own = key(&column.name);
            let is_it =
                |i: &usize| !taken[*i] && if is_exact { whole[*i] == column.name } else { keys[*i] == own };
            *place = (0..whole.len()).find(is_it);
            if let Some(i) = *place {
                taken[i] = true;
            }
        }
    }
    places
}

fn names(table: &Table) -> Vec<String> {
    table.columns().iter().map(|c| c.name.clone()).collect()
}

/// How many columns two tables have in common.
pub fn n_shared(a: &Table, b: &Table) -> usize {
    places(&names(a), b).iter().flatten().count()
}

/// Whether two tables are of the same shape, so that their rows belong one below the other.
pub fn is_alike(a: &Table, b: &Table) -> bool {
    let shared = n_shared(a, b);
    let all = a.n_columns() + b.n_columns() - shared;
    shared > 0 && shared as f64 >= SHARE_ALIKE * all as f64
}

/// Puts the rows of all parts one below the other, with a column that says which file each is from. A single part stays as
/// it is.
pub(super) fn append(parts: Vec<Part>, receipts: &mut [FileReceipt]) -> Result<ReadTable, CombineError> {
    let mut parts = parts;
    if parts.len() == 1
        && let Some(part) = parts.pop()
    {
        return Ok(part.read);
    }
    settle_date_order(&mut parts);
    let mut whole: Vec<String> = Vec::new();
    let mut sources: Vec<Vec<Option<usize>>> = Vec::new();
    for part in &parts {
        let table = &part.read.table;
        let mut own = places(&whole, table);
        if !whole.is_empty() && own.iter().all(Option::is_none) {
            return Err(CombineError::NothingShared { file: part.name().to_owned() });
        }
        for (place, column) in own.iter_mut().zip(table.columns()) {
            place.get_or_insert_with(|| {
                whole.push(column.name.clone());
                whole.len() - 1
            });
        }
        sources.push(own);
    }
    let files: Vec<String> = file_names(&parts);
    let n_rows: Vec<usize> = parts.iter().map(|p| p.read.table.n_rows()).collect();
    let mut issues = gather_issues(&parts, &files);
    let source = parts.iter().find_map(|p| p.read.receipt.source.clone());
    let tool = source.as_deref().and_then(recognise::Source::of_label);
    let is_nameless: Vec<bool> = whole.iter().map(|name| is_nameless(&parts, name)).collect();
    issues.extend(currencies(&parts));
    let mut receipt = parts.first().map(|p| p.read.receipt.clone()).ok_or(CombineError::NoFiles)?;
    receipt.skipped = parts.iter().flat_map(|p| skipped_of(p.name(), &p.read.receipt)).collect();
    receipt.missing = Vec::new();
    parts.iter().for_each(|p| add_missing(&mut receipt.missing, &p.read.receipt));
    receipt.n_skipped = parts.iter().map(|p| p.read.receipt.n_skipped).sum();
    let skipped = parts.iter().zip(0..).flat_map(|(p, file)| groups_of(&p.read, file)).collect();
    let currency = parts.iter().find_map(|p| p.read.currency.clone());
    let day_first = parts.iter().find_map(|p| p.read.day_first);
    let writing = parts.first().map_or_else(Writing::default, |p| p.read.table.writing);

    // One column after the other, each let go of once it is put together, so that not everything is there twice.
    let mut held: Vec<Vec<Option<Arc<Column>>>> =
        parts.iter().map(|p| p.read.table.columns().iter().cloned().map(Some).collect()).collect();
    drop(parts);
    let mut columns = Vec::with_capacity(whole.len() + 1);
    for (i, name) in whole.iter().enumerate() {
        let mut pieces: Vec<Option<Arc<Column>>> = Vec::new();
        for (columns, places) in held.iter_mut().zip(&sources) {
            let at = places.iter().position(|p| *p == Some(i));
            pieces.push(at.and_then(|at| columns.get_mut(at)).and_then(Option::take));
        }
        for (piece, receipt) in pieces.iter().zip(receipts.iter_mut()) {
            if piece.is_none() {
                receipt.lacks.push(name.clone());
            }
        }
        let hints = recognise::hints(name, tool);
        columns.push(column(name, hints, pieces, &files, &n_rows, &mut issues));
    }
    issues.extend(lacking(receipts));
    recognise::assign_roles(&mut columns, &is_nameless, tool);
    issues.extend(recognise::mixed_results(&mut columns));
    let kind = recognise::kind(&columns, tool);
    issues.extend(overlaps(&columns, &files, &n_rows));
    columns.push(source_column(&whole, &files, &n_rows));
    receipt.source = source;
    receipt.issues = issues;
    let mut table = Table::new(kind, columns)?;
    table.writing = writing;
    Ok(ReadTable { table, receipt, skipped, currency, day_first })
}

/// Names of the files, made unique.
fn file_names(parts: &[Part]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for part in parts {
        let wanted = part.name().to_owned();
        let mut name = wanted.clone();
        let mut n = 2;
        while names.contains(&name) {
            name = format!("{wanted} ({n})");
            n += 1;
        }
        names.push(name);
    }
    names
}

fn source_column(whole: &[String], files: &[String], n_rows: &[usize]) -> Column {
    let mut name = SOURCE_FILE.to_owned();
    let mut n = 2;
    while whole.contains(&name) {
        name = format!("{SOURCE_FILE} ({n})");
        n += 1;
    }
    let rows: Vec<Option<&str>> =
        files.iter().zip(n_rows).flat_map(|(f, &n)| std::iter::repeat_n(Some(f.as_str()), n)).collect();
    Column::category(name, Role::Category, &rows)
}

fn is_nameless(parts: &[Part], name: &str) -> bool {
    parts.iter().any(|p| {
        let is_it = |i: &Issue| i.kind == IssueKind::EmptyHeader && i.column.as_deref() == Some(name);
        p.read.receipt.issues.iter().any(is_it)
    })
}

/// Where a file does not tell day from month but the others do, its dates are read as theirs. Days and months of such dates
/// are all at most 12, so that they can change places.
fn settle_date_order(parts: &mut [Part]) {
    let told: Vec<bool> = parts.iter().filter_map(|p| p.read.day_first).collect();
    let Some(&day_first) = told.first().filter(|first| told.iter().all(|t| t == *first)) else { return };
    let by =
        parts.iter().find(|p| p.read.day_first.is_some()).map_or_else(String::new, |p| p.name().to_owned());
    let order = if day_first { "day" } else { "month" };
    for part in parts.iter_mut().filter(|p| p.read.day_first.is_none()) {
        let doubtful = |i: &Issue| i.kind == IssueKind::AmbiguousDate;
        let columns: Vec<String> = part
            .read
            .receipt
            .issues
            .iter()
            .filter(|i| doubtful(i))
            .filter_map(|i| i.column.clone())
            .collect();
        // Without anybody's word the day was read first.
        for name in columns.iter().filter(|_| !day_first) {
            let Ok(column) = part.read.table.column(name) else { continue };
            if let Values::Date(dates) = &column.values {
                let swapped = column.with_values(Values::Date(dates.iter().map(|&d| swap(d)).collect()));
                // The name is there already, so the column takes its place.
                let _ = part.read.table.put(swapped);
            }
        }
        for issue in part.read.receipt.issues.iter_mut().filter(|i| doubtful(i)) {
            let name = issue.column.as_deref().unwrap_or_default();
            issue.message = format!(
                "No date of “{name}” tells day from month; they were read with the {order} first, settled by {by}."
            );
            (issue.kind, issue.severity) = (IssueKind::Other, Severity::Note);
        }
    }
}

/// The same date with day and month in each other's place; missing where there is no such day.
fn swap(millis: f64) -> f64 {
    let day = (millis / MILLIS_A_DAY).floor() * MILLIS_A_DAY;
    let text = crate::engine::data::column::date_text(day);
    let mut parts = text.split('-').map(str::parse::<u32>);
    let (Some(Ok(year)), Some(Ok(month)), Some(Ok(date))) = (parts.next(), parts.next(), parts.next()) else {
        return f64::NAN;
    };
    types::midnight(year as i32, date, month).map_or(f64::NAN, |midnight| midnight + (millis - day))
}

/// What was odd in each file; what is odd alike in several is said once.
fn gather_issues(parts: &[Part], files: &[String]) -> Vec<Issue> {
    let mut found: Vec<(Issue, Vec<&str>)> = Vec::new();
    for ((part, file), place) in parts.iter().zip(files).zip(0..) {
        // Whether a column is empty is asked of the whole.
        for issue in part.read.receipt.issues.iter().filter(|i| i.kind != IssueKind::EmptyColumn) {
            let known = found
                .iter_mut()
                .find(|(known, _)| known.kind == issue.kind && known.message == issue.message);
            match known {
                Some((known, files)) => {
                    known.count += issue.count;
                    known.files.push(place);
                    files.push(file);
                }
                None => found.push((Issue { files: vec![place], ..issue.clone() }, vec![file])),
            }
        }
    }
    let told = |(issue, of): (Issue, Vec<&str>)| {
        let message = match of.as_slice() {
            [one] => told_of(one, &issue.message),
            all if all.len() == files.len() => told_of("All files", &issue.message),
            some => told_of(&list_some(some), &issue.message),
        };
        Issue { message, ..issue }
    };
    found.into_iter().map(told).collect()
}

/// Money of several currencies must not be added up.
fn currencies(parts: &[Part]) -> Option<Issue> {
    let mut known: Vec<(&str, &str)> = Vec::new();
    for part in parts {
        if let Some(currency) = part.read.currency.as_deref()
            && !known.iter().any(|(c, _)| *c == currency)
        {
            known.push((currency, part.name()));
        }
    }
    let of: Vec<String> = known.iter().map(|(currency, file)| format!("{currency} in {file}")).collect();
    (known.len() > 1).then(|| {
        issue(
            IssueKind::MixedTypes,
            Severity::Warning,
            None,
            known.len() as u64,
            format!("Money is in {}: sums over all files add different currencies.", list(&of)),
        )
    })
}

/// Says which columns a file lacks.
fn lacking(receipts: &[FileReceipt]) -> Vec<Issue> {
    let told = |file: &FileReceipt| {
        let columns: Vec<String> = file.lacks.iter().map(|name| format!("“{name}”")).collect();
        issue(
            IssueKind::Other,
            Severity::Warning,
            None,
            file.n_rows,
            format!(
                "{} has no column {}, which other files have; {} missing in its {}.",
                file.name,
                list_some(&columns),
                if columns.len() == 1 { "it is" } else { "they are" },
                rows_of(file.n_rows)
            ),
        )
    };
    receipts.iter().filter(|f| !f.lacks.is_empty()).map(told).collect()
}

/// One column of all files; `None` for those that lack it.
fn column(
    name: &str,
    hints: types::Hints<'_>,
    pieces: Vec<Option<Arc<Column>>>,
    files: &[String],
    n_rows: &[usize],
    issues: &mut Vec<Issue>,
) -> Column {
    let is_filled = |c: &Column| (0..c.len()).any(|r| !c.is_missing(r));
    let filled: Vec<(usize, &Arc<Column>)> = pieces
        .iter()
        .enumerate()
        .filter_map(|(i, p)| p.as_ref().filter(|c| is_filled(c)).map(|c| (i, c)))
        .collect();
    let is_text = |t: ColumnType| matches!(t, ColumnType::Category | ColumnType::Text);
    let mut kinds: Vec<ColumnType> = Vec::new();
    for (_, column) in &filled {
        let kind = if is_text(column.column_type()) { ColumnType::Text } else { column.column_type() };
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    let to = match kinds.as_slice() {
        [] => {
            let n = n_rows.iter().sum::<usize>();
            issues.push(issue(
                IssueKind::EmptyColumn,
                Severity::Warning,
                Some(name),
                n as u64,
                format!("Column “{name}” has no values in any file; it was kept, but nothing can be computed from it."),
            ));
            ColumnType::Text
        }
        [one] => *one,
        several => {
            let to = agree(&filled, several);
            issues.push(disagreement(name, &filled, files, to));
            to
        }
    };
    for (i, piece) in pieces.iter().enumerate() {
        // Of a file without a value in a column that others fill.
        if piece.as_ref().is_some_and(|c| !is_filled(c)) && !filled.is_empty() {
            issues.push(issue(
                IssueKind::EmptyColumn,
                Severity::Note,
                Some(name),
                n_rows[i] as u64,
                format!("{}: column “{name}” has no values.", files[i]),
            ));
        }
    }
    drop(filled);
    let values = put_together(pieces, to, n_rows, hints);
    types::column(name.to_owned(), types::plain_role(ColumnType::Text), values)
}

/// What a column holds of which the files hold different things: numbers, dates or yes/no where nearly all cells read so,
/// else texts.
fn agree(filled: &[(usize, &Arc<Column>)], kinds: &[ColumnType]) -> ColumnType {
    let n_present: usize = filled.iter().map(|(_, c)| c.len() - c.n_missing()).sum();
    let is_text = |c: &Column| c.dictionary().is_some();
    let allowed = ((1.0 - SHARE_NEEDED) * n_present as f64) as u64;
    for to in [ColumnType::Number, ColumnType::Date, ColumnType::Boolean] {
        let others = || filled.iter().map(|(_, c)| *c).filter(|c| c.column_type() != to);
        let can = |c: &Column| match (to, c.column_type()) {
            // Names of digits are no quantities in any file.
            (ColumnType::Number, _) if is_text(c) => {
                !c.levels().is_some_and(|l| l.iter().any(|t| types::is_digits_name(t)))
            }
            // 1 and 0 beside yes and no.
            (ColumnType::Boolean, ColumnType::Number) => true,
            _ => is_text(c),
        };
        let lost = || others().map(|c| convert::convert(c, to, Writing::default()).1).sum::<u64>();
        if kinds.contains(&to) && others().all(|c| can(c)) && lost() <= allowed {
            return to;
        }
    }
    ColumnType::Text
}

fn disagreement(name: &str, filled: &[(usize, &Arc<Column>)], files: &[String], to: ColumnType) -> Issue {
    let word = |c: &Column| match c.column_type() {
        ColumnType::Number => "numbers",
        ColumnType::Date => "dates",
        ColumnType::Boolean => "yes/no",
        ColumnType::Category | ColumnType::Text => "words",
    };
    let mut by_word: Vec<(&str, Vec<&str>)> = Vec::new();
    for (i, column) in filled {
        let word = word(column);
        match by_word.iter_mut().find(|(w, _)| *w == word) {
            Some((_, of)) => of.push(&files[*i]),
            None => by_word.push((word, vec![&files[*i]])),
        }
    }
    let of: Vec<String> = by_word.iter().map(|(word, of)| format!("{word} in {}", list_some(of))).collect();
    let (mut n_lost, mut example) = (0, None);
    if to != ColumnType::Text {
        for (_, column) in filled.iter().filter(|(_, c)| c.column_type() != to) {
            let (converted, lost) = convert::convert(column, to, Writing::default());
            n_lost += lost;
            if example.is_none() && lost > 0 {
                let row = (0..column.len()).find(|&r| converted.is_missing(r) && !column.is_missing(r));
                example = row.map(|r| quoted(&column.cell_text(r)));
            }
        }
    }
    let done = match (to, example.as_deref()) {
        (ColumnType::Text, _) => "it was read as words everywhere".to_owned(),
        (to, None) => format!("it was read as {} everywhere", to.label().to_lowercase()),
        (to, Some(example)) => format!(
            "it was read as {} everywhere, and {} such as “{example}” set to missing",
            to.label().to_lowercase(),
            if n_lost == 1 { "1 cell".to_owned() } else { format!("{} cells", words::count(n_lost)) }
        ),
    };
    Issue {
        text: example,
        ..issue(
            IssueKind::MixedTypes,
            Severity::Warning,
            Some(name),
            n_lost.max(1),
            format!("“{name}” holds {}; {done}.", list(&of)),
        )
    }
}

/// The values of all pieces, one below the other.
fn put_together(
    pieces: Vec<Option<Arc<Column>>>,
    to: ColumnType,
    n_rows: &[usize],
    hints: types::Hints<'_>,
) -> Values {
    let n: usize = n_rows.iter().sum();
    let mut numbers = Vec::new();
    let mut flags = Vec::new();
    let mut texts = Dictionary::default();
    let mut lookup: HashMap<String, u32> = HashMap::new();
    match to {
        ColumnType::Number | ColumnType::Date => numbers.reserve_exact(n),
        ColumnType::Boolean => flags.reserve_exact(n),
        ColumnType::Category | ColumnType::Text => texts.codes.reserve_exact(n),
    }
    for (piece, &n) in pieces.into_iter().zip(n_rows) {
        let piece = piece.map(|c| {
            // Words of a file without any value are of no type.
            let is_other = c.column_type() != to && !(to == ColumnType::Text && c.dictionary().is_some());
            if is_other { Arc::new(convert::convert(&c, to, Writing::default()).0) } else { c }
        });
        match (piece.as_deref().map(|c| &c.values), to) {
            (Some(Values::Number(v) | Values::Date(v)), ColumnType::Number | ColumnType::Date) => {
                numbers.extend_from_slice(v);
            }
            (Some(Values::Boolean(v)), ColumnType::Boolean) => flags.extend_from_slice(v),
            (Some(Values::Category(d) | Values::Text(d)), ColumnType::Text) => {
                let mut place = Vec::with_capacity(d.levels.len());
                for level in &d.levels {
                    let next = texts.levels.len() as u32;
                    let code = *lookup.entry(level.clone()).or_insert(next);
                    if code == next {
                        texts.levels.push(level.clone());
                    }
                    place.push(code);
                }
                let code = |c: &u32| place.get(*c as usize).copied().unwrap_or(Dictionary::MISSING);
                texts.codes.extend(d.codes.iter().map(code));
            }
            (_, ColumnType::Number | ColumnType::Date) => numbers.extend(std::iter::repeat_n(f64::NAN, n)),
            (_, ColumnType::Boolean) => flags.extend(std::iter::repeat_n(None, n)),
            _ => texts.codes.extend(std::iter::repeat_n(Dictionary::MISSING, n)),
        }
    }
    match to {
        ColumnType::Number => Values::Number(numbers),
        ColumnType::Date => Values::Date(numbers),
        ColumnType::Boolean => Values::Boolean(flags),
        ColumnType::Category | ColumnType::Text => types::of_texts(texts, hints),
    }
}

/// Rows that occur in two files, the same in every column: periods that overlap are counted twice. Told only where a date or
/// an identifier makes it likely that such rows are the same.
fn overlaps(columns: &[Column], files: &[String], n_rows: &[usize]) -> Vec<Issue> {
    let n: usize = n_rows.iter().sum();
    let is_telling =
        |c: &Column| matches!(c.role, Role::Identifier | Role::Date) || matches!(c.values, Values::Date(_));
    if !columns.iter().any(is_telling) || n * columns.len() > MOST_COMPARED {
        return Vec::new();
    }
    let mut hashes = vec![0_u64; n];
    for column in columns {
        let mut add = |row: usize, bits: u64| {
            if let Some(hash) = hashes.get_mut(row) {
                let mixed = (*hash ^ bits).wrapping_mul(0x9e37_79b9_7f4a_7c15);
                *hash = (mixed ^ mixed >> 32).wrapping_add(1);
            }
        };
        match &column.values {
            Values::Number(v) | Values::Date(v) => {
                v.iter()
                    .enumerate()
                    .for_each(|(r, x)| add(r, if x.is_nan() { 1 } else { (x + 0.0).to_bits() }));
            }
            Values::Category(d) | Values::Text(d) => {
                d.codes.iter().enumerate().for_each(|(r, &c)| add(r, u64::from(c) + 1));
            }
            Values::Boolean(v) => {
                v.iter().enumerate().for_each(|(r, b)| add(r, b.map_or(0, |b| u64::from(b) + 1)));
            }
        }
    }
    // Files by their pairs, in the order of the later one. Rows are asked of, never the map walked.
    let mut first_in: HashMap<u64, u32> = HashMap::with_capacity(n);
    let mut counts: Vec<((usize, usize), u64)> = Vec::new();
    let mut row = 0;
    for (file, &n) in n_rows.iter().enumerate() {
        for hash in hashes.get(row..row + n).unwrap_or_default() {
            let first = *first_in.entry(*hash).or_insert(file as u32) as usize;
            if first != file {
                match counts.iter_mut().find(|(pair, _)| *pair == (first, file)) {
                    Some((_, n)) => *n += 1,
                    None => counts.push(((first, file), 1)),
                }
            }
        }
        row += n;
    }
    let told = |((first, file), n): ((usize, usize), u64)| {
        issue(
            IssueKind::Other,
            Severity::Warning,
            None,
            n,
            format!(
                "{} of {} {} in {} too, the same in every column: if the periods overlap, they count twice. Drop duplicate \
                 rows on the Clean page then.",
                counted(n, "row", "rows"),
                files[file],
                if n == 1 { "is" } else { "are" },
                files[first]
            ),
        )
    };
    counts.into_iter().map(told).collect()
}

fn issue(kind: IssueKind, severity: Severity, column: Option<&str>, count: u64, message: String) -> Issue {
    let column = column.map(str::to_owned);
    Issue { kind, severity, line: None, column, text: None, count, message, files: Vec::new() }
}
