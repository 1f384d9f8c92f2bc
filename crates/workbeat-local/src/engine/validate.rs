//! How SWF counts text.

/// The length of a text as SWF's limits count it: UTF-16 units.
#[must_use]
pub fn characters(text: &str) -> usize {
    text.encode_utf16().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_counted_in_utf_16_units() {
        assert_eq!(characters("a"), 1);
        assert_eq!(characters("é"), 1);
        assert_eq!(characters("\u{1f980}"), 2);
    }
}
