using Akka.Actor;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;
using Orchestrator.Embedded.Nodes;

namespace Orchestrator.Embedded.Tests.Support;

/// <summary>Database nodes with real files in one process, named <c>node-1</c> and so on, in the replica set <c>rs</c> of the cluster <c>test</c>.</summary>
internal sealed class TestNodes : IDisposable
{
    public const string Scheme = "memory://";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly ActorSystem system;
    private readonly string directory = Directory.CreateTempSubdirectory("orchestrator-actors-").FullName;
    private readonly Func<NodeOptions, NodeOptions> adjust;
    private readonly Dictionary<string, IActorRef> nodes = new(StringComparer.Ordinal);
    private int starts;

    public TestNodes(ActorSystem system, int count, Func<NodeOptions, NodeOptions>? adjust = null)
    {
        this.system = system;
        this.adjust = adjust ?? (options => options);
        Names = [.. Enumerable.Range(1, count).Select(number => $"node-{number}")];
        foreach (var name in Names)
        {
            Start(name);
        }
    }

    public InMemoryFeeds Feeds { get; } = new();

    public IReadOnlyList<string> Names { get; }

    public ClusterDefinition Cluster => new("test", "embedded", [new ReplicaSetDefinition("rs", Names)]);

    public IActorRef this[string name] => nodes[name];

    public string DirectoryOf(string name) => Path.Combine(directory, name);

    public void Start(string name)
    {
        var options = adjust(new NodeOptions
        {
            Cluster = "test",
            ReplicaSet = "rs",
            Node = name,
            Address = Scheme + name,
            DataDirectory = DirectoryOf(name),
            SelfCheckInterval = TimeSpan.FromMilliseconds(50),
            TombstoneRetention = TimeSpan.Zero,
            IndexBuildWait = Patience,
            Replication = new ReplicationOptions
            {
                PollWait = TimeSpan.FromMilliseconds(200),
                MinBackoff = TimeSpan.FromMilliseconds(20),
                MaxBackoff = TimeSpan.FromMilliseconds(200),
            },
        });
        nodes[name] = system.ActorOf(NodeActor.Props(options, Feeds), $"{name}-{++starts}");
        Feeds.Add(options.Address, nodes[name]);
    }

    /// <summary>Ends the node's actors as the end of its process would; its files stay.</summary>
    public Task StopAsync(string name) => nodes[name].GracefulStop(Patience, ReleaseFiles.Instance);

    public Task<T> AskAsync<T>(string node, object message) => nodes[node].Ask<T>(message, Patience);

    public async Task<NodeObservation> ObserveAsync(string node, long epoch = 1) => await AskAsync<NodeObservation>(node, new ObserveNode(epoch));

    /// <summary>Observes until a condition holds.</summary>
    public async Task<NodeObservation> ObserveUntilAsync(string node, Predicate<NodeObservation> condition, long epoch = 1)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            var seen = await AskAsync<object>(node, new ObserveNode(epoch));
            if (seen is NodeObservation observation && condition(observation))
            {
                return observation;
            }

            Assert.False(patience.IsCancellationRequested, $"{node} never came to that; it was last seen as {seen}");
            await Poll.PauseAsync();
        }
    }

    /// <summary>Waits for a condition.</summary>
    public async Task UntilAsync(Func<bool> condition, string otherwise)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!condition())
        {
            Assert.False(patience.IsCancellationRequested, otherwise);
            await Poll.PauseAsync();
        }
    }

    /// <summary>Does what a supervisor does to appoint a primary: promises of the members, then the appointment.</summary>
    public async Task<Appointment> AppointAsync(string primary, long term, long epoch, params string[] members)
    {
        var promised = members.Length == 0 ? Names : members;
        var promises = new List<TermPromised>();
        foreach (var node in promised)
        {
            promises.Add(await PromiseAsync(node, term, epoch));
        }

        var own = promises.Single(promise => promise.Node == primary).Positions;
        var catchUp = promises
            .SelectMany(promise => promise.Positions.Select(position => new CatchUpSource(position, promise.Node, promise.Address)))
            .GroupBy(source => (source.Position.Database, source.Position.Collection))
            .Select(sources => sources.OrderByDescending(source => source.Position.Term).ThenByDescending(source => source.Position.Sequence).First())
            .Where(best => !MemberDecider.Reaches(own, [best.Position]))
            .ToList();
        var appointment = new Appointment(term, primary, Scheme + primary, Names, catchUp);
        foreach (var node in promised)
        {
            await AskAsync<AppointmentFollowed>(node, new FollowAppointment(epoch, "rs", appointment));
        }

        await ObserveUntilAsync(primary, seen => seen.Term == term && seen.State == NodeState.Online, epoch);
        await AwaitServingAsync(primary);
        return appointment;
    }

    /// <summary>Waits until a primary has contact to a majority, without which it takes neither reads nor writes.</summary>
    public Task AwaitServingAsync(string primary) => AwaitReplyAsync<DocumentMissing>(
        () => AskAsync<DataReply>(primary, new GetDocument("_system", "catalog", "none", false)));

    public async Task<TermPromised> PromiseAsync(string node, long term, long epoch)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            switch (await AskAsync<object>(node, new PromiseTerm(epoch, "rs", term)))
            {
                case TermPromised promise:
                    return promise;
                case CommandRefused { Code: RefusalCode.WrongState } when !patience.IsCancellationRequested:
                    await Poll.PauseAsync();
                    break;
                case var other:
                    Assert.Fail($"{node} does not promise: {other}");
                    break;
            }
        }
    }

    public async Task<DataReply> PutAsync(string node, string id, string body, WriteConcern concern = WriteConcern.Majority) =>
        await AskAsync<DataReply>(node, new PutDocument("shop", "orders", id, System.Text.Encoding.UTF8.GetBytes(body), null, concern));

    /// <summary>The same until it is acknowledged: on a busy machine a majority may take longer than a node's options let it.</summary>
    public Task<DocumentWritten> WrittenAsync(string node, string id, string body, WriteConcern concern = WriteConcern.Majority) =>
        AwaitReplyAsync<DocumentWritten>(() => PutAsync(node, id, body, concern));

    public async Task<DataReply> GetAsync(string node, string id, bool fromAnyMember = false) =>
        await AskAsync<DataReply>(node, new GetDocument("shop", "orders", id, fromAnyMember));

    /// <summary>Writes documents <c>d0</c> and on, of about 400 bytes, and deletes nine of ten again.</summary>
    public async Task FragmentAsync(string primary, string database = "shop", int documents = 2000)
    {
        var filler = new string('x', 400);
        var writes = Enumerable.Range(0, documents)
            .Select(i => new BulkWrite($"d{i}", System.Text.Encoding.UTF8.GetBytes($"{{\"n\":{i},\"filler\":\"{filler}\"}}")))
            .ToList();
        Assert.IsType<BulkWritten>(await AskAsync<DataReply>(primary, new WriteBulk(database, "orders", writes, WriteConcern.Majority)));
        var deletes = writes.Where((_, i) => i % 10 != 0).Select(write => write with { Body = default }).ToList();
        Assert.IsType<BulkWritten>(await AskAsync<DataReply>(primary, new WriteBulk(database, "orders", deletes, WriteConcern.Majority)));
    }

    /// <summary>Waits until an attempt on a node has ended and gives its end.</summary>
    public async Task<T> AwaitEndAsync<T>(string node, CompactionTicket ticket)
        where T : CompactionStatus
    {
        var seen = await ObserveUntilAsync(
            node, seen => seen.Compactions.Any(status => status.Ticket == ticket && status is not CompactionRunning));
        var ended = seen.Compactions.Single(status => status.Ticket == ticket);
        return ended as T ?? throw new InvalidOperationException($"it ended as {ended}");
    }

    /// <summary>Repeats a request until it is answered by a reply of a kind.</summary>
    public static async Task<T> AwaitReplyAsync<T>(Func<Task<DataReply>> request)
        where T : DataReply
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            var reply = await request();
            if (reply is T wanted)
            {
                return wanted;
            }

            Assert.False(patience.IsCancellationRequested, $"it was never answered by {typeof(T).Name}; the last answer was {reply}");
            await Poll.PauseAsync();
        }
    }

    /// <summary>Announces an appointment to a node that may be starting yet.</summary>
    public static async Task UntilFollowedAsync(Func<Task<object>> announce)
    {
        using var patience = new CancellationTokenSource(Patience);
        object answer;
        while ((answer = await announce()) is not AppointmentFollowed)
        {
            Assert.False(patience.IsCancellationRequested, $"it does not follow: {answer}");
            await Poll.PauseAsync();
        }
    }

    /// <summary>
    /// Node-1 leads in term 1 and dies after it has acknowledged documents <c>d0</c>, <c>d1</c>, ... that one member was cut off
    /// from; that one is reachable again.
    /// </summary>
    public async Task LosePrimaryAsync(string behind, int documents)
    {
        await AppointAsync("node-1", 1, 1);
        await WrittenAsync("node-1", "a", "{}");
        await AwaitEqualAsync("node-1", "node-2", "node-3");
        Feeds.CutOff(behind);
        for (var i = 0; i < documents; i++)
        {
            await WrittenAsync("node-1", $"d{i}", "{}");
        }

        await StopAsync("node-1");
        Feeds.CutOff("node-1");
        Feeds.Heal(behind);
    }

    /// <summary>Waits until the members hold equal contents and returns them.</summary>
    public async Task<CollectionSummary> AwaitEqualAsync(params string[] members)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            var summaries = new List<DataReply>();
            foreach (var node in members)
            {
                summaries.Add(await AskAsync<DataReply>(node, new SummarizeCollection("shop", "orders")));
            }

            if (summaries.All(summary => summary is CollectionSummary) && summaries.Distinct().Count() == 1)
            {
                return (CollectionSummary)summaries[0];
            }

            Assert.False(patience.IsCancellationRequested, $"the members never became equal: {string.Join("; ", summaries)}");
            await Poll.PauseAsync();
        }
    }

    public void Dispose() => TemporaryFiles.Delete(directory);
}
