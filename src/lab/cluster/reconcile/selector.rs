//! Label selectors of objects.
//!
//! <https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors>

use serde_json::Value;

use crate::lab::cluster::selector::Selector;

fn label<'a>(object: &'a Value, key: &str) -> Option<&'a str> {
    object["metadata"]["labels"].get(key)?.as_str()
}

/// A Service's selector: every label as given. One without a label selects nothing.
pub(super) fn by_map(selector: &Value, object: &Value) -> bool {
    let Some(wanted) = selector.as_object().filter(|wanted| !wanted.is_empty()) else {
        return false;
    };
    wanted.iter().all(|(key, value)| label(object, key) == value.as_str())
}

/// A workload's `matchLabels` and `matchExpressions`, and the `matchExpressions` of a node affinity.
pub(super) fn by_labels(selector: &Value, object: &Value) -> bool {
    Selector::of_workload(selector).is_some_and(|selector| selector.matches(object))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_service_without_a_selector_selects_nothing() {
        let pod = json!({"metadata": {"labels": {"app": "db", "tier": "back"}}});
        assert!(by_map(&json!({"app": "db"}), &pod));
        assert!(!by_map(&json!({"app": "db", "side": "green"}), &pod));
        assert!(!by_map(&json!({}), &pod));
    }
}
