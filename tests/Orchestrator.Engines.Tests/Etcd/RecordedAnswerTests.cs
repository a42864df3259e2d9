using System.Text.Json;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;
using Orchestrator.Engines.Etcd;
using Orchestrator.Engines.Tests.Support;

namespace Orchestrator.Engines.Tests.Etcd;

/// <summary>Answers as the versions give them, with the fields that each leaves out.</summary>
public sealed class RecordedAnswerTests
{
    // etcd 3.4.23, a follower that has just started: no revision, no learner flag, no sizes in use, no errors.
    private const string Status34 = """
        {"header":{"cluster_id":"6930805681439470907","member_id":"9265619892315062708","raft_term":"2"},"version":"3.4.23","dbSize":"20480",
         "leader":"17","raftIndex":"4","raftTerm":"2","raftAppliedIndex":"4"}
        """;

    // The same of etcd 3.6, with alarms.
    private const string Status36 = """
        {"header":{"cluster_id":"6930805681439470907","member_id":"9265619892315062708","revision":"77","raft_term":"3"},"version":"3.6.4","dbSize":"9000000",
         "leader":"9265619892315062708","raftIndex":"110","raftTerm":"3","raftAppliedIndex":"104","errors":["memberID:9265619892315062708 alarm:NOSPACE ","memberID:17 alarm:CORRUPT "],
         "dbSizeInUse":"2000000","storageVersion":"3.6.0","dbSizeQuota":"10000000","downgradeInfo":{}}
        """;

    private const string Learner35 = """
        {"header":{"cluster_id":"6930805681439470907","member_id":"9265619892315062708","revision":"1","raft_term":"2"},"version":"3.5.21","dbSize":"20480",
         "leader":"17","raftIndex":"4","raftTerm":"2","raftAppliedIndex":"4","dbSizeInUse":"16384","isLearner":true}
        """;

    private const string Members = """
        {"header":{"cluster_id":"6930805681439470907","member_id":"9265619892315062708","raft_term":"2"},
         "members":[{"ID":"9265619892315062708","name":"m1","peerURLs":["http://127.0.0.1:1"],"clientURLs":["http://192.0.2.1:2379","unix://m1"]},
                    {"ID":"17","name":"twin","clientURLs":["http://192.0.2.2:2379"]},{"ID":"18","name":"twin","isLearner":true},{"ID":"255","peerURLs":["http://127.0.0.1:2"]}]}
        """;

    [Fact]
    public void Fields_that_3_4_leaves_out_are_zero_or_false()
    {
        var status = JsonSerializer.Deserialize(Status34, EtcdJson.Default.StatusResponse)!;

        Assert.Equal((0, 0, 0, false, 0), (status.Header.Revision, status.DbSizeInUse, status.DbSizeQuota, status.IsLearner, status.Errors.Count));
        Assert.Equal((20480, 9265619892315062708UL, false), (status.DbSize, status.Header.MemberId, status.IsLeader));
    }

    [Fact]
    public void Requests_write_64_bit_numbers_as_strings_and_bytes_as_base64() => Assert.Equal(
        """{"compare":[{"key":"YQ==","target":"CREATE","create_revision":"0","result":"EQUAL"}],"success":[{"request_put":{"key":"YQ==","value":"Yg==","lease":"9265619892315062708"}}],"failure":[]}""",
        JsonSerializer.Serialize(
            new TxnRequest([new Compare([97], "CREATE", CreateRevision: 0)], [new RequestOp(Put: new PutRequest([97], [98], 9265619892315062708))], []),
            EtcdJson.Default.TxnRequest));

    [Fact]
    public async Task A_follower_of_3_4_is_observed_from_what_it_tells()
    {
        await using var server = Server(Status34);
        await using var cluster = Cluster(server);
        var topology = await cluster.Discover(CancellationToken.None);
        var node = cluster.Member("m1");

        var look = await node.Observe(CancellationToken.None);
        var size = Assert.Single((await node.Inventory(Any, CancellationToken.None)).Units).Size;

        Assert.Equal((NodeState.Online, MemberRole.Secondary, 2L, "twin-11", "3.4.23"), (look.State, look.Role, look.Term, look.Primary, look.Version));
        Assert.False(look.Disk.IsSeen);
        Assert.Equal((20480, 0), (size.FileBytes, size.ReclaimableBytes));
        Assert.Equal(["ff", "m1", "twin-11", "twin-12"], Assert.Single(topology.ReplicaSets).Members);
    }

    [Fact]
    public async Task A_leader_of_3_6_tells_its_quota_and_alarms_and_only_its_own_count()
    {
        await using var server = Server(Status36);
        await using var cluster = Cluster(server, options => options with { MinQuotaUse = 0.95 });
        await cluster.Discover(CancellationToken.None);
        var node = cluster.Member("m1");

        var look = await node.Observe(CancellationToken.None);
        var estimate = Assert.Single((await node.Inventory(Any, CancellationToken.None)).Units);

        Assert.Equal((NodeState.Online, MemberRole.Primary, "m1"), (look.State, look.Role, look.Primary));
        Assert.Equal(["NOSPACE"], look.Alarms);
        Assert.Equal((10_000_000, 6L), (look.QuotaBytes, look.Lag.Changes));
        Assert.Equal((7_000_000, 9_000_000), (estimate.BytesFreed, estimate.TemporaryBytes));
        Assert.Contains("uses 90 % of its quota", estimate.Refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_member_with_the_alarm_CORRUPT_has_failed_with_that_reason()
    {
        await using var server = Server(Status36.Replace("memberID:17 ", "memberID:9265619892315062708 ", StringComparison.Ordinal));
        await using var cluster = Cluster(server);
        await cluster.Discover(CancellationToken.None);

        var look = await cluster.Member("m1").Observe(CancellationToken.None);

        Assert.Equal(NodeState.Failed, look.State);
        Assert.Contains("CORRUPT", look.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_learner_is_observed_as_one_and_left_out()
    {
        await using var server = Server(Learner35);
        await using var cluster = Cluster(server);
        await cluster.Discover(CancellationToken.None);
        var node = cluster.Member("m1");

        Assert.Equal(MemberRole.Learner, (await node.Observe(CancellationToken.None)).Role);
        Assert.Equal("etcd 3.5.21 does not defragment learners", Assert.Single((await node.Inventory(Any, CancellationToken.None)).Units).Refusal);
    }

    [Fact]
    public async Task An_address_that_leads_to_another_member_is_refused()
    {
        await using var server = Server(Status34);
        await using var cluster = Cluster(server);
        await cluster.Discover(CancellationToken.None);
        server.Answers["/v3/maintenance/status"] = (200, Status34.Replace("\"member_id\":\"9265619892315062708\"", "\"member_id\":\"17\"", StringComparison.Ordinal));

        var error = await Assert.ThrowsAsync<EngineException>(() => cluster.Member("m1").Observe(CancellationToken.None));

        Assert.Contains("leads to member twin-11, not to m1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_leader_is_not_defragmented_unless_that_is_forced()
    {
        await using var server = Server(Status36);
        await using var cluster = Cluster(server);
        await cluster.Discover(CancellationToken.None);
        var settings = new CompactionSettings("", false, 0, "");

        var order = new JobOrder(new CompactionTicket("r", 1, 1), [new UnitSize(new NodeUnit(), 1, 1, 1)], settings);
        var member = cluster.Member("m1");

        var error = await Assert.ThrowsAsync<EngineException>(() => member.Start(order, CancellationToken.None));
        var forced = order with { Settings = settings with { Force = true } };
        var job = await member.Start(forced, CancellationToken.None);
        await EtcdProcesses.Until(async () => await member.Poll(forced, job, CancellationToken.None) is JobStatus.Succeeded, "it was never done");

        Assert.Equal(EngineFault.WrongState, error.Fault);
        Assert.Single(server.Asked, asked => asked.Path == "/v3/maintenance/defragment");
    }

    [Fact]
    public async Task What_does_not_answer_as_etcd_does_is_told_so()
    {
        await using var server = new RecordedEtcd(new() { ["/v3/maintenance/status"] = (200, "<html>") });
        await using var cluster = Cluster(server);

        var error = await Assert.ThrowsAsync<EngineException>(() => cluster.Discover(CancellationToken.None));

        Assert.Equal(EngineFault.Misconfigured, error.Fault);
        Assert.Contains("is this its client URL?", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_gateway_that_is_switched_off_is_told_with_the_remedy()
    {
        await using var server = new RecordedEtcd(new());
        await using var cluster = Cluster(server);

        var error = await Assert.ThrowsAsync<EngineException>(() => cluster.Discover(CancellationToken.None));

        Assert.Equal(EngineFault.Misconfigured, error.Fault);
        Assert.Contains("has no JSON gateway: start etcd with --enable-grpc-gateway=true", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_advertised_wildcard_address_is_told_in_a_sentence()
    {
        await using var server = Server(Status34);
        server.Answers["/v3/cluster/member/list"] = (200, Members.Replace("http://192.0.2.2:2379", "http://0.0.0.0:2379", StringComparison.Ordinal));
        await using var cluster = Cluster(server);
        await cluster.Discover(CancellationToken.None);

        var error = await Assert.ThrowsAsync<EngineException>(() => cluster.Member("twin-11").Observe(CancellationToken.None));

        Assert.Contains("advertises 0.0.0.0", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_learner_that_has_not_started_is_known_to_be_one()
    {
        await using var server = Server(Status34);
        await using var cluster = Cluster(server);

        Assert.Equal(["twin-12"], (await cluster.Discover(CancellationToken.None)).Learners);
    }

    [Fact]
    public async Task A_permanent_refusal_is_marked_as_such()
    {
        await using var server = Server(Status36);
        server.Answers["/v3/maintenance/defragment"] = (403, """{"error":"etcdserver: permission denied","code":7}""");
        await using var cluster = Cluster(server);
        await cluster.Discover(CancellationToken.None);
        var member = cluster.Member("m1");
        var order = new JobOrder(
            new CompactionTicket("r", 1, 1), [new UnitSize(new NodeUnit(), 1, 1, 1)], new CompactionSettings("", Force: true, 0, ""));

        var job = await member.Start(order, CancellationToken.None);
        JobStatus? status = null;
        await EtcdProcesses.Until(async () => (status = await member.Poll(order, job, CancellationToken.None)) is JobStatus.Failed, "it never failed");

        Assert.True(((JobStatus.Failed)status!).IsPermanent);
    }

    [Fact]
    public async Task A_rejected_password_is_not_tried_again_at_once()
    {
        await using var server = new RecordedEtcd(new()
        {
            ["/v3/auth/authenticate"] = (400, """{"error":"etcdserver: authentication failed, invalid user ID or password","code":3}"""),
        });
        await using var cluster = Cluster(server, options => options with { User = "root", Password = "no" });

        for (var i = 0; i < 3; i++)
        {
            var error = await Assert.ThrowsAsync<EngineException>(() => cluster.Discover(CancellationToken.None));
            Assert.Equal(EngineFault.Denied, error.Fault);
        }

        Assert.Single(server.Asked);
    }

    private static InventoryRequest Any { get; } = new("", OptionValues.None);

    private static RecordedEtcd Server(string status) => new(new()
    {
        ["/v3/maintenance/status"] = (200, status),
        ["/v3/cluster/member/list"] = (200, Members),
        ["/v3/maintenance/defragment"] = (200, "{}"),
        ["/v3/kv/range"] = (200, """{"header":{}}"""),
    });

    private static EtcdCluster Cluster(RecordedEtcd server, Func<EtcdClusterOptions, EtcdClusterOptions>? adjust = null)
    {
        var options = new EtcdClusterOptions { Name = "kube", Endpoints = [server.Url], RequestTimeout = TimeSpan.FromSeconds(20) };
        return new EtcdCluster(adjust is null ? options : adjust(options), "test", TimeProvider.System);
    }
}
