//! Exports of Meta, Google Ads and TikTok in several languages, and a report of Google Analytics.

use super::{
    ColumnType, Export, Role, Sheet, TableKind, Truth,
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

/// Campaign, ad set and ad of every ad.
const ADS: [[&str; 3]; 6] = [
    ["Spring sale", "Women 25-34", "Video 1"],
    ["Spring sale", "Women 25-34", "Image, red"],
    ["Spring sale", "Men 25-34", "Video 1"],
    ["Brand", "Everyone", "Carousel"],
    ["Brand", "Everyone", "Story \"new\""],
    ["Retargeting 30 days", "Visitors", "Reminder"],
];

/// How Meta writes in one language.
struct Meta {
    language: &'static str,
    file_name: &'static str,
    style: Style,
    currency: &'static str,
    header: [&'static str; 22],
}

const META: [Meta; 6] = [
    Meta {
        language: "",
        file_name: "Campaigns-Sep-1-2026-Sep-14-2026.csv",
        style: Style { encoding: "UTF-8 with BOM", ..ENGLISH },
        currency: "EUR",
        header: [
            "Reporting starts",
            "Reporting ends",
            "Campaign name",
            "Ad set name",
            "Ad name",
            "Day",
            "Attribution setting",
            "Results",
            "Result indicator",
            "Reach",
            "Frequency",
            "Cost per results",
            "Amount spent (EUR)",
            "Impressions",
            "CPM (cost per 1,000 impressions) (EUR)",
            "Link clicks",
            "CTR (link click-through rate)",
            "Clicks (all)",
            "CTR (all)",
            "CPC (all) (EUR)",
            "Purchases",
            "Purchases conversion value",
        ],
    },
    Meta {
        language: "de",
        file_name: "Kampagnen-1.-Sep-2026-14.-Sep-2026.csv",
        style: Style {
            encoding: "Windows-1252",
            delimiter: ';',
            line_end: "\r\n",
            decimal: ',',
            group: ".",
            date: DateStyle::DayFirst('.'),
            ..ENGLISH
        },
        currency: "EUR",
        header: [
            "Berichtsstart",
            "Berichtsende",
            "Kampagnenname",
            "Anzeigengruppenname",
            "Anzeigenname",
            "Tag",
            "Attributionseinstellung",
            "Ergebnisse",
            "Ergebnisindikator",
            "Reichweite",
            "Frequenz",
            "Kosten pro Ergebnis",
            "Ausgegebener Betrag (EUR)",
            "Impressionen",
            "CPM (Kosten pro 1.000 Impressionen) (EUR)",
            "Link-Klicks",
            "CTR (Link-Klickrate)",
            "Klicks (alle)",
            "CTR (alle)",
            "CPC (alle) (EUR)",
            "Käufe",
            "Conversion-Wert für Käufe",
        ],
    },
    Meta {
        language: "fr",
        file_name: "Campagnes-1-sept-2026-14-sept-2026.csv",
        style: Style {
            encoding: "UTF-8 with BOM",
            delimiter: ';',
            decimal: ',',
            group: "\u{202f}",
            percent: "\u{a0}%",
            date: DateStyle::DayFirst('/'),
            ..ENGLISH
        },
        currency: "EUR",
        header: [
            "Début des rapports",
            "Fin des rapports",
            "Nom de la campagne",
            "Nom de l’ensemble de publicités",
            "Nom de la publicité",
            "Jour",
            "Paramètre d’attribution",
            "Résultats",
            "Indicateur de résultats",
            "Couverture",
            "Répétition",
            "Coût par résultat",
            "Montant dépensé (EUR)",
            "Impressions",
            "CPM (coût pour 1 000 impressions) (EUR)",
            "Clics sur un lien",
            "CTR (taux de clics sur le lien)",
            "Clics (tous)",
            "CTR (tous)",
            "CPC (tous) (EUR)",
            "Achats",
            "Valeur de conversion des achats",
        ],
    },
    Meta {
        language: "es",
        file_name: "Campañas-1-sep-2026-14-sep-2026.csv",
        style: Style { delimiter: ';', decimal: ',', group: ".", date: DateStyle::DayFirst('/'), ..ENGLISH },
        currency: "EUR",
        header: [
            "Inicio del informe",
            "Fin del informe",
            "Nombre de la campaña",
            "Nombre del conjunto de anuncios",
            "Nombre del anuncio",
            "Día",
            "Configuración de atribución",
            "Resultados",
            "Indicador de resultado",
            "Alcance",
            "Frecuencia",
            "Costo por resultados",
            "Importe gastado (EUR)",
            "Impresiones",
            "CPM (costo por mil impresiones) (EUR)",
            "Clics en el enlace",
            "CTR (porcentaje de clics en el enlace)",
            "Clics (todos)",
            "CTR (todos)",
            "CPC (todos) (EUR)",
            "Compras",
            "Valor de conversión de compras",
        ],
    },
    Meta {
        language: "pt",
        file_name: "Campanhas-1-de-set-de-2026.csv",
        style: Style { decimal: ',', group: ".", date: DateStyle::DayFirst('/'), ..ENGLISH },
        currency: "BRL",
        header: [
            "Início dos relatórios",
            "Término dos relatórios",
            "Nome da campanha",
            "Nome do conjunto de anúncios",
            "Nome do anúncio",
            "Dia",
            "Configuração de atribuição",
            "Resultados",
            "Indicador de resultados",
            "Alcance",
            "Frequência",
            "Custo por resultados",
            "Valor usado (BRL)",
            "Impressões",
            "CPM (custo por 1.000 impressões) (BRL)",
            "Cliques no link",
            "CTR (taxa de cliques no link)",
            "Cliques (todos)",
            "CTR (todos)",
            "CPC (todos) (BRL)",
            "Compras",
            "Valor de conversão de compras",
        ],
    },
    Meta {
        language: "id",
        file_name: "Kampanye-1-Sep-2026-14-Sep-2026.csv",
        style: Style { delimiter: ';', decimal: ',', group: ".", ..ENGLISH },
        currency: "IDR",
        header: [
            "Awal pelaporan",
            "Akhir pelaporan",
            "Nama kampanye",
            "Nama set iklan",
            "Nama iklan",
            "Hari",
            "Pengaturan atribusi",
            "Hasil",
            "Indikator hasil",
            "Jangkauan",
            "Frekuensi",
            "Biaya per hasil",
            "Jumlah yang dibelanjakan (IDR)",
            "Impresi",
            "CPM (biaya per 1.000 tayangan) (IDR)",
            "Klik tautan",
            "CTR (rasio klik-tayang tautan)",
            "Klik (semua)",
            "CTR (semua)",
            "CPC (semua) (IDR)",
            "Pembelian",
            "Nilai konversi pembelian",
        ],
    },
];

/// The ads table of Meta Ads Manager by day, with a row of sums above the ads whose names are blank.
pub fn meta(language: &str, seed: u64) -> Option<Export> {
    let of = META.iter().find(|m| m.language == language)?;
    let style = of.style;
    let mut rng = Rng::stream(seed, 0x3E7A);
    let mut rows = Vec::new();
    let mut all = Counts::default();
    let mut n_results = 0;
    for day in 1..=14 {
        for [campaign, set, ad] in ADS {
            let counts = Counts::draw(&mut rng);
            let is_brand = campaign == "Brand";
            // The results of an awareness campaign are people reached, those of the others purchases.
            let (results, indicator) =
                if is_brand { (counts.reach, "reach") } else { (counts.purchases, "actions:purchase") };
            n_results += results;
            all.add(&counts);
            let day = style.day(day);
            let mut row = vec![day.clone(), day.clone(), campaign.to_owned(), set.to_owned(), ad.to_owned()];
            row.extend([day, "7-day click".to_owned(), results.to_string(), indicator.to_owned()]);
            row.extend(meta_numbers(&style, &counts, results));
            rows.push(row);
        }
    }
    let mut sheet = Sheet::new(style);
    sheet.row(&of.header);
    let (first, last) = (style.day(1), style.day(14));
    let mut total = vec![first, last];
    total.extend(["", "", "", "", "", "", ""].map(str::to_owned));
    total.extend(meta_numbers(&style, &all, 0));
    sheet.row(&total);
    rows.iter().for_each(|row| sheet.row(row));

    let name = |i: usize| of.header.get(i).map_or_else(String::new, |h| (*h).to_owned());
    use ColumnType::{Category, Date as Day, Number};
    let types = [Day, Day, Category, Category, Category, Day, Category, Number, Category].into_iter();
    let types = types.chain(std::iter::repeat(Number));
    let roles = [
        Role::Date,
        Role::Date,
        Role::Campaign,
        Role::AdGroup,
        Role::Ad,
        Role::Date,
        Role::Category,
        Role::Number,
        Role::Category,
        Role::Reach,
        Role::Ratio,
        Role::Ratio,
        Role::Spend,
        Role::Impressions,
        Role::Ratio,
        Role::Clicks,
        Role::Ratio,
        Role::Number,
        Role::Ratio,
        Role::Ratio,
        Role::Purchases,
        Role::Value,
    ];
    Some(Export {
        file_name: of.file_name,
        bytes: sheet.bytes(),
        truth: Truth {
            source: "Meta Ads Manager export",
            encoding: style.encoding,
            delimiter: style.delimiter,
            currency: Some(of.currency),
            kind: TableKind::Ads,
            n_rows: rows.len(),
            skipped: vec![("total row", 1)],
            columns: types.zip(roles).enumerate().map(|(i, (t, r))| (name(i), t, r)).collect(),
            sums: vec![
                (name(7), n_results as f64),
                (name(9), all.reach as f64),
                (name(12), all.spend as f64 / 100.0),
                (name(13), all.impressions as f64),
                (name(15), all.clicks as f64),
                (name(20), all.purchases as f64),
                (name(21), all.value as f64 / 100.0),
            ],
            days: Some((name(5), "2026-09-01".to_owned(), "2026-09-14".to_owned())),
            n_dashed: 0,
            says: Some("2 different things"),
        },
    })
}

fn meta_numbers(style: &Style, counts: &Counts, results: u64) -> [String; 13] {
    let ratio = |a: u64, b: u64, scale: u64| match b {
        0 => String::new(),
        _ => style.number(scale * a / b, 2),
    };
    [
        counts.reach.to_string(),
        ratio(counts.impressions, counts.reach, 100),
        ratio(counts.spend, results, 1),
        style.number(counts.spend, 2),
        counts.impressions.to_string(),
        ratio(counts.spend, counts.impressions, 1_000),
        counts.clicks.to_string(),
        // A percentage without its sign: 2.60.
        ratio(counts.clicks, counts.impressions, 10_000),
        counts.all_clicks.to_string(),
        ratio(counts.all_clicks, counts.impressions, 10_000),
        ratio(counts.spend, counts.all_clicks, 1),
        counts.purchases.to_string(),
        style.number(counts.value, 2),
    ]
}

/// What an ad did on a day. Money in hundredths.
#[derive(Default)]
struct Counts {
    impressions: u64,
    reach: u64,
    clicks: u64,
    all_clicks: u64,
    spend: u64,
    purchases: u64,
    value: u64,
}

impl Counts {
    fn draw(rng: &mut Rng) -> Self {
        let mut upto = |n: u32| u64::from(rng.below(n));
        let impressions = 1_500 + upto(12_000);
        let clicks = 10 + upto(120);
        let purchases = upto(6);
        Self {
            impressions,
            reach: impressions - upto(1_000),
            clicks,
            all_clicks: clicks + upto(40),
            spend: clicks * (40 + upto(2_000)),
            purchases,
            value: purchases * (1_999 + upto(150_000)),
        }
    }

    fn add(&mut self, more: &Self) {
        self.impressions += more.impressions;
        self.reach += more.reach;
        self.clicks += more.clicks;
        self.all_clicks += more.all_clicks;
        self.spend += more.spend;
        self.purchases += more.purchases;
        self.value += more.value;
    }
}

/// How Google Ads writes in one language.
struct Google {
    language: &'static str,
    file_name: &'static str,
    style: Style,
    currency: &'static str,
    /// In front of the money of a cell.
    sign: &'static str,
    above: [&'static str; 2],
    header: [&'static str; 18],
    totals: [&'static str; 2],
}

const EXCEL: Style = Style { encoding: "UTF-16 LE", delimiter: '\t', ..ENGLISH };

const GOOGLE: [Google; 7] = [
    Google {
        language: "",
        file_name: "Campaign report.csv",
        style: Style { group: ",", date: DateStyle::MonthName, ..ENGLISH },
        currency: "USD",
        sign: "$",
        above: ["Campaign report", "\"September 1, 2026 - September 14, 2026\""],
        header: GOOGLE_ENGLISH,
        totals: ["Total: Campaigns", "Total: Account"],
    },
    Google {
        language: "excel",
        file_name: "Campaign report (Excel).csv",
        style: Style { group: ",", ..EXCEL },
        currency: "USD",
        sign: "",
        above: ["Campaign report", "September 1, 2026 - September 14, 2026"],
        header: GOOGLE_ENGLISH,
        totals: ["Total: Campaigns", "Total: Account"],
    },
    Google {
        language: "de",
        file_name: "Kampagnenbericht.csv",
        style: Style {
            decimal: ',',
            group: ".",
            percent: "\u{a0}%",
            date: DateStyle::DayFirst('.'),
            ..EXCEL
        },
        currency: "EUR",
        sign: "",
        above: ["Kampagnenbericht", "1. September 2026 - 14. September 2026"],
        header: [
            "Kampagne",
            "Tag",
            "Kampagnenstatus",
            "Kampagnentyp",
            "Währungscode",
            "Impr.",
            "Klicks",
            "CTR",
            "Durchschn. CPC",
            "Kosten",
            "Conversions",
            "Kosten/Conv.",
            "Conv.-Wert",
            "Conv.-Rate",
            "Anzeigengruppe",
            "Keyword für Suchnetzwerk",
            "Keyword-Option",
            "Anteil an möglichen Impressionen im Suchnetzwerk",
        ],
        totals: ["Gesamt: Kampagnen", "Gesamt: Konto"],
    },
    Google {
        language: "fr",
        file_name: "Rapport sur les campagnes.csv",
        style: Style {
            decimal: ',',
            group: "\u{a0}",
            percent: "\u{a0}%",
            date: DateStyle::Local(
                &[
                    "janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.",
                    "nov.", "déc.",
                ],
                " ",
            ),
            ..EXCEL
        },
        currency: "EUR",
        sign: "",
        above: ["Rapport sur les campagnes", "1 septembre 2026 - 14 septembre 2026"],
        header: [
            "Campagne",
            "Jour",
            "État de la campagne",
            "Type de campagne",
            "Code de devise",
            "Impr.",
            "Clics",
            "CTR",
            "CPC moy.",
            "Coût",
            "Conversions",
            "Coût/conv.",
            "Valeur de conv.",
            "Taux de conv.",
            "Groupe d’annonces",
            "Mot clé pour le Réseau de Recherche",
            "Type de correspondance",
            "Taux d’impr. sur le Réseau de Recherche",
        ],
        totals: ["Total\u{a0}: campagnes", "Total\u{a0}: compte"],
    },
    Google {
        language: "es",
        file_name: "Informe de campañas.csv",
        style: Style {
            decimal: ',',
            group: ".",
            percent: " %",
            date: DateStyle::Local(
                &["ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sept", "oct", "nov", "dic"],
                " ",
            ),
            ..EXCEL
        },
        currency: "EUR",
        sign: "",
        above: ["Informe de campañas", "1 de septiembre de 2026 - 14 de septiembre de 2026"],
        header: [
            "Campaña",
            "Día",
            "Estado de la campaña",
            "Tipo de campaña",
            "Código de moneda",
            "Impr.",
            "Clics",
            "CTR",
            "CPC medio",
            "Coste",
            "Conversiones",
            "Coste/conv.",
            "Valor de conv.",
            "Porcentaje de conv.",
            "Grupo de anuncios",
            "Palabra clave de la búsqueda",
            "Tipo de concordancia",
            "Cuota de impr. de búsqueda",
        ],
        totals: ["Total: campañas", "Total: cuenta"],
    },
    Google {
        language: "pt",
        file_name: "Relatório de campanhas.csv",
        style: Style {
            decimal: ',',
            group: ".",
            date: DateStyle::Local(
                &[
                    "jan.", "fev.", "mar.", "abr.", "mai.", "jun.", "jul.", "ago.", "set.", "out.", "nov.",
                    "dez.",
                ],
                " de ",
            ),
            ..EXCEL
        },
        currency: "BRL",
        sign: "",
        above: ["Relatório de campanhas", "1 de setembro de 2026 - 14 de setembro de 2026"],
        header: [
            "Campanha",
            "Dia",
            "Status da campanha",
            "Tipo de campanha",
            "Código da moeda",
            "Impr.",
            "Cliques",
            "CTR",
            "CPC méd.",
            "Custo",
            "Conversões",
            "Custo / conv.",
            "Valor conv.",
            "Taxa de conv.",
            "Grupo de anúncios",
            "Palavra-chave da pesquisa",
            "Tipo de corresp.",
            "Parcela de impr. da pesquisa",
        ],
        totals: ["Total: campanhas", "Total: conta"],
    },
    Google {
        language: "id",
        file_name: "Laporan kampanye.csv",
        style: Style { decimal: ',', group: ".", ..EXCEL },
        currency: "IDR",
        sign: "",
        above: ["Laporan kampanye", "1 September 2026 - 14 September 2026"],
        header: [
            "Kampanye",
            "Hari",
            "Status kampanye",
            "Jenis kampanye",
            "Kode mata uang",
            "Tayangan",
            "Klik",
            "CTR",
            "BPK rata-rata",
            "Biaya",
            "Konversi",
            "Biaya / konv.",
            "Nilai konv.",
            "Rasio konv.",
            "Grup iklan",
            "Kata kunci penelusuran",
            "Jenis pencocokan",
            "Pangsa tayangan penelusuran",
        ],
        totals: ["Total: Kampanye", "Total: Akun"],
    },
];

const GOOGLE_ENGLISH: [&str; 18] = [
    "Campaign",
    "Day",
    "Campaign status",
    "Campaign type",
    "Currency code",
    "Impr.",
    "Clicks",
    "CTR",
    "Avg. CPC",
    "Cost",
    "Conversions",
    "Cost / conv.",
    "Conv. value",
    "Conv. rate",
    "Ad group",
    "Search keyword",
    "Match type",
    "Search impr. share",
];

/// Ad group, keyword and match type of a campaign.
const KEYWORDS: [[&str; 4]; 5] = [
    ["Brand", "Core", "assay", "Exact match"],
    ["Brand", "Core", "assay tool", "Phrase match"],
    ["Generic", "Analytics", "marketing analytics", "Broad match"],
    ["Generic", "Reports", "ads report", "Phrase match"],
    ["Generic", "Reports", "csv report", "Exact match"],
];

/// A report of Google Ads by keyword and day: two lines above, a row of sums behind each campaign with no day, totals at
/// the end.
pub fn google(language: &str, seed: u64) -> Option<Export> {
    let of = GOOGLE.iter().find(|g| g.language == language)?;
    let style = of.style;
    let mut rng = Rng::stream(seed, 0x6006);
    let mut sheet = Sheet::new(style);
    of.above.iter().for_each(|line| sheet.line(line));
    sheet.row(&of.header);
    let mut all = Counts::default();
    let mut n_rows = 0;
    let mut shares = 0.0;
    for campaign in ["Brand", "Generic"] {
        let mut sums = Counts::default();
        for day in 1..=14 {
            for [name, group, keyword, kind] in KEYWORDS {
                if name != campaign {
                    continue;
                }
                let mut counts = Counts::draw(&mut rng);
                // Days without a conversion have no cost of one.
                counts.purchases *= u64::from(rng.below(3) > 0);
                counts.value *= u64::from(counts.purchases > 0);
                let share = match rng.below(4) {
                    0 => "< 10%".replace('%', style.percent),
                    1 => "> 90%".replace('%', style.percent),
                    _ => {
                        let share = 1_000 + u64::from(rng.below(8_000));
                        shares += share as f64 / 100.0;
                        style.percent(share)
                    }
                };
                let mut row =
                    vec![name.to_owned(), style.day(day), "Enabled".to_owned(), "Search".to_owned()];
                row.push(of.currency.to_owned());
                row.extend(google_numbers(of, &counts));
                row.extend([group, keyword, kind].map(str::to_owned));
                row.push(share);
                sheet.row(&row);
                sums.add(&counts);
                n_rows += 1;
            }
        }
        let mut row = [campaign, "", "Enabled", "Search", of.currency].map(str::to_owned).to_vec();
        row.extend(google_numbers(of, &sums));
        row.extend([" --", " --", " --", " --"].map(str::to_owned));
        sheet.row(&row);
        all.add(&sums);
    }
    for total in of.totals {
        let mut row = [total, " --", " --", " --", of.currency].map(str::to_owned).to_vec();
        row.extend(google_numbers(of, &all));
        row.extend([" --", " --", " --", " --"].map(str::to_owned));
        sheet.row(&row);
    }
    let name = |i: usize| of.header.get(i).map_or_else(String::new, |h| (*h).to_owned());
    use ColumnType::{Category, Date as Day, Number};
    let columns = [
        (Category, Role::Campaign),
        (Day, Role::Date),
        (Category, Role::Category),
        (Category, Role::Category),
        (Category, Role::Category),
        (Number, Role::Impressions),
        (Number, Role::Clicks),
        (Number, Role::Ratio),
        (Number, Role::Ratio),
        (Number, Role::Spend),
        (Number, Role::Purchases),
        (Number, Role::Ratio),
        (Number, Role::Value),
        (Number, Role::Ratio),
        (Category, Role::AdGroup),
        (Category, Role::Category),
        (Category, Role::Category),
        (Number, Role::Ratio),
    ];
    Some(Export {
        file_name: of.file_name,
        bytes: sheet.bytes(),
        truth: Truth {
            source: "Google Ads report",
            encoding: style.encoding,
            delimiter: style.delimiter,
            currency: Some(of.currency),
            kind: TableKind::Ads,
            n_rows,
            skipped: vec![("preamble", 2), ("subtotal row", 2), ("total row", 2)],
            columns: columns.into_iter().enumerate().map(|(i, (t, r))| (name(i), t, r)).collect(),
            sums: vec![
                (name(5), all.impressions as f64),
                (name(6), all.clicks as f64),
                (name(9), all.spend as f64 / 100.0),
                (name(10), all.purchases as f64),
                (name(12), all.value as f64 / 100.0),
                (name(17), shares),
            ],
            days: Some((name(1), "2026-09-01".to_owned(), "2026-09-14".to_owned())),
            n_dashed: 1,
            says: Some("a limit instead of a value"),
        },
    })
}

fn google_numbers(of: &Google, counts: &Counts) -> [String; 9] {
    let style = &of.style;
    let money = |cents: u64| format!("{}{}", of.sign, style.number(cents, 2));
    let per = |a: u64, b: u64| a.checked_div(b).map_or_else(|| " --".to_owned(), &money);
    let share = |a: u64, b: u64| style.percent(10_000 * a / b.max(1));
    [
        style.number(counts.impressions, 0),
        style.number(counts.clicks, 0),
        share(counts.clicks, counts.impressions),
        per(counts.spend, counts.clicks),
        money(counts.spend),
        style.number(100 * counts.purchases, 2),
        per(counts.spend, counts.purchases),
        style.number(counts.value, 2),
        share(counts.purchases, counts.clicks),
    ]
}

/// How TikTok's ad report looks in a language.
struct TikTok {
    language: &'static str,
    style: Style,
    file_name: &'static str,
    header: [&'static str; 15],
    /// Above the sums: "Total of {n} results".
    total: [&'static str; 2],
}

const TIKTOK: [TikTok; 6] = [
    TikTok {
        language: "",
        style: ENGLISH,
        file_name: "Ad report 2026-09-01 to 2026-09-14.csv",
        header: [
            "Campaign name",
            "Ad group name",
            "Ad name",
            "By Day",
            "Cost",
            "CPM",
            "Impressions",
            "Reach",
            "Frequency",
            "Clicks (destination)",
            "CTR (destination)",
            "CPC (destination)",
            "Conversions",
            "Cost per conversion",
            "Conversion rate (CVR)",
        ],
        total: ["Total of ", " results"],
    },
    TikTok {
        language: "de",
        style: ENGLISH,
        file_name: "Anzeigenbericht 2026-09-01 bis 2026-09-14.csv",
        header: [
            "Kampagnenname",
            "Anzeigengruppenname",
            "Anzeigenname",
            "Nach Tag",
            "Kosten",
            "CPM",
            "Impressionen",
            "Reichweite",
            "Frequenz",
            "Klicks (Ziel)",
            "CTR (Ziel)",
            "CPC (Ziel)",
            "Conversions",
            "Kosten pro Conversion",
            "Conversion-Rate (CVR)",
        ],
        total: ["Gesamt: ", " Ergebnisse"],
    },
    TikTok {
        language: "fr",
        style: ENGLISH,
        file_name: "Rapport de publicités 2026-09-01 - 2026-09-14.csv",
        header: [
            "Nom de la campagne",
            "Nom du groupe de publicités",
            "Nom de la publicité",
            "Par jour",
            "Coût",
            "CPM",
            "Impressions",
            "Couverture",
            "Fréquence",
            "Clics (destination)",
            "CTR (destination)",
            "CPC (destination)",
            "Conversions",
            "Coût par conversion",
            "Taux de conversion (CVR)",
        ],
        total: ["Total de ", " résultats"],
    },
    TikTok {
        language: "es",
        style: ENGLISH,
        file_name: "Informe de anuncios 2026-09-01 - 2026-09-14.csv",
        header: [
            "Nombre de la campaña",
            "Nombre del grupo de anuncios",
            "Nombre del anuncio",
            "Por día",
            "Coste",
            "CPM",
            "Impresiones",
            "Alcance",
            "Frecuencia",
            "Clics (destino)",
            "CTR (destino)",
            "CPC (destino)",
            "Conversiones",
            "Coste por conversión",
            "Tasa de conversión (CVR)",
        ],
        total: ["Total de ", " resultados"],
    },
    TikTok {
        language: "pt",
        style: ENGLISH,
        file_name: "Relatório de anúncios 2026-09-01 - 2026-09-14.csv",
        header: [
            "Nome da campanha",
            "Nome do grupo de anúncios",
            "Nome do anúncio",
            "Por dia",
            "Custo",
            "CPM",
            "Impressões",
            "Alcance",
            "Frequência",
            "Cliques (destino)",
            "CTR (destino)",
            "CPC (destino)",
            "Conversões",
            "Custo por conversão",
            "Taxa de conversão (CVR)",
        ],
        total: ["Total de ", " resultados"],
    },
    TikTok {
        language: "id",
        style: ENGLISH,
        file_name: "Laporan iklan 2026-09-01 - 2026-09-14.csv",
        header: [
            "Nama kampanye",
            "Nama grup iklan",
            "Nama iklan",
            "Menurut hari",
            "Biaya",
            "CPM",
            "Impresi",
            "Jangkauan",
            "Frekuensi",
            "Klik (tujuan)",
            "CTR (tujuan)",
            "CPC (tujuan)",
            "Konversi",
            "Biaya per konversi",
            "Rasio konversi (CVR)",
        ],
        total: ["Total ", " hasil"],
    },
];

/// An ad report of TikTok by day. Its conversion rate is per impression.
pub fn tiktok(language: &str, seed: u64) -> Option<Export> {
    let TikTok { style, file_name, header, total: [before, behind], .. } =
        TIKTOK.into_iter().find(|t| t.language == language)?;
    let mut rng = Rng::stream(seed, 0x71C);
    let mut sheet = Sheet::new(style);
    sheet.row(&header);
    let mut all = Counts::default();
    let mut rows = Vec::new();
    let numbers = |counts: &Counts| {
        let per = |a: u64, b: u64| style.number(a / b.max(1), 2);
        [
            style.number(counts.spend, 2),
            per(1_000 * counts.spend, counts.impressions),
            counts.impressions.to_string(),
            counts.reach.to_string(),
            per(100 * counts.impressions, counts.reach),
            counts.clicks.to_string(),
            style.percent(10_000 * counts.clicks / counts.impressions.max(1)),
            per(counts.spend, counts.clicks),
            counts.purchases.to_string(),
            per(counts.spend, counts.purchases),
            style.percent(10_000 * counts.purchases / counts.impressions.max(1)),
        ]
    };
    for day in 1..=14 {
        for [campaign, set, ad] in ADS {
            let counts = Counts::draw(&mut rng);
            let mut row = vec![campaign.to_owned(), set.to_owned(), ad.to_owned(), style.day(day)];
            row.extend(numbers(&counts));
            rows.push(row);
            all.add(&counts);
        }
    }
    let n_rows = rows.len();
    let mut total = vec![format!("{before}{n_rows}{behind}"), "-".to_owned(), "-".to_owned(), "-".to_owned()];
    total.extend(numbers(&all));
    rows.push(total);
    rows.iter().for_each(|row| sheet.row(row));
    use ColumnType::{Category, Date as Day, Number};
    let columns = [
        (Category, Role::Campaign),
        (Category, Role::AdGroup),
        (Category, Role::Ad),
        (Day, Role::Date),
        (Number, Role::Spend),
        (Number, Role::Ratio),
        (Number, Role::Impressions),
        (Number, Role::Reach),
        (Number, Role::Ratio),
        (Number, Role::Clicks),
        (Number, Role::Ratio),
        (Number, Role::Ratio),
        (Number, Role::Purchases),
        (Number, Role::Ratio),
        (Number, Role::Ratio),
    ];
    let named = header.iter().zip(columns).map(|(h, (t, r))| ((*h).to_owned(), t, r));
    Some(Export {
        file_name,
        bytes: sheet.bytes(),
        truth: Truth {
            source: "TikTok Ads Manager export",
            encoding: style.encoding,
            delimiter: style.delimiter,
            currency: None,
            kind: TableKind::Ads,
            n_rows,
            skipped: vec![("total row", 1)],
            columns: named.collect(),
            sums: vec![
                (header[4].to_owned(), all.spend as f64 / 100.0),
                (header[6].to_owned(), all.impressions as f64),
                (header[9].to_owned(), all.clicks as f64),
                (header[12].to_owned(), all.purchases as f64),
            ],
            days: Some((header[3].to_owned(), "2026-09-01".to_owned(), "2026-09-14".to_owned())),
            n_dashed: 0,
            says: Some("per impression"),
        },
    })
}

/// A report of Google Analytics 4: comments above, a grand total behind the header, a second table behind a blank line.
pub fn ga4(seed: u64) -> Export {
    let style = Style { date: DateStyle::Compact, ..ENGLISH };
    let mut rng = Rng::stream(seed, 0x6A4);
    let mut sheet = Sheet::new(style);
    let rule = "# ----------------------------------------";
    for line in [rule, "# Traffic acquisition", "# Start date: 20260901", "# End date: 20260914", rule, ""] {
        sheet.line(line);
    }
    let header = [
        "Date",
        "Session primary channel group (Default Channel Group)",
        "Sessions",
        "Engaged sessions",
        "Engagement rate",
        "Key events",
        "Total revenue",
    ];
    sheet.row(&header);
    let (mut sessions, mut engaged, mut events, mut revenue) = (0, 0, 0, 0);
    let mut rows = Vec::new();
    for day in 1..=14 {
        for channel in ["Direct", "Organic Search", "Paid Social", "Email", "(other)"] {
            let n = 50 + u64::from(rng.below(900));
            let good = n * (30 + u64::from(rng.below(50))) / 100;
            let (key, money) = (u64::from(rng.below(9)), u64::from(rng.below(50_000)));
            let cells = [n.to_string(), good.to_string(), style.number(1_000_000 * good / n, 6)];
            let mut row = vec![style.day(day), channel.to_owned()];
            row.extend(cells);
            row.extend([key.to_string(), style.number(money, 2)]);
            rows.push(row);
            (sessions, engaged, events, revenue) =
                (sessions + n, engaged + good, events + key, revenue + money);
        }
    }
    let n_rows = rows.len();
    let mut total = ["", ""].map(str::to_owned).to_vec();
    total.extend([
        sessions.to_string(),
        engaged.to_string(),
        style.number(1_000_000 * engaged / sessions, 6),
    ]);
    total.extend([events.to_string(), style.number(revenue, 2), "Grand total".to_owned()]);
    sheet.row(&total);
    rows.iter().for_each(|row| sheet.row(row));
    for line in ["", "# All users", "Hour,Active users", "00,120", "01,98", "02,77"] {
        sheet.line(line);
    }
    use ColumnType::{Category, Date as Day, Number};
    let columns = [
        (Day, Role::Date),
        (Category, Role::Category),
        (Number, Role::WebVisits),
        (Number, Role::Number),
        (Number, Role::Ratio),
        (Number, Role::Purchases),
        (Number, Role::Value),
    ];
    let named = header.iter().zip(columns).map(|(h, (t, r))| ((*h).to_owned(), t, r));
    Export {
        file_name: "Traffic_acquisition.csv",
        bytes: sheet.bytes(),
        truth: Truth {
            source: "Google Analytics 4 report",
            encoding: style.encoding,
            delimiter: style.delimiter,
            currency: None,
            kind: TableKind::Other,
            n_rows,
            skipped: vec![("comment", 6), ("blank", 2), ("total row", 1), ("second table", 4)],
            columns: named.collect(),
            sums: vec![
                ("Sessions".to_owned(), sessions as f64),
                ("Engaged sessions".to_owned(), engaged as f64),
                ("Key events".to_owned(), events as f64),
                ("Total revenue".to_owned(), revenue as f64 / 100.0),
            ],
            days: Some(("Date".to_owned(), "2026-09-01".to_owned(), "2026-09-14".to_owned())),
            n_dashed: 0,
            says: None,
        },
    }
}
