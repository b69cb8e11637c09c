//! The machine that runs programs on texts.

use super::super::{Effort, Groups};
use super::Program;
use crate::value::ErrorKind;

/// What a step counts for.
pub(super) const STEP: u64 = 8;

/// How many ways may be open at a time, with what has to be undone on the way back to them.
pub(super) const MAX_BRANCHES: usize = 1 << 20;

/// From a character to a character.
pub(super) type Range = (char, char);

/// What the machine does; places are those of instructions, registers have numbers.
#[derive(Clone, Copy, Debug)]
pub(super) enum Instruction {
    Character(char),
    Class(usize),
    Any,
    TextStart,
    TextEnd,
    LineStart,
    LineEnd,
    /// Where a word of ASCII begins or ends, or where it does not.
    Boundary(bool),
    /// Notes where a group begins or ends.
    Save(usize),
    /// What a group matched, once more.
    Reference(usize),
    Jump(usize),
    /// The first place, and the second one if that fails.
    Fork(usize, usize),
    Load(usize, usize),
    /// Notes the position.
    Note(usize),
    /// Only where the position is the noted one.
    At(usize),
    /// Back to the noted position.
    Return(usize),
    /// Begins a counted loop, or one more round of it.
    Repeat {
        count: usize,
        lo: usize,
        hi: usize,
        greedy: bool,
        end: usize,
    },
    /// Ends a round that began at a noted position.
    Again {
        count: usize,
        from: usize,
        lo: usize,
        start: usize,
    },
    /// Notes how many ways are open.
    Mark(usize),
    /// Gives up the ways that have been opened since.
    Cut(usize),
    /// Begins what must match behind this position.
    Look {
        height: usize,
        from: usize,
    },
    /// Begins what must not match behind this position.
    Unless {
        height: usize,
        from: usize,
        after: usize,
    },
    /// What must not match has matched.
    Refuse(usize),
    /// So many characters back from the noted position, then one more, up to a most.
    Back {
        from: usize,
        back: usize,
        most: usize,
    },
    Match,
}

/// What to go back to, or to undo on the way.
#[derive(Clone, Copy)]
enum Entry {
    Branch { place: usize, position: usize },
    Restore { register: usize, value: usize },
}

/// The value of a register that has none.
const UNSET: usize = usize::MAX;

/// The groups of the first match at or behind a start, the whole first.
pub(in crate::pattern) fn run(
    program: &Program,
    text: &str,
    start: usize,
    effort: &mut Effort,
) -> Result<Option<Groups>, ErrorKind> {
    let mut machine = Machine {
        program,
        text,
        registers: vec![UNSET; program.registers],
        stack: Vec::new(),
        effort,
    };
    let mut position = start;
    loop {
        if (position == 0 || !program.is_anchored) && machine.matches(position)? {
            return Ok(Some(machine.groups()));
        }
        match text.get(position..).and_then(|rest| rest.chars().next()) {
            Some(character) if !program.is_anchored => position += character.len_utf8(),
            _ => return Ok(None),
        }
    }
}

struct Machine<'m> {
    program: &'m Program,
    text: &'m str,
    registers: Vec<usize>,
    stack: Vec<Entry>,
    effort: &'m mut Effort,
}

impl Machine<'_> {
    fn groups(&self) -> Groups {
        (0..self.program.groups).map(|group| self.span(group)).collect()
    }

    fn span(&self, group: usize) -> Option<(usize, usize)> {
        let (start, end) = (self.register(2 * group), self.register(2 * group + 1));
        (start != UNSET && end != UNSET).then_some((start, end))
    }

    fn register(&self, register: usize) -> usize {
        self.registers.get(register).copied().unwrap_or(UNSET)
    }

    fn load(&mut self, register: usize, value: usize) -> Result<(), ErrorKind> {
        if let Some(place) = self.registers.get_mut(register) {
            let value = std::mem::replace(place, value);
            self.push(Entry::Restore { register, value })?;
        }
        Ok(())
    }

    fn push(&mut self, entry: Entry) -> Result<(), ErrorKind> {
        if self.stack.len() >= MAX_BRANCHES {
            return Err(ErrorKind::PatternTooExpensive);
        }
        self.stack.push(entry);
        Ok(())
    }

    /// Goes back to the way opened last.
    fn back(&mut self) -> Result<Option<(usize, usize)>, ErrorKind> {
        while let Some(entry) = self.stack.pop() {
            self.effort.spend(1)?;
            match entry {
                Entry::Branch { place, position } => return Ok(Some((place, position))),
                Entry::Restore { register, value } => self.restore(register, value),
            }
        }
        Ok(None)
    }

    fn restore(&mut self, register: usize, value: usize) {
        if let Some(place) = self.registers.get_mut(register) {
            *place = value;
        }
    }

    fn character(&self, position: usize) -> Option<char> {
        let bytes = self.text.as_bytes();
        match bytes.get(position) {
            Some(byte) if byte.is_ascii() => Some(char::from(*byte)),
            _ => self.text.get(position..)?.chars().next(),
        }
    }

    fn is_word(&self, position: Option<usize>) -> bool {
        let byte = position.and_then(|position| self.text.as_bytes().get(position));
        byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
    }

    /// The position so many characters before another.
    fn before(&mut self, position: usize, count: usize) -> Result<Option<usize>, ErrorKind> {
        if count == 0 {
            return Ok(Some(position));
        }
        self.effort.spend(count as u64)?;
        let text = self.text.get(..position).unwrap_or_default();
        let mut characters = text.char_indices().rev();
        Ok(characters.nth(count - 1).map(|(position, _)| position))
    }

    /// Whether the program matches from here on; then the registers have the groups.
    fn matches(&mut self, start: usize) -> Result<bool, ErrorKind> {
        self.effort.spend(self.registers.len() as u64)?;
        self.registers.fill(UNSET);
        self.stack.clear();
        let (mut place, mut position) = (0, start);
        loop {
            self.effort.spend(STEP)?;
            let Some(instruction) = self.program.instructions.get(place).copied() else {
                return Ok(false);
            };
            if matches!(instruction, Instruction::Match) {
                return Ok(true);
            }
            (place, position) = match self.step(instruction, place, position)? {
                Some(next) => next,
                None => match self.back()? {
                    Some(next) => next,
                    None => return Ok(false),
                },
            };
        }
    }

    /// Where to go on; nowhere when this way fails.
    fn step(
        &mut self,
        instruction: Instruction,
        place: usize,
        position: usize,
    ) -> Result<Option<(usize, usize)>, ErrorKind> {
        let next = place + 1;
        let holds = |condition: bool| Ok(condition.then_some((next, position)));
        match instruction {
            Instruction::Character(expected) => {
                let found = self.character(position);
                Ok((found == Some(expected)).then(|| (next, position + expected.len_utf8())))
            }
            Instruction::Any => {
                let found = self.character(position);
                Ok(found.map(|found| (next, position + found.len_utf8())))
            }
            Instruction::Class(class) => {
                let Some(found) = self.character(position) else {
                    return Ok(None);
                };
                let ranges = self.program.classes.get(class).map_or(&[][..], |class| class);
                let behind = ranges.partition_point(|range| range.1 < found);
                let is_in = ranges.get(behind).is_some_and(|range| range.0 <= found);
                Ok(is_in.then(|| (next, position + found.len_utf8())))
            }
            Instruction::TextStart => holds(position == 0),
            Instruction::TextEnd => holds(position == self.text.len()),
            Instruction::LineStart => {
                let before = position.checked_sub(1);
                let before = before.and_then(|before| self.text.as_bytes().get(before));
                holds(before.is_none_or(|byte| *byte == b'\n'))
            }
            Instruction::LineEnd => {
                let after = self.text.as_bytes().get(position);
                holds(after.is_none_or(|byte| *byte == b'\n'))
            }
            Instruction::Boundary(expected) => {
                let is_boundary = self.is_word(position.checked_sub(1)) != self.is_word(Some(position));
                holds(is_boundary == expected)
            }
            Instruction::Save(register) | Instruction::Note(register) => {
                self.load(register, position)?;
                Ok(Some((next, position)))
            }
            Instruction::Load(register, value) => {
                self.load(register, value)?;
                Ok(Some((next, position)))
            }
            Instruction::Reference(group) => self.reference(group, next, position),
            Instruction::Jump(to) => Ok(Some((to, position))),
            Instruction::Fork(first, second) => {
                self.push(Entry::Branch {
                    place: second,
                    position,
                })?;
                Ok(Some((first, position)))
            }
            Instruction::At(register) => holds(self.register(register) == position),
            Instruction::Return(register) => Ok(Some((next, self.register(register)))),
            Instruction::Mark(height) => {
                self.mark(height)?;
                Ok(Some((next, position)))
            }
            Instruction::Cut(height) => {
                self.cut(height)?;
                Ok(Some((next, position)))
            }
            Instruction::Look { height, from } => {
                self.load(from, position)?;
                self.mark(height)?;
                Ok(Some((next, position)))
            }
            Instruction::Unless { height, from, after } => {
                self.load(from, position)?;
                self.mark(height)?;
                self.push(Entry::Branch {
                    place: after,
                    position,
                })?;
                Ok(Some((next, position)))
            }
            Instruction::Refuse(height) => {
                let height = self.register(height);
                while self.stack.len() > height {
                    self.effort.spend(1)?;
                    if let Some(Entry::Restore { register, value }) = self.stack.pop() {
                        self.restore(register, value);
                    }
                }
                Ok(None)
            }
            Instruction::Back { from, back, most } => {
                let (count, end) = (self.register(back), self.register(from));
                if count > most {
                    return Ok(None);
                }
                let Some(start) = self.before(end, count)? else {
                    return Ok(None);
                };
                if count < most {
                    self.load(back, count + 1)?;
                    self.push(Entry::Branch { place, position })?;
                }
                Ok(Some((next, start)))
            }
            Instruction::Repeat {
                count,
                lo,
                hi,
                greedy,
                end,
            } => {
                let rounds = self.register(count);
                if rounds < lo {
                    return Ok(Some((next, position)));
                }
                if rounds >= hi {
                    return Ok(Some((end, position)));
                }
                let (first, second) = if greedy { (next, end) } else { (end, next) };
                self.push(Entry::Branch {
                    place: second,
                    position,
                })?;
                Ok(Some((first, position)))
            }
            Instruction::Again {
                count,
                from,
                lo,
                start,
            } => {
                // A round that matched nothing could match nothing for ever.
                if self.register(from) == position {
                    let rounds = self.register(count).max(lo);
                    self.load(count, rounds)?;
                    return Ok(Some((next, position)));
                }
                self.load(count, self.register(count) + 1)?;
                Ok(Some((start, position)))
            }
            Instruction::Match => Ok(None),
        }
    }

    /// Notes how many ways are open; to note it is undone on the way back, too.
    fn mark(&mut self, height: usize) -> Result<(), ErrorKind> {
        self.load(height, self.stack.len() + 1)
    }

    /// Gives up the ways that have been opened since a height was noted, and keeps what has to be undone.
    fn cut(&mut self, height: usize) -> Result<(), ErrorKind> {
        let height = self.register(height).min(self.stack.len());
        self.effort.spend((self.stack.len() - height) as u64)?;
        let mut kept = height;
        for index in height..self.stack.len() {
            if let Some(entry @ Entry::Restore { .. }) = self.stack.get(index).copied() {
                if let Some(place) = self.stack.get_mut(kept) {
                    *place = entry;
                }
                kept += 1;
            }
        }
        self.stack.truncate(kept);
        Ok(())
    }

    fn reference(
        &mut self,
        group: usize,
        next: usize,
        position: usize,
    ) -> Result<Option<(usize, usize)>, ErrorKind> {
        let Some((start, end)) = self.span(group) else {
            return Ok(None);
        };
        let bytes = self.text.as_bytes();
        let expected = bytes.get(start..end).unwrap_or_default();
        self.effort.spend(expected.len() as u64)?;
        let found = bytes.get(position..position + expected.len());
        Ok((found == Some(expected)).then(|| (next, position + expected.len())))
    }
}
