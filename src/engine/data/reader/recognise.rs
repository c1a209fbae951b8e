//! What headers mean: roles of columns, the kind of table, the tool an export came from, the currency.

use super::types::{Hints, currency_code};
use crate::engine::data::{
    column::{Column, ColumnType, Values},
    issue::{Issue, IssueKind, Severity},
    role::{Role, TableKind},
};

/// Letters and digits of a header in lower case, without what stands in brackets: "Amount spent (EUR)" is "amountspent".
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
    out
}

/// Names of columns and what they mean. Where a role can be held by one column only, the earlier name is preferred.
const NAMES: &[(Role, &[&str])] = &[
    (
        Role::Campaign,
        &["xyzcampaignid", "campaign", "campaignname", "utmcampaign", "sessioncampaign", "campaignid"],
    ),
    (
        Role::AdGroup,
        &["fbcampaignid", "adgroup", "adgroupname", "adset", "adsetname", "adsetid", "adgroupid"],
    ),
    (Role::Ad, &["adname", "ad", "creative", "creativename"]),
    (Role::Impressions, &["impressions", "impr", "impression", "adimpressions"]),
    (Role::Reach, &["reach"]),
    (Role::Clicks, &["linkclicks", "clicks", "click", "adclicks"]),
    (
        Role::Spend,
        &[
            "spent",
            "amountspent",
            "spend",
            "adspend",
            "cost",
            "totalspent",
            "totalspend",
            "totalcost",
            "mediacost",
            "adcost",
        ],
    ),
    (
        Role::Enquiries,
        &[
            "totalconversion",
            "enquiries",
            "inquiries",
            "leads",
            "lead",
            "formsubmissions",
            "signups",
            "registrations",
        ],
    ),
    (
        Role::Purchases,
        &[
            "approvedconversion",
            "purchases",
            "websitepurchases",
            "conversions",
            "orders",
            "sales",
            "transactions",
            "keyevents",
            "conversion",
            "results",
        ],
    ),
    (
        Role::Value,
        &[
            "purchasesconversionvalue",
            "purchaseconversionvalue",
            "conversionvalue",
            "convvalue",
            "totalconversionvalue",
            "purchasevalue",
            "revenue",
            "totalrevenue",
            "purchaserevenue",
            "salesvalue",
            "totalconvvalue",
        ],
    ),
    (
        Role::Ratio,
        &[
            "ctr",
            "cpc",
            "cpm",
            "cvr",
            "cpa",
            "cpl",
            "cpp",
            "conversionrate",
            "convrate",
            "costperresult",
            "costperresults",
            "costperconversion",
            "costconv",
            "avgcpc",
            "avgcpm",
            "avgcpa",
            "frequency",
            "roas",
            "purchaseroas",
            "engagementrate",
            "bouncerate",
            "interactionrate",
            "avgcost",
            "clickthroughrate",
            "costperclick",
            "costperlead",
            "costperpurchase",
            "openrate",
            "clickrate",
            "convvaluecost",
            "impressionshare",
            "searchimprshare",
            "roi",
        ],
    ),
    (
        Role::Identifier,
        &[
            "id",
            "customerid",
            "userid",
            "clientid",
            "contactid",
            "memberid",
            "recordid",
            "orderid",
            "email",
            "emailaddress",
            "row",
            "rowid",
            "rownumber",
            "adid",
        ],
    ),
    (Role::BirthYear, &["yearbirth", "birthyear", "yearofbirth"]),
    (Role::Age, &["age", "customerage"]),
    (Role::Income, &["income", "annualincome", "householdincome", "yearlyincome"]),
    (Role::Kids, &["kidhome", "kidshome", "kids", "children", "numkids", "numchildren"]),
    (Role::Teens, &["teenhome", "teenshome", "teens", "teenagers"]),
    (Role::MaritalStatus, &["maritalstatus", "marital"]),
    (
        Role::JoinDate,
        &[
            "dtcustomer",
            "joindate",
            "joined",
            "joinedon",
            "customersince",
            "enrolmentdate",
            "enrollmentdate",
            "signupdate",
            "createdate",
            "registrationdate",
            "optintime",
        ],
    ),
    (Role::Recency, &["recency", "dayssincelastpurchase"]),
    (Role::WebPurchases, &["numwebpurchases", "webpurchases", "onlinepurchases"]),
    (Role::CatalogPurchases, &["numcatalogpurchases", "catalogpurchases", "cataloguepurchases"]),
    (Role::StorePurchases, &["numstorepurchases", "storepurchases"]),
    (Role::DealPurchases, &["numdealspurchases", "dealspurchases", "dealpurchases"]),
    (Role::WebVisits, &["numwebvisitsmonth", "webvisits", "numwebvisits", "websitevisits"]),
    (Role::Complaint, &["complain", "complaint", "complained", "complaints"]),
    (Role::Cost, &["zcostcontact", "costcontact", "costpercontact"]),
    (Role::ValuePerResponse, &["zrevenue", "valueperresponse", "revenueperresponse"]),
    (Role::Response, &["response", "responded", "converted", "subscribed"]),
];

/// Columns whose numbers are names of groups.
const CODES: &[&str] = &[
    "interest",
    "zip",
    "zipcode",
    "postalcode",
    "postcode",
    "plz",
    "cluster",
    "segment",
    "region",
    "regioncode",
    "areacode",
    "countrycode",
    "categoryid",
    "productcategory",
    "storeid",
    "placementid",
];

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
    if ["cpc", "cpm", "ctr"].iter().any(|r| name == *r) || name.starts_with("costper") {
        return Some((Role::Ratio, 0));
    }
    None
}

/// What the headers say before any cell is read.
pub fn hints(header: &str) -> Hints {
    let name = normalised(header);
    let role = named(header).map(|(r, _)| r);
    let lower = header.to_lowercase();
    let ends_in_id =
        lower.ends_with("_id") || lower.ends_with(" id") || name == "id" || header.ends_with("ID");
    Hints {
        is_code: CODES.contains(&name.as_str())
            || matches!(role, Some(Role::Campaign | Role::AdGroup | Role::Ad)),
        is_identifier: role == Some(Role::Identifier) || (role.is_none() && ends_in_id),
        is_date: [
            "date",
            "day",
            "datum",
            "dt_",
            "week starting",
            "reporting starts",
            "reporting ends",
            "optin_time",
        ]
        .iter()
        .any(|word| lower.contains(word))
            && !lower.contains("days"),
        ..Hints::default()
    }
}

/// Gives every column its role. `is_nameless` tells which columns had no header.
pub fn assign_roles(columns: &mut [Column], is_nameless: &[bool]) {
    let mut claims: Vec<(usize, Role, usize)> = Vec::new();
    for (i, column) in columns.iter_mut().enumerate() {
        column.role = super::types::plain_role(column.column_type());
        if let Some((role, preference)) = named(&column.name)
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
        if !is_beaten {
            columns[i].role = role;
        } else if columns[i].column_type() == ColumnType::Category {
            columns[i].role = Role::Category;
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
    let indicator =
        columns.iter().find(|c| matches!(normalised(&c.name).as_str(), "resultindicator" | "resulttype"))?;
    let Values::Category(kinds) = &indicator.values else { return None };
    let (n_kinds, indicator) = (kinds.levels.len() as u64, indicator.name.clone());
    let results = columns.iter_mut().find(|c| normalised(&c.name) == "results")?;
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
    hints(&column.name).is_identifier && has_distinct_values(column)
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

/// The kind of table its roles speak of.
pub fn kind(columns: &[Column]) -> TableKind {
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
pub fn source(headers: &[String], above: &[String]) -> Option<&'static str> {
    let names: Vec<String> = headers.iter().map(|h| h.trim().to_lowercase()).collect();
    let has = |name: &str| names.iter().any(|n| n == name);
    let starts = |name: &str| names.iter().any(|n| n.starts_with(name));
    if has("reporting starts")
        || (starts("amount spent (") && (has("ad set name") || has("campaign name") || has("ad name")))
    {
        Some("Meta Ads Manager export")
    } else if has("impr.") && (has("cost") || has("clicks") || has("avg. cpc")) {
        Some("Google Ads report")
    } else if starts("clicks (destination)") || has("by day") && has("ad group name") {
        Some("TikTok Ads Manager export")
    } else if starts("session ") && (has("sessions") || has("engagement rate"))
        || above.iter().any(|l| l.contains("Google Analytics"))
    {
        Some("Google Analytics 4 report")
    } else if has("lineitem name") || has("lineitem quantity") {
        Some("Shopify orders export")
    } else if has("member_rating") || has("leid") && has("euid") {
        Some("Mailchimp audience export")
    } else if has("record id") && (has("lifecycle stage") || has("create date")) {
        Some("HubSpot contacts export")
    } else {
        None
    }
}

/// The currency inside headers such as "Amount spent (EUR)".
pub fn header_currency(headers: &[String]) -> Option<String> {
    headers.iter().find_map(|header| {
        header.split(['(', '[']).skip(1).find_map(|part| {
            let inside = part.split([')', ']']).next().unwrap_or_default().trim();
            currency_code(inside).map(str::to_owned)
        })
    })
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
        assert_eq!(
            header_currency(&["A".into(), "CPM (cost per 1,000 impressions) (EUR)".into()]),
            Some("EUR".into())
        );
        assert_eq!(header_currency(&["Clicks (all)".into()]), None);
    }
}
