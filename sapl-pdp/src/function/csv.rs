//! `csv`: tables as texts of comma-separated values (RFC 4180).

use super::arguments::{Outcome, array, code, document};
use super::white_space::trim;
use super::{Function, MAX_TEXT, Parameter, utf16};
use crate::value::{Array, ErrorKind, Object, Text, Value};

const NAME: &str = "csv";

/// The most rows that are read.
const MAX_ROWS: usize = 65_536;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        NAME,
        "csvToVal",
        &[Parameter::text("csv")],
        "the rows as objects with texts, by the names in the first row",
        code!(csv_to_val),
    ),
    Function::new(
        NAME,
        "valToCsv",
        &[Parameter::array("array")],
        "the objects as rows, below the names of the first; `'` before what a spreadsheet would compute",
        code!(val_to_csv),
    ),
];

const INVALID: ErrorKind = ErrorKind::Function("the text is not CSV with a row of names");
const TOO_WIDE: ErrorKind = ErrorKind::Function("a row has more values than there are names");
const NO_TABLE: ErrorKind =
    ErrorKind::Function("the elements must be objects with values that are no arrays or objects");

fn csv_to_val<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let mut reader = Reader {
        rest: document(arguments, 0)?,
    };
    let mut names = reader.row()?.ok_or(INVALID)?;
    if names.last().is_some_and(|name| is_blank(name)) {
        names.pop();
    }
    let names: Vec<Text<'a>> = names
        .into_iter()
        .map(|name| trim(&name).to_owned().into())
        .collect();
    if names.iter().all(|name| name.is_empty()) {
        return Err(INVALID);
    }
    let mut rows = Vec::new();
    while let Some(mut row) = reader.row()? {
        // A comma at the end of a line is no further value.
        if row.len() == names.len() + 1 && row.last().is_some_and(|value| is_blank(value)) {
            row.pop();
        }
        if row.len() > names.len() {
            return Err(TOO_WIDE);
        }
        if rows.len() == MAX_ROWS {
            return Err(ErrorKind::OutputLimit);
        }
        let members = names.iter().cloned().zip(row.into_iter().map(Value::from));
        rows.push(Value::Object(members.collect::<Object<'a>>()));
    }
    Ok(Array::from(rows).into())
}

fn is_blank(value: &str) -> bool {
    value.chars().all(|character| character <= ' ')
}

struct Reader<'t> {
    rest: &'t str,
}

impl Reader<'_> {
    /// The values up to the end of a line, unless the text has ended.
    fn row(&mut self) -> Result<Option<Vec<String>>, ErrorKind> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let mut values = Vec::new();
        loop {
            values.push(if self.eat("\"") {
                self.quoted()?
            } else {
                let end = self.rest.find([',', '\n', '\r']).unwrap_or(self.rest.len());
                self.take(end).to_owned()
            });
            if self.eat(",") {
                continue;
            }
            let is_end = self.eat("\r\n") || self.eat("\n") || self.eat("\r") || self.rest.is_empty();
            return if is_end { Ok(Some(values)) } else { Err(INVALID) };
        }
    }

    /// The value up to a quote that is no pair, behind which only blanks may follow.
    fn quoted(&mut self) -> Result<String, ErrorKind> {
        let mut value = String::new();
        loop {
            let end = self.rest.find('"').ok_or(INVALID)?;
            value.push_str(self.take(end));
            self.eat("\"");
            if !self.eat("\"") {
                break;
            }
            value.push('"');
        }
        self.rest = self.rest.trim_start_matches([' ', '\t']);
        Ok(value)
    }

    fn take(&mut self, length: usize) -> &str {
        let (taken, rest) = self.rest.split_at_checked(length).unwrap_or((self.rest, ""));
        self.rest = rest;
        taken
    }

    fn eat(&mut self, wanted: &str) -> bool {
        let rest = self.rest.strip_prefix(wanted);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }
}

fn val_to_csv<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let array = array(arguments, 0)?;
    let Some(first) = array.get(0) else {
        return Ok("".into());
    };
    let first = first.as_object().ok_or(NO_TABLE)?;
    let names: Vec<Text<'a>> = first.keys().collect();
    if names.is_empty() {
        return Err(ErrorKind::Function("the first object must have members"));
    }
    let mut text = String::new();
    write_row(
        &mut text,
        names.iter().map(|name| Some(Value::Text(name.clone()))),
    )?;
    for row in array.iter() {
        let row = row.as_object().ok_or(NO_TABLE)?;
        if !row.iter().all(|(name, _)| first.contains_key(name)) {
            return Err(TOO_WIDE);
        }
        write_row(&mut text, names.iter().map(|name| row.get(name)))?;
    }
    Ok(text.into())
}

fn write_row<'v>(
    text: &mut String,
    values: impl Iterator<Item = Option<Value<'v>>>,
) -> Result<(), ErrorKind> {
    for (index, value) in values.enumerate() {
        if index > 0 {
            text.push(',');
        }
        match value {
            None | Some(Value::Null) => {}
            Some(Value::Boolean(value)) => text.push_str(if value { "true" } else { "false" }),
            Some(Value::Number(number)) => text.push_str(&number.to_string()),
            Some(Value::Text(value)) => write_text(text, &value),
            Some(_) => return Err(NO_TABLE),
        }
        if text.len() > MAX_TEXT {
            return Err(ErrorKind::OutputLimit);
        }
    }
    text.push('\n');
    Ok(())
}

/// A text, in quotes where it is long or a character may have a meaning.
fn write_text(text: &mut String, value: &str) {
    /// Longer texts are not looked through.
    const SEARCHED: usize = 24;
    // Spreadsheets take a text with such a beginning for a formula.
    let is_formula = value.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let mark = if is_formula { "'" } else { "" };
    let is_special = |next: char| next < '-' || next == '\\';
    if is_formula || utf16::length(value) > SEARCHED || value.contains(is_special) {
        text.push('"');
        text.push_str(mark);
        text.push_str(&value.replace('"', "\"\""));
        text.push('"');
    } else {
        text.push_str(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<String> {
        let table = csv_to_val(&[Value::from(text.to_owned())]);
        table.ok().map(|table| table.to_string())
    }

    #[test]
    fn rows_are_read_with_all_ends_of_lines() {
        let expected = Some(r#"[{"a"="1", "b"="x,"y""}, {"a"=" 3"}, {"a"=""}]"#.to_owned());
        assert_eq!(read("a, b\r\n1,\"x,\"\"y\"\"\" \r 3\n\n"), expected);
        assert_eq!(read("a"), Some("[]".to_owned()));
    }

    #[test]
    fn what_is_no_table_is_an_error() {
        for text in ["", "\n", " \n1", "\na\n1", "a\n1,2", "a\n\"x", "a\n\"x\"y"] {
            assert_eq!(read(text), None, "{text:?}");
        }
    }

    #[test]
    fn rows_are_read_up_to_the_limit() {
        assert!(read(&format!("a{}", "\n".repeat(MAX_ROWS + 1))).is_some());
        assert!(read(&format!("a{}", "\n".repeat(MAX_ROWS + 2))).is_none());
    }

    #[test]
    fn formulas_are_marked_as_texts() {
        let tree = serde_json::json!([{"=a": "=1+1", "b": -1, "c": "a;b.c-d/e"}, {"b": "x y"}]);
        let written = val_to_csv(&[Value::from_json(&tree)]);
        assert_eq!(
            written,
            Ok("\"'=a\",b,c\n\"'=1+1\",-1,a;b.c-d/e\n,\"x y\",\n".into())
        );
    }

    #[test]
    fn tables_are_written_up_to_the_limit() {
        let row = |length: usize| {
            let members = [(Text::from("a"), Value::from("b".repeat(length)))];
            val_to_csv(&[Value::Array(
                vec![Value::Object(members.into_iter().collect())].into(),
            )])
        };
        // The name with its line, and the quotes.
        assert!(row(MAX_TEXT - 4).is_ok());
        assert_eq!(row(MAX_TEXT - 3).err(), Some(ErrorKind::OutputLimit));
    }
}
