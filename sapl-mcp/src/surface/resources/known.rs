//! What a server knows although its list of resources does not have it: the files of skills, and directories.
//!
//! A file is under the rule of its skill. What is hidden makes no directory known, or the answer for what lies beside it
//! would tell that it is there.

use std::{borrow::Cow, collections::HashSet};

use rmcp::model::{JsonObject, Resource, SKILL_MD, Skill, SkillResources};

use super::{lists::Lists, select::Selection};
use crate::{
    layer::Shared,
    rule::{Ruling, uri},
};

/// What a skill says is there.
pub(super) struct KnownSkill {
    uri: String,
    normal: String,
    /// The files that it names.
    files: Vec<File>,
    /// The folder of a skill that does not name its files, with a slash at its end.
    root: Option<String>,
}

struct File {
    uri: String,
    normal: String,
}

impl KnownSkill {
    pub(super) fn of(skill: &Skill) -> Self {
        let file = |uri: &str| File {
            uri: uri.to_owned(),
            normal: uri::normalized(uri).into_owned(),
        };
        let normal = uri::normalized(&skill.uri);
        Self {
            files: files(skill).map(file).collect(),
            root: root(skill, &normal).map(str::to_owned),
            uri: skill.uri.clone(),
            normal: normal.into_owned(),
        }
    }

    /// The normal form of its URI.
    pub(super) fn normal(&self) -> &str {
        &self.normal
    }

    fn names(&self, normal: &str) -> bool {
        self.files.iter().any(|file| file.normal == normal)
    }

    fn is_around(&self, normal: &str) -> bool {
        self.root.as_ref().is_some_and(|root| normal.starts_with(root))
    }

    /// Whether the skill spells the URI so.
    fn spells(&self, uri: &str, normal: &str) -> bool {
        match self.names(normal) {
            true => self.files.iter().any(|file| file.uri == uri),
            false => uri == normal,
        }
    }
}

/// Whether some of the URIs with these normal forms are of the skill or of a file of it, as far as the skill says.
pub(super) fn claims_any(skill: &Skill, normals: &HashSet<Cow<'_, str>>) -> bool {
    let normal = uri::normalized(&skill.uri);
    files(skill).any(|file| normals.contains(&uri::normalized(file)))
        || root(skill, &normal).is_some_and(|root| normals.iter().any(|uri| uri.starts_with(root)))
}

/// The URIs that a skill names.
fn files(skill: &Skill) -> impl Iterator<Item = &str> {
    let files = match &skill.resources {
        SkillResources::Files(files) => files.as_slice(),
        _ => &[],
    };
    std::iter::once(skill.uri.as_str()).chain(files.iter().map(|file| file.uri.as_str()))
}

/// The folder of a skill with this URI that does not name its files, with a slash at its end.
fn root<'n>(skill: &Skill, normal: &'n str) -> Option<&'n str> {
    let root = normal.strip_suffix(SKILL_MD).filter(|root| root.ends_with('/'));
    root.filter(|_| matches!(skill.resources, SkillResources::Dynamic))
}

impl Lists {
    /// What is said of a file that nobody lists by the skills that these lists have: it is under the rule of its skill. A
    /// skill that names the file goes before one around it that names none.
    pub(super) fn of_a_skill(&self, uri: &str, normal: &str, shared: &Shared) -> Selection {
        let claiming = |claims: fn(&KnownSkill, &str) -> bool| {
            let skills = self.skills().iter();
            skills.filter(move |skill| claims(skill, normal))
        };
        let is_named = claiming(KnownSkill::names).next().is_some();
        let skills = match is_named {
            true => claiming(KnownSkill::names),
            false => claiming(KnownSkill::is_around),
        };
        let (mut found, mut is_spelled) = (None, false);
        for skill in skills {
            is_spelled |= skill.spells(uri, normal);
            found = Some(Ruling::also(found.take(), (), self.of_listed(&skill.uri, shared)));
        }
        let (definition, variables) = (Resource::new(uri, uri).into(), JsonObject::new());
        match found.map(|((), ruling)| ruling) {
            None => Selection::Nothing,
            Some(Ruling::Absent(reason)) => Selection::Absent(reason),
            Some(Ruling::Rules(_)) if !is_spelled => {
                Selection::Absent("the file of a skill with a rule is spelled in another way")
            }
            Some(Ruling::Rules(rules)) => Selection::Rules(rules, definition, variables),
            Some(Ruling::Unruled(_) | Ruling::Denied) if !is_spelled => Selection::Nothing,
            Some(Ruling::Unruled(_) | Ruling::Denied) => Selection::Unruled(definition, variables),
        }
    }

    /// Whether something that is hidden from nobody is in the directory `uri`. These lists have everything.
    pub(super) fn have_directory(&self, uri: &str, shared: &Shared) -> bool {
        if uri::normalized(uri) != uri {
            return false;
        }
        let directory = format!("{}/", uri.strip_suffix('/').unwrap_or(uri));
        let is_inside = |known: &str, normal: &str| known == normal && known.starts_with(&directory);
        let is_open = |uri: &str| !self.found(uri, shared).ruling.hides();
        let mut resources = self.each_resource();
        if resources.any(|resource| {
            is_inside(&resource.uri, &uri::normalized(&resource.uri)) && is_open(&resource.uri)
        }) {
            return true;
        }
        self.skills().iter().any(|skill| {
            let mut files = skill.files.iter();
            let has_file = files.any(|file| is_inside(&file.uri, &file.normal) && is_open(&file.uri));
            has_file || skill.is_around(&directory) && is_open(&skill.uri)
        })
    }
}
