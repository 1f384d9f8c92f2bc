//! Logs, on stderr.

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::{FilterExt, Targets, filter_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

use crate::args::OutputArgs;
use crate::problem::Problem;

/// Logs what the arguments ask for: by default, warnings.
pub(crate) fn start(arguments: &OutputArgs) -> Result<(), Problem> {
    let filter = match &arguments.log {
        Some(filter) => by_words(filter)?,
        None => by_count(arguments.verbose),
    };
    let layer = fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .with_filter(filter.and(filter_fn(|metadata| {
            is_harmless(metadata.target(), *metadata.level())
        })));
    // A second subscriber in one process, as in a test, is not worth a word.
    let _ = tracing_subscriber::registry().with(layer).try_init();
    Ok(())
}

/// A level alone is that of our own logs: those of the libraries below drown them, and are named
/// by whoever wants them.
fn by_words(filter: &str) -> Result<Targets, Problem> {
    if let Ok(own) = filter.parse::<LevelFilter>() {
        return Ok(Targets::new()
            .with_default(own.min(LevelFilter::WARN))
            .with_target("workbeat", own));
    }
    filter.parse().map_err(|error| {
        Problem::usage(
            format!("`{filter}` is no filter for logs: {error}"),
            "expected a level such as debug, or target=level,...",
        )
    })
}

fn by_count(verbose: u8) -> Targets {
    let (own, others) = match verbose {
        0 => (LevelFilter::WARN, LevelFilter::ERROR),
        1 => (LevelFilter::DEBUG, LevelFilter::WARN),
        _ => (LevelFilter::TRACE, LevelFilter::INFO),
    };
    Targets::new()
        .with_default(others)
        .with_target("workbeat", own)
}

/// Whether nothing of an input, a result or details can be in it: the SDK logs whole requests
/// and answers at its finest level.
fn is_harmless(target: &str, level: tracing::Level) -> bool {
    let own = target == "workbeat" || target.starts_with("workbeat_");
    own || level <= tracing::Level::DEBUG
}

#[cfg(test)]
mod tests {
    use tracing::Level;

    use super::*;

    #[test]
    fn more_is_logged_when_asked_twice() {
        let logs = |verbose, target, level| by_count(verbose).would_enable(target, &level);
        assert!(logs(0, "workbeat_server::http", Level::WARN));
        assert!(!logs(0, "workbeat_server::http", Level::INFO));
        assert!(logs(1, "workbeat_server::http", Level::DEBUG));
        assert!(!logs(1, "aws_smithy_runtime", Level::DEBUG));
        assert!(logs(2, "aws_smithy_runtime", Level::INFO));
    }

    #[test]
    fn a_level_alone_is_that_of_our_own_logs() {
        let logs = |filter, target, level| {
            let targets = by_words(filter).unwrap();
            targets.would_enable(target, &level)
        };
        assert!(logs("debug", "workbeat::service::log", Level::DEBUG));
        assert!(!logs("debug", "aws_smithy_runtime", Level::INFO));
        assert!(logs("debug", "aws_smithy_runtime", Level::WARN));
        assert!(!logs("error", "aws_smithy_runtime", Level::WARN));
        assert!(!logs("off", "workbeat_server", Level::ERROR));
        let both = "workbeat=debug,aws_smithy_runtime=debug";
        assert!(logs(both, "aws_smithy_runtime", Level::DEBUG));
        assert!(logs(both, "workbeat_server::http", Level::DEBUG));
        assert!(by_words("a=b=c").is_err());
    }

    #[test]
    fn bodies_are_never_logged() {
        assert!(!is_harmless("aws_smithy_runtime::client", Level::TRACE));
        assert!(is_harmless("aws_smithy_runtime::client", Level::DEBUG));
        assert!(is_harmless("workbeat_server::http", Level::TRACE));
    }
}
