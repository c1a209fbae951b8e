//! Carries out a checked formula: block by block of rows, after what is learnt from the training rows was learnt.
//!
//! A missing value carries its reason with it, so that a choice (`if`, `coalesce`) that passes it by also forgets the
//! reason. `and` and `or` know three values: *no and missing* is no, *yes or missing* is yes. Cost: linear in rows and
//! parts; `median`, `rank` and `quantile_bin` sort the rows they learn from.

use std::{borrow::Cow, cmp::Ordering, collections::HashMap, ops::Range, sync::Arc};

use super::{
    functions::Op,
    parser::Operator,
    types::{Checked, Kind, Term, What},
};
use crate::engine::{
    context::{Ctx, Stopped},
    data::{
        calendar::Moment,
        column::{Column, Dictionary, MILLIS_A_DAY, Values, date_text, natural_order},
        distinct,
        table::Table,
    },
    features::bins,
    numeric::{describe::quantile, math},
    order::InOrder,
    step::LearnFrom,
    step_kit::learnt_values,
};

/// Rows carried out at once: small enough to stay near the processor.
const BLOCK: usize = 8192;

/// Days since 1970 that the calendar can show.
const DAYS: Range<f64> = -98_000.0..120_000.0;

/// Why a value is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// What it is computed from is missing.
    Input,
    /// Division by zero.
    ZeroDivision,
    /// Logarithm of zero or less.
    Logarithm,
    /// Root of a number below zero, or a part power of one.
    Root,
    /// Beyond the largest number.
    Overflow,
    /// A date beyond the calendar.
    Calendar,
    /// No row to learn from has a value in its group.
    NothingLearnt,
}

impl Why {
    /// Every reason that has a note.
    const NOTED: [Self; 6] = [
        Self::ZeroDivision,
        Self::Logarithm,
        Self::Root,
        Self::Overflow,
        Self::Calendar,
        Self::NothingLearnt,
    ];

    /// In words.
    pub fn label(self) -> &'static str {
        match self {
            Self::Input => "what it is computed from is missing",
            Self::ZeroDivision => "nothing can be divided by zero",
            Self::Logarithm => "zero and less have no logarithm",
            Self::Root => "numbers below zero have no such root",
            Self::Overflow => "the number is too large to hold",
            Self::Calendar => "the date lies beyond the calendar",
            Self::NothingLearnt => "no row with a value could be learnt from",
        }
    }
}

/// What came out.
#[derive(Debug, Clone)]
pub struct Evaluated {
    /// One a row.
    pub values: Values,
    /// For each reason other than missing inputs, how many rows are missing for it.
    pub missing: Vec<(Why, u64)>,
    /// Rows that are missing because what they are computed from is.
    pub n_input: u64,
}

/// Carries out a formula on the table whose columns it was checked against.
pub fn evaluate(
    checked: &Checked,
    table: &Table,
    learn: LearnFrom<'_>,
    ctx: &Ctx<'_>,
) -> Result<Evaluated, Stopped> {
    let mut parts = Vec::new();
    collect(&checked.term, &mut parts);
    parts.order_by_key(|part| part.0);
    let rows = if parts.is_empty() { Vec::new() } else { learn.rows(table) };
    let mut run = Run { columns: table.columns(), n_rows: table.n_rows(), learnt: Vec::new(), ctx };
    for (_, part) in parts {
        let learnt = run.learn(part, &rows)?;
        run.learnt.push(learnt);
    }
    let kind = checked.term.kind;
    let mut counts = [0_u64; 7];
    let mut numbers = Vec::new();
    let mut flags = Vec::new();
    let mut texts = Interned::default();
    let order = run.labels(&checked.term);
    for label in &order {
        texts.code(Cow::Borrowed(label));
    }
    run.blocks(&checked.term, |cells| {
        for row in 0..cells.len() {
            if cells.is_missing(row)
                && let Some(n) = counts.get_mut(cells.why(row) as usize)
            {
                *n += 1;
            }
        }
        match kind {
            Kind::Text => {
                texts.codes.reserve(cells.len());
                for text in cells.texts().0 {
                    let code = text.map_or(Dictionary::MISSING, |t| texts.code(t));
                    texts.codes.push(code);
                }
            }
            Kind::YesNo => flags.extend(cells.flags().0),
            // Adding zero makes -0 and 0 one number.
            _ => numbers.extend(cells.numbers().0.into_iter().map(|v| v + 0.0)),
        }
    })?;
    let values = match kind {
        Kind::Text => texts.values(!order.is_empty()),
        Kind::YesNo => Values::Boolean(flags),
        Kind::Date => Values::Date(numbers),
        Kind::Number | Kind::Nothing => Values::Number(numbers),
    };
    let missing = Why::NOTED.into_iter().map(|w| (w, counts[w as usize])).filter(|(_, n)| *n > 0).collect();
    Ok(Evaluated { values, missing, n_input: counts[Why::Input as usize] })
}

/// Edges that `quantile_bin` has on these rows, in order of slots; for the Python text.
pub(super) fn learnt_edges(checked: &Checked, table: &Table) -> Vec<Vec<f64>> {
    let mut parts = Vec::new();
    collect(&checked.term, &mut parts);
    parts.order_by_key(|part| part.0);
    let ctx = Ctx::quiet(0);
    let rows = LearnFrom::All.rows(table);
    let mut run = Run { columns: table.columns(), n_rows: table.n_rows(), learnt: Vec::new(), ctx: &ctx };
    for (_, part) in parts {
        let Ok(learnt) = run.learn(part, &rows) else { break };
        run.learnt.push(learnt);
    }
    run.learnt
        .into_iter()
        .map(|l| if let Stat::Edges(edges, _) = l.stat { edges } else { Vec::new() })
        .collect()
}

/// Texts held once each, in order of appearance.
#[derive(Default)]
struct Interned {
    lookup: HashMap<String, u32>,
    levels: Vec<String>,
    codes: Vec<u32>,
}

impl Interned {
    fn code(&mut self, text: Cow<'_, str>) -> u32 {
        if let Some(&code) = self.lookup.get(text.as_ref()) {
            return code;
        }
        let code = self.levels.len() as u32;
        self.levels.push(text.clone().into_owned());
        self.lookup.insert(text.into_owned(), code);
        code
    }

    /// A category where there are few levels, as when a file is read; else text.
    fn values(self, is_ordered: bool) -> Values {
        let Self { levels, mut codes, .. } = self;
        let n_known = codes.iter().filter(|c| **c != Dictionary::MISSING).count();
        let few = (codes.len() / 20).max(1000);
        let is_category = levels.len() <= 20 || (levels.len() <= few && levels.len() * 2 <= n_known);
        if is_ordered {
            return Values::Category(Dictionary { levels, codes });
        }
        if !is_category {
            return Values::Text(Dictionary { levels, codes });
        }
        let mut order: Vec<u32> = (0..levels.len() as u32).collect();
        order.order_by(|a, b| natural_order(&levels[*a as usize], &levels[*b as usize]));
        let mut place = vec![0_u32; levels.len()];
        for (new, &old) in order.iter().enumerate() {
            place[old as usize] = new as u32;
        }
        for code in codes.iter_mut().filter(|c| **c != Dictionary::MISSING) {
            *code = place[*code as usize];
        }
        let levels = order.into_iter().map(|old| levels[old as usize].clone()).collect();
        Values::Category(Dictionary { levels, codes })
    }
}

// ---------------------------------------------------------------------------------------------------- cells

/// Values of a block of rows, and why those that are missing are; no reasons at all mean missing inputs.
struct Cells<'a> {
    data: Data<'a>,
    whys: Vec<Why>,
}

enum Data<'a> {
    /// Numbers, and dates as milliseconds; NaN is missing.
    Number(Vec<f64>),
    Text(Vec<Option<Cow<'a, str>>>),
    YesNo(Vec<Option<bool>>),
}

type Numbers = (Vec<f64>, Vec<Why>);
type Texts<'a> = (Vec<Option<Cow<'a, str>>>, Vec<Why>);
type Flags = (Vec<Option<bool>>, Vec<Why>);

fn why_of(whys: &[Why], row: usize) -> Why {
    whys.get(row).copied().unwrap_or(Why::Input)
}

/// Puts a reason down; the list is made when the first one other than missing inputs comes.
fn note(whys: &mut Vec<Why>, n: usize, row: usize, why: Why) {
    if whys.is_empty() {
        if why == Why::Input {
            return;
        }
        whys.resize(n, Why::Input);
    }
    if let Some(slot) = whys.get_mut(row) {
        *slot = why;
    }
}

impl<'a> Cells<'a> {
    fn known(data: Data<'a>) -> Self {
        Self { data, whys: Vec::new() }
    }

    fn len(&self) -> usize {
        match &self.data {
            Data::Number(v) => v.len(),
            Data::Text(v) => v.len(),
            Data::YesNo(v) => v.len(),
        }
    }

    fn is_missing(&self, row: usize) -> bool {
        match &self.data {
            Data::Number(v) => v.get(row).is_none_or(|v| v.is_nan()),
            Data::Text(v) => v.get(row).is_none_or(Option::is_none),
            Data::YesNo(v) => v.get(row).is_none_or(Option::is_none),
        }
    }

    fn why(&self, row: usize) -> Why {
        why_of(&self.whys, row)
    }

    /// As numbers. What is nothing but missing is so in every kind.
    fn numbers(self) -> Numbers {
        let n = self.len();
        match self.data {
            Data::Number(v) => (v, self.whys),
            _ => (vec![f64::NAN; n], self.whys),
        }
    }

    fn texts(self) -> Texts<'a> {
        let n = self.len();
        match self.data {
            Data::Text(v) => (v, self.whys),
            _ => (vec![None; n], self.whys),
        }
    }

    fn flags(self) -> Flags {
        let n = self.len();
        match self.data {
            Data::YesNo(v) => (v, self.whys),
            _ => (vec![None; n], self.whys),
        }
    }
}

fn map<'a>((mut values, mut whys): Numbers, f: impl Fn(f64) -> Result<f64, Why>) -> Cells<'a> {
    let n = values.len();
    for (row, v) in values.iter_mut().enumerate().filter(|(_, v)| !v.is_nan()) {
        *v = f(*v).unwrap_or_else(|why| {
            note(&mut whys, n, row, why);
            f64::NAN
        });
    }
    Cells { data: Data::Number(values), whys }
}

fn zip<'a>(a: Numbers, b: Numbers, f: impl Fn(f64, f64) -> Result<f64, Why>) -> Cells<'a> {
    let ((mut values, mut whys), (others, other_whys)) = (a, b);
    let n = values.len();
    for (row, (x, y)) in values.iter_mut().zip(others).enumerate().filter(|(_, (x, _))| !x.is_nan()) {
        let result = if y.is_nan() { Err(why_of(&other_whys, row)) } else { f(*x, y) };
        *x = result.unwrap_or_else(|why| {
            note(&mut whys, n, row, why);
            f64::NAN
        });
    }
    Cells { data: Data::Number(values), whys }
}

/// A test of two values of each row, missing where one of them is.
fn test<'a, T>(
    (a, mut whys): (Vec<Option<T>>, Vec<Why>),
    (b, others): (Vec<Option<T>>, Vec<Why>),
    f: impl Fn(&T, &T) -> bool,
) -> Cells<'a> {
    let n = a.len();
    let flag = |(row, (x, y)): (usize, (Option<T>, Option<T>))| match (x, y) {
        (Some(x), Some(y)) => Some(f(&x, &y)),
        (Some(_), None) => {
            note(&mut whys, n, row, why_of(&others, row));
            None
        }
        (None, _) => None,
    };
    let flags = a.into_iter().zip(b).enumerate().map(flag).collect();
    Cells { data: Data::YesNo(flags), whys }
}

fn options((values, whys): Numbers) -> (Vec<Option<f64>>, Vec<Why>) {
    (values.into_iter().map(|v| (!v.is_nan()).then_some(v)).collect(), whys)
}

fn finite(value: f64) -> Result<f64, Why> {
    if value.is_finite() { Ok(value) } else { Err(Why::Overflow) }
}

/// For every row the cell of the source that was chosen for it, or a reason.
fn pick<'a>(kind: Kind, sources: Vec<Cells<'a>>, chosen: &[Result<usize, Why>]) -> Cells<'a> {
    let n = chosen.len();
    let mut whys = Vec::new();
    for (row, choice) in chosen.iter().enumerate() {
        match choice {
            Ok(i) => match sources.get(*i) {
                Some(source) if source.is_missing(row) => note(&mut whys, n, row, source.why(row)),
                _ => {}
            },
            Err(why) => note(&mut whys, n, row, *why),
        }
    }
    let rows = || chosen.iter().enumerate();
    let data = match kind {
        Kind::Text => {
            let mut all: Vec<_> = sources.into_iter().map(|s| s.texts().0).collect();
            let cell = |(row, choice): (usize, &Result<usize, Why>)| {
                all.get_mut(*choice.as_ref().ok()?)?.get_mut(row)?.take()
            };
            Data::Text(rows().map(cell).collect())
        }
        Kind::YesNo => {
            let all: Vec<_> = sources.into_iter().map(|s| s.flags().0).collect();
            let cell =
                |(row, choice): (usize, &Result<usize, Why>)| *all.get(*choice.as_ref().ok()?)?.get(row)?;
            Data::YesNo(rows().map(cell).collect())
        }
        _ => {
            let all: Vec<_> = sources.into_iter().map(|s| s.numbers().0).collect();
            let cell = |(row, choice): (usize, &Result<usize, Why>)| {
                all.get(*choice.as_ref().ok()?)?.get(row).copied()
            };
            Data::Number(rows().map(|at| cell(at).unwrap_or(f64::NAN)).collect())
        }
    };
    Cells { data, whys }
}

// ----------------------------------------------------------------------------------------------------- a run

struct Run<'a> {
    columns: &'a [Arc<Column>],
    n_rows: usize,
    /// By slot.
    learnt: Vec<Learnt>,
    ctx: &'a Ctx<'a>,
}

/// What was learnt from the rows.
struct Learnt {
    /// The group of every row; none is one group.
    groups: Option<Vec<u32>>,
    stat: Stat,
}

enum Stat {
    /// One a group; NaN where nothing was there to learn from.
    Value(Vec<f64>),
    /// Sorted values, by group.
    Sorted(Vec<Vec<f64>>),
    /// Edges and labels.
    Edges(Vec<f64>, Vec<String>),
}

impl Learnt {
    fn group(&self, row: usize) -> Option<usize> {
        match &self.groups {
            None => Some(0),
            Some(groups) => groups.get(row).filter(|g| **g != Dictionary::MISSING).map(|g| *g as usize),
        }
    }
}

/// Every part that is learnt, with its slot.
fn collect<'t>(term: &'t Term, found: &mut Vec<(usize, &'t Term)>) {
    match &term.what {
        What::AsNumber(a) | What::AsText(a) | What::Minus(a) | What::Not(a) => collect(a, found),
        What::Chain(first, rest) => {
            collect(first, found);
            rest.iter().for_each(|(_, part, _)| collect(part, found));
        }
        What::Call(_, args) => args.iter().for_each(|a| collect(a, found)),
        What::Learnt { of, slot, .. } => {
            if let Some(of) = of {
                collect(of, found);
            }
            found.push((*slot, term));
        }
        _ => {}
    }
}

impl<'a> Run<'a> {
    /// Carries out a part for all rows, a block at a time.
    fn blocks(&self, term: &Term, mut take: impl FnMut(Cells<'a>)) -> Result<(), Stopped> {
        for start in (0..self.n_rows).step_by(BLOCK) {
            self.ctx.tick(start as u64, self.n_rows as u64)?;
            take(self.cells(term, start..(start + BLOCK).min(self.n_rows)));
        }
        Ok(())
    }

    /// The labels of groups, in their order, where the whole formula is one.
    fn labels(&self, term: &Term) -> Vec<String> {
        match &term.what {
            What::Call(Op::Bin, args) => bins::labels(&edges(args)),
            What::Learnt { op: Op::QuantileBin, slot, .. } => match self.learnt.get(*slot).map(|l| &l.stat) {
                Some(Stat::Edges(_, labels)) => labels.clone(),
                _ => Vec::new(),
            },
            _ => Vec::new(),
        }
    }

    fn learn(&self, part: &Term, rows: &[u32]) -> Result<Learnt, Stopped> {
        let What::Learnt { op, of, by, n_groups, .. } = &part.what else {
            return Ok(Learnt { groups: None, stat: Stat::Value(Vec::new()) });
        };
        let mut values: Vec<f64> = Vec::with_capacity(self.n_rows);
        match of {
            // What is counted need not be a number.
            Some(of) if *op == Op::Count => self.blocks(of, |cells| {
                let one = |row| if cells.is_missing(row) { f64::NAN } else { 1.0 };
                values.extend((0..cells.len()).map(one));
            })?,
            Some(of) => self.blocks(of, |cells| values.extend(cells.numbers().0))?,
            None => values.resize(self.n_rows, 1.0),
        }
        if *op == Op::QuantileBin {
            let sorted = learnt_values(&values, rows);
            let n = *n_groups as f64;
            let mut edges: Vec<f64> =
                (1..*n_groups).filter_map(|i| quantile(&sorted, i as f64 / n)).collect();
            edges.dedup();
            let labels = bins::labels(&edges);
            return Ok(Learnt { groups: None, stat: Stat::Edges(edges, labels) });
        }
        let (groups, n) = self.groups(by);
        let mut learnt = Learnt { groups, stat: Stat::Value(Vec::new()) };
        let mut by_group: Vec<Vec<f64>> = vec![Vec::new(); n];
        for &row in rows {
            let value = values.get(row as usize).copied().unwrap_or(f64::NAN);
            if let Some(group) = learnt.group(row as usize).and_then(|g| by_group.get_mut(g))
                && !value.is_nan()
            {
                group.push(value);
            }
        }
        if matches!(op, Op::Rank | Op::Median) {
            by_group.iter_mut().for_each(|v| distinct::sort(v));
        }
        learnt.stat = match op {
            Op::Rank => Stat::Sorted(by_group),
            _ => Stat::Value(by_group.iter().map(|v| statistic(*op, v)).collect()),
        };
        Ok(learnt)
    }

    /// The group of every row by its values in these columns, missing where one of them is; and how many groups.
    fn groups(&self, by: &[usize]) -> (Option<Vec<u32>>, usize) {
        let columns: Vec<&Arc<Column>> = by.iter().filter_map(|&place| self.columns.get(place)).collect();
        if columns.is_empty() {
            return (None, 1);
        }
        let key = |column: &Column, row: usize| match &column.values {
            // Adding zero makes -0 and 0 one number.
            Values::Number(v) | Values::Date(v) => v.get(row).map(|v| (v + 0.0).to_bits()),
            Values::Category(d) | Values::Text(d) => d.codes.get(row).map(|c| u64::from(*c)),
            Values::Boolean(v) => v.get(row).copied().flatten().map(u64::from),
        };
        let mut lookup: HashMap<Vec<u64>, u32> = HashMap::new();
        let mut groups = Vec::with_capacity(self.n_rows);
        let mut keys = Vec::with_capacity(columns.len());
        for row in 0..self.n_rows {
            keys.clear();
            if columns.iter().any(|c| c.is_missing(row)) {
                groups.push(Dictionary::MISSING);
                continue;
            }
            keys.extend(columns.iter().filter_map(|c| key(c, row)));
            let next = lookup.len() as u32;
            let code = match lookup.get(&keys) {
                Some(&code) => code,
                None => *lookup.entry(keys.clone()).or_insert(next),
            };
            groups.push(code);
        }
        (Some(groups), lookup.len())
    }

    /// Carries out a part for a block of rows.
    fn cells(&self, term: &Term, rows: Range<usize>) -> Cells<'a> {
        let n = rows.len();
        match &term.what {
            What::Number(v) | What::Date(v) => Cells::known(Data::Number(vec![*v; n])),
            What::Text(t) => Cells::known(Data::Text(vec![Some(Cow::Owned(t.clone())); n])),
            What::YesNo(b) => Cells::known(Data::YesNo(vec![Some(*b); n])),
            What::Missing => Cells::known(Data::Number(vec![f64::NAN; n])),
            What::Column(place) => self.column(*place, rows),
            What::AsNumber(inner) => as_number(self.cells(inner, rows)),
            What::AsText(inner) => as_text(self.cells(inner, rows), inner.kind),
            What::Minus(inner) => map(self.cells(inner, rows).numbers(), |v| Ok(-v)),
            What::Not(inner) => {
                let (flags, whys) = self.cells(inner, rows).flags();
                Cells { data: Data::YesNo(flags.into_iter().map(|f| f.map(|f| !f)).collect()), whys }
            }
            What::Chain(first, rest) => {
                let all = (self.cells(first, rows.clone()), first.kind);
                let join = |(x, kind), (operator, part, gives): &(Operator, Term, Kind)| {
                    let y = self.cells(part, rows.clone());
                    (binary(*operator, x, y, kind, part.kind), *gives)
                };
                rest.iter().fold(all, join).0
            }
            What::Call(op, args) => {
                let cells = args.iter().map(|a| self.cells(a, rows.clone())).collect();
                call(*op, term.kind, args, cells)
            }
            What::Learnt { op, of, slot, .. } => {
                let Some(learnt) = self.learnt.get(*slot) else {
                    return Cells::known(Data::Number(vec![f64::NAN; n]));
                };
                let of = of.as_ref().filter(|_| matches!(op, Op::Rank | Op::QuantileBin));
                from_learnt(learnt, of.map(|of| self.cells(of, rows.clone())), rows)
            }
        }
    }

    fn column(&self, place: usize, rows: Range<usize>) -> Cells<'a> {
        let Some(column) = self.columns.get(place) else {
            return Cells::known(Data::Number(vec![f64::NAN; rows.len()]));
        };
        Cells::known(match &column.values {
            Values::Number(v) | Values::Date(v) => {
                Data::Number(v.get(rows).map(<[f64]>::to_vec).unwrap_or_default())
            }
            Values::Boolean(v) => Data::YesNo(v.get(rows).map(<[_]>::to_vec).unwrap_or_default()),
            Values::Category(d) | Values::Text(d) => {
                Data::Text(rows.map(|row| d.get(row).map(Cow::Borrowed)).collect())
            }
        })
    }
}

/// A statistic of the values of a group, sorted where it is a median; NaN where there is none.
fn statistic(op: Op, values: &[f64]) -> f64 {
    let total = || math::sum(values.iter().copied());
    let extreme = |wanted: Ordering| {
        values
            .iter()
            .copied()
            .reduce(|a, b| if b.total_cmp(&a) == wanted { b } else { a })
            .unwrap_or(f64::NAN)
    };
    match op {
        Op::Count => values.len() as f64,
        _ if values.is_empty() => f64::NAN,
        Op::Sum => total(),
        Op::Mean => total() / values.len() as f64,
        Op::Median => quantile(values, 0.5).unwrap_or(f64::NAN),
        Op::ColMin => extreme(Ordering::Less),
        _ => extreme(Ordering::Greater),
    }
}

fn from_learnt<'a>(learnt: &Learnt, of: Option<Cells<'a>>, rows: Range<usize>) -> Cells<'a> {
    let n = rows.len();
    let mut whys = of.as_ref().map(|c| c.whys.clone()).unwrap_or_default();
    let values = of.map(|c| c.numbers().0);
    let data = match &learnt.stat {
        Stat::Edges(edges, labels) => {
            let label = |v: &f64| {
                let place = edges.partition_point(|e| e <= v);
                (!v.is_nan()).then(|| labels.get(place).cloned()).flatten().map(Cow::Owned)
            };
            let values = values.unwrap_or_default();
            for row in (0..n).filter(|_| edges.is_empty()) {
                note(&mut whys, n, row, Why::NothingLearnt);
            }
            let nothing = edges.is_empty();
            Data::Text(values.iter().map(|v| if nothing { None } else { label(v) }).collect())
        }
        Stat::Value(by_group) => {
            let mut out = Vec::with_capacity(n);
            for (at, row) in rows.enumerate() {
                let group = learnt.group(row);
                let value = group.and_then(|g| by_group.get(g)).copied().unwrap_or(f64::NAN);
                if group.is_some() && !value.is_finite() {
                    let why = if value.is_nan() { Why::NothingLearnt } else { Why::Overflow };
                    note(&mut whys, n, at, why);
                }
                out.push(if value.is_finite() { value } else { f64::NAN });
            }
            Data::Number(out)
        }
        Stat::Sorted(by_group) => {
            let mut out = Vec::with_capacity(n);
            for ((at, row), value) in rows.enumerate().zip(values.unwrap_or_default()) {
                let group = learnt.group(row);
                let sorted = group.and_then(|g| by_group.get(g)).map_or(&[][..], Vec::as_slice);
                out.push(if value.is_nan() || group.is_none() {
                    f64::NAN
                } else if sorted.is_empty() {
                    note(&mut whys, n, at, Why::NothingLearnt);
                    f64::NAN
                } else {
                    let below = sorted.partition_point(|v| *v < value);
                    let equal = sorted.partition_point(|v| *v <= value) - below;
                    below as f64 + (equal as f64 + 1.0) / 2.0
                });
            }
            Data::Number(out)
        }
    };
    Cells { data, whys }
}

fn as_number(cells: Cells<'_>) -> Cells<'_> {
    let Cells { data, whys } = cells;
    let parse = |t: &str| t.parse::<f64>().ok().filter(|v| v.is_finite());
    let values = match data {
        Data::Number(v) => v,
        Data::YesNo(v) => v.into_iter().map(|b| b.map_or(f64::NAN, |b| if b { 1.0 } else { 0.0 })).collect(),
        Data::Text(v) => v.iter().map(|t| t.as_deref().and_then(parse).unwrap_or(f64::NAN)).collect(),
    };
    Cells { data: Data::Number(values), whys }
}

fn as_text(cells: Cells<'_>, kind: Kind) -> Cells<'_> {
    let Cells { data, whys } = cells;
    let word = |v: f64| if kind == Kind::Date { date_text(v) } else { (v + 0.0).to_string() };
    let texts = match data {
        Data::Text(v) => v,
        Data::Number(v) => v.into_iter().map(|v| (!v.is_nan()).then(|| Cow::Owned(word(v)))).collect(),
        Data::YesNo(v) => {
            v.into_iter().map(|b| b.map(|b| Cow::Borrowed(if b { "yes" } else { "no" }))).collect()
        }
    };
    Cells { data: Data::Text(texts), whys }
}

fn binary<'a>(operator: Operator, x: Cells<'a>, y: Cells<'a>, a: Kind, b: Kind) -> Cells<'a> {
    use Operator::{Add, And, Divide, Multiply, Or, Power, Remainder, Subtract};
    match operator {
        And | Or => return logic(x.flags(), y.flags(), operator == Or),
        _ if operator.is_comparison() => {
            return compare(operator, x, y, if a == Kind::Nothing { b } else { a });
        }
        _ => {}
    }
    let (x, y) = (x.numbers(), y.numbers());
    match (operator, a, b) {
        (Subtract, Kind::Date, Kind::Date) => return zip(x, y, |x, y| Ok((x - y) / MILLIS_A_DAY)),
        (Add | Subtract, Kind::Date, _) => {
            return zip(x, y, |x, y| {
                let moved = if operator == Add { x + y * MILLIS_A_DAY } else { x - y * MILLIS_A_DAY };
                if DAYS.contains(&(moved / MILLIS_A_DAY)) { Ok(moved.round()) } else { Err(Why::Calendar) }
            });
        }
        _ => {}
    }
    match operator {
        Add => zip(x, y, |x, y| finite(x + y)),
        Subtract => zip(x, y, |x, y| finite(x - y)),
        Multiply => zip(x, y, |x, y| finite(x * y)),
        Divide => zip(x, y, |x, y| if y == 0.0 { Err(Why::ZeroDivision) } else { finite(x / y) }),
        Remainder => zip(x, y, |x, y| if y == 0.0 { Err(Why::ZeroDivision) } else { Ok(remainder(x, y)) }),
        Power => zip(x, y, power),
        _ => Cells::known(Data::Number(vec![f64::NAN; x.0.len()])),
    }
}

/// What is left after division, with the sign of the divisor, as Python has it.
fn remainder(x: f64, y: f64) -> f64 {
    let rest = x % y;
    if rest != 0.0 && (rest < 0.0) != (y < 0.0) { rest + y } else { rest }
}

fn power(x: f64, y: f64) -> Result<f64, Why> {
    let value = math::pow(x, y);
    match value {
        v if v.is_nan() => Err(Why::Root),
        v if v.is_infinite() && x == 0.0 => Err(Why::ZeroDivision),
        v => finite(v),
    }
}

/// Three-valued `and` (or `or`): `decides` is the value that settles it alone.
fn logic<'a>((a, mut whys): Flags, (b, others): Flags, decides: bool) -> Cells<'a> {
    let n = a.len();
    let flag = |(row, (x, y)): (usize, (Option<bool>, Option<bool>))| match (x, y) {
        (Some(x), _) if x == decides => Some(decides),
        (_, Some(y)) if y == decides => Some(decides),
        (Some(_), Some(_)) => Some(!decides),
        (None, _) => None,
        (_, None) => {
            note(&mut whys, n, row, why_of(&others, row));
            None
        }
    };
    let flags = a.into_iter().zip(b).enumerate().map(flag).collect();
    Cells { data: Data::YesNo(flags), whys }
}

fn compare<'a>(operator: Operator, x: Cells<'a>, y: Cells<'a>, kind: Kind) -> Cells<'a> {
    let holds = |order: Option<Ordering>| match operator {
        Operator::Equal => order == Some(Ordering::Equal),
        Operator::Unequal => order != Some(Ordering::Equal),
        Operator::Less => order == Some(Ordering::Less),
        Operator::AtMost => matches!(order, Some(Ordering::Less | Ordering::Equal)),
        Operator::More => order == Some(Ordering::Greater),
        _ => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
    };
    match kind {
        Kind::Text => test(x.texts(), y.texts(), |x, y| holds(Some(x.cmp(y)))),
        Kind::YesNo => test(x.flags(), y.flags(), |x, y| holds(Some(x.cmp(y)))),
        _ => test(options(x.numbers()), options(y.numbers()), |x, y| holds(x.partial_cmp(y))),
    }
}

/// Edges that were written out.
fn edges(args: &[Term]) -> Vec<f64> {
    args.iter().skip(1).filter_map(|t| if let What::Number(v) = t.what { Some(v) } else { None }).collect()
}

fn call<'a>(op: Op, kind: Kind, args: &[Term], mut cells: Vec<Cells<'a>>) -> Cells<'a> {
    let n = cells.first().map_or(0, Cells::len);
    match op {
        Op::If => return choose(kind, cells, n),
        Op::Coalesce => {
            let first = |row| cells.iter().position(|c| !c.is_missing(row));
            let chosen: Vec<_> = (0..n).map(|row| Ok(first(row).unwrap_or(cells.len() - 1))).collect();
            return pick(kind, cells, &chosen);
        }
        Op::Concat => return joined(cells, n),
        Op::Replace => return replaced(cells),
        _ => {}
    }
    let mut rest = cells.split_off(1.min(cells.len())).into_iter();
    let Some(first) = cells.pop() else { return Cells::known(Data::Number(Vec::new())) };
    let figure = |i: usize| match args.get(i).map(|t| &t.what) {
        Some(What::Number(v)) => *v,
        _ => 0.0,
    };
    match op {
        Op::IsMissing => Cells::known(Data::YesNo((0..n).map(|row| Some(first.is_missing(row))).collect())),
        Op::Abs => map(first.numbers(), |v| Ok(v.abs())),
        Op::Floor => map(first.numbers(), |v| Ok(v.floor())),
        Op::Ceil => map(first.numbers(), |v| Ok(v.ceil())),
        Op::Round => map(first.numbers(), |v| Ok(rounded(v, figure(1)))),
        Op::Sqrt => map(first.numbers(), |v| if v < 0.0 { Err(Why::Root) } else { Ok(v.sqrt()) }),
        Op::Log => map(first.numbers(), |v| if v <= 0.0 { Err(Why::Logarithm) } else { Ok(math::ln(v)) }),
        Op::Log1p => {
            map(first.numbers(), |v| if v <= -1.0 { Err(Why::Logarithm) } else { Ok(math::ln_1p(v)) })
        }
        Op::Exp => map(first.numbers(), |v| finite(math::exp(v))),
        Op::Min => {
            rest.fold(first, |a, b| zip(a.numbers(), b.numbers(), |x, y| Ok(if y < x { y } else { x })))
        }
        Op::Max => {
            rest.fold(first, |a, b| zip(a.numbers(), b.numbers(), |x, y| Ok(if y > x { y } else { x })))
        }
        Op::Clip => {
            let mut bound = || rest.next().map(Cells::numbers).unwrap_or_default();
            let (low, high) = (bound(), bound());
            let raised = zip(first.numbers(), low, |x, y| Ok(if x < y { y } else { x }));
            zip(raised.numbers(), high, |x, y| Ok(if x > y { y } else { x }))
        }
        Op::Upper => text(first.texts(), |t| t.to_uppercase()),
        Op::Lower => text(first.texts(), |t| t.to_lowercase()),
        Op::Trim => text(first.texts(), |t| t.trim().to_owned()),
        Op::Length => {
            let (texts, whys) = first.texts();
            let length = |t: &Option<Cow<'_, str>>| t.as_ref().map_or(f64::NAN, |t| t.chars().count() as f64);
            Cells { data: Data::Number(texts.iter().map(length).collect()), whys }
        }
        Op::Contains | Op::StartsWith => {
            let part = rest.next().map(Cells::texts).unwrap_or_default();
            let is_start = op == Op::StartsWith;
            test(first.texts(), part, |t, part| {
                if is_start { t.starts_with(part.as_ref()) } else { t.contains(part.as_ref()) }
            })
        }
        Op::Year | Op::Month | Op::Day | Op::Weekday | Op::Hour => {
            map(first.numbers(), |v| calendar(op, v).ok_or(Why::Calendar))
        }
        Op::DaysBetween => {
            let to = rest.next().map(Cells::numbers).unwrap_or_default();
            zip(first.numbers(), to, |from, to| Ok((to - from) / MILLIS_A_DAY))
        }
        Op::Bin => {
            let edges = edges(args);
            let labels = bins::labels(&edges);
            let (values, whys) = first.numbers();
            let label = |v: &f64| {
                let place = edges.partition_point(|e| e <= v);
                (!v.is_nan()).then(|| labels.get(place).cloned()).flatten().map(Cow::Owned)
            };
            Cells { data: Data::Text(values.iter().map(label).collect()), whys }
        }
        // Learnt functions are no calls.
        _ => first,
    }
}

fn text<'a>((texts, whys): Texts<'a>, f: impl Fn(&str) -> String) -> Cells<'a> {
    let texts = texts.into_iter().map(|t| t.map(|t| Cow::Owned(f(&t)))).collect();
    Cells { data: Data::Text(texts), whys }
}

/// The value of the first condition that holds; missing at the first condition that is.
fn choose<'a>(kind: Kind, cells: Vec<Cells<'a>>, n: usize) -> Cells<'a> {
    let last = cells.len().saturating_sub(1);
    let choice = |row: usize| {
        for at in (0..last).step_by(2) {
            let Some(condition) = cells.get(at) else { break };
            match &condition.data {
                Data::YesNo(v) => match v.get(row).copied().flatten() {
                    Some(true) => return Ok(at + 1),
                    Some(false) => {}
                    None => return Err(condition.why(row)),
                },
                _ => return Err(condition.why(row)),
            }
        }
        Ok(last)
    };
    let chosen: Vec<Result<usize, Why>> = (0..n).map(choice).collect();
    pick(kind, cells, &chosen)
}

fn joined(cells: Vec<Cells<'_>>, n: usize) -> Cells<'_> {
    let all: Vec<Texts<'_>> = cells.into_iter().map(Cells::texts).collect();
    let mut whys = Vec::new();
    let mut out = Vec::with_capacity(n);
    for row in 0..n {
        let mut whole = Some(String::new());
        for (texts, reasons) in &all {
            match (texts.get(row).and_then(Option::as_ref), whole.as_mut()) {
                (Some(t), Some(whole)) => whole.push_str(t),
                (None, Some(_)) => {
                    note(&mut whys, n, row, why_of(reasons, row));
                    whole = None;
                }
                (_, None) => break,
            }
        }
        out.push(whole.map(Cow::Owned));
    }
    Cells { data: Data::Text(out), whys }
}

fn replaced(cells: Vec<Cells<'_>>) -> Cells<'_> {
    let mut all = cells.into_iter().map(Cells::texts);
    let mut next = || all.next().unwrap_or_default();
    let ((texts, mut whys), (parts, part_whys), (withs, with_whys)) = (next(), next(), next());
    let n = texts.len();
    let mut out = Vec::with_capacity(n);
    for (row, ((text, part), with)) in texts.into_iter().zip(parts).zip(withs).enumerate() {
        out.push(match (text, part, with) {
            // Nothing occurs nowhere.
            (Some(text), Some(part), Some(_)) if part.is_empty() => Some(text),
            (Some(text), Some(part), Some(with)) => Some(Cow::Owned(text.replace(part.as_ref(), &with))),
            (None, ..) => None,
            (_, None, _) => {
                note(&mut whys, n, row, why_of(&part_whys, row));
                None
            }
            (.., None) => {
                note(&mut whys, n, row, why_of(&with_whys, row));
                None
            }
        });
    }
    Cells { data: Data::Text(out), whys }
}

/// To so many decimals, halves away from zero.
fn rounded(value: f64, digits: f64) -> f64 {
    let unit = (0..digits.abs() as u32).fold(1.0, |unit, _| unit * 10.0);
    let scaled = if digits < 0.0 { value / unit } else { value * unit };
    if !scaled.is_finite() {
        value
    } else if digits < 0.0 {
        scaled.round() * unit
    } else {
        scaled.round() / unit
    }
}

fn calendar(op: Op, millis: f64) -> Option<f64> {
    let moment = Moment::of(millis)?;
    Some(match op {
        Op::Year => moment.year as f64,
        Op::Month => f64::from(moment.month),
        Op::Day => f64::from(moment.day),
        Op::Hour => f64::from(moment.hour),
        _ => f64::from(moment.weekday),
    })
}
