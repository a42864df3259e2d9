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

    /// <param name="width">Characters on a line, as of a terminal.</param>
    public static Task<(int Code, string Out, string Error)> Run(int width, params string[] arguments) =>
        Run((_, _, _) => throw new NotSupportedException(), default, width, arguments);

    /// <param name="startLocal">What <c>--config</c> starts.</param>
    /// <param name="cancellationToken">Ctrl-C.</param>
    public static Task<(int Code, string Out, string Error)> Run(
        StartLocalServer startLocal, CancellationToken cancellationToken, params string[] arguments) => Run(startLocal, cancellationToken, null, arguments);

    private static async Task<(int Code, string Out, string Error)> Run(
        StartLocalServer startLocal, CancellationToken cancellationToken, int? width, string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var streams = new CliStreams(output, error, IsTerminal: false) { Width = width, ErrorWidth = width };
        var code = await CommandLine.Run(
            arguments,
            streams,
            TimeProvider.System,
            [
                new(["serve"], _ => [ServeCommand.Create(streams, TimeProvider.System, new RunIds(TimeProvider.System, () => "000001"), () => 1)]),
                new(["demo"], runner => [Orchestrator.Host.Demo.DemoCommand.Create(runner, TimeProvider.System)]),
            ],
            startLocal,
            cancellationToken);
        return (code, output.ToString(), error.ToString());
    }
}
