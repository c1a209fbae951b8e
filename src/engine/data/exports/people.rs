//! Exports of shops, a CRM and a mail tool.

use super::{
    ColumnType::{self, Boolean, Category, Date as Day, Number, Text},
    Export, Role, Sheet, TableKind, Truth,
    write::{DateStyle, Style},
};
use crate::engine::numeric::random::Rng;

const ENGLISH: Style = Style {
    encoding: "UTF-8",
    delimiter: ',',
    line_end: "\n",
    decimal: '.',
    group: "",
    percent: "%",
    date: DateStyle::Iso,
};

const FIRST: [&str; 8] = ["Ana", "Björn", "Chloé", "Dewi", "Erik", "Fátima", "Gül", "Hana"];
const LAST: [&str; 6] = ["Silva", "Lindqvist", "O'Neill", "Wijaya", "Martin", "Šimek"];

/// A first and a last name and an address of their own.
fn person(i: usize) -> [String; 3] {
    let (first, last) = (FIRST[i % FIRST.len()], LAST[(i / FIRST.len() + i) % LAST.len()]);
    [first.to_owned(), last.to_owned(), format!("person{i}@example.org")]
}

fn columns(all: &[(&str, ColumnType, Role)]) -> Vec<(String, ColumnType, Role)> {
    all.iter().map(|(name, t, r)| ((*name).to_owned(), *t, *r)).collect()
}

/// Orders of a shop, a row a line item; what belongs to the order stands in its first row alone.
pub fn shopify_orders(seed: u64) -> Export {
    let style = ENGLISH;
    let mut rng = Rng::stream(seed, 0x5401);
    let mut sheet = Sheet::new(style);
    let columns = columns(&[
        ("Name", Text, Role::Identifier),
        ("Email", Text, Role::Identifier),
        ("Financial Status", Category, Role::Category),
        ("Paid at", Day, Role::Date),
        ("Fulfillment Status", Category, Role::Category),
        ("Accepts Marketing", Boolean, Role::Category),
        ("Currency", Category, Role::Category),
        ("Subtotal", Number, Role::Number),
        ("Shipping", Number, Role::Number),
        ("Taxes", Number, Role::Number),
        ("Total", Number, Role::Value),
        ("Discount Code", Category, Role::Category),
        ("Created at", Day, Role::Date),
        ("Lineitem quantity", Number, Role::Number),
        ("Lineitem name", Category, Role::Category),
        ("Lineitem price", Number, Role::Number),
        ("Id", Text, Role::Identifier),
    ]);
    sheet.row(&columns.iter().map(|c| c.0.as_str()).collect::<Vec<_>>());
    let (mut n_rows, mut total, mut quantity, mut subtotals) = (0, 0, 0, 0);
    for order in 0..80_u32 {
        let items: Vec<(u64, u64)> = (0..1 + rng.below(4))
            .map(|_| (1 + u64::from(rng.below(3)), 500 + u64::from(rng.below(9_000))))
            .collect();
        let subtotal: u64 = items.iter().map(|(n, price)| n * price).sum();
        let (shipping, taxes) = (490, subtotal / 5);
        let day = style.date(2026, 5, 1 + order % 28);
        let name = format!("#{}", 1_001 + order);
        let [_, _, email] = person(order as usize % 50);
        for (i, (n, price)) in items.iter().enumerate() {
            let of_order = |text: String| if i == 0 { text } else { String::new() };
            let product = ["Coffee, 1 kg", "Filter 10\"", "Mug", "Grinder"][rng.below(4) as usize];
            sheet.row(&[
                name.clone(),
                email.clone(),
                of_order("paid".to_owned()),
                of_order(format!("{day} 10:0{}:00 +0200", order % 10)),
                of_order(["fulfilled", "unfulfilled"][order as usize % 2].to_owned()),
                of_order(["yes", "no"][order as usize % 3 / 2].to_owned()),
                of_order("EUR".to_owned()),
                of_order(style.number(subtotal, 2)),
                of_order(style.number(shipping, 2)),
                of_order(style.number(taxes, 2)),
                of_order(style.number(subtotal + shipping + taxes, 2)),
                of_order(["", "WELCOME"][order as usize % 2].to_owned()),
                format!("{day} 10:00:00 +0200"),
                n.to_string(),
                product.to_owned(),
                style.number(*price, 2),
                of_order((5_512_345_678_901_234_u64 + u64::from(order)).to_string()),
            ]);
            n_rows += 1;
            quantity += n;
        }
        total += subtotal + shipping + taxes;
        subtotals += subtotal;
    }
    Export {
        file_name: "orders_export_1.csv",
        bytes: sheet.bytes(),
        truth: Truth {
            source: "Shopify orders export",
            encoding: style.encoding,
            delimiter: style.delimiter,
            currency: Some("EUR"),
            kind: TableKind::Other,
            n_rows,
            skipped: Vec::new(),
            columns,
            sums: vec![
                ("Total".to_owned(), total as f64 / 100.0),
                ("Subtotal".to_owned(), subtotals as f64 / 100.0),
                ("Lineitem quantity".to_owned(), quantity as f64),
            ],
            days: Some((
                "Created at".to_owned(),
                "2026-05-01T08:00:00".to_owned(),
                "2026-05-28T08:00:00".to_owned(),
            )),
            n_dashed: 0,
            says: Some("first row of each order"),
        },
    }
}

/// Customers of a shop. An apostrophe keeps spreadsheets from rounding their numbers.
pub fn shopify_customers(seed: u64) -> Export {
    let style = ENGLISH;
    let mut rng = Rng::stream(seed, 0x5402);
    let mut sheet = Sheet::new(style);
    let columns = columns(&[
        ("Customer ID", Text, Role::Identifier),
        ("First Name", Category, Role::Category),
        ("Last Name", Category, Role::Category),
        ("Email", Text, Role::Identifier),
        ("Accepts Email Marketing", Boolean, Role::Category),
        ("Default Address City", Category, Role::Category),
        ("Default Address Country Code", Category, Role::Category),
        ("Default Address Zip", Category, Role::Category),
        ("Phone", Text, Role::Text),
        ("Accepts SMS Marketing", Boolean, Role::Category),
        ("Total Spent", Number, Role::ProductSpend),
        ("Total Orders", Number, Role::WebPurchases),
        ("Tax Exempt", Boolean, Role::Category),
        ("Tags", Category, Role::Category),
    ]);
    sheet.row(&columns.iter().map(|c| c.0.as_str()).collect::<Vec<_>>());
    let (mut spent, mut orders) = (0, 0);
    let n_rows = 120;
    for i in 0..n_rows {
        let [first, last, email] = person(i);
        let n = u64::from(rng.below(9));
        let money = n * (1_000 + u64::from(rng.below(9_000)));
        let id = format!("'{}", 6_123_456_789_012_u64 + 37 * i as u64);
        let (city, country, zip) =
            [("Lisboa", "PT", "'01000"), ("Oslo", "NO", "0150"), ("Jakarta", "ID", "10110")][i % 3];
        let yes = |is: bool| if is { "yes" } else { "no" }.to_owned();
        sheet.row(&[
            id,
            first,
            last,
            email,
            yes(rng.below(3) > 0),
            city.to_owned(),
            country.to_owned(),
            zip.to_owned(),
            format!("'+351 912 {:03} {:03}", i, rng.below(1_000)),
            yes(rng.below(4) == 0),
            style.number(money, 2),
            n.to_string(),
            yes(false),
            ["", "newsletter", "newsletter, vip"][rng.below(3) as usize].to_owned(),
        ]);
        spent += money;
        orders += n;
    }
    Export {
        file_name: "customers_export.csv",
        bytes: sheet.bytes(),
        truth: Truth {
            source: "Shopify customers export",
            encoding: style.encoding,
            delimiter: style.delimiter,
            currency: None,
            kind: TableKind::Customers,
            n_rows,
            skipped: Vec::new(),
            columns,
            sums: vec![
                ("Total Spent".to_owned(), spent as f64 / 100.0),
                ("Total Orders".to_owned(), orders as f64),
            ],
            days: None,
            n_dashed: 0,
            says: None,
        },
    }
}

/// Contacts of a CRM: dates in several styles in one column, several ids in one cell.
pub fn hubspot(seed: u64) -> Export {
    let style = Style { encoding: "UTF-8 with BOM", ..ENGLISH };
    let us = Style { date: DateStyle::MonthName, ..style };
    let mut rng = Rng::stream(seed, 0x4B5);
    let mut sheet = Sheet::new(style);
    let columns = columns(&[
        ("Record ID", Number, Role::Identifier),
        ("First Name", Category, Role::Category),
        ("Last Name", Category, Role::Category),
        ("Email", Text, Role::Identifier),
        ("Phone Number", Text, Role::Text),
        ("Contact owner", Category, Role::Category),
        ("Lead Status", Category, Role::Category),
        ("Lifecycle Stage", Category, Role::Category),
        ("Create Date", Day, Role::JoinDate),
        ("Associated Company IDs", Text, Role::Text),
        ("Number of Sessions", Number, Role::WebVisits),
        ("Total Revenue", Number, Role::Value),
    ]);
    sheet.row(&columns.iter().map(|c| c.0.as_str()).collect::<Vec<_>>());
    let (mut sessions, mut revenue) = (0, 0);
    let n_rows = 90;
    for i in 0..n_rows {
        let [first, last, email] = person(i);
        let day = 1 + i as u32 % 28;
        let created = match i % 3 {
            0 => format!("{} 09:{:02}", style.date(2026, 3, day), i % 60),
            1 => format!("03/{day:02}/2026"),
            _ => us.date(2026, 3, day),
        };
        let company = |rng: &mut Rng| (9_000_000_000 + u64::from(rng.below(1_000_000))).to_string();
        let companies: Vec<String> = (0..1 + rng.below(3)).map(|_| company(&mut rng)).collect();
        let (visits, money) = (u64::from(rng.below(40)), u64::from(rng.below(500_000)));
        sheet.row(&[
            (151_000_000_001_u64 + 17 * i as u64).to_string(),
            first,
            last,
            email,
            format!("+49 30 {:06}", rng.below(1_000_000)),
            ["Kim Berg", "Lee Park"][i % 2].to_owned(),
            ["New", "Open", "Connected", ""][i % 4].to_owned(),
            ["Lead", "Customer", "Subscriber"][i % 3].to_owned(),
            created,
            companies.join(";"),
            visits.to_string(),
            style.number(money, 2),
        ]);
        sessions += visits;
        revenue += money;
    }
    Export {
        file_name: "hubspot-crm-exports-all-contacts-2026-03-31.csv",
        bytes: sheet.bytes(),
        truth: Truth {
            source: "HubSpot contacts export",
            encoding: style.encoding,
            delimiter: style.delimiter,
            currency: None,
            kind: TableKind::Customers,
            n_rows,
            skipped: Vec::new(),
            columns,
            sums: vec![
                ("Number of Sessions".to_owned(), sessions as f64),
                ("Total Revenue".to_owned(), revenue as f64 / 100.0),
            ],
            days: Some(("Create Date".to_owned(), "2026-03-01".to_owned(), "2026-03-28T09:27:00".to_owned())),
            n_dashed: 0,
            says: Some("several values in one cell"),
        },
    }
}

/// An audience of Mailchimp: quoted lists inside quotes, names of columns that occur twice.
pub fn mailchimp(seed: u64) -> Export {
    let style = ENGLISH;
    let mut rng = Rng::stream(seed, 0x3A1);
    let mut sheet = Sheet::new(style);
    let header = [
        "Email Address",
        "First Name",
        "Last Name",
        "Birthday",
        "Birthday",
        "MEMBER_RATING",
        "OPTIN_TIME",
        "CONFIRM_TIME",
        "LATITUDE",
        "LONGITUDE",
        "CC",
        "REGION",
        "LAST_CHANGED",
        "LEID",
        "EUID",
        "NOTES",
        "TAGS",
    ];
    sheet.row(&header);
    let mut ratings = 0;
    let n_rows = 100;
    for i in 0..n_rows {
        let [first, last, email] = person(i);
        let rating = 1 + u64::from(rng.below(5));
        let tags: Vec<&str> =
            ["Customer", "VIP", "Newsletter, weekly"].into_iter().filter(|_| rng.below(2) == 0).collect();
        let tags: Vec<String> = tags.iter().map(|t| format!("\"{t}\"")).collect();
        let time = |day: usize| format!("2026-04-{:02} 12:{:02}:07", 1 + day % 30, day % 60);
        sheet.row(&[
            email,
            first,
            last,
            format!("{:02}/{:02}", 1 + i % 12, 1 + i % 28),
            String::new(),
            rating.to_string(),
            time(i),
            time(i),
            format!("{}.{:07}", 40 + i % 12, rng.below(10_000_000)),
            format!("-{}.{:07}", 1 + i % 9, rng.below(10_000_000)),
            ["ES", "PT", "NO"][i % 3].to_owned(),
            ["MD", "11", "03"][i % 3].to_owned(),
            time(i + 3),
            (345_678_900 + i).to_string(),
            format!("{:08x}ab", 0x3f2a_1000 + 7 * i),
            String::new(),
            tags.join(","),
        ]);
        ratings += rating;
    }
    let types = [
        (Text, Role::Identifier),
        (Category, Role::Category),
        (Category, Role::Category),
        (Text, Role::Text),
        (Text, Role::Text),
        (Number, Role::Number),
        (Day, Role::JoinDate),
        (Day, Role::Date),
        (Number, Role::Number),
        (Number, Role::Number),
        (Category, Role::Category),
        (Category, Role::Category),
        (Day, Role::Date),
        (Number, Role::Identifier),
        (Text, Role::Identifier),
        (Text, Role::Text),
        (Category, Role::Category),
    ];
    let named = |(i, name): (usize, &&str)| if i == 4 { "Birthday (2)" } else { *name }.to_owned();
    Export {
        file_name: "subscribed_members_export.csv",
        bytes: sheet.bytes(),
        truth: Truth {
            source: "Mailchimp audience export",
            encoding: style.encoding,
            delimiter: style.delimiter,
            currency: None,
            kind: TableKind::Customers,
            n_rows,
            skipped: Vec::new(),
            columns: header.iter().enumerate().map(named).zip(types).map(|(n, (t, r))| (n, t, r)).collect(),
            sums: vec![("MEMBER_RATING".to_owned(), ratings as f64)],
            days: Some((
                "OPTIN_TIME".to_owned(),
                "2026-04-01T12:00:07".to_owned(),
                "2026-04-30T12:59:07".to_owned(),
            )),
            n_dashed: 0,
            says: Some("occurs more than once"),
        },
    }
}
