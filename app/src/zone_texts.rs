//! Holds the server and browsers to the same texts of times, in 40 zones around the changes of their offsets. The list of texts is written
//! from what the server renders; `end2end/specs/profile.spec.ts` compares it with what `Intl` of a browser formats.

use std::{fs, path::Path};

use control::profile::zone_around;
use leptos::prelude::*;
use model::{time::Timestamp, zone::BrowserZone};
use ui::{clock::ticking_clock, time::full_date_time};

const ZONES: [&str; 40] = [
    "Africa/Cairo",
    "Africa/Casablanca",
    "Africa/Johannesburg",
    "Africa/Lagos",
    "America/Anchorage",
    "America/Argentina/Buenos_Aires",
    "America/Bogota",
    "America/Chicago",
    "America/Denver",
    "America/Halifax",
    "America/Havana",
    "America/Los_Angeles",
    "America/Mexico_City",
    "America/New_York",
    "America/Phoenix",
    "America/Santiago",
    "America/Sao_Paulo",
    "America/St_Johns",
    "Asia/Dhaka",
    "Asia/Dubai",
    "Asia/Jerusalem",
    "Asia/Kathmandu",
    "Asia/Kolkata",
    "Asia/Seoul",
    "Asia/Shanghai",
    "Asia/Tehran",
    "Asia/Tokyo",
    "Atlantic/Azores",
    "Australia/Adelaide",
    "Australia/Eucla",
    "Australia/Lord_Howe",
    "Australia/Sydney",
    "Europe/Dublin",
    "Europe/Istanbul",
    "Europe/London",
    "Europe/Moscow",
    "Pacific/Auckland",
    "Pacific/Chatham",
    "Pacific/Kiritimati",
    "UTC",
];

/// The changes of these years are in every browser's table of zones.
const YEARS: [&str; 2] = ["2025-01-01T00:00:00Z", "2026-11-25T00:00:00Z"];
/// In winter and in summer, also for zones without changes.
const ALWAYS: [&str; 2] = ["2025-01-15T23:59:59Z", "2025-07-15T00:00:00Z"];

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// The last second before each change of the offset, and the first one after it.
fn changes(zone: &BrowserZone) -> Vec<Timestamp> {
    let [first, last] = YEARS.map(at);
    let rules = zone.rules.to_string();
    let minutes = rules.split('~').skip(1).map(|rule| rule.split('.').next().unwrap().parse::<i64>().unwrap());
    let changes = minutes.map(|minute| Timestamp::from_micros(minute * 60_000_000));
    let changes = changes.filter(|change| first < *change && *change < last);
    changes.flat_map(|change| [change.plus_micros(-1_000_000), change]).collect()
}

/// The texts as the server renders them in a zone.
fn texts(name: &str) -> String {
    let zone = zone_around(name, at(YEARS[1])).unwrap();
    let times = ALWAYS.map(at).into_iter().chain(changes(&zone));
    let lines = Owner::new().with(|| {
        provide_context(zone.clone());
        let zone = ticking_clock(at(YEARS[1]), None).get_untracked().zone;
        times.map(|time| format!("    \"{time}\": \"{}\"", full_date_time(time, zone))).collect::<Vec<_>>()
    });
    format!("  \"{name}\": {{\n{}\n  }}", lines.join(",\n"))
}

#[test]
fn list_of_texts_for_the_browser_tests_is_up_to_date() {
    let expected = format!("{{\n{}\n}}\n", ZONES.map(texts).join(",\n"));
    assert!(expected.contains("\"2026-03-29T01:00:00.000000Z\": \"Sunday 29 March 2026, 02:00:00\""), "{expected}");
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../end2end/support/zone-texts.json");
    if fs::read_to_string(&file).is_ok_and(|text| text == expected) {
        return;
    }
    fs::write(&file, expected).unwrap();
    panic!("end2end/support/zone-texts.json was out of date and is generated again now: commit it");
}
