//! The attributes of `time`.

use super::*;

/// 2026-03-18T10:15:30Z, a Wednesday.
const WEDNESDAY: u64 = 1_773_828_930;

/// What an attribute is, and after how many seconds it is another.
async fn changes(attribute: &str, start: u64, count: usize) -> Vec<(u64, serde_json::Value)> {
    let policy = format!("policy \"p\" permit transform <time.{attribute}>");
    let pdp = policies(&[&policy]).with_clock(Virtual::at(start));
    let began = Instant::now();
    let asked = subscription();
    let told = pdp.decide(&asked).take(count);
    let told = told.map(|told| (began.elapsed().as_secs(), told.resource.unwrap_or_default()));
    told.collect().await
}

fn both(changes: &[(u64, serde_json::Value)]) -> Vec<(u64, bool)> {
    let changes = changes.iter();
    changes
        .map(|(at, value)| (*at, value.as_bool().unwrap()))
        .collect()
}

#[tokio::test(start_paused = true)]
async fn now_is_told_every_second_or_as_often_as_is_asked() {
    let told = changes("now", WEDNESDAY, 3).await;
    let texts: Vec<_> = told
        .iter()
        .map(|(at, value)| (*at, value.as_str().unwrap()))
        .collect();
    assert_eq!(
        texts,
        [
            (0, "2026-03-18T10:15:30Z"),
            (1, "2026-03-18T10:15:31Z"),
            (2, "2026-03-18T10:15:32Z")
        ]
    );
    let told = changes("now(60000)", WEDNESDAY, 2).await;
    assert_eq!(told[1], (60, "2026-03-18T10:16:30Z".into()));
    assert_eq!(changes("systemTimeZone", WEDNESDAY, 1).await, [(0, "UTC".into())]);
}

#[tokio::test(start_paused = true)]
async fn a_checkpoint_is_told_when_it_comes() {
    let told = changes("nowIsAfter(\"2026-03-20T10:15:30Z\")", WEDNESDAY, 2).await;
    assert_eq!(both(&told), [(0, false), (2 * 86_400, true)]);
    let told = changes("nowIsBefore(\"2026-03-18T11:15:31+01:00\")", WEDNESDAY, 2).await;
    assert_eq!(both(&told), [(0, true), (1, false)]);
    let told = changes(
        "nowIsBetween(\"2026-03-18T10:16:00Z\", \"2026-03-18T10:17:00Z\")",
        WEDNESDAY,
        3,
    )
    .await;
    assert_eq!(both(&told), [(0, false), (30, true), (90, false)]);
}

#[tokio::test(start_paused = true)]
async fn times_of_the_day_come_every_day() {
    const DAY: u64 = 86_400;
    // 10:15:30 is 36930 seconds after midnight.
    let (noon, midnight) = (43_200 - 36_930, DAY - 36_930);
    let told = changes("localTimeIsAfter(\"12:00\")", WEDNESDAY, 4).await;
    assert_eq!(
        both(&told),
        [(0, false), (noon, true), (midnight, false), (noon + DAY, true)]
    );
    let told = changes("localTimeIsBetween(\"22:00\", \"12:00\")", WEDNESDAY, 4).await;
    let night = 22 * 3600 - 36_930;
    assert_eq!(
        both(&told),
        [(0, true), (noon, false), (night, true), (noon + DAY, false)]
    );
    for (attribute, value) in [
        ("localTimeIsAfter(\"00:00\")", true),
        ("localTimeIsAfter(\"23:59:59.999999999\")", false),
        ("localTimeIsBefore(\"00:00\")", false),
        ("localTimeIsBetween(\"00:00\", \"23:59:59.999999999\")", true),
        ("localTimeIsBetween(\"10:00\", \"10:00\")", false),
    ] {
        assert_eq!(
            both(&changes(attribute, WEDNESDAY, 1).await),
            [(0, value)],
            "{attribute}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn clocks_that_are_set_forth_and_back_shift_the_times_of_the_day() {
    // 2026-03-29T00:30:00Z: half an hour before clocks in Berlin go from 2:00 to 3:00.
    let told = changes("localTimeIsAfter(\"02:30\", \"Europe/Berlin\")", 1_774_744_200, 2).await;
    assert_eq!(both(&told), [(0, false), (1800, true)]);
    // 2026-10-24T23:30:00Z: it is 1:30 in Berlin, and 2:30 comes twice.
    let told = changes("localTimeIsAfter(\"02:30\", \"Europe/Berlin\")", 1_792_884_600, 4).await;
    assert_eq!(
        both(&told),
        [(0, false), (3600, true), (5400, false), (7200, true)]
    );
}

#[tokio::test(start_paused = true)]
async fn days_and_months_change_at_midnight() {
    let told = changes("weekdayIn([\"wednesday\", \"FRIDAY\"])", WEDNESDAY, 3).await;
    let midnight = 86_400 - 36_930;
    assert_eq!(
        both(&told),
        [(0, true), (midnight, false), (midnight + 86_400, true)]
    );
    let told = changes(
        "dayOfWeekBetween(\"SATURDAY\", \"WEDNESDAY\", \"Asia/Tokyo\")",
        WEDNESDAY,
        2,
    )
    .await;
    assert_eq!(both(&told), [(0, true), (midnight - 9 * 3600, false)]);
    let told = changes("monthBetween(4, 2)", WEDNESDAY, 2).await;
    assert_eq!(both(&told), [(0, false), (midnight + 13 * 86_400, true)]);
    let told = changes("monthIn([\"March\", 5])", WEDNESDAY, 2).await;
    assert_eq!(both(&told), [(0, true), (midnight + 13 * 86_400, false)]);
}

#[tokio::test(start_paused = true)]
async fn a_toggle_is_on_first() {
    let told = changes("toggle(1000, 2000)", WEDNESDAY, 4).await;
    assert_eq!(both(&told), [(0, true), (1, false), (3, true), (4, false)]);
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_set_is_noticed_within_an_hour() {
    let policy = "policy \"p\" permit <time.nowIsAfter(\"2026-03-20T00:00:00Z\")>;";
    let settable = Settable(Arc::new(Mutex::new(WEDNESDAY)));
    let set = Arc::clone(&settable.0);
    let pdp = policies(&[policy]).with_clock(settable);
    let asked = subscription();
    let mut decisions = pdp.decide(&asked);
    assert_eq!(decisions.next().await.unwrap().decision, Decision::Deny);
    *set.lock().unwrap() += 7 * 86_400;
    let began = Instant::now();
    assert_eq!(decisions.next().await.unwrap().decision, Decision::Permit);
    assert!(began.elapsed() <= Duration::from_secs(3601));
}

#[derive(Debug)]
struct Settable(Arc<Mutex<u64>>);

impl Clock for Settable {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(*self.0.lock().unwrap())
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        tokio::time::sleep(duration).boxed()
    }
}
