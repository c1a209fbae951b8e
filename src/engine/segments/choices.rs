//! Which columns to cluster on and which outcome to show, proposed with a reason.

use super::{
    SegmentError,
    segmentation::{SegmentChoices, SegmentPlan},
};
use crate::engine::{
    data::{
        column::{Column, Values},
        role::{Role, TableKind},
        table::Table,
    },
    order::InOrder,
    words,
};

/// Features that describe behaviour, by name without spaces and capitals (made by the feature makers, or by whoever
/// prepared the file).
const BEHAVIOUR: [&[&str]; 3] = [
    &["totalspending", "monetary", "totalspend"],
    &["totalinteraction", "totalinteractions", "frequency", "totalpurchases"],
    &["loyaltyindicator", "loyaltyscore", "loyalty"],
];
/// Roles that describe behaviour where no feature was made of them.
const BEHAVIOUR_ROLES: [Role; 7] = [
    Role::ProductSpend,
    Role::WebPurchases,
    Role::CatalogPurchases,
    Role::StorePurchases,
    Role::DealPurchases,
    Role::WebVisits,
    Role::EarlierResponse,
];
const ADS_ROLES: [Role; 4] = [Role::Impressions, Role::Reach, Role::Clicks, Role::Spend];
/// A default of more columns would be hard to read as a profile.
const MOST_DEFAULTS: usize = 8;

/// What can be clustered on and shown, and what is proposed. Fails when nothing can be clustered on.
pub fn choices(table: &Table) -> Result<SegmentChoices, SegmentError> {
    let usable: Vec<&Column> = table.columns().iter().map(|c| &**c).filter(|c| is_usable(c)).collect();
    if usable.is_empty() {
        return Err(SegmentError::NoColumns);
    }
    let outcomes = outcomes(table);
    let outcome = outcomes
        .iter()
        .find(|name| table.column(name).is_ok_and(|c| c.role == Role::Response))
        .or_else(|| {
            // What a step flagged by the numbers that segments are made of is no outcome of theirs.
            let is_own = |name: &&String| table.column(name).is_ok_and(|c| !c.is_computed_flag());
            outcomes.first().filter(is_own).filter(|_| table.kind != TableKind::Customers)
        })
        .cloned();
    let (chosen, why) = defaults(table.kind, &usable, outcome.as_deref());
    Ok(SegmentChoices {
        columns: usable.iter().map(|c| c.name.clone()).collect(),
        outcomes,
        plan: SegmentPlan { columns: chosen, outcome, ..SegmentPlan::default() },
        why,
    })
}

/// Numbers, yes/no and categories with a few levels that tell rows apart and are not the outcome, money of the campaign or
/// a name.
fn is_usable(column: &Column) -> bool {
    let is_role = !matches!(
        column.role,
        Role::Identifier
            | Role::Campaign
            | Role::AdGroup
            | Role::Ad
            | Role::Text
            | Role::Cost
            | Role::ValuePerResponse
            | Role::Response
    );
    let varies = match &column.values {
        Values::Number(v) => differ(v.iter().copied().filter(|v| v.is_finite())),
        Values::Boolean(v) => differ(v.iter().flatten().copied()),
        Values::Category(d) => {
            d.levels.len() <= super::matrix::MAX_LEVELS
                && differ(
                    d.codes
                        .iter()
                        .copied()
                        .filter(|&c| c != crate::engine::data::column::Dictionary::MISSING),
                )
        }
        Values::Date(_) | Values::Text(_) => false,
    };
    is_role && varies
}

fn differ<T: PartialEq>(mut values: impl Iterator<Item = T>) -> bool {
    values.next().is_some_and(|first| values.any(|v| v != first))
}

/// Columns that hold only 0 and 1 (or yes and no), both of them; the response first, flags of a step last.
fn outcomes(table: &Table) -> Vec<String> {
    let mut found: Vec<&Column> = table
        .columns()
        .iter()
        .map(|c| &**c)
        .filter(|c| c.role != Role::Identifier && zero_one(c).is_some())
        .collect();
    found.order_by_key(|c| match c.role {
        Role::Response => 0,
        Role::EarlierResponse => 2,
        Role::Complaint => 3,
        _ if c.is_computed_flag() => 4,
        _ => 1,
    });
    found.into_iter().map(|c| c.name.clone()).collect()
}

/// The values of a column that holds 0 and 1, both of them, and nothing else (missing as NaN).
pub fn zero_one(column: &Column) -> Option<Vec<f64>> {
    if !matches!(column.values, Values::Number(_) | Values::Boolean(_)) {
        return None;
    }
    let values = column.as_numbers()?.into_owned();
    let is_zero_one = values.iter().all(|v| v.is_nan() || *v == 0.0 || *v == 1.0);
    (is_zero_one && values.contains(&0.0) && values.contains(&1.0)).then_some(values)
}

fn defaults(kind: TableKind, usable: &[&Column], outcome: Option<&str>) -> (Vec<String>, String) {
    // What was computed from the outcome would sort people by the answer.
    let free: Vec<&Column> = usable
        .iter()
        .copied()
        .filter(|c| {
            Some(c.name.as_str()) != outcome
                && !c.made_from.iter().any(|(n, r)| Some(n.as_str()) == outcome || *r == Role::Response)
        })
        .collect();
    let with_role = |roles: &[Role]| -> Vec<&Column> {
        free.iter().copied().filter(|c| roles.contains(&c.role) && c.as_numbers().is_some()).collect()
    };
    let mut chosen: Vec<&Column> = Vec::new();
    let why = match kind {
        TableKind::Ads => {
            chosen = with_role(&ADS_ROLES);
            "exposure, clicks and spend say how an ad was run; what it sold is left out, so that it can be compared between \
             segments"
        }
        TableKind::Customers => {
            for names in BEHAVIOUR {
                chosen.extend(named(&free, names));
            }
            if chosen.is_empty() {
                chosen = with_role(&BEHAVIOUR_ROLES);
            }
            chosen.extend(with_role(&[Role::Recency, Role::Income]));
            "they say what people do and can afford; the outcome and what was computed from it are left out, so that it can be \
             compared between segments"
        }
        TableKind::Other => "these are the numbers of the table; names, dates and text are left out",
    };
    let mut why = why;
    if chosen.len() < 2 {
        chosen = free
            .iter()
            .copied()
            .filter(|c| {
                matches!(c.values, Values::Number(_)) && !matches!(c.role, Role::BirthYear | Role::Ratio)
            })
            .collect();
        why = "these are the numbers of the table; names, dates and text are left out";
    }
    if chosen.is_empty() {
        chosen = free.clone();
        why = "these are the columns that tell rows apart";
    }
    chosen.truncate(MOST_DEFAULTS);
    let names: Vec<String> = chosen.iter().map(|c| c.name.clone()).collect();
    let why = format!("{}: {why}.", words::list(&names));
    (names, why)
}

fn named<'a>(columns: &[&'a Column], names: &[&str]) -> Option<&'a Column> {
    columns.iter().copied().filter(|c| c.as_numbers().is_some()).find(|c| {
        let plain: String =
            c.name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
        names.contains(&plain.as_str())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::segments::reference;

    #[test]
    fn customers_are_clustered_on_behaviour_and_never_on_the_outcome() {
        let Some(table) = reference::customers() else { return };
        let c = choices(&table).unwrap();
        assert_eq!(
            c.plan.columns,
            ["Total_Spending", "Total_Interactions", "Loyalty_Score", "Income", "Recency",]
        );
        assert_eq!(c.plan.outcome.as_deref(), Some("Response"));
        assert!(
            !c.columns.iter().any(|n| ["ID", "Response", "Z_Revenue", "Z_CostContact"].contains(&n.as_str()))
        );
    }

    #[test]
    fn ads_are_clustered_on_how_they_ran() {
        let column = |name: &str, role, v: [f64; 3]| Column::number(name, role, v.to_vec());
        let columns = vec![
            column("ad", Role::Identifier, [1.0, 2.0, 3.0]),
            column("Shown", Role::Impressions, [10.0, 20.0, 30.0]),
            column("Cost", Role::Spend, [1.0, 2.0, 4.0]),
            column("Sold", Role::Purchases, [0.0, 2.0, 4.0]),
        ];
        let c = choices(&Table::new(TableKind::Ads, columns).unwrap()).unwrap();
        assert_eq!(c.plan.columns, ["Shown", "Cost"]);
        assert_eq!(c.plan.outcome, None);
        assert!(c.why.starts_with("Shown and Cost: "), "{}", c.why);
    }

    #[test]
    fn a_table_of_names_has_nothing_to_cluster() {
        let ids = Column::number("id", Role::Identifier, vec![1.0, 2.0]);
        let same = Column::number("same", Role::Number, vec![1.0, 1.0]);
        let table = Table::new(TableKind::Other, vec![ids, same]).unwrap();
        assert_eq!(choices(&table), Err(SegmentError::NoColumns));
    }

    #[test]
    fn only_zero_and_one_make_an_outcome() {
        let column = |v: &[f64]| Column::number("x", Role::Number, v.to_vec());
        assert!(zero_one(&column(&[0.0, 1.0, f64::NAN])).is_some());
        assert!(zero_one(&column(&[0.0, 0.0])).is_none());
        assert!(zero_one(&column(&[0.0, 1.0, 2.0])).is_none());
    }
}
