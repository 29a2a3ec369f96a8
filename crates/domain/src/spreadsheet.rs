//! CSV that spreadsheets open without harm: a cell that they would take for a formula is told to be text.

use std::borrow::Cow;

/// What makes a spreadsheet calculate, or read a cell as two.
const DANGEROUS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

fn is_marked_or_dangerous(cell: &str) -> bool {
    cell.trim_start_matches('\'').starts_with(DANGEROUS)
}

/// The cell with an apostrophe before it where it would be a formula. [`original`] takes it off again.
pub fn harmless(cell: &str) -> Cow<'_, str> {
    if is_marked_or_dangerous(cell) { Cow::Owned(format!("'{cell}")) } else { Cow::Borrowed(cell) }
}

/// The cell as it was before [`harmless`].
pub fn original(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|rest| is_marked_or_dangerous(rest)).unwrap_or(cell)
}

/// A CSV file: a line of names, then the rows.
pub fn write<'a>(columns: &[String], rows: impl Iterator<Item = Vec<Cow<'a, str>>>) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    let into_memory = "writing into memory does not fail, and rows are as wide as the head";
    writer.write_record(columns).expect(into_memory);
    for row in rows {
        writer.write_record(row.iter().map(|cell| harmless(cell).into_owned())).expect(into_memory);
    }
    writer.into_inner().expect(into_memory)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_calculate_is_text_and_comes_back_as_it_was() {
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "'=1", "''-1"] {
            let cell = harmless(formula);
            assert!(cell.starts_with('\''), "{formula:?}");
            assert_eq!(original(&cell), formula);
        }
        for plain in ["", "a=b", "'quoted'", "1-2", " =1"] {
            assert_eq!(harmless(plain), plain);
            assert_eq!(original(plain), plain);
        }
    }

    #[test]
    fn a_file_is_quoted_as_spreadsheets_read_it() {
        let rows = [vec!["a,b".into(), "say \"x\"\nnow".into()], vec!["=cmd|' /C calc'!A0".into(), "ü".into()]];
        let file = String::from_utf8(write(&["one".into(), "two".into()], rows.into_iter())).unwrap();
        assert_eq!(file, "one,two\r\n\"a,b\",\"say \"\"x\"\"\nnow\"\r\n'=cmd|' /C calc'!A0,ü\r\n");
    }
}
