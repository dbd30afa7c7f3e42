//! The time zone of pages.

use model::time::Civil;

use super::{PASSWORD, TestSite};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn times_are_in_the_zone_that_the_browser_sends() {
    let site = TestSite::with_sign_in().await;
    let ann = site.register("ann").await;
    let workspace = site.create_workspace(&ann, "Data").await;
    site.call("create-api-key", "application/x-www-form-urlencoded", &ann, "name=laptop&expires=30").await;
    let time = |minutes: i32| {
        let local = site.clock.now().plus_seconds(f64::from(minutes) * 60.0);
        let Civil { hour, minute, second, .. } = local.civil();
        format!("{hour:02}:{minute:02}:{second:02}")
    };
    for (cookie, minutes, name) in [
        ("provost-zone=Asia/Kolkata~0.330", 330, "Asia/Kolkata"),
        ("provost-zone=America/St_Johns~0.-210; other=1", -210, "America/St_Johns"),
        ("provost-zone=UTC~0.0", 0, "UTC"),
    ] {
        let cookies = format!("{ann}; {cookie}");
        let keys = site.get("/my/api-keys", &cookies).await.body;
        assert!(keys.contains(&format!(", {}\"", time(minutes))), "{cookie}: {keys}");
        let runs = site.get(&format!("{workspace}/runs"), &cookies).await.body;
        assert!(runs.contains(&format!("Times are in {name}.")), "{cookie}: {runs}");
    }
    for cookie in ["", "provost-zone=", "provost-zone=nonsense", "provost-zone=<b>~0.330", "provost-zone=A~0.9999"] {
        let cookies = format!("{ann}; {cookie}");
        let keys = site.get("/my/api-keys", &cookies).await.body;
        assert!(keys.contains(&format!(", {} UTC\"", time(0))), "{cookie}: {keys}");
        let runs = site.get(&format!("{workspace}/runs"), &cookies).await.body;
        assert!(runs.contains("Times are in UTC."), "{cookie}: {runs}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn browser_that_sends_no_zone_gets_the_one_of_the_last_sign_in() {
    let site = TestSite::with_sign_in().await;
    let ann = site.register("ann").await;
    let workspace = site.create_workspace(&ann, "Data").await;
    let shows = async |cookies: &str, name: &str| {
        let runs = site.get(&format!("{workspace}/runs"), cookies).await.body;
        assert!(runs.contains(&format!("Times are in {name}.")), "{name} with {cookies}: {runs}");
    };
    shows(&ann, "UTC").await;
    let sign_in = async |zone: &str| {
        let form = format!("email=ann%40example.org&password={}&to=", PASSWORD.replace(' ', "+"));
        site.form("sign-in", zone, &form).await.session_cookie()
    };
    let office = sign_in("provost-zone=Asia/Kolkata~0.330").await;
    for browser in [&ann, &office] {
        shows(browser, "Asia/Kolkata").await;
        shows(&format!("{browser}; provost-zone=nonsense"), "Asia/Kolkata").await;
        shows(&format!("{browser}; provost-zone=Europe/Berlin~0.60"), "Europe/Berlin").await;
    }
    let unknown = sign_in("provost-zone=nonsense").await;
    shows(&unknown, "Asia/Kolkata").await;
    let home = sign_in("provost-zone=Europe/Berlin~0.60~29579100.120").await;
    shows(&home, "Europe/Berlin").await;
}
