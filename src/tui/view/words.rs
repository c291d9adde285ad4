//! Times, ages, sizes and numbers in words, and words in a room.

use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use ratatui::text::Span;

pub(in crate::tui) use crate::model::grouped;
use crate::tui::theme::Theme;

/// `00:07.3`, or `1:02:03` from an hour on.
pub(in crate::tui) fn clock(time: Duration) -> String {
    let seconds = time.as_secs();
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{:02}", seconds % 60)
    } else {
        format!("{minutes:02}:{:02}.{}", seconds % 60, time.subsec_millis() / 100)
    }
}

/// `8s`, `1m10s`, `3h02m`, `2d04h`.
pub(in crate::tui) fn short(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3600 => format!("{}m{:02}s", seconds / 60, seconds % 60),
        3600..86_400 => format!("{}h{:02}m", seconds / 3600, seconds / 60 % 60),
        _ => format!("{}d{:02}h", seconds / 86_400, seconds / 3600 % 24),
    }
}

/// How long something took: `0.4s`, and from ten seconds on as [`short`].
pub(in crate::tui) fn took(time: Duration) -> String {
    if time < Duration::from_secs(10) {
        format!("{}.{}s", time.as_secs(), time.subsec_millis() / 100)
    } else {
        short(time)
    }
}

/// How old something is.
pub(in crate::tui) fn age(at: Option<Timestamp>, now: Timestamp) -> String {
    let age = at.map(|at| Duration::try_from(now.duration_since(at)).unwrap_or_default());
    age.map_or_else(|| "-".to_owned(), short)
}

/// How old something is, in one unit: there is room for a word beside it.
pub(in crate::tui) fn coarse_age(at: Option<Timestamp>, now: Timestamp) -> String {
    let Some(at) = at else { return "-".to_owned() };
    match Duration::try_from(now.duration_since(at)).unwrap_or_default().as_secs() {
        seconds @ 0..60 => format!("{seconds}s"),
        seconds @ 60..3600 => format!("{}m", seconds / 60),
        seconds @ 3600..86_400 => format!("{}h", seconds / 3600),
        seconds => format!("{}d", seconds / 86_400),
    }
}

/// The time of day, in UTC: the same for everybody who watches.
pub(in crate::tui) fn time(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%H:%M:%S").to_string()
}

/// How many there are of something: `1 client`, `2 clients`.
pub(in crate::tui) fn counted(number: u64, noun: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{} {noun}{ending}", grouped(number))
}

/// How many cells that takes.
pub(in crate::tui) fn grouped_width(number: u64) -> usize {
    let digits = number.checked_ilog10().unwrap_or(0) as usize + 1;
    digits + (digits - 1) / 3
}

/// A server's version without its packager's: `server_version` may say `15.18 (Debian 15.18-1)`.
pub(in crate::tui) fn version(text: &str) -> String {
    text.split(' ').next().unwrap_or_default().to_owned()
}

/// An object with the short name of its kind, as kubectl has it: `deploy/api`.
pub(in crate::tui) fn object(name: &str) -> String {
    let kinds = [
        ("deployment/", "deploy/"),
        ("statefulset/", "sts/"),
        ("daemonset/", "ds/"),
        ("replicaset/", "rs/"),
        ("persistentvolumeclaim/", "pvc/"),
    ];
    let short = kinds
        .iter()
        .find_map(|(long, short)| name.strip_prefix(long).map(|rest| format!("{short}{rest}")));
    short.unwrap_or_else(|| name.to_owned())
}

/// A size in bytes, with as many figures as tell one table from another.
#[expect(clippy::cast_precision_loss, reason = "one decimal of a size")]
pub(in crate::tui) fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let mut size = bytes as f64 / 1024.0;
    let mut unit = 0;
    while size >= 1023.95 && unit + 1 < UNITS.len() {
        size /= 1024.0;
        unit += 1;
    }
    format!("{size:.1} {}", UNITS[unit])
}

/// Cuts a text so that it fits, and shows that it was cut.
pub(in crate::tui) fn fit(text: &str, width: usize, theme: Theme) -> String {
    if Span::raw(text).width() <= width {
        return text.to_owned();
    }
    let mut kept = String::new();
    let mut used = 1;
    for letter in text.chars() {
        used += Span::raw(letter.encode_utf8(&mut [0; 4]) as &str).width();
        if used > width {
            break;
        }
        kept.push(letter);
    }
    if width > 0 { kept + theme.cut() } else { kept }
}

/// The same, cut behind its middle: names begin with what they are of, and often differ at their ends.
pub(in crate::tui) fn fit_name(text: &str, width: usize, theme: Theme) -> String {
    if width < 3 || Span::raw(text).width() <= width {
        return fit(text, width, theme);
    }
    let cells = |letter: char| Span::raw(letter.encode_utf8(&mut [0; 4]) as &str).width();
    let taken = |letters: &mut dyn Iterator<Item = char>, room: usize| {
        let mut used = 0;
        letters
            .take_while(|letter| {
                used += cells(*letter);
                used <= room
            })
            .collect::<Vec<char>>()
    };
    let head = taken(&mut text.chars(), width - 1 - width / 3);
    let tail = taken(&mut text.chars().rev(), width / 3);
    head.into_iter().chain(theme.cut().chars()).chain(tail.into_iter().rev()).collect()
}

/// The text in exactly so many cells, at their left or right edge.
pub(in crate::tui) fn pad(text: &str, width: usize, right: bool, theme: Theme) -> String {
    beside(fit(text, width, theme), width, right)
}

/// A name in exactly so many cells.
pub(in crate::tui) fn pad_name(text: &str, width: usize, theme: Theme) -> String {
    beside(fit_name(text, width, theme), width, false)
}

fn beside(text: String, width: usize, right: bool) -> String {
    let room = " ".repeat(width.saturating_sub(Span::raw(text.as_str()).width()));
    if right { room + &text } else { text + &room }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::theme::Palette;

    #[test]
    fn a_name_is_cut_where_names_are_alike() {
        let theme = Theme { palette: Palette::Mono, ascii: false };
        let cut = |name, width| fit_name(name, width, theme);
        assert_eq!(cut("task_status_changes_2024h1", 15), "task_stat…024h1");
        assert_eq!(cut("task_status_changes_2024h2", 14), "task_stat…24h2");
        assert_eq!(cut("tasks", 5), "tasks");
        assert_eq!(cut("支払い明細テーブル", 8), "支払…ル");
        assert_eq!(cut("tasks", 1), "…");
    }

    #[test]
    fn it_is_known_how_wide_a_number_is() {
        for number in [0, 9, 10, 999, 1000, 123_456, u64::MAX] {
            assert_eq!(grouped_width(number), grouped(number).len());
        }
    }
}
