using Orchestrator.Host.Composition;
using Orchestrator.Host.Configuration;
using Serilog.Events;

namespace Orchestrator.Host.Tests.Composition;

public sealed class LogsTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public async Task Nobody_writes_lines_of_his_own_into_the_log()
    {
        var file = Path.Combine(directory.Path, "log");
        var settings = new LogSettings { Level = LogLevelSetting.Info, Format = LogFormat.Text, File = file, FileMaxSize = 1 << 20, FilesKept = 1 };
        await using (var log = Logs.Create(settings, LogEventLevel.Fatal))
        {
            log.Information("ordered {What} of this node", "x\n2026-01-01 00:00:00.000 +00:00 ERR all is lost\u001b[2J");
            log.Error(new IOException("with a stack"), "it failed");
        }

        var lines = await File.ReadAllLinesAsync(file);
        Assert.EndsWith(@"INF Host ordered x\u000A2026-01-01 00:00:00.000 +00:00 ERR all is lost\u001B[2J of this node", lines[0], StringComparison.Ordinal);
        Assert.EndsWith("ERR Host it failed", lines[1], StringComparison.Ordinal);
        Assert.Equal("System.IO.IOException: with a stack", lines[2]);
        Assert.Equal(3, lines.Length);
    }
}
