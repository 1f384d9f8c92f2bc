//! The local server's own endpoints, over plain HTTP.

use std::collections::VecDeque;
use std::time::Duration;

use http_body_util::{BodyExt, Empty};
use hyper::body::{Bytes, Incoming};
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use tokio::net::TcpStream;
use tokio_util::task::AbortOnDropHandle;

use super::line::{Line, OpenActivity};
use crate::problem::Problem;
use crate::service::{Service, Target, address, no_server};

/// How long the server may take to begin to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// The longest line that makes sense: details and a result have 32,768 characters, each of at
/// most six bytes in JSON.
const LONGEST_LINE: usize = 1 << 20;

/// A stream of what happens to the activities of one domain.
pub(crate) struct Live {
    body: Incoming,
    buffer: Vec<u8>,
    lines: VecDeque<Line>,
    region: String,
    domain: String,
    _connection: AbortOnDropHandle<()>,
}

/// The open activities, as the server answers them.
#[derive(Deserialize)]
struct Activities {
    activities: Vec<OpenActivity>,
}

/// Begins to follow the activities of the service's domain. `None` if it does not tell.
pub(crate) async fn open(service: &Service) -> Result<Option<Live>, Problem> {
    let Target::Local { url, region } = service.target() else {
        return Ok(None);
    };
    let Some((response, connection)) = get(url, "/_workbeat/events").await? else {
        return Ok(None);
    };
    let mut live = Live {
        body: response.into_body(),
        buffer: Vec::new(),
        lines: VecDeque::new(),
        region: region.clone(),
        domain: service.domain().to_owned(),
        _connection: connection,
    };
    match tokio::time::timeout(PATIENCE, live.next()).await {
        Ok(Some(Line::Following)) => Ok(Some(live)),
        _ => Ok(None),
    }
}

impl Live {
    /// The next line; `None` when the server ends.
    ///
    /// # Cancel safety
    ///
    /// No line is lost if the future is dropped.
    pub(crate) async fn next(&mut self) -> Option<Line> {
        loop {
            if let Some(line) = self.lines.pop_front() {
                if self.is_wanted(&line) {
                    return Some(line);
                }
                continue;
            }
            let frame = self.body.frame().await?.ok()?;
            if let Ok(data) = frame.into_data() {
                self.buffer.extend_from_slice(&data);
                self.split();
            }
            if self.buffer.len() > LONGEST_LINE {
                return None;
            }
        }
    }

    fn is_wanted(&self, line: &Line) -> bool {
        match line {
            Line::Activity(line) => line.names.are_in(&self.region, &self.domain),
            Line::Following | Line::Missed => true,
        }
    }

    fn split(&mut self) {
        let Some(end) = self.buffer.iter().rposition(|byte| *byte == b'\n') else {
            return;
        };
        let rest = self.buffer.split_off(end + 1);
        let whole = std::mem::replace(&mut self.buffer, rest);
        let lines = whole.split(|byte| *byte == b'\n').filter_map(Line::read);
        self.lines.extend(lines);
    }
}

/// The open activities of the service's domain. `None` if it does not tell.
pub(crate) async fn open_activities(
    service: &Service,
) -> Result<Option<Vec<OpenActivity>>, Problem> {
    let Target::Local { url, region } = service.target() else {
        return Ok(None);
    };
    let Some((response, _connection)) = get(url, "/_workbeat/activities").await? else {
        return Ok(None);
    };
    let broken = |_| no_server(url, "the connection broke");
    let body = response.into_body().collect().await.map_err(broken)?;
    let Ok(answer) = serde_json::from_slice::<Activities>(&body.to_bytes()) else {
        return Ok(None);
    };
    let mut activities = answer.activities;
    activities.retain(|activity| activity.names.are_in(region, service.domain()));
    Ok(Some(activities))
}

type Answer = (Response<Incoming>, AbortOnDropHandle<()>);

/// Asks; `None` if the server has no such thing.
async fn get(url: &str, path: &str) -> Result<Option<Answer>, Problem> {
    if !url.starts_with("http:") {
        return Ok(None);
    }
    let (host, port) = address(url)?;
    let authority = if host.contains(':') {
        format!("[{host}]:{port}")
    } else {
        format!("{host}:{port}")
    };
    let asked = async {
        let stream = TcpStream::connect((host.as_str(), port)).await?;
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        let connection = AbortOnDropHandle::new(tokio::spawn(async move {
            // Its end shows in the body.
            let _ = connection.await;
        }));
        let request = Request::get(path)
            .header(hyper::header::HOST, authority)
            .body(Empty::<Bytes>::new())?;
        let response = sender.send_request(request).await?;
        Ok::<_, Box<dyn std::error::Error + Send + Sync>>((response, connection))
    };
    match tokio::time::timeout(PATIENCE, asked).await {
        Ok(Ok((response, connection))) if response.status() == StatusCode::OK => {
            Ok(Some((response, connection)))
        }
        Ok(Ok(_)) => Ok(None),
        Ok(Err(_)) => Err(no_server(url, "the connection failed")),
        Err(_) => Err(no_server(url, "it does not answer in time")),
    }
}
