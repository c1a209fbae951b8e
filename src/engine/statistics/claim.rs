//! A claim: a sentence that cannot exist without the record it was made from.

use serde::{Deserialize, Serialize};

use crate::engine::words::{self, Shared, p_value, statistic};

/// How far the data carry a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grade {
    /// The data carry it: significant after correction, with enough rows.
    Supported,
    /// The data lean that way, but not beyond chance after correction.
    Suggestive,
    /// The data cannot tell.
    CannotTell,
}

impl Grade {
    /// Word on the page.
    pub fn label(self) -> &'static str {
        match self {
            Self::Supported => "supported",
            Self::Suggestive => "suggestive",
            Self::CannotTell => "cannot tell",
        }
    }

    /// The firmest first.
    pub fn rank(self) -> u8 {
        match self {
            Self::Supported => 0,
            Self::Suggestive => 1,
            Self::CannotTell => 2,
        }
    }

    /// The sign that goes with the word.
    pub fn sign(self) -> char {
        match self {
            Self::Supported => '●',
            Self::Suggestive => '◐',
            Self::CannotTell => '○',
        }
    }
}

/// A test that was made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TestRecord {
    /// "chi²", "quasi-Poisson F", "Welch t", ...
    pub name: String,
    /// Why this test, in plain words.
    pub why: String,
    /// Symbol of the statistic: "chi²", "F", "t", "H", "U".
    pub symbol: String,
    /// Value of the statistic.
    pub statistic: f64,
    /// Degrees of freedom: one, or numerator and denominator.
    pub dof: Vec<f64>,
    /// Before any correction.
    pub p: f64,
    /// Adjusted by Holm; `None` when the test stands alone.
    pub p_holm: Option<f64>,
    /// Adjusted by Benjamini and Hochberg; `None` when the test stands alone.
    pub p_bh: Option<f64>,
    /// How many tests the adjusted p account for.
    pub n_tests: Option<u64>,
    /// Pearson dispersion, where a count model was used.
    pub dispersion: Option<f64>,
    /// Name and value of the effect size: ("Cramér's V", 0.02).
    pub effect: Option<(String, f64)>,
}

impl TestRecord {
    /// In a sentence: "chi² = 1.23, 4 df, p = 0.87" or "F(3, 932) = 18.1, p < 0.001, dispersion 4.08".
    pub fn text(&self) -> String {
        let value = statistic(self.statistic);
        let p = p_value(self.p);
        let mut text = match self.dof.as_slice() {
            [] => format!("{} = {value}, {p}", self.symbol),
            [_] => format!("{} = {value}, {} df, {p}", self.symbol, words::degrees(&self.dof)),
            _ => format!("{}({}) = {value}, {p}", self.symbol, words::degrees(&self.dof)),
        };
        if let Some(dispersion) = self.dispersion {
            text += &format!(", dispersion {}", words::decimals(dispersion, 2));
        }
        text
    }

    /// [`Self::text`] with the name of the test, where its symbol does not say it already.
    pub fn named(&self) -> String {
        if self.name == self.symbol { self.text() } else { format!("{}: {}", self.name, self.text()) }
    }

    /// Whether ranks were compared instead of the values.
    pub fn is_of_ranks(&self) -> bool {
        matches!(self.symbol.as_str(), "U" | "H")
    }
}

/// Estimate, interval and rows behind a claim.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Record {
    /// What is estimated: "response rate by age group".
    pub estimand: String,
    /// In `unit`; `None` when nothing single is estimated.
    pub estimate: Option<f64>,
    /// "%", "EUR", "people", or empty.
    pub unit: String,
    /// Low and high, in `unit`; `None` when undefined.
    pub interval: Option<(f64, f64)>,
    /// 0.95 for a 95 % interval.
    pub level: Option<f64>,
    /// How the interval was made: "Wilson".
    pub interval_method: Option<String>,
    /// Rows, people or events it rests on.
    pub n: u64,
    /// The test behind it; `None` when it only describes.
    pub test: Option<TestRecord>,
    /// Which rows: "all 2,240 rows", "936 rows with clicks".
    pub rows: String,
    /// Assumptions and warnings, one sentence each.
    pub notes: Vec<String>,
    /// A small table behind the sentence: header, then rows, as shown.
    pub table: Vec<Vec<String>>,
    /// The sentence and the notes as they are shared without the names of small groups; `None` where they name none.
    #[serde(default)]
    pub shared: Option<Shared>,
}

/// A sentence with its grade and record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Claim {
    /// Stable key: "rate.response.age_group".
    pub id: String,
    /// What it is about: "Response by age group".
    pub topic: String,
    /// The result, then the reason, for a marketer.
    pub sentence: String,
    /// How far the data carry it.
    pub grade: Grade,
    /// What the sentence was made from.
    pub record: Record,
}

impl Claim {
    /// The claim once its sentence and notes are written.
    pub(crate) fn told(mut self) -> Self {
        self.record.shared = Shared::of(&mut self.sentence, &mut self.record.notes);
        self
    }
}
