using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;
using Orchestrator.Host.Cli;
using Orchestrator.Host.Http.Contracts;
using Orchestrator.Host.Tests.Http;

namespace Orchestrator.Host.Tests.Cli;

public sealed class VerifyCommandTests
{
    private static readonly VerificationView _begun = new(
        "verify-1-1", "main", "node-2", "", "", "ann", VerificationPhase.CheckingFiles, "", Samples.Now, Samples.Now, null,
        new FileCheckProgress("shop/orders", "feed", 10, 40, 0, 1), [], []);

    private static readonly VerificationView _ended = _begun with
    {
        Phase = VerificationPhase.Completed,
        FinishedAt = Samples.Now,
        Collections = [new CollectionVerdict("shop", "orders", [], 5, 5, new FeedPosition("shop", "orders", 1, 7), "abc")],
        Comparisons = [new CollectionComparison("shop", "orders", 7, 5, ["node-1", "node-2"], [], [], 0)],
    };

    [Fact]
    public async Task It_waits_as_long_as_the_work_goes_on_and_says_what_was_found()
    {
        var asked = 0;
        await using var api = await ApiHost.Start(supervisor: request => request switch
        {
            GetVerification => ++asked switch
            {
                1 => _begun with { Phase = VerificationPhase.Comparing, Progress = new FileCheckProgress("shop/orders", "compare", 4, 7, 0, 1) },
                2 => Samples.Failed(FailureCode.Unavailable, "the supervisor moves"),
                _ => _ended,
            },
            _ => _begun,
        });

        var (code, output, error) = await Verify(api);

        Assert.Equal(0, code);
        Assert.Equal(3, asked);
        Assert.Equal(["shop/orders: feed (18 %)", "shop/orders: compare (87 %)"], Lines(error));
        Assert.Equal(
            ["shop/orders: files sound, 5 documents, 5 index entries", "  equal on node-1, node-2 up to change 7", "node-2 is sound."], Lines(output));
    }

    [Fact]
    public async Task When_the_server_goes_away_another_member_is_asked_for_the_same_verification()
    {
        await using var other = await ApiHost.Start(supervisor: _ => _ended);
        var set = Samples.View.ReplicaSets[0];
        var elsewhere = set.Members[0] with { Observation = set.Members[0].Observation with { Address = other.Address.ToString() } };
        await using var named = await ApiHost.Start(supervisor: request => request switch
        {
            GetCluster => Samples.View with { ReplicaSets = [set with { Members = [elsewhere] }] },
            GetVerification => Samples.Failed(FailureCode.Unavailable, "there is no supervisor"),
            _ => _begun,
        });

        var (code, output, _) = await Verify(named);

        Assert.Equal(0, code);
        Assert.Equal("verify-1-1", Assert.IsType<GetVerification>(other.SupervisorRequests[^1]).Id);
        Assert.Contains("node-2 is sound.", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_member_that_differs_is_shown_with_what_to_do_and_ends_with_1()
    {
        var different = _ended with
        {
            Comparisons =
            [
                _ended.Comparisons[0] with
                {
                    NotCompared = [new MemberNotCompared("node-3", "it does not answer")],
                    Differences = [new MemberDifference("node-1", 12, "a", "z", ["a", "z"], "'orchestrator resync ...' copies it again")],
                },
            ],
        };
        await using var api = await ApiHost.Start(supervisor: _ => different);

        var (code, output, _) = await Verify(api);

        Assert.Equal(1, code);
        Assert.Equal(
            [
                "shop/orders: files sound, 5 documents, 5 index entries",
                "  MEMBERS DIFFER (node-1, node-2, up to change 7)",
                "  node-1: 12 documents from 'a' to 'z'",
                "    ids: a, z, ...",
                "    'orchestrator resync ...' copies it again",
                "  not compared: node-3: it does not answer",
                "The files of node-2 are sound, but members differ.",
            ],
            Lines(output));
    }

    [Fact]
    public async Task One_that_could_not_be_carried_out_ends_with_1_and_the_reason()
    {
        await using var api = await ApiHost.Start(supervisor: _ => _begun with
        {
            Phase = VerificationPhase.Failed,
            FinishedAt = Samples.Now,
            Reason = "node-2 has not answered for 120 seconds",
        });

        var (code, output, _) = await Verify(api);

        Assert.Equal(1, code);
        Assert.Contains("failed (node-2 has not answered for 120 seconds)", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_time_out_stops_it_and_ends_with_4()
    {
        await using var api = await ApiHost.Start(supervisor: _ => _begun);

        var (code, output, error) = await Verify(api, default, "--timeout", "1s");

        Assert.Equal(4, code);
        Assert.Empty(output);
        Assert.Contains("has not ended within 1.0 s. Verification verify-1-1 is stopped.", error, StringComparison.Ordinal);
        Assert.IsType<CancelVerification>(api.SupervisorRequests[^1]);
    }

    [Fact]
    public async Task An_interruption_stops_it()
    {
        using var interrupt = new CancellationTokenSource();
        await using var api = await ApiHost.Start(supervisor: request =>
        {
            if (request is GetVerification)
            {
                interrupt.Cancel();
            }

            return _begun;
        });

        var (code, _, error) = await Verify(api, interrupt.Token);

        Assert.Equal(1, code);
        Assert.Contains("Interrupted. Verification verify-1-1 is stopped.", error, StringComparison.Ordinal);
        Assert.IsType<CancelVerification>(api.SupervisorRequests[^1]);
    }

    [Fact]
    public void Its_percentage_rises_from_the_files_to_the_comparison()
    {
        double[] fractions =
        [
            Of("checking-files", 0, 100, 0), Of("checking-files", 90, 100, 0), Of("checking-files", 0, 100, 1), Of("checking-files", 300, 100, 1),
            Of("comparing", 0, 0, 0), Of("comparing", 50, 100, 0), Of("comparing", 0, 10, 1), Of("comparing", 10, 10, 1),
        ];

        Assert.Equal(fractions.Order(), fractions);
        Assert.Equal((0, 1), (fractions[0], fractions[^1]));

        static double Of(string state, long done, long total, int collections) => VerificationWait.Fraction(new VerificationStatusDto(
            "v", "main", "node-2", null, null, "ann", state, null, Samples.Now, Samples.Now, null,
            new VerificationProgressDto("shop/orders", "feed", done, total, collections, 2), null));
    }

    private static Task<(int Code, string Out, string Error)> Verify(ApiHost api, CancellationToken interrupt = default, params string[] more) =>
        CliHarness.Run(
            (_, _, _) => throw new InvalidOperationException("no local server here"),
            interrupt,
            ["verify", "--cluster", "main", "--node", "node-2", "--server", api.Address.ToString(), .. more]);

    private static string[] Lines(string text) => [.. text.Split('\n').Select(line => line.TrimEnd()).Where(line => line.Length > 0)];
}
