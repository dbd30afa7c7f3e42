//! The column that sorts lists of runs, which the database generates, and the same rule in Rust.

use model::{run::RunTimes, time::Timestamp};
use store::{
    testing::RawConnection,
    value::{Column, Kind, Type, Value},
};

use crate::populated;

testkit::on_both! {
    async fn generated_sort_times_follow_the_rule(app: TestApp) {
        populated::two_workspaces(&app).await;
        let mut connection = RawConnection::open(&app.location).await.unwrap();
        let times = [1, 2, 3].map(|micros| Some(Timestamp::from_micros(micros)));
        let or_null = |time: Option<Timestamp>| time.map_or(Value::Null, |time| time.to_value());
        for (table, expected_times) in [("flow_run", &times[..]), ("task_run", &[None, times[0], times[1], times[2]][..])] {
            let update = format!("UPDATE {table} SET start_time = $1, expected_start_time = $2, created = $3");
            let select = format!("SELECT sort_time FROM {table}");
            for start in [None, times[0], times[1], times[2]] {
                for expected in expected_times.iter().copied() {
                    for created in times {
                        let values = [start, expected, created].map(or_null).to_vec();
                        assert!(connection.touched(&update, &[Type::Big; 3], values).await.unwrap() > 1);
                        let rows = connection.rows(&select, &[], &[Kind::of(Type::Big)], Vec::new()).await.unwrap();
                        let run = RunTimes { start_time: start, expected_start_time: expected, ..RunTimes::default() };
                        let rule = run.sort_time(created.unwrap()).to_value();
                        assert!(rows.iter().flatten().all(|generated| *generated == rule), "{table}: {start:?}, {expected:?}, {created:?}");
                    }
                }
            }
        }
    }
}
