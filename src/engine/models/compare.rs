//! The comparison as a job: honest folds, one task a family and fold, then the explanation of the winner.

use super::{
    FAMILIES, choices,
    comparison::{Comparison, FamilyResult, Importance, PairTest, Prediction, Scores, Verdict},
    design::Design,
    family::ModelError,
    frame::{ALWAYS_TRAINING, Frame, find, group_codes, linked_features, target_of},
    metrics,
    plan::{Candidate, FamilyChoice, ModelPlan, Standing, Validation},
    split,
    verdict::{self, Folds},
    work::{ALL_ROWS, FitFold, FitPart, FoldFit, Importances, exposure_name},
};
use crate::engine::{
    context::Ctx,
    data::{
        column::{Column, Values},
        role::Role,
        table::Table,
    },
    knobs::Settings,
    numeric::random::Rng,
    step::{Informed, LearnFrom},
    task::{self, Batch, Job, SharedId, Stage, fingerprint},
    words::{self, count, list, rows_of},
};

/// Stream of the split; tasks have seeds of their own.
const SPLIT_STREAM: u64 = 0x5711;

/// From so many rows on a fit that can be shared out is: below, a task would be shorter than what it costs to hand out.
const SHARED_OUT_FROM: usize = 5_000;

/// Compares families on the same folds.
pub struct ComparisonJob {
    plan: ModelPlan,
    candidates: Vec<Candidate>,
    n_left_out: u64,
    notes: Vec<String>,
    /// All rows, with their folds.
    whole: Frame,
    /// One a fold where the table is prepared anew in each (it may lack rows and columns of `whole`, never hold more); else
    /// empty and `whole` serves every fold.
    per_fold: Vec<Frame>,
    n_folds: u32,
    /// Features that are shuffled together, by place in `whole`.
    linked: Vec<Vec<u32>>,
    /// What counts of the target are counted per, by the funnel.
    exposure: Option<String>,
    asked: Asked,
    found: Option<Found>,
}

/// What the outputs that come next belong to.
enum Asked {
    Nothing,
    /// Family by family, each with its folds.
    Fits,
    /// So many folds, then final fits of these families (by place in the results).
    Explanation {
        n_importance: usize,
        finals: Vec<usize>,
    },
}

/// What the first stage found.
struct Found {
    results: Vec<FamilyResult>,
    predictions: Vec<(String, Vec<Prediction>)>,
    pairs: Vec<PairTest>,
    verdict: Verdict,
    folds: Folds,
}

/// A table as a recipe makes it.
pub struct Made {
    /// After its last step.
    pub table: Table,
    /// Steps that could not be carried out: title and reason.
    pub failures: Vec<(String, String)>,
    /// Columns that were filled with the help of others.
    pub informed: Vec<Informed>,
}

/// What a comparison is made from.
pub struct Source<'a> {
    /// The table as the recipe makes it when it learns from the given rows. It is called once for all rows and, when the
    /// recipe learns anything, once more for each fold with the training rows of that fold (a mask over the rows of the file).
    pub prepare: &'a mut dyn FnMut(LearnFrom<'_>) -> Result<Made, ModelError>,
    /// The rows of the file with the target as it was read; without the target, the prepared one is taken.
    pub as_read: &'a Table,
    /// Whether the recipe learns anything.
    pub learns: bool,
}

impl ComparisonJob {
    /// Prepares tables and splits.
    pub fn new(source: Source<'_>, plan: ModelPlan, ctx: &Ctx<'_>) -> Result<Self, ModelError> {
        let Source { prepare, as_read, learns } = source;
        let truth = Truth::of(as_read, &plan.target);
        let made = prepare(LearnFrom::All)?;
        let mut notes: Vec<String> =
            made.failures.iter().map(|failure| failure_note(failure, "so the table is without it")).collect();
        let (table, altered) = truth.restored(made.table, &plan.target)?;
        let y = target_of(&table, &plan.target)?;
        let n_left_out = y.iter().filter(|v| v.is_nan()).count() as u64;
        check_target(&plan.target, &y)?;
        notes.extend(altered.note(&plan.target));
        if n_left_out > 0 {
            notes.push(format!(
                "{} of {} have no {} and were left out.",
                count(n_left_out),
                rows_of(y.len() as u64),
                plan.target
            ));
        }
        let candidates = choices::candidates(&table, &plan.target, &plan.unblocked, &made.informed)?;
        let features = chosen_features(&table, &plan, &candidates, &made.informed, &mut notes)?;
        let families = chosen_families(&plan)?;
        let mut whole = Frame::new(&table, &plan.target, &features)?;
        let groups = match &plan.validation {
            Validation::GroupKFold { group, .. } => {
                let column = find(&table, group)?;
                group_codes(column, (0..y.len() as u32).filter(|&r| !y[r as usize].is_nan()))
            }
            _ => Vec::new(),
        };
        let mut rng = Rng::stream(plan.seed, SPLIT_STREAM);
        whole.fold = split::folds(&plan.validation, whole.n_rows(), &groups, &mut rng)?;
        let exposure = choices::exposure(&table, &plan.target);
        check_exposures(&families, &plan.target, &candidates)?;
        let wanted: Vec<&str> =
            families.iter().map(|c| exposure_name(&c.settings)).chain(exposure.as_deref()).collect();
        whole.beside.exposures = exposures(&table, &whole.row_ids, &wanted)?;
        (whole.beside.grouped_by, whole.beside.groups) = match &plan.validation {
            Validation::GroupKFold { group, .. } => (group.clone(), groups),
            _ => together(&table, &y),
        };
        let n_folds = split::n_folds(&plan.validation);

        let mut per_fold = Vec::new();
        if learns {
            let n_ids = as_read.row_ids().iter().chain(&whole.row_ids).max().map_or(0, |&id| id as usize + 1);
            let mut fold_of_id = vec![None; n_ids];
            for (&id, &fold) in whole.row_ids.iter().zip(&whole.fold) {
                if let Some(slot) = fold_of_id.get_mut(id as usize) {
                    *slot = Some(fold);
                }
            }
            let fold_of = |id: u32| fold_of_id.get(id as usize).copied().flatten();
            for fold in 0..n_folds {
                ctx.tick(u64::from(fold), u64::from(n_folds))?;
                // Rows without a target are neither: they do not serve to learn either.
                let is_training: Vec<bool> =
                    fold_of_id.iter().map(|f| f.is_some_and(|f| f != fold)).collect();
                let in_fold = prepare(LearnFrom::Training(&is_training))?;
                let place = place_of(fold, n_folds);
                for failure in in_fold.failures.iter().filter(|f| !made.failures.contains(f)) {
                    notes.push(failure_note(failure, &format!("{place}: there the table is without it")));
                }
                let (table, _) = truth.restored(in_fold.table, &plan.target)?;
                // A row that is not in the split (dropped when all rows are looked at) neither trains nor tests.
                let rows: Vec<u32> = (0..table.n_rows() as u32)
                    .filter(|&r| fold_of(table.row_ids()[r as usize]).is_some())
                    .collect();
                let table = if rows.len() < table.n_rows() { table.take_rows(&rows) } else { table };
                let mut frame = Frame::new(&table, &plan.target, &features)?;
                frame.beside.exposures = exposures(&table, &frame.row_ids, &wanted)?;
                frame.fold = frame.row_ids.iter().map(|&id| fold_of(id).unwrap_or(ALWAYS_TRAINING)).collect();
                let lost: Vec<&str> = features
                    .iter()
                    .filter(|name| !frame.features.iter().any(|f| &f.name == *name))
                    .map(String::as_str)
                    .collect();
                if !lost.is_empty() {
                    notes.push(format!("{} cannot be made {place} and is left out there.", list(&lost)));
                }
                per_fold.push(frame);
            }
        }
        let job = Self {
            plan: ModelPlan { features, families, ..plan },
            candidates,
            n_left_out,
            notes,
            whole,
            per_fold,
            n_folds,
            linked: Vec::new(),
            exposure,
            asked: Asked::Nothing,
            found: None,
        };
        for fold in 0..n_folds {
            let frame = job.frame(fold);
            let (n_test, n_training) = (frame.test_rows(fold).len(), frame.training_rows(fold).len());
            if n_test == 0 || n_training == 0 {
                let which = if n_test == 0 { "held out" } else { "to train on" };
                return Err(ModelError::Refused {
                    reason: format!(
                        "after the steps of the recipe no row is left {which} {}",
                        place_of(fold, n_folds)
                    ),
                });
            }
        }
        Ok(job)
    }

    fn frame(&self, fold: u32) -> &Frame {
        self.per_fold.get(fold as usize).unwrap_or(&self.whole)
    }

    fn names(&self, group: &[u32]) -> Vec<&str> {
        group.iter().filter_map(|&i| self.whole.features.get(i as usize)).map(|f| f.name.as_str()).collect()
    }

    /// A group of features as places in the frame of a fold, which may lack a column (a level none of its training rows
    /// has).
    fn places_in(&self, group: &[u32], fold: u32) -> Vec<u32> {
        let features = &self.frame(fold).features;
        self.names(group)
            .into_iter()
            .filter_map(|name| features.iter().position(|f| f.name == name))
            .map(|i| i as u32)
            .collect()
    }

    /// The settings of a family, with the exposure that is found for it where it wants one and none is named.
    fn settings_of(&self, family: &str) -> Settings {
        let chosen = self.plan.families.iter().find(|c| c.family == family);
        let mut settings = chosen.map(|c| c.settings.clone()).unwrap_or_default();
        let wants_one = super::family(family).is_ok_and(|f| f.knobs().iter().any(|k| k.slug == "exposure"));
        if wants_one && !settings.flag("per_exposure", true) {
            settings.0.remove("exposure");
        } else if wants_one && exposure_name(&settings).is_empty() {
            settings.0.remove("exposure");
            if let Some(name) = &self.exposure {
                settings = settings.with("exposure", name.as_str());
            }
        }
        settings
    }

    fn seed(&self, family: &str, fold: u32) -> u64 {
        self.plan.seed ^ fingerprint(family.as_bytes()).wrapping_add(u64::from(fold))
    }

    /// Rows that have a held-out prediction: those of the split, less those dropped by a step inside their own fold.
    fn n_tested(&self) -> u64 {
        (0..self.n_folds).map(|fold| self.frame(fold).test_rows(fold).len() as u64).sum()
    }

    fn label(&self, what: &str, fold: u32) -> String {
        match self.n_folds {
            1 => format!("{what}, held-out rows"),
            n => format!("{what}, fold {} of {n}", fold + 1),
        }
    }

    /// What is fitted of a family for a fold, or on [`ALL_ROWS`].
    fn fit_of(&self, family: &str, fold: u32) -> FitFold {
        FitFold { family: family.to_owned(), settings: self.settings_of(family), fold }
    }

    /// In how many parts a fit is handed out: the same however many workers there are.
    fn n_parts(fit: &FitFold, frame: &Frame) -> Result<u32, ModelError> {
        if frame.n_rows() < SHARED_OUT_FROM { Ok(1) } else { FitPart::n_parts(fit) }
    }

    /// Hands out a fit, whole or in parts.
    fn hand_out(
        batch: &mut Batch,
        label: &str,
        (frame, shared): (&Frame, SharedId),
        seed: u64,
        fit: FitFold,
    ) -> Result<(), ModelError> {
        let n = Self::n_parts(&fit, frame)?;
        if n == 1 {
            batch.push(label, shared, seed, &fit);
            return Ok(());
        }
        for part in 0..n {
            let label = format!("{label}, part {} of {n}", part + 1);
            batch.push(label, shared, seed, &FitPart { fit: fit.clone(), part });
        }
        Ok(())
    }

    /// Takes back what was handed out of a fit; `None` when something of it was not finished.
    fn take_back(
        outputs: &mut std::vec::IntoIter<Option<Vec<u8>>>,
        fit: &FitFold,
        frame: &Frame,
    ) -> Result<Option<FoldFit>, ModelError> {
        let n = Self::n_parts(fit, frame)?;
        if n == 1 {
            let bytes = outputs.next().flatten();
            return Ok(bytes.and_then(|bytes| task::output::<FitFold>(&bytes).ok()));
        }
        let bytes: Vec<Option<Vec<u8>>> = outputs.by_ref().take(n as usize).collect();
        let parts: Option<Vec<_>> =
            bytes.into_iter().map(|bytes| task::output::<FitPart>(&bytes?).ok()).collect();
        Ok(parts.map(|parts| FitPart::join(fit, frame, parts)))
    }

    fn fits(&self) -> Result<Batch, ModelError> {
        let mut batch = Batch::default();
        let mut ids = Vec::new();
        for fold in 0..self.n_folds {
            ids.push(match ids.first() {
                Some(&id) if self.per_fold.is_empty() => id,
                _ => batch.share(self.frame(fold)),
            });
        }
        for choice in &self.plan.families {
            let title = super::family(&choice.family)?.title();
            for fold in 0..self.n_folds {
                let seed = self.seed(&choice.family, fold);
                let of = (self.frame(fold), ids[fold as usize]);
                let fit = self.fit_of(&choice.family, fold);
                Self::hand_out(&mut batch, &self.label(title, fold), of, seed, fit)?;
            }
        }
        Ok(batch)
    }

    /// Reads the fits; a family counts when every fold of it is there.
    fn read_fits(&self, outputs: Vec<Option<Vec<u8>>>) -> Result<(Found, Vec<Vec<FoldFit>>), ModelError> {
        let mut outputs = outputs.into_iter();
        let mut results = Vec::new();
        let mut predictions = Vec::new();
        let mut kept = Vec::new();
        let mut errors: Vec<Vec<f64>> = Vec::new();
        for choice in &self.plan.families {
            let fits = (0..self.n_folds)
                .map(|fold| {
                    let fit = self.fit_of(&choice.family, fold);
                    Self::take_back(&mut outputs, &fit, self.frame(fold))
                })
                .collect::<Result<Vec<_>, _>>()?;
            let Some(fits) = fits.into_iter().collect::<Option<Vec<FoldFit>>>() else { continue };
            let title = super::family(&choice.family)?.title().to_owned();
            let mut result = FamilyResult {
                family: choice.family.clone(),
                title,
                folds: Vec::new(),
                mean: Scores::default(),
                sd: Scores::default(),
                pooled: Scores::default(),
                facts: Vec::new(),
                coefficients: None,
                error: None,
            };
            if let Some(error) = fits.iter().find_map(|f| f.error.as_ref()) {
                result.error = Some(error.to_string());
                results.push(result);
                kept.push(Vec::new());
                errors.push(Vec::new());
                continue;
            }
            let mut rows: Vec<Prediction> = Vec::new();
            for (fold, fit) in (0..).zip(&fits) {
                let frame = self.frame(fold);
                let test = frame.test_rows(fold);
                result.folds.push(metrics::scores(&frame.y_of(&test), &fit.predictions));
                rows.extend(test.iter().zip(&fit.predictions).map(|(&r, &predicted)| Prediction {
                    row: frame.row_ids[r as usize],
                    actual: frame.y[r as usize],
                    predicted,
                }));
            }
            rows.sort_by_key(|p| p.row);
            let (actual, predicted): (Vec<f64>, Vec<f64>) =
                rows.iter().map(|p| (p.actual, p.predicted)).unzip();
            (result.mean, result.sd) = metrics::mean_and_sd(&result.folds);
            result.pooled = metrics::scores(&actual, &predicted);
            errors.push(rows.iter().map(|p| p.actual - p.predicted).collect());
            predictions.push((choice.family.clone(), rows));
            results.push(result);
            kept.push(fits);
        }
        let worked: Vec<usize> = (0..results.len()).filter(|&i| results[i].error.is_none()).collect();
        let n_test = predictions.first().map_or(0, |(_, rows)| rows.len() as u64);
        let folds = Folds { n_folds: self.n_folds, n_rows: self.whole.n_rows() as u64, n_test };
        let mut pairs = Vec::new();
        for (place, &i) in worked.iter().enumerate() {
            for &j in &worked[place + 1..] {
                pairs.push(verdict::pair(&results[i], &results[j], (&errors[i], &errors[j]), &folds));
            }
        }
        verdict::adjust(&mut pairs);
        let scored: Vec<&FamilyResult> = worked.iter().map(|&i| &results[i]).collect();
        let verdict = verdict::verdict(&scored, &pairs, &folds).ok_or_else(|| {
            match results.iter().find_map(|r| r.error.clone()) {
                Some(reason) => ModelError::Refused { reason },
                None => ModelError::Stopped,
            }
        })?;
        Ok((Found { results, predictions, pairs, verdict, folds }, kept))
    }

    /// Importance of the winner on each fold, and the models whose facts a reader wants, fitted on all rows.
    fn explanation(&mut self, found: &Found, fits: Vec<Vec<FoldFit>>) -> Result<(Batch, Asked), ModelError> {
        let mut batch = Batch::default();
        let winner = &found.verdict.winner;
        let Some(place) = found.results.iter().position(|r| &r.family == winner) else {
            return Ok((batch, Asked::Explanation { n_importance: 0, finals: Vec::new() }));
        };
        let title = found.results[place].title.clone();
        self.linked = linked_features(&self.whole);
        for (fold, fit) in (0..).zip(fits.into_iter().nth(place).unwrap_or_default()) {
            let shared = batch.share(self.frame(fold));
            let groups = self.linked.iter().map(|group| self.places_in(group, fold)).collect();
            let exposure = exposure_name(&self.settings_of(winner)).to_owned();
            let work = Importances { family: winner.clone(), fold, groups, exposure, fitted: fit.fitted };
            let label = self.label(&format!("Importance for {}", words::in_sentence(&title)), fold);
            batch.push(label, shared, self.seed(winner, fold).wrapping_add(1 << 32), &work);
        }
        let finals: Vec<usize> = (0..found.results.len())
            .filter(|&i| found.results[i].error.is_none())
            .filter(|&i| {
                i == place || super::family(&found.results[i].family).is_ok_and(|f| f.has_coefficients())
            })
            .collect();
        let n_importance = batch.tasks.len();
        let shared = batch.share(&self.whole);
        for &i in &finals {
            let result = &found.results[i];
            let seed = self.seed(&result.family, ALL_ROWS);
            let label = format!("{}, all rows", result.title);
            let fit = self.fit_of(&result.family, ALL_ROWS);
            Self::hand_out(&mut batch, &label, (&self.whole, shared), seed, fit)?;
        }
        Ok((batch, Asked::Explanation { n_importance, finals }))
    }

    fn importance(&self, outputs: &[Option<Vec<u8>>]) -> Vec<Importance> {
        let mut drops: Vec<Vec<f64>> = vec![Vec::new(); self.linked.len()];
        for bytes in outputs {
            let of_fold = bytes.as_deref().and_then(|b| task::output::<Importances>(b).ok());
            for (all, values) in drops.iter_mut().zip(of_fold.unwrap_or_default()) {
                all.extend(values);
            }
        }
        let mut out: Vec<Importance> = self
            .linked
            .iter()
            .zip(&drops)
            .filter(|(_, values)| !values.is_empty())
            .map(|(group, values)| {
                let (mean, sd) = metrics::mean_sd(values);
                Importance { feature: self.names(group).join(" + "), mean, sd }
            })
            .collect();
        out.sort_by(|a, b| b.mean.total_cmp(&a.mean));
        out
    }

    fn finish(&mut self, importance: Vec<Importance>) -> Result<Stage<Comparison>, ModelError> {
        let Some(found) = self.found.take() else { return Err(ModelError::Stopped) };
        let mut notes = std::mem::take(&mut self.notes);
        let every: Vec<u32> = (0..self.whole.n_rows() as u32).collect();
        let design = Design::learn(&self.whole, &every, true);
        let n_filled = design.n_filled(&self.whole, &every);
        if n_filled > 0 {
            notes.push(format!(
                "{} missing cells: linear models got the median of the training rows of each fold, trees learn which \
                 way such rows go.",
                count(n_filled)
            ));
        }
        if let Some(rank) = found
            .results
            .iter()
            .filter(|r| r.family == "linear_regression")
            .find_map(|r| r.facts.iter().find(|(name, _)| name == "rank"))
            .map(|(_, value)| value)
            && let Some((rank, of)) = rank.split_once(" of ")
            && rank != of
        {
            notes.push(format!(
                "Linear regression: only {rank} of {of} columns say something new; the others follow from them and \
                 share their weight."
            ));
        }
        for group in self.linked.iter().filter(|g| g.len() > 1) {
            let names = self.names(group);
            let (last, others) =
                names.split_last().map_or(("", &names[..]), |(last, others)| (*last, others));
            notes.push(format!(
                "{} and {last} move together (correlation above 0.9): a model can use one for another, so their importance is \
                 measured together.",
                others.join(", ")
            ));
        }
        if self.n_folds == 1 {
            notes.push(
                "One split only: its scores depend on which rows were held out. Folds show how much."
                    .to_owned(),
            );
        }
        let n_tested = self.n_tested();
        let n_split = self.whole.fold.iter().filter(|&&f| f != ALWAYS_TRAINING).count() as u64;
        if n_tested < n_split {
            notes.push(format!(
                "{} dropped by a step when it learns from the training rows alone, and so have no held-out prediction.",
                match n_split - n_tested {
                    1 => "1 row is".to_owned(),
                    n => format!("{} rows are", count(n)),
                }
            ));
        }
        for result in &found.results {
            if let Some(error) = &result.error {
                notes.push(format!("{} has no scores: {error}.", result.title));
            }
        }
        let missing = self.plan.families.len() - found.results.len();
        if missing > 0 {
            notes.push(format!("Stopped before {missing} of {} models were done.", self.plan.families.len()));
        }
        let scored: Vec<&FamilyResult> = found.results.iter().filter(|r| r.error.is_none()).collect();
        let rows = match (self.n_left_out, self.n_folds) {
            (_, 1) => format!("{} of {} held out", count(n_tested), rows_of(self.whole.n_rows() as u64)),
            _ if n_tested < n_split => {
                format!("{} of {}, each held out once", count(n_tested), rows_of(n_split))
            }
            (0, _) => format!("all {}, each held out once", rows_of(n_tested)),
            _ => format!("{} with a known {}, each held out once", rows_of(n_tested), self.plan.target),
        };
        let held_out = found
            .predictions
            .iter()
            .find(|(family, _)| *family == found.verdict.winner)
            .map_or(&[][..], |(_, rows)| rows);
        let claims = verdict::claims(
            &self.plan.target,
            &scored,
            &found.pairs,
            &found.verdict,
            held_out,
            &found.folds,
            &rows,
        );
        Ok(Stage::Done(Comparison {
            plan: self.plan.clone(),
            candidates: std::mem::take(&mut self.candidates),
            n_rows: self.whole.n_rows() as u64,
            n_left_out: self.n_left_out,
            n_folds: self.n_folds,
            results: found.results,
            pairs: found.pairs,
            verdict: found.verdict,
            importance,
            predictions: found.predictions,
            claims,
            notes,
        }))
    }
}

impl Job for ComparisonJob {
    type Outcome = Comparison;
    type Error = ModelError;

    fn step(
        &mut self,
        outputs: Vec<Option<Vec<u8>>>,
        stopped: bool,
        _ctx: &Ctx<'_>,
    ) -> Result<Stage<Comparison>, ModelError> {
        match std::mem::replace(&mut self.asked, Asked::Nothing) {
            Asked::Nothing if stopped => Err(ModelError::Stopped),
            Asked::Nothing => {
                self.asked = Asked::Fits;
                Ok(Stage::Work(self.fits()?))
            }
            Asked::Fits => {
                let (found, fits) = self.read_fits(outputs)?;
                if stopped {
                    self.found = Some(found);
                    return self.finish(Vec::new());
                }
                let (batch, asked) = self.explanation(&found, fits)?;
                (self.found, self.asked) = (Some(found), asked);
                Ok(Stage::Work(batch))
            }
            Asked::Explanation { n_importance, finals } => {
                let mut outputs = outputs;
                let of_finals = outputs.split_off(n_importance.min(outputs.len()));
                let importance = self.importance(&outputs);
                if let Some(mut found) = self.found.take() {
                    let mut of_finals = of_finals.into_iter();
                    for place in finals {
                        let Some(result) = found.results.get_mut(place) else { continue };
                        let fit = self.fit_of(&result.family, ALL_ROWS);
                        if let Some(fit) = Self::take_back(&mut of_finals, &fit, &self.whole)? {
                            result.facts = fit.facts;
                            result.coefficients = fit.coefficients;
                        }
                    }
                    self.found = Some(found);
                }
                self.finish(importance)
            }
        }
    }
}

/// "in fold 2 of 5", "in the training rows".
fn place_of(fold: u32, n_folds: u32) -> String {
    if n_folds == 1 { "in the split".to_owned() } else { format!("in fold {} of {n_folds}", fold + 1) }
}

fn failure_note((title, reason): &(String, String), consequence: &str) -> String {
    format!(
        "The step “{title}” cannot be carried out {consequence}. Reason: {}.",
        reason.trim_end_matches('.')
    )
}

/// The target as it was read, by row of the file.
struct Truth(Option<Vec<f64>>);

/// What steps did to the target.
struct Altered {
    n_filled: u64,
    n_changed: u64,
}

impl Truth {
    fn of(as_read: &Table, target: &str) -> Self {
        let Ok(values) = target_of(as_read, target) else { return Self(None) };
        let n = as_read.row_ids().iter().max().map_or(0, |&id| id as usize + 1);
        let mut by_id = vec![f64::NAN; n];
        for (&id, value) in as_read.row_ids().iter().zip(values) {
            by_id[id as usize] = value;
        }
        Self(Some(by_id))
    }

    /// The table with this target in place of what steps made of it.
    fn restored(&self, mut table: Table, target: &str) -> Result<(Table, Altered), ModelError> {
        let mut altered = Altered { n_filled: 0, n_changed: 0 };
        let made = target_of(&table, target)?;
        let Some(by_id) = &self.0 else { return Ok((table, altered)) };
        let read: Vec<f64> =
            table.row_ids().iter().map(|&id| by_id.get(id as usize).copied().unwrap_or(f64::NAN)).collect();
        let mut differs = false;
        for (made, read) in made.iter().zip(&read) {
            match (made.is_nan(), read.is_nan()) {
                (false, true) => altered.n_filled += 1,
                (false, false) if made != read => altered.n_changed += 1,
                (true, false) => {}
                _ => continue,
            }
            differs = true;
        }
        if differs {
            let column = Column { values: Values::Number(read), ..find(&table, target)?.clone() };
            table.put(column).map_err(|_| ModelError::NoSuchColumn { name: target.to_owned() })?;
        }
        Ok((table, altered))
    }
}

impl Altered {
    fn note(&self, target: &str) -> Option<String> {
        let what = match (self.n_changed, self.n_filled) {
            (0, 0) => return None,
            (n, 0) => format!("changed it in {}", rows_of(n)),
            (0, n) => format!("filled it in {}, which are left out", rows_of(n)),
            (n, filled) => {
                format!(
                    "changed it in {} and filled it in {}, which are left out",
                    rows_of(n),
                    rows_of(filled)
                )
            }
        };
        Some(format!(
            "{target} is predicted as it was read: steps of the recipe {what}. What models are scored against must not \
             depend on the cleaning."
        ))
    }
}

/// What counts are counted per must be known before them, as a feature must.
fn check_exposures(
    families: &[FamilyChoice],
    target: &str,
    candidates: &[Candidate],
) -> Result<(), ModelError> {
    for name in families.iter().map(|c| exposure_name(&c.settings)).filter(|name| !name.is_empty()) {
        if name == target {
            let reason = format!("{name} is the target and cannot be its own exposure");
            return Err(ModelError::Refused { reason });
        }
        let found = candidates.iter().find(|c| c.column == name).map(|c| &c.standing);
        if let Some(Standing::Leaks { reason }) = found {
            let reason = reason.trim_end_matches('.');
            return Err(ModelError::Refused { reason: format!("{name} cannot be the exposure. {reason}") });
        }
    }
    Ok(())
}

/// Columns of a table by name, for the rows of a frame.
fn exposures(table: &Table, row_ids: &[u32], wanted: &[&str]) -> Result<Vec<(String, Vec<f64>)>, ModelError> {
    let mut out: Vec<(String, Vec<f64>)> = Vec::new();
    for &name in wanted {
        if name.is_empty() || out.iter().any(|(n, _)| n == name) {
            continue;
        }
        let values = target_of(table, name).map_err(|e| match e {
            ModelError::TargetNotNumeric { name } => {
                ModelError::Refused { reason: format!("the exposure “{name}” holds no numbers") }
            }
            other => other,
        })?;
        let n = table.row_ids().iter().max().map_or(0, |&id| id as usize + 1);
        let mut by_id = vec![f64::NAN; n];
        table.row_ids().iter().zip(values).for_each(|(&id, v)| by_id[id as usize] = v);
        let of_rows = row_ids.iter().map(|&id| by_id.get(id as usize).copied().unwrap_or(f64::NAN)).collect();
        out.push((name.to_owned(), of_rows));
    }
    Ok(out)
}

/// The ad group, else the campaign, of each row with a target: rows of one are not independent.
fn together(table: &Table, y: &[f64]) -> (String, Vec<u32>) {
    let of = |role: Role| table.columns().iter().find(|c| c.role == role);
    match of(Role::AdGroup).or_else(|| of(Role::Campaign)) {
        Some(column) => {
            let rows = (0..y.len() as u32).filter(|&r| !y[r as usize].is_nan());
            (column.name.clone(), group_codes(column, rows))
        }
        None => (String::new(), Vec::new()),
    }
}

fn check_target(name: &str, y: &[f64]) -> Result<(), ModelError> {
    let mut known = y.iter().copied().filter(|v| !v.is_nan());
    let Some(first) = known.next() else {
        return Err(ModelError::TooFewRows { needed: 2, got: 0 });
    };
    let mut n = 1;
    let mut differs = false;
    for value in known {
        n += 1;
        differs |= value != first;
    }
    if n < 2 {
        Err(ModelError::TooFewRows { needed: 2, got: n })
    } else if differs {
        Ok(())
    } else {
        Err(ModelError::ConstantTarget { name: name.to_owned(), value: first })
    }
}

/// The features by name, and notes on those that cannot or should not be used.
fn chosen_features(
    table: &Table,
    plan: &ModelPlan,
    candidates: &[Candidate],
    informed: &[Informed],
    notes: &mut Vec<String>,
) -> Result<Vec<String>, ModelError> {
    let asked = |name: &str| plan.features.is_empty() || plan.features.iter().any(|f| f == name);
    for name in &plan.features {
        find(table, name)?;
        if *name == plan.target {
            notes.push(format!("{name} is the target and was left out of the features."));
        }
    }
    let mut features = Vec::new();
    let mut unusable = Vec::new();
    let mut leaks = Vec::new();
    // What is left out is told whether or not the plan names its features: a plan that was filled in gives the same notes.
    for candidate in candidates {
        match &candidate.standing {
            Standing::Used if asked(&candidate.column) => features.push(candidate.column.clone()),
            Standing::Used => {}
            Standing::Leaks { .. } => leaks.push(candidate.column.as_str()),
            Standing::Unusable { .. } => unusable.push(candidate.column.as_str()),
        }
    }
    if !leaks.is_empty() {
        notes.push(format!("Left out because they would give the target away: {}.", leaks.join(", ")));
    }
    if !unusable.is_empty() {
        notes.push(format!("Left out because they are of no use to a model: {}.", unusable.join(", ")));
    }
    // What is used only because it was unblocked.
    let blocked = choices::candidates(table, &plan.target, &[], informed)?;
    let forced: Vec<&str> = blocked
        .iter()
        .filter(|c| matches!(c.standing, Standing::Leaks { .. }) && features.contains(&c.column))
        .map(|c| c.column.as_str())
        .collect();
    if !forced.is_empty() {
        notes.push(format!(
            "Used although they are not known before {}: {}. The scores are better than they will be on new rows.",
            plan.target,
            forced.join(", ")
        ));
    }
    if features.is_empty() { Err(ModelError::NoFeatures) } else { Ok(features) }
}

/// The families in the order of the registry, each once, the baseline always among them, with checked settings.
fn chosen_families(plan: &ModelPlan) -> Result<Vec<FamilyChoice>, ModelError> {
    for choice in &plan.families {
        super::family(&choice.family)?.trainer(&choice.settings)?;
    }
    Ok(FAMILIES
        .iter()
        .filter_map(|family| {
            let chosen = plan.families.iter().find(|c| c.family == family.slug());
            match chosen {
                Some(choice) => Some(choice.clone()),
                None if (plan.families.is_empty() && family.is_default()) || family.slug() == "baseline" => {
                    Some(FamilyChoice { family: family.slug().to_owned(), settings: Settings::new() })
                }
                None => None,
            }
        })
        .collect())
}
