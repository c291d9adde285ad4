//! Label selectors of objects.
//!
//! <https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors>

use serde_json::Value;

use crate::lab::cluster::meta;

fn label<'a>(object: &'a Value, key: &str) -> Option<&'a str> {
    object["metadata"]["labels"].get(key)?.as_str()
}

/// A Service's selector: every label as given. One without a label selects nothing.
pub(crate) fn by_map(selector: &Value, object: &Value) -> bool {
    let Some(wanted) = selector.as_object().filter(|wanted| !wanted.is_empty()) else { return false };
    wanted.iter().all(|(key, value)| label(object, key) == value.as_str())
}

/// A workload's `matchLabels` and `matchExpressions`. An empty one selects everything in its namespace.
pub(crate) fn by_labels(selector: &Value, object: &Value) -> bool {
    let labels = selector["matchLabels"].as_object().into_iter().flatten();
    let expressions = selector["matchExpressions"].as_array().into_iter().flatten();
    selector.is_object()
        && labels.into_iter().all(|(key, value)| label(object, key) == value.as_str())
        && expressions.into_iter().all(|expression| holds(expression, object))
}

fn holds(expression: &Value, object: &Value) -> bool {
    let have = label(object, meta::text(expression, "/key"));
    let among = || expression["values"].as_array().is_some_and(|values| values.iter().any(|value| value.as_str() == have));
    match meta::text(expression, "/operator") {
        "In" => have.is_some() && among(),
        "NotIn" => have.is_none() || !among(),
        "Exists" => have.is_some(),
        "DoesNotExist" => have.is_none(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn selectors_select_as_documented() {
        let pod = json!({"metadata": {"labels": {"app": "db", "tier": "back"}}});
        assert!(by_map(&json!({"app": "db"}), &pod));
        assert!(!by_map(&json!({"app": "db", "side": "green"}), &pod));
        assert!(!by_map(&json!({}), &pod));
        let with = |operator: &str, key: &str| by_labels(&json!({"matchExpressions": [{"key": key, "operator": operator, "values": ["db"]}]}), &pod);
        assert!(with("In", "app") && !with("NotIn", "app") && with("NotIn", "none") && with("Exists", "tier") && with("DoesNotExist", "none"));
        assert!(!with("In", "none"));
    }
}
