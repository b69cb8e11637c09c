//! Random worlds and requests.

pub(crate) mod content;
pub(crate) mod parts;

use proptest::{
    collection::vec,
    option,
    prelude::{BoxedStrategy, Just, Strategy, any, prop_oneof},
    sample::{Index, select},
};
use serde_json::{Map, Value, json};

use crate::model::{
    Answer, Component, Constraint, Decision, Does, Ends, Fault, Field, Kind, Listing, Moment, Point,
    Provider, Request, Returns, Rule, Rules, Unannotated, Verdict, World,
};

/// A world and what it is asked, one after the other.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) world: World,
    pub(crate) requests: Vec<Request>,
}

/// Any case. Some are about links and nothing else, since it takes several components to have one that matters.
pub(crate) fn case() -> BoxedStrategy<Case> {
    let any_case = (world(), vec(request(), 1..4)).prop_map(|(world, requests)| {
        let requests = requests.into_iter().map(|request| request.of(&world)).collect();
        Case { world, requests }
    });
    prop_oneof![7 => any_case, 1 => parts::case()].boxed()
}

/// A request, before it is known what there is.
#[derive(Clone, Debug)]
enum Wanted {
    Use(Index, Option<Map<String, Value>>),
    Complete(Index, Option<Map<String, Value>>),
    Subscribe(Index),
    Unknown(Kind),
    List(Kind, Option<Index>),
}

impl Wanted {
    fn of(self, world: &World) -> Request {
        match self {
            Self::Use(index, arguments) => Request::Use {
                component: index.index(world.components.len()),
                arguments,
            },
            Self::Complete(index, arguments) => {
                let component = index.index(world.components.len());
                match world.components[component].kind {
                    Kind::Tool => Request::Use { component, arguments },
                    _ => Request::Complete { component, arguments },
                }
            }
            Self::Subscribe(index) => {
                let component = index.index(world.components.len());
                match world.components[component].kind {
                    Kind::Resource | Kind::Template => Request::Subscribe { component },
                    _ => Request::Use {
                        component,
                        arguments: None,
                    },
                }
            }
            Self::Unknown(kind) => Request::UseUnknown(kind),
            Self::List(kind, from) => Request::List {
                kind,
                from: from.map(|from| from.index(world.of_kind(kind).count() + 1)),
            },
        }
    }
}

fn request() -> BoxedStrategy<Wanted> {
    prop_oneof![
        8 => (any::<Index>(), option::weighted(0.8, arguments())).prop_map(|(index, arguments)| Wanted::Use(index, arguments)),
        3 => (any::<Index>(), option::weighted(0.8, arguments())).prop_map(|(index, arguments)| Wanted::Complete(index, arguments)),
        2 => any::<Index>().prop_map(Wanted::Subscribe),
        1 => kind().prop_map(Wanted::Unknown),
        3 => (kind(), option::weighted(0.2, any::<Index>())).prop_map(|(kind, from)| Wanted::List(kind, from)),
    ]
    .boxed()
}

/// Arguments. Those of prompts are texts, and nothing else is sent to a prompt.
fn arguments() -> BoxedStrategy<Map<String, Value>> {
    vec((select(vec!["a", "b", "o0"]), select(vec!["x", "SECRET"])), 0..3)
        .prop_map(|pairs| {
            let pairs = pairs.into_iter();
            pairs
                .map(|(name, value)| (name.to_owned(), json!(value)))
                .collect()
        })
        .boxed()
}

/// Any kind.
pub(crate) fn kind() -> BoxedStrategy<Kind> {
    select(Kind::ALL.to_vec()).boxed()
}

fn world() -> BoxedStrategy<World> {
    let any_component = prop_oneof![4 => component(), 1 => content::component()];
    let unannotated = prop_oneof![
        6 => Just(Unannotated::Pass),
        1 => Just(Unannotated::AskPdp),
        1 => Just(Unannotated::Deny),
    ];
    let cancelled = prop_oneof![
        8 => Just(None),
        1 => Just(Some(Moment::DecidingGate)),
        1 => Just(Some(Moment::DecidingEnforcement)),
        1 => Just(Some(Moment::Running)),
    ];
    (
        vec(any_component, 1..6),
        unannotated,
        answer(),
        proptest::bool::weighted(0.9),
        select(vec![1, 2, 100]),
        cancelled,
    )
        .prop_map(
            |(components, unannotated, answer_without_rule, enforces_listing, page, cancelled)| World {
                unannotated,
                answer_without_rule,
                enforces_listing,
                page,
                cancelled,
                ..World::of(connected(components))
            },
        )
        .boxed()
}

/// The components of a server, with names, and with links to each other.
fn connected(components: Vec<Component>) -> Vec<Component> {
    let components = components.into_iter().enumerate();
    let mut components: Vec<Component> = components
        .map(|(index, component)| named(component, &index.to_string()))
        .collect();
    let resources = components.iter().filter(|component| component.kind.is_resource());
    let mut uris: Vec<String> = resources.map(Component::used_by).collect();
    uris.push("urn:unknown".to_owned());
    for component in &mut components {
        parts::link(component, |place| uris.get(place % uris.len()).cloned());
    }
    components
}

/// Gives a component a name of which this is a part.
pub(crate) fn named(mut component: Component, part: &str) -> Component {
    component.name = match component.kind {
        Kind::Tool => format!("tool-{part}"),
        Kind::Prompt => format!("prompt-{part}"),
        Kind::Resource => format!("data://resource/{part}"),
        Kind::Template => format!("data://template-{part}/{{id}}"),
    };
    component
}

fn component() -> BoxedStrategy<Component> {
    kind().prop_flat_map(component_of).boxed()
}

/// A component of this kind, without a name.
pub(crate) fn component_of(kind: Kind) -> BoxedStrategy<Component> {
    (rules(), any::<bool>(), any::<bool>(), returns(kind))
        .prop_map(move |(rules, wraps, says_more, returns)| Component {
            kind,
            name: String::new(),
            rules,
            wraps: wraps && kind == Kind::Tool,
            says_more,
            returns,
        })
        .boxed()
}

/// What a component of this kind gives.
pub(crate) fn returns(kind: Kind) -> BoxedStrategy<Returns> {
    let text = select(vec!["text", "SECRET", r#"{"a": 1}"#, "[1, 2]", "5", ""]);
    let text = text.prop_map(|text| Returns::Text(text.to_owned()));
    let error =
        (select(vec![-32050, -32603, -32602]), option::of(value())).prop_map(|(code, data)| Returns::Err {
            code,
            message: "a SECRET error".to_owned(),
            data,
        });
    let is_error = Just(Returns::IsError("a SECRET failure".to_owned()));
    let json = prop_oneof![value(), content::content()].prop_map(Returns::Json);
    let (is_tool, is_prompt) = (kind == Kind::Tool, kind == Kind::Prompt);
    prop_oneof![
        if is_prompt { 0 } else { 8 } => json,
        4 => text,
        2 => error,
        if is_tool { 2 } else { 0 } => is_error,
        5 => parts::parts(kind),
        1 => Just(Returns::Panic),
    ]
    .boxed()
}

/// Values, few enough that handlers meet those that they are about.
pub(crate) fn value() -> BoxedStrategy<Value> {
    select(vec![
        json!("x"),
        json!("SECRET"),
        json!(1),
        json!(null),
        json!([]),
        json!(["x", "SECRET", "y", "SECRET"]),
        json!([1, "x"]),
        json!({"a": 1, "b": "SECRET"}),
        json!([{"a": 1}, {"b": "SECRET"}]),
        json!({"type": "text", "text": "SECRET"}),
        json!([{"type": "text", "text": "y"}]),
    ])
    .boxed()
}

fn rules() -> BoxedStrategy<Rules> {
    prop_oneof![
        2 => Just(Rules::default()),
        1 => Just(Rules { broken: true, ..Rules::default() }),
        2 => gate().prop_map(|gate| Rules { gate: Some(gate), ..Rules::default() }),
        8 => enforcement().prop_map(|rule| Rules { enforcement: Some(rule), ..Rules::default() }),
        3 => (gate(), enforcement()).prop_map(|(gate, rule)| Rules {
            gate: Some(gate),
            enforcement: Some(rule),
            broken: false,
        }),
    ]
    .boxed()
}

fn gate() -> BoxedStrategy<Rule> {
    (answer(), faulty(), scopes(), any::<bool>())
        .prop_map(|(answer, faulty, scopes, by_builder)| Rule {
            faulty,
            scopes,
            by_builder,
            ..Rule::at(Point::Gate, answer)
        })
        .boxed()
}

fn enforcement() -> BoxedStrategy<Rule> {
    let listing =
        prop_oneof![6 => Just(None), 1 => Just(Some(Listing::Shown)), 1 => Just(Some(Listing::Hidden))];
    let finalize = prop_oneof![2 => Just(None), 3 => Just(Some(Ends::Well)), 1 => Just(Some(Ends::ByPanic))];
    (
        select(vec![Point::Pre, Point::Post]),
        answer(),
        (any::<bool>(), scopes()),
        listing,
        finalize,
        faulty(),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(
            |(point, answer, (stealth, scopes), listing, finalize, faulty, shows_value, by_builder)| Rule {
                stealth,
                scopes,
                listing,
                finalize,
                // A rule has one function for its resource.
                shows_value: shows_value && !matches!(faulty, Some((Field::Resource, _))),
                faulty,
                by_builder,
                ..Rule::at(point, answer)
            },
        )
        .boxed()
}

fn faulty() -> BoxedStrategy<Option<(Field, Fault)>> {
    let fields = vec![
        Field::Subject,
        Field::Action,
        Field::Resource,
        Field::Environment,
        Field::Secrets,
    ];
    let faults = vec![Fault::None, Fault::Err, Fault::Panic];
    option::weighted(0.05, (select(fields), select(faults))).boxed()
}

/// The scopes of a rule: none, one that all tokens grant, or also one that none does.
fn scopes() -> BoxedStrategy<Vec<&'static str>> {
    prop_oneof![
        14 => Just(Vec::new()),
        2 => Just(vec!["mcp"]),
        1 => Just(vec!["admin"]),
        1 => Just(vec!["admin", "mcp"]),
    ]
    .boxed()
}

/// Any answer of the decision point.
pub(crate) fn answer() -> BoxedStrategy<Answer> {
    prop_oneof![
        12 => decision().prop_map(Answer::Now),
        4 => decision().prop_map(Answer::Later),
        1 => Just(Answer::Never),
        1 => Just(Answer::Panic),
        1 => Just(Answer::PanicLater),
        1 => Just(Answer::Missing),
    ]
    .boxed()
}

/// Any decision.
pub(crate) fn decision() -> BoxedStrategy<Decision> {
    let verdict = prop_oneof![
        10 => Just(Verdict::Permit),
        4 => select(Verdict::ALL.to_vec()),
    ];
    (
        verdict,
        vec(constraint(), 0..4),
        vec(constraint(), 0..3),
        option::weighted(0.1, value()),
    )
        .prop_map(|(verdict, obligations, advice, resource)| {
            let decision = Decision {
                verdict,
                obligations,
                advice,
                resource,
            };
            decision.numbered()
        })
        .boxed()
}

fn constraint() -> BoxedStrategy<Constraint> {
    let providers = Provider::ALL.into_iter();
    let (built_in, told): (Vec<_>, Vec<_>) = providers.partition(|provider| provider.is_built_in());
    let handler = move || {
        prop_oneof![
            4 => (select(told.clone()), does()),
            1 => select(built_in.clone())
                .prop_flat_map(|provider| content::does(provider).prop_map(move |does| (provider, does))),
        ]
    };
    let handlers = prop_oneof![
        1 => Just(Vec::new()),
        16 => handler().prop_map(|handler| vec![handler]),
        4 => vec(handler(), 2..4),
    ];
    handlers
        .prop_map(|mut handlers| {
            handlers.sort_by_key(|(provider, _)| *provider);
            handlers.dedup_by_key(|(provider, _)| *provider);
            // A constraint has one type.
            if handlers
                .iter()
                .any(|(provider, _)| *provider == Provider::ContentPredicate)
            {
                handlers.retain(|(provider, _)| *provider != Provider::ContentFilter);
            }
            Constraint {
                id: String::new(),
                handlers,
            }
        })
        .boxed()
}

fn does() -> BoxedStrategy<Does> {
    prop_oneof![
        20 => Just(Does::Nothing),
        20 => value().prop_map(Does::Change),
        2 => Just(Does::Fail),
        2 => Just(Does::Panic),
        1 => Just(Does::FailToMake),
        1 => Just(Does::PanicInMaking),
        1 => Just(Does::PanicWhenAsked),
    ]
    .boxed()
}
