//! [The order of things]: using a component.

use serde_json::{Map, Value, json};

use super::{
    constraints::{self, Bundle, Effects, Failure, resolve, resolve_denied},
    decision::{Answer, Decision, Verdict},
    links::{self, Left},
    parts::Part,
    reply::{Reply, denied, lacking_scopes, not_found, withheld},
    subscription::{name, subscription},
    value::{Returned, Unfit, failed, rebuilt, returned, seen, untouched},
    world::{Component, Ended, Ends, Kind, Moment, Point, Returns, Rule, Rules, Unannotated, Verb, World},
};

type Arguments = Option<Map<String, Value>>;

/// What comes of a request.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Ending {
    pub(crate) reply: Reply,
    /// Everything that happened, in its order.
    pub(crate) effects: Effects,
    /// The audit records.
    pub(crate) records: Vec<Record>,
    /// Whether anybody may keep the reply, where it says so and it matters.
    pub(crate) public: Option<bool>,
}

/// An audit record.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Record {
    pub(crate) name: String,
    pub(crate) gate: bool,
    /// As it was given, if it was.
    pub(crate) decision: Option<Verdict>,
    /// As it was enforced.
    pub(crate) effective: Verdict,
    pub(crate) outcome: Ended,
    /// Whether it is said why the operation is denied.
    pub(crate) has_reason: bool,
    /// Whether the component does not exist for those who may not use it.
    pub(crate) stealth: bool,
}

/// What the component has returned, when the decision comes behind it.
struct Sight {
    value: Value,
    error: Value,
}

/// What is decided under one rule, as far as it has come.
#[derive(Default)]
struct Decided {
    verdict: Option<Verdict>,
}

/// Nothing of the component is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Denial {
    Denied,
    /// The caller is permitted, but there is no value that could be held to the decision.
    Withheld,
    /// The token does not grant what the rule requires.
    LackingScopes,
}

/// What is sent, and how the operation ended.
type Sent = Result<(Reply, Ended), Denial>;

struct Run<'w> {
    world: &'w World,
    verb: Verb,
    component: &'w Component,
    arguments: Arguments,
    cancelled: bool,
    /// Whether what is sent depends on who asks, although no rule is about the component.
    is_personal: bool,
    effects: Effects,
    records: Vec<Record>,
}

/// Using a component, or another request about it.
pub(crate) fn used(world: &World, verb: Verb, component: &Component, arguments: Arguments) -> Ending {
    let mut run = Run {
        world,
        verb,
        component,
        arguments: match (component.kind, verb) {
            // What is to be completed counts, as far as it goes: nothing is there yet.
            (kind, Verb::Complete) => {
                let known = arguments.filter(|_| kind != Kind::Resource);
                let completed = ("id".to_owned(), json!(""));
                Some(known.unwrap_or_default().into_iter().chain([completed]).collect())
            }
            (Kind::Tool | Kind::Prompt, _) => arguments,
            (Kind::Resource, _) => Some(Map::new()),
            (Kind::Template, _) => Some(Map::from_iter([("id".to_owned(), json!("7"))])),
        },
        cancelled: false,
        is_personal: false,
        effects: Vec::new(),
        records: Vec::new(),
    };
    let reply = run.reply();
    Ending {
        // Nobody but the caller may keep what was read under a rule, nor what is not the same for everybody.
        public: Some(!run.is_ruled() && !run.is_personal),
        reply,
        effects: run.effects,
        records: run.records,
    }
}

/// Using something that nobody knows. While any rule of the kind exists it is answered by the layer and leaves no trace; else
/// it is a component like any other, whose answer is that of the server.
pub(crate) fn used_unknown(world: &World, kind: Kind) -> Ending {
    let name = match kind {
        Kind::Tool | Kind::Prompt => "unknown",
        Kind::Resource | Kind::Template => "urn:unknown",
    };
    if world.has_rules_for(kind) {
        return Ending {
            reply: not_found(kind, Verb::Use, name),
            effects: Vec::new(),
            records: Vec::new(),
            public: None,
        };
    }
    let error = |code, message: &str, data| Returns::Err {
        code,
        message: message.to_owned(),
        data,
    };
    let component = Component {
        kind: if kind.is_resource() { Kind::Resource } else { kind },
        name: name.to_owned(),
        rules: Rules::default(),
        returns: match kind {
            Kind::Tool => error(-32602, "tool not found", None),
            Kind::Prompt => error(-32602, "prompt 'unknown' not found", None),
            Kind::Resource | Kind::Template => error(-32002, "nothing here", Some(json!({"uri": name}))),
        },
        wraps: false,
        says_more: false,
    };
    // The server of the tests does more only for components that it has: it cancels, and says what it is called with.
    let world = World {
        cancelled: world.cancelled.filter(|moment| *moment != Moment::Running),
        ..world.clone()
    };
    let mut ending = used(&world, Verb::Use, &component, None);
    ending.effects.retain(|effect| !effect.starts_with("with"));
    ending
}

impl From<constraints::Denied> for Denial {
    fn from(_: constraints::Denied) -> Self {
        Self::Denied
    }
}

impl Run<'_> {
    fn reply(&mut self) -> Reply {
        let rules = &self.component.rules;
        if rules.broken {
            return self.refused(true);
        }
        match (&rules.gate, &rules.enforcement) {
            (None, None) => match self.world.unannotated {
                Unannotated::Pass => {
                    let result = self.run(self.arguments.clone());
                    self.unchanged(result)
                }
                Unannotated::Deny => self.refused(false),
                Unannotated::AskPdp => {
                    let rule = Rule::of_the_unannotated(self.world.answer_without_rule.clone());
                    self.under(&rule)
                }
            },
            (Some(rule), None) | (None, Some(rule)) => self.under(rule),
            // [Gates]: "The gate is decided first, and both must permit." "Behind a closed gate the enforcement does not
            // begin, so its finalize function does not run either."
            (Some(gate), Some(enforcement)) => {
                let mut decided = Decided::default();
                match self.decide(gate, None, &mut decided) {
                    Ok(_) => {
                        self.record(gate, &decided, Ended::Passed, false);
                        self.under(enforcement)
                    }
                    Err(denial) => self.end(gate, &decided, Err(denial)),
                }
            }
        }
    }

    /// One rule, from its subscription to its finalize function.
    fn under(&mut self, rule: &Rule) -> Reply {
        let mut decided = Decided::default();
        let sent = match rule.point {
            Point::Gate => self.behind_gate(rule, &mut decided),
            Point::Pre => self.before(rule, &mut decided),
            Point::Post => self.after(rule, &mut decided),
        };
        self.end(rule, &decided, sent)
    }

    /// [Gates]: "What the component answers passes as it is."
    fn behind_gate(&mut self, rule: &Rule, decided: &mut Decided) -> Sent {
        self.decide(rule, None, decided)?;
        let result = self.run(self.arguments.clone());
        let ended = ended(&result);
        Ok((self.unchanged(result), ended))
    }

    /// **Before the component**: subscription → decision → on-decision handlers → method-invocation handlers → component
    /// → replacement → filters → consumers → mappings → reply → finalize.
    fn before(&mut self, rule: &Rule, decided: &mut Decided) -> Sent {
        let bundle = self.decide(rule, None, decided)?;
        // [Completion and subscription]: "an obligation that filters, maps or replaces it can't be fulfilled".
        if !self.verb.has_value() && bundle.has_output_obligation() {
            return Err(Denial::Withheld);
        }
        let mut arguments = self.arguments.clone();
        if bundle.changes_arguments() {
            let absent = arguments.is_none();
            let mut changed = arguments.unwrap_or_default();
            let read_only = self.component.kind.is_resource();
            bundle.method_invocation(&mut changed, read_only, &mut self.effects)?;
            arguments = (!absent || !changed.is_empty()).then_some(changed);
        }
        let result = self.run(arguments);
        self.send(&bundle, result)
    }

    /// **After it**: component → subscription with the return value or the error → decision → on-decision handlers →
    /// replacement → filters → consumers → mappings → reply → finalize.
    fn after(&mut self, rule: &Rule, decided: &mut Decided) -> Sent {
        self.admit(rule)?;
        // [Completion and subscription]: it "has nothing to decide by".
        if !self.verb.has_value() {
            return Err(Denial::Withheld);
        }
        let result = self.run(self.arguments.clone());
        let sight = match &result {
            Returned::Value(value) => Sight {
                value: seen(self.component, self.verb, value),
                error: Value::Null,
            },
            Returned::Failure(Failure { code, message, .. }) => Sight {
                value: Value::Null,
                error: match code {
                    Some(code) => json!({"code": code, "message": message}),
                    None => json!(message),
                },
            },
        };
        let bundle = self.decide(rule, Some(&sight), decided)?;
        self.send(&bundle, result)
    }

    /// [Scopes]: "a check before the decision point is asked".
    fn admit(&self, rule: &Rule) -> Result<(), Denial> {
        match rule.lacks_scopes(self.world) {
            true => Err(Denial::LackingScopes),
            false => Ok(()),
        }
    }

    /// Subscription → decision → on-decision handlers.
    fn decide<'r>(
        &mut self,
        rule: &'r Rule,
        sight: Option<&Sight>,
        decided: &mut Decided,
    ) -> Result<Bundle<'r>, Denial> {
        self.admit(rule)?;
        // [Rules]: "`None`, `Err` and a panic deny".
        if rule.faulty.is_some() {
            return Err(Denial::Denied);
        }
        let question = self.question(rule, sight);
        self.effects.push(format!("decide {question}"));
        let Some(decision) = self.answer(rule) else {
            decided.verdict = Some(Verdict::Indeterminate);
            return Err(Denial::Denied);
        };
        decided.verdict = Some(decision.verdict);
        // "runnable: when the decision arrives, also for denials".
        let bundle = match decision.verdict {
            Verdict::Permit => resolve(decision, rule.point),
            _ => Err(constraints::Denied),
        };
        let Ok(bundle) = bundle else {
            let _ = resolve_denied(decision).on_decision(&mut self.effects);
            return Err(Denial::Denied);
        };
        bundle.on_decision(&mut self.effects)?;
        Ok(bundle)
    }

    /// The decision, unless there is none: nobody answers in time or without a panic, or the request was cancelled while
    /// the decision was pending.
    fn answer<'r>(&mut self, rule: &'r Rule) -> Option<&'r Decision> {
        if self.world.cancelled == Some(rule.moment()) {
            self.cancelled = true;
            return None;
        }
        match &rule.answer {
            Answer::Now(decision) => Some(decision),
            Answer::Later(decision) => (!self.cancelled).then_some(decision),
            Answer::Never | Answer::Panic | Answer::PanicLater | Answer::Missing => None,
        }
    }

    /// The component runs. Its request may be cancelled meanwhile; it comes to its end all the same.
    fn run(&mut self, arguments: Arguments) -> Returned {
        let component = self.component;
        self.effects
            .push(format!("component {}", component.named_by(self.verb)));
        if !self.verb.has_value() {
            // The server itself answers, and not the component.
            return Returned::Value(Returns::OfServer);
        }
        if matches!(component.kind, Kind::Tool | Kind::Prompt) {
            self.effects.push(format!("with {}", json!(arguments)));
        }
        self.cancelled |= self.world.cancelled == Some(Moment::Running);
        match returned(component) {
            Returned::Value(Returns::Parts(parts)) => self.left_of(&parts),
            other => other,
        }
    }

    /// What nobody but the component has seen more of: a result without links to what the caller may not know of.
    fn left_of(&mut self, parts: &[Part]) -> Returned {
        let Left {
            mut parts,
            in_question,
            cancelled,
        } = links::left(
            self.world,
            self.component,
            parts,
            self.cancelled,
            &mut self.effects,
        );
        self.cancelled = cancelled;
        self.is_personal |= in_question;
        Returned::Value(match parts.as_mut_slice() {
            [Part::Text(text)] => Returns::Text(std::mem::take(text)),
            _ => Returns::Parts(parts),
        })
    }

    /// A result that no handler has to do with.
    fn unchanged(&self, result: Returned) -> Reply {
        match result {
            Returned::Value(value) => untouched(self.component, self.verb, &value),
            Returned::Failure(failure) => failed(self.component, failure),
        }
    }

    /// Replacement → filters → consumers → mappings for a value, error handlers → error mappings for a failure.
    fn send(&mut self, bundle: &Bundle<'_>, result: Returned) -> Sent {
        let ended = ended(&result);
        let reply = match result {
            Returned::Value(value) => {
                if !bundle.looks_at_values() {
                    return Ok((untouched(self.component, self.verb, &value), ended));
                }
                let seen = seen(self.component, self.verb, &value);
                let (output, changed) = bundle.output(seen, &mut self.effects)?;
                match changed || bundle.has_output_obligation() {
                    true => {
                        rebuilt(self.component, self.verb, &value, &output).map_err(|Unfit| Denial::Denied)?
                    }
                    false => untouched(self.component, self.verb, &value),
                }
            }
            Returned::Failure(failure) => {
                let (mut failure, made_by_obligation) = bundle.failure(failure, &mut self.effects)?;
                // "If the decision has an obligation on the output, the failure's text and data are dropped, unless an
                // error mapping of an obligation made them."
                if bundle.has_output_obligation() && !made_by_obligation {
                    failure.message = "The operation failed".to_owned();
                    failure.data = None;
                }
                failed(self.component, failure)
            }
        };
        Ok((reply, ended))
    }

    /// The reply, the audit record and the finalize function.
    fn end(&mut self, rule: &Rule, decided: &Decided, sent: Sent) -> Reply {
        let is_denied = sent.is_err();
        let (reply, ended) = sent.unwrap_or_else(|denial| {
            let (component, verb) = (self.component, self.verb);
            let reply = match (rule.hides(), denial) {
                (true, _) => not_found(component.kind, verb, &component.named_by(verb)),
                (false, Denial::Denied) => denied(component.kind, verb),
                (false, Denial::Withheld) => withheld(component, verb),
                (false, Denial::LackingScopes) => lacking_scopes(self.world, component, verb),
            };
            (reply, Ended::Denied)
        });
        let outcome = if self.cancelled { Ended::Cancelled } else { ended };
        let effective = self.record(rule, decided, outcome, is_denied);
        // [Rules]: finalize "runs once at the end, whatever the outcome", and what it does changes nothing.
        if let (Some(Ends::Well | Ends::ByPanic), false) = (rule.finalize, rule.is_gate()) {
            let (decision, outcome) = (effective.as_str(), outcome.as_str());
            self.effects.push(format!("finalize {decision} {outcome}"));
        }
        reply
    }

    /// Leaves a record, and gives the decision as it was enforced: a PERMIT that came to nothing is a DENY.
    fn record(&mut self, rule: &Rule, decided: &Decided, outcome: Ended, is_denied: bool) -> Verdict {
        let effective = match decided.verdict {
            None => Verdict::Deny,
            Some(Verdict::Permit) if is_denied => Verdict::Deny,
            Some(verdict) => verdict,
        };
        self.records.push(Record {
            name: name(self.component).to_owned(),
            gate: rule.is_gate(),
            decision: decided.verdict,
            effective,
            outcome,
            has_reason: is_denied,
            stealth: rule.hides(),
        });
        effective
    }

    /// A request that is refused without a decision.
    fn refused(&mut self, hidden: bool) -> Reply {
        let Component { kind, .. } = self.component;
        let used_by = self.component.named_by(self.verb);
        self.records.push(Record {
            name: used_by.clone(),
            gate: false,
            decision: None,
            effective: Verdict::Deny,
            outcome: Ended::Denied,
            has_reason: true,
            stealth: hidden,
        });
        match hidden {
            true => not_found(*kind, self.verb, &used_by),
            false => denied(*kind, self.verb),
        }
    }

    fn question(&self, rule: &Rule, sight: Option<&Sight>) -> Value {
        let by_uri = self.component.kind == Kind::Resource || self.verb != Verb::Complete;
        let arguments = self.arguments.as_ref();
        let mut question = subscription(self.world, self.component, rule, arguments, by_uri);
        if rule.shows_value {
            let (value, error) = sight.map_or_else(Default::default, |sight| {
                (sight.value.clone(), sight.error.clone())
            });
            question["resource"] = json!({"name": name(self.component), "value": value, "error": error});
        }
        question
    }

    fn is_ruled(&self) -> bool {
        !self.component.rules.are_none() || self.world.unannotated == Unannotated::AskPdp
    }
}

fn ended(result: &Returned) -> Ended {
    match result {
        Returned::Value(_) => Ended::Completed,
        Returned::Failure(_) => Ended::Failed,
    }
}
