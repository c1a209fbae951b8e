//! k nearest neighbours: the mean of the most alike training rows, on columns of equal scale.

use serde::{Deserialize, Serialize};

use super::{
    family::{Beyond, Family, Fitted, ModelError, Trainer},
    outcome::Outcome,
    yes_no,
};
use crate::engine::{
    context::Ctx,
    knobs::{Knob, KnobKind, Search, Settings},
    numeric::{matrix::Matrix, neighbours::Neighbours, penalised::standardise},
    words::count,
};

/// Cells of the training matrix, at most: a prediction may have to look at all of them.
const MAX_CELLS: usize = 3_000_000;

/// The mean of the nearest rows.
pub struct KNeighbors;

impl Family for KNeighbors {
    fn slug(&self) -> &'static str {
        "k_neighbors"
    }

    fn title(&self) -> &'static str {
        "k nearest neighbours"
    }

    fn help(&self) -> &'static str {
        "The mean of the training rows that are most alike."
    }

    fn knobs(&self) -> Vec<Knob> {
        vec![
            Knob::new(
                "neighbors",
                "Neighbours",
                "Rows averaged; more give smoother predictions.",
                KnobKind::Integer { min: 1, max: 500 },
                5_i64,
            )
            .searched(Search::Log { low: 1.0, high: 60.0 }),
            Knob::new(
                "by_distance",
                "Nearer rows count more",
                "Weighs each neighbour by one over its distance.",
                KnobKind::Flag,
                false,
            )
            .searched_among([false, true]),
        ]
    }

    fn wants_scaling(&self) -> bool {
        true
    }

    fn can_weigh(&self) -> bool {
        false
    }

    fn is_default(&self) -> bool {
        false
    }

    fn trainer(&self, settings: &Settings) -> Result<Box<dyn Trainer>, ModelError> {
        self.trainer_for(Outcome::Amount, settings)
    }

    fn suits(&self, _outcome: Outcome) -> bool {
        true
    }

    fn trainer_for(&self, outcome: Outcome, settings: &Settings) -> Result<Box<dyn Trainer>, ModelError> {
        settings.check(&self.knobs())?;
        Ok(Box::new(NeighboursTrainer {
            outcome,
            k: settings.integer("neighbors", 5).max(1) as u32,
            by_distance: settings.flag("by_distance", false),
        }))
    }

    fn load(&self, bytes: &[u8]) -> Result<Box<dyn Fitted>, ModelError> {
        let nearest: Nearest = postcard::from_bytes(bytes).map_err(|_| ModelError::Unreadable)?;
        let is_sound = nearest.tree.is_sound(nearest.y.len(), nearest.means.len())
            && nearest.means.len() == nearest.units.len()
            && !nearest.y.is_empty();
        if is_sound { Ok(Box::new(nearest)) } else { Err(ModelError::Unreadable) }
    }

    fn python(&self, settings: &Settings) -> String {
        let weights = if settings.flag("by_distance", false) { "distance" } else { "uniform" };
        format!(
            "make_pipeline(StandardScaler(), KNeighborsRegressor(n_neighbors={}, weights=\"{weights}\"))",
            settings.integer("neighbors", 5)
        )
    }

    fn python_for(&self, outcome: Outcome, settings: &Settings) -> String {
        match outcome {
            Outcome::Amount => self.python(settings),
            Outcome::YesNo => super::trees::classifier(self.python(settings)),
        }
    }
}

struct NeighboursTrainer {
    outcome: Outcome,
    k: u32,
    by_distance: bool,
}

impl Trainer for NeighboursTrainer {
    fn fit_with(
        &self,
        x: &Matrix,
        y: &[f64],
        beyond: Beyond<'_>,
        ctx: &Ctx<'_>,
    ) -> Result<Box<dyn Fitted>, ModelError> {
        beyond.refuse_weights()?;
        if y.is_empty() {
            return Err(ModelError::TooFewRows { needed: 1, got: 0 });
        }
        if self.outcome == Outcome::YesNo {
            yes_no::check(y)?;
        }
        if y.len() * x.n_cols() > MAX_CELLS {
            return Err(ModelError::Refused {
                reason: format!(
                    "it looks for like rows among {} rows of {} columns and is meant for up to {} cells: choose another model, \
                     fewer columns, or work on a sample",
                    count(y.len() as u64),
                    x.n_cols(),
                    count(MAX_CELLS as u64)
                ),
            });
        }
        ctx.tick(0, 1)?;
        let z = standardise(x);
        let matrix =
            if z.columns.is_empty() { Matrix::zeros(y.len(), 0) } else { Matrix::from_columns(&z.columns) };
        Ok(Box::new(Nearest {
            k: self.k,
            by_distance: self.by_distance,
            prior: (self.outcome == Outcome::YesNo).then(|| yes_no::share(y, &[])),
            tree: Neighbours::new(&matrix),
            y: y.to_vec(),
            means: z.means,
            units: z.units,
        }))
    }
}

#[derive(Serialize, Deserialize)]
struct Nearest {
    k: u32,
    by_distance: bool,
    /// Where a probability is predicted: the share of yes, which one more neighbour says.
    prior: Option<f64>,
    tree: Neighbours,
    y: Vec<f64>,
    means: Vec<f64>,
    units: Vec<f64>,
}

impl Nearest {
    /// Rows at distance 0 decide alone where nearer rows count more.
    fn mean(&self, found: &[(f64, u32)]) -> f64 {
        let is_same = self.by_distance && found.first().is_some_and(|f| f.0 == 0.0);
        let (mut sum, mut total) = (0.0, 0.0);
        for &(squared, row) in found {
            let weight = match (is_same, self.by_distance) {
                (true, _) => f64::from(u8::from(squared == 0.0)),
                (_, true) => 1.0 / squared.sqrt(),
                _ => 1.0,
            };
            sum += weight * self.y[row as usize];
            total += weight;
        }
        match self.prior {
            // The weight of a mean neighbour.
            Some(prior) => (sum + prior * total / found.len() as f64) / (total + total / found.len() as f64),
            None => sum / total,
        }
    }
}

impl Fitted for Nearest {
    fn predict(&self, x: &Matrix) -> Vec<f64> {
        let mut point = vec![0.0; self.means.len()];
        (0..x.n_rows())
            .map(|i| {
                for (j, slot) in point.iter_mut().enumerate() {
                    *slot = (x.get(i, j) - self.means[j]) / self.units[j];
                }
                self.mean(&self.tree.nearest(&point, self.k as usize))
            })
            .collect()
    }

    fn save(&self) -> Vec<u8> {
        crate::engine::task::encode(self)
    }

    fn facts(&self) -> Vec<(String, String)> {
        let k = (self.k as usize).min(self.y.len());
        vec![("neighbours".into(), format!("{k} of {} rows", count(self.y.len() as u64)))]
    }
}
