using System.Text.Json;
using Orchestrator.Engines.Tests.Contract;
using Orchestrator.Host.Cli;
using Orchestrator.Host.Cli.ApiClient;
using Orchestrator.Host.Composition;
using Orchestrator.Host.Configuration;
using Orchestrator.Host.Http;
using Orchestrator.Host.Http.Contracts;

namespace Orchestrator.Host.Tests.Engines;

/// <summary>What an engine gets by its registration alone.</summary>
public sealed class AnotherEngineTests : IDisposable
{
    private static readonly EngineProviders Engines = EngineProviders.All.With(new ToyEngine());

    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public void It_reads_its_clusters_and_its_errors_have_path_and_line()
    {
        var cluster = Assert.Single(Settings("box = red").Clusters);
        Assert.Equal(("toys", "toy"), (cluster.Definition.Name, cluster.Definition.Engine));

        var error = Assert.Throws<SettingsException>(() => Settings("box = \"a box with a long name\"\ncolour = red"));
        Assert.Equal(
            [
                "test.conf:6: orchestrator.clusters.toys.box: expected a short name, found \"a box with a long name\"",
                "test.conf:7: orchestrator.clusters.toys.colour: there is no such setting; known here: box, engine",
            ],
            error.Errors.Select(found => found.ToString()));
    }

    [Fact]
    public void Schedules_may_name_it() =>
        Assert.Equal(["toy"], Assert.Single(Settings("box = red", "schedules.s.engines = [toy]").Supervisor.Schedules).Scope.Engines);

    [Fact]
    public async Task It_is_shown_and_its_clusters_are_planned_with_its_mode_and_options()
    {
        await using var server = await StandaloneServer.Start(
            Settings("box = red"), directory.Path, verbose: false, TimeProvider.System, new RunIds(TimeProvider.System, () => "000001"), 1, default);
        using var client = new OrchestratorClient(
            server.Address, TimeSpan.FromSeconds(120), followRedirects: false, new ClientIdentity(server.Token, "", ""));

        var shown = (await client.Engines(default)).Engines[^1];
        Assert.Equal(("toy", "squeeze", "firmness", "a whole number from 1 to 5"), (shown.Name, shown.Modes[0].Name, shown.Options[0].Name, shown.Options[0].Range));

        var plan = await Plan(client, "squeeze", ("firmness", "5"));
        Assert.Equal(["red"], plan.ReplicaSets[0].Steps.Select(step => step.Node));
        Assert.Equal(5, plan.Request.Options!.EngineOptions!["firmness"].GetInt32());
        Assert.Contains("--firmness: must be a whole number from 1 to 5, not 6", await Refusal(client, "squeeze", ("firmness", "6")), StringComparison.Ordinal);
        Assert.Contains(
            "compactHistory is not possible with engine 'toy': it has no such option; known: firmness",
            await Refusal(client, "squeeze", ("compactHistory", "5")), StringComparison.Ordinal);
        Assert.Contains("'rewrite' is not a mode of this engine; known: squeeze, auto", await Refusal(client, "rewrite"), StringComparison.Ordinal);
    }

    private static async Task<string> Refusal(OrchestratorClient client, string mode, params (string Name, string Value)[] options)
    {
        var e = await Assert.ThrowsAsync<ApiException>(() => Plan(client, mode, options));
        return OptionNames.Sentence(e.Problem);
    }

    /// <summary>Asks again until the cluster has been discovered.</summary>
    private static async Task<PlanDto> Plan(OrchestratorClient client, string mode, params (string Name, string Value)[] options)
    {
        var body = new CompactionBody("toys", null, new OptionsBody(mode, null, null, null, 1, null, null)
        {
            EngineOptions = options.ToDictionary(option => option.Name, option => JsonElement.Parse(option.Value)),
        });
        while (true)
        {
            try
            {
                return await client.Plan("toys", body, default);
            }
            catch (ApiException e) when (e.Problem.Status == 503)
            {
                // The server itself waits before it answers so.
            }
        }
    }

    private OrchestratorSettings Settings(string cluster, string more = "") => SettingsBinder.Bind(
        ConfigurationSources.Parse(
            $$"""
            orchestrator {
              roles = [supervisor], http.port = 0, remoting.port = 0, journal.file = "{{directory.Path}}/journal.sqlite"
              {{more}}
              clusters.toys {
                engine = toy
                {{cluster}}
              }
            }
            """,
            "test.conf"),
        Engines);
}
