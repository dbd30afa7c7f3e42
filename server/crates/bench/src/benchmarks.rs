//! The figures, one a subcommand of `bench`. Must not know how any of them is taken.

mod bare;
mod lifecycles;
mod row_log;
mod storage;

use anyhow::Result;
use clap::{Args, Subcommand};

use crate::by_default;

#[derive(Args)]
pub struct Bench {
    /// All of them, where none is named
    #[command(subcommand)]
    figure: Option<Figure>,
}

#[derive(Subcommand)]
enum Figure {
    /// Changes of state per second without HTTP, on both databases, beside the bare drivers
    Storage(storage::Storage),
    /// Flow runs from their creation to Completed per second over HTTP, beside the reference server
    Lifecycles(lifecycles::Lifecycles),
}

impl Bench {
    pub async fn run(self) -> Result<()> {
        match self.figure {
            Some(Figure::Storage(storage)) => storage.run().await,
            Some(Figure::Lifecycles(lifecycles)) => lifecycles.run().await,
            None => {
                by_default::<storage::Storage>().run().await?;
                by_default::<lifecycles::Lifecycles>().run().await
            }
        }
    }
}
