using System.CommandLine;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Orchestrator.Core.Operations;
using Orchestrator.Core.Topology;
using Orchestrator.Host.Tests.Http;

namespace Orchestrator.Host.Tests.Cli;

/// <summary>
/// What people see, at two widths of a terminal, as committed in <c>testdata/screens</c>; <c>REWRITE_GOLDEN=1</c> writes the files instead.
/// </summary>
public sealed class ScreenTests
{
    private static readonly string[] Screens =
    [
        "nodes", "report", "plan", "explain main", "schedules", "freezes", "audit", "runs", "run 20260131-221500-3fa9c1",
        "approve 20260131-221500-3fa9c1", "run nope", "nodes --cluster mian", "schedules weekly", "nodes --servr x", "compcat", "pause", "token",
        "plan --min-fragmentation half", "engines", "engines embedded", "engines etcd", "engines couchdb", "engines oracle", "engines --help", "holds main", "hold main --owner node-2 --reason stop --member node-2", "hold main --owner o --reason r --ttl soon", "freeze", "freeze --reason x --for soon", "--help", "explain --help", "compact --help", "approve --help", "serve --help", "doctor --help", "check-config --help",
    ];

    public static TheoryData<string, int> AtBothWidths
    {
        get
        {
            var all = new TheoryData<string, int>();
            foreach (var screen in Screens)
            {
                all.Add(screen, 80);
                all.Add(screen, 120);
            }

            return all;
        }
    }

    [Theory]
    [MemberData(nameof(AtBothWidths))]
    public async Task A_screen_reads_well(string screen, int width)
    {
        await using var api = await ApiHost.Start(supervisor: ScreenSamples.Answer);

        var fitted = await Show(api, screen, width);
        var unlimited = await Show(api, screen, 10_000);

        Assert.All(fitted.Split('\n'), line => Assert.True(line.Length <= width, $"longer than {width}: {line}"));
        Assert.All(fitted.Split('\n'), line => Assert.Equal(line.TrimEnd(), line));
        var words = Words(unlimited).ToHashSet();
        Assert.All(Words(fitted), word => Assert.True(words.Contains(word), $"cut: {word}"));
        AssertAsCommitted($"{Regex.Replace(screen, "[^a-z0-9]+", "-").Trim('-')}.{width}.txt", fitted);
    }

    [Fact]
    public async Task Every_command_explains_itself_at_the_width_of_a_terminal()
    {
        await using var api = await ApiHost.Start(supervisor: ScreenSamples.Answer);
        var commands = Regex.Matches(await Show(api, "--help", 10_000), "^  ([a-z-]+) .*[.]\n", RegexOptions.Multiline)
            .Select(match => match.Groups[1].Value).ToList();

        Assert.True(commands.Count > 20, string.Join(", ", commands));
        foreach (var command in commands)
        {
            var help = await Show(api, $"{command} --help", 80);
            Assert.StartsWith("[0]", help, StringComparison.Ordinal);
            Assert.Contains(command is "token" or "journal" ? "Commands:" : "Examples:", help, StringComparison.Ordinal);
            Assert.All(help.Split('\n'), line => Assert.True(line.Length <= 80, $"{command}: {line}"));
        }
    }

    [Theory]
    [InlineData(80)]
    [InlineData(120)]
    public async Task A_wrong_configuration_is_explained_line_by_line(int width)
    {
        using var directory = new TemporaryDirectory();
        var file = Path.Combine(directory.Path, "node.conf");
        await File.WriteAllTextAsync(file, """
            orchestrator {
              roles = [supervisor]
              clusters.main.replica-sets.rs-1.members = [node-1]
              windows.nights { time-zone = Europe/Berln, weekly = ["SAT-22:00..SUN-28:00", "MON-22:00..MON-04:00"] }
              schedules.nightly { windows = [nihgts], rules { match = either, min-fragmentation = 250% } }
            }
            """);

        var (code, output, error) = await CliHarness.Run(width, "serve", "--config", file);

        Assert.Equal((2, ""), (code, output));
        Assert.All(error.Split('\n'), line => Assert.True(line.Length <= width, line));
        var text = error.Replace('\n', ' ');
        Assert.All(
            [
                "node.conf:4: orchestrator.windows.nights.time-zone: there is no time zone \"Europe/Berln\"; did you mean Europe/Berlin?",
                "node.conf:4: orchestrator.windows.nights.weekly: the span \"MON-22:00..MON-04:00\" ends before it begins",
                "node.conf:5: orchestrator.schedules.nightly.windows: there is no window \"nihgts\" in orchestrator.windows; did you mean nights?",
                "node.conf:5: orchestrator.schedules.nightly.rules.match: expected one of all, any, found \"either\"",
            ],
            sentence => Assert.Contains(sentence, text, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("audit")]
    [InlineData("freezes")]
    [InlineData("nodes")]
    [InlineData("run r-1")]
    public async Task What_others_wrote_does_nothing_to_the_terminal(string screen)
    {
        const string Hostile = "red\u001b[31m\r\nnode-9  primary\u202e\u009b2J";
        const string Shown = "red\\u001B[31m\\u000D\\u000Anode-9  primary\\u202E\\u009B2J";
        await using var api = await ApiHost.Start(supervisor: request => request switch
        {
            ReadAudit => new AuditTrail([new AuditEntry(1, DateTimeOffset.UnixEpoch, "ann", "freeze", "main", "", Hostile)]),
            ListFreezes => new FreezeList([new Freeze("main", "ann", Hostile, DateTimeOffset.UnixEpoch, null)]),
            ListClusters => new ClusterList([Samples.View with { Name = Hostile }]),
            _ => new RequestFailed(FailureCode.NotFound, Hostile, ""),
        });

        var text = await Show(api, screen, 120);

        Assert.DoesNotContain(text, c => (char.IsControl(c) && c != '\n') || c == '\u202e');
        Assert.Contains(screen is "audit" or "freezes" ? Shown : "primary\\u202E\\u009B2J", text, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Words(string screen) => screen.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries).Where(word => word != "\\");

    private static async Task<string> Show(ApiHost api, string screen, int width)
    {
        var arguments = screen.Split(' ').ToList();
        var asksServer = !screen.Contains("--help", StringComparison.Ordinal) && arguments[0] is not ("token" or "compcat");
        var (code, output, error) = await CliHarness.Run(width, [.. arguments, .. asksServer ? ["--server", api.Address.ToString()] : Array.Empty<string>()]);
        var text = $"[{code}]\n{output}{(error.Length > 0 ? $"--\n{error}" : "")}".Replace(RootCommand.ExecutableName, "orchestrator", StringComparison.Ordinal);

        // The library that prints the options leaves spaces at the ends of lines.
        return screen.Contains("--help", StringComparison.Ordinal) ? string.Join('\n', text.Split('\n').Select(line => line.TrimEnd())) : text;
    }

    private static void AssertAsCommitted(string file, string actual, [CallerFilePath] string caller = "")
    {
        var path = Path.Combine(Path.GetDirectoryName(caller)!, "..", "testdata", "screens", file);
        if (Environment.GetEnvironmentVariable("REWRITE_GOLDEN") == "1")
        {
            File.WriteAllText(path, actual);
        }

        Assert.Equal(File.ReadAllText(path), actual);
    }
}
