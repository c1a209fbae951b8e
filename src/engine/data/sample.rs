//! Two built-in samples, made by a seeded generator in the shape of an ads export and of a customer file.
//!
//! They carry what analyses of such files stumble over: conversions without clicks, a cost per purchase that rises with
//! age within every campaign, interests that change nothing, repeated ad groups; missing and impossible values,
//! duplicates under new numbers, a response that depends on what people did and not on their age.

use std::fmt::Write as _;

use crate::engine::numeric::{math, random::Rng};

/// Rows of the built-in sample of ads.
pub const N_ADS: usize = 1_000;

/// Rows of the built-in sample of customers.
pub const N_CUSTOMERS: usize = 2_000;

const AGES: [&str; 4] = ["30-34", "35-39", "40-44", "45-49"];

/// A campaign of the sample: its number, its share of the ads, typical impressions of an ad and its log spread, cost of
/// a click, clicks and enquiries per million impressions at the youngest age.
struct Campaign {
    id: u32,
    share: f64,
    impressions: f64,
    spread: f64,
    click_cost: f64,
    clicks: f64,
    enquiries: f64,
}

const CAMPAIGNS: [Campaign; 3] = [
    Campaign {
        id: 916,
        share: 0.05,
        impressions: 5_500.0,
        spread: 1.1,
        click_cost: 1.3,
        clicks: 215.0,
        enquiries: 120.0,
    },
    Campaign {
        id: 936,
        share: 0.41,
        impressions: 5_500.0,
        spread: 1.3,
        click_cost: 1.42,
        clicks: 180.0,
        enquiries: 115.0,
    },
    Campaign {
        id: 1178,
        share: 0.54,
        impressions: 180_000.0,
        spread: 1.25,
        click_cost: 1.55,
        clicks: 150.0,
        enquiries: 17.0,
    },
];

/// A CSV text of `n_rows` ads.
pub fn ads(seed: u64, n_rows: usize) -> String {
    let mut rng = Rng::stream(seed, 0xAD5);
    let mut text = String::from(
        "ad_id,xyz_campaign_id,fb_campaign_id,age,gender,interest,Impressions,Clicks,Spent,Total_Conversion,Approved_Conversion\n",
    );
    let mut ad_id = 708_740_u32;
    let mut group = 103_910_u32;
    let mut left_in_group = 0_u32;
    let (mut age, mut gender, mut interest) = (0, "M", 2);
    let mut last_campaign = 0;
    for row in 0..n_rows {
        // Campaigns follow one another, as in a file ordered by ad number.
        let place = (row as f64 + 0.5) / n_rows as f64;
        let c = if place < CAMPAIGNS[0].share {
            0
        } else {
            usize::from(place >= CAMPAIGNS[0].share + CAMPAIGNS[1].share) + 1
        };
        let campaign = &CAMPAIGNS[c];
        if left_in_group == 0 || c != last_campaign {
            group += 1 + rng.below(40);
            // Ads of one group share their audience; four in ten groups have more than one ad.
            left_in_group = 1 + if rng.unit() < 0.4 { 1 + rng.below(3) } else { 0 };
            age = pick(&mut rng, &[0.37, 0.22, 0.18, 0.23]);
            gender = if rng.unit() < 0.52 { "M" } else { "F" };
            interest = interest_code(&mut rng);
            last_campaign = c;
        }
        left_in_group -= 1;
        ad_id += 1 + rng.below(24);
        let impressions = (campaign.impressions * math::exp(campaign.spread * rng.normal()))
            .clamp(80.0, 3_000_000.0)
            .round();
        // Older people click more and buy less: the cost of a purchase rises with age in every campaign.
        let click_rate =
            campaign.clicks * 1e-6 * [1.0, 1.15, 1.25, 1.4][age] * if gender == "F" { 1.15 } else { 0.9 };
        let enquiry_rate = campaign.enquiries * 1e-6 * [1.0, 0.72, 0.6, 0.45][age];
        let [clicks_noise, enquiries_noise] = [0, 1].map(|_| math::exp(0.3 * rng.normal()));
        let clicks = poisson(&mut rng, impressions * click_rate * clicks_noise);
        let spent = clicks as f64 * campaign.click_cost * (0.85 + 0.3 * rng.unit());
        // Nearly every ad in such an export has at least one enquiry, clicked or not: people come back by themselves.
        let enquiries = poisson(&mut rng, impressions * enquiry_rate * enquiries_noise);
        let enquiries = enquiries.max(u32::from(rng.unit() < 0.97));
        let closes = [0.36, 0.32, 0.3, 0.27][age];
        let purchases = (0..enquiries).filter(|_| rng.unit() < closes).count();
        // The last digits are those of single precision, as the export writes them.
        let spent = if clicks == 0 { "0".to_owned() } else { format!("{:.2}", spent) };
        let _ = writeln!(
            text,
            "{ad_id},{},{group},{},{gender},{interest},{impressions},{clicks},{spent},{enquiries},{purchases}",
            campaign.id, AGES[age]
        );
    }
    text
}

/// Rows of a large export, ads by day, handed to `write` in parts: what reading and everything behind it is measured with.
/// 75 bytes a row: a date, a campaign in words, groups and ads that come back every day, and their counts.
pub fn daily_ads(seed: u64, n_rows: usize, write: &mut dyn FnMut(&str)) {
    const CAMPAIGNS: [&str; 12] = [
        "Spring sale DE",
        "Spring sale AT",
        "Summer sale DE",
        "Summer sale FR",
        "Brand DE",
        "Brand \"core\", UK",
        "Retargeting 30 days",
        "Retargeting 7 days",
        "Lookalike 1 % DE",
        "Lookalike 3 % FR",
        "Newsletter sign-up",
        "Catalogue, all",
    ];
    const ADS_A_DAY: u32 = 4_000;
    let mut rng = Rng::stream(seed, 0xDA1);
    let mut part = String::from(
        "Day,Campaign name,fb_campaign_id,ad_id,age,gender,interest,Impressions,Clicks,Spent,Total_Conversion,Approved_Conversion\n",
    );
    let mut quoted = String::new();
    for row in 0..n_rows as u32 {
        let (day, ad) = (row / ADS_A_DAY, row % ADS_A_DAY);
        // What an ad is does not change from day to day.
        let kind = ad.wrapping_mul(2_654_435_761) >> 8;
        let name = CAMPAIGNS[(ad / 340) as usize % CAMPAIGNS.len()];
        let name = if name.contains(',') {
            quoted.clear();
            let _ = write!(quoted, "\"{}\"", name.replace('"', "\"\""));
            &quoted
        } else {
            name
        };
        let impressions = 1 + (rng.unit() * rng.unit() * 90_000.0) as u32;
        let clicks = (f64::from(impressions) * 0.002 * rng.unit()) as u32;
        let enquiries = rng.below(4);
        let _ = write!(part, "{},", super::column::date_text(f64::from(19_700 + day) * 86_400_000.0));
        let _ = write!(part, "{name},{},{},", 23_842_100 + ad / 3 * 7, 120_330_000 + u64::from(ad) * 13);
        let _ = writeln!(
            part,
            "{},{},{},{impressions},{clicks},{:.2},{enquiries},{}",
            AGES[(kind % 4) as usize],
            if kind & 16 == 0 { "M" } else { "F" },
            2 + kind % 113,
            f64::from(clicks) * (0.8 + 0.9 * rng.unit()),
            rng.below(enquiries + 1)
        );
        if part.len() > 1 << 20 {
            write(&part);
            part.clear();
        }
    }
    write(&part);
}

/// One of forty codes; a few are common, most are rare.
fn interest_code(rng: &mut Rng) -> u32 {
    const COMMON: [u32; 8] = [16, 10, 29, 27, 15, 28, 20, 64];
    const RARE: [u32; 32] = [
        2, 7, 18, 19, 21, 22, 23, 24, 25, 26, 30, 31, 32, 36, 63, 65, 66, 100, 101, 102, 103, 104, 105, 106,
        107, 108, 109, 110, 111, 112, 113, 114,
    ];
    if rng.unit() < 0.5 { COMMON[rng.below(8) as usize] } else { RARE[rng.below(32) as usize] }
}

/// An index drawn by weights that sum to one.
fn pick(rng: &mut Rng, weights: &[f64]) -> usize {
    let mut u = rng.unit();
    for (i, w) in weights.iter().enumerate() {
        if u < *w {
            return i;
        }
        u -= w;
    }
    weights.len() - 1
}

/// A Poisson count: by multiplication for small means (Knuth), by the normal with continuity for large ones.
fn poisson(rng: &mut Rng, mean: f64) -> u32 {
    if mean <= 0.0 {
        return 0;
    }
    if mean > 30.0 {
        return (mean + mean.sqrt() * rng.normal() + 0.5).max(0.0) as u32;
    }
    let bound = math::exp(-mean);
    let (mut n, mut product) = (0, rng.unit());
    while product > bound {
        n += 1;
        product *= rng.unit();
    }
    n
}

/// The probability of a score on the logit scale.
fn logistic(score: f64) -> f64 {
    1.0 / (1.0 + math::exp(-score))
}

/// A CSV text of `n_rows` customers.
pub fn customers(seed: u64, n_rows: usize) -> String {
    let mut rng = Rng::stream(seed, 0xC057);
    let mut text = String::from(
        ",ID,Year_Birth,Education,Marital_Status,Income,Kidhome,Teenhome,Dt_Customer,Recency,MntCoke,MntFruits,\
         MntMeatProducts,MntFishProducts,MntSweetProducts,MntGoldProds,NumDealsPurchases,NumWebPurchases,\
         NumCatalogPurchases,NumStorePurchases,NumWebVisitsMonth,AcceptedCmp3,AcceptedCmp4,AcceptedCmp5,AcceptedCmp1,\
         AcceptedCmp2,Complain,Z_CostContact,Z_Revenue,Response\n",
    );
    let mut ids: Vec<u32> = (0..(5 * n_rows).max(12) as u32).collect();
    rng.shuffle(&mut ids);
    let mut bodies: Vec<String> = Vec::with_capacity(n_rows);
    for (row, id) in ids.into_iter().take(n_rows).enumerate() {
        // One row in twelve repeats an earlier one under a new number.
        let repeated = (row > 20 && rng.unit() < 0.08).then(|| rng.below(row as u32) as usize);
        let body = match repeated.and_then(|r| bodies.get(r)) {
            Some(body) => body.clone(),
            None => customer(&mut rng, row, n_rows),
        };
        let _ = writeln!(text, "{row},{id},{body}");
        bodies.push(body);
    }
    text
}

/// Everything of a customer but the numbers of the row.
fn customer(rng: &mut Rng, row: usize, n_rows: usize) -> String {
    let education = ["S1", "S3", "S2", "D3", "SMA"][pick(rng, &[0.503, 0.217, 0.165, 0.091, 0.024])];
    let marital = ["Menikah", "Bertunangan", "Lajang", "Cerai", "Janda", "Duda"]
        [pick(rng, &[0.386, 0.259, 0.216, 0.103, 0.034, 0.002])];
    // Three people are too old to be true, wherever the file is long enough.
    let born = if row > 0 && row % (n_rows / 3).max(2) == n_rows / 7 {
        [1893, 1899, 1900][row * 3 / n_rows.max(1) % 3]
    } else {
        (1969.0 + 12.0 * rng.normal()).round().clamp(1940.0, 1996.0) as i32
    };
    let wealth = rng.normal();
    let income_value = ((52.0 + 21.0 * wealth).clamp(1.7, 114.0) * 1000.0).round() * 1000.0;
    let income = if row == n_rows / 2 && n_rows > 20 {
        "666666000.0".to_owned()
    } else if rng.unit() < 0.011 {
        String::new()
    } else {
        format!("{income_value}.0")
    };
    let kids = pick(rng, &if wealth > 0.3 { [0.85, 0.14, 0.01] } else { [0.4, 0.56, 0.04] });
    let teens = pick(rng, &[0.52, 0.46, 0.02]);
    let day = super::column::date_text((15_551.0 + f64::from(rng.below(699))) * super::column::MILLIS_A_DAY);
    let joined = match day.split('-').collect::<Vec<_>>().as_slice() {
        [year, month, day] => format!("{day}-{month}-{year}"),
        _ => String::new(),
    };
    let recency = rng.below(100);
    let appetite = 0.9 * wealth - 0.45 * kids as f64 + 0.35 * rng.normal();
    let spend = |rng: &mut Rng, typical: f64, spread: f64| {
        (typical * math::exp(1.05 * appetite + spread * rng.normal())).round().clamp(0.0, 1_700.0) * 1000.0
    };
    let spends = [
        spend(rng, 170.0, 0.7).min(1_493_000.0),
        spend(rng, 9.0, 1.1).min(199_000.0),
        spend(rng, 80.0, 0.7),
        spend(rng, 13.0, 1.1).min(259_000.0),
        spend(rng, 9.0, 1.1).min(263_000.0),
        spend(rng, 25.0, 0.8).min(362_000.0),
    ];
    let total: f64 = spends.iter().sum();
    let level = math::ln(1.0 + total / 100_000.0);
    let deals = poisson(rng, 1.4 + 0.7 * (kids + teens) as f64).min(15);
    let web = poisson(rng, 1.2 + 1.7 * level).min(27);
    let catalog = poisson(rng, 0.25 * level + 0.55 * level * level).min(28);
    let store = (2 + poisson(rng, 0.6 + 1.9 * level)).min(13);
    let visits = poisson(rng, (6.8 - 1.1 * wealth).max(0.5)).min(20);
    let accepts =
        |rng: &mut Rng, base: f64, by_level: f64| u32::from(rng.unit() < logistic(base + by_level * level));
    let (third, fourth, fifth) = (accepts(rng, -2.5, 0.0), accepts(rng, -4.4, 0.85), accepts(rng, -7.5, 2.4));
    let (first, second) = (accepts(rng, -6.0, 1.75), accepts(rng, -7.0, 1.3));
    let complain = u32::from(rng.unit() < 0.009);
    // What people did decides, how old they are does not.
    let earlier = f64::from(third + fourth + fifth + first + second);
    let alone = if matches!(marital, "Menikah" | "Bertunangan") { 0.0 } else { 0.8 };
    let score =
        -2.5 + 1.25 * earlier - 0.024 * f64::from(recency) + 0.3 * level + 0.06 * f64::from(catalog) + alone;
    let response = u32::from(rng.unit() < logistic(score));
    let spends: Vec<String> = spends.iter().map(f64::to_string).collect();
    format!(
        "{born},{education},{marital},{income},{kids},{teens},{joined},{recency},{},{deals},{web},{catalog},{store},\
         {visits},{third},{fourth},{fifth},{first},{second},{complain},3,11,{response}",
        spends.join(",")
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::data::{
        reader::{ReadOptions, ReadTable, Reader},
        role::{Role, TableKind},
    };

    fn read(text: &str) -> ReadTable {
        let mut reader = Reader::new("sample.csv", ReadOptions::default());
        reader.push(text.as_bytes()).expect("a table");
        reader.finish().expect("readable")
    }

    fn numbers(read: &ReadTable, name: &str) -> Vec<f64> {
        read.table.column(name).expect("the column").as_numbers().expect("numbers").into_owned()
    }

    fn cells(read: &ReadTable, name: &str) -> Vec<String> {
        let column = read.table.column(name).expect("the column");
        (0..column.len()).map(|r| column.cell_text(r)).collect()
    }

    #[test]
    fn the_same_seed_gives_the_same_sample() {
        assert_eq!(ads(7, 200), ads(7, 200));
        assert_eq!(customers(7, 200), customers(7, 200));
        assert_ne!(ads(7, 200), ads(8, 200));
        assert_ne!(customers(7, 200), customers(8, 200));
    }

    #[test]
    fn the_large_export_is_read_as_what_it_is() {
        let mut text = String::new();
        daily_ads(1, 20_000, &mut |part| text.push_str(part));
        let per_row = text.len() / 20_000;
        assert!((70..80).contains(&per_row), "{per_row}");
        let read = read(&text);
        assert_eq!(
            (read.table.n_rows(), read.table.n_columns(), read.table.kind),
            (20_000, 12, TableKind::Ads)
        );
        assert_eq!(read.receipt.issues, []);
        let types: Vec<_> = read.table.columns().iter().map(|c| c.column_type().slug()).collect();
        let [d, c, n] = ["date", "category", "number"];
        assert_eq!(types, [d, c, c, n, c, c, c, n, n, n, n, n]);
    }

    #[test]
    fn every_size_is_a_table() {
        for n in [1, 2, 3, 10, 25, 100] {
            assert_eq!(read(&ads(1, n)).table.n_rows(), n);
            assert_eq!(read(&customers(1, n)).table.n_rows(), n);
        }
    }

    #[test]
    fn the_ads_sample_has_the_structure_of_a_real_export() {
        for seed in [1, 42, 2026] {
            let read = read(&ads(seed, N_ADS));
            assert_eq!(
                (read.table.n_rows(), read.table.n_columns(), read.table.kind),
                (N_ADS, 11, TableKind::Ads)
            );
            assert_eq!(read.receipt.issues, []);
            let (clicks, spent) = (numbers(&read, "Clicks"), numbers(&read, "Spent"));
            let (enquiries, purchases) =
                (numbers(&read, "Total_Conversion"), numbers(&read, "Approved_Conversion"));
            let view_through =
                (0..N_ADS).filter(|&r| clicks[r] == 0.0 && spent[r] == 0.0 && enquiries[r] > 0.0).count();
            assert!((80..400).contains(&view_through), "{view_through}");
            assert!((0..N_ADS).all(|r| purchases[r] <= enquiries[r]));
            let ages = cells(&read, "age");
            let cost: Vec<f64> = AGES
                .iter()
                .map(|age| {
                    let of = |v: &[f64]| (0..N_ADS).filter(|&r| ages[r] == *age).map(|r| v[r]).sum::<f64>();
                    of(&spent) / of(&purchases)
                })
                .collect();
            assert!(cost[3] > 1.5 * cost[0], "{cost:?}");
            let groups = crate::engine::data::summary::summarise_column(
                read.table.column("fb_campaign_id").expect("groups"),
            );
            assert!(
                (N_ADS as u64 / 2..N_ADS as u64 * 4 / 5).contains(&groups.n_unique),
                "{}",
                groups.n_unique
            );
            assert_eq!(read.table.with_role(Role::AdGroup).expect("groups").name, "fb_campaign_id");
        }
    }

    #[test]
    fn the_customers_sample_has_the_structure_of_a_real_file() {
        for seed in [1, 42, 2026] {
            let read = read(&customers(seed, N_CUSTOMERS));
            assert_eq!(
                (read.table.n_rows(), read.table.n_columns(), read.table.kind),
                (N_CUSTOMERS, 30, TableKind::Customers)
            );
            let income = read.table.column("Income").expect("income");
            assert!((5..60).contains(&income.n_missing()), "{}", income.n_missing());
            assert!(numbers(&read, "Income").contains(&666_666_000.0));
            let born = numbers(&read, "Year_Birth");
            assert!(born.iter().any(|&y| y <= 1900.0));
            let response = numbers(&read, "Response");
            let rate = |keep: &dyn Fn(usize) -> bool| {
                let rows: Vec<usize> = (0..N_CUSTOMERS).filter(|&r| keep(r)).collect();
                rows.iter().map(|&r| response[r]).sum::<f64>() / rows.len() as f64
            };
            let all = rate(&|_| true);
            assert!((0.08..0.25).contains(&all), "{all}");
            let earlier: Vec<f64> = (0..N_CUSTOMERS)
                .map(|r| (1..=5).map(|i| numbers(&read, &format!("AcceptedCmp{i}"))[r]).sum())
                .take(400)
                .collect();
            let with_earlier = rate(&|r| earlier.get(r).is_some_and(|&e| e > 0.0));
            assert!(with_earlier > 1.5 * all, "{with_earlier} of {all}");
            let (young, old) = (rate(&|r| born[r] >= 1970.0), rate(&|r| born[r] < 1970.0));
            assert!((young - old).abs() < 0.05, "{young} {old}");
            let mut bodies: Vec<String> = customers(seed, N_CUSTOMERS)
                .lines()
                .skip(1)
                .filter_map(|l| l.splitn(3, ',').nth(2).map(str::to_owned))
                .collect();
            bodies.sort();
            let before = bodies.len();
            bodies.dedup();
            assert!((100..300).contains(&(before - bodies.len())), "{}", before - bodies.len());
            assert_eq!(numbers(&read, "Z_CostContact"), vec![3.0; N_CUSTOMERS]);
            assert_eq!(numbers(&read, "Z_Revenue"), vec![11.0; N_CUSTOMERS]);
        }
    }
}
