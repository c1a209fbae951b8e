//! Exports of ad tools, analytics, shops and mail tools as people drop them in, made from a seed, with the truth about each:
//! what a reader must find, skip and add up.

mod ads;
mod people;
mod write;

use self::write::Sheet;
use super::{
    column::ColumnType,
    role::{Role, TableKind},
};

/// A file and what is true of it.
#[derive(Debug, Clone)]
pub struct Export {
    /// As a user would find it.
    pub file_name: &'static str,
    /// The file.
    pub bytes: Vec<u8>,
    /// What reading it must find.
    pub truth: Truth,
}

/// What reading an export must find.
#[derive(Debug, Clone)]
pub struct Truth {
    /// The tool.
    pub source: &'static str,
    /// As on the receipt.
    pub encoding: &'static str,
    /// What separates the cells.
    pub delimiter: char,
    /// Of the money columns.
    pub currency: Option<&'static str>,
    /// What a row is.
    pub kind: TableKind,
    /// Rows of the table.
    pub n_rows: usize,
    /// Lines that are no rows: the reason and how many.
    pub skipped: Vec<(&'static str, u64)>,
    /// Name, type and role of every column.
    pub columns: Vec<(String, ColumnType, Role)>,
    /// Columns of numbers and what their cells add up to.
    pub sums: Vec<(String, f64)>,
    /// A column of dates, its first and its last day as in the table.
    pub days: Option<(String, String, String)>,
    /// How many columns have cells that read "--".
    pub n_dashed: usize,
    /// A word that a message on the receipt must hold.
    pub says: Option<&'static str>,
}

/// Every export, by the key `export` takes.
pub const EXPORTS: &[&str] = &[
    "meta",
    "meta-de",
    "meta-fr",
    "meta-es",
    "meta-pt",
    "meta-id",
    "google",
    "google-excel",
    "google-de",
    "google-fr",
    "google-es",
    "google-pt",
    "google-id",
    "ga4",
    "tiktok",
    "tiktok-de",
    "tiktok-fr",
    "tiktok-es",
    "tiktok-pt",
    "tiktok-id",
    "shopify-orders",
    "shopify-customers",
    "hubspot",
    "mailchimp",
];

/// The export of a key.
pub fn export(key: &str, seed: u64) -> Option<Export> {
    let language = |prefix: &str| key.strip_prefix(prefix).map(|rest| rest.trim_start_matches('-'));
    Some(match key {
        "ga4" => ads::ga4(seed),
        "shopify-orders" => people::shopify_orders(seed),
        "shopify-customers" => people::shopify_customers(seed),
        "hubspot" => people::hubspot(seed),
        "mailchimp" => people::mailchimp(seed),
        _ => match (language("meta"), language("google"), language("tiktok")) {
            (Some(language), ..) => ads::meta(language, seed)?,
            (_, Some(language), _) => ads::google(language, seed)?,
            (.., Some(language)) => ads::tiktok(language, seed)?,
            _ => return None,
        },
    })
}

#[cfg(test)]
mod tests;
