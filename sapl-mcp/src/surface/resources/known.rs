//! What a server knows although its list of resources does not have it: the files of skills, and directories.
//!
//! A file is under the rule of its skill. What is hidden makes no directory known, or the answer for what lies beside it
//! would tell that it is there.

use std::ops::ControlFlow;

use rmcp::{
    ServerHandler,
    model::{Resource, SKILL_MD, Skill, SkillResources},
};

use super::{super::Context, lists::Lists};
use crate::{
    rule::{Ruling, uri},
    service::SaplService,
    subscription::resource_of,
};

/// The rule for the file `uri` of a skill, which is that of the skill; nothing when no skill has such a file.
///
/// A skill that names the file goes before one around it that names none.
pub(super) async fn of_a_skill<S: ServerHandler>(
    service: &SaplService<S>,
    uri: &str,
    context: &Context,
) -> Option<Ruling> {
    let (mut naming, mut around) = (Vec::new(), Vec::new());
    let visited = service.inner.visit_skills(context, |skill| {
        if files(&skill).any(|file| file == uri) {
            naming.push(resource_of(skill));
        } else if is_dynamic_root(&skill, uri) {
            around.push(resource_of(skill));
        }
        ControlFlow::Continue(())
    });
    visited.await.ok()?;
    let skills = if naming.is_empty() { around } else { naming };
    let rulings = rulings(service, context, skills).await?;
    let both = |known, ruling| Some(Ruling::also(known, (), ruling));
    rulings.into_iter().fold(None, both).map(|((), ruling)| ruling)
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
    if visited.await.is_err() {
        return false;
    }
    let rulings = rulings(service, context, skills).await;
    rulings.is_some_and(|rulings| rulings.iter().any(|ruling| !ruling.hides()))
}

/// The rules of skills; nothing when a list can't be read.
async fn rulings<S: ServerHandler>(
    service: &SaplService<S>,
    context: &Context,
    skills: Vec<Resource>,
) -> Option<Vec<Ruling>> {
    if skills.is_empty() {
        return Some(Vec::new());
    }
    let shared = &*service.shared;
    let uris: Vec<String> = skills.iter().map(|skill| skill.uri.clone()).collect();
    let uris = || uris.iter().map(String::as_str);
    let lists = Lists::about(&service.inner, shared, context, uris()).await;
    let mut lists = lists.ok()?;
    skills.into_iter().for_each(|skill| lists.add(skill));
    Some(uris().map(|uri| lists.found(uri, shared).ruling).collect())
}
