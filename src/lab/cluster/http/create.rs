//! `POST` to a collection.

use serde_json::Value;

use super::super::apply::{Manager, track};
use super::super::error::ApiError;
use super::super::rules::set_defaults;
use super::answer::{Answer, json, warn};
use super::body;
use super::handle::Call;
use super::locate::Place;
use super::negotiate::form;
use super::server::Api;

pub(super) fn answer(api: &Api, place: &Place, call: &Call) -> Result<Answer, ApiError> {
    if place.kind.namespaced && place.namespace.is_empty() {
        return Err(ApiError::method_not_allowed());
    }
    let form = form(call.headers(), &call.query)?;
    let (mut object, warnings) = body::object(place, call, body::sent(place.kind, call)?)?;
    set_defaults(place.kind, &mut object);
    let manager = Manager::updating(&call.manager(), "", &place.kind.api_version());
    super::super::meta::meta_mut(&mut object).shift_remove("managedFields");
    track(place.kind, &Value::Null, &mut object, &manager);
    let made = if call.query.dry_run()? {
        api.store.create_dry(place.kind, object)?
    } else {
        api.store.create(place.kind, object)?
    };
    Ok(warn(json(201, &form.object(place.kind, made)), &warnings))
}
