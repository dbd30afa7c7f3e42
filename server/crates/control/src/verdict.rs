//! The engine's decision as the client's answer.

use engine::decision::{Change, Decision, Verdict};
use model::orchestration::{OrchestrationResult, SetStateDetails, SetStateStatus};

pub(crate) fn answer<C: Change>(decision: Decision<C>) -> OrchestrationResult {
    let state = match decision.verdict {
        // Whoever has to wait or give up is not told a state.
        Verdict::Wait { .. } | Verdict::Abort { .. } => None,
        Verdict::Accept | Verdict::Reject { .. } => decision.answer().cloned(),
    };
    let (status, details) = match decision.verdict {
        Verdict::Accept => (SetStateStatus::Accept, SetStateDetails::Accept),
        Verdict::Reject { reason } => (SetStateStatus::Reject, SetStateDetails::Reject { reason: Some(reason.into()) }),
        Verdict::Abort { reason } => (SetStateStatus::Abort, SetStateDetails::Abort { reason: Some(reason.into()) }),
        Verdict::Wait { delay_seconds, reason } => {
            (SetStateStatus::Wait, SetStateDetails::Wait { delay_seconds, reason: Some(reason.into()) })
        }
    };
    OrchestrationResult { state, status, details }
}
