//! A table of text.

use super::text::{cut, width};

/// Rows under a head; every column but the last is as wide as its widest cell.
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with a head.
    pub(crate) fn new(head: &[&str]) -> Self {
        Self {
            rows: vec![head.iter().map(|cell| (*cell).to_owned()).collect()],
        }
    }

    /// One more row. Its cells are without control characters.
    pub(crate) fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    /// The lines. On a terminal none is wider than `columns`.
    pub(crate) fn lines(&self, columns: Option<usize>) -> Vec<String> {
        let count = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let widths: Vec<usize> = (0..count)
            .map(|column| {
                let cells = self.rows.iter().filter_map(|row| row.get(column));
                cells.map(|cell| width(cell)).max().unwrap_or(0)
            })
            .collect();
        let lines = self.rows.iter().map(|row| {
            let mut line = String::new();
            for (cell, column) in row.iter().zip(&widths) {
                if !line.is_empty() {
                    line.push_str("  ");
                }
                line.push_str(cell);
                line.extend(std::iter::repeat_n(' ', column - width(cell)));
            }
            let line = line.trim_end();
            columns.map_or_else(|| line.to_owned(), |columns| cut(line, columns))
        });
        lines.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_under_each_other() {
        let mut table = Table::new(&["ID", "TYPE", "STATUS"]);
        table.row(vec!["漢字".into(), "a".into(), "open".into()]);
        table.row(vec!["b".into(), "resize/1.0".into(), String::new()]);
        let expected = [
            "ID    TYPE        STATUS",
            "漢字  a           open",
            "b     resize/1.0",
        ];
        assert_eq!(table.lines(None), expected);
        assert_eq!(table.lines(Some(10))[2], "b     res…");
    }
}
