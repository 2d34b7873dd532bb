//! Profiles and regions in the AWS configuration of this machine.

use crate::causes::innermost;
use aws_config::{
    environment::EnvironmentVariableRegionProvider,
    meta::region::ProvideRegion,
    profile::{self, ProfileFileRegionProvider},
};
use aws_runtime::env_config::file::EnvConfigFiles;
use aws_types::os_shim_internal::{Env, Fs};

/// The profiles and the region that are set up on this machine.
///
/// They come from the environment and the shared config file (`~/.aws/config`, or
/// `AWS_CONFIG_FILE`), read by the SDK's own parser. The file with the credentials is not opened,
/// and no network request is sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Profiles {
    /// The profile that `AWS_PROFILE` names.
    pub active: Option<String>,
    /// The region that applies if neither a region nor a profile is given.
    pub region: Option<String>,
    /// The profiles, by name.
    pub known: Vec<Profile>,
}

/// A profile of the shared config file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// The name.
    pub name: String,
    /// The region, its own or that of its source profile.
    pub region: Option<String>,
}

/// A shared config file that cannot be parsed.
#[derive(Debug, thiserror::Error)]
#[error("the AWS config file cannot be read: {reason}")]
pub struct ProfilesError {
    /// The parse error and its position.
    reason: String,
}

/// Reads the profiles and the region that are set up on this machine.
///
/// # Errors
/// When the shared config file exists and cannot be parsed. One that does not exist has no
/// profiles.
pub async fn profiles() -> Result<Profiles, ProfilesError> {
    let set = profile::load(&Fs::real(), &Env::real(), &config_file(), None).await;
    let set = set.map_err(|error| ProfilesError { reason: innermost(&error) })?;
    let mut names: Vec<&str> = set.profiles().collect();
    names.sort_unstable();
    let mut known = Vec::with_capacity(names.len());
    for name in names {
        let profile = set.get_profile(name);
        let region = match profile.and_then(|profile| profile.get("region")) {
            Some(own) => Some(own.to_owned()),
            // Only a source profile needs more than a lookup: the file is read once more.
            None if profile.is_some_and(|profile| profile.get("source_profile").is_some()) => {
                region_of(name).await
            }
            None => None,
        };
        let region = region.filter(|region| !region.is_empty());
        known.push(Profile { name: name.to_owned(), region });
    }
    let active = Env::real().get("AWS_PROFILE").ok().filter(|name| !name.is_empty());
    let region = match EnvironmentVariableRegionProvider::new().region().await {
        Some(region) => Some(region.to_string()),
        None => region_of(set.selected_profile()).await,
    };
    Ok(Profiles { active, region, known })
}

/// Returns the region that requests with this profile would have.
async fn region_of(profile: &str) -> Option<String> {
    let provider = ProfileFileRegionProvider::builder().profile_files(config_file());
    let region = provider.profile_name(profile).build().region().await;
    region.map(|region| region.to_string()).filter(|region| !region.is_empty())
}

/// The only file that is not meant to contain secrets.
fn config_file() -> EnvConfigFiles {
    EnvConfigFiles::builder().include_default_config_file(true).build()
}
