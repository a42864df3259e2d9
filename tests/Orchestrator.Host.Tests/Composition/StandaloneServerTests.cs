using Orchestrator.Host.Cli;
using Orchestrator.Host.Cli.ApiClient;
using Orchestrator.Host.Composition;
using Orchestrator.Host.Configuration;
using Orchestrator.Host.Http;
using Orchestrator.Host.Tests.Cli;

namespace Orchestrator.Host.Tests.Composition;

public sealed class StandaloneServerTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public async Task It_serves_only_the_one_who_has_its_token_and_keeps_its_journal_for_the_next()
    {
        var first = await Serve(await Start());
        var second = await Serve(await Start());

        Assert.Equal(first + 1, second);
    }

    [Fact]
    public async Task A_second_one_with_the_same_journal_is_refused_until_the_first_has_ended()
    {
        var settings = Settings();
        var held = JournalLock.Take(settings.Journal, directory.Path, alone: true);

        var refused = await Assert.ThrowsAsync<RefusedException>(Start);
        Assert.Contains("--server", refused.Message, StringComparison.Ordinal);
        Assert.Throws<RefusedException>(() => JournalLock.Take(settings.Journal, directory.Path, alone: false));

        held.Dispose();
        using var shared = JournalLock.Take(settings.Journal, directory.Path, alone: false);
        using var alsoShared = JournalLock.Take(settings.Journal, directory.Path, alone: false);
        await Assert.ThrowsAsync<RefusedException>(Start);
    }

    [Fact]
    public void The_journal_lies_beside_the_file_unless_one_is_configured()
    {
        var file = Write("etcd.conf", External);
        Assert.Equal(Path.Combine(directory.Path, "etcd.journal.sqlite"), StandaloneServer.ReadSettings(file).Journal.File);

        var configured = Write("other.conf", $"{External}\norchestrator.journal.file = \"{directory.Path}/own.sqlite\"");
        Assert.Equal(Path.Combine(directory.Path, "own.sqlite"), StandaloneServer.ReadSettings(configured).Journal.File);
    }

    [Fact]
    public void Whatever_the_file_says_it_listens_on_free_ports_of_this_machine_and_holds_no_database()
    {
        var settings = StandaloneServer.ReadSettings(Write("a.conf", $$"""
            {{External}}
            orchestrator { roles = [node, supervisor], http { host = "0.0.0.0", port = 8080, advertised-url = "http://x:1" }, remoting.port = 9 }
            """));

        Assert.Equal((false, true), (settings.Roles.Node, settings.Roles.Supervisor));
        Assert.Equal(("127.0.0.1", 0, ""), (settings.Http.Host, settings.Http.Port, settings.Http.AdvertisedUrl));
        Assert.Equal(0, settings.Remoting.Port);
    }

    [Fact]
    public async Task A_cluster_whose_nodes_are_elsewhere_needs_seed_nodes()
    {
        var file = Write("main.conf", "orchestrator.clusters.main.replica-sets.rs-1.members = [node-1]");
        var (code, _, error) = await CliHarness.Run("nodes", "--config", file);

        Assert.Equal(2, code);
        Assert.Contains("seed-nodes", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_wrong_is_explained()
    {
        var file = Write("main.conf", "orchestrator.http.prot = 1");
        var (code, output, error) = await CliHarness.Run("nodes", "--config", file, "--output", "json");

        Assert.Equal(2, code);
        Assert.Empty(output);
        Assert.Contains("main.conf:1: orchestrator.http.prot", error, StringComparison.Ordinal);
    }

    private const string External = """
        orchestrator.clusters.main.replica-sets.rs-1.members = [node-1]
        orchestrator.remoting.seed-nodes = ["127.0.0.1:1"]
        """;

    private static async Task<long> Serve(ILocalServer server)
    {
        await using (server)
        {
            using var stranger = new OrchestratorClient(server.Address, TimeSpan.FromSeconds(90), followRedirects: false);
            var refused = await Assert.ThrowsAsync<ApiException>(() => stranger.Clusters(default));
            Assert.Equal(401, refused.Problem.Status);

            using var client = new OrchestratorClient(
                server.Address, TimeSpan.FromSeconds(90), followRedirects: false, new ClientIdentity(server.Token, "", ""));
            while (true)
            {
                try
                {
                    return Assert.Single((await client.Clusters(default)).Clusters).Epoch;
                }
                catch (ApiException e) when (e.Problem.Status == 503)
                {
                    // The supervisor has not begun yet; the server itself waits for it before it answers.
                }
            }
        }
    }

    private Task<ILocalServer> Start() => StandaloneServer.Start(
        Settings(), directory.Path, verbose: false, TimeProvider.System, new RunIds(TimeProvider.System, () => "000001"), 1, default);

    private OrchestratorSettings Settings() => SettingsBinder.Parse($$"""
        orchestrator {
          roles = [supervisor]
          http.port = 0
          remoting.port = 0
          journal.file = "{{directory.Path}}/journal.sqlite"
          clusters.main.replica-sets.rs-1.members = [node-1]
        }
        """);

    private string Write(string name, string text)
    {
        var file = Path.Combine(directory.Path, name);
        File.WriteAllText(file, text);
        return file;
    }
}
