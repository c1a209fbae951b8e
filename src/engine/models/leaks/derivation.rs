//! Arithmetic among three columns of which one is the target: a / b, a × b, a − b, a + b, found in the values.
//!
//! Three columns that satisfy such an equation give each other away. Which of them was computed is told by its digits: a
//! quotient has more than what it is made from. When the target was computed, both others are blocked; when another was
//! computed from the target, that one is.

use std::borrow::Cow;

use super::{Detector, Numbers, Scene, Sign, TENS, Weight, distinct, of_rows};

/// Rows in which the equation says something, at least: with zeros and ones it holds too easily.
const FEWEST_TELLING: usize = 10;

/// Different values of the computed column in those rows, at least.
const FEWEST_VALUES: usize = 5;

/// The share of rows that may miss: cleaning fills and clips some.
const MOST_MISSES: f64 = 0.01;

/// Scales in which ratios are written: percent, per mille and their kin.
const SCALES: [f64; 9] = [1.0, 100.0, 1e3, 0.01, 1e-3, 10.0, 0.1, 1e6, 1e-6];

/// Rows of the sample by which the scale is judged.
const SCALE_ROWS: usize = 200;

/// See above.
pub struct Derivation;

impl Detector for Derivation {
    fn look(&self, scene: &Scene<'_>, found: &[Sign]) -> Vec<Sign> {
        let target = Numbers {
            column: scene.goal,
            decimals: super::decimals(&scene.y_sample),
            sample: scene.y_sample.clone(),
        };
        // What is known to be made from the target or its sources needs no proof by figures.
        let is_made = |c: &Numbers<'_>| !c.column.made_from.is_empty() && super::is_blocked(found, c.name());
        let columns: Vec<&Numbers<'_>> = scene.numbers.iter().filter(|c| !is_made(c)).collect();
        let mut signs: Vec<Sign> = Vec::new();
        for (i, &a) in columns.iter().enumerate() {
            for &b in &columns[i + 1..] {
                let three = [&target, a, b];
                let Some(equation) = equation(three) else { continue };
                let whole = [Cow::Borrowed(scene.y), a.all(), b.all()];
                let (hits, n) = equation.holds(whole.each_ref().map(|c| &**c));
                if n == 0 || (n - hits) as f64 > MOST_MISSES * n as f64 {
                    continue;
                }
                let evidence = format!("{} in {}", equation.words(three), of_rows(hits, n));
                let mut say = |column: &Numbers<'_>, consequence: String| {
                    signs.push(Sign {
                        column: column.name().to_owned(),
                        weight: Weight::Blocks,
                        reason: format!("{evidence}: {consequence}."),
                    });
                };
                match three[equation.computed].name() {
                    name if name == target.name() => {
                        say(a, format!("with {} it gives {name} away", b.name()));
                        say(b, format!("with {} it gives {name} away", a.name()));
                    }
                    _ => {
                        let made = three[equation.computed];
                        say(made, format!("it holds {}", target.name()));
                    }
                }
            }
        }
        // One equation a column is enough to be convinced.
        let mut told: Vec<String> = Vec::new();
        signs.retain(|s| {
            let is_new = !told.contains(&s.column);
            told.push(s.column.clone());
            is_new
        });
        signs
    }
}

/// How the computed column follows from the others.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Form {
    /// `scale * left * right`
    Product,
    /// `scale * left / right`
    Quotient,
    /// `left + right`
    Sum,
    /// `left - right`
    Difference,
}

/// An equation among three columns, by their places.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Equation {
    form: Form,
    computed: usize,
    left: usize,
    right: usize,
    scale: f64,
    /// Half a unit of the last digit of the computed column, 0 when it has all its digits.
    unit: f64,
}

impl Equation {
    fn value(&self, row: [f64; 3]) -> f64 {
        let (left, right) = (row[self.left], row[self.right]);
        match self.form {
            Form::Product => self.scale * left * right,
            Form::Quotient if right == 0.0 => f64::NAN,
            Form::Quotient => self.scale * left / right,
            Form::Sum => left + right,
            Form::Difference => left - right,
        }
    }

    /// Whether a row satisfies it; `None` where a value is missing or the quotient is undefined.
    fn holds_in(&self, row: [f64; 3]) -> Option<bool> {
        let (value, written) = (self.value(row), row[self.computed]);
        if value.is_nan() || written.is_nan() {
            return None;
        }
        let size = row[self.left].abs().max(row[self.right].abs()).max(written.abs());
        // Files write single-precision numbers with six to seven digits.
        let slack = match self.form {
            Form::Product | Form::Quotient => 1e-6 * written.abs(),
            Form::Sum | Form::Difference => 1e-9 * size,
        };
        Some((value - written).abs() <= self.unit * 1.01 + slack)
    }

    /// Whether it would say something in a row: zeros make any product or sum hold, ones any quotient.
    fn tells_in(&self, row: [f64; 3]) -> bool {
        let is_trivial = |v: f64| match self.form {
            Form::Product | Form::Quotient => v == 0.0 || v.abs() == 1.0,
            Form::Sum | Form::Difference => v == 0.0,
        };
        !is_trivial(row[self.left]) && !is_trivial(row[self.right])
    }

    /// In how many rows it holds, of those where it is defined.
    fn holds(&self, [a, b, c]: [&[f64]; 3]) -> (u64, u64) {
        let rows = a.iter().zip(b).zip(c).filter_map(|((&a, &b), &c)| self.holds_in([a, b, c]));
        rows.fold((0, 0), |(hits, n), holds| (hits + u64::from(holds), n + 1))
    }

    /// Whether the sample bears it out: hardly a miss, and enough rows that tell.
    fn is_borne_out(&self, three: [&Numbers<'_>; 3]) -> bool {
        let n = three[0].sample.len();
        let most_misses = (MOST_MISSES * n as f64) as usize;
        let (mut misses, mut telling) = (0, Vec::new());
        for i in 0..n {
            let row = three.map(|c| c.sample[i]);
            match self.holds_in(row) {
                Some(false) => misses += 1,
                Some(true) if self.tells_in(row) => telling.push(row[self.computed]),
                _ => {}
            }
            if misses > most_misses {
                return false;
            }
        }
        let spread = telling.iter().fold((f64::MAX, f64::MIN), |(lo, hi), &v| (lo.min(v), hi.max(v)));
        telling.len() >= FEWEST_TELLING
            && misses * 100 <= telling.len()
            && spread.1 - spread.0 > 20.0 * self.unit
            && distinct(telling.into_iter(), FEWEST_VALUES) >= FEWEST_VALUES
    }

    /// "Spent / Clicks equals CPC"
    fn words(&self, three: [&Numbers<'_>; 3]) -> String {
        let (left, right) = (three[self.left].name(), three[self.right].name());
        let sign = match self.form {
            Form::Product => "×",
            Form::Quotient => "/",
            Form::Sum => "+",
            Form::Difference => "−",
        };
        let scale = if self.scale == 1.0 { String::new() } else { format!("{} × ", self.scale) };
        format!("{scale}{left} {sign} {right} equals {}", three[self.computed].name())
    }
}

/// The equation among three columns that the sample bears out, if any; of several readings of one equation the one that
/// computes the column with the most digits.
fn equation(three: [&Numbers<'_>; 3]) -> Option<Equation> {
    let digits = |place: usize| three[place].decimals.unwrap_or(TENS.len() as u32);
    // Written with fewer digits than it was computed to.
    let unit = |place: usize| match three[place].decimals {
        Some(d) if d > 0 => 0.5 / TENS[d as usize],
        _ => 0.0,
    };
    let mut readings: Vec<Equation> = Vec::new();
    for computed in 0..3 {
        let (i, j) = ((computed + 1) % 3, (computed + 2) % 3);
        let (low, high) = (i.min(j), i.max(j));
        let forms = [
            (Form::Product, low, high),
            (Form::Quotient, low, high),
            (Form::Quotient, high, low),
            (Form::Sum, low, high),
            (Form::Difference, low, high),
            (Form::Difference, high, low),
        ];
        for (form, left, right) in forms {
            let mut reading = Equation { form, computed, left, right, scale: 1.0, unit: unit(computed) };
            if matches!(form, Form::Product | Form::Quotient) {
                let Some(scale) = scale(&reading, three) else { continue };
                reading.scale = scale;
            }
            if reading.is_borne_out(three) {
                readings.push(reading);
            }
        }
    }
    // The first of the best: products and sums stand before quotients and differences for columns with equal digits.
    let rank = |e: &Equation| {
        let is_inverse = matches!(e.form, Form::Quotient | Form::Difference);
        (std::cmp::Reverse(digits(e.computed)), is_inverse)
    };
    readings.into_iter().min_by_key(rank)
}

/// By which of the usual scales the computed column differs from the bare product or quotient, judged by the row where it
/// is largest, and so has the most digits.
fn scale(reading: &Equation, three: [&Numbers<'_>; 3]) -> Option<f64> {
    let mut best: Option<(f64, f64)> = None;
    for i in 0..three[0].sample.len().min(SCALE_ROWS) {
        let row = three.map(|c| c.sample[i]);
        let (value, written) = (reading.value(row), row[reading.computed]);
        if value.is_finite() && value != 0.0 && best.is_none_or(|(_, w)| written.abs() > w.abs()) {
            best = Some((value, written));
        }
    }
    let ratio = best.map(|(value, written)| written / value)?;
    SCALES.into_iter().find(|s| (ratio / s - 1.0).abs() < 0.02)
}
