//! The updates of the list of variables.

use anyhow::{Result, ensure};
use model::{
    live::TopicKind,
    screen::{VariableList, VariableListQuery},
};
use serde_json::{Value, json};

use crate::{fixture::LiveFixture, page::Page};

/// The page of the list is sent as it is after each change. Changes of runs do not wake it.
pub async fn changes_by_clients(fixture: LiveFixture) -> Result<()> {
    let position = fixture.position().await?;
    fixture.create_run().await?;
    let mut page = Page::open(fixture.server.url(), &fixture.cookie, fixture.server.url()).await?;
    let query = VariableListQuery { search: "zone".to_owned(), ..VariableListQuery::default() };
    page.subscribe(fixture.topic(TopicKind::Variables { query })?, position).await?;

    let body = |name: &str, value: Value| json!({ "name": name, "value": value });
    let variable: Value = fixture.api.post("/variables/", &body("zones", json!(["uk"]))).await?;
    ensure!(next_list(&mut page).await? == (vec![("zones".to_owned(), r#"["uk"]"#.to_owned())], 1, 1));
    fixture.api.post::<Value>("/variables/", &body("batch_size", json!(5000))).await?;
    ensure!(next_list(&mut page).await?.2 == 2, "it does not match the search");
    let path = format!("/variables/{}", variable["id"].as_str().unwrap_or_default());
    fixture.api.call("PATCH", &path, [], Some(json!({ "value": null }).to_string())).await?;
    ensure!(next_list(&mut page).await?.0 == [("zones".to_owned(), "null".to_owned())]);
    fixture.api.call("DELETE", "/variables/name/zones", [], None).await?;
    ensure!(next_list(&mut page).await? == (Vec::new(), 0, 1));
    Ok(())
}

/// Names and values of the next update, how many variables match, and how many there are.
async fn next_list(page: &mut Page) -> Result<(Vec<(String, String)>, u64, u64)> {
    let list = page.wait_for(|list: VariableList| Some(list)).await?;
    Ok((list.rows.into_iter().map(|row| (row.name, row.value)).collect(), list.total, list.unfiltered))
}
