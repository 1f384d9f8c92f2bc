//! The names of Java's classes, and what Jackson writes for their values.

/// What is known of the values inside an array, a list, a map or an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Inside {
    /// Declared as `Object`: whatever is an array here is a class and a value.
    Anything,
    /// Declared as nobody here knows what: what looks like a class and a value is that.
    Fields,
    /// Declared as something final, which is written without a class.
    Final,
}

/// Classes whose values are numbers.
const NUMBERS: [&str; 13] = [
    "java.lang.Byte",
    "java.lang.Double",
    "java.lang.Float",
    "java.lang.Integer",
    "java.lang.Long",
    "java.lang.Short",
    "java.math.BigDecimal",
    "java.math.BigInteger",
    "java.util.Calendar",
    "java.util.Date",
    "java.util.GregorianCalendar",
    "java.util.concurrent.atomic.AtomicInteger",
    "java.util.concurrent.atomic.AtomicLong",
];

/// Classes whose values are texts.
const TEXTS: [&str; 14] = [
    "java.io.File",
    "java.lang.Character",
    "java.lang.Class",
    "java.lang.String",
    "java.net.InetAddress",
    "java.net.URI",
    "java.net.URL",
    "java.nio.charset.Charset",
    "java.util.Currency",
    "java.util.Locale",
    "java.util.TimeZone",
    "java.util.UUID",
    "java.util.concurrent.TimeUnit",
    "java.util.regex.Pattern",
];

/// Whether a text has the form of a class's name: `com.example.Video$Chunk`, `[I`,
/// `[Lcom.example.Video;`, `java.util.EnumSet<com.example.Color>`.
pub(super) fn is_class_name(text: &str) -> bool {
    match array_element(text) {
        Some(element) => match element.strip_prefix('L') {
            Some(class) => class.strip_suffix(';').is_some_and(is_plain_name),
            None => element.len() == 1 && element.contains(|kind| "ZBCSIJFD".contains(kind)),
        },
        None => {
            let (class, generic) = text.split_once('<').unwrap_or((text, ">"));
            class.contains('.') && is_plain_name(class) && generic.ends_with('>')
        }
    }
}

fn is_plain_name(text: &str) -> bool {
    text.split('.').all(|part| {
        let begins = part.starts_with(|first: char| first.is_alphabetic() || "_$".contains(first));
        begins
            && part
                .chars()
                .all(|letter| letter.is_alphanumeric() || "_$".contains(letter))
    })
}

/// What an array is of, if the text is the name of an array's class.
fn array_element(class: &str) -> Option<&str> {
    class
        .starts_with('[')
        .then(|| class.trim_start_matches('['))
}

/// Whether the value after this class's name can be of it, where it is not certain that the text
/// is a class's name.
pub(super) fn is_plausible(class: &str, value: &str) -> bool {
    match value.as_bytes().first() {
        Some(b'[' | b'{') => true,
        Some(b'"') => TEXTS.contains(&class) || class == "[B",
        Some(b'-' | b'0'..=b'9') => NUMBERS.contains(&class),
        _ => false,
    }
}

/// What is known of what lies inside a value of this class.
pub(super) fn inside(class: &str, value: &str) -> Inside {
    if let Some(element) = array_element(class) {
        let class = element
            .strip_prefix('L')
            .and_then(|class| class.strip_suffix(';'));
        return match class {
            Some("java.lang.Object") => Inside::Anything,
            Some(class) if NUMBERS.contains(&class) || TEXTS.contains(&class) => Inside::Final,
            Some("java.lang.Boolean") | None => Inside::Final,
            Some(_) => Inside::Fields,
        };
    }
    let is_map = class
        .strip_prefix("java.util.")
        .is_some_and(|class| class.contains("Map") || matches!(class, "Properties" | "Hashtable"));
    if value.starts_with('[') || is_map {
        Inside::Anything
    } else {
        Inside::Fields
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_classes_are_known_by_their_form() {
        for class in [
            "java.util.ArrayList",
            "com.example.Video$Chunk",
            "java.util.Collections$EmptyList",
            "java.util.EnumSet<com.example.Color>",
            "[I",
            "[[J",
            "[Ljava.lang.Object;",
            "[Ldefaultpackage;",
        ] {
            assert!(is_class_name(class), "{class}");
        }
        for text in [
            "",
            ".",
            "a",
            "a.",
            ".a",
            "a.1b",
            "a b.c",
            "[",
            "[X",
            "[II",
            "[L;",
            "[La",
            "a.txt/b",
            "see java.util.List",
            "a.b<c",
        ] {
            assert!(!is_class_name(text), "{text}");
        }
    }

    #[test]
    fn a_file_name_has_the_form_of_a_class_but_its_value_is_not_plausible() {
        assert!(is_class_name("a.txt"));
        assert!(!is_plausible("a.txt", "\"b.txt\""));
        assert!(!is_plausible("java.util.UUID", "17"));
        assert!(!is_plausible("java.lang.Long", "\"x\""));
        assert!(is_plausible("java.lang.Long", "-1"));
        assert!(is_plausible("com.example.Sum", "{}"));
    }
}
