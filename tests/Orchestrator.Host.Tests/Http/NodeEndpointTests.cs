using System.Net;
using System.Text.Json;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Operations;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Topology;
using Orchestrator.Embedded.Nodes;
using Orchestrator.Storage;
using Orchestrator.Storage.Indexes;

namespace Orchestrator.Host.Tests.Http;

public sealed class NodeEndpointTests
{
    private const string Compactions = "/api/v1/node/compactions";
    private static readonly CompactionTicket Ticket = DirectCompaction.TicketOf("direct-1");

    private static readonly CompactionRunning Running = new(
        Ticket, new CompactionProgress("shop/orders", "copy", 0.25, 0, 1, 1000, 500) { RemainingSeconds = 6, RowsDone = 1, RowsTotal = 4 });

    [Fact]
    public async Task A_direct_compaction_is_accepted_with_its_address_and_every_wish_arrives()
    {
        await using var api = await ApiHost.Start(node: request => new OrderDone(Running with { Ticket = DirectCompaction.TicketOf(((DirectCompaction)request).Id) }));

        var (status, body, response) = await api.Send(HttpMethod.Post, Compactions, """
            {"database":"shop","collection":"orders","documents":false,"indexes":["by-city"],"mode":"incremental","force":true,
             "freeSpaceTargetMB":3,"maxBytesPerSecond":65536,"discardPartial":true,"verify":true,"comment":"now"}
            """);

        Assert.Equal(HttpStatusCode.Accepted, status);
        var asked = Assert.IsType<DirectCompaction>(Assert.Single(api.NodeRequests));
        Assert.Equal($"{Compactions}/{asked.Id}", response.Headers.Location?.OriginalString);
        Assert.Equal(asked.Id, body.GetProperty("runId").GetString());
        Assert.Equal(("shop", "orders", false, false), (asked.Database, asked.Collection, asked.Documents, asked.DryRun));
        Assert.True(asked.Indexes.Covers("by-city") && !asked.Indexes.Covers("by-name"));
        Assert.Equal(
            new CompactionSettings("incremental", true, 65536, "now")
            {
                EngineOptions = OptionValues.None.With("freeSpaceTargetMB", 3).With("discardPartial", true),
                Verify = true,
            }, asked.Settings);
        Assert.Equal(6, body.GetProperty("progress").GetProperty("remainingSeconds").GetDouble());
    }

    [Fact]
    public async Task A_dry_run_gives_estimates_and_without_a_body_everything_is_meant()
    {
        var unit = new UnitEstimate(new UnitSize(new DocumentsUnit("shop", "orders"), 100, 40, 100), 60, 40, TimeSpan.FromSeconds(2)) { Refusal = "capped" };
        await using var api = await ApiHost.Start(node: request => request is DirectCompaction { DryRun: true }
            ? new CompactionEstimated([unit])
            : new OrderDone(Running));

        var (status, body, _) = await api.Send(HttpMethod.Post, Compactions, """{"dryRun":true}""");
        var (all, _, _) = await api.Send(HttpMethod.Post, Compactions);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Accepted), (status, all));
        Assert.Equal((60, 40), (body.GetProperty("bytesFreed").GetInt64(), body.GetProperty("temporaryBytes").GetInt64()));
        Assert.Equal("capped", body.GetProperty("units")[0].GetProperty("refusal").GetString());
        var asked = Assert.IsType<DirectCompaction>(api.NodeRequests[1]);
        Assert.Equal(("", "", true, IndexSelection.All), (asked.Database, asked.Collection, asked.Documents, asked.Indexes));
        Assert.Equal(OptionValues.None, asked.Settings.EngineOptions);
    }

    [Theory]
    [InlineData("""{"mode":"vacuum"}""", "mode")]
    [InlineData("""{"collection":"orders"}""", "database")]
    [InlineData("""{"paddingFactor":1.5}""", "paddingFactor")]
    [InlineData("""{"paddingBytes":0}""", "paddingBytes")]
    [InlineData("""{"maxBytesPerSecond":5}""", "maxBytesPerSecond")]
    [InlineData("""{"documents":false,"indexes":"none"}""", "documents")]
    [InlineData("""{"dryrun":true}""", "dryrun")]
    public async Task A_wrong_field_of_a_direct_compaction_is_named_and_nobody_is_asked(string json, string field)
    {
        await using var api = await ApiHost.Start(node: _ => throw new InvalidOperationException());

        var (status, body, _) = await api.Send(HttpMethod.Post, Compactions, json);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal(field, Assert.Single(body.GetProperty("errors").EnumerateArray()).GetProperty("field").GetString());
        Assert.Empty(api.NodeRequests);
    }

    [Theory]
    [InlineData(RefusalCode.NotFound, HttpStatusCode.NotFound)]
    [InlineData(RefusalCode.Busy, HttpStatusCode.Conflict)]
    [InlineData(RefusalCode.WrongState, HttpStatusCode.Conflict)]
    [InlineData(RefusalCode.Invalid, HttpStatusCode.BadRequest)]
    [InlineData(RefusalCode.Unavailable, HttpStatusCode.ServiceUnavailable)]
    public async Task A_node_s_refusal_keeps_its_reason(RefusalCode code, HttpStatusCode expected)
    {
        await using var api = await ApiHost.Start(node: _ => new OrderRefused(code, "there is no index by-city in shop/orders"));

        var (status, body, _) = await api.Send(HttpMethod.Post, Compactions, "{}");

        Assert.Equal(expected, status);
        Assert.Contains("by-city", body.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_direct_compaction_is_followed_throttled_paused_and_cancelled()
    {
        var paused = new CompactionPaused(Ticket, [], Running.Progress);
        await using var api = await ApiHost.Start(node: request => request switch
        {
            ListCompactions => new CompactionsListed([Running]),
            DirectOrder { Command: PauseCompaction } => new OrderDone(paused),
            _ => new OrderDone(Running),
        });

        Assert.Equal(HttpStatusCode.OK, (await api.Send(HttpMethod.Get, $"{Compactions}/direct-1")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await api.Send(HttpMethod.Get, $"{Compactions}/direct-2")).Status);
        Assert.Equal(1, (await api.Send(HttpMethod.Get, Compactions)).Body.GetProperty("compactions").GetArrayLength());
        Assert.Equal(HttpStatusCode.OK, (await api.Send(HttpMethod.Post, $"{Compactions}/direct-1/throttle", """{"maxBytesPerSecond":0}""")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await api.Send(HttpMethod.Post, $"{Compactions}/direct-1/throttle", "{}")).Status);
        Assert.Equal("paused", (await api.Send(HttpMethod.Post, $"{Compactions}/direct-1/pause")).Body.GetProperty("status").GetString());
        Assert.Equal(HttpStatusCode.OK, (await api.Send(HttpMethod.Post, $"{Compactions}/direct-1/cancel")).Status);
        Assert.Equal(
            [new ThrottleCompaction(0, Ticket, 0), new PauseCompaction(0, Ticket), new CancelCompaction(0, Ticket)],
            api.NodeRequests.OfType<DirectOrder>().Select(order => order.Command));
    }

    [Fact]
    public async Task A_node_is_verified_cleaned_up_and_resynchronised()
    {
        var verdict = new CollectionVerdict("shop", "orders", ["documents.sqlite: page 3 is damaged"], 5, 6, new FeedPosition("shop", "orders", 1, 7), "abc");
        var noted = new TaskCompletionSource();
        await using var api = await ApiHost.Start(node: request => new OrderDone(((DirectOrder)request).Command switch
        {
            VerifyCollections => new CollectionsVerified("node-1", [verdict]),
            CleanUpIndexes => new IndexesCleanedUp("node-1", [new RemovedIndexFile("shop", "orders", "/data/x.sqlite")], 12),
            _ => new ResyncBegun("node-1", "shop", "orders", "/data/rollback"),
        }), supervisor: request => Note((RecordOrder)request));

        var (_, verified, _) = await api.Send(HttpMethod.Post, "/api/v1/node/verify", """{"database":"shop","collection":"orders"}""");
        var (_, cleaned, _) = await api.Send(HttpMethod.Post, "/api/v1/node/index-cleanup");
        var (begun, resync, _) = await api.Send(HttpMethod.Post, "/api/v1/node/resync", """{"database":"shop","collection":"orders"}""");
        var (incomplete, _, _) = await api.Send(HttpMethod.Post, "/api/v1/node/resync", """{"database":"shop"}""");

        Assert.False(verified.GetProperty("sound").GetBoolean());
        Assert.Equal("documents.sqlite: page 3 is damaged", verified.GetProperty("collections")[0].GetProperty("problems")[0].GetString());
        Assert.Equal(12, cleaned.GetProperty("bytesFreed").GetInt64());
        Assert.Equal((HttpStatusCode.Accepted, HttpStatusCode.BadRequest), (begun, incomplete));
        Assert.Equal("/data/rollback", resync.GetProperty("keptIn").GetString());
        Assert.Equal(
            [new VerifyCollections(0, "shop", "orders"), new CleanUpIndexes(0, "", ""), new ResyncCollection(0, "shop", "orders")],
            api.NodeRequests.Cast<DirectOrder>().Select(order => order.Command));

        // The audit trail learns of them although they went past the supervisor.
        await noted.Task.WaitAsync(TimeSpan.FromSeconds(90));
        Assert.Equal(
            ["1 verify-node shop/orders", "2 index-cleanup all collections", "3 resync shop/orders"],
            api.SupervisorRequests.OfType<RecordOrder>().Select(order => $"{order.Number} {order.Action} {order.Detail}{order.Refusal}"));

        OrderRecorded Note(RecordOrder order)
        {
            if (order.Number == 3)
            {
                noted.TrySetResult();
            }

            return new OrderRecorded(order.Number);
        }
    }

    [Fact]
    public async Task The_supervisor_has_a_node_verified_cleaned_up_and_resynchronised()
    {
        await using var api = await ApiHost.Start(supervisor: request => request switch
        {
            StartVerification or GetVerification or CancelVerification => Verification,
            RequestIndexCleanup => new IndexesCleanedUp("node-2", [], 0),
            _ => new RequestFailed(FailureCode.Conflict, "run r is active", "r"),
        });

        var (begun, verification, _) = await api.Send(HttpMethod.Post, "/api/v1/clusters/main/nodes/node-2/verify");
        Assert.Equal(HttpStatusCode.Accepted, begun);
        Assert.Equal(("verify-1-1", "comparing"), (verification.GetProperty("id").GetString(), verification.GetProperty("state").GetString()));
        Assert.Equal(40, verification.GetProperty("progress").GetProperty("done").GetInt64());
        Assert.Equal(HttpStatusCode.OK, (await api.Send(HttpMethod.Get, "/api/v1/clusters/main/verifications/verify-1-1")).Status);
        Assert.Equal(HttpStatusCode.OK, (await api.Send(HttpMethod.Post, "/api/v1/clusters/main/verifications/verify-1-1/cancel")).Status);
        Assert.Equal(HttpStatusCode.OK, (await api.Send(HttpMethod.Post, "/api/v1/clusters/main/nodes/node-2/index-cleanup", """{"database":"shop","partialCopies":true}""")).Status);
        var (status, _, _) = await api.Send(HttpMethod.Post, "/api/v1/clusters/main/nodes/node-2/resync", """{"database":"shop","collection":"orders","reason":"bad sector"}""");

        Assert.Equal(HttpStatusCode.Conflict, status);
        Assert.Equal(
            [
                new StartVerification("main", "node-2", "", "", "anonymous"),
                new GetVerification("main", "verify-1-1"),
                new CancelVerification("main", "verify-1-1", "anonymous"),
                new RequestIndexCleanup("main", "node-2", "shop", "") { By = "anonymous", PartialCopies = true },
                new RequestResync("main", "node-2", "shop", "orders") { By = "anonymous", Reason = "bad sector" },
            ],
            api.SupervisorRequests);
    }

    [Fact]
    public async Task A_verification_that_found_a_difference_is_not_sound_and_shows_it()
    {
        var found = Verification with
        {
            Phase = VerificationPhase.Completed,
            FinishedAt = DateTimeOffset.UnixEpoch,
            Comparisons =
            [
                new CollectionComparison(
                    "shop", "orders", 90, 80, ["node-1", "node-2"], [new MemberNotCompared("node-3", "it does not answer")],
                    [new MemberDifference("node-2", 2, "a", "b", ["a", "b"], "resync it")], 0),
            ],
        };
        await using var api = await ApiHost.Start(supervisor: _ => found);

        var (_, body, _) = await api.Send(HttpMethod.Get, "/api/v1/clusters/main/verifications/verify-1-1");

        var result = body.GetProperty("result");
        Assert.False(result.GetProperty("sound").GetBoolean());
        Assert.Equal(
            """{"through":90,"rows":80,"compared":["node-1","node-2"],"notCompared":[{"node":"node-3","reason":"it does not answer"}],"differences":[{"node":"node-2","documents":2,"firstId":"a","lastId":"b","ids":["a","b"],"advice":"resync it"}],"changing":0,"endedEarly":false}""",
            JsonSerializer.Serialize(result.GetProperty("collections")[0].GetProperty("comparison")));
    }

    private static VerificationView Verification => new(
        "verify-1-1", "main", "node-2", "", "", "ann", VerificationPhase.Comparing, "", DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, null,
        new FileCheckProgress("shop/orders", "compare", 40, 90, 0, 1),
        [new CollectionVerdict("shop", "orders", [], 5, 6, new FeedPosition("shop", "orders", 1, 7), "abc")],
        []);

    [Fact]
    public async Task The_settings_of_a_collection_are_set_and_shown()
    {
        var settings = new CollectionSettings([new IndexDefinition("by-city", "$.city")])
        {
            Compression = CompressionSetting.Create("brotli", 7),
            Cap = new CapLimit(1000, null),
        };
        await using var api = await ApiHost.Start(node: _ => new CollectionDescribed(settings, 3, 9)
        {
            Building = [new IndexBuilding("by-n", "$.n", 0.25, "")],
        });

        var (status, body, _) = await api.Send(
            HttpMethod.Put, "/api/v1/databases/shop/collections/orders", """{"compression":"brotli","level":7,"maxBytes":1000}""");
        var (_, shown, _) = await api.Send(HttpMethod.Get, "/api/v1/databases/shop/collections/orders");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(
            """{"database":"shop","collection":"orders","compression":"brotli","level":7,"maxBytes":1000,"indexes":[{"name":"by-city","path":"$.city","state":"ready","progress":1},{"name":"by-n","path":"$.n","state":"building","progress":0.25}],"documents":3,"lastSequence":9}""",
            JsonSerializer.Serialize(body));
        Assert.Equal(JsonSerializer.Serialize(body), JsonSerializer.Serialize(shown));
        var put = Assert.IsType<PutCollection>(api.NodeRequests[0]);
        Assert.Equal((settings.Compression, settings.Cap), (put.Compression, put.Cap));
    }

    [Theory]
    [InlineData("""{"compression":"zip"}""", "compression")]
    [InlineData("""{"compression":"brotli","level":12}""", "level")]
    [InlineData("""{"level":3}""", "level")]
    [InlineData("""{"maxBytes":0}""", "maxBytes")]
    [InlineData("""{"maxDocuments":-1}""", "maxDocuments")]
    [InlineData("""{"capped":true}""", "capped")]
    public async Task A_wrong_setting_of_a_collection_is_named(string json, string field)
    {
        await using var api = await ApiHost.Start(node: _ => throw new InvalidOperationException());

        var (status, body, _) = await api.Send(HttpMethod.Put, "/api/v1/databases/shop/collections/orders", json);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal(field, Assert.Single(body.GetProperty("errors").EnumerateArray()).GetProperty("field").GetString());
        Assert.Empty(api.NodeRequests);
    }
}
