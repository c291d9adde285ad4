//! The way of a request: recognised, allowed, perhaps struck by a fault, answered, logged.

use std::time::Instant;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, USER_AGENT};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use bytes::Bytes;
use jiff::Timestamp;

use super::super::auth::{Attributes, User, decide};
use super::super::error::ApiError;
use super::super::kind::Kind;
use super::answer::{Answer, refuse};
use super::locate::{Located, Place, locate};
use super::query::Query;
use super::requests::{LoggedRequest, RequestLog};
use super::server::Api;
use super::{
    body, create, delete, discovery, list, logs, portforward, review, scale, update, watch,
};

pub(super) fn router(api: Api) -> Router {
    Router::new().fallback(handle).with_state(api)
}

/// One request, taken apart.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) parts: Parts,
    pub(super) query: Query,
    pub(super) user: User,
    pub(super) body: Bytes,
}

impl Call {
    pub(super) fn headers(&self) -> &HeaderMap {
        &self.parts.headers
    }

    /// The field manager: as the client says, or the first word of its user agent.
    pub(super) fn manager(&self) -> String {
        let named = self.query.get("fieldManager");
        let agent = header(self.headers(), USER_AGENT.as_str());
        let own = agent.split('/').next().unwrap_or_default();
        match (named, own) {
            ("", "") => "unknown".to_owned(),
            ("", own) => own.to_owned(),
            (named, _) => named.to_owned(),
        }
    }
}

pub(super) fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// Writes the log entry, also when the client goes before there is an answer.
struct Pending {
    log: RequestLog,
    started: Instant,
    entry: LoggedRequest,
}

impl Drop for Pending {
    fn drop(&mut self) {
        self.entry.took = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.log.record(self.entry.clone());
    }
}

async fn handle(State(api): State<Api>, request: Request) -> Answer {
    let entry = LoggedRequest {
        at: Timestamp::now(),
        method: request.method().to_string(),
        uri: request.uri().to_string(),
        user: String::new(),
        verb: String::new(),
        code: 0,
        took: 0,
        agent: header(request.headers(), USER_AGENT.as_str()).to_owned(),
    };
    let mut pending = Pending { log: api.requests.clone(), started: Instant::now(), entry };
    let answer =
        answer(&api, request, &mut pending.entry).await.unwrap_or_else(|error| refuse(&error));
    pending.entry.code = answer.status().as_u16();
    answer
}

async fn answer(
    api: &Api,
    request: Request,
    entry: &mut LoggedRequest,
) -> Result<Answer, ApiError> {
    let (parts, body) = request.into_parts();
    let user = authenticate(api, &parts.headers)?;
    entry.user.clone_from(&user.name);
    let query = Query::of(&parts.uri)?;
    let path = parts.uri.path().to_owned();
    match locate(&parts.method, &path, &query) {
        Located::Plain => {
            let asked = Attributes {
                verb: parts.method.as_str().to_lowercase(),
                path: Some(path.clone()),
                ..Attributes::default()
            };
            authorize(api, &user, &asked, None)?;
            discovery::answer(&parts.method, &path, &parts.headers)
        }
        Located::Unknown(asked) => {
            entry.verb.clone_from(&asked.verb);
            authorize(api, &user, &asked, None)?;
            Err(unknown(&asked))
        }
        Located::Resource(place) => {
            place.verb.clone_into(&mut entry.verb);
            authorize(api, &user, &place.attributes(&query), Some(place.kind))?;
            api.faults.meet(&place).await?;
            let body = body::read(body).await?;
            dispatch(api, &place, Call { parts, query, user, body }).await
        }
    }
}

/// The refusal of what this server does not have.
fn unknown(asked: &Attributes) -> ApiError {
    match (asked.resource.as_str(), asked.subresource.as_str()) {
        ("pods", sub @ ("attach" | "exec" | "eviction" | "ephemeralcontainers" | "proxy")) => {
            ApiError::new(
                501,
                "NotImplemented",
                format!("pods/{sub} is not served by the rehearsal lab"),
            )
        }
        _ => ApiError::no_such_path(),
    }
}

fn authenticate(api: &Api, headers: &HeaderMap) -> Result<User, ApiError> {
    let token = header(headers, AUTHORIZATION.as_str()).strip_prefix("Bearer ").unwrap_or_default();
    let user = api.tokens.user(token.trim()).ok_or_else(ApiError::unauthorized)?;
    let other = header(headers, "impersonate-user");
    if other.is_empty() {
        return Ok(user);
    }
    let asked = Attributes {
        verb: "impersonate".to_owned(),
        resource: "users".to_owned(),
        name: other.to_owned(),
        ..Attributes::default()
    };
    authorize(api, &user, &asked, None)?;
    Ok(User::named(other))
}

fn authorize(
    api: &Api,
    user: &User,
    asked: &Attributes,
    kind: Option<&Kind>,
) -> Result<(), ApiError> {
    let decision = decide(&api.store, user, asked);
    if decision.allowed {
        return Ok(());
    }
    let mut why = asked.refusal(user);
    if !decision.reason.is_empty() {
        why = format!("{why}: {}", decision.reason);
    }
    Err(match kind {
        Some(kind) => ApiError::forbidden(kind, &asked.name, &why),
        None if asked.path.is_some() => {
            ApiError::new(403, "Forbidden", format!("forbidden: {why}"))
        }
        None => {
            let group =
                if asked.group.is_empty() { String::new() } else { format!(".{}", asked.group) };
            ApiError::new(
                403,
                "Forbidden",
                format!("{}{group} is forbidden: {why}", asked.resource),
            )
        }
    })
}

async fn dispatch(api: &Api, place: &Place, call: Call) -> Result<Answer, ApiError> {
    if !place.kind.stored {
        return review::answer(api, place, &call);
    }
    match (place.subresource.as_str(), place.verb) {
        ("log", "get") => logs::answer(api, place, &call).await,
        ("portforward", "get" | "create") => portforward::answer(api, place, call).await,
        ("scale", "get" | "update" | "patch") => scale::answer(api, place, &call),
        ("log" | "portforward" | "scale", _) => Err(ApiError::method_not_allowed()),
        ("", "list") => list::answer(api, place, &call),
        ("", "watch") => watch::answer(api, place, &call),
        ("", "create") if place.name.is_empty() => create::answer(api, place, &call),
        ("", "delete") => delete::one(api, place, &call),
        ("", "deletecollection") => delete::collection(api, place, &call),
        (_, "get") => list::get(api, place, &call),
        (_, "update") if !place.name.is_empty() => update::put(api, place, &call),
        (_, "patch") if !place.name.is_empty() => update::patch(api, place, &call),
        _ => Err(ApiError::method_not_allowed()),
    }
}

/// Whether a method may have a body at all.
pub(super) fn is_read(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
}
