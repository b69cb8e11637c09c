//! Reads XML 1.0 with namespaces, whose names do not count but must be declared.

use std::collections::HashMap;

use quick_xml::XmlVersion;
use quick_xml::events::attributes::Attributes;
use quick_xml::events::{BytesDecl, BytesPI, BytesRef, BytesStart, Event};
use quick_xml::name::{NamespaceResolver, ResolveResult};
use quick_xml::reader::NsReader;

use super::INSTANCE;
use crate::function::arguments::Outcome;
use crate::value::{Array, ErrorKind, MAX_DEPTH, Object, Text, Value};

const INVALID: ErrorKind = ErrorKind::Function("the text is not XML");

/// What the outermost element has in it.
pub(super) fn read<'a>(text: &str) -> Outcome<'a> {
    // The parser would pass over a byte order mark, which is no part of a text.
    if text.starts_with('\u{feff}') {
        return Err(INVALID);
    }
    let mut reader = NsReader::from_str(text);
    reader.config_mut().check_comments = true;
    let mut open: Vec<Element> = Vec::new();
    let mut root = None;
    let mut is_first = true;
    loop {
        let event = reader.read_event().map_err(|_| INVALID)?;
        match event {
            Event::Start(start) | Event::Empty(start) if open.is_empty() && root.is_some() => {
                drop(start);
                return Err(INVALID);
            }
            Event::Start(start) => {
                if open.len() >= MAX_DEPTH as usize {
                    return Err(ErrorKind::NestingLimit);
                }
                if let Some(parent) = open.last_mut() {
                    parent.flush();
                }
                open.push(Element::new(&start, reader.resolver())?);
            }
            Event::Empty(start) => {
                if let Some(parent) = open.last_mut() {
                    parent.flush();
                }
                let element = Element::new(&start, reader.resolver())?;
                close(element, &mut open, &mut root);
            }
            Event::End(_) => {
                let element = open.pop().ok_or(INVALID)?;
                close(element, &mut open, &mut root);
            }
            Event::Text(piece) => content(&piece.xml10_content(), &mut open, Content::Text)?,
            Event::CData(piece) => content(&piece.xml10_content(), &mut open, Content::Data)?,
            Event::GeneralRef(reference) => {
                let character = character(&reference)?;
                let element = open.last_mut().ok_or(INVALID)?;
                element.text.push(character);
            }
            Event::DocType(_) if root.is_none() && open.is_empty() => {}
            Event::DocType(_) => return Err(INVALID),
            Event::Decl(declaration) if is_first => check_declaration(&declaration)?,
            Event::Decl(_) => return Err(INVALID),
            Event::Comment(comment) if is_content(&comment.xml10_content()) => {}
            Event::PI(instruction) if is_instruction(&instruction) => {}
            Event::Comment(_) | Event::PI(_) => return Err(INVALID),
            Event::Eof => break,
        }
        is_first = false;
    }
    if open.is_empty() {
        root.ok_or(INVALID)
    } else {
        Err(INVALID)
    }
}

/// Refuses a declaration that XML 1.0 does not know; the encoding does not count, since texts have none.
fn check_declaration(declaration: &BytesDecl<'_>) -> Result<(), ErrorKind> {
    let attributes = declaration.strip_prefix("xml").unwrap_or_default();
    let mut order = ["version", "encoding", "standalone"].iter();
    let mut has_version = false;
    for attribute in Attributes::new(attributes, 0) {
        let attribute = attribute.map_err(|_| INVALID)?;
        let name = attribute.key.as_ref();
        let value = &*attribute.value;
        let is_sound = order.any(|known| *known == name)
            && match name {
                "version" => matches!(value, "1.0" | "1.1"),
                "standalone" => matches!(value, "yes" | "no"),
                _ => !value.is_empty(),
            };
        has_version |= name == "version";
        if !is_sound {
            return Err(INVALID);
        }
    }
    if has_version { Ok(()) } else { Err(INVALID) }
}

fn is_instruction(instruction: &BytesPI<'_>) -> bool {
    let target = instruction.target();
    is_name(target) && !target.eq_ignore_ascii_case("xml") && is_content(instruction.content())
}

/// An element whose end has not come.
struct Element {
    name: String,
    members: Vec<(Text<'static>, Slot)>,
    places: HashMap<String, usize>,
    /// The text since the last element in it.
    text: String,
    is_null: bool,
}

/// One value, or those of several elements or attributes of one name.
enum Slot {
    One(Value<'static>),
    Many(Vec<Value<'static>>),
}

impl Element {
    fn new(start: &BytesStart<'_>, resolver: &NamespaceResolver) -> Result<Self, ErrorKind> {
        let (namespace, name) = resolver.resolve_element(start.name());
        if matches!(namespace, ResolveResult::Unknown(_)) || !is_name(name.as_ref()) {
            return Err(INVALID);
        }
        let mut element = Self {
            name: name.as_ref().to_owned(),
            members: Vec::new(),
            places: HashMap::new(),
            text: String::new(),
            is_null: false,
        };
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|_| INVALID)?;
            if attribute.key.as_namespace_binding().is_some() {
                continue;
            }
            let (namespace, name) = resolver.resolve_attribute(attribute.key);
            let value = attribute
                .normalized_value(XmlVersion::Implicit1_0)
                .map_err(|_| INVALID)?;
            let is_sound = is_name(name.as_ref()) && !attribute.value.contains('<') && is_content(&value);
            if matches!(namespace, ResolveResult::Unknown(_)) || !is_sound {
                return Err(INVALID);
            }
            let is_instance = matches!(namespace, ResolveResult::Bound(bound) if bound.as_ref() == INSTANCE);
            if is_instance && name.as_ref() == "nil" {
                element.is_null = value.trim() == "true";
            } else {
                element.add(name.as_ref(), Value::from(value.into_owned()));
            }
        }
        Ok(element)
    }

    fn add(&mut self, name: &str, value: Value<'static>) {
        let known = self
            .places
            .get(name)
            .and_then(|place| self.members.get_mut(*place));
        match known {
            Some((_, Slot::Many(values))) => values.push(value),
            Some((_, slot @ Slot::One(_))) => {
                let first = std::mem::replace(slot, Slot::Many(Vec::new()));
                if let (Slot::One(first), Slot::Many(values)) = (first, slot) {
                    values.extend([first, value]);
                }
            }
            None => {
                self.places.insert(name.to_owned(), self.members.len());
                self.members.push((name.to_owned().into(), Slot::One(value)));
            }
        }
    }

    /// Takes the text up to here as a member, unless it is only white space.
    fn flush(&mut self) {
        if !self.text.trim().is_empty() {
            let text = std::mem::take(&mut self.text);
            self.add("", text.into());
        }
        self.text.clear();
    }

    /// The value of the element, of one with nothing but text that text.
    fn value(mut self, is_root: bool) -> Value<'static> {
        if self.is_null {
            return Value::Null;
        }
        if self.members.is_empty() && !is_root {
            return self.text.into();
        }
        self.flush();
        let members = self.members.into_iter().map(|(name, slot)| {
            let value = match slot {
                Slot::One(value) => value,
                Slot::Many(values) => Value::Array(Array::from(values)),
            };
            (name, value)
        });
        Value::Object(members.collect::<Object<'static>>())
    }
}

fn close(element: Element, open: &mut [Element], root: &mut Option<Value<'static>>) {
    match open.last_mut() {
        Some(parent) => {
            let name = element.name.clone();
            parent.add(&name, element.value(false));
        }
        None => *root = Some(element.value(true)),
    }
}

#[derive(PartialEq, Eq)]
enum Content {
    Text,
    Data,
}

/// Text within an element; outside there may be only white space.
fn content(piece: &str, open: &mut [Element], kind: Content) -> Result<(), ErrorKind> {
    let is_sound = is_content(piece) && !(kind == Content::Text && piece.contains("]]>"));
    match open.last_mut() {
        Some(element) if is_sound => element.text.push_str(piece),
        None if kind == Content::Text && piece.chars().all(is_blank) => {}
        _ => return Err(INVALID),
    }
    Ok(())
}

/// The character of a reference by number, or of one of the five entities of XML.
fn character(reference: &BytesRef<'_>) -> Result<char, ErrorKind> {
    if let Some(character) = reference.resolve_char_ref().map_err(|_| INVALID)? {
        let is_sound = is_content(character.encode_utf8(&mut [0; 4]));
        return if is_sound { Ok(character) } else { Err(INVALID) };
    }
    Ok(match &*reference.xml10_content() {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => return Err(INVALID),
    })
}

fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\r')
}

/// Whether there are only characters that XML may have.
fn is_content(text: &str) -> bool {
    !text.contains(|next: char| next < ' ' && !is_blank(next) || matches!(next, '\u{fffe}' | '\u{ffff}'))
}

fn is_name(name: &str) -> bool {
    let is_first = |next: char| next.is_alphabetic() || next == '_';
    let is_part = |next: char| next.is_alphanumeric() || matches!(next, '_' | '-' | '.' | '\u{b7}');
    name.starts_with(is_first) && name.chars().all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Option<String> {
        read(text).ok().map(|value| value.to_string())
    }

    #[test]
    fn elements_and_attributes_become_members() {
        for (text, expected) in [
            ("<a/>", "{}"),
            (" <a> </a> ", "{}"),
            ("<a> x </a>", r#"{""=" x "}"#),
            ("<a x='1'>t</a>", r#"{"x"="1", ""="t"}"#),
            (
                "<a><b x='1'/><b>t</b><b/><b> </b></a>",
                r#"{"b"=[{"x"="1"}, "t", "", " "]}"#,
            ),
            ("<a>t<b>1</b>u</a>", r#"{""=["t", "u"], "b"="1"}"#),
            ("<a b='1'>\n <b>2</b>\n</a>", r#"{"b"=["1", "2"]}"#),
            ("<a><![CDATA[x<y]]>&lt;&#65;&#x42;&amp;</a>", r#"{""="x<y<AB&"}"#),
            (
                "<n:a xmlns:n='u' n:x='1'><n:b>1</n:b></n:a>",
                r#"{"x"="1", "b"="1"}"#,
            ),
            (
                "<?xml version='1.0'?><!DOCTYPE a><!-- c --><a><?pi x?>t</a><!-- c -->",
                r#"{""="t"}"#,
            ),
            (
                "<a xmlns:i='http://www.w3.org/2001/XMLSchema-instance'><b i:nil='true'/></a>",
                r#"{"b"=null}"#,
            ),
        ] {
            assert_eq!(shown(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_xml_is_an_error() {
        for text in [
            "",
            "x",
            "<a",
            "<a>",
            "</a>",
            "<a></b>",
            "<a/><b/>",
            "x<a/>",
            "<a/>x",
            "<a>&nbsp;</a>",
            "<a>&#1;</a>",
            "<a>\u{1}</a>",
            "<a>]]></a>",
            "<p:a/>",
            "<a p:x='1'/>",
            "<a x='1' x='2'/>",
            "<a x=1/>",
            "<a x='<'/>",
            "<1/>",
            "<a><!-- -- --></a>",
            "<a/><!DOCTYPE a>",
            "<a x/>",
            "<a>&</a>",
            "<a x='&e;'/>",
            "<![CDATA[x]]><a/>",
            "<!DOCTYPE x [<!ENTITY e 'v'>]><x>&e;</x>",
        ] {
            assert_eq!(shown(text), None, "{text}");
        }
    }

    #[test]
    fn nesting_is_read_up_to_its_limit() {
        let nested = |levels: usize| read(&format!("{}{}", "<a>".repeat(levels), "</a>".repeat(levels)));
        assert!(nested(MAX_DEPTH as usize).is_ok());
        assert_eq!(
            nested(MAX_DEPTH as usize + 1).err(),
            Some(ErrorKind::NestingLimit)
        );
    }
}
