//! Which columns say who somebody is (e-mail, phone, name, address, card), and how such cells are masked in what is shared.
//!
//! E-mail addresses and card numbers are known by their form alone (cards by Luhn's check digit). Phones, names and
//! addresses need a header that says so, in English, German, French, Spanish, Portuguese or Indonesian, or by the commonest
//! words of Italian, Dutch, Polish, Turkish, Russian, Japanese or Chinese, and values that fit.

use crate::engine::order::InOrder;
use serde::{Deserialize, Serialize};

use super::{
    column::{Column, Values},
    issue::{Issue, IssueKind, Severity},
    role::TableKind,
    table::Table,
};
use crate::engine::words::{self, without_accents};

/// Why a column is personal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Personal {
    /// E-mail addresses.
    Email,
    /// Phone numbers.
    Phone,
    /// Names of people.
    Name,
    /// Where people live.
    Address,
    /// Numbers of payment cards.
    Card,
    /// The user says so.
    Said,
}

impl Personal {
    /// What such a column holds: "e-mail addresses".
    pub fn label(self) -> &'static str {
        match self {
            Self::Email => "e-mail addresses",
            Self::Phone => "phone numbers",
            Self::Name => "names of people",
            Self::Address => "addresses",
            Self::Card => "numbers of payment cards",
            Self::Said => "personal data",
        }
    }
}

/// What stands in place of a personal cell.
pub use crate::engine::words::MASKED;

/// Known values that are looked at.
const LOOKED_AT: usize = 300;

/// Words that name phones, as [`joined`] writes them.
const PHONE: &str = "\
    phone telephone tel mobile cell cellphone fax whatsapp telefon handy mobil mobiltelefon rufnummer \
    telefonnummer handynummer portable telefono movil celular telefone telemovel telepon hp nohp ponsel \
    phonenumber mobilephone mobilenumber callback contactno contactnumber rueckrufnummer ruckrufnummer gsm \
    cellulare telefoon mobiel komorka telefonu telefonnr телефон мобильный 電話 電話番号 携帯 携帯番号 电话 电话号码 手机 \
    手机号 手机号码";
/// Words that name people and nothing else.
const NAME: &str = "\
    firstname lastname surname fullname givenname familyname middlename forename vorname nachname \
    familienname prenom nomdefamille nomcomplet apellido apellidos nombrecompleto sobrenome apelido \
    nomecompleto primeironome namalengkap namadepan namabelakang customername contactname kundenname \
    nomduclient nombredelcliente nomedocliente namapelanggan firstlastname cardholder cardholdername \
    recipient addressee recipientname buyername contactperson ansprechpartner ansprechperson empfanger \
    karteninhaber destinatario destinataire titulaire interlocuteur cognome achternaam voornaam imie \
    nazwisko soyad soyadi adsoyad adisoyadi имя фамилия отчество фио 氏名 お名前 名前 姓名 顧客名 客户姓名";
/// Words that name people and also everything else: taken only where the values look like it.
const PLAIN_NAME: &str = "\
    name nom nombre nome nama customer contact kunde cliente client naam isim owner inhaber klant klient \
    musteri клиент 客户 顧客";
/// Whose a "name" is when it stands beside one of these: "Billing Name", not "Campaign name".
const OF_PERSON: &str = "\
    billing shipping recipient customer contact buyer holder cardholder kunden kunde client cliente clienti \
    klant pelanggan kontakt owner person";
/// Words that say where somebody lives.
const ADDRESS: &str = "\
    address street streetaddress homeaddress strasse anschrift adresse rue direccion calle domicilio \
    endereco rua morada logradouro alamat alamatrumah jalan hausnummer housenumber lieferadresse \
    rechnungsadresse postanschrift indirizzo adres straat ulica adresi sokak адрес улица 住所 地址";
/// Words that may stand beside them.
const BESIDE: &str = "\
    number nº nr no num nummer numero nomor home work primary main customer contact client billing shipping \
    business private line 1 2 of de du des the user default person recipient us uk full delivery mailing \
    postal residential shipto billto y e i und et and van privat geschaftlich livraison facturation envio \
    facturacion entrega cobranca consegna spedizione numarasi di del della do da cliente kunden kunde";
/// Words of headers whose numbers are no phones: accounts of ads are written as phones are in America.
const OF_ACCOUNT: &str = "id account konto compte cuenta conta customer cid";

/// Whether a word is one of a list in one text.
fn among(list: &str, word: &str) -> bool {
    list.split(' ').any(|w| w == word)
}

/// Marks the personal columns of a table that was just read, and says so, one issue each.
pub fn mark(table: &mut Table) -> Vec<Issue> {
    let kind = table.kind;
    let found: Vec<(String, Personal)> =
        table.columns().iter().filter_map(|c| Some((c.name.clone(), recognise(c, kind)?))).collect();
    let issue = |(name, personal): &(String, Personal)| Issue {
        kind: IssueKind::Other,
        severity: Severity::Note,
        line: None,
        column: Some(name.clone()),
        text: None,
        count: 1,
        message: format!(
            "“{name}” holds {}: it is left out of models, segments and exploration, and masked in reports. Give it another \
             role to use it.",
            personal.label()
        ),
        files: Vec::new(),
    };
    let issues = found.iter().map(issue).collect();
    for (name, personal) in found {
        table.set_personal(&name, Some(personal));
    }
    issues
}

/// Why a column is personal; `None` when it is not.
pub fn recognise(column: &Column, kind: TableKind) -> Option<Personal> {
    let cells: Vec<String> = (0..column.len())
        .filter(|&r| !column.is_missing(r))
        .take(LOOKED_AT)
        .map(|r| column.cell_text(r))
        .collect();
    let n_like = |is: &dyn Fn(&str) -> bool| cells.iter().filter(|c| is(c)).count();
    let are = |is: &dyn Fn(&str) -> bool, percent: usize| {
        !cells.is_empty() && n_like(is) * 100 >= cells.len() * percent
    };
    match &column.values {
        Values::Date(_) | Values::Boolean(_) => return None,
        Values::Number(_) | Values::Category(_) | Values::Text(_) => {}
    }
    if are(&|c: &str| without_emails(c).is_some(), 50) {
        return Some(Personal::Email);
    }
    // One number in ten passes Luhn's check by chance.
    if cells.len() >= 3 && are(&|c: &str| is_card(c) || is_hidden_card(c), 80) {
        return Some(Personal::Card);
    }
    let is_words = !matches!(column.values, Values::Number(_));
    let is_account = tokens(&column.name).iter().any(|t| among(OF_ACCOUNT, t));
    let is_written = |c: &str| is_written_phone(c) || (!is_account && is_american_phone(c));
    if (says(&column.name, PHONE) && are(&is_phone, 50)) || (is_words && are(&is_written, 80)) {
        return Some(Personal::Phone);
    }
    let has_letters = |c: &str| c.chars().any(char::is_alphabetic);
    if !is_words || !are(&has_letters, 50) {
        return None;
    }
    // "Via" is a street in Italian, and a way in most others.
    let is_street =
        || joined(&column.name) == "via" && are(&|c: &str| c.chars().any(|c| c.is_ascii_digit()), 50);
    if says(&column.name, ADDRESS) || is_street() {
        return Some(Personal::Address);
    }
    let is_bare =
        |c: &str| !c.chars().any(|c| c.is_ascii_digit() || "_|/@".contains(c)) && c.chars().count() <= 60;
    if !are(&is_bare, 80) {
        return None;
    }
    // The client of an agency, by which ads are told apart, is a firm.
    if says(&column.name, NAME) || (kind != TableKind::Ads && is_name_of_person(&column.name)) {
        return Some(Personal::Name);
    }
    let mut distinct: Vec<&String> = cells.iter().collect();
    distinct.order_by(|a, b| a.cmp(b));
    distinct.dedup();
    let header = joined(&column.name);
    let is_varied = distinct.len() * 2 >= cells.len();
    // The same people again and again are known by their form; a "name" can be that of a thing in a table of things.
    let is_whose = kind == TableKind::Customers || among(OF_PERSON, &header);
    let looks_like_people = is_whose && are(&is_full_name, 80);
    let is_plain_name = among(PLAIN_NAME, &header) && cells.len() >= 5 && (is_varied || looks_like_people);
    let is_part = matches!(header.as_str(), "first" | "last") && are(&is_capitalised, 80);
    (kind != TableKind::Ads && (is_plain_name || is_part)).then_some(Personal::Name)
}

/// The header as lower-case letters and digits without accents.
fn joined(header: &str) -> String {
    without_accents(&header.to_lowercase()).chars().filter(|c| c.is_alphanumeric()).collect()
}

/// The words of a header without accents and without numbers: "Billing Address1" is billing and address.
fn tokens(header: &str) -> Vec<String> {
    // "PhoneNumber" is two words too.
    let mut spaced = String::new();
    let mut before_is_lower = false;
    for c in header.chars() {
        if c.is_uppercase() && before_is_lower {
            spaced.push(' ');
        }
        before_is_lower = c.is_lowercase();
        spaced.push(if c.is_alphanumeric() { c } else { ' ' });
    }
    let plain = without_accents(&spaced.to_lowercase());
    let words = plain.split_whitespace().map(|t| t.trim_end_matches(|c: char| c.is_ascii_digit()));
    words.filter(|t| !t.is_empty()).map(str::to_owned).collect()
}

/// Whether a header is one of the words, perhaps with words of little meaning beside it.
fn says(header: &str, names: &str) -> bool {
    // "address1", "address2".
    if among(names, joined(header).trim_end_matches(|c: char| c.is_ascii_digit())) {
        return true;
    }
    let tokens = tokens(header);
    let is_pair = |w: &[String]| among(names, &w.concat());
    let is_named = |t: &String| among(names, t);
    // "Default Address Phone" is a phone, "Street name" an address, "Nombre y apellidos" a name.
    let is_beside = |t: &str| {
        among(BESIDE, t)
            || (names == PHONE && t == "address")
            || (names == ADDRESS && t == "name")
            || (names == NAME && among(PLAIN_NAME, t))
    };
    let rest =
        |t: &String| is_named(t) || is_beside(t) || tokens.windows(2).any(|w| w.contains(t) && is_pair(w));
    (tokens.windows(2).any(is_pair) || tokens.iter().any(is_named)) && tokens.iter().all(rest)
}

/// Whether a header is the name of somebody: "Shipping Name".
fn is_name_of_person(header: &str) -> bool {
    let tokens = tokens(header);
    let is_name = |t: &String| t == "name";
    let is_of_person = |t: &String| among(OF_PERSON, t);
    let is_beside = |t: &String| is_name(t) || is_of_person(t) || t == "address" || among(BESIDE, t);
    tokens.iter().any(is_name) && tokens.iter().any(is_of_person) && tokens.iter().all(is_beside)
}

/// A cell without the apostrophe that keeps spreadsheets from rounding its number.
fn bare(text: &str) -> &str {
    let text = text.trim();
    text.strip_prefix('\'').unwrap_or(text)
}

/// A text with its e-mail addresses masked, wherever they stand in it; `None` without any. One that was cut short,
/// "anna.b@exam…", is one too.
pub fn without_emails(text: &str) -> Option<String> {
    let is_local = |c: char| c.is_alphanumeric() || "._%+-".contains(c);
    let is_domain = |c: char| c.is_alphanumeric() || ".-".contains(c);
    let mut out = String::new();
    let mut rest = text;
    let mut is_found = false;
    while let Some((before, after)) = rest.split_once('@') {
        let host = after.trim_start_matches(is_domain);
        let domain = after[..after.len() - host.len()].trim_end_matches(['.', '-']);
        let bare = before.trim_end_matches(is_local);
        let is_whole = domain.split_once('.').is_some_and(|(name, end)| !name.is_empty() && end.len() >= 2);
        if bare.len() < before.len() && (is_whole || host.starts_with('…')) {
            is_found = true;
            out.push_str(bare);
            out.push_str(MASKED);
            rest = &after[domain.len()..];
        } else {
            out.push_str(before);
            out.push('@');
            rest = after;
        }
    }
    out.push_str(rest);
    is_found.then_some(out)
}

/// "Anna Li", "Chloé van den Berg", "王伟": two to four words of which the outer ones begin with a capital.
fn is_full_name(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    let is_han = |c: char| ('\u{3400}'..='\u{9fff}').contains(&c);
    (text.chars().all(is_han) && (2..=4).contains(&text.chars().count()))
        || ((2..=4).contains(&words.len())
            && [words.first(), words.last()].into_iter().flatten().all(|w| is_capitalised(w)))
}

fn is_capitalised(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphabetic() && !c.is_lowercase())
}

/// "4111 11** **** 1001": a card of which only some digits are shown, its last four among them.
fn is_hidden_card(text: &str) -> bool {
    let plain: String = bare(text).chars().filter(|c| !" -".contains(*c)).collect();
    let is_hidden = |c: char| "*xX•".contains(c);
    let shown = plain.trim_start_matches(|c: char| c.is_ascii_digit() || is_hidden(c));
    shown.is_empty()
        && (12..=19).contains(&plain.chars().count())
        && plain.chars().filter(|c| is_hidden(*c)).count() >= 4
        && plain.len() - plain.trim_end_matches(|c: char| c.is_ascii_digit()).len() == 4
}

/// "212-555-0100", as phones are written in America: neither of the first two groups begins with 0 or 1.
fn is_american_phone(text: &str) -> bool {
    let groups: Vec<&str> = bare(text).split(['-', '.', ' ']).collect();
    let [area, exchange, line] = groups[..] else { return false };
    let is_group = |g: &str, n: usize| g.len() == n && g.bytes().all(|b| b.is_ascii_digit());
    is_group(area, 3) && is_group(exchange, 3) && is_group(line, 4) && area >= "2" && exchange >= "2"
}

/// 13 to 19 digits that begin like a card and whose last digit checks.
fn is_card(text: &str) -> bool {
    let text = bare(text);
    if !text.chars().all(|c| c.is_ascii_digit() || c == ' ' || c == '-') {
        return false;
    }
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(10)).collect();
    (13..=19).contains(&digits.len()) && digits.first().is_some_and(|d| (2..=6).contains(d)) && luhn(&digits)
}

/// Luhn's check: every second digit from the right doubled, the digits of all added up, a multiple of ten.
fn luhn(digits: &[u32]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(i, d)| {
            if i % 2 == 0 {
                *d
            } else if *d > 4 {
                d * 2 - 9
            } else {
                d * 2
            }
        })
        .sum();
    sum.is_multiple_of(10)
}

fn is_phone(text: &str) -> bool {
    let text = bare(text);
    let n_digits = text.chars().filter(char::is_ascii_digit).count();
    (7..=15).contains(&n_digits) && text.chars().all(|c| c.is_ascii_digit() || " +-()./x".contains(c))
}

/// What can be nothing but a phone number: with the sign of a country, or an area in brackets.
fn is_written_phone(text: &str) -> bool {
    let text = bare(text);
    let rest = text.strip_prefix('+').or_else(|| text.strip_prefix('('));
    is_phone(text)
        && rest.is_some_and(|r| r.starts_with(|c: char| c.is_ascii_digit()))
        && (text.starts_with('+') || text.contains(')'))
        && !text.contains('.')
        && text.chars().filter(char::is_ascii_digit).count() >= 9
}

/// "555-123-4567": as in America, with dashes alone, and an area that there can be.
fn is_dashed_phone(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    let is_number = |g: &&str| g.bytes().all(|b| b.is_ascii_digit());
    matches!(groups[..], [a, b, c] if (a.len(), b.len(), c.len()) == (3, 3, 4) && a >= "2")
        && groups.iter().all(is_number)
}

/// "0171 2345678", "020 7946 0958", "030/1234567": an area that begins with one 0, and blanks or strokes where no figure has
/// them. Without those, as in "01712345678", it could be any number.
fn is_national_phone(text: &str) -> bool {
    let groups: Vec<&str> = text.split([' ', '/']).collect();
    let is_area = |g: &str| (3..=5).contains(&g.len()) && g.starts_with('0') && !g.starts_with("00");
    (2..=4).contains(&groups.len())
        && is_area(groups[0])
        && groups.iter().all(|g| (2..=8).contains(&g.len()) && g.bytes().all(|b| b.is_ascii_digit()))
        && (9..=12).contains(&groups.concat().len())
}

/// A text with e-mail addresses, card numbers and written phone numbers masked, wherever they stand in it.
pub fn scrub(given: &str) -> String {
    let is_mark = |c: char| c.is_ascii_punctuation() && !"+()".contains(c) || "“”‘’«»".contains(c);
    let masked = |word: &str| {
        let bare = word.trim_matches(is_mark);
        let is_personal = is_card(bare) || is_written_phone(bare);
        if is_personal { word.replace(bare, MASKED) } else { word.to_owned() }
    };
    let text = without_emails(given);
    without_numbers(text.as_deref().unwrap_or(given))
        .split_inclusive(|c: char| c.is_whitespace() || ",;|<>\"".contains(c))
        .map(|piece| {
            let end = piece.trim_end_matches(|c: char| c.is_whitespace() || ",;|<>\"".contains(c));
            format!("{}{}", masked(end), &piece[end.len()..])
        })
        .collect()
}

/// A text in which phone and card numbers that are written with blanks are masked.
fn without_numbers(text: &str) -> String {
    // Accounts of ads are written as phones are in America, and are all there is in their cells.
    let is_spoken = text.contains(char::is_alphabetic);
    let names_account = |before: &str| {
        let mut words = before.rsplit(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty());
        words.by_ref().take(2).any(|word| among(OF_ACCOUNT, &word.to_lowercase()))
    };
    let is_digit = |c: char| c.is_ascii_digit();
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit() || c == '+' || c == '(') {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        // "(+49 30 1234567)": the bracket is no part of it.
        let is_bracket = from.starts_with("(+");
        let is_of_number = |c: char| c.is_ascii_digit() || " +-()/".contains(c);
        // "A4" is a word.
        let is_in_word = out.ends_with(char::is_alphanumeric) && !from.starts_with(['+', '(']);
        let end = match () {
            () if is_bracket => 1,
            () if is_in_word => from.find(|c: char| !c.is_ascii_digit()).unwrap_or(from.len()),
            () => from.find(|c| !is_of_number(c)).unwrap_or(from.len()),
        };
        let (run, after) = from.split_at(end);
        // "1,020 300" and "020 300.5" are figures.
        let is_figure = out.strip_suffix(['.', ',']).is_some_and(|before| before.ends_with(is_digit))
            || after.strip_prefix(['.', ',']).is_some_and(|next| next.starts_with(is_digit));
        let is_kept = is_bracket || is_in_word || is_figure;
        let is_american = is_spoken && !names_account(&out);
        out.push_str(&if is_kept { run.to_owned() } else { masked_numbers(run, is_american) });
        rest = after;
    }
    out + rest
}

/// A run of digits, blanks and signs in which the longest parts that are phone or card numbers are masked; those as they are
/// written in America if wished.
fn masked_numbers(run: &str, is_american: bool) -> String {
    let words: Vec<&str> = run.split(' ').collect();
    let mut out: Vec<String> = Vec::new();
    let mut i = 0;
    while let Some(word) = words.get(i) {
        let ends = (i + 1..=words.len().min(i + 8)).rev();
        let found =
            ends.filter_map(|end| Some((end, words.get(i..end)?.join(" ")))).find_map(|(end, text)| {
                let number = if text.contains('(') { text.as_str() } else { text.trim_end_matches(')') };
                let closing = text.strip_prefix(number).unwrap_or_default();
                let is_whole = number.ends_with(|c: char| c.is_ascii_digit());
                let is_personal = is_written_phone(number)
                    || is_written_card(number)
                    || is_national_phone(number)
                    || (is_american && is_dashed_phone(number));
                (is_whole && is_personal).then(|| (end, format!("{MASKED}{closing}")))
            });
        let (end, text) = found.unwrap_or_else(|| (i + 1, (*word).to_owned()));
        out.push(text);
        i = end;
    }
    out.join(" ")
}

/// A card number in groups as they stand on a card: four digits first, never a day such as 2026-06-30.
fn is_written_card(text: &str) -> bool {
    let groups: Vec<usize> = text.split([' ', '-']).map(str::len).collect();
    groups.first() == Some(&4) && groups.iter().all(|n| (3..=6).contains(n)) && is_card(text)
}

/// What is quoted in a sentence about a personal column, masked but for the column's own name.
pub fn unquoted(text: &str, column: &str) -> String {
    unquoted_but(text, |inside| inside == column)
}

/// What is quoted in a sentence, masked but for what may be shown.
pub fn unquoted_but(text: &str, may_be_shown: impl Fn(&str) -> bool) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('“') {
        out.push_str(before);
        let Some((inside, tail)) = after.split_once('”') else {
            rest = after;
            break;
        };
        let shown = if may_be_shown(inside) { inside } else { MASKED };
        out.push_str(&format!("“{shown}”"));
        rest = tail;
    }
    out.push_str(rest);
    scrub(&out)
}

/// "email and phone", for a sentence.
pub fn names(table: &Table) -> String {
    let all: Vec<&str> = table
        .columns()
        .iter()
        .filter(|c| table.personal(&c.name).is_some())
        .map(|c| c.name.as_str())
        .collect();
    words::list(&all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::data::role::Role;

    fn text(name: &str, cells: &[&str]) -> Column {
        Column::category(name, Role::Text, &cells.iter().map(|c| Some(*c)).collect::<Vec<_>>())
    }

    #[track_caller]
    fn check(name: &str, cells: &[&str], expected: Option<Personal>) {
        assert_eq!(recognise(&text(name, cells), TableKind::Customers), expected);
    }

    #[test]
    fn personal_columns_are_noticed_in_six_languages() {
        check("contact", &["a.b@example.org", "c@d.co.uk", "?"], Some(Personal::Email));
        check("x", &["4111 1111 1111 1111", "5500-0000-0000-0004", "340000000000009"], Some(Personal::Card));
        for header in ["Phone", "Telefonnummer", "téléphone", "Teléfono móvil", "Nº de telemóvel", "No. HP"]
        {
            assert!(says(header, PHONE), "{header}");
        }
        check("Phone Number", &["030 1234567", "(212) 555-0100", "5551234567"], Some(Personal::Phone));
        check("x", &["+49 30 1234567", "+62 812 3456 789", "+1 212 555 0100"], Some(Personal::Phone));
        for header in
            ["First Name", "last_name", "Vorname", "Prénom", "Apellidos", "sobrenome", "Nama Lengkap"]
        {
            check(header, &["Anna", "Jörg", "José"], Some(Personal::Name));
        }
        for header in ["Billing Address", "Straße", "adresse", "Dirección", "Endereço", "Alamat", "address1"]
        {
            check(header, &["Main St 1", "Hauptstr. 5", "Rua X 7"], Some(Personal::Address));
        }
        check("Name", &["Anna Li", "Bo Ek", "Cy Ng", "Di Xu", "Ed Ko"], Some(Personal::Name));
    }

    #[test]
    fn personal_columns_of_shops_are_noticed() {
        let phones = ["'+351 912 345 678", "'+351 913 456 789", "'+49 30 1234567"];
        check("Phone", &phones, Some(Personal::Phone));
        check("anything", &phones, Some(Personal::Phone));
        for header in ["Default Address Phone", "Billing Phone", "Phone 2"] {
            check(header, &["912345678", "913456789", "301234567"], Some(Personal::Phone));
        }
        for header in ["Billing Name", "Shipping Name", "Recipient name", "Customer Name", "Name (shipping)"]
        {
            check(header, &["Anna Li", "Bo Ek"], Some(Personal::Name));
        }
        for header in ["Billing Address1", "Default Address Address1", "Shipping Address2", "Billing Street"]
        {
            check(header, &["Main St 1", "Hauptstr. 5"], Some(Personal::Address));
        }
        for header in [
            "Campaign name",
            "Ad name",
            "Ad set name",
            "Product name",
            "Customer segment name",
            "Default Address City",
        ] {
            check(header, &["Spring Sale", "Brand", "Summer"], None);
        }
    }

    #[test]
    fn what_only_sounds_personal_is_left() {
        check("Campaign name", &["Spring", "Summer", "Brand"], None);
        check("product", &["Shoes", "Hats", "Socks"], None);
        check("name", &["Web", "Web", "Web", "Shop", "Shop", "Shop"], None);
        check("Email opens", &["1", "2", "30"], None);
        check("mobile", &["yes", "no", "tablet"], None);
        check("IP address", &["a.example", "b.example", "c.example"], None);
        // Sixteen digits that do not check.
        check("order", &["4111111111111112", "4111111111111113", "4111111111111115"], None);
        let amounts = Column::number("Phone clicks", Role::Number, vec![1_234_567.0, 7_654_321.0]);
        assert_eq!(recognise(&amounts, TableKind::Ads), None);
        let ads = text("name", &["Spring", "Summer", "Brand", "Sale", "New"]);
        assert_eq!(recognise(&ads, TableKind::Ads), None);
    }

    #[test]
    fn headers_that_say_more_than_one_word_are_noticed() {
        for header in [
            "First",
            "Last",
            "First/Last name",
            "Cardholder",
            "Card holder name",
            "Recipient",
            "Buyer name",
            "Contact person",
            "Name des Kunden",
            "Nombre y apellidos",
            "Ansprechpartner",
            "Cognome",
            "Nome e cognome",
            "Achternaam",
            "Imię i nazwisko",
            "Ad Soyad",
            "Фамилия",
            "氏名",
            "姓名",
        ] {
            check(header, &["Anna Li", "Bo Ek", "Anna Li"], Some(Personal::Name));
        }
        for header in [
            "Full address",
            "Delivery address",
            "Mailing address",
            "Street name",
            "Lieferadresse",
            "Rechnungsadresse",
            "Straße und Hausnummer",
            "Adresse de livraison",
            "Calle y número",
            "Indirizzo",
            "Via",
            "Adres",
            "Ulica",
            "Адрес",
            "住所",
            "地址",
            "Shipping address line 2",
        ] {
            check(header, &["Weg 1", "Rua X 7"], Some(Personal::Address));
        }
        for header in [
            "Tel. privat",
            "Rückrufnummer",
            "Contact no.",
            "US phone",
            "GSM",
            "Numero di telefono",
            "Cellulare",
            "Телефон",
            "電話番号",
            "电话",
            "Telefon numarası",
        ] {
            check(header, &["212-555-0100", "212-555-0101", "8 (912) 345-10-11"], Some(Personal::Phone));
        }
    }

    #[test]
    fn cells_of_shops_and_address_books_are_noticed() {
        check("x", &["Anna <p1@x.example>", "Bo <p2@x.example>"], Some(Personal::Email));
        check("x", &["p1@x.example; q1@y.example", "p2@x.example, q2@y.example"], Some(Personal::Email));
        check("x", &["4111 11** **** 1001", "5500-00XX-XXXX-1002", "************1003"], Some(Personal::Card));
        check("x", &["212-555-0100", "212-555-0101", "415-555-0102"], Some(Personal::Phone));
        let buyers: Vec<&str> = ["Anna Schmidt", "Bo Ek GmbH"].into_iter().cycle().take(40).collect();
        assert_eq!(recognise(&text("Kunde", &buyers), TableKind::Other), Some(Personal::Name));
        let things: Vec<&str> = ["Blue Shirt", "Red Hat"].into_iter().cycle().take(40).collect();
        assert_eq!(recognise(&text("Name", &things), TableKind::Other), None);
        // The same few people again and again.
        let people =
            ["Anna Schmidt", "Björn O'Neil", "Chloé van den Berg", "Dmitri D’Angelo", "Eva Kowalska"];
        for header in ["Name", "Kunde", "Owner"] {
            let cells: Vec<&str> = people.iter().copied().cycle().take(40).collect();
            check(header, &cells, Some(Personal::Name));
        }
    }

    #[test]
    fn words_that_are_no_persons_are_left() {
        for header in ["Name", "Kunde"] {
            let cells = ["Spring sale", "Summer sale", "Brand search", "Retargeting"];
            let cells: Vec<&str> = cells.iter().copied().cycle().take(40).collect();
            check(header, &cells, None);
        }
        for header in
            ["Street type", "First campaign", "Last click", "Contact channel", "Via channel", "Ad name"]
        {
            check(header, &["Web", "Shop", "Mail"], None);
        }
        check("Contact no.", &["1", "2", "3"], None);
        check("Last", &["2 days", "3 days", "today"], None);
        check("x", &["2012-09-0412", "2013-10-0512"], None);
        check("code", &["** 12", "** 13", "** 14"], None);
    }

    #[test]
    fn luhn_checks_the_published_numbers() {
        let check = |text: &str| luhn(&text.chars().filter_map(|c| c.to_digit(10)).collect::<Vec<_>>());
        assert!(check("79927398713") && check("4111111111111111") && check("378282246310005"));
        assert!(!check("79927398710") && !check("4111111111111112"));
    }

    #[test]
    fn personal_words_are_masked_wherever_they_stand() {
        assert_eq!(scrub("line 3,a.b@example.org,12"), "line 3,(masked),12");
        assert_eq!(scrub("such as “a@b.org”."), "such as “(masked)”.");
        assert_eq!(
            scrub("4111111111111111;+4930123456789 and 1,143 rows"),
            "(masked);(masked) and 1,143 rows"
        );
        for (text, expected) in [
            ("call +351 912 345 678 now", "call (masked) now"),
            ("call '+351 912 345 678', or (212) 555-0100.", "call '(masked)', or (masked)."),
            ("paid by 4111 1111 1111 1111 in 2026", "paid by (masked) in 2026"),
            ("3782 822463 10005", "(masked)"),
            ("Anna (+49 30 1234567) - new", "Anna ((masked)) - new"),
            ("from 2026-06-30 2026-07-31, 2 240 rows (2 %)", "from 2026-06-30 2026-07-31, 2 240 rows (2 %)"),
            ("“x” (12 rows), order A4111 1111 1111", "“x” (12 rows), order A4111 1111 1111"),
            ("ID4 +351 912 345 678", "ID4 (masked)"),
            ("Quirina.O@mailhost.example,Bo<bo@x.example>", "(masked),Bo<(masked)>"),
            ("by:bo@x.example/ann@x.example; a@b @media", "by:(masked)/(masked); a@b @media"),
            ("rang an, anna.b@mailh…", "rang an, (masked)…"),
        ] {
            assert_eq!(scrub(text), expected);
        }
        assert_eq!(unquoted("“Name” has “Anna” twice", "Name"), "“Name” has “(masked)” twice");
    }

    #[test]
    fn phones_in_free_text_are_masked_and_figures_are_not() {
        for (text, expected) in [
            ("call 0171 2345678", "call (masked)"),
            ("020 7946 0958", "(masked)"),
            ("ring 030/1234567, please", "ring (masked), please"),
            ("044 668 18 00 (office)", "(masked) (office)"),
            ("call 555-123-4567 or mail", "call (masked) or mail"),
        ] {
            assert_eq!(scrub(text), expected, "{text}");
        }
        for text in [
            "2015-2019",
            "1,143",
            "708746 to 1314415",
            "2026-06-30",
            "02-09-2014 10:00 and 2014-09-02 10:00",
            "0.5 0.25 0.125",
            "from 012 to 034",
            "1,020 7946 0958",
            "020 7946 0958.5",
            "order 01712345678",
            "article 0171-2345678",
            "A0171 2345678",
            "0001 2345678",
            "Customer ID 555-123-4567",
            "account: 555-123-4567",
            // Nothing but such numbers are in a column of accounts.
            "555-123-4567",
            "100-200-3000 rows",
            "12 345 678 901 and 1 000 000 000",
            "30-34, 35-39 and 40-44",
            "1999 2000 2001 2002",
        ] {
            assert_eq!(scrub(text), text);
        }
    }
}
