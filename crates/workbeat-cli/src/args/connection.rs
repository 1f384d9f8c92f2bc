//! Which service a command speaks to.

use clap::Args;

/// Which service, and which domain of it.
#[derive(Args, Clone, Debug)]
pub(crate) struct Connection {
    /// The local server's URL [default: AWS_ENDPOINT_URL_SWF, else http://127.0.0.1:7100]
    #[arg(
        long,
        value_name = "URL",
        env = "WORKBEAT_ENDPOINT",
        hide_env = true,
        help_heading = "Service"
    )]
    pub(crate) endpoint: Option<String>,
    /// Amazon SWF instead, with the usual environment, profiles and credentials
    #[arg(long, help_heading = "Service")]
    pub(crate) aws: bool,
    /// The AWS profile [default: AWS_PROFILE]
    #[arg(long, value_name = "NAME", requires = "aws", help_heading = "Service")]
    pub(crate) profile: Option<String>,
    /// The AWS region [default: AWS_REGION or the profile's; us-east-1 for the local server]
    #[arg(long, value_name = "NAME", help_heading = "Service")]
    pub(crate) region: Option<String>,
    /// The domain
    #[arg(
        long,
        value_name = "NAME",
        env = "WORKBEAT_DOMAIN",
        hide_env = true,
        default_value = "workbeat",
        help_heading = "Service"
    )]
    pub(crate) domain: String,
    /// Register the domain on AWS if it is not there (on the local server, `start` does)
    #[arg(long, requires = "aws", help_heading = "Service")]
    pub(crate) register_domain: bool,
}
