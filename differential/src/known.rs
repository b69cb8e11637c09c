//! Differences that are meant to be: accidents of the reference that are not reproduced.

use crate::case::Case;
use crate::entry::{Entry, Outcome};

/// A difference that is no mistake of ours.
pub(crate) struct Accident {
    /// A short name, for the report.
    pub(crate) name: &'static str,
    /// Why it is not reproduced.
    pub(crate) reason: &'static str,
    /// Whether it may make us permit what the reference does not.
    may_permit: bool,
    applies: fn(&Question<'_>) -> bool,
}

/// The accident of a question whose answer is another when nothing was asked before it.
pub(crate) const REMEMBERED: Accident = Accident {
    name: "remembered answers",
    reason: "constants and calls are remembered by equality, in which 2 and 2.0 are the same: what an engine answers \
             depends on what it was asked before. Asked anew, it agrees",
    may_permit: false,
    applies: |_| false,
};

/// What an accident is told by.
struct Question<'q> {
    case: &'q Case,
    entry: &'q Entry,
    outcome: &'q Outcome,
    /// All texts of policies.
    text: String,
}

pub(crate) const ACCIDENTS: &[Accident] = &[
    REMEMBERED,
    Accident {
        name: "equal constants",
        reason: "equal numbers of one configuration share the text form of the first that was compiled, and calls the \
                 answer to equal ones before",
        may_permit: false,
        applies: |question| {
            let expanded = question.has(&["math."]) && question.found(&"0".repeat(100));
            question.outcome.differs_in_number_forms || expanded || question.differs_in_fractions()
        },
    },
    Accident {
        name: "whole numbers",
        reason: "`bitwise`, `permissions` and ranges refuse 2.0, but take it where a call with 2 was answered before: \
                 calls are remembered by equality; here they take it, as a recorded answer does",
        may_permit: true,
        applies: |question| {
            question.has(&["bitwise.", "permissions.", "array.range"]) && question.theirs_may_be_an_error()
        },
    },
    Accident {
        name: "empty addresses",
        reason: "an empty or blank text is the loopback address in `cidr`; here it is no address",
        may_permit: false,
        applies: |question| {
            question.has(&["cidr."]) && (question.found("not an IP address") || question.has_blank_text())
        },
    },
    Accident {
        name: "families of addresses",
        reason: "IPv4 networks are looked for in IPv6 ones, but not the other way round; here families don't mix",
        may_permit: false,
        applies: |question| question.has(&["cidr."]) && question.found("must be of one family"),
    },
    Accident {
        name: "lost networks",
        reason: "`cidr.merge` loses networks of different sizes that don't touch each other",
        may_permit: false,
        applies: |question| question.has(&["cidr.merge"]),
    },
    Accident {
        name: "grapheme clusters",
        reason: "a pattern with `\\X` is refused here",
        may_permit: false,
        applies: |question| {
            question.has(&["\\X"])
                && (question.found("regular expression") || question.has(&["patterns.isValidRegex"]))
        },
    },
    Accident {
        name: "errors within variables",
        reason: "a variable with a number out of range somewhere within is an array or object with an error in it, on \
                 which decisions fail when they are written; here all of it is the error",
        may_permit: false,
        applies: |question| {
            question.found("beyond the supported range") && question.settings().contains("variables")
                || question.entry.expr.is_none() && has_number_beyond_doubles(&question.settings())
        },
    },
    Accident {
        name: "repeated positions",
        reason: "a pattern that repeats a place between characters (`\\Z?`) is refused here",
        may_permit: false,
        applies: |question| {
            question.has(&["\\Z", "\\b", "\\B", "$", "^", "(?=", "(?!", "(?<"])
                && question.found("regular expression")
        },
    },
    Accident {
        name: "order of sets",
        reason: "the closures of `graph` are sets, whose order depends on a hash",
        may_permit: false,
        applies: |question| question.has(&["graph.transitiveClosure"]) && !question.found("an error"),
    },
    Accident {
        name: "digits of other scripts",
        reason: "`units` and `numeral` take any digit of Unicode; here the ASCII ones",
        may_permit: false,
        applies: |question| {
            question.has(&["units."]) && question.found("a number with a unit is needed")
                || question.has(&["numeral."])
        },
    },
    Accident {
        name: "aliases of nothing",
        reason: "a YAML alias without an anchor is the text of its name; here an error",
        may_permit: false,
        applies: |question| {
            question.has(&["yaml.yamlToVal"]) && question.found("is not YAML with one document")
        },
    },
    Accident {
        name: "half surrogates",
        reason: "a text may have half of a surrogate pair in it; here it is refused, since no Unicode text has one",
        may_permit: false,
        applies: |question| {
            question.found("half of a surrogate pair")
                || question.found("an index is within a character")
                || question.has(&["patterns."]) && question.expects("?")
        },
    },
    Accident {
        name: "YAML 1.1",
        reason: "U+0085, U+2028 and U+2029 end lines in YAML 1.1 but not in YAML 1.2, which knows more texts",
        may_permit: false,
        applies: |question| {
            let line_ends = ["\u{85}", "\\u0085", "\u{2028}", "\\u2028", "\u{2029}", "\\u2029"];
            let is_refused = question.entry.error || question.found("configuration is accepted");
            question.has(&["yaml.yamlToVal"]) && (is_refused || question.asks_with(&line_ends))
        },
    },
    Accident {
        name: "keys and certificates that contradict themselves",
        reason: "a point beside its curve and a certificate with two signature algorithms are taken; here they are errors",
        may_permit: false,
        applies: |question| {
            question.found("is not a public key of") || question.found("is not an X.509 certificate")
        },
    },
    Accident {
        name: "doubles",
        reason: "logarithms, powers, roots, means and medians are computed with doubles: their last digits may differ",
        may_permit: false,
        applies: |question| {
            question.has(&["math.log", "math.pow", "math.sqrt", "array.avg", "array.median"])
                && question.differs_in_digits()
        },
    },
    Accident {
        name: "final sigma",
        reason: "the form of a small sigma at the end of a word depends on what words are made of",
        may_permit: false,
        applies: |question| question.has(&["string.toLowerCase"]) && question.found("σ"),
    },
    Accident {
        name: "numbers beyond 32 bits",
        reason: "`filter.blacken` takes the last 32 bits of a number; here larger ones are errors",
        may_permit: false,
        applies: |question| question.found("a 32-bit integer is needed"),
    },
    Accident {
        name: "broken ranges",
        reason: "what is no part of a range of versions is passed over; here nothing satisfies such a range",
        may_permit: false,
        applies: |question| {
            question.has(&["semver."]) && (question.found("is false") || question.found("is null"))
        },
    },
    Accident {
        name: "messages about GraphQL",
        reason: "what is wrong with a text that is no query is said in other words",
        may_permit: false,
        applies: |question| question.has(&["graphql."]) && question.found("Invalid syntax"),
    },
    Accident {
        name: "messages about schemas",
        reason: "a schema that is none is violated with another message",
        may_permit: false,
        applies: |question| question.has(&["jsonschema.validate"]) && question.found("\"valid\"=false"),
    },
    Accident {
        name: "numbers beyond doubles",
        reason: "to validate what JSON can't say is an error",
        may_permit: false,
        applies: |question| {
            let asked = || question.case.line("").unwrap_or_default();
            question.found("has no JSON form")
                || question.has(&["enforced schema"]) && has_fraction_beyond_doubles(&asked())
        },
    },
    Accident {
        name: "forgotten errors",
        reason: "for a priority, a set that abstains makes the errors before it forgotten, and a later vote a clash of \
                 transforms; what is before and behind depends on a hash of the files' names",
        may_permit: false,
        applies: |question| question.errs() && question.may_forget(),
    },
    Accident {
        name: "errors forgotten for attributes",
        reason: "a policy with an attribute that does not apply makes the errors before it forgotten in a set with a \
                 priority, so that the default is the set's decision",
        may_permit: true,
        applies: |question| {
            let has_attribute = question.has(&["<time.", "|<time.", "<clock>", "<no."]);
            question.entry.expr.is_none()
                && has_attribute
                && (question.has(&["priority "]) || question.may_forget())
        },
    },
];

/// The accident that a difference is.
pub(crate) fn accident(case: &Case, entry: &Entry, outcome: &Outcome) -> Option<&'static Accident> {
    let question = Question {
        case,
        entry,
        outcome,
        text: case.text(),
    };
    ACCIDENTS
        .iter()
        .find(|accident| (accident.may_permit || !outcome.permits_wrongly) && (accident.applies)(&question))
}

impl Question<'_> {
    /// Whether the policies have one of these texts in them.
    fn has(&self, texts: &[&str]) -> bool {
        texts.iter().any(|text| self.text.contains(text))
    }

    /// Whether numbers are the same but for their last digits.
    fn differs_in_digits(&self) -> bool {
        let difference = self.outcome.difference.as_deref().unwrap_or_default();
        let numbers = difference.rsplit_once(" is ").and_then(|(_, answer)| {
            let (ours, theirs) = answer.split_once(", expected ")?;
            Some((
                ours.trim_matches('"').parse::<f64>().ok()?,
                theirs.trim_matches('"').parse::<f64>().ok()?,
            ))
        });
        numbers.is_some_and(|(ours, theirs)| (ours - theirs).abs() <= theirs.abs() * 8.0 * f64::EPSILON)
    }

    /// Whether texts differ in fractions of zero alone.
    fn differs_in_fractions(&self) -> bool {
        let difference = self.outcome.difference.as_deref().unwrap_or_default();
        let plain = |text: &str| {
            let text = text.replace(['\\', '"'], "").replace('=', ":");
            text.replace(".000", ".0").replace(".00", ".0").replace(".0", "")
        };
        let answer = difference.split_once(" is ").map(|(_, answer)| answer);
        answer
            .and_then(|answer| answer.split_once(", expected "))
            .is_some_and(|(ours, theirs)| plain(ours) == plain(theirs))
    }

    /// Whether the policies or what is asked have one of these texts in them.
    fn asks_with(&self, texts: &[&str]) -> bool {
        let subscription = match self.case {
            Case::Expression {
                subscription,
                variables,
                ..
            } => format!("{subscription} {variables}"),
            _ => String::new(),
        };
        self.has(texts) || texts.iter().any(|text| subscription.contains(text))
    }

    /// Whether some text of the policies has nothing but white space and control characters in it.
    fn has_blank_text(&self) -> bool {
        let texts = self.text.split('"');
        texts.skip(1).any(|text| {
            let text: Result<String, _> = serde_json::from_str(&format!("\"{text}\""));
            text.is_ok_and(|text| text.chars().all(|character| character <= ' '))
        })
    }

    /// Whether our answer has a text in it.
    fn found(&self, text: &str) -> bool {
        let difference = self.outcome.difference.as_deref().unwrap_or_default();
        let ours = difference
            .rsplit_once(", expected ")
            .map_or(difference, |(ours, _)| ours);
        ours.contains(text)
    }

    /// Whether the reference's answer has a text in it.
    fn expects(&self, text: &str) -> bool {
        let difference = self.outcome.difference.as_deref().unwrap_or_default();
        difference
            .rsplit_once(", expected ")
            .is_some_and(|(_, theirs)| theirs.contains(text))
    }

    /// Whether the reference gave an error, or a decision that errors can lead to.
    fn theirs_may_be_an_error(&self) -> bool {
        self.entry.error || self.entry.expr.is_none()
    }

    /// The text of `pdp.json`.
    fn settings(&self) -> String {
        match self.case {
            Case::Decision {
                settings: Some(settings),
                ..
            } => settings.to_string(),
            _ => String::new(),
        }
    }

    /// Whether our decision is one that errors lead to.
    fn errs(&self) -> bool {
        self.found("found {\"decision\":\"INDETERMINATE\"}")
            || self.found("found {\"decision\":\"NOT_APPLICABLE\"}")
                && self.settings().contains("\"ABSTAIN\"")
    }

    /// Whether votes are folded that can take each other's errors away.
    fn may_forget(&self) -> bool {
        let Case::Decision { documents, .. } = self.case else {
            return false;
        };
        let settings = self.settings();
        let has_priority = settings.contains("PRIORITY") || !settings.contains("votingMode");
        has_priority && documents.len() > 1 && self.has(&["set \"", "<time.", "<clock>", "<no."])
            || self.text.matches("transform").count() > 1
    }
}

fn has_number_beyond_doubles(text: &str) -> bool {
    let mut numbers = text.split(|part: char| !part.is_ascii_digit() && !"+-.eE".contains(part));
    numbers.any(|number| number.parse().is_ok_and(f64::is_infinite))
}

/// Whether a text has a number with a fraction that has no place in a double.
fn has_fraction_beyond_doubles(text: &str) -> bool {
    let mut numbers = text.split(|part: char| !part.is_ascii_digit() && part != '.');
    numbers.any(|number| {
        number.split_once('.').is_some_and(|(whole, fraction)| {
            whole.len() + fraction.len() > 15 && fraction.bytes().any(|digit| digit != b'0')
        })
    })
}
