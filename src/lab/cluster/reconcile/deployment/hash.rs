use serde_json::Value;
use sha2::{Digest, Sha256};

/// The letters of the API's safe encoding: no vowels, so that no words appear.
const LETTERS: &[u8] = b"bcdf2456789";

/// A short name for a pod template. The real one hashes a dump of the Go structure; only that it is a function of the content matters.
pub(in crate::lab::cluster::reconcile) fn of(content: &Value, collisions: i64) -> String {
    let digest = Sha256::digest(format!("{}\n{collisions}", canonical(content)));
    let number =
        digest.iter().take(8).fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte)) % 10_000_000_000;
    format!("{number:010}").bytes().map(letter).collect()
}

fn letter(digit: u8) -> char {
    char::from(LETTERS[usize::from(digit - b'0')])
}

/// JSON with sorted keys and without nulls, so that equal objects have equal texts.
pub(in crate::lab::cluster::reconcile) fn canonical(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<_> = map.iter().filter(|(_, value)| !value.is_null()).collect();
            entries.sort_by_key(|(key, _)| key.as_str());
            let entries: Vec<String> = entries
                .into_iter()
                .map(|(key, value)| format!("{key:?}:{}", canonical(value)))
                .collect();
            format!("{{{}}}", entries.join(","))
        }
        Value::Array(list) => {
            format!("[{}]", list.iter().map(canonical).collect::<Vec<_>>().join(","))
        }
        plain => plain.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_order_of_keys_does_not_matter_and_a_collision_does() {
        let (one, two) =
            (json!({"a": 1, "b": [true, null]}), json!({"b": [true, null], "a": 1, "c": null}));
        assert_eq!(of(&one, 0), of(&two, 0));
        assert_ne!(of(&one, 0), of(&one, 1));
        assert_eq!(of(&one, 0).len(), 10);
    }
}
