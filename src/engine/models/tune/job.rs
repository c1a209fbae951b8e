//! The search as a job: rounds of candidates in every fold at once, then the score of what each fold chose.

use std::collections::BTreeMap;

use super::{
    Nested, Score, SearchKind, Time, Tried, TunePlan, Tuning,
    space::{self, candidates},
    work::{Cut, Loss, Parts, TuneFit},
};
use crate::engine::{
    context::Ctx,
    knobs::Settings,
    models::{
        self,
        compare::{ComparisonJob, Source},
        family::{Family, ModelError},
        plan::{FamilyChoice, ModelPlan},
        verdict,
        work::ALL_ROWS,
    },
    order::InOrder,
    task::{self, Batch, Job, Stage, fingerprint},
    words::{column_digits, counted, decimals, in_sentence, number},
};

/// Candidates a round, and rows from which on a round has one candidate only: the shorter a round, the sooner a search can
/// be ended.
const ROUND: usize = 4;
const MANY_ROWS: usize = 20_000;

/// Of how many candidates one survives a rung.
const ETA: usize = 3;

/// Rungs at most, and rows of the table on the first of them at least.
const MOST_RUNGS: usize = 4;
const FEWEST_ROWS: usize = 100;

/// Candidates at most: a bound for who asks without one.
const MOST_CANDIDATES: u32 = 2_000;

/// Searches for settings of a family.
pub struct TuneJob {
    base: ComparisonJob,
    plan: TunePlan,
    family: &'static dyn Family,
    candidates: Vec<Settings>,
    parts: Parts,
    /// One a fold, then the one on all rows.
    searches: Vec<Search>,
    /// Candidates handed out so far; for halving all of them from the first rung on.
    n_asked: usize,
    /// What the outputs that come next belong to.
    asked: Vec<Asked>,
    /// Errors on the held-out rows of a fold, by fold and candidate.
    outer: BTreeMap<(u32, usize), Result<Loss, ModelError>>,
    /// What each fold had chosen when its score was last asked for, and after how many candidates.
    committed: (Vec<usize>, usize),
    nested: Option<Nested>,
    /// Rungs of halving.
    n_rungs: usize,
    time: Option<Time>,
    /// Fits that took that time; one on a part of the rows counts as that part of one.
    n_fits: f64,
    /// Candidates or rungs were left out for lack of time.
    is_cut: bool,
}

/// Which fit an output is of.
#[derive(Debug, Clone, Copy)]
enum Asked {
    /// A candidate on a part, in a search.
    Part { search: usize, candidate: usize, part: u32 },
    /// A candidate on the held-out rows of a fold.
    Outer { fold: u32, candidate: usize },
}

/// The search in the training rows of a fold, or in all rows.
struct Search {
    outer: u32,
    /// Random search has one; each rung of halving is on more rows than the one before.
    rungs: Vec<Rung>,
}

struct Rung {
    /// Training rows used, in thousandths.
    share: u32,
    candidates: Vec<usize>,
    losses: BTreeMap<(usize, u32), Result<Loss, ModelError>>,
}

/// How a candidate did on a rung.
enum Standing {
    Unfinished,
    Failed(ModelError),
    Scored(Score),
}

impl Rung {
    fn standing(&self, candidate: usize, n_parts: u32) -> Standing {
        let mut losses = Vec::new();
        for part in 0..n_parts {
            match self.losses.get(&(candidate, part)) {
                Some(Ok(loss)) => losses.push(*loss),
                Some(Err(error)) => return Standing::Failed(error.clone()),
                None => return Standing::Unfinished,
            }
        }
        let nothing = || {
            ModelError::Refused {
            reason: "none of the rows it would be tried on could be kept from it: too few groups, dates or answers".into(),
        }
        };
        Loss::score(&losses).map_or_else(|| Standing::Failed(nothing()), Standing::Scored)
    }

    /// The candidates that have a score, best first; of equals the earlier.
    fn ranked(&self, n_parts: u32) -> Vec<(usize, Score)> {
        let score = |&c: &usize| match self.standing(c, n_parts) {
            Standing::Scored(score) => Some((c, score)),
            _ => None,
        };
        let mut ranked: Vec<_> = self.candidates.iter().filter_map(score).collect();
        ranked.order_by(|a, b| a.1.loss.total_cmp(&b.1.loss).then(a.0.cmp(&b.0)));
        ranked
    }

    fn is_complete(&self, n_parts: u32) -> bool {
        !self.candidates.iter().any(|&c| matches!(self.standing(c, n_parts), Standing::Unfinished))
    }
}

impl Search {
    /// The last rung that can be judged: with several, one whose candidates are all done.
    fn judged(&self, n_parts: u32) -> Option<&Rung> {
        let is_only = self.rungs.len() == 1;
        self.rungs.iter().rev().find(|r| (is_only || r.is_complete(n_parts)) && !r.ranked(n_parts).is_empty())
    }

    fn best(&self, n_parts: u32) -> Option<usize> {
        Some(self.judged(n_parts)?.ranked(n_parts).first()?.0)
    }
}

impl TuneJob {
    /// Prepares tables and splits as a comparison of the family alone would.
    pub fn new(source: Source<'_>, plan: TunePlan, ctx: &Ctx<'_>) -> Result<Self, ModelError> {
        let family = models::family(&plan.family)?;
        let present = plan.present();
        let choice = FamilyChoice { family: plan.family.clone(), settings: present };
        let model = ModelPlan { families: vec![choice], ..plan.model.clone() };
        let base = ComparisonJob::new(source, model, ctx)?;
        let knobs = family.knobs_for(base.outcome());
        let refusal = if !family.suits(base.outcome()) {
            Some("does not predict such a target")
        } else if space::searched(&knobs).is_empty() {
            Some("has no settings to search over")
        } else {
            None
        };
        if let Some(words) = refusal {
            let reason = format!("{} {words}", in_sentence(family.title()));
            return Err(ModelError::Refused { reason });
        }
        let n = plan.n_candidates.clamp(1, MOST_CANDIDATES);
        let candidates = candidates(&knobs, &base.settings_of(&plan.family), n, plan.model.seed);
        let n_parts = plan.inner_folds.clamp(2, 20);
        let mut outers: Vec<u32> = (0..base.n_folds()).collect();
        outers.push(ALL_ROWS);
        let fewest = outers.iter().map(|&o| base.n_training(o)).min().unwrap_or(0);
        if fewest < n_parts as usize {
            return Err(ModelError::TooFewRows { needed: n_parts as usize, got: fewest });
        }
        let mut job = Self {
            n_rungs: 1,
            parts: Parts { n: n_parts, cut: Cut::like(&plan.model.validation), seed: plan.model.seed },
            searches: outers.into_iter().map(|outer| Search { outer, rungs: Vec::new() }).collect(),
            base,
            plan,
            family,
            candidates,
            n_asked: 0,
            asked: Vec::new(),
            outer: BTreeMap::new(),
            committed: (Vec::new(), 0),
            nested: None,
            time: None,
            n_fits: 0.0,
            is_cut: false,
        };
        job.n_rungs = job.count_rungs();
        Ok(job)
    }

    /// The same search with so many seconds: no candidate is begun that by the time of those before would clearly end later.
    pub fn within(mut self, seconds: Option<f64>) -> Self {
        self.time = seconds.map(|given| Time { given, taken: 0.0 });
        self
    }

    /// The last batch took so long.
    pub fn passed(&mut self, millis: u32) {
        if let Some(time) = &mut self.time {
            time.taken += f64::from(millis) / 1000.0;
        }
    }

    /// How many more pieces of work of so many fits end in time, by the time that fits took so far. Nothing is known before
    /// the first of them.
    fn n_in_time(&self, fits_each: f64, fits_beside: f64, share_of_time: f64) -> usize {
        let Some(time) = self.time.filter(|_| self.n_fits > 0.0) else { return usize::MAX };
        let per_fit = time.taken / self.n_fits;
        let time = Time { given: time.given * share_of_time, taken: time.taken + fits_beside * per_fit };
        time.n_left(fits_each * per_fit)
    }

    fn n_folds(&self) -> u32 {
        self.base.n_folds()
    }

    /// How many rungs halving has, so that the first has enough candidates to choose from.
    fn count_rungs(&self) -> usize {
        let (mut n, mut rows) = (self.candidates.len(), self.base.n_rows());
        let mut rungs = 1;
        while n > ETA && rows >= FEWEST_ROWS * ETA && rungs < MOST_RUNGS {
            (n, rows) = (n.div_ceil(ETA), rows / ETA);
            rungs += 1;
        }
        rungs
    }

    /// The next candidates of every search. Empty when there are none, or no time for them; `n_beside`: fits of this batch
    /// that are no candidates.
    fn next_round(&mut self, n_beside: usize) -> Vec<(usize, Vec<usize>)> {
        // The choices of the folds are to be scored in the end.
        let beside = n_beside as f64 + f64::from(self.n_folds());
        match self.plan.kind {
            SearchKind::Random => self.more_candidates(1000, beside, 1.0),
            SearchKind::Halving => {
                let first = 1000 / (ETA as u32).pow(self.n_rungs as u32 - 1);
                let n_rungs = self.searches.first().map_or(0, |s| s.rungs.len());
                if n_rungs <= 1 {
                    // Every rung costs about the same.
                    let round = self.more_candidates(first, beside, 1.0 / self.n_rungs as f64);
                    if !round.is_empty() {
                        return round;
                    }
                }
                self.next_rung(beside)
            }
        }
    }

    /// The next candidates for the first rung. Where there is a limit of time, or only one rung, they come a few at a time.
    fn more_candidates(&mut self, share: u32, beside: f64, share_of_time: f64) -> Vec<(usize, Vec<usize>)> {
        if self.is_cut {
            return Vec::new();
        }
        let is_by_rounds = self.plan.kind == SearchKind::Random || self.time.is_some();
        // The present settings alone come first: on a large table they show how long a round takes.
        let size = match self.n_asked {
            _ if !is_by_rounds => self.candidates.len(),
            0 => 1,
            _ if self.base.n_rows() > MANY_ROWS => 1,
            _ => ROUND,
        };
        let fits_each = f64::from(self.parts.n * share) / 1000.0 * self.searches.len() as f64;
        let in_time = self.n_in_time(fits_each, beside, share_of_time);
        let left = self.candidates.len() - self.n_asked;
        self.is_cut |= left > 0 && in_time == 0;
        let next: Vec<usize> = (self.n_asked..self.candidates.len()).take(size.min(in_time)).collect();
        if next.is_empty() {
            return Vec::new();
        }
        self.n_asked += next.len();
        for search in &mut self.searches {
            match search.rungs.first_mut() {
                Some(rung) => rung.candidates.extend(&next),
                None => search.rungs.push(Rung { share, candidates: next.clone(), losses: BTreeMap::new() }),
            }
        }
        (0..self.searches.len()).map(|s| (s, next.clone())).collect()
    }

    /// The best third of every search on three times as many rows; nothing after the last rung.
    fn next_rung(&mut self, beside: f64) -> Vec<(usize, Vec<usize>)> {
        let done = self.searches.first().map_or(0, |s| s.rungs.len());
        if done >= self.n_rungs {
            return Vec::new();
        }
        let share = 1000 / (ETA as u32).pow((self.n_rungs - 1 - done) as u32);
        let n_parts = self.parts.n;
        let kept = |search: &Search| -> Vec<usize> {
            let Some(rung) = search.rungs.last() else { return Vec::new() };
            let n = rung.candidates.len().div_ceil(ETA);
            rung.ranked(n_parts).into_iter().take(n).map(|(c, _)| c).collect()
        };
        let round: Vec<Vec<usize>> = self.searches.iter().map(kept).collect();
        let n_tried: usize = round.iter().map(Vec::len).sum();
        if self.n_in_time(f64::from(n_parts * share) / 1000.0 * n_tried as f64, beside, 1.0) == 0 {
            // No rung comes after this one.
            self.n_rungs = done;
            self.is_cut = true;
            return Vec::new();
        }
        for (search, candidates) in self.searches.iter_mut().zip(&round) {
            search.rungs.push(Rung { share, candidates: candidates.clone(), losses: BTreeMap::new() });
        }
        round.into_iter().enumerate().filter(|(_, candidates)| !candidates.is_empty()).collect()
    }

    /// The present settings and the choice of each fold on its held-out rows, where that is not known yet.
    fn outer_fits(&mut self) -> Vec<Asked> {
        let n_parts = self.parts.n;
        let chosen: Vec<Option<usize>> =
            self.searches.iter().filter(|s| s.outer != ALL_ROWS).map(|s| s.best(n_parts)).collect();
        let Some(chosen) = chosen.into_iter().collect::<Option<Vec<usize>>>() else { return Vec::new() };
        let wanted = (0..).zip(&chosen).flat_map(|(fold, &c)| [(fold, 0), (fold, c)]);
        let mut fits: Vec<(u32, usize)> = wanted.filter(|key| !self.outer.contains_key(key)).collect();
        fits.order_by(|a, b| a.cmp(b));
        fits.dedup();
        self.committed = (chosen, self.n_asked);
        fits.into_iter().map(|(fold, candidate)| Asked::Outer { fold, candidate }).collect()
    }

    fn batch(&mut self, asked: Vec<Asked>) -> Batch {
        let mut batch = Batch::default();
        let mut ids = BTreeMap::new();
        for &one in &asked {
            let (outer, candidate, part, share) = match one {
                Asked::Outer { fold, candidate } => (fold, candidate, None, 1000),
                Asked::Part { search, candidate, part } => {
                    let search = &self.searches[search];
                    let share = search.rungs.last().map_or(1000, |r| r.share);
                    (search.outer, candidate, Some(part), share)
                }
            };
            let key = self.base.frame_key(outer);
            let id = *ids.entry(key).or_insert_with(|| batch.share(self.base.frame_of(outer)));
            let work = TuneFit {
                family: self.plan.family.clone(),
                settings: self.candidates[candidate].clone(),
                outer,
                part,
                parts: self.parts.clone(),
                share,
            };
            // Every candidate meets the same draws: what differs is due to its settings.
            let place = u64::from(outer).wrapping_mul(1009).wrapping_add(u64::from(part.unwrap_or(1000)));
            let seed = self.plan.model.seed ^ fingerprint(self.plan.family.as_bytes()).wrapping_add(place);
            let of = match outer {
                ALL_ROWS => "all rows".to_owned(),
                fold => format!("fold {} of {}", fold + 1, self.n_folds()),
            };
            let label =
                format!("{}, candidate {}, {of}", self.family.title_for(self.base.outcome()), candidate + 1);
            self.n_fits += f64::from(share) / 1000.0;
            batch.push(label, id, seed, &work);
        }
        self.asked = asked;
        batch
    }

    fn absorb(&mut self, outputs: &[Option<Vec<u8>>]) {
        let asked = std::mem::take(&mut self.asked);
        for (one, bytes) in asked.into_iter().zip(outputs) {
            let Some(loss) = bytes.as_deref().and_then(|b| task::output::<TuneFit>(b).ok()) else { continue };
            match one {
                Asked::Outer { fold, candidate } => {
                    self.outer.insert((fold, candidate), loss);
                }
                Asked::Part { search, candidate, part } => {
                    if let Some(rung) = self.searches[search].rungs.last_mut() {
                        rung.losses.insert((candidate, part), loss);
                    }
                }
            }
        }
        if let Some(nested) = self.nested_now() {
            self.nested = Some(nested);
        }
    }

    /// The score of the choices last asked about, once all of it is there.
    fn nested_now(&self) -> Option<Nested> {
        let (chosen, n_candidates) = &self.committed;
        if chosen.is_empty() {
            return None;
        }
        let of = |pick: &dyn Fn(usize) -> usize| {
            let losses =
                (0..chosen.len()).map(|f| self.outer.get(&(f as u32, pick(f)))?.as_ref().ok().copied());
            losses.collect::<Option<Vec<Loss>>>()
        };
        let (tuned, present) = (of(&|f| chosen[f])?, of(&|_| 0)?);
        let n_better = tuned.iter().zip(&present).filter(|(t, p)| t.sum < p.sum).count();
        let gains: Vec<f64> =
            tuned.iter().zip(&present).filter_map(|(t, p)| Some(p.value()? - t.value()?)).collect();
        let tested = (gains.len() > 1).then(|| verdict::fold_mean(&gains, &self.base.folds()));
        Some(Nested {
            tuned: Loss::score(&tuned)?,
            present: Loss::score(&present)?,
            p: tested.and_then(|t| t.p),
            n_better: n_better as u32,
            n_kept: chosen.iter().filter(|c| **c == 0).count() as u32,
            n_folds: chosen.len() as u32,
            n_candidates: *n_candidates as u32,
            chosen: chosen.iter().map(|&c| self.settings(c)).collect(),
        })
    }

    /// A candidate as it goes into a plan: an exposure that was found for it is found again.
    fn settings(&self, candidate: usize) -> Settings {
        let mut settings = self.candidates[candidate].clone();
        if self.plan.present().get("exposure").is_none() {
            settings.0.remove("exposure");
        }
        settings
    }

    /// Where the search stands.
    pub fn standing(&self, is_stopped: bool) -> Tuning {
        let knobs = self.family.knobs_for(self.base.outcome());
        let searched = space::searched(&knobs);
        let mut tuning = Tuning {
            plan: self.plan.clone(),
            title: self.family.title_for(self.base.outcome()).to_owned(),
            measure: Loss::measure(self.base.outcome()),
            searched: searched.iter().map(|k| (k.slug.clone(), k.label.clone())).collect(),
            tried: self.tried(),
            n_left: (self.candidates.len() - self.n_asked) as u32,
            nested: self.nested.clone(),
            is_stopped: is_stopped || self.is_cut,
            time: self.time,
            sentence: String::new(),
        };
        tuning.sentence = sentence(&tuning);
        tuning
    }

    /// The candidates of the search on all rows, best first: those on more rows before those on fewer.
    fn tried(&self) -> Vec<Tried> {
        let Some(search) = self.searches.last() else { return Vec::new() };
        let n_parts = self.parts.n;
        let judged = search.judged(n_parts).map_or(0, |rung| rung.share);
        let mut tried: Vec<Tried> = Vec::new();
        for rung in search.rungs.iter().rev().filter(|r| r.share <= judged || judged == 0) {
            let mut failed = Vec::new();
            let new = |c: usize| {
                let number = c as u32;
                let (settings, share) = (self.settings(c), f64::from(rung.share) / 1000.0);
                Tried { number, settings, score: None, share, error: None }
            };
            let known: Vec<u32> = tried.iter().map(|t| t.number).collect();
            for (c, score) in rung.ranked(n_parts).into_iter().filter(|(c, _)| !known.contains(&(*c as u32)))
            {
                tried.push(Tried { score: Some(score), ..new(c) });
            }
            for &c in rung.candidates.iter().filter(|c| !known.contains(&(**c as u32))) {
                if let Standing::Failed(error) = rung.standing(c, n_parts) {
                    failed.push(Tried { error: Some(error.to_string()), ..new(c) });
                }
            }
            tried.extend(failed);
        }
        tried.order_by_key(|t| t.score.is_none());
        tried
    }

    fn finish(&self, is_stopped: bool) -> Result<Stage<Tuning>, ModelError> {
        let tuning = self.standing(is_stopped);
        if tuning.best().is_some() {
            return Ok(Stage::Done(tuning));
        }
        Err(match tuning.tried.into_iter().find_map(|t| t.error) {
            Some(reason) => ModelError::Refused { reason },
            None => ModelError::Stopped,
        })
    }
}

impl Job for TuneJob {
    type Outcome = Tuning;
    type Error = ModelError;

    fn step(
        &mut self,
        outputs: Vec<Option<Vec<u8>>>,
        stopped: bool,
        _: &Ctx<'_>,
    ) -> Result<Stage<Tuning>, ModelError> {
        self.absorb(&outputs);
        if stopped {
            return self.finish(true);
        }
        // What a fold has chosen so far is scored first: a search that is stopped then has an honest score.
        // Not before a first rung is there whole: on all rows such a score costs more than many candidates on few.
        let is_begun = self.plan.kind == SearchKind::Halving
            && self.n_asked < self.candidates.len()
            && self.searches.iter().all(|s| s.rungs.len() <= 1);
        let mut asked = if is_begun { Vec::new() } else { self.outer_fits() };
        let round = self.next_round(asked.len());
        if round.is_empty() && asked.is_empty() {
            asked = self.outer_fits();
        }
        for (search, candidates) in round {
            let n_parts = self.parts.n;
            let parts = candidates
                .into_iter()
                .flat_map(|candidate| (0..n_parts).map(move |part| Asked::Part { search, candidate, part }));
            asked.extend(parts);
        }
        if asked.is_empty() {
            // Choices that need no new fit are scored all the same.
            self.nested = self.nested_now().or(self.nested.take());
            return self.finish(false);
        }
        Ok(Stage::Work(self.batch(asked)))
    }
}

/// The result, then the reason; then the time, where it was not enough.
fn sentence(tuning: &Tuning) -> String {
    let late = tuning.time.filter(Time::is_over).map(|time| time.words());
    [found(tuning)].into_iter().chain(late).filter(|s| !s.is_empty()).collect::<Vec<_>>().join(" ")
}

fn found(tuning: &Tuning) -> String {
    let Some(best) = tuning.best() else { return String::new() };
    let tried = counted(tuning.tried.len() as u64, "candidate", "candidates");
    let (title, measure) = (in_sentence(&tuning.title), &tuning.measure.loss);
    let Some(nested) = &tuning.nested else {
        let loss = best.score.map_or(f64::NAN, |s| s.loss);
        return format!(
            "Best of {tried} so far: {measure} {} in the search. Not yet checked on rows kept from it.",
            number(loss)
        );
    };
    if tuning.tried.len() == 1 {
        return format!("Only the settings {title} has were tried: give the search more time.");
    }
    if best.number == 0 {
        return format!("None of {tried} beats the settings {title} has: keep them.");
    }
    let (tuned, present) = (nested.tuned.loss, nested.present.loss);
    let folds = match nested.n_folds {
        1 => String::new(),
        n => format!("; better in {} of {n} folds", nested.n_better),
    };
    let (helps, doubt) = match (tuned < present, nested.helps()) {
        (_, true) => ("helps", ""),
        (true, false) if nested.n_folds == 1 => ("may help", "; one split cannot tell a gain from luck"),
        (true, false) => ("may help", ", a gain smaller than its noise: the settings it had will do"),
        (false, _) => ("does not help", ""),
    };
    let digits = column_digits([tuned, present].into_iter());
    format!(
        "Tuning {helps} {title}: {measure} {} on rows kept from the search, {} with the settings it had{folds}{doubt}.",
        decimals(tuned, digits),
        decimals(present, digits)
    )
}
