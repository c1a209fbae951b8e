//! Writing a table the way some program would: its delimiter, quotes, encoding, numbers and dates.

/// How a program writes its files.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    /// As the receipt names it.
    pub encoding: &'static str,
    /// Between cells.
    pub delimiter: char,
    /// Behind lines.
    pub line_end: &'static str,
    /// Between a number and its decimals.
    pub decimal: char,
    /// Between thousands; empty for none.
    pub group: &'static str,
    /// Behind a percentage.
    pub percent: &'static str,
    /// How days are written.
    pub date: DateStyle,
}

/// How days are written.
#[derive(Debug, Clone, Copy)]
pub enum DateStyle {
    /// 2026-09-02
    Iso,
    /// 20260902
    Compact,
    /// 02/09/2026 with this sign.
    DayFirst(char),
    /// Sep 2, 2026
    MonthName,
    /// 2 sept. 2026 with these months and this word between.
    Local(&'static [&'static str; 12], &'static str),
}

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

impl Style {
    /// A whole number, given in units of the last of `digits` decimals.
    pub fn number(&self, value: u64, digits: u32) -> String {
        let scale = 10_u64.pow(digits);
        let whole = (value / scale).to_string();
        let mut text = String::new();
        for (i, digit) in whole.chars().enumerate() {
            if i > 0 && (whole.len() - i).is_multiple_of(3) {
                text.push_str(self.group);
            }
            text.push(digit);
        }
        if digits > 0 {
            text.push(self.decimal);
            text.push_str(&format!("{:0width$}", value % scale, width = digits as usize));
        }
        text
    }

    /// A share of 10,000 as a percentage with two decimals.
    pub fn percent(&self, basis_points: u64) -> String {
        format!("{}{}", self.number(basis_points, 2), self.percent)
    }

    /// The `day`-th of September 2026.
    pub fn day(&self, day: u32) -> String {
        self.date(2026, 9, day)
    }

    /// A day.
    pub fn date(&self, year: u32, month: u32, day: u32) -> String {
        let month_name = |names: &[&'static str; 12]| names[(month as usize + 11) % 12];
        match self.date {
            DateStyle::Iso => format!("{year}-{month:02}-{day:02}"),
            DateStyle::Compact => format!("{year}{month:02}{day:02}"),
            DateStyle::DayFirst(sign) => format!("{day:02}{sign}{month:02}{sign}{year}"),
            DateStyle::MonthName => format!("{} {day}, {year}", month_name(&MONTHS)),
            DateStyle::Local(names, between) => format!("{day}{between}{}{between}{year}", month_name(names)),
        }
    }
}

/// A file being written.
#[derive(Debug)]
pub struct Sheet {
    style: Style,
    text: String,
}

impl Sheet {
    /// An empty one.
    pub fn new(style: Style) -> Self {
        Self { style, text: String::new() }
    }

    /// A line as it is.
    pub fn line(&mut self, text: &str) {
        self.text.push_str(text);
        self.text.push_str(self.style.line_end);
    }

    /// A row of cells, quoted where they must be.
    pub fn row<S: AsRef<str>>(&mut self, cells: &[S]) {
        let cells: Vec<String> = cells.iter().map(|c| self.cell(c.as_ref())).collect();
        let line = cells.join(&self.style.delimiter.to_string());
        self.line(&line);
    }

    fn cell(&self, text: &str) -> String {
        if text.contains([self.style.delimiter, '"', '\n', '\r']) {
            format!("\"{}\"", text.replace('"', "\"\""))
        } else {
            text.to_owned()
        }
    }

    /// The file.
    pub fn bytes(self) -> Vec<u8> {
        let text = self.text;
        match self.style.encoding {
            "UTF-8 with BOM" => [b"\xef\xbb\xbf", text.as_bytes()].concat(),
            "UTF-16 LE" => {
                let units = std::iter::once(0xfeff).chain(text.encode_utf16());
                units.flat_map(u16::to_le_bytes).collect()
            }
            // The letters these files hold stand where Latin-1 has them.
            "Windows-1252" => text.chars().map(|c| u8::try_from(c).unwrap_or(b'?')).collect(),
            _ => text.into_bytes(),
        }
    }
}
