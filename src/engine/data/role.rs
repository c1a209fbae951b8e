//! What a column means (its role) and what kind of table it belongs to.

use serde::{Deserialize, Serialize};

/// What a row of the table is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum TableKind {
    /// One row an ad, a campaign, a keyword or a day of one.
    Ads,
    /// One row a customer or contact.
    Customers,
    /// Anything else.
    #[default]
    Other,
}

impl TableKind {
    /// Every kind, in the order shown.
    pub const ALL: [Self; 3] = [Self::Ads, Self::Customers, Self::Other];

    /// Word on the page.
    pub fn label(self) -> &'static str {
        match self {
            Self::Ads => "Ads",
            Self::Customers => "Customers",
            Self::Other => "Other",
        }
    }

    /// The answer to "What is one row?"
    pub fn row(self) -> &'static str {
        match self {
            Self::Ads => "An ad, a campaign or a day of one",
            Self::Customers => "A customer or contact",
            Self::Other => "Something else",
        }
    }

    /// What follows from it, in a sentence.
    pub fn help(self) -> &'static str {
        match self {
            Self::Ads => {
                "Costs and results are compared between ads, and the decision is where to move budget."
            }
            Self::Customers => "People are compared by group, and the decision is whom to contact.",
            Self::Other => {
                "Neither ads nor people: rows are described, compared, predicted and grouped by their columns, as an order, \
                 a product or a visit would be."
            }
        }
    }

    /// Key in recipes and links.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Ads => "ads",
            Self::Customers => "customers",
            Self::Other => "other",
        }
    }

    /// The kind of a key.
    pub fn from_slug(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.slug() == slug)
    }
}

macro_rules! roles {
    ($($name:ident, $slug:literal, $label:literal, $help:literal;)*) => {
        /// What a column means.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Role { $(#[doc = $help] $name,)* }

        impl Role {
            /// Every role, in the order shown.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];
            /// Word on the page.
            pub fn label(self) -> &'static str { match self { $(Self::$name => $label,)* } }
            /// One line of help.
            pub fn help(self) -> &'static str { match self { $(Self::$name => $help,)* } }
            /// Key in recipes and links.
            pub fn slug(self) -> &'static str { match self { $(Self::$name => $slug,)* } }
        }
    };
}

roles! {
    Identifier, "identifier", "Identifier", "Names one row or person; never a feature";
    Campaign, "campaign", "Campaign", "The campaign a row belongs to";
    AdGroup, "ad_group", "Ad group", "The ad set or ad group a row belongs to; rows of one group are not independent";
    Ad, "ad", "Ad", "The ad or creative";
    Category, "category", "Category", "A group such as age range, gender, interest or education";
    Number, "number", "Number", "A measured quantity with no special meaning";
    Date, "date", "Date", "When the row happened";
    Text, "text", "Text", "Free text, not used in the analysis";
    Impressions, "impressions", "Impressions", "How often the ad was shown";
    Reach, "reach", "Reach", "How many people saw the ad";
    Clicks, "clicks", "Clicks", "Clicks on the ad";
    Spend, "spend", "Spend", "Money spent on the ad";
    Enquiries, "enquiries", "Enquiries", "Leads: people who asked about the product after seeing the ad";
    Purchases, "purchases", "Purchases", "Sales or final conversions";
    Value, "value", "Value", "Revenue or conversion value";
    Response, "response", "Response", "Whether the person responded to the campaign (1 or 0)";
    EarlierResponse, "earlier_response", "Earlier response", "Whether the person accepted an earlier campaign (1 or 0)";
    Cost, "cost", "Cost per contact", "What contacting one person costs";
    ValuePerResponse, "value_per_response", "Value per response", "What one response is worth";
    BirthYear, "birth_year", "Birth year", "Year of birth";
    Age, "age", "Age", "Age in years";
    Income, "income", "Income", "Income of the person or household";
    Kids, "kids", "Kids", "Number of small children at home";
    Teens, "teens", "Teens", "Number of teenagers at home";
    MaritalStatus, "marital_status", "Marital status", "Single, married, widowed, ...";
    JoinDate, "join_date", "Join date", "When the person became a customer";
    Recency, "recency", "Recency", "Days since the last purchase";
    ProductSpend, "product_spend", "Product spend", "Money the person spent on one kind of product";
    WebPurchases, "web_purchases", "Web purchases", "Purchases through the web site";
    CatalogPurchases, "catalog_purchases", "Catalog purchases", "Purchases from a catalog";
    StorePurchases, "store_purchases", "Store purchases", "Purchases in a store";
    DealPurchases, "deal_purchases", "Deal purchases", "Purchases made with a discount; they overlap the channels";
    WebVisits, "web_visits", "Web visits", "Visits to the web site";
    Complaint, "complaint", "Complaint", "Whether the person complained (1 or 0)";
    Ratio, "ratio", "Ratio", "A rate computed from other columns, such as CTR; averaged by sums, never row by row";
}

impl Role {
    /// The role of a key.
    pub fn from_slug(slug: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|r| r.slug() == slug)
    }

    /// Whether it is a result that is predicted or counted: never filled, clipped or used to make groups to fill by.
    pub fn is_outcome(self) -> bool {
        matches!(self, Self::Response | Self::Enquiries | Self::Purchases | Self::Value)
    }

    /// Place in the funnel, `None` outside it: what has a later or equal place than the target comes after it and leaks.
    pub fn funnel_stage(self) -> Option<u8> {
        match self {
            Self::Impressions | Self::Reach => Some(1),
            Self::Clicks | Self::Spend => Some(2),
            Self::Enquiries => Some(3),
            Self::Purchases => Some(4),
            Self::Value => Some(5),
            _ => None,
        }
    }
}
