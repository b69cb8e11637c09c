//! The cells: something goes wrong somewhere under some rule.

use serde_json::{Map, Value, json};

use super::trouble::Trouble;
use crate::model::{Component, Ends, Kind, Point, Request, Returns, Rules, World};

/// A word in everything that a component gives.
pub(super) const CONTENT: &str = "SECRET";

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Surface {
    Use(Kind),
    Complete(Kind),
    Subscribe(Kind),
    Directory(Kind),
    List(Kind),
    /// A tool's definition, for the transport.
    LookUp,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Cell {
    pub(super) surface: Surface,
    pub(super) trouble: Trouble,
    pub(super) point: Point,
    pub(super) stealth: bool,
}

/// Why a combination makes no sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum NotApplicable {
    /// A gate can't be stealth: it hides anyway, and the layer's builder refuses it.
    StealthyGate,
    /// A look-up decides nothing and runs nothing.
    NobodyIsAsked,
    /// No component runs for a list, a completion or a subscription, so that the request can't be cancelled while one does.
    NothingRuns,
    /// Nor can one fail, so that no handler is asked about it.
    NothingFails,
    /// A marker that is none says nothing about its rule, so that there are no different ones.
    NoRuleBehindTheMarker,
}

impl Surface {
    fn all() -> Vec<Self> {
        let mut all: Vec<Self> = Kind::ALL.into_iter().map(Self::Use).collect();
        all.extend([Kind::Prompt, Kind::Resource, Kind::Template].map(Self::Complete));
        all.extend([Kind::Resource, Kind::Template].map(Self::Subscribe));
        all.extend([Kind::Resource, Kind::Template].map(Self::Directory));
        all.extend(Kind::ALL.map(Self::List));
        all.push(Self::LookUp);
        all
    }

    pub(super) fn is_list(self) -> bool {
        matches!(self, Self::List(_))
    }

    /// Whether the server itself answers, and not the component.
    fn is_of_server(self) -> bool {
        self.has_no_value() || matches!(self, Self::Directory(_))
    }

    /// Whether there is nothing that could be held to the decision.
    fn has_no_value(self) -> bool {
        matches!(self, Self::Complete(_) | Self::Subscribe(_))
    }

    fn kind(self) -> Kind {
        match self {
            Self::Use(kind)
            | Self::Complete(kind)
            | Self::Subscribe(kind)
            | Self::Directory(kind)
            | Self::List(kind) => kind,
            Self::LookUp => Kind::Tool,
        }
    }
}

impl Cell {
    /// All combinations, whether they make sense or not.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        Surface::all().into_iter().flat_map(|surface| {
            Trouble::all().into_iter().flat_map(move |trouble| {
                [Point::Pre, Point::Post, Point::Gate]
                    .into_iter()
                    .flat_map(move |point| {
                        [false, true].map(|stealth| Self {
                            surface,
                            trouble,
                            point,
                            stealth,
                        })
                    })
            })
        })
    }

    pub(super) fn not_applicable(self) -> Option<NotApplicable> {
        let is_plain = self.point == Point::Pre && !self.stealth;
        let is_of_definitions = matches!(self.trouble, Trouble::Permitted | Trouble::Marker);
        if self.point == Point::Gate && self.stealth {
            Some(NotApplicable::StealthyGate)
        } else if self.trouble == Trouble::Marker && !is_plain {
            Some(NotApplicable::NoRuleBehindTheMarker)
        } else if self.surface == Surface::LookUp && !is_of_definitions {
            Some(NotApplicable::NobodyIsAsked)
        } else if (self.surface.is_list() || self.surface.is_of_server())
            && self.trouble == Trouble::CancelledRunning
        {
            Some(NotApplicable::NothingRuns)
        } else if self.surface.is_of_server() && self.trouble.needs_failure() {
            Some(NotApplicable::NothingFails)
        } else {
            None
        }
    }

    pub(super) fn world(self) -> World {
        let mut rule = self.trouble.rule(self.point);
        rule.stealth = self.stealth;
        if self.point != Point::Gate {
            rule.finalize = Some(Ends::Well);
        }
        let kind = self.surface.kind();
        let broken = self.trouble == Trouble::Marker;
        let mut rules = Rules {
            broken,
            ..Rules::default()
        };
        match self.point {
            _ if broken => {}
            Point::Gate => rules.gate = Some(rule),
            Point::Pre | Point::Post => rules.enforcement = Some(rule),
        }
        let component = Component {
            kind,
            name: match kind {
                Kind::Tool | Kind::Prompt => "vault".to_owned(),
                Kind::Resource => "data://vault".to_owned(),
                Kind::Template => "data://vault/{id}".to_owned(),
            },
            rules,
            returns: match (self.trouble.needs_failure(), kind) {
                (true, _) => Returns::Err {
                    code: -32050,
                    message: format!("no {CONTENT}"),
                    data: Some(json!({CONTENT: CONTENT})),
                },
                (false, Kind::Prompt) => Returns::Text(format!("the {CONTENT}")),
                (false, _) => Returns::Json(json!({"word": CONTENT})),
            },
            wraps: false,
            says_more: true,
        };
        World {
            cancelled: self.trouble.moment(self.point),
            ..World::of(vec![component])
        }
    }

    pub(super) fn request(self) -> Request {
        let arguments = Some(Map::from_iter([("a".to_owned(), Value::from("x"))]));
        match self.surface {
            Surface::Use(_) | Surface::LookUp => Request::Use {
                component: 0,
                arguments,
            },
            Surface::Complete(_) => Request::Complete {
                component: 0,
                arguments,
            },
            Surface::Subscribe(_) => Request::Subscribe { component: 0 },
            Surface::Directory(_) => Request::Directory { component: 0 },
            Surface::List(kind) => Request::List { kind, from: None },
        }
    }

    /// Whether the caller gets the content. There is none to be decided by in a completion or a subscription.
    pub(super) fn grants(self) -> bool {
        let decides = !(self.surface.has_no_value() && self.point == Point::Post);
        decides && self.trouble.grants()
    }

    /// What is among the bytes of an answer that gives the caller what he has asked for, and of no other.
    pub(super) fn content(self) -> &'static str {
        match self.surface {
            Surface::Complete(_) => "-completed",
            Surface::Subscribe(_) => r#""result":{}"#,
            Surface::Directory(_) => r#""resources":["#,
            Surface::Use(_) | Surface::List(_) | Surface::LookUp => CONTENT,
        }
    }

    /// Whether the component is in the list, or can be looked up.
    pub(super) fn shows(self) -> bool {
        let hides = self.stealth || self.point == Point::Gate;
        match self.surface {
            Surface::LookUp => !hides && self.trouble != Trouble::Marker,
            _ if self.trouble == Trouble::Marker => false,
            _ => !hides || self.trouble.shows(self.point),
        }
    }

    /// How often the finalize function runs.
    pub(super) fn finalizes(self) -> usize {
        let is_use = matches!(self.surface, Surface::Use(_)) || self.surface.is_of_server();
        let has_one = self.point != Point::Gate && self.trouble != Trouble::Marker;
        usize::from(is_use && has_one)
    }
}
