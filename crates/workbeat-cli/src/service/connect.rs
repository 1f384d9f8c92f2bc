//! The way to the service.

use std::time::Duration;

use aws_sdk_swf::Client;
use aws_sdk_swf::config::retry::RetryConfig;
use aws_sdk_swf::config::timeout::TimeoutConfig;
use aws_sdk_swf::config::{
    BehaviorVersion, Config, Credentials, Region, SharedHttpClient, StalledStreamProtectionConfig,
};
use aws_smithy_http_client::tls::{self, rustls_provider::CryptoMode};
use hyper::Uri;
use tokio::net::TcpStream;

use super::fault::{no_region, no_server};
use super::log::LogCalls;
use super::{Service, Target};
use crate::args::Connection;
use crate::output::Output;
use crate::problem::Problem;

/// How often a call is tried on the local server: often enough for one that is told to let calls
/// go wrong. On AWS the usual configuration says.
const ATTEMPTS: u32 = 6;

/// How long the local server may take to answer at all, with every try.
const FIRST_ANSWER: Duration = Duration::from_secs(12);

/// Where the local server listens, if nothing is said.
const LOCAL_URL: &str = "http://127.0.0.1:7100";

/// Where the AWS SDKs look for SWF, if it is not where AWS has it.
const ENDPOINT_VARIABLE: &str = "AWS_ENDPOINT_URL_SWF";

/// The domain, if none is said.
const DOMAIN: &str = "workbeat";

/// The region of the local server, if none is said.
const LOCAL_REGION: &str = "us-east-1";

/// Connects. A domain that is not there is said: a name with a mistake in it registers nothing.
pub(crate) async fn connect(
    connection: &Connection,
    output: &mut Output,
) -> Result<Service, Problem> {
    connect_and(connection.register_domain, connection, output).await
}

/// Connects, and registers the domain of a local server if it is not there.
pub(crate) async fn connect_to_start(
    connection: &Connection,
    output: &mut Output,
) -> Result<Service, Problem> {
    let register = connection.register_domain || !connection.aws;
    connect_and(register, connection, output).await
}

async fn connect_and(
    register: bool,
    connection: &Connection,
    output: &mut Output,
) -> Result<Service, Problem> {
    let service = if connection.aws {
        aws(connection).await?
    } else {
        local(connection).await?
    };
    let registered = match (service.target(), register) {
        // The first call tells.
        (Target::Aws { .. }, false) => false,
        (Target::Aws { .. }, true) => service.ensure_domain(true).await?,
        // What listens may be no server: it is not waited for without end.
        (Target::Local { url, .. }, register) => {
            let ensured = tokio::time::timeout(FIRST_ANSWER, service.ensure_domain(register));
            match ensured.await {
                Ok(registered) => registered?,
                Err(_) => return Err(no_server(url, "it does not answer")),
            }
        }
    };
    if registered {
        output.note(&format!(
            "registered the domain `{}` {}",
            service.domain(),
            service.place()
        ));
    }
    Ok(service)
}

async fn local(connection: &Connection) -> Result<Service, Problem> {
    let said = connection.endpoint.clone();
    let said = said.or_else(|| variable("WORKBEAT_ENDPOINT"));
    let url = local_url(said.as_deref(), variable(ENDPOINT_VARIABLE));
    reach(&url).await?;
    let region = connection
        .region
        .clone()
        .filter(|region| !region.is_empty())
        .or_else(|| variable("AWS_REGION"))
        .unwrap_or_else(|| LOCAL_REGION.to_owned());
    Ok(local_service(url, region, domain(connection)))
}

/// Where the local server is: as was said, else where the AWS SDKs of this environment look for
/// SWF, as the server tells people to set it, else where it listens by default.
fn local_url(said: Option<&str>, of_sdks: Option<String>) -> String {
    let url = said.map(str::to_owned).or(of_sdks);
    let url = url.unwrap_or_else(|| LOCAL_URL.to_owned());
    url.trim_end_matches('/').to_owned()
}

/// The domain that is asked.
fn domain(connection: &Connection) -> String {
    let said = connection.domain.clone();
    said.or_else(|| variable("WORKBEAT_DOMAIN"))
        .unwrap_or_else(|| DOMAIN.to_owned())
}

/// A variable of the environment, unless it is empty.
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn local_service(url: String, region: String, domain: String) -> Service {
    let (http_client, attempts) = if url.starts_with("https:") {
        // It is a mistake more often than not, which shows in the first call.
        (https_client(), 2)
    } else {
        // Only https needs certificates, and loading them takes longer than the command.
        let plain = aws_smithy_http_client::Builder::new().build_http();
        (plain, ATTEMPTS)
    };
    let config = Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .endpoint_url(&url)
        .region(Region::new(region.clone()))
        // The local server takes any.
        .credentials_provider(Credentials::new("local", "local", None, None, "workbeat"))
        .http_client(http_client)
        .retry_config(RetryConfig::standard().with_max_attempts(attempts))
        .timeout_config(timeouts())
        // It would take the silence of a poll for a connection that is stuck.
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .interceptor(LogCalls)
        .build();
    Service {
        client: Client::from_conf(config),
        domain,
        target: Target::Local { url, region },
    }
}

async fn aws(connection: &Connection) -> Result<Service, Problem> {
    let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
        .http_client(https_client())
        .timeout_config(timeouts())
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled());
    if let Some(profile) = &connection.profile {
        loader = loader.profile_name(profile);
    }
    if let Some(region) = &connection.region {
        loader = loader.region(Region::new(region.clone()));
    }
    let config = load(loader).await?;
    let Some(region) = config.region() else {
        return Err(no_region());
    };
    let target = Target::Aws {
        region: region.to_string(),
        endpoint: variable(ENDPOINT_VARIABLE)
            .filter(|_| variable("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS").is_none())
            .or_else(|| config.endpoint_url().map(str::to_owned)),
    };
    let config = aws_sdk_swf::config::Builder::from(&config).interceptor(LogCalls);
    Ok(Service {
        target,
        client: Client::from_conf(config.build()),
        domain: domain(connection),
    })
}

/// Loads the configuration. What loads it panics at a setting that it does not know, such as the
/// retry mode `legacy` of older AWS CLIs.
async fn load(loader: aws_config::ConfigLoader) -> Result<aws_config::SdkConfig, Problem> {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let loaded = tokio::spawn(loader.load()).await;
    std::panic::set_hook(hook);
    loaded.map_err(|error| {
        let why = error.try_into_panic().ok();
        let why = why.as_ref().and_then(|why| why.downcast_ref::<String>());
        // What follows is the same for programmers.
        let why = why.map_or("", |why| why.split(" (").next().unwrap_or_default());
        let why = why.split(", valid").next().unwrap_or_default();
        Problem::usage(
            format!("the AWS configuration cannot be used: {why}"),
            "change it in the environment, or in ~/.aws/config",
        )
    })
}

fn https_client() -> SharedHttpClient {
    aws_smithy_http_client::Builder::new()
        .tls_provider(tls::Provider::Rustls(CryptoMode::Ring))
        .build_https()
}

fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(5))
        .read_timeout(Duration::from_secs(20))
        .build()
}

/// Whether anybody listens there. The SDK would try again and again; a person who forgot to
/// start the server wants to know now.
async fn reach(url: &str) -> Result<(), Problem> {
    let (host, port) = address(url)?;
    let connected = tokio::time::timeout(Duration::from_secs(5), TcpStream::connect((host, port)));
    match connected.await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) if error.kind() == std::io::ErrorKind::ConnectionRefused => {
            Err(no_server(url, "the connection is refused"))
        }
        Ok(Err(error)) => Err(no_server(url, &error.to_string())),
        Err(_) => Err(no_server(url, "it does not answer")),
    }
}

/// The host and the port of an endpoint.
pub(crate) fn address(url: &str) -> Result<(String, u16), Problem> {
    let wrong = || {
        Problem::usage(
            format!("`{url}` is no endpoint"),
            "expected a URL such as http://127.0.0.1:7100",
        )
    };
    let uri: Uri = url.parse().map_err(|_| wrong())?;
    let port = match uri.scheme_str() {
        Some("http") => 80,
        Some("https") => 443,
        _ => return Err(wrong()),
    };
    let host = uri.host().ok_or_else(wrong)?;
    let host = host.trim_start_matches('[').trim_end_matches(']');
    Ok((host.to_owned(), uri.port_u16().unwrap_or(port)))
}

/// A local server that nobody calls.
#[cfg(test)]
pub(crate) fn for_tests() -> Service {
    let (url, region) = ("http://127.0.0.1:1", LOCAL_REGION);
    local_service(url.to_owned(), region.to_owned(), DOMAIN.to_owned())
}

/// A service that nobody calls.
#[cfg(test)]
pub(super) fn service_for_tests(target: Target) -> Service {
    Service {
        target,
        ..for_tests()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_goes_before_what_the_sdks_heed() {
        let sdks = || Some("http://a:1/".to_owned());
        assert_eq!(local_url(Some("http://b:2"), sdks()), "http://b:2");
        assert_eq!(local_url(None, sdks()), "http://a:1");
        assert_eq!(local_url(None, None), LOCAL_URL);
    }

    #[test]
    fn endpoints_are_urls() {
        let found = |url| address(url).ok();
        let at = |host: &str, port| Some((host.to_owned(), port));
        assert_eq!(found("http://127.0.0.1:7100"), at("127.0.0.1", 7100));
        assert_eq!(found("http://[::1]:7100"), at("::1", 7100));
        assert_eq!(found("https://swf.example"), at("swf.example", 443));
        for wrong in ["127.0.0.1:7100", "localhost", "ftp://a", "", "http://"] {
            assert_eq!(found(wrong), None, "{wrong}");
        }
    }
}
