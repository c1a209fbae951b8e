//! The customers matrix and table of the reference values, built by hand for the tests.

use super::{
    matrix::{self, SegmentMatrix},
    segmentation::Scaling,
};
use crate::engine::{
    data::{
        column::Column,
        role::{Role, TableKind},
        table::Table,
    },
    testing,
};

/// Days since 1970 of "dd-mm-yyyy".
fn days(text: &str) -> f64 {
    let part = |i: usize| text.split('-').nth(i).unwrap().parse::<i16>().unwrap();
    let date = jiff::civil::date(part(2), part(1) as i8, part(0) as i8);
    f64::from((date - jiff::civil::date(1970, 1, 1)).get_days())
}

/// The customers file with its computed columns, named as in the reference; roles as a reader would set them.
pub fn customers() -> Option<Table> {
    let mut reader = csv::Reader::from_path(testing::shared("data/marketing_campaign_data.csv")?).unwrap();
    let header: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let text = |name: &str| -> Vec<&str> {
        let i = header.iter().position(|h| h == name).unwrap();
        records.iter().map(|r| &r[i]).collect()
    };
    let number =
        |name: &str| -> Vec<f64> { text(name).iter().map(|t| t.parse().unwrap_or(f64::NAN)).collect() };
    let total = |names: &[&str]| -> Vec<f64> {
        let columns: Vec<Vec<f64>> = names.iter().map(|n| number(n)).collect();
        (0..records.len()).map(|r| columns.iter().map(|c| c[r]).sum()).collect()
    };
    let zip = |a: &[f64], b: &[f64], f: fn(f64, f64) -> f64| -> Vec<f64> {
        a.iter().zip(b).map(|(&x, &y)| f(x, y)).collect()
    };
    const MNT: [&str; 6] =
        ["MntCoke", "MntFruits", "MntMeatProducts", "MntFishProducts", "MntSweetProducts", "MntGoldProds"];
    const PURCHASES: [(&str, Role); 4] = [
        ("NumDealsPurchases", Role::DealPurchases),
        ("NumWebPurchases", Role::WebPurchases),
        ("NumCatalogPurchases", Role::CatalogPurchases),
        ("NumStorePurchases", Role::StorePurchases),
    ];
    const CAMPAIGNS: [&str; 5] =
        ["AcceptedCmp3", "AcceptedCmp4", "AcceptedCmp5", "AcceptedCmp1", "AcceptedCmp2"];
    let age: Vec<f64> = number("Year_Birth").iter().map(|y| 2025.0 - y).collect();
    let group = |a: f64| match a {
        a if a <= 29.0 => "<30",
        a if a <= 39.0 => "30-39",
        a if a <= 49.0 => "40-49",
        a if a <= 59.0 => "50-59",
        _ => "60+",
    };
    let groups: Vec<&str> = age.iter().map(|&a| group(a)).collect();
    // Missing incomes take the median of their age group.
    let mut income = number("Income");
    for level in ["<30", "30-39", "40-49", "50-59", "60+"] {
        let mut known: Vec<f64> = income
            .iter()
            .zip(&groups)
            .filter(|(v, g)| **g == level && !v.is_nan())
            .map(|(v, _)| *v)
            .collect();
        known.sort_by(f64::total_cmp);
        let median = crate::engine::numeric::describe::quantile(&known, 0.5).unwrap();
        for (v, g) in income.iter_mut().zip(&groups) {
            if *g == level && v.is_nan() {
                *v = median;
            }
        }
    }
    let family: Vec<f64> = zip(&number("Kidhome"), &number("Teenhome"), |k, t| k + t + 1.0);
    let interactions = zip(&total(&PURCHASES.map(|p| p.0)), &number("NumWebVisitsMonth"), |a, b| a + b);
    let conversion = zip(&number("Response"), &interactions, |r, i| r / if i == 0.0 { 1.0 } else { i });
    let joined: Vec<f64> = text("Dt_Customer").iter().map(|t| days(t)).collect();
    let last = joined.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let tenure = joined.iter().map(|d| ((last - d) / 30.0).floor()).collect();
    let recency = number("Recency");
    let recency_segment: Vec<Option<&str>> = recency
        .iter()
        .map(|&r| {
            Some(if r <= 30.0 {
                "Recent"
            } else if r <= 90.0 {
                "Medium"
            } else {
                "Old"
            })
        })
        .collect();
    let (web, catalog, store) =
        (number("NumWebPurchases"), number("NumCatalogPurchases"), number("NumStorePurchases"));
    let channel: Vec<Option<&str>> = (0..records.len())
        .map(|r| {
            Some(if web[r] >= catalog[r] && web[r] >= store[r] {
                "Web"
            } else if catalog[r] >= store[r] {
                "Catalog"
            } else {
                "Store"
            })
        })
        .collect();
    let some = |texts: Vec<&'static str>| texts.into_iter().map(Some).collect::<Vec<_>>();

    let mut columns = vec![
        Column::number("ID", Role::Identifier, number("ID")),
        Column::number("Income", Role::Income, income.clone()),
        Column::number("Kidhome", Role::Kids, number("Kidhome")),
        Column::number("Teenhome", Role::Teens, number("Teenhome")),
        Column::number("Recency", Role::Recency, recency),
    ];
    columns.extend(MNT.map(|n| Column::number(n, Role::ProductSpend, number(n))));
    columns.extend(PURCHASES.map(|(n, role)| Column::number(n, role, number(n))));
    columns.push(Column::number("NumWebVisitsMonth", Role::WebVisits, number("NumWebVisitsMonth")));
    columns.extend(CAMPAIGNS.map(|n| Column::number(n, Role::EarlierResponse, number(n))));
    columns.push(Column::number("Complain", Role::Complaint, number("Complain")));
    columns.push(Column::number("Total_Interactions", Role::Number, interactions));
    let mut rate = Column::number("Conversion_Rate", Role::Ratio, conversion);
    rate.made_from = vec![("Response".into(), Role::Response)];
    columns.push(rate);
    columns.push(Column::number("Total_Spending", Role::Number, total(&MNT)));
    columns.push(Column::number("Family_Size", Role::Number, family.clone()));
    columns.push(Column::number("Income_per_Capita", Role::Number, zip(&income, &family, |i, f| i / f)));
    columns.push(Column::number("Loyalty_Score", Role::Number, total(&CAMPAIGNS)));
    columns.push(Column::number("Customer_Tenure_Months", Role::Number, tenure));
    columns.push(Column::number("Age", Role::Age, age));
    let education: Vec<Option<&str>> = text("Education").into_iter().map(Some).collect();
    columns.push(Column::category("Education", Role::Category, &education));
    let marital: Vec<Option<&str>> = text("Marital_Status").into_iter().map(Some).collect();
    columns.push(Column::category("Marital_Status", Role::MaritalStatus, &marital));
    columns.push(Column::category("Recency_Segment", Role::Category, &recency_segment));
    columns.push(Column::category("Preferred_Channel", Role::Category, &channel));
    columns.push(Column::category("Age_Group", Role::Category, &some(groups)));
    columns.push(Column::number("Z_CostContact", Role::Cost, number("Z_CostContact")));
    columns.push(Column::number("Z_Revenue", Role::ValuePerResponse, number("Z_Revenue")));
    columns.push(Column::number("Response", Role::Response, number("Response")));
    Some(Table::new(TableKind::Customers, columns).unwrap())
}

/// The reference values. Python writes NaN, which JSON does not know; a file that is there must be readable.
pub fn expected() -> Option<serde_json::Value> {
    let text = std::fs::read_to_string(testing::shared("reference/customers.json")?).unwrap();
    Some(serde_json::from_str(&text.replace(": NaN", ": null")).unwrap())
}

/// The matrix the reference clusters: 46 columns.
pub fn matrix() -> Option<SegmentMatrix> {
    let table = customers()?;
    let names: Vec<String> = table
        .columns()
        .iter()
        .map(|c| c.name.clone())
        .filter(|n| !["ID", "Z_CostContact", "Z_Revenue", "Response"].contains(&n.as_str()))
        .collect();
    Some(matrix::build(&table, &names, Scaling::Standard).unwrap())
}

/// Recency, interactions and spending alone.
pub fn rfm() -> Option<SegmentMatrix> {
    let names = ["Recency", "Total_Interactions", "Total_Spending"].map(String::from);
    Some(matrix::build(&customers()?, &names, Scaling::Standard).unwrap())
}

/// Asserts that the matrix is the reference's: names, first row.
#[test]
fn the_matrix_is_the_reference_matrix() {
    let (Some(matrix), Some(expected)) = (matrix(), expected()) else { return };
    let expected = &expected["matrix"];
    let names: Vec<String> = matrix.columns.iter().map(|c| c.name.replace(" = ", "_")).collect();
    let wanted: Vec<String> = serde_json::from_value(expected["columns"].clone()).unwrap();
    assert_eq!(names, wanted);
    let row: Vec<f64> = serde_json::from_value(expected["row_0"].clone()).unwrap();
    for (a, e) in matrix.points.row(0).iter().zip(&row) {
        testing::close(*a, *e, 1e-9);
    }
}

/// K-means of a matrix against a reference sweep.
#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{
        context::Ctx,
        segments::{
            kmeans::{KMeansTask, Start, sizes},
            quality::{Labelling, SilhouetteData, SilhouetteTask, calinski_harabasz, davies_bouldin},
        },
        task::Work,
    };

    fn best(matrix: &SegmentMatrix, k: u32) -> Start {
        let blocks =
            [0, 5].map(|first_start| KMeansTask { k, first_start, n_starts: 5, centres: Vec::new() });
        let starts = blocks.into_iter().flat_map(|b| b.run(&matrix.points, &Ctx::quiet(42)).unwrap());
        starts.min_by(|a, b| a.inertia.total_cmp(&b.inertia)).unwrap()
    }

    fn compare(matrix: &SegmentMatrix, sweep: &serde_json::Value, ks: std::ops::RangeInclusive<u32>) {
        for k in ks {
            let found = best(matrix, k);
            let expected = &sweep[k.to_string()];
            let inertia = expected["inertia"].as_f64().unwrap();
            assert!(found.inertia <= inertia * 1.002, "k = {k}: {} against {inertia}", found.inertia);
            // The indices can be compared where both found the same segments.
            let mut n = sizes(&found.labels, k as usize);
            n.sort_unstable_by(|a, b| b.cmp(a));
            let wanted: Vec<u64> = serde_json::from_value(expected["sizes"].clone()).unwrap();
            if n == wanted && (found.inertia / inertia - 1.0).abs() < 1e-9 {
                let p = &matrix.points;
                let db = davies_bouldin(p, &found.labels, k as usize).unwrap();
                testing::close(db, expected["davies_bouldin"].as_f64().unwrap(), 1e-9);
                let ch = calinski_harabasz(p, &found.labels, k as usize).unwrap();
                testing::close(ch, expected["calinski_harabasz"].as_f64().unwrap(), 1e-9);
                let data = SilhouetteData::new(p, vec![Labelling { k, labels: found.labels }]);
                let sums = SilhouetteTask { from: 0, to: p.n_rows }.run(&data, &Ctx::quiet(0)).unwrap();
                testing::close(sums[0] / p.n() as f64, expected["silhouette"].as_f64().unwrap(), 1e-9);
            }
        }
    }

    #[test]
    fn the_sweep_is_as_good_as_the_reference() {
        let (Some(matrix), Some(expected)) = (matrix(), expected()) else { return };
        compare(&matrix, &expected["kmeans"]["sweep_seed42"], 2..=10);
    }

    #[test]
    fn the_sweep_of_three_columns_is_as_good_as_the_reference() {
        let (Some(matrix), Some(expected)) = (rfm(), expected()) else { return };
        compare(&matrix, &expected["kmeans_rfm"]["sweep_seed42"], 2..=8);
    }
}
