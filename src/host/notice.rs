//! Turns an engine error into words: what happened, where, what to try. The one place where that is done.

use crate::{
    engine::{
        data::{combine::CombineError, reader::ReadError, workbook::WorkbookError},
        error::EngineError,
        models::family::ModelError,
        segments::SegmentError,
        step::StepError,
        task::TaskError,
        words::capitalised,
    },
    protocol::Notice,
};

/// The words for an error. Every error has a remedy.
pub fn notice(error: &EngineError) -> Notice {
    let (title, remedy) = match error {
        EngineError::Read(e) => read(e),
        EngineError::Combine(e) => combine(e),
        EngineError::Table(_) => {
            ("A column is missing", "Check the steps on the Clean page, or undo the last one")
        }
        EngineError::Step(e) => step(e),
        EngineError::Model(e) => model(e),
        EngineError::Task(TaskError::Stopped) | EngineError::Stopped => stopped(),
        EngineError::Task(_) => (
            "A piece of work could not be finished",
            "Try again; if it happens again, reload the page: your file has not left this device",
        ),
        EngineError::Segment(e) => segment(e),
        EngineError::Report(_) => ("This format cannot be written", "Choose one of the formats offered"),
        EngineError::NotReady { .. } => {
            ("Nothing to work on yet", "Open a file first, or run the step before this one")
        }
    };
    Notice {
        title: title.to_owned(),
        detail: capitalised(&error.to_string()),
        remedy: remedy.to_owned(),
        is_stop: title == stopped().0,
    }
}

fn stopped() -> (&'static str, &'static str) {
    ("Stopped", "What was finished is kept; start again whenever you like")
}

/// The browser or the system could not give the bytes of a file.
pub fn unreadable(words: &str) -> Notice {
    Notice {
        title: "The file could not be read".to_owned(),
        detail: format!("It was said: {words}. The file may have been moved or changed since it was dropped"),
        remedy: "Drop the file again".to_owned(),
        is_stop: false,
    }
}

/// A workbook gave no sheet to read.
pub fn workbook(error: &WorkbookError) -> Notice {
    let (title, remedy) = match error {
        WorkbookError::Password => {
            ("This workbook is locked", "Save it without a password in Excel, or export the sheet as CSV")
        }
        WorkbookError::Unreadable { .. } => (
            "This workbook cannot be read",
            "Open it in Excel and save it again as .xlsx, or export the sheet as CSV",
        ),
        WorkbookError::Empty { .. } => {
            ("This workbook holds no table", "Choose a workbook in which a sheet has names and rows")
        }
        WorkbookError::NoSuchSheet { .. } => ("This sheet is not there", "Choose one of the sheets named"),
    };
    Notice {
        title: title.to_owned(),
        detail: capitalised(&error.to_string()),
        remedy: remedy.to_owned(),
        is_stop: false,
    }
}

/// A file of several that is the same as another.
pub fn same_file(name: &str, as_name: &str) -> Notice {
    Notice {
        title: "The same file twice".to_owned(),
        detail: format!("{name} holds the same bytes as {as_name}: its rows would count twice"),
        remedy: "Leave it out; choose the file you meant".to_owned(),
        is_stop: false,
    }
}

/// None of several files can be used.
pub fn none_usable(refused: &[(String, Notice)]) -> Notice {
    let details: Vec<String> = refused.iter().map(|(name, n)| format!("{name}: {}", n.detail)).collect();
    Notice {
        title: format!("None of the {} files can be read", refused.len()),
        detail: details.join(". "),
        remedy: refused.first().map_or(String::new(), |(_, n)| n.remedy.clone()),
        is_stop: false,
    }
}

fn combine(error: &CombineError) -> (&'static str, &'static str) {
    match error {
        CombineError::NoFiles => ("There is no file", "Drop a file"),
        CombineError::NoSuchKey { .. } => ("The key is not there", "Choose one of the columns named"),
        CombineError::RepeatedKeys { .. } => (
            "A key occurs more than once",
            "Say what to do with such rows: make one of them (combine), take the first (first), or repeat yours (every)",
        ),
        CombineError::NothingMatches { .. } => {
            ("Nothing matches", "Choose another pair of columns; they must hold the same kind of key")
        }
        CombineError::NothingShared { .. } => {
            ("These files have no column in common", "Join the second by a key instead, or open it alone")
        }
        CombineError::TooManyRows { .. } => {
            ("The table would be too large", "Make one row of each key (combine), or take the first (first)")
        }
        CombineError::Table(_) => {
            ("The files cannot be put together", "Rename the column named in one of them")
        }
    }
}

fn read(error: &ReadError) -> (&'static str, &'static str) {
    match error {
        ReadError::Empty => {
            ("This file is empty", "Export it again from where it came, or drop another file")
        }
        // A workbook by its right name is read as one.
        ReadError::NotATable { looks_like } if looks_like == "an Excel workbook" => {
            ("This is an Excel workbook", "Give its name the ending .xlsx and drop it again")
        }
        ReadError::NotATable { .. } => ("This is not a table", "Drop a .csv, .tsv, .txt or .xlsx file"),
        ReadError::HeaderOnly { n_columns: 0 } => {
            ("There is no table in this file", "Drop a file that has names of columns and rows below them")
        }
        ReadError::HeaderOnly { .. } => (
            "This file has names but no rows",
            "Export it again with at least one row of data; a date range without results gives such files",
        ),
        ReadError::TooManyColumns { .. } => (
            "This file has too many columns",
            "Export only the columns you need, or turn the table so that each row is one ad or person",
        ),
        ReadError::TooRagged { .. } => (
            "The rows of this file do not fit its header",
            "Open it in a text editor and look at the first lines: its columns may be separated by another sign than was found",
        ),
        ReadError::TooLarge { .. } => (
            "This file is too large for a browser tab",
            "Export a shorter period or fewer columns, or use the command line, which has all of this machine's memory",
        ),
    }
}

fn step(error: &StepError) -> (&'static str, &'static str) {
    match error {
        StepError::Table(_) => ("A column this step needs is not there", "Edit the step, or remove it"),
        StepError::Knob(_) => {
            ("A setting of this step cannot be used", "Change the setting named and apply again")
        }
        StepError::Stopped => stopped(),
        StepError::Unknown { .. } => {
            ("A step of another version", "Remove the step, or open the recipe with the Assay that wrote it")
        }
        StepError::WrongType { .. } => (
            "A column has the wrong type for this step",
            "Choose another column, or change its type on the Data page",
        ),
        StepError::MissingRole { .. } => {
            ("This feature needs a column that is not there", "Give the column its role on the Data page")
        }
        StepError::NothingLeft { .. } => ("Nothing would be left", "Choose fewer columns or rows to drop"),
        StepError::Refused { .. } => ("This step cannot be applied", "Change its settings, or remove it"),
    }
}

fn model(error: &ModelError) -> (&'static str, &'static str) {
    match error {
        ModelError::Knob(_) => {
            ("A setting of this model cannot be used", "Change the setting named and train again")
        }
        ModelError::Stopped => stopped(),
        ModelError::UnknownFamily { .. } => {
            ("A model of another version", "Choose one of the models offered")
        }
        ModelError::NoSuchColumn { .. } => ("A column is missing", "Choose another target or feature"),
        ModelError::NotSeen { .. } => (
            "Models have no such column",
            "Choose another column, or take back what leaves it out: a step of the recipe, or that it is personal",
        ),
        ModelError::TargetNotNumeric { .. } => (
            "This column cannot be predicted",
            "Choose a target of numbers or of two values, or change the column's type on the Data page",
        ),
        ModelError::ConstantTarget { .. } => {
            ("There is nothing to predict", "Choose a target that differs between rows")
        }
        ModelError::NoFeatures => {
            ("No column to predict from", "Choose at least one feature, or unblock one that is held back")
        }
        ModelError::TooFewRows { .. } => ("Too few rows", "Use fewer folds, or open a file with more rows"),
        ModelError::TooFewDates { .. } => ("Too few dates", "Use fewer parts, or folds of shuffled rows"),
        ModelError::TooFewGroups { .. } => ("Too few groups", "Use fewer folds, or group by another column"),
        ModelError::BothWays { .. } => {
            ("A column is to go both ways", "Take it out of one of the two lists in the model's settings")
        }
        ModelError::CannotWeigh => {
            ("This model cannot weigh rows", "Let all rows count the same, or choose another model")
        }
        ModelError::NoWeight { .. } => (
            "This column cannot say how much rows count",
            "Choose a column of numbers that are 0 or more, or let all rows count the same",
        ),
        ModelError::NoWay { .. } => (
            "This column has no direction",
            "Take it out of the model's settings, or change its type to a number",
        ),
        ModelError::Singular => {
            ("The columns say the same thing", "Leave out columns that repeat each other")
        }
        ModelError::DidNotConverge { .. } => {
            ("The model did not settle", "Leave out extreme values or scale the columns on the Features page")
        }
        ModelError::Unreadable => ("A stored model cannot be read", "Train it again"),
        ModelError::Refused { .. } => {
            ("That cannot be done with this model", "Change what is asked, its settings, or leave it out")
        }
    }
}

fn segment(error: &SegmentError) -> (&'static str, &'static str) {
    match error {
        SegmentError::NoColumns => {
            ("No columns to cluster on", "Choose at least one column that differs between people")
        }
        SegmentError::NoSuchColumn { .. } => ("A column is missing", "Choose the columns again"),
        SegmentError::TooFewRows { .. } => {
            ("Too few rows for so many segments", "Choose a smaller number of segments")
        }
        SegmentError::NoSpread => ("All rows are alike here", "Choose columns that differ between people"),
        SegmentError::Task(TaskError::Stopped) | SegmentError::Stopped => stopped(),
        SegmentError::Task(_) => {
            ("A piece of work could not be finished", "Try again with fewer columns or starts")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_and_what_to_try() {
        let words = notice(&EngineError::Read(ReadError::NotATable { looks_like: "a PNG image".into() }));
        assert_eq!(words.title, "This is not a table");
        assert!(words.detail.contains("PNG"), "{}", words.detail);
        assert!(!words.remedy.is_empty() && !words.is_stop);
        let workbook = ReadError::NotATable { looks_like: "an Excel workbook".into() };
        assert!(notice(&EngineError::Read(workbook)).remedy.contains(".xlsx"));
        let words = notice(&EngineError::Read(ReadError::HeaderOnly { n_columns: 0 }));
        assert!(words.title.contains("no table") && words.detail.contains("no table"), "{}", words.detail);
    }

    #[test]
    fn stopping_is_not_a_failure() {
        assert!(notice(&EngineError::Stopped).is_stop);
        assert!(notice(&EngineError::Model(ModelError::Stopped)).is_stop);
    }
}
