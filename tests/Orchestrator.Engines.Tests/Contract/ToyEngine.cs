using System.Collections.Concurrent;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;

namespace Orchestrator.Engines.Tests.Contract;

/// <summary>An engine in one file, which registers with one line: a "server" in memory whose jobs have ids, and can be cancelled.</summary>
internal sealed class ToyEngine : IEngineProvider
{
    public EngineDescription Description { get; } = new(
        "toy",
        "Toy boxes",
        "Boxes that become smaller when they are squeezed.",
        ToyMember.Can,
        [new EngineMode("squeeze", "Squeezes the box.", "The box stays open.")],
        ["A strong hand."]);

    public IEngineOptions Read(string name, IEngineSettings cluster, IEngineSettings defaults)
    {
        var box = cluster.RequiredText("box");
        return new Options(name, box.Length <= 10 ? box : cluster.Fail("box", $"expected a short name, found \"{box}\"", ""));
    }

    private sealed record Options(string Name, string Box) : IEngineOptions
    {
        public IEngineCluster Create(EngineContext context) => new ToyServer(Box).Open();
    }
}

/// <summary>The toy's one member, with its jobs.</summary>
internal sealed class ToyServer(string member = "toy-1") : IEngineFixture
{
    private readonly ConcurrentDictionary<string, (string Comment, JobStatus Status)> jobs = [];
    private bool holds;
    private bool isDead;

    public string Member => member;

    public CompactionSettings Settings { get; } = new("squeeze", false, 0, "");

    public int JobsStarted => jobs.Count;

    public TimeSpan Slowness { get; private set; }

    public UnitSize Size { get; private set; } = new(new DatabaseUnit("app"), 1000, 400, 1000);

    public IEngineCluster Open(TimeSpan? patience = null) => new ToyCluster(this, "right", patience ?? TimeSpan.FromSeconds(5));

    public Task<IEngineCluster?> OpenWithWrongCredentials() => Task.FromResult<IEngineCluster?>(new ToyCluster(this, "wrong", TimeSpan.FromSeconds(5)));

    public void Hold() => holds = true;

    public void Release()
    {
        holds = false;
        foreach (var (id, job) in jobs.Where(entry => entry.Value.Status is JobStatus.Running))
        {
            Finish(id, job.Comment);
        }
    }

    public Task Kill()
    {
        isDead = true;
        foreach (var (id, job) in jobs)
        {
            jobs[id] = (job.Comment, new JobStatus.Unknown($"{Member} has forgotten job {id}"));
        }

        return Task.CompletedTask;
    }

    public Task Revive()
    {
        isDead = false;
        return Task.CompletedTask;
    }

    public void SlowDown(TimeSpan patience) => Slowness = patience + TimeSpan.FromSeconds(1);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>What a call to the server costs: time, or that there is none.</summary>
    public async Task<T> Answer<T>(string password, TimeSpan patience, Func<T> answer)
    {
        if (isDead || Slowness > patience)
        {
            await Task.Delay(isDead ? TimeSpan.Zero : patience);
            throw new EngineException(EngineFault.Unreachable, $"{Member} does not answer");
        }

        return password == "right" ? answer() : throw new EngineException(EngineFault.Denied, $"{Member} does not accept the password");
    }

    public JobId Begin(string comment)
    {
        var id = $"job-{jobs.Count + 1}";
        jobs[id] = (comment, new JobStatus.Running(new CompactionProgress("app", "squeezing", 0.5, 0, 1, 0, 0)));
        if (!holds)
        {
            Finish(id, comment);
        }

        return new JobId(id);
    }

    public JobId? Find(string comment) => jobs.Where(entry => entry.Value.Comment == comment).Select(entry => new JobId(entry.Key)).FirstOrDefault();

    public JobStatus Status(JobId id) => jobs.TryGetValue(id.Value, out var job) ? job.Status : new JobStatus.Unknown($"{Member} has no job {id}");

    public bool Cancel(JobId id)
    {
        jobs[id.Value] = (jobs[id.Value].Comment, new JobStatus.Failed("cancelled", []));
        return true;
    }

    public bool IsAtWork => jobs.Values.Any(job => job.Status is JobStatus.Running);

    private void Finish(string id, string comment)
    {
        var done = new UnitCompacted(Size.Unit, Size.FileBytes, Size.LiveBytes, 0, 0, TimeSpan.Zero, TimeSpan.Zero);
        Size = Size with { FileBytes = Size.LiveBytes };
        jobs[id] = (comment, new JobStatus.Succeeded([done]));
    }
}

internal sealed class ToyCluster(ToyServer server, string password, TimeSpan patience) : IEngineCluster
{
    public string Name => "toys";

    public string Engine => "toy";

    public EngineCapabilities Capabilities => ToyMember.Can;

    public TimeSpan? Settle => null;

    public TimeSpan DiscoverInterval => TimeSpan.FromSeconds(1);

    public TimeSpan RenewInterval => TimeSpan.FromSeconds(1);

    public Task<EngineTopology> Discover(CancellationToken cancellationToken) => server.Answer(password, patience, () => new EngineTopology(
        [new ReplicaSetDefinition(Name, [server.Member])], new Dictionary<string, string> { [server.Member] = "memory" }));

    public IEngineMember Member(string name) => new ToyMember(server, password, patience);

    public Task<string> Claim(string runId, CancellationToken cancellationToken) => Task.FromResult("");

    public Task Renew(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task Release(string runId, CancellationToken cancellationToken) => Task.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

internal sealed class ToyMember(ToyServer server, string password, TimeSpan patience) : IEngineMember
{
    public static EngineCapabilities Can { get; } = new(
        CompactionScopeKind.Database, CompactionAvailability.Serving, TemporarySpaceRule.None,
        EstimatesWithoutCompacting: true, ReportsProgress: true, CanCancel: true, CanPause: false, HasPrimary: false, ["squeeze"])
    {
        Options = [new("firmness", EngineOptionKind.Integer, "How firmly the box is squeezed.") { Least = 1, Most = 5, Default = "3" }],
    };

    public event Action? StateChanged
    {
        add { }
        remove { }
    }

    public string Name => server.Member;

    public Task<MemberObservation> Observe(CancellationToken cancellationToken) => Ask(() => new MemberObservation(
        server.IsAtWork ? NodeState.Compacting : NodeState.Online, server.IsAtWork ? "squeezes" : "", MemberRole.Secondary, 0, "",
        ReplicationLag.None, DiskSpace.Unseen, Can)
    { Version = "1" });

    public Task<MemberInventory> Inventory(InventoryRequest request, CancellationToken cancellationToken) =>
        Ask(() => new MemberInventory([new UnitEstimate(server.Size, server.Size.ReclaimableBytes, 0, TimeSpan.Zero)]));

    public Task<JobId> Start(JobOrder order, CancellationToken cancellationToken) => Ask(() => order.Units.All(size => size.Unit == server.Size.Unit)
        ? server.Begin(order.Ticket.ToString())
        : throw new EngineException(EngineFault.Failed, "there is no such database"));

    public Task<JobId?> Find(JobOrder order, CancellationToken cancellationToken) => Ask(() => server.Find(order.Ticket.ToString()));

    public Task<JobStatus> Poll(JobOrder order, JobId job, CancellationToken cancellationToken) => Ask(() => server.Status(job));

    public Task Cancel(JobOrder order, JobId job, CancellationToken cancellationToken) => Ask(() => server.Cancel(job));

    public Task<long> StepDown(string replicaSet, string to, CancellationToken cancellationToken) =>
        throw new EngineException(EngineFault.WrongState, "a toy has no primary");

    private Task<T> Ask<T>(Func<T> question) => server.Answer(password, patience, question);
}
