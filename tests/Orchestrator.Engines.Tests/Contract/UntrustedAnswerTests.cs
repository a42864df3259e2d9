using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;
using Orchestrator.Engines.Etcd;
using Orchestrator.Engines.MongoDb;
using Orchestrator.Engines.MongoDb.Legacy;
using Orchestrator.Engines.Tests.Support;

namespace Orchestrator.Engines.Tests.Contract;

/// <summary>What servers answer is not to be trusted, and neither is what drivers make of it.</summary>
public sealed class UntrustedAnswerTests
{
    private readonly List<Exception> _unexpected = [];

    [Fact]
    public async Task A_replica_set_without_a_name_is_an_error_of_its_cluster_alone()
    {
        await using var orchestration = new Orchestration(_ => Checked(new Answers { Sets = () => [new ReplicaSetDefinition(null!, ["A"])] }));

        var refused = await Assert.ThrowsAsync<RefusedException>(() => orchestration.Ask<ClusterView>(new GetCluster(Orchestration.Cluster)));

        Assert.Equal("kube names a replica set without a name", refused.Failure.Message);
    }

    [Fact]
    public async Task A_cluster_without_members_is_shown_as_one()
    {
        await using var orchestration = new Orchestration(_ => Checked(new Answers { Sets = () => [] }));

        Assert.Empty((await orchestration.Ask<ClusterView>(new GetCluster(Orchestration.Cluster))).ReplicaSets);
    }

    [Fact]
    public async Task What_a_driver_stumbles_over_is_told_in_plain_words_and_goes_to_the_log()
    {
        await using var cluster = Checked(new Answers { Sets = () => throw new InvalidOperationException("Sequence contains no elements") });

        var failed = await Assert.ThrowsAsync<EngineException>(() => cluster.Discover(default));

        Assert.Equal("kube: discovering its members failed: the server gave an answer that cannot be used; the log has the details", failed.Message);
        Assert.IsType<InvalidOperationException>(Assert.Single(_unexpected));
    }

    [Fact]
    public async Task An_order_whose_answer_cannot_be_used_may_have_arrived()
    {
        await using var cluster = Checked(new Answers());

        var failed = await Assert.ThrowsAsync<EngineException>(() => cluster.Member("A").Start(Order, default));

        Assert.Equal(EngineFault.Unreachable, failed.Fault);
    }

    [Fact]
    public async Task Texts_are_cut_and_those_that_are_missing_are_empty()
    {
        await using var cluster = Checked(new Answers());

        var seen = await cluster.Member("A").Observe(default);

        Assert.Equal((2000, "", 1, 1), (seen.Reason.Length, seen.Version, seen.Alarms.Count, seen.Memberships.Count));
    }

    [Fact]
    public async Task A_unit_that_is_told_twice_counts_once_and_no_size_is_negative()
    {
        await using var cluster = Checked(new Answers());

        var unit = Assert.Single((await cluster.Member("A").Inventory(new InventoryRequest("squeeze", OptionValues.None), default)).Units);

        Assert.Equal((0, 0, 0), (unit.Size.FileBytes, unit.Size.LiveBytes, unit.Size.PhysicalBytes));
    }

    [Fact]
    public async Task Names_without_end_are_refused_and_members_count_once()
    {
        await using var endless = Checked(new Answers { Sets = () => [new ReplicaSetDefinition("s", [new string('x', 100_000)])] });
        var refused = await Assert.ThrowsAsync<EngineException>(() => endless.Discover(default));
        Assert.Equal("kube names a member by a name of 100000 characters; at most 1024 are supported", refused.Message);

        await using var twice = Checked(new Answers { Sets = () => [new ReplicaSetDefinition("s", ["A", "A"]), new ReplicaSetDefinition("s", ["B"])] });
        Assert.Equal(["A"], Assert.Single((await twice.Discover(default)).ReplicaSets).Members);
    }

    [Fact]
    public async Task Pages_that_bring_nothing_new_are_not_read_for_ever()
    {
        var refused = await Assert.ThrowsAsync<EngineException>(
            () => Pages.Read<string>("node A", 2, name => name, (_, _) => Task.FromResult<IReadOnlyList<string>>(["a", "b"])));
        Assert.Contains("does not end", refused.Message, StringComparison.Ordinal);

        string[] all = ["a", "b", "b", "c"];
        Assert.Equal(["a", "b", "c"], await Pages.Read<string>("node A", 2, name => name, (from, _) => Task.FromResult<IReadOnlyList<string>>(all[from..Math.Min(from + 2, 4)])));
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 2)]
    public void A_password_that_goes_encrypted_goes_nowhere_unencrypted(bool isEncrypted, int addresses)
    {
        var member = new MemberEntry { Id = 1, Name = "m1", ClientUrls = ["http://192.0.2.1:2379", "https://192.0.2.1:2380", "unix://m1"] };

        Assert.Equal(addresses, EtcdCluster.AddressesOf(member, [], isEncrypted).Count);
    }

    [Theory]
    [InlineData(4095)]
    [InlineData(int.MaxValue)]
    public void A_false_server_can_keep_nobody_busy_by_a_login(int iterations)
    {
        var scram = new ScramClient("SCRAM-SHA-256", "root", "secret");
        var nonce = System.Text.Encoding.UTF8.GetString(scram.First()).Split("r=")[1];

        Assert.Throws<MongoDbRefusal>(() => scram.Final(System.Text.Encoding.UTF8.GetBytes($"r={nonce}x,s=c2FsdA==,i={iterations}")));
    }

    [Fact]
    public async Task How_many_documents_an_old_server_says_that_it_sends_is_not_believed()
    {
        byte[] answer = [36, 0, 0, 0, 1, 0, 0, 0, 7, 0, 0, 0, 1, 0, 0, 0, .. new byte[16], 0xFF, 0xFF, 0xFF, 0x7F];

        Assert.Empty((await LegacyWire.Read(new MemoryStream(answer), 7, default)).Documents);
    }

    private static JobOrder Order => new(new CompactionTicket("r", 1, 1), [], new CompactionSettings("squeeze", false, 0, ""));

    private CheckedCluster Checked(Answers answers) => new(answers, (_, error) => _unexpected.Add(error));

    /// <summary>A cluster whose driver hands on whatever its server says.</summary>
    private sealed class Answers : IEngineCluster, IEngineMember
    {
        public event Action? StateChanged
        {
            add { }
            remove { }
        }

        public Func<IReadOnlyList<ReplicaSetDefinition>> Sets { get; init; } = () => [];

        public string Name => Orchestration.Cluster;

        public string Engine => "toy";

        public EngineCapabilities Capabilities => ToyMember.Can;

        public TimeSpan? Settle => null;

        public TimeSpan DiscoverInterval => TimeSpan.FromMilliseconds(100);

        public TimeSpan RenewInterval => TimeSpan.FromMinutes(1);

        public async Task<EngineTopology> Discover(CancellationToken cancellationToken)
        {
            await Task.Yield();
            return new EngineTopology(Sets(), new Dictionary<string, string> { ["A"] = null! });
        }

        public IEngineMember Member(string name) => this;

        public Task<string> Claim(string runId, CancellationToken cancellationToken) => Task.FromResult("");

        public Task Renew(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task Release(string runId, CancellationToken cancellationToken) => Task.CompletedTask;

        public Task<MemberObservation> Observe(CancellationToken cancellationToken) => Task.FromResult(new MemberObservation(
            NodeState.Failed, new string('x', 1_000_000), MemberRole.Secondary, 0, null!, ReplicationLag.None, DiskSpace.Unseen, ToyMember.Can)
        {
            Version = null!,
            Alarms = [null!, "NOSPACE"],
            Memberships = [null!, Membership(null!), Membership("s")],
        });

        public Task<MemberInventory> Inventory(InventoryRequest request, CancellationToken cancellationToken)
        {
            var unit = new UnitEstimate(new UnitSize(new DatabaseUnit("app"), -5, long.MinValue, -1), 0, 0, TimeSpan.Zero);
            return Task.FromResult(new MemberInventory([unit, unit]));
        }

        public Task<JobId> Start(JobOrder order, CancellationToken cancellationToken) => throw new KeyNotFoundException("The given key 'id' was not present.");

        public Task<JobId?> Find(JobOrder order, CancellationToken cancellationToken) => Task.FromResult<JobId?>(null);

        public Task<JobStatus> Poll(JobOrder order, JobId job, CancellationToken cancellationToken) => Task.FromResult<JobStatus>(new JobStatus.Unknown(""));

        public Task<long> StepDown(string replicaSet, string to, CancellationToken cancellationToken) => Task.FromResult(0L);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        private static SetMembership Membership(string set) => new(set, NodeState.Online, "", MemberRole.Secondary, 0, "", ReplicationLag.None);
    }
}
