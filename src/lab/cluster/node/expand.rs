//! `$(NAME)` in commands, arguments and values.
//!
//! <https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/>

/// Replaces the references that `lookup` knows; `$$` is a dollar sign, and a reference to the unknown stays as it is.
pub(super) fn expand(text: &str, lookup: impl Fn(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let reference = rest.strip_prefix("$(").and_then(|after| after.split_once(')'));
        if let Some((name, after)) = reference {
            match lookup(name) {
                Some(value) => out.push_str(&value),
                None => out.push_str(&rest[..rest.len() - after.len()]),
            }
            rest = after;
        } else if let Some(after) = rest.strip_prefix("$$") {
            out.push('$');
            rest = after;
        } else {
            out.push('$');
            rest = &rest[1..];
        }
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_replaced_as_documented() {
        let lookup = |name: &str| (name == "A").then(|| "x".to_owned());
        assert_eq!(expand("$(A)/$(B)/$$(A)/$A/${A}/$", lookup), "x/$(B)/$(A)/$A/${A}/$");
        assert_eq!(expand("psql $(A", lookup), "psql $(A");
    }
}
