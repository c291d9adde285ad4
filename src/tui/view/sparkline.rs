//! How a number moved, in one line.

/// The last values in a room of this width, the newest at the right edge; nothing when there is none.
pub(super) fn sparkline(
    values: impl ExactSizeIterator<Item = u64>,
    width: usize,
    ascii: bool,
) -> String {
    let marks: &[char] = if ascii {
        &['_', '.', '-', '^']
    } else {
        &['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█']
    };
    let skip = values.len().saturating_sub(width);
    let shown: Vec<u64> = values.skip(skip).collect();
    let most = shown.iter().copied().max().unwrap_or_default().max(1);
    let last = marks.len() as u64 - 1;
    let mark = |value: &u64| {
        let step = u128::from(*value) * u128::from(last) / u128::from(most);
        marks[usize::try_from(step).unwrap_or_default()]
    };
    shown.iter().map(mark).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_value_is_as_high_as_it_gets() {
        assert_eq!(sparkline([0, 1, 2, 3].into_iter(), 10, true), "_.-^");
        assert_eq!(sparkline([9, 0, 0, 5].into_iter(), 3, true), "__^");
        assert_eq!(sparkline([0, 0].into_iter(), 3, false), "▁▁");
    }
}
