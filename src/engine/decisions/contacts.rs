//! Contacting people one by one: whoever a model expects to pay for the contact, and what that would have brought.

use serde::{Deserialize, Serialize};

use super::{
    decision::{DecisionPlan, Economics, HoldOutPlan},
    retarget::economics,
};
use crate::engine::{
    data::{role::Role, table::Table},
    models::{
        comparison::{Comparison, Prediction},
        metrics,
        outcome::Outcome,
        verdict::in_sentence,
        yes_no::Ranked,
    },
    numeric::{distributions::normal_quantile, math},
    order::InOrder,
    statistics::claim::{Claim, Grade, Record},
    words,
};

/// Points of the curve that a picture can show.
const MOST_POINTS: f64 = 200.0;

/// Profit of contacting everybody of at least this probability.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct ProfitPoint {
    /// The probability.
    pub threshold: f64,
    /// People contacted.
    pub people: u64,
    /// Of those, who responded.
    pub responses: u64,
    /// value × responses − cost × people.
    pub profit: f64,
}

/// Contacting whoever is expected to pay.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Contacts {
    /// Family of the model.
    pub family: String,
    /// Its name.
    pub title: String,
    /// What it predicts.
    pub target: String,
    /// Value and cost the figures rest on.
    pub economics: Economics,
    /// Where these come from.
    pub economics_source: String,
    /// cost / value: from this probability on a contact is expected to pay.
    pub break_even: f64,
    /// People with a held-out probability.
    pub n: u64,
    /// Contacted: those whose probability is at least break-even.
    pub people: u64,
    /// Of those, who responded.
    pub responses: u64,
    /// How many of them the model expected to.
    pub expected_responses: f64,
    /// What contacting them would have brought.
    pub profit: f64,
    /// 95 % interval: people as drawn from more like them, the models as trained.
    pub profit_interval: (f64, f64),
    /// Contacting everyone, from the responses that were observed.
    pub profit_everyone: f64,
    /// From nobody (the highest probability) to everyone.
    pub curve: Vec<ProfitPoint>,
    /// The point of highest profit, found by looking; not a promise.
    pub best: ProfitPoint,
    /// The result, then the reason.
    pub sentence: String,
    /// What must hold for the figures to hold, one sentence each.
    pub assumptions: Vec<String>,
    /// The experiment that would prove it; `None` where no number of people would do.
    #[serde(default)]
    pub hold_out: Option<HoldOutPlan>,
}

/// Whether a comparison says who of a table responds: a yes/no whose column is the response, or, where no column is,
/// any other.
pub fn fits(table: &Table, comparison: &Comparison) -> bool {
    let is_response = |name: &str| table.column(name).is_ok_and(|c| c.role == Role::Response);
    comparison.outcome() == Outcome::YesNo
        && (is_response(&comparison.plan.target) || table.with_role(Role::Response).is_none())
}

/// Values contacting by a family's held-out probabilities (the winner's without one). `Err` says what is missing.
///
/// Contacted is whoever's probability reaches cost / value: for honest probabilities no other rule brings more. As the
/// threshold follows from the money and not from the outcomes, the profit is not the best of many and needs no correction for
/// that. profit = Σ over the contacted of (value × response − cost); its error is that of a sum over n people drawn
/// independently, whoever is not contacted counting 0.
pub fn contacts(
    table: &Table,
    comparison: &Comparison,
    family: Option<&str>,
    plan: &DecisionPlan,
    currency: Option<&str>,
) -> Result<Contacts, String> {
    if !fits(table, comparison) {
        return Err("No model says who responds: predict the response as yes or no.".to_owned());
    }
    let family = family.unwrap_or(&comparison.verdict.winner);
    let rows = rows_of(comparison, family).ok_or("This model has no held-out probabilities.")?;
    let (economics, economics_source) = economics(table, plan)?;
    let Economics { value_per_response: value, cost_per_contact: cost } = economics;
    let break_even = cost / value;
    let gain = |p: &Prediction| if p.predicted >= break_even { value * p.actual - cost } else { 0.0 };
    let gains: Vec<f64> = rows.iter().map(gain).collect();
    let chosen = || rows.iter().filter(|p| p.predicted >= break_even);
    let profit = math::sum(gains.iter().copied());
    let n = rows.len() as f64;
    let sd = metrics::mean_sd(&gains).1;
    let reach = if sd.is_finite() { normal_quantile(0.975) * sd * n.sqrt() } else { 0.0 };
    let responses = math::sum(rows.iter().map(|p| p.actual));
    let curve = curve(&Ranked::of(rows), economics);
    let best = curve
        .iter()
        .copied()
        .fold(ProfitPoint::default(), |best, point| if point.profit > best.profit { point } else { best });
    let mut found = Contacts {
        family: family.to_owned(),
        title: comparison.title_of(family).to_owned(),
        target: comparison.plan.target.clone(),
        economics,
        economics_source,
        break_even,
        n: rows.len() as u64,
        people: chosen().count() as u64,
        responses: math::sum(chosen().map(|p| p.actual)) as u64,
        expected_responses: math::sum(chosen().map(|p| p.predicted)),
        profit,
        profit_interval: (profit - reach, profit + reach),
        profit_everyone: value * responses - cost * n,
        curve,
        best,
        sentence: String::new(),
        assumptions: Vec::new(),
        hold_out: None,
    };
    found.sentence = sentence(&found, currency);
    found.assumptions = assumptions(&found, currency);
    Ok(found)
}

/// The held-out probabilities of a family.
fn rows_of<'a>(comparison: &'a Comparison, family: &str) -> Option<&'a [Prediction]> {
    let (_, rows) = comparison.predictions.iter().find(|(f, _)| f == family)?;
    (!rows.is_empty()).then_some(rows.as_slice())
}

/// Whom to contact: file rows with their probabilities, likeliest first.
pub fn people(comparison: &Comparison, found: &Contacts) -> Vec<(u32, f64)> {
    let rows = rows_of(comparison, &found.family).unwrap_or_default();
    let mut out: Vec<(u32, f64)> =
        rows.iter().filter(|p| p.predicted >= found.break_even).map(|p| (p.row, p.predicted)).collect();
    out.order_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    out
}

fn curve(ranked: &Ranked, of: Economics) -> Vec<ProfitPoint> {
    let mut out = vec![ProfitPoint { threshold: 1.0, ..ProfitPoint::default() }];
    let last = ranked.blocks.len();
    for (i, (threshold, people, responses)) in (1..).zip(ranked.cumulative()) {
        let profit = of.value_per_response * responses - of.cost_per_contact * people;
        let point = ProfitPoint { threshold, people: people as u64, responses: responses as u64, profit };
        let is_near = out.last().is_some_and(|kept| {
            people - (kept.people as f64) < ranked.n / MOST_POINTS
                && kept.threshold - threshold < 1.0 / MOST_POINTS
        });
        if i == last || !is_near {
            out.push(point);
        }
    }
    out
}

fn sentence(f: &Contacts, currency: Option<&str>) -> String {
    let cash = |v: f64| words::money(v.round(), currency);
    let bar = words::percent(f.break_even);
    let everyone = cash(f.profit_everyone);
    if f.people == 0 {
        return format!(
            "Contact nobody: {} expects no one to reach the break-even response of {bar}. Contacting everyone brings \
             {everyone}.",
            in_sentence(&f.title)
        );
    }
    let whom = if f.people == f.n {
        format!("everyone ({})", words::counted(f.people, "person", "people"))
    } else {
        format!(
            "the {} whose expected response is at least {bar}",
            words::counted(f.people, "person", "people")
        )
    };
    let would = format!(
        "{} of them responded, a profit of {} ({} with 95 % confidence)",
        words::count(f.responses),
        cash(f.profit),
        words::interval_of(f.profit_interval, cash)
    );
    let against =
        if f.people == f.n { String::new() } else { format!("; contacting everyone brings {everyone}") };
    let how_sure = if f.profit_interval.0 > 0.0 {
        "Hold some of them back to prove it."
    } else {
        "Whether it pays cannot be told yet: try it on a part."
    };
    format!(
        "Contact {whom}, by {} on rows it has not seen: {would}{against}. {how_sure}",
        in_sentence(&f.title)
    )
}

fn assumptions(f: &Contacts, currency: Option<&str>) -> Vec<String> {
    let mut all = vec![
        "Each person’s probability comes from a model that had not seen that person, so the profit is one that new people \
         like these would bring."
            .to_owned(),
        format!(
            "Contacted is who reaches {} = cost / value. That follows from the money and was not tuned on the outcomes.",
            words::percent(f.break_even)
        ),
        "The interval covers which people happened to be asked; it takes them as independent and the models as trained."
            .to_owned(),
        format!(
            "The model expected {} responses among the people contacted; {} came.",
            words::count(f.expected_responses.round() as u64),
            words::count(f.responses)
        ),
        "Everyone in the file was contacted, so this is who responds, not what contacting changes: some would have bought \
         anyway. Only a hold-out group tells."
            .to_owned(),
        "The next campaign is taken to work like this one, with the same value and cost for everyone.".to_owned(),
    ];
    if currency.is_none() {
        all.push("Money is in the file’s currency, which the file does not name.".to_owned());
    }
    all
}

/// The decision as a claim.
pub(super) fn claim(f: &Contacts, currency: Option<&str>) -> Claim {
    let cash = |v: f64| words::money(v.round(), currency);
    // An observed propensity is not an effect: never more than suggestive.
    let is_clear = f.people > 0 && f.profit_interval.0 > 0.0;
    let mut table = vec![["Contacted", "People", "Responses", "Profit"].map(String::from).to_vec()];
    let row = |name: String, people: u64, responses: u64, profit: f64| {
        vec![name, words::count(people), words::count(responses), cash(profit)]
    };
    let everyone = f.curve.last().copied().unwrap_or_default();
    table.push(row(
        format!("From {} on (break-even)", words::percent(f.break_even)),
        f.people,
        f.responses,
        f.profit,
    ));
    table.push(row("Everyone".to_owned(), everyone.people, everyone.responses, f.profit_everyone));
    table.push(row(
        format!("The best found by looking, from {} on", words::percent(f.best.threshold)),
        f.best.people,
        f.best.responses,
        f.best.profit,
    ));
    Claim {
        id: "decision.contacts".into(),
        topic: "Whom to contact, person by person".into(),
        sentence: f.sentence.clone(),
        grade: if is_clear { Grade::Suggestive } else { Grade::CannotTell },
        record: Record {
            estimand: "profit of contacting whoever is expected to pay".into(),
            estimate: Some(f.profit),
            interval: Some(f.profit_interval),
            level: Some(0.95),
            interval_method: Some("normal, of a sum over independent people".into()),
            n: f.n,
            rows: format!("{} with a held-out probability", words::counted(f.n, "person", "people")),
            notes: std::iter::once(format!(
                "Value per response {}, cost per contact {}, {}.",
                words::number(f.economics.value_per_response),
                words::number(f.economics.cost_per_contact),
                f.economics_source
            ))
            .chain(f.assumptions.iter().cloned())
            .collect(),
            table,
            ..Record::default()
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{
        context::Ctx,
        decisions::{decide::decide, decision::Decision},
        knobs::Settings,
        models::{
            comparison::{FamilyResult, Scores, Verdict},
            frame::Frame,
            outcome::TwoValues,
            plan::{ModelPlan, Validation},
            work::FitFold,
        },
        segments::reference,
        task::Work,
        testing::close,
    };

    /// A comparison of one family with these held-out probabilities.
    fn comparison(target: &str, rows: Vec<Prediction>) -> Comparison {
        let family = "logistic_regression".to_owned();
        Comparison {
            plan: ModelPlan {
                target: target.into(),
                outcome: Some(Outcome::YesNo),
                features: Vec::new(),
                unblocked: Vec::new(),
                validation: Validation::KFold { k: 5 },
                families: Vec::new(),
                seed: 1,
                weight: None,
                tuned: Vec::new(),
            },
            candidates: Vec::new(),
            n_rows: rows.len() as u64,
            n_left_out: 0,
            n_folds: 5,
            results: vec![FamilyResult {
                family: family.clone(),
                title: "Logistic regression".into(),
                folds: Vec::new(),
                mean: Scores::default(),
                sd: Scores::default(),
                pooled: Scores::default(),
                facts: Vec::new(),
                error: None,
                coefficients: None,
            }],
            pairs: Vec::new(),
            verdict: Verdict {
                winner: family.clone(),
                tied_with: Vec::new(),
                beats_baseline: true,
                sentence: String::new(),
            },
            importance: Vec::new(),
            yes_no: None,
            predictions: vec![(family, rows)],
            claims: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Folds as scikit-learn's `StratifiedKFold(5)` makes them, unshuffled.
    fn stratified(y: &[f64]) -> Vec<u32> {
        let first = y[0];
        let n_first = y.iter().filter(|v| **v == first).count();
        // Classes in order of appearance; every fifth of the sorted rows goes to a fold.
        let of_fold = |fold: usize, is_first: bool| {
            (0..y.len()).skip(fold).step_by(5).filter(|&i| (i < n_first) == is_first).count()
        };
        let mut out = vec![0; y.len()];
        for is_first in [true, false] {
            let mut folds = (0..5).flat_map(|f| std::iter::repeat_n(f as u32, of_fold(f, is_first)));
            for (slot, _) in out.iter_mut().zip(y).filter(|(_, v)| (**v == first) == is_first) {
                *slot = folds.next().unwrap();
            }
        }
        out
    }

    /// The reference's propensity: L2 logistic with C = 1 in 5 stratified folds, contacted where p >= 3 / 11. Its levels of a
    /// category are unscaled and whole, ours standardised without the first, so the figures are near and not equal.
    #[test]
    fn the_customers_worth_a_contact_are_those_of_the_reference() {
        let (Some(table), Some(expected)) = (reference::customers(), reference::expected()) else { return };
        let expected = &expected["propensity"];
        let features: Vec<String> =
            expected["columns"].as_array().unwrap().iter().map(|c| c.as_str().unwrap().to_owned()).collect();
        let mut frame = Frame::new(&table, "Response", &features).unwrap();
        assert_eq!(frame.features.len(), features.len());
        TwoValues::of(&frame.y.clone()).unwrap().put_into(&mut frame);
        frame.fold = stratified(&frame.y);
        let settings = Settings::new().with("penalty", 1.0);
        let mut rows = Vec::new();
        for fold in 0..5 {
            let work = FitFold { family: "logistic_regression".into(), settings: settings.clone(), fold };
            let fit = work.run(&frame, &Ctx::quiet(0)).unwrap();
            assert_eq!(fit.error, None);
            rows.extend(frame.test_rows(fold).iter().zip(fit.predictions).map(|(&r, predicted)| {
                Prediction { row: frame.row_ids[r as usize], actual: frame.y[r as usize], predicted }
            }));
        }
        let value = |name: &str| expected[name].as_f64().unwrap();
        let scores = crate::engine::models::yes_no::scores::scores(&rows);
        assert!((scores.auc.unwrap() - value("auc")).abs() < 0.01, "{scores:?}");
        assert!((scores.average_precision.unwrap() - value("average_precision")).abs() < 0.02, "{scores:?}");
        assert!((scores.brier - value("brier")).abs() < 0.002, "{scores:?}");
        let models = comparison("Response", rows);
        let found = contacts(&table, &models, None, &DecisionPlan::default(), None).unwrap();
        close(found.break_even, value("break_even"), 1e-15);
        assert_eq!(found.profit_everyone, -3046.0);
        assert!((found.people as f64 - value("contacted")).abs() <= 12.0, "{}", found.sentence);
        assert!((found.responses as f64 - value("responses")).abs() <= 8.0, "{}", found.sentence);
        let (low, high) = found.profit_interval;
        // The reference's bootstrap over rows gave 977 to 1,451 around 1,216: the same width to 5 %.
        close(high - low, 474.0, 0.05);
        assert!((977.0..1451.0).contains(&found.profit), "{}", found.sentence);
        assert_eq!(found.profit, 11.0 * found.responses as f64 - 3.0 * found.people as f64);
        let people = people(&models, &found);
        assert_eq!(people.len() as u64, found.people);
        assert!(people.windows(2).all(|w| w[0].1 >= w[1].1) && people.iter().all(|p| p.1 >= 3.0 / 11.0));
        let last = found.curve.last().unwrap();
        assert_eq!((last.people, last.profit), (2240, -3046.0));
        assert!(found.best.profit >= found.profit);

        let ask = |table: &Table, plan: &DecisionPlan| -> Decision {
            decide(table, None, Some(&models), plan, Some("EUR"), &Ctx::quiet(0)).unwrap()
        };
        let decision = ask(&table, &DecisionPlan::default());
        assert!(decision.missing.is_empty() && decision.claims.len() == 1, "{:?}", decision.missing);
        assert_eq!(decision.claims[0].grade, Grade::Suggestive);
        assert!(decision.contacts.unwrap().sentence.contains("EUR"));
        // Without value and cost it is said once what is missing, and what the user enters counts.
        let mut bare = table.clone();
        bare.remove("Z_Revenue").unwrap();
        let decision = ask(&bare, &DecisionPlan::default());
        assert!(decision.contacts.is_none() && decision.missing[0].contains("what a response is worth"));
        let economics = Some(Economics { value_per_response: 100.0, cost_per_contact: 1.0 });
        let entered = ask(&bare, &DecisionPlan { economics, ..DecisionPlan::default() }).contacts.unwrap();
        assert!(entered.people > 1_500 && entered.economics_source == "entered by you");
    }

    #[test]
    fn nobody_and_everybody_are_called_so() {
        let rows: Vec<Prediction> =
            (0..20).map(|row| Prediction { row, actual: f64::from(row % 4 / 3), predicted: 0.25 }).collect();
        let models = comparison("Response", rows);
        let at = |value: f64| {
            let economics = Some(Economics { value_per_response: value, cost_per_contact: 1.0 });
            let plan = DecisionPlan { economics, ..DecisionPlan::default() };
            contacts(&Table::default(), &models, None, &plan, None).unwrap()
        };
        let nobody = at(3.0);
        assert_eq!((nobody.people, nobody.profit, nobody.profit_interval), (0, 0.0, (0.0, 0.0)));
        assert!(nobody.sentence.starts_with("Contact nobody"), "{}", nobody.sentence);
        let everybody = at(10.0);
        assert_eq!((everybody.people, everybody.profit), (20, 30.0));
        assert_eq!(everybody.profit, everybody.profit_everyone);
        assert!(everybody.sentence.starts_with("Contact everyone"), "{}", everybody.sentence);
    }

    #[test]
    fn another_yes_no_is_no_response() {
        let Some(table) = reference::customers() else { return };
        let models = comparison("Complain", vec![Prediction { row: 0, actual: 1.0, predicted: 0.5 }]);
        assert!(!fits(&table, &models));
        assert!(contacts(&table, &models, None, &DecisionPlan::default(), None).is_err());
    }
}
