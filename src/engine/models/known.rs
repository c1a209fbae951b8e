//! What is known before the moment a prediction is wanted: campaign settings, audience and planned date, not what came of them.

use crate::engine::data::{column::Column, role::Role};

/// When a prediction of the target is of use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// Before an ad runs.
    Launch,
    /// Before a person is contacted.
    Contact,
    /// Before a customer has bought anything.
    FirstPurchase,
    /// Nothing says when.
    Unknown,
}

impl Moment {
    /// By what the target means, or what it was made from.
    pub fn of(goal: &Column) -> Self {
        let roles = || std::iter::once(goal.role).chain(goal.made_from.iter().map(|(_, role)| *role));
        let any = |is: fn(Role) -> bool| roles().any(is);
        if any(|r| r.funnel_stage().is_some()) {
            Self::Launch
        } else if any(|r| matches!(r, Role::Response | Role::EarlierResponse)) {
            Self::Contact
        } else if any(is_behaviour) {
            Self::FirstPurchase
        } else {
            Self::Unknown
        }
    }

    /// "launch"
    pub fn words(self) -> &'static str {
        match self {
            Self::Launch => "launch",
            Self::Contact => "contact",
            Self::FirstPurchase => "the first purchase",
            Self::Unknown => "the prediction",
        }
    }

    /// Whether what a role means is there by then, as far as the role tells.
    fn knows(self, role: Role) -> bool {
        let is_result = role.funnel_stage().is_some() || matches!(role, Role::Response | Role::Ratio);
        match self {
            Self::Launch | Self::Contact => !is_result,
            Self::FirstPurchase => {
                let is_history = matches!(role, Role::EarlierResponse | Role::Complaint);
                !is_result && !is_history && !is_behaviour(role)
            }
            Self::Unknown => true,
        }
    }
}

/// What a customer did.
fn is_behaviour(role: Role) -> bool {
    matches!(
        role,
        Role::ProductSpend
            | Role::WebPurchases
            | Role::CatalogPurchases
            | Role::StorePurchases
            | Role::DealPurchases
            | Role::WebVisits
            | Role::Recency
    )
}

/// Why a column is not known by then; `None` when it is.
pub fn why_unknown(column: &Column, moment: Moment) -> Option<String> {
    let at = moment.words();
    if let Some((source, role)) = column.made_from.iter().find(|(_, role)| !moment.knows(*role)) {
        let label = role.label().to_lowercase();
        return Some(format!("It is computed from {source} ({label}), which is not known before {at}."));
    }
    // A ratio is what it was computed from, where that is told: spending per purchase is history, a click rate a result.
    let is_told = column.role == Role::Ratio && !column.made_from.is_empty();
    if !is_told && !moment.knows(column.role) {
        return Some(format!("{} are not known before {at}.", plural(column.role)));
    }
    // A bare number of an ads export is mostly one more result: frequency, video views, quality.
    let name = column.name.to_lowercase();
    let is_setting = ["budget", "bid", "planned", "target"].iter().any(|word| name.contains(word));
    let is_bare = column.made_from.is_empty() && column.role == Role::Number && column.as_numbers().is_some();
    if moment == Moment::Launch && is_bare && !is_setting {
        return Some("It is a number whose role does not say that it is set before launch.".to_owned());
    }
    None
}

fn plural(role: Role) -> String {
    match role {
        Role::Response => "Responses".to_owned(),
        Role::Ratio => "Ratios of results".to_owned(),
        Role::EarlierResponse => "Earlier responses".to_owned(),
        Role::Complaint => "Complaints".to_owned(),
        Role::Recency => "Days since the last purchase".to_owned(),
        Role::ProductSpend | Role::Spend => "Amounts spent".to_owned(),
        Role::Value => "Values".to_owned(),
        Role::Reach => "People reached".to_owned(),
        other => other.label().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(name: &str, role: Role) -> Column {
        Column::number(name, role, vec![1.0, 2.0])
    }

    #[test]
    fn results_are_not_known_before_launch_and_settings_are() {
        let launch = Moment::of(&column("Approved", Role::Purchases));
        assert_eq!(launch, Moment::Launch);
        for role in [Role::Impressions, Role::Clicks, Role::Spend, Role::Enquiries, Role::Ratio, Role::Reach]
        {
            assert!(why_unknown(&column("x", role), launch).is_some(), "{role:?}");
        }
        for role in [Role::Campaign, Role::Category, Role::Date, Role::Age, Role::AdGroup] {
            assert_eq!(why_unknown(&column("x", role), launch), None, "{role:?}");
        }
        let mut made = column("CTR", Role::Number);
        made.made_from = vec![("Clicks".into(), Role::Clicks), ("Shown".into(), Role::Impressions)];
        let why = why_unknown(&made, launch).unwrap();
        assert_eq!(why, "It is computed from Clicks (clicks), which is not known before launch.");
        assert!(why_unknown(&column("Video plays", Role::Number), launch).is_some());
        assert_eq!(why_unknown(&column("Daily budget", Role::Number), launch), None);
    }

    #[test]
    fn a_contact_knows_the_past_and_a_first_purchase_does_not() {
        let (contact, first) =
            (Moment::of(&column("r", Role::Response)), Moment::of(&column("w", Role::ProductSpend)));
        let spend = column("Wine", Role::ProductSpend);
        assert_eq!(why_unknown(&spend, contact), None);
        assert!(why_unknown(&spend, first).is_some());
        let mut each = column("Spending per purchase", Role::Ratio);
        assert!(why_unknown(&each, contact).is_some(), "of what, nobody knows");
        each.made_from = vec![("Wine".into(), Role::ProductSpend), ("Web".into(), Role::WebPurchases)];
        assert_eq!(why_unknown(&each, contact), None);
        assert!(why_unknown(&each, first).is_some());
        assert_eq!(why_unknown(&column("Income", Role::Income), first), None);
        assert_eq!(Moment::of(&column("price", Role::Number)), Moment::Unknown);
    }
}
