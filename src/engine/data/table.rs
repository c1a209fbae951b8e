//! A table: columns of equal length, each row knowing its number in the file.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    column::Column,
    private::Personal,
    role::{Role, TableKind},
};

/// Columns of equal length. Cheap to clone: columns are shared.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Table {
    /// What a row is.
    pub kind: TableKind,
    columns: Vec<Arc<Column>>,
    /// For every row, its number (from 0) among the data rows of the file: survives dropped rows.
    row_ids: Arc<Vec<u32>>,
    /// Columns of which was said whether they tell who somebody is, by name; `None` when they do not.
    personal: Arc<BTreeMap<String, Option<Personal>>>,
    /// How the file writes what can be read either way.
    pub writing: Writing,
}

/// How a file writes numbers and dates that can be read either way, where it says so or the user does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Writing {
    /// Whether the comma separates decimals.
    pub comma_decimal: Option<bool>,
    /// Whether the day comes before the month.
    pub day_first: Option<bool>,
}

/// A column that is not there, or a table that would not be one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TableError {
    /// No column has the name.
    NoSuchColumn {
        /// The name asked for.
        name: String,
    },
    /// Two columns would have one name.
    DuplicateName {
        /// The name given twice.
        name: String,
    },
    /// A column of another length than the table.
    UnequalLength {
        /// The column.
        name: String,
        /// Rows of the table.
        expected: usize,
        /// Rows of the column.
        found: usize,
    },
}

impl std::fmt::Display for TableError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoSuchColumn { name } => write!(f, "there is no column named “{name}”"),
            Self::DuplicateName { name } => write!(f, "there is already a column named “{name}”"),
            Self::UnequalLength { name, expected, found } => {
                write!(f, "column “{name}” has {found} rows, the table has {expected}")
            }
        }
    }
}

impl std::error::Error for TableError {}

impl Table {
    /// A table of columns. Names must differ and lengths agree.
    pub fn new(kind: TableKind, columns: Vec<Column>) -> Result<Self, TableError> {
        let n_rows = columns.first().map_or(0, Column::len);
        let mut table = Self {
            kind,
            columns: Vec::new(),
            row_ids: Arc::new((0..n_rows as u32).collect()),
            personal: Arc::default(),
            writing: Writing::default(),
        };
        for column in columns {
            table.push(column)?;
        }
        Ok(table)
    }

    /// Number of rows.
    pub fn n_rows(&self) -> usize {
        self.row_ids.len()
    }

    /// Number of columns.
    pub fn n_columns(&self) -> usize {
        self.columns.len()
    }

    /// The columns in order.
    pub fn columns(&self) -> &[Arc<Column>] {
        &self.columns
    }

    /// For every row its number (from 0) among the data rows of the file.
    pub fn row_ids(&self) -> &[u32] {
        &self.row_ids
    }

    /// The column of a name.
    pub fn column(&self, name: &str) -> Result<&Arc<Column>, TableError> {
        self.columns
            .iter()
            .find(|c| c.name == name)
            .ok_or_else(|| TableError::NoSuchColumn { name: name.to_owned() })
    }

    /// Why a column is personal, if it is: marked so, or made from such a column, through however many others: a yes/no
    /// column can say who somebody is as well as a name does. What was said of the column itself goes first.
    pub fn personal(&self, name: &str) -> Option<Personal> {
        if let Some(said) = self.personal.get(name) {
            return *said;
        }
        let column = self.column(name).ok()?;
        let mut sources = column.made_from.iter().map(|(source, _)| source).chain(&column.made_through);
        sources.find_map(|source| self.personal.get(source).copied().flatten())
    }

    /// Says whether a column is personal, and why.
    pub fn set_personal(&mut self, name: &str, personal: Option<Personal>) {
        Arc::make_mut(&mut self.personal).insert(name.to_owned(), personal);
    }

    /// The table without its personal columns, which is what is analysed.
    pub fn without_personal(&self) -> Self {
        let mut out = self.clone();
        out.columns.retain(|c| self.personal(&c.name).is_none());
        out
    }

    /// The first column with a role.
    pub fn with_role(&self, role: Role) -> Option<&Arc<Column>> {
        self.columns.iter().find(|c| c.role == role)
    }

    /// All columns with a role.
    pub fn all_with_role(&self, role: Role) -> Vec<&Arc<Column>> {
        self.columns.iter().filter(|c| c.role == role).collect()
    }

    /// Adds a column at the end.
    pub fn push(&mut self, column: Column) -> Result<(), TableError> {
        if self.columns.iter().any(|c| c.name == column.name) {
            return Err(TableError::DuplicateName { name: column.name });
        }
        if self.columns.is_empty() && self.row_ids.is_empty() {
            self.row_ids = Arc::new((0..column.len() as u32).collect());
        }
        if column.len() != self.n_rows() {
            return Err(TableError::UnequalLength {
                expected: self.n_rows(),
                found: column.len(),
                name: column.name,
            });
        }
        self.columns.push(Arc::new(column));
        Ok(())
    }

    /// Puts a column in the place of the one with its name, or at the end.
    pub fn put(&mut self, column: Column) -> Result<(), TableError> {
        match self.columns.iter().position(|c| c.name == column.name) {
            Some(i) if column.len() == self.n_rows() => {
                self.columns[i] = Arc::new(column);
                Ok(())
            }
            _ => self.push(column),
        }
    }

    /// Removes a column.
    pub fn remove(&mut self, name: &str) -> Result<(), TableError> {
        let before = self.columns.len();
        self.columns.retain(|c| c.name != name);
        if self.columns.len() == before {
            Err(TableError::NoSuchColumn { name: name.to_owned() })
        } else {
            Ok(())
        }
    }

    /// The given rows (positions in this table), in the given order. All rows in their order share the columns.
    pub fn take_rows(&self, rows: &[u32]) -> Self {
        if rows.len() == self.n_rows() && rows.iter().enumerate().all(|(i, &r)| i == r as usize) {
            return self.clone();
        }
        Self {
            kind: self.kind,
            columns: self.columns.iter().map(|c| Arc::new(c.take_rows(rows))).collect(),
            row_ids: Arc::new(rows.iter().map(|&r| self.row_ids[r as usize]).collect()),
            personal: self.personal.clone(),
            writing: self.writing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_of_a_personal_column_is_personal_until_the_user_says_otherwise() {
        let words = |name: &str, sources: &[&Column]| {
            Column::category(name, Role::Text, &[Some("a"), Some("b")]).from_columns(sources)
        };
        let file = words("file", &[]);
        let first = words("first", &[&file]);
        let second = words("second", &[&first]);
        let third = words("third", &[&second]);
        let length = Column::number("length", Role::Number, vec![1.0, 1.0]).from_columns(&[&second]);
        let flag = Column::new("flag", Role::Category, super::super::column::Values::Boolean(vec![None; 2]));
        let flag = flag.from_columns(&[&length]);
        let columns = vec![file, first, second, third, length, flag];
        let mut table = Table::new(TableKind::Other, columns).unwrap();
        let check = |table: &Table, expected: &[&str]| {
            let names = table.columns().iter().map(|c| c.name.as_str());
            assert_eq!(names.filter(|n| table.personal(n).is_some()).collect::<Vec<_>>(), expected);
        };
        table.set_personal("first", Some(Personal::Said));
        check(&table, &["first", "second", "third", "length", "flag"]);
        table.set_personal("first", None);
        check(&table, &[]);
        table.set_personal("file", Some(Personal::Name));
        check(&table, &["file", "second", "third", "length", "flag"]);
        table.set_personal("third", None);
        table.set_personal("length", None);
        check(&table, &["file", "second", "flag"]);
        table.remove("second").unwrap();
        table.set_personal("file", None);
        check(&table, &[]);
    }

    #[test]
    fn a_copy_and_a_selection_of_every_row_share_the_columns() {
        let column = Column::number("x", Role::Number, vec![1.0, 2.0]);
        let table = Table::new(TableKind::Other, vec![column]).unwrap();
        for other in [table.clone(), table.take_rows(&[0, 1])] {
            assert!(Arc::ptr_eq(&table.columns[0], &other.columns[0]));
            assert!(Arc::ptr_eq(&table.row_ids, &other.row_ids));
        }
        assert_eq!(table.take_rows(&[1, 0]).row_ids(), [1, 0]);
    }
}
