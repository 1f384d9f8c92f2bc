//! A table of text.

use super::text::{cut, width, wrap};

/// The columns between two cells.
const GAP: usize = 2;

/// Where less room is left for the last column, it is cut rather than wrapped.
const NARROWEST: usize = 20;

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

    /// The lines. On a terminal none is wider than `columns`: what does not fit is cut off.
    pub(crate) fn lines(&self, columns: Option<usize>) -> Vec<String> {
        let lines = self.whole_lines().into_iter();
        match columns {
            Some(columns) => lines.map(|line| cut(&line, columns)).collect(),
            None => lines.collect(),
        }
    }

    /// The lines. On a terminal none is wider than `columns`: what does not fit in the last
    /// column goes on below it.
    pub(crate) fn wrapped_lines(&self, columns: Option<usize>) -> Vec<String> {
        let Some(columns) = columns else {
            return self.whole_lines();
        };
        let widths = self.widths();
        let before: usize = widths.iter().rev().skip(1).map(|width| width + GAP).sum();
        let room = columns.saturating_sub(before);
        if room < NARROWEST {
            return self.lines(Some(columns));
        }
        let mut lines = Vec::new();
        for (line, row) in self.whole_lines().into_iter().zip(&self.rows) {
            let last = row.last().filter(|last| width(last) > room);
            let Some(last) = last else {
                lines.push(line);
                continue;
            };
            let mut parts = wrap(last, room).into_iter();
            // Without the last cell, which was not padded.
            let head = line.strip_suffix(last.trim_end()).unwrap_or(&line);
            lines.extend(parts.next().map(|part| format!("{head}{part}")));
            lines.extend(parts.map(|part| format!("{}{part}", " ".repeat(before))));
        }
        lines
    }

    fn widths(&self) -> Vec<usize> {
        let count = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let widest = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| width(cell)).max().unwrap_or(0)
        };
        (0..count).map(widest).collect()
    }

    fn whole_lines(&self) -> Vec<String> {
        let widths = self.widths();
        let lines = self.rows.iter().map(|row| {
            let mut line = String::new();
            for (cell, column) in row.iter().zip(&widths) {
                if !line.is_empty() {
                    line.extend(std::iter::repeat_n(' ', GAP));
                }
                line.push_str(cell);
                line.extend(std::iter::repeat_n(' ', column - width(cell)));
            }
            line.trim_end().to_owned()
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

    #[test]
    fn the_last_column_goes_on_below() {
        let mut table = Table::new(&["#", "WHAT"]);
        table.row(vec![
            "1".into(),
            "resize/1.0, task list images, 漢字漢字漢字漢字漢字漢字漢字".into(),
        ]);
        table.row(vec!["2".into(), "short".into()]);
        let expected = [
            "#  WHAT",
            "1  resize/1.0, task list",
            "   images,",
            "   漢字漢字漢字漢字漢字",
            "   漢字漢字",
            "2  short",
        ];
        assert_eq!(table.wrapped_lines(Some(24)), expected);
        assert_eq!(table.wrapped_lines(Some(10))[1], "1  resize…");
        assert_eq!(table.wrapped_lines(None).len(), 3);
    }
}
