//! The id that AWS gives each request.

use hyper::header::HeaderValue;

/// A random id in the form of a UUID.
pub(super) fn request_id() -> HeaderValue {
    // Version 4, variant 1, as whoever parses it may check.
    let random = fastrand::u128(..) & !(0xf << 76) & !(0x3 << 62) | (0x4 << 76) | (0x2 << 62);
    let (first, rest) = (random >> 96, random & 0xffff_ffff_ffff);
    let [second, third, fourth] = [80, 64, 48].map(|above| random >> above & 0xffff);
    let text = format!("{first:08x}-{second:04x}-{third:04x}-{fourth:04x}-{rest:012x}");
    HeaderValue::try_from(text)
        .unwrap_or_else(|_| HeaderValue::from_static("00000000-0000-4000-8000-000000000000"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_the_form_of_a_random_uuid() {
        let id = request_id();
        let id = id.to_str().unwrap();
        let lengths: Vec<_> = id.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12], "{id}");
        assert_eq!(&id[14..15], "4", "{id}");
        assert!("89ab".contains(&id[19..20]), "{id}");
        assert_ne!(request_id(), request_id());
    }
}
