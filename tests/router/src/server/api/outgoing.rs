//! Sentences on their way out: replies of several commands take turns.

use std::collections::VecDeque;

use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::sync::mpsc::UnboundedReceiver;

use crate::server::wire::{Plan, SharedPlan};

/// Something for the client.
#[derive(Debug)]
pub enum Out {
    /// A reply.
    Reply(Reply),
    /// The end of the connection, after what was said before.
    Close,
}

/// The sentences of one reply.
#[derive(Debug, Default)]
pub struct Reply {
    pub sentences: VecDeque<Vec<u8>>,
    /// What is to happen to its bytes.
    pub plan: Option<Plan>,
    /// It waits for another reply to mix with.
    pub waits: bool,
}

/// How much is gathered before it is written.
const PIECE: usize = 16 << 10;

/// Writes replies until there is nobody to write for. While several are there each says one sentence
/// in turn.
pub async fn write(
    mut stream: impl AsyncWrite + Unpin,
    mut incoming: UnboundedReceiver<Out>,
    plan: SharedPlan,
) {
    let mut active: VecDeque<Reply> = VecDeque::new();
    let mut closing = false;
    loop {
        let alone = active.len() == 1 && active.iter().all(|reply| reply.waits);
        if active.is_empty() && closing {
            break;
        }
        let next = if (active.is_empty() || alone) && !closing {
            incoming.recv().await.or(Some(Out::Close))
        } else {
            incoming.try_recv().ok()
        };
        match next {
            Some(Out::Close) => closing = true,
            Some(Out::Reply(reply)) => {
                // the one that waited has its company now, and the newcomer need not wait
                let met = active.iter().any(|other| other.waits);
                for other in &mut active {
                    other.waits = false;
                }
                let waits = reply.waits && !met;
                active.push_back(Reply { waits, ..reply });
                continue;
            }
            None => {}
        }
        let bytes = take(&mut active, &plan);
        if stream.write_all(&bytes).await.is_err() || stream.flush().await.is_err() {
            return;
        }
        if active.is_empty() {
            let mut plan = plan.lock();
            plan.cut_after = None;
            plan.trickle = None;
        }
    }
    let _ = stream.shutdown().await;
}

fn take(active: &mut VecDeque<Reply>, plan: &SharedPlan) -> Vec<u8> {
    let mut bytes = Vec::new();
    while bytes.len() < PIECE
        && let Some(mut reply) = active.pop_front()
    {
        if let Some(own) = reply.plan.take() {
            *plan.lock() = own;
        }
        if let Some(sentence) = reply.sentences.pop_front() {
            bytes.extend(sentence);
        }
        if !reply.sentences.is_empty() {
            active.push_back(reply);
        }
    }
    bytes
}
