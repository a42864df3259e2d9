using System.Diagnostics;
using Orchestrator.Core.Runs;

namespace Orchestrator.Host.Telemetry;

/// <summary>Leads from a run's trace to the trace of the request that started it, whose <c>traceparent</c> names it (W3C Trace Context).</summary>
internal static class RunCallers
{
    private static readonly ActivitySource Source = new(RunTrace.WorkSource);

    public static void Note(HttpRequest request, string run)
    {
        if (ActivityContext.TryParse(request.Headers.TraceParent, request.Headers.TraceState, isRemote: true, out var caller))
        {
            // The run did not have its id when the request came.
            var came = Activity.Current?.StartTimeUtc ?? default;
            using var span = Source.StartActivity(
                ActivityKind.Server, RunTrace.Run(run), [new("orchestrator.run", run)], [new ActivityLink(caller)], came, "start run");
        }
    }
}
