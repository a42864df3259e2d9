using Orchestrator.Host.Cli;
using Orchestrator.Host.Composition;
using Orchestrator.Host.Http;

namespace Orchestrator.Host.Tests.Cli;

/// <summary>Runs command lines as the executable does.</summary>
internal static class CliHarness
{
    public static Task<(int Code, string Out, string Error)> Run(params string[] arguments) => Run(
        (configFile, verbose, cancellationToken) => StandaloneServer.Start(
            configFile, verbose, TimeProvider.System, new RunIds(TimeProvider.System, () => "000001"), 1, cancellationToken),
        default,
        arguments);

    /// <param name="startLocal">What <c>--config</c> starts.</param>
    /// <param name="cancellationToken">Ctrl-C.</param>
    public static async Task<(int Code, string Out, string Error)> Run(
        StartLocalServer startLocal, CancellationToken cancellationToken, params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var streams = new CliStreams(output, error, IsTerminal: false);
        var code = await CommandLine.Run(
            arguments,
            streams,
            TimeProvider.System,
            runner => [Orchestrator.Host.Demo.DemoCommand.Create(runner, TimeProvider.System)],
            startLocal,
            cancellationToken);
        return (code, output.ToString(), error.ToString());
    }
}
