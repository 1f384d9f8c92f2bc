//! Which service a command speaks to.

use clap::Args;

use crate::problem::Problem;

/// Which service, and which domain of it.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Connection {
    // The environment is asked where the service is looked for: said before the command, these
    // arguments go before it, and clap takes a variable for said.
    /// The local server's URL [default: WORKBEAT_ENDPOINT, else AWS_ENDPOINT_URL_SWF, else
    /// http://127.0.0.1:7100]
    #[arg(long, value_name = "URL", help_heading = "Service")]
    pub(crate) endpoint: Option<String>,
    /// Amazon SWF instead, with the usual environment, profiles and credentials
    #[arg(long, help_heading = "Service")]
    pub(crate) aws: bool,
    /// The AWS profile, with --aws [default: AWS_PROFILE]
    #[arg(long, value_name = "NAME", help_heading = "Service")]
    pub(crate) profile: Option<String>,
    /// The AWS region [default: AWS_REGION or the profile's; us-east-1 for the local server]
    #[arg(long, value_name = "NAME", help_heading = "Service")]
    pub(crate) region: Option<String>,
    /// The domain [default: WORKBEAT_DOMAIN, else workbeat]
    #[arg(long, value_name = "NAME", help_heading = "Service")]
    pub(crate) domain: Option<String>,
    /// With --aws: register the domain if it is not there (on the local server, `start` does)
    #[arg(long, help_heading = "Service")]
    pub(crate) register_domain: bool,
}

impl Connection {
    /// Whether nothing is said.
    pub(super) fn is_empty(&self) -> bool {
        let texts = [&self.endpoint, &self.profile, &self.region, &self.domain];
        !self.aws && !self.register_domain && texts.iter().all(|text| text.is_none())
    }

    /// Takes over what was said before the command, and not again after it.
    pub(super) fn inherit(&mut self, before: &Self) {
        let take = |mine: &mut Option<String>, theirs: &Option<String>| {
            if mine.is_none() {
                mine.clone_from(theirs);
            }
        };
        take(&mut self.endpoint, &before.endpoint);
        take(&mut self.profile, &before.profile);
        take(&mut self.region, &before.region);
        take(&mut self.domain, &before.domain);
        self.aws |= before.aws;
        self.register_domain |= before.register_domain;
    }

    /// Refuses what is for AWS alone where the local server is asked.
    pub(super) fn check(&self) -> Result<(), Problem> {
        let only_aws = [
            (self.profile.is_some(), "--profile"),
            (self.register_domain, "--register-domain"),
        ];
        match only_aws.into_iter().find(|(said, _)| *said && !self.aws) {
            Some((_, name)) => Err(Problem::usage(
                format!("{name} is for Amazon SWF, and the local server is asked"),
                "say --aws too, or leave it out",
            )),
            None => Ok(()),
        }
    }
}
