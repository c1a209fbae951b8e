//! The learning curve: how the score of one model grows with the rows it is fitted on, and whether more rows would help.
//!
//! On each fold of the comparison the model is fitted on a part of the training rows, from a sixteenth to all of them, each part holding the
//! smaller ones; rows that belong together come together where the folds keep them so. Held-out rows are the fold's own and the
//! same for every size. What a model learns (filling, levels, scaling) it learns from its part alone.
//!
//! The score is that of the outcome: R², for a yes/no AUC. A fold whose held-out rows are all yes or all no has no AUC at any size; it is left out of
//! the means and a note says so.

use serde::{Deserialize, Serialize};

use super::{
    choices,
    comparison::Scores,
    design::Design,
    family::{Beyond, ModelError},
    folds::{self, Source, exposures},
    frame::Frame,
    ladder::{r_squared, without_auc},
    metrics,
    outcome::Score,
    plan::ModelPlan,
    split,
    verdict::{self, Folds, Tested, in_sentence},
    work::{FitFold, exposure_name},
};
use crate::engine::{
    context::Ctx,
    knobs::Settings,
    numeric::math,
    order::InOrder,
    task::{self, Batch, Job, Stage, TaskError, Work, fingerprint},
    words::{capitalised, count, decimals, p_value, rows_of},
};

/// Sizes: each is the one before by the square root of 2, down to a sixteenth.
const STEPS: u32 = 8;

/// Fewest rows a part holds.
const FEWEST: usize = 10;

/// Below this p the last doubling of the rows is told from nothing.
const LEVEL: f64 = 0.05;

/// Stream of the order in which rows are added.
const ORDER_STREAM: u64 = 0x1ea2;

/// What is drawn, as a recipe holds it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CurvePlan {
    /// Slug of the family; empty: the one the comparison chose, or the best where that is the mean.
    #[serde(default)]
    pub family: String,
}

/// One size.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CurvePoint {
    /// Share of the training rows.
    pub share: f64,
    /// Rows it is fitted on, mean over the folds.
    pub n_train: f64,
    /// Held-out scores of each fold.
    pub folds: Vec<Scores>,
    /// Their mean.
    pub mean: Scores,
    /// Their sample standard deviation.
    pub sd: Scores,
    /// Scores on the rows it was fitted on, mean over the folds.
    pub fitted: Scores,
}

/// The whole curve.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LearningCurve {
    /// With the family filled in.
    pub plan: CurvePlan,
    /// The target.
    pub target: String,
    /// What the curve is of: R², or AUC for a yes/no.
    #[serde(default = "r_squared")]
    pub measure: Score,
    /// Name of the family.
    pub title: String,
    /// How rows were held out: "5 folds".
    pub validation: String,
    /// From the fewest rows to all.
    pub points: Vec<CurvePoint>,
    /// Gain of the last doubling of the rows, mean over the folds.
    pub gain: Option<f64>,
    /// Its 95 % interval by the corrected resampled t.
    pub gain_interval: Option<(f64, f64)>,
    /// Two-sided p of that gain.
    pub gain_p: Option<f64>,
    /// What it says.
    pub sentence: String,
    /// What a reader must know.
    pub notes: Vec<String>,
}

impl LearningCurve {
    /// The score the curve is of; `None` where it is undefined.
    pub fn score(&self, scores: &Scores) -> Option<f64> {
        self.measure.of(scores)
    }
}

/// Fits a family on a part of the training rows of a fold, and scores it on them and on the held-out rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FitPartOfRows {
    /// What is fitted.
    pub fit: FitFold,
    /// Share of the training rows.
    pub share: f64,
    /// Seed of the order in which rows are added: one a fold, so that a larger part holds the smaller ones.
    pub order: u64,
    /// Whether rows of one group come together.
    pub by_group: bool,
}

/// What one fit says of itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PartScores {
    /// Rows it was fitted on.
    pub n_train: u64,
    /// On the held-out rows.
    pub held_out: Scores,
    /// On the rows it was fitted on.
    pub fitted: Scores,
}

impl FitPartOfRows {
    /// The training rows of the part, in the order of the frame.
    fn rows(&self, frame: &Frame) -> Vec<u32> {
        let all = frame.training_rows(self.fit.fold);
        let least = (all.len() as f64 * self.share).round().max(FEWEST as f64) as usize;
        if least >= all.len() {
            return all;
        }
        let mut rng = crate::engine::numeric::random::Rng::stream(self.order, ORDER_STREAM);
        let groups = &frame.beside.groups;
        let mut chosen: Vec<u32> = if self.by_group && groups.len() == frame.n_rows() {
            let n_groups = groups.iter().max().map_or(0, |&g| g + 1);
            let mut order: Vec<u32> = (0..n_groups).collect();
            rng.shuffle(&mut order);
            let mut place = vec![0_u32; n_groups as usize];
            (0..).zip(&order).for_each(|(at, &group)| place[group as usize] = at);
            let mut rows = all;
            rows.order_by_key(|&row| place[groups[row as usize] as usize]);
            // Whole groups until the part has its rows.
            let end = |at: usize| {
                at + 1 == rows.len() || groups[rows[at] as usize] != groups[rows[at + 1] as usize]
            };
            let n = (least - 1..rows.len()).find(|&at| end(at)).map_or(rows.len(), |at| at + 1);
            rows.truncate(n);
            rows
        } else {
            let mut rows = all;
            rng.shuffle(&mut rows);
            rows.truncate(least);
            rows
        };
        chosen.sort_unstable();
        chosen
    }

    fn scores(&self, frame: &Frame, ctx: &Ctx<'_>) -> Result<PartScores, ModelError> {
        let family = super::family(&self.fit.family)?;
        let trainer = family.trainer_for(frame.beside.outcome, &self.fit.settings)?;
        let training = self.rows(frame);
        let design = Design::learn(frame, &training, family.wants_dummies());
        let name = exposure_name(&self.fit.settings);
        let (x, y) = (design.training(frame, &training, &self.fit.settings)?, frame.y_of(&training));
        let exposure = frame.exposure_of(name, &training);
        let (weights, blocks) = (frame.weights_of(&training), frame.blocks_of(&training));
        let beyond = Beyond { exposure: &exposure, weights: &weights, blocks: Some(&blocks) };
        let fitted = trainer.fit_with(&x, &y, beyond, ctx)?;
        let test = frame.test_rows(self.fit.fold);
        let exposed = frame.exposure_of(name, &test);
        let held_out = fitted.predict_exposed(&design.matrix(frame, &test), &exposed);
        let own = fitted.predict_exposed(&x, &exposure);
        if held_out.iter().chain(&own).any(|p| !p.is_finite()) {
            return Err(ModelError::Singular);
        }
        Ok(PartScores {
            n_train: training.len() as u64,
            held_out: metrics::scored(frame.beside.outcome, &frame.y_of(&test), &held_out),
            fitted: metrics::scored(frame.beside.outcome, &y, &own),
        })
    }
}

impl Work for FitPartOfRows {
    const SLUG: &'static str = "models.fit_part_of_rows";
    type Shared = Frame;
    type Output = Result<PartScores, ModelError>;

    fn run(self, frame: &Frame, ctx: &Ctx<'_>) -> Result<Self::Output, TaskError> {
        match self.scores(frame, ctx) {
            Err(ModelError::Stopped) => Err(TaskError::Stopped),
            other => Ok(other),
        }
    }
}

/// Draws the curve.
pub struct LearningCurveJob {
    curve: LearningCurve,
    settings: Settings,
    whole: Frame,
    per_fold: Vec<Frame>,
    n_folds: u32,
    shares: Vec<f64>,
    by_group: bool,
    seed: u64,
    is_asked: bool,
}

impl LearningCurveJob {
    /// Prepares the split of the comparison. `model`: its plan, filled in; `chosen`: the family when the plan names none.
    pub fn new(
        source: Source<'_>,
        plan: CurvePlan,
        model: &ModelPlan,
        chosen: &str,
        ctx: &Ctx<'_>,
    ) -> Result<Self, ModelError> {
        let mut source = source;
        let mut ready = source.ready(model)?;
        let mut notes = std::mem::take(&mut ready.notes);
        let outcome = ready.decide_outcome(source.as_read, model)?;
        let slug = if plan.family.is_empty() { chosen } else { &plan.family };
        let family = super::family(slug)?;
        let exposure = choices::exposure(&ready.table, &model.target);
        let settings = folds::settings_of(model, slug, exposure.as_deref());
        let exposed: Vec<&str> =
            Some(exposure_name(&settings)).into_iter().filter(|n| !n.is_empty()).collect();
        let mut whole = ready.frame(&model.target, &model.features)?;
        if whole.features.is_empty() {
            return Err(ModelError::NoFeatures);
        }
        let n_folds = split::split_frame(&mut whole, &ready.table, &model.validation, model.seed)?;
        whole.beside.exposures = exposures(&ready.table, &whole.row_ids, &exposed)?;
        let per_fold = source.frames(&ready, &whole, n_folds, &exposed, &mut notes, ctx)?;
        if !per_fold.is_empty() {
            notes.push(
                "Steps of the recipe that learn did so on all training rows of a fold, for every size; models learnt from their part alone."
                    .to_owned(),
            );
        }
        let of = |fold: u32| per_fold.get(fold as usize).unwrap_or(&whole).training_rows(fold).len();
        let n_least = (0..n_folds).map(of).min().unwrap_or(0);
        let shares: Vec<f64> = (0..=STEPS)
            .rev()
            .map(|step| math::exp(-f64::from(step) / 2.0 * std::f64::consts::LN_2))
            .filter(|share| *share == 1.0 || n_least as f64 * share >= FEWEST as f64)
            .collect();
        if shares.len() < 2 {
            return Err(ModelError::TooFewRows { needed: 2 * FEWEST, got: n_least });
        }
        let curve = LearningCurve {
            plan: CurvePlan { family: slug.to_owned() },
            target: model.target.clone(),
            measure: outcome.headline(),
            title: family.title_for(outcome).to_owned(),
            validation: model.validation.words(),
            points: Vec::new(),
            gain: None,
            gain_interval: None,
            gain_p: None,
            sentence: String::new(),
            notes,
        };
        let by_group = model.validation.group().is_some();
        Ok(Self {
            curve,
            settings,
            whole,
            per_fold,
            n_folds,
            shares,
            by_group,
            seed: model.seed,
            is_asked: false,
        })
    }

    fn frame(&self, fold: u32) -> &Frame {
        self.per_fold.get(fold as usize).unwrap_or(&self.whole)
    }

    /// Size by size, the smallest first, each with its folds.
    fn work(&self) -> Batch {
        let mut batch = Batch::default();
        let mut ids = Vec::new();
        for fold in 0..self.n_folds {
            ids.push(match ids.first() {
                Some(&id) if self.per_fold.is_empty() => id,
                _ => batch.share(self.frame(fold)),
            });
        }
        let family = &self.curve.plan.family;
        for &share in &self.shares {
            for (fold, &id) in (0..).zip(&ids) {
                let fit = FitFold { family: family.clone(), settings: self.settings.clone(), fold };
                let order = self.seed.wrapping_add(u64::from(fold));
                let work = FitPartOfRows { fit, share, order, by_group: self.by_group };
                let label = format!(
                    "{} on {} % of the rows, fold {} of {}",
                    self.curve.title,
                    decimals(100.0 * share, 0),
                    fold + 1,
                    self.n_folds
                );
                let seed = self.seed ^ fingerprint(family.as_bytes()).wrapping_add(u64::from(fold));
                batch.push(label, id, seed, &work);
            }
        }
        batch
    }

    fn finish(&mut self, outputs: &[Option<Vec<u8>>]) -> Result<LearningCurve, ModelError> {
        let mut curve = self.curve.clone();
        let mut failure = None;
        for (&share, outputs) in self.shares.iter().zip(outputs.chunks(self.n_folds as usize)) {
            let read = |bytes: &Option<Vec<u8>>| task::output::<FitPartOfRows>(bytes.as_deref()?).ok();
            let Some(found) = outputs.iter().map(read).collect::<Option<Vec<_>>>() else {
                failure = failure.or(Some(ModelError::Stopped));
                continue;
            };
            match found.into_iter().collect::<Result<Vec<PartScores>, ModelError>>() {
                Ok(found) => curve.points.push(point(share, &found)),
                // Few rows may not do for a model that many rows do for.
                Err(error) => {
                    curve.notes.push(format!("On {} % of the rows: {error}.", decimals(100.0 * share, 0)));
                    failure = Some(error);
                }
            }
        }
        if curve.points.len() < 2 {
            return Err(failure.unwrap_or(ModelError::Stopped));
        }
        if matches!(failure, Some(ModelError::Stopped)) {
            curve.notes.push("Stopped before every size was done.".to_owned());
        }
        if let Some(found) = self.last_doubling(&curve.points) {
            curve.gain = Some(found.estimate);
            curve.gain_interval = found.interval;
            curve.gain_p = found.p;
        }
        curve.notes.extend(one_sided(&curve));
        curve.sentence = sentence(&curve);
        Ok(curve)
    }

    /// The gain from half the rows to all, fold by fold.
    fn last_doubling(&self, points: &[CurvePoint]) -> Option<Tested> {
        let of = |share: f64| points.iter().find(|p| (p.share - share).abs() < 1e-6);
        let (half, all) = (of(0.5)?, of(1.0)?);
        let differences: Vec<f64> = half
            .folds
            .iter()
            .zip(&all.folds)
            .filter_map(|(a, b)| Some(self.curve.score(b)? - self.curve.score(a)?))
            .collect();
        if differences.is_empty() {
            return None;
        }
        let ratio = |fold: u32| {
            let frame = self.frame(fold);
            frame.test_rows(fold).len() as f64 / frame.training_rows(fold).len() as f64
        };
        let test_over_train = math::sum((0..self.n_folds).map(ratio)) / f64::from(self.n_folds);
        let folds =
            Folds { n_folds: self.n_folds, n_test: 0, test_over_train, outcome: self.whole.beside.outcome };
        Some(verdict::fold_mean(&differences, &folds))
    }
}

impl Job for LearningCurveJob {
    type Outcome = LearningCurve;
    type Error = ModelError;

    fn step(
        &mut self,
        outputs: Vec<Option<Vec<u8>>>,
        stopped: bool,
        _ctx: &Ctx<'_>,
    ) -> Result<Stage<LearningCurve>, ModelError> {
        if !self.is_asked {
            self.is_asked = true;
            return if stopped { Err(ModelError::Stopped) } else { Ok(Stage::Work(self.work())) };
        }
        self.finish(&outputs).map(Stage::Done)
    }
}

fn point(share: f64, found: &[PartScores]) -> CurvePoint {
    let folds: Vec<Scores> = found.iter().map(|f| f.held_out).collect();
    let (mean, sd) = metrics::mean_and_sd(&folds);
    let own: Vec<Scores> = found.iter().map(|f| f.fitted).collect();
    CurvePoint {
        share,
        n_train: math::sum(found.iter().map(|f| f.n_train as f64)) / found.len() as f64,
        folds,
        mean,
        sd,
        fitted: metrics::mean_and_sd(&own).0,
    }
}

/// That some folds have no AUC: the same ones at every size, because their held-out rows are the same.
fn one_sided(curve: &LearningCurve) -> Option<String> {
    let folds: Vec<Option<f64>> = curve.points.last()?.folds.iter().map(|s| curve.score(s)).collect();
    without_auc(&folds).filter(|_| curve.measure == Score::Auc)
}

fn sentence(curve: &LearningCurve) -> String {
    let ends = (curve.points.first(), curve.points.last());
    let (Some(first), Some(last)) = ends else { return String::new() };
    let (Some(low), Some(high)) = (curve.score(&first.mean), curve.score(&last.mean)) else {
        return String::new();
    };
    let is_auc = curve.measure == Score::Auc;
    // What counts as little, and as a gap, is a share of the way from knowing nothing to perfection.
    let way = 1.0 - curve.measure.chance().unwrap_or(0.0);
    let name = capitalised(&in_sentence(&curve.title));
    let rise = format!(
        "{name} {does} {target} with {measure} {} when fitted on {}, with {} on {}.",
        decimals(low, 2),
        rows_of(first.n_train.round() as u64),
        decimals(high, 2),
        count(last.n_train.round() as u64),
        does = if is_auc { "tells yes from no of" } else { "explains" },
        measure = curve.measure.in_sentence(),
        target = curve.target,
    );
    let Some(gain) = curve.gain else { return rise };
    let gained = decimals(gain, if is_auc { 3 } else { 2 });
    let gap = curve.score(&last.fitted).map_or(0.0, |own| own - high);
    let p = curve.gain_p.map_or_else(String::new, |p| format!(" ({})", p_value(p)));
    let is_clear = curve.gain_p.is_some_and(|p| p < LEVEL);
    let rest = if is_clear && gain > 0.02 * way {
        format!("The last doubling of the rows still adds {gained}{p}: more rows would help.")
    } else if gain > 0.02 * way && gap > 0.1 * way {
        format!(
            "The last doubling adds {gained}, which the folds cannot tell from nothing{p}; on its own rows it reaches {}, so that more rows \
             may help.",
            decimals(high + gap, 2)
        )
    } else if gain.abs() <= 0.02 * way {
        format!(
            "The last doubling of the rows changes it by {gained}{p}: more rows of the same kind would help little."
        )
    } else {
        format!("The last doubling changes it by {gained}, which the folds cannot tell from nothing{p}.")
    };
    format!("{rise} {rest}")
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::engine::models::yes_no::YesNoScores;

    /// A curve of three sizes.
    pub(crate) fn sample() -> LearningCurve {
        let scores = |r2: f64| Scores { r2: Some(r2), mse: 1.0, rmse: 1.0, mae: 0.5, n: 20, yes_no: None };
        let point = |share: f64, n_train: f64, r2: f64| CurvePoint {
            share,
            n_train,
            folds: vec![scores(r2 - 0.1), scores(r2 + 0.1)],
            mean: scores(r2),
            sd: scores(0.14),
            fitted: scores(0.9),
        };
        let mut curve = LearningCurve {
            plan: CurvePlan { family: "ridge".into() },
            target: "Approved {x}".into(),
            measure: Score::R2,
            title: "Ridge regression".into(),
            validation: "2 folds".into(),
            points: vec![point(0.25, 100.0, 0.2), point(0.5, 200.0, 0.4), point(1.0, 400.0, 0.47)],
            gain: Some(0.07),
            gain_interval: Some((0.01, 0.13)),
            gain_p: Some(0.03),
            sentence: String::new(),
            notes: Vec::new(),
        };
        curve.sentence = sentence(&curve);
        curve
    }

    #[test]
    fn the_sentence_says_whether_more_rows_would_help() {
        let mut curve = sample();
        assert!(curve.sentence.ends_with("(p = 0.030): more rows would help."), "{}", curve.sentence);
        (curve.gain, curve.gain_p) = (Some(0.004), Some(0.8));
        assert!(sentence(&curve).contains("would help little"), "{}", sentence(&curve));
        assert!(curve.sentence.starts_with("Ridge regression explains Approved {x} with R² 0.20 when"));
    }

    /// The same curve with AUC in the place of R².
    pub(crate) fn sample_of_yes_no() -> LearningCurve {
        let mut curve = LearningCurve { measure: Score::Auc, ..sample() };
        let as_auc = |s: &mut Scores, centre: f64| {
            let auc = s.r2.map(|r2| centre + 0.5 * r2);
            s.yes_no = Some(YesNoScores { auc, average_precision: None, log_loss: 0.5, brier: 0.2 });
            s.r2 = Some(-0.77);
        };
        for point in &mut curve.points {
            point.folds.iter_mut().chain([&mut point.mean, &mut point.fitted]).for_each(|s| as_auc(s, 0.5));
            as_auc(&mut point.sd, 0.0);
        }
        curve.gain = Some(0.035);
        curve.sentence = sentence(&curve);
        curve
    }

    #[test]
    fn the_sentence_of_a_yes_no_is_of_auc() {
        let mut curve = sample_of_yes_no();
        assert_eq!(
            curve.sentence,
            "Ridge regression tells yes from no of Approved {x} with AUC 0.60 when fitted on 100 rows, with 0.73 on 400. The last doubling of \
             the rows still adds 0.035 (p = 0.030): more rows would help."
        );
        // 0.015 is little of R², and not of what AUC has above chance.
        (curve.gain, curve.gain_p) = (Some(0.015), Some(0.3));
        assert!(sentence(&curve).contains("more rows may help"), "{}", sentence(&curve));
        assert!(one_sided(&curve).is_none());
        curve.points[2].folds[1].yes_no.as_mut().unwrap().auc = None;
        assert!(one_sided(&curve).unwrap().starts_with("1 of 2 folds holds out"));
    }
}
