//! Statements as they are traced and told: one line, no parameters, no passwords.

use std::time::Duration;

use tokio_postgres::error::{DbError, ErrorPosition};

use crate::model::Side;
use crate::world::{StatementError, WorldError};

/// The longest text of a statement in a trace or an error, in characters.
const LONGEST: usize = 160;

/// A statement on one line, without comments; literals behind the word `password` are struck out.
pub(super) fn headline(sql: &str) -> String {
    let lines = sql.lines().map(|line| line.split_once("--").map_or(line, |(code, _)| code));
    let words: Vec<&str> = lines.flat_map(str::split_whitespace).collect();
    let text = words.join(" ");
    let text = if text.to_lowercase().contains("password") { struck(&text) } else { text };
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

fn struck(text: &str) -> String {
    let parts: Vec<&str> = text.split('\'').collect();
    let hidden = parts.iter().enumerate().map(|(at, part)| if at % 2 == 1 { "***" } else { part });
    hidden.collect::<Vec<_>>().join("'")
}

pub(super) fn note(
    side: Side,
    sql: &str,
    took: Duration,
    outcome: Result<u64, &tokio_postgres::Error>,
) {
    if !tracing::enabled!(target: "pgcutover::statement", tracing::Level::DEBUG) {
        return;
    }
    let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    let statement = headline(sql);
    match outcome {
        Ok(rows) => tracing::debug!(target: "pgcutover::statement", %side, statement, rows, ms),
        Err(error) => {
            let code = error.code().map_or("", |code| code.code());
            tracing::debug!(target: "pgcutover::statement", %side, statement, code, ms, "refused");
        }
    }
}

/// The driver's error with side and statement.
pub(super) fn refused(side: Side, sql: &str, error: &tokio_postgres::Error) -> WorldError {
    // 57P01, 57P02 and 57P05: the server ended the session after it had answered so far.
    let ended = error.code().is_some_and(|code| matches!(code.code(), "57P01" | "57P02" | "57P05"));
    let refusal = error.as_db_error();
    StatementError {
        side,
        statement: headline(sql),
        code: error.code().map(|code| code.code().to_owned()),
        message: refusal
            .map_or_else(|| without_server(error), |refusal| refusal.message().to_owned()),
        place: refusal.and_then(|refusal| place(sql, refusal)),
        detail: refusal.and_then(|refusal| refusal.detail()).map(str::to_owned),
        hint: refusal.and_then(|refusal| refusal.hint()).map(str::to_owned),
        lost: ended
            || error.is_closed()
            || std::error::Error::source(error)
                .is_some_and(<dyn std::error::Error>::is::<std::io::Error>),
    }
    .into()
}

/// Where in the statement the server stumbled, counted as its error position is: in characters from 1.
fn place(sql: &str, refusal: &DbError) -> Option<String> {
    let ErrorPosition::Original(position) = refusal.position()? else { return None };
    let before: String = sql.chars().take((*position as usize).saturating_sub(1)).collect();
    let line = before.matches('\n').count() + 1;
    let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
    Some(format!("line {line}, character {column}"))
}

fn without_server(error: &tokio_postgres::Error) -> String {
    match std::error::Error::source(error) {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_is_told_on_one_line_without_comments_and_passwords() {
        assert_eq!(headline("-- why\nSELECT 1,\n       2 -- two\n"), "SELECT 1, 2");
        assert_eq!(
            headline("ALTER ROLE a PASSWORD 'x''y' VALID UNTIL 'z'"),
            "ALTER ROLE a PASSWORD '***''***' VALID UNTIL '***'"
        );
        assert_eq!(headline(&"x".repeat(400)).chars().count(), 161);
    }
}
