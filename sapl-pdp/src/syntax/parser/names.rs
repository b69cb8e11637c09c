//! Names of functions and attributes, and the imports they are resolved by.

use super::{Keyword, Parsed, Parser, TokenKind};
use crate::function;
use crate::syntax::tree::{FunctionName, Identifier, Import};

/// What a name is going to name: the rules differ.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Naming {
    Function,
    Attribute,
}

impl Parser<'_> {
    pub(super) fn imports(&mut self) -> Parsed<Vec<Import>> {
        let mut imports = Vec::new();
        while self.at_keyword(Keyword::Import) {
            imports.push(self.import()?);
        }
        Ok(imports)
    }

    fn import(&mut self) -> Parsed<Import> {
        let start = self.advance().span.start;
        let mut library = vec![self.name("the name of a library")?];
        self.expect(TokenKind::Dot)?;
        let mut function = self.name("the name of a function")?;
        while self.eat(TokenKind::Dot) {
            library.push(function);
            function = self.name("the name of a function")?;
        }
        let alias = if self.eat_keyword(Keyword::As) {
            Some(self.name("an alias")?)
        } else {
            None
        };
        let import = Import {
            span: self.span_from(start),
            library,
            function,
            alias,
        };
        let short_name = import.short_name().name.clone();
        let target = (joined(&import.library), import.function.name.clone());
        if self.imports.insert(short_name, target).is_some() {
            let message = format!("`{}` is imported twice", import.short_name().name);
            self.note(self.error(message, import.span))?;
        }
        Ok(import)
    }

    /// Reads a name of one or more segments and resolves it.
    pub(super) fn function_name(&mut self, naming: Naming) -> Parsed<Box<FunctionName>> {
        let what = match naming {
            Naming::Function => "the name of a function",
            Naming::Attribute => "the name of an attribute",
        };
        let start = self.peek().span.start;
        let mut segments = vec![self.name(what)?];
        while self.eat(TokenKind::Dot) {
            segments.push(self.name(what)?);
        }
        let span = self.span_from(start);
        let (library, function) = match segments.as_slice() {
            [library, function] => (library.name.clone(), function.name.clone()),
            [short] => match self.imports.get(&short.name) {
                Some(target) => target.clone(),
                None => {
                    let message = format!(
                        "`{}` is neither imported nor of the form `library.name`",
                        short.name
                    );
                    return Err(self.error(message, span));
                }
            },
            _ => {
                let message = format!("`{}` has more segments than `library.name`", joined(&segments));
                return Err(self.error(message, span));
            }
        };
        let name = FunctionName {
            span,
            segments,
            library,
            function,
        };
        // Schemas are never evaluated unless enforced, so nothing in them is called.
        // A library may have functions with such names all the same.
        if naming == Naming::Function
            && !self.in_schema
            && (is_odd(&name.library) || is_odd(&name.function))
            && !function::is_known(&name.library, &name.function)
        {
            let message = format!(
                "`{}.{}` can't be called: it has `_` or `$` in it",
                name.library, name.function
            );
            return Err(self.error(message, span));
        }
        Ok(Box::new(name))
    }

    /// Whether the next tokens are a name and an opening parenthesis, so a call.
    pub(super) fn at_call(&self) -> bool {
        let is_name = |offset| match self.peek_at(offset).kind {
            TokenKind::Word | TokenKind::Escaped => true,
            TokenKind::Keyword(keyword) => keyword.is_name(),
            _ => false,
        };
        let mut offset = 0;
        while is_name(offset) {
            match self.peek_at(offset + 1).kind {
                TokenKind::OpenParenthesis => return true,
                TokenKind::Dot => offset += 2,
                _ => return false,
            }
        }
        false
    }
}

fn joined(segments: &[Identifier]) -> Box<str> {
    let names: Vec<&str> = segments.iter().map(|segment| &*segment.name).collect();
    names.join(".").into()
}

fn is_odd(name: &str) -> bool {
    name.contains(['_', '$'])
}
