//! A page while the database can't read what it shows.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use tokio::{io::AsyncReadExt as _, net::TcpStream, time::timeout};

use crate::{
    fixture::LiveFixture,
    http::{read_until, request_page},
};

/// The server waits 10 seconds for the database.
const TIMEOUT: Duration = Duration::from_secs(8);

/// The page of a run begins, with its title, the frame and the files to load, while PostgreSQL can’t read the log; the rest follows.
pub async fn locked_log(fixture: LiveFixture) -> Result<()> {
    let run = fixture.create_run().await?;
    fixture.log(&run, "the only line").await?;
    let path = format!("/account/{}/workspace/{}/runs/flow-run/{run}", fixture.account, fixture.workspace);
    for encoding in ["identity", "gzip"] {
        let database = fixture.server.database().context("the server is on PostgreSQL")?;
        let lock = database.lock("log").await?;
        let mut page = request_page(fixture.server.url(), &path, &fixture.cookie, encoding).await?;
        if encoding == "identity" {
            let begun = timeout(TIMEOUT, read_until(&mut page, "<main")).await.context("the page doesn’t begin")??;
            for expected in ["HTTP/1.1 200", "<title>orders / first", "modulepreload", "Workspace settings"] {
                ensure!(begun.contains(expected), "no {expected} in {begun}");
            }
            ensure!(!begun.contains("the only line"), "{begun}");
            drop(lock);
            let rest = timeout(TIMEOUT, read_until(&mut page, "\r\n0\r\n")).await.context("the page doesn’t end")??;
            ensure!(rest.contains("the only line") && rest.contains("</html>"), "{rest}");
        } else {
            timeout(TIMEOUT, begins_compressed(&mut page)).await.context("the page doesn’t begin")??;
        }
    }
    Ok(())
}

/// The compressor sends what it has while the page waits.
async fn begins_compressed(page: &mut TcpStream) -> Result<()> {
    let (mut read, mut buffer) = (Vec::new(), [0; 16 * 1024]);
    let is_begun = |read: &[u8]| {
        let head = read.windows(4).position(|four| four == b"\r\n\r\n");
        head.is_some_and(|head| read.len() > head + 1_000)
    };
    while !is_begun(&read) {
        let count = page.read(&mut buffer).await?;
        ensure!(count > 0, "the response ended after {} bytes", read.len());
        read.extend_from_slice(&buffer[..count]);
    }
    let head = String::from_utf8_lossy(&read).to_lowercase();
    ensure!(head.contains("content-encoding: gzip"), "{head}");
    Ok(())
}
