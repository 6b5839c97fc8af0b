// Every reason that a condition or an Event of ours can carry, once. doc/status.md explains each:
// test/unit/decide/reasons_test.cpp compares the two lists, so a reason that is not explained fails the build.
#pragma once

#include <array>
#include <string_view>

namespace decide::reason {

#define RBC_REASON(name) inline constexpr const char* k##name = #name
// Policy: Ready
RBC_REASON(Armed);
RBC_REASON(Observing);
RBC_REASON(Paused);
RBC_REASON(InvalidSpec);
RBC_REASON(TargetNotFound);
RBC_REASON(TargetConflict);
RBC_REASON(RollingBack);
RBC_REASON(RolledBack);
RBC_REASON(Settling);
RBC_REASON(Forbidden);
RBC_REASON(TopologyMismatch);
// Policy: Reconciling, Stalled, TargetResolved, SourcesAvailable, Triggered
RBC_REASON(RollbackInProgress);
RBC_REASON(Idle);
RBC_REASON(NoGoodRevision);
RBC_REASON(Halted);
RBC_REASON(NotRevisionSpecific);
RBC_REASON(GitOpsConflict);
RBC_REASON(NotStalled);
RBC_REASON(TargetFound);
RBC_REASON(SourcesReadable);
RBC_REASON(SourceForbidden);
RBC_REASON(SourceUnavailable);
RBC_REASON(NotNeeded);
RBC_REASON(NothingFired);
RBC_REASON(RollbackCreated);
RBC_REASON(WouldRollBack);
RBC_REASON(AlreadyRolledBack);
RBC_REASON(KillSwitch);
RBC_REASON(PlanVersionUnknown);
// Policy: GitOpsManaged
RBC_REASON(ArgoCD);
RBC_REASON(Flux);
RBC_REASON(Helm);
RBC_REASON(NotManaged);
// Rollback: Approved
RBC_REASON(Automatic);
RBC_REASON(ByPerson);
RBC_REASON(RevisionTooOld);
RBC_REASON(WaitingForDecision);
RBC_REASON(NotEnforcing);
RBC_REASON(TriggerNotBreached);
// Rollback: TrafficMoved
RBC_REASON(MovingTraffic);
RBC_REASON(WeightsMoved);
RBC_REASON(ServiceTurned);
RBC_REASON(WaitingForCapacity);
RBC_REASON(NoReadyPods);
RBC_REASON(RouteUnavailable);
RBC_REASON(RouteNotAccepted);
// Rollback: Reverted
RBC_REASON(TemplateRestored);
RBC_REASON(Draining);
RBC_REASON(LeftAsItIs);
RBC_REASON(Pending);
RBC_REASON(TargetPaused);
RBC_REASON(CapReached);
RBC_REASON(PolicyNotFound);
RBC_REASON(WriteDenied);
RBC_REASON(WriteFailed);
// Rollback: Restored
RBC_REASON(CriteriaHold);
RBC_REASON(WaitingForRollout);
RBC_REASON(Verifying);
RBC_REASON(VerificationInconclusive);
// Rollback: Complete, Failed
RBC_REASON(Running);
RBC_REASON(Stabilized);
RBC_REASON(EndedByNewRelease);
RBC_REASON(PolicyDeleted);
RBC_REASON(Superseded);
RBC_REASON(Aborted);
RBC_REASON(RestoredRevisionUnhealthy);
RBC_REASON(TargetDeleted);
RBC_REASON(GaveUp);
// Trigger verdicts
RBC_REASON(WithinLimit);
RBC_REASON(MemoryAboveLimit);
RBC_REASON(FailureLimitExceeded);
RBC_REASON(EveryPodCrashed);
RBC_REASON(DeadlineExceeded);
RBC_REASON(KnownBad);
RBC_REASON(NoReadings);
RBC_REASON(ReadingsStale);
RBC_REASON(Unschedulable);
RBC_REASON(RolledOut);
RBC_REASON(Progressing);
#undef RBC_REASON

inline constexpr std::array kAll{kArmed,
                                 kObserving,
                                 kPaused,
                                 kInvalidSpec,
                                 kTargetNotFound,
                                 kTargetConflict,
                                 kRollingBack,
                                 kRolledBack,
                                 kSettling,
                                 kForbidden,
                                 kRollbackInProgress,
                                 kIdle,
                                 kNoGoodRevision,
                                 kHalted,
                                 kNotRevisionSpecific,
                                 kGitOpsConflict,
                                 kNotStalled,
                                 kTargetFound,
                                 kSourcesReadable,
                                 kSourceForbidden,
                                 kSourceUnavailable,
                                 kNotNeeded,
                                 kNothingFired,
                                 kRollbackCreated,
                                 kWouldRollBack,
                                 kAlreadyRolledBack,
                                 kKillSwitch,
                                 kPlanVersionUnknown,
                                 kArgoCD,
                                 kFlux,
                                 kHelm,
                                 kNotManaged,
                                 kAutomatic,
                                 kByPerson,
                                 kRevisionTooOld,
                                 kWaitingForDecision,
                                 kNotEnforcing,
                                 kTriggerNotBreached,
                                 kTemplateRestored,
                                 kDraining,
                                 kLeftAsItIs,
                                 kPending,
                                 kTopologyMismatch,
                                 kMovingTraffic,
                                 kWeightsMoved,
                                 kServiceTurned,
                                 kWaitingForCapacity,
                                 kNoReadyPods,
                                 kRouteUnavailable,
                                 kRouteNotAccepted,
                                 kTargetPaused,
                                 kCapReached,
                                 kPolicyNotFound,
                                 kWriteDenied,
                                 kWriteFailed,
                                 kCriteriaHold,
                                 kWaitingForRollout,
                                 kVerifying,
                                 kVerificationInconclusive,
                                 kRunning,
                                 kStabilized,
                                 kEndedByNewRelease,
                                 kPolicyDeleted,
                                 kSuperseded,
                                 kAborted,
                                 kRestoredRevisionUnhealthy,
                                 kTargetDeleted,
                                 kGaveUp,
                                 kWithinLimit,
                                 kMemoryAboveLimit,
                                 kFailureLimitExceeded,
                                 kEveryPodCrashed,
                                 kDeadlineExceeded,
                                 kKnownBad,
                                 kNoReadings,
                                 kReadingsStale,
                                 kUnschedulable,
                                 kRolledOut,
                                 kProgressing};

}  // namespace decide::reason
