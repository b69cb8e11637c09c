//! What a reply amounts to.

use rmcp::model::{CallToolResult, ContentBlock, ErrorData, ResourceContents};
use sapl_mcp::ACCESS_DENIED;
use serde_json::{Map, Value};

use super::{Client, Outcome, Reply};
use crate::analytics::{
    Received, Request, Run,
    expected::{DECIDED_AFTERWARDS, masked_card, plain_card},
};

/// The text of a denial.
const DENIED: &str = "Access denied";

/// Names that no component has.
const ABSENT_TOOL: &str = "no_such_tool";
const ABSENT_RESOURCE: &str = "data://no/such/resource";
const ABSENT_PROMPT: &str = "no_such_prompt";

/// Knows how the server answers a user who asks for what does not exist.
pub(super) struct Judge<'a> {
    tool: String,
    resource: String,
    prompt: String,
    received: Option<&'a Received>,
}

impl<'a> Judge<'a> {
    /// Asks for a tool, a resource and a prompt that do not exist.
    pub(super) async fn new(client: &Client, received: Option<&'a Received>) -> Self {
        let tool = Request::Tool {
            name: ABSENT_TOOL,
            arguments: Map::new(),
        };
        let resource = Request::Resource { uri: ABSENT_RESOURCE };
        let prompt = Request::Prompt { name: ABSENT_PROMPT };
        let judge = Self {
            tool: without_name(&client.ask(&tool).await, ABSENT_TOOL),
            resource: without_name(&client.ask(&resource).await, ABSENT_RESOURCE),
            prompt: without_name(&client.ask(&prompt).await, ABSENT_PROMPT),
            received,
        };
        judge.runs();
        judge
    }

    /// What came of the request, where `reply` is the last thing that the server answered.
    pub(super) fn outcome(&self, request: &Request, reply: Reply) -> Outcome {
        let outcome = match (request, reply) {
            (_, Reply::Broken(what)) => Outcome::Other(what),
            (Request::Tool { name, arguments }, Reply::Tool(result)) => tool(name, arguments, &result),
            (Request::Resource { uri }, Reply::Resource(result)) => resource(uri, &result.contents),
            (Request::Prompt { .. }, Reply::Prompt(result)) if !result.messages.is_empty() => Outcome::Ok,
            (_, Reply::List(names)) => Outcome::listed(names),
            (_, Reply::Error(error)) => self.refusal(request, error),
            (_, reply) => Outcome::Other(format!("an answer of another kind: {reply:?}")),
        };
        match self.contradiction(request, &outcome) {
            Some(contradiction) => Outcome::Other(contradiction),
            None => outcome,
        }
    }

    fn refusal(&self, request: &Request, error: ErrorData) -> Outcome {
        if error.code == ACCESS_DENIED && error.message == DENIED && error.data.is_none() {
            return Outcome::Denied;
        }
        let (name, absent) = match request {
            Request::Tool { name, .. } => (*name, &self.tool),
            Request::Resource { uri } => (*uri, &self.resource),
            Request::Prompt { name } => (*name, &self.prompt),
            _ => return Outcome::Other(error.to_string()),
        };
        let reply = Reply::Error(error);
        if without_name(&reply, name) == *absent {
            Outcome::NotFound
        } else {
            Outcome::Other(format!(
                "neither a denial nor the answer for an unknown name: {reply:?}"
            ))
        }
    }

    /// What the component received, where that is known and does not fit the outcome.
    fn contradiction(&self, request: &Request, outcome: &Outcome) -> Option<String> {
        self.received?;
        let component = match request {
            Request::Tool { name, .. } | Request::Prompt { name } => *name,
            Request::Resource { uri } => *uri,
            _ => return None,
        };
        let runs = self.runs();
        let runs_although_refused = component == DECIDED_AFTERWARDS && outcome.is_refusal();
        let may_run = runs_although_refused || !(outcome.is_refusal() || *outcome == Outcome::BadArguments);
        match (runs.as_slice(), outcome) {
            ([], _) if may_run => Some("it has a result and did not run".to_owned()),
            ([], _) => None,
            ([run], Outcome::Limit(limit)) if run.arguments.get("limit") != Some(&(*limit).into()) => {
                Some(format!("it received {}, and says limit {limit}", run.arguments))
            }
            ([run], _) if may_run && run.component == component => None,
            _ => Some(format!("{outcome}, and it ran: {runs:?}")),
        }
    }

    fn runs(&self) -> Vec<Run> {
        self.received.map(Received::take).unwrap_or_default()
    }
}

fn tool(name: &str, arguments: &Map<String, Value>, result: &CallToolResult) -> Outcome {
    let text = match result.content.as_slice() {
        [ContentBlock::Text(block)] => block.text.as_str(),
        other => return Outcome::Other(format!("not one text: {other:?}")),
    };
    let Some(value) = &result.structured_content else {
        return match text {
            DENIED if result.is_error == Some(true) => Outcome::Denied,
            _ if text.starts_with("failed to deserialize parameters") => Outcome::BadArguments,
            _ => Outcome::Other(format!("no structured content: {text}")),
        };
    };
    if result.is_error == Some(true) {
        return Outcome::Other(format!("failed with {text}"));
    }
    if serde_json::from_str(text).ok().as_ref() != Some(value) {
        return Outcome::Other(format!("the text is {text}, the structured content {value}"));
    }
    match name {
        "query_customer_data" => match value["limit"].as_u64() {
            Some(limit) => Outcome::Limit(limit),
            None => Outcome::Other(format!("without its limit: {value}")),
        },
        "list_data_exports" => match value["result"].as_array() {
            Some(exports) => Outcome::items(exports.iter().map(|it| it["export_id"].as_str().unwrap_or("?"))),
            None => Outcome::Other(format!("no list: {value}")),
        },
        "customer_card" if *value == plain_card() => Outcome::Plain,
        "customer_card" if *value == masked_card() => Outcome::Masked,
        "customer_card" => Outcome::Other(format!("neither plain nor masked: {value}")),
        _ if arguments.iter().all(|(name, argument)| value[name] == *argument) => Outcome::Ok,
        _ => Outcome::Other(format!("it does not repeat its arguments: {value}")),
    }
}

fn resource(uri: &str, contents: &[ResourceContents]) -> Outcome {
    match contents {
        [ResourceContents::TextResourceContents { uri: of, text, .. }] if of == uri && !text.is_empty() => {
            Outcome::Ok
        }
        other => Outcome::Other(format!("not one text of this resource: {other:?}")),
    }
}

/// The reply as text, with the name that was asked for taken out: what is left has to be the same for all names that
/// do not exist.
fn without_name(reply: &Reply, name: &str) -> String {
    format!("{reply:?}").replace(name, "<name>")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn judge(received: &Received) -> Judge<'_> {
        let absent = |name: &str| {
            without_name(
                &Reply::Error(ErrorData::invalid_params(format!("{name} not found"), None)),
                name,
            )
        };
        Judge {
            tool: absent("x"),
            resource: absent("y"),
            prompt: absent("z"),
            received: Some(received),
        }
    }

    fn query(limit: u64) -> (Request, Reply) {
        let request = Request::Tool {
            name: "query_customer_data",
            arguments: Map::new(),
        };
        (
            request,
            Reply::Tool(CallToolResult::structured(json!({"limit": limit}))),
        )
    }

    #[test]
    fn an_answer_that_differs_from_the_one_for_an_unknown_name_is_not_notfound() {
        let received = Received::default();
        let prompt = Request::Prompt { name: "report" };
        let error = |message: &str, data| Reply::Error(ErrorData::invalid_params(message.to_owned(), data));
        let outcome = |reply| judge(&received).outcome(&prompt, reply);
        assert_eq!(outcome(error("report not found", None)), Outcome::NotFound);
        assert!(matches!(
            outcome(error("report not found", Some(json!({})))),
            Outcome::Other(_)
        ));
        assert!(matches!(
            outcome(error("report is not found", None)),
            Outcome::Other(_)
        ));
    }

    #[test]
    fn a_tool_that_received_another_limit_than_it_says_is_found_out() {
        let received = Received::default();
        received.note("query_customer_data", &json!({"limit": 5}));
        let (request, reply) = query(5);
        assert_eq!(judge(&received).outcome(&request, reply), Outcome::Limit(5));
        received.note("query_customer_data", &json!({"limit": 100}));
        let (request, reply) = query(5);
        assert!(matches!(
            judge(&received).outcome(&request, reply),
            Outcome::Other(_)
        ));
    }

    #[test]
    fn a_tool_that_ran_before_it_was_denied_is_found_out() {
        let received = Received::default();
        let denied = || Reply::Tool(CallToolResult::error(vec![ContentBlock::text(DENIED)]));
        let call = |name| Request::Tool {
            name,
            arguments: Map::new(),
        };
        assert_eq!(
            judge(&received).outcome(&call("export_csv"), denied()),
            Outcome::Denied
        );
        received.note("export_csv", &());
        assert!(matches!(
            judge(&received).outcome(&call("export_csv"), denied()),
            Outcome::Other(_)
        ));
        received.note(DECIDED_AFTERWARDS, &());
        assert_eq!(
            judge(&received).outcome(&call(DECIDED_AFTERWARDS), denied()),
            Outcome::Denied
        );
    }
}
