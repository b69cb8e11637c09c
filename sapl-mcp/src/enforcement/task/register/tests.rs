use serde_json::json;

use super::*;
use crate::rule::Unruled;

const MINUTE: Duration = Duration::from_secs(60);

fn kept() -> KeptTask {
    KeptTask::unruled("t".to_owned(), Unruled::for_tests())
}

fn place(id: &str, ttl_ms: Option<u64>, now: Instant) -> Place<'_> {
    Place { id, ttl_ms, now }
}

fn is_own(found: &Found) -> bool {
    matches!(found, Found::Own(kept) if kept.tool() == "t")
}

fn is_unknown(found: &Found) -> bool {
    matches!(found, Found::Unknown)
}

#[test]
fn a_task_is_its_owners_and_nobody_elses() {
    let register = TaskRegister::default();
    let now = Instant::now();
    let (mara, sam) = (json!("mara"), json!("sam"));
    register
        .enter(place("1", None, now), &Whose::Fixed(&mara), kept())
        .unwrap();
    assert!(is_own(&register.find("1", &Whose::Fixed(&mara), now)));
    for other in [
        Whose::Fixed(&sam),
        Whose::Anonymous,
        Whose::Unknown,
        Whose::Token("mara"),
    ] {
        assert!(matches!(register.find("1", &other, now), Found::Foreign(_)));
        assert!(is_unknown(&register.find("2", &other, now)));
    }
}

#[test]
fn an_id_is_given_once_until_its_task_is_forgotten() {
    let register = TaskRegister::default();
    let now = Instant::now();
    let enter = |whose| register.enter(place("1", None, now), whose, kept());
    assert_eq!(enter(&Whose::Anonymous), Ok(()));
    assert_eq!(enter(&Whose::Anonymous), Err(NoPlace::Taken));
    assert_eq!(enter(&Whose::Unknown), Err(NoPlace::Taken));
    register.forget("1");
    assert_eq!(enter(&Whose::Unknown), Ok(()));
    assert!(matches!(
        register.find("1", &Whose::Anonymous, now),
        Found::Foreign(_)
    ));
}

#[test]
fn a_task_is_known_for_twice_its_time_to_live_within_limits() {
    let register = TaskRegister::default();
    let now = Instant::now();
    let day = u64::try_from(MAX_TASK_AGE.as_millis()).unwrap();
    for (id, ttl_ms, age) in [
        ("short", Some(0), MINUTE),
        ("edge", Some(30_000), MINUTE),
        ("long", Some(30_001), MINUTE + Duration::from_millis(2)),
        ("half", Some(day / 2), MAX_TASK_AGE),
        ("day", Some(day), MAX_TASK_AGE),
        ("ever", Some(u64::MAX), MAX_TASK_AGE),
        ("unlimited", None, MAX_TASK_AGE),
    ] {
        register
            .enter(place(id, ttl_ms, now), &Whose::Anonymous, kept())
            .unwrap();
        let instant = Duration::from_nanos(1);
        let just_before = register.find(id, &Whose::Anonymous, now + age - instant);
        assert!(is_own(&just_before), "{id}");
        let then = register.find(id, &Whose::Anonymous, now + age);
        assert!(is_unknown(&then), "{id}");
        assert_eq!(register.lock().by_id.len(), 0);
    }
    assert!(register.lock().by_owner.is_empty());
}

#[test]
fn who_asks_makes_a_task_known_for_longer_and_never_for_less() {
    let register = TaskRegister::default();
    let now = Instant::now();
    let whose = Whose::Anonymous;
    register.enter(place("1", None, now), &whose, kept()).unwrap();
    register.renew(place("1", Some(0), now));
    assert!(is_own(&register.find("1", &whose, now + MAX_TASK_AGE - MINUTE)));
    register.renew(place("1", None, now + MINUTE));
    register.renew(place("2", None, now + MINUTE));
    assert!(is_own(&register.find("1", &whose, now + MAX_TASK_AGE)));
    let then = register.find("1", &whose, now + MAX_TASK_AGE + MINUTE);
    assert!(is_unknown(&then));
    assert!(register.lock().by_end.is_empty());
}

#[test]
fn one_task_past_the_limit_of_a_principal_has_no_place() {
    let register = TaskRegister::default();
    let now = Instant::now();
    for id in 0..MAX_TASKS_PER_PRINCIPAL {
        let id = id.to_string();
        register
            .enter(place(&id, None, now), &Whose::Anonymous, kept())
            .unwrap();
    }
    let one_more = |whose| register.enter(place("more", None, now), whose, kept());
    assert_eq!(one_more(&Whose::Anonymous), Err(NoPlace::OwnerFull));
    assert_eq!(one_more(&Whose::Unknown), Ok(()));
    register.forget("more");
    register.forget("0");
    assert_eq!(one_more(&Whose::Anonymous), Ok(()));
}

#[test]
fn one_task_past_the_limit_has_no_place_until_others_are_forgotten() {
    let register = TaskRegister::default();
    let now = Instant::now();
    for id in 0..MAX_TASKS {
        let (id, owner) = (id.to_string(), json!(id / MAX_TASKS_PER_PRINCIPAL));
        register
            .enter(place(&id, Some(0), now), &Whose::Fixed(&owner), kept())
            .unwrap();
    }
    let enter = |now| register.enter(place("more", None, now), &Whose::Anonymous, kept());
    assert_eq!(enter(now), Err(NoPlace::Full));
    assert_eq!(enter(now + MINUTE), Ok(()));
    assert_eq!(register.lock().by_id.len(), 1);
}

/// A register with the tasks `0` of each of so many principals.
fn with_owners(owners: usize) -> (TaskRegister, Vec<Arc<KeptTask>>) {
    let register = TaskRegister::default();
    let now = Instant::now();
    let entered = |owner: usize| {
        let (id, whose) = (owner.to_string(), json!(owner));
        let whose = Whose::Fixed(&whose);
        register.enter(place(&id, None, now), &whose, kept()).unwrap();
        match register.find(&id, &whose, now) {
            Found::Own(kept) => kept,
            _ => panic!("no task"),
        }
    };
    let tasks = (0..owners).map(entered).collect();
    (register, tasks)
}

#[test]
fn a_principal_has_so_many_bytes_and_not_one_more() {
    let (register, tasks) = with_owners(1);
    let resize = |bytes| register.resize("0", &tasks[0], bytes);
    assert_eq!(resize(MAX_TASK_BYTES_PER_PRINCIPAL), Ok(()));
    assert_eq!(resize(MAX_TASK_BYTES_PER_PRINCIPAL + 1), Err(NoPlace::OwnerHeavy));
    assert_eq!(resize(usize::MAX), Err(NoPlace::OwnerHeavy));
    let (now, owner) = (Instant::now(), json!(0));
    let one_more = || register.enter(place("more", None, now), &Whose::Fixed(&owner), kept());
    assert_eq!(one_more(), Err(NoPlace::OwnerHeavy));
    assert_eq!(resize(MAX_TASK_BYTES_PER_PRINCIPAL - kept().weight()), Ok(()));
    assert_eq!(one_more(), Ok(()));
    assert_eq!(
        resize(MAX_TASK_BYTES_PER_PRINCIPAL - kept().weight() + 1),
        Err(NoPlace::OwnerHeavy)
    );
}

#[test]
fn all_have_so_many_bytes_and_not_one_more() {
    let owners = MAX_TASK_BYTES / MAX_TASK_BYTES_PER_PRINCIPAL;
    let (register, tasks) = with_owners(owners + 1);
    let resize = |owner: usize, bytes| register.resize(&owner.to_string(), &tasks[owner], bytes);
    assert_eq!(resize(owners, 1), Ok(()));
    for owner in 1..owners {
        assert_eq!(resize(owner, MAX_TASK_BYTES_PER_PRINCIPAL), Ok(()));
    }
    assert_eq!(resize(0, MAX_TASK_BYTES_PER_PRINCIPAL - 1), Ok(()));
    assert_eq!(resize(0, MAX_TASK_BYTES_PER_PRINCIPAL), Err(NoPlace::Heavy));
    let now = Instant::now();
    let one_more = || register.enter(place("more", None, now), &Whose::Anonymous, kept());
    assert_eq!(one_more(), Err(NoPlace::Heavy));
    register.forget("1");
    assert_eq!(one_more(), Ok(()));
}

#[test]
fn what_was_kept_for_forgotten_tasks_counts_no_more() {
    let (register, tasks) = with_owners(1);
    register
        .resize("0", &tasks[0], MAX_TASK_BYTES_PER_PRINCIPAL)
        .unwrap();
    register.forget("0");
    assert_eq!(register.lock().bytes, 0);
    // Neither for one that is unknown, nor for another one of the same id.
    assert_eq!(register.resize("0", &tasks[0], usize::MAX), Ok(()));
    let now = Instant::now();
    register
        .enter(place("0", None, now), &Whose::Anonymous, kept())
        .unwrap();
    assert_eq!(register.resize("0", &tasks[0], usize::MAX), Ok(()));
    assert_eq!(register.lock().bytes, kept().weight());
}

#[test]
fn the_limits_are_those_that_are_documented() {
    const MIB: usize = 1_048_576;
    assert_eq!(MAX_TASK_BYTES / MIB, 256);
    assert_eq!(MAX_TASK_BYTES_PER_PRINCIPAL / MIB, 32);
    assert_eq!((MAX_TASK_BYTES % MIB, MAX_TASK_BYTES_PER_PRINCIPAL % MIB), (0, 0));
    assert_eq!(MAX_TASK_AGE.as_secs(), 86_400);
}
