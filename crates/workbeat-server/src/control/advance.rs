//! `POST /_workbeat/advance`

use std::time::{Duration, SystemTime};

use serde::Deserialize;
use serde_json::json;

use crate::http::{Answer, Refusal, json};
use crate::service::Shared;

/// The most that can be skipped at once; SWF's own longest timeout is a year.
const MOST: Duration = Duration::from_secs(10 * 366 * 24 * 60 * 60);

/// Skips time; everything up to then has fired when the answer comes, which says the new time.
pub(crate) async fn advance(shared: &Shared, body: &[u8]) -> Result<Answer, Refusal> {
    let by = read(body)?;
    let (mark, now) = shared.skip(by);
    shared.kept(mark).await?;
    let time = humantime::format_rfc3339_millis(SystemTime::from(now));
    let answer = json!({ "now": now, "time": time.to_string() });
    Ok(json(format!("{answer}\n")))
}

/// The duration in the body: `24h`, or `{"by": "24h"}`.
fn read(body: &[u8]) -> Result<Duration, Refusal> {
    #[derive(Deserialize)]
    struct Shape {
        by: String,
    }
    let refused = |what: &str| {
        Refusal::invalid(format!(
            "{what}: send a duration with its unit, such as 24h or {{\"by\": \"1h 30m\"}}"
        ))
    };
    let text = std::str::from_utf8(body).map_err(|_| refused("the body is no text"))?;
    let text = text.trim();
    let by = if text.starts_with('{') {
        let shape = serde_json::from_str::<Shape>(text);
        shape
            .map_err(|_| refused("the body has no text member `by`"))?
            .by
    } else {
        text.trim_matches('"').to_owned()
    };
    let by = humantime::parse_duration(&by).map_err(|_| refused("the body is no duration"))?;
    if by > MOST {
        return Err(Refusal::invalid("at most 10 years can be skipped at once"));
    }
    Ok(by)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_secs(24 * 60 * 60);

    #[test]
    fn a_duration_is_read_in_each_form() {
        for body in ["24h", "24h\n", "\"24h\"", r#"{"by": "24h"}"#, "1day"] {
            assert_eq!(read(body.as_bytes()).unwrap(), DAY, "{body}");
        }
    }

    #[test]
    fn what_is_no_duration_is_refused() {
        for body in ["", "24", "{}", r#"{"by": 24}"#, "-1h", "\u{0}", "300y"] {
            assert!(read(body.as_bytes()).is_err(), "{body}");
        }
        assert!(read(b"\xff").is_err());
    }
}
