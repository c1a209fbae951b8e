//! Exploring a table: summaries, correlations, key figures, rates by segment, and the claims these carry.

use crate::engine::{
    context::{Ctx, Stopped},
    data::{
        column::{Column, Values},
        role::{Role, TableKind},
        table::Table,
    },
    order::InOrder,
};

use super::{
    correlation::{Variable, correlate},
    exploration::{ColumnStatistics, Exploration, ExplorePlan, OutcomeChoice},
    findings,
    kpi::Figures,
    rates::{Outcome, compare, judge},
    segment::{Grouping, groupings},
    summary::{Order, summarise},
};

/// Columns in a correlation matrix; the work and the picture grow with the square.
const MAX_CORRELATED: usize = 60;

/// Explores a table. What the plan leaves open is chosen by the kind of the table: for ads purchases per click by campaign
/// and the other categories, for customers the response by categories, small whole numbers and age groups.
pub fn explore(
    table: &Table,
    plan: &ExplorePlan,
    currency: Option<&str>,
    ctx: &Ctx,
) -> Result<Exploration, Stopped> {
    let steps = table.n_columns() as u64 + 4;
    let mut columns = Vec::with_capacity(table.n_columns());
    let mut variables: Vec<Variable> = Vec::new();
    for (i, column) in table.columns().iter().enumerate() {
        ctx.tick(i as u64, steps)?;
        let order = match &column.values {
            Values::Number(_) | Values::Date(_) => column.as_numbers().map(|v| Order::of(&v)),
            _ => None,
        };
        columns.push(summarise(column, order.as_ref()));
        if let (Some(order), Values::Number(values)) = (order, &column.values)
            && is_quantity(column)
            && variables.len() < MAX_CORRELATED
        {
            variables.push(Variable { name: &column.name, values, order });
        }
    }

    ctx.tick(steps - 4, steps)?;
    let correlations = if variables.len() > 1 { correlate(variables).to_vec() } else { Vec::new() };

    ctx.tick(steps - 3, steps)?;
    let outcomes = outcomes(table);
    let (available, year) = groupings(table, plan.reference_year);
    let outcome_name = plan
        .outcome
        .clone()
        .filter(|name| table.column(name).is_ok_and(|c| c.as_numbers().is_some()))
        .or_else(|| outcomes.first().map(|o| o.column.clone()));
    let exposure = match (&plan.exposure, &outcome_name) {
        (Some(e), Some(_)) if e.is_empty() || table.column(e).is_ok_and(|c| c.as_numbers().is_some()) => {
            e.clone()
        }
        (_, Some(name)) => outcomes
            .iter()
            .find(|o| &o.column == name)
            .and_then(|o| o.exposures.first().cloned())
            .unwrap_or_default(),
        _ => String::new(),
    };
    // What a step flagged would be found by the very numbers it was flagged for: compared only when asked for.
    let is_flag = |g: &Grouping| table.column(&g.name).is_ok_and(|c| c.is_computed_flag());
    let chosen: Vec<&Grouping> = if plan.segments.is_empty() {
        available.iter().filter(|g| !is_flag(g)).collect()
    } else {
        plan.segments.iter().filter_map(|name| available.iter().find(|g| &g.name == name)).collect()
    };
    let outcome = outcome_name.as_ref().and_then(|name| Outcome::of(table, name, &exposure));
    let mut compared = Vec::new();
    if let Some(outcome) = &outcome {
        for grouping in chosen.iter().filter(|g| !comes_from(g, &outcome.name)) {
            compared.push((*grouping, compare(outcome, grouping)));
            ctx.tick(steps - 2, steps)?;
        }
    }
    let (compared_groupings, mut compared): (Vec<&Grouping>, Vec<_>) = compared.into_iter().unzip();
    judge(&mut compared);

    let by = kpi_by(&plan.kpi_by, &available);
    // The chosen table first, then one for every other grouping: none depends on what the plan left open.
    let figures = Figures::of(table, currency);
    let mut kpis = vec![figures.by(&by)];
    let is_shown = |g: &Grouping| matches!(by.as_slice(), [one] if one.name == g.name);
    for grouping in available.iter().filter(|g| !is_flag(g) && !is_shown(g)) {
        kpis.push(figures.by(&[grouping]));
    }
    kpis.retain(|k| !k.columns.is_empty());

    ctx.tick(steps - 1, steps)?;
    let claims = findings::claims(&findings::Found {
        table,
        currency,
        outcome: outcome.as_ref(),
        groupings: &compared_groupings,
        compared: &compared,
        available: &available,
        correlations: &correlations,
    });
    let quantities = quantities(table, &columns);
    Ok(Exploration {
        plan: ExplorePlan {
            outcome: outcome_name,
            exposure: outcome.is_some().then_some(exposure),
            segments: compared_groupings.iter().map(|g| g.name.clone()).collect(),
            kpi_by: by.iter().map(|g| g.name.clone()).collect(),
            reference_year: year,
        },
        outcomes,
        segments: available.iter().map(|g| g.name.clone()).collect(),
        columns,
        correlations,
        kpis,
        rates: compared.into_iter().map(|c| c.rate).collect(),
        claims,
        quantities,
    })
}

/// Columns of numbers that vary and measure something, in the order in which they tell most. Dates are left to the tables,
/// and what has two values, of which a picture says little, comes last.
fn quantities(table: &Table, summaries: &[ColumnStatistics]) -> Vec<String> {
    use Role::*;
    const TELLING: &[Role] = &[
        Response,
        Value,
        Spend,
        Purchases,
        Enquiries,
        ProductSpend,
        Clicks,
        Impressions,
        Reach,
        Income,
        Age,
        Recency,
        WebVisits,
        WebPurchases,
        StorePurchases,
        CatalogPurchases,
        DealPurchases,
    ];
    let mut ranked: Vec<(bool, usize, &String)> = table
        .columns()
        .iter()
        .zip(summaries)
        .filter(|(column, summary)| {
            matches!(column.values, Values::Number(_)) && is_quantity(column) && summary.unique > 1
        })
        .map(|(column, summary)| {
            let rank = TELLING.iter().position(|&r| r == column.role).unwrap_or(TELLING.len());
            (summary.unique == 2, rank, &column.name)
        })
        .collect();
    ranked.order_by_key(|&(is_flag, rank, _)| (is_flag, rank));
    ranked.into_iter().map(|(_, _, name)| name.clone()).collect()
}

/// What was computed from the outcome says nothing about it.
fn comes_from(grouping: &Grouping, outcome: &str) -> bool {
    grouping.name == outcome || grouping.made_from.iter().any(|(name, _)| name == outcome)
}

/// Numbers that measure something: no identifiers, no codes of categories.
fn is_quantity(column: &Column) -> bool {
    use Role::*;
    !matches!(column.role, Identifier | Campaign | AdGroup | Ad | Category | MaritalStatus | Text | Date)
}

fn kpi_by<'a>(wanted: &[String], available: &'a [Grouping]) -> Vec<&'a Grouping> {
    let named: Vec<&Grouping> =
        wanted.iter().take(2).filter_map(|name| available.iter().find(|g| &g.name == name)).collect();
    if !named.is_empty() {
        return named;
    }
    let is_age = |g: &&Grouping| {
        g.role == Role::Age
            || g.made_from.iter().any(|(_, r)| matches!(r, Role::BirthYear | Role::Age))
            || g.name.to_lowercase().split(|c: char| !c.is_alphanumeric()).any(|w| w == "age")
    };
    let first = available
        .iter()
        .find(is_age)
        .or_else(|| available.iter().find(|g| g.role == Role::Campaign))
        .or_else(|| available.first());
    first.into_iter().collect()
}

/// Columns whose rate or level can be compared, the natural one of the kind first.
fn outcomes(table: &Table) -> Vec<OutcomeChoice> {
    use Role::*;
    let order: &[Role] = match table.kind {
        TableKind::Customers => {
            &[Response, EarlierResponse, Complaint, ProductSpend, Income, Purchases, Value, Number]
        }
        _ => {
            &[Purchases, Enquiries, Clicks, Response, Value, Spend, Impressions, Income, ProductSpend, Number]
        }
    };
    let name_of = |role: Role| table.with_role(role).map(|c| c.name.clone());
    let mut out: Vec<OutcomeChoice> = Vec::new();
    for &role in order {
        let exposures: &[Role] = match role {
            Purchases => &[Clicks, Impressions, Enquiries],
            Enquiries => &[Clicks, Impressions],
            Clicks => &[Impressions, Reach],
            Value => &[Spend, Clicks],
            Spend => &[Clicks, Impressions],
            _ => &[],
        };
        for column in table.all_with_role(role) {
            if column.as_numbers().is_none() {
                continue;
            }
            let mut exposures: Vec<String> = exposures.iter().filter_map(|&r| name_of(r)).collect();
            exposures.push(String::new());
            out.push(OutcomeChoice { column: column.name.clone(), exposures });
        }
    }
    for column in table.columns() {
        let is_listed = out.iter().any(|o| o.column == column.name);
        if !is_listed
            && matches!(column.values, Values::Number(_) | Values::Boolean(_))
            && is_quantity(column)
            && !matches!(column.role, Cost | ValuePerResponse | BirthYear | Ratio)
        {
            out.push(OutcomeChoice { column: column.name.clone(), exposures: vec![String::new()] });
        }
    }
    out
}
