//! What a server knows although its list of resources does not have it: the files of skills, and directories.
//!
//! What is hidden makes nothing known, or the answer for what lies beside it would tell that it is there.

use std::ops::ControlFlow;

use rmcp::{
    ServerHandler,
    model::{SKILL_MD, Skill, SkillResources},
};

use super::{super::Context, lists::Lists};
use crate::{rule::uri, service::SaplService, subscription::resource_of};

/// Whether `uri` is a file of a skill that is hidden from nobody.
pub(super) async fn is_of_a_skill<S: ServerHandler>(
    service: &SaplService<S>,
    uri: &str,
    context: &Context,
) -> bool {
    let is_file = |skill: &Skill| files(skill).any(|file| file == uri) || is_dynamic_root(skill, uri);
    some_open_skill(service, context, is_file).await
}

/// Whether something that is hidden from nobody is in the directory `uri`. `lists` have all resources.
pub(super) async fn is_a_directory<S: ServerHandler>(
    lists: &Lists,
    service: &SaplService<S>,
    uri: &str,
    context: &Context,
) -> bool {
    if uri::normalized(uri) != uri {
        return false;
    }
    let directory = format!("{}/", uri.strip_suffix('/').unwrap_or(uri));
    let is_inside = |known: &str| known.starts_with(&directory) && uri::normalized(known) == known;
    let shared = &*service.shared;
    let mut resources = lists.each_resource();
    if resources
        .any(|resource| is_inside(&resource.uri) && !lists.found(&resource.uri, shared).ruling.hides())
    {
        return true;
    }
    let has_file = |skill: &Skill| files(skill).any(is_inside) || is_dynamic_root(skill, &directory);
    some_open_skill(service, context, has_file).await
}

/// The URIs that a skill names.
fn files(skill: &Skill) -> impl Iterator<Item = &str> {
    let files = match &skill.resources {
        SkillResources::Files(files) => files.as_slice(),
        _ => &[],
    };
    std::iter::once(skill.uri.as_str()).chain(files.iter().map(|file| file.uri.as_str()))
}

/// Whether `uri` lies in a skill that does not name its files.
fn is_dynamic_root(skill: &Skill, uri: &str) -> bool {
    let root = skill
        .uri
        .strip_suffix(SKILL_MD)
        .filter(|root| root.ends_with('/'));
    matches!(skill.resources, SkillResources::Dynamic)
        && uri::normalized(uri) == uri
        && root.is_some_and(|root| uri.starts_with(root))
}

/// Whether some skill is so, and hidden from nobody. No skill is when a list can't be read.
async fn some_open_skill<S: ServerHandler>(
    service: &SaplService<S>,
    context: &Context,
    is_so: impl Fn(&Skill) -> bool + Send + Sync,
) -> bool {
    let mut skills = Vec::new();
    let visited = service.inner.visit_skills(context, |skill| {
        if is_so(&skill) {
            skills.push(resource_of(skill));
        }
        ControlFlow::Continue(())
    });
    if visited.await.is_err() || skills.is_empty() {
        return false;
    }
    let shared = &*service.shared;
    let uris: Vec<String> = skills.iter().map(|skill| skill.uri.clone()).collect();
    let uris = || uris.iter().map(String::as_str);
    let Ok(mut lists) = Lists::about(&service.inner, shared, context, uris()).await else {
        return false;
    };
    skills.into_iter().for_each(|skill| lists.add(skill));
    uris().any(|uri| !lists.found(uri, shared).ruling.hides())
}
