//! Masks the cells of personal columns wherever findings quote them.

use super::without_value;
use crate::engine::{
    data::{
        private::{MASKED, scrub, unquoted},
        summary::{ColumnSummary, TableSummary},
    },
    features::formula::{self, SHOWN, hide_literals},
    knobs::{Knob, KnobKind, Setting},
    order::InOrder,
    pipeline::{execute::find_step, recipe::RecipeStep},
    report::build::{Findings, LedgerEntry},
    step_kit::typed_number,
    words::{self, shorten},
};

/// Masks the cells of personal columns wherever findings quote them, and whatever else looks like an e-mail address, a
/// phone or a card number.
pub fn personal(findings: &mut Findings) {
    let names = personal_names(findings);
    let is_personal = |name: &String| names.contains(name);
    let summary = |table: &mut TableSummary| {
        for column in table.columns.iter_mut().filter(|c| is_personal(&c.name)) {
            column.examples = if column.examples.is_empty() { Vec::new() } else { vec![MASKED.to_owned()] };
            column.range = None;
        }
    };
    summary(&mut findings.raw);
    summary(&mut findings.table);
    for line in &mut findings.receipt.skipped {
        // A raw line has the personal cells of its row in it.
        line.text = if names.is_empty() { scrub(&line.text) } else { MASKED.to_owned() };
    }
    for issue in &mut findings.receipt.issues {
        let personal = issue.column.clone().filter(|name| is_personal(name));
        if let Some(name) = &personal {
            issue.message = unquoted(&issue.message, name);
        } else {
            issue.message = scrub(&issue.message);
        }
        // Without a column the text is a whole line.
        let is_masked = personal.is_some() || (issue.column.is_none() && !names.is_empty());
        issue.text = issue.text.take().map(|text| if is_masked { MASKED.to_owned() } else { scrub(&text) });
    }
    let before = findings.recipe.clone();
    let values: Vec<Vec<String>> = findings.recipe.steps.iter_mut().map(|s| settings(s, &names)).collect();
    findings.recipe_is_masked |= findings.recipe.steps != before.steps;
    let mut shown = Vec::new();
    for (i, entry) in findings.ledger.iter_mut().enumerate() {
        let sentence = |entry: &LedgerEntry| entry.effect.as_ref().map(|e| e.sentence.clone());
        let before = sentence(entry);
        step(entry, &names, values.get(i).map_or(&[], Vec::as_slice));
        shown.extend(before.zip(sentence(entry)).filter(|(before, after)| before != after));
    }
    // Away from the step it was typed into, a short value is a word like others.
    let values: Vec<String> = values.concat().into_iter().filter(|v| v.chars().count() > 2).collect();
    for node in &mut findings.graph {
        for (before, after) in &shown {
            node.detail = node.detail.replace(before, after);
        }
        masked_words(&mut node.detail, &names, &values);
    }
}

/// Columns whose cells are masked: what is personal now, what was before it was dropped, and what was made of it.
fn personal_names(findings: &Findings) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let steps = || findings.recipe.steps.iter().zip(&findings.ledger);
    // What the user says of the prepared table holds for the raw one too. Computed columns that are not personal by
    // themselves can tell what they were made of.
    let is_let_go = |name: &str| {
        let said = steps().rev().find_map(|(step, entry)| match step {
            RecipeStep::Personal { column, is_personal } if column == name && entry.failure.is_none() => {
                Some(*is_personal)
            }
            _ => None,
        });
        let is_shown = |c: &ColumnSummary| c.name == name && c.personal.is_none() && !c.is_computed;
        said.map_or_else(|| findings.table.columns.iter().any(is_shown), |is_personal| !is_personal)
    };
    let add = |names: &mut Vec<String>, name: &String| {
        if !is_let_go(name) && !names.contains(name) {
            names.push(name.clone());
        }
    };
    for column in findings.raw.columns.iter().chain(&findings.table.columns) {
        if column.personal.is_some() {
            add(&mut names, &column.name);
        }
    }
    for (step, entry) in steps() {
        if let RecipeStep::Personal { column, is_personal: true } = step {
            add(&mut names, column);
        }
        let Some(effect) = &entry.effect else { continue };
        if effect.columns_used.iter().any(|used| names.contains(used)) {
            effect.columns_added.iter().for_each(|made| add(&mut names, made));
        }
    }
    names
}

/// Masks what was typed into a step about a personal column; gives what was masked.
fn settings(step: &mut RecipeStep, names: &[String]) -> Vec<String> {
    let (RecipeStep::Clean(call) | RecipeStep::Feature(call)) = step else { return Vec::new() };
    let knobs = find_step(&call.slug).map(|s| s.knobs()).unwrap_or_default();
    let is_formula = |slug: &str| knobs.iter().any(|k| k.slug == slug && k.kind == KnobKind::Formula);
    let is_personal = call.settings.0.iter().any(|(slug, value)| match value {
        Setting::Text(text) if is_formula(slug) => match hide_literals(text, MASKED) {
            Some(hidden) => hidden.names.iter().any(|n| names.contains(n)),
            None => names.iter().any(|n| text.contains(n.as_str())),
        },
        Setting::Text(text) => names.contains(text),
        Setting::Texts(texts) => texts.iter().any(|t| names.contains(t)),
        _ => false,
    });
    let mut values = Vec::new();
    for (slug, value) in &mut call.settings.0 {
        if let Setting::Numbers(numbers) = value
            && is_personal
        {
            values.extend(numbers.iter().flat_map(|n| written(*n)));
            *value = Setting::Text(MASKED.to_owned());
            continue;
        }
        let Setting::Text(text) = value else { continue };
        let is_choice = |k: &Knob| matches!(k.kind, KnobKind::Choice(_) | KnobKind::Column { .. });
        if text.is_empty() || knobs.iter().any(|k| k.slug == *slug && is_choice(k)) {
            continue;
        }
        // The name of a new column is no value.
        if !is_personal || slug == "name" {
            *text = scrub(text);
        } else if is_formula(slug) {
            let hidden = hide_literals(text, MASKED);
            let shown = hidden.as_ref().map_or(MASKED, |h| h.text.as_str()).to_owned();
            let written = std::mem::replace(text, shown);
            values.extend([written.trim().to_owned(), shorten(written.trim(), SHOWN)]);
            values.extend(formula::parse(&written).map(|expr| formula::print(&expr)));
            values.extend(hidden.into_iter().flat_map(|h| h.literals));
        } else if !names.contains(text) {
            // A list of values was typed as one text.
            values.extend(text.split(';').map(|v| v.trim().to_owned()));
            *text = MASKED.to_owned();
        }
    }
    let numbers: Vec<String> =
        values.iter().filter_map(|v| typed_number(v, true)).flat_map(written).collect();
    values.extend(numbers);
    // The whole goes before what is in it.
    values.retain(|v| !v.is_empty() && !names.contains(v));
    values.order_by_key(|v| std::cmp::Reverse(v.len()));
    if let Some(reason) = &mut call.reason {
        masked_words(reason, names, &values);
    }
    values
}

/// A number in the ways sentences write it.
fn written(number: f64) -> [String; 3] {
    [number.to_string(), words::number(number), words::brief(number)]
}

/// Masks what a sentence quotes of personal columns, and the values of a step wherever they stand.
fn masked_words(text: &mut String, names: &[String], values: &[String]) {
    let about = names.iter().find(|name| text.contains(name.as_str()));
    for value in values {
        *text = without_value(text, value);
    }
    *text = about.map_or_else(|| scrub(text), |name| unquoted(text, name));
}

fn step(entry: &mut LedgerEntry, names: &[String], values: &[String]) {
    let about = |text: &str| names.iter().any(|name| text.contains(name.as_str()));
    let words = |text: &mut String| masked_words(text, names, values);
    entry.failure.iter_mut().chain(&mut entry.reason).for_each(words);
    let Some(effect) = &mut entry.effect else { return };
    words(&mut effect.sentence);
    effect.notes.iter_mut().for_each(words);
    effect.shared = None;
    // Code holds the values it works with.
    if about(&effect.python) {
        effect.python = "# left out: it names personal values".to_owned();
    }
    let is_of_person = |column: &str| {
        names.iter().any(|n| n == column) || effect.columns_used.iter().any(|used| names.contains(used))
    };
    for change in &mut effect.examples {
        let is_masked = is_of_person(&change.column);
        for text in [&mut change.before, &mut change.after] {
            *text = match text.as_str() {
                "" | "row dropped" | "dropped" => continue,
                _ if is_masked => MASKED.to_owned(),
                other => scrub(other),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{
        data::{private::Personal, summary::SkippedLine},
        knobs::Settings,
        report::sample,
        step::{CellChange, Effect, StepCall},
    };

    #[test]
    fn personal_cells_are_masked_wherever_they_are_quoted() {
        let mut findings = sample::bare();
        let mut email = ColumnSummary { name: "Who".into(), ..findings.raw.columns[0].clone() };
        email.examples = vec!["ann@example.org".into()];
        email.personal = Some(Personal::Email);
        findings.raw.columns.push(email.clone());
        findings.table.columns.push(email);
        findings.receipt.skipped =
            vec![SkippedLine { line: 3, reason: "total row".into(), text: "Ann,ann@example.org".into() }];
        findings.receipt.issues[0].message = "as in “bob@example.org”".into();
        findings.ledger.push(LedgerEntry {
            title: "Trim".into(),
            kind: "clean".into(),
            failure: None,
            reason: Some("Who: “ann@example.org” (2 rows) and “Ann Li” have the same words.".into()),
            effect: Some(Effect {
                sentence: "Rewrote Who, such as “ann@example.org”".into(),
                python: "df[\"Who\"].replace({\"ann@example.org\": \"\"})".into(),
                examples: vec![CellChange {
                    row: 1,
                    column: "Who".into(),
                    before: " Ann Li".into(),
                    after: "Ann Li".into(),
                }],
                ..Effect::default()
            }),
        });
        let text = |f: &Findings| serde_json::to_string(f).unwrap();
        assert!(text(&findings).contains("example.org") && text(&findings).contains("Ann"));
        personal(&mut findings);
        assert!(!text(&findings).contains("example.org"), "{}", text(&findings));
        assert!(!text(&findings).contains("Ann Li"));
        // What is not personal stays as it is.
        assert_eq!(findings.raw.columns[0].examples, sample::bare().raw.columns[0].examples);
    }

    #[test]
    fn what_was_typed_about_a_personal_column_is_masked_in_the_recipe() {
        let mut findings = sample::bare();
        let mut who = ColumnSummary { name: "Who".into(), ..findings.raw.columns[0].clone() };
        who.personal = Some(Personal::Name);
        findings.raw.columns.push(who);
        let call = |slug: &str, settings: Settings, reason: &str| {
            RecipeStep::Clean(StepCall { reason: Some(reason.into()), ..StepCall::new(slug, settings) })
        };
        let of = |column: &str| Settings::new().with("column", column);
        let merge = of("Who").with("spellings", "Anna; anna").with("into", "Anna");
        let filter = of("Who").with("operator", "is_not").with("value", "Bertha");
        let formula = Settings::new().with("formula", "if(Who == \"Anna\", 1, 0)").with("name", "x");
        findings.recipe.steps = vec![
            call("merge_spellings", merge, "Who: “Anna” (3 rows) and “anna” (1 row) are alike."),
            call("filter_rows", filter, "."),
            RecipeStep::Feature(StepCall::new("formula", formula)),
            call("filter_rows", of("Region").with("value", "Atlantis"), "."),
        ];
        let effect = Effect { sentence: "Kept 3 rows where Who is not Bertha".into(), ..Effect::default() };
        let entry = |effect: Effect| LedgerEntry {
            title: "A step".into(),
            kind: "clean".into(),
            failure: None,
            reason: Some("Who: “Anna” (3 rows) is there.".into()),
            effect: Some(effect),
        };
        findings.ledger = vec![entry(Effect::default()), entry(effect)];
        personal(&mut findings);
        let text = serde_json::to_string(&findings).unwrap();
        for word in ["Anna", "anna", "Bertha"] {
            assert!(!text.contains(word), "{word} in {text}");
        }
        for word in ["Atlantis", "is_not", "Who", "if(Who == \\\"(masked)\\\", 1, 0)"] {
            assert!(text.contains(word), "{word} not in {text}");
        }
        assert!(findings.recipe_is_masked);
    }

    /// What is left of a formula about people, and of a sentence with it.
    #[track_caller]
    fn check_formula(formula: &str, sentence: &str, shown: &str, shown_sentence: &str) {
        let mut findings = sample::bare();
        for name in ["Who", "Phone"] {
            let of_person = ColumnSummary { name: name.into(), ..findings.raw.columns[0].clone() };
            findings.raw.columns.push(ColumnSummary { personal: Some(Personal::Said), ..of_person });
        }
        let settings = Settings::new().with("formula", formula).with("name", "Is Anna");
        findings.recipe.steps = vec![RecipeStep::Feature(StepCall::new("formula", settings))];
        findings.ledger = vec![LedgerEntry {
            title: "Formula".into(),
            kind: "feature".into(),
            failure: None,
            reason: None,
            effect: Some(Effect { sentence: sentence.into(), ..Effect::default() }),
        }];
        personal(&mut findings);
        let RecipeStep::Feature(call) = &findings.recipe.steps[0] else { panic!("no feature") };
        assert_eq!((call.settings.text("formula", ""), call.settings.text("name", "")), (shown, "Is Anna"));
        assert_eq!(findings.ledger[0].effect.as_ref().unwrap().sentence, shown_sentence);
    }

    #[test]
    fn values_in_formulas_about_people_are_masked() {
        let formula = "if(Who == 'Anna', 1, 0)";
        let sentence = "Added Is Anna = if(Who == 'Anna', 1, 0)";
        let masked = "if(Who == \"(masked)\", 1, 0)";
        check_formula(formula, sentence, masked, "Added Is (masked) = (masked)");
        let printed = "Added x = if(Who = \"Anna\", 1, 0)";
        check_formula(formula, printed, masked, "Added x = (masked)");
        let sentence = "Added x = Phone == 301234567, as 301234567";
        check_formula("Phone == 301234567", sentence, "Phone == (masked)", "Added x = (masked), as (masked)");
        // A formula that cannot be read, and one that is too long for its sentence.
        check_formula("Who == \"Anna", "Added x = Who == \"Anna", MASKED, "Added x = (masked)");
        let long = format!("{}Who == 'Annabel'", "Who == 'B' or ".repeat(14));
        let sentence = format!("Added x = {}", shorten(&long, SHOWN));
        assert!(sentence.ends_with("Who…") || sentence.contains("'B'"));
        let masked = long.replace("'B'", "\"(masked)\"").replace("'Annabel'", "\"(masked)\"");
        check_formula(&long, &sentence, &masked, "Added x = (masked)");
        // What is not about people stays.
        let other = "if(Region == 'Anna', 1, 0)";
        check_formula(other, "Added x = 1", other, "Added x = 1");
    }

    /// What is left of a step about people: its settings, and a sentence of its own and one of the step after it.
    #[track_caller]
    fn check_typed(slug: &str, settings: Settings, own: &str, shown: &str) {
        let mut findings = sample::bare();
        for name in ["Who", "Phone"] {
            let of_person = ColumnSummary { name: name.into(), ..findings.raw.columns[0].clone() };
            findings.raw.columns.push(ColumnSummary { personal: Some(Personal::Said), ..of_person });
        }
        let entry = |sentence: &str| LedgerEntry {
            title: "A step".into(),
            kind: "clean".into(),
            failure: None,
            reason: None,
            effect: Some(Effect { sentence: sentence.into(), ..Effect::default() }),
        };
        let other = "Dropped 12 rows where Region is Li";
        let region = Settings::new().with("column", "Region").with("value", "Li");
        findings.recipe.steps = vec![
            RecipeStep::Clean(StepCall::new(slug, settings)),
            RecipeStep::Clean(StepCall::new("filter_rows", region)),
        ];
        findings.ledger = vec![entry(own), entry(other)];
        personal(&mut findings);
        let sentence = |i: usize| findings.ledger[i].effect.as_ref().unwrap().sentence.as_str();
        assert_eq!((sentence(0), sentence(1)), (shown, other));
        let recipe = serde_json::to_string(&findings.recipe.steps[0]).unwrap();
        for value in ["49151530", "Li\"", "王伟", "12"] {
            assert!(!recipe.contains(value), "{value} in {recipe}");
        }
        assert!(findings.recipe_is_masked);
    }

    #[test]
    fn numbers_and_short_values_typed_about_people_are_masked() {
        let who = || Settings::new().with("column", "Who");
        let phone = || Settings::new().with("columns", vec!["Phone".to_owned()]);
        let own = "Emptied 3 cells of Phone that hold 4,915,153,013,744 or 12, of 312";
        let shown = "Emptied 3 cells of Phone that hold (masked) or (masked), of 312";
        let values = Setting::Numbers(vec![4_915_153_013_744.0, 12.0]);
        check_typed("sentinels_to_missing", phone().with("values", values), own, shown);
        let fill = phone().with("method", "constant").with("constant", "4915153013744");
        let own = "Filled 3 cells of Phone with 4,915,153,013,744";
        check_typed("fill_missing", fill, own, "Filled 3 cells of Phone with (masked)");
        let own = "Kept 5 rows where Who is Li, as Lisa";
        check_typed(
            "filter_rows",
            who().with("value", "Li"),
            own,
            "Kept 5 rows where Who is (masked), as Lisa",
        );
        let own = "Kept 5 rows where Phone is above 1234.5";
        let above =
            Settings::new().with("column", "Phone").with("operator", "above").with("value", "1.234,5");
        check_typed("filter_rows", above, own, "Kept 5 rows where Phone is above (masked)");
        let own = "Kept 5 rows where Who is 王伟";
        check_typed("filter_rows", who().with("value", "王伟"), own, "Kept 5 rows where Who is (masked)");
    }

    #[test]
    fn what_was_computed_from_people_is_masked_until_the_user_lets_it_go() {
        let mut findings = sample::bare();
        let who = ColumnSummary { name: "Who".into(), ..findings.raw.columns[0].clone() };
        findings.raw.columns.push(ColumnSummary { personal: Some(Personal::Name), ..who.clone() });
        let length = ColumnSummary { name: "Length".into(), is_computed: true, ..who };
        findings.table.columns.push(length);
        let made = Effect {
            columns_used: vec!["Who".into()],
            columns_added: vec!["Length".into(), "Gone".into()],
            ..Effect::default()
        };
        let entry = |effect: Effect| LedgerEntry {
            title: "A step".into(),
            kind: "feature".into(),
            failure: None,
            reason: None,
            effect: Some(effect),
        };
        let formula = Settings::new().with("formula", "length(Who)");
        findings.recipe.steps = vec![RecipeStep::Feature(StepCall::new("formula", formula))];
        findings.ledger = vec![entry(made)];
        assert_eq!(personal_names(&findings), ["Who", "Length", "Gone"]);
        findings.recipe.steps.push(RecipeStep::Personal { column: "Length".into(), is_personal: false });
        findings.ledger.push(entry(Effect::default()));
        assert_eq!(personal_names(&findings), ["Who", "Gone"]);
    }
}
