//! The ladder: what a score is worth when the questions become those of use. One model climbs from every column on random
//! folds, by steps that each take one comfort away, to what is known before launch on a campaign it has not seen.
//!
//! The score of a rung is R² over all its held-out rows together, against the mean of the training rows of their fold:
//! `1 - Σ(y - ŷ)² / Σ(y - ȳ_training)²` (Campbell and Thompson 2008). 0 is what predicting that mean gets, also where a held-out campaign
//! has another mean than the others: the R² within its own rows would count the gap between campaigns against every model.
//!
//! For a yes/no it is AUC: the mean over the folds of the AUC within each fold, as in the comparison. Held-out rows of different folds are not
//! ranked against each other, because their probabilities come from different models: a fold with more yes among its training rows gives
//! all its rows higher ones. A fold whose held-out rows are all yes or all no has no AUC; it is left out of the mean and a note says so. 0.5 is
//! chance.

use serde::{Deserialize, Serialize};

use super::{
    choices,
    comparison::Scores,
    family::ModelError,
    folds::{self, Ready, Source, exposures},
    frame::{Frame, find},
    known::{Moment, why_unknown},
    metrics,
    outcome::{Outcome, Score},
    plan::{ModelPlan, Standing, Validation},
    split,
    verdict::in_sentence,
    work::{FitFold, FoldFit, exposure_name},
};
use crate::engine::{
    context::Ctx,
    data::{column::Column, role::Role, table::Table},
    knobs::Settings,
    numeric::math,
    task::{self, Batch, Job, Stage, TaskError, Work, fingerprint},
    words::{count, decimals, list, rows_of},
};

/// Folds of a rung where the comparison has none of their kind.
const FOLDS: u32 = 5;

/// Rows times columns up to which the ladder costs little beside the comparison.
const CHEAP_CELLS: u64 = 150_000;

/// What climbs, as a recipe holds it. Empty: choose for me.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LadderPlan {
    /// Slug of the family; empty: the one the comparison chose, or the best where that is the mean.
    #[serde(default)]
    pub family: String,
    /// Column of which one value after the other is held out; empty: the campaign, else the ad group.
    #[serde(default)]
    pub new_group: String,
    /// The columns known beforehand; empty: by their roles.
    #[serde(default)]
    pub known: Vec<String>,
}

/// A question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RungKind {
    /// Whatever the table holds, random folds.
    EveryColumn,
    /// Without what gives the target away.
    NoLeaks,
    /// Rows that belong together held out together.
    Grouped,
    /// A campaign that no training row is of.
    NewGroup,
    /// Later rows from earlier ones.
    Later,
    /// From what is known beforehand.
    Known,
    /// From that, on a campaign that no training row is of.
    KnownNewGroup,
    /// From that, later rows.
    KnownLater,
}

/// One question and its answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rung {
    /// Which question.
    pub kind: RungKind,
    /// "Without leaks"
    pub title: String,
    /// In one sentence what is asked.
    pub question: String,
    /// Columns the model may use.
    pub columns: Vec<String>,
    /// How rows are held out.
    pub validation: Validation,
    /// R² against the mean of the training rows, all held-out rows together; for a yes/no the mean over the folds of AUC. `None` where it
    /// could not be had.
    pub score: Option<f64>,
    /// R² or AUC fold by fold; `None` where it is undefined.
    pub folds: Vec<Option<f64>>,
    /// All held-out rows together.
    pub scores: Scores,
    /// Root mean squared error of the mean of the training rows.
    pub baseline_rmse: f64,
    /// Why there is no score.
    pub missing: Option<String>,
}

/// A column, and whether it is known beforehand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownColumn {
    /// Name of the column.
    pub column: String,
    /// Whether it counts as known.
    pub is_known: bool,
    /// Why its role says that it is not; empty when it is.
    pub why: String,
}

/// Every rung.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ladder {
    /// With every choice filled in; `known` stays empty while roles say it.
    pub plan: LadderPlan,
    /// The target.
    pub target: String,
    /// What the score of a rung is: R², or AUC for a yes/no.
    #[serde(default = "r_squared")]
    pub measure: Score,
    /// Name of the family.
    pub title: String,
    /// "launch"
    pub moment: String,
    /// From the easiest question to the one of use.
    pub rungs: Vec<Rung>,
    /// The first and the last, and what they mean.
    pub sentence: String,
    /// Every column that does not give the target away.
    pub known: Vec<KnownColumn>,
    /// Columns whose values can be held out one by one.
    pub groups: Vec<String>,
    /// What a reader must know.
    pub notes: Vec<String>,
}

impl Ladder {
    /// Rungs with a score.
    pub fn scored(&self) -> impl Iterator<Item = (&Rung, f64)> {
        self.rungs.iter().filter_map(|r| Some((r, r.score?)))
    }

    /// The score of a model that knows nothing.
    pub fn chance(&self) -> f64 {
        self.measure.chance().unwrap_or(0.0)
    }
}

/// The measure of what was stored before there was another.
pub(super) fn r_squared() -> Score {
    Score::R2
}

/// Whether the suggested way climbs it: by the size of the table, so that every machine decides alike.
pub fn is_cheap(n_rows: u64, n_columns: usize) -> bool {
    n_rows.saturating_mul(n_columns as u64) <= CHEAP_CELLS
}

/// Fits a family on some columns and the training rows of a fold, and predicts the held-out rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FitColumns {
    /// What is fitted.
    pub fit: FitFold,
    /// Names of the columns; those the frame lacks are left out.
    pub columns: Vec<String>,
}

impl Work for FitColumns {
    const SLUG: &'static str = "models.fit_columns";
    type Shared = Frame;
    type Output = FoldFit;

    fn run(self, frame: &Frame, ctx: &Ctx<'_>) -> Result<FoldFit, TaskError> {
        let mut fit = self.fit.run(&frame.only(&self.columns), ctx)?;
        // The ladder scores models and forgets them.
        fit.fitted = Vec::new();
        Ok(fit)
    }
}

/// Climbs.
pub struct LadderJob {
    ladder: Ladder,
    settings: Settings,
    /// What the family counts per, if anything.
    exposure: String,
    seed: u64,
    /// The split of each rung, by place in `splits`.
    split_of: Vec<Option<usize>>,
    splits: Vec<Folded>,
    is_asked: bool,
}

/// A split with its frames.
struct Folded {
    validation: Validation,
    whole: Frame,
    per_fold: Vec<Frame>,
    n_folds: u32,
}

impl Folded {
    fn frame(&self, fold: u32) -> &Frame {
        self.per_fold.get(fold as usize).unwrap_or(&self.whole)
    }
}

impl LadderJob {
    /// Prepares the splits of every rung. `model`: the plan of the comparison, filled in; `chosen`: the family that climbs when the plan
    /// names none.
    pub fn new(
        source: Source<'_>,
        plan: LadderPlan,
        model: &ModelPlan,
        chosen: &str,
        ctx: &Ctx<'_>,
    ) -> Result<Self, ModelError> {
        let mut source = source;
        let mut ready = source.ready(model)?;
        let notes = std::mem::take(&mut ready.notes);
        let outcome = ready.decide_outcome(source.as_read, model)?;
        let slug = if plan.family.is_empty() { chosen } else { &plan.family };
        let family = super::family(slug)?;
        let exposure = choices::exposure(&ready.table, &model.target);
        let settings = folds::settings_of(model, slug, exposure.as_deref());
        let mut made = Questions::new(&ready, model, &plan)?;
        let mut job = Self {
            ladder: Ladder {
                plan: LadderPlan {
                    family: slug.to_owned(),
                    new_group: made.new_group.clone(),
                    known: plan.known,
                },
                target: model.target.clone(),
                measure: outcome.headline(),
                title: family.title_for(outcome).to_owned(),
                moment: made.moment.words().to_owned(),
                rungs: Vec::new(),
                sentence: String::new(),
                known: std::mem::take(&mut made.known),
                groups: std::mem::take(&mut made.groups),
                notes,
            },
            exposure: exposure_name(&settings).to_owned(),
            settings,
            seed: model.seed,
            split_of: Vec::new(),
            splits: Vec::new(),
            is_asked: false,
        };
        let exposed = [job.exposure.clone()];
        let exposed: Vec<&str> = exposed.iter().map(String::as_str).filter(|n| !n.is_empty()).collect();
        for mut rung in made.rungs {
            let mut at = None;
            if rung.missing.is_none() {
                match job.split_at(&mut source, &ready, &made.every, &rung.validation, &exposed, ctx) {
                    Ok(place) => at = Some(place),
                    Err(ModelError::Stopped) => return Err(ModelError::Stopped),
                    // What cannot be asked of this table does not keep the other questions from being asked.
                    Err(error) => rung.missing = Some(format!("It cannot be asked: {error}.")),
                }
            }
            job.split_of.push(at);
            job.ladder.rungs.push(rung);
        }
        Ok(job)
    }

    /// The place of a split, made when it is new.
    fn split_at(
        &mut self,
        source: &mut Source<'_>,
        ready: &Ready,
        columns: &[String],
        validation: &Validation,
        exposed: &[&str],
        ctx: &Ctx<'_>,
    ) -> Result<usize, ModelError> {
        if let Some(at) = self.splits.iter().position(|s| s.validation == *validation) {
            return Ok(at);
        }
        let mut whole = ready.frame(&self.ladder.target, columns)?;
        let n_folds = split::split_frame(&mut whole, &ready.table, validation, self.seed)?;
        whole.beside.exposures = exposures(&ready.table, &whole.row_ids, exposed)?;
        let per_fold = source.frames(ready, &whole, n_folds, exposed, &mut self.ladder.notes, ctx)?;
        self.splits.push(Folded { validation: validation.clone(), whole, per_fold, n_folds });
        Ok(self.splits.len() - 1)
    }

    /// The settings on a rung: nothing is counted per what is not known there.
    fn settings_on(&self, rung: &Rung) -> Settings {
        let is_beforehand =
            matches!(rung.kind, RungKind::Known | RungKind::KnownNewGroup | RungKind::KnownLater);
        if self.exposure.is_empty() || !is_beforehand || rung.columns.contains(&self.exposure) {
            return self.settings.clone();
        }
        let mut settings = self.settings.clone();
        settings.0.remove("exposure");
        settings.with("per_exposure", false)
    }

    fn rungs(&self) -> impl Iterator<Item = (usize, &Rung, &Folded)> {
        let with_split = |(place, rung)| {
            let at: usize = (*self.split_of.get(place)?)?;
            Some((place, rung, self.splits.get(at)?))
        };
        self.ladder.rungs.iter().enumerate().filter_map(with_split)
    }

    fn work(&self) -> Batch {
        let mut batch = Batch::default();
        let family = &self.ladder.plan.family;
        for (place, rung, split) in self.rungs() {
            let mut shared = None;
            for fold in 0..split.n_folds {
                let id = match shared {
                    Some(id) if split.per_fold.is_empty() => id,
                    _ => batch.share(split.frame(fold)),
                };
                shared = Some(id);
                let fit = FitFold { family: family.clone(), settings: self.settings_on(rung), fold };
                let label = format!("{}, fold {} of {}", rung.title, fold + 1, split.n_folds);
                let seed = self.seed
                    ^ fingerprint(family.as_bytes()).wrapping_add(u64::from(fold) + ((place as u64) << 32));
                batch.push(label, id, seed, &FitColumns { fit, columns: rung.columns.clone() });
            }
        }
        batch
    }

    /// Scores every rung whose folds are all there.
    fn finish(&mut self, outputs: &[Option<Vec<u8>>]) -> Result<Ladder, ModelError> {
        let mut done = Vec::new();
        let mut rest = outputs;
        for (place, _, split) in self.rungs() {
            let (own, others) = rest.split_at(rest.len().min(split.n_folds as usize));
            rest = others;
            done.push((place, scored(split, own)));
        }
        let mut ladder = self.ladder.clone();
        let outcome = self.splits.first().map(|s| s.whole.beside.outcome).unwrap_or_default();
        for (place, found) in done {
            let Some(rung) = ladder.rungs.get_mut(place) else { continue };
            match found {
                Ok(found) => {
                    if outcome == Outcome::YesNo && found.score.is_some() {
                        let note = without_auc(&found.folds);
                        ladder.notes.extend(note.map(|note| format!("{}: {note}", rung.title)));
                    }
                    rung.score = found.score;
                    rung.folds = found.folds;
                    rung.scores = found.scores;
                    rung.baseline_rmse = found.baseline_rmse;
                    if rung.score.is_none() {
                        rung.missing = Some(match outcome {
                            Outcome::Amount => "The target does not vary in the held-out rows.".to_owned(),
                            Outcome::YesNo => {
                                "No fold holds out both a yes and a no, so there is no AUC.".to_owned()
                            }
                        });
                    }
                }
                Err(ModelError::Stopped) => rung.missing = Some("Stopped before it was done.".to_owned()),
                Err(error) => rung.missing = Some(format!("{} failed: {error}.", ladder.title)),
            }
        }
        if ladder.scored().next().is_none() {
            let error = ladder.rungs.iter().find_map(|r| r.missing.clone());
            return Err(match error {
                Some(reason) if !reason.starts_with("Stopped") => {
                    ModelError::Refused { reason: reason.trim_end_matches('.').to_owned() }
                }
                _ => ModelError::Stopped,
            });
        }
        ladder.sentence = sentence(&ladder);
        Ok(ladder)
    }
}

impl Job for LadderJob {
    type Outcome = Ladder;
    type Error = ModelError;

    fn step(
        &mut self,
        outputs: Vec<Option<Vec<u8>>>,
        stopped: bool,
        _ctx: &Ctx<'_>,
    ) -> Result<Stage<Ladder>, ModelError> {
        if !self.is_asked {
            self.is_asked = true;
            return if stopped { Err(ModelError::Stopped) } else { Ok(Stage::Work(self.work())) };
        }
        self.finish(&outputs).map(Stage::Done)
    }
}

/// What one rung found.
struct Found {
    score: Option<f64>,
    folds: Vec<Option<f64>>,
    scores: Scores,
    baseline_rmse: f64,
}

fn scored(split: &Folded, outputs: &[Option<Vec<u8>>]) -> Result<Found, ModelError> {
    let (mut actual, mut predicted, mut reference) = (Vec::new(), Vec::new(), Vec::new());
    let mut folds = Vec::new();
    let outcome = split.whole.beside.outcome;
    if outputs.len() < split.n_folds as usize {
        return Err(ModelError::Stopped);
    }
    for (fold, bytes) in (0..split.n_folds).zip(outputs) {
        let fit =
            bytes.as_deref().and_then(|b| task::output::<FitColumns>(b).ok()).ok_or(ModelError::Stopped)?;
        if let Some(error) = fit.error {
            return Err(error);
        }
        let frame = split.frame(fold);
        let training = frame.y_of(&frame.training_rows(fold));
        let mean = math::sum(training.iter().copied()) / training.len() as f64;
        let y = frame.y_of(&frame.test_rows(fold));
        let means = vec![mean; y.len()];
        folds.push(match outcome {
            Outcome::Amount => metrics::against(&y, &fit.predictions, &means),
            Outcome::YesNo => Score::Auc.of(&metrics::scored(outcome, &y, &fit.predictions)),
        });
        reference.extend(means);
        predicted.extend(fit.predictions);
        actual.extend(y);
    }
    let score = match outcome {
        Outcome::Amount => metrics::against(&actual, &predicted, &reference),
        Outcome::YesNo => {
            let known: Vec<f64> = folds.iter().flatten().copied().collect();
            (!known.is_empty()).then(|| metrics::mean_sd(&known).0)
        }
    };
    Ok(Found {
        score,
        folds,
        scores: metrics::scored(outcome, &actual, &predicted),
        baseline_rmse: metrics::scores(&actual, &reference).rmse,
    })
}

/// That some folds have no AUC: "1 of 5 folds holds out nothing but yes or nothing but no: it has no AUC and is left out of the mean."
pub(super) fn without_auc(folds: &[Option<f64>]) -> Option<String> {
    let n = folds.iter().filter(|auc| auc.is_none()).count();
    let (holds, they, are) = if n == 1 { ("holds", "it has", "is") } else { ("hold", "they have", "are") };
    (n > 0).then(|| {
        format!(
            "{} of {} folds {holds} out nothing but yes or nothing but no: {they} no AUC and {are} left out of the mean.",
            count(n as u64),
            count(folds.len() as u64)
        )
    })
}

/// The rungs as questions, before they are answered.
struct Questions {
    rungs: Vec<Rung>,
    /// Every column some rung uses.
    every: Vec<String>,
    known: Vec<KnownColumn>,
    groups: Vec<String>,
    new_group: String,
    moment: Moment,
}

impl Questions {
    fn new(ready: &Ready, model: &ModelPlan, plan: &LadderPlan) -> Result<Self, ModelError> {
        let table = &ready.table;
        let goal = find(table, &model.target)?;
        let moment = Moment::of(goal);
        let candidates = choices::candidates(table, &model.target, &[], &ready.informed)?;
        let names = |is: fn(&Standing) -> bool| -> Vec<String> {
            let usable =
                candidates.iter().filter(|c| is(&c.standing) && Some(&c.column) != model.weight.as_ref());
            usable.map(|c| c.column.clone()).collect()
        };
        let every = names(|s| !matches!(s, Standing::Unusable { .. } | Standing::Aside { .. }));
        let honest = names(Standing::is_used);
        if every.is_empty() {
            return Err(ModelError::NoFeatures);
        }
        let known: Vec<KnownColumn> = honest
            .iter()
            .map(|name| {
                let why = table.column(name).ok().and_then(|c| why_unknown(c, moment));
                let is_known = if plan.known.is_empty() { why.is_none() } else { plan.known.contains(name) };
                KnownColumn { column: name.clone(), is_known, why: why.unwrap_or_default() }
            })
            .collect();
        let groups = choices::small_groups(table);
        let new_group = match groups.iter().find(|g| **g == plan.new_group) {
            Some(group) => group.clone(),
            None => proposed_group(table, &groups).unwrap_or_default(),
        };
        let mut asked = Self { rungs: Vec::new(), every, known, groups, new_group, moment };
        asked.ask(table, model, &honest);
        Ok(asked)
    }

    fn ask(&mut self, table: &Table, model: &ModelPlan, honest: &[String]) {
        let Ways { random, grouped, new_group, later } = &Ways::of(table, model, &self.new_group);
        let leaks: Vec<&str> =
            self.every.iter().filter(|name| !honest.contains(name)).map(String::as_str).collect();
        let known: Vec<String> = self.known.iter().filter(|k| k.is_known).map(|k| k.column.clone()).collect();
        let (noun, moment) = (noun(table, &self.new_group), self.moment.words());
        let without_group = |columns: &[String]| -> Vec<String> {
            let is_of = |c: &Column| {
                c.name == self.new_group || c.made_from.iter().any(|(n, _)| *n == self.new_group)
            };
            columns.iter().filter(|name| !table.column(name).is_ok_and(|c| is_of(c))).cloned().collect()
        };
        let mut rungs = vec![Rung::asked(
            RungKind::EveryColumn,
            "Every column".to_owned(),
            "With whatever the table holds, rows held out at random.".to_owned(),
            self.every.clone(),
            random,
        )];
        if !leaks.is_empty() {
            let question = format!("Without {}, which would give {} away.", list(&leaks), model.target);
            rungs.push(Rung::asked(
                RungKind::NoLeaks,
                "Without leaks".to_owned(),
                question,
                honest.to_vec(),
                random,
            ));
        }
        if let Some(validation) = grouped {
            let group = validation.group().unwrap_or_default();
            let question = format!("The same; rows of one {group} are held out together.");
            rungs.push(Rung::asked(
                RungKind::Grouped,
                "Groups kept together".to_owned(),
                question,
                honest.to_vec(),
                validation,
            ));
        }
        if let Some(validation) = new_group {
            let question = format!(
                "Each {} held out once: a {noun} that no training row is of, and whose name says nothing.",
                self.new_group
            );
            rungs.push(Rung::asked(
                RungKind::NewGroup,
                format!("On a new {noun}"),
                question,
                without_group(honest),
                validation,
            ));
        }
        if let Some(validation) = later {
            let date = validation.date().unwrap_or_default();
            let question = format!("Rows predicted from those with an earlier {date} alone.");
            rungs.push(Rung::asked(
                RungKind::Later,
                "On later rows".to_owned(),
                question,
                honest.to_vec(),
                validation,
            ));
        }
        if known.len() < honest.len() {
            let unknown: Vec<&str> =
                self.known.iter().filter(|k| !k.is_known).map(|k| k.column.as_str()).collect();
            let question = format!("Without {} as well.", list(&unknown));
            let title = format!("Known before {moment}");
            rungs.push(Rung::asked(
                RungKind::Known,
                title.clone(),
                question,
                known.clone(),
                grouped.as_ref().unwrap_or(random),
            ));
            if let Some(validation) = new_group {
                let question =
                    format!("From what is known before {moment}, each {} held out once.", self.new_group);
                rungs.push(Rung::asked(
                    RungKind::KnownNewGroup,
                    format!("{title}, on a new {noun}"),
                    question,
                    without_group(&known),
                    validation,
                ));
            } else if let Some(validation) = later {
                let question = format!("From what is known before {moment}, later rows from earlier ones.");
                rungs.push(Rung::asked(
                    RungKind::KnownLater,
                    format!("{title}, on later rows"),
                    question,
                    known,
                    validation,
                ));
            }
        }
        self.rungs = rungs;
    }
}

/// How rows can be held out here.
struct Ways {
    random: Validation,
    grouped: Option<Validation>,
    new_group: Option<Validation>,
    later: Option<Validation>,
}

impl Ways {
    fn of(table: &Table, model: &ModelPlan, new_group: &str) -> Self {
        let random = match model.validation {
            Validation::KFold { k } | Validation::GroupKFold { k, .. } => Validation::KFold { k },
            Validation::StratifiedKFold { k, .. } => Validation::StratifiedKFold { k, repeats: 1 },
            _ => Validation::KFold { k: FOLDS },
        };
        let grouped = match &model.validation {
            Validation::GroupKFold { .. } => Some(model.validation.clone()),
            _ => choices::belonging(table, FOLDS)
                .map(|column| Validation::GroupKFold { k: FOLDS, group: column.name.clone() }),
        };
        let held_out = !new_group.is_empty();
        Self {
            random,
            grouped,
            new_group: held_out.then(|| Validation::LeaveOneGroupOut { group: new_group.to_owned() }),
            later: choices::dated(table, FOLDS).map(|date| Validation::ForwardInTime { k: FOLDS, date }),
        }
    }
}

impl Rung {
    /// A question without an answer yet.
    fn asked(
        kind: RungKind,
        title: String,
        question: String,
        columns: Vec<String>,
        validation: &Validation,
    ) -> Self {
        Self {
            kind,
            title,
            question,
            missing: columns.is_empty().then(|| "No column is left for it.".to_owned()),
            columns,
            validation: validation.clone(),
            score: None,
            folds: Vec::new(),
            scores: Scores::default(),
            baseline_rmse: f64::NAN,
        }
    }
}

/// The campaign, else the ad group, if its values are few enough.
fn proposed_group(table: &Table, groups: &[String]) -> Option<String> {
    let of =
        |role: Role| groups.iter().find(|name| table.column(name).is_ok_and(|c| c.role == role)).cloned();
    of(Role::Campaign).or_else(|| of(Role::AdGroup))
}

/// What a value of a column is called.
fn noun(table: &Table, group: &str) -> String {
    match table.column(group).map(|c| c.role) {
        Ok(Role::Campaign) => "campaign".to_owned(),
        Ok(Role::AdGroup) => "ad group".to_owned(),
        _ => group.to_owned(),
    }
}

/// "With every column R² is 0.72; on a campaign it has not seen, with only what is known before launch, it is -0.11." and what
/// that means: how much of what the first score has beyond that of a model that knows nothing is still there.
fn sentence(ladder: &Ladder) -> String {
    let Some((first, best)) = ladder.scored().next() else { return String::new() };
    let (measure, chance) = (ladder.measure.in_sentence(), ladder.chance());
    let is_auc = ladder.measure == Score::Auc;
    let Some((last, left)) = ladder.scored().last().filter(|(r, _)| r.kind != first.kind) else {
        let name = in_sentence(&ladder.title);
        return format!(
            "{measure} of {name} is {} on random folds. Nothing in this table says which rows belong together, which came later or what is known \
             only afterwards, so no harder question can be asked.",
            decimals(best, 2)
        );
    };
    let start = match first.kind {
        RungKind::EveryColumn => "With every column",
        _ => "On the easiest question",
    };
    let noun = last.title.rsplit_once("n a new ").map_or("group", |(_, noun)| noun);
    let moment = &ladder.moment;
    let end = match last.kind {
        RungKind::KnownNewGroup => {
            format!("on a {noun} it has not seen, with only what is known before {moment}")
        }
        RungKind::KnownLater => format!("on later rows, with only what is known before {moment}"),
        RungKind::Known => format!("with only what is known before {moment}"),
        RungKind::NewGroup => format!("on a {noun} it has not seen"),
        RungKind::Later => "on later rows".to_owned(),
        RungKind::Grouped => "on groups it has not seen".to_owned(),
        RungKind::NoLeaks | RungKind::EveryColumn => "without columns that give the target away".to_owned(),
    };
    let n = rows_of(last.scores.n);
    let others = match last.kind {
        RungKind::NewGroup | RungKind::KnownNewGroup if noun == "campaign" => "other campaigns",
        _ => "other rows",
    };
    let meaning = if left <= chance {
        let nothing =
            if is_auc { "chance".to_owned() } else { format!("predicting the mean of the {others}") };
        format!(
            "There it is no better than {nothing} ({n} held out): use it to describe what happened, not to predict what comes."
        )
    } else if left - chance < 0.5 * (best - chance) {
        let first = if is_auc { "what the first figure has above chance" } else { "the first figure" };
        format!("Most of {first} is not there when the model is used: plan with the second ({n} held out).")
    } else {
        let first = if is_auc { "what the first figure has above chance" } else { "it" };
        format!("Most of {first} stays where the model would be used ({n} held out).")
    };
    format!("{start} {measure} is {}; {end}, it is {}. {meaning}", decimals(best, 2), decimals(left, 2))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A ladder of three rungs, one without a score.
    pub(crate) fn sample() -> Ladder {
        sample_of(Score::R2, 0.72, -0.11)
    }

    /// The same by another measure, with its first and last score.
    pub(crate) fn sample_of(measure: Score, best: f64, left: f64) -> Ladder {
        let rung = |kind, title: &str, score: Option<f64>| Rung {
            kind,
            title: title.into(),
            question: "With whatever the table holds.".into(),
            columns: vec!["Spent".into()],
            validation: Validation::KFold { k: 5 },
            score,
            folds: vec![score; 5],
            scores: Scores { r2: score, mse: 1.0, rmse: 1.0, mae: 0.5, n: 100, yes_no: None },
            baseline_rmse: 1.7,
            missing: score.is_none().then(|| "No column is left for it.".to_owned()),
        };
        let mut ladder = Ladder {
            plan: LadderPlan {
                family: "linear_regression".into(),
                new_group: "campaign".into(),
                known: Vec::new(),
            },
            target: "Approved {x}".into(),
            measure,
            title: "Linear regression".into(),
            moment: "launch".into(),
            rungs: vec![
                rung(RungKind::EveryColumn, "Every column", Some(best)),
                rung(RungKind::Known, "Known before launch", None),
                rung(RungKind::KnownNewGroup, "Known before launch, on a new campaign", Some(left)),
            ],
            sentence: String::new(),
            known: Vec::new(),
            groups: vec!["campaign".into()],
            notes: Vec::new(),
        };
        ladder.sentence = sentence(&ladder);
        ladder
    }

    #[test]
    fn the_sentence_says_first_and_last_and_what_they_mean() {
        let said = sample().sentence;
        assert!(said.starts_with("With every column R² is 0.72; on a campaign it has not seen, with only what is known before launch, it is −0.11."), "{said}");
        assert!(said.contains("no better than predicting the mean"), "{said}");
    }
    #[track_caller]
    fn check(measure: Score, best: f64, left: f64, start: &str, meaning: &str) {
        let said = sample_of(measure, best, left).sentence;
        assert!(said.starts_with(start) && said.contains(meaning), "{said}");
    }

    #[test]
    fn what_is_left_is_judged_from_what_a_model_that_knows_nothing_gets() {
        // 0.86 of 1 is most, and so is 0.36 of 0.48 above chance; 0.6 is more than half of 0.98, 0.1 above chance is not.
        check(
            Score::Auc,
            0.98,
            0.86,
            "With every column AUC is 0.98; on a campaign it has not seen, with only",
            "Most of what the first figure has above chance stays",
        );
        check(
            Score::Auc,
            0.98,
            0.6,
            "With every column AUC is 0.98",
            "above chance is not there when the model is used",
        );
        check(
            Score::Auc,
            0.98,
            0.5,
            "With every column AUC is 0.98",
            "no better than chance (100 rows held out)",
        );
        check(Score::R2, 0.98, 0.6, "With every column R² is 0.98", "Most of it stays where");
        check(Score::R2, 0.98, 0.4, "With every column R² is 0.98", "Most of the first figure is not there");
    }

    #[test]
    fn a_ladder_stored_before_there_was_a_measure_is_of_r2() {
        let mut stored = serde_json::to_value(sample()).unwrap();
        assert_eq!(stored.as_object_mut().unwrap().remove("measure"), Some("r2".into()));
        assert_eq!(serde_json::from_value::<Ladder>(stored).unwrap().measure, Score::R2);
    }
}
