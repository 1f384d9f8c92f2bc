//! Texts that came from outside, as far as they go into an error.
//!
//! What answers need not be the service: it may be a proxy, or anything at the wrong address. So
//! what it says is bounded, and of one line.

/// The text in one line, and not more of it than `longest` characters.
pub(super) fn one_line(text: &str, longest: usize) -> String {
    let mut characters = text.chars();
    let mut line: String = characters
        .by_ref()
        .take(longest)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    if characters.next().is_some() {
        line.push_str("...[cut]");
    }
    line
}

/// The name of an error or of a request: what such names are made of, and not more.
pub(super) fn name(text: &str) -> String {
    const LONGEST: usize = 100;
    let of_a_name = |c: &char| c.is_ascii_alphanumeric() || "-_.#:".contains(*c);
    text.chars().filter(of_a_name).take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_becomes_one_line_of_a_bearable_length() {
        assert_eq!(one_line("User: me\r\nis\0ü", 80), "User: me  is ü");
        assert_eq!(one_line("üüü", 2), "üü...[cut]");
    }

    #[test]
    fn a_name_holds_nothing_but_a_name() {
        assert_eq!(name("AccessDenied<b>\n"), "AccessDeniedb");
        assert_eq!(name(&"a".repeat(1_000)).len(), 100);
    }
}
