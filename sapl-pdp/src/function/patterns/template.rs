//! Templates: texts with regular expressions between delimiters.

use crate::value::ErrorKind;

const SPECIAL: &str = ".^$*+?()[]{}\\|";

/// The regular expression of a template. Outside of the delimiters, a backslash takes the next character by itself.
pub(super) fn to_regex(template: &str, start: &str, end: &str) -> Result<String, ErrorKind> {
    if start.is_empty() || end.is_empty() {
        return Err(ErrorKind::Function("the delimiters must not be empty"));
    }
    let mut regex = String::with_capacity(template.len() * 2);
    let mut rest = template;
    while let Some((literal, behind)) = rest.split_once(start) {
        let Some((pattern, behind)) = behind.split_once(end) else {
            return Err(ErrorKind::Function(
                "the template has a delimiter that is not closed",
            ));
        };
        push_literal(&mut regex, literal);
        regex.push('(');
        regex.push_str(pattern);
        regex.push(')');
        rest = behind;
    }
    push_literal(&mut regex, rest);
    Ok(regex)
}

fn push_literal(regex: &mut String, literal: &str) {
    let mut characters = literal.chars();
    while let Some(mut character) = characters.next() {
        if character == '\\' {
            character = characters.next().unwrap_or('\\');
        }
        if SPECIAL.contains(character) {
            regex.push('\\');
        }
        regex.push(character);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_outside_of_the_delimiters_stands_for_itself() {
        assert_eq!(
            to_regex("a.b{{x+}}\\{{y}}\\", "{{", "}}").as_deref(),
            Ok("a\\.b(x+)\\\\(y)\\\\")
        );
        assert!(to_regex("a{{b", "{{", "}}").is_err());
        assert!(to_regex("a", "", "}}").is_err());
    }
}
