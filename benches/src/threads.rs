//! One thread beside two: the signed-in service called in process. What two cannot do at once (a lock, a cache line that
//! both write) shows here and nowhere else.

use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use hf_oauth_benches::{Fault, output};
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt as _;

use crate::servers;

/// Requests between two looks at the clock.
const BATCH: usize = 256;

/// Prints `[[one, two], ...]`: requests a second of each round, by one thread and by two, in turns.
pub(crate) fn run(seconds: f64, rounds: usize) -> Result<(), Fault> {
    let cookies = servers::cookies()?;
    let runtime = runtime()?;
    let service = runtime.block_on(servers::warm())?;
    let span = Duration::from_secs_f64(seconds);
    // Each session once, and nobody is counted.
    runtime.block_on(ask(&service, cookies.iter()))?;
    let mut figures = Vec::new();
    for _ in 0..rounds {
        figures.push([together(&service, &cookies, 1, span)?, together(&service, &cookies, 2, span)?]);
    }
    output::line(&serde_json::to_string(&figures)?);
    Ok(())
}

/// Requests a second of so many threads at once, each beginning with another person.
fn together(service: &Router, cookies: &[String], threads: usize, span: Duration) -> Result<f64, Fault> {
    let start = Barrier::new(threads);
    let one = |index: usize| -> Result<f64, Fault> {
        let (runtime, service) = (runtime()?, service.clone());
        let mut people = cookies.iter().cycle().skip(index * cookies.len() / threads);
        start.wait();
        let (begun, mut counted) = (Instant::now(), 0);
        while begun.elapsed() < span {
            runtime.block_on(ask(&service, people.by_ref().take(BATCH)))?;
            counted += BATCH;
        }
        Ok(counted as f64 / begun.elapsed().as_secs_f64())
    };
    thread::scope(|scope| {
        let one = &one;
        let running: Vec<_> = (0..threads).map(|index| scope.spawn(move || one(index))).collect();
        running.into_iter().map(|thread| thread.join().map_err(|_| "a thread panicked")?).sum()
    })
}

async fn ask(service: &Router, cookies: impl Iterator<Item = &String>) -> Result<(), Fault> {
    for cookie in cookies {
        let request = Request::get("/me").header(header::HOST, servers::HOST).header(header::COOKIE, cookie);
        let answer = service.clone().oneshot(request.body(Body::empty())?).await?;
        if answer.status() != StatusCode::OK {
            return Err(format!("an answer that is not 200: {}", answer.status()).into());
        }
    }
    Ok(())
}

fn runtime() -> Result<Runtime, Fault> {
    Ok(Builder::new_current_thread().enable_all().build()?)
}
