//! Names and ARNs of activities: pure functions.

/// The name of the activity that the ARN names, if it is an activity's.
pub(crate) fn name_of(arn: &str) -> Option<&str> {
    let mut parts = arn.splitn(7, ':');
    let mut next = || parts.next().filter(|part| !part.is_empty());
    let (arn, _partition, service) = (next()?, next()?, next()?);
    let (_region, _account) = (next()?, next()?);
    let (resource, name) = (next()?, next()?);
    let named = arn == "arn" && service == "states" && resource == "activity";
    (named && name_fault(name).is_none()).then_some(name)
}

/// The ARN of the activity `name`.
pub(crate) fn arn_of(region: &str, account: &str, name: &str) -> String {
    let partition = partition_of(region);
    format!("arn:{partition}:states:{region}:{account}:activity:{name}")
}

/// The partition that a region is in.
fn partition_of(region: &str) -> &'static str {
    const PARTITIONS: [(&str, &str); 7] = [
        ("cn-", "aws-cn"),
        ("eusc-", "aws-eusc"),
        ("us-gov-", "aws-us-gov"),
        ("us-iso-", "aws-iso"),
        ("us-isob-", "aws-iso-b"),
        ("us-isof-", "aws-iso-f"),
        ("eu-isoe-", "aws-iso-e"),
    ];
    let mut partitions = PARTITIONS.into_iter();
    let found = partitions.find(|(begin, _)| region.starts_with(begin));
    found.map_or("aws", |(_, partition)| partition)
}

/// What is wrong with the name of an activity or of a worker, if anything.
pub(crate) fn name_fault(name: &str) -> Option<&'static str> {
    if name.is_empty() {
        return Some("is empty");
    }
    if name.encode_utf16().count() > LONGEST_NAME {
        return Some("is longer than 80 characters");
    }
    let fault =
        "holds one of `<>{}[]?*\"#%\\^|~$&,;:/`, a backtick, white space or a control character";
    name.contains(is_refused).then_some(fault)
}

/// The longest name, in characters.
pub(crate) const LONGEST_NAME: usize = 80;

fn is_refused(character: char) -> bool {
    character.is_whitespace()
        || character.is_control()
        || "<>{}[]?*\"#%\\^|~`$&,;:/".contains(character)
}

/// The worker's identity as Step Functions takes it.
pub(crate) fn worker_name(identity: &str) -> Option<String> {
    let dashed = |c| if is_refused(c) { '-' } else { c };
    let name: String = identity.chars().map(dashed).take(LONGEST_NAME).collect();
    (name_fault(&name).is_none()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:states:eu-central-1:123456789012:activity:transcode";

    #[test]
    fn an_arn_is_made_of_region_account_and_name_and_names_its_activity() {
        assert_eq!(arn_of("eu-central-1", "123456789012", "transcode"), ARN);
        assert_eq!(name_of(ARN), Some("transcode"));
        for (region, partition) in [
            ("cn-north-1", "aws-cn"),
            ("us-gov-west-1", "aws-us-gov"),
            ("us-isob-east-1", "aws-iso-b"),
            ("eusc-de-east-1", "aws-eusc"),
            ("us-east-1", "aws"),
        ] {
            let arn = arn_of(region, "1", "a");
            assert!(
                arn.starts_with(&format!("arn:{partition}:states:")),
                "{arn}"
            );
            assert_eq!(name_of(&arn), Some("a"));
        }
    }

    #[test]
    fn what_is_no_arn_of_an_activity_names_none() {
        for text in [
            "",
            "transcode",
            "arn:aws:states:eu-central-1:123456789012:activity:",
            "arn:aws:states:eu-central-1:123456789012:activity",
            "arn:aws:states::123456789012:activity:a",
            "arn:aws:states:eu-central-1:123456789012:stateMachine:a",
            "arn:aws:swf:eu-central-1:123456789012:activity:a",
            "arn:aws:states:eu-central-1:123456789012:activity:a:b",
            "arn:aws:states:eu-central-1:123456789012:activity:a b",
        ] {
            assert_eq!(name_of(text), None, "{text}");
        }
    }

    #[test]
    fn names_follow_the_rules_of_the_service() {
        for good in [
            "transcode",
            "pack-2.0_b",
            "4711@host",
            "größe",
            &"x".repeat(80),
        ] {
            assert_eq!(name_fault(good), None, "{good}");
        }
        for bad in [
            "",
            "a b",
            "a:b",
            "a/b",
            "a*",
            "a\u{7f}",
            "a`b",
            &"x".repeat(81),
        ] {
            assert!(name_fault(bad).is_some(), "{bad}");
        }
    }

    #[test]
    fn an_identity_becomes_a_name_that_is_taken() {
        assert_eq!(worker_name("4711@host").as_deref(), Some("4711@host"));
        assert_eq!(
            worker_name("a b:c...[cut]").as_deref(),
            Some("a-b-c...-cut-")
        );
        assert_eq!(
            worker_name(&"x".repeat(100)).map(|name| name.len()),
            Some(80)
        );
        assert_eq!(worker_name(""), None);
        assert_eq!(worker_name(&"🦀".repeat(80)), None);
    }
}
