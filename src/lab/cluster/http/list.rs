//! `GET` of one object and of collections.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::super::error::ApiError;
use super::super::meta;
use super::super::selector::Selector;
use super::answer::{Answer, json};
use super::handle::Call;
use super::locate::Place;
use super::negotiate::form;
use super::query::Query;
use super::server::Api;
use super::update::live;

pub(super) fn get(api: &Api, place: &Place, call: &Call) -> Result<Answer, ApiError> {
    let form = form(call.headers(), &call.query)?;
    check_revision(api, &call.query)?;
    Ok(json(200, &form.object(place.kind, live(api, place)?)))
}

pub(super) fn answer(api: &Api, place: &Place, call: &Call) -> Result<Answer, ApiError> {
    let form = form(call.headers(), &call.query)?;
    let selector = call.query.selector(place.kind)?;
    let page = page(api, place, &call.query, &selector)?;
    Ok(json(200, &form.list(place.kind, &page.items, &page.meta)))
}

/// Objects and the `ListMeta` that belongs to them.
struct Page {
    items: Vec<Value>,
    meta: Value,
}

fn page(api: &Api, place: &Place, query: &Query, selector: &Selector) -> Result<Page, ApiError> {
    let (items, revision, after) = snapshot(api, place, query)?;
    let behind = |object: &Value| after.as_deref().is_none_or(|after| key(object).as_str() > after);
    let mut items: Vec<Value> =
        items.into_iter().filter(|o| behind(o) && selector.matches(o)).collect();
    let mut meta = json!({"resourceVersion": revision.to_string()});
    let limit = usize::try_from(query.number("limit")?.unwrap_or(0)).unwrap_or(0);
    if limit > 0 && items.len() > limit {
        let left = items.len() - limit;
        items.truncate(limit);
        let last = items.last().map(key).unwrap_or_default();
        meta["continue"] = token(revision, &last).into();
        if selector.is_empty() {
            meta["remainingItemCount"] = left.into();
        }
    }
    Ok(Page { items, meta })
}

/// What there is to list, the revision it was like that, and the key behind which to begin.
fn snapshot(
    api: &Api,
    place: &Place,
    query: &Query,
) -> Result<(Vec<Value>, u64, Option<String>), ApiError> {
    let within = place.within();
    let token = query.get("continue");
    if !token.is_empty() {
        let (revision, after) = read_token(token)?;
        return Ok((api.store.list_at(place.kind, within, revision)?, revision, Some(after)));
    }
    let asked = check_revision(api, query)?;
    match query.get("resourceVersionMatch") {
        "Exact" => Ok((api.store.list_at(place.kind, within, asked)?, asked, None)),
        "" | "NotOlderThan" => {
            let (items, revision) = api.store.list(place.kind, within);
            Ok((items, revision, None))
        }
        other => Err(ApiError::new(
            422,
            "Invalid",
            format!(
                "resourceVersionMatch: Unsupported value: \"{other}\": supported values: \"Exact\", \"NotOlderThan\", \"\""
            ),
        )),
    }
}

/// The revision that the client asks for, 0 for none.
///
/// # Errors
/// `504` for one that is still to come.
pub(super) fn check_revision(api: &Api, query: &Query) -> Result<u64, ApiError> {
    let text = query.get("resourceVersion");
    if text.is_empty() {
        return Ok(0);
    }
    let asked: u64 = text.parse().map_err(|_| {
        ApiError::bad_request(format!("resourceVersion: Invalid value: \"{text}\": strconv.ParseUint: parsing \"{text}\": invalid syntax"))
    })?;
    let current = api.store.revision();
    if asked > current {
        let mut error = ApiError::new(
            504,
            "Timeout",
            format!("Too large resource version: {asked}, current: {current}"),
        );
        let causes =
            json!([{"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}]);
        error.details = Some(json!({"causes": causes, "retryAfterSeconds": 1}));
        return Err(error);
    }
    Ok(asked)
}

/// The order of lists.
fn key(object: &Value) -> String {
    format!("{}/{}", meta::namespace(object), meta::name(object))
}

fn token(revision: u64, after: &str) -> String {
    let token = json!({"v": "meta.k8s.io/v1", "rv": revision, "start": after});
    URL_SAFE_NO_PAD.encode(token.to_string())
}

fn read_token(token: &str) -> Result<(u64, String), ApiError> {
    let bytes = URL_SAFE_NO_PAD.decode(token).unwrap_or_default();
    let token: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    match (token["rv"].as_u64(), token["start"].as_str()) {
        (Some(revision), Some(start)) => Ok((revision, start.to_owned())),
        _ => Err(ApiError::bad_request("continue key is not valid: incorrect padding or encoding")),
    }
}
