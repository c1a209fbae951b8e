//! The clustering as a job: starts of every k in parallel, then silhouettes in blocks of rows, then one result. Of a large
//! table the search sees a sample, and the segments it finds are then fitted to every row.

use super::{
    SegmentError, choices, choose,
    kmeans::{KMeansTask, Start, means, nearest, sizes},
    matrix::{self, Points, SegmentMatrix},
    profile,
    quality::{Labelling, SilhouetteData, SilhouetteTask, adjusted_rand, calinski_harabasz, davies_bouldin},
    segmentation::{STOPPED, SegmentPlan, Segmentation, SweepPoint},
    view,
};
use crate::engine::{
    context::Ctx,
    data::{role::TableKind, table::Table},
    order::InOrder,
    statistics::{
        claim::{Claim, Grade, Record, TestRecord},
        comparison::chi2_independence,
        intervals::wilson,
    },
    task::{self, Batch, Job, Stage},
    words,
};

/// In up to this many rows segments are looked for, in more of a sample of this size: how many there are and where shows in
/// fewer, and every start of every k goes over all of them some fifty times.
pub const SEARCH_ROWS: usize = 50_000;
/// Up to this many rows silhouettes are exact, beyond they are those of a sample of this size.
pub const SILHOUETTE_ROWS: usize = 5_000;
/// Starts in one task.
const STARTS_A_TASK: u32 = 5;
/// Rows in one silhouette task.
const BLOCK: u32 = 512;
/// From this agreement on "found again" needs no "mostly".
const SURELY_STABLE: f64 = 0.9;
const MOST_STARTS: u32 = 1_000;
const MOST_SEGMENTS: u32 = 100;
/// Stream of the sampled rows.
const STREAM: u64 = 1;
/// Stream of the rows in which segments are looked for.
const SEARCH_STREAM: u64 = 2;

enum State {
    Ready,
    /// Waiting for the starts; for each task the k it belongs to.
    Clustering(Vec<u32>),
    /// Waiting for silhouettes of so many rows.
    Judging(usize),
    /// Waiting for the segments of a sample to be fitted to every row.
    Fitting,
    Over,
}

/// A clustering under way.
pub struct SegmentationJob {
    plan: SegmentPlan,
    kind: TableKind,
    matrix: SegmentMatrix,
    /// The rows in which segments are looked for, where these are not all.
    sample: Option<Points>,
    columns: Vec<profile::ProfileColumn>,
    outcome: Option<(String, Vec<f64>)>,
    ks: Vec<u32>,
    state: State,
    sweep: Vec<SweepPoint>,
    /// Best labelling of each swept k, segments numbered largest first.
    labellings: Vec<Labelling>,
    notes: Vec<String>,
}

impl SegmentationJob {
    /// Checks the plan against the table and builds the matrix. An empty list of columns takes the proposed ones.
    pub fn new(table: &Table, plan: SegmentPlan, ctx: &Ctx<'_>) -> Result<Self, SegmentError> {
        Self::searching(table, plan, SEARCH_ROWS, ctx)
    }

    /// [`Self::new`] with another limit in place of [`SEARCH_ROWS`].
    fn searching(
        table: &Table,
        mut plan: SegmentPlan,
        most_rows: usize,
        ctx: &Ctx<'_>,
    ) -> Result<Self, SegmentError> {
        let mut notes = Vec::new();
        if plan.columns.is_empty() {
            let proposed = choices::choices(table)?;
            plan.columns = proposed.plan.columns;
            plan.outcome = plan.outcome.or(proposed.plan.outcome);
        }
        let matrix = matrix::build(table, &plan.columns, plan.scaling)?;
        notes.extend(matrix.notes.iter().cloned());
        let outcome = outcome(table, &plan, &mut notes)?;
        plan.starts = plan.starts.clamp(1, MOST_STARTS);
        let n = matrix.points.n();
        let sample = (n > most_rows).then(|| {
            let mut rows = ctx.rng(SEARCH_STREAM).sample(n as u32, most_rows);
            rows.sort_unstable();
            notes.push(format!(
                "How many segments there are was looked for among {} rows drawn at random, which the measures by k are of; the \
                 segments found there were then fitted to all {}.",
                words::count(most_rows as u64),
                words::rows_of(n as u64)
            ));
            matrix.points.take_rows(&rows)
        });
        let ks = sweep_range(&mut plan, sample.as_ref().unwrap_or(&matrix.points), &mut notes)?;
        let columns = profile::columns(table, &matrix, plan.outcome.as_deref());
        Ok(Self {
            plan,
            kind: table.kind,
            matrix,
            sample,
            columns,
            outcome,
            ks,
            state: State::Ready,
            sweep: Vec::new(),
            labellings: Vec::new(),
            notes,
        })
    }

    /// The rows in which segments are looked for.
    fn searched(&self) -> &Points {
        self.sample.as_ref().unwrap_or(&self.matrix.points)
    }

    fn cluster(&mut self) -> Stage<Segmentation> {
        let mut batch = Batch::default();
        let shared = batch.share(self.searched());
        let mut owners = Vec::new();
        for &k in &self.ks {
            for first_start in (0..self.plan.starts).step_by(STARTS_A_TASK as usize) {
                let n_starts = STARTS_A_TASK.min(self.plan.starts - first_start);
                let plural = if n_starts == 1 { "start" } else { "starts" };
                batch.push(
                    format!("Segments: k = {k}, {n_starts} {plural}"),
                    shared,
                    self.plan.seed,
                    &KMeansTask { k, first_start, n_starts, centres: Vec::new() },
                );
                owners.push(k);
            }
        }
        self.state = State::Clustering(owners);
        Stage::Work(batch)
    }

    /// Takes the starts together: one point of the sweep for every k that was reached.
    fn compare(&mut self, owners: &[u32], outputs: &[Option<Vec<u8>>]) -> Result<(), SegmentError> {
        for &k in &self.ks {
            let mut starts: Vec<Start> = Vec::new();
            for bytes in
                owners.iter().zip(outputs).filter(|(o, _)| **o == k).filter_map(|(_, b)| b.as_deref())
            {
                starts.extend(task::output::<KMeansTask>(bytes).map_err(SegmentError::Task)?);
            }
            // The first of equals, so that the result does not depend on who finished first.
            let Some(best) =
                (0..starts.len()).reduce(|a, b| if starts[b].inertia < starts[a].inertia { b } else { a })
            else {
                continue;
            };
            let others = starts.iter().enumerate().filter(|(i, _)| *i != best);
            let agreement: f64 = others.map(|(_, s)| adjusted_rand(&s.labels, &starts[best].labels)).sum();
            let stability = (starts.len() > 1).then(|| agreement / (starts.len() - 1) as f64);
            let (labels, sizes) = largest_first(&starts[best].labels, k as usize);
            self.sweep.push(SweepPoint {
                k,
                inertia: starts[best].inertia,
                silhouette: None,
                davies_bouldin: davies_bouldin(self.searched(), &labels, k as usize),
                calinski_harabasz: calinski_harabasz(self.searched(), &labels, k as usize),
                stability,
                sizes,
            });
            self.labellings.push(Labelling { k, labels });
        }
        if self.sweep.len() < self.ks.len() {
            if self.sweep.is_empty() {
                return Err(SegmentError::Stopped);
            }
            let tried: Vec<String> = self.sweep.iter().map(|p| p.k.to_string()).collect();
            self.notes.push(format!(
                "{STOPPED} every number of segments was tried: only k = {} was.",
                words::list(&tried)
            ));
        }
        Ok(())
    }

    fn judge(&mut self, ctx: &Ctx<'_>) -> Stage<Segmentation> {
        let n = self.searched().n();
        let data = if n > SILHOUETTE_ROWS {
            let mut rows = ctx.rng(STREAM).sample(n as u32, SILHOUETTE_ROWS);
            rows.sort_unstable();
            let labellings = self
                .labellings
                .iter()
                .map(|l| Labelling { k: l.k, labels: rows.iter().map(|&r| l.labels[r as usize]).collect() })
                .collect();
            self.notes.push(format!(
                "Silhouettes are those of {} rows drawn at random.",
                words::count(SILHOUETTE_ROWS as u64)
            ));
            SilhouetteData::new(&self.searched().take_rows(&rows), labellings)
        } else {
            SilhouetteData::new(self.searched(), self.labellings.clone())
        };
        let rows = n.min(SILHOUETTE_ROWS) as u32;
        let mut batch = Batch::default();
        let shared = batch.share(&data);
        for from in (0..rows).step_by(BLOCK as usize) {
            let to = (from + BLOCK).min(rows);
            let label = format!("Silhouettes: rows {} to {to}", from + 1);
            batch.push(label, shared, self.plan.seed, &SilhouetteTask { from, to });
        }
        self.state = State::Judging(rows as usize);
        Stage::Work(batch)
    }

    fn take_silhouettes(&mut self, rows: usize, outputs: &[Option<Vec<u8>>]) -> Result<(), SegmentError> {
        let mut totals = vec![0.0; self.sweep.len()];
        for bytes in outputs {
            // A silhouette of some of the rows would be one of another table.
            let Some(bytes) = bytes else {
                self.notes.push(format!("{STOPPED} silhouettes were known."));
                return Ok(());
            };
            let sums = task::output::<SilhouetteTask>(bytes).map_err(SegmentError::Task)?;
            for (total, sum) in totals.iter_mut().zip(sums) {
                *total += sum;
            }
        }
        for (point, total) in self.sweep.iter_mut().zip(totals) {
            point.silhouette = (point.k > 1).then(|| total / rows as f64);
        }
        Ok(())
    }

    /// The recommended number of segments, why, and the labelling of the number that is taken.
    fn choice(&self) -> Result<(u32, String, &Labelling), SegmentError> {
        let (recommended_k, why_k) = choose::recommend(&self.sweep).ok_or(SegmentError::Stopped)?;
        let of = |k: u32| self.labellings.iter().find(|l| l.k == k);
        let chosen = self.plan.k.and_then(of).or_else(|| of(recommended_k)).ok_or(SegmentError::Stopped)?;
        Ok((recommended_k, why_k, chosen))
    }

    /// Fits the segments of the sample to every row.
    fn fit(&mut self) -> Result<Stage<Segmentation>, SegmentError> {
        let (_, _, Labelling { k, labels }) = self.choice()?;
        let centres = means(self.searched(), labels, *k as usize);
        let mut batch = Batch::default();
        let shared = batch.share(&self.matrix.points);
        let label = format!("Segments of all {}", words::rows_of(self.matrix.points.n() as u64));
        let task = KMeansTask { k: *k, first_start: 0, n_starts: 0, centres };
        batch.push(label, shared, self.plan.seed, &task);
        self.state = State::Fitting;
        Ok(Stage::Work(batch))
    }

    /// The segment of every row. `fitted`: what became of the sample's segments; where it was stopped, each row goes to the
    /// nearest of them.
    fn labels(&mut self, fitted: Option<&[u8]>) -> Result<(u32, String, u32, Vec<u32>), SegmentError> {
        let (recommended_k, why_k, chosen) = self.choice()?;
        let (k, n_segments) = (chosen.k, chosen.k as usize);
        let found = match (&self.sample, fitted) {
            (None, _) => return Ok((recommended_k, why_k, k, chosen.labels.clone())),
            (Some(_), Some(bytes)) => {
                task::output::<KMeansTask>(bytes).map_err(SegmentError::Task)?.pop().map(|start| start.labels)
            }
            (Some(_), None) => None,
        };
        let is_fitted = found.is_some();
        let labels = found.unwrap_or_else(|| {
            nearest(&self.matrix.points, &means(self.searched(), &chosen.labels, n_segments))
        });
        if !is_fitted {
            self.notes
                .push(format!("{STOPPED} the segments were fitted to every row: each is in the nearest."));
        }
        Ok((recommended_k, why_k, k, largest_first(&labels, n_segments).0))
    }

    fn result(&mut self, fitted: Option<&[u8]>, ctx: &Ctx<'_>) -> Result<Stage<Segmentation>, SegmentError> {
        let (recommended_k, why_k, k, labels) = self.labels(fitted)?;
        if let Some(s) = self.sweep.iter().find(|p| p.k == k).and_then(|p| p.silhouette)
            && s < choose::WEAK_SILHOUETTE
        {
            self.notes.push(format!(
                "Weak structure: the silhouette is {}, below {}. Use the segments to describe, not as natural kinds.",
                words::decimals(s, 2),
                choose::WEAK_SILHOUETTE
            ));
        }
        let outcome = self.outcome.as_ref().map(|(name, values)| (name.as_str(), values.as_slice()));
        let segments = profile::profiles(self.kind, &self.columns, &labels, k as usize, outcome);
        let overall_rate = outcome.and_then(|(_, values)| {
            let known: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
            (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64)
        });
        let mut result = Segmentation {
            plan: self.plan.clone(),
            n_rows: u64::from(self.matrix.points.n_rows),
            n_filled: self.matrix.n_filled,
            matrix_columns: self.matrix.columns.iter().map(|c| c.name.clone()).collect(),
            sweep: std::mem::take(&mut self.sweep),
            recommended_k,
            why_k,
            k,
            profile_columns: self.columns.iter().map(|c| c.name.clone()).collect(),
            overall_means: self.columns.iter().map(profile::ProfileColumn::overall).collect(),
            overall_rate,
            segments,
            projection: view::project(&self.matrix, &labels, ctx),
            labels,
            claims: Vec::new(),
            notes: std::mem::take(&mut self.notes),
        };
        result.claims = claims(&result, self.kind);
        self.state = State::Over;
        Ok(Stage::Done(result))
    }
}

impl Job for SegmentationJob {
    type Outcome = Segmentation;
    type Error = SegmentError;

    fn step(
        &mut self,
        outputs: Vec<Option<Vec<u8>>>,
        stopped: bool,
        ctx: &Ctx<'_>,
    ) -> Result<Stage<Segmentation>, SegmentError> {
        match std::mem::replace(&mut self.state, State::Over) {
            State::Ready if stopped => Err(SegmentError::Stopped),
            State::Ready => Ok(self.cluster()),
            State::Clustering(owners) => {
                self.compare(&owners, &outputs)?;
                if stopped { self.result(None, ctx) } else { Ok(self.judge(ctx)) }
            }
            State::Judging(rows) => {
                self.take_silhouettes(rows, &outputs)?;
                if self.sample.is_none() || stopped { self.result(None, ctx) } else { self.fit() }
            }
            State::Fitting => self.result(outputs.first().and_then(Option::as_deref), ctx),
            State::Over => Err(SegmentError::Stopped),
        }
    }
}

fn outcome(
    table: &Table,
    plan: &SegmentPlan,
    notes: &mut Vec<String>,
) -> Result<Option<(String, Vec<f64>)>, SegmentError> {
    let Some(name) = &plan.outcome else { return Ok(None) };
    let column = table.column(name).map_err(|_| SegmentError::NoSuchColumn { name: name.clone() })?;
    let Some(values) = choices::zero_one(column) else {
        notes.push(format!(
            "{name} is not shown as an outcome: it does not hold both 0 and 1 and nothing else."
        ));
        return Ok(None);
    };
    Ok(Some((name.clone(), values)))
}

/// The numbers of segments to try: the plan's range and its own k, as far as there are different rows.
fn sweep_range(
    plan: &mut SegmentPlan,
    points: &Points,
    notes: &mut Vec<String>,
) -> Result<Vec<u32>, SegmentError> {
    plan.k_min = plan.k_min.clamp(2, MOST_SEGMENTS);
    plan.k_max = plan.k_max.clamp(plan.k_min, MOST_SEGMENTS);
    let mut ks: Vec<u32> = (plan.k_min..=plan.k_max).collect();
    if let Some(k) = plan.k.filter(|k| (2..=MOST_SEGMENTS).contains(k) && !ks.contains(k)) {
        ks.push(k);
        ks.sort_unstable();
    }
    let wanted = ks.last().copied().unwrap_or(2);
    let n_distinct = points.n_distinct(wanted as usize);
    if n_distinct < 2 {
        return Err(SegmentError::NoSpread);
    }
    ks.retain(|&k| k as usize <= n_distinct);
    if ks.is_empty() {
        return Err(SegmentError::TooFewRows { needed: plan.k_min as usize, got: n_distinct });
    }
    if n_distinct < wanted as usize {
        notes.push(format!(
            "Only {n_distinct} rows differ in these columns, so at most {n_distinct} segments were tried."
        ));
    }
    Ok(ks)
}

/// Renames segments so that the largest is 0 (of equals the one that comes first in the table). New labels and sizes.
fn largest_first(labels: &[u32], k: usize) -> (Vec<u32>, Vec<u64>) {
    let counts = sizes(labels, k);
    let mut first = vec![usize::MAX; k];
    for (row, &l) in labels.iter().enumerate().rev() {
        first[l as usize] = row;
    }
    let mut order: Vec<usize> = (0..k).collect();
    order.order_by_key(|&c| (std::cmp::Reverse(counts[c]), first[c]));
    let mut renamed = vec![0; k];
    for (new, &old) in order.iter().enumerate() {
        renamed[old] = new as u32;
    }
    (labels.iter().map(|&l| renamed[l as usize]).collect(), order.iter().map(|&c| counts[c]).collect())
}

fn claims(s: &Segmentation, kind: TableKind) -> Vec<Claim> {
    let mut claims: Vec<Claim> = stability_claim(s, kind).into_iter().collect();
    claims.extend(response_claim(s, kind));
    claims
}

fn all_rows(s: &Segmentation, kind: TableKind) -> String {
    format!("all {} {}", words::decimals(s.n_rows as f64, 0), profile::noun(kind))
}

fn stability_claim(s: &Segmentation, kind: TableKind) -> Option<Claim> {
    let point = s.sweep.iter().find(|p| p.k == s.k)?;
    let agreement = point.stability?;
    let is_stable = agreement >= choose::STABLE;
    let is_weak = point.silhouette.is_some_and(|v| v < choose::WEAK_SILHOUETTE);
    let shown = if agreement < 1.0 { agreement.min(0.99) } else { agreement };
    let (sentence, grade) = if !is_stable {
        let sentence = format!(
            "The {} segments depend on where the search starts (agreement {shown:.2}, 1 is the same): another run can draw other borders.",
            s.k
        );
        (sentence, Grade::CannotTell)
    } else {
        let how = if agreement >= SURELY_STABLE { "" } else { "mostly " };
        let but = if is_weak { ", but they shade into one another" } else { "" };
        let sentence = format!(
            "The {} segments are {how}found again when the search starts elsewhere (agreement {shown:.2}, 1 is the same){but}.",
            s.k
        );
        let is_sure = agreement >= SURELY_STABLE && !is_weak;
        (sentence, if is_sure { Grade::Supported } else { Grade::Suggestive })
    };
    let mut table =
        vec![["k", "Inertia", "Silhouette", "Stability", "Smallest segment"].map(String::from).to_vec()];
    table.extend(s.sweep.iter().map(|p| {
        vec![
            p.k.to_string(),
            profile::quantity(p.inertia),
            p.silhouette.map_or("–".into(), |v| words::decimals(v, 2)),
            p.stability.map_or("–".into(), |v| words::decimals(v, 2)),
            words::percent(choose::smallest_share(p)),
        ]
    }));
    Some(Claim {
        id: "segments.stability".into(),
        topic: "Stability of the segments".into(),
        sentence,
        grade,
        record: Record {
            estimand: "mean adjusted Rand index between the starts and the best of them".into(),
            estimate: Some(agreement),
            n: s.n_rows,
            rows: all_rows(s, kind),
            notes: vec![
                format!("{} starts, seed {}.", s.plan.starts, s.plan.seed),
                "1 means that every start finds the same segments, 0 that they agree no more than by chance."
                    .into(),
            ],
            table,
            ..Record::default()
        },
    })
}

/// Whether the outcome's rate differs between segments. Only made for a column that was not clustered on: segments always
/// differ in the columns they were made of.
fn response_claim(s: &Segmentation, kind: TableKind) -> Option<Claim> {
    let outcome = s.plan.outcome.clone()?;
    let rates: Vec<_> = s.segments.iter().filter_map(|p| p.response.map(|r| (p, r))).collect();
    if rates.len() < 2 {
        return None;
    }
    let is_circular = s.plan.columns.contains(&outcome);
    let (responses, n) = rates.iter().fold((0.0, 0), |(r, n), (_, rate)| (r + rate.responses, n + rate.n));
    let overall = responses / n as f64;
    let mut table = vec![["Segment", "n", "Responses", "Rate", "95 %"].map(String::from).to_vec()];
    let mut counts = Vec::with_capacity(rates.len());
    for (segment, rate) in &rates {
        counts.push(vec![rate.responses, rate.n as f64 - rate.responses]);
        table.push(vec![
            segment.name.clone(),
            words::count(rate.n),
            words::decimals(rate.responses, 0),
            words::percent(rate.rate),
            words::percent_interval(rate.interval),
        ]);
    }
    let test = chi2_independence(&counts)?;
    let smallest = rates.iter().map(|(_, r)| r.n).min().unwrap_or(0) as f64;
    let least_expected = smallest * overall.min(1.0 - overall);
    let p = test.p;
    let (mut low, mut high) = (rates[0].1, rates[0].1);
    for (_, rate) in &rates {
        if rate.rate < low.rate {
            low = *rate;
        }
        if rate.rate > high.rate {
            high = *rate;
        }
    }
    let span = words::percent_interval((low.rate, high.rate));
    let figures = format!(
        "chi² = {}, {} df, {}",
        words::statistic(test.statistic),
        words::degrees(&test.dof),
        words::p_value(p)
    );
    let (sentence, grade) = if is_circular {
        (
            format!(
                "{outcome} was clustered on, so that it differs between segments ({span}) proves nothing."
            ),
            Grade::CannotTell,
        )
    } else if p < 0.05 && least_expected >= 5.0 {
        let grade = if p < 0.01 { Grade::Supported } else { Grade::Suggestive };
        (format!("{outcome} differs between segments: {span} ({figures})."), grade)
    } else if p < 0.05 {
        (
            format!(
                "{outcome} seems to differ between segments ({span}), but some are too small for the test to be trusted."
            ),
            Grade::CannotTell,
        )
    } else {
        (
            format!("{outcome} does not differ between segments more than by chance: {span} ({figures})."),
            Grade::CannotTell,
        )
    };
    let mut notes = vec![
        format!("{outcome} was {}clustered on.", if is_circular { "" } else { "not " }),
        "The columns clustered on are never tested: segments differ in them by construction.".to_owned(),
    ];
    if least_expected < 5.0 {
        notes.push(format!(
            "The smallest expected count is {}; below 5 chi² is only rough.",
            words::decimals(least_expected, 1)
        ));
    }
    Some(Claim {
        id: "segments.response".into(),
        topic: format!("{outcome} by segment"),
        sentence,
        grade,
        record: Record {
            estimand: format!("rate of {outcome} by segment"),
            estimate: Some(overall),
            unit: "%".into(),
            interval: wilson(responses, n as f64),
            level: Some(0.95),
            interval_method: Some("Wilson".into()),
            n,
            test: (!is_circular).then(|| TestRecord {
                name: "chi²".into(),
                why: "a yes/no outcome in separate groups of rows".into(),
                symbol: "chi²".into(),
                statistic: test.statistic,
                dof: test.dof,
                p,
                p_holm: None,
                p_bh: None,
                n_tests: Some(1),
                dispersion: None,
                effect: test.effect.map(|(name, v)| (name.to_owned(), v)),
            }),
            rows: all_rows(s, kind),
            notes,
            table,
            shared: None,
        },
    })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::engine::{
        data::{column::Column, role::Role},
        segments::reference,
        task::{SharedStore, Task},
    };

    fn run_task(task: &Task, store: &mut SharedStore) -> Vec<u8> {
        let tick = |_, _| true;
        match task.kind.as_str() {
            "segments.kmeans" => task::run::<KMeansTask>(task, store, &tick),
            _ => task::run::<SilhouetteTask>(task, store, &tick),
        }
        .unwrap()
    }

    /// Runs a job; tasks from last to first when `backwards`, each in a store of its own.
    pub(crate) fn run(
        table: &Table,
        plan: SegmentPlan,
        backwards: bool,
    ) -> Result<Segmentation, SegmentError> {
        let ctx = Ctx::quiet(plan.seed);
        finish(SegmentationJob::new(table, plan, &ctx)?, backwards)
    }

    fn finish(mut job: SegmentationJob, backwards: bool) -> Result<Segmentation, SegmentError> {
        let ctx = Ctx::quiet(job.plan.seed);
        let mut outputs = Vec::new();
        loop {
            match job.step(std::mem::take(&mut outputs), false, &ctx)? {
                Stage::Done(result) => return Ok(result),
                Stage::Work(batch) => {
                    let mut store = SharedStore::default();
                    outputs = vec![None; batch.tasks.len()];
                    let mut order: Vec<usize> = (0..batch.tasks.len()).collect();
                    if backwards {
                        order.reverse();
                    }
                    for i in order {
                        if backwards {
                            store = SharedStore::default();
                        }
                        for (id, bytes) in &batch.shared {
                            store.hold(*id, bytes.clone());
                        }
                        outputs[i] = Some(run_task(&batch.tasks[i], &mut store));
                    }
                }
            }
        }
    }

    /// Three groups of rows around (0, 0), (10, 0) and (0, 10), of 40, 30 and 20 rows, and an outcome that follows them.
    fn groups() -> Table {
        let mut rng = Ctx::quiet(3).rng(0);
        let mut rows = Vec::new();
        for (n, x, y, rate) in [(40, 0.0, 0.0, 0.1), (30, 10.0, 0.0, 0.5), (20, 0.0, 10.0, 0.9)] {
            for i in 0..n {
                let bought = if f64::from(i) < rate * f64::from(n) { 1.0 } else { 0.0 };
                rows.push((x + rng.normal() * 0.5, y + rng.normal() * 0.5, bought));
            }
        }
        rng.shuffle(&mut rows);
        let column = |f: fn(&(f64, f64, f64)) -> f64| rows.iter().map(f).collect::<Vec<f64>>();
        Table::new(
            TableKind::Customers,
            vec![
                Column::number("Visits", Role::WebVisits, column(|r| r.0)),
                Column::number("Spending", Role::ProductSpend, column(|r| r.1)),
                Column::number("Bought", Role::Response, column(|r| r.2)),
            ],
        )
        .unwrap()
    }

    fn plan(columns: &[&str]) -> SegmentPlan {
        SegmentPlan { columns: columns.iter().map(|c| (*c).to_owned()).collect(), ..SegmentPlan::default() }
    }

    #[test]
    fn groups_that_are_there_are_found() {
        let s = run(&groups(), SegmentPlan::default(), false).unwrap();
        assert_eq!(s.plan.columns, ["Visits", "Spending"]);
        assert_eq!((s.recommended_k, s.k), (3, 3), "{}", s.why_k);
        assert_eq!(s.segments.iter().map(|p| p.n).collect::<Vec<_>>(), [40, 30, 20]);
        assert_eq!(s.sweep[1].stability, Some(1.0));
        assert!(s.sweep[1].silhouette.unwrap() > 0.8);
        assert!(s.segments[1].name.contains("many visits"), "{}", s.segments[1].name);
        assert!(s.segments[2].name.contains("high spending"), "{}", s.segments[2].name);
        let rates: Vec<f64> = s.segments.iter().map(|p| p.response.unwrap().rate).collect();
        assert_eq!(rates, [0.1, 0.5, 0.9]);
        let grades: Vec<Grade> = s.claims.iter().map(|c| c.grade).collect();
        assert_eq!(grades, [Grade::Supported, Grade::Supported]);
    }

    #[test]
    fn filled_rows_are_counted_and_not_told_twice() {
        let mut table = groups();
        let mut visits = table.column("Visits").unwrap().as_numbers().unwrap().into_owned();
        visits[0] = f64::NAN;
        table.put(Column::number("Visits", Role::WebVisits, visits)).unwrap();
        let s = run(&table, plan(&["Visits", "Spending"]), false).unwrap();
        // Page and report say it from the count: a note would say it a second time.
        assert_eq!(
            (s.n_filled, s.notes.iter().filter(|n| n.contains("fill")).count()),
            (1, 0),
            "{:?}",
            s.notes
        );
    }

    #[test]
    fn more_segments_never_have_more_inertia_and_indices_stay_in_range() {
        let s = run(&groups(), SegmentPlan::default(), false).unwrap();
        assert!(s.sweep.windows(2).all(|w| w[1].inertia <= w[0].inertia));
        for p in &s.sweep {
            assert!((-1.0..=1.0).contains(&p.silhouette.unwrap()));
            assert!(p.stability.unwrap() <= 1.0);
            assert_eq!(p.sizes.iter().sum::<u64>(), s.n_rows);
            assert!(p.sizes.windows(2).all(|w| w[0] >= w[1]));
        }
    }

    #[test]
    fn the_order_of_tasks_changes_nothing() {
        let forwards = run(&groups(), SegmentPlan::default(), false).unwrap();
        let backwards = run(&groups(), SegmentPlan::default(), true).unwrap();
        assert_eq!(task::encode(&forwards), task::encode(&backwards));
    }

    #[test]
    fn the_order_of_rows_changes_no_segment() {
        let table = groups();
        let reversed: Vec<u32> = (0..table.n_rows() as u32).rev().collect();
        let a = run(&table, SegmentPlan { k: Some(3), ..plan(&["Visits", "Spending"]) }, false).unwrap();
        let b = run(
            &table.take_rows(&reversed),
            SegmentPlan { k: Some(3), ..plan(&["Visits", "Spending"]) },
            false,
        )
        .unwrap();
        let back: Vec<u32> = b.labels.iter().rev().copied().collect();
        assert_eq!(adjusted_rand(&a.labels, &back), 1.0);
    }

    /// `n` rows in three groups, a half, three tenths and a fifth of them.
    fn many(n: usize) -> Table {
        let mut rng = Ctx::quiet(8).rng(0);
        let (mut x, mut y) = (Vec::new(), Vec::new());
        for i in 0..n {
            let (to_x, to_y) = [(0.0, 0.0), (9.0, 0.0), (0.0, 9.0)][[0, 0, 0, 0, 0, 1, 1, 1, 2, 2][i % 10]];
            x.push(to_x + rng.normal());
            y.push(to_y + rng.normal());
        }
        let columns = vec![
            Column::number("Visits", Role::WebVisits, x),
            Column::number("Spending", Role::ProductSpend, y),
        ];
        Table::new(TableKind::Customers, columns).unwrap()
    }

    #[test]
    fn segments_found_in_a_sample_are_those_of_every_row() {
        let table = many(4_000);
        let ctx = Ctx::quiet(1);
        let search = |most_rows| {
            let job =
                SegmentationJob::searching(&table, plan(&["Visits", "Spending"]), most_rows, &ctx).unwrap();
            finish(job, false).unwrap()
        };
        let (whole, sampled) = (search(4_000), search(600));
        assert_eq!((whole.k, sampled.k, sampled.n_rows), (3, 3, 4_000));
        // Both end where no row changes its segment.
        assert_eq!(sampled.labels, whole.labels);
        assert_eq!(sampled.segments, whole.segments);
        assert_eq!(sampled.sweep[1].sizes.iter().sum::<u64>(), 600);
        assert!(sampled.notes.iter().any(|n| n.contains("among 600 rows")), "{:?}", sampled.notes);
        assert!(!whole.notes.iter().any(|n| n.contains("at random, which")), "{:?}", whole.notes);
    }

    #[test]
    fn a_fit_that_is_stopped_leaves_each_row_in_the_nearest_segment() {
        let table = many(4_000);
        let ctx = Ctx::quiet(1);
        let mut job = SegmentationJob::searching(&table, plan(&["Visits", "Spending"]), 600, &ctx).unwrap();
        let mut outputs = Vec::new();
        let found = loop {
            let is_fitting = matches!(job.state, State::Judging(_));
            let Stage::Work(batch) = job.step(std::mem::take(&mut outputs), false, &ctx).unwrap() else {
                panic!()
            };
            if is_fitting {
                let Stage::Done(found) = job.step(vec![None], true, &ctx).unwrap() else { panic!() };
                break found;
            }
            let mut store = SharedStore::default();
            batch.shared.iter().for_each(|(id, bytes)| store.hold(*id, bytes.clone()));
            outputs = batch.tasks.iter().map(|t| Some(run_task(t, &mut store))).collect();
        };
        assert!(found.stopped().is_some_and(|n| n.contains("each is in the nearest")), "{:?}", found.notes);
        assert_eq!(found.segments.iter().map(|s| s.n).sum::<u64>(), 4_000);
        let whole = run(&table, plan(&["Visits", "Spending"]), false).unwrap();
        assert!(adjusted_rand(&found.labels, &whole.labels) > 0.95);
    }

    #[test]
    fn bad_input_is_named() {
        let table = groups();
        let ask = |p: SegmentPlan| run(&table, p, false).map(|s| s.k);
        assert_eq!(ask(plan(&["Nothing"])), Err(SegmentError::NoSuchColumn { name: "Nothing".into() }));
        let few = table.take_rows(&[0, 1, 2]);
        let too_few = run(&few, SegmentPlan { k_min: 5, ..plan(&["Visits"]) }, false);
        assert_eq!(too_few, Err(SegmentError::TooFewRows { needed: 5, got: 3 }));
        let same = table.take_rows(&[0, 0, 0]);
        assert_eq!(run(&same, plan(&["Visits"]), false), Err(SegmentError::NoSpread));
        let one = table.take_rows(&[0]);
        assert_eq!(run(&one, plan(&["Visits"]), false), Err(SegmentError::NoSpread));
        assert!(run(&table.take_rows(&[]), plan(&["Visits"]), false).is_err());
    }

    #[test]
    fn a_sweep_ends_where_rows_end() {
        let few = groups().take_rows(&[0, 1, 2, 3]);
        let s = run(&few, SegmentPlan { k: Some(50), ..plan(&["Visits", "Spending"]) }, false).unwrap();
        assert_eq!(s.sweep.last().unwrap().k, 4);
        assert!(s.notes.iter().any(|n| n.contains("Only 4 rows differ")), "{:?}", s.notes);
    }

    #[test]
    fn a_stopped_job_keeps_what_it_has() {
        let table = groups();
        let ctx = Ctx::quiet(1);
        let mut job = SegmentationJob::new(&table, SegmentPlan::default(), &ctx).unwrap();
        let Stage::Work(batch) = job.step(Vec::new(), false, &ctx).unwrap() else { panic!() };
        let mut store = SharedStore::default();
        store.hold(batch.shared[0].0, batch.shared[0].1.clone());
        let mut outputs = vec![None; batch.tasks.len()];
        outputs[2] = Some(run_task(&batch.tasks[2], &mut store));
        let Stage::Done(s) = job.step(outputs, true, &ctx).unwrap() else { panic!() };
        assert_eq!((s.k, s.sweep.len()), (3, 1));
        assert!(s.stopped().is_some_and(|n| n.contains("only k = 3 was")), "{:?}", s.notes);
        let mut job = SegmentationJob::new(&table, SegmentPlan::default(), &ctx).unwrap();
        let Stage::Work(batch) = job.step(Vec::new(), false, &ctx).unwrap() else { panic!() };
        let nothing = job.step(vec![None; batch.tasks.len()], true, &ctx);
        assert!(matches!(nothing, Err(SegmentError::Stopped)));
    }

    #[test]
    fn clustering_on_the_outcome_claims_nothing_of_it() {
        let columns = ["Visits", "Spending", "Bought"];
        let s =
            run(&groups(), SegmentPlan { outcome: Some("Bought".into()), ..plan(&columns) }, false).unwrap();
        let claim = s.claims.iter().find(|c| c.id == "segments.response").unwrap();
        assert!(claim.grade == Grade::CannotTell && claim.record.test.is_none(), "{claim:?}");
    }

    #[test]
    fn the_customers_file_is_clustered_by_default() {
        let Some(table) = reference::customers() else { return };
        let s = run(&table, SegmentPlan::default(), false).unwrap();
        assert_eq!((s.labels.len(), s.k), (2240, 3), "{}", s.why_k);
        assert_eq!(s.segments.iter().map(|p| p.n).sum::<u64>(), 2240);
        assert!(s.segments[2].name.contains("loyalty"), "{}", s.segments[2].name);
        assert!((s.overall_rate.unwrap() - 334.0 / 2240.0).abs() < 1e-15);
        assert_eq!(s.stopped(), None);
    }
}
