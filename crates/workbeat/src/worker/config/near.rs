//! Which name was probably meant.

/// The name among `names` that is a few letters away from `written`.
pub(super) fn nearest(written: &str, names: &[&'static str]) -> Option<&'static str> {
    let near = names.iter().map(|name| (distance(written, name), *name));
    near.filter(|(distance, name)| *distance <= name.len() / 3)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// How many letters must be added, removed or changed to make one word of the other.
fn distance(from: &str, to: &str) -> usize {
    // How far each beginning of `to` is from the beginning of `from` that was gone through.
    let mut row: Vec<usize> = (1..=to.chars().count()).collect();
    let mut whole = row.len();
    for (gone, a) in from.chars().enumerate() {
        let (mut diagonal, mut left) = (gone, gone + 1);
        for (place, b) in row.iter_mut().zip(to.chars()) {
            let changed = diagonal + usize::from(a != b);
            diagonal = *place;
            left = changed.min(left.min(diagonal) + 1);
            *place = left;
        }
        whole = left;
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_counts_letters() {
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("ab", ""), 2);
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("same", "same"), 0);
    }

    #[test]
    fn what_is_far_from_all_is_near_to_none() {
        let names = ["slots", "identity"];
        assert_eq!(nearest("slot", &names), Some("slots"));
        assert_eq!(nearest("identity_", &names), Some("identity"));
        assert_eq!(nearest("database", &names), None);
    }
}
