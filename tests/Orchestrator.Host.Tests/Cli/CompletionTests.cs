using System.Diagnostics;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules;
using Orchestrator.Core.Topology;
using Orchestrator.Host.Demo;
using Orchestrator.Host.Tests.Http;

namespace Orchestrator.Host.Tests.Cli;

/// <summary>The completion scripts in real shells, with the real executable.</summary>
public sealed class CompletionTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();

    public static TheoryData<string, string, string> Lines
    {
        get
        {
            var all = new TheoryData<string, string, string>();
            foreach (var shell in new[] { "bash", "zsh", "fish" })
            {
                all.Add(shell, "orchestrator expl", "explain");
                all.Add(shell, "orchestrator token c", "create");
                all.Add(shell, "orchestrator nodes --ou", "--output");
                all.Add(shell, "orchestrator nodes --output ", "json text");
                all.Add(shell, "orchestrator compact --mode re", "release rewrite");
                all.Add(shell, "orchestrator compact --on-failure s", "skip-member stop");
                all.Add(shell, "orchestrator runs --state pau", "paused pausing");
            }

            return all;
        }
    }

    public void Dispose() => directory.Dispose();

    [SkippableTheory]
    [MemberData(nameof(Lines))]
    public async Task A_shell_completes_commands_options_and_their_values(string shell, string line, string expected)
    {
        Require(shell);

        Assert.Equal(expected.Split(' '), await Complete(shell, line, "http://127.0.0.1:1"));
    }

    [SkippableTheory]
    [InlineData("bash")]
    [InlineData("zsh")]
    [InlineData("fish")]
    public async Task A_shell_completes_names_that_the_server_knows_and_runs_nothing_that_they_hold(string shell)
    {
        Require(shell);
        var proof = Path.Combine(directory.Path, "executed");
        await using var api = await ApiHost.Start(supervisor: request => request is ListRuns list
            ? RunPage.Of([Samples.Run("20260131-221500-3fa9c1", "running"), Samples.Run("20260131-000000-aaaaaa", "completed", Samples.Now)], list)
            : new ClusterList([Samples.View, Samples.View with { Name = $"mad$(touch {proof})" }]));

        Assert.Equal(["20260131-221500-3fa9c1"], await Complete(shell, "orchestrator pause 2026", api.Address.ToString()));
        var clusters = await Complete(shell, "orchestrator explain ma", api.Address.ToString());
        Assert.Contains("main", clusters);
        Assert.DoesNotContain(clusters, name => shell == "bash" && name.Contains("$(touch", StringComparison.Ordinal) && !name.Contains("\\$\\(touch", StringComparison.Ordinal));
        Assert.Equal(["node-2"], await Complete(shell, "orchestrator plan --node node-2", api.Address.ToString()));
        Assert.False(File.Exists(proof));
    }

    [SkippableTheory]
    [InlineData("bash")]
    [InlineData("zsh")]
    [InlineData("fish")]
    public async Task A_shell_completes_databases_collections_and_windows_of_the_cluster_that_the_line_names(string shell)
    {
        Require(shell);
        await using var api = await ApiHost.Start(supervisor: request => request switch
        {
            GetStorageReport { Cluster: "main" } => Samples.Report,
            GetStorageReport other => Samples.Failed(FailureCode.NotFound, $"there is no cluster '{other.Cluster}'"),
            ListSchedules => new ScheduleList([]) { Windows = ["nights", "second-saturday"] },
            _ => new ClusterList([Samples.View]),
        });
        var server = api.Address.ToString();

        Assert.Equal(["shop", "shop/orders"], await Complete(shell, "orchestrator explain main sh", server));
        Assert.Equal(["shop", "shop/orders"], await Complete(shell, "orchestrator explain --cluster main sh", server));
        Assert.Equal(["shop/orders"], await Complete(shell, "orchestrator compact --collection shop/", server));
        Assert.Equal(["orders"], await Complete(shell, "orchestrator verify --node node-1 --database shop --collection ", server));
        Assert.Equal(["by-city"], await Complete(shell, "orchestrator plan --index by", server));
        Assert.Equal(["nights"], await Complete(shell, "orchestrator compact --window n", server));
        Assert.Empty(await Complete(shell, "orchestrator compact --cluster other --database s", server));
    }

    [Fact]
    public async Task A_server_that_does_not_answer_leaves_only_the_words_that_need_none()
    {
        Assert.Equal("all", await Suggest("orchestrator plan --server http://127.0.0.1:1 --index al"));
        Assert.Equal("", await Suggest("orchestrator plan --server http://127.0.0.1:1 --database "));
        Assert.Equal("", await Suggest("orchestrator explain --server http://127.0.0.1:1 main sh"));

        static async Task<string> Suggest(string line)
        {
            var (code, output, error) = await CliHarness.Run($"[suggest:{line.Length}]", line);
            Assert.Equal((0, ""), (code, error));
            return output.Trim();
        }
    }

    /// <summary>What the shell offers, in order of the alphabet.</summary>
    private async Task<IReadOnlyList<string>> Complete(string shell, string line, string server)
    {
        var (_, script, _) = await CliHarness.Run("completion", shell);
        await File.WriteAllTextAsync(Path.Combine(directory.Path, "script"), script);
        WriteExecutable();
        var driver = Path.Combine(directory.Path, "driver");
        await File.WriteAllTextAsync(driver, shell switch
        {
            "bash" => """
                source "$1/script"
                COMP_LINE=$2 COMP_POINT=${#2}
                read -ra COMP_WORDS <<< "$2"
                [[ $2 == *' ' ]] && COMP_WORDS+=('')
                COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
                _orchestrator
                printf '%s\n' "${COMPREPLY[@]}"
                """,
            "zsh" => """
                compdef() { :; }
                source "$1/script"
                BUFFER=$2 CURSOR=${#2}
                # The real one too offers only what begins with the word.
                compadd() { shift; print -rl -- ${(M)@:#${BUFFER##* }*}; }
                _orchestrator
                """,
            _ => """
                source "$argv[1]/script"
                complete -C "$argv[2]" | string replace -r '\t.*' ''
                """,
        });
        var start = new ProcessStartInfo(shell) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in new[] { driver, directory.Path, line })
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["PATH"] = $"{directory.Path}:{Environment.GetEnvironmentVariable("PATH")}";
        start.Environment["ORCHESTRATOR_SERVER"] = server;
        start.Environment["HOME"] = directory.Path;

        // A busy machine may need longer than a person would wait.
        start.Environment["ORCHESTRATOR_COMPLETION_SECONDS"] = "60";
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal("", error);
        return [.. (await output).Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal)];
    }

    /// <summary>A program named <c>orchestrator</c> on the path.</summary>
    private void WriteExecutable()
    {
        var (file, arguments) = HostExecutable.CommandLine();
        var path = Path.Combine(directory.Path, "orchestrator");
        File.WriteAllText(path, $"#!/bin/sh\nexec {string.Join(' ', arguments.Prepend(file).Select(word => $"'{word}'"))} \"$@\"\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private static void Require(string shell) => Installed.RequireProgram("shells", shell, $"apt-get install {shell}");
}
