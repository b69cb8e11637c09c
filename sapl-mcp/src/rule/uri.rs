//! The normal form of a URI: what all of its spellings have in common.

use std::borrow::Cow;

/// The syntax-based normal form of a URI (RFC 3986, section 6.2.2).
///
/// Scheme and host become lower case, percent-encodings upper case, what needs no percent-encoding loses it, and the
/// segments `.` and `..` of the path are worked off, in this order. What has no scheme is no URI and comes back as it
/// is; what is malformed inside of a URI (`%zz`, a space) stays.
pub(crate) fn normalized(uri: &str) -> Cow<'_, str> {
    let Some((scheme, rest)) = uri.split_once(':').filter(|(scheme, _)| is_scheme(scheme)) else {
        return Cow::Borrowed(uri);
    };
    let (rest, fragment) = cut(rest, '#');
    let (hierarchy, query) = cut(rest, '?');

    let mut normal = String::with_capacity(uri.len());
    normal.extend(scheme.chars().map(|letter| letter.to_ascii_lowercase()));
    normal.push(':');
    let path = match hierarchy.strip_prefix("//") {
        Some(hierarchy) => {
            let (authority, path) = hierarchy.split_at(hierarchy.find('/').unwrap_or(hierarchy.len()));
            normal.push_str("//");
            push_authority(&mut normal, authority);
            path
        }
        None => hierarchy,
    };
    let mut encoded = String::with_capacity(path.len());
    push_decoded(&mut encoded, path, Case::Kept);
    let start = normal.len();
    push_without_dots(&mut normal, &encoded);
    if !hierarchy.starts_with("//") && normal.get(start..).is_some_and(|path| path.starts_with("//")) {
        // Without this the path would now read as an authority, and the normal form as another resource.
        normal.insert_str(start, "/.");
    }
    for (mark, part) in [('?', query), ('#', fragment)] {
        if let Some(part) = part {
            normal.push(mark);
            push_decoded(&mut normal, part, Case::Kept);
        }
    }
    if normal == uri {
        Cow::Borrowed(uri)
    } else {
        Cow::Owned(normal)
    }
}

/// One percent-encoded byte at the start of a text: the byte, and what follows.
pub(super) fn percent_encoded(text: &str) -> Option<(u8, &str)> {
    let digits = text.strip_prefix('%')?;
    let (digits, rest) = digits.split_at_checked(2)?;
    let byte = digits
        .bytes()
        .all(|digit| digit.is_ascii_hexdigit())
        .then(|| u8::from_str_radix(digits, 16).ok());
    Some((byte??, rest))
}

#[derive(Clone, Copy, PartialEq)]
enum Case {
    Kept,
    Lower,
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}

/// The text before a mark, and the one behind it where the mark occurs.
fn cut(text: &str, mark: char) -> (&str, Option<&str>) {
    match text.split_once(mark) {
        Some((before, behind)) => (before, Some(behind)),
        None => (text, None),
    }
}

/// Only the host is without case, not the user in front of it.
fn push_authority(out: &mut String, authority: &str) {
    let host = match authority.rsplit_once('@') {
        Some((user, host)) => {
            push_decoded(out, user, Case::Kept);
            out.push('@');
            host
        }
        None => authority,
    };
    push_decoded(out, host, Case::Lower);
}

/// Adds a text with its percent-encodings in normal form.
fn push_decoded(out: &mut String, mut text: &str, case: Case) {
    let push = |out: &mut String, character: char| {
        out.push(if case == Case::Lower {
            character.to_ascii_lowercase()
        } else {
            character
        });
    };
    // How many digits a malformed percent-encoding lacks: decoded, the next character could complete it.
    let mut lacking = 0;
    loop {
        if let Some((byte, rest)) = percent_encoded(text) {
            let completes = lacking > 0 && byte.is_ascii_hexdigit();
            lacking = 0;
            if is_unreserved(byte) && !completes {
                push(out, char::from(byte));
            } else {
                const DIGITS: [char; 16] = [
                    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F',
                ];
                let digit = |half: u8| DIGITS.get(usize::from(half)).copied();
                out.push('%');
                out.extend([digit(byte >> 4), digit(byte & 0xF)].into_iter().flatten());
            }
            text = rest;
            continue;
        }
        let mut characters = text.chars();
        let Some(character) = characters.next() else {
            return;
        };
        lacking = match character {
            '%' => 2_u8,
            digit if digit.is_ascii_hexdigit() => lacking.saturating_sub(1),
            _ => 0,
        };
        push(out, character);
        text = characters.as_str();
    }
}

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

/// Adds a path without its dot segments, by the steps of RFC 3986, section 5.2.4.
fn push_without_dots(out: &mut String, mut path: &str) {
    let start = out.len();
    while !path.is_empty() {
        if let Some(rest) = path.strip_prefix("../").or_else(|| path.strip_prefix("./")) {
            path = rest;
        } else if path.starts_with("/./") || path == "/." {
            path = after_dots(path, 1);
        } else if path.starts_with("/../") || path == "/.." {
            path = after_dots(path, 2);
            let kept = out.get(start..).and_then(|path| path.rfind('/')).unwrap_or(0);
            out.truncate(start + kept);
        } else if path == "." || path == ".." {
            return;
        } else {
            let end = path
                .char_indices()
                .skip(1)
                .find(|(_, character)| *character == '/');
            let (segment, rest) = path.split_at(end.map_or(path.len(), |(end, _)| end));
            out.push_str(segment);
            path = rest;
        }
    }
}

/// What follows a slash and so many dots; a slash is left when nothing does.
fn after_dots(path: &str, dots: usize) -> &str {
    path.get(1 + dots..)
        .filter(|rest| !rest.is_empty())
        .unwrap_or("/")
}

#[cfg(test)]
mod tests;
