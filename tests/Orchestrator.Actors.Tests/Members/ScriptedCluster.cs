using System.Collections.Concurrent;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;

namespace Orchestrator.Actors.Tests.Members;

/// <summary>An engine whose members answer what a test has set.</summary>
internal sealed class ScriptedCluster : IEngineCluster
{
    private readonly Dictionary<string, ScriptedMember> _members = [];

    public ScriptedCluster(params ReplicaSetDefinition[] sets)
    {
        ReplicaSets = sets;
        foreach (var name in sets.SelectMany(set => set.Members).Distinct())
        {
            _members[name] = new ScriptedMember(name);
        }
    }

    public static EngineCapabilities Can { get; } = new(
        CompactionScopeKind.Database, CompactionAvailability.Serving, TemporarySpaceRule.None,
        EstimatesWithoutCompacting: true, ReportsProgress: true, CanCancel: true, CanPause: false, HasPrimary: false, ["squeeze"]);

    public IReadOnlyList<ReplicaSetDefinition> ReplicaSets { get; set; }

    public string Name => "c1";

    public string Engine => "scripted";

    public EngineCapabilities Capabilities => Can;

    public TimeSpan? Settle => null;

    public TimeSpan DiscoverInterval => TimeSpan.FromSeconds(1);

    public TimeSpan RenewInterval => TimeSpan.FromSeconds(1);

    public ScriptedMember this[string name] => _members[name];

    public Task<EngineTopology> Discover(CancellationToken cancellationToken) =>
        Task.FromResult(new EngineTopology(ReplicaSets, new Dictionary<string, string>()));

    public IEngineMember Member(string name) => _members[name];

    public Task<string> Claim(string runId, CancellationToken cancellationToken) => Task.FromResult("");

    public Task Renew(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task Release(string runId, CancellationToken cancellationToken) => Task.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

/// <summary>A member that shows what a test has set. Its jobs are at work until the test ends them.</summary>
internal sealed class ScriptedMember(string name) : IEngineMember
{
    private readonly Dictionary<JobId, JobStatus> _jobs = [];

    public event Action? StateChanged;

    public string Name => name;

    public MemberObservation Seen { get; set; } = new(
        NodeState.Online, "", MemberRole.Secondary, 0, "", ReplicationLag.None, DiskSpace.Unseen, ScriptedCluster.Can);

    public IReadOnlyList<UnitEstimate> Units { get; set; } = [];

    public IReadOnlyCollection<JobId> Jobs => _jobs.Keys;

    public Task<MemberObservation> Observe(CancellationToken cancellationToken) => Task.FromResult(Seen);

    /// <summary>The sets for which it was measured, in order; null for all.</summary>
    public ConcurrentQueue<string?> Measured { get; } = [];

    public Task<MemberInventory> Inventory(InventoryRequest request, CancellationToken cancellationToken)
    {
        Measured.Enqueue(request.ReplicaSet);
        return Task.FromResult(new MemberInventory([.. Units.Where(unit => request.ReplicaSet is null || unit.ReplicaSet == request.ReplicaSet)]) { ReplicaSet = request.ReplicaSet });
    }

    public Task<JobId> Start(JobOrder order, CancellationToken cancellationToken)
    {
        var id = new JobId($"{name}-{_jobs.Count + 1}");
        _jobs[id] = new JobStatus.Running(new CompactionProgress("", "squeezing", 0.5, 0, order.Units.Count, 0, 0));
        return Task.FromResult(id);
    }

    public Task<JobId?> Find(JobOrder order, CancellationToken cancellationToken) => Task.FromResult<JobId?>(null);

    public Task<JobStatus> Poll(JobOrder order, JobId job, CancellationToken cancellationToken) => Task.FromResult(_jobs[job]);

    public Task<long> StepDown(string replicaSet, string to, CancellationToken cancellationToken) => Task.FromResult(0L);

    public void End(JobId job, JobStatus status)
    {
        _jobs[job] = status;
        StateChanged?.Invoke();
    }
}
