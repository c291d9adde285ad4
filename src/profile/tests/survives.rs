//! Whatever is written into a profile, it is refused or compiled, and nothing panics.

use proptest::prelude::*;

use super::*;

const SHIPPED: &str = include_str!("../../../profiles/chronicle.toml");

/// Pieces that stand somewhere in a profile, and pieces that should not.
const PIECES: &[&str] = &[
    "[[phase]]",
    "[[phase.step]]",
    "[window]",
    "run = ",
    "\"check\"",
    "{ fence = \"blue\" }",
    "{}",
    "[]",
    "\"\"",
    "\"",
    "'''",
    "\n",
    "= ",
    "-1",
    "0x_",
    "1e99",
    "1979-05-27",
    "nan",
    "ä",
    "\u{0}",
    "\u{feff}",
    "}",
    "]",
    "{ soaked = \"soak\" }",
    "point-of-no-return = true",
    "id = \"switch\"",
    "for = \"-1h\"",
    "\"9999999999h\"",
    "gates = [[]]",
    "apply = \"..\"",
];

fn survives(text: &str) {
    let loader = Box::new(Embedded::beside("profiles"));
    let source = Source { file: "mutated.toml".to_owned(), text: text.to_owned(), loader };
    if let Err(error) = compile(&source, &Overrides::default()) {
        assert!(!error.to_string().is_empty());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_piece_put_anywhere(at in 0..SHIPPED.len(), cut in 0_usize..40, piece in proptest::sample::select(PIECES)) {
        let floor = |at: usize| (0..=at.min(SHIPPED.len())).rev().find(|at| SHIPPED.is_char_boundary(*at)).unwrap_or(0);
        survives(&format!("{}{piece}{}", &SHIPPED[..floor(at)], &SHIPPED[floor(at + cut)..]));
    }

    #[test]
    fn any_text(text in "\\PC*") {
        survives(&text);
    }
}

#[test]
fn every_prefix() {
    let ends: Vec<usize> =
        (0..SHIPPED.len()).filter(|at| SHIPPED.is_char_boundary(*at)).step_by(7).collect();
    for end in ends {
        survives(&SHIPPED[..end]);
    }
}

#[test]
fn every_line_left_out() {
    for left_out in 0..SHIPPED.lines().count() {
        let rest: Vec<&str> = SHIPPED
            .lines()
            .enumerate()
            .filter(|(at, _)| *at != left_out)
            .map(|(_, line)| line)
            .collect();
        survives(&rest.join("\n"));
    }
}
