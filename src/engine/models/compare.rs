//! The comparison as a job: honest folds, one task a family and fold, then the explanation of the winner.

use super::{
    FAMILIES, choices,
    comparison::{Comparison, FamilyResult, Importance, PairTest, Prediction, Scores, Verdict},
    design::{Design, WAYS},
    explain::Explainable,
    family::ModelError,
    folds::{self, exposures},
    frame::{ALWAYS_TRAINING, FeatureValues, Frame, NEITHER, find, group_codes},
    leaks::twins::Twins,
    linked::linked_features,
    metrics,
    outcome::{Outcome, Score, TwoValues},
    plan::{Candidate, FamilyChoice, ModelPlan, Standing},
    split,
    tune::record,
    verdict::{self, Folds},
    work::{ALL_ROWS, FitFold, FitPart, FoldFit, Importances, exposure_name},
    yes_no::{Probabilities, YesNoFindings},
};
use crate::engine::{
    context::Ctx,
    data::table::Table,
    knobs::Settings,
    numeric::math,
    order::InOrder,
    task::{self, Batch, Job, SharedId, Stage, fingerprint},
    words::{self, count, counted, rows_of},
};

pub use super::folds::{Made, Source};

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
    /// The values of a target predicted as yes or no; `None` for an amount.
    two_values: Option<TwoValues>,
    /// What no and yes are called in the file.
    two_words: (String, String),
    /// What counts of the target are counted per, by the funnel.
    exposure: Option<String>,
    asked: Asked,
    found: Option<Found>,
    /// The family that is explained, where it is not the winner.
    explained: Option<String>,
    /// The explained family as fitted on all rows.
    final_fit: Option<(String, Vec<u8>)>,
    explainable: Option<Explainable>,
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

impl ComparisonJob {
    /// Prepares tables and splits.
    pub fn new(source: Source<'_>, plan: ModelPlan, ctx: &Ctx<'_>) -> Result<Self, ModelError> {
        let mut source = source;
        let mut ready = source.ready(&plan)?;
        let outcome = ready.decide_outcome(source.as_read, &plan)?;
        let two_words = ready.two_words(source.as_read, &plan.target)?;
        let (mut notes, n_left_out) = (std::mem::take(&mut ready.notes), ready.n_left_out);
        let two_values = ready.two_values;
        let table = &ready.table;
        let candidates = choices::candidates(table, &plan.target, &plan.unblocked, &ready.informed)?;
        let features = chosen_features(table, &plan, &candidates, &mut notes)?;
        let families = chosen_families(&plan, outcome, &mut notes)?;
        let mut whole = ready.frame(&plan.target, &features)?;
        let n_folds = split::split_frame(&mut whole, table, &plan.validation, plan.seed)?;
        notes.extend(twins(table, &whole));
        notes.extend(record::notes(&plan));
        notes.extend(check_ways(table, &whole, &families)?);
        let exposure = choices::exposure(table, &plan.target);
        check_exposures(table, &families, &plan.target, &candidates)?;
        let wanted: Vec<&str> =
            families.iter().map(|c| exposure_name(&c.settings)).chain(exposure.as_deref()).collect();
        whole.beside.exposures = exposures(table, &whole.row_ids, &wanted)?;
        let per_fold = source.frames(&ready, &whole, n_folds, &wanted, &mut notes, ctx)?;
        Ok(Self {
            plan: ModelPlan { features, families, outcome: Some(outcome), ..plan },
            candidates,
            n_left_out,
            notes,
            whole,
            per_fold,
            n_folds,
            linked: Vec::new(),
            two_values,
            two_words,
            exposure,
            asked: Asked::Nothing,
            found: None,
            explained: None,
            final_fit: None,
            explainable: None,
        })
    }

    /// Has another family explained than the winner.
    pub fn explaining(self, family: &str) -> Self {
        Self { explained: Some(family.to_owned()), ..self }
    }

    /// What an explanation needs, once the comparison is done; nothing where it was stopped before.
    pub fn take_explainable(&mut self) -> Option<Explainable> {
        self.explainable.take()
    }

    pub(super) fn outcome(&self) -> Outcome {
        self.plan.outcome.unwrap_or_default()
    }

    /// Rows with a target.
    pub(super) fn n_rows(&self) -> usize {
        self.whole.n_rows()
    }

    /// Folds, 1 for a hold-out split.
    pub(super) fn n_folds(&self) -> u32 {
        self.n_folds
    }

    /// The frame of a fold, or that of all rows.
    pub(super) fn frame_of(&self, fold: u32) -> &Frame {
        if fold == ALL_ROWS { &self.whole } else { self.frame(fold) }
    }

    /// Equal for folds that have one frame in common.
    pub(super) fn frame_key(&self, fold: u32) -> u32 {
        if self.per_fold.is_empty() { ALL_ROWS } else { fold }
    }

    /// Rows that train in a fold, or in all rows.
    pub(super) fn n_training(&self, fold: u32) -> usize {
        self.frame_of(fold).training_rows(fold).len()
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

    pub(super) fn settings_of(&self, family: &str) -> Settings {
        folds::settings_of(&self.plan, family, self.exposure.as_deref())
    }

    fn seed(&self, family: &str, fold: u32) -> u64 {
        self.plan.seed ^ fingerprint(family.as_bytes()).wrapping_add(u64::from(fold))
    }

    /// Rows that have a held-out prediction: those of the split, less those dropped by a step inside their own fold.
    fn n_tested(&self) -> u64 {
        let n = self.whole.row_ids.iter().max().map_or(0, |&id| id as usize + 1);
        let mut is_tested = vec![false; n];
        for fold in 0..self.n_folds {
            let frame = self.frame(fold);
            for row in frame.test_rows(fold) {
                is_tested[frame.row_ids[row as usize] as usize] = true;
            }
        }
        is_tested.into_iter().filter(|t| *t).count() as u64
    }

    /// What tests over the folds need to know of them, but for the rows held out in some fold.
    pub(super) fn folds(&self) -> Folds {
        let test_over_train = |fold: u32| {
            let frame = self.frame(fold);
            frame.test_rows(fold).len() as f64 / frame.training_rows(fold).len() as f64
        };
        Folds {
            n_folds: self.n_folds,
            n_test: 0,
            test_over_train: math::sum((0..self.n_folds).map(test_over_train)) / f64::from(self.n_folds),
            outcome: self.outcome(),
        }
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
            let title = super::family(&choice.family)?.title_for(self.outcome());
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
        let outcome = self.outcome();
        let mut losses: Vec<Vec<f64>> = Vec::new();
        for choice in &self.plan.families {
            let fits = (0..self.n_folds)
                .map(|fold| {
                    let fit = self.fit_of(&choice.family, fold);
                    Self::take_back(&mut outputs, &fit, self.frame(fold))
                })
                .collect::<Result<Vec<_>, _>>()?;
            let Some(fits) = fits.into_iter().collect::<Option<Vec<FoldFit>>>() else { continue };
            let title = super::family(&choice.family)?.title_for(outcome).to_owned();
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
                losses.push(Vec::new());
                continue;
            }
            let mut rows: Vec<Prediction> = Vec::new();
            for (fold, fit) in (0..).zip(&fits) {
                let frame = self.frame(fold);
                let test = frame.test_rows(fold);
                result.folds.push(metrics::scored(outcome, &frame.y_of(&test), &fit.predictions));
                rows.extend(test.iter().zip(&fit.predictions).map(|(&r, &predicted)| Prediction {
                    row: frame.row_ids[r as usize],
                    actual: frame.y[r as usize],
                    predicted,
                }));
            }
            rows.order_by_key(|p| p.row);
            let rows = averaged(&rows);
            let (actual, predicted): (Vec<f64>, Vec<f64>) =
                rows.iter().map(|p| (p.actual, p.predicted)).unzip();
            (result.mean, result.sd) = metrics::mean_and_sd(&result.folds);
            result.pooled = metrics::scored(outcome, &actual, &predicted);
            losses.push(rows.iter().map(|p| metrics::loss_of(outcome, p)).collect());
            predictions.push((choice.family.clone(), rows));
            results.push(result);
            kept.push(fits);
        }
        let worked: Vec<usize> = (0..results.len()).filter(|&i| results[i].error.is_none()).collect();
        let n_test = predictions.first().map_or(0, |(_, rows)| rows.len() as u64);
        let folds = Folds { n_test, ..self.folds() };
        let mut pairs = Vec::new();
        for (place, &i) in worked.iter().enumerate() {
            for &j in &worked[place + 1..] {
                pairs.push(verdict::pair(&results[i], &results[j], (&losses[i], &losses[j]), &folds));
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
        let winner = self.explained.as_ref().unwrap_or(&found.verdict.winner);
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
        out.order_by(|a, b| b.mean.total_cmp(&a.mean));
        out
    }

    /// What an explanation needs, with the frame.
    fn left_behind(&mut self, found: &Found, importance: &[Importance]) -> Option<Explainable> {
        let (family, fitted) = self.final_fit.take().filter(|(_, fitted)| !fitted.is_empty())?;
        let result = found.results.iter().find(|r| r.family == family)?.clone();
        let predictions = found.predictions.iter().find(|(f, _)| *f == family)?.1.clone();
        Some(Explainable {
            settings: self.settings_of(&family),
            plan: self.plan.clone(),
            frame: std::mem::take(&mut self.whole),
            result,
            fitted,
            importance: importance.to_vec(),
            predictions,
            n_folds: self.n_folds,
        })
    }

    /// Which rows the scores are of: "all 1,143 rows, each held out once".
    fn rows_words(&self, n_tested: u64, n_split: u64, times: &[u32]) -> String {
        let n_rows = self.whole.n_rows() as u64;
        if self.n_folds == 1 || self.whole.beside.is_forward {
            return format!("{} of {} held out", count(n_tested), rows_of(n_rows));
        }
        let times = match times.iter().max() {
            Some(&n) if n > 1 => format!("{n} times"),
            _ => "once".to_owned(),
        };
        match self.n_left_out {
            _ if n_tested < n_split => {
                format!("{} of {}, each held out {times}", count(n_tested), rows_of(n_split))
            }
            0 => format!("all {}, each held out {times}", rows_of(n_tested)),
            _ => format!("{} with a known {}, each held out {times}", rows_of(n_tested), self.plan.target),
        }
    }

    /// What a reader must know of the split.
    fn split_notes(&self, times: &[u32]) -> Vec<String> {
        let mut notes = Vec::new();
        if self.n_folds == 1 {
            notes.push(
                "One split only: its scores depend on which rows were held out. Folds show how much."
                    .to_owned(),
            );
        }
        if let Some(&n) = times.iter().max().filter(|n| **n > 1) {
            notes.push(format!(
                "Each row is held out {n} times, by other models each time: charts and the score of all rows together are of the mean of \
                 its {n} predictions, which is a little steadier than one model."
            ));
        }
        if let Some(date) = self.plan.validation.date() {
            let of = |fold: u32| self.whole.fold.iter().filter(|f| **f == fold).count() as u64;
            let undated = match of(NEITHER) {
                0 => String::new(),
                n => format!(" {} without a {date} and were left out.", counted(n, "row is", "rows are")),
            };
            notes.push(format!(
                "Every row is predicted from rows with an earlier {date} alone: the first {} only train.{undated}",
                rows_of(of(ALWAYS_TRAINING))
            ));
        }
        notes
    }

    fn yes_no(&self, predictions: &[(String, Vec<Prediction>)]) -> Option<YesNoFindings> {
        self.two_values?;
        let (no, yes) = self.two_words.clone();
        Some(YesNoFindings {
            yes,
            no,
            n: self.whole.n_rows() as u64,
            n_yes: self.whole.y.iter().filter(|v| **v == 1.0).count() as u64,
            families: predictions.iter().map(|(family, rows)| Probabilities::of(family, rows)).collect(),
        })
    }

    /// On how many folds AUC rests, where some hold out rows of one value only.
    fn unranked_note(&self, results: &[FamilyResult]) -> Option<String> {
        self.two_values?;
        let scored = results.iter().find(|r| r.error.is_none())?;
        let n = scored.folds.len();
        let n_ranked = scored.folds.iter().filter(|s| Score::Auc.of(s).is_some()).count();
        (n > 1 && n_ranked < n).then(|| {
            format!(
                "AUC and PR-AUC rest on {n_ranked} of {n} folds: the rows held out in the others have one value of {} only, \
                 among which nothing can be ranked.",
                self.plan.target
            )
        })
    }

    /// Which models predict less than nothing where there never is.
    fn floor_note(&self, found: &Found) -> Option<String> {
        if self.outcome() != Outcome::Amount || self.whole.y.iter().any(|y| *y < 0.0) {
            return None;
        }
        let (mut titles, mut most, mut n_rows) = (Vec::new(), 0, 0);
        for (family, rows) in &found.predictions {
            let n = rows.iter().filter(|p| p.predicted < 0.0).count() as u64;
            if n > 0 {
                let title = found
                    .results
                    .iter()
                    .find(|r| r.family == *family)
                    .map(|r| verdict::in_sentence(&r.title));
                titles.extend(title);
                (most, n_rows) = (n.max(most), rows.len() as u64);
            }
        }
        let (predict, they, up_to) = match titles.len() {
            0 => return None,
            1 => ("predicts", "it knows", ""),
            _ => ("predict", "they know", "up to "),
        };
        Some(format!(
            "{} {predict} less than 0 in {up_to}{} of {}, though {} is never below 0: {they} no floor. Read such a prediction \
             as 0; a Poisson model stays above it.",
            words::capitalised(&words::list(&titles)),
            count(most),
            rows_of(n_rows),
            self.plan.target
        ))
    }

    fn finish(&mut self, importance: Vec<Importance>) -> Result<Stage<Comparison>, ModelError> {
        let Some(mut found) = self.found.take() else { return Err(ModelError::Stopped) };
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
        if self.two_values.is_some() {
            let (no, yes) = &self.two_words;
            if ![("0", "1"), ("no", "yes")].contains(&(no.as_str(), yes.as_str())) {
                notes.push(format!("Yes is {} = {yes}, no is {no}.", self.plan.target));
            }
        }
        if let Some((title, rank)) = found
            .results
            .iter()
            .filter(|r| matches!(r.family.as_str(), "linear_regression" | "logistic_regression"))
            .find_map(|r| Some((&r.title, r.facts.iter().find(|(name, _)| name == "rank")?)))
            .map(|(title, (_, value))| (title, value))
            && let Some((rank, of)) = rank.split_once(" of ")
            && rank != of
        {
            notes.push(format!(
                "{title}: only {rank} of {of} columns say something new; the others follow from them and \
                 share their weight."
            ));
        }
        let is_separated = |r: &&FamilyResult| {
            r.family == "logistic_regression" && r.facts.iter().any(|(_, value)| value.contains("separation"))
        };
        if let Some(result) = found.results.iter().find(is_separated) {
            notes.push(format!(
                "{}: some columns tell yes from no without fail, so their effects would have no bound (separation). A \
                 small penalty holds them back.",
                result.title
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
        notes.extend(self.unranked_note(&found.results));
        notes.extend(self.floor_note(&found));
        let n_tested = self.n_tested();
        let times = self.whole.times_held_out();
        let n_split = times.iter().filter(|&&n| n > 0).count() as u64;
        notes.extend(self.split_notes(&times));
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
        let models = self.plan.families.iter().filter(|c| c.family != "baseline").count();
        let missing = self.plan.families.len() - found.results.len();
        if missing > 0 {
            // Said where the winner is named, on the page as in the list of runs: what was not compared may be better.
            let sentence = &mut found.verdict.sentence;
            *sentence = format!("{} Stopped before {missing} of {models} models were done.", sentence.trim());
        }
        let scored: Vec<&FamilyResult> = found.results.iter().filter(|r| r.error.is_none()).collect();
        let rows = self.rows_words(n_tested, n_split, &times);
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
        let n_rows = self.whole.n_rows() as u64;
        let yes_no = self.yes_no(&found.predictions);
        // The frame goes with it: from here on nothing looks at it.
        self.explainable = self.left_behind(&found, &importance);
        Ok(Stage::Done(Comparison {
            plan: self.plan.clone(),
            candidates: std::mem::take(&mut self.candidates),
            n_rows,
            n_left_out: self.n_left_out,
            n_folds: self.n_folds,
            results: found.results,
            pairs: found.pairs,
            verdict: found.verdict,
            importance,
            yes_no,
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
                    // Only the mean was done: nothing that could take the place of an earlier comparison.
                    if found.results.iter().all(|r| r.family == "baseline") {
                        return Err(ModelError::Stopped);
                    }
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
                            if result.family == *self.explained.as_ref().unwrap_or(&found.verdict.winner) {
                                self.final_fit = Some((result.family.clone(), fit.fitted));
                            }
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

/// Of each row the mean of its held-out predictions; `rows` in order.
fn averaged(rows: &[Prediction]) -> Vec<Prediction> {
    let mean = |same: &[Prediction]| Prediction {
        predicted: math::sum(same.iter().map(|p| p.predicted)) / same.len() as f64,
        ..same[0]
    };
    rows.chunk_by(|a, b| a.row == b.row).map(mean).collect()
}

/// What counts are counted per must be known before them, as a feature must.
fn check_exposures(
    table: &Table,
    families: &[FamilyChoice],
    target: &str,
    candidates: &[Candidate],
) -> Result<(), ModelError> {
    for name in families.iter().map(|c| exposure_name(&c.settings)).filter(|name| !name.is_empty()) {
        if name == target {
            let reason = format!("{name} is the target and cannot be its own exposure");
            return Err(ModelError::Refused { reason });
        }
        let found = candidates.iter().find(|c| c.column == name);
        if let Some(reason) = found.and_then(|c| choices::no_exposure(table, target, c)) {
            return Err(ModelError::Refused { reason: format!("{name} cannot be the exposure. {reason}") });
        }
    }
    Ok(())
}

/// Columns whose effect may only go one way must be there and hold numbers; a note names those no model has.
fn check_ways(table: &Table, frame: &Frame, families: &[FamilyChoice]) -> Result<Option<String>, ModelError> {
    let mut idle: Vec<&str> = Vec::new();
    let named = families.iter().flat_map(|c| WAYS.iter().flat_map(|(slug, _)| c.settings.texts(slug)));
    for name in named {
        find(table, name)?;
        match frame.features.iter().find(|f| &f.name == name).map(|f| &f.values) {
            Some(FeatureValues::Number(_)) => {}
            Some(FeatureValues::Category { .. }) => return Err(ModelError::NoWay { name: name.clone() }),
            None if idle.contains(&name.as_str()) => {}
            None => idle.push(name),
        }
    }
    Ok((!idle.is_empty()).then(|| {
        let names = words::list(&idle);
        format!("{names} may only go one way by the settings of a model, but no model looks at it.")
    }))
}

/// What is to be said of equal rows on both sides of the split.
fn twins(table: &Table, frame: &Frame) -> Option<String> {
    let found = Twins::of(frame);
    if found.n == 0 {
        return None;
    }
    let mut place = vec![None; table.row_ids().iter().max().map_or(0, |&id| id as usize + 1)];
    table.row_ids().iter().zip(0_u32..).for_each(|(&id, row)| place[id as usize] = Some(row));
    let rows: Vec<u32> = frame.row_ids.iter().filter_map(|&id| place[id as usize]).collect();
    let codes = |name: String| {
        let codes = group_codes(find(table, &name).ok()?, rows.iter().copied());
        Some((name, codes))
    };
    let together: Vec<_> = choices::groups(table).into_iter().filter_map(codes).collect();
    found.note(frame, &together)
}

/// The features by name, and notes on those that cannot or should not be used.
fn chosen_features(
    table: &Table,
    plan: &ModelPlan,
    candidates: &[Candidate],
    notes: &mut Vec<String>,
) -> Result<Vec<String>, ModelError> {
    // What says how much a row counts says nothing else.
    let asked = |name: &str| {
        let is_named = plan.features.is_empty() || plan.features.iter().any(|f| f == name);
        is_named && plan.weight.as_deref() != Some(name)
    };
    for name in &plan.features {
        find(table, name)?;
        if *name == plan.target {
            notes.push(format!("{name} is the target and was left out of the features."));
        }
    }
    let mut features = Vec::new();
    let mut unusable = Vec::new();
    let mut aside = Vec::new();
    let mut leaks = Vec::new();
    // What is used only because it was unblocked.
    let mut forced = Vec::new();
    // What is left out is told whether or not the plan names its features: a plan that was filled in gives the same notes.
    let mut doubtful = Vec::new();
    for candidate in candidates {
        let name = candidate.column.as_str();
        let is_asked = candidate.standing.is_used() && asked(name);
        if is_asked {
            features.push(name.to_owned());
        }
        match &candidate.standing {
            Standing::Leaks { .. } => leaks.push(name),
            Standing::Unusable { .. } => unusable.push(name),
            Standing::Aside { .. } => aside.push(name),
            Standing::Unblocked { .. } if is_asked => forced.push(name),
            Standing::Doubtful { .. } if is_asked => doubtful.push(name),
            Standing::Used
            | Standing::Doubtful { .. }
            | Standing::Unblocked { .. }
            | Standing::Wanted { .. } => {}
        }
    }
    if !leaks.is_empty() {
        notes.push(format!("Left out because they would give the target away: {}.", leaks.join(", ")));
    }
    if !unusable.is_empty() {
        notes.push(format!("Left out because they are of no use to a model: {}.", unusable.join(", ")));
    }
    if !aside.is_empty() {
        notes.push(format!("Left out because they tell little of new rows: {}.", aside.join(", ")));
    }
    if !forced.is_empty() {
        notes.push(format!(
            "Used although they are not known before {}: {}. The scores are better than they will be on new rows.",
            plan.target,
            forced.join(", ")
        ));
    }
    if !doubtful.is_empty() {
        notes.push(format!(
            "Used, but make sure that they are known before {}: {}. The reasons stand beside the columns.",
            plan.target,
            doubtful.join(", ")
        ));
    }
    if features.is_empty() { Err(ModelError::NoFeatures) } else { Ok(features) }
}

/// The families in the order of the registry, each once, the baseline always among them, with checked settings. Those that
/// do not predict this are left out, with a note.
fn chosen_families(
    plan: &ModelPlan,
    outcome: Outcome,
    notes: &mut Vec<String>,
) -> Result<Vec<FamilyChoice>, ModelError> {
    let mut unsuited = Vec::new();
    for choice in &plan.families {
        let family = super::family(&choice.family)?;
        family.trainer_for(outcome, &choice.settings)?;
        if !family.suits(outcome) {
            unsuited.push(family.title());
        }
    }
    if !unsuited.is_empty() {
        let what = match outcome {
            Outcome::Amount => "amounts",
            Outcome::YesNo => "a yes or no",
        };
        notes.push(format!("Left out because they do not predict {what}: {}.", unsuited.join(", ")));
    }
    Ok(FAMILIES
        .iter()
        .filter(|family| family.suits(outcome))
        .filter_map(|family| {
            let chosen = plan.families.iter().find(|c| c.family == family.slug());
            match chosen {
                Some(choice) => Some(choice.clone()),
                None if (plan.families.is_empty() && family.is_default_for(outcome))
                    || family.slug() == "baseline" =>
                {
                    Some(FamilyChoice { family: family.slug().to_owned(), settings: Settings::new() })
                }
                None => None,
            }
        })
        .collect())
}
