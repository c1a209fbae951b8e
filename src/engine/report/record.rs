//! The record of a claim in words: its estimate with unit, its test, every fact in the order a reader asks.

use crate::engine::{
    statistics::claim::{Claim, Record, TestRecord},
    words::{count, counted, degrees, interval_of, money, number, p_cell, p_value, percent, statistic},
};

/// A value in the unit a record or a table gives: fractions with the unit "%" are shown times 100.
pub fn with_unit(value: f64, unit: &str) -> String {
    match unit {
        "%" => percent(value),
        "" => number(value),
        sign if sign.chars().count() == 1 => money(value, Some(sign)),
        unit => format!("{} {unit}", number(value)),
    }
}

/// "F(3, 932) = 18.1, p < 0.001"
pub fn test(test: &TestRecord) -> String {
    let dof = if test.dof.is_empty() { String::new() } else { format!("({})", degrees(&test.dof)) };
    format!("{}{dof} = {}, {}", test.symbol, statistic(test.statistic), p_value(test.p))
}

/// The test with its name, where the symbol does not say it already.
pub fn named_test(t: &TestRecord) -> String {
    if t.name == t.symbol { test(t) } else { format!("{}: {}", t.name, test(t)) }
}

/// Everything a record says, as (name, value), in the order a reader asks.
pub fn facts(record: &Record) -> Vec<(String, String)> {
    let mut facts: Vec<(String, String)> = Vec::new();
    let mut say = |name: &str, value: String| {
        if !value.is_empty() {
            facts.push((name.to_owned(), value));
        }
    };
    say("What is estimated", record.estimand.clone());
    if let Some(estimate) = record.estimate {
        say("Estimate", with_unit(estimate, &record.unit));
    }
    if let Some(range) = record.interval {
        let level = record.level.map_or_else(String::new, |l| format!(" ({} %)", number(l * 100.0)));
        let method = record.interval_method.as_ref().map_or_else(String::new, |m| format!(", {m}"));
        let shown = interval_of(range, |v| with_unit(v, &record.unit));
        say("Interval", format!("{shown}{level}{method}"));
    }
    say("n", count(record.n));
    if let Some(t) = &record.test {
        say("Test", named_test(t));
        say("Why this test", t.why.clone());
        if let Some(d) = t.dispersion {
            say("Dispersion", format!("{} (1 when counts vary as chance alone would make them)", number(d)));
        }
        if let Some((name, value)) = &t.effect {
            say("Effect size", format!("{name} = {}", number(*value)));
        }
        let of = t.n_tests.map_or_else(String::new, |n| format!(" over {}", counted(n, "test", "tests")));
        if let Some(p) = t.p_holm {
            say("Adjusted p (Holm)", format!("{}{of}", p_cell(p)));
        }
        if let Some(p) = t.p_bh {
            say("Adjusted p (Benjamini-Hochberg)", format!("{}{of}", p_cell(p)));
        }
    }
    say("Rows used", record.rows.clone());
    for note in &record.notes {
        say("Note", note.clone());
    }
    facts
}

/// "● Supported" with its word, never the sign alone.
pub fn grade(claim: &Claim) -> String {
    format!("{} {}", claim.grade.sign(), claim.grade.label())
}
