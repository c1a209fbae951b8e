//! Scales of axes: categories side by side, or numbers between round ends with round steps.

use crate::engine::words;

/// What an axis measures.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Scale {
    /// Bands of equal width, one a label.
    Bands(Vec<String>),
    /// Numbers from one to another, with marks at multiples of a step.
    Numbers { low: f64, high: f64, step: f64 },
}

impl Scale {
    /// A scale for numbers that spans `data` where no end is given: from round number to round number.
    pub fn numbers(
        data: Option<(f64, f64)>,
        ends: (Option<f64>, Option<f64>),
        with_zero: bool,
        n_steps: f64,
    ) -> Self {
        let (mut low, mut high) = data.unwrap_or((0.0, 1.0));
        if with_zero {
            (low, high) = (low.min(0.0), high.max(0.0));
        }
        low = ends.0.unwrap_or(low);
        high = ends.1.unwrap_or(high);
        if high <= low {
            let room = if low == 0.0 { 1.0 } else { low.abs() / 2.0 };
            (low, high) = match ends {
                (None, Some(_)) => (high - room, high),
                (Some(_), _) => (low, low + room),
                (None, None) => (low - if with_zero { 0.0 } else { room }, low + room),
            };
        }
        let step = step((high - low) / n_steps.max(1.0));
        // A value at a mark needs no further mark beyond it.
        let below = |v: f64| (v / step + 1e-9).floor() * step;
        let above = |v: f64| (v / step - 1e-9).ceil() * step;
        Self::Numbers {
            low: if ends.0.is_some() { low } else { below(low) },
            high: if ends.1.is_some() { high } else { above(high) },
            step,
        }
    }

    /// Where a value stands: 0 at the beginning of the axis, 1 at its end. A category is told by its index.
    pub fn place(&self, value: f64) -> f64 {
        match self {
            Self::Bands(labels) => (value + 0.5) / labels.len().max(1) as f64,
            Self::Numbers { low, high, .. } => (value - low) / (high - low),
        }
    }

    /// Whether a value lies on the axis, give or take what cannot be seen.
    pub fn holds(&self, value: f64) -> bool {
        (-1e-6..=1.0 + 1e-6).contains(&self.place(value))
    }

    /// Share of the axis that one category takes.
    pub fn band(&self) -> f64 {
        match self {
            Self::Bands(labels) => 1.0 / labels.len().max(1) as f64,
            Self::Numbers { .. } => 0.0,
        }
    }

    /// The value that bars grow from when nothing else is said: zero, or the end next to it.
    pub fn ground(&self) -> f64 {
        match self {
            Self::Bands(_) => 0.0,
            Self::Numbers { low, high, .. } => 0.0_f64.clamp(*low, *high),
        }
    }

    /// Values with a mark: every category, or the multiples of the step.
    pub fn marks(&self) -> Vec<f64> {
        match self {
            Self::Bands(labels) => (0..labels.len()).map(|i| i as f64).collect(),
            Self::Numbers { low, high, step } => {
                let first = (low / step - 1e-9).ceil();
                let n = (high / step + 1e-9).floor() - first;
                (0..=n.clamp(-1.0, 100.0) as i64).map(|i| (first + i as f64) * step).collect()
            }
        }
    }

    /// Every so manieth mark, so many being any number for categories and a round one for numbers.
    pub fn thinned(&self, stride: usize) -> Vec<f64> {
        let marks = self.marks().into_iter();
        match self {
            Self::Bands(_) => marks.step_by(stride).collect(),
            // Those that are round multiples themselves: 0, 40, 80, not 20, 60, 100.
            Self::Numbers { step, .. } => {
                marks.filter(|m| (m / step).round() as i64 % stride as i64 == 0).collect()
            }
        }
    }

    /// What stands at a mark.
    pub fn label(&self, value: f64, formatter: Option<&str>) -> String {
        match self {
            Self::Bands(labels) => labels.get(value as usize).cloned().unwrap_or_default(),
            Self::Numbers { step, .. } => {
                let n_digits = digits(*step);
                match (formatter, n_digits) {
                    // Years and the like are written as they are.
                    (Some(template), _) => {
                        template.replace("{value}", &words::year(to(value, n_digits.unwrap_or(12))))
                    }
                    (None, Some(n)) => words::decimals(value, n),
                    (None, None) => words::number(value),
                }
            }
        }
    }
}

/// A round step near a wanted one: 1, 2 or 5 times a power of ten.
fn step(wanted: f64) -> f64 {
    if !(wanted.is_finite() && wanted > 0.0) {
        return 1.0;
    }
    let mut power = 1.0;
    while power * 10.0 <= wanted {
        power *= 10.0;
    }
    // Divided, not multiplied by a tenth: so 0.001 stays the nearest number to it.
    let mut parts = 1.0;
    while power / parts > wanted {
        parts *= 10.0;
    }
    let size = wanted * parts / power;
    let round = match size {
        s if s < 1.4 => 1.0,
        s if s < 2.8 => 2.0,
        s if s < 7.0 => 5.0,
        _ => 10.0,
    };
    round * power / parts
}

/// Decimals that a step needs; `None` where it is too small to be written out.
fn digits(step: f64) -> Option<usize> {
    let mut power = 1.0;
    for n in 0..=8 {
        let scaled = step * power;
        if (scaled - scaled.round()).abs() < 1e-6 * scaled.abs() {
            return Some(n);
        }
        power *= 10.0;
    }
    None
}

/// A multiple of a step without the dust of its computation.
fn to(value: f64, n_digits: usize) -> f64 {
    format!("{value:.n_digits$}").parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(data: (f64, f64), ends: (Option<f64>, Option<f64>), with_zero: bool, expected: &[&str]) {
        let scale = Scale::numbers(Some(data), ends, with_zero, 5.0);
        let labels: Vec<String> = scale.marks().iter().map(|&m| scale.label(m, None)).collect();
        assert_eq!(labels, expected, "{scale:?}");
    }

    #[test]
    fn marks_are_round() {
        check((12.0, 98.0), (None, None), true, &["0", "20", "40", "60", "80", "100"]);
        check((12.0, 98.0), (None, None), false, &["0", "20", "40", "60", "80", "100"]);
        check(
            (0.61, 0.74),
            (None, None),
            false,
            &["0.60", "0.62", "0.64", "0.66", "0.68", "0.70", "0.72", "0.74"],
        );
        check((0.0, 4_100.0), (None, None), true, &["0", "1,000", "2,000", "3,000", "4,000", "5,000"]);
        check((-310.0, 1_150.0), (None, None), true, &["−500", "0", "500", "1,000", "1,500"]);
        check((0.0, 0.0004), (None, None), true, &["0.0000", "0.0001", "0.0002", "0.0003", "0.0004"]);
    }

    #[test]
    fn given_ends_stay_where_they_are() {
        check((0.0, 50.0), (Some(3.7), Some(21.2)), true, &["5", "10", "15", "20"]);
        check((0.0, 0.9), (Some(0.5), Some(1.1)), true, &["0.5", "0.6", "0.7", "0.8", "0.9", "1.0", "1.1"]);
        check((0.0, 37.0), (Some(0.0), None), true, &["0", "10", "20", "30", "40"]);
    }

    #[test]
    fn one_value_has_room() {
        check((7.0, 7.0), (None, None), false, &["2", "4", "6", "8", "10", "12"]);
        check((0.0, 0.0), (None, None), true, &["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        let Scale::Numbers { low, high, .. } = Scale::numbers(None, (None, None), true, 5.0) else {
            unreachable!()
        };
        assert_eq!((low, high), (0.0, 1.0));
    }

    #[test]
    fn fewer_marks_are_round_too() {
        let scale = Scale::numbers(Some((0.0, 150.0)), (Some(7.0), Some(150.0)), true, 7.0);
        assert_eq!(scale.marks(), [20.0, 40.0, 60.0, 80.0, 100.0, 120.0, 140.0]);
        assert_eq!(scale.thinned(2), [40.0, 80.0, 120.0]);
        assert_eq!(Scale::Bands(vec![String::new(); 5]).thinned(3), [0.0, 3.0]);
    }

    #[test]
    fn years_have_no_separator() {
        let scale = Scale::numbers(Some((1_950.0, 1_996.0)), (None, None), false, 5.0);
        assert_eq!(scale.label(1_950.0, Some("{value}")), "1950");
        assert_eq!(scale.label(1_950.0, None), "1,950");
    }

    #[test]
    fn categories_stand_in_the_middle_of_their_band() {
        let scale = Scale::Bands(["a", "b"].map(str::to_owned).to_vec());
        assert_eq!((scale.place(0.0), scale.place(1.0), scale.band()), (0.25, 0.75, 0.5));
    }
}
