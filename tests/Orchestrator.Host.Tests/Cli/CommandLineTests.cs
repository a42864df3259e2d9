using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Orchestrator.Core.Operations;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Topology;
using Orchestrator.Host.Cli;
using Orchestrator.Host.Demo;
using Orchestrator.Host.Tests.Http;

namespace Orchestrator.Host.Tests.Cli;

public sealed class CommandLineTests
{
    [Fact]
    public async Task Help_teaches_with_examples()
    {
        var (code, output, _) = await CliHarness.Run("compact", "--help");

        Assert.Equal(0, code);
        Assert.Contains("Examples:", output, StringComparison.Ordinal);
        Assert.Contains("orchestrator compact --wait", output, StringComparison.Ordinal);
        Assert.Contains("--max-bytes-per-second", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_listening_ends_with_4()
    {
        var port = FreePorts.Find(1)[0];

        var (code, output, error) = await CliHarness.Run("nodes", "--server", $"http://127.0.0.1:{port}");

        Assert.Equal(4, code);
        Assert.Empty(output);
        Assert.Contains($"{port}", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nodes_are_shown_on_plain_lines()
    {
        await using var api = await ApiHost.Start(supervisor: _ => new ClusterList([Samples.View]));

        var (code, output, error) = await CliHarness.Run("nodes", "--server", api.Address.ToString());

        Assert.Equal(0, code);
        Assert.Empty(error);
        Assert.Contains("node-2", output, StringComparison.Ordinal);
        Assert.Contains("secondary", output, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', output);
        Assert.DoesNotContain('│', output);
        Assert.Contains("supervisor at 127.0.0.1:1, ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Runs_are_chosen_by_state_and_cluster_and_the_rest_is_told_of()
    {
        await using var api = await ApiHost.Start(supervisor: request => RunPage.Of(
            [.. Enumerable.Range(1, 2500).Select(i => Samples.Run($"r-{i:0000}", i % 2 == 0 ? "failed" : "completed"))], (ListRuns)request));
        var server = api.Address.ToString();

        var (code, output, error) = await CliHarness.Run("runs", "--state", "failed", "--cluster", "main", "--limit", "1100", "--output", "json", "--server", server);
        var runs = JsonElement.Parse(output).GetProperty("runs");
        var all = await CliHarness.Run("runs", "--limit", "9999", "--server", server);
        var (wrong, _, usage) = await CliHarness.Run("runs", "--state", "runing", "--server", server);

        Assert.Equal((0, 1100), (code, runs.GetArrayLength()));
        Assert.Equal("r-2500", runs[0].GetProperty("id").GetString());
        Assert.Equal("r-0302", runs[1099].GetProperty("id").GetString());
        Assert.Contains("There are older runs", error, StringComparison.Ordinal);
        Assert.Equal(2501, all.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Empty(all.Error);
        Assert.Equal(2, wrong);
        Assert.Contains("completed-with-skips", usage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_is_alone_on_standard_output()
    {
        await using var api = await ApiHost.Start(supervisor: request => request switch
        {
            ListClusters => new ClusterList([Samples.View]),
            StartRun start => Samples.Run(start.RunId, "running"),
            ReadRunEvents => new RunEventBatch([new(1, new RunCompleted(false, Samples.Now))], Samples.Run("r-1", "completed", Samples.Now)),
            GetRun get => Samples.Run(get.RunId, "completed", Samples.Now),
            _ => throw new InvalidOperationException("unexpected"),
        });

        var (code, output, error) = await CliHarness.Run("compact", "--wait", "--output", "json", "--server", api.Address.ToString());

        Assert.Equal(0, code);
        Assert.Equal("completed", JsonElement.Parse(output).GetProperty("state").GetString());
        Assert.Contains("has started", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Options_become_the_request()
    {
        await using var api = await ApiHost.Start(supervisor: _ => new PlanMade(Samples.Plan));

        var (code, output, _) = await CliHarness.Run(
            "plan", "--server", api.Address.ToString(), "--cluster", "main", "--database", "shop", "--database", "logs", "--collection", "shop/orders",
            "--index", "by-city", "--no-documents", "--node", "node-1", "--replica-set", "rs-1", "--mode", "rewrite", "--force",
            "--max-bytes-per-second", "100000", "--give-back-primary", "--min-reclaimable-bytes", "5", "--min-fragmentation", "0.5", "--comment", "why");

        Assert.Equal(0, code);
        var (scope, options) = (Request(api).Scope, Request(api).Options);
        Assert.Equal(["shop", "logs"], scope.Databases);
        Assert.Equal(["shop/orders"], scope.Collections);
        Assert.False(scope.Documents);
        Assert.True(scope.Indexes.Covers("by-city"));
        Assert.False(scope.Indexes.Covers("other"));
        Assert.Equal(["node-1"], scope.Nodes);
        Assert.Equal(["rs-1"], scope.ReplicaSets);
        Assert.Equal(("rewrite", true, 100000L, true, 5L, 0.5, "why"), (
            options.Mode, options.Force, options.MaxBytesPerSecond, options.GiveBackPrimary, options.MinReclaimableBytes, options.MinFragmentation, options.Comment));
        Assert.Contains("Expected to free 1.3 KiB", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_plan_takes_what_a_run_takes_and_tells_of_its_window_and_approval()
    {
        await using var api = await ApiHost.Start(supervisor: _ => new PlanMade(Samples.Plan));

        var (code, output, _) = await CliHarness.Run("plan", "--server", api.Address.ToString(), "--cluster", "main", "--window", "nights", "--needs-approval");

        Assert.Equal(0, code);
        Assert.Equal("nights", Assert.IsType<MakePlan>(Assert.Single(api.SupervisorRequests)).Window);
        Assert.Contains("only while the maintenance window nights is open", output, StringComparison.Ordinal);
        Assert.Contains("until another person has approved it", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(FailureCode.Conflict, 3)]
    [InlineData(FailureCode.Refused, 3)]
    [InlineData(FailureCode.NotFound, 1)]
    [InlineData(FailureCode.Invalid, 2)]
    [InlineData(FailureCode.Unavailable, 4)]
    public async Task The_exit_code_tells_the_kind_of_failure(FailureCode failure, int expected)
    {
        await using var api = await ApiHost.Start(supervisor: _ => Samples.Failed(failure, "because", "r-7"));

        var (code, output, error) = await CliHarness.Run(
            "compact", "--cluster", "main", "--output", "json", "--server", api.Address.ToString());

        Assert.Equal(expected, code);
        Assert.Contains("because", error, StringComparison.Ordinal);
        Assert.Equal("because", JsonElement.Parse(output).GetProperty("detail").GetString());
        Assert.Equal(failure is FailureCode.Conflict or FailureCode.Refused, output.Contains("r-7", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_run_that_fails_ends_the_waiting_with_1()
    {
        await using var api = await ApiHost.Start(supervisor: request => request switch
        {
            StartRun start => Samples.Run(start.RunId, "running"),
            ReadRunEvents => new RunEventBatch([new(1, new RunFailed("no disk", Samples.Now))], Samples.Run("r-1", "failed", Samples.Now)),
            GetRun get => Samples.Run(get.RunId, "failed", Samples.Now),
            _ => throw new InvalidOperationException("unexpected"),
        });

        var (code, _, error) = await CliHarness.Run("compact", "--wait", "--cluster", "main", "--server", api.Address.ToString());

        Assert.Equal(1, code);
        Assert.Contains("no disk", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Waiting_no_longer_than_the_timeout_ends_with_4()
    {
        await using var api = await ApiHost.Start(supervisor: request => request switch
        {
            StartRun start => Samples.Run(start.RunId, "running"),
            _ => Samples.Failed(FailureCode.Unavailable, "moving"),
        });

        var (code, _, error) = await CliHarness.Run(
            "compact", "--wait", "--timeout", "50ms", "--cluster", "main", "--server", api.Address.ToString());

        Assert.Equal(4, code);
        Assert.Contains("continues", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_several_clusters_one_must_be_named()
    {
        await using var api = await ApiHost.Start(supervisor: _ => new ClusterList([Samples.View, Samples.View with { Name = "other" }]));

        var (code, _, error) = await CliHarness.Run("report", "--server", api.Address.ToString());

        Assert.Equal(2, code);
        Assert.Contains("main, other", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Values_are_written_with_the_units_of_settings()
    {
        await using var api = await ApiHost.Start();

        await CliHarness.Run(
            "plan", "--cluster", "main", "--server", api.Address.ToString(),
            "--min-reclaimable-bytes", "1GiB", "--min-fragmentation", "30%", "--max-bytes-per-second", "20 MiB");

        var options = Request(api).Options;
        Assert.Equal((1L << 30, 0.3, 20L << 20), (options.MinReclaimableBytes, options.MinFragmentation, options.MaxBytesPerSecond));
    }

    [Theory]
    [InlineData(1, "--min-reclaimable-bytes", "0")]
    [InlineData(1, "--min-fragmentation", "0%")]
    [InlineData(1, "--min-reclaimable-bytes", "0", "--min-fragmentation", "0")]
    [InlineData(0, "--min-reclaimable-bytes", "0", "--min-fragmentation", "30%")]
    [InlineData(0)]
    public async Task A_limit_of_nothing_takes_everything_that_frees_anything(long expected, params string[] limits)
    {
        await using var api = await ApiHost.Start();

        await CliHarness.Run(["plan", "--cluster", "main", "--server", api.Address.ToString(), .. limits]);

        Assert.Equal(expected, Request(api).Options.MinReclaimableBytes);
    }

    [Fact]
    public void Each_command_is_made_under_the_name_by_which_it_is_found()
    {
        var runner = new CommandRunner(new CommonOptions(), new CliStreams(TextWriter.Null, TextWriter.Null, IsTerminal: false), TimeProvider.System, null);

        Assert.All(CommandLine.Families(TimeProvider.System), family => Assert.Equal(family.Names, family.Create(runner).Select(command => command.Name)));
    }

    [SkippableTheory]
    [InlineData("file/log.txt", "")]
    [InlineData("pipe", "it is a pipe or a device, not a file")]
    public async Task A_log_file_that_cannot_be_written_keeps_a_process_from_starting(string file, string reason)
    {
        Skip.If(OperatingSystem.IsWindows(), "It has no such pipes.");
        using var folder = new TemporaryDirectory();
        folder.Write("file", "");
        await Process.Start("mkfifo", Path.Combine(folder.Path, "pipe")).WaitForExitAsync();
        var config = folder.Write("serve.conf", $$"""
            orchestrator {
              roles = [supervisor]
              http.port = 0, remoting.port = 0
              clusters.kv { engine = etcd, endpoints = ["http://127.0.0.1:1"] }
              journal.file = "{{folder.Path}}/journal.sqlite"
              log.file = "{{folder.Path}}/{{file}}"
            }
            """);

        var (code, output, error) = await CliHarness.Run("serve", "--config", config);

        Assert.Equal((2, ""), (code, output));
        Assert.StartsWith($"orchestrator.log.file: {folder.Path}/{file} cannot be written: {reason}", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Authorities_without_a_certificate_are_refused()
    {
        using var folder = new TemporaryDirectory();
        var file = Path.Combine(folder.Path, "ca.pem");
        await File.WriteAllTextAsync(file, "no certificate");

        var (code, _, error) = await CliHarness.Run("nodes", "--ca", file);

        Assert.Equal(2, code);
        Assert.Contains("holds no certificate in PEM form", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_without_TLS_is_told_in_plain_words()
    {
        await using var api = await ApiHost.Start();

        var (code, _, error) = await CliHarness.Run("nodes", "--server", $"https://127.0.0.1:{api.Address.Port}");

        Assert.Equal(4, code);
        Assert.Contains("it does not answer with TLS; if the server has no certificate, write http:// instead of https://. --server", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("databases")]
    [InlineData("collections", "--database", "shop")]
    [InlineData("documents", "--database", "shop", "--collection", "orders")]
    public async Task Data_commands_refuse_a_cluster_that_the_server_does_not_know(params string[] line)
    {
        await using var api = await ApiHost.Start(supervisor: _ => new ClusterList([Samples.View]));

        var (code, output, error) = await CliHarness.Run([.. line, "--cluster", "other", "--server", api.Address.ToString()]);

        Assert.Equal((1, ""), (code, output));
        Assert.Contains("There is no cluster 'other'; there is main.", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_plan_tells_once_what_the_engine_tells_beyond_the_numbers()
    {
        var steps = Samples.Plan.ReplicaSets[0].Steps.Select(step => step is CompactMemberStep compact
            ? compact with { Units = [.. compact.Units.Select(unit => unit.Size.Unit is DocumentsUnit ? unit with { Note = "some rows stay" } : unit)] }
            : step);
        await using var api = await ApiHost.Start(supervisor: _ => new PlanMade(Samples.Plan with { ReplicaSets = [Samples.Plan.ReplicaSets[0] with { Steps = [.. steps] }] }));

        var (code, output, _) = await CliHarness.Run("plan", "--server", api.Address.ToString(), "--cluster", "main");

        Assert.Equal(0, code);
        Assert.Equal(2, output.Split("shop/orders: some rows stay").Length);
    }

    [Fact]
    public async Task A_collection_alone_is_explained_in_the_only_cluster()
    {
        await using var api = await ApiHost.Start(supervisor: request => request is ListClusters
            ? new ClusterList([Samples.View])
            : Samples.Failed(FailureCode.NotFound, "because"));

        await CliHarness.Run("explain", "plant/readings", "--server", api.Address.ToString());

        var asked = Assert.IsType<ExplainUnits>(api.SupervisorRequests[^1]);
        Assert.Equal(("main", "plant", "readings"), (asked.Cluster, asked.Database, asked.Collection));
    }

    [Fact]
    public async Task A_run_that_has_only_started_does_not_speak_of_what_it_has_freed()
    {
        await using var api = await ApiHost.Start(supervisor: request => request switch
        {
            ListClusters => new ClusterList([Samples.View]),
            StartRun start => Samples.Run(start.RunId, "planned"),
            _ => throw new InvalidOperationException("unexpected"),
        });

        var (_, output, _) = await CliHarness.Run("compact", "--server", api.Address.ToString());

        Assert.Contains("Expected to free", output, StringComparison.Ordinal);
        Assert.DoesNotContain("0 B freed", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_nobody_has_foreseen_is_kept_in_a_file_and_ends_with_a_sentence()
    {
        var (code, _, error) = await CliHarness.Run(
            (_, _, _) => throw new InvalidOperationException("Nullable object must have a value."), default, "nodes", "--config", "any.conf");

        Assert.Equal(1, code);
        Assert.DoesNotContain("Nullable", error, StringComparison.Ordinal);
        var file = Regex.Match(error, @"^The command failed because of a fault in the orchestrator: the details are in (\S+); please report").Groups[1].Value;
        Assert.Contains("Nullable", await File.ReadAllTextAsync(file), StringComparison.Ordinal);
        File.Delete(file);
    }

    [Fact]
    public async Task The_report_has_a_line_for_each_unit()
    {
        await using var api = await ApiHost.Start(supervisor: request => request is ListClusters ? new ClusterList([Samples.View]) : Samples.Report);

        var (_, output, _) = await CliHarness.Run("report", "--server", api.Address.ToString());

        Assert.Contains("shop/orders#by-city", output, StringComparison.Ordinal);
        Assert.Contains("60 %", output, StringComparison.Ordinal);
        Assert.Contains("node-2 did not answer", output, StringComparison.Ordinal);
    }

    private static Orchestrator.Core.Planning.CompactionRequest Request(ApiHost api) =>
        Assert.IsType<MakePlan>(Assert.Single(api.SupervisorRequests)).Request;
}
