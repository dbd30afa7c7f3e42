//! The benchmarks, each a subcommand of `bench`. Must not know how any of them measures.

mod answers;
mod bare;
mod lifecycles;
mod row_log;
mod storage;
mod workload;

use anyhow::Result;
use clap::{Args, Subcommand};

use crate::with_default_arguments;

#[derive(Args)]
pub struct Bench {
    /// The benchmark to run; without it all run
    #[command(subcommand)]
    benchmark: Option<Benchmark>,
}

#[derive(Subcommand)]
enum Benchmark {
    /// State changes per second without HTTP, on both databases, compared with the bare drivers
    Storage(storage::Storage),
    /// Flow runs per second over HTTP, each from creation to Completed, compared with the reference server
    Lifecycles(lifecycles::Lifecycles),
    /// What it costs to compress a long answer to a client
    Answers(answers::Answers),
}

impl Bench {
    pub async fn run(self) -> Result<()> {
        match self.benchmark {
            Some(Benchmark::Storage(storage)) => storage.run().await,
            Some(Benchmark::Lifecycles(lifecycles)) => lifecycles.run().await,
            Some(Benchmark::Answers(answers)) => answers.run().await,
            None => {
                with_default_arguments::<storage::Storage>().run().await?;
                with_default_arguments::<lifecycles::Lifecycles>().run().await?;
                with_default_arguments::<answers::Answers>().run().await
            }
        }
    }
}
