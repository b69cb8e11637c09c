//! Reads what schemas define, as the specification of October 2021 has it.

use super::lexer::Kind;
use super::query::{Parsed, Parser, Problem};
use super::tree::{
    Definitions, DirectiveDefinition, Document, Field, Input, SchemaDefinition, TypeDefinition, TypeKind,
};

/// So many lines before and behind the one with a problem are shown with it.
const LINES_SHOWN: usize = 3;

/// Reads the text of a schema, in which no name is defined twice.
///
/// # Errors
///
/// What is wrong with it, as a message.
pub(super) fn parse(text: &str) -> Result<Definitions, String> {
    let mut parser = Parser::new(text);
    let mut definitions = Definitions::default();
    let mut problems = Vec::new();
    loop {
        let place = parser.place();
        let mut document = Document {
            operations: Vec::new(),
            fragments: Vec::new(),
            others: Vec::new(),
        };
        let read = parser.schema_definition(&mut definitions).and_then(|is_read| {
            if is_read {
                return Ok(());
            }
            if !parser.definition(&mut document)? {
                return Err(parser.no_definition());
            }
            Ok(())
        });
        read.map_err(|problem| shown(&problem, text))?;
        let kind = if document.operations.is_empty() {
            "FragmentDefinition"
        } else {
            "OperationDefinition"
        };
        if !document.operations.is_empty() || !document.fragments.is_empty() {
            problems.push(format!(
                "{place} The schema definition text contains a non schema definition language (SDL) element '{kind}'"
            ));
        }
        if parser.token.kind == Kind::End {
            break;
        }
    }
    defined_twice(&definitions, &mut problems);
    if problems.is_empty() {
        Ok(definitions)
    } else {
        Err(errors(&problems))
    }
}

/// Several messages in one.
pub(super) fn errors(problems: &[String]) -> String {
    format!("errors=[{}]", problems.join(", "))
}

fn shown(problem: &Problem, text: &str) -> String {
    let line = problem.place.line;
    let lines = text.lines().zip(1_usize..);
    let around = lines.filter(|(_, number)| number.abs_diff(line) <= LINES_SHOWN);
    let preview: String = around.flat_map(|(line, _)| [line, "\n"]).collect();
    let message = format!(
        "InvalidSyntaxError{{ message={} ,offendingToken={} ,locations=[SourceLocation{{line={line}, column={}}}] \
         ,sourcePreview={preview}}}",
        problem.message,
        problem.token.as_deref().unwrap_or("null"),
        problem.place.column,
    );
    errors(&[message])
}

fn defined_twice(definitions: &Definitions, problems: &mut Vec<String>) {
    let types = definitions
        .types
        .iter()
        .filter(|definition| !definition.is_extension);
    let mut seen = std::collections::HashMap::new();
    for definition in types {
        let (name, place) = (&definition.name, definition.place);
        if let Some(first) = seen.insert(name, place) {
            problems.push(format!(
                "'{name}' type {place} tried to redefine existing '{name}' type {first}"
            ));
        }
    }
    let mut seen = std::collections::HashMap::new();
    for definition in &definitions.directives {
        let (name, place) = (&definition.name, definition.place);
        if let Some(first) = seen.insert(name, place) {
            problems.push(format!(
                "'{name}' type {place} tried to redefine existing directive '{name}' type {first}"
            ));
        }
    }
    let mut schemas = definitions.schemas.iter().filter(|schema| !schema.is_extension);
    if let (Some(first), Some(second)) = (schemas.next(), schemas.next()) {
        problems.push(format!(
            "There is already a schema defined {}.  The offending new one is here {}",
            first.place, second.place
        ));
        return;
    }
    let mut seen = std::collections::HashMap::new();
    for (kind, _, place) in definitions.schemas.iter().flat_map(|schema| &schema.operations) {
        if let Some(first) = seen.insert(kind, place) {
            problems.push(format!(
                "There is already an operation '{kind}' defined {first}.  The offending new one is here {place}"
            ));
        }
    }
}

impl Parser<'_> {
    /// Reads a definition of a schema, if one is next.
    pub(super) fn schema_definition(&mut self, definitions: &mut Definitions) -> Parsed<bool> {
        let place = self.place();
        let has_description = matches!(self.token.kind, Kind::Text | Kind::Block);
        let first = if has_description {
            self.second()
        } else {
            self.token
        };
        let is_extension = !has_description && self.is_at("extend");
        let word = if is_extension { self.second() } else { first };
        let kind = match (word.kind, word.text) {
            (Kind::Name, "schema") => None,
            (Kind::Name, "directive") if !is_extension => {
                self.description();
                self.advance();
                let definition = self.directive_definition(place)?;
                definitions.directives.push(definition);
                return Ok(self.defined());
            }
            (Kind::Name, "type") => Some(TypeKind::Object),
            (Kind::Name, "interface") => Some(TypeKind::Interface),
            (Kind::Name, "union") => Some(TypeKind::Union),
            (Kind::Name, "enum") => Some(TypeKind::Enum),
            (Kind::Name, "input") => Some(TypeKind::Input),
            (Kind::Name, "scalar") => Some(TypeKind::Scalar),
            _ => return Ok(false),
        };
        self.description();
        if is_extension {
            self.advance();
        }
        self.advance();
        match kind {
            Some(kind) => {
                let mut definition = self.type_definition(kind)?;
                definition.place = place;
                definition.is_extension = is_extension;
                definitions.types.push(definition);
            }
            None => {
                let directives = self.directives()?;
                let mut operations = Vec::new();
                self.mark("{")?;
                while !self.eat("}") {
                    let place = self.place();
                    if !["query", "mutation", "subscription"]
                        .iter()
                        .any(|kind| self.is_at(kind))
                    {
                        return Err(self.unexpected());
                    }
                    let kind = self.name()?;
                    self.mark(":")?;
                    operations.push((kind, self.name()?, place));
                }
                definitions.schemas.push(SchemaDefinition {
                    place,
                    is_extension,
                    operations,
                    directives,
                });
            }
        }
        Ok(self.defined())
    }

    fn description(&mut self) {
        if matches!(self.token.kind, Kind::Text | Kind::Block) {
            self.advance();
        }
    }

    fn type_definition(&mut self, kind: TypeKind) -> Parsed<TypeDefinition> {
        let name = self.name()?;
        if matches!(kind, TypeKind::Object | TypeKind::Interface) && self.is_at("implements") {
            self.advance();
            self.eat("&");
            self.name()?;
            // The names may have `&` between them or, as long ago, none.
            while self.eat("&") || self.token.kind == Kind::Name && !self.is_definition() {
                self.name()?;
            }
        }
        let mut definition = TypeDefinition {
            kind,
            name,
            place: self.place(),
            is_extension: false,
            directives: self.directives()?,
            fields: Vec::new(),
            values: Vec::new(),
            members: Vec::new(),
        };
        match kind {
            TypeKind::Object | TypeKind::Interface | TypeKind::Input if self.has_members(":(") => {
                self.mark("{")?;
                while !self.eat("}") {
                    definition.fields.push(self.field(kind)?);
                }
            }
            TypeKind::Enum if self.has_members("") => {
                self.mark("{")?;
                while !self.eat("}") {
                    self.description();
                    let place = self.place();
                    definition.values.push((self.name()?, place));
                    self.directives()?;
                }
            }
            TypeKind::Union if self.eat("=") => {
                self.eat("|");
                definition.members.push(self.name()?);
                while self.eat("|") {
                    definition.members.push(self.name()?);
                }
            }
            _ => {}
        }
        Ok(definition)
    }

    /// Whether a name is the beginning of the next definition.
    fn is_definition(&self) -> bool {
        const WORDS: &[&str] = &[
            "type",
            "interface",
            "union",
            "enum",
            "input",
            "scalar",
            "directive",
            "schema",
            "extend",
            "query",
            "mutation",
            "subscription",
            "fragment",
        ];
        WORDS.iter().any(|word| self.is_at(word))
    }

    /// Whether what is in the braces that are next are members, each a name with one of these marks behind it, and not the
    /// selections of an operation.
    fn has_members(&self, marks: &str) -> bool {
        if !self.is_at("{") {
            return false;
        }
        let mut ahead = self.ahead();
        let mut token = ahead.next();
        if matches!(token.kind, Kind::Text | Kind::Block) || token.text == "}" {
            return true;
        }
        let is_name = token.kind == Kind::Name && !["true", "false", "null"].contains(&token.text);
        token = ahead.next();
        is_name && (marks.is_empty() || token.kind == Kind::End || marks.contains(token.text))
    }

    fn field(&mut self, of: TypeKind) -> Parsed<Field> {
        self.description();
        let place = self.place();
        let name = self.name()?;
        let arguments = if of == TypeKind::Input {
            Vec::new()
        } else {
            self.inputs()?
        };
        self.mark(":")?;
        Ok(Field {
            name,
            place,
            arguments,
            kind: self.type_name()?,
            default: if of == TypeKind::Input {
                self.default()?
            } else {
                None
            },
            directives: self.directives()?,
        })
    }

    /// The arguments that a field or directive takes.
    fn inputs(&mut self) -> Parsed<Vec<Input>> {
        let mut inputs = Vec::new();
        if self.eat("(") {
            while !self.eat(")") {
                self.description();
                let name = self.name()?;
                self.mark(":")?;
                inputs.push(Input {
                    name,
                    kind: self.type_name()?,
                    default: self.default()?,
                });
                self.directives()?;
            }
        }
        Ok(inputs)
    }

    fn directive_definition(&mut self, place: super::tree::Place) -> Parsed<DirectiveDefinition> {
        self.mark("@")?;
        let name = self.name()?;
        let arguments = self.inputs()?;
        let is_repeatable = self.is_at("repeatable");
        if is_repeatable {
            self.advance();
        }
        self.word("on")?;
        self.eat("|");
        let mut locations = vec![self.name()?];
        while self.eat("|") {
            locations.push(self.name()?);
        }
        Ok(DirectiveDefinition {
            name,
            place,
            arguments,
            is_repeatable,
            locations,
        })
    }
}
