//! What headers mean: roles of columns, the kind of table, the tool an export came from, the currency.

use super::{
    names::{self, CODES, NAMES},
    types::{Hints, currency_code},
};
use crate::engine::{
    data::{
        column::{Column, ColumnType, Dictionary, Values},
        issue::{Issue, IssueKind, Severity},
        role::{Role, TableKind},
    },
    words::{self, counted, quoted, without_accents},
};

/// Letters and digits of a header in lower case, without accents and what stands in brackets: "Amount spent (EUR)" is
/// "amountspent", "Käufe" is "kaufe".
pub fn normalised(header: &str) -> String {
    let mut depth = 0_u32;
    let mut out = String::new();
    for c in header.chars() {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            c if depth == 0 && c.is_alphanumeric() => out.extend(c.to_lowercase()),
            _ => {}
        }
    }
    if out.is_ascii() { out } else { without_accents(&out) }
}

/// Roles that one column of a table holds at most.
const SINGLE: &[Role] = &[
    Role::Campaign,
    Role::AdGroup,
    Role::Ad,
    Role::Impressions,
    Role::Reach,
    Role::Clicks,
    Role::Spend,
    Role::Enquiries,
    Role::Purchases,
    Role::Value,
    Role::BirthYear,
    Role::Age,
    Role::Income,
    Role::Kids,
    Role::Teens,
    Role::MaritalStatus,
    Role::JoinDate,
    Role::Recency,
    Role::WebPurchases,
    Role::CatalogPurchases,
    Role::StorePurchases,
    Role::DealPurchases,
    Role::WebVisits,
    Role::Complaint,
    Role::Cost,
    Role::ValuePerResponse,
    Role::Response,
];

/// Whether one column of a table holds the role at most.
pub fn is_single(role: Role) -> bool {
    SINGLE.contains(&role)
}

/// The role a header names, and how far down the preference it stands.
fn named(header: &str) -> Option<(Role, usize)> {
    let name = normalised(header);
    for (role, names) in NAMES {
        if let Some(at) = names.iter().position(|n| *n == name) {
            return Some((*role, at));
        }
    }
    let is_numbered = |prefix: &str| {
        name.strip_prefix(prefix)
            .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit()))
    };
    if is_numbered("acceptedcmp") || is_numbered("acceptedcampaign") {
        return Some((Role::EarlierResponse, 0));
    }
    if name.len() > 3 && name.starts_with("mnt") {
        return Some((Role::ProductSpend, 0));
    }
    let per = ["costper", "kostenpro", "coutpar", "costopor", "costepor", "custopor", "biayaper"];
    // "ROAS für Käufe"
    let is_roas = || header.split_whitespace().next().is_some_and(|word| word.eq_ignore_ascii_case("roas"));
    (per.iter().any(|word| name.starts_with(word)) || is_roas()).then_some((Role::Ratio, 0))
}

/// The role a header names.
pub fn role_of(header: &str) -> Option<Role> {
    named(header).map(|(role, _)| role)
}

/// The tool a file came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    Meta,
    Google,
    TikTok,
    Analytics,
    ShopifyOrders,
    ShopifyCustomers,
    Mailchimp,
    HubSpot,
}

impl Source {
    /// The one of a receipt.
    pub fn of_label(label: &str) -> Option<Self> {
        let all = [
            Self::Meta,
            Self::Google,
            Self::TikTok,
            Self::Analytics,
            Self::ShopifyOrders,
            Self::ShopifyCustomers,
            Self::Mailchimp,
            Self::HubSpot,
        ];
        all.into_iter().find(|s| s.label() == label)
    }

    /// As on the receipt.
    pub fn label(self) -> &'static str {
        match self {
            Self::Meta => "Meta Ads Manager export",
            Self::Google => "Google Ads report",
            Self::TikTok => "TikTok Ads Manager export",
            Self::Analytics => "Google Analytics 4 report",
            Self::ShopifyOrders => "Shopify orders export",
            Self::ShopifyCustomers => "Shopify customers export",
            Self::Mailchimp => "Mailchimp audience export",
            Self::HubSpot => "HubSpot contacts export",
        }
    }

    /// What its rows are, if every one of its files has such rows.
    fn kind(self) -> Option<TableKind> {
        match self {
            Self::Meta | Self::Google | Self::TikTok => Some(TableKind::Ads),
            Self::ShopifyCustomers | Self::Mailchimp | Self::HubSpot => Some(TableKind::Customers),
            Self::ShopifyOrders | Self::Analytics => None,
        }
    }

    /// The role of a header that means something else in other files.
    fn role(self, header: &str) -> Option<Role> {
        Some(match (self, normalised(header).as_str()) {
            (Self::Analytics, "sessions") => Role::WebVisits,
            (Self::ShopifyOrders, "name") => Role::Identifier,
            (Self::ShopifyOrders, "total") => Role::Value,
            (Self::ShopifyCustomers, "totalspent") => Role::ProductSpend,
            (Self::ShopifyCustomers, "totalorders") => Role::WebPurchases,
            (Self::HubSpot, "numberofsessions") => Role::WebVisits,
            (Self::Mailchimp, "leid" | "euid") => Role::Identifier,
            _ => return None,
        })
    }
}

/// Whether a header is in a language that writes decimals with a comma.
pub fn has_comma_decimals(header: &str) -> bool {
    names::COMMA_NAMES.contains(&normalised(header).as_str())
}

/// What the headers say before any cell is read.
pub fn hints(header: &str, source: Option<Source>) -> Hints<'static> {
    let name = normalised(header);
    let role = source.and_then(|s| s.role(header)).or_else(|| role_of(header));
    let lower = header.to_lowercase();
    let is_id = lower.ends_with("_id")
        || lower.ends_with(" id")
        || lower.ends_with("-id")
        || name == "id"
        || header.ends_with("ID")
        || header.starts_with("ID ");
    let ends_in = |words: &[&str]| words.iter().any(|word| name.ends_with(word));
    Hints {
        is_code: CODES.contains(&name.as_str())
            || matches!(role, Some(Role::Campaign | Role::AdGroup | Role::Ad))
            || role.is_none()
                && !is_id
                && ends_in(&["zip", "zipcode", "postcode", "postalcode", "countrycode", "statuscode"]),
        is_identifier: role == Some(Role::Identifier) || (role.is_none() && is_id),
        is_date: (["date", "day", "datum", "dt_", "reporting starts", "reporting ends"]
            .iter()
            .any(|word| lower.contains(word))
            && !lower.contains("days"))
            || names::DATES.contains(&name.as_str()),
        ..Hints::default()
    }
}

/// Gives every column its role. `is_nameless` tells which columns had no header.
pub fn assign_roles(columns: &mut [Column], is_nameless: &[bool], source: Option<Source>) {
    let mut claims: Vec<(usize, Role, usize)> = Vec::new();
    for (i, column) in columns.iter_mut().enumerate() {
        column.role = super::types::plain_role(column.column_type());
        let role = source.and_then(|s| s.role(&column.name)).map(|role| (role, 0));
        if let Some((role, preference)) = role.or_else(|| named(&column.name))
            && fits(role, column)
        {
            claims.push((i, role, preference));
        } else if is_identifier(column, is_nameless.get(i).copied().unwrap_or(false)) {
            column.role = Role::Identifier;
        }
    }
    for &(i, role, preference) in &claims {
        let is_beaten = SINGLE.contains(&role)
            && claims.iter().any(|&(j, other, p)| other == role && (p, j) < (preference, i));
        let Some(column) = columns.get_mut(i) else { continue };
        if !is_beaten {
            column.role = role;
        } else if column.column_type() == ColumnType::Category {
            column.role = Role::Category;
        }
    }
    // An ad in one row only names that row; several rows a day make it a group.
    for column in columns.iter_mut() {
        if normalised(&column.name) == "adid" && !has_distinct_values(column) {
            column.role = Role::Ad;
        }
    }
}

/// Results of several kinds in one column must not be added up: such a column loses its role, and an issue says why.
pub fn mixed_results(columns: &mut [Column]) -> Option<Issue> {
    let indicator = columns.iter().find(|c| names::INDICATORS.contains(&normalised(&c.name).as_str()))?;
    let Values::Category(kinds) = &indicator.values else { return None };
    let (n_kinds, indicator) = (kinds.levels.len() as u64, indicator.name.clone());
    let results = columns.iter_mut().find(|c| names::RESULTS.contains(&normalised(&c.name).as_str()))?;
    if n_kinds < 2 {
        return None;
    }
    results.role = Role::Number;
    Some(Issue {
        kind: IssueKind::Other,
        severity: Severity::Warning,
        line: None,
        column: Some(results.name.clone()),
        text: None,
        count: n_kinds,
        message: format!(
            "“{}” counts {n_kinds} different things (see “{indicator}”), so it is not added up; it was read as a plain number.",
            results.name
        ),
        files: Vec::new(),
    })
}

/// Whether a column of this type can hold the role.
fn fits(role: Role, column: &Column) -> bool {
    let column_type = column.column_type();
    match role {
        Role::Campaign | Role::AdGroup | Role::Ad | Role::MaritalStatus => {
            matches!(column_type, ColumnType::Category | ColumnType::Text)
        }
        Role::Identifier => column_type != ColumnType::Date && column_type != ColumnType::Boolean,
        Role::JoinDate | Role::Date => column_type == ColumnType::Date,
        Role::Response | Role::EarlierResponse | Role::Complaint => match &column.values {
            Values::Boolean(_) => true,
            Values::Number(v) => v.iter().all(|x| x.is_nan() || *x == 0.0 || *x == 1.0),
            _ => false,
        },
        Role::Category | Role::Text | Role::Number => true,
        _ => column_type == ColumnType::Number,
    }
}

fn is_identifier(column: &Column, is_nameless: bool) -> bool {
    if is_nameless {
        return match &column.values {
            Values::Number(v) => v.len() > 1 && v.windows(2).all(|w| w[1] == w[0] + 1.0),
            Values::Text(_) => column.len() > 20 && has_distinct_values(column),
            _ => false,
        };
    }
    hints(&column.name, None).is_identifier && has_distinct_values(column)
}

/// Whether no value occurs twice.
fn has_distinct_values(column: &Column) -> bool {
    match &column.values {
        Values::Number(v) | Values::Date(v) => crate::engine::data::distinct::is_distinct(v),
        Values::Category(d) | Values::Text(d) => {
            d.codes.iter().filter(|&&c| c != crate::engine::data::column::Dictionary::MISSING).count()
                == d.levels.len()
        }
        Values::Boolean(_) => false,
    }
}

/// The kind of table its source has, or its roles speak of.
pub fn kind(columns: &[Column], source: Option<Source>) -> TableKind {
    if let Some(kind) = source.and_then(Source::kind) {
        return kind;
    }
    let has = |role: Role| columns.iter().any(|c| c.role == role);
    let count = |roles: &[Role]| roles.iter().filter(|&&r| has(r)).count();
    let n_ads = count(&[
        Role::Impressions,
        Role::Clicks,
        Role::Spend,
        Role::Campaign,
        Role::AdGroup,
        Role::Reach,
        Role::Ad,
    ]);
    let n_customers = count(&[
        Role::BirthYear,
        Role::Age,
        Role::Income,
        Role::Kids,
        Role::Teens,
        Role::MaritalStatus,
        Role::JoinDate,
        Role::Recency,
        Role::ProductSpend,
        Role::WebPurchases,
        Role::StorePurchases,
        Role::CatalogPurchases,
        Role::DealPurchases,
        Role::WebVisits,
        Role::Response,
        Role::EarlierResponse,
        Role::Complaint,
    ]);
    let is_ads = n_ads >= 2 && (has(Role::Impressions) || has(Role::Clicks) || has(Role::Spend));
    if is_ads && n_ads >= n_customers {
        TableKind::Ads
    } else if n_customers >= 3 || (n_customers >= 2 && has(Role::Identifier)) {
        TableKind::Customers
    } else if is_ads {
        TableKind::Ads
    } else {
        TableKind::Other
    }
}

/// The tool whose export this is, by its headers and the lines above them.
pub fn source(headers: &[String], above: &[String]) -> Option<Source> {
    let lower: Vec<String> = headers.iter().map(|h| h.trim().to_lowercase()).collect();
    let short: Vec<String> = headers.iter().map(|h| normalised(h)).collect();
    let roles: Vec<Role> = headers.iter().filter_map(|h| role_of(h)).collect();
    let has = |name: &str| lower.iter().any(|n| n == name);
    let has_any = |list: &[&str]| short.iter().any(|n| list.contains(&n.as_str()));
    let means = |role: Role| roles.contains(&role);
    let is_placed = means(Role::Campaign) || means(Role::AdGroup) || means(Role::Ad);
    if has_any(names::META_STARTS) || has_any(names::META_SPEND) && is_placed {
        Some(Source::Meta)
    } else if lower.iter().any(|n| names::TIKTOK.contains(&n.as_str()))
        || (has("by day") || has("nach tag")) && means(Role::AdGroup)
    {
        Some(Source::TikTok)
    } else if has_any(names::GOOGLE) && (means(Role::Clicks) || means(Role::Spend))
        || has_any(&["impr"]) && has_any(names::GOOGLE_COST)
    {
        Some(Source::Google)
    } else if lower.iter().any(|n| n.starts_with("session ")) && (has("sessions") || has("engagement rate"))
        || above.iter().any(|l| l.contains("Google Analytics"))
        || has("engaged sessions")
    {
        Some(Source::Analytics)
    } else if has("lineitem name") || has("lineitem quantity") {
        Some(Source::ShopifyOrders)
    } else if has("accepts email marketing")
        || has("total spent") && has("total orders") && has("accepts marketing")
    {
        Some(Source::ShopifyCustomers)
    } else if has("member_rating") || has("leid") && has("euid") {
        Some(Source::Mailchimp)
    } else if has("record id")
        && ["lifecycle stage", "create date", "lead status", "contact owner"].iter().any(|n| has(n))
    {
        Some(Source::HubSpot)
    } else {
        None
    }
}

/// What a table of this source, or any with such cells, must be read with in mind.
pub fn notes(columns: &[Column], source: Option<Source>) -> Vec<Issue> {
    let note = |column: &Column, count: u64, text: Option<String>, message: String| Issue {
        kind: IssueKind::Other,
        severity: Severity::Note,
        line: None,
        column: Some(column.name.clone()),
        text,
        count,
        message,
        files: Vec::new(),
    };
    let mut notes = Vec::new();
    for column in columns {
        let name = normalised(&column.name);
        match source {
            Some(Source::TikTok)
                if matches!(name.as_str(), "conversionrate" | "cvr")
                    || column.name.to_lowercase().contains("(cvr)") =>
            {
                let message = format!(
                    "“{}” is conversions per impression, as TikTok counts it, not per click; rates on the other pages are computed from the counts.",
                    column.name
                );
                notes.push(note(column, 1, None, message));
            }
            Some(Source::ShopifyOrders) if column.role == Role::Value && column.n_missing() > 0 => {
                let n = column.n_missing() as u64;
                let message = format!(
                    "A row is one line item; what belongs to the whole order, such as “{}”, stands in the first row of each order alone, so its sum counts every order once. The other {} no value there.",
                    column.name,
                    counted(n, "row has", "rows have")
                );
                notes.push(note(column, n, None, message));
            }
            _ => {}
        }
        if let Some((n, example)) = lists(column) {
            let message = format!(
                "{} of “{}” {} several values in one cell, such as “{example}”; they were read as one text. Split the column on the Clean page to tell them apart.",
                words::counted(n, "cell", "cells"),
                column.name,
                if n == 1 { "holds" } else { "hold" }
            );
            notes.push(note(column, n, Some(example), message));
        }
    }
    notes
}

/// How many cells of a column hold lists, of ids separated by semicolons or of words in quotes, and the first of them.
fn lists(column: &Column) -> Option<(u64, String)> {
    let (Values::Text(d) | Values::Category(d)) = &column.values else { return None };
    let is_list = |text: &String| {
        let is_id = |part: &str| part.trim().len() >= 4 && part.trim().bytes().all(|b| b.is_ascii_digit());
        text.contains("\",\"") || text.contains(';') && text.split(';').all(is_id)
    };
    let is_list: Vec<bool> = d.levels.iter().map(is_list).collect();
    if !is_list.contains(&true) {
        return None;
    }
    let codes = || d.codes.iter().filter(|&&c| is_list.get(c as usize).copied().unwrap_or(false));
    let n = codes().count() as u64;
    let n_present = d.codes.iter().filter(|&&c| c != Dictionary::MISSING).count() as u64;
    let example = codes().next().and_then(|&c| d.levels.get(c as usize))?;
    (n >= 2 && 10 * n >= n_present).then(|| (n, quoted(example)))
}

/// Where money of a currency stands: in headers, in a column of codes, in the cells of columns.
#[derive(Default)]
pub struct Currencies(Vec<(String, String)>);

impl Currencies {
    /// Those of headers and of columns of codes.
    pub fn of(columns: &[Column]) -> Self {
        let mut all = Self::default();
        for column in columns {
            if let Some(currency) = header_currency(&column.name) {
                all.add(currency, format!("“{}”", column.name));
            }
        }
        for column in columns {
            let Values::Category(d) = &column.values else { continue };
            if names::CURRENCIES.contains(&normalised(&column.name).as_str()) {
                for (level, code) in
                    (0_u32..).zip(&d.levels).filter_map(|(i, l)| Some((i, currency_code(l)?)))
                {
                    all.add_cells(code, d.codes.iter().filter(|&&c| c == level).count() as u64, &column.name);
                }
            }
        }
        all
    }

    /// Adds one that stands in cells of a column.
    pub fn add_cells(&mut self, currency: &str, n: u64, column: &str) {
        self.add(currency, format!("{} of “{column}”", counted(n, "cell", "cells")));
    }

    fn add(&mut self, currency: &str, place: String) {
        if !self.0.iter().any(|(other, _)| super::types::is_same_currency(other, currency)) {
            self.0.push((currency.to_owned(), place));
        }
    }

    /// The only one; of several an issue says so: they must not be added up.
    pub fn only(self, issues: &mut Vec<Issue>) -> Option<String> {
        if self.0.len() < 2 {
            return self.0.into_iter().next().map(|(currency, _)| currency);
        }
        let of: Vec<String> =
            self.0.iter().map(|(currency, place)| format!("{currency} ({place})")).collect();
        issues.push(Issue {
            kind: IssueKind::Other,
            severity: Severity::Warning,
            line: None,
            column: None,
            text: None,
            count: of.len() as u64,
            message: format!(
                "Money is in {}: sums add different currencies, so none is shown. Filter the rows to one currency on the Clean page, or read them apart.",
                words::list(&of)
            ),
            files: Vec::new(),
        });
        None
    }
}

/// The currency inside a header such as "Amount spent (EUR)".
fn header_currency(header: &str) -> Option<&'static str> {
    header
        .split(['(', '['])
        .skip(1)
        .find_map(|part| currency_code(part.split([')', ']']).next().unwrap_or_default().trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(header: &str, role: Option<Role>) {
        assert_eq!(named(header).map(|(r, _)| r), role);
    }

    #[test]
    fn headers_of_the_ad_tools_are_known() {
        check("Amount spent (EUR)", Some(Role::Spend));
        check("AMOUNT SPENT (USD)", Some(Role::Spend));
        check("Impr.", Some(Role::Impressions));
        check("Link clicks", Some(Role::Clicks));
        check("Clicks (destination)", Some(Role::Clicks));
        check("CTR (link click-through rate)", Some(Role::Ratio));
        check("CPM (cost per 1,000 impressions) (EUR)", Some(Role::Ratio));
        check("Cost / conv.", Some(Role::Ratio));
        check("Conv. value", Some(Role::Value));
        check("Conv. rate", Some(Role::Ratio));
        check("Ad set name", Some(Role::AdGroup));
        check("Purchases conversion value", Some(Role::Value));
        check("xyz_campaign_id", Some(Role::Campaign));
        check("AcceptedCmp3", Some(Role::EarlierResponse));
        check("MntCoke", Some(Role::ProductSpend));
        check("Weather", None);
    }

    #[test]
    fn the_currency_is_read_from_the_header() {
        assert_eq!(header_currency("CPM (cost per 1,000 impressions) (EUR)"), Some("EUR"));
        assert_eq!(header_currency("Clicks (all)"), None);
    }
}
