// The composition root: the only place that takes the clock and randomness from the system.
#pragma warning disable RS0030
using Orchestrator.Host.Cli;
using Orchestrator.Host.Composition;
using Orchestrator.Host.Demo;
using Orchestrator.Host.Http;

var time = TimeProvider.System;
var runIds = new RunIds(time, () => Guid.NewGuid().ToString("N")[..6]);
Console.SetOut(new StandardStream(Console.Out, holdsResult: true));
Console.SetError(new StandardStream(Console.Error, holdsResult: false));
var streams = new CliStreams(Console.Out, Console.Error, IsTerminal: !Console.IsOutputRedirected)
{
    ErrorWidth = Console.IsErrorRedirected || Console.WindowWidth <= 0 ? null : Console.WindowWidth,
};
return await CommandLine.Run(
    args,
    streams,
    time,
    [
        new(["serve"], _ => [ServeCommand.Create(streams, time, runIds, Random.Shared.Next)]),
        new(["demo"], runner => [DemoCommand.Create(runner, time)]),
    ],
    (configFile, verbose, cancellationToken) => StandaloneServer.Start(configFile, verbose, time, runIds, Random.Shared.Next(), cancellationToken));
