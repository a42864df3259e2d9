using Orchestrator.Host.Cli;

namespace Orchestrator.Host.Tests.Cli;

/// <summary>Runs command lines as the executable does.</summary>
internal static class CliHarness
{
    public static async Task<(int Code, string Out, string Error)> Run(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var streams = new CliStreams(output, error, IsTerminal: false);
        var code = await CommandLine.Run(
            arguments,
            streams,
            TimeProvider.System,
            runner => [Orchestrator.Host.Demo.DemoCommand.Create(runner, TimeProvider.System)]);
        return (code, output.ToString(), error.ToString());
    }
}
