//! Merges spellings of one name in a category: "PhD", "phd " and "Ph.D." become one level.
//!
//! Which spellings belong together is found in three ways. *Fingerprint* and *n-gram fingerprint* are OpenRefine's key
//! collisions: texts with the same key are one name. *Edit distance* takes what differs by one letter (two from eight
//! letters on) from a more frequent spelling, neighbours that changed places being one. Texts without letters, and texts whose digits or signs differ, are never
//! taken together: "30-34" is not "3034", "A+" is not "A".

use std::collections::BTreeMap;

use super::{is_personal, is_wordy, trim_and_case::trimmed};
use crate::engine::{
    context::Ctx,
    data::{
        column::{Column, natural_order},
        table::Table,
    },
    knobs::{Knob, KnobKind, Settings},
    order::InOrder,
    step::{Effect, LearnFrom, Outcome, Step, StepError, Suggestion},
    step_kit::{
        choice_knob, chosen, column_knob, level_counts, offer, py, py_level, py_series, renamed, replace,
    },
    words::{count, counted, list_some, quoted, without_accents},
};

/// Merges spellings.
pub struct MergeSpellings;

/// Most spellings that are compared letter by letter: more would take minutes.
const MOST_COMPARED: usize = 2_000;
/// Most different values of a column that is looked at for suggestions.
const MOST_LEVELS: usize = 5_000;
/// Most suggestions a column.
const MOST_SUGGESTED: usize = 12;
const METHODS: [&str; 3] = ["fingerprint", "ngram", "edit"];

/// Spellings of one name with their numbers of rows, the most frequent first.
type Cluster = Vec<(String, u64)>;

impl Step for MergeSpellings {
    fn slug(&self) -> &'static str {
        "merge_spellings"
    }

    fn title(&self) -> &'static str {
        "Merge spellings"
    }

    fn help(&self) -> &'static str {
        "Makes one value of several spellings of the same name."
    }

    fn knobs(&self) -> Vec<Knob> {
        vec![
            column_knob(false),
            Knob::new(
                "spellings",
                "Spellings",
                "The values to merge, separated by semicolons; empty merges all that are found",
                KnobKind::Text,
                "",
            ),
            Knob::new(
                "into",
                "Into",
                "What they become; empty takes the most frequent of them",
                KnobKind::Text,
                "",
            ),
            choice_knob(
                "method",
                "Find by",
                "How spellings are found when none are given",
                &[
                    ("fingerprint", "Same words (fingerprint)"),
                    ("ngram", "Same letter pairs (n-gram fingerprint)"),
                    ("edit", "One or two letters apart (edit distance)"),
                ],
                "fingerprint",
            ),
        ]
    }

    fn learns(&self, settings: &Settings) -> bool {
        settings.text("spellings", "").is_empty() || settings.text("into", "").is_empty()
    }

    fn suggest(&self, table: &Table) -> Vec<Suggestion> {
        let rows = LearnFrom::All.rows(table);
        let mut found = Vec::new();
        for column in table.columns().iter().filter(|c| is_wordy(c) && !is_personal(table, c)) {
            let counts = level_counts(column, &rows);
            if counts.len() < 2 || counts.len() > MOST_LEVELS {
                continue;
            }
            let mut seen: Vec<Vec<String>> = Vec::new();
            for method in METHODS {
                for cluster in clusters(&counts, method) {
                    let (Some((best, n_best)), true) = (cluster.first(), seen.len() < MOST_SUGGESTED) else {
                        continue;
                    };
                    let mut names: Vec<String> = cluster.iter().map(|(l, _)| l.clone()).collect();
                    names.order_by(|a, b| a.cmp(b));
                    let n_others: u64 = cluster.iter().skip(1).map(|(_, n)| n).sum();
                    // What two words share by chance is as frequent on both sides; a slip of the pen is rare.
                    let is_slip = method != "edit" || n_others * 5 <= *n_best;
                    if !is_slip || seen.iter().any(|s| names.iter().all(|n| s.contains(n))) {
                        continue;
                    }
                    let shown: Vec<String> = cluster
                        .iter()
                        .map(|(l, n)| format!("“{}” ({})", quoted(l), counted(*n, "row", "rows")))
                        .collect();
                    let why = match method {
                        "fingerprint" => "have the same words but for case, order, accents and punctuation",
                        "ngram" => "have the same letters but for spaces and punctuation",
                        _ => "differ by a letter or two",
                    };
                    let reason = format!("{}: {} {why}.", column.name, list_some(&shown));
                    let strict = |l: &str| trimmed(l).to_lowercase();
                    let is_plain = cluster.iter().all(|(l, _)| strict(l) == strict(best));
                    let settings = Settings::new()
                        .with("column", column.name.clone())
                        .with("spellings", joined(&names))
                        .with("into", best.clone());
                    let others: Vec<String> = cluster.iter().skip(1).map(|(l, _)| quoted(l)).collect();
                    let title =
                        format!("Merge {} into {} in {}", list_some(&others), quoted(best), column.name);
                    seen.push(names);
                    found.extend(offer(self, table, settings, title, reason, is_plain));
                }
            }
        }
        found
    }

    fn apply(
        &self,
        table: &Table,
        settings: &Settings,
        learn: LearnFrom<'_>,
        _: &Ctx<'_>,
    ) -> Result<Outcome, StepError> {
        let column = chosen(table, settings)?;
        if column.levels().is_none() {
            return Err(StepError::WrongType {
                column: column.name.clone(),
                found: column.column_type().label(),
                expected: "text or categories",
            });
        }
        let (names, n_names) = merges(column, settings, &learn.rows(table));
        let mut out = table.clone();
        let mut effect = Effect::default();
        let rename = |l: &str| names.get(l).cloned().unwrap_or_else(|| l.to_owned());
        if let Some((values, _)) = renamed(column, rename) {
            effect.n_rows = replace(&mut out, column, values, &mut effect)?.len() as u64;
        }
        effect.sentence = if effect.n_cells == 0 {
            format!("Found no spellings to merge in {}", column.name)
        } else {
            format!(
                "Merged {} of {} into {}, in {}",
                counted(names.len() as u64, "spelling", "spellings"),
                column.name,
                counted(n_names, "name", "names"),
                counted(effect.n_cells, "cell", "cells"),
            )
        };
        if settings.text("spellings", "").is_empty()
            && settings.text("method", METHODS[0]) == "edit"
            && column.levels().is_some_and(|l| l.len() > MOST_COMPARED)
        {
            effect.notes.push(format!(
                "Only the {} most frequent values of {} were compared",
                count(MOST_COMPARED as u64),
                column.name
            ));
        }
        Ok(Outcome { table: out, effect })
    }

    fn python(&self, table: &Table, settings: &Settings) -> String {
        let Ok(column) = chosen(table, settings) else { return String::new() };
        let c = py_series(&column.name);
        let levels = column.levels().unwrap_or_default();
        let (names, _) = merges(column, settings, &LearnFrom::All.rows(table));
        let pairs: Vec<String> = names
            .iter()
            .map(|(from, to)| format!("{}: {}", py_level(column, levels, from), py(to)))
            .collect();
        format!("{c} = {c}.replace({{{}}})", pairs.join(", "))
    }
}

/// What each spelling becomes, and how many names those are.
fn merges(column: &Column, settings: &Settings, rows: &[u32]) -> (BTreeMap<String, String>, u64) {
    let counts = level_counts(column, rows);
    let given = separated(settings.text("spellings", ""));
    let into = settings.text("into", "");
    let mut names = BTreeMap::new();
    let mut n_names = 0;
    let mut add = |cluster: &[(String, u64)], into: &str| {
        let before = names.len();
        for (name, _) in cluster.iter().filter(|(name, _)| name != into) {
            names.insert(name.clone(), into.to_owned());
        }
        n_names += u64::from(names.len() > before);
    };
    if !given.is_empty() {
        let n_of = |l: &String| counts.iter().find(|(name, _)| name == l).map_or(0, |(_, n)| *n);
        let mut cluster: Cluster = given.iter().map(|l| (l.clone(), n_of(l))).collect();
        cluster.order_by(most_frequent);
        let best = cluster.first().map(|(l, _)| l.clone()).unwrap_or_default();
        add(&cluster, if into.is_empty() { &best } else { into });
        return (names, n_names);
    }
    let method = settings.text("method", METHODS[0]);
    for cluster in clusters(&counts, method) {
        let best = cluster.first().map(|(l, _)| l.clone()).unwrap_or_default();
        add(&cluster, &best);
    }
    // A spelling that no row to learn from has still has its key.
    if method != "edit" {
        let mut best: BTreeMap<Key, (u64, &str)> = BTreeMap::new();
        for (level, n) in &counts {
            let Some(key) = key(level, method) else { continue };
            let slot = best.entry(key).or_insert((*n, level));
            if *n > slot.0 {
                *slot = (*n, level);
            }
        }
        for level in column.levels().unwrap_or_default() {
            let is_new = !counts.iter().any(|(l, _)| l == level);
            if let (true, Some(key)) = (is_new, key(level, method))
                && let Some((_, into)) = best.get(&key)
            {
                names.insert(level.clone(), (*into).to_owned());
            }
        }
    }
    (names, n_names)
}

/// The most frequent spelling first; of equals the one written as a name: "Roma" before "roma", and that before "ROMA".
fn most_frequent(a: &(String, u64), b: &(String, u64)) -> std::cmp::Ordering {
    let form = |name: &str| {
        let mut letters = name.chars().filter(|c| c.is_alphabetic());
        match (letters.next().is_some_and(char::is_uppercase), letters.any(char::is_lowercase)) {
            (true, true) => 0,
            (false, _) => 1,
            (true, false) => 2,
        }
    };
    b.1.cmp(&a.1).then_with(|| form(&a.0).cmp(&form(&b.0))).then_with(|| natural_order(&a.0, &b.0))
}

/// Values that seem to be spellings of one name, in the order of their first.
fn clusters(counts: &[(String, u64)], method: &str) -> Vec<Cluster> {
    let mut all: Vec<(String, u64)> = counts.iter().filter(|(_, n)| *n > 0).cloned().collect();
    all.order_by(most_frequent);
    if method == "edit" {
        return near(all);
    }
    let mut groups: BTreeMap<Key, Cluster> = BTreeMap::new();
    for (level, n) in all {
        if let Some(key) = key(&level, method) {
            groups.entry(key).or_default().push((level, n));
        }
    }
    let mut found: Vec<Cluster> = groups.into_values().filter(|c| c.len() > 1).collect();
    found.order_by(|a, b| natural_order(&a[0].0, &b[0].0));
    found
}

/// Each spelling goes to the most frequent one that is near enough; what has gone takes none itself.
fn near(mut all: Vec<(String, u64)>) -> Vec<Cluster> {
    all.truncate(MOST_COMPARED);
    let folded: Vec<(Vec<char>, String)> = all
        .iter()
        .map(|(l, _)| (without_accents(&trimmed(l).to_lowercase()).chars().collect(), signs(l)))
        .collect();
    let mut is_taken = vec![false; all.len()];
    let mut found = Vec::new();
    for i in 0..all.len() {
        if is_taken[i] || !folded[i].0.iter().any(|c| c.is_alphabetic()) {
            continue;
        }
        let mut cluster = vec![all[i].clone()];
        for j in i + 1..all.len() {
            let (a, b) = (&folded[i].0, &folded[j].0);
            let most = match a.len().min(b.len()) {
                // Of three letters nothing but their order may differ: "Teh".
                3 if sorted(a) == sorted(b) => 1,
                0..4 => continue,
                4..8 => 1,
                _ => 2,
            };
            if !is_taken[j] && folded[i].1 == folded[j].1 && edit_distance(a, b, most) <= most {
                is_taken[j] = true;
                cluster.push(all[j].clone());
            }
        }
        if cluster.len() > 1 {
            found.push(cluster);
        }
    }
    found
}

fn sorted(letters: &[char]) -> Vec<char> {
    let mut sorted = letters.to_vec();
    sorted.order_by(|a, b| a.cmp(b));
    sorted
}

/// The optimal string alignment distance (Damerau and Levenshtein: neighbours that changed places are one slip), or something
/// larger than `most` as soon as that is certain.
fn edit_distance(a: &[char], b: &[char], most: usize) -> usize {
    if a.len().abs_diff(b.len()) > most {
        return most + 1;
    }
    let [mut before, mut last, mut row]: [Vec<usize>; 3] = std::array::from_fn(|_| (0..=b.len()).collect());
    for (i, x) in a.iter().enumerate() {
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            row[j + 1] = (last[j] + usize::from(x != y)).min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                row[j + 1] = row[j + 1].min(before[j - 1] + 1);
            }
        }
        // The next row can go back to the last one.
        if row.iter().chain(&last).all(|n| *n > most) {
            return most + 1;
        }
        std::mem::swap(&mut before, &mut last);
        std::mem::swap(&mut last, &mut row);
    }
    last[b.len()]
}

/// What collides, and the digits and signs that must be the same.
type Key = (String, String);

/// `None` for texts without letters, which are no names.
fn key(level: &str, method: &str) -> Option<Key> {
    if !level.chars().any(char::is_alphabetic) {
        return None;
    }
    let key = if method == "ngram" { ngram_fingerprint(level) } else { fingerprint(level) };
    (!key.is_empty()).then(|| (key, signs(level)))
}

/// OpenRefine's fingerprint: lower case, without punctuation and accents, its words sorted and each once.
fn fingerprint(text: &str) -> String {
    let plain: String = plain(text);
    let mut words: Vec<&str> = plain.split_whitespace().collect();
    words.order_by(|a, b| a.cmp(b));
    words.dedup();
    words.join(" ")
}

/// OpenRefine's n-gram fingerprint with pairs: the pairs of neighbouring letters, sorted and each once.
fn ngram_fingerprint(text: &str) -> String {
    let letters: Vec<char> = plain(text).chars().filter(|c| !c.is_whitespace()).collect();
    let mut pairs: Vec<String> = letters.windows(2).map(|w| w.iter().collect()).collect();
    pairs.order_by(|a, b| a.cmp(b));
    pairs.dedup();
    pairs.concat()
}

fn plain(text: &str) -> String {
    let kept = |c: &char| !c.is_ascii_punctuation() && (!c.is_control() || c.is_whitespace());
    without_accents(&text.trim().to_lowercase().chars().filter(kept).collect::<String>())
}

/// Digits with the marks between them, and the signs that tell names apart.
fn signs(text: &str) -> String {
    let letters: Vec<char> = text.trim().chars().collect();
    let is_digit = |i: Option<usize>| i.and_then(|i| letters.get(i)).is_some_and(char::is_ascii_digit);
    let keeps = |(i, c): (usize, &char)| {
        let is_outer = i == 0 || i + 1 == letters.len();
        let is_between = is_digit(i.checked_sub(1)) && is_digit(Some(i + 1));
        let is_kept = c.is_ascii_digit()
            || "+<>=%#€$£".contains(*c)
            || (*c == '-' && is_outer)
            || (is_between && c.is_ascii_punctuation());
        is_kept.then_some(*c)
    };
    letters.iter().enumerate().filter_map(keeps).collect()
}

/// Names as one text: a semicolon inside a name is doubled.
fn joined(names: &[String]) -> String {
    names.iter().map(|n| n.replace(';', ";;")).collect::<Vec<_>>().join("; ")
}

fn separated(text: &str) -> Vec<String> {
    let parts = text.replace(";;", "\u{0}");
    let parts = parts.split(';').map(|p| p.trim().replace('\u{0}', ";"));
    parts.filter(|p| !p.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(method: &str, levels: &[(&str, u64)], expected: &[&[&str]]) {
        let counts: Vec<(String, u64)> = levels.iter().map(|(l, n)| ((*l).to_owned(), *n)).collect();
        let found = clusters(&counts, method);
        let found: Vec<Vec<&str>> =
            found.iter().map(|c| c.iter().map(|(l, _)| l.as_str()).collect()).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn keys_are_those_of_openrefine() {
        // The examples of OpenRefine's description of its methods.
        for name in ["Tom Cruise", "Cruise, Tom", " tom   CRUISE"] {
            assert_eq!(fingerprint(name), "cruise tom");
        }
        assert_eq!(fingerprint("Gödel, Kurt"), fingerprint("kurt godel"));
        assert_eq!(ngram_fingerprint("Paris"), "arispari");
        assert_eq!(ngram_fingerprint("Krzysztof"), ngram_fingerprint("Krzy sztof"));
    }

    #[test]
    fn spellings_go_to_the_most_frequent() {
        check(
            "fingerprint",
            &[("phd", 1), ("PhD", 9), ("Ph.D.", 3), ("Basic", 4)],
            &[&["PhD", "Ph.D.", "phd"]],
        );
        check("fingerprint", &[("ROMA", 3), ("roma", 3), ("Roma", 3)], &[&["Roma", "roma", "ROMA"]]);
        check("fingerprint", &[("e-mail", 2), ("email", 5), ("E mail", 1)], &[&["email", "e-mail"]]);
        check("ngram", &[("e-mail", 2), ("email", 5), ("E mail", 1)], &[&["email", "e-mail", "E mail"]]);
        check(
            "edit",
            &[("Facebook", 90), ("Facebok", 2), ("Faceboook", 1)],
            &[&["Facebook", "Facebok", "Faceboook"]],
        );
    }

    #[test]
    fn neighbours_that_changed_places_are_one_slip() {
        check("edit", &[("Google", 90), ("Gogole", 2), ("Gogle", 1)], &[&["Google", "Gogole", "Gogle"]]);
        check("edit", &[("The", 90), ("Teh", 2), ("Tea", 1), ("Eth", 1)], &[&["The", "Teh"]]);
        let distance = |a: &str, b: &str, most| {
            let letters = |t: &str| t.chars().collect::<Vec<_>>();
            edit_distance(&letters(a), &letters(b), most)
        };
        // Of optimal string alignment, which touches no letter twice: "ca" to "abc" is three.
        for (a, b, expected) in [
            ("ca", "abc", 3),
            ("abcd", "badc", 2),
            ("abcdef", "bacdfe", 2),
            ("kitten", "sitting", 3),
            ("", "ab", 2),
        ] {
            assert_eq!((distance(a, b, 9), distance(b, a, 9)), (expected, expected), "{a} {b}");
            assert!(distance(a, b, expected - 1) >= expected, "{a} {b}");
        }
    }

    #[test]
    fn suggestions_of_one_column_have_titles_of_their_own() {
        let cells = [("Google", 60), ("google", 3), ("Gogle", 2), ("Facebook", 60), ("facebook", 2)];
        let cells: Vec<Option<&str>> =
            cells.iter().flat_map(|(name, n)| std::iter::repeat_n(Some(*name), *n)).collect();
        let column = Column::category("Source", crate::engine::data::role::Role::Category, &cells);
        let table = Table::new(crate::engine::data::role::TableKind::Other, vec![column]).unwrap();
        let titles: Vec<String> = MergeSpellings.suggest(&table).into_iter().map(|s| s.title).collect();
        let expected = [
            "Merge facebook into Facebook in Source",
            "Merge google into Google in Source",
            "Merge google and Gogle into Google in Source",
        ];
        assert_eq!(titles, expected);
    }

    #[test]
    fn what_differs_in_digits_or_signs_is_never_one_name() {
        for method in METHODS {
            check(method, &[("30-34", 5), ("3034", 1), ("30.34", 1), (">30", 1), ("<30", 1)], &[]);
            check(method, &[("A+", 5), ("A-", 3), ("A", 3)], &[]);
            check(method, &[("Campaign 1", 50), ("Campaign 2", 3), ("Campaign 12", 2)], &[]);
            check(method, &[("1.5 kg", 50), ("15 kg", 3)], &[]);
            check(method, &[("Male", 50), ("Female", 3)], &[]);
        }
    }

    #[test]
    fn names_with_semicolons_come_back() {
        let names = vec!["a; b".to_owned(), "c".to_owned()];
        assert_eq!(separated(&joined(&names)), names);
    }
}
