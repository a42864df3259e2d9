using Orchestrator.Host.Tests.Http;

namespace Orchestrator.Host.Tests.Cli;

/// <summary>What is wrong with a command line is told in one sentence before anything is done.</summary>
public sealed class UsageErrorTests
{
    [Theory]
    [InlineData("frobnicate")]
    [InlineData("nodes", "--server", "not a url")]
    [InlineData("nodes", "--output", "xml")]
    [InlineData("run")]
    [InlineData("import", "file.json")]
    [InlineData("compact", "--timeout", "soon")]
    [InlineData("compact", "--min-fragmentation", "half")]
    [InlineData("demo", "--nodes", "2")]
    [InlineData("demo", "--documents", "x")]
    [InlineData("audit", "--since", "yesterday")]
    [InlineData("audit", "--until", "x", "--since", "y")]
    [InlineData("hold", "main", "--owner", "o", "--reason", "r", "--ttl", "2d")]
    public async Task Wrong_usage_is_explained_and_ends_with_2(params string[] arguments)
    {
        var (code, output, error) = await CliHarness.Run(arguments);

        Assert.Equal(2, code);
        Assert.Empty(output);
        Assert.Contains("--help", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("two\nwords", "holds no token")]
    [InlineData("caf\u00E9", "holds no token")]
    [InlineData(" \n", "is empty")]
    public async Task A_file_that_holds_no_token_is_named(string content, string message)
    {
        using var directory = new TemporaryDirectory();
        directory.Write("token", content);
        var file = Path.Combine(directory.Path, "token");

        var (code, output, error) = await CliHarness.Run("nodes", "--token-file", file);

        Assert.Equal((2, ""), (code, output));
        Assert.Contains(file, error, StringComparison.Ordinal);
        Assert.Contains(message, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_option_before_the_command_is_told_where_it_belongs()
    {
        var (code, _, error) = await CliHarness.Run("--server", "http://127.0.0.1:1", "nodes");

        Assert.Equal(2, code);
        Assert.Contains("--server belongs after the command", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("compact --cluster main --min-fragmentation 30 --free-space-target-mb -1", "--free-space-target-mb: must be", "--min-fragmentation: must be a number from 0 to 1, or a share such as 30%, not 30")]
    [InlineData("plan --cluster main --max-bytes-per-second 5", "--max-bytes-per-second: must be 0", "65536")]
    [InlineData("throttle r-1 5", "BYTES-PER-SECOND: must be", "65536")]
    [InlineData("index-cleanup --cluster main --node node-1 --collection orders", "--database: is required with collection", "")]
    public async Task An_error_of_a_field_names_the_option_that_was_given(string line, string expected, string also)
    {
        await using var api = await ApiHost.Start();

        var (code, output, error) = await CliHarness.Run([.. line.Split(' '), "--server", api.Address.ToString()]);

        Assert.Equal((2, ""), (code, output));
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.Contains(also, error, StringComparison.Ordinal);
        Assert.Empty(api.SupervisorRequests);
    }

    [Theory]
    [InlineData("plan --min-reclaimable-bytes much", "--min-reclaimable-bytes must be a size such as 512, 64KiB or 16MiB, not 'much'.")]
    [InlineData("plan --min-fragmentation x%", "--min-fragmentation must be a share such as 30% or 0.3, not 'x%'.")]
    [InlineData("plan --free-space-target-mb many", "--free-space-target-mb must be a whole number, not 'many'.")]
    [InlineData("plan --padding-factor x", "--padding-factor must be a number, not 'x'.")]
    [InlineData("plan --on-failure maybe", "--on-failure must be one of stop, skip-member, continue, not 'maybe'.")]
    [InlineData("runs --state nope", "--state must be one of planned, waiting, running,")]
    [InlineData("completion tcsh", "SHELL must be one of bash, zsh, fish, not 'tcsh'.")]
    [InlineData("demo --primary node-9", "--primary must be one of node-1, node-2, node-3, not 'node-9'.")]
    [InlineData("demo --nodes 4 --primary node-5", "--primary must be one of node-1, node-2, node-3, node-4, not 'node-5'.")]
    [InlineData("compact --timeout 5m", "--timeout limits the waiting: give --wait too.")]
    [InlineData("nodes --verbose", "--verbose shows the log of the server that --config starts")]
    [InlineData("plan --index none --index all", "--index none stands alone: leave the other --index out.")]
    [InlineData("plan --index none --no-documents", "--no-documents and --index none leave nothing to compact: leave one of them out.")]
    [InlineData("backup b --config c --only everything", "--only must be one of data, journal, not 'everything'.")]
    [InlineData("restore b --config c --only everything", "--only must be one of data, journal, not 'everything'.")]
    [InlineData("help", "There is no command 'help': write --help instead, also after a command.")]
    [InlineData("help compact", "There is no command 'help': write --help instead, also after a command.")]
    [InlineData("throttle r-1 fast", "BYTES-PER-SECOND must be a size such as 512, 64KiB or 16MiB, not 'fast'.")]
    public async Task A_value_that_cannot_be_read_is_told_without_types_of_the_platform(string line, string expected)
    {
        var (code, _, error) = await CliHarness.Run(line.Split(' '));

        Assert.Equal(2, code);
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.DoesNotContain("System.", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_command_some_are_named_and_where_the_others_are()
    {
        var (code, _, error) = await CliHarness.Run();

        Assert.Equal(2, code);
        Assert.Equal(["The command is missing, such as demo, serve, nodes, plan or compact.", "'orchestrator --help' explains the usage."], error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Theory]
    [InlineData("--database", "import", "any.ndjson", "--database", "", "--collection", "c")]
    [InlineData("--cluster", "nodes", "--cluster", "")]
    [InlineData("--mode", "plan", "--mode", "")]
    [InlineData("--node", "verify", "--node", "")]
    [InlineData("RUN", "pause", "")]
    public async Task A_name_that_is_empty_is_wrong_usage(string name, params string[] line)
    {
        var (code, output, error) = await CliHarness.Run(line);

        Assert.Equal((2, ""), (code, output));
        Assert.Contains($"{name} must not be empty.", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, "there is no such file", "import", "FILE", "--database", "d", "--collection", "c")]
    [InlineData(2, "there is no such file", "nodes", "--ca", "FILE")]
    [InlineData(2, "there is no such file", "nodes", "--token-file", "FILE")]
    [InlineData(2, "there is no such file", "nodes", "--config", "FILE")]
    [InlineData(2, "there is no such file", "serve", "--config", "FILE")]
    [InlineData(2, "is longer than 16 MiB", "import", "--database", "d", "--collection", "c", "--token-file", "/dev/zero", "FOLDER")]
    [InlineData(2, "is longer than 16 MiB", "nodes", "--ca", "/dev/zero")]
    [InlineData(2, "is longer than 16 MiB", "nodes", "--config", "/dev/zero")]
    [InlineData(2, "there is no such file", "demo", "--input", "FILE")]
    [InlineData(2, "there is no such directory", "export", "FILE/documents.ndjson", "--database", "d", "--collection", "c")]
    [InlineData(2, "it is a directory", "import", "FOLDER", "--database", "d", "--collection", "c")]
    public async Task A_file_that_cannot_be_used_is_told_in_plain_words(int expected, string reason, params string[] line)
    {
        using var folder = new TemporaryDirectory();
        var file = Path.Combine(folder.Path, "none");

        var (code, output, error) = await CliHarness.Run([.. line.Select(word =>
            word.Replace("FILE", file, StringComparison.Ordinal).Replace("FOLDER", folder.Path, StringComparison.Ordinal))]);

        Assert.Equal((expected, ""), (code, output));
        Assert.Contains(reason, error, StringComparison.Ordinal);
        Assert.DoesNotContain("Could not find", error, StringComparison.Ordinal);
        Assert.DoesNotContain("..", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("is not empty", "demo", "--directory", "FOLDER")]
    [InlineData("already exists", "export", "FOLDER/there", "--database", "d", "--collection", "c")]
    public async Task What_would_be_overwritten_is_a_refusal_by_whatever_command(string reason, params string[] line)
    {
        using var folder = new TemporaryDirectory();
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "there"), "");

        var (code, output, error) = await CliHarness.Run([.. line.Select(word => word.Replace("FOLDER", folder.Path, StringComparison.Ordinal))]);

        Assert.Equal((3, ""), (code, output));
        Assert.Contains(reason, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2026-02-01T00:00:00Z", "2026-01-01T00:00:00Z")]
    [InlineData("1h", "2h")]
    public async Task A_range_of_time_that_ends_before_it_begins_is_wrong_usage(string since, string until)
    {
        var (code, output, error) = await CliHarness.Run("audit", "--since", since, "--until", until);

        Assert.Equal((2, ""), (code, output));
        Assert.Contains("--until must be later than --since", error, StringComparison.Ordinal);
    }
}
