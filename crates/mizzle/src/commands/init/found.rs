//! Inspects the project before any question is asked.

use crate::{
    project::{NewConfig, ProjectScan},
    report::{FoundProfile, InitFindings},
    server,
    ui::Ui,
};
use futures_util::future::join3;
use mizzle_aws::{Profiles, check_region, profiles};
use mizzle_core::text;

/// The findings before any question is asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// The files of the project.
    pub(super) survey: ProjectScan,
    /// The profiles and regions of AWS's own configuration.
    pub(super) aws: Profiles,
    /// The endpoints on this machine where a DynamoDB responds.
    pub(super) servers: Vec<String>,
}

impl Found {
    /// Inspects files, AWS configuration and ports, concurrently.
    pub(super) async fn look(config: &NewConfig, ports: &[u16], ui: &Ui) -> Self {
        let wait = ui.wait("Looking around", None);
        let root = config.root.clone();
        let survey = tokio::task::spawn_blocking(move || ProjectScan::of(&root));
        let (survey, aws, servers) = join3(survey, profiles(), server::nearby(ports)).await;
        drop(wait);
        let mut aws = aws.unwrap_or_else(|error| {
            ui.warning(text::capitalised(&error.to_string()));
            Profiles::default()
        });
        // An invalid region is not suggested.
        let usable = |region: Option<String>| region.filter(|region| check_region(region).is_ok());
        aws.region = usable(aws.region);
        for profile in &mut aws.known {
            profile.region = usable(profile.region.take());
        }
        // If the survey failed, it counts as empty.
        Self { survey: survey.unwrap_or_default(), aws, servers }
    }

    /// Returns the findings for display.
    pub(super) fn findings(&self) -> InitFindings {
        let Self { survey, aws, servers } = self;
        let profiles = aws.known.iter().map(|profile| FoundProfile {
            name: profile.name.clone(),
            region: profile.region.clone(),
        });
        InitFindings {
            schema: survey.schema.files.clone(),
            is_complete: survey.schema.is_complete,
            package_manager: survey.packages.manager_name(),
            orm: survey.packages.orm,
            has_cli: survey.packages.has_cli,
            has_tsconfig: survey.has_tsconfig,
            servers: servers.clone(),
            profiles: profiles.collect(),
            region: aws.region.clone(),
        }
    }
}
