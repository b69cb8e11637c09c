//! Patterns with look-around, back references or possessive quantifiers.
//!
//! The parser is that of `fancy-regex`. The machine is our own, because it must count every step that it takes: a limit of
//! steps back alone leaves open what happens between two of them.

use fancy_regex::{Assertion, Expr, LookAround};
use regex_syntax::hir::{Class, HirKind};

use machine::{Instruction, Range};

pub(super) use machine::run;

mod machine;

/// The most instructions of a program.
const MAX_INSTRUCTIONS: usize = 1 << 15;

/// The most ranges of characters in all classes of a program.
const MAX_RANGES: usize = 1 << 16;

/// How deep groups may be nested.
const MAX_DEPTH: usize = 128;

/// A compiled pattern.
#[derive(Clone, Debug)]
pub(super) struct Program {
    instructions: Box<[Instruction]>,
    classes: Box<[Box<[Range]>]>,
    /// How many registers it needs: two for each group, the whole first, and those of loops and look-around.
    registers: usize,
    groups: usize,
    names: Vec<(String, usize)>,
    /// Whether it can match where the text begins only.
    is_anchored: bool,
}

impl Program {
    /// Compiles a pattern; `None` for what is invalid, too large or not supported.
    pub(super) fn new(pattern: &str) -> Option<Self> {
        let tree = Expr::parse_tree(pattern).ok()?;
        let groups = 1 + groups(&tree.expr, 0)?;
        let mut compiler = Compiler {
            instructions: Vec::new(),
            classes: Vec::new(),
            ranges: 0,
            registers: 2 * groups,
            all_groups: groups,
            groups: 1,
        };
        compiler.push(Instruction::Save(0))?;
        compiler.expression(&tree.expr)?;
        compiler.push(Instruction::Save(1))?;
        compiler.push(Instruction::Match)?;
        let names = tree.named_groups.iter();
        Some(Self {
            is_anchored: begins_with_start(&tree.expr),
            instructions: compiler.instructions.into(),
            classes: compiler.classes.into(),
            registers: compiler.registers,
            groups,
            names: names
                .filter_map(|(name, numbers)| Some((name.clone(), *numbers.first()?)))
                .collect(),
        })
    }

    /// The number of the group with a name.
    pub(super) fn group_named(&self, name: &str) -> Option<usize> {
        let mut names = self.names.iter();
        names.find_map(|(known, number)| (known == name).then_some(*number))
    }
}

fn begins_with_start(expression: &Expr) -> bool {
    match expression {
        Expr::Assertion(Assertion::StartText) => true,
        Expr::Concat(parts) => parts.first().is_some_and(begins_with_start),
        _ => false,
    }
}

/// How many groups there are; `None` when they are nested too deep.
fn groups(expression: &Expr, depth: usize) -> Option<usize> {
    if depth > MAX_DEPTH {
        return None;
    }
    let own = usize::from(matches!(expression, Expr::Group(_)));
    let mut inner = 0;
    for child in children(expression) {
        inner += groups(child, depth + 1)?;
    }
    Some(own + inner)
}

fn children(expression: &Expr) -> Vec<&Expr> {
    match expression {
        Expr::Concat(parts) | Expr::Alt(parts) => parts.iter().collect(),
        Expr::Group(inner) => vec![&**inner],
        Expr::LookAround(inner, _) | Expr::AtomicGroup(inner) => vec![&**inner],
        Expr::Repeat { child, .. } => vec![child],
        _ => Vec::new(),
    }
}

/// The fewest and the most characters that can match; no most when there is no bound.
fn lengths(expression: &Expr) -> (usize, Option<usize>) {
    match expression {
        Expr::Any { .. } | Expr::Delegate { .. } => (1, Some(1)),
        Expr::Literal { val, .. } => {
            let length = val.chars().count();
            (length, Some(length))
        }
        Expr::Concat(parts) => parts.iter().map(lengths).fold((0, Some(0)), |sum, part| {
            let most = sum.1.zip(part.1).and_then(|(sum, part)| sum.checked_add(part));
            (sum.0.saturating_add(part.0), most)
        }),
        Expr::Alt(parts) => {
            let fewest = parts.iter().map(|part| lengths(part).0).min();
            let most = parts.iter().map(|part| lengths(part).1);
            let most = most.reduce(|most, part| most.zip(part).map(|(most, part)| most.max(part)));
            (fewest.unwrap_or(0), most.unwrap_or(Some(0)))
        }
        Expr::Group(inner) => lengths(inner),
        Expr::AtomicGroup(inner) => lengths(inner),
        Expr::Repeat { child, lo, hi, .. } => {
            let (fewest, most) = lengths(child);
            let most = match most {
                Some(0) => Some(0),
                _ if *hi == usize::MAX => None,
                most => most.and_then(|most| most.checked_mul(*hi)),
            };
            (fewest.saturating_mul(*lo), most)
        }
        Expr::Backref { .. } => (0, None),
        _ => (0, Some(0)),
    }
}

struct Compiler {
    instructions: Vec<Instruction>,
    classes: Vec<Box<[Range]>>,
    ranges: usize,
    registers: usize,
    all_groups: usize,
    /// The number of the next group.
    groups: usize,
}

impl Compiler {
    fn push(&mut self, instruction: Instruction) -> Option<usize> {
        let place = self.instructions.len();
        self.instructions.push(instruction);
        (place < MAX_INSTRUCTIONS).then_some(place)
    }

    fn here(&self) -> usize {
        self.instructions.len()
    }

    /// Writes an instruction over one that was pushed before what it leads to was known.
    fn set(&mut self, place: usize, instruction: Instruction) -> Option<()> {
        *self.instructions.get_mut(place)? = instruction;
        Some(())
    }

    fn register(&mut self) -> usize {
        self.registers += 1;
        self.registers - 1
    }

    fn expression(&mut self, expression: &Expr) -> Option<()> {
        match expression {
            Expr::Empty => Some(()),
            Expr::Any { newline: true, .. } => self.push(Instruction::Any).map(drop),
            Expr::Literal { val, casei: false } => {
                for character in val.chars() {
                    self.push(Instruction::Character(character))?;
                }
                Some(())
            }
            Expr::Literal { val, casei: true } => {
                for character in val.chars() {
                    let mut buffer = [0; 4];
                    let text = regex_syntax::escape(character.encode_utf8(&mut buffer));
                    self.class(&format!("(?i:{text})"))?;
                }
                Some(())
            }
            Expr::Delegate { inner, casei } => {
                let sign = if *casei { "i" } else { "" };
                self.class(&format!("(?{sign}:{inner})"))
            }
            Expr::Assertion(assertion) => self.assertion(assertion),
            Expr::Concat(parts) => parts.iter().try_for_each(|part| self.expression(part)),
            Expr::Alt(parts) => self.alternatives(parts),
            Expr::Group(inner) => {
                let group = self.groups;
                self.groups += 1;
                self.push(Instruction::Save(2 * group))?;
                self.expression(inner)?;
                self.push(Instruction::Save(2 * group + 1)).map(drop)
            }
            Expr::AtomicGroup(inner) => {
                let height = self.register();
                self.push(Instruction::Mark(height))?;
                self.expression(inner)?;
                self.push(Instruction::Cut(height)).map(drop)
            }
            Expr::LookAround(inner, kind) => self.look_around(inner, *kind),
            Expr::Repeat {
                child,
                lo,
                hi,
                greedy,
            } => self.repeat(child, *lo, *hi, *greedy),
            Expr::Backref { group, casei: false } => {
                (*group < self.all_groups).then_some(())?;
                self.push(Instruction::Reference(*group)).map(drop)
            }
            _ => None,
        }
    }

    fn assertion(&mut self, assertion: &Assertion) -> Option<()> {
        let instruction = match assertion {
            Assertion::StartText => Instruction::TextStart,
            Assertion::EndText => Instruction::TextEnd,
            Assertion::StartLine { crlf: false } => Instruction::LineStart,
            Assertion::EndLine { crlf: false } => Instruction::LineEnd,
            Assertion::WordBoundary => Instruction::Boundary(true),
            Assertion::NotWordBoundary => Instruction::Boundary(false),
            _ => return None,
        };
        self.push(instruction).map(drop)
    }

    /// One character of a class in the syntax of `regex`.
    fn class(&mut self, class: &str) -> Option<()> {
        let hir = regex_syntax::parse(class).ok()?;
        let ranges: Box<[Range]> = match hir.kind() {
            HirKind::Class(Class::Unicode(class)) => {
                let ranges = class.ranges().iter();
                ranges.map(|range| (range.start(), range.end())).collect()
            }
            HirKind::Class(Class::Bytes(class)) if class.is_ascii() => {
                let ranges = class.ranges().iter();
                ranges
                    .map(|range| (char::from(range.start()), char::from(range.end())))
                    .collect()
            }
            HirKind::Literal(literal) => {
                let mut characters = std::str::from_utf8(&literal.0).ok()?.chars();
                let character = characters.next()?;
                if characters.next().is_some() {
                    return None;
                }
                Box::new([(character, character)])
            }
            _ => return None,
        };
        let known = self.classes.iter().position(|known| *known == ranges);
        let number = match known {
            Some(known) => known,
            None => {
                self.ranges += ranges.len();
                if self.ranges > MAX_RANGES {
                    return None;
                }
                self.classes.push(ranges);
                self.classes.len() - 1
            }
        };
        self.push(Instruction::Class(number)).map(drop)
    }

    fn alternatives(&mut self, parts: &[Expr]) -> Option<()> {
        let mut ends = Vec::with_capacity(parts.len());
        let (last, others) = parts.split_last()?;
        for part in others {
            let fork = self.push(Instruction::Match)?;
            self.expression(part)?;
            ends.push(self.push(Instruction::Match)?);
            self.set(fork, Instruction::Fork(fork + 1, self.here()))?;
        }
        self.expression(last)?;
        let end = self.here();
        ends.into_iter()
            .try_for_each(|place| self.set(place, Instruction::Jump(end)))
    }

    fn look_around(&mut self, inner: &Expr, kind: LookAround) -> Option<()> {
        let (is_behind, is_negative) = match kind {
            LookAround::LookAhead => (false, false),
            LookAround::LookAheadNeg => (false, true),
            LookAround::LookBehind => (true, false),
            LookAround::LookBehindNeg => (true, true),
        };
        let (height, from) = (self.register(), self.register());
        let start = self.push(Instruction::Match)?;
        if is_behind {
            let (fewest, most) = lengths(inner);
            let (most, back) = (most?, self.register());
            self.push(Instruction::Load(back, fewest))?;
            self.push(Instruction::Back { from, back, most })?;
        }
        self.expression(inner)?;
        if is_behind {
            self.push(Instruction::At(from))?;
        }
        if is_negative {
            self.push(Instruction::Refuse(height))?;
            let after = self.here();
            self.set(start, Instruction::Unless { height, from, after })
        } else {
            self.push(Instruction::Cut(height))?;
            self.push(Instruction::Return(from))?;
            self.set(start, Instruction::Look { height, from })
        }
    }

    fn repeat(&mut self, child: &Expr, lo: usize, hi: usize, greedy: bool) -> Option<()> {
        if lo > hi {
            return None;
        }
        let fork = |first, second| {
            if greedy {
                Instruction::Fork(first, second)
            } else {
                Instruction::Fork(second, first)
            }
        };
        let can_be_empty = lengths(child).0 == 0;
        match (lo, hi) {
            (0, 1) => {
                let place = self.push(Instruction::Match)?;
                self.expression(child)?;
                self.set(place, fork(place + 1, self.here()))
            }
            (0, usize::MAX) if !can_be_empty => {
                let place = self.push(Instruction::Match)?;
                self.expression(child)?;
                self.push(Instruction::Jump(place))?;
                self.set(place, fork(place + 1, self.here()))
            }
            (1, usize::MAX) if !can_be_empty => {
                let start = self.here();
                self.expression(child)?;
                let place = self.push(Instruction::Match)?;
                self.set(place, fork(start, place + 1))
            }
            _ => {
                let (count, from) = (self.register(), self.register());
                self.push(Instruction::Load(count, 0))?;
                let place = self.push(Instruction::Match)?;
                self.push(Instruction::Note(from))?;
                self.expression(child)?;
                self.push(Instruction::Again {
                    count,
                    from,
                    lo,
                    start: place,
                })?;
                let end = self.here();
                self.set(
                    place,
                    Instruction::Repeat {
                        count,
                        lo,
                        hi,
                        greedy,
                        end,
                    },
                )
            }
        }
    }
}

#[cfg(test)]
mod tests;
