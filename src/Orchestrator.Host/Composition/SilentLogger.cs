using Akka.Event;

namespace Orchestrator.Host.Composition;

/// <summary>
/// Takes the place of the actor system's logger to standard output, which speaks before the configured loggers run and after they
/// have stopped, whatever its level: standard output belongs to the commands' results.
/// </summary>
internal sealed class SilentLogger : MinimalLogger
{
    protected override void Log(object message)
    {
    }
}
