using Akka.Actor;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;

namespace Orchestrator.Actors.Members;

/// <summary>
/// Looks at one member by its driver, one look at a time, and keeps what the last one told. A plain class on the mailbox of the
/// <see cref="MemberActor"/>.
/// </summary>
internal sealed class MemberLooks(IEngineCluster cluster, IEngineMember driver, IReadOnlyList<string> replicaSets, TimeProvider time)
{
    private string _address = "";
    private bool _isLearner;
    private bool _looking;

    /// <summary>Its replica sets; at least one.</summary>
    public IReadOnlyList<string> ReplicaSets { get; private set; } = replicaSets;

    public NodeObservation Last { get; private set; } = NodeObservation.Never(cluster.Name, replicaSets[0], driver.Name);

    public EngineCapabilities Capabilities { get; private set; } = cluster.Capabilities;

    public void Know(AddressKnown known) => (_address, _isLearner, ReplicaSets) = (known.Address, known.IsLearner, known.ReplicaSets);

    /// <summary>Comes back as <see cref="Seen"/> or <see cref="NotSeen"/>.</summary>
    public void Look(IActorRef self, CancellationToken stopping)
    {
        if (!_looking)
        {
            _looking = true;
            driver.Observe(stopping).PipeTo(self, self, look => new Seen(look), error => new NotSeen(error.Message));
        }
    }

    /// <param name="compactions">What is observed of the member's compactions.</param>
    public void OnSeen(Seen seen, IReadOnlyList<CompactionStatus> compactions)
    {
        var look = seen.Look;
        Capabilities = look.Capabilities;
        End(compactions, Last with
        {
            State = look.State,
            Reason = look.Reason,
            Role = look.Role,
            Term = look.Term,
            PromisedTerm = look.Term,
            Primary = look.Primary,
            Lag = look.Lag,
            Disk = look.Disk,
            Version = look.Version,
            Alarms = look.Alarms,
            QuotaBytes = look.QuotaBytes,
            CannotLead = look.CannotLead,
            BackupRunning = look.BackupRunning,
            Capabilities = look.Capabilities,
            Memberships = look.Memberships,
        });
    }

    /// <summary>While it compacts, a member may be too busy to answer: its job tells more.</summary>
    /// <param name="compactions">What is observed of the member's compactions.</param>
    /// <param name="isJobSeen">Whether it tells how a job stands.</param>
    public void OnNotSeen(NotSeen failed, IReadOnlyList<CompactionStatus> compactions, bool isJobSeen) => End(compactions, isJobSeen
        ? Last with { State = NodeState.Offline, Reason = $"compacts and does not answer ({failed.Reason})" }
        : Last with { State = NodeState.Unreachable, Reason = failed.Reason, Role = _isLearner ? MemberRole.Learner : Last.Role });

    /// <summary>Measures the member's units for the asker.</summary>
    /// <param name="refusal">Why nothing is measured, as the answer to a mode that the member does not have, or to the driver's failure.</param>
    public void Measure(TakeInventory request, IActorRef asker, IActorRef self, Func<RefusalCode, string, CommandRefused> refusal, CancellationToken stopping)
    {
        var capabilities = Capabilities;
        var mode = request.Mode.Length == 0 ? capabilities.Modes[0] : request.Mode;
        if (!capabilities.Modes.Contains(mode))
        {
            asker.Tell(refusal(RefusalCode.Invalid, UnknownMode(mode)));
            return;
        }

        var failed = refusal(RefusalCode.WrongState, "");
        driver.Inventory(new InventoryRequest(mode, request.EngineOptions) { ReplicaSet = request.ReplicaSet }, stopping).PipeTo(
            asker,
            self,
            seen => new NodeInventory(driver.Name, mode, capabilities, seen.Units, time.GetUtcNow()) { SystemUnits = seen.SystemUnits, ReplicaSet = seen.ReplicaSet },
            error => failed with { Reason = error.Message });
    }

    public string UnknownMode(string mode) => $"the mode '{mode}' is unknown; known: {string.Join(", ", Capabilities.Modes)}";

    private void End(IReadOnlyList<CompactionStatus> compactions, NodeObservation seen)
    {
        _looking = false;
        Last = seen with { Address = _address, ReplicaSet = ReplicaSets[0], Compactions = compactions, ObservedAt = time.GetUtcNow() };
    }

    internal sealed record Seen(MemberObservation Look) : LocalMessage;

    internal sealed record NotSeen(string Reason) : LocalMessage;
}
